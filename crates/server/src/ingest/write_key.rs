//! Where a write key may stand in a request: `Authorization: Basic` (with the colon or without),
//! the `writeKey` of the query (beacons and pixels) or of the body. With `Authorization: Bearer`
//! (OAuth) the key is in the body, and the token is not looked at.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// The user name of Basic authentication.
pub(super) fn from_headers(headers: &HeaderMap) -> Option<String> {
    let (scheme, credentials) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || credentials.len() > 1024 {
        return None;
    }
    let credentials = credentials.trim();
    let bytes = STANDARD
        .decode(credentials)
        .or_else(|_| STANDARD_NO_PAD.decode(credentials))
        .ok()?;
    let mut key = String::from_utf8(bytes).ok()?;
    if let Some(colon) = key.find(':') {
        key.truncate(colon);
    }
    (!key.is_empty()).then_some(key)
}

/// The `writeKey` of a query string that was taken apart.
pub(super) fn from_query(query: &[(String, String)]) -> Option<&str> {
    query
        .iter()
        .find(|(name, _)| name == "writeKey")
        .map(|(_, key)| key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(authorization: &str, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        assert_eq!(from_headers(&headers).as_deref(), expected, "{authorization}");
    }

    #[test]
    fn basic_credentials_give_the_key_with_and_without_colon() {
        check("Basic a2V5Og==", Some("key")); // key:
        check("basic a2V5", Some("key")); // key
        check("Basic a2V5Og", Some("key")); // no padding
        check("Basic a2V5OnB3", Some("key")); // key:pw
        check("Basic Og==", None); // :
        check("Basic !", None);
        check("Basic", None);
        check("Bearer a2V5Og==", None);
    }
}
