//! Mail: one plain message to one address, handed to the operator's own server.
//!
//! Deliberately does not know: people, why a message is sent. An address is in memory for as long as
//! its message is on the way, and in no log.

use crate::me::settings::{MailSecurity, MailSettings};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::time::Duration;

/// Longest address (RFC 5321, section 4.5.3.1.3: a path of 256 bytes with its brackets).
const LONGEST: usize = 254;
/// How long a server may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why mail cannot be sent. The address is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sender of the settings.
    #[error("`me.mail.from` is no sender; write `Shop Example <privacy@shop.example>`")]
    From,
    /// The server of the settings.
    #[error("`me.mail.host` cannot be used: {0}")]
    Host(String),
    /// The message cannot be written down.
    #[error("the message cannot be made")]
    Message,
    /// The server did not take it. Its words may repeat the address: only their kind is told.
    #[error("the mail server did not take the message ({0})")]
    Refused(&'static str),
}

/// A message with a name of its own.
#[derive(Clone)]
pub struct Letter {
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Its name (RFC 5322, section 3.6.4), in angle brackets: the same message has the same.
    pub message_id: String,
    /// Where replies go.
    pub reply_to: Option<String>,
}

/// A way to send mail; cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Whether the text is one e-mail address, and nothing that a header or a server could misread.
pub fn is_address(text: &str) -> bool {
    let text = text.trim();
    text.len() <= LONGEST && text.is_ascii() && text.parse::<Address>().is_ok()
}

impl Mailer {
    /// A way through the server of the settings. Nothing is connected yet.
    pub fn new(settings: &MailSettings) -> Result<Mailer, Error> {
        type Smtp = AsyncSmtpTransport<Tokio1Executor>;
        let host = settings.host.as_str();
        let wrong = |error: lettre::transport::smtp::Error| Error::Host(error.to_string());
        let mut builder = match settings.security {
            MailSecurity::StartTls => Smtp::starttls_relay(host).map_err(wrong)?,
            MailSecurity::Tls => Smtp::relay(host).map_err(wrong)?,
            MailSecurity::None => Smtp::builder_dangerous(host),
        };
        if let Some(port) = settings.port {
            builder = builder.port(port);
        }
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Mailer {
            transport: builder.timeout(Some(TIMEOUT)).build(),
            from: settings.from.parse().map_err(|_| Error::From)?,
        })
    }

    /// Hands one message over. When it answers, the server has taken it.
    pub async fn send(&self, to: &str, subject: String, body: String) -> Result<(), Error> {
        let message = self.plain(to, subject)?.body(body);
        self.hand_over(message.map_err(|_| Error::Message)?).await
    }

    /// Hands a message over that has a name of its own and may be replied to.
    pub async fn send_letter(&self, letter: &Letter) -> Result<(), Error> {
        // No header is made of what somebody else wrote without this.
        let subject: String = letter.subject.chars().filter(|c| !c.is_control()).collect();
        let mut message = self
            .plain(&letter.to, subject)?
            .message_id(Some(letter.message_id.clone()));
        if let Some(reply_to) = &letter.reply_to {
            message = message.reply_to(reply_to.parse().map_err(|_| Error::Message)?);
        }
        let message = message.body(letter.body.clone());
        self.hand_over(message.map_err(|_| Error::Message)?).await
    }

    fn plain(&self, to: &str, subject: String) -> Result<lettre::message::MessageBuilder, Error> {
        let to: Address = to.trim().parse().map_err(|_| Error::Message)?;
        Ok(Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN))
    }

    async fn hand_over(&self, message: Message) -> Result<(), Error> {
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_timeout() => Err(Error::Refused("timeout")),
            Err(error) if error.is_permanent() => Err(Error::Refused("refused for good")),
            Err(error) if error.is_transient() => Err(Error::Refused("refused for now")),
            Err(_) => Err(Error::Refused("no connection")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address() {
        for good in ["ann@example.org", " a.b+c@mail.example.org "] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "ann",
            "ann@",
            "ann@example.org, ben@example.org",
            "ann@example.org\r\nBcc: ben@example.org",
            "Ann <ann@example.org>",
            &format!("{}@example.org", "a".repeat(300)),
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
