//! An audit: a sample of the log that nobody chose, each record of it looked at again, the whole log
//! verified, and what must be gone or answered by now looked for. Its report names nobody.
//!
//! Deliberately does not know: how a record is opened (`gate`), how a decision is made (`decide`), HTTP.

mod duties;
mod report;
mod sample;
mod shops;

pub use report::{Form, Report, Seed};
pub use sample::{draw, seed_of};

use crate::app::App;
use crate::settings::Settings;
use gate::charter::Requester;
use gate::{Ask, Audit, Auditor, Cover, Executed, Permitted, RecordId, Replay, Unavailable};
use ledger::{Checkpoint, Entry, VerifyingKey};
use shops::Shops;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;
use vocabulary::{Digest, Moment, Signals};

/// Most records of one audit.
pub const MAX_SAMPLE: usize = 100_000;
/// Records looked at side by side: they share group commits.
const BESIDE: usize = 16;
/// Read at once.
const PAGE: usize = 10_000;
/// The kind of the entries that say that a record was looked at. They are no part of what is sampled: every
/// audit makes as many as it looks at records.
const LOOK: &str = "replay";

/// An audit cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gate.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// Rights requests.
    #[error(transparent)]
    Rights(#[from] crate::rights::Fault),
    /// The log's key or its checkpoint.
    #[error("the log cannot be read: {0}")]
    Log(String),
    /// Nothing was ever recorded.
    #[error("there is nothing to audit: the log has no entries")]
    Empty,
    /// A report that cannot be written or read.
    #[error("the report: {0}")]
    Report(#[from] report::Error),
}

/// What is to be checked.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// How many records to look at, at most [`MAX_SAMPLE`].
    pub sample: usize,
    /// A number from whoever orders the audit, mixed into the seed: with it not even one who could choose
    /// the moment can choose the sample.
    pub seed: Option<u64>,
    /// Days that raw events may be kept.
    pub event_days: u32,
    /// Days that messages are remembered.
    pub message_days: u32,
}

impl Scope {
    /// That many records, under these settings.
    pub fn new(settings: &Settings, sample: usize, seed: Option<u64>) -> Scope {
        Scope {
            sample: sample.min(MAX_SAMPLE),
            seed,
            event_days: settings.event_retention_days,
            message_days: settings.duplicate_window_days,
        }
    }
}

/// An audit that was made: its report, the signed note it is kept as, and where that is listed.
#[derive(Clone, Debug)]
pub struct Made {
    /// What was found.
    pub report: Report,
    /// The report with the log's signature: the bytes that the leaf names.
    pub note: String,
    /// As it is listed.
    pub listed: Audit,
}

/// Makes an audit, keeps its report, and puts its digest into the log.
pub async fn run(app: &App, scope: &Scope) -> Result<Made, Error> {
    app.gate.integrate().await?;
    let now = app.now();
    let key: VerifyingKey = app.gate.vkey().parse().map_err(log_error)?;
    let checkpoint = app.gate.checkpoint().await?.ok_or(Error::Empty)?;
    let opened = Checkpoint::open(&checkpoint, &key).map_err(log_error)?;
    let walked = {
        let (gate, key, checkpoint) = (app.gate.clone(), key.clone(), checkpoint.clone());
        blocking(move || walk(&gate, &key, &checkpoint)).await?
    };
    if walked.population.is_empty() {
        return Err(Error::Empty);
    }
    let seed = seed_of(&opened, scope.seed);
    let chosen: Vec<u64> = draw(&seed, walked.population.len() as u64, scope.sample)
        .into_iter()
        .filter_map(|at| walked.population.get(usize::try_from(at).ok()?).copied())
        .collect();
    let mut tally = Tally::default();
    tally.add("log_damaged", walked.faults);
    examine(app, &chosen, opened.size, &mut tally).await?;
    // A record goes with its person: where nobody was erased, none can be gone.
    let gone = tally.counts.get("gone").copied().unwrap_or(0);
    if walked.erased == 0 {
        tally.add("record_missing", gone);
    }
    duties::check(app, scope, now, &mut tally).await?;
    let previous = app.gate.audits().await?.last().map(|audit| audit.report);
    let report = Report {
        checkpoint: report::At {
            origin: opened.origin.clone(),
            root: ledger::tree::to_base64(&opened.root),
            size: opened.size,
        },
        counts: tally.counts,
        day: decide::rights::date(now.day()),
        erased: walked.erased,
        findings: tally.findings,
        form: Form::One,
        kinds: tally.kinds,
        population: walked.population.len() as u64,
        previous: previous.map(|digest| digest.to_string()),
        program: concat!("egard ", env!("CARGO_PKG_VERSION")).to_owned(),
        questions_since: app.gate.auditor().await?.since(),
        retention: report::Retention {
            event_days: scope.event_days,
            message_days: scope.message_days,
        },
        sample: chosen.len() as u64,
        seed: Seed {
            given: scope.seed,
            hex: Digest(seed).to_string(),
        },
    };
    let note = app.gate.sign_report(&report.to_json()?)?;
    let listed = Audit {
        day: now.day(),
        sample: report.sample,
        population: report.population,
        findings: report.findings.clone().into_iter().collect(),
        report: Digest::default(),
        leaf: None,
    };
    let listed = app
        .gate
        .keep_audit(listed, note.clone().into_bytes(), now)
        .await?;
    app.gate.integrate().await?;
    let listed = app
        .gate
        .audits()
        .await?
        .into_iter()
        .rfind(|audit| audit.report == listed.report)
        .unwrap_or(listed);
    Ok(Made { report, note, listed })
}

/// A record's identity, as answers, receipts and pages show it: 32 hexadecimal digits.
pub fn read_id(text: &str) -> Option<RecordId> {
    crate::api::records::parse_id(text)
}

/// Looks at records again, sharing what is read for them.
#[derive(Clone)]
pub struct Replayer {
    auditor: Auditor,
    shops: Arc<Shops>,
    now: Moment,
}

impl Replayer {
    /// One that looks back from now.
    pub async fn new(app: &App) -> Result<Replayer, Error> {
        Ok(Replayer {
            auditor: app.gate.auditor().await?,
            shops: Arc::new(Shops::new(app)),
            now: app.now(),
        })
    }

    /// Looks at one record, as an audit does.
    pub async fn look(&self, id: RecordId) -> Result<Replay, Error> {
        self.look_for(id, Cover::Secure, Requester::System).await
    }

    /// Looks at one record for that purpose and on that behalf.
    pub async fn look_for(&self, id: RecordId, cover: Cover, requester: Requester) -> Result<Replay, Error> {
        let shops = Arc::clone(&self.shops);
        let execute = move |reopened: &gate::Reopened| shops.execute(reopened);
        Ok(self
            .auditor
            .replay(id, cover, ask(requester, self.now), execute)
            .await?)
    }
}

fn ask(requester: Requester, now: Moment) -> Ask {
    Ask {
        signals: Signals::default(),
        requester,
        now,
    }
}

/// What is counted.
#[derive(Default)]
struct Tally {
    /// What is wrong, and how often.
    findings: BTreeMap<String, u64>,
    /// What was done with the sample.
    counts: BTreeMap<String, u64>,
    /// The sample by kind.
    kinds: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, finding: &str, times: u64) {
        if times > 0 {
            *self.findings.entry(finding.to_owned()).or_default() += times;
        }
    }

    fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    fn replayed(&mut self, replay: &Replay) {
        let Replay::Done(replayed) = replay else {
            return self.count("gone");
        };
        replayed.flaws.iter().for_each(|flaw| self.add(flaw.as_str(), 1));
        self.count("opened");
        match replayed.permitted {
            Permitted::AskedAgain => self.count("permit_asked_again"),
            Permitted::Possible => self.count("permit_possible"),
            Permitted::NotJudged => {}
        }
        match replayed.executed {
            Executed::Same => self.count("executed_same"),
            Executed::Different(_) => self.count("executed_different"),
            Executed::Impossible(_) => self.count("executed_impossible"),
            Executed::NoDecision => {}
        }
    }
}

/// What the whole log shows.
struct Walked {
    /// Indices that the sample is drawn from.
    population: Vec<u64>,
    /// People whose erasure the log tells of.
    erased: u64,
    /// What is wrong with the log itself.
    faults: u64,
}

/// Verifies every entry and tile up to the checkpoint.
fn walk(gate: &gate::Gate, key: &VerifyingKey, checkpoint: &[u8]) -> Result<Walked, Error> {
    let mut walked = Walked {
        population: Vec::new(),
        erased: 0,
        faults: 0,
    };
    let storage = |path: &str| match path {
        ledger::verify::CHECKPOINT => Ok(Some(checkpoint.to_vec())),
        path => gate.tile_now(path),
    };
    let report = ledger::verify::verify_log(key, storage, |index, bytes| {
        let Ok(entry) = Entry::parse(bytes) else {
            return walked.population.push(index);
        };
        if entry.kind == "erasure" {
            let people = entry
                .reasons
                .iter()
                .find_map(|reason| reason.strip_prefix("people:"));
            walked.erased += people.and_then(|people| people.parse().ok()).unwrap_or(1);
        }
        if entry.kind != LOOK {
            walked.population.push(index);
        }
    })?;
    walked.faults = report.faults.len() as u64 + report.more_faults;
    walked.population.sort_unstable();
    Ok(walked)
}

/// Looks at each record of the sample.
async fn examine(app: &App, chosen: &[u64], size: u64, tally: &mut Tally) -> Result<(), Error> {
    let (gate, wanted) = (
        app.gate.clone(),
        chosen.iter().copied().collect::<BTreeSet<u64>>(),
    );
    let records = blocking(move || -> Result<BTreeMap<u64, RecordId>, Error> {
        let (mut found, mut after) = (BTreeMap::new(), None);
        loop {
            let page = gate.placed(after, PAGE)?;
            let Some((last, _)) = page.last() else {
                return Ok(found);
            };
            after = Some(*last);
            let chosen = page.into_iter().filter(|(_, index)| wanted.contains(index));
            found.extend(chosen.map(|(id, index)| (index, id)));
        }
    })
    .await?;
    let replayer = Replayer::new(app).await?;
    for page in chosen.chunks(BESIDE) {
        let mut looks = JoinSet::new();
        for index in page {
            let (index, id) = (*index, records.get(index).copied());
            let (gate, replayer) = (app.gate.clone(), replayer.clone());
            looks.spawn(async move {
                let entry = entry_at(gate, index, size).await?;
                let replay = match id {
                    Some(id) => replayer.look(id).await?,
                    None => Replay::Gone,
                };
                let flaws = match (&replay, &entry) {
                    // Nobody is opened; what everybody may see is looked at all the same.
                    (Replay::Refused(_), Some(entry)) => {
                        let entry = entry.clone();
                        blocking(move || Ok::<_, Error>(replayer.auditor.look(&entry)?)).await?
                    }
                    _ => Vec::new(),
                };
                Ok::<_, Error>((entry, replay, flaws))
            });
        }
        while let Some(looked) = looks.join_next().await {
            let (entry, replay, flaws) = looked.map_err(log_error)??;
            let kind = entry.map_or_else(|| "unreadable".to_owned(), |entry| entry.kind);
            *tally.kinds.entry(kind).or_default() += 1;
            match replay {
                Replay::Refused(_) => {
                    tally.count("closed");
                    flaws.iter().for_each(|flaw| tally.add(flaw.as_str(), 1));
                }
                replay => tally.replayed(&replay),
            }
        }
    }
    Ok(())
}

async fn entry_at(gate: gate::Gate, index: u64, size: u64) -> Result<Option<Entry>, Error> {
    blocking(move || {
        let read = ledger::tile::read_entry(index, size, &|path: &str| gate.tile_now(path));
        Ok(read.ok().flatten().and_then(|bytes| Entry::parse(&bytes).ok()))
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(log_error)?
}

fn log_error(error: impl std::fmt::Display) -> Error {
    Error::Log(error.to_string())
}
