//! One signed POST to another house; of the answer only the status counts.
//!
//! Deliberately does not know: what is sent, and whether it may be sent there.

use crate::outbound;

/// It was not delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address is not declared (any more).
    #[error("its address is not in `rights.callbacks`")]
    NotDeclared,
    /// No answer.
    #[error(transparent)]
    Unanswered(#[from] outbound::Error),
    /// Another answer than yes.
    #[error("the answer was {0}")]
    Refused(u16),
}

/// Sends it. `Ok`: the other side said 2xx.
pub(crate) async fn post(
    url: &str,
    headers: [(&'static str, String); 2],
    body: Vec<u8>,
) -> Result<(), Error> {
    let [first, second] = headers;
    let kind = ("content-type", "application/json".to_owned());
    let answer = outbound::post(url, &[kind, first, second], body, 0).await?;
    match answer.status {
        200..=299 => Ok(()),
        status => Err(Error::Refused(status)),
    }
}
