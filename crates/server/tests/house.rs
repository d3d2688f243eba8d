//! The whole server, over real HTTP: recommendations with their reasons and receipts, what is never
//! said or kept, what happens when things break, and the demo page in a browser.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

#[path = "house/answers.rs"]
mod answers;
#[path = "house/audits.rs"]
mod audits;
mod browser;
#[path = "house/channels.rs"]
mod channels;
#[path = "house/consents.rs"]
mod consents;
#[path = "house/erased.rs"]
mod erased;
#[path = "house/faults.rs"]
mod faults;
#[path = "house/life.rs"]
mod life;
#[path = "house/me.rs"]
mod me;
#[path = "house/merging.rs"]
mod merging;
#[path = "house/openness.rs"]
mod openness;
#[path = "house/placements.rs"]
mod placements;
#[path = "house/private_learning.rs"]
mod private_learning;
#[path = "house/problems.rs"]
mod problems;
#[path = "house/quiet.rs"]
mod quiet;
#[path = "house/receipts.rs"]
mod receipts;
#[path = "house/register.rs"]
mod register;
#[path = "house/rights.rs"]
mod rights;
#[path = "../../receipt/tests/sample/mod.rs"]
mod sample;
#[path = "house/settings_found.rs"]
mod settings_found;
#[path = "house/support.rs"]
mod support;
#[path = "house/talk.rs"]
mod talk;
#[path = "house/team.rs"]
mod team;
#[path = "house/team_messages.rs"]
mod team_messages;
#[path = "house/team_recommendations.rs"]
mod team_recommendations;
#[path = "house/team_seen.rs"]
mod team_seen;
#[path = "house/unlearning.rs"]
mod unlearning;
#[path = "house/visible.rs"]
mod visible;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_can_be_walked_through_in_a_browser() {
    let house = support::learned().await;
    let base = format!("http://{}", house.address);
    tokio::task::spawn_blocking(move || browser::run("walk.mjs", &[&base]))
        .await
        .unwrap();
}

/// On a phone and on a desk, with and without script, on our own page and on a shop's page at another
/// origin: no is as easy as yes, and taking back as easy as giving.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_is_given_refused_and_taken_back_in_a_browser() {
    let free = || {
        std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
    };
    let (ours, shop) = (free(), free().port());
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.listen = ours;
        settings.public_url = format!("http://{ours}");
        settings.sources[0].origins = vec![format!("http://localhost:{shop}")];
    })
    .await;
    let (base, shop) = (format!("http://{}", house.address), shop.to_string());
    tokio::task::spawn_blocking(move || {
        browser::run(
            "consent.mjs",
            &[&base, &shop, support::WRITE_KEY, support::API_KEY],
        );
    })
    .await
    .unwrap();
}

/// Receipts, good and changed, as the script of `/verify` and this program judge them; and the page itself, on
/// a phone and on a desk, from the server and from a saved file without a network.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_and_this_program_agree_on_every_receipt() {
    let house = support::start_in_memory().await;
    let cases = receipts::cases();
    assert!(cases.len() > 500, "{}", cases.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    std::fs::write(&file, serde_json::to_vec(&cases).unwrap()).unwrap();
    let base = format!("http://{}", house.address);
    let key = sample::key(1).verifying_key().to_string();
    tokio::task::spawn_blocking(move || {
        browser::run("verify.mjs", &[&base, file.to_str().unwrap(), &key]);
    })
    .await
    .unwrap();
}

/// By a link, on a phone and on a desk, without script: every change one click there and one back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_walks_through_their_own_page_in_a_browser() {
    let ours = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.listen = ours;
        settings.public_url = format!("http://{ours}");
        settings.me.site = "Shop Example".to_owned();
        settings.me.contact = "privacy@shop.example".to_owned();
        settings.staff_keys = vec![server::settings::ApiKey {
            name: "Helen".to_owned(),
            key: me::STAFF.to_owned(),
        }];
    })
    .await;
    house.fill().await;
    house.learn().await;
    for width in [390, 1280] {
        visible::leaves(&house, width).await;
    }
    house.learn().await;
    house
        .send_all(&[serde_json::json!({
            "type": "identify", "messageId": "number", "userId": "p0", "traits": { "customer_number": "12" },
        })])
        .await;
    house
        .recommend(serde_json::json!({ "userId": "p0", "counterfactuals": 2 }))
        .await;
    let base = format!("http://{}", house.address);
    tokio::task::spawn_blocking(move || browser::run("me.mjs", &[&base, support::API_KEY, "p0"]))
        .await
        .unwrap();
}
