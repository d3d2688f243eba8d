//! Discards: what was not kept, and why, per source, so that Segment's polite 200 hides nothing.
//!
//! Counters since the server started, and the most recent faults in a ring. Nothing personal: no
//! value of any message, no identifier of a person or a message; names of undeclared fields only
//! where they look like a programmer's.

use super::accept::Accepted;
use super::batch::Finding;
use super::fault::Code;
use super::source::Sources;
use super::{SourceName, clock};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use vocabulary::{Kind, Moment};

/// How many recent faults are shown.
const RECENT: usize = 256;
/// How many names of undeclared fields are counted apart; further ones count as one.
const NAMES: usize = 200;
/// How many codes of the acceptor are counted apart.
const CODES: usize = 100;

/// The tallies of all sources.
pub struct Discards {
    sources: HashMap<SourceName, Mutex<Tally>>,
    since: Moment,
    unknown_keys: AtomicU64,
}

#[derive(Default)]
struct Tally {
    received: u64,
    stored: u64,
    duplicates: u64,
    discarded: BTreeMap<Cow<'static, str>, u64>,
    noted: BTreeMap<Cow<'static, str>, u64>,
    undeclared: BTreeMap<String, u64>,
    undeclared_unnamed: u64,
    recent: VecDeque<Recent>,
}

struct Recent {
    at: Moment,
    kind: Option<Kind>,
    code: Cow<'static, str>,
    field: Option<&'static str>,
    kept: bool,
}

/// What a source's developers and operators may see.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// The source.
    pub source: SourceName,
    /// When counting began: the start of the server (RFC 3339).
    pub since: String,
    /// Messages that came.
    pub received: u64,
    /// Messages that are durable.
    pub stored: u64,
    /// Messages that had come before.
    pub duplicates: u64,
    /// Messages that were not kept, by code.
    pub discarded: BTreeMap<Cow<'static, str>, u64>,
    /// Messages that were kept though not as they stood, by code.
    pub noted: BTreeMap<Cow<'static, str>, u64>,
    /// Fields that the data dictionary does not declare and that were dropped, by name.
    pub undeclared_fields: BTreeMap<String, u64>,
    /// The same for names that may be personal, or beyond the first few hundred.
    pub undeclared_fields_unnamed: u64,
    /// Requests to this server with a write key of no source.
    pub requests_with_unknown_key: u64,
    /// The most recent faults, the latest first.
    pub recent: Vec<ReportedFault>,
}

/// A fault of a [`Report`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReportedFault {
    /// When the message came (RFC 3339).
    pub at: String,
    /// Which call, if that much was readable.
    #[serde(rename = "type")]
    pub kind: Option<&'static str>,
    /// What is wrong.
    pub code: Cow<'static, str>,
    /// Where, as a field of the dialect.
    pub field: Option<&'static str>,
    /// Whether the message was kept all the same.
    pub kept: bool,
    /// What the code means.
    pub message: Option<&'static str>,
}

impl Discards {
    /// Empty tallies of these sources.
    pub fn new(sources: &Sources, since: Moment) -> Discards {
        Discards {
            sources: sources
                .names()
                .map(|name| (name.clone(), Mutex::default()))
                .collect(),
            since,
            unknown_keys: AtomicU64::new(0),
        }
    }

    /// What was not kept of a source, or `None` if there is no such source.
    pub fn report(&self, source: &SourceName) -> Option<Report> {
        let tally = self
            .sources
            .get(source)?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let recent = tally.recent.iter().rev().map(|recent| ReportedFault {
            at: clock::print(recent.at),
            kind: recent.kind.map(Kind::as_str),
            code: recent.code.clone(),
            field: recent.field,
            kept: recent.kept,
            message: Code::ALL
                .iter()
                .find(|code| code.as_str() == recent.code)
                .map(|code| code.words()),
        });
        Some(Report {
            source: source.clone(),
            since: clock::print(self.since),
            received: tally.received,
            stored: tally.stored,
            duplicates: tally.duplicates,
            discarded: tally.discarded.clone(),
            noted: tally.noted.clone(),
            undeclared_fields: tally.undeclared.clone(),
            undeclared_fields_unnamed: tally.undeclared_unnamed,
            requests_with_unknown_key: self.unknown_keys.load(Ordering::Relaxed),
            recent: recent.collect(),
        })
    }

    /// Counts a call that was taken. `kinds` are those of the events that the acceptor was given.
    pub(super) fn taken(
        &self,
        source: &SourceName,
        at: Moment,
        messages: u32,
        findings: &[Finding],
        kinds: &[Kind],
        accepted: &Accepted,
    ) {
        let Some(tally) = self.sources.get(source) else {
            return;
        };
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.received += u64::from(messages);
        tally.stored += u64::from(accepted.stored);
        tally.duplicates += u64::from(accepted.duplicates);
        for Finding { kind, fault, kept } in findings {
            tally.add(
                source,
                Recent {
                    at,
                    kind: *kind,
                    code: fault.code.into(),
                    field: fault.field,
                    kept: *kept,
                },
            );
        }
        for dropped in &accepted.dropped {
            let kind = usize::try_from(dropped.index)
                .ok()
                .and_then(|index| kinds.get(index))
                .copied();
            tally.add(
                source,
                Recent {
                    at,
                    kind,
                    code: dropped.code.clone(),
                    field: None,
                    kept: false,
                },
            );
        }
        for (name, count) in &accepted.undeclared {
            tally.undeclared(name, u64::from(*count));
        }
        for (result, count) in [
            ("received", messages),
            ("stored", accepted.stored),
            ("duplicate", accepted.duplicates),
        ] {
            if count > 0 {
                let source = source.as_str().to_owned();
                metrics::counter!("egard_ingest_messages_total", "source" => source, "result" => result)
                    .increment(count.into());
            }
        }
    }

    /// Counts a request that was refused as a whole.
    pub(super) fn refused(&self, source: Option<&SourceName>, at: Moment, code: Code) {
        match source.and_then(|name| Some((name, self.sources.get(name)?))) {
            Some((name, tally)) => {
                let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.add(
                    name,
                    Recent {
                        at,
                        kind: None,
                        code: code.into(),
                        field: None,
                        kept: false,
                    },
                );
            }
            None => {
                metrics::counter!("egard_ingest_refused_total", "code" => code.as_str()).increment(1);
                if code == Code::UnknownSource {
                    let before = self.unknown_keys.fetch_add(1, Ordering::Relaxed);
                    warn_of_unknown_key(before.saturating_add(1));
                }
            }
        }
    }
}

impl Tally {
    fn add(&mut self, source: &SourceName, recent: Recent) {
        let counts = if recent.kept {
            &mut self.noted
        } else {
            &mut self.discarded
        };
        let code = if counts.len() < CODES || counts.contains_key(&recent.code) {
            recent.code.clone()
        } else {
            Cow::Borrowed("other")
        };
        let labels = [
            ("source", source.as_str().to_owned()),
            ("code", code.clone().into_owned()),
            ("kept", recent.kept.to_string()),
        ];
        metrics::counter!("egard_ingest_faults_total", &labels).increment(1);
        *counts.entry(code).or_default() += 1;
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(recent);
    }

    fn undeclared(&mut self, name: &str, count: u64) {
        if let Some(counted) = self.undeclared.get_mut(name) {
            *counted += count;
        } else if self.undeclared.len() < NAMES && looks_declared(name) {
            self.undeclared.insert(name.to_owned(), count);
        } else {
            self.undeclared_unnamed += count;
        }
    }
}

/// Whether a name looks like a programmer's and not like a person's data: no `@`, no letters beyond
/// ASCII, not a number, no long run of digits as in telephone and card numbers.
fn looks_declared(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.$ -".contains(&b);
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_' || first == '$');
    let digits = name
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max()
        .unwrap_or_default();
    starts && name.len() <= 64 && digits < 5 && name.bytes().all(plain)
}

/// Anybody can send wrong keys: the log hears of the 1st, 2nd, 4th, 8th, …
fn warn_of_unknown_key(count: u64) {
    if count.is_power_of_two() {
        tracing::warn!(
            count,
            "requests with a write key of no source: a client's key and the settings differ"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Dropped, Source};

    fn shop() -> (SourceName, Discards) {
        let name = SourceName::parse("shop").unwrap();
        let source = Source {
            name: name.clone(),
            write_key: "k".into(),
            enabled: true,
            child_directed: false,
            secret: false,
            origins: Vec::new(),
        };
        (name, Discards::new(&Sources::new([source]).unwrap(), Moment(0)))
    }

    #[test]
    fn names_that_may_be_personal_are_counted_and_not_shown() {
        let (shop, discards) = shop();
        let names = [
            "coupon_code",
            "jeanne@example.org",
            "0612345678",
            "tel_0612345678",
            "Zoé",
            "$os",
            "a b.c",
        ];
        let undeclared = names.iter().map(|name| ((*name).to_owned(), 2)).collect();
        discards.taken(
            &shop,
            Moment(0),
            1,
            &[],
            &[],
            &Accepted {
                undeclared,
                ..Accepted::default()
            },
        );
        let report = discards.report(&shop).unwrap();
        assert_eq!(
            report.undeclared_fields.keys().collect::<Vec<_>>(),
            ["$os", "a b.c", "coupon_code"]
        );
        assert_eq!(report.undeclared_fields_unnamed, 8);
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let (shop, discards) = shop();
        for i in 0..1_000u32 {
            let undeclared = vec![(format!("field_{i}"), 1)];
            let dropped = vec![Dropped {
                index: 0,
                code: format!("code_{i}").into(),
            }];
            let accepted = Accepted {
                undeclared,
                dropped,
                ..Accepted::default()
            };
            discards.taken(&shop, Moment(0), 1, &[], &[Kind::Track], &accepted);
        }
        let report = discards.report(&shop).unwrap();
        assert_eq!(report.recent.len(), RECENT);
        assert_eq!(report.undeclared_fields.len(), NAMES);
        assert_eq!(report.undeclared_fields_unnamed, 800);
        assert_eq!(report.discarded.len(), CODES + 1);
        assert_eq!(report.discarded.values().sum::<u64>(), 1_000);
        assert_eq!(report.recent[0].code, "code_999", "the latest stands first");
    }

    #[test]
    fn a_key_of_no_source_is_counted_where_every_source_sees_it() {
        let (shop, discards) = shop();
        discards.refused(None, Moment(0), Code::UnknownSource);
        discards.refused(Some(&shop), Moment(0), Code::InvalidJson);
        let report = discards.report(&shop).unwrap();
        assert_eq!(report.requests_with_unknown_key, 1);
        assert_eq!(report.discarded, BTreeMap::from([("invalid_json".into(), 1)]));
    }
}
