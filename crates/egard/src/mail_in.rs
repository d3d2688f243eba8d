//! `egard mail-in`: a message on standard input, handed to the running server.
//!
//! Ends as mail servers expect it (sysexits): 0 taken, 75 come again, 65 the message is too long, 78 not set up.

use crate::{SettingsFile, complain, say};
use http_body_util::{BodyExt as _, Full};
use server::settings::Settings;
use std::io::Read as _;
use std::process::ExitCode;

/// Longest message, bytes; the server takes no more.
const LONGEST: u64 = 1 << 20;
const DATA_ERROR: u8 = 65;
const COME_AGAIN: u8 = 75;
const NOT_SET_UP: u8 = 78;

/// Where to.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    file: SettingsFile,
    /// To whom the mail server took it (`${original_recipient}` of Postfix, `$local_part@$domain` of Exim).
    #[arg(long)]
    recipient: Option<String>,
}

/// Reads standard input and hands it over.
pub async fn run(choices: Choices) -> Result<ExitCode, String> {
    let read = Settings::read(choices.file.settings.as_deref(), |name| std::env::var(name).ok());
    let settings = match read {
        Ok(settings) => settings,
        Err(error) => return Ok(ended(NOT_SET_UP, &error.to_string())),
    };
    let clear = |key: &&server::settings::ApiKey| !key.key.starts_with("sha256:");
    let Some(key) = settings.api_keys.iter().rev().find(clear) else {
        return Ok(ended(
            NOT_SET_UP,
            "no API key in the clear: put one in EGARD_API_KEY",
        ));
    };
    let mut message = Vec::new();
    if let Some(recipient) = &choices.recipient {
        let fits = recipient.len() <= 320 && recipient.chars().all(|c| !c.is_control());
        if !fits {
            return Ok(ended(DATA_ERROR, "the recipient is no address"));
        }
        message.extend(format!("X-Original-To: {recipient}\r\n").into_bytes());
    }
    // mbox's line before the message, as some servers pipe it, is none of its fields.
    let mut input = Vec::new();
    if let Err(error) = std::io::stdin().take(LONGEST + 1).read_to_end(&mut input) {
        return Ok(ended(COME_AGAIN, &error.to_string()));
    }
    let after = input
        .iter()
        .position(|byte| *byte == b'\n')
        .filter(|_| input.starts_with(b"From "));
    message.extend(input.get(after.map_or(0, |end| end + 1)..).unwrap_or_default());
    if message.len() as u64 > LONGEST {
        return Ok(ended(DATA_ERROR, "the message is longer than 1 MiB"));
    }
    match hand_over(&settings, &key.key, message).await {
        Ok((200, answer)) => {
            say(&answer);
            Ok(ExitCode::SUCCESS)
        }
        Ok((413, _)) => Ok(ended(DATA_ERROR, "the message is longer than 1 MiB")),
        Ok((401 | 403, _)) => Ok(ended(NOT_SET_UP, "the server does not know the API key")),
        Ok((status, _)) => Ok(ended(COME_AGAIN, &format!("the server answered {status}"))),
        Err(error) => Ok(ended(COME_AGAIN, &error)),
    }
}

fn ended(code: u8, words: &str) -> ExitCode {
    complain(words);
    ExitCode::from(code)
}

async fn hand_over(settings: &Settings, key: &str, message: Vec<u8>) -> Result<(u16, String), String> {
    let words =
        |error: &dyn std::fmt::Display| format!("the server on {} does not answer: {error}", settings.listen);
    let stream = tokio::net::TcpStream::connect(settings.listen)
        .await
        .map_err(|error| words(&error))?;
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io)
        .await
        .map_err(|error| words(&error))?;
    tokio::spawn(connection);
    let request = hyper::Request::post("/v1/inbound-mail")
        .header("host", settings.listen.to_string())
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "message/rfc822")
        .body(Full::new(bytes::Bytes::from(message)))
        .map_err(|error| words(&error))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| words(&error))?;
    let status = answer.status().as_u16();
    let body = answer
        .into_body()
        .collect()
        .await
        .map_err(|error| words(&error))?;
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}
