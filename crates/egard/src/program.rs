//! `egard program`: check what the team declares, see what it would change, put it in force, and go back.
//!
//! Deliberately does not know: what a program does to a person.

use crate::{say, serve};
use ::program::plan::plan;
use ::program::{Faults, Kind, Program, Severity, diff, schema_text};
use gate::{Apply, Gate, NotApplied};
use server::app::App;
use server::automation::planned::Figures;
use server::ingest::clock;
use server::program::{gather, needs_approval, read};
use std::path::{Path, PathBuf};
use vocabulary::Digest;

/// The program.
#[derive(clap::Subcommand)]
pub enum What {
    /// Read a folder and tell every fault in it, with file, line and how to mend it.
    Check {
        /// The folder of the program.
        folder: PathBuf,
        /// As JSON, for editors and other programs.
        #[arg(long)]
        json: bool,
    },
    /// What is different between two folders, in plain words.
    Diff {
        /// The earlier one.
        before: PathBuf,
        /// The later one.
        after: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the JSON Schemas of every kind of file, for editors.
    Schema {
        /// Where to write them.
        folder: PathBuf,
    },
    /// What putting a folder in force would change.
    Plan {
        /// The folder of the program.
        folder: PathBuf,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Put a folder in force. While a server runs on the store, stop it first: one process writes at a time.
    Apply {
        /// The folder of the program.
        folder: PathBuf,
        /// Who puts it in force: kept with it.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// What must be in force now: a digest, or `none`. What is in force when this starts, if it is not said.
        #[arg(long, value_name = "DIGEST")]
        against: Option<String>,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Say yes to a program that somebody else put forward.
    Approve {
        /// Its digest: this very program, to the letter.
        digest: Digest,
        /// Who approves it.
        #[arg(long, value_name = "NAME")]
        by: String,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Put a program of before in force again.
    Rollback {
        /// Its digest; the one before if it is not said.
        digest: Option<Digest>,
        /// Who goes back.
        #[arg(long, value_name = "NAME")]
        by: String,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// The programs that were put in force, the one in force first.
    History {
        #[command(flatten)]
        serving: serve::Choices,
    },
}

/// Does it.
pub async fn run(what: What) -> Result<(), String> {
    match what {
        What::Check { folder, json } => check(&folder, json),
        What::Diff { before, after, json } => differences(&before, &after, json),
        What::Schema { folder } => schemas(&folder),
        What::Plan { folder, serving } => {
            let program = whole(&folder)?;
            let house = House::open(&serving).await?;
            let outcome = house.plan(&program).await;
            house.close(outcome).await
        }
        What::Apply {
            folder,
            by,
            against,
            serving,
        } => {
            let program = whole(&folder)?;
            let against = against.map(|text| expected(&text)).transpose()?;
            let house = House::open(&serving).await?;
            let outcome = house.apply(&program, by, against).await;
            house.close(outcome).await
        }
        What::Approve { digest, by, serving } => {
            let house = House::open(&serving).await?;
            let outcome = house.approve(digest, &by).await;
            house.close(outcome).await
        }
        What::Rollback { digest, by, serving } => {
            let house = House::open(&serving).await?;
            let outcome = house.rollback(digest, &by).await;
            house.close(outcome).await
        }
        What::History { serving } => {
            let house = House::open(&serving).await?;
            let outcome = house.history().await;
            house.close(outcome).await
        }
    }
}

fn expected(text: &str) -> Result<Option<Digest>, String> {
    match text {
        "none" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|error| format!("`--against {text}`: {error}, or say `none`")),
    }
}

fn check(folder: &Path, json: bool) -> Result<(), String> {
    let files = gather(folder).map_err(|error| error.to_string())?;
    let count = files.len();
    let read = read(files);
    let (digest, faults) = match &read {
        Ok((program, _)) => (Some(program.digest()), &program.warnings),
        Err(faults) => (None, faults),
    };
    if json {
        let all: Vec<_> = faults.iter().collect();
        say(&serde_json::json!({ "digest": digest, "faults": all }).to_string());
    } else {
        faults.iter().for_each(|fault| say(&fault.to_string()));
        if let Some(digest) = digest {
            say(&format!("{count} files, no fault; program {digest}"));
        }
    }
    told(faults)
}

/// The last line where something is wrong.
fn told(faults: &Faults) -> Result<(), String> {
    let files: std::collections::BTreeSet<&str> = faults
        .iter()
        .filter(|fault| fault.severity == Severity::Error)
        .map(|fault| fault.file.as_str())
        .collect();
    match faults.errors() {
        0 => Ok(()),
        1 => Err("1 fault: the program cannot be used".to_owned()),
        errors => Err(format!(
            "{errors} faults in {} files: the program cannot be used",
            files.len()
        )),
    }
}

/// The program of a folder; its faults are told if it has any.
pub(crate) fn whole(folder: &Path) -> Result<Program, String> {
    let files = gather(folder).map_err(|error| error.to_string())?;
    match read(files) {
        Ok((program, _)) => Ok(program),
        Err(faults) => {
            faults.iter().for_each(|fault| say(&fault.to_string()));
            told(&faults)?;
            Err("the program cannot be used".to_owned())
        }
    }
}

fn differences(before: &Path, after: &Path, json: bool) -> Result<(), String> {
    let changes = diff(&whole(before)?, &whole(after)?);
    if json {
        say(&serde_json::to_string(&changes).map_err(|error| error.to_string())?);
    } else if changes.is_empty() {
        say("the two are the same");
    } else {
        changes.iter().for_each(|change| say(&change.to_string()));
    }
    Ok(())
}

fn schemas(folder: &Path) -> Result<(), String> {
    let cannot =
        |path: &Path, error: std::io::Error| format!("`{}` cannot be written: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
    for kind in Kind::ALL {
        let path = folder.join(format!("{}.schema.json", kind.name()));
        std::fs::write(&path, schema_text(kind)).map_err(|error| cannot(&path, error))?;
        say(&path.display().to_string());
    }
    Ok(())
}

/// The store, open for writing.
struct House {
    app: App,
    gate: Gate,
}

impl House {
    async fn open(serving: &serve::Choices) -> Result<House, String> {
        let settings = serve::settings(serving)?;
        serve::existing(&settings)?;
        let app = server::serve::open(&settings, clock::system()).await;
        let app = app.map_err(|error| error.to_string())?;
        Ok(House {
            gate: app.gate.clone(),
            app,
        })
    }

    async fn close(self, outcome: Result<(), String>) -> Result<(), String> {
        let integrated = self.gate.integrate().await;
        self.gate.close().await;
        outcome?;
        integrated.map(drop).map_err(|error| error.to_string())
    }

    async fn in_force(&self) -> Result<Option<Program>, String> {
        match self.gate.program().await.map_err(|error| error.to_string())? {
            None => Ok(None),
            Some((applied, None)) => Err(NotApplied::Damaged(applied.digest).to_string()),
            Some((applied, Some(bytes))) => Program::unpack(&bytes)
                .map(Some)
                .map_err(|error| format!("the program in force, {}: {error}", applied.digest)),
        }
    }

    async fn plan(&self, to: &Program) -> Result<(), String> {
        let from = self.in_force().await?;
        let running = self.app.running().filter(|_| from.is_some());
        let figures = Figures::sampled(&self.app, to, running.as_ref()).await;
        let figures = figures.map_err(|error| error.to_string())?;
        let lines = plan(from.as_ref(), to).lines(to, &figures);
        lines.iter().for_each(|line| say(line));
        if needs_approval(from.as_ref(), to, false) {
            say("a second person must approve it");
        }
        Ok(())
    }

    async fn apply(&self, to: &Program, by: String, against: Option<Option<Digest>>) -> Result<(), String> {
        // One that this version cannot read any more may be replaced all the same.
        let from = self.in_force().await.ok().flatten();
        let known = self.gate.programs().await.map_err(|error| error.to_string())?;
        let current = known.first().map(|applied| applied.digest);
        if current == Some(to.digest()) && against.is_none_or(|against| against == current) {
            say(&format!("this very program is in force: {}", to.digest()));
            return Ok(());
        }
        let moved = from.as_ref().map(|from| ::program::deadline::moved(from, to));
        if let Some(refused) = moved.unwrap_or_default().iter().find(|moved| moved.is_refused()) {
            return Err(refused.to_string());
        }
        let apply = Apply {
            bytes: to.pack(),
            expected: against.unwrap_or(current),
            by,
            needs_approval: needs_approval(from.as_ref(), to, current.is_some()),
        };
        let applied = self.gate.apply_program(apply, clock::system()()).await;
        let applied = applied.map_err(|error| error.to_string())?;
        let applied = applied.map_err(|error| error.to_string())?;
        say(&format!(
            "program {} is in force, number {}",
            applied.digest, applied.number
        ));
        Ok(())
    }

    async fn approve(&self, digest: Digest, by: &str) -> Result<(), String> {
        let approved = self.gate.approve_program(digest, by, clock::system()()).await;
        let approved = approved.map_err(|error| error.to_string())?;
        approved.map_err(|error| error.to_string())?;
        say(&format!(
            "program {digest} is approved; it is put in force by `egard program apply`"
        ));
        Ok(())
    }

    async fn rollback(&self, digest: Option<Digest>, by: &str) -> Result<(), String> {
        let known = self.gate.programs().await.map_err(|error| error.to_string())?;
        let current = known.first().map(|applied| applied.digest);
        let back = self
            .gate
            .put_back_program(digest, current, by, clock::system()())
            .await;
        let back = back.map_err(|error| error.to_string())?;
        let applied = back.map_err(|error| error.to_string())?;
        say(&format!(
            "program {} is in force again, number {}",
            applied.digest, applied.number
        ));
        Ok(())
    }

    async fn history(&self) -> Result<(), String> {
        let known = self.gate.programs().await.map_err(|error| error.to_string())?;
        if known.is_empty() {
            say("no program was put in force yet");
        }
        for applied in known {
            let at = jiff::Timestamp::from_millisecond(applied.at.0).map_err(|error| error.to_string())?;
            let approved = match &applied.approved_by {
                Some(by) => format!(", approved by {by}"),
                None => String::new(),
            };
            say(&format!(
                "{} {} {at} by {}{approved}",
                applied.number, applied.digest, applied.by
            ));
        }
        Ok(())
    }
}
