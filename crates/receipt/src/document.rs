//! The document: what is proved, and the readable part that follows from it.

use crate::check::{self, Keys, Proved};
use crate::facts::Facts;
use crate::json::Json;
use crate::{CONTEXT, Error, terms};
use serde::Deserialize;
use std::sync::LazyLock;
use vocabulary::PurposeName;

/// The version of the form that is written here.
pub const SCHEMA_VERSION: &str = "urn:egard:receipt:1";

/// What is proved of a record, and by what.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parts {
    /// What was committed to, JSON text to the byte.
    pub details: String,
    /// The secret of the commitment: 32 bytes, base64.
    pub secret: String,
    /// `c2sp.org/tlog-proof@v1` with the entry as its extra data.
    pub tlog_proof: String,
    /// The log's public key, in the `vkey` form of signed notes.
    pub log_key: String,
    /// The keys of the witnesses whose countersignatures are on the checkpoint, likewise.
    pub witness_keys: Vec<String>,
    /// The words of the notice that was shown, canonical JSON; their hash is in the details.
    #[serde(default)]
    pub notice_text: Option<String>,
}

/// What a receipt does not prove. It is named in every receipt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unproved {
    /// That what the house wrote down is what happened.
    Truth,
    /// Whose record it is: the log names nobody.
    DataSubject,
    /// The hour and minute: the house's clock says so.
    ExactTime,
    /// Who the controller is.
    Controller,
    /// The words that were shown: only their hash is there.
    NoticeWords,
    /// The other fields of ISO/IEC TS 27560: kinds of data, recipients, storage, retention,
    /// jurisdiction, authority.
    Processing,
}

impl Unproved {
    /// The name in receipts.
    pub fn as_str(self) -> &'static str {
        match self {
            Unproved::Truth => "truth",
            Unproved::DataSubject => "dataSubject",
            Unproved::ExactTime => "exactTime",
            Unproved::Controller => "controller",
            Unproved::NoticeWords => "noticeWords",
            Unproved::Processing => "processing",
        }
    }
}

/// The receipt of these parts, to the byte: the same parts give the same bytes. It was checked before it is
/// given away; signatures of witnesses whose keys are not among the parts are taken off.
pub fn issue(parts: Parts) -> Result<String, Error> {
    let parts = check::without_strangers(parts)?;
    let proved = check::prove(&parts, &Keys::default())?;
    Ok(write(&parts, &proved))
}

/// The document of what was proved.
pub(crate) fn write(parts: &Parts, proved: &Proved) -> String {
    let mut document = document(parts, proved).write();
    document.push('\n');
    document
}

pub(crate) fn unproved(parts: &Parts, facts: &Facts) -> Vec<Unproved> {
    let notice = facts.notice.as_ref();
    let controller = notice.is_some_and(|notice| notice.controller.is_some());
    let mut all = vec![Unproved::Truth, Unproved::DataSubject];
    if facts.time.is_some() {
        all.push(Unproved::ExactTime);
    }
    if !controller {
        all.push(Unproved::Controller);
    }
    if notice.is_some() && parts.notice_text.is_none() {
        all.push(Unproved::NoticeWords);
    }
    all.push(Unproved::Processing);
    all
}

fn document(parts: &Parts, proved: &Proved) -> Json {
    let (entry, facts) = (&proved.entry, &proved.facts);
    let mut all = Members::default();
    all.put(
        "@type",
        match entry.kind.as_str() {
            "choice" => "ConsentReceipt",
            "recommendation" => "DecisionReceipt",
            _ => "RecordReceipt",
        },
    );
    all.put("schemaVersion", SCHEMA_VERSION);
    all.put("receiptId", format!("urn:sha256:{}", hex(&proved.leaf)));
    all.put("recordId", format!("{}#{}", proved.origin, proved.index));
    all.put("kind", entry.kind.as_str());
    all.put("verdict", entry.verdict.as_str());
    all.put("rules", texts(&entry.reasons));
    all.put("day", proved.day.as_str());
    all.may("time", facts.time.as_deref());
    all.may("charter", entry.charter.map(|hash| hex(&hash)));
    all.may("program", entry.program.map(|hash| hex(&hash)));
    all.may("use", entry.purpose.as_deref().map(purpose));
    all.may("source", facts.source.as_deref());
    all.may("act", facts.act.as_deref());
    all.may("about", facts.about.as_deref());
    all.may("event", facts.event.as_ref().map(event));
    all.may("notice", facts.notice.as_ref().map(|_| notice(facts, proved)));
    if entry.kind == "choice" {
        let consents = facts.consents.iter().map(|(of, state)| {
            let mut one = Members::default();
            one.purpose(*of);
            one.put("status", format!("dpv:{}", state.as_str()));
            Json::Object(one.0)
        });
        all.put("consents", Json::List(consents.collect()));
    }
    all.may("objected", facts.objected.map(Json::Bool));
    all.may("objectedMarketing", facts.objected_marketing.map(Json::Bool));
    all.may("restricted", facts.restricted.map(Json::Bool));
    all.may("softOptIn", facts.soft_opt_in.then_some(Json::Bool(true)));
    all.may("decision", facts.decision.as_ref().map(decision));
    let unproved = unproved(parts, facts).into_iter().map(|one| one.as_str().into());
    all.put("notProved", Json::List(unproved.collect()));
    all.put("proof", proof(parts));
    all.put("@context", Json::Ready(&INDENTED));
    Json::Object(all.0)
}

/// The context one level deeper.
static INDENTED: LazyLock<String> = LazyLock::new(|| CONTEXT.trim_end().replace('\n', "\n  "));

fn purpose(name: &str) -> Json {
    let mut one = Members::default();
    match PurposeName::parse(name) {
        Some(known) => one.purpose(known),
        None => one.put("name", name),
    }
    Json::Object(one.0)
}

fn event(event: &crate::facts::Event) -> Json {
    let mut all = Members::default();
    all.may("component", event.component.as_deref());
    all.may("action", event.action.as_deref());
    all.may("page", event.page.as_deref());
    all.put("signals", texts(&event.signals));
    all.may("origin", event.origin.as_deref());
    all.may("originTime", event.origin_time.as_deref());
    Json::Object(all.0)
}

fn notice(facts: &Facts, proved: &Proved) -> Json {
    let mut all = Members::default();
    let Some(notice) = &facts.notice else {
        return Json::Object(all.0);
    };
    all.may("id", notice.id.as_deref());
    all.may("version", notice.version.map(Json::Number));
    all.may("language", notice.language.as_deref());
    all.may("fileHash", notice.file_hash.as_deref());
    all.may("textHash", notice.text_hash.as_deref());
    all.may(
        "controller",
        notice
            .controller
            .as_deref()
            .map(|name| Json::Object(vec![("name", name.into())])),
    );
    all.may("validity", notice.valid_days.map(|days| format!("P{days}D")));
    if let Some(words) = &proved.words {
        let purposes = words.purposes.iter().map(|one| {
            let members = [("name", &one.purpose), ("label", &one.label), ("text", &one.text)];
            Json::Object(members.map(|(name, text)| (name, text.as_str().into())).to_vec())
        });
        let members = vec![
            ("title", words.title.as_str().into()),
            ("text", words.text.as_str().into()),
            ("purposes", Json::List(purposes.collect())),
        ];
        all.put("words", Json::Object(members));
    }
    Json::Object(all.0)
}

fn decision(decision: &crate::facts::Decision) -> Json {
    let mut all = Members::default();
    all.put("mode", decision.mode.as_str());
    all.may("placement", decision.placement.as_deref());
    all.put("items", texts(&decision.items));
    all.may("historyItems", decision.history.map(Json::Number));
    all.may("model", decision.model.as_deref());
    all.may("catalogue", decision.catalogue.as_deref());
    Json::Object(all.0)
}

fn proof(parts: &Parts) -> Json {
    let mut all = Members::default();
    all.put("details", parts.details.as_str());
    all.put("secret", parts.secret.as_str());
    all.may("noticeText", parts.notice_text.as_deref());
    all.put("tlogProof", parts.tlog_proof.as_str());
    all.put("logKey", parts.log_key.as_str());
    all.put("witnessKeys", texts(&parts.witness_keys));
    Json::Object(all.0)
}

/// Members in the order in which they are put.
#[derive(Default)]
struct Members(Vec<(&'static str, Json)>);

impl Members {
    fn put(&mut self, name: &'static str, value: impl Into<Json>) {
        self.0.push((name, value.into()));
    }

    fn may<T: Into<Json>>(&mut self, name: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn purpose(&mut self, purpose: PurposeName) {
        let (term, basis) = terms(purpose);
        self.put("name", purpose.as_str());
        self.put("purpose", term);
        self.put("legalBasis", basis);
    }
}

fn texts(all: &[impl AsRef<str>]) -> Json {
    Json::List(all.iter().map(|text| text.as_ref().into()).collect())
}

pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
