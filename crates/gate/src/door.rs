//! The first door in use: permit, open, decide, record, receipt.
//!
//! Deliberately does not know: what is decided.

use crate::charter::{Answer, PolicyId, Requester};
use crate::envelope::Terms;
use crate::gate::Gate;
use crate::hot;
use crate::intake::Whom;
use crate::permit::{Account, Ask, Draft, Granted, Opened, Permit, Recorded, Refused};
use crate::purposes::{self, Purpose, ShowOwnData};
use crate::record::{self, Receipt};
use crate::writer::{Job, Record};
use crate::{RecordId, Unavailable};
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError};
use tokio::sync::oneshot;
use vocabulary::{Moment, PersonId, PurposeName};

/// How often a decision is made again because the person changed their choices meanwhile.
const RETRIES: usize = 3;

impl Gate {
    /// Asks the charter. Nothing is opened by asking: only the terms are read.
    pub async fn permit<P: Purpose>(
        &self,
        whom: &Whom<'_>,
        ask: Ask,
    ) -> Result<Result<Permit<P>, Refused>, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        let identified = whom.user_id.is_some();
        self.blocking(move |gate| {
            let found = gate.locate(&located)?;
            let known = match found {
                Some(person) => gate.grant(person, P::NAME, ask)?,
                None => None,
            };
            Ok(match known {
                Some(answer) => answer.map(|granted| Permit {
                    granted,
                    purpose: PhantomData,
                }),
                None => Err(gate.refuse_unknown(P::NAME, identified, ask)),
            })
        })
        .await
    }

    /// Spends a permit. `None`: the person is gone meanwhile.
    pub async fn open_with<P: Purpose>(&self, permit: Permit<P>) -> Result<Option<Opened<P>>, Unavailable> {
        self.blocking(move |gate| gate.open_now(permit)).await
    }

    pub(crate) fn open_now<P: Purpose>(&self, permit: Permit<P>) -> Result<Option<Opened<P>>, Unavailable> {
        let granted = permit.granted;
        let person = granted.person;
        let shared = self.shared();
        let opened = shared
            .hot
            .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                // INVARIANT: a permit opens only what it was given for; changed terms need a new one.
                if slot.terms.version != granted.terms_version {
                    return Ok(None);
                }
                let terms = Arc::clone(&slot.terms);
                let content = slot.content(person)?;
                Ok(Some(purposes::look::<P>(&terms, content, granted.asked_at)))
            })?;
        Ok(opened.flatten().map(|view| {
            shared.count_opening(P::NAME);
            Opened { view, granted }
        }))
    }

    /// Asks, opens, decides and records in one go; asks again if the person changed their choices
    /// meanwhile. `decide` is pure: it gets the view and answers a proposal, which is returned only
    /// when its record is on disk.
    pub async fn decide<P, T, F>(
        &self,
        whom: &Whom<'_>,
        ask: Ask,
        decide: F,
    ) -> Result<Result<Recorded<T>, Refused>, Unavailable>
    where
        P: Purpose,
        T: Account + Send + 'static,
        F: Fn(&P::View) -> T + Clone + Send + 'static,
    {
        let located = whom.located(&self.shared().keyring);
        let identified = whom.user_id.is_some();
        for _ in 0..RETRIES {
            let decide = decide.clone();
            let step = move |gate: &Gate| {
                let found = gate.locate(&located)?;
                let granted = match found {
                    Some(person) => gate.grant(person, P::NAME, ask)?,
                    None => None,
                };
                let granted = match granted {
                    Some(Ok(granted)) => granted,
                    Some(Err(refused)) => return Ok(Some(Err(refused))),
                    None => return Ok(Some(Err(gate.refuse_unknown(P::NAME, identified, ask)))),
                };
                let permit = Permit::<P> {
                    granted,
                    purpose: PhantomData,
                };
                let Some(opened) = gate.open_now(permit)? else {
                    return Ok(None);
                };
                let draft = opened.draft(decide);
                let prepared = gate.prepare(&draft.granted, &draft.proposal)?;
                Ok(prepared.map(|record| Ok((draft, record))))
            };
            // Changing threads costs more than deciding: only what may have to read the store moves.
            let decided = match self.at_hand(&located) {
                true => step(self)?,
                false => self.blocking(step).await?,
            };
            match decided {
                Some(Err(refused)) => return Ok(Err(refused)),
                Some(Ok((draft, record))) => {
                    if let Some(recorded) = self.finish(draft, record).await? {
                        return Ok(Ok(recorded));
                    }
                }
                None => {}
            }
        }
        Err(Unavailable::Busy)
    }

    /// Records a draft. `None`: the person changed their choices since the permit; ask again.
    pub async fn record<P: Purpose, T: Account>(
        &self,
        draft: Draft<P, T>,
    ) -> Result<Option<Recorded<T>>, Unavailable> {
        match self.prepare(&draft.granted, &draft.proposal)? {
            Some(record) => self.finish(draft, record).await,
            None => Ok(None),
        }
    }

    pub(crate) async fn finish<P: Purpose, T>(
        &self,
        draft: Draft<P, T>,
        record: Record,
    ) -> Result<Option<Recorded<T>>, Unavailable> {
        let id = record.leaf.id;
        let durable = self.commit_record(record).await?;
        Ok(durable.then_some(Recorded {
            proposal: draft.proposal,
            record: id,
            policies: draft.granted.policies,
        }))
    }

    pub(crate) fn prepare<T: Account>(
        &self,
        granted: &Granted,
        proposal: &T,
    ) -> Result<Option<Record>, Unavailable> {
        let shared = self.shared();
        let Some(key) = shared
            .hot
            .with(granted.person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                Ok(Arc::clone(&slot.key))
            })?
        else {
            return Ok(None);
        };
        let statement = record::of_grant(granted, proposal.kind(), proposal.program());
        let (row, leaf) = record::make_asked(
            shared,
            granted.person,
            &key,
            statement,
            proposal.details(),
            &granted.question,
        )?;
        let terms_version = Some(granted.terms_version);
        Ok(Some(Record {
            person: granted.person,
            terms_version,
            row: Some(row),
            leaf,
        }))
    }

    /// Records a decision that looked at nobody, with the policies that refused to look.
    pub async fn record_unprofiled<T: Account>(
        &self,
        proposal: T,
        purpose: PurposeName,
        policies: Vec<PolicyId>,
        now: Moment,
    ) -> Result<Recorded<T>, Unavailable> {
        let statement = record::Statement {
            kind: proposal.kind(),
            purpose: Some(purpose),
            program: proposal.program(),
            allowed: false,
            reasons: policies.iter().map(|p| p.as_str().to_owned()).collect(),
            at: now,
        };
        let record = self.record_about_nobody(statement, proposal.details()).await?;
        Ok(Recorded {
            proposal,
            record,
            policies,
        })
    }

    /// A record that concerns no person, and its leaf: durable when this answers.
    pub(crate) async fn record_about_nobody(
        &self,
        statement: record::Statement<'_>,
        details: String,
    ) -> Result<RecordId, Unavailable> {
        let nobody = PersonId::NOBODY;
        let (row, leaf) = record::make(self.shared(), nobody, &self.shared().nobody, statement, details)?;
        let id = row.id;
        let durable = self
            .commit_record(Record {
                person: nobody,
                terms_version: None,
                row: Some(row),
                leaf,
            })
            .await?;
        // Only a store that lost a race says no; nothing was written.
        if durable { Ok(id) } else { Err(Unavailable::Busy) }
    }

    pub(crate) async fn commit_record(&self, record: Record) -> Result<bool, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Record {
            record: Box::new(record),
            reply,
        })?;
        answer.await.map_err(|_| Unavailable::Stopped)?
    }

    /// The receipt of a decision. Opening it is a use of the person's data like any other: it asks
    /// for `show_own_data`. `Ok(None)`: no such record (or its key is destroyed).
    pub async fn receipt(
        &self,
        id: RecordId,
        ask: Ask,
    ) -> Result<Option<Result<Receipt, Refused>>, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let Some(row) = shared.shelf.record(id)? else {
                return Ok(None);
            };
            let key = if row.person == PersonId::NOBODY {
                Arc::clone(&shared.nobody)
            } else {
                match gate.grant(row.person, ShowOwnData::NAME, ask)? {
                    None => return Ok(None),
                    Some(Err(refused)) => return Ok(Some(Err(refused))),
                    Some(Ok(_)) => {}
                }
                shared.count_opening(ShowOwnData::NAME);
                let key = shared
                    .hot
                    .with(row.person, shared.shelf.as_ref(), &shared.keyring, |s| {
                        Ok(Arc::clone(&s.key))
                    })?;
                let Some(key) = key else { return Ok(None) };
                key
            };
            let opened = record::open(&row, &key)?;
            let mut sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            let proof = match shared.shelf.leaf_index(id)? {
                Some(index) => Some(sequencer.proof(shared.shelf.as_ref(), &shared.erasures, index)?),
                None => None,
            };
            let vkey = sequencer.vkey().to_owned();
            Ok(Some(Ok(Receipt {
                record: id,
                leaf: opened.leaf,
                r: opened.r,
                details: opened.details,
                proof,
                vkey,
            })))
        })
        .await
    }

    pub(crate) fn grant(
        &self,
        person: PersonId,
        purpose: PurposeName,
        ask: Ask,
    ) -> Result<Option<Result<Granted, Refused>>, Unavailable> {
        let shared = self.shared();
        shared
            .hot
            .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                let question = hot::question(&slot.terms, purpose, ask.signals, ask.requester, ask.now);
                let answer = match ask.requester {
                    Requester::System => slot
                        .allowed(&shared.charter, ask.signals, ask.now)
                        .answer(purpose)
                        .clone(),
                    _ => shared.charter.answer(&question).as_ref().clone(),
                };
                let Answer { allowed, policies } = answer;
                Ok(match allowed {
                    true => Ok(Granted {
                        person,
                        terms_version: slot.terms.version,
                        policies,
                        asked_at: ask.now,
                        purpose,
                        question,
                    }),
                    false => Err(Refused {
                        purpose,
                        policies,
                        charter: shared.charter.digest(),
                    }),
                })
            })
    }

    /// The answer for somebody of whom nothing is known: what the charter says of a person
    /// without any choice.
    pub(crate) fn refuse_unknown(&self, purpose: PurposeName, identified: bool, ask: Ask) -> Refused {
        let terms = Terms {
            identified,
            ..Terms::default()
        };
        let question = hot::question(&terms, purpose, ask.signals, ask.requester, ask.now);
        let policies = self.shared().charter.decide(&question).policies;
        Refused {
            purpose,
            policies,
            charter: self.shared().charter.digest(),
        }
    }
}
