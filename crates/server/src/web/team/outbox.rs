//! The page of what leaves and what does not.
//!
//! Deliberately does not know: people, who counts.

use super::{Frame, Shell, figure, moment};
use crate::automation::figures::Figure;
use crate::team::roles::Doing;
use crate::words::{Put, Words};
use ::program::Program;
use ::program::words::Name;
use askama::Template;
use gate::dispatch::Doubt;
use vocabulary::Moment;

/// How often, by kind (`left`, `ended`, `later`) and code.
pub type Told = Vec<(&'static str, Vec<(String, Figure)>)>;

/// What the page tells.
pub struct Outbox<'a> {
    /// Messages of which nobody knows whether they left.
    pub doubts: &'a [Doubt],
    /// The program that acts.
    pub program: Option<&'a Program>,
    /// When it was counted.
    pub counted_at: Option<Moment>,
    /// Of the last seven days.
    pub week: Told,
    /// Of the last thirty.
    pub month: Told,
    /// The house as a sender.
    pub sender: Sender<'a>,
}

/// The house as a sender of e-mail.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// `From`.
    pub from: Option<&'a str>,
    /// The domain of what comes back.
    pub domain: Option<&'a str>,
    /// Names and records of the keys that sign.
    pub keys: &'a [(String, String)],
    /// Whether links begin with `https`.
    pub secure: bool,
}

#[derive(Template)]
#[template(path = "team_outbox.html")]
struct Page<'a> {
    shell: Shell<'a>,
    counted: String,
    doubts: Vec<DoubtView>,
    settle: bool,
    spans: [(String, Vec<Kind>); 2],
    checks: Vec<Check>,
}

struct DoubtView {
    id: String,
    message: String,
    about: String,
}

struct Kind {
    title: String,
    rows: Vec<(String, String)>,
}

/// One thing that receivers look at.
struct Check {
    good: bool,
    state: String,
    title: String,
    says: String,
    code: Option<(String, String)>,
}

/// The page.
pub fn outbox(frame: &Frame<'_>, outbox: &Outbox<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let title = |name: &str| {
        let message = outbox
            .program
            .and_then(|program| program.messages.get(&Name::from(name)));
        message.map_or_else(
            || name.to_owned(),
            |one| one.title.of(words.language()).to_owned(),
        )
    };
    let doubt = |doubt: &Doubt| {
        let (marked, journey) = (moment(words, doubt.marked_at), doubt.journey.as_str());
        let record: String = doubt.record.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let places = [
            ("when", Put::Text(marked.as_str())),
            ("journey", Put::Text(journey)),
            ("record", Put::Text(&record)),
        ];
        DoubtView {
            id: doubt.id.clone(),
            message: title(&doubt.message),
            about: words.with("team-doubt-about", &places),
        }
    };
    let kinds = |told: &Told| -> Vec<Kind> {
        told.iter()
            .map(|(kind, rows)| of_kind(words, kind, rows))
            .collect()
    };
    Page {
        counted: match outbox.counted_at {
            Some(at) => words.with("team-counted-at", &[("when", Put::Text(&moment(words, at)))]),
            None => words.say("team-counted-never"),
        },
        doubts: outbox.doubts.iter().map(doubt).collect(),
        settle: shell.may(Doing::Settle),
        spans: [
            (words.counted("team-last-days", 7), kinds(&outbox.week)),
            (words.counted("team-last-days", 30), kinds(&outbox.month)),
        ],
        checks: checks(words, outbox.sender),
        shell,
    }
    .render()
}

fn of_kind(words: Words, kind: &str, rows: &[(String, Figure)]) -> Kind {
    Kind {
        title: words.say(match kind {
            "left" => "team-outbox-left",
            "later" => "team-outbox-later",
            "closed" => "team-outbox-closed",
            _ => "team-outbox-ended",
        }),
        rows: rows
            .iter()
            .map(|(code, count)| (code_words(words, code), figure(words, Some(*count))))
            .collect(),
    }
}

/// What a code of clearance means to the team.
pub(super) fn code_words(words: Words, code: &str) -> String {
    words.say(match code {
        "no_purpose_consent" => "team-code-no-purpose-consent",
        "minor" => "team-code-minor",
        "objected" => "team-code-objected",
        "restricted" => "team-code-restricted",
        "under_review" => "team-code-under-review",
        "suppressed" => "team-code-suppressed",
        "paused" => "team-code-paused",
        "human_conversation" => "team-code-human-conversation",
        "outside_hours" => "team-code-outside-hours",
        "outside_days" => "team-code-outside-days",
        "gathered" => "team-code-gathered",
        "quiet_hours" => "team-code-quiet-hours",
        "frequency_capped" => "team-code-frequency-capped",
        "not_approved" => "team-code-not-approved",
        "journey_paused" => "team-code-journey-paused",
        "message_gone" => "team-code-message-gone",
        "claim_without_fact" => "team-code-claim-without-fact",
        "expired" => "team-code-expired",
        "outbox_full" => "team-code-outbox-full",
        "no_address" => "team-code-no-address",
        "no_text" => "team-code-no-text",
        "missing_value" => "team-code-missing-value",
        "aborted" => "team-code-aborted",
        "template_fault" => "team-code-template-fault",
        "channel_busy" => "team-code-channel-busy",
        "channel_refused" => "team-code-channel-refused",
        "no_channel" => "team-code-no-channel",
        "in_doubt" => "team-code-in-doubt",
        "hard_bounce" => "team-code-hard-bounce",
        "complaint" => "team-code-complaint",
        "unsubscribed" => "team-code-unsubscribed",
        "soft_bounces" => "team-code-soft-bounces",
        "email" => "team-channel-email",
        "sms" => "team-channel-sms",
        "push" => "team-channel-push",
        "in_app" => "team-channel-in-app",
        _ => return code.to_owned(),
    })
}

/// What receivers look at, as far as the settings say it; what stands in the DNS is asked elsewhere.
fn checks(words: Words, sender: Sender<'_>) -> Vec<Check> {
    let check = |good: bool, key: &str, says: String, code: Option<(String, String)>| Check {
        good,
        state: words.say(if good {
            "team-check-good"
        } else {
            "team-check-missing"
        }),
        title: words.say(key),
        says,
        code,
    };
    let Some(from) = sender.from else {
        let says = words.say("team-check-no-sender");
        return vec![check(false, "team-check-sender", says, None)];
    };
    let domain = sender.domain.unwrap_or_default();
    let mut all = vec![check(true, "team-check-sender", from.to_owned(), None)];
    if sender.keys.is_empty() {
        let says = words.say("team-check-no-key");
        all.push(check(false, "team-check-dkim", says, None));
    }
    for key in sender.keys {
        let says = words.say("team-check-dkim-words");
        all.push(check(true, "team-check-dkim", says, Some(key.clone())));
    }
    let spf = (domain.to_owned(), "v=spf1 include:… -all".to_owned());
    all.push(Check {
        state: words.say("team-check-look"),
        ..check(
            true,
            "team-check-spf",
            words.say("team-check-spf-words"),
            Some(spf),
        )
    });
    let dmarc = (
        format!("_dmarc.{domain}"),
        "v=DMARC1; p=reject; adkim=s; aspf=r".to_owned(),
    );
    all.push(Check {
        state: words.say("team-check-look"),
        ..check(
            true,
            "team-check-dmarc",
            words.say("team-check-dmarc-words"),
            Some(dmarc),
        )
    });
    all.push(check(
        sender.secure,
        "team-check-https",
        words.say("team-check-https-words"),
        None,
    ));
    all
}
