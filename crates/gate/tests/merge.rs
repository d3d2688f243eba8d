//! A visitor becomes part of a person at their own word, and can be parted again: nothing becomes
//! permitted by it, and nothing that was refused comes back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, all, ask, bought, consent, event, open, user, viewed, visitor};
use gate::purposes::{Personalise, Segments, Train};
use gate::{Act, Fate, NotJoined, UNDO_DAYS, Whom};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::{Memory, Shelf};
use vocabulary::{DAY_MS, Event, Moment, PurposeName, Signals};

const ANN: Whom<'static> = Whom {
    user_id: Some("ann"),
    anonymous_id: Some("v1"),
};

/// The same event of a visitor.
fn anonymous(id: &str, event: Event) -> Event {
    Event {
        user_id: None,
        anonymous_id: Some(id.to_owned()),
        ..event
    }
}

/// Ann, who bought a lamp, and a visitor who looked at a mug; both agree to everything.
async fn two(shelf: Arc<dyn Shelf>) -> House {
    let house = open(shelf).unwrap();
    let yes = [("Marketing", true), ("Statistics", true)];
    let fates = house
        .send(vec![
            consent("ann", NOON, &yes),
            bought("ann", &["lamp"]),
            anonymous("v1", consent("x", NOON, &yes)),
            anonymous("v1", viewed("x", "mug")),
        ])
        .await;
    assert_eq!(fates, [Fate::Stored; 4]);
    house
}

async fn join(house: &House) -> Result<Moment, NotJoined> {
    let now = Moment(house.now.load(Ordering::Relaxed));
    house.gate.join(&ANN, "account-page", now).await.unwrap()
}

async fn part(house: &House) -> Result<Moment, NotJoined> {
    let now = Moment(house.now.load(Ordering::Relaxed));
    house.gate.part(&ANN, "account-page", now).await.unwrap()
}

fn lines(items: &[&str]) -> Result<Vec<String>, Vec<String>> {
    Ok(items.iter().map(|item| (*item).to_owned()).collect())
}

#[tokio::test]
async fn a_visitor_who_is_joined_is_that_person_and_can_be_parted_again() {
    for shelf in [Memory::new(), Memory::eager()] {
        let shelf: Arc<dyn Shelf> = Arc::new(shelf);
        let house = two(Arc::clone(&shelf)).await;
        assert_eq!(house.seen(&user("ann")).await, lines(&["lamp 0/0/1"]));
        let until = join(&house).await.unwrap();
        assert_eq!(until, Moment(NOON + UNDO_DAYS * DAY_MS));
        assert_eq!(join(&house).await, Ok(until), "asking twice joins once");
        let both = lines(&["lamp 0/0/1", "mug 1/0/0"]);
        assert_eq!(house.seen(&user("ann")).await, both);
        assert_eq!(house.seen(&visitor("v1")).await, both);
        // The visitor's next event is the person's, also after a crash.
        std::mem::forget(house);
        let house = open(Arc::clone(&shelf)).unwrap();
        house
            .send(vec![anonymous(
                "v1",
                Event {
                    message_id: "later".to_owned(),
                    ..viewed("x", "vase")
                },
            )])
            .await;
        let three = lines(&["lamp 0/0/1", "mug 1/0/0", "vase 1/0/0"]);
        assert_eq!(house.seen(&user("ann")).await, three);
        let again = anonymous(
            "v1",
            Event {
                message_id: "later".to_owned(),
                ..viewed("x", "vase")
            },
        );
        assert_eq!(house.send(vec![again]).await, [Fate::Duplicate]);

        part(&house).await.unwrap();
        assert_eq!(
            house.seen(&user("ann")).await,
            lines(&["lamp 0/0/1", "vase 1/0/0"])
        );
        assert_eq!(house.seen(&visitor("v1")).await, lines(&["mug 1/0/0"]));
        assert_eq!(part(&house).await, Err(NotJoined::NotJoined));
        join(&house).await.unwrap();
        assert_eq!(house.seen(&visitor("v1")).await, three, "and joined once more");
    }
}

#[tokio::test]
async fn no_event_joins_two_who_have_a_history() {
    let house = two(Arc::new(Memory::new())).await;
    let together = Event {
        anonymous_id: Some("v1".to_owned()),
        ..viewed("ann", "vase")
    };
    let alias = Event {
        kind: vocabulary::Kind::Alias,
        previous_id: Some("v1".to_owned()),
        ..event("ann", "", json!({}))
    };
    house.send(vec![together, alias]).await;
    assert_eq!(house.seen(&visitor("v1")).await, lines(&["mug 1/0/0"]));
    assert_eq!(
        house.seen(&user("ann")).await,
        lines(&["lamp 0/0/1", "vase 1/0/0"])
    );
}

#[tokio::test]
async fn only_a_visitor_is_joined_and_only_to_a_customer_and_nobody_who_is_restricted() {
    let house = two(Arc::new(Memory::new())).await;
    let with = |user_id, anonymous_id| Whom {
        user_id: Some(user_id),
        anonymous_id: Some(anonymous_id),
    };
    let try_join = async |whom: Whom<'static>| {
        house
            .gate
            .join(&whom, "account-page", Moment(NOON))
            .await
            .unwrap()
    };
    assert_eq!(try_join(with("nobody", "v1")).await, Err(NotJoined::Unknown));
    assert_eq!(try_join(with("ann", "nobody")).await, Err(NotJoined::Unknown));
    assert_eq!(part(&house).await, Err(NotJoined::NotJoined));
    // A visitor who signed in as somebody else is somebody else.
    let yes = [("Marketing", true)];
    house.send(vec![anonymous("v2", consent("x", NOON, &yes))]).await;
    let bob = Event {
        anonymous_id: Some("v2".to_owned()),
        ..viewed("bob", "pen")
    };
    house.send(vec![bob]).await;
    assert_eq!(try_join(with("ann", "v2")).await, Err(NotJoined::NotAVisitor));
    join(&house).await.unwrap();
    assert_eq!(try_join(with("bob", "v1")).await, Err(NotJoined::NotAVisitor));
    house.send(vec![anonymous("v3", consent("x", NOON, &yes))]).await;
    house
        .gate
        .act(
            &user("ann"),
            Act::Restrict(true),
            "privacy-centre",
            Moment(NOON + 1),
        )
        .await
        .unwrap();
    assert_eq!(try_join(with("ann", "v3")).await, Err(NotJoined::Restricted));
}

#[tokio::test]
async fn what_is_withdrawn_after_joining_is_gone_from_the_closed_envelope_too() {
    let house = two(Arc::new(Memory::new())).await;
    join(&house).await.unwrap();
    house
        .gate
        .choose(&user("ann"), &all(false), "privacy-centre", Moment(NOON + 1))
        .await
        .unwrap()
        .unwrap();
    house.now.store(NOON + 2, Ordering::Relaxed);
    part(&house).await.unwrap();
    assert!(
        house.seen(&visitor("v1")).await.is_err(),
        "undoing permits nothing"
    );
    let known = house.known(&visitor("v1")).await.unwrap();
    assert!(!known.iter().any(|line| line.starts_with("mug")), "{known:?}");
    assert!(
        known.contains(&"personalise:ConsentWithdrawn".to_owned()),
        "{known:?}"
    );
}

#[tokio::test]
async fn whoever_is_erased_is_erased_with_the_visitors_who_are_part_of_them() {
    for whom in [user("ann"), visitor("v1")] {
        let house = two(Arc::new(Memory::new())).await;
        join(&house).await.unwrap();
        assert!(house.gate.erase(&whom).await.unwrap());
        assert_eq!(house.known(&user("ann")).await, None);
        assert_eq!(house.known(&visitor("v1")).await, None);
        let counts = house.gate.counts().await.unwrap();
        assert_eq!((counts.persons, counts.keys, counts.identifiers), (0, 0, 0));
    }
}

#[tokio::test]
async fn after_thirty_days_what_was_kept_to_part_them_is_dropped() {
    let house = two(Arc::new(Memory::new())).await;
    let until = join(&house).await.unwrap();
    house.gate.write_back().await.unwrap();
    house.now.store(until.0 - 1, Ordering::Relaxed);
    assert_eq!(house.gate.settle_merges(Moment(until.0 - 1)).await.unwrap(), 0);
    house.now.store(until.0, Ordering::Relaxed);
    assert_eq!(part(&house).await, Err(NotJoined::TooLate));
    assert_eq!(house.gate.settle_merges(until).await.unwrap(), 1);
    house.gate.write_back().await.unwrap();
    assert_eq!(house.gate.settle_merges(until).await.unwrap(), 0);
    let both = lines(&["lamp 0/0/1", "mug 1/0/0"]);
    assert_eq!(house.seen(&visitor("v1")).await, both, "still one person");
    assert_eq!(part(&house).await, Err(NotJoined::TooLate));
}

#[tokio::test]
async fn a_run_over_everybody_counts_who_was_joined_once() {
    let house = two(Arc::new(Memory::new())).await;
    let people = async || {
        let permits = house.gate.permits::<Train>(ask(NOON), Default::default());
        permits.await.unwrap().len()
    };
    assert_eq!(people().await, 2);
    join(&house).await.unwrap();
    assert_eq!(people().await, 1);
    part(&house).await.unwrap();
    assert_eq!(people().await, 2);
}

/// What one of the two said before they were joined.
#[derive(Clone, Debug)]
enum Word {
    Explicit(bool, bool),
    Stamped(bool, bool),
    Signal,
    Object(bool),
    Minor,
}

fn words() -> impl Strategy<Value = Vec<Word>> {
    let word = prop_oneof![
        4 => (any::<bool>(), any::<bool>()).prop_map(|(m, s)| Word::Explicit(m, s)),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(m, s)| Word::Stamped(m, s)),
        1 => Just(Word::Signal),
        1 => any::<bool>().prop_map(Word::Object),
        1 => Just(Word::Minor),
    ];
    proptest::collection::vec(word, 0..4)
}

async fn say(house: &House, word: &Word, visits: bool) {
    let now = house.now.fetch_add(60_000, Ordering::Relaxed) + 60_000;
    let whose = |event: Event| match visits {
        true => anonymous("v1", event),
        false => event,
    };
    let categories = |m: &bool, s: &bool| [("Marketing", *m), ("Statistics", *s)];
    let at = |event: Event| Event {
        at: Moment(now),
        received_at: Moment(now),
        ..event
    };
    let event = match word {
        Word::Explicit(m, s) => consent("ann", now, &categories(m, s)),
        Word::Stamped(m, s) => Event {
            consent: consent("ann", now, &categories(m, s)).consent,
            ..at(viewed("ann", "stamp"))
        },
        Word::Signal => Event {
            signals: Signals {
                gpc: true,
                ..Signals::default()
            },
            ..at(viewed("ann", "signal"))
        },
        Word::Minor => Event {
            kind: vocabulary::Kind::Identify,
            ..at(event("ann", "", json!({ "age_bracket": "minor" })))
        },
        Word::Object(yes) => {
            let whom = if visits { visitor("v1") } else { user("ann") };
            let act = Act::Object(*yes);
            house
                .gate
                .act(&whom, act, "privacy-centre", Moment(now))
                .await
                .unwrap();
            return;
        }
    };
    house.send(vec![whose(event)]).await;
}

/// Which of the purposes that rest on consent are permitted now.
async fn permitted(house: &House, whom: &Whom<'_>) -> [bool; 3] {
    let ask = ask(house.now.load(Ordering::Relaxed));
    let gate = &house.gate;
    [
        gate.permit::<Personalise>(whom, ask).await.unwrap().is_ok(),
        gate.permit::<Segments>(whom, ask).await.unwrap().is_ok(),
        gate.permit::<Train>(whom, ask).await.unwrap().is_ok(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the two said before, in any order: after they are joined nothing is permitted that the
    /// person had not permitted or the visitor had refused, and parting them permits nothing either.
    #[test]
    fn off_means_off_across_joining_and_parting(own in words(), theirs in words(), since in words(), eager in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let shelf: Arc<dyn Shelf> = Arc::new(if eager { Memory::eager() } else { Memory::new() });
            let house = open(shelf).unwrap();
            house.send(vec![bought("ann", &["lamp"]), anonymous("v1", consent("x", NOON, &[("Marketing", true)]))]).await;
            house.send(vec![anonymous("v1", viewed("x", "mug"))]).await;
            for word in &own {
                say(&house, word, false).await;
            }
            for word in &theirs {
                say(&house, word, true).await;
            }
            let (ann, them) = (user("ann"), visitor("v1"));
            let (own_before, their_before) = (permitted(&house, &ann).await, permitted(&house, &them).await);
            // `train` the visitor was never asked for unless a word says so: unasked is no refusal.
            let asked = theirs.iter().any(|word| matches!(word, Word::Explicit(..) | Word::Stamped(..)));
            let refused = |p: usize| !their_before[p] && (p < 2 || asked);
            let joined = join(&house).await;
            assert!(joined.is_ok(), "{joined:?}");
            let after = permitted(&house, &ann).await;
            assert_eq!(after, permitted(&house, &them).await, "they are one");
            for p in 0..3 {
                assert!(!after[p] || own_before[p], "{p} became permitted by joining");
                assert!(!after[p] || !refused(p), "{p}, refused by the visitor, is permitted");
            }
            if let Ok(seen) = house.seen(&ann).await {
                assert!(their_before[0] || !seen.iter().any(|line| line.starts_with("mug")));
            }
            for word in &since {
                say(&house, word, false).await;
            }
            let own_since = permitted(&house, &ann).await;
            part(&house).await.unwrap();
            let (own_after, their_after) = (permitted(&house, &ann).await, permitted(&house, &them).await);
            assert_eq!(own_after, own_since, "parting changes nothing for the person");
            let gave_back = since.iter().any(|word| matches!(word, Word::Object(false)));
            for p in 0..3 {
                assert!(!their_after[p] || their_before[p], "{p} became permitted by parting");
                let off = since.iter().any(|word| match word {
                    Word::Explicit(m, s) => !(if p == 2 { *s } else { *m }),
                    Word::Object(true) | Word::Minor => true,
                    _ => false,
                });
                assert!(!their_after[p] || !off || gave_back, "{p}, refused since, is permitted");
            }
        });
    }
}

#[tokio::test]
async fn a_purpose_stays_off_for_the_person_where_the_visitor_refused_it() {
    let house = two(Arc::new(Memory::new())).await;
    house
        .gate
        .choose(
            &visitor("v1"),
            &[(PurposeName::Train, false)],
            "banner",
            Moment(NOON + 1),
        )
        .await
        .unwrap()
        .unwrap();
    house.now.store(NOON + 2, Ordering::Relaxed);
    assert_eq!(permitted(&house, &user("ann")).await, [true; 3]);
    join(&house).await.unwrap();
    assert_eq!(permitted(&house, &user("ann")).await, [true, true, false]);
    house.now.store(NOON + 3, Ordering::Relaxed);
    house
        .gate
        .choose(
            &user("ann"),
            &[(PurposeName::Train, true)],
            "privacy-centre",
            Moment(NOON + 3),
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        permitted(&house, &user("ann")).await,
        [true; 3],
        "their own later word counts"
    );
}

#[tokio::test]
async fn an_answer_about_a_person_holds_the_events_and_records_of_the_visitors_who_are_part_of_them() {
    let house = two(Arc::new(Memory::new())).await;
    let entries = async || {
        let ann = user("ann");
        let ask = gate::Ask {
            requester: gate::charter::Requester::Person,
            ..ask(house.now.load(Ordering::Relaxed))
        };
        let count = |_: &gate::AnsweringView, archive: &gate::Archive| {
            let items = archive.events.iter().flat_map(|event| &event.items);
            let mut items: Vec<String> = items.map(|(item, _)| item.clone()).collect();
            items.sort();
            common::Lines(items)
        };
        let answer = house.gate.answer(gate::Subject::Whom(&ann), ask, count).await;
        answer.unwrap().unwrap().unwrap().proposal.0
    };
    assert_eq!(entries().await, ["lamp"]);
    join(&house).await.unwrap();
    assert_eq!(entries().await, ["lamp", "mug"]);
}
