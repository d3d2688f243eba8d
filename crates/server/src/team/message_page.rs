//! Messages: what a program sends, how one reads for somebody who is made up, and what the checker finds in its words
//! while they are typed.
//!
//! A preview is written by the very code that writes what leaves, for values that are nobody's. What is typed into a
//! text is checked within its program and saved nowhere: the folder is where programs are written. Deliberately does
//! not know: people, how a page looks.

use super::entrance::page;
use super::roles::Doing;
use super::session::Inside;
use super::{Team, previews};
use crate::api::unavailable;
use crate::problem::Problem;
use crate::web::team::{self as pages, OneMessage, OneText, Preview, Tab, Which};
use ::program::words::Name;
use ::program::{Fault, Mark, Program, Severity};
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use previews::Wish;
use serde::Deserialize;

/// Longest form with a text in it: letters of other languages travel as nine.
pub(super) const LONGEST: usize = 512 << 10;

/// The query of these pages.
#[derive(Deserialize)]
pub(super) struct Looking {
    lang: Option<String>,
    /// `in-force`, or `folder` for all else.
    #[serde(default)]
    of: String,
    /// A file of the message.
    #[serde(default)]
    file: String,
}

/// The messages.
pub(super) async fn list(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(looking): Query<Looking>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, looking.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let written = team.written(&looking.of).await?;
    let frame = team.frame(&inside, Tab::Messages, "");
    let shown = written.as_ref().map(|(which, program)| (*which, program));
    page(pages::messages(&frame, shown))
}

/// One message, and the form to try it.
pub(super) async fn show(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(looking): Query<Looking>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, looking.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    team.message(&inside, &looking.of, &name, None).await
}

/// The same with the message as it would read.
pub(super) async fn preview(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let asked = (field(&form, "lang"), field(&form, "token").unwrap_or_default());
    let inside = match team.may_post(&headers, asked, Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let of = field(&form, "of").unwrap_or_default();
    team.message(&inside, of, &name, Some(&form)).await
}

/// The HTML of a preview, for the frame of whoever made it.
pub(super) async fn shown(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, None, Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let html = team.0.frames.get(inside.key(), &token, team.app().now());
    let html = html.ok_or_else(|| Problem::not_found("preview"))?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

/// A text of a message, to be changed and checked.
pub(super) async fn words(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(looking): Query<Looking>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, looking.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let (which, program) = team.of_message(&looking.of, &name).await?;
    let file = path(&program, &name, &looking.file)?;
    let text =
        String::from_utf8_lossy(program.files().get(&file).map_or(&[][..], Vec::as_slice)).into_owned();
    let found = checked(program, file.clone(), text.clone()).await?;
    team.text(&inside, &name, which, &file, &text, &found)
}

/// What the checker finds in a text, as a page, or as JSON for the page's script.
pub(super) async fn check(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let asked = (field(&form, "lang"), field(&form, "token").unwrap_or_default());
    let inside = match team.may_post(&headers, asked, Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let (which, program) = team
        .of_message(field(&form, "of").unwrap_or_default(), &name)
        .await?;
    let file = path(&program, &name, field(&form, "file").unwrap_or_default())?;
    // Browsers send lines with CR LF, whatever the file has.
    let text = field(&form, "text").unwrap_or_default().replace("\r\n", "\n");
    let found = checked(program, file.clone(), text.clone()).await?;
    let wants = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    match wants == Some("application/json") {
        true => Ok(Json(pages::findings(inside.language, &found)).into_response()),
        false => team.text(&inside, &name, which, &file, &text, &found),
    }
}

fn field<'f>(form: &'f [(String, String)], wanted: &str) -> Option<&'f str> {
    let found = form.iter().find(|(name, _)| name == wanted);
    found.map(|(_, value)| value.as_str())
}

/// The path of a message's file. Looked up among the names that were read, and never opened as a path.
fn path(program: &Program, name: &str, file: &str) -> Result<String, Problem> {
    let path = format!("messages/{name}/{file}");
    let own = program.files().contains_key(&path) && !file.ends_with(".yaml");
    own.then_some(path).ok_or_else(|| Problem::not_found("file"))
}

/// What the checker says of one file of a program with that text in it; and whether it can be rendered.
async fn checked(program: Program, file: String, text: String) -> Result<Vec<Fault>, Problem> {
    let checked = tokio::task::spawn_blocking(move || {
        let mut files = program.files().clone();
        files.insert(file.clone(), text.into_bytes());
        let (program, faults) = match crate::program::read(files) {
            Ok((program, _)) => {
                let faults = program.warnings.clone();
                (Some(program), faults)
            }
            Err(faults) => (None, faults),
        };
        let mut found: Vec<Fault> = faults
            .iter()
            .filter(|fault| fault.file == file)
            .cloned()
            .collect();
        let ready = program.map(|program| {
            decide::compose::Words::new(&program, Default::default(), Default::default(), true).err()
        });
        if let Some(error) = ready.flatten().filter(|error| error.file == file) {
            found.push(Fault {
                file,
                mark: Mark::START,
                severity: Severity::Error,
                code: "template",
                message: error.fault,
                mend: "look at the place that is named".to_owned(),
            });
        }
        found
    });
    checked.await.map_err(|_| Problem::internal())
}

impl Team {
    /// The program whose messages are shown: that of the folder if it has no fault and nothing else is asked for, else
    /// the one in force.
    async fn written(&self, of: &str) -> Result<Option<(Which, Program)>, Problem> {
        if of != Which::InForce.as_str()
            && let Some(Ok(Ok(program))) = self.folder().await
        {
            return Ok(Some((Which::Folder, program)));
        }
        let applied = self.app().gate.programs().await.map_err(unavailable)?;
        let program = match applied.first() {
            Some(applied) => self.program_at(applied.digest).await?,
            None => None,
        };
        Ok(program.map(|program| (Which::InForce, program)))
    }

    async fn of_message(&self, of: &str, name: &str) -> Result<(Which, Program), Problem> {
        let written = self.written(of).await?;
        let own = written.filter(|(_, program)| program.messages.contains_key(&Name::from(name)));
        own.ok_or_else(|| Problem::not_found("message"))
    }

    async fn message(
        &self,
        inside: &Inside,
        of: &str,
        name: &str,
        form: Option<&[(String, String)]>,
    ) -> Result<Response, Problem> {
        let (which, program) = self.of_message(of, name).await?;
        let wish = Wish::read(form.unwrap_or_default(), inside.language);
        let (key, house, now) = (Name::from(name), self.0.house.clone(), self.app().now());
        let marks = crate::channels::email::marks(&self.app().gate);
        let wanted = form.is_some();
        let made = tokio::task::spawn_blocking(move || {
            let made = wanted.then(|| previews::write(&program, &key, &wish, &house, &marks, now));
            (program, wish, made)
        });
        let (program, wish, made) = made.await.map_err(|_| Problem::internal())?;
        let message = program.messages.get(&Name::from(name));
        let message = message.ok_or_else(|| Problem::not_found("message"))?;
        let html = match &made {
            Some(Ok(written)) => written.html.as_deref(),
            _ => None,
        };
        let shown = html.and_then(|html| self.0.frames.hold(inside.key(), html, now));
        let mut frame = self.frame(inside, Tab::Messages, "");
        let path = format!("/messages/{name}");
        frame.path = &path;
        let preview = made.as_ref().map(|made| Preview {
            made: made.as_ref(),
            frame: shown.as_deref(),
        });
        page(pages::message(
            &frame,
            &OneMessage {
                which,
                program: &program,
                message,
                wish: &wish,
                preview,
            },
        ))
    }

    fn text(
        &self,
        inside: &Inside,
        name: &str,
        which: Which,
        file: &str,
        text: &str,
        found: &[Fault],
    ) -> Result<Response, Problem> {
        let mut frame = self.frame(inside, Tab::Messages, "");
        let path = format!("/messages/{name}/words");
        frame.path = &path;
        page(pages::text(
            &frame,
            &OneText {
                name,
                which,
                file,
                text,
                found,
            },
        ))
    }
}
