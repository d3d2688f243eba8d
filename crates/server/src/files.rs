//! Files that are read at the start: dictionary, catalogue, operator rules; keys in `key_files`.
//!
//! Deliberately does not know: requests.

use crate::settings::Settings;
use gate::charter::Charter;
use gate::dictionary::Dictionary;
use gate::{Notice, Notices};
use std::path::{Path, PathBuf};

pub use crate::key_files::{Keys, make_keys, read_keys, too_open};

use vocabulary::{Catalogue, Digest, Item};

/// Longest catalogue that is read, bytes.
const MAX_CATALOGUE: u64 = 256 << 20;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read or written.
    #[error("`{path}`: {problem}")]
    File {
        /// Which.
        path: String,
        /// Why.
        problem: String,
    },
    /// What is in it cannot be used.
    #[error("`{path}`: {problem}")]
    Content {
        /// Which.
        path: String,
        /// What and where.
        problem: String,
    },
    /// Key files are there already.
    #[error("`{0}` holds keys already; making new ones would lose what they seal")]
    KeysExist(String),
}

/// The law in force: the built-in charter and the operator's own rules.
pub fn charter(settings: &Settings) -> Result<Charter, Error> {
    let mut files = Vec::new();
    for path in &settings.charter {
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let text = std::fs::read_to_string(path).map_err(|error| file(path, &error))?;
        files.push((name, text));
    }
    Charter::with_operator(&files).map_err(|error| Error::Content {
        path: "charter".to_owned(),
        problem: error.to_string(),
    })
}

/// The data dictionary.
pub fn dictionary(path: &Path) -> Result<Dictionary, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| file(path, &error))?;
    Dictionary::read(&text).map_err(|error| content(path, &error))
}

/// The text of the data dictionary that the settings name: of `applied`, the canonical bytes of the program in
/// force, of the folder of a program, or of the file.
pub fn dictionary_text(settings: &Settings, applied: Option<&[u8]>) -> Result<String, Error> {
    let Some(folder) = &settings.program.folder else {
        let path = &settings.dictionary;
        return std::fs::read_to_string(path).map_err(|error| file(path, &error));
    };
    if let Some(bytes) = applied {
        let problem = |problem: String| Error::Content {
            path: "the program in force".to_owned(),
            problem,
        };
        let program = ::program::Program::unpack(bytes).map_err(|error| problem(error.to_string()))?;
        return Ok(program.dictionary.toml());
    }
    let files = crate::program::gather(folder).map_err(|error| content(folder, &error))?;
    match crate::program::read(files) {
        Ok((program, _)) => Ok(program.dictionary.toml()),
        Err(faults) => Err(content(
            folder,
            &format!(
                "the program has {} faults; see `egard program check`",
                faults.errors()
            ),
        )),
    }
}

/// The data dictionary that the settings name, as far as files say it.
pub fn declared(settings: &Settings) -> Result<Dictionary, Error> {
    let text = dictionary_text(settings, None)?;
    let path = settings.program.folder.as_ref().unwrap_or(&settings.dictionary);
    Dictionary::read(&text).map_err(|error| content(path, &error))
}

/// The notices in force and their earlier versions.
pub fn notices(paths: &[PathBuf]) -> Result<Notices, Error> {
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|error| file(path, &error))?;
        Notice::read(&text).map_err(|error| content(path, &error))
    };
    let notices = paths.iter().map(read).collect::<Result<Vec<Notice>, Error>>()?;
    Notices::new(notices).map_err(|error| Error::Content {
        path: "notices".to_owned(),
        problem: error.to_string(),
    })
}

/// The catalogue and its content address; empty if none is set.
pub fn catalogue(path: Option<&PathBuf>) -> Result<(Catalogue, Digest), Error> {
    let Some(path) = path else {
        return Ok((Catalogue::default(), Digest::of(b"")));
    };
    let size = std::fs::metadata(path).map_err(|error| file(path, &error))?.len();
    if size > MAX_CATALOGUE {
        return Err(Error::Content {
            path: path.display().to_string(),
            problem: format!("it is longer than {MAX_CATALOGUE} bytes"),
        });
    }
    let text = std::fs::read_to_string(path).map_err(|error| file(path, &error))?;
    let items = read_catalogue(&text).map_err(|problem| Error::Content {
        path: path.display().to_string(),
        problem,
    })?;
    Ok((Catalogue::new(items), Digest::of(text.as_bytes())))
}

/// One JSON object a line; empty lines are skipped.
pub(crate) fn read_catalogue(text: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let item: Item =
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", number + 1))?;
        if item.id.as_str().is_empty() || item.id.as_str().len() > 100 {
            return Err(format!("line {}: `id` is from 1 to 100 bytes", number + 1));
        }
        items.push(item);
    }
    Ok(items)
}

fn file(path: &Path, error: &std::io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        problem: error.to_string(),
    }
}

fn content(path: &Path, error: &impl std::fmt::Display) -> Error {
    Error::Content {
        path: path.display().to_string(),
        problem: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_catalogue_says_which_line() {
        assert!(
            read_catalogue("{\"id\":\"a\",\"name\":\"A\"}\n\n{\"id\":\"\"")
                .unwrap_err()
                .starts_with("line 3")
        );
        assert_eq!(
            read_catalogue("{\"id\":\"a\",\"name\":\"A\",\"hidden\":true}")
                .unwrap()
                .len(),
            1
        );
        assert!(
            read_catalogue("{\"id\":\"a\",\"name\":\"A\",\"colour\":1}")
                .unwrap_err()
                .contains("colour")
        );
    }
}
