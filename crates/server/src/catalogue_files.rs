//! Items of a program's `catalogue.yaml`, in the three forms that a source may have, as the JSON lines that the server
//! works by and keeps. Read at the start.
//!
//! Deliberately does not know: addresses (`url` is not read yet), how often to read again, who recommends what.

use crate::files::{Error, MAX_CATALOGUE, read_catalogue};
use ::program::catalogue::{Format, Place, Sources};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::path::Path;
use vocabulary::{Item, ItemId, Moment, PriceSince};

/// The columns of a table, in any order; of those without a head only the first four, in this order.
const COLUMNS: [&str; 8] = [
    "id",
    "name",
    "category",
    "price_minor",
    "hidden",
    "in_stock",
    "stock",
    "prices",
];

/// The items of all sources that are files and there, one JSON object a line; `None`: there is no such source. The
/// same item in two sources is a fault: nobody knows which holds.
///
/// # Errors
/// A file that cannot be read, or a line or cell in it that is no item.
pub fn of_sources(sources: &Sources) -> Result<Option<String>, Error> {
    let mut known = std::collections::BTreeMap::new();
    let mut found = None::<String>;
    for (name, source) in &sources.sources {
        let path = match &source.place {
            Place::File(path) => Path::new(path),
            Place::Url(_) => {
                tracing::warn!(source = %name, "a source of the catalogue that is an address is not read; fetch it to a file");
                continue;
            }
        };
        if !path.exists() {
            // No reason to refuse events and choices; without items there are only no recommendations.
            tracing::error!(source = %name, "the file of a source of the catalogue is not there; its items are missing");
            continue;
        }
        let wrong = |problem: String| Error::Content {
            path: path.display().to_string(),
            problem,
        };
        let lines = found.get_or_insert_default();
        for item in read(path, source.format)? {
            if let Some(other) = known.insert(item.id.clone(), name) {
                return Err(wrong(format!(
                    "the item `{}` is in the source `{other}` too; leave it in one of `{other}` and `{name}`",
                    item.id.as_str()
                )));
            }
            let line = serde_json::to_string(&item).map_err(|error| wrong(error.to_string()))?;
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    Ok(found)
}

/// The items of one file.
///
/// # Errors
/// As [`of_sources`].
pub fn read(path: &Path, format: Format) -> Result<Vec<Item>, Error> {
    let file = |error: std::io::Error| Error::File {
        path: path.display().to_string(),
        problem: error.to_string(),
    };
    let wrong = |problem: String| Error::Content {
        path: path.display().to_string(),
        problem,
    };
    if std::fs::metadata(path).map_err(file)?.len() > MAX_CATALOGUE {
        return Err(wrong(format!("it is longer than {MAX_CATALOGUE} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(file)?;
    match format {
        Format::JsonLines => read_catalogue(&text),
        Format::Tsv => table(&text, b'\t'),
        Format::Csv => {
            let first = text.lines().next().unwrap_or_default();
            let semicolons = first.matches(';').count() > first.matches(',').count();
            table(&text, if semicolons { b';' } else { b',' })
        }
    }
    .map_err(wrong)
}

/// With a head that names columns, or without one if the first cell is not `id`.
fn table(text: &str, separator: u8) -> Result<Vec<Item>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(separator)
        // Names of things have inches in them: in a file with tabs nothing is quoted.
        .quoting(separator != b'\t')
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut head: Vec<&str> = COLUMNS.iter().copied().take(4).collect();
    let mut items = Vec::new();
    for (number, row) in rows.records().enumerate() {
        let row = row.map_err(|error| error.to_string())?;
        let line = row.position().map_or(number as u64 + 1, csv::Position::line);
        if number == 0 && row.iter().any(|cell| cell.trim() == "id") {
            head = named(&row).map_err(|problem| format!("line {line}: {problem}"))?;
            continue;
        }
        if row.len() != head.len() {
            return Err(format!(
                "line {line}: it has {} cells, and {} are expected: {}",
                row.len(),
                head.len(),
                head.join(", ")
            ));
        }
        items.push(item(&head, &row).map_err(|problem| format!("line {line}: {problem}"))?);
    }
    Ok(items)
}

fn named(row: &csv::StringRecord) -> Result<Vec<&'static str>, String> {
    let mut head = Vec::new();
    for cell in row {
        let column = COLUMNS.into_iter().find(|column| *column == cell.trim());
        let column = column.ok_or_else(|| {
            format!(
                "there is no column `{}`; there are {}",
                cell.trim(),
                COLUMNS.join(", ")
            )
        })?;
        if head.contains(&column) {
            return Err(format!("the column `{column}` is there twice"));
        }
        head.push(column);
    }
    match head.contains(&"name") {
        true => Ok(head),
        false => Err("the column `name` is missing".to_owned()),
    }
}

fn item(head: &[&str], row: &csv::StringRecord) -> Result<Item, String> {
    let mut item = Item {
        id: ItemId::from(""),
        name: String::new(),
        category: String::new(),
        price_minor: 0,
        hidden: false,
        in_stock: true,
        stock: None,
        prices: Vec::new(),
    };
    for (column, cell) in head.iter().zip(row.iter()) {
        let cell = cell.trim();
        let told = !cell.is_empty();
        let wrong = |what: &str| format!("`{column}` is {what}, not `{cell}`");
        match *column {
            "id" => item.id = ItemId::from(cell),
            "name" => item.name = cell.to_owned(),
            "category" => item.category = cell.to_owned(),
            "price_minor" if told => {
                item.price_minor = cell
                    .parse()
                    .map_err(|_| wrong("a whole number of minor units (cents)"))?;
            }
            "hidden" if told => item.hidden = cell.parse().map_err(|_| wrong("`true` or `false`"))?,
            "in_stock" if told => item.in_stock = cell.parse().map_err(|_| wrong("`true` or `false`"))?,
            "stock" if told => {
                item.stock = Some(cell.parse().map_err(|_| wrong("a whole number from 0 on"))?)
            }
            "prices" => {
                let price = |text: &str| {
                    price(text).ok_or_else(|| {
                        wrong("moments with prices: `2026-05-01=1200 2026-11-20T08:00:00Z=900`")
                    })
                };
                item.prices = cell.split_whitespace().map(price).collect::<Result<_, _>>()?;
            }
            _ => {}
        }
    }
    match item.id.as_str().len() {
        1..=100 => Ok(item),
        _ => Err("`id` is from 1 to 100 bytes".to_owned()),
    }
}

/// `2026-05-01=1200`: from midnight UTC of that day, or from that moment on, so many minor units.
fn price(text: &str) -> Option<PriceSince> {
    let (from, minor) = text.split_once('=')?;
    let from = match from.parse::<jiff::Timestamp>() {
        Ok(moment) => moment,
        Err(_) => from
            .parse::<Date>()
            .ok()?
            .to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp(),
    };
    Some(PriceSince {
        from: Moment(from.as_millisecond()),
        minor: minor.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, format: Format) -> Result<String, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let items = read(file.path(), format).map_err(|error| error.to_string())?;
        let lines = items.iter().map(|item| serde_json::to_string(item).unwrap());
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn a_table_is_what_its_json_lines_are() {
        let json = "{\"id\":\"C1\",\"name\":\"Candle 3\\\"\",\"category\":\"candles\",\"price_minor\":900,\"hidden\":false,\
                    \"in_stock\":true,\"stock\":3,\"prices\":[{\"from\":1777593600000,\"minor\":1200},{\"from\":1795161600000,\"minor\":900}]}";
        let prices = "2026-05-01=1200 2026-11-20T08:00:00Z=900";
        let tabs = format!(
            "name\tid\tcategory\tprice_minor\tstock\tprices\nCandle 3\"\tC1\tcandles\t900\t3\t{prices}\n"
        );
        assert_eq!(check(&tabs, Format::Tsv).unwrap(), json);
        let commas = format!(
            "\u{feff}id,name,category,price_minor,stock,prices\r\nC1,\"Candle 3\"\"\",candles,900,3,{prices}\r\n"
        );
        assert_eq!(check(&commas, Format::Csv).unwrap(), json);
        let semicolons = commas.replace(',', ";");
        assert_eq!(check(&semicolons, Format::Csv).unwrap(), json);
        assert_eq!(check(json, Format::JsonLines).unwrap(), json);
        let bare = check("C1\tCandle\tcandles\t900\n", Format::Tsv).unwrap();
        assert!(
            bare.contains("\"price_minor\":900") && !bare.contains("prices"),
            "{bare}"
        );
    }

    #[test]
    fn what_is_no_item_is_told_with_its_line_and_column() {
        for (text, said) in [
            ("id\tname\nA\tOne\nB\n", "line 3: it has 1 cells"),
            ("id\tname\tcolour\n", "line 1: there is no column `colour`"),
            ("id\tname\tid\n", "line 1: the column `id` is there twice"),
            ("id\tcategory\n", "the column `name` is missing"),
            (
                "id\tname\tstock\nA\tOne\t-1\n",
                "line 2: `stock` is a whole number from 0 on, not `-1`",
            ),
            (
                "id\tname\tprices\nA\tOne\t12\n",
                "line 2: `prices` is moments with prices",
            ),
            ("id\tname\n\tOne\n", "line 2: `id` is from 1 to 100 bytes"),
        ] {
            let found = check(text, Format::Tsv).unwrap_err();
            assert!(found.contains(said), "{found}");
        }
    }

    #[test]
    fn an_item_in_two_sources_is_a_fault_and_what_is_not_here_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("a"), "{\"id\":\"A\",\"name\":\"One\"}\n").unwrap();
        std::fs::write(path("b"), "id,name\nB,Two\n").unwrap();
        let source = |place: Place, format| ::program::catalogue::Source {
            place,
            format,
            every: None,
        };
        let mut sources = Sources::default();
        let address = Place::Url("https://shop.example/items".to_owned());
        sources.sources.insert("far".into(), source(address, Format::Csv));
        sources
            .sources
            .insert("gone".into(), source(Place::File(path("gone")), Format::Csv));
        assert_eq!(of_sources(&sources).unwrap(), None);
        sources
            .sources
            .insert("one".into(), source(Place::File(path("a")), Format::JsonLines));
        sources
            .sources
            .insert("two".into(), source(Place::File(path("b")), Format::Csv));
        let lines = of_sources(&sources).unwrap().unwrap();
        assert_eq!(read_catalogue(&lines).unwrap().len(), 2);
        std::fs::write(path("b"), "id,name\nA,Two\n").unwrap();
        let found = of_sources(&sources).unwrap_err().to_string();
        assert!(found.contains("`A` is in the source `one` too"), "{found}");
    }
}
