//! Keys that sign messages: RSA and Ed25519, read from PEM, with the record that publishes them.
//!
//! Deliberately does not know: where a key is kept.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// The longest PEM that is read, bytes.
const LONGEST: usize = 16 << 10;

/// Why there is no signature.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Not a key in PEM, or an RSA key of less than 2048 bits (RFC 8301, section 3.2).
    #[error(
        "this is no private key in PEM (`-----BEGIN PRIVATE KEY-----`), neither RSA of 2048 bits or more nor Ed25519; make one with `egard keys dkim new`"
    )]
    Pem,
    /// Not a name of the DNS.
    #[error("`{0}` is no name of the DNS")]
    Name(String),
    /// The library refused.
    #[error("the message could not be signed")]
    Sign,
}

/// How a key signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// RSA with PKCS #1 v1.5 and SHA-256 (RFC 6376, section 3.3.1).
    Rsa,
    /// Ed25519 over SHA-256 (RFC 8463).
    Ed25519,
}

impl Kind {
    /// The value of `a=`.
    pub fn algorithm(self) -> &'static str {
        match self {
            Kind::Rsa => "rsa-sha256",
            Kind::Ed25519 => "ed25519-sha256",
        }
    }
}

/// A private key; cheap to clone, shown by nothing.
#[derive(Clone)]
pub struct Key(Arc<Pair>);

enum Pair {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.kind().algorithm())
    }
}

impl Key {
    /// Reads a key: PKCS #8 (RSA, Ed25519) or PKCS #1 (RSA), as OpenSSL writes them.
    pub fn from_pem(pem: &str) -> Result<Key, Error> {
        let (label, der) = unpem(pem).ok_or(Error::Pem)?;
        let pair = match label {
            "PRIVATE KEY" => match Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
                Ok(pair) => Pair::Ed25519(pair),
                Err(_) => Pair::Rsa(RsaKeyPair::from_pkcs8(&der).map_err(|_| Error::Pem)?),
            },
            "RSA PRIVATE KEY" => Pair::Rsa(RsaKeyPair::from_der(&der).map_err(|_| Error::Pem)?),
            _ => return Err(Error::Pem),
        };
        Ok(Key(Arc::new(pair)))
    }

    /// How it signs.
    pub fn kind(&self) -> Kind {
        match *self.0 {
            Pair::Rsa(_) => Kind::Rsa,
            Pair::Ed25519(_) => Kind::Ed25519,
        }
    }

    /// The text of the TXT record that publishes the public half (RFC 6376, section 3.6.1; RFC 8463, section 4).
    pub fn record(&self) -> String {
        match &*self.0 {
            Pair::Rsa(pair) => {
                let der: Option<PublicKeyX509Der<'_>> = pair.public_key().as_der().ok();
                let bytes = der.as_ref().map(|der| der.as_ref().to_vec());
                format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(bytes.unwrap_or_default()))
            }
            Pair::Ed25519(pair) => format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(pair.public_key())),
        }
    }

    pub(super) fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        match &*self.0 {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature)
                    .map_err(|_| Error::Sign)?;
                Ok(signature)
            }
            // RFC 8463, section 3: what is signed is the hash.
            Pair::Ed25519(pair) => Ok(pair.sign(super::sha256(input).as_ref()).as_ref().to_vec()),
        }
    }
}

/// A new private key in PEM. The one place of this crate that draws randomness, since the library gives no
/// other way to an RSA key; no message passes here.
pub fn generate(kind: Kind) -> Result<String, Error> {
    use aws_lc_rs::encoding::Pkcs8V1Der;
    let der = match kind {
        Kind::Rsa => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| Error::Sign)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| Error::Sign)?;
            der.as_ref().to_vec()
        }
        Kind::Ed25519 => {
            let pair = Ed25519KeyPair::generate().map_err(|_| Error::Sign)?;
            pair.to_pkcs8v1().map_err(|_| Error::Sign)?.as_ref().to_vec()
        }
    };
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for chunk in der.chunks(48) {
        STANDARD.encode_string(chunk, &mut pem);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(pem)
}

/// Label and bytes of the first block.
fn unpem(pem: &str) -> Option<(&str, Vec<u8>)> {
    if pem.len() > LONGEST {
        return None;
    }
    let (label, rest) = pem.split_once("-----BEGIN ")?.1.split_once("-----")?;
    let body = rest.split_once("-----END ")?.0;
    let text: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Some((label, STANDARD.decode(text).ok()?))
}
