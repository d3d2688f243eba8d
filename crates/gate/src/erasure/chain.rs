//! The lines of the erasure journal: each names a person by their random id and the keyed hashes that
//! led to them, and carries a MAC over itself and the line before. A line cannot be changed, moved, left
//! out or added without the key; only the end can be cut off, and what was seen of it says so.
//!
//! Deliberately does not know: where lines are kept, and what an identifier was.

use aws_lc_rs::hmac;
use minicbor::{Decode, Encode};
use vocabulary::{Blind, PersonId};

/// Longest line, bytes: the most identifiers a person has, and room to spare.
pub(crate) const MAX_LINE: usize = 16 << 10;
/// Bytes of a MAC.
const MAC: usize = 32;

/// One erased person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    /// Whose key was destroyed.
    pub(crate) person: PersonId,
    /// What led to them: suppressed from then on.
    pub(crate) identifiers: Vec<Blind>,
}

/// The entry's bytes.
#[derive(Encode, Decode)]
struct Body {
    #[cbor(n(0), with = "minicbor::bytes")]
    person: [u8; 16],
    #[n(1)]
    identifiers: Vec<minicbor::bytes::ByteArray<32>>,
}

/// How far a reader or the writer of lines is.
#[derive(Clone)]
pub(crate) struct Chain {
    key: hmac::Key,
    head: [u8; MAC],
    count: u64,
}

impl Chain {
    /// Before the first line. `key` is the journal's own, see [`crate::keys::Keyring::journal_key`].
    pub(crate) fn start(key: hmac::Key) -> Chain {
        let head = mac(&key, &[b"start"]);
        Chain { key, head, count: 0 }
    }

    /// Lines so far.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Appends an entry: its line.
    pub(crate) fn append(&mut self, entry: &Entry) -> Vec<u8> {
        let body = Body {
            person: entry.person.0,
            identifiers: entry.identifiers.iter().map(|blind| blind.0.into()).collect(),
        };
        let mut line = crate::envelope::encode(&body);
        self.head = mac(&self.key, &[b"line", &self.head, &line]);
        self.count += 1;
        line.extend_from_slice(&self.head);
        line
    }

    /// Reads the next line; `None` if it is not the one that follows.
    pub(crate) fn follow(&mut self, line: &[u8]) -> Option<Entry> {
        if line.len() > MAX_LINE {
            return None;
        }
        let (body, tag) = line.split_at_checked(line.len().checked_sub(MAC)?)?;
        let context = joined(&[b"line", &self.head, body]);
        // Compares in constant time, though who can try this has the file already.
        hmac::verify(&self.key, &context, tag).ok()?;
        let body: Body = crate::envelope::decode(body).ok()?;
        self.head.copy_from_slice(tag);
        self.count += 1;
        Some(Entry {
            person: PersonId(body.person),
            identifiers: body.identifiers.iter().map(|blind| Blind(**blind)).collect(),
        })
    }
}

/// The MAC of parts, each with its length, so that no two lists of parts are the same bytes.
pub(crate) fn mac(key: &hmac::Key, parts: &[&[u8]]) -> [u8; MAC] {
    let mut bytes = [0; MAC];
    bytes.copy_from_slice(hmac::sign(key, &joined(parts)).as_ref());
    bytes
}

/// Whether `tag` is the MAC of these parts.
pub(crate) fn is_mac(key: &hmac::Key, parts: &[&[u8]], tag: &[u8]) -> bool {
    hmac::verify(key, &joined(parts), tag).is_ok()
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32])
    }

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let entry = (any::<[u8; 16]>(), prop::collection::vec(any::<[u8; 32]>(), 0..5));
        let entry = entry.prop_map(|(person, blinds)| Entry {
            person: PersonId(person),
            identifiers: blinds.into_iter().map(Blind).collect(),
        });
        prop::collection::vec(entry, 1..6)
    }

    fn read(key: hmac::Key, lines: &[Vec<u8>]) -> Vec<Entry> {
        let mut chain = Chain::start(key);
        lines.iter().map_while(|line| chain.follow(line)).collect()
    }

    proptest! {
        #[test]
        fn lines_come_back_and_no_bit_of_them_can_be_changed(
            entries in entries(), bit in any::<prop::sample::Index>(), which in any::<prop::sample::Index>(),
        ) {
            let mut chain = Chain::start(key(1));
            let lines: Vec<Vec<u8>> = entries.iter().map(|entry| chain.append(entry)).collect();
            prop_assert_eq!(chain.count(), lines.len() as u64);
            prop_assert_eq!(&read(key(1), &lines), &entries);
            prop_assert_eq!(read(key(2), &lines).len(), 0);
            let at = which.index(lines.len());
            let mut flipped = lines.clone();
            let bit = bit.index(flipped[at].len() * 8);
            flipped[at][bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(read(key(1), &flipped).len(), at);
            let mut left_out = lines.clone();
            left_out.remove(at);
            prop_assert_eq!(read(key(1), &left_out).len(), at);
            let mut twice = lines.clone();
            twice.insert(at, lines[at].clone());
            prop_assert_eq!(read(key(1), &twice).len(), at + 1);
        }
    }
}
