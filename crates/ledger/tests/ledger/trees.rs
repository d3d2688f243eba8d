//! The tree is the one of RFC 6962, and its proofs prove.

use ledger::tree::{self, Error, Hash, Span};
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn hash(text: &str) -> Hash {
    hex(text).try_into().unwrap()
}

/// MTH as the RFC defines it.
fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => tree::empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            tree::node_hash(&defined_root(left), &defined_root(right))
        }
    }
}

fn leaves(size: u64) -> Vec<Hash> {
    (0..size)
        .map(|index| tree::leaf_hash(&index.to_be_bytes()))
        .collect()
}

fn hashes(spans: Vec<Span>, leaves: &[Hash]) -> Vec<Hash> {
    let node = |node: tree::Node| -> Result<Hash, ()> {
        let start = (node.index << node.level) as usize;
        Ok(defined_root(&leaves[start..start + (1 << node.level)]))
    };
    spans.into_iter().map(|span| span.hash(node).unwrap()).collect()
}

/// Inputs and results that implementations of Certificate Transparency have in common.
#[test]
fn roots_and_proofs_are_those_of_rfc_6962() {
    let inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let leaves: Vec<Hash> = inputs.iter().map(|input| tree::leaf_hash(&hex(input))).collect();
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    for (size, root) in roots.iter().enumerate() {
        assert_eq!(tree::root(&leaves[..size]), hash(root), "size {size}");
    }
    let proof = hashes(tree::inclusion_spans(0, 8).unwrap(), &leaves);
    assert_eq!(
        proof,
        [
            hash("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
            hash("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
            hash("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
        ]
    );
    let proof = hashes(tree::consistency_spans(6, 8).unwrap(), &leaves);
    assert_eq!(
        proof,
        [
            hash("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
            hash("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
            hash("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        ]
    );
}

#[test]
fn all_proofs_of_small_trees_hold_and_none_holds_elsewhere() {
    let leaves = leaves(21);
    let root = |size: u64| defined_root(&leaves[..size as usize]);
    for size in 0..=21 {
        assert_eq!(tree::root(&leaves[..size as usize]), root(size));
        for index in 0..size {
            let proof = hashes(tree::inclusion_spans(index, size).unwrap(), &leaves);
            for claimed in 0..size {
                let held =
                    tree::verify_inclusion(claimed, size, &leaves[index as usize], &proof, &root(size));
                assert_eq!(held.is_ok(), claimed == index, "{index} of {size} as {claimed}");
            }
        }
        for old in 0..=size {
            let proof = hashes(tree::consistency_spans(old, size).unwrap(), &leaves);
            for claimed in 0..=size {
                let held = tree::verify_consistency(claimed, size, &root(old), &root(size), &proof);
                assert_eq!(held.is_ok(), claimed == old, "{old} to {size} as {claimed}");
            }
        }
    }
}

#[test]
fn there_is_no_proof_of_what_cannot_be() {
    let none = tree::empty_root();
    assert_eq!(
        tree::verify_consistency(0, 0, &none, &[1; 32], &[]),
        Err(Error::Forked)
    );
    assert_eq!(
        tree::inclusion_spans(3, 3),
        Err(Error::NoSuchIndex { index: 3, size: 3 })
    );
    assert_eq!(
        tree::consistency_spans(4, 3),
        Err(Error::Shrunk { old: 4, new: 3 })
    );
    assert_eq!(
        tree::verify_inclusion(0, 0, &none, &[], &none),
        Err(Error::NoSuchIndex { index: 0, size: 0 })
    );
    assert_eq!(
        tree::verify_consistency(0, 5, &[1; 32], &none, &[]),
        Err(Error::Forked)
    );
    assert_eq!(
        tree::verify_consistency(5, 5, &[1; 32], &[2; 32], &[]),
        Err(Error::Forked)
    );
    assert_eq!(
        tree::verify_consistency(3, 5, &[1; 32], &[2; 32], &[]),
        Err(Error::WrongLength { found: 0 })
    );
    assert_eq!(
        tree::verify_consistency(5, 5, &none, &none, &[none]),
        Err(Error::WrongLength { found: 1 })
    );
}

proptest! {
    #[test]
    fn proofs_hold_at_any_size_and_any_flipped_bit_breaks_them(
        size in 1u64..1500, at in any::<u64>(), old in any::<u64>(), bit in 0usize..256, place in any::<usize>(),
    ) {
        let leaves = leaves(size);
        let (index, old) = (at % size, 1 + old % size);
        let root = defined_root(&leaves);
        let old_root = defined_root(&leaves[..old as usize]);
        let leaf = leaves[index as usize];

        let proof = hashes(tree::inclusion_spans(index, size).unwrap(), &leaves);
        prop_assert_eq!(tree::verify_inclusion(index, size, &leaf, &proof, &root), Ok(()));
        let flip = |hash: &Hash| { let mut hash = *hash; hash[bit / 8] ^= 1 << (bit % 8); hash };
        prop_assert!(tree::verify_inclusion(index, size, &flip(&leaf), &proof, &root).is_err());
        prop_assert!(tree::verify_inclusion(index, size, &leaf, &proof, &flip(&root)).is_err());
        if !proof.is_empty() {
            let mut bad = proof.clone();
            let place = place % proof.len();
            bad[place] = flip(&bad[place]);
            prop_assert_eq!(tree::verify_inclusion(index, size, &leaf, &bad, &root), Err(Error::NotIncluded));
            prop_assert!(tree::verify_inclusion(index, size, &leaf, &proof[1..], &root).is_err());
        }
        let longer = [proof.as_slice(), &[root]].concat();
        prop_assert!(tree::verify_inclusion(index, size, &leaf, &longer, &root).is_err());

        let proof = hashes(tree::consistency_spans(old, size).unwrap(), &leaves);
        prop_assert_eq!(tree::verify_consistency(old, size, &old_root, &root, &proof), Ok(()));
        prop_assert!(tree::verify_consistency(old, size, &flip(&old_root), &root, &proof).is_err());
        prop_assert!(tree::verify_consistency(old, size, &old_root, &flip(&root), &proof).is_err());
        if !proof.is_empty() {
            let mut bad = proof.clone();
            let place = place % proof.len();
            bad[place] = flip(&bad[place]);
            prop_assert_eq!(tree::verify_consistency(old, size, &old_root, &root, &bad), Err(Error::Forked));
            prop_assert!(tree::verify_consistency(old, size, &old_root, &root, &proof[1..]).is_err());
        }
        let longer = [proof.as_slice(), &[root]].concat();
        prop_assert!(tree::verify_consistency(old, size, &old_root, &root, &longer).is_err());
    }

    #[test]
    fn no_proof_of_a_stranger_makes_verification_fall_over(
        index in any::<u64>(), size in any::<u64>(), old in any::<u64>(),
        proof in proptest::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let hash = [3; 32];
        prop_assert!(tree::verify_inclusion(index, size, &hash, &proof, &hash).is_err() || proof.is_empty());
        let _ = tree::verify_consistency(old, size, &hash, &hash, &proof);
        if let Ok(spans) = tree::inclusion_spans(index, size) {
            prop_assert!(spans.len() <= 64);
        }
        if let Ok(spans) = tree::consistency_spans(old, size) {
            prop_assert!(spans.len() <= 65);
            prop_assert!(spans.iter().all(|span| span.nodes().len() <= 64));
        }
    }
}
