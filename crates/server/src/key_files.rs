//! The keys of the installation, wherever the settings say they are: a folder, the environment, a token; and
//! exchanging those in a folder, so that a kill at any moment leaves the old ones or the new ones whole.
//!
//! Deliberately does not know: requests, the store. Secrets are read here and given to `gate` at once.

use crate::files::Error;
use crate::settings::{KmsDriver, Settings};
use gate::{KekId, Keyring, Kms, LedgerKey, LocalKek, Secret, local_id};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The key files of a folder.
pub const KEYS: [&str; 3] = ["kek", "index", "ledger"];
/// Longest key file, bytes.
const MAX_FILE: u64 = 4096;

/// The keys of the installation.
pub struct Keys {
    /// For envelopes and identifiers.
    pub keyring: Keyring,
    /// For the log.
    pub ledger: LedgerKey,
}

/// The keys that can be exchanged while people are served.
pub struct Exchangeable {
    /// Wraps what is new.
    pub current: Arc<dyn Kms>,
    /// Still unwrap.
    pub older: Vec<Arc<dyn Kms>>,
    /// Signs the log.
    pub ledger: LedgerKey,
}

/// What an exchange of a key file did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rotated {
    /// The new key's name.
    pub new: KekId,
    /// The file in which the old key is kept.
    pub kept: PathBuf,
}

/// Makes the key files of a new installation; refuses to write over any.
pub fn make_keys(folder: &Path) -> Result<(), Error> {
    if KEYS.iter().any(|name| folder.join(name).exists()) {
        return Err(Error::KeysExist(folder.display().to_string()));
    }
    make_folder(folder).map_err(|error| file(folder, &error))?;
    for name in KEYS {
        let path = folder.join(name);
        let secret = Secret::fresh().map_err(|error| content(&path, &error))?;
        write_secret(&path, &secret).map_err(|error| file(&path, &error))?;
    }
    sync(folder).map_err(|error| file(folder, &error))
}

/// Makes a new key in the place of `kek` or `ledger`, and keeps the old one beside it under its name. A kill
/// at any moment leaves `name` readable, as the old key or the new one.
pub fn rotate(folder: &Path, name: &str) -> Result<Rotated, Error> {
    let place = folder.join(name);
    let old = read_secret(&place)?;
    let kept = folder.join(format!("{name}.{}", local_id(&old)));
    let next = folder.join(format!("{name}.next"));
    // One that a kill left was never in use: it would have lost this name.
    match std::fs::remove_file(&next) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file(&next, &error)),
        _ => {}
    }
    let new = Secret::fresh().map_err(|error| content(&next, &error))?;
    write_secret(&next, &new).map_err(|error| file(&next, &error))?;
    same_owner(&place, &next).map_err(|error| file(&next, &error))?;
    match std::fs::hard_link(&place, &kept) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if local_id(&read_secret(&kept)?) != local_id(&old) {
                return Err(content(
                    &kept,
                    &"another key lies where the old one is to be kept; move it away",
                ));
            }
        }
        linked => linked.map_err(|error| file(&kept, &error))?,
    }
    // The old one is safe under its name before the new one takes its place.
    sync(folder).map_err(|error| file(folder, &error))?;
    std::fs::rename(&next, &place).map_err(|error| file(&place, &error))?;
    sync(folder).map_err(|error| file(folder, &error))?;
    Ok(Rotated {
        new: local_id(&new),
        kept,
    })
}

/// Reads the key files of a folder.
pub fn read_keys(folder: &Path, origin: &str) -> Result<Keys, Error> {
    let settings = Settings {
        keys: folder.to_owned(),
        ledger_origin: origin.to_owned(),
        ..Settings::default()
    };
    read(&settings)
}

/// The keys, from where the settings say.
pub fn read(settings: &Settings) -> Result<Keys, Error> {
    let Exchangeable {
        current,
        older,
        ledger,
    } = exchangeable(settings)?;
    let index = index(settings)?;
    let index_id = local_id(&index);
    let ids = std::iter::once(&current).chain(&older).map(|kek| kek.id());
    let signs = std::iter::once(&ledger.secret).chain(&ledger.older).map(local_id);
    let mut all: Vec<KekId> = ids.chain(signs).chain([index_id]).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    if all.len() != count {
        return Err(content(
            &settings.keys,
            &"one key is used for two things; make keys with `egard keys new`, each is used once",
        ));
    }
    Ok(Keys {
        keyring: Keyring::with(current, older, &index),
        ledger,
    })
}

/// The keys that can be exchanged, as they are now.
pub fn exchangeable(settings: &Settings) -> Result<Exchangeable, Error> {
    let folder = &settings.keys;
    let local = |secret: &Secret, driver| -> Result<Arc<dyn Kms>, Error> {
        let kek = LocalKek::new(secret, driver).map_err(|error| content(folder, &error))?;
        Ok(Arc::new(kek))
    };
    let kms = &settings.kms;
    let (current, older) = match kms.driver {
        KmsDriver::File => {
            let older = older_files(folder, "kek")?;
            let older = older.iter().map(|path| local(&read_secret(path)?, "file"));
            (
                local(&read_secret(&folder.join("kek"))?, "file")?,
                older.collect::<Result<_, _>>()?,
            )
        }
        KmsDriver::Environment => {
            let older = kms
                .secrets
                .kek_old
                .iter()
                .map(|text| local(&variable("EGARD_KEK_OLD", text)?, "environment"));
            let current = variable("EGARD_KEK", &kms.secrets.kek)?;
            (local(&current, "environment")?, older.collect::<Result<_, _>>()?)
        }
        KmsDriver::Pkcs11 => token_keys(settings)?,
    };
    let (secret, older_ledger) = match kms.driver {
        KmsDriver::Environment => {
            let older = kms
                .secrets
                .ledger_old
                .iter()
                .map(|text| variable("EGARD_LEDGER_KEY_OLD", text));
            (
                variable("EGARD_LEDGER_KEY", &kms.secrets.ledger)?,
                older.collect::<Result<_, _>>()?,
            )
        }
        _ => {
            let older = older_files(folder, "ledger")?;
            let older = older.iter().map(|path| read_secret(path));
            (
                read_secret(&folder.join("ledger"))?,
                older.collect::<Result<Vec<_>, _>>()?,
            )
        }
    };
    Ok(Exchangeable {
        current,
        older,
        ledger: LedgerKey {
            origin: settings.ledger_origin.clone(),
            secret,
            older: older_ledger,
        },
    })
}

/// The token of the settings, logged in.
pub fn token(settings: &Settings) -> Result<hsm::Hsm, Error> {
    let kms = &settings.kms;
    let said = |problem: &str| content(Path::new("kms"), &problem);
    let module = kms
        .module
        .clone()
        .ok_or_else(|| said("say `kms.module`, the token's library"))?;
    let pin = match (&kms.secrets.pin, &kms.pin_file) {
        (Some(pin), _) => Zeroizing::new(pin.trim().to_owned()),
        (None, Some(path)) => Zeroizing::new(read_text(path)?.trim().to_owned()),
        (None, None) => return Err(said("say `kms.pin_file`, or put the PIN in EGARD_PKCS11_PIN")),
    };
    let settings = hsm::Settings {
        module,
        token: kms.token.clone(),
        pin,
    };
    hsm::Hsm::open(settings).map_err(|error| said(&error.to_string()))
}

type Keks = (Arc<dyn Kms>, Vec<Arc<dyn Kms>>);

fn token_keys(settings: &Settings) -> Result<Keks, Error> {
    let token = token(settings)?;
    let key = |label: &String| {
        token
            .key(label)
            .map_err(|error| content(Path::new("kms"), &error))
    };
    let mut older: Vec<Arc<dyn Kms>> = settings.kms.old_keys.iter().map(key).collect::<Result<_, _>>()?;
    // From a folder to a token: what the files wrapped is wrapped anew by the token.
    for path in older_files(&settings.keys, "kek")?
        .iter()
        .chain([&settings.keys.join("kek")])
    {
        if path.exists() {
            let kek = LocalKek::new(&read_secret(path)?, "file").map_err(|error| content(path, &error))?;
            older.push(Arc::new(kek));
        }
    }
    Ok((key(&settings.kms.key)?, older))
}

fn index(settings: &Settings) -> Result<Secret, Error> {
    match settings.kms.driver {
        KmsDriver::Environment => variable("EGARD_INDEX_KEY", &settings.kms.secrets.index),
        _ => read_secret(&settings.keys.join("index")),
    }
}

/// What is weak about the keys, with words how to mend it: for a start in production.
pub fn weaknesses(settings: &Settings) -> Vec<String> {
    let mut weak = Vec::new();
    for (what, mode) in too_open(&settings.keys) {
        weak.push(format!(
            "`{what}` can be read by others (mode {mode:o}); run `chmod 600` on it"
        ));
    }
    for path in files(&settings.keys).iter().filter(|path| path.exists()) {
        if let Ok(secret) = read_secret(path)
            && let Some(why) = secret.weakness()
        {
            weak.push(format!(
                "`{}` is hardly a random key: {why}; make another with `egard keys rotate` or `egard keys new`",
                path.display()
            ));
        }
    }
    if let Some(repository) = in_git(&settings.keys) {
        weak.push(format!(
            "the keys lie in the git repository `{}`: a commit would publish them; move them out of it",
            repository.display()
        ));
    }
    let secrets = &settings.kms.secrets;
    for (name, text) in [
        ("EGARD_KEK", &secrets.kek),
        ("EGARD_INDEX_KEY", &secrets.index),
        ("EGARD_LEDGER_KEY", &secrets.ledger),
    ] {
        if let Some(why) = Secret::from_text(text).ok().and_then(|secret| secret.weakness()) {
            weak.push(format!("the variable `{name}` is hardly a random key: {why}"));
        }
    }
    weak
}

/// Key files that others than their owner may read, with their modes.
pub fn too_open(folder: &Path) -> Vec<(String, u32)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        files(folder)
            .into_iter()
            .filter_map(|path| {
                let mode = std::fs::metadata(&path).ok()?.permissions().mode() & 0o777;
                (mode & 0o077 != 0).then(|| (path.display().to_string(), mode))
            })
            .collect()
    }
    #[cfg(not(unix))]
    Vec::new()
}

/// The key files there may be in a folder, older ones included.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = KEYS.iter().map(|name| folder.join(name)).collect();
    for name in ["kek", "ledger"] {
        all.extend(older_files(folder, name).unwrap_or_default());
    }
    all
}

/// The repository in which a folder lies, if it lies in one.
pub fn in_git(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    folder
        .ancestors()
        .find(|above| above.join(".git").exists())
        .map(Path::to_owned)
}

/// `kek.0123456789abcdef`: keys that were in use before, the newest first.
fn older_files(folder: &Path, name: &str) -> Result<Vec<PathBuf>, Error> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(self::file(folder, &error)),
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let file = entry.file_name();
        let id = file
            .to_str()
            .and_then(|file| file.strip_prefix(name)?.strip_prefix('.'));
        if id.is_some_and(|id| id.parse::<KekId>().is_ok()) {
            let changed = entry.metadata().and_then(|about| about.modified()).ok();
            found.push((changed, entry.path()));
        }
    }
    found.sort();
    // What a kill left: the key under its own name and as the current one is one key.
    let current = read_secret(&folder.join(name))
        .ok()
        .map(|secret| local_id(&secret).to_string());
    let own = current.map(|id| folder.join(format!("{name}.{id}")));
    Ok(found
        .into_iter()
        .rev()
        .map(|(_, path)| path)
        .filter(|path| Some(path) != own.as_ref())
        .collect())
}

fn read_secret(path: &Path) -> Result<Secret, Error> {
    Secret::from_text(&read_text(path)?).map_err(|error| content(path, &error))
}

fn read_text(path: &Path) -> Result<Zeroizing<String>, Error> {
    let size = std::fs::metadata(path).map_err(|error| file(path, &error))?.len();
    if size > MAX_FILE {
        return Err(content(path, &"it is too long for a key"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| file(path, &error))?;
    Ok(Zeroizing::new(text))
}

fn variable(name: &str, text: &str) -> Result<Secret, Error> {
    Secret::from_text(text).map_err(|error| content(Path::new(name), &error))
}

/// Only the owner may read it, from its first byte on.
pub(crate) fn write_secret(path: &Path, secret: &Secret) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let text = Zeroizing::new(secret.to_text());
    let mut handle = options.open(path)?;
    handle.write_all(text.as_bytes())?;
    handle.write_all(b"\n")?;
    handle.sync_all()
}

/// Only the owner may look into it.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// The server must be able to read what an administrator made.
fn same_owner(of: &Path, to: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let (of, now) = (std::fs::metadata(of)?, std::fs::metadata(to)?);
        if (of.uid(), of.gid()) != (now.uid(), now.gid()) {
            std::os::unix::fs::chown(to, Some(of.uid()), Some(of.gid()))?;
        }
    }
    Ok(())
}

fn sync(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

fn file(path: &Path, error: &std::io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        problem: error.to_string(),
    }
}

fn content(path: &Path, error: &impl std::fmt::Display) -> Error {
    Error::Content {
        path: path.display().to_string(),
        problem: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_only_their_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        make_keys(&keys).unwrap();
        assert!(too_open(&keys).is_empty());
        assert!(read_keys(&keys, "shop.example/egard").is_ok());
        assert!(matches!(make_keys(&keys), Err(Error::KeysExist(_))));
    }

    #[test]
    fn an_exchanged_key_is_kept_under_its_name_and_the_new_one_is_the_current() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        make_keys(&keys).unwrap();
        let settings = Settings {
            keys: keys.clone(),
            ..Settings::default()
        };
        let before = exchangeable(&settings).unwrap().current.id();
        std::fs::write(keys.join("kek.next"), "half a ke").unwrap(); // a kill left it
        let rotated = rotate(&keys, "kek").unwrap();
        let after = exchangeable(&settings).unwrap();
        assert_eq!((after.current.id(), after.older[0].id()), (rotated.new, before));
        assert_eq!(rotated.kept, keys.join(format!("kek.{before}")));
        assert!(too_open(&keys).is_empty());
        assert!(!keys.join("kek.next").exists());
        rotate(&keys, "kek").unwrap();
        rotate(&keys, "ledger").unwrap();
        let after = exchangeable(&settings).unwrap();
        assert_eq!((after.older.len(), after.ledger.older.len()), (2, 1));
        assert!(read(&settings).is_ok());
        // A kill between the two steps: the current key has its own name already.
        let id = after.current.id();
        std::fs::hard_link(keys.join("kek"), keys.join(format!("kek.{id}"))).unwrap();
        assert_eq!(exchangeable(&settings).unwrap().older.len(), 2);
        assert_ne!(rotate(&keys, "kek").unwrap().new, id);
    }

    #[test]
    fn a_truncated_file_and_one_key_for_two_uses_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        make_keys(&keys).unwrap();
        let whole = std::fs::read_to_string(keys.join("kek")).unwrap();
        for length in 0..64 {
            std::fs::write(keys.join("kek"), &whole[..length]).unwrap();
            assert!(read_keys(&keys, "shop.example/egard").is_err(), "{length}");
        }
        std::fs::copy(keys.join("ledger"), keys.join("kek")).unwrap();
        let refused = read_keys(&keys, "shop.example/egard").err().unwrap().to_string();
        assert!(refused.contains("two things"), "{refused}");
    }

    #[test]
    fn weak_keys_and_keys_in_a_repository_are_told_with_words_how_to_mend_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        make_keys(&keys).unwrap();
        let settings = Settings {
            keys: keys.clone(),
            ..Settings::default()
        };
        assert_eq!(weaknesses(&settings), Vec::<String>::new());
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        std::fs::write(keys.join("index"), "42".repeat(32)).unwrap();
        let weak = weaknesses(&settings).join("; ");
        assert!(weak.contains("index` is hardly a random key"), "{weak}");
        assert!(
            weak.contains("git repository") && weak.contains("move them out"),
            "{weak}"
        );
    }
}
