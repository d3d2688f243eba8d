//! Settings of the person's page: who is behind it, for how long links and sessions last, whose
//! assertions are believed, and how mail is sent.
//!
//! Deliberately does not know: what any of it is used for.

use serde::Deserialize;

/// The longest a link may last, minutes: a day.
const LONGEST_LINK: u32 = 24 * 60;
/// The longest a session may last, minutes: twelve hours.
const LONGEST_SESSION: u32 = 12 * 60;
/// The shortest shared secret of an issuer, bytes (RFC 7518, section 3.2: no shorter than the hash).
pub const SHORTEST_SECRET: usize = 32;

/// Everything that can be set about `/me`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeSettings {
    /// What people call the site, such as `Shop Example`; without, the host of `public_url`.
    pub site: String,
    /// Where people write about their data: an e-mail address or a web address.
    pub contact: String,
    /// The supervisory authority people may turn to.
    pub authority: String,
    /// Its address on the web.
    pub authority_url: String,
    /// Minutes that a link lasts until it is used.
    pub link_minutes: u32,
    /// Minutes that a session lasts.
    pub session_minutes: u32,
    /// Sites whose signed assertions open a session.
    pub issuers: Vec<IssuerSettings>,
    /// How links are e-mailed; without, people cannot ask for one by e-mail.
    pub mail: Option<MailSettings>,
    /// Where replies to answers of the team go, such as `care@shop.example`; the server of that address must
    /// take `care+WORD@shop.example` too. Without, an answer says that the person replies on their page.
    pub replies: String,
}

/// A site that says who is signed in there.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// The `iss` of its assertions.
    pub name: String,
    /// The origin of its pages, such as `https://shop.example`: from there an assertion opens a session
    /// at once, from anywhere else only after a click.
    pub origin: String,
    /// `HS256` or `EdDSA`; no other is taken from this issuer.
    pub algorithm: Algorithm,
    /// The shared secret, or the 32 bytes of the Ed25519 public key as base64.
    pub key: String,
}

/// How an issuer signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum Algorithm {
    /// HMAC-SHA256 (RFC 7518, section 3.2).
    #[serde(rename = "HS256")]
    Hs256,
    /// Ed25519 (RFC 8037).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// The server that takes mail.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Its name.
    pub host: String,
    /// Its port; 465 for `tls`, 587 for `starttls`, 25 for `none` if it is not said.
    pub port: Option<u16>,
    /// `starttls` (default), `tls` from the first byte, or `none` (the same machine only).
    #[serde(default)]
    pub security: MailSecurity,
    /// The account, if one is needed.
    pub user: Option<String>,
    /// Its password; better in `EGARD_MAIL_PASSWORD`.
    pub password: Option<String>,
    /// The sender, such as `Shop Example <privacy@shop.example>`.
    pub from: String,
}

/// How mail travels to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// STARTTLS, required.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// In the clear.
    None,
}

impl Default for MeSettings {
    fn default() -> MeSettings {
        MeSettings {
            site: String::new(),
            contact: String::new(),
            authority: "CNIL".to_owned(),
            authority_url: "https://www.cnil.fr/".to_owned(),
            link_minutes: 30,
            session_minutes: 60,
            issuers: Vec::new(),
            mail: None,
            replies: String::new(),
        }
    }
}

impl MeSettings {
    /// What is wrong with them, in words; `None` if nothing is.
    pub fn fault(&self) -> Option<String> {
        if !(1..=LONGEST_LINK).contains(&self.link_minutes) {
            return Some(format!("`link_minutes` is from 1 to {LONGEST_LINK}"));
        }
        if !(1..=LONGEST_SESSION).contains(&self.session_minutes) {
            return Some(format!("`session_minutes` is from 1 to {LONGEST_SESSION}"));
        }
        let web = |text: &str| text.starts_with("https://") || text.starts_with("http://");
        if !web(&self.authority_url) {
            return Some("`authority_url` starts with `https://`".to_owned());
        }
        // Before the `@` there are 64 letters at most (RFC 5321, section 4.5.3.1.1), and the word has 49.
        let short = |address: &str| {
            address
                .split_once('@')
                .is_some_and(|(local, _)| local.len() <= 15)
        };
        let fits = crate::mail::is_address(&self.replies) && short(&self.replies);
        if !self.replies.is_empty() && !fits {
            return Some("`replies` is an e-mail address with at most 15 letters before the `@`".to_owned());
        }
        if !self.contact.is_empty() && !web(&self.contact) && !self.contact.contains('@') {
            return Some("`contact` is an e-mail address or a web address".to_owned());
        }
        self.issuers.iter().find_map(|issuer| {
            let origin = web(&issuer.origin) && issuer.origin.matches('/').count() == 2;
            (issuer.name.is_empty() || !origin).then(|| {
                format!(
                    "the issuer `{}` needs a name, and an origin such as `https://shop.example` without a path",
                    issuer.name
                )
            })
        })
    }

    /// What production refuses.
    pub fn weaknesses(&self) -> Vec<String> {
        let mut weak = Vec::new();
        if let Some(mail) = &self.mail
            && mail.security == MailSecurity::None
            && !["localhost", "127.0.0.1", "::1"].contains(&mail.host.as_str())
        {
            weak.push("`me.mail` sends links in the clear to another machine".to_owned());
        }
        for issuer in &self.issuers {
            if issuer.algorithm == Algorithm::Hs256 && issuer.key.len() < SHORTEST_SECRET {
                weak.push(format!(
                    "the secret of the issuer `{}` is shorter than {SHORTEST_SECRET} bytes",
                    issuer.name
                ));
            }
            if issuer.key.starts_with("replace-me") {
                weak.push(format!(
                    "the key of the issuer `{}` is the example's; put your own there",
                    issuer.name
                ));
            }
            if !issuer.origin.starts_with("https://") {
                weak.push(format!(
                    "the origin of the issuer `{}` is not `https://`",
                    issuer.name
                ));
            }
        }
        weak
    }
}

impl std::fmt::Debug for IssuerSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IssuerSettings({})", self.name)
    }
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailSettings({})", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(origin: &str, key: &str) -> IssuerSettings {
        IssuerSettings {
            name: "shop".to_owned(),
            origin: origin.to_owned(),
            algorithm: Algorithm::Hs256,
            key: key.to_owned(),
        }
    }

    #[test]
    fn what_cannot_be_is_said_in_words() {
        let with = |change: fn(&mut MeSettings)| {
            let mut settings = MeSettings::default();
            change(&mut settings);
            settings.fault()
        };
        assert_eq!(with(|_| {}), None);
        assert!(with(|s| s.link_minutes = 0).is_some());
        assert!(with(|s| s.session_minutes = 100_000).is_some());
        assert!(with(|s| s.authority_url = "javascript:alert(1)".to_owned()).is_some());
        assert!(with(|s| s.contact = "nowhere".to_owned()).is_some());
        assert!(with(|s| s.issuers.push(issuer("https://shop.example/x", "k"))).is_some());
        assert_eq!(
            with(|s| s.issuers.push(issuer("https://shop.example", "k"))),
            None
        );
    }

    #[test]
    fn production_refuses_short_secrets_and_mail_in_the_clear() {
        let settings = MeSettings {
            issuers: vec![issuer("http://shop.example", "short")],
            mail: Some(MailSettings {
                host: "mail.example".to_owned(),
                port: None,
                security: MailSecurity::None,
                user: None,
                password: None,
                from: "a@b.example".to_owned(),
            }),
            ..MeSettings::default()
        };
        assert_eq!(settings.weaknesses().len(), 3);
        let whole = issuer("https://shop.example", &"k".repeat(SHORTEST_SECRET));
        let settings = MeSettings {
            issuers: vec![whole],
            ..MeSettings::default()
        };
        assert!(settings.weaknesses().is_empty());
    }
}
