//! `egard keys` and `egard charter`.

use crate::say;
use gate::charter::{Charter as Law, table};
use server::files;
use std::path::PathBuf;
use vocabulary::Language;

/// Keys.
#[derive(clap::Subcommand)]
pub enum What {
    /// Make the three key files (`kek`, `index`, `ledger`) in a folder, readable by you alone. Keep
    /// a copy apart: without `kek` nothing that is stored can ever be opened again.
    New {
        /// The folder.
        folder: PathBuf,
    },
}

/// The charter.
#[derive(clap::Subcommand)]
pub enum Charter {
    /// Every rule: its identity, the law it stands for, and its words.
    Rules {
        /// `en` or `fr`.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// The table of decisions, as `charter/decisions.txt`.
    Table,
}

/// Makes keys.
pub fn run(what: What) -> Result<(), String> {
    let What::New { folder } = what;
    files::make_keys(&folder).map_err(|error| error.to_string())?;
    say(&format!(
        "made `kek`, `index` and `ledger` in {}; keep a copy apart",
        folder.display()
    ));
    Ok(())
}

/// Shows the charter.
pub fn charter(what: Charter) -> Result<(), String> {
    let law = Law::built_in().map_err(|error| error.to_string())?;
    match what {
        Charter::Table => say(&table::render(&law)),
        Charter::Rules { language } => {
            say(&format!("charter {}", law.digest()));
            for policy in law.policies() {
                let verb = if policy.forbids() { "forbids" } else { "permits" };
                say(&format!("{} ({verb}; {})", policy.id(), policy.law()));
                say(&format!("    {}", policy.explain(Language::preferred(&language))));
            }
        }
    }
    Ok(())
}
