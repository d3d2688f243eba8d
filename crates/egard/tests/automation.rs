//! A real server process that is killed while a program reaches people and while it reacts: whoever was there
//! before gets nothing, and whatever was acknowledged leads to its journey, once.
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
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use vocabulary::Signals;

const WRITE_KEY: &str = "a-secret-write-key-of-the-shop";
const API_KEY: &str = "an-api-key-that-is-long-enough";
/// People who were there before the program.
const CROWD: usize = 2_500;
/// Of these, who come back afterwards.
const BACK: usize = 240;

struct House {
    folder: tempfile::TempDir,
    settings: PathBuf,
    address: SocketAddr,
}

fn egard(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egard"));
    command.args(arguments).env_remove("EGARD_SETTINGS");
    command
}

/// The demo's program with a category for letters, and nobody who must approve it.
fn write_program(to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/program");
    for (path, bytes) in server::program::gather(&from).unwrap() {
        let text = String::from_utf8(bytes).unwrap();
        let text = match path.as_str() {
            "program.yaml" => text.replace("approval: second_person", "approval: none"),
            "dictionary.yaml" => text.replace(
                "  Learning: [train]\n",
                "  Learning: [train]\n  Letters: [market_by_email]\n",
            ),
            _ => text,
        };
        let path = to.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (keys, program) = (at("keys"), at("program"));
    assert!(
        egard(&["keys", "new", keys.to_str().unwrap()])
            .output()
            .unwrap()
            .status
            .success()
    );
    write_program(&program);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    let text = format!(
        "environment = \"development\"\nlisten = \"{address}\"\nstore = \"embedded:{}\"\nkeys = \"{}\"\n\
         ledger_origin = \"test.example/egard\"\nlearn_every_hours = 0\n\n[program]\nfolder = \"{}\"\n\n\
         [[sources]]\nname = \"shop\"\nwrite_key = \"{WRITE_KEY}\"\nenabled = true\nchild_directed = false\n\
         secret = true\n\n[[api_keys]]\nname = \"tests\"\nkey = \"{API_KEY}\"\n",
        at("store").display(),
        keys.display(),
        program.display()
    );
    let settings = at("egard.toml");
    std::fs::write(&settings, text).unwrap();
    House {
        settings,
        address,
        folder,
    }
}

impl House {
    fn serve(&self) -> Child {
        let arguments = ["serve", "--settings", self.settings.to_str().unwrap()];
        egard(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// One request; `None` if the server is not there, or dies over it.
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
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, body.to_owned()))
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

    /// Sends a batch; whether it was acknowledged.
    fn send(&self, messages: &[Value]) -> bool {
        let body = json!({ "batch": messages, "writeKey": WRITE_KEY }).to_string();
        self.ask("POST", "/v1/batch", &body)
            .is_some_and(|(status, _)| status == 200)
    }

    fn groups(&self) -> Option<Value> {
        let (status, body) = self.ask("GET", "/v1/segments", "")?;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).ok()
    }

    fn metric(&self, name: &str) -> Option<f64> {
        let (_, body) = self.ask("GET", "/metrics", "")?;
        let line = body.lines().find(|line| line.starts_with(&format!("{name} ")))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    /// What happened to each of these people: the names of the journeys they entered.
    fn entered(&self, people: usize) -> Vec<Vec<String>> {
        let settings = Settings::read(Some(&self.settings), |_| None).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let app = server::serve::open(&settings, clock::system()).await.unwrap();
            let mut all = Vec::new();
            for p in 0..people {
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
                let mut entered = Vec::new();
                for entry in timeline.iter().filter(|entry| entry.entry.kind == "journey") {
                    let details: Value = serde_json::from_str(&entry.details).unwrap();
                    for effect in details["effects"].as_array().unwrap() {
                        if effect["what"] == "entered" {
                            entered.push(effect["journey"].as_str().unwrap().to_owned());
                        }
                    }
                    for turned in details["segments"].as_array().unwrap() {
                        entered.push(format!("segment {}", turned["segment"]));
                    }
                }
                all.push(entered);
            }
            app.gate.close().await;
            all
        })
    }
}

fn name(p: usize) -> String {
    format!("customer-{p}")
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

fn ago(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(clock::system()().0 - ms)
        .unwrap()
        .to_string()
}

fn track(who: &str, id: &str, event: &str, ago_ms: i64, properties: Value) -> Value {
    json!({
        "type": "track", "userId": who, "messageId": id, "event": event, "timestamp": ago(ago_ms),
        "properties": properties,
    })
}

#[test]
fn a_server_that_is_killed_reaches_everybody_and_does_nothing_twice() {
    let house = house();
    let hour = 3_600_000;
    let server = house.serve();
    house.ready();
    let people: Vec<Value> = (0..CROWD)
        .flat_map(|p| {
            let who = name(p);
            let mut says = track(
                &who,
                &format!("says-{p}"),
                gate::CONSENT_EVENT,
                2 * hour,
                json!({}),
            );
            says["context"]["consent"]["categoryPreferences"] = json!({ "Groups": true, "Letters": true });
            let items = json!({ "order_id": p.to_string(), "products": [{ "product_id": "i1" }] });
            [
                says,
                track(&who, &format!("order-{p}"), "Order Completed", hour, items),
            ]
        })
        .collect();
    for batch in people.chunks(500) {
        assert!(house.send(batch));
    }
    // Not written back: most of it is folded again from the events.
    kill(server);
    let path = house.folder.path().join("program");
    let arguments = [
        "program",
        "apply",
        path.to_str().unwrap(),
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

    // Killed again and again while the program reaches one after the other.
    let mut half_way = 0;
    for round in 0..12u64 {
        let server = house.serve();
        house.ready();
        std::thread::sleep(Duration::from_millis(round * 17));
        let groups = house.groups().unwrap();
        kill(server);
        match groups["backfill"]["done"] == true {
            true => break,
            false => half_way += 1,
        }
    }
    assert!(
        half_way > 0,
        "nothing was killed half-way: the test proves nothing"
    );
    let server = house.serve();
    house.ready();
    let started = Instant::now();
    while house.groups().unwrap()["backfill"]["done"] != true {
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "it never reached everybody"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(house.metric("egard_backfill_people"), Some(CROWD as f64));
    end(server);
    for (p, entered) in house.entered(60).into_iter().enumerate() {
        assert_eq!(entered, Vec::<String>::new(), "of {}", name(p));
    }

    // Killed again and again while carts come in, and looks follow them.
    let mut sent = 0;
    for round in 0..8u64 {
        let server = house.serve();
        house.ready();
        while sent < BACK / 8 * (round as usize + 1) {
            let cart = json!({ "product_id": "i2", "cart_id": format!("cart-{sent}") });
            // What a kill left unanswered is sent again under its own id, as any client does.
            if house.send(&[track(
                &name(sent),
                &format!("cart-{sent}"),
                "Product Added",
                0,
                cart,
            )]) {
                sent += 1;
            }
        }
        std::thread::sleep(Duration::from_millis(round * 40));
        kill(server);
    }
    let server = house.serve();
    house.ready();
    let started = Instant::now();
    loop {
        let before = house.metric("egard_looks_total");
        std::thread::sleep(Duration::from_secs(2));
        if before == house.metric("egard_looks_total") {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "somebody is looked at for ever"
        );
    }
    end(server);
    for (p, entered) in house.entered(BACK + 20).into_iter().enumerate() {
        let expected: &[&str] = if p < BACK { &["abandoned_cart"] } else { &[] };
        assert_eq!(entered, expected, "of {}", name(p));
    }
}
