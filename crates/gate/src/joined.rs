//! The visitors who are part of a person, for that person's own eyes: which there are, whether one of this
//! browser could be, and parting one again by the name it has on the person's own page.
//!
//! Deliberately does not know: how a browser names its visitor, what is taken over.

use crate::Unavailable;
use crate::gate::Gate;
use crate::hot::Slot;
use crate::intake::Whom;
use crate::join::{Join, NotJoined, Wish};
use crate::merge::VISITORS_MAX;
use crate::permit::{Ask, Refused};
use crate::purposes::{Purpose as _, ShowOwnData};
use vocabulary::{Digest, Moment, PersonId};

/// Letters of a name.
const NAME: usize = 32;

/// A visitor who is part of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joined {
    /// What the page calls it: 32 hexadecimal digits that say nothing and lead nowhere else.
    pub name: String,
    /// Since when.
    pub at: Moment,
    /// Until when the two can be parted; `None`: not any more.
    pub until: Option<Moment>,
}

/// A person and the visitors who are part of them, the person first: whose records are one timeline.
pub(crate) fn family(gate: &Gate, person: PersonId) -> Result<Vec<PersonId>, Unavailable> {
    let visitors = on(gate, person, |slot| slot.terms.visitors())?;
    Ok([person].into_iter().chain(visitors.unwrap_or_default()).collect())
}

impl Gate {
    /// The visitors who are part of this person, opened for `show_own_data`, the latest first. Empty for
    /// somebody nobody knows.
    pub async fn joined(
        &self,
        whom: &Whom<'_>,
        ask: Ask,
    ) -> Result<Result<Vec<Joined>, Refused>, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        self.blocking(move |gate| {
            let Some(person) = gate.locate(&located)? else {
                return Ok(Ok(Vec::new()));
            };
            match gate.grant(person, ShowOwnData::NAME, ask)? {
                None => return Ok(Ok(Vec::new())),
                Some(Err(refused)) => return Ok(Err(refused)),
                Some(Ok(_)) => {}
            }
            let mut joined = Vec::new();
            for visitor in family(gate, person)?.into_iter().skip(1) {
                let into = on(gate, visitor, |slot| slot.terms.merges.clone()?.into)?.flatten();
                joined.extend(into.map(|into| Joined {
                    name: name(person, visitor),
                    at: Moment(into.at),
                    until: into.until.map(Moment).filter(|until| ask.now < *until),
                }));
            }
            joined.sort_by_key(|one| std::cmp::Reverse(one.at));
            Ok(Ok(joined))
        })
        .await
    }

    /// Whether the visitor of this browser is somebody of their own who could become part of this person.
    pub async fn joinable(&self, whom: &Whom<'_>, ask: Ask) -> Result<bool, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        let (Some(user), Some(anonymous)) = (located.user, located.anonymous) else {
            return Ok(false);
        };
        self.blocking(move |gate| {
            let found = gate.shared().shelf.resolve(&[user, anonymous])?;
            let &[Some(person), Some(visitor)] = found.as_slice() else {
                return Ok(false);
            };
            let may = |whose| {
                Ok::<_, Unavailable>(matches!(gate.grant(whose, ShowOwnData::NAME, ask)?, Some(Ok(_))))
            };
            if person == visitor || !may(person)? || !may(visitor)? {
                return Ok(false);
            }
            let own = on(gate, person, |slot| {
                let room = slot.terms.visitors().len() < VISITORS_MAX;
                slot.terms.identified && !slot.terms.restricted && room
            })?;
            let theirs = on(gate, visitor, |slot| {
                let free = slot.terms.part_of().is_none() && !slot.terms.identified;
                free && !slot.terms.restricted
            })?;
            Ok(own == Some(true) && theirs == Some(true))
        })
        .await
    }

    /// Parts the visitor of that name from the person again, as [`Gate::part`] does.
    pub async fn part_joined(
        &self,
        whom: &Whom<'_>,
        wanted: &str,
        source: &str,
        now: Moment,
    ) -> Result<Result<Moment, NotJoined>, Unavailable> {
        let (located, wanted) = (whom.located(&self.shared().keyring), wanted.to_owned());
        let found = self
            .blocking(move |gate| {
                let Some(person) = gate.locate(&located)? else {
                    return Ok(None);
                };
                let visitors = family(gate, person)?.into_iter().skip(1);
                let visitor = visitors
                    .into_iter()
                    .find(|visitor| name(person, *visitor) == wanted);
                Ok(visitor.map(|visitor| (person, visitor)))
            })
            .await?;
        let Some((person, visitor)) = found else {
            return Ok(Err(NotJoined::NotJoined));
        };
        let join = Join {
            person,
            visitor,
            wish: Wish::Part,
            source: source.to_owned(),
            now,
        };
        self.send_join(join).await
    }
}

fn on<T>(gate: &Gate, person: PersonId, look: impl FnOnce(&mut Slot) -> T) -> Result<Option<T>, Unavailable> {
    let shared = gate.shared();
    shared
        .hot
        .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
            Ok(look(slot))
        })
}

/// Both identities are 128 random bits that nobody outside is told: their hash says nothing.
fn name(person: PersonId, visitor: PersonId) -> String {
    let digest = Digest::of(&[person.0, visitor.0].concat()).to_string();
    digest.chars().take(NAME).collect()
}
