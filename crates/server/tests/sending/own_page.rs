//! What a person sees on their own page of what waits for them, what may have left, and the ways that are closed,
//! all at once, in a browser.

use super::*;
use gate::dispatch::{Feedback, Noted};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_sees_what_waits_what_is_in_doubt_and_which_ways_are_closed_in_a_browser() {
    let ours = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let shop = shop_with(|all| {
        all.listen = ours;
        all.public_url = format!("http://{ours}");
        all.me.site = "The shop".to_owned();
    })
    .await;
    shop.agrees("ann", &["Groups", "Texts", "Personal"]).await;
    let entries = async || shop.export("ann").await["outbox"].as_array().unwrap().clone();
    let text = async |state: &str| {
        let all = entries().await;
        let mut texts = all
            .into_iter()
            .filter(|one| one["channel"] == "sms" && one["name"] == "text");
        texts.find(|one| one["state"] == state)
    };
    shop.asks("ann", 1).await;
    until("a text is taken", async || text("accepted").await.is_some()).await;
    // The provider falls over the next one: nobody knows whether it left.
    shop.provider.answers(500);
    shop.asks("ann", 2).await;
    until("a text is in doubt, and a card waits", async || {
        text("in_doubt").await.is_some() && entries().await.iter().any(|one| one["state"] == "waits")
    })
    .await;
    // Then the first comes back: there is no such number.
    let taken = text("accepted").await.unwrap();
    let digits = taken["record"].as_str().unwrap();
    let byte = |place: usize| u8::from_str_radix(&digits[place * 2..place * 2 + 2], 16).unwrap();
    let reference = std::array::from_fn(byte);
    let noted = shop
        .house
        .app
        .gate
        .feedback(reference, Feedback::Bounced, shop.house.app.now())
        .await;
    assert!(matches!(noted.unwrap(), Noted::Closed(_)));
    // Somebody else, of whom nothing waits.
    shop.agrees("ben", &["Groups"]).await;

    let base = format!("http://{}", shop.house.address);
    tokio::task::spawn_blocking(move || browser::run("outbox.mjs", &[&base, support::API_KEY, "ann", "ben"]))
        .await
        .unwrap();
    shop.house.stop().await;
}
