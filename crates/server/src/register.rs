//! The public register in use: gathered from the house, made once for each change, and handed out as
//! pages, as JSON, and as files.
//!
//! What is gathered is about the house: the requests' own parts name nobody, and nobody is opened.
//! Deliberately does not know: how a page looks, which numbers are small.

pub mod files;
mod gauges;
mod routes;

pub use routes::router;

use crate::app::App;
use crate::ingest::PublicUrl;
use crate::settings::Settings;
use crate::web::register::{self as pages, Frame, Links, Place};
use crate::work::learn_privately;
use decide::register::figures::Quarter;
use decide::register::honesty::{self, Said, Version};
use decide::register::{self, House, Log, Register, told_models};
use decide::rights::Request;
use gate::charter::diff::Rulebook;
use gate::dictionary::Dictionary;
use gate::{Gate, InForce, MAX_IN_FORCE, Unavailable};
use recommend::{Header, Model};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use vocabulary::{Day, Digest, Language, Moment};

/// How old the register may be that is handed out.
pub const FRESH: Duration = Duration::from_secs(60);
/// Most of one kind that the register tells.
const MOST: usize = 200;
/// Programs of messages that are looked through for overrides and moved deadlines, the newest.
const VERSIONS: usize = 50;
/// Pages that are remembered beside the register itself.
const REMEMBERED: usize = 64;

/// The register cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gate.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// A request that cannot be read: without it the figures would be wrong.
    #[error("a stored request cannot be read; it was written by another version")]
    Request,
    /// The log's own words.
    #[error("the checkpoint cannot be read: {0}")]
    Checkpoint(String),
    /// Markup or JSON.
    #[error("the budget of models cannot be told: {0}")]
    Training(String),
    /// It cannot be written.
    #[error("the register cannot be written down: {0}")]
    Words(String),
}

/// A document that is handed out, with its address by content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// The media type.
    pub kind: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// When these bytes were first made.
    pub made: Moment,
}

impl Document {
    fn new(kind: &'static str, bytes: Vec<u8>, made: Moment) -> Document {
        Document {
            kind,
            digest: Digest::of(&bytes),
            bytes,
            made,
        }
    }
}

/// The register of one moment.
pub struct Edition {
    /// The register.
    pub register: Register,
    /// When it was made.
    pub made: Moment,
    /// The day and the log it was made of: what changes without a leaf is not in the register.
    of: (Day, Vec<u8>),
    pages: Mutex<BTreeMap<(Place, &'static str), Arc<Document>>>,
    json: Arc<Document>,
}

impl Edition {
    fn remembered(&self, key: &(Place, &'static str)) -> Option<Arc<Document>> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(key).cloned()
    }

    fn remember(&self, key: (Place, &'static str), page: Arc<Document>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= REMEMBERED {
            pages.clear();
        }
        pages.insert(key, page);
    }
}

/// Keeps the newest edition; cheap to clone.
#[derive(Clone)]
pub struct Press(Arc<Inner>);

struct Inner {
    app: App,
    site: String,
    root: String,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    edition: Option<(Arc<Edition>, Instant)>,
    /// The requests, as they were on a day: what is told of them changes with the day.
    requests: Option<(Day, Arc<Vec<Request>>)>,
    /// What models say of themselves.
    headers: BTreeMap<[u8; 32], Option<Header>>,
    /// What programs that were in force say against rules of honesty, by their number.
    said: BTreeMap<u64, Option<Said>>,
}

impl Press {
    /// For an application.
    pub fn new(app: App, settings: &Settings, public_url: &PublicUrl) -> Press {
        let address = public_url.to_string();
        let place = address.split_once("://").map_or("", |(_, place)| place);
        let (host, root) = place.split_at(place.find('/').unwrap_or(place.len()));
        let site = match settings.me.site.is_empty() {
            true => host.to_owned(),
            false => settings.me.site.clone(),
        };
        Press(Arc::new(Inner {
            app,
            site,
            root: root.to_owned(),
            state: tokio::sync::Mutex::default(),
        }))
    }

    /// An edition at most `fresh` old; made anew only if the log or the day is another.
    pub async fn edition(&self, fresh: Duration) -> Result<Arc<Edition>, Error> {
        let mut state = self.0.state.lock().await;
        if let Some((edition, looked)) = &state.edition
            && looked.elapsed() < fresh
        {
            return Ok(Arc::clone(edition));
        }
        let app = &self.0.app;
        let now = app.now();
        let checkpoint = app.gate.checkpoint().await?.unwrap_or_default();
        let of = (now.day(), checkpoint);
        if let Some((edition, looked)) = &mut state.edition
            && edition.of == of
        {
            *looked = Instant::now();
            return Ok(Arc::clone(edition));
        }
        let register = gather(app, &mut state, &of.1, now).await?;
        let json = json(&register)?;
        let before = state.edition.take().map(|(edition, _)| edition);
        let json = match before.filter(|before| before.json.bytes == json) {
            Some(before) => Arc::clone(&before.json),
            None => Arc::new(Document::new("application/json", json, now)),
        };
        let edition = Arc::new(Edition {
            register,
            made: now,
            of,
            pages: Mutex::default(),
            json,
        });
        state.edition = Some((Arc::clone(&edition), Instant::now()));
        Ok(edition)
    }

    /// A page of an edition as it is served; `None`: there is no such thing in the register.
    pub async fn page(
        &self,
        edition: &Edition,
        place: Place,
        language: Language,
    ) -> Result<Option<Arc<Document>>, Error> {
        // The text of a charter is of no language.
        let language = match place {
            Place::CharterText(_) => Language::En,
            _ => language,
        };
        let key = (place, language.tag());
        if let Some(page) = edition.remembered(&key) {
            return Ok(Some(page));
        }
        let links = Links::Served(&self.0.root);
        let Some((kind, bytes)) = self.made(edition, place, language, links).await? else {
            return Ok(None);
        };
        let page = Arc::new(Document::new(kind, bytes, edition.made));
        edition.remember(key, Arc::clone(&page));
        Ok(Some(page))
    }

    /// Media type and bytes of a page.
    async fn made(
        &self,
        edition: &Edition,
        place: Place,
        language: Language,
        links: Links<'_>,
    ) -> Result<Option<(&'static str, Vec<u8>)>, Error> {
        let register = &edition.register;
        let frame = Frame {
            language,
            site: &self.0.site,
            links,
            place,
        };
        let page = match place {
            Place::Home => Some(pages::page(&frame, register)),
            Place::Charter(digest) => self
                .charter(register, digest)
                .await?
                .map(|book| pages::charter(&frame, digest, &book)),
            Place::CharterText(digest) => {
                let text = self.program(register, "charter", digest).await?;
                return Ok(text.map(|text| ("text/plain; charset=utf-8", text)));
            }
            Place::Charters(from, to) => match (
                self.charter(register, from).await?,
                self.charter(register, to).await?,
            ) {
                (Some(old), Some(new)) => Some(pages::charters(&frame, (from, &old), (to, &new))),
                _ => None,
            },
            Place::Dictionary(digest) => self
                .dictionary(register, digest)
                .await?
                .map(|dictionary| pages::dictionary(&frame, digest, &dictionary)),
            Place::Dictionaries(from, to) => match (
                self.dictionary(register, from).await?,
                self.dictionary(register, to).await?,
            ) {
                (Some(old), Some(new)) => Some(pages::dictionaries(&frame, (from, &old), (to, &new))),
                _ => None,
            },
            Place::Model(digest) => {
                let mut models = register.models.iter();
                let model = models.find(|model| model.digest == Some(digest) && model.says.is_some());
                model.map(|model| pages::model(&frame, model))
            }
        };
        let page = page
            .transpose()
            .map_err(|error| Error::Words(error.to_string()))?;
        Ok(page.map(|page| ("text/html; charset=utf-8", page.into_bytes())))
    }
}

impl Press {
    /// The text of a program. Only what the register names is looked for: nobody asks the store for what
    /// they like.
    async fn program(
        &self,
        register: &Register,
        name: &str,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, Error> {
        let named = |row: &register::Program| row.name == name && row.digest == Some(digest);
        match register.programs.iter().any(named) {
            true => artefact(&self.0.app.gate, digest).await,
            false => Ok(None),
        }
    }

    async fn charter(&self, register: &Register, digest: Digest) -> Result<Option<Rulebook>, Error> {
        let text = self.program(register, "charter", digest).await?;
        Ok(text.and_then(|text| Rulebook::read(&text).ok()))
    }

    async fn dictionary(&self, register: &Register, digest: Digest) -> Result<Option<Dictionary>, Error> {
        let text = self.program(register, "dictionary", digest).await?;
        let text = text.and_then(|text| String::from_utf8(text).ok());
        Ok(text.and_then(|text| Dictionary::read(&text).ok()))
    }
}

/// The register as JSON, with its last line end.
fn json(register: &Register) -> Result<Vec<u8>, Error> {
    let mut json = serde_json::to_vec_pretty(register).map_err(|error| Error::Words(error.to_string()))?;
    json.push(b'\n');
    Ok(json)
}

async fn artefact(gate: &Gate, digest: Digest) -> Result<Option<Vec<u8>>, Error> {
    let gate = gate.clone();
    let found = tokio::task::spawn_blocking(move || gate.artefact_now(digest)).await;
    Ok(found.map_err(|_| Unavailable::Stopped)??)
}

async fn gather(app: &App, state: &mut State, checkpoint: &[u8], now: Moment) -> Result<Register, Error> {
    let (gate, office, today) = (&app.gate, &app.office, now.day());
    let mut programs = Vec::new();
    for name in ["charter", "dictionary", "catalogue"] {
        programs.push((name, gate.in_force(name, MOST).await?));
    }
    let notices = gate.notices();
    let mut published = Vec::new();
    for notice in notices.all() {
        let name = format!("notice/{}/{}", notice.id(), notice.version());
        if let Some(row) = gate.in_force(&name, 1).await?.pop() {
            published.push((notice.digest(), row));
        }
    }
    let mut models = Vec::new();
    for row in told_models(&gate.in_force("model", MAX_IN_FORCE).await?) {
        let header = header(gate, &row, &mut state.headers).await?;
        models.push((row, header));
    }
    let requests = match &state.requests {
        Some((day, requests)) if *day == today => Arc::clone(requests),
        _ => {
            let read = Arc::new(requests(gate).await?);
            state.requests = Some((today, Arc::clone(&read)));
            read
        }
    };
    let mut audits = gate.audits().await?;
    audits.reverse();
    audits.truncate(MOST);
    let register = register::assemble(House {
        today,
        software: env!("CARGO_PKG_VERSION"),
        controller: &office.controller,
        authority: &office.authority,
        event_days: office.event_days,
        recipients: &office.recipients,
        purposes: &gate::purposes::register(),
        dictionary: gate.dictionary(),
        programs: &programs,
        notices: &notices,
        published: &published,
        models: &models,
        training: learn_privately::told(app)
            .await
            .map_err(|error| Error::Training(error.to_string()))?,
        gauges: gauges::told(app, now).await?,
        requests: &requests,
        requests_kept_days: office.keep_days,
        erased: &gate.erased_by_quarter().await?,
        audits: &audits,
        versions: &versions(gate, &mut state.said).await?,
        log: log(gate.vkey(), checkpoint)?,
    });
    Ok(register)
}

/// The programs that were in force, the newest first; each is read once.
async fn versions(gate: &Gate, read: &mut BTreeMap<u64, Option<Said>>) -> Result<Vec<Version>, Error> {
    let team = crate::team::members::list(gate).await?;
    let role = |name: &str| {
        let member = team.iter().find(|member| member.name == name);
        member
            .and_then(|member| member.role)
            .map(crate::team::roles::Role::as_str)
    };
    let applied = gate.programs().await?;
    let mut versions = Vec::new();
    for (at, one) in applied.iter().enumerate().take(VERSIONS) {
        let said = match read.get(&one.number) {
            Some(said) => said.clone(),
            None => {
                let bytes = artefact(gate, one.digest).await?;
                let before = match applied.get(at + 1) {
                    Some(before) => artefact(gate, before.digest).await?,
                    None => None,
                };
                // Reading a program checks the whole of it.
                let said = tokio::task::spawn_blocking(move || {
                    let program = |bytes: Option<Vec<u8>>| program::Program::unpack(&bytes?).ok();
                    Some(honesty::said(program(before).as_ref(), &program(bytes)?))
                });
                let said = said.await.map_err(|_| Unavailable::Stopped)?;
                read.insert(one.number, said.clone());
                said
            }
        };
        versions.push(Version {
            at: one.at,
            digest: one.digest,
            by: role(&one.by),
            second_person: one.approved_by.is_some(),
            approved_by: one.approved_by.as_deref().and_then(role),
            said,
        });
    }
    Ok(versions)
}

/// What a model says of itself, read once.
async fn header(
    gate: &Gate,
    row: &InForce,
    known: &mut BTreeMap<[u8; 32], Option<Header>>,
) -> Result<Option<Header>, Error> {
    let Some(digest) = row.digest else {
        return Ok(None);
    };
    if let Some(header) = known.get(&digest.0) {
        return Ok(header.clone());
    }
    let bytes = artefact(gate, digest).await?;
    let header = bytes
        .and_then(|bytes| Model::read(&bytes).ok())
        .map(|model| model.header().clone());
    known.insert(digest.0, header.clone());
    Ok(header)
}

/// Every request that is kept: which right, when, and where it stands.
async fn requests(gate: &Gate) -> Result<Vec<Request>, Error> {
    let (mut requests, mut after) = (Vec::new(), None);
    loop {
        let page = gate.requests(after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for filed in &page {
            let house: crate::rights::House =
                serde_json::from_slice(&filed.house).map_err(|_| Error::Request)?;
            requests.push(house.request);
        }
    }
    Ok(requests)
}

fn log(vkey: String, checkpoint: &[u8]) -> Result<Log, Error> {
    let key: ledger::VerifyingKey = vkey
        .parse()
        .map_err(|error: ledger::key::Error| Error::Checkpoint(error.to_string()))?;
    let origin = key.name().to_owned();
    if checkpoint.is_empty() {
        return Ok(Log {
            origin,
            vkey,
            ..Log::default()
        });
    }
    let unread = |error: &dyn std::fmt::Display| Error::Checkpoint(error.to_string());
    let signed = ledger::Checkpoint::open(checkpoint, &key).map_err(|error| unread(&error))?;
    let note = ledger::note::Note::parse(checkpoint).map_err(|error| unread(&error))?;
    let others = note
        .signatures
        .iter()
        .filter(|signature| signature.id != key.id());
    let text = signed.text();
    Ok(Log {
        size: signed.size,
        root: text.lines().nth(2).unwrap_or_default().to_owned(),
        checkpoint: String::from_utf8_lossy(checkpoint).into_owned(),
        cosigned_by: others.map(|signature| signature.name.clone()).collect(),
        origin,
        vkey,
    })
}

/// Writes down how many were erased before this quarter, if nobody has yet.
pub async fn note_quarter(app: &App) -> Result<(), Unavailable> {
    app.gate.note_erasures(Quarter::of(app.now().day()).first()).await
}
