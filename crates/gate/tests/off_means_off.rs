//! Off means off: whatever a person says, in whatever order the network delivers it, however often,
//! and wherever the process dies in between, profiling is permitted exactly if their last word says so.
//!
//! The last word is kept by a model of a few lines that knows no envelope, no store and no charter.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, ask, consent, event, open, user, viewed};
use gate::purposes::{MarketByEmail, Personalise, Train};
use gate::{
    Act, Action, Ask, Component, ConsentGiven, Evidence, Fate, Notice, Notices, Shown, SoftOptIn, import,
};
use proptest::prelude::*;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Memory;
use vocabulary::{DAY_MS, Event, Language, Moment, PurposeName, Signals};

const WHO: &str = "ann";
/// The purposes that are watched, and the consent category of each in the tests' dictionary.
const WATCHED: [(PurposeName, &str); 3] = [
    (PurposeName::Personalise, "Marketing"),
    (PurposeName::Train, "Statistics"),
    (PurposeName::MarketByEmail, "market_by_email"),
];
const EMAIL: usize = 2;
/// What everybody was shown; a consent on it ends after a day.
const NOTICE: &str = r#"
id = "all"
version = 1
valid_days = 1
controller = "The shop"
fr = { title = "Tout ?", text = "Tout." }
en = { title = "All?", text = "All." }

[[purposes]]
purpose = "personalise"
fr = { label = "a", text = "a" }
en = { label = "a", text = "a" }

[[purposes]]
purpose = "train"
fr = { label = "b", text = "b" }
en = { label = "b", text = "b" }

[[purposes]]
purpose = "market_by_email"
fr = { label = "c", text = "c" }
en = { label = "c", text = "c" }
"#;

/// How many runs ended a step with a permission, and how many without: both must happen.
static PERMITTED: AtomicUsize = AtomicUsize::new(0);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// What one event says, and when.
#[derive(Clone, Debug)]
struct Said {
    /// An answer for each of [`WATCHED`], or none.
    answers: [Option<bool>; 3],
    /// An act of its own; otherwise stamped on a view.
    explicit: bool,
    gpc: bool,
    at: i64,
}

#[derive(Clone, Debug)]
enum Step {
    /// Something is said now and arrives now, or only when what waits is delivered.
    Say {
        said: Said,
        waits: bool,
    },
    /// What waits arrives, the latest first.
    Deliver,
    /// An old message arrives once more.
    Again(prop::sample::Index),
    /// A choice in the privacy centre.
    Choose([Option<bool>; 3]),
    /// A choice with its evidence, over the API: with or without a GPC signal on the request.
    Consent([Option<bool>; 3], bool),
    /// A list comes in, with choices made so many milliseconds ago; `None`: it does not say when.
    Import([Option<bool>; 3], Option<i64>),
    /// The browser objects to marketing (ADPC), or the person takes that back.
    Marketing(bool),
    /// A sale with all the facts of a soft opt-in.
    Sale,
    Object(bool),
    Restrict(bool),
    Forget,
    /// Milliseconds pass; none, so that two things may happen at one moment.
    Pass(i64),
    /// The process dies without writing anything back, and starts again.
    Crash,
    /// The envelopes are written back.
    WriteBack,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let answers = || prop::array::uniform3(prop::option::weighted(0.8, any::<bool>()));
    let said = (answers(), any::<bool>(), prop::bool::weighted(0.1));
    let say = (said, prop::bool::weighted(0.35)).prop_map(|((answers, explicit, gpc), waits)| Step::Say {
        said: Said {
            answers,
            explicit,
            gpc,
            at: 0,
        },
        waits,
    });
    let step = prop_oneof![
        10 => say,
        3 => Just(Step::Deliver),
        2 => any::<prop::sample::Index>().prop_map(Step::Again),
        3 => answers().prop_map(Step::Choose),
        3 => (answers(), prop::bool::weighted(0.1)).prop_map(|(a, gpc)| Step::Consent(a, gpc)),
        2 => (answers(), prop::option::weighted(0.8, 0i64..6)).prop_map(|(a, ago)| Step::Import(a, ago)),
        1 => any::<bool>().prop_map(Step::Marketing),
        1 => Just(Step::Sale),
        1 => Just(Step::Pass(DAY_MS)),
        1 => any::<bool>().prop_map(Step::Object),
        1 => any::<bool>().prop_map(Step::Restrict),
        1 => Just(Step::Forget),
        6 => (0i64..3).prop_map(Step::Pass),
        1 => Just(Step::Crash),
        1 => Just(Step::WriteBack),
    ];
    prop::collection::vec(step, 1..40)
}

/// The person's last word, as anybody would keep it on paper.
#[derive(Clone, Default, Debug)]
struct LastWord {
    purposes: [Word; 3],
    gpc: Option<i64>,
    /// Objects to direct marketing.
    unmarketed: bool,
    sale: bool,
    objects: bool,
    restricts: bool,
}

#[derive(Clone, Copy, Default, Debug)]
struct Word {
    permitted_explicitly: Option<i64>,
    /// When the first stamped permission was made, if no answer came before it.
    permitted_by_stamp: Option<i64>,
    refused: Option<i64>,
    /// The latest explicit permission that came without a privacy signal.
    permitted_without_signal: Option<i64>,
}

impl Word {
    fn consents(&self) -> bool {
        match (self.permitted_explicitly, self.refused) {
            (Some(permitted), refused) => refused.is_none_or(|refused| permitted > refused),
            (None, Some(_)) => false,
            (None, None) => self.permitted_by_stamp.is_some(),
        }
    }

    /// As above, as long as the notice says.
    fn holds(&self, now: i64) -> bool {
        let since = self.permitted_explicitly.or(self.permitted_by_stamp);
        self.consents() && since.is_some_and(|since| now < since + DAY_MS)
    }

    fn silent(&self) -> bool {
        (self.permitted_explicitly, self.permitted_by_stamp, self.refused) == (None, None, None)
    }
}

impl LastWord {
    fn hear(&mut self, said: &Said, now: i64) {
        let at = Some(said.at);
        for (word, answer) in self.purposes.iter_mut().zip(said.answers) {
            match (answer, said.explicit) {
                (None, _) => {}
                (Some(true), true) => {
                    word.permitted_explicitly = word.permitted_explicitly.max(at);
                    if !said.gpc {
                        word.permitted_without_signal = word.permitted_without_signal.max(at);
                    }
                }
                (Some(true), false) if word.silent() => word.permitted_by_stamp = at,
                (Some(true), false) => {}
                // A stamp that repeats a refusal says nothing new, and is not written down.
                (Some(false), false) if word.refused.is_some() && !word.consents() => {}
                // An explicit refusal counts from the moment it arrives, whatever a clock says.
                (Some(false), true) => word.refused = word.refused.max(Some(now)),
                (Some(false), false) => word.refused = word.refused.max(at),
            }
        }
        if said.gpc {
            self.gpc = self.gpc.max(at);
        }
    }

    fn permits(&self, index: usize, now: i64) -> bool {
        let word = self.purposes[index];
        if index == EMAIL {
            let basis = word.holds(now) || self.sale && word.silent();
            return basis && !self.unmarketed && !self.objects && !self.restricts;
        }
        let signal = self.gpc.is_some() && word.permitted_without_signal <= self.gpc;
        word.holds(now) && !signal && !self.objects && !self.restricts
    }
}

fn to_event(said: &Said, id: &str, now: i64) -> Event {
    let preferences: BTreeMap<String, bool> = WATCHED
        .iter()
        .zip(said.answers)
        .filter_map(|((_, category), answer)| Some(((*category).to_owned(), answer?)))
        .collect();
    let base = match said.explicit {
        true => event(WHO, gate::CONSENT_EVENT, Value::Object(Map::new())),
        false => viewed(WHO, "mug"),
    };
    Event {
        message_id: id.to_owned(),
        at: Moment(said.at),
        received_at: Moment(now),
        // An empty object would refuse everything: silence is `None`.
        consent: (!preferences.is_empty()).then_some(preferences),
        signals: Signals {
            gpc: said.gpc,
            child_directed: false,
        },
        ..base
    }
}

async fn house(shelf: &Arc<Memory>) -> House {
    let house = open(shelf.clone()).unwrap();
    let notices = Notices::new(vec![Notice::read(NOTICE).unwrap()]).unwrap();
    let published = house.gate.publish_notices(notices, Moment(NOON)).await;
    published.unwrap().unwrap();
    house
}

struct Run {
    shelf: Arc<Memory>,
    house: House,
    word: LastWord,
    now: i64,
    said: Vec<(String, Said)>,
    waiting: Vec<(String, Said)>,
}

impl Run {
    async fn new() -> Run {
        let shelf = Arc::new(Memory::new());
        Run {
            house: house(&shelf).await,
            shelf,
            word: LastWord::default(),
            now: NOON,
            said: Vec::new(),
            waiting: Vec::new(),
        }
    }

    async fn arrive(&mut self, message: (String, Said)) {
        let event = to_event(&message.1, &message.0, self.now);
        self.house.send(vec![event]).await;
        self.word.hear(&message.1, self.now);
        self.said.push(message);
    }

    async fn act(&mut self, act: Act) -> bool {
        let whom = user(WHO);
        let acted = self
            .house
            .gate
            .act(&whom, act, "privacy-centre", Moment(self.now));
        acted.await.unwrap().is_some()
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Say { said, waits } => {
                let at = self.now;
                let id = format!("m{}", self.said.len() + self.waiting.len());
                let message = (id, Said { at, ..said });
                match waits {
                    true => self.waiting.push(message),
                    false => self.arrive(message).await,
                }
            }
            Step::Deliver => {
                while let Some(message) = self.waiting.pop() {
                    self.arrive(message).await;
                }
            }
            Step::Again(index) if !self.said.is_empty() => {
                let (id, said) = self.said[index.index(self.said.len())].clone();
                let fates = self.house.send(vec![to_event(&said, &id, self.now)]).await;
                // What was not kept the first time is not known as a repetition.
                if fates != [Fate::Duplicate] {
                    self.word.hear(&said, self.now);
                }
            }
            Step::Again(_) => {}
            Step::Choose(answers) => {
                let choices: Vec<(PurposeName, bool)> = WATCHED
                    .iter()
                    .zip(answers)
                    .filter_map(|((purpose, _), answer)| Some((*purpose, answer?)))
                    .collect();
                let whom = user(WHO);
                let chosen = self
                    .house
                    .gate
                    .choose(&whom, &choices, "privacy-centre", Moment(self.now));
                if chosen.await.unwrap().is_some() {
                    let said = Said {
                        answers,
                        explicit: true,
                        gpc: false,
                        at: self.now,
                    };
                    self.word.hear(&said, self.now);
                }
            }
            Step::Consent(answers, gpc) => {
                let said = Said {
                    answers,
                    explicit: true,
                    gpc,
                    at: self.now,
                };
                if self.consent(&said, None).await {
                    self.word.hear(&said, self.now);
                }
            }
            Step::Import(answers, ago) => self.import(answers, ago).await,
            Step::Marketing(objects) => {
                let said = Said {
                    answers: [None; 3],
                    explicit: true,
                    gpc: false,
                    at: self.now,
                };
                if self.consent(&said, Some(objects)).await {
                    self.word.unmarketed = objects;
                }
            }
            Step::Sale => {
                let facts = || "said".to_owned();
                let facts = SoftOptIn {
                    sale: facts(),
                    sold_at: Moment(self.now),
                    seller: facts(),
                    similar: facts(),
                    opt_out_at_collection: facts(),
                    opt_out_each_time: facts(),
                };
                let (whom, now) = (user(WHO), Moment(self.now));
                let email = PurposeName::MarketByEmail;
                let relied = self.house.gate.soft_opt_in(&whom, email, &facts, "shop", now);
                relied.await.unwrap().unwrap();
                self.word.sale = true;
            }
            Step::Object(objects) => {
                if self.act(Act::Object(objects)).await {
                    self.word.objects = objects;
                }
            }
            Step::Restrict(restricts) => {
                if self.act(Act::Restrict(restricts)).await {
                    self.word.restricts = restricts;
                }
            }
            Step::Forget => drop(self.act(Act::Forget("mug".to_owned())).await),
            Step::Pass(ms) => {
                self.now += ms;
                self.house.now.store(self.now, Ordering::Relaxed);
            }
            Step::Crash => {
                let crashed = std::mem::replace(&mut self.house, house(&self.shelf).await);
                // Dropped without a close: its writer has lost the lease and can write nothing.
                drop(crashed);
                self.house.now.store(self.now, Ordering::Relaxed);
            }
            Step::WriteBack => self.house.gate.write_back().await.unwrap(),
        }
    }

    /// A choice with its evidence. Answers whether anybody is there to be remembered.
    async fn consent(&self, said: &Said, objects: Option<bool>) -> bool {
        let choices: Vec<(PurposeName, bool)> = WATCHED
            .iter()
            .zip(said.answers)
            .filter_map(|((purpose, _), answer)| Some((*purpose, answer?)))
            .collect();
        if choices.is_empty() && objects.is_none() {
            return false;
        }
        let evidence = Evidence {
            shown: Some(Shown {
                notice: "all".to_owned(),
                version: 1,
                language: Language::En,
                text: None,
            }),
            gpc: said.gpc,
            ..Evidence::new(Component::Form, Action::Save)
        };
        let mut given = ConsentGiven::new(choices, evidence);
        given.objects_to_marketing = objects;
        let (whom, now) = (user(WHO), Moment(self.now));
        let consented = self.house.gate.consent(&whom, given, "web", now).await;
        consented.unwrap().unwrap() != gate::Consented::NotKept
    }

    /// A list in which this person stands.
    async fn import(&mut self, answers: [Option<bool>; 3], ago: Option<i64>) {
        let word = |answer: Option<bool>| match answer {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        let at = self.now - ago.unwrap_or(0);
        let when = ago.map_or(String::new(), |_| at.to_string());
        let answers: Vec<&str> = answers.map(word).to_vec();
        let list = format!(
            "user_id,consent.Marketing,consent.Statistics,consent.market_by_email,consent_source,consent_date\n\
             {WHO},{},paper,{when}\n",
            answers.join(",")
        );
        let date = |text: &str| text.parse().ok().map(Moment);
        let rows = import::read(&list, self.house.gate.dictionary(), date).unwrap();
        let rows = rows.map(Result::unwrap).collect();
        let imported = self
            .house
            .gate
            .import(rows, "list", Moment(self.now))
            .await
            .unwrap();
        if imported[0].fate == Fate::Duplicate {
            return; // the very same row of a list that was imported before
        }
        let heard = answers.iter().map(|answer| match *answer {
            "yes" => ago.map(|_| true),
            "no" => Some(false),
            _ => None,
        });
        let heard: Vec<Option<bool>> = heard.collect();
        let said = Said {
            answers: [heard[0], heard[1], heard[2]],
            explicit: true,
            gpc: false,
            at,
        };
        self.word.hear(&said, self.now);
    }

    async fn permitted(&self, ask: Ask) -> [bool; 3] {
        let gate = &self.house.gate;
        let personalise = gate.permit::<Personalise>(&user(WHO), ask).await.unwrap();
        let train = gate.permit::<Train>(&user(WHO), ask).await.unwrap();
        let email = gate.permit::<MarketByEmail>(&user(WHO), ask).await.unwrap();
        [personalise.is_ok(), train.is_ok(), email.is_ok()]
    }

    async fn check(&self, steps: &[Step]) -> Result<(), TestCaseError> {
        let permitted = self.permitted(ask(self.now)).await;
        for (index, (purpose, _)) in WATCHED.iter().enumerate() {
            let expected = self.word.permits(index, self.now);
            let counter = if expected { &PERMITTED } else { &REFUSED };
            counter.fetch_add(1, Ordering::Relaxed);
            prop_assert_eq!(
                permitted[index],
                expected,
                "{:?} after {:#?}\n{:#?}",
                purpose,
                steps,
                self.word
            );
        }
        let signal = Ask {
            signals: Signals {
                gpc: true,
                child_directed: false,
            },
            ..ask(self.now)
        };
        prop_assert_eq!(
            self.permitted(signal).await,
            [false, false, permitted[EMAIL]],
            "with the signal on the request"
        );
        prop_assert_eq!(
            self.house.gate.openings(PurposeName::Personalise),
            0,
            "asking opened somebody"
        );
        Ok(())
    }
}

#[test]
fn profiling_is_permitted_exactly_if_the_persons_last_word_permits_it() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let held = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            let mut run = Run::new().await;
            for (done, step) in steps.iter().enumerate() {
                run.step(step.clone()).await;
                run.check(&steps[..=done]).await?;
            }
            run.house.gate.close().await;
            Ok(())
        })
    });
    held.unwrap_or_else(|error| panic!("{error}"));
    let (permitted, refused) = (PERMITTED.load(Ordering::Relaxed), REFUSED.load(Ordering::Relaxed));
    assert!(
        permitted > 100 && refused > 100,
        "{permitted} permissions and {refused} refusals: one side was never tried"
    );
}

/// Steps by hand, each as (answer for `personalise`, explicit, time), delivered in this order.
fn check(delivered: &[(bool, bool, i64)], permitted: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let house = open(Arc::new(Memory::new())).unwrap();
        for (given, explicit, at) in delivered {
            let event = match explicit {
                true => consent(WHO, NOON + at, &[("Marketing", *given)]),
                false => Event {
                    at: Moment(NOON + at),
                    ..to_event(
                        &Said {
                            answers: [Some(*given), None, None],
                            explicit: false,
                            gpc: false,
                            at: NOON + at,
                        },
                        "",
                        NOON + at,
                    )
                },
            };
            house.send(vec![event]).await;
        }
        assert_eq!(house.seen(&user(WHO)).await.is_ok(), permitted, "{delivered:?}");
    });
}

#[test]
fn a_refusal_that_arrives_late_ends_what_was_only_stamped() {
    check(&[(true, false, 3), (false, true, 2)], false);
    check(&[(true, true, 3), (false, false, 2)], true);
    // An explicit one ends even what is later by the clock of some device.
    check(&[(true, true, 3), (false, true, 2)], false);
}

#[test]
fn a_permission_from_between_two_refusals_ends_neither() {
    check(&[(false, true, 1), (false, true, 9), (true, true, 5)], false);
    check(&[(false, true, 1), (true, true, 5), (false, true, 9)], false);
    check(&[(false, true, 9), (true, true, 5), (false, true, 1)], false);
}

#[tokio::test]
async fn permitting_one_purpose_does_not_end_a_signal_against_another() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let signal = Event {
        at: Moment(NOON + 5),
        signals: Signals {
            gpc: true,
            child_directed: false,
        },
        ..viewed(WHO, "mug")
    };
    house
        .send(vec![consent(WHO, NOON, &[("Marketing", true)]), signal])
        .await;
    let choose = async |purpose, at| {
        let (whom, choice) = (user(WHO), [(purpose, true)]);
        let chosen = house
            .gate
            .choose(&whom, &choice, "privacy-centre", Moment(NOON + at));
        chosen.await.unwrap().unwrap();
    };
    choose(PurposeName::Train, 10).await;
    assert_eq!(
        house.seen(&user(WHO)).await,
        Err(vec!["charter/signal-gpc".to_owned()])
    );
    choose(PurposeName::Personalise, 11).await;
    assert!(house.seen(&user(WHO)).await.is_ok());
}
