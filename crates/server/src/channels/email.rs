//! E-mail: a message that is built leaves through the operator's own server, at the pace of each provider,
//! and the answer says exactly what became of it.
//!
//! Deliberately does not know: whether it may be sent, who the person is. An address is in memory as long as
//! its message is on the way, and in no log.

pub mod inbound;
mod pace;
mod session;
pub mod settings;
mod warm_up;
mod wire;

use crate::channels::email::settings::{EmailSettings, ListSettings};
use crate::ingest::Clock;
use crate::me::settings::MailSettings;
use gate::Gate;
use letter::address::Mailbox;
use letter::bounce::{Cause, Permanence, Verdict, classify_reply};
use letter::dkim::Signer;
use letter::mime::{self, Built, Message};
use letter::token::Marks;
use pace::Pace;
use session::{Answer, Session, Way};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use vocabulary::Moment;
use warm_up::WarmUp;

/// A connection takes so many messages.
const MESSAGES: u32 = 100;
/// An idle one is kept for so long: servers close them after minutes.
const IDLE: Duration = Duration::from_secs(20);
/// The first wait after a refusal for now, milliseconds; it doubles up to the longest.
const FIRST_WAIT: i64 = 5 * 60_000;
const LONGEST_WAIT: i64 = 4 * 3_600_000;

/// Why the channel cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings.
    #[error("{0}")]
    Settings(String),
}

/// How pressing a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pressing {
    /// It waits for its turn.
    No,
    /// The answer to a request for a right, or what a person asked for just now: no rate, no warm-up and no rest hold
    /// it back.
    Yes,
}

/// What became of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Handed {
    /// The server took it and answers for it.
    Delivered {
        /// Its code and, if it gave one, its enhanced status: nothing personal.
        reply: String,
    },
    /// The server would not take it now.
    RefusedForNow {
        /// When to try again.
        retry_at: Moment,
        /// Why.
        verdict: Verdict,
    },
    /// The server will not take it.
    RefusedForGood {
        /// Why, and whether the address is dead.
        verdict: Verdict,
    },
    /// The connection ended after the message was sent and before the answer: it may have arrived or not. What is for
    /// marketing is not sent again.
    InDoubt,
    /// It never left: it may be handed over again without sending it twice.
    NotHandedOver {
        /// When.
        retry_at: Moment,
        /// `rate`, `warm_up`, `no_connection` or `store`.
        why: &'static str,
    },
}

/// The channel; cheap to clone.
#[derive(Clone)]
pub struct Email(Arc<Inner>);

struct Inner {
    gate: Gate,
    clock: Clock,
    way: Way,
    timeout: Duration,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    domain: String,
    list: ListSettings,
    marks: Marks,
    signers: Vec<Signer>,
    pace: Mutex<Pace>,
    warm_up: Option<tokio::sync::Mutex<WarmUp>>,
    connections: tokio::sync::Semaphore,
    idle: Mutex<Vec<(Session, Instant)>>,
}

/// The marks of this house's messages.
pub fn marks(gate: &Gate) -> Marks {
    Marks::new(&gate.house_secret("marks of messages"))
}

impl Email {
    /// The channel of the settings. Reads the keys; nothing is connected yet.
    pub fn new(
        settings: &EmailSettings,
        mail: Option<&MailSettings>,
        gate: Gate,
        clock: Clock,
    ) -> Result<Email, Error> {
        if let Some(fault) = settings.fault(mail) {
            return Err(Error::Settings(fault));
        }
        let wrong = |text: &str| Error::Settings(format!("`channels.email`: {text}"));
        let server = settings.server(mail).ok_or_else(|| wrong("no server"))?;
        let parse = |text: &str| Mailbox::parse(text).map_err(|error| wrong(&error.to_string()));
        let timeout = Duration::from_secs(settings.timeout_seconds);
        let domain = settings.bounce_domain();
        Ok(Email(Arc::new(Inner {
            way: Way::new(server, &domain, timeout).map_err(|error| wrong(&error))?,
            timeout,
            from: parse(&settings.from)?,
            reply_to: settings.reply_to.as_deref().map(parse).transpose()?,
            domain,
            list: settings.list.clone(),
            marks: marks(&gate),
            signers: settings.signers().map_err(Error::Settings)?,
            pace: Mutex::new(Pace::new(settings.rate, &settings.rates)),
            warm_up: settings
                .warm_up
                .map(|warm| tokio::sync::Mutex::new(WarmUp::new(warm))),
            connections: tokio::sync::Semaphore::new(settings.connections),
            idle: Mutex::new(Vec::new()),
            gate,
            clock,
        })))
    }

    /// Who writes.
    pub fn from(&self) -> &Mailbox {
        &self.0.from
    }

    /// Where answers go, if the settings say so.
    pub fn reply_to(&self) -> Option<&Mailbox> {
        self.0.reply_to.as_ref()
    }

    /// The domain to which mail comes back.
    pub fn domain(&self) -> &str {
        &self.0.domain
    }

    /// What mailings are sorted and counted by.
    pub fn list(&self) -> &ListSettings {
        &self.0.list
    }

    /// The marks of messages.
    pub fn marks(&self) -> &Marks {
        &self.0.marks
    }

    /// Builds and signs a message.
    pub fn build(&self, message: &Message<'_>) -> Result<Built, mime::Error> {
        mime::build(message, &self.0.marks, &self.0.signers)
    }

    /// When a message to that domain may leave at the earliest, to be asked before one is marked as handed over.
    /// Takes nothing.
    pub fn when(&self, domain: &str) -> Moment {
        self.pace().when(domain, (self.0.clock)())
    }

    /// Hands a message over. `attempt` counts from 0 and lengthens the wait after a refusal for now. Whoever drops the
    /// future before it answers does not know what became of the message: it is in doubt.
    pub async fn send(&self, message: &Built, pressing: Pressing, attempt: u32) -> Handed {
        let urgent = pressing == Pressing::Yes;
        let domain = message.recipient.domain();
        if let Err(retry_at) = self.pace().take(domain, (self.0.clock)(), urgent) {
            return Handed::NotHandedOver {
                retry_at,
                why: "rate",
            };
        }
        let _place = Place { email: self, domain };
        if let Some(warm_up) = self.0.warm_up.as_ref().filter(|_| !urgent) {
            match warm_up.lock().await.take(&self.0.gate, (self.0.clock)()).await {
                Ok(Ok(())) => {}
                Ok(Err(retry_at)) => {
                    return Handed::NotHandedOver {
                        retry_at,
                        why: "warm_up",
                    };
                }
                Err(_) => return self.later("store", attempt),
            }
        }
        let Ok(_connection) = self.0.connections.acquire().await else {
            return self.later("no_connection", attempt);
        };
        let Some((session, answer)) = self.exchange(message).await else {
            self.pace().unreachable((self.0.clock)());
            return self.later("no_connection", attempt);
        };
        let usable = matches!(answer, Answer::Taken(_) | Answer::Refused(..))
            && !matches!(answer, Answer::Refused(421, _));
        if usable && session.messages < MESSAGES {
            self.idle().push((session, Instant::now()));
        } else {
            session.close().await;
        }
        self.judge(answer, domain, attempt)
    }

    /// By an idle connection, or a new one where that turned out to be dead.
    async fn exchange(&self, message: &Built) -> Option<(Session, Answer)> {
        while let Some((mut session, since)) = self.take_idle() {
            if since.elapsed() > IDLE {
                session.close().await;
                continue;
            }
            match session.hand_over(message, self.0.timeout).await {
                Answer::Broken | Answer::Refused(421, _) => session.close().await,
                answer => return Some((session, answer)),
            }
        }
        let mut session = self.0.way.open().await?;
        let answer = session.hand_over(message, self.0.timeout).await;
        Some((session, answer))
    }

    fn judge(&self, answer: Answer, domain: &str, attempt: u32) -> Handed {
        let now = (self.0.clock)();
        match answer {
            Answer::Taken(words) => {
                self.pace().went_well(domain);
                let code = words.split(' ').next().unwrap_or_default();
                let status = letter::bounce::Status::find(&words).map(|status| format!(" {status}"));
                Handed::Delivered {
                    reply: format!("{code}{}", status.unwrap_or_default()),
                }
            }
            Answer::Refused(code, words) => {
                let verdict = classify_reply(code, &words);
                if code / 100 == 4 {
                    match code {
                        421 => self.pace().unreachable(now),
                        // A full mailbox says nothing of its neighbours.
                        _ if !matches!(verdict.cause, Cause::Full | Cause::NoMailbox) => {
                            self.pace().too_much(domain, now)
                        }
                        _ => {}
                    }
                    return Handed::RefusedForNow {
                        retry_at: wait(now, attempt),
                        verdict,
                    };
                }
                Handed::RefusedForGood { verdict }
            }
            Answer::Unknown => Handed::InDoubt,
            Answer::Broken => {
                self.pace().unreachable(now);
                self.later("no_connection", attempt)
            }
            Answer::CannotCarry => Handed::RefusedForGood {
                verdict: Verdict {
                    cause: Cause::Ours,
                    permanence: Permanence::Soft,
                    status: None,
                },
            },
        }
    }

    fn later(&self, why: &'static str, attempt: u32) -> Handed {
        let retry_at = wait((self.0.clock)(), attempt);
        Handed::NotHandedOver { retry_at, why }
    }

    fn take_idle(&self) -> Option<(Session, Instant)> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Session, Instant)>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.0.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a message that is under way; given back also when its future is dropped.
struct Place<'e> {
    email: &'e Email,
    domain: &'e str,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.email.pace().done(self.domain);
    }
}

fn wait(now: Moment, attempt: u32) -> Moment {
    let wait = FIRST_WAIT.saturating_mul(1 << attempt.min(10)).min(LONGEST_WAIT);
    Moment(now.0.saturating_add(wait))
}
