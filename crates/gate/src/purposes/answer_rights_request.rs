//! Answer the person's request about their rights.

use super::show_own_data::{ShowOwnData, ShowOwnDataView};
use super::{Purpose, sealed};
use crate::envelope::{Content, Terms};
use vocabulary::{Moment, PurposeName};

/// Answer the person's request about their rights (GDPR art. 12 to 22). Who asks for this is our own
/// program, or a member of the team, in answer to the person; `show_own_data` is for the person alone.
pub struct AnswerRightsRequest;

impl sealed::Look for AnswerRightsRequest {
    type Seen = ShowOwnDataView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> ShowOwnDataView {
        <ShowOwnData as sealed::Look>::look(terms, content, now)
    }
}

impl Purpose for AnswerRightsRequest {
    /// An answer must be complete, so it sees what the person themselves may see.
    type View = ShowOwnDataView;
    const NAME: PurposeName = PurposeName::AnswerRightsRequest;
    const DPV: &'static str = "dpv:RightsFulfillment";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-c";
    const SEES: &'static [&'static str] = &["all that is known of the person"];
    const RETENTION_DAYS: u32 = 1;
}
