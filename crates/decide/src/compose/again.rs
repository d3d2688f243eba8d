//! A message on record judged and written again: clearance lets it pass, and the words are the same to the byte.
//!
//! Deliberately does not know: whose message it was, how a record is opened.

use super::{Backing, Phrases, Shop, Words};
use gate::clearance::{self, Claims, Facts, Standing, Verdict, WhySuppressed};
use gate::dispatch::{Compose as _, Seen, Waiting};
use gate::{Executed, Flaw, Kind};
use jiff::tz::TimeZone;
use program::Program;
use serde_json::Value;
use vocabulary::{Channel, Contract, Digest, Language, Moment, PurposeName};

/// A record that does not say what it must.
const UNREADABLE: &str = "the record does not say what was sent";

/// Judges and writes again what was handed over, by the program of that time. What only ended, was put off or came
/// back was no decision of a program alone, and is not made again.
pub fn again(program: &Program, details: &str) -> Executed {
    let Ok(record) = serde_json::from_str::<Value>(details) else {
        return Executed::Different(UNREADABLE.to_owned());
    };
    let handed_over = record.get("outcome").and_then(Value::as_str) == Some("handed_over");
    if !handed_over || record.get("facts").is_none_or(Value::is_null) {
        return Executed::NoDecision;
    }
    let Some((language, shop, phrases)) = around(&record) else {
        return Executed::Different(UNREADABLE.to_owned());
    };
    match Words::new(program, shop, [(language, phrases)].into(), true) {
        Ok(words) => decide_again(&words.backed_by(rested_on(&record)), &record)
            .unwrap_or(Executed::Different(UNREADABLE.to_owned())),
        Err(_) => Executed::Impossible(Flaw::ProgramUnreadable),
    }
}

/// What stood around the words then: of the house, and in which language.
fn around(record: &Value) -> Option<(Language, Shop, Phrases)> {
    let said = record.get("said")?;
    let text = |of: &str, name: &str| said.get(of)?.get(name)?.as_str().map(str::to_owned);
    let shop = Shop {
        url: text("shop", "url")?,
        address: text("shop", "address")?,
        base: text("shop", "base")?,
    };
    let phrases = Phrases {
        why: text("phrases", "why")?,
        change: text("phrases", "change")?,
        human: text("phrases", "human")?,
        leave: text("phrases", "leave")?,
        together: text("phrases", "together")?,
    };
    Some((Language::of_tag(said.get("language")?.as_str()?)?, shop, phrases))
}

/// What was known then of stock, prices and counts.
fn rested_on(record: &Value) -> Backing {
    let messages = record
        .get("said")
        .and_then(|said| said.get("messages")?.as_array());
    let told = messages.into_iter().flatten();
    let known = told.filter_map(|message| serde_json::from_value(message.get("rests_on")?.clone()).ok());
    known.fold(Backing::default(), Backing::and)
}

fn decide_again(words: &Words, record: &Value) -> Option<Executed> {
    let facts = record.get("facts")?;
    let now = Moment(record.get("at")?.as_i64()?);
    let channel = channel(record.get("channel")?)?;
    let purpose = PurposeName::parse(facts.get("purpose")?.as_str()?)?;
    let contract: Contract = serde_json::from_value(facts.get("contract")?.clone()).ok()?;
    let zone = TimeZone::get(facts.get("zone")?.as_str()?).ok()?;
    let left: Option<Vec<(Moment, Channel)>> = facts.get("left")?.as_array()?.iter().map(one_left).collect();
    let left = left?;
    let waiting: Option<Vec<Waiting>> = record.get("entries")?.as_array()?.iter().map(entry).collect();
    let waiting = waiting?;
    let suppressed = facts.get("suppressed")?.as_str();
    let judged = clearance::judge(
        &Facts {
            purpose,
            channel,
            queued_at: waiting.first()?.queued_at,
            contract: &contract,
            zone: &zone,
            left: &left,
            conversation: facts.get("conversation")?.as_bool()?,
            suppressed: suppressed.and_then(|name| {
                let all = WhySuppressed::ALL.into_iter();
                all.into_iter().find(|why| why.as_str() == name)
            }),
            standing: match facts.get("standing")?.as_str()? {
                "in_force" => Standing::InForce,
                "paused" => Standing::Paused,
                "gone" => Standing::Gone,
                _ => Standing::NotApproved,
            },
            claims: match facts.get("claims")?.as_str()? {
                "backed" => Claims::Backed,
                _ => Claims::Dead,
            },
        },
        words.rules(),
        now,
    );
    if !matches!(judged, Verdict::Pass(_)) {
        return Some(Executed::Different("clearance".to_owned()));
    }
    let said = record.get("said")?;
    let mut traits: Vec<(String, String)> = Vec::new();
    for message in said.get("messages")?.as_array()? {
        for (name, value) in message.get("traits")?.as_object()? {
            if traits.iter().all(|(known, _)| known != name) {
                traits.push((name.clone(), value.to_string()));
            }
        }
    }
    // Where it went is no part of what it says, and not on record.
    for (name, value) in [
        (super::EMAIL, "\"a@example.org\""),
        (super::PHONE, "\"+33600000000\""),
        (super::SUBSCRIPTION, "\"{}\""),
        (super::LANGUAGE, said.get("language").map_or("null", |_| "")),
    ] {
        if traits.iter().all(|(known, _)| known != name) {
            let value = match value {
                "" => said.get("language")?.to_string(),
                value => value.to_owned(),
            };
            traits.push((name.to_owned(), value));
        }
    }
    let composed = words.compose(&Seen {
        waiting: &waiting,
        purpose,
        channel,
        traits: &traits,
        contract: &contract,
        zone: &zone,
        now,
    });
    Some(match composed {
        Ok(composed) if composed.said == *said => Executed::Same,
        Ok(_) => Executed::Different("words".to_owned()),
        Err(not) => Executed::Different(not.code.as_str().to_owned()),
    })
}

fn channel(value: &Value) -> Option<Channel> {
    let name = value.as_str()?;
    Channel::ALL.into_iter().find(|channel| channel.as_str() == name)
}

fn one_left(value: &Value) -> Option<(Moment, Channel)> {
    Some((Moment(value.get(0)?.as_i64()?), channel(value.get(1)?)?))
}

fn entry(value: &Value) -> Option<Waiting> {
    let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    Some(Waiting {
        id: [0; 16],
        kind: Kind::Message,
        name: text("name")?,
        journey: text("journey")?,
        key: text("key"),
        step: text("step"),
        entered_at: Moment(value.get("entered_at")?.as_i64()?),
        number: u32::try_from(value.get("number")?.as_u64()?).ok()?,
        program: Digest([0; 32]),
        queued_at: Moment(value.get("queued_at")?.as_i64()?),
    })
}
