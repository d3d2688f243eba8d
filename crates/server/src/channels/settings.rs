//! Settings of the ways out but e-mail, and what is made of them: `[channels.http]`, `[channels.sms]`, `[channels.push]`,
//! `[channels.webhooks.NAME]`.
//!
//! Secrets never stand in the file of settings: it names a file or a variable for each. Deliberately does not
//! know: what is sent.

mod sms;

use super::http::Http;
use super::inbound::Inbound;
use super::push::Push;
use super::sms::Sms;
use super::webhook::Endpoint;
use letter::push::Sender;
use letter::webhook::{Secret, Style};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

pub use sms::{InboundSettings, MatchSettings, SmsSettings};

/// Longest file with a secret, bytes.
const LONGEST_SECRET: u64 = 16 << 10;
/// The longest a push service is asked to keep a notification, hours: four weeks.
const LONGEST_KEEP: u32 = 28 * 24;

/// `[channels]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelSettings {
    /// E-mail; through the server of `me.mail` unless it names one of its own. Without, none is sent but what
    /// `me.mail` sends.
    pub email: Option<super::email::settings::EmailSettings>,
    /// What webhooks, providers and push services may be reached at.
    pub http: HttpSettings,
    /// How text messages leave; without, none does.
    pub sms: Option<SmsSettings>,
    /// How notifications leave; without, none does.
    pub push: Option<PushSettings>,
    /// How the webhooks of `program.yaml` are signed, by their names.
    pub webhooks: BTreeMap<String, WebhookSettings>,
}

/// `[channels.http]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// Hosts (`crm.internal` or `crm.internal:8443`) that may be in a private network and need no TLS.
    pub allow: Vec<String>,
    /// PEM files of certificates that are believed besides the usual ones.
    pub roots: Vec<std::path::PathBuf>,
}

/// `[channels.webhooks.NAME]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// `file:PATH` or `env:NAME` of each secret, the newest first. Two while secrets are exchanged.
    pub secrets: Vec<String>,
    /// `standard` (default), `mautic`, `novu` or `customerio`.
    #[serde(default)]
    pub style: Option<String>,
    /// Traits of the journey's purpose that are told; none if it is not said.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// `[channels.push]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushSettings {
    /// `file:PATH` or `env:NAME` of the private key; make it with `egard keys vapid new FILE`.
    pub key: String,
    /// Whom push services turn to: `mailto:` or `https:`.
    pub contact: String,
    /// Hours that a service keeps a notification for a device that is off.
    #[serde(default = "a_day")]
    pub keep_hours: u32,
}

fn a_day() -> u32 {
    24
}

/// Settings of the ways out that cannot be used. Never shows a secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`channels.{place}` is not right: {problem}")]
pub struct Fault {
    /// Which.
    pub place: String,
    /// What is wrong and how to mend it.
    pub problem: String,
}

/// The ways out, ready.
#[derive(Clone, Debug)]
pub struct Ways {
    /// How requests leave.
    pub http: Http,
    /// Text messages.
    pub sms: Option<Sms>,
    /// Who may tell us that somebody answered STOP.
    pub inbound: Option<Inbound>,
    /// Notifications.
    pub push: Option<Push>,
    /// How webhooks are signed: style, secrets and the fields that are told, by name.
    pub webhooks: BTreeMap<String, Signed>,
    /// One at a time switches a webhook on or off.
    pub(super) switching: Arc<tokio::sync::Mutex<()>>,
}

/// How one webhook is signed and what it tells.
#[derive(Clone, Debug)]
pub struct Signed {
    style: Style,
    secrets: Vec<Secret>,
    /// The traits that are told.
    pub fields: Vec<String>,
}

impl Signed {
    /// The endpoint at the address that the program names.
    pub fn at(&self, url: &str) -> Endpoint {
        Endpoint {
            url: url.to_owned(),
            style: self.style,
            secrets: self.secrets.clone(),
        }
    }
}

impl ChannelSettings {
    /// Reads the text of `[channels]` alone.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<ChannelSettings, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Reads the secrets and looks at everything.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub fn open(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Ways, Fault> {
        let mut roots = Vec::new();
        for path in &self.http.roots {
            let fault = || {
                fault(
                    "http.roots",
                    format!("`{}` is no PEM file of certificates", path.display()),
                )
            };
            let read = CertificateDer::pem_file_iter(path).map_err(|_| fault())?;
            for root in read {
                roots.push(root.map_err(|_| fault())?);
            }
        }
        let http = Http::new(&self.http.allow, &roots)
            .ok_or_else(|| fault("http.roots", "a certificate cannot be used".to_owned()))?;
        let mut webhooks = BTreeMap::new();
        for (name, settings) in &self.webhooks {
            let signed = settings.open(&format!("webhooks.{name}"), &variable)?;
            webhooks.insert(name.clone(), signed);
        }
        let (sms, inbound) = match &self.sms {
            None => (None, None),
            Some(settings) => {
                let (sms, inbound) = settings.open(&variable)?;
                (Some(sms), inbound)
            }
        };
        let push = self
            .push
            .as_ref()
            .map(|settings| settings.open(&variable))
            .transpose()?;
        Ok(Ways {
            http,
            sms,
            inbound,
            push,
            webhooks,
            switching: Arc::default(),
        })
    }
}

impl WebhookSettings {
    fn open(&self, place: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<Signed, Fault> {
        let style = match &self.style {
            None => Style::Standard,
            Some(name) => Style::parse(name).ok_or_else(|| {
                let problem = "`style` is `standard`, `mautic`, `novu` or `customerio`";
                fault(place, problem.to_owned())
            })?,
        };
        let mut secrets = Vec::new();
        for source in &self.secrets {
            let text = secret(place, source, variable)?;
            let read = match style {
                Style::Standard => Secret::parse(&text),
                _ => Secret::parse(&text).or_else(|_| Secret::plain(&text)),
            };
            secrets.push(read.map_err(|error| fault(place, error.to_string()))?);
        }
        match secrets.is_empty() {
            true => Err(fault(place, "name at least one secret".to_owned())),
            false => Ok(Signed {
                style,
                secrets,
                fields: self.fields.clone(),
            }),
        }
    }
}

impl PushSettings {
    fn open(&self, variable: &impl Fn(&str) -> Option<String>) -> Result<Push, Fault> {
        let key = zeroize::Zeroizing::new(secret("push.key", &self.key, variable)?);
        let sender = Sender::parse(&key).map_err(|error| fault("push.key", error.to_string()))?;
        if !(self.contact.starts_with("mailto:") || self.contact.starts_with("https://")) {
            let problem = "`contact` starts with `mailto:` or `https://` (RFC 8292)";
            return Err(fault("push.contact", problem.to_owned()));
        }
        if !(1..=LONGEST_KEEP).contains(&self.keep_hours) {
            let problem = format!("`keep_hours` is from 1 to {LONGEST_KEEP}");
            return Err(fault("push.keep_hours", problem));
        }
        Ok(Push {
            sender: Arc::new(sender),
            contact: self.contact.clone(),
            keep_s: self.keep_hours * 3600,
        })
    }
}

/// The text behind `file:PATH` or `env:NAME`.
fn secret(place: &str, source: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<String, Fault> {
    if let Some(name) = source.strip_prefix("env:") {
        let text = variable(name).filter(|text| !text.trim().is_empty());
        return text
            .map(|text| text.trim().to_owned())
            .ok_or_else(|| fault(place, format!("the variable `{name}` is not set")));
    }
    let Some(path) = source.strip_prefix("file:") else {
        let problem = "a secret is named as `file:PATH` or `env:NAME`, and stands nowhere else";
        return Err(fault(place, problem.to_owned()));
    };
    let unread = |_| fault(place, format!("the file `{path}` cannot be read"));
    if std::fs::metadata(path).map_err(unread)?.len() > LONGEST_SECRET {
        return Err(fault(
            place,
            format!("the file `{path}` is too long for a secret"),
        ));
    }
    let text = std::fs::read_to_string(path).map_err(unread)?;
    match text.trim() {
        "" => Err(fault(place, format!("the file `{path}` is empty"))),
        text => Ok(text.to_owned()),
    }
}

fn fault(place: &str, problem: String) -> Fault {
    Fault {
        place: place.to_owned(),
        problem,
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
