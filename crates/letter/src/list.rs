//! What a mailing says of itself in its headers: which list it is, how to leave it, who is behind it
//! (RFC 2369, RFC 2919, RFC 8058, and Google's Feedback-ID).
//!
//! Deliberately does not know: what leaving does.

use crate::address::{Address, domain_of};

/// Longest web address in a header, in bytes: a line is at most 998 (RFC 5322, section 2.1.1).
const LONGEST_URL: usize = 900;

/// Why a header cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Not `https://`, too long, or with a sign that a header cannot carry.
    #[error(
        "a link in a header starts with `https://`, holds only ASCII without spaces, commas and brackets, and is at most {LONGEST_URL} bytes long"
    )]
    Url,
    /// Not of letters, digits, hyphens and dots.
    #[error(
        "the list id `{0}` is not right; write one such as `newsletter` with letters, digits, `-` and `_`"
    )]
    ListId(String),
}

/// A link that may stand in a header: `https` only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link(String);

impl Link {
    /// Checks a link.
    pub fn new(url: &str) -> Result<Link, Error> {
        let after = url.strip_prefix("https://").ok_or(Error::Url)?;
        let fits = url.len() <= LONGEST_URL
            && !after.is_empty()
            && !after.starts_with('/')
            && url
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"<>,\"\\`".contains(&b));
        match fits {
            true => Ok(Link(url.to_owned())),
            false => Err(Error::Url),
        }
    }

    /// The link.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Both ways to leave, which every mailing carries: a `POST` to the link (RFC 8058: one click, no page, no
/// question) and a message to the address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsubscribe {
    /// Answers `POST` with the body `List-Unsubscribe=One-Click`; `GET` shows a page and changes nothing.
    pub link: Link,
    /// An address that knows whom it is about, such as that of [`crate::token::Use::Unsubscribe`].
    pub address: Address,
}

/// The identity of a list (RFC 2919): stays the same for ever, so that people can sort by it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListId {
    name: String,
    id: String,
}

impl ListId {
    /// A list called `name` with the id `label.domain`.
    pub fn new(name: &str, label: &str, domain: &str) -> Result<ListId, Error> {
        let fits = (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let domain = domain_of(domain).filter(|_| fits);
        let wrong = || Error::ListId(label.chars().take(80).collect());
        Ok(ListId {
            name: crate::header::plain(name).chars().take(100).collect(),
            id: format!("{label}.{}", domain.ok_or_else(wrong)?),
        })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `label.domain`.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// What large providers count complaints by (Google: `a:b:c:sender`). Names things of the house, nobody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedbackId(String);

impl FeedbackId {
    /// Of the campaign or journey, the message, the purpose, and the house, which must not change. Other signs than
    /// letters, digits, `.`, `-` and `_` become `-`; each part is cut at 40.
    pub fn new(campaign: &str, message: &str, purpose: &str, sender: &str) -> FeedbackId {
        let part = |text: &str| -> String {
            let sign = |c: char| match c.is_ascii_alphanumeric() || ".-_".contains(c) {
                true => c,
                false => '-',
            };
            text.chars().take(40).map(sign).collect()
        };
        let parts = [campaign, message, purpose, sender].map(part);
        FeedbackId(parts.join(":"))
    }

    /// The header's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What makes a message a mailing. Without a way to leave there is none: this type has no other form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mailing {
    /// How to leave.
    pub unsubscribe: Unsubscribe,
    /// Which list.
    pub list: ListId,
    /// A page that explains why this message came (RFC 2369, `List-Help`).
    pub help: Link,
    /// Who answers for the list (RFC 2369, `List-Owner`).
    pub owner: Address,
    /// What complaints are counted by.
    pub feedback: FeedbackId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_in_a_header_is_https_and_ends_nothing() {
        assert!(Link::new("https://shop.example/u/abc?x=1&y=2").is_ok());
        for bad in [
            "",
            "http://shop.example/u",
            "https://",
            "https:///x",
            "https://shop.example/a b",
            "https://shop.example/a>",
            "https://shop.example/a,<mailto:x@y.example>",
            "https://shop.example/\r\nBcc: x",
            "https://shop.example/é",
            &format!("https://shop.example/{}", "a".repeat(1_000)),
        ] {
            assert_eq!(Link::new(bad), Err(Error::Url), "{bad}");
        }
    }

    #[test]
    fn a_list_has_an_id_of_its_own_domain() {
        let list = ListId::new("La lettre\r\nX: y", "newsletter", "shop.example").unwrap();
        assert_eq!(
            (list.name(), list.id()),
            ("La lettre X: y", "newsletter.shop.example")
        );
        assert!(ListId::new("x", "a b", "shop.example").is_err());
        assert!(ListId::new("x", "a", "not a domain").is_err());
        let id = FeedbackId::new("spring sale:1", "welcome", "marketing", "shop");
        assert_eq!(id.as_str(), "spring-sale-1:welcome:marketing:shop");
    }
}
