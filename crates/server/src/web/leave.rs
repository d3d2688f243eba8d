//! The pages behind the links of a message: receive no more of these, and why it came.
//!
//! Deliberately does not know: whose message it was; it is given what may be shown.

use super::assets::{ICON, STYLE};
use crate::words::Words;
use askama::Template;
use vocabulary::Language;

/// What stands on such a page.
#[derive(Default)]
pub struct Page {
    /// In front of every address.
    pub root: String,
    /// What people call the site.
    pub site: String,
    /// Its title.
    pub title: String,
    /// Paragraphs.
    pub lines: Vec<String>,
    /// Points under them.
    pub list: Vec<String>,
    /// Paragraphs after the points.
    pub after: Vec<String>,
    /// Where the one button leads.
    pub action: Option<String>,
}

#[derive(Template)]
#[template(path = "leave.html")]
struct Markup<'a> {
    words: Words,
    tag: &'static str,
    style: &'a str,
    icon: &'a str,
    page: &'a Page,
}

/// The page as markup. Fails only if the machine cannot hold it.
pub fn page(language: Language, page: &Page) -> Result<String, askama::Error> {
    Markup {
        words: Words::of(language),
        tag: language.tag(),
        style: &STYLE.path,
        icon: &ICON.path,
        page,
    }
    .render()
}
