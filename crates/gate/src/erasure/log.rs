//! Whether the log of this store goes on where it was last seen, and under which name.
//!
//! A log that was restored from a backup has lost entries whose checkpoint others hold. To go on under
//! the same name would sign a second history, so it goes on under a new one: the name of the settings for
//! the first log, and that name with `/restored-N` after it for the log after the Nth restoration. Its
//! first entries are those of the backup, so receipts can still be made for them.
//!
//! Deliberately does not know: people.

use super::Error;
use super::seen::Seen;
use crate::Unavailable;
use crate::record::LedgerKey;
use ledger::{Checkpoint, SigningKey};
use store::{Epoch, Integration, Shelf};

/// Number of the log's name in use, if it is not the first.
const NUMBER: &str = "log-number";

/// The keys of the log of that number: the one that signs, then those that signed before.
pub(crate) fn keys_of(key: &LedgerKey, number: u64) -> Result<Vec<SigningKey>, Unavailable> {
    let secrets = std::iter::once(&key.secret).chain(&key.older);
    secrets.map(|secret| signing(key, secret, number)).collect()
}

/// The key of the log of that number: 1, or one more with every restoration.
pub(crate) fn key_of(key: &LedgerKey, number: u64) -> Result<SigningKey, Unavailable> {
    signing(key, &key.secret, number)
}

fn signing(key: &LedgerKey, secret: &crate::Secret, number: u64) -> Result<SigningKey, Unavailable> {
    let origin = match number {
        0 | 1 => key.origin.clone(),
        restored => format!("{}/restored-{}", key.origin, restored - 1),
    };
    SigningKey::from_seed(&origin, secret.expose()).map_err(words)
}

/// Which log this store is at.
pub(crate) fn number(shelf: &dyn Shelf) -> Result<u64, Unavailable> {
    Ok(stored_number(shelf)?.0)
}

/// Refuses a store that is not where it was last seen, or further on.
pub(crate) fn check(shelf: &dyn Shelf, key: &LedgerKey, seen: Option<&Seen>) -> Result<(), Unavailable> {
    let Some(seen) = seen else {
        return Ok(()); // never seen: there is nothing to compare with
    };
    let number = number(shelf)?;
    let stored = shelf.checkpoint()?;
    let now = stored
        .as_deref()
        .map(|bytes| opened(bytes, key, number))
        .transpose()?;
    let before = if seen.checkpoint.is_empty() {
        None
    } else {
        Some(opened(&seen.checkpoint, key, seen.log)?)
    };
    let size = |of: &Option<(u64, Checkpoint)>| of.as_ref().map_or(0, |(_, checkpoint)| checkpoint.size);
    let rolled_back = Error::RolledBack {
        found: size(&now),
        seen: size(&before),
    };
    if number == seen.log && size(&before) == 0 && before.as_ref().is_none_or(|(of, _)| *of == number) {
        return Ok(()); // nothing was in the log yet, so nothing of it can be lost
    }
    let (Some((now_of, now)), Some((before_of, before)), Some(stored)) = (now, before, stored) else {
        return Err(rolled_back.into());
    };
    // Another number: a backup from before a restoration, or a restoration that was not finished.
    if [seen.log, now_of, before_of] != [number; 3] || now.size < before.size {
        return Err(rolled_back.into());
    }
    // While a key is being exchanged, both checkpoints are signed by the older one at least.
    let signs_both = |signer: &SigningKey| {
        [&seen.checkpoint, &stored]
            .iter()
            .all(|bytes| Checkpoint::open(bytes, signer.verifying_key()).is_ok())
    };
    let mut signers = keys_of(key, number)?.into_iter();
    let Some(signer) = signers.find(signs_both) else {
        let words = "no one key signed what was last seen of the log and what is stored; put the older key back \
                     (`ledger.…` in the folder of keys)";
        return Err(Unavailable::Ledger(words.to_owned()));
    };
    let continued =
        ledger::verify::verify_consistency(&seen.checkpoint, &stored, signer.verifying_key(), |path| {
            shelf.tile(path).map_err(|error| error.to_string())
        });
    match continued {
        Ok(()) => Ok(()),
        Err(ledger::receipt::Error::Forked) => Err(rolled_back.into()),
        Err(damaged) => Err(words(damaged)),
    }
}

/// The checkpoint and the number of its log, which is this one or one before.
fn opened(bytes: &[u8], key: &LedgerKey, number: u64) -> Result<(u64, Checkpoint), Unavailable> {
    for number in (1..=number.max(1)).rev() {
        for signer in keys_of(key, number)? {
            if let Ok(checkpoint) = Checkpoint::open(bytes, signer.verifying_key()) {
                return Ok((number, checkpoint));
            }
        }
    }
    let words = "the checkpoint was not signed by this key (`ledger` in the folder of keys, `ledger_origin`)";
    Err(Unavailable::Ledger(words.to_owned()))
}

/// Lets the log go on under its next name. Nothing is lost if this is interrupted: it is done again, with
/// the name after that. Answers the size it goes on from.
pub(crate) fn continue_under_next_name(
    shelf: &dyn Shelf,
    epoch: Epoch,
    key: &LedgerKey,
    next: u64,
) -> Result<u64, Unavailable> {
    let (number, version) = stored_number(shelf)?;
    if shelf.swap(epoch, NUMBER, version, &next.to_be_bytes())?.is_none() {
        return Err(Unavailable::Busy);
    }
    let Some(stored) = shelf.checkpoint()? else {
        return Ok(0); // an empty store: the first checkpoint is signed as that of any new log
    };
    // Of this log or of one before: an interrupted restoration has changed the number only.
    let (_, found) = opened(&stored, key, number)?;
    // Reads the right edge, and so sees that the tiles are those of the checkpoint.
    let none: [&[u8]; 0] = [];
    ledger::sequence::grow(found.size, &found.root, &none, |path| {
        shelf.tile(path).map_err(|error| error.to_string())
    })
    .map_err(words)?;
    let signer = key_of(key, next)?;
    let renamed = Checkpoint {
        origin: signer.verifying_key().name().to_owned(),
        ..found.clone()
    };
    let integration = Integration {
        checkpoint: renamed.sign(&signer).map_err(words)?,
        expected: Some(stored),
        tiles: Vec::new(),
        obsolete: Vec::new(),
        integrated: Vec::new(),
    };
    match shelf.integrate(epoch, &integration)? {
        true => Ok(found.size),
        false => Err(Unavailable::Busy),
    }
}

/// The size of the checkpoint that was last seen, whichever log of this key it is of.
pub(crate) fn size_of(seen: &Seen, key: &LedgerKey) -> Result<u64, Unavailable> {
    if seen.checkpoint.is_empty() {
        return Ok(0);
    }
    Ok(opened(&seen.checkpoint, key, seen.log)?.1.size)
}

fn stored_number(shelf: &dyn Shelf) -> Result<(u64, u64), Unavailable> {
    let Some(held) = shelf.get(NUMBER)? else {
        return Ok((1, 0));
    };
    match held.value.as_slice().try_into() {
        Ok(bytes) => Ok((u64::from_be_bytes(bytes), held.version)),
        Err(_) => Err(Unavailable::Ledger("the number of the log is damaged".to_owned())),
    }
}

fn words(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::Ledger(error.to_string())
}
