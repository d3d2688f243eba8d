//! What can be wrong with a record, each by a stable name that says nothing of a person.
//!
//! Deliberately does not know: how it is found, how it is told to people.

/// One thing that is wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Flaw {
    /// The sealed record does not open with its person's key: its row was altered.
    DoesNotOpen,
    /// The record's own copy of its leaf is no entry.
    LeafUnreadable,
    /// The log has no such entry, or what it has is not what was signed.
    NotInLog,
    /// The log holds another entry at the record's place.
    LeafDiffers,
    /// The details, or their secret, are not those the leaf commits to.
    DetailsDiffer,
    /// A permitted decision does not say what the charter was asked.
    QuestionMissing,
    /// What the charter was asked is not what the leaf is bound to.
    QuestionDiffers,
    /// What the charter was asked is in a layout that this program does not know.
    QuestionUnreadable,
    /// It was asked for another purpose than the entry names.
    PurposeDiffers,
    /// The charter of that time answers otherwise.
    VerdictDiffers,
    /// The charter of that time names other rules.
    ReasonsDiffer,
    /// To no question does the charter of that time give this answer.
    AnswerImpossible,
    /// The record says that there was a consent; the person's own statements before it do not.
    ConsentContradicted,
    /// The charter of that time is not kept.
    CharterMissing,
    /// What is kept as the charter of that time is not what its digest names.
    CharterDamaged,
    /// This program cannot ask a charter of that time any more.
    CharterUnreadable,
    /// The program (model, dictionary) of that time is not kept.
    ProgramMissing,
    /// What is kept as the program of that time is not what its digest names.
    ProgramDamaged,
    /// The catalogue that was decided with is not kept.
    CatalogueMissing,
    /// What is kept as that catalogue is not what its digest names.
    CatalogueDamaged,
    /// Model or catalogue are intact, and this program cannot read them.
    ProgramUnreadable,
    /// The same program makes another decision of the same inputs.
    OutcomeDiffers,
}

impl Flaw {
    /// Every flaw, in order.
    pub const ALL: [Flaw; 22] = [
        Flaw::DoesNotOpen,
        Flaw::LeafUnreadable,
        Flaw::NotInLog,
        Flaw::LeafDiffers,
        Flaw::DetailsDiffer,
        Flaw::QuestionMissing,
        Flaw::QuestionDiffers,
        Flaw::QuestionUnreadable,
        Flaw::PurposeDiffers,
        Flaw::VerdictDiffers,
        Flaw::ReasonsDiffer,
        Flaw::AnswerImpossible,
        Flaw::ConsentContradicted,
        Flaw::CharterMissing,
        Flaw::CharterDamaged,
        Flaw::CharterUnreadable,
        Flaw::ProgramMissing,
        Flaw::ProgramDamaged,
        Flaw::CatalogueMissing,
        Flaw::CatalogueDamaged,
        Flaw::ProgramUnreadable,
        Flaw::OutcomeDiffers,
    ];

    /// Its name in reports: `details_differ`.
    pub fn as_str(self) -> &'static str {
        match self {
            Flaw::DoesNotOpen => "does_not_open",
            Flaw::LeafUnreadable => "leaf_unreadable",
            Flaw::NotInLog => "not_in_log",
            Flaw::LeafDiffers => "leaf_differs",
            Flaw::DetailsDiffer => "details_differ",
            Flaw::QuestionMissing => "question_missing",
            Flaw::QuestionDiffers => "question_differs",
            Flaw::QuestionUnreadable => "question_unreadable",
            Flaw::PurposeDiffers => "purpose_differs",
            Flaw::VerdictDiffers => "verdict_differs",
            Flaw::ReasonsDiffer => "reasons_differ",
            Flaw::AnswerImpossible => "answer_impossible",
            Flaw::ConsentContradicted => "consent_contradicted",
            Flaw::CharterMissing => "charter_missing",
            Flaw::CharterDamaged => "charter_damaged",
            Flaw::CharterUnreadable => "charter_unreadable",
            Flaw::ProgramMissing => "program_missing",
            Flaw::ProgramDamaged => "program_damaged",
            Flaw::CatalogueMissing => "catalogue_missing",
            Flaw::CatalogueDamaged => "catalogue_damaged",
            Flaw::ProgramUnreadable => "program_unreadable",
            Flaw::OutcomeDiffers => "outcome_differs",
        }
    }

    /// What it means, for who runs the audit.
    pub fn words(self) -> &'static str {
        match self {
            Flaw::DoesNotOpen => "the sealed record does not open with its key: its row was altered",
            Flaw::LeafUnreadable => "the record's copy of its log entry is no entry",
            Flaw::NotInLog => "the log has no such entry, or not as it was signed",
            Flaw::LeafDiffers => "the log has another entry at the record's place",
            Flaw::DetailsDiffer => "inputs or outcome are not those that the log entry commits to",
            Flaw::QuestionMissing => "it is not on record what the charter was asked",
            Flaw::QuestionDiffers => "what the charter was asked is not what the log entry is bound to",
            Flaw::QuestionUnreadable => {
                "what the charter was asked is in a layout this program does not know"
            }
            Flaw::PurposeDiffers => "the charter was asked for another purpose than the log entry names",
            Flaw::VerdictDiffers => "the charter of that time gives another answer",
            Flaw::ReasonsDiffer => "the charter of that time names other rules for its answer",
            Flaw::AnswerImpossible => "the charter of that time gives this answer to no question",
            Flaw::ConsentContradicted => "the consent it rests on is not what the person had said by then",
            Flaw::CharterMissing => "the charter of that time is not kept",
            Flaw::CharterDamaged => "the charter of that time is not what its digest names",
            Flaw::CharterUnreadable => "this program cannot ask the charter of that time any more",
            Flaw::ProgramMissing => "the model or dictionary of that time is not kept",
            Flaw::ProgramDamaged => "the model or dictionary of that time is not what its digest names",
            Flaw::CatalogueMissing => "the catalogue of that time is not kept",
            Flaw::CatalogueDamaged => "the catalogue of that time is not what its digest names",
            Flaw::ProgramUnreadable => {
                "this program cannot read the model or catalogue of that time any more"
            }
            Flaw::OutcomeDiffers => "the same program decides otherwise on the recorded inputs",
        }
    }
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flaw_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<&str> = Flaw::ALL.iter().map(|flaw| flaw.as_str()).collect();
        assert_eq!(names.len(), Flaw::ALL.len());
        for (at, flaw) in Flaw::ALL.into_iter().enumerate() {
            assert_eq!(flaw as usize, at);
        }
    }
}
