//! The language of templates: Shopify's Liquid with Braze's `abort_message`.
//!
//! A template is read once and rendered for many people. It has no way to run long, to grow large, or to
//! reach anything but the values it is given; what it can read of them is known before it runs. A value that
//! is missing ends the rendering unless the template says what to write in its place; in HTML every value is
//! escaped, and one that escaping does not make harmless is refused.
//!
//! Deliberately does not know: people, messages, clocks, randomness, files, threads. Time, zone and language
//! come in as arguments, and everything here compiles for a browser.
//!
//! ```
//! use liquid::{How, Limits, Value, parse};
//! let template = parse("Hello {{ person.first_name | default: 'you' }}!", &Limits::default())?;
//! assert_eq!(template.reads()[0].path, "person.first_name");
//! let values = Value::object([("person", Value::object([("first_name", "Zoë & Co".into())]))]);
//! let text = template.render(&values, &How::html(jiff::Timestamp::UNIX_EPOCH))?;
//! assert_eq!(text, "Hello Zoë &amp; Co!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compare;
mod context;
mod date;
mod expr;
mod fault;
mod filters;
mod how;
mod lex;
mod lookup;
mod number;
mod parse;
mod put;
mod reads;
mod render;
mod scan;
mod tags;
mod tree;
mod value;

pub use fault::{Fault, Faults, Place, Stop};
pub use how::{Escape, How, Limits, Tongue};
pub use reads::Read;
pub use value::Value;

use std::sync::Arc;

/// A template, read and checked.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    nodes: Vec<tree::Node>,
    names: Vec<Arc<str>>,
    loops: usize,
    size: usize,
    raw: Vec<Place>,
    html: Faults,
    reads: Vec<Read>,
}

/// Reads a template.
///
/// # Errors
/// All that is wrong with it, by place; at most 50 faults.
pub fn parse(source: &str, limits: &Limits) -> Result<Template, Faults> {
    let read = parse::parse(source, limits)?;
    let reads = reads::reads(&read.nodes, &read.names);
    Ok(Template {
        nodes: read.nodes,
        names: read.names,
        loops: read.loops,
        size: source.len(),
        raw: read.raw,
        html: read.html,
        reads,
    })
}

impl Template {
    /// What it can read of the values given, by place; nothing else of them changes its text.
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// Where it asks for `raw`, which lets HTML of values through if [`How::raw`] allows it.
    pub fn raw(&self) -> &[Place] {
        &self.raw
    }

    /// What is wrong with it as HTML: values at places where escaping does not make them harmless (in
    /// scripts, in handlers such as `onclick`, in attributes without quotes, as names of tags and attributes).
    /// With any of these it is not rendered as HTML.
    pub fn html_faults(&self) -> &Faults {
        &self.html
    }

    /// The text for these values. An address in HTML (`href`, `src`, …) whose scheme comes from a value has to
    /// be `http`, `https`, `mailto` or `tel`, or to have none.
    ///
    /// # Errors
    /// Why there is no text: see [`Stop`].
    pub fn render(&self, values: &Value, how: &How) -> Result<String, Stop> {
        if how.escape == Escape::Html
            && let Some(fault) = self.html.iter().next()
        {
            return Err(Stop::Refused {
                message: fault.message.clone(),
                mend: fault.mend.clone(),
                line: fault.line,
                column: fault.column,
            });
        }
        // Most texts are about as long as their template.
        let size = self.size.saturating_add(self.size / 4);
        render::render(&self.nodes, &self.names, self.loops, size, values, how)
    }
}
