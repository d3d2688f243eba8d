//! How long a message of about 6 KB takes, beside copying the same bytes:
//! `cargo run --release -p liquid --example speed`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures time, prints, and may fall over"
)]

use liquid::{How, Limits, Value, parse};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A mail as MJML makes it: much markup, some values, a loop and a few questions.
fn source() -> String {
    let cell = "<td align=\"left\" style=\"font-size:13px;padding:10px 25px;word-break:break-word;\"><div style=\"font-family:\
        Ubuntu,Helvetica,Arial,sans-serif;font-size:13px;line-height:1.5;text-align:left;color:#1a1a1a;\">";
    let row = format!("<tr>{cell}A line of the letter that is the same for everybody.</div></td></tr>\n");
    format!(
        "<!doctype html><html lang=\"{{{{ message.language | default: 'en' }}}}\"><body><table role=\"presentation\">\n{}\
         <tr>{cell}Hello {{{{ person.first_name | default: 'you' }}}}, on {{{{ 'now' | date: '%-d %B %Y' }}}}</div></td></tr>\n\
         {{% for item in cart %}}<tr>{cell}<a href=\"{{{{ item.url }}}}\">{{{{ item.title | truncate: 40 }}}}</a> \
         {{{{ item.price | money }}}}{{% unless forloop.last %}}, {{% endunless %}}</div></td></tr>\n{{% endfor %}}\
         {{% if person.city == 'Paris' %}}<p>See you at the shop.</p>{{% else %}}<p>We deliver.</p>{{% endif %}}\n{}\
         </table><a href=\"{{{{ links.why }}}}\">Why am I receiving this?</a> <a href=\"{{{{ links.unsubscribe }}}}\">\
         Unsubscribe</a></body></html>\n",
        row.repeat(8),
        row.repeat(6),
    )
}

fn values() -> Value {
    let item = |number: i64| {
        Value::object([
            ("title", Value::text(format!("Candle & holder, number {number}"))),
            ("url", Value::text(format!("https://shop.example/items/{number}"))),
            ("price", Value::Float(12.5)),
        ])
    };
    Value::object([
        (
            "person",
            Value::object(
                [("first_name", "Zoë"), ("city", "Paris")].map(|(name, value)| (name, value.into())),
            ),
        ),
        ("cart", Value::list((1..=5).map(item))),
        (
            "links",
            Value::object([
                ("why", Value::text("https://shop.example/why?a=1&b=2")),
                ("unsubscribe", Value::text("https://shop.example/out")),
            ]),
        ),
        ("message", Value::object([("language", Value::text("en"))])),
    ])
}

/// The least of several rounds, for one call.
fn least(rounds: u32, calls: u32, mut call: impl FnMut()) -> Duration {
    let round = |call: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        start.elapsed() / calls
    };
    (0..rounds).map(|_| round(&mut call)).min().unwrap()
}

fn main() {
    let (source, values) = (source(), values());
    let how = How::html("2026-03-14T15:09:26Z".parse().unwrap());
    let template = parse(&source, &Limits::default()).unwrap();
    let text = template.render(&values, &how).unwrap();
    let read = least(20, 200, || {
        black_box(parse(black_box(&source), &Limits::default()).unwrap());
    });
    let render = least(40, 500, || {
        black_box(template.render(black_box(&values), &how).unwrap());
    });
    let copy = least(40, 500, || {
        black_box(String::from(black_box(text.as_str())));
    });
    println!("template {} bytes, text {} bytes", source.len(), text.len());
    println!("read once {:.1} µs", read.as_secs_f64() * 1e6);
    println!("rendered in {:.1} µs", render.as_secs_f64() * 1e6);
    println!(
        "copied in {:.2} µs: rendering takes {:.0} times as long",
        copy.as_secs_f64() * 1e6,
        render.as_secs_f64() / copy.as_secs_f64()
    );
}
