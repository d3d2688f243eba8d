//! `egard keys`.

use crate::say;
use server::files;
use std::path::PathBuf;

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
