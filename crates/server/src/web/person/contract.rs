//! The contract in words: what holds now, what the last change changed, a few plain buttons, the whole form.
//!
//! Deliberately does not know: what is held to it.

use super::Frame;
use super::events::moment;
use super::view::Shell;
use crate::me::contract::Fault;
use crate::words::{Put, Words};
use askama::Template;
use gate::ContractState;
use vocabulary::{Channel, Contract, Language, Moment, NotAContract, Rhythm, Tone, Weekdays};

/// What the page shows.
pub struct ContractPage<'a> {
    /// As it stands.
    pub state: &'a ContractState,
    /// As it stood before what was just done.
    pub before: Option<&'a Contract>,
    /// Why nothing was changed.
    pub problem: Option<Fault>,
    /// Now.
    pub now: Moment,
}

/// The names of the days, Monday first.
const DAYS: [&str; 7] = [
    "contract-monday",
    "contract-tuesday",
    "contract-wednesday",
    "contract-thursday",
    "contract-friday",
    "contract-saturday",
    "contract-sunday",
];

/// Zones that are offered while typing; any other can be typed.
const ZONES: [&str; 14] = [
    "Europe/Paris",
    "Europe/Brussels",
    "Europe/Zurich",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Madrid",
    "America/Montreal",
    "America/New_York",
    "America/Guadeloupe",
    "America/Martinique",
    "Indian/Reunion",
    "Africa/Casablanca",
    "Africa/Dakar",
    "Pacific/Noumea",
];

#[derive(Template)]
#[template(path = "me_contract.html")]
struct Page<'a> {
    shell: Shell<'a>,
    address: String,
    /// Of each part what holds, in words.
    holds: Vec<Line>,
    changed: Option<Vec<String>>,
    problem: Option<String>,
    to_be_said: bool,
    conversing: bool,
    presets: Vec<(&'static str, String, String)>,
    days: Vec<(String, String, bool)>,
    from: String,
    to: String,
    at: String,
    rhythms: Vec<Choice>,
    weekdays: Vec<Choice>,
    per_week: String,
    pauses: Vec<Choice>,
    until: String,
    channels: Vec<Choice>,
    tones: Vec<Choice>,
    languages: Vec<Choice>,
    zone: &'a str,
    zones: [&'static str; 14],
}

/// A part of the contract.
#[derive(PartialEq, Eq)]
struct Line {
    name: String,
    text: String,
}

/// An option: value, words, whether it is chosen.
struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

/// The page as markup. Fails only if the machine cannot hold it.
pub fn contract(frame: &Frame<'_>, page: &ContractPage<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let contract = &page.state.contract;
    let holds = lines(words, contract, page.now);
    let changed = page.before.map(|before| {
        let before = lines(words, before, page.now);
        let differs = before.iter().zip(&holds).filter(|(before, now)| before != now);
        differs
            .map(|(before, now)| {
                let places = [
                    ("name", Put::Text(now.name.as_str())),
                    ("before", Put::Text(before.text.as_str())),
                    ("now", Put::Text(now.text.as_str())),
                ];
                words.with("contract-changed-line", &places)
            })
            .collect()
    });
    let days = contract.days.unwrap_or(Weekdays::ALL);
    let pause = contract.paused_until.filter(|until| *until > page.now);
    Page {
        address: format!("{}/me/contract", frame.root),
        changed,
        problem: page.problem.as_ref().map(|fault| fault_in_words(words, fault)),
        to_be_said: page.state.to_be_said,
        conversing: page.state.conversing,
        presets: presets(words, pause.is_some()),
        days: (0u8..)
            .zip(DAYS)
            .map(|(day, key)| (format!("day{day}"), words.say(key), days.hold(day)))
            .collect(),
        from: contract.hours.map(|hours| time(hours.from)).unwrap_or_default(),
        to: contract.hours.map(|hours| time(hours.to)).unwrap_or_default(),
        at: match contract.rhythm {
            Rhythm::Single => time(600),
            Rhythm::Daily { at } | Rhythm::Weekly { at, .. } => time(at),
        },
        rhythms: vec![
            choice(
                "single",
                words.say("contract-single"),
                contract.rhythm == Rhythm::Single,
            ),
            choice(
                "daily",
                words.say("contract-daily"),
                matches!(contract.rhythm, Rhythm::Daily { .. }),
            ),
            choice(
                "weekly",
                words.say("contract-weekly"),
                matches!(contract.rhythm, Rhythm::Weekly { .. }),
            ),
        ],
        weekdays: (0u8..)
            .zip(DAYS)
            .map(|(day, key)| {
                let chosen = match contract.rhythm {
                    Rhythm::Weekly { day: known, .. } => known == day,
                    _ => day == 5,
                };
                choice(&day.to_string(), words.say(key), chosen)
            })
            .collect(),
        per_week: contract.per_week.map(|most| most.to_string()).unwrap_or_default(),
        pauses: vec![
            choice("none", words.say("contract-pause-none"), pause.is_none()),
            choice(
                "until",
                words.say("contract-pause-until"),
                pause.is_some_and(|until| until.0 != i64::MAX),
            ),
            choice(
                "ever",
                words.say("contract-pause-ever"),
                pause == Some(Moment(i64::MAX)),
            ),
        ],
        until: pause
            .filter(|until| until.0 != i64::MAX)
            .map(|until| date(until, contract.zone.as_deref()))
            .unwrap_or_default(),
        channels: any(words, contract.channel.is_none())
            .chain(
                Channel::ALL
                    .map(|one| choice(one.as_str(), channel(words, one), contract.channel == Some(one))),
            )
            .collect(),
        tones: any(words, contract.tone.is_none())
            .chain(Tone::ALL.map(|one| choice(one.as_str(), tone(words, one), contract.tone == Some(one))))
            .collect(),
        languages: any(words, contract.language.is_none())
            .chain(
                [Language::En, Language::Fr]
                    .map(|one| choice(one.tag(), language(one), contract.language == Some(one))),
            )
            .collect(),
        zone: contract.zone.as_deref().unwrap_or_default(),
        zones: ZONES,
        holds,
        shell,
    }
    .render()
}

/// One sentence for each part, always in the same order.
fn lines(words: Words, contract: &Contract, now: Moment) -> Vec<Line> {
    let any = || words.say("contract-not-said");
    let paused = match contract.paused_until.filter(|until| *until > now) {
        None => words.say("contract-pause-none"),
        Some(Moment(i64::MAX)) => words.say("contract-paused-ever"),
        Some(until) => {
            let until = moment(words, until);
            words.with("contract-paused-until", &[("moment", Put::Text(&until))])
        }
    };
    let hours = match contract.hours {
        None => words.say("contract-any-hour"),
        Some(hours) => {
            let (from, to) = (time(hours.from), time(hours.to));
            words.with(
                "contract-hours-held",
                &[("from", Put::Text(&from)), ("to", Put::Text(&to))],
            )
        }
    };
    let days = match contract.days {
        None | Some(Weekdays::ALL) => words.say("contract-any-day"),
        Some(days) => {
            let held = (0u8..).zip(DAYS).filter(|(day, _)| days.hold(*day));
            words.list(&held.map(|(_, key)| words.say(key)).collect::<Vec<_>>())
        }
    };
    let rhythm = match contract.rhythm {
        Rhythm::Single => words.say("contract-single"),
        Rhythm::Daily { at } => {
            let at = time(at);
            words.with("contract-daily-at", &[("time", Put::Text(&at))])
        }
        Rhythm::Weekly { day, at } => {
            let day = DAYS
                .get(usize::from(day))
                .map(|key| words.say(key))
                .unwrap_or_default();
            let at = time(at);
            words.with(
                "contract-weekly-at",
                &[("day", Put::Text(&day)), ("time", Put::Text(&at))],
            )
        }
    };
    let most = match contract.per_week {
        None => any(),
        Some(most) => words.counted("contract-most", u64::from(most)),
    };
    [
        ("contract-pause", paused),
        ("contract-per-week", most),
        ("contract-rhythm", rhythm),
        ("contract-days", days),
        ("contract-hours", hours),
        (
            "contract-channel",
            contract.channel.map_or_else(any, |one| channel(words, one)),
        ),
        (
            "contract-tone",
            contract.tone.map_or_else(any, |one| tone(words, one)),
        ),
        ("contract-language", contract.language.map_or_else(any, language)),
        ("contract-zone", contract.zone.clone().unwrap_or_else(any)),
    ]
    .into_iter()
    .map(|(name, text)| Line {
        name: words.say(name),
        text,
    })
    .collect()
}

fn presets(words: Words, paused: bool) -> Vec<(&'static str, String, String)> {
    let all = [
        ("resume", "contract-do-resume", "contract-do-resume-words"),
        ("evenings", "contract-do-evenings", "contract-do-evenings-words"),
        ("once-a-week", "contract-do-once", "contract-do-once-words"),
        ("weekly", "contract-do-weekly", "contract-do-weekly-words"),
        ("pause-month", "contract-do-month", "contract-do-month-words"),
        ("pause-ever", "contract-do-ever", "contract-do-ever-words"),
        ("clear", "contract-do-clear", "contract-do-clear-words"),
    ];
    all.into_iter()
        .filter(|(act, ..)| paused || *act != "resume")
        .map(|(act, name, what)| (act, words.say(name), words.say(what)))
        .collect()
}

fn fault_in_words(words: Words, fault: &Fault) -> String {
    words.say(match fault {
        Fault::Time | Fault::Limits(NotAContract::Minute { .. }) => "contract-fault-time",
        Fault::HalfHours => "contract-fault-hours",
        Fault::NoDay | Fault::Limits(NotAContract::Days(_) | NotAContract::Day(_)) => "contract-fault-day",
        Fault::Date => "contract-fault-date",
        Fault::PerWeek | Fault::Limits(NotAContract::PerWeek(_)) => "contract-fault-week",
        Fault::Zone | Fault::Limits(NotAContract::Zone) => "contract-fault-zone",
        Fault::File => "contract-fault-file",
        Fault::NotKept => "contract-fault-nobody",
    })
}

fn any(words: Words, chosen: bool) -> impl Iterator<Item = Choice> {
    std::iter::once(choice("", words.say("contract-not-said"), chosen))
}

fn choice(value: &str, text: String, chosen: bool) -> Choice {
    Choice {
        value: value.to_owned(),
        text,
        chosen,
    }
}

fn channel(words: Words, channel: Channel) -> String {
    words.say(match channel {
        Channel::Email => "contract-by-email",
        Channel::Sms => "contract-by-sms",
        Channel::Push => "contract-by-push",
        Channel::InApp => "contract-in-app",
    })
}

fn tone(words: Words, tone: Tone) -> String {
    words.say(match tone {
        Tone::Plain => "contract-tone-plain",
        Tone::Warm => "contract-tone-warm",
        Tone::Formal => "contract-tone-formal",
    })
}

/// In that language itself.
fn language(language: Language) -> String {
    match language {
        Language::En => "English".to_owned(),
        Language::Fr => "Français".to_owned(),
    }
}

fn time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `2027-01-31`, on the clocks of the zone.
fn date(at: Moment, zone: Option<&str>) -> String {
    let zone = zone.and_then(|name| jiff::tz::db().get(name).ok());
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.to_zoned(zone.unwrap_or(jiff::tz::TimeZone::UTC))
        .date()
        .to_string()
}
