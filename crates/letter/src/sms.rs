//! Text messages: what a number is, how long a text is and so what it costs, the words by which people in France
//! stop them, and the request to a provider by a template that the settings declare.
//!
//! Deliberately does not know: the network, whose number it is, whether it may be written to.

mod length;
mod provider;

pub use length::{Encoding, Length, measure};
pub use provider::{Body, Fault, Match, Message, Provider, Reading, Request, Verdict};

/// A telephone number of E.164 (ITU-T): `+` and 7 to 15 digits, the first not 0.
#[derive(Clone, PartialEq, Eq)]
pub struct Number(String);

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Number")
    }
}

/// No number that can be written to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a number is `+`, the country and the subscriber, 7 to 15 digits in all, such as `+33612345678` (E.164)"
)]
pub struct NotANumber;

impl Number {
    /// Reads a number. Spaces, full stops and hyphens between digits are dropped; a number without its country is
    /// refused, because nobody can know which was meant.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Number, NotANumber> {
        let digits = text.trim().strip_prefix('+').ok_or(NotANumber)?;
        let between = |c: &char| !matches!(c, ' ' | '.' | '-' | '\u{a0}' | '\u{202f}' | '\u{2011}');
        let digits: String = digits.chars().filter(between).collect();
        let counted = (7..=15).contains(&digits.len());
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        match counted && plain {
            true => Ok(Number(format!("+{digits}"))),
            false => Err(NotANumber),
        }
    }

    /// A number as a provider reports it, which often leaves the `+` out.
    ///
    /// # Errors
    /// If it is none.
    pub fn reported(text: &str) -> Result<Number, NotANumber> {
        let text = text.trim();
        let text = text.strip_prefix("00").unwrap_or(text);
        Number::parse(&format!("+{}", text.strip_prefix('+').unwrap_or(text)))
    }

    /// With `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without.
    pub fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }

    /// Whether it is of metropolitan France or one of its overseas numbering plans (ARCEP).
    pub fn is_french(&self) -> bool {
        ["33", "262", "508", "590", "594", "596", "681", "687", "689"]
            .iter()
            .any(|country| self.digits().starts_with(country))
    }
}

/// How a person in France stops text messages: free of charge, by a reply (Code des postes et des communications
/// électroniques, art. L34-5; the mention is `STOP au 36xxx`, or what the provider replaces by it).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stop(String);

impl Stop {
    /// The short number, five digits from 30000 to 39999, or the provider's own placeholder for it, such as
    /// `[STOP_CODE]`. `None` if it is neither.
    pub fn new(code: &str) -> Option<Stop> {
        let short = code.len() == 5 && code.starts_with('3') && code.bytes().all(|b| b.is_ascii_digit());
        let inner = code.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let placeholder = inner.is_some_and(|inner| {
            (1..=20).contains(&inner.len())
                && inner
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b" _".contains(&b))
        });
        (short || placeholder).then(|| Stop(format!("STOP au {code}")))
    }

    /// The words.
    pub fn words(&self) -> &str {
        &self.0
    }

    /// The text with the words at its end; a text that has them already is left alone.
    pub fn onto(&self, text: &str) -> String {
        let text = text.trim_end();
        match text.ends_with(&self.0) {
            true => text.to_owned(),
            false if text.is_empty() => self.0.clone(),
            false => format!("{text} {}", self.0),
        }
    }
}

/// Whether a reply asks to be left alone: one of the words alone, whatever case and signs are around it.
pub fn asks_to_stop(reply: &str) -> bool {
    let word: String = reply.trim_matches(|c: char| !c.is_alphanumeric()).to_uppercase();
    [
        "STOP",
        "ARRET",
        "ARRÊT",
        "STOP SMS",
        "STOPSMS",
        "STOPALL",
        "UNSUBSCRIBE",
    ]
    .contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_without_its_country_is_nobodys() {
        for text in [
            "0612345678",
            "33612345678",
            "+0612345678",
            "+336",
            "+3361234567890123",
            "+33(0)612345678",
            "",
            "+33 6 12 34 56 7x",
            "+٣٣٦١٢٣٤٥٦٧٨",
            "++33612345678",
        ] {
            assert_eq!(Number::parse(text), Err(NotANumber), "{text}");
        }
        for text in [
            "+33612345678",
            "+33 6 12 34 56 78",
            " +33-6.12\u{202f}34\u{a0}56 78 ",
        ] {
            assert_eq!(Number::parse(text).unwrap().as_str(), "+33612345678", "{text}");
        }
        for text in ["33612345678", "+33612345678", "0033612345678"] {
            assert_eq!(Number::reported(text).unwrap().as_str(), "+33612345678", "{text}");
        }
        assert!(Number::parse("+33612345678").unwrap().is_french());
        assert!(!Number::parse("+32470123456").unwrap().is_french());
    }

    #[test]
    fn a_number_is_not_printed_by_accident() {
        assert_eq!(format!("{:?}", Number::parse("+33612345678").unwrap()), "Number");
    }

    #[test]
    fn the_words_that_stop_stand_at_the_end_once() {
        let stop = Stop::new("36180").unwrap();
        assert_eq!(stop.onto("Soldes "), "Soldes STOP au 36180");
        assert_eq!(stop.onto("Soldes STOP au 36180"), "Soldes STOP au 36180");
        assert_eq!(
            Stop::new("[STOP_CODE]").unwrap().onto("Soldes"),
            "Soldes STOP au [STOP_CODE]"
        );
        for code in [
            "",
            "3618",
            "361800",
            "12345",
            "36a80",
            "[]",
            "[stop]",
            "[A",
            "+33612345678",
        ] {
            assert_eq!(Stop::new(code), None, "{code}");
        }
    }

    #[test]
    fn stop_is_understood_however_it_is_typed() {
        for reply in ["STOP", "stop", " Stop. ", "«stop»", "Arrêt", "stop sms!"] {
            assert!(asks_to_stop(reply), "{reply}");
        }
        for reply in ["", "stopover", "ne pas stopper", "OK"] {
            assert!(!asks_to_stop(reply), "{reply}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_a_number_and_read_again_the_same(text in ".*") {
            if let Ok(number) = Number::parse(&text) {
                prop_assert_eq!(Number::parse(number.as_str()), Ok(number.clone()));
                prop_assert!((8..=16).contains(&number.as_str().len()));
            }
        }
    }
}
