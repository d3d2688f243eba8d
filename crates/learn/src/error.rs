//! Why there is no model.

/// What went wrong in counting or learning. Names no person and no history.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum Error {
    /// The counts are square in the items.
    #[error("{found} items, at most {most} can be counted together; leave the rarest out")]
    TooManyItems {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// More than fits into memory.
    #[error("more than {most} acts cannot be held to learn from; leave the oldest out")]
    TooManyActs {
        /// How many there may be.
        most: usize,
    },
    /// Counts of other items or other bounds.
    #[error("these counts cannot be added up: they are of other items or were gathered with other bounds")]
    OtherCounts,
    /// More was taken out than was put in.
    #[error("a person who never counted cannot be taken out of the counts")]
    NeverCounted,
    /// The bytes are no kept sum.
    #[error("these bytes are no sum that this program wrote; learn again from everybody who permits it")]
    NotASum,
    /// A sum no longer fits.
    #[error("a count does not fit into 64 bits")]
    Overflow,
    /// Nobody is behind the counts, or nothing that enough people have.
    #[error(
        "there is nothing to learn from: {people} people, {items} items that at least {least} of them have"
    )]
    NothingToLearn {
        /// People in the counts.
        people: u64,
        /// Items with enough people.
        items: usize,
        /// How many are enough.
        least: u32,
    },
    /// The ridge is too small for these counts.
    #[error("the ridge regression has no stable solution; raise `ridge` above {ridge}")]
    NotPositive {
        /// The ridge it was tried with.
        ridge: f64,
    },
    /// A privacy that is none, or a budget that is spent.
    #[error(transparent)]
    Noise(#[from] noise::Error),
    /// The model cannot be written.
    #[error(transparent)]
    Model(#[from] recommend::Error),
}
