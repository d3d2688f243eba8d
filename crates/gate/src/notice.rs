//! Notices: the versioned texts that people are shown before they choose (GDPR art. 7(1)-(2), 13).
//! A version never changes: its address is the SHA-256 of its file, and what was read in one language
//! has an address of its own, so that a consent can name the very words it answers.
//!
//! Deliberately does not know: people, who was shown what, how a dialogue looks.

use crate::dictionary::in_one_line;
use crate::purposes;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use vocabulary::{Digest, Language, PurposeName, PurposeSet};

/// Longest notice file that is read, bytes.
pub const MAX_BYTES: usize = 64 << 10;
/// Most notices, all versions together.
pub const MAX_NOTICES: usize = 200;
/// Longest identifier of a notice, bytes.
pub const MAX_ID: usize = 64;
/// Longest time a consent may last before it is asked for again, days.
pub const MAX_DAYS: u32 = 1100;
/// Longest text of a notice, bytes.
const MAX_TEXT: usize = 8 << 10;

/// One version of a notice, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    id: String,
    version: u32,
    valid_days: u32,
    controller: String,
    purposes: PurposeSet,
    texts: [NoticeText; 2],
    digest: Digest,
    file: String,
}

/// What a notice says in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeText {
    /// Of which language.
    pub language: Language,
    /// The question in one line.
    pub title: String,
    /// Who asks, what for, and how to change one's mind.
    pub text: String,
    /// One for each purpose, in the order of the file: each is its own choice.
    pub purposes: Vec<PurposeText>,
    /// The SHA-256 of all the words above and their language, as canonical JSON.
    pub digest: Digest,
}

/// The words about one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeText {
    /// Which.
    pub purpose: PurposeName,
    /// Its name for people.
    pub label: String,
    /// What a yes means.
    pub text: String,
}

/// A fault in a notice file, or between two.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not TOML of the right shape; the text says line and column.
    #[error("the notice cannot be read: {0}")]
    Syntax(String),
    /// Longer than [`MAX_BYTES`].
    #[error("the notice is longer than {MAX_BYTES} bytes; shorten its texts")]
    TooLong,
    /// More than [`MAX_NOTICES`].
    #[error("there are more than {MAX_NOTICES} notices; take out versions that nobody was shown")]
    TooMany,
    /// A value that cannot be used.
    #[error("`{place}` is not right: {problem}")]
    Value {
        /// Where.
        place: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// Two files claim one version.
    #[error("version {version} of the notice `{id}` is there twice; give the new text a new version")]
    Twice {
        /// Which.
        id: String,
        /// Its version.
        version: u32,
    },
    /// A version that was shown to people has other words now.
    #[error(
        "version {version} of the notice `{id}` was published with other words; leave it as it was and write version {next}",
        next = version.saturating_add(1)
    )]
    Changed {
        /// Which.
        id: String,
        /// Its version.
        version: u32,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: u32,
    valid_days: u32,
    controller: String,
    fr: Words,
    en: Words,
    purposes: Vec<PurposeFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PurposeFile {
    purpose: String,
    fr: Label,
    en: Label,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    label: String,
    text: String,
}

impl Notice {
    /// Reads and checks a notice file (TOML).
    pub fn read(text: &str) -> Result<Notice, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLong);
        }
        let file: File = toml::from_str(text).map_err(|error| Error::Syntax(in_one_line(text, &error)))?;
        check(&file)?;
        let purposes = asked(&file)?;
        let texts = [
            words(Language::Fr, &file.fr, purposes.iter().map(|(p, f)| (*p, &f.fr))),
            words(Language::En, &file.en, purposes.iter().map(|(p, f)| (*p, &f.en))),
        ];
        Ok(Notice {
            purposes: purposes.iter().map(|(purpose, _)| *purpose).collect(),
            texts,
            digest: Digest::of(text.as_bytes()),
            file: text.to_owned(),
            id: file.id,
            version: file.version,
            valid_days: file.valid_days,
            controller: file.controller,
        })
    }

    /// Its name, the same for all its versions.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its version, from 1 up.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// For how many days a consent given on it lasts.
    pub fn valid_days(&self) -> u32 {
        self.valid_days
    }

    /// Who asks.
    pub fn controller(&self) -> &str {
        &self.controller
    }

    /// The purposes it asks for; each rests on consent.
    pub fn purposes(&self) -> PurposeSet {
        self.purposes
    }

    /// Its words in `language`.
    pub fn text(&self, language: Language) -> &NoticeText {
        let [fr, en] = &self.texts;
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }

    /// The content address of the file.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The file, to the byte.
    pub fn file(&self) -> &str {
        &self.file
    }
}

/// All notices in force and their earlier versions. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    by_id: Arc<BTreeMap<(String, u32), Notice>>,
    own: Option<Arc<Notice>>,
}

impl Notices {
    /// Puts notices together; no version may be there twice.
    pub fn new(notices: Vec<Notice>) -> Result<Notices, Error> {
        if notices.len() > MAX_NOTICES {
            return Err(Error::TooMany);
        }
        let mut by_id = BTreeMap::new();
        for notice in notices {
            let (id, version) = (notice.id.clone(), notice.version);
            if by_id.insert((id.clone(), version), notice).is_some() {
                return Err(Error::Twice { id, version });
            }
        }
        Ok(Notices {
            by_id: Arc::new(by_id),
            own: None,
        })
    }

    /// With the words of the person's own page, which stand beside each button there: they are a notice that
    /// nobody is asked by. A consent can name it; it is not among what is in force.
    #[must_use]
    pub fn with_own(self, own: Option<Arc<Notice>>) -> Notices {
        Notices { own, ..self }
    }

    /// The words of the person's own page.
    pub fn own(&self) -> Option<&Arc<Notice>> {
        self.own.as_ref()
    }

    /// One version of one notice.
    pub fn get(&self, id: &str, version: u32) -> Option<&Notice> {
        let own = self.own.as_deref();
        let own = own.filter(|own| own.id == id && own.version == version);
        own.or_else(|| self.by_id.get(&(id.to_owned(), version)))
    }

    /// The latest version of one notice: what is shown now.
    pub fn current(&self, id: &str) -> Option<&Notice> {
        let versions = (id.to_owned(), 0)..=(id.to_owned(), u32::MAX);
        self.by_id.range(versions).next_back().map(|(_, notice)| notice)
    }

    /// The latest version of each notice, by id.
    pub fn in_force(&self) -> impl Iterator<Item = &Notice> {
        self.by_id.values().filter(|notice| {
            self.current(&notice.id)
                .is_some_and(|c| c.version == notice.version)
        })
    }

    /// All versions, by id and version.
    pub fn all(&self) -> impl Iterator<Item = &Notice> {
        self.by_id.values()
    }

    /// What is asked for now.
    pub fn purposes(&self) -> PurposeSet {
        self.in_force().fold(PurposeSet::NONE, |all, notice| {
            PurposeSet(all.0 | notice.purposes.0)
        })
    }

    /// For how many days a consent to `purpose` lasts that came without naming a notice: the shortest
    /// time that a notice in force gives it; `None` if no notice asks for it.
    pub fn days(&self, purpose: PurposeName) -> Option<u32> {
        let asks = |notice: &&Notice| notice.purposes.contains(purpose);
        self.in_force().filter(asks).map(|notice| notice.valid_days).min()
    }
}

fn check(file: &File) -> Result<(), Error> {
    let wrong = |place: &str, problem: &str| {
        Err(Error::Value {
            place: place.to_owned(),
            problem: problem.to_owned(),
        })
    };
    if !is_id(&file.id) {
        return wrong("id", "say 1 to 64 lower-case letters, digits and `-`");
    }
    if file.version == 0 {
        return wrong("version", "versions start at 1");
    }
    if file.valid_days == 0 || file.valid_days > MAX_DAYS {
        return wrong("valid_days", "say for how many days a consent lasts, 1 to 1100");
    }
    let all = [
        ("controller", &file.controller),
        ("fr.title", &file.fr.title),
        ("fr.text", &file.fr.text),
        ("en.title", &file.en.title),
        ("en.text", &file.en.text),
    ];
    let purposes = file.purposes.iter().flat_map(|p| {
        [
            ("purposes.fr.label", &p.fr.label),
            ("purposes.fr.text", &p.fr.text),
            ("purposes.en.label", &p.en.label),
            ("purposes.en.text", &p.en.text),
        ]
    });
    for (place, text) in all.into_iter().chain(purposes) {
        if text.trim().is_empty() || text.len() > MAX_TEXT {
            return wrong(place, "say it in 1 to 8192 bytes");
        }
    }
    Ok(())
}

/// Whether `id` may name a notice.
pub(crate) fn is_id(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(fits)
}

fn asked(file: &File) -> Result<Vec<(PurposeName, &PurposeFile)>, Error> {
    let wrong = |problem: String| {
        Err(Error::Value {
            place: "purposes".to_owned(),
            problem,
        })
    };
    let mut asked: Vec<(PurposeName, &PurposeFile)> = Vec::new();
    for entry in &file.purposes {
        let Some(purpose) =
            PurposeName::parse(&entry.purpose).filter(|p| purposes::on_consent().contains(*p))
        else {
            let names: Vec<&str> = purposes::on_consent().iter().map(PurposeName::as_str).collect();
            return wrong(format!(
                "`{}` does not rest on consent; purposes that do are `{}`",
                entry.purpose,
                names.join("`, `")
            ));
        };
        if asked.iter().any(|(known, _)| *known == purpose) {
            return wrong(format!("`{purpose}` is there twice; each purpose is one choice"));
        }
        asked.push((purpose, entry));
    }
    if asked.is_empty() {
        return wrong("a notice asks for at least one purpose".to_owned());
    }
    Ok(asked)
}

fn words<'a>(
    language: Language,
    words: &Words,
    purposes: impl Iterator<Item = (PurposeName, &'a Label)>,
) -> NoticeText {
    let purposes: Vec<PurposeText> = purposes
        .map(|(purpose, label)| PurposeText {
            purpose,
            label: label.label.clone(),
            text: label.text.clone(),
        })
        .collect();
    let mut text = NoticeText {
        language,
        title: words.title.clone(),
        text: words.text.clone(),
        purposes,
        digest: Digest::default(),
    };
    text.digest = Digest::of(text.canonical().as_bytes());
    text
}

impl NoticeText {
    /// All its words as canonical JSON: the text that [`NoticeText::digest`] is of, and that a receipt
    /// carries.
    pub fn canonical(&self) -> String {
        // Keys in the order of the alphabet, whatever features of `serde_json` other crates switch on.
        let said: Vec<_> = self
            .purposes
            .iter()
            .map(|p| json!({ "label": p.label, "purpose": p.purpose.as_str(), "text": p.text }))
            .collect();
        let canonical = json!({
            "language": self.language.tag(),
            "purposes": said,
            "text": self.text,
            "title": self.title,
        });
        canonical.to_string()
    }
}
