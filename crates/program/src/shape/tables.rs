//! The tables: every file of a program, key by key.
//!
//! Deliberately does not know: how they are checked or written as schemas.

mod people;
mod steps;

pub(crate) use people::{COMPARISONS, SEGMENT, TESTS};
pub(crate) use steps::{ENTRIES, JOURNEY, STEPS};

use super::Rule::{AtMostOne, ExactlyOne, Needs};
use super::Shape::{
    Bool, Choice, Form as Of, Label, List, Map, Name, Number, Record as Table, Scalar, Text, Whole, Yes,
};
use super::{Form, Record, Shape, may, must};

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
static MOST: Shape = Whole(0, 1_000);
static YES: Shape = Yes;
static SCALAR: Shape = Scalar;
static WORDS: Shape = Table(&Record {
    name: "words",
    fields: &[must("fr", &TITLE, "in French"), must("en", &TITLE, "in English")],
    rules: &[],
});
static LANGUAGE: Shape = Choice(&["fr", "en"]);
static LANGUAGES: Shape = List(&LANGUAGE, 1, 2);
static WEEKDAYS: Shape = List(&Choice(DAYS), 1, 7);

static PER_LANGUAGE: Shape = Map(&LANGUAGE, &TITLE);
static FILES: Shape = Map(&LANGUAGE, &Of(Form::File));

/// `messages/NAME/message.yaml`.
pub(crate) static MESSAGE: Shape = Table(&Record {
    name: "message_file",
    fields: &[
        must("title", &WORDS, "what people read of it"),
        must(
            "channel",
            &Choice(&["email", "sms", "push", "in_app"]),
            "how it reaches the person",
        ),
        must(
            "purpose",
            &Choice(&[
                "service",
                "market_by_email",
                "market_by_sms",
                "market_by_push",
                "personalise",
            ]),
            "why it is sent",
        ),
        may(
            "subject",
            &PER_LANGUAGE,
            "the subject of an e-mail, in each language",
        ),
        must("files", &FILES, "the file of each language, beside this one"),
        may(
            "tones",
            &Map(&Choice(&["plain", "warm", "formal"]), &FILES),
            "variants by the tone a person chose",
        ),
        may(
            "reads",
            &List(&LABEL, 1, 50),
            "traits of the person that its words use",
        ),
        may(
            "claims",
            &List(
                &Table(&Record {
                    name: "claim",
                    fields: &[
                        must(
                            "claim",
                            &Choice(&["urgency", "scarcity", "social_proof", "discount", "testimonial"]),
                            "what its words claim",
                        ),
                        may(
                            "deadline",
                            &NAME,
                            "urgency: a deadline of program.yaml; the words go when it has passed",
                        ),
                        may(
                            "stock",
                            &LABEL,
                            "scarcity: an item; the words go when there is enough of it",
                        ),
                        may(
                            "counted",
                            &LABEL,
                            "social_proof: an event that is counted; the words go when few are",
                        ),
                        may(
                            "prior_price",
                            &LABEL,
                            "discount: an item, whose lowest price of 30 days before is shown",
                        ),
                        may(
                            "source",
                            &REASON,
                            "testimonial: whose words they are, and where they can be read",
                        ),
                        may(
                            "checked",
                            &MOMENT,
                            "testimonial: the day somebody last checked the source",
                        ),
                        may(
                            "when_dead",
                            &Choice(&["drop", "stop"]),
                            "when the fact is gone: `drop` (the words stand in `{% if claims.… %}`) or `stop` the message",
                        ),
                    ],
                    rules: &[
                        AtMostOne(&["deadline", "stock", "counted", "prior_price", "source"]),
                        Needs("checked", "source"),
                    ],
                }),
                1,
                20,
            ),
            "what its words claim, and the fact each claim is bound to",
        ),
        may(
            "honesty",
            &List(
                &Table(&Record {
                    name: "override",
                    fields: &[
                        must("rule", &NAME, "a rule of honesty that blocks"),
                        must(
                            "reason",
                            &REASON,
                            "why it is broken here: anybody can read it in the register",
                        ),
                    ],
                    rules: &[],
                }),
                1,
                20,
            ),
            "findings that stand all the same; a second person must then approve the program",
        ),
    ],
    rules: &[],
});

static PURPOSES: Shape = List(&Choice(DECLARABLE), 1, 11);
static REASON: Shape = Text(300);

/// `dictionary.yaml`.
pub(crate) static DICTIONARY: Shape = Table(&Record {
    name: "dictionary_file",
    fields: &[
        may(
            "consent_categories",
            &Map(&LABEL, &PURPOSES),
            "categories of the consent dialogue, and the purposes each stands for",
        ),
        may(
            "consent_mode",
            &Map(&LABEL, &List(&LABEL, 1, 20)),
            "names of Google Consent Mode, and the categories each stands for",
        ),
        may(
            "events",
            &Map(
                &LABEL,
                &Table(&Record {
                    name: "declared_event",
                    fields: &[
                        may(
                            "title",
                            &WORDS,
                            "what people read of it; its name if it is not said",
                        ),
                        must("purposes", &PURPOSES, "why it may be kept"),
                        may(
                            "interaction",
                            &Choice(&["viewed", "added", "bought"]),
                            "what it does to the history of items",
                        ),
                        may(
                            "fields",
                            &Map(&LABEL, &Choice(TYPES)),
                            "its fields with their types; what is not declared is dropped",
                        ),
                        may(
                            "retention",
                            &SPAN,
                            "kept at most so long; the purpose's own end may come sooner",
                        ),
                        may(
                            "not_special",
                            &REASON,
                            "why it is of no special category though it sounds so",
                        ),
                    ],
                    rules: &[],
                }),
            ),
            "the events that are kept",
        ),
        may(
            "traits",
            &Map(
                &LABEL,
                &Table(&Record {
                    name: "declared_trait",
                    fields: &[
                        may(
                            "title",
                            &WORDS,
                            "what people read of it; its name if it is not said",
                        ),
                        must("purposes", &PURPOSES, "why it may be kept"),
                        may(
                            "type",
                            &Choice(TYPES),
                            "what its values are; `any` if it is not said",
                        ),
                        may(
                            "retention",
                            &SPAN,
                            "kept at most so long; the purpose's own end may come sooner",
                        ),
                        may("age_bracket", &Bool, "it says `adult` or `minor`"),
                        may("special", &Bool, "of a special category (GDPR art. 9)"),
                        may(
                            "not_special",
                            &REASON,
                            "why it is of no special category though it sounds so",
                        ),
                    ],
                    rules: &[],
                }),
            ),
            "the traits that are kept",
        ),
    ],
    rules: &[],
});

/// `catalogue.yaml`.
pub(crate) static CATALOGUE: Shape = Table(&Record {
    name: "catalogue_file",
    fields: &[
        may(
            "sources",
            &Map(
                &NAME,
                &Table(&Record {
                    name: "source",
                    fields: &[
                        may("file", &Text(500), "a file of the server, as a path"),
                        may("url", &Of(Form::Url), "or an address it is fetched from"),
                        must("format", &Choice(&["json_lines", "tsv", "csv"]), "its form"),
                        may("every", &SPAN, "how often it is read again"),
                    ],
                    rules: &[ExactlyOne(&["file", "url"])],
                }),
            ),
            "where items come from",
        ),
        may(
            "categories",
            &List(&LABEL, 1, 5000),
            "the categories there are; a segment that names another is a fault",
        ),
    ],
    rules: &[],
});

/// `program.yaml`.
pub(crate) static SETTINGS: Shape = Table(&Record {
    name: "program_file",
    fields: &[
        must("name", &TITLE, "the name of the shop, as people know it"),
        must("time_zone", &Of(Form::Zone), "of people whose own is not known"),
        may(
            "languages",
            &LANGUAGES,
            "the languages of messages, the first for people whose own is not known; both if it is not said",
        ),
        must("currency", &Of(Form::Currency), "of prices and sums"),
        may(
            "training",
            &Table(&Record {
                name: "training",
                fields: &[
                    must(
                        "epsilon",
                        &NUMBER,
                        "what one model may give away of a person at most, 0.05 to 10; 1 is usual",
                    ),
                    must(
                        "lifetime_epsilon",
                        &NUMBER,
                        "what all models that ever are may give away together, up to 20; 3 is usual",
                    ),
                    may(
                        "delta",
                        &NUMBER,
                        "how improbable more than that is; a millionth if it is not said",
                    ),
                    may(
                        "every_days",
                        &Whole(1, 3_650),
                        "days between two models; 90 if it is not said",
                    ),
                ],
                rules: &[],
            }),
            "a budget of differential privacy: with it, models are learned with noise alone, and what each gives away \
             is public",
        ),
        may(
            "quiet_hours",
            &Table(&Record {
                name: "quiet_hours",
                fields: &[
                    must("from", &TIME, "from this time of day"),
                    must(
                        "to",
                        &TIME,
                        "to before this time of day; before `from` it is of the next day",
                    ),
                ],
                rules: &[],
            }),
            "when nobody is written to who has not said otherwise, in their own time zone",
        ),
        may(
            "caps",
            &Table(&Record {
                name: "caps",
                fields: &[
                    may("per_day", &MOST, "in any twenty-four hours, over all channels"),
                    may("per_week", &MOST, "in any seven days, over all channels"),
                    may(
                        "channels",
                        &Map(
                            &Choice(&["email", "sms", "push", "in_app"]),
                            &Table(&Record {
                                name: "cap",
                                fields: &[
                                    may("per_day", &MOST, "in any twenty-four hours"),
                                    may("per_week", &MOST, "in any seven days"),
                                ],
                                rules: &[],
                            }),
                        ),
                        "by each channel",
                    ),
                ],
                rules: &[],
            }),
            "how many messages a person gets at most; what the person said of it stands above it",
        ),
        may(
            "approval",
            &Choice(&["none", "second_person"]),
            "whether a second person must approve a program before it is applied",
        ),
        may(
            "placements",
            &Map(
                &LABEL,
                &Table(&Record {
                    name: "placement",
                    fields: &[must(
                        "choose",
                        &Choice(&["mix", "variety"]),
                        "`mix`: towards the person's own topics, opened as they wish; `variety`: for variety itself, \
                         whatever their topics, as for news",
                    )],
                    rules: &[],
                }),
            ),
            "places where lists are shown, as the site calls them; one that is not named chooses by `mix`",
        ),
        may("queues", &Map(&NAME, &WORDS), "who does tasks"),
        may(
            "webhooks",
            &Map(
                &NAME,
                &Table(&Record {
                    name: "webhook",
                    fields: &[
                        must("url", &Of(Form::Url), "where it is told"),
                        must(
                            "title",
                            &WORDS,
                            "who that is and why they are told: people read it",
                        ),
                    ],
                    rules: &[],
                }),
            ),
            "systems that are told",
        ),
        may(
            "deadlines",
            &Map(&NAME, &MOMENT),
            "moments that words of urgency are bound to",
        ),
        may(
            "moved_because",
            &Map(&NAME, &REASON),
            "why a deadline that messages named is later than it was: anybody can read it in the register",
        ),
    ],
    rules: &[],
});
