//! A charter as it was kept, read again for people, and what changed between two of them: rules added,
//! removed and changed, each with its article and its words.
//!
//! Deliberately does not know: answers. A charter that is read here decides nothing: it may be of another
//! version of this program, and is not validated.

use super::policy::Policy;
use super::texts::PROMISES;
use cedar_policy::PolicySet;
use std::collections::BTreeMap;
use vocabulary::Digest;

/// Longest charter that is read, bytes.
const MOST_BYTES: usize = 4 << 20;
/// Characters in an annotation that are shown.
const MOST_WORDS: usize = 2_000;
/// The first line of a charter's bytes.
const HEAD: &str = "egard charter 1\n";

/// The rules of a charter that was kept.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    /// Its rules, by id.
    pub rules: BTreeMap<String, Policy>,
    /// Its promises, by id.
    pub promises: BTreeMap<String, Policy>,
    /// Every file it is made of, by path, with the digest of its bytes.
    pub files: BTreeMap<String, Digest>,
}

/// What changed from one charter to another.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Rules and promises that only the later one has.
    pub added: Vec<Policy>,
    /// Rules and promises that only the earlier one has.
    pub removed: Vec<Policy>,
    /// Those that both have and that read differently: before and after.
    pub changed: Vec<(Policy, Policy)>,
    /// Files that were added, removed or changed, comments included.
    pub files: Vec<String>,
}

/// The bytes are no charter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too long, not text, or not files one after another.
    #[error(
        "these bytes are no charter: files with their lengths, one after another, under `egard charter 1`"
    )]
    Shape,
    /// A file whose rules cannot be read.
    #[error("the rules of `{0}` cannot be read")]
    Rules(String),
}

impl Rulebook {
    /// Reads what [`super::Charter::text`] gave, of this version or an earlier one.
    pub fn read(bytes: &[u8]) -> Result<Rulebook, Error> {
        let mut book = Rulebook::default();
        for (path, text) in files(bytes)? {
            book.files.insert(path.to_owned(), Digest::of(text.as_bytes()));
            if !path.ends_with(".cedar") {
                continue;
            }
            let unread = || Error::Rules(path.to_owned());
            let set: PolicySet = text.parse().map_err(|_| unread())?;
            for policy in set.policies() {
                let own = policy.annotation("id").ok_or_else(unread)?;
                let id = match path.strip_prefix("operator/") {
                    Some(file) => format!("operator/{}/{own}", file.trim_end_matches(".cedar")),
                    None => own.to_owned(),
                };
                let read = Policy::read(&id, policy, true, MOST_WORDS).map_err(|_| unread())?;
                match path == PROMISES.0 {
                    true => book.promises.insert(id, read),
                    false => book.rules.insert(id, read),
                };
            }
        }
        Ok(book)
    }

    /// What changed from this charter to `later`; each list in the order of ids or paths.
    pub fn changes_to(&self, later: &Rulebook) -> Change {
        let mut change = Change::default();
        for (before, after) in [(&self.rules, &later.rules), (&self.promises, &later.promises)] {
            for (id, policy) in before {
                match after.get(id) {
                    None => change.removed.push(policy.clone()),
                    Some(now) if now != policy => change.changed.push((policy.clone(), now.clone())),
                    Some(_) => {}
                }
            }
            let new = after.iter().filter(|(id, _)| !before.contains_key(*id));
            change.added.extend(new.map(|(_, policy)| policy.clone()));
        }
        let paths = self.files.keys().chain(later.files.keys());
        let mut paths: Vec<&String> = paths
            .filter(|path| self.files.get(*path) != later.files.get(*path))
            .collect();
        paths.sort();
        paths.dedup();
        change.files = paths.into_iter().cloned().collect();
        change
    }
}

impl Change {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty() && self.files.is_empty()
    }
}

/// The files: after the head, for each a line `<path> <bytes>` and its bytes.
fn files(bytes: &[u8]) -> Result<Vec<(&str, &str)>, Error> {
    if bytes.len() > MOST_BYTES {
        return Err(Error::Shape);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Error::Shape)?;
    let mut rest = text.strip_prefix(HEAD).ok_or(Error::Shape)?;
    let mut files = Vec::new();
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').ok_or(Error::Shape)?;
        let (path, length) = line.rsplit_once(' ').ok_or(Error::Shape)?;
        let length: usize = length.parse().map_err(|_| Error::Shape)?;
        let (file, after) = after.split_at_checked(length).ok_or(Error::Shape)?;
        files.push((path, file));
        rest = after;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::super::Charter;
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;
    use vocabulary::Language;

    static BUILT_IN: LazyLock<Vec<u8>> = LazyLock::new(|| Charter::built_in().unwrap().text().to_vec());
    const OWN: &str = "@id(\"no-late-mail\")\n@explain_fr(\"Pas de courriel tardif.\")\n@explain_en(\"No late mail.\")\n\
                       forbid (principal, action == Action::\"market_by_email\", resource) when { context.gpc };\n";

    fn book(files: &[(String, String)]) -> Rulebook {
        Rulebook::read(Charter::with_operator(files).unwrap().text()).unwrap()
    }

    fn own(text: &str) -> Vec<(String, String)> {
        vec![("shop".to_owned(), text.to_owned())]
    }

    #[test]
    fn a_charter_that_was_kept_reads_back_rule_by_rule() {
        let charter = Charter::with_operator(&own(OWN)).unwrap();
        let book = Rulebook::read(charter.text()).unwrap();
        let known: Vec<&str> = charter.policies().map(|policy| policy.id().as_str()).collect();
        assert_eq!(book.rules.keys().map(String::as_str).collect::<Vec<_>>(), known);
        for policy in charter.policies() {
            assert_eq!(&book.rules[policy.id().as_str()], policy);
        }
        assert!(book.promises.len() > 3);
    }

    #[test]
    fn a_diff_names_what_was_added_removed_and_changed() {
        let (plain, with) = (book(&[]), book(&own(OWN)));
        let added = plain.changes_to(&with);
        assert_eq!(added.added.len(), 1);
        assert_eq!(added.added[0].id().as_str(), "operator/shop/no-late-mail");
        assert_eq!(added.files, ["operator/shop.cedar"]);
        assert!(added.removed.is_empty() && added.changed.is_empty());
        assert_eq!(with.changes_to(&plain).removed.len(), 1);

        let reworded = book(&own(&OWN.replace("No late mail.", "No mail at night.")));
        let changed = with.changes_to(&reworded).changed;
        assert_eq!(changed[0].0.explain(Language::En), "No late mail.");
        assert_eq!(changed[0].1.explain(Language::En), "No mail at night.");
        // A comment is no rule, and is seen.
        let commented = with.changes_to(&book(&own(&format!("// why\n{OWN}"))));
        assert!(commented.changed.is_empty() && !commented.is_empty());
        assert!(with.changes_to(&with).is_empty());
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_charter_are_refused_and_never_break_it(
            cut in 0_usize..60_000, at in 0_usize..60_000, byte in any::<u8>(), junk in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut text = BUILT_IN.clone();
            let at = at % text.len();
            text[at] = byte;
            let _ = Rulebook::read(&text);
            let _ = Rulebook::read(&text[..cut % text.len()]);
            prop_assert_eq!(Rulebook::read(&junk).err(), Some(Error::Shape));
        }
    }
}
