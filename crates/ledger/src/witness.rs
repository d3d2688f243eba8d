//! Witnesses: others who remember what a log signed last, and countersign only what continues it
//! (C2SP `tlog-witness` and `tlog-cosignature`, Ed25519).
//!
//! A log shown to one reader only could show every reader another history. With a witness it cannot.
//! Both sides are here, without network, clock or memory: what a log sends and takes back, and how a
//! witness decides. Who runs a witness adds an HTTP server and keeps the newest checkpoint per log.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;

use crate::checkpoint::{self, Checkpoint};
use crate::decimal;
use crate::key::{self, COSIGNATURE, Public, VerifyingKey};
use crate::note::{self, Note, Signature};
use crate::tree::{self, Hash};

/// Most hashes of a consistency proof in a request.
pub const MAX_HASHES: usize = 63;

/// Longest request in bytes.
pub const MAX_BYTES: usize = note::MAX_BYTES + 64 * (MAX_HASHES + 2);

/// The public key of a witness, with its name. Its text is the `vkey` form, `name+id+base64(4 ‖ key)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WitnessKey(Public<COSIGNATURE>);

/// That a witness had seen no other history of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cosigned {
    /// The witness.
    pub witness: String,
    /// When it said so, in seconds since 1970-01-01T00:00:00Z, by its own clock.
    pub time: u64,
}

impl WitnessKey {
    /// The witness's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The key without its name.
    pub(crate) fn key_bytes(&self) -> [u8; 32] {
        self.0.key.to_bytes()
    }

    /// Finds and verifies this witness's cosignature on a checkpoint: the newest, if it has several.
    pub fn verify(&self, checkpoint: &[u8]) -> Result<Cosigned, note::Error> {
        let note = Note::parse(checkpoint)?;
        let mut newest = None;
        let own = |line: &&Signature| line.name == self.0.name && line.id == self.0.id;
        for line in note.signatures.iter().filter(own) {
            newest = newest.max(Some(self.verify_line(&note.text, line)?));
        }
        let time = newest.ok_or(note::Error::Unsigned)?;
        Ok(Cosigned {
            witness: self.0.name.clone(),
            time,
        })
    }

    fn verify_line(&self, text: &str, line: &Signature) -> Result<u64, note::Error> {
        let (time, signature) = line
            .bytes
            .split_first_chunk::<8>()
            .ok_or(note::Error::BadSignature)?;
        let time = u64::from_be_bytes(*time);
        let signature =
            ed25519_dalek::Signature::from_slice(signature).map_err(|_| note::Error::BadSignature)?;
        match self
            .0
            .key
            .verify_strict(message(time, text).as_bytes(), &signature)
        {
            Ok(()) if i64::try_from(time).is_ok() => Ok(time),
            _ => Err(note::Error::BadSignature),
        }
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for WitnessKey {
    type Err = key::Error;

    fn from_str(text: &str) -> Result<WitnessKey, key::Error> {
        text.parse().map(WitnessKey)
    }
}

/// What a witness signs: a heading that no log signs, the time, the checkpoint's text.
fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// What a log sends to a witness, the body of `POST …/add-checkpoint`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Size of the checkpoint the witness countersigned last, 0 if none.
    pub old: u64,
    /// Proof that the log continues from there ([`crate::receipt::prove_consistency`]).
    pub proof: Vec<Hash>,
    /// The newer checkpoint.
    pub checkpoint: Vec<u8>,
}

impl Request {
    /// The body to send.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&tree::to_base64(hash));
            text.push('\n');
        }
        text.push('\n');
        [text.as_bytes(), &self.checkpoint].concat()
    }

    /// Reads a body, strictly; `None` (status 400) if it is not a request.
    pub fn parse(body: &[u8]) -> Option<Request> {
        if body.len() > MAX_BYTES {
            return None;
        }
        let (head, checkpoint) = std::str::from_utf8(body).ok()?.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = decimal::parse(lines.next()?.strip_prefix("old ")?)?;
        let proof: Vec<Hash> = lines.map(tree::from_base64).collect::<Option<_>>()?;
        let checkpoint = checkpoint.as_bytes().to_vec();
        (proof.len() <= MAX_HASHES).then_some(Request {
            old,
            proof,
            checkpoint,
        })
    }
}

/// Takes a witness's answer to the checkpoint sent: the checkpoint with the lines of known witnesses
/// added that hold. Unknown lines are passed over; a line of a known witness that does not hold is an
/// error.
pub fn attach(checkpoint: &[u8], answer: &str, witnesses: &[WitnessKey]) -> Result<Vec<u8>, note::Error> {
    let mut note = Note::parse(checkpoint)?;
    // Each line ends with a newline and nothing else (`lines` would take a carriage return away).
    let answer = answer.strip_suffix('\n').unwrap_or(answer);
    for (line, content) in (1..=note::MAX_SIGNATURES).zip(answer.split('\n')) {
        let signature = Signature::parse(content).ok_or(note::Error::SignatureLine { line })?;
        let known = |witness: &&WitnessKey| witness.0.name == signature.name && witness.0.id == signature.id;
        let Some(witness) = witnesses.iter().find(known) else {
            continue;
        };
        witness.verify_line(&note.text, &signature)?;
        if !note.signatures.contains(&signature) {
            note.signatures.push(signature);
        }
    }
    if note.signatures.len() > note::MAX_SIGNATURES {
        return Err(note::Error::TooManySignatures);
    }
    Ok(note.to_string().into_bytes())
}

/// Why a witness does not countersign. Each has its status in the protocol.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
pub enum Refused {
    /// Status 403: not signed by the log.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// Status 400: the log would shrink.
    #[error("the old size `{old}` is above the checkpoint's `{size}`")]
    Order {
        /// Old size in the request.
        old: u64,
        /// Size of the checkpoint in the request.
        size: u64,
    },
    /// Status 409, with the latest size as the body: the request starts elsewhere.
    #[error("the checkpoint countersigned last has size `{latest}`")]
    Elsewhere {
        /// Size countersigned last.
        latest: u64,
    },
    /// Status 409: two roots for one size. Keep the request: it is proof of misbehaviour.
    #[error("the log signed two roots for size `{size}`")]
    Split {
        /// The size.
        size: u64,
    },
    /// Status 422: the proof does not hold.
    #[error(transparent)]
    Proof(#[from] tree::Error),
}

/// A witness: a secret key with its name. Wiped from memory when dropped.
pub struct Witness {
    secret: ed25519_dalek::SigningKey,
    public: WitnessKey,
}

/// The origin of the log a request is about, as it says itself: who it is shall be looked up by it before
/// anything is verified. `None` if the checkpoint is not a note (status 400).
pub fn origin(request: &Request) -> Option<String> {
    let note = Note::parse(&request.checkpoint).ok()?;
    let (origin, _) = note.text.split_once('\n')?;
    (!origin.is_empty()).then(|| origin.to_owned())
}

impl Witness {
    /// The witness of that name and seed: 32 bytes of a cryptographic random source, used for nothing
    /// else.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Witness, key::Error> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = WitnessKey(Public::new(name, secret.verifying_key())?);
        Ok(Witness { secret, public })
    }

    /// The public half.
    pub fn key(&self) -> &WitnessKey {
        &self.public
    }

    /// Decides on a request for the log of that key, of which it countersigned `latest` last (`None`:
    /// nothing yet). Answers the checkpoint to remember and the line to send back. **The checkpoint
    /// must be durable, in place of exactly `latest`, before the line is sent.** `time` is now, in
    /// seconds since 1970.
    pub fn cosign(
        &self,
        request: &Request,
        log: &VerifyingKey,
        latest: Option<&Checkpoint>,
        time: u64,
    ) -> Result<(Checkpoint, Signature), Refused> {
        let new = Checkpoint::open(&request.checkpoint, log)?;
        let text = Note::parse(&request.checkpoint)
            .map_err(checkpoint::Error::from)?
            .text;
        if request.old > new.size {
            return Err(Refused::Order {
                old: request.old,
                size: new.size,
            });
        }
        let (latest, root) = latest.map_or((0, tree::empty_root()), |latest| (latest.size, latest.root));
        if request.old != latest {
            return Err(Refused::Elsewhere { latest });
        }
        if latest == new.size && root != new.root {
            return Err(Refused::Split { size: latest });
        }
        tree::verify_consistency(latest, new.size, &root, &new.root, &request.proof)?;
        let signature = self.secret.sign(message(time, &text).as_bytes()).to_bytes();
        let bytes = [time.to_be_bytes().as_slice(), &signature].concat();
        let signature = Signature {
            name: self.public.0.name.clone(),
            id: self.public.0.id,
            bytes,
        };
        Ok((new, signature))
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness")
            .field("name", &self.public.0.name)
            .finish_non_exhaustive()
    }
}
