//! The telephone number by which a person is known to whoever carries text messages: so that an answer `STOP`, of
//! which the carrier tells nothing but the number, reaches the choices of the right person.
//!
//! Only a keyed hash of it is kept here; the number itself is a declared trait like any other. Deliberately does not
//! know: how text messages are sent, what a number looks like.

use crate::Unavailable;
use crate::address::Addressed;
use crate::consent::ConsentGiven;
use crate::envelope::Input;
use crate::evidence::{Action, Component, Evidence};
use crate::gate::Gate;
use crate::intake::{self, Whom};
use vocabulary::{Blind, Moment, PersonId, PurposeName};

impl Gate {
    /// Notes that the person with that `userId` is reached at that number (E.164). It is told by the site's server,
    /// never by an event: whoever could add a number to somebody else could end their messages.
    pub async fn note_number(
        &self,
        user_id: &str,
        number: &str,
        source: &str,
        now: Moment,
    ) -> Result<Addressed, Unavailable> {
        let whom = Whom {
            user_id: Some(user_id),
            anonymous_id: None,
        };
        let Some(person) = self.find(&whom).await? else {
            return Ok(Addressed::Nobody);
        };
        let blind = self.blind_number(number);
        match self.with_number(blind).await? {
            Some(known) if known == person => return Ok(Addressed::Kept),
            Some(_) => return Ok(Addressed::Taken),
            None => {}
        }
        let input = Input {
            at: now.0,
            received_at: now.0,
            source: source.to_owned(),
            identifiers: vec![blind.0.to_vec().into()],
            ..Input::default()
        };
        self.put_input(person, input).await?;
        Ok(Addressed::Kept)
    }

    /// Whoever is reached at that number takes back that purpose, as if they had said so on their own page: durable
    /// when it answers. `false`: nobody here is reached at it.
    pub async fn withdraw_by_number(
        &self,
        number: &str,
        purpose: PurposeName,
        source: &str,
        now: Moment,
    ) -> Result<bool, Unavailable> {
        let Some(person) = self.with_number(self.blind_number(number)).await? else {
            return Ok(false);
        };
        let evidence = Evidence::new(Component::Api, Action::Withdraw);
        let given = ConsentGiven::new(vec![(purpose, false)], evidence);
        let nobody = Whom {
            user_id: None,
            anonymous_id: None,
        };
        let (notices, keyring) = (self.shared().notices(), &self.shared().keyring);
        let received = intake::consented(&nobody, &given, None, source, now, &notices, keyring)?;
        self.put_input(person, received.input).await.map(|_| true)
    }

    async fn with_number(&self, blind: Blind) -> Result<Option<PersonId>, Unavailable> {
        self.blocking(move |gate| {
            Ok(gate
                .shared()
                .shelf
                .resolve(&[blind])?
                .into_iter()
                .flatten()
                .next())
        })
        .await
    }

    fn blind_number(&self, number: &str) -> Blind {
        self.shared().keyring.blind("phone", number)
    }
}
