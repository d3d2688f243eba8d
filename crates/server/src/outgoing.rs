//! What was marked goes out: its links are put in, it is handed to its channel, and the channel's word becomes an
//! outcome.
//!
//! Deliberately does not know: what may be sent, what is written down of it.

use crate::app::App;
use crate::channels::email::{Email, Handed, Pressing};
use crate::channels::push::{self, Notification, Subscription};
use crate::channels::{Answer, Try, switched_off};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::compose::{Mark, Outgoing, Shop};
use gate::clearance::Rules;
use gate::dispatch::{Compose, Composed, Handover, NotComposed, Outcome, Seen, Waiting, Wanted};
use gate::{PassKind, RecordId};
use jiff::tz::TimeZone;
use letter::address::{Address, Mailbox};
use letter::bounce::Permanence;
use letter::list::{FeedbackId, Link, ListId, Mailing, Unsubscribe};
use letter::mime::{Message, Nature, Thread};
use letter::push::Urgency;
use letter::sms::Number;
use letter::token::{Reference, Use};
use std::collections::BTreeMap;
use vocabulary::{Channel, DAY_MS, Digest, Language, Moment, PersonId, PurposeName};

/// How long the way to a human in a message is good.
const HUMAN_MS: i64 = 365 * DAY_MS;
/// How long what a channel that is not there, or is not set up right, is asked again.
const MEND_MS: i64 = 15 * 60_000;
/// The browser left.
const GONE: Outcome = Outcome::Gone {
    held_in: decide::compose::SUBSCRIPTION,
};
/// The shortest rest before another try.
const SHORTEST_RETRY_MS: i64 = 1_000;

type Fields = serde_json::Map<String, serde_json::Value>;

/// The ways out of messages, besides those of [`crate::channels::settings::Ways`].
#[derive(Clone)]
pub struct Exit {
    /// E-mail.
    pub email: Option<Email>,
    /// How many messages are marked and under way at once, at most: so many are in doubt after a kill.
    pub at_once: usize,
}

impl Default for Exit {
    fn default() -> Exit {
        Exit {
            email: None,
            at_once: 16,
        }
    }
}

/// A program's words, and how fast its channels take them.
pub struct Paced<'a> {
    /// The words.
    pub words: &'a decide::compose::Words,
    /// The ways.
    pub app: &'a App,
}

impl Compose for Paced<'_> {
    type Letter = Outgoing;

    fn rules(&self) -> &Rules {
        self.words.rules()
    }

    fn program(&self) -> Digest {
        self.words.program()
    }

    fn zone(&self) -> &TimeZone {
        self.words.zone()
    }

    fn wanted(&self, waiting: &Waiting, now: Moment) -> Wanted {
        self.words.wanted(waiting, now)
    }

    fn when(&self, letter: &Outgoing, now: Moment) -> Moment {
        match (letter, &self.app.exit.email) {
            (Outgoing::Email { to, .. }, Some(email)) => {
                let domain = to.rsplit_once('@').map_or("", |(_, domain)| domain);
                let when = email.when(domain);
                // The turn began a moment ago: what may leave by the clock may leave now.
                if when <= self.app.now() { now } else { when }
            }
            // Nobody would take it: it waits until the channel is there.
            (Outgoing::Email { .. }, None) => now.plus(MEND_MS),
            // Apps collect it themselves ([`Collected`]): nothing of it leaves here.
            (Outgoing::InApp { .. }, _) => now.plus(MEND_MS),
            _ => now,
        }
    }

    fn fields(&self, webhook: &str) -> &[String] {
        let ways = self.app.ways.as_deref();
        let signed = ways.and_then(|ways| ways.webhooks.get(webhook));
        signed.map_or(&[], |signed| &signed.fields)
    }

    fn compose(&self, seen: &Seen<'_>) -> Result<Composed<Outgoing>, NotComposed> {
        self.words.compose(seen)
    }
}

/// A program's words for an app that collects them now.
pub struct Collected<'a>(pub &'a decide::compose::Words);

impl Compose for Collected<'_> {
    type Letter = Outgoing;

    fn rules(&self) -> &Rules {
        self.0.rules()
    }

    fn program(&self) -> Digest {
        self.0.program()
    }

    fn zone(&self) -> &TimeZone {
        self.0.zone()
    }

    fn wanted(&self, waiting: &Waiting, now: Moment) -> Wanted {
        self.0.wanted(waiting, now)
    }

    fn compose(&self, seen: &Seen<'_>) -> Result<Composed<Outgoing>, NotComposed> {
        self.0.compose(seen)
    }
}

impl App {
    /// What every message says of the house.
    pub(crate) fn shop_of_messages(&self) -> Shop {
        let base = self.office.public_url.trim_end_matches('/').to_owned();
        Shop {
            url: base.clone(),
            address: self.office.controller.clone(),
            base,
        }
    }
}

/// Hands one thing over, if at the last moment it still may be.
pub async fn carry(app: &App, handover: &Handover<Outgoing>) -> Outcome {
    if !app.gate.still_cleared(handover) {
        return Outcome::Withdrawn;
    }
    let now = app.now();
    let Some(links) = links(app, handover, now) else {
        return Outcome::NotNow {
            until: now.plus(MEND_MS),
        };
    };
    let outcome = match handover.letter().clone().with_links(&links) {
        Outgoing::Email {
            to,
            subject,
            html,
            text,
            language,
        } => {
            let words = Letter {
                to: &to,
                subject: &subject,
                html: html.as_deref(),
                text: &text,
                language,
            };
            email(app, handover, &words, &links).await
        }
        Outgoing::Sms { to, text, advertises } => sms(app, handover, &to, &text, advertises).await,
        Outgoing::Push {
            to,
            title,
            text,
            language,
        } => notify(app, handover, (&to, &title, &text), language, &links).await,
        Outgoing::InApp { .. } => Outcome::NotNow {
            until: now.plus(MEND_MS),
        },
        Outgoing::Webhook { name, fields, person } => webhook(app, handover, &name, (&fields, &person)).await,
    };
    match outcome {
        // However a clock is set: not at once.
        Outcome::NotNow { until } => Outcome::NotNow {
            until: until.max(now.plus(SHORTEST_RETRY_MS)),
        },
        outcome => outcome,
    }
}

struct Letter<'a> {
    to: &'a str,
    subject: &'a str,
    html: Option<&'a str>,
    text: &'a str,
    language: Language,
}

/// The links that lead back to this one person.
fn links(app: &App, handover: &Handover<Outgoing>, now: Moment) -> Option<BTreeMap<Mark, String>> {
    match handover.channel() {
        None => Some(BTreeMap::new()),
        Some(channel) => links_of(app, handover.person(), channel, handover.record(), now),
    }
}

/// The links of a message of that person, by that way, that was decided under that record.
pub(crate) fn links_of(
    app: &App,
    person: PersonId,
    channel: Channel,
    record: RecordId,
    now: Moment,
) -> Option<BTreeMap<Mark, String>> {
    let word = |kind| show(&app.gate.word(kind, channel, person, record));
    let human = app.gate.human_pass(person, None, HUMAN_MS, now).ok()?;
    Some(BTreeMap::from([
        (Mark::Why, word(PassKind::Why)),
        (Mark::Unsubscribe, word(PassKind::Unsubscribe)),
        (Mark::Human, show(&human)),
    ]))
}

fn show(word: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(word)
}

async fn email(
    app: &App,
    handover: &Handover<Outgoing>,
    words: &Letter<'_>,
    links: &BTreeMap<Mark, String>,
) -> Outcome {
    let now = app.now();
    let mend = Outcome::NotNow {
        until: now.plus(MEND_MS),
    };
    let Some(email) = &app.exit.email else {
        return mend;
    };
    let Ok(to) = Address::parse(words.to) else {
        return Outcome::Refused { dead: true };
    };
    let reference = Reference(handover.reference());
    let service = handover.purpose() == PurposeName::Service;
    let mailing = match service {
        true => None,
        false => match mailing(app, email, &reference, (handover, links)) {
            Some(mailing) => Some(mailing),
            None => return mend,
        },
    };
    let to = Mailbox::new(None, to);
    let built = email.build(&Message {
        from: email.from(),
        to: &to,
        reply_to: email.reply_to(),
        subject: words.subject,
        at: now.0.div_euclid(1_000),
        reference,
        domain: email.domain(),
        text: words.text,
        html: words.html,
        language: Some(words.language.tag()),
        nature: mailing.as_ref().map_or(Nature::Automatic, Nature::Mailing),
        thread: Thread::default(),
    });
    let Ok(built) = built else {
        return Outcome::Refused { dead: false };
    };
    let pressing = if service { Pressing::Yes } else { Pressing::No };
    match email
        .send(&built, pressing, handover.tries().saturating_sub(1))
        .await
    {
        Handed::Delivered { .. } => Outcome::Accepted,
        Handed::RefusedForNow { retry_at, .. } | Handed::NotHandedOver { retry_at, .. } => {
            Outcome::NotNow { until: retry_at }
        }
        Handed::RefusedForGood { verdict } => Outcome::Refused {
            dead: verdict.permanence == Permanence::Hard,
        },
        Handed::InDoubt => Outcome::Unknown,
    }
}

fn mailing(
    app: &App,
    email: &Email,
    reference: &Reference,
    (handover, links): (&Handover<Outgoing>, &BTreeMap<Mark, String>),
) -> Option<Mailing> {
    let base = app.office.public_url.trim_end_matches('/');
    let link = |path: &str, mark: Mark| Link::new(&format!("{base}/{path}/{}", links.get(&mark)?)).ok();
    let (domain, list) = (email.domain(), email.list());
    Some(Mailing {
        unsubscribe: Unsubscribe {
            link: link("u", Mark::Unsubscribe)?,
            address: email.marks().address(Use::Unsubscribe, reference, domain)?,
        },
        list: ListId::new(&list.name, &list.label, domain).ok()?,
        help: link("why", Mark::Why)?,
        owner: email.from().address.clone(),
        feedback: FeedbackId::new(
            &list.label,
            handover.name(),
            handover.purpose().as_str(),
            list.sender.as_deref().unwrap_or(domain),
        ),
    })
}

async fn sms(app: &App, handover: &Handover<Outgoing>, to: &str, text: &str, advertises: bool) -> Outcome {
    let now = app.now();
    let mend = Outcome::NotNow {
        until: now.plus(MEND_MS),
    };
    let ways = app.ways.as_deref();
    let Some((ways, sms)) = ways.and_then(|ways| Some((ways, ways.sms.as_ref()?))) else {
        return mend;
    };
    let Ok(number) = Number::parse(to) else {
        return Outcome::Refused { dead: true };
    };
    let Ok(prepared) = sms.prepare(&number, text, advertises) else {
        return Outcome::Refused { dead: false };
    };
    let id = hex(&handover.id());
    let answer = sms
        .send(&ways.http, &number, &prepared, attempt(handover, &id, now))
        .await;
    outcome(answer, now)
}

async fn notify(
    app: &App,
    handover: &Handover<Outgoing>,
    (to, title, text): (&str, &str, &str),
    language: Language,
    links: &BTreeMap<Mark, String>,
) -> Outcome {
    let now = app.now();
    let ways = app.ways.as_deref();
    let Some((ways, push)) = ways.and_then(|ways| Some((ways, ways.push.as_ref()?))) else {
        return Outcome::NotNow {
            until: now.plus(MEND_MS),
        };
    };
    // Kept as JSON text within a text.
    let subscription = serde_json::from_str::<String>(to).unwrap_or_else(|_| to.to_owned());
    let Some(subscription) = Subscription::kept(&subscription) else {
        return GONE;
    };
    let base = app.office.public_url.trim_end_matches('/');
    let why = links.get(&Mark::Why).map(|word| format!("{base}/why/{word}"));
    let id = hex(&handover.id());
    let notification = Notification {
        v: 1,
        id: id.clone(),
        title: title.to_owned(),
        body: text.to_owned(),
        lang: language.tag().to_owned(),
        url: base.to_owned(),
        why: why.unwrap_or_default(),
    };
    let urgency = match handover.purpose() {
        PurposeName::Service => Urgency::Normal,
        _ => Urgency::Low,
    };
    let how = (urgency, None);
    let answer = push
        .send(
            &ways.http,
            &subscription,
            &notification,
            how,
            attempt(handover, &id, now),
        )
        .await;
    match answer {
        Answer::Refused {
            for_good: true,
            class,
        } if class == push::GONE => GONE,
        answer => outcome(answer, now),
    }
}

async fn webhook(
    app: &App,
    handover: &Handover<Outgoing>,
    name: &str,
    (fields, person): (&Fields, &Fields),
) -> Outcome {
    let now = app.now();
    let mend = Outcome::NotNow {
        until: now.plus(MEND_MS),
    };
    let running = app.running();
    let known = running.as_ref().and_then(|running| {
        running
            .program
            .settings
            .webhooks
            .get(&program::words::Name::from(name))
    });
    let (Some(known), Some(ways)) = (known, app.ways.as_deref()) else {
        return mend;
    };
    let id = hex(&handover.id());
    let text = |name: &str| {
        fields
            .get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    };
    let at = jiff::Timestamp::from_millisecond(now.0)
        .unwrap_or_default()
        .to_string();
    let event = letter::webhook::Event {
        kind: "journey.step",
        id: &id,
        at: &at,
        purpose: handover.purpose().as_str(),
        journey: text("journey"),
        step: text("step"),
    };
    // Once more, in case the settings of this process name fewer than those by which it was written.
    let declared = ways.webhooks.get(name).map_or(&[][..], |signed| &signed.fields);
    let declared: Vec<&str> = declared.iter().map(String::as_str).collect();
    let body = letter::webhook::body(&event, person, &declared);
    let told = switched_off::tell(
        &app.gate,
        ways,
        (name, &known.url),
        &body,
        attempt(handover, &id, now),
    )
    .await;
    match told {
        Ok(answer) => outcome(answer, now),
        Err(_) => mend,
    }
}

fn attempt<'a>(handover: &Handover<Outgoing>, id: &'a str, now: Moment) -> Try<'a> {
    let mut seed = [0; 8];
    seed.iter_mut()
        .zip(handover.id())
        .for_each(|(to, from)| *to = from);
    Try {
        id,
        failed: handover.tries().saturating_sub(1),
        seed: u64::from_be_bytes(seed),
        now,
    }
}

fn outcome(answer: Answer, now: Moment) -> Outcome {
    match answer {
        Answer::Delivered { .. } => Outcome::Accepted,
        Answer::Later { at, .. } => Outcome::NotNow { until: at },
        Answer::Refused { for_good, .. } => Outcome::Refused { dead: for_good },
        Answer::InDoubt { .. } => Outcome::Unknown,
        Answer::NotHanded { .. } => Outcome::NotNow {
            until: now.plus(MEND_MS),
        },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
