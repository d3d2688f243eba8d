//! Whole numbers as few bytes: seven bits a byte, the least first, and lists in which most are zero.
//!
//! Deliberately does not know: what the numbers count.

use crate::Error;

/// Writes a number.
pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads a number; only its shortest form is one.
pub(crate) fn take(rest: &mut &[u8]) -> Result<u64, Error> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first().ok_or(Error::NotASum)?;
        *rest = after;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits || (bits == 0 && shift > 0 && byte & 0x80 == 0) {
            return Err(Error::NotASum);
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Error::NotASum)
}

/// Reads a number of things, at most `most`.
pub(crate) fn take_length(rest: &mut &[u8], most: usize) -> Result<usize, Error> {
    let number = usize::try_from(take(rest)?).map_err(|_| Error::NotASum)?;
    if number <= most {
        Ok(number)
    } else {
        Err(Error::NotASum)
    }
}

/// Writes a list: how many are not zero, then of each how many zeros stand before it, and itself.
pub(crate) fn put_sparse(out: &mut Vec<u8>, list: &[i64]) {
    let others = list.iter().filter(|number| **number != 0).count();
    put(out, others as u64);
    let mut zeros = 0;
    for number in list {
        if *number == 0 {
            zeros += 1;
            continue;
        }
        put(out, zeros);
        // Negative ones are odd: small numbers stay short.
        put(out, ((number << 1) ^ (number >> 63)) as u64);
        zeros = 0;
    }
}

/// Reads what [`put_sparse`] wrote into a list of zeros.
pub(crate) fn take_sparse(rest: &mut &[u8], list: &mut [i64]) -> Result<(), Error> {
    let others = take_length(rest, list.len())?;
    let mut places = list.iter_mut();
    for _ in 0..others {
        let zeros = take_length(rest, usize::MAX)?;
        let folded = take(rest)?;
        let number = (folded >> 1) as i64 ^ -((folded & 1) as i64);
        if number == 0 {
            return Err(Error::NotASum);
        }
        *places.nth(zeros).ok_or(Error::NotASum)? = number;
    }
    Ok(())
}
