//! Why a charter does not load: which file, which line, which rule, what is wrong, how to mend it.

/// A charter that does not load.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// The path of a built-in file, or `operator/<name>.cedar`.
    pub file: String,
    /// The line in that file, from 1, where there is one to point at.
    pub line: Option<usize>,
    /// The `@id` of the rule, where one is at fault.
    pub policy: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the charter does not load: `{}`", self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(policy) = &self.policy {
            write!(f, ", policy `{policy}`")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// What is wrong with a file of policies.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The schema, or a name made from the vocabulary, is not what Cedar reads.
    #[error("{0}")]
    Cedar(String),
    /// The text is not Cedar.
    #[error("this is not Cedar: {message}; {help}")]
    Syntax {
        /// What Cedar says.
        message: String,
        /// How to mend it.
        help: String,
    },
    /// The rule does not pass strict validation against the schema, or can never apply.
    #[error("{message}; {help}")]
    Invalid {
        /// What Cedar says.
        message: String,
        /// How to mend it.
        help: String,
    },
    /// The name of an operator's file cannot be part of a policy id.
    #[error("the name of a file of rules is 1 to {0} lower-case letters, digits or `-`; rename it")]
    Name(usize),
    /// Two of the operator's files have one name.
    #[error("two files have this name; rename one")]
    NameTwice,
    /// The file is too large.
    #[error("the file has {bytes} bytes, at most {most} are read; split it or say less")]
    FileTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// One rule is too long.
    #[error("a rule has at most {0} bytes beside its strings and comments; split it in two")]
    RuleTooLong(usize),
    /// One rule is nested too deeply.
    #[error("at most {0} brackets may be open at one time; split the rule in two")]
    RuleTooDeep(usize),
    /// Too many files.
    #[error("at most {0} files of operator rules are read; join some")]
    TooManyFiles(usize),
    /// Too many rules.
    #[error("the operator has more than {0} rules, and each makes every decision slower; join some")]
    TooManyPolicies(usize),
    /// An annotation is missing.
    #[error("the annotation `@{0}(\"…\")` is missing; whoever is refused is told why, so write it")]
    Annotation(&'static str),
    /// An annotation is too long.
    #[error("the annotation `@{name}` has more than {most} characters; shorten it")]
    AnnotationTooLong {
        /// Which one.
        name: &'static str,
        /// The limit.
        most: usize,
    },
    /// The id is not one.
    #[error("an `@id` is 1 to {0} lower-case letters, digits or `-`; rename the rule")]
    Id(usize),
    /// The id is taken.
    #[error("another rule has this `@id`; rename one")]
    IdTwice,
    /// A template.
    #[error("templates are not read; write the value in place of `?principal` or `?resource`")]
    Template,
    /// An operator's permit.
    #[error(
        "an operator may only forbid: a permit would open whatever no other rule closes; \
         say what must not happen with `forbid (…) when {{ … }};`"
    )]
    Permit,
    /// An operator's rule for every purpose.
    #[error(
        "a rule for every purpose would also close the person's own rights, `show_own_data` and \
         `answer_rights_request`; \
         name the purposes, as in `action in [Action::\"service\", Action::\"profiling\"]`"
    )]
    EveryPurpose,
    /// An operator's rule against a right of the person.
    #[error(
        "`show_own_data` and `answer_rights_request` are the person's own rights (GDPR art. 12 to 22) and no \
         operator may narrow them; take them out of the rule"
    )]
    Right,
}
