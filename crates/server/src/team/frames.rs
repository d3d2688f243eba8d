//! HTML of previews, held for a few minutes for the frame that shows it to whoever made it, and to nobody else.
//!
//! Deliberately does not know: what it shows.

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use vocabulary::{Digest, Moment};

/// What such HTML may do: be looked at. It runs nothing, loads nothing, sends nothing, and stands in our own pages
/// alone.
pub(super) const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'; sandbox",
);

/// Of all members together.
const MOST: usize = 40;
/// Longest that is held, bytes.
const LONGEST: usize = 512 << 10;
/// How long, milliseconds.
const HOLD_MS: i64 = 10 * 60_000;

struct Held {
    session: Digest,
    token: String,
    html: String,
    until: Moment,
}

/// What is held; in memory alone.
#[derive(Default)]
pub(super) struct Frames(Mutex<VecDeque<Held>>);

impl Frames {
    /// Holds it for a session; answers by what it is asked for. `None`: it is too long, or there is no randomness.
    pub(super) fn hold(&self, session: Digest, html: &str, now: Moment) -> Option<String> {
        let mut token = [0; 18];
        getrandom::fill(&mut token).ok()?;
        if html.len() > LONGEST {
            return None;
        }
        let token = URL_SAFE_NO_PAD.encode(token);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|one| one.until > now);
        while held.len() >= MOST {
            held.pop_front();
        }
        held.push_back(Held {
            session,
            token: token.clone(),
            html: html.to_owned(),
            until: now.plus(HOLD_MS),
        });
        Some(token)
    }

    /// What is held for that session.
    pub(super) fn get(&self, session: Digest, token: &str, now: Moment) -> Option<String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held
            .iter()
            .find(|one| one.session == session && one.token == token && one.until > now);
        found.map(|one| one.html.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_for_one_session_and_a_while() {
        let frames = Frames::default();
        let (own, other) = (Digest([1; 32]), Digest([2; 32]));
        let token = frames.hold(own, "<p>", Moment(0)).unwrap();
        assert_eq!(frames.get(own, &token, Moment(1)).as_deref(), Some("<p>"));
        assert_eq!(frames.get(other, &token, Moment(1)), None);
        assert_eq!(frames.get(own, &token, Moment(HOLD_MS)), None);
        for _ in 0..MOST {
            frames.hold(other, "x", Moment(1)).unwrap();
        }
        assert_eq!(frames.get(own, &token, Moment(1)), None, "room is made");
        assert_eq!(frames.hold(own, &"x".repeat(LONGEST + 1), Moment(1)), None);
    }
}
