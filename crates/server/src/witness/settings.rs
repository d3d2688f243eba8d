//! The settings of a witness: a file of its own, apart from the house's.
//!
//! Deliberately does not know: what is done with them.

use super::memory::{Memory, StateError};
use crate::key_files;
use crate::settings::in_one_line;
use gate::Secret;
use ledger::VerifyingKey;
use ledger::witness::Witness;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use store::Shelf;
use vocabulary::Moment;

/// Most logs one witness countersigns.
pub const MAX_LOGS: usize = 10_000;

/// A witness, as `witness.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessSettings {
    /// Its name: one you own, such as `shop.example/witness`. It can never change.
    pub name: String,
    /// The file of its secret key; `egard witness new` makes it.
    pub key: PathBuf,
    /// Where it remembers: `embedded:FOLDER` or `postgres:CONNECTION STRING`. Never put back from a backup.
    pub state: String,
    /// Address to listen on. Put a TLS proxy in front.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// The public keys of the logs it countersigns, `name+id+base64`. A log may have several.
    #[serde(default)]
    pub logs: Vec<String>,
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8090))
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file.
    #[error("the settings file `{path}` is not right: {problem}")]
    File {
        /// Which.
        path: String,
        /// What and where.
        problem: String,
    },
    /// A log's key.
    #[error("log {number} of `logs`: {problem}")]
    Log {
        /// Which, from 1.
        number: usize,
        /// What is wrong.
        problem: ledger::key::Error,
    },
    /// Too many logs.
    #[error("at most {MAX_LOGS} logs can be countersigned")]
    TooMany,
    /// The store would forget.
    #[error("`state = \"memory\"` forgets: a witness that forgets countersigns a second history")]
    Forgetful,
    /// The name.
    #[error("`name`: {0}")]
    Name(ledger::key::Error),
    /// The key file.
    #[error("the key file `{path}`: {problem}")]
    Key {
        /// Which.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// The memory.
    #[error(transparent)]
    State(#[from] StateError),
}

impl WitnessSettings {
    /// Reads and checks the file.
    pub fn read(path: &Path) -> Result<WitnessSettings, SettingsError> {
        let wrong = |problem: String| SettingsError::File {
            path: path.display().to_string(),
            problem,
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let settings = WitnessSettings::parse(&text).map_err(wrong)?;
        settings.keys()?;
        match settings.state == "memory" {
            true => Err(SettingsError::Forgetful),
            false => Ok(settings),
        }
    }

    /// Reads the text of the file.
    pub fn parse(text: &str) -> Result<WitnessSettings, String> {
        toml::from_str(text).map_err(|error| in_one_line(text, &error))
    }

    /// The keys of the logs.
    pub fn keys(&self) -> Result<Vec<VerifyingKey>, SettingsError> {
        if self.logs.len() > MAX_LOGS {
            return Err(SettingsError::TooMany);
        }
        let parsed = (1..).zip(&self.logs).map(|(number, text)| {
            text.parse()
                .map_err(|problem| SettingsError::Log { number, problem })
        });
        parsed.collect()
    }
}

/// Makes the key of a new witness and marks its store. Refuses to write over a key.
pub fn make(settings: &WitnessSettings, shelf: &dyn Shelf, now: Moment) -> Result<Witness, SettingsError> {
    let wrong = |problem: String| key_problem(&settings.key, problem);
    Memory::is_free(shelf)?;
    let secret = Secret::fresh().map_err(|error| wrong(error.to_string()))?;
    let witness = Witness::from_seed(&settings.name, secret.expose()).map_err(SettingsError::Name)?;
    // The key first: a marked store without its key would be of no use.
    key_files::write_secret(&settings.key, &secret).map_err(|error| wrong(error.to_string()))?;
    Memory::begin(shelf, &witness, now)?;
    Ok(witness)
}

/// Reads the key; refuses one that others may read.
pub fn read_key(settings: &WitnessSettings) -> Result<Witness, SettingsError> {
    let wrong = |problem: String| key_problem(&settings.key, problem);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let held = std::fs::metadata(&settings.key).map_err(|error| wrong(error.to_string()))?;
        if held.permissions().mode() & 0o077 != 0 {
            return Err(wrong("others can read it; `chmod 600` it".to_owned()));
        }
    }
    let text = std::fs::read_to_string(&settings.key).map_err(|error| wrong(error.to_string()))?;
    let secret = Secret::from_text(&text).map_err(|error| wrong(error.to_string()))?;
    Witness::from_seed(&settings.name, secret.expose()).map_err(SettingsError::Name)
}

fn key_problem(path: &Path, problem: String) -> SettingsError {
    SettingsError::Key {
        path: path.display().to_string(),
        problem,
    }
}
