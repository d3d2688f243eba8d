//! One message of the dialect, as text, becomes an [`Event`] or a fault with a name.
//!
//! Pure: the time of receipt and the request's signals come in. What is not in an `Event` is not
//! read out of the message at all.

use super::accept::Told;
use super::clock::{self, Unreadable};
use super::consent::{self, Consent};
use super::fault::{Code, Fault};
use super::source::Proofs;
use super::wire::{self, Fields, Integrations, Scalar};
use crate::identifier;
use serde_json::{Map, Value};
use vocabulary::{Event, Kind, Moment, Signals};

/// Longest `messageId`, in bytes (Segment: 100 characters).
const LONGEST_MESSAGE_ID: usize = 100;
/// Longest event, name or category, in bytes. Segment sets no limit but the message's; a longer one is
/// an accident.
const LONGEST_TEXT: usize = 512;
/// The track that carries a changed consent.
const CONSENT_UPDATED: &str = "Segment Consent Preference Updated";
/// What stands around the messages of one request.
pub(super) struct Around<'a> {
    pub(super) received_at: Moment,
    pub(super) signals: Signals,
    /// The batch's own `sentAt`, `context` and `integrations`, for messages that have none.
    pub(super) sent_at: Option<Moment>,
    pub(super) consent: &'a Consent,
    pub(super) integrations: Integrations,
    /// Whether the source's key is a secret.
    pub(super) secret: bool,
    pub(super) proofs: &'a Proofs,
    /// Most bytes of a message.
    pub(super) longest: usize,
}

/// A decoded message.
pub(super) struct Decoded {
    /// Which call, once that is known.
    pub(super) kind: Option<Kind>,
    /// The event, or why there is none.
    pub(super) event: Result<Told, Fault>,
    /// What was kept, though not as it stood.
    pub(super) notes: Vec<Fault>,
}

/// Decodes a message. `kind` is the path's; without one (in a batch) the message's `type` says it.
pub(super) fn decode(text: &str, kind: Option<Kind>, around: &Around<'_>) -> Decoded {
    let mut notes = Vec::new();
    if text.len() > around.longest {
        return Decoded {
            kind,
            event: Err(Code::MessageTooLarge.into()),
            notes,
        };
    }
    // `[]` is no message, though it is an empty object elsewhere.
    let message = text
        .starts_with('{')
        .then(|| wire::object::<wire::Message<'_>>(text))
        .flatten();
    let Some(message) = message else {
        return Decoded {
            kind,
            event: Err(Code::BadRequest.into()),
            notes,
        };
    };
    let Some(kind) = kind.or_else(|| kind_of(&message.kind)) else {
        return Decoded {
            kind,
            event: Err(Fault::of(Code::UnknownType, "type")),
            notes,
        };
    };
    let event = event(kind, message, around, &mut notes);
    Decoded {
        kind: Some(kind),
        event,
        notes,
    }
}

/// The `type` of a message.
fn kind_of(kind: &Scalar<'_>) -> Option<Kind> {
    let Scalar::Text(kind) = kind else { return None };
    kind_named(kind)
}

/// The call of that name.
pub(super) fn kind_named(name: &str) -> Option<Kind> {
    [
        Kind::Identify,
        Kind::Track,
        Kind::Page,
        Kind::Screen,
        Kind::Group,
        Kind::Alias,
    ]
    .into_iter()
    .find(|kind| kind.as_str() == name)
}

fn event(
    kind: Kind,
    message: wire::Message<'_>,
    around: &Around<'_>,
    notes: &mut Vec<Fault>,
) -> Result<Told, Fault> {
    if Integrations::read(message.integrations).off(around.integrations) {
        return Err(Fault::of(Code::IntegrationOff, "integrations"));
    }
    let user_id = id(&message.user_id, "userId")?;
    let anonymous_id = id(&message.anonymous_id, "anonymousId")?;
    if user_id.is_none() && anonymous_id.is_none() {
        return Err(Code::NoUserAnonId.into());
    }
    let previous_id = match kind {
        Kind::Alias if user_id.is_none() => return Err(Fault::of(Code::IdRequired, "userId")),
        Kind::Alias => Some(required(id(&message.previous_id, "previousId")?, "previousId")?),
        _ => None,
    };
    let name = match kind {
        Kind::Track => event_name(&message.event)?,
        Kind::Page | Kind::Screen => text(&message.name, Code::NameNotString, "name")?.unwrap_or_default(),
        Kind::Group => required(id(&message.group_id, "groupId")?, "groupId")?,
        Kind::Identify | Kind::Alias => String::new(),
    };
    let message_id = message_id(&message.message_id)?;
    let (consent, context) = consent::read(message.context);
    let consent = consent.or(around.consent);
    if kind == Kind::Track && name == CONSENT_UPDATED && consent.preferences.is_none() {
        return Err(Fault::of(Code::ConsentRequired, "context.consent"));
    }
    let at = when(&message, around, notes)?;
    let fields = match kind {
        Kind::Identify => match fields(message.traits, Code::TraitsNotObject, "traits")? {
            Some(traits) => traits,
            // rudder-sdk-python puts the traits of an identify here and nowhere else.
            None => context
                .traits
                .and_then(|raw| serde_json::from_str(raw.get()).ok())
                .unwrap_or_default(),
        },
        Kind::Group => fields(message.traits, Code::TraitsNotObject, "traits")?.unwrap_or_default(),
        Kind::Track => {
            fields(message.properties, Code::PropertiesNotObject, "properties")?.unwrap_or_default()
        }
        Kind::Page | Kind::Screen => {
            let fields = fields(message.properties, Code::PropertiesNotObject, "properties")?;
            with_category(fields.unwrap_or_default(), &message.category)?
        }
        Kind::Alias => Map::new(),
    };
    if consent.unreadable {
        notes.push(Fault::of(Code::ConsentUnreadable, "context.consent"));
    }
    let vouched = vouched(user_id.as_deref(), &consent, around, notes);
    let event = Event {
        message_id,
        kind,
        name,
        user_id,
        anonymous_id,
        previous_id,
        at,
        received_at: around.received_at,
        fields,
        consent: consent.preferences,
        signals: around.signals,
    };
    Ok(Told { event, vouched })
}

/// Whether the message may speak for the `userId` it names. What is said without it is kept as far as it
/// permits nothing.
fn vouched(user_id: Option<&str>, consent: &Consent, around: &Around<'_>, notes: &mut Vec<Fault>) -> bool {
    if around.secret {
        return true;
    }
    let Some(user_id) = user_id else { return false };
    let permits = consent.preferences.iter().flatten().any(|(_, given)| *given);
    match &consent.proof {
        Some(proof) if (around.proofs)(proof, around.received_at).as_deref() == Some(user_id) => true,
        Some(_) => {
            notes.push(Fault::of(Code::ProofRefused, "context.consent"));
            false
        }
        None if permits => {
            notes.push(Fault::of(Code::Unproved, "context.consent"));
            false
        }
        None => false,
    }
}

/// An identifier: text as it stands, a whole number as its digits, empty text as none.
fn id(value: &Scalar<'_>, field: &'static str) -> Result<Option<String>, Fault> {
    let text = match value {
        Scalar::Absent => return Ok(None),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Text(text) => text.clone().into_owned(),
        Scalar::Other => return Err(Fault::of(Code::IdNotString, field)),
    };
    match identifier::check(&text) {
        Ok(()) => Ok(Some(text)),
        Err(identifier::Fault::Blank) => Ok(None),
        Err(identifier::Fault::TooLong) => Err(Fault::of(Code::IdTooLong, field)),
        Err(identifier::Fault::Placeholder) => Err(Fault::of(Code::IdPlaceholder, field)),
    }
}

fn required(id: Option<String>, field: &'static str) -> Result<String, Fault> {
    id.ok_or(Fault::of(Code::IdRequired, field))
}

fn event_name(value: &Scalar<'_>) -> Result<String, Fault> {
    let name = text(value, Code::EventNotString, "event")?.unwrap_or_default();
    if name.trim_ascii().is_empty() {
        Err(Fault::of(Code::EventNotDefined, "event"))
    } else {
        Ok(name)
    }
}

fn text(value: &Scalar<'_>, not_text: Code, field: &'static str) -> Result<Option<String>, Fault> {
    match value {
        Scalar::Absent => Ok(None),
        Scalar::Text(text) if text.len() > LONGEST_TEXT => Err(Fault::of(Code::NameTooLong, field)),
        Scalar::Text(text) => Ok(Some(text.clone().into_owned())),
        Scalar::Integer(_) | Scalar::Other => Err(Fault::of(not_text, field)),
    }
}

fn message_id(value: &Scalar<'_>) -> Result<String, Fault> {
    match value {
        Scalar::Text(text) if text.len() > LONGEST_MESSAGE_ID => {
            Err(Fault::of(Code::MessageIdTooLong, "messageId"))
        }
        Scalar::Text(text) if !text.is_empty() => Ok(text.clone().into_owned()),
        Scalar::Integer(number) => Ok(number.to_string()),
        Scalar::Other => Err(Fault::of(Code::MessageIdNotString, "messageId")),
        Scalar::Absent | Scalar::Text(_) => super::fresh_message_id().ok_or(Code::BadRequest.into()),
    }
}

fn fields(value: Fields, not_object: Code, field: &'static str) -> Result<Option<Map<String, Value>>, Fault> {
    match value {
        Fields::Absent => Ok(None),
        Fields::Object(fields) => Ok(Some(fields)),
        Fields::Other => Err(Fault::of(not_object, field)),
    }
}

/// A page's `category` stands beside its properties on the wire and among them in the browser
/// library; an event has one place for it.
fn with_category(mut fields: Map<String, Value>, category: &Scalar<'_>) -> Result<Map<String, Value>, Fault> {
    if let Some(category) = text(category, Code::CategoryNotString, "category")? {
        fields.entry("category").or_insert(Value::String(category));
    }
    Ok(fields)
}

fn when(message: &wire::Message<'_>, around: &Around<'_>, notes: &mut Vec<Fault>) -> Result<Moment, Fault> {
    let mut read = |stamp: &Scalar<'_>, field| {
        clock::read(stamp).unwrap_or_else(|Unreadable| {
            notes.push(Fault::of(Code::TimestampUnreadable, field));
            None
        })
    };
    // `timestamp` is what the caller said; rudder-sdk-node then puts the time of the call beside it.
    let original = match &message.timestamp {
        Scalar::Absent => read(&message.original_timestamp, "originalTimestamp"),
        stamp => read(stamp, "timestamp"),
    };
    let sent_at = read(&message.sent_at, "sentAt").or(around.sent_at);
    let at = clock::corrected(around.received_at, sent_at, original);
    if at.0 < 0 {
        Err(Fault::of(Code::TimestampBefore1970, "timestamp"))
    } else {
        Ok(at)
    }
}
