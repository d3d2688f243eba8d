//! One function for each check: from facts to what is weak.

use super::facts::{Facts, age};
use super::{Finding, Level};
use crate::me::settings::MailSecurity;
use crate::settings::{Environment, KmsDriver};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// Every check, in the order of the report.
pub(super) const ALL: [fn(&Facts) -> Vec<Finding>; 20] = [
    environment,
    keys,
    key_files,
    old_keys,
    weak_setup,
    settings_file,
    address,
    cookies,
    write_keys,
    origins,
    program,
    notices,
    clock,
    log,
    witnesses,
    disk,
    file_system,
    journal,
    backups,
    memory,
];

fn finding(check: &'static str, level: Level, what: String, why: &'static str, mend: &str) -> Vec<Finding> {
    vec![Finding {
        check,
        level,
        what,
        why,
        mend: mend.to_owned(),
    }]
}

fn none() -> Vec<Finding> {
    Vec::new()
}

fn environment(facts: &Facts) -> Vec<Finding> {
    match facts.settings.environment {
        Environment::Production => none(),
        Environment::Development => finding(
            "environment",
            Level::Warning,
            "`environment = \"development\"`".to_owned(),
            "weak set-ups are only warned about, so nothing stops the next one",
            "say `environment = \"production\"` before people are served",
        ),
    }
}

fn keys(facts: &Facts) -> Vec<Finding> {
    match &facts.keys_fault {
        None => none(),
        Some(fault) => finding(
            "keys",
            Level::Fault,
            format!("the keys cannot be used: {fault}"),
            "without them nothing that is stored can be opened, and the server does not start",
            "put the files back from their copy, or, for a new installation, run `egard keys new FOLDER`",
        ),
    }
}

fn key_files(facts: &Facts) -> Vec<Finding> {
    let open = |mode: u32| mode & 0o077 != 0;
    let found = facts.keys.iter().filter_map(|key| {
        let mode = key.mode.filter(|mode| open(*mode))?;
        let path = key.path.display();
        Some(Finding {
            check: "key_files",
            level: Level::Fault,
            what: format!("`{path}` can be read by others (mode {mode:o})"),
            why: "whoever reads it and the store reads every person",
            mend: format!("chmod 600 {path}; if others may have read it, `egard keys rotate`"),
        })
    });
    found.collect()
}

fn old_keys(facts: &Facts) -> Vec<Finding> {
    let is_kek = |path: &std::path::Path| path.file_name().is_some_and(|name| name == "kek");
    let current = facts.keys.iter().find(|key| is_kek(&key.path));
    let year = current
        .and_then(|key| age(key.made?, facts.now))
        .filter(|age| *age > 366 * DAY && facts.settings.kms.driver == KmsDriver::File);
    match year {
        None => none(),
        Some(age) => finding(
            "old_keys",
            Level::Warning,
            format!("`kek` is {} days old", age.as_secs() / 86_400),
            "exchanging it makes the keys in older backups and on worn-out disks unreadable once the old one is gone",
            "run `egard keys rotate kek`; no stop is needed",
        ),
    }
}

/// What the start itself refuses in production, so that the two never differ.
fn weak_setup(facts: &Facts) -> Vec<Finding> {
    // Told by a check of its own, with more words.
    let told = |weak: &&String| !weak.contains("can be read by others") && !weak.contains("`public_url`");
    let found = facts.weak.iter().filter(told).map(|weak| Finding {
        check: "weak_setup",
        level: Level::Fault,
        what: weak.clone(),
        why: "a promise to people would be broken, so production refuses to start",
        mend: "change the setting that is named; `egard.example.toml` explains each".to_owned(),
    });
    found.collect()
}

fn settings_file(facts: &Facts) -> Vec<Finding> {
    let settings = &facts.settings;
    let plain = settings
        .api_keys
        .iter()
        .chain(&settings.staff_keys)
        .chain(&settings.program_keys)
        .any(|key| !key.key.starts_with("sha256:"));
    let mail = settings
        .me
        .mail
        .as_ref()
        .is_some_and(|mail| mail.password.is_some());
    let secret = plain || mail || !settings.me.issuers.is_empty();
    match facts.settings_mode {
        Some(mode) if secret && mode & 0o007 != 0 => finding(
            "settings_file",
            Level::Fault,
            format!("the settings file holds secrets and can be read by everybody (mode {mode:o})"),
            "whoever has a key of the API can act for every person",
            "chmod 640 it, and keep digests (`sha256:…`) instead of keys",
        ),
        _ if plain => finding(
            "settings_file",
            Level::Warning,
            "`api_keys`, `staff_keys` or `program_keys` hold a key in the clear".to_owned(),
            "a copy of the settings is then a copy of the keys",
            "keep `sha256:` and its digest: printf %s KEY | sha256sum",
        ),
        _ => none(),
    }
}

fn address(facts: &Facts) -> Vec<Finding> {
    let settings = &facts.settings;
    let mut found = Vec::new();
    if !settings.public_url.starts_with("https://") {
        found.extend(finding(
            "address",
            Level::Fault,
            format!("`public_url = \"{}\"` is not `https://`", settings.public_url),
            "links to people's own pages, receipts and sessions would travel in the clear",
            "put a TLS proxy in front and say its address",
        ));
    }
    if !settings.listen.ip().is_loopback() {
        found.extend(finding(
            "address",
            Level::Warning,
            format!("`listen = \"{}\"` is not this machine alone", settings.listen),
            "the server speaks plain HTTP: others on the network can come past the TLS proxy",
            "listen on 127.0.0.1, or let a firewall admit the proxy only",
        ));
    }
    found
}

fn cookies(facts: &Facts) -> Vec<Finding> {
    let settings = &facts.settings;
    let mut found = Vec::new();
    if !settings.public_url.starts_with("https://") {
        found.extend(finding(
            "cookies",
            Level::Fault,
            "the session cookie of `/me` is neither `Secure` nor `__Host-`".to_owned(),
            "anybody on the way can take over a person's session, and a neighbouring host can set one",
            "set `public_url` to an `https://` address",
        ));
    }
    let clear = settings
        .me
        .mail
        .as_ref()
        .is_some_and(|mail| mail.security == MailSecurity::None);
    if clear {
        found.extend(finding(
            "mail",
            Level::Fault,
            "`me.mail.security` is off".to_owned(),
            "links that open a person's page would travel in the clear",
            "say `starttls` or `tls`",
        ));
    }
    found
}

fn write_keys(facts: &Facts) -> Vec<Finding> {
    let weak = |key: &str| {
        let distinct: std::collections::HashSet<char> = key.chars().collect();
        key.len() < 16 || distinct.len() < 8
    };
    let sources = facts
        .settings
        .sources
        .iter()
        .filter(|source| weak(&source.write_key));
    let found = sources.map(|source| Finding {
        check: "write_keys",
        level: Level::Warning,
        what: format!(
            "the write key of the source `{}` is short or easily guessed",
            source.name
        ),
        why: "whoever guesses it can send events in the name of people",
        mend: "use 24 random characters: openssl rand -hex 12".to_owned(),
    });
    found.collect()
}

fn origins(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in &facts.settings.sources {
        if source.origins.is_empty() {
            found.extend(finding(
                "origins",
                Level::Warning,
                format!("the source `{}` has no `origins`", source.name),
                "no page may show the consent dialogue, so nobody can permit or refuse anything there",
                "name each site's origin, such as `https://shop.example`",
            ));
        }
        if source.origins.iter().any(|origin| origin.starts_with("http://")) {
            found.extend(finding(
                "origins",
                Level::Fault,
                format!("an origin of the source `{}` is not `https://`", source.name),
                "others on the way could choose in a person's name",
                "serve the site over TLS and write `https://`",
            ));
        }
    }
    found
}

fn program(facts: &Facts) -> Vec<Finding> {
    let found = facts.program_faults.iter().map(|fault| Finding {
        check: "program",
        level: Level::Fault,
        what: fault.clone(),
        why: "the server does not start with it",
        mend: "mend the file at the line that is named; `egard charter check` explains rules".to_owned(),
    });
    found.collect()
}

fn notices(facts: &Facts) -> Vec<Finding> {
    if facts.settings.notices.is_empty() {
        return finding(
            "notices",
            Level::Warning,
            "`notices` is empty".to_owned(),
            "a permission must name the words that were shown: without notices nobody can give one",
            "write a notice in French and English and name its file",
        );
    }
    none()
}

fn clock(facts: &Facts) -> Vec<Finding> {
    let ahead = |when: Option<std::time::SystemTime>| {
        when.and_then(|when| when.duration_since(facts.now).ok())
            .filter(|ahead| *ahead > Duration::from_secs(60))
    };
    match ahead(facts.checkpoint_noted).max(ahead(facts.store_written)) {
        None => none(),
        Some(ahead) => finding(
            "clock",
            Level::Fault,
            format!(
                "the clock is {} seconds behind the newest checkpoint or write",
                ahead.as_secs()
            ),
            "consents would seem not yet given or not yet ended, and deadlines move",
            "run a time service (chrony, systemd-timesyncd) and look why the clock was set back",
        ),
    }
}

fn log(facts: &Facts) -> Vec<Finding> {
    let (Some(written), noted) = (facts.store_written, facts.checkpoint_noted) else {
        return none(); // no store yet, or one that is not a file
    };
    let behind = match noted {
        Some(noted) => written.duration_since(noted).unwrap_or_default(),
        None => DAY,
    };
    // Retention and learning write without adding to the log; an hour of that is not usual.
    if behind < Duration::from_secs(6 * 3600) {
        return none();
    }
    finding(
        "log",
        Level::Fault,
        format!(
            "the store was written {} hours after the newest checkpoint was noted",
            behind.as_secs() / 3600
        ),
        "decisions are taken that no checkpoint vouches for, or the journal's folder cannot be written",
        "look for `the log was not extended` in the server's log; check the folder `erasures`",
    )
}

fn witnesses(facts: &Facts) -> Vec<Finding> {
    match facts.cosigners {
        0 => finding(
            "witnesses",
            Level::Warning,
            "nobody else signs the log's checkpoints".to_owned(),
            "a log with one reader could show two histories, and nobody would notice",
            "let at least one witness that is not yours sign (docs/witness.md)",
        ),
        _ => none(),
    }
}

fn disk(facts: &Facts) -> Vec<Finding> {
    let Some(disk) = &facts.disk else { return none() };
    let low = disk.free < 2 << 30 || disk.free < disk.size / 20;
    match low {
        false => none(),
        true => finding(
            "disk",
            if disk.free < 200 << 20 {
                Level::Fault
            } else {
                Level::Warning
            },
            format!("{} MB are free on the disk of the store", disk.free >> 20),
            "when it is full, events are refused with 503 and withdrawals cannot be recorded",
            "free some space or shorten `event_retention_days`",
        ),
    }
}

fn file_system(facts: &Facts) -> Vec<Finding> {
    let Some(disk) = &facts.disk else { return none() };
    let remote = ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph"].contains(&disk.kind.as_str());
    let has = |wanted: &str| disk.options.split(',').any(|option| option == wanted);
    if disk.kind == "tmpfs" || disk.kind == "ramfs" {
        return finding(
            "file_system",
            Level::Fault,
            format!("the store lies on `{}`, in memory", disk.kind),
            "it is gone with the machine",
            "put `store` on a disk",
        );
    }
    if remote || has("nobarrier") || has("barrier=0") {
        return finding(
            "file_system",
            Level::Fault,
            format!("the store lies on `{}` ({})", disk.kind, disk.options),
            "an fsync there does not mean that it is on the disk: what was acknowledged can be lost",
            "put `store` on a local disk with write barriers, or use PostgreSQL",
        );
    }
    if ["btrfs", "zfs"].contains(&disk.kind.as_str()) {
        return finding(
            "file_system",
            Level::Warning,
            format!(
                "the store lies on `{}`, which writes elsewhere and keeps snapshots",
                disk.kind
            ),
            "an overwritten key may live on in a snapshot or an old block",
            "keep no snapshots of the store, and exchange `kek` now and then: `egard keys rotate kek`",
        );
    }
    none()
}

fn journal(facts: &Facts) -> Vec<Finding> {
    let misplaced = facts.backups.iter().flat_map(|(_, misplaced)| misplaced);
    let found = misplaced.map(|path| Finding {
        check: "journal",
        level: Level::Fault,
        what: format!("`{path}` lies among the backups"),
        why: "a backup that is put back with its own journal or key brings back who was erased since",
        mend: "keep journal and keys apart from the backups of the store".to_owned(),
    });
    found.collect()
}

fn backups(facts: &Facts) -> Vec<Finding> {
    let Some((newest, _)) = &facts.backups else {
        return finding(
            "backups",
            Level::Warning,
            "no folder of backups was named, so none was looked at".to_owned(),
            "a store without a backup is one broken disk from gone, with everybody's refusals",
            "run `egard doctor --backups FOLDER`",
        );
    };
    let days = newest
        .and_then(|newest| age(newest, facts.now))
        .map(|age| age.as_secs() / 86_400);
    match (newest, days) {
        (None, _) => finding(
            "backups",
            Level::Fault,
            "the folder of backups is empty".to_owned(),
            "a store without a backup is one broken disk from gone",
            "make one: docs/operate.md",
        ),
        (_, Some(days)) if days > 2 => finding(
            "backups",
            Level::Warning,
            format!("the newest backup is {days} days old"),
            "corrections and permissions made since would be lost with the disk",
            "look why the daily backup no longer runs",
        ),
        _ => none(),
    }
}

fn memory(facts: &Facts) -> Vec<Finding> {
    let found = facts.swap.iter().map(|name| Finding {
        check: "memory",
        level: Level::Warning,
        what: format!("`{name}` is swap that is not known to be encrypted"),
        why: "keys and opened data are wiped from memory, but not from a page that was swapped out",
        mend: "encrypt it, or let the service have none (systemd: `MemorySwapMax=0`)".to_owned(),
    });
    found.collect()
}

#[cfg(test)]
mod tests;
