//! A way to a human: silence as long as a conversation is open, whoever opens it and whatever dies; nobody
//! gets into somebody else's; what was said dies with the person.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{House, Lines, NOON, ask, consent, open, open_keyed, user, visitor};
use gate::charter::Requester;
use gate::purposes::ShowOwnData;
use gate::{Ask, Conversation, ConversationId, Heard, NotSaid, Opening, REPLY_DAYS, Whom};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use store::{Memory, Shelf};
use vocabulary::{DAY_MS, Event, Language, Moment};

fn says(subject: &str, text: &str) -> Opening {
    Opening {
        subject: subject.to_owned(),
        text: text.to_owned(),
        language: Language::Fr,
        about: None,
        reply_to: None,
    }
}

fn staff(now: i64) -> Ask {
    Ask {
        requester: Requester::Staff,
        ..ask(now)
    }
}

async fn begin(house: &House, whom: &Whom<'_>, at: i64) -> ConversationId {
    let opened = house
        .gate
        .open_conversation(whom, says("Ma commande", "Où est-elle ?"), "me", Moment(at))
        .await;
    opened.unwrap().unwrap()
}

async fn silent(house: &House, whom: &Whom<'_>) -> bool {
    let state = house.gate.contract_state(whom, ask(NOON + 1_000)).await;
    state.unwrap().unwrap().conversing
}

/// What the person reads themselves.
async fn own(house: &House, whom: &Whom<'_>) -> Vec<Conversation> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    let own = Ask {
        requester: Requester::Person,
        ..ask(NOON + 1_000)
    };
    let shown = house.gate.decide::<ShowOwnData, _, _>(whom, own, move |view| {
        *into.lock().unwrap() = view.conversations.clone();
        Lines(Vec::new())
    });
    let _ = shown.await.unwrap();
    let seen = seen.lock().unwrap();
    seen.clone()
}

async fn version(house: &House, id: ConversationId) -> u64 {
    let read = house
        .gate
        .read_conversation(id, staff(NOON + 1_000), "ann of care")
        .await;
    read.unwrap().unwrap().unwrap().version
}

#[tokio::test]
async fn what_a_person_asks_is_answered_and_programs_are_silent_until_it_is_closed() {
    let house = open(Arc::new(Memory::new())).unwrap();
    // Nobody knew her: she asks, and so she is known.
    let id = begin(&house, &user("ann"), NOON).await;
    assert!(silent(&house, &user("ann")).await);
    let open = house.gate.open_conversations(staff(NOON + 1)).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].subject.as_deref(), Some("Ma commande"));
    assert_eq!(open[0].waiting_since, Some(Moment(NOON)));
    let read = house.gate.read_conversation(id, staff(NOON + 1), "zoe").await;
    let read = read.unwrap().unwrap().unwrap();
    assert_eq!(read.conversation.turns[0].text, "Où est-elle ?");
    let answered = house
        .gate
        .answer_conversation(id, read.version, "zoe", "Demain. Zoé", Moment(NOON + 2))
        .await;
    let version = answered.unwrap().unwrap();
    assert!(silent(&house, &user("ann")).await, "an answer ends no silence");
    let mine = own(&house, &user("ann")).await;
    assert_eq!(mine[0].turns.len(), 2);
    assert_eq!(mine[0].turns[1].by.as_deref(), Some("zoe"));
    let open = house.gate.open_conversations(staff(NOON + 3)).await.unwrap();
    assert_eq!(
        (open[0].waiting_since, open[0].held_by.as_deref()),
        (None, Some("zoe"))
    );
    house
        .gate
        .close_conversation(id, version, Moment(NOON + 4))
        .await
        .unwrap()
        .unwrap();
    assert!(!silent(&house, &user("ann")).await);
    // A word of the person opens it again.
    let again = house
        .gate
        .say_in_conversation(&user("ann"), id, "Toujours pas.", "me", Moment(NOON + 5))
        .await;
    again.unwrap().unwrap();
    assert!(silent(&house, &user("ann")).await);
    assert_eq!(
        house.gate.waiting_conversations().await.unwrap(),
        (1, Some(Moment(NOON + 5)))
    );
    house
        .gate
        .close_own_conversation(&user("ann"), id, "me", Moment(NOON + 6))
        .await
        .unwrap()
        .unwrap();
    assert!(!silent(&house, &user("ann")).await);
}

#[tokio::test]
async fn that_somebody_of_the_team_looked_is_on_the_persons_page() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let id = begin(&house, &user("ann"), NOON).await;
    version(&house, id).await;
    let own = Ask {
        requester: Requester::Person,
        ..ask(NOON + 2_000)
    };
    let timeline = house
        .gate
        .timeline(&user("ann"), own, None, 50)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let kinds: Vec<&str> = timeline.iter().map(|entry| entry.entry.kind.as_str()).collect();
    assert_eq!(kinds, ["staff", "conversation"]);
    assert!(timeline[0].details.contains("ann of care"));
    assert!(
        timeline
            .iter()
            .all(|entry| !entry.details.contains("Où est-elle"))
    );
}

#[tokio::test]
async fn a_visitor_who_talks_to_the_team_is_read_while_they_talk_and_not_after() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let id = begin(&house, &visitor("v"), NOON).await;
    let seen = version(&house, id).await;
    house
        .gate
        .close_conversation(id, seen, Moment(NOON + 2))
        .await
        .unwrap()
        .unwrap();
    let read = house
        .gate
        .read_conversation(id, staff(NOON + 3), "zoe")
        .await
        .unwrap()
        .unwrap();
    assert!(read.is_err(), "help was not asked any more");
}

#[tokio::test]
async fn of_two_who_answer_at_once_the_second_sees_the_first_before_sending() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let id = begin(&house, &user("ann"), NOON).await;
    let seen = version(&house, id).await;
    let answer = |by: &'static str| {
        let gate = house.gate.clone();
        async move {
            gate.answer_conversation(id, seen, by, "Voilà.", Moment(NOON + 2))
                .await
                .unwrap()
        }
    };
    let (one, other) = tokio::join!(answer("zoe"), answer("max"));
    let told = [one, other]
        .into_iter()
        .filter(|said| *said == Err(NotSaid::Overtaken))
        .count();
    assert_eq!(told, 1);
    assert_eq!(own(&house, &user("ann")).await[0].turns.len(), 2);
    // What the person said meanwhile is seen too.
    let seen = version(&house, id).await;
    house
        .gate
        .say_in_conversation(&user("ann"), id, "Encore une chose", "me", Moment(NOON + 3))
        .await
        .unwrap()
        .unwrap();
    let late = house
        .gate
        .answer_conversation(id, seen, "zoe", "Fini.", Moment(NOON + 4))
        .await;
    assert_eq!(late.unwrap(), Err(NotSaid::Overtaken));
}

#[tokio::test]
async fn a_reply_by_mail_joins_its_conversation_once_and_nobody_elses() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let id = begin(&house, &user("ann"), NOON).await;
    let other = begin(&house, &user("bob"), NOON).await;
    let seen = version(&house, id).await;
    let answered = house
        .gate
        .answer_conversation(id, seen, "zoe", "Demain.", Moment(NOON + 1))
        .await;
    let answered = answered.unwrap().unwrap();
    let mails = house.gate.answers_to_mail(ask(NOON + 2)).await.unwrap();
    assert_eq!(mails.len(), 1);
    let word = mails[0].word.clone();
    assert_eq!(word.len(), 48);
    assert!(!word.contains("ann"));
    house
        .gate
        .close_conversation(id, answered, Moment(NOON + 3))
        .await
        .unwrap()
        .unwrap();
    let heard = Heard {
        message: "<1@mail.example>".to_owned(),
        text: "Merci !".to_owned(),
        attached: vec!["photo.jpg".to_owned()],
    };
    for _ in 0..2 {
        let into = house
            .gate
            .hear_reply(&word.to_uppercase(), &heard, Moment(NOON + 4))
            .await;
        assert_eq!(into.unwrap(), Ok(id), "the second time nothing is added");
    }
    let mine = own(&house, &user("ann")).await;
    assert_eq!(mine[0].turns.len(), 3);
    assert_eq!(mine[0].turns[2].attached, ["photo.jpg"]);
    assert!(
        mine[0].closed_at.is_none() && silent(&house, &user("ann")).await,
        "open again"
    );
    // Of any other letter, and after its time, it is no word; another house's neither.
    for place in 0..word.len() {
        let mut changed = word.clone().into_bytes();
        changed[place] = if changed[place] == b'a' { b'b' } else { b'a' };
        let changed = String::from_utf8(changed).unwrap();
        let said = house
            .gate
            .hear_reply(&changed, &heard, Moment(NOON + 5))
            .await
            .unwrap();
        assert_eq!(said, Err(NotSaid::Unknown), "letter {place}");
    }
    let late = Moment(NOON + (REPLY_DAYS + 2) * DAY_MS);
    assert_eq!(
        house.gate.hear_reply(&word, &heard, late).await.unwrap(),
        Err(NotSaid::Unknown)
    );
    let elsewhere = open_keyed(Arc::new(Memory::new()), 7, 8).unwrap();
    let said = elsewhere
        .gate
        .hear_reply(&word, &heard, Moment(NOON + 5))
        .await
        .unwrap();
    assert_eq!(said, Err(NotSaid::Unknown));
    assert_eq!(own(&house, &user("bob")).await[0].turns.len(), 1);
    assert_ne!(id, other);
}

#[tokio::test]
async fn nobody_speaks_or_closes_in_somebody_elses_conversation() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let id = begin(&house, &user("ann"), NOON).await;
    begin(&house, &user("bob"), NOON).await;
    let said = house
        .gate
        .say_in_conversation(&user("bob"), id, "Moi", "me", Moment(NOON + 1))
        .await;
    assert_eq!(said.unwrap(), Err(NotSaid::Unknown));
    let closed = house
        .gate
        .close_own_conversation(&user("bob"), id, "me", Moment(NOON + 1))
        .await;
    assert_eq!(closed.unwrap(), Err(NotSaid::Unknown));
    assert!(silent(&house, &user("ann")).await);
}

#[tokio::test]
async fn erasure_takes_the_conversation_the_row_and_the_word_along() {
    let shelf = Arc::new(Memory::new());
    let house = open(Arc::clone(&shelf) as Arc<dyn Shelf>).unwrap();
    let id = begin(&house, &user("ann"), NOON).await;
    let seen = version(&house, id).await;
    house
        .gate
        .answer_conversation(id, seen, "zoe", "Demain.", Moment(NOON + 1))
        .await
        .unwrap()
        .unwrap();
    let word = house.gate.answers_to_mail(ask(NOON + 2)).await.unwrap()[0]
        .word
        .clone();
    let pass = house
        .gate
        .human_pass_for(&user("ann"), Some("spring"), DAY_MS, Moment(NOON))
        .await;
    let pass = house
        .gate
        .read_human_pass(&pass.unwrap().unwrap(), Moment(NOON))
        .unwrap();
    house.gate.erase(&user("ann")).await.unwrap();
    assert!(shelf.named("conversation", None, 100).unwrap().is_empty());
    assert!(
        house
            .gate
            .open_conversations(staff(NOON + 3))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        house
            .gate
            .read_conversation(id, staff(NOON + 3), "zoe")
            .await
            .unwrap()
            .is_none()
    );
    let heard = Heard {
        message: "<2@mail.example>".to_owned(),
        text: "Bonjour".to_owned(),
        attached: Vec::new(),
    };
    let said = house
        .gate
        .hear_reply(&word, &heard, Moment(NOON + 3))
        .await
        .unwrap();
    assert_eq!(said, Err(NotSaid::Unknown));
    let opened = house
        .gate
        .open_conversation_by(&pass, says("", "Bonjour"), Moment(NOON + 3))
        .await;
    assert_eq!(opened.unwrap(), Err(NotSaid::Unknown));
}

#[tokio::test]
async fn the_link_of_a_message_opens_one_for_its_person_until_it_ends() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    let bytes = house
        .gate
        .human_pass_for(&user("ann"), Some("spring"), DAY_MS, Moment(NOON))
        .await;
    let bytes = bytes.unwrap().unwrap();
    assert!(
        house
            .gate
            .read_human_pass(&bytes, Moment(NOON + DAY_MS))
            .is_none(),
        "over"
    );
    assert!(
        house
            .gate
            .read_human_pass(&bytes[..bytes.len() - 1], Moment(NOON))
            .is_none()
    );
    assert!(
        house
            .gate
            .read_pass(gate::PassKind::Session, &bytes, Moment(NOON))
            .is_none(),
        "no session"
    );
    let pass = house.gate.read_human_pass(&bytes, Moment(NOON + 1)).unwrap();
    assert_eq!(pass.about(), Some("spring"));
    house
        .gate
        .open_conversation_by(&pass, says("Question", "Bonjour"), Moment(NOON + 1))
        .await
        .unwrap()
        .unwrap();
    let mine = own(&house, &user("ann")).await;
    assert_eq!(
        (mine[0].about.as_deref(), mine[0].subject.as_str()),
        (Some("spring"), "Question")
    );
    assert!(silent(&house, &user("ann")).await);
}

#[tokio::test]
async fn a_visitors_conversation_goes_with_them_and_comes_back_as_it_is_by_then() {
    let house = open(Arc::new(Memory::new())).unwrap();
    let came = Event {
        user_id: None,
        anonymous_id: Some("v".to_owned()),
        ..consent("nobody", NOON, &[("Marketing", true)])
    };
    house
        .send(vec![came, consent("ann", NOON, &[("Statistics", true)])])
        .await;
    let id = begin(&house, &visitor("v"), NOON + 1).await;
    let both = Whom {
        user_id: Some("ann"),
        anonymous_id: Some("v"),
    };
    house
        .gate
        .join(&both, "me", Moment(NOON + 2))
        .await
        .unwrap()
        .unwrap();
    assert!(silent(&house, &user("ann")).await);
    let seen = version(&house, id).await;
    let answered = house
        .gate
        .answer_conversation(id, seen, "zoe", "Demain.", Moment(NOON + 3))
        .await;
    answered.unwrap().unwrap();
    assert_eq!(own(&house, &user("ann")).await[0].turns.len(), 2);
    let own_ask = Ask {
        requester: Requester::Person,
        ..ask(NOON + 4)
    };
    let name = house.gate.joined(&user("ann"), own_ask).await.unwrap().unwrap()[0]
        .name
        .clone();
    house
        .gate
        .part_joined(&user("ann"), &name, "me", Moment(NOON + 5))
        .await
        .unwrap()
        .unwrap();
    assert!(!silent(&house, &user("ann")).await && own(&house, &user("ann")).await.is_empty());
    assert!(silent(&house, &visitor("v")).await);
    assert_eq!(
        own(&house, &visitor("v")).await[0].turns.len(),
        2,
        "what was said since is not lost"
    );
}

#[tokio::test]
async fn nothing_too_long_or_empty_is_said_and_nobody_opens_more_than_there_may_be() {
    let house = open(Arc::new(Memory::new())).unwrap();
    for (opening, problem) in [
        (says("", " \n "), NotSaid::Empty),
        (says("", &"é".repeat(gate::MAX_TURN)), NotSaid::TooLong),
        (says(&"x".repeat(gate::MAX_SUBJECT + 1), "a"), NotSaid::TooLong),
    ] {
        let said = house
            .gate
            .open_conversation(&user("ann"), opening, "me", Moment(NOON))
            .await;
        assert_eq!(said.unwrap(), Err(problem));
    }
    for at in 0..gate::MAX_CONVERSATIONS as i64 {
        begin(&house, &user("ann"), NOON + at).await;
    }
    let more = house
        .gate
        .open_conversation(&user("ann"), says("", "a"), "me", Moment(NOON))
        .await;
    assert_eq!(more.unwrap(), Err(NotSaid::TooMany));
}

#[derive(Clone, Debug)]
enum Deed {
    Begin,
    Say(usize),
    Answer(usize),
    Close(usize),
    CloseOwn(usize),
    Die,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => Just(Deed::Begin),
        2 => (0..4usize).prop_map(Deed::Say),
        2 => (0..4usize).prop_map(Deed::Answer),
        2 => (0..4usize).prop_map(Deed::Close),
        1 => (0..4usize).prop_map(Deed::CloseOwn),
        2 => Just(Deed::Die),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn silence_holds_exactly_as_long_as_a_conversation_is_open_also_over_crashes(
        deeds in prop::collection::vec(deed(), 1..14),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let shelf = Arc::new(Memory::new());
            // As another process takes the store over when this one is gone: nothing is written back first.
            let again = || {
                let shelf: Arc<dyn Shelf> = Arc::clone(&shelf) as _;
                tokio::task::spawn_blocking(move || open(shelf).unwrap())
            };
            let mut house = again().await.unwrap();
            let mut known: Vec<(ConversationId, bool)> = Vec::new();
            for (at, deed) in deeds.into_iter().enumerate() {
                let now = Moment(NOON + at as i64);
                let pick = |n: usize| (!known.is_empty()).then(|| n % known.len());
                match deed {
                    Deed::Begin => known.push((begin(&house, &user("ann"), now.0).await, true)),
                    Deed::Say(n) => if let Some(n) = pick(n) {
                        let said = house.gate.say_in_conversation(&user("ann"), known[n].0, "a", "me", now).await;
                        said.unwrap().unwrap();
                        known[n].1 = true;
                    },
                    Deed::Answer(n) => if let Some(n) = pick(n) {
                        let seen = version(&house, known[n].0).await;
                        let said = house.gate.answer_conversation(known[n].0, seen, "zoe", "b", now).await.unwrap();
                        prop_assert_eq!(said.is_ok(), known[n].1);
                    },
                    Deed::Close(n) => if let Some(n) = pick(n) {
                        let seen = version(&house, known[n].0).await;
                        let _already = house.gate.close_conversation(known[n].0, seen, now).await.unwrap();
                        known[n].1 = false;
                    },
                    Deed::CloseOwn(n) => if let Some(n) = pick(n) {
                        house.gate.close_own_conversation(&user("ann"), known[n].0, "me", now).await.unwrap().unwrap();
                        known[n].1 = false;
                    },
                    Deed::Die => {
                        let crashed = std::mem::replace(&mut house, again().await.unwrap());
                        drop(crashed);
                    }
                }
                let open = known.iter().filter(|(_, open)| *open).count();
                prop_assert_eq!(silent(&house, &user("ann")).await, open > 0);
                let listed = house.gate.open_conversations(staff(now.0)).await.unwrap();
                prop_assert_eq!(listed.len(), open, "the team sees every one");
            }
            house.gate.close().await;
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn an_answer_to_a_message_opens_one_conversation_of_its_person_and_of_nobody_else() {
    let house = open(Arc::new(Memory::new())).unwrap();
    house
        .send(vec![consent("ann", NOON, &[("Marketing", true)])])
        .await;
    house
        .send(vec![consent("bob", NOON, &[("Marketing", true)])])
        .await;
    let own_words = Ask {
        requester: Requester::Person,
        ..ask(NOON + 1)
    };
    let records = house.gate.timeline(&user("ann"), own_words, None, 10).await;
    let reference = records.unwrap().unwrap().unwrap()[0].record.0;
    let says = |message: &str, text: &str| Heard {
        message: message.to_owned(),
        text: text.to_owned(),
        attached: Vec::new(),
    };
    let hear = async |reference: [u8; 16], heard: &Heard| {
        let heard = house.gate.hear_answer(
            reference,
            heard,
            "Re: vos articles",
            Language::Fr,
            Moment(NOON + 2),
        );
        heard.await.unwrap()
    };
    let first = says("<1@mail.example>", "Quelle taille ?");
    let id = hear(reference, &first).await.unwrap();
    assert_eq!(
        hear(reference, &first).await,
        Ok(id),
        "the same message once more"
    );
    assert_eq!(
        hear(reference, &says("<2@mail.example>", "Et la couleur ?")).await,
        Ok(id)
    );
    let mine = own(&house, &user("ann")).await;
    assert_eq!((mine.len(), mine[0].turns.len()), (1, 2));
    assert!(silent(&house, &user("ann")).await && !silent(&house, &user("bob")).await);
    // Under nothing that was sent nobody is found; and nothing is said with no words.
    assert_eq!(hear([7; 16], &first).await, Err(NotSaid::Unknown));
    assert_eq!(
        hear(reference, &says("<3@mail.example>", " ")).await,
        Err(NotSaid::Empty)
    );
    // Who is gone cannot be written to by what they once got.
    house.gate.erase(&user("ann")).await.unwrap();
    assert_eq!(
        hear(reference, &says("<4@mail.example>", "Allô ?")).await,
        Err(NotSaid::Unknown)
    );
}
