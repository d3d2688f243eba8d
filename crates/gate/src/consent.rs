//! Consent with proof: a choice comes in with its evidence, is checked against the notice that was
//! shown, and is remembered with a record the person can have; and whether anybody has to be asked.
//!
//! Deliberately does not know: HTTP, what a dialogue looks like.

use crate::charter::Answer;
use crate::envelope::Terms;
use crate::evidence::{Component, Evidence, Fitting, Shown};
use crate::gate::Gate;
use crate::hot;
use crate::intake::{self, Received, Whom};
use crate::notice::{self, Notices};
use crate::permit::Ask;
use crate::purposes;
use crate::writer::{Fate, Reason};
use crate::{RecordId, Unavailable};
use std::sync::PoisonError;
use vocabulary::{AgeBracket, ConsentState, Moment, PurposeName, PurposeSet};

/// A choice of the person, with how it came about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsentGiven {
    /// Purpose and answer. What is not named is left as it is; silence is never a yes.
    pub choices: Vec<(PurposeName, bool)>,
    /// `Some(true)`: objects to direct marketing (GDPR art. 21(2)-(3), also by `ADPC:
    /// object=direct-marketing`); `Some(false)`: the person takes the objection back themselves.
    pub objects_to_marketing: Option<bool>,
    /// The age bracket the person said.
    pub age: Option<AgeBracket>,
    /// How it came about.
    pub evidence: Evidence,
}

impl ConsentGiven {
    /// Answers by purpose, nothing else said.
    pub fn new(choices: Vec<(PurposeName, bool)>, evidence: Evidence) -> ConsentGiven {
        ConsentGiven {
            choices,
            objects_to_marketing: None,
            age: None,
            evidence,
        }
    }
}

/// What became of a choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consented {
    /// On disk. The record proves it; `None` if it said nothing that was not known already.
    Kept(Option<RecordId>),
    /// A refusal of a visitor of whom nothing is known: nothing is kept here, so nothing is known
    /// afterwards either. Their browser remembers it.
    NotKept,
}

/// Why a choice cannot be taken as it is. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentRefused {
    /// Neither `userId` nor `anonymousId`.
    #[error("nobody is named; send `userId` or `anonymousId`")]
    Nobody,
    /// Nothing is said.
    #[error("nothing is said; send at least one choice, an objection or an age bracket")]
    Nothing,
    /// A permission without the words that were shown.
    #[error("a permission names the notice that was shown; send its id and version")]
    NoNotice,
    /// A notice that does not exist.
    #[error("there is no version {version} of the notice `{notice}`; show one that is published")]
    UnknownNotice {
        /// Which.
        notice: String,
        /// Its version.
        version: u32,
    },
    /// The text was another one.
    #[error(
        "the text hash is not that of version {version} of the notice `{notice}` in `{language}`; show the published text"
    )]
    OtherText {
        /// Which.
        notice: String,
        /// Its version.
        version: u32,
        /// In which language.
        language: &'static str,
    },
    /// A permission for what the notice does not ask for.
    #[error("the notice that was shown does not ask for `{0}`; a permission needs words about it")]
    NotAsked(PurposeName),
    /// The purpose rests on no consent.
    #[error("`{0}` does not rest on consent; leave it out")]
    NotOnConsent(PurposeName),
}

/// The state of consent for one purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PurposeConsent {
    /// For what.
    pub purpose: PurposeName,
    /// Its state now.
    pub state: ConsentState,
    /// Until when a valid consent lasts; `None`: not valid, or without an end.
    pub expires_at: Option<Moment>,
    /// Whether to ask for it now.
    pub ask: bool,
}

/// The states of one person, or of somebody of whom nothing is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsentStates {
    /// One for each purpose that rests on consent, in the order of their numbers.
    pub purposes: Vec<PurposeConsent>,
    /// Objected to direct marketing.
    pub objects_to_marketing: bool,
}

impl ConsentStates {
    /// What to ask for now; empty: ask nothing.
    pub fn ask(&self) -> PurposeSet {
        self.purposes
            .iter()
            .filter(|p| p.ask)
            .map(|p| p.purpose)
            .collect()
    }
}

impl Gate {
    /// Puts notices in force. Each version is kept by its digest, with a leaf, and never changes: one
    /// that was published with other words is refused.
    pub async fn publish_notices(
        &self,
        notices: Notices,
        now: Moment,
    ) -> Result<Result<(), notice::Error>, Unavailable> {
        let known = notices.clone();
        let changed = self
            .blocking(move |gate| {
                let shelf = gate.shared().shelf.as_ref();
                for notice in known.all() {
                    let pointer = shelf.get(&name_of(notice.id(), notice.version()))?;
                    if pointer.is_some_and(|pointer| pointer.value != notice.digest().0) {
                        return Ok(Some((notice.id().to_owned(), notice.version())));
                    }
                }
                Ok(None)
            })
            .await?;
        if let Some((id, version)) = changed {
            return Ok(Err(notice::Error::Changed { id, version }));
        }
        for notice in notices.all() {
            let name = name_of(notice.id(), notice.version());
            self.publish_as(name, notice.file().as_bytes().to_vec(), now)
                .await?;
        }
        let mut known = self
            .shared()
            .notices
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let own = known.own().cloned();
        *known = notices.with_own(own);
        Ok(Ok(()))
    }

    /// The notices in force and their earlier versions.
    pub fn notices(&self) -> Notices {
        self.shared().notices()
    }

    /// Records a choice with its evidence, durable when it answers. Somebody of whom nothing is known
    /// gets a row if they permit something, or if they are named by a `userId`.
    ///
    /// The caller vouches that it is the person who chose: their own session or page, or the site's
    /// server speaking for it.
    pub async fn consent(
        &self,
        whom: &Whom<'_>,
        mut given: ConsentGiven,
        source: &str,
        now: Moment,
    ) -> Result<Result<Consented, ConsentRefused>, Unavailable> {
        if whom.user_id.is_none() && whom.anonymous_id.is_none() {
            return Ok(Err(ConsentRefused::Nobody));
        }
        let shared = self.shared();
        let permits = given.choices.iter().any(|(_, yes)| *yes) || given.objects_to_marketing == Some(false);
        if permits && whom.user_id.is_none() && self.is_customer(whom).await? {
            // Whoever has a browser's identifier is not yet the customer who once used that browser: they
            // can take back for them, never permit.
            given.choices.retain(|(_, yes)| !yes);
            given.objects_to_marketing = given.objects_to_marketing.filter(|objects| *objects);
            if given.choices.is_empty() && given.objects_to_marketing.is_none() {
                return Ok(Ok(Consented::NotKept));
            }
        }
        let received = match check(&given, &shared.notices()) {
            Err(refused) => return Ok(Err(refused)),
            Ok(fitting) => intake::consented(
                whom,
                &given,
                fitting,
                source,
                now,
                &shared.notices(),
                &shared.keyring,
            )?,
        };
        let (fate, made) = self.state(received).await?;
        match fate {
            Some(Fate::Stored) => Ok(Ok(Consented::Kept(made))),
            Some(Fate::Duplicate) => Ok(Ok(Consented::Kept(None))),
            Some(Fate::Dropped(Reason::NoPermission | Reason::NotDeclared | Reason::Suppressed)) => {
                let known = self.find(whom).await?.is_some();
                Ok(Ok(match known {
                    true => Consented::Kept(None),
                    false => Consented::NotKept,
                }))
            }
            Some(Fate::Dropped(Reason::Gone | Reason::TryAgain)) | None => Err(Unavailable::Busy),
        }
    }

    /// What the person chose, and whether anything has to be asked. Nothing is opened: like a permit
    /// this reads the terms and no content.
    ///
    /// Nobody is asked who has said no, in whatever form: a refusal is remembered for as long as the
    /// person is. Nobody is asked where a yes would change nothing (a minor, a restriction, an
    /// objection, a browser that says no for them).
    pub async fn consent_state(&self, whom: &Whom<'_>, ask: Ask) -> Result<ConsentStates, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        let identified = whom.user_id.is_some();
        self.blocking(move |gate| {
            let shared = gate.shared();
            let known = match gate.locate(&located)? {
                Some(person) => shared
                    .hot
                    .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                        Ok(std::sync::Arc::clone(&slot.terms))
                    })?,
                None => None,
            };
            let terms = known.unwrap_or_else(|| {
                std::sync::Arc::new(Terms {
                    identified,
                    ..Terms::default()
                })
            });
            Ok(gate.states(&terms, ask))
        })
        .await
    }

    /// Whether these identifiers lead to somebody with a `userId`.
    pub async fn is_customer(&self, whom: &Whom<'_>) -> Result<bool, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        self.blocking(move |gate| {
            let shared = gate.shared();
            let identified = match gate.locate(&located)? {
                Some(person) => shared
                    .hot
                    .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                        Ok(slot.terms.identified)
                    })?,
                None => None,
            };
            Ok(identified == Some(true))
        })
        .await
    }

    fn states(&self, terms: &Terms, ask: Ask) -> ConsentStates {
        let shared = self.shared();
        let asked = shared.notices().purposes();
        let purposes = purposes::on_consent()
            .iter()
            .map(|purpose| {
                let state = terms.consent(purpose, ask.now);
                let open = !remembered(state) && asked.contains(purpose);
                PurposeConsent {
                    purpose,
                    state,
                    expires_at: terms.valid_until(purpose).filter(|_| state.is_valid()),
                    ask: open && self.would_help(terms, purpose, ask),
                }
            })
            .collect();
        ConsentStates {
            purposes,
            objects_to_marketing: terms.objects_to_marketing(),
        }
    }

    /// Whether a yes would permit what is not permitted now.
    fn would_help(&self, terms: &Terms, purpose: PurposeName, ask: Ask) -> bool {
        let charter = &self.shared().charter;
        let mut question = hot::question(
            terms,
            purpose,
            ask.signals,
            crate::charter::Requester::System,
            ask.now,
        );
        let Answer { allowed: now, .. } = *charter.answer(&question);
        question.consent = ConsentState::Given;
        !now && charter.answer(&question).allowed
    }

    /// Stores a statement; answers what became of it and the record that was made of it.
    pub(crate) async fn state(
        &self,
        received: Received,
    ) -> Result<(Option<Fate>, Option<RecordId>), Unavailable> {
        let made = received.made.clone();
        let fates = self.observe(vec![received]).await?;
        Ok((fates.first().copied(), made.and_then(|made| made.get().copied())))
    }
}

/// A no, and a yes that still holds, need no question.
fn remembered(state: ConsentState) -> bool {
    !matches!(
        state,
        ConsentState::Unknown
            | ConsentState::Requested
            | ConsentState::RequestDeferred
            | ConsentState::Expired
            | ConsentState::Invalidated
    )
}

/// Whether the choice can be taken, and which notice it answers.
fn check(given: &ConsentGiven, notices: &Notices) -> Result<Option<Fitting>, ConsentRefused> {
    if given.choices.is_empty() && given.objects_to_marketing.is_none() && given.age.is_none() {
        return Err(ConsentRefused::Nothing);
    }
    let on_consent = purposes::on_consent();
    if let Some((purpose, _)) = given.choices.iter().find(|(p, _)| !on_consent.contains(*p)) {
        return Err(ConsentRefused::NotOnConsent(*purpose));
    }
    let permits: PurposeSet = given
        .choices
        .iter()
        .filter(|(_, yes)| *yes)
        .map(|(p, _)| *p)
        .collect();
    let Some(shown) = &given.evidence.shown else {
        let needed = !permits.is_empty() && given.evidence.component != Component::Import;
        return if needed {
            Err(ConsentRefused::NoNotice)
        } else {
            Ok(None)
        };
    };
    fits(shown, permits, notices).map(Some)
}

/// Whether the words that are said to have been shown exist and ask for all that is permitted.
pub(crate) fn fits(shown: &Shown, permits: PurposeSet, notices: &Notices) -> Result<Fitting, ConsentRefused> {
    let Some(notice) = notices.get(&shown.notice, shown.version) else {
        return Err(ConsentRefused::UnknownNotice {
            notice: shown.notice.clone(),
            version: shown.version,
        });
    };
    let text = notice.text(shown.language).digest;
    if shown.text.is_some_and(|claimed| claimed != text) {
        return Err(ConsentRefused::OtherText {
            notice: shown.notice.clone(),
            version: shown.version,
            language: shown.language.tag(),
        });
    }
    match permits.iter().find(|p| !notice.purposes().contains(*p)) {
        Some(purpose) => Err(ConsentRefused::NotAsked(purpose)),
        None => Ok(Fitting {
            controller: notice.controller().to_owned(),
            notice: notice.digest(),
            text,
            valid_days: notice.valid_days(),
        }),
    }
}

pub(crate) fn name_of(id: &str, version: u32) -> String {
    format!("notice/{id}/{version}")
}
