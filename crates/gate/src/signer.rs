//! Signed words to other houses, such as "this request was answered": Ed25519 (RFC 8032) by a key of
//! its own, made from the ledger's secret, so that there is no further key file to guard and no
//! signature of one kind can pass for one of the other.
//!
//! Deliberately does not know: what is signed, who reads it.

use crate::gate::Gate;
use crate::keys::{Error, Secret};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

const DOMAIN: &[u8] = b"egard signed words v1";

/// The signing key.
pub(crate) struct Signer(Ed25519KeyPair);

impl Signer {
    /// From the ledger's secret.
    pub(crate) fn new(ledger: &Secret) -> Result<Signer, Error> {
        let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, ledger.expose()), DOMAIN);
        Ed25519KeyPair::from_seed_unchecked(seed.as_ref())
            .map(Signer)
            .map_err(|_| Error::NotAKey)
    }
}

impl Gate {
    /// Signs bytes for another house: 64 bytes. Never used for anything that another key of this
    /// installation signs.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.signer().0.sign(bytes).as_ref().to_vec()
    }

    fn signer(&self) -> std::sync::RwLockReadGuard<'_, Signer> {
        let signer = self.shared().signer.read();
        signer.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The public key by which [`Gate::sign`] is checked: 32 bytes.
    pub fn signing_key(&self) -> Vec<u8> {
        self.signer().0.public_key().as_ref().to_vec()
    }
}
