//! The `egard` command: try it, serve, learn, check.

mod bench;
mod client;
mod demo;
mod keys;
mod ledger_export;
mod serve;
mod verify;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

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
    /// Learn a model from everybody who permits it, and put it in force.
    Train(serve::Choices),
    /// Check a receipt or a whole log, without a network and without trusting the server.
    #[command(subcommand)]
    Verify(verify::What),
    /// Make the key files of a new installation.
    #[command(subcommand)]
    Keys(keys::What),
    /// Show the law in force: its rules, or the table of its decisions.
    #[command(subcommand)]
    Charter(keys::Charter),
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
    server_log();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(cli.command)),
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            complain(&message);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Demo(choices) => demo::run(choices).await.map_err(|error| error.to_string()),
        Command::Serve(choices) => serve::run(choices).await,
        Command::Train(choices) => serve::train(choices).await,
        Command::Verify(what) => verify::run(what),
        Command::Keys(what) => keys::run(what),
        Command::Charter(what) => keys::charter(what),
        Command::Log(choices) => ledger_export::run(choices).await,
        Command::Bench(what) => bench::run(what).await,
    }
}

/// Logs go to standard error as JSON, so that standard output stays an answer. `EGARD_LOG` says how
/// much (`warn` if it does not).
fn server_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("EGARD_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second subscriber is refused; there is only this one.
    let _ = subscriber.try_init();
}

/// One line on standard output. A closed pipe is no reason to fall over.
pub fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// One line on standard error.
fn complain(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "egard: {line}");
}
