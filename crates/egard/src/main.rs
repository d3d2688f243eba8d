//! The `egard` command: try it, serve, learn, check.

mod audit;
mod bench;
mod charter;
mod checkpoints;
mod client;
mod demo;
mod doctor;
mod eval;
mod feedback;
mod import;
mod keys;
mod ledger_export;
mod mail_in;
mod program;
mod register;
mod replay;
mod restore;
mod serve;
mod simulate;
mod team;
mod verify;
mod witness;

use clap::{Parser, Subcommand};
use server::settings::VARIABLES;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Events and decisions are made of many small pieces that one thread makes and another drops: what
/// glibc's allocator is slowest at. `egard bench ingest` and `egard bench decide` show the difference.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Marketing automation and personalisation that respects the person.
///
/// Every use of a person's data states a purpose and is refused unless the person's choices and the
/// charter allow it; every decision explains itself and stands in a log that people can check.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try it: a year of a real shop through the front door, then a page to look at.
    Demo(demo::Choices),
    /// Serve events and recommendations, as the settings say.
    Serve(serve::Choices),
    /// After a backup of the store was put back: erase again whoever was erased since, and let the log go
    /// on under a new name.
    Restore(restore::Choices),
    /// Learn a model from everybody who permits it, and put it in force.
    Train(serve::Choices),
    /// How good recommendations are on any file of who had what, beside what they have to beat.
    Eval(eval::Choices),
    /// What lists do to people, and people to lists, round after round: every way of making them, on people who are
    /// made up.
    Loop(feedback::Choices),
    /// Take people over from another system.
    #[command(subcommand)]
    Import(import::What),
    /// Check a receipt or a whole log, without a network and without trusting the server.
    #[command(subcommand)]
    Verify(verify::What),
    /// Countersign the logs of others, so that none can show two histories (C2SP `tlog-witness`).
    #[command(subcommand)]
    Witness(witness::What),
    /// Make the key files of a new installation, exchange keys, see what each wraps.
    #[command(subcommand)]
    Keys(keys::What),
    /// Name every weakness of an installation, why it matters and how to mend it. Ends with 0, 1 (warnings) or
    /// 2 (faults).
    Doctor(doctor::Choices),
    /// The law in force: its rules, the table of its decisions, and the proof of its promises.
    #[command(subcommand)]
    Charter(charter::What),
    /// The public register: what is done with data, by which rules, and how the word is kept.
    #[command(subcommand)]
    Register(register::What),
    /// Execute a recorded decision again and compare it byte by byte.
    Replay(replay::Choices),
    /// Look at a random sample of records again, and report what is wrong.
    #[command(subcommand)]
    Audit(audit::What),
    /// What the team declares: segments, journeys, messages and the rest, as files.
    #[command(subcommand)]
    Program(program::What),
    /// What a program would do to people, on people who are made up: volumes, burden, sizes, a drawing.
    Simulate(simulate::Choices),
    /// Who may sign in on the team's pages (`/team`).
    #[command(subcommand)]
    Team(team::What),
    /// Hand a message that came in to the server: what a mail server pipes its bounces and answers to.
    MailIn(mail_in::Choices),
    /// Write the transparency log to a folder, to be checked or handed over.
    Log(ledger_export::Choices),
    /// Measure, on this machine, against raw limits of the same run.
    #[command(subcommand)]
    Bench(bench::What),
}

/// Where the settings are.
#[derive(clap::Args, Clone)]
pub struct SettingsFile {
    /// The settings file (TOML); see `egard.example.toml`.
    #[arg(long, env = "EGARD_SETTINGS")]
    settings: Option<PathBuf>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(message) = known_variables().and_then(|()| server_log()) {
        complain(&message);
        return ExitCode::FAILURE;
    }
    if let Command::Doctor(choices) = &cli.command {
        return doctor::run(choices);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(cli.command)),
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(code) => code,
        Err(message) => {
            complain(&message);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, String> {
    let done = match command {
        // These say more than yes and no.
        Command::MailIn(choices) => return mail_in::run(choices).await,
        Command::Replay(choices) => return replay::run(choices).await,
        Command::Audit(what) => return audit::run(what).await,
        Command::Verify(what) => return verify::run(what),
        Command::Demo(choices) => demo::run(choices).await.map_err(|error| error.to_string()),
        Command::Serve(choices) => serve::run(choices).await,
        Command::Restore(choices) => restore::run(choices).await,
        Command::Train(choices) => serve::train(choices).await,
        Command::Eval(choices) => tokio::task::block_in_place(|| eval::run(&choices)),
        Command::Loop(choices) => tokio::task::block_in_place(|| feedback::run(&choices)),
        Command::Import(what) => import::run(what).await,
        Command::Witness(what) => witness::run(what).await,
        Command::Keys(what) => keys::run(what).await,
        Command::Charter(what) => charter::run(what).await,
        Command::Register(what) => register::run(what).await,
        Command::Program(what) => program::run(what).await,
        Command::Simulate(choices) => tokio::task::block_in_place(|| simulate::run(&choices)),
        Command::Team(what) => team::run(what).await,
        Command::Log(choices) => ledger_export::run(choices).await,
        Command::Bench(what) => bench::run(what).await,
        Command::Doctor(_) => Ok(()), // answered before
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// A misspelt variable would be a setting that silently is not there, whatever the command.
fn known_variables() -> Result<(), String> {
    let unknown: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("EGARD_") && name != "EGARD_SETTINGS")
        .filter(|name| !VARIABLES.contains(&name.as_str()))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(format!(
        "unknown environment variable `{}`; known are EGARD_SETTINGS, {}",
        unknown.join("`, `"),
        VARIABLES.join(", ")
    ))
}

/// Logs go to standard error as JSON, so that standard output stays an answer. `EGARD_LOG` says how
/// much (`warn` if it does not).
fn server_log() -> Result<(), String> {
    let filter = match std::env::var("EGARD_LOG") {
        Ok(text) => log_filter(&text)?,
        Err(std::env::VarError::NotPresent) => EnvFilter::new("warn"),
        Err(std::env::VarError::NotUnicode(_)) => return Err(format!("EGARD_LOG is no text; {LEVELS}")),
    };
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second subscriber is refused; there is only this one.
    let _ = subscriber.try_init();
    Ok(())
}

const LEVELS: &str = "say `off`, `error`, `warn`, `info`, `debug` or `trace`, or for one part such as \
                      `warn,server=debug`";

/// The filter of that text. A bare word must be a level: taken for a part's name, as the library would,
/// a misspelt level would silence everything.
fn log_filter(text: &str) -> Result<EnvFilter, String> {
    let level = |word: &str| word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let mut parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    match parts.find(|part| !part.contains(['=', '[']) && !level(part)) {
        Some(part) => Err(format!("EGARD_LOG has `{part}`, which is no level; {LEVELS}")),
        None => EnvFilter::builder()
            .parse(text)
            .map_err(|error| format!("EGARD_LOG cannot be read: {error}; {LEVELS}")),
    }
}

/// One line on standard output. A closed pipe is no reason to fall over.
pub fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// One line on standard error.
pub fn complain(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "egard: {line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_well_formed() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_misspelt_level_is_told_and_silences_nothing() {
        for good in ["info", "WARN", "warn,server=debug", "off", ""] {
            assert!(log_filter(good).is_ok(), "{good}");
        }
        for bad in ["inof", "warn,verbose", "server=lots", "=,="] {
            assert!(log_filter(bad).unwrap_err().contains("EGARD_LOG"), "{bad}");
        }
    }
}
