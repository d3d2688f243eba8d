//! The dial, what is said of topics and the answers to what was shown, over real HTTP: each counts at the very next
//! list, is the person's alone, stands in their export and explains itself.

use super::me::{Browser, api, house};
use super::support::{self, House, ask, ids};
use super::talk::asserted;
use hyper::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn list(house: &House, count: usize) -> Value {
    house
        .recommend(json!({ "userId": "p0", "count": count, "language": "en" }))
        .await
}

fn slots<'v>(answer: &'v Value, slot: &str) -> Vec<&'v Value> {
    let items = answer["items"].as_array().unwrap().iter();
    items.filter(|item| item["slot"] == slot).collect()
}

fn of(answer: &Value, category: &str) -> usize {
    let items = answer["items"].as_array().unwrap().iter();
    items.filter(|item| item["category"] == category).count()
}

fn outside(answer: &Value) -> usize {
    let items = answer["items"].as_array().unwrap().iter();
    items.filter(|item| item["outside"] == true).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dial_counts_at_the_very_next_list_and_stands_on_the_page() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let page = browser.page().await;
    assert!(
        page.contains("value=\"middle\" aria-describedby=\"step-middle-words\" checked"),
        "the middle is the default"
    );
    let middle = list(&house, 10).await;
    assert!(outside(&middle) >= 2, "{middle}");
    browser.act(&[("act", "openness"), ("openness", "close")]).await;
    let close = list(&house, 10).await;
    assert!(
        close["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["slot"] == "chosen"),
        "{close}"
    );
    browser
        .act(&[("act", "openness"), ("openness", "surprise"), ("discovery", "on")])
        .await;
    let open = list(&house, 10).await;
    assert!(outside(&open) >= 5, "{open}");
    for item in open["items"].as_array().unwrap() {
        assert_eq!(
            item["outside"] == true || item["slot"] != "chosen",
            item["label"].is_string(),
            "{item}"
        );
    }
    let page = browser.page().await;
    assert!(page.contains("value=\"surprise\" aria-describedby=\"step-surprise-words\" checked"));
    assert!(page.contains("data-testid=\"gauge\"") && page.contains("<svg class=\"gauge\""));
    assert!(page.contains("the dial at “Surprise me”"), "the timeline says it");
    // A step that there is not changes nothing.
    browser.act(&[("act", "openness"), ("openness", "wider")]).await;
    assert_eq!(ids(&list(&house, 10).await), ids(&open));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_topic_counts_at_once_and_can_be_taken_back() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let before = list(&house, 10).await;
    let topic = |name: &'static str, value: &'static str| {
        let browser = &browser;
        async move {
            browser
                .act(&[("act", "topic"), ("name", name), ("value", value)])
                .await
        }
    };
    topic("c2", "interested").await;
    let after = list(&house, 10).await;
    assert_eq!(after["items"][0]["category"], "c2", "{after}");
    assert!(of(&after, "c2") >= 2);
    let reasons = after["items"][0]["reasons"].as_array().unwrap();
    assert!(
        reasons.iter().any(|reason| reason["channel"] == "interest"),
        "{reasons:?}"
    );
    topic("c0", "never").await;
    assert_eq!(of(&list(&house, 20).await, "c0"), 0);
    topic("c0", "less").await;
    assert!(of(&list(&house, 10).await, "c0") <= of(&before, "c0"));
    topic("c0", "none").await;
    topic("c2", "none").await;
    assert_eq!(ids(&list(&house, 10).await), ids(&before));
    topic("no such topic", "interested").await;
    assert!(!browser.page().await.contains("data-testid=\"said-topic\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discovery_is_labelled_answered_with_one_click_and_switched_off() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let shown = list(&house, 10).await;
    let discoveries = slots(&shown, "discovery");
    assert_eq!(discoveries.len(), 1, "{shown}");
    assert_eq!(discoveries[0]["label"], "A discovery, outside your habits");
    let chance = discoveries[0]["propensity"].as_f64().unwrap();
    assert!(chance > 0.0 && chance <= 1.0);
    let (item, category) = (
        discoveries[0]["id"].as_str().unwrap(),
        discoveries[0]["category"].as_str().unwrap(),
    );
    let page = browser.page().await;
    assert!(
        page.contains(&format!("data-testid=\"discovery\" data-item=\"{item}\"")),
        "it can be answered on the page"
    );
    browser.act(&[("act", "more"), ("item", item)]).await;
    let after = list(&house, 10).await;
    assert_eq!(after["items"][0]["category"], category, "more of it comes first");
    browser.act(&[("act", "less"), ("item", item)]).await;
    let lowered = list(&house, 10).await;
    assert!(
        slots(&lowered, "discovery")
            .iter()
            .all(|one| one["category"] != category)
    );
    browser.act(&[("act", "mute"), ("item", item)]).await;
    assert!(!ids(&list(&house, 24).await).contains(&item.to_owned()));
    browser.act(&[("act", "openness"), ("openness", "middle")]).await;
    assert!(
        slots(&list(&house, 20).await, "discovery").is_empty(),
        "the box was not ticked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_person_sets_it_and_an_export_says_it() {
    let house = house().await;
    let wishes = json!({ "openness": "wide", "discovery": false, "topics": { "c1": "interested" } });
    // A key of the site is not enough.
    let refused = api(&house, "/v1/openness", json!({ "preferences": wishes })).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let wrong = json!({ "preferences": { "topics": { "nowhere": "interested" } }, "assertion": "a.b.c" });
    assert_eq!(api(&house, "/v1/openness", wrong).await.status, 422);
    let stated = json!({ "preferences": wishes, "assertion": asserted(&house, "p0", "0123456789abcdef") });
    let stated = ask(
        house.address,
        Method::POST,
        "/v1/openness",
        &[],
        stated.to_string(),
    )
    .await;
    assert_eq!(stated.status, 200, "{}", stated.text());
    assert_eq!(stated.json()["preferences"], wishes);
    assert_eq!(stated.json()["kept"], true);
    let offered: BTreeSet<String> = serde_json::from_value(stated.json()["topics"].clone()).unwrap();
    assert!(offered.contains("c0"));
    let after = list(&house, 10).await;
    assert_eq!(after["items"][0]["category"], "c1");
    let item = after["items"][0]["id"].clone();
    let answer =
        json!({ "item": item, "answer": "never", "assertion": asserted(&house, "p0", "1123456789abcdef") });
    let answer = ask(
        house.address,
        Method::POST,
        "/v1/openness/answers",
        &[],
        answer.to_string(),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!ids(&list(&house, 24).await).contains(&item.as_str().unwrap().to_owned()));
    let browser = Browser::enter(&house, "p0").await;
    let export = browser.get("/me/download?form=json").await.json();
    assert_eq!(export["preferences"]["preferences"], wishes);
    assert!(export["preferences"]["said_at"].is_string());
    // Of somebody nobody knows nothing is kept.
    let nobody =
        json!({ "preferences": wishes, "assertion": asserted(&house, "nobody we know", "2123456789abcdef") });
    let nobody = ask(
        house.address,
        Method::POST,
        "/v1/openness",
        &[],
        nobody.to_string(),
    )
    .await;
    assert_eq!(nobody.json()["kept"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_explains_what_was_left_out_by_whom_and_what_would_change_it() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let first = list(&house, 6).await;
    let top = first["items"][0]["id"].as_str().unwrap();
    browser.act(&[("act", "mute"), ("item", top)]).await;
    let shown = list(&house, 6).await;
    let record = shown["record"].as_str().unwrap();
    let page = browser.get(&format!("/me/records/{record}?lang=en")).await.text();
    assert!(
        page.contains("Your dial stood at “Some of it beyond my habits”"),
        "{page}"
    );
    assert!(page.contains("data-testid=\"left-out-by-you\"") && page.contains("you never want to see it"));
    assert!(page.contains("data-testid=\"changes\"") && page.contains("With the dial at “"));
    assert!(page.contains("With personalisation off"));
    let french = browser.get(&format!("/me/records/{record}?lang=fr")).await.text();
    assert!(french.contains("Sans personnalisation") && french.contains("vous ne voulez jamais le voir"));
    // What was promised for a step is what comes at that step.
    let demo = ask(house.address, Method::GET, "/demo?customer=p0&lang=en", &[], "")
        .await
        .text();
    assert!(demo.contains("data-testid=\"steps\""), "{demo}");
    assert_eq!(demo.matches("<ol>").count(), 5, "five steps, each with its list");
    assert!(support::bought_by(0).len() > 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_profiled_gets_the_list_of_everybody_with_a_place_for_small_items() {
    let house = house().await;
    let ask_as = async |who: &str| house.recommend(json!({ "userId": who, "count": 10 })).await;
    let (one, other) = (ask_as("refuser").await, ask_as("silent").await);
    assert_eq!(ids(&one), ids(&other), "drawn for nobody");
    assert_eq!(slots(&one, "exposure").len(), 1, "{one}");
    assert!(slots(&one, "discovery").is_empty() && outside(&one) == 0);
}
