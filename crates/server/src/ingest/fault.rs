//! Faults: what can be wrong with a request or a message, by name and in words. Names are Segment's
//! where Segment has one.

use std::borrow::Cow;

/// A fault, and the field of the dialect it was found in (never a field of the caller's own).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What is wrong.
    pub code: Code,
    /// Where.
    pub field: Option<&'static str>,
}

impl Fault {
    pub(super) fn of(code: Code, field: &'static str) -> Fault {
        Fault {
            code,
            field: Some(field),
        }
    }
}

impl From<Code> for Fault {
    fn from(code: Code) -> Fault {
        Fault { code, field: None }
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal $words:literal)*) => {
        /// Everything that can be wrong, with its name on the wire and its words.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $(#[doc = $words] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The name on the wire and in counters.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// What it means and how to mend it.
            pub fn words(self) -> &'static str {
                match self { $(Code::$variant => $words,)* }
            }
        }
    };
}

codes! {
    // Requests.
    InvalidJson "invalid_json" "the body is not JSON of the expected shape"
    InvalidGzip "invalid_gzip" "the body starts like gzip and cannot be decompressed to its end"
    UnknownEncoding "unknown_encoding" "the only `Content-Encoding` taken is `gzip`"
    PayloadTooLarge "payload_too_large" "the body, or what it decompresses to, is too large: send smaller batches"
    TooManyMessages "too_many_messages" "the batch holds too many messages: send smaller batches"
    BodyInterrupted "body_interrupted" "the body ended before its announced length"
    UnknownSource "unknown_source" "no source has this write key"
    SourceDisabled "source_disabled" "the source of this write key is switched off"
    EmptyBatch "empty_batch" "the batch holds no message"
    // Messages.
    BadRequest "bad_request" "the message is not a JSON object that can be read"
    MessageTooLarge "message_too_large" "the message is too large: 32 KiB is the usual limit"
    UnknownType "unknown_type" "`type` must be identify, track, page, screen, group or alias"
    NoUserAnonId "no_user_anon_id" "either `userId` or `anonymousId` is needed"
    IdRequired "id_required" "`groupId` is needed for group; `userId` and `previousId` for alias"
    IdNotString "id_not_string" "an identifier must be a string or a whole number"
    IdTooLong "id_too_long" "an identifier may have 512 bytes at most"
    IdPlaceholder "id_placeholder" "words such as `null` or `undefined` name nobody, and would join strangers into one person"
    MessageIdNotString "message_id_not_string" "`messageId` must be a string"
    MessageIdTooLong "message_id_too_long" "`messageId` may have 100 bytes at most"
    EventNotDefined "event_not_defined" "a track needs `event`"
    EventNotString "event_not_string" "`event` must be a string"
    NameNotString "name_not_string" "`name` must be a string"
    CategoryNotString "category_not_string" "`category` must be a string"
    NameTooLong "name_too_long" "`event`, `name` and `category` may have 512 bytes at most"
    PropertiesNotObject "properties_not_object" "`properties` must be an object"
    TraitsNotObject "traits_not_object" "`traits` must be an object"
    TimestampBefore1970 "timestamp_before_1970" "the corrected time lies before 1970"
    ConsentRequired "consent_required" "context.consent.categoryPreferences object is required"
    IntegrationOff "integration_off" "`integrations` switches `Egard` or `Segment.io` off for this message"
    // Notes: the message is kept, and something in it was not taken as it stood.
    ConsentUnreadable "consent_unreadable" "`context.consent` is not `{\"categoryPreferences\": {name: true or false}}`: taken as everything refused"
    Unproved "unproved" "the key of this source is in everybody's hands: for a `userId` it permits nothing without `context.consent.proof`; what it refuses counts"
    ProofRefused "proof_refused" "`context.consent.proof` is over, not signed by an issuer of the settings, or names somebody else than `userId`: it permits nothing"
    TimestampUnreadable "timestamp_unreadable" "the time cannot be read: the time of receipt stands in its place"
}

impl From<Code> for Cow<'static, str> {
    fn from(code: Code) -> Self {
        Cow::Borrowed(code.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_name() {
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(names.iter().all(|name| {
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        }));
    }
}
