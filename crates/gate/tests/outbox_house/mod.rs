//! A house whose program is a few words, and short names for what happens to outboxes.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use super::common::{self, DICTIONARY, House, ask, consent, options, user};
use gate::charter::Requester;
use gate::clearance::{Claims, Code, Rules, Standing};
use gate::dictionary::Dictionary;
use gate::dispatch::{
    Compose, Composed, Dispatched, HandedOver, Handover, NotComposed, Outcome, Seen, Shown, Waiting, Wanted,
};
use gate::{
    Account, Action, Ask, ClosedWay, Component, Evidence, Gate, Kind, Pending, Queued, Reacted, Subject,
    Unavailable,
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Shelf;
use vocabulary::{Channel, Contract, Digest, Kind as EventKind, Moment, PersonId, PurposeName};

/// The words of this program: every message says its own name.
#[derive(Clone)]
pub struct Words {
    pub rules: Rules,
    pub standing: BTreeMap<String, Standing>,
    pub edition: String,
    pub zone: TimeZone,
}

impl Compose for Words {
    type Letter = String;

    fn rules(&self) -> &Rules {
        &self.rules
    }

    fn program(&self) -> Digest {
        Digest::of(self.edition.as_bytes())
    }

    fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn wanted(&self, waiting: &Waiting, _: Moment) -> Wanted {
        Wanted {
            service: waiting.name == "order",
            channels: match waiting.name.as_str() {
                "text" => vec![Channel::Sms],
                "either" => vec![Channel::Email, Channel::Sms],
                "card" | "tip" => vec![Channel::InApp],
                "gone" => Vec::new(),
                _ => vec![Channel::Email],
            },
            standing: self.standing.get(&waiting.name).copied().unwrap_or_default(),
            claims: Claims::Backed,
        }
    }

    fn compose(&self, seen: &Seen<'_>) -> Result<Composed<String>, NotComposed> {
        let names: Vec<&str> = seen.waiting.iter().map(|one| one.name.as_str()).collect();
        let said = |code| NotComposed {
            code,
            said: json!({ "at": "3:7" }),
        };
        if names == ["broken"] {
            return Err(said(Code::MissingValue));
        }
        if seen.channel == Channel::InApp {
            return Ok(Composed {
                letter: format!("{}{} inside", self.edition, names.join("+")),
                said: json!({ "digest": format!("{}{}", self.edition, names.join("+")) }),
            });
        }
        let address = seen.traits.iter().find(|(name, _)| name == "email");
        let (_, address) = address.ok_or_else(|| said(Code::NoAddress))?;
        let by = seen.channel.as_str();
        Ok(Composed {
            letter: format!("{}{} to {address} by {by}", self.edition, names.join("+")),
            said: json!({ "digest": names.join("+") }),
        })
    }
}

pub struct Post {
    pub inner: House,
    pub gate: Gate,
    pub program: Words,
    people: std::sync::Mutex<BTreeMap<String, PersonId>>,
}

pub async fn house(shelf: Arc<dyn Shelf>, now: i64) -> Post {
    take_over(shelf, now).await
}

/// Another process with the same keys; whoever held the store before is fenced.
pub async fn take_over(shelf: Arc<dyn Shelf>, now: i64) -> Post {
    let clock = Arc::new(AtomicI64::new(now));
    let mut options = options(shelf, 1, 102, &clock, None);
    let declared = format!(
        "{}\n[traits.email]\npurposes = [\"service\", \"market_by_email\", \"market_by_sms\"]\n",
        DICTIONARY.replace(
            "Statistics = [\"train\"]",
            "Statistics = [\"train\"]\nLetters = [\"market_by_email\", \"market_by_sms\"]"
        )
    );
    options.dictionary = Dictionary::read(&declared).unwrap();
    let opened = tokio::task::spawn_blocking(move || Gate::open(options))
        .await
        .unwrap();
    let gate = opened.unwrap();
    gate.automate(true);
    Post {
        inner: House::of(gate.clone(), clock),
        gate,
        program: Words {
            rules: Rules::default(),
            standing: BTreeMap::new(),
            edition: String::new(),
            zone: TimeZone::UTC,
        },
        people: std::sync::Mutex::default(),
    }
}

impl Post {
    pub fn at(&self) -> Moment {
        Moment(self.inner.now.load(Ordering::Relaxed))
    }

    pub fn wait(&self, ms: i64) {
        self.inner.now.fetch_add(ms, Ordering::Relaxed);
    }

    /// Groups, letters, and an address.
    pub async fn permits(&self, name: &str) {
        let at = self.at().0;
        let says = consent(name, at, &[("Marketing", true), ("Letters", true)]);
        let traits = json!({ "email": format!("{name}@example.org") });
        let identify = vocabulary::Event {
            kind: EventKind::Identify,
            at: Moment(at),
            received_at: Moment(at),
            ..common::event(name, "", traits)
        };
        let fates = self.inner.send(vec![says, identify]).await;
        assert!(fates.iter().all(|fate| *fate == gate::Fate::Stored), "{fates:?}");
        // Whoever something changed for is to be looked at: the one who is not known yet.
        let changed = self.gate.agenda(self.at(), 1_000).await.unwrap();
        let mut people = self.people.lock().unwrap();
        let new = changed
            .into_iter()
            .find(|one| people.values().all(|known| known != one));
        people.insert(name.to_owned(), new.unwrap());
    }

    pub async fn permits_again(&self, name: &str) {
        let says = consent(name, self.at().0, &[("Letters", true)]);
        self.inner.send(vec![says]).await;
    }

    pub async fn withdraws(&self, name: &str) {
        let off = [(PurposeName::MarketByEmail, false)];
        self.gate
            .choose(&user(name), &off, "test", self.at())
            .await
            .unwrap()
            .unwrap();
    }

    pub async fn contract(&self, name: &str, contract: Contract) {
        let evidence = Evidence::new(Component::OwnPage, Action::Save);
        let whom = user(name);
        let set = self
            .gate
            .set_contract(&whom, &contract, &evidence, "test", self.at());
        set.await.unwrap().unwrap();
    }

    /// A journey says these things to the person.
    pub async fn wants(&self, name: &str, messages: &[&str]) {
        self.queue(name, Kind::Message, messages).await;
    }

    pub async fn queue(&self, name: &str, kind: Kind, names: &[&str]) {
        let person = self.person(name).await;
        let looks = self
            .gate
            .looks(vec![person], ask(self.at().0), Digest::of(b"p"))
            .await
            .unwrap();
        assert_eq!(looks.len(), 1);
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let gate = self.gate.clone();
        let looked = tokio::task::spawn_blocking(move || {
            gate.react(looks, |_, _| Reacted {
                counts: Vec::new(),
                state: b"state".to_vec(),
                due: None,
                changed: true,
                set: Vec::new(),
                told: Some("{}".to_owned()),
                queue: names
                    .iter()
                    .enumerate()
                    .map(|(number, name)| Queued {
                        kind,
                        name: name.clone(),
                        purpose: match name.as_str() {
                            "card" | "tip" => PurposeName::Personalise,
                            "order" => PurposeName::Service,
                            "text" => PurposeName::MarketBySms,
                            _ => PurposeName::MarketByEmail,
                        },
                        journey: "welcome".to_owned(),
                        key: None,
                        step: Some(format!("say_{name}")),
                        entered_at: Moment(5),
                        number: number as u32,
                    })
                    .collect(),
            })
        });
        assert_eq!(looked.await.unwrap().unwrap().changed, 1);
    }

    async fn person(&self, name: &str) -> PersonId {
        self.people.lock().unwrap()[name]
    }

    pub async fn turn(&self) -> Dispatched<String> {
        let people = self.gate.outgoing(self.at(), 100).await.unwrap();
        self.take(people).await
    }

    pub async fn take(&self, people: Vec<PersonId>) -> Dispatched<String> {
        let (gate, program, ask) = (self.gate.clone(), self.program.clone(), ask(self.at().0));
        let turn = tokio::task::spawn_blocking(move || gate.dispatch(people, ask, &program, 1_000));
        let mut turn = turn.await.unwrap().unwrap();
        turn.letters.sort_by_key(|letter| letter.tries());
        turn
    }

    /// What an app collects.
    pub async fn collect(&self, name: &str) -> Vec<Shown<String>> {
        let (gate, program, ask, name) = (
            self.gate.clone(),
            self.program.clone(),
            ask(self.at().0),
            name.to_owned(),
        );
        let collected = tokio::task::spawn_blocking(move || gate.collect(&user(&name), ask, &program));
        collected.await.unwrap().unwrap()
    }

    pub async fn answer(&self, letters: Vec<Handover<String>>, outcome: Outcome) {
        self.try_answer(letters, outcome).await.unwrap();
    }

    pub async fn answer_all(&self, handed: Vec<HandedOver<String>>) {
        let (gate, now) = (self.gate.clone(), self.at());
        let answered = tokio::task::spawn_blocking(move || gate.answered(handed, now));
        answered.await.unwrap().unwrap();
    }

    pub async fn try_answer(
        &self,
        letters: Vec<Handover<String>>,
        outcome: Outcome,
    ) -> Result<(), Unavailable> {
        let (gate, now) = (self.gate.clone(), self.at());
        let answered = tokio::task::spawn_blocking(move || {
            let handed = letters
                .into_iter()
                .map(|handover| HandedOver { handover, outcome });
            gate.answered(handed.collect(), now)
        });
        answered.await.unwrap()
    }

    /// What an answer to the person says of their outbox; empty of whom nothing is known.
    pub async fn kept(&self, name: &str) -> Vec<Pending> {
        self.answered(name).await.0
    }

    /// Ways to the person that are closed, as an answer to them tells it.
    pub async fn closed(&self, name: &str) -> Vec<ClosedWay> {
        self.answered(name).await.1
    }

    async fn answered(&self, name: &str) -> Kept {
        let whom = user(name);
        let ask = Ask {
            requester: Requester::System,
            ..ask(self.at().0)
        };
        let answer = self.gate.answer(Subject::Whom(&whom), ask, |view, _| {
            Kept(view.outbox.clone(), view.closed_ways.clone())
        });
        let answer = answer.await.unwrap();
        answer.map_or_else(
            || Kept(Vec::new(), Vec::new()),
            |recorded| recorded.unwrap().proposal,
        )
    }

    /// What the person reads of their messages, the newest first.
    pub async fn told(&self, name: &str) -> Vec<Value> {
        let ask = Ask {
            requester: Requester::Person,
            ..ask(self.at().0)
        };
        let timeline = self
            .gate
            .timeline(&user(name), ask, None, 200)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let messages = timeline.iter().filter(|entry| entry.entry.kind == "message");
        messages
            .map(|entry| serde_json::from_str(&entry.details).unwrap())
            .collect()
    }
}

/// What an answer was made from.
struct Kept(Vec<Pending>, Vec<ClosedWay>);

impl Account for Kept {
    fn kind(&self) -> &'static str {
        "export"
    }

    fn program(&self) -> Digest {
        Digest::of(b"no program")
    }

    fn details(&self) -> String {
        "{}".to_owned()
    }
}
