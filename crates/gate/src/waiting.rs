//! Programs that were put forward and wait for a second person, and programs of before by their digest: what
//! somebody looks at before they approve, apply or go back.
//!
//! Deliberately does not know: what a program says, who may approve.

use crate::applied::{ASKED, Asked};
use crate::gate::Gate;
use crate::{Unavailable, envelope};
use vocabulary::Digest;

/// Most that are told at once.
const MOST: usize = 50;

/// A program that was put forward and was never in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its content address.
    pub digest: Digest,
    /// Everybody who put it forward.
    pub by: Vec<String>,
    /// Everybody who approved it.
    pub approved_by: Vec<String>,
}

impl Gate {
    /// The programs that wait, in the order of their digests, at most fifty.
    pub async fn waiting_programs(&self) -> Result<Vec<Waiting>, Unavailable> {
        let applied = self.programs().await?;
        self.blocking(move |gate| {
            let mut waiting = Vec::new();
            let mut after: Option<String> = None;
            while waiting.len() < MOST {
                let rows = gate.shared().shelf.named(ASKED, after.as_deref(), MOST)?;
                let Some((last, _)) = rows.last() else { break };
                after = Some(last.clone());
                for (name, row) in &rows {
                    let digest = name.strip_prefix(ASKED).and_then(|text| text.parse().ok());
                    let Some(digest) =
                        digest.filter(|digest| applied.iter().all(|one| one.digest != *digest))
                    else {
                        continue;
                    };
                    let asked: Asked = envelope::decode(&row.value)?;
                    waiting.push(Waiting {
                        digest,
                        approved_by: asked.approved.into_iter().map(|one| one.by).collect(),
                        by: asked.by,
                    });
                }
            }
            waiting.truncate(MOST);
            Ok(waiting)
        })
        .await
    }

    /// The canonical bytes of a program that is in force, was, or waits. `None`: there is none, or its bytes are
    /// gone or changed.
    pub async fn program_of(&self, digest: Digest) -> Result<Option<Vec<u8>>, Unavailable> {
        let mut known = self.programs().await?.into_iter().map(|one| one.digest);
        if !known.any(|one| one == digest)
            && !self
                .waiting_programs()
                .await?
                .iter()
                .any(|one| one.digest == digest)
        {
            return Ok(None);
        }
        self.blocking(move |gate| gate.artefact_now(digest)).await
    }

    /// Takes a program that waits back: it can be put forward again, and must be approved again.
    pub async fn take_back_program(&self, digest: Digest) -> Result<bool, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let name = format!("{ASKED}{digest}");
            match shared.shelf.get(&name)? {
                Some(row) => Ok(shared.shelf.remove_named(shared.epoch, &name, row.version)?),
                None => Ok(false),
            }
        })
        .await
    }
}
