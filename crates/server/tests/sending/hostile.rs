//! Receivers of requests that do not behave: they redirect, trickle, and never end.

use super::receiver::Manner;
use super::*;

/// The states of what one way carried for somebody, as their export tells them.
async fn states(shop: &Shop, who: &str, channel: &str) -> Vec<String> {
    let exported = shop.export(who).await;
    let each = exported["outbox"].as_array().unwrap().iter();
    each.filter(|one| one["channel"] == channel)
        .map(|one| one["state"].as_str().unwrap().to_owned())
        .collect()
}

fn texts(shop: &Shop) -> usize {
    shop.provider.seen().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_redirects_trickles_or_never_ends_is_given_up_on_blocks_nobody_and_gets_nothing_twice()
 {
    let shop = shop().await;
    // Elsewhere is the push service, which would listen.
    shop.provider
        .behaves(Manner::Elsewhere(shop.push.url("/elsewhere")));
    shop.agrees("ann", &["Groups", "Texts"]).await;
    shop.asks("ann", 1).await;
    until("what the redirect means is settled", async || {
        let told = shop.told("ann").await;
        told.iter()
            .any(|one| matches!(one["outcome"].as_str(), Some("in_doubt" | "refused")))
    })
    .await;
    assert!(shop.push.seen().is_empty(), "the redirect was followed");

    // The status is the answer; what follows without end is not waited for, and takes nothing away from it.
    shop.provider.behaves(Manner::Endless);
    shop.agrees("ben", &["Groups", "Texts"]).await;
    shop.asks("ben", 1).await;
    until("the text is taken", async || {
        states(&shop, "ben", "sms").await == ["accepted"]
    })
    .await;

    // A head that comes byte by byte is given up on, and meanwhile others get theirs.
    shop.provider.behaves(Manner::Trickle);
    shop.agrees("cid", &["Groups", "Texts"]).await;
    shop.asks("cid", 1).await;
    until("the provider has the text, and says nothing", async || {
        texts(&shop) == 3
    })
    .await;
    shop.agrees("dan", &["Groups", "Letters"]).await;
    shop.asks("dan", 1).await;
    until("a letter passes by", async || !shop.mail.mails().is_empty()).await;
    assert_eq!(
        states(&shop, "cid", "sms").await,
        ["leaving"],
        "the letter waited for the provider"
    );
    until("the text is in doubt", async || {
        states(&shop, "cid", "sms").await == ["in_doubt"]
    })
    .await;

    // What is in doubt is left alone, also when the provider is itself again; the next one goes.
    shop.provider.behaves(Manner::Plain);
    shop.agrees("eve", &["Groups", "Texts"]).await;
    shop.asks("eve", 1).await;
    until("the next text is taken", async || {
        states(&shop, "eve", "sms").await == ["accepted"]
    })
    .await;
    assert_eq!(texts(&shop), 4, "a text was sent again");
    assert!(shop.push.seen().is_empty());
    shop.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_redirects_leads_nowhere_and_what_it_was_told_stays_there() {
    let shop = shop().await;
    shop.crm.behaves(Manner::Elsewhere(shop.push.url("/elsewhere")));
    shop.agrees("ann", &["Groups", "Texts"]).await;
    shop.asks("ann", 1).await;
    until("the other system was told", async || !shop.crm.seen().is_empty()).await;
    // A text after it: whatever the answer led to has happened.
    until("the text is taken", async || {
        states(&shop, "ann", "sms").await == ["accepted"]
    })
    .await;
    until("the answer is noted", async || {
        let exported = shop.export("ann").await;
        let mut each = exported["outbox"].as_array().unwrap().iter();
        each.all(|one| one["state"] != "leaving")
    })
    .await;
    assert!(shop.push.seen().is_empty(), "the redirect was followed");
    shop.house.stop().await;
}
