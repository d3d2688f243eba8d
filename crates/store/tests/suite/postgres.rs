//! What only the shelf on PostgreSQL promises: the truth about a commit when the connection breaks,
//! no host beyond this machine, tables that belong to us.

use std::sync::atomic::{AtomicBool, Ordering};

use store::testing::PostgresServer;
use store::{Error, Outcome, Postgres, Shelf, Unit};
use tokio_postgres::NoTls;

use crate::bed::{Bed, Closed, HOUR, NOW, Over, new_database};
use crate::given::*;

/// Runs SQL over a connection of its own.
fn sql(database: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    });
}

fn ask(database: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await.unwrap();
        tokio::spawn(connection);
        let answers = client.simple_query(sql).await.unwrap();
        let rows = answers.iter().filter_map(|answer| match answer {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        rows.map(|row| (0..row.len()).map(|n| row.get(n).map(str::to_owned)).collect())
            .collect()
    })
}

#[test]
fn hosts_beyond_this_machine_are_refused() {
    for remote in [
        "host=db.example.org user=egard",
        "host=/tmp,db.example.org user=egard",
        "postgresql://egard@192.0.2.7/egard",
        "host=localhost hostaddr=192.0.2.7 user=egard",
        "user=egard",
        "no connection string",
    ] {
        let refused = Postgres::connect(remote).err();
        assert!(
            matches!(refused, Some(Error::Refused(_))),
            "{remote}: {refused:?}"
        );
    }
    let unreachable = Postgres::connect("host=/nonexistent user=egard").err();
    assert!(matches!(unreachable, Some(Error::Retry(_))), "{unreachable:?}");
    let unreachable = Postgres::connect("host=127.0.0.1 port=1 user=egard").err();
    assert!(matches!(unreachable, Some(Error::Retry(_))), "{unreachable:?}");
}

#[test]
fn the_shard_leads_every_primary_key() {
    let Some(bed) = Bed::postgres() else { return };
    let tables = ask(
        bed.database(),
        "SELECT tablename FROM pg_tables WHERE schemaname = 'egard'",
    );
    assert!(tables.len() >= 15);
    let led = ask(
        bed.database(),
        "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE n.nspname = 'egard' AND i.indisprimary",
    );
    assert_eq!(led.len(), tables.len(), "each table has a primary key");
    for row in led {
        assert_eq!(row[1].as_deref(), Some("shard"), "of table {:?}", row[0]);
    }
}

#[test]
fn a_changed_or_newer_migration_is_noticed() {
    let Some(mut bed) = Bed::postgres() else { return };
    bed.close_and(|closed| {
        let Closed::Database(database) = closed else {
            panic!()
        };
        sql(
            database,
            "INSERT INTO egard.migration VALUES (0, 3, 'of the future')",
        );
        let newer = Postgres::connect(database).err();
        assert!(
            matches!(newer, Some(Error::Layout { found: 3, known: 2 })),
            "{newer:?}"
        );
        sql(database, "DELETE FROM egard.migration WHERE number = 3");
        let checksum = ask(database, "SELECT checksum FROM egard.migration WHERE number = 1")[0][0]
            .clone()
            .unwrap();
        sql(
            database,
            "UPDATE egard.migration SET checksum = 'edited' WHERE number = 1",
        );
        assert!(matches!(
            Postgres::connect(database).err(),
            Some(Error::Refused(_))
        ));
        sql(
            database,
            &format!("UPDATE egard.migration SET checksum = '{checksum}' WHERE number = 1"),
        );
    });
}

#[test]
fn many_may_migrate_at_the_same_moment() {
    let Some(database) = new_database() else { return };
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| Postgres::connect(&database).map(|_| ())))
            .collect();
        for opened in opened {
            opened.join().unwrap().unwrap();
        }
    });
    assert_eq!(ask(&database, "SELECT number FROM egard.migration").len(), 2);
}

#[test]
fn it_may_be_called_and_dropped_inside_a_runtime() {
    let Some(database) = new_database() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let shelf = Postgres::connect(&database).unwrap();
        let epoch = shelf.acquire("bed", NOW, HOUR).unwrap();
        let shelf = tokio::task::spawn_blocking(move || {
            done(&shelf.commit(epoch, &[arrival(1)]).unwrap()[0]);
            shelf
        });
        drop(shelf.await.unwrap());
    });
}

#[test]
fn an_erasure_interrupted_after_the_key_is_finished_by_the_next_owner() {
    let Some(mut bed) = Bed::postgres() else { return };
    let one = person(1);
    let units = [
        Unit {
            records: vec![record(one, 1)],
            events: vec![event(1, 10)],
            ..arrival(1)
        },
        arrival(2),
    ];
    bed.shelf.commit(bed.epoch, &units).unwrap();
    bed.close_and(|closed| {
        let Closed::Database(database) = closed else {
            panic!()
        };
        let hex: String = one.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let shard = one.shard();
        sql(
            database,
            &format!(
                "BEGIN; INSERT INTO egard.erasure VALUES ({shard}, '\\x{hex}');
                 DELETE FROM egard.person_key WHERE shard = {shard} AND person = '\\x{hex}'; COMMIT"
            ),
        );
    });
    assert_eq!(bed.shelf.persons(&[one]).unwrap(), [None]);
    assert_eq!(
        bed.shelf.resolve(&[blind(1), blind(2)]).unwrap(),
        [None, Some(person(2))]
    );
    assert_eq!(bed.shelf.record(record_id(one, 1)).unwrap(), None);
    let counts = bed.shelf.counts().unwrap();
    assert_eq!((counts.keys, counts.persons, counts.events), (1, 1, 0));
    assert!(ask(bed.database(), "SELECT 1 FROM egard.erasure").is_empty());
}

#[test]
fn an_erased_key_is_no_dead_row_any_more() {
    let Some(bed) = Bed::postgres() else { return };
    bed.shelf
        .commit(bed.epoch, &(1..=20).map(arrival).collect::<Vec<_>>())
        .unwrap();
    assert!(bed.shelf.erase(bed.epoch, person(7)).unwrap());
    sql(bed.database(), "CREATE EXTENSION pageinspect");
    // Every tuple that still has storage is one that can be seen.
    let stored = "SELECT count(*) FROM heap_page_items(get_raw_page('egard.person_key', 0)) WHERE lp_len > 0";
    assert_eq!(ask(bed.database(), stored)[0][0].as_deref(), Some("19"));
}

/// Kills the connections of a shelf while it commits, again and again; every acknowledged unit must
/// be there once, and the caller never hears of an error.
#[test]
fn a_broken_connection_is_settled_without_loss_or_repetition() {
    let Some(bed) = Bed::postgres() else { return };
    let one = person(1);
    bed.shelf.commit(bed.epoch, &[arrival(1)]).unwrap();
    let finished = AtomicBool::new(false);
    let (mut prev_seq, mut version, mut kills) = (0, 1, 0);
    std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut kills = 0;
            while !finished.load(Ordering::SeqCst) {
                let killed = ask(
                    bed.database(),
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE application_name = 'egard' AND datname = current_database()",
                );
                kills += killed.len();
                // Long enough to connect and commit a few times, and each time another while.
                std::thread::sleep(std::time::Duration::from_millis(20 + (kills as u64 * 37) % 90));
            }
            kills
        });
        let over = Over(&finished);
        let begun = std::time::Instant::now();
        while begun.elapsed() < std::time::Duration::from_secs(6) {
            let next = Unit {
                messages: vec![message(version + 1)],
                events: vec![event(version + 1, 10)],
                envelope: Some((version, row(one, version + 1))),
                leaves: vec![leaf(one, version + 1)],
                prev_seq,
                ..unit(one)
            };
            match bed.shelf.commit(bed.epoch, &[next]) {
                Ok(outcomes) => {
                    // `Conflict` or `Duplicate` would mean that it was written without our knowing.
                    prev_seq = done(&outcomes[0]);
                    version += 1;
                }
                Err(Error::Retry(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        drop(over);
        kills = killer.join().unwrap();
    });
    assert!(kills > 20, "only {kills} connections were killed");
    assert!(version > 20, "only {version} commits came through");
    let events = bed.shelf.events_of(one, prev_seq, 0, usize::MAX).unwrap();
    let versions: Vec<u64> = events.iter().map(|stored| stored.event.version).collect();
    assert_eq!(versions, (2..=version).rev().collect::<Vec<_>>());
    assert_eq!(bed.shelf.counts().unwrap().pending_leaves, version - 1);
    assert_eq!(
        bed.shelf.persons(&[one]).unwrap()[0].as_ref().unwrap().version,
        version
    );
}

/// Crashes the server itself while units are committed.
#[test]
fn a_server_that_crashes_and_returns_loses_nothing_acknowledged() {
    let Some(server) = PostgresServer::start().unwrap() else {
        return;
    };
    let database = server.new_database().unwrap();
    let shelf = Postgres::connect(&database).unwrap();
    let epoch = shelf.acquire("bed", NOW, HOUR).unwrap();
    let finished = AtomicBool::new(false);
    let mut acknowledged = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _over = Over(&finished);
            for _ in 0..5 {
                std::thread::sleep(std::time::Duration::from_millis(300));
                server.crash().unwrap();
                server.begin().unwrap();
            }
        });
        let mut number = 0;
        while !finished.load(Ordering::SeqCst) {
            number += 1;
            let unit = Unit {
                messages: vec![message(number)],
                events: vec![event(1, 10)],
                leaves: vec![leaf(person(number), number)],
                ..arrival(number)
            };
            loop {
                match shelf.commit(epoch, std::slice::from_ref(&unit)) {
                    Ok(outcomes) => {
                        assert!(
                            !matches!(outcomes[0], Outcome::Duplicate),
                            "written without our knowing"
                        );
                        done(&outcomes[0]);
                        acknowledged.push(number);
                        break;
                    }
                    Err(Error::Retry(_)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
    });
    let written = acknowledged.len() as u64;
    assert!(written > 10, "only {written} units");
    let counts = shelf.counts().unwrap();
    assert_eq!(
        (counts.persons, counts.events, counts.keys),
        (written, written, written)
    );
    assert_eq!(counts.pending_leaves, written);
    let seen: Vec<_> = acknowledged
        .iter()
        .map(|n| (person(*n).shard(), message(*n)))
        .collect();
    assert!(shelf.seen(&seen).unwrap().into_iter().all(|seen| seen));
}

#[test]
fn a_server_without_fsync_is_refused() {
    let Some(server) = PostgresServer::start().unwrap() else {
        return;
    };
    let database = server.new_database().unwrap();
    sql(&database, "ALTER SYSTEM SET fsync = off");
    sql(&database, "SELECT pg_reload_conf()");
    let refused = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        Postgres::connect(&database).err()
    });
    assert!(matches!(refused, Some(Error::Refused(_))), "{refused:?}");
}
