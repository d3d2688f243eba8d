//! Once a minute, and when woken: answers of the team go out by e-mail. At least once: an answer is no
//! marketing. One whose process was killed between the mail server's yes and the mark goes out again, as the
//! same message.
//!
//! Deliberately does not know: what was asked; where people wish to be written to otherwise.

use crate::app::App;
use crate::mail::{self, Letter, Mailer};
use crate::settings::Settings;
use crate::words::{Put, Words};
use gate::charter::Requester;
use gate::{Ask, ToMail, Unavailable};
use std::time::Duration;
use vocabulary::{DAY_MS, Signals};

const MINUTE: Duration = Duration::from_secs(60);
/// For so long a mail server that does not answer is tried (RFC 5321, section 4.5.4.1), milliseconds.
const GIVE_UP_MS: i64 = 5 * DAY_MS;
/// The trait in which sites keep the address, if the person named none for the conversation.
const ADDRESS: &str = "email";

/// Who sends, and from where.
#[derive(Clone)]
pub struct Sender {
    mailer: Mailer,
    site: String,
    /// Address of the person's page.
    page: String,
    /// Where replies go; a word before the `@` says to which conversation.
    replies: Option<String>,
    /// The right side of message names.
    domain: String,
}

impl Sender {
    /// As the settings say; `None` without a mail server.
    pub fn new(settings: &Settings) -> Result<Option<Sender>, mail::Error> {
        let Some(server) = &settings.me.mail else {
            return Ok(None);
        };
        let public = settings.public_url.trim_end_matches('/');
        let host = public.split_once("://").map_or(public, |(_, place)| place);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let replies = settings.me.replies.trim();
        Ok(Some(Sender {
            mailer: Mailer::new(server)?,
            site: crate::me::site(settings),
            page: format!("{public}{}/conversations", crate::me::PATH),
            replies: (!replies.is_empty()).then(|| replies.to_owned()),
            domain: host.to_owned(),
        }))
    }

    /// Hands one answer over to an address. When it answers, the mail server has taken it; who knows is told by
    /// [`gate::Gate::answer_mailed`].
    pub async fn hand_over(&self, mail: &ToMail, to: &str) -> Result<(), mail::Error> {
        self.mailer.send_letter(&self.letter(mail, to.to_owned())).await
    }

    fn letter(&self, mail: &ToMail, to: String) -> Letter {
        let language = mail.conversation.language.unwrap_or_default();
        let words = Words::of(language);
        let subject = match mail.conversation.subject.is_empty() {
            true => words.say("talk-no-subject"),
            false => mail.conversation.subject.clone(),
        };
        let site = Put::Text(&self.site);
        let by = mail.answer.by.as_deref().unwrap_or_default();
        let replies = self.replies.as_deref().and_then(|address| {
            let (local, domain) = address.split_once('@')?;
            Some(format!("{local}+{}@{domain}", mail.word))
        });
        let how = match replies {
            Some(_) => words.say("talk-mail-reply"),
            None => words.say("talk-mail-read"),
        };
        let turn: String = mail.answer.id.iter().map(|byte| format!("{byte:02x}")).collect();
        Letter {
            to,
            subject: words.with(
                "talk-mail-subject",
                &[("site", site), ("subject", Put::Text(&subject))],
            ),
            body: format!(
                "{}\n\n{}\n\n--\n{how}\n{}/{}?lang={}\n{}\n",
                words.with(
                    "talk-mail-from",
                    &[("by", Put::Text(by)), ("site", Put::Text(&self.site))]
                ),
                mail.answer.text,
                self.page,
                mail.conversation.id,
                language.tag(),
                words.say("talk-mail-silence"),
            ),
            // The same however often it goes out.
            message_id: format!("<{turn}.{}@{}>", mail.word, self.domain),
            reply_to: replies,
        }
    }
}

/// Runs until the task is dropped.
pub async fn run(app: App, sender: Option<Sender>) {
    loop {
        if let Err(error) = round(&app, sender.as_ref()).await {
            tracing::error!(%error, "answers were not mailed");
        }
        tokio::select! {
            () = tokio::time::sleep(MINUTE) => {}
            () = app.mail_woken() => {}
        }
    }
}

/// Everything that waits, once. Answers how many messages were handed over.
pub async fn round(app: &App, sender: Option<&Sender>) -> Result<usize, Unavailable> {
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    let (waiting, since) = app.gate.waiting_conversations().await?;
    if let Some(since) = since
        && crate::web::team::is_overdue(Some(since), app.now())
    {
        tracing::warn!(
            waiting,
            "conversations wait for an answer of a human for too long"
        );
    }
    metrics::gauge!("egard_conversations_waiting").set(u32::try_from(waiting).unwrap_or(u32::MAX));
    let mut sent = 0;
    for mail in app.gate.answers_to_mail(ask).await? {
        let address = mail
            .conversation
            .reply_to
            .clone()
            .or_else(|| address_in(&mail.traits));
        let (Some(sender), Some(to)) = (sender, address) else {
            // It stands on the person's page.
            app.gate.answer_mailed(mail.id, mail.answer.id, false).await?;
            continue;
        };
        let late = app.now().since(mail.answer.at) > GIVE_UP_MS;
        match sender.hand_over(&mail, &to).await {
            Ok(()) => {
                app.gate.answer_mailed(mail.id, mail.answer.id, true).await?;
                sent += 1;
            }
            Err(mail::Error::Refused("refused for good") | mail::Error::Message) => {
                app.gate.answer_mailed(mail.id, mail.answer.id, false).await?;
            }
            Err(_) if late => app.gate.answer_mailed(mail.id, mail.answer.id, false).await?,
            Err(error) => tracing::warn!(%error, "an answer was not mailed yet"),
        }
    }
    Ok(sent)
}

fn address_in(traits: &[(String, String)]) -> Option<String> {
    let (_, value) = traits.iter().find(|(name, _)| name == ADDRESS)?;
    let address: String = serde_json::from_str(value).ok()?;
    mail::is_address(&address).then(|| address.trim().to_owned())
}
