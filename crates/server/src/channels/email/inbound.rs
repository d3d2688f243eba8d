//! `POST /v1/inbound-mail`: mail that comes back to the house, read and answered with what it is.
//!
//! The mail server pipes it here (`egard mail-in`, docs/mail.md). Deliberately does not know: whose message it
//! is about; what is done about it belongs to those who are told ([`told`]).

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use bytes::Bytes;
use letter::bounce::{Cause, Permanence};
use letter::inbound::{ComplaintKind, Inbound, LONGEST, read};
use serde::Serialize;

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
    let inbound = tokio::task::spawn_blocking(move || read(&body, None, &marks)).await;
    let inbound = inbound.map_err(|_| Problem::internal())?;
    let kind = kind(&inbound);
    told(&app, inbound).await?;
    metrics::counter!("egard_inbound_mail_total", "kind" => kind.kind, "class" => kind.class.unwrap_or(""))
        .increment(1);
    Ok(Json(kind))
}

/// THE HOOK. Who must know of it hears of it here, durably, before the mail server is answered: bounces, complaints
/// and farewells are the outbox's (suppression), replies the conversations'. A refusal is answered with 503, and the
/// mail server comes again.
async fn told(_app: &App, inbound: Inbound) -> Result<(), Problem> {
    match inbound {
        Inbound::Bounce(_) | Inbound::Complaint(_) | Inbound::Unsubscribe(_) | Inbound::Reply(_) => Ok(()),
        Inbound::Automatic(_) | Inbound::Foreign => Ok(()),
    }
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
