//! One connection to the server that takes messages: commands, answers, and the moment after which nobody
//! knows any more what became of a message.
//!
//! Deliberately does not know: whose message it is, when to try again.

use super::wire;
use crate::me::settings::{MailSecurity, MailSettings};
use letter::mime::Built;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::{ClientId, Extension};
use std::error::Error as _;
use std::time::Duration;

/// How a message was answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// Taken, in these words.
    Taken(String),
    /// Refused with that code, in these words, which may repeat the address: they are judged and dropped.
    Refused(u16, String),
    /// The connection ended after all was sent and before the answer.
    Unknown,
    /// The connection ended before that: the message was not handed over.
    Broken,
    /// The server cannot carry such a message.
    CannotCarry,
}

/// Why no connection could be opened.
#[derive(Debug, thiserror::Error)]
enum NotOpen {
    /// Nobody answers there, or nobody who is believed.
    #[error("no connection: {0}")]
    Wire(#[from] std::io::Error),
    /// It answers, and not as is needed.
    #[error(transparent)]
    Smtp(#[from] SmtpError),
}

/// The server and how to speak to it.
pub(super) struct Way {
    host: String,
    port: u16,
    security: MailSecurity,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeout: Duration,
}

/// A connection that is open.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    pipelining: bool,
    pub(super) messages: u32,
}

impl Way {
    pub(super) fn new(server: &MailSettings, hello: &str, timeout: Duration) -> Result<Way, String> {
        let tls = match server.security {
            MailSecurity::None => None,
            _ => Some(TlsParameters::new(server.host.clone()).map_err(|error| error.to_string())?),
        };
        let usual = match server.security {
            MailSecurity::StartTls => 587,
            MailSecurity::Tls => 465,
            MailSecurity::None => 25,
        };
        let account = server.user.clone().zip(server.password.clone());
        Ok(Way {
            host: server.host.clone(),
            port: server.port.unwrap_or(usual),
            security: server.security,
            tls,
            credentials: account.map(|(user, password)| Credentials::new(user, password)),
            hello: ClientId::Domain(hello.to_owned()),
            timeout,
        })
    }

    /// Opens a connection: TLS, and who we are. `None`: it could not be opened.
    pub(super) async fn open(&self) -> Option<Session> {
        match tokio::time::timeout(self.timeout * 2, self.try_open()).await {
            Ok(Ok(session)) => Some(session),
            Ok(Err(error)) => {
                // What a server says to a greeting or a password names no person.
                tracing::warn!(host = self.host, %error, "the mail server cannot be used");
                None
            }
            Err(_) => {
                tracing::warn!(host = self.host, "the mail server does not answer");
                None
            }
        }
    }

    async fn try_open(&self) -> Result<Session, NotOpen> {
        let secured = self.security == MailSecurity::Tls;
        let wire = wire::open(&self.host, self.port, secured).await?;
        let mut connection = AsyncSmtpConnection::connect_with_transport(wire, &self.hello).await?;
        if let (MailSecurity::StartTls, Some(tls)) = (self.security, &self.tls) {
            // Required: a server without it, or somebody between us who hides it, ends the attempt.
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        // Once more, for the extensions that the library does not tell.
        let said = connection.command(Ehlo::new(self.hello.clone())).await?;
        let pipelining = said
            .message()
            .any(|line| line.trim().eq_ignore_ascii_case("PIPELINING"));
        Ok(Session {
            connection,
            pipelining,
            messages: 0,
        })
    }
}

impl Session {
    /// Hands one message over. The connection can be used again after `Taken` and `Refused`.
    pub(super) async fn hand_over(&mut self, message: &Built, timeout: Duration) -> Answer {
        self.messages += 1;
        let info = self.connection.server_info();
        let eight = !message.bytes.is_ascii();
        let lacks = |extension| !info.supports_feature(extension);
        if (message.smtputf8 && lacks(Extension::SmtpUtfEight)) || (eight && lacks(Extension::EightBitMime)) {
            return Answer::CannotCarry;
        }
        let mail = format!(
            "MAIL FROM:<{}>{}{}\r\n",
            message.sender,
            if message.smtputf8 { " SMTPUTF8" } else { "" },
            if eight { " BODY=8BITMIME" } else { "" }
        );
        let commands = [
            mail,
            format!("RCPT TO:<{}>\r\n", message.recipient),
            "DATA\r\n".to_owned(),
        ];
        match tokio::time::timeout(timeout, self.envelope(&commands)).await {
            Ok(Ok(())) => {}
            Ok(Err(answer)) => return answer,
            Err(_) => return Answer::Broken,
        }
        // The library ends with CRLF of its own.
        let bytes = message.bytes.strip_suffix(b"\r\n").unwrap_or(&message.bytes);
        match tokio::time::timeout(timeout * 10, self.connection.message(bytes)).await {
            Ok(Ok(reply)) => Answer::Taken(format!(
                "{} {}",
                reply.code(),
                reply.message().collect::<Vec<_>>().join(" ")
            )),
            Ok(Err(error)) => refusal(&error).unwrap_or(Answer::Unknown),
            Err(_) => Answer::Unknown,
        }
    }

    /// Sender, recipient and `DATA`: at once where the server allows it (RFC 2920), which saves two ways there and
    /// back for each message.
    async fn envelope(&mut self, commands: &[String; 3]) -> Result<(), Answer> {
        let broken = |error: SmtpError| refusal(&error).unwrap_or(Answer::Broken);
        if !self.pipelining {
            let mut refused = None;
            for command in commands {
                if let Err(error) = self.connection.command(command).await {
                    refused = Some(broken(error));
                    break;
                }
            }
            return match refused {
                None => Ok(()),
                Some(Answer::Refused(code, words)) => {
                    self.reset().await;
                    Err(Answer::Refused(code, words))
                }
                Some(other) => Err(other),
            };
        }
        let mut replies = Vec::with_capacity(3);
        replies.push(self.connection.command(commands.concat()).await);
        for _ in 0..2 {
            replies.push(self.connection.read_response().await);
        }
        let data = replies.last().is_some_and(Result::is_ok);
        match replies.into_iter().find_map(Result::err).map(broken) {
            None => Ok(()),
            Some(Answer::Refused(code, words)) => {
                match data {
                    // It waits for the message of a refused recipient: it gets none, and the connection ends.
                    true => self.messages = u32::MAX,
                    false => self.reset().await,
                }
                Err(Answer::Refused(code, words))
            }
            Some(other) => Err(other),
        }
    }

    async fn reset(&mut self) {
        if self.connection.command("RSET\r\n").await.is_err() {
            self.messages = u32::MAX;
        }
    }

    /// Says goodbye.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(5), self.connection.abort()).await;
    }
}

/// The code and words of an answer that is no.
fn refusal(error: &SmtpError) -> Option<Answer> {
    let code = u16::from(error.status()?);
    Some(Answer::Refused(
        code,
        error.source().map(ToString::to_string).unwrap_or_default(),
    ))
}
