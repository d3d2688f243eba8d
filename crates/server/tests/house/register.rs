//! The public register over HTTP and as files: what it tells, what it never tells, and that anybody may
//! keep it.

use crate::browser;
use crate::support::{self, House, ask, settings, start_in};
use axum::http::Method;
use gate::Whom;
use serde_json::Value;
use server::ingest::PublicUrl;
use server::register::{Press, files};
use server::rights::{self, Asked, Right, Via};
use server::serve;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use vocabulary::{DAY_MS, Moment, Signals};

const OWN_RULE: &str = "@id(\"quiet-when-asked\")\n@explain_fr(\"Qui envoie le signal GPC ne reçoit rien de nous.\")\n\
                        @explain_en(\"Whoever sends the GPC signal hears nothing from us.\")\n\
                        forbid (principal, action == Action::\"market_by_email\", resource) when { context.gpc };\n";

async fn get(house: &House, path: &str, headers: &[(&str, &str)]) -> support::Answer {
    ask(house.address, Method::GET, path, headers, "").await
}

fn press(house: &House) -> Press {
    let url = PublicUrl::parse(&house.settings.public_url).unwrap();
    Press::new(house.app.clone(), &house.settings, &url)
}

/// A house whose charter was narrowed after a first start, with a model.
async fn with_two_charters() -> House {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("embedded:{}", folder.path().join("store").display());
    let first = start_in(folder, |settings| settings.store.clone_from(&store)).await;
    let folder = first.stop().await;
    let own = folder.path().join("shop.cedar");
    std::fs::write(&own, OWN_RULE).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let house = start_in(folder, |settings| {
        settings.store = store;
        settings.charter = vec![own];
        settings.listen = free;
        settings.public_url = format!("http://{free}");
        settings.me.site = "Shop Example".to_owned();
    })
    .await;
    house.fill().await;
    house.learn().await;
    house.app.gate.integrate().await.unwrap();
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_register_can_be_kept_by_caches_and_never_repeats_a_host() {
    let house = support::start_in_memory().await;
    for path in ["/register", "/register?lang=fr", "/register.json"] {
        let hostile = [
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "host=evil.example"),
        ];
        let answer = get(&house, path, &hostile).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(
            !format!("{:?}{}", answer.headers, answer.text()).contains("evil"),
            "{path}"
        );
        assert!(answer.headers.get("set-cookie").is_none());
        assert_eq!(answer.headers["cache-control"], "public, max-age=60");
        let tag = answer.headers["etag"].to_str().unwrap();
        let modified = answer.headers["last-modified"].to_str().unwrap();
        for field in [("if-none-match", tag), ("if-modified-since", modified)] {
            let again = get(&house, path, &[field]).await;
            assert_eq!(
                (again.status.as_u16(), again.body.len()),
                (304, 0),
                "{path} {field:?}"
            );
            assert_eq!(again.headers["etag"], tag);
        }
        let other = get(&house, path, &[("if-none-match", "\"another\"")]).await;
        assert_eq!((other.status.as_u16(), &other.body), (200, &answer.body));
    }
    let french = get(&house, "/register", &[("accept-language", "fr")]).await;
    assert_eq!(french.headers["vary"], "accept-language");
    assert!(french.text().contains("<html lang=\"fr\">"));
    let schema = get(&house, "/register.schema.json", &[]).await;
    assert_eq!(schema.json()["title"], "egard-register/1");
    let zeros = "0".repeat(64);
    for nothing in [
        format!("charter/{zeros}"),
        format!("charter/{zeros}.txt"),
        format!("charter/{zeros}..{zeros}"),
        format!("dictionary/{zeros}"),
        format!("model/{zeros}"),
        "charter/..%2f..%2fkeys".to_owned(),
        "model/1".to_owned(),
    ] {
        let answer = get(&house, &format!("/register/{nothing}"), &[]).await;
        assert_eq!(answer.status, 404, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charter_that_was_changed_is_told_with_what_changed() {
    let house = with_two_charters().await;
    let register = get(&house, "/register.json", &[]).await.json();
    let charters: Vec<&Value> = register["programs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["name"] == "charter")
        .collect();
    assert_eq!(charters.len(), 2);
    assert_eq!(charters[0]["until"], Value::Null);
    assert_eq!(charters[1]["until"], charters[0]["since"]);
    assert!(charters[0]["leaf"].as_u64() > charters[1]["leaf"].as_u64());
    assert_eq!(
        charters[0]["digest"],
        house.app.gate.charter().digest().to_string()
    );

    let [new, old] = [0, 1].map(|at| charters[at]["digest"].as_str().unwrap().to_owned());
    let text = get(&house, &format!("/register/charter/{new}.txt"), &[]).await;
    assert_eq!(text.body, house.app.gate.charter().text());
    assert_eq!(
        vocabulary::Digest::of(&text.body).to_string(),
        new,
        "the name is the hash"
    );
    for (language, words, law) in [
        ("en", "hears nothing from us", "GDPR art. 8, recital 38; DSA"),
        (
            "fr",
            "ne reçoit rien de nous",
            "RGPD art. 8, considérant 38\u{202f}; DSA",
        ),
    ] {
        let diff = get(
            &house,
            &format!("/register/charter/{old}..{new}?lang={language}"),
            &[],
        )
        .await;
        assert!(
            diff.text().contains("operator/shop/quiet-when-asked"),
            "{}",
            diff.text()
        );
        assert!(diff.text().contains(words));
        let back = get(
            &house,
            &format!("/register/charter/{new}..{old}?lang={language}"),
            &[],
        )
        .await;
        assert!(back.text().contains("data-testid=\"removed\""));
        let whole = get(&house, &format!("/register/charter/{old}?lang={language}"), &[]).await;
        assert!(!whole.text().contains("quiet-when-asked") && whole.text().contains(law));
    }
    // Notices, and a model of fewer people than are told.
    assert_eq!(register["notices"][0]["current"], true);
    assert!(register["notices"][0]["leaf"].is_u64());
    assert_eq!(register["models"][0]["current"], true);
    assert_eq!(register["models"][0]["says"]["people_at_least"], Value::Null);
    let page = get(&house, "/register?lang=en", &[]).await.text();
    assert!(
        page.contains("Fewer than 50\u{a0}people") || page.contains("Fewer than 50 people"),
        "{page}"
    );
    assert!(
        !register
            .to_string()
            .contains(&format!("\"people\":{}", support::CUSTOMERS))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edition_is_made_once_for_each_change() {
    let house = support::start_in_memory().await;
    house.app.gate.integrate().await.unwrap();
    let press = press(&house);
    let first = press.edition(Duration::ZERO).await.unwrap();
    assert!(Arc::ptr_eq(&first, &press.edition(Duration::ZERO).await.unwrap()));
    house
        .send_all(&[support::agrees("somebody", &[true, true, true])])
        .await;
    house.app.gate.integrate().await.unwrap();
    assert!(Arc::ptr_eq(
        &first,
        &press.edition(Duration::from_secs(60)).await.unwrap()
    ));
    let second = press.edition(Duration::ZERO).await.unwrap();
    assert!(second.register.log.size > first.register.log.size);
}

/// Six requests of one kind, two of another and two erasures, through three quarters.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_are_told_by_quarter_and_nothing_names_whoever_asked() {
    let folder = tempfile::tempdir().unwrap();
    // 2026-11-22T12:00:00Z.
    let now = Arc::new(AtomicI64::new(1_795_348_800_000));
    let ticking = Arc::clone(&now);
    let clock: server::ingest::Clock = Arc::new(move || Moment(ticking.load(Ordering::Relaxed)));
    let settings = settings(folder.path(), "memory".to_owned());
    let app = serve::open(&settings, clock).await.unwrap();
    let ask = async |name: &str, right| {
        let whom = Whom {
            user_id: Some(name),
            anonymous_id: None,
        };
        rights::open(&app, &whom, right, Via::Api, Asked::default(), Signals::default())
            .await
            .unwrap();
    };
    for n in 0..6 {
        ask(&format!("marguerite-duras-{n}"), Right::Access).await;
    }
    for n in 0..2 {
        ask(&format!("simone-weil-{n}"), Right::Objection).await;
    }
    let url = PublicUrl::parse(&settings.public_url).unwrap();
    let press = Press::new(app.clone(), &settings, &url);
    let told = async || {
        app.gate.integrate().await.unwrap();
        let edition = press.edition(Duration::ZERO).await.unwrap();
        serde_json::to_value(&edition.register).unwrap()
    };
    assert_eq!(
        told().await["rights"],
        Value::Array(Vec::new()),
        "the quarter is not over"
    );

    let later = async |days: i64| {
        now.fetch_add(days * DAY_MS, Ordering::Relaxed);
        server::register::note_quarter(&app).await.unwrap();
    };
    later(45).await;
    let begun = told().await;
    assert_eq!(begun["rights"][0]["quarter"], "2026-Q4");
    assert_eq!(begun["rights"][0]["rights"][0]["received"], 6);
    assert_eq!(begun["rights"][0]["rights"][0]["outcome"], Value::Null);
    assert_eq!(begun["rights"][0]["rights"][4]["received"], "<5");
    assert_eq!(begun["rights"][0]["erased"], "<5");
    later(90).await;
    let done = told().await;
    let outcome = &done["rights"][1]["rights"][0]["outcome"];
    assert_eq!(
        (&outcome["late"], &outcome["worst_days"]),
        (&Value::from("none"), &Value::from(1))
    );

    let edition = press.edition(Duration::ZERO).await.unwrap();
    for (name, bytes) in files::files(&press, &edition).await.unwrap() {
        let text = String::from_utf8_lossy(&bytes);
        for somebody in ["marguerite", "duras", "simone", "weil"] {
            assert!(!text.contains(somebody), "{name}");
        }
    }
    app.gate.close().await;
}

async fn all_files(house: &House) -> BTreeMap<String, Vec<u8>> {
    let press = press(house);
    let edition = press.edition(Duration::ZERO).await.unwrap();
    files::files(&press, &edition).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_the_same_to_the_byte_and_every_link_leads_to_one() {
    let house = with_two_charters().await;
    let files = all_files(&house).await;
    assert!(files.len() > 20, "{:?}", files.keys());
    let mut links = 0;
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".html")) {
        let text = std::str::from_utf8(bytes).unwrap();
        for part in text.split("href=\"").skip(1) {
            let target = part.split('"').next().unwrap();
            links += 1;
            assert!(
                target.starts_with('#') || files.contains_key(target),
                "{name} leads to `{target}`, which is no file"
            );
        }
    }
    assert!(links > 100);
    assert_eq!(files, all_files(&house).await);
    // Over a restart, too: nothing changed, so nothing is another.
    let settings = house.settings.clone();
    let folder: TempDir = house.stop().await;
    let again = start_in(folder, |fresh| *fresh = settings).await;
    let after = all_files(&again).await;
    let changed: Vec<&String> = files
        .keys()
        .filter(|name| files.get(*name) != after.get(*name))
        .collect();
    assert_eq!(changed, Vec::<&String>::new());
}

/// On a phone and on a desk, in both languages, as served and as files; and the way to it from the other
/// pages.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_register_is_read_in_a_browser() {
    let house = with_two_charters().await;
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in all_files(&house).await {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let base = format!("http://{}", house.address);
    let exported = folder.path().display().to_string();
    tokio::task::spawn_blocking(move || browser::run("register.mjs", &[&base, &exported]))
        .await
        .unwrap();
}
