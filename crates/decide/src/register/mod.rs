//! The public register: what an installation does with data, by which rules, and how it keeps its word,
//! as one plain value without anything personal in it. The record of processing (GDPR art. 30), the
//! programs and models with the days they ruled, the figures of rights, the audits, the log.
//!
//! Pure: the same facts give the same bytes. Small numbers are in [`small`], the figures of rights in
//! [`figures`]. Deliberately does not know: where the facts come from, how a page shows them.

pub mod figures;
pub mod honesty;
pub mod small;

use crate::rights::{Recipient, Request, date, time};
use figures::{Figures, Span};
use gate::dictionary::Dictionary;
use gate::purposes::Registered;
use gate::{Audit, ErasedBy, InForce, Notices};
use recommend::{Header, Parameters, Privacy, Training};
use serde::Serialize;
use std::collections::BTreeSet;
use vocabulary::{Day, Digest, Language, PurposeName, PurposeSet};

/// The name of this form of register; a new form has a new name.
pub const FORM: &str = "egard-register/1";
/// JSON Schema (2020-12) of the register.
pub const SCHEMA: &str = include_str!("register.schema.json");

/// The register. Serialised, it is `/register.json`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Register {
    /// [`FORM`].
    pub form: &'static str,
    /// The day (UTC) it was made on.
    pub as_of: String,
    /// The version of the software.
    pub software: String,
    /// Who is responsible, and how they are reached.
    pub controller: String,
    /// Where a complaint goes (GDPR art. 77).
    pub authority: String,
    /// Days that raw events are kept.
    pub event_days: u32,
    /// The record of processing.
    pub purposes: Vec<OfPurpose>,
    /// Who receives data (GDPR art. 30(1)(d)).
    pub recipients: Vec<Recipient>,
    /// Charter, dictionary and catalogue: what ruled from when, the newest first.
    pub programs: Vec<Program>,
    /// The notices that people were and are shown.
    pub notices: Vec<OfNotice>,
    /// Models, the newest first: the one in force, and the last of each day before.
    pub models: Vec<OfModel>,
    /// What models may give away of people, and gave away so far; absent: no budget was ever declared or spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<OfTraining>,
    /// How open lists are, by placement: the last day that many people were there.
    pub gauges: Vec<OfGauge>,
    /// Rights by quarter, the newest first.
    pub rights: Vec<Figures>,
    /// Audits, the newest first.
    pub audits: Vec<OfAudit>,
    /// Rules of honesty that messages break knowingly, the newest first.
    pub overridden: Vec<honesty::Overridden>,
    /// Deadlines that were moved, the newest first.
    pub moved_deadlines: Vec<honesty::MovedDeadline>,
    /// The transparency log.
    pub log: Log,
    /// Which numbers are not told.
    pub small_numbers: Rules,
}

/// A purpose of the record of processing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OfPurpose {
    /// Its name.
    pub purpose: PurposeName,
    /// Its term in DPV 2.3.
    pub dpv: &'static str,
    /// Its legal basis, as a term of DPV's GDPR extension.
    pub legal_basis: &'static str,
    /// The categories of data it sees.
    pub sees: Vec<&'static str>,
    /// How far back it looks, days.
    pub retention_days: u32,
    /// The traits and events that the dictionary declares for it.
    pub declared: Vec<Declared>,
}

/// Something that the dictionary declares.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Declared {
    /// `event` or `trait`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Of a special category (GDPR art. 9).
    pub special: bool,
}

/// A program that ruled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Program {
    /// `charter`, `dictionary` or `catalogue`.
    pub name: &'static str,
    /// Its content address, SHA-256; `null`: nothing ruled.
    pub digest: Option<Digest>,
    /// From when on, RFC 3339.
    pub since: String,
    /// Until when; `null`: it rules.
    pub until: Option<String>,
    /// The leaf of the log that announced it.
    pub leaf: Option<u64>,
}

/// A version of a notice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OfNotice {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Its content address.
    pub digest: Digest,
    /// Published on.
    pub since: Option<String>,
    /// The leaf that announced it.
    pub leaf: Option<u64>,
    /// Whether it is what people are shown now.
    pub current: bool,
    /// For how many days a consent given on it lasts.
    pub valid_days: u32,
    /// What it asks for.
    pub purposes: Vec<PurposeName>,
    /// Its question, in French and English.
    pub title: Titles,
}

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Titles {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// A model.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OfModel {
    /// Its content address; `null`: none was in force.
    pub digest: Option<Digest>,
    /// The day it was put in force.
    pub since: String,
    /// The leaf that announced it.
    pub leaf: Option<u64>,
    /// Whether it is in force.
    pub current: bool,
    /// What it says of itself; `null` where it is not kept any more.
    pub says: Option<ModelSays>,
}

/// What a model says of itself.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ModelSays {
    /// The day it was made.
    pub made_on: String,
    /// People who count in it: at least so many; `null`: fewer than the least that is told.
    pub people_at_least: Option<u64>,
    /// Items it knows.
    pub items: u32,
    /// Where the data came from.
    pub data: String,
    /// The charter under which those people were permitted to count.
    pub charter: Digest,
    /// The privacy budget that was spent, in ρ of zero-concentrated differential privacy; `null`: no noise
    /// was added.
    pub privacy_budget: Option<f64>,
    /// The same as ε, δ and μ, and how many products have ties: 0 where people were too few, and the model is
    /// popularity and public facts. Absent: no noise was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Privacy>,
    /// How it was learned.
    pub training: Training,
    /// How it scores.
    pub parameters: Parameters,
}

/// The budget of differential privacy for models, for one person more or less. No number here is exact about people.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OfTraining {
    /// What the program in force declares; `null`: nothing any more, and models are learned without noise.
    pub declared: Option<DeclaredBudget>,
    /// ε of everything that was released so far, at the δ that is declared (a millionth where nothing is).
    pub spent_epsilon: f64,
    /// What is left: the ε of one more release by which everything would come to the lifetime's ε; `null`: nothing
    /// is declared.
    pub left_epsilon: Option<f64>,
    /// How many more releases of the declared ε fit; `null`: nothing is declared.
    pub releases_left: Option<u64>,
    /// What was released, the newest first.
    pub releases: Vec<OfRelease>,
}

/// A declared budget.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct DeclaredBudget {
    /// ε of one release.
    pub epsilon: f64,
    /// δ.
    pub delta: f64,
    /// ε of all releases together.
    pub lifetime_epsilon: f64,
    /// Days between two releases.
    pub every_days: u16,
}

/// A release that was paid for.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OfRelease {
    /// Which, from 1.
    pub number: u64,
    /// The day.
    pub day: String,
    /// The model's content address.
    pub model: Digest,
    /// People who counted, with noise.
    pub people: u64,
    /// ε of this release.
    pub epsilon: f64,
    /// δ.
    pub delta: f64,
    /// The standard deviation of Gaussian noise that gives away as much: `1/μ`.
    pub sigma: f64,
    /// ε of everything up to and with this release, at the same δ.
    pub spent_epsilon: f64,
}

/// How open the lists of a placement were on a day that is over: means over people, each counted once, with noise that
/// is drawn once for that day and placement.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OfGauge {
    /// Where lists are shown, as the site calls it.
    pub placement: String,
    /// The day (UTC).
    pub day: String,
    /// People: at least so many.
    pub people_at_least: u64,
    /// Topics of a list, counted as if all weighed the same (Hill 1973, order 2), and at most as many as are offered.
    pub topics: f64,
    /// The same of the whole catalogue.
    pub offered: f64,
    /// The share of a list that lies outside the person's usual topics, 0 to 1.
    pub outside: f64,
}

/// An audit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OfAudit {
    /// The day.
    pub day: String,
    /// Records that were drawn.
    pub sample: u64,
    /// Records they were drawn from.
    pub population: u64,
    /// What was found wrong.
    pub findings: u64,
    /// The content address of the report.
    pub report: Digest,
    /// The leaf that holds it.
    pub leaf: Option<u64>,
}

/// The transparency log.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Log {
    /// Its name.
    pub origin: String,
    /// Its public key, `name+id+base64`.
    pub vkey: String,
    /// Entries, when the register was made.
    pub size: u64,
    /// The root of the tree over them, base64.
    pub root: String,
    /// The whole checkpoint: a signed note, C2SP `tlog-checkpoint`.
    pub checkpoint: String,
    /// The names of those who signed it beside the log.
    pub cosigned_by: Vec<String>,
}

/// Which numbers are not told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Rules {
    /// A count of fewer requests or people is not told.
    pub least: u64,
    /// People behind a model: fewer are not told.
    pub least_people: u64,
    /// The steps in which people behind a model are told.
    pub steps: &'static str,
    /// What is told when.
    pub when: &'static str,
}

const RULES: Rules = Rules {
    least: small::LEAST,
    least_people: small::LEAST_PEOPLE,
    steps: "1, 2 and 5 times a power of ten, rounded down",
    when: "a calendar quarter when it is over; what became of its requests when the next one is over",
};

/// The facts a register is made of.
#[derive(Debug)]
pub struct House<'a> {
    /// Today (UTC).
    pub today: Day,
    /// The version of the software.
    pub software: &'a str,
    /// Who is responsible.
    pub controller: &'a str,
    /// Where a complaint goes.
    pub authority: &'a str,
    /// Days that raw events are kept.
    pub event_days: u32,
    /// Who receives data.
    pub recipients: &'a [Recipient],
    /// The record of processing.
    pub purposes: &'a [Registered],
    /// The dictionary in force.
    pub dictionary: &'a Dictionary,
    /// What ruled, by name, the newest first.
    pub programs: &'a [(&'static str, Vec<InForce>)],
    /// The notices.
    pub notices: &'a Notices,
    /// When each notice was published, by its digest.
    pub published: &'a [(Digest, InForce)],
    /// Models as [`told_models`] picks them, with what they say of themselves if they are kept.
    pub models: &'a [(InForce, Option<Header>)],
    /// The budget of models.
    pub training: Option<OfTraining>,
    /// How open lists are, with noise.
    pub gauges: Vec<OfGauge>,
    /// Every request for a right.
    pub requests: &'a [Request],
    /// Days that an ended request is kept.
    pub requests_kept_days: u32,
    /// How many were erased when each quarter began, in the order of time.
    pub erased: &'a [ErasedBy],
    /// Audits.
    pub audits: &'a [Audit],
    /// Programs of segments, journeys and messages that were in force, the newest first.
    pub versions: &'a [honesty::Version],
    /// The log.
    pub log: Log,
}

/// Since when there is a register: the first day that a charter is known to have ruled.
pub fn since(programs: &[(&'static str, Vec<InForce>)], today: Day) -> Day {
    let first = programs.iter().flat_map(|(_, rows)| rows.last());
    first.map(|row| row.since.day()).min().unwrap_or(today)
}

/// Puts the register together.
pub fn assemble(house: House<'_>) -> Register {
    let span = Span {
        since: since(house.programs, house.today),
        today: house.today,
        kept_days: house.requests_kept_days,
    };
    let purposes = house.purposes.iter().map(|row| OfPurpose {
        purpose: row.name,
        dpv: row.dpv,
        legal_basis: row.legal_basis,
        sees: row.sees.to_vec(),
        retention_days: row.retention_days,
        declared: declared(house.dictionary, row.name),
    });
    Register {
        form: FORM,
        as_of: date(house.today),
        software: house.software.to_owned(),
        controller: house.controller.to_owned(),
        authority: house.authority.to_owned(),
        event_days: house.event_days,
        purposes: purposes.collect(),
        recipients: house.recipients.to_vec(),
        programs: programs(house.programs),
        notices: notices(house.notices, house.published),
        models: models(house.models),
        training: house.training,
        gauges: house.gauges,
        rights: figures::figures(house.requests, house.erased, span),
        audits: house.audits.iter().map(audit).collect(),
        overridden: honesty::overridden(house.versions),
        moved_deadlines: honesty::moved_deadlines(house.versions),
        log: house.log,
        small_numbers: RULES,
    }
}

/// What the dictionary declares for a purpose, in the order of kinds and names.
fn declared(dictionary: &Dictionary, purpose: PurposeName) -> Vec<Declared> {
    let is_for = |purposes: PurposeSet| purposes.contains(purpose);
    let events = dictionary.events.iter().filter(|(_, rule)| is_for(rule.purposes));
    let traits = dictionary.traits.iter().filter(|(_, rule)| is_for(rule.purposes));
    let events = events.map(|(name, _)| Declared {
        kind: "event",
        name: name.clone(),
        special: false,
    });
    let traits = traits.map(|(name, rule)| Declared {
        kind: "trait",
        name: name.clone(),
        special: rule.special,
    });
    let sorted: BTreeSet<Declared> = events.chain(traits).collect();
    sorted.into_iter().collect()
}

fn programs(histories: &[(&'static str, Vec<InForce>)]) -> Vec<Program> {
    let mut programs = Vec::new();
    for (name, rows) in histories {
        let mut until = None;
        for row in rows {
            let since = time(row.since);
            programs.push(Program {
                name,
                digest: row.digest,
                since: since.clone(),
                until: until.replace(since),
                leaf: row.leaf,
            });
        }
    }
    programs
}

fn notices(notices: &Notices, published: &[(Digest, InForce)]) -> Vec<OfNotice> {
    let current: Vec<Digest> = notices.in_force().map(gate::Notice::digest).collect();
    let mut rows: Vec<OfNotice> = notices
        .all()
        .map(|notice| {
            let digest = notice.digest();
            let row = published.iter().find(|(of, _)| *of == digest).map(|(_, row)| row);
            OfNotice {
                id: notice.id().to_owned(),
                version: notice.version(),
                digest,
                since: row.map(|row| time(row.since)),
                leaf: row.and_then(|row| row.leaf),
                current: current.contains(&digest),
                valid_days: notice.valid_days(),
                purposes: notice.purposes().iter().collect(),
                title: Titles {
                    fr: notice.text(Language::Fr).title.clone(),
                    en: notice.text(Language::En).title.clone(),
                },
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.id, std::cmp::Reverse(a.version)).cmp(&(&b.id, std::cmp::Reverse(b.version))));
    rows
}

/// Most models that are told.
const MOST_MODELS: usize = 30;

/// The rows that are told of all that models ruled, the newest first: the one in force and the last of
/// each earlier day, at most 30. One is learned anew when somebody goes, and how often that was on a day is
/// nobody's business.
pub fn told_models(rows: &[InForce]) -> Vec<InForce> {
    let mut day = None;
    let last_of_its_day = |row: &&InForce| day.replace(row.since.day()) != Some(row.since.day());
    rows.iter()
        .filter(last_of_its_day)
        .take(MOST_MODELS)
        .cloned()
        .collect()
}

fn models(rows: &[(InForce, Option<Header>)]) -> Vec<OfModel> {
    let told = rows.iter().enumerate().map(|(at, (row, header))| OfModel {
        digest: row.digest,
        since: date(row.since.day()),
        leaf: row.leaf,
        current: at == 0 && row.digest.is_some(),
        says: header.as_ref().map(says),
    });
    told.collect()
}

fn says(header: &Header) -> ModelSays {
    ModelSays {
        made_on: date(header.made_on),
        people_at_least: small::people_at_least(header.people),
        items: header.items,
        data: header.data.clone(),
        charter: header.charter,
        // Gaussian noise of deviation 1/μ is μ²/2-zCDP (Bun and Steinke 2016, proposition 1.6).
        privacy_budget: header.privacy.map(|privacy| privacy.mu * privacy.mu / 2.0),
        privacy: header.privacy,
        training: header.training,
        parameters: header.parameters,
    }
}

fn audit(audit: &Audit) -> OfAudit {
    OfAudit {
        day: date(audit.day),
        sample: audit.sample,
        population: audit.population,
        findings: audit.findings.iter().map(|(_, count)| count).sum(),
        report: audit.report,
        leaf: audit.leaf,
    }
}
