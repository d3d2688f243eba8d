//! Small things of the house: a count under a name, and secrets made for one use each.
//!
//! Deliberately does not know: what is counted, what a secret is good for. Nothing here is about a person.

use crate::gate::Gate;
use crate::{Unavailable, Whom};

/// Longest value, bytes.
const LONGEST: usize = 4 << 10;

impl Gate {
    /// The seed of what is drawn for somebody on one occasion (or, of nobody named, for all): the same each time, and
    /// without the house's key nobody can tell whose it is. Of the person nothing is opened.
    pub fn seed_of(&self, whom: &Whom<'_>, occasion: &str) -> u64 {
        let keyring = &self.shared().keyring;
        let located = whom.located(keyring);
        keyring.occasion(located.user.or(located.anonymous).as_ref(), occasion)
    }

    /// A value of the house and its version (0: there is none). It lies open in the store: nothing personal.
    pub async fn house_value(&self, name: &'static str) -> Result<(Vec<u8>, u64), Unavailable> {
        self.blocking(move |gate| {
            let known = gate.shared().shelf.get(&row(name))?;
            Ok(known.map_or((Vec::new(), 0), |known| (known.value, known.version)))
        })
        .await
    }

    /// Puts a value in the place of that version; false if somebody was faster. Durable when it answers.
    pub async fn put_house_value(
        &self,
        name: &'static str,
        version: u64,
        value: Vec<u8>,
    ) -> Result<bool, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let value = value.get(..LONGEST).unwrap_or(&value);
            Ok(shared
                .shelf
                .swap(shared.epoch, &row(name), version, value)?
                .is_some())
        })
        .await
    }

    /// A secret for one use, the same as long as the index key is: whoever has it learns nothing of the key or of
    /// another use's secret.
    pub fn house_secret(&self, using: &'static str) -> [u8; 32] {
        self.shared().keyring.house_secret(using)
    }
}

fn row(name: &str) -> String {
    format!("house/{name}")
}
