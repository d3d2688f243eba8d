//! Who may call the API: `Authorization: Bearer <api key>`, checked before a handler runs.
//!
//! Holds SHA-256 digests only, so that neither memory nor a settings file needs the keys
//! themselves. Write keys of event sources are something else: see `ingest::source`.

use crate::problem::Problem;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::{StatusCode, header, request::Parts};
use std::sync::Arc;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use vocabulary::Digest;

/// The shortest API key that is taken, in bytes: 24 characters of base64 are 144 bits.
pub const SHORTEST_KEY: usize = 24;
/// Longer keys are not compared at all.
const LONGEST_KEY: usize = 512;

/// What the holder of a key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The site's own server: it vouches for the people it speaks of.
    Site,
    /// A member of the team: vouches for nobody, and has to say why.
    Staff,
    /// Somebody who writes or approves programs: opens nobody.
    Author,
}

/// The API keys of this server.
#[derive(Clone, Default)]
pub struct ApiKeys(Arc<Vec<(String, Digest, Role)>>);

/// The holder of a key of the site. As an extractor it is the guard of a handler: without it there is
/// no `Caller`, and the handler does not run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The name that the settings give the key.
    pub name: String,
}

/// The holder of a key of a member of the team: the guard of what staff may do, and of nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Staff {
    /// The name that the settings give the key.
    pub name: String,
}

/// The holder of a key of somebody who writes or approves programs: the guard of what is done with programs, and of
/// nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Author {
    /// The name that the settings give the key: whom history and log name.
    pub name: String,
}

/// An API key of the settings cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Too short to be a secret.
    #[error(
        "the api key `{name}` is shorter than {SHORTEST_KEY} bytes: make one with `openssl rand -base64 32`"
    )]
    Short {
        /// The name of the key.
        name: String,
    },
    /// Too long to be compared.
    #[error("the api key `{name}` is longer than {LONGEST_KEY} bytes")]
    Long {
        /// The name of the key.
        name: String,
    },
    /// One key under two names would be a second person to themselves.
    #[error("the api keys `{first}` and `{second}` are the same key: give each person one of their own")]
    Shared {
        /// One name.
        first: String,
        /// The other.
        second: String,
    },
    /// `sha256:` is followed by something else than a digest.
    #[error("the api key `{name}` starts with `sha256:` and 64 hexadecimal digits must follow")]
    NotADigest {
        /// The name of the key.
        name: String,
    },
}

impl ApiKeys {
    /// The keys of the settings, as (name, key). A key is the secret itself or, better,
    /// `sha256:<hex>` of it.
    pub fn new<N: Into<String>, K: AsRef<str>>(
        keys: impl IntoIterator<Item = (N, K)>,
    ) -> Result<ApiKeys, Error> {
        let of_the_site = |(name, key)| (name, key, Role::Site);
        ApiKeys::with_roles(keys.into_iter().map(of_the_site))
    }

    /// The keys of the settings with what their holders are.
    pub fn with_roles<N: Into<String>, K: AsRef<str>>(
        keys: impl IntoIterator<Item = (N, K, Role)>,
    ) -> Result<ApiKeys, Error> {
        let digests = keys.into_iter().map(|(name, key, role)| {
            let (name, key) = (name.into(), key.as_ref());
            let digest = match key.strip_prefix("sha256:") {
                Some(hex) => hex
                    .parse()
                    .map_err(|_| Error::NotADigest { name: name.clone() })?,
                None if key.len() < SHORTEST_KEY => return Err(Error::Short { name }),
                None if key.len() > LONGEST_KEY => return Err(Error::Long { name }),
                None => Digest::of(key.as_bytes()),
            };
            Ok((name, digest, role))
        });
        let digests = digests.collect::<Result<Vec<(String, Digest, Role)>, Error>>()?;
        let mut known = std::collections::BTreeMap::new();
        for (name, digest, role) in &digests {
            if let Some((first, other)) = known.insert(digest.0, (name, role))
                && [*role, *other].contains(&Role::Author)
            {
                return Err(Error::Shared {
                    first: first.clone(),
                    second: name.clone(),
                });
            }
        }
        Ok(ApiKeys(Arc::new(digests)))
    }

    /// The site's server whose key this is.
    pub fn caller(&self, key: &str) -> Option<Caller> {
        let (name, role) = self.holder(key)?;
        (role == Role::Site).then_some(Caller { name })
    }

    /// Whose key this is. Takes the same time for every key that is presented.
    fn holder(&self, key: &str) -> Option<(String, Role)> {
        if key.len() > LONGEST_KEY {
            return None;
        }
        let presented = Digest::of(key.as_bytes());
        let mut found = u32::MAX;
        for (index, (_, digest, _)) in (0u32..).zip(self.0.iter()) {
            let same: Choice = digest.0.as_slice().ct_eq(presented.0.as_slice());
            found.conditional_assign(&index, same);
        }
        let (name, _, role) = self.0.get(usize::try_from(found).ok()?)?;
        Some((name.clone(), *role))
    }
}

impl std::fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _, _)| name))
            .finish()
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    ApiKeys: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Caller, Problem> {
        match holder(parts, &ApiKeys::from_ref(state))? {
            (name, Role::Site) => Ok(Caller { name }),
            (_, Role::Staff) => Err(not_for("staff")),
            (_, Role::Author) => Err(not_for("author")),
        }
    }
}

impl<S> FromRequestParts<S> for Staff
where
    S: Send + Sync,
    ApiKeys: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Staff, Problem> {
        match holder(parts, &ApiKeys::from_ref(state))? {
            (name, Role::Staff) => Ok(Staff { name }),
            (_, Role::Site) => Err(not_for("site")),
            (_, Role::Author) => Err(not_for("author")),
        }
    }
}

impl<S> FromRequestParts<S> for Author
where
    S: Send + Sync,
    ApiKeys: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Author, Problem> {
        match holder(parts, &ApiKeys::from_ref(state))? {
            (name, Role::Author) => Ok(Author { name }),
            (_, Role::Site) => Err(not_for("site")),
            (_, Role::Staff) => Err(not_for("staff")),
        }
    }
}

fn holder(parts: &Parts, keys: &ApiKeys) -> Result<(String, Role), Problem> {
    bearer(parts)
        .and_then(|key| keys.holder(key))
        .ok_or_else(Problem::unauthorised)
}

fn not_for(role: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "role", "this is for keys of another role")
        .detail(&format!("the key has the role `{role}` in the server's settings"))
}

fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, key) = parts
        .headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn only_a_known_key_has_a_caller() {
        let hidden = format!("sha256:{}", Digest::of(b"another key that is long enough"));
        let keys = ApiKeys::new([("console", KEY), ("reports", &hidden)]).unwrap();
        assert_eq!(
            keys.caller(KEY),
            Some(Caller {
                name: "console".into()
            })
        );
        assert_eq!(
            keys.caller("another key that is long enough"),
            Some(Caller {
                name: "reports".into()
            })
        );
        assert_eq!(keys.caller(&hidden), None, "the digest is not the key");
        assert_eq!(keys.caller(""), None);
        assert_eq!(keys.caller(&KEY[1..]), None);
        assert_eq!(ApiKeys::default().caller(KEY), None, "no keys, no entry");
    }

    #[test]
    fn a_key_that_protects_nothing_is_refused() {
        assert_eq!(
            ApiKeys::new([("k", "secret")]).unwrap_err(),
            Error::Short { name: "k".into() }
        );
        assert_eq!(
            ApiKeys::new([("k", "sha256:12")]).unwrap_err(),
            Error::NotADigest { name: "k".into() }
        );
    }

    #[test]
    fn a_key_of_staff_speaks_for_nobody() {
        let keys = ApiKeys::with_roles([("helen", KEY, Role::Staff)]).unwrap();
        assert_eq!(keys.caller(KEY), None);
        assert_eq!(keys.holder(KEY), Some(("helen".into(), Role::Staff)));
    }

    #[test]
    fn one_key_cannot_be_two_people_who_look_at_programs() {
        let twice = |other| ApiKeys::with_roles([("ann", KEY, Role::Author), ("bob", KEY, other)]);
        let shared = Error::Shared {
            first: "ann".into(),
            second: "bob".into(),
        };
        for other in [Role::Author, Role::Staff, Role::Site] {
            assert_eq!(twice(other).unwrap_err(), shared);
        }
        let keys = ApiKeys::with_roles([("ann", KEY, Role::Author)]).unwrap();
        assert_eq!(keys.caller(KEY), None, "an author speaks for nobody");
    }

    #[test]
    fn keys_do_not_print() {
        assert_eq!(
            format!("{:?}", ApiKeys::new([("console", KEY)]).unwrap()),
            r#"["console"]"#
        );
    }
}
