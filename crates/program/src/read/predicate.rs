//! Predicates from their trees. What is missing or misshapen was told already (`shape`): such a part is
//! left out, and the rest is read.
//!
//! Deliberately does not know: which names exist.

use super::uses::{Page, Used, Wants};
use crate::dictionary::Type;
use crate::fault::Mark;
use crate::segment::{
    Comparison, Did, EventTest, FieldTest, ItemsTest, Measure, Occurrence, Origin, Predicate, Sequence, Test,
    TraitTest, Value, Which, Window,
};
use crate::shape::tables::{COMPARISONS, TESTS};
use crate::shape::{self};
use crate::span::Span;
use crate::tree::{Node, Tree};
use crate::words::Name;
use vocabulary::{ItemId, PurposeName};

/// So many of the latest occurrences of an event are kept of a person: whatever counts more can never be
/// true, or never false.
pub const MAX_OCCURRENCES: u32 = 256;

/// A predicate.
pub(crate) fn predicate(node: &Node, page: &mut Page<'_>) -> Option<Predicate> {
    let (head, value) = head(node)?;
    match head {
        "all" => Some(Predicate::All(several(value, page)?)),
        "any" => Some(Predicate::Any(several(value, page)?)),
        "not" => Some(Predicate::Not(Box::new(predicate(value, page)?))),
        "trait" => trait_test(node, value, page),
        "event" => event_test(node, value, page),
        "sequence" => sequence(node, value, page),
        "items" => items(node, value, page),
        "consent" => PurposeName::parse(value.text()?).map(Predicate::Consent),
        "segment" => {
            let name = value.text()?;
            page.uses(value.mark, Used::Segment(name.to_owned()));
            Some(Predicate::Member(name.into()))
        }
        _ => None,
    }
}

const HEADS: [&str; 9] = [
    "all", "any", "not", "trait", "event", "sequence", "items", "consent", "segment",
];

fn head(node: &Node) -> Option<(&str, &Node)> {
    let mut entries = node.entries().iter();
    let (key, value) = entries.find(|(key, _)| HEADS.contains(&key.name.as_str()))?;
    Some((&key.name, value))
}

fn several(node: &Node, page: &mut Page<'_>) -> Option<Vec<Predicate>> {
    // All are read, so that what each uses is known, also when one of them is broken.
    let read: Vec<Option<Predicate>> = node.items().iter().map(|item| predicate(item, page)).collect();
    let read: Option<Vec<Predicate>> = read.into_iter().collect();
    read.filter(|read| !read.is_empty())
}

/// One as it is, several as all of them.
fn all_of(mut predicates: Vec<Predicate>) -> Option<Predicate> {
    match predicates.len() {
        0 => None,
        1 => predicates.pop(),
        _ => Some(Predicate::All(predicates)),
    }
}

fn trait_test(node: &Node, name: &Node, page: &mut Page<'_>) -> Option<Predicate> {
    let label = name.text()?.to_owned();
    let origin = match node.get("origin").and_then(Node::text) {
        Some("declared") => Some(Origin::Declared),
        Some("observed") => Some(Origin::Observed),
        Some("inferred") => Some(Origin::Inferred),
        _ => None,
    };
    let mut predicates = Vec::new();
    for (test, wants, mark) in tests(node, page) {
        let used = Used::Trait {
            name: label.clone(),
            wants,
        };
        page.uses(if wants == Wants::Anything { name.mark } else { mark }, used);
        predicates.push(Predicate::Trait(TraitTest {
            name: label.clone(),
            origin,
            test,
        }));
    }
    if predicates.is_empty() {
        let wants = Wants::Anything;
        page.uses(name.mark, Used::Trait { name: label, wants });
    }
    all_of(predicates)
}

/// The tests of a value that stand in a table, what each wants the value to be, and where it is.
fn tests(node: &Node, page: &mut Page<'_>) -> Vec<(Test, Wants, Mark)> {
    let mut found = Vec::new();
    for (key, value) in node.entries() {
        if TESTS.contains(&key.name.as_str())
            && let Some((test, wants)) = test(&key.name, value)
        {
            found.push((test, wants, key.mark));
        }
    }
    if let (Some(Test::After(from)), Some(Test::Before(to))) = (
        found
            .iter()
            .map(|(test, _, _)| test)
            .find(|t| matches!(t, Test::After(_))),
        found
            .iter()
            .map(|(test, _, _)| test)
            .find(|t| matches!(t, Test::Before(_))),
    ) && from >= to
    {
        page.sheet.error(
            "never",
            node.mark,
            "`before` does not lie after `after`: this is never true",
            "exchange the two",
        );
    }
    found
}

fn test(key: &str, value: &Node) -> Option<(Test, Wants)> {
    let time = Wants::Only(Type::Time);
    Some(match key {
        "exists" => (Test::Exists, Wants::Anything),
        "is" => {
            let (value, wants) = plain(value)?;
            (Test::Is(value), wants)
        }
        "one_of" => {
            let values: Option<Vec<(Value, Wants)>> = value.items().iter().map(plain).collect();
            let values = values.filter(|values| !values.is_empty())?;
            let first = values.first().map_or(Wants::Anything, |(_, wants)| *wants);
            let same = values.iter().all(|(_, wants)| *wants == first);
            let wants = if same { first } else { Wants::Anything };
            (
                Test::OneOf(values.into_iter().map(|(value, _)| value).collect()),
                wants,
            )
        }
        "contains" => (Test::Contains(value.text()?.to_owned()), Wants::TextOrList),
        "starts_with" => (
            Test::StartsWith(value.text()?.to_owned()),
            Wants::Only(Type::Text),
        ),
        "before" => (Test::Before(shape::day_or_moment(value.text()?)?), time),
        "after" => (Test::After(shape::day_or_moment(value.text()?)?), time),
        "within" => (Test::Within(Span::read(value.text()?).ok()?), time),
        "anniversary_within_days" => {
            let days = whole(value)?;
            (
                Test::Anniversary {
                    days: u16::try_from(days).ok()?,
                },
                time,
            )
        }
        _ => (
            Test::Number(comparison(key)?, value.number()?),
            Wants::Only(Type::Number),
        ),
    })
}

pub(super) fn whole(node: &Node) -> Option<u32> {
    let number = node.number()?;
    (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number)).then_some(number as u32)
}

pub(super) fn plain(node: &Node) -> Option<(Value, Wants)> {
    Some(match &node.value {
        Tree::Text(text) => (Value::Text(text.clone()), Wants::Only(Type::Text)),
        Tree::Number(number, _) => (Value::Number(*number), Wants::Only(Type::Number)),
        Tree::Bool(value) => (Value::Bool(*value), Wants::Only(Type::Bool)),
        Tree::Null | Tree::List(_) | Tree::Map(_) => return None,
    })
}

fn comparison(key: &str) -> Option<Comparison> {
    Some(match key {
        "at_least" => Comparison::AtLeast,
        "at_most" => Comparison::AtMost,
        "more_than" => Comparison::MoreThan,
        "less_than" => Comparison::LessThan,
        "exactly" => Comparison::Exactly,
        _ => return None,
    })
}

/// An event with the tests of its fields; `name` is the node of the event's name.
pub(crate) fn occurrence(node: &Node, window: Window, page: &mut Page<'_>) -> Option<Occurrence> {
    let name = node.get("event")?;
    let event = name.text()?.to_owned();
    page.uses_event(name.mark, &event, window);
    let mut fields = Vec::new();
    for (key, value) in node.get("where").map(Node::entries).unwrap_or_default() {
        let found = match plain(value) {
            Some((plain, wants)) => vec![(Test::Is(plain), wants, key.mark)],
            None => tests(value, page),
        };
        for (test, wants, mark) in found {
            let used = Used::Field {
                event: event.clone(),
                field: key.name.clone(),
                wants,
            };
            page.uses(if wants == Wants::Anything { key.mark } else { mark }, used);
            fields.push(FieldTest {
                field: key.name.clone(),
                test,
            });
        }
    }
    Some(Occurrence { event, fields })
}

fn window(node: &Node, page: &mut Page<'_>) -> Option<Window> {
    if let Some(within) = node.get("within") {
        return Span::read(within.text()?).ok().map(Window::Within);
    }
    let Some(from) = node.get("from") else {
        return Some(Window::Ever);
    };
    let from = shape::day_or_moment(from.text()?)?;
    let to = match node.get("to") {
        None => None,
        Some(node) => {
            let to = shape::day_or_moment(node.text()?)?;
            if to <= from {
                page.sheet.error(
                    "never",
                    node.mark,
                    "`to` does not lie after `from`: nothing is in between",
                    "exchange the two",
                );
                return None;
            }
            Some(to)
        }
    };
    Some(Window::Between { from, to })
}

fn event_test(node: &Node, name: &Node, page: &mut Page<'_>) -> Option<Predicate> {
    let window = window(node, page);
    let occurrence = occurrence(node, window.unwrap_or(Window::Ever), page)?;
    let measure = match (node.get("sum"), node.get("days_since").and_then(Node::text)) {
        (Some(sum), _) => {
            let field = sum.text()?.to_owned();
            let used = Used::Field {
                event: occurrence.event.clone(),
                field: field.clone(),
                wants: Wants::Only(Type::Number),
            };
            page.uses(sum.mark, used);
            Measure::Sum(field)
        }
        (None, Some("first")) => Measure::DaysSinceFirst,
        (None, Some(_)) => Measure::DaysSinceLast,
        (None, None) => Measure::Count,
    };
    let mut compared: Vec<(Comparison, f64)> = Vec::new();
    for (key, value) in node.entries() {
        if COMPARISONS.contains(&key.name.as_str())
            && let (Some(comparison), Some(number)) = (comparison(&key.name), value.number())
        {
            if measure == Measure::Count {
                count(comparison, number, value.mark, page);
            }
            compared.push((comparison, number));
        }
    }
    if compared.is_empty() {
        if measure != Measure::Count {
            page.sheet.error(
                "missing",
                name.mark,
                "it is not said what the sum or the days are compared with",
                "add `at_least`, `at_most`, `more_than`, `less_than` or `exactly`",
            );
            return None;
        }
        compared.push((Comparison::AtLeast, 1.0));
    }
    let window = window?;
    let test = |(comparison, value)| {
        Predicate::Event(EventTest {
            occurrence: occurrence.clone(),
            window,
            measure: measure.clone(),
            comparison,
            value,
        })
    };
    all_of(compared.into_iter().map(test).collect())
}

/// A count that can be reached and missed.
fn count(comparison: Comparison, number: f64, mark: Mark, page: &mut Page<'_>) {
    if number.fract() != 0.0 || number < 0.0 {
        page.sheet.error(
            "range",
            mark,
            format!("`{number}` is no number of times"),
            "write a whole number, 0 or more",
        );
        return;
    }
    let most = f64::from(MAX_OCCURRENCES);
    let can_be_told = match comparison {
        Comparison::AtLeast | Comparison::Exactly | Comparison::LessThan => number <= most,
        Comparison::MoreThan | Comparison::AtMost => number < most,
    };
    if !can_be_told {
        page.sheet.error(
            "beyond_kept",
            mark,
            format!("`{number}` cannot be told: the latest {MAX_OCCURRENCES} of an event are kept"),
            format!("compare with at most {MAX_OCCURRENCES}, or sum a field"),
        );
    }
}

fn sequence(node: &Node, steps: &Node, page: &mut Page<'_>) -> Option<Predicate> {
    let window = window(node, page);
    let seen = window.unwrap_or(Window::Ever);
    let read: Vec<Option<Occurrence>> = steps
        .items()
        .iter()
        .map(|item| occurrence(item, seen, page))
        .collect();
    let steps: Option<Vec<Occurrence>> = read.into_iter().collect();
    Some(Predicate::Sequence(Sequence {
        steps: steps.filter(|steps| steps.len() > 1)?,
        span: Span::read(node.get("apart_at_most")?.text()?).ok()?,
        window: window?,
    }))
}

fn items(node: &Node, did: &Node, page: &mut Page<'_>) -> Option<Predicate> {
    let mark = did.mark;
    let did = match did.text()? {
        "viewed" => Did::Viewed,
        "added" => Did::Added,
        "bought" => Did::Bought,
        _ => return None,
    };
    page.uses(mark, Used::Items(did));
    let texts = |node: &Node| -> Option<Vec<String>> {
        let texts: Option<Vec<String>> = node
            .items()
            .iter()
            .map(|item| item.text().map(str::to_owned))
            .collect();
        texts.filter(|texts| !texts.is_empty())
    };
    let which = match (node.get("categories"), node.get("ids")) {
        (Some(categories), _) => {
            for category in categories.items() {
                if let Some(name) = category.text() {
                    page.uses(category.mark, Used::Category(name.to_owned()));
                }
            }
            Which::Categories(texts(categories)?)
        }
        (None, Some(ids)) => Which::Items(texts(ids)?.into_iter().map(ItemId).collect()),
        (None, None) => Which::Any,
    };
    Some(Predicate::Items(ItemsTest {
        did,
        which,
        at_least: match node.get("at_least") {
            None => 1,
            Some(node) => whole(node)?,
        },
        window: window(node, page)?,
    }))
}

/// A segment from its file.
pub(crate) fn segment(name: &str, node: &Node, page: &mut Page<'_>) -> Option<crate::Segment> {
    let title = super::words(node.get("title"));
    let who = node.get("who").and_then(|who| predicate(who, page));
    Some(crate::Segment {
        name: Name::from(name),
        title: title?,
        who: who?,
    })
}
