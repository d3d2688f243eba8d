//! One segment: who is in it in plain words, and a person made up on the spot to see whether they would be in, and why.
//!
//! The values typed here are nobody's, are judged by the very code that judges people, and are kept nowhere. Why a
//! person who exists is in a segment is told where their data is opened, for a purpose that the person sees.
//! Deliberately does not know: how a predicate is judged, how a page looks.

use super::Team;
use super::entrance::{Shown, page};
use super::made::{Asks, Made};
use super::roles::Doing;
use super::session::Inside;
use crate::automation::figures::Figure;
use crate::automation::seen;
use crate::problem::Problem;
use crate::web::team::{self as pages, Counts, OneSegment, Tab, Verdict};
use crate::words::Words;
use crate::words::why::Reader;
use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use decide::segments::{Known, Truth};
use program::words::Name;

/// The segment and an empty form.
pub(super) async fn show(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    team.segment(&inside, &name, None)
}

/// The same with an answer.
pub(super) async fn judge(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let field = |wanted: &str| form.iter().find(|(name, _)| name == wanted);
    let token = field("token").map_or("", |(_, token)| token);
    let asked = field("lang").map(|(_, lang)| lang.as_str());
    let inside = match team.may_post(&headers, (asked, token), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    team.segment(&inside, &name, Some(&form))
}

impl Team {
    fn segment(
        &self,
        inside: &Inside,
        name: &str,
        form: Option<&[(String, String)]>,
    ) -> Result<Response, Problem> {
        let nothing = || Problem::not_found("segment");
        let running = self.app().running().ok_or_else(nothing)?;
        let name = Name::from(name);
        let program = &running.program;
        let segment = program.segments.get(&name).ok_or_else(nothing)?;
        let asks = Asks::of(program, &segment.who);
        let now = self.app().now();
        let made = form.map(|form| Made::read(program, &asks, form, now));
        let verdict = match &made {
            None => None,
            Some(Err(unclear)) => Some(Verdict::Unclear(unclear.clone())),
            Some(Ok(made)) => {
                let known = Known {
                    traits: &made.traits,
                    happened: &made.happened,
                    touched: &made.touched,
                    consents: &made.consents,
                    zone: &running.automation.zone,
                };
                let told = running.automation.explained(&known, &name, now);
                let (reason, truth) = told.ok_or_else(nothing)?;
                let words = Words::of(inside.language);
                Some(Verdict::Judged {
                    holds: truth.holds,
                    until: (truth.until != Truth::NEVER).then_some(truth.until),
                    why: seen::sentences_for(self.app(), words, &reason, Reader::Team),
                })
            }
        };
        let counted = self.counted();
        let size = |name: &str| {
            let counted = counted.as_ref()?;
            let people = counted.segments.get(&Name::from(name)).copied();
            Some(Figure::of(people.unwrap_or_default()))
        };
        let mut frame = self.frame(inside, Tab::Segments, "");
        let path = format!("/segments/{name}");
        frame.path = &path;
        page(pages::segment(
            &frame,
            &OneSegment {
                program,
                segment,
                asks: &asks,
                form: form.unwrap_or_default(),
                verdict,
                counts: Counts {
                    at: counted.as_ref().map(|counted| counted.at),
                    of: &size,
                },
            },
        ))
    }
}
