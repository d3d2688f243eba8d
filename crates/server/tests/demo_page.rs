//! The demo page as it is promised: whole without script, safe with any text, the same in both
//! languages. The walk through it in a real browser is in `house.rs`, served by the whole server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod sample;

use sample::{Shop, TOKEN};
use server::web::demo::{Notice, page};
use server::web::{CONTENT_SECURITY_POLICY, PAGE_HEADERS};
use vocabulary::Language;

fn agreeing(language: Language) -> String {
    page(&Shop::default().demo(language, Some("17346"), None)).unwrap()
}

#[test]
fn the_page_needs_no_script_and_nothing_from_elsewhere() {
    for language in [Language::En, Language::Fr] {
        let markup = agreeing(language);
        for never in [
            "<script",
            "style=",
            " onclick",
            "http://",
            "https://",
            "javascript:",
        ] {
            assert!(!markup.contains(never), "`{never}` in the page");
        }
    }
    assert!(PAGE_HEADERS.contains(&("content-security-policy", CONTENT_SECURITY_POLICY)));
}

#[test]
fn any_text_is_text_and_never_markup() {
    let mut demo = Shop::default().demo(Language::En, Some("17346"), None);
    let evil = "<script>alert(1)</script>\"'&";
    let chosen = demo.chosen.as_mut().unwrap();
    chosen.label = evil.to_owned();
    chosen.key = evil.to_owned();
    chosen.history[0].name = evil.to_owned();
    chosen.history[0].item = evil.to_owned();
    chosen.offers[0].name = evil.to_owned();
    chosen.offers[0].parts[0].item = evil.to_owned();
    chosen.traits[0].value = evil.to_owned();
    chosen.unkept[0].name = evil.to_owned();
    chosen.record.receipt = evil.to_owned();
    demo.token = evil.to_owned();
    demo.notice = Some(Notice::Removed {
        name: evil.to_owned(),
        went: vec![evil.to_owned()],
        came: Vec::new(),
    });
    let markup = page(&demo).unwrap();
    assert!(!markup.contains("<script"));
    assert!(!markup.contains("\"'&"));
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    let markup = agreeing(Language::En);
    let forms: Vec<&str> = markup
        .split("<form")
        .skip(1)
        .map(|rest| rest.split("</form>").next().unwrap())
        .collect();
    let posts: Vec<&&str> = forms
        .iter()
        .filter(|form| form.contains("method=\"post\""))
        .collect();
    assert!(posts.len() > 5, "{} forms", posts.len());
    for form in posts {
        for field in [
            format!("name=\"token\" value=\"{TOKEN}\""),
            "name=\"customer\"".into(),
            "name=\"lang\"".into(),
        ] {
            assert!(form.contains(&field), "{form}");
        }
    }
    assert!(
        forms
            .iter()
            .any(|form| form.contains("method=\"get\"") && !form.contains(TOKEN))
    );
}

#[test]
fn refusing_is_as_easy_as_accepting() {
    let button = |shop: &Shop| {
        let markup = page(&shop.demo(Language::En, Some("17346"), None)).unwrap();
        let form = markup
            .split("class=\"switch\"")
            .nth(1)
            .unwrap()
            .split("</form>")
            .next()
            .unwrap()
            .to_owned();
        form.replace("value=\"off\"", "")
            .replace("value=\"on\"", "")
            .replace(" off", "")
            .replace(" on", "")
    };
    let mut shop = Shop::default();
    let on = button(&shop);
    shop.switch("17346", false);
    assert_eq!(on, button(&shop), "one way has another form than the other");
}

#[test]
fn french_is_french_throughout() {
    let markup = agreeing(Language::Fr);
    assert!(markup.contains("<html lang=\"fr\">"));
    assert!(
        markup.contains("2,55\u{a0}£"),
        "prices are not written as in French"
    );
    assert!(markup.contains("Pourquoi\u{202f}:"), "reasons are not in French");
    for english in [
        "Recommended",
        "Remove from",
        "Because",
        "Switch personalisation",
        "viewed",
    ] {
        assert!(!markup.contains(english), "`{english}` in the French page");
    }
}

#[test]
fn the_exact_sum_of_every_offer_ends_in_its_score() {
    let demo = Shop::default().demo(Language::En, Some("17346"), None);
    for offer in &demo.chosen.as_ref().unwrap().offers {
        let sum: f64 = offer.parts.iter().map(|part| part.amount).sum();
        assert!(
            (sum - offer.score).abs() < 1e-9,
            "the sample itself does not add up"
        );
        assert!(agreeing(Language::En).contains(&format!("<td>{:.6}</td>", offer.score)));
    }
}

#[test]
fn without_a_choice_the_page_only_asks() {
    let markup = page(&Shop::default().demo(Language::En, None, None)).unwrap();
    assert!(markup.contains("<select") && !markup.contains("data-testid=\"offers\""));
    assert!(!markup.contains("method=\"post\""));
}
