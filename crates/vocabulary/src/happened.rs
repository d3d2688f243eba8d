//! What happened to a person, as far as groups and journeys may look at it: occurrences of declared events
//! with their declared plain fields, and when each item was last viewed, put into a cart and bought.
//! Personal: reaches nobody but through a grant.

use crate::{ItemId, Moment};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A plain value of a field.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// One occurrence of an event.
#[derive(Clone, PartialEq, Debug)]
pub struct Happened {
    /// Event time.
    pub at: Moment,
    /// Its place in the order in which occurrences of this person arrived; 0: it was taken over.
    pub number: u64,
    /// Declared plain fields; the name is the dictionary's, and shared.
    pub fields: Vec<(Arc<str>, Scalar)>,
}

/// The occurrences of one event that are kept, oldest first.
#[derive(Clone, PartialEq, Debug)]
pub struct Occurrences {
    /// The event, as the dictionary declares it.
    pub event: String,
    /// Each of them, by time.
    pub each: Vec<Happened>,
}

/// When something was last done with an item.
#[derive(Clone, PartialEq, Debug)]
pub struct Touched {
    /// Which item.
    pub item: ItemId,
    /// Last viewed.
    pub viewed_at: Option<Moment>,
    /// Last put into a cart.
    pub added_at: Option<Moment>,
    /// Last bought.
    pub bought_at: Option<Moment>,
}
