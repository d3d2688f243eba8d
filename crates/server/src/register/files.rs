//! The register as files: every page in both languages, the JSON with its schema, the texts of the
//! charters, the checkpoint and the key. The links lead from file to file, so that it can be read from a
//! folder or put on any web server. The same register gives the same bytes.
//!
//! Deliberately does not know: where the files go.

use super::{Edition, Error, Press};
use crate::web::assets::{ICON, STYLE};
use crate::web::register::{Links, Place};
use std::collections::BTreeMap;
use vocabulary::{Digest, Language};

/// Every file by its name, without a folder.
pub async fn files(press: &Press, edition: &Edition) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut files = BTreeMap::new();
    for place in places(edition) {
        for language in [Language::En, Language::Fr] {
            let made = press.made(edition, place, language, Links::Files).await?;
            if let Some((_, bytes)) = made {
                files.insert(place.file(language), bytes);
            }
        }
    }
    let log = &edition.register.log;
    let home = files.get(&Place::Home.file(Language::En)).cloned();
    let fixed = [
        ("index.html", home.unwrap_or_default()),
        ("register.json", edition.json.bytes.clone()),
        (
            "register.schema.json",
            decide::register::SCHEMA.as_bytes().to_vec(),
        ),
        ("checkpoint", log.checkpoint.as_bytes().to_vec()),
        ("vkey", log.vkey.as_bytes().to_vec()),
        ("style.css", STYLE.body.as_bytes().to_vec()),
        ("icon.svg", ICON.body.as_bytes().to_vec()),
    ];
    files.extend(fixed.map(|(name, bytes)| (name.to_owned(), bytes)));
    Ok(files)
}

/// Every page that the register links to.
fn places(edition: &Edition) -> Vec<Place> {
    let register = &edition.register;
    let mut places = vec![Place::Home];
    for (at, row) in register.programs.iter().enumerate() {
        let before: Option<Digest> = register
            .programs
            .get(at + 1)
            .filter(|before| before.name == row.name)
            .and_then(|before| before.digest);
        match (row.name, row.digest) {
            ("charter", Some(digest)) => {
                places.extend([Place::Charter(digest), Place::CharterText(digest)]);
                places.extend(before.map(|from| Place::Charters(from, digest)));
            }
            ("dictionary", Some(digest)) => {
                places.push(Place::Dictionary(digest));
                places.extend(before.map(|from| Place::Dictionaries(from, digest)));
            }
            _ => {}
        }
    }
    let models = register.models.iter().filter(|model| model.says.is_some());
    places.extend(models.filter_map(|model| model.digest).map(Place::Model));
    places.sort();
    places.dedup();
    places
}
