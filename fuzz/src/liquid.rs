//! Templates: whatever a text holds, it is read or has faults with places; it ends within its fuel, and what
//! is not in its list of reads changes nothing.

use crate::Target;
use ::liquid::{How, Limits, Read, Stop, Value, parse};

pub const TARGETS: &[&Target] = &[&Target {
    name: "template",
    run: template,
    seeds: || SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
}];

const SEEDS: &[&str] = &[
    include_str!("../../crates/liquid/tests/oracle/snippets.txt"),
    include_str!("../../demo/program/messages/letter/fr.mjml"),
    "<a href=\"{{ person.url }}\" title='{{ shop.name | escape }}'>{{ person.first_name | default: 'you' }}</a>",
    "{% for o in person.list limit: 2 %}{{ o.title }}{{ forloop.index }}{% cycle 'a', o %}{% else %}-{% endfor %}",
    "{%- assign p = person -%}{% capture c %}{{ p.first_name }}{% endcapture %}{{ c | append: p.url | upcase }}",
    "{% case person.first_name %}{% when 'a', nil %}x{% else %}{% abort_message('no') %}{% endcase %}",
    "{% liquid\nif person.list contains 1\n  echo 'now' | date: '%A %-d %B'\nendif %}{{ 12.5 | money }}",
    "{% tablerow x in (1..9) cols: 3 %}{{ x | times: 1.5 | round }}{% endtablerow %}{% raw %}{{ }}{% endraw %}",
];

fn values() -> Value {
    let texts =
        [("first_name", "A <b>"), ("url", "javascript:x")].map(|(name, text)| (name, Value::text(text)));
    let list = Value::list([
        Value::Int(1),
        Value::object([("title", Value::text("t"))]),
        Value::Nil,
    ]);
    Value::object([
        ("person", Value::object(texts.into_iter().chain([("list", list)]))),
        ("shop", Value::object([("name", Value::text("S"))])),
    ])
}

fn template(bytes: &[u8]) {
    let Ok(source) = std::str::from_utf8(bytes) else {
        return;
    };
    let template = match parse(source, &Limits::default()) {
        Ok(template) => template,
        Err(faults) => {
            let lines = source.split('\n').count();
            assert!(!faults.is_empty(), "no template and no fault");
            for fault in faults.iter() {
                assert!(
                    (1..=lines).contains(&(fault.line as usize)) && fault.column >= 1,
                    "{fault}"
                );
                assert!(!fault.to_string().contains('\n'), "{fault:?}");
            }
            return;
        }
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let text = How {
        strict: false,
        fuel: 50_000,
        ..How::text(now)
    };
    for how in [
        How {
            fuel: 50_000,
            ..How::html(now)
        },
        text,
    ] {
        let found = template.render(&values(), &how);
        if let Ok(text) = &found {
            assert!(text.len() as u64 <= how.fuel, "more text than fuel");
        }
        // With nothing of the person read, nothing of the person matters.
        let of_person =
            |read: &Read| read.path == "*" || read.path == "person" || read.path.starts_with("person.");
        if found != Err(Stop::Fuel) && !template.reads().iter().any(of_person) {
            let nobody = Value::object([("shop", values().get("shop").cloned().unwrap_or_default())]);
            assert_eq!(
                found,
                template.render(&nobody, &how),
                "a value that is not in the list of reads"
            );
        }
    }
}
