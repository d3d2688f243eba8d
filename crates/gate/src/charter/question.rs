//! What can be asked of the charter: one purpose, and one value of each of twelve facts, so that the whole
//! space of questions is finite and can be walked from end to end.
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
    /// A member of the team who opens the data of this one person, for the purpose asked.
    Staff = 2,
}

impl Requester {
    /// Every requester, in the order of their numbers.
    pub const ALL: [Requester; 3] = [Requester::System, Requester::Person, Requester::Staff];

    /// The name used in policies and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Requester::System => "system",
            Requester::Person => "person",
            Requester::Staff => "staff",
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
    /// The person objected to profiling and marketing (GDPR art. 21).
    pub objected: bool,
    /// The person objected to direct marketing alone (GDPR art. 21(2)).
    pub objected_marketing: bool,
    /// The facts of a soft opt-in for the channel of that very purpose are on record, all of them
    /// (ePrivacy art. 13(2)).
    pub soft_opt_in: bool,
    /// What is known of the person's age.
    pub age: AgeBracket,
    /// Wishes that came with the request, and what the source of the data says of itself.
    pub signals: Signals,
    /// The data asked for are of a special category (GDPR art. 9).
    pub special: bool,
    /// A decision for that very purpose is before a human, at the person's request (GDPR art. 22(3)).
    pub under_review: bool,
    /// Who asks.
    pub requester: Requester,
}

/// Yes or no, each the two values of a flag.
const FLAGS: [bool; 2] = [false, true];

/// One of the facts that an answer can depend on, besides the purpose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Fact {
    /// [`Question::consent`].
    Consent = 0,
    /// [`Question::requester`].
    Requester = 1,
    /// [`Question::age`].
    Age = 2,
    /// [`Question::identified`].
    Identified = 3,
    /// [`Question::restricted`].
    Restricted = 4,
    /// [`Question::objected`].
    Objected = 5,
    /// [`Question::objected_marketing`].
    ObjectedMarketing = 6,
    /// [`Question::soft_opt_in`].
    SoftOptIn = 7,
    /// [`Question::special`].
    Special = 8,
    /// [`Signals::gpc`].
    Gpc = 9,
    /// [`Signals::child_directed`].
    ChildDirected = 10,
    /// [`Question::under_review`].
    UnderReview = 11,
}

impl Fact {
    /// Every fact, in the order of their numbers.
    pub const ALL: [Fact; 12] = [
        Fact::Consent,
        Fact::Requester,
        Fact::Age,
        Fact::Identified,
        Fact::Restricted,
        Fact::Objected,
        Fact::ObjectedMarketing,
        Fact::SoftOptIn,
        Fact::Special,
        Fact::Gpc,
        Fact::ChildDirected,
        Fact::UnderReview,
    ];

    /// The name used in tables; for all but two, the attribute of the schema's context.
    pub fn as_str(self) -> &'static str {
        match self {
            Fact::Consent => "consent",
            Fact::Requester => "requester",
            Fact::Age => "age",
            Fact::Identified => "identified",
            Fact::Restricted => "restricted",
            Fact::Objected => "objected",
            Fact::ObjectedMarketing => "objected_marketing",
            Fact::SoftOptIn => "soft_opt_in",
            Fact::Special => "special",
            Fact::Gpc => "gpc",
            Fact::ChildDirected => "child_directed",
            Fact::UnderReview => "under_review",
        }
    }

    /// How many values it has.
    pub const fn values(self) -> usize {
        match self {
            Fact::Consent => ConsentState::ALL.len(),
            Fact::Requester => Requester::ALL.len(),
            Fact::Age => AgeBracket::ALL.len(),
            _ => FLAGS.len(),
        }
    }
}

impl Question {
    /// How many different questions there are.
    pub const COUNT: usize = {
        let (mut count, mut fact) = (PurposeName::ALL.len(), 0);
        while fact < Fact::ALL.len() {
            #[expect(clippy::indexing_slicing, reason = "below the length, and at compile time")]
            let values = Fact::ALL[fact].values();
            (count, fact) = (count * values, fact + 1);
        }
        count
    };

    /// The plainest question for a purpose: a customer of unknown age who said nothing, asked about by
    /// our own program.
    pub fn plain(purpose: PurposeName) -> Question {
        Question {
            purpose,
            consent: ConsentState::Unknown,
            identified: false,
            restricted: false,
            objected: false,
            objected_marketing: false,
            soft_opt_in: false,
            age: AgeBracket::Unknown,
            signals: Signals::default(),
            special: false,
            under_review: false,
            requester: Requester::System,
        }
    }

    /// Every question, purpose by purpose.
    pub fn all() -> impl Iterator<Item = Question> {
        PurposeName::ALL
            .into_iter()
            .flat_map(|purpose| Question::varying(purpose, Fact::ALL.to_vec()))
    }

    /// Every question for `purpose` in which only `facts` differ from the plainest one.
    pub(super) fn varying(purpose: PurposeName, facts: Vec<Fact>) -> impl Iterator<Item = Question> {
        let count: usize = facts.iter().map(|fact| fact.values()).product();
        (0..count).map(move |number| {
            let mut rest = number;
            facts
                .iter()
                .rev()
                .fold(Question::plain(purpose), |question, fact| {
                    let value = rest % fact.values();
                    rest /= fact.values();
                    question.with(*fact, value)
                })
        })
    }

    /// The number of the value of each fact, in the order of [`Fact::ALL`].
    #[inline]
    pub(crate) fn values(&self) -> [usize; Fact::ALL.len()] {
        [
            self.consent as usize,
            self.requester as usize,
            self.age as usize,
            usize::from(self.identified),
            usize::from(self.restricted),
            usize::from(self.objected),
            usize::from(self.objected_marketing),
            usize::from(self.soft_opt_in),
            usize::from(self.special),
            usize::from(self.signals.gpc),
            usize::from(self.signals.child_directed),
            usize::from(self.under_review),
        ]
    }

    /// The number of the value of one fact.
    pub(super) fn value(&self, fact: Fact) -> usize {
        self.values().get(fact as usize).copied().unwrap_or(0)
    }

    /// The same question with another value of one fact; a number that has no value changes nothing.
    #[must_use]
    pub(crate) fn with(mut self, fact: Fact, value: usize) -> Question {
        let flag = value == 1;
        match fact {
            Fact::Consent => self.consent = ConsentState::ALL.get(value).copied().unwrap_or(self.consent),
            Fact::Requester => {
                self.requester = Requester::ALL.get(value).copied().unwrap_or(self.requester);
            }
            Fact::Age => self.age = AgeBracket::ALL.get(value).copied().unwrap_or(self.age),
            Fact::Identified => self.identified = flag,
            Fact::Restricted => self.restricted = flag,
            Fact::Objected => self.objected = flag,
            Fact::ObjectedMarketing => self.objected_marketing = flag,
            Fact::SoftOptIn => self.soft_opt_in = flag,
            Fact::Special => self.special = flag,
            Fact::Gpc => self.signals.gpc = flag,
            Fact::ChildDirected => self.signals.child_directed = flag,
            Fact::UnderReview => self.under_review = flag,
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_question_is_walked_once() {
        let all: HashSet<Question> = Question::all().collect();
        assert_eq!(all.len(), Question::COUNT);
        assert_eq!(Question::COUNT, 13 * 10 * 3 * 3 * 512);
    }

    #[test]
    fn every_value_of_every_fact_can_be_set_and_read() {
        for fact in Fact::ALL {
            assert_eq!(Fact::ALL.get(fact as usize), Some(&fact));
            for value in 0..fact.values() {
                let question = Question::plain(PurposeName::Train).with(fact, value);
                assert_eq!(question.value(fact), value);
                let others = Fact::ALL.into_iter().filter(|other| *other != fact);
                assert_eq!(
                    others.map(|other| question.value(other)).sum::<usize>(),
                    0,
                    "{fact:?}"
                );
            }
        }
    }
}
