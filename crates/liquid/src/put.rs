//! Writes values as their place in the text asks: escaped, or refused.
//!
//! Deliberately does not know: where values came from.

use crate::context::{self, Spot};
use crate::fault::{Place, Stop};
use crate::filters::{escape, escape_quotes, weight};
use crate::render::Machine;
use crate::value::Value;

impl Machine<'_> {
    /// Writes a value as its place asks.
    pub(crate) fn put(&mut self, value: &Value, spot: Spot, at: Place) -> Result<(), Stop> {
        self.work.spend(weight(value))?;
        let mark = self.out.len();
        self.write(value, spot, at)?;
        let made = self.out.len() - mark;
        self.work.spend(made)?;
        self.fits()?;
        if !self.work.html() {
            return Ok(());
        }
        match spot {
            Spot::Text | Spot::Attribute => Ok(()),
            Spot::Style if self.out.get(mark..).is_none_or(context::style) => Ok(()),
            Spot::Style => Err(Stop::refused(
                at,
                "this value is more than a measure, a colour or a name in a `style`",
                "choose between styles of your own with `if` or `case`",
            )),
            Spot::Link(quote) => {
                let before = self.out.as_bytes().get(..mark).unwrap_or_default();
                let start = before
                    .iter()
                    .rposition(|byte| *byte == quote)
                    .map_or(0, |at| at + 1);
                if self.out.get(start..).is_none_or(context::link) {
                    return Ok(());
                }
                Err(Stop::refused(
                    at,
                    "this value makes an address of a kind that is not allowed",
                    "addresses from values begin with `https:`, `http:`, `mailto:` or `tel:`, or have no scheme",
                ))
            }
        }
    }

    fn write(&mut self, value: &Value, spot: Spot, at: Place) -> Result<(), Stop> {
        match value {
            Value::Text(text) if self.work.html() => escape(text, &mut self.out),
            Value::Html(text) if spot != Spot::Text => escape_quotes(text, &mut self.out),
            Value::List(items) => {
                for item in items.iter() {
                    self.write(item, spot, at)?;
                }
            }
            Value::Object(_) if self.work.how.strict => {
                return Err(Stop::value(
                    at,
                    "this is a group of values; name one of its fields",
                ));
            }
            Value::Object(_) => {
                let text = value.to_string();
                self.write(&Value::Text(text.into()), spot, at)?;
            }
            value => value.write(&mut self.out),
        }
        Ok(())
    }
}
