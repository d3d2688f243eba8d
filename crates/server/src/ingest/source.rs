//! Sources: the sites, apps and servers that may send, each known by its write key.

use super::digest;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use vocabulary::Digest;

/// Longest write key that is compared, in bytes.
const LONGEST_KEY: usize = 256;

/// The name of a source, given by the operator: 1 to 64 of `a-z 0-9 _ -`, the first a letter or a
/// digit. Public: it stands in URLs, logs and metrics.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceName(Arc<str>);

/// The text cannot be the name of a source.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is no name for a source: use 1 to 64 of a-z, 0-9, `_` and `-`, the first a letter or a digit")]
pub struct SourceNameError(String);

impl SourceName {
    /// The name of that text.
    pub fn parse(text: &str) -> Result<SourceName, SourceNameError> {
        let starts = text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
        let fits = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if starts && fits && text.len() <= 64 {
            Ok(SourceName(text.into()))
        } else {
            Err(SourceNameError(text.chars().take(80).collect()))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SourceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SourceName {
    type Error = SourceNameError;

    fn try_from(text: String) -> Result<SourceName, SourceNameError> {
        SourceName::parse(&text)
    }
}

impl From<SourceName> for String {
    fn from(name: SourceName) -> String {
        name.0.to_string()
    }
}

/// A source as the settings describe it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name.
    pub name: SourceName,
    /// What its clients send to be known. Not a secret in a browser; still never printed.
    pub write_key: String,
    /// Whether its events are taken.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether it is directed at children: unknown age then counts as minor.
    #[serde(default)]
    pub child_directed: bool,
}

fn yes() -> bool {
    true
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({}, enabled: {})", self.name, self.enabled)
    }
}

/// What remains of a source once its key is a digest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Known {
    pub(super) name: SourceName,
    pub(super) enabled: bool,
    pub(super) child_directed: bool,
}

/// All sources of the server.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<(Digest, Known)>);

/// The sources of the settings contradict each other.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SourcesError {
    /// Two of one name.
    #[error("two sources are called `{0}`: give each its own name")]
    SameName(SourceName),
    /// Two with one key.
    #[error("the source `{0}` has the write key of another source: give each its own")]
    SameKey(SourceName),
    /// A key that cannot travel in Basic authentication.
    #[error(
        "the write key of the source `{0}` must be 1 to {LONGEST_KEY} visible ASCII characters without `:`"
    )]
    Key(SourceName),
}

impl Sources {
    /// The sources of the settings.
    pub fn new(sources: impl IntoIterator<Item = Source>) -> Result<Sources, SourcesError> {
        let mut all: Vec<(Digest, Known)> = Vec::new();
        for Source {
            name,
            write_key,
            enabled,
            child_directed,
        } in sources
        {
            let travels = write_key
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b':');
            if write_key.is_empty() || write_key.len() > LONGEST_KEY || !travels {
                return Err(SourcesError::Key(name));
            }
            let key = digest(&write_key);
            if all.iter().any(|(_, other)| other.name == name) {
                return Err(SourcesError::SameName(name));
            }
            if all.iter().any(|(other, _)| *other == key) {
                return Err(SourcesError::SameKey(name));
            }
            all.push((
                key,
                Known {
                    name,
                    enabled,
                    child_directed,
                },
            ));
        }
        Ok(Sources(all))
    }

    /// The names, in the order of the settings.
    pub fn names(&self) -> impl Iterator<Item = &SourceName> {
        self.0.iter().map(|(_, source)| &source.name)
    }

    /// The source of that write key, enabled or not. Every key is compared, each in constant time.
    pub(super) fn find(&self, write_key: &str) -> Option<&Known> {
        if write_key.is_empty() || write_key.len() > LONGEST_KEY {
            return None;
        }
        let presented = digest(write_key);
        let mut found = u32::MAX;
        for (index, (key, _)) in (0u32..).zip(&self.0) {
            let same: Choice = key.0.as_slice().ct_eq(presented.0.as_slice());
            found.conditional_assign(&index, same);
        }
        self.0.get(usize::try_from(found).ok()?).map(|(_, source)| source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, write_key: &str) -> Source {
        Source {
            name: SourceName::parse(name).unwrap(),
            write_key: write_key.to_owned(),
            enabled: true,
            child_directed: false,
        }
    }

    #[test]
    fn a_source_is_found_by_its_whole_key_only() {
        let sources = Sources::new([source("shop", "key-1"), source("app", "key-2")]).unwrap();
        assert_eq!(sources.find("key-2").unwrap().name.as_str(), "app");
        for other in ["", "key-", "key-22", "KEY-2", "shop"] {
            assert!(sources.find(other).is_none(), "{other}");
        }
    }

    #[test]
    fn sources_that_cannot_be_told_apart_are_refused() {
        let twice = Sources::new([source("shop", "a"), source("shop", "b")]);
        assert!(matches!(twice, Err(SourcesError::SameName(_))));
        assert!(matches!(
            Sources::new([source("a", "k"), source("b", "k")]),
            Err(SourcesError::SameKey(_))
        ));
        assert!(matches!(
            Sources::new([source("a", "k:y")]),
            Err(SourcesError::Key(_))
        ));
        assert!(SourceName::parse("-").is_err() && SourceName::parse("Shop").is_err());
    }

    #[test]
    fn a_write_key_does_not_print() {
        assert!(!format!("{:?}", source("shop", "key-1")).contains("key-1"));
    }
}
