//! The timeline and the requests in words.

use super::names::{ACTS, AGES, RIGHTS, STATUSES, find};
use super::{Event, Request, What};
use crate::words::{Put, Words};
use vocabulary::{DAY_MS, HOUR_MS, Moment, PurposeName};

/// An entry of the timeline, ready to stand there.
pub(super) struct EventView<'a> {
    pub(super) when: String,
    pub(super) title: String,
    pub(super) detail: Option<String>,
    /// It was of a visitor who is part of the person now.
    pub(super) visitor: bool,
    pub(super) record: &'a str,
    pub(super) class: &'static str,
}

/// Day and minute. The server does not know where the person is: it says which clock it reads.
pub(super) fn moment(words: Words, at: Moment) -> String {
    let of_day = at.0.rem_euclid(DAY_MS);
    let (hour, minute) = (of_day / HOUR_MS, of_day % HOUR_MS / 60_000);
    let (day, time) = (words.day(at.day()), format!("{hour:02}:{minute:02}"));
    let places = [("day", Put::Text(&day)), ("time", Put::Text(&time))];
    words.with("me-moment", &places)
}

pub(super) fn event(words: Words, known: &Event) -> EventView<'_> {
    let (title, detail, class) = match &known.what {
        What::List {
            profiled,
            names,
            count,
        } => {
            let key = if *profiled {
                "event-list"
            } else {
                "event-list-contextual"
            };
            let names = words.list(names);
            let detail = words.with("event-list-names", &[("names", Put::Text(&names))]);
            let detail = (!names.is_empty()).then_some(detail);
            (words.counted(key, *count), detail, "list")
        }
        What::Choice { act, about, states } => {
            let about = said_about(words, act.as_deref(), about.as_deref().unwrap_or_default());
            let title = match act.as_deref().and_then(|act| find(&ACTS, act)) {
                Some(key) => words.with(key, &[("about", Put::Text(&about))]),
                None => words.say("event-choice"),
            };
            let states: Vec<String> = states
                .iter()
                .map(|(purpose, state)| format!("{} – {}", words.purpose(*purpose), words.consent(*state)))
                .collect();
            let detail = (act.is_none() && !states.is_empty()).then(|| words.list(&states));
            (title, detail, "choice")
        }
        What::Access(times) => (words.counted("event-access", *times), None, "access"),
        What::Staff {
            by,
            purpose,
            reason,
            refused,
        } => {
            let purpose = words.purpose(*purpose);
            let places = [("by", Put::Text(by)), ("purpose", Put::Text(&purpose))];
            let reason = words.with("event-staff-reason", &[("reason", Put::Text(reason))]);
            match refused {
                None => (words.with("event-staff", &places), Some(reason), "staff"),
                Some(rules) => {
                    let rules = rules.join(" ");
                    let why = words.with("event-refused-why", &[("why", Put::Text(&rules))]);
                    let detail = format!("{reason}. {why}");
                    (
                        words.with("event-staff-refused", &places),
                        Some(detail),
                        "refused",
                    )
                }
            }
        }
        What::Merged { joined, until } => {
            let title = words.say(if *joined { "event-joined" } else { "event-parted" });
            let until = until.filter(|_| *joined).map(|until| words.day(until));
            let detail = until.map(|day| words.with("event-joined-until", &[("day", Put::Text(&day))]));
            (title, detail, "merge")
        }
        What::Audit(purpose) => {
            let purpose = words.purpose(*purpose);
            let title = words.with("event-audit", &[("purpose", Put::Text(&purpose))]);
            (title, Some(words.say("event-audit-why")), "staff")
        }
        What::Right { right, status } => {
            let (right, status) = (right_words(words, right), status_words(words, status));
            let places = [("right", Put::Text(&right)), ("status", Put::Text(&status))];
            (words.with("event-right", &places), None, "right")
        }
        What::Talk(step) => {
            let key = match step.as_str() {
                "said" => "event-talk-said",
                "answered" => "event-talk-answered",
                "closed" => "event-talk-closed",
                _ => "event-talk-mailed",
            };
            (words.say(key), None, "right")
        }
        What::Export => (words.say("event-export"), None, "right"),
        What::Automatic(lines) => {
            let detail = (!lines.is_empty()).then(|| lines.join(" "));
            (words.say("event-automation"), detail, "automation")
        }
        What::Message { title, lines } => {
            let detail = (!lines.is_empty()).then(|| lines.join(" "));
            (title.clone(), detail, "automation")
        }
        What::Other(kind) => (
            words.with("event-other", &[("kind", Put::Text(kind))]),
            None,
            "other",
        ),
    };
    EventView {
        when: match known.at {
            Some(at) => moment(words, at),
            None => words.day(known.day),
        },
        title,
        detail,
        visitor: known.visitor,
        record: &known.record,
        class,
    }
}

/// What an act was about, as people say it: an age bracket and purposes have words of their own.
fn said_about(words: Words, act: Option<&str>, about: &str) -> String {
    match act {
        Some("say_age") => find(&AGES, about).map_or_else(|| about.to_owned(), |key| words.say(key)),
        Some("contest" | "contest_ended") => {
            let purposes = about.split(' ').filter_map(PurposeName::parse);
            words.list(&purposes.map(|purpose| words.purpose(purpose)).collect::<Vec<_>>())
        }
        Some("prefer") => super::openness::said_of(words, about),
        _ => about.to_owned(),
    }
}

/// A request: which right, and where it stands.
pub(super) fn request(words: Words, known: &Request) -> (String, String) {
    let status = status_words(words, &known.status);
    let (received, due) = (words.day(known.received), words.day(known.due));
    let both = [("status", Put::Text(&status)), ("received", Put::Text(&received))];
    let text = match known.ended {
        true => words.with("request-ended", &both),
        false => words.with("request-open", &[both[0], both[1], ("due", Put::Text(&due))]),
    };
    (right_words(words, &known.right), text)
}

fn right_words(words: Words, right: &str) -> String {
    find(&RIGHTS, right).map_or_else(|| right.to_owned(), |key| words.say(key))
}

fn status_words(words: Words, status: &str) -> String {
    find(&STATUSES, status).map_or_else(|| status.to_owned(), |key| words.say(key))
}
