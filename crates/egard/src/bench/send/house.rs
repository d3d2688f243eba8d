//! A house of the bench that writes to people: a program with one journey and one message, and everybody in it
//! waiting for theirs.
//!
//! Deliberately does not know: what is measured.

use crate::bench::house::{Place, Temporary, settings, text};
use gate::{Apply, CONSENT_EVENT, Fate};
use letter::dkim::{Kind as KeyKind, generate};
use serde_json::json;
use server::app::App;
use server::channels::email::settings::{DkimSettings, EmailSettings};
use server::ingest::clock;
use server::serve;
use server::settings::Settings;
use server::work::react::Reactor;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use vocabulary::{DAY_MS, Event, Kind, Moment, Signals};

/// Events that are handed in at once.
const BATCH: usize = 1_000;

const DICTIONARY: &str = "consent_categories:
  Groups: [segment]
  Letters: [market_by_email]
events:
  Newsletter Requested:
    purposes: [service, segment]
traits:
  email: { purposes: [market_by_email], type: text }
  first_name: { purposes: [market_by_email], type: text }
";

const JOURNEY: &str = "title: { fr: Bienvenue, en: Welcome }
purpose: market_by_email
entry: { event: Newsletter Requested }
again: never
steps:
  - id: hello
    message: hello
    then: exit
";

const MESSAGE: &str = "title: { fr: Bienvenue, en: Welcome }
channel: email
purpose: market_by_email
subject: { fr: \"Bienvenue, {{ person.first_name }}\", en: \"Welcome, {{ person.first_name }}\" }
files: { fr: fr.mjml, en: en.mjml }
reads: [first_name]
claims:
  - { claim: urgency, deadline: last_post }
";

const WORDS: &str = "<mjml><mj-body><mj-section><mj-column>
<mj-text>Bonjour {{ person.first_name }}</mj-text>
<mj-text>Voici la lettre que vous avez demandée. Elle vient une fois par mois, et jamais la nuit.</mj-text>
<mj-text>{% if claims.urgency %}Pour Noël, la poste prend les colis jusqu’au {{ claims.urgency }}.{% endif %}</mj-text>
<mj-button href=\"https://shop.example/news\">Voir les nouveautés</mj-button>
<mj-text>Merci, et à bientôt. Anne, de la boutique</mj-text>
</mj-column></mj-section></mj-body></mjml>
";

/// An application that nothing runs in by itself: the bench takes the turns.
pub struct Post {
    /// All of it.
    pub app: App,
    folder: Temporary,
    people: usize,
}

/// How it sends.
pub struct Ways {
    /// Where mail is taken.
    pub sink: SocketAddr,
    /// Connections to it.
    pub connections: usize,
    /// Messages that are marked and without an answer at most.
    pub at_once: usize,
    /// Whether an RSA signature stands beside the one of Ed25519.
    pub rsa: bool,
}

impl Post {
    /// Opens it, with its program in force.
    pub async fn open(place: &Place, ways: &Ways) -> Result<Post, String> {
        let folder = place.folder()?;
        let (mut settings, _) = settings(folder.path(), "")?;
        let program = folder.path().join("program");
        let now = clock::system()();
        let deadline = jiff::Timestamp::from_millisecond(now.0 + 7 * DAY_MS).map_err(text)?;
        let shop = format!(
            "name: The shop\ntime_zone: UTC\nlanguages: [fr, en]\ncurrency: EUR\napproval: none\n\
             caps: {{ per_day: 5, channels: {{ email: {{ per_week: 7 }} }} }}\n\
             deadlines: {{ last_post: \"{deadline:.0}\" }}\n"
        );
        let files = [
            ("program.yaml", shop.as_str()),
            ("dictionary.yaml", DICTIONARY),
            ("journeys/welcome.yaml", JOURNEY),
            ("messages/hello/message.yaml", MESSAGE),
            ("messages/hello/fr.mjml", WORDS),
            ("messages/hello/en.mjml", WORDS),
        ];
        let mut gathered = BTreeMap::new();
        for (path, words) in files {
            let file = program.join(path);
            if let Some(parent) = file.parent() {
                std::fs::create_dir_all(parent).map_err(text)?;
            }
            std::fs::write(&file, words).map_err(text)?;
            gathered.insert(path.to_owned(), words.as_bytes().to_vec());
        }
        settings.program.folder = Some(program);
        settings.public_url = "https://shop.example".to_owned();
        settings.rights.controller = "The shop, 1 rue du Port, Brest".to_owned();
        settings.channels.email = Some(email(&folder, ways)?);
        let app = open(&settings).await?;
        let (program, _) = server::program::read(gathered).map_err(text)?;
        let apply = Apply {
            bytes: program.pack(),
            expected: None,
            by: "bench".to_owned(),
            needs_approval: false,
        };
        let applied = app.gate.apply_program(apply, app.now()).await;
        applied.map_err(text)?.map_err(text)?;
        Ok(Post {
            app,
            folder,
            people: 0,
        })
    }

    /// So many new people who agree, say where they are reached, and ask for the letter; everybody is looked at, and
    /// the letter of each waits. Answers how long the looks took.
    pub async fn asks(&mut self, count: usize) -> Result<Duration, String> {
        let from = self.people;
        self.people += count;
        for page in (from..self.people).collect::<Vec<_>>().chunks(BATCH) {
            let now = self.app.now();
            let events = page.iter().flat_map(|number| asks(*number, now));
            let events: Vec<_> = events.map(|event| self.app.gate.take_in("shop", event)).collect();
            let fates = self.app.gate.observe(events).await.map_err(text)?;
            if let Some(fate) = fates.iter().find(|fate| **fate != Fate::Stored) {
                return Err(format!("an event of the bench was not stored: {fate:?}"));
            }
        }
        let began = Instant::now();
        let mut reactor = Reactor::default();
        while reactor.turn(&self.app).await.map_err(text)? {}
        Ok(began.elapsed())
    }

    /// Bytes of the store.
    pub fn bytes(&self) -> u64 {
        self.folder.bytes_of("store")
    }
}

async fn open(settings: &Settings) -> Result<App, String> {
    serve::open(settings, clock::system()).await.map_err(text)
}

fn email(folder: &Temporary, ways: &Ways) -> Result<EmailSettings, String> {
    let mut dkim = Vec::new();
    let kinds = [(KeyKind::Ed25519, "e"), (KeyKind::Rsa, "r")];
    for (kind, selector) in kinds.into_iter().filter(|(_, name)| ways.rsa || *name == "e") {
        let key = folder.path().join(selector);
        std::fs::write(&key, generate(kind).map_err(text)?).map_err(text)?;
        dkim.push(DkimSettings {
            selector: selector.to_owned(),
            key,
            domain: None,
        });
    }
    let said = json!({
        "from": "The shop <letters@shop.example>",
        "domain": "shop.example",
        "server": {
            "host": "127.0.0.1", "port": ways.sink.port(), "security": "none", "from": "letters@shop.example",
        },
        "connections": ways.connections,
        "at_once": ways.at_once,
        // One provider has everybody of the bench, and takes all there is.
        "rate": { "per_second": 1e6, "at_once": 1_000_000 },
    });
    let mut email: EmailSettings = serde_json::from_value(said).map_err(text)?;
    email.dkim = dkim;
    Ok(email)
}

fn asks(number: usize, now: Moment) -> [Event; 3] {
    let event = |kind, name: &str, what: &str, fields: serde_json::Value, before: i64| Event {
        message_id: format!("{what}-{number}"),
        kind,
        name: name.to_owned(),
        user_id: Some(format!("customer-{number}")),
        anonymous_id: None,
        previous_id: None,
        at: Moment(now.0 - before),
        received_at: now,
        fields: fields.as_object().cloned().unwrap_or_default(),
        consent: None,
        signals: Signals::default(),
    };
    let yes = ["Groups", "Letters"].map(|name| (name.to_owned(), true));
    let traits =
        json!({ "email": format!("customer-{number}@example.org"), "first_name": format!("Ann{number}") });
    [
        Event {
            consent: Some(BTreeMap::from(yes)),
            ..event(Kind::Track, CONSENT_EVENT, "says", json!({}), 2_000)
        },
        event(Kind::Identify, "", "is", traits, 1_000),
        event(Kind::Track, "Newsletter Requested", "asks", json!({}), 0),
    ]
}
