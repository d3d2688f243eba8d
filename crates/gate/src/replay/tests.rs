//! Records that are sound, and every way in which one can be unsound; whoever changes a part holds every key.
//!
//! Deliberately does not know: models, pages, the server.

use super::*;
use crate::charter::{Charter, Requester};
use crate::dictionary::Dictionary;
use crate::keys::{Keyring, Secret};
use crate::permit::Account;
use crate::purposes::{Personalise, Purpose as _};
use crate::{LedgerKey, Options, Whom, envelope};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::{Memory, Shelf};
use vocabulary::{Event, Kind, Moment, Signals};

const NOW: i64 = 1_795_348_800_000;
const MODEL: &[u8] = b"a model, as far as the gate can tell: three";
const DICTIONARY: &str = r#"
[consent_categories]
Marketing = ["personalise"]

[events."Product Viewed"]
purposes = ["personalise"]
interaction = "viewed"
fields = ["product_id"]
"#;

/// A decision small enough to read: the sum of what was viewed, times the length of the model.
#[derive(Clone, PartialEq, Debug)]
struct Sum(Vec<u32>);

impl Sum {
    fn details_of(inputs: &[u32], model: &[u8]) -> String {
        let sum = inputs.iter().sum::<u32>() as usize * model.len();
        serde_json::json!({ "inputs": inputs, "sum": sum }).to_string()
    }
}

impl Account for Sum {
    fn kind(&self) -> &'static str {
        "sum"
    }
    fn program(&self) -> Digest {
        Digest::of(MODEL)
    }
    fn details(&self) -> String {
        Sum::details_of(&self.0, MODEL)
    }
}

struct House {
    gate: Gate,
    auditor: Auditor,
}

fn ask(requester: Requester) -> Ask {
    Ask {
        signals: Signals::default(),
        requester,
        now: Moment(NOW),
    }
}

fn whom(user: &str) -> Whom<'_> {
    Whom {
        user_id: Some(user),
        anonymous_id: None,
    }
}

fn event(user: &str, name: &str, number: usize) -> Event {
    let consent = name == crate::CONSENT_EVENT;
    Event {
        message_id: format!("{user}-{name}-{number}"),
        kind: Kind::Track,
        name: name.to_owned(),
        user_id: Some(user.to_owned()),
        anonymous_id: None,
        previous_id: None,
        at: Moment(NOW),
        received_at: Moment(NOW),
        fields: serde_json::from_value(serde_json::json!({ "product_id": format!("item-{number}") }))
            .unwrap(),
        consent: consent.then(|| [("Marketing".to_owned(), true)].into()),
        signals: Signals::default(),
    }
}

async fn house(shelf: Arc<dyn Shelf>) -> House {
    let secret = |byte: u8| Secret([byte; 32]);
    let gate = Gate::open(Options {
        shelf,
        keyring: Keyring::new(&secret(1), &secret(2)).unwrap(),
        charter: Charter::built_in().unwrap(),
        dictionary: Dictionary::read(DICTIONARY).unwrap(),
        ledger: LedgerKey {
            origin: "test.example/egard".to_owned(),
            secret: secret(3),
            older: Vec::new(),
        },
        hot: 100,
        clock: Arc::new(|| Moment(NOW)),
        owner: "test".to_owned(),
        erasures: None,
    })
    .unwrap();
    gate.publish("dictionary", DICTIONARY.as_bytes().to_vec(), Moment(NOW))
        .await
        .unwrap();
    gate.publish("model", MODEL.to_vec(), Moment(NOW)).await.unwrap();
    let auditor = gate.auditor().await.unwrap();
    House { gate, auditor }
}

impl House {
    async fn agree(&self, user: &str) {
        let events = std::iter::once(event(user, crate::CONSENT_EVENT, 0))
            .chain((1..4).map(|number| event(user, "Product Viewed", number)));
        let events = events.map(|event| self.gate.take_in("shop", event)).collect();
        self.gate.observe(events).await.unwrap();
    }

    async fn decide(&self, user: &str) -> RecordId {
        let sum = |view: &<Personalise as crate::purposes::Purpose>::View| {
            Sum(view.history.iter().map(|seen| seen.viewed).collect())
        };
        let decided = self
            .gate
            .decide::<Personalise, _, _>(&whom(user), ask(Requester::System), sum)
            .await;
        decided.unwrap().unwrap().record
    }

    /// Makes the recorded sum again, with what is kept.
    fn execute(&self) -> impl Fn(&Reopened) -> Executed + Clone + Send + 'static {
        let gate = self.gate.clone();
        move |reopened| {
            if reopened.entry.kind != "sum" {
                return Executed::NoDecision;
            }
            let model = gate.artefact_now(Digest(reopened.entry.program.unwrap()));
            let Ok(Some(model)) = model else {
                return Executed::Impossible(Flaw::ProgramMissing);
            };
            let details: Result<serde_json::Value, _> = serde_json::from_str(&reopened.details);
            let inputs: Vec<u32> = details
                .ok()
                .and_then(|details| serde_json::from_value(details["inputs"].clone()).ok())
                .unwrap_or_default();
            match Sum::details_of(&inputs, &model) == reopened.details {
                true => Executed::Same,
                false => Executed::Different("the sum is another one".to_owned()),
            }
        }
    }

    async fn look(&self, id: RecordId) -> Replay {
        let looked = self
            .auditor
            .replay(id, Cover::Secure, ask(Requester::System), self.execute());
        looked.await.unwrap()
    }

    async fn flaws(&self, id: RecordId) -> Vec<Flaw> {
        match self.look(id).await {
            Replay::Done(replayed) => replayed.flaws,
            other => panic!("{other:?}"),
        }
    }

    fn row(&self, id: RecordId) -> (RecordRow, Arc<PersonKey>) {
        let row = self.gate.shared().shelf.record(id).unwrap().unwrap();
        let key = self.gate.key_of(row.person).unwrap().unwrap();
        (row, key)
    }

    /// Writes a record as a careless program would: whatever is said of the permit.
    async fn forge(&self, user: &str, question: &Question, allowed: bool, reasons: &[&str]) -> RecordId {
        let person = self.gate.find(&whom(user)).await.unwrap().unwrap();
        let key = self.gate.key_of(person).unwrap().unwrap();
        let statement = Statement {
            kind: "sum",
            purpose: Some(Personalise::NAME),
            program: Digest::of(MODEL),
            allowed,
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            at: Moment(NOW),
        };
        let details = Sum(vec![1]).details();
        let (row, leaf) =
            record::make_asked(self.gate.shared(), person, &key, statement, details, question).unwrap();
        let id = row.id;
        let record = Record {
            person,
            terms_version: None,
            row: Some(row),
            leaf,
        };
        assert!(self.gate.commit_record(record).await.unwrap());
        id
    }

    /// Puts other bytes under a digest, or none.
    fn tamper(&self, digest: Digest, bytes: Option<&[u8]>) {
        let shared = self.gate.shared();
        shared.shelf.discard(shared.epoch, digest.0).unwrap();
        if let Some(bytes) = bytes {
            shared.shelf.keep(shared.epoch, digest.0, bytes).unwrap();
        }
    }
}

fn given() -> Question {
    Question {
        consent: ConsentState::Given,
        identified: true,
        ..Question::plain(PurposeName::Personalise)
    }
}

#[tokio::test]
async fn a_sound_record_is_the_same_and_the_look_is_on_the_persons_page() {
    let house = house(Arc::new(Memory::new())).await;
    house.agree("ann").await;
    let id = house.decide("ann").await;
    for integrated in [false, true] {
        if integrated {
            house.gate.integrate().await.unwrap();
        }
        let Replay::Done(replayed) = house.look(id).await else {
            panic!()
        };
        assert_eq!(replayed.flaws, []);
        assert_eq!(replayed.executed, Executed::Same);
        assert_eq!(replayed.permitted, Permitted::AskedAgain);
        assert_eq!(replayed.place.is_some(), integrated);
        let own = house
            .gate
            .timeline(&whom("ann"), ask(Requester::Person), None, 1)
            .await;
        let own = own.unwrap().unwrap().unwrap();
        assert_eq!(Some(own[0].record), replayed.trace);
        assert_eq!(own[0].entry.kind, "replay");
        assert_eq!(own[0].entry.purpose.as_deref(), Some("secure"));
    }
}

#[tokio::test]
async fn who_is_restricted_is_not_opened_and_who_is_erased_is_gone() {
    let house = house(Arc::new(Memory::new())).await;
    house.agree("ann").await;
    let id = house.decide("ann").await;
    let opened = house.gate.openings(PurposeName::Secure);
    let act = crate::Act::Restrict(true);
    house
        .gate
        .act(&whom("ann"), act, "me", Moment(NOW + 1))
        .await
        .unwrap();
    assert!(matches!(house.look(id).await, Replay::Refused(_)));
    assert_eq!(house.gate.openings(PurposeName::Secure), opened);
    // In answer to the person it is.
    let looked = house
        .auditor
        .replay(id, Cover::RightsRequest, ask(Requester::Staff), house.execute());
    assert!(matches!(looked.await.unwrap(), Replay::Done(_)));
    house.gate.erase(&whom("ann")).await.unwrap();
    assert_eq!(house.look(id).await, Replay::Gone);
}

#[tokio::test]
async fn the_charter_is_asked_again_and_must_answer_as_it_did() {
    let house = house(Arc::new(Memory::new())).await;
    house.agree("ann").await;
    let yes = ["charter/personalise"];
    let cases = [
        (given(), true, &yes[..], vec![]),
        (
            Question {
                consent: ConsentState::Unknown,
                ..given()
            },
            true,
            &yes[..],
            vec![Flaw::VerdictDiffers],
        ),
        (given(), true, &["charter/measure"][..], vec![Flaw::ReasonsDiffer]),
        (
            Question {
                purpose: PurposeName::Segment,
                ..given()
            },
            true,
            &yes[..],
            vec![Flaw::PurposeDiffers, Flaw::ConsentContradicted],
        ),
    ];
    for (question, allowed, reasons, flaws) in cases {
        let id = house.forge("ann", &question, allowed, reasons).await;
        assert_eq!(house.flaws(id).await, flaws, "{question:?}");
    }
}

#[tokio::test]
async fn a_consent_that_the_person_never_gave_is_found() {
    let house = house(Arc::new(Memory::new())).await;
    house.agree("ann").await;
    let take_back = [(PurposeName::Personalise, false)];
    let ann = whom("ann");
    let taken = house.gate.choose(&ann, &take_back, "me", Moment(NOW + 1));
    taken.await.unwrap().unwrap();
    let id = house.forge("ann", &given(), true, &["charter/personalise"]).await;
    assert_eq!(house.flaws(id).await, [Flaw::ConsentContradicted]);
}

#[tokio::test]
async fn an_answer_that_the_charter_never_gives_is_found_without_a_question() {
    let house = house(Arc::new(Memory::new())).await;
    for (allowed, reasons, flaws) in [
        (false, vec!["charter/no-consent"], vec![]),
        (false, vec!["charter/personalise"], vec![Flaw::AnswerImpossible]),
    ] {
        let statement = Statement {
            kind: "sum",
            purpose: Some(Personalise::NAME),
            program: Digest::of(MODEL),
            allowed,
            reasons: reasons.into_iter().map(str::to_owned).collect(),
            at: Moment(NOW),
        };
        let id = house
            .gate
            .record_about_nobody(statement, Sum(vec![]).details())
            .await
            .unwrap();
        let Replay::Done(replayed) = house.look(id).await else {
            panic!()
        };
        assert_eq!((replayed.flaws, replayed.permitted), (flaws, Permitted::Possible));
        assert_eq!(replayed.trace, None, "nobody's page");
    }
}

/// What is changed, and what must be found because of it.
#[derive(Clone, Copy, Debug)]
enum Part {
    Row,
    Details,
    Secret,
    Leaf,
    Question,
    Root,
    NoQuestion,
    Forged,
    Model,
    NoModel,
    Charter,
    NoCharter,
}

const PARTS: [Part; 12] = [
    Part::Row,
    Part::Details,
    Part::Secret,
    Part::Leaf,
    Part::Question,
    Part::Root,
    Part::NoQuestion,
    Part::Forged,
    Part::Model,
    Part::NoModel,
    Part::Charter,
    Part::NoCharter,
];

impl Part {
    fn found(self, flaws: &[Flaw]) -> bool {
        let has = |flaw| flaws.contains(&flaw);
        match self {
            Part::Row => has(Flaw::DoesNotOpen),
            Part::Details | Part::Secret => has(Flaw::DetailsDiffer),
            // Also a leaf that still reads as an entry is not the one in the log.
            Part::Leaf | Part::Forged => has(Flaw::LeafDiffers),
            Part::Question | Part::Root => has(Flaw::QuestionDiffers),
            Part::NoQuestion => has(Flaw::QuestionMissing),
            Part::Model => has(Flaw::ProgramDamaged),
            Part::NoModel => has(Flaw::ProgramMissing),
            Part::Charter => has(Flaw::CharterDamaged),
            Part::NoCharter => has(Flaw::CharterMissing),
        }
    }
}

fn flip(bytes: &mut [u8], at: prop::sample::Index, bit: u8) {
    let at = at.index(bytes.len());
    bytes[at] ^= 1 << bit;
}

/// Whoever holds every key and every row changes one thing of a record, anywhere.
#[test]
fn a_change_in_any_part_of_a_record_is_found_and_named() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let house = runtime.block_on(async {
        let house = house(Arc::new(Memory::new())).await;
        house.agree("ann").await;
        house
    });
    let id = runtime.block_on(house.decide("ann"));
    runtime.block_on(house.gate.integrate()).unwrap();
    let (row, key) = house.row(id);
    let charter = house.gate.charter().digest();
    let cases = (
        prop::sample::select(PARTS.to_vec()),
        any::<prop::sample::Index>(),
        0..8_u8,
    );
    let mut runner = TestRunner::new(ProptestConfig::with_cases(300));
    let ran = runner.run(&cases, |(part, at, bit)| {
        let mut row = row.clone();
        let mut opened = record::open(&row, &key).unwrap();
        // Charters that were read are remembered: whoever looks for another one looks anew.
        let auditor = match part {
            Part::Charter | Part::NoCharter => runtime.block_on(house.gate.auditor()).unwrap(),
            _ => house.auditor.clone(),
        };
        match part {
            Part::Row => flip(&mut row.sealed.0, at, bit),
            Part::Details => {
                // Text stays text.
                let mut bytes = opened.details.into_bytes();
                flip(&mut bytes, at, bit % 7);
                opened.details = String::from_utf8(bytes).unwrap();
            }
            Part::Secret => flip(&mut opened.r, at, bit),
            Part::Leaf => flip(&mut opened.leaf, at, bit),
            Part::Question => flip(&mut opened.asked.as_mut().unwrap().question, at, bit),
            Part::Root => flip(&mut opened.asked.as_mut().unwrap().root, at, bit),
            Part::NoQuestion => opened.asked = None,
            Part::Forged => {
                // Everything fits again, but for the log.
                let asked = crate::asked::Asked::new(&given()).unwrap();
                let secret = asked.secret();
                let mut entry = Entry::parse(&opened.leaf).unwrap();
                opened.details = Sum(vec![7]).details();
                entry.commitment = ledger::entry::commit(secret.expose(), opened.details.as_bytes());
                opened.leaf = entry.encode().unwrap();
                (opened.r, opened.asked) = (secret.expose().to_vec(), Some(asked));
            }
            Part::Model | Part::Charter => {
                let (digest, mut bytes) = match part {
                    Part::Model => (Digest::of(MODEL), MODEL.to_vec()),
                    _ => (charter, house.gate.charter().text().to_vec()),
                };
                flip(&mut bytes, at, bit);
                house.tamper(digest, Some(&bytes));
            }
            Part::NoModel => house.tamper(Digest::of(MODEL), None),
            Part::NoCharter => house.tamper(charter, None),
        }
        if !matches!(part, Part::Row) {
            let place = record::place(row.id, row.person);
            row.sealed = key.0.seal(place, &envelope::encode(&opened)).unwrap();
        }
        let replayed = auditor.examine(&row, &key, house.execute()).unwrap();
        house.tamper(Digest::of(MODEL), Some(MODEL));
        house.tamper(charter, Some(house.gate.charter().text()));
        prop_assert!(part.found(&replayed.flaws), "{part:?}: {:?}", replayed.flaws);
        Ok(())
    });
    ran.unwrap();
    assert_eq!(
        runtime.block_on(house.flaws(id)),
        [],
        "as it was, nothing is wrong"
    );
}
