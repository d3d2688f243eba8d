//! A visitor is joined to a customer over the API, and parted again.

use super::problems;
use super::support::{self, House, agrees, ask, key};
use hyper::Method;
use serde_json::{Value, json};

/// The same message of a visitor.
fn visits(mut message: Value) -> Value {
    let object = message.as_object_mut().unwrap();
    object.remove("userId");
    object.insert("anonymousId".to_owned(), json!("v1"));
    message
}

async fn post(house: &House, path: &str, body: Value) -> support::Answer {
    ask(house.address, Method::POST, path, &[key()], body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_joined_with_consent_and_parted_again() {
    let house = support::start_in_memory().await;
    let messages = [
        agrees("ann", &[true; 3]),
        support::bought("ann", &["i1"]),
        visits(agrees("x", &[true; 3])),
        visits(support::viewed("x", "i2")),
    ];
    house.send_all(&messages).await;
    let own = ["i1 viewed 0 added 0 bought 1"];
    let both = ["i1 viewed 0 added 0 bought 1", "i2 viewed 1 added 0 bought 0"];
    assert_eq!(house.known("ann").await, own);

    let wanted = |consent| json!({ "userId": "ann", "anonymousId": "v1", "consent": consent });
    let answer = post(&house, "/v1/merges", wanted(false)).await;
    problems::check(&answer, 422);
    assert_eq!(answer.json()["errors"][0]["pointer"], "/consent");
    assert_eq!(house.known("ann").await, own, "nothing without consent");
    let nobody = json!({ "userId": "ann", "anonymousId": "undefined", "consent": true });
    problems::check(&post(&house, "/v1/merges", nobody).await, 422);
    let unknown = json!({ "userId": "zoe@example.org", "anonymousId": "v1", "consent": true });
    let answer = post(&house, "/v1/merges", unknown).await;
    problems::check(&answer, 404);
    assert!(!answer.text().contains("zoe"));
    let stranger = ask(
        house.address,
        Method::POST,
        "/v1/merges",
        &[],
        wanted(true).to_string(),
    )
    .await;
    problems::check(&stranger, 401);

    let answer = post(&house, "/v1/merges", wanted(true)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let until: jiff::Timestamp = answer.json()["undo_until"].as_str().unwrap().parse().unwrap();
    let days = (until.as_millisecond() - house.app.now().0) / vocabulary::DAY_MS;
    assert!((29..=30).contains(&days), "{days}");
    assert_eq!(house.known("ann").await, both);

    let undo = json!({ "userId": "ann", "anonymousId": "v1" });
    assert_eq!(post(&house, "/v1/merges/undo", undo.clone()).await.status, 204);
    assert_eq!(house.known("ann").await, own);
    problems::check(&post(&house, "/v1/merges/undo", undo).await, 409);
}
