//! Consent over HTTP: the API, the page's form, the dialogue's endpoints, and what a browser's headers
//! say. Off means off at the next decision, whichever way it came.

use super::problems::check;
use super::support::{self, Answer, House, SHOP, WRITE_KEY, ask, ids, key, viewed};
use hyper::Method;
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");
const EVERYTHING: [&str; 3] = ["personalise", "segment", "train"];

async fn api(house: &House, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let headers = [headers, &[key()]].concat();
    ask(house.address, Method::POST, path, &headers, body.to_string()).await
}

async fn dialogue(house: &House, path: &str, origin: &str, body: &Value) -> Answer {
    let headers = [JSON, ("origin", origin)];
    ask(house.address, Method::POST, path, &headers, body.to_string()).await
}

/// The states that the API answers, as `personalise ConsentGiven`.
async fn states(house: &House, whom: Value) -> Vec<String> {
    let answer = api(house, "/v1/consents/state", &[], &whom).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let purposes = answer.json()["purposes"].as_array().unwrap().clone();
    let shown = |p: &Value| {
        format!(
            "{} {}",
            p["purpose"].as_str().unwrap(),
            p["state"].as_str().unwrap()
        )
    };
    purposes
        .iter()
        .filter(|p| EVERYTHING.contains(&p["purpose"].as_str().unwrap()))
        .map(shown)
        .collect()
}

fn all(state: &str) -> Vec<String> {
    EVERYTHING
        .iter()
        .map(|purpose| format!("{purpose} {state}"))
        .collect()
}

/// The notice as `/consent/notice.json` shows it.
async fn notice(house: &House, language: &str) -> Value {
    let path = format!("/consent/notice.json?lang={language}");
    ask(house.address, Method::GET, &path, &[], "").await.json()
}

fn stated(user: &str, yes: bool) -> Value {
    json!({
        "userId": user, "action": if yes { "accept_all" } else { "refuse_all" },
        "choices": { "personalise": yes, "segment": yes, "train": yes },
        "notice": { "id": "shop", "version": 1, "language": "fr" }, "page": "https://shop.example/x?email=z",
    })
}

async fn mode(house: &House, user: &str, headers: &[(&str, &str)]) -> String {
    let body = json!({ "userId": user, "placement": "home" }).to_string();
    let answer = house.recommend_with(headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["mode"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_stated_by_the_site_is_proven_and_decides_at_once() {
    let house = support::learned().await;
    assert_eq!(mode(&house, "silent", &[]).await, "contextual");
    let answer = api(&house, "/v1/consents", &[], &stated("silent", true)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let given = answer.json();
    assert!(
        given["kept"].as_bool().unwrap() && !given["ask"].as_bool().unwrap(),
        "{given}"
    );
    assert_eq!(given["record"].as_str().unwrap().len(), 32, "{given}");
    house
        .send_all(&[viewed("silent", "i1"), viewed("silent", "i2")])
        .await;
    assert_eq!(mode(&house, "silent", &[]).await, "profiled");
    let answer = api(&house, "/v1/consents", &[], &stated("silent", false)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(mode(&house, "silent", &[]).await, "contextual");
    assert_eq!(
        states(&house, json!({ "userId": "silent" })).await,
        all("ConsentWithdrawn")
    );
    let asked = api(&house, "/v1/consents/state", &[], &json!({ "userId": "silent" }))
        .await
        .json();
    assert_eq!(asked["ask"], false, "who took it back is asked again: {asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_without_the_words_that_were_shown_is_refused_and_nothing_is_repeated() {
    let house = support::start_in_memory().await;
    let with = |field: &str, value: Value| {
        let mut body = stated("zoe@example.org", true);
        body[field] = value;
        body
    };
    for (body, status) in [
        (with("notice", Value::Null), 422),
        (
            with("notice", json!({ "id": "shop", "version": 2, "language": "fr" })),
            409,
        ),
        (
            with(
                "notice",
                json!({ "id": "tell-tale", "version": 1, "language": "fr" }),
            ),
            409,
        ),
        (
            with(
                "notice",
                json!({ "id": "shop", "version": 1, "language": "fr", "textHash": "0".repeat(64) }),
            ),
            409,
        ),
        (
            with(
                "notice",
                json!({ "id": "shop", "version": 1, "language": "fr", "textHash": "tell-tale" }),
            ),
            422,
        ),
        (with("choices", json!({ "tell-tale": true })), 422),
        (with("choices", json!({ "service": true })), 422),
        (with("choices", json!({ "market_by_email": true })), 422),
        (with("choices", json!({})), 422),
        (with("action", json!("tell-tale")), 422),
        (with("action", json!("signal")), 422),
        (with("page", json!("x".repeat(3000))), 422),
        (with("userId", Value::Null), 422),
        (with("userId", json!("undefined")), 422),
        (with("tell-tale", json!(1)), 400),
    ] {
        let answer = api(&house, "/v1/consents", &[], &body).await;
        check(&answer, status);
        for sent in ["zoe@example.org", "tell-tale"] {
            assert!(!answer.text().contains(sent), "{}", answer.text());
        }
    }
    assert_eq!(
        states(&house, json!({ "userId": "zoe@example.org" })).await,
        all("ConsentUnknown")
    );
    let keyless = ask(
        house.address,
        Method::POST,
        "/v1/consents",
        &[],
        stated("x", true).to_string(),
    )
    .await;
    check(&keyless, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_adpc_takes_back_is_off_for_this_request_and_for_the_next() {
    let house = support::learned().await;
    assert_eq!(mode(&house, "p0", &[]).await, "profiled");
    assert_eq!(
        mode(&house, "p0", &[("adpc", "withdraw=*, object=direct-marketing")]).await,
        "contextual"
    );
    assert_eq!(
        mode(&house, "p0", &[]).await,
        "contextual",
        "forgotten with the header"
    );
    assert_eq!(
        states(&house, json!({ "userId": "p0" })).await,
        all("ConsentWithdrawn")
    );
    let state = api(&house, "/v1/consents/state", &[], &json!({ "userId": "p0" }))
        .await
        .json();
    assert_eq!(state["objectsToMarketing"], true, "{state}");

    // A repeated header is no act: what the person switched off stays off.
    let requests = ask(house.address, Method::GET, "/consent-requests.json", &[], "")
        .await
        .json();
    let listed = requests["consentRequests"].as_array().unwrap().clone();
    let list: Vec<&str> = listed.iter().map(|r| r["id"].as_str().unwrap()).collect();
    let consents = format!("consent=\"{}\"", list.join(" "));
    assert_eq!(mode(&house, "p0", &[("adpc", &consents)]).await, "contextual");
    assert_eq!(
        states(&house, json!({ "userId": "p0" })).await,
        all("ConsentWithdrawn")
    );

    // Whoever never answered is answered for, for the very words in force and no others.
    let old = "consent=\"personalise.000000000000 segment train\"";
    assert_eq!(mode(&house, "silent", &[("adpc", old)]).await, "contextual");
    assert_eq!(
        states(&house, json!({ "userId": "silent" })).await,
        all("ConsentUnknown")
    );
    mode(&house, "silent", &[("adpc", &consents)]).await;
    assert_eq!(
        states(&house, json!({ "userId": "silent" })).await,
        all("ConsentGiven")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_adpc_takes_back_with_an_event_is_off_at_the_next_decision() {
    let house = support::learned().await;
    assert_eq!(mode(&house, "p1", &[]).await, "profiled");
    let body = json!({ "batch": [viewed("p1", "i5")], "writeKey": WRITE_KEY }).to_string();
    let headers = [(
        "adpc",
        "withdraw=\"personalise.whatever\", object=direct-marketing",
    )];
    let answer = ask(house.address, Method::POST, "/v1/batch", &headers, body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(mode(&house, "p1", &[]).await, "contextual");
    let left = states(&house, json!({ "userId": "p1" })).await;
    assert_eq!(left[0], "personalise ConsentWithdrawn");
    let state = api(&house, "/v1/consents/state", &[], &json!({ "userId": "p1" }))
        .await
        .json();
    assert_eq!(state["objectsToMarketing"], true, "{state}");
    assert_eq!(
        left[1..],
        all("ConsentGiven")[1..],
        "only what was named is taken back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_learn_what_is_asked_and_which_signals_are_followed() {
    let house = support::start_in_memory().await;
    let get =
        async |path: &str, headers: &[(&str, &str)]| ask(house.address, Method::GET, path, headers, "").await;
    let gpc = get("/.well-known/gpc.json", &[]).await;
    assert_eq!(gpc.headers["content-type"], "application/json");
    assert_eq!(gpc.json()["gpc"], true);
    let french = get(
        "/consent-requests.json",
        &[("accept-language", "fr-CH, en;q=0.5")],
    )
    .await;
    let english = get("/consent-requests.json", &[("accept-language", "en")]).await;
    assert_eq!(french.headers["content-language"], "fr");
    assert_eq!(french.headers["access-control-allow-origin"], "*");
    let list = |answer: &Answer, field: &str| -> Vec<String> {
        let list = answer.json()["consentRequests"].as_array().unwrap().clone();
        list.iter()
            .map(|request| request[field].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        list(&french, "id"),
        list(&english, "id"),
        "one question has two names"
    );
    assert_ne!(list(&french, "text"), list(&english, "text"));
    assert_eq!(list(&english, "id").len(), 3);
    let page = get("/consent?lang=fr", &[]).await;
    let link = page.headers["link"].to_str().unwrap().to_owned();
    assert_eq!(
        link,
        "<https://public.example/consent-requests.json>; rel=\"consent-requests\"; hreflang=\"en fr\""
    );
    assert!(
        page.headers.get("set-cookie").is_none(),
        "a cookie before a choice"
    );
    assert!(!gpc.headers.contains_key("link"), "only pages ask");

    let quiet = support::start_in(tempfile::tempdir().unwrap(), |settings| settings.notices.clear()).await;
    let page = ask(quiet.address, Method::GET, "/consent", &[], "").await;
    assert_eq!(page.headers["link"], "<about:blank>; rel=\"consent-requests\"");
    assert!(!page.text().contains("<form"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dialogue_is_answered_on_pages_of_its_site_only() {
    let house = support::start_in_memory().await;
    let words = notice(&house, "fr").await;
    let choice = |visitor: &str, yes: bool| {
        json!({
            "writeKey": WRITE_KEY, "anonymousId": visitor, "notice": "shop", "version": 1, "language": "fr",
            "textHash": words["textHash"], "action": if yes { "accept_all" } else { "withdraw" },
            "choices": { "personalise": yes, "segment": yes, "train": yes }, "page": "shop.example/x",
        })
    };
    for origin in ["https://evil.example", "null", "https://shop.example.evil", ""] {
        let answer = dialogue(&house, "/consent/choice", origin, &choice("v-1", true)).await;
        check(&answer, 403);
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    let mut other = choice("v-1", true);
    other["writeKey"] = json!("another-key");
    check(&dialogue(&house, "/consent/choice", SHOP, &other).await, 403);
    let simple = [("content-type", "text/plain"), ("origin", SHOP)];
    let body = choice("v-1", true).to_string();
    check(
        &ask(house.address, Method::POST, "/consent/choice", &simple, body).await,
        400,
    );
    let mut customer = choice("v-1", true);
    customer["userId"] = json!("p0");
    check(&dialogue(&house, "/consent/choice", SHOP, &customer).await, 400);
    let v = json!({ "anonymousId": "v-1" });
    assert_eq!(
        states(&house, v.clone()).await,
        all("ConsentUnknown"),
        "a page that is not ours chose"
    );

    let preflight = ask(
        house.address,
        Method::OPTIONS,
        "/consent/choice",
        &[("origin", SHOP)],
        "",
    )
    .await;
    assert_eq!(preflight.headers["access-control-allow-origin"], SHOP);
    assert!(!preflight.headers.contains_key("access-control-allow-credentials"));
    let given = dialogue(&house, "/consent/choice", SHOP, &choice("v-1", true)).await;
    assert_eq!(given.status, 200, "{}", given.text());
    assert_eq!(given.headers["access-control-allow-origin"], SHOP);
    assert!(
        given.headers.get("set-cookie").is_none(),
        "the cookie is the page's own"
    );
    assert_eq!(states(&house, v.clone()).await, all("ConsentGiven"));
    let asked = json!({ "writeKey": WRITE_KEY, "anonymousId": "v-1" });
    let state = dialogue(&house, "/consent/state", SHOP, &asked).await.json();
    assert_eq!(
        state,
        json!({ "ask": [], "given": EVERYTHING, "answeredBy": null })
    );
    let taken = dialogue(&house, "/consent/choice", SHOP, &choice("v-1", false)).await;
    assert_eq!(taken.json()["given"], json!([]), "{}", taken.text());
    assert_eq!(states(&house, v).await, all("ConsentWithdrawn"));
}

/// The fields of the form on the page.
fn form(words: &Value, choice: &str, purposes: &[&str]) -> String {
    let ticked: String = purposes.iter().map(|name| format!("&purpose={name}")).collect();
    let hash = words["textHash"].as_str().unwrap();
    format!("lang=en&source=shop&notice=shop&version=1&text={hash}&choice={choice}{ticked}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_taken_from_our_page_only_and_names_nobody_who_refuses() {
    let house = support::start_in_memory().await;
    let words = notice(&house, "en").await;
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let post = async |headers: &[(&str, &str)], body: String| {
        let headers = [headers, &[kind]].concat();
        ask(house.address, Method::POST, "/consent", &headers, body).await
    };
    let said = |answer: &Answer| {
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.headers["location"]
            .to_str()
            .unwrap()
            .rsplit('=')
            .next()
            .unwrap()
            .to_owned()
    };
    let cookies = |answer: &Answer| -> Vec<String> {
        let all = answer.headers.get_all("set-cookie").iter();
        all.map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
    };
    let ours = ("sec-fetch-site", "same-origin");
    for forged in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example")],
    ] {
        let answer = post(forged, form(&words, "all", &[])).await;
        assert_eq!(
            (said(&answer).as_str(), cookies(&answer).len()),
            ("stale", 0),
            "{forged:?}"
        );
    }
    let stale = form(&words, "all", &[]).replace("version=1", "version=7");
    assert_eq!(said(&post(&[ours], stale).await), "stale");

    let refused = post(&[ours], form(&words, "none", &[])).await;
    assert_eq!(said(&refused), "refused");
    let [answer] = &cookies(&refused)[..] else {
        panic!("{refused:?}")
    };
    assert!(
        answer.starts_with("egard-consent=1.")
            && answer.contains("Secure")
            && answer.contains("SameSite=Lax")
    );

    let given = post(&[ours], form(&words, "some", &["train", "service", "nonsense"])).await;
    assert_eq!(said(&given), "given");
    let [answer, visitor] = &cookies(&given)[..] else {
        panic!("{given:?}")
    };
    assert!(answer.contains(".train;"), "{answer}");
    let pair = visitor.split(';').next().unwrap();
    let name = pair.strip_prefix("ajs_anonymous_id=").unwrap();
    let states = async || states(&house, json!({ "anonymousId": name })).await;
    assert_eq!(
        states().await,
        [
            "personalise ConsentRefused",
            "segment ConsentRefused",
            "train ConsentGiven"
        ]
    );
    let back = post(&[ours, ("cookie", pair)], form(&words, "none", &[])).await;
    assert_eq!(
        (said(&back).as_str(), cookies(&back).len()),
        ("refused", 1),
        "named twice"
    );
    assert_eq!(states().await[2], "train ConsentWithdrawn");
    let page = ask(
        house.address,
        Method::GET,
        "/consent?lang=en",
        &[("cookie", pair)],
        "",
    )
    .await;
    assert!(page.text().contains("You refused."), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_browser_says_no_a_yes_is_not_offered() {
    let house = support::start_in_memory().await;
    for header in [("sec-gpc", "1"), ("adpc", "withdraw=*")] {
        let page = ask(house.address, Method::GET, "/consent?lang=en", &[header], "")
            .await
            .text();
        assert!(
            page.contains("data-testid=\"signal\"") && page.contains("data-testid=\"refuse\""),
            "{page}"
        );
        assert!(
            !page.contains("data-testid=\"accept\"") && !page.contains("type=\"checkbox\""),
            "{page}"
        );
        let body = json!({ "writeKey": WRITE_KEY }).to_string();
        let headers = [JSON, ("origin", SHOP), header];
        let state = ask(house.address, Method::POST, "/consent/state", &headers, body)
            .await
            .json();
        assert_eq!(
            state["ask"],
            json!([]),
            "who said no by machine is asked: {state}"
        );
        assert!(state["answeredBy"].is_string(), "{state}");
    }
    let page = ask(
        house.address,
        Method::GET,
        "/consent?lang=en",
        &[("sec-gpc", "yes")],
        "",
    )
    .await
    .text();
    assert!(page.contains("data-testid=\"accept\""), "only `1` is a signal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_for_who_agreed_is_not_the_list_for_everybody() {
    // What the other tests call `profiled` makes a difference that can be seen.
    let house = support::learned().await;
    let own = house.recommend(json!({ "userId": "p0", "count": 10 })).await;
    let common = house.recommend(json!({ "userId": "refuser", "count": 10 })).await;
    assert_ne!(ids(&own), ids(&common));
}
