//! Key-encryption keys that live in a token (PKCS#11 2.40): a hardware security module, a smart card, or
//! SoftHSM. The token encrypts and decrypts people's keys (AES-256-GCM); its own key never leaves it.
//!
//! A crate of its own because it loads the maker's library into the process. Deliberately does not know:
//! whose keys are wrapped, and what else they open.

mod token;

use gate::{KekId, Kms, KmsError};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use token::Token;
use zeroize::{Zeroize as _, Zeroizing};

/// After a failure the token is left alone for so long: who asks meanwhile is told at once, instead of each
/// waiting for the library to give up.
const QUIET: Duration = Duration::from_secs(1);

/// Where the token is, and who we are there.
pub struct Settings {
    /// The library of the token's maker, such as `/usr/lib/softhsm/libsofthsm2.so`.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The user's PIN.
    pub pin: Zeroizing<String>,
}

/// A token cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The library, the token or the PIN.
    #[error("the token `{token}`: {problem}")]
    Token {
        /// Its label.
        token: String,
        /// What the library says.
        problem: String,
    },
    /// No such key, or several.
    #[error(
        "the token `{token}` has {found} secret keys labelled `{key}`, where one is needed; make one with \
         `egard keys token LABEL`, or name another in `kms.key`"
    )]
    NoKey {
        /// The token's label.
        token: String,
        /// The key's label.
        key: String,
        /// How many there are.
        found: usize,
    },
    /// The key could be taken out of the token.
    #[error(
        "the key `{key}` in the token is `{attribute}`: whoever has the PIN can take it away; make another one with \
         `egard keys token LABEL`"
    )]
    Weak {
        /// The key's label.
        key: String,
        /// What is wrong with it.
        attribute: &'static str,
    },
    /// There is a key of that label.
    #[error("the token has a key labelled `{0}` already; choose another label")]
    Exists(String),
}

/// A token that is in reach: from it come the keys in it.
#[derive(Clone)]
pub struct Hsm {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    failed: Option<Instant>,
}

impl Hsm {
    /// Loads the library, finds the token and logs in.
    pub fn open(settings: Settings) -> Result<Hsm, Error> {
        let token = Token::open(&settings)?;
        Ok(Hsm {
            shared: Arc::new(Shared {
                settings,
                state: Mutex::new(State {
                    token: Some(token),
                    failed: None,
                }),
            }),
        })
    }

    /// The key of that label. It must be an AES-256 key that cannot leave the token.
    pub fn key(&self, label: &str) -> Result<Arc<dyn Kms>, Error> {
        let serial = self.once(|token| {
            token.check(label)?;
            Ok(token.serial.clone())
        })?;
        let mut name = Sha256::new();
        for part in ["egard pkcs11 kek v1", &serial, label] {
            name.update((part.len() as u64).to_be_bytes());
            name.update(part);
        }
        let mut id = [0; 8];
        id.copy_from_slice(name.finalize().get(..8).unwrap_or(&[0; 8]));
        Ok(Arc::new(TokenKek {
            id: KekId(id),
            label: label.to_owned(),
            hsm: self.clone(),
        }))
    }

    /// Makes an AES-256 key in the token, which can never leave it.
    pub fn make_key(&self, label: &str) -> Result<(), Error> {
        self.once(|token| token.make(label))
    }

    fn once<T>(&self, work: impl FnOnce(&Token) -> Result<T, Error>) -> Result<T, Error> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let token = match state.token.take() {
            Some(token) => token,
            None => Token::open(&self.shared.settings)?,
        };
        let done = work(&token);
        state.token = Some(token);
        done
    }

    /// Asks the token; once more over a new session if the old one is gone.
    fn ask<T>(&self, work: impl Fn(&Token) -> Result<T, token::Failure>) -> Result<T, KmsError> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failed.is_some_and(|when| when.elapsed() < QUIET) {
            return Err(unreachable(
                "it failed a moment ago, and is asked again in a second",
            ));
        }
        let mut problem = String::new();
        for _ in 0..2 {
            let token = match state.token.take() {
                Some(token) => Ok(token),
                None => Token::open(&self.shared.settings),
            };
            match token.map(|token| (work(&token), token)) {
                Ok((Ok(done), token)) => {
                    *state = State {
                        token: Some(token),
                        failed: None,
                    };
                    return Ok(done);
                }
                Ok((Err(token::Failure::DoesNotOpen), token)) => {
                    state.token = Some(token);
                    return Err(KmsError::DoesNotOpen);
                }
                Ok((Err(token::Failure::Session(words)), _)) => problem = words,
                Err(error) => problem = error.to_string(),
            }
        }
        token::let_go(&self.shared.settings);
        state.failed = Some(Instant::now());
        Err(unreachable(&problem))
    }
}

fn unreachable(problem: &str) -> KmsError {
    KmsError::Unreachable(format!("PKCS#11: {problem}"))
}

/// One key of the token.
struct TokenKek {
    id: KekId,
    label: String,
    hsm: Hsm,
}

impl Kms for TokenKek {
    fn id(&self) -> KekId {
        self.id
    }

    fn driver(&self) -> &'static str {
        "pkcs11"
    }

    fn wrap(&self, context: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, KmsError> {
        let mut nonce = [0; token::NONCE];
        getrandom::fill(&mut nonce).map_err(|error| unreachable(&error.to_string()))?;
        let body = self
            .hsm
            .ask(|token| token.encrypt(&self.label, nonce, context, key))?;
        Ok([nonce.as_slice(), &body].concat())
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KmsError> {
        let (nonce, body) = wrapped
            .split_first_chunk::<{ token::NONCE }>()
            .ok_or(KmsError::DoesNotOpen)?;
        let mut bytes = self
            .hsm
            .ask(|token| token.decrypt(&self.label, *nonce, context, body))?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new);
        bytes.zeroize();
        key.map_err(|_| KmsError::DoesNotOpen)
    }
}
