//! Who is in a segment, in plain words: each test of its predicate a line, what belongs together under one line.
//!
//! Deliberately does not know: people, how a predicate is evaluated.

use crate::words::{Put, Words};
use ::program::Program;
use ::program::segment::{
    Comparison, Did, EventTest, FieldTest, ItemsTest, Measure, Occurrence, Origin, Predicate, Test, Value,
    Which, Window,
};
use ::program::span::{Span, Unit};
use vocabulary::Moment;

/// A part of nested lists, in the order of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// A line begins.
    Line(String),
    /// Lines under it begin.
    Open,
    /// Lines under it end.
    Close,
    /// The line ends.
    End,
}

/// The predicate as lines.
pub(super) fn told(words: Words, program: &Program, who: &Predicate) -> Vec<Piece> {
    let mut pieces = Vec::new();
    tell(words, program, who, &mut pieces);
    pieces
}

fn tell(words: Words, program: &Program, who: &Predicate, pieces: &mut Vec<Piece>) {
    let (line, under): (String, Vec<&Predicate>) = match who {
        Predicate::All(parts) => (words.say("group-all"), parts.iter().collect()),
        Predicate::Any(parts) => (words.say("group-any"), parts.iter().collect()),
        Predicate::Not(part) => (words.say("group-not"), vec![part]),
        Predicate::Trait(test) => {
            let name = program.dictionary.trait_title(&test.name, words.language());
            (trait_line(words, name, test.origin, &test.test), Vec::new())
        }
        Predicate::Event(test) => (event_line(words, program, test), Vec::new()),
        Predicate::Sequence(sequence) => {
            let span = span(words, sequence.span);
            let window = window(words, sequence.window);
            let places = [("span", Put::Text(span.as_str())), ("window", Put::Text(&window))];
            pieces.push(Piece::Line(words.with("group-sequence", &places)));
            pieces.push(Piece::Open);
            for step in &sequence.steps {
                pieces.push(Piece::Line(occurrence(words, program, step)));
                pieces.push(Piece::End);
            }
            pieces.extend([Piece::Close, Piece::End]);
            return;
        }
        Predicate::Items(test) => (items_line(words, test), Vec::new()),
        Predicate::Consent(purpose) => {
            let places = [("purpose", Put::Text(purpose.as_str()))];
            (words.with("group-consent", &places), Vec::new())
        }
        Predicate::Member(name) => {
            let title = program.segments.get(name);
            let title = title.map_or(name.as_str(), |segment| segment.title.of(words.language()));
            (
                words.with("group-member", &[("title", Put::Text(title))]),
                Vec::new(),
            )
        }
    };
    pieces.push(Piece::Line(line));
    if !under.is_empty() {
        pieces.push(Piece::Open);
        for part in under {
            tell(words, program, part, pieces);
        }
        pieces.push(Piece::Close);
    }
    pieces.push(Piece::End);
}

fn trait_line(words: Words, name: &str, origin: Option<Origin>, test: &Test) -> String {
    let line = test_line(words, name, test);
    let key = match origin {
        None => return line,
        Some(Origin::Declared) => "group-declared",
        Some(Origin::Observed) => "group-observed",
        Some(Origin::Inferred) => "group-inferred",
    };
    words.with(key, &[("line", Put::Text(&line))])
}

fn test_line(words: Words, name: &str, test: &Test) -> String {
    let with =
        |key: &str, text: String| words.with(key, &[("name", Put::Text(name)), ("value", Put::Text(&text))]);
    match test {
        Test::Exists => with("group-exists", String::new()),
        Test::Is(one) => with("group-is", value(words, one)),
        Test::OneOf(all) => {
            let all: Vec<String> = all.iter().map(|one| value(words, one)).collect();
            with("group-one-of", words.list(&all))
        }
        Test::Contains(text) => with("group-contains", quoted(words, text)),
        Test::StartsWith(text) => with("group-starts", quoted(words, text)),
        Test::Number(comparison, number) => with(
            "group-number",
            compared(words, *comparison, &number_text(words, *number)),
        ),
        Test::Before(at) => with("group-before", day(words, *at)),
        Test::After(at) => with("group-after", day(words, *at)),
        Test::Within(one) => with("group-within", span(words, *one)),
        Test::Anniversary { days } => words.with(
            "group-anniversary",
            &[("name", Put::Text(name)), ("count", Put::Count(u64::from(*days)))],
        ),
    }
}

fn event_line(words: Words, program: &Program, test: &EventTest) -> String {
    let what = occurrence(words, program, &test.occurrence);
    let window = window(words, test.window);
    let number = number_text(words, test.value);
    let compared = compared(words, test.comparison, &number);
    let places = |field: &'_ str| {
        [
            ("what", what.clone()),
            ("window", window.clone()),
            ("compared", compared.clone()),
            ("field", field.to_owned()),
        ]
    };
    let said = |key: &str, places: [(&'static str, String); 4]| {
        let put: Vec<(&str, Put<'_>)> = places
            .iter()
            .map(|(name, text)| (*name, Put::Text(text.as_str())))
            .collect();
        words.with(key, &put)
    };
    match &test.measure {
        Measure::Count if test.comparison == Comparison::AtLeast && test.value <= 1.0 => {
            said("group-event", places(""))
        }
        Measure::Count => said("group-event-count", places("")),
        Measure::Sum(field) => said("group-event-sum", places(field)),
        Measure::DaysSinceLast => said("group-event-last", places("")),
        Measure::DaysSinceFirst => said("group-event-first", places("")),
    }
}

fn items_line(words: Words, test: &ItemsTest) -> String {
    let window = window(words, test.window);
    let which = match &test.which {
        Which::Any => words.say("group-items-any"),
        Which::Categories(all) => {
            let all = words.list(all);
            words.with("group-items-categories", &[("all", Put::Text(&all))])
        }
        Which::Items(all) => {
            let all: Vec<String> = all.iter().map(|item| item.as_str().to_owned()).collect();
            let all = words.list(&all);
            words.with("group-items-these", &[("all", Put::Text(&all))])
        }
    };
    let key = match test.did {
        Did::Viewed => "group-items-viewed",
        Did::Added => "group-items-added",
        Did::Bought => "group-items-bought",
    };
    let places = [
        ("count", Put::Count(u64::from(test.at_least))),
        ("which", Put::Text(&which)),
        ("window", Put::Text(&window)),
    ];
    words.with(key, &places)
}

fn occurrence(words: Words, program: &Program, occurrence: &Occurrence) -> String {
    let title = program
        .dictionary
        .event_title(&occurrence.event, words.language());
    let event = quoted(words, title);
    if occurrence.fields.is_empty() {
        return event;
    }
    let field = |test: &FieldTest| test_line(words, &test.field, &test.test);
    let fields: Vec<String> = occurrence.fields.iter().map(field).collect();
    let fields = words.list(&fields);
    words.with(
        "group-where",
        &[("event", Put::Text(&event)), ("fields", Put::Text(&fields))],
    )
}

fn compared(words: Words, comparison: Comparison, number: &str) -> String {
    let key = match comparison {
        Comparison::AtLeast => "group-at-least",
        Comparison::AtMost => "group-at-most",
        Comparison::MoreThan => "group-more-than",
        Comparison::LessThan => "group-less-than",
        Comparison::Exactly => "group-exactly",
    };
    words.with(key, &[("number", Put::Text(number))])
}

fn window(words: Words, window: Window) -> String {
    match window {
        Window::Ever => words.say("group-ever"),
        Window::Within(one) => {
            let span = span(words, one);
            words.with("group-last", &[("span", Put::Text(&span))])
        }
        Window::Between { from, to: None } => {
            let from = day(words, from);
            words.with("group-from", &[("from", Put::Text(&from))])
        }
        Window::Between { from, to: Some(to) } => {
            let (from, to) = (day(words, from), day(words, to));
            words.with(
                "group-from-to",
                &[("from", Put::Text(&from)), ("to", Put::Text(&to))],
            )
        }
    }
}

fn span(words: Words, span: Span) -> String {
    let key = match span.unit {
        Unit::Minutes => "group-minutes",
        Unit::Hours => "group-hours",
        Unit::Days => "group-days",
        Unit::Weeks => "group-weeks",
        Unit::Months => "group-months",
        Unit::Years => "group-years",
    };
    words.counted(key, u64::from(span.count))
}

fn value(words: Words, value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(words, text),
        Value::Number(number) => number_text(words, *number),
        Value::Bool(true) => words.say("group-yes"),
        Value::Bool(false) => words.say("group-no"),
    }
}

fn number_text(words: Words, number: f64) -> String {
    let decimals = if number.fract() == 0.0 { 0 } else { 2 };
    words.number(number, decimals)
}

fn quoted(words: Words, text: &str) -> String {
    words.with("group-quoted", &[("text", Put::Text(text))])
}

fn day(words: Words, at: Moment) -> String {
    words.day(at.day())
}
