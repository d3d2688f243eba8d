//! What was last seen of the store, kept outside it: by this a store that was rolled back is known, before
//! it could go on from its old state and sign a second history of the log.
//!
//! Replaced as a whole: a new file, made durable, takes the old one's name. Deliberately does not know:
//! what a checkpoint says.

use super::journal::{make_folder, sync_folder};
use super::{Error, chain};
use aws_lc_rs::hmac;
use minicbor::{Decode, Encode};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Longest file, bytes: a checkpoint with many signatures.
const MAX_FILE: u64 = 128 << 10;
const MAC: usize = 32;

/// What was last seen.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub(crate) struct Seen {
    /// Which of the log's names was in use; see [`super::origin`].
    #[n(0)]
    pub(crate) log: u64,
    /// Lines of the journal.
    #[n(1)]
    pub(crate) lines: u64,
    /// The newest checkpoint, as signed; empty if none was.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) checkpoint: Vec<u8>,
}

/// The file.
pub(crate) struct SeenFile {
    folder: PathBuf,
    key: hmac::Key,
}

impl SeenFile {
    pub(crate) fn in_folder(folder: &Path, key: hmac::Key) -> SeenFile {
        SeenFile {
            folder: folder.to_owned(),
            key,
        }
    }

    /// What it says; `None` if there is no such file.
    pub(crate) fn read(&self) -> Result<Option<Seen>, Error> {
        let path = self.folder.join("seen");
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file(&path, &error)),
        };
        let mut bytes = Vec::new();
        let read = file.take(MAX_FILE).read_to_end(&mut bytes);
        read.map_err(|error| Error::file(&path, &error))?;
        let seen = bytes
            .len()
            .checked_sub(MAC)
            .and_then(|at| bytes.split_at_checked(at))
            .filter(|(body, tag)| chain::is_mac(&self.key, &[b"seen", body], tag))
            .and_then(|(body, _)| crate::envelope::decode(body).ok());
        match seen {
            Some(seen) => Ok(Some(seen)),
            None => Err(Error::damaged(
                &path,
                "it was not written by these keys, or was changed",
            )),
        }
    }

    /// Says something else; on disk when it answers.
    pub(crate) fn write(&self, seen: &Seen) -> Result<(), Error> {
        let path = self.folder.join("seen");
        let new = self.folder.join("seen.new");
        let mut bytes = crate::envelope::encode(seen);
        let tag = chain::mac(&self.key, &[b"seen", &bytes]);
        bytes.extend_from_slice(&tag);
        let written = make_folder(&self.folder)
            .and_then(|()| {
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(&new)?;
                file.write_all(&bytes)?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&new, &path))
            .and_then(|()| sync_folder(&self.folder));
        written.map_err(|error| Error::file(&path, &error))
    }
}
