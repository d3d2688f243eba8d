//! Messages as the team sees them: how one reads for somebody who is made up, what the checker finds while a text is
//! typed, what is in doubt.

use crate::browser;
use crate::support::{Answer, House, ask, start_in};
use crate::team::{PASSWORD, act, demo_program, enter, fill, get, token};
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use server::team::roles::Role;

async fn house() -> (House, String, String) {
    let house = start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.program.folder = Some(demo_program());
        settings.channels.email = Some(sender());
        settings.me.mail = Some(relay());
    })
    .await;
    let members = fill(&house).await;
    let (role, secret, _) = &members[0];
    let cookie = enter(&house, *role, secret, "").await;
    let token = token(&get(&house, "/team/messages", &cookie).await);
    (house, cookie, token)
}

fn sender() -> server::channels::email::settings::EmailSettings {
    toml::from_str("from = \"Shop Example <hello@shop.example>\"").unwrap()
}

fn relay() -> server::me::settings::MailSettings {
    toml::from_str("host = \"127.0.0.1\"\nport = 1\nfrom = \"hello@shop.example\"\nsecurity = \"none\"")
        .unwrap()
}

async fn preview(house: &House, cookie: &str, token: &str, message: &str, fields: &str) -> Answer {
    act(house, &format!("/team/messages/{message}"), cookie, token, fields).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_is_what_would_leave_and_can_do_nothing() {
    let (house, cookie, token) = house().await;
    let list = get(&house, "/team/messages?lang=en", &cookie).await.text();
    assert_eq!(list.matches("data-testid=\"message\"").count(), 8, "{list}");
    assert!(list.contains("Sent in: "), "{list}");

    let before = house.app.gate.counts().await.unwrap();
    let fields = "language=fr&tone=&channel=email&v.first_name=Z%C3%B6%C3%A9+%3Cb%3E";
    let page = preview(&house, &cookie, &token, "greeting", fields).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains("Une pensée pour vous aujourd’hui"), "{text}");
    assert!(
        text.contains("Bonjour Zöé &#60;b&#62;, vous nous aviez demandé"),
        "{text}"
    );
    for header in [
        "From",
        "To",
        "Subject",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Message-ID",
    ] {
        assert!(
            text.contains(&format!("<code>{header}</code>")),
            "{header}: {text}"
        );
    }
    assert!(
        text.contains("someone@example.org") && text.contains("Shop Example"),
        "{text}"
    );
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("frame-src 'self'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(text.matches("sandbox title=").count(), 2, "{text}");

    // The frame: for whoever made it, and nobody else; it runs, loads and sends nothing.
    let frame = text
        .split("/team/messages/shown/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let frame = format!("/team/messages/shown/{frame}");
    let shown = get(&house, &frame, &cookie).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("Bonjour Zöé &lt;b&gt;"), "{}", shown.text());
    let policy = shown.headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "sandbox",
        "frame-ancestors 'self'",
        "form-action 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(shown.headers["x-frame-options"], "SAMEORIGIN");
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert!(!shown.text().contains("<script"));
    assert_eq!(get(&house, &frame, "").await.status, 401);
    assert_eq!(
        get(&house, "/team/messages/shown/AAAA", &cookie).await.status,
        404
    );

    // Another tone has other words; a text message has no HTML.
    let formal = preview(
        &house,
        &cookie,
        &token,
        "greeting",
        "language=fr&tone=formal&channel=email",
    )
    .await;
    assert!(
        !formal.text().contains("data-testid=\"phone\""),
        "{}",
        formal.text()
    );
    assert_ne!(formal.text(), text);
    let english = preview(&house, &cookie, &token, "greeting", "language=en&channel=email").await;
    assert!(
        english.text().contains("A thought for you today"),
        "{}",
        english.text()
    );
    assert_eq!(preview(&house, &cookie, &token, "none", fields).await.status, 404);
    assert_eq!(
        preview(&house, &cookie, "A", "greeting", fields).await.status,
        403
    );
    let mut after = house.app.gate.counts().await.unwrap();
    // The sequencer goes on meanwhile.
    after.pending_leaves = before.pending_leaves;
    assert_eq!(after, before, "nothing was written, and nobody opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_checked_while_it_is_typed_and_saved_nowhere() {
    let (house, cookie, token) = house().await;
    let path = "/team/messages/greeting/words";
    let page = get(&house, &format!("{path}?lang=en&file=en.plain.txt"), &cookie).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("<textarea") && page.text().contains("Nothing."),
        "{}",
        page.text()
    );
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'; connect-src 'self'") && !policy.contains("unsafe"));
    let script = page
        .text()
        .split("<script src=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let script = get(&house, &script, "").await;
    assert_eq!(script.status, 200);

    let text = "Good+morning.%0D%0AOnly+3+left+in+stock%2C+hurry%21";
    let fields = format!("file=en.plain.txt&text={text}");
    let checked = act(&house, path, &cookie, &token, &fields).await.text();
    assert!(
        checked.contains("data-testid=\"finding\"") && checked.contains("Line 2"),
        "{checked}"
    );
    assert!(
        checked.contains("Only 3 left in stock"),
        "what was typed is still there: {checked}"
    );
    let headers = [
        ("origin", "https://public.example"),
        ("cookie", cookie.as_str()),
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("token={token}&lang=fr&{fields}");
    let json = ask(house.address, Method::POST, path, &headers, body)
        .await
        .json();
    let first = &json["findings"][0];
    assert!(first["title"].as_str().unwrap().starts_with("Ligne 2"), "{json}");
    assert!(!first["why"].as_str().unwrap().is_empty() && !first["alternative"].as_str().unwrap().is_empty());
    // Liquid that cannot be read is found too.
    let broken = "file=en.plain.txt&text=Hello+%7B%7B+person.first_name";
    let checked = act(&house, path, &cookie, &token, broken).await.text();
    assert!(checked.contains("data-testid=\"finding\""), "{checked}");

    for file in ["message.yaml", "../../program.yaml", "", "none.txt"] {
        let status = get(&house, &format!("{path}?file={file}"), &cookie).await.status;
        assert_eq!(status, 404, "{file}");
    }
    let source = demo_program().join("messages/greeting/en.plain.txt");
    assert!(!std::fs::read_to_string(source).unwrap().contains("hurry"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_left_and_what_did_not_is_told_by_reason_and_never_small() {
    let (house, cookie, token) = house().await;
    let bytes = crate::team_seen::demo();
    crate::team_seen::in_force(&house, &bytes).await;
    house
        .app
        .note_outbox("ended", [("quiet_hours", 3), ("frequency_capped", 1_234)]);
    house.app.note_outbox("left", [("email", 5_678)]);
    let running = house.app.running().unwrap();
    server::automation::count::count(&house.app, &running)
        .await
        .unwrap();
    let mut text = String::new();
    for _ in 0..600 {
        text = get(&house, "/team/outbox?lang=en", &cookie).await.text();
        if text.contains("about 5,700") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(
        text.contains("about 5,700") && text.contains("about 1,200"),
        "{text}"
    );
    assert!(
        text.contains("Enough left already") && text.contains("fewer than 50"),
        "{text}"
    );
    assert!(!text.contains("1,234") && !text.contains("5,678"), "{text}");
    assert!(text.contains("data-testid=\"no-doubts\""), "{text}");
    assert!(
        text.contains("hello@shop.example") && text.contains("_dmarc.shop.example"),
        "{text}"
    );
    assert!(text.contains("Messages are not signed"), "{text}");
    let french = get(&house, "/team/outbox?lang=fr", &cookie).await.text();
    assert!(french.contains("Assez est déjà parti"), "{french}");
    let gone = act(
        &house,
        "/team/outbox",
        &cookie,
        &token,
        "id=00000000000000000000000000000000",
    )
    .await;
    assert!(
        gone.headers["location"]
            .to_str()
            .unwrap()
            .ends_with("settled-already")
    );
}

/// On a phone and on a desk, in both languages; without script, and with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_team_reads_messages_in_a_browser() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let house = start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.listen = free;
        settings.public_url = format!("http://{free}");
        settings.me.site = "Shop Example".to_owned();
        settings.program.folder = Some(demo_program());
        settings.channels.email = Some(sender());
        settings.me.mail = Some(relay());
    })
    .await;
    let members = fill(&house).await;
    let (_, _, shown) = members.iter().find(|(role, ..)| *role == Role::Marketer).unwrap();
    let codes = STANDARD.encode(shown.recovery.join(","));
    let base = format!("http://{}", house.address);
    tokio::task::spawn_blocking(move || browser::run("messages.mjs", &[&base, &codes, PASSWORD]))
        .await
        .unwrap();
}
