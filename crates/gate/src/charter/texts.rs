//! The built-in charter as it stands in the folder `charter/` of the repository, and its digest.
//!
//! Deliberately does not know: what the texts mean.

use crate::dictionary::special;

/// The schema: its path in the repository and its text.
pub(super) const SCHEMA: (&str, &str) = (
    "charter/schema.cedarschema",
    include_str!("../../../../charter/schema.cedarschema"),
);

/// The built-in policies, in reading order: path and text.
pub(super) const POLICIES: [(&str, &str); 7] = [
    (
        "charter/policies/purposes.cedar",
        include_str!("../../../../charter/policies/purposes.cedar"),
    ),
    (
        "charter/policies/legal_basis.cedar",
        include_str!("../../../../charter/policies/legal_basis.cedar"),
    ),
    (
        "charter/policies/rights.cedar",
        include_str!("../../../../charter/policies/rights.cedar"),
    ),
    (
        "charter/policies/staff.cedar",
        include_str!("../../../../charter/policies/staff.cedar"),
    ),
    (
        "charter/policies/children.cedar",
        include_str!("../../../../charter/policies/children.cedar"),
    ),
    (
        "charter/policies/special_categories.cedar",
        include_str!("../../../../charter/policies/special_categories.cedar"),
    ),
    (
        "charter/policies/signals.cedar",
        include_str!("../../../../charter/policies/signals.cedar"),
    ),
];

/// What the charter promises, beside its rules and not among them: path and text.
pub(super) const PROMISES: (&str, &str) = (
    "charter/promises.cedar",
    include_str!("../../../../charter/promises.cedar"),
);

/// The bytes whose SHA-256 names a charter: the line `egard charter 1`, then for each file, sorted by path, a
/// line `<path> <bytes>` and its bytes. Line ends are `\n`, so a checkout with other line ends has the
/// same charter. Comments count: they are part of what people read.
pub(super) fn canonical(operator: &[(String, String)]) -> Vec<u8> {
    let words = ("charter/special_words.txt", special::WORDS);
    let built_in = [SCHEMA, PROMISES, words].into_iter().chain(POLICIES);
    let mut files: Vec<(String, String)> = built_in
        .map(|(path, text)| (path.to_owned(), text.replace("\r\n", "\n")))
        .chain(
            operator
                .iter()
                .map(|(name, text)| (operator_path(name), text.replace("\r\n", "\n"))),
        )
        .collect();
    files.sort();
    let mut bytes = b"egard charter 1\n".to_vec();
    for (path, text) in files {
        bytes.extend_from_slice(format!("{path} {}\n", text.len()).as_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// What an operator's file is called in the digest and in errors.
pub(super) fn operator_path(name: &str) -> String {
    format!("operator/{name}.cedar")
}
