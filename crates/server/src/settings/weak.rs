//! What makes a set-up weak: refused in production, told in development and by `egard doctor`.
//!
//! Deliberately does not know: how settings are read.

use super::{SHORTEST_KEY, Settings};
use std::path::{Component, Path, PathBuf};

impl Settings {
    /// Each weakness in words, with how to mend it.
    pub(crate) fn weaknesses(&self) -> Vec<String> {
        let mut weak = Vec::new();
        if self.store == "memory" {
            weak.push("`store = \"memory\"` forgets everything at exit".to_owned());
        }
        if self.demo_page {
            weak.push("`demo_page = true` shows sample customers to anybody".to_owned());
        }
        if !self.public_url.starts_with("https://") {
            weak.push(
                "`public_url` is not `https://`: receipts and links would travel in the clear".to_owned(),
            );
        }
        if self.api_keys.is_empty() {
            weak.push("no `api_keys`: nobody could ask for recommendations".to_owned());
        }
        if self.sources.is_empty() {
            weak.push("no `sources`: no event could come in".to_owned());
        }
        if let Some(folder) = self.store.strip_prefix("embedded:")
            && within(Path::new(folder), &self.keys)
        {
            weak.push(
                "the keys lie in the folder of the store, or it in theirs: whoever copies one has both"
                    .to_owned(),
            );
        }
        if let (Some(folder), Some(journal)) = (self.store.strip_prefix("embedded:"), self.erasures())
            && real(&journal).starts_with(real(Path::new(folder)))
        {
            weak.push(
                "the erasure journal lies in the folder of the store: a backup that is put back would put \
                 back both, and nobody would know who was erased since; set `erasures`"
                    .to_owned(),
            );
        }
        if self
            .sources
            .iter()
            .any(|source| source.write_key == EXAMPLE_WRITE_KEY)
        {
            weak.push(format!(
                "the write key `{EXAMPLE_WRITE_KEY}` of the example is known to everybody; choose your own"
            ));
        }
        for source in &self.sources {
            if source.secret && source.write_key.len() < SHORTEST_KEY {
                weak.push(format!(
                    "the write key of the secret source `{}` is shorter than {SHORTEST_KEY} bytes; make one with \
                     `openssl rand -base64 32`",
                    source.name
                ));
            }
            if source.secret && !source.origins.is_empty() {
                weak.push(format!(
                    "the source `{}` is secret and has `origins`: its key would stand in their pages; give the \
                     pages a source of their own",
                    source.name
                ));
            }
        }
        if self.rights.controller.is_empty() || self.rights.authority.is_empty() {
            weak.push(
                "`rights.controller` and `rights.authority` are empty: people must know whom to turn to"
                    .to_owned(),
            );
        }
        if self
            .rights
            .callbacks
            .iter()
            .any(|origin| origin.starts_with("http://"))
        {
            weak.push("an origin of `rights.callbacks` is not `https://`".to_owned());
        }
        if self
            .api_keys
            .iter()
            .chain(&self.staff_keys)
            .chain(&self.program_keys)
            .any(|key| is_placeholder(&key.key))
        {
            weak.push("an API key is the placeholder of the example; put your own digest there".to_owned());
        }
        weak.extend(self.me.weaknesses());
        weak.extend(crate::key_files::weaknesses(self));
        weak
    }
}

/// The write key of `egard.example.toml`.
const EXAMPLE_WRITE_KEY: &str = "replace-me-web";

/// Whether the key is the digest of the example, or one as easily made up: all but the last digit zero.
fn is_placeholder(key: &str) -> bool {
    let digits = key.strip_prefix("sha256:");
    digits.is_some_and(|digits| digits.bytes().rev().skip(1).all(|digit| digit == b'0'))
}

/// Whether one of the folders is, or lies in, the other, however their paths are written.
pub(super) fn within(one: &Path, other: &Path) -> bool {
    let (one, other) = (real(one), real(other));
    one.starts_with(&other) || other.starts_with(&one)
}

/// The path without links, `.` and `..`, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let mut real = std::env::current_dir().unwrap_or_default();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                real.pop();
            }
            part => real.push(part),
        }
        // At each step: `..` after a link leaves the link's target.
        if let Ok(found) = real.canonicalize() {
            real = found;
        }
    }
    real
}
