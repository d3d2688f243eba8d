//! Who a row belongs to, and how an outside identifier finds it without being stored.

/// Virtual shards: the first ten bits of a person's id.
pub const SHARDS: u16 = 1024;

/// One of [`SHARDS`] virtual shards; leads every primary key of every table.
pub type Shard = u16;

/// A person: 128 random bits, made by us, meaningless outside. No `Display`: it stays out of logs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub [u8; 16]);

impl PersonId {
    /// Nobody: owns the records of decisions that were made without looking at any person.
    pub const NOBODY: PersonId = PersonId([0; 16]);

    /// The shard of the person's rows, `0..1024`.
    pub fn shard(&self) -> Shard {
        let [a, b, ..] = self.0;
        (u16::from(a) << 2) | (u16::from(b) >> 6)
    }
}

impl std::fmt::Debug for PersonId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonId(..)")
    }
}

/// A keyed hash (HMAC-SHA256, key apart from the data) of an outside identifier such as a
/// `userId`, an e-mail address or an `anonymousId`. The store sees only this.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blind(pub [u8; 32]);

impl Blind {
    /// The shard of the identifier's own row, `0..1024`.
    pub fn shard(&self) -> Shard {
        let [a, b, ..] = self.0;
        (u16::from(a) << 2) | (u16::from(b) >> 6)
    }
}

impl std::fmt::Debug for Blind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blind(..)")
    }
}
