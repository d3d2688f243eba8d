//! The team's pages: who gets in and who does not, what ends a session, what a page may do, and that the log
//! hears of it without names.

use crate::browser;
use crate::support::{Answer, House, ask, start_in};
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use server::ingest::clock;
use server::team::members::{self, Shown};
use server::team::roles::Role;
use std::path::PathBuf;
use vocabulary::Moment;

pub(crate) const PASSWORD: &str = "four words put together";
/// `public_url` of these houses.
const OURS: &str = "https://public.example";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

pub(crate) fn demo_program() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/program"))
}

/// A house with the demo's program in its folder, and one member of each role.
pub(crate) async fn house() -> (House, Vec<(Role, Vec<u8>, Shown)>) {
    let house = start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.program.folder = Some(demo_program());
    })
    .await;
    let members = fill(&house).await;
    (house, members)
}

pub(crate) async fn fill(house: &House) -> Vec<(Role, Vec<u8>, Shown)> {
    let mut all = Vec::new();
    for role in Role::ALL {
        let gate = &house.app.gate;
        let shown = members::add(gate, ("Shop", role.as_str()), role, PASSWORD, house.app.now())
            .await
            .unwrap();
        let known = gate.team().await.unwrap();
        let member = known.iter().find(|member| member.name == role.as_str()).unwrap();
        all.push((role, member.secret.clone(), shown));
    }
    all
}

pub(crate) async fn get(house: &House, path: &str, cookie: &str) -> Answer {
    ask(house.address, Method::GET, path, &[("cookie", cookie)], "").await
}

pub(crate) async fn post(house: &House, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = [headers, &[FORM]].concat();
    ask(house.address, Method::POST, path, &headers, body.to_owned()).await
}

/// Tries to sign in as a browser on our own page does.
async fn try_with(house: &House, name: &str, password: &str, code: &str, cookie: &str) -> Answer {
    let body = format!(
        "name={name}&password={}&code={code}&lang=en",
        password.replace(' ', "+")
    );
    let headers = [
        ("origin", OURS),
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie),
    ];
    post(house, "/team/sign-in", &headers, &body).await
}

fn cookie_of(answer: &Answer) -> String {
    let set = answer.headers["set-cookie"].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

/// Signs in; the secret's next code may be that of a step to come, so that several can sign in within one.
pub(crate) async fn enter(house: &House, role: Role, secret: &[u8], cookie: &str) -> String {
    let code = server::team::code(secret, house.app.now());
    let answer = try_with(house, role.as_str(), PASSWORD, &code, cookie).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    cookie_of(&answer)
}

/// The token of a page's forms.
pub(crate) fn token(page: &Answer) -> String {
    let text = page.text();
    let start = text.find("name=\"token\" value=\"").unwrap() + 20;
    text[start..].split('"').next().unwrap().to_owned()
}

/// A form of a page, as a browser on our own page sends it.
pub(crate) async fn act(house: &House, path: &str, cookie: &str, token: &str, fields: &str) -> Answer {
    let body = format!("token={token}&lang=en&{fields}");
    let headers = [
        ("origin", OURS),
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie),
    ];
    post(house, path, &headers, &body).await
}

/// What the log says in the open of the team.
async fn leaves(house: &House) -> String {
    house.app.gate.integrate().await.unwrap();
    let checkpoint = house.app.gate.checkpoint().await.unwrap().unwrap();
    let checkpoint = String::from_utf8(checkpoint).unwrap();
    let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    let tile = house
        .app
        .gate
        .tile(format!("tile/entries/000.p/{size}"))
        .await
        .unwrap();
    String::from_utf8_lossy(&tile.unwrap()).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_three_must_be_right_and_a_code_is_good_once() {
    let (house, members) = house().await;
    let (role, secret, shown) = &members[0];
    let name = role.as_str();
    let code = || server::team::code(secret, house.app.now());
    let wrong = try_with(&house, name, "another password", &code(), "").await;
    let nobody = try_with(&house, "nobody", PASSWORD, &code(), "").await;
    let no_code = try_with(&house, name, PASSWORD, "000000", "").await;
    for answer in [&wrong, &nobody, &no_code] {
        assert_eq!(answer.status, 401);
        assert!(answer.headers.get("set-cookie").is_none());
        assert_eq!(answer.body, wrong.body, "one answer for all");
    }
    let used = code();
    let inside = try_with(&house, name, PASSWORD, &used, "").await;
    assert_eq!(inside.status, 303, "{}", inside.text());
    let set = inside.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("__Host-egard-team="), "{set}");
    for flag in ["Path=/", "HttpOnly", "SameSite=Strict", "Secure"] {
        assert!(set.split("; ").any(|one| one == flag), "{set} lacks {flag}");
    }
    assert!(!set.contains("Domain"));
    assert_eq!(inside.headers["location"], "/team?lang=en");

    let replayed = try_with(&house, name, PASSWORD, &used, "").await;
    assert_eq!(replayed.status, 401, "the same code once more");
    let recovery = &shown.recovery[0];
    assert_eq!(try_with(&house, name, PASSWORD, recovery, "").await.status, 303);
    assert_eq!(try_with(&house, name, PASSWORD, recovery, "").await.status, 401);
}

/// Of many who come with one code at once, one gets in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_with_the_same_code_one_gets_in() {
    let (house, members) = house().await;
    let (role, secret, _) = &members[0];
    let code = server::team::code(secret, house.app.now());
    let attempt = || try_with(&house, role.as_str(), PASSWORD, &code, "");
    let (a, b, c) = tokio::join!(attempt(), attempt(), attempt());
    let inside = [a, b, c].iter().filter(|answer| answer.status == 303).count();
    assert_eq!(inside, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_ends_after_ten_tries_for_names_of_somebody_and_of_nobody() {
    let (house, members) = house().await;
    let (role, secret, _) = &members[0];
    for name in [role.as_str(), "nobody"] {
        for _ in 0..10 {
            let answer = try_with(&house, name, "a password that is wrong", "000000", "").await;
            assert_eq!(answer.status, 401);
        }
        let code = server::team::code(secret, house.app.now());
        let late = try_with(&house, name, PASSWORD, &code, "").await;
        assert_eq!(late.status, 429, "{name}");
        assert_eq!(late.headers["retry-after"], "900");
        assert!(late.headers.get("set-cookie").is_none());
    }
    let (other, secret, _) = &members[1];
    enter(&house, *other, secret, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_fresh_and_ends_with_whatever_changes_its_member() {
    let (house, members) = house().await;
    let gate = &house.app.gate;
    let (role, secret, shown) = &members[0];
    // What an attacker put there is not taken up.
    let fixed = format!("__Host-egard-team={}", "A".repeat(43));
    let cookie = enter(&house, *role, secret, &fixed).await;
    assert_ne!(cookie, fixed);
    assert_eq!(get(&house, "/team", &fixed).await.status, 401);
    assert_eq!(get(&house, "/team", &cookie).await.status, 200);
    let both = format!("{fixed}; {cookie}");
    assert_eq!(get(&house, "/team", &both).await.status, 401, "two of one name");

    // Signing in again ends the session of before.
    let again = try_with(&house, role.as_str(), PASSWORD, &shown.recovery[1], &cookie).await;
    let second = cookie_of(&again);
    assert_eq!(get(&house, "/team", &cookie).await.status, 401);
    assert_eq!(get(&house, "/team", &second).await.status, 200);

    members::set_role(gate, role.as_str(), Role::Admin, house.app.now())
        .await
        .unwrap();
    assert_eq!(get(&house, "/team", &second).await.status, 401, "another role");
    let third = try_with(&house, role.as_str(), PASSWORD, &shown.recovery[2], "").await;
    let third = cookie_of(&third);
    assert_eq!(get(&house, "/team/members", &third).await.status, 200);
    members::reset(
        gate,
        ("Shop", role.as_str()),
        "another password of them",
        house.app.now(),
    )
    .await
    .unwrap();
    assert_eq!(get(&house, "/team", &third).await.status, 401, "another password");
    let old = try_with(&house, role.as_str(), PASSWORD, &shown.recovery[3], "").await;
    assert_eq!(old.status, 401, "the old password and codes are gone");

    let (other, secret, _) = &members[1];
    let cookie = enter(&house, *other, secret, "").await;
    let page = get(&house, "/team", &cookie).await;
    let left = act(&house, "/team/leave", &cookie, &token(&page), "").await;
    assert_eq!(left.status, 200);
    assert!(left.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(
        get(&house, "/team", &cookie).await.status,
        401,
        "a copy of the cookie"
    );
    members::remove(gate, other.as_str(), house.app.now())
        .await
        .unwrap();
    let code = server::team::code(secret, Moment(house.app.now().0 + 30_000));
    assert_eq!(
        try_with(&house, other.as_str(), PASSWORD, &code, "").await.status,
        401
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_from_elsewhere_does_nothing() {
    let (house, members) = house().await;
    let (role, secret, _) = &members[2];
    let cookie = enter(&house, *role, secret, "").await;
    let page = get(&house, "/team", &cookie).await;
    let token = token(&page);
    let remove = format!("token={token}&act=remove&name=marketer");
    let with = |origin: Option<&'static str>, site: Option<&'static str>| {
        let mut headers = vec![("cookie", cookie.clone())];
        headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
        headers.extend(site.map(|site| ("sec-fetch-site", site.to_owned())));
        headers
    };
    for headers in [
        with(Some("https://evil.example"), Some("cross-site")),
        with(Some("null"), None),
        with(Some(OURS), Some("same-site")),
        with(None, None),
    ] {
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = post(&house, "/team/members", &headers, &remove).await;
        assert_eq!(answer.status, 403, "{headers:?}");
        let sign_in = post(&house, "/team/sign-in", &headers, "name=a&password=b&code=c").await;
        assert_eq!(sign_in.status, 403, "{headers:?}");
    }
    for token in ["", "A", &"A".repeat(43)] {
        let answer = act(
            &house,
            "/team/members",
            &cookie,
            token,
            "act=remove&name=marketer",
        )
        .await;
        assert_eq!(answer.status, 403);
    }
    let members_before = house.app.gate.team().await.unwrap().len();
    assert_eq!(members_before, members.len());
    let own = act(&house, "/team/members", &cookie, &token, "act=remove&name=admin").await;
    assert!(own.headers["location"].to_str().unwrap().contains("not-yourself"));
    let done = act(
        &house,
        "/team/members",
        &cookie,
        &token,
        "act=remove&name=marketer",
    )
    .await;
    assert!(
        done.headers["location"]
            .to_str()
            .unwrap()
            .contains("member-removed")
    );
    assert_eq!(house.app.gate.team().await.unwrap().len(), members_before - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_strict_kept_by_nobody_and_deaf_to_the_host() {
    let (house, members) = house().await;
    let (role, secret, _) = &members[2];
    let cookie = enter(&house, *role, secret, "").await;
    for (path, cookie) in [
        ("/team", ""),
        ("/team/sign-in", ""),
        ("/team", cookie.as_str()),
        ("/team/program", &cookie),
        ("/team/program/folder/program.yaml", &cookie),
        ("/team/program/folder/..%2f..%2fkeys%2fkek", &cookie),
        ("/team/journeys/none", &cookie),
        ("/team/segments/none", &cookie),
        ("/team/plan/folder", &cookie),
        ("/team/simulations", &cookie),
        ("/team/person", &cookie),
    ] {
        let hostile = [
            ("cookie", cookie),
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
        ];
        let answer = ask(house.address, Method::GET, path, &hostile, "").await;
        assert!(
            !format!("{:?}{}", answer.headers, answer.text()).contains("evil"),
            "{path}"
        );
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        assert!(
            !answer.text().contains("<script") && !answer.text().contains("style="),
            "{path}"
        );
    }
    let outside = get(&house, "/team/program/folder/..%2f..%2fkeys%2fkek", &cookie).await;
    assert_eq!(outside.status, 404);
}

/// Over real HTTP: every page and every act, for every role.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_reaches_what_its_row_of_the_table_says() {
    let (house, members) = house().await;
    let zeros = "0".repeat(64);
    for (role, secret, _) in &members {
        let cookie = enter(&house, *role, secret, "").await;
        let page = get(&house, "/team", &cookie).await;
        let token = token(&page);
        let (marketer, officer, admin) = (
            *role == Role::Marketer,
            *role == Role::PrivacyOfficer,
            *role == Role::Admin,
        );
        for (path, may) in [
            ("/team/program", true),
            ("/team/segments", true),
            ("/team/journeys", true),
            ("/team/simulations", true),
            ("/team/messages", true),
            ("/team/outbox", true),
            ("/team/person", officer),
            ("/team/members", admin),
        ] {
            let status = get(&house, path, &cookie).await.status;
            assert_eq!(status, if may { 200 } else { 403 }, "{role:?} {path}");
            assert_eq!(get(&house, path, "").await.status, 401, "{path}");
            let shown = page.text().contains(&format!("href=\"{path}?lang"));
            assert_eq!(shown, may, "{role:?} {path}");
        }
        for (path, fields, may) in [
            (
                "/team/program",
                format!("act=put-forward&digest={zeros}"),
                marketer || admin,
            ),
            (
                "/team/program",
                format!("act=apply&digest={zeros}"),
                marketer || admin,
            ),
            (
                "/team/program",
                format!("act=approve&digest={zeros}"),
                *role != Role::Care,
            ),
            (
                "/team/program",
                format!("act=take-back&digest={zeros}"),
                *role != Role::Care,
            ),
            (
                "/team/program",
                format!("act=put-back&digest={zeros}"),
                *role != Role::Care,
            ),
            ("/team/members", "act=end&name=nobody".to_owned(), admin),
            ("/team/outbox", "id=00".to_owned(), *role != Role::Care),
            (
                "/team/person",
                "person=p0&purpose=secure&reason=short".to_owned(),
                officer,
            ),
        ] {
            let status = act(&house, path, &cookie, &token, &fields).await.status;
            assert_eq!(status != 403, may, "{role:?} {fields} {status}");
            let out = act(&house, path, "", &token, &fields).await.status;
            assert_eq!(out, 401, "{fields}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_is_put_forward_by_one_and_approved_by_another() {
    let (house, members) = house().await;
    let cookies = [
        enter(&house, members[0].0, &members[0].1, "").await,
        enter(&house, members[1].0, &members[1].1, "").await,
    ];
    let tokens = [
        token(&get(&house, "/team", &cookies[0]).await),
        token(&get(&house, "/team", &cookies[1]).await),
    ];
    let said = |answer: &Answer| answer.headers["location"].to_str().unwrap().to_owned();
    let page = get(&house, "/team/program?lang=en", &cookies[0]).await.text();
    let digest = page.split("data-testid=\"proposed\">").nth(1).unwrap()[..64].to_owned();
    let fields = |act: &str| format!("act={act}&digest={digest}&against=none");
    let zeros = format!("act=put-forward&digest={}&against=none", "0".repeat(64));
    let other = act(&house, "/team/program", &cookies[0], &tokens[0], &zeros).await;
    assert!(
        said(&other).ends_with("said=changed"),
        "not the program that was looked at"
    );

    let forward = act(
        &house,
        "/team/program",
        &cookies[0],
        &tokens[0],
        &fields("put-forward"),
    )
    .await;
    assert!(said(&forward).ends_with("said=forward"), "{}", said(&forward));
    let own = act(
        &house,
        "/team/program",
        &cookies[0],
        &tokens[0],
        &fields("approve"),
    )
    .await;
    assert!(said(&own).ends_with("said=same-person"));
    let early = act(&house, "/team/program", &cookies[0], &tokens[0], &fields("apply")).await;
    assert!(said(&early).ends_with("said=forward"), "{}", said(&early));
    let approved = act(
        &house,
        "/team/program",
        &cookies[1],
        &tokens[1],
        &fields("approve"),
    )
    .await;
    assert!(said(&approved).ends_with("said=approved"));
    let applied = act(&house, "/team/program", &cookies[0], &tokens[0], &fields("apply")).await;
    assert!(said(&applied).ends_with("said=applied"), "{}", said(&applied));
    let again = act(&house, "/team/program", &cookies[0], &tokens[0], &fields("apply")).await;
    assert!(
        said(&again).ends_with("said=overtaken"),
        "what was in force has changed"
    );

    let history = house.app.gate.programs().await.unwrap();
    assert_eq!(history[0].digest.to_string(), digest);
    assert_eq!(
        (history[0].by.as_str(), history[0].approved_by.as_deref()),
        ("marketer", Some("privacy_officer"))
    );
    for (language, words) in [
        ("en", "Bought three times in six months"),
        ("fr", "A acheté trois fois en six mois"),
    ] {
        let segments = get(&house, &format!("/team/segments?lang={language}"), &cookies[1])
            .await
            .text();
        assert!(segments.contains(words));
        assert!(
            segments.contains(if language == "en" {
                "Order placed"
            } else {
                "Commande passée"
            }) && !segments.contains("{ $"),
            "{segments}"
        );
    }
    let journey = get(&house, "/team/journeys/abandoned_cart?lang=fr", &cookies[1]).await;
    assert_eq!(journey.status, 200);
    assert!(journey.text().contains("<svg") && journey.text().contains("which_words"));
    let file = get(
        &house,
        &format!("/team/program/{digest}/journeys/abandoned_cart.yaml"),
        &cookies[1],
    )
    .await;
    assert!(file.text().contains("cart_words"), "{}", file.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_a_person_leaves_its_reason_with_the_person() {
    let (house, members) = house().await;
    house.fill().await;
    let (role, secret, _) = &members[1];
    let cookie = enter(&house, *role, secret, "").await;
    let token = token(&get(&house, "/team/person", &cookie).await);
    let fields = "person=p0&purpose=secure&reason=They+report+a+stolen+account";
    let opened = act(&house, "/team/person", &cookie, &token, fields).await;
    assert_eq!(opened.status, 200);
    assert!(
        opened.text().contains("data-testid=\"opened\""),
        "{}",
        opened.text()
    );
    let unknown = act(
        &house,
        "/team/person",
        &cookie,
        &token,
        &fields.replace("p0", "who"),
    )
    .await;
    assert!(unknown.text().contains("person-said") && !unknown.text().contains("data-testid=\"opened\""));
    let market = act(
        &house,
        "/team/person",
        &cookie,
        &token,
        &fields.replace("secure", "market_by_email"),
    )
    .await;
    assert!(!market.text().contains("data-testid=\"opened\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_hears_of_the_team_and_of_no_name() {
    let (house, members) = house().await;
    let (role, secret, _) = &members[0];
    enter(&house, *role, secret, "").await;
    members::set_role(&house.app.gate, role.as_str(), Role::Admin, clock::system()())
        .await
        .unwrap();
    members::add(
        &house.app.gate,
        ("Shop", "Héloïse"),
        Role::Admin,
        PASSWORD,
        house.app.now(),
    )
    .await
    .unwrap();
    let log = leaves(&house).await;
    for word in [
        "team:signed-in",
        "team:role-changed",
        "team:member-added",
        "team:by-code",
    ] {
        assert!(log.contains(word), "{word}");
    }
    for name in ["Héloïse", "nobody", PASSWORD] {
        assert!(!log.contains(name), "{name}");
    }
    // Names, hashes and secrets are sealed in the store too.
    let store = house.app.gate.team().await.unwrap();
    assert!(store.iter().any(|member| member.name == "Héloïse"));
    let shown = format!("{store:?}");
    assert!(!shown.contains("Héloïse"), "{shown}");
}

/// On a phone and on a desk, in both languages, without script.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_team_walks_through_its_pages_in_a_browser() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let house = start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.listen = free;
        settings.public_url = format!("http://{free}");
        settings.me.site = "Shop Example".to_owned();
        let folder = settings.keys.with_file_name("program");
        copy(&demo_program(), &folder);
        settings.program.folder = Some(folder);
    })
    .await;
    house.fill().await;
    let members = fill(&house).await;
    let codes: Vec<String> = members
        .iter()
        .map(|(role, _, shown)| format!("{}={}", role.as_str(), shown.recovery.join(",")))
        .collect();
    let base = format!("http://{}", house.address);
    let folder = house.folder.path().join("program").display().to_string();
    let file = house.folder.path().join("simulation.json");
    std::fs::write(&file, crate::team_seen::simulated(&crate::team_seen::demo())).unwrap();
    let file = file.display().to_string();
    tokio::task::spawn_blocking(move || {
        browser::run(
            "team.mjs",
            &[&base, &STANDARD.encode(codes.join(";")), PASSWORD, &folder, &file],
        );
    })
    .await
    .unwrap();
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &place),
            false => drop(std::fs::copy(entry.path(), place).unwrap()),
        }
    }
}
