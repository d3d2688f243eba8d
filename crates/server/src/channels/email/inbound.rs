//! `POST /v1/inbound-mail`: mail that comes back to the house, read and answered with what it is.
//!
//! The mail server pipes it here (`egard mail-in`, docs/mail.md). Deliberately does not know: whose message it
//! is about; what is done about it belongs to those who are told ([`told`]).

use crate::api::unavailable;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::replies::{self, Came, Taken};
use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use bytes::Bytes;
use gate::Heard;
use gate::clearance::WhySuppressed;
use gate::dispatch::{Feedback, Noted};
use letter::bounce::{Cause, Permanence};
use letter::inbound::{ComplaintKind, Inbound, LONGEST, Plain, plain, read};
use serde::Serialize;
use vocabulary::Channel;

/// What came in, in words for programs; nothing of a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Kind {
    /// `bounce`, `complaint`, `unsubscribe`, `reply`, `automatic` or `foreign`.
    pub kind: &'static str,
    /// Of a bounce: `hard`, `soft` or `delayed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
    /// Of a bounce or a complaint: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'static str>,
}

/// The endpoint.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/inbound-mail", post(take))
        .layer(DefaultBodyLimit::max(LONGEST))
        .with_state(app)
}

async fn take(_caller: Caller, State(app): State<App>, body: Bytes) -> Result<Json<Kind>, Problem> {
    let marks = super::marks(&app.gate);
    // A megabyte of nested parts is read off the network's threads.
    let read = tokio::task::spawn_blocking(move || {
        let inbound = read(&body, None, &marks);
        // What a person writes is looked at as a whole; of everything else its kind is enough.
        let plain = match inbound {
            Inbound::Reply(_) | Inbound::Foreign => plain(&body, None),
            _ => None,
        };
        (inbound, plain)
    });
    let (inbound, plain) = read.await.map_err(|_| Problem::internal())?;
    let mut kind = kind(&inbound);
    if let Some(plain) = plain
        && said(&app, &inbound, &plain).await?
    {
        kind.kind = "reply";
    }
    told(&app, inbound).await?;
    metrics::counter!("egard_inbound_mail_total", "kind" => kind.kind, "class" => kind.class.unwrap_or(""))
        .increment(1);
    Ok(Json(kind))
}

/// What a person wrote, to an answer of the team or to a message that was sent to them: a turn of their
/// conversation, on disk before the mail server is answered. Whether it is one.
async fn said(app: &App, inbound: &Inbound, plain: &Plain) -> Result<bool, Problem> {
    let places: Vec<&str> = plain.places.iter().map(String::as_str).collect();
    let came = Came {
        places,
        message_id: &plain.message_id,
        auto_submitted: plain.automatic.then_some("auto-replied"),
        precedence: None,
        text: &plain.text,
        attached: plain.attached.clone(),
    };
    let taken = replies::take(app, &came).await.map_err(unavailable)?;
    let Inbound::Reply(reply) = inbound else {
        return Ok(matches!(taken, Taken::Joined(_)));
    };
    if taken != Taken::NotOurs {
        return Ok(matches!(taken, Taken::Joined(_)));
    }
    let heard = Heard {
        message: plain.message_id.clone(),
        text: replies::new_text(&plain.text),
        attached: plain.attached.clone(),
    };
    // In which language they wrote is not known; the program's first is that of most.
    let first = app
        .running()
        .and_then(|running| running.program.settings.languages.first().copied());
    let language = first.unwrap_or_default();
    let answer = app
        .gate
        .hear_answer(reply.reference.0, &heard, &plain.subject, language, app.now());
    Ok(answer.await.map_err(unavailable)?.is_ok())
}

/// Whoever must know of it hears of it here, durably, before the mail server is answered: what came back closes the
/// way it came by, a farewell ends it. A refusal is answered with 503, and the mail server comes again. Replies are
/// read by [`crate::replies`].
async fn told(app: &App, inbound: Inbound) -> Result<(), Problem> {
    let (gate, now) = (&app.gate, app.now());
    let (reference, feedback) = match inbound {
        // A delay is no failure, and says nothing about the address.
        Inbound::Bounce(bounce) if bounce.delayed => return Ok(()),
        Inbound::Bounce(bounce) => match bounce.verdict.permanence {
            Permanence::Hard => (bounce.reference, Feedback::Bounced),
            Permanence::Soft => (bounce.reference, Feedback::Failed),
        },
        Inbound::Complaint(complaint) if complaint.kind == ComplaintKind::NotSpam => return Ok(()),
        Inbound::Complaint(complaint) => (complaint.reference, Feedback::Complained),
        Inbound::Unsubscribe(reference) => {
            let left = gate.leave_under(reference.0, Channel::Email, "mail", now).await;
            if left.map_err(unavailable)? {
                app.note_outbox("closed", [(WhySuppressed::Unsubscribed.as_str(), 1)]);
            }
            return Ok(());
        }
        Inbound::Reply(_) | Inbound::Automatic(_) | Inbound::Foreign => return Ok(()),
    };
    let noted = gate.feedback(reference.0, feedback, now).await;
    if let Noted::Closed(why) = noted.map_err(unavailable)? {
        app.note_outbox("closed", [(why.as_str(), 1)]);
    }
    Ok(())
}

fn kind(inbound: &Inbound) -> Kind {
    let (kind, class, cause) = match inbound {
        Inbound::Bounce(bounce) => {
            let class = match (bounce.delayed, bounce.verdict.permanence) {
                (true, _) => "delayed",
                (false, Permanence::Hard) => "hard",
                (false, Permanence::Soft) => "soft",
            };
            ("bounce", Some(class), Some(word(bounce.verdict.cause)))
        }
        Inbound::Complaint(complaint) => {
            let cause = match complaint.kind {
                ComplaintKind::Abuse => "abuse",
                ComplaintKind::Fraud => "fraud",
                ComplaintKind::Virus => "virus",
                ComplaintKind::NotSpam => "not_spam",
                ComplaintKind::Other => "other",
            };
            ("complaint", None, Some(cause))
        }
        Inbound::Unsubscribe(_) => ("unsubscribe", None, None),
        Inbound::Reply(_) => ("reply", None, None),
        Inbound::Automatic(_) => ("automatic", None, None),
        Inbound::Foreign => ("foreign", None, None),
    };
    Kind { kind, class, cause }
}

/// The stable word of a cause.
pub fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::NoMailbox => "no_mailbox",
        Cause::NoDomain => "no_domain",
        Cause::Full => "full",
        Cause::TooLarge => "too_large",
        Cause::Policy => "policy",
        Cause::Ours => "ours",
        Cause::Network => "network",
        Cause::Unknown => "unknown",
    }
}
