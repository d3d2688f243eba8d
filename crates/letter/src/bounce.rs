//! Why a message did not arrive, and whether trying again has a point: one classifier for the reply of a
//! server at the time of sending and for the report that comes back later.
//!
//! The numbers decide (RFC 3463, RFC 5321), the words only where the numbers say nothing, and never the label of
//! a provider. Deliberately does not know: whom it concerns, what follows from it.

/// An enhanced status code, such as `5.1.1` (RFC 3463).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Status {
    /// 2, 4 or 5.
    pub class: u8,
    /// 0 to 999.
    pub subject: u16,
    /// 0 to 999.
    pub detail: u16,
}

impl Status {
    /// The status at the start of a text; whatever follows is not looked at.
    pub fn read(text: &str) -> Option<Status> {
        let text = text.trim_start();
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let mut parts = text.get(..end)?.trim_end_matches('.').split('.');
        let class = parts
            .next()?
            .parse()
            .ok()
            .filter(|class| [2, 4, 5].contains(class))?;
        let mut number = || parts.next()?.parse::<u16>().ok().filter(|number| *number <= 999);
        let (subject, detail) = (number()?, number()?);
        parts.next().is_none().then_some(Status {
            class,
            subject,
            detail,
        })
    }

    /// The first status anywhere in a text.
    pub fn find(text: &str) -> Option<Status> {
        let starts = |(at, c): (usize, char)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let alone = !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
            (alone && ['2', '4', '5'].contains(&c))
                .then(|| text.get(at..))
                .flatten()
        };
        text.char_indices().filter_map(starts).find_map(|rest| {
            let end = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .unwrap_or(rest.len());
            let next = rest.get(end..).and_then(|after| after.chars().next());
            // `5.1.1.example` and `5.1.1-x` are names, not codes.
            Status::read(rest).filter(|_| !next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-'))
        })
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cause {
    /// There is no such mailbox, or it is closed.
    NoMailbox,
    /// The domain is not there, or takes no mail.
    NoDomain,
    /// The mailbox is full.
    Full,
    /// The message is too large.
    TooLarge,
    /// The house, the message or the rate is not wanted there: nothing that is wrong with the person's address.
    Policy,
    /// Something of ours is wrong: the sender's address, the protocol, the form.
    Ours,
    /// A network or a server that does not work now.
    Network,
    /// Nothing that can be understood.
    Unknown,
}

/// Whether to try again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Permanence {
    /// The address is dead: nothing is sent there again until the person gives it anew.
    Hard,
    /// Not this time; another may arrive.
    Soft,
}

/// What became clear.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Verdict {
    /// Why.
    pub cause: Cause,
    /// Whether to try again.
    pub permanence: Permanence,
    /// The code it follows from, if there was one.
    pub status: Option<Status>,
}

/// Judges a failure by its enhanced status, its basic SMTP code (RFC 5321), and its words.
///
/// A status without detail (`5.0.0`, as Exim and qmail give) yields to one among the words, which is what the other
/// server really said.
pub fn classify(status: Option<Status>, code: Option<u16>, words: &str) -> Verdict {
    let vague = |status: &Status| status.subject == 0 || (status.detail == 0 && status.subject != 7);
    let said = Status::find(words).filter(|said| !vague(said));
    let status = match (status, said) {
        (Some(status), Some(said)) if vague(&status) => Some(said),
        (Some(status), _) => Some(status),
        (None, said) => said,
    };
    let class = status
        .map(|status| status.class)
        .or_else(|| code.and_then(|code| u8::try_from(code / 100).ok()));
    let cause = status.and_then(by_number).unwrap_or_else(|| by_words(words));
    let dead = matches!(cause, Cause::NoMailbox | Cause::NoDomain);
    Verdict {
        cause: match (cause, class) {
            (Cause::Unknown, Some(4)) => Cause::Network,
            (cause, _) => cause,
        },
        // 4yz is never final, whatever it says; and of what is final only a dead address is.
        permanence: match dead && class != Some(4) {
            true => Permanence::Hard,
            false => Permanence::Soft,
        },
        status,
    }
}

/// The reply of a server to a command: `550 5.1.1 No such user`, perhaps over several lines.
pub fn classify_reply(code: u16, words: &str) -> Verdict {
    classify(
        Status::read(words).filter(|status| u16::from(status.class) == code / 100),
        Some(code),
        words,
    )
}

fn by_number(status: Status) -> Option<Cause> {
    Some(match (status.subject, status.detail) {
        // Addresses. 1.4: ambiguous; 1.5: valid.
        (1, 1 | 3 | 6) => Cause::NoMailbox,
        // 1.10: the domain says that it takes no mail (RFC 7505).
        (1, 2 | 10) => Cause::NoDomain,
        (1, 7 | 8) => Cause::Ours,
        (2, 1) => Cause::NoMailbox,
        (2, 2) => Cause::Full,
        (2, 3) | (3, 4) => Cause::TooLarge,
        // A class 5 of it means that there is no route and none is coming (no MX, no address), not that one waits.
        (4, 4) => Cause::NoDomain,
        // Exchange Online says it of recipients its directory does not know; the words tell.
        (4, 1) if status.class == 5 => return None,
        (3 | 4, _) => Cause::Network,
        (5 | 6, _) => Cause::Ours,
        // RFC 7372 and RFC 5248: the account is disabled.
        (7, 13) => Cause::NoMailbox,
        (7, _) => Cause::Policy,
        _ => return None,
    })
}

/// Words of servers that give no number, in lower case. The order matters: what excuses the address comes first.
const WORDS: [(&str, Cause); 46] = [
    ("over quota", Cause::Full),
    ("overquota", Cause::Full),
    ("quota exceeded", Cause::Full),
    ("exceeded quota", Cause::Full),
    ("exceeded storage", Cause::Full),
    ("mailbox full", Cause::Full),
    ("mailbox is full", Cause::Full),
    ("out of storage", Cause::Full),
    ("message too large", Cause::TooLarge),
    ("size exceeds", Cause::TooLarge),
    ("greylist", Cause::Policy),
    ("spam", Cause::Policy),
    ("blacklist", Cause::Policy),
    ("blocklist", Cause::Policy),
    ("blocked", Cause::Policy),
    ("spf", Cause::Policy),
    ("dkim", Cause::Policy),
    ("dmarc", Cause::Policy),
    ("reputation", Cause::Policy),
    ("rate limit", Cause::Policy),
    ("too many", Cause::Policy),
    ("relay", Cause::Policy),
    ("sender rejected", Cause::Policy),
    ("user unknown", Cause::NoMailbox),
    ("unknown user", Cause::NoMailbox),
    ("no such user", Cause::NoMailbox),
    ("no such recipient", Cause::NoMailbox),
    ("no such mailbox", Cause::NoMailbox),
    ("no mailbox here", Cause::NoMailbox),
    ("no such person", Cause::NoMailbox),
    ("mailbox not found", Cause::NoMailbox),
    ("unknown recipient", Cause::NoMailbox),
    ("recipient unknown", Cause::NoMailbox),
    ("recipient not found", Cause::NoMailbox),
    ("recipient address rejected: access denied", Cause::NoMailbox),
    ("invalid recipient", Cause::NoMailbox),
    ("invalid mailbox", Cause::NoMailbox),
    ("does not exist", Cause::NoMailbox),
    ("doesn't have a", Cause::NoMailbox),
    ("account disabled", Cause::NoMailbox),
    ("account is disabled", Cause::NoMailbox),
    ("address rejected: user", Cause::NoMailbox),
    ("couldn't find any host", Cause::NoDomain),
    ("unrouteable mail domain", Cause::NoDomain),
    ("domain not found", Cause::NoDomain),
    ("timed out", Cause::Network),
];

fn by_words(words: &str) -> Cause {
    let words = words.to_lowercase();
    // Exim's word for both; a mailbox of ours is never local, so it is the domain.
    let found = WORDS.iter().find(|(known, _)| words.contains(known));
    found.map_or(Cause::Unknown, |(_, cause)| *cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(code: u16, words: &str) -> (Cause, Permanence) {
        let verdict = classify_reply(code, words);
        (verdict.cause, verdict.permanence)
    }

    #[test]
    fn replies_are_judged_by_their_numbers_and_the_words_come_second() {
        use Cause::{Full, Network, NoDomain, NoMailbox, Ours, Policy, TooLarge, Unknown};
        use Permanence::{Hard, Soft};
        for (code, words, cause, permanence) in [
            (
                550,
                "5.1.1 The email account that you tried to reach does not exist.",
                NoMailbox,
                Hard,
            ),
            (
                550,
                "5.2.1 The email account that you tried to reach is disabled.",
                NoMailbox,
                Hard,
            ),
            (
                552,
                "5.2.2 The email account that you tried to reach is over quota",
                Full,
                Soft,
            ),
            (
                452,
                "4.2.2 The email account that you tried to reach is over quota",
                Full,
                Soft,
            ),
            (550, "5.4.4 Host not found", NoDomain, Hard),
            (
                556,
                "5.1.10 Recipient domain has a null MX record",
                NoDomain,
                Hard,
            ),
            (454, "4.7.0 Throttled: too many messages", Policy, Soft),
            (
                454,
                "Throttling failure: Maximum sending rate exceeded.",
                Network,
                Soft,
            ),
            (
                421,
                "4.7.28 Our system has detected an unusual rate of unsolicited mail",
                Policy,
                Soft,
            ),
            (450, "4.1.1 user unknown, try again", NoMailbox, Soft),
            (451, "Greylisted, please try again later", Policy, Soft),
            (550, "5.7.1 Message rejected as spam; user unknown", Policy, Soft),
            (
                550,
                "5.4.1 Recipient address rejected: Access denied. AS(201806281)",
                NoMailbox,
                Hard,
            ),
            (550, "No such user here", NoMailbox, Hard),
            (
                550,
                "Requested action not taken: mailbox unavailable",
                Unknown,
                Soft,
            ),
            (550, "5.1.7 sender address rejected", Ours, Soft),
            (
                552,
                "5.3.4 Message size exceeds fixed maximum message size",
                TooLarge,
                Soft,
            ),
            (554, "5.7.9 rejected by DMARC policy", Policy, Soft),
            (501, "5.5.4 Invalid domain name", Ours, Soft),
            (
                550,
                "4.1.1 codes that do not agree; no such user",
                NoMailbox,
                Soft,
            ),
            (550, "", Unknown, Soft),
        ] {
            assert_eq!(judged(code, words), (cause, permanence), "{code} {words}");
        }
    }

    #[test]
    fn a_status_is_read_and_found() {
        let status = Status {
            class: 5,
            subject: 1,
            detail: 1,
        };
        assert_eq!(Status::read(" 5.1.1 (bad)"), Some(status));
        for bad in ["", "5", "5.1", "3.1.1", "5.1.1.1", "5.1000.1", "x5.1.1", "5..1"] {
            assert_eq!(Status::read(bad), None, "{bad}");
        }
        assert_eq!(Status::find("smtp; 550-5.1.1 no"), None);
        assert_eq!(Status::find("smtp; 550 5.1.1 no"), Some(status));
        assert_eq!(
            Status::find("host 192.5.1.1 and mx5.1.1.example said 550 no"),
            None
        );
    }

    proptest! {
        #[test]
        fn what_is_not_final_is_never_hard_and_nothing_falls_over(code in 400u16..500, words in "\\PC{0,80}|(4\\.1\\.1|no such user|does not exist| )+") {
            prop_assert_eq!(classify_reply(code, &words).permanence, Permanence::Soft);
            let _ = classify(Status::find(&words), Some(code + 100), &words);
        }
    }
}
