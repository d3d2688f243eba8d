//! What can be wrong with a model file. Nothing here is personal: a model names items only.

/// Why bytes are not a model, or a model cannot be written.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum Error {
    /// The first bytes are something else.
    #[error("not a model file: it does not begin with `EGARDMOD`; make one with `egard train`")]
    NotAModel,
    /// A format of another time.
    #[error("the model file has format {found}, this version reads format {reads}; train it again")]
    Format {
        /// The format that the header names.
        found: u32,
        /// The format that this version reads.
        reads: u32,
    },
    /// The bytes end too early.
    #[error("the model file ends inside {part}, at byte {at}: it was cut off; copy or train it again")]
    Truncated {
        /// What was being read.
        part: &'static str,
        /// Where the bytes end.
        at: usize,
    },
    /// The checksum at the end is not that of the bytes before it.
    #[error(
        "the model file is damaged: its bytes do not have the checksum at its end; copy or train it again"
    )]
    Damaged,
    /// The header is not the JSON that it should be.
    #[error("the header of the model file cannot be read: {why}")]
    Header {
        /// What the JSON reader said.
        why: String,
    },
    /// A part is readable and wrong.
    #[error("the model file is wrong in {part}, at byte {at}: {why}")]
    Wrong {
        /// Which part.
        part: &'static str,
        /// Where.
        at: usize,
        /// What was expected.
        why: &'static str,
    },
    /// More than is allowed.
    #[error("{found} {what}, at most {most} are allowed")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there may be.
        most: u64,
    },
    /// A parameter out of its range.
    #[error("the parameter `{name}` is {value}, it must be between {least} and {most}")]
    Parameter {
        /// Its name in the header.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The least value allowed.
        least: f64,
        /// The greatest value allowed.
        most: f64,
    },
}
