//! Who is in the team: taken in, removed, given another role or another password. Whatever changes a member ends
//! all their sessions, and each change is a leaf of the log that names nobody.
//!
//! Deliberately does not know: how it was asked for (the command line, the page), sessions.

use super::roles::Role;
use super::{codes, password};
use gate::{Gate, MAX_MEMBERS, MAX_WHO, Member, Unavailable};
use serde_json::json;
use vocabulary::Moment;

/// A change of the team that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gate.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// The password.
    #[error(transparent)]
    Password(#[from] password::Error),
    /// The name.
    #[error("a member is named by 1 to {MAX_WHO} bytes without line breaks")]
    Name,
    /// Somebody has it.
    #[error("there is a member `{0}` already")]
    Taken(String),
    /// Nobody has it.
    #[error("there is no member `{0}`; `egard team list` shows them")]
    Unknown(String),
    /// Too many.
    #[error("a team has at most {MAX_MEMBERS} members")]
    Full,
    /// The machine.
    #[error("the machine has no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// What a new member is shown, once.
pub struct Shown {
    /// For their authenticator.
    pub uri: String,
    /// The same secret, to be typed.
    pub secret: String,
    /// For the day on which it is lost: each is good once.
    pub recovery: Vec<String>,
}

/// A member as others see them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Their name.
    pub name: String,
    /// Their role; `None` if this version does not know it, and then they may do nothing.
    pub role: Option<Role>,
    /// Since when.
    pub since: Moment,
    /// Recovery codes that are left.
    pub recovery_left: usize,
}

/// The members, by name.
pub async fn list(gate: &Gate) -> Result<Vec<Listed>, Unavailable> {
    let mut all: Vec<Listed> = gate.team().await?.iter().map(listed).collect();
    all.sort_by_key(|member| member.name.to_lowercase());
    Ok(all)
}

/// Takes somebody in.
pub async fn add(
    gate: &Gate,
    (site, name): (&str, &str),
    role: Role,
    password: &str,
    now: Moment,
) -> Result<Shown, Error> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.len() > MAX_WHO || name.chars().any(char::is_control) {
        return Err(Error::Name);
    }
    password::check(&name, password)?;
    let mut id = [0; 16];
    getrandom::fill(&mut id)?;
    let (shown, secret, recovery) = second_factor(site, &name)?;
    let member = Member {
        id,
        name,
        role: role.as_str().to_owned(),
        password: password::hash(password)?,
        secret,
        last_step: 0,
        recovery,
        generation: 1,
        since: now.0,
    };
    let changed = gate.change_team(move |members| {
        if members.iter().any(|known| same(&known.name, &member.name)) {
            return Err(Error::Taken(member.name.clone()));
        }
        if members.len() >= MAX_MEMBERS {
            return Err(Error::Full);
        }
        members.push(member.clone());
        Ok(())
    });
    changed.await??;
    note(gate, "team:member-added", id, Some(role), now).await?;
    Ok(shown)
}

/// Removes somebody.
pub async fn remove(gate: &Gate, name: &str, now: Moment) -> Result<(), Error> {
    let wanted = name.to_owned();
    let changed = gate.change_team(move |members| {
        let at = members.iter().position(|known| same(&known.name, &wanted));
        let at = at.ok_or_else(|| Error::Unknown(wanted.clone()))?;
        Ok::<_, Error>(members.remove(at).id)
    });
    let id = changed.await??;
    note(gate, "team:member-removed", id, None, now).await?;
    Ok(())
}

/// Gives somebody a new password, second factor and recovery codes.
pub async fn reset(
    gate: &Gate,
    (site, name): (&str, &str),
    password: &str,
    now: Moment,
) -> Result<Shown, Error> {
    password::check(name, password)?;
    let (shown, secret, recovery) = second_factor(site, name.trim())?;
    let hash = password::hash(password)?;
    let id = change(gate, name, move |member| {
        member.password.clone_from(&hash);
        member.secret.clone_from(&secret);
        member.recovery.clone_from(&recovery);
        member.last_step = 0;
    });
    let id = id.await?;
    note(gate, "team:member-reset", id, None, now).await?;
    Ok(shown)
}

/// Gives somebody another role.
pub async fn set_role(gate: &Gate, name: &str, role: Role, now: Moment) -> Result<(), Error> {
    let id = change(gate, name, move |member| {
        role.as_str().clone_into(&mut member.role)
    })
    .await?;
    note(gate, "team:role-changed", id, Some(role), now).await?;
    Ok(())
}

/// Ends all sessions of somebody.
pub async fn end_sessions(gate: &Gate, name: &str, now: Moment) -> Result<(), Error> {
    let id = change(gate, name, |_| {}).await?;
    note(gate, "team:sessions-ended", id, None, now).await?;
    Ok(())
}

/// One name under two spellings is one name.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Changes a member and ends their sessions.
async fn change(
    gate: &Gate,
    name: &str,
    change: impl Fn(&mut Member) + Send + 'static,
) -> Result<[u8; 16], Error> {
    let wanted = name.to_owned();
    let changed = gate.change_team(move |members| {
        let member = members.iter_mut().find(|known| same(&known.name, &wanted));
        let member = member.ok_or_else(|| Error::Unknown(wanted.clone()))?;
        change(member);
        member.generation = member.generation.saturating_add(1);
        Ok::<_, Error>(member.id)
    });
    changed.await?
}

/// What is shown, the secret, and what is kept of the recovery codes.
type SecondFactor = (Shown, Vec<u8>, Vec<Vec<u8>>);

fn second_factor(site: &str, name: &str) -> Result<SecondFactor, Error> {
    let secret = codes::secret()?;
    let (recovery, kept) = codes::recovery()?;
    let shown = Shown {
        uri: codes::uri(site, name, &secret),
        secret: codes::grouped(&codes::base32(&secret)),
        recovery,
    };
    Ok((shown, secret, kept))
}

fn listed(member: &Member) -> Listed {
    Listed {
        name: member.name.clone(),
        role: Role::parse(&member.role),
        since: Moment(member.since),
        recovery_left: member.recovery.len(),
    }
}

async fn note(
    gate: &Gate,
    what: &str,
    member: [u8; 16],
    role: Option<Role>,
    now: Moment,
) -> Result<(), Unavailable> {
    let mut reasons = vec![what.to_owned()];
    reasons.extend(role.map(|role| format!("team:role:{}", role.as_str())));
    gate.note_team(true, reasons, details(member, now), now)
        .await
        .map(drop)
}

/// What is sealed of a leaf about a member: their random name, for whoever may open it.
pub(super) fn details(member: [u8; 16], now: Moment) -> String {
    let member: String = member.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "at": now.0, "member": member }).to_string()
}
