//! What groups cost: a backfill over everybody who permits them, beside opening the same envelopes and nothing
//! else in the same run; and one event, with two hundred groups that may look at it.

use super::house::{Place, text};
use super::shop::Shop;
use super::table::{self, Spread, grouped, row};
use crate::say;
use decide::automation::Automation;
use decide::journeys::Journeys;
use decide::segments::{self, Changed, Known, Plan, TraitKnown};
use gate::charter::Requester;
use gate::purposes::{SegmentView, Segments};
use gate::{Ask, Beside, Permits};
use jiff::tz::TimeZone;
use lab::online_retail::shipped_catalogue;
use lab::stopwatch;
use program::segment::{Did, Origin};
use program::{Files, Program, SEGMENT_DAYS};
use server::app::App;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use vocabulary::{
    Catalogue, DAY_MS, Happened, Moment, Occurrences, PurposeName, PurposeSet, Scalar, Signals, Touched,
};

/// How much to measure.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Customers of the demo's shop.
    #[arg(long, default_value_t = usize::MAX)]
    customers: usize,
    /// Lines of orders of each customer, in the second backfill: whoever has short envelopes.
    #[arg(long, default_value_t = 20)]
    lines: usize,
    /// Segments of the incremental part.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    segments: u32,
    /// Occurrences a person of the incremental part has, of three events.
    #[arg(long, default_value_t = 150, value_parser = clap::value_parser!(u32).range(3..=768))]
    occurrences: u32,
    /// Events of each round of the incremental part.
    #[arg(long, default_value_t = 20_000)]
    events: u32,
    /// Rounds.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    incremental(&choices)?;
    backfill(&choices, usize::MAX).await?;
    backfill(&choices, choices.lines).await
}

/// The segments that both parts are measured with: those a shop has, each with figures of its own.
fn program(count: u32) -> Result<Program, String> {
    let mut files = Files::new();
    let mut add = |path: &str, text: String| files.insert(path.to_owned(), text.into_bytes());
    add(
        "program.yaml",
        "name: Shop\ntime_zone: Europe/Paris\ncurrency: EUR\n".to_owned(),
    );
    add(
        "dictionary.yaml",
        "events:\n  Product Viewed:\n    purposes: [segment]\n    interaction: viewed\n    fields: { product_id: \
         text }\n  Product Added:\n    purposes: [segment]\n    interaction: added\n    fields: { product_id: text, \
         cart_id: text }\n  Order Completed:\n    purposes: [service, segment]\n    interaction: bought\n    fields: \
         { total: number, products.product_id: text }\ntraits:\n  country: { purposes: [segment], type: text }\n"
            .to_owned(),
    );
    for number in 0..count {
        let mut who = String::from("title: { fr: Un groupe, en: A group }\nwho:\n");
        let days = 7 + number % 380;
        let some = 1 + number % 9;
        let _ = match number % 8 {
            0 => writeln!(
                who,
                "  event: Order Completed\n  within: {days} days\n  at_least: {some}"
            ),
            1 => writeln!(
                who,
                "  event: Product Viewed\n  within: {days} days\n  at_least: {some}"
            ),
            2 => writeln!(
                who,
                "  all:\n    - trait: country\n      is: FR\n    - event: Order Completed\n      sum: total\n      \
                 within: {days} days\n      at_least: {}",
                some * 20
            ),
            3 => writeln!(
                who,
                "  event: Order Completed\n  days_since: last\n  at_least: {days}"
            ),
            4 => writeln!(
                who,
                "  items: bought\n  categories: [candles]\n  within: {days} days"
            ),
            5 => writeln!(
                who,
                "  all:\n    - consent: market_by_email\n    - event: Product Added\n      within: {days} days\n    - \
                 not:\n        event: Order Completed\n        within: {days} days"
            ),
            6 => writeln!(
                who,
                "  all:\n    - segment: s{}\n    - trait: country\n      is: FR",
                number - 6
            ),
            _ => writeln!(who, "  trait: country\n  is: FR"),
        };
        add(&format!("segments/s{number}.yaml"), who);
    }
    Program::read(files).map_err(|faults| {
        let each: Vec<String> = faults.iter().take(3).map(ToString::to_string).collect();
        each.join("; ")
    })
}

fn plan(count: u32) -> Result<Plan, String> {
    let program = program(count)?;
    let all: Vec<program::Segment> = program.segments.values().cloned().collect();
    let days = u32::try_from(SEGMENT_DAYS).map_err(text)?;
    Plan::new(&all, program.digest(), days).map_err(text)
}

/// One event after the other of a person with a past, each evaluated with what it changes.
fn incremental(choices: &Choices) -> Result<(), String> {
    let plan = plan(choices.segments)?;
    let catalogue = shipped_catalogue().map_err(text)?;
    let person = Somebody::of(choices.occurrences, &catalogue);
    let mut rows = vec![row([
        "one event, evaluated",
        "µs of the processor, median (range) of the rounds",
    ])];
    let mut middle = 0.0;
    for (name, event) in [
        ("a view", Some("Product Viewed")),
        ("an order", Some("Order Completed")),
        ("everything anew", None),
    ] {
        let mut times = Vec::new();
        for _ in 0..choices.rounds {
            times.push(person.rounds(&plan, &catalogue, event, choices.events) * 1e6);
        }
        let spread = Spread::of(times);
        if event == Some("Order Completed") {
            middle = spread.median;
        }
        rows.push(row([name, &spread.show(2)]));
    }
    let automation = Automation {
        plan,
        journeys: Journeys::new([]),
        catalogue: Arc::new(catalogue),
        zone: TimeZone::UTC,
        messages: BTreeMap::new(),
    };
    let mut looks = Vec::new();
    for _ in 0..choices.rounds {
        looks.push(person.looks(&automation, choices.events) * 1e6);
    }
    let looks = Spread::of(looks).show(2);
    rows.push(row([
        "an order, the whole look: what differs, evaluated, kept",
        &looks,
    ]));
    let title = format!(
        "{} segments, a person with {} occurrences and {} items",
        choices.segments,
        choices.occurrences,
        person.touched.len()
    );
    table::print(&title, &rows);
    say(&format!(
        "an order costs {} µs; the target is below 20 µs for 200 segments",
        grouped(middle, 1)
    ));
    Ok(())
}

/// Somebody with a past.
struct Somebody {
    happened: Vec<Occurrences>,
    touched: Vec<Touched>,
    traits: Vec<TraitKnown>,
    zone: TimeZone,
    now: Moment,
}

impl Somebody {
    fn of(occurrences: u32, catalogue: &Catalogue) -> Somebody {
        let now = Moment(1_790_000_000_000);
        let each = |event: &str, count: u32| Occurrences {
            event: event.to_owned(),
            each: (0..count)
                .map(|number| Happened {
                    at: now.plus(-i64::from(count - number) * 360 * DAY_MS / i64::from(count.max(1))),
                    number: u64::from(number),
                    fields: vec![
                        ("cart_id".into(), Scalar::Text(format!("cart-{number}"))),
                        ("total".into(), Scalar::Number(f64::from(number % 90))),
                    ],
                })
                .collect(),
        };
        let items = catalogue.items().iter().take(60).enumerate();
        Somebody {
            happened: vec![
                each("Order Completed", occurrences / 10),
                each("Product Added", occurrences / 5),
                each("Product Viewed", occurrences - occurrences / 10 - occurrences / 5),
            ],
            touched: items
                .map(|(number, item)| {
                    let at = Some(now.plus(-(number as i64) * 5 * DAY_MS));
                    Touched {
                        item: item.id.clone(),
                        viewed_at: at,
                        added_at: at,
                        bought_at: at.filter(|_| number % 3 == 0),
                    }
                })
                .collect(),
            traits: vec![TraitKnown {
                name: "country".to_owned(),
                value: "\"FR\"".to_owned(),
                origin: Origin::Declared,
            }],
            zone: TimeZone::UTC,
            now,
        }
    }

    /// As the door shows them, with as many of the latest orders and purchases left out.
    fn view(&self, without: usize) -> SegmentView {
        let mut occurred = self.happened.clone();
        for known in occurred
            .iter_mut()
            .filter(|known| known.event == "Order Completed")
        {
            known.each.truncate(known.each.len().saturating_sub(without));
        }
        let mut touched = self.touched.clone();
        for one in touched.iter_mut().take(without) {
            one.bought_at = None;
        }
        let known = |known: &TraitKnown| (known.name.clone(), known.value.clone(), false);
        SegmentView {
            touched,
            traits: self.traits.iter().map(known).collect(),
            occurred,
            consents: vec![(PurposeName::MarketByEmail, Moment(i64::MAX))],
            state: Vec::new(),
            looked_at: u64::MAX,
        }
    }

    /// Seconds of one look, from what was kept of the last to what is kept for the next. At each an order is
    /// there that was not, or the other way round.
    fn looks(&self, automation: &Automation, events: u32) -> f64 {
        let mut views = [self.view(0), self.view(1)];
        let mut state = Vec::new();
        let from = stopwatch::cpu_of_this_thread();
        for (number, place) in (0..events).zip([0, 1].into_iter().cycle()) {
            let Some(view) = views.get_mut(place) else { break };
            view.state = std::mem::take(&mut state);
            let beside = Beside {
                permitted: PurposeSet::NONE.with(PurposeName::Segment),
                seed: [7; 32],
                silent: false,
                now: self.now.plus(i64::from(number)),
            };
            state = black_box(automation.look(view, &beside, true)).state;
        }
        stopwatch::cpu_of_this_thread().saturating_sub(from).as_secs_f64() / f64::from(events.max(1))
    }

    /// Seconds of one evaluation, of the processor: what others do on the machine does not count.
    fn rounds(&self, plan: &Plan, catalogue: &Catalogue, event: Option<&str>, events: u32) -> f64 {
        let consents = [(PurposeName::MarketByEmail, Moment(i64::MAX))];
        let known = Known {
            traits: &self.traits,
            happened: &self.happened,
            touched: &self.touched,
            consents: &consents,
            zone: &self.zone,
        };
        let changed = Changed {
            all: event.is_none(),
            events: event.into_iter().collect(),
            did: did(event).into_iter().collect(),
            ..Changed::default()
        };
        let whole = segments::evaluate(plan, &known, catalogue, None, &Changed::default(), self.now);
        let mut before = whole.each;
        let from = stopwatch::cpu_of_this_thread();
        for number in 0..events {
            let now = self.now.plus(i64::from(number));
            let found = segments::evaluate(plan, &known, catalogue, Some(&before), &changed, now);
            before = black_box(found).each;
        }
        stopwatch::cpu_of_this_thread().saturating_sub(from).as_secs_f64() / f64::from(events.max(1))
    }
}

/// What an event says was done with an item.
fn did(event: Option<&str>) -> Option<Did> {
    match event? {
        "Product Viewed" => Some(Did::Viewed),
        "Product Added" => Some(Did::Added),
        "Order Completed" => Some(Did::Bought),
        _ => None,
    }
}

/// Everybody who permits groups: the cipher alone, opened, and opened and evaluated, in turns. The server starts
/// anew before: at most one in twenty is in memory, as in a backfill of more people than fit.
async fn backfill(choices: &Choices, lines: usize) -> Result<(), String> {
    let shop = Shop::of_short(&choices.place, choices.customers, lines).await?;
    let (events, (folder, app)) = (shop.events, shop.house.asleep().await?);
    let catalogue = shipped_catalogue().map_err(text)?;
    let mut rows = vec![row([
        "",
        "people in a second of the processor, median (range) of the rounds",
    ])];
    let plans = [0, 6, choices.segments].map(plan);
    let mut found = [const { Vec::new() }; 3];
    let (mut cipher, mut reading, mut people, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..choices.rounds {
        let permits = permits(&app).await?;
        let asked = permits.len() as u64;
        let deciphered =
            tokio::task::block_in_place(|| app.gate.decipher_each(permits, stopwatch::cpu_of_this_thread));
        let deciphered = deciphered.map_err(text)?;
        let opened = deciphered.people;
        // Whom the log was read again for at the start may be.
        if opened < asked - asked / 20 {
            return Err(format!(
                "{} of {asked} people are in memory: nothing is measured",
                asked - opened
            ));
        }
        let took = deciphered.took.as_secs_f64() / opened.max(1) as f64;
        bytes = deciphered.bytes / opened.max(1);
        for ((of, plan), found) in [0, 6, choices.segments].into_iter().zip(&plans).zip(&mut found) {
            let plan = plan.as_ref().map_err(Clone::clone)?;
            let (opened, whole, evaluating) = pass(&app, &catalogue, (of > 0).then_some(plan)).await?;
            let each = 1.0 / opened.max(1) as f64;
            people = opened;
            // Of the same round: what others do on the machine slows all of them down.
            found.push((whole * each, (whole * each - took).max(1e-9), evaluating * each));
        }
        cipher.push(took);
        reading.push(deciphered.reading.as_secs_f64() / opened.max(1) as f64);
    }
    let rates = |times: &mut dyn Iterator<Item = f64>| Spread::of(times.map(|time| 1.0 / time.max(1e-9)));
    let bare = rates(&mut cipher.iter().copied());
    rows.push(row(["yardstick: the cipher alone", &bare.show(0)]));
    let reading = rates(&mut reading.iter().copied());
    rows.push(row([
        "yardstick: the store hands over rows and keys",
        &reading.show(0),
    ]));
    let mut said = Vec::new();
    for (of, found) in [0, 6, choices.segments].into_iter().zip(&found) {
        let name = match of {
            0 => "read, open and decode everything, nothing else".to_owned(),
            of => format!("read, open, decode what is needed and evaluate {of} segments"),
        };
        let whole = rates(&mut found.iter().map(|(whole, ..)| *whole));
        let own = rates(&mut found.iter().map(|(_, own, _)| *own));
        rows.push(row([&name, &whole.show(0)]));
        rows.push(row(["  beyond the cipher's own cost", &own.show(0)]));
        if of > 0 {
            let evaluating = rates(&mut found.iter().map(|(.., evaluating)| *evaluating));
            rows.push(row(["  of which evaluating", &evaluating.show(0)]));
        }
        said.push(format!(
            "{name}: {} people/s, {} beyond the cipher's own cost; {} times what the cipher alone costs",
            grouped(whole.median, 0),
            grouped(own.median, 0),
            grouped(bare.median / whole.median.max(1e-9), 2)
        ));
    }
    table::print(
        &format!("backfill of {people} people ({events} events fed, {bytes} sealed bytes a person)"),
        &rows,
    );
    said.iter().for_each(|line| say(line));
    say(&format!(
        "the target is 150,000 people/s beyond the cipher's own cost; load after {:.1}",
        stopwatch::load().unwrap_or_default()
    ));
    app.gate.close().await;
    drop(folder);
    Ok(())
}

async fn permits(app: &App) -> Result<Permits<Segments>, String> {
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    let permits = app.gate.permits::<Segments>(ask, app.gate.dictionary().digest());
    permits.await.map_err(text)
}

/// People, seconds of the processor of the whole pass, and of these seconds of evaluating (the latter by the clock on the
/// wall: others on the machine make it longer).
async fn pass(app: &App, catalogue: &Catalogue, plan: Option<&Plan>) -> Result<(u64, f64, f64), String> {
    let permits = permits(app).await?;
    let now = app.now();
    let mut evaluating = 0.0;
    let (opened, took) = tokio::task::block_in_place(|| {
        let from = stopwatch::cpu_of_this_thread();
        let opened = match plan {
            None => app.gate.open_each(permits, drop),
            // What the server does: nothing is read that no segment looks at.
            Some(plan) => app.gate.open_each_for(permits, &plan.needs(), |opened| {
                let from = Instant::now();
                black_box(look(plan, catalogue, opened.view(), now));
                evaluating += from.elapsed().as_secs_f64();
            }),
        };
        (opened, stopwatch::cpu_of_this_thread().saturating_sub(from))
    });
    let opened = opened.map_err(text)?;
    Ok((opened, took.as_secs_f64(), evaluating))
}

/// How many groups somebody is in.
fn look(plan: &Plan, catalogue: &Catalogue, view: &SegmentView, now: Moment) -> usize {
    let known = |(name, value, _): &(String, String, bool)| TraitKnown {
        name: name.clone(),
        value: value.clone(),
        origin: Origin::Declared,
    };
    let traits: Vec<TraitKnown> = view.traits.iter().map(known).collect();
    let known = Known {
        traits: &traits,
        happened: &view.occurred,
        touched: &view.touched,
        consents: &view.consents,
        zone: &TimeZone::UTC,
    };
    let found = segments::evaluate(plan, &known, catalogue, None, &Changed::default(), now);
    found.each.iter().filter(|standing| standing.truth.holds).count()
}
