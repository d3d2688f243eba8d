//! The program in force says by what the lists of a placement are chosen, the decision follows and its record says it;
//! and how open lists were is public by placement, with noise and only of many people.

use super::browser;
use super::support::{self, House, agrees, ask, at, bought, viewed};
use super::{team, team_seen};
use hyper::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use vocabulary::DAY_MS;

async fn declare(house: &House, placements: &str) {
    let mut files = server::program::gather(&team::demo_program()).unwrap();
    let text = files.get_mut("program.yaml").unwrap();
    text.extend_from_slice(format!("\nplacements: {placements}\n").as_bytes());
    let program = ::program::Program::read(files).unwrap_or_else(|faults| panic!("{faults}"));
    team_seen::in_force(house, &program).await;
    let running = house.app.running().unwrap();
    assert_eq!(running.program.settings.placements, program.settings.placements);
}

/// A list for somebody at a placement.
async fn list(house: &House, who: &str, placement: &str) -> Value {
    let wanted = json!({ "userId": who, "count": 10, "placement": placement });
    let answer = house.recommend_with(&[], wanted.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn details(house: &House, placement: &str) -> String {
    let list = list(house, "p0", placement).await;
    let record = list["record"].as_str().unwrap();
    house.get(&format!("/v1/records/{record}/receipt")).await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placement_that_chooses_for_variety_does_and_says_so() {
    let house = super::me::house().await;
    assert!(!details(&house, "news").await.contains("varied"));
    declare(&house, "{ news: { choose: variety } }").await;
    let news = details(&house, "news").await;
    assert!(news.contains("varied"), "{news}");
    assert!(
        !details(&house, "home").await.contains("varied"),
        "of another placement"
    );
    declare(&house, "{ news: { choose: mix } }").await;
    assert!(!details(&house, "news").await.contains("varied"), "taken back");
}

const PEOPLE: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn the_register_tells_how_open_lists_were_with_noise_once_a_day_is_over_and_goes_on_telling_it() {
    let ahead = Arc::new(AtomicI64::new(0));
    let clock: server::ingest::Clock = {
        let (ahead, now) = (Arc::clone(&ahead), server::ingest::clock::system());
        Arc::new(move || now().plus(ahead.load(Ordering::Relaxed)))
    };
    let folder = tempfile::tempdir().unwrap();
    let store = format!("embedded:{}", folder.path().join("store").display());
    let house = support::start_at(folder, clock.clone(), |settings| {
        settings.store.clone_from(&store)
    })
    .await;
    let mut messages = Vec::new();
    for p in 0..PEOPLE {
        let who = format!("p{p}");
        messages.push(agrees(&who, &[true, true, true]));
        for (ago, item) in (1..).zip(support::bought_by(p)) {
            messages.push(at(ago * DAY_MS, viewed(&who, &item)));
            messages.push(at(ago * DAY_MS - 60_000, bought(&who, &[item.as_str()])));
        }
    }
    house.send_all(&messages).await;
    house.learn().await;
    for p in 0..PEOPLE {
        let placement = if p < 40 { "cart" } else { "home" };
        for placement in ["home", placement] {
            list(&house, &format!("p{p}"), placement).await;
        }
    }
    let gauges = async |house: &House| -> Value {
        let answer = ask(house.address, Method::GET, "/register.json", &[], "").await;
        answer.json()["gauges"].clone()
    };
    assert_eq!(gauges(&house).await, json!([]), "the day is not over");
    ahead.fetch_add(DAY_MS, Ordering::Relaxed);
    house.app.gate.integrate().await.unwrap();
    let press = {
        let url = server::ingest::PublicUrl::parse(&house.settings.public_url).unwrap();
        server::register::Press::new(house.app.clone(), &house.settings, &url)
    };
    let edition = press.edition(std::time::Duration::ZERO).await.unwrap();
    let [home] = edition.register.gauges.as_slice() else {
        panic!("{:?}", edition.register.gauges)
    };
    assert_eq!(
        (home.placement.as_str(), home.people_at_least),
        ("home", 50),
        "40 people at the cart are few"
    );
    assert!(
        home.outside >= 0.0 && home.outside <= 1.0 && home.topics <= home.offered + 0.1,
        "{home:?}"
    );
    let exact = house.app.gate.house_value("gauges").await.unwrap().0;
    assert!(!exact.is_empty() && !String::from_utf8(exact).unwrap().contains("p1"));
    let told = home.clone();
    let page = ask(house.address, Method::GET, "/register?lang=fr", &[], "").await;
    assert_eq!(page.status, 200);

    drop((press, edition));
    let folder = house.stop().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let house = support::start_at(folder, clock, |settings| {
        settings.store = store;
        settings.listen = free;
    })
    .await;
    let again = gauges(&house).await;
    assert_eq!(
        again[0],
        serde_json::to_value(&told).unwrap(),
        "told over a restart as it was told"
    );
    let page = ask(house.address, Method::GET, "/register?lang=fr", &[], "").await;
    assert!(page.text().contains("data-testid=\"gauge\""), "{}", page.text());
    let base = format!("http://{}", house.address);
    tokio::task::spawn_blocking(move || browser::run("register.mjs", &[&base, "gauges"]))
        .await
        .unwrap();
    house.stop().await;
}
