//! The page on which anybody checks a receipt in their browser, without asking us: one file with its own
//! style and script, that works as well once it is saved and the network is gone.
//!
//! Deliberately does not know: people, receipts; it is the same for everybody. The script is
//! `assets/verify.js`; what it may do is said by the policy, which names it by its hash.

use super::consent_routes::language;
use crate::problem::Problem;
use crate::words::{Words, verdict};
use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;
use vocabulary::Language;

/// The address of the page.
pub const PATH: &str = "/verify";

/// The terms of receipts, and the script that checks them.
pub static SCRIPT: LazyLock<String> =
    LazyLock::new(|| receipt::for_the_browser() + include_str!("../../assets/verify.js"));

/// The policy of the page, also in the page itself, where it stays when the page is saved: this script
/// and this style, known by their hashes, and no request to anybody.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; img-src data:; form-action 'none'; \
         base-uri 'none'",
        hash(&SCRIPT),
        hash(super::assets::STYLE.body)
    )
});

#[derive(Template)]
#[template(path = "verify.html")]
struct Page {
    words: Words,
    tag: &'static str,
    languages: [(&'static str, &'static str, bool); 2],
    policy: &'static str,
    style: &'static str,
    script: &'static str,
    said: Vec<(String, String)>,
}

/// The page.
pub fn router() -> Router {
    Router::new().route(PATH, get(show))
}

#[derive(Deserialize)]
struct Shown {
    lang: Option<String>,
}

async fn show(headers: HeaderMap, Query(shown): Query<Shown>) -> Result<Response, Problem> {
    let markup = page(language(shown.lang.as_deref(), &headers)).map_err(|error| {
        tracing::error!(%error, "the page that checks receipts could not be made");
        Problem::internal()
    })?;
    let policy = format!("{}; frame-ancestors 'none'", *POLICY);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-language"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    Ok((headers, markup).into_response())
}

/// The page as markup. Fails only if the machine cannot hold it.
pub fn page(language: Language) -> Result<String, askama::Error> {
    let words = Words::of(language);
    Page {
        words,
        tag: language.tag(),
        languages: [
            ("en", "English", language == Language::En),
            ("fr", "Français", language == Language::Fr),
        ],
        policy: &POLICY,
        style: super::assets::STYLE.body,
        script: &SCRIPT,
        said: verdict::for_the_browser(words),
    }
    .render()
}

fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands between two marks.
    fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
        text.split(from).nth(1).unwrap().split(to).next().unwrap()
    }

    #[test]
    fn the_policy_names_the_very_script_and_style_of_the_page() {
        for language in [Language::En, Language::Fr] {
            let page = page(language).unwrap();
            assert!(POLICY.contains(&hash(between(&page, "<script>", "</script>"))));
            assert!(POLICY.contains(&hash(between(&page, "<style>", "</style>"))));
            assert!(!POLICY.contains("unsafe") && !POLICY.contains("'self'"));
            assert_eq!(page.matches("<script").count(), 1);
        }
    }

    #[test]
    fn the_page_loads_and_sends_nothing() {
        for call in [
            "fetch(",
            "XMLHttpRequest",
            "import(",
            "sendBeacon",
            "WebSocket",
            "eval(",
            "innerHTML",
        ] {
            assert!(!SCRIPT.contains(call), "{call}");
        }
        let page = page(Language::En).unwrap();
        for outside in ["src=", "<link rel=\"stylesheet", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn every_word_that_the_script_says_is_on_the_page() {
        let said = verdict::for_the_browser(Words::of(Language::En));
        let known = |name: &str| said.iter().any(|(known, _)| known == name);
        for part in SCRIPT.split("say(\"").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(known(name), "`{name}` is said nowhere");
        }
        for part in SCRIPT.split("Refused(\"").skip(1) {
            let code = part.split('"').next().unwrap();
            assert!(known(&format!("error:{code}")), "`{code}` has no words");
        }
        for (name, text) in &said {
            assert!(!text.is_empty() && !text.contains("{$"), "{name}: {text}");
        }
    }
}
