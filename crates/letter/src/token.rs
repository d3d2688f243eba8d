//! Marks: short words in addresses and message ids by which what comes back is known to be ours, and about
//! which message, without saying about whom.
//!
//! A [`Reference`] is a keyed hash of person, message and occasion: the same each time, so that a message that
//! is handed over twice has one Message-ID; without the key it says nothing. A mark is a reference with a code
//! (HMAC-SHA256, cut) for one use: whoever has seen a Message-ID, as everybody has to whom a message was
//! forwarded, cannot make the bounce address of it. Deliberately does not know: whose it is.

use crate::address::Address;
use aws_lc_rs::hmac;

/// Bytes of a reference.
const REFERENCE: usize = 16;
/// Bytes of the code: 2^80 tries over the network to guess one.
const CODE: usize = 10;
/// Base32 without padding, in lower case: relays change the case of local parts.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What a mark is good for. The numbers are part of what is signed and never change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Use {
    /// The envelope's sender, to which failures come back.
    Bounce = 1,
    /// The Message-ID.
    MessageId = 2,
    /// The address that unsubscribes whoever writes to it.
    Unsubscribe = 3,
    /// The Reply-To of a conversation.
    Reply = 4,
}

impl Use {
    /// What stands before the `+` of the address.
    pub fn local(self) -> &'static str {
        match self {
            Use::Bounce => "bounce",
            Use::MessageId => "message",
            Use::Unsubscribe => "unsubscribe",
            Use::Reply => "reply",
        }
    }

    const ADDRESSES: [Use; 3] = [Use::Bounce, Use::Unsubscribe, Use::Reply];
}

/// Which message to whom, as a keyed hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reference(pub [u8; REFERENCE]);

/// The key of marks. Shown by nothing.
#[derive(Clone)]
pub struct Marks {
    key: hmac::Key,
}

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Marks")
    }
}

impl Marks {
    /// Marks under a secret of the house. With another secret nothing that was sent before is known any more.
    pub fn new(secret: &[u8; 32]) -> Marks {
        Marks {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// The reference of a message to a person on an occasion. The same arguments give the same reference.
    pub fn reference(&self, person: &[u8; 16], message: &str, occasion: &str) -> Reference {
        let length = |text: &str| (text.len() as u64).to_be_bytes();
        let mut context = hmac::Context::with_key(&self.key);
        context.update(b"egard letter reference v1\0");
        context.update(person);
        context.update(&length(message));
        context.update(message.as_bytes());
        context.update(&length(occasion));
        context.update(occasion.as_bytes());
        let mut reference = [0; REFERENCE];
        let tag = context.sign();
        reference
            .iter_mut()
            .zip(tag.as_ref())
            .for_each(|(to, from)| *to = *from);
        Reference(reference)
    }

    /// The mark of a reference for one use: 42 letters and digits.
    pub fn mark(&self, using: Use, reference: &Reference) -> String {
        let mut bytes = reference.0.to_vec();
        bytes.extend(self.code(using, reference));
        base32(&bytes)
    }

    /// The reference of a mark, if it is ours and for that use. The code is compared in constant time.
    pub fn read(&self, using: Use, mark: &str) -> Option<Reference> {
        let bytes = unbase32(mark)?;
        let (reference, code) = bytes.split_first_chunk::<REFERENCE>()?;
        let reference = Reference(*reference);
        let ours = self.code(using, &reference);
        aws_lc_rs::constant_time::verify_slices_are_equal(&ours, code).ok()?;
        Some(reference)
    }

    /// `bounce+MARK@domain` and its like: the address that knows which message it is about.
    pub fn address(&self, using: Use, reference: &Reference, domain: &str) -> Option<Address> {
        Address::parse(&format!(
            "{}+{}@{domain}",
            using.local(),
            self.mark(using, reference)
        ))
        .ok()
    }

    /// The use and reference of an address, if it is one of ours, whatever its domain and the case of its letters.
    pub fn read_address(&self, address: &str) -> Option<(Use, Reference)> {
        let local = address.trim().trim_matches(['<', '>']).rsplit_once('@')?.0;
        let (name, mark) = local.split_once('+')?;
        let using = Use::ADDRESSES
            .into_iter()
            .find(|using| using.local().eq_ignore_ascii_case(name))?;
        Some((using, self.read(using, mark)?))
    }

    /// `MARK@domain`: the Message-ID without its brackets.
    pub fn message_id(&self, reference: &Reference, domain: &str) -> String {
        format!("{}@{domain}", self.mark(Use::MessageId, reference))
    }

    /// The reference of a Message-ID, with or without brackets, if it is ours.
    pub fn read_message_id(&self, id: &str) -> Option<Reference> {
        let mark = id.trim().trim_matches(['<', '>']).rsplit_once('@')?.0;
        self.read(Use::MessageId, mark)
    }

    fn code(&self, using: Use, reference: &Reference) -> [u8; CODE] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(b"egard letter mark v1\0");
        context.update(&[using as u8]);
        context.update(&reference.0);
        let mut code = [0; CODE];
        let tag = context.sign();
        code.iter_mut()
            .zip(tag.as_ref())
            .for_each(|(to, from)| *to = *from);
        code
    }
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0u32, 0);
    let mut push = |five: u32| {
        if let Some(letter) = ALPHABET.get((five & 31) as usize) {
            text.push(char::from(*letter));
        }
    };
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(held >> bits);
        }
    }
    if bits > 0 {
        push(held << (5 - bits));
    }
    text
}

/// Bytes of a mark; `None` unless it is the one form of exactly a reference and a code.
fn unbase32(text: &str) -> Option<Vec<u8>> {
    if text.len() != (REFERENCE + CODE) * 8 / 5 + 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(REFERENCE + CODE);
    let (mut held, mut bits) = (0u32, 0);
    for letter in text.bytes() {
        let five = ALPHABET
            .iter()
            .position(|known| *known == letter.to_ascii_lowercase())?;
        held = (held << 5 | five as u32) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 255) as u8);
        }
    }
    let left = held & ((1 << bits) - 1);
    (left == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_mark_is_read_back_for_its_use_alone(person: [u8; 16], message in ".{0,40}", occasion in ".{0,40}") {
            let marks = Marks::new(&[7; 32]);
            let reference = marks.reference(&person, &message, &occasion);
            prop_assert_eq!(reference, marks.reference(&person, &message, &occasion));
            for using in [Use::Bounce, Use::MessageId, Use::Unsubscribe, Use::Reply] {
                let mark = marks.mark(using, &reference);
                prop_assert_eq!(mark.len(), 42);
                prop_assert_eq!(marks.read(using, &mark.to_uppercase()), Some(reference));
                for other in [Use::Bounce, Use::MessageId, Use::Unsubscribe, Use::Reply] {
                    prop_assert_eq!(marks.read(other, &mark).is_some(), other == using);
                }
                prop_assert_eq!(Marks::new(&[8; 32]).read(using, &mark), None);
            }
            let address = marks.address(Use::Bounce, &reference, "shop.example").unwrap();
            prop_assert_eq!(marks.read_address(&address.to_string()), Some((Use::Bounce, reference)));
            let id = marks.message_id(&reference, "shop.example");
            prop_assert_eq!(marks.read_message_id(&format!("<{id}>")), Some(reference));
        }

        #[test]
        fn a_changed_mark_is_nobodys(at in 0usize..42, letter in "[a-z2-7]") {
            let marks = Marks::new(&[7; 32]);
            let mark = marks.mark(Use::Bounce, &marks.reference(&[1; 16], "welcome", "1"));
            let mut changed = mark.clone();
            changed.replace_range(at..=at, &letter);
            prop_assert_eq!(marks.read(Use::Bounce, &changed).is_some(), changed == mark);
        }

        #[test]
        fn nothing_that_is_read_falls_over(text in ".{0,80}") {
            let marks = Marks::new(&[7; 32]);
            prop_assert_eq!(marks.read(Use::Bounce, &text), None);
            prop_assert_eq!(marks.read_address(&text), None);
            prop_assert_eq!(marks.read_message_id(&text), None);
        }
    }

    #[test]
    fn parts_cannot_be_moved_between_message_and_occasion() {
        let marks = Marks::new(&[7; 32]);
        assert_ne!(
            marks.reference(&[1; 16], "ab", "c"),
            marks.reference(&[1; 16], "a", "bc")
        );
    }
}
