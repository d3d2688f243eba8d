//! Who did what when, from any plain CSV file: what `egard eval` measures on.
//!
//! A column is known by its name, in any of the usual spellings; the separator is found; gzip is unpacked.
//! Deliberately does not know: models, the store, whose the data is.

use crate::online_retail;
use flate2::read::GzDecoder;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use vocabulary::{Interaction, ItemId, Moment};

/// Most rows that are read.
pub const MOST_ROWS: usize = 100_000_000;

/// What the columns are called, in the order in which a name is looked for.
const PERSON: &[&str] = &[
    "person",
    "user",
    "userid",
    "user_id",
    "customerid",
    "customer_id",
    "customer",
    "visitor",
    "participant",
];
const ITEM: &[&str] = &[
    "item",
    "itemid",
    "item_id",
    "product_id",
    "productid",
    "product",
    "stockcode",
    "movieid",
    "movie_id",
    "book_id",
    "sku",
];
const TIME: &[&str] = &[
    "time",
    "timestamp",
    "at",
    "date",
    "datetime",
    "invoicedate",
    "order_date",
    "unix_time",
];
const VALUE: &[&str] = &["value", "rating", "score", "stars"];
const QUANTITY: &[&str] = &["quantity", "qty"];
const EVENT: &[&str] = &["event", "type", "action"];
const CATEGORIES: &[&str] = &["categories", "genres", "category", "genre", "topics", "topic"];

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be opened or unpacked.
    #[error("`{path}` cannot be read: {problem}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// A column is missing.
    #[error("`{path}` has no column of {what}; call one of them `{name}` (found: {found})", path = .path.display())]
    Column {
        /// Which file.
        path: PathBuf,
        /// Of what.
        what: &'static str,
        /// A name it may have.
        name: &'static str,
        /// The columns there are.
        found: String,
    },
    /// A cell says nothing that can be used.
    #[error("line {line} of `{path}`: `{cell}` is no {what}; {mend}", path = .path.display())]
    Cell {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What stands there, shortened.
        cell: String,
        /// What should.
        what: &'static str,
        /// What would be right.
        mend: &'static str,
    },
    /// Too much.
    #[error("`{path}` has more than {MOST_ROWS} rows; measure on a part of it", path = .path.display())]
    TooMany {
        /// Which file.
        path: PathBuf,
    },
    /// Nothing is left to measure on.
    #[error("`{path}` holds nothing to measure on: no row has a person and an item{hint}", path = .path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
        /// What may be the reason.
        hint: &'static str,
    },
}

/// What somebody did with an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Looked at it.
    Viewed,
    /// Put it into a cart.
    Added,
    /// Bought it, or whatever the file is of.
    Had,
}

/// One row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// Which item, by its place.
    pub item: u32,
    /// When; 0 in a file without times.
    pub at: Moment,
    /// What was done.
    pub act: Act,
}

/// The rows of a file, by person.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Interactions {
    /// Names of items, by place.
    pub items: Vec<ItemId>,
    /// Of each person, in order of time; of one time in the order of the file.
    pub people: Vec<Vec<Row>>,
    /// Whether rows have times.
    pub timed: bool,
}

/// Reads a file. Rows with a value below `at_least` are left out, as are those without a person, without an
/// item, or with a quantity below 1 (returned goods).
///
/// # Errors
/// [`Error`], with the file and line.
pub fn read(path: &Path, at_least: Option<f64>) -> Result<Interactions, Error> {
    let mut rows = Table::open(path)?;
    let person = rows.column("people", PERSON)?;
    let item = rows.column("items", ITEM)?;
    let time = rows.find(TIME);
    let value = rows.find(VALUE);
    let quantity = rows.find(QUANTITY);
    let event = rows.find(EVENT);
    if let (Some(_), None) = (at_least, value) {
        rows.column("values", VALUE)?;
    }
    let mut read = Interactions {
        timed: time.is_some(),
        ..Interactions::default()
    };
    let (mut items, mut people) = (HashMap::new(), HashMap::new());
    let mut count = 0usize;
    let mut record = csv::StringRecord::new();
    while rows.next(&mut record)? {
        count += 1;
        if count > MOST_ROWS {
            return Err(Error::TooMany {
                path: path.to_owned(),
            });
        }
        let cell = |column: usize| record.get(column).unwrap_or_default().trim();
        let line = record.position().map_or(0, csv::Position::line);
        let number = |column: usize, what| -> Result<f64, Error> {
            let text = cell(column);
            text.parse()
                .map_err(|_| rows.wrong(line, text, what, "write a number such as 4.5"))
        };
        if let (Some(column), Some(least)) = (value, at_least)
            && number(column, "value")? < least
        {
            continue;
        }
        if let Some(column) = quantity
            && number(column, "quantity")? < 1.0
        {
            continue;
        }
        let (who, what) = (cell(person), cell(item));
        if who.is_empty() || what.is_empty() {
            continue;
        }
        let act = match event.map(|column| cell(column).to_ascii_lowercase()) {
            Some(name) if name.contains("view") => Act::Viewed,
            Some(name) if name.contains("add") || name.contains("cart") => Act::Added,
            _ => Act::Had,
        };
        let at = match time {
            Some(column) => moment(cell(column)).ok_or_else(|| {
                let mend = "write 2011-12-09, 2011-12-09 12:50:00 or seconds since 1970";
                rows.wrong(line, cell(column), "time", mend)
            })?,
            None => Moment(0),
        };
        let next = items.len() as u32;
        let item = *items.entry(what.to_owned()).or_insert_with(|| {
            read.items.push(ItemId::from(what));
            next
        });
        let next = people.len();
        let person = *people.entry(who.to_owned()).or_insert(next);
        if person == read.people.len() {
            read.people.push(Vec::new());
        }
        if let Some(rows) = read.people.get_mut(person) {
            rows.push(Row { item, at, act });
        }
    }
    if read.people.is_empty() {
        let hint = match at_least {
            Some(_) => ", and a value that is high enough",
            None => "",
        };
        return Err(Error::Empty {
            path: path.to_owned(),
            hint,
        });
    }
    for rows in &mut read.people {
        rows.sort_by_key(|row| row.at);
    }
    Ok(read)
}

/// The topics of items, from a file with a column of items and one of categories, several of them separated
/// by `|`. Answers the names of topics and those of each item asked for.
///
/// # Errors
/// [`Error`], with the file and line.
pub fn topics(path: &Path, items: &[ItemId]) -> Result<(Vec<String>, Vec<Vec<u32>>), Error> {
    let mut rows = Table::open(path)?;
    let item = rows.column("items", ITEM)?;
    let categories = rows.column("categories", CATEGORIES)?;
    let places: HashMap<&str, usize> = items.iter().map(ItemId::as_str).zip(0..).collect();
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    let mut of_items: Vec<Vec<u32>> = vec![Vec::new(); items.len()];
    let mut record = csv::StringRecord::new();
    while rows.next(&mut record)? {
        let cell = |column: usize| record.get(column).unwrap_or_default().trim();
        let Some(known) = places.get(cell(item)).and_then(|at| of_items.get_mut(*at)) else {
            continue;
        };
        for name in cell(categories)
            .split('|')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let next = names.len() as u32;
            let number = *names.entry(name.to_owned()).or_insert(next);
            if !known.contains(&number) {
                known.push(number);
            }
        }
    }
    let mut ordered = vec![String::new(); names.len()];
    for (name, number) in names {
        if let Some(place) = ordered.get_mut(number as usize) {
            *place = name;
        }
    }
    Ok((ordered, of_items))
}

/// The shop that ships with the program, and the category of each item.
///
/// # Errors
/// None unless the program was built with damaged data.
pub fn shipped() -> Result<(Interactions, Vec<Vec<u32>>), online_retail::Error> {
    let catalogue = online_retail::shipped_catalogue()?;
    let mut read = Interactions {
        timed: true,
        ..Interactions::default()
    };
    let (mut places, mut categories) = (HashMap::new(), BTreeMap::new());
    let mut topics = Vec::new();
    for item in catalogue.items() {
        places.insert(item.id.clone(), read.items.len() as u32);
        read.items.push(item.id.clone());
        let next = categories.len() as u32;
        topics.push(vec![*categories.entry(item.category.clone()).or_insert(next)]);
    }
    let mut people: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
    for order in online_retail::shipped_orders()? {
        let order = order?;
        let rows = people.entry(order.customer).or_default();
        rows.extend(order.lines.iter().filter_map(|line| {
            Some(Row {
                item: *places.get(&line.product)?,
                at: order.at,
                act: Act::Had,
            })
        }));
    }
    read.people = people.into_values().collect();
    Ok((read, topics))
}

/// What of rows a history keeps: each item once, with how often and when last. Rows of one moment are one
/// order.
pub fn history(rows: &[Row], items: &[ItemId]) -> Vec<Interaction> {
    let mut known: BTreeMap<u32, (Interaction, Option<Moment>)> = BTreeMap::new();
    for row in rows {
        let Some(item) = items.get(row.item as usize) else {
            continue;
        };
        let (seen, ordered) = known.entry(row.item).or_insert_with(|| {
            let seen = Interaction {
                item: item.clone(),
                viewed: 0,
                added: 0,
                bought: 0,
                last_at: row.at,
            };
            (seen, None)
        });
        match row.act {
            Act::Viewed => seen.viewed += 1,
            Act::Added => seen.added += 1,
            Act::Had if *ordered != Some(row.at) => {
                seen.bought += 1;
                *ordered = Some(row.at);
            }
            Act::Had => {}
        }
        seen.last_at = seen.last_at.max(row.at);
    }
    known.into_values().map(|(seen, _)| seen).collect()
}

/// A file of rows under one line of names.
pub(crate) struct Table {
    path: PathBuf,
    rows: csv::Reader<Box<dyn Read>>,
    names: Vec<String>,
}

impl Table {
    pub(crate) fn open(path: &Path) -> Result<Table, Error> {
        let cannot = |problem: String| Error::File {
            path: path.to_owned(),
            problem,
        };
        let open = || {
            let file = std::fs::File::open(path).map_err(|error| cannot(error.to_string()))?;
            let packed = path.extension().is_some_and(|ending| ending == "gz");
            let bytes: Box<dyn Read> = match packed {
                true => Box::new(BufReader::new(GzDecoder::new(BufReader::new(file)))),
                false => Box::new(BufReader::new(file)),
            };
            Ok::<_, Error>(bytes)
        };
        let mut first = Vec::new();
        open()?
            .take(64 << 10)
            .read_to_end(&mut first)
            .map_err(|error| cannot(error.to_string()))?;
        let head = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |separator: u8| head.iter().filter(|byte| **byte == separator).count();
        let separator = [b',', b';', b'\t', b'|']
            .into_iter()
            .rev()
            .max_by_key(|one| count(*one));
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(separator.unwrap_or(b','))
            .flexible(true)
            .from_reader(open()?);
        let names = rows.headers().map_err(|error| cannot(error.to_string()))?;
        let plain = |name: &str| name.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
        let names = names.iter().map(plain).collect();
        Ok(Table {
            path: path.to_owned(),
            rows,
            names,
        })
    }

    pub(crate) fn find(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.names.iter().position(|known| known == name))
    }

    pub(crate) fn column(&self, what: &'static str, names: &'static [&'static str]) -> Result<usize, Error> {
        self.find(names).ok_or_else(|| Error::Column {
            path: self.path.clone(),
            what,
            name: names.first().copied().unwrap_or_default(),
            found: self.names.join(", "),
        })
    }

    pub(crate) fn next(&mut self, record: &mut csv::StringRecord) -> Result<bool, Error> {
        self.rows.read_record(record).map_err(|error| Error::File {
            path: self.path.clone(),
            problem: error.to_string(),
        })
    }

    pub(crate) fn wrong(&self, line: u64, cell: &str, what: &'static str, mend: &'static str) -> Error {
        Error::Cell {
            path: self.path.clone(),
            line,
            cell: cell.chars().take(40).collect(),
            what,
            mend,
        }
    }
}

/// A moment as files write it: a date, a date and a time, RFC 3339, or seconds or milliseconds since 1970.
fn moment(text: &str) -> Option<Moment> {
    if let Ok(number) = text.parse::<f64>() {
        // Beyond the year 5138 in seconds: milliseconds.
        let milliseconds = if number.abs() < 1e11 { number * 1e3 } else { number };
        return milliseconds.is_finite().then_some(Moment(milliseconds as i64));
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Moment(at.as_millisecond()));
    }
    let at = text.parse::<jiff::civil::DateTime>().ok().or_else(|| {
        let date = text.parse::<jiff::civil::Date>().ok()?;
        Some(date.to_datetime(jiff::civil::Time::midnight()))
    })?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Moment(at.timestamp().as_millisecond()))
}
