//! How a template is read and rendered: the limits, and everything from outside that its text depends on.
//!
//! Deliberately does not know: clocks, settings, people.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What a template may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of source.
    pub source: usize,
    /// Blocks inside blocks, and brackets inside brackets. Never more than 100, whatever is asked for.
    pub depth: usize,
}

impl Default for Limits {
    /// 256 KiB, 32 levels.
    fn default() -> Limits {
        Limits {
            source: 256 * 1024,
            depth: 32,
        }
    }
}

/// What the text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Escape {
    /// HTML: values are escaped, and refused where escaping does not make them harmless.
    Html,
    /// Plain text: values are written as they are.
    Text,
}

/// In which language days, months and amounts of money are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tongue {
    /// French.
    Fr,
    /// English.
    En,
}

/// How a template is rendered. The same template, values and `How` give the same bytes, always.
#[derive(Clone, Debug)]
pub struct How {
    /// What the text is.
    pub escape: Escape,
    /// Whether a missing value ends the rendering. If not, it is written as nothing, as Shopify does.
    pub strict: bool,
    /// Whether `| raw` lets HTML of values through. Only for templates that somebody approved.
    pub raw: bool,
    /// Work allowed: one for each tag, value and loop turn, and one for each byte made.
    pub fuel: u64,
    /// Bytes of text allowed.
    pub output_max: usize,
    /// What `now` and `today` mean.
    pub now: Timestamp,
    /// In which zone times are written.
    pub zone: TimeZone,
    /// In which language days, months and amounts of money are written.
    pub language: Tongue,
    /// In which currency amounts of money are (ISO 4217), if the template does not say.
    pub currency: String,
}

impl How {
    /// HTML, strict, no raw HTML, two million of fuel, 512 KiB; UTC, English, euro.
    pub fn html(now: Timestamp) -> How {
        How {
            escape: Escape::Html,
            strict: true,
            raw: false,
            fuel: 2_000_000,
            output_max: 512 * 1024,
            now,
            zone: TimeZone::UTC,
            language: Tongue::En,
            currency: "EUR".to_owned(),
        }
    }

    /// The same for plain text.
    pub fn text(now: Timestamp) -> How {
        How {
            escape: Escape::Text,
            ..How::html(now)
        }
    }
}
