//! MJML to HTML, once for each template, with the Liquid in it untouched.
//!
//! The renderer reads MJML as a tree and knows nothing of Liquid: `<` in a comparison would open an element,
//! `{% if %}` among attributes would be an attribute, and two `href` of two branches would be one. So it
//! never sees Liquid: what stands in elements that only hold HTML is put aside whole, every other tag of
//! Liquid by itself, each behind a word that occurs nowhere else, and is put back afterwards byte for byte.
//! A word that the renderer lost is a fault with its place. Deliberately does not know: what Liquid means,
//! files, the network: `mj-include` is refused, and so is what would make the reader's machine fetch
//! something from a server that the template does not name.

mod shield;

use mrml::prelude::parser::{Error as ParseError, ParserOptions, Span};
use mrml::prelude::render::RenderOptions;
use shield::Shield;
use std::collections::HashMap;

/// How large a template may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of MJML.
    pub source: usize,
    /// Bytes of HTML.
    pub html: usize,
    /// Elements within elements.
    pub depth: usize,
    /// Elements altogether.
    pub elements: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            source: 256 << 10,
            html: 1 << 20,
            depth: 24,
            elements: 2_000,
        }
    }
}

/// What is wrong with a template, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}, column {column}: {message}; {mend}")]
pub struct Fault {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// What.
    pub message: String,
    /// What to do.
    pub mend: String,
}

/// A template that was rendered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compiled {
    /// HTML with the Liquid of the source.
    pub html: String,
    /// What the renderer did not know and left out, such as a misspelt attribute.
    pub warnings: Vec<Fault>,
}

/// Renders a template; all that is wrong at once, as far as it can be known.
pub fn compile(source: &str, limits: &Limits) -> Result<Compiled, Vec<Fault>> {
    if source.len() > limits.source {
        let message = format!(
            "the template is {} bytes long, more than {}",
            source.len(),
            limits.source
        );
        return Err(vec![fault(source, 0, message, "cut it, or make two of it")]);
    }
    let shield = shield::raise(source, limits)?;
    let parsed = mrml::parse_with_options(&shield.text, &ParserOptions::default())
        .map_err(|error| vec![parse_fault(source, &shield, &error)])?;
    let warnings = parsed.warnings.iter().map(|warning| {
        let at = shield.source_offset(warning.span.start);
        fault(
            source,
            at,
            warning.kind.to_string(),
            "correct its name, or remove it",
        )
    });
    let warnings = warnings.collect();
    let options = RenderOptions {
        disable_comments: true,
        social_icon_origin: None,
        // Without: the usual ones come from servers of others, which would see each opening.
        fonts: HashMap::new(),
    };
    let rendered = parsed.element.render(&options).map_err(|error| {
        vec![fault(
            source,
            0,
            error.to_string(),
            "look at the element that was changed last",
        )]
    })?;
    let (html, lost) = shield.lower(&rendered, limits.html);
    let mut faults: Vec<Fault> = lost
        .into_iter()
        .map(|at| {
            let message = "what stands here does not come through MJML".to_owned();
            let mend = "between elements put it in `<mj-raw>`; where MJML reckons with a value, as with a width, write a number";
            fault(source, at, message, mend)
        })
        .collect();
    if html.len() >= limits.html {
        let message = format!("the HTML is longer than {} bytes", limits.html);
        faults.push(fault(source, 0, message, "use fewer elements"));
    }
    faults.extend(foreign(source, &rendered));
    match faults.is_empty() {
        true => Ok(Compiled { html, warnings }),
        false => Err(faults),
    }
}

/// Servers that the HTML names and the source does not: icons that MJML's components bring along.
fn foreign(source: &str, html: &str) -> Option<Fault> {
    let mut rest = html;
    while let Some(at) = rest.find("://") {
        rest = rest.get(at + 3..).unwrap_or_default();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c)));
        let host = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if host.is_empty() || host == "www.w3.org" || source.contains(host) {
            continue;
        }
        let message = format!("the picture of a component would come from `{host}`, which sees each opening");
        return Some(fault(
            source,
            0,
            message,
            "give the component a `src` (or its icons) of your own",
        ));
    }
    None
}

fn parse_fault(source: &str, shield: &Shield<'_>, error: &ParseError) -> Fault {
    let place = |span: &Span| shield.source_offset(span.start);
    let found = "correct the element or attribute that stands there";
    let (at, message, mend) = match error {
        ParseError::UnexpectedElement { position, .. } => (
            place(position),
            "this element may not stand here".to_owned(),
            found,
        ),
        ParseError::UnexpectedToken { position, .. } => (
            place(position),
            "this may not stand here".to_owned(),
            "close the elements in the order in which they were opened; put text in `<mj-text>`, HTML in `<mj-raw>`",
        ),
        ParseError::MissingAttribute { name, position, .. } => (
            place(position),
            format!("the attribute `{name}` is missing"),
            found,
        ),
        ParseError::InvalidAttribute { position, .. } | ParseError::InvalidFormat { position, .. } => {
            (place(position), "the value cannot be read".to_owned(), found)
        }
        ParseError::EndOfStream { .. } => (
            source.len(),
            "the template ends within an element".to_owned(),
            "close what was opened; the last line is `</mjml>`",
        ),
        ParseError::SizeLimit { .. } => (0, "the template is too long".to_owned(), "cut it"),
        ParseError::NoRootNode => (
            0,
            "there is no `<mjml>`".to_owned(),
            "write `<mjml><mj-body>…</mj-body></mjml>`",
        ),
        ParseError::IncludeLoaderError { position, .. } => (
            place(position),
            "nothing is included".to_owned(),
            "write out what was included",
        ),
        ParseError::ParserError { source: inner, .. } => {
            let at = offset_of(&shield.text, inner.pos().row, inner.pos().col);
            (
                shield.source_offset(at),
                "this is no MJML".to_owned(),
                "look for a missing quotation mark, `<` or `>`",
            )
        }
    };
    fault(source, at, message, mend)
}

/// The byte at a row and column, both from 1, the column in characters.
fn offset_of(text: &str, row: u32, column: u32) -> usize {
    let mut at = 0;
    for line in text.split('\n').take(row.saturating_sub(1) as usize) {
        at += line.len() + 1;
    }
    let line = text.get(at..).unwrap_or_default();
    at + line
        .chars()
        .take(column.saturating_sub(1) as usize)
        .map(char::len_utf8)
        .sum::<usize>()
}

fn fault(source: &str, at: usize, message: String, mend: &str) -> Fault {
    let mut end = at.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = source.get(..end).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Fault {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        message,
        mend: mend.to_owned(),
    }
}
