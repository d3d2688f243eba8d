//! Journeys that say things by every way there is, to receivers that really listen: a provider of text messages, a
//! push service over TLS, another system, an app; and what comes back by mail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    dead_code,
    reason = "a test may panic, and runs programs; the support is shared"
)]

#[path = "browser/mod.rs"]
mod browser;
#[path = "sending/hostile.rs"]
mod hostile;
#[path = "sending/own_page.rs"]
mod own_page;
#[path = "sending/receiver.rs"]
mod receiver;
#[path = "house/support.rs"]
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gate::charter::Requester;
use gate::{Apply, Ask, Subject, Whom};
use hyper::Method;
use letter::webhook::{Secret, verify};
use receiver::{Receiver, certificate};
use serde_json::{Value, json};
use server::channels::settings::ChannelSettings;
use server::rights::{Form, Right, export};
use server::settings::Settings;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use support::{Answer, House, WRITE_KEY, ask, key};
use vocabulary::Signals;

const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

const DICTIONARY: &str = "consent_categories:
  Groups: [segment]
  Letters: [market_by_email]
  Texts: [market_by_sms]
  Notifications: [market_by_push]
  Personal: [personalise]
events:
  Asked: { purposes: [service, segment] }
traits:
  email: { purposes: [market_by_email], type: text }
  phone: { purposes: [market_by_sms], type: text }
  push_subscription: { purposes: [market_by_push], type: text }
  plan: { purposes: [market_by_sms, personalise], type: text }
  first_name: { purposes: [personalise], type: text }
";

/// A shop whose journeys say something by every way.
fn program(hook: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut add = |path: &str, text: &str| files.insert(path.to_owned(), text.as_bytes().to_vec());
    add(
        "program.yaml",
        &format!(
            "name: The shop\ntime_zone: UTC\nlanguages: [en]\ncurrency: EUR\napproval: none\n\
             caps: {{ per_day: 20 }}\nwebhooks:\n  crm:\n    url: {hook}\n    title: {{ fr: Le fichier, en: The files }}\n"
        ),
    );
    add("dictionary.yaml", DICTIONARY);
    for (journey, purpose, step) in [
        ("by_mail", "market_by_email", "message: letter"),
        ("by_text", "market_by_sms", "message: text"),
        ("by_push", "market_by_push", "message: notice"),
        ("inside", "personalise", "message: card"),
        ("told", "market_by_sms", "webhook: crm"),
    ] {
        add(
            &format!("journeys/{journey}.yaml"),
            &format!(
                "title: {{ fr: Un, en: One }}\npurpose: {purpose}\nentry: {{ event: Asked }}\nagain: when_out\nsteps:\n  \
                 - id: say\n    {step}\n    then: exit\n"
            ),
        );
    }
    for (message, channel, purpose, words, file) in [
        ("letter", "email", "market_by_email", "A letter.", "en.txt"),
        ("text", "sms", "market_by_sms", "Plan {{ person.plan }}", "en.txt"),
        ("notice", "push", "market_by_push", "Something new.", "en.txt"),
        (
            "card",
            "in_app",
            "personalise",
            "Hello {{ person.first_name }}",
            "en.txt",
        ),
    ] {
        let subject = if channel == "sms" {
            ""
        } else {
            "subject: { en: \"A word\" }\n"
        };
        add(
            &format!("messages/{message}/message.yaml"),
            &format!(
                "title: {{ fr: Un mot, en: A word }}\nchannel: {channel}\npurpose: {purpose}\n\
                 {subject}files: {{ en: {file} }}\n"
            ),
        );
        add(&format!("messages/{message}/{file}"), words);
    }
    files
}

struct Shop {
    house: House,
    provider: Receiver,
    crm: Receiver,
    push: Receiver,
    mail: Receiver,
    secret: Secret,
}

async fn shop() -> Shop {
    shop_with(|_| {}).await
}

async fn shop_with(more: impl FnOnce(&mut Settings)) -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let tls = certificate(folder.path());
    let listen = async || Receiver::http(Some(tls.clone())).await;
    let (provider, crm, push) = (listen().await, listen().await, listen().await);
    let mail = Receiver::smtp().await;
    server::channels::new_keys::vapid(&at("vapid")).unwrap();
    server::channels::new_keys::webhook(&at("hook")).unwrap();
    std::fs::write(at("provider"), "a-key-of-the-provider").unwrap();
    let secret = std::fs::read_to_string(at("hook")).unwrap();
    for (path, bytes) in program(&crm.url("/hooks")) {
        let path = at("program").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let text = format!(
        r#"
        [http]
        allow = ["127.0.0.1", "localhost"]
        roots = ["{folder}/root.pem"]
        [push]
        key = "file:{folder}/vapid"
        contact = "mailto:push@shop.example"
        [webhooks.crm]
        secrets = ["file:{folder}/hook"]
        fields = ["plan", "first_name", "email"]
        [sms]
        url = "{provider}"
        json = {{ to = "{{to}}", text = "{{text}}", id = "{{id}}" }}
        from = "Shop"
        stop = "36111"
        message_id = "/id"
        [sms.headers]
        authorization = "Bearer {{secret:key}}"
        [sms.secrets]
        key = "file:{folder}/provider"
        [email]
        from = "The shop <letters@shop.example>"
        [email.list]
        label = "news"
        name = "The news"
        sender = "shop-of-tests"
        [email.server]
        host = "127.0.0.1"
        port = {mail}
        security = "none"
        from = "letters@shop.example"
        "#,
        folder = folder.path().display(),
        provider = provider.url("/sms"),
        mail = mail.address.port(),
    );
    let channels = ChannelSettings::parse(&text).unwrap();
    let (store, program) = (at("store"), at("program"));
    let house = support::start_in(folder, |all| {
        all.store = format!("embedded:{}", store.display());
        all.program.folder = Some(program);
        all.channels = channels;
        more(all);
    })
    .await;
    let gathered = server::program::gather(&house.folder.path().join("program")).unwrap();
    let (program, _) = server::program::read(gathered).unwrap_or_else(|faults| panic!("{faults}"));
    let apply = Apply {
        bytes: program.pack(),
        expected: None,
        by: "ann".to_owned(),
        needs_approval: false,
    };
    house
        .app
        .gate
        .apply_program(apply, house.app.now())
        .await
        .unwrap()
        .unwrap();
    until("the program is in force", async || house.app.running().is_some()).await;
    Shop {
        secret: Secret::parse(secret.trim()).unwrap(),
        house,
        provider,
        crm,
        push,
        mail,
    }
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "it never came to this: {what}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Shop {
    async fn send(&self, messages: &[Value]) {
        let body = json!({ "batch": messages, "writeKey": WRITE_KEY }).to_string();
        let answer = ask(self.house.address, Method::POST, "/v1/batch", &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        ask(self.house.address, Method::POST, path, &[key()], body.to_string()).await
    }

    /// Somebody agrees to these categories, and says where they are reached.
    async fn agrees(&self, who: &str, categories: &[&str]) {
        let preferences: BTreeMap<&str, bool> = categories.iter().map(|name| (*name, true)).collect();
        self.send(&[
            json!({
                "type": "track", "userId": who, "messageId": format!("c-{who}"), "event": gate::CONSENT_EVENT,
                "context": { "consent": { "categoryPreferences": preferences } },
            }),
            json!({
                "type": "identify", "userId": who, "messageId": format!("i-{who}"),
                "traits": {
                    "email": format!("{who}@example.org"), "phone": "+33612345678", "plan": "pro",
                    "first_name": "Ann",
                },
            }),
        ])
        .await;
    }

    async fn asks(&self, who: &str, number: u32) {
        let id = format!("a-{who}-{number}");
        self.send(&[json!({ "type": "track", "userId": who, "messageId": id, "event": "Asked" })])
            .await;
    }

    /// What their records say became of messages, the newest first.
    async fn told(&self, who: &str) -> Vec<Value> {
        let ask = Ask {
            signals: Signals::default(),
            requester: Requester::Person,
            now: self.house.app.now(),
        };
        let whom = Whom {
            user_id: Some(who),
            anonymous_id: None,
        };
        let timeline = self.house.app.gate.timeline(&whom, ask, None, 200).await.unwrap();
        let entries = timeline.unwrap().unwrap();
        let messages = entries.iter().filter(|entry| entry.entry.kind == "message");
        messages
            .map(|entry| serde_json::from_str(&entry.details).unwrap())
            .collect()
    }

    /// What they may take home; what it says of the outbox keeps to the schema.
    async fn export(&self, who: &str) -> Value {
        let whom = Whom {
            user_id: Some(who),
            anonymous_id: None,
        };
        let (right, form) = (Right::Access, Form::Json);
        let exported = export(
            &self.house.app,
            Subject::Whom(&whom),
            right,
            form,
            Signals::default(),
        );
        let exported = exported.await.ok().flatten().unwrap();
        let document: Value = serde_json::from_slice(&exported.bytes).unwrap();
        let schema: Value = serde_json::from_str(decide::rights::SCHEMA).unwrap();
        let form = &schema["properties"]["outbox"]["items"];
        let declared: Vec<&str> = strings(&form["required"]);
        let states: Vec<&str> = strings(&form["properties"]["state"]["enum"]);
        for entry in document["outbox"].as_array().unwrap() {
            let mut names: Vec<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            let mut declared = declared.clone();
            declared.sort_unstable();
            assert_eq!(names, declared);
            assert!(states.contains(&entry["state"].as_str().unwrap()), "{entry}");
        }
        document
    }

    /// Their own page, by a link of their own.
    async fn page(&self, who: &str, language: &str) -> String {
        let body = json!({ "userId": who, "language": language });
        let link = self.post("/v1/me/links", body).await.json();
        let link = link["url"].as_str().unwrap();
        let pass = link.split("pass=").nth(1).unwrap().split('&').next().unwrap();
        let headers = [
            ("origin", "https://public.example"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let form = format!("pass={pass}&lang={language}");
        let opened = ask(self.house.address, Method::POST, "/me/open", &headers, form).await;
        assert_eq!(opened.status, 303, "{}", opened.text());
        let cookies = opened.headers.get_all("set-cookie").iter();
        let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
        let cookie = cookies.find(|cookie| !cookie.ends_with('=')).unwrap();
        let path = format!("/me?lang={language}");
        let page = ask(self.house.address, Method::GET, &path, &[("cookie", cookie)], "").await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.text()
    }

    async fn state(&self, who: &str, purpose: &str) -> String {
        let answer = self
            .post("/v1/consents/state", json!({ "userId": who }))
            .await
            .json();
        let mut purposes = answer["purposes"].as_array().unwrap().iter();
        let found = purposes.find(|one| one["purpose"] == purpose).unwrap();
        found["state"].as_str().unwrap().to_owned()
    }

    async fn comes_back(&self, mail: &str) -> Value {
        let body = mail.replace('\n', "\r\n");
        let answer = ask(
            self.house.address,
            Method::POST,
            "/v1/inbound-mail",
            &[key()],
            body,
        )
        .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journey_reaches_a_provider_of_texts_another_system_and_a_browser_each_once() {
    let shop = shop().await;
    shop.agrees("ann", &["Groups", "Texts", "Notifications"]).await;
    let endpoint = format!("https://localhost:{}/send/abc", shop.push.address.port());
    let auth = URL_SAFE_NO_PAD.encode([7; 16]);
    let subscription = json!({ "endpoint": endpoint, "keys": { "p256dh": P256DH, "auth": auth } });
    let noted = shop
        .post(
            "/v1/push-subscriptions",
            json!({ "userId": "ann", "subscription": subscription }),
        )
        .await;
    assert_eq!(noted.status, 204, "{}", noted.text());
    shop.asks("ann", 1).await;
    until("all three were told", async || {
        [&shop.provider, &shop.crm, &shop.push]
            .iter()
            .all(|one| !one.seen().is_empty())
    })
    .await;

    let text: Value = serde_json::from_slice(&shop.provider.seen()[0].body).unwrap();
    assert_eq!(text["to"], "+33612345678", "{text}");
    assert!(text["text"].as_str().unwrap().starts_with("Plan pro"), "{text}");
    assert!(text["text"].as_str().unwrap().contains("STOP"), "{text}");
    assert_eq!(
        shop.provider.seen()[0].headers["authorization"],
        "Bearer a-key-of-the-provider"
    );

    let hook = &shop.crm.seen()[0];
    let header = |name: &str| hook.headers.get(name).map(String::as_str);
    let now = shop.house.app.now().0;
    verify(std::slice::from_ref(&shop.secret), header, &hook.body, now).unwrap();
    let body: Value = serde_json::from_slice(&hook.body).unwrap();
    // Declared and seen by the journey's purpose: the plan. The first name is not for texts, the address neither.
    assert_eq!(body["data"]["person"], json!({ "plan": "pro" }), "{body}");
    assert_eq!(body["data"]["purpose"], "market_by_sms");

    let notice = &shop.push.seen()[0];
    assert_eq!(notice.headers["content-encoding"], "aes128gcm");
    assert!(notice.headers["authorization"].starts_with("vapid "));
    assert!(
        !String::from_utf8_lossy(&notice.body).contains("Something"),
        "it is sealed for the browser"
    );

    until("the answers are on record", async || {
        shop.told("ann").await.len() == 3
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let counts = [&shop.provider, &shop.crm, &shop.push].map(|one| one.seen().len());
    assert_eq!(counts, [1, 1, 1]);
    let told = shop.told("ann").await;
    let webhook = told.iter().find(|one| one["said"]["webhook"] == "crm").unwrap();
    assert_eq!(webhook["said"]["told"], json!(["plan"]), "{webhook}");
    assert!(
        !webhook.to_string().contains("pro\""),
        "values are no part of a record: {webhook}"
    );

    // The browser leaves: it is forgotten, and the next message has nowhere to go.
    shop.push.answers(410);
    shop.asks("ann", 2).await;
    until("the push service said that it is gone", async || {
        shop.push.seen().len() == 2
    })
    .await;
    until("the refusal is on record", async || {
        shop.told("ann")
            .await
            .iter()
            .any(|one| one["outcome"] == "refused")
    })
    .await;
    shop.asks("ann", 3).await;
    until("the message found no browser", async || {
        shop.told("ann")
            .await
            .iter()
            .any(|one| one["code"] == "no_address")
    })
    .await;
    assert_eq!(shop.push.seen().len(), 2);
    shop.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_by_mail_takes_effect_a_complaint_a_bounce_and_a_farewell() {
    let shop = shop().await;
    for who in ["ann", "ben", "cid"] {
        shop.agrees(who, &["Groups", "Letters"]).await;
        shop.asks(who, 1).await;
    }
    until("three letters arrived", async || shop.mail.mails().len() == 3).await;
    let mails = shop.mail.mails();
    let of = |who: &str| mails.iter().find(|mail| mail.to.contains(who)).unwrap();
    let unfolded = of("ann").text.replace("\r\n ", " ");
    assert!(
        unfolded.contains("List-ID: The news <news.shop.example>")
            || unfolded.contains("<news.shop.example>"),
        "{unfolded}"
    );
    assert!(
        unfolded.contains("Feedback-ID: news:letter:market_by_email:shop-of-tests"),
        "{unfolded}"
    );

    let complaint = format!(
        "From: <fbl@provider.example>\nTo: <abuse@shop.example>\nSubject: FW: A word\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\n\
         A complaint.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n\
         Original-Mail-From: <{}>\n\n--b\nContent-Type: message/rfc822\n\n{}\n--b--\n",
        of("ann").from,
        of("ann").text.replace("\r\n", "\n")
    );
    assert_eq!(shop.state("ann", "market_by_email").await, "ConsentGiven");
    assert_eq!(shop.comes_back(&complaint).await["kind"], "complaint");
    assert_eq!(shop.state("ann", "market_by_email").await, "ConsentWithdrawn");

    let bounce = format!(
        "From: <mailer-daemon@provider.example>\nTo: <{0}>\nSubject: Undelivered\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\n\
         No such mailbox.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; provider.example\n\n\
         Final-Recipient: rfc822; ben@example.org\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b--\n",
        of("ben").from
    );
    assert_eq!(shop.comes_back(&bounce).await["class"], "hard");
    // The permission stands; the way is closed, and the person's own page says so.
    let page = shop.page("ben", "en").await;
    assert!(
        page.contains("data-testid=\"closed-way\"") && page.contains("does not take anything"),
        "{page}"
    );
    assert!(page.contains("data-testid=\"outgoing-none\""), "{page}");
    assert_eq!(shop.state("ben", "market_by_email").await, "ConsentGiven");

    // Reports that are not of ours, in the name of somebody, or too long, do nothing to anybody.
    let sender = &of("cid").from;
    let (mark, domain) = sender.split_once('@').unwrap();
    let flipped: String = mark
        .chars()
        .rev()
        .enumerate()
        .map(|(place, letter)| match (place, letter) {
            (1, 'a') => 'b',
            (1, _) => 'a',
            (_, letter) => letter,
        })
        .collect();
    let flipped: String = flipped.chars().rev().collect();
    for other in [
        format!("{flipped}@{domain}"),
        format!("bounce@{domain}"),
        "cid@example.org".to_owned(),
    ] {
        for report in [&bounce, &complaint] {
            let ours = [of("ben").from.as_str(), of("ann").from.as_str()];
            let mut forged = report.clone();
            for address in ours {
                forged = forged.replace(address, &other);
            }
            // What is brought back says whose it was too.
            let forged = match forged.split_once("Content-Type: message/rfc822") {
                Some((head, _)) => {
                    format!("{head}Content-Type: message/rfc822\n\nFrom: <x@example.org>\n\nA word.\n--b--\n")
                }
                None => forged,
            };
            shop.comes_back(&forged).await;
        }
    }
    assert_eq!(shop.state("cid", "market_by_email").await, "ConsentGiven");
    // The same report once more changes nothing, and one of 20 MB is not taken in.
    assert_eq!(shop.comes_back(&bounce).await["class"], "hard");
    let long = format!(
        "{bounce}{}",
        "x".repeat(letter::inbound::LONGEST + 1 - bounce.len())
    );
    let path = "/v1/inbound-mail";
    let refused = ask(shop.house.address, Method::POST, path, &[key()], long).await;
    assert_eq!(refused.status, 413, "{}", refused.text());
    // The server hangs up while it is still written to: whoever goes on may hear nothing but that.
    let (address, report) = (shop.house.address, bounce.clone());
    let heard = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let (name, value) = key();
        let head = format!(
            "POST /v1/inbound-mail HTTP/1.1\r\nhost: {address}\r\n{name}: {value}\r\ncontent-length: {}\r\n\r\n",
            20 << 20
        );
        let body = format!("{report}{}", "x".repeat((20 << 20) - report.len()));
        let _ = stream.write_all((head + &body).as_bytes());
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        String::from_utf8_lossy(&heard).into_owned()
    });
    let heard = heard.await.unwrap();
    assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 413"), "{heard}");
    let page = shop.page("cid", "en").await;
    assert!(!page.contains("closed-way"), "{page}");

    let leave = of("cid").text.replace("\r\n ", " ");
    let address = leave
        .split("<mailto:")
        .nth(1)
        .unwrap()
        .split(['>', '?'])
        .next()
        .unwrap();
    let farewell = format!(
        "From: <cid@example.org>\nTo: <{address}>\nX-Original-To: {address}\nSubject: unsubscribe\nMessage-ID: <1@example.org>\n\n"
    );
    assert_eq!(shop.comes_back(&farewell).await["kind"], "unsubscribe");
    assert_eq!(shop.state("cid", "market_by_email").await, "ConsentWithdrawn");

    for who in ["ann", "ben", "cid"] {
        shop.asks(who, 2).await;
    }
    until("ben's second letter is held back", async || {
        shop.told("ben")
            .await
            .iter()
            .any(|one| one["code"] == "suppressed")
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(shop.mail.mails().len(), 3, "nothing more leaves");
    shop.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_collects_what_waits_and_says_what_became_of_it() {
    let shop = shop().await;
    shop.agrees("ann", &["Groups", "Personal"]).await;
    shop.asks("ann", 1).await;
    let waiting = json!({ "userId": "ann" });
    let collected = async || shop.post("/v1/in-app", waiting.clone()).await.json()["messages"].clone();
    assert!(shop.told("ann").await.is_empty());
    let kept = async || shop.export("ann").await["outbox"].clone();
    until("the card waits, and an export says so", async || {
        kept().await != json!([])
    })
    .await;
    let waits = kept().await[0].clone();
    assert_eq!(
        (&waits["name"], &waits["state"]),
        (&json!("card"), &json!("waits")),
        "{waits}"
    );
    assert!(
        waits["due_at"].is_string() && waits["purpose"].is_string(),
        "{waits}"
    );
    let page = shop.page("ann", "fr").await;
    assert!(
        page.contains("data-testid=\"outgoing\" data-state=\"waits\"") && page.contains("Un mot"),
        "{page}"
    );
    assert!(!page.contains("closed-way"), "{page}");
    until("the card is collected", async || collected().await != json!([])).await;
    let shown = kept().await[0].clone();
    assert_eq!(
        (&shown["channel"], &shown["state"]),
        (&json!("in_app"), &json!("shown")),
        "{shown}"
    );
    let page = shop.page("ann", "en").await;
    assert!(
        page.contains("data-state=\"shown\"") && page.contains("have not seen it yet"),
        "{page}"
    );
    let card = collected().await[0].clone();
    assert_eq!(
        card["text"].as_str().unwrap().lines().next(),
        Some("Hello Ann"),
        "{card}"
    );
    assert_eq!(shop.told("ann").await[0]["channel"], "in_app");
    for link in ["why", "leave", "human"] {
        let url = card[link].as_str().unwrap();
        let path = url.split("https://public.example").nth(1).unwrap();
        let answer = ask(shop.house.address, Method::GET, path, &[], "").await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
    }
    let path = format!("/v1/in-app/{}", card["id"].as_str().unwrap());
    let said = async |who: &str, what: &str| {
        let answer = shop.post(&path, json!({ "userId": who, "what": what })).await;
        answer.status.as_u16()
    };
    assert_eq!(said("ben", "seen").await, 404, "nobody else's");
    assert_eq!(said("ann", "liked").await, 422);
    for what in ["seen", "seen", "acted", "dismissed"] {
        assert_eq!(said("ann", what).await, 204, "{what}");
    }
    assert_eq!(collected().await, json!([]));
    let told = shop.told("ann").await;
    let outcomes: Vec<&str> = told.iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["dismissed", "acted", "seen", "handed_over"]);
    // Neither a key nor a proof: nothing. And not without end.
    let bare = ask(
        shop.house.address,
        Method::POST,
        "/v1/in-app",
        &[],
        waiting.to_string(),
    )
    .await;
    assert_eq!(bare.status, 403, "{}", bare.text());
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(shop.post("/v1/in-app", waiting.clone()).await.status.as_u16());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    let other = shop.post("/v1/in-app", json!({ "anonymousId": "v-1" })).await;
    assert_eq!(
        (other.status.as_u16(), other.json()),
        (200, json!({ "messages": [] }))
    );
    shop.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_on_record_is_decided_again_to_the_byte_and_an_altered_one_is_refused() {
    let shop = shop().await;
    shop.agrees("ann", &["Groups", "Texts"]).await;
    shop.asks("ann", 1).await;
    until("the text is on record", async || {
        shop.told("ann")
            .await
            .iter()
            .any(|one| one["outcome"] == "handed_over" && one["channel"] == "sms")
    })
    .await;
    shop.house.app.gate.integrate().await.unwrap();
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::Person,
        now: shop.house.app.now(),
    };
    let whom = Whom {
        user_id: Some("ann"),
        anonymous_id: None,
    };
    let timeline = shop.house.app.gate.timeline(&whom, ask, None, 200).await.unwrap();
    let timeline = timeline.unwrap().unwrap();
    let of_text = |details: &Value| details["outcome"] == "handed_over" && details["channel"] == "sms";
    let sent = timeline
        .iter()
        .filter(|entry| entry.entry.kind == "message")
        .find(|entry| of_text(&serde_json::from_str(&entry.details).unwrap()))
        .unwrap();
    let replayer = server::audit::Replayer::new(&shop.house.app).await.unwrap();
    let gate::Replay::Done(replayed) = replayer.look(sent.record).await.unwrap() else {
        panic!("it was not looked at");
    };
    assert_eq!(replayed.executed, gate::Executed::Same, "{replayed:?}");
    assert!(replayed.is_sound(), "{:?}", replayed.flaws);

    // The same program, and a record that says something else was sent, or to somebody who had been asked less.
    let gathered = server::program::gather(&shop.house.folder.path().join("program")).unwrap();
    let (program, _) = server::program::read(gathered).unwrap_or_else(|faults| panic!("{faults}"));
    let again = |details: &Value| decide::compose::again(&program, &details.to_string());
    let told: Value = serde_json::from_str(&sent.details).unwrap();
    assert_eq!(again(&told), gate::Executed::Same);
    for (place, value) in [
        ("/said/messages/0/traits/plan", json!("free")),
        ("/facts/conversation", json!(true)),
        ("/facts/standing", json!("paused")),
    ] {
        let mut altered = told.clone();
        *altered.pointer_mut(place).unwrap() = value;
        assert!(
            matches!(again(&altered), gate::Executed::Different(_)),
            "{place}: {altered}"
        );
    }
    shop.house.stop().await;
}
