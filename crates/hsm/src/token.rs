//! One session with a token: find a key, encrypt, decrypt.
//!
//! Deliberately does not know: when to try again.

use crate::{Error, Settings};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Fault, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Bytes of the nonce.
pub(crate) const NONCE: usize = 12;
/// Bits of the tag.
const TAG: u64 = 128;

/// Libraries are initialised once for a process, whoever has a session.
static LOADED: Mutex<Option<HashMap<PathBuf, Pkcs11>>> = Mutex::new(None);

/// What became of a question to the token.
pub(crate) enum Failure {
    /// The bytes are not this key's, or are damaged.
    DoesNotOpen,
    /// The session or the token is gone.
    Session(String),
}

/// A session that is logged in.
pub(crate) struct Token {
    session: Session,
    label: String,
    pub(crate) serial: String,
}

impl Token {
    pub(crate) fn open(settings: &Settings) -> Result<Token, Error> {
        let failed = |problem: String| Error::Token {
            token: settings.token.clone(),
            problem,
        };
        let library = library(settings).map_err(failed)?;
        let slots = library
            .get_slots_with_token()
            .map_err(|fault| failed(fault.to_string()))?;
        let mut found = Vec::new();
        for slot in slots {
            if let Ok(info) = library.get_token_info(slot)
                && info.label() == settings.token
            {
                found.push((slot, info.serial_number().to_owned()));
            }
        }
        let (slot, serial) = match <[_; 1]>::try_from(found) {
            Ok([one]) => one,
            Err(found) => {
                let count = found.len();
                return Err(failed(format!(
                    "there are {count} tokens of this label; check `kms.token`"
                )));
            }
        };
        let session = library
            .open_rw_session(slot)
            .map_err(|fault| failed(fault.to_string()))?;
        let pin = AuthPin::new(settings.pin.as_str().into());
        match session.login(UserType::User, Some(&pin)) {
            // Another session of this process is logged in: then this one is.
            Ok(()) | Err(Fault::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(Fault::Pkcs11(RvError::PinIncorrect, _)) => {
                return Err(failed(
                    "the PIN is wrong; after a few more tries the token locks it".to_owned(),
                ));
            }
            Err(fault) => return Err(failed(fault.to_string())),
        }
        Ok(Token {
            session,
            label: settings.token.clone(),
            serial,
        })
    }

    /// Whether the key is there once and can neither be read nor taken out.
    pub(crate) fn check(&self, label: &str) -> Result<(), Error> {
        let keys = self.find(label).map_err(|fault| self.failed(&fault))?;
        let &[key] = keys.as_slice() else {
            return Err(Error::NoKey {
                token: self.label.clone(),
                key: label.to_owned(),
                found: keys.len(),
            });
        };
        let asked = [
            AttributeType::Extractable,
            AttributeType::Sensitive,
            AttributeType::ValueLen,
            AttributeType::Encrypt,
            AttributeType::Decrypt,
        ];
        let attributes = self
            .session
            .get_attributes(key, &asked)
            .map_err(|fault| self.failed(&fault))?;
        let weak = |attribute| Error::Weak {
            key: label.to_owned(),
            attribute,
        };
        for attribute in &attributes {
            match attribute {
                Attribute::Extractable(true) => return Err(weak("extractable")),
                Attribute::Sensitive(false) => return Err(weak("not sensitive")),
                Attribute::ValueLen(length) if **length != 32 => return Err(weak("not of 256 bits")),
                Attribute::Encrypt(false) | Attribute::Decrypt(false) => {
                    return Err(weak("not made to encrypt and decrypt"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes a key that stays in the token.
    pub(crate) fn make(&self, label: &str) -> Result<(), Error> {
        if !self.find(label).map_err(|fault| self.failed(&fault))?.is_empty() {
            return Err(Error::Exists(label.to_owned()));
        }
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(32.into()),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
        ];
        let made = self.session.generate_key(&Mechanism::AesKeyGen, &template);
        made.map(drop).map_err(|fault| self.failed(&fault))
    }

    pub(crate) fn encrypt(
        &self,
        label: &str,
        mut nonce: [u8; NONCE],
        context: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let key = self.one(label)?;
        let parameters = GcmParams::new(&mut nonce, context, TAG.into()).map_err(session)?;
        let done = self.session.encrypt(&Mechanism::AesGcm(parameters), key, plain);
        done.map_err(session)
    }

    pub(crate) fn decrypt(
        &self,
        label: &str,
        mut nonce: [u8; NONCE],
        context: &[u8],
        body: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let key = self.one(label)?;
        let parameters = GcmParams::new(&mut nonce, context, TAG.into()).map_err(session)?;
        let done = self.session.decrypt(&Mechanism::AesGcm(parameters), key, body);
        done.map_err(|fault| match fault {
            Fault::Pkcs11(RvError::EncryptedDataInvalid | RvError::EncryptedDataLenRange, _) => {
                Failure::DoesNotOpen
            }
            // What SoftHSM says of a tag that does not fit.
            Fault::Pkcs11(RvError::GeneralError, _) if self.is_alive() => Failure::DoesNotOpen,
            fault => session(fault),
        })
    }

    /// Whether the token still answers.
    fn is_alive(&self) -> bool {
        self.session.get_session_info().is_ok()
    }

    fn one(&self, label: &str) -> Result<ObjectHandle, Failure> {
        match self.find(label).map_err(session)?.as_slice() {
            [key] => Ok(*key),
            keys => Err(Failure::Session(format!(
                "{} keys are labelled `{label}`",
                keys.len()
            ))),
        }
    }

    fn find(&self, label: &str) -> Result<Vec<ObjectHandle>, Fault> {
        self.session.find_objects(&[
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Label(label.as_bytes().to_vec()),
        ])
    }

    fn failed(&self, fault: &Fault) -> Error {
        Error::Token {
            token: self.label.clone(),
            problem: fault.to_string(),
        }
    }
}

fn session(fault: Fault) -> Failure {
    Failure::Session(fault.to_string())
}

/// Lets go of the library, so that the next session starts anew: some see a token that came back only then.
/// Sessions that others still have end with it, and are opened anew when they are next used.
pub(crate) fn let_go(settings: &Settings) {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(library) = loaded.as_mut().and_then(|loaded| loaded.remove(&settings.module)) {
        // It may be gone already; then there is nothing to end.
        let _ = library.finalize();
    }
}

fn library(settings: &Settings) -> Result<Pkcs11, String> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let loaded = loaded.get_or_insert_default();
    if let Some(library) = loaded.get(&settings.module) {
        return Ok(library.clone());
    }
    let words = |fault: Fault| format!("`{}` cannot be loaded: {fault}", settings.module.display());
    let library = Pkcs11::new(&settings.module).map_err(words)?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Fault::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(fault) => return Err(words(fault)),
    }
    loaded.insert(settings.module.clone(), library.clone());
    Ok(library)
}
