//! Each check finds its own weakness and nothing else. Deliberately does not know: how facts are gathered.

use super::super::facts::{Disk, KeyFile, cosigners, mount_of, swap};
use super::*;
use crate::doctor::examine;
use crate::settings::Settings;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800)
}

/// An installation with nothing to say against it.
fn sound() -> Facts {
    let text = include_str!("../../../../../egard.example.toml")
        .replace("replace-me-web", "f3a91c0be7d24458a6b1")
        .replace(&format!("{}1", "0".repeat(63)), &"ab12".repeat(16));
    let settings = Settings::parse(&text).unwrap();
    Facts {
        settings,
        now: now(),
        settings_mode: Some(0o640),
        keys: vec![KeyFile {
            path: PathBuf::from("/etc/egard/keys/kek"),
            mode: Some(0o600),
            made: Some(now() - 30 * DAY),
        }],
        keys_fault: None,
        weak: Vec::new(),
        program_faults: Vec::new(),
        disk: Some(Disk {
            kind: "ext4".to_owned(),
            options: "rw,relatime".to_owned(),
            free: 50 << 30,
            size: 100 << 30,
        }),
        store_written: Some(now() - Duration::from_secs(5)),
        checkpoint_noted: Some(now() - Duration::from_secs(6)),
        cosigners: 1,
        backups: Some((Some(now() - DAY), Vec::new())),
        swap: Vec::new(),
    }
}

/// The checks that find something, and the exit code.
fn found(change: impl FnOnce(&mut Facts)) -> (Vec<&'static str>, u8) {
    let mut facts = sound();
    change(&mut facts);
    let report = examine(&facts);
    let code = report.exit_code();
    (
        report.findings.into_iter().map(|finding| finding.check).collect(),
        code,
    )
}

#[test]
fn nothing_is_said_against_a_sound_installation() {
    assert_eq!(found(|_| {}), (vec![], 0));
}

#[test]
fn each_weakness_is_found_by_its_check_alone() {
    type Change = fn(&mut Facts);
    let cases: [(&str, u8, Change); 22] = [
        ("environment", 1, |f| {
            f.settings.environment = Environment::Development
        }),
        ("keys", 2, |f| f.keys_fault = Some("`kek`: gone".to_owned())),
        ("key_files", 2, |f| f.keys[0].mode = Some(0o640)),
        ("old_keys", 1, |f| f.keys[0].made = Some(now() - 400 * DAY)),
        ("weak_setup", 2, |f| f.weak.push("no `sources`".to_owned())),
        ("settings_file", 1, |f| {
            f.settings.api_keys[0].key = "a long enough secret key".to_owned()
        }),
        ("settings_file", 2, |f| {
            f.settings.api_keys[0].key = "a long enough secret key".to_owned();
            f.settings_mode = Some(0o644);
        }),
        ("address", 1, |f| {
            f.settings.listen = "0.0.0.0:80".parse().unwrap()
        }),
        ("write_keys", 1, |f| {
            f.settings.sources[0].write_key = "aaaaaaaaaaaaaaaaaaaaaaaa".to_owned()
        }),
        ("origins", 1, |f| f.settings.sources[0].origins.clear()),
        ("origins", 2, |f| {
            f.settings.sources[0].origins = vec!["http://shop.example".to_owned()]
        }),
        ("program", 2, |f| {
            f.program_faults.push("`dictionary.toml`: line 3".to_owned())
        }),
        ("notices", 1, |f| f.settings.notices.clear()),
        ("clock", 2, |f| {
            f.checkpoint_noted = Some(now() + DAY);
            f.store_written = Some(now() + DAY);
        }),
        ("log", 2, |f| f.checkpoint_noted = Some(now() - DAY)),
        ("witnesses", 1, |f| f.cosigners = 0),
        ("disk", 1, |f| f.disk.as_mut().unwrap().free = 1 << 30),
        ("file_system", 2, |f| {
            f.disk.as_mut().unwrap().kind = "nfs4".to_owned()
        }),
        ("file_system", 1, |f| {
            f.disk.as_mut().unwrap().kind = "btrfs".to_owned()
        }),
        ("journal", 2, |f| {
            f.backups.as_mut().unwrap().1.push("/backups/journal".to_owned())
        }),
        ("backups", 1, |f| f.backups = None),
        ("memory", 1, |f| f.swap.push("/swapfile".to_owned())),
    ];
    for (check, code, change) in cases {
        assert_eq!(found(change), (vec![check], code), "{check}");
    }
    let (checks, code) = found(|f| f.settings.public_url = "http://egard.shop.example".to_owned());
    assert_eq!((checks, code), (vec!["address", "cookies"], 2));
}

#[test]
fn the_mount_of_the_longest_path_counts() {
    let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw,relatime\n\
                  30 22 0:40 / /var/lib rw shared:1 - nfs4 host:/x rw,vers=4\n";
    let kind = |path: &str| mount_of(mounts, Path::new(path)).unwrap().0;
    assert_eq!(kind("/var/lib/egard"), "nfs4");
    assert_eq!(kind("/var/library"), "ext4");
}

#[test]
fn swap_in_memory_or_behind_a_cipher_is_no_weakness() {
    let text = "Filename Type Size\n/dev/zram0 partition 1\n/dev/dm-1 partition 1\n/swap.img file 1\n";
    assert_eq!(swap(text), ["/swap.img"]);
}

#[test]
fn only_signatures_of_others_count_as_witnesses() {
    let note = "shop.example/egard\n5\nroot\n\n— shop.example/egard AAAA\n— witness.example/w BBBB\n";
    assert_eq!(cosigners(note, "shop.example/egard"), 1);
}

/// The whole report on the example set-up, as a person sees it who changed nothing in it.
#[test]
fn the_report_on_the_example_is_as_written_down() {
    let facts = Facts {
        settings: Settings::parse(include_str!("../../../../../egard.example.toml")).unwrap(),
        weak: Settings::parse(include_str!("../../../../../egard.example.toml"))
            .unwrap()
            .weaknesses(),
        keys_fault: Some("`/etc/egard/keys/kek`: No such file or directory (os error 2)".to_owned()),
        keys: Vec::new(),
        store_written: None,
        checkpoint_noted: None,
        cosigners: 0,
        backups: None,
        ..sound()
    };
    insta::assert_snapshot!(examine(&facts).to_string());
}
