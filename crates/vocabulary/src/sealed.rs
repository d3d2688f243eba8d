//! Ciphertext: safe to store, copy and print, so it needs no privacy of its own.

/// Bytes sealed by `gate::seal`: nonce, ciphertext and tag, bound to their person, table and
/// version by the associated data. Whoever holds it can read nothing from it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sealed(pub Vec<u8>);

impl Sealed {
    /// Length in bytes, nonce and tag included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
