//! Outboxes of real envelopes, on stores that are killed: nothing for marketing leaves twice, nothing is skipped
//! unseen, and off means off at the last second.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;
mod outbox_house;

use common::{NOON, consent, user};
use gate::clearance::{Caps, Code, Standing};
use gate::dispatch::{Feedback, HandedOver, Noted, Outcome};
use gate::{Act, Kind, PassKind};
use outbox_house::*;
use std::sync::Arc;
use store::{Memory, Shelf};
use vocabulary::{Channel, Contract, DAY_MS, HOUR_MS, Hours, Moment, PurposeName, Rhythm};

/// Both kinds of store: envelopes written back later, and with each unit.
fn shelves() -> Vec<Arc<dyn Shelf>> {
    vec![Arc::new(Memory::new()), Arc::new(Memory::eager())]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_journey_says_leaves_once_with_its_record() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello"]).await;
        let sent = house.turn().await;
        assert_eq!(sent.letters.len(), 1);
        assert_eq!(sent.letters[0].letter(), "hello to \"ann@example.org\" by email");
        // Not in doubt while it is on its way, and not again.
        assert!(house.turn().await.letters.is_empty());
        house.answer(sent.letters, Outcome::Accepted).await;
        assert!(house.turn().await.letters.is_empty());
        let told = house.told("ann").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["outcome"], "handed_over");
        assert_eq!(told[0]["entries"][0]["journey"], "welcome");
        assert_eq!(told[0]["said"]["digest"], "hello");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_step_is_queued_once_however_often_it_is_looked_at() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello"]).await;
        house.wants("ann", &["hello"]).await;
        assert_eq!(house.turn().await.letters.len(), 1);
    }
}

/// Mautic 15949: replicas and crons that start at once picked the same rows twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_owner_sends_nothing_twice_and_shows_what_is_in_doubt() {
    for shelf in shelves() {
        let first = house(Arc::clone(&shelf), NOON).await;
        first.permits("ann").await;
        first.permits("ben").await;
        first.wants("ann", &["hello"]).await;
        first.wants("ben", &["hello"]).await;
        let marked = first.turn().await;
        assert_eq!(marked.letters.len(), 2);
        // Another process takes the store over. It has the mark and no answer.
        let later = NOON + 2 * HOUR_MS;
        let second = take_over(Arc::clone(&shelf), later).await;
        let turn = second.turn().await;
        assert!(turn.letters.is_empty());
        assert_eq!(turn.in_doubt, 2);
        // The first can neither mark nor answer any more.
        assert!(first.try_answer(marked.letters, Outcome::Accepted).await.is_err());
        assert!(second.turn().await.letters.is_empty());
        let doubts = second.gate.doubts().await.unwrap();
        assert_eq!(doubts.len(), 2);
        assert!(doubts.iter().all(|doubt| doubt.message == "hello"));
        assert!(second.gate.finish_doubt(&doubts[0].id).await.unwrap());
        assert!(!second.gate.finish_doubt(&doubts[0].id).await.unwrap());
        let told = second.told("ann").await;
        assert_eq!(told[0]["outcome"], "in_doubt", "{told:?}");
    }
}

/// Mautic 13070: one exception in a batch left the queue as it was, though mails had gone out.
#[tokio::test(flavor = "multi_thread")]
async fn an_exception_in_the_middle_of_a_batch_sends_nothing_again() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        for name in ["ann", "ben", "cid", "dan"] {
            house.permits(name).await;
            house.wants(name, &["hello"]).await;
        }
        let mut letters = house.turn().await.letters;
        assert_eq!(letters.len(), 4);
        // Two left and were answered; then whoever carried them fell over the third.
        let rest = letters.split_off(2);
        house.answer(letters, Outcome::Accepted).await;
        drop(rest);
        let turn = house.turn().await;
        assert!(turn.letters.is_empty());
        assert_eq!(turn.in_doubt, 2);
        assert_eq!(house.gate.doubts().await.unwrap().len(), 2);
        assert_eq!(house.turn().await.in_doubt, 0);
    }
}

/// listmonk 3022: what was fetched and not sent was skipped after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_the_fetch_skips_nobody() {
    for shelf in shelves() {
        let first = house(Arc::clone(&shelf), NOON).await;
        for name in ["ann", "ben", "cid"] {
            first.permits(name).await;
            first.wants(name, &["hello"]).await;
        }
        // Fetched, and nothing done with it.
        let fetched = first.gate.outgoing(first.at(), 10).await.unwrap();
        assert_eq!(fetched.len(), 3);
        let second = take_over(shelf, NOON + HOUR_MS).await;
        assert_eq!(second.turn().await.letters.len(), 3);
    }
}

/// listmonk 2070: resuming after a pause by error sent from the start; some got five copies, a third none.
#[tokio::test(flavor = "multi_thread")]
async fn resuming_after_an_error_sends_nobody_twice_and_skips_nobody() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        let names: Vec<String> = (0..12).map(|n| format!("p{n}")).collect();
        for name in &names {
            house.permits(name).await;
            house.wants(name, &["hello"]).await;
        }
        let mut got = std::collections::BTreeMap::<[u8; 16], u32>::new();
        for round in 0..40 {
            let letters = house.turn().await.letters;
            if letters.is_empty() && round > 6 {
                break;
            }
            for (place, letter) in letters.into_iter().enumerate() {
                // The server takes some, and says "for now no" to others.
                let taken = (place + round) % 3 == 0 || round > 4;
                let outcome = match taken {
                    true => {
                        *got.entry(letter.id()).or_default() += 1;
                        Outcome::Accepted
                    }
                    false => Outcome::NotNow {
                        until: Moment(house.at().0 + 60_000),
                    },
                };
                house.answer(vec![letter], outcome).await;
            }
            house.wait(60_000);
        }
        assert_eq!(got.len(), names.len());
        assert!(got.values().all(|times| *times == 1), "{got:?}");
    }
}

/// listmonk 2198: 454 was taken for a final failure.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_now_is_not_final_and_comes_again_under_the_same_identity() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello"]).await;
        let first = house.turn().await.letters;
        let id = (first[0].id(), first[0].reference());
        let until = Moment(NOON + 10 * 60_000);
        house.answer(first, Outcome::NotNow { until }).await;
        assert!(house.turn().await.letters.is_empty());
        house.wait(10 * 60_000);
        let second = house.turn().await.letters;
        assert_eq!(
            ((second[0].id(), second[0].reference()), second[0].tries()),
            (id, 2)
        );
        house.answer(second, Outcome::Accepted).await;
        house.wait(DAY_MS);
        assert!(house.turn().await.letters.is_empty());
    }
}

/// Mautic 6729, 4761: the rule was not applied to campaigns; a fourth mail came three weeks later.
#[tokio::test(flavor = "multi_thread")]
async fn caps_hold_across_channels_and_over_the_end_of_a_week() {
    for shelf in shelves() {
        let mut house = house(shelf, NOON).await;
        house.permits("ann").await;
        house
            .contract(
                "ann",
                Contract {
                    per_week: Some(2),
                    ..Contract::default()
                },
            )
            .await;
        house.program.rules.caps = Caps::default();
        house.wants("ann", &["hello", "text", "more", "last"]).await;
        let letters = house.turn().await.letters;
        let by: Vec<_> = letters
            .iter()
            .map(|letter| letter.channel().unwrap().as_str())
            .collect();
        assert_eq!(by, ["email", "sms"]);
        house.answer(letters, Outcome::Accepted).await;
        // Six days and twenty-three hours later it is another week of the calendar, and still too many.
        house.wait(7 * DAY_MS - HOUR_MS);
        let turn = house.turn().await;
        assert!(turn.letters.is_empty(), "{turn:?}");
        house.wait(HOUR_MS);
        let letters = house.turn().await.letters;
        assert_eq!(letters.len(), 2);
        house.answer(letters, Outcome::Accepted).await;
    }
}

/// Mautic 7665: always UTC, two hours late, broken by the clocks being set.
#[tokio::test(flavor = "multi_thread")]
async fn hours_are_the_persons_own_also_when_clocks_are_set() {
    // Saturday 2026-10-24, 21:00 in Paris; the night to Sunday is an hour longer.
    let evening = 1_792_868_400_000;
    for shelf in shelves() {
        let house = house(shelf, evening).await;
        house.permits("ann").await;
        let contract = Contract {
            hours: Some(Hours {
                from: 9 * 60,
                to: 20 * 60,
            }),
            zone: Some("Europe/Paris".to_owned()),
            ..Contract::default()
        };
        house.contract("ann", contract).await;
        house.wants("ann", &["hello"]).await;
        assert_eq!(house.turn().await.later.get(&Code::OutsideHours), Some(&1));
        house.wait(13 * HOUR_MS - 60_000);
        assert!(house.turn().await.letters.is_empty());
        house.wait(60_000);
        assert_eq!(house.turn().await.letters.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn off_means_off_at_the_last_second() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello"]).await;
        let people = house.gate.outgoing(house.at(), 10).await.unwrap();
        assert_eq!(people.len(), 1);
        // Withdrawn between the fetch and the mark.
        house.withdraws("ann").await;
        let turn = house.take(people).await;
        assert!(turn.letters.is_empty());
        assert_eq!(turn.ended.get(&Code::NoPurposeConsent), Some(&1), "{turn:?}");
        // And between the mark and the channel.
        house.permits("ben").await;
        house.wants("ben", &["hello"]).await;
        let letters = house.turn().await.letters;
        assert!(house.gate.still_cleared(&letters[0]));
        house.withdraws("ben").await;
        assert!(!house.gate.still_cleared(&letters[0]));
        house.answer(letters, Outcome::Withdrawn).await;
        let turn = house.turn().await;
        assert!(turn.letters.is_empty());
        assert_eq!(turn.ended.get(&Code::NoPurposeConsent), Some(&1), "{turn:?}");
        let told = house.told("ben").await;
        assert_eq!(told[0]["code"], "no_purpose_consent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_back_the_groups_empties_the_outbox() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello"]).await;
        house
            .gate
            .choose(&user("ann"), &[(PurposeName::Segment, false)], "test", house.at())
            .await
            .unwrap();
        let turn = house.turn().await;
        assert!(turn.letters.is_empty() && turn.ended.is_empty(), "{turn:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_contract_holds_back_comes_when_the_person_lets_it() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        let paused = Contract {
            paused_until: Some(Moment(i64::MAX)),
            ..Contract::default()
        };
        house.contract("ann", paused).await;
        house.wants("ann", &["hello", "order"]).await;
        let turn = house.turn().await;
        // What was ordered is acknowledged all the same.
        let names: Vec<_> = turn
            .letters
            .iter()
            .map(|letter| letter.letter().clone())
            .collect();
        assert_eq!(names, ["order to \"ann@example.org\" by email"]);
        assert_eq!(turn.later.get(&Code::Paused), Some(&1));
        house.answer(turn.letters, Outcome::Accepted).await;
        house.wait(DAY_MS);
        assert!(house.turn().await.letters.is_empty());
        house.contract("ann", Contract::default()).await;
        assert_eq!(house.turn().await.letters.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_together_is_one_message_and_counts_once() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        let contract = Contract {
            rhythm: Rhythm::Daily { at: 18 * 60 },
            per_week: Some(1),
            ..Contract::default()
        };
        house.contract("ann", contract).await;
        house.wants("ann", &["hello", "more", "last"]).await;
        assert_eq!(house.turn().await.later.get(&Code::Gathered), Some(&3));
        house.wait(6 * HOUR_MS);
        let letters = house.turn().await.letters;
        assert_eq!(letters.len(), 1);
        assert_eq!(
            letters[0].letter(),
            "hello+more+last to \"ann@example.org\" by email"
        );
        house.answer(letters, Outcome::Accepted).await;
        house.wait(DAY_MS);
        assert!(house.turn().await.letters.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preferred_way_is_taken_where_the_message_has_words_for_it() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        let contract = Contract {
            channel: Some(vocabulary::Channel::Sms),
            ..Contract::default()
        };
        house.contract("ann", contract).await;
        house.wants("ann", &["either", "hello"]).await;
        let letters = house.turn().await.letters;
        let by: Vec<_> = letters
            .iter()
            .map(|letter| letter.channel().unwrap().as_str())
            .collect();
        assert_eq!(by, ["sms", "email"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_of_the_journey_and_a_change_of_the_message_neither_resend_nor_skip() {
    for shelf in shelves() {
        let mut house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello", "more"]).await;
        house
            .program
            .standing
            .insert("hello".to_owned(), Standing::Paused);
        let letters = house.turn().await.letters;
        assert_eq!(letters.len(), 1);
        house.answer(letters, Outcome::Accepted).await;
        house.wait(3 * DAY_MS);
        assert!(house.turn().await.letters.is_empty());
        // Resumed under another program, with other words.
        house.program.standing.clear();
        house.program.edition = "2: ".to_owned();
        house.wait(15 * 60_000);
        let letters = house.turn().await.letters;
        assert_eq!(letters[0].letter(), "2: hello to \"ann@example.org\" by email");
        house.answer(letters, Outcome::Accepted).await;
        // A message that is gone ends, and says so.
        house.wants("ann", &["gone"]).await;
        let turn = house.turn().await;
        assert_eq!(turn.ended.get(&Code::MessageGone), Some(&1));
        assert_eq!(house.told("ann").await[0]["code"], "message_gone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_cannot_be_written_end_the_entry_with_their_code() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["broken"]).await;
        let turn = house.turn().await;
        assert!(turn.letters.is_empty());
        assert_eq!(turn.ended.get(&Code::MissingValue), Some(&1));
        let told = house.told("ann").await;
        assert_eq!(
            (&told[0]["code"], &told[0]["said"]["at"]),
            (&"missing_value".into(), &"3:7".into())
        );
        assert!(house.turn().await.ended.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_address_and_a_complaint_close_the_way_until_a_new_permission() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        for (name, feedback, service) in [
            ("ann", Feedback::Bounced, false),
            ("ben", Feedback::Complained, true),
        ] {
            house.permits(name).await;
            house.wants(name, &["hello"]).await;
            let letters = house.turn().await.letters;
            let reference = letters[0].reference();
            house.answer(letters, Outcome::Accepted).await;
            house.wait(HOUR_MS);
            let noted = house
                .gate
                .feedback(reference, feedback, house.at())
                .await
                .unwrap();
            assert!(matches!(noted, Noted::Closed(_)), "{noted:?}");
            house.wants(name, &["more", "order"]).await;
            let turn = house.turn().await;
            assert_eq!(turn.letters.len(), usize::from(service));
            // A complaint takes the permission back as well, which is asked first.
            let held = match feedback {
                Feedback::Complained => turn.ended.get(&Code::NoPurposeConsent),
                _ => turn.ended.get(&Code::Suppressed),
            };
            assert_eq!(held, Some(&if service { 1 } else { 2 }), "{turn:?}");
            house.answer(turn.letters, Outcome::Accepted).await;
            // Said again by who reports twice: nothing new.
            let told = house.told(name).await.len();
            house
                .gate
                .feedback(reference, feedback, house.at())
                .await
                .unwrap();
            assert_eq!(house.told(name).await.len(), told);
            house.wait(HOUR_MS);
            house.permits_again(name).await;
            house.wants(name, &["last"]).await;
            let letters = house.turn().await.letters;
            assert_eq!(letters.len(), 1, "{name}");
            house.answer(letters, Outcome::Accepted).await;
        }
        let unknown = house.gate.feedback([7; 16], Feedback::Bounced, house.at());
        assert_eq!(unknown.await.unwrap(), Noted::Unknown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_must_arrive_comes_again_when_it_is_in_doubt() {
    for shelf in shelves() {
        let first = house(Arc::clone(&shelf), NOON).await;
        first.permits("ann").await;
        first.wants("ann", &["order"]).await;
        let letters = first.turn().await.letters;
        let id = letters[0].id();
        let second = take_over(shelf, NOON + HOUR_MS).await;
        assert!(second.turn().await.letters.is_empty());
        second.wait(60_000);
        let again = second.turn().await.letters;
        assert_eq!((again.len(), again[0].id()), (1, id));
        second.answer(again, Outcome::Accepted).await;
        second.wait(DAY_MS);
        assert!(second.turn().await.letters.is_empty());
        drop(letters);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_lie_before_humans_once() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.queue("ann", Kind::Task, &["care"]).await;
        assert_eq!(house.turn().await.tasks, 1);
        assert_eq!(house.turn().await.tasks, 0);
        let tasks = house.gate.tasks().await.unwrap();
        assert_eq!((tasks.len(), tasks[0].queue.as_str()), (1, "care"));
        assert!(house.gate.finish_task(&tasks[0].id).await.unwrap());
        assert!(house.gate.tasks().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_that_overflows_says_so() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        let paused = Contract {
            paused_until: Some(Moment(NOON + DAY_MS)),
            ..Contract::default()
        };
        house.contract("ann", paused).await;
        for n in 0..gate::WAITING_MAX + 3 {
            house.wants("ann", &[format!("m{n}").as_str()]).await;
        }
        let turn = house.turn().await;
        assert_eq!(turn.ended.get(&Code::OutboxFull), Some(&3), "{turn:?}");
        house.wait(DAY_MS);
        assert_eq!(house.turn().await.letters.len(), gate::WAITING_MAX);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_gone_gets_nothing() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello", "more"]).await;
        let letters = house.turn().await.letters;
        assert!(house.gate.erase(&user("ann")).await.unwrap());
        assert!(letters.iter().all(|letter| !house.gate.still_cleared(letter)));
        house.answer(letters, Outcome::Withdrawn).await;
        assert!(house.turn().await.letters.is_empty());
        assert!(house.gate.doubts().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_tells_what_waits_what_is_in_doubt_and_nothing_after_erasure() {
    for shelf in shelves() {
        let first = house(Arc::clone(&shelf), NOON).await;
        first.permits("ann").await;
        assert!(first.kept("ann").await.is_empty());
        first.wants("ann", &["hello"]).await;
        let kept = first.kept("ann").await;
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!((kept[0].name.as_str(), kept[0].state), ("hello", "waits"));
        assert_eq!(kept[0].kind, Some(Kind::Message));
        assert!(kept[0].purpose.is_some() && kept[0].journey.is_some());
        assert!(kept[0].queued_at.is_some() && kept[0].due_at.is_some());
        assert_eq!(
            (kept[0].channel, kept[0].left_at, kept[0].record),
            (None, None, None)
        );

        let handed = first.turn().await.letters;
        assert_eq!(handed.len(), 1);
        let leaving = first.kept("ann").await;
        assert_eq!((leaving[0].state, leaving[0].due_at), ("leaving", None));
        assert_eq!(leaving[0].channel, Some(Channel::Email));
        assert!(leaving[0].left_at.is_some() && leaving[0].record.is_some());

        first.permits("ben").await;
        first.wants("ben", &["hello"]).await;
        assert_eq!(first.turn().await.letters.len(), 1);

        // The process is killed with the marks on disk and no answer.
        let second = take_over(Arc::clone(&shelf), NOON + 2 * HOUR_MS).await;
        assert_eq!(second.turn().await.in_doubt, 2);
        let doubt = second.kept("ann").await;
        assert_eq!(doubt.len(), 1, "{doubt:?}");
        assert_eq!((doubt[0].name.as_str(), doubt[0].state), ("hello", "in_doubt"));
        assert_eq!(
            (doubt[0].channel, doubt[0].record),
            (leaving[0].channel, leaving[0].record)
        );

        // Of two people in doubt the one who goes leaves nothing before humans; the other stays there.
        assert_eq!(second.gate.doubts().await.unwrap().len(), 2);
        assert!(second.gate.erase(&user("ann")).await.unwrap());
        assert!(second.kept("ann").await.is_empty());
        assert_eq!(second.gate.doubts().await.unwrap().len(), 1);
        let left = shelf.named("outbox/doubt/", None, 10).unwrap();
        assert_eq!(left.len(), 1, "it is gone from the disk too");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objecting_stops_what_waits() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello"]).await;
        house
            .gate
            .act(&user("ann"), Act::Object(true), "test", house.at())
            .await
            .unwrap();
        let turn = house.turn().await;
        assert!(turn.letters.is_empty());
        assert!(
            turn.ended.is_empty() || turn.ended.contains_key(&Code::Objected),
            "{turn:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamped_preference_opens_no_closed_way() {
    let house = house(Arc::new(Memory::new()), NOON).await;
    house.permits("ann").await;
    house.wants("ann", &["hello"]).await;
    let letters = house.turn().await.letters;
    let handed: Vec<_> = letters
        .into_iter()
        .map(|handover| HandedOver {
            handover,
            outcome: Outcome::Refused { dead: true },
        })
        .collect();
    house.answer_all(handed).await;
    house.wait(HOUR_MS);
    let stamped = gate_event(house.at().0);
    house.inner.send(vec![stamped]).await;
    house.wants("ann", &["more"]).await;
    assert_eq!(house.turn().await.ended.get(&Code::Suppressed), Some(&1));
}

/// Every page of a browser says what was once said.
fn gate_event(at: i64) -> vocabulary::Event {
    let said = consent("ann", at, &[("Letters", true)]);
    vocabulary::Event {
        name: "Product Viewed".to_owned(),
        fields: serde_json::json!({ "product_id": "vase" })
            .as_object()
            .unwrap()
            .clone(),
        ..said
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_message_leaves_what_it_came_by_and_nothing_else() {
    for shelf in shelves() {
        let house = house(shelf, NOON).await;
        house.permits("ann").await;
        house.wants("ann", &["hello"]).await;
        let letters = house.turn().await.letters;
        let word = house.gate.word(
            PassKind::Unsubscribe,
            vocabulary::Channel::Email,
            letters[0].person(),
            letters[0].record(),
        );
        let why = house.gate.word(
            PassKind::Why,
            vocabulary::Channel::Email,
            letters[0].person(),
            letters[0].record(),
        );
        house.answer(letters, Outcome::Accepted).await;
        // A word is good for one thing, and every changed bit makes it good for nothing.
        assert!(house.gate.read_word(PassKind::Why, &word).is_none());
        assert!(house.gate.read_word(PassKind::Unsubscribe, &why).is_none());
        for place in 0..word.len() * 8 {
            let mut changed = word;
            changed[place / 8] ^= 1 << (place % 8);
            assert!(
                house.gate.read_word(PassKind::Unsubscribe, &changed).is_none(),
                "{place}"
            );
        }
        assert!(house.gate.read_word(PassKind::Unsubscribe, &word[1..]).is_none());
        // Years later.
        house.wait(3_000 * DAY_MS);
        let word = house.gate.read_word(PassKind::Unsubscribe, &word).unwrap();
        house.wants("ann", &["more", "text"]).await;
        let left = house.gate.leave_by(word, "message", house.at());
        assert!(left.await.unwrap());
        let turn = house.turn().await;
        assert_eq!(turn.ended.get(&Code::NoPurposeConsent), Some(&1), "{turn:?}");
        let ask = gate::Ask {
            requester: gate::charter::Requester::Person,
            ..common::ask(house.at().0)
        };
        let states = house.gate.consent_state(&user("ann"), ask).await.unwrap();
        let state = |purpose| {
            states
                .purposes
                .iter()
                .find(|one| one.purpose == purpose)
                .unwrap()
                .state
        };
        assert_eq!(
            state(PurposeName::MarketByEmail),
            vocabulary::ConsentState::Withdrawn
        );
        assert_eq!(state(PurposeName::MarketBySms), vocabulary::ConsentState::Given);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_message_came_is_read_by_its_link_for_a_year() {
    let house = house(Arc::new(Memory::new()), NOON).await;
    house.permits("ann").await;
    house.wants("ann", &["hello"]).await;
    let letters = house.turn().await.letters;
    let word = house.gate.word(
        PassKind::Why,
        vocabulary::Channel::Email,
        letters[0].person(),
        letters[0].record(),
    );
    house.answer(letters, Outcome::Accepted).await;
    let word = house.gate.read_word(PassKind::Why, &word).unwrap();
    let ask = |at: Moment| gate::Ask {
        requester: gate::charter::Requester::Person,
        ..common::ask(at.0)
    };
    let why = house
        .gate
        .why(word, ask(house.at()))
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let details: serde_json::Value = serde_json::from_str(&why.details).unwrap();
    assert_eq!(details["entries"][0]["name"], "hello");
    house.wait(gate::WHY_MS + 2 * DAY_MS);
    assert!(house.gate.why(word, ask(house.at())).await.unwrap().is_none());
}
