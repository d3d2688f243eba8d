//! A charter read back from the bytes that its digest is of, so that what it answered long ago can be asked
//! again: its own schema, its own policies, the operator's of that time.
//!
//! Deliberately does not know: which charter is in force, who asks. A charter that is read here is for
//! looking back; no gate opens anything on its word.

use super::load;
use super::texts;
use super::{Charter, Error, Problem};

/// First line of the bytes.
const HEAD: &[u8] = b"egard charter 1\n";
/// Most bytes and most files: far more than a charter with every file an operator may add.
const MOST_BYTES: usize = 4 << 20;
const MOST_FILES: usize = 128;

/// The files of a charter, as its bytes hold them.
struct Files<'a> {
    schema: &'a str,
    /// Path and text, in the order they are evaluated in: their order decides nothing.
    policies: Vec<(&'a str, &'a str)>,
    /// The operator's: name and text.
    operator: Vec<(String, String)>,
}

impl Charter {
    /// The charter whose [`Charter::text`] these bytes are. An error: they are none, or are of a charter
    /// that this program cannot ask, because its rules use words that are gone. Its digest is that of the
    /// bytes, whatever they are: compare it with the one wanted.
    pub fn from_text(bytes: &[u8]) -> Result<Charter, Error> {
        let files = files(bytes).ok_or_else(|| unread("the bytes are not laid out as a charter"))?;
        let loaded = load::load_texts(files.schema, &files.policies, &files.operator)?;
        Charter::of(loaded, bytes.to_vec())
    }
}

/// Takes the bytes apart; `None` if they are not exactly the header and whole files in order of their paths.
fn files(bytes: &[u8]) -> Option<Files<'_>> {
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let mut rest = bytes.strip_prefix(HEAD)?;
    let (mut schema, mut policies, mut operator) = (None, Vec::new(), Vec::new());
    let mut before = "";
    for number in 0.. {
        if rest.is_empty() {
            break;
        }
        if number >= MOST_FILES {
            return None;
        }
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, after) = rest.split_at(end);
        let (path, length) = std::str::from_utf8(line).ok()?.rsplit_once(' ')?;
        let (text, after) = after.get(1..)?.split_at_checked(length.parse().ok()?)?;
        let text = std::str::from_utf8(text).ok()?;
        // Two files of one path would leave open which one was in force.
        if path <= before {
            return None;
        }
        if path == texts::SCHEMA.0 {
            schema = Some(text);
        } else if path.starts_with("charter/policies/") {
            policies.push((path, text));
        } else if let Some(name) = path
            .strip_prefix("operator/")
            .and_then(|p| p.strip_suffix(".cedar"))
        {
            operator.push((name.to_owned(), text.to_owned()));
        }
        (before, rest) = (path, after);
    }
    Some(Files {
        schema: schema?,
        policies,
        operator,
    })
}

fn unread(message: &str) -> Error {
    Error {
        file: "charter".to_owned(),
        line: None,
        policy: None,
        problem: Problem::Cedar(message.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charter::Question;
    use proptest::prelude::*;

    fn narrowed() -> Charter {
        let text = r#"
@id("no-sms")
@explain_fr("Pas de SMS.")
@explain_en("No text messages.")
forbid (principal, action == Action::"market_by_sms", resource);
"#;
        Charter::with_operator(&[("quiet".to_owned(), text.to_owned())]).unwrap()
    }

    #[test]
    fn a_charter_read_back_answers_as_it_did() {
        for charter in [Charter::built_in().unwrap(), narrowed()] {
            let back = Charter::from_text(charter.text()).unwrap();
            assert_eq!((back.digest(), back.text()), (charter.digest(), charter.text()));
            for question in charter.distinct().step_by(97) {
                assert_eq!(charter.decide(&question), back.decide(&question), "{question:?}");
            }
        }
    }

    #[test]
    fn another_text_is_another_charter_that_may_answer_otherwise() {
        let text = String::from_utf8(Charter::built_in().unwrap().text().to_vec()).unwrap();
        // Of the same length, so that it is still laid out as a charter.
        let changed = text.replace("when { context.objected };", "when { context.gpc      };");
        assert_ne!(text, changed);
        let (before, after) = (
            Charter::from_text(text.as_bytes()).unwrap(),
            Charter::from_text(changed.as_bytes()).unwrap(),
        );
        assert_ne!(before.digest(), after.digest());
        let differs = |question: &Question| before.decide(question) != after.decide(question);
        assert!(before.distinct().step_by(7).any(|question| differs(&question)));
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_charter_are_refused_in_words(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = HEAD.to_vec();
            text.extend(&bytes);
            for bytes in [bytes, text] {
                prop_assert!(Charter::from_text(&bytes).is_err());
            }
        }
    }
}
