//! Reports of audits: kept as artefacts, each with a leaf of the log that names its digest, and listed for
//! whoever publishes them.
//!
//! Deliberately does not know: how an audit is made, what its report says beyond a few counts.

use crate::gate::Gate;
use crate::replay::statement;
use crate::writer::Record;
use crate::{RecordId, Unavailable, envelope, record};
use minicbor::{Decode, Encode};
use std::sync::{Arc, PoisonError};
use vocabulary::{Day, Digest, Moment, PersonId};

const PREFIX: &str = "audit/report/";
/// Most reports that are listed: one a day for more than ten years.
pub const MAX_AUDITS: usize = 4_000;
/// Longest report, bytes.
pub const MAX_REPORT: usize = 1 << 20;
/// Read at once.
const PAGE: usize = 500;

/// An audit that was made: what its report says in short, and where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Audit {
    /// When.
    pub day: Day,
    /// Records that were looked at.
    pub sample: u64,
    /// Entries of the log they were drawn from.
    pub population: u64,
    /// What is wrong, by name, and how often; names in order, none with a count of 0.
    pub findings: Vec<(String, u64)>,
    /// The report, a signed note: [`Gate::artefact_now`] has its bytes.
    pub report: Digest,
    /// Its leaf in the log; `None` while it waits to be integrated.
    pub leaf: Option<u64>,
}

/// A report as it is listed.
#[derive(Encode, Decode)]
struct Listed {
    #[n(0)]
    day: u32,
    #[n(1)]
    sample: u64,
    #[n(2)]
    population: u64,
    #[n(3)]
    findings: Vec<(String, u64)>,
    #[cbor(n(4), with = "minicbor::bytes")]
    report: Vec<u8>,
    #[cbor(n(5), with = "minicbor::bytes")]
    record: Vec<u8>,
}

impl Gate {
    /// The text with the log's signature under it, a signed note (C2SP `signed-note`). One line that begins
    /// with `{`, so that nobody can take it for a checkpoint or a cosignature.
    pub fn sign_report(&self, json: &str) -> Result<String, Unavailable> {
        if !json.starts_with('{') || json.len() > MAX_REPORT {
            let problem = "a report is one line of JSON, of at most a megabyte";
            return Err(Unavailable::Ledger(problem.to_owned()));
        }
        let sequencer = &self.shared().sequencer;
        let sequencer = sequencer.lock().unwrap_or_else(PoisonError::into_inner);
        sequencer.sign_line(json)
    }

    /// Keeps a report: its artefact, its leaf (kind `audit`), its place in the list. Durable when it
    /// answers; `audit.report` and `audit.leaf` are set by this.
    pub async fn keep_audit(&self, audit: Audit, note: Vec<u8>, now: Moment) -> Result<Audit, Unavailable> {
        let report = Digest::of(&note);
        let audit = Audit {
            report,
            leaf: None,
            ..audit
        };
        let listed = audit.clone();
        let made = self
            .blocking(move |gate| {
                let shared = gate.shared();
                shared.shelf.keep(shared.epoch, report.0, &note)?;
                let details = format!("{{\"report\":\"{report}\"}}");
                let reasons = vec![
                    format!("sample:{}", listed.sample),
                    format!(
                        "findings:{}",
                        listed.findings.iter().map(|(_, count)| count).sum::<u64>()
                    ),
                ];
                let (row, leaf) = record::make(
                    shared,
                    PersonId::NOBODY,
                    &Arc::clone(&shared.nobody),
                    statement("audit", report, reasons, now),
                    details,
                )?;
                // Named first: a name whose leaf was never written is passed over.
                let value = envelope::encode(&Listed {
                    day: listed.day.0,
                    sample: listed.sample,
                    population: listed.population,
                    findings: listed.findings,
                    report: report.0.to_vec(),
                    record: row.id.0.to_vec(),
                });
                let name = format!("{PREFIX}{:010}/{report}", listed.day.0);
                let known = shared.shelf.get(&name)?.map_or(0, |known| known.version);
                shared.shelf.swap(shared.epoch, &name, known, &value)?;
                Ok(Record {
                    person: PersonId::NOBODY,
                    terms_version: None,
                    row: Some(row),
                    leaf,
                })
            })
            .await?;
        match self.commit_record(made).await? {
            true => Ok(audit),
            false => Err(Unavailable::Busy),
        }
    }

    /// The audits that were made, oldest first, at most the newest [`MAX_AUDITS`]. Nothing in them is
    /// personal.
    pub async fn audits(&self) -> Result<Vec<Audit>, Unavailable> {
        self.blocking(|gate| {
            let shelf = gate.shared().shelf.as_ref();
            let mut audits: Vec<Audit> = Vec::new();
            let mut after: Option<String> = None;
            loop {
                let page = shelf.named(PREFIX, after.as_deref(), PAGE)?;
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                for (_, value) in page {
                    let listed: Listed = envelope::decode(&value.value)?;
                    let (Ok(report), Ok(record)) = (
                        <[u8; 32]>::try_from(listed.report.as_slice()),
                        <[u8; 16]>::try_from(listed.record.as_slice()).map(RecordId),
                    ) else {
                        continue;
                    };
                    if shelf.record(record)?.is_some() {
                        audits.push(Audit {
                            day: Day(listed.day),
                            sample: listed.sample,
                            population: listed.population,
                            findings: listed.findings,
                            report: Digest(report),
                            leaf: shelf.leaf_index(record)?,
                        });
                    }
                }
            }
            let surplus = audits.len().saturating_sub(MAX_AUDITS);
            audits.drain(..surplus);
            Ok(audits)
        })
        .await
    }
}
