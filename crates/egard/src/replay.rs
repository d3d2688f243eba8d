//! `egard replay`.

use crate::{complain, say, serve};
use gate::charter::Requester;
use gate::{Cover, Executed, Permitted, RecordId, Replay, Replayed};
use server::app::App;
use server::audit::Replayer;
use server::ingest::clock;
use std::process::ExitCode;

/// The record came out otherwise, or something about it is wrong.
const DIFFERENT: u8 = 2;
/// There is nothing to look at, or the charter does not let it be opened.
const CLOSED: u8 = 3;

/// Which record, under which purpose.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    serving: serve::Choices,
    /// The record's identity, as an answer, a receipt or the person's page gives it.
    record: String,
    /// The purpose that covers the look; it is recorded, and the person sees it.
    #[arg(long, value_enum, default_value = "secure")]
    purpose: Purpose,
}

/// The purposes that can cover a look.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Purpose {
    /// An audit.
    Secure,
    /// In answer to the person.
    AnswerRightsRequest,
}

/// Executes a recorded decision again and compares: 0 the same, 2 not, 3 nothing to compare, 1 an error.
pub async fn run(choices: Choices) -> Result<ExitCode, String> {
    let settings = serve::settings(&choices.serving)?;
    serve::existing(&settings)?;
    let id = server::audit::read_id(&choices.record)
        .ok_or_else(|| "a record is 32 hexadecimal digits; see the answer or the receipt".to_owned())?;
    let app = server::serve::open(&settings, clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let cover = match choices.purpose {
        Purpose::Secure => Cover::Secure,
        Purpose::AnswerRightsRequest => Cover::RightsRequest,
    };
    let outcome = match app.gate.integrate().await {
        Ok(_) => look(&app, id, cover).await,
        Err(error) => Err(error.to_string()),
    };
    app.gate.close().await;
    Ok(ExitCode::from(tell(&outcome?)))
}

async fn look(app: &App, id: RecordId, cover: Cover) -> Result<Replay, String> {
    let replayer = Replayer::new(app).await.map_err(|error| error.to_string())?;
    let looked = replayer.look_for(id, cover, Requester::Staff).await;
    looked.map_err(|error| error.to_string())
}

fn tell(replay: &Replay) -> u8 {
    match replay {
        Replay::Gone => {
            complain(
                "there is no such record: it never was, or its person was erased and only the log entry stays",
            );
            CLOSED
        }
        Replay::Refused(refused) => {
            complain(&refused.to_string());
            CLOSED
        }
        Replay::Done(replayed) => {
            lines(replayed).iter().for_each(|line| say(line));
            if replayed.is_sound() { 0 } else { DIFFERENT }
        }
    }
}

/// What was found, in words that tell nothing of the person.
fn lines(replayed: &Replayed) -> Vec<String> {
    let mut lines = vec![match &replayed.executed {
        Executed::Same => "same: the decision made again is the recorded one, byte by byte".to_owned(),
        Executed::Different(place) => format!("different: {place}"),
        Executed::Impossible(flaw) => format!("not executed: {flaw}"),
        Executed::NoDecision => "nothing to execute: this records no decision of a program".to_owned(),
    }];
    lines.push(match replayed.place {
        Some(place) => format!("log: entry {place}"),
        None => "log: no entry yet".to_owned(),
    });
    if let Some(entry) = &replayed.entry {
        let asked = match replayed.permitted {
            Permitted::AskedAgain => "asked again with the facts of that moment",
            Permitted::Possible => "the facts are not on record; compared with all it can answer",
            Permitted::NotJudged => "not asked: nothing of a person was opened",
        };
        lines.push(format!("charter: {}, {asked}", entry.verdict));
    }
    lines.extend(replayed.flaws.iter().map(|flaw| format!("wrong: {flaw}")));
    lines
}
