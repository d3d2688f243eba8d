//! Settings of the team's pages.
//!
//! Deliberately does not know: who is in the team; members are in the store (`egard team`).

use serde::Deserialize;

/// Everything that can be set about `/team`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TeamSettings {
    /// Hours that a session lasts.
    pub session_hours: u32,
    /// Minutes without a request after which it ends.
    pub idle_minutes: u32,
}

impl Default for TeamSettings {
    fn default() -> TeamSettings {
        TeamSettings {
            session_hours: 10,
            idle_minutes: 30,
        }
    }
}

impl TeamSettings {
    /// What cannot be used.
    pub fn fault(&self) -> Option<String> {
        if !(1..=24).contains(&self.session_hours) {
            return Some("`session_hours` is 1 to 24".to_owned());
        }
        (!(5..=480).contains(&self.idle_minutes)).then(|| "`idle_minutes` is 5 to 480".to_owned())
    }
}
