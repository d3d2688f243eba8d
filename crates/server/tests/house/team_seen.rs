//! What the team sees of programs before they act and while they do: simulations, a person made up, what a program
//! would change, how a session ends by itself.

use crate::support::{Answer, House, ask, bought, start_at, start_in};
use crate::team::{act, demo_program, enter, fill, get, house, token};
use axum::http::Method;
use gate::Apply;
use lab::simulate::{self, Habits, Settings, World};
use program::Program;
use server::automation::figures::FEW;
use server::ingest::{Clock, clock};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use vocabulary::{Catalogue, Moment};

const OURS: &str = "https://public.example";

pub(crate) fn demo() -> Program {
    let files = server::program::gather(&demo_program()).unwrap();
    Program::read(files).unwrap()
}

/// What `egard simulate --json` writes.
pub(crate) fn simulated(program: &Program) -> String {
    let begins = Moment(1_767_225_600_000);
    let catalogue = Catalogue::default();
    let world = World::new(program, &catalogue, begins).unwrap();
    let settings = Settings {
        people: 300,
        days: 60,
        seed: 4,
        begins,
        habits: Habits::default(),
        threads: 1,
    };
    serde_json::to_string(&simulate::run(&world, &settings, &[])).unwrap()
}

pub(crate) async fn in_force(house: &House, program: &Program) {
    let before = house.app.gate.programs().await.unwrap();
    let apply = Apply {
        bytes: program.pack(),
        expected: before.first().map(|applied| applied.digest),
        by: "ann".to_owned(),
        needs_approval: false,
    };
    let applied = house
        .app
        .gate
        .apply_program(apply, house.app.now())
        .await
        .unwrap();
    applied.unwrap();
    server::automation::refresh(&house.app).await.unwrap();
}

async fn hand_in(house: &House, cookie: &str, token: &str, file: &str) -> Answer {
    let part = |name: &str, text: &str| {
        format!("--B9\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let body = format!(
        "{}{}--B9\r\nContent-Disposition: form-data; name=\"file\"; filename=\"simulation.json\"\r\n\
         Content-Type: application/json\r\n\r\n{file}\r\n--B9--\r\n",
        part("token", token),
        part("lang", "en"),
    );
    let headers = [
        ("origin", OURS),
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie),
        ("content-type", "multipart/form-data; boundary=B9"),
    ];
    ask(house.address, Method::POST, "/team/simulations", &headers, body).await
}

fn location(answer: &Answer) -> String {
    answer.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_simulation_stands_beside_its_program_and_no_other() {
    let (house, members) = house().await;
    let program = demo();
    let file = simulated(&program);
    let (marketer, officer) = (&members[0], &members[1]);
    let cookie = enter(&house, marketer.0, &marketer.1, "").await;
    let own = token(&get(&house, "/team", &cookie).await);
    let taken = hand_in(&house, &cookie, &own, &file).await;
    let address = format!("/team/simulations/{}", program.digest());
    assert_eq!(location(&taken), format!("{address}?lang=en&said=simulated"));

    let sent: u64 = serde_json::from_str::<serde_json::Value>(&file).unwrap()["messages"]["welcome"]["sent"]
        .as_u64()
        .unwrap();
    assert!(sent > 10, "{sent}");
    for (language, words) in [("en", "Weeks of people"), ("fr", "Semaines de personnes")] {
        let page = get(&house, &format!("{address}?lang={language}"), &cookie).await;
        let text = page.text();
        assert_eq!(page.status, 200);
        assert!(
            text.contains(words) && text.contains(&format!("<dd>{sent}</dd>")),
            "{text}"
        );
        // Every drawing has its table, a title and a description.
        let drawings = text.matches("<svg").count();
        assert!(drawings >= 20, "{drawings}");
        for part in ["<table", "<desc", "<details>", "role=\"img\""] {
            assert_eq!(text.matches(part).count(), drawings, "{part}");
        }
        assert!(
            !text.contains("{ $") && !text.contains("team-"),
            "a word is missing: {text}"
        );
    }
    let list = get(&house, "/team/simulations", &cookie).await.text();
    assert!(list.contains("Simulated with 300 people"), "{list}");

    // Another program, no file of ours, a file whose figures were cut, one that is too long.
    let other = file.replace(&program.digest().to_string(), &"0".repeat(64));
    let cut = file.replacen("\"sent_by_day\":[", "\"sent_by_day\":[1,", 1);
    for (file, word) in [
        (other.as_str(), "simulation-unknown"),
        ("{}", "no-simulation"),
        ("\u{0}\r\n--B", "no-simulation"),
        (&cut, "simulation-unfitting"),
    ] {
        let answer = hand_in(&house, &cookie, &own, file).await;
        assert!(
            location(&answer).ends_with(&format!("said={word}")),
            "{}",
            location(&answer)
        );
    }
    let long = hand_in(&house, &cookie, &own, &" ".repeat(gate::MAX_SIMULATION * 2)).await;
    assert_eq!(long.status, 413);
    for token in ["", "A"] {
        assert_eq!(hand_in(&house, &cookie, token, &file).await.status, 403);
    }
    let cookie = enter(&house, officer.0, &officer.1, "").await;
    let own = token(&get(&house, "/team", &cookie).await);
    assert_eq!(
        hand_in(&house, &cookie, &own, &file).await.status,
        403,
        "not their role"
    );
    assert_eq!(get(&house, &address, &cookie).await.status, 200);
    assert_eq!(get(&house, &address, "").await.status, 401);
}

/// The page as it is after somebody was made up.
async fn judged(house: &House, cookie: &str, token: &str, segment: &str, fields: &str) -> String {
    let answer = act(house, &format!("/team/segments/{segment}"), cookie, token, fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_made_up_is_in_or_out_for_reasons_and_is_kept_nowhere() {
    let (house, members) = house().await;
    in_force(&house, &demo()).await;
    let (role, secret, _) = &members[0];
    let cookie = enter(&house, *role, secret, "").await;
    let page = get(&house, "/team/segments/regulars?lang=en", &cookie).await;
    let token = token(&page);
    assert_eq!(
        page.text().matches("name=\"e.").count(),
        4,
        "three orders, and one more"
    );
    let before = house.app.gate.counts().await.unwrap();

    let order = |row: usize, days: &str| format!("e.{row}.Order+Completed={days}&");
    let three = [order(0, "1"), order(1, "20,5"), order(2, "170")].concat();
    let text = judged(&house, &cookie, &token, "regulars", &three).await;
    assert!(text.contains("This person would be in the segment"), "{text}");
    assert!(
        text.contains("“Order placed” happened 3\u{a0}times")
            && text.contains("If nothing happens, that changes on"),
        "{text}"
    );
    // What was typed is still there.
    assert!(text.contains("value=\"20,5\""), "{text}");
    let two = [order(0, "1"), order(1, "20"), order(2, "181")].concat();
    let text = judged(&house, &cookie, &token, "regulars", &two).await;
    assert!(
        text.contains("would not be in the segment") && text.contains("happened 2\u{a0}times"),
        "{text}"
    );
    let text = judged(&house, &cookie, &token, "regulars", &order(0, "yesterday")).await;
    assert!(
        text.contains("data-testid=\"unclear\"") && text.contains("Order Completed"),
        "{text}"
    );

    // Of another segment, a trait, and a consent; in French.
    let french = "lang=fr&t.newsletter_rhythm=weekly&c.market_by_email=yes";
    let body = format!("token={token}&{french}");
    let headers = [
        ("origin", OURS),
        ("cookie", cookie.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let path = "/team/segments/newsletter_weekly";
    let text = ask(house.address, Method::POST, path, &headers, body)
        .await
        .text();
    assert!(text.contains("Cette personne serait dans le segment"), "{text}");
    assert!(
        text.contains("Rythme de la lettre") && text.contains("Cette personne accepte la finalité"),
        "{text}"
    );
    let quiet = "e.0.Order+Completed=100";
    let text = judged(&house, &cookie, &token, "quiet", quiet).await;
    assert!(
        text.contains("would be in the segment") && text.contains("This person is in the group"),
        "{text}"
    );

    assert_eq!(get(&house, "/team/segments/none", &cookie).await.status, 404);
    assert_eq!(
        house.app.gate.counts().await.unwrap(),
        before,
        "nothing was written"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_program_would_change_is_told_before_and_small_numbers_are_not() {
    let house = start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.program.folder = Some(demo_program());
    })
    .await;
    let members = fill(&house).await;
    house.fill().await;
    let mut files = server::program::gather(&demo_program()).unwrap();
    let mut change = |path: &str, from: &str, to: &str| {
        let text = String::from_utf8(files[path].clone()).unwrap();
        assert!(text.contains(from), "{path}");
        files.insert(path.to_owned(), text.replace(from, to).into_bytes());
    };
    change("segments/regulars.yaml", "at_least: 3", "at_least: 9");
    change("journeys/welcome.yaml", "wait: 6 days", "wait: 9 days");
    in_force(&house, &Program::read(files).unwrap()).await;
    let (role, secret, _) = &members[1];
    let cookie = enter(&house, *role, secret, "").await;
    let page = get(&house, "/team/plan/folder?lang=en", &cookie).await;
    let text = page.text();
    assert_eq!(page.status, 200);
    assert!(text.contains("is reckoned anew for everybody"), "{text}");
    assert!(text.contains("The step “settle” is changed"), "{text}");
    assert!(
        text.contains("data-testid=\"sample\"") && text.contains("Then: not counted yet"),
        "{text}"
    );
    let token = token(&page);
    let sampled = act(&house, "/team/plan/folder", &cookie, &token, "").await;
    assert_eq!(sampled.status, 200);
    let text = sampled.text();
    assert!(text.contains("data-testid=\"sampled\""), "{text}");
    // All 36 customers bought three times: fewer than are told.
    assert!(text.contains(&format!("Then: fewer than {FEW} people")), "{text}");
    // Digests in addresses hold every pair of digits.
    assert!(!text.contains(" 36 ") && !text.contains(">36"), "{text}");
    for (path, status) in [
        (format!("/team/plan/{}", "0".repeat(64)), 404),
        ("/team/plan/none".to_owned(), 404),
    ] {
        assert_eq!(get(&house, &path, &cookie).await.status, status, "{path}");
    }
    let forged = act(&house, "/team/plan/folder", &cookie, "A", "").await;
    assert_eq!(forged.status, 403);
}

/// What is counted is told rounded, on the drawing and in words, and not told when it is small.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journeys_page_tells_how_often_what_happened() {
    let (house, members) = house().await;
    house.fill().await;
    in_force(&house, &demo()).await;
    let running = house.app.running().unwrap();
    let welcome = running.automation.journeys.get(&"welcome".into()).unwrap();
    let key = |what: &str| decide::automation::key(welcome, what);
    let today = house.app.now().day();
    let counts = [
        (key(program::drawing::ENTERED), 1_234),
        (key(program::drawing::GOAL), 3),
    ];
    house
        .app
        .gate
        .add_flow(today, counts.into_iter().collect())
        .await
        .unwrap();
    let counted = server::automation::count::count(&house.app, &running)
        .await
        .unwrap();
    assert_eq!(counted.week.get(&key(program::drawing::ENTERED)), Some(&1_234));
    let (role, secret, _) = &members[2];
    let cookie = enter(&house, *role, secret, "").await;
    let shown = async |path: &str| get(&house, path, &cookie).await.text();
    // The house counts by itself once the program has reached everybody.
    let mut text = String::new();
    for _ in 0..600 {
        text = shown("/team/journeys/welcome?lang=en&days=7").await;
        if text.contains("about 1,200 times") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(
        text.contains("about 1,200 times") && !text.contains("1,234"),
        "{text}"
    );
    assert!(
        text.contains("fewer than 50 times") && text.contains("the last 7 days"),
        "{text}"
    );
    assert!(text.contains("≈\u{a0}1,200"), "not on the drawing: {text}");
    let french = shown("/team/journeys/welcome?lang=fr").await;
    assert!(
        french.contains("environ 1\u{202f}200 fois") && french.contains("les 30 derniers jours"),
        "{french}"
    );
}

/// That somebody's journeys came to more than is kept is told until another program is in force, and of whom is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_to_too_much_and_a_dictionary_that_waits_are_told_on_their_pages() {
    let (house, members) = house().await;
    let (role, secret, _) = &members[2];
    let cookie = enter(&house, *role, secret, "").await;
    let shown = async |path: &str| get(&house, path, &cookie).await.text();
    let waits = "data-testid=\"dictionary-waits\"";
    assert!(!shown("/team/program?lang=en").await.contains(waits));
    in_force(&house, &demo()).await;
    assert!(!shown("/team/program?lang=en").await.contains(waits));
    // The house was started with the dictionary of the demo, not with this program's.
    let mut files = server::program::gather(&demo_program()).unwrap();
    let declared = String::from_utf8(files["dictionary.yaml"].clone()).unwrap();
    let more = "traits:\n  shoe_size:\n    purposes: [service]\n    title: { fr: Pointure, en: Shoe size }\n";
    files.insert(
        "dictionary.yaml".to_owned(),
        declared.replacen("traits:\n", more, 1).into(),
    );
    in_force(&house, &Program::read(files).unwrap()).await;
    assert!(!house.app.running().unwrap().has_its_dictionary(&house.app.gate));
    let page = shown("/team/program?lang=en").await;
    assert!(
        page.contains(waits) && page.contains("takes effect at the next start"),
        "{page}"
    );
    let page = shown("/team/program?lang=fr").await;
    assert!(page.contains("il prendra effet au prochain démarrage"), "{page}");

    house.app.note_too_large(0);
    assert!(!shown("/team/journeys?lang=en").await.contains("64 KiB"));
    house.app.note_too_large(3);
    assert!(shown("/team/journeys?lang=en").await.contains("64 KiB"));
    assert!(shown("/team/journeys?lang=fr").await.contains("64 Kio"));
    let mut files = server::program::gather(&demo_program()).unwrap();
    files.remove("journeys/welcome.yaml").unwrap();
    in_force(&house, &Program::read(files).unwrap()).await;
    assert!(!shown("/team/journeys?lang=en").await.contains("64 KiB"));
}

/// Nobody's session outlives half an hour without a request, or ten hours with them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_by_itself() {
    let ahead = Arc::new(AtomicI64::new(0));
    let clock: Clock = {
        let ahead = Arc::clone(&ahead);
        Arc::new(move || Moment(clock::system()().0 + ahead.load(Ordering::SeqCst)))
    };
    let house = start_at(tempfile::tempdir().unwrap(), clock, |_| {}).await;
    let members = fill(&house).await;
    let minutes = |count: i64| ahead.fetch_add(count * 60_000, Ordering::SeqCst);
    let (role, secret, _) = &members[0];
    let cookie = enter(&house, *role, secret, "").await;
    minutes(29);
    assert_eq!(get(&house, "/team", &cookie).await.status, 200);
    minutes(29);
    assert_eq!(
        get(&house, "/team", &cookie).await.status,
        200,
        "each request counts"
    );
    minutes(31);
    assert_eq!(
        get(&house, "/team", &cookie).await.status,
        401,
        "half an hour without one"
    );
    minutes(-31);
    assert_eq!(
        get(&house, "/team", &cookie).await.status,
        401,
        "it is over for good"
    );

    let (role, secret, _) = &members[1];
    let cookie = enter(&house, *role, secret, "").await;
    for _ in 0..23 {
        minutes(25);
        assert_eq!(get(&house, "/team", &cookie).await.status, 200);
    }
    minutes(26);
    assert_eq!(
        get(&house, "/team", &cookie).await.status,
        401,
        "ten hours and no more"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_a_person_is_in_a_group_is_told_for_a_purpose_that_sees_it() {
    let (house, members) = house().await;
    house.fill().await;
    in_force(&house, &demo()).await;
    for _ in 0..3 {
        house.send_all(&[bought("p0", &["i1"])]).await;
    }
    let (role, secret, _) = &members[1];
    let cookie = enter(&house, *role, secret, "").await;
    let token = token(&get(&house, "/team/person", &cookie).await);
    let open = async |purpose: &str| {
        let fields = format!("person=p0&purpose={purpose}&reason=They+ask+why+they+get+letters");
        act(&house, "/team/person", &cookie, &token, &fields).await.text()
    };
    let mut text = String::new();
    for _ in 0..600 {
        text = open("answer_rights_request").await;
        if text.contains("Bought three times in six months") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(text.contains("Bought three times in six months"), "{text}");
    assert!(
        text.contains("data-testid=\"why\"") && text.contains("“Order placed” happened"),
        "{text}"
    );
    assert!(text.contains("Item 1: viewed"), "items by their names: {text}");
    for key in ["lastAt", "\"history\"", "i1 "] {
        assert!(!text.contains(key), "{key} in {text}");
    }
    let help = open("human_help").await;
    assert!(help.contains("Bought three times in six months"), "{help}");
    assert!(
        !help.contains("data-testid=\"why\""),
        "this purpose sees no reasons: {help}"
    );
    let secure = open("secure").await;
    assert!(
        secure.contains("Last heard of") && !secure.contains("three times"),
        "{secure}"
    );
}
