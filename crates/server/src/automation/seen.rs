//! Groups and journeys as the person reads them: on their page, in their timeline, in their export.
//!
//! Deliberately does not know: how a page looks, how a person was opened.

use super::Running;
use crate::api::recommendations::name_of;
use crate::app::App;
use crate::web::person;
use crate::words::why::{Called, Reader, why};
use crate::words::{Put, Words};
use ::program::journey::What;
use ::program::words::{Name, Words as Title};
use decide::automation::{Place, Reason, Shown};
use decide::rights::{Automatic, Journey, Membership, Told, time};
use gate::purposes::SegmentView;
use serde_json::{Value, json};
use vocabulary::{Language, Moment};

/// For the page.
pub(crate) fn shown(app: &App, shown: &Shown, language: Language) -> person::Automatic {
    let words = Words::of(language);
    let groups = shown.groups.iter().map(|group| person::Group {
        title: group.title.of(language).to_owned(),
        since: group.since.day(),
        why: sentences(app, words, &group.why),
    });
    let journeys = shown.journeys.iter().map(|place| {
        (
            place.title.of(language).to_owned(),
            step(words, place),
            place.since.day(),
        )
    });
    person::Automatic {
        groups: groups.collect(),
        journeys: journeys.collect(),
    }
}

/// For the export.
pub(crate) fn in_words(app: &App, running: &Running, view: &SegmentView, now: Moment) -> Automatic {
    let Shown { groups, journeys } = running.automation.shown(view, now);
    let title = |title: Title| Told {
        fr: title.fr,
        en: title.en,
    };
    Automatic {
        memberships: groups
            .into_iter()
            .map(|group| Membership {
                segment: group.name.to_string(),
                title: title(group.title),
                since: time(group.since),
                why: Told {
                    fr: sentences(app, Words::of(Language::Fr), &group.why),
                    en: sentences(app, Words::of(Language::En), &group.why),
                },
            })
            .collect(),
        journeys: journeys
            .into_iter()
            .map(|place| Journey {
                journey: place.name.to_string(),
                title: title(place.title),
                step: place.step.map(|(id, _)| id),
                since: time(place.since),
            })
            .collect(),
    }
}

/// Groups and journeys that somebody is in, for a member of the team who opens their data, as JSON: stable words,
/// and titles and reasons in both languages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placed {
    /// `segment`, `title`, `since` (RFC 3339), and `why` if it may be told.
    pub(crate) groups: Vec<Value>,
    /// `journey`, `title`, `since`, and `step`: `null` for who is held out.
    pub(crate) journeys: Vec<Value>,
}

/// Without reasons.
pub(crate) fn placed(running: Option<&Running>, state: &[u8]) -> Placed {
    let Some(running) = running else {
        return Placed::default();
    };
    let memberships = running.automation.memberships(state).into_iter();
    let groups = memberships.filter(|one| one.holds).map(|one| {
        let segment = running.program.segments.get(&one.segment);
        json!({
            "segment": one.segment, "since": time(one.since),
            "title": segment.map(|segment| &segment.title),
        })
    });
    let places = decide::automation::positions(state).into_iter();
    let journeys = places.map(|(name, step, since)| {
        let journey = running.program.journeys.get(&name);
        json!({
            "journey": name, "since": time(since), "step": step,
            "title": journey.map(|journey| &journey.title),
        })
    });
    Placed {
        groups: groups.collect(),
        journeys: journeys.collect(),
    }
}

/// With the reasons of now: for a purpose that sees all that is known.
pub(crate) fn explained(app: &App, running: &Running, view: &SegmentView, now: Moment) -> Placed {
    let mut placed = placed(Some(running), &view.state);
    let shown = running.automation.shown(view, now);
    for (group, told) in placed.groups.iter_mut().zip(&shown.groups) {
        let why = |language| sentences_for(app, Words::of(language), &told.why, Reader::Team);
        if let Some(fields) = group.as_object_mut() {
            fields.insert(
                "why".to_owned(),
                json!({ "en": why(Language::En), "fr": why(Language::Fr) }),
            );
        }
    }
    placed
}

/// A record of what a program did, a sentence for each thing. What a program of before called something, the
/// one in force may not know: then its name stands there.
pub(crate) fn told(app: &App, details: &Value, language: Language) -> Vec<String> {
    let words = Words::of(language);
    let running = app.running();
    let program = running.as_ref().map(|running| &running.program);
    let group = |name: &str| {
        let known = program.and_then(|program| program.segments.get(&Name::from(name)));
        known.map_or_else(
            || name.to_owned(),
            |segment| segment.title.of(language).to_owned(),
        )
    };
    let journey = |name: &str| {
        let known = program.and_then(|program| program.journeys.get(&Name::from(name)));
        known.map_or_else(
            || name.to_owned(),
            |journey| journey.title.of(language).to_owned(),
        )
    };
    let list = |name: &str| details.get(name).and_then(Value::as_array).into_iter().flatten();
    let groups = list("segments").filter_map(|turned| {
        let title = group(turned.get("segment")?.as_str()?);
        let key = match turned.get("in")?.as_bool()? {
            true => "automation-group-in",
            false => "automation-group-out",
        };
        Some(words.with(key, &[("title", Put::Text(&title))]))
    });
    let effects = list("effects").filter_map(|effect| {
        let title = journey(effect.get("journey")?.as_str()?);
        let about = |name: &str| {
            let text = effect
                .get("about")
                .and_then(|about| about.get(name))
                .and_then(Value::as_str);
            text.unwrap_or_default()
        };
        let is =
            |name: &str| effect.get("about").and_then(|about| about.get(name)) == Some(&Value::Bool(true));
        let (key, place, put) = match effect.get("what")?.as_str()? {
            "entered" if is("held_out") => ("automation-held-out", "", String::new()),
            "entered" => ("automation-entered", "", String::new()),
            "message" => ("automation-message", "message", about("message").to_owned()),
            "task" => ("automation-task", "", String::new()),
            "update" if is("removed") => ("automation-update-removed", "trait", about("trait").to_owned()),
            "update" => ("automation-update", "trait", about("trait").to_owned()),
            "webhook" => ("automation-webhook", "webhook", about("webhook").to_owned()),
            "goal" => ("automation-goal", "", String::new()),
            "arm" => ("automation-arm", "arm", about("arm").to_owned()),
            "left" => ("automation-left", "because", words.say(left(about("because")))),
            _ => return None,
        };
        Some(words.with(key, &[("title", Put::Text(&title)), (place, Put::Text(&put))]))
    });
    groups.chain(effects).collect()
}

fn left(because: &str) -> &'static str {
    match because {
        "goal" => "left-goal",
        "condition" => "left-condition",
        "not_permitted" => "left-not-permitted",
        "step_gone" => "left-step-gone",
        "journey_gone" => "left-journey-gone",
        "held_out" => "left-held-out",
        _ => "left-finished",
    }
}

fn step(words: Words, place: &Place) -> String {
    let Some((id, what)) = &place.step else {
        return words.say("step-held-out");
    };
    let key = match what {
        Some(What::Wait { .. } | What::WaitUntil { .. }) => "step-waits",
        Some(What::WaitFor { .. }) => "step-waits-for",
        Some(What::Message { .. }) => "step-message",
        _ => "step-other",
    };
    words.with(key, &[("step", Put::Text(id))])
}

fn sentences(app: &App, words: Words, reason: &Reason) -> Vec<String> {
    sentences_for(app, words, reason, Reader::Person)
}

/// Why somebody is in a group, or is not, for whoever reads it: what is declared is called by its title.
pub(crate) fn sentences_for(app: &App, words: Words, reason: &Reason, to: Reader) -> Vec<String> {
    let running = app.running();
    let called = Called {
        item: &|item| name_of(app, item),
        segment: &|name| {
            let known = running
                .as_ref()
                .and_then(|running| running.program.segments.get(name));
            known.map_or_else(
                || name.to_string(),
                |segment| segment.title.of(words.language()).to_owned(),
            )
        },
        event: &|name| match &running {
            Some(running) => {
                let dictionary = &running.program.dictionary;
                dictionary.event_title(name, words.language()).to_owned()
            }
            None => name.to_owned(),
        },
        known: &|name| match &running {
            Some(running) => {
                let dictionary = &running.program.dictionary;
                dictionary.trait_title(name, words.language()).to_owned()
            }
            None => name.to_owned(),
        },
        to,
    };
    why(words, reason, called)
}
