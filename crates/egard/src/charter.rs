//! `egard charter`: show the law in force, check the operator's rules, and prove what all of it promises.
//!
//! Deliberately does not know: people. It asks the charter, as the door does.

use crate::say;
use gate::charter::{Charter, Proof, Question, Trial, table};
use std::path::{Path, PathBuf};
use vocabulary::Language;

/// The charter.
#[derive(clap::Subcommand)]
pub enum What {
    /// Every rule: its identity, the law it stands for, and its words.
    Rules {
        #[command(flatten)]
        law: Law,
        /// `en` or `fr`.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// The table of decisions, as `charter/decisions.txt`.
    Table {
        #[command(flatten)]
        law: Law,
    },
    /// Check the rules, the operator's included, and print the table of their decisions.
    Check {
        #[command(flatten)]
        law: Law,
    },
    /// Show for every question there is that the rules keep each promise of `charter/promises.cedar`.
    Prove(Prove),
}

/// The operator's rules that narrow the built-in ones.
#[derive(clap::Args)]
pub struct Law {
    /// Files of operator rules (Cedar), as `charter` in the settings names them.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What to prove.
#[derive(clap::Args)]
pub struct Prove {
    #[command(flatten)]
    law: Law,
    /// A file of rules to try: each takes the place of the built-in rule with its `@id`, or is added, be it a
    /// permit. Nothing is put in force; what it would break is shown.
    #[arg(long = "try", value_name = "FILE", conflicts_with = "files")]
    tried: Vec<PathBuf>,
    /// `en` or `fr`.
    #[arg(long, default_value = "en")]
    language: String,
    /// The solver: cvc5, or a `python3` that has the package `cvc5`. Found by itself if it is on the path.
    #[cfg(feature = "prove")]
    #[arg(long, value_name = "PATH")]
    solver: Option<PathBuf>,
}

/// Does it.
pub async fn run(what: What) -> Result<(), String> {
    match what {
        What::Table { law } => {
            say(&table::render(&law.read()?));
            Ok(())
        }
        What::Check { law } => {
            let charter = law.read()?;
            say(&format!(
                "charter {}: {} rules, all valid\n",
                charter.digest(),
                charter.policies().count()
            ));
            say(&table::render(&charter));
            Ok(())
        }
        What::Rules { law, language } => {
            rules(&law.read()?, Language::preferred(&language));
            Ok(())
        }
        What::Prove(choices) => prove(choices).await,
    }
}

impl Law {
    fn read(&self) -> Result<Charter, String> {
        let mut files = Vec::new();
        for path in &self.files {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((name, text(path)?));
        }
        Charter::with_operator(&files).map_err(|error| error.to_string())
    }
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
}

fn rules(law: &Charter, language: Language) {
    say(&format!("charter {}", law.digest()));
    for policy in law.policies() {
        let verb = if policy.forbids() { "forbids" } else { "permits" };
        say(&format!("{} ({verb}; {})", policy.id(), policy.law()));
        say(&format!("    {}", policy.explain(language)));
    }
}

/// The rules that are proved: in force, or only tried.
enum Rules {
    Law(Charter),
    Trial(Trial),
}

async fn prove(choices: Prove) -> Result<(), String> {
    let language = Language::preferred(&choices.language);
    let rules = if choices.tried.is_empty() {
        Rules::Law(choices.law.read()?)
    } else {
        let mut files = Vec::new();
        for path in &choices.tried {
            files.push((path.display().to_string(), text(path)?));
        }
        Rules::Trial(Trial::read(&files).map_err(|error| error.to_string())?)
    };
    let from = std::time::Instant::now();
    let proof = match &rules {
        Rules::Law(charter) => charter.prove(),
        Rules::Trial(trial) => trial.prove(),
    };
    let proof = proof.map_err(|error| error.to_string())?;
    let took = from.elapsed().as_secs_f64();
    show(&proof, language);
    say(&match language {
        Language::En => format!(
            "shown for all {} questions by asking the {} that can differ, in {took:.1} s",
            Question::COUNT,
            proof.questions
        ),
        Language::Fr => format!(
            "démontré pour les {} questions possibles en posant les {} qui peuvent différer, en {took:.1}\u{202f}s",
            Question::COUNT,
            proof.questions
        ),
    });
    solver(&choices, &rules, &proof, language).await?;
    match (proof.holds(), language) {
        (true, _) => Ok(()),
        (false, Language::En) => Err("these rules break a promise; see above for whom".to_owned()),
        (false, Language::Fr) => {
            Err("ces règles rompent une promesse\u{202f}; voir plus haut pour qui".to_owned())
        }
    }
}

fn show(proof: &Proof, language: Language) {
    for claim in &proof.claims {
        let promise = &claim.promise;
        let verdict = match (&claim.refuted, language) {
            (None, Language::En) => "holds".to_owned(),
            (None, Language::Fr) => "tenue".to_owned(),
            (Some(example), Language::En) => format!("REFUTED, {} times", example.of),
            (Some(example), Language::Fr) => format!("ROMPUE, {} fois", example.of),
        };
        say(&format!("{} ({}): {verdict}", promise.id(), promise.law()));
        say(&format!("    {}", promise.explain(language)));
        if let Some(example) = &claim.refuted {
            for line in example.tell(claim, language) {
                say(&format!("      > {line}"));
            }
        }
    }
}

/// The same claims, put to a solver if there is one. That the two disagree is an error of ours.
#[cfg(feature = "prove")]
async fn solver(choices: &Prove, rules: &Rules, proof: &Proof, language: Language) -> Result<(), String> {
    use gate::charter::solver::{Failed, Solver, prove, prove_trial};
    let solver = match Solver::find(choices.solver.as_deref()).await {
        Ok(solver) => solver,
        Err(error @ Failed::Absent) if choices.solver.is_none() => {
            say(&error.to_string());
            return Ok(());
        }
        Err(error) => return Err(error.to_string()),
    };
    let from = std::time::Instant::now();
    let verdicts = match rules {
        Rules::Law(charter) => prove(charter, &solver).await,
        Rules::Trial(trial) => prove_trial(trial, &solver).await,
    };
    let verdicts = verdicts.map_err(|error| error.to_string())?;
    for (verdict, claim) in verdicts.iter().zip(&proof.claims) {
        if verdict.refuted.is_empty() != claim.refuted.is_none() {
            return Err(format!(
                "the solver and the enumeration disagree about `{}`: please report this",
                verdict.promise.id()
            ));
        }
    }
    let (held, took) = (
        verdicts
            .iter()
            .filter(|verdict| verdict.refuted.is_empty())
            .count(),
        from.elapsed().as_secs_f64(),
    );
    say(&match language {
        Language::En => format!(
            "the solver agrees: {held} of {} claims hold, for every value the schema admits ({took:.1} s)",
            verdicts.len()
        ),
        Language::Fr => format!(
            "le solveur est du même avis\u{a0}: {held} promesses tenues sur {}, pour toute valeur que le schéma admet \
             ({took:.1}\u{202f}s)",
            verdicts.len()
        ),
    });
    Ok(())
}

#[cfg(not(feature = "prove"))]
async fn solver(_: &Prove, _: &Rules, _: &Proof, language: Language) -> Result<(), String> {
    say(match language {
        Language::En => "a solver can be asked too: build with `--features prove`",
        Language::Fr => "un solveur peut être interrogé aussi\u{a0}: compiler avec `--features prove`",
    });
    Ok(())
}
