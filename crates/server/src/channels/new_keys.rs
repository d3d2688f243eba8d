//! Keys for the ways out, each in a file of its own that only its owner reads: the sender of notifications (VAPID),
//! and what webhooks are signed with.
//!
//! Deliberately does not know: the keys of people and of the log; those are `key_files`.

use letter::push::{Sender, show_key};
use letter::webhook::show_secret;
use std::io::Write as _;
use std::path::Path;
use zeroize::Zeroizing;

/// No key was made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody may depend on what is there.
    #[error("`{0}` is there already: a key is never written over; name another file")]
    There(String),
    /// The file.
    #[error("`{path}` cannot be written: {problem}")]
    File {
        /// Which.
        path: String,
        /// Why.
        problem: String,
    },
    /// No randomness.
    #[error("the system gives no randomness")]
    Random,
}

/// Makes a sender's key pair, and answers the public key. Whoever subscribed with it is lost with the private one.
///
/// # Errors
/// If the file is there or cannot be written.
pub fn vapid(path: &Path) -> Result<String, Error> {
    // One draw in 2³² is no scalar of the curve.
    for _ in 0..4 {
        let key = random()?;
        if let Ok(sender) = Sender::of(&key) {
            write(path, &show_key(&key))?;
            return Ok(sender.public());
        }
    }
    Err(Error::Random)
}

/// Makes a secret `whsec_…` for a webhook; its receiver needs the same text.
///
/// # Errors
/// If the file is there or cannot be written.
pub fn webhook(path: &Path) -> Result<(), Error> {
    write(path, &show_secret(&*random()?))
}

fn random() -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|_| Error::Random)?;
    Ok(bytes)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let shown = path.display().to_string();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::There(shown),
        _ => Error::File {
            path: shown,
            problem: error.to_string(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use letter::webhook::Secret;

    #[test]
    fn a_key_is_usable_readable_by_its_owner_alone_and_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (key, hook) = (folder.path().join("vapid"), folder.path().join("hook"));
        let public = vapid(&key).unwrap();
        let text = std::fs::read_to_string(&key).unwrap();
        assert_eq!(Sender::parse(&text).unwrap().public(), public);
        webhook(&hook).unwrap();
        assert!(Secret::parse(&std::fs::read_to_string(&hook).unwrap()).is_ok());
        #[cfg(unix)]
        for path in [&key, &hook] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                std::fs::metadata(path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        assert!(matches!(vapid(&key), Err(Error::There(_))));
        assert!(matches!(webhook(&key), Err(Error::There(_))));
        assert_eq!(std::fs::read_to_string(&key).unwrap(), text);
        assert!(matches!(
            vapid(&folder.path().join("none/key")),
            Err(Error::File { .. })
        ));
    }
}
