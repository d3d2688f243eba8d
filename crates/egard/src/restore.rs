//! `egard restore`.

use crate::{say, serve};
use server::ingest::clock;

/// Flags.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    serving: serve::Choices,
    /// The erasure journal is lost for good: make a new one from the store's own copy. Whoever was erased
    /// between the backup and now comes back, and nobody can tell; erase them by hand.
    #[arg(long)]
    journal_lost: bool,
}

/// Replays the erasure journal on a store that was put back, and says what became of its log.
pub async fn run(choices: Choices) -> Result<(), String> {
    let settings = serve::settings(&choices.serving)?;
    let restored = server::serve::restore(&settings, clock::system(), choices.journal_lost)
        .await
        .map_err(|error| error.to_string())?;
    let lost = match restored.seen {
        Some(seen) => format!(
            "the log had {seen} entries when it was last seen, the backup has {}",
            restored.found
        ),
        None => format!(
            "the backup's log has {} entries; how many it had is not known",
            restored.found
        ),
    };
    say("whoever was erased since the backup is erased again, and stays so");
    say(&format!("{lost}; it goes on under a new name"));
    say(&format!(
        "new log key, to be published beside the old one: {}",
        restored.vkey
    ));
    say(
        "choices that people made since the backup are lost: ask again before relying on those of the backup",
    );
    Ok(())
}
