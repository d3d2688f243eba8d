//! `[channels.sms]`: a provider of text messages, declared or one that we describe.
//!
//! Deliberately does not know: where secrets come from, what is sent.

use super::{Fault, fault, secret};
use crate::channels::inbound::Inbound;
use crate::channels::sms::Sms;
use letter::sms::{Body, Match, Provider, Reading, Stop};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `[channels.sms]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsSettings {
    /// A provider we describe: `brevo`. Then `url` to `later` need not be said.
    #[serde(default)]
    pub preset: Option<String>,
    /// From whom: up to 11 letters and digits, or a number.
    pub from: String,
    /// `36xxx`, or what the provider puts its number in the place of. Needed for advertising to France.
    #[serde(default)]
    pub stop: Option<String>,
    /// What one text message costs, in a unit of your own.
    #[serde(default)]
    pub price: u64,
    /// The most text messages that one message may take.
    #[serde(default = "three")]
    pub most_segments: usize,
    /// Where: an `https` address.
    #[serde(default)]
    pub url: String,
    /// `POST` (default) or `PUT`.
    #[serde(default)]
    pub method: Option<String>,
    /// Headers with placeholders.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A JSON body with placeholders.
    #[serde(default)]
    pub json: Option<serde_json::Value>,
    /// Or a form.
    #[serde(default)]
    pub form: Option<BTreeMap<String, String>>,
    /// Answers by which the provider has taken it; without, any 2xx.
    #[serde(default)]
    pub accepted: Vec<MatchSettings>,
    /// Answers by which it never will.
    #[serde(default)]
    pub never: Vec<MatchSettings>,
    /// Answers by which it may, later.
    #[serde(default)]
    pub later: Vec<MatchSettings>,
    /// Where its name for the message stands (JSON pointer).
    #[serde(default)]
    pub message_id: Option<String>,
    /// It sends a message with the same `{id}` once.
    #[serde(default)]
    pub knows_id: bool,
    /// `file:PATH` or `env:NAME` of each secret, by its name.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// How the provider tells that somebody answered STOP.
    #[serde(default)]
    pub inbound: Option<InboundSettings>,
}

/// `[channels.sms.inbound]`: `POST /v1/sms/inbound`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboundSettings {
    /// Which of the secrets the provider shows us: as `Authorization: Bearer …`, or in `header`.
    pub secret: String,
    /// Another header for it.
    #[serde(default)]
    pub header: Option<String>,
    /// Where the number stands (JSON pointer, or `/NAME` of a form).
    pub number: String,
    /// Where the words stand: only those that ask to stop count. Without, `event` must say it.
    #[serde(default)]
    pub text: Option<String>,
    /// Where the kind of the report stands.
    #[serde(default)]
    pub event: Option<String>,
    /// The kinds that mean somebody stopped it.
    #[serde(default)]
    pub stops: Vec<String>,
}

/// One rule about an answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchSettings {
    /// One of these statuses; any if none is said.
    #[serde(default)]
    pub status: Vec<u16>,
    /// Where to look (JSON pointer).
    #[serde(default)]
    pub pointer: Option<String>,
    /// What must be there; anything if none is said.
    #[serde(default)]
    pub values: Vec<String>,
    /// The reason that is shown.
    #[serde(default)]
    pub class: String,
}

fn three() -> usize {
    3
}

impl SmsSettings {
    pub(super) fn open(
        &self,
        variable: &impl Fn(&str) -> Option<String>,
    ) -> Result<(Sms, Option<Inbound>), Fault> {
        let wrong = |problem: &str| fault("sms", problem.to_owned());
        let mut secrets = BTreeMap::new();
        for (name, source) in &self.secrets {
            secrets.insert(name.clone(), secret("sms.secrets", source, variable)?);
        }
        let provider = match self.preset.as_deref() {
            Some("brevo") => brevo(),
            Some(_) => {
                return Err(wrong(
                    "the only `preset` is `brevo`; declare another provider by `url` and the rest",
                ));
            }
            None => self.provider()?,
        };
        provider
            .check(&secrets)
            .map_err(|error| fault("sms", error.to_string()))?;
        let stop = match &self.stop {
            None => None,
            Some(code) => {
                let stop = Stop::new(code);
                Some(stop.ok_or_else(|| {
                    wrong("`stop` is five digits such as `36180`, or the provider's `[STOP_CODE]`")
                })?)
            }
        };
        if self.from.is_empty() || self.from.len() > 20 || !self.from.is_ascii() {
            return Err(wrong("`from` is 3 to 11 letters and digits, or a number"));
        }
        let inbound = match &self.inbound {
            None => None,
            Some(settings) => {
                let known = secrets.get(&settings.secret).filter(|secret| secret.len() >= 24);
                let secret = known.ok_or_else(|| {
                    wrong("`inbound.secret` names one of `secrets`, of at least 24 bytes: `openssl rand -hex 24`")
                })?;
                if settings.text.is_none() && (settings.event.is_none() || settings.stops.is_empty()) {
                    return Err(wrong("`inbound` needs `text`, or `event` and `stops`"));
                }
                Some(Inbound {
                    secret: secret.clone(),
                    settings: settings.clone(),
                })
            }
        };
        let sms = Sms {
            provider: Arc::new(provider),
            secrets: Arc::new(secrets),
            from: self.from.clone(),
            stop,
            price: self.price,
            most_segments: self.most_segments,
        };
        Ok((sms, inbound))
    }

    fn provider(&self) -> Result<Provider, Fault> {
        let body = match (&self.json, &self.form) {
            (Some(json), None) => Body::Json(json.clone()),
            (None, Some(form)) => Body::Form(form.clone().into_iter().collect()),
            _ => return Err(fault("sms", "declare either `json` or `form`".to_owned())),
        };
        let rules = |rules: &[MatchSettings]| {
            let rule = |rule: &MatchSettings| Match {
                status: rule.status.clone(),
                pointer: rule.pointer.clone(),
                values: rule.values.clone(),
                class: rule.class.clone(),
            };
            rules.iter().map(rule).collect()
        };
        Ok(Provider {
            url: self.url.clone(),
            method: self.method.clone().unwrap_or_else(|| "POST".to_owned()),
            headers: self.headers.clone().into_iter().collect(),
            body,
            reading: Reading {
                accepted: rules(&self.accepted),
                never: rules(&self.never),
                later: rules(&self.later),
                message_id: self.message_id.clone(),
            },
            knows_id: self.knows_id,
        })
    }
}

/// Brevo (Sendinblue SAS, Paris), as <https://developers.brevo.com/docs/transactional-sms-endpoints> and
/// <https://developers.brevo.com/reference/sendtransacsms> describe it: `type` is `marketing`, so that `[STOP_CODE]`
/// becomes the number people answer to. It documents no key against repetition.
fn brevo() -> Provider {
    let code = |values: &[&str], class: &str| Match {
        status: Vec::new(),
        pointer: Some("/code".to_owned()),
        values: values.iter().map(|&value| value.to_owned()).collect(),
        class: class.to_owned(),
    };
    let status = |status: u16, class: &str| Match {
        status: vec![status],
        pointer: None,
        values: Vec::new(),
        class: class.to_owned(),
    };
    Provider {
        url: "https://api.brevo.com/v3/transactionalSMS/send".to_owned(),
        method: "POST".to_owned(),
        headers: vec![
            ("api-key".to_owned(), "{secret:key}".to_owned()),
            ("accept".to_owned(), "application/json".to_owned()),
        ],
        body: Body::Json(serde_json::json!({
            "type": "marketing",
            "unicodeEnabled": true,
            "sender": "{from}",
            "recipient": "{to_digits}",
            "content": "{text}",
            "tag": "{id}",
        })),
        reading: Reading {
            accepted: vec![Match {
                status: vec![201],
                pointer: Some("/messageId".to_owned()),
                values: Vec::new(),
                class: String::new(),
            }],
            never: vec![code(
                &["invalid_parameter", "missing_parameter"],
                "invalid_request",
            )],
            later: vec![
                code(&["not_enough_credits"], "no_credit"),
                status(402, "no_credit"),
                status(401, "not_authorised"),
            ],
            message_id: Some("/messageId".to_owned()),
        },
        knows_id: false,
    }
}
