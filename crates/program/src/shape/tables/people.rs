//! What is said of a person: predicates, and the file of a segment.
//!
//! Deliberately does not know: journeys.

use super::super::Rule::{AtLeastOne, AtMostOne, Needs};
use super::super::Shape::{Choice, Either, Heads as OneOf, List, Map, Record as Table, Whole};
use super::super::{Heads, Record, Shape, may, must};
use super::{ASKED, LABEL, MOMENT, NAME, NUMBER, SCALAR, SPAN, TITLE, WORDS, YES};

// A value's tests. Several in one table must all hold.
macro_rules! tests {
    ($($more:expr),* ; $($rest:expr),*) => {
        &[
            $($more,)*
            may("exists", &YES, "there is a value, whichever"),
            may("is", &SCALAR, "equal to this"),
            may("one_of", &List(&SCALAR, 1, 1000), "equal to one of these"),
            may("contains", &TITLE, "a text contains this, or a list has it"),
            may("starts_with", &TITLE, "a text starts so"),
            may("at_least", &NUMBER, ">="),
            may("at_most", &NUMBER, "<="),
            may("more_than", &NUMBER, ">"),
            may("less_than", &NUMBER, "<"),
            may("exactly", &NUMBER, "=="),
            may("before", &MOMENT, "a date or time lies before this"),
            may("after", &MOMENT, "a date or time lies at or after this"),
            may("within", &SPAN, "a date or time lies in the last so long"),
            may("anniversary_within_days", &Whole(0, 365), "the day of the year comes within so many days, today included"),
            $($rest,)*
        ]
    };
}
/// The keys that are tests of a value.
pub(crate) const TESTS: &[&str] = &[
    "exists",
    "is",
    "one_of",
    "contains",
    "starts_with",
    "at_least",
    "at_most",
    "more_than",
    "less_than",
    "exactly",
    "before",
    "after",
    "within",
    "anniversary_within_days",
];
/// The keys that compare a number.
pub(crate) const COMPARISONS: &[&str] = &["at_least", "at_most", "more_than", "less_than", "exactly"];

static TEST: Shape = Table(&Record {
    name: "test",
    fields: tests![;],
    rules: &[AtLeastOne(TESTS)],
});
pub(super) static WHERE: Shape = Map(&LABEL, &Either(&SCALAR, &TEST));
static OCCURRENCE: Shape = Table(&Record {
    name: "occurrence",
    fields: &[
        must("event", &LABEL, "the event, as the dictionary declares it"),
        may("where", &WHERE, "tests of its fields; all must hold"),
    ],
    rules: &[],
});

/// What is said of a person.
pub(crate) static PREDICATE: Shape = OneOf(&PREDICATES);
static PREDICATES: Heads = Heads {
    name: "predicate",
    records: &[
        &Record {
            name: "all",
            fields: &[must("all", &List(&PREDICATE, 1, 100), "every one of these")],
            rules: &[],
        },
        &Record {
            name: "any",
            fields: &[must("any", &List(&PREDICATE, 1, 100), "at least one of these")],
            rules: &[],
        },
        &Record {
            name: "not",
            fields: &[must("not", &PREDICATE, "not this; of something unknown too")],
            rules: &[],
        },
        &Record {
            name: "trait",
            fields: tests![
                must("trait", &LABEL, "a trait, as the dictionary declares it"),
                may("origin", &Choice(&["declared", "observed", "inferred"]), "only a value of this origin counts");
            ],
            rules: &[AtLeastOne(TESTS)],
        },
        &Record {
            name: "event",
            fields: &[
                must("event", &LABEL, "an event, as the dictionary declares it"),
                may("where", &WHERE, "tests of its fields; all must hold"),
                may(
                    "within",
                    &SPAN,
                    "in the last so long; a person leaves the moment this ends",
                ),
                may("from", &MOMENT, "from this moment"),
                may("to", &MOMENT, "to before this moment"),
                may(
                    "sum",
                    &LABEL,
                    "compare the sum of this field instead of the count",
                ),
                may(
                    "days_since",
                    &Choice(&["last", "first"]),
                    "compare the days since then instead of the count",
                ),
                may("at_least", &NUMBER, ">=; `1` if nothing is compared"),
                may("at_most", &NUMBER, "<="),
                may("more_than", &NUMBER, ">"),
                may("less_than", &NUMBER, "<"),
                may("exactly", &NUMBER, "=="),
            ],
            rules: &[
                AtMostOne(&["within", "from"]),
                Needs("to", "from"),
                AtMostOne(&["sum", "days_since"]),
            ],
        },
        &Record {
            name: "sequence",
            fields: &[
                must(
                    "sequence",
                    &List(&OCCURRENCE, 2, 10),
                    "events one after the other",
                ),
                must(
                    "apart_at_most",
                    &SPAN,
                    "from the first to the last at most so long",
                ),
                may("within", &SPAN, "all of them in the last so long"),
                may("from", &MOMENT, "from this moment"),
                may("to", &MOMENT, "to before this moment"),
            ],
            rules: &[AtMostOne(&["within", "from"]), Needs("to", "from")],
        },
        &Record {
            name: "items",
            fields: &[
                must(
                    "items",
                    &Choice(&["viewed", "added", "bought"]),
                    "what was done with items",
                ),
                may("categories", &List(&LABEL, 1, 200), "items of these categories"),
                may("ids", &List(&LABEL, 1, 1000), "these items"),
                may(
                    "at_least",
                    &Whole(1, 256),
                    "so many different items; 1 if it is not said",
                ),
                may("within", &SPAN, "last done in the last so long"),
                may("from", &MOMENT, "from this moment"),
                may("to", &MOMENT, "to before this moment"),
            ],
            rules: &[
                AtMostOne(&["categories", "ids"]),
                AtMostOne(&["within", "from"]),
                Needs("to", "from"),
            ],
        },
        &Record {
            name: "consent",
            fields: &[must("consent", &Choice(ASKED), "a purpose is consented to now")],
            rules: &[],
        },
        &Record {
            name: "segment",
            fields: &[must("segment", &NAME, "in another segment")],
            rules: &[],
        },
    ],
};

/// `segments/NAME.yaml`.
pub(crate) static SEGMENT: Shape = Table(&Record {
    name: "segment_file",
    fields: &[
        must("title", &WORDS, "what people read, also the person who is in it"),
        must("who", &PREDICATE, "who is in"),
    ],
    rules: &[],
});
