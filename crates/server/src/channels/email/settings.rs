//! `[channels.email]`: how e-mail leaves the house.
//!
//! Deliberately does not know: what is sent.

use crate::me::settings::{MailSecurity, MailSettings};
use letter::address::{Mailbox, domain_of};
use letter::dkim::{Key, Signer};
use letter::list::ListId;
use serde::Deserialize;
use std::path::PathBuf;

/// `[channels.email]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailSettings {
    /// The sender, such as `Shop Example <hello@shop.example>`.
    pub from: String,
    /// Where answers go; without it an address that knows its conversation (`reply+…@domain`).
    pub reply_to: Option<String>,
    /// The domain of Message-IDs and of the addresses to which failures, answers and farewells come back. Its mail
    /// must come to `egard mail-in`. Without it the domain of `from`.
    pub domain: Option<String>,
    /// The server that takes messages, if it is not that of `me.mail`.
    pub server: Option<MailSettings>,
    /// Allow another machine to be spoken to in the clear.
    #[serde(default)]
    pub allow_clear: bool,
    /// What mailings are sorted and counted by.
    #[serde(default)]
    pub list: ListSettings,
    /// Keys that sign.
    #[serde(default)]
    pub dkim: Vec<DkimSettings>,
    /// Connections to the server at once.
    #[serde(default = "connections")]
    pub connections: usize,
    /// Messages that are marked as handed over and have no answer yet, at most: so many are in doubt after a power
    /// cut. More are faster, since all that are marked together share one write to the disk. Without it eight for
    /// each connection.
    pub at_once: Option<usize>,
    /// Seconds that the server may take for an answer; for the last one of a message ten times as long.
    #[serde(default = "timeout")]
    pub timeout_seconds: u64,
    /// How fast each provider is written to.
    #[serde(default)]
    pub rate: RateSettings,
    /// Providers that are written to at a rate of their own.
    #[serde(default)]
    pub rates: Vec<DomainRate>,
    /// How the first days go of a sender that nobody knows yet.
    pub warm_up: Option<WarmUpSettings>,
}

/// `[channels.email.list]`: what mailings are sorted by (`List-ID`, RFC 2919) and large providers count complaints by
/// (`Feedback-ID`). To be chosen once: people sort by the first, and a reputation is of the second.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListSettings {
    /// The first part of the id, before the domain, and of `Feedback-ID`: letters, digits, `-` and `_`.
    pub label: String,
    /// What people call it.
    pub name: String,
    /// The last part of `Feedback-ID`; the domain if it is not said.
    pub sender: Option<String>,
}

impl Default for ListSettings {
    fn default() -> ListSettings {
        ListSettings {
            label: "letters".to_owned(),
            name: "letters".to_owned(),
            sender: None,
        }
    }
}

/// `[[channels.email.dkim]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DkimSettings {
    /// The name of the key: its record stands at `SELECTOR._domainkey.DOMAIN`.
    pub selector: String,
    /// The file of the private key (PEM); make it with `egard keys dkim`.
    pub key: PathBuf,
    /// The domain that signs; without it that of `from`.
    pub domain: Option<String>,
}

/// How fast one provider is written to.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateSettings {
    /// Messages a second, at most, to the addresses of one domain.
    pub per_second: f64,
    /// Messages to them that may be under way at once.
    pub at_once: usize,
}

impl Default for RateSettings {
    fn default() -> RateSettings {
        RateSettings {
            per_second: 10.0,
            at_once: 4,
        }
    }
}

/// `[[channels.email.rates]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainRate {
    /// The provider, such as `gmail.com`.
    pub domain: String,
    /// Messages a second.
    pub per_second: f64,
    /// At once.
    pub at_once: usize,
}

/// `[channels.email.warm_up]`: messages a day, which grow each day. Answers to rights and what a person asked for
/// are not counted and never wait.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmUpSettings {
    /// Messages on the first day.
    pub first_day: u64,
    /// How many times as many each day.
    pub growth: f64,
    /// Messages a day at which growth ends.
    pub cap: u64,
}

fn connections() -> usize {
    8
}

fn timeout() -> u64 {
    60
}

impl EmailSettings {
    /// The server and how to speak to it.
    pub fn server<'s>(&'s self, mail: Option<&'s MailSettings>) -> Option<&'s MailSettings> {
        self.server.as_ref().or(mail)
    }

    /// What is wrong with them, in words; `None` if nothing is. Reads the key files.
    pub fn fault(&self, mail: Option<&MailSettings>) -> Option<String> {
        let wrong = |key: &str, problem: String| Some(format!("`channels.email.{key}`: {problem}"));
        if let Err(error) = Mailbox::parse(&self.from) {
            return wrong("from", error.to_string());
        }
        if let Some(Err(error)) = self.reply_to.as_deref().map(Mailbox::parse) {
            return wrong("reply_to", error.to_string());
        }
        // The longest mark and its name stand before the domain; an address has 254 bytes.
        let fits = |domain: &String| domain_of(domain).is_some_and(|ascii| ascii.len() <= 190);
        if !self.domain.as_ref().is_none_or(fits) {
            return wrong("domain", "this is no domain of at most 190 letters".to_owned());
        }
        let Some(server) = self.server(mail) else {
            return wrong(
                "server",
                "name the server that takes messages, here or as `me.mail`".to_owned(),
            );
        };
        if server.security == MailSecurity::None && !self.allow_clear && !is_here(&server.host) {
            return wrong(
                "server",
                "messages would travel in the clear to another machine; say `security = \"starttls\"`, or `allow_clear = true` \
                 if the network between is yours"
                    .to_owned(),
            );
        }
        if let Err(error) = ListId::new(&self.list.name, &self.list.label, &self.bounce_domain()) {
            return wrong("list.label", error.to_string());
        }
        if self.at_once == Some(0) {
            return wrong("at_once", "at least one message is under way".to_owned());
        }
        if self.connections == 0 || self.timeout_seconds == 0 {
            return wrong(
                "connections",
                "connections and `timeout_seconds` are at least 1".to_owned(),
            );
        }
        let own = self.rates.iter().map(|rate| (rate.per_second, rate.at_once));
        let mut rates = own.chain([(self.rate.per_second, self.rate.at_once)]);
        if !rates.all(|(rate, at_once)| rate > 0.0 && rate.is_finite() && at_once > 0) {
            return wrong(
                "rate",
                "`per_second` is above 0 and `at_once` at least 1".to_owned(),
            );
        }
        if let Some(warm) = &self.warm_up
            && !(warm.first_day > 0
                && warm.growth >= 1.0
                && warm.growth.is_finite()
                && warm.cap >= warm.first_day)
        {
            return wrong(
                "warm_up",
                "`first_day` is at least 1, `growth` at least 1, `cap` no less than `first_day`".to_owned(),
            );
        }
        self.signers().err()
    }

    /// Messages that are marked and without an answer at most.
    pub fn at_once(&self) -> usize {
        self.at_once.unwrap_or(self.connections.saturating_mul(8))
    }

    /// The domain under which mail comes back.
    pub fn bounce_domain(&self) -> String {
        let from = || {
            Mailbox::parse(&self.from)
                .map(|from| from.address.domain().to_owned())
                .unwrap_or_default()
        };
        self.domain.as_deref().and_then(domain_of).unwrap_or_else(from)
    }

    /// The keys, read from their files; in words what is wrong.
    pub fn signers(&self) -> Result<Vec<Signer>, String> {
        let from = Mailbox::parse(&self.from).map_err(|error| format!("`channels.email.from`: {error}"))?;
        let signers = self.dkim.iter().map(|dkim| {
            let place =
                |problem: String| format!("`channels.email.dkim`: `{}`: {problem}", dkim.key.display());
            let pem = std::fs::read_to_string(&dkim.key).map_err(|error| place(error.to_string()))?;
            let key = Key::from_pem(&pem).map_err(|error| place(error.to_string()))?;
            let domain = dkim.domain.as_deref().unwrap_or(from.address.domain());
            Signer::new(domain, &dkim.selector, key).map_err(|error| place(error.to_string()))
        });
        signers.collect()
    }
}

/// Whether that host is this machine.
pub(crate) fn is_here(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
