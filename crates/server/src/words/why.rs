//! Why somebody is in a group, in plain sentences: what was found, and what the group asks for.
//!
//! Deliberately does not know: how it was found, on which page it stands.

use super::{Put, Words};
use ::program::segment::{Comparison, Measure, Predicate, Which, Window};
use ::program::span::{Span, Unit};
use ::program::words::Name;
use decide::automation::Reason;
use decide::segments::Found;
use vocabulary::{ItemId, Moment};

/// What things are called.
#[derive(Clone, Copy)]
pub struct Called<'a> {
    /// An item.
    pub item: &'a dyn Fn(&ItemId) -> String,
    /// A segment.
    pub segment: &'a dyn Fn(&Name) -> String,
    /// An event.
    pub event: &'a dyn Fn(&str) -> String,
    /// A trait.
    pub known: &'a dyn Fn(&str) -> String,
    /// Who reads it.
    pub to: Reader,
}

/// Who reads why somebody is in a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// The person: "you".
    Person,
    /// The team: "this person".
    Team,
}

impl Reader {
    fn key(self, person: &'static str, team: &'static str) -> &'static str {
        match self {
            Reader::Person => person,
            Reader::Team => team,
        }
    }
}

/// A sentence for each fact that the answer rests on.
pub fn why(words: Words, reason: &Reason, called: Called<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    tell(words, reason, false, called, &mut sentences);
    sentences
}

fn tell(words: Words, reason: &Reason, not: bool, called: Called<'_>, sentences: &mut Vec<String>) {
    match &reason.predicate {
        Predicate::Not(_) => {
            for part in &reason.parts {
                tell(words, part, !not, called, sentences);
            }
        }
        Predicate::All(_) | Predicate::Any(_) => {
            // Of what one part settles, the parts that settle it are told; else all of them.
            let settles = matches!(reason.predicate, Predicate::Any(_)) == reason.holds;
            let told = reason
                .parts
                .iter()
                .filter(|part| !settles || part.holds == reason.holds);
            for part in told {
                tell(words, part, not, called, sentences);
            }
        }
        leaf => sentences.push(sentence(words, leaf, reason, not, called)),
    }
}

fn sentence(words: Words, leaf: &Predicate, reason: &Reason, not: bool, called: Called<'_>) -> String {
    match (leaf, &reason.found) {
        (Predicate::Trait(test), Found::Trait(Some(value))) => {
            let value = serde_json::from_str::<String>(value).unwrap_or_else(|_| value.clone());
            let name = (called.known)(&test.name);
            let places = [("name", Put::Text(&name)), ("value", Put::Text(&value))];
            words.with("why-trait", &places)
        }
        (Predicate::Trait(test), _) => {
            let name = (called.known)(&test.name);
            words.with("why-trait-none", &[("name", Put::Text(&name))])
        }
        (Predicate::Event(test), Found::Measured(found)) => {
            let event = (called.event)(&test.occurrence.event);
            let event = event.as_str();
            let window = window(words, test.window);
            let Some(found) = found else {
                let places = [("event", Put::Text(event)), ("window", Put::Text(&window))];
                return words.with("why-event-never", &places);
            };
            let asked = asked(words, test.comparison, test.value, not);
            let measured = decimal(words, *found as f64 / 1e6);
            let count = u64::try_from(found / 1_000_000).unwrap_or(0);
            let field = match &test.measure {
                Measure::Sum(field) => field.as_str(),
                _ => "",
            };
            let places = [
                ("event", Put::Text(event)),
                ("window", Put::Text(&window)),
                ("found", Put::Text(&measured)),
                ("count", Put::Count(count)),
                ("asked", Put::Text(&asked)),
                ("field", Put::Text(field)),
            ];
            words.with(
                match test.measure {
                    Measure::Count => "why-event-count",
                    Measure::Sum(_) => "why-event-sum",
                    Measure::DaysSinceLast => "why-event-last",
                    Measure::DaysSinceFirst => "why-event-first",
                },
                &places,
            )
        }
        (Predicate::Sequence(test), Found::Times(times)) => {
            let events: Vec<String> = test
                .steps
                .iter()
                .map(|step| (called.event)(&step.event))
                .collect();
            let (events, span) = (events.join(" → "), span(words, test.span));
            let days: Vec<String> = times.iter().map(|at| words.day(at.day())).collect();
            let days = words.list(&days);
            let places = [
                ("events", Put::Text(&events)),
                ("span", Put::Text(&span)),
                ("days", Put::Text(&days)),
            ];
            words.with(
                if times.is_empty() {
                    "why-sequence-none"
                } else {
                    "why-sequence"
                },
                &places,
            )
        }
        (Predicate::Items(test), Found::Items(found)) => {
            let which = match &test.which {
                Which::Any => words.say("why-items-any"),
                Which::Categories(categories) => {
                    let list = words.list(categories);
                    words.with("why-items-categories", &[("list", Put::Text(&list))])
                }
                Which::Items(items) => {
                    let list: Vec<String> = items.iter().map(called.item).collect();
                    let list = words.list(&list);
                    words.with("why-items-list", &[("list", Put::Text(&list))])
                }
            };
            let window = window(words, test.window);
            let asked = asked(words, Comparison::AtLeast, f64::from(test.at_least), not);
            let places = [
                ("count", Put::Count(u64::from(*found))),
                ("which", Put::Text(&which)),
                ("window", Put::Text(&window)),
                ("asked", Put::Text(&asked)),
            ];
            let (person, team) = match test.did {
                ::program::segment::Did::Viewed => ("why-items-viewed", "team-why-items-viewed"),
                ::program::segment::Did::Added => ("why-items-added", "team-why-items-added"),
                ::program::segment::Did::Bought => ("why-items-bought", "team-why-items-bought"),
            };
            words.with(called.to.key(person, team), &places)
        }
        (Predicate::Consent(purpose), _) => {
            let purpose = words.purpose(*purpose);
            let key = match reason.holds {
                true => called.to.key("why-consent", "team-why-consent"),
                false => called.to.key("why-consent-none", "team-why-consent-none"),
            };
            words.with(key, &[("purpose", Put::Text(&purpose))])
        }
        (Predicate::Member(name), _) => {
            let segment = (called.segment)(name);
            let key = match reason.holds {
                true => called.to.key("why-member", "team-why-member"),
                false => called.to.key("why-member-none", "team-why-member-none"),
            };
            words.with(key, &[("segment", Put::Text(&segment))])
        }
        _ => words.say("why-other"),
    }
}

/// What the group asks for: what is written, or its opposite where the opposite is asked.
fn asked(words: Words, comparison: Comparison, value: f64, not: bool) -> String {
    let key = match (comparison, not) {
        (Comparison::AtLeast, false) | (Comparison::LessThan, true) => "why-at-least",
        (Comparison::AtMost, false) | (Comparison::MoreThan, true) => "why-at-most",
        (Comparison::MoreThan, false) | (Comparison::AtMost, true) => "why-more-than",
        (Comparison::LessThan, false) | (Comparison::AtLeast, true) => "why-less-than",
        (Comparison::Exactly, false) => "why-exactly",
        (Comparison::Exactly, true) => "why-not-exactly",
    };
    let value = decimal(words, value);
    words.with(key, &[("value", Put::Text(&value))])
}

/// Without decimals where there are none.
fn decimal(words: Words, value: f64) -> String {
    let whole = (value - value.round()).abs() < 0.005;
    words.number(value, if whole { 0 } else { 2 })
}

fn window(words: Words, window: Window) -> String {
    match window {
        Window::Ever => String::new(),
        Window::Within(within) => {
            let span = span(words, within);
            format!(" {}", words.with("why-within", &[("span", Put::Text(&span))]))
        }
        Window::Between { from, to } => {
            let from = words.day(from.day());
            match to.map(Moment::day) {
                None => format!(" {}", words.with("why-since", &[("from", Put::Text(&from))])),
                Some(to) => {
                    let to = words.day(to);
                    let places = [("from", Put::Text(&from)), ("to", Put::Text(&to))];
                    format!(" {}", words.with("why-between", &places))
                }
            }
        }
    }
}

fn span(words: Words, span: Span) -> String {
    let key = match span.unit {
        Unit::Minutes => "span-minutes",
        Unit::Hours => "span-hours",
        Unit::Days => "span-days",
        Unit::Weeks => "span-weeks",
        Unit::Months => "span-months",
        Unit::Years => "span-years",
    };
    words.counted(key, u64::from(span.count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::program::segment::{EventTest, Occurrence};
    use vocabulary::Language;

    fn orders(comparison: Comparison, found: i128) -> Reason {
        Reason {
            predicate: Predicate::Event(EventTest {
                occurrence: Occurrence {
                    event: "Order Completed".to_owned(),
                    fields: Vec::new(),
                },
                window: Window::Within(Span::read("180 days").unwrap()),
                measure: Measure::Count,
                comparison,
                value: 3.0,
            }),
            holds: true,
            found: Found::Measured(Some(found * 1_000_000)),
            parts: Vec::new(),
        }
    }

    fn told(reason: &Reason, language: Language) -> Vec<String> {
        let called = Called {
            item: &|item| item.0.clone(),
            segment: &|name| name.to_string(),
            event: &|name| name.to_owned(),
            known: &|name| name.to_owned(),
            to: Reader::Person,
        };
        why(Words::of(language), reason, called)
    }

    #[test]
    fn a_count_is_told_with_its_window_and_what_is_asked() {
        let reason = orders(Comparison::AtLeast, 4);
        assert_eq!(
            told(&reason, Language::En),
            ["“Order Completed” happened 4\u{a0}times in the last 180\u{a0}days; at least 3 is asked for."]
        );
        assert_eq!(
            told(&reason, Language::Fr),
            [
                "«\u{202f}Order Completed\u{202f}» est arrivé 4\u{a0}fois sur 180\u{a0}jours jusqu’à maintenant\u{202f}; il faut au moins 3."
            ]
        );
    }

    #[test]
    fn what_must_not_be_is_told_the_other_way_round() {
        let inner = orders(Comparison::AtLeast, 0);
        let reason = Reason {
            predicate: Predicate::Not(Box::new(inner.predicate.clone())),
            holds: true,
            found: Found::Nothing,
            parts: vec![Reason {
                holds: false,
                ..inner
            }],
        };
        let told = told(&reason, Language::En);
        assert!(told[0].contains("less than 3 is asked for"), "{told:?}");
    }
}
