//! `egard import`: people from another system, as a CSV file. A permission comes along only with where and
//! when it was given.

use crate::serve::{self as serving, Choices as Serving};
use crate::{complain, say};
use clap::Subcommand;
use gate::import::{self, Row};
use gate::{Fate, Reason};
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, tz::TimeZone};
use server::ingest::{SourceName, clock};
use server::{app::App, serve};
use std::path::{Path, PathBuf};
use vocabulary::Moment;

/// Rows that wait for one another.
const BATCH: usize = 500;
/// Faulty lines that are told one by one.
const TOLD: usize = 20;

/// What can be imported.
#[derive(Subcommand)]
pub enum What {
    /// People with their traits, choices and soft opt-ins. The server must not run on the store.
    People(People),
}

/// Which file, into which store.
#[derive(clap::Args)]
pub struct People {
    #[command(flatten)]
    serving: Serving,
    /// A CSV file with a header: `user_id`, `trait.NAME`, `consent.CATEGORY`, `consent_source`,
    /// `consent_date`, `consent_notice` (ID/VERSION), `consent_language`, `objects_to_marketing`,
    /// `soft_opt_in.PURPOSE.FACT`.
    file: PathBuf,
    /// What the file is called as a source, as the people will see it.
    #[arg(long, default_value = "import")]
    source: String,
    /// Read the file and say what is wrong with it; open no store and write nothing.
    #[arg(long)]
    check: bool,
}

/// How many of each.
#[derive(Default, PartialEq, Debug)]
struct Tally {
    stored: u64,
    known: u64,
    left_out: u64,
    not_kept: u64,
    faulty: u64,
}

/// Imports.
pub async fn run(what: What) -> Result<(), String> {
    let What::People(choices) = what;
    let source = SourceName::parse(&choices.source).map_err(|error| error.to_string())?;
    let settings = serving::settings(&choices.serving)?;
    let text = read(&choices.file)?;
    if choices.check {
        let dictionary = server::files::declared(&settings).map_err(|error| error.to_string())?;
        return check(&text, &dictionary);
    }
    let app = serve::open(&settings, clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let outcome = people(&app, &text, source.as_str()).await;
    let integrated = app.gate.integrate().await.map_err(|error| error.to_string());
    app.gate.close().await;
    let tally = outcome?;
    integrated?;
    tell(&tally);
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("`{}`: {error}", path.display());
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > import::MAX_BYTES {
        return Err(format!(
            "`{}` is longer than {} bytes; import it in parts",
            path.display(),
            import::MAX_BYTES
        ));
    }
    std::fs::read_to_string(path).map_err(failed)
}

fn check(text: &str, dictionary: &gate::dictionary::Dictionary) -> Result<(), String> {
    let (mut rows, mut faulty) = (0u64, 0u64);
    for row in import::read(text, dictionary, date).map_err(|error| error.to_string())? {
        match row {
            Ok(_) => rows += 1,
            Err(fault) => told(&fault, &mut faulty),
        }
    }
    say(&format!(
        "{rows} rows can be imported, {faulty} cannot; nothing was written"
    ));
    Ok(())
}

async fn people(app: &App, text: &str, source: &str) -> Result<Tally, String> {
    let rows = import::read(text, app.gate.dictionary(), date).map_err(|error| error.to_string())?;
    let mut tally = Tally::default();
    let mut batch: Vec<Row> = Vec::with_capacity(BATCH);
    for row in rows {
        match row {
            Ok(row) => batch.push(row),
            Err(fault) => told(&fault, &mut tally.faulty),
        }
        if batch.len() >= BATCH {
            put(app, &mut batch, source, &mut tally).await?;
        }
    }
    put(app, &mut batch, source, &mut tally).await?;
    Ok(tally)
}

async fn put(app: &App, batch: &mut Vec<Row>, source: &str, tally: &mut Tally) -> Result<(), String> {
    let rows = std::mem::take(batch);
    let lines: Vec<usize> = rows.iter().map(|row| row.line).collect();
    let imported = app.gate.import(rows, source, app.now()).await;
    let imported = imported.map_err(|error| {
        let first = lines.first().copied().unwrap_or_default();
        format!("from line {first} on nothing was imported: {error}; start the same import again")
    })?;
    for one in imported {
        tally.left_out += u64::from(one.left_out);
        match one.fate {
            Fate::Stored => tally.stored += 1,
            Fate::Duplicate => tally.known += 1,
            Fate::Dropped(Reason::TryAgain) => {
                return Err("the store lost a race; start the same import again".to_owned());
            }
            Fate::Dropped(_) => tally.not_kept += 1,
        }
    }
    Ok(())
}

fn told(fault: &import::Fault, faulty: &mut u64) {
    if *faulty < TOLD as u64 {
        complain(&fault.to_string());
    }
    *faulty += 1;
}

fn tell(tally: &Tally) {
    say(&format!(
        "{} rows imported, {} were imported before, {} say nothing that may be kept, {} are faulty",
        tally.stored, tally.known, tally.not_kept, tally.faulty
    ));
    if tally.left_out > 0 {
        say(&format!(
            "of {} rows a permission was left out: it is not said where and when it was given, the notice does not fit, or a fact of the soft opt-in is missing",
            tally.left_out
        ));
    }
}

/// A date, or a moment with an offset; without one it is UTC.
fn date(text: &str) -> Option<Moment> {
    let utc = |at: DateTime| at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    let at = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| text.parse::<DateTime>().ok().and_then(utc))
        .or_else(|| text.parse::<Date>().ok().and_then(|day| utc(day.at(0, 0, 0, 0))))?;
    Some(Moment(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gate::charter::Requester;
    use gate::{Ask, Whom};
    use server::files;
    use server::settings::{Environment, Settings};
    use vocabulary::{ConsentState, PurposeName, Signals};

    #[test]
    fn dates_are_read_as_lists_write_them() {
        for (text, expected) in [
            ("1970-01-02", Some(86_400_000)),
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("1970-01-01 00:00:01", Some(1_000)),
            ("01/02/1970", None),
            ("", None),
        ] {
            assert_eq!(date(text).map(|at| at.0), expected, "{text}");
        }
    }

    fn settings(folder: &Path) -> Settings {
        let keys = folder.join("keys");
        if !keys.exists() {
            files::make_keys(&keys).unwrap();
        }
        Settings {
            environment: Environment::Development,
            store: format!("embedded:{}", folder.join("store").display()),
            keys,
            ledger_origin: "test.example/egard".to_owned(),
            dictionary: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/dictionary.toml")),
            ..Settings::default()
        }
    }

    async fn open(folder: &Path) -> App {
        serve::open(&settings(folder), clock::system()).await.unwrap()
    }

    async fn state(app: &App, user: &str, purpose: PurposeName) -> ConsentState {
        let whom = Whom {
            user_id: Some(user),
            anonymous_id: None,
        };
        let ask = Ask {
            signals: Signals::default(),
            requester: Requester::System,
            now: app.now(),
        };
        let states = app.gate.consent_state(&whom, ask).await.unwrap();
        let found = states.purposes.iter().find(|p| p.purpose == purpose);
        found.unwrap().state
    }

    const LIST: &str = "user_id,trait.customer_number,consent.Personalisation,consent.Learning,consent_source,consent_date\n\
        ann,1,yes,no,paper form 2026,2026-10-01\n\
        bob,2,yes,no,,2026-10-01\n\
        cid,3,yes,,paper form 2026,\n\
        dan,4,yes,,paper form 2026,2999-01-01\n\
        eve,5,perhaps,,paper form 2026,2026-10-01\n";

    #[tokio::test]
    async fn a_row_without_source_and_date_of_its_consent_is_imported_without_any_permission() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path()).await;
        let expected = Tally {
            stored: 4,
            left_out: 3,
            faulty: 1,
            ..Tally::default()
        };
        assert_eq!(people(&app, LIST, "list").await.unwrap(), expected);
        assert_eq!(
            state(&app, "ann", PurposeName::Personalise).await,
            ConsentState::Given
        );
        for user in ["bob", "cid", "dan", "eve"] {
            let state = state(&app, user, PurposeName::Personalise).await;
            assert_eq!(state, ConsentState::Unknown, "{user}");
        }
        // A refusal needs no source.
        assert_eq!(
            state(&app, "bob", PurposeName::Train).await,
            ConsentState::Refused
        );
        // The same file again, after a restart: nothing happens twice.
        app.gate.close().await;
        drop(app);
        let app = open(folder.path()).await;
        let again = people(&app, LIST, "list").await.unwrap();
        assert_eq!((again.stored, again.known), (0, 4));
        assert_eq!(app.gate.counts().await.unwrap().persons, 4);
        app.gate.close().await;
    }

    #[tokio::test]
    async fn an_import_never_brings_back_what_was_withdrawn() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path()).await;
        people(&app, LIST, "list").await.unwrap();
        let whom = Whom {
            user_id: Some("ann"),
            anonymous_id: None,
        };
        let refused = [(PurposeName::Personalise, false)];
        let chosen = app
            .gate
            .choose(&whom, &refused, "privacy-centre", app.now())
            .await;
        assert_eq!(chosen.unwrap(), Some(()));
        // Another file, another source, a row that was never seen: still older than the withdrawal.
        let newer = LIST.replace("2026-10-01", "2026-11-01");
        assert_eq!(people(&app, &newer, "list-2").await.unwrap().stored, 4);
        let state = state(&app, "ann", PurposeName::Personalise).await;
        assert_eq!(state, ConsentState::Withdrawn);
        app.gate.close().await;
    }
}
