//! `egard bench`: figures with their yardsticks, from one run on this machine.

mod decide;
mod fleet;
mod growth;
mod house;
mod ingest;
mod permit;
mod raw;
mod receipts;
mod recommend;
mod replay;
mod rights;
mod segments;
mod send;
mod shop;
pub mod table;
mod train;
mod verify;

/// What to measure.
#[derive(clap::Subcommand)]
pub enum What {
    /// Durable events per second over HTTP, against reading alone and raw appending (about 3 minutes).
    Ingest(ingest::Choices),
    /// Whether the five-millionth event costs what the first did (about 5 minutes).
    Growth(growth::Choices),
    /// Recommendations per second, and their time against that of a group commit (about a minute).
    Decide(decide::Choices),
    /// What a permit costs.
    Permit(permit::Choices),
    /// Recorded decisions looked at again per second, against deciding (about a minute).
    Replay(replay::Choices),
    /// What it takes to give a person their data, and to erase it (about a minute).
    Rights(rights::Choices),
    /// Receipts verified per second, against the signature and the hashes alone (a few seconds).
    Receipts(receipts::Choices),
    /// How long a whole log takes to verify from nothing, and a receipt, against bare SHA-256.
    Verify(verify::Choices),
    /// What groups cost: a backfill beside bare opening, and one event with 200 segments.
    Segments(segments::Choices),
    /// Messages per second to a receiver of mail over loopback with everything on, and what each stage costs (about a
    /// minute).
    Send(send::Choices),
    /// What learning a model costs in time and memory.
    Train(train::Choices),
    /// How good the model is on Online Retail, against popularity, item-kNN and the full solve.
    Recommend {
        /// Seed of the splits.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// Measures and prints.
pub async fn run(what: What) -> Result<(), String> {
    match what {
        What::Ingest(choices) => ingest::run(choices).await,
        What::Growth(choices) => growth::run(choices).await,
        What::Decide(choices) => decide::run(choices).await,
        What::Permit(choices) => permit::run(choices).await,
        What::Replay(choices) => replay::run(choices).await,
        What::Rights(choices) => rights::run(choices).await,
        What::Receipts(choices) => receipts::run(&choices),
        What::Verify(choices) => verify::run(&choices),
        What::Segments(choices) => segments::run(choices).await,
        What::Send(choices) => send::run(choices).await,
        What::Train(choices) => train::run(choices).await,
        What::Recommend { seed } => recommend::run(seed),
    }
}
