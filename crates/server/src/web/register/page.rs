//! The register and a model, as the templates need them.

use super::figures::{QuarterView, quarter};
use super::{Frame, Place, Shell, names};
use crate::words::{Put, Words};
use askama::Template;
use decide::register::honesty::{MovedDeadline, Overridden};
use decide::register::small::{LEAST, LEAST_PEOPLE};
use decide::register::{ModelSays, OfGauge, OfModel, OfPurpose, OfTraining, Program, Register};
use vocabulary::Digest;

#[derive(Template)]
#[template(path = "register.html")]
pub(super) struct Page<'a> {
    shell: Shell<'a>,
    register: &'a Register,
    lead: String,
    as_of: String,
    controller: String,
    authority: String,
    json: String,
    schema: String,
    checkpoint: String,
    purposes: Vec<PurposeView>,
    events_kept: String,
    programs: Vec<ProgramView>,
    notices: Vec<NoticeView>,
    models: Vec<ModelView>,
    training: Option<TrainingView>,
    gauges: Vec<[String; 5]>,
    gauges_words: String,
    quarters: Vec<QuarterView>,
    small: String,
    overridden: Vec<HonestyView>,
    moved: Vec<HonestyView>,
    audits: Vec<(String, String, String)>,
    cosigned: String,
    entries: String,
}

struct PurposeView {
    name: &'static str,
    title: String,
    basis: String,
    sees: String,
    looks_back: String,
    dpv: &'static str,
    declared: String,
}

struct ProgramView {
    name: String,
    when: String,
    digest: Option<String>,
    leaf: String,
    current: bool,
    read: Option<String>,
    changed: Option<String>,
}

struct HonestyView {
    what: String,
    when: String,
    rule: String,
    reason: String,
    who: String,
    digest: Digest,
}

struct NoticeView {
    name: String,
    title: String,
    when: String,
    leaf: String,
    valid: String,
    asks: String,
    digest: String,
    current: bool,
}

/// The budget of models in sentences, and what was released, as a table.
pub(crate) struct TrainingView {
    pub(crate) said: Vec<String>,
    /// Day, people, ε, ε so far, digest.
    pub(crate) rows: Vec<[String; 5]>,
}

struct ModelView {
    when: String,
    digest: Option<String>,
    leaf: String,
    people: Option<String>,
    current: bool,
    more: Option<String>,
}

impl<'a> Page<'a> {
    pub(super) fn of(frame: &Frame<'a>, register: &'a Register) -> Page<'a> {
        let shell = Shell::of(frame);
        let words = shell.words;
        let said = |text: &str| match text.is_empty() {
            true => words.say("register-unsaid"),
            false => text.to_owned(),
        };
        let day = names::day(words, &register.as_of);
        let as_of = [
            ("day", Put::Text(&day)),
            ("version", Put::Text(&register.software)),
        ];
        let small = [
            ("least", Put::Count(LEAST)),
            ("most", Put::Count(LEAST - 1)),
            ("people", Put::Count(LEAST_PEOPLE)),
        ];
        let cosigned = &register.log.cosigned_by;
        Page {
            lead: words.with("register-lead", &[("site", Put::Text(frame.site))]),
            as_of: words.with("register-as-of", &as_of),
            controller: said(&register.controller),
            authority: said(&register.authority),
            json: frame.links.file("register.json"),
            schema: frame.links.file("register.schema.json"),
            checkpoint: frame.links.file("checkpoint"),
            purposes: register.purposes.iter().map(|row| purpose(words, row)).collect(),
            events_kept: words.counted("register-events-kept", u64::from(register.event_days)),
            programs: programs(frame, words, &register.programs),
            notices: notices(words, register),
            models: register
                .models
                .iter()
                .map(|row| model(frame, words, row))
                .collect(),
            training: register.training.as_ref().map(|of| training(words, of)),
            gauges: register.gauges.iter().map(|of| gauge(words, of)).collect(),
            gauges_words: words.with("register-gauges-words", &[("people", Put::Count(LEAST_PEOPLE))]),
            quarters: register.rights.iter().map(|row| quarter(words, row)).collect(),
            small: words.with("register-small-words", &small),
            overridden: register
                .overridden
                .iter()
                .map(|row| overridden(words, row))
                .collect(),
            moved: register
                .moved_deadlines
                .iter()
                .map(|row| moved(words, row))
                .collect(),
            audits: audits(words, register),
            cosigned: match cosigned.is_empty() {
                true => words.say("register-cosigned-none"),
                false => words.list(cosigned),
            },
            entries: words.count(register.log.size),
            register,
            shell,
        }
    }
}

fn purpose(words: Words, row: &OfPurpose) -> PurposeView {
    let declared: Vec<String> = row
        .declared
        .iter()
        .map(|one| match one.special {
            true => format!("{} ({})", one.name, words.say("register-special")),
            false => one.name.clone(),
        })
        .collect();
    PurposeView {
        name: row.purpose.as_str(),
        title: capital(&words.purpose(row.purpose)),
        basis: names::basis(words, row.legal_basis),
        sees: names::sees(words, row.purpose),
        looks_back: words.counted("register-days", u64::from(row.retention_days)),
        dpv: row.dpv,
        declared: match declared.is_empty() {
            true => words.say("register-declared-none"),
            false => words.list(&declared),
        },
    }
}

/// Each with its page, and with what changed since the one before it.
fn programs(frame: &Frame<'_>, words: Words, rows: &[Program]) -> Vec<ProgramView> {
    let mut views = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let before = rows
            .get(at + 1)
            .filter(|before| before.name == row.name)
            .and_then(|before| before.digest);
        let places: Option<(Place, Option<Place>)> = row.digest.and_then(|digest| match row.name {
            "charter" => Some((
                Place::Charter(digest),
                before.map(|from| Place::Charters(from, digest)),
            )),
            "dictionary" => Some((
                Place::Dictionary(digest),
                before.map(|from| Place::Dictionaries(from, digest)),
            )),
            _ => None,
        });
        let to = |place| frame.links.to(place, frame.language);
        views.push(ProgramView {
            name: names::program(words, row.name),
            when: span(words, &row.since, row.until.as_deref()),
            digest: row.digest.map(|digest| digest.to_string()),
            leaf: names::leaf(words, row.leaf),
            current: row.until.is_none() && row.digest.is_some(),
            read: places.map(|(own, _)| to(own)),
            changed: places.and_then(|(_, changes)| changes).map(to),
        });
    }
    views
}

fn notices(words: Words, register: &Register) -> Vec<NoticeView> {
    let view = |row: &decide::register::OfNotice| {
        let version = u64::from(row.version);
        let name = [("id", Put::Text(&row.id)), ("version", Put::Count(version))];
        let asks: Vec<String> = row
            .purposes
            .iter()
            .map(|purpose| words.purpose(*purpose))
            .collect();
        NoticeView {
            name: words.with("register-notice", &name),
            title: match words.language() {
                vocabulary::Language::Fr => row.title.fr.clone(),
                vocabulary::Language::En => row.title.en.clone(),
            },
            when: row
                .since
                .as_ref()
                .map(|since| span(words, since, None))
                .unwrap_or_default(),
            leaf: names::leaf(words, row.leaf),
            valid: words.counted("register-notice-valid", u64::from(row.valid_days)),
            asks: words.list(&asks),
            digest: row.digest.to_string(),
            current: row.current,
        }
    };
    register.notices.iter().map(view).collect()
}

fn model(frame: &Frame<'_>, words: Words, row: &OfModel) -> ModelView {
    let since = names::day(words, &row.since);
    ModelView {
        when: words.with("register-since", &[("day", Put::Text(&since))]),
        digest: row.digest.map(|digest| digest.to_string()),
        leaf: names::leaf(words, row.leaf),
        people: row.says.as_ref().map(|says| people(words, says)),
        current: row.current,
        more: match (row.digest, &row.says) {
            (Some(digest), Some(_)) => Some(frame.links.to(Place::Model(digest), frame.language)),
            _ => None,
        },
    }
}

/// The budget of models in words.
pub(crate) fn training(words: Words, of: &OfTraining) -> TrainingView {
    let number = |value: f64| words.number(value, 2);
    let mut said = Vec::new();
    match &of.declared {
        Some(declared) => {
            let (each, all) = (number(declared.epsilon), number(declared.lifetime_epsilon));
            let places = [
                ("each", Put::Text(&each)),
                ("all", Put::Text(&all)),
                ("days", Put::Count(u64::from(declared.every_days))),
            ];
            said.push(words.with("register-training-declared", &places));
        }
        None => said.push(words.say("register-training-none")),
    }
    let (spent, left) = (number(of.spent_epsilon), of.left_epsilon.map(number));
    said.push(words.with("register-training-spent", &[("spent", Put::Text(&spent))]));
    if let (Some(left), Some(releases)) = (left, of.releases_left) {
        let places = [
            ("left", Put::Text(left.as_str())),
            ("count", Put::Count(releases)),
        ];
        said.push(words.with("register-training-left", &places));
    }
    let rows = of.releases.iter().map(|one| {
        [
            names::day(words, &one.day),
            words.count(one.people),
            number(one.epsilon),
            number(one.spent_epsilon),
            one.model.to_string(),
        ]
    });
    TrainingView {
        said,
        rows: rows.collect(),
    }
}

/// Placement, day, people, topics, outside.
fn gauge(words: Words, of: &OfGauge) -> [String; 5] {
    let (topics, offered) = (words.number(of.topics, 1), words.number(of.offered, 1));
    let places = [("topics", Put::Text(&topics)), ("offered", Put::Text(&offered))];
    [
        of.placement.clone(),
        names::day(words, &of.day),
        words.count(of.people_at_least),
        words.with("gauge-topics-of", &places),
        words.share(of.outside),
    ]
}

fn people(words: Words, says: &ModelSays) -> String {
    match says.people_at_least {
        Some(people) => words.with("register-people", &[("people", Put::Count(people))]),
        None => words.with("register-people-few", &[("people", Put::Count(LEAST_PEOPLE))]),
    }
}

fn overridden(words: Words, row: &Overridden) -> HonestyView {
    let role = |role: Option<&str>| {
        words.say(match role {
            Some("marketer") => "team-role-marketer",
            Some("privacy_officer") => "team-role-privacy-officer",
            Some("admin") => "team-role-admin",
            Some("care") => "team-role-care",
            _ => "register-nobody",
        })
    };
    let (by, second) = (role(row.by), role(row.approved_by));
    let who = [("by", Put::Text(&by)), ("second", Put::Text(&second))];
    let why = honesty::Rule::of(row.rule).map(|rule| rule.why(words.language()));
    HonestyView {
        what: words.with("register-override", &[("message", Put::Text(&row.message))]),
        when: span(words, &row.since, row.until.as_deref()),
        rule: capital(why.unwrap_or(row.rule)),
        reason: words.with("register-reason", &[("reason", Put::Text(&row.reason))]),
        who: match row.second_person {
            true => words.with("register-override-by", &who),
            false => words.with("register-override-alone", &who),
        },
        digest: row.message_digest,
    }
}

fn moved(words: Words, row: &MovedDeadline) -> HonestyView {
    let before = names::day(words, &row.before);
    let mut said = match row.after.as_ref().map(|after| names::day(words, after)) {
        Some(after) => words.with(
            "register-moved-to",
            &[("before", Put::Text(&before)), ("after", Put::Text(&after))],
        ),
        None => words.with("register-moved-gone", &[("before", Put::Text(&before))]),
    };
    if !row.told_by.is_empty() {
        let messages = words.list(&row.told_by);
        let told = words.with("register-moved-told", &[("messages", Put::Text(&messages))]);
        said = format!("{said} {told}");
    }
    HonestyView {
        what: words.with(
            "register-moved-deadline",
            &[("deadline", Put::Text(&row.deadline))],
        ),
        when: names::day(words, &row.since),
        rule: said,
        reason: match &row.because {
            Some(because) => words.with("register-reason", &[("reason", Put::Text(because))]),
            None => words.say("register-reason-none"),
        },
        who: String::new(),
        digest: row.program,
    }
}

fn audits(words: Words, register: &Register) -> Vec<(String, String, String)> {
    let view = |row: &decide::register::OfAudit| {
        let places = [
            ("sample", Put::Count(row.sample)),
            ("population", Put::Count(row.population)),
            ("findings", Put::Count(row.findings)),
        ];
        let said = words.with("register-audit", &places);
        let said = format!("{said}, {}.", names::leaf(words, row.leaf));
        (names::day(words, &row.day), said, row.report.to_string())
    };
    register.audits.iter().map(view).collect()
}

fn span(words: Words, since: &str, until: Option<&str>) -> String {
    let from = names::day(words, since);
    match until.map(|until| names::day(words, until)) {
        Some(to) => words.with(
            "register-from-to",
            &[("from", Put::Text(&from)), ("to", Put::Text(&to))],
        ),
        None => words.with("register-since", &[("day", Put::Text(&from))]),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[derive(Template)]
#[template(path = "register_model.html")]
pub(super) struct ModelPage<'a> {
    shell: Shell<'a>,
    digest: String,
    /// What it says: made on, people, items.
    said: Vec<String>,
    data: String,
    charter: Option<Digest>,
    budget: String,
    training: Vec<(String, String)>,
    parameters: Vec<(String, String)>,
}

impl<'a> ModelPage<'a> {
    pub(super) fn of(frame: &Frame<'a>, model: &OfModel) -> ModelPage<'a> {
        let shell = Shell::of(frame);
        let words = shell.words;
        let says = model.says.as_ref();
        let said = says.map(|says| {
            let made = names::day(words, &says.made_on);
            vec![
                words.with("model-made", &[("day", Put::Text(&made))]),
                people(words, says),
                words.counted("register-items", u64::from(says.items)),
            ]
        });
        let least = says.map_or(0, |says| u64::from(says.training.least_people));
        ModelPage {
            shell,
            digest: model.digest.map(|digest| digest.to_string()).unwrap_or_default(),
            said: said.unwrap_or_default(),
            data: says.map(|says| says.data.clone()).unwrap_or_default(),
            charter: says.map(|says| says.charter),
            budget: match says.and_then(|says| says.privacy) {
                Some(privacy) => private(words, &privacy),
                None => words.with("register-budget-none", &[("least", Put::Count(least))]),
            },
            training: says.map(|says| members(&says.training)).unwrap_or_default(),
            parameters: says.map(|says| members(&says.parameters)).unwrap_or_default(),
        }
    }
}

fn private(words: Words, privacy: &recommend::Privacy) -> String {
    let (epsilon, mu) = (words.number(privacy.epsilon, 2), words.number(privacy.mu, 4));
    let places = [
        ("epsilon", Put::Text(&epsilon)),
        ("delta", Put::Text(&format!("{:e}", privacy.delta))),
        ("mu", Put::Text(&mu)),
        ("items", Put::Count(u64::from(privacy.items))),
    ];
    match privacy.items {
        0 => words.with("register-budget-few", &places),
        _ => words.with("register-budget-spent", &places),
    }
}

/// The members of a plain struct with their names, as its file has them.
fn members(of: &impl serde::Serialize) -> Vec<(String, String)> {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::Object(members)) => members
            .into_iter()
            .map(|(name, value)| (name, value.to_string()))
            .collect(),
        _ => Vec::new(),
    }
}
