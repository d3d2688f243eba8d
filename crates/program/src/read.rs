//! From files to a checked program, or to every fault in them.
//!
//! Deliberately does not know: disks. Files come in as bytes by their path.

mod entry;
mod flow;
mod honest;
mod journey;
mod link;
mod message;
mod parts;
pub(crate) mod predicate;
mod template;
pub(crate) mod uses;

use crate::fault::{Faults, Mark, Sheet};
use crate::pack::{self, Files};
use crate::program::Program;
use crate::shape::{self, Kind};
use crate::suggest;
use crate::tree::{self, Node, short};
use crate::words::{Name, Words};
use link::{Declared, Owner, Uses};
use message::Folder;
use std::collections::{BTreeMap, BTreeSet};
use template::Text;
use uses::Page;
use vocabulary::{Language, PurposeName};

/// The files at the root.
const ROOT: [&str; 3] = ["program.yaml", "dictionary.yaml", "catalogue.yaml"];

/// Where a file belongs.
enum Place<'a> {
    Root,
    Segment(&'a str),
    Journey(&'a str),
    /// A folder of `messages/`, and the file in it.
    Message(&'a str, &'a str),
}

fn place(path: &str) -> Option<Place<'_>> {
    if ROOT.contains(&path) {
        return Some(Place::Root);
    }
    let (folder, rest) = path.split_once('/')?;
    match folder {
        "segments" | "journeys" => {
            let name = rest.strip_suffix(".yaml").filter(|name| !name.contains('/'))?;
            Some(match folder {
                "segments" => Place::Segment(name),
                _ => Place::Journey(name),
            })
        }
        "messages" => {
            let (name, file) = rest.split_once('/').filter(|(_, file)| !file.contains('/'))?;
            Some(Place::Message(name, file))
        }
        _ => None,
    }
}

/// Reads and checks all files.
pub(crate) fn read(files: Files) -> Result<Program, Faults> {
    let mut faults = Faults::default();
    let program = Reading {
        files: &files,
        faults: &mut faults,
        uses: Vec::new(),
    }
    .whole();
    let lines: BTreeMap<String, u32> = files
        .iter()
        .map(|(path, bytes)| (path.clone(), lines(bytes)))
        .collect();
    faults.settle(&lines);
    match program {
        Some(parts) if faults.errors() == 0 => Ok(parts.into_program(files, faults)),
        _ => {
            if faults.errors() == 0 {
                // Nothing should come here: a part that is left out was told of.
                sheet(&mut faults, "program.yaml").error(
                    "unreadable",
                    Mark::START,
                    "the program cannot be read",
                    "report this, please: it should have been said why",
                );
            }
            Err(faults)
        }
    }
}

/// The dictionary among these files, as far as it can be read.
pub(crate) fn dictionary(files: &Files) -> Option<crate::Dictionary> {
    let mut told_elsewhere = Faults::default();
    let mut sheet = sheet(&mut told_elsewhere, "dictionary.yaml");
    let node = tree::read(files.get("dictionary.yaml")?, &mut sheet)?;
    Some(parts::dictionary(&node, &mut sheet))
}

fn lines(bytes: &[u8]) -> u32 {
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    let open = usize::from(bytes.last().is_some_and(|last| *last != b'\n'));
    u32::try_from(ends + open).unwrap_or(u32::MAX).max(1)
}

fn sheet<'a>(faults: &'a mut Faults, file: &'a str) -> Sheet<'a> {
    Sheet { file, faults }
}

/// The words in both languages.
pub(crate) fn words(node: Option<&Node>) -> Option<Words> {
    let text = |key: &str| node?.get(key)?.text().map(str::to_owned);
    Some(Words {
        fr: text("fr")?,
        en: text("en")?,
    })
}

/// What was read; every part that is whole.
struct Parts {
    settings: crate::settings::Settings,
    dictionary: crate::dictionary::Dictionary,
    catalogue: crate::catalogue::Sources,
    segments: BTreeMap<Name, crate::Segment>,
    journeys: BTreeMap<Name, crate::Journey>,
    messages: BTreeMap<Name, crate::message::Message>,
}

impl Parts {
    fn into_program(self, files: Files, warnings: Faults) -> Program {
        Program {
            settings: self.settings,
            dictionary: self.dictionary,
            catalogue: self.catalogue,
            segments: self.segments,
            journeys: self.journeys,
            messages: self.messages,
            warnings,
            digest: pack::address(&files),
            files,
        }
    }
}

struct Reading<'a> {
    files: &'a Files,
    faults: &'a mut Faults,
    uses: Vec<Uses<'a>>,
}

impl<'a> Reading<'a> {
    fn whole(mut self) -> Option<Parts> {
        self.limits()?;
        let settings_node = self.root("program.yaml", Kind::Settings, true);
        let settings = settings_node
            .as_ref()
            .and_then(|node| parts::settings(node, &mut sheet(self.faults, "program.yaml")));
        let dictionary = self
            .root("dictionary.yaml", Kind::Dictionary, true)
            .map(|node| parts::dictionary(&node, &mut sheet(self.faults, "dictionary.yaml")));
        let catalogue = match self.files.contains_key("catalogue.yaml") {
            false => Some(crate::catalogue::Sources::default()),
            true => self
                .root("catalogue.yaml", Kind::Catalogue, false)
                .and_then(|node| parts::catalogue(&node)),
        };
        let languages = settings.as_ref().map(|settings| settings.languages.clone());
        let languages = languages.unwrap_or_else(|| vec![Language::Fr, Language::En]);

        let mut segments = BTreeMap::new();
        let mut journeys = BTreeMap::new();
        let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let files = self.files;
        for (path, bytes) in files {
            match place(path) {
                Some(Place::Root) => {}
                Some(Place::Segment(name)) => {
                    let segment = self.named(path, name, Kind::Segment, bytes, Owner::Segment(name));
                    segments.insert(Name::from(name), segment);
                }
                Some(Place::Journey(name)) => {
                    let journey = self.named(path, name, Kind::Journey, bytes, Owner::Journey(name));
                    journeys.insert(Name::from(name), journey);
                }
                Some(Place::Message(name, file)) => {
                    folders.entry(name).or_default().insert(file);
                }
                None => self.stray(path),
            }
        }
        let segments = unite(segments, |one| match one {
            Some(Named::Segment(segment)) => Some(segment),
            _ => None,
        });
        let journeys = unite(journeys, |one| match one {
            Some(Named::Journey(journey)) => Some(*journey),
            _ => None,
        });
        let mut messages = BTreeMap::new();
        for (name, files) in &folders {
            let folder = Folder {
                name,
                files: files.clone(),
                languages: languages.clone(),
            };
            messages.insert(Name::from(*name), self.message(&folder));
        }
        let messages_there: BTreeSet<&str> = folders.keys().copied().collect();
        let declared = Declared {
            dictionary: dictionary.as_ref(),
            settings: settings_node.as_ref(),
            categories: catalogue.as_ref().and_then(|one| one.categories.as_ref()),
            files: self.files,
            messages: messages_there,
            known_messages: &messages,
        };
        link::check(&declared, &self.uses, self.faults);
        let messages = unite(messages, |one| one);
        Some(Parts {
            settings: settings?,
            dictionary: dictionary?,
            catalogue: catalogue?,
            segments: segments?,
            journeys: journeys?,
            messages: messages?,
        })
    }

    fn limits(&mut self) -> Option<()> {
        let bytes: usize = self.files.values().map(Vec::len).sum();
        if self.files.len() <= pack::MAX_FILES && bytes <= pack::MAX_BYTES {
            return Some(());
        }
        sheet(self.faults, "program.yaml").error(
            "too_long",
            Mark::START,
            format!("the program has {} files and {bytes} bytes", self.files.len()),
            format!(
                "a program has at most {} files and {} bytes; is this the right folder?",
                pack::MAX_FILES,
                pack::MAX_BYTES
            ),
        );
        None
    }

    fn root(&mut self, file: &'static str, kind: Kind, required: bool) -> Option<Node> {
        let mut sheet = sheet(self.faults, file);
        let Some(bytes) = self.files.get(file) else {
            if required {
                let mend = match kind {
                    Kind::Settings => "write it: `name`, `time_zone` and `currency` are all it needs",
                    _ => "write it, `{}` if nothing is collected",
                };
                sheet.error("missing_file", Mark::START, format!("there is no `{file}`"), mend);
            }
            return None;
        };
        shaped(bytes, kind, &mut sheet)
    }

    fn stray(&mut self, path: &str) {
        let shown = short(path);
        let mend = match path.strip_suffix(".yml") {
            Some(stem) => format!("call it `{}.yaml`", short(stem)),
            None => suggest::mend(
                path,
                ROOT,
                "a program has `program.yaml`, `dictionary.yaml`, `catalogue.yaml`, `segments/NAME.yaml`, \
                 `journeys/NAME.yaml` and `messages/NAME/message.yaml` with its texts",
            ),
        };
        let message = format!("`{shown}` has no place in a program");
        sheet(self.faults, path).error("unknown_file", Mark::START, message, mend);
    }

    fn named(
        &mut self,
        path: &'a str,
        name: &'a str,
        kind: Kind,
        bytes: &[u8],
        owner: Owner<'a>,
    ) -> Option<Named> {
        let mut sheet = sheet(self.faults, path);
        shape::name(name, Mark::START, &mut sheet);
        let node = shaped(bytes, kind, &mut sheet);
        let mut page = Page::new(sheet);
        let read = node.and_then(|node| match kind {
            Kind::Segment => predicate::segment(name, &node, &mut page).map(Named::Segment),
            _ => journey::journey(name, &node, &mut page).map(|journey| Named::Journey(Box::new(journey))),
        });
        self.uses.push(Uses {
            file: path,
            owner,
            uses: page.uses,
            purpose: match &read {
                Some(Named::Journey(journey)) => Some(journey.purpose),
                _ => None,
            },
        });
        read
    }

    fn message(&mut self, folder: &Folder<'a>) -> Option<crate::message::Message> {
        let files = self.files;
        let head = format!("messages/{}/message.yaml", folder.name);
        let Some((path, bytes)) = files.get_key_value(&head) else {
            let first = folder.files.first().copied().unwrap_or_default();
            let first = format!("messages/{}/{first}", folder.name);
            sheet(self.faults, &first).error(
                "missing_file",
                Mark::START,
                format!("there is no `{head}`"),
                "write it: what is sent by which channel and why is said there",
            );
            return None;
        };
        let mut head = sheet(self.faults, path);
        shape::name(folder.name, Mark::START, &mut head);
        let node = shaped(bytes, Kind::Message, &mut head)?;
        let mut page = Page::new(head);
        let mut message = message::message(&node, folder, &mut page);
        // Which claims are bound is read off the file, so that a fault elsewhere in it does not hide a lie.
        let claims = node.get("claims").map(Node::items).unwrap_or_default();
        let bound: Vec<&str> = claims
            .iter()
            .filter_map(|claim| claim.get("claim").and_then(Node::text))
            .collect();
        let purpose = node
            .get("purpose")
            .and_then(Node::text)
            .and_then(PurposeName::parse);
        page.purposes = purpose.into_iter().collect();
        let mut reads = BTreeSet::new();
        for (_, subject) in node.get("subject").map(Node::entries).unwrap_or_default() {
            let text = Text {
                source: subject.text().unwrap_or_default(),
                html: false,
                at: Some(subject.mark),
                claims: &bound,
            };
            reads.extend(template::read(&text, &mut page));
        }
        let uses = page.uses;
        self.used(path, folder.name, uses);
        let said = honest::Said {
            node: &node,
            head: path,
            channel: message.as_ref().map(|message| message.channel),
            service: purpose == Some(PurposeName::Service),
        };
        for file in folder.files.iter().filter(|file| **file != "message.yaml") {
            let path = format!("messages/{}/{file}", folder.name);
            let Some((path, bytes)) = files.get_key_value(&path) else {
                continue;
            };
            let Some(text) = self.template(path, bytes) else {
                continue;
            };
            let mut page = Page::new(sheet(self.faults, path));
            page.purposes = purpose.into_iter().collect();
            let source = Text {
                source: text,
                html: !path.ends_with(".txt"),
                at: None,
                claims: &bound,
            };
            reads.extend(template::read(&source, &mut page));
            let uses = page.uses;
            self.used(path, folder.name, uses);
            honest::check(&said, file, path, text, self.faults);
        }
        honest::unused(&said, self.faults);
        if let Some(message) = &mut message {
            reads.extend(message.reads.drain(..));
            message.reads = reads.into_iter().collect();
        }
        message
    }

    fn used(&mut self, file: &'a str, message: &'a str, uses: Vec<uses::Use>) {
        self.uses.push(Uses {
            file,
            owner: Owner::Message(message),
            uses,
            purpose: None,
        });
    }

    fn template(&mut self, file: &str, bytes: &'a [u8]) -> Option<&'a str> {
        let mut sheet = sheet(self.faults, file);
        if bytes.len() > tree::MAX_FILE {
            let message = format!("the file has {} bytes, more than {}", bytes.len(), tree::MAX_FILE);
            sheet.error("too_long", Mark::START, message, "shorten it");
            return None;
        }
        let text = tree::text(bytes, &mut sheet)?;
        if text.trim().is_empty() {
            sheet.error("empty", Mark::START, "the file is empty", "write the text");
        }
        Some(text)
    }
}

enum Named {
    Segment(crate::Segment),
    Journey(Box<crate::Journey>),
}

/// All of them, if none is broken.
fn unite<T, U>(read: BTreeMap<Name, T>, whole: impl Fn(T) -> Option<U>) -> Option<BTreeMap<Name, U>> {
    read.into_iter()
        .map(|(name, one)| Some((name, whole(one)?)))
        .collect()
}

fn shaped(bytes: &[u8], kind: Kind, sheet: &mut Sheet<'_>) -> Option<Node> {
    let node = tree::read(bytes, sheet)?;
    shape::check(kind.shape(), &node, sheet);
    Some(node)
}
