//! What can be wrong with a template, and what can end a rendering.
//!
//! Deliberately does not know: values of people. No message here quotes one; names and places are enough.

/// A place in a template; both count from 1, columns in letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Place {
    /// The place after a letter that stands here.
    pub(crate) fn after(self, letter: char) -> Place {
        if letter == '\n' {
            Place {
                line: self.line + 1,
                column: 1,
            }
        } else {
            Place {
                line: self.line,
                column: self.column + 1,
            }
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One fault of a template.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
#[error("{line}:{column}: {message}; {mend}")]
pub struct Fault {
    /// Line, from 1.
    pub line: u32,
    /// Column in letters, from 1.
    pub column: u32,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// How to mend it.
    pub mend: String,
}

/// All faults of a template, by place; never empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Faults(pub(crate) Vec<Fault>);

/// More faults than this are not looked for.
pub(crate) const MOST: usize = 50;

impl Faults {
    /// By line and column.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, at: Place, message: impl Into<String>, mend: impl Into<String>) {
        if self.0.len() < MOST {
            self.0.push(Fault {
                line: at.line,
                column: at.column,
                message: message.into(),
                mend: mend.into(),
            });
        }
    }

    pub(crate) fn settle(&mut self) {
        self.0.sort();
        self.0.dedup();
    }
}

impl IntoIterator for Faults {
    type Item = Fault;
    type IntoIter = std::vec::IntoIter<Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Why a rendering ended without a text. Nothing of it holds a value that was given.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Stop {
    /// The template itself asked for it (`abort_message`, as in Braze): nothing is to be sent.
    #[error("the template asks not to be sent: {0}")]
    Abort(String),
    /// A value is not there, and nothing says what to write in its place.
    #[error("{line}:{column}: `{path}` is not known of this person; add `| default: \"…\"` or ask with `if`")]
    Missing {
        /// What was looked for, such as `person.first_name`.
        path: String,
        /// Line, from 1.
        line: u32,
        /// Column in letters, from 1.
        column: u32,
    },
    /// The work allowed was used up.
    #[error("the template does more work than it may; take loops out, or shorten them with `limit`")]
    Fuel,
    /// The text would be longer than allowed.
    #[error("the text is longer than {0} bytes")]
    TooLong(usize),
    /// A filter or a tag cannot do this with that value.
    #[error("{line}:{column}: {message}")]
    Value {
        /// What cannot be done.
        message: String,
        /// Line, from 1.
        line: u32,
        /// Column in letters, from 1.
        column: u32,
    },
    /// A value may not be written at this place of an HTML text.
    #[error("{line}:{column}: {message}; {mend}")]
    Refused {
        /// What is refused.
        message: String,
        /// How to mend it.
        mend: String,
        /// Line, from 1.
        line: u32,
        /// Column in letters, from 1.
        column: u32,
    },
}

impl Stop {
    pub(crate) fn value(at: Place, message: impl Into<String>) -> Stop {
        Stop::Value {
            message: message.into(),
            line: at.line,
            column: at.column,
        }
    }

    pub(crate) fn refused(at: Place, message: impl Into<String>, mend: impl Into<String>) -> Stop {
        Stop::Refused {
            message: message.into(),
            mend: mend.into(),
            line: at.line,
            column: at.column,
        }
    }
}
