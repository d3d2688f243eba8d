//! What models give away is paid for before it is given away, once, whatever happens to the process or the store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, open_journalled, options};
use gate::{Gate, NotSpent, Release};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use store::{Embedded, Memory, Shelf};
use vocabulary::{Digest, Moment};

const CAP: f64 = 0.65;

fn release(number: u8, mu: f64) -> Release {
    Release {
        model: Digest::of(&[number]),
        people: 5_000,
        epsilon: 1.0,
        delta: 1e-6,
        mu,
    }
}

async fn spend(house: &House, number: u8, mu: f64) -> Result<f64, NotSpent> {
    let paid = house.gate.spend(release(number, mu), CAP, Moment(NOON)).await;
    paid.map(|paid| paid.spent_mu)
}

async fn spent(house: &House) -> usize {
    house.gate.releases().await.unwrap().len()
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> House {
        let (store, journal) = (self.at("store"), self.at("keys.erasures"));
        let open = move || open_journalled(Arc::new(Embedded::open(&store).unwrap()), &journal).unwrap();
        tokio::task::spawn_blocking(open).await.unwrap()
    }

    async fn restore(&self) {
        let now = Arc::new(AtomicI64::new(NOON));
        let shelf = Arc::new(Embedded::open(&self.at("store")).unwrap());
        let journal = self.at("keys.erasures");
        Gate::restore(options(shelf, 1, 102, &now, Some(&journal)), false)
            .await
            .unwrap();
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn copy(&self, from: &str, to: &str) {
        let (from, to) = (self.at(from), self.at(to));
        let _ = std::fs::remove_dir_all(&to);
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), Path::new(&to).join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_used_up_is_refused_in_words_and_at_the_next_start_too() {
    let place = Place::new();
    let house = place.open().await;
    // 0.24² seven times is 0.635², and once more would be beyond 0.65.
    for number in 0..7 {
        let all = spend(&house, number, 0.24).await.unwrap();
        let wanted = 0.24 * f64::from(number + 1).sqrt();
        assert!((all - wanted).abs() < 1e-9 && all >= wanted);
    }
    let refused = spend(&house, 7, 0.24).await.unwrap_err();
    assert!(
        matches!(refused, NotSpent::Exhausted { releases: 7, .. }),
        "{refused}"
    );
    assert!(refused.to_string().contains("lifetime_epsilon"), "{refused}");
    assert!(house.gate.can_spend(0.24, CAP).await.is_err());
    assert!(
        house.gate.can_spend(0.01, CAP).await.is_ok(),
        "a smaller one still fits"
    );
    assert_eq!(spent(&house).await, 7, "what is refused costs nothing");
    let before = house.gate.releases().await.unwrap();
    house.gate.close().await;
    drop(house);
    let house = place.open().await;
    assert_eq!(house.gate.releases().await.unwrap(), before);
    assert!(matches!(
        spend(&house, 7, 0.24).await,
        Err(NotSpent::Exhausted { .. })
    ));
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            spend(&house, 8, wrong).await,
            Err(NotSpent::NoNumber(_))
        ));
    }
    house.gate.close().await;
}

/// Whoever puts an older store back has spent no less; whoever changes the machine and loses the folder neither.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_a_store_that_is_put_back_nor_a_lost_folder_resets_it() {
    let place = Place::new();
    let house = place.open().await;
    spend(&house, 0, 0.24).await.unwrap();
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);
    place.copy("store", "backup");
    let house = place.open().await;
    for number in 1..7 {
        spend(&house, number, 0.24).await.unwrap();
    }
    let all = house.gate.releases().await.unwrap();
    house.gate.integrate().await.unwrap();
    house.gate.close().await;
    drop(house);
    place.copy("backup", "store");
    place.restore().await;
    let house = place.open().await;
    assert_eq!(house.gate.releases().await.unwrap(), all, "the folder remembers");
    assert!(matches!(
        spend(&house, 7, 0.24).await,
        Err(NotSpent::Exhausted { .. })
    ));
    house.gate.close().await;
    drop(house);
    // The store has learned again what it forgot: now the folder's file may go.
    std::fs::remove_file(place.at("keys.erasures").join("training")).unwrap();
    let house = place.open().await;
    assert_eq!(house.gate.releases().await.unwrap(), all, "the store remembers");
    house.gate.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_line_stops_every_release() {
    let place = Place::new();
    let house = place.open().await;
    spend(&house, 0, 0.24).await.unwrap();
    spend(&house, 1, 0.24).await.unwrap();
    let file = place.at("keys.erasures").join("training");
    let whole = std::fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&file, &bytes).unwrap();
        assert!(spend(&house, 2, 0.1).await.is_err(), "byte {at}");
    }
    std::fs::write(&file, &whole).unwrap();
    assert_eq!(spent(&house).await, 2);
    spend(&house, 2, 0.1).await.unwrap();
    house.gate.close().await;
}

/// The log names what was spent, and nothing exact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_release_is_a_leaf_with_its_price() {
    let folder = tempfile::tempdir().unwrap();
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let opened = {
        let (shelf, folder) = (Arc::clone(&shelf), folder.path().to_owned());
        tokio::task::spawn_blocking(move || open_journalled(shelf, &folder.join("journal")).unwrap())
    };
    let house = opened.await.unwrap();
    spend(&house, 0, 0.24).await.unwrap();
    house.gate.integrate().await.unwrap();
    let mut leaves = Vec::new();
    for path in house.gate.tile_paths().await.unwrap() {
        if path.contains("entries") {
            leaves.extend(house.gate.tile(path).await.unwrap().unwrap());
        }
    }
    let text = String::from_utf8_lossy(&leaves);
    for wanted in [
        "release:1",
        "people:5000",
        "epsilon:1",
        "delta:0.000001",
        "mu:0.24",
        "sigma:4.1667",
        "spent-mu:0.240000",
        &Digest::of(&[0]).to_string(),
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    house.gate.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is asked for, in whatever order, over crashes: what was granted is never more than the cap, and
    /// what was granted is never forgotten.
    #[test]
    fn the_cap_holds_over_crashes(costs in prop::collection::vec((1u32..400, any::<bool>()), 1..20)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
            let open = || {
                let shelf = Arc::clone(&shelf);
                tokio::task::spawn_blocking(move || common::open(shelf).unwrap())
            };
            let mut house = open().await.unwrap();
            let mut granted = Vec::new();
            for (number, (cost, crash)) in costs.iter().enumerate() {
                let mu = f64::from(*cost) / 1_000.0;
                if spend(&house, number as u8, mu).await.is_ok() {
                    granted.push(mu);
                }
                if *crash {
                    // Without a word.
                    std::mem::forget(house);
                    house = open().await.unwrap();
                }
                let told: Vec<f64> = house.gate.releases().await.unwrap().iter().map(|one| one.release.mu).collect();
                assert_eq!(told, granted);
                let all: f64 = granted.iter().map(|mu| mu * mu).sum();
                assert!(all.sqrt() <= CAP + 3e-6);
            }
            house.gate.close().await;
        });
    }
}
