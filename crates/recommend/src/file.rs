//! The model file, version 2, to the byte. All numbers little-endian; a *varint* is LEB128, shortest form.
//!
//! ```text
//! "EGARDMOD"                 8 bytes
//! length of the header       u32
//! header                     JSON, as serde_json prints `Header`, nothing else
//! items                      per item: varint length (1..=100), UTF-8; strictly ascending
//! popularity                 per item: u32, the share of people in units of 2^-32
//! discover                   per target item: varint count; if it is not 0, u8 shift (0..=8), the least with
//!                            which all weights fit; then per source item, ascending: varint gap to the
//!                            source before (the first: to −1), i8: the weight without its last `shift` bits,
//!                            which are 0
//! next                       the same
//! alike                      the same
//! SHA-256 of all the above   32 bytes
//! ```
//!
//! Version 1, which is read still, has no `alike`, no shifts, and i16 weights.
//!
//! One content has one form, so equal models have equal digests. The reader refuses everything else:
//! a byte cut off, flipped or added is found.

use crate::header::limit;
use crate::model::prior;
use crate::{Error, Header, Links, MOST_ITEMS, Model};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use vocabulary::{Digest, ItemId};

/// The format that this version writes; it reads those before too.
pub const FORMAT: u32 = 2;
/// The format of models without public facts, of 16 bits a weight.
const SIXTEEN_BITS: u32 = 1;

const MAGIC: &[u8; 8] = b"EGARDMOD";
const CHECKSUM: usize = 32;
const MOST_HEADER: usize = 64 * 1024;
const MOST_WEIGHTS: usize = 500_000_000;

/// What a model file holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Contents {
    /// The header.
    pub header: Header,
    /// The items, strictly ascending by identifier.
    pub items: Vec<ItemId>,
    /// Per item, the share of people who have it in units of 2^-32.
    pub popularity: Vec<u32>,
    /// Per target item, (source, weight), ascending by source.
    pub discover: Vec<Vec<(u32, i16)>>,
    /// Per target item, (source, weight), ascending by source.
    pub next: Vec<Vec<(u32, i16)>>,
    /// The same for public facts; all empty, one list for each item, where there are none.
    pub alike: Vec<Vec<(u32, i16)>>,
}

/// Leaves each weight of a list to one target as many bits as the file has for it: those that become 0 go.
pub fn eight_bits(column: &mut Vec<(u32, i16)>) {
    let rounded = |weight: i16, shift: u32| (i32::from(weight) + (1 << shift >> 1)) >> shift;
    let fits = |shift: &u32| {
        let mut all = column.iter().map(|(_, weight)| rounded(*weight, *shift));
        all.all(|weight| i8::try_from(weight).is_ok())
    };
    let shift = (0..=MOST_SHIFT).find(fits).unwrap_or(MOST_SHIFT);
    for (_, weight) in column.iter_mut() {
        let weight_of_eight = rounded(*weight, shift).clamp(-128, 127);
        *weight = (weight_of_eight << shift) as i16;
    }
    column.retain(|(_, weight)| *weight != 0);
}

/// The least shift with which all weights of a list fit into 8 bits, with nothing lost.
fn shift_of(weights: impl Iterator<Item = i16> + Clone) -> Option<u32> {
    let fits = |shift: &u32| {
        weights
            .clone()
            .all(|weight| i8::try_from(weight >> shift).is_ok())
    };
    let shift = (0..=MOST_SHIFT).find(fits)?;
    weights
        .clone()
        .all(|weight| weight >> shift << shift == weight)
        .then_some(shift)
}

const MOST_SHIFT: u32 = 8;

/// The bytes of a model file.
///
/// # Errors
/// What [`Model::read`] would find wrong with it: nothing is written that could not be read.
pub fn write(contents: &Contents) -> Result<Vec<u8>, Error> {
    let header = header_json(&contents.header)?;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(header.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&header);
    for item in &contents.items {
        put_varint(&mut bytes, item.as_str().len() as u64);
        bytes.extend_from_slice(item.as_str().as_bytes());
    }
    for share in &contents.popularity {
        bytes.extend_from_slice(&share.to_le_bytes());
    }
    let eight = contents.header.format != SIXTEEN_BITS;
    let alike = eight.then_some(&contents.alike);
    for columns in [&contents.discover, &contents.next].into_iter().chain(alike) {
        for column in columns {
            put_varint(&mut bytes, column.len() as u64);
            let shift = shift_of(column.iter().map(|(_, weight)| *weight)).filter(|_| eight);
            if eight && !column.is_empty() {
                let shift = shift.ok_or(Error::Wrong {
                    part: "the weights",
                    at: bytes.len(),
                    why: "a weight has more bits than the file has for it",
                })?;
                bytes.push(shift as u8);
            }
            let mut before = 0u64;
            for (source, weight) in column {
                let one_based = u64::from(*source) + 1;
                // A list out of order gives a gap that the reader refuses.
                put_varint(&mut bytes, one_based.wrapping_sub(before));
                match shift {
                    Some(shift) => bytes.push((weight >> shift) as u8),
                    None => bytes.extend_from_slice(&weight.to_le_bytes()),
                }
                before = one_based;
            }
        }
    }
    let checksum: [u8; CHECKSUM] = Sha256::digest(&bytes).into();
    bytes.extend_from_slice(&checksum);
    Model::read(&bytes)?;
    Ok(bytes)
}

impl Model {
    /// Reads the bytes of a model file.
    ///
    /// # Errors
    /// Says what is wrong and where: another kind of file, another format, cut off, damaged, out of a
    /// limit. Never panics, and never reserves more memory than a small multiple of the bytes given.
    pub fn read(bytes: &[u8]) -> Result<Model, Error> {
        let Some((magic, _)) = bytes.split_at_checked(MAGIC.len()) else {
            return Err(if MAGIC.starts_with(bytes) && !bytes.is_empty() {
                Error::Truncated {
                    part: "the first bytes",
                    at: bytes.len(),
                }
            } else {
                Error::NotAModel
            });
        };
        if magic != MAGIC {
            return Err(Error::NotAModel);
        }
        let Some((body, checksum)) = bytes.split_last_chunk_of(CHECKSUM) else {
            return Err(Error::Truncated {
                part: "the checksum",
                at: bytes.len(),
            });
        };
        let intact = Sha256::digest(body).as_slice() == checksum;
        match parse(body) {
            Ok(_) if !intact => Err(Error::Damaged),
            // The reader's own complaint is of use only where the checksum says that the bytes are meant
            // so; a file that just ends is told apart from one that was changed.
            Err(error @ (Error::Truncated { .. } | Error::Format { .. })) => Err(error),
            Err(_) if !intact => Err(Error::Damaged),
            Err(error) => Err(error),
            Ok(contents) => Ok(build(Digest::of(bytes), contents)),
        }
    }
}

trait SplitLast {
    fn split_last_chunk_of(&self, length: usize) -> Option<(&[u8], &[u8])>;
}

impl SplitLast for [u8] {
    fn split_last_chunk_of(&self, length: usize) -> Option<(&[u8], &[u8])> {
        self.split_at_checked(self.len().checked_sub(length)?)
    }
}

fn header_json(header: &Header) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(header).map_err(|error| Error::Header {
        why: error.to_string(),
    })
}

fn build(digest: Digest, contents: Contents) -> Model {
    let Contents {
        header,
        items,
        popularity,
        discover,
        next,
        alike,
    } = contents;
    let index = items
        .iter()
        .enumerate()
        .map(|(at, item)| (item.clone(), at as u32));
    let index: HashMap<_, _, _> = index.collect();
    let prior = prior(&header, &popularity);
    let [discover, next, alike] = [discover, next, alike].map(|columns| Links::from_columns(&columns));
    Model {
        digest,
        header,
        items,
        index,
        popularity,
        prior,
        discover,
        next,
        alike,
    }
}

fn parse(body: &[u8]) -> Result<Contents, Error> {
    let mut cursor = Cursor { bytes: body, at: 0 };
    cursor.take(MAGIC.len(), "the first bytes")?;
    let header = parse_header(&mut cursor)?;
    let count = header.items as usize;
    // Every item takes at least 2 + 4 + 1 + 1 bytes: no memory is reserved for items that cannot be there.
    if cursor.left() < count.saturating_mul(8) {
        return Err(Error::Truncated {
            part: "the items",
            at: body.len(),
        });
    }
    let mut items: Vec<ItemId> = Vec::with_capacity(count);
    for _ in 0..count {
        let at = cursor.at;
        let length = cursor.varint("the items")?;
        let wrong = |why| Error::Wrong {
            part: "the items",
            at,
            why,
        };
        if !(1..=100).contains(&length) {
            return Err(wrong("an identifier has 1 to 100 bytes"));
        }
        let text = std::str::from_utf8(cursor.take(length as usize, "the items")?);
        let item = ItemId(text.map_err(|_| wrong("an identifier is UTF-8"))?.to_owned());
        if items.last().is_some_and(|before| *before >= item) {
            return Err(wrong("identifiers are strictly ascending"));
        }
        items.push(item);
    }
    let mut popularity = Vec::with_capacity(count);
    for _ in 0..count {
        popularity.push(u32::from_le_bytes(cursor.array("the popularity")?));
    }
    let eight = header.format != SIXTEEN_BITS;
    let mut links = |most: u32, part| parse_links(&mut cursor, (count, most), eight, part);
    let discover = links(header.training.neighbours, "discover")?;
    let next = links(header.training.transitions, "next")?;
    let alike = match eight {
        true => links(header.training.alike, "alike")?,
        false => vec![Vec::new(); count],
    };
    if cursor.left() > 0 {
        return Err(Error::Wrong {
            part: "the end",
            at: cursor.at,
            why: "nothing follows the weights",
        });
    }
    Ok(Contents {
        header,
        items,
        popularity,
        discover,
        next,
        alike,
    })
}

fn parse_header(cursor: &mut Cursor<'_>) -> Result<Header, Error> {
    let length = u32::from_le_bytes(cursor.array("the length of the header")?) as usize;
    limit("bytes of header", length as u64, MOST_HEADER as u64)?;
    let at = cursor.at;
    let json = cursor.take(length, "the header")?;
    // The format first: another one may have another header.
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let why = |error: serde_json::Error| Error::Header {
        why: error.to_string(),
    };
    let format = serde_json::from_slice::<Format>(json).map_err(why)?.format;
    if !(SIXTEEN_BITS..=FORMAT).contains(&format) {
        return Err(Error::Format {
            found: format,
            reads: FORMAT,
        });
    }
    let header: Header = serde_json::from_slice(json).map_err(why)?;
    header.check()?;
    if header_json(&header)? != json {
        let why = "the header is written in another way than it would be printed";
        return Err(Error::Wrong {
            part: "the header",
            at,
            why,
        });
    }
    limit("items", u64::from(header.items), MOST_ITEMS as u64)?;
    Ok(header)
}

fn parse_links(
    cursor: &mut Cursor<'_>,
    (items, most): (usize, u32),
    eight: bool,
    part: &'static str,
) -> Result<Vec<Vec<(u32, i16)>>, Error> {
    let mut columns = Vec::with_capacity(items);
    let mut total = 0usize;
    for target in 0..items {
        let at = cursor.at;
        let count = cursor.varint(part)?;
        if count > u64::from(most) {
            return Err(Error::Wrong {
                part,
                at,
                why: "more weights lead to an item than the header says",
            });
        }
        let count = count as usize;
        total += count;
        limit("weights", total as u64, MOST_WEIGHTS as u64)?;
        if cursor.left() < count.saturating_mul(if eight { 2 } else { 3 }) {
            return Err(Error::Truncated {
                part,
                at: cursor.bytes.len(),
            });
        }
        let mut column = Vec::with_capacity(count);
        let shift = match eight && count > 0 {
            true => u32::from(u8::from_le_bytes(cursor.array(part)?)),
            false => 0,
        };
        if shift > MOST_SHIFT {
            let why = "a shift is too large";
            return Err(Error::Wrong { part, at, why });
        }
        let mut before = 0u64;
        for _ in 0..count {
            let at = cursor.at;
            let wrong = |why| Error::Wrong { part, at, why };
            let gap = cursor.varint(part)?;
            let source = before.checked_add(gap).filter(|_| gap > 0);
            let source = source.ok_or_else(|| wrong("the sources of weights are strictly ascending"))?;
            before = source;
            let source = source - 1;
            if source >= items as u64 {
                return Err(wrong("a weight comes from an item that is not there"));
            }
            if source == target as u64 {
                return Err(wrong("a weight leads from an item to itself"));
            }
            let weight = match eight {
                true => i16::from(i8::from_le_bytes(cursor.array(part)?)) << shift,
                false => i16::from_le_bytes(cursor.array(part)?),
            };
            if weight == 0 {
                return Err(wrong("a weight is 0"));
            }
            column.push((source as u32, weight));
        }
        if eight && count > 0 && shift_of(column.iter().map(|(_, weight)| *weight)) != Some(shift) {
            let why = "a shift is not the least that fits";
            return Err(Error::Wrong { part, at, why });
        }
        columns.push(column);
    }
    Ok(columns)
}

fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn take(&mut self, length: usize, part: &'static str) -> Result<&'b [u8], Error> {
        let end = self.at.checked_add(length);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or(Error::Truncated {
            part,
            at: self.bytes.len(),
        })?;
        self.at += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], Error> {
        let at = self.bytes.len();
        self.take(N, part)?
            .try_into()
            .map_err(|_| Error::Truncated { part, at })
    }

    /// A LEB128 number below 2^35, in its shortest form.
    fn varint(&mut self, part: &'static str) -> Result<u64, Error> {
        let at = self.at;
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let [byte] = self.array(part)?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let shortest = byte != 0 || shift == 0;
                return if shortest {
                    Ok(value)
                } else {
                    Err(Error::Wrong {
                        part,
                        at,
                        why: "a number is not in its shortest form",
                    })
                };
            }
        }
        Err(Error::Wrong {
            part,
            at,
            why: "a number is too large",
        })
    }
}
