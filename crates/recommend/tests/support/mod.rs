//! Small random models and histories.

use proptest::prelude::*;
use recommend::{Contents, FORMAT, Header, Model, Parameters, Training};
use vocabulary::{DAY_MS, Day, Digest, Interaction, ItemId, Moment};

pub const NOW: Moment = Moment(1_320_000_000_000);

pub fn parameters() -> Parameters {
    Parameters {
        again: 0.8,
        next: 0.7,
        discover: 1.1,
        prior: 0.3,
        alike: 0.4,
        mute: 2.0,
        viewed: 0.3,
        added: 0.6,
        bought: 1.0,
        repeats: 0.5,
        again_half: 3.0,
        discover_half_life: 200.0,
        next_half_life: 30.0,
        again_half_life: 90.0,
    }
}

pub fn item(number: usize) -> ItemId {
    ItemId(format!("item-{number:03}"))
}

type Column = Vec<(u32, i16)>;

fn columns(items: usize) -> impl Strategy<Value = Vec<Column>> {
    let weight = prop_oneof![Just(0i16), Just(7), -3000i16..3000, any::<i16>()];
    prop::collection::vec(prop::collection::vec(weight, items), items).prop_map(|dense| {
        let sparse = dense.into_iter().enumerate().map(|(target, column)| {
            let kept = column.into_iter().enumerate();
            let kept = kept.filter(|(source, weight)| *source != target && *weight != 0);
            kept.map(|(source, weight)| (source as u32, weight)).collect()
        });
        sparse.collect()
    })
}

pub fn contents() -> impl Strategy<Value = Contents> {
    (1usize..12)
        .prop_flat_map(|items| {
            (
                (columns(items), columns(items), columns(items), 1u32..=FORMAT),
                prop::collection::vec(any::<u32>(), items),
                8u8..=15,
            )
        })
        .prop_map(
            |((mut discover, mut next, mut alike, format), popularity, weight_bits)| {
                // The first format has all bits of a weight, and no public facts.
                if format == 1 {
                    alike.iter_mut().for_each(Vec::clear);
                } else {
                    let columns = discover.iter_mut().chain(&mut next).chain(&mut alike);
                    columns.for_each(recommend::eight_bits);
                }
                Contents {
                    header: Header {
                        format,
                        items: popularity.len() as u32,
                        people: 1234,
                        made_on: Day(15_300),
                        charter: Digest::of(b"charter"),
                        data: "random numbers".to_owned(),
                        training: Training {
                            ridge: 3.0,
                            dropout: 0.0,
                            neighbours: 100,
                            transitions: 50,
                            alike: if format == 1 { 0 } else { 20 },
                            most_items: 200,
                            least_people: 5,
                        },
                        parameters: parameters(),
                        privacy: None,
                        weight_bits,
                    },
                    items: (0..popularity.len()).map(item).collect(),
                    popularity,
                    discover,
                    next,
                    alike,
                }
            },
        )
}

pub fn model() -> impl Strategy<Value = (Contents, Model)> {
    contents().prop_map(|contents| {
        let model = Model::read(&recommend::write(&contents).unwrap()).unwrap();
        (contents, model)
    })
}

prop_compose! {
    fn interaction()(
        number in 0usize..14,
        viewed in 0u32..4,
        added in 0u32..3,
        bought in 0u32..9,
        age in -3i64..900,
    ) -> Interaction {
        Interaction { item: item(number), viewed, added, bought, last_at: NOW.plus(-age * DAY_MS / 2) }
    }
}

pub fn history() -> impl Strategy<Value = Vec<Interaction>> {
    prop::collection::vec(interaction(), 0..20)
}

pub fn muted() -> impl Strategy<Value = Vec<ItemId>> {
    prop::collection::vec((0usize..14).prop_map(item), 0..3)
}
