//! Erased: of a person who used everything the server has, no byte is left anywhere it writes to, and
//! nobody can learn from its answers that they were ever there.

use super::quiet::log;
use super::support::{self, House, ITEMS, agrees, ask, bought, ids, known, viewed};
use gate::charter::Requester;
use gate::{Addressed, Ask, Filing, PassKind, Published, RequestId, Whom};
use hyper::Method;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use store::testing::PostgresServer;
use vocabulary::Signals;

/// In everything that the person is and says: one word to search for.
const CANARY: &str = "c4n4ryPqzW7kVb2mX9";

fn canary(what: &str) -> String {
    format!("{CANARY}-{what}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_byte_is_left_of_an_erased_person_in_an_embedded_house() {
    let house = support::start().await;
    let folder = house.folder.path().to_owned();
    no_byte_is_left(house, &[&folder]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_byte_is_left_of_an_erased_person_in_a_house_on_postgresql() {
    let Some(server) = PostgresServer::shared().unwrap() else {
        return;
    };
    let store = format!("postgres:{}", server.new_database().unwrap());
    let house = support::start_in(tempfile::tempdir().unwrap(), |settings| settings.store = store).await;
    let folder = house.folder.path().to_owned();
    no_byte_is_left(house, &[&folder, server.data().parent().unwrap()]).await;
}

async fn no_byte_is_left(mut house: House, places: &[&Path]) {
    log();
    let before = std::time::SystemTime::now();
    house.fill().await;
    let user = canary("user");
    live(&house, &user).await;
    let shown = known(&house.app, &user).await.join("\n");
    assert!(shown.contains(CANARY), "{shown}");
    let learned = house.learn().await;
    let liked = house.recommend(json!({ "userId": user })).await;
    assert!(!ids(&liked).is_empty());
    let record = liked["record"].as_str().unwrap().to_owned();
    house.app.gate.integrate().await.unwrap();
    let path = format!("/v1/records/{record}/receipt");
    assert_eq!(house.get(&path).await.status, 200);
    let address = format!("{}@shop.example", canary("mail"));
    let link = house.app.gate.issue_pass_to(&address, 60_000, house.app.now());
    assert!(link.await.unwrap().is_some());
    house.app.gate.write_back().await.unwrap();

    let whom = Whom {
        user_id: Some(&user),
        anonymous_id: None,
    };
    let erased = house.app.gate.erase_certified(&whom).await.unwrap().unwrap();
    house.app.gate.integrate().await.unwrap();
    // Gone from every door.
    assert_eq!(known(&house.app, &user).await, Vec::<String>::new());
    assert_eq!(house.get(&path).await.status, 404);
    let link = house.app.gate.issue_pass_to(&address, 60_000, house.app.now());
    assert!(link.await.unwrap().is_none());
    // The certificate is there, and its proof.
    let person = Ask {
        signals: Signals::default(),
        requester: Requester::Person,
        now: house.app.now(),
    };
    let certificate = house.app.gate.receipt(erased.certificate, person).await.unwrap();
    let certificate = certificate.unwrap().unwrap();
    assert!(certificate.proof.is_some());
    assert_eq!(certificate.details, r#"{"people":1}"#);
    // What still arrives is answered like anything else, and kept nowhere.
    let late = house.batch(&[bought(&user, &[canary("late").as_str()])]).await;
    let anybody = house.batch(&[viewed("never-seen", "i1")]).await;
    assert_eq!((late.status, late.body), (anybody.status, anybody.body));
    assert_eq!(known(&house.app, &user).await, Vec::<String>::new());

    let metrics = ask(house.address, Method::GET, "/metrics", &[], "").await.text();
    let discards = house.get("/v1/sources/shop/discards").await.text();
    let Published::Intact(model) = house.app.gate.published("model").await.unwrap() else {
        panic!("the model is gone")
    };
    assert!(learned.items as usize <= ITEMS);
    let mut public = house.app.gate.checkpoint().await.unwrap().unwrap();
    for path in house.app.gate.tile_paths().await.unwrap() {
        public.extend(house.app.gate.tile(path).await.unwrap().unwrap());
    }
    let outside = house.folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    for (name, bytes) in [
        ("metrics", metrics.as_bytes()),
        ("discards", discards.as_bytes()),
        ("model", &model),
        ("log-of-the-house", &public),
        ("what-was-logged", log().as_bytes()),
    ] {
        std::fs::write(outside.join(name), bytes).unwrap();
    }
    house.stopping().await.unwrap().unwrap();
    let control = outside.join("control");
    std::fs::write(&control, user.as_bytes()).unwrap();
    assert_eq!(found(&outside), [control.display().to_string()]);
    std::fs::remove_file(&control).unwrap();
    for place in places {
        assert_eq!(found(place), Vec::<String>::new());
    }
    // Nor in any temporary file that was made meanwhile.
    let own = std::env::temp_dir();
    let recent = std::fs::read_dir(&own).unwrap().flatten().filter(|entry| {
        let made = entry.metadata().and_then(|metadata| metadata.modified());
        made.is_ok_and(|made| made >= before) && entry.path().is_file()
    });
    for file in recent {
        assert_eq!(found(&file.path()), Vec::<String>::new());
    }
}

/// Everything a person can do here.
async fn live(house: &House, user: &str) {
    let phone = canary("phone");
    let identify = json!({
        "type": "identify", "messageId": canary("message"), "userId": user, "anonymousId": phone,
        "traits": { "customer_number": canary("number"), "shoe_size": canary("undeclared") },
        "context": { "ip": "203.0.113.9", "userAgent": canary("agent") },
    });
    let mut seen = viewed(user, &canary("item"));
    seen["anonymousId"] = json!(phone);
    let mut order = bought(user, &["i1", canary("item").as_str()]);
    order["properties"]["order_id"] = json!(canary("order"));
    let mine = [
        agrees(user, &[true; 3]),
        identify,
        seen,
        order,
        bought(user, &["i2", "i4"]),
    ];
    house.send_all(&mine).await;
    let (gate, now) = (&house.app.gate, house.app.now());
    let whom = Whom {
        user_id: Some(user),
        anonymous_id: None,
    };
    let address = format!("{}@shop.example", canary("mail"));
    let reached = gate.reach(user, &address, "shop", now).await.unwrap();
    assert_eq!(reached, Addressed::Kept);
    assert!(
        !gate
            .issue_pass(PassKind::Session, &whom, 60_000, now)
            .unwrap()
            .is_empty()
    );
    let filing = Filing {
        house: b"{}".to_vec(),
        reasons: vec!["right:access".to_owned()],
        refuses: false,
        pending: true,
        note: Some(canary("note")),
        at: now,
    };
    let opened = gate
        .open_request(RequestId::fresh().unwrap(), &whom, filing)
        .await;
    assert!(opened.unwrap().is_some());
}

/// The files under a place that hold the word: as it is, in UTF-16, hexadecimal or base64.
fn found(place: &Path) -> Vec<String> {
    use base64::Engine as _;
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    // Whatever stands before it, one of three base64 texts is in it: without its ends, which depend on that.
    let base64 = |before: &str| {
        let text = base64::engine::general_purpose::STANDARD.encode(format!("{before}{CANARY}"));
        text.trim_end_matches('=')
            .get(4..text.len() - 4)
            .unwrap()
            .to_owned()
    };
    let mut grep = Command::new("grep");
    grep.args(["-r", "-l", "-a", "-F"]).env("LC_ALL", "C");
    for needle in [CANARY.to_owned(), hex, base64(""), base64("x"), base64("xx")] {
        grep.args(["-e", &needle]);
    }
    let output = grep.arg(place).output().unwrap();
    // 1: nothing found. 2: some file was gone meanwhile, the others were searched.
    assert!(output.status.code().is_some_and(|code| code <= 2));
    let mut files: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    let utf16: String = CANARY.chars().map(|c| format!("{c}\\x00")).collect();
    let wide = Command::new("grep")
        .args(["-r", "-l", "-a", "-P", &utf16])
        .env("LC_ALL", "C")
        .arg(place)
        .output()
        .unwrap();
    files.extend(String::from_utf8_lossy(&wide.stdout).lines().map(str::to_owned));
    files
}
