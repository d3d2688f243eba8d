//! There is no other way to what is sealed: cipher and keys are private.
use gate::Keyring;
use vocabulary::{PersonId, Sealed};

fn open(keyring: &Keyring, sealed: &Sealed) {
    let _ = keyring.kek.open(PersonId([0; 16]), sealed);
    let _ = gate::seal::Cipher::new(&[0; 32]);
}

fn main() {}
