//! A program as one row of bytes, and back: what is kept, approved and put in force is this, so one digest
//! stands for every letter of every file.
//!
//! Deliberately does not know: what the files say.

use std::collections::BTreeMap;
use vocabulary::Digest;

/// Most files of a program.
pub const MAX_FILES: usize = 5_000;
/// Most bytes of a program, all files together.
pub const MAX_BYTES: usize = 32 << 20;
/// Longest path of a file, bytes.
pub const MAX_PATH: usize = 200;

const MAGIC: &[u8] = b"egard program 1\n";

/// The files of a program by their path from its folder, with `/` between.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The canonical bytes: the files in the order of their paths, each path and content with its length.
pub fn pack(files: &Files) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for (path, content) in files {
        for part in [path.as_bytes(), content] {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part);
        }
    }
    bytes
}

/// The content address of a program.
pub fn address(files: &Files) -> Digest {
    Digest::of(&pack(files))
}

/// Bytes that are no packed program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("these bytes are no packed program")]
pub struct NotPacked;

/// The files again.
pub fn unpack(bytes: &[u8]) -> Result<Files, NotPacked> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or(NotPacked)?;
    let mut files = Files::new();
    while !rest.is_empty() {
        let path = part(&mut rest)?;
        let path = std::str::from_utf8(path).map_err(|_| NotPacked)?.to_owned();
        let content = part(&mut rest)?.to_vec();
        // In order, so that one program has one row of bytes.
        if files.last_key_value().is_some_and(|(last, _)| *last >= path) || files.len() >= MAX_FILES {
            return Err(NotPacked);
        }
        files.insert(path, content);
    }
    Ok(files)
}

fn part<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], NotPacked> {
    let (length, after) = rest.split_first_chunk::<8>().ok_or(NotPacked)?;
    let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| NotPacked)?;
    let (part, after) = after.split_at_checked(length).ok_or(NotPacked)?;
    *rest = after;
    Ok(part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again_and_only_in_one_way(
            files in proptest::collection::btree_map("[a-z/.]{0,20}", any::<Vec<u8>>(), 0..8),
            noise in any::<Vec<u8>>(),
        ) {
            let bytes = pack(&files);
            prop_assert_eq!(unpack(&bytes), Ok(files));
            if let Ok(read) = unpack(&[MAGIC, &noise].concat()) {
                prop_assert_eq!(pack(&read), [MAGIC, &noise].concat());
            }
        }
    }
}
