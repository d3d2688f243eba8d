//! What the check of a receipt found, in plain words: what was proved, what was not, by whose key; or why
//! it is refused. The page that checks in the browser has the same words, so that both say the same.
//!
//! Deliberately does not know: how a receipt is checked, where the words go.

use super::{Put, Words};
use receipt::{Checked, Error, Unproved};
use vocabulary::{ConsentState, PurposeName};

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// In one line.
    pub title: String,
    /// Whose key the signature was checked with, and what that is worth.
    pub key: String,
    /// What was checked, and what it says.
    pub proved: Vec<String>,
    /// What is not proved.
    pub unproved: Vec<String>,
}

/// The verdict on a receipt that was checked.
pub fn verdict(words: Words, checked: &Checked) -> Verdict {
    let (title, key) = match checked.key_given {
        true => ("verify-good", "verify-key-good"),
        false => ("verify-own", "verify-key-own"),
    };
    Verdict {
        title: words.say(title),
        key: words.say(key),
        proved: proved(words, checked),
        unproved: checked
            .unproved
            .iter()
            .map(|one| words.say(unproved(*one)))
            .collect(),
    }
}

/// Why a receipt is refused.
pub fn refusal(words: Words, error: &Error) -> String {
    let key = error_key(error.code());
    match error {
        Error::Readable { line } => words.with(key, &[("line", Put::Text(&line.to_string()))]),
        _ => words.say(key),
    }
}

fn proved(words: Words, checked: &Checked) -> Vec<String> {
    let one = |key: &str, name: &str, text: &str| words.with(key, &[(name, Put::Text(text))]);
    let (facts, entry) = (&checked.facts, &checked.entry);
    let place = [
        ("index", Put::Text(&checked.index.to_string())),
        ("size", Put::Text(&checked.size.to_string())),
        ("origin", Put::Text(&checked.origin)),
    ];
    let said = [
        ("kind", Put::Text(&entry.kind)),
        ("verdict", Put::Text(&entry.verdict)),
        ("day", Put::Text(&checked.day)),
    ];
    let mut lines = vec![
        words.with("verify-place", &place),
        words.with("verify-said", &said),
    ];
    if let Some(purpose) = entry.purpose.as_deref() {
        let known = PurposeName::parse(purpose).map(|known| words.purpose(known));
        lines.push(one("verify-use", "purpose", known.as_deref().unwrap_or(purpose)));
    }
    lines.extend(facts.time.as_deref().map(|time| one("verify-time", "time", time)));
    if let Some(event) = &facts.event {
        let action = event.action.as_deref().and_then(action_key);
        lines.extend(action.map(|key| words.say(key)));
        lines.extend(event.page.as_deref().map(|page| one("verify-page", "page", page)));
    }
    if let Some(notice) = &facts.notice {
        let version = notice.version.map(|version| version.to_string());
        let places = [
            ("id", Put::Text(notice.id.as_deref().unwrap_or("?"))),
            ("version", Put::Text(version.as_deref().unwrap_or("?"))),
            ("language", Put::Text(notice.language.as_deref().unwrap_or("?"))),
        ];
        lines.push(words.with("verify-notice", &places));
        let controller = notice.controller.as_deref();
        lines.extend(controller.map(|name| one("verify-controller", "name", name)));
    }
    if let Some((title, text)) = &checked.words {
        lines.push(one("verify-words", "words", &format!("{title} – {text}")));
    }
    lines.extend(facts.consents.iter().map(|(purpose, state)| {
        let (purpose, state) = (words.purpose(*purpose), words.consent(*state));
        let places = [("purpose", Put::Text(&purpose)), ("state", Put::Text(&state))];
        words.with("verify-consent", &places)
    }));
    if let Some(decision) = &facts.decision {
        lines.push(one("verify-list", "items", &decision.items.join(", ")));
    }
    lines.push(words.say("verify-details"));
    lines.extend(checked.cosigned.iter().map(|(by, given)| {
        let key = if *given {
            "verify-cosigned-given"
        } else {
            "verify-cosigned"
        };
        one(key, "name", &by.witness)
    }));
    lines
}

/// Every text that the script of the page says, by the name it has there. Its places stand in braces.
pub fn for_the_browser(words: Words) -> Vec<(String, String)> {
    let places = [
        "index", "size", "origin", "kind", "verdict", "day", "purpose", "time", "page", "id", "version",
        "language", "name", "words", "state", "items", "line",
    ];
    let braces = places.map(|place| format!("{{{place}}}"));
    let put: Vec<(&str, Put<'_>)> = places
        .into_iter()
        .zip(&braces)
        .map(|(place, brace)| (place, Put::Text(brace)))
        .collect();
    let mut all: Vec<(String, String)> = SAID
        .iter()
        .map(|(name, key)| ((*name).to_owned(), words.with(key, &put)))
        .collect();
    let errors = ERRORS
        .iter()
        .map(|(code, key)| (format!("error:{code}"), words.with(key, &put)));
    all.extend(errors);
    all.extend(
        ACTIONS
            .iter()
            .map(|(name, key)| (format!("action:{name}"), words.say(key))),
    );
    let lacks = UNPROVED
        .iter()
        .map(|one| (format!("unproved:{}", one.as_str()), words.say(unproved(*one))));
    all.extend(lacks);
    let purposes = PurposeName::ALL.into_iter();
    all.extend(purposes.map(|one| (format!("purpose:{one}"), words.purpose(one))));
    let states = ConsentState::ALL.into_iter();
    all.extend(states.map(|one| (format!("state:dpv:{}", one.as_str()), words.consent(one))));
    all
}

const SAID: [(&str, &str); 20] = [
    ("good", "verify-good"),
    ("own", "verify-own"),
    ("refused", "verify-refused"),
    ("unable", "verify-unable"),
    ("key-good", "verify-key-good"),
    ("key-own", "verify-key-own"),
    ("proved", "verify-proved"),
    ("unproved", "verify-unproved"),
    ("place", "verify-place"),
    ("said", "verify-said"),
    ("use", "verify-use"),
    ("time", "verify-time"),
    ("page", "verify-page"),
    ("notice", "verify-notice"),
    ("controller", "verify-controller"),
    ("words", "verify-words"),
    ("consent", "verify-consent"),
    ("list", "verify-list"),
    ("details", "verify-details"),
    ("cosigned", "verify-cosigned"),
];

const ERRORS: [(&str, &str); 16] = [
    ("shape", "verify-error-shape"),
    ("key", "verify-error-key"),
    ("other-key", "verify-error-other-key"),
    ("proof", "verify-error-proof"),
    ("signature", "verify-error-signature"),
    ("stranger", "verify-error-stranger"),
    ("not-witnessed", "verify-error-not-witnessed"),
    ("inclusion", "verify-error-inclusion"),
    ("entry", "verify-error-entry"),
    ("secret", "verify-error-secret"),
    ("commitment", "verify-error-commitment"),
    ("details", "verify-error-details"),
    ("words", "verify-error-words"),
    ("readable", "verify-error-readable"),
    ("no-crypto", "verify-error-no-crypto"),
    ("no-ed25519", "verify-error-no-ed25519"),
];

fn error_key(code: &str) -> &'static str {
    let known = ERRORS.iter().find(|(known, _)| *known == code);
    known.map_or("verify-error-shape", |(_, key)| key)
}

const ACTIONS: [(&str, &str); 7] = [
    ("accept_all", "verify-action-accept-all"),
    ("refuse_all", "verify-action-refuse-all"),
    ("save", "verify-action-save"),
    ("withdraw", "verify-action-withdraw"),
    ("object", "verify-action-object"),
    ("signal", "verify-action-signal"),
    ("reported", "verify-action-reported"),
];

fn action_key(action: &str) -> Option<&'static str> {
    let known = ACTIONS.iter().find(|(known, _)| *known == action);
    known.map(|(_, key)| *key)
}

const UNPROVED: [Unproved; 6] = [
    Unproved::Truth,
    Unproved::DataSubject,
    Unproved::ExactTime,
    Unproved::Controller,
    Unproved::NoticeWords,
    Unproved::Processing,
];

fn unproved(one: Unproved) -> &'static str {
    match one {
        Unproved::Truth => "verify-unproved-truth",
        Unproved::DataSubject => "verify-unproved-subject",
        Unproved::ExactTime => "verify-unproved-time",
        Unproved::Controller => "verify-unproved-controller",
        Unproved::NoticeWords => "verify-unproved-words",
        Unproved::Processing => "verify-unproved-processing",
    }
}
