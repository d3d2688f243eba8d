//! `egard bench`: figures with their yardsticks, from one run on this machine.

mod recommend;

/// What to measure.
#[derive(clap::Subcommand)]
pub enum What {
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
        What::Recommend { seed } => recommend::run(seed),
    }
}
