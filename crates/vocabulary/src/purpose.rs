//! The names of purposes, and sets of them. What a purpose may see is `gate::purposes`' business.

use serde::{Deserialize, Serialize};

/// Why data is used. The list is closed: a new purpose is a commit, never a setting.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum PurposeName {
    /// Perform what the person ordered (GDPR art. 6(1)(b)).
    Service = 0,
    /// Choose and order what this person is shown.
    Personalise = 1,
    /// Put the person into groups that the team defined.
    Segment = 2,
    /// Let the person's history count in the sums a model is learned from.
    Train = 3,
    /// Show the person their own data (GDPR art. 15).
    ShowOwnData = 4,
    /// Say when the person is likely to buy again, and how likely.
    Predict = 5,
    /// Send the person commercial e-mail.
    MarketByEmail = 6,
    /// Send the person commercial text messages.
    MarketBySms = 7,
    /// Send the person commercial notifications.
    MarketByPush = 8,
    /// Let the person count in the sums that say what was read, bought and worth it.
    Measure = 9,
    /// Answer the person's request about their rights (GDPR art. 12 to 22).
    AnswerRightsRequest = 10,
    /// Let a member of the team help the person, at the person's wish.
    HumanHelp = 11,
    /// Keep the service and the people in it safe from abuse (GDPR recital 49).
    Secure = 12,
}

impl PurposeName {
    /// Every purpose, in the order of their numbers.
    pub const ALL: [PurposeName; 13] = [
        PurposeName::Service,
        PurposeName::Personalise,
        PurposeName::Segment,
        PurposeName::Train,
        PurposeName::ShowOwnData,
        PurposeName::Predict,
        PurposeName::MarketByEmail,
        PurposeName::MarketBySms,
        PurposeName::MarketByPush,
        PurposeName::Measure,
        PurposeName::AnswerRightsRequest,
        PurposeName::HumanHelp,
        PurposeName::Secure,
    ];

    /// The purposes that a person is asked about and may switch on and off: those that need consent
    /// (GDPR art. 6(1)(a)), though two channels of marketing have a second basis (soft opt-in).
    pub const ASKED: [PurposeName; 8] = [
        PurposeName::Personalise,
        PurposeName::Segment,
        PurposeName::Train,
        PurposeName::Predict,
        PurposeName::MarketByEmail,
        PurposeName::MarketBySms,
        PurposeName::MarketByPush,
        PurposeName::Measure,
    ];

    /// The name used in files, policies, the API and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            PurposeName::Service => "service",
            PurposeName::Personalise => "personalise",
            PurposeName::Segment => "segment",
            PurposeName::Train => "train",
            PurposeName::ShowOwnData => "show_own_data",
            PurposeName::Predict => "predict",
            PurposeName::MarketByEmail => "market_by_email",
            PurposeName::MarketBySms => "market_by_sms",
            PurposeName::MarketByPush => "market_by_push",
            PurposeName::Measure => "measure",
            PurposeName::AnswerRightsRequest => "answer_rights_request",
            PurposeName::HumanHelp => "human_help",
            PurposeName::Secure => "secure",
        }
    }

    /// By which channel the purpose reaches the person with commercial messages, if it does.
    pub fn channel(self) -> Option<Channel> {
        match self {
            PurposeName::MarketByEmail => Some(Channel::Email),
            PurposeName::MarketBySms => Some(Channel::Sms),
            PurposeName::MarketByPush => Some(Channel::Push),
            _ => None,
        }
    }

    /// The purpose of that name, if there is one.
    pub fn parse(name: &str) -> Option<PurposeName> {
        PurposeName::ALL.into_iter().find(|p| p.as_str() == name)
    }
}

impl std::fmt::Display for PurposeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A way to reach a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Channel {
    /// E-mail.
    Email = 0,
    /// Text message.
    Sms = 1,
    /// A notification of an app or a browser.
    Push = 2,
    /// Shown inside the site or app when the person is there; nothing is sent to them.
    InApp = 3,
}

impl Channel {
    /// Every channel, in the order of their numbers.
    pub const ALL: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Push, Channel::InApp];

    /// The name used in files and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Push => "push",
            Channel::InApp => "in_app",
        }
    }

    /// The purpose of marketing by this channel. What is shown where the person already is, is no electronic
    /// mail (Directive 2002/58/EC, art. 13), but it is chosen for them.
    pub fn purpose(self) -> PurposeName {
        match self {
            Channel::Email => PurposeName::MarketByEmail,
            Channel::Sms => PurposeName::MarketBySms,
            Channel::Push => PurposeName::MarketByPush,
            Channel::InApp => PurposeName::Personalise,
        }
    }
}

/// A set of purposes, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, PartialOrd, Ord)]
pub struct PurposeSet(pub u16);

impl PurposeSet {
    /// No purpose.
    pub const NONE: PurposeSet = PurposeSet(0);

    /// The set with `purpose` added.
    #[must_use]
    pub fn with(self, purpose: PurposeName) -> PurposeSet {
        PurposeSet(self.0 | (1 << purpose as u8))
    }

    /// The set with `purpose` taken out.
    #[must_use]
    pub fn without(self, purpose: PurposeName) -> PurposeSet {
        PurposeSet(self.0 & !(1 << purpose as u8))
    }

    /// Whether `purpose` is in the set.
    pub fn contains(self, purpose: PurposeName) -> bool {
        self.0 & (1 << purpose as u8) != 0
    }

    /// The purposes in both.
    #[must_use]
    pub fn and(self, other: PurposeSet) -> PurposeSet {
        PurposeSet(self.0 & other.0)
    }

    /// Whether no purpose is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The purposes in the set, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = PurposeName> {
        PurposeName::ALL.into_iter().filter(move |p| self.contains(*p))
    }
}

impl FromIterator<PurposeName> for PurposeSet {
    fn from_iter<I: IntoIterator<Item = PurposeName>>(iter: I) -> Self {
        iter.into_iter().fold(PurposeSet::NONE, PurposeSet::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_found_by_its_number_and_its_name() {
        for (number, purpose) in PurposeName::ALL.into_iter().enumerate() {
            assert_eq!(purpose as usize, number);
            assert_eq!(PurposeName::parse(purpose.as_str()), Some(purpose));
            assert_eq!(
                purpose.channel().map(Channel::purpose).unwrap_or(purpose),
                purpose
            );
        }
        let all: PurposeSet = PurposeName::ALL.into_iter().collect();
        assert_eq!(all.iter().count(), PurposeName::ALL.len());
    }
}
