//! What the DNS says of the house's mail: SPF, DKIM, DMARC, where mail comes back, and the name of the server's
//! address. The only check that asks a network, and only where e-mail is set up.
//!
//! Deliberately does not know: the grammar of the records (`letter::records`).

use super::{Finding, Level, Report};
use crate::dns::{Error, Kind, Record, Resolver, reverse_name};
use crate::settings::Settings;
use letter::address::Mailbox;
use letter::records::{self, Judged};

/// Checks that are made where e-mail is set up.
const CHECKS: usize = 5;

impl Report {
    /// The report with what the DNS says, if e-mail is set up. Blocks.
    #[must_use]
    pub fn with_mail(mut self, settings: &Settings, resolver: &Resolver) -> Report {
        if settings.channels.email.is_some() {
            self.checks += CHECKS;
            self.findings.extend(examine(settings, resolver));
            self.findings
                .sort_by_key(|finding| std::cmp::Reverse(finding.level));
        }
        self
    }
}

fn examine(settings: &Settings, resolver: &Resolver) -> Vec<Finding> {
    let Some(email) = &settings.channels.email else {
        return Vec::new();
    };
    let Ok(from) = Mailbox::parse(&email.from) else {
        return Vec::new(); // the start says so
    };
    let from = from.address.domain().to_owned();
    let bounces = email.bounce_domain();
    let mut found = Vec::new();
    let mut say = |check, why, judged: Result<Judged, Error>, at: &str| match judged {
        Ok(judged) => found.extend(finding(check, why, judged, at)),
        Err(error) => found.push(unknown(check, &error)),
    };
    let spf = resolver.texts(&bounces).map(|texts| records::spf(&texts));
    say(
        "mail_spf",
        "without it others can send in your name, and providers refuse your messages",
        spf,
        &bounces,
    );
    for signer in email.signers().unwrap_or_default() {
        let (name, _) = signer.record();
        let judged = resolver.texts(&name).map(|texts| records::dkim(&texts, &signer));
        say(
            "mail_dkim",
            "signatures that nobody can check count as none",
            judged,
            &name,
        );
    }
    if email.dkim.is_empty() {
        let make = "a key: egard keys dkim FILE --domain DOMAIN --selector SELECTOR".to_owned();
        let none = Judged::Wrong("messages are not signed".to_owned(), make);
        say(
            "mail_dkim",
            "large providers refuse mailings without a signature",
            Ok(none),
            &from,
        );
    }
    let dmarc = policy(resolver, &from).map(|texts| records::dmarc(&texts, &format!("dmarc@{from}")));
    say(
        "mail_dmarc",
        "without it nobody knows what to do with messages that others send in your name",
        dmarc,
        &format!("_dmarc.{from}"),
    );
    say(
        "mail_mx",
        "failures, answers and farewells by mail could not come back",
        comes_back(resolver, &bounces),
        &bounces,
    );
    if let Some(server) = email.server(settings.me.mail.as_ref())
        && !crate::channels::email::settings::is_here(&server.host)
    {
        let judged = named_back(resolver, &server.host);
        say(
            "mail_reverse",
            "providers distrust an address that has no name, or another one",
            judged,
            &server.host,
        );
    }
    found
}

/// The texts of the nearest domain above that has a policy.
fn policy(resolver: &Resolver, domain: &str) -> Result<Vec<String>, Error> {
    let mut name = domain;
    loop {
        let texts = resolver.texts(&format!("_dmarc.{name}"))?;
        let above = name
            .split_once('.')
            .map(|(_, above)| above)
            .filter(|above| above.contains('.'));
        match above {
            Some(above) if !texts.iter().any(|text| text.starts_with("v=DMARC1")) => name = above,
            _ => return Ok(texts),
        }
    }
}

fn comes_back(resolver: &Resolver, domain: &str) -> Result<Judged, Error> {
    let publish = format!("10 the.host.that.pipes.to.egard.mail-in (as the MX record of `{domain}`)");
    let servers = resolver.ask(domain, Kind::Mx)?;
    let names = servers.iter().filter_map(|record| match record {
        Record::Exchange(_, name) => Some(name.as_str()),
        _ => None,
    });
    let names: Vec<&str> = names.collect();
    Ok(match names.as_slice() {
        [] => Judged::Wrong("no server takes mail for the domain (no MX)".to_owned(), publish),
        [""] => Judged::Wrong(
            "the domain says that it takes no mail (a null MX)".to_owned(),
            publish,
        ),
        _ => {
            for name in &names {
                if resolver.ask(name, Kind::A)?.is_empty() && resolver.ask(name, Kind::Aaaa)?.is_empty() {
                    let said = format!("the server `{name}` of the MX record has no address");
                    return Ok(Judged::Wrong(said, format!("an A or AAAA record for `{name}`")));
                }
            }
            Judged::Good
        }
    })
}

/// Whether the server's address has a name, and that name the address.
fn named_back(resolver: &Resolver, host: &str) -> Result<Judged, Error> {
    let addresses = |name: &str| -> Result<Vec<Record>, Error> {
        let mut records = resolver.ask(name, Kind::A)?;
        records.extend(resolver.ask(name, Kind::Aaaa)?);
        Ok(records)
    };
    let own = match host.parse() {
        Ok(address) => vec![Record::Address(address)],
        Err(_) => addresses(host)?,
    };
    if own.is_empty() {
        return Ok(Judged::Wrong(
            format!("`{host}` has no address"),
            "an A or AAAA record".to_owned(),
        ));
    }
    for record in own {
        let Record::Address(address) = record else {
            continue;
        };
        let mut confirmed = false;
        for name in resolver.ask(&reverse_name(address), Kind::Ptr)? {
            if let Record::Name(name) = name {
                confirmed |= addresses(&name)?.contains(&Record::Address(address));
            }
        }
        if !confirmed {
            let said = format!("the address {address} has no name that leads back to it");
            return Ok(Judged::Weak(
                said,
                format!(
                    "a PTR record for {address}, which its provider sets, with a name whose A or AAAA record is that address"
                ),
            ));
        }
    }
    Ok(Judged::Good)
}

fn finding(check: &'static str, why: &'static str, judged: Judged, at: &str) -> Option<Finding> {
    let (level, what, publish) = match judged {
        Judged::Good => return None,
        Judged::Weak(what, publish) => (Level::Warning, what, publish),
        Judged::Wrong(what, publish) => (Level::Fault, what, publish),
    };
    Some(Finding {
        check,
        level,
        what: format!("{at}: {what}"),
        why,
        mend: format!("publish at {at}: {publish}"),
    })
}

fn unknown(check: &'static str, error: &Error) -> Finding {
    Finding {
        check,
        level: Level::Warning,
        what: error.to_string(),
        why: "what is published about your mail could not be looked at",
        mend: "try again, name a resolver with `--resolver`, or leave it out with `--offline`".to_owned(),
    }
}
