//! The person's contract: how they may be written to. Set by the person alone, with evidence, a record and a
//! leaf that says no value; effective when it is on disk.
//!
//! After a backup was put back that did not know a person's last word, nothing is sent to them until they
//! say it again: the file of refusals says that there was one, and not what it said. Deliberately does not
//! know: HTTP, time zones, what is held to the contract (`clearance`).

use crate::charter::Requester;
use crate::envelope::{Act, Input, Terms};
use crate::evidence::Evidence;
use crate::gate::Gate;
use crate::intake::{self, Whom};
use crate::permit::{Ask, Refused};
use crate::purposes::{Purpose, ShowOwnData};
use crate::writer::{Fate, Reason};
use crate::{RecordId, Unavailable};
use vocabulary::{Contract, Moment, NotAContract};

/// What became of a contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContractKept {
    /// On disk, with the record that proves it.
    Kept(Option<RecordId>),
    /// Of a visitor of whom nothing is known nothing is kept, so nothing is sent to them either.
    NotKept,
}

/// A contract as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ContractState {
    /// What the person said; by default what nobody has said anything of.
    pub contract: Contract,
    /// When they last said it; `None`: never.
    pub at: Option<Moment>,
    /// What they said last was lost with a store that was put back: nothing is sent until they say it again.
    pub to_be_said: bool,
    /// They talk to a member of the team now: nothing is sent meanwhile.
    pub conversing: bool,
}

impl ContractState {
    pub(crate) fn of(terms: &Terms) -> ContractState {
        ContractState {
            contract: terms.contract(),
            at: terms.contract_at(),
            to_be_said: terms.contract_to_be_said(),
            conversing: terms.conversing(),
        }
    }
}

impl Gate {
    /// Sets the person's contract: durable when it answers, and in force for whatever is sent after.
    ///
    /// The caller vouches that it is the person: their own session, or an assertion for them alone.
    pub async fn set_contract(
        &self,
        whom: &Whom<'_>,
        contract: &Contract,
        evidence: &Evidence,
        source: &str,
        now: Moment,
    ) -> Result<Result<ContractKept, NotAContract>, Unavailable> {
        if let Err(problem) = contract.check() {
            return Ok(Err(problem));
        }
        if whom.user_id.is_none() && (whom.anonymous_id.is_none() || self.is_customer(whom).await?) {
            // Whoever has a browser's identifier is not yet the customer who once used that browser.
            return Ok(Ok(ContractKept::NotKept));
        }
        let input = Input {
            at: now.0,
            received_at: now.0,
            source: source.to_owned(),
            identified: whom.user_id.is_some(),
            act: Some(Act::contract(contract)),
            proof: Some(intake::proof(evidence, None, None)),
            ..Input::default()
        };
        let received = intake::stated(whom, input, source, &self.shared().keyring)?;
        let (fate, made) = self.state(received).await?;
        match fate {
            Some(Fate::Stored | Fate::Duplicate) => Ok(Ok(ContractKept::Kept(made))),
            Some(Fate::Dropped(Reason::NoPermission | Reason::NotDeclared | Reason::Suppressed)) => {
                Ok(Ok(ContractKept::NotKept))
            }
            Some(Fate::Dropped(Reason::Gone | Reason::TryAgain)) | None => Err(Unavailable::Busy),
        }
    }

    /// The contract of a person, for that person: asks for `show_own_data`. Of somebody nobody knows: the
    /// contract of whoever has said nothing.
    pub async fn contract_state(
        &self,
        whom: &Whom<'_>,
        ask: Ask,
    ) -> Result<Result<ContractState, Refused>, Unavailable> {
        let Some(person) = self.find(whom).await? else {
            return Ok(Ok(ContractState::default()));
        };
        let ask = Ask {
            requester: Requester::Person,
            ..ask
        };
        self.blocking(move |gate| {
            match gate.grant(person, ShowOwnData::NAME, ask)? {
                None => return Ok(Ok(ContractState::default())),
                Some(Err(refused)) => return Ok(Err(refused)),
                Some(Ok(_)) => {}
            }
            let shared = gate.shared();
            shared.count_opening(ShowOwnData::NAME);
            let read = |slot: &mut crate::hot::Slot| Ok(ContractState::of(&slot.terms));
            let found = shared
                .hot
                .with(person, shared.shelf.as_ref(), &shared.keyring, read)?;
            Ok(Ok(found.unwrap_or_default()))
        })
        .await
    }
}
