//! What a person sees and says of themselves: visits of their own that were joined, an age of their own
//! word, a decision before a human, who was refused, and words that a yes answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, Lines, NOON, ask, bought, consent, event, ids, open, user, viewed, visitor};
use gate::charter::Requester;
use gate::purposes::ShowOwnData;
use gate::{
    Act, Action, Ask, Component, ConsentGiven, ConsentRefused, Consented, Evidence, Filing, Joined,
    NotJoined, Notice, Notices, RequestId, Shown, TimelineEntry, UNDO_DAYS, Whom,
};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;
use vocabulary::{AgeBracket, DAY_MS, Event, Kind, Language, Moment, PurposeName, PurposeSet, Signals};

const ANN: Whom<'static> = Whom {
    user_id: Some("ann"),
    anonymous_id: Some("v1"),
};

fn own(now: i64) -> Ask {
    Ask {
        requester: Requester::Person,
        ..ask(now)
    }
}

fn staff(now: i64) -> Ask {
    Ask {
        requester: Requester::Staff,
        ..ask(now)
    }
}

fn anonymous(id: &str, event: Event) -> Event {
    Event {
        user_id: None,
        anonymous_id: Some(id.to_owned()),
        ..event
    }
}

/// Ann and a visitor, who both agreed to everything and for whom decisions were made in turn.
async fn two() -> House {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    let yes = [("Marketing", true), ("Statistics", true)];
    house
        .send(vec![
            consent("ann", NOON, &yes),
            bought("ann", &["lamp"]),
            anonymous("v1", consent("x", NOON, &yes)),
            anonymous("v1", viewed("x", "mug")),
        ])
        .await;
    for _ in 0..3 {
        house.seen(&user("ann")).await.unwrap();
        house.seen(&visitor("v1")).await.unwrap();
        house.gate.integrate().await.unwrap();
    }
    house
}

async fn timeline(house: &House, before: Option<gate::RecordId>, limit: usize) -> Vec<TimelineEntry> {
    let read = house.gate.timeline(&user("ann"), own(NOON), before, limit).await;
    read.unwrap().unwrap().unwrap()
}

async fn joined(house: &House, now: i64) -> Vec<Joined> {
    house.gate.joined(&user("ann"), own(now)).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_decisions_of_a_joined_visitor_are_in_the_timeline_in_order_and_have_their_receipts() {
    let house = two().await;
    let before = timeline(&house, None, 50).await;
    assert!(before.iter().all(|entry| !entry.visitor));
    let (v1, nothing) = (visitor("v1"), |_: &_| Lines(Vec::new()));
    let decided = house.gate.decide::<ShowOwnData, _, _>(&v1, own(NOON), nothing);
    let theirs = decided.await.unwrap().unwrap().record;
    house.gate.integrate().await.unwrap();
    let receipt = async || {
        house
            .gate
            .own_receipt(&user("ann"), theirs, own(NOON))
            .await
            .unwrap()
    };
    assert!(receipt().await.is_none(), "not hers yet");
    house.gate.join(&ANN, "me", Moment(NOON)).await.unwrap().unwrap();
    house.gate.integrate().await.unwrap();
    let whole = timeline(&house, None, 50).await;
    let places: Vec<u64> = whole.iter().map(|entry| entry.place.unwrap()).collect();
    assert!(places.windows(2).all(|pair| pair[0] > pair[1]), "{places:?}");
    assert!(whole.len() > before.len() + 3);
    assert!(whole.iter().any(|entry| entry.visitor && entry.record == theirs));
    // Page by page it is the same, with nothing twice and nothing left out.
    for limit in [1, 2, 3, 7] {
        let (mut paged, mut last) = (Vec::new(), None);
        loop {
            let page = timeline(&house, last, limit).await;
            let Some(entry) = page.last() else { break };
            last = Some(entry.record);
            paged.extend(page.iter().map(|entry| entry.record));
        }
        let all: Vec<_> = whole.iter().map(|entry| entry.record).collect();
        assert_eq!(paged, all, "by {limit}");
    }
    let receipt = receipt().await.unwrap().unwrap();
    assert!(receipt.proof.is_some());
    // Nobody else gets it, and parted it is not hers any more.
    house.send(vec![bought("ben", &["lamp"])]).await;
    let other = house
        .gate
        .own_receipt(&user("ben"), theirs, own(NOON))
        .await
        .unwrap();
    assert!(other.is_none());
    let name = joined(&house, NOON).await[0].name.clone();
    house
        .gate
        .part_joined(&user("ann"), &name, "me", Moment(NOON))
        .await
        .unwrap()
        .unwrap();
    assert!(
        house
            .gate
            .own_receipt(&user("ann"), theirs, own(NOON))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        timeline(&house, None, 50)
            .await
            .iter()
            .all(|entry| !entry.visitor)
    );
}

#[tokio::test]
async fn two_are_joined_and_parted_by_a_name_that_only_their_own_page_knows() {
    let house = two().await;
    assert!(house.gate.joinable(&ANN, own(NOON)).await.unwrap());
    assert!(joined(&house, NOON).await.is_empty());
    house.gate.join(&ANN, "me", Moment(NOON)).await.unwrap().unwrap();
    assert!(
        !house.gate.joinable(&ANN, own(NOON)).await.unwrap(),
        "joined already"
    );
    let known = joined(&house, NOON).await;
    assert_eq!(known.len(), 1);
    assert_eq!(
        (known[0].at, known[0].until),
        (Moment(NOON), Some(Moment(NOON + UNDO_DAYS * DAY_MS)))
    );
    assert_eq!(joined(&house, NOON + UNDO_DAYS * DAY_MS).await[0].until, None);
    house.send(vec![bought("ben", &["lamp"])]).await;
    let part = async |who: &str, name: &str, now: i64| {
        house
            .gate
            .part_joined(&user(who), name, "me", Moment(now))
            .await
            .unwrap()
    };
    assert_eq!(part("ben", &known[0].name, NOON).await, Err(NotJoined::NotJoined));
    assert_eq!(part("ann", "", NOON).await, Err(NotJoined::NotJoined));
    let late = NOON + UNDO_DAYS * DAY_MS;
    assert_eq!(part("ann", &known[0].name, late).await, Err(NotJoined::TooLate));
    assert!(part("ann", &known[0].name, NOON).await.is_ok());
    assert!(joined(&house, NOON).await.is_empty());
    assert!(house.gate.joinable(&ANN, own(NOON)).await.unwrap());
}

#[tokio::test]
async fn nobody_who_is_somebody_else_can_be_joined() {
    let house = two().await;
    let both = |user, visitor| Whom {
        user_id: user,
        anonymous_id: visitor,
    };
    for whom in [
        both(Some("ann"), None),
        both(Some("ann"), Some("nobody")),
        both(Some("nobody"), Some("v1")),
        both(None, Some("v1")),
    ] {
        assert!(
            !house.gate.joinable(&whom, own(NOON)).await.unwrap(),
            "{:?}",
            whom.user_id
        );
    }
    // Without the person's own word nothing is told, whoever asks.
    assert!(!house.gate.joinable(&ANN, ask(NOON)).await.unwrap());
    house
        .gate
        .act(&user("ann"), Act::Restrict(true), "me", Moment(NOON))
        .await
        .unwrap();
    assert!(!house.gate.joinable(&ANN, own(NOON)).await.unwrap(), "restricted");
}

fn reports(age: AgeBracket, at: i64) -> Event {
    Event {
        message_id: format!("{at}"),
        kind: Kind::Identify,
        at: Moment(at),
        received_at: Moment(at),
        ..event("ann", "", json!({ "age_bracket": age.as_str() }))
    }
}

async fn ages(house: &House) -> (AgeBracket, AgeBracket, Option<AgeBracket>) {
    let seen = house
        .gate
        .permit::<ShowOwnData>(&user("ann"), own(NOON))
        .await
        .unwrap()
        .unwrap();
    let opened = house.gate.open_with(seen).await.unwrap().unwrap();
    let view = opened.view();
    (view.age, view.age_reported, view.age_said)
}

#[tokio::test]
async fn a_child_does_not_become_an_adult_by_saying_so() {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            viewed("ann", "mug"),
        ])
        .await;
    let say = async |age, at| {
        let done = house
            .gate
            .act(&user("ann"), Act::age(age), "me", Moment(at))
            .await;
        assert_eq!(done.unwrap(), Some(()));
    };
    let child_source = Ask {
        signals: Signals {
            child_directed: true,
            ..Signals::default()
        },
        ..ask(NOON)
    };
    assert_eq!(
        house.seen_with(&user("ann"), child_source).await.unwrap_err(),
        ["charter/age-unknown"]
    );
    say(AgeBracket::Adult, NOON + 1).await;
    assert_eq!(
        ages(&house).await,
        (AgeBracket::Unknown, AgeBracket::Unknown, Some(AgeBracket::Adult))
    );
    assert_eq!(
        house.seen_with(&user("ann"), child_source).await.unwrap_err(),
        ["charter/age-unknown"]
    );
    // The site confirms it.
    house.send(vec![reports(AgeBracket::Adult, NOON + 2)]).await;
    assert!(house.seen_with(&user("ann"), child_source).await.is_ok());
    house.send(vec![reports(AgeBracket::Minor, NOON + 3)]).await;
    say(AgeBracket::Adult, NOON + 4).await;
    assert_eq!(ages(&house).await.0, AgeBracket::Minor);
    assert_eq!(house.seen(&user("ann")).await.unwrap_err(), ["charter/minor"]);
}

#[tokio::test]
async fn who_says_they_are_a_child_is_one_until_they_take_it_back() {
    let house = open(Arc::new(store::Memory::new())).unwrap();
    house
        .send(vec![
            consent("ann", NOON, &[("Marketing", true)]),
            viewed("ann", "mug"),
        ])
        .await;
    house.send(vec![reports(AgeBracket::Adult, NOON)]).await;
    assert!(house.seen(&user("ann")).await.is_ok());
    let act = async |age, at| {
        house
            .gate
            .act(&user("ann"), Act::age(age), "me", Moment(at))
            .await
            .unwrap()
    };
    act(AgeBracket::Minor, NOON + 1).await;
    assert_eq!(house.seen(&user("ann")).await.unwrap_err(), ["charter/minor"]);
    // A site that stamps the bracket on every event does not talk a child out of it.
    house.send(vec![reports(AgeBracket::Adult, NOON + DAY_MS)]).await;
    assert_eq!(house.seen(&user("ann")).await.unwrap_err(), ["charter/minor"]);
    act(AgeBracket::Unknown, NOON + 2 * DAY_MS).await;
    assert_eq!(ages(&house).await, (AgeBracket::Adult, AgeBracket::Adult, None));
    assert!(house.seen(&user("ann")).await.is_ok());
    let said = house
        .gate
        .act(&user("ann"), Act::SayAge(9), "me", Moment(NOON))
        .await;
    assert_eq!(
        said.unwrap(),
        Some(()),
        "there is no such bracket, and nothing is changed by it"
    );
    assert_eq!(ages(&house).await.2, None);
}

#[test]
fn the_stricter_of_two_words_about_an_age_holds_in_whatever_order_they_come() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let age = prop::sample::select(AgeBracket::ALL.to_vec());
    let strictness = |age| match age {
        AgeBracket::Adult => 0,
        AgeBracket::Unknown => 1,
        AgeBracket::Minor => 2,
    };
    proptest!(ProptestConfig::with_cases(24), |(words in prop::collection::vec((any::<bool>(), age), 1..8))| {
        runtime.block_on(async {
            let house = open(Arc::new(store::Memory::new())).unwrap();
            house.send(vec![bought("ann", &["lamp"])]).await;
            let (mut said, mut reported) = (None, AgeBracket::Unknown);
            for (at, (own_word, age)) in (NOON..).zip(words) {
                if own_word {
                    house.gate.act(&user("ann"), Act::age(age), "me", Moment(at)).await.unwrap();
                    said = (age != AgeBracket::Unknown).then_some(age);
                } else {
                    house.send(vec![reports(age, at)]).await;
                    reported = age;
                }
                let (counts, of_site, of_person) = ages(&house).await;
                assert_eq!((of_site, of_person), (reported, said));
                let strictest = said.map_or(strictness(reported), |said| strictness(said).max(strictness(reported)));
                assert_eq!(strictness(counts), strictest, "{said:?} {reported:?}");
            }
        });
    });
}

/// A request of Ann's, open.
async fn request(house: &House) -> RequestId {
    let id = RequestId::fresh().unwrap();
    let filing = Filing {
        house: b"{}".to_vec(),
        reasons: vec!["right:human-review".to_owned()],
        refuses: false,
        pending: true,
        note: None,
        at: Moment(NOON),
    };
    house
        .gate
        .open_request(id, &user("ann"), filing)
        .await
        .unwrap()
        .unwrap();
    id
}

#[tokio::test]
async fn while_a_decision_is_before_a_human_no_program_makes_another_of_its_kind() {
    let shelf = Arc::new(store::Memory::new());
    let house = open(shelf.clone()).unwrap();
    let yes = [("Marketing", true), ("Statistics", true)];
    house
        .send(vec![consent("ann", NOON, &yes), viewed("ann", "mug")])
        .await;
    let id = request(&house).await;
    let contested = PurposeSet::NONE.with(PurposeName::Personalise);
    let contest = async |house: &House, open| {
        let done = house
            .gate
            .contest_for(id, contested, open, "rights", Moment(NOON))
            .await;
        assert_eq!(done.unwrap(), Some(()));
    };
    contest(&house, true).await;
    let records = timeline(&house, None, 50).await.len();
    contest(&house, true).await;
    assert_eq!(
        timeline(&house, None, 50).await.len(),
        records,
        "said twice, written once"
    );
    assert_eq!(
        house.seen(&user("ann")).await.unwrap_err(),
        ["charter/under-review"]
    );
    let verdict = async |house: &House, purpose| {
        house
            .gate
            .verdict(&user("ann"), purpose, ask(NOON))
            .await
            .unwrap()
    };
    assert!(
        verdict(&house, PurposeName::Segment).await.is_ok(),
        "only what is contested is silent"
    );
    assert!(verdict(&house, PurposeName::Train).await.is_ok());
    // A person cannot set it without a request, and a crash does not lose it.
    let alone = Act::Contest {
        purposes: u16::MAX,
        open: false,
    };
    house
        .gate
        .act(&user("ann"), alone, "me", Moment(NOON))
        .await
        .unwrap();
    house.gate.close().await;
    drop(house);
    let house = open(shelf).unwrap();
    assert_eq!(
        house.seen(&user("ann")).await.unwrap_err(),
        ["charter/under-review"]
    );
    contest(&house, false).await;
    assert!(house.seen(&user("ann")).await.is_ok());
    house.gate.erase(&user("ann")).await.unwrap();
    let gone = house
        .gate
        .contest_for(id, contested, true, "rights", Moment(NOON))
        .await;
    assert_eq!(gone.unwrap(), None);
}

#[tokio::test]
async fn a_refused_attempt_is_a_leaf_and_the_person_reads_it() {
    let house = two().await;
    let attempt = Lines(vec!["helen wanted it".to_owned()]);
    let ann = user("ann");
    let verdict = house
        .gate
        .verdict(&ann, PurposeName::Personalise, staff(NOON))
        .await;
    let refused = verdict.unwrap().unwrap_err();
    let noted = house
        .gate
        .record_refused(&ann, &refused, &attempt, Moment(NOON))
        .await;
    let noted = noted.unwrap();
    house.gate.integrate().await.unwrap();
    let all = timeline(&house, None, 50).await;
    let entry = all.iter().find(|entry| entry.record == noted).unwrap();
    assert_eq!(entry.entry.verdict, "deny");
    assert_eq!(entry.entry.reasons, ids(&refused));
    assert!(
        entry
            .entry
            .reasons
            .contains(&"charter/staff-without-task".to_owned())
    );
    assert!(entry.details.contains("helen") && entry.place.is_some());
    let helped = house
        .gate
        .verdict(&user("ann"), PurposeName::HumanHelp, staff(NOON))
        .await;
    assert!(helped.unwrap().is_ok());
    // Of somebody nobody knows it is a record too, and of nobody.
    let refused = house
        .gate
        .verdict(&user("nobody"), PurposeName::Segment, staff(NOON))
        .await;
    let refused = refused.unwrap().unwrap_err();
    let noted = house
        .gate
        .record_refused(&user("nobody"), &refused, &attempt, Moment(NOON))
        .await;
    assert!(
        house
            .gate
            .receipt(noted.unwrap(), own(NOON))
            .await
            .unwrap()
            .is_some()
    );
}

fn words(version: u32, says: &str) -> Result<Notice, gate::notice::Error> {
    Notice::read(&format!(
        "id = \"own-page\"\nversion = {version}\nvalid_days = 180\ncontroller = \"Shop\"\n\
         [fr]\ntitle = \"t\"\ntext = \"{says}\"\n[en]\ntitle = \"t\"\ntext = \"{says}\"\n\
         [[purposes]]\npurpose = \"train\"\nfr = {{ label = \"a\", text = \"b\" }}\nen = {{ label = \"a\", text = \"b\" }}\n"
    ))
}

#[tokio::test]
async fn the_pages_own_words_are_evidence_and_ask_nobody() {
    let shelf = Arc::new(store::Memory::new());
    let house = open(shelf.clone()).unwrap();
    let publish = async |house: &House, says: &'static str| {
        let published = house
            .gate
            .publish_own_words(|version| words(version, says), Moment(NOON))
            .await;
        published.unwrap().unwrap()
    };
    let first = publish(&house, "one").await;
    assert_eq!(first.version(), 1);
    let notices = house.gate.notices();
    assert!(
        notices.purposes().is_empty() && notices.in_force().next().is_none(),
        "nobody is asked by them"
    );
    assert!(
        house
            .gate
            .consent_state(&user("ann"), ask(NOON))
            .await
            .unwrap()
            .ask()
            .is_empty()
    );
    let mut evidence = Evidence::new(Component::OwnPage, Action::Save);
    evidence.shown = Some(Shown {
        notice: first.id().to_owned(),
        version: 1,
        language: Language::Fr,
        text: Some(first.text(Language::Fr).digest),
    });
    let given = |purpose| ConsentGiven::new(vec![(purpose, true)], evidence.clone());
    let consented = house
        .gate
        .consent(&user("ann"), given(PurposeName::Train), "me", Moment(NOON))
        .await;
    let Ok(Ok(Consented::Kept(Some(record)))) = consented else {
        panic!("{consented:?}")
    };
    let receipt = house
        .gate
        .own_receipt(&user("ann"), record, own(NOON))
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    for part in [first.digest(), first.text(Language::Fr).digest] {
        assert!(receipt.details.contains(&part.to_string()), "{}", receipt.details);
    }
    // Words that do not speak of a purpose permit nothing of it.
    let other = house
        .gate
        .consent(&user("ann"), given(PurposeName::Personalise), "me", Moment(NOON))
        .await;
    assert_eq!(
        other.unwrap(),
        Err(ConsentRefused::NotAsked(PurposeName::Personalise))
    );
    // Other words have another version; the same ones, after a restart too, the one they had.
    assert_eq!(publish(&house, "two").await.version(), 2);
    house
        .gate
        .publish_notices(Notices::default(), Moment(NOON))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        house.gate.notices().own().unwrap().version(),
        2,
        "notices in force do not take them away"
    );
    house.gate.close().await;
    drop(house);
    let house = open(shelf).unwrap();
    assert_eq!(publish(&house, "two").await.version(), 2);
    assert_eq!(publish(&house, "one").await.version(), 1);
    let kept = house.gate.artefact_now(first.digest()).unwrap();
    assert_eq!(
        kept.as_deref(),
        Some(first.file().as_bytes()),
        "the words are kept"
    );
}

#[tokio::test]
async fn a_certificate_is_found_by_its_name_and_nothing_else_is() {
    let house = two().await;
    let erased = house.gate.erase_certified(&user("ann")).await.unwrap().unwrap();
    let certificate = house.gate.certificate(erased.certificate).await.unwrap().unwrap();
    assert_eq!(certificate.details, "{\"people\":1}");
    house.gate.integrate().await.unwrap();
    assert!(
        house
            .gate
            .certificate(erased.certificate)
            .await
            .unwrap()
            .unwrap()
            .proof
            .is_some()
    );
    // Neither a record of somebody, nor another one of nobody.
    let (v1, nothing) = (visitor("v1"), |_: &_| Lines(Vec::new()));
    let decided = house.gate.decide::<ShowOwnData, _, _>(&v1, own(NOON), nothing);
    let theirs = decided.await.unwrap().unwrap().record;
    assert!(house.gate.certificate(theirs).await.unwrap().is_none());
    let nobody = house.gate.record_unprofiled(
        Lines(Vec::new()),
        PurposeName::Personalise,
        Vec::new(),
        Moment(NOON),
    );
    let nobody = nobody.await.unwrap().record;
    assert!(house.gate.certificate(nobody).await.unwrap().is_none());
}
