//! Inputs for parsers: what once broke them, their seeds, and seeded mutations, the same in every run.
//! Deliberately does not know what a target reads.

use super::Target;
use std::path::Path;

/// xorshift64*: the same numbers everywhere and always.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % below.max(1)
    }
}

/// What parsers stumble over.
const STUMBLES: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"%00",
    b"..",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"9223372036854775808",
    b"null",
    b"true",
    b"\xf0\x9f\x98\x80",
    b"\xe2\x80\xae",
    b"=",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
];

fn mutated(numbers: &mut Numbers, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[numbers.next(seeds.len())].clone();
    for _ in 0..=numbers.next(4) {
        let at = numbers.next(bytes.len() + 1);
        let end = at + numbers.next(bytes.len() - at + 1).min(1 << numbers.next(8));
        match numbers.next(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.next(8),
            1 => drop(bytes.splice(at..end, STUMBLES[numbers.next(STUMBLES.len())].iter().copied())),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let again = bytes[at..end].repeat(1 + numbers.next(8));
                bytes.splice(at..at, again);
            }
            4 => {
                let other = &seeds[numbers.next(seeds.len())];
                bytes.truncate(at);
                bytes.extend(&other[numbers.next(other.len() + 1)..]);
            }
            _ => drop(bytes.splice(at..at, STUMBLES[numbers.next(STUMBLES.len())].iter().copied())),
        }
    }
    bytes
}

/// Tries what was found, the seeds, and so many mutations of each target.
pub fn try_all(targets: &[&Target], mutations: usize) {
    for target in targets {
        let found = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/found")).join(target.name);
        let found = std::fs::read_dir(found).into_iter().flatten();
        let found = found.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        let mut numbers = Numbers(0x00E6_A2D0);
        let mutations: Vec<Vec<u8>> = (0..mutations).map(|_| mutated(&mut numbers, &seeds)).collect();
        for input in found.chain(seeds).chain(mutations) {
            let outcome = std::panic::catch_unwind(|| (target.run)(&input));
            assert!(
                outcome.is_ok(),
                "`{}` broke over {:?}",
                target.name,
                String::from_utf8_lossy(&input)
            );
        }
    }
}
