//! The settings document that Segment's browser library fetches before it sends anything.
//!
//! Where it is to send comes from the server's settings and never from the `Host` header: that one
//! belongs to whoever asks, and a shared cache would hand the answer to everybody.

use serde_json::{Value, json};

/// Where browsers reach this server, such as `https://events.example.org` or
/// `https://example.org/egard`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicUrl {
    protocol: &'static str,
    /// Host, port if any, and path if any, without a slash at the end.
    place: String,
}

/// The text is no address to send browsers to.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "`{0}` is no public address: write `https://` (or `http://`), a host, and if needed a port and a path"
)]
pub struct PublicUrlError(String);

impl PublicUrl {
    /// The address of that text.
    pub fn parse(text: &str) -> Result<PublicUrl, PublicUrlError> {
        let (protocol, place) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(place), _) => ("https", place),
            (None, Some(place)) => ("http", place),
            (None, None) => return Err(PublicUrlError(text.to_owned())),
        };
        let place = place.trim_end_matches('/');
        let host = place.split('/').next().unwrap_or_default();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:[]".contains(&b);
        if host.is_empty() || host.starts_with(':') || !place.bytes().all(plain) {
            return Err(PublicUrlError(text.to_owned()));
        }
        Ok(PublicUrl {
            protocol,
            place: place.to_owned(),
        })
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.protocol, self.place)
    }
}

/// The document for the source of that write key.
pub(super) fn document(write_key: &str, public_url: &PublicUrl, consent_categories: &[String]) -> Value {
    let api_host = format!("{}/v1", public_url.place);
    let mut document = json!({
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": api_host,
                "protocol": public_url.protocol,
                "unbundledIntegrations": [],
                "addBundledMetadata": false,
                "maybeBundledConfigIds": {},
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            },
        },
        "plan": {
            "track": {"__default": {"enabled": true, "integrations": {}}},
            "identify": {"__default": {"enabled": true}},
            "group": {"__default": {"enabled": true}},
        },
        "edgeFunction": {},
        "analyticsNextEnabled": true,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "legacyVideoPluginsEnabled": false,
        "remotePlugins": [],
        // Unsaid, the library would send measurements of itself to Segment.
        "metrics": {"sampleRate": 0, "host": api_host, "protocol": public_url.protocol},
    });
    if let (false, Some(members)) = (consent_categories.is_empty(), document.as_object_mut()) {
        let settings = json!({"allCategories": consent_categories, "hasUnmappedDestinations": false});
        members.insert("consentSettings".to_owned(), settings);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_reads_back_what_it_prints() {
        for good in [
            "https://events.example.org",
            "http://127.0.0.1:8080",
            "https://example.org/egard",
            "http://[::1]:80",
        ] {
            assert_eq!(PublicUrl::parse(good).unwrap().to_string(), good);
            assert_eq!(PublicUrl::parse(&format!("{good}/")).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "example.org",
            "ftp://x",
            "https://",
            "https://:80",
            "https://u@x",
            "https://x?y",
            "https://x y",
        ] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_library_is_sent_to_us_and_to_nobody_else() {
        let url = PublicUrl::parse("https://example.org/egard").unwrap();
        let document = document("key", &url, &["Analytics".to_owned()]);
        assert_eq!(
            document["integrations"]["Segment.io"]["apiHost"],
            "example.org/egard/v1"
        );
        assert_eq!(document["integrations"].as_object().unwrap().len(), 1);
        assert_eq!(document["metrics"]["sampleRate"], 0);
        assert_eq!(document["consentSettings"]["allCategories"][0], "Analytics");
        assert!(!document.to_string().contains("segment.io/"));
    }
}
