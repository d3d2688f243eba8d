//! The golden table of clearance, and what holds of every contract, program and clock.
//!
//! Deliberately does not know: envelopes.

use super::*;
use proptest::prelude::*;
use std::fmt::Write as _;
use vocabulary::{HOUR_MS, Rhythm, Weekdays};

/// Monday 2026-11-23, 12:00 UTC.
const NOON: i64 = 1_795_435_200_000;
const TABLE: &str = include_str!("table.txt");

/// One line of the table, as plain values.
struct Case {
    now: Moment,
    zone: TimeZone,
    purpose: PurposeName,
    channel: Channel,
    queued_at: Moment,
    contract: Contract,
    rules: Rules,
    left: Vec<(Moment, Channel)>,
    conversation: bool,
    suppressed: Option<WhySuppressed>,
    standing: Standing,
    claims: Claims,
}

impl Case {
    fn judged(&self, now: Moment) -> Verdict {
        let facts = Facts {
            purpose: self.purpose,
            channel: self.channel,
            queued_at: self.queued_at,
            contract: &self.contract,
            zone: &self.zone,
            left: &self.left,
            conversation: self.conversation,
            suppressed: self.suppressed,
            standing: self.standing,
            claims: self.claims,
        };
        judge(&facts, &self.rules, now)
    }
}

fn minute(text: &str) -> u16 {
    let (hour, minute) = text.split_once(':').unwrap();
    hour.parse::<u16>().unwrap() * 60 + minute.parse::<u16>().unwrap()
}

fn hours(text: &str) -> Hours {
    let (from, to) = text.split_once('-').unwrap();
    Hours {
        from: minute(from),
        to: minute(to),
    }
}

fn span(text: &str) -> i64 {
    let (count, unit) = text.split_at(text.len() - 1);
    let count: i64 = count.parse().unwrap();
    match unit {
        "m" => count * 60_000,
        "h" => count * HOUR_MS,
        _ => count * DAY_MS,
    }
}

fn weekday(text: &str) -> u8 {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    days.iter().position(|day| *day == text).unwrap() as u8
}

fn channel(text: &str) -> Channel {
    Channel::ALL.into_iter().find(|one| one.as_str() == text).unwrap()
}

fn case(line: &str) -> Case {
    let mut case = Case {
        now: Moment(NOON),
        zone: TimeZone::UTC,
        purpose: PurposeName::MarketByEmail,
        channel: Channel::Email,
        queued_at: Moment(i64::MIN),
        contract: Contract::default(),
        rules: Rules::default(),
        left: Vec::new(),
        conversation: false,
        suppressed: None,
        standing: Standing::InForce,
        claims: Claims::Backed,
    };
    let mut queued = 0;
    for part in line.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (what, how) = part.split_once(' ').unwrap_or((part, ""));
        match what {
            "now" => {
                let at: jiff::Timestamp = how.parse().unwrap();
                case.now = Moment(at.as_millisecond());
            }
            "zone" => case.zone = TimeZone::get(how).unwrap(),
            "service" => case.purpose = PurposeName::Service,
            "by" => {
                case.channel = channel(how);
                case.purpose = case.channel.purpose();
            }
            "queued" => queued = span(how),
            "hours" => case.contract.hours = Some(hours(how)),
            "days" => {
                let days = how.split(',').fold(0, |days, day| days | 1 << weekday(day));
                case.contract.days = Some(Weekdays(days));
            }
            "per-week" => case.contract.per_week = Some(how.parse().unwrap()),
            "paused" if how == "for-good" => case.contract.paused_until = Some(Moment(i64::MAX)),
            "paused" => case.contract.paused_until = Some(case.now.plus(span(how))),
            "daily" => case.contract.rhythm = Rhythm::Daily { at: minute(how) },
            "weekly" => {
                let (day, at) = how.split_once(' ').unwrap();
                case.contract.rhythm = Rhythm::Weekly {
                    day: weekday(day),
                    at: minute(at),
                };
            }
            "left" => {
                for one in how.split(',') {
                    let (ago, by) = one.split_once('/').unwrap_or((one, "email"));
                    case.left.push((Moment(case.now.0 - span(ago)), channel(by)));
                }
            }
            "quiet" => case.rules.quiet = Some(hours(how)),
            "cap-day" => case.rules.caps.all.per_day = Some(how.parse().unwrap()),
            "cap-week" => case.rules.caps.all.per_week = Some(how.parse().unwrap()),
            "cap-channel-day" | "cap-channel-week" => {
                let cap = case.rules.caps.channels.entry(case.channel).or_default();
                let limit = Some(how.parse().unwrap());
                match what {
                    "cap-channel-day" => cap.per_day = limit,
                    _ => cap.per_week = limit,
                }
            }
            "conversation" => case.conversation = true,
            "suppressed" => {
                let all = WhySuppressed::ALL.into_iter();
                case.suppressed = all.into_iter().find(|why| why.as_str() == how);
                assert!(case.suppressed.is_some(), "{line}");
            }
            "unapproved" => case.standing = Standing::NotApproved,
            "journey-paused" => case.standing = Standing::Paused,
            "gone" => case.standing = Standing::Gone,
            "claim-dead" => case.claims = Claims::Dead,
            _ => panic!("what is `{part}`?"),
        }
    }
    case.queued_at = Moment(case.now.0 - queued);
    case
}

fn told(case: &Case) -> String {
    let at = |moment: Moment| match moment {
        NEVER => "they say something".to_owned(),
        at => calendar::local(&case.zone, at)
            .unwrap()
            .strftime("%a %Y-%m-%d %H:%M %z")
            .to_string(),
    };
    match case.judged(case.now) {
        Verdict::Pass(_) => "pass".to_owned(),
        Verdict::Wait { until, held } => format!("wait {} ({}) until {}", held.code, held.policy, at(until)),
        Verdict::End(held) => format!("end {} ({})", held.code, held.policy),
    }
}

#[test]
fn the_table_says_what_clearance_says() {
    let mut written = String::new();
    for line in TABLE.lines() {
        let Some((given, _)) = line.split_once("=>") else {
            writeln!(written, "{line}").unwrap();
            continue;
        };
        writeln!(
            written,
            "{}",
            format!("{} => {}", given.trim(), told(&case(given))).trim()
        )
        .unwrap();
    }
    if std::env::var_os("EGARD_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/clearance/table.txt");
        std::fs::write(path, &written).unwrap();
        return;
    }
    for (now, before) in written.lines().zip(TABLE.lines()) {
        assert_eq!(
            now, before,
            "`EGARD_BLESS=1 cargo test -p gate --lib clearance` writes the table anew"
        );
    }
    let cases = TABLE.lines().filter(|line| line.contains("=>")).count();
    assert!(cases > 60, "{cases}");
}

fn contracts() -> impl Strategy<Value = Contract> {
    let hours = || (0u16..1_440, 0u16..1_440).prop_map(|(from, to)| Hours { from, to });
    let rhythm = prop_oneof![
        3 => Just(Rhythm::Single),
        1 => (0u16..1_440).prop_map(|at| Rhythm::Daily { at }),
        1 => (0u8..7, 0u16..1_440).prop_map(|(day, at)| Rhythm::Weekly { day, at }),
    ];
    (
        prop::option::of(hours()),
        prop::option::of((0u8..128).prop_map(Weekdays)),
        prop::option::of(0u8..5),
        prop::option::of((-3i64..20).prop_map(|days| Moment(NOON + days * DAY_MS))),
        rhythm,
    )
        .prop_map(|(hours, days, per_week, paused_until, rhythm)| Contract {
            hours,
            days,
            per_week,
            paused_until,
            rhythm,
            ..Contract::default()
        })
}

fn rules() -> impl Strategy<Value = Rules> {
    let cap = || {
        (prop::option::of(0u16..4), prop::option::of(0u16..8))
            .prop_map(|(per_day, per_week)| Cap { per_day, per_week })
    };
    let quiet = prop::option::of((0u16..1_440, 1u16..1_440).prop_map(|(from, for_)| Hours {
        from,
        to: (from + for_) % 1_440,
    }));
    (cap(), cap(), quiet).prop_map(|(all, email, quiet)| Rules {
        caps: Caps {
            all,
            channels: [(Channel::Email, email)].into(),
        },
        quiet,
    })
}

fn zones() -> impl Strategy<Value = TimeZone> {
    let names = vec![
        "Europe/Paris",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Asia/Kathmandu",
        "Pacific/Apia",
    ];
    prop::sample::select(names).prop_map(|name| TimeZone::get(name).unwrap())
}

fn cases() -> impl Strategy<Value = Case> {
    let left = prop::collection::vec(
        (0i64..14 * 24 * 60, prop::sample::select(Channel::ALL.to_vec())),
        0..8,
    );
    let now = (0i64..365 * 24 * 60).prop_map(|minutes| Moment(NOON + minutes * 60_000));
    (now, zones(), contracts(), rules(), left, 0i64..20 * 24 * 60).prop_map(
        |(now, zone, contract, rules, left, queued)| Case {
            left: left
                .into_iter()
                .map(|(ago, by)| (Moment(now.0 - ago * 60_000), by))
                .collect(),
            queued_at: Moment(now.0 - queued * 60_000),
            now,
            zone,
            contract,
            rules,
            ..case("")
        },
    )
}

/// Everything that the person said, asked of clocks and numbers as a person would ask it.
fn would_mind(case: &Case, at: Moment) -> bool {
    let wall = calendar::wall(&case.zone, at).unwrap();
    let contract = &case.contract;
    let week = case
        .left
        .iter()
        .filter(|(when, _)| when.0 > at.0 - 7 * DAY_MS)
        .count();
    contract.hours.is_some_and(|hours| !hours.hold(wall.minute))
        || contract.days.is_some_and(|days| !days.hold(wall.weekday))
        || contract.paused_until.is_some_and(|until| at < until)
        || contract.per_week.is_some_and(|most| week + 1 > usize::from(most))
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "now {:?} queued {:?} {:?} {:?} {:?} left {:?}",
            self.now,
            self.queued_at,
            self.zone.iana_name(),
            self.contract,
            self.rules,
            self.left
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_leaves_that_the_person_would_mind_whatever_the_operator_sets(case in cases()) {
        if matches!(case.judged(case.now), Verdict::Pass(_)) {
            prop_assert!(!would_mind(&case, case.now));
        }
    }

    #[test]
    fn no_operator_setting_lets_more_leave_than_none(case in cases()) {
        let passes = |case: &Case| matches!(case.judged(case.now), Verdict::Pass(_));
        let with = passes(&case);
        let without = passes(&Case { rules: Rules::default(), ..case });
        prop_assert!(without || !with);
    }

    #[test]
    fn what_waits_may_leave_when_its_moment_comes_and_not_before(case in cases()) {
        let Verdict::Wait { until, .. } = case.judged(case.now) else { return Ok(()); };
        prop_assert!(until > case.now);
        if until == NEVER || until >= case.queued_at.plus(EXPIRES_MS) {
            return Ok(());
        }
        prop_assert!(matches!(case.judged(until), Verdict::Pass(_)), "{:?}", case.judged(until));
        // Nor at any moment between that is looked at.
        let step = ((until.0 - case.now.0) / 50).max(60_000);
        let mut at = case.now;
        while at < until {
            prop_assert!(!matches!(case.judged(at), Verdict::Pass(_)), "{at:?}");
            at = at.plus(step);
        }
    }

    #[test]
    fn a_week_never_holds_more_than_the_person_said(
        most in 1u8..5,
        zone in zones(),
        wishes in prop::collection::vec(0i64..40 * 24 * 60, 1..60),
    ) {
        let mut case = Case { zone, contract: Contract { per_week: Some(most), ..Contract::default() }, ..case("") };
        let mut wishes = wishes;
        wishes.sort_unstable();
        for wish in wishes {
            let now = Moment(NOON + wish * 60_000);
            case.queued_at = now;
            let at = match case.judged(now) {
                Verdict::Pass(_) => now,
                Verdict::Wait { until, .. } if until < now.plus(EXPIRES_MS) => until,
                _ => continue,
            };
            case.left.push((at, Channel::Sms));
        }
        // What was put off by two wishes to the same moment is judged again then: only what passes counts.
        let mut left: Vec<i64> = Vec::new();
        let mut all: Vec<i64> = case.left.iter().map(|(at, _)| at.0).collect();
        all.sort_unstable();
        for at in all {
            case.left = left.iter().map(|at| (Moment(*at), Channel::Sms)).collect();
            case.queued_at = Moment(at);
            if matches!(case.judged(Moment(at)), Verdict::Pass(_)) {
                left.push(at);
            }
        }
        for (place, at) in left.iter().enumerate() {
            let within = left.iter().skip(place).take_while(|other| **other < at + 7 * DAY_MS).count();
            prop_assert!(within <= usize::from(most));
        }
    }

    #[test]
    fn the_service_answers_at_any_hour(case in cases()) {
        let case = Case { purpose: PurposeName::Service, conversation: true, ..case };
        prop_assert!(matches!(case.judged(case.now), Verdict::Pass(_)));
    }
}
