//! The words of the person's own page as a notice: what stands beside each button there, published like any
//! other notice, so that a consent given there names the very words it answers.
//!
//! Nobody is asked by it: it is none of the notices in force. Its version is found and not written down:
//! the first number under which these very words were published, or the first that is free.
//!
//! Deliberately does not know: what the words are, what the page looks like.

use crate::Unavailable;
use crate::consent::name_of;
use crate::gate::Gate;
use crate::notice::{Error, Notice};
use std::sync::{Arc, PoisonError};
use vocabulary::Moment;

/// Most versions that are tried: words change a few times a year.
const MOST: u32 = 10_000;

impl Gate {
    /// Publishes the words of the person's own page and puts them beside the notices in force. `make` writes
    /// them down as the version it is given.
    pub async fn publish_own_words(
        &self,
        make: impl Fn(u32) -> Result<Notice, Error>,
        now: Moment,
    ) -> Result<Result<Arc<Notice>, Error>, Unavailable> {
        for version in 1..=MOST {
            let notice = match make(version) {
                Ok(notice) => notice,
                Err(error) => return Ok(Err(error)),
            };
            let name = name_of(notice.id(), version);
            let key = name.clone();
            let known = self
                .blocking(move |gate| Ok(gate.shared().shelf.get(&key)?))
                .await?;
            if known.is_some_and(|known| known.value != notice.digest().0) {
                continue;
            }
            self.publish_as(name, notice.file().as_bytes().to_vec(), now)
                .await?;
            let notice = Arc::new(notice);
            let notices = &self.shared().notices;
            let mut notices = notices.write().unwrap_or_else(PoisonError::into_inner);
            *notices = notices.clone().with_own(Some(Arc::clone(&notice)));
            return Ok(Ok(notice));
        }
        Ok(Err(Error::TooMany))
    }
}
