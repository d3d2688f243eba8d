//! A program from a folder: its files gathered, read, and its dictionary held against `gate`'s own checks.
//!
//! Deliberately does not know: what a program does to a person, which one is in force.

pub mod acts;

use ::program::pack::{MAX_BYTES, MAX_FILES, MAX_PATH};
use ::program::settings::Approval;
use ::program::{Fault, Faults, Files, Mark, Program, Severity};
use gate::dictionary::Dictionary;
use std::path::Path;

/// A folder that cannot be gathered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("`{path}` cannot be read: {problem}")]
    File {
        /// Which.
        path: String,
        /// Why.
        problem: String,
    },
    /// A name that is no text, or too long.
    #[error(
        "`{0}` has a name that cannot be used; use letters and digits, at most {MAX_PATH} with its folders"
    )]
    Name(String),
    /// Far too much for a program.
    #[error("`{0}` holds more than {MAX_FILES} files or {MAX_BYTES} bytes; is this the folder of a program?")]
    TooMuch(String),
}

/// The files of a folder by their path in it. What is hidden (`.git`) and Markdown is left out: it is for
/// people who read the folder.
pub fn gather(folder: &Path) -> Result<Files, Error> {
    let mut files = Files::new();
    let mut bytes = 0;
    let mut waiting = vec![(folder.to_owned(), String::new())];
    while let Some((at, before)) = waiting.pop() {
        let cannot = |path: &Path, error: std::io::Error| Error::File {
            path: path.display().to_string(),
            problem: error.to_string(),
        };
        for entry in std::fs::read_dir(&at).map_err(|error| cannot(&at, error))? {
            let entry = entry.map_err(|error| cannot(&at, error))?;
            let path = entry.path();
            let name = entry.file_name().into_string();
            let name = name.map_err(|_| Error::Name(path.display().to_string()))?;
            if name.starts_with('.') || name.ends_with(".md") {
                continue;
            }
            let inside = format!("{before}{name}");
            if inside.len() > MAX_PATH || inside.chars().any(char::is_control) {
                return Err(Error::Name(path.display().to_string()));
            }
            // A link could lead anywhere, and round in circles.
            let kind = std::fs::metadata(&path).map_err(|error| cannot(&path, error))?;
            if kind.is_dir() && !entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                waiting.push((path, format!("{inside}/")));
                continue;
            }
            bytes += usize::try_from(kind.len())
                .unwrap_or(usize::MAX)
                .min(MAX_BYTES + 1);
            if files.len() >= MAX_FILES || bytes > MAX_BYTES {
                return Err(Error::TooMuch(folder.display().to_string()));
            }
            let content = std::fs::read(&path).map_err(|error| cannot(&path, error))?;
            files.insert(inside, content);
        }
    }
    Ok(files)
}

/// The program of these files with the data dictionary that `gate` works by, or every fault that either finds.
pub fn read(files: Files) -> Result<(Program, Dictionary), Faults> {
    let found = program::Dictionary::of(&files).map(|dictionary| {
        let deeper: Vec<Fault> = dictionary
            .parts()
            .into_iter()
            .filter_map(|(mark, part)| Some(fault(mark, &Dictionary::read(&part).err()?)))
            .collect();
        (dictionary, deeper)
    });
    let (dictionary, deeper) = found.unzip();
    let deeper = deeper.unwrap_or_default();
    match Program::read(files) {
        Err(faults) => Err(faults.and(deeper)),
        Ok(program) if deeper.is_empty() => {
            let toml = dictionary.map(|dictionary| dictionary.toml()).unwrap_or_default();
            match Dictionary::read(&toml) {
                Ok(dictionary) => Ok((program, dictionary)),
                Err(error) => Err(program.warnings.and([fault(Mark::START, &error)])),
            }
        }
        Ok(program) => Err(program.warnings.and(deeper)),
    }
}

/// Whether a second person must approve `to`. Either program asks for it: a new one cannot do away with the rule by
/// itself, and neither can one that replaces what cannot be read any more (`replaces` without `from`).
pub fn needs_approval(from: Option<&Program>, to: &Program, replaces: bool) -> bool {
    let overrides = |program: &Program| {
        program
            .messages
            .values()
            .any(|message| !message.overrides.is_empty())
    };
    let asks = |program: &Program| program.settings.approval == Approval::SecondPerson || overrides(program);
    asks(to) || from.is_some_and(asks) || (replaces && from.is_none())
}

fn fault(mark: Mark, error: &gate::dictionary::Error) -> Fault {
    let text = error.to_string();
    let (message, mend) = text
        .split_once("; ")
        .unwrap_or((&text, "mend it in dictionary.yaml"));
    Fault {
        file: "dictionary.yaml".to_owned(),
        mark,
        severity: Severity::Error,
        code: "dictionary",
        message: message.to_owned(),
        // What `gate` says of its own file, in the words of this one.
        mend: mend.replace(" = true", ": true").replace(" = \"…\"", ": \"…\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gate::purposes::{Purpose, Segments};

    fn demo() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/program")
    }

    #[test]
    fn the_demo_is_whole_and_its_dictionary_is_taken_by_the_gate() {
        let (program, dictionary) =
            read(gather(&demo()).unwrap()).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(program.dictionary.events.len(), dictionary.events.len());
        assert_eq!(program.dictionary.traits.len(), dictionary.traits.len());
        for (name, event) in &program.dictionary.events {
            assert_eq!(dictionary.events[name].purposes, event.purposes);
        }
        assert!(dictionary.stands_for("Groups").is_some());
    }

    #[test]
    fn every_fault_of_the_dictionary_is_told_with_its_line() {
        let mut files = gather(&demo()).unwrap();
        let text = String::from_utf8(files["dictionary.yaml"].clone()).unwrap();
        let worse = format!(
            "{text}  religion:\n    purposes: [service, segment]\n  union_member:\n    purposes: [service]\n"
        );
        let line = text.lines().count() as u32 + 1;
        files.insert("dictionary.yaml".to_owned(), worse.into());
        let faults = read(files).unwrap_err();
        let found: Vec<(&str, u32)> = faults
            .iter()
            .filter(|fault| fault.severity == Severity::Error)
            .map(|fault| (fault.code, fault.mark.line))
            .collect();
        assert_eq!(
            found,
            [("dictionary", line), ("dictionary", line + 2)],
            "{faults}"
        );
        assert!(faults.to_string().contains("special: true"), "{faults}");
    }

    #[test]
    fn groups_look_back_as_far_as_the_purpose_does() {
        assert_eq!(program::SEGMENT_DAYS, i64::from(Segments::RETENTION_DAYS));
    }
}
