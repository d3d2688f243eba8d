//! The program as a whole: what was read, checked and may be put in force.
//!
//! Deliberately does not know: where its files came from, what is in force.

use crate::catalogue::Sources;
use crate::dictionary::Dictionary;
use crate::fault::Faults;
use crate::message::Message;
use crate::pack::{self, Files, NotPacked};
use crate::settings::Settings;
use crate::words::Name;
use crate::{Journey, Segment, read};
use std::collections::BTreeMap;
use vocabulary::Digest;

/// Everything the team declares; every name in it leads somewhere.
#[derive(Clone, PartialEq, Debug)]
pub struct Program {
    /// What holds for all of it.
    pub settings: Settings,
    /// What is collected, and why.
    pub dictionary: Dictionary,
    /// Where items come from.
    pub catalogue: Sources,
    /// Groups of people, by name.
    pub segments: BTreeMap<Name, Segment>,
    /// What happens to people, by name.
    pub journeys: BTreeMap<Name, Journey>,
    /// What is said to them, by name.
    pub messages: BTreeMap<Name, Message>,
    /// What somebody should look at, though it can be used.
    pub warnings: Faults,
    pub(crate) digest: Digest,
    pub(crate) files: Files,
}

impl Program {
    /// Reads and checks the files of a program: paths from its folder, with `/` between. Either it is whole,
    /// or every fault in every file is told.
    pub fn read(files: Files) -> Result<Program, Faults> {
        read::read(files)
    }

    /// The content address of all its files: what is approved, kept, and named by decisions.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The files it was read from, to the byte.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The canonical bytes, of which [`Program::digest`] is the SHA-256.
    pub fn pack(&self) -> Vec<u8> {
        pack::pack(&self.files)
    }

    /// Reads a program from its canonical bytes.
    pub fn unpack(bytes: &[u8]) -> Result<Program, Unusable> {
        Ok(Program::read(pack::unpack(bytes)?)?)
    }
}

/// Kept bytes that are no usable program.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Not packed by [`Program::pack`].
    #[error(transparent)]
    NotPacked(#[from] NotPacked),
    /// A program that this version does not take any more.
    #[error("the program has {} faults", .0.errors())]
    Faults(#[from] Faults),
}
