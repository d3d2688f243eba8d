//! Records of decisions and their leaves: what happened is sealed beside the person; the public
//! log gets a salted commitment to it. Destroying the person's key leaves 32 random-looking bytes.
//!
//! Deliberately does not know: what the details mean.

use crate::Unavailable;
use crate::asked::Asked;
use crate::charter::Question;
use crate::conversations::ConversationId;
use crate::envelope::talk::{Step, What};
use crate::envelope::{self, Act, Input, Terms};
use crate::gate::Shared;
use crate::keys::{PersonKey, Secret};
use crate::permit::Granted;
use crate::seal::{Place, Table};
use ledger::Entry;
use minicbor::{Decode, Encode};
use store::{Leaf, RecordId, RecordRow};
use vocabulary::{ConsentState, Digest, Moment, PersonId, PurposeName};

/// What is sealed of a record.
#[derive(Encode, Decode)]
pub(crate) struct Sealable {
    /// The secret of the commitment.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) r: Vec<u8>,
    /// The details, JSON text: what the commitment is to.
    #[n(1)]
    pub(crate) details: String,
    /// The leaf as it is in the log.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) leaf: Vec<u8>,
    /// What the charter was asked, of a decision that it permitted.
    #[n(3)]
    pub(crate) asked: Option<Asked>,
}

/// The secret of the key that signs checkpoints, and the log's name.
pub struct LedgerKey {
    /// The log's origin: a name like `example.org/egard`.
    pub origin: String,
    /// The Ed25519 seed.
    pub secret: Secret,
    /// Seeds of keys that signed before and sign as well, the newest first; none unless the key is being
    /// exchanged.
    pub older: Vec<Secret>,
}

/// All a person needs to check a decision without trusting us.
#[derive(Debug)]
pub struct Receipt {
    /// The record.
    pub record: RecordId,
    /// The leaf as it is in the log.
    pub leaf: Vec<u8>,
    /// The secret of its commitment.
    pub r: Vec<u8>,
    /// What was committed to.
    pub details: String,
    /// The proof in the form `c2sp.org/tlog-proof@v1`; `None` while the leaf waits to be
    /// integrated (about a second).
    pub proof: Option<String>,
    /// The log's public key.
    pub vkey: String,
}

/// What a leaf says in the open: nothing that could name a person.
pub(crate) struct Statement<'a> {
    pub(crate) kind: &'a str,
    pub(crate) purpose: Option<PurposeName>,
    pub(crate) program: Digest,
    pub(crate) allowed: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) at: Moment,
}

/// A record of a person (or of nobody) and its leaf.
pub(crate) fn make(
    shared: &Shared,
    person: PersonId,
    key: &PersonKey,
    statement: Statement<'_>,
    details: String,
) -> Result<(RecordRow, Leaf), Unavailable> {
    make_as(shared, fresh_id(person)?, (person, key), statement, details, None)
}

/// The same, of a decision that the charter permitted when it was asked this.
pub(crate) fn make_asked(
    shared: &Shared,
    person: PersonId,
    key: &PersonKey,
    statement: Statement<'_>,
    details: String,
    question: &Question,
) -> Result<(RecordRow, Leaf), Unavailable> {
    let id = fresh_id(person)?;
    make_as(shared, id, (person, key), statement, details, Some(question))
}

/// The same under an identity that is known already.
pub(crate) fn make_named(
    shared: &Shared,
    id: RecordId,
    whose: (PersonId, &PersonKey),
    statement: Statement<'_>,
    details: String,
    question: Option<&Question>,
) -> Result<(RecordRow, Leaf), Unavailable> {
    make_as(shared, id, whose, statement, details, question)
}

fn make_as(
    shared: &Shared,
    id: RecordId,
    (person, key): (PersonId, &PersonKey),
    statement: Statement<'_>,
    details: String,
    question: Option<&Question>,
) -> Result<(RecordRow, Leaf), Unavailable> {
    let (asked, r) = match question {
        Some(question) => {
            let asked = Asked::new(question)?;
            let r = asked.secret();
            (Some(asked), r)
        }
        None => (None, Secret::fresh()?),
    };
    let leaf = leaf_of(shared, id, statement, &details, &r)?;
    let sealable = Sealable {
        r: r.expose().to_vec(),
        details,
        leaf: leaf.bytes.clone(),
        asked,
    };
    let sealed = key.0.seal(place(id, person), &envelope::encode(&sealable))?;
    Ok((RecordRow { id, person, sealed }, leaf))
}

/// A leaf that commits to `details` under the secret `r`.
fn leaf_of(
    shared: &Shared,
    id: RecordId,
    statement: Statement<'_>,
    details: &str,
    r: &Secret,
) -> Result<Leaf, Unavailable> {
    let entry = Entry {
        day: statement.at.day().0,
        kind: statement.kind.to_owned(),
        purpose: statement.purpose.map(|p| p.as_str().to_owned()),
        charter: Some(shared.charter.digest().0),
        program: Some(statement.program.0),
        verdict: if statement.allowed { "allow" } else { "deny" }.to_owned(),
        reasons: statement.reasons,
        commitment: ledger::entry::commit(r.expose(), details.as_bytes()),
    };
    let bytes = entry
        .encode()
        .map_err(|error| Unavailable::Ledger(error.to_string()))?;
    Ok(Leaf { id, bytes })
}

/// Opens a stored record.
pub(crate) fn open(row: &RecordRow, key: &PersonKey) -> Result<Sealable, Unavailable> {
    Ok(envelope::decode(
        &key.0.open(place(row.id, row.person), &row.sealed)?,
    )?)
}

/// The record of a decision that was permitted by `granted`.
pub(crate) fn of_grant<'a>(granted: &'a Granted, kind: &'a str, program: Digest) -> Statement<'a> {
    Statement {
        kind,
        purpose: Some(granted.purpose),
        program,
        allowed: true,
        reasons: granted.policies.iter().map(|p| p.as_str().to_owned()).collect(),
        at: granted.asked_at,
    }
}

/// The record of a choice or act of the person: what they said, how it came about, and what holds
/// since. `id` is what the person's terms point at.
pub(crate) fn of_choice(
    shared: &Shared,
    (person, key): (PersonId, &PersonKey),
    id: RecordId,
    input: &Input,
    terms: &Terms,
) -> Result<(RecordRow, Leaf), Unavailable> {
    // Sorted whatever features of `serde_json` other crates switch on: details are canonical.
    let states: std::collections::BTreeMap<&str, &str> = PurposeName::ALL
        .into_iter()
        .map(|p| (p, terms.consent(p, Moment(input.at))))
        .filter(|(_, state)| *state != ConsentState::Unknown)
        .map(|(p, state)| (p.as_str(), state.as_str()))
        .collect();
    let act = input.act.as_ref();
    let evidence = input.proof.as_ref().and_then(|proof| proof.evidence.as_deref());
    // Sealed as it was made; sorted already.
    let evidence: serde_json::Value = evidence
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let facts = input.soft_opt_in.as_ref().and_then(|new| new.facts.as_deref());
    let facts: serde_json::Value = facts
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let mut details = serde_json::json!({
        "about": act.and_then(|act| act.about()),
        "act": act.map(|act| act.as_str()),
        "at": input.at,
        "evidence": evidence,
        "gpc": input.gpc,
        "objected": terms.objected,
        "objected_marketing": terms.objected_marketing,
        "restricted": terms.restricted,
        "soft_opt_in": facts,
        "source": input.source,
        "states": states,
    });
    let kind = match act {
        Some(Act::Contract(said)) => {
            // Beside what a choice says.
            if let Some(members) = details.as_object_mut() {
                let contract = serde_json::to_value(said.contract()).unwrap_or_default();
                members.insert("contract".to_owned(), contract);
            }
            details.sort_all_objects();
            "contract"
        }
        _ => "choice",
    };
    let statement = Statement {
        kind,
        purpose: None,
        program: shared.dictionary.digest(),
        allowed: true,
        reasons: Vec::new(),
        at: Moment(input.received_at),
    };
    make_as(shared, id, (person, key), statement, details.to_string(), None)
}

/// The record of a step of a conversation: that it happened, and no word of what was said.
pub(crate) fn of_talk(
    shared: &Shared,
    (person, key): (PersonId, &PersonKey),
    step: &Step,
    input: &Input,
) -> Result<Option<(RecordRow, Leaf)>, Unavailable> {
    let what = match &step.what {
        What::Said(_) => "said",
        What::Answered(_) => "answered",
        What::Closed => "closed",
        What::Took(_) | What::Gave => return Ok(None),
    };
    let details = serde_json::json!({
        "at": input.received_at,
        "conversation": ConversationId(*step.id).to_string(),
        "source": input.source,
        "step": what,
    });
    let statement = Statement {
        kind: "conversation",
        purpose: Some(PurposeName::HumanHelp),
        program: shared.dictionary.digest(),
        allowed: true,
        reasons: vec![format!("conversation:{what}")],
        at: Moment(input.received_at),
    };
    make(shared, person, key, statement, details.to_string()).map(Some)
}

/// A fresh identity whose first ten bits are the person's shard, so that the record stays beside
/// the person's other rows.
pub(crate) fn fresh_id(person: PersonId) -> Result<RecordId, Unavailable> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| crate::keys::Error::NoRandomness)?;
    let [a, b, ..] = &mut id;
    let [x, y, ..] = person.0;
    *a = x;
    *b = (y & 0b1100_0000) | (*b & 0b0011_1111);
    Ok(RecordId(id))
}

pub(crate) fn place(id: RecordId, person: PersonId) -> Place {
    let mut low = [0; 8];
    low.copy_from_slice(id.0.get(8..).unwrap_or(&[0; 8]));
    Place {
        table: Table::Record,
        person,
        version: u64::from_be_bytes(low),
    }
}
