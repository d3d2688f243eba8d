//! The model file: what is written is read, and nothing else is.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[allow(dead_code, reason = "each test file uses a part")]
mod support;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use recommend::{Contents, Error, Model, write};
use sha2::Digest as _;
use support::contents;
use vocabulary::Digest;

fn one() -> Contents {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    loop {
        let contents = contents().new_tree(&mut runner).unwrap().current();
        let many = contents.items.len() > 4 && contents.discover[0].len() > 2;
        if many && contents.header.format == recommend::FORMAT {
            return contents;
        }
    }
}

/// The bytes with the checksum that belongs to them: a forgery, not an accident.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let body = bytes.len() - 32;
    let checksum = sha2::Sha256::digest(&bytes[..body]);
    bytes[body..].copy_from_slice(&checksum);
    bytes
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let bytes = write(&one()).unwrap();
    for length in 1..bytes.len() {
        let error = Model::read(&bytes[..length]).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{length}: {error}");
    }
    assert_eq!(Model::read(&[]).unwrap_err(), Error::NotAModel);
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let bytes = write(&one()).unwrap();
    for at in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        assert!(Model::read(&flipped).is_err(), "bit {at}");
    }
}

#[test]
fn bytes_after_the_end_are_refused() {
    let mut bytes = write(&one()).unwrap();
    bytes.push(0);
    assert_eq!(Model::read(&bytes).unwrap_err(), Error::Damaged);
    assert_eq!(
        Model::read(&resealed(bytes))
            .unwrap_err()
            .to_string()
            .split(',')
            .next()
            .unwrap(),
        "the model file is wrong in the end"
    );
}

#[test]
fn another_format_is_named_before_anything_else_of_the_header() {
    let bytes = write(&one()).unwrap();
    let at = bytes
        .windows(10)
        .position(|window| window.starts_with(b"\"format\":"))
        .unwrap();
    let mut later = bytes.clone();
    later[at + 9] = b'3';
    assert_eq!(
        Model::read(&resealed(later)).unwrap_err(),
        Error::Format { found: 3, reads: 2 }
    );
    assert_eq!(
        Model::read(b"{\"a\": \"JSON document\"}").unwrap_err(),
        Error::NotAModel
    );
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let refused = |change: &dyn Fn(&mut Contents)| {
        let mut contents = one();
        change(&mut contents);
        write(&contents).unwrap_err()
    };
    let order = refused(&|contents| contents.items.swap(0, 1));
    assert!(
        matches!(
            order,
            Error::Wrong {
                part: "the items",
                ..
            }
        ),
        "{order}"
    );
    let bits = refused(&|contents| contents.discover[0][0].1 = 257);
    assert!(
        matches!(
            bits,
            Error::Wrong {
                part: "the weights",
                ..
            }
        ),
        "{bits}"
    );
    let itself = refused(&|contents| {
        let weight = contents.discover[0][0].1;
        contents.discover[0].insert(0, (0, weight));
    });
    assert!(
        matches!(itself, Error::Wrong { part: "discover", .. }),
        "{itself}"
    );
    let backwards = refused(&|contents| contents.discover[0].reverse());
    assert!(
        matches!(backwards, Error::Wrong { .. } | Error::Truncated { .. }),
        "{backwards}"
    );
    let many = refused(&|contents| contents.header.training.neighbours = 1);
    assert!(matches!(many, Error::Wrong { part: "discover", .. }), "{many}");
    let half_life = refused(&|contents| contents.header.parameters.next_half_life = 0.0);
    assert!(
        matches!(
            half_life,
            Error::Parameter {
                name: "next_half_life",
                ..
            }
        ),
        "{half_life}"
    );
    let long = refused(&|contents| contents.header.data = "x".repeat(1_001));
    assert!(matches!(long, Error::Limit { .. }), "{long}");
}

proptest! {
    #[test]
    fn a_model_reads_back_what_was_written(contents in contents()) {
        let bytes = write(&contents).unwrap();
        let model = Model::read(&bytes).unwrap();
        prop_assert_eq!(model.header(), &contents.header);
        prop_assert_eq!(model.items(), &contents.items[..]);
        prop_assert_eq!(model.digest(), Digest::of(&bytes));
        for target in 0..contents.items.len() {
            prop_assert_eq!(model.discover().to(target as u32).collect::<Vec<_>>(), contents.discover[target].clone());
            prop_assert_eq!(model.next().to(target as u32).collect::<Vec<_>>(), contents.next[target].clone());
            prop_assert_eq!(model.alike().to(target as u32).collect::<Vec<_>>(), contents.alike[target].clone());
            for (source, weight) in model.discover().from(target as u32) {
                prop_assert!(contents.discover[source as usize].contains(&(target as u32, weight)));
            }
        }
    }

    #[test]
    fn rounding_to_eight_bits_loses_at_most_a_hundredth_of_the_greatest_weight_and_only_once(
        weights in prop::collection::vec(any::<i16>(), 1..20),
    ) {
        let column: Vec<(u32, i16)> = (0..).zip(weights).collect();
        let mut rounded = column.clone();
        recommend::eight_bits(&mut rounded);
        let greatest = column.iter().map(|(_, weight)| i32::from(*weight).abs()).max().unwrap();
        for (source, weight) in &column {
            let kept = rounded.iter().find(|(at, _)| at == source).map_or(0, |(_, weight)| *weight);
            prop_assert!((i32::from(*weight) - i32::from(kept)).abs() * 100 <= greatest.max(1));
        }
        let mut again = rounded.clone();
        recommend::eight_bits(&mut again);
        prop_assert_eq!(again, rounded);
    }

    #[test]
    fn a_forged_file_never_makes_the_reader_panic(
        contents in contents(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = write(&contents).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(model) = Model::read(&resealed(bytes)) {
            let list = recommend::contextual(&model, 5, |_| true);
            prop_assert_eq!(list.len(), model.items().len().min(5));
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = bytes;
        prop_assert!(Model::read(&bytes).is_err());
        bytes.splice(0..0, *b"EGARDMOD");
        prop_assert!(Model::read(&bytes).is_err());
    }
}
