//! The two first-party cookies of the consent dialogue, and whether a form came from our own page.
//!
//! Neither cookie is there before a choice. Nothing is permitted on the strength of a cookie: one only
//! saves a question, the other names a visitor. Deliberately does not know: people, the store.

use crate::identifier;
use axum::http::{HeaderMap, header};
use vocabulary::{Day, Digest, PurposeName, PurposeSet};

/// The visitor: the cookie of Segment's browser library, so that events and choices have one name.
pub const VISITOR: &str = "ajs_anonymous_id";
/// The answer: which notice, which day, what was permitted. Names nobody.
pub const ANSWER: &str = "egard-consent";
/// How long an answer is remembered on the device, yes and no alike: six months (CNIL 2020-092, § 36).
pub const LASTS_S: u64 = 182 * 86_400;
/// Longest cookie value that is looked at, bytes.
const LONGEST: usize = 600;

/// An answer as the device remembers it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// When.
    pub day: Day,
    /// What was permitted; nothing is a refusal.
    pub given: PurposeSet,
}

impl Answer {
    /// The cookie's value: `1.<notice>.<day>.<purposes>`, the purposes joined by `+`.
    pub fn to_text(self, notice: &Digest) -> String {
        let names: Vec<&str> = self.given.iter().map(PurposeName::as_str).collect();
        format!("1.{}.{}.{}", short(notice), self.day.0, names.join("+"))
    }

    /// The answer of a cookie, if it is one to that very notice. Unknown purposes are passed over.
    pub fn parse(text: &str, notice: &Digest) -> Option<Answer> {
        let rest = text.strip_prefix("1.")?.strip_prefix(&short(notice))?;
        let (day, names) = rest.strip_prefix('.')?.split_once('.')?;
        Some(Answer {
            day: Day(day.parse().ok()?),
            given: names.split('+').filter_map(PurposeName::parse).collect(),
        })
    }
}

/// As much of a notice's hash as a cookie says.
pub fn short(notice: &Digest) -> String {
    notice.to_string().chars().take(12).collect()
}

/// The answer that this browser remembers for that notice.
pub fn answer(headers: &HeaderMap, notice: &Digest) -> Option<Answer> {
    cookie(headers, ANSWER).and_then(|text| Answer::parse(&text, notice))
}

/// The visitor that this browser names, if the name can be one.
pub fn visitor(headers: &HeaderMap) -> Option<String> {
    let text = cookie(headers, VISITOR)?;
    // Older libraries wrote it as JSON text, percent-encoded.
    let text = text.replace("%22", "");
    let text = text.trim_matches('"');
    identifier::check(text).ok()?;
    Some(text.to_owned())
}

/// A new name for a visitor: 128 random bits. `None` if the system has no randomness.
pub fn fresh() -> Option<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bits)))
}

/// A `Set-Cookie` that travels to our own pages only.
pub fn set(name: &str, value: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={LASTS_S}; SameSite=Lax{secure}")
}

/// Whether a request that changes something was sent by a page of our own: the browser says so itself,
/// and no page can say it for it (Fetch Metadata; for older browsers `Origin`). Silence is a no.
pub fn from_our_page(headers: &HeaderMap, our_origin: &str) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match said("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => said("origin") == Some(our_origin),
    }
}

/// The origin of an address: scheme, host and port.
pub fn origin_of(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address.get(host..).and_then(|rest| rest.find('/'));
    address
        .get(..end.map_or(address.len(), |end| host + end))
        .unwrap_or(address)
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, value)| *known == name && value.len() <= LONGEST)
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn an_answer_counts_for_the_notice_it_answered() {
        let (notice, other) = (Digest::of(b"a"), Digest::of(b"b"));
        for given in [
            PurposeSet::NONE,
            PurposeSet::NONE
                .with(PurposeName::Train)
                .with(PurposeName::Personalise),
        ] {
            let answer = Answer {
                day: Day(20_779),
                given,
            };
            let text = answer.to_text(&notice);
            assert_eq!(Answer::parse(&text, &notice), Some(answer));
            assert_eq!(Answer::parse(&text, &other), None);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".+_".contains(&byte);
            assert!(text.bytes().all(plain), "{text} needs quoting in a cookie");
        }
    }

    #[test]
    fn a_visitor_is_named_as_their_library_names_them() {
        for (cookie, expected) in [
            ("ajs_anonymous_id=4f3a", Some("4f3a")),
            ("a=b; ajs_anonymous_id=%224f3a%22; c=d", Some("4f3a")),
            ("ajs_anonymous_id=", None),
            ("ajs_anonymous_id=null", None),
            ("xajs_anonymous_id=4f3a", None),
        ] {
            assert_eq!(
                visitor(&headers(&[("cookie", cookie)])).as_deref(),
                expected,
                "{cookie}"
            );
        }
        assert_ne!(fresh(), fresh());
    }

    #[test]
    fn only_our_own_page_may_change_something() {
        let ours = "https://egard.shop.example";
        for (said, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-site"), ("origin", ours)], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", ours)], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", ours)], true),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "null")], false),
            (&[("referer", "https://egard.shop.example/consent")], false),
            (&[], false),
        ] {
            assert_eq!(from_our_page(&headers(said), ours), expected, "{said:?}");
        }
        assert_eq!(
            origin_of("https://shop.example:8443/egard"),
            "https://shop.example:8443"
        );
        assert_eq!(origin_of("https://shop.example"), "https://shop.example");
    }

    proptest! {
        #[test]
        fn any_cookie_is_read_without_harm(bytes in proptest::collection::vec(0x20u8..=0x7e, 0..700)) {
            let mut map = HeaderMap::new();
            map.insert(header::COOKIE, HeaderValue::from_bytes(&bytes).unwrap());
            let _ = visitor(&map);
            let _ = answer(&map, &Digest::of(b"a"));
            let text = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(Answer::parse(&text, &Digest::of(b"a")), None);
        }
    }
}
