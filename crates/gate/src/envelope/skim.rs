//! Reads of an encoded content what one purpose looks at, field by field, with texts where they stand: for runs
//! over everybody, where a content of its own for each person would cost more than all that is done with it.
//!
//! Deliberately does not know: who may see what; views do (`purposes`).

use super::{LAYOUT, UnknownLayout};
use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;

/// Numbers of fields of a content.
pub(crate) const TRAITS: u64 = 0;
pub(crate) const HISTORY: u64 = 1;
pub(crate) const OCCURRED: u64 = 10;
pub(crate) const AUTOMATION: u64 = 12;

/// Hands each field of an encoded part, with its number, to `read`, which reads it whole and says so, or leaves it.
pub(crate) fn part<'b>(
    bytes: &'b [u8],
    read: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool, Error>,
) -> Result<(), UnknownLayout> {
    match bytes.split_first() {
        Some((&LAYOUT, rest)) => fields(&mut Decoder::new(rest), read).map_err(|_| UnknownLayout),
        _ => Err(UnknownLayout),
    }
}

/// The same of a structure inside it. A field that says nothing is not handed over.
pub(crate) fn fields<'b>(
    bytes: &mut Decoder<'b>,
    mut read: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool, Error>,
) -> Result<(), Error> {
    let count = bytes.array()?.ok_or_else(endless)?;
    for number in 0..count {
        if bytes.datatype()? == Type::Null || !read(number, bytes)? {
            bytes.skip()?;
        }
    }
    Ok(())
}

/// Hands each element of a list to `read`, which reads it whole.
pub(crate) fn each<'b>(
    bytes: &mut Decoder<'b>,
    mut read: impl FnMut(&mut Decoder<'b>) -> Result<(), Error>,
) -> Result<(), Error> {
    let count = bytes.array()?.ok_or_else(endless)?;
    for _ in 0..count {
        read(bytes)?;
    }
    Ok(())
}

/// How many elements the list that comes says it has; nothing is read. A claim: no more is to be set aside for it
/// than there can be.
pub(crate) fn length(bytes: &mut Decoder<'_>) -> Result<usize, Error> {
    let count = bytes.probe().array()?.ok_or_else(endless)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// We never write lists without their length.
fn endless() -> Error {
    Error::message("a list without a length")
}
