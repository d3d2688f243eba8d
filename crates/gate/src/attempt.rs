//! Somebody asked for a person's data and was refused: that is a record of the person and a leaf of the log
//! too, so that the person sees who wanted what, and why they did not get it.
//!
//! Deliberately does not know: who asks, and what an attempt is called.

use crate::gate::Gate;
use crate::intake::Whom;
use crate::permit::{Account, Ask, Refused};
use crate::record::{self, Statement};
use crate::writer::Record;
use crate::{RecordId, Unavailable};
use vocabulary::{Moment, PurposeName};

impl Gate {
    /// What the charter says to a purpose, without opening anything.
    pub async fn verdict(
        &self,
        whom: &Whom<'_>,
        purpose: PurposeName,
        ask: Ask,
    ) -> Result<Result<(), Refused>, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        let identified = whom.user_id.is_some();
        self.blocking(move |gate| {
            let known = match gate.locate(&located)? {
                Some(person) => gate.grant(person, purpose, ask)?,
                None => None,
            };
            Ok(match known {
                Some(answer) => answer.map(drop),
                None => Err(gate.refuse_unknown(purpose, identified, ask)),
            })
        })
        .await
    }

    /// Records that an attempt was refused, and by which rules; durable when it answers. It is the person's
    /// own record. Of somebody nobody knows it is a record of nobody, and takes as long.
    pub async fn record_refused(
        &self,
        whom: &Whom<'_>,
        refused: &Refused,
        attempt: &impl Account,
        now: Moment,
    ) -> Result<RecordId, Unavailable> {
        let (kind, program, details) = (attempt.kind(), attempt.program(), attempt.details());
        // Of somebody nobody knows a rule may permit what there is nobody to do it to: it refused nothing.
        let permits = |name: &str| {
            let mut rules = self.charter().policies();
            rules.any(|rule| rule.id().as_str() == name && !rule.forbids())
        };
        let names = refused.policies.iter().map(|id| id.as_str());
        let reasons: Vec<String> = names.filter(|name| !permits(name)).map(str::to_owned).collect();
        let statement = || Statement {
            kind,
            purpose: Some(refused.purpose),
            program,
            allowed: false,
            reasons: reasons.clone(),
            at: now,
        };
        if let Some(person) = self.find(whom).await? {
            let (statement, details) = (statement(), details.clone());
            let made = self
                .blocking(move |gate| {
                    let Some(key) = gate.key_of(person)? else {
                        return Ok(None);
                    };
                    record::make(gate.shared(), person, &key, statement, details).map(Some)
                })
                .await?;
            if let Some((row, leaf)) = made {
                let id = row.id;
                let record = Record {
                    person,
                    // Whatever the person changes meanwhile: it happened.
                    terms_version: None,
                    row: Some(row),
                    leaf,
                };
                if self.commit_record(record).await? {
                    return Ok(id);
                }
            }
        }
        self.record_about_nobody(statement(), details).await
    }
}
