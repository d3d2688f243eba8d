//! What holds a message back or ends it, by name: codes are stable, they stand in records, metrics and pages.
//!
//! Deliberately does not know: when each is so, the words for it.

/// Why a message did not leave, or not yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Code {
    /// The person did not permit it.
    NoPurposeConsent,
    /// The person is a minor, or may be one.
    Minor,
    /// The person objected (GDPR art. 21).
    Objected,
    /// The person's data only rests (GDPR art. 18).
    Restricted,
    /// A human looks at decisions of that kind.
    UnderReview,
    /// The way is closed: a dead address, a complaint, or the person left it.
    Suppressed,
    /// The person paused everything.
    Paused,
    /// A conversation with a human is open.
    HumanConversation,
    /// Not at these hours, the person said.
    OutsideHours,
    /// Not on these days, the person said.
    OutsideDays,
    /// It waits to come together with others, as the person wished.
    Gathered,
    /// The operator writes to nobody at these hours.
    QuietHours,
    /// Enough left already.
    FrequencyCapped,
    /// The program was not approved by a second person.
    NotApproved,
    /// The journey is paused.
    JourneyPaused,
    /// The program has no such message any more.
    MessageGone,
    /// A fact behind its words is gone.
    ClaimWithoutFact,
    /// It waited too long.
    Expired,
    /// There was no room.
    OutboxFull,
    /// It is not known where to.
    NoAddress,
    /// There are no words for that way and language.
    NoText,
    /// A value that its words need is missing.
    MissingValue,
    /// Its own words say that it is not for this person.
    Aborted,
    /// Its words cannot be made.
    TemplateFault,
    /// The channel does not take it for now.
    ChannelBusy,
    /// The channel does not take it.
    ChannelRefused,
    /// No channel of that kind is set up.
    NoChannel,
    /// Nobody knows whether it left.
    InDoubt,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 28] = [
        Code::NoPurposeConsent,
        Code::Minor,
        Code::Objected,
        Code::Restricted,
        Code::UnderReview,
        Code::Suppressed,
        Code::Paused,
        Code::HumanConversation,
        Code::OutsideHours,
        Code::OutsideDays,
        Code::Gathered,
        Code::QuietHours,
        Code::FrequencyCapped,
        Code::NotApproved,
        Code::JourneyPaused,
        Code::MessageGone,
        Code::ClaimWithoutFact,
        Code::Expired,
        Code::OutboxFull,
        Code::NoAddress,
        Code::NoText,
        Code::MissingValue,
        Code::Aborted,
        Code::TemplateFault,
        Code::ChannelBusy,
        Code::ChannelRefused,
        Code::NoChannel,
        Code::InDoubt,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::NoPurposeConsent => "no_purpose_consent",
            Code::Minor => "minor",
            Code::Objected => "objected",
            Code::Restricted => "restricted",
            Code::UnderReview => "under_review",
            Code::Suppressed => "suppressed",
            Code::Paused => "paused",
            Code::HumanConversation => "human_conversation",
            Code::OutsideHours => "outside_hours",
            Code::OutsideDays => "outside_days",
            Code::Gathered => "gathered",
            Code::QuietHours => "quiet_hours",
            Code::FrequencyCapped => "frequency_capped",
            Code::NotApproved => "not_approved",
            Code::JourneyPaused => "journey_paused",
            Code::MessageGone => "message_gone",
            Code::ClaimWithoutFact => "claim_without_fact",
            Code::Expired => "expired",
            Code::OutboxFull => "outbox_full",
            Code::NoAddress => "no_address",
            Code::NoText => "no_text",
            Code::MissingValue => "missing_value",
            Code::Aborted => "aborted",
            Code::TemplateFault => "template_fault",
            Code::ChannelBusy => "channel_busy",
            Code::ChannelRefused => "channel_refused",
            Code::NoChannel => "no_channel",
            Code::InDoubt => "in_doubt",
        }
    }

    /// The code of that name.
    pub fn parse(name: &str) -> Option<Code> {
        Code::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// What a refusal of the charter is called, by the policies that decided.
    pub(crate) fn of_policies<'a>(mut policies: impl Iterator<Item = &'a str>) -> Code {
        policies
            .find_map(|id| match id.trim_start_matches("charter/") {
                "minor" | "age-unknown" => Some(Code::Minor),
                "objected" | "objected-to-marketing" => Some(Code::Objected),
                "restricted" => Some(Code::Restricted),
                "under-review" => Some(Code::UnderReview),
                _ => None,
            })
            .unwrap_or(Code::NoPurposeConsent)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What holds a message back: the code, and the policy that decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// By name.
    pub code: Code,
    /// The id of the policy.
    pub policy: String,
}

impl Held {
    /// Held back by that policy.
    pub fn of(code: Code, policy: &str) -> Held {
        Held {
            code,
            policy: policy.to_owned(),
        }
    }
}
