//! Policies: whose cosignatures make a checkpoint believable (C2SP `tlog-policy`).
//!
//! Known logs, known witnesses, and the quorum: one witness, or a group of which so many must have
//! countersigned. Knows nothing of addresses, although a policy may hold them, and nothing of time: how
//! old a cosignature may be is for the caller.

use std::collections::{HashMap, HashSet};

use crate::decimal;
use crate::key::{self, VerifyingKey};
use crate::note;
use crate::witness::{Cosigned, WitnessKey};

/// Longest policy in bytes.
pub const MAX_BYTES: usize = 1 << 16;

/// Most logs, witnesses and groups together.
pub const MAX_MEMBERS: usize = 512;

/// The quorum that asks for nobody.
const NONE: &[u8] = b"none";

/// Who must have countersigned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// The logs it is for; empty if they are known from elsewhere.
    pub logs: Vec<VerifyingKey>,
    /// The witnesses it knows.
    pub witnesses: Vec<WitnessKey>,
    /// Witnesses and groups, members before the groups they are in.
    rules: Vec<Rule>,
    /// Which rule must hold; `None` asks for nobody.
    quorum: Option<usize>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Rule {
    Witness(usize),
    Group { needed: usize, members: Vec<usize> },
}

/// What of a policy a checkpoint fulfils.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witnessed {
    /// The known witnesses that countersigned, in the policy's order.
    pub by: Vec<Cosigned>,
    /// How many witnesses the policy knows.
    pub of: usize,
    /// Whether they are enough.
    pub enough: bool,
}

/// What is wrong with a policy.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Error {
    /// A line cannot be read.
    #[error("line {line} of the policy: {problem}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// It says nothing about how many must have countersigned.
    #[error("the policy has no line `quorum`; `quorum none` asks for nobody")]
    NoQuorum,
    /// Too long, or characters that may not stand in one.
    #[error(
        "this is no policy: at most 65536 bytes of text, 512 names, no control characters but tab and newline"
    )]
    NotText,
    /// So many of so few cannot be had.
    #[error("{needed} of {of} witnesses cannot be asked for; say 1 to {of}")]
    Quorum {
        /// How many were asked for.
        needed: usize,
        /// Of how many.
        of: usize,
    },
    /// The same key twice: one witness would count as two.
    #[error("the key of the witness `{0}` is listed twice")]
    Twice(String),
}

impl Policy {
    /// Any `needed` of these witnesses; nobody if there are none and `needed` is 0.
    pub fn any(needed: usize, witnesses: Vec<WitnessKey>) -> Result<Policy, Error> {
        let of = witnesses.len();
        if needed > of || (needed == 0 && of > 0) {
            return Err(Error::Quorum { needed, of });
        }
        let mut keys = HashSet::new();
        for witness in &witnesses {
            if !keys.insert(witness.key_bytes()) {
                return Err(Error::Twice(witness.name().to_owned()));
            }
        }
        let mut rules: Vec<Rule> = (0..of).map(Rule::Witness).collect();
        let members = (0..of).collect();
        rules.push(Rule::Group { needed, members });
        Ok(Policy {
            logs: Vec::new(),
            witnesses,
            rules,
            quorum: (needed > 0).then_some(of),
        })
    }

    /// Asks for nobody, and knows nobody.
    pub fn nobody() -> Policy {
        Policy {
            logs: Vec::new(),
            witnesses: Vec::new(),
            rules: Vec::new(),
            quorum: None,
        }
    }

    /// Reads a policy file, strictly.
    pub fn parse(bytes: &[u8]) -> Result<Policy, Error> {
        let allowed = |byte: &u8| matches!(byte, b'\t' | b'\n' | 0x20..=0x7e | 0x80..);
        if bytes.len() > MAX_BYTES || !bytes.iter().all(allowed) {
            return Err(Error::NotText);
        }
        let mut reader = Reader::default();
        for (line, content) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            let words: Vec<&[u8]> = content
                .split(|byte| matches!(byte, b' ' | b'\t'))
                .filter(|word| !word.is_empty())
                .collect();
            reader
                .line(&words)
                .map_err(|problem| Error::Line { line, problem })?;
            if reader.names.len() + reader.policy_logs.len() > MAX_MEMBERS {
                return Err(Error::NotText);
            }
        }
        Ok(Policy {
            logs: reader.policy_logs,
            witnesses: reader.witnesses,
            rules: reader.rules,
            quorum: reader.quorum.ok_or(Error::NoQuorum)?,
        })
    }

    /// Whether a log of that key is one of the policy's; with no logs in it, any is.
    pub fn knows_log(&self, key: &VerifyingKey) -> bool {
        self.logs.is_empty() || self.logs.contains(key)
    }

    /// Which of the known witnesses countersigned, and whether they are enough. A line of a known witness
    /// that does not hold is an error: somebody altered the note. The log's own signature is not looked at.
    pub fn judge(&self, checkpoint: &[u8]) -> Result<Witnessed, note::Error> {
        let mut by = Vec::new();
        let mut present = vec![false; self.witnesses.len()];
        for (witness, present) in self.witnesses.iter().zip(&mut present) {
            match witness.verify(checkpoint) {
                Ok(cosigned) => {
                    by.push(cosigned);
                    *present = true;
                }
                Err(note::Error::Unsigned) => {}
                Err(altered) => return Err(altered),
            }
        }
        let mut held: Vec<bool> = Vec::with_capacity(self.rules.len());
        let at = |list: &[bool], index: usize| list.get(index).copied().unwrap_or(false);
        for rule in &self.rules {
            held.push(match rule {
                Rule::Witness(index) => at(&present, *index),
                Rule::Group { needed, members } => {
                    members.iter().filter(|member| at(&held, **member)).count() >= *needed
                }
            });
        }
        Ok(Witnessed {
            by,
            of: self.witnesses.len(),
            enough: self.quorum.is_none_or(|quorum| at(&held, quorum)),
        })
    }
}

/// What was read so far.
#[derive(Default)]
struct Reader<'a> {
    policy_logs: Vec<VerifyingKey>,
    witnesses: Vec<WitnessKey>,
    rules: Vec<Rule>,
    /// Which rule a name stands for.
    names: HashMap<&'a [u8], usize>,
    /// Members of a group already: each counts in one way only.
    placed: HashSet<usize>,
    log_keys: HashSet<[u8; 32]>,
    witness_keys: HashSet<[u8; 32]>,
    quorum: Option<Option<usize>>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, words: &[&'a [u8]]) -> Result<(), String> {
        match words {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] | [b"log", key, _] => self.log(key),
            [b"witness", name, key] | [b"witness", name, key, _] => self.witness(name, key),
            [b"group", name, needed, members @ ..] => self.group(name, needed, members),
            [b"quorum", name] => self.quorum(name),
            _ => Err(
                "this is not `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME any|all|K NAME…` or \
                 `quorum NAME`"
                    .to_owned(),
            ),
        }
    }

    fn log(&mut self, key: &[u8]) -> Result<(), String> {
        let key: VerifyingKey = parsed(key)?;
        if !self.log_keys.insert(key.0.key.to_bytes()) {
            return Err("the key of this log stands on a line before".to_owned());
        }
        self.policy_logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: &'a [u8], key: &[u8]) -> Result<(), String> {
        let key: WitnessKey = parsed(key)?;
        if !self.witness_keys.insert(key.key_bytes()) {
            return Err("the key of this witness stands on a line before".to_owned());
        }
        self.name(name, Rule::Witness(self.witnesses.len()))?;
        self.witnesses.push(key);
        Ok(())
    }

    fn group(&mut self, name: &'a [u8], needed: &[u8], names: &[&'a [u8]]) -> Result<(), String> {
        let mut members = Vec::with_capacity(names.len());
        for member in names {
            let member = self.known(member)?;
            if !self.placed.insert(member) {
                return Err("a member is in a group already".to_owned());
            }
            members.push(member);
        }
        let needed = match needed {
            b"any" => 1,
            b"all" => members.len(),
            number => std::str::from_utf8(number)
                .ok()
                .and_then(decimal::parse)
                .and_then(|number| usize::try_from(number).ok())
                .ok_or("after the group's name comes `any`, `all` or a number")?,
        };
        if needed == 0 || needed > members.len() {
            return Err("a group needs at least one member, and no more of them than it has".to_owned());
        }
        self.name(name, Rule::Group { needed, members })
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), String> {
        if self.quorum.is_some() {
            return Err("there is a line `quorum` already".to_owned());
        }
        self.quorum = Some(match name {
            NONE => None,
            name => Some(self.known(name)?),
        });
        Ok(())
    }

    fn name(&mut self, name: &'a [u8], rule: Rule) -> Result<(), String> {
        if name == NONE {
            return Err("the name `none` stands for nobody".to_owned());
        }
        if self.names.insert(name, self.rules.len()).is_some() {
            return Err("the name stands on a line before".to_owned());
        }
        self.rules.push(rule);
        Ok(())
    }

    fn known(&self, name: &[u8]) -> Result<usize, String> {
        let known = self.names.get(name).copied();
        known.ok_or_else(|| "a name is not that of a witness or group on a line before".to_owned())
    }
}

fn parsed<T: std::str::FromStr<Err = key::Error>>(key: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(key).map_err(|_| "the key is no text".to_owned())?;
    text.parse().map_err(|error: key::Error| error.to_string())
}
