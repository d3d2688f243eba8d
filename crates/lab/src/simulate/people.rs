//! Drawing people: where they live, what they agree to and take back, what is known of them, what they do.
//! Each of these from a stream of its own, so that another habit does not change all the rest.

use super::habits::ZONES;
use super::life::Input;
use super::random::Random;
use super::{History, Settings, World};
use decide::segments::TraitKnown;
use jiff::tz::TimeZone;
use program::dictionary::{Event, Type};
use program::segment::{Did, Origin, Predicate, Test, Value};
use program::{Journey, journey::What};
use vocabulary::{
    Contract, DAY_MS, Digest, HOUR_MS, Happened, Hours, ItemId, Language, Moment, PurposeName, PurposeSet,
    Rhythm, Scalar, Weekdays,
};

/// Somebody, as they are when the program comes into force, and what will happen to them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Which, from 0.
    pub number: u64,
    /// Their own seed: the same person is drawn the same way again.
    pub seed: [u8; 32],
    /// Where their clocks are.
    pub zone: TimeZone,
    /// The language of their messages.
    pub language: Language,
    /// What is known of them.
    pub traits: Vec<TraitKnown>,
    /// How they wish to be written to.
    pub contract: Contract,
    /// What they agree to when the program comes into force; and what needs no agreement.
    pub permitted: PurposeSet,
    /// What happened before that, and what happens then, by time.
    pub inputs: Vec<Input>,
}

/// What streams of a person are for.
const WHO: u64 = 1;
const CHOICES: u64 = 2;
const TRAITS: u64 = 3;
const VISITS: u64 = 4;
const OTHERS: u64 = 5;
/// Events have numbers from [`OTHERS`] on.
const TERMS: u64 = 1 << 32;

/// The person of that number. With a history they do what it says.
pub fn person(world: &World<'_>, settings: &Settings, number: u64, history: Option<&History>) -> Person {
    let habits = &settings.habits;
    let mut who = Random::of(settings.seed, number, WHO);
    let home = &world.program.settings.time_zone;
    let zone = if who.chance(habits.at_home) {
        home.as_str()
    } else {
        who.pick(&ZONES).copied().unwrap_or(home.as_str())
    };
    let language = who.pick(&world.program.settings.languages);
    let mut person = Person {
        number,
        seed: Digest::of(format!("egard simulate {} {number}", settings.seed).as_bytes()).0,
        zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
        language: language.copied().unwrap_or(Language::En),
        traits: traits(world, settings, number),
        contract: contract(settings, number),
        permitted: PurposeSet::NONE.with(PurposeName::Service),
        inputs: Vec::new(),
    };
    choices(&mut person, settings);
    let span = Span::of(settings);
    match history {
        Some(history) => {
            let inside = history.iter().filter(|input| input.at() < span.ends);
            person.inputs.extend(inside.cloned());
        }
        None => {
            let active = who.activity();
            visits(world, settings, span, active, &mut person);
            others(world, settings, span, active, &mut person);
        }
    }
    // Stable: what is drawn first comes first.
    person.inputs.sort_by_key(Input::at);
    person
}

/// Most set nothing. Who does, sets some of: hours of the day, days, how many a week, all together, a pause.
fn contract(settings: &Settings, number: u64) -> Contract {
    let mut random = Random::of(settings.seed, number, TERMS);
    let mut contract = Contract::default();
    if !random.chance(settings.habits.terms) {
        return contract;
    }
    let mut between = |from: u64, to: u64| from + random.below(to - from);
    let hours = (between(8, 12), between(17, 22));
    let (days, rhythm) = (between(0, 4), between(0, 6));
    let (per_week, pause) = (between(1, 4), between(7, 46));
    if random.chance(0.5) {
        let minutes = |hour: u64| u16::try_from(hour * 60).unwrap_or(0);
        contract.hours = Some(Hours {
            from: minutes(hours.0),
            to: minutes(hours.1),
        });
    }
    contract.days = match days {
        0 => Some(Weekdays(0b001_1111)),
        1 => Some(Weekdays(0b110_0000)),
        _ => None,
    };
    contract.rhythm = match rhythm {
        0 => Rhythm::Daily { at: 18 * 60 },
        1 => Rhythm::Weekly { day: 5, at: 10 * 60 },
        _ => Rhythm::Single,
    };
    if random.chance(0.4) {
        contract.per_week = u8::try_from(per_week).ok();
    }
    if random.chance(0.1) {
        contract.paused_until = Some(settings.begins.plus(i64::try_from(pause).unwrap_or(0) * DAY_MS));
    }
    contract
}

/// From when to when people do something.
#[derive(Clone, Copy)]
struct Span {
    begins: Moment,
    ends: Moment,
}

impl Span {
    fn of(settings: &Settings) -> Span {
        let before = i64::from(settings.habits.days_before) * DAY_MS;
        Span {
            begins: Moment(settings.begins.0.saturating_sub(before)),
            ends: Moment(settings.begins.0 + i64::from(settings.days) * DAY_MS),
        }
    }
}

/// What they agree to at the beginning, and at most one change of each choice.
fn choices(person: &mut Person, settings: &Settings) {
    let habits = &settings.habits;
    let mut random = Random::of(settings.seed, person.number, CHOICES);
    let quarters = f64::from(settings.days) / 90.0;
    for purpose in PurposeName::ASKED {
        let given = random.chance(habits.agree(purpose));
        if given {
            person.permitted = person.permitted.with(purpose);
        }
        let rate = if given {
            habits.withdraws
        } else {
            habits.comes_round
        };
        // The share of 90 days, as a rate: what is left after a quarter is `1 - share`.
        let wait = random.wait(-(1.0 - rate.clamp(0.0, 0.999_999)).ln());
        if wait < quarters {
            person.inputs.push(Input::Choice {
                at: Moment(settings.begins.0 + (wait * 90.0 * DAY_MS as f64) as i64),
                purpose,
                given: !given,
            });
        }
    }
}

/// Values are those the program asks about, so that both sides of each question are lived.
fn traits(world: &World<'_>, settings: &Settings, number: u64) -> Vec<TraitKnown> {
    let mut random = Random::of(settings.seed, number, TRAITS);
    let mut known = Vec::new();
    for (name, declared) in &world.program.dictionary.traits {
        let has = random.chance(settings.habits.traits);
        let draw = random.next();
        if !has || !declared.purposes.contains(PurposeName::Segment) || is_set(world, name) {
            continue;
        }
        let mut own = Random::of(draw, number, TRAITS);
        let value = match declared.type_ {
            Type::Time => {
                // Some day of the last three years.
                let days = own.below(3 * 365) as i64;
                let at = Moment(settings.begins.0 - days * DAY_MS);
                let day = jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_zoned(TimeZone::UTC).date());
                serde_json::Value::from(day.map_or(String::new(), |day| day.to_string()))
            }
            Type::Bool => own.chance(0.5).into(),
            type_ => asked(world, name, type_, &mut own),
        };
        known.push(TraitKnown {
            name: name.clone(),
            value: value.to_string(),
            origin: Origin::Declared,
        });
    }
    known
}

/// Whether a journey sets it: then nobody has it before.
fn is_set(world: &World<'_>, name: &str) -> bool {
    let sets = |journey: &Journey| {
        let mut steps = journey.steps.iter();
        steps.any(|step| matches!(&step.what, What::Update { name: set, .. } if set == name))
    };
    world.program.journeys.values().any(sets)
}

fn asked(world: &World<'_>, name: &str, type_: Type, random: &mut Random) -> serde_json::Value {
    let mut values = Vec::new();
    for segment in world.program.segments.values() {
        values_of(&segment.who, name, &mut values);
    }
    for journey in world.program.journeys.values() {
        for predicate in predicates(journey) {
            values_of(predicate, name, &mut values);
        }
    }
    let at = usize::try_from(random.below(values.len() as u64 + 1)).unwrap_or(0);
    match (values.get(at), type_) {
        (Some(value), _) => value.clone(),
        (None, Type::Number) => serde_json::Value::from(random.below(100)),
        (None, Type::List) => serde_json::json!(["something else"]),
        (None, _) => serde_json::Value::from("something else"),
    }
}

fn predicates(journey: &Journey) -> Vec<&Predicate> {
    let mut all: Vec<&Predicate> = journey.who.iter().chain(&journey.leave_when).collect();
    for step in &journey.steps {
        if let What::Branch { arms, .. } = &step.what {
            all.extend(arms.iter().map(|(predicate, _)| predicate));
        }
    }
    all
}

fn values_of(predicate: &Predicate, name: &str, values: &mut Vec<serde_json::Value>) {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            parts.iter().for_each(|part| values_of(part, name, values));
        }
        Predicate::Not(part) => values_of(part, name, values),
        Predicate::Trait(test) if test.name == name => match &test.test {
            Test::Is(value) => values.push(json(value)),
            Test::OneOf(each) => values.extend(each.iter().map(json)),
            Test::Contains(text) | Test::StartsWith(text) => values.push(text.as_str().into()),
            Test::Number(_, number) => values.push((*number).into()),
            _ => {}
        },
        _ => {}
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Number(number) => (*number).into(),
        Value::Bool(is) => (*is).into(),
    }
}

/// Visits: looking at a few items, sometimes putting one into a cart, sometimes buying it.
fn visits(world: &World<'_>, settings: &Settings, span: Span, active: f64, person: &mut Person) {
    let habits = &settings.habits;
    let mut random = Random::of(settings.seed, person.number, VISITS);
    let month = 30.0 * DAY_MS as f64;
    let mut at = span.begins.0 as f64;
    for visit in 0u64.. {
        at += random.wait(habits.visits * active) * month;
        if at.is_nan() || at >= span.ends.0 as f64 {
            break;
        }
        // Nobody shops in the small hours.
        let mut now = by_day(at as i64, &person.zone, &mut random);
        let cart = random.next();
        let views = 1 + random.wait(1.0 / (habits.views - 1.0).max(1e-9)) as u64;
        let adds = random.chance(habits.adds);
        let buys = adds && random.chance(habits.buys);
        let acts = [
            (Did::Viewed, views.min(40)),
            (Did::Added, u64::from(adds)),
            (Did::Bought, u64::from(buys)),
        ];
        let item = item(world, &mut random);
        for (did, times) in acts {
            for time in 0..times {
                now += 20_000 + random.below(240_000) as i64;
                let looked_at = if did == Did::Viewed && time + 1 < times {
                    self::item(world, &mut random)
                } else {
                    item.clone()
                };
                // A visit that has begun is not cut off in the middle of the future.
                if now >= span.ends.0 {
                    continue;
                }
                for (event, declared) in &world.program.dictionary.events {
                    if declared.interaction == Some(did) {
                        let about = About {
                            cart,
                            visit,
                            item: looked_at.as_deref(),
                        };
                        person
                            .inputs
                            .push(occurrence(event, declared, now, &about, &mut random));
                    }
                }
            }
        }
    }
}

/// Events that do nothing with items, and those with a rate of their own.
fn others(world: &World<'_>, settings: &Settings, span: Span, active: f64, person: &mut Person) {
    let habits = &settings.habits;
    let month = 30.0 * DAY_MS as f64;
    for (number, (event, declared)) in world.program.dictionary.events.iter().enumerate() {
        let usual = if declared.interaction.is_none() {
            habits.others
        } else {
            0.0
        };
        let rate = habits.rates.get(event).copied().unwrap_or(usual);
        if rate <= 0.0 {
            continue;
        }
        let mut random = Random::of(settings.seed, person.number, OTHERS + number as u64);
        let mut at = span.begins.0 as f64;
        for visit in 0u64.. {
            at += random.wait(rate * active) * month;
            if at.is_nan() || at >= span.ends.0 as f64 {
                break;
            }
            let about = About {
                cart: random.next(),
                visit,
                item: None,
            };
            let now = by_day(at as i64, &person.zone, &mut random);
            if now < span.ends.0 {
                person
                    .inputs
                    .push(occurrence(event, declared, now, &about, &mut random));
            }
        }
    }
}

/// Moves what would be between midnight and seven to the day that begins then.
fn by_day(at: i64, zone: &TimeZone, random: &mut Random) -> i64 {
    let Ok(time) = jiff::Timestamp::from_millisecond(at) else {
        return at;
    };
    let offset = i64::from(zone.to_offset(time).seconds()) * 1_000;
    let into_day = (at + offset).rem_euclid(DAY_MS);
    if into_day < 7 * HOUR_MS {
        at - into_day + 7 * HOUR_MS + random.below(15 * HOUR_MS as u64) as i64
    } else {
        at
    }
}

/// What the fields of an event are about.
struct About<'a> {
    cart: u64,
    visit: u64,
    item: Option<&'a str>,
}

/// Few items get most of the looks.
fn item(world: &World<'_>, random: &mut Random) -> Option<String> {
    let items = world.catalogue.items();
    let at = (random.unit() * random.unit() * items.len() as f64) as usize;
    items.get(at).map(|item| item.id.as_str().to_owned())
}

fn occurrence(event: &str, declared: &Event, at: i64, about: &About<'_>, random: &mut Random) -> Input {
    // Fields of lists are no plain fields: nothing may look at them.
    let plain = declared.fields.iter().filter(|(name, _)| !name.contains('.'));
    let fields = plain.filter_map(|(name, type_)| {
        let value = match type_ {
            Type::Number if name == "quantity" => Scalar::Number((1 + random.below(3)) as f64),
            Type::Number => Scalar::Number((random.activity() * 3_000.0).round() / 100.0),
            Type::Bool => Scalar::Bool(random.chance(0.5)),
            Type::List => return None,
            Type::Time => Scalar::Text(jiff::Timestamp::from_millisecond(at).ok()?.to_string()),
            // The same in all that belongs together: one cart, one order.
            Type::Text | Type::Any if name.ends_with("_id") && name != "product_id" => {
                Scalar::Text(format!("{}-{:x}", about.visit, about.cart >> 40))
            }
            Type::Text | Type::Any if name == "product_id" => Scalar::Text(about.item?.to_owned()),
            Type::Text | Type::Any => Scalar::Text(format!("{name} {}", random.below(5))),
        };
        Some((name.as_str().into(), value))
    });
    let fields = fields.collect();
    let item = declared.interaction.and(about.item);
    Input::Event {
        event: event.to_owned(),
        happened: Happened {
            at: Moment(at),
            number: 0,
            fields,
        },
        did: declared.interaction,
        items: item.map(ItemId::from).into_iter().collect(),
    }
}
