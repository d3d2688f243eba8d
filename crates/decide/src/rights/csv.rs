//! The export as one table (RFC 4180): a row for each fact, with the same seven columns. Safe in a
//! spreadsheet: a cell that a program would take for a formula is made plain text.
//!
//! Deliberately does not know: where the facts come from.

use super::export::Document;

const HEAD: [&str; 7] = ["what", "name", "value", "at", "source", "purposes", "record"];

/// The whole table, in UTF-8, rows ended by CR LF.
pub(super) fn write(document: &Document<'_>) -> Vec<u8> {
    let mut table = String::new();
    row(&mut table, HEAD);
    for c in &document.consents {
        let at = c.at.as_deref().unwrap_or_default();
        let record = c.record.as_deref().unwrap_or_default();
        row(
            &mut table,
            ["consent", c.purpose, c.state, at, c.source, c.purpose, record],
        );
    }
    let standing = &document.standing;
    for (name, value) in [
        ("age", standing.age),
        ("age_reported", standing.age_reported),
        ("age_said", standing.age_said.unwrap_or_default()),
        ("under_review", &standing.under_review.join(" ")),
        ("restricted", yes(standing.restricted)),
        ("objected", yes(standing.objected)),
        ("objected_marketing", yes(standing.objected_marketing)),
        ("gpc", yes(standing.gpc)),
    ] {
        row(&mut table, ["standing", name, value, "", "", "", ""]);
    }
    for t in &document.traits {
        let purposes = t.purposes.join(" ");
        row(
            &mut table,
            ["trait", t.name, &plain(t.value), &t.at, t.source, &purposes, ""],
        );
    }
    for i in &document.items {
        let purposes = i.purposes.join(" ");
        for (did, count) in [("viewed", i.viewed), ("added", i.added), ("bought", i.bought)] {
            if count > 0 {
                let what = format!("item {did}");
                let count = count.to_string();
                row(
                    &mut table,
                    [&what, i.item, &count, &i.last_at, i.source, &purposes, ""],
                );
            }
        }
    }
    for m in &document.memberships {
        let title = format!("{} / {}", m.title.fr, m.title.en);
        row(
            &mut table,
            ["group", &m.segment, &title, &m.since, "", "segment", ""],
        );
        for why in m.why.fr.iter().chain(&m.why.en) {
            row(&mut table, ["group why", &m.segment, why, "", "", "segment", ""]);
        }
    }
    for j in &document.journeys {
        let step = j.step.as_deref().unwrap_or_default();
        row(
            &mut table,
            ["journey", &j.journey, step, &j.since, "", "segment", ""],
        );
    }
    if let Some(at) = &document.contract.said_at {
        let said = serde_json::to_string(document.contract.contract).unwrap_or_default();
        row(&mut table, ["contract", "", &said, at, "", "", ""]);
    }
    for talk in &document.conversations {
        for turn in &talk.turns {
            let by = turn.by.unwrap_or_default();
            let purpose = "human_help";
            row(
                &mut table,
                ["conversation", talk.subject, turn.text, &turn.at, by, purpose, ""],
            );
        }
    }
    for o in &document.outbox {
        let at = o.due_at.as_deref().or(o.left_at.as_deref()).unwrap_or_default();
        let (purpose, record) = (
            o.purpose.unwrap_or_default(),
            o.record.as_deref().unwrap_or_default(),
        );
        let channel = o.channel.unwrap_or_default();
        row(
            &mut table,
            ["outbox", o.name, o.state, at, channel, purpose, record],
        );
    }
    for way in &document.closed_ways {
        let channel = way.channel.unwrap_or_default();
        row(
            &mut table,
            ["closed way", channel, way.why, &way.since, "", "", ""],
        );
    }
    if let Some(at) = &document.preferences.said_at {
        let said = serde_json::to_string(document.preferences.preferences).unwrap_or_default();
        row(&mut table, ["preferences", "", &said, at, "", "personalise", ""]);
    }
    for item in &document.muted {
        row(&mut table, ["muted item", item, "", "", "", "", ""]);
    }
    for c in &document.counts {
        row(
            &mut table,
            ["count", c.event, &c.count.to_string(), &c.day, "", "", ""],
        );
    }
    for e in &document.events {
        let purposes = e.purposes.join(" ");
        let mut of_event = |what: &str, name: &str, value: &str| {
            row(&mut table, [what, name, value, &e.at, e.source, &purposes, ""]);
        };
        if e.name.is_some() || e.fields.is_some() {
            let (name, fields) = (e.name.unwrap_or_default(), e.fields.unwrap_or_default());
            of_event("event", name, fields);
        }
        for touched in &e.items {
            of_event("event item", touched.item, touched.did);
        }
        for said in &e.traits {
            of_event("event trait", said.name, &plain(said.value));
        }
        for chosen in &e.choices {
            of_event("event choice", chosen.purpose, yes(chosen.given));
        }
        if e.gpc {
            of_event("event signal", "gpc", "yes");
        }
        if let Some(acted) = &e.act {
            of_event("event act", acted.act, acted.about.unwrap_or_default());
        }
    }
    for d in &document.decisions {
        row(
            &mut table,
            ["decision", d.entry, d.details, "", "", "", &d.record],
        );
        if let Some(why) = d.why.as_ref().and_then(|why| serde_json::to_string(why).ok()) {
            row(&mut table, ["decision reasons", "", &why, "", "", "", &d.record]);
        }
        if let Some(why_not) = d.why_not {
            row(
                &mut table,
                ["decision without reasons", "", why_not, "", "", "", &d.record],
            );
        }
    }
    for recipient in document.recipients {
        let place = &recipient.place;
        row(
            &mut table,
            [
                "recipient",
                &recipient.name,
                &recipient.purpose,
                "",
                place,
                "",
                "",
            ],
        );
    }
    table.into_bytes()
}

/// A JSON string as its text; everything else as its JSON.
fn plain(json: &str) -> std::borrow::Cow<'_, str> {
    match serde_json::from_str::<String>(json) {
        Ok(text) => text.into(),
        Err(_) => json.into(),
    }
}

fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn row(table: &mut String, cells: [&str; 7]) {
    for (at, text) in cells.into_iter().enumerate() {
        if at > 0 {
            table.push(',');
        }
        cell(table, text);
    }
    table.push_str("\r\n");
}

/// One cell, always quoted. What begins like a formula (`=`, `+`, `-`, `@`, also behind spaces and in
/// their full-width forms) gets an apostrophe before it, as OWASP advises against CSV injection; a plain
/// number needs none. A spreadsheet may part cells at a semicolon, a tab or a line end whatever the
/// quotes say, so what follows one of these begins a cell, too.
fn cell(table: &mut String, text: &str) {
    table.push('"');
    let number = text.parse::<f64>().is_ok();
    let mut begins = !number;
    if text
        .trim_start_matches([' ', '\u{a0}', '\u{feff}'])
        .starts_with(['\t', '\r', '\n'])
    {
        table.push('\'');
    }
    for letter in text.chars() {
        if begins && matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
            table.push('\'');
        }
        begins = match letter {
            ';' | ',' | '|' | '\t' | '\r' | '\n' => !number,
            ' ' | '\u{a0}' | '\u{feff}' | '"' | '\'' => begins,
            _ => false,
        };
        if letter == '"' {
            table.push('"');
        }
        table.push(letter);
    }
    table.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        let mut out = String::new();
        cell(&mut out, text);
        out
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(shown("=1+1"), "\"'=1+1\"");
        assert_eq!(shown(" @SUM(A1)"), "\" '@SUM(A1)\"");
        assert_eq!(shown("\t=cmd|' /C calc'!A0"), "\"'\t'=cmd|' /C calc'!A0\"");
        assert_eq!(shown("x;=cmd|' /C calc'!A0"), "\"x;'=cmd|' /C calc'!A0\"");
        assert_eq!(shown("x\n=1+1"), "\"x\n'=1+1\"");
        assert_eq!(shown("-1.5"), "\"-1.5\"");
        assert_eq!(shown("-1+cmd"), "\"'-1+cmd\"");
        assert_eq!(shown("a \"b\",\r\nc"), "\"a \"\"b\"\",\r\nc\"");
    }

    proptest! {
        #[test]
        fn no_part_of_a_cell_is_a_formula_and_nothing_else_is_changed(text in "[a;,\\t\\n\\r =+@\"'-]{0,12}|.*") {
            let shown = shown(&text);
            let inner = shown[1..shown.len() - 1].replace("\"\"", "\"");
            prop_assert_eq!(shown.matches('"').count() % 2, 0);
            let without = |text: &str| text.replace('\'', "");
            prop_assert_eq!(without(&inner), without(&text));
            if text.parse::<f64>().is_err() {
                for part in inner.split([';', ',', '\t', '\r', '\n']) {
                    let part = part.trim_start_matches([' ', '\u{a0}', '\u{feff}', '"']);
                    prop_assert!(!part.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{:?}", inner);
                }
            }
        }
    }
}
