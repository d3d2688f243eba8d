//! A claim whose fact is gone at the moment of writing takes its sentence with it, or stops the message.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads the demo's program"
)]

use decide::compose::{Backing, Outgoing, Phrases, Shop, Words, again};
use gate::clearance::Claims;
use gate::dispatch::{Compose as _, Composed, Seen, Waiting};
use gate::{Executed, Kind};
use jiff::tz::TimeZone;
use program::{Files, Program};
use serde_json::json;
use std::path::Path;
use vocabulary::{
    Catalogue, Channel, Contract, Digest, Item, ItemId, Language, Moment, PriceSince, PurposeName,
};

const DAY: i64 = 86_400_000;
/// `christmas_post` of the demo's program.
const DEADLINE: i64 = 1_797_678_000_000;
const NOW: Moment = Moment(DEADLINE - 2 * DAY);

fn files(folder: &Path, from: &str, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{from}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => self::files(&entry.path(), &format!("{name}/"), files),
            false => drop(files.insert(name, std::fs::read(entry.path()).unwrap())),
        }
    }
}

/// The demo's program, one message of which claims everything.
fn program(when_dead: &str) -> Program {
    let mut all = Files::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/program");
    files(&folder, "", &mut all);
    all.retain(|path, _| !path.starts_with("messages/candles_again/"));
    let message = format!(
        "title: {{ fr: Bougies, en: Candles }}\nchannel: email\npurpose: market_by_email\nsubject: {{ fr: Bougies, en: \
         Candles }}\nfiles: {{ fr: fr.txt, en: en.txt }}\nclaims:\n  - {{ claim: urgency, deadline: christmas_post, when_dead: {when_dead} }}\n  \
         - {{ claim: scarcity, stock: 'C1', when_dead: {when_dead} }}\n  - {{ claim: discount, prior_price: 'C1', when_dead: \
         {when_dead} }}\n  - {{ claim: social_proof, counted: Order Completed, when_dead: {when_dead} }}\n"
    );
    let text = "Candles.{% if claims.urgency %} Until {{ claims.urgency }}.{% endif %}{% if claims.scarcity %} Stock \
                {{ claims.scarcity }}.{% endif %}{% if claims.discount %} Before {{ claims.discount }}.{% endif %}\
                {% if claims.social_proof %} Ordered {{ claims.social_proof }}.{% endif %}\nAnna, the shop\n";
    for (name, bytes) in [
        ("message.yaml", message.as_str()),
        ("fr.txt", text),
        ("en.txt", text),
    ] {
        all.insert(
            format!("messages/candles_again/{name}"),
            bytes.as_bytes().to_vec(),
        );
    }
    Program::read(all).unwrap_or_else(|faults| panic!("{faults}"))
}

fn phrases() -> Phrases {
    Phrases {
        why: "why".to_owned(),
        change: "change".to_owned(),
        human: "human".to_owned(),
        leave: "leave".to_owned(),
        together: "{shop}".to_owned(),
    }
}

fn words(program: &Program, backing: Backing) -> Words {
    let words = Words::new(program, Shop::default(), [(Language::En, phrases())].into(), true);
    words.unwrap().backed_by(backing)
}

fn backing(stock: Option<u32>, prices: &[(i64, i64)], counted: Option<u64>) -> Backing {
    let prices = prices.iter().map(|(days, minor)| PriceSince {
        from: Moment(NOW.0 - days * DAY),
        minor: *minor,
    });
    let item = Item {
        id: ItemId::from("C1"),
        name: "Candle".to_owned(),
        category: "candles".to_owned(),
        price_minor: 900,
        hidden: false,
        in_stock: true,
        stock,
        prices: prices.collect(),
    };
    let counted = counted.map(|count| ("Order Completed".to_owned(), count));
    Backing::of(&Catalogue::new(vec![item])).counting(counted.into_iter().collect())
}

/// 12.00 for long, 9.00 since yesterday.
const LOWERED: [(i64, i64); 2] = [(90, 1200), (1, 900)];

fn waiting(now: Moment) -> Waiting {
    Waiting {
        id: [0; 16],
        kind: Kind::Message,
        name: "candles_again".to_owned(),
        journey: "replenish".to_owned(),
        key: None,
        step: None,
        entered_at: now,
        number: 1,
        program: Digest([0; 32]),
        queued_at: now,
    }
}

fn compose(words: &Words, now: Moment) -> Composed<Outgoing> {
    let contract = Contract {
        language: Some(Language::En),
        ..Contract::default()
    };
    let seen = Seen {
        waiting: &[waiting(now)],
        purpose: PurposeName::MarketByEmail,
        channel: Channel::Email,
        traits: &[("email".to_owned(), "\"a@example.org\"".to_owned())],
        contract: &contract,
        zone: &TimeZone::UTC,
        now,
    };
    words
        .compose(&seen)
        .unwrap_or_else(|not| panic!("{:?} {}", not.code, not.said))
}

fn text(backing: Backing, now: Moment) -> String {
    match compose(&words(&program("drop"), backing), now).letter {
        Outgoing::Email { text, .. } => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_holds_is_said_with_its_figure() {
    let text = text(backing(Some(3), &LOWERED, Some(40)), NOW);
    for said in [
        "Until 2026-12-19T11:00:00",
        "Stock 3.",
        "Before 1200.",
        "Ordered 40.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn each_sentence_goes_with_its_fact() {
    let whole = || backing(Some(3), &LOWERED, Some(40));
    // The deadline passed a second ago, or at this very moment.
    assert!(text(whole(), Moment(DEADLINE - 1_000)).contains("Until"));
    assert!(!text(whole(), Moment(DEADLINE)).contains("Until"));
    assert!(!text(whole(), Moment(DEADLINE + 1_000)).contains("Until"));
    // Sold out, plenty, or not known.
    for stock in [Some(0), Some(11), None] {
        assert!(
            !text(backing(stock, &LOWERED, None), NOW).contains("Stock"),
            "{stock:?}"
        );
    }
    // Raised shortly before it was lowered; never higher; too little known; a history that another price ends.
    for prices in [
        &[(90, 900), (10, 1200), (1, 900)][..],
        &[(90, 900)],
        &[(5, 1200), (1, 900)],
        &[(90, 1200), (1, 800)],
        &[],
    ] {
        assert!(
            !text(backing(Some(3), prices, None), NOW).contains("Before"),
            "{prices:?}"
        );
    }
    // Few people, or suppressed.
    for counted in [Some(19), None] {
        assert!(
            !text(backing(Some(3), &LOWERED, counted), NOW).contains("Ordered"),
            "{counted:?}"
        );
    }
}

#[test]
fn a_message_that_is_to_stop_stops_when_any_of_its_facts_is_gone() {
    let program = program("stop");
    let claims = |backing, now| words(&program, backing).wanted(&waiting(now), now).claims;
    assert_eq!(claims(backing(Some(3), &LOWERED, Some(40)), NOW), Claims::Backed);
    assert_eq!(
        claims(backing(Some(3), &LOWERED, Some(40)), Moment(DEADLINE + 1_000)),
        Claims::Dead
    );
    assert_eq!(claims(backing(Some(0), &LOWERED, Some(40)), NOW), Claims::Dead);
    assert_eq!(
        claims(
            backing(Some(3), &[(90, 900), (10, 1200), (1, 900)], Some(40)),
            NOW
        ),
        Claims::Dead
    );
    assert_eq!(claims(backing(Some(3), &LOWERED, Some(19)), NOW), Claims::Dead);
}

#[test]
fn a_message_on_record_is_written_again_from_what_was_known_then() {
    let program = program("drop");
    let said = compose(&words(&program, backing(Some(3), &LOWERED, Some(40))), NOW).said;
    let contract = Contract {
        language: Some(Language::En),
        ..Contract::default()
    };
    let record = |said: &serde_json::Value| {
        json!({
            "outcome": "handed_over", "at": NOW.0, "channel": "email", "said": said,
            "facts": {
                "purpose": "market_by_email", "contract": contract, "zone": "UTC", "left": [], "suppressed": null,
                "conversation": false, "standing": "in_force", "claims": "backed",
            },
            "entries": [{
                "name": "candles_again", "journey": "replenish", "key": null, "step": null,
                "entered_at": NOW.0, "number": 1, "queued_at": NOW.0,
            }],
        })
        .to_string()
    };
    assert_eq!(again(&program, &record(&said)), Executed::Same);
    let mut other = said;
    let first = other.pointer_mut("/messages/0/rests_on/items/C1/left").unwrap();
    *first = json!(0);
    assert!(matches!(again(&program, &record(&other)), Executed::Different(_)));
}
