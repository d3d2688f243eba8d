//! What a domain publishes about its mail, judged: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489). Pure
//! functions of the texts, with the exact record to publish where one is missing.
//!
//! Deliberately does not know: how the DNS is asked.

use crate::dkim::Signer;

/// How a record looks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Judged {
    /// As it should be.
    Good,
    /// There, and weak: what, and what to publish instead.
    Weak(String, String),
    /// Not there, or not right: what, and what to publish.
    Wrong(String, String),
}

/// Most questions to the DNS that checking an SPF record may cost (RFC 7208, section 4.6.4).
const LOOKUPS: usize = 10;

/// Judges the SPF record among the texts of the domain of the envelope's sender.
pub fn spf(texts: &[String]) -> Judged {
    let publish = "v=spf1 a mx -all".to_owned();
    let is_spf = |text: &&String| text == &"v=spf1" || text.starts_with("v=spf1 ");
    let found: Vec<&String> = texts.iter().filter(is_spf).collect();
    let [record] = found.as_slice() else {
        return match found.len() {
            0 => Judged::Wrong("there is no SPF record".to_owned(), publish),
            several => Judged::Wrong(
                format!("there are {several} SPF records: none of them counts"),
                "one of them alone".to_owned(),
            ),
        };
    };
    let terms: Vec<String> = record
        .split_ascii_whitespace()
        .skip(1)
        .map(str::to_ascii_lowercase)
        .collect();
    let mut lookups = 0;
    for term in &terms {
        let plain = term.trim_start_matches(['+', '-', '~', '?']);
        let name = plain.split([':', '=', '/']).next().unwrap_or_default();
        match name {
            "include" | "a" | "mx" | "ptr" | "exists" | "redirect" => lookups += 1,
            "ip4" | "ip6" | "all" => {}
            // Modifiers that are not known are passed over; a mechanism that is not makes the whole record an error.
            _ if plain.contains('=') => {}
            _ => {
                let shown: String = plain.chars().take(60).collect();
                return Judged::Wrong(
                    format!("the SPF record has `{shown}`, which means nothing"),
                    "the same without it".to_owned(),
                );
            }
        }
    }
    if lookups > LOOKUPS {
        let said = format!("the SPF record costs {lookups} questions and more, and only {LOOKUPS} are asked");
        return Judged::Wrong(
            said,
            "`ip4:` and `ip6:` in the place of `include:`, `a` and `mx`".to_owned(),
        );
    }
    let last = terms
        .iter()
        .find(|term| term.ends_with("all") && term.len() <= 4)
        .map(String::as_str);
    match last {
        Some("-all" | "~all") => Judged::Good,
        Some("+all" | "all") => Judged::Wrong(
            "the SPF record lets everybody send (`+all`)".to_owned(),
            record.replace("+all", "-all").replace(" all", " -all"),
        ),
        Some(_) => Judged::Weak(
            "the SPF record says nothing of others (`?all`)".to_owned(),
            record.replace("?all", "~all"),
        ),
        None if terms.iter().any(|term| term.starts_with("redirect=")) => Judged::Good,
        None => Judged::Weak(
            "the SPF record does not say what of others (`~all` or `-all`)".to_owned(),
            format!("{record} ~all"),
        ),
    }
}

/// Judges the texts at `SELECTOR._domainkey.DOMAIN` against the key that signs.
pub fn dkim(texts: &[String], signer: &Signer) -> Judged {
    let (_, publish) = signer.record();
    let Some(record) = texts.iter().find(|text| text.contains("p=")) else {
        return Judged::Wrong("the public key is not published".to_owned(), publish);
    };
    let tags = tags(record);
    let tag = |name: &str| {
        tags.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let ours = self::tags(&publish);
    let our = |name: &str| {
        ours.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let compact = |text: &str| {
        text.chars()
            .filter(|c| !c.is_ascii_whitespace())
            .collect::<String>()
    };
    if tag("p").is_some_and(str::is_empty) {
        return Judged::Wrong(
            "the published key was revoked (`p=` is empty)".to_owned(),
            publish,
        );
    }
    if tag("p").map(compact) != our("p").map(compact)
        || tag("k").unwrap_or("rsa") != our("k").unwrap_or("rsa")
    {
        return Judged::Wrong(
            "another key is published than the one that signs".to_owned(),
            publish,
        );
    }
    if tag("t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y")) {
        return Judged::Weak(
            "the key is published as a test (`t=y`), so nobody counts it".to_owned(),
            publish,
        );
    }
    Judged::Good
}

/// Judges the texts at `_dmarc.DOMAIN`. `reports` is where reports should go.
pub fn dmarc(texts: &[String], reports: &str) -> Judged {
    let publish = format!("v=DMARC1; p=quarantine; rua=mailto:{reports}");
    let found: Vec<&String> = texts
        .iter()
        .filter(|text| text.trim_start().starts_with("v=DMARC1"))
        .collect();
    let [record] = found.as_slice() else {
        let said = match found.len() {
            0 => "there is no DMARC record".to_owned(),
            several => format!("there are {several} DMARC records: none of them counts"),
        };
        return Judged::Wrong(said, publish);
    };
    let tags = tags(record);
    match tags
        .iter()
        .find(|(name, _)| name == "p")
        .map(|(_, value)| value.to_ascii_lowercase())
        .as_deref()
    {
        Some("quarantine" | "reject") => Judged::Good,
        Some("none") => Judged::Weak("the DMARC record asks for nothing (`p=none`)".to_owned(), publish),
        _ => Judged::Wrong("the DMARC record has no policy (`p=`)".to_owned(), publish),
    }
}

fn tags(record: &str) -> Vec<(String, String)> {
    let pairs = record.split(';').filter_map(|tag| tag.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim::{Key, Kind, generate};

    fn word(judged: &Judged) -> &'static str {
        match judged {
            Judged::Good => "good",
            Judged::Weak(..) => "weak",
            Judged::Wrong(..) => "wrong",
        }
    }

    #[test]
    fn spf_is_judged_by_its_terms() {
        let eleven = format!(
            "v=spf1 {} -all",
            (0..11)
                .map(|n| format!("include:{n}.example "))
                .collect::<String>()
        );
        for (texts, expected) in [
            (vec![], "wrong"),
            (vec!["google-site-verification=x"], "wrong"),
            (vec!["v=spf1 include:_spf.example -all", "other"], "good"),
            (
                vec!["v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a:x.example mx ~all"],
                "good",
            ),
            (vec!["v=spf1 redirect=_spf.example"], "good"),
            (vec!["v=spf1 +all"], "wrong"),
            (vec!["v=spf1 mx ?all"], "weak"),
            (vec!["v=spf1 mx"], "weak"),
            (vec!["v=spf1 mx -all", "v=spf1 a -all"], "wrong"),
            (vec!["v=spf1 ipv4:192.0.2.1 -all"], "wrong"),
            (vec!["v=spf10 -all"], "wrong"),
            (vec![eleven.as_str()], "wrong"),
        ] {
            let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
            assert_eq!(word(&spf(&texts)), expected, "{texts:?}");
        }
    }

    #[test]
    fn dkim_is_judged_against_the_key_that_signs() {
        let key = || Key::from_pem(&generate(Kind::Ed25519).unwrap()).unwrap();
        let signer = Signer::new("shop.example", "s1", key()).unwrap();
        let (name, record) = signer.record();
        assert_eq!(name, "s1._domainkey.shop.example");
        let spaced = record.replace("p=", "p= ").replace("; ", " ;  ");
        assert_eq!(dkim(&[spaced], &signer), Judged::Good);
        let other = Signer::new("shop.example", "s1", key()).unwrap().record().1;
        for bad in [None, Some(other), Some("v=DKIM1; p=".to_owned())] {
            let texts: Vec<String> = bad.into_iter().collect();
            assert_eq!(word(&dkim(&texts, &signer)), "wrong", "{texts:?}");
        }
        assert_eq!(word(&dkim(&[format!("{record}; t=y")], &signer)), "weak");
    }

    #[test]
    fn dmarc_is_judged_by_its_policy() {
        for (record, expected) in [
            ("v=DMARC1; p=reject", "good"),
            ("v=DMARC1;p=quarantine;rua=mailto:a@b.example", "good"),
            ("v=DMARC1; p=none", "weak"),
            ("v=DMARC1; rua=mailto:a@b.example", "wrong"),
            ("p=reject", "wrong"),
        ] {
            assert_eq!(
                word(&dmarc(&[record.to_owned()], "x@y.example")),
                expected,
                "{record}"
            );
        }
        assert!(
            matches!(dmarc(&[], "x@y.example"), Judged::Wrong(_, publish) if publish == "v=DMARC1; p=quarantine; rua=mailto:x@y.example")
        );
    }
}
