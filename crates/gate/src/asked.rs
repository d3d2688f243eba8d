//! What the charter was asked when it permitted a decision: the few facts of that moment, kept with the
//! record so that the charter of that time can be asked again. Twelve small numbers; nothing else of the
//! person.
//!
//! The log holds to it without a new kind of leaf: the secret of the leaf's commitment is not random but
//! made from the question, HMAC-SHA256 under a secret that is. Whoever changes the question needs another
//! secret, and that one does not fit the leaf.
//!
//! Deliberately does not know: what the charter answered.

use crate::charter::{Fact, Question};
use crate::keys::{Error, Secret};
use aws_lc_rs::hmac;
use minicbor::{Decode, Encode};
use vocabulary::PurposeName;

const DOMAIN: &[u8] = b"egard question v1";
/// First byte of an encoded question.
const LAYOUT: u8 = 1;

/// A question as it is sealed.
#[derive(Encode, Decode)]
pub(crate) struct Asked {
    /// The layout, the purpose's number, then the number of each fact's value in the order of their own.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) question: Vec<u8>,
    /// From what the commitment's secret is made.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) root: Vec<u8>,
}

impl Asked {
    pub(crate) fn new(question: &Question) -> Result<Asked, Error> {
        Ok(Asked {
            question: bytes_of(question),
            root: Secret::fresh()?.expose().to_vec(),
        })
    }

    /// The secret of the commitment of the leaf.
    pub(crate) fn secret(&self) -> Secret {
        let mut made = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.root));
        made.update(DOMAIN);
        made.update(&self.question);
        let mut secret = [0; 32];
        secret.copy_from_slice(made.sign().as_ref());
        Secret(secret)
    }

    /// The question. `None`: the bytes are of a layout that this program does not know.
    pub(crate) fn read(&self) -> Option<Question> {
        let (layout, rest) = self.question.split_first()?;
        let (purpose, values) = rest.split_first()?;
        if *layout != LAYOUT || values.len() > Fact::ALL.len() {
            return None;
        }
        let purpose = PurposeName::ALL.into_iter().find(|p| *p as u8 == *purpose)?;
        // A fact that was not asked about yet had its plainest value.
        let facts = Fact::ALL.into_iter().zip(values);
        facts
            .into_iter()
            .try_fold(Question::plain(purpose), |question, (fact, value)| {
                let value = usize::from(*value);
                (value < fact.values()).then(|| question.with(fact, value))
            })
    }
}

fn bytes_of(question: &Question) -> Vec<u8> {
    let mut bytes = vec![LAYOUT, question.purpose as u8];
    // No fact has 256 values.
    bytes.extend(question.values().map(|value| value as u8));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn question() -> impl Strategy<Value = Question> {
        (
            prop::sample::select(PurposeName::ALL.to_vec()),
            prop::array::uniform11(0_usize..10),
        )
            .prop_map(|(purpose, values)| {
                Fact::ALL
                    .into_iter()
                    .zip(values)
                    .fold(Question::plain(purpose), |q, (fact, value)| {
                        q.with(fact, value % fact.values())
                    })
            })
    }

    proptest! {
        #[test]
        fn a_question_is_read_back_as_it_was_asked(question in question()) {
            prop_assert_eq!(Asked::new(&question).unwrap().read(), Some(question));
        }

        #[test]
        fn another_question_has_another_secret(question in question(), at in any::<prop::sample::Index>(), other in any::<u8>()) {
            let asked = Asked::new(&question).unwrap();
            let mut changed = Asked { question: asked.question.clone(), root: asked.root.clone() };
            let place = at.index(changed.question.len());
            prop_assume!(changed.question[place] != other);
            changed.question[place] = other;
            prop_assert_ne!(asked.secret().0, changed.secret().0);
        }

        #[test]
        fn bytes_that_are_no_question_are_none(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let asked = Asked { question: bytes.clone(), root: vec![1; 32] };
            if let Some(question) = asked.read() {
                prop_assert!(bytes_of(&question).starts_with(&bytes));
            }
        }
    }
}
