//! `egard audit`.

use crate::{complain, say, serve};
use ledger::VerifyingKey;
use server::audit::{Report, Scope};
use server::ingest::clock;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vocabulary::Language;

/// Something is wrong.
const FINDINGS: u8 = 2;
/// The largest number that canonical JSON writes exactly (RFC 8785, section 3.2.2.3).
const MOST_SEED: u64 = (1 << 53) - 1;
/// Longest report that is read, bytes.
const MOST_BYTES: u64 = 2 << 20;

/// What to do.
#[derive(clap::Subcommand)]
pub enum What {
    /// Draw records from the log, look at each again, verify the whole log, and put the report into it.
    Run(Run),
    /// Check the signature of a report, and say what it says.
    Check(Check),
}

/// How much to audit.
#[derive(clap::Args)]
pub struct Run {
    #[command(flatten)]
    serving: serve::Choices,
    /// How many records to draw.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=server::audit::MAX_SAMPLE as u64))]
    sample: u64,
    /// A number from whoever orders the audit, mixed into the seed that follows from the log.
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..=MOST_SEED))]
    seed: Option<u64>,
    /// A folder for the report: `report.note` (signed), `report.fr.html`, `report.en.html`.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Which report, signed by whom.
#[derive(clap::Args)]
pub struct Check {
    /// The signed report.
    report: PathBuf,
    /// The log's public key (`egard serve` prints it).
    #[arg(long)]
    key: String,
}

/// Audits or checks: 0 nothing is wrong, 2 something is, 1 an error.
pub async fn run(what: What) -> Result<ExitCode, String> {
    match what {
        What::Run(choices) => make(choices).await,
        What::Check(choices) => check(&choices),
    }
}

async fn make(choices: Run) -> Result<ExitCode, String> {
    let settings = serve::settings(&choices.serving)?;
    serve::existing(&settings)?;
    let app = server::serve::open(&settings, clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let sample = usize::try_from(choices.sample).unwrap_or(server::audit::MAX_SAMPLE);
    let made = server::audit::run(&app, &Scope::new(&settings, sample, choices.seed)).await;
    app.gate.close().await;
    let made = made.map_err(|error| error.to_string())?;
    if let Some(folder) = &choices.out {
        put(folder, "report.note", &made.note)?;
        for (name, language) in [("report.fr.html", Language::Fr), ("report.en.html", Language::En)] {
            let page = server::web::audit::page(&made.report, language).map_err(|error| error.to_string())?;
            put(folder, name, &page)?;
        }
    }
    let code = tell(&made.report);
    say(&format!("report {}", made.listed.report));
    match made.listed.leaf {
        Some(leaf) => say(&format!("its digest is entry {leaf} of the log")),
        None => complain("its digest is not in the log yet; it will be at the next start"),
    }
    Ok(code)
}

fn check(choices: &Check) -> Result<ExitCode, String> {
    let failed = |error: std::io::Error| format!("`{}`: {error}", choices.report.display());
    let size = std::fs::metadata(&choices.report).map_err(failed)?.len();
    if size > MOST_BYTES {
        return Err(format!("`{}` is too long for a report", choices.report.display()));
    }
    let bytes = std::fs::read(&choices.report).map_err(failed)?;
    let key: VerifyingKey = choices
        .key
        .parse()
        .map_err(|error: ledger::key::Error| error.to_string())?;
    let report = Report::open(&bytes, &key).map_err(|error| error.to_string())?;
    let code = tell(&report);
    say(&format!(
        "genuine: signed by the log `{}`; its digest in the log must be {}",
        report.checkpoint.origin,
        vocabulary::Digest::of(&bytes)
    ));
    Ok(code)
}

/// What a report says, in a few lines.
fn tell(report: &Report) -> ExitCode {
    say(&format!(
        "audit of {}: {} of {} entries drawn",
        report.day, report.sample, report.population
    ));
    for (what, times) in &report.counts {
        say(&format!("  {what} {times}"));
    }
    if report.is_sound() {
        say("nothing is wrong");
        return ExitCode::SUCCESS;
    }
    for (finding, times) in &report.findings {
        say(&format!("wrong: {finding} {times}"));
    }
    ExitCode::from(FINDINGS)
}

fn put(folder: &Path, name: &str, text: &str) -> Result<(), String> {
    let path = folder.join(name);
    let failed = |error: std::io::Error| format!("`{}`: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(&path, text).map_err(failed)
}
