//! The honesty lint: whatever a template holds, it is read, and each finding is at a place of the file and quotes it.

use crate::Target;
use honesty::{Bound, Head, Kind, Part, Source, lint, read};
use vocabulary::{Channel, Language};

pub const TARGETS: &[&Target] = &[&Target {
    name: "honesty",
    run: honesty,
    seeds: || SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
}];

const SEEDS: &[&str] = &[
    include_str!("../../demo/program/messages/letter/fr.mjml"),
    "{% if claims.urgency %}Derni\u{e8}re chance, jusqu\u{2019}au {{ claims.urgency }}{% else %}Plus que 3{% endif %}",
    "<p style=\"font-size:9px;color:#ccc\"><a href=\"/n\">Non, je pr\u{e9}f\u{e8}re payer plus</a></p><a class=\"btn\">Oui</a>",
    "<form><label><input type=\"checkbox\" checked> J\u{2019}accepte</label></form>&nbsp;&eacute;<!-- x -->",
    "\u{ab} J\u{2019}ai perdu 12 kilos ! \u{bb} Julie P.\n\n[x] Share my data\n[No thanks, I hate saving]\n",
];

fn honesty(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let Ok(source) = std::str::from_utf8(rest) else {
        return;
    };
    // Long texts cost time and find nothing new.
    if source.len() > 4_000 {
        return;
    }
    let language = [Language::Fr, Language::En][usize::from(first & 1)];
    let bound = Kind::ALL
        .into_iter()
        .filter(|kind| first & (kind.bit() << 2) != 0);
    let head = Head {
        language,
        channel: Channel::Email,
        marketing: first & 2 == 0,
        bound: bound.map(|kind| Bound { kind, stops: false }).collect(),
    };
    let (subject, body) = source.split_once('\n').unwrap_or((source, ""));
    for body_of in [Source::Plain(body), Source::Markup(body)] {
        for finding in lint(&read(&head, Some(subject), body_of)) {
            let part = match finding.place.part {
                Part::Subject => subject,
                Part::Body => body,
            };
            assert!(
                finding.place.byte <= part.len(),
                "{finding:?} is outside of its file"
            );
            assert!(
                part.is_char_boundary(finding.place.byte),
                "{finding:?} is within a letter"
            );
            assert!(finding.words.chars().count() <= 120, "{finding:?}");
        }
    }
}
