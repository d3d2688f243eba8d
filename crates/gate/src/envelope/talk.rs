//! Conversations with the team, as part of the person's own envelope, and what one step of them changes: pure.
//!
//! While one is open the terms say so, and automation is silent. An open one is always in the content too:
//! only closed ones make room. Deliberately does not know: keys, who of the team may read, how mail travels.

use super::{Content, Input, Terms};
use minicbor::{Decode, Encode};

/// Conversations that are kept; of the closed ones that was quiet for longest makes room.
pub const CONVERSATIONS_MAX: usize = 20;
/// Turns of one conversation; the oldest make room, and the conversation says how many.
pub const TURNS_MAX: usize = 100;
/// Longest text of a turn, bytes.
pub const TURN_MAX: usize = 8 << 10;
/// Longest subject, bytes.
pub const SUBJECT_MAX: usize = 200;
/// All text of one person's conversations, bytes: an envelope must stay one.
pub(crate) const SAID_MAX: usize = 384 << 10;
/// Names of attachments of a turn, and the longest of them, bytes.
pub(crate) const NAMES_MAX: usize = 10;
pub(crate) const NAME_MAX: usize = 120;

/// The identity of a conversation or a turn.
pub(crate) type Id = minicbor::bytes::ByteArray<16>;

/// A conversation.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Talk {
    #[n(0)]
    pub(crate) id: Id,
    #[n(1)]
    pub(crate) subject: String,
    #[n(2)]
    pub(crate) opened_at: i64,
    #[n(3)]
    pub(crate) closed_at: Option<i64>,
    /// In which language the person writes: a tag.
    #[n(4)]
    pub(crate) language: Option<String>,
    /// The name of the message it came from.
    #[n(5)]
    pub(crate) about: Option<String>,
    /// Where the person wishes to be answered besides their own page.
    #[n(6)]
    pub(crate) reply_to: Option<String>,
    /// Oldest first.
    #[n(7)]
    pub(crate) turns: Vec<Turn>,
    /// Earlier turns that made room.
    #[n(8)]
    pub(crate) left_out: u32,
    #[n(9)]
    pub(crate) last_at: i64,
}

/// Something that was said.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Turn {
    #[n(0)]
    pub(crate) id: Id,
    #[n(1)]
    pub(crate) at: i64,
    /// Who of the team; `None`: the person.
    #[n(2)]
    pub(crate) by: Option<String>,
    #[n(3)]
    pub(crate) text: String,
    /// How it came: 0 own page, 1 link of a message, 2 mail, 3 team.
    #[n(4)]
    pub(crate) via: u8,
    /// Names of what was attached and is not kept.
    #[n(5)]
    pub(crate) attached: Option<Vec<String>>,
}

/// A step of a conversation, as part of an input.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Step {
    #[n(0)]
    pub(crate) id: Id,
    #[n(1)]
    pub(crate) what: What,
}

/// What the step is.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) enum What {
    /// The person says something: the conversation is open from now on, also one that was closed. It carries
    /// what it takes to begin one.
    #[n(0)]
    Said(#[n(0)] Box<Talk>),
    /// The team answers.
    #[n(1)]
    Answered(#[n(0)] Turn),
    /// Closed.
    #[n(2)]
    Closed,
    /// Taken over as it is from another envelope of the same person.
    #[n(3)]
    Took(#[n(0)] Box<Talk>),
    /// Given back to that envelope.
    #[n(4)]
    Gave,
}

impl Terms {
    /// Whether the person talks to a member of the team: automation is silent meanwhile.
    pub fn conversing(&self) -> bool {
        self.conversing.as_ref().is_some_and(|open| !open.is_empty())
    }

    pub(crate) fn converses_in(&self, id: &Id) -> bool {
        self.conversing.iter().flatten().any(|open| open == id)
    }
}

/// The terms' half.
pub(crate) fn fold_terms(terms: &mut Terms, input: &Input) {
    for step in input.talk.iter().flatten() {
        let mut open = terms.conversing.take().unwrap_or_default();
        let opens = match &step.what {
            What::Said(_) => Some(true),
            What::Took(talk) => Some(talk.closed_at.is_none()),
            What::Answered(_) => None,
            What::Closed | What::Gave => Some(false),
        };
        match opens {
            Some(true) if !open.contains(&step.id) && open.len() < CONVERSATIONS_MAX => open.push(step.id),
            Some(false) => open.retain(|known| known != &step.id),
            _ => {}
        }
        terms.conversing = (!open.is_empty()).then_some(open);
    }
}

/// The content's half, under the terms that hold after it.
pub(crate) fn fold_content(terms: &Terms, content: &mut Content, input: &Input) {
    for step in input.talk.iter().flatten() {
        let mut all = content.conversations.take().unwrap_or_default();
        let at = all.iter().position(|talk| talk.id == step.id);
        match (&step.what, at) {
            (What::Said(said), Some(at)) if terms.converses_in(&step.id) => {
                if let Some(talk) = all.get_mut(at) {
                    talk.closed_at = None;
                    talk.reply_to = said.reply_to.clone().or(talk.reply_to.take());
                    said.turns.iter().for_each(|turn| add(talk, turn));
                }
            }
            (What::Said(said), None) if terms.converses_in(&step.id) => all.push((**said).clone()),
            (What::Answered(turn), Some(at)) => {
                if let Some(talk) = all.get_mut(at) {
                    add(talk, turn);
                }
            }
            (What::Closed, Some(at)) => {
                if let Some(talk) = all.get_mut(at) {
                    talk.closed_at = Some(input.received_at);
                }
            }
            (What::Took(talk), Some(at)) => {
                if let Some(known) = all.get_mut(at) {
                    *known = (**talk).clone();
                }
            }
            (What::Took(talk), None) if talk.closed_at.is_some() || terms.converses_in(&step.id) => {
                all.push((**talk).clone());
            }
            (What::Gave, Some(at)) => drop(all.remove(at)),
            _ => {}
        }
        make_room(&mut all);
        content.conversations = (!all.is_empty()).then_some(all);
    }
}

/// What is over for so long that nobody has a reason to keep it.
pub(crate) fn drop_ended(content: &mut Content, until: impl Fn(i64) -> bool) {
    if let Some(all) = &mut content.conversations {
        all.retain(|talk| talk.closed_at.is_none() || until(talk.last_at));
        if all.is_empty() {
            content.conversations = None;
        }
    }
}

/// A turn that is there already is not said twice.
fn add(talk: &mut Talk, turn: &Turn) {
    if talk.turns.iter().any(|known| known.id == turn.id) {
        return;
    }
    talk.turns.push(turn.clone());
    talk.last_at = talk.last_at.max(turn.at);
}

fn make_room(all: &mut Vec<Talk>) {
    for talk in all.iter_mut() {
        while talk.turns.len() > TURNS_MAX {
            leave_out(talk);
        }
    }
    let size = |talk: &Talk| -> usize { talk.turns.iter().map(|turn| turn.text.len() + 256).sum() };
    loop {
        let all_said: usize = all.iter().map(size).sum();
        if all.len() <= CONVERSATIONS_MAX && all_said <= SAID_MAX {
            return;
        }
        let quiet = all
            .iter()
            .enumerate()
            .filter(|(_, talk)| talk.closed_at.is_some())
            .min_by_key(|(_, talk)| (talk.last_at, *talk.id))
            .map(|(at, _)| at);
        if let Some(at) = quiet {
            all.remove(at);
            continue;
        }
        // All are open: of the longest, what was said first.
        match all.iter_mut().max_by_key(|talk| size(talk)) {
            Some(longest) if longest.turns.len() > 1 => leave_out(longest),
            _ => return,
        }
    }
}

fn leave_out(talk: &mut Talk) {
    if !talk.turns.is_empty() {
        talk.turns.remove(0);
        talk.left_out = talk.left_out.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turn(id: u8, at: i64, by_team: bool, length: usize) -> Turn {
        Turn {
            id: [id; 16].into(),
            at,
            by: by_team.then(|| "ann".to_owned()),
            text: "x".repeat(length),
            via: 0,
            attached: None,
        }
    }

    fn talk(id: u8, first: Turn) -> Talk {
        Talk {
            id: [id; 16].into(),
            subject: "s".to_owned(),
            opened_at: first.at,
            closed_at: None,
            language: None,
            about: None,
            reply_to: None,
            last_at: first.at,
            turns: vec![first],
            left_out: 0,
        }
    }

    fn step() -> impl Strategy<Value = (u8, u8, u8, usize)> {
        (
            0..25u8,
            0..6u8,
            any::<u8>(),
            prop_oneof![0..200usize, Just(TURN_MAX)],
        )
    }

    fn fold(
        (id, what, number, length): (u8, u8, u8, usize),
        at: i64,
        terms: &mut Terms,
        content: &mut Content,
    ) {
        let said = turn(number, at, false, length);
        let what = match what {
            0 | 1 => What::Said(Box::new(talk(id, said))),
            2 => What::Answered(Turn {
                by: Some("ann".to_owned()),
                ..said
            }),
            3 => What::Closed,
            4 => What::Took(Box::new(talk(id, said))),
            _ => What::Gave,
        };
        let input = Input {
            at,
            received_at: at,
            talk: Some(vec![Step {
                id: [id; 16].into(),
                what,
            }]),
            ..Input::default()
        };
        crate::fold::fold_terms(terms, &input);
        crate::fold::fold_content(terms, content, &input);
    }

    proptest! {
        #[test]
        fn what_is_open_is_kept_and_everything_stays_within_its_bounds(
            steps in prop::collection::vec(step(), 1..300),
        ) {
            let (mut terms, mut content) = (Terms::default(), Content::default());
            for (at, step) in steps.into_iter().enumerate() {
                fold(step, at as i64, &mut terms, &mut content);
                let kept = content.conversations.as_deref().unwrap_or_default();
                let open: Vec<Id> = kept.iter().filter(|t| t.closed_at.is_none()).map(|t| t.id).collect();
                let said = terms.conversing.clone().unwrap_or_default();
                prop_assert!(said.iter().all(|id| open.contains(id)), "silent for what is not there");
                prop_assert!(open.iter().all(|id| said.contains(id)), "open and not silent");
                prop_assert_eq!(terms.conversing(), !open.is_empty());
                prop_assert!(kept.len() <= CONVERSATIONS_MAX);
                prop_assert!(kept.iter().all(|talk| talk.turns.len() <= TURNS_MAX));
                let all: usize = kept.iter().flat_map(|t| &t.turns).map(|t| t.text.len() + 256).sum();
                prop_assert!(all <= SAID_MAX, "{all}");
            }
        }
    }

    #[test]
    fn a_turn_that_comes_twice_is_said_once_and_the_oldest_makes_room() {
        let (mut terms, mut content) = (Terms::default(), Content::default());
        for at in 0..i64::try_from(TURNS_MAX).unwrap_or(0) + 5 {
            fold((1, 0, at as u8, 3), at, &mut terms, &mut content);
            fold((1, 0, at as u8, 3), at, &mut terms, &mut content);
        }
        let kept = content.conversations.unwrap_or_default();
        assert_eq!(
            kept.iter()
                .map(|t| (t.turns.len(), t.left_out))
                .collect::<Vec<_>>(),
            [(TURNS_MAX, 5)]
        );
    }
}
