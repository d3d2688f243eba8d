//! The person's own page over real HTTP: who gets in and who does not, what a change does, what others
//! cannot see.

use super::support::{self, Answer, House, agrees, ask, bought, key, viewed};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::Method;
use serde_json::{Value, json};
use server::me::settings::{Algorithm, IssuerSettings, MailSecurity, MailSettings};
use server::settings::ApiKey;
use std::process::Command;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

const SECRET: &str = "a secret of the shop, as long as it has to be";
pub const STAFF: &str = "a-key-of-helen-that-is-long-enough";
const SHOP: &str = "https://shop.example";

/// A session: the cookie of the browser that has it.
pub struct Browser<'a> {
    house: &'a House,
    pub cookie: String,
}

pub async fn house() -> House {
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.me.issuers = vec![IssuerSettings {
            name: "shop".to_owned(),
            origin: SHOP.to_owned(),
            algorithm: Algorithm::Hs256,
            key: SECRET.to_owned(),
        }];
        settings.staff_keys = vec![ApiKey {
            name: "Helen".to_owned(),
            key: STAFF.to_owned(),
        }];
    })
    .await;
    house.fill().await;
    house.learn().await;
    house
}

fn form(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

pub async fn post(house: &House, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
    let kind = ("content-type", "application/x-www-form-urlencoded");
    ask(
        house.address,
        Method::POST,
        path,
        &[headers, &[kind]].concat(),
        form(fields),
    )
    .await
}

pub async fn api(house: &House, path: &str, body: Value) -> Answer {
    ask(house.address, Method::POST, path, &[key()], body.to_string()).await
}

/// The path of a link to somebody's page.
async fn link(house: &House, user: &str) -> String {
    let answer = api(house, "/v1/me/links", json!({ "userId": user, "language": "en" })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    url.strip_prefix("https://public.example").unwrap().to_owned()
}

fn pass(link: &str) -> &str {
    link.split("pass=").nth(1).unwrap().split('&').next().unwrap()
}

fn cookie(answer: &Answer) -> Option<String> {
    let set = answer.headers.get_all("set-cookie").iter();
    let set = set.filter_map(|value| value.to_str().ok());
    let found = set.map(|value| value.split(';').next().unwrap().to_owned());
    found
        .into_iter()
        .find(|pair| pair.contains("egard-me=") && !pair.ends_with('='))
}

impl<'a> Browser<'a> {
    pub async fn enter(house: &'a House, user: &str) -> Browser<'a> {
        let link = link(house, user).await;
        let answer = post(house, "/me/open", &[], &[("pass", pass(&link)), ("lang", "en")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.headers["location"], "/me?lang=en");
        Browser {
            house,
            cookie: cookie(&answer).unwrap(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        ask(
            self.house.address,
            Method::GET,
            path,
            &[("cookie", &self.cookie)],
            "",
        )
        .await
    }

    pub async fn page(&self) -> String {
        let answer = self.get("/me?lang=en").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    }

    pub async fn token(&self) -> String {
        let page = self.page().await;
        let rest = page.split("name=\"token\" value=\"").nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    pub async fn act(&self, fields: &[(&str, &str)]) -> Answer {
        let token = self.token().await;
        let fields = [fields, &[("token", token.as_str()), ("lang", "en")]].concat();
        post(self.house, "/me/do", &[("cookie", &self.cookie)], &fields).await
    }
}

fn known(page: &str, item: &str) -> bool {
    page.contains(&format!("data-testid=\"known\" data-item=\"{item}\""))
}

#[tokio::test]
async fn a_link_opens_once_after_a_click_and_says_nothing_of_whom_it_is() {
    let house = house().await;
    let name = "somebody-with-a-name-that-chance-does-not-make";
    let named = link(&house, name).await;
    let sealed = URL_SAFE_NO_PAD.decode(pass(&named)).unwrap();
    assert!(!named.contains(name) && !sealed.windows(8).any(|bytes| name.as_bytes().starts_with(bytes)));
    let link = link(&house, "p0").await;
    for _ in 0..3 {
        let page = ask(house.address, Method::GET, &link, &[], "").await;
        assert_eq!(page.status, 200, "fetching a link must not use it up");
        assert!(cookie(&page).is_none() && page.text().contains("data-testid=\"continue\""));
        assert_eq!(page.headers["referrer-policy"], "same-origin");
    }
    let head = ask(house.address, Method::HEAD, &link, &[], "").await;
    assert_eq!(head.status, 200);
    let open = || async { post(&house, "/me/open", &[], &[("pass", pass(&link))]).await };
    assert_eq!(open().await.status, 303);
    let again = open().await;
    assert_eq!(again.status, 410);
    assert!(cookie(&again).is_none(), "a shared link opened twice");
    let page = ask(house.address, Method::GET, &link, &[], "").await;
    assert_eq!(page.status, 410);
}

#[tokio::test]
async fn two_who_press_the_button_at_once_get_one_session() {
    let house = house().await;
    let link = link(&house, "p0").await;
    let open = || async { post(&house, "/me/open", &[], &[("pass", pass(&link))]).await };
    let (a, b, c) = tokio::join!(open(), open(), open());
    let opened = [a, b, c].iter().filter(|answer| answer.status == 303).count();
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn forged_links_and_cookies_open_nothing() {
    let house = house().await;
    let link = link(&house, "p0").await;
    let mut bytes = URL_SAFE_NO_PAD.decode(pass(&link)).unwrap();
    bytes[20] ^= 1;
    let forged = URL_SAFE_NO_PAD.encode(&bytes);
    for bad in [forged.as_str(), "", "x", &"A".repeat(4_000)] {
        let answer = post(&house, "/me/open", &[], &[("pass", bad)]).await;
        assert_eq!(answer.status, 410, "{bad}");
    }
    // A link is no session, and a session is no link.
    let as_session = format!("__Host-egard-me={}", pass(&link));
    let answer = ask(house.address, Method::GET, "/me", &[("cookie", &as_session)], "").await;
    assert_eq!(answer.status, 401);
    let browser = Browser::enter(&house, "p0").await;
    let session = browser.cookie.split_once('=').unwrap().1;
    assert_eq!(
        post(&house, "/me/open", &[], &[("pass", session)]).await.status,
        410
    );
    for path in ["/me", "/me/erase", "/me/download", "/me/records/00"] {
        assert_eq!(
            ask(house.address, Method::GET, path, &[], "").await.status,
            401,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_cookie_is_for_this_host_and_no_script() {
    let house = house().await;
    let link = link(&house, "p0").await;
    let answer = post(&house, "/me/open", &[], &[("pass", pass(&link))]).await;
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("__Host-egard-me="), "{set}");
    for part in [
        "; Path=/",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Secure",
        "; Max-Age=3600",
    ] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("Domain"));
}

#[tokio::test]
async fn other_sites_and_other_tokens_change_nothing() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let other = Browser::enter(&house, "p1").await;
    let (token, foreign) = (browser.token().await, other.token().await);
    let item = support::bought_by(0)[0].clone();
    let cookie = ("cookie", browser.cookie.as_str());
    for (headers, token) in [
        (vec![cookie], ""),
        (vec![cookie], foreign.as_str()),
        (vec![cookie, ("origin", "https://evil.example")], token.as_str()),
        (vec![cookie, ("origin", "null")], token.as_str()),
        (vec![cookie, ("sec-fetch-site", "cross-site")], token.as_str()),
        (vec![cookie, ("sec-fetch-site", "same-site")], token.as_str()),
    ] {
        for path in ["/me/do", "/me/erase"] {
            let fields = [("token", token), ("act", "forget"), ("item", item.as_str())];
            let answer = post(&house, path, &headers, &fields).await;
            assert_eq!(answer.status, 303, "{headers:?}");
            assert!(known(&browser.page().await, &item), "{path} {headers:?}");
        }
    }
    let ours = [
        cookie,
        ("origin", "https://public.example"),
        ("sec-fetch-site", "same-origin"),
    ];
    let fields = [
        ("token", token.as_str()),
        ("act", "forget"),
        ("item", item.as_str()),
    ];
    post(&house, "/me/do", &ours, &fields).await;
    assert!(!known(&browser.page().await, &item));
}

#[tokio::test]
async fn a_link_from_elsewhere_does_not_put_anybody_into_a_session() {
    let house = house().await;
    let link = link(&house, "p0").await;
    let from = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let answer = post(&house, "/me/open", &from, &[("pass", pass(&link))]).await;
    assert!(answer.status == 410 && cookie(&answer).is_none());
    // It was not used up by that.
    assert_eq!(
        post(&house, "/me/open", &[], &[("pass", pass(&link))])
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn the_host_header_is_never_believed() {
    let house = house().await;
    let evil = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        key(),
    ];
    let body = json!({ "userId": "p0" }).to_string();
    let answer = ask(house.address, Method::POST, "/v1/me/links", &evil, body).await;
    assert!(
        answer.json()["url"]
            .as_str()
            .unwrap()
            .starts_with("https://public.example/me/link?")
    );
    let link = link(&house, "p0").await;
    let opened = post(&house, "/me/open", &evil[..2], &[("pass", pass(&link))]).await;
    assert_eq!(opened.headers["location"], "/me?lang=en");
    let page = ask(house.address, Method::GET, "/me", &evil[..2], "").await;
    assert!(!page.text().contains("evil.example"));
}

#[tokio::test]
async fn somebody_nobody_knows_gets_a_link_that_looks_the_same_and_an_empty_page() {
    let house = house().await;
    assert_eq!(
        link(&house, "p0").await.len(),
        link(&house, "who-is-this").await.len()
    );
    let browser = Browser::enter(&house, "who-is-this").await;
    let page = browser.page().await;
    assert!(page.contains("data-testid=\"nothing\""));
    let refused = browser
        .act(&[("act", "refuse"), ("purpose", "personalise")])
        .await;
    assert_eq!(refused.status, 303);
    let page = browser.page().await;
    assert!(
        !page.contains("data-testid=\"nothing\""),
        "the refusal of a known name is remembered"
    );
    assert!(page.contains("data-purpose=\"personalise\" data-on=\"false\""));
}

#[tokio::test]
async fn leaving_ends_the_session_in_every_copy_of_its_cookie() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let token = browser.token().await;
    let fields = [("token", token.as_str())];
    let left = post(&house, "/me/leave", &[("cookie", &browser.cookie)], &fields).await;
    assert_eq!(left.status, 200);
    assert_eq!(
        browser.get("/me").await.status,
        401,
        "a copy of the cookie still opens"
    );
}

#[tokio::test]
async fn one_click_ends_all_personalisation_and_the_next_list_shows_it() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let mode = || async { house.recommend(json!({ "userId": "p0" })).await["mode"].clone() };
    assert_eq!(mode().await, "profiled");
    browser.act(&[("act", "switch-off")]).await;
    assert_eq!(mode().await, "contextual");
    let page = browser.page().await;
    for purpose in ["personalise", "segment"] {
        assert!(
            page.contains(&format!("data-purpose=\"{purpose}\" data-on=\"false\"")),
            "{purpose}"
        );
    }
    assert!(
        page.contains("data-purpose=\"train\" data-on=\"true\""),
        "learning is another question"
    );
    browser.act(&[("act", "switch-on")]).await;
    assert_eq!(mode().await, "profiled");
}

#[tokio::test]
async fn each_right_is_one_form_away_and_holds_at_the_next_decision() {
    let house = house().await;
    let browser = Browser::enter(&house, "p0").await;
    let mode = || async { house.recommend(json!({ "userId": "p0" })).await["mode"].clone() };
    for (there, back) in [("object", "object-no-longer"), ("restrict", "restrict-no-longer")] {
        browser.act(&[("act", there)]).await;
        assert_eq!(mode().await, "contextual", "{there}");
        browser.act(&[("act", back)]).await;
        assert_eq!(mode().await, "profiled", "{back}");
    }
    browser.act(&[("act", "marketing-stop")]).await;
    assert!(browser.page().await.contains("value=\"marketing-again\""));
    let item = support::bought_by(0)[1].clone();
    browser.act(&[("act", "mute"), ("item", &item)]).await;
    assert!(browser.page().await.contains("data-testid=\"muted\""));
    browser.act(&[("act", "forget"), ("item", &item)]).await;
    assert!(!known(&browser.page().await, &item));
    browser.act(&[("act", "withdraw-all")]).await;
    assert!(!browser.page().await.contains("data-on=\"true\""));
    assert_eq!(mode().await, "contextual");
}

#[tokio::test]
async fn the_timeline_says_why_and_proves_it_to_nobody_else() {
    let house = house().await;
    let list = house.recommend(json!({ "userId": "p0" })).await;
    let record = list["record"].as_str().unwrap();
    let browser = Browser::enter(&house, "p0").await;
    house.app.gate.integrate().await.unwrap();
    let page = browser.page().await;
    assert!(
        page.contains(&format!("/me/records/{record}?")),
        "the list is not in the timeline"
    );
    let why = browser.get(&format!("/me/records/{record}?lang=en")).await.text();
    assert!(why.contains("Because"), "{why}");
    assert!(
        why.contains("Without “Item "),
        "nothing says what would change it"
    );
    let receipt = browser.get(&format!("/me/records/{record}/receipt")).await;
    assert_eq!(receipt.status, 200);
    let of_the_log = house.app.gate.vkey().parse().unwrap();
    let keys = receipt::Keys {
        log: Some(of_the_log),
        witnesses: Vec::new(),
    };
    let checked = receipt::check(&receipt.body, &keys).unwrap();
    assert_eq!(checked.entry.kind, "recommendation");
    assert!(why.contains("href=\"/verify?lang=en\"") && page.contains("href=\"/verify?lang=en\""));
    let other = Browser::enter(&house, "p1").await;
    for path in [
        format!("/me/records/{record}"),
        format!("/me/records/{record}/receipt"),
    ] {
        assert_eq!(
            other.get(&path).await.status,
            404,
            "somebody else's record: {path}"
        );
    }
    let asked = browser.act(&[("act", "review"), ("item", record)]).await;
    assert_eq!(asked.status, 303);
    assert!(browser.page().await.contains("data-testid=\"request\""));
    let stolen = other.act(&[("act", "review"), ("item", record)]).await;
    assert_eq!(stolen.status, 404);
}

#[tokio::test]
async fn what_a_person_wrote_is_text_and_never_markup() {
    let house = house().await;
    house
        .send_all(&[
            agrees("evil", &[true; 3]),
            viewed("evil", "<script>alert(1)</script>"),
        ])
        .await;
    let browser = Browser::enter(&house, "evil").await;
    let page = browser.page().await;
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"));
    assert!(!page.contains("<script"));
}

#[tokio::test]
async fn the_download_is_everything_and_a_table_holds_no_formula() {
    let house = house().await;
    house
        .send_all(&[agrees("evil", &[true; 3]), viewed("evil", "=1+1")])
        .await;
    let browser = Browser::enter(&house, "evil").await;
    let json = browser.get("/me/download?form=json").await;
    assert_eq!(json.status, 200, "{}", json.text());
    assert!(
        json.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert!(json.text().contains("=1+1"));
    let csv = browser.get("/me/download?form=csv").await.text();
    for line in csv.lines() {
        for cell in line.split(',') {
            let cell = cell.trim_matches('"');
            assert!(!cell.starts_with(['=', '+', '@']), "{line}");
        }
    }
}

#[tokio::test]
async fn erasing_asks_first_and_then_leaves_nothing() {
    let house = house().await;
    house.send_all(&[bought("gone", &["i1", "i2"])]).await;
    let browser = Browser::enter(&house, "gone").await;
    let ask = browser.get("/me/erase?lang=en").await;
    assert_eq!(ask.status, 200);
    assert!(ask.text().contains("data-testid=\"keep\"") && ask.text().contains("data-testid=\"erase-all\""));
    assert!(!house.known("gone").await.is_empty(), "asking erased");
    let token = browser.token().await;
    let fields = [("token", token.as_str())];
    let erased = post(&house, "/me/erase", &[("cookie", &browser.cookie)], &fields).await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    assert!(house.known("gone").await.is_empty());
    assert_eq!(
        browser.get("/me").await.status,
        401,
        "the session outlived the person"
    );
}

#[tokio::test]
async fn staff_say_why_and_the_person_reads_it() {
    let house = house().await;
    let staff = ("authorization", "Bearer a-key-of-helen-that-is-long-enough");
    let open = |user: &str, purpose: &str, reason: &str, who| {
        let body = json!({ "userId": user, "purpose": purpose, "reason": reason }).to_string();
        let address = house.address;
        async move { ask(address, Method::POST, "/v1/people/open", &[who], body).await }
    };
    let why = "She asked where her parcel is <b>";
    let opened = open("p0", "human_help", why, staff).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    let record = opened.json()["record"].as_str().unwrap().to_owned();
    for (user, purpose, reason, who, status) in [
        ("p0", "human_help", "because", staff, 422),
        ("p0", "personalise", why, staff, 403),
        ("p0", "market_by_email", why, staff, 403),
        ("nobody-at-all", "answer_rights_request", why, staff, 403),
        ("p0", "human_help", why, key(), 403),
    ] {
        assert_eq!(
            open(user, purpose, reason, who).await.status,
            status,
            "{user} {purpose} {reason}"
        );
    }
    // A key of staff does nothing else.
    let body = json!({ "userId": "p0" }).to_string();
    let link = ask(house.address, Method::POST, "/v1/me/links", &[staff], body).await;
    assert_eq!(link.status, 403);
    let browser = Browser::enter(&house, "p0").await;
    let page = browser.page().await;
    assert!(page.contains("data-kind=\"staff\"") && page.contains("Helen"));
    assert!(page.contains("She asked where her parcel is") && !page.contains("<b>"));
    house.app.gate.integrate().await.unwrap();
    let receipt = browser.get(&format!("/me/records/{record}/receipt")).await.json();
    assert_eq!(
        (receipt["kind"].as_str(), receipt["use"]["name"].as_str()),
        (Some("staff"), Some("human_help"))
    );
    let proof = receipt["proof"]["tlogProof"].as_str().unwrap();
    let proof = ledger::Proof::parse(proof.as_bytes()).unwrap();
    let entry = String::from_utf8(proof.extra.unwrap()).unwrap();
    assert!(
        !entry.contains("Helen"),
        "the public log names a member of the team"
    );
}

/// A code block of a page of the documentation.
fn example(language: &str) -> String {
    let page = include_str!("../../../../docs/me.md");
    let block = page.split(&format!("```{language}\n")).nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    let output = command
        .args(arguments)
        .env("EGARD_ASSERTION_KEY", SECRET)
        .output();
    let output = output.unwrap_or_else(|error| panic!("`{program}`: {error}"));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn the_examples_of_the_documentation_open_a_session_once() {
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.public_url = "https://egard.shop.example".to_owned();
        settings.me.issuers = vec![IssuerSettings {
            name: "shop".to_owned(),
            origin: SHOP.to_owned(),
            algorithm: Algorithm::Hs256,
            key: SECRET.to_owned(),
        }];
    })
    .await;
    let assertions = [
        run("python3", &["-c", &example("python")]),
        run("node", &["--input-type=module", "-e", &example("javascript")]),
    ];
    for assertion in &assertions {
        let fields = [("assertion", assertion.as_str())];
        let opened = post(&house, "/me/session", &[("origin", SHOP)], &fields).await;
        assert!(
            opened.status == 303 && cookie(&opened).is_some(),
            "{}",
            opened.text()
        );
        let again = post(&house, "/me/session", &[("origin", SHOP)], &fields).await;
        assert!(again.status == 410 && cookie(&again).is_none(), "replayed");
    }
    // From elsewhere it takes a click.
    let fresh = run("python3", &["-c", &example("python")]);
    let from = [("origin", "https://evil.example")];
    let asked = post(&house, "/me/session", &from, &[("assertion", &fresh)]).await;
    assert!(asked.status == 200 && cookie(&asked).is_none());
    assert!(asked.text().contains("data-testid=\"continue\""));
}

/// A mail server that takes one message.
async fn mailbox(listener: TcpListener) -> (String, String) {
    let (stream, _) = listener.accept().await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut to, mut message, mut data) = (String::new(), String::new(), false);
    writer.write_all(b"220 mail.example\r\n").await.unwrap();
    while let Some(line) = lines.next_line().await.unwrap() {
        if data {
            match line.as_str() {
                "." => {
                    data = false;
                    writer.write_all(b"250 taken\r\n").await.unwrap();
                }
                line => message += &format!("{line}\n"),
            }
            continue;
        }
        let command = line.to_ascii_uppercase();
        let reply: &[u8] = if command.starts_with("DATA") {
            data = true;
            b"354 go on\r\n"
        } else {
            if command.starts_with("RCPT TO:") {
                to = line["RCPT TO:".len()..].to_owned();
            }
            b"250 fine\r\n"
        };
        writer.write_all(reply).await.unwrap();
        if !data && !message.is_empty() {
            break;
        }
    }
    (to, message)
}

/// Quoted-printable (RFC 2045) as far as it is used for a link.
fn decoded(message: &str) -> String {
    let body = message.split_once("\n\n").unwrap().1;
    if message.to_lowercase().contains("base64") {
        let bytes = STANDARD.decode(body.replace('\n', "")).unwrap();
        return String::from_utf8(bytes).unwrap();
    }
    body.replace("=\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn a_link_by_mail_goes_to_a_known_address_and_the_page_tells_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| {
        settings.me.mail = Some(MailSettings {
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            security: MailSecurity::None,
            user: None,
            password: None,
            from: "Shop <privacy@shop.example>".to_owned(),
        });
    })
    .await;
    house
        .send_all(&[bought("ann", &["i1"]), bought("ben", &["i2"])])
        .await;
    let told = |user: &str, email: &str| {
        api(
            &house,
            "/v1/me/addresses",
            json!({ "userId": user, "email": email }),
        )
    };
    assert_eq!(told("nobody-yet", "x@example.org").await.status, 404);
    assert_eq!(told("ann", "not an address").await.status, 422);
    assert_eq!(told("ann", "old@example.org").await.status, 204);
    assert_eq!(told("ann", "Ann@example.org").await.status, 204);
    assert_eq!(
        told("ben", "ann@example.org").await.status,
        409,
        "an address leads to one person"
    );
    let house = &house;
    let send = |address: &'static str| async move {
        post(house, "/me/mail", &[], &[("address", address), ("lang", "en")]).await
    };
    let unknown = send("stranger@example.org").await;
    let former = send("old@example.org").await;
    let known = send("ann@example.org").await;
    assert_eq!(unknown.text(), known.text());
    assert_eq!(former.text(), known.text());
    let (to, message) = mailbox(listener).await;
    assert!(
        to.contains("ann@example.org"),
        "{to}: a former or unknown address got a link"
    );
    let body = decoded(&message);
    let link = body
        .lines()
        .find(|line| line.contains("/me/link?pass="))
        .unwrap()
        .trim();
    let opened = post(house, "/me/open", &[], &[("pass", pass(link))]).await;
    assert_eq!(opened.status, 303);
    let browser = Browser {
        house,
        cookie: cookie(&opened).unwrap(),
    };
    assert!(
        known_page_of(&browser).await,
        "the link opened somebody else's page"
    );
}

async fn known_page_of(browser: &Browser<'_>) -> bool {
    let page = browser.page().await;
    known(&page, "i1") && !known(&page, "i2")
}
