//! The page of the program, a program's files, and one file.

use super::{AppliedView, Frame, Shell};
use crate::team::roles::Doing;
use crate::words::fault::fault as in_words;
use crate::words::{Put, Words};
use ::program::diff::{Detail, How};
use ::program::{Change, Faults, Files, Severity};
use askama::Template;
use gate::{Applied, Waiting};
use vocabulary::Digest;

/// What the page tells.
pub struct ProgramPage<'a> {
    /// What was put in force, the one in force first.
    pub history: &'a [Applied],
    /// Whether the one in force can be read.
    pub readable: bool,
    /// Whether its data dictionary takes effect at the next start only.
    pub dictionary_waits: bool,
    /// The team's folder.
    pub folder: Folder<'a>,
    /// Those that wait for a second person.
    pub waits: Vec<Waits<'a>>,
}

/// What lies in the team's folder.
pub enum Folder<'a> {
    /// The settings name none.
    None,
    /// It cannot be read.
    Unreadable(&'a str),
    /// It has faults.
    Faulty(&'a Faults),
    /// It is what is in force.
    Same(&'a Faults),
    /// It is another program.
    New(Proposed<'a>),
}

/// A program that could be put in force.
pub struct Proposed<'a> {
    /// Its address.
    pub digest: Digest,
    /// What somebody should look at.
    pub warnings: &'a Faults,
    /// What is different.
    pub changes: Vec<Change>,
    /// Whether a second person must approve it.
    pub second_person: bool,
}

/// A program that waits.
pub struct Waits<'a> {
    /// Which.
    pub waiting: &'a Waiting,
    /// What is different; `None` if it cannot be read.
    pub changes: Option<Vec<Change>>,
}

#[derive(Template)]
#[template(path = "team_program.html")]
struct Page<'a> {
    shell: Shell<'a>,
    current: Option<AppliedView>,
    against: String,
    readable: bool,
    dictionary_waits: bool,
    folder: FolderView,
    waits: Vec<WaitsView>,
    history: Vec<AppliedView>,
    forward: bool,
    approve: bool,
    take_back: bool,
    put_back: bool,
}

struct FolderView {
    state: String,
    faults: Vec<FaultView>,
    digest: Option<String>,
    second_person: bool,
    changes: Vec<ChangeView>,
    there: bool,
    /// Whether something of the checker is in English on a page that is not.
    english: bool,
}

struct FaultView {
    place: String,
    message: String,
    mend: String,
    /// Whether the two are in the language of the page.
    own: bool,
    warning: bool,
}

struct ChangeView {
    title: String,
    lines: Vec<String>,
}

struct WaitsView {
    digest: String,
    short: String,
    who: String,
    approved: Option<String>,
    readable: bool,
    changes: Vec<ChangeView>,
    own: bool,
    seconded: bool,
}

/// The page of the program.
pub fn program(frame: &Frame<'_>, page: &ProgramPage<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let current = page.history.first();
    let digest = current.map(|applied| applied.digest);
    Page {
        current: current.map(|applied| AppliedView::of(words, applied, digest)),
        against: digest.map_or_else(|| "none".to_owned(), |digest| digest.to_string()),
        readable: page.readable,
        dictionary_waits: page.dictionary_waits,
        folder: folder(words, &page.folder),
        waits: page
            .waits
            .iter()
            .map(|one| waits(words, frame.name, one))
            .collect(),
        history: page
            .history
            .iter()
            .map(|applied| AppliedView::of(words, applied, digest))
            .collect(),
        forward: shell.may(Doing::PutForward),
        approve: shell.may(Doing::Approve),
        take_back: shell.may(Doing::TakeBack),
        put_back: shell.may(Doing::PutBack),
        shell,
    }
    .render()
}

fn folder(words: Words, folder: &Folder<'_>) -> FolderView {
    let view = |state, found: Option<&Faults>| {
        let faults = found.map(|found| faults(words, found)).unwrap_or_default();
        FolderView {
            state,
            english: faults.iter().any(|fault| !fault.own),
            faults,
            digest: None,
            second_person: false,
            changes: Vec::new(),
            there: true,
        }
    };
    match folder {
        Folder::None => FolderView {
            there: false,
            ..view(words.say("team-folder-none"), None)
        },
        Folder::Unreadable(problem) => FolderView {
            there: false,
            ..view(
                words.with("team-folder-unreadable", &[("problem", Put::Text(problem))]),
                None,
            )
        },
        Folder::Faulty(faults) => view(
            words.counted("team-folder-faulty", faults.errors() as u64),
            Some(faults),
        ),
        Folder::Same(warnings) => view(words.say("team-folder-same"), Some(warnings)),
        Folder::New(proposed) => FolderView {
            digest: Some(proposed.digest.to_string()),
            second_person: proposed.second_person,
            changes: proposed
                .changes
                .iter()
                .map(|change| changed(words, change))
                .collect(),
            ..view(words.say("team-folder-new"), Some(proposed.warnings))
        },
    }
}

fn faults(words: Words, faults: &Faults) -> Vec<FaultView> {
    let own = |fault: &::program::Fault| {
        let message = in_words(words.language(), &fault.message)?;
        Some((message, in_words(words.language(), &fault.mend)?))
    };
    let fault = |fault: &::program::Fault| FaultView {
        place: format!("{}:{}:{}", fault.file, fault.mark.line, fault.mark.column),
        own: own(fault).is_some(),
        message: own(fault).map_or_else(|| fault.message.clone(), |(message, _)| message),
        mend: own(fault).map_or_else(|| fault.mend.clone(), |(_, mend)| mend),
        warning: fault.severity == Severity::Warning,
    };
    faults.iter().map(fault).collect()
}

fn waits(words: Words, name: &str, waits: &Waits<'_>) -> WaitsView {
    let digest = waits.waiting.digest.to_string();
    let by = words.list(&waits.waiting.by);
    let approved = words.list(&waits.waiting.approved_by);
    let is_me = |one: &String| one.trim().to_lowercase() == name.trim().to_lowercase();
    WaitsView {
        short: digest.chars().take(12).collect(),
        digest,
        who: words.with("team-waits-by", &[("by", Put::Text(&by))]),
        approved: (!approved.is_empty())
            .then(|| words.with("team-waits-approved", &[("by", Put::Text(&approved))])),
        readable: waits.changes.is_some(),
        changes: waits
            .changes
            .iter()
            .flatten()
            .map(|change| changed(words, change))
            .collect(),
        own: waits.waiting.by.iter().any(is_me),
        seconded: !waits.waiting.approved_by.is_empty(),
    }
}

fn changed(words: Words, change: &Change) -> ChangeView {
    let file = [("file", Put::Text(change.file.as_str()))];
    let (title, lines) = match &change.how {
        How::Added => (words.with("team-diff-added", &file), Vec::new()),
        How::Removed => (words.with("team-diff-removed", &file), Vec::new()),
        How::Changed(details) => (
            words.with("team-diff-changed", &file),
            details.iter().map(|one| detail(words, one)).collect(),
        ),
    };
    ChangeView { title, lines }
}

fn detail(words: Words, detail: &Detail) -> String {
    match detail {
        Detail::Value { path, before, after } => {
            let places = [
                ("path", Put::Text(path.as_str())),
                ("before", Put::Text(before.as_deref().unwrap_or_default())),
                ("after", Put::Text(after.as_deref().unwrap_or_default())),
            ];
            match (before, after) {
                (Some(_), Some(_)) => words.with("team-diff-value", &places),
                (None, _) => words.with("team-diff-value-new", &places),
                (_, None) => words.with("team-diff-value-gone", &places),
            }
        }
        Detail::Lines { removed, added } => words.with(
            "team-diff-lines",
            &[
                ("removed", Put::Count(*removed as u64)),
                ("added", Put::Count(*added as u64)),
            ],
        ),
        Detail::Layout => words.say("team-diff-layout"),
    }
}

#[derive(Template)]
#[template(path = "team_files.html")]
struct FilesPage<'a> {
    shell: Shell<'a>,
    digest: String,
    files: Vec<(String, &'a str, String)>,
}

/// The files of a program.
pub fn files(frame: &Frame<'_>, which: &str, digest: Digest, files: &Files) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    FilesPage {
        digest: digest.to_string(),
        files: files
            .iter()
            .map(|(name, bytes)| {
                let address = format!("{}/program/{which}/{name}?lang={}", shell.base, shell.tag);
                (
                    address,
                    name.as_str(),
                    words.counted("team-bytes", bytes.len() as u64),
                )
            })
            .collect(),
        shell,
    }
    .render()
}

#[derive(Template)]
#[template(path = "team_file.html")]
struct FilePage<'a> {
    shell: Shell<'a>,
    back: String,
    name: &'a str,
    lines: Vec<(usize, &'a str)>,
}

/// One file.
pub fn file(frame: &Frame<'_>, which: &str, name: &str, text: &str) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    FilePage {
        back: format!("{}/program/{which}?lang={}", shell.base, shell.tag),
        name,
        lines: (1..).zip(text.lines()).collect(),
        shell,
    }
    .render()
}
