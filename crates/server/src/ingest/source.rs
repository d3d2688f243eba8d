//! Sources: the sites, apps and servers that may send, each known by its write key; and which of them may
//! say that a `userId` permits something.

use super::digest;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use vocabulary::{Digest, Moment};

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

/// Reads the proof of a message at a moment: the `userId` whom the site signed in, if it is believed. Pure.
pub type Proofs = Arc<dyn Fn(&str, Moment) -> Option<String> + Send + Sync>;

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
    /// Whether its key is a secret, which only servers have: what it says of a `userId` is believed. A key in
    /// pages or apps is in everybody's hands: it takes back for anybody, and permits for visitors alone, or
    /// for the `userId` of a proof ([`Proofs`]).
    #[serde(default)]
    pub secret: bool,
    /// Where the pages are that may show the consent dialogue: `https://shop.example`, one for each
    /// origin. Events need none of them.
    #[serde(default)]
    pub origins: Vec<String>,
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
    pub(super) secret: bool,
    pub(super) origins: Arc<[String]>,
}

/// A source whose page shows the consent dialogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    /// Its name.
    pub name: SourceName,
    /// Whether it is directed at children.
    pub child_directed: bool,
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
    /// An origin that no browser sends.
    #[error(
        "`{origin}` of the source `{name}` is no origin: write `https://` (or `http://`), a host in lower case, and if needed a port"
    )]
    Origin {
        /// Which source.
        name: SourceName,
        /// What it says.
        origin: String,
    },
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
            secret,
            origins,
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
            if let Some(origin) = origins.iter().find(|origin| !is_origin(origin)) {
                let origin = origin.clone();
                return Err(SourcesError::Origin { name, origin });
            }
            all.push((
                key,
                Known {
                    name,
                    enabled,
                    child_directed,
                    secret,
                    origins: origins.into(),
                },
            ));
        }
        Ok(Sources(all))
    }

    /// The names, in the order of the settings.
    pub fn names(&self) -> impl Iterator<Item = &SourceName> {
        self.0.iter().map(|(_, source)| &source.name)
    }

    /// The enabled source of that name, or the first enabled one: whose page a form without script is. One
    /// whose key is in pages comes first; a server has no pages.
    pub fn site(&self, name: &str) -> Option<Site> {
        let enabled = || {
            self.0
                .iter()
                .map(|(_, source)| source)
                .filter(|source| source.enabled)
        };
        let named = enabled().find(|source| source.name.as_str() == name);
        let public = || enabled().find(|source| !source.secret);
        named.or_else(public).or_else(|| enabled().next()).map(Site::of)
    }

    /// The enabled source of that write key, if its pages are at `origin`, or that is `ours`.
    pub fn site_at(&self, write_key: &str, origin: &str, ours: &str) -> Option<Site> {
        let known = |source: &Known| origin == ours || source.origins.iter().any(|known| known == origin);
        self.find(write_key)
            .filter(|source| source.enabled && known(source))
            .map(Site::of)
    }

    /// Whether pages of any enabled source are at `origin`.
    pub fn has_origin(&self, origin: &str) -> bool {
        self.0
            .iter()
            .any(|(_, source)| source.enabled && source.origins.iter().any(|known| known == origin))
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

impl Site {
    fn of(source: &Known) -> Site {
        Site {
            name: source.name.clone(),
            child_directed: source.child_directed,
        }
    }
}

/// As browsers write an origin (RFC 6454, section 6.2): scheme, host, and a port other than the scheme's.
fn is_origin(text: &str) -> bool {
    let place = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte);
    place.is_some_and(|place| !place.is_empty() && !place.starts_with(':') && place.bytes().all(plain))
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
            secret: false,
            origins: vec![format!("https://{name}.example")],
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
    fn a_dialogue_is_shown_on_a_sources_own_pages_only() {
        let mut off = source("old", "key-3");
        off.enabled = false;
        let sources = Sources::new([source("shop", "key-1"), source("app", "key-2"), off]).unwrap();
        let site = |key, origin| {
            let site = sources.site_at(key, origin, "https://egard.example");
            site.map(|site| site.name.to_string())
        };
        assert_eq!(site("key-2", "https://egard.example").as_deref(), Some("app"));
        assert_eq!(site("key-1", "https://shop.example").as_deref(), Some("shop"));
        assert_eq!(
            site("key-1", "https://app.example"),
            None,
            "the origin of another source"
        );
        assert_eq!(
            site("key-3", "https://old.example"),
            None,
            "a source that is switched off"
        );
        for other in [
            "",
            "null",
            "https://shop.example/",
            "http://shop.example",
            "https://shop.example.evil",
        ] {
            assert_eq!(site("key-1", other), None, "{other}");
        }
        assert!(sources.has_origin("https://app.example") && !sources.has_origin("https://old.example"));
        assert_eq!(sources.site("app").unwrap().name.as_str(), "app");
        assert_eq!(sources.site("nobody").unwrap().name.as_str(), "shop");
    }

    #[test]
    fn an_origin_that_no_browser_sends_is_refused() {
        for (origin, good) in [
            ("https://shop.example", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:80", true),
            ("https://shop.example/", false),
            ("https://Shop.example", false),
            ("*", false),
            ("null", false),
            ("https://", false),
            ("https://u@shop.example", false),
        ] {
            let mut source = source("shop", "key");
            source.origins = vec![origin.to_owned()];
            assert_eq!(Sources::new([source]).is_ok(), good, "{origin}");
        }
    }

    #[test]
    fn a_write_key_does_not_print() {
        assert!(!format!("{:?}", source("shop", "key-1")).contains("key-1"));
    }
}
