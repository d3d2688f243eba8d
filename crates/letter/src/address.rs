//! E-mail addresses and the names beside them, so strict that a header or a server can misread none.
//!
//! Deliberately does not know: whether anybody reads mail there.

use std::fmt;

/// Longest address in bytes (RFC 5321, section 4.5.3.1.3: a path of 256 with its brackets).
pub const LONGEST: usize = 254;
/// Longest part before the `@` in bytes (RFC 5321, section 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;
/// Longest name beside an address, in characters.
const LONGEST_NAME: usize = 200;

/// Why a text is no address. The address itself is never repeated: it is personal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Nothing, too long, or not exactly one `@` with something on both sides.
    #[error("this is no e-mail address; write one such as `ann@example.org`, without a name or brackets")]
    Shape,
    /// What stands before the `@`.
    #[error(
        "the part before the @ has a sign that mail cannot carry; letters, digits and !#$%&'*+-/=?^_`{{|}}~. may stand there"
    )]
    Local,
    /// What stands after it.
    #[error("the part after the @ is no name of a domain")]
    Domain,
}

/// One address. The domain is kept in ASCII (RFC 5891), in lower case; the local part as it was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    local: String,
    domain: String,
}

impl Address {
    /// Reads one address: `local@domain`, the local part a dot-atom (RFC 5322, section 3.2.3) that may hold
    /// letters outside ASCII (RFC 6532), the domain a name and no address literal.
    pub fn parse(text: &str) -> Result<Address, Error> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(Error::Shape)?;
        if local.is_empty() || domain.is_empty() {
            return Err(Error::Shape);
        }
        let fits = local.len() <= LONGEST_LOCAL && local.split('.').all(is_atom);
        if !fits {
            return Err(Error::Local);
        }
        let domain = domain_of(domain).ok_or(Error::Domain)?;
        if local.len() + 1 + domain.len() > LONGEST {
            return Err(Error::Shape);
        }
        Ok(Address {
            local: local.to_owned(),
            domain,
        })
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain, in ASCII and lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether only servers that speak SMTPUTF8 (RFC 6531) can carry it: a letter outside ASCII before the `@`.
    /// A domain never needs that, it has an ASCII form.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// An address is personal: debugging shows its domain alone.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(…@{})", self.domain)
    }
}

impl std::str::FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Address, Error> {
        Address::parse(text)
    }
}

/// An address with the name of whom it belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mailbox {
    name: Option<String>,
    /// The address.
    pub address: Address,
}

impl Mailbox {
    /// An address with a name. Control characters of the name become spaces, and what is longer than 200
    /// characters is cut: a name is decoration, and no reason to send nothing.
    pub fn new(name: Option<&str>, address: Address) -> Mailbox {
        let name = name.map(|name| {
            crate::header::plain(name)
                .chars()
                .take(LONGEST_NAME)
                .collect::<String>()
        });
        Mailbox {
            name: name.filter(|name| !name.is_empty()),
            address,
        }
    }

    /// Reads `Shop Example <privacy@shop.example>`, `"Shop, Example" <…>` or an address alone.
    pub fn parse(text: &str) -> Result<Mailbox, Error> {
        let text = text.trim();
        let Some(inside) = text.strip_suffix('>') else {
            return Ok(Mailbox::new(None, Address::parse(text)?));
        };
        let (name, address) = inside.rsplit_once('<').ok_or(Error::Shape)?;
        let name = name.trim();
        let unquoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
        let name = match unquoted {
            Some(quoted) => quoted.replace("\\\"", "\"").replace("\\\\", "\\"),
            None => name.to_owned(),
        };
        Ok(Mailbox::new(Some(&name), Address::parse(address)?))
    }

    /// The name, if there is one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// The ASCII form of a domain, if it is one: labels of letters, digits and hyphens, no address literal.
pub fn domain_of(text: &str) -> Option<String> {
    if text.len() > 253 || text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let ascii = idna::domain_to_ascii(text).ok()?;
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (ascii.len() <= 253 && ascii.split('.').all(label)).then_some(ascii)
}

fn is_atom(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| match c.is_ascii() {
            true => c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c),
            false => c.is_alphanumeric(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address_and_nothing_else() {
        for (text, kept) in [
            ("ann@example.org", "ann@example.org"),
            (" a.b+c@Mail.Example.ORG ", "a.b+c@mail.example.org"),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("o'neil@example.org", "o'neil@example.org"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), kept);
            assert!(!address.needs_smtputf8(), "{text}");
        }
        assert!(Address::parse("hélène@example.org").unwrap().needs_smtputf8());
        for bad in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "ann@@example.org",
            "a b@example.org",
            ".ann@example.org",
            "ann..b@example.org",
            "\"ann\"@example.org",
            "ann@[127.0.0.1]",
            "ann@exa mple.org",
            "ann@-example.org",
            "ann@example..org",
            "Ann <ann@example.org>",
            "ann@example.org, ben@example.org",
            "ann@example.org\r\nBcc: ben@example.org",
            "ann@example.org\u{0}",
            "ann\u{200b}@example.org",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad:?}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        assert_eq!(Address::parse(&long), Err(Error::Local));
    }

    #[test]
    fn debugging_and_errors_do_not_show_whose_it_is() {
        let shown = format!("{:?}", Address::parse("ann@example.org").unwrap());
        assert!(!shown.contains("ann"), "{shown}");
    }

    #[test]
    fn a_name_cannot_end_its_header() {
        let mailbox = Mailbox::parse("\"Ann, \\\"A\\\"\" <ann@example.org>").unwrap();
        assert_eq!(mailbox.name(), Some("Ann, \"A\""));
        let address = mailbox.address.clone();
        let named = Mailbox::new(Some("Ann\r\nBcc: ben@example.org"), address);
        assert_eq!(named.name(), Some("Ann Bcc: ben@example.org"));
    }
}
