//! `egard doctor`.

use crate::{SettingsFile, complain, say};
use server::dns::Resolver;
use server::doctor::{examine, gather};
use server::settings::Settings;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

/// What to look at.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    file: SettingsFile,
    /// The folder of the store's backups.
    #[arg(long)]
    backups: Option<PathBuf>,
    /// Ask no network: what the DNS says of your mail is not looked at.
    #[arg(long)]
    offline: bool,
    /// The resolver to ask, such as `192.0.2.53:53`; without it that of the system.
    #[arg(long)]
    resolver: Option<std::net::SocketAddr>,
    /// The file of one of `program_keys`: the running server is asked which program waits, and whether its data
    /// dictionary does.
    #[arg(long)]
    key_file: Option<PathBuf>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Names every weakness. 0: none; 1: warnings; 2: faults, or settings that cannot be read.
pub fn run(choices: &Choices) -> ExitCode {
    let file = choices.file.settings.as_deref();
    let settings = match Settings::read(file, |name| std::env::var(name).ok()) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(2);
        }
    };
    let mut report = examine(&gather(
        file,
        &settings,
        choices.backups.as_deref(),
        SystemTime::now(),
    ));
    if !choices.offline {
        let resolver = choices.resolver.map_or_else(Resolver::of_system, Resolver);
        report = report.with_mail(&settings, &resolver);
    }
    if let Some(key) = &choices.key_file {
        let asked = match tokio::runtime::Runtime::new() {
            Ok(runtime) => runtime.block_on(crate::program::waits(&settings, key)),
            Err(error) => Err(error.to_string()),
        };
        report = report.with_programs(asked);
    }
    if choices.json {
        match serde_json::to_string_pretty(&report) {
            Ok(text) => say(&text),
            Err(error) => complain(&error.to_string()),
        }
    } else {
        say(&report.to_string());
    }
    ExitCode::from(report.exit_code())
}
