//! Where items come from, and which categories there are.
//!
//! Deliberately does not know: the items.

use crate::span::Span;
use crate::words::Name;
use std::collections::{BTreeMap, BTreeSet};

/// `catalogue.yaml`, checked.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sources {
    /// Where items come from.
    pub sources: BTreeMap<Name, Source>,
    /// The categories there are; `None` if it is not said.
    pub categories: Option<BTreeSet<String>>,
}

/// A place that items come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Where.
    pub place: Place,
    /// In which form.
    pub format: Format,
    /// How often it is read again; `None`: at the start only.
    pub every: Option<Span>,
}

/// Where a source is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A file of the server.
    File(String),
    /// An `https` address.
    Url(String),
}

/// The form of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// Tab-separated, with a head.
    Tsv,
    /// Comma-separated, with a head (RFC 4180).
    Csv,
}
