//! People taken over from another system, from a CSV file. A permission comes along only if the row says
//! where and when it was given; a refusal always does. What is imported goes through the same admission
//! as an event: what no permitted purpose holds is not kept.
//!
//! Deliberately does not know: files, the command line.

mod table;

use crate::consent;
use crate::dictionary::Dictionary;
use crate::envelope::Input;
use crate::evidence::{Action, Component, Evidence, MAX_ORIGIN, Origin, Shown};
use crate::gate::Gate;
use crate::intake::{self, Received, Whom};
use crate::soft_opt_in::{self, SoftOptIn};
use crate::{Fate, Unavailable};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use table::{Broken, Rows};
use vocabulary::{Digest, Event, Kind, Language, Moment, PurposeName, PurposeSet, Signals};

/// Longest file that is imported, bytes.
pub const MAX_BYTES: u64 = 512 << 20;
/// Longest identifier, bytes.
const MAX_ID: usize = 256;

/// One person of the file.
#[derive(Clone, PartialEq)]
pub struct Row {
    /// The line it starts on, from 1.
    pub line: usize,
    user_id: String,
    traits: Map<String, Value>,
    /// By category of the dictionary.
    answers: BTreeMap<String, bool>,
    origin: Option<Origin>,
    shown: Option<Result<Shown, ()>>,
    objects: bool,
    soft_opt_in: BTreeMap<u8, SoftOptIn>,
}

impl std::fmt::Debug for Row {
    /// Nothing personal: the line only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({})", self.line)
    }
}

/// What became of one row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Imported {
    /// Of the row.
    pub fate: Fate,
    /// A permission or soft opt-in of it was left out: where and when it was given, the words that were
    /// shown, or a fact is missing or does not fit.
    pub left_out: bool,
}

/// A file that cannot be imported at all.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// No header.
    #[error("the file has no header line; name the columns, `user_id` among them")]
    NoHeader,
    /// No column with the identifier.
    #[error("no column is called `user_id`; without it a row belongs to nobody")]
    NoUser,
    /// A column that means nothing.
    #[error(
        "column {number} has a name that means nothing here; columns are `user_id`, `trait.NAME` and \
         `consent.CATEGORY` of the data dictionary, `consent_source`, `consent_date`, `consent_notice`, \
         `consent_language`, `objects_to_marketing`, `soft_opt_in.PURPOSE.FACT`"
    )]
    Column {
        /// Which, from 1.
        number: usize,
    },
    /// The same column twice.
    #[error("column {number} is there twice")]
    Twice {
        /// The second one, from 1.
        number: usize,
    },
}

/// A row that cannot be imported; the others can. Holds nothing of what the row says.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Fault {
    /// The line it starts on, from 1.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub problem: &'static str,
}

/// What a column says.
#[derive(Clone, PartialEq, Debug)]
enum Column {
    User,
    Trait(String),
    Consent(String),
    Source,
    Date,
    Notice,
    Language,
    Objects,
    Soft(PurposeName, usize),
}

/// The facts of a soft opt-in, as columns.
const FACTS: [&str; 6] = [
    "sale",
    "sold_at",
    "seller",
    "similar",
    "opt_out_at_collection",
    "opt_out_each_time",
];

/// The rows of a file, one by one. `date` reads a date or a moment (RFC 3339).
pub fn read<'a>(
    text: &'a str,
    dictionary: &Dictionary,
    date: impl Fn(&str) -> Option<Moment> + 'a,
) -> Result<impl Iterator<Item = Result<Row, Fault>> + 'a, Error> {
    let mut rows = Rows::new(text);
    let Some((_, Ok(header))) = rows.next() else {
        return Err(Error::NoHeader);
    };
    let mut columns: Vec<Column> = Vec::with_capacity(header.len());
    for (number, name) in (1..).zip(&header) {
        let Some(column) = column(name.trim(), dictionary) else {
            return Err(Error::Column { number });
        };
        if columns.contains(&column) {
            return Err(Error::Twice { number });
        }
        columns.push(column);
    }
    if !columns.contains(&Column::User) {
        return Err(Error::NoUser);
    }
    Ok(rows.map(move |(line, fields)| {
        let row = match fields {
            Ok(fields) => row(line, &columns, fields, &date),
            Err(Broken::Quote) => Err("a quoted field does not end where it should"),
            Err(Broken::TooLong) => Err("a field or the row is too long"),
        };
        row.map_err(|problem| Fault { line, problem })
    }))
}

fn column(name: &str, dictionary: &Dictionary) -> Option<Column> {
    let fixed = match name {
        "user_id" => Some(Column::User),
        "consent_source" => Some(Column::Source),
        "consent_date" => Some(Column::Date),
        "consent_notice" => Some(Column::Notice),
        "consent_language" => Some(Column::Language),
        "objects_to_marketing" => Some(Column::Objects),
        _ => None,
    };
    if fixed.is_some() {
        return fixed;
    }
    match name.split_once('.')? {
        ("trait", name) => dictionary
            .traits
            .contains_key(name)
            .then(|| Column::Trait(name.to_owned())),
        ("consent", category) => dictionary
            .stands_for(category)
            .is_some()
            .then(|| Column::Consent(category.to_owned())),
        ("soft_opt_in", rest) => {
            let (purpose, fact) = rest.split_once('.')?;
            let fact = FACTS.iter().position(|known| *known == fact)?;
            Some(Column::Soft(PurposeName::parse(purpose)?, fact))
        }
        _ => None,
    }
}

fn row(
    line: usize,
    columns: &[Column],
    fields: Vec<String>,
    date: &impl Fn(&str) -> Option<Moment>,
) -> Result<Row, &'static str> {
    if fields.len() != columns.len() {
        return Err("it has another number of fields than the header");
    }
    let mut row = Row {
        line,
        user_id: String::new(),
        traits: Map::new(),
        answers: BTreeMap::new(),
        origin: None,
        shown: None,
        objects: false,
        soft_opt_in: BTreeMap::new(),
    };
    let (mut source, mut chosen, mut notice, mut language) = (None, None, None, None);
    for (column, field) in columns.iter().zip(fields) {
        let field = field.trim();
        if field.is_empty() {
            continue;
        }
        match column {
            Column::User if field.len() > MAX_ID => return Err("`user_id` is longer than 256 bytes"),
            Column::User => field.clone_into(&mut row.user_id),
            Column::Trait(name) => drop(row.traits.insert(name.clone(), Value::String(field.to_owned()))),
            Column::Consent(category) => {
                let answer =
                    yes_or_no(field).ok_or("a consent is neither yes nor no; leave it empty if unknown")?;
                row.answers.insert(category.clone(), answer);
            }
            Column::Source => source = Some(field.to_owned()),
            Column::Date => {
                chosen = Some(date(field).ok_or("`consent_date` is no date; write it as 2026-11-22")?);
            }
            Column::Notice => notice = Some(field.to_owned()),
            Column::Language => language = Language::of_tag(field),
            Column::Objects => {
                row.objects = yes_or_no(field).ok_or("`objects_to_marketing` is neither yes nor no")?;
            }
            Column::Soft(purpose, fact) => {
                let facts = row.soft_opt_in.entry(*purpose as u8).or_default();
                match fact {
                    0 => field.clone_into(&mut facts.sale),
                    1 => facts.sold_at = date(field).ok_or("`sold_at` is no date; write it as 2026-11-22")?,
                    2 => field.clone_into(&mut facts.seller),
                    3 => field.clone_into(&mut facts.similar),
                    4 => field.clone_into(&mut facts.opt_out_at_collection),
                    _ => field.clone_into(&mut facts.opt_out_each_time),
                }
            }
        }
    }
    if row.user_id.is_empty() {
        return Err("`user_id` is empty");
    }
    row.origin = match (source, chosen) {
        (Some(source), Some(at)) if source.len() <= MAX_ORIGIN => Some(Origin { source, at }),
        _ => None,
    };
    row.shown = notice.map(|notice| shown(&notice, language));
    Ok(row)
}

/// A consent's notice is written `id/version`; its language must be known to name its words.
fn shown(notice: &str, language: Option<Language>) -> Result<Shown, ()> {
    let (id, version) = notice.rsplit_once('/').ok_or(())?;
    Ok(Shown {
        notice: id.to_owned(),
        version: version.parse().map_err(drop)?,
        language: language.ok_or(())?,
        text: None,
    })
}

fn yes_or_no(field: &str) -> Option<bool> {
    match field.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" | "oui" | "granted" => Some(true),
        "no" | "false" | "0" | "non" | "denied" => Some(false),
        _ => None,
    }
}

impl Gate {
    /// Imports rows, durable when it answers; the answers are in their order. A row that was imported
    /// before is recognised, so that an import that was cut short can be started again.
    pub async fn import(
        &self,
        rows: Vec<Row>,
        source: &str,
        now: Moment,
    ) -> Result<Vec<Imported>, Unavailable> {
        let mut received = Vec::with_capacity(rows.len());
        let mut parts = Vec::with_capacity(rows.len());
        for row in rows {
            let before = received.len();
            let left_out = self.take_row(row, source, now, &mut received)?;
            parts.push((received.len() - before, left_out));
        }
        let mut fates = self.observe(received).await?.into_iter();
        let mut imported = Vec::with_capacity(parts.len());
        for (count, left_out) in parts {
            let fates: Vec<Fate> = fates.by_ref().take(count).collect();
            let fate = match fates.iter().find(|fate| **fate == Fate::Stored).or(fates.first()) {
                Some(fate) => *fate,
                None => return Err(Unavailable::Busy),
            };
            imported.push(Imported { fate, left_out });
        }
        Ok(imported)
    }

    /// What a row says, as things that arrived. Answers whether a permission of it was left out.
    fn take_row(
        &self,
        row: Row,
        source: &str,
        now: Moment,
        received: &mut Vec<Received>,
    ) -> Result<bool, Unavailable> {
        let shared = self.shared();
        let (dictionary, notices) = (&shared.dictionary, shared.notices());
        let identity = identity(&row);
        let origin = row.origin.filter(|origin| origin.at <= now);
        let event = Event {
            message_id: identity.clone(),
            kind: Kind::Identify,
            name: String::new(),
            user_id: Some(row.user_id.clone()),
            anonymous_id: None,
            previous_id: None,
            at: origin.as_ref().map_or(now, |origin| origin.at),
            received_at: now,
            fields: row.traits,
            consent: None,
            signals: Signals::default(),
        };
        let mut person = self.take_in(source, event);
        person.reported = true;
        // An empty object refuses everything; empty cells say nothing.
        let mut choices = match row.answers.is_empty() {
            true => Vec::new(),
            false => intake::choices(&row.answers, true, dictionary),
        };
        let permits: PurposeSet = PurposeName::ALL
            .into_iter()
            .filter(|p| choices.iter().any(|c| c.given && c.purpose == *p as u8))
            .collect();
        let mut evidence = Evidence::new(Component::Import, Action::Reported);
        let mut fitting = None;
        let mut proven = origin.is_some();
        match row.shown {
            None => {}
            Some(Ok(shown)) => match consent::fits(&shown, permits, &notices) {
                Ok(fits) => (fitting, evidence.shown) = (Some(fits), Some(shown)),
                Err(_) => proven = false,
            },
            Some(Err(())) => proven = false,
        }
        let mut left_out = !proven && !permits.is_empty();
        if !proven {
            choices.retain(|choice| !choice.given);
        }
        evidence.origin = origin;
        if !choices.is_empty() || row.objects {
            let proof = intake::proof(&evidence, fitting.as_ref(), row.objects.then_some(true));
            person.input.proof = Some(proof);
        }
        person.input.choices = choices;
        intake::expire(&mut person.input, fitting.as_ref(), &notices);
        received.push(person);
        for (number, facts) in row.soft_opt_in {
            let whom = Whom {
                user_id: Some(&row.user_id),
                anonymous_id: None,
            };
            let purpose = PurposeName::ALL.into_iter().find(|p| *p as u8 == number);
            let checked = purpose.and_then(|p| soft_opt_in::check(&whom, p, &facts, now).ok());
            let Some(stored) = checked else {
                left_out = true;
                continue;
            };
            let input = Input {
                at: now.0,
                received_at: now.0,
                source: source.to_owned(),
                identified: true,
                soft_opt_in: Some(stored),
                ..Input::default()
            };
            let mut stated = intake::stated(&whom, input, source, &shared.keyring)?;
            stated.reported = true;
            stated.message = shared.keyring.message(source, &format!("{identity}/{number}"));
            received.push(stated);
        }
        Ok(left_out)
    }
}

/// The same for the same row, wherever in the file it stands.
fn identity(row: &Row) -> String {
    let said = format!(
        "{:?}",
        (
            &row.user_id,
            &row.traits,
            &row.answers,
            &row.origin,
            &row.shown,
            row.objects,
            &row.soft_opt_in
        )
    );
    format!("import/{}", Digest::of(said.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DICTIONARY: &str =
        "[consent_categories]\nTaste = ['personalise']\n[traits.plan]\npurposes = ['service']";

    fn day(text: &str) -> Option<Moment> {
        text.strip_prefix("2026-11-")?
            .parse()
            .ok()
            .map(|day: i64| Moment(day * vocabulary::DAY_MS))
    }

    fn check(text: &str, expected: Result<&[Result<(), &str>], Error>) {
        let dictionary = Dictionary::read(DICTIONARY).unwrap();
        let rows = read(text, &dictionary, day).map(|rows| {
            rows.map(|row| row.map(drop).map_err(|fault| fault.problem))
                .collect::<Vec<_>>()
        });
        match (rows, expected) {
            (Ok(rows), Ok(expected)) => {
                assert_eq!(rows.len(), expected.len(), "{text:?}");
                for (row, expected) in rows.iter().zip(expected) {
                    match (row, expected) {
                        (Ok(()), Ok(())) => {}
                        (Err(problem), Err(expected)) => assert!(problem.contains(expected), "{problem}"),
                        other => panic!("{text:?}: {other:?}"),
                    }
                }
            }
            (Err(error), Err(expected)) => assert_eq!(error, expected, "{text:?}"),
            (rows, expected) => panic!("{text:?}: {:?} is not {expected:?}", rows.map(|r| r.len())),
        }
    }

    #[test]
    fn a_file_says_what_is_wrong_where() {
        check("", Err(Error::NoHeader));
        check("trait.plan\nx", Err(Error::NoUser));
        check("user_id,e-mail\n", Err(Error::Column { number: 2 }));
        check("user_id,trait.colour\n", Err(Error::Column { number: 2 }));
        check(
            "user_id,soft_opt_in.market_by_email.mood\n",
            Err(Error::Column { number: 2 }),
        );
        check("user_id,user_id\n", Err(Error::Twice { number: 2 }));
        check(
            "user_id;consent.Taste;consent_date;trait.plan\n1;oui;2026-11-22;pro\n2;maybe;;\n;no;;\n3;no;last year;\n4;;;\n5\n",
            Ok(&[
                Ok(()),
                Err("neither yes nor no"),
                Err("`user_id` is empty"),
                Err("`consent_date` is no date"),
                Ok(()),
                Err("another number of fields"),
            ]),
        );
    }
}
