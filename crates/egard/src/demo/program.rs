//! The demo's program, carried in the binary: written beside the demo's store, and put in force as a team would
//! do it, one who applies and a second who approves.
//!
//! Deliberately does not know: what a program does to a person.

use super::Error;
use gate::{Apply, NotApplied};
use server::app::App;
use std::path::Path;

/// Who puts it forward, and who says yes.
const BY: (&str, &str) = ("Marie, marketing (demo)", "Paul, privacy (demo)");

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../../../demo/program/", $path)).as_slice())),*]
    };
}

/// Every file of `demo/program`, by its path in it.
const FILES: &[(&str, &[u8])] = files![
    "catalogue.yaml",
    "dictionary.yaml",
    "journeys/abandoned_cart.yaml",
    "journeys/greeting.yaml",
    "journeys/newsletter.yaml",
    "journeys/replenish.yaml",
    "journeys/welcome.yaml",
    "journeys/win_back.yaml",
    "messages/candles_again/en.mjml",
    "messages/candles_again/fr.mjml",
    "messages/candles_again/message.yaml",
    "messages/cart_helpful/en.mjml",
    "messages/cart_helpful/fr.mjml",
    "messages/cart_helpful/message.yaml",
    "messages/cart_short/en.mjml",
    "messages/cart_short/fr.mjml",
    "messages/cart_short/message.yaml",
    "messages/greeting/en.formal.txt",
    "messages/greeting/en.mjml",
    "messages/greeting/en.plain.txt",
    "messages/greeting/fr.formal.txt",
    "messages/greeting/fr.mjml",
    "messages/greeting/fr.plain.txt",
    "messages/greeting/message.yaml",
    "messages/letter/en.mjml",
    "messages/letter/fr.mjml",
    "messages/letter/message.yaml",
    "messages/welcome/en.mjml",
    "messages/welcome/fr.mjml",
    "messages/welcome/message.yaml",
    "messages/welcome_around/en.mjml",
    "messages/welcome_around/en.plain.txt",
    "messages/welcome_around/fr.mjml",
    "messages/welcome_around/fr.plain.txt",
    "messages/welcome_around/message.yaml",
    "messages/what_is_new/en.mjml",
    "messages/what_is_new/fr.mjml",
    "messages/what_is_new/message.yaml",
    "program.yaml",
    "segments/candle_buyers.yaml",
    "segments/customers.yaml",
    "segments/greeted.yaml",
    "segments/newsletter_weekly.yaml",
    "segments/quiet.yaml",
    "segments/regulars.yaml",
];

/// Writes the program into that folder, whose files of before it replaces.
pub fn write(folder: &Path) -> Result<(), Error> {
    for (path, bytes) in FILES {
        let path = folder.join(path);
        let failed = |error: std::io::Error| Error::Folder {
            path: path.display().to_string(),
            problem: error.to_string(),
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&path, bytes).map_err(failed)?;
    }
    Ok(())
}

/// Puts it in force, if it is not already. Answers its digest.
pub async fn apply(app: &App) -> Result<vocabulary::Digest, Error> {
    let files = FILES
        .iter()
        .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
    let (program, _) =
        server::program::read(files.collect()).map_err(|faults| Error::Program(faults.to_string()))?;
    let digest = program.digest();
    let expected = app.gate.programs().await?.first().map(|applied| applied.digest);
    if expected == Some(digest) {
        return Ok(digest);
    }
    let apply = || Apply {
        bytes: program.pack(),
        expected,
        by: BY.0.to_owned(),
        needs_approval: true,
    };
    let refused = |error: NotApplied| Error::Program(error.to_string());
    match app.gate.apply_program(apply(), app.now()).await? {
        Err(NotApplied::Unapproved(waiting)) => {
            let approved = app.gate.approve_program(waiting, BY.1, app.now()).await?;
            approved.map_err(refused)?;
            app.gate
                .apply_program(apply(), app.now())
                .await?
                .map_err(refused)?;
        }
        applied => drop(applied.map_err(refused)?),
    }
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_carries_every_file_of_its_program() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/program");
        let gathered = server::program::gather(&folder).unwrap();
        let carried: Vec<(String, Vec<u8>)> = FILES
            .iter()
            .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()))
            .collect();
        assert_eq!(carried, gathered.into_iter().collect::<Vec<_>>());
    }
}
