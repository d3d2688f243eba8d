//! What a sender may say for whom: one whom nobody vouches for takes back, and permits nothing.
//!
//! Deliberately does not know: who vouches for a sender.

use super::Received;
use crate::envelope::Input;
use vocabulary::AgeBracket;

impl Received {
    /// The same from a sender whom nobody vouches for, such as whoever has a key that stands in web pages.
    /// Of a person with a `userId` it then refuses, withdraws and tells what happened, but permits nothing.
    #[must_use]
    pub fn unvouched(self) -> Received {
        Received {
            vouched: false,
            ..self
        }
    }
}

/// Takes out of an input what permits more than before: permissions, and any age but that of a minor.
pub(crate) fn refusals_alone(input: &mut Input) {
    input.choices.retain(|choice| !choice.given);
    input.age = input.age.filter(|age| *age == AgeBracket::Minor as u8);
}
