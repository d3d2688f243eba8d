//! What the person's page shows and hands over: a certificate, an age of their own word, visits that were
//! theirs, words behind a yes, who was refused, a decision that waits for a human, reasons of an earlier model.

use super::me::{Browser, STAFF, api, house, post};
use super::support::{self, Answer, House, agrees, ask, bought, key, viewed};
use hyper::Method;
use serde_json::{Value, json};
use server::rights::{self, By, Step};
use server::work::answer_rights;
use std::collections::HashMap;
use vocabulary::Language;

/// Somebody who walks through their page in a browser before they leave: with a list of a model that is
/// about to be replaced, an attempt that was refused, and visits of a browser that were theirs.
pub async fn leaves(house: &House, width: u32) {
    let (who, visitor) = (format!("leaver-{width}"), format!("visitor-{width}"));
    house
        .send_all(&[
            agrees(&who, &[true; 3]),
            bought(&who, &["i1", "i2", "i20"]),
            as_visitor(agrees("", &[true; 3]), &visitor),
            as_visitor(viewed("", "i5"), &visitor),
        ])
        .await;
    house.recommend(json!({ "anonymousId": visitor })).await;
    house
        .recommend(json!({ "userId": who, "counterfactuals": 2 }))
        .await;
    let body = json!({ "userId": who, "purpose": "personalise", "reason": "She asked where her parcel is" });
    let staff = format!("Bearer {STAFF}");
    let headers = [("authorization", staff.as_str())];
    let address = house.address;
    let refused = ask(
        address,
        Method::POST,
        "/v1/people/open",
        &headers,
        body.to_string(),
    )
    .await;
    assert_eq!(refused.status, 403);
}

async fn erase(browser: &Browser<'_>, house: &House, lang: &str) -> Answer {
    let token = browser.token().await;
    let fields = [("token", token.as_str()), ("lang", lang)];
    post(house, "/me/erase", &[("cookie", &browser.cookie)], &fields).await
}

/// The text of the address behind a test id.
fn address(page: &str, testid: &str) -> String {
    let tags = page
        .split('<')
        .find(|tag| tag.contains(&format!("data-testid=\"{testid}\"")));
    let tag = tags.unwrap_or_else(|| panic!("no `{testid}` in {page}"));
    tag.split("href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_erases_everything_takes_a_certificate_home_that_proves_it_and_names_nobody() {
    let house = house().await;
    let name = "somebody-with-a-name-that-chance-does-not-make";
    house
        .send_all(&[agrees(name, &[true; 3]), bought(name, &["i1"])])
        .await;
    let browser = Browser::enter(&house, name).await;
    let page = erase(&browser, &house, "fr").await.text();
    assert!(
        page.contains("Télécharger le certificat") && page.contains("d’une personne"),
        "{page}"
    );
    let address = address(&page, "certificate");
    // It is fetched by its name alone: the session is over.
    let certificate = ask(house.address, Method::GET, &address, &[], "").await;
    assert_eq!(certificate.status, 200, "{}", certificate.text());
    assert!(
        certificate.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    let told = certificate.json();
    assert_eq!(told["details"], "{\"people\":1}");
    assert!(
        told["proof"].as_str().unwrap().contains("tlog-proof"),
        "it waits for its proof"
    );
    let entry: Value = serde_json::from_str(told["entry"].as_str().unwrap()).unwrap();
    assert_eq!(entry["kind"], "erasure");
    assert!(!certificate.text().contains(name));
    super::receipts::verify(&told, &house.app.gate.vkey()).unwrap();
    // Nothing else is handed out there.
    let list = house.recommend(json!({ "userId": "p0" })).await;
    let contextual = house.recommend(json!({ "userId": "silent" })).await;
    for record in [&list["record"], &contextual["record"]] {
        let other = format!("/me/certificates/{}", record.as_str().unwrap());
        assert_eq!(ask(house.address, Method::GET, &other, &[], "").await.status, 404);
    }
    for bad in [
        "/me/certificates/00",
        "/me/certificates/ffffffffffffffffffffffffffffffff",
    ] {
        assert_eq!(ask(house.address, Method::GET, bad, &[], "").await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_by_the_api_answers_with_the_certificate_for_the_person() {
    let house = house().await;
    let body = json!({ "userId": "p3", "right": "erasure" });
    let answer = api(&house, "/v1/rights-requests", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let told = answer.json();
    let url = told["certificate"]["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("https://public.example").unwrap();
    let certificate = ask(house.address, Method::GET, path, &[], "").await;
    assert_eq!(certificate.json()["record"], told["certificate"]["record"]);
    let place = format!("/v1/rights-requests/{}", told["id"].as_str().unwrap());
    assert_eq!(house.get(&place).await.json()["certificate"], told["certificate"]);
    // Of nobody nothing is erased, and nothing certified.
    let nobody = api(
        &house,
        "/v1/rights-requests",
        json!({ "userId": "nobody", "right": "erasure" }),
    )
    .await;
    assert_eq!(nobody.json()["status"], "denied");
    assert!(nobody.json()["certificate"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_age_is_said_on_the_page_and_the_stricter_word_counts() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let mode = || async { house.recommend(json!({ "userId": "p0" })).await["mode"].clone() };
    assert!(!browser.page().await.contains("data-testid=\"age-said\""));
    browser.act(&[("act", "age"), ("value", "minor")]).await;
    assert_eq!(mode().await, "contextual");
    let page = browser.page().await;
    assert!(page.contains("You said that you are under age") && page.contains("under age: no profile"));
    assert!(
        page.contains("You said of your age: under age"),
        "it is not in the timeline"
    );
    browser.act(&[("act", "age"), ("value", "adult")]).await;
    assert_eq!(mode().await, "profiled");
    assert!(browser.page().await.contains("The site has not confirmed it"));
    browser.act(&[("act", "age"), ("value", "unknown")]).await;
    assert!(!browser.page().await.contains("data-testid=\"age-said\""));
    let odd = browser.act(&[("act", "age"), ("value", "42")]).await;
    assert_eq!(odd.status, 400);
    let copy = browser.get("/me/download?form=json").await.json();
    assert_eq!(copy["standing"]["age_said"], Value::Null);
    assert_eq!(copy["standing"]["age_reported"], "unknown");
}

/// A page of somebody whose browser names a visitor as well.
fn with_visitor(browser: &Browser<'_>, visitor: &str) -> String {
    format!("{}; ajs_anonymous_id={visitor}", browser.cookie)
}

fn as_visitor(mut message: Value, visitor: &str) -> Value {
    message.as_object_mut().unwrap().remove("userId");
    message["anonymousId"] = json!(visitor);
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_joins_the_visits_of_this_browser_sees_their_decisions_and_parts_them_again() {
    let house = house().await;
    house
        .send_all(&[
            as_visitor(agrees("", &[true; 3]), "v-1"),
            as_visitor(viewed("", "i5"), "v-1"),
        ])
        .await;
    let list = house.recommend(json!({ "anonymousId": "v-1" })).await;
    let record = list["record"].as_str().unwrap();
    let browser = Browser::enter(&house, "p0").await;
    let cookie = with_visitor(&browser, "v-1");
    let page = async || {
        ask(
            house.address,
            Method::GET,
            "/me?lang=en",
            &[("cookie", &cookie)],
            "",
        )
        .await
        .text()
    };
    assert!(
        !browser.page().await.contains("data-testid=\"join\""),
        "a browser without a visitor"
    );
    assert!(page().await.contains("data-testid=\"join\""));
    let act = async |fields: &[(&str, &str)]| {
        let token = browser.token().await;
        let fields = [fields, &[("token", token.as_str()), ("lang", "en")]].concat();
        post(&house, "/me/do", &[("cookie", &cookie)], &fields).await
    };
    let receipt = format!("/me/records/{record}/receipt");
    assert_eq!(browser.get(&receipt).await.status, 404);
    act(&[("act", "join")]).await;
    let joined = page().await;
    assert!(joined.contains("data-testid=\"joined\"") && !joined.contains("data-testid=\"join\""));
    assert!(
        joined.contains(&format!("/me/records/{record}?")),
        "its list is not in the timeline"
    );
    assert!(
        joined.contains("data-testid=\"as-visitor\"")
            && joined.contains("Visits without signing in were joined")
    );
    assert_eq!(browser.get(&receipt).await.status, 200);
    assert!(
        browser
            .get(&format!("/me/records/{record}?lang=en"))
            .await
            .text()
            .contains("Item")
    );
    let form = joined.split("value=\"part\"").nth(1).unwrap();
    let form = form.split("name=\"name\" value=\"").nth(1).unwrap();
    let name = form.split('"').next().unwrap().to_owned();
    // Somebody else cannot part them by that name.
    let other = Browser::enter(&house, "p1").await;
    other.act(&[("act", "part"), ("name", &name)]).await;
    assert!(page().await.contains("data-testid=\"joined\""));
    act(&[("act", "part"), ("name", &name)]).await;
    let parted = page().await;
    assert!(!parted.contains("data-testid=\"joined\"") && parted.contains("data-testid=\"join\""));
    assert_eq!(browser.get(&receipt).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_yes_given_on_the_page_names_the_words_that_stood_there() {
    // A shop without notices of its own: the page's words are all there is.
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.notices = Vec::new()
    })
    .await;
    house.send_all(&[bought("ann", &["i1"])]).await;
    let browser = Browser::enter(&house, "ann").await;
    let own = house.app.gate.notices().own().cloned().unwrap();
    for (tag, language) in [("en", Language::En), ("fr", Language::Fr)] {
        let page = browser.get(&format!("/me?lang={tag}")).await.text();
        let text = own.text(language);
        let plain = |words: &str| words.replace('\'', "&#39;").replace('"', "&#34;");
        assert!(
            page.contains(&plain(&text.title)) && page.contains(&plain(&text.text)),
            "{tag}"
        );
        for purpose in ["personalise", "train", "segment"] {
            let words = text
                .purposes
                .iter()
                .find(|one| one.purpose.as_str() == purpose)
                .unwrap();
            assert!(
                page.contains(&plain(&words.text)),
                "{tag} {purpose}: {}",
                words.text
            );
        }
        for (act, purpose) in [("switch-on", ""), ("allow", "train")] {
            let token = browser.token().await;
            let fields = [
                ("token", token.as_str()),
                ("lang", tag),
                ("act", act),
                ("purpose", purpose),
            ];
            post(&house, "/me/do", &[("cookie", &browser.cookie)], &fields).await;
        }
        let copy = browser.get("/me/download?form=json").await.json();
        for purpose in ["personalise", "train"] {
            let consents = copy["consents"].as_array().unwrap();
            let consent = consents.iter().find(|one| one["purpose"] == purpose).unwrap();
            let receipt = browser
                .get(&format!(
                    "/me/records/{}/receipt",
                    consent["record"].as_str().unwrap()
                ))
                .await
                .json();
            let details: Value = serde_json::from_str(receipt["proof"]["details"].as_str().unwrap()).unwrap();
            let evidence = &details["evidence"];
            assert_eq!(evidence["notice"]["id"], "own-page", "{purpose}: {details}");
            assert_eq!(evidence["notice"]["version"], own.version());
            assert_eq!(evidence["notice"]["text"], text.digest.to_string());
            assert_eq!(evidence["notice"]["language"], tag);
            assert_eq!(evidence["page"], "public.example/me");
            assert_eq!(
                (&evidence["component"], &evidence["action"]),
                (&json!("own_page"), &json!("save"))
            );
            assert!(consent["expires_at"].is_string(), "a yes without an end");
        }
        browser.act(&[("act", "withdraw-all")]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asked_for_a_person_and_was_refused_stands_on_their_page_with_the_reason() {
    let house = house().await;
    let staff = ("authorization", format!("Bearer {STAFF}"));
    let open = async |user: &str, purpose: &str| {
        let why = "She asked where her parcel is";
        let body = json!({ "userId": user, "purpose": purpose, "reason": why }).to_string();
        ask(
            house.address,
            Method::POST,
            "/v1/people/open",
            &[(staff.0, staff.1.as_str())],
            body,
        )
        .await
    };
    let browser = Browser::enter(&house, "p0").await;
    assert_eq!(open("p0", "personalise").await.status, 403);
    browser.act(&[("act", "restrict")]).await;
    let refused = open("p0", "human_help").await;
    let unknown = open("nobody-at-all", "human_help").await;
    assert_eq!(
        (refused.status, refused.text()),
        (unknown.status, unknown.text()),
        "who is known can be told"
    );
    let page = browser.page().await;
    assert_eq!(page.matches("data-kind=\"refused\"").count(), 2);
    assert!(page.contains(
        "Helen of the team asked for your data to help you when you talk to a person, and was refused"
    ));
    assert!(
        page.contains("She asked where her parcel is")
            && page.contains("You asked for the use of your data to be restricted")
    );
    assert!(page.contains("A member of the team opens your data only to help you"));
    let french = browser.get("/me?lang=fr").await.text();
    assert!(french.contains("se les est vu refuser") && french.contains("limitation du traitement"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_before_a_human_stops_its_kind_until_they_have_answered() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let list = async || house.recommend(json!({ "userId": "p0" })).await;
    let first = list().await;
    assert_eq!(first["mode"], "profiled");
    browser
        .act(&[("act", "review"), ("item", first["record"].as_str().unwrap())])
        .await;
    let meanwhile = list().await;
    assert_eq!(meanwhile["mode"], "contextual");
    assert!(
        meanwhile.to_string().contains("charter/under-review"),
        "{meanwhile}"
    );
    let page = browser.page().await;
    assert!(page.contains("A human is looking at a decision of this kind"));
    assert!(page.contains("Personalisation is paused") && page.contains("value=\"switch-off\""));
    assert!(
        page.contains(
            "Paused while a human looks at a decision at your request: to choose what you are shown"
        )
    );
    // Nobody else is silenced, and no other purpose of hers.
    assert_eq!(
        house.recommend(json!({ "userId": "p1" })).await["mode"],
        "profiled"
    );
    let open = house.get("/v1/rights-requests").await.json()["requests"][0].clone();
    assert_eq!(open["silent"], json!(["personalise"]));
    let place = format!("/v1/rights-requests/{}", open["id"].as_str().unwrap());
    let step =
        async |body: Value| ask(house.address, Method::PATCH, &place, &[key()], body.to_string()).await;
    assert_eq!(step(json!({ "step": "start" })).await.status, 200);
    assert_eq!(list().await["mode"], "contextual", "it is not answered yet");
    let done = step(json!({ "step": "fulfil", "words": "you only bought mugs" }))
        .await
        .json();
    assert_eq!(done["status"], "fulfilled");
    assert!(done["silent"].is_null());
    assert_eq!(list().await["mode"], "profiled");
    assert!(browser.page().await.contains("The human review has ended"));
    assert!(house.app.gate.pending_requests(None).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_without_a_decision_silences_all_and_one_that_ends_leaves_the_other_standing() {
    let house = house().await;
    let list = async || house.recommend(json!({ "userId": "p0" })).await;
    let record = list().await["record"].clone();
    let open = async |body: Value| api(&house, "/v1/rights-requests", body).await.json();
    let all = open(json!({ "userId": "p0", "right": "human-review", "words": "why me?" })).await;
    assert_eq!(all["silent"].as_array().unwrap().len(), 6);
    let one = open(json!({ "userId": "p0", "right": "human-review", "record": record })).await;
    assert_ne!(one["id"], all["id"], "another question is another request");
    assert_eq!(
        open(json!({ "userId": "p0", "right": "human-review", "record": record })).await["id"],
        one["id"]
    );
    // A record that is somebody else's contests nothing of hers.
    let theirs = house.recommend(json!({ "userId": "p1" })).await["record"].clone();
    let odd = open(json!({ "userId": "p2", "right": "human-review", "record": theirs })).await;
    assert!(odd["silent"].is_null(), "{odd}");
    let revoke = async |id: &Value| {
        let place = format!("/v1/rights-requests/{}", id.as_str().unwrap());
        ask(house.address, Method::DELETE, &place, &[key()], "").await
    };
    assert_eq!(revoke(&all["id"]).await.status, 200);
    assert_eq!(
        list().await["mode"],
        "contextual",
        "the other review is still open"
    );
    assert_eq!(revoke(&one["id"]).await.status, 200);
    assert_eq!(list().await["mode"], "profiled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_a_kill_left_half_done_is_made_good_by_the_work_that_answers() {
    let house = house().await;
    let first = house.recommend(json!({ "userId": "p0" })).await;
    let body = json!({ "userId": "p0", "right": "human-review", "record": first["record"] });
    let open = api(&house, "/v1/rights-requests", body).await.json();
    let id = gate::RequestId::parse(open["id"].as_str().unwrap()).unwrap();
    let mode = || async { house.recommend(json!({ "userId": "p0" })).await["mode"].clone() };
    let set = async |open| {
        let purposes = vocabulary::PurposeSet::NONE.with(vocabulary::PurposeName::Personalise);
        let now = house.app.now();
        house
            .app
            .gate
            .contest_for(id, purposes, open, "test", now)
            .await
            .unwrap()
            .unwrap();
    };
    let mut warned = HashMap::new();
    // As if the process had been killed after the request was written down.
    set(false).await;
    assert_eq!(mode().await, "profiled");
    answer_rights::round(&house.app, &mut warned).await.unwrap();
    assert_eq!(mode().await, "contextual");
    let ended = rights::advance(&house.app, id, Step::Revoke, By::Person, None)
        .await
        .unwrap();
    assert!(!ended.house.silent);
    assert_eq!(mode().await, "profiled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_explained_by_the_model_that_made_it_although_another_is_in_force() {
    let house = house().await;
    let list = house.recommend(json!({ "userId": "p0" })).await;
    let record = list["record"].as_str().unwrap().to_owned();
    let browser = Browser::enter(&house, "p0").await;
    let why = async || browser.get(&format!("/me/records/{record}?lang=en")).await.text();
    let by_its_model = why().await;
    assert!(by_its_model.contains("Because") && !by_its_model.contains("data-testid=\"about-reasons\""));
    // Others buy, and another model is learned.
    let before = house.app.shop().unwrap().model().digest();
    for p in 0..6 {
        house
            .send_all(&[bought(&format!("p{p}"), &["i20", "i21", "i5"])])
            .await;
    }
    house.learn().await;
    assert_ne!(
        house.app.shop().unwrap().model().digest(),
        before,
        "the same model was learned"
    );
    let later = why().await;
    assert!(later.contains("made by an earlier model"), "{later}");
    let reasons = |page: &str| {
        let sentences = page.split("<p>").filter(|part| part.starts_with("Because"));
        sentences
            .map(|part| part.split('<').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(!reasons(&later).is_empty());
    assert_eq!(reasons(&later), reasons(&by_its_model));
    let copy = browser.get("/me/download?form=json").await.json();
    let told = copy["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["record"] == record.as_str());
    assert!(told.unwrap()["why"].is_object() && told.unwrap()["why_not"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_model_is_not_kept_any_more_the_page_says_so() {
    let (house, record) = without_its_model().await;
    let browser = Browser::enter(&house, "p0").await;
    let page = browser.get(&format!("/me/records/{record}?lang=en")).await.text();
    assert!(page.contains("is no longer kept here"), "{page}");
    assert!(
        page.contains("data-testid=\"decided\"") && !page.contains("Because"),
        "what was decided stays"
    );
    let copy = browser.get("/me/download?form=json").await.json();
    let told = copy["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["record"] == record.as_str());
    assert_eq!(told.unwrap()["why_not"], "model_not_kept");
    let french = browser.get(&format!("/me/records/{record}?lang=fr")).await.text();
    assert!(french.contains("n’est plus gardé ici"));
}

/// A list by a model that was replaced since, in a store that somebody tidied up.
async fn without_its_model() -> (House, String) {
    let house = support::start().await;
    house.fill().await;
    house.learn().await;
    let list = house.recommend(json!({ "userId": "p0" })).await;
    let record = list["record"].as_str().unwrap().to_owned();
    let model = house.app.shop().unwrap().model().digest().to_string();
    for p in 0..6 {
        house
            .send_all(&[bought(&format!("p{p}"), &["i20", "i21", "i5"])])
            .await;
    }
    house.learn().await;
    assert_ne!(house.app.shop().unwrap().model().digest().to_string(), model);
    let folder = house.stop().await;
    let store = folder.path().join("store");
    let tidy = "import sqlite3, sys, pathlib\n\
        gone = 0\n\
        for file in [p for p in [pathlib.Path(sys.argv[1]), *pathlib.Path(sys.argv[1]).rglob('*')] if p.is_file()]:\n\
        \x20 if file.read_bytes()[:15] != b'SQLite format 3': continue\n\
        \x20 with sqlite3.connect(file) as it:\n\
        \x20   if it.execute(\"select 1 from sqlite_master where name = 'artefact'\").fetchone():\n\
        \x20     gone += it.execute('delete from artefact where digest = ?', [bytes.fromhex(sys.argv[2])]).rowcount\n\
        print(gone)\n";
    let tidied = std::process::Command::new("python3")
        .args(["-c", tidy, store.to_str().unwrap(), &model])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&tidied.stdout).trim(), "1", "{tidied:?}");
    let store = format!("embedded:{}", store.display());
    let house = support::start_in(folder, |settings| {
        settings.store = store;
    })
    .await;
    (house, record)
}
