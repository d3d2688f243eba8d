//! The lessons that stand beside each right: what it is, where it is written, whom to turn to.

use crate::words::Words;

/// One right, explained.
pub(super) struct Lesson {
    pub(super) title: String,
    pub(super) words: String,
    /// The article, as it is cited.
    pub(super) law: String,
}

/// All of them, by the place where they stand.
pub(super) struct Lessons {
    pub(super) consent: Lesson,
    pub(super) rectification: Lesson,
    pub(super) explanation: Lesson,
    pub(super) access: Lesson,
    pub(super) restriction: Lesson,
    pub(super) objection: Lesson,
    pub(super) erasure: Lesson,
    pub(super) complaint: Lesson,
}

impl Lessons {
    pub(super) fn of(words: Words) -> Lessons {
        let lesson = |[title, text, law]: [&str; 3]| Lesson {
            title: words.say(title),
            words: words.say(text),
            law: words.say(law),
        };
        Lessons {
            consent: lesson(["lesson-consent", "lesson-consent-words", "lesson-consent-law"]),
            rectification: lesson([
                "lesson-rectification",
                "lesson-rectification-words",
                "lesson-rectification-law",
            ]),
            explanation: lesson([
                "lesson-explanation",
                "lesson-explanation-words",
                "lesson-explanation-law",
            ]),
            access: lesson(["lesson-access", "lesson-access-words", "lesson-access-law"]),
            restriction: lesson([
                "lesson-restriction",
                "lesson-restriction-words",
                "lesson-restriction-law",
            ]),
            objection: lesson([
                "lesson-objection",
                "lesson-objection-words",
                "lesson-objection-law",
            ]),
            erasure: lesson(["lesson-erasure", "lesson-erasure-words", "lesson-erasure-law"]),
            complaint: lesson([
                "lesson-complaint",
                "lesson-complaint-words",
                "lesson-complaint-law",
            ]),
        }
    }
}
