//! Segment's browser library in a real browser, on a page of another origin than the server's.

use super::front::{Fate, Front};
use super::install;
use super::recorder::Recorder;
use super::{WRITE_KEY, serve};
use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _};
use axum::routing::get;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use vocabulary::Kind;

/// The page's calls, in the order in which they happened.
const HAPPENED: [(Kind, &str); 5] = [
    (Kind::Page, "Home"),
    (Kind::Track, "Product Viewed"),
    (Kind::Identify, ""),
    (Kind::Group, "g-1"),
    (Kind::Track, "Order Completed"),
];

#[test]
fn what_the_browser_library_sends_arrives_once_and_in_order() {
    check("standard", &[]);
    check("batching", &[]);
}

#[test]
fn what_the_browser_library_repeats_after_a_failure_arrives_once_and_in_order() {
    check(
        "standard",
        &[Fate::Status(503), Fate::HangupAfterwards, Fate::Twice],
    );
    check("batching", &[Fate::StatusAfterwards(500), Fate::Twice]);
}

fn check(strategy: &str, fates: &[Fate]) {
    if install::without_clients() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let recorder = Recorder::default();
    let (front, address, page) = runtime.block_on(async {
        let (front, address) = Front::start(async |front| serve(&recorder, Some(front)).await, fates).await;
        (front, address, site().await)
    });
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Browser(
        Command::new(chromium())
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ])
            // Whoever the library would like to talk to besides us is not there.
            .args([
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!(
                "http://{page}/?base=http://{address}&key={WRITE_KEY}&strategy={strategy}"
            ))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{error}: {}", install::NO_BROWSER)),
    );
    // Not a promise of speed: without an end a test that fails would never say so.
    let patience = Instant::now() + Duration::from_secs(120);
    while (recorder.arrived().len() < HAPPENED.len() || front.met() < fates.len())
        && Instant::now() < patience
    {
        assert!(
            browser.0.try_wait().unwrap().is_none(),
            "the browser ended by itself"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(browser);

    let mut events: Vec<_> = recorder.arrived().into_iter().map(|(_, event)| event).collect();
    events.sort_by_key(|event| event.at);
    let happened: Vec<_> = events
        .iter()
        .map(|event| (event.kind, event.name.as_str()))
        .collect();
    assert_eq!(
        happened,
        HAPPENED,
        "{strategy} {fates:?}, the server answered {:?}",
        front.answered()
    );
    assert_eq!(front.met(), fates.len());
    let anonymous = &events[0].anonymous_id;
    assert!(anonymous.is_some() && events.iter().all(|event| event.anonymous_id == *anonymous));
    assert_eq!(events[2].user_id.as_deref(), Some("u-1"));
    assert_eq!(events[1].fields["name"], "Étoile");
    let consent = events[1].consent.as_ref().unwrap();
    assert_eq!(
        (consent["Personalisation"], consent["Advertising"]),
        (true, false)
    );
    assert!(events.iter().all(|event| !event.signals.gpc));
    assert!(
        !recorder.vouched().contains(&true),
        "the key is in the page: it speaks for nobody with a `userId`"
    );
}

/// Ends the browser with the test, however the test ends.
struct Browser(Child);

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn chromium() -> String {
    let installed = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(installed);
    found
        .unwrap_or_else(|| panic!("{}", install::NO_BROWSER))
        .to_owned()
}

/// Serves the page and the library on an origin of their own.
async fn site() -> SocketAddr {
    let folder = install::node();
    let page = std::fs::read_to_string(folder.join("browser.html")).unwrap();
    let library = folder.join("node_modules/@segment/analytics-next/dist/umd");
    let script = move |Path(name): Path<String>| {
        let script = std::fs::read(library.join(name));
        async move {
            match script {
                Ok(script) => ([(header::CONTENT_TYPE, "text/javascript")], script).into_response(),
                Err(_) => StatusCode::NOT_FOUND.into_response(),
            }
        }
    };
    let page = move || async move { Html(page) };
    let site: Router = Router::new()
        .route("/", get(page))
        .route("/umd/{name}", get(script));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, site).await });
    address
}
