//! What is looked at: settings, files, disks. Nothing is written, nothing is asked over a network, and the
//! store is not opened, so it makes no difference whether a server runs.

use crate::settings::Settings;
use crate::{files, key_files};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Everything the checks look at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The settings.
    pub settings: Settings,
    /// Now.
    pub now: SystemTime,
    /// Mode of the settings file, which may hold secrets.
    pub settings_mode: Option<u32>,
    /// The key files.
    pub keys: Vec<KeyFile>,
    /// What is wrong with the keys as a whole, if they cannot be read.
    pub keys_fault: Option<String>,
    /// What the start calls weak, in words.
    pub weak: Vec<String>,
    /// Faults of dictionary, charter and notices.
    pub program_faults: Vec<String>,
    /// The disk of the store.
    pub disk: Option<Disk>,
    /// When the store was last written.
    pub store_written: Option<SystemTime>,
    /// When a checkpoint was last noted outside the store.
    pub checkpoint_noted: Option<SystemTime>,
    /// Names under the newest checkpoint that are not the log's.
    pub cosigners: usize,
    /// When the newest file of the backups was written, and what lies there that must not; `None` if no folder
    /// was named.
    pub backups: Option<(Option<SystemTime>, Vec<String>)>,
    /// Swap that is on.
    pub swap: Vec<String>,
}

/// One key file.
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// Where.
    pub path: PathBuf,
    /// Its mode; `None` if it is not there.
    pub mode: Option<u32>,
    /// When it was made.
    pub made: Option<SystemTime>,
}

/// A disk.
#[derive(Clone, Debug)]
pub struct Disk {
    /// Kind of its file system, such as `ext4`.
    pub kind: String,
    /// Options it is mounted with.
    pub options: String,
    /// Bytes that are free.
    pub free: u64,
    /// Bytes there are.
    pub size: u64,
}

/// Gathers the facts.
pub fn gather(file: Option<&Path>, settings: &Settings, backups: Option<&Path>, now: SystemTime) -> Facts {
    let folder = settings.store.strip_prefix("embedded:").map(PathBuf::from);
    let seen = settings.erasures().map(|folder| folder.join("seen"));
    let modified = |path: &Path| std::fs::metadata(path).and_then(|about| about.modified()).ok();
    let written = folder.as_ref().and_then(|folder| {
        ["state.sqlite", "state.sqlite-wal"]
            .iter()
            .filter_map(|name| modified(&folder.join(name)))
            .max()
    });
    let keys = key_files::files(&settings.keys).into_iter().map(|path| KeyFile {
        mode: mode(&path),
        made: modified(&path),
        path,
    });
    let checkpoint = seen
        .as_ref()
        .and_then(|path| std::fs::read(path).ok())
        .unwrap_or_default();
    Facts {
        settings: settings.clone(),
        now,
        settings_mode: file.and_then(mode),
        keys: keys.collect(),
        keys_fault: key_files::read(settings).err().map(|error| error.to_string()),
        weak: settings.weaknesses(),
        program_faults: program_faults(settings),
        disk: folder.as_deref().and_then(disk),
        store_written: written,
        checkpoint_noted: seen.as_deref().and_then(modified),
        cosigners: cosigners(&String::from_utf8_lossy(&checkpoint), &settings.ledger_origin),
        backups: backups.map(look_at_backups),
        swap: swap(&std::fs::read_to_string("/proc/swaps").unwrap_or_default()),
    }
}

fn program_faults(settings: &Settings) -> Vec<String> {
    let mut faults = Vec::new();
    faults.extend(files::declared(settings).err().map(|error| error.to_string()));
    faults.extend(files::charter(settings).err().map(|error| error.to_string()));
    faults.extend(
        files::notices(&settings.notices)
            .err()
            .map(|error| error.to_string()),
    );
    faults.extend(
        files::catalogue_text(settings, None)
            .err()
            .map(|error| error.to_string()),
    );
    faults
}

/// Signature lines of others than the log.
pub(super) fn cosigners(checkpoint: &str, origin: &str) -> usize {
    let names = checkpoint
        .lines()
        .filter_map(|line| line.strip_prefix("— ")?.split(' ').next());
    names.filter(|name| !name.starts_with(origin)).count()
}

fn look_at_backups(folder: &Path) -> (Option<SystemTime>, Vec<String>) {
    let mut newest = None;
    let mut misplaced = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((inner, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&inner).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() && depth < 4 {
                folders.push((path, depth + 1));
                continue;
            }
            newest = newest.max(about.modified().ok());
            let name = entry.file_name();
            if ["journal", "refusals", "seen", "kek", "index", "ledger"]
                .iter()
                .any(|known| name == *known)
            {
                misplaced.push(path.display().to_string());
            }
        }
    }
    misplaced.sort();
    (newest, misplaced)
}

/// Swap that is not in memory (zram) and not on an encrypted device by its name.
pub(super) fn swap(text: &str) -> Vec<String> {
    let names = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next());
    let safe = |name: &&str| name.contains("zram") || name.contains("/dm-") || name.contains("/mapper/");
    names.filter(|name| !safe(name)).map(str::to_owned).collect()
}

fn mode(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path)
            .ok()
            .map(|about| about.permissions().mode() & 0o777)
    }
    #[cfg(not(unix))]
    {
        std::fs::metadata(path).ok().map(|_| 0o600)
    }
}

fn disk(folder: &Path) -> Option<Disk> {
    // Of a store that is not there yet: where it will be.
    let real = folder.ancestors().find_map(|above| above.canonicalize().ok())?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let (kind, options) = mount_of(&mounts, &real)?;
    let (free, size) = room(&real).unwrap_or((u64::MAX, u64::MAX));
    Some(Disk {
        kind,
        options,
        free,
        size,
    })
}

fn room(folder: &Path) -> Option<(u64, u64)> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some((about.f_bavail * about.f_frsize, about.f_blocks * about.f_frsize))
}

/// Kind and options of the file system a folder lies on (proc(5), mountinfo).
pub(super) fn mount_of(mounts: &str, folder: &Path) -> Option<(String, String)> {
    let mut best: Option<(usize, String, String)> = None;
    for line in mounts.lines() {
        let (left, right) = line.split_once(" - ")?;
        let point = left.split(' ').nth(4)?.replace("\\040", " ");
        let mut right = right.split(' ');
        let (kind, options) = (right.next()?, right.nth(1).unwrap_or_default());
        let depth = Path::new(&point).components().count();
        if folder.starts_with(&point) && best.as_ref().is_none_or(|(known, _, _)| depth >= *known) {
            best = Some((depth, kind.to_owned(), options.to_owned()));
        }
    }
    best.map(|(_, kind, options)| (kind, options))
}

/// How long ago; `None` if it lies ahead.
pub(super) fn age(of: SystemTime, now: SystemTime) -> Option<Duration> {
    now.duration_since(of).ok()
}
