//! Names of the register and the words for them.

use crate::words::{Put, Words};
use decide::rights::Right;
use vocabulary::{Language, PurposeName};

/// What a purpose sees.
pub(super) fn sees(words: Words, purpose: PurposeName) -> String {
    words.say(match purpose {
        PurposeName::Service => "sees-service",
        PurposeName::Personalise => "sees-personalise",
        PurposeName::Segment => "sees-segment",
        PurposeName::Train => "sees-train",
        PurposeName::ShowOwnData | PurposeName::AnswerRightsRequest => "sees-all",
        PurposeName::Predict => "sees-predict",
        PurposeName::MarketByEmail => "sees-email",
        PurposeName::MarketBySms => "sees-sms",
        PurposeName::MarketByPush => "sees-push",
        PurposeName::Measure => "sees-measure",
        PurposeName::HumanHelp => "sees-help",
        PurposeName::Secure => "sees-secure",
    })
}

/// A legal basis in words; a term that has none as it is.
pub(super) fn basis(words: Words, term: &str) -> String {
    words.say(match term {
        "eu-gdpr:A6-1-a" => "basis-consent",
        "eu-gdpr:A6-1-b" => "basis-contract",
        "eu-gdpr:A6-1-c" => "basis-obligation",
        "eu-gdpr:A6-1-f" => "basis-interest",
        term => return term.to_owned(),
    })
}

/// How laws that rules name are called in French.
const FRENCH: [(&str, &str); 5] = [
    ("GDPR ", "RGPD "),
    ("recitals ", "considérants "),
    ("recital ", "considérant "),
    (" and ", " et "),
    ("; ", "\u{202f}; "),
];

/// The law that a rule names, as it is called in the page's language.
pub(super) fn law(words: Words, law: &str) -> String {
    match words.language() {
        Language::En => law.to_owned(),
        Language::Fr => FRENCH.iter().fold(law.to_owned(), |law, (english, french)| {
            law.replace(english, french)
        }),
    }
}

/// The name of a right.
pub(super) fn right(words: Words, right: Right) -> String {
    words.say(match right {
        Right::Access => "register-right-access",
        Right::Portability => "register-right-portability",
        Right::Rectification => "register-right-rectification",
        Right::Restriction => "register-right-restriction",
        Right::Objection => "register-right-objection",
        Right::Erasure => "register-right-erasure",
        Right::WithdrawAll => "register-right-withdraw-all",
        Right::HumanReview => "register-right-human-review",
    })
}

/// The name of a program.
pub(super) fn program(words: Words, name: &str) -> String {
    words.say(match name {
        "charter" => "program-charter",
        "dictionary" => "program-dictionary",
        _ => "program-catalogue",
    })
}

/// The name of a kind of declaration.
pub(super) fn kind(words: Words, kind: &str) -> String {
    words.say(match kind {
        "event" => "dictionary-event",
        _ => "dictionary-trait",
    })
}

/// A date of the register, `2026-11-22` or a time that begins with it, as people read it.
pub(super) fn day(words: Words, text: &str) -> String {
    let mut parts = text
        .get(..10)
        .unwrap_or_default()
        .split('-')
        .map(str::parse::<i16>);
    let date = match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => {
            let (month, day) = (i8::try_from(month), i8::try_from(day));
            month.ok().zip(day.ok()).and_then(|(month, day)| {
                let epoch = jiff::civil::date(1970, 1, 1);
                let days = jiff::civil::Date::new(year, month, day).ok()?.since(epoch).ok()?;
                u32::try_from(days.get_days()).ok()
            })
        }
        _ => None,
    };
    date.map_or_else(|| text.to_owned(), |days| words.day(vocabulary::Day(days)))
}

/// Where in the log something stands.
pub(super) fn leaf(words: Words, leaf: Option<u64>) -> String {
    match leaf {
        Some(leaf) => words.with("register-leaf", &[("leaf", Put::Count(leaf))]),
        None => words.say("register-leaf-none"),
    }
}
