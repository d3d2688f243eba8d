//! The page of how good recommendations are: what it tells with and without a model, a measurement and a budget, to
//! whom, and how it looks.

use super::browser;
use super::support::{self, House, agrees, at, bought, start_in};
use super::team::{PASSWORD, demo_program, enter, fill, get};
use super::team_seen;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use server::team::roles::Role;
use server::work::learn_model::{self, Choice};
use vocabulary::DAY_MS;

/// Enough for some to be held back.
const PEOPLE: usize = 900;

/// People with days of their own, mostly in one category each.
async fn many(house: &House) {
    let mut messages = Vec::new();
    for p in 0..PEOPLE {
        let who = format!("m{p}");
        messages.push(agrees(&who, &[false, false, true]));
        for (ago, nth) in (1..6).zip([1, 3, 7, 13, 29]) {
            let category = if (p * nth) % 5 == 0 { p / 3 } else { p } % 3;
            let item = format!("i{}", category * 8 + (p * nth / 7) % 8);
            messages.push(at(ago * DAY_MS, bought(&who, &[item.as_str()])));
        }
    }
    house.send_all(&messages).await;
}

async fn with_budget(house: &House, training: &str) {
    let mut files = server::program::gather(&demo_program()).unwrap();
    let text = files.get_mut("program.yaml").unwrap();
    text.extend_from_slice(format!("\ntraining: {training}\n").as_bytes());
    let program = ::program::Program::read(files).unwrap_or_else(|faults| panic!("{faults}"));
    team_seen::in_force(house, &program).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_what_was_measured_and_says_so_where_nothing_was() {
    let house = support::start_in_memory().await;
    let members = fill(&house).await;
    let path = "/team/recommendations?lang=en";
    assert_eq!(get(&house, path, "").await.status, 401, "nobody is in");
    let mut cookie = String::new();
    for (role, secret, _) in &members {
        cookie = enter(&house, *role, secret, "").await;
        assert_eq!(get(&house, path, &cookie).await.status, 200, "{role:?}");
    }
    let page = get(&house, path, &cookie).await.text();
    for told in ["no-model", "not-measured", "no-budget"] {
        assert!(
            page.contains(&format!("data-testid=\"{told}\"")),
            "{told}: {page}"
        );
    }
    house.fill().await;
    house.learn().await;
    let page = get(&house, path, &cookie).await.text();
    assert!(
        page.contains("data-testid=\"model\"") && page.contains("not-measured"),
        "{page}"
    );
    assert!(page.contains("fewer than 50"), "few people are not told: {page}");

    many(&house).await;
    let learned = house.learn().await;
    let accuracy = learned.accuracy.unwrap();
    let page = get(&house, path, &cookie).await.text();
    assert!(page.contains(&learned.model.to_string()));
    for list in &accuracy.lists {
        let told = format!("{:.3} ± {:.3}", list.ndcg_100, list.ndcg_error);
        assert!(
            page.matches(&told).count() >= 2,
            "{told} is drawn and in the table"
        );
    }
    assert_eq!(
        page.matches("role=\"img\"").count(),
        2,
        "what was found and what the search gained"
    );
    let best = accuracy.trials.iter().filter(|trial| trial.better).count();
    assert_eq!(page.matches("<td>yes</td>").count(), best);
    assert!(!page.contains("m17"), "nobody is shown");
    let french = get(&house, "/team/recommendations?lang=fr", &cookie).await.text();
    assert!(french.contains("Ce que la plupart ont") && !french.contains("What most people have"));

    with_budget(&house, "{ epsilon: 10, lifetime_epsilon: 12 }").await;
    let choice = Choice::default();
    let learned = learn_model::run(&house.app, &choice, "the tests' shop")
        .await
        .unwrap();
    assert!(learned.privacy.is_some() && learned.accuracy.is_none());
    let page = get(&house, path, &cookie).await.text();
    assert!(
        page.contains("not-measured") && page.contains("egard eval --privacy"),
        "{page}"
    );
    assert!(page.contains("data-testid=\"releases\"") && page.contains("data-testid=\"spent\""));
    assert!(!page.contains("data-testid=\"trials\""), "of the model before");
}

/// On a phone and on a desk, in both languages, without script: first measured, then with a budget.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_recommendations_is_read_in_a_browser() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let house = start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.listen = free;
        settings.public_url = format!("http://{free}");
        settings.me.site = "Shop Example".to_owned();
    })
    .await;
    many(&house).await;
    house.learn().await;
    let members = fill(&house).await;
    let (_, _, shown) = members.iter().find(|(role, ..)| *role == Role::Marketer).unwrap();
    let codes = STANDARD.encode(shown.recovery.join(","));
    let base = format!("http://{}", house.address);
    let walk = async |state: &'static str| {
        let (base, codes) = (base.clone(), codes.clone());
        let walked = tokio::task::spawn_blocking(move || {
            browser::run("recommendations.mjs", &[&base, &codes, PASSWORD, state]);
        });
        walked.await.unwrap();
    };
    walk("measured").await;
    with_budget(&house, "{ epsilon: 10, lifetime_epsilon: 12 }").await;
    let choice = Choice::default();
    learn_model::run(&house.app, &choice, "the tests' shop")
        .await
        .unwrap();
    walk("budget").await;
}
