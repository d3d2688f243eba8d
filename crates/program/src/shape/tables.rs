//! The tables: every file of a program, key by key.
//!
//! Deliberately does not know: how they are checked or written as schemas.

use super::Rule::{AtLeastOne, AtMostOne, ExactlyOne, Needs};
use super::Shape::{
    Bool, Choice, Either, Form as Of, Heads as OneOf, Label, List, Map, Name, Number, Record as Table, Scalar,
    Text, Whole, Yes,
};
use super::{Form, Heads, Record, Shape, may, must};

/// Purposes that data may be declared for: all but the two that answer the person see all there is.
pub(crate) const DECLARABLE: &[&str] = &[
    "service",
    "personalise",
    "segment",
    "train",
    "predict",
    "market_by_email",
    "market_by_sms",
    "market_by_push",
    "measure",
    "human_help",
    "secure",
];
/// Purposes that a journey may serve.
pub(crate) const OF_JOURNEYS: &[&str] = &[
    "service",
    "personalise",
    "segment",
    "market_by_email",
    "market_by_sms",
    "market_by_push",
    "human_help",
];
/// Purposes a person is asked about.
const ASKED: &[&str] = &[
    "personalise",
    "segment",
    "train",
    "predict",
    "market_by_email",
    "market_by_sms",
    "market_by_push",
    "measure",
];
const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// Types of a field or a trait.
pub(crate) const TYPES: &[&str] = &["text", "number", "bool", "time", "list", "any"];

static SPAN: Shape = Of(Form::Span);
static TIME: Shape = Of(Form::Time);
static MOMENT: Shape = Of(Form::Moment);
static SHARE: Shape = Of(Form::Share);
static TITLE: Shape = Text(200);
static LABEL: Shape = Label;
static NAME: Shape = Name;
static NUMBER: Shape = Number;
static YES: Shape = Yes;
static SCALAR: Shape = Scalar;
static WORDS: Shape = Table(&Record {
    name: "words",
    fields: &[
        must("fr", &TITLE, "in French"),
        must("en", &TITLE, "in English"),
    ],
    rules: &[],
});
static LANGUAGE: Shape = Choice(&["fr", "en"]);
static LANGUAGES: Shape = List(&LANGUAGE, 1, 2);
static WEEKDAYS: Shape = List(&Choice(DAYS), 1, 7);

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
static WHERE: Shape = Map(&LABEL, &Either(&SCALAR, &TEST));
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
                may("within", &SPAN, "in the last so long; a person leaves the moment this ends"),
                may("from", &MOMENT, "from this moment"),
                may("to", &MOMENT, "to before this moment"),
                may("sum", &LABEL, "compare the sum of this field instead of the count"),
                may("days_since", &Choice(&["last", "first"]), "compare the days since then instead of the count"),
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
                must("sequence", &List(&OCCURRENCE, 2, 10), "events one after the other"),
                must("apart_at_most", &SPAN, "from the first to the last at most so long"),
                may("within", &SPAN, "all of them in the last so long"),
                may("from", &MOMENT, "from this moment"),
                may("to", &MOMENT, "to before this moment"),
            ],
            rules: &[AtMostOne(&["within", "from"]), Needs("to", "from")],
        },
        &Record {
            name: "items",
            fields: &[
                must("items", &Choice(&["viewed", "added", "bought"]), "what was done with items"),
                may("categories", &List(&LABEL, 1, 200), "items of these categories"),
                may("ids", &List(&LABEL, 1, 1000), "these items"),
                may("at_least", &Whole(1, 256), "so many different items; 1 if it is not said"),
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

static THEN: Shape = Of(Form::Step);
static ARMS: Shape = List(
    &Table(&Record {
        name: "arm",
        fields: &[
            must("name", &NAME, "its name, unique in the step"),
            must("share", &SHARE, "its share; all of them make 100 %"),
            may("then", &THEN, "the step it leads to, or `exit`; the next one if it is not said"),
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
        may("then", &THEN, "the step that follows, or `exit`; the next one if it is not said")
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
                may("key", &LABEL, "each value of this field is a run of its own (one a cart)"),
            ],
            rules: &[],
        },
        &Record {
            name: "entry_segment",
            fields: &[
                must("segment", &NAME, "a person's membership of a segment changes"),
                must("change", &Choice(&["enters", "leaves"]), "comes to be in it, or no longer is"),
            ],
            rules: &[],
        },
        &Record {
            name: "entry_schedule",
            fields: &[
                must("schedule", &Choice(&["daily", "weekly", "monthly"]), "at a time of the calendar, everybody of `who`"),
                may("days", &WEEKDAYS, "`weekly`: on these days"),
                may("day", &Whole(1, 31), "`monthly`: on this day; the last one of a shorter month"),
                must("at", &TIME, "at this time of day, in the person's time zone"),
            ],
            rules: &[AtMostOne(&["days", "day"])],
        },
        &Record {
            name: "entry_anniversary",
            fields: &[
                must("anniversary", &LABEL, "a trait that says a day; every year"),
                may("days_before", &Whole(-365, 365), "days before it; negative is after"),
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
        must("purpose", &Choice(OF_JOURNEYS), "why: who does not permit it does not enter, and leaves when it ends"),
        must("entry", &OneOf(&ENTRIES), "how a person enters"),
        may("who", &PREDICATE, "who enters, of those who could"),
        may("again", &Of(Form::Again), "`never`, `when_out`, or so long after they left; `never` if it is not said"),
        may("leave_when", &PREDICATE, "whoever this becomes true of leaves, wherever they are"),
        may("goal", &Table(&Record {
            name: "goal",
            fields: &[
                must("event", &LABEL, "the event that reaches it"),
                may("where", &WHERE, "tests of its fields; all must hold"),
                must("within", &SPAN, "counted within so long of entering"),
            ],
            rules: &[],
        }), "what the journey is for: whoever reaches it leaves, and is counted"),
        may("holdout", &SHARE, "so many are held out: nothing is done, and they are counted"),
        must("steps", &List(&OneOf(&STEPS), 1, 200), "the steps; people start at the first"),
    ],
    rules: &[],
});

static PER_LANGUAGE: Shape = Map(&LANGUAGE, &TITLE);
static FILES: Shape = Map(&LANGUAGE, &Of(Form::File));

/// `messages/NAME/message.yaml`.
pub(crate) static MESSAGE: Shape = Table(&Record {
    name: "message_file",
    fields: &[
        must("title", &WORDS, "what people read of it"),
        must("channel", &Choice(&["email", "sms", "push"]), "how it reaches the person"),
        must("purpose", &Choice(&["service", "market_by_email", "market_by_sms", "market_by_push"]), "why it is sent"),
        may("subject", &PER_LANGUAGE, "the subject of an e-mail, in each language"),
        must("files", &FILES, "the file of each language, beside this one"),
        may("tones", &Map(&Choice(&["plain", "warm", "formal"]), &FILES), "variants by the tone a person chose"),
        may("reads", &List(&LABEL, 1, 50), "traits of the person that its words use"),
        may("claims", &List(&Table(&Record {
            name: "claim",
            fields: &[
                must("claim", &Choice(&["urgency", "scarcity", "social_proof", "discount"]), "what its words claim"),
                may("deadline", &NAME, "urgency: a deadline of program.yaml; the words go when it has passed"),
                may("stock", &LABEL, "scarcity: an item; the words go when there is enough of it"),
                may("counted", &LABEL, "social_proof: an event that is counted; the words go when few are"),
                may("prior_price", &LABEL, "discount: an item, whose lowest price of 30 days before is shown"),
            ],
            rules: &[AtMostOne(&["deadline", "stock", "counted", "prior_price"])],
        }), 1, 20), "what its words claim, and the fact each claim is bound to"),
    ],
    rules: &[],
});

static PURPOSES: Shape = List(&Choice(DECLARABLE), 1, 11);
static REASON: Shape = Text(300);

/// `dictionary.yaml`.
pub(crate) static DICTIONARY: Shape = Table(&Record {
    name: "dictionary_file",
    fields: &[
        may("consent_categories", &Map(&LABEL, &PURPOSES), "categories of the consent dialogue, and the purposes each stands for"),
        may("consent_mode", &Map(&LABEL, &List(&LABEL, 1, 20)), "names of Google Consent Mode, and the categories each stands for"),
        may("events", &Map(&LABEL, &Table(&Record {
            name: "declared_event",
            fields: &[
                must("purposes", &PURPOSES, "why it may be kept"),
                may("interaction", &Choice(&["viewed", "added", "bought"]), "what it does to the history of items"),
                may("fields", &Map(&LABEL, &Choice(TYPES)), "its fields with their types; what is not declared is dropped"),
                may("retention", &SPAN, "kept at most so long; the purpose's own end may come sooner"),
                may("not_special", &REASON, "why it is of no special category though it sounds so"),
            ],
            rules: &[],
        })), "the events that are kept"),
        may("traits", &Map(&LABEL, &Table(&Record {
            name: "declared_trait",
            fields: &[
                must("purposes", &PURPOSES, "why it may be kept"),
                may("type", &Choice(TYPES), "what its values are; `any` if it is not said"),
                may("retention", &SPAN, "kept at most so long; the purpose's own end may come sooner"),
                may("age_bracket", &Bool, "it says `adult` or `minor`"),
                may("special", &Bool, "of a special category (GDPR art. 9)"),
                may("not_special", &REASON, "why it is of no special category though it sounds so"),
            ],
            rules: &[],
        })), "the traits that are kept"),
    ],
    rules: &[],
});

/// `catalogue.yaml`.
pub(crate) static CATALOGUE: Shape = Table(&Record {
    name: "catalogue_file",
    fields: &[
        may("sources", &Map(&NAME, &Table(&Record {
            name: "source",
            fields: &[
                may("file", &Text(500), "a file of the server, as a path"),
                may("url", &Of(Form::Url), "or an address it is fetched from"),
                must("format", &Choice(&["json_lines", "tsv", "csv"]), "its form"),
                may("every", &SPAN, "how often it is read again"),
            ],
            rules: &[ExactlyOne(&["file", "url"])],
        })), "where items come from"),
        may("categories", &List(&LABEL, 1, 5000), "the categories there are; a segment that names another is a fault"),
    ],
    rules: &[],
});

/// `program.yaml`.
pub(crate) static SETTINGS: Shape = Table(&Record {
    name: "program_file",
    fields: &[
        must("name", &TITLE, "the name of the shop, as people know it"),
        must("time_zone", &Of(Form::Zone), "of people whose own is not known"),
        may("languages", &LANGUAGES, "the languages of messages, the first for people whose own is not known; both if it is not said"),
        must("currency", &Of(Form::Currency), "of prices and sums"),
        may("quiet_hours", &Table(&Record {
            name: "quiet_hours",
            fields: &[
                must("from", &TIME, "from this time of day"),
                must("to", &TIME, "to before this time of day; before `from` it is of the next day"),
            ],
            rules: &[],
        }), "when nobody is written to who has not said otherwise, in their own time zone"),
        may("approval", &Choice(&["none", "second_person"]), "whether a second person must approve a program before it is applied"),
        may("queues", &Map(&NAME, &WORDS), "who does tasks"),
        may("webhooks", &Map(&NAME, &Table(&Record {
            name: "webhook",
            fields: &[
                must("url", &Of(Form::Url), "where it is told"),
                must("title", &WORDS, "who that is and why they are told: people read it"),
            ],
            rules: &[],
        })), "systems that are told"),
        may("deadlines", &Map(&NAME, &MOMENT), "moments that words of urgency are bound to"),
    ],
    rules: &[],
});
