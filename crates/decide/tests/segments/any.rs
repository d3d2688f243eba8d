//! Any program, any person, any clock: what the properties are about.

use decide::segments::{Changed, Known, TraitKnown};
use gate::purposes::SegmentView;
use jiff::tz::TimeZone;
use program::segment::{
    Comparison, Did, EventTest, FieldTest, ItemsTest, Measure, Occurrence, Origin, Predicate, Sequence, Test,
    TraitTest, Value, Which, Window,
};
use program::words::{Name, Words};
use program::{Segment, Span};
use proptest::prelude::*;
use vocabulary::{
    Catalogue, DAY_MS, HOUR_MS, Happened, Item, ItemId, Moment, Occurrences, PurposeName, Scalar, Touched,
};

const EVENTS: [&str; 3] = ["Order Completed", "Product Viewed", "Signed In"];
const ITEMS: [&str; 4] = ["candle", "mug", "card", "lamp"];
/// A day in 2025, so that calendars matter; close to where clocks change in Paris.
const BEGINS: i64 = 1_742_600_000_000;

#[derive(Clone, Debug)]
pub struct Event {
    pub event: String,
    pub at: i64,
    pub fields: Vec<(String, Scalar)>,
    pub total: f64,
}

#[derive(Clone, Debug)]
pub struct Done {
    pub item: String,
    pub what: u8,
    pub at: i64,
}

/// A person as raw events.
#[derive(Clone)]
pub struct Person {
    pub events: Vec<Event>,
    pub done: Vec<Done>,
    pub traits: Vec<TraitKnown>,
    pub permits: Vec<(PurposeName, i64)>,
    pub zone: TimeZone,
    happened: Vec<Occurrences>,
    touched: Vec<Touched>,
}

impl Person {
    fn new(
        events: Vec<Event>,
        done: Vec<Done>,
        traits: Vec<TraitKnown>,
        permits: Vec<(PurposeName, i64)>,
        zone: TimeZone,
    ) -> Person {
        let happened = EVENTS
            .iter()
            .map(|event| {
                let of = events.iter().filter(|one| one.event == *event);
                let mut each: Vec<Happened> = of
                    .map(|one| Happened {
                        at: Moment(one.at),
                        number: 1,
                        fields: one
                            .fields
                            .iter()
                            .map(|(name, value)| (name.as_str().into(), value.clone()))
                            .collect(),
                    })
                    .collect();
                each.sort_by_key(|one| one.at);
                Occurrences {
                    event: (*event).to_owned(),
                    each,
                }
            })
            .collect();
        let touched = ITEMS
            .iter()
            .map(|item| {
                let last = |what: u8| {
                    let of = done.iter().filter(|d| d.item == *item && d.what == what);
                    of.map(|d| Moment(d.at)).max()
                };
                Touched {
                    item: ItemId::from(*item),
                    viewed_at: last(0),
                    added_at: last(1),
                    bought_at: last(2),
                }
            })
            .collect();
        Person {
            events,
            done,
            traits,
            permits,
            zone,
            happened,
            touched,
        }
    }

    pub fn who_ordered(times: &[i64]) -> Person {
        let paid: Vec<(i64, f64)> = times.iter().map(|at| (*at, 1.0)).collect();
        Person::who_paid(&paid)
    }

    pub fn who_paid(orders: &[(i64, f64)]) -> Person {
        let order = |(at, total): &(i64, f64)| Event {
            event: "Order Completed".to_owned(),
            at: *at,
            fields: vec![("total".to_owned(), Scalar::Number(*total))],
            total: *total,
        };
        let events = orders.iter().map(order).collect();
        Person::new(events, Vec::new(), Vec::new(), Vec::new(), TimeZone::UTC)
    }

    pub fn born(date: &str, zone: TimeZone) -> Person {
        let birthday = TraitKnown {
            name: "birthday".to_owned(),
            value: format!("\"{date}\""),
            origin: Origin::Declared,
        };
        Person::new(Vec::new(), Vec::new(), vec![birthday], Vec::new(), zone)
    }

    pub fn consents(&self, now: i64) -> Vec<(PurposeName, Moment)> {
        let valid = self.permits.iter().filter(|(_, until)| now < *until);
        valid.map(|(purpose, until)| (*purpose, Moment(*until))).collect()
    }

    /// What the purpose of groups sees of them.
    pub fn view(&self, consents: Vec<(PurposeName, Moment)>, state: Vec<u8>) -> SegmentView {
        let known = |known: &TraitKnown| {
            let observed = known.origin == Origin::Observed;
            (known.name.clone(), known.value.clone(), observed)
        };
        let zone = self.zone.iana_name().map(|name| format!("\"{name}\""));
        let zone = zone.map(|name| ("timezone".to_owned(), name, false));
        SegmentView {
            touched: self.touched.clone(),
            traits: self.traits.iter().map(known).chain(zone).collect(),
            occurred: self.happened.clone(),
            consents,
            state,
            looked_at: 0,
        }
    }

    pub fn known<'a>(&'a self, consents: &'a [(PurposeName, Moment)]) -> Known<'a> {
        Known {
            traits: &self.traits,
            happened: &self.happened,
            touched: &self.touched,
            consents,
            zone: &self.zone,
        }
    }
}

/// One thing that arrives.
#[derive(Clone, Debug)]
enum Input {
    Event(Event),
    Done(Done),
    Trait(TraitKnown),
    Permit(PurposeName, i64),
}

/// What arrives when, numbered.
pub struct Arrival<'a> {
    pub number: usize,
    pub at: i64,
    input: &'a Input,
}

impl Arrival<'_> {
    pub fn changed(&self) -> Changed<'_> {
        let mut changed = Changed::default();
        match self.input {
            Input::Event(event) => changed.events.push(&event.event),
            Input::Done(done) => changed.did.push(match done.what {
                0 => Did::Viewed,
                1 => Did::Added,
                _ => Did::Bought,
            }),
            Input::Trait(known) => changed.traits.push(&known.name),
            Input::Permit(..) => changed.consents = true,
        }
        changed
    }
}

/// A program and a life. Events may carry a time before or after their arrival.
#[derive(Debug)]
pub struct Story {
    pub segments: Vec<Segment>,
    inputs: Vec<(i64, Input)>,
    paris: bool,
}

impl Story {
    pub fn begins(&self) -> i64 {
        self.inputs.first().map_or(BEGINS, |(at, _)| *at)
    }

    pub fn arrivals(&self) -> impl Iterator<Item = Arrival<'_>> {
        self.inputs
            .iter()
            .enumerate()
            .map(|(number, (at, input))| Arrival {
                number,
                at: *at,
                input,
            })
    }

    pub fn person_before(&self, number: usize) -> Person {
        let (mut events, mut done) = (Vec::new(), Vec::new());
        let (mut traits, mut permits): (Vec<TraitKnown>, Vec<(PurposeName, i64)>) = (Vec::new(), Vec::new());
        for (_, input) in self.inputs.iter().take(number) {
            match input {
                Input::Event(event) => events.push(event.clone()),
                Input::Done(one) => done.push(one.clone()),
                Input::Trait(known) => {
                    traits.retain(|other| other.name != known.name);
                    traits.push(known.clone());
                }
                Input::Permit(purpose, until) => {
                    permits.retain(|(other, _)| other != purpose);
                    permits.push((*purpose, *until));
                }
            }
        }
        let zone = if self.paris {
            "Europe/Paris"
        } else {
            "Australia/Lord_Howe"
        };
        Person::new(events, done, traits, permits, TimeZone::get(zone).unwrap())
    }

    pub fn person_at(&self, at: i64) -> Person {
        self.person_before(self.inputs.iter().filter(|(when, _)| *when <= at).count())
    }
}

pub fn catalogue() -> Catalogue {
    let item = |(number, id): (usize, &&str)| Item {
        id: ItemId::from(*id),
        name: (*id).to_owned(),
        category: if number < 2 { "home" } else { "paper" }.to_owned(),
        price_minor: 100,
        hidden: false,
        in_stock: true,
        stock: None,
        prices: Vec::new(),
    };
    // The lamp is not in the catalogue any more.
    Catalogue::new(ITEMS.iter().take(3).enumerate().map(item).collect())
}

/// On the hour more often than not, so that limits of windows are met to the millisecond.
pub fn moment() -> impl Strategy<Value = i64> {
    let hours = (0..90 * 24i64).prop_map(|hour| BEGINS + hour * HOUR_MS);
    prop_oneof![4 => hours, 1 => (0..90 * DAY_MS).prop_map(|ms| BEGINS + ms)]
}

pub fn story() -> impl Strategy<Value = Story> {
    let inputs = prop::collection::vec((moment(), input()), 0..24);
    let segments = prop::collection::vec(predicate(), 1..5);
    (segments, inputs, any::<bool>()).prop_map(|(predicates, mut inputs, paris)| {
        inputs.sort_by_key(|(at, _)| *at);
        let segments = predicates
            .into_iter()
            .enumerate()
            .map(|(number, who)| Segment {
                name: Name(format!("s{number}")),
                title: Words::default(),
                who: refer(who, number),
            })
            .collect();
        Story {
            segments,
            inputs,
            paris,
        }
    })
}

/// References lead to an earlier segment only; in the first one they are a plain test.
fn refer(who: Predicate, number: usize) -> Predicate {
    match who {
        Predicate::All(parts) => Predicate::All(parts.into_iter().map(|p| refer(p, number)).collect()),
        Predicate::Any(parts) => Predicate::Any(parts.into_iter().map(|p| refer(p, number)).collect()),
        Predicate::Not(part) => Predicate::Not(Box::new(refer(*part, number))),
        Predicate::Member(name) => match name.as_str().len().checked_rem(number) {
            Some(other) => Predicate::Member(Name(format!("s{other}"))),
            None => Predicate::Consent(PurposeName::Segment),
        },
        leaf => leaf,
    }
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        5 => event().prop_map(Input::Event),
        3 => (0..ITEMS.len(), 0..3u8, moment()).prop_map(|(item, what, at)| Input::Done(Done {
            item: ITEMS[item].to_owned(), what, at,
        })),
        2 => known_trait().prop_map(Input::Trait),
        1 => (purpose(), moment()).prop_map(|(purpose, until)| Input::Permit(purpose, until)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    (0..EVENTS.len(), moment(), 0..5u8, any::<bool>()).prop_map(|(event, at, total, gift)| Event {
        event: EVENTS[event].to_owned(),
        at,
        fields: vec![
            ("total".to_owned(), Scalar::Number(f64::from(total))),
            (
                "kind".to_owned(),
                Scalar::Text(if gift { "gift" } else { "own" }.to_owned()),
            ),
        ],
        total: f64::from(total),
    })
}

fn known_trait() -> impl Strategy<Value = TraitKnown> {
    let origin = prop_oneof![
        Just(Origin::Declared),
        Just(Origin::Observed),
        Just(Origin::Inferred)
    ];
    let text = prop_oneof![
        Just("\"FR\""),
        Just("\"DE\""),
        Just("7"),
        Just("12"),
        Just("true")
    ];
    let date = (1990..2010i16, 1..=12i8, 1..=29i8)
        .prop_map(|(year, month, day)| format!("\"{year}-{month:02}-{:02}\"", day.min(28)));
    let leap = Just("\"1992-02-29\"".to_owned());
    let time = moment().prop_map(|at| format!("\"{}\"", jiff::Timestamp::from_millisecond(at).unwrap()));
    let value = prop_oneof![
        3 => text.prop_map(|text| ("country".to_owned(), text.to_owned())),
        2 => date.prop_map(|date| ("birthday".to_owned(), date)),
        1 => leap.prop_map(|date| ("birthday".to_owned(), date)),
        2 => time.prop_map(|time| ("joined".to_owned(), time)),
    ];
    (value, origin).prop_map(|((name, value), origin)| TraitKnown { name, value, origin })
}

fn purpose() -> impl Strategy<Value = PurposeName> {
    prop_oneof![Just(PurposeName::Segment), Just(PurposeName::MarketByEmail)]
}

fn predicate() -> impl Strategy<Value = Predicate> {
    let leaf = prop_oneof![
        5 => event_test().prop_map(Predicate::Event),
        2 => sequence().prop_map(Predicate::Sequence),
        2 => items().prop_map(Predicate::Items),
        3 => trait_test().prop_map(Predicate::Trait),
        1 => purpose().prop_map(Predicate::Consent),
        1 => (1..9usize).prop_map(|n| Predicate::Member(Name("x".repeat(n)))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Predicate::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Predicate::Any),
            inner.prop_map(|part| Predicate::Not(Box::new(part))),
        ]
    })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop_oneof![
        3 => Just(Comparison::AtLeast),
        2 => Just(Comparison::AtMost),
        1 => Just(Comparison::MoreThan),
        1 => Just(Comparison::LessThan),
        1 => Just(Comparison::Exactly),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    let text = prop_oneof![
        Just("1 hour"),
        Just("36 hours"),
        Just("3 days"),
        Just("2 weeks"),
        Just("3 months")
    ];
    text.prop_map(|text| Span::read(text).unwrap())
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        1 => Just(Window::Ever),
        3 => span().prop_map(Window::Within),
        1 => (moment(), prop::option::of(moment()))
            .prop_map(|(from, to)| Window::Between { from: Moment(from), to: to.map(Moment) }),
    ]
}

fn occurrence() -> impl Strategy<Value = Occurrence> {
    let test = prop_oneof![
        Just(("kind", Test::Is(Value::Text("gift".to_owned())))),
        (comparison(), 0..5u8).prop_map(|(c, value)| ("total", Test::Number(c, f64::from(value)))),
        Just(("nothing", Test::Exists)),
    ];
    let test = test.prop_map(|(field, test)| FieldTest {
        field: field.to_owned(),
        test,
    });
    let fields = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(test, 1..2)];
    (0..EVENTS.len(), fields).prop_map(|(event, fields)| Occurrence {
        event: EVENTS[event].to_owned(),
        fields,
    })
}

fn event_test() -> impl Strategy<Value = EventTest> {
    let measure = prop_oneof![
        3 => Just(Measure::Count),
        2 => Just(Measure::Sum("total".to_owned())),
        1 => Just(Measure::DaysSinceLast),
        1 => Just(Measure::DaysSinceFirst),
    ];
    (occurrence(), window(), measure, comparison(), 0..6u8).prop_map(
        |(occurrence, window, measure, comparison, value)| EventTest {
            occurrence,
            window,
            measure,
            comparison,
            value: f64::from(value),
        },
    )
}

fn sequence() -> impl Strategy<Value = Sequence> {
    (prop::collection::vec(occurrence(), 2..4), span(), window()).prop_map(|(steps, span, window)| Sequence {
        steps,
        span,
        window,
    })
}

fn items() -> impl Strategy<Value = ItemsTest> {
    let did = prop_oneof![Just(Did::Viewed), Just(Did::Added), Just(Did::Bought)];
    let which = prop_oneof![
        Just(Which::Any),
        Just(Which::Categories(vec!["home".to_owned()])),
        Just(Which::Items(vec![ItemId::from("card"), ItemId::from("lamp")])),
    ];
    (did, which, 1..3u32, window()).prop_map(|(did, which, at_least, window)| ItemsTest {
        did,
        which,
        at_least,
        window,
    })
}

fn trait_test() -> impl Strategy<Value = TraitTest> {
    let origin = prop_oneof![3 => Just(None), 1 => Just(Some(Origin::Declared))];
    let test = prop_oneof![
        Just(("country", Test::Is(Value::Text("FR".to_owned())))),
        Just(("country", Test::Exists)),
        Just(("country", Test::StartsWith("D".to_owned()))),
        comparison().prop_map(|c| ("country", Test::Number(c, 7.0))),
        (0..9u16).prop_map(|days| ("birthday", Test::Anniversary { days })),
        span().prop_map(|span| ("joined", Test::Within(span))),
    ];
    (origin, test).prop_map(|(origin, (name, test))| TraitTest {
        name: name.to_owned(),
        origin,
        test,
    })
}
