//! The person's contract and the way to a human, over real HTTP: who may set what, what is told, how an answer
//! travels, what a kill in between does.

use super::me::{Browser, api, post};
use super::support::{self, Answer, House, agrees, ask, bought, key};
use crate::browser;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gate::charter::Requester;
use gate::{Ask, ConversationId, Whom};
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::Method;
use serde_json::{Value, json};
use server::me::settings::{Algorithm, IssuerSettings, MailSecurity, MailSettings};
use server::replies::{self, Came, Taken};
use server::team::members;
use server::team::roles::Role;
use server::work::mail_answers::{Sender, round};
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use vocabulary::{DAY_MS, Signals};

const SECRET: &str = "a secret of the shop, as long as it has to be";
const PASSWORD: &str = "four words put together";
const OURS: &str = "https://public.example";

async fn house() -> House {
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.me.issuers = vec![IssuerSettings {
            name: "shop".to_owned(),
            origin: "https://shop.example".to_owned(),
            algorithm: Algorithm::Hs256,
            key: SECRET.to_owned(),
        }];
    })
    .await;
    house
        .send_all(&[
            agrees("ann", &[true; 3]),
            bought("ann", &["i1"]),
            bought("ben", &["i2"]),
        ])
        .await;
    house
}

/// A signed assertion of the shop that this person is signed in there.
pub fn asserted(house: &House, user: &str, number: &str) -> String {
    let now = house.app.now().0 / 1_000;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({
        "iss": "shop", "aud": OURS, "sub": user, "iat": now, "exp": now + 300, "jti": number,
    });
    let signed = format!(
        "{}.{}",
        part(json!({ "alg": "HS256", "typ": "JWT" })),
        part(claims)
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn field<'a>(page: &'a str, start: &str) -> &'a str {
    page.split(start).nth(1).unwrap().split('"').next().unwrap()
}

async fn form(browser: &Browser<'_>, house: &House, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = browser.token().await;
    let all = [fields, &[("token", token.as_str()), ("lang", "en")]].concat();
    post(house, path, &[("cookie", &browser.cookie)], &all).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contract_is_set_by_the_person_alone() {
    let house = house().await;
    let contract = json!({ "per_week": 1, "rhythm": { "rhythm": "weekly", "day": 5, "at": 600 } });
    // The keys of the site open nothing here, whomever they name.
    for body in [
        json!({ "contract": contract }),
        json!({ "contract": contract, "token": "x" }),
        json!({ "contract": contract, "assertion": "a.b.c" }),
    ] {
        let answer = api(&house, "/v1/contract", body).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(answer.text().contains("person-only"));
    }
    let named = json!({ "contract": contract, "userId": "ann" });
    assert_eq!(api(&house, "/v1/contract", named).await.status, 400);
    let none = ask(house.address, Method::POST, "/v1/contract/state", &[key()], "{}").await;
    assert_eq!(none.status, 403);

    let assertion = asserted(&house, "ann", "0123456789abcdef");
    let body = json!({ "contract": contract, "assertion": assertion });
    let set = ask(house.address, Method::POST, "/v1/contract", &[], body.to_string()).await;
    assert_eq!(set.status, 200, "{}", set.text());
    assert_eq!(set.json()["contract"]["per_week"], 1);
    assert!(set.json()["record"].is_string());
    let again = ask(house.address, Method::POST, "/v1/contract", &[], body.to_string()).await;
    assert_eq!(again.status, 403, "an assertion is used once");
    let fresh = json!({ "assertion": asserted(&house, "ann", "1123456789abcdef") });
    let state = ask(
        house.address,
        Method::POST,
        "/v1/contract/state",
        &[],
        fresh.to_string(),
    )
    .await;
    assert_eq!(
        state.json()["contract"]["rhythm"],
        json!({ "rhythm": "weekly", "day": 5, "at": 600 })
    );

    // In their own session it takes the session's token.
    let browser = Browser::enter(&house, "ann").await;
    let cookie = [("cookie", browser.cookie.as_str())];
    let body = json!({ "contract": {}, "token": browser.token().await });
    let without = ask(
        house.address,
        Method::POST,
        "/v1/contract",
        &cookie,
        json!({ "contract": {} }).to_string(),
    )
    .await;
    assert_eq!(without.status, 403);
    let with = ask(
        house.address,
        Method::POST,
        "/v1/contract",
        &cookie,
        body.to_string(),
    )
    .await;
    assert_eq!(with.status, 200, "{}", with.text());
    for (wrong, words) in [
        (json!({ "days": 0 }), "Monday"),
        (json!({ "hours": { "from": 0, "to": 1_440 } }), "1439"),
        (json!({ "per_week": 0 }), "pause"),
        (json!({ "zone": "Mars/Olympus" }), "Europe/Paris"),
        (json!({ "per_weak": 1 }), "unknown"),
    ] {
        let body = json!({ "contract": wrong, "token": browser.token().await });
        let answer = ask(
            house.address,
            Method::POST,
            "/v1/contract",
            &cookie,
            body.to_string(),
        )
        .await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(answer.text().contains(words), "{wrong}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_button_changes_the_contract_at_once_and_says_what_it_changed() {
    let house = house().await;
    let browser = Browser::enter(&house, "ann").await;
    let page = browser.get("/me/contract?lang=en").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let told = form(&browser, &house, "/me/contract", &[("act", "once-a-week")])
        .await
        .text();
    assert!(
        told.contains("data-testid=\"changed\"") && told.contains("At most one"),
        "{told}"
    );
    let paused = form(&browser, &house, "/me/contract", &[("act", "pause-ever")])
        .await
        .text();
    assert!(paused.contains("Nothing until you say otherwise") && paused.contains("data-testid=\"resume\""));
    let wrong = form(&browser, &house, "/me/contract", &[("act", "save")])
        .await
        .text();
    assert!(wrong.contains("role=\"alert\"") && wrong.contains("Choose a day at least"));
    let stale = [("act", "resume"), ("token", "not-mine"), ("lang", "en")];
    let stale = post(&house, "/me/contract", &[("cookie", &browser.cookie)], &stale).await;
    assert_eq!(stale.status, 303);
    let file = browser.get("/me/contract/file").await;
    assert_eq!(file.json()["contract"]["paused_until"], i64::MAX);
    // Taken to somebody else's page, it is theirs too.
    let other = Browser::enter(&house, "ben").await;
    let brought = form(
        &other,
        &house,
        "/me/contract",
        &[("act", "file"), ("file", &file.text())],
    )
    .await;
    assert!(
        brought.text().contains("Nothing until you say otherwise"),
        "{}",
        brought.text()
    );
    // And it is in what they take home, and on their timeline.
    let all = browser.get("/me/download?form=json").await.json();
    assert_eq!(all["form"], "egard-export/3");
    assert_eq!(all["contract"]["contract"]["per_week"], 1);
    assert!(
        browser
            .page()
            .await
            .contains("You said how you may be written to")
    );
    // The link of a message changes nothing by being fetched.
    let anonymous = ask(house.address, Method::GET, "/me/contract", &[], "").await;
    assert_eq!(anonymous.status, 401);
}

fn staff(house: &House) -> Ask {
    Ask {
        signals: Signals::default(),
        requester: Requester::Staff,
        now: house.app.now(),
    }
}

/// The conversation that waits.
async fn waiting(house: &House) -> ConversationId {
    house.app.gate.open_conversations(staff(house)).await.unwrap()[0].id
}

async fn member(house: &House, role: Role) -> String {
    let gate = &house.app.gate;
    let shown = members::add(gate, ("Shop", role.as_str()), role, PASSWORD, house.app.now())
        .await
        .unwrap();
    let body = format!(
        "name={}&password={}&code={}&lang=en",
        role.as_str(),
        PASSWORD.replace(' ', "+"),
        shown.recovery[0]
    );
    let headers = [
        ("origin", OURS),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = ask(house.address, Method::POST, "/team/sign-in", &headers, body).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.headers["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

async fn team(house: &House, cookie: &str, path: &str) -> Answer {
    ask(house.address, Method::GET, path, &[("cookie", cookie)], "").await
}

async fn team_act(house: &House, cookie: &str, path: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
    let token = field(page, "name=\"token\" value=\"");
    let seen = field(page, "name=\"seen\" value=\"");
    let headers = [
        ("cookie", cookie),
        ("origin", OURS),
        ("sec-fetch-site", "same-origin"),
    ];
    let all = [fields, &[("token", token), ("seen", seen), ("lang", "en")]].concat();
    post(house, path, &headers, &all).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_human_answers_and_the_person_reads_it_and_who_looked() {
    let house = house().await;
    let browser = Browser::enter(&house, "ann").await;
    let hostile = "<script>alert(1)</script> & \"co\"";
    let begun = form(
        &browser,
        &house,
        "/me/conversations",
        &[("subject", hostile), ("text", "Where is\r\nmy mug?\u{7}")],
    )
    .await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let place = begun.headers["location"].to_str().unwrap().to_owned();
    assert!(
        browser
            .get("/me/contract?lang=en")
            .await
            .text()
            .contains("data-testid=\"conversing\"")
    );

    let marketer = member(&house, Role::Marketer).await;
    assert_eq!(team(&house, &marketer, "/team/conversations").await.status, 403);
    let care = member(&house, Role::Care).await;
    assert_eq!(
        team(&house, &care, "/team/person").await.status,
        403,
        "care opens no other data"
    );
    let admin = member(&house, Role::Admin).await;
    let list = team(&house, &care, "/team/conversations?lang=en").await.text();
    assert!(
        !list.contains("<script>") && list.contains("&#60;script&#62;"),
        "{list}"
    );
    assert!(!list.contains("ann"), "the list names nobody");
    let path = format!("/team/conversations/{}", waiting(&house).await);
    let read = team(&house, &care, &path).await.text();
    assert!(read.contains("Where is\nmy mug?") && !read.contains('\u{7}'));
    let second = team(&house, &admin, &path).await.text();
    let answer = [("act", "answer"), ("text", "Tomorrow. Zoé")];
    assert_eq!(team_act(&house, &care, &path, &read, &answer).await.status, 303);
    // Who comes second sees the first, and keeps what they wrote.
    let late = [("act", "answer"), ("text", "It is lost, sorry.")];
    let late = team_act(&house, &admin, &path, &second, &late).await;
    let late = late.text();
    assert!(
        late.contains("Tomorrow. Zoé") && late.contains("It is lost, sorry.</textarea>"),
        "{late}"
    );
    assert!(late.contains("Somebody was quicker"));

    let mine = browser.get(&place).await.text();
    assert!(
        mine.contains("Tomorrow. Zoé") && !mine.contains("It is lost"),
        "{mine}"
    );
    assert!(!mine.contains("<script>"));
    let page = browser.page().await;
    for words in [
        "You wrote to the team",
        "The team answered you",
        "care of the team opened your data",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let other = Browser::enter(&house, "ben").await;
    assert_eq!(other.get(&place).await.status, 404, "somebody else's");
    let all = browser.get("/me/download?form=json").await.json();
    assert_eq!(all["conversations"][0]["turns"][1]["text"], "Tomorrow. Zoé");
    let now = team(&house, &care, &path).await.text();
    assert_eq!(
        team_act(&house, &care, &path, &now, &[("act", "close")])
            .await
            .status,
        303
    );
    assert!(
        !browser
            .get("/me/contract?lang=en")
            .await
            .text()
            .contains("data-testid=\"conversing\"")
    );
    assert_eq!(
        form(
            &browser,
            &house,
            place.split('?').next().unwrap(),
            &[("text", "One more")]
        )
        .await
        .status,
        303
    );
    assert!(
        browser
            .get("/me/contract?lang=en")
            .await
            .text()
            .contains("data-testid=\"conversing\"")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_link_of_a_message_takes_no_session_and_changes_nothing_when_it_is_fetched() {
    let house = house().await;
    let ann = Whom {
        user_id: Some("ann"),
        anonymous_id: None,
    };
    let (gate, now) = (&house.app.gate, house.app.now());
    let pass = gate
        .human_pass_for(&ann, Some("Spring news"), DAY_MS, now)
        .await
        .unwrap()
        .unwrap();
    let path = format!("/human/{}", URL_SAFE_NO_PAD.encode(pass));
    for _ in 0..2 {
        let page = ask(house.address, Method::GET, &path, &[], "").await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("Spring news"));
    }
    assert_eq!(gate.waiting_conversations().await.unwrap().0, 0);
    let empty = post(&house, &path, &[], &[("text", "  ")]).await;
    assert_eq!(empty.status, 422);
    let elsewhere = post(
        &house,
        &path,
        &[("origin", "https://evil.example")],
        &[("text", "hello")],
    )
    .await;
    assert_eq!(elsewhere.status, 410);
    let huge = post(&house, &path, &[], &[("text", &"x".repeat(9_000))]).await;
    assert_eq!(huge.status, 422, "{}", huge.text());
    let sent = post(
        &house,
        &path,
        &[],
        &[("text", "What is this?"), ("subject", "News")],
    )
    .await;
    assert!(sent.text().contains("data-testid=\"sent\""), "{}", sent.text());
    assert_eq!(gate.waiting_conversations().await.unwrap().0, 1);
    for wrong in ["/human/x", "/human/AAAA", &path[..path.len() - 2]] {
        assert_eq!(ask(house.address, Method::GET, wrong, &[], "").await.status, 410);
    }
}

/// A mail server that remembers what it took, and hangs up before it says so the first `deaf` times.
async fn mailbox(listener: TcpListener, taken: Arc<Mutex<Vec<String>>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let (mut message, mut data) = (String::new(), false);
        writer.write_all(b"220 mail.example\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            if data {
                match line.as_str() {
                    "." => {
                        data = false;
                        taken.lock().unwrap().push(std::mem::take(&mut message));
                        writer.write_all(b"250 taken\r\n").await.unwrap();
                    }
                    line => message += &format!("{line}\n"),
                }
                continue;
            }
            let command = line.to_ascii_uppercase();
            data = command.starts_with("DATA");
            let reply: &[u8] = if data { b"354 go on\r\n" } else { b"250 fine\r\n" };
            writer.write_all(reply).await.unwrap();
        }
    }
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let line = message
        .lines()
        .find(|line| line.to_lowercase().starts_with(name))
        .unwrap();
    line.split_once(": ").unwrap().1
}

/// The process dies between the mail server's yes and the mark: the answer goes out again, as the same message.
/// A reply to it joins the conversation, and what a machine replies does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_goes_out_at_least_once_under_one_name_and_a_reply_joins() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut settings = None;
    let house = support::start_in(tempfile::tempdir().unwrap(), |ours| {
        let mut mine = ours.clone();
        mine.me.replies = "care@shop.example".to_owned();
        mine.me.mail = Some(MailSettings {
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            security: MailSecurity::None,
            user: None,
            password: None,
            from: "Shop <care@shop.example>".to_owned(),
        });
        // The house itself mails nothing: this test is the process that is killed.
        settings = Some(mine);
    })
    .await;
    let settings = settings.unwrap();
    house.send_all(&[bought("ann", &["i1"])]).await;
    let taken = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn(mailbox(listener, Arc::clone(&taken)));
    let ann = Whom {
        user_id: Some("ann"),
        anonymous_id: None,
    };
    let (gate, now) = (&house.app.gate, house.app.now());
    let opening = gate::Opening {
        subject: "My mug\r\nBcc: everybody@example.org".to_owned(),
        text: "Where is it?".to_owned(),
        reply_to: Some("ann@example.org".to_owned()),
        ..gate::Opening::default()
    };
    let id = gate
        .open_conversation(&ann, opening, "me", now)
        .await
        .unwrap()
        .unwrap();
    let read = gate
        .read_conversation(id, staff(&house), "zoe")
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    // A house that knows no mail server would note at once that it cannot: this one answers while it looks away.
    let sender = Sender::new(&settings).unwrap().unwrap();
    gate.answer_conversation(id, read.version, "zoe", "Tomorrow.", now)
        .await
        .unwrap()
        .unwrap();
    // Handed over and not marked: exactly what is done before a kill.
    let asks = Ask {
        requester: Requester::System,
        ..staff(&house)
    };
    for mail in gate.answers_to_mail(asks).await.unwrap() {
        sender.hand_over(&mail, "ann@example.org").await.unwrap();
    }
    assert_eq!(
        round(&house.app, Some(&sender)).await.unwrap(),
        1,
        "again after the kill"
    );
    assert_eq!(
        round(&house.app, Some(&sender)).await.unwrap(),
        0,
        "and no more once it is marked"
    );
    let mails = taken.lock().unwrap().clone();
    assert_eq!(mails.len(), 2);
    assert_eq!(header(&mails[0], "message-id"), header(&mails[1], "message-id"));
    assert!(
        !mails[0]
            .to_lowercase()
            .lines()
            .any(|line| line.starts_with("bcc")),
        "{}",
        mails[0]
    );
    let reply_to = header(&mails[0], "reply-to").to_owned();
    assert!(
        reply_to.contains("care+") && !reply_to.contains("ann"),
        "{reply_to}"
    );

    let name = header(&mails[0], "message-id").to_owned();
    let came = |places| Came {
        places,
        message_id: "<r1@example.org>",
        text: "Thank you!\n\nOn Monday Zoé wrote:\n> Tomorrow.\n",
        attached: vec!["mug.jpg".to_owned()],
        ..Came::default()
    };
    let machine = Came {
        auto_submitted: Some("auto-replied"),
        ..came(vec![&reply_to])
    };
    assert_eq!(
        replies::take(&house.app, &machine).await.unwrap(),
        Taken::Automatic
    );
    assert_eq!(
        replies::take(&house.app, &came(vec!["care@shop.example"]))
            .await
            .unwrap(),
        Taken::NotOurs
    );
    for places in [vec![reply_to.as_str()], vec![name.as_str()]] {
        assert_eq!(
            replies::take(&house.app, &came(places)).await.unwrap(),
            Taken::Joined(id)
        );
    }
    let read = gate
        .read_conversation(id, staff(&house), "zoe")
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let texts: Vec<&str> = read
        .conversation
        .turns
        .iter()
        .map(|turn| turn.text.as_str())
        .collect();
    assert_eq!(texts, ["Where is it?", "Tomorrow.", "Thank you!"]);
    assert!(read.waiting_since.is_some());
    let large = Came {
        message_id: "<r2@example.org>",
        text: &"word ".repeat(100_000),
        ..came(vec![&reply_to])
    };
    assert_eq!(
        replies::take(&house.app, &large).await.unwrap(),
        Taken::Joined(id)
    );
    let read = gate
        .read_conversation(id, staff(&house), "zoe")
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(read.conversation.turns[3].text.len() <= gate::MAX_TURN);
}

/// On a phone and on a desk, in both languages, without script, and by the rules of accessibility.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_and_the_team_talk_in_a_browser() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.listen = free;
        settings.public_url = format!("http://{free}");
        settings.me.site = "Shop Example".to_owned();
    })
    .await;
    house.fill().await;
    let gate = &house.app.gate;
    let mut codes = Vec::new();
    for role in [Role::Care, Role::PrivacyOfficer] {
        let shown = members::add(gate, ("Shop", role.as_str()), role, PASSWORD, house.app.now())
            .await
            .unwrap();
        codes.push(format!("{}={}", role.as_str(), shown.recovery.join(",")));
    }
    let link = api(
        &house,
        "/v1/me/links",
        json!({ "userId": "p0", "language": "en" }),
    )
    .await;
    let link = link.json()["url"].as_str().unwrap().to_owned();
    let p0 = Whom {
        user_id: Some("p0"),
        anonymous_id: None,
    };
    let pass = gate
        .human_pass_for(&p0, Some("Spring news"), DAY_MS, house.app.now())
        .await
        .unwrap()
        .unwrap();
    let base = format!("http://{}", house.address);
    let human = format!("{base}/human/{}", URL_SAFE_NO_PAD.encode(pass));
    tokio::task::spawn_blocking(move || {
        browser::run(
            "talk.mjs",
            &[&base, &link, &human, &STANDARD.encode(codes.join(";")), PASSWORD],
        );
    })
    .await
    .unwrap();
}
