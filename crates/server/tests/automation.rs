//! What a program does to people, over real HTTP: groups, journeys and messages follow what happens, and end
//! when it is refused, when time passes, or when the program is another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "house/support.rs"]
mod support;

use gate::charter::Requester;
use gate::{Applied, Apply, Ask, NotApplied, Subject, Whom};
use hyper::Method;
use program::{Files, Program};
use serde_json::{Value, json};
use server::app::App;
use server::ingest::{Clock, clock};
use server::{rights, serve};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use support::{Answer, WRITE_KEY, ask, at, bought, key, viewed};
use tempfile::TempDir;
use tokio::sync::oneshot;
use vocabulary::{DAY_MS, Digest, HOUR_MS, Moment, Signals};

/// A running server whose clock can be set forward.
struct House {
    app: App,
    address: std::net::SocketAddr,
    ahead: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<support::Served>,
    folder: TempDir,
}

async fn start() -> House {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    for (path, bytes) in files() {
        let path = program.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    start_in(folder).await
}

async fn start_in(folder: TempDir) -> House {
    let store = format!("embedded:{}", folder.path().join("store").display());
    let mut settings = support::settings(folder.path(), store);
    settings.program.folder = Some(folder.path().join("program"));
    // It must not be read.
    settings.dictionary = folder.path().join("no dictionary");
    let ahead = Arc::new(AtomicI64::new(0));
    let clock: Clock = {
        let ahead = Arc::clone(&ahead);
        Arc::new(move || Moment(clock::system()().0 + ahead.load(Ordering::SeqCst)))
    };
    let app = serve::open(&settings, Arc::clone(&clock)).await.unwrap();
    let router = serve::router(&app, &settings, clock).unwrap();
    let listener = serve::listen(&settings).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn({
        let (app, settings) = (app.clone(), settings.clone());
        async move {
            let until = async move { drop(stopped.await) };
            serve::run(app, router, listener, &settings, until).await
        }
    });
    House {
        app,
        address,
        ahead,
        stop: Some(stop),
        served: Some(served),
        folder,
    }
}

/// The demo's program with a group that two days end, a journey that it starts, and a way to permit letters.
fn files() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/program");
    let mut files = server::program::gather(&folder).unwrap();
    let mut change = |path: &str, from: &str, to: &str| {
        let text = String::from_utf8(files[path].clone()).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        files.insert(path.to_owned(), text.replace(from, to).into_bytes());
    };
    change("program.yaml", "approval: second_person", "approval: none");
    change(
        "dictionary.yaml",
        "  Learning: [train]\n",
        "  Learning: [train]\n  Letters: [market_by_email]\n",
    );
    let buyers =
        "title: { fr: Vient d’acheter, en: Just bought }\nwho:\n  event: Order Completed\n  within: 2 days\n";
    files.insert("segments/fresh_buyers.yaml".to_owned(), buyers.into());
    let thanks = "title: { fr: Merci, en: Thank you }\npurpose: market_by_email\nentry:\n  segment: fresh_buyers\n  \
                  change: enters\nagain: when_out\nsteps:\n  - id: thanks\n    message: welcome\n  - id: rest\n    \
                  wait: 1 day\n  - id: more\n    message: welcome_around\n";
    files.insert("journeys/thanks.yaml".to_owned(), thanks.into());
    files
}

fn read(files: Files) -> Program {
    Program::read(files).unwrap_or_else(|faults| panic!("{faults}"))
}

impl House {
    fn later(&self, ms: i64) {
        self.ahead.fetch_add(ms, Ordering::SeqCst);
    }

    async fn send(&self, messages: &[Value]) {
        for batch in messages.chunks(400) {
            let body = json!({ "batch": batch, "writeKey": WRITE_KEY }).to_string();
            let answer = ask(self.address, Method::POST, "/v1/batch", &[], body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = ask(self.address, Method::GET, path, &[key()], "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn preview(&self, segment: &str) -> Answer {
        ask(
            self.address,
            Method::POST,
            "/v1/segments/preview",
            &[key()],
            segment.to_owned(),
        )
        .await
    }

    async fn apply(&self, program: &Program, expected: Option<Digest>) -> Result<Applied, NotApplied> {
        let apply = Apply {
            bytes: program.pack(),
            expected,
            by: "ann".to_owned(),
            needs_approval: false,
        };
        self.app.gate.apply_program(apply, self.app.now()).await.unwrap()
    }

    /// Applies it, and waits until the running server has brought it to everybody.
    async fn put_in_force(&self, program: &Program) {
        let before = self.app.gate.programs().await.unwrap();
        let applied = self
            .apply(program, before.first().map(|applied| applied.digest))
            .await
            .unwrap();
        self.until("the program has reached everybody", async || {
            let shown = self.get("/v1/segments").await;
            shown["program"]["number"] == applied.number && shown["backfill"]["done"] == true
        })
        .await;
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let started = Instant::now();
        while !holds().await {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "it never came to this: {what}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What happened to somebody, oldest first.
    async fn told(&self, who: &str) -> Vec<String> {
        let ask = Ask {
            signals: Signals::default(),
            requester: Requester::Person,
            now: self.app.now(),
        };
        let whom = Whom {
            user_id: Some(who),
            anonymous_id: None,
        };
        let entries = self.app.gate.timeline(&whom, ask, None, 200).await.unwrap();
        let entries = entries.unwrap().unwrap();
        let mut lines = Vec::new();
        for entry in entries.iter().rev().filter(|entry| entry.entry.kind == "journey") {
            let details: Value = serde_json::from_str(&entry.details).unwrap();
            for turned in details["segments"].as_array().unwrap() {
                let way = if turned["in"] == true { "in" } else { "out of" };
                lines.push(format!("{way} {}", turned["segment"].as_str().unwrap()));
            }
            for effect in details["effects"].as_array().unwrap() {
                let about = &effect["about"];
                let about = about["message"]
                    .as_str()
                    .or(about["because"].as_str())
                    .unwrap_or("");
                let (journey, what) = (&effect["journey"], &effect["what"]);
                let line = format!("{} {} {about}", journey.as_str().unwrap(), what.as_str().unwrap());
                lines.push(line.trim().to_owned());
            }
        }
        lines
    }

    async fn comes_to(&self, who: &str, line: &str) {
        self.until(&format!("{who}: {line}"), async || {
            self.told(who).await.iter().any(|told| told == line)
        })
        .await;
    }

    /// The person's own page, by a link as the site's server asks for it.
    async fn page(&self, who: &str, lang: &str) -> String {
        let body = json!({ "userId": who }).to_string();
        let link = ask(self.address, Method::POST, "/v1/me/links", &[key()], body)
            .await
            .json();
        let url = link["url"].as_str().unwrap().to_owned();
        let pass = url
            .split("pass=")
            .nth(1)
            .or(url.rsplit('/').next())
            .unwrap()
            .to_owned();
        let form = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://public.example"),
        ];
        let body = format!("pass={pass}&lang={lang}");
        let entered = ask(self.address, Method::POST, "/me/open", &form, body).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
        let cookie = entered.headers["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let path = format!("/me?lang={lang}");
        let page = ask(self.address, Method::GET, &path, &[("cookie", &cookie)], "").await;
        assert_eq!(page.status, 200);
        page.text()
    }

    async fn export(&self, who: &str) -> Value {
        let whom = Whom {
            user_id: Some(who),
            anonymous_id: None,
        };
        let (right, form) = (rights::Right::Portability, rights::Form::Json);
        let made = rights::export(&self.app, Subject::Whom(&whom), right, form, Signals::default()).await;
        serde_json::from_slice(&made.unwrap().unwrap().bytes).unwrap()
    }

    async fn stop(mut self) -> TempDir {
        let _ = self.stop.take().unwrap().send(());
        self.served.take().unwrap().await.unwrap().unwrap();
        self.folder
    }
}

/// Says yes or no to groups and letters.
fn says(who: &str, yes: bool) -> Value {
    static NUMBER: AtomicI64 = AtomicI64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    json!({
        "type": "track", "event": gate::CONSENT_EVENT, "messageId": format!("says-{number}"), "userId": who,
        "properties": {},
        "context": { "consent": { "categoryPreferences": { "Groups": yes, "Letters": yes } } },
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_leads_into_groups_and_journeys_and_time_leads_out() {
    let house = start().await;
    house.put_in_force(&read(files())).await;
    house.send(&[says("ann", true), bought("ann", &["i1"])]).await;
    house.comes_to("ann", "in fresh_buyers").await;
    house.comes_to("ann", "thanks message welcome").await;
    // Nothing arrives any more: time alone does the rest.
    house.later(25 * HOUR_MS);
    house.comes_to("ann", "thanks left finished").await;
    house.later(24 * HOUR_MS);
    house.comes_to("ann", "out of fresh_buyers").await;
    let told = house.told("ann").await;
    let of_thanks: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .filter(|line| line.starts_with("thanks") || line.ends_with("fresh_buyers"))
        .collect();
    assert_eq!(
        of_thanks,
        [
            "in fresh_buyers",
            "thanks entered",
            "thanks message welcome",
            "thanks message welcome_around",
            "thanks left finished",
            "out of fresh_buyers",
        ]
    );
    house.stop().await;
}

/// What happens is counted once it is durable: over a stop, and once for each time it happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_in_journeys_is_counted_once_and_kept_over_a_stop() {
    let house = start().await;
    house.put_in_force(&read(files())).await;
    let people: Vec<String> = (0..60).map(|number| format!("buyer-{number}")).collect();
    for who in &people {
        house.send(&[says(who, true), bought(who, &["i1"])]).await;
    }
    for who in &people {
        house.comes_to(who, "thanks message welcome").await;
    }
    let counted = async |house: &House, what: &str| {
        let running = house.app.running().unwrap();
        let counted = server::automation::count::count(&house.app, &running)
            .await
            .unwrap();
        assert_eq!(counted.week, counted.month, "all of it was today");
        let thanks = running.automation.journeys.get(&"thanks".into()).unwrap();
        let key = decide::automation::key(thanks, what);
        counted.week.get(&key).copied().unwrap_or(0)
    };
    let passed = program::drawing::way("thanks", 0);
    assert_eq!(counted(&house, program::drawing::ENTERED).await, 60);
    assert_eq!(counted(&house, &passed).await, 60);
    assert_eq!(counted(&house, program::drawing::LEFT).await, 0);
    let house = start_in(house.stop().await).await;
    house
        .until("the program acts again", async || house.app.running().is_some())
        .await;
    assert_eq!(counted(&house, program::drawing::ENTERED).await, 60);
    // A day further: seven days hold both, and each is counted on its own.
    house.later(25 * HOUR_MS);
    for who in &people {
        house.comes_to(who, "thanks left finished").await;
    }
    assert_eq!(counted(&house, program::drawing::ENTERED).await, 60);
    assert_eq!(counted(&house, program::drawing::LEFT).await, 60);
    house.later(8 * DAY_MS);
    let running = house.app.running().unwrap();
    let later = server::automation::count::count(&house.app, &running)
        .await
        .unwrap();
    let thanks = running.automation.journeys.get(&"thanks".into()).unwrap();
    let key = decide::automation::key(thanks, program::drawing::ENTERED);
    assert_eq!((later.week.get(&key), later.month.get(&key)), (None, Some(&60)));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_refuses_is_in_no_group_and_nothing_happens_to_them_any_more() {
    let house = start().await;
    house.put_in_force(&read(files())).await;
    house.send(&[says("bob", true), bought("bob", &["i1"])]).await;
    house.comes_to("bob", "thanks message welcome").await;
    let shown = house.export("bob").await;
    let group = shown["memberships"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["segment"] == "fresh_buyers");
    let why = &group.unwrap()["why"];
    assert_eq!(
        why["en"],
        json!(["“Order placed” happened once in the last 2\u{a0}days; at least 1 is asked for."])
    );
    assert_eq!(
        why["fr"],
        json!([
            "«\u{202f}Commande passée\u{202f}» est arrivé 1\u{a0}fois sur 2\u{a0}jours jusqu’à maintenant\u{202f}; il faut au moins 1."
        ])
    );
    assert_eq!(shown["journeys"][0]["journey"], "thanks");
    assert_eq!(shown["journeys"][0]["step"], "rest");
    let page = house.page("bob", "fr").await;
    for words in [
        "Vient d’acheter",
        "Pourquoi suis-je dans ce groupe",
        "Étape atteinte",
        "Vous êtes maintenant dans le groupe «\u{202f}Vient d’acheter\u{202f}».",
        "le message «\u{202f}welcome\u{202f}» était prévu",
    ] {
        assert!(page.contains(words), "no `{words}` in {page}");
    }
    house.send(&[says("bob", false)]).await;
    let before = house.told("bob").await;
    let shown = house.export("bob").await;
    assert_eq!(
        (&shown["memberships"], &shown["journeys"]),
        (&json!([]), &json!([]))
    );
    let page = house.page("bob", "en").await;
    assert!(!page.contains("data-testid=\"group\"") && !page.contains("data-testid=\"journey\""));
    house.later(30 * HOUR_MS);
    house
        .send(&[bought("bob", &["i2"]), says("cem", true), bought("cem", &["i2"])])
        .await;
    // Whoever came later was looked at: so was whoever came before.
    house.comes_to("cem", "thanks entered").await;
    house.later(60 * HOUR_MS);
    house.comes_to("cem", "out of fresh_buyers").await;
    assert_eq!(house.told("bob").await, before);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_rest_on_counts_of_many_who_permit_it_and_of_the_last_days() {
    let house = start().await;
    let mut files = files();
    let message = String::from_utf8(files["messages/welcome/message.yaml"].clone()).unwrap();
    let claims = "claims:\n  - claim: social_proof\n    counted: Order Completed\n  - claim: social_proof\n    counted: \
                  Newsletter Requested\n";
    let message = format!("{message}{claims}");
    files.insert("messages/welcome/message.yaml".to_owned(), message.into_bytes());
    let buyers = |from: usize, to: usize| -> Vec<Value> {
        let who = (from..to).map(|p| format!("p{p}"));
        who.flat_map(|who| [says(&who, true), bought(&who, &["i1"]), bought(&who, &["i2"])])
            .collect()
    };
    house.send(&buyers(0, 49)).await;
    house.send(&[says("no", false), bought("no", &["i1"])]).await;
    house.put_in_force(&read(files)).await;
    let counted = async || {
        let running = house.app.running().unwrap();
        server::automation::claims::counted(&house.app, &running)
            .await
            .unwrap()
    };
    // Two orders of one are one, and who refuses is none: 49 are too few to be told.
    assert_eq!(counted().await, BTreeMap::new());
    house.send(&buyers(49, 57)).await;
    let told = BTreeMap::from([("Order Completed".to_owned(), 50)]);
    assert_eq!(counted().await, told, "57 are told as 50");
    house.later(31 * DAY_MS);
    assert_eq!(
        counted().await,
        BTreeMap::new(),
        "what was long ago is not claimed"
    );
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_there_before_a_program_is_in_their_groups_and_nothing_begins_for_them() {
    let house = start().await;
    let crowd: Vec<Value> = (0..70)
        .flat_map(|p| {
            let who = format!("p{p}");
            [says(&who, true), at(HOUR_MS, bought(&who, &["i1"]))]
        })
        .collect();
    house.send(&crowd).await;
    house.send(&[says("no", false), bought("no", &["i1"])]).await;
    house.put_in_force(&read(files())).await;
    house
        .until("they are counted", async || {
            !house.get("/v1/segments").await["countedAt"].is_null()
        })
        .await;
    let shown = house.get("/v1/segments").await;
    let size = |shown: &Value, name: &str| -> Value {
        let all = shown["segments"].as_array().unwrap();
        all.iter().find(|segment| segment["name"] == name).unwrap()["size"].clone()
    };
    assert_eq!(size(&shown, "fresh_buyers"), json!({ "about": 70 }));
    assert_eq!(size(&shown, "newsletter_weekly"), json!({ "fewerThan": 50 }));
    assert_eq!(shown["program"]["dictionaryInUse"], true);
    for who in ["p0", "p69", "no"] {
        assert_eq!(house.told(who).await, Vec::<String>::new());
    }
    // What they do now counts; and whoever comes now is new.
    house.later(3 * DAY_MS);
    house.comes_to("p0", "out of fresh_buyers").await;
    let now = |message: Value| at(-3 * DAY_MS, message);
    house
        .send(&[
            now(bought("p0", &["i2"])),
            now(says("new", true)),
            now(bought("new", &["i2"])),
        ])
        .await;
    house.comes_to("p0", "thanks entered").await;
    house.comes_to("new", "thanks entered").await;
    let journeys = house.get("/v1/journeys").await;
    let thanks = journeys["journeys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "thanks")
        .unwrap();
    assert_eq!(thanks["steps"][1]["id"], "rest");
    assert_eq!(thanks["steps"][1]["people"], json!({ "fewerThan": 50 }));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_says_between_how_many_and_never_how_few() {
    let house = start().await;
    let crowd: Vec<Value> = (0..120)
        .flat_map(|p| {
            let who = format!("p{p}");
            [
                says(&who, p < 100),
                viewed(&who, "i1"),
                bought(&who, &[["i1", "i2"][p % 2]]),
            ]
        })
        .collect();
    house.send(&crowd).await;
    let body = "title: { fr: Un, en: One }\nwho: { event: Product Viewed, within: 1 day }\n";
    assert_eq!(house.preview(body).await.status, 409);
    house.put_in_force(&read(files())).await;
    // Everybody who permits it was looked at: 100 of 100, told in tens.
    let shown = house.preview(body).await.json();
    assert_eq!(
        shown,
        json!({ "sample": { "about": 100 }, "people": { "low": 100, "high": 100 } })
    );
    let one = "title: { fr: Un, en: One }\nwho: { trait: newsletter_rhythm, is: weekly }\n";
    let shown = house.preview(one).await.json();
    assert_eq!(
        shown,
        json!({ "sample": { "about": 100 }, "people": null, "fewerThan": 50 })
    );
    let wrong = house
        .preview("title: { fr: Un, en: One }\nwho: { event: Product Vieweed }\n")
        .await;
    assert_eq!(wrong.status, 422);
    let told = wrong.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
    assert!(
        told.starts_with("line 2, column ") && told.contains("Product Viewed"),
        "{told}"
    );
    let long = house.preview(&"#".repeat(100_000)).await;
    assert_eq!(long.status, 413);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_programs_applied_at_once_one_is_in_force_and_the_other_is_told() {
    let house = start().await;
    let one = read(files());
    let mut changed = files();
    changed.remove("journeys/thanks.yaml");
    let two = read(changed);
    let (first, second) = tokio::join!(house.apply(&one, None), house.apply(&two, None));
    let (won, lost) = match (first, second) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        both => panic!("{both:?}"),
    };
    assert_eq!(lost, NotApplied::Overtaken(Some(won.digest)));
    house
        .until("it acts", async || {
            house.app.running().is_some_and(|running| running.applied == won)
        })
        .await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_in_a_journey_that_goes_leaves_it_once_also_over_a_restart() {
    let house = start().await;
    house.put_in_force(&read(files())).await;
    house.send(&[says("ann", true), bought("ann", &["i1"])]).await;
    house.comes_to("ann", "thanks message welcome").await;
    let house = start_in(house.stop().await).await;
    let mut without = files();
    without.remove("journeys/thanks.yaml");
    house.put_in_force(&read(without)).await;
    house.comes_to("ann", "thanks left journey_gone").await;
    // The journey comes back, as a program of before is: nobody is in it again, and nobody leaves twice.
    house.put_in_force(&read(files())).await;
    let house = start_in(house.stop().await).await;
    house.later(2 * DAY_MS);
    house.comes_to("ann", "out of fresh_buyers").await;
    let told = house.told("ann").await;
    let left = told.iter().filter(|line| line.starts_with("thanks left")).count();
    let sent = told.iter().filter(|line| line.contains("message")).count();
    assert_eq!((left, sent), (1, 1), "{told:?}");
    house.stop().await;
}
