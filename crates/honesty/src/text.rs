//! The words of a message with as much of their form as is known: what is a button, what is small or grey,
//! what is ticked beforehand, and where in the file each letter stands.
//!
//! Deliberately does not know: which words are honest, how the file was written.

use crate::claim::Kind;
use vocabulary::{Channel, Language};

/// A message in one language.
#[derive(Clone, PartialEq, Debug)]
pub struct Text {
    /// The language it is written in.
    pub language: Language,
    /// How it reaches the person.
    pub channel: Channel,
    /// Whether it is advertising; what a person needs of a contract is not.
    pub marketing: bool,
    /// The subject of an e-mail, in places of its own.
    pub subject: Option<Block>,
    /// The body, in the order of reading.
    pub blocks: Vec<Block>,
    /// What its words claim, each bound to a fact.
    pub bound: Vec<Bound>,
}

/// A claim that is bound to a fact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bound {
    /// Which claim.
    pub kind: Kind,
    /// Whether the whole message stops when the fact is gone; otherwise its words stand in a block of
    /// `{% if claims.… %}`.
    pub stops: bool,
}

/// A piece of the message.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Block {
    /// What it is.
    pub role: Role,
    /// What is read. A value put in by the template is [`HOLE`].
    pub words: String,
    /// Where each byte of `words` stands in the file.
    pub origin: Vec<Origin>,
    /// How it looks, as far as it is known.
    pub look: Look,
    /// What is behind a link, a picture's file, the path of the values put in; for the eyes of rules alone.
    pub target: String,
}

/// What stands where the template puts in a value.
pub const HOLE: char = '\u{fffc}';

/// Where a byte came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Origin {
    /// The byte of the file.
    pub at: u32,
    /// The claims whose blocks it stands in, a bit each ([`Kind::bit`]).
    pub guards: u8,
    /// The claim whose value is put in here, its bit; 0 for all else.
    pub prints: u8,
}

/// What a piece is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    /// Running words.
    #[default]
    Paragraph,
    /// A heading.
    Heading,
    /// Something to press.
    Button,
    /// A link within words.
    Link,
    /// A box to tick, with its words.
    Checkbox {
        /// Whether it is ticked before anybody touched it.
        ticked: bool,
    },
    /// A picture; its words are those read instead of it.
    Picture,
}

impl Role {
    /// Whether somebody chooses by it.
    pub fn is_choice(self) -> bool {
        matches!(self, Role::Button | Role::Link | Role::Checkbox { .. })
    }
}

/// How a piece looks. `None`: not said in the file.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Look {
    /// Letters, CSS pixels.
    pub size: Option<f32>,
    /// Of the letters: red, green, blue.
    pub colour: Option<[u8; 3]>,
    /// Behind the letters.
    pub ground: Option<[u8; 3]>,
    /// Not shown at all.
    pub hidden: bool,
}

impl Look {
    /// Contrast of letters and ground, 1 to 21 (WCAG 2.2, relative luminance); white behind and black
    /// letters where nothing is said.
    pub fn contrast(&self) -> f32 {
        let light = |[red, green, blue]: [u8; 3]| {
            let part = |value: u8| {
                let value = f32::from(value) / 255.0;
                match value <= 0.04045 {
                    true => value / 12.92,
                    false => ((value + 0.055) / 1.055).powf(2.4),
                }
            };
            0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue) + 0.05
        };
        let letters = light(self.colour.unwrap_or([0; 3]));
        let ground = light(self.ground.unwrap_or([255; 3]));
        (letters / ground).max(ground / letters)
    }
}
