//! Recommendations: profiled for whom it is permitted, the same list for everybody else; reasons
//! that add up, promises that come true.

use super::support::{self, HIDDEN, House, OUT_OF_STOCK, agrees, ids};
use gate::{Act, Whom};
use serde_json::{Value, json};
use vocabulary::PurposeName;

fn policies(answer: &Value) -> Vec<&str> {
    let policies = answer["policies"].as_array().unwrap();
    policies
        .iter()
        .map(|policy| {
            assert!(!policy["words"].as_str().unwrap().is_empty(), "{policy}");
            policy["id"].as_str().unwrap()
        })
        .collect()
}

/// Profiled, and every number in the JSON itself adds up.
fn check_profiled(answer: &Value) {
    assert_eq!(answer["mode"], "profiled");
    assert_eq!(answer["purpose"], "personalise");
    assert!(!policies(answer).is_empty());
    assert_eq!(answer["record"].as_str().unwrap().len(), 32);
    let items = answer["items"].as_array().unwrap();
    assert!(!items.is_empty());
    let mut last = f64::INFINITY;
    for item in items {
        let score = item["score"].as_f64().unwrap();
        let reasons = item["reasons"].as_array().unwrap();
        let sum: f64 = reasons
            .iter()
            .map(|reason| reason["amount"].as_f64().unwrap())
            .sum();
        assert!((sum - score).abs() <= 1e-6, "{sum} is not {score}: {item}");
        // What is drawn has a place of its own.
        if item["propensity"].is_null() {
            assert!(score <= last, "not best first: {answer}");
            last = score;
        }
    }
    assert!(
        items
            .iter()
            .any(|item| item["reasons"].as_array().unwrap().len() > 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_agreed_gets_a_list_of_their_own_whose_reasons_add_up() {
    let house = support::learned().await;
    for who in ["p0", "p1", "p2", "p20"] {
        check_profiled(&house.recommend(json!({ "userId": who, "count": 20 })).await);
    }
    let [one, two] = [
        house.recommend(json!({ "userId": "p0" })).await,
        house.recommend(json!({ "userId": "p1" })).await,
    ];
    assert_ne!(ids(&one), ids(&two), "two histories, one list");
    assert_eq!(one["model"], two["model"]);
    assert_ne!(one["record"], two["record"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_else_gets_one_list_and_nothing_of_theirs_is_opened() {
    let house = support::learned().await;
    let openings = || house.app.gate.openings(PurposeName::Personalise);
    // Somebody who agreed and took it back, also for this page view's sake.
    house
        .app
        .gate
        .choose(
            &Whom {
                user_id: Some("p5"),
                anonymous_id: None,
            },
            &[(PurposeName::Personalise, false)],
            "privacy-centre",
            house.app.now(),
        )
        .await
        .unwrap()
        .unwrap();
    let before = openings();
    let everybody = [
        (json!({ "userId": "refuser" }), None, "charter/no-consent"),
        (json!({ "userId": "part" }), None, "charter/no-consent"),
        (json!({ "userId": "silent" }), None, "charter/no-consent"),
        (json!({ "userId": "p5" }), None, "charter/no-consent"),
        (json!({ "userId": "nobody we know" }), None, "charter/no-consent"),
        (json!({ "anonymousId": "a-visitor" }), None, ""),
        (json!({}), None, ""),
        (
            json!({ "userId": "p0" }),
            Some(("sec-gpc", "1")),
            "charter/signal-gpc",
        ),
    ];
    let mut lists = Vec::new();
    for (mut wanted, header, policy) in everybody {
        wanted["placement"] = json!("home");
        let headers: Vec<_> = header.into_iter().collect();
        let answer = house.recommend_with(&headers, wanted.to_string()).await.json();
        assert_eq!(answer["mode"], "contextual", "{wanted}");
        let named = policies(&answer);
        assert!(!named.is_empty(), "{wanted}");
        assert!(
            policy.is_empty() || named.contains(&policy),
            "{wanted}: {named:?}"
        );
        assert_eq!(answer["counterfactuals"], json!([]), "{wanted}");
        assert!(
            answer["items"].as_array().unwrap().iter().all(|item| {
                let reasons = item["reasons"].as_array().unwrap();
                reasons.iter().all(|reason| reason["because"].is_null())
            }),
            "{wanted}: something of a history is named"
        );
        lists.push((ids(&answer), answer["items"].clone()));
    }
    assert_eq!(
        openings(),
        before,
        "somebody was opened for a list that is not theirs"
    );
    assert!(!lists[0].0.is_empty());
    assert!(lists.iter().all(|list| *list == lists[0]), "not the same for all");
    // The same person without the signal is opened: the count does count.
    house.recommend(json!({ "userId": "p0" })).await;
    assert!(openings() > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_is_the_value_1_and_nothing_else() {
    let house = support::learned().await;
    for (value, mode) in [("1", "contextual"), ("0", "profiled"), ("true", "profiled")] {
        let wanted = json!({ "userId": "p0", "placement": "home" }).to_string();
        let answer = house.recommend_with(&[("sec-gpc", value)], wanted).await.json();
        assert_eq!(answer["mode"], mode, "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_holds_from_the_next_answer_on() {
    let house = support::learned().await;
    let mode = async || house.recommend(json!({ "userId": "p7" })).await["mode"].clone();
    assert_eq!(mode().await, "profiled");
    let now = |mut message: Value| {
        message.as_object_mut().unwrap().remove("timestamp");
        message
    };
    house.send_all(&[now(agrees("p7", &[false, true, true]))]).await;
    assert_eq!(mode().await, "contextual");
    // Times are whole milliseconds: a later word must be later.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    house.send_all(&[now(agrees("p7", &[true, true, true]))]).await;
    assert_eq!(mode().await, "profiled");
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_and_rules_are_told_in_french_and_in_english() {
    let house = support::learned().await;
    let [english, french] = [
        house.recommend(json!({ "userId": "p0", "language": "en" })).await,
        house.recommend(json!({ "userId": "p0", "language": "fr" })).await,
    ];
    assert_eq!(ids(&english), ids(&french));
    for (place, item) in french["items"].as_array().unwrap().iter().enumerate() {
        let (en, fr) = (
            english["items"][place]["sentence"].as_str().unwrap(),
            item["sentence"].as_str().unwrap(),
        );
        assert!(fr != en && !fr.contains("Because") && !fr.contains('\''), "{fr}");
        assert!(!en.contains("Pourquoi"), "{en}");
    }
    let first = french["items"][0]["sentence"].as_str().unwrap();
    assert!(first.starts_with("Pourquoi\u{202f}: "), "{first}");
    assert!(
        english["items"][0]["sentence"]
            .as_str()
            .unwrap()
            .starts_with("Because ")
    );
    assert_ne!(english["policies"][0]["words"], french["policies"][0]["words"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_item_the_list_is_exactly_the_one_that_was_promised() {
    let house = support::learned().await;
    let wanted = |who: &str| json!({ "userId": who, "count": 8, "counterfactuals": 3, "filters": { "excludeBought": true } });
    let mut changed = 0;
    for who in ["p0", "p4", "p11", "p17"] {
        let before = house.recommend(wanted(who)).await;
        let promise = &before["counterfactuals"][0];
        let without = promise["without"].as_str().unwrap();
        let whom = Whom {
            user_id: Some(who),
            anonymous_id: None,
        };
        let act = Act::Forget(without.to_owned());
        house
            .app
            .gate
            .act(&whom, act, "privacy-centre", house.app.now())
            .await
            .unwrap()
            .unwrap();
        let after = house.recommend(wanted(who)).await;
        assert_eq!(json!(ids(&after)), promise["items"], "{who} without {without}");
        check_profiled(&after);
        assert!(
            !after["items"].as_array().unwrap().iter().any(|item| {
                let reasons = item["reasons"].as_array().unwrap();
                reasons.iter().any(|reason| reason["because"] == without)
            }),
            "a forgotten item still gives reasons"
        );
        changed += usize::from(ids(&before) != ids(&after));
    }
    assert!(changed > 0, "no item of any history changed any list");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_the_shop_hold_and_what_they_took_out_is_named() {
    let house = support::learned().await;
    let excluded = |answer: &Value| -> Vec<(String, String)> {
        let all = answer["excluded"].as_array().unwrap();
        all.iter()
            .map(|e| {
                (
                    e["id"].as_str().unwrap().to_owned(),
                    e["rule"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    };
    let named = async |house: &House, wanted: Value| {
        let answer = house.recommend(wanted).await;
        (ids(&answer), excluded(&answer))
    };
    let pair = |id: &str, rule: &str| (id.to_owned(), rule.to_owned());

    // Everything: neither what is hidden nor what is sold out, and both are named.
    let (all, out) = named(&house, json!({ "userId": "p0", "count": 100 })).await;
    assert!(!all.contains(&HIDDEN.to_owned()) && !all.contains(&OUT_OF_STOCK.to_owned()));
    assert!(out.contains(&pair(HIDDEN, "hidden")), "{out:?}");
    assert!(out.contains(&pair(OUT_OF_STOCK, "out_of_stock")), "{out:?}");
    let bought = support::bought_by(0);
    assert!(
        bought.iter().any(|item| all.contains(item)),
        "nothing is offered again"
    );

    // Without what was bought already.
    let filters = json!({ "excludeBought": true });
    let (fresh, out) = named(
        &house,
        json!({ "userId": "p0", "count": 100, "filters": filters }),
    )
    .await;
    assert!(
        !fresh.is_empty() && bought.iter().all(|item| !fresh.contains(item)),
        "{fresh:?}"
    );
    assert!(out.iter().any(|(_, rule)| rule == "already_bought"), "{out:?}");

    // One category, for a person and for a visitor.
    for who in [json!({ "userId": "p0" }), json!({ "anonymousId": "v" })] {
        let mut wanted = who;
        wanted["filters"] = json!({ "categories": ["c1"] });
        wanted["count"] = json!(100);
        let (some, _) = named(&house, wanted).await;
        assert!(!some.is_empty());
        for item in some {
            let number: usize = item[1..].parse().unwrap();
            assert_eq!(number / 8, 1, "{item} is of another category");
        }
    }
    let nothing = json!({ "userId": "p0", "filters": { "categories": ["no such"] } });
    assert!(named(&house, nothing).await.0.is_empty());
    let (three, _) = named(&house, json!({ "userId": "p0", "count": 3 })).await;
    assert_eq!(three.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_anything_was_learned_the_answer_says_so() {
    let house = support::start_in_memory().await;
    let answer = house.recommend_with(&[], r#"{"placement":"home"}"#).await;
    super::problems::check(&answer, 503);
    assert_eq!(answer.json()["type"], "/problems/no-model");
}
