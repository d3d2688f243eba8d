//! Passwords of the team: argon2id with the second recommended set of RFC 9106, section 4 (64 MiB, three
//! passes, four lanes), which is above OWASP's least.
//!
//! Deliberately does not know: whose they are.

use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use std::sync::OnceLock;

/// Shortest password, bytes. NIST SP 800-63B asks for eight beside a second factor.
pub const SHORTEST: usize = 12;
/// Longest password, bytes: longer ones are not reckoned at all.
pub const LONGEST: usize = 256;
/// KiB of memory, passes, lanes.
const COST: (u32, u32, u32) = (64 * 1024, 3, 4);
/// Passwords that everybody tries first, of the length that is taken.
const COMMON: [&str; 6] = [
    "passwordpassword",
    "password1234",
    "motdepasse123",
    "motdepasse1234",
    "qwertyuiop12",
    "azertyuiop12",
];

/// A password that cannot be taken, or no randomness.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Too short.
    #[error("the password is shorter than {SHORTEST} bytes; a few words that only you put together are good")]
    Short,
    /// Too long.
    #[error("the password is longer than {LONGEST} bytes")]
    Long,
    /// Easily guessed.
    #[error("the password is one that everybody tries first, or holds the name; choose another")]
    Guessed,
    /// The machine has no randomness or no memory.
    #[error("the machine could not reckon the password: {0}")]
    Machine(String),
}

/// Whether it can be taken for that name.
pub fn check(name: &str, password: &str) -> Result<(), Error> {
    if password.len() < SHORTEST {
        return Err(Error::Short);
    }
    if password.len() > LONGEST {
        return Err(Error::Long);
    }
    let (name, lower) = (name.trim().to_lowercase(), password.to_lowercase());
    let mut letters = lower.chars();
    let first = letters.next();
    let one_letter = letters.all(|letter| Some(letter) == first);
    let named = name.chars().count() >= 3 && lower.contains(&name);
    match one_letter || named || COMMON.contains(&lower.as_str()) {
        true => Err(Error::Guessed),
        false => Ok(()),
    }
}

/// What it is checked against later (PHC string). Takes 64 MiB and a good part of a second.
pub fn hash(password: &str) -> Result<String, Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| Error::Machine(error.to_string()))?;
    let machine = |error: argon2::password_hash::Error| Error::Machine(error.to_string());
    let salt = SaltString::encode_b64(&salt).map_err(machine)?;
    let hashed = hasher()?.hash_password(password.as_bytes(), &salt);
    Ok(hashed.map_err(machine)?.to_string())
}

/// Whether it is the password of that hash. Without a hash the same work is done, and the answer is no.
pub fn verify(hash: Option<&str>, password: &str) -> bool {
    let known = match hash {
        Some(hash) => Some(hash),
        None => stand_in(),
    };
    let Some(parsed) = known.and_then(|text| PasswordHash::new(text).ok()) else {
        return false;
    };
    let Ok(hasher) = hasher() else { return false };
    let same = hasher.verify_password(password.as_bytes(), &parsed).is_ok();
    same && hash.is_some()
}

/// The hash of a password that nobody has, made once.
fn stand_in() -> Option<&'static str> {
    static STAND_IN: OnceLock<Option<String>> = OnceLock::new();
    STAND_IN
        .get_or_init(|| hash("nobody has this password").ok())
        .as_deref()
}

/// Makes the stand-in, so that the first to ask does not wait twice as long as the second.
pub fn prepare() {
    let _ = stand_in();
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None);
    let params = params.map_err(|error| Error::Machine(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_alone_and_salted() {
        let (one, other) = (
            hash("correct horse battery").unwrap(),
            hash("correct horse battery").unwrap(),
        );
        assert!(one.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{one}");
        assert_ne!(one, other);
        assert!(verify(Some(&one), "correct horse battery"));
        assert!(!verify(Some(&one), "correct horse batterx"));
        assert!(!verify(Some("no hash"), "correct horse battery"));
        assert!(
            !verify(None, "nobody has this password"),
            "the stand-in is nobody's"
        );
    }

    #[test]
    fn a_password_that_protects_nothing_is_refused() {
        for (password, error) in [
            ("short", Error::Short),
            ("aaaaaaaaaaaaaaaa", Error::Guessed),
            ("Password1234", Error::Guessed),
            ("i am helen and you", Error::Guessed),
        ] {
            assert_eq!(check("Helen", password), Err(error), "{password}");
        }
        assert_eq!(check("Helen", &"ab".repeat(200)), Err(Error::Long));
        assert_eq!(check("Helen", "four words put together"), Ok(()));
    }
}
