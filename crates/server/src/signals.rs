//! What a browser's headers say for the person (`Sec-GPC`, `ADPC`), remembered for whom we know.
//!
//! A header is repeated with every request, so it is no act of its own: it takes back at any time, but
//! it permits only what nobody answered yet. Off stays off until the person switches it on themselves.
//! Deliberately does not know: HTTP bodies, pages.

use crate::adpc::{Adpc, ConsentRequest, Wishes, request_id};
use axum::http::{HeaderMap, header};
use gate::charter::Requester;
use gate::{Action, Ask, Component, ConsentGiven, Evidence, Gate, Notice, Notices, Shown, Unavailable, Whom};
use std::sync::Arc;
use vocabulary::{ConsentState, Event, Language, Moment, PurposeName, Signals};

/// What came with one request.
#[derive(Clone, Debug, Default)]
pub struct Said {
    adpc: Adpc,
    gpc: bool,
    language: Language,
}

/// The questions in force, asked for when a header has to be understood.
pub type Requests = Arc<dyn Fn() -> Vec<ConsentRequest> + Send + Sync>;

impl Said {
    /// Reads the headers of a request.
    pub fn read(headers: &HeaderMap) -> Said {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
        Said {
            adpc: Adpc::read(headers),
            gpc: gpc(headers),
            language: Language::preferred(accepted.unwrap_or_default()),
        }
    }

    /// `Sec-GPC: 1`.
    pub fn gpc(&self) -> bool {
        self.gpc
    }

    /// An `ADPC` header that says something of ours.
    pub fn adpc(&self) -> bool {
        self.adpc != Adpc::default()
    }

    /// Without what it permits: for who may not permit.
    #[must_use]
    pub fn refusals_alone(mut self) -> Said {
        self.adpc.consent.clear();
        self
    }

    /// What `ADPC` wishes, for the questions in force.
    pub fn wishes(&self, requests: &[ConsentRequest]) -> Wishes {
        self.adpc.wishes(requests)
    }

    /// Remembers for a known person what `ADPC` says; a stranger who permits something becomes known.
    /// Durable when it answers, and nothing is written that is remembered already.
    pub async fn remember(
        &self,
        gate: &Gate,
        whom: &Whom<'_>,
        signals: Signals,
        source: &str,
        now: Moment,
    ) -> Result<(), Unavailable> {
        let named = whom.user_id.is_some() || whom.anonymous_id.is_some();
        if !self.adpc() || !named {
            return Ok(());
        }
        let requests = requests(&gate.notices());
        let wishes = self.adpc.wishes(&requests);
        let ask = Ask {
            signals,
            requester: Requester::System,
            now,
        };
        let states = gate.consent_state(whom, ask).await?;
        let stands_against = |state: ConsentState| {
            state.is_valid()
                || matches!(
                    state,
                    ConsentState::Unknown
                        | ConsentState::Requested
                        | ConsentState::RequestDeferred
                        | ConsentState::Expired
                )
        };
        let withdrawn: Vec<(PurposeName, bool)> = states
            .purposes
            .iter()
            .filter(|p| wishes.withdrawn.contains(p.purpose) && stands_against(p.state))
            .map(|p| (p.purpose, false))
            .collect();
        let objects = wishes.object_direct_marketing && !states.objects_to_marketing;
        if !withdrawn.is_empty() || objects {
            let mut given = ConsentGiven::new(withdrawn, self.evidence());
            given.objects_to_marketing = objects.then_some(true);
            self.put(gate, whom, given, source, now).await?;
        }
        let open = states.ask().and(wishes.given);
        for notice in gate.notices().in_force() {
            let answers = |r: &&ConsentRequest| r.notice == notice.id() && self.adpc.consent.contains(&r.id);
            let choices: Vec<(PurposeName, bool)> = requests
                .iter()
                .filter(answers)
                .filter(|request| open.contains(request.purpose))
                .map(|request| (request.purpose, true))
                .collect();
            if choices.is_empty() {
                continue;
            }
            let mut evidence = self.evidence();
            evidence.shown = Some(Shown {
                notice: notice.id().to_owned(),
                version: notice.version(),
                language: self.language,
                text: None,
            });
            self.put(gate, whom, ConsentGiven::new(choices, evidence), source, now)
                .await?;
        }
        Ok(())
    }

    fn evidence(&self) -> Evidence {
        let mut evidence = Evidence::new(Component::Header, Action::Signal);
        evidence.gpc = self.gpc;
        evidence.adpc = true;
        evidence
    }

    async fn put(
        &self,
        gate: &Gate,
        whom: &Whom<'_>,
        given: ConsentGiven,
        source: &str,
        now: Moment,
    ) -> Result<(), Unavailable> {
        if let Err(refused) = gate.consent(whom, given, source, now).await? {
            // A notice that changed between two lines: the header comes again.
            tracing::debug!(%refused, "what ADPC says could not be taken");
        }
        Ok(())
    }
}

/// The questions in force, as `/consent-requests.json` asks them.
pub fn requests(notices: &Notices) -> Vec<ConsentRequest> {
    let of = |notice: &Notice| {
        let digest = notice.digest();
        let (id, version) = (notice.id().to_owned(), notice.version());
        let request = move |purpose: PurposeName| ConsentRequest {
            id: request_id(purpose, &digest),
            purpose,
            notice: id.clone(),
            version,
        };
        notice.purposes().iter().map(request).collect::<Vec<_>>()
    };
    notices.in_force().flat_map(of).collect()
}

/// `Sec-GPC` as the W3C draft has it: the value `1` and nothing else; of several headers one suffices.
pub fn gpc(headers: &HeaderMap) -> bool {
    headers
        .get_all("sec-gpc")
        .iter()
        .any(|value| value.as_bytes() == b"1")
}

/// Puts the wishes beside what the event itself says of consent: a no of either stands. Purposes are
/// categories of their own name, so an event has one place for both.
pub fn stamp(event: &mut Event, wishes: Wishes) {
    let refuses_all = event
        .consent
        .as_ref()
        .is_some_and(std::collections::BTreeMap::is_empty);
    if refuses_all || (wishes.given.is_empty() && wishes.withdrawn.is_empty()) {
        return;
    }
    let preferences = event.consent.get_or_insert_default();
    for purpose in wishes.given.iter() {
        preferences.entry(purpose.as_str().to_owned()).or_insert(true);
    }
    for purpose in wishes.withdrawn.iter() {
        preferences.insert(purpose.as_str().to_owned(), false);
    }
}
