//! How open lists are to be, and what is said of topics: kept with the person, in force at once, seen for
//! `personalise` and by the person, on disk before it is answered, and joined where a visitor becomes part of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, NOON, ask, consent, open, user};
use gate::charter::Requester;
use gate::purposes::{Personalise, PersonaliseView, ShowOwnData, ShowOwnDataView};
use gate::{Act, Ask, Preference};
use std::sync::Arc;
use store::Memory;
use vocabulary::{Moment, Openness, Preferences, Stance};

fn wishes() -> Preferences {
    Preferences {
        openness: Openness::Wide,
        discovery: false,
        topics: [
            ("tea".to_owned(), Stance::Interested),
            ("mugs".to_owned(), Stance::Never),
        ]
        .into(),
    }
}

async fn seen(house: &House) -> [String; 2] {
    let told = |wishes: &Preferences| common::Lines(vec![format!("{wishes:?}")]);
    let own = Ask {
        requester: Requester::Person,
        ..ask(NOON + 9)
    };
    let list = house
        .gate
        .decide::<Personalise, _, _>(&user("ann"), ask(NOON + 9), move |view: &PersonaliseView| {
            told(&view.preferences)
        })
        .await;
    let own = house
        .gate
        .decide::<ShowOwnData, _, _>(&user("ann"), own, move |view: &ShowOwnDataView| {
            told(&view.preferences)
        })
        .await;
    [list.unwrap().unwrap(), own.unwrap().unwrap()].map(|recorded| recorded.proposal.0.concat())
}

#[tokio::test]
async fn what_is_said_is_seen_at_the_next_decision_and_outlives_a_restart() {
    let store = Arc::new(Memory::new());
    let house = open(Arc::clone(&store) as _).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    assert_eq!(
        seen(&house).await,
        [(); 2].map(|()| format!("{:?}", Preferences::default()))
    );
    let say = async |act| {
        house
            .gate
            .act(&user("ann"), act, "me", Moment(NOON + 5))
            .await
            .unwrap()
    };
    say(Act::prefer(&wishes())).await.unwrap();
    assert_eq!(seen(&house).await, [(); 2].map(|()| format!("{:?}", wishes())));
    say(Act::Prefer(vec![
        Preference::topic("tea", None),
        Preference::Openness(0),
    ]))
    .await
    .unwrap();
    let mut then = wishes();
    then.topics.remove("tea");
    then.openness = Openness::Close;
    // Without being written back: the events alone say it.
    drop(house);
    let house = open(store as _).unwrap();
    assert_eq!(seen(&house).await, [(); 2].map(|()| format!("{then:?}")));
}

#[tokio::test]
async fn what_cannot_be_meant_is_not_kept() {
    let house = open(Arc::new(Memory::new())).unwrap();
    for wrong in [
        vec![Preference::Openness(5)],
        vec![Preference::topic("", Some(Stance::Less))],
        vec![Preference::topic(&"x".repeat(101), Some(Stance::Less))],
        vec![Preference::Discovery(true); 104],
    ] {
        assert!(!house.gate.can_act(&Act::Prefer(wrong.clone())), "{wrong:?}");
    }
    assert!(house.gate.can_act(&Act::prefer(&wishes())));
}

#[tokio::test]
async fn a_draw_is_the_same_for_one_person_and_occasion_and_another_for_others() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let seed = |who: &str, occasion: &str| house.gate.seed_of(&user(who), occasion);
    assert_eq!(seed("ann", "home/1"), seed("ann", "home/1"));
    assert_ne!(seed("ann", "home/1"), seed("ann", "home/2"));
    assert_ne!(seed("ann", "home/1"), seed("bob", "home/1"));
    assert!((0..100).all(|day| seed("ann", &format!("home/{day}")) < 1 << 53));
}
