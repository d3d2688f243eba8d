//! An audit of the whole house: sound where all is well, and naming what is not.

use crate::support::{self, House, bought, known};
use gate::{Act, Published, Whom};
use ledger::{Entry, VerifyingKey};
use serde_json::json;
use server::audit::{Made, Report, Scope, draw};
use server::web::audit::page;
use store::{Embedded, Shelf};
use vocabulary::{Digest, Language, Moment};

async fn audit(house: &House, sample: usize) -> Made {
    let scope = Scope::new(&house.settings, sample, Some(7));
    server::audit::run(&house.app, &scope).await.unwrap()
}

fn whom(user: &str) -> Whom<'_> {
    Whom {
        user_id: Some(user),
        anonymous_id: None,
    }
}

async fn filled() -> House {
    let house = support::start().await;
    house.fill().await;
    house.learn().await;
    for who in ["p0", "p1", "p2", "refuser"] {
        house.recommend(json!({ "userId": who })).await;
    }
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_in_order_has_a_report_that_says_so_and_names_nobody() {
    let house = filled().await;
    let made = audit(&house, 10_000).await;
    let report = &made.report;
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.counts["executed_same"], 4);
    assert!(report.counts["permit_asked_again"] >= 3, "{report:?}");
    assert_eq!(report.sample, report.population);
    assert_eq!(report.questions_since, 0);
    for person in ["p0", "p1", "refuser"] {
        assert!(!made.note.contains(&format!("\"{person}\"")), "{}", made.note);
    }
    // The log's key signed it, the log names it, and the list of audits leads to both.
    let key: VerifyingKey = house.app.gate.vkey().parse().unwrap();
    assert_eq!(&Report::open(made.note.as_bytes(), &key).unwrap(), report);
    let listed = house.app.gate.audits().await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&made.listed));
    assert_eq!(made.listed.report, Digest::of(made.note.as_bytes()));
    let leaf = made.listed.leaf.unwrap();
    let bundle = ledger::tile::read_entry(leaf, size(&house).await, &|path: &str| {
        house.app.gate.tile_now(path)
    });
    let entry = Entry::parse(&bundle.unwrap().unwrap()).unwrap();
    assert_eq!(
        (entry.kind.as_str(), entry.program),
        ("audit", Some(made.listed.report.0))
    );
    // Looked at by an audit: the person sees it.
    let own = house
        .app
        .gate
        .timeline(
            &whom("p0"),
            gate::by_the_person(Default::default(), house.app.now()),
            None,
            5,
        )
        .await;
    let own = own.unwrap().unwrap().unwrap();
    assert!(own.iter().any(|entry| entry.entry.kind == "replay"));
    // The next audit is another sample, and knows of this one; looks are not looked at again.
    let next = audit(&house, 10_000).await;
    assert!(next.report.is_sound(), "{:?}", next.report);
    assert_eq!(next.report.previous, Some(made.listed.report.to_string()));
    assert!(!next.report.kinds.contains_key("replay"));
    assert_ne!(next.report.seed.hex, report.seed.hex);
    for language in [Language::Fr, Language::En] {
        let html = page(report, language).unwrap();
        assert!(
            html.contains(&report.checkpoint.root.replace('+', "&#43;"))
                || html.contains(&report.checkpoint.root)
        );
        assert!(!html.contains("<script") && !html.contains("http"));
        if let Some(folder) = std::env::var_os("EGARD_PICTURES") {
            let name = format!("audit.{}.html", language.tag());
            std::fs::write(std::path::Path::new(&folder).join(name), html).unwrap();
        }
    }
}

async fn size(house: &House) -> u64 {
    let key: VerifyingKey = house.app.gate.vkey().parse().unwrap();
    let checkpoint = house.app.gate.checkpoint().await.unwrap().unwrap();
    ledger::Checkpoint::open(&checkpoint, &key).unwrap().size
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_erased_is_counted_as_gone_and_who_is_restricted_as_closed() {
    let house = filled().await;
    let before = audit(&house, 10_000).await.report;
    assert_eq!((before.erased, before.counts.get("gone")), (0, None));
    house.app.gate.erase(&whom("p0")).await.unwrap();
    let act = Act::Restrict(true);
    house
        .app
        .gate
        .act(&whom("p1"), act, "me", house.app.now())
        .await
        .unwrap();
    let after = audit(&house, 10_000).await.report;
    assert!(after.is_sound(), "{after:?}");
    assert_eq!(after.erased, 1);
    assert!(
        after.counts["gone"] >= 2 && after.counts["closed"] >= 2,
        "{after:?}"
    );
    assert_eq!(known(&house.app, "p0").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_altered_in_the_store_is_in_the_report() {
    let house = filled().await;
    let store = house.settings.store.clone();
    let Published::Intact(model) = house.app.gate.published("model").await.unwrap() else {
        panic!("no model");
    };
    let catalogue = house.app.catalogue_digest;
    let charter = house.app.gate.charter().digest();
    let catalogue_bytes = house.app.gate.artefact_now(catalogue).unwrap().unwrap();
    let charter_bytes = house.app.gate.charter().text().to_vec();
    house.app.gate.integrate().await.unwrap();
    let mut folder = house.stop().await;
    for (digest, bytes, found) in [
        (Digest::of(&model), &model, "program_damaged"),
        (catalogue, &catalogue_bytes, "catalogue_damaged"),
        (charter, &charter_bytes, "charter_damaged"),
    ] {
        let mut altered = bytes.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        swap(&folder, digest, &altered);
        let house = support::start_in(folder, |settings| settings.store.clone_from(&store)).await;
        let report = audit(&house, 10_000).await.report;
        assert!(
            report.findings.get(found).is_some_and(|times| *times > 0),
            "{found}: {report:?}"
        );
        assert!(report.findings["artefact_damaged"] >= 1);
        assert!(page(&report, Language::Fr).unwrap().contains("Des anomalies"));
        folder = house.stop().await;
        swap(&folder, digest, bytes);
    }
    let house = support::start_in(folder, |settings| settings.store.clone_from(&store)).await;
    assert!(
        audit(&house, 10_000).await.report.is_sound(),
        "as it was, nothing is wrong"
    );
}

/// What somebody with the disk can do: other bytes under a digest.
fn swap(folder: &tempfile::TempDir, digest: Digest, bytes: &[u8]) {
    let shelf = Embedded::open(&folder.path().join("store")).unwrap();
    let epoch = shelf.acquire("a test", Moment(0), 1_000).unwrap();
    shelf.discard(epoch, digest.0).unwrap();
    shelf.keep(epoch, digest.0, bytes).unwrap();
    shelf.release(epoch).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_should_be_gone_and_is_not_is_found() {
    let house = filled().await;
    house.send_all(&[bought("ann", &["i1"])]).await;
    house.app.gate.write_back().await.unwrap();
    let settings = &house.settings;
    let sound = Scope::new(settings, 50, None);
    assert!(
        server::audit::run(&house.app, &sound)
            .await
            .unwrap()
            .report
            .is_sound()
    );
    // As if a month had gone by without anybody keeping retention: the days allowed end before the events.
    let later = server::app::App::new(
        house.app.gate.clone(),
        house.app.keys.clone(),
        vocabulary::Catalogue::default(),
        house.app.catalogue_digest,
        {
            let now = house.app.now();
            std::sync::Arc::new(move || now.plus(30 * vocabulary::DAY_MS))
        },
    );
    let scope = Scope {
        event_days: 20,
        message_days: 7,
        ..sound
    };
    let report = server::audit::run(&later, &scope).await.unwrap().report;
    assert_eq!(report.findings.get("event_kept_too_long"), Some(&1), "{report:?}");
    assert_eq!(
        report.findings.get("message_kept_too_long"),
        Some(&1),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_can_draw_the_sample_again() {
    let house = filled().await;
    let made = audit(&house, 5).await.report;
    assert_eq!(made.sample, 5);
    let checkpoint = ledger::Checkpoint {
        origin: made.checkpoint.origin.clone(),
        size: made.checkpoint.size,
        root: ledger::tree::from_base64(&made.checkpoint.root).unwrap(),
    };
    let seed = server::audit::seed_of(&checkpoint, made.seed.given);
    assert_eq!(Digest(seed).to_string(), made.seed.hex);
    assert_eq!(draw(&seed, made.population, 5).len(), 5);
    assert_eq!(made.kinds.values().sum::<u64>(), 5);
}
