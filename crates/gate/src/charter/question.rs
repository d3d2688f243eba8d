//! What can be asked of the charter: one value of each of ten closed lists, so that the whole space of
//! questions is finite, numbered, and can be walked from end to end.
//!
//! Deliberately does not know: Cedar, policies, who the person is.

use vocabulary::{AgeBracket, ConsentState, PurposeName, Signals};

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Requester {
    /// One of our own programs.
    #[default]
    System = 0,
    /// The person the data are about, proven to be that person.
    Person = 1,
}

impl Requester {
    /// Every requester, in the order of their numbers.
    pub const ALL: [Requester; 2] = [Requester::System, Requester::Person];

    /// The name used in policies and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Requester::System => "system",
            Requester::Person => "person",
        }
    }
}

/// May the data of one person, in this state, be used for this purpose?
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Question {
    /// What the data would be used for.
    pub purpose: PurposeName,
    /// The person's consent for that very purpose.
    pub consent: ConsentState,
    /// A known customer, not an anonymous visitor.
    pub identified: bool,
    /// The person asked that their data be only stored (GDPR art. 18).
    pub restricted: bool,
    /// The person objected to profiling (GDPR art. 21).
    pub objected: bool,
    /// What is known of the person's age.
    pub age: AgeBracket,
    /// Wishes that came with the request, and what the source of the data says of itself.
    pub signals: Signals,
    /// The data asked for are of a special category (GDPR art. 9).
    pub special: bool,
    /// Who asks.
    pub requester: Requester,
}

/// Yes or no, each the two values of a flag.
const FLAGS: [bool; 2] = [false, true];

impl Question {
    /// How many states a person and a request can be in, whatever is asked.
    pub(super) const STATES: usize = ConsentState::ALL.len() * AgeBracket::ALL.len() * FLAGS.len().pow(5);

    /// How many different questions there are.
    pub const COUNT: usize = Self::STATES * PurposeName::ALL.len() * Requester::ALL.len() * FLAGS.len();

    /// Every question, in the order of their numbers: purpose by purpose.
    pub fn all() -> impl Iterator<Item = Question> {
        (0..Self::COUNT).filter_map(Question::numbered)
    }

    /// The number of this question, below [`Question::COUNT`].
    pub(super) fn number(&self) -> usize {
        let mut number = self.purpose as usize;
        number = number * Requester::ALL.len() + self.requester as usize;
        number = number * FLAGS.len() + usize::from(self.special);
        number * Self::STATES + self.state()
    }

    /// The number of the state alone, below [`Question::STATES`].
    pub(super) fn state(&self) -> usize {
        let mut number = self.consent as usize;
        number = number * AgeBracket::ALL.len() + self.age as usize;
        for flag in [
            self.identified,
            self.restricted,
            self.objected,
            self.signals.gpc,
            self.signals.child_directed,
        ] {
            number = number * FLAGS.len() + usize::from(flag);
        }
        number
    }

    /// The question of that number: the digits of [`Question::number`], read from the last.
    fn numbered(number: usize) -> Option<Question> {
        let mut rest = number;
        let child_directed = digit(&mut rest, &FLAGS)?;
        let gpc = digit(&mut rest, &FLAGS)?;
        let objected = digit(&mut rest, &FLAGS)?;
        let restricted = digit(&mut rest, &FLAGS)?;
        let identified = digit(&mut rest, &FLAGS)?;
        let age = digit(&mut rest, &AgeBracket::ALL)?;
        let consent = digit(&mut rest, &ConsentState::ALL)?;
        let special = digit(&mut rest, &FLAGS)?;
        let requester = digit(&mut rest, &Requester::ALL)?;
        let purpose = *PurposeName::ALL.get(rest)?;
        let signals = Signals { gpc, child_directed };
        Some(Question {
            purpose,
            consent,
            identified,
            restricted,
            objected,
            age,
            signals,
            special,
            requester,
        })
    }

    /// One question for each state a person and a request can be in; what is asked does not matter.
    pub(super) fn each_state() -> impl Iterator<Item = Question> {
        (0..Self::STATES).filter_map(Question::numbered)
    }
}

/// Takes the last digit off `rest`, in the base of the number of `values`.
fn digit<T: Copy>(rest: &mut usize, values: &[T]) -> Option<T> {
    let at = rest.checked_rem(values.len())?;
    *rest = rest.checked_div(values.len())?;
    values.get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_one_number_and_every_number_one_question() {
        assert_eq!(Question::COUNT, 19_200);
        let numbers: Vec<usize> = Question::all().map(|question| question.number()).collect();
        assert_eq!(numbers, (0..Question::COUNT).collect::<Vec<_>>());
        let states: Vec<usize> = Question::each_state().map(|question| question.state()).collect();
        assert_eq!(states, (0..Question::STATES).collect::<Vec<_>>());
    }
}
