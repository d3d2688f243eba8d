//! The seven names of Google Consent Mode v2 as other names for consent categories, so that a site that
//! already has them in its dialogue needs no second vocabulary. A refusal under such a name counts here.
//!
//! Deliberately does not know: Google's tags; nothing is ever sent there.

use super::{Error, purposes};
use std::collections::HashMap;
use vocabulary::{PurposeName, PurposeSet};

/// The names, and what each stands for where the dictionary says nothing else. Advertising storage and
/// data sent to Google have no purpose here to switch; functionality and security rest on no consent.
const NAMES: [(&str, &[PurposeName]); 7] = [
    ("ad_storage", &[]),
    ("ad_user_data", &[]),
    ("ad_personalization", &[PurposeName::Segment]),
    ("analytics_storage", &[PurposeName::Measure, PurposeName::Train]),
    ("functionality_storage", &[]),
    (
        "personalization_storage",
        &[
            PurposeName::Personalise,
            PurposeName::Segment,
            PurposeName::Predict,
        ],
    ),
    ("security_storage", &[]),
];

/// What each name stands for: the categories and purposes that `declared` lists, or the default.
pub(super) fn read(
    declared: &HashMap<String, Vec<String>>,
    categories: &HashMap<String, PurposeSet>,
) -> Result<HashMap<String, PurposeSet>, Error> {
    if let Some(name) = declared.keys().find(|name| !NAMES.iter().any(|(n, _)| n == name)) {
        return Err(Error::ConsentMode(name.clone()));
    }
    NAMES
        .into_iter()
        .map(|(name, default)| {
            let stands_for = match declared.get(name) {
                None => default.iter().copied().collect(),
                Some(listed) => listed
                    .iter()
                    .map(|listed| match categories.get(listed) {
                        Some(purposes) => Ok(*purposes),
                        None => purposes(&format!("consent_mode.{name}"), std::slice::from_ref(listed)),
                    })
                    .try_fold(PurposeSet::NONE, |all, one| Ok(PurposeSet(all.0 | one?.0)))?,
            };
            Ok((name.to_owned(), stands_for))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::dictionary::Dictionary;
    use vocabulary::PurposeName::{Measure, Personalise, Predict, Segment, Train};
    use vocabulary::{PurposeName, PurposeSet};

    fn check(text: &str, name: &str, expected: &[PurposeName]) {
        let dictionary = Dictionary::read(text).unwrap();
        let expected: PurposeSet = expected.iter().copied().collect();
        assert_eq!(dictionary.stands_for(name), Some(expected), "{text} {name}");
    }

    #[test]
    fn consent_mode_names_stand_for_purposes_or_for_declared_categories() {
        check("", "personalization_storage", &[Personalise, Segment, Predict]);
        check("", "analytics_storage", &[Measure, Train]);
        check("", "ad_storage", &[]);
        let declared = "[consent_categories]\nTaste = ['personalise']\n\
                        [consent_mode]\npersonalization_storage = ['Taste']\nad_storage = ['measure', 'Taste']";
        check(declared, "personalization_storage", &[Personalise]);
        check(declared, "ad_storage", &[Personalise, Measure]);
        assert_eq!(Dictionary::read("").unwrap().stands_for("marketing"), None);
        let error = Dictionary::read("[consent_mode]\nad_storrage = []").unwrap_err();
        assert!(
            error.to_string().contains("`consent_mode.ad_storrage`"),
            "{error}"
        );
        let error = Dictionary::read("[consent_mode]\nad_storage = ['Taste']").unwrap_err();
        assert!(error.to_string().contains("`consent_mode.ad_storage`"), "{error}");
    }
}
