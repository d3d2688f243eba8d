//! Rights: what a person may ask for, the life of a request, its deadlines, and the export that
//! answers it.
//!
//! One state machine for every right and every way in. Its states and its reasons to refuse are
//! those of the Data Rights Protocol 1.0; the rights of the GDPR that the protocol leaves for later
//! are added. Pure: a step is a function of the request, who takes it, and the time.
//!
//! Deliberately does not know: whose request it is, where it is kept, how it is carried out.

mod automatic;
mod contact;
mod csv;
mod deadline;
mod export;
mod request;
mod right;
mod status;

pub use automatic::{Automatic, Journey, Membership, Told};
pub use deadline::{Urgency, WARN_DAYS, add_months, date, latest, weekday};
pub(crate) use deadline::{civil, number};
pub use export::{Export, FORM, Facts, Form, Recipient, SCHEMA, Shops, export, time};
pub use request::{Extension, ExtensionReason, MAX_STEPS, Request, Taken};
pub use right::Right;
pub use status::{By, Denial, Refusal, Status, Step, Via};
