//! What the operator says of itself: who is responsible, where complaints go, who receives data, and
//! which addresses may be told of requests.
//!
//! Deliberately does not know: requests.

use crate::settings::Rights;
use decide::rights::Recipient;
use std::sync::Arc;
use tokio::sync::Notify;

/// The office that answers requests.
#[derive(Clone, Debug)]
pub struct Office {
    /// Who is responsible, and how they are reached.
    pub controller: String,
    /// Where a complaint goes.
    pub authority: String,
    /// Who receives data.
    pub recipients: Vec<Recipient>,
    /// Days that raw events are kept.
    pub event_days: u32,
    /// Days that an ended request is kept, without a person in it, as evidence.
    pub keep_days: u32,
    /// Public holidays, on which no period ends by law.
    pub holidays: Vec<vocabulary::Day>,
    /// This installation's own domain.
    pub domain: String,
    /// Its public address.
    pub public_url: String,
    origins: Vec<String>,
    wake: Arc<Notify>,
}

/// A setting of `[rights]` cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OfficeError {
    /// Not an origin.
    #[error("`{0}` of `rights.callbacks` is no origin; write `https://controller.example`, without a path")]
    Origin(String),
    /// Not a day.
    #[error("`{0}` of `rights.holidays` is no day; write `2026-12-25`")]
    Day(String),
}

impl Default for Office {
    fn default() -> Office {
        Office {
            controller: String::new(),
            authority: String::new(),
            recipients: Vec::new(),
            event_days: 0,
            keep_days: 1_826,
            holidays: Vec::new(),
            domain: String::new(),
            public_url: String::new(),
            origins: Vec::new(),
            wake: Arc::default(),
        }
    }
}

impl Office {
    /// From the settings.
    pub fn new(rights: &Rights, event_days: u32, public_url: &str) -> Result<Office, OfficeError> {
        let origins = rights.callbacks.iter().map(|origin| {
            let rest = origin.strip_prefix("https://").or(origin.strip_prefix("http://"));
            match rest {
                Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@']) => Ok(origin.clone()),
                _ => Err(OfficeError::Origin(origin.clone())),
            }
        });
        let holidays = rights.holidays.iter().map(|text| {
            let date: jiff::civil::Date = text.parse().map_err(|_| OfficeError::Day(text.clone()))?;
            let days = date
                .since(jiff::civil::date(1970, 1, 1))
                .map(|span| span.get_days());
            match days.ok().and_then(|days| u32::try_from(days).ok()) {
                Some(days) => Ok(vocabulary::Day(days)),
                None => Err(OfficeError::Day(text.clone())),
            }
        });
        let domain = public_url
            .split("//")
            .nth(1)
            .and_then(|rest| rest.split(['/', ':']).next())
            .unwrap_or_default();
        Ok(Office {
            controller: rights.controller.clone(),
            authority: rights.authority.clone(),
            recipients: rights
                .recipients
                .iter()
                .map(|recipient| Recipient {
                    name: recipient.name.clone(),
                    place: recipient.place.clone(),
                    purpose: recipient.purpose.clone(),
                })
                .collect(),
            event_days,
            keep_days: rights.keep_days,
            holidays: holidays.collect::<Result<_, _>>()?,
            domain: domain.to_owned(),
            public_url: public_url.trim_end_matches('/').to_owned(),
            origins: origins.collect::<Result<_, _>>()?,
            wake: Arc::default(),
        })
    }

    /// Whether that address may be told of requests: it starts with a declared origin, and has no
    /// query or fragment, where something personal might stand.
    pub fn may_call(&self, url: &str) -> bool {
        let plain = url.len() <= 512 && url.bytes().all(|byte| byte.is_ascii_graphic());
        plain
            && !url.contains(['?', '#', '@', '\\'])
            && self.origins.iter().any(|origin| {
                url.strip_prefix(origin.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            })
    }

    /// Something is to be done at once.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits until something is to be done.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_declared_origins_are_called_and_nothing_personal_stands_in_an_address() {
        let rights = Rights {
            callbacks: vec!["https://controller.example".to_owned()],
            holidays: vec!["2026-12-25".to_owned()],
            ..Rights::default()
        };
        let office = Office::new(&rights, 30, "https://shop.example:8443/x").unwrap();
        assert_eq!(office.domain, "shop.example");
        assert_eq!(decide::rights::date(office.holidays[0]), "2026-12-25");
        assert!(office.may_call("https://controller.example/callbacks"));
        for other in [
            "https://controller.example",
            "https://controller.example.evil.example/x",
            "https://controller.example@evil.example/x",
            "http://controller.example/x",
            "https://controller.example/x?email=a@b",
            "https://controller.example/x y",
            "https://controller.example:99/x",
        ] {
            assert!(!office.may_call(other), "{other}");
        }
        for callbacks in ["controller.example", "https://a/b", "https://"] {
            let rights = Rights {
                callbacks: vec![callbacks.to_owned()],
                ..Rights::default()
            };
            assert!(Office::new(&rights, 30, "").is_err(), "{callbacks}");
        }
    }
}
