//! What a drawing promises, whatever the journey.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use super::says::Speech;
use super::{graph, journey, layout};
use crate::Dictionary;
use crate::journey::{Again, Arm, Entry, Next, State, Step, What};
use crate::segment::Occurrence;
use crate::words::{Name, Words};
use crate::{Journey, Span};
use proptest::prelude::*;
use vocabulary::{Language, PurposeName};

fn of(steps: Vec<What>) -> Journey {
    let title = |text: &str| Words {
        fr: text.to_owned(),
        en: text.to_owned(),
    };
    Journey {
        name: Name::from("any"),
        title: title("Tea & <cake>"),
        purpose: PurposeName::MarketByEmail,
        state: State::Running,
        entry: Entry::Event {
            occurrence: Occurrence {
                event: "Cart \"seen\"".to_owned(),
                fields: Vec::new(),
            },
            key: None,
        },
        who: None,
        again: Again::Never,
        leave_when: None,
        goal: None,
        holdout: 500,
        steps: steps
            .into_iter()
            .enumerate()
            .map(|(at, what)| Step {
                id: format!("step_{at}"),
                what,
            })
            .collect(),
        moved: Vec::new(),
    }
}

fn any_step(steps: usize) -> impl Strategy<Value = What> {
    let next = prop_oneof![Just(None), (0..steps).prop_map(Some)];
    prop_oneof![
        next.clone().prop_map(|next| What::Wait {
            span: Span::read("2 days").unwrap(),
            next
        }),
        next.clone().prop_map(|next| What::Message {
            name: Name::from("hello"),
            next
        }),
        prop::collection::vec(next, 1..5).prop_map(|nexts: Vec<Next>| What::Cohort {
            arms: nexts
                .into_iter()
                .enumerate()
                .map(|(at, next)| Arm {
                    name: format!("arm number {at}"),
                    share: 2_000,
                    next
                })
                .collect()
        }),
    ]
}

fn any_journey() -> impl Strategy<Value = Journey> {
    (1..14usize).prop_flat_map(|steps| prop::collection::vec(any_step(steps), steps).prop_map(of))
}

proptest! {
    /// Whatever the journey: loops, ways to itself, steps nothing leads to.
    #[test]
    fn nothing_lies_over_anything_else(any in any_journey()) {
        let graph = graph::of(&any, &|key| Some(format!("{key} 12,345")), Speech(Language::En, &Dictionary::default()));
        let laid = layout::lay(&graph);
        let mut all = laid.boxes.clone();
        all.extend(laid.ways.iter().zip(&graph.ways).filter(|(_, way)| !way.lines.is_empty()).map(|(run, _)| run.words));
        for (number, one) in all.iter().enumerate() {
            prop_assert!(one.x - one.width / 2.0 >= 0.0 && one.x + one.width / 2.0 <= laid.width);
            prop_assert!(one.y >= 0.0 && one.y + one.height <= laid.height);
            for other in &all[number + 1..] {
                let apart = (one.x - other.x).abs() >= (one.width + other.width) / 2.0 - 0.01
                    || one.y + one.height <= other.y + 0.01
                    || other.y + other.height <= one.y + 0.01;
                prop_assert!(apart, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn every_way_begins_and_ends_at_its_boxes(any in any_journey()) {
        let graph = graph::of(&any, &|_| None, Speech(Language::Fr, &Dictionary::default()));
        let laid = layout::lay(&graph);
        for (run, way) in laid.ways.iter().zip(&graph.ways) {
            let (first, last) = (run.points[0], *run.points.last().unwrap());
            for (point, at) in [(first, way.from), (last, way.to)] {
                let place = laid.boxes[at];
                prop_assert!((point.0 - place.x).abs() < place.width / 2.0);
                prop_assert!(point.1 >= place.y - 0.01 && point.1 <= place.y + place.height + 0.01);
            }
        }
    }
}

#[test]
fn what_people_wrote_is_text_and_never_markup() {
    let any = of(vec![What::Exit]);
    let svg = journey(
        &any,
        &Dictionary::default(),
        &|_| Some("<script>".to_owned()),
        Language::En,
    );
    assert!(!svg.contains("<script>") && !svg.contains("<cake>"));
    assert!(svg.contains("Tea &amp; &lt;cake&gt;"));
    assert!(svg.contains("Cart &quot;seen&quot;"));
}

#[test]
fn a_strict_policy_and_a_screen_reader_are_content_with_it() {
    let any = of(vec![What::Message {
        name: Name::from("hello"),
        next: None,
    }]);
    let svg = journey(
        &any,
        &Dictionary::default(),
        &|key| (key == "step_0").then(|| "41".to_owned()),
        Language::Fr,
    );
    for never in ["<style", " style=", "<script", "onload", "href"] {
        assert!(!svg.contains(never), "{never}");
    }
    assert!(svg.contains("role=\"img\"") && svg.contains("<title id=\"journey-any-title\">"));
    let desc = svg
        .split("<desc")
        .nth(1)
        .unwrap()
        .split("</desc>")
        .next()
        .unwrap();
    assert!(desc.contains("step_0\u{a0}: Message\u{a0}: hello (41)"), "{desc}");
    assert!(desc.contains("groupe témoin 5\u{202f}%"), "{desc}");
}

#[test]
fn events_and_traits_are_called_as_the_dictionary_calls_them() {
    let file = "events:\n  Cart Seen:\n    title: { fr: Panier vu, en: Looked into the cart }\n    purposes: [segment]\n\
                traits:\n  city: { title: { fr: Ville, en: Town }, purposes: [segment], type: text }\n";
    let files = [("dictionary.yaml".to_owned(), file.as_bytes().to_vec())];
    let dictionary = Dictionary::of(&files.into_iter().collect()).unwrap();
    let speech = |language| Speech(language, &dictionary);
    let seen = crate::segment::Occurrence {
        event: "Cart Seen".to_owned(),
        fields: Vec::new(),
    };
    let entry = crate::journey::Entry::Event {
        occurrence: seen,
        key: None,
    };
    assert_eq!(speech(Language::Fr).entry(&entry), "Panier vu");
    assert_eq!(speech(Language::En).entry(&entry), "Looked into the cart");
    let city = What::Update {
        name: "city".to_owned(),
        value: None,
        next: None,
    };
    assert_eq!(speech(Language::Fr).step(&city), "Effacer Ville");
    let other = What::Update {
        name: "untold".to_owned(),
        value: None,
        next: None,
    };
    assert_eq!(speech(Language::En).step(&other), "Remove untold");
}
