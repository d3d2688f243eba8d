//! Names as records and the ledger write them, and the keys of their words.

/// The rights.
pub(super) const RIGHTS: [(&str, &str); 8] = [
    ("access", "right-access"),
    ("portability", "right-portability"),
    ("rectification", "right-rectification"),
    ("restriction", "right-restriction"),
    ("objection", "right-objection"),
    ("erasure", "right-erasure"),
    ("withdraw-all", "right-withdraw-all"),
    ("human-review", "right-human-review"),
];

/// Where a request stands.
pub(super) const STATUSES: [(&str, &str); 7] = [
    ("open", "status-open"),
    ("need_user_verification", "status-need-verification"),
    ("in_progress", "status-in-progress"),
    ("fulfilled", "status-fulfilled"),
    ("revoked", "status-revoked"),
    ("expired", "status-expired"),
    ("denied", "status-denied"),
];

/// What was just done.
pub(super) const SAID: [(&str, &str); 28] = [
    ("on", "said-on"),
    ("off", "said-off"),
    ("allowed", "said-allowed"),
    ("refused", "said-refused"),
    ("withdrawn", "said-withdrawn"),
    ("forgotten", "said-forgotten"),
    ("muted", "said-muted"),
    ("unmuted", "said-unmuted"),
    ("corrected", "said-corrected"),
    ("removed", "said-removed"),
    ("not-possible", "said-not-possible"),
    ("objected", "said-objected"),
    ("no-objection", "said-no-objection"),
    ("restricted", "said-restricted"),
    ("unrestricted", "said-unrestricted"),
    ("review", "said-review"),
    ("age", "said-age"),
    ("age-none", "said-age-none"),
    ("joined", "said-joined"),
    ("parted", "said-parted"),
    ("not-joined", "said-not-joined"),
    ("too-late", "said-too-late"),
    ("openness", "said-openness"),
    ("topic", "said-topic"),
    ("topic-back", "said-topic-back"),
    ("no-topic", "said-no-topic"),
    ("stale", "said-stale"),
    ("nobody", "said-nobody"),
];

/// Those of them that say that nothing was done.
pub(super) const FAILED: [&str; 6] = [
    "not-possible",
    "no-topic",
    "not-joined",
    "too-late",
    "stale",
    "nobody",
];

/// Acts.
pub(super) const ACTS: [(&str, &str); 14] = [
    ("contract", "act-contract"),
    ("forget", "act-forget"),
    ("mute", "act-mute"),
    ("prefer", "act-prefer"),
    ("unmute", "act-unmute"),
    ("object", "act-object"),
    ("object_no_longer", "act-object-no-longer"),
    ("restrict", "act-restrict"),
    ("restrict_no_longer", "act-restrict-no-longer"),
    ("correct", "act-correct"),
    ("remove_trait", "act-remove-trait"),
    ("say_age", "act-say-age"),
    ("contest", "act-contest"),
    ("contest_ended", "act-contest-ended"),
];

/// What a person can say of their age.
pub(super) const AGES: [(&str, &str); 3] = [
    ("adult", "age-said-adult"),
    ("minor", "age-said-minor"),
    ("unknown", "age-said-unknown"),
];

/// The key of a name's words.
pub(super) fn find(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, key)| *key)
}
