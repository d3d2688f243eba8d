//! What only the shelf in a folder promises: one process, files that forget, files that stay small,
//! a disk that may be full.

use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use store::{Due, Embedded, Error, MAX_SEALED, Shelf, Unit};
use vocabulary::{Day, Moment, Sealed};

use crate::bed::{Bed, Closed, HOUR, NOW, say};
use crate::given::*;

#[test]
fn a_second_opening_is_told_who_has_the_store() {
    let mut bed = Bed::embedded().unwrap();
    match Embedded::open(&bed.folder()).err() {
        Some(Error::Held { owner, until }) => {
            assert_eq!(
                (owner, until),
                (format!("process {}", std::process::id()), Moment(i64::MAX))
            );
        }
        other => panic!("expected `Held`, got {other:?}"),
    }
    bed.reopen();
}

#[test]
fn a_group_with_nothing_in_it_waits_for_the_disk_like_any_other() {
    let bed = Bed::embedded().unwrap();
    // A transaction that changes no page ends without an fsync, and without a frame in this file.
    let written = || fs::read(bed.folder().join("state.sqlite-wal")).unwrap();
    for _ in 0..3 {
        let before = written();
        bed.shelf.commit(bed.epoch, &[Unit::default()]).unwrap();
        assert!(written() != before, "nothing was written");
    }
}

#[test]
fn a_lease_found_at_opening_belongs_to_nobody_alive() {
    let bed = Bed::embedded().unwrap();
    let (folder, epoch) = (tempfile::tempdir().unwrap(), bed.epoch);
    copy(&bed.folder(), folder.path());
    let shelf = Embedded::open(folder.path()).unwrap();
    assert!(shelf.acquire("somebody else", NOW, HOUR).unwrap() > epoch);
}

#[test]
fn a_store_of_another_layout_is_left_alone() {
    for (file, newest) in [("state.sqlite", 2), ("keys.sqlite", 1)] {
        let mut bed = Bed::embedded().unwrap();
        bed.close_and(|closed| {
            let Closed::Folder(folder) = closed else { panic!() };
            let set = |layout: u32| {
                let file = Connection::open(folder.join(file)).unwrap();
                file.pragma_update(None, "user_version", layout).unwrap();
            };
            set(7);
            let opened = Embedded::open(folder).err();
            assert!(
                matches!(opened, Some(Error::Layout { found: 7, known }) if known == u64::from(newest)),
                "got {opened:?}"
            );
            set(newest);
        });
    }
}

#[test]
fn a_store_without_one_of_its_files_is_refused_however_often_it_is_tried() {
    let bed = Bed::embedded().unwrap();
    bed.shelf
        .commit(bed.epoch, &(1..20).map(arrival).collect::<Vec<_>>())
        .unwrap();
    bed.shelf.tidy().unwrap();
    for file in ["state.sqlite", "keys.sqlite"] {
        let folder = tempfile::tempdir().unwrap();
        copy(&bed.folder(), folder.path());
        fs::remove_file(folder.path().join(file)).unwrap();
        for _ in 0..2 {
            match Embedded::open(folder.path()).err() {
                Some(Error::Refused(why)) => assert!(why.contains(file), "{why}"),
                other => panic!("expected `Refused`, got {other:?}"),
            }
        }
    }
}

#[test]
fn a_cut_file_is_not_opened() {
    let bed = Bed::embedded().unwrap();
    bed.shelf
        .commit(bed.epoch, &(1..200).map(arrival).collect::<Vec<_>>())
        .unwrap();
    bed.shelf.tidy().unwrap();
    for file in ["state.sqlite", "keys.sqlite"] {
        let folder = tempfile::tempdir().unwrap();
        copy(&bed.folder(), folder.path());
        fs::write(
            folder.path().join(file),
            b"this is no database, but long enough to be read as one",
        )
        .unwrap();
        fs::write(folder.path().join(format!("{file}-wal")), b"").unwrap();
        let opened = Embedded::open(folder.path()).err();
        assert!(matches!(opened, Some(Error::Broken(_))), "got {opened:?}");
    }
}

#[test]
fn no_file_holds_the_bytes_of_an_erased_key() {
    let mut bed = Bed::embedded().unwrap();
    for numbers in (1..=600).collect::<Vec<u64>>().chunks(50) {
        let units: Vec<Unit> = numbers.iter().map(|n| arrival(*n)).collect();
        bed.shelf.commit(bed.epoch, &units).unwrap();
    }
    let erased: Vec<u64> = (1..=600).step_by(17).collect();
    // The control: they are there before, in the database or its write-ahead file.
    for number in [1, 2, 18, 600] {
        assert!(
            found(&bed.folder(), &key(number).0) > 0,
            "key {number} is nowhere"
        );
    }
    for number in &erased {
        assert!(bed.shelf.erase(bed.epoch, person(*number)).unwrap());
        assert_eq!(
            found(&bed.folder(), &key(*number).0),
            0,
            "key {number} is still on disk"
        );
    }
    bed.reopen();
    for number in &erased {
        assert_eq!(found(&bed.folder(), &key(*number).0), 0, "key {number} came back");
        // The person is not named beside the keys any more, either.
        for file in ["keys.sqlite", "keys.sqlite-wal"] {
            let bytes = fs::read(bed.folder().join(file)).unwrap_or_default();
            assert_eq!(occurrences(&bytes, &person(*number).0), 0, "in {file}");
        }
    }
    assert!(found(&bed.folder(), &key(2).0) > 0);
    assert_eq!(bed.shelf.keys(&[person(2)]).unwrap(), [Some(key(2))]);
}

#[test]
fn no_file_holds_the_bytes_that_were_wrapped_anew() {
    let bed = Bed::embedded().unwrap();
    for numbers in (1..=600).collect::<Vec<u64>>().chunks(50) {
        let units: Vec<Unit> = numbers.iter().map(|n| arrival(*n)).collect();
        bed.shelf.commit(bed.epoch, &units).unwrap();
    }
    assert!(found(&bed.folder(), &key(599).0) > 0, "the control");
    for numbers in (1..=600).collect::<Vec<u64>>().chunks(100) {
        let changes: Vec<store::Rewrap> = numbers
            .iter()
            .map(|number| store::Rewrap {
                person: person(*number),
                expected: key(*number),
                wrapped: key(number + 5_000),
            })
            .collect();
        assert_eq!(bed.shelf.rewrap(bed.epoch, &changes).unwrap(), 100);
        for number in numbers.iter().step_by(9) {
            assert_eq!(found(&bed.folder(), &key(*number).0), 0, "key {number}");
        }
    }
    assert!(found(&bed.folder(), &key(5_599).0) > 0, "the new ones are there");
}

#[test]
fn an_interrupted_erasure_is_finished_at_opening() {
    let mut bed = Bed::embedded().unwrap();
    let one = person(1);
    let units = [
        Unit {
            records: vec![record(one, 1)],
            events: vec![event(1, 10)],
            ..arrival(1)
        },
        Unit {
            events: vec![event(1, 10)],
            ..arrival(2)
        },
    ];
    bed.shelf.commit(bed.epoch, &units).unwrap();
    bed.close_and(|closed| {
        let Closed::Folder(folder) = closed else { panic!() };
        // What is on disk when the process is killed right after the intention.
        let state = Connection::open(folder.join("state.sqlite")).unwrap();
        let intention = "INSERT INTO erasure (shard, person) VALUES (?1, ?2)";
        state.execute(intention, (one.shard(), one.0)).unwrap();
    });
    assert_eq!(found(&bed.folder(), &key(1).0), 0);
    assert_eq!(bed.shelf.keys(&[one, person(2)]).unwrap(), [None, Some(key(2))]);
    assert_eq!(bed.shelf.persons(&[one]).unwrap(), [None]);
    assert_eq!(bed.shelf.resolve(&[blind(1)]).unwrap(), [None]);
    assert_eq!(bed.shelf.record(record_id(one, 1)).unwrap(), None);
    assert_eq!(bed.shelf.unapplied(0, 9).unwrap().len(), 1);
}

#[test]
fn keys_of_a_group_that_was_never_committed_are_taken_back() {
    let mut bed = Bed::embedded().unwrap();
    bed.shelf.commit(bed.epoch, &[arrival(1)]).unwrap();
    let before = bed.folder().join("before");
    bed.close_and(|closed| {
        let Closed::Folder(folder) = closed else { panic!() };
        fs::create_dir(&before).unwrap();
        copy(folder, &before);
    });
    bed.shelf.commit(bed.epoch, &[arrival(2), arrival(3)]).unwrap();
    bed.close_and(|closed| {
        let Closed::Folder(folder) = closed else { panic!() };
        // The state of before, the keys of after: killed between the two commits.
        fs::remove_file(folder.join("state.sqlite")).unwrap();
        let _absent = fs::remove_file(folder.join("state.sqlite-wal"));
        fs::copy(before.join("state.sqlite"), folder.join("state.sqlite")).unwrap();
        let keys = Connection::open(folder.join("keys.sqlite")).unwrap();
        let count: u32 = keys
            .query_row("SELECT count(*) FROM person_key", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 3);
    });
    assert_eq!(bed.shelf.counts().unwrap().keys, 1);
    done(&bed.shelf.commit(bed.epoch, &[arrival(2)]).unwrap()[0]);
    bed.reopen();
    assert_eq!(
        bed.shelf.keys(&[person(2), person(3)]).unwrap(),
        [Some(key(2)), None]
    );
}

#[test]
fn the_write_ahead_file_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let bound = 4 << 20;
    let shelf = Embedded::open_bounded(folder.path(), bound).unwrap();
    let epoch = shelf.acquire("bed", NOW, HOUR).unwrap();
    let wal = || fs::metadata(folder.path().join("state.sqlite-wal")).map_or(0, |file| file.len());
    shelf.commit(epoch, &[arrival(1)]).unwrap();
    let (mut largest, mut written, mut prev_seq) = (0, 0, 0);
    std::thread::scope(|scope| {
        // A reader and a tidier beside the writer, which must not keep the file from shrinking.
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        scope.spawn(|| {
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                shelf.scan(None, 10).unwrap();
                shelf.tidy().unwrap();
            }
            drop(stopped);
        });
        for group in 0..120_u64 {
            let events: Vec<_> = (0..500)
                .map(|n| store::EventRow {
                    version: group * 500 + n + 1,
                    day: Day(10),
                    sealed: Sealed(vec![n as u8; 700]),
                })
                .collect();
            written += 500 * 700;
            let unit = Unit {
                events,
                prev_seq,
                ..unit(person(1))
            };
            prev_seq = done(&shelf.commit(epoch, &[unit]).unwrap()[0]);
            largest = largest.max(wal());
        }
        drop(stop);
    });
    assert!(written > 10 * bound, "the test writes far more than the bound");
    // One group may come on top of the bound before it is noticed.
    assert!(largest < bound + (1 << 20), "the file grew to {largest}");
    assert!(largest > 0);
    assert_eq!(shelf.counts().unwrap().events, 60_000);
    assert_eq!(shelf.purge_events(epoch, Day(11)).unwrap(), 0, "none is applied");
    shelf.flush(epoch, &[], prev_seq).unwrap();
    assert_eq!(shelf.purge_events(epoch, Day(11)).unwrap(), 60_000);
    assert!(wal() < bound + (8 << 20), "purging grew the file to {}", wal());
}

#[test]
fn a_full_disk_loses_nothing_and_is_survived() {
    let mount = tempfile::tempdir().unwrap();
    let Some(_mounted) = Mounted::tmpfs(mount.path(), "12m") else {
        say("SKIPPED: mounting a small tmpfs needs root, so the full disk is not tested");
        return;
    };
    let folder = mount.path().join("store");
    let shelf = Embedded::open(&folder).unwrap();
    let epoch = shelf.acquire("bed", NOW, HOUR).unwrap();
    // Each person brings a key, so both files meet the end of the disk.
    let unit = |number: u64| Unit {
        messages: vec![message(number)],
        events: vec![store::EventRow {
            sealed: Sealed(vec![number as u8; 60_000]),
            ..event(1, 10)
        }],
        ..arrival(number)
    };
    let mut acknowledged = 0;
    let mut refusals = 0;
    let ballast = mount.path().join("ballast");
    for number in 1..10_000 {
        match shelf.commit(epoch, &[unit(number)]) {
            Ok(outcomes) => {
                done(&outcomes[0]);
                acknowledged += 1;
            }
            Err(Error::Full) => {
                refusals += 1;
                break;
            }
            Err(other) => panic!("expected `Full`, got {other:?}"),
        }
    }
    assert!(acknowledged > 10);
    // Not even a byte more fits; whatever is tried meanwhile fails in the same way.
    let _full = fs::write(&ballast, vec![0; 12 << 20]);
    for number in 20_000..20_005 {
        let refused = shelf.commit(epoch, &[unit(number)]);
        assert!(matches!(refused, Err(Error::Full)), "got {refused:?}");
        refusals += 1;
    }
    assert!(refusals > 1);
    let check = |shelf: &Embedded, persons: u64| {
        let counts = shelf.counts().unwrap();
        assert_eq!(
            (counts.persons, counts.events, counts.identifiers),
            (persons, persons, persons)
        );
        let everybody: Vec<_> = (1..=persons).map(person).collect();
        assert!(shelf.persons(&everybody).unwrap().iter().all(Option::is_some));
        assert!(shelf.keys(&everybody).unwrap().iter().all(Option::is_some));
    };
    check(&shelf, acknowledged);

    // There is room again.
    fs::remove_file(&ballast).unwrap();
    remount(mount.path(), "40m");
    for number in acknowledged + 1..=acknowledged + 20 {
        done(&shelf.commit(epoch, &[unit(number)]).unwrap()[0]);
    }
    done(&shelf.commit(epoch, &[unit(20_001)]).unwrap()[0]);
    assert!(shelf.erase(epoch, person(20_001)).unwrap());
    check(&shelf, acknowledged + 20);
    assert_eq!(
        shelf.counts().unwrap().keys,
        acknowledged + 20,
        "refused groups leave no keys"
    );
    drop(shelf);
    let shelf = Embedded::open(&folder).unwrap();
    check(&shelf, acknowledged + 20);
    assert_eq!(shelf.counts().unwrap().keys, acknowledged + 20);
    assert!(
        shelf
            .unapplied(0, 10_000)
            .unwrap()
            .iter()
            .all(|stored| stored.event.sealed.len() <= MAX_SEALED)
    );
}

/// The disk fails in the middle of a write: here because the process may not make a file any larger,
/// which to SQLite is an error of the disk.
#[test]
fn a_failing_disk_ends_all_writing_until_the_store_is_opened_anew() {
    let folder = tempfile::tempdir().unwrap();
    let limited =
        "ulimit -S -f 2048 && trap '' XFSZ && exec \"$0\" --exact embedded::on_a_failing_disk --ignored";
    let program = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args(["-c", limited])
        .arg(program)
        .env(FAILING, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

const FAILING: &str = "EGARD_TEST_FAILING_DISK";

#[test]
#[ignore = "run by the test above, under a limit"]
fn on_a_failing_disk() {
    let Some(folder) = std::env::var_os(FAILING) else {
        return;
    };
    let shelf = Embedded::open(Path::new(&folder)).unwrap();
    let epoch = shelf.acquire("bed", NOW, HOUR).unwrap();
    let unit = |number: u64| Unit {
        events: vec![store::EventRow {
            sealed: Sealed(vec![number as u8; 60_000]),
            ..event(1, 10)
        }],
        ..arrival(number)
    };
    let mut number = 0;
    let first = loop {
        number += 1;
        match shelf.commit(epoch, &[unit(number)]) {
            Ok(outcomes) => done(&outcomes[0]),
            Err(error) => break error,
        };
    };
    assert!(matches!(first, Error::Broken(_)), "got {first:?}");
    // The disk is well again, but nobody knows what it forgot.
    let me = std::process::id().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &me, "--fsize=unlimited:unlimited"])
        .status();
    assert!(lifted.unwrap().success());
    for refused in [
        shelf.commit(epoch, &[unit(1_000)]).err(),
        shelf.swap(epoch, "name", 0, b"small").err(),
        shelf.acquire("bed", NOW, HOUR).err(),
        shelf.erase(epoch, person(1)).err(),
        shelf.tidy().err(),
    ] {
        assert!(matches!(refused, Some(Error::Broken(_))), "got {refused:?}");
    }
    assert_eq!(shelf.counts().unwrap().events, number - 1, "reading goes on");
    drop(shelf);
    let shelf = Embedded::open(Path::new(&folder)).unwrap();
    let epoch = shelf.acquire("bed", NOW, HOUR).unwrap();
    let counts = shelf.counts().unwrap();
    assert_eq!(
        (counts.events, counts.persons, counts.keys),
        (number - 1, number - 1, number - 1)
    );
    done(&shelf.commit(epoch, &[unit(number)]).unwrap()[0]);
}

/// How often the bytes occur in all files of a folder.
fn found(folder: &Path, needle: &[u8]) -> usize {
    let files = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_file());
    files
        .map(|file| occurrences(&fs::read(file.path()).unwrap(), needle))
        .sum()
}

fn occurrences(bytes: &[u8], needle: &[u8]) -> usize {
    let first = needle[0];
    (0..bytes.len())
        .filter(|at| bytes[*at] == first && bytes[*at..].starts_with(needle))
        .count()
}

fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_file())
    {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// A small file system that is gone with the value.
struct Mounted<'a>(&'a Path);

impl Mounted<'_> {
    fn tmpfs<'a>(at: &'a Path, size: &str) -> Option<Mounted<'a>> {
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at);
        mount
            .status()
            .is_ok_and(|status| status.success())
            .then_some(Mounted(at))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        // Lazily: the shelf in it may still be open.
        let _status = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

fn remount(at: &Path, size: &str) {
    let status = Command::new("mount")
        .args(["-o"])
        .arg(format!("remount,size={size}"))
        .arg(at)
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn a_store_of_before_there_was_a_moment_for_leaving_is_brought_up_and_hides_nobody() {
    let mut bed = Bed::embedded().unwrap();
    let due = Unit {
        envelope: Some((0, row_due(person(1), 1, 5))),
        ..arrival(1)
    };
    bed.shelf.commit(bed.epoch, &[due, arrival(2)]).unwrap();
    bed.close_and(|closed| {
        let Closed::Folder(folder) = closed else { panic!() };
        let file = Connection::open(folder.join("state.sqlite")).unwrap();
        file.execute_batch(
            "DROP INDEX person_leaving; ALTER TABLE person DROP COLUMN next_leave; PRAGMA user_version = 1",
        )
        .unwrap();
    });
    bed.reopen();
    for what in [Due::Scheduler, Due::Leaving] {
        assert_eq!(
            bed.shelf.due_after(what, Moment(9), None, 9).unwrap(),
            [(Moment(5), person(1))]
        );
    }
}
