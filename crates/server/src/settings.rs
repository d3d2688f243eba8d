//! Settings: one struct, read from a file, then the environment, then flags. Unknown keys are
//! refused; set-ups that would break a promise are refused in production.
//!
//! Deliberately does not know: what the settings are used for.

mod weak;

use crate::auth::SHORTEST_KEY;
use crate::channels::settings::ChannelSettings;
use crate::ingest::{PublicUrl, Source};
use crate::me::settings::MeSettings;
use crate::team::settings::TeamSettings;
use crate::witnesses::{LedgerSettings, Witnesses};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// How strict the start is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// For trying out: weak set-ups are only warned about.
    Development,
    /// For people: weak set-ups are refused.
    #[default]
    Production,
}

/// Everything that can be set. The comments are the manual; `egard.example.toml` shows them all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `production` (default) or `development`. `EGARD_ENVIRONMENT`.
    pub environment: Environment,
    /// Address to listen on. Put a TLS proxy in front. `EGARD_LISTEN`.
    pub listen: SocketAddr,
    /// The address people and browsers reach the server at; never taken from a request's Host
    /// header. `EGARD_PUBLIC_URL`.
    pub public_url: String,
    /// `embedded:FOLDER`, `postgres:CONNECTION STRING` or `memory` (forgets all at exit).
    /// `EGARD_STORE`.
    pub store: String,
    /// Folder of the key files, apart from the store. Make it with `egard keys new FOLDER`.
    /// `EGARD_KEYS`.
    pub keys: PathBuf,
    /// Where the key-encryption key lives, if not in the folder of keys.
    pub kms: KmsSettings,
    /// Folder of the erasure journal: who was erased, by random ids and keyed hashes. Beside the keys and
    /// never in a backup of the store, so that a backup that is put back does not bring anybody back.
    /// If it is not set: the name of `keys` with `.erasures` after it. `EGARD_ERASURES`.
    pub erasures: Option<PathBuf>,
    /// The name of the transparency log: a name you own, such as `shop.example/egard`. It can
    /// never change. `EGARD_LEDGER_ORIGIN`.
    pub ledger_origin: String,
    /// The data dictionary (TOML). `EGARD_DICTIONARY`.
    pub dictionary: PathBuf,
    /// Where the data dictionary of the program is used instead.
    pub program: ProgramSettings,
    /// The catalogue (JSON lines, one item a line). `EGARD_CATALOGUE`.
    pub catalogue: Option<PathBuf>,
    /// Cedar files of your own; they may only forbid.
    pub charter: Vec<PathBuf>,
    /// What people are shown before they choose: notices (TOML), one file for each version. Keep the
    /// files of earlier versions.
    pub notices: Vec<PathBuf>,
    /// Where events come from.
    pub sources: Vec<Source>,
    /// Keys of callers of the API: name and secret, or `sha256:` and its digest.
    pub api_keys: Vec<ApiKey>,
    /// Keys of members of the team, who may open one person's data for a stated purpose and reason,
    /// and nothing else. One key for each: the person sees the name.
    pub staff_keys: Vec<ApiKey>,
    /// Keys of whoever puts programs in force or approves them while the server runs (`egard program`), and nothing
    /// else. One key for each, under the name they have in the team: a second person is one of another name.
    pub program_keys: Vec<ApiKey>,
    /// Answer 401 to an unknown write key. Segment answers 200; so do we unless this is set.
    pub strict_write_keys: bool,
    /// Envelopes kept in memory; each takes a few kilobytes.
    pub hot_envelopes: usize,
    /// Days that raw events are kept (sealed).
    pub event_retention_days: u32,
    /// Days within which a repeated message is recognised.
    pub duplicate_window_days: u32,
    /// Hours between two learnings of the model; 0 = only by `egard train`. While there is no model,
    /// it is tried every minute.
    pub learn_every_hours: u32,
    /// The person's page `/me`.
    pub me: MeSettings,
    /// The team's pages `/team`.
    pub team: TeamSettings,
    /// How messages leave.
    pub channels: ChannelSettings,
    /// Serve the demonstration page `/demo`. Only with `environment = "development"`.
    pub demo_page: bool,
    /// What people are told who use their rights, and who is told of their requests.
    pub rights: Rights,
    /// Who is asked to countersign the log.
    pub ledger: LedgerSettings,
}

/// `[program]`: what the team declares, as one program.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProgramSettings {
    /// The folder of the program. With it, `dictionary` is not read: the data dictionary is that of the program
    /// in force, and until one is applied that of this folder. It is read at the start alone.
    pub folder: Option<PathBuf>,
}

/// `[kms]`: where the key-encryption key lives.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KmsSettings {
    /// `file` (the default), `environment` or `pkcs11`.
    pub driver: KmsDriver,
    /// The library of the token's maker, such as `/usr/lib/softhsm/libsofthsm2.so`.
    pub module: Option<PathBuf>,
    /// The token's label.
    pub token: String,
    /// The label of the key that wraps what is new; make it with `egard keys token LABEL`.
    pub key: String,
    /// Labels of keys that wrapped before, as long as `egard keys status` says that something is left.
    pub old_keys: Vec<String>,
    /// A file with the token's PIN, readable by the server alone; or `EGARD_PKCS11_PIN`.
    pub pin_file: Option<PathBuf>,
    /// What the environment holds.
    #[serde(skip)]
    pub secrets: KeyTexts,
}

/// Where the key-encryption key lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KmsDriver {
    /// The files `kek`, `index` and `ledger` in the folder of keys.
    #[default]
    File,
    /// The variables `EGARD_KEK`, `EGARD_INDEX_KEY` and `EGARD_LEDGER_KEY`.
    Environment,
    /// A token; `index` and `ledger` are files.
    Pkcs11,
}

/// Keys as the environment holds them. Shown by nothing, and wiped.
#[derive(Clone, Default, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct KeyTexts {
    pub(crate) kek: String,
    pub(crate) kek_old: Vec<String>,
    pub(crate) index: String,
    pub(crate) ledger: String,
    pub(crate) ledger_old: Vec<String>,
    pub(crate) pin: Option<String>,
}

impl std::fmt::Debug for KeyTexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyTexts")
    }
}

impl KeyTexts {
    fn apply(&mut self, variable: impl Fn(&str) -> Option<String>) {
        let several = |name| -> Vec<String> {
            let text: String = variable(name).unwrap_or_default();
            text.split(',')
                .map(|key| key.trim().to_owned())
                .filter(|key| !key.is_empty())
                .collect()
        };
        *self = KeyTexts {
            kek: variable("EGARD_KEK").unwrap_or_default(),
            kek_old: several("EGARD_KEK_OLD"),
            index: variable("EGARD_INDEX_KEY").unwrap_or_default(),
            ledger: variable("EGARD_LEDGER_KEY").unwrap_or_default(),
            ledger_old: several("EGARD_LEDGER_KEY_OLD"),
            pin: variable("EGARD_PKCS11_PIN"),
        };
    }
}

/// `[rights]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rights {
    /// Who is responsible for the data, and how they are reached.
    pub controller: String,
    /// The authority to which people can complain.
    pub authority: String,
    /// Who receives data (GDPR art. 15(1)(c)).
    pub recipients: Vec<Recipient>,
    /// Origins that may be told of requests, such as `https://controller.example`.
    pub callbacks: Vec<String>,
    /// Public holidays, `2026-12-25`: no period ends on one by law (Regulation 1182/71).
    pub holidays: Vec<String>,
    /// Days that an ended request is kept, without a person in it, as evidence that it was answered.
    pub keep_days: u32,
}

impl Default for Rights {
    fn default() -> Rights {
        Rights {
            controller: String::new(),
            authority: String::new(),
            recipients: Vec::new(),
            callbacks: Vec::new(),
            holidays: Vec::new(),
            keep_days: 1_826,
        }
    }
}

/// Somebody who receives data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Name.
    pub name: String,
    /// Where: a country, or several.
    pub place: String,
    /// Why.
    pub purpose: String,
}

/// A caller of the API.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Who, for the log.
    pub name: String,
    /// The secret, or `sha256:` and 64 hexadecimal digits.
    pub key: String,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiKey({})", self.name)
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            environment: Environment::default(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            store: "embedded:egard-store".to_owned(),
            keys: PathBuf::from("egard-keys"),
            kms: KmsSettings::default(),
            erasures: None,
            ledger_origin: String::new(),
            dictionary: PathBuf::from("dictionary.toml"),
            program: ProgramSettings::default(),
            catalogue: None,
            charter: Vec::new(),
            notices: Vec::new(),
            sources: Vec::new(),
            api_keys: Vec::new(),
            staff_keys: Vec::new(),
            program_keys: Vec::new(),
            strict_write_keys: false,
            hot_envelopes: 100_000,
            event_retention_days: 30,
            duplicate_window_days: 7,
            learn_every_hours: 24,
            me: MeSettings::default(),
            team: TeamSettings::default(),
            channels: ChannelSettings::default(),
            demo_page: false,
            rights: Rights::default(),
            ledger: LedgerSettings::default(),
        }
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The file cannot be read.
    #[error("the settings file `{path}` cannot be read: {problem}")]
    File {
        /// Which.
        path: String,
        /// Why.
        problem: String,
    },
    /// Not TOML, or not of the right shape; says line and column.
    #[error("the settings file `{path}` is not right: {problem}")]
    Shape {
        /// Which.
        path: String,
        /// What and where.
        problem: String,
    },
    /// An environment variable that cannot be used.
    #[error("the environment variable `{name}` is not right: {problem}")]
    Variable {
        /// Which.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A set-up that would break a promise.
    #[error("refused in production: {}", .0.join("; "))]
    Weak(Vec<String>),
    /// A value that cannot be used anywhere.
    #[error("the setting `{key}` is not right: {problem}")]
    Value {
        /// Which.
        key: &'static str,
        /// What is wrong and how to mend it.
        problem: String,
    },
}

impl Settings {
    /// Reads a file, then applies the environment.
    pub fn read(
        path: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Settings, Error> {
        let mut settings = match path {
            Some(path) => {
                let shown = path.display().to_string();
                let text = std::fs::read_to_string(path).map_err(|error| Error::File {
                    path: shown.clone(),
                    problem: error.to_string(),
                })?;
                Settings::parse(&text).map_err(|problem| Error::Shape { path: shown, problem })?
            }
            None => Settings::default(),
        };
        settings.apply(environment)?;
        Ok(settings)
    }

    /// Reads the text of a settings file.
    pub fn parse(text: &str) -> Result<Settings, String> {
        toml::from_str(text).map_err(|error| in_one_line(text, &error))
    }

    /// The environment stands above the file. Every variable that starts with `EGARD_` is listed
    /// here; the caller refuses others.
    pub fn apply(&mut self, variable: impl Fn(&str) -> Option<String>) -> Result<(), Error> {
        if let Some(text) = variable("EGARD_ENVIRONMENT") {
            self.environment = match text.as_str() {
                "production" => Environment::Production,
                "development" => Environment::Development,
                _ => return Err(wrong("EGARD_ENVIRONMENT", "say `production` or `development`")),
            };
        }
        if let Some(text) = variable("EGARD_LISTEN") {
            self.listen = text.parse().map_err(|_| {
                wrong(
                    "EGARD_LISTEN",
                    "say an address and a port, such as `127.0.0.1:8080`",
                )
            })?;
        }
        for (name, place) in [
            ("EGARD_PUBLIC_URL", &mut self.public_url),
            ("EGARD_STORE", &mut self.store),
            ("EGARD_LEDGER_ORIGIN", &mut self.ledger_origin),
        ] {
            if let Some(text) = variable(name) {
                *place = text;
            }
        }
        for (name, place) in [
            ("EGARD_KEYS", &mut self.keys),
            ("EGARD_DICTIONARY", &mut self.dictionary),
        ] {
            if let Some(text) = variable(name) {
                *place = PathBuf::from(text);
            }
        }
        if let Some(mail) = &mut self.me.mail
            && let Some(text) = variable("EGARD_MAIL_PASSWORD")
        {
            mail.password = Some(text);
        }
        if let Some(server) = self
            .channels
            .email
            .as_mut()
            .and_then(|email| email.server.as_mut())
            && let Some(text) = variable("EGARD_MAIL_PASSWORD")
        {
            server.password = Some(text);
        }
        self.kms.secrets.apply(&variable);
        if let Some(text) = variable("EGARD_ERASURES") {
            self.erasures = Some(PathBuf::from(text));
        }
        if let Some(text) = variable("EGARD_CATALOGUE") {
            self.catalogue = Some(PathBuf::from(text));
        }
        if let Some(key) = variable("EGARD_API_KEY") {
            self.api_keys.push(ApiKey {
                name: "environment".to_owned(),
                key,
            });
        }
        Ok(())
    }

    /// Where the erasure journal lies; `None` for a store that forgets everything at exit anyway.
    pub fn erasures(&self) -> Option<PathBuf> {
        if self.store == "memory" {
            return None;
        }
        let beside = || {
            let mut name = self.keys.file_name().unwrap_or_default().to_owned();
            name.push(".erasures");
            self.keys.with_file_name(name)
        };
        Some(self.erasures.clone().unwrap_or_else(beside))
    }

    /// What is wrong anywhere; and in production what is weak. In development the weaknesses are
    /// answered, to be warned about.
    pub fn check(&self) -> Result<Vec<String>, Error> {
        PublicUrl::parse(&self.public_url).map_err(|error| Error::Value {
            key: "public_url",
            problem: error.to_string(),
        })?;
        if self.ledger_origin.is_empty() {
            let problem = "name the log, such as `shop.example/egard`; it can never change".to_owned();
            return Err(Error::Value {
                key: "ledger_origin",
                problem,
            });
        }
        if self.hot_envelopes < 1_000 {
            let problem = "keep at least 1000 envelopes in memory".to_owned();
            return Err(Error::Value {
                key: "hot_envelopes",
                problem,
            });
        }
        if self.event_retention_days == 0 || self.duplicate_window_days == 0 {
            let problem = "say at least 1 day".to_owned();
            return Err(Error::Value {
                key: "event_retention_days",
                problem,
            });
        }
        if let Some(problem) = self.me.fault() {
            return Err(Error::Value { key: "me", problem });
        }
        let email = self.channels.email.as_ref();
        if let Some(problem) = email.and_then(|email| email.fault(self.me.mail.as_ref())) {
            return Err(Error::Value {
                key: "channels",
                problem,
            });
        }
        if let Some(problem) = self.team.fault() {
            return Err(Error::Value { key: "team", problem });
        }
        Witnesses::new(&self.ledger).map_err(|error| Error::Value {
            key: "ledger",
            problem: error.to_string(),
        })?;
        let weak = self.weaknesses();
        match self.environment {
            Environment::Production if !weak.is_empty() => Err(Error::Weak(weak)),
            _ => Ok(weak),
        }
    }
}

/// A TOML error in one line: where and what.
pub(crate) fn in_one_line(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', "; ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return message;
    };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {message}")
}

fn wrong(name: &str, problem: &str) -> Error {
    Error::Variable {
        name: name.to_owned(),
        problem: problem.to_owned(),
    }
}

/// The variables that are read; another one that starts with `EGARD_` is a mistake.
pub const VARIABLES: [&str; 18] = [
    "EGARD_ENVIRONMENT",
    "EGARD_LISTEN",
    "EGARD_PUBLIC_URL",
    "EGARD_STORE",
    "EGARD_LEDGER_ORIGIN",
    "EGARD_KEYS",
    "EGARD_KEK",
    "EGARD_KEK_OLD",
    "EGARD_INDEX_KEY",
    "EGARD_LEDGER_KEY",
    "EGARD_LEDGER_KEY_OLD",
    "EGARD_PKCS11_PIN",
    "EGARD_ERASURES",
    "EGARD_DICTIONARY",
    "EGARD_CATALOGUE",
    "EGARD_API_KEY",
    "EGARD_MAIL_PASSWORD",
    "EGARD_LOG",
];

#[cfg(test)]
mod tests {
    use super::weak::within;
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = Settings::parse("listen = '127.0.0.1:1'\nlisen = 3").unwrap_err();
        assert!(
            error.contains("lisen") && error.contains("line 2, column 1"),
            "{error}"
        );
        assert!(!error.contains('\n'), "{error}");
    }

    #[test]
    fn keys_beside_what_they_open_are_found_however_the_path_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        std::fs::create_dir_all(store.join("keys")).unwrap();
        std::fs::create_dir(folder.path().join("apart")).unwrap();
        let check = |keys: PathBuf, beside: bool| assert_eq!(within(&store, &keys), beside, "{keys:?}");
        check(store.clone(), true);
        check(store.join("."), true);
        check(store.join("keys"), true);
        check(store.join("not-yet"), true);
        check(folder.path().to_path_buf(), true);
        check(folder.path().join("apart/../store"), true);
        check(folder.path().join("apart"), false);
        check(folder.path().join("store-keys"), false);
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&store, &link).unwrap();
            check(link, true);
        }
    }

    #[test]
    fn the_erasure_journal_lies_beside_the_keys_and_not_in_the_store() {
        let at = |store: &str, keys: &str, erasures: Option<&str>| Settings {
            store: store.to_owned(),
            keys: PathBuf::from(keys),
            erasures: erasures.map(PathBuf::from),
            ..Settings::default()
        };
        let place = |settings: &Settings| settings.erasures().map(|path| path.display().to_string());
        let usual = at("embedded:/data/store", "/etc/egard/keys", None);
        assert_eq!(place(&usual).as_deref(), Some("/etc/egard/keys.erasures"));
        let slash = at("embedded:/data/store", "keys/", None);
        assert_eq!(place(&slash).as_deref(), Some("keys.erasures"));
        assert_eq!(place(&at("memory", "keys", Some("elsewhere"))), None);
        let told = |settings: &Settings| {
            settings
                .weaknesses()
                .iter()
                .any(|weak| weak.contains("journal lies"))
        };
        assert!(!told(&usual));
        assert!(told(&at(
            "embedded:/data/store",
            "/etc/keys",
            Some("/data/store/erasures")
        )));
        assert!(!told(&at(
            "embedded:/data/store",
            "/etc/keys",
            Some("/data/erasures")
        )));
    }

    #[test]
    fn production_refuses_the_keys_of_the_example() {
        let example = Settings::parse(include_str!("../../../egard.example.toml")).unwrap();
        let Err(Error::Weak(weak)) = example.check() else {
            panic!("accepted")
        };
        assert!(
            weak.iter().any(|weak| weak.contains("replace-me-web")),
            "{weak:?}"
        );
        assert!(weak.iter().any(|weak| weak.contains("API key")), "{weak:?}");
    }

    #[test]
    fn the_example_shows_every_setting_and_can_be_read() {
        let text = include_str!("../../../egard.example.toml");
        let settings = Settings::parse(text).unwrap();
        for key in [
            "environment",
            "listen",
            "public_url",
            "store",
            "keys",
            "erasures",
            "ledger_origin",
            "dictionary",
            "catalogue",
            "charter",
            "notices",
            "strict_write_keys",
            "hot_envelopes",
            "event_retention_days",
            "duplicate_window_days",
            "learn_every_hours",
            "demo_page",
            "controller",
            "authority",
            "callbacks",
            "holidays",
            "keep_days",
        ] {
            assert!(
                text.contains(&format!("\n{key} = ")) || text.contains(&format!("\n# {key} = ")),
                "{key}"
            );
        }
        for key in [
            "site",
            "contact",
            "authority",
            "authority_url",
            "link_minutes",
            "session_minutes",
        ] {
            assert!(text.contains(&format!("\n{key} = ")), "me.{key}");
        }
        assert!(text.contains("[[ledger.witnesses]]") && text.contains("# quorum = "));
        assert!(text.contains("# ask_every_seconds = "));
        assert!(text.contains("[[me.issuers]]") && text.contains("[me.mail]"));
        assert!(!settings.sources.is_empty() && !settings.api_keys.is_empty());
    }

    #[test]
    fn production_refuses_what_would_break_a_promise() {
        let settings = Settings {
            store: "memory".to_owned(),
            ledger_origin: "shop.example/egard".to_owned(),
            ..Settings::default()
        };
        let Err(Error::Weak(weak)) = settings.check() else {
            panic!("accepted")
        };
        assert!(weak.len() >= 4, "{weak:?}");
        let settings = Settings {
            environment: Environment::Development,
            ..settings
        };
        assert!(!settings.check().unwrap().is_empty());
    }

    #[test]
    fn the_environment_stands_above_the_file() {
        let mut settings = Settings::default();
        let set = |name: &str| (name == "EGARD_STORE").then(|| "memory".to_owned());
        settings.apply(set).unwrap();
        assert_eq!(settings.store, "memory");
        let bad = |name: &str| (name == "EGARD_LISTEN").then(|| "here".to_owned());
        assert!(
            settings
                .apply(bad)
                .unwrap_err()
                .to_string()
                .contains("EGARD_LISTEN")
        );
    }
}
