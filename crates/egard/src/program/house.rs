//! Where an act on programs is carried out: in the store if nobody has it, by the running server if one does. Then it
//! takes the caller's own key, which says who they are.
//!
//! Deliberately does not know: what an act does (`server::program::acts`).

use crate::client::{self, Client};
use crate::serve;
use ::program::Program;
use bytes::Bytes;
use hyper::Method;
use serde_json::Value;
use server::app::App;
use server::ingest::clock;
use server::program::acts;
use server::settings::Settings;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use vocabulary::Digest;

/// Longest key file that is read, bytes.
const MOST_KEY: u64 = 1_024;

/// What is to be done.
pub enum Act {
    Plan(Box<Program>),
    /// With what must be in force now, if it is said.
    Apply(Box<Program>, Option<Option<Digest>>),
    Approve(Digest),
    Rollback(Option<Digest>),
    History,
}

impl Act {
    fn is_signed(&self) -> bool {
        !matches!(self, Act::Plan(_) | Act::History)
    }
}

/// Where it is done, and as whom.
pub enum Way {
    /// In the store, which is open.
    Here(Box<App>, String),
    /// By the server that has it.
    Server(Client, Option<String>),
}

impl Way {
    /// Opens the store, or finds the server that has it. Never both: whoever is let in by a key is who the key says,
    /// and a name that is only said counts where one could write the store anyway.
    pub async fn find(
        settings: &Settings,
        key: Option<&Path>,
        by: Option<String>,
        act: &Act,
    ) -> Result<Way, String> {
        serve::existing(settings)?;
        match server::serve::open(settings, clock::system()).await {
            Ok(app) => match by {
                None if act.is_signed() => {
                    app.gate.close().await;
                    Err("no server runs on the store: say who you are with `--by NAME`".to_owned())
                }
                by => Ok(Way::Here(Box::new(app), by.unwrap_or_default())),
            },
            Err(error) if serve::held(&error) => {
                let file = key.ok_or(
                    "a server runs on the store: name the file of your key with `--key-file FILE` (one of \
                     `program_keys` in the settings), or stop the server",
                )?;
                let authorization = format!("Bearer {}", read_key(file)?);
                let client = Client::connect(settings.listen, &authorization).await;
                let client = client
                    .map_err(|error| format!("a server has the store, and does not answer: {error}"))?;
                Ok(Way::Server(client, by))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Does it; what there is to say, line by line.
    pub async fn go(self, act: Act) -> Result<Vec<String>, String> {
        match self {
            Way::Here(app, by) => here(*app, act, &by).await,
            Way::Server(mut client, by) => {
                // The name goes with the key. Whoever says another one means another key.
                if let Some(by) = by {
                    let known = ask(&mut client, Method::GET, "/v1/programs", Bytes::new()).await?;
                    let name = known.get("by").and_then(Value::as_str).unwrap_or_default();
                    if name != by {
                        return Err(format!(
                            "the key is that of `{name}`, not of `{by}`; leave `--by` out"
                        ));
                    }
                }
                let (method, path, body) = request(act);
                let done = ask(&mut client, method, &path, body).await?;
                let lines = done.get("lines").and_then(Value::as_array).into_iter().flatten();
                Ok(lines.filter_map(Value::as_str).map(str::to_owned).collect())
            }
        }
    }
}

/// What the running server says waits, line by line.
pub async fn waits(settings: &Settings, key: &Path) -> Result<Vec<String>, String> {
    let authorization = format!("Bearer {}", read_key(key)?);
    let client = Client::connect(settings.listen, &authorization).await;
    let mut client = client.map_err(|error| error.to_string())?;
    let known = ask(&mut client, Method::GET, "/v1/programs", Bytes::new()).await?;
    let lines = known.get("waits").and_then(Value::as_array).into_iter().flatten();
    Ok(lines.filter_map(Value::as_str).map(str::to_owned).collect())
}

async fn here(app: App, act: Act, by: &str) -> Result<Vec<String>, String> {
    let outcome = match act {
        Act::Plan(to) => acts::plan(&app, &to).await,
        Act::Apply(to, against) => acts::apply(&app, &to, by, against).await,
        Act::Approve(digest) => acts::approve(&app, digest, by).await,
        Act::Rollback(digest) => acts::put_back(&app, digest, by).await,
        Act::History => acts::history(&app).await,
    };
    let integrated = app.gate.integrate().await;
    app.gate.close().await;
    let told = outcome.map_err(|error| error.to_string())?;
    integrated.map_err(|error| error.to_string())?;
    Ok(told.lines)
}

fn request(act: Act) -> (Method, String, Bytes) {
    let post = |path: String, body: Vec<u8>| (Method::POST, path, Bytes::from(body));
    match act {
        Act::Plan(to) => post("/v1/programs/plan".to_owned(), to.pack()),
        Act::Apply(to, None) => post("/v1/programs/apply".to_owned(), to.pack()),
        Act::Apply(to, Some(against)) => {
            let against = against.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
            post(format!("/v1/programs/apply?against={against}"), to.pack())
        }
        Act::Approve(digest) => post(format!("/v1/programs/{digest}/approve"), Vec::new()),
        Act::Rollback(None) => post("/v1/programs/rollback".to_owned(), Vec::new()),
        Act::Rollback(Some(digest)) => post(format!("/v1/programs/rollback?digest={digest}"), Vec::new()),
        Act::History => (Method::GET, "/v1/programs".to_owned(), Bytes::new()),
    }
}

/// One request; a problem becomes one line.
async fn ask(client: &mut Client, method: Method, path: &str, body: Bytes) -> Result<Value, String> {
    let sent = client.send(method, path, body).await;
    let (status, body) = sent.map_err(|error: client::Error| error.to_string())?;
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    if status == 200 {
        return Ok(answer);
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let errors = answer
        .get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let errors: Vec<&str> = errors
        .filter_map(|error| error.get("detail").and_then(Value::as_str))
        .collect();
    let words = match (text("detail"), errors.is_empty()) {
        (_, false) => errors.join("; "),
        (Some(detail), true) => detail.to_owned(),
        (None, true) => text("title").unwrap_or("no reason was given").to_owned(),
    };
    Err(format!("the server answered {status}: {words}"))
}

/// The key of a file that nobody else can read.
fn read_key(file: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("`{}`: {error}", file.display());
    let known = std::fs::metadata(file).map_err(cannot)?;
    if known.permissions().mode() & 0o077 != 0 {
        return Err(format!(
            "`{}` can be read by others, and whoever reads it is you to the server: chmod 600 it",
            file.display()
        ));
    }
    if known.len() > MOST_KEY {
        return Err(format!("`{}` is too long for a key", file.display()));
    }
    let text = std::fs::read_to_string(file).map_err(cannot)?;
    let key = text.trim();
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "`{}` holds no key: one line of letters and digits",
            file.display()
        ));
    }
    Ok(key.to_owned())
}
