//! Requests for a right, kept durably in two parts: what the house needs (which right, where it
//! stands, until when), which names nobody and outlives an erasure; and what was said, sealed in the
//! person's records, which dies with their key. Each step is a record and a leaf of the log *before*
//! it counts: a crash in between repeats the leaf, and never hides a step.
//!
//! Deliberately does not know: which rights there are, which steps lead where, what an answer says.

mod carried;
mod kept;

pub(crate) use carried::unlink;

use crate::Unavailable;
use crate::charter::Requester;
use crate::envelope;
use crate::gate::{Gate, Shared};
use crate::intake::Whom;
use crate::permit::{Ask, Refused};
use crate::purposes::{AnswerRightsRequest, Purpose, ShowOwnData};
use crate::record::{self, Statement};
use crate::writer::Record;
use kept::{ALL, PENDING, filed, name, of, parse_name, person_of, prefix};
use vocabulary::{Moment, PersonId};

/// Longest house part, bytes.
pub const MAX_HOUSE: usize = 16 << 10;
/// Longest note, bytes.
pub const MAX_NOTE: usize = 16 << 10;
/// Most requests that are listed at once, and most that one person may have.
pub const MAX_REQUESTS: usize = 200;

/// Most records looked through for what was said in a request.
const NOTES_PAGE: usize = 500;
const NOTES_PAGES: usize = 200;

/// The identity of a request: random, so that nobody finds one by guessing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(pub [u8; 16]);

/// A request as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filed {
    /// Which.
    pub id: RequestId,
    /// Grows with each step; a step is taken by naming the version it was decided on.
    pub version: u64,
    /// The house part, as it was given.
    pub house: Vec<u8>,
    /// Whether it still leads to a person. No: nobody was found, or they were erased since.
    pub linked: bool,
}

/// One step, to be written down.
#[derive(Clone, Debug)]
pub struct Filing {
    /// The house part after it: JSON text that names nobody.
    pub house: Vec<u8>,
    /// What the log says of it: words such as `right:access`, `status:open`.
    pub reasons: Vec<String>,
    /// Whether it is a refusal.
    pub refuses: bool,
    /// Whether something is still to be done about it: then it is among [`Gate::pending_requests`].
    pub pending: bool,
    /// What was said, for the person's record alone. Dropped if there is no person.
    pub note: Option<String>,
    /// Now.
    pub at: Moment,
}

/// What was said with a step. Never printed.
pub struct Note {
    /// When.
    pub at: Moment,
    /// What.
    pub text: String,
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Note(..)")
    }
}

impl RequestId {
    /// A fresh one: a version 4 UUID (RFC 9562), which is what OpenDSR wants.
    pub fn fresh() -> Result<RequestId, Unavailable> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| crate::keys::Error::NoRandomness)?;
        let [_, _, _, _, _, _, version, _, variant, ..] = &mut id;
        *version = 0x40 | (*version & 0x0f);
        *variant = 0x80 | (*variant & 0x3f);
        Ok(RequestId(id))
    }

    /// Reads `8-4-4-4-12` hexadecimal digits.
    pub fn parse(text: &str) -> Option<RequestId> {
        let groups: Vec<usize> = text.split('-').map(str::len).collect();
        if groups != [8, 4, 4, 4, 12] || !text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()) {
            return None;
        }
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let number = u128::from_str_radix(&digits, 16).ok()?;
        Some(RequestId(number.to_be_bytes()))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let dash = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

impl Gate {
    /// Opens a request: durable, and in the person's record, when it answers. `None`: that id is
    /// taken. Of somebody nobody knows, only the house part is kept.
    pub async fn open_request(
        &self,
        id: RequestId,
        whom: &Whom<'_>,
        filing: Filing,
    ) -> Result<Option<Filed>, Unavailable> {
        let person = self.find(whom).await?;
        let _turn = self.shared().requests.lock().await;
        if self.stored(id).await?.is_some() {
            return Ok(None);
        }
        let person = self.write_down(id, person, &filing, true).await?;
        if let Some(person) = person {
            // Before the request itself: a pointer to nothing is passed over, a request that is not
            // found would be lost.
            self.put_named(of(person, id), 0, Vec::new()).await?;
        }
        self.keep_house(id, 0, filing.house, person, filing.pending).await
    }

    /// Takes a step: `expected` is the version it was decided on. `None`: another step came first,
    /// or there is no such request; read it again.
    pub async fn advance_request(
        &self,
        id: RequestId,
        expected: u64,
        filing: Filing,
    ) -> Result<Option<Filed>, Unavailable> {
        let _turn = self.shared().requests.lock().await;
        let Some((version, stored)) = self.stored(id).await? else {
            return Ok(None);
        };
        if version != expected {
            return Ok(None);
        }
        let before = person_of(&stored);
        let person = self.write_down(id, before, &filing, false).await?;
        if let (Some(gone), None) = (before, person) {
            self.remove_named(of(gone, id)).await?;
        }
        self.keep_house(id, version, filing.house, person, filing.pending)
            .await
    }

    /// Changes what the house keeps beside the steps (such as callbacks that were delivered): no
    /// step, so no record and no leaf. `None` as in [`Gate::advance_request`].
    pub async fn amend_request(
        &self,
        id: RequestId,
        expected: u64,
        house: Vec<u8>,
        pending: bool,
    ) -> Result<Option<Filed>, Unavailable> {
        let _turn = self.shared().requests.lock().await;
        match self.stored(id).await? {
            Some((version, stored)) if version == expected => {
                self.keep_house(id, version, house, person_of(&stored), pending)
                    .await
            }
            _ => Ok(None),
        }
    }

    /// One request.
    pub async fn request(&self, id: RequestId) -> Result<Option<Filed>, Unavailable> {
        let found = self.stored(id).await?;
        Ok(found.map(|(version, stored)| filed(id, version, stored)))
    }

    /// All requests in the order of their ids, after `after`, at most [`MAX_REQUESTS`]: house parts,
    /// which name nobody.
    pub async fn requests(&self, after: Option<RequestId>) -> Result<Vec<Filed>, Unavailable> {
        let after = after.map(name);
        let found = self.named(ALL.to_owned(), after).await?;
        let read = |(name, version, value): (String, u64, Vec<u8>)| {
            let id = parse_name(name.strip_prefix(ALL)?)?;
            Some(envelope::decode(&value).map(|stored| filed(id, version, stored)))
        };
        Ok(found.into_iter().filter_map(read).collect::<Result<_, _>>()?)
    }

    /// The requests about which something is still to be done, in the order of their ids, after
    /// `after`, at most [`MAX_REQUESTS`].
    pub async fn pending_requests(&self, after: Option<RequestId>) -> Result<Vec<RequestId>, Unavailable> {
        let after = after.map(|id| format!("{PENDING}{id}"));
        let found = self.named(PENDING.to_owned(), after).await?;
        Ok(found
            .iter()
            .filter_map(|(name, _, _)| parse_name(name.strip_prefix(PENDING)?))
            .collect())
    }

    /// What was said in a request, newest first, opened for `answer_rights_request`. Empty if the
    /// person is gone.
    pub async fn notes_of(&self, id: RequestId, ask: Ask) -> Result<Result<Vec<Note>, Refused>, Unavailable> {
        let Some(person) = self.linked(id).await? else {
            return Ok(Ok(Vec::new()));
        };
        self.blocking(move |gate| {
            match gate.grant(person, AnswerRightsRequest::NAME, ask)? {
                None => return Ok(Ok(Vec::new())),
                Some(Err(refused)) => return Ok(Err(refused)),
                Some(Ok(_)) => {}
            }
            gate.shared().count_opening(AnswerRightsRequest::NAME);
            let Some(key) = gate.key_of(person)? else {
                return Ok(Ok(Vec::new()));
            };
            let (mut notes, mut before) = (Vec::new(), None);
            for _ in 0..NOTES_PAGES {
                let page = gate.records_page(person, &key, before, NOTES_PAGE)?;
                let Some(oldest) = page.last() else { break };
                before = Some(oldest.id);
                for record in &page {
                    let said = said_in(id, &record.details);
                    let (note, first) = said.unwrap_or((None, false));
                    notes.extend(note);
                    if first {
                        return Ok(Ok(notes));
                    }
                }
            }
            Ok(Ok(notes))
        })
        .await
    }

    /// The requests of one person, for that person: asks for `show_own_data`. At most
    /// [`MAX_REQUESTS`]. Empty for somebody nobody knows.
    pub async fn requests_of(
        &self,
        whom: &Whom<'_>,
        ask: Ask,
    ) -> Result<Result<Vec<Filed>, Refused>, Unavailable> {
        let Some(person) = self.find(whom).await? else {
            return Ok(Ok(Vec::new()));
        };
        let granted = self
            .blocking(move |gate| gate.grant(person, ShowOwnData::NAME, ask))
            .await?;
        match granted {
            None => return Ok(Ok(Vec::new())),
            Some(Err(refused)) => return Ok(Err(refused)),
            Some(Ok(_)) => {}
        }
        let prefix = prefix(person);
        let mut requests = Vec::new();
        for (name, _, _) in self.named(prefix.clone(), None).await? {
            if let Some(id) = name.strip_prefix(&prefix).and_then(parse_name)
                && let Some(found) = self.request(id).await?
            {
                requests.push(found);
            }
        }
        Ok(Ok(requests))
    }

    /// Removes a request for good, when it has been kept long enough.
    pub async fn remove_request(&self, id: RequestId) -> Result<bool, Unavailable> {
        let _turn = self.shared().requests.lock().await;
        let Some((_, stored)) = self.stored(id).await? else {
            return Ok(false);
        };
        self.remove_named(name(id)).await?;
        self.remove_named(format!("{PENDING}{id}")).await?;
        if let Some(person) = person_of(&stored) {
            self.remove_named(of(person, id)).await?;
        }
        Ok(true)
    }

    /// The person whom a request is about.
    pub(crate) async fn linked(&self, id: RequestId) -> Result<Option<PersonId>, Unavailable> {
        let found = self.stored(id).await?;
        Ok(found.and_then(|(_, stored)| person_of(&stored)))
    }

    /// The record and the leaf of a step; answers the person if they are still there.
    async fn write_down(
        &self,
        id: RequestId,
        person: Option<PersonId>,
        filing: &Filing,
        first: bool,
    ) -> Result<Option<PersonId>, Unavailable> {
        if filing.house.len() > MAX_HOUSE || filing.note.as_ref().is_some_and(|n| n.len() > MAX_NOTE) {
            return Err(crate::keys::Error::TooLong.into());
        }
        if let Some(person) = person {
            let details = details(id, filing, first, true);
            let statement = statement(self.shared(), filing);
            let made = self.made(person, statement, details).await?;
            if let Some(record) = made
                && self.commit_record(record).await?
            {
                return Ok(Some(person));
            }
        }
        let statement = statement(self.shared(), filing);
        self.record_about_nobody(statement, details(id, filing, first, false))
            .await?;
        Ok(None)
    }

    /// `None`: the person's key is gone.
    async fn made(
        &self,
        person: PersonId,
        statement: Statement<'static>,
        details: String,
    ) -> Result<Option<Record>, Unavailable> {
        self.blocking(move |gate| {
            let Some(key) = gate.key_of(person)? else {
                return Ok(None);
            };
            let (row, leaf) = record::make(gate.shared(), person, &key, statement, details)?;
            Ok(Some(Record {
                person,
                terms_version: None,
                row: Some(row),
                leaf,
            }))
        })
        .await
    }
}

/// What the log says of a step: which right and where it stands; never whose.
fn statement(shared: &Shared, filing: &Filing) -> Statement<'static> {
    Statement {
        kind: "right",
        purpose: Some(AnswerRightsRequest::NAME),
        program: shared.dictionary.digest(),
        allowed: !filing.refuses,
        reasons: filing.reasons.clone(),
        at: filing.at,
    }
}

/// What a step's record says, canonical JSON: members in order.
fn details(id: RequestId, filing: &Filing, first: bool, with_note: bool) -> String {
    let house = String::from_utf8_lossy(&filing.house);
    let note = filing.note.as_deref().filter(|_| with_note);
    serde_json::json!({
        "at": filing.at,
        "first": first,
        "house": house,
        "note": note,
        "request": id.to_string(),
    })
    .to_string()
}

/// What a record says of a request, and whether it is its first. `None`: of something else.
fn said_in(id: RequestId, details: &str) -> Option<(Option<Note>, bool)> {
    // Most records are of decisions: a look at the text spares reading them.
    let id = id.to_string();
    if !details.contains(&id) {
        return None;
    }
    let details: serde_json::Value = serde_json::from_str(details).ok()?;
    if details.get("request")?.as_str()? != id {
        return None;
    }
    let note = details.get("note").and_then(|note| note.as_str());
    let at = details.get("at").and_then(serde_json::Value::as_i64);
    let note = note.map(|text| Note {
        at: Moment(at.unwrap_or_default()),
        text: text.to_owned(),
    });
    let first = details.get("first").and_then(serde_json::Value::as_bool);
    Some((note, first == Some(true)))
}

/// The person themselves asks, with proof.
pub fn by_the_person(signals: vocabulary::Signals, now: Moment) -> Ask {
    Ask {
        signals,
        requester: Requester::Person,
        now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_prints_and_nothing_else() {
        let id = RequestId::fresh().unwrap();
        let text = id.to_string();
        assert_eq!(RequestId::parse(&text), Some(id));
        assert_eq!(text.as_bytes()[14], b'4');
        for other in ["", "1-2-3-4-5", &text[1..], &text.replace('-', "0"), "é"] {
            assert_eq!(RequestId::parse(other), None, "{other}");
        }
    }
}
