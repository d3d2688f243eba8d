//! How long a text message is: septets of the GSM alphabet or units of UCS-2, and how many messages a provider
//! sends and charges for it (3GPP TS 23.038 and 23.040).
//!
//! Deliberately does not know: prices.

/// The basic alphabet of 3GPP TS 23.038, section 6.2.1, without the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension (section 6.2.1.1): two septets each.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How a text travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// The GSM alphabet: 160 septets in one message, 153 in each of several.
    Gsm7,
    /// Everything else: 70 units in one message, 67 in each of several.
    Ucs2,
}

/// How long a text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Length {
    /// How it travels.
    pub encoding: Encoding,
    /// Septets, or units of 16 bits.
    pub units: usize,
    /// Messages that are sent and charged; 0 for an empty text.
    pub segments: usize,
    /// The first character that forced the longer encoding: one typographic apostrophe doubles the price.
    pub because: Option<char>,
}

impl Length {
    /// What it costs at that price for one message, in the price's own unit.
    pub fn cost(&self, price_of_one: u64) -> u64 {
        price_of_one.saturating_mul(u64::try_from(self.segments).unwrap_or(u64::MAX))
    }
}

/// Measures a text.
pub fn measure(text: &str) -> Length {
    let because = text.chars().find(|c| septets(*c).is_none());
    let (encoding, alone, each) = match because {
        None => (Encoding::Gsm7, 160, 153),
        Some(_) => (Encoding::Ucs2, 70, 67),
    };
    let sizes = || {
        text.chars().map(move |c| match encoding {
            Encoding::Gsm7 => septets(c).unwrap_or(1),
            Encoding::Ucs2 => c.len_utf16(),
        })
    };
    let units: usize = sizes().sum();
    let segments = match units {
        0 => 0,
        units if units <= alone => 1,
        _ => {
            // An escaped character or a surrogate pair is never cut in two.
            let full = sizes().fold((1_usize, 0_usize), |(count, used), size| {
                match used + size > each {
                    true => (count + 1, size),
                    false => (count, used + size),
                }
            });
            full.0
        }
    };
    Length {
        encoding,
        units,
        segments,
        because,
    }
}

fn septets(c: char) -> Option<usize> {
    if BASIC.contains(c) {
        return Some(1);
    }
    EXTENDED.contains(c).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> (Encoding, usize, usize) {
        let length = measure(text);
        (length.encoding, length.units, length.segments)
    }

    #[test]
    fn lengths_are_those_of_the_standard() {
        use Encoding::{Gsm7, Ucs2};
        assert_eq!(BASIC.chars().count(), 127, "128 places, one is the escape");
        assert_eq!(told(""), (Gsm7, 0, 0));
        assert_eq!(told(&"a".repeat(160)), (Gsm7, 160, 1));
        assert_eq!(told(&"a".repeat(161)), (Gsm7, 161, 2));
        assert_eq!(told(&"a".repeat(306)), (Gsm7, 306, 2));
        assert_eq!(told(&"a".repeat(307)), (Gsm7, 307, 3));
        assert_eq!(told(&"€".repeat(80)), (Gsm7, 160, 1));
        // 76 euros in each: the 153rd septet stays empty.
        assert_eq!(told(&"€".repeat(153)), (Gsm7, 306, 3));
        assert_eq!(told(&"ê".repeat(70)), (Ucs2, 70, 1));
        assert_eq!(told(&"ê".repeat(71)), (Ucs2, 71, 2));
        assert_eq!(told(&"😀".repeat(35)), (Ucs2, 70, 1));
        // 33 pairs in each: the 67th unit stays empty.
        assert_eq!(told(&"😀".repeat(67)), (Ucs2, 134, 3));
    }

    #[test]
    fn the_character_that_doubles_the_price_is_named() {
        let length = measure("L’été arrive");
        assert_eq!((length.encoding, length.because), (Encoding::Ucs2, Some('’')));
        assert_eq!(measure("L'été arrive").because, None);
        assert_eq!(measure(&"a".repeat(161)).cost(45), 90);
    }

    proptest! {
        #[test]
        fn more_text_never_costs_less(text in ".{0,400}", more in ".{0,50}") {
            let (short, long) = (measure(&text), measure(&format!("{text}{more}")));
            prop_assert!(long.segments >= short.segments);
            let each = if long.encoding == Encoding::Gsm7 { 160 } else { 70 };
            prop_assert!(long.segments * each >= long.units);
        }
    }
}
