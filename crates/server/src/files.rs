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
pub(crate) const MAX_CATALOGUE: u64 = 256 << 20;

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
    match program(settings, applied)? {
        Some(program) => Ok(program.dictionary.toml()),
        None => {
            let path = &settings.dictionary;
            std::fs::read_to_string(path).map_err(|error| file(path, &error))
        }
    }
}

/// The program that the settings name: the one in force, whose canonical bytes `applied` are, or that of the folder.
/// `None`: they name none.
fn program(settings: &Settings, applied: Option<&[u8]>) -> Result<Option<::program::Program>, Error> {
    let Some(folder) = &settings.program.folder else {
        return Ok(None);
    };
    if let Some(bytes) = applied {
        let problem = |problem: String| Error::Content {
            path: "the program in force".to_owned(),
            problem,
        };
        let program = ::program::Program::unpack(bytes).map_err(|error| problem(error.to_string()))?;
        return Ok(Some(program));
    }
    let files = crate::program::gather(folder).map_err(|error| content(folder, &error))?;
    match crate::program::read(files) {
        Ok((program, _)) => Ok(Some(program)),
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

/// The text of the catalogue, one JSON object a line: of the file that the settings name, or else of the sources of
/// the program; empty if there is none.
pub fn catalogue_text(settings: &Settings, applied: Option<&[u8]>) -> Result<String, Error> {
    if let Some(path) = &settings.catalogue {
        return catalogue_file(path);
    }
    match program(settings, applied)? {
        Some(program) => Ok(crate::catalogue_files::of_sources(&program.catalogue)?.unwrap_or_default()),
        None => Ok(String::new()),
    }
}

/// The catalogue that a text is, and its content address.
pub fn catalogue_of(text: &str) -> Result<(Catalogue, Digest), Error> {
    let items = read_catalogue(text).map_err(|problem| Error::Content {
        path: "the catalogue".to_owned(),
        problem,
    })?;
    Ok((Catalogue::new(items), Digest::of(text.as_bytes())))
}

fn catalogue_file(path: &Path) -> Result<String, Error> {
    let size = std::fs::metadata(path).map_err(|error| file(path, &error))?.len();
    if size > MAX_CATALOGUE {
        return Err(Error::Content {
            path: path.display().to_string(),
            problem: format!("it is longer than {MAX_CATALOGUE} bytes"),
        });
    }
    let text = std::fs::read_to_string(path).map_err(|error| file(path, &error))?;
    read_catalogue(&text).map_err(|problem| Error::Content {
        path: path.display().to_string(),
        problem,
    })?;
    Ok(text)
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
