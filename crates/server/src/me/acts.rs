//! What a person does on their page: each form one act, durable before the page is shown again.
//!
//! Deliberately does not know: how a page looks, what follows from an act.

use super::Me;
use super::openness::{Answer, OpennessForm};
use super::own_page::{In, markup};
use crate::api::{records, unavailable};
use crate::problem::Problem;
use crate::rights::{self, Asked, Right, Via};
use crate::web::door::State as At;
use crate::web::person::{self, SOURCE};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use gate::{Act, Action, Component, ConsentGiven, Consented, Evidence, NotJoined, Shown, Unavailable, Whom};
use serde::Deserialize;
use vocabulary::{AgeBracket, PurposeName};

/// The fields of all forms.
#[derive(Deserialize)]
pub(super) struct Doing {
    #[serde(default)]
    token: String,
    lang: Option<String>,
    #[serde(default)]
    act: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    item: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    openness: String,
    #[serde(default)]
    discovery: String,
}

/// The query of the page that asks.
#[derive(Deserialize)]
pub(super) struct Asking {
    lang: Option<String>,
}

/// What was done, and where on the page to go on.
type Said = (&'static str, &'static str);

/// Purposes that make a profile of the person: the one switch ends them all.
const PROFILING: [PurposeName; 3] = [
    PurposeName::Personalise,
    PurposeName::Segment,
    PurposeName::Predict,
];

/// Carries an act out.
pub(super) async fn act(
    State(me): State<Me>,
    headers: HeaderMap,
    Form(doing): Form<Doing>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, doing.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let language = inside.language;
    if !(inside.session.admits(&doing.token) && me.is_own(&headers)) {
        return Ok(me.back(language, "stale", ""));
    }
    let (word, anchor) = me.carry_out(&inside, &doing).await?;
    Ok(me.back(language, word, anchor))
}

/// Asks before everything is erased.
pub(super) async fn ask_erasure(
    State(me): State<Me>,
    headers: HeaderMap,
    Query(asking): Query<Asking>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, asking.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    markup(person::erase(&me.frame(&inside)))
}

/// Erases everything, and ends the session.
pub(super) async fn erase(
    State(me): State<Me>,
    headers: HeaderMap,
    Form(doing): Form<Doing>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, doing.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    if !(inside.session.admits(&doing.token) && me.is_own(&headers)) {
        return Ok(me.back(inside.language, "stale", ""));
    }
    let whom = inside.session.whom();
    // As a request, so that it is answered, proven and unlearned like any other.
    let asked = rights::open(
        me.app(),
        &whom,
        Right::Erasure,
        Via::Page,
        Asked::default(),
        inside.signals,
    );
    let known = asked.await.map_err(fault)?;
    if known.linked {
        // Open and durable, and not carried out yet: the page must not say that it is.
        return Err(Problem::unavailable(5));
    }
    let erased = At::Erased {
        certificate: known.house.certificate.as_deref(),
        day: me.app().now().day(),
    };
    let page = me.door(erased, inside.language, StatusCode::OK)?;
    me.end(&inside.session, page).await
}

impl Me {
    async fn carry_out(&self, inside: &In, doing: &Doing) -> Result<Said, Problem> {
        let item = || doing.item.clone();
        let name = || doing.name.clone();
        match doing.act.as_str() {
            "switch-off" => {
                let no: Vec<_> = PROFILING.iter().map(|purpose| (*purpose, false)).collect();
                let given = ConsentGiven::new(no, evidence(inside, Action::Withdraw));
                self.choose(inside, given, ("off", "#choices")).await
            }
            "switch-on" => {
                self.allow(inside, PurposeName::Personalise, ("on", "#choices"))
                    .await
            }
            "allow" | "refuse" => {
                let purpose = PurposeName::parse(&doing.purpose);
                let Some(purpose) = purpose.filter(|purpose| PurposeName::ASKED.contains(purpose)) else {
                    return Err(Problem::bad_request("`purpose` is none that can be chosen"));
                };
                if doing.act == "allow" {
                    return self.allow(inside, purpose, ("allowed", "#choices")).await;
                }
                let given = ConsentGiven::new(vec![(purpose, false)], evidence(inside, Action::Withdraw));
                self.choose(inside, given, ("refused", "#choices")).await
            }
            "withdraw-all" => {
                let no: Vec<_> = PurposeName::ASKED
                    .iter()
                    .map(|purpose| (*purpose, false))
                    .collect();
                let given = ConsentGiven::new(no, evidence(inside, Action::RefuseAll));
                self.choose(inside, given, ("withdrawn", "#choices")).await
            }
            "marketing-stop" | "marketing-again" => {
                let stop = doing.act == "marketing-stop";
                let mut given = ConsentGiven::new(Vec::new(), evidence(inside, Action::Object));
                given.objects_to_marketing = Some(stop);
                let word = if stop { "objected" } else { "no-objection" };
                self.choose(inside, given, (word, "#rights")).await
            }
            "object" => {
                self.done(inside, Act::Object(true), ("objected", "#rights"))
                    .await
            }
            "object-no-longer" => {
                let act = Act::Object(false);
                self.done(inside, act, ("no-objection", "#rights")).await
            }
            "restrict" => {
                self.done(inside, Act::Restrict(true), ("restricted", "#rights"))
                    .await
            }
            "restrict-no-longer" => {
                let act = Act::Restrict(false);
                self.done(inside, act, ("unrestricted", "#rights")).await
            }
            "forget" => {
                self.done(inside, Act::Forget(item()), ("forgotten", "#known"))
                    .await
            }
            "mute" => self.done(inside, Act::Mute(item()), ("muted", "#known")).await,
            "unmute" => {
                self.done(inside, Act::Unmute(item()), ("unmuted", "#known"))
                    .await
            }
            "remove" => {
                let act = Act::RemoveTrait { name: name() };
                self.done(inside, act, ("removed", "#known")).await
            }
            "correct" => {
                let value = serde_json::Value::from(doing.value.trim()).to_string();
                let act = Act::Correct { name: name(), value };
                self.done(inside, act, ("corrected", "#known")).await
            }
            "age" => {
                let said = AgeBracket::ALL
                    .into_iter()
                    .find(|age| age.as_str() == doing.value);
                let said = said.ok_or_else(|| Problem::bad_request("`value` is no age bracket"))?;
                let word = match said {
                    AgeBracket::Unknown => "age-none",
                    AgeBracket::Adult | AgeBracket::Minor => "age",
                };
                self.done(inside, Act::age(said), (word, "#known")).await
            }
            "openness" => {
                let form = OpennessForm::Dial {
                    step: &doing.openness,
                    discovery: doing.discovery == "on",
                };
                self.open(inside, &form, ("openness", "#openness")).await
            }
            "topic" => {
                let form = OpennessForm::Topic {
                    name: &doing.name,
                    stance: &doing.value,
                };
                let word = if doing.value == "none" {
                    "topic-back"
                } else {
                    "topic"
                };
                self.open(inside, &form, (word, "#interests")).await
            }
            "more" | "less" => {
                let answer = match doing.act.as_str() {
                    "more" => Answer::More,
                    _ => Answer::Less,
                };
                let item = &doing.item;
                let form = OpennessForm::Answer { item, answer };
                self.open(inside, &form, ("topic", "#interests")).await
            }
            "join" => self.join(inside).await,
            "part" => {
                let (gate, whom, now) = (&self.app().gate, inside.session.whom(), self.app().now());
                let parted = gate.part_joined(&whom, &doing.name, SOURCE, now).await;
                parted
                    .map(|parted| merged(parted.map(drop), "parted"))
                    .map_err(unavailable)
            }
            "review" => self.review(inside, &doing.item).await,
            _ => Err(Problem::bad_request("`act` is none of this page's")),
        }
    }

    async fn open(&self, inside: &In, form: &OpennessForm<'_>, said: Said) -> Result<Said, Problem> {
        match self.openness_act(form) {
            Some(act) => self.done(inside, act, said).await,
            None => Ok(("no-topic", said.1)),
        }
    }

    async fn done(&self, inside: &In, act: Act, said: Said) -> Result<Said, Problem> {
        let gate = &self.app().gate;
        if !gate.can_act(&act) {
            return Ok(("not-possible", said.1));
        }
        let done = gate
            .act(&inside.session.whom(), act, SOURCE, self.app().now())
            .await;
        Ok(match done.map_err(unavailable)? {
            Some(()) => said,
            None => ("nobody", ""),
        })
    }

    /// The person says, in their own session, that the visitor of this very browser was them.
    async fn join(&self, inside: &In) -> Result<Said, Problem> {
        let whom = inside.session.whom();
        let whom = Whom {
            anonymous_id: inside.visitor.as_deref(),
            ..whom
        };
        let (gate, now) = (&self.app().gate, self.app().now());
        // The session's own name is the customer's: a link for a visitor joins nobody.
        if !gate
            .joinable(&whom, self.own(inside))
            .await
            .map_err(unavailable)?
        {
            return Ok(("not-joined", "#known"));
        }
        let joined = gate.join(&whom, SOURCE, now).await;
        joined
            .map(|joined| merged(joined.map(drop), "joined"))
            .map_err(unavailable)
    }

    /// A permission names the words that were shown: those of the notice in force, which stand beside
    /// the button, or the page's own where the site has none for the purpose.
    async fn allow(&self, inside: &In, purpose: PurposeName, said: Said) -> Result<Said, Problem> {
        let gate = &self.app().gate;
        let notices = gate.notices();
        let Some(notice) = super::values::notice_for(&notices, purpose) else {
            // Never at a server that was put together: nothing is permitted without words.
            return Err(Problem::unavailable(5));
        };
        let mut evidence = evidence(inside, Action::Save);
        evidence.shown = Some(Shown {
            notice: notice.id().to_owned(),
            version: notice.version(),
            language: inside.language,
            text: Some(notice.text(inside.language).digest),
        });
        let given = ConsentGiven::new(vec![(purpose, true)], evidence);
        self.choose(inside, given, said).await
    }

    async fn choose(&self, inside: &In, given: ConsentGiven, said: Said) -> Result<Said, Problem> {
        let mut given = given;
        given.evidence.page = Some(format!("{}/me", self.0.audience));
        let (whom, now) = (inside.session.whom(), self.app().now());
        match self.app().gate.consent(&whom, given, SOURCE, now).await {
            Ok(Ok(Consented::Kept(_))) => Ok(said),
            Ok(Ok(Consented::NotKept)) => Ok(("nobody", "")),
            Ok(Err(refused)) => Err(Problem::bad_request(&refused.to_string())),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn review(&self, inside: &In, record: &str) -> Result<Said, Problem> {
        let (gate, whom) = (&self.app().gate, inside.session.whom());
        let id = records::parse_id(record).ok_or_else(|| Problem::not_found("record"))?;
        let own = gate.own_receipt(&whom, id, self.own(inside)).await;
        if !matches!(own.map_err(unavailable)?, Some(Ok(_))) {
            return Err(Problem::not_found("record"));
        }
        let asked = Asked {
            record: Some(records::show_id(id)),
            ..Asked::default()
        };
        let opened = rights::open(
            self.app(),
            &whom,
            Right::HumanReview,
            Via::Page,
            asked,
            inside.signals,
        );
        opened.await.map_err(fault)?;
        Ok(("review", "#rights"))
    }
}

fn merged(outcome: Result<(), NotJoined>, done: &'static str) -> Said {
    let word = match outcome {
        Ok(()) => done,
        Err(NotJoined::TooLate) => "too-late",
        Err(_) => "not-joined",
    };
    (word, "#known")
}

fn evidence(inside: &In, action: Action) -> Evidence {
    let mut evidence = Evidence::new(Component::OwnPage, action);
    evidence.gpc = inside.signals.gpc;
    evidence
}

fn fault(fault: rights::Fault) -> Problem {
    match fault {
        rights::Fault::Gate(error) => unavailable(error),
        fault => {
            tracing::warn!(%fault, "a request could not be opened");
            unavailable(Unavailable::Busy)
        }
    }
}
