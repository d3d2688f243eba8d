//! A journey: entry, goal and steps.
//!
//! Deliberately does not know: what is said of a person inside a predicate.

use super::super::Rule::{AtMostOne, ExactlyOne, Needs};
use super::super::Shape::{Bool, Choice, Form as Of, Heads as OneOf, List, Map, Record as Table, Whole};
use super::super::{Form, Heads, Record, Shape, may, must};
use super::people::{PREDICATE, WHERE};
use super::{LABEL, NAME, OF_JOURNEYS, SCALAR, SHARE, SPAN, TIME, WEEKDAYS, WORDS, YES};

static THEN: Shape = Of(Form::Step);
static ARMS: Shape = List(
    &Table(&Record {
        name: "arm",
        fields: &[
            must("name", &NAME, "its name, unique in the step"),
            must("share", &SHARE, "its share; all of them make 100 %"),
            may(
                "then",
                &THEN,
                "the step it leads to, or `exit`; the next one if it is not said",
            ),
        ],
        rules: &[],
    }),
    2,
    20,
);

macro_rules! step {
    ($name:literal, $head:expr $(, $more:expr)* ; $($rule:expr),*) => {
        &Record {
            name: $name,
            fields: &[
                $head,
                must("id", &NAME, "unique in the journey, and kept when it changes: people who stand at it stay at it"),
                $($more,)*
            ],
            rules: &[$($rule),*],
        }
    };
}
macro_rules! then {
    () => {
        may(
            "then",
            &THEN,
            "the step that follows, or `exit`; the next one if it is not said",
        )
    };
}

/// The steps of a journey.
pub(crate) static STEPS: Heads = Heads {
    name: "step",
    records: &[
        step!("wait", must("wait", &SPAN, "waits so long; days are calendar days of the person's time zone"), then!();),
        step!("wait_until", must("wait_until", &Table(&Record {
            name: "window",
            fields: &[
                must("from", &TIME, "from this time of day"),
                must("to", &TIME, "to before this time of day; before `from` it is of the next day"),
                may("days", &WEEKDAYS, "on these days; any if it is not said"),
            ],
            rules: &[],
        }), "waits for a time of day, in the person's time zone"), then!();),
        step!("wait_for", must("wait_for", &Table(&Record {
            name: "awaited",
            fields: &[
                may("event", &LABEL, "an event"),
                may("where", &WHERE, "tests of its fields; all must hold"),
                may("same_key", &Bool, "only one whose key field has the value of the run's own (the same cart)"),
                may("who", &PREDICATE, "or this being true of the person"),
            ],
            rules: &[ExactlyOne(&["event", "who"]), Needs("where", "event"), Needs("same_key", "event")],
        }), "waits for an event, or for something to be true"),
            must("at_most", &SPAN, "at most so long"),
            may("came", &THEN, "the step that follows when it came; the next one if it is not said"),
            must("else", &THEN, "the step that follows when it did not, or `exit`");),
        step!("branch", must("branch", &List(&Table(&Record {
            name: "way",
            fields: &[
                must("when", &PREDICATE, "if this is true"),
                must("then", &THEN, "the step it leads to, or `exit`"),
            ],
            rules: &[],
        }), 1, 20), "the first of these whose condition is true"),
            may("else", &THEN, "when none is; the next step if it is not said");),
        step!("cohort", must("cohort", &ARMS, "a part of the people each way, drawn once for each person");),
        step!("experiment", must("experiment", &NAME, "a cohort that is measured by the journey's goal; its name, unique in the program"),
            must("arms", &ARMS, "the arms; one may lead to `exit` at once");),
        step!("message", must("message", &NAME, "sends a message, if the person's contract and the charter let it pass"), then!();),
        step!("task", must("task", &WORDS, "something for a member of the team to do"),
            must("queue", &NAME, "for whom: a queue of program.yaml"), then!();),
        step!("update", must("update", &LABEL, "sets a trait, declared for the purpose of the journey"),
            may("to", &SCALAR, "to this"),
            may("remove", &YES, "or removes it"),
            then!(); ExactlyOne(&["to", "remove"])),
        step!("webhook", must("webhook", &NAME, "tells another system: a webhook of program.yaml"), then!();),
        step!("exit", must("exit", &YES, "leaves the journey");),
    ],
};

/// How a person enters.
pub(crate) static ENTRIES: Heads = Heads {
    name: "entry",
    records: &[
        &Record {
            name: "entry_event",
            fields: &[
                must("event", &LABEL, "an event happens"),
                may("where", &WHERE, "tests of its fields; all must hold"),
                may(
                    "key",
                    &LABEL,
                    "each value of this field is a run of its own (one a cart)",
                ),
            ],
            rules: &[],
        },
        &Record {
            name: "entry_segment",
            fields: &[
                must("segment", &NAME, "a person's membership of a segment changes"),
                must(
                    "change",
                    &Choice(&["enters", "leaves"]),
                    "comes to be in it, or no longer is",
                ),
            ],
            rules: &[],
        },
        &Record {
            name: "entry_schedule",
            fields: &[
                must(
                    "schedule",
                    &Choice(&["daily", "weekly", "monthly"]),
                    "at a time of the calendar, everybody of `who`",
                ),
                may("days", &WEEKDAYS, "`weekly`: on these days"),
                may(
                    "day",
                    &Whole(1, 31),
                    "`monthly`: on this day; the last one of a shorter month",
                ),
                must("at", &TIME, "at this time of day, in the person's time zone"),
            ],
            rules: &[AtMostOne(&["days", "day"])],
        },
        &Record {
            name: "entry_anniversary",
            fields: &[
                must("anniversary", &LABEL, "a trait that says a day; every year"),
                may(
                    "days_before",
                    &Whole(-365, 365),
                    "days before it; negative is after",
                ),
                must("at", &TIME, "at this time of day, in the person's time zone"),
            ],
            rules: &[],
        },
    ],
};

/// `journeys/NAME.yaml`.
pub(crate) static JOURNEY: Shape = Table(&Record {
    name: "journey_file",
    fields: &[
        must("title", &WORDS, "what people read, also the person who is in it"),
        must(
            "purpose",
            &Choice(OF_JOURNEYS),
            "why: who does not permit it does not enter, and leaves when it ends",
        ),
        may(
            "state",
            &Choice(&["running", "paused", "closing"]),
            "`paused`: people wait where they are; `closing`: nobody enters any more; `running` if it is not said",
        ),
        must("entry", &OneOf(&ENTRIES), "how a person enters"),
        may("who", &PREDICATE, "who enters, of those who could"),
        may(
            "again",
            &Of(Form::Again),
            "`never`, `when_out`, or so long after they left; `never` if it is not said",
        ),
        may(
            "leave_when",
            &PREDICATE,
            "whoever this becomes true of leaves, wherever they are",
        ),
        may(
            "goal",
            &Table(&Record {
                name: "goal",
                fields: &[
                    must("event", &LABEL, "the event that reaches it"),
                    may("where", &WHERE, "tests of its fields; all must hold"),
                    must("within", &SPAN, "counted within so long of entering"),
                ],
                rules: &[],
            }),
            "what the journey is for: whoever reaches it leaves, and is counted",
        ),
        may(
            "holdout",
            &SHARE,
            "so many are held out: nothing is done, and they are counted",
        ),
        must(
            "steps",
            &List(&OneOf(&STEPS), 1, 200),
            "the steps; people start at the first",
        ),
        may(
            "moved",
            &Map(&THEN, &THEN),
            "steps of an earlier version that are gone, and where who stands there goes; else they leave",
        ),
    ],
    rules: &[],
});
