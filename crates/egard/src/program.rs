//! `egard program`: check what the team declares, see what it would change, put it in force, and go back.
//!
//! Deliberately does not know: what a program does to a person.

mod house;

use crate::{say, serve};
use ::program::{Faults, Kind, Program, Severity, diff, schema_text};
pub use house::waits;
use house::{Act, Way};
use server::program::{gather, read};
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
        key: Key,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Put a folder in force: in the store, or by the server that runs on it.
    Apply {
        /// The folder of the program.
        folder: PathBuf,
        #[command(flatten)]
        who: Who,
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
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Put a program of before in force again.
    Rollback {
        /// Its digest; the one before if it is not said.
        digest: Option<Digest>,
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// The programs that were put in force, the one in force first.
    History {
        #[command(flatten)]
        key: Key,
        #[command(flatten)]
        serving: serve::Choices,
    },
}

/// How a running server knows who asks.
#[derive(clap::Args)]
pub struct Key {
    /// While a server runs on the store: the file of your key, one of `program_keys` in the settings, readable by you
    /// alone.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// Who does it.
#[derive(clap::Args)]
pub struct Who {
    /// Your name, kept with the program. Without a running server it is needed; with one it is that of your key.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    key: Key,
}

/// Does it.
pub async fn run(what: What) -> Result<(), String> {
    match what {
        What::Check { folder, json } => check(&folder, json),
        What::Diff { before, after, json } => differences(&before, &after, json),
        What::Schema { folder } => schemas(&folder),
        What::Plan { folder, key, serving } => {
            let act = Act::Plan(Box::new(whole(&folder)?));
            act_on(&serving, key, None, act).await
        }
        What::Apply {
            folder,
            who,
            against,
            serving,
        } => {
            let against = against.map(|text| expected(&text)).transpose()?;
            let act = Act::Apply(Box::new(whole(&folder)?), against);
            act_on(&serving, who.key, who.by, act).await
        }
        What::Approve { digest, who, serving } => {
            act_on(&serving, who.key, who.by, Act::Approve(digest)).await
        }
        What::Rollback { digest, who, serving } => {
            act_on(&serving, who.key, who.by, Act::Rollback(digest)).await
        }
        What::History { key, serving } => act_on(&serving, key, None, Act::History).await,
    }
}

async fn act_on(serving: &serve::Choices, key: Key, by: Option<String>, act: Act) -> Result<(), String> {
    let way = Way::find(&serve::settings(serving)?, key.key_file.as_deref(), by, &act).await?;
    let lines = way.go(act).await?;
    lines.iter().for_each(|line| say(line));
    Ok(())
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
    told(faults)?;
    // What a server would refuse to start with, if its items are here.
    match &read {
        Ok((program, _)) => {
            let items = server::catalogue_files::of_sources(&program.catalogue);
            items.map(drop).map_err(|error| error.to_string())
        }
        Err(_) => Ok(()),
    }
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
    let (before, after) = (whole(before)?, whole(after)?);
    let changes = diff(&before, &after);
    if json {
        say(&serde_json::to_string(&changes).map_err(|error| error.to_string())?);
    } else if changes.is_empty() {
        say("the two are the same");
    } else {
        changes.iter().for_each(|change| say(&change.to_string()));
        let moved = ::program::deadline::moved(&before, &after);
        moved.iter().for_each(|moved| say(&moved.to_string()));
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
