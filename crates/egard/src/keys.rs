//! `egard keys`.

use crate::{SettingsFile, say, serve};
use http_body_util::BodyExt as _;
use server::channels::new_keys;
use server::ingest::clock;
use server::key_files;
use server::settings::{KmsDriver, Settings};
use std::path::{Path, PathBuf};

/// Keys.
#[derive(clap::Subcommand)]
pub enum What {
    /// Make the three key files (`kek`, `index`, `ledger`) in a folder, readable by you alone. Keep
    /// a copy apart: without `kek` nothing that is stored can ever be opened again.
    New {
        /// The folder.
        folder: PathBuf,
    },
    /// Put a new key in the place of one of the files. A running server takes it up by itself; without one,
    /// everything is wrapped anew here.
    Rotate {
        /// Which.
        key: Which,
        #[command(flatten)]
        settings: SettingsFile,
    },
    /// Which key-encryption keys there are, and how many keys each still wraps.
    Status {
        #[command(flatten)]
        settings: SettingsFile,
    },
    /// Remove the file of an older key-encryption key, if nothing is wrapped by it any more.
    Retire {
        /// Its name, sixteen hexadecimal digits.
        id: gate::KekId,
        #[command(flatten)]
        settings: SettingsFile,
    },
    /// Make a key that signs messages (DKIM) and print the record that publishes it. Make two, `rsa`, which everybody
    /// checks, and `ed25519`.
    Dkim {
        /// The file to make.
        file: PathBuf,
        /// The domain that signs: that of the sender.
        #[arg(long)]
        domain: String,
        /// The key's name, such as `egard-2026`; a new key gets a new name.
        #[arg(long)]
        selector: String,
        /// `rsa` or `ed25519`.
        #[arg(long, value_enum, default_value_t = Signature::Rsa)]
        kind: Signature,
    },
    /// Make a key-encryption key in the token of `[kms]`, which can never leave it.
    Token {
        /// The key's label.
        label: String,
        #[command(flatten)]
        settings: SettingsFile,
    },
    /// The key pair by which push services know this sender (VAPID); name its file in `channels.push.key`.
    Vapid {
        #[command(subcommand)]
        what: NewFile,
    },
    /// What a webhook is signed with; name its file in `channels.webhooks.NAME.secrets`.
    Webhook {
        #[command(subcommand)]
        what: NewFile,
    },
}

/// A key in a file of its own.
#[derive(clap::Subcommand)]
pub enum NewFile {
    /// Make one, in a file that is not there yet, readable by you alone.
    New {
        /// The file.
        file: PathBuf,
    },
}

/// How a message is signed.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Signature {
    /// RSA of 2048 bits.
    Rsa,
    /// Ed25519 (RFC 8463).
    Ed25519,
}

/// A key that can be exchanged.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Which {
    /// The key-encryption key.
    Kek,
    /// The key that signs the log.
    Ledger,
}

/// Makes keys, exchanges them, says what they wrap.
pub async fn run(what: What) -> Result<(), String> {
    match what {
        What::New { folder } => new(&folder),
        What::Rotate { key, settings } => rotate(key, &read(&settings)?).await,
        What::Status { settings } => status(&read(&settings)?).await,
        What::Retire { id, settings } => retire(id, &read(&settings)?).await,
        What::Dkim {
            file,
            domain,
            selector,
            kind,
        } => dkim(&file, &domain, &selector, kind),
        What::Token { label, settings } => token(&label, &read(&settings)?),
        What::Vapid {
            what: NewFile::New { file },
        } => {
            let public = new_keys::vapid(&file).map_err(|error| error.to_string())?;
            say(&format!("made {}; the public key is {public}", file.display()));
            Ok(())
        }
        What::Webhook {
            what: NewFile::New { file },
        } => {
            new_keys::webhook(&file).map_err(|error| error.to_string())?;
            say(&format!(
                "made {}; its receiver needs the same text",
                file.display()
            ));
            Ok(())
        }
    }
}

fn new(folder: &Path) -> Result<(), String> {
    key_files::make_keys(folder).map_err(|error| error.to_string())?;
    say(&format!(
        "made `kek`, `index` and `ledger` in {}; keep a copy apart",
        folder.display()
    ));
    Ok(())
}

async fn rotate(key: Which, settings: &Settings) -> Result<(), String> {
    if settings.kms.driver == KmsDriver::Environment {
        return Err(
            "the keys are in the environment: put the new one in EGARD_KEK (or EGARD_LEDGER_KEY), the old \
                    one in EGARD_KEK_OLD (or EGARD_LEDGER_KEY_OLD), and restart the server"
                .to_owned(),
        );
    }
    let name = match key {
        Which::Kek if settings.kms.driver == KmsDriver::Pkcs11 => {
            return Err("the key is in a token: make another with `egard keys token LABEL`, name it in `kms.key` and \
                        the old one in `kms.old_keys`, and restart the server"
                .to_owned());
        }
        Which::Kek => "kek",
        Which::Ledger => "ledger",
    };
    let rotated = key_files::rotate(&settings.keys, name).map_err(|error| error.to_string())?;
    say(&format!(
        "`{name}` is the new key {}; the old one is kept in {}: keep a copy of both apart",
        rotated.new,
        rotated.kept.display()
    ));
    match key {
        Which::Kek => say("the old one is needed until `egard keys status` says that it wraps nothing"),
        Which::Ledger => say(
            "both sign the log until you remove the old file; publish the new key and the chain (`/ledger/keys`) first",
        ),
    }
    match uses(settings, true).await? {
        Uses::Here(lines) => lines.iter().for_each(|line| say(&line.text)),
        Uses::Server(_) => say("the running server takes it up within ten seconds"),
    }
    Ok(())
}

async fn status(settings: &Settings) -> Result<(), String> {
    let uses = uses(settings, false).await?;
    if let Uses::Server(_) = uses {
        say("as the running server counted at its start, or after it last wrapped keys anew:");
    }
    let (Uses::Here(lines) | Uses::Server(lines)) = uses;
    lines.iter().for_each(|line| say(&line.text));
    Ok(())
}

async fn retire(id: gate::KekId, settings: &Settings) -> Result<(), String> {
    let (Uses::Here(lines) | Uses::Server(lines)) = uses(settings, false).await?;
    let path = settings.keys.join(format!("kek.{id}"));
    if !path.is_file() {
        return Err(format!(
            "there is no `{}`; only an older key can be retired",
            path.display()
        ));
    }
    match lines.iter().find(|line| line.id == id.to_string()) {
        Some(line) if line.wraps > 0 || line.needed => {
            return Err(format!(
                "`{id}` still wraps {} keys: wait until it wraps none",
                line.wraps
            ));
        }
        None => {
            return Err(format!(
                "the store says nothing of `{id}`; start the server with it once"
            ));
        }
        Some(_) => {}
    }
    std::fs::remove_file(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    say(&format!(
        "removed {}; with the last copy of it, what older backups hold of people's keys can never be opened",
        path.display()
    ));
    Ok(())
}

fn dkim(file: &Path, domain: &str, selector: &str, kind: Signature) -> Result<(), String> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let kind = match kind {
        Signature::Rsa => letter::dkim::Kind::Rsa,
        Signature::Ed25519 => letter::dkim::Kind::Ed25519,
    };
    let pem = letter::dkim::generate(kind).map_err(|error| error.to_string())?;
    let key = letter::dkim::Key::from_pem(&pem).map_err(|error| error.to_string())?;
    let signer = letter::dkim::Signer::new(domain, selector, key).map_err(|error| error.to_string())?;
    // A key that is there is never overwritten: what it signed would no longer verify.
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    let place = |error: std::io::Error| format!("`{}`: {error}", file.display());
    let mut made = made.map_err(place)?;
    made.write_all(pem.as_bytes())
        .and_then(|()| made.sync_all())
        .map_err(place)?;
    let (name, text) = signer.record();
    say(&format!(
        "made {}, readable by you alone; publish this TXT record:",
        file.display()
    ));
    // A text of the DNS is made of parts of at most 255 bytes.
    let parts: Vec<String> = text
        .as_bytes()
        .chunks(250)
        .map(|part| format!("\"{}\"", String::from_utf8_lossy(part)))
        .collect();
    say(&format!("{name}. IN TXT ( {} )", parts.join(" ")));
    say(&format!(
        "and name it in the settings: [[channels.email.dkim]] selector = \"{selector}\", key = \"{}\"",
        file.display()
    ));
    Ok(())
}

fn token(label: &str, settings: &Settings) -> Result<(), String> {
    let token = key_files::token(settings).map_err(|error| error.to_string())?;
    token.make_key(label).map_err(|error| error.to_string())?;
    let kek = token.key(label).map_err(|error| error.to_string())?;
    say(&format!(
        "made `{label}` in the token: the key {}; name it in `kms.key`",
        kek.id()
    ));
    Ok(())
}

/// One key-encryption key.
struct Line {
    id: String,
    wraps: u64,
    needed: bool,
    text: String,
}

/// Who said it.
enum Uses {
    Here(Vec<Line>),
    Server(Vec<Line>),
}

/// What each key wraps: from the store if nobody else has it, else from the server that does.
async fn uses(settings: &Settings, finish: bool) -> Result<Uses, String> {
    serve::existing(settings)?;
    let app = match server::serve::open(settings, clock::system()).await {
        Ok(app) => app,
        Err(error) if serve::held(&error) => return ask(settings).await.map(Uses::Server),
        Err(error) => return Err(error.to_string()),
    };
    let told = async {
        while finish && !app.gate.rewrap().await?.done {}
        app.gate.key_uses().await
    };
    let told = told.await.map_err(|error| error.to_string());
    app.gate.close().await;
    let lines = told?.into_iter().map(|known| Line {
        text: format!(
            "{} {} wraps {}{}",
            known.id,
            known.driver.unwrap_or("(not given)"),
            known.wraps,
            match (known.current, known.needed) {
                (true, _) => ", the current one",
                (false, true) => ", still needed",
                (false, false) => ", may be retired",
            }
        ),
        id: known.id.to_string(),
        wraps: known.wraps,
        needed: known.needed,
    });
    Ok(Uses::Here(lines.collect()))
}

/// What the running server counted when it last looked.
async fn ask(settings: &Settings) -> Result<Vec<Line>, String> {
    let words = |error: String| {
        format!(
            "a server holds the store, and does not answer on {}: {error}",
            settings.listen
        )
    };
    let stream = tokio::net::TcpStream::connect(settings.listen)
        .await
        .map_err(|error| words(error.to_string()))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream))
            .await
            .map_err(|error| words(error.to_string()))?;
    tokio::spawn(connection);
    let request = hyper::Request::get("/metrics")
        .header("host", settings.listen.to_string())
        .body(http_body_util::Empty::<bytes::Bytes>::new())
        .map_err(|error| words(error.to_string()))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| words(error.to_string()))?;
    let body = answer
        .into_body()
        .collect()
        .await
        .map_err(|error| words(error.to_string()))?;
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    let lines = counted(&text);
    match lines.is_empty() {
        true => Err("the server has not counted yet; ask again in a moment".to_owned()),
        false => Ok(lines),
    }
}

/// What the metrics say: `egard_keys_wrapped{kek="0123456789abcdef"} 12` and `egard_kek_needed{…} 1`.
fn counted(metrics: &str) -> Vec<Line> {
    let value = |line: &str, name: &str| -> Option<(String, f64)> {
        let (id, value) = line
            .strip_prefix(name)?
            .strip_prefix("{kek=\"")?
            .split_once("\"} ")?;
        Some((id.to_owned(), value.trim().parse().ok()?))
    };
    let needed: Vec<String> = metrics
        .lines()
        .filter_map(|line| value(line, "egard_kek_needed"))
        .filter(|(_, needed)| *needed > 0.0)
        .map(|(id, _)| id)
        .collect();
    let wrapped = metrics
        .lines()
        .filter_map(|line| value(line, "egard_keys_wrapped"));
    wrapped
        .map(|(id, wraps)| {
            let needed = needed.contains(&id);
            let word = if needed { "in use" } else { "may be retired" };
            Line {
                text: format!("{id} wraps {wraps}, {word}"),
                id,
                wraps: wraps as u64,
                needed,
            }
        })
        .collect()
}

fn read(file: &SettingsFile) -> Result<Settings, String> {
    Settings::read(file.settings.as_deref(), |name| std::env::var(name).ok())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_counted_is_read_from_its_metrics() {
        let text = "# TYPE egard_keys_wrapped gauge\negard_keys_wrapped{kek=\"0123456789abcdef\"} 12\n\
                    egard_keys_wrapped{kek=\"00000000000000aa\"} 0\negard_kek_needed{kek=\"0123456789abcdef\"} 1\n\
                    egard_kek_needed{kek=\"00000000000000aa\"} 0\negard_waiting 3\n";
        let read: Vec<_> = counted(text)
            .into_iter()
            .map(|line| (line.id, line.wraps, line.needed))
            .collect();
        let expected = [("0123456789abcdef", 12, true), ("00000000000000aa", 0, false)];
        assert_eq!(
            read,
            expected.map(|(id, wraps, needed)| (id.to_owned(), wraps, needed))
        );
    }
}
