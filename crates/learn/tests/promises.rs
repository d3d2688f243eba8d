//! What is always so of counts and of the models learned from them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use learn::{Bounds, Counts, Error, Facts, ONE, Provenance, Settings, Sum, train, train_with};
use proptest::prelude::*;
use recommend::{Channel, Model, score_all};
use vocabulary::{DAY_MS, Day, Digest, Interaction, ItemId, Moment};

const ITEMS: usize = 12;

fn item(number: usize) -> ItemId {
    ItemId(format!("{number:03}"))
}

fn bounds(length: u32) -> Bounds {
    Bounds {
        most_items: 8,
        length,
        ..Bounds::default()
    }
}

fn empty(length: u32) -> Counts {
    Counts::new((0..ITEMS).map(item), bounds(length)).unwrap()
}

fn gathered(people: &[Vec<Interaction>], length: u32) -> Counts {
    let mut counts = empty(length);
    people.iter().for_each(|history| counts.add(history).unwrap());
    counts
}

prop_compose! {
    fn interaction()(
        number in 0..ITEMS + 2, viewed in 0u32..3, added in 0u32..2, bought in 0u32..3, day in 0i64..30,
    ) -> Interaction {
        Interaction { item: item(number), viewed, added, bought, last_at: Moment(day * DAY_MS) }
    }
}

fn people() -> impl Strategy<Value = Vec<Vec<Interaction>>> {
    prop::collection::vec(prop::collection::vec(interaction(), 0..14), 0..12)
}

proptest! {
    #[test]
    fn unlearning_a_person_restores_every_bit(
        people in people(), gone in any::<prop::sample::Index>(), length in 1u32..50,
    ) {
        prop_assume!(!people.is_empty());
        let gone = gone.index(people.len());
        let mut counts = gathered(&people, length);
        counts.subtract(&people[gone]).unwrap();
        let mut rest = people.clone();
        rest.remove(gone);
        prop_assert_eq!(counts, gathered(&rest, length));
    }

    #[test]
    fn neither_the_order_of_people_nor_of_their_acts_nor_the_number_of_threads_matters(
        people in people(), cut in any::<prop::sample::Index>(),
    ) {
        let together = gathered(&people, 30);
        let (first, second) = people.split_at(cut.index(people.len() + 1));
        let mut backwards: Vec<_> = second.to_vec();
        backwards.reverse();
        backwards.iter_mut().for_each(|history| history.reverse());
        let mut merged = gathered(&backwards, 30);
        merged.merge(&gathered(first, 30)).unwrap();
        prop_assert_eq!(merged, together);
    }

    #[test]
    fn what_a_person_adds_is_never_longer_than_the_bound(
        history in prop::collection::vec(interaction(), 0..40), length in 1u32..20,
    ) {
        let counts = gathered(std::slice::from_ref(&history), length);
        let square = |count: i64| i128::from(count) * i128::from(count);
        let pairs = (0..ITEMS).flat_map(|a| (a..ITEMS).map(move |b| (a, b)));
        let of_pairs: i128 = pairs.map(|(a, b)| square(counts.pair(a, b))).sum();
        prop_assert!(of_pairs <= square(ONE * i64::from(length)));
        let ordered = (0..ITEMS).flat_map(|a| (0..ITEMS).map(move |b| (a, b)));
        let of_transitions: i128 = ordered.map(|(a, b)| square(counts.transition(a, b))).sum();
        let own: i128 = (0..ITEMS).map(|a| square(counts.transition_weight(a))).sum();
        prop_assert!(of_transitions + own <= square(ONE));
        prop_assert!((0..ITEMS).all(|a| counts.pair(a, a) >= 0 && counts.people_of(a) <= 1));
        prop_assert!((0..ITEMS).filter(|a| counts.people_of(*a) > 0).count() <= 8);
    }

    #[test]
    fn a_transition_leads_from_an_earlier_day_to_a_later_one(history in prop::collection::vec(interaction(), 0..14)) {
        let counts = gathered(std::slice::from_ref(&history), 30);
        let day = |at: usize| {
            let acted = |act: &&Interaction| act.item == item(at) && act.viewed + act.added + act.bought > 0;
            history.iter().filter(acted).map(|act| act.last_at).max()
        };
        for (from, to) in (0..ITEMS).flat_map(|a| (0..ITEMS).map(move |b| (a, b))) {
            prop_assert!(counts.transition(from, to) == 0 || day(from) < day(to));
        }
    }
}

fn summed(people: &[Vec<Interaction>]) -> Sum {
    let mut sum = Sum::new((0..ITEMS).map(item), bounds(30)).unwrap();
    for (share, history) in (0..).zip(people) {
        assert!(sum.add([share; 16], history).unwrap());
    }
    sum
}

proptest! {
    #[test]
    fn a_kept_sum_reads_back_to_the_bit_and_a_part_of_it_is_none(
        people in people(), cut in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>(),
    ) {
        let sum = summed(&people);
        let bytes = sum.to_bytes();
        let read = Sum::from_bytes(&bytes).unwrap();
        prop_assert!(read == sum && read.to_bytes() == bytes);
        prop_assert_eq!(read.counts(), &gathered(&people, 30));
        prop_assert_eq!(Sum::from_bytes(&bytes[..cut.index(bytes.len())]), Err(Error::NotASum));
        // Every sum has one form: a changed one is another sum, or none.
        let mut flipped = bytes.clone();
        let at = bit.index(bytes.len() * 8);
        flipped[at / 8] ^= 1 << (at % 8);
        if let Ok(other) = Sum::from_bytes(&flipped) {
            prop_assert!(other != sum && other.to_bytes() == flipped);
        }
    }

    #[test]
    fn adding_or_taking_out_once_more_changes_nothing(
        people in people(), steps in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..40),
    ) {
        prop_assume!(!people.is_empty());
        let mut sum = summed(&[]);
        let mut inside = std::collections::BTreeSet::new();
        for (who, adds) in steps {
            let who = who.index(people.len());
            let (share, history) = ([who as u8; 16], &people[who]);
            let changed = match adds {
                true => sum.add(share, history).unwrap(),
                false => sum.subtract(share, history).unwrap(),
            };
            let changes = match adds {
                true => inside.insert(who),
                false => inside.remove(&who),
            };
            prop_assert_eq!((changed, sum.holds(&share)), (changes, adds));
        }
        let rest: Vec<_> = inside.into_iter().map(|who| people[who].clone()).collect();
        prop_assert_eq!(sum.counts(), &gathered(&rest, 30));
    }
}

#[test]
fn a_sum_knows_over_which_items_it_is() {
    let sum = summed(&two_tastes()[..5]);
    let mut items: Vec<ItemId> = (0..ITEMS).rev().map(item).collect();
    assert!(sum.is_over(&items, &bounds(30)) && !sum.is_over(&items, &bounds(29)));
    items.pop();
    assert!(!sum.is_over(&items, &bounds(30)));
    items.push(item(ITEMS));
    assert!(!sum.is_over(&items, &bounds(30)));
}

#[test]
fn counts_of_other_items_or_other_bounds_do_not_merge() {
    assert_eq!(empty(30).merge(&empty(1)), Err(Error::OtherCounts));
    let mut fewer = Counts::new((0..3).map(item), bounds(30)).unwrap();
    assert_eq!(fewer.merge(&empty(30)), Err(Error::OtherCounts));
    assert_eq!(empty(30).subtract(&[]), Err(Error::NeverCounted));
}

/// Two tastes: even items go together and 8 comes last, odd ones too and 3 comes last.
fn two_tastes() -> Vec<Vec<Interaction>> {
    let people = (0..60usize).map(|person| {
        let items = (0..ITEMS).filter(|at| at % 2 == person % 2 && (at / 2 + person / 2) % 3 != 0);
        let acts = items.map(|at| Interaction {
            item: item(at),
            viewed: 1,
            added: 0,
            bought: 1,
            last_at: Moment(DAY_MS * if at == 3 || at == 8 { 20 } else { 10 }),
        });
        acts.collect()
    });
    people.collect()
}

fn provenance() -> Provenance {
    Provenance {
        made_on: Day(20_000),
        charter: Digest::of(b"charter"),
        data: "two tastes".to_owned(),
    }
}

fn learned(settings: &Settings) -> Model {
    let counts = gathered(&two_tastes(), 30);
    Model::read(&train(&counts, settings, provenance()).unwrap()).unwrap()
}

#[test]
fn a_model_finds_who_goes_with_whom_and_what_comes_after_what() {
    let model = learned(&Settings::default());
    assert_eq!(model.header().people, 60);
    let act = |at| Interaction {
        item: item(at),
        viewed: 0,
        added: 0,
        bought: 1,
        last_at: Moment(0),
    };
    let list = score_all(&model, &[act(1), act(5)], &[], Moment(0))
        .rank(4, |item| !["001", "005"].contains(&item.as_str()));
    assert!(
        list.iter()
            .all(|ranked| ranked.item.as_str().parse::<usize>().unwrap() % 2 == 1),
        "{list:?}"
    );
    let (third, ninth) = (
        list.iter().position(|r| r.item == item(3)),
        list.iter().position(|r| r.item == item(9)),
    );
    assert!(
        third < ninth,
        "3 and 9 go with the same people, and 3 comes after: {list:?}"
    );
    let reasons = &list[third.unwrap()].reasons;
    assert!(
        reasons
            .iter()
            .any(|r| r.channel == Channel::Next && r.because == Some(item(1)))
    );
    let none_leads_back = model.next().to(1).next().is_none();
    assert!(none_leads_back, "nothing came before 1");
}

#[test]
fn forgetting_a_person_gives_the_model_that_never_knew_them() {
    let mut counts = gathered(&two_tastes(), 30);
    let before = train(&counts, &Settings::default(), provenance()).unwrap();
    let stranger: Vec<Interaction> = (0..ITEMS)
        .map(|at| Interaction {
            item: item(at),
            viewed: 0,
            added: 3,
            bought: 2,
            last_at: Moment(at as i64),
        })
        .collect();
    counts.add(&stranger).unwrap();
    assert_ne!(
        train(&counts, &Settings::default(), provenance()).unwrap(),
        before
    );
    counts.subtract(&stranger).unwrap();
    assert_eq!(
        train(&counts, &Settings::default(), provenance()).unwrap(),
        before
    );
}

#[test]
fn an_item_of_too_few_people_has_no_weight_and_no_popularity() {
    let mut people = two_tastes();
    people.truncate(7);
    let counts = gathered(&people, 30);
    let settings = Settings {
        least_people: 3,
        ..Settings::default()
    };
    let model = Model::read(&train(&counts, &settings, provenance()).unwrap()).unwrap();
    let few: Vec<usize> = (0..ITEMS).filter(|at| counts.people_of(*at) < 3).collect();
    assert!(!few.is_empty() && few.len() < ITEMS);
    for at in few {
        assert_eq!(model.popularity(&item(at)), Some(0.0));
        let at = at as u32;
        for links in [model.discover(), model.next()] {
            assert_eq!(links.from(at).count() + links.to(at).count(), 0);
        }
    }
    let settings = Settings {
        least_people: 100,
        ..Settings::default()
    };
    let error = train(&counts, &settings, provenance()).unwrap_err();
    assert!(
        matches!(error, Error::NothingToLearn { people: 7, .. }),
        "{error}"
    );
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    // Enough items that products are cut into parts.
    let items = 700usize;
    let mut counts = Counts::new((0..items).map(item), Bounds::default()).unwrap();
    let mut state = 1u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..900 {
        let taste = draw(10);
        let acts = (0..25).map(|_| Interaction {
            item: item((draw(70) * 10 + taste) % items),
            viewed: 1,
            added: 0,
            bought: draw(3) as u32,
            last_at: Moment(draw(300) as i64 * DAY_MS),
        });
        counts.add(&acts.collect::<Vec<_>>()).unwrap();
    }
    let learned = [1, 2, 3, 7].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| Digest::of(&train(&counts, &Settings::default(), provenance()).unwrap()))
    });
    assert!(learned.iter().all(|digest| *digest == learned[0]), "{learned:?}");
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    for number in 0..ITEMS {
        // The last is like the first, and nobody has it.
        let name = if number % (ITEMS - 1) == 0 {
            "red enamel kettle"
        } else {
            "garden chair"
        };
        facts.add(
            item(number),
            &format!("{name} {number}"),
            [if number % 2 == 0 { "a" } else { "b" }],
        );
    }
    facts
}

#[test]
fn an_item_that_nobody_has_is_found_by_what_is_known_of_it_and_the_reasons_say_how_much() {
    let people: Vec<Vec<Interaction>> = two_tastes()
        .into_iter()
        .map(|history| {
            history
                .into_iter()
                .filter(|act| act.item != item(ITEMS - 1))
                .collect()
        })
        .collect();
    let counts = gathered(&people, 30);
    assert_eq!(counts.people_of(ITEMS - 1), 0);
    let bought = |number: usize| Interaction {
        item: item(number),
        viewed: 0,
        added: 0,
        bought: 1,
        last_at: Moment(0),
    };
    let settings = Settings {
        least_people: 1,
        ..Settings::default()
    };
    let provenance = || Provenance {
        made_on: Day(0),
        charter: Digest::default(),
        data: String::new(),
    };
    let model =
        |facts: &Facts| Model::read(&train_with(&counts, facts, &settings, provenance()).unwrap()).unwrap();
    let (without, with) = (model(&Facts::default()), model(&facts()));
    let history = [bought(0), bought(1)];
    let score = |model: &Model| {
        score_all(model, &history, &[], Moment(0))
            .explain(&item(ITEMS - 1))
            .unwrap()
    };
    assert_eq!(score(&without).score, 0.0);
    let found = score(&with);
    assert!(found.score > 0.0, "{found:?}");
    // Exactly its parts, to the bit, and the item it is like says the most.
    assert_eq!(
        found.reasons.iter().map(|reason| reason.amount).sum::<f64>(),
        found.score
    );
    assert!(
        found
            .reasons
            .iter()
            .all(|reason| reason.channel == Channel::Alike)
    );
    assert_eq!(found.reasons[0].because, Some(item(0)));
    // It is listed before everything else that nobody has, and gone with what it is like.
    let top = score_all(&with, &history, &[], Moment(0))
        .rank(ITEMS, |one| counts.people_of(one.as_str().parse().unwrap()) == 0);
    assert_eq!(top[0].item, item(ITEMS - 1));
    let left = score_all(&with, &history, &[], Moment(0))
        .without(&item(0))
        .explain(&item(ITEMS - 1))
        .unwrap();
    assert!(left.reasons.iter().all(|reason| reason.because != Some(item(0))) && left.score < found.score);
}

#[test]
fn settings_are_found_on_people_held_back_and_the_counts_are_as_before() {
    let people = two_tastes();
    let mut counts = gathered(&people, 30);
    let before = counts.clone();
    let provenance = Provenance {
        made_on: Day(0),
        charter: Digest::default(),
        data: String::new(),
    };
    let start = Settings {
        least_people: 1,
        ..Settings::default()
    };
    let found = learn::select::settings(
        &mut counts,
        &people[..people.len() / 4],
        &facts(),
        start,
        &provenance,
    )
    .unwrap();
    assert!(counts == before);
    assert!(found.trials.iter().any(|trial| trial.better));
    let best = found
        .trials
        .iter()
        .map(|trial| trial.quality.ndcg_100)
        .fold(0.0, f64::max);
    let last = found.trials.iter().rfind(|trial| trial.better).unwrap();
    assert_eq!(last.quality.ndcg_100, best);
    let table = found.to_string();
    for name in ["ridge", "dropout", "next", "alike"] {
        assert!(table.contains(name), "{table}");
    }
}
