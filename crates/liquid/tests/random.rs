//! Templates and values made at random: nothing falls over, everything ends, and what is not in the list of
//! reads changes nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may panic and speak; it reads its snippets and runs what it compares with"
)]

use liquid::{How, Limits, Read, Stop, Value, parse};
use proptest::prelude::*;
use std::collections::BTreeMap;

const NAMES: [&str; 6] = ["a", "b", "person", "shop", "x", "forloop"];
const FIELDS: [&str; 7] = ["a", "b", "x", "size", "first", "last", "index"];
const FILTERS: [&str; 30] = [
    "upcase",
    "default: 'd'",
    "default: b.a",
    "size",
    "first",
    "last",
    "append: a",
    "append: person.x",
    "split: 'a'",
    "join: shop.x",
    "plus: x",
    "divided_by: 0",
    "escape",
    "truncate: 3",
    "slice: 0, 9",
    "sort",
    "map: 'a'",
    "where: 'a', x",
    "concat: a",
    "reverse",
    "uniq",
    "compact",
    "date: '%Y %B'",
    "money",
    "newline_to_br",
    "replace: 'a', x",
    "strip_html",
    "round: 2",
    "url_encode",
    "raw",
];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(from).prop_map(str::to_owned)
}

fn path() -> BoxedStrategy<String> {
    let step = prop_oneof![
        5 => pick(&FIELDS).prop_map(|name| format!(".{name}")),
        1 => pick(&NAMES).prop_map(|name| format!("[{name}]")),
        1 => pick(&NAMES).prop_map(|name| format!("['{name}']")),
        1 => (-2..3_i64).prop_map(|number| format!("[{number}]")),
    ];
    (pick(&NAMES), prop::collection::vec(step, 0..3))
        .prop_map(|(name, steps)| name + &steps.concat())
        .boxed()
}

fn value() -> BoxedStrategy<String> {
    prop_oneof![
        6 => path(),
        1 => Just("'te<xt'".to_owned()),
        1 => (-9..99_i64).prop_map(|number| number.to_string()),
        1 => Just("(1..4)".to_owned()),
        1 => path().prop_map(|path| format!("(1..{path})")),
        1 => Just("empty".to_owned()),
    ]
    .boxed()
}

fn pipe() -> BoxedStrategy<String> {
    (value(), prop::collection::vec(pick(&FILTERS), 0..3))
        .prop_map(|(value, filters)| {
            std::iter::once(value)
                .chain(filters)
                .collect::<Vec<_>>()
                .join(" | ")
        })
        .boxed()
}

fn condition() -> BoxedStrategy<String> {
    let sign = pick(&["==", "!=", "<", ">=", "contains"]);
    let one = prop_oneof![
        value(),
        (value(), sign, value()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}"))
    ]
    .boxed();
    let join = pick(&["and", "or"]);
    (one.clone(), prop::option::of((join, one)))
        .prop_map(|(first, more)| match more {
            Some((join, more)) => format!("{first} {join} {more}"),
            None => first,
        })
        .boxed()
}

fn template() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        4 => pipe().prop_map(|pipe| format!("{{{{ {pipe} }}}}")),
        2 => (pick(&NAMES[..5]), pipe()).prop_map(|(name, pipe)| format!("{{% assign {name} = {pipe} %}}")),
        1 => Just("text <a href=\"".to_owned()),
        1 => Just("\"> ".to_owned()),
        1 => pick(&NAMES[..5]).prop_map(|name| format!("{{% increment {name} %}}")),
        1 => (value(), value()).prop_map(|(a, b)| format!("{{% cycle {a}, {b} %}}")),
        1 => Just("{% abort_message('x') %}".to_owned()),
    ]
    .boxed();
    leaf.prop_recursive(4, 24, 4, |inner| {
        let body = prop::collection::vec(inner, 0..4)
            .prop_map(|parts| parts.concat())
            .boxed();
        prop_oneof![
            body.clone(),
            (condition(), body.clone(), body.clone())
                .prop_map(|(asked, a, b)| format!("{{% if {asked} %}}{a}{{% else %}}{b}{{% endif %}}"))
                .boxed(),
            (condition(), body.clone())
                .prop_map(|(asked, a)| format!("{{% unless {asked} %}}{a}{{% endunless %}}"))
                .boxed(),
            (pick(&NAMES[..5]), value(), body.clone(), body.clone())
                .prop_map(|(name, list, a, b)| format!(
                    "{{% for {name} in {list} %}}{a}{{% break %}}{b}{{% endfor %}}"
                ))
                .boxed(),
            (pick(&NAMES[..5]), value(), value(), body.clone())
                .prop_map(|(name, list, limit, a)| format!(
                    "{{% for {name} in {list} limit: {limit} %}}{a}{{% else %}}e{{% endfor %}}"
                ))
                .boxed(),
            (pick(&NAMES[..5]), value(), body.clone())
                .prop_map(|(name, list, a)| format!(
                    "{{% tablerow {name} in {list} cols: 2 %}}{a}{{% endtablerow %}}"
                ))
                .boxed(),
            (pick(&NAMES[..5]), body.clone())
                .prop_map(|(name, a)| format!("{{% capture {name} %}}{a}{{% endcapture %}}"))
                .boxed(),
            (value(), value(), body.clone(), body)
                .prop_map(|(a, b, c, d)| format!(
                    "{{% case {a} %}}{{% when {b} %}}{c}{{% else %}}{d}{{% endcase %}}"
                ))
                .boxed(),
        ]
        .boxed()
    })
    .boxed()
}

fn data() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        (-3..99_i64).prop_map(Value::Int),
        Just(Value::Float(1.5)),
        pick(&["a", "b", "te<xt", "x", "", "2026-03-04"]).prop_map(Value::text),
    ];
    let inner = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            prop::collection::btree_map(pick(&FIELDS), inner, 0..4).prop_map(Value::object),
        ]
    });
    prop::collection::btree_map(pick(&NAMES), inner, 0..6)
        .prop_map(Value::object)
        .boxed()
}

fn how(strict: bool, html: bool) -> How {
    let how = if html {
        How::html(jiff::Timestamp::UNIX_EPOCH)
    } else {
        How::text(jiff::Timestamp::UNIX_EPOCH)
    };
    How {
        strict,
        fuel: 100_000,
        ..how
    }
}

/// The values with nothing left but what is read.
fn only(values: &Value, reads: &[Read]) -> Value {
    let whole = |path: &str| {
        reads.iter().any(|read| {
            let read_path = read.path.strip_suffix(".*").unwrap_or(&read.path);
            read.path == "*"
                || (read.whole && (path == read_path || path.starts_with(&format!("{read_path}."))))
        })
    };
    let there = |path: &str| {
        reads
            .iter()
            .any(|read| read.path == path || read.path.starts_with(&format!("{path}.")) || read.path == "*")
    };
    fn prune(
        value: &Value,
        path: &str,
        whole: &dyn Fn(&str) -> bool,
        there: &dyn Fn(&str) -> bool,
    ) -> Option<Value> {
        if whole(path) {
            return Some(value.clone());
        }
        if !there(path) {
            return None;
        }
        Some(match value {
            Value::Object(entries) => {
                let kept: BTreeMap<String, Value> = entries
                    .iter()
                    .filter_map(|(name, value)| {
                        let path = format!("{path}.{name}");
                        Some((name.clone(), prune(value, &path, whole, there)?))
                    })
                    .collect();
                Value::object(kept)
            }
            Value::List(_) => Value::list([]),
            value => value.clone(),
        })
    }
    let Value::Object(entries) = values else {
        panic!("values have names")
    };
    Value::object(
        entries
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), prune(value, name, &whole, &there)?))),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_in_the_list_of_reads_changes_nothing(
        source in template(), values in data(), strict in any::<bool>(), html in any::<bool>(),
    ) {
        if let Ok(template) = parse(&source, &Limits::default()) {
            let pruned = only(&values, template.reads());
            let (all, less) = (template.render(&values, &how(strict, html)), template.render(&pruned, &how(strict, html)));
            // How much work it was may differ by what a value weighs, not by what it says.
            if all != Err(Stop::Fuel) {
                prop_assert_eq!(all, less, "{}\n{:?}", source, template.reads());
            }
        }
    }

    #[test]
    fn every_text_is_a_template_or_has_faults_with_places(source in "\\PC{0,80}") {
        check(&source);
    }

    #[test]
    fn every_row_of_marks_and_words_is_read_or_has_faults(
        parts in prop::collection::vec(pick(&["{{", "}}", "{%", "%}", "-", "if", "for", " in ", "a", ".", "[", "]", "(", "..", ")",
            "|", ":", ",", "'", "\"", "1", "=", "==", "end", "raw", "comment", "liquid", "\n", " ", "é", "<a href=", "capture",
            "assign", "case", "when", "else", "cycle", "{% endif %}", "{% endfor %}", "{% endraw %}", "date", "9999999999"]), 0..40),
    ) {
        check(&parts.concat());
    }

    #[test]
    fn every_template_ends_within_its_fuel(source in template(), values in data(), fuel in 0..2_000_u64) {
        if let Ok(template) = parse(&source, &Limits::default()) {
            let how = How { fuel, ..how(false, true) };
            if let Ok(text) = template.render(&values, &how) {
                prop_assert!(text.len() as u64 <= fuel);
            }
        }
    }

    #[test]
    fn nothing_that_values_hold_becomes_a_tag_or_leaves_its_attribute(value in "[<>\"'&a-z:/ ]{0,12}") {
        let source = "<p>{{ v }}</p><a title=\"{{ v }}\" alt='{{ v }}'>{{ v | append: v | escape }}{{ v | newline_to_br }}";
        let values = Value::object([("v", Value::text(&value))]);
        let text = parse(source, &Limits::default()).unwrap().render(&values, &how(true, true)).unwrap();
        prop_assert_eq!(text.matches('<').count(), 3);
        prop_assert_eq!(text.matches('"').count(), 2);
        prop_assert_eq!(text.matches('\'').count(), 2);
    }
}

fn check(source: &str) {
    let values = Value::object([("a", Value::list([Value::Int(1), Value::text("x")]))]);
    match parse(source, &Limits::default()) {
        Ok(template) => {
            let _ = template.render(&values, &how(false, true));
            let _ = template.render(&values, &how(true, false));
        }
        Err(faults) => {
            let lines = u32::try_from(source.split('\n').count()).unwrap();
            assert!(!faults.is_empty());
            for fault in faults.iter() {
                assert!((1..=lines).contains(&fault.line) && fault.column >= 1, "{fault}");
                assert!(!fault.message.contains('\n') && !fault.mend.is_empty(), "{fault}");
            }
        }
    }
}
