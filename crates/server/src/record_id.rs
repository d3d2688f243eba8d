//! How a record is named in addresses, answers and what the house keeps: 32 hexadecimal digits.
//!
//! Deliberately does not know: what a record is of.

use gate::RecordId;

/// A record's identity as text.
pub(crate) fn show_id(id: RecordId) -> String {
    id.0.iter().fold(String::with_capacity(32), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The identity of that text.
pub(crate) fn parse_id(text: &str) -> Option<RecordId> {
    if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(text, 16)
        .ok()
        .map(|number| RecordId(number.to_be_bytes()))
}
