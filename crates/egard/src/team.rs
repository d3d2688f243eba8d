//! `egard team`: who may sign in on the team's pages.
//!
//! Deliberately does not know: what a role may do, how passwords are kept.

use crate::{complain, say, serve};
use gate::Gate;
use qrcodegen::{QrCode, QrCodeEcc};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use server::ingest::clock;
use server::team::members::{self, Shown};
use server::team::roles::Role;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The team.
#[derive(clap::Subcommand)]
pub enum What {
    /// Take somebody in. Shows once what their authenticator needs, and their recovery codes. While a server runs
    /// on the store, stop it first: one process writes at a time.
    Add {
        /// The name they sign in with; people whose data they open read it.
        name: String,
        /// What they may do.
        #[arg(long)]
        role: RoleWord,
        /// A file whose first line is the password; asked on the terminal if it is not said.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Who is in the team.
    List {
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Give a member another role. Ends their sessions.
    Role {
        /// Who.
        name: String,
        /// What they may do from now on.
        role: RoleWord,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Give a member a new password, second factor and recovery codes. Ends their sessions.
    Reset {
        /// Who.
        name: String,
        /// A file whose first line is the password; asked on the terminal if it is not said.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        #[command(flatten)]
        serving: serve::Choices,
    },
    /// Remove a member. Ends their sessions.
    Remove {
        /// Who.
        name: String,
        #[command(flatten)]
        serving: serve::Choices,
    },
}

/// A role on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum RoleWord {
    /// Writes programs.
    Marketer,
    /// Looks after people's rights.
    PrivacyOfficer,
    /// Looks after the team.
    Admin,
    /// Answers people who ask to talk to a human.
    Care,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Role {
        match word {
            RoleWord::Marketer => Role::Marketer,
            RoleWord::PrivacyOfficer => Role::PrivacyOfficer,
            RoleWord::Admin => Role::Admin,
            RoleWord::Care => Role::Care,
        }
    }
}

/// Does it.
pub async fn run(what: What) -> Result<(), String> {
    match what {
        What::Add {
            name,
            role,
            password_file,
            serving,
        } => {
            let password = password(password_file.as_deref())?;
            let (gate, site) = open(&serving).await?;
            let now = clock::system()();
            let added = members::add(&gate, (&site, &name), role.into(), &password, now).await;
            let shown = close(gate, added).await?;
            say(&format!("`{}` is in the team", name.trim()));
            show(&shown);
            Ok(())
        }
        What::List { serving } => {
            let (gate, _) = open(&serving).await?;
            let listed = members::list(&gate).await;
            for member in close(gate, listed).await? {
                let role = member.role.map_or("(unknown role)", Role::as_str);
                let left = member.recovery_left;
                say(&format!("{} {role}, {left} recovery codes left", member.name));
            }
            Ok(())
        }
        What::Role { name, role, serving } => {
            let (gate, _) = open(&serving).await?;
            let changed = members::set_role(&gate, &name, role.into(), clock::system()()).await;
            close(gate, changed).await?;
            say(&format!(
                "`{name}` is {} now; their sessions have ended",
                Role::from(role).as_str()
            ));
            Ok(())
        }
        What::Reset {
            name,
            password_file,
            serving,
        } => {
            let password = password(password_file.as_deref())?;
            let (gate, site) = open(&serving).await?;
            let reset = members::reset(&gate, (&site, &name), &password, clock::system()()).await;
            let shown = close(gate, reset).await?;
            say(&format!("`{name}` has a new password; their sessions have ended"));
            show(&shown);
            Ok(())
        }
        What::Remove { name, serving } => {
            let (gate, _) = open(&serving).await?;
            let removed = members::remove(&gate, &name, clock::system()()).await;
            close(gate, removed).await?;
            say(&format!(
                "`{name}` is not in the team any more; their sessions have ended"
            ));
            Ok(())
        }
    }
}

/// The store, and what the site is called.
async fn open(serving: &serve::Choices) -> Result<(Gate, String), String> {
    let settings = serve::settings(serving)?;
    serve::existing(&settings)?;
    let app = server::serve::open(&settings, clock::system()).await;
    let app = app.map_err(|error| error.to_string())?;
    Ok((app.gate, server::me::site(&settings)))
}

/// With what was done in the log.
async fn close<T, E: std::fmt::Display>(gate: Gate, outcome: Result<T, E>) -> Result<T, String> {
    let integrated = gate.integrate().await;
    gate.close().await;
    let done = outcome.map_err(|error| error.to_string())?;
    integrated.map_err(|error| error.to_string())?;
    Ok(done)
}

fn show(shown: &Shown) {
    say("scan this with an authenticator (or give it the address or the secret below); it is shown once");
    picture(&shown.uri).iter().for_each(|line| say(line));
    say(&shown.uri);
    say(&format!("secret: {}", shown.secret));
    say("recovery codes, each good once in place of a code; keep them apart from the password:");
    shown.recovery.iter().for_each(|code| say(code));
}

/// The address as a picture of letters, two rows in each line; nothing if it is too long for one.
fn picture(text: &str) -> Vec<String> {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return Vec::new();
    };
    // Four light modules around it (ISO/IEC 18004); light is a full block, as terminals are dark.
    let (from, to) = (-4, code.size() + 4);
    let light = |x, y| !code.get_module(x, y);
    let line = |y: i32| {
        let letter = |x: i32| match (light(x, y), y + 1 >= to || light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        (from..to).map(letter).collect()
    };
    (from..to).step_by(2).map(line).collect()
}

/// From the file, or asked twice on the terminal without being shown.
fn password(file: Option<&Path>) -> Result<Zeroizing<String>, String> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("`{}` cannot be read: {error}", file.display()))?;
        let text = Zeroizing::new(text);
        return Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()));
    }
    if !std::io::stdin().is_terminal() {
        return Err("there is no terminal to ask for the password; say `--password-file FILE`".to_owned());
    }
    let first = unseen("password: ")?;
    let again = unseen("once more: ")?;
    match first == again {
        true => Ok(first),
        false => Err("the two are not the same".to_owned()),
    }
}

fn unseen(prompt: &str) -> Result<Zeroizing<String>, String> {
    let input = std::io::stdin();
    let failed = |error: std::io::Error| format!("the terminal cannot be read: {error}");
    complain(prompt);
    let before = tcgetattr(&input).map_err(|error| failed(error.into()))?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&input, OptionalActions::Flush, &quiet).map_err(|error| failed(error.into()))?;
    let mut line = Zeroizing::new(String::new());
    let read = input.lock().read_line(&mut line);
    let back = tcsetattr(&input, OptionalActions::Flush, &before);
    read.map_err(failed)?;
    back.map_err(|error| failed(error.into()))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_square_and_has_its_margin() {
        let lines = picture("otpauth://totp/Shop:Helen?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Shop");
        let width = lines[0].chars().count();
        assert_eq!(lines.len(), width.div_ceil(2));
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert!(lines[0].chars().all(|letter| letter == '█'));
        assert!(lines[4].contains('▀') || lines[4].contains('▄'));
    }

    #[test]
    fn a_password_of_a_file_is_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "four words put together\nanother line\n").unwrap();
        assert_eq!(password(Some(&file)).unwrap().as_str(), "four words put together");
        let absent = password(Some(&folder.path().join("absent"))).unwrap_err();
        assert!(absent.contains("absent"));
    }
}
