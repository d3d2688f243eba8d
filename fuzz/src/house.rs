//! The whole server over a store in memory, asked by somebody who holds every key: several requests, one
//! after another, to the events, the decisions, the receipts, the log and the pages.

use crate::{Target, request};
use axum::Router;
use gate::charter::Charter;
use gate::dictionary::Dictionary;
use gate::{Gate, Keyring, LedgerKey, Notice, Notices, Options, Secret};
use server::app::App;
use server::auth::ApiKeys;
use server::ingest::{Source, SourceName};
use server::me::settings::{Algorithm, IssuerSettings, MeSettings};
use server::settings::Settings;
use server::web::demo::Stance;
use server::web::demo_routes::{self, Sample};
use std::cell::RefCell;
use std::sync::Arc;
use tokio::runtime::Runtime;
use vocabulary::{Catalogue, Digest, Item, Moment};

pub const TARGETS: &[&Target] = &[&Target {
    name: "house",
    run: house,
    seeds,
}];

/// Between two requests of one input.
const NEXT: &[u8] = b"\n====\n";
/// Requests to one store; then it makes room for a fresh one, so that memory does not grow.
const LIFE: u32 = 2_000;
const API_KEY: &str = "an-api-key-that-is-long-enough";
const TOKEN: &str = "the-token-of-the-forms";
/// 2026-11-22T12:00:00Z.
const NOW: Moment = Moment(1_795_348_800_000);

struct House {
    runtime: Runtime,
    router: Router,
    gate: Gate,
    asked: u32,
}

thread_local! {
    static HOUSE: RefCell<Option<House>> = const { RefCell::new(None) };
}

fn secret(byte: u8) -> Secret {
    Secret::from_text(&format!("{byte:02x}").repeat(32)).expect("a secret")
}

fn open() -> House {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let clock: server::ingest::Clock = Arc::new(|| NOW);
    let gate = Gate::open(Options {
        shelf: Arc::new(store::Memory::new()),
        keyring: Keyring::new(&secret(1), &secret(2)).expect("keys"),
        charter: Charter::built_in().expect("the charter"),
        dictionary: Dictionary::read(include_str!("../../demo/dictionary.toml")).expect("the dictionary"),
        ledger: LedgerKey {
            older: Vec::new(),
            origin: "fuzz.example/log".to_owned(),
            secret: secret(3),
        },
        hot: 1_000,
        clock: Arc::clone(&clock),
        owner: "fuzz".to_owned(),
        erasures: None,
    })
    .expect("the gate");
    let items = (0..12).map(|number| Item {
        id: format!("i{number}").as_str().into(),
        name: format!("Item {number}"),
        category: format!("c{}", number / 4),
        price_minor: 255,
        hidden: number == 3,
        in_stock: number != 5,
        stock: None,
        prices: Vec::new(),
    });
    let keys = ApiKeys::new([("fuzz", API_KEY)]).expect("keys");
    let catalogue = Catalogue::new(items.collect());
    let app = App::new(
        gate.clone(),
        keys.clone(),
        catalogue,
        Digest::of(b""),
        Arc::clone(&clock),
    );
    let settings = Settings {
        public_url: "https://public.example".to_owned(),
        sources: vec![Source {
            name: SourceName::parse("shop").expect("a name"),
            write_key: "key".to_owned(),
            enabled: true,
            child_directed: false,
            secret: true,
            origins: Vec::new(),
        }],
        me: MeSettings {
            issuers: vec![IssuerSettings {
                name: "shop".to_owned(),
                origin: "https://shop.example".to_owned(),
                algorithm: Algorithm::Hs256,
                key: "s".repeat(32),
            }],
            ..MeSettings::default()
        },
        ..Settings::default()
    };
    let notices = [
        include_str!("../../demo/notices/gift-shop-1.toml"),
        include_str!("../../demo/notices/letters-1.toml"),
    ];
    let notices = notices.map(|text| Notice::read(text).expect("a notice"));
    let notices = Notices::new(notices.to_vec()).expect("notices");
    let published = runtime.block_on(gate.publish_notices(notices, NOW));
    published.expect("the gate").expect("the notices");
    let sample = |id: &str, number, stance| Sample {
        user_id: id.to_owned(),
        number,
        stance,
    };
    let samples = vec![sample("p0", 0, Stance::All), sample("nobody", 1, Stance::Silent)];
    let router = server::serve::router(&app, &settings, clock)
        .expect("a router")
        .merge(demo_routes::router(app.clone(), samples, TOKEN));
    let house = House {
        runtime,
        router,
        gate,
        asked: 0,
    };
    house.fill();
    let choice = server::work::learn_model::Choice::Given(learn::Settings::default());
    let learned = server::work::learn_model::run(&app, &choice, "the fuzzer's shop");
    house.runtime.block_on(learned).expect("a model");
    house
}

impl House {
    /// Twelve people who agree to everything and bought something.
    fn fill(&self) {
        for person in 0..12 {
            let products: Vec<_> = (0..5)
                .map(|k| serde_json::json!({"product_id": format!("i{}", (person + k) % 12)}))
                .collect();
            let who = format!("p{person}");
            let body = serde_json::json!({"writeKey": "key", "batch": [
                {"type": "track", "event": gate::CONSENT_EVENT, "userId": who, "messageId": format!("c{person}"),
                 "timestamp": "2026-10-22T12:00:00Z",
                 "context": {"consent": {"categoryPreferences": {"Personalisation": true, "Groups": true, "Learning": true}}}},
                {"type": "track", "event": "Order Completed", "userId": who, "messageId": format!("o{person}"),
                 "timestamp": "2026-10-23T12:00:00Z", "properties": {"order_id": "7", "products": products}},
            ]});
            let text = format!("POST /v1/batch\n\n{body}");
            let request = request::parse(text.as_bytes()).expect("a request");
            let (answer, _) = self.runtime.block_on(request::answer(&self.router, request));
            assert!(answer.status().is_success());
        }
    }
}

fn house(bytes: &[u8]) {
    HOUSE.with_borrow_mut(|place| {
        if place.as_ref().is_some_and(|house| house.asked > LIFE)
            && let Some(old) = place.take()
        {
            old.runtime.block_on(old.gate.close());
        }
        let house = place.get_or_insert_with(open);
        let mut rest = bytes;
        for _ in 0..8 {
            let at = rest.windows(NEXT.len()).position(|part| part == NEXT);
            let (text, after) = match at {
                Some(at) => (&rest[..at], &rest[at + NEXT.len()..]),
                None => (rest, &b""[..]),
            };
            house.ask(text);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    });
}

impl House {
    fn ask(&mut self, text: &[u8]) {
        let Some(request) = request::parse(text) else {
            return;
        };
        self.asked += 1;
        let path = request.uri().path().to_owned();
        let (answer, body) = self.runtime.block_on(request::answer(&self.router, request));
        let status = answer.status();
        assert!(
            !status.is_server_error(),
            "{path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        let kind = answer
            .headers()
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if kind.contains("json") {
            let json = serde_json::from_slice::<serde_json::Value>(&body);
            assert!(json.is_ok(), "{path}: not JSON");
        }
        let text = String::from_utf8_lossy(&body);
        if kind.starts_with("text/html") {
            assert!(
                !text.contains("<script") && !text.contains("tell-tale\""),
                "{path}: markup from outside"
            );
        }
        // axum's own words are replaced before anybody sees them: see `problem::in_words`.
        if status.is_client_error() && !kind.starts_with("text/plain") {
            assert!(
                !text.contains("tell-tale"),
                "{path}: an error repeats what was sent: {text}"
            );
        }
        if let Some(location) = answer
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
        {
            assert!(
                location.starts_with('/') && !location.starts_with("//"),
                "{path}: away to {location}"
            );
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let key = format!("authorization: Bearer {API_KEY}");
    let form = "content-type: application/x-www-form-urlencoded";
    [
        format!("POST /v1/recommendations\n{key}\nsec-gpc: 1\n\n{{\"userId\":\"p0\",\"placement\":\"home\",\"count\":5,\"language\":\"fr\",\"counterfactuals\":3,\"filters\":{{\"categories\":[\"c1\"],\"excludeBought\":true}}}}"),
        format!("POST /v1/recommendations\n{key}\n\n{{\"userId\":\"p1\",\"anonymousId\":7,\"placement\":\"tell-tale\"}}\n====\nPOST /v1/recommendations\n{key}\n\n{{\"placement\":\"\"}}"),
        format!("POST /v1/t\n\n{{\"writeKey\":\"key\",\"event\":\"Product Viewed\",\"userId\":\"p2\",\"properties\":{{\"product_id\":\"<script>tell-tale\"}}}}\n====\nPOST /v1/t\n\n{{\"writeKey\":\"key\",\"event\":\"Segment Consent Preference Updated\",\"userId\":\"p2\",\"context\":{{\"consent\":{{\"categoryPreferences\":{{\"Personalisation\":false}}}}}}}}\n====\nPOST /v1/recommendations\n{key}\n\n{{\"userId\":\"p2\",\"placement\":\"home\"}}"),
        "POST /v1/i\n\n{\"writeKey\":\"key\",\"userId\":\"p3\",\"traits\":{\"age_bracket\":\"minor\",\"firstName\":\"tell-tale\",\"favourite_colour\":\"=1+1\"}}\n====\nPOST /v1/a\n\n{\"writeKey\":\"key\",\"userId\":\"p3\",\"previousId\":\"v\"}".to_owned(),
        format!("GET /v1/records/00112233445566778899aabbccddeeff/receipt\n{key}"),
        "GET /ledger/checkpoint\n====\nGET /ledger/tile/0/000\n====\nGET /ledger/tile/0/000.p/8\n====\nGET /ledger/tile/entries/000".to_owned(),
        "GET /demo?customer=p0&lang=fr&notice=x\nhost: tell-tale.example\naccept-language: fr-CH, en;q=0.5\n====\nGET /openapi.json".to_owned(),
        format!("POST /demo/forget\n{form}\n\ntoken={TOKEN}&customer=p0&lang=en&item=i1"),
        format!("POST /demo/personalisation\n{form}\n\ntoken={TOKEN}&customer=p0&lang=fr&personalisation=off\n====\nGET /demo?customer=p0"),
        format!("POST /demo/personalisation\n{form}\n\ntoken=&customer=tell-tale%0d%0a&personalisation=on"),
        "GET /assets/../demo\n====\nGET /demo/receipt/x\n====\nGET /metrics\n====\nGET /readyz".to_owned(),
        format!("GET /v1/sources/shop/discards\n{key}"),
        "GET /consent?source=shop&notice=gift-shop&lang=fr&said=given\ncookie: ajs_anonymous_id=tell-tale; egard-consent=1.x.2.personalise+train\nadpc: withdraw=*, object=direct-marketing".to_owned(),
        format!("POST /consent\n{form}\nsec-fetch-site: same-origin\ncookie: ajs_anonymous_id=v\n\nsource=shop&notice=gift-shop&version=1&text=x&lang=fr&choice=some&purpose=personalise&purpose=tell-tale"),
        "GET /consent-requests.json\n====\nGET /.well-known/gpc.json\n====\nGET /consent/dialogue.js".to_owned(),
        format!("POST /v1/consents\n{key}\nadpc: consent=\"personalise.x\"\n\n{{\"userId\":\"p4\",\"choices\":{{\"personalise\":true}},\"notice\":{{\"id\":\"gift-shop\",\"version\":1,\"language\":\"fr\"}},\"action\":\"save\",\"page\":\"https://shop.example/x?tell-tale\"}}\n====\nPOST /v1/consents/state\n{key}\n\n{{\"userId\":\"p4\"}}"),
        format!("POST /v1/rights-requests\n{key}\n\n{{\"userId\":\"p5\",\"right\":\"access\"}}\n====\nGET /v1/rights-requests\n{key}"),
        format!("POST /opendsr/requests\n{key}\n\n{{\"regulation\":\"gdpr\",\"subject_request_id\":\"0123e456-7e89-42d3-a456-426614174000\",\"subject_request_type\":\"erasure\",\"submitted_time\":\"2026-11-22T00:00:00Z\",\"subject_identities\":[{{\"identity_type\":\"controller_customer_id\",\"identity_value\":\"p6\",\"identity_format\":\"raw\"}}],\"status_callback_urls\":[\"https://tell-tale.example\"]}}\n====\nGET /opendsr/requests/0123e456-7e89-42d3-a456-426614174000\n{key}"),
        "GET /opendsr/discovery\n====\nGET /opendsr/key.pem".to_owned(),
        format!("POST /v1/me/links\n{key}\n\n{{\"userId\":\"p7\",\"language\":\"fr\",\"minutes\":5}}\n====\nPOST /v1/me/addresses\n{key}\n\n{{\"userId\":\"p7\",\"email\":\"ann@example.org\"}}"),
        format!("GET /me/link?pass=AAAA&lang=fr\n====\nPOST /me/open\n{form}\n\npass=AAAA\n====\nPOST /me/session\n{form}\norigin: https://shop.example\n\nassertion=eyJhbGciOiJIUzI1NiJ9.e30.AAAA&lang=en\n====\nPOST /me/leave\n{form}\ncookie: __Host-egard-me=AAAA\n\ntoken=tell-tale"),
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}
