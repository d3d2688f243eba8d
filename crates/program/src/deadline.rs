//! Deadlines that moved between two programs. A deadline that people were told of is not put off quietly.
//!
//! Deliberately does not know: to whom messages went; a message in force that names a deadline counts as sent.

use crate::message::Claim;
use crate::program::Program;
use crate::words::Name;
use vocabulary::Moment;

/// A deadline that is another one now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// Which.
    pub deadline: Name,
    /// What it was.
    pub before: Moment,
    /// What it is; `None`: gone.
    pub after: Option<Moment>,
    /// Messages of the program in force that named it.
    pub named_by: Vec<Name>,
    /// Why, if the new program says so.
    pub because: Option<String>,
}

impl Moved {
    /// Whether it may not be put in force: later than people were told, and no reason given anew.
    pub fn is_refused(&self) -> bool {
        let later = self.after.is_some_and(|after| after > self.before);
        later && !self.named_by.is_empty() && self.because.is_none()
    }
}

impl std::fmt::Display for Moved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let say = |moment: Moment| {
            jiff::Timestamp::from_millisecond(moment.0)
                .map_or_else(|_| moment.0.to_string(), |time| time.to_string())
        };
        let (name, before) = (&self.deadline, say(self.before));
        match self.after {
            None => write!(f, "deadline `{name}` is gone; it was {before}")?,
            Some(after) => {
                let how = if after > self.before { "LATER" } else { "earlier" };
                write!(
                    f,
                    "deadline `{name}` is {how}: it was {before}, is {}",
                    say(after)
                )?;
            }
        }
        if !self.named_by.is_empty() {
            let names: Vec<&str> = self.named_by.iter().map(Name::as_str).collect();
            write!(f, "; people were told the earlier one by {}", names.join(", "))?;
        }
        match &self.because {
            Some(because) => write!(f, "; because: {because}"),
            None if self.is_refused() => write!(
                f,
                "; it is refused until program.yaml says why under `moved_because: {{ {name}: … }}`"
            ),
            None => Ok(()),
        }
    }
}

/// Every deadline of `from` that `to` moves or drops. A reason that stood there before is no reason for a new move.
pub fn moved(from: &Program, to: &Program) -> Vec<Moved> {
    let mut all = Vec::new();
    for (name, before) in &from.settings.deadlines {
        let after = to.settings.deadlines.get(name).copied();
        if after == Some(*before) {
            continue;
        }
        let names = |claim: &Claim| matches!(claim, Claim::Urgency { deadline } if deadline == name);
        let named_by = from
            .messages
            .values()
            .filter(|message| message.claims.iter().any(names));
        let because = to.settings.moved_because.get(name);
        let because = because.filter(|because| from.settings.moved_because.get(name) != Some(because));
        all.push(Moved {
            deadline: name.clone(),
            before: *before,
            after,
            named_by: named_by.map(|message| message.name.clone()).collect(),
            because: because.cloned(),
        });
    }
    all
}
