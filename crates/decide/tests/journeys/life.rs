//! A person who lives with a program: events arrive, and somebody looks when it is due. What a server does,
//! without the server.

use decide::journeys::{Effect, Fresh, InForce, Journeys, Runs, Seed, Situation, step};
use decide::segments::{self, Changed, Known, Plan, Standings};
use jiff::tz::TimeZone;
use program::segment::{Comparison, EventTest, Measure, Occurrence, Predicate, Window};
use program::words::{Name, Words};
use program::{Journey, Segment, Span};
use vocabulary::{Catalogue, Digest, Happened, Moment, Occurrences, PurposeName, PurposeSet, Scalar};

pub struct Program {
    pub journeys: Journeys,
    pub plan: Plan,
}

impl Program {
    pub fn of(journeys: Vec<Journey>, segments: Vec<Segment>) -> Program {
        let in_force = |journey| InForce {
            journey,
            since: Moment(0),
        };
        Program {
            journeys: Journeys::new(journeys.into_iter().map(in_force)),
            plan: Plan::new(&segments, Digest::of(b"life"), 395).unwrap(),
        }
    }
}

/// One person's life so far.
#[derive(Clone)]
pub struct Life {
    pub runs: Runs,
    pub standings: Option<Standings>,
    pub happened: Vec<Occurrences>,
    pub permitted: PurposeSet,
    pub silent_until: Option<Moment>,
    pub seed: [u8; 32],
    pub zone: TimeZone,
    pub effects: Vec<(Moment, Effect)>,
    pub due: Moment,
}

impl Life {
    pub fn new() -> Life {
        Life {
            runs: Runs::default(),
            standings: None,
            happened: Vec::new(),
            permitted: [PurposeName::MarketByEmail, PurposeName::Segment]
                .into_iter()
                .collect(),
            silent_until: None,
            seed: [7; 32],
            zone: TimeZone::get("Europe/Paris").unwrap(),
            effects: Vec::new(),
            due: Moment(i64::MAX),
        }
    }

    /// Somebody looks, after these events arrived.
    pub fn look(&mut self, program: &Program, arrived: &[(&str, Happened)], now: Moment) {
        for (event, happened) in arrived {
            let place = self.happened.iter().position(|known| known.event == *event);
            let place = place.unwrap_or_else(|| {
                self.happened.push(Occurrences {
                    event: (*event).to_owned(),
                    each: Vec::new(),
                });
                self.happened.len() - 1
            });
            self.happened[place].each.push(happened.clone());
            self.happened[place].each.sort_by_key(|one| one.at);
        }
        let known = Known {
            traits: &[],
            happened: &self.happened,
            touched: &[],
            consents: &[],
            zone: &self.zone,
        };
        let catalogue = Catalogue::default();
        let changed = Changed {
            all: true,
            ..Changed::default()
        };
        let before = self.standings.as_ref().map(|s| s.each.as_slice());
        let standings = segments::evaluate(&program.plan, &known, &catalogue, before, &changed, now);
        let fresh: Vec<Fresh<'_>> = arrived
            .iter()
            .map(|(event, happened)| Fresh { event, happened })
            .collect();
        let stepped = step(
            &self.runs,
            &Situation {
                journeys: &program.journeys,
                plan: &program.plan,
                known: &known,
                catalogue: &catalogue,
                standings: &standings,
                fresh: &fresh,
                permitted: self.permitted,
                silent_until: self.silent_until,
                seed: Seed(self.seed),
                now,
            },
        );
        self.runs = stepped.runs;
        self.effects
            .extend(stepped.effects.into_iter().map(|effect| (now, effect)));
        self.due = Moment(stepped.due.0.min(standings.due().0));
        self.standings = Some(standings);
    }

    /// Looks whenever it is due, up to then.
    pub fn live(&mut self, program: &Program, until: Moment) {
        let mut looks = 0;
        let mut last = Moment(i64::MIN);
        while self.due <= until {
            let now = self.due.max(last);
            last = now;
            self.look(program, &[], now);
            looks += 1;
            assert!(looks < 20_000, "it is due again and again: {:?}", self.runs);
        }
    }
}

pub fn happened(at: i64) -> Happened {
    Happened {
        at: Moment(at),
        number: 1,
        fields: Vec::new(),
    }
}

pub fn of_cart(at: i64, cart: &str) -> Happened {
    Happened {
        at: Moment(at),
        number: 1,
        fields: vec![("cart_id".into(), Scalar::Text(cart.to_owned()))],
    }
}

pub fn occurrence(event: &str) -> Occurrence {
    Occurrence {
        event: event.to_owned(),
        fields: Vec::new(),
    }
}

pub fn span(text: &str) -> Span {
    Span::read(text).unwrap()
}

pub fn words() -> Words {
    Words::default()
}

/// In for so long after an order.
pub fn ordered_within(name: &str, text: &str) -> Segment {
    Segment {
        name: Name::from(name),
        title: words(),
        who: Predicate::Event(EventTest {
            occurrence: occurrence("Order Completed"),
            window: Window::Within(span(text)),
            measure: Measure::Count,
            comparison: Comparison::AtLeast,
            value: 1.0,
        }),
    }
}
