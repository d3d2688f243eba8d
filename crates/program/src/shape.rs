//! The shapes of files, as tables: which keys there are, what may stand behind each, and what for. The reader
//! checks by them, and the JSON Schemas for editors are written from them, so that the two cannot differ.
//!
//! Deliberately does not know: what the values mean together (`check`).

mod check;
pub(crate) mod form;
mod schema;
pub(crate) mod tables;

pub(crate) use check::{check, name};
pub(crate) use form::{Form, day_or_moment, share, time_of_day, zone};
pub use schema::{Kind, schema, schema_text, structure};

/// What may stand somewhere.
pub(crate) enum Shape {
    /// A text that is not blank, at most so many letters long.
    Text(usize),
    /// A name of the team's as its systems write it (`Order Completed`), at most 100 letters.
    Label,
    /// A name that files refer to each other by; see [`crate::words::Name`].
    Name,
    /// `true` or `false`.
    Bool,
    /// `true` and nothing else: the key says it all.
    Yes,
    /// A number.
    Number,
    /// A whole number of that range.
    Whole(i32, i32),
    /// A text of a certain form.
    Form(Form),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A text, a number, or yes or no.
    Scalar,
    /// A list of these, at least and at most so many.
    List(&'static Shape, usize, usize),
    /// A table with keys of the team's own.
    Map(&'static Shape, &'static Shape),
    /// A table with these keys.
    Record(&'static Record),
    /// One of several tables, told apart by a key that each has alone.
    Heads(&'static Heads),
    /// The first if it is a scalar, else the second.
    Either(&'static Shape, &'static Shape),
}

/// A table with fixed keys.
pub(crate) struct Record {
    /// Its name in the schema.
    pub(crate) name: &'static str,
    /// The keys. Of a record among [`Heads`] the first is its head, and required.
    pub(crate) fields: &'static [Field],
    /// What must hold between keys.
    pub(crate) rules: &'static [Rule],
}

/// One key.
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: &'static Shape,
    /// What it says, for editors.
    pub(crate) about: &'static str,
}

/// What must hold between keys.
pub(crate) enum Rule {
    /// Exactly one of these keys.
    ExactlyOne(&'static [&'static str]),
    /// At most one of these keys.
    AtMostOne(&'static [&'static str]),
    /// At least one of these keys.
    AtLeastOne(&'static [&'static str]),
    /// The first key only with the second.
    Needs(&'static str, &'static str),
}

/// Several tables of which one stands there.
pub(crate) struct Heads {
    /// Its name in the schema.
    pub(crate) name: &'static str,
    /// The tables.
    pub(crate) records: &'static [&'static Record],
}

pub(crate) const fn must(key: &'static str, shape: &'static Shape, about: &'static str) -> Field {
    Field {
        key,
        required: true,
        shape,
        about,
    }
}

pub(crate) const fn may(key: &'static str, shape: &'static Shape, about: &'static str) -> Field {
    Field {
        key,
        required: false,
        shape,
        about,
    }
}
