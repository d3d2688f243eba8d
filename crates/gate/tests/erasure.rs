//! Erasure keeps what it promises when events go on arriving, when two ask at once, when the machine dies
//! in between, and when a backup from before is put back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{
    House, Lines, NOON, all, ask, bought, consent, event, open, open_journalled, options, user, viewed,
};
use gate::charter::Requester;
use gate::purposes::Personalise;
use gate::{Ask, ErasureError, Fate, Gate, Reason, RecordId, Restored, Unavailable, Whom};
use ledger::{Checkpoint, Proof, VerifyingKey};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use store::testing::PostgresServer;
use store::{Embedded, Memory, Postgres, Shelf};
use tempfile::TempDir;
use vocabulary::{Event, Kind, Moment};

const SUPPRESSED: Fate = Fate::Dropped(Reason::Suppressed);

/// A store that can be closed, backed up, put back and opened, with its erasure journal beside it.
struct Place {
    folder: TempDir,
    /// `None`: embedded, in the folder.
    database: Option<(&'static PostgresServer, String)>,
}

impl Place {
    fn embedded() -> Place {
        Place {
            folder: tempfile::tempdir().unwrap(),
            database: None,
        }
    }

    fn postgres() -> Option<Place> {
        let server = PostgresServer::shared().unwrap()?;
        Some(Place {
            folder: tempfile::tempdir().unwrap(),
            database: Some((server, server.new_database().unwrap())),
        })
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("keys.erasures")
    }

    fn shelf(&self) -> Arc<dyn Shelf> {
        match &self.database {
            None => Arc::new(Embedded::open(&self.folder.path().join("store")).unwrap()),
            Some((_, connection)) => {
                let connection = connection.clone();
                // Connecting blocks, and must not on the threads of the runtime.
                let connect = move || Postgres::connect(&connection).unwrap();
                Arc::new(std::thread::spawn(connect).join().unwrap())
            }
        }
    }

    async fn open(&self) -> Result<House, Unavailable> {
        let (shelf, journal) = (self.shelf(), self.journal());
        tokio::task::spawn_blocking(move || open_journalled(shelf, &journal))
            .await
            .unwrap()
    }

    async fn restore(&self, journal_lost: bool) -> Result<Restored, Unavailable> {
        let now = Arc::new(AtomicI64::new(NOON));
        let options = options(self.shelf(), 1, 102, &now, Some(&self.journal()));
        Gate::restore(options, journal_lost).await
    }

    /// Makes a backup of the closed store.
    fn back_up(&self, name: &str) {
        let to = self.folder.path().join(name);
        match &self.database {
            None => copy(&self.folder.path().join("store"), &to),
            Some((server, connection)) => server.dump(connection, &to).unwrap(),
        }
    }

    /// Puts a backup back in the place of the closed store.
    fn put_back(&mut self, name: &str) {
        let from = self.folder.path().join(name);
        match &mut self.database {
            None => {
                let store = self.folder.path().join("store");
                std::fs::remove_dir_all(&store).unwrap();
                copy(&from, &store);
            }
            Some((server, connection)) => *connection = server.restore(&from).unwrap(),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

async fn close(house: House) {
    house.gate.close().await;
}

/// Somebody who agreed and did something.
async fn arrive(house: &House, who: &str) {
    let events = vec![
        consent(who, NOON, &[("Marketing", true)]),
        viewed(who, "mug"),
        bought(who, &["lamp"]),
    ];
    assert_eq!(house.send(unique(events)).await, [Fate::Stored; 3]);
}

/// With message ids that no other house of the test gives.
fn unique(mut events: Vec<Event>) -> Vec<Event> {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    for event in &mut events {
        event.message_id = format!("unique-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    }
    events
}

async fn decide(house: &House, who: &str) -> RecordId {
    let whom = user(who);
    let decided = house
        .gate
        .decide::<Personalise, _, _>(&whom, ask(NOON), |_| Lines(vec![who_decided()]));
    decided.await.unwrap().unwrap().record
}

fn who_decided() -> String {
    "a list".to_owned()
}

async fn receipt(house: &House, id: RecordId) -> Option<gate::Receipt> {
    let person = Ask {
        requester: Requester::Person,
        ..ask(NOON)
    };
    house.gate.receipt(id, person).await.unwrap().map(Result::unwrap)
}

fn verify(receipt: &gate::Receipt) {
    let key: VerifyingKey = receipt.vkey.parse().unwrap();
    let proof = Proof::parse(receipt.proof.as_ref().unwrap().as_bytes()).unwrap();
    proof.verify(&receipt.leaf, &key).unwrap();
}

fn checkpoint(bytes: &[u8], vkey: &str) -> Checkpoint {
    Checkpoint::open(bytes, &vkey.parse().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_identifier_is_refused_until_its_person_comes_back_by_an_explicit_consent() {
    for journalled in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
        let open = || match journalled {
            true => open_journalled(Arc::clone(&shelf), folder.path()).unwrap(),
            false => open(Arc::clone(&shelf)).unwrap(),
        };
        let house = open();
        let on_phone = |event: Event| Event {
            anonymous_id: Some("phone".to_owned()),
            ..event
        };
        let events = vec![
            on_phone(consent("ann", NOON, &[("Marketing", true)])),
            on_phone(viewed("ann", "mug")),
        ];
        assert_eq!(house.send(unique(events)).await, [Fate::Stored; 2]);
        assert!(house.gate.erase(&user("ann")).await.unwrap());
        close(house).await;
        let house = open();
        let stamped = Event {
            kind: Kind::Track,
            consent: consent("ann", NOON, &[("Marketing", true)]).consent,
            ..viewed("ann", "mug")
        };
        let as_visitor = |event: Event| Event {
            user_id: None,
            anonymous_id: Some("phone".to_owned()),
            ..event
        };
        let identify = Event {
            kind: Kind::Identify,
            ..event("ann", "", json!({"firstName": "Ann"}))
        };
        let refused = vec![
            bought("ann", &["vase"]),
            identify,
            // What a browser stamps on some other event is not their word.
            stamped,
            consent("ann", NOON, &[("Marketing", false)]),
            as_visitor(viewed("", "mug")),
        ];
        assert_eq!(house.send(unique(refused)).await, [SUPPRESSED; 5]);
        let counts = house.gate.counts().await.unwrap();
        assert_eq!((counts.persons, counts.keys, counts.identifiers), (0, 0, 0));
        // Somebody else on that phone is somebody else, and does not get its identifier.
        let bob = vec![on_phone(bought("bob", &["vase"]))];
        assert_eq!(house.send(unique(bob)).await, [Fate::Stored]);
        let phone = Whom {
            user_id: None,
            anonymous_id: Some("phone"),
        };
        assert_eq!(house.known(&phone).await, None);
        // Back by their own word, on the same phone, and as somebody of whom nothing is known.
        let back = vec![
            on_phone(consent("ann", NOON, &[("Marketing", true)])),
            viewed("ann", "vase"),
        ];
        assert_eq!(house.send(unique(back)).await, [Fate::Stored; 2]);
        assert_eq!(house.seen(&user("ann")).await, Ok(vec!["vase 1/0/0".to_owned()]));
        assert_eq!(house.seen(&phone).await, Ok(vec!["vase 1/0/0".to_owned()]));
        // And stays after a start, whatever the journal says of whom they were.
        close(house).await;
        let house = open();
        assert_eq!(house.seen(&user("ann")).await, Ok(vec!["vase 1/0/0".to_owned()]));
        assert!(house.gate.erase(&user("ann")).await.unwrap());
        assert_eq!(
            house.send(unique(vec![bought("ann", &["vase"])])).await,
            [SUPPRESSED]
        );
        close(house).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_visitor_does_not_take_over_an_erased_user_without_an_explicit_consent() {
    let house = open(Arc::new(Memory::new())).unwrap();
    arrive(&house, "ann").await;
    assert!(house.gate.erase(&user("ann")).await.unwrap());
    let visitor = |event: Event| Event {
        user_id: None,
        anonymous_id: Some("tablet".to_owned()),
        ..event
    };
    let stamped = Event {
        consent: consent("", NOON, &[("Marketing", true)]).consent,
        ..viewed("", "mug")
    };
    assert_eq!(house.send(unique(vec![visitor(stamped)])).await, [Fate::Stored]);
    let login = || Event {
        anonymous_id: Some("tablet".to_owned()),
        ..bought("ann", &["vase"])
    };
    assert_eq!(house.send(unique(vec![login()])).await, [SUPPRESSED]);
    let word = visitor(consent("", NOON, &[("Marketing", true)]));
    assert_eq!(
        house.send(unique(vec![word, login()])).await,
        [Fate::Stored, Fate::Stored]
    );
    assert!(
        house
            .seen(&user("ann"))
            .await
            .unwrap()
            .contains(&"vase 0/0/1".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_says_how_many_and_nothing_else_and_its_proof_verifies() {
    let place = Place::embedded();
    let house = place.open().await.unwrap();
    arrive(&house, "ann").await;
    let record = decide(&house, "ann").await;
    let erased = house.gate.erase_certified(&user("ann")).await.unwrap().unwrap();
    assert!(house.gate.erase_certified(&user("ann")).await.unwrap().is_none());
    house.gate.integrate().await.unwrap();
    assert!(receipt(&house, record).await.is_none());
    let certificate = receipt(&house, erased.certificate).await.unwrap();
    verify(&certificate);
    assert_eq!(certificate.details, r#"{"people":1}"#);
    let entry: serde_json::Value = serde_json::from_slice(&certificate.leaf).unwrap();
    assert_eq!(entry["kind"], "erasure");
    assert_eq!(entry["reasons"], json!(["people:1"]));
    close(house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_ask_at_once_one_gets_the_certificate() {
    let house = open(Arc::new(Memory::new())).unwrap();
    for round in 0..20 {
        let who = format!("ann-{round}");
        arrive(&house, &who).await;
        let (gate, other) = (house.gate.clone(), house.gate.clone());
        let (name, same) = (who.clone(), who.clone());
        let one = tokio::spawn(async move { gate.erase_certified(&user(&name)).await.unwrap() });
        let two = tokio::spawn(async move { other.erase_certified(&user(&same)).await.unwrap() });
        let certificates = [one.await.unwrap(), two.await.unwrap()];
        assert_eq!(certificates.iter().flatten().count(), 1);
        assert_eq!(house.known(&user(&who)).await, None);
    }
    assert_eq!(house.gate.counts().await.unwrap().keys, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_left_of_a_person_whose_events_are_still_arriving() {
    let place = Place::embedded();
    let house = place.open().await.unwrap();
    arrive(&house, "ann").await;
    let over = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let (gate, over) = (house.gate.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let mut fates = Vec::new();
                for number in 0.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let events = (0..5).map(|of| {
                        let event = Event {
                            message_id: format!("s{sender}-{number}-{of}"),
                            ..viewed("ann", "mug")
                        };
                        gate.take_in("shop", event)
                    });
                    fates.extend(gate.observe(events.collect()).await.unwrap());
                }
                fates
            })
        })
        .collect();
    // Decisions race with it too: each is made before the erasure or not at all.
    let (gate, ended) = (house.gate.clone(), Arc::clone(&over));
    let decider = tokio::spawn(async move {
        while !ended.load(Ordering::Relaxed) {
            let ann = user("ann");
            let decided = gate.decide::<Personalise, _, _>(&ann, ask(NOON), |_| Lines(vec![]));
            // Refused once she is gone, or made again too often while she goes.
            let _ = decided.await;
        }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(house.gate.erase(&user("ann")).await.unwrap());
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    over.store(true, Ordering::Relaxed);
    decider.await.unwrap();
    let mut fates = Vec::new();
    for sender in senders {
        fates.extend(sender.await.unwrap());
    }
    assert!(fates.contains(&Fate::Stored) && fates.contains(&SUPPRESSED));
    close(house).await;
    let shelf = place.shelf();
    let counts = shelf.counts().unwrap();
    assert_eq!((counts.persons, counts.keys), (0, 0));
    assert_eq!((counts.identifiers, counts.events), (0, 0));
    // The only records left are about nobody.
    let about_nobody = shelf.records_of(vocabulary::PersonId::NOBODY, None, 100).unwrap();
    assert_eq!(counts.records, about_nobody.len() as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_was_only_written_down_is_carried_out_at_the_next_start() {
    let mut place = Place::embedded();
    let house = place.open().await.unwrap();
    arrive(&house, "ann").await;
    arrive(&house, "bob").await;
    house.gate.integrate().await.unwrap();
    close(house).await;
    place.back_up("before");
    let house = place.open().await.unwrap();
    assert!(house.gate.erase(&user("ann")).await.unwrap());
    close(house).await;
    // The store as it was when the line had just been written, and the machine died.
    place.put_back("before");
    assert!(place.shelf().counts().unwrap().keys > 1);
    let house = place.open().await.unwrap();
    assert_eq!(house.known(&user("ann")).await, None);
    assert!(house.known(&user("bob")).await.is_some());
    assert_eq!(
        house.send(unique(vec![bought("ann", &["vase"])])).await,
        [SUPPRESSED]
    );
    close(house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_backup_that_is_put_back_is_refused_until_its_erasures_are_replayed() {
    a_backup_is_put_back(Place::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_postgresql_dump_is_refused_until_its_erasures_are_replayed() {
    if let Some(place) = Place::postgres() {
        a_backup_is_put_back(place).await;
    }
}

async fn a_backup_is_put_back(mut place: Place) {
    let house = place.open().await.unwrap();
    for who in ["ann", "bob", "eve"] {
        arrive(&house, who).await;
    }
    assert!(house.gate.erase(&user("eve")).await.unwrap());
    let kept = decide(&house, "bob").await;
    house.gate.integrate().await.unwrap();
    let old_key = house.gate.vkey();
    let at_backup = house.gate.checkpoint().await.unwrap().unwrap();
    close(house).await;
    place.back_up("old");

    let house = place.open().await.unwrap();
    assert!(house.gate.erase(&user("ann")).await.unwrap());
    let lost = decide(&house, "bob").await;
    house.gate.integrate().await.unwrap();
    let last_shown = house.gate.checkpoint().await.unwrap().unwrap();
    close(house).await;
    let lost_entries = checkpoint(&last_shown, &old_key).size - checkpoint(&at_backup, &old_key).size;
    assert!(lost_entries >= 2);

    for restoration in 1..=2 {
        place.put_back("old");
        let refused = place.open().await.map(drop);
        assert!(
            matches!(
                refused,
                Err(Unavailable::Erasures(ErasureError::RolledBack { .. }))
            ),
            "{refused:?}"
        );
        let restored = place.restore(false).await.unwrap();
        assert_eq!(restored.found, checkpoint(&at_backup, &old_key).size);
        assert_ne!(restored.vkey, old_key);
        assert!(
            restored.vkey.contains(&format!("/restored-{restoration}+")),
            "{}",
            restored.vkey
        );
        let again = place.restore(false).await;
        assert!(matches!(
            again,
            Err(Unavailable::Erasures(ErasureError::NotRolledBack))
        ));

        let house = place.open().await.unwrap();
        assert_eq!(house.gate.vkey(), restored.vkey);
        assert_eq!(house.known(&user("ann")).await, None);
        assert_eq!(house.known(&user("eve")).await, None);
        assert!(house.known(&user("bob")).await.is_some());
        assert_eq!(
            house.send(unique(vec![bought("ann", &["vase"])])).await,
            [SUPPRESSED]
        );
        // What the backup had can still be proven, under the new name; what it had not is gone.
        house.gate.integrate().await.unwrap();
        verify(&receipt(&house, kept).await.unwrap());
        assert!(receipt(&house, lost).await.is_none());
        // The new log begins with the entries of the old one, and says what happened.
        let now = house.gate.checkpoint().await.unwrap().unwrap();
        let (now, then) = (checkpoint(&now, &restored.vkey), checkpoint(&at_backup, &old_key));
        assert!(now.size > then.size);
        let mut entries = Vec::new();
        for path in house.gate.tile_paths().await.unwrap() {
            if path.starts_with("tile/entries/") {
                entries.extend(house.gate.tile(path).await.unwrap().unwrap());
            }
        }
        let entries = String::from_utf8_lossy(&entries).into_owned();
        assert!(entries.contains(r#""kind":"restored""#), "{entries}");
        assert!(entries.contains(&format!("log-found:{}", then.size)));
        close(house).await;
        // Nothing but its own name signs the log now, and a usual start goes on.
        close(place.open().await.unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_store_does_not_begin_a_second_log_under_the_same_name() {
    let place = Place::embedded();
    let house = place.open().await.unwrap();
    arrive(&house, "ann").await;
    house.gate.integrate().await.unwrap();
    let old_key = house.gate.vkey();
    close(house).await;
    std::fs::remove_dir_all(place.folder.path().join("store")).unwrap();
    let refused = place.open().await.map(drop);
    assert!(matches!(
        refused,
        Err(Unavailable::Erasures(ErasureError::RolledBack { found: 0, .. }))
    ));
    let restored = place.restore(false).await.unwrap();
    assert_eq!(restored.found, 0);
    let house = place.open().await.unwrap();
    assert_ne!(house.gate.vkey(), old_key);
    arrive(&house, "ann").await;
    close(house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_is_gone_cut_or_changed_is_noticed() {
    let place = Place::embedded();
    let house = place.open().await.unwrap();
    for who in ["ann", "bob", "eve"] {
        arrive(&house, who).await;
    }
    for who in ["ann", "bob"] {
        assert!(house.gate.erase(&user(who)).await.unwrap());
    }
    house.gate.integrate().await.unwrap();
    close(house).await;
    let (journal, seen) = (place.journal().join("journal"), place.journal().join("seen"));
    let (whole, last_seen) = (std::fs::read(&journal).unwrap(), std::fs::read(&seen).unwrap());
    let refused = async |bytes: Option<&[u8]>| {
        match bytes {
            Some(bytes) => std::fs::write(&journal, bytes).unwrap(),
            None => std::fs::remove_file(&journal).unwrap(),
        }
        let opened = place.open().await.map(drop).unwrap_err();
        std::fs::write(&journal, &whole).unwrap();
        opened
    };
    // Every byte that is changed is noticed; none is taken for a crash.
    for at in (0..whole.len()).step_by(7) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        let error = refused(Some(&changed)).await;
        assert!(
            matches!(error, Unavailable::Erasures(ErasureError::Damaged { .. })),
            "byte {at}: {error:?}"
        );
    }
    let error = refused(None).await;
    assert!(matches!(
        error,
        Unavailable::Erasures(ErasureError::Missing { .. })
    ));
    let mut forged = last_seen.clone();
    forged[3] ^= 1;
    std::fs::write(&seen, &forged).unwrap();
    let error = place.open().await.map(drop).unwrap_err();
    assert!(matches!(
        error,
        Unavailable::Erasures(ErasureError::Damaged { .. })
    ));
    std::fs::write(&seen, &last_seen).unwrap();

    // A line that a crash cut short was never acknowledged: it is cut off, and the rest stands.
    let mut torn = whole.clone();
    torn.extend_from_slice(&[0, 0, 0, 90, 1, 2, 3]);
    std::fs::write(&journal, &torn).unwrap();
    close(place.open().await.unwrap()).await;
    assert_eq!(std::fs::read(&journal).unwrap(), whole);

    // Without a folder the store says that it has one.
    let without = open(place.shelf()).map(drop);
    assert!(matches!(
        without,
        Err(Unavailable::Erasures(ErasureError::NoFolder))
    ));

    // Lost for good: said so, it is made anew from the store's copy.
    std::fs::remove_dir_all(place.journal()).unwrap();
    let error = place.restore(false).await.unwrap_err();
    assert!(matches!(
        error,
        Unavailable::Erasures(ErasureError::Missing { .. })
    ));
    let restored = place.restore(true).await.unwrap();
    assert_eq!(restored.seen, None);
    assert_eq!(std::fs::read(&journal).unwrap(), whole);
    let house = place.open().await.unwrap();
    assert_eq!(
        house.send(unique(vec![bought("ann", &["vase"])])).await,
        [SUPPRESSED]
    );
    assert!(house.known(&user("eve")).await.is_some());
    close(house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_was_left_behind_by_a_change_of_machines_is_brought_up() {
    let Some(place) = Place::postgres() else { return };
    let house = place.open().await.unwrap();
    arrive(&house, "ann").await;
    arrive(&house, "bob").await;
    assert!(house.gate.erase(&user("ann")).await.unwrap());
    close(house).await;
    let other = place.folder.path().join("other-machine");
    copy(&place.journal(), &other);
    let house = place.open().await.unwrap();
    assert!(house.gate.erase(&user("bob")).await.unwrap());
    house.gate.integrate().await.unwrap();
    close(house).await;
    let (shelf, folder) = (place.shelf(), other.clone());
    let house = tokio::task::spawn_blocking(move || open_journalled(shelf, &folder).unwrap());
    let house = house.await.unwrap();
    assert_eq!(
        house.send(unique(vec![bought("bob", &["vase"])])).await,
        [SUPPRESSED]
    );
    close(house).await;
    assert_eq!(
        std::fs::read(other.join("journal")).unwrap(),
        std::fs::read(place.journal().join("journal")).unwrap()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawal_of_everything_and_an_erasure_leave_no_byte_of_what_was_said() {
    let place = Place::embedded();
    let house = place.open().await.unwrap();
    let canaries = [
        "canary-user-7f3a",
        "canary-phone-91bc",
        "canary-item-44de",
        "canary-colour-a0a0",
    ];
    let [who, phone, item, colour] = canaries;
    let on_phone = |event: Event| Event {
        anonymous_id: Some(phone.to_owned()),
        ..event
    };
    let identify = Event {
        kind: Kind::Identify,
        ..event(who, "", json!({ "favourite_colour": colour }))
    };
    let events = vec![
        on_phone(consent(who, NOON, &[("Marketing", true)])),
        on_phone(viewed(who, item)),
        bought(who, &[item]),
        identify,
    ];
    assert_eq!(house.send(unique(events)).await, [Fate::Stored; 4]);
    house.gate.write_back().await.unwrap();
    let known = house.known(&user(who)).await.unwrap().join("\n");
    assert!(known.contains(item) && known.contains(colour));
    // Sealed with a key that is in the file of keys until the erasure, and in no file afterwards.
    let shelf = house_shelf(&place, house).await;
    let person = shelf.scan(None, 9).unwrap()[0].person;
    let wrapped = shelf.keys(&[person]).unwrap()[0].clone().unwrap().0;
    drop(shelf);
    let (folder, inside) = (place.folder.path(), |needle: &[u8]| {
        found(place.folder.path(), needle)
    });
    assert!(inside(&wrapped) && inside(&person.0));
    std::fs::write(folder.join("control"), item).unwrap();
    assert!(inside(item.as_bytes()), "the search finds nothing at all");
    std::fs::remove_file(folder.join("control")).unwrap();

    let house = place.open().await.unwrap();
    let whom = user(who);
    let off = house
        .gate
        .choose(&whom, &all(false), "privacy-centre", Moment(NOON + 1))
        .await;
    off.unwrap().unwrap();
    assert!(house.gate.erase(&whom).await.unwrap());
    house.gate.integrate().await.unwrap();
    close(house).await;
    for canary in canaries {
        let utf16: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
        for needle in [canary.as_bytes(), &utf16, hex.as_bytes()] {
            assert!(!inside(needle), "`{canary}`");
        }
    }
    assert!(!inside(&wrapped));
}

async fn house_shelf(place: &Place, house: House) -> Arc<dyn Shelf> {
    close(house).await;
    place.shelf()
}

/// Whether the bytes are in any file under the folder.
fn found(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|file| {
        let path = file.path();
        if path.is_dir() {
            return found(&path, needle);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}
