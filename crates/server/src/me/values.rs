//! From what was permitted, recorded and opened to the page's plain values.
//!
//! Deliberately does not know: requests, forms, who may see what.

use crate::api::{recommendations as api, records};
use crate::app::App;
use crate::automation::seen;
use crate::rights::Known as Request;
use crate::web::person::{self, Change, Choice, Decision, Event, Explained, Item, Person, Seen, Trait, What};
use decide::again;
use decide::offers::{Mode, Offers};
use decide::own_data::OwnData;
use decide::why::{Effect, Input};
use gate::{Notice, Notices, Receipt, TimelineEntry};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::{ConsentState, Day, ItemId, Language, Moment, PurposeName};

/// Names of a list that the timeline shows.
const NAMES: usize = 3;

/// What is known; the choices are there also if nothing is.
pub(super) fn person(app: &App, data: Option<&OwnData>, language: Language) -> Person {
    let others = PurposeName::ALL
        .into_iter()
        .filter(|purpose| !PurposeName::ASKED.contains(purpose));
    let choices = choices(app, data, language);
    let Some(data) = data else {
        return Person {
            notices: words_behind(app, &choices, language),
            choices,
            others: others.collect(),
            ..Person::default()
        };
    };
    let on = |choice: &Choice| choice.purpose == PurposeName::Personalise && choice.state.is_valid();
    Person {
        known: true,
        personalised: choices.iter().any(on) && !data.objected && !data.restricted,
        paused: data.contested.contains(PurposeName::Personalise),
        restricted: data.restricted,
        objected: data.objected,
        objected_marketing: data.objected_marketing,
        gpc: data.gpc,
        age: data.age,
        age_reported: data.age_reported,
        age_said: data.age_said,
        notices: words_behind(app, &choices, language),
        choices,
        others: others.collect(),
        traits: data.traits.iter().map(|known| attribute(app, known)).collect(),
        history: data.history.iter().map(|known| seen(app, known)).collect(),
        muted: data
            .muted
            .iter()
            .map(|item| (item.0.clone(), api::name_of(app, item)))
            .collect(),
        counts: counts(data),
        ..Person::default()
    }
}

/// A choice for each purpose that is asked about here: by a notice, by a category of the dictionary, or
/// because the person answered once.
fn choices(app: &App, data: Option<&OwnData>, language: Language) -> Vec<Choice> {
    let notices = app.gate.notices();
    let asked = |purpose| {
        let categories = &app.gate.dictionary().categories;
        notices.purposes().contains(purpose) || categories.values().any(|set| set.contains(purpose))
    };
    let known = |purpose| data.and_then(|data| data.choices.iter().find(|c| c.purpose == purpose));
    PurposeName::ASKED
        .into_iter()
        .filter(|purpose| {
            let answered = known(*purpose).is_some_and(|c| c.state != ConsentState::Unknown || c.soft_opt_in);
            asked(*purpose) || answered
        })
        .map(|purpose| {
            let known = known(purpose);
            let words = notice_for(&notices, purpose).and_then(|notice| {
                let texts = &notice.text(language).purposes;
                texts.iter().find(|text| text.purpose == purpose)
            });
            Choice {
                purpose,
                state: known.map_or(ConsentState::Unknown, |c| c.state),
                at: known.and_then(|c| c.at).map(Moment::day),
                source: known.map(|c| c.source.clone()).unwrap_or_default(),
                until: known.and_then(|c| c.until).map(Moment::day),
                words: words.map(|text| text.text.clone()),
                record: known.and_then(|c| c.record).map(records::show_id),
                soft_opt_in: known.is_some_and(|c| c.soft_opt_in),
                contested: data.is_some_and(|data| data.contested.contains(purpose)),
            }
        })
        .collect()
}

/// The words that a yes to that purpose answers here: the site's notice in force, or else the page's own.
pub(super) fn notice_for(notices: &Notices, purpose: PurposeName) -> Option<&Notice> {
    let asks = |notice: &&Notice| notice.purposes().contains(purpose);
    let own = notices.own().map(AsRef::as_ref).filter(asks);
    notices.in_force().find(asks).or(own)
}

/// Title and text of each notice behind a choice, once: what the evidence of a yes says was shown, is.
fn words_behind(app: &App, choices: &[Choice], language: Language) -> Vec<(String, String)> {
    let notices = app.gate.notices();
    let mut shown = Vec::new();
    for notice in choices
        .iter()
        .filter_map(|choice| notice_for(&notices, choice.purpose))
    {
        let text = notice.text(language);
        let words = (text.title.clone(), text.text.clone());
        if !shown.contains(&words) {
            shown.push(words);
        }
    }
    shown
}

/// A visitor who is part of the person, for the page.
pub(super) fn joined(known: &gate::Joined) -> person::Joined {
    person::Joined {
        name: known.name.clone(),
        at: known.at.day(),
        until: known.until.map(Moment::day),
    }
}

fn attribute(app: &App, known: &decide::own_data::Trait) -> Trait {
    let declared = app.gate.dictionary().traits.get(&known.name);
    // What is no text is shown as JSON, and given back as text it would be another value.
    let text = serde_json::from_str::<String>(&known.value);
    Trait {
        name: known.name.clone(),
        editable: text.is_ok() && declared.is_some_and(|rule| !rule.age_bracket),
        value: text.unwrap_or_else(|_| known.value.clone()),
        source: known.source.clone(),
        purposes: known.purposes.iter().collect(),
        at: known.at.day(),
        until: known.until.day(),
    }
}

fn seen(app: &App, known: &decide::own_data::Known) -> Seen {
    let done = &known.interaction;
    Seen {
        item: done.item.0.clone(),
        name: api::name_of(app, &done.item),
        times: (done.viewed, done.added, done.bought),
        last: done.last_at.day(),
        source: known.source.clone(),
        purposes: known.purposes.iter().collect(),
        until: known.until.day(),
    }
}

fn counts(data: &OwnData) -> Vec<(String, u64, u64, Day)> {
    let mut events: BTreeMap<&str, (u64, u64, Day)> = BTreeMap::new();
    for (event, day, count) in &data.counts {
        let (times, days, last) = events.entry(event).or_insert((0, 0, *day));
        *times += u64::from(*count);
        *days += 1;
        *last = (*last).max(*day);
    }
    events
        .into_iter()
        .map(|(event, (times, days, last))| (event.to_owned(), times, days, last))
        .collect()
}

/// The timeline as far as there are `most` entries, and the record behind which there is more. A day's
/// looks at the page are one entry: they must not crowd out what was done with the data.
pub(super) fn timeline(
    app: &App,
    entries: &[TimelineEntry],
    most: usize,
    language: Language,
) -> (Vec<Event>, Option<String>) {
    let mut events: Vec<Event> = Vec::new();
    let mut shown = 0;
    for entry in entries {
        let event = event(app, entry, language);
        let looked = |known: &Event| matches!(known.what, What::Access(_)) && known.day == event.day;
        let same = match event.what {
            What::Access(_) => events.iter().position(looked),
            // An audit of many records is one act.
            What::Audit(purpose) => events.iter().position(|known| {
                known.day == event.day && matches!(known.what, What::Audit(other) if other == purpose)
            }),
            _ => None,
        };
        let full = events.len() == most;
        match same.and_then(|at| events.get_mut(at)) {
            Some(known) => {
                if let What::Access(times) = &mut known.what {
                    *times += 1;
                }
            }
            None if full => break,
            None => events.push(event),
        }
        shown += 1;
    }
    let last = entries.get(..shown).and_then(<[TimelineEntry]>::last);
    let more = shown < entries.len() || entries.len() >= gate::TIMELINE_MOST;
    let older = last.filter(|_| more).map(|entry| records::show_id(entry.record));
    (events, older)
}

fn event(app: &App, entry: &TimelineEntry, language: Language) -> Event {
    let details: Value = serde_json::from_str(&entry.details).unwrap_or_default();
    let text = |name: &str| details.get(name).and_then(Value::as_str).map(str::to_owned);
    let what = match entry.entry.kind.as_str() {
        "recommendation" => again::outcome(&entry.details).map(|outcome| list(app, &outcome)),
        "choice" | "contract" => Some(What::Choice {
            act: text("act"),
            about: text("about").map(|about| match text("act").as_deref() {
                Some("say_age" | "contest" | "contest_ended" | "prefer") => about,
                _ => item_name(app, &about),
            }),
            states: states(&details),
        }),
        "access" => Some(What::Access(1)),
        "staff" => Some(What::Staff {
            by: text("by").unwrap_or_default(),
            purpose: text("purpose")
                .and_then(|purpose| PurposeName::parse(&purpose))
                .unwrap_or(PurposeName::HumanHelp),
            reason: text("reason").unwrap_or_default(),
            refused: (entry.entry.verdict == "deny").then(|| rules(app, &entry.entry.reasons, language)),
        }),
        "merge" | "merge_undone" => Some(What::Merged {
            joined: entry.entry.kind == "merge",
            until: details
                .get("until")
                .and_then(Value::as_i64)
                .map(|at| Moment(at).day()),
        }),
        "replay" => Some(What::Audit(
            text("purpose")
                .and_then(|purpose| PurposeName::parse(&purpose))
                .unwrap_or(PurposeName::Secure),
        )),
        "right" => right(&entry.entry.reasons),
        "conversation" => Some(What::Talk(text("step").unwrap_or_default())),
        "export" => Some(What::Export),
        gate::dispatch::KIND => {
            let (title, lines) =
                super::message::told(app, &details, entry.entry.purpose.as_deref(), language);
            Some(What::Message { title, lines })
        }
        "journey" => Some(What::Automatic(seen::told(app, &details, language))),
        _ => None,
    };
    Event {
        record: records::show_id(entry.record),
        day: Day(entry.entry.day),
        at: details.get("at").and_then(Value::as_i64).map(Moment),
        visitor: entry.visitor,
        what: what.unwrap_or_else(|| What::Other(entry.entry.kind.clone())),
    }
}

fn list(app: &App, outcome: &again::Outcome) -> What {
    What::List {
        profiled: outcome.mode == Mode::Profiled,
        names: outcome
            .items
            .iter()
            .take(NAMES)
            .map(|item| api::name_of(app, item))
            .collect(),
        count: outcome.items.len() as u64,
    }
}

/// The name of an item of the catalogue, or else what it is about as it stands: the name of a trait.
fn item_name(app: &App, about: &str) -> String {
    api::name_of(app, &ItemId(about.to_owned()))
}

fn states(details: &Value) -> Vec<(PurposeName, ConsentState)> {
    let state = |value: &Value| {
        let name = value.as_str()?;
        ConsentState::ALL.into_iter().find(|state| state.as_str() == name)
    };
    let states = details.get("states").and_then(Value::as_object);
    states
        .into_iter()
        .flatten()
        .filter_map(|(purpose, value)| Some((PurposeName::parse(purpose)?, state(value)?)))
        .collect()
}

/// A step of a request, as the words of its leaf say it.
fn right(reasons: &[String]) -> Option<What> {
    let word = |prefix: &str| {
        let found = reasons.iter().find_map(|reason| reason.strip_prefix(prefix));
        found.map(str::to_owned)
    };
    Some(What::Right {
        right: word("right:")?,
        status: word("status:").unwrap_or_default(),
    })
}

/// A request for the page.
pub(super) fn request(known: &Request) -> person::Request {
    let request = &known.house.request;
    person::Request {
        right: request.right.as_str().to_owned(),
        received: request.received.day(),
        due: request.due(),
        status: request.status.as_str().to_owned(),
        ended: request.status.is_final(),
    }
}

/// A list explained from its record. `None`: the record is of something else.
pub(super) fn decision(app: &App, receipt: &Receipt, language: Language) -> Option<Decision> {
    let outcome = again::outcome(&receipt.details)?;
    let shop = app.shop_of(outcome.model, outcome.catalogue);
    let offers = shop
        .as_ref()
        .and_then(|shop| again::again(&receipt.details, shop));
    let in_force = app
        .shop()
        .is_some_and(|shop| shop.model().digest() == outcome.model);
    let explained = match (&shop, &offers) {
        (None, _) => Explained::NotKept,
        (Some(_), None) => Explained::NotTheSame,
        (Some(_), Some(_)) if in_force => Explained::Now,
        (Some(_), Some(_)) => Explained::Earlier,
    };
    let effects = shop.as_ref().map(|shop| again::effects(&receipt.details, shop));
    let effects = effects.unwrap_or_default();
    let plain = |item: &ItemId| Item {
        id: item.0.clone(),
        name: api::name_of(app, item),
        place: None,
        parts: Vec::new(),
    };
    let opened = !outcome.places.is_empty();
    let items = match &offers {
        Some(offers) => offers
            .items
            .iter()
            .zip(&offers.places)
            .map(|(ranked, place)| Item {
                id: ranked.item.0.clone(),
                name: api::name_of(app, &ranked.item),
                place: opened.then_some(*place),
                parts: api::parts(app, ranked),
            })
            .collect(),
        None => outcome.items.iter().map(plain).collect(),
    };
    let entry = ledger::Entry::parse(&receipt.leaf).ok()?;
    Some(Decision {
        record: records::show_id(receipt.record),
        at: outcome.at,
        profiled: (outcome.mode == Mode::Profiled).then_some(outcome.from as u64),
        items,
        explained,
        without: offers
            .as_ref()
            .map(|offers| without(app, offers))
            .unwrap_or_default(),
        dial: outcome.preferences.as_ref().map(|wishes| wishes.openness),
        left_out: offers
            .iter()
            .flat_map(|offers| &offers.excluded)
            .map(|(item, rule)| (api::name_of(app, item), *rule))
            .collect(),
        tried: opened && offers.is_some(),
        changes: effects
            .iter()
            .map(|effect| change(app, &outcome, effect))
            .collect(),
        rules: rules(app, &entry.reasons, language),
        place: receipt.proof.as_deref().and_then(place),
    })
}

/// What an input changes, with the names people read.
fn change(app: &App, outcome: &again::Outcome, effect: &Effect) -> Change {
    let name = match &effect.input {
        Input::History { item } | Input::Muted { item } | Input::Shop { item, .. } => api::name_of(app, item),
        _ => String::new(),
    };
    let came = effect.items.iter().filter(|item| !outcome.items.contains(item));
    Change {
        name,
        now: match &effect.input {
            Input::Discovery => outcome
                .preferences
                .as_ref()
                .is_some_and(|wishes| wishes.discovery),
            Input::Bought => outcome.exclude_bought,
            _ => false,
        },
        came: came.take(NAMES).map(|item| api::name_of(app, item)).collect(),
        input: effect.input.clone(),
    }
}

/// The rules of those names, in words.
fn rules(app: &App, names: &[String], language: Language) -> Vec<String> {
    let charter = app.gate.charter();
    charter
        .policies()
        .filter(|policy| names.iter().any(|name| name == policy.id().as_str()))
        .map(|policy| charter.explain(policy.id(), language).to_owned())
        .collect()
}

/// The index that a proof of inclusion names (`c2sp.org/tlog-proof@v1`).
fn place(proof: &str) -> Option<u64> {
    let line = proof.lines().find_map(|line| line.strip_prefix("index "))?;
    line.parse().ok()
}

fn without(app: &App, offers: &Offers) -> Vec<(String, Vec<String>)> {
    let there: BTreeSet<&ItemId> = offers.items.iter().map(|ranked| &ranked.item).collect();
    offers
        .counterfactuals
        .iter()
        .map(|other| {
            let came = other.items.iter().filter(|item| !there.contains(item));
            let came = came.map(|item| api::name_of(app, item)).collect();
            (api::name_of(app, &other.without), came)
        })
        .collect()
}
