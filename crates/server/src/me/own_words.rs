//! The page's own words as a notice: who asks, what a yes means for each purpose, how to take it back. They
//! stand beside the buttons wherever the site has no notice of its own for a purpose, and every yes given
//! there names them.
//!
//! Deliberately does not know: where the page puts them.

use crate::settings::Settings;
use crate::words::{Put, Words};
use gate::Notice;
use gate::notice::Error;
use std::fmt::Write as _;
use vocabulary::{Language, PurposeName};

/// The name of the notice.
pub const ID: &str = "own-page";
/// How long a yes lasts, days: six months, as the CNIL recommends for choices of this kind. The words say so.
const VALID_DAYS: u32 = 180;

/// The words as that version of the notice, in both languages.
pub fn notice(settings: &Settings, version: u32) -> Result<Notice, Error> {
    let site = super::site(settings);
    let controller = match settings.rights.controller.is_empty() {
        true => &site,
        false => &settings.rights.controller,
    };
    let mut file = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut file, version, &site, controller);
    Notice::read(&file)
}

fn write(file: &mut String, version: u32, site: &str, controller: &str) -> std::fmt::Result {
    writeln!(file, "id = {}", quoted(ID))?;
    writeln!(file, "version = {version}\nvalid_days = {VALID_DAYS}")?;
    writeln!(file, "controller = {}", quoted(controller))?;
    for (tag, words) in both() {
        let places = [("site", Put::Text(site)), ("controller", Put::Text(controller))];
        writeln!(file, "\n[{tag}]")?;
        writeln!(
            file,
            "title = {}",
            quoted(&words.with("own-notice-title", &places))
        )?;
        writeln!(file, "text = {}", quoted(&words.with("own-notice-text", &places)))?;
    }
    for purpose in PurposeName::ASKED {
        writeln!(file, "\n[[purposes]]\npurpose = {}", quoted(purpose.as_str()))?;
        for (tag, words) in both() {
            writeln!(
                file,
                "[purposes.{tag}]\nlabel = {}",
                quoted(&words.purpose(purpose))
            )?;
            writeln!(file, "text = {}", quoted(&words.say(key(purpose))))?;
        }
    }
    Ok(())
}

fn both() -> [(&'static str, Words); 2] {
    [("fr", Words::of(Language::Fr)), ("en", Words::of(Language::En))]
}

/// A basic string of TOML; JSON's are among them.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn key(purpose: PurposeName) -> &'static str {
    match purpose {
        PurposeName::Personalise => "own-personalise",
        PurposeName::Segment => "own-segment",
        PurposeName::Train => "own-train",
        PurposeName::Predict => "own-predict",
        PurposeName::MarketByEmail => "own-market-by-email",
        PurposeName::MarketBySms => "own-market-by-sms",
        PurposeName::MarketByPush => "own-market-by-push",
        PurposeName::Measure => "own-measure",
        // None of these rests on consent.
        PurposeName::Service
        | PurposeName::ShowOwnData
        | PurposeName::AnswerRightsRequest
        | PurposeName::HumanHelp
        | PurposeName::Secure => "me-others-words",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_ask_for_every_choice_of_the_page_in_both_languages_and_have_an_address_each() {
        let settings = Settings::default();
        let notice = notice(&settings, 3).unwrap();
        assert_eq!((notice.id(), notice.version()), (ID, 3));
        assert!(
            PurposeName::ASKED
                .iter()
                .all(|purpose| notice.purposes().contains(*purpose))
        );
        let [fr, en] = [Language::Fr, Language::En].map(|language| notice.text(language).clone());
        assert_ne!(fr.digest, en.digest);
        for (fr, en) in fr.purposes.iter().zip(&en.purposes) {
            assert_ne!(fr.text, en.text, "{}", fr.purpose);
            assert!(fr.text.len() > 40 && en.text.len() > 40, "{}", fr.purpose);
        }
    }

    #[test]
    fn a_controller_with_quotes_and_lines_is_text_and_never_a_setting() {
        let mut settings = Settings::default();
        settings.rights.controller = "Shop \"A\"\nvalid_days = 1 \\ é".to_owned();
        let notice = notice(&settings, 1).unwrap();
        assert_eq!(notice.valid_days(), VALID_DAYS);
        assert_eq!(notice.controller(), settings.rights.controller);
    }
}
