//! A real server process that sends over real SMTP, and is killed again and again while it does: no marketing message
//! arrives twice, and none is lost that is not listed as in doubt.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use gate::charter::Requester;
use gate::{Ask, Whom};
use serde_json::{Value, json};
use server::ingest::clock;
use server::settings::Settings;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use vocabulary::Signals;

const WRITE_KEY: &str = "a-secret-write-key-of-the-shop";
const API_KEY: &str = "an-api-key-that-is-long-enough";
const PEOPLE: usize = 240;
const ROUNDS: usize = 8;

/// What arrived: each message with its recipient, in the order of arrival.
type Arrived = Arc<Mutex<Vec<(String, String)>>>;

/// A mail server: it takes everything, and a moment for each.
fn sink() -> (SocketAddr, Arrived) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let arrived = Arrived::default();
    let all = Arc::clone(&arrived);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let all = Arc::clone(&all);
            std::thread::spawn(move || drop(session(stream, &all)));
        }
    });
    (address, arrived)
}

fn session(stream: TcpStream, arrived: &Arrived) -> std::io::Result<()> {
    let mut to = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    let mut recipient = String::new();
    to.write_all(b"220 sink ESMTP\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let verb = line.trim_end().to_ascii_uppercase();
        if verb.starts_with("EHLO") {
            to.write_all(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")?;
        } else if verb.starts_with("RCPT TO:") {
            recipient = line.trim_end()[8..].trim_matches(['<', '>', ' ']).to_owned();
            to.write_all(b"250 2.1.5 ok\r\n")?;
        } else if verb == "DATA" {
            to.write_all(b"354 go on\r\n")?;
            let mut message = String::new();
            loop {
                let mut line = String::new();
                if lines.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                if line == ".\r\n" {
                    break;
                }
                message.push_str(line.strip_prefix('.').unwrap_or(&line));
            }
            // From here on it has arrived, whether the answer reaches anybody or not.
            arrived.lock().unwrap().push((recipient.clone(), message));
            std::thread::sleep(Duration::from_millis(3));
            to.write_all(b"250 2.0.0 taken\r\n")?;
        } else if verb == "QUIT" {
            to.write_all(b"221 bye\r\n")?;
            return Ok(());
        } else {
            to.write_all(b"250 ok\r\n")?;
        }
    }
}

struct House {
    _folder: tempfile::TempDir,
    settings: PathBuf,
    address: SocketAddr,
}

fn egard(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egard"));
    command.args(arguments).env_remove("EGARD_SETTINGS");
    command
}

const PROGRAM: [(&str, &str); 6] = [
    (
        "program.yaml",
        "name: The gift shop\ntime_zone: Europe/Paris\nlanguages: [fr, en]\ncurrency: EUR\napproval: none\n\
         caps: { per_day: 5, channels: { email: { per_week: 7 } } }\n",
    ),
    (
        "dictionary.yaml",
        "consent_categories:\n  Groups: [segment]\n  Letters: [market_by_email]\nevents:\n  Newsletter Requested:\n    \
         purposes: [service, segment]\ntraits:\n  email:\n    purposes: [market_by_email]\n    type: text\n  first_name:\n    \
         purposes: [market_by_email]\n    type: text\n",
    ),
    (
        "journeys/welcome.yaml",
        "title:\n  fr: Bienvenue\n  en: Welcome\npurpose: market_by_email\nentry:\n  event: Newsletter Requested\n\
         again: never\nsteps:\n  - id: hello\n    message: hello\n    then: exit\n",
    ),
    (
        "messages/hello/message.yaml",
        "title:\n  fr: Bienvenue\n  en: Welcome\nchannel: email\npurpose: market_by_email\nsubject:\n  fr: Bienvenue\n  \
         en: Welcome\nfiles: { fr: fr.mjml, en: en.mjml }\nreads: [first_name]\n",
    ),
    ("messages/hello/fr.mjml", HELLO),
    ("messages/hello/en.mjml", HELLO),
];

const HELLO: &str = "<mjml><mj-body><mj-section><mj-column><mj-text>Bonjour {{ person.first_name }}</mj-text>\
                     </mj-column></mj-section></mj-body></mjml>\n";

fn house(mail: SocketAddr) -> House {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (keys, program) = (at("keys"), at("program"));
    let made = egard(&["keys", "new", keys.to_str().unwrap()]).output().unwrap();
    assert!(made.status.success());
    for (path, text) in PROGRAM {
        let path = program.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    let text = format!(
        "environment = \"development\"\nlisten = \"{address}\"\npublic_url = \"https://shop.example\"\n\
         store = \"embedded:{}\"\nkeys = \"{}\"\n\
         ledger_origin = \"test.example/egard\"\nlearn_every_hours = 0\n\n[program]\nfolder = \"{}\"\n\n\
         [rights]\ncontroller = \"The gift shop, 1 rue du Port, Brest\"\n\n\
         [channels.email]\nfrom = \"The gift shop <letters@shop.example>\"\ndomain = \"shop.example\"\n\n\
         [channels.email.server]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n\
         from = \"letters@shop.example\"\n\n[channels.email.rate]\nper_second = 100000\nat_once = 200\n\n\
         [[sources]]\nname = \"shop\"\nwrite_key = \"{WRITE_KEY}\"\nenabled = true\nchild_directed = false\n\
         secret = true\n\n[[api_keys]]\nname = \"tests\"\nkey = \"{API_KEY}\"\n",
        at("store").display(),
        keys.display(),
        program.display(),
        mail.port(),
    );
    let settings = at("egard.toml");
    std::fs::write(&settings, text).unwrap();
    House {
        settings,
        address,
        _folder: folder,
    }
}

impl House {
    fn serve(&self) -> Child {
        let arguments = ["serve", "--settings", self.settings.to_str().unwrap()];
        let mut server = egard(&arguments);
        server
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {API_KEY}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    fn ready(&self) {
        let started = Instant::now();
        while self
            .ask("GET", "/readyz", "")
            .is_none_or(|(status, _)| status != 200)
        {
            assert!(
                started.elapsed() < Duration::from_secs(120),
                "the server does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn send(&self, messages: &[Value]) -> bool {
        let body = json!({ "batch": messages, "writeKey": WRITE_KEY }).to_string();
        self.ask("POST", "/v1/batch", &body)
            .is_some_and(|(status, _)| status == 200)
    }

    /// How many are in doubt, and of each person what their records say became of their message.
    fn told(&self) -> (usize, Vec<Vec<String>>) {
        let settings = Settings::read(Some(&self.settings), |_| None).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let app = server::serve::open(&settings, clock::system()).await.unwrap();
            let doubts = app.gate.doubts().await.unwrap().len();
            let mut all = Vec::new();
            for p in 0..PEOPLE {
                let who = name(p);
                let whom = Whom {
                    user_id: Some(&who),
                    anonymous_id: None,
                };
                let ask = Ask {
                    signals: Signals::default(),
                    requester: Requester::Person,
                    now: app.now(),
                };
                let timeline = app
                    .gate
                    .timeline(&whom, ask, None, 200)
                    .await
                    .unwrap()
                    .unwrap()
                    .unwrap();
                let messages = timeline.iter().filter(|entry| entry.entry.kind == "message");
                let outcomes = messages.map(|entry| {
                    let details: Value = serde_json::from_str(&entry.details).unwrap();
                    details["outcome"].as_str().unwrap().to_owned()
                });
                all.push(outcomes.collect());
            }
            app.gate.close().await;
            (doubts, all)
        })
    }
}

fn name(p: usize) -> String {
    format!("customer-{p}")
}

fn address(p: usize) -> String {
    format!("customer-{p}@example.org")
}

fn ago(ms: i64) -> String {
    let at = clock::system()().0 - ms;
    jiff::Timestamp::from_millisecond(at).unwrap().to_string()
}

/// They agree, say where they are reached, and ask for the letter.
fn asks(p: usize) -> [Value; 3] {
    let who = name(p);
    let preferences = json!({ "Groups": true, "Letters": true });
    [
        json!({
            "type": "track", "userId": who, "messageId": format!("says-{p}"), "event": gate::CONSENT_EVENT,
            "timestamp": ago(2_000), "context": { "consent": { "categoryPreferences": preferences } },
        }),
        json!({
            "type": "identify", "userId": who, "messageId": format!("is-{p}"), "timestamp": ago(1_000),
            "traits": { "email": address(p), "first_name": format!("Ann{p}") },
        }),
        json!({
            "type": "track", "userId": who, "messageId": format!("asks-{p}"), "event": "Newsletter Requested",
            "timestamp": ago(0),
        }),
    ]
}

fn kill(mut server: Child) {
    // SIGKILL on Unix: nothing of the process runs after it.
    let _ = server.kill();
    server.wait().unwrap();
}

fn end(mut server: Child) {
    let told = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status();
    assert!(told.unwrap().success());
    assert!(server.wait().unwrap().success());
}

#[test]
fn a_server_that_is_killed_sends_nothing_twice_and_loses_nothing_unseen() {
    let (mail, arrived) = sink();
    let house = house(mail);
    let program = house.settings.parent().unwrap().join("program");
    let server = house.serve();
    house.ready();
    kill(server);
    let arguments = [
        "program",
        "apply",
        program.to_str().unwrap(),
        "--by",
        "ann",
        "--settings",
    ];
    let applied = egard(&arguments).arg(&house.settings).output().unwrap();
    assert!(
        applied.status.success(),
        "{}",
        String::from_utf8_lossy(&applied.stderr)
    );

    let mut asked = 0;
    let mut half_way = 0;
    for round in 0..ROUNDS {
        let server = house.serve();
        house.ready();
        let before = arrived.lock().unwrap().len();
        while asked < PEOPLE / ROUNDS * (round + 1) {
            let some: Vec<Value> = (asked..asked + 10).flat_map(asks).collect();
            // What a kill left unanswered is sent again under its own id, as any client does.
            if house.send(&some) {
                asked += 10;
            }
        }
        // Killed in the midst of sending, as far as can be hit: when the first of this round have arrived.
        let started = Instant::now();
        while arrived.lock().unwrap().len() < before + 3 + round
            && started.elapsed() < Duration::from_secs(60)
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        kill(server);
        half_way += usize::from(arrived.lock().unwrap().len() < asked);
    }
    assert!(
        half_way > 0,
        "nothing was killed half-way: the test proves nothing"
    );

    let server = house.serve();
    house.ready();
    let started = Instant::now();
    let mut last = (0, Instant::now());
    while last.1.elapsed() < Duration::from_secs(4) {
        let now = arrived.lock().unwrap().len();
        if now != last.0 {
            last = (now, Instant::now());
        }
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "it never comes to rest"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    // Every message leads out again: looking changes nothing, a click of the mail program ends it.
    let (_, message) = arrived.lock().unwrap()[0].clone();
    let unfolded = message.replace("\r\n ", " ");
    assert!(
        unfolded.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        "{unfolded}"
    );
    let header = unfolded
        .lines()
        .find(|line| line.starts_with("List-Unsubscribe:"))
        .unwrap();
    let link = header
        .split("https://shop.example")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    assert!(link.starts_with("/u/"), "{header}");
    let (status, page) = house.ask("GET", link, "").unwrap();
    assert_eq!(status, 200, "{page}");
    assert_eq!(house.ask("POST", link, "nothing").unwrap().0, 400);
    let (status, page) = house.ask("POST", link, "List-Unsubscribe=One-Click").unwrap();
    assert_eq!(status, 200, "{page}");
    let help = unfolded
        .lines()
        .find(|line| line.starts_with("List-Help:"))
        .unwrap();
    let why = help
        .split("https://shop.example")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    let (status, page) = house.ask("GET", why, "").unwrap();
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Ann"), "{page}");
    end(server);

    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for (recipient, _) in arrived.lock().unwrap().iter() {
        *times.entry(recipient.clone()).or_default() += 1;
    }
    assert!(
        times.values().all(|count| *count == 1),
        "somebody got it twice: {times:?}"
    );
    let (doubts, told) = house.told();
    let mut missing = 0;
    for (p, outcomes) in told.iter().enumerate() {
        let in_doubt = outcomes.iter().any(|outcome| outcome == "in_doubt");
        if !times.contains_key(&address(p)) {
            missing += 1;
            assert!(
                in_doubt,
                "{} got nothing, and nobody says so: {outcomes:?}",
                name(p)
            );
        }
        let handed_over = outcomes
            .iter()
            .filter(|outcome| *outcome == "handed_over")
            .count();
        assert_eq!(handed_over, 1, "{}: {outcomes:?}", name(p));
    }
    let listed = told
        .iter()
        .flatten()
        .filter(|outcome| *outcome == "in_doubt")
        .count();
    assert_eq!(doubts, listed);
    println!(
        "{} people, {} arrived, {doubts} in doubt, {missing} of these did not arrive",
        PEOPLE,
        times.len()
    );
}
