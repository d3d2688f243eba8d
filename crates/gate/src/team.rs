//! The team: who may sign in on its pages, and their sessions. One sealed row of members, exchanged only by who
//! has seen what it held; a sealed row for each session under the hash of its token.
//!
//! A session is of a member as they were when it began: whatever changes a member (their role, their password)
//! changes their generation, and no session of an earlier one is taken. Deliberately does not know: passwords,
//! codes, what a role may do; what is kept of them is bytes.

use crate::gate::{Gate, Shared};
use crate::record::Statement;
use crate::seal::Table;
use crate::{RecordId, Unavailable, envelope};
use minicbor::{Decode, Encode};
use vocabulary::{Digest, Moment};
use zeroize::ZeroizeOnDrop;

/// The row of members.
const MEMBERS: &str = "team/members";
/// Rows of sessions, before the hash of their token.
const SESSIONS: &str = "team/session/";
/// Members at most.
pub const MAX_MEMBERS: usize = 200;
/// How often a change is tried again when somebody else was quicker.
const TRIES: usize = 8;
/// Sessions that are looked at in one go.
const SESSIONS_AT_ONCE: usize = 500;

/// Somebody of the team. Never printed, and wiped.
#[derive(Encode, Decode, Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Member {
    /// A random name that says nothing.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub id: [u8; 16],
    /// The name they sign in with.
    #[n(1)]
    pub name: String,
    /// Their role, in a word.
    #[n(2)]
    pub role: String,
    /// What their password is checked against.
    #[n(3)]
    pub password: String,
    /// The secret of their one-time codes.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub secret: Vec<u8>,
    /// The step of the last code that was taken: none is taken twice.
    #[n(5)]
    pub last_step: u64,
    /// SHA-256 of the recovery codes that are left.
    #[n(6)]
    pub recovery: Vec<Vec<u8>>,
    /// Counts up with every change that ends their sessions.
    #[n(7)]
    pub generation: u64,
    /// Since when, milliseconds.
    #[n(8)]
    pub since: i64,
}

impl Member {
    /// Nobody: what stands in for a member who is not there.
    pub fn nobody() -> Member {
        Member {
            id: [0; 16],
            name: String::new(),
            role: String::new(),
            password: String::new(),
            secret: vec![0; 20],
            last_step: u64::MAX,
            recovery: vec![vec![0; 32]; 10],
            generation: 0,
            since: 0,
        }
    }
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Member(..)")
    }
}

/// A session of a member.
#[derive(Encode, Decode, Clone, PartialEq, Eq, Debug)]
pub struct TeamSession {
    /// Whose: [`Member::id`].
    #[cbor(n(0), with = "minicbor::bytes")]
    pub member: [u8; 16],
    /// The generation of the member when it began.
    #[n(1)]
    pub generation: u64,
    /// When it began, milliseconds.
    #[n(2)]
    pub began: i64,
    /// When it was last used, milliseconds; behind by as much as the caller likes.
    #[n(3)]
    pub seen: i64,
    /// When it ends at the latest, milliseconds.
    #[n(4)]
    pub until: i64,
}

#[derive(Encode, Decode, Default)]
struct Members {
    #[n(0)]
    all: Vec<Member>,
}

impl Gate {
    /// Everybody of the team.
    pub async fn team(&self) -> Result<Vec<Member>, Unavailable> {
        self.blocking(|gate| Ok(members(gate.shared())?.0.all)).await
    }

    /// Changes the team, durable when it answers. `change` may be called again with what somebody else changed
    /// meanwhile; nothing is written if it fails.
    pub async fn change_team<T, E>(
        &self,
        change: impl Fn(&mut Vec<Member>) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, Unavailable>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        self.blocking(move |gate| {
            let shared = gate.shared();
            for _ in 0..TRIES {
                let (mut members, version) = members(shared)?;
                let done = match change(&mut members.all) {
                    Ok(done) => done,
                    Err(error) => return Ok(Err(error)),
                };
                if members.all.len() > MAX_MEMBERS {
                    return Err(crate::keys::Error::TooLong.into());
                }
                let sealed = seal(shared, MEMBERS, &envelope::encode(&members))?;
                if shared
                    .shelf
                    .swap(shared.epoch, MEMBERS, version, &sealed)?
                    .is_some()
                {
                    return Ok(Ok(done));
                }
            }
            Err(Unavailable::Busy)
        })
        .await
    }

    /// Keeps a new session under the hash of its token.
    pub async fn begin_team_session(&self, token: Digest, session: TeamSession) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = format!("{SESSIONS}{token}");
            let sealed = seal(shared, &name, &envelope::encode(&session))?;
            match shared.shelf.swap(shared.epoch, &name, 0, &sealed)? {
                Some(_) => Ok(()),
                None => Err(Unavailable::Busy),
            }
        })
        .await
    }

    /// Notes that a session was used. One that was ended meanwhile stays ended.
    pub async fn touch_team_session(&self, token: Digest, now: Moment) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = format!("{SESSIONS}{token}");
            let Some(row) = shared.shelf.get(&name)? else {
                return Ok(());
            };
            let mut session: TeamSession = envelope::decode(&open(shared, &name, &row.value)?)?;
            session.seen = now.0;
            let sealed = seal(shared, &name, &envelope::encode(&session))?;
            // Whoever was quicker noted it, or ended it.
            shared.shelf.swap(shared.epoch, &name, row.version, &sealed)?;
            Ok(())
        })
        .await
    }

    /// The session of that token and its member, as they are now. `None`: there is none, it is over, its member
    /// has changed or is gone, or the store was put back since it began.
    pub async fn team_session(
        &self,
        token: Digest,
        now: Moment,
    ) -> Result<Option<(TeamSession, Member)>, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = format!("{SESSIONS}{token}");
            let Some(row) = shared.shelf.get(&name)? else {
                return Ok(None);
            };
            let session: TeamSession = envelope::decode(&open(shared, &name, &row.value)?)?;
            if now.0 >= session.until || !gate.remembers_since(Moment(session.began)) {
                return Ok(None);
            }
            let all = members(shared)?.0.all;
            let member = all
                .into_iter()
                .find(|member| member.id == session.member && member.generation == session.generation);
            Ok(member.map(|member| (session, member)))
        })
        .await
    }

    /// Ends a session for good.
    pub async fn end_team_session(&self, token: Digest) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = format!("{SESSIONS}{token}");
            // Somebody may note at the same moment that it was used.
            for _ in 0..TRIES {
                let Some(row) = shared.shelf.get(&name)? else {
                    return Ok(());
                };
                if shared.shelf.remove_named(shared.epoch, &name, row.version)? {
                    return Ok(());
                }
            }
            Err(Unavailable::Busy)
        })
        .await
    }

    /// Removes sessions that are over; answers how many.
    pub async fn forget_team_sessions(&self, now: Moment) -> Result<u64, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let (mut gone, mut after) = (0, None::<String>);
            loop {
                let rows = shared.shelf.named(SESSIONS, after.as_deref(), SESSIONS_AT_ONCE)?;
                let Some((last, _)) = rows.last() else {
                    return Ok(gone);
                };
                after = Some(last.clone());
                for (name, row) in &rows {
                    let session: TeamSession = envelope::decode(&open(shared, name, &row.value)?)?;
                    if session.until < now.0 {
                        gone += u64::from(shared.shelf.remove_named(shared.epoch, name, row.version)?);
                    }
                }
            }
        })
        .await
    }

    /// Writes down that something happened in the team, with a leaf of the log that names nobody. `what` are
    /// stable words such as `team:signed-in`; `details` (JSON) are sealed.
    pub async fn note_team(
        &self,
        allowed: bool,
        what: Vec<String>,
        details: String,
        now: Moment,
    ) -> Result<RecordId, Unavailable> {
        let statement = Statement {
            kind: "team",
            purpose: None,
            program: self.charter().digest(),
            allowed,
            reasons: what,
            at: now,
        };
        self.record_about_nobody(statement, details).await
    }
}

fn members(shared: &Shared) -> Result<(Members, u64), Unavailable> {
    match shared.shelf.get(MEMBERS)? {
        None => Ok((Members::default(), 0)),
        Some(row) => {
            let plain = zeroize::Zeroizing::new(open(shared, MEMBERS, &row.value)?);
            Ok((envelope::decode(&plain)?, row.version))
        }
    }
}

/// Bound to its row: what was moved to another does not open.
fn bound(name: &str) -> Vec<u8> {
    [&[Table::Team as u8], name.as_bytes()].concat()
}

fn seal(shared: &Shared, name: &str, plain: &[u8]) -> Result<Vec<u8>, Unavailable> {
    Ok(shared.nobody.0.seal_bound(&bound(name), plain)?.0)
}

fn open(shared: &Shared, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Unavailable> {
    Ok(shared.nobody.0.open_bound(&bound(name), sealed)?)
}
