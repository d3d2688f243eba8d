//! What holds of an outbox whatever happens to it.
//!
//! Deliberately does not know: stores.

use super::*;
use crate::automation::Reaction;
use crate::envelope::{Choice, Consent, decode, encode};
use proptest::prelude::*;
use vocabulary::{Channel, ConsentState};

const NOW: i64 = 1_795_348_800_000;

fn entry(number: u32, service: bool) -> Entry {
    let mut entry = Entry {
        id: [0; 16],
        kind: Kind::Message as u8,
        name: format!("m{}", number % 7),
        journey: "welcome".to_owned(),
        key: None,
        step: Some("say".to_owned()),
        entered_at: 5,
        number,
        program: [3; 32],
        queued_at: NOW + i64::from(number),
        not_before: NOW + i64::from(number),
        held: None,
        tries: 0,
        marked: None,
        purpose: match service {
            true => PurposeName::Service as u8,
            false => PurposeName::MarketByEmail as u8,
        },
        reference: None,
    };
    entry.id = identity(&[1; 32], &entry);
    entry
}

fn mark(id: [u8; 16], at: i64) -> Marked {
    Marked {
        id,
        at,
        epoch: 1,
        record: [9; 16],
        channel: Channel::Email as u8,
        with: None,
        words: None,
    }
}

fn terms() -> Terms {
    Terms {
        consents: vec![Consent {
            purpose: PurposeName::Segment as u8,
            state: ConsentState::Given as u8,
            at: 0,
            source: String::new(),
            expires_at: None,
            explicit_at: Some(0),
            proof: None,
        }],
        identified: true,
        ..Terms::default()
    }
}

fn queued(entries: Vec<Entry>, at: i64) -> Input {
    Input {
        at,
        received_at: at,
        reaction: Some(Reaction {
            queued: Some(entries),
            ..Reaction::default()
        }),
        ..Input::default()
    }
}

fn turned(turn: Turn, at: i64) -> Input {
    Input {
        at,
        received_at: at,
        turn: Some(turn),
        ..Input::default()
    }
}

/// What can happen to an entry of that number.
#[derive(Clone, Debug)]
enum Does {
    Queue(u32, bool),
    Mark(u32),
    Later(u32, i64),
    End(u32),
    Answer(u32, u8, bool),
    Say,
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        4 => (0u32..90, prop::bool::weighted(0.2)).prop_map(|(n, service)| Does::Queue(n, service)),
        3 => (0u32..90).prop_map(Does::Mark),
        1 => (0u32..90, 0i64..1_000).prop_map(|(n, ms)| Does::Later(n, ms)),
        1 => (0u32..90).prop_map(Does::End),
        3 => (0u32..90, 0u8..6, any::<bool>()).prop_map(|(n, became, left)| Does::Answer(n, became, left)),
        1 => Just(Does::Say),
    ]
}

fn input(does: &Does, at: i64) -> Input {
    let id = |n: u32| entry(n, false).id;
    let turn = |turn| turned(turn, at);
    match does {
        Does::Queue(n, service) => queued(vec![entry(*n, *service)], at),
        Does::Mark(n) => turn(Turn {
            marked: vec![mark(id(*n), at)],
            ..Turn::default()
        }),
        Does::Later(n, ms) => turn(Turn {
            later: vec![Later {
                id: id(*n),
                until: at + ms,
                code: "paused".to_owned(),
            }],
            ..Turn::default()
        }),
        Does::End(n) => turn(Turn {
            ended: vec![Ended {
                id: id(*n),
                code: "gone".to_owned(),
            }],
            ..Turn::default()
        }),
        Does::Answer(n, became, left) => turn(Turn {
            answered: vec![Answered {
                id: id(*n),
                became: *became,
                left: Some(*left),
            }],
            ..Turn::default()
        }),
        Does::Say => Input {
            at,
            received_at: at,
            gpc: true,
            ..Input::default()
        },
    }
}

proptest! {
    #[test]
    fn an_outbox_is_bounded_and_an_entry_is_in_one_place(all in prop::collection::vec(does(), 1..400)) {
        let mut content = Content::default();
        for (at, one) in all.iter().enumerate() {
            fold(&terms(), &mut content, &input(one, NOW + 1_000 * at as i64));
            let Some(outbox) = &content.outbox else { continue };
            prop_assert!(outbox.waiting.len() <= WAITING_MAX && outbox.sent.len() <= SENT_MAX);
            let mut ids: Vec<_> = outbox.waiting.iter().map(|one| one.id).collect();
            ids.extend(outbox.sent.iter().map(|one| one.id));
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids.len(), count, "an entry is there twice");
            // What is marked counts for the caps, whatever comes of it.
            let marked = outbox.waiting.iter().filter(|one| one.marked.is_some() && one.is_commercial());
            prop_assert!(left(outbox).len() >= marked.count());
        }
        // Read back as it was written.
        let bytes = encode(&content);
        prop_assert!(decode::<Content>(&bytes).is_ok_and(|read| read == content));
    }

    #[test]
    fn room_is_made_by_the_oldest_marketing_and_never_by_what_is_on_its_way(
        services in prop::collection::vec(prop::bool::weighted(0.5), 60),
        marks in prop::collection::vec(any::<bool>(), 60),
    ) {
        let mut content = Content::default();
        let mut held = Vec::new();
        for (n, (service, marked)) in services.iter().zip(&marks).enumerate() {
            let one = entry(n as u32, *service);
            fold(&terms(), &mut content, &queued(vec![one.clone()], NOW));
            let there = content.outbox.iter().flat_map(|kept| &kept.waiting).any(|kept| kept.id == one.id);
            if there && *marked {
                let turn = Turn { marked: vec![mark(one.id, NOW)], ..Turn::default() };
                fold(&terms(), &mut content, &turned(turn, NOW));
            }
            if there && (*marked || *service) {
                held.push(one.id);
            }
        }
        let outbox = content.outbox.unwrap();
        for id in held {
            prop_assert!(outbox.waiting.iter().any(|kept| kept.id == id));
        }
        let lost = services.len() - outbox.waiting.len();
        prop_assert_eq!(outbox.overflowed.unwrap_or(0) as usize, lost);
    }
}

#[test]
fn an_identity_is_the_steps_own_and_the_persons() {
    let one = entry(1, false);
    assert_eq!(identity(&[1; 32], &one), one.id);
    assert_ne!(identity(&[2; 32], &one), one.id);
    let others = [
        Entry {
            number: 2,
            ..one.clone()
        },
        Entry {
            entered_at: 6,
            ..one.clone()
        },
        Entry {
            journey: "welcom".to_owned(),
            key: Some("e".to_owned()),
            ..one.clone()
        },
        Entry {
            key: Some(String::new()),
            ..one.clone()
        },
        Entry {
            name: "other".to_owned(),
            ..one.clone()
        },
        Entry {
            kind: Kind::Task as u8,
            ..one.clone()
        },
    ];
    for other in others {
        assert_ne!(identity(&[1; 32], &other), one.id);
    }
    // When it was queued, and by which program, is no part of it: a step that is looked at again is the same.
    let later = Entry {
        queued_at: 1,
        program: [0; 32],
        ..one.clone()
    };
    assert_eq!(identity(&[1; 32], &later), one.id);
}

#[test]
fn a_closed_way_opens_by_the_persons_own_new_word_alone() {
    let closed = |why: u8, since: i64| {
        turned(
            Turn {
                suppressed: vec![Suppressed {
                    channel: Channel::Email as u8,
                    why,
                    since,
                }],
                ..Turn::default()
            },
            since,
        )
    };
    let says = |given: bool, explicit: bool, purpose: PurposeName, at: i64| Input {
        at,
        received_at: at,
        choices: vec![Choice {
            purpose: purpose as u8,
            given,
            explicit,
            expires_at: None,
        }],
        ..Input::default()
    };
    let email = PurposeName::MarketByEmail;
    let mut terms = terms();
    crate::fold::fold_terms(&mut terms, &says(true, true, email, 10));
    crate::fold::fold_terms(&mut terms, &closed(1, 20));
    assert!(terms.suppressed.is_some());
    // A worse reason takes the place of a lesser one, and not the other way round.
    crate::fold::fold_terms(&mut terms, &closed(0, 21));
    crate::fold::fold_terms(&mut terms, &closed(2, 22));
    assert_eq!(
        terms.suppressed.as_ref().map(|all| (all.len(), all[0].why)),
        Some((1, 0))
    );
    for (given, explicit, purpose, at) in [
        (true, false, email, 30),
        (true, true, PurposeName::MarketBySms, 30),
        (false, true, email, 30),
        (true, true, email, 15),
    ] {
        crate::fold::fold_terms(&mut terms, &says(given, explicit, purpose, at));
        assert!(terms.suppressed.is_some(), "{purpose} {at}");
    }
    crate::fold::fold_terms(&mut terms, &says(true, true, email, 40));
    assert!(terms.suppressed.is_none());
}

#[test]
fn what_is_due_is_what_comes_first_and_what_is_in_doubt() {
    let mut content = Content::default();
    fold(
        &terms(),
        &mut content,
        &queued(vec![entry(3, false), entry(5, false)], NOW),
    );
    assert_eq!(due(&content), Some(Moment(NOW + 3)));
    let id = entry(3, false).id;
    let turn = Turn {
        marked: vec![mark(id, NOW + 10)],
        ..Turn::default()
    };
    fold(&terms(), &mut content, &turned(turn, NOW + 10));
    assert_eq!(due_but(&content, &HashSet::from([id])), Some(Moment(NOW + 5)));
    let until_said = Turn {
        later: vec![Later {
            id: entry(5, false).id,
            until: i64::MAX,
            code: "paused".to_owned(),
        }],
        ..Turn::default()
    };
    fold(&terms(), &mut content, &turned(until_said, NOW + 10));
    assert_eq!(due_but(&content, &HashSet::from([id])), None);
    assert_eq!(due(&content), Some(Moment(NOW + 10)));
    // Anything the person says has it judged again.
    fold(&terms(), &mut content, &input(&Does::Say, NOW + 20));
    assert_eq!(due_but(&content, &HashSet::from([id])), Some(Moment(NOW + 20)));
}
