//! A dictionary as a list for people: what is declared, one after another, in an order that two
//! dictionaries share.
//!
//! Deliberately does not know: what is done with it.

use super::{Dictionary, Fields};
use vocabulary::PurposeSet;

/// One thing that is declared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Declaration {
    /// `event` or `trait`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Why it may be kept.
    pub purposes: PurposeSet,
    /// Of an event: its properties, `products.price` for the price of each of the products.
    pub fields: Vec<String>,
    /// Of a special category (GDPR art. 9).
    pub special: bool,
}

impl Dictionary {
    /// Everything that is declared: events, then traits, each in the order of names.
    pub fn declared(&self) -> Vec<Declaration> {
        let events = self.events.iter().map(|(name, rule)| Declaration {
            kind: "event",
            name: name.clone(),
            purposes: rule.purposes,
            fields: rule.fields.paths(),
            special: false,
        });
        let traits = self.traits.iter().map(|(name, rule)| Declaration {
            kind: "trait",
            name: name.clone(),
            purposes: rule.purposes,
            fields: Vec::new(),
            special: rule.special,
        });
        let mut all: Vec<Declaration> = events.chain(traits).collect();
        all.sort();
        all
    }
}

impl Fields {
    /// The leaves, in the order of their paths.
    fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for (name, below) in &self.children {
            let deeper = below.paths();
            match deeper.is_empty() {
                true => paths.push(name.clone()),
                false => paths.extend(deeper.iter().map(|path| format!("{name}.{path}"))),
            }
        }
        paths.sort();
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_declared_is_listed_in_order() {
        let text = "[events.B]\npurposes = [\"service\"]\nfields = [\"z\", \"products.price\", \"products.name\"]\n\
                    [events.A]\npurposes = [\"measure\"]\n[traits.faith]\npurposes = [\"service\"]\nspecial = true\n";
        let all = Dictionary::read(text).unwrap().declared();
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["A", "B", "faith"]);
        assert_eq!(all[1].fields, ["products.name", "products.price", "z"]);
        assert!(all[2].special && all[2].kind == "trait");
    }
}
