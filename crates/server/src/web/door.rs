//! The pages of somebody who is not in: the entrance, the button behind a link, and what comes after;
//! and the mail that brings a link.
//!
//! Deliberately does not know: who it is, whether anything is known of them.

use super::assets::{ICON, STYLE};
use crate::words::{Put, Words};
use askama::Template;
use vocabulary::{Day, Language};

/// What such a page needs.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    /// The language.
    pub language: Language,
    /// In front of every address.
    pub root: &'a str,
    /// What people call the site.
    pub site: &'a str,
    /// Whether links can be e-mailed.
    pub by_mail: bool,
    /// Where the person stands.
    pub state: State<'a>,
}

/// Where the person stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State<'a> {
    /// Before the entrance.
    Start,
    /// With a link in hand that is still good.
    Continue {
        /// The sealed pass of the link.
        pass: &'a str,
    },
    /// With a link that was used, has ended, or never was one: these are told alike.
    Ended,
    /// A link was asked for. Whether one was sent is told to nobody but the mailbox.
    Sent,
    /// Out again.
    Left,
    /// Everything was erased.
    Erased {
        /// The name of the certificate; none if the process was killed before it was noted down.
        certificate: Option<&'a str>,
        /// The day it says.
        day: Day,
    },
}

/// A message to be e-mailed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

#[derive(Template)]
#[template(path = "door.html")]
struct Page<'a> {
    words: Words,
    tag: &'static str,
    style: String,
    icon: String,
    root: &'a str,
    site: &'a str,
    title: String,
    lines: Vec<String>,
    pass: Option<&'a str>,
    certificate: Option<Certificate>,
    mail: bool,
}

/// What the page says of a certificate.
struct Certificate {
    address: String,
    proves: Vec<String>,
}

/// The page as markup. Fails only if the machine cannot hold it.
pub fn page(door: &Door<'_>) -> Result<String, askama::Error> {
    let words = Words::of(door.language);
    let site = [("site", Put::Text(door.site))];
    let (title, lines) = match door.state {
        State::Start => (
            words.with("door-start", &site),
            vec![
                words.with("door-start-words", &site),
                match door.by_mail {
                    true => words.with("door-start-how-mail", &site),
                    false => words.with("door-start-how", &site),
                },
            ],
        ),
        State::Continue { .. } => (
            words.with("door-continue", &site),
            vec![words.with("door-continue-words", &site)],
        ),
        State::Ended => (words.say("door-ended"), vec![words.say("door-ended-words")]),
        State::Sent => (words.say("door-sent"), vec![words.say("door-sent-words")]),
        State::Left => (words.say("door-left"), vec![words.say("door-left-words")]),
        State::Erased { .. } => (
            words.say("door-erased"),
            vec![words.say("door-erased-words"), words.say("door-erased-proof")],
        ),
    };
    Page {
        words,
        tag: door.language.tag(),
        style: format!("{}{}", door.root, STYLE.path),
        icon: format!("{}{}", door.root, ICON.path),
        root: door.root,
        site: door.site,
        title,
        lines,
        pass: match door.state {
            State::Continue { pass } => Some(pass),
            _ => None,
        },
        certificate: match door.state {
            State::Erased {
                certificate: Some(name),
                day,
            } => Some(certificate(words, door.root, name, day)),
            _ => None,
        },
        mail: door.by_mail && matches!(door.state, State::Start | State::Ended),
    }
    .render()
}

fn certificate(words: Words, root: &str, name: &str, day: Day) -> Certificate {
    let day = words.day(day);
    Certificate {
        address: format!("{root}/me/certificates/{name}"),
        proves: vec![
            words.with("certificate-says", &[("day", Put::Text(&day))]),
            words.say("certificate-log"),
            words.say("certificate-nobody"),
            words.say("certificate-keep"),
        ],
    }
}

/// The mail that brings a link good for so many minutes.
pub fn mail(language: Language, site: &str, link: &str, minutes: u64) -> Mail {
    let words = Words::of(language);
    let site = [("site", Put::Text(site))];
    let paragraphs = [
        words.with("mail-opening", &site),
        link.to_owned(),
        words.with("mail-until", &[("minutes", Put::Count(minutes))]),
        words.say("mail-unasked"),
    ];
    Mail {
        subject: words.with("mail-subject", &site),
        body: paragraphs.join("\n\n") + "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stands_alone_on_its_line_in_both_languages() {
        for language in [Language::En, Language::Fr] {
            let mail = mail(language, "Shop", "https://egard.example/me/link?pass=x", 30);
            assert!(mail.body.contains("\n\nhttps://egard.example/me/link?pass=x\n\n"));
            assert!(mail.subject.contains("Shop") && mail.body.contains("30"));
        }
    }
}
