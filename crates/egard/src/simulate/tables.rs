//! A simulation's figures in the terminal.

use crate::bench::table::{grouped, print as table, row};
use crate::say;
use lab::simulate::{ByPolicy, JourneyReport, MessageReport, Report};
use program::Program;
use std::collections::BTreeMap;

/// Prints all of it.
pub fn print(program: &Program, report: &Report, histories: usize) {
    let made = match histories {
        0 => "people and events are made up".to_owned(),
        count => format!("events of {count} people who did them; all else is made up"),
    };
    say(&format!(
        "{} people for {} days from {}, seed {}: {made}",
        count(report.people),
        report.days,
        report.begins,
        report.seed
    ));
    say(&format!("program {}", report.program));
    say(&format!(
        "{} agreed to groups; nobody else is ever looked at. {} took it back.",
        count(report.permitting),
        count(report.withdrawals)
    ));
    journeys(report);
    for (name, journey) in &report.journeys {
        one(program, name, journey);
    }
    messages(report);
    weeks(report);
    segments(report);
}

fn journeys(report: &Report) {
    let mut rows = vec![row([
        "journey",
        "entered",
        "a day",
        "held out",
        "goal",
        "goal held out",
        "left",
        "in it",
        "first contact",
        "p90",
        "never ends",
    ])];
    for (name, one) in &report.journeys {
        rows.push(row([
            name,
            &count(one.entered),
            &a_day(one.entered, report.days),
            &count(one.held_out),
            &count(one.goals),
            &count(one.goals_held_out),
            &count(one.ended()),
            &count(one.present()),
            &one.first_contact_median.map_or("-".to_owned(), minutes),
            &one.first_contact_p90.map_or("-".to_owned(), minutes),
            &count(one.endless),
        ]));
    }
    table("journeys", &rows);
    for (name, one) in report.journeys.iter().filter(|(_, one)| one.endless > 0) {
        say(&format!(
            "`{name}` goes round and round for {} of those who are in it: give the loop a way out",
            count(one.endless)
        ));
    }
}

fn one(program: &Program, name: &str, one: &JourneyReport) {
    let steps = program
        .journeys
        .values()
        .find(|journey| journey.name.as_str() == name);
    let stands = steps
        .into_iter()
        .flat_map(|journey| &journey.steps)
        .filter_map(|step| {
            let there = one.at_end.get(&step.id)?;
            Some(format!("{} {}", step.id, count(*there)))
        });
    let mut stands: Vec<String> = stands.collect();
    if one.held_out_at_end > 0 {
        stands.push(format!("held out {}", count(one.held_out_at_end)));
    }
    let mut parts = vec![listed("left", &one.left)];
    if !stands.is_empty() {
        parts.push(format!("in it: {}", stands.join(", ")));
    }
    if !one.arms.is_empty() {
        parts.push(listed("arms", &one.arms));
    }
    for (what, number) in [
        ("tasks", one.tasks),
        ("webhooks", one.webhooks),
        ("traits set", one.updates),
    ] {
        if number > 0 {
            parts.push(format!("{what} {}", count(number)));
        }
    }
    say(&format!("  {name}: {}", parts.join("; ")));
}

fn messages(report: &Report) {
    let mut rows = vec![row([
        "message",
        "wanted",
        "sent",
        "a day",
        "most in a day",
        "several in one",
        "never sent",
        "waits at the end",
        "by language",
    ])];
    for (name, one) in &report.messages {
        let most = one.sent_by_day.iter().copied().max().unwrap_or_default();
        let languages: Vec<String> = one
            .by_language
            .iter()
            .map(|(language, sent)| format!("{language} {}", count(*sent)))
            .collect();
        let never = one.ended.values().flat_map(BTreeMap::values).sum();
        rows.push(row([
            name,
            &count(one.wanted),
            &count(one.sent),
            &a_day(one.sent, report.days),
            &count(most),
            &count(one.together),
            &count(never),
            &count(one.waiting),
            &languages.join(", "),
        ]));
    }
    table("messages", &rows);
    refusals("never sent, by reason", report, |one| &one.ended);
    refusals("held back for a while, by reason", report, |one| &one.held);
}

/// Over all messages, the most frequent first.
fn refusals(title: &str, report: &Report, of: fn(&MessageReport) -> &ByPolicy) {
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (code, policies) in report.messages.values().flat_map(of) {
        for (policy, messages) in policies {
            *sums.entry((code, policy)).or_default() += messages;
        }
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, messages)| std::cmp::Reverse(*messages));
    let mut rows = vec![row(["code", "policy", "messages"])];
    rows.extend(
        sums.iter()
            .map(|((code, policy), messages)| row([code, policy, &count(*messages)])),
    );
    table(title, &rows);
}

fn weeks(report: &Report) {
    let all: u64 = report.messages_in_a_week.values().sum();
    let mut rows = vec![row(["messages in a week", "weeks of people", "%"])];
    for (messages, weeks) in &report.messages_in_a_week {
        let share = *weeks as f64 * 100.0 / all.max(1) as f64;
        rows.push(row([
            &messages.to_string(),
            &count(*weeks),
            &format!("{share:.2}"),
        ]));
    }
    table("how often people are written to", &rows);
    if let Some(most) = report.most_burdened {
        say(&format!(
            "the most burdened person (number {}) gets {} in week {}",
            most.person,
            most.messages,
            most.week + 1
        ));
    }
}

fn segments(report: &Report) {
    let days = report.days as usize;
    let marks: Vec<usize> = [1, 2, 3, 4]
        .iter()
        .map(|part| (days * part / 4).max(1) - 1)
        .collect();
    let mut head = vec!["segment".to_owned(), "at first".to_owned()];
    head.extend(marks.iter().map(|day| format!("day {}", day + 1)));
    head.extend(["entered".to_owned(), "left".to_owned()]);
    let mut rows = vec![head];
    for (name, one) in &report.segments {
        let mut cells = vec![name.clone(), signed(one.first)];
        cells.extend(
            marks
                .iter()
                .map(|day| one.by_day.get(*day).map_or("-".to_owned(), |size| signed(*size))),
        );
        cells.extend([count(one.entered), count(one.left)]);
        rows.push(cells);
    }
    table("segments", &rows);
}

fn listed(what: &str, counts: &BTreeMap<String, u64>) -> String {
    let each: Vec<String> = counts
        .iter()
        .map(|(name, number)| format!("{name} {}", count(*number)))
        .collect();
    match each.as_slice() {
        [] => format!("{what}: nobody"),
        each => format!("{what}: {}", each.join(", ")),
    }
}

fn a_day(all: u64, days: u32) -> String {
    grouped(all as f64 / f64::from(days.max(1)), 1)
}

fn count(number: u64) -> String {
    grouped(number as f64, 0)
}

fn signed(number: i64) -> String {
    grouped(number as f64, 0)
}

/// A length of time, in the unit that reads best.
fn minutes(minutes: i64) -> String {
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2_880 => format!("{:.1} h", minutes as f64 / 60.0),
        _ => format!("{:.1} d", minutes as f64 / 1_440.0),
    }
}
