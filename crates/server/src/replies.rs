//! Replies by e-mail to answers of the team: which conversation a message belongs to, what of it is new, and
//! that what machines write is no word of the person.
//!
//! Nothing is believed of a message but the word it carries; who it says it is from does not matter.
//! Deliberately does not know: how mail arrives, how a message is taken apart.

use crate::app::App;
use gate::{ConversationId, Heard, NotSaid, Unavailable};

/// Longest text that is looked at, bytes.
const LONGEST: usize = 256 << 10;
/// Letters of a word.
const WORD: usize = 48;
/// Words that are tried of one message: somebody may have written many.
const TRIED: usize = 8;

/// A message that came in, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Came<'a> {
    /// Where a word may stand: the addresses it went to, `In-Reply-To`, `References`.
    pub places: Vec<&'a str>,
    /// Its Message-ID.
    pub message_id: &'a str,
    /// `Auto-Submitted` (RFC 3834).
    pub auto_submitted: Option<&'a str>,
    /// `Precedence`, as lists and absence notices of old set it.
    pub precedence: Option<&'a str>,
    /// Its plain text.
    pub text: &'a str,
    /// Names of what is attached.
    pub attached: Vec<String>,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It is a turn of this conversation, now or since before.
    Joined(ConversationId),
    /// A machine wrote it: nothing to do.
    Automatic,
    /// It carries no word that is good.
    NotOurs,
    /// It says nothing, or cannot be kept: the person's limits are full.
    NotKept,
}

/// Takes a message that came in. What is `Joined` is on disk.
pub async fn take(app: &App, came: &Came<'_>) -> Result<Taken, Unavailable> {
    if is_automatic(came) {
        return Ok(Taken::Automatic);
    }
    let heard = Heard {
        message: came.message_id.to_owned(),
        text: new_text(came.text),
        attached: came.attached.clone(),
    };
    for word in words_in(&came.places) {
        match app.gate.hear_reply(word, &heard, app.now()).await? {
            Ok(id) => return Ok(Taken::Joined(id)),
            Err(NotSaid::Unknown) => {}
            Err(_) => return Ok(Taken::NotKept),
        }
    }
    Ok(Taken::NotOurs)
}

/// RFC 3834, section 5, and what was used before it.
fn is_automatic(came: &Came<'_>) -> bool {
    let is = |value: Option<&str>, words: &[&str]| {
        let value = value.unwrap_or_default().trim().to_ascii_lowercase();
        words.iter().any(|word| value.starts_with(word))
    };
    let submitted = came.auto_submitted.unwrap_or_default().trim();
    let by_machine = !submitted.is_empty() && !submitted.to_ascii_lowercase().starts_with("no");
    by_machine || is(came.precedence, &["bulk", "junk", "list", "auto_reply"])
}

/// Whatever looks like a word in these texts, once each.
fn words_in<'a>(places: &[&'a str]) -> Vec<&'a str> {
    let letter = |c: char| matches!(c, 'a'..='z' | 'A'..='Z' | '2'..='7');
    let mut words: Vec<&str> = Vec::new();
    for place in places {
        for word in place.split(|c| !letter(c)) {
            if word.len() == WORD && !words.contains(&word) && words.len() < TRIED {
                words.push(word);
            }
        }
    }
    words
}

/// What is new in a reply: without what it quotes below it, and without a signature. Careful: where it is not
/// certain that a part is a quote, the part stays; where nothing would be left, all does.
pub fn new_text(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default().replace("\r\n", "\n");
    let lines: Vec<&str> = text.lines().collect();
    let mut kept = lines.len();
    for (at, line) in lines.iter().enumerate() {
        let rest = lines.get(at + 1..).unwrap_or_default();
        let quoted = introduces(&lines, at).and_then(|lasts| lines.get(at + lasts..));
        let begins = is_original(line) || quoted.is_some_and(only_quotes);
        if begins || (is_quote(line) && only_quotes(rest)) {
            kept = at;
            break;
        }
    }
    let mut new = lines.get(..kept).unwrap_or_default();
    // A line of two dashes and a space, by custom (RFC 3676, section 4.3).
    if let Some(at) = new.iter().position(|line| *line == "-- ")
        && new.iter().take(at).any(|line| !line.trim().is_empty())
    {
        new = new.get(..at).unwrap_or_default();
    }
    let new = new.join("\n").trim().to_owned();
    match new.is_empty() {
        true => text.trim().to_owned(),
        false => new,
    }
}

fn is_quote(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn only_quotes(rest: &[&str]) -> bool {
    let mut seen = false;
    let all = rest.iter().all(|line| {
        seen |= is_quote(line);
        line.trim().is_empty() || is_quote(line)
    });
    all && (seen || rest.iter().all(|line| line.trim().is_empty()))
}

/// `On 3 May 2027, Zoé wrote:` and `Le 3 mai 2027, Zoé a écrit :`: on how many lines, one or two.
fn introduces(lines: &[&str], at: usize) -> Option<usize> {
    let line = lines.get(at).map(|line| line.trim()).unwrap_or_default();
    let next = lines.get(at + 1).map(|line| line.trim()).unwrap_or_default();
    let begins = ["On ", "Le ", "Am ", "El "]
        .iter()
        .any(|word| line.starts_with(word));
    let ends = |line: &str| {
        let line = line.trim_end_matches(['\u{202f}', '\u{a0}', ' ', ':']);
        ["wrote", "a écrit", "schrieb", "escribió"]
            .iter()
            .any(|word| line.ends_with(word))
    };
    if !begins || line.len() >= 300 {
        return None;
    }
    match (ends(line), ends(next)) {
        (true, _) => Some(1),
        (false, true) => Some(2),
        (false, false) => None,
    }
}

/// The line with which some programs put the whole earlier message below, unquoted.
fn is_original(line: &str) -> bool {
    let line = line.trim();
    let dashed = line.starts_with("-----") && line.ends_with("-----");
    dashed
        && [
            "Original Message",
            "Message d'origine",
            "Message d’origine",
            "Original Appointment",
        ]
        .iter()
        .any(|words| line.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_new_is_kept() {
        for (text, new) in [
            (
                "Merci !\n\nLe 3 mai 2027 à 10:00, Zoé <z@shop.example> a écrit :\n> Demain.\n> Zoé\n",
                "Merci !",
            ),
            (
                "Thanks\r\n\r\nOn Mon, 3 May 2027,\r\nZoé wrote:\r\n> Tomorrow\r\n",
                "Thanks",
            ),
            ("Oui\n\n-----Message d’origine-----\nDe : Zoé\nBonjour\n", "Oui"),
            ("Oui.\n-- \nAnne\n06 00 00 00 00\n", "Oui."),
            ("> Demain ?\nNon, lundi.\n> Zoé\n", "> Demain ?\nNon, lundi."),
            (
                "Le 3 mai je ne suis pas là.\nMerci",
                "Le 3 mai je ne suis pas là.\nMerci",
            ),
            (
                "On the 3rd she wrote:\nI like it",
                "On the 3rd she wrote:\nI like it",
            ),
            ("> rien que cela\n", "> rien que cela"),
            ("", ""),
        ] {
            assert_eq!(new_text(text), new, "{text}");
        }
    }

    #[test]
    fn what_a_machine_writes_is_told_by_its_fields() {
        let came = |auto_submitted, precedence| Came {
            auto_submitted,
            precedence,
            ..Came::default()
        };
        for (came, automatic) in [
            (came(None, None), false),
            (came(Some("no"), None), false),
            (came(Some("auto-replied; owner-email=a@b.example"), None), true),
            (came(Some("auto-generated"), None), true),
            (came(None, Some("Bulk")), true),
            (came(None, Some("auto_reply")), true),
            (came(None, Some("first-class")), false),
        ] {
            assert_eq!(is_automatic(&came), automatic, "{came:?}");
        }
    }

    #[test]
    fn words_are_found_in_addresses_and_names_of_messages() {
        let word = "a".repeat(48);
        let to = format!("<care+{word}@shop.example>");
        let reference = format!("<00ff.{word}@shop.example> <x@y>");
        assert_eq!(words_in(&[&to, &reference]), [word.as_str()]);
        assert!(words_in(&["care@shop.example", &"b".repeat(49), &"1".repeat(48)]).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_comes_in_is_cut_and_never_grows(text in "(?s).{0,400}") {
            let new = new_text(&text);
            prop_assert!(new.len() <= text.len());
        }

        #[test]
        fn a_text_without_quotes_stays_whole(lines in prop::collection::vec("[a-zé ,.!]{0,40}", 0..12)) {
            let text = lines.join("\n");
            prop_assert_eq!(new_text(&text), text.trim());
        }
    }
}
