//! A house that asks witnesses: receipts carry their lines, nothing waits for them, and a store that was
//! put back is found out.

use super::served::{Served, carol, open};
use super::support::{self, House};
use ledger::fork::Evidence;
use ledger::policy::Policy;
use ledger::{Checkpoint, Proof, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use server::ingest::clock;
use server::serve;
use server::settings::Settings;
use server::witness::Memory;
use server::witnesses::WitnessSetting;
use server::work::ask_witnesses::Round;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// The key of a house's log, without its secret.
fn key_of(house: &House) -> VerifyingKey {
    house.app.gate.vkey().parse().unwrap()
}

/// A witness for these logs, in a folder.
async fn witness(folder: &Path, name: &str, logs: Vec<VerifyingKey>) -> Served {
    let keys: [&SigningKey; 0] = [];
    // Marks the folder first.
    let begun = open(folder, name, &keys);
    begun.close();
    drop(begun);
    let shelf = Arc::new(store::Embedded::open(folder).unwrap());
    let memory = Memory::open(shelf, carol(name), logs, super::served::NOW).unwrap();
    Served::start(Arc::new(memory)).await
}

fn asks(settings: &mut Settings, witnesses: &[(&str, String)]) {
    settings.ledger.witnesses = witnesses
        .iter()
        .map(|(name, url)| WitnessSetting {
            url: url.clone(),
            vkey: carol(name).key().to_string(),
        })
        .collect();
    // The tests ask themselves, when they want to.
    settings.ledger.ask_every_seconds = 3600;
}

/// The log's key is known before the house asks anybody.
async fn vkey_in(folder: &TempDir) -> VerifyingKey {
    let settings = support::settings(folder.path(), "memory".to_owned());
    let app = serve::open(&settings, clock::system()).await.unwrap();
    let key = app.gate.vkey().parse().unwrap();
    app.gate.close().await;
    key
}

async fn receipt(house: &House, record: &Value) -> Proof {
    let path = format!("/v1/records/{}/receipt", record.as_str().unwrap());
    let answer = house.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let receipt = answer.json();
    let entry = receipt["entry"].as_str().unwrap().as_bytes().to_vec();
    let proof = Proof::parse(receipt["proof"].as_str().unwrap().as_bytes()).unwrap();
    proof.verify(&entry, &key_of(house)).unwrap();
    proof
}

async fn decided(house: &House) -> Value {
    let record = house.recommend(json!({ "userId": "p0" })).await["record"].clone();
    house.app.gate.integrate().await.unwrap();
    record
}

/// The checkpoint as the world sees it.
async fn shown(house: &House) -> Vec<u8> {
    let answer = house.get("/ledger/checkpoint").await;
    assert_eq!(answer.status, 200);
    answer.body.to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_carries_the_lines_of_the_witnesses() {
    let (folder, remembers) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = vkey_in(&folder).await;
    let names = ["one.example/w", "two.example/w"];
    let [one, two] = ["1", "2"].map(|name| remembers.path().join(name));
    let one = witness(&one, names[0], vec![key.clone()]).await;
    let two = witness(&two, names[1], vec![key.clone()]).await;
    let store = format!("embedded:{}", folder.path().join("store").display());
    let mut house = support::start_in(folder, |settings| {
        settings.store.clone_from(&store);
        asks(settings, &[(names[0], one.url()), (names[1], two.url())]);
    })
    .await;
    house.fill().await;
    house.learn().await;
    let keys = names.map(|name| carol(name).key().clone()).to_vec();
    let both = Policy::any(2, keys).unwrap();

    let first = decided(&house).await;
    let mut round = Round::new(&house.app);
    assert!(round.ask(&house.app).await.unwrap());
    let proof = receipt(&house, &first).await;
    assert!(both.judge(&proof.checkpoint).unwrap().enough);
    assert!(both.judge(&shown(&house).await).unwrap().enough);

    // What is newer than the witnessed checkpoint is proved all the same, and witnessed a little later.
    let second = decided(&house).await;
    assert!(
        !both
            .judge(&receipt(&house, &second).await.checkpoint)
            .unwrap()
            .enough
    );
    assert!(
        both.judge(&shown(&house).await).unwrap().enough,
        "the last witnessed one"
    );
    assert!(round.ask(&house.app).await.unwrap());
    let proof = receipt(&house, &second).await;
    assert!(both.judge(&proof.checkpoint).unwrap().enough);
    // Nobody is asked twice about the same checkpoint, and the one of before still holds.
    assert!(round.ask(&house.app).await.unwrap());
    assert!(
        both.judge(&receipt(&house, &first).await.checkpoint)
            .unwrap()
            .enough
    );
    let newest = Checkpoint::open(&proof.checkpoint, &key).unwrap().size;
    let known = one.get("/").await.text();
    assert!(known.ends_with(&format!(" {newest}\n")), "{known}");

    // A restart forgets nothing of it, and one that does not know where a witness is finds out.
    house.stopping().await.unwrap().unwrap();
    let folder = house.folder;
    drop(house.app);
    let house = support::start_in(folder, |settings| {
        settings.store.clone_from(&store);
        asks(settings, &[(names[0], one.url()), (names[1], two.url())]);
    })
    .await;
    assert!(
        both.judge(&receipt(&house, &second).await.checkpoint)
            .unwrap()
            .enough
    );
    assert!(Round::new(&house.app).ask(&house.app).await.unwrap());
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_that_is_not_there_holds_nothing_up() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        asks(settings, &[("gone.example/w", gone)]);
    })
    .await;
    house.fill().await;
    house.learn().await;
    let record = decided(&house).await;
    let mut round = Round::new(&house.app);
    for _ in 0..3 {
        assert!(!round.ask(&house.app).await.unwrap());
    }
    let proof = receipt(&house, &record).await;
    assert_eq!(shown(&house).await, proof.checkpoint);
    let metrics = house.get("/metrics").await.text();
    let line = "egard_witness_answers_total{witness=\"gone.example/w\",answer=\"silent\"} ";
    let count = metrics.lines().find_map(|metric| metric.strip_prefix(line));
    // Asked by the server at its start and by us once; the others waited.
    let count: u32 = count.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap();
    assert!((1..=2).contains(&count), "{count}");
}

/// The attack: store, keys and journal are put back together, so that nothing in the house can notice,
/// and the log goes on from there under its old name. The witness notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_rolled_back_whole_is_not_countersigned_and_found_out() {
    let (folder, remembers) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let name = "rollback.example/w";
    let key = vkey_in(&folder).await;
    let served = witness(&remembers.path().join("w"), name, vec![key.clone()]).await;
    let url = served.url();
    let house_in = |folder: TempDir| {
        let url = url.clone();
        support::start_in(folder, move |settings| {
            settings.store = format!("embedded:{}", settings.keys.with_file_name("store").display());
            asks(settings, &[(name, url)]);
        })
    };
    let mut house = house_in(folder).await;
    house.fill().await;
    house.learn().await;
    house.app.gate.integrate().await.unwrap();
    house.stopping().await.unwrap().unwrap();
    drop(house.app);
    let folder = house.folder;
    let backup = tempfile::tempdir().unwrap();
    copy(folder.path(), backup.path());

    let house = house_in(folder).await;
    for _ in 0..3 {
        decided(&house).await;
    }
    assert!(Round::new(&house.app).ask(&house.app).await.unwrap());
    let witnessed = Checkpoint::open(&shown(&house).await, &key).unwrap();
    drop(house.stop().await);

    let house = house_in(backup).await;
    let mut round = Round::new(&house.app);
    assert!(
        !round.ask(&house.app).await.unwrap(),
        "smaller than what was countersigned"
    );
    let other = decided(&house).await;
    let size = |bytes: &[u8]| Checkpoint::open(bytes, &key).unwrap().size;
    while size(&house.app.gate.checkpoint().await.unwrap().unwrap()) <= witnessed.size {
        decided(&house).await;
    }
    // As far and further, but not the same.
    assert!(!Round::new(&house.app).ask(&house.app).await.unwrap());
    let proof = receipt(&house, &other).await;
    let alone = Policy::any(1, vec![carol(name).key().clone()]).unwrap();
    assert!(!alone.judge(&proof.checkpoint).unwrap().enough);
    let metrics = house.get("/metrics").await.text();
    for answer in ["ahead", "forked"] {
        let line = format!("egard_witness_answers_total{{witness=\"{name}\",answer=\"{answer}\"}}");
        assert!(metrics.contains(&line), "{answer}: {metrics}");
    }
    let known = served.get("/").await.text();
    assert!(known.ends_with(&format!(" {}\n", witnessed.size)), "{known}");
    // The proof is published, unless the sizes were such that the request did not hold it.
    let published = served.get("/forks").await.json();
    if !witnessed.size.is_power_of_two() {
        let (accused, evidence) = Evidence::parse(published[0].to_string().as_bytes()).unwrap();
        assert_eq!(accused, key);
        assert_eq!(evidence.verify(&key).unwrap().older, witnessed);
    }
    served.stop().await;
}

/// The honest way: the store is put back, the journal knows better, `egard restore` gives the log a new
/// name, and the witness takes that for the other log that it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_log_is_witnessed_under_its_new_name_and_the_old_one_stays() {
    let (folder, remembers) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let name = "restore.example/w";
    let key = vkey_in(&folder).await;
    let place = remembers.path().join("w");
    let served = witness(&place, name, vec![key.clone()]).await;
    let settle = |settings: &mut Settings, url: String| {
        settings.store = format!("embedded:{}", settings.keys.with_file_name("store").display());
        asks(settings, &[(name, url)]);
    };
    let url = served.url();
    let mut house = support::start_in(folder, |settings| settle(settings, url.clone())).await;
    house.fill().await;
    house.learn().await;
    house.app.gate.integrate().await.unwrap();
    house.stopping().await.unwrap().unwrap();
    drop(house.app);
    let (folder, settings) = (house.folder, house.settings);
    let backup = tempfile::tempdir().unwrap();
    copy(&folder.path().join("store"), backup.path());
    let house = support::start_in(folder, |settings| settle(settings, url.clone())).await;
    let old = decided(&house).await;
    assert!(Round::new(&house.app).ask(&house.app).await.unwrap());
    let old = receipt(&house, &old).await;
    let folder = house.stop().await;

    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    copy(backup.path(), &folder.path().join("store"));
    assert!(
        serve::open(&settings, clock::system()).await.is_err(),
        "went on unseen"
    );
    let restore = settings.clone();
    let restored = tokio::task::spawn_blocking(move || {
        tokio::runtime::Handle::current().block_on(serve::restore(&restore, clock::system(), false))
    });
    let restored = restored.await.unwrap().unwrap();
    let house = support::start_in(folder, |settings| settle(settings, url.clone())).await;
    assert_eq!(house.app.gate.vkey(), restored.vkey);
    assert!(
        house.app.gate.witnessed().is_none(),
        "under the new name nothing was yet"
    );
    assert!(
        !Round::new(&house.app).ask(&house.app).await.unwrap(),
        "nobody knows it yet"
    );
    served.stop().await;

    let renamed: VerifyingKey = restored.vkey.parse().unwrap();
    let served = witness(&place, name, vec![key.clone(), renamed.clone()]).await;
    let new_url = served.url();
    let folder = house.stop().await;
    let house = support::start_in(folder, |settings| settle(settings, new_url)).await;
    let new = decided(&house).await;
    assert!(Round::new(&house.app).ask(&house.app).await.unwrap());
    let alone = Policy::any(1, vec![carol(name).key().clone()]).unwrap();
    let new = receipt(&house, &new).await;
    Checkpoint::open(&new.checkpoint, &renamed).unwrap();
    assert!(alone.judge(&new.checkpoint).unwrap().enough);
    // The receipt taken home before holds for ever, under the old key and with its witness.
    Checkpoint::open(&old.checkpoint, &key).unwrap();
    assert!(alone.judge(&old.checkpoint).unwrap().enough);
    assert_eq!(served.get("/forks").await.json(), json!([]));
    served.stop().await;
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let to = to.join(file.file_name());
        match file.file_type().unwrap().is_dir() {
            true => copy(&file.path(), &to),
            false => drop(std::fs::copy(file.path(), to).unwrap()),
        }
    }
}
