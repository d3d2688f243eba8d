//! Passes: sealed, expiring words that stand for "the bearer is this person", for links and sessions,
//! and marks that something of that kind was used.
//!
//! A pass names the person only to us: it is sealed, padded, and bound to its kind, so that a link is
//! no session, and to the time since a store was last put back, whose marks are older than that.
//! Nothing is looked up to make one: somebody we know and somebody we do not get passes
//! that look alike. Deliberately does not know: HTTP, cookies, who may ask for a pass.

mod epoch;

pub(crate) use epoch::{PassEpoch, begin, load};

use crate::gate::Gate;
use crate::intake::Whom;
use crate::seal::{Place, Table};
use crate::{Unavailable, envelope};
use minicbor::{Decode, Encode};
use vocabulary::{DAY_MS, Moment, Sealed};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// Longest sealed pass, bytes.
pub const MAX_PASS: usize = 2_048;
/// The text in a pass is filled up to a multiple of so many bytes.
const BLOCK: usize = 128;
/// How far a clock may have been set back before a pass counts as not made yet, milliseconds.
const SKEW_MS: i64 = 60_000;
/// How long a mark outlives what it marks: a clock that is set back does not make it usable again.
const KEEP_MS: i64 = 2 * DAY_MS;
/// Prefix of the names of marks in the store.
const MARKS: &str = "used/";
/// Marks that are looked at in one go.
const MARKS_AT_ONCE: usize = 1_000;

/// What a pass is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum PassKind {
    /// To begin a session, once.
    Link = 1,
    /// To act as the person until it ends.
    Session = 2,
    /// To leave what a message came by. In messages, as a [`Word`](crate::Word).
    Unsubscribe = 3,
    /// To read why a message came. In messages, as a [`Word`](crate::Word).
    Why = 5,
    /// To open a conversation with the team, or to go on in one.
    Conversation = 4,
}

/// The bearer of an opened pass. Never printed.
#[derive(Encode, Decode, ZeroizeOnDrop)]
pub struct Pass {
    #[n(0)]
    user_id: Option<String>,
    #[n(1)]
    anonymous_id: Option<String>,
    #[n(2)]
    #[zeroize(skip)]
    issued_at: i64,
    #[n(3)]
    #[zeroize(skip)]
    until: i64,
    #[cbor(n(4), with = "minicbor::bytes")]
    id: [u8; 16],
    /// A second secret, for the forms of a session.
    #[cbor(n(5), with = "minicbor::bytes")]
    form: [u8; 16],
    /// Spaces that hide how long an identifier is.
    #[n(6)]
    padding: String,
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pass(..)")
    }
}

impl Pass {
    /// For whom it was made.
    pub fn whom(&self) -> Whom<'_> {
        Whom {
            user_id: self.user_id.as_deref(),
            anonymous_id: self.anonymous_id.as_deref(),
        }
    }

    /// When it ends.
    pub fn until(&self) -> Moment {
        Moment(self.until)
    }

    /// What a form of this session must carry.
    pub fn form(&self) -> [u8; 16] {
        self.form
    }

    /// By what its use is marked.
    pub fn mark(&self) -> Mark {
        Mark {
            name: hex(&self.id),
            until: Moment(self.until),
        }
    }
}

/// Something that can be used once until a moment. Its name says nothing about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    name: String,
    until: Moment,
}

impl Gate {
    /// Makes a pass for somebody, known or not, as bytes that are safe in an address. It has a length
    /// that tells little. `ttl_ms` is from now.
    pub fn issue_pass(
        &self,
        kind: PassKind,
        whom: &Whom<'_>,
        ttl_ms: i64,
        now: Moment,
    ) -> Result<Vec<u8>, Unavailable> {
        let mut pass = Pass {
            user_id: whom.user_id.map(str::to_owned),
            anonymous_id: whom.anonymous_id.map(str::to_owned),
            issued_at: now.0,
            until: now.plus(ttl_ms).0,
            id: fresh()?,
            form: fresh()?,
            padding: String::new(),
        };
        pass.padding = padding(envelope::encode(&pass).len());
        let mut plain = envelope::encode(&pass);
        let sealed = self.shared().nobody.0.seal(self.pass_place(kind), &plain);
        plain.zeroize();
        Ok(sealed?.0)
    }

    /// The pass in these bytes, if we made it, it is of that kind, and it has not ended. Whether it was
    /// used is another question: [`Gate::use_once`].
    pub fn read_pass(&self, kind: PassKind, bytes: &[u8], now: Moment) -> Option<Pass> {
        if bytes.len() > MAX_PASS {
            return None;
        }
        let sealed = Sealed(bytes.to_vec());
        let mut plain = self.shared().nobody.0.open(self.pass_place(kind), &sealed).ok()?;
        let pass = envelope::decode::<Pass>(&plain);
        plain.zeroize();
        let made = |pass: &Pass| pass.issued_at <= now.0.saturating_add(SKEW_MS);
        pass.ok().filter(|pass| made(pass) && now.0 < pass.until)
    }

    pub(crate) fn pass_place(&self, kind: PassKind) -> Place {
        Place {
            table: Table::Pass,
            person: self.shared().passes.number,
            version: kind as u64,
        }
    }

    /// A mark for something that was named elsewhere, such as the number of a signed assertion. The
    /// name is kept as a keyed hash.
    pub fn mark(&self, kind: &str, name: &str, until: Moment) -> Mark {
        let blind = self.shared().keyring.blind(kind, name);
        Mark {
            name: hex(&blind.0),
            until,
        }
    }

    /// Marks something as used, durable when it answers. `false`: it was used before.
    pub async fn use_once(&self, mark: Mark) -> Result<bool, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let value = mark.until.0.to_be_bytes();
            let name = format!("{MARKS}{}", mark.name);
            let set = shared.shelf.swap(shared.epoch, &name, 0, &value)?;
            Ok(set.is_some())
        })
        .await
    }

    /// Whether something was used.
    pub async fn was_used(&self, mark: Mark) -> Result<bool, Unavailable> {
        self.blocking(move |gate| {
            let name = format!("{MARKS}{}", mark.name);
            Ok(gate.shared().shelf.get(&name)?.is_some())
        })
        .await
    }

    /// Removes marks of what ended long ago; answers how many.
    pub async fn forget_marks(&self, now: Moment) -> Result<u64, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let (mut gone, mut after) = (0, None::<String>);
            loop {
                let marks = shared.shelf.named(MARKS, after.as_deref(), MARKS_AT_ONCE)?;
                let Some((last, _)) = marks.last() else {
                    return Ok(gone);
                };
                after = Some(last.clone());
                for (name, mark) in &marks {
                    let until = <[u8; 8]>::try_from(mark.value.as_slice()).map_or(0, i64::from_be_bytes);
                    if until.saturating_add(KEEP_MS) < now.0 {
                        gone += u64::from(shared.shelf.remove_named(shared.epoch, name, mark.version)?);
                    }
                }
            }
        })
        .await
    }
}

/// What fills a pass of `length` bytes (with an empty padding) up to a multiple of a block. From 24 to
/// 255 bytes of text are written after two bytes of their own, an empty one after one.
fn padding(length: usize) -> String {
    let least = length + 1 + 24;
    " ".repeat(least.next_multiple_of(BLOCK) - least + 24)
}

fn fresh() -> Result<[u8; 16], Unavailable> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| crate::keys::Error::NoRandomness)?;
    Ok(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
