//! The claims of `charter::prove`, asked of an SMT solver: not question by question but for all of them at
//! once, with every value that the schema admits. Cedar's symbolic compiler writes the queries; its
//! translation is proved right in Lean. The solver is cvc5, as a program or as the Python package `cvc5`.
//!
//! Deliberately does not know: questions. That two ways that share so little agree is the point.

use super::prove::{FORBID_WINS, NEVER_FAILS, ONLY_NARROWER, Promises, Trial, general, speaks};
use super::{Charter, Error, Policy, load};
use cedar_policy::{Effect, Entities, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;
use vocabulary::PurposeName;

/// A reader of SMT-LIB for the Python package.
const PYTHON: &str = include_str!("../../../../charter/solver.py");

/// Why the solver did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// There is none.
    #[error(
        "there is no solver; install one with `pip install cvc5==1.3.1`, or name one with `--solver PATH`"
    )]
    Absent,
    /// The rules do not load.
    #[error(transparent)]
    Charter(#[from] Error),
    /// The compiler or the solver gave up.
    #[error("the solver failed at `{action}`: {message}")]
    Solver {
        /// For which action.
        action: String,
        /// What it said.
        message: String,
    },
}

/// What the solver says to one claim.
#[derive(Debug)]
pub struct Verdict {
    /// The claim, the same as in the enumeration.
    pub promise: Policy,
    /// The purposes for which it does not hold.
    pub refuted: Vec<String>,
}

/// A solver that is there.
#[derive(Clone, Debug)]
pub struct Solver {
    program: PathBuf,
    python: bool,
}

impl Solver {
    /// The solver named, or `cvc5` if it can be run, or the Python package `cvc5` of `python3`.
    pub async fn find(named: Option<&Path>) -> Result<Solver, Failed> {
        let named = named.map(Path::to_path_buf);
        let candidates = match named {
            Some(program) => vec![program],
            None => vec![PathBuf::from("cvc5"), PathBuf::from("python3")],
        };
        for program in candidates {
            let name = program
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let python = name.starts_with("python");
            let trial: &[&str] = if python {
                &["-c", "import cvc5"]
            } else {
                &["--version"]
            };
            let status = Command::new(&program)
                .args(trial)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .await;
            if status.is_ok_and(|status| status.success()) {
                return Ok(Solver { program, python });
            }
        }
        Err(Failed::Absent)
    }

    fn start(&self) -> Result<CedarSymCompiler<LocalSolver>, String> {
        let mut command = Command::new(&self.program);
        match self.python {
            true => command.args(["-u", "-c", PYTHON]),
            false => command.args(["--lang", "smt", "--tlimit-per=60000", "--incremental"]),
        };
        command.kill_on_drop(true);
        let solver = LocalSolver::from_command(&mut command).map_err(|error| error.to_string())?;
        CedarSymCompiler::new(solver).map_err(|error| error.to_string())
    }
}

/// Puts every claim to the solver.
pub async fn prove(charter: &Charter, solver: &Solver) -> Result<Vec<Verdict>, Failed> {
    let schema = load::schema()?;
    let queries = Queries::of(charter)?;
    let mut verdicts: Vec<Verdict> = queries
        .promises
        .each
        .iter()
        .map(|(promise, _)| promise.clone())
        .chain(general())
        .map(|promise| Verdict {
            promise,
            refuted: Vec::new(),
        })
        .collect();
    for env in schema.request_envs() {
        let action = env.action().id().unescaped().to_owned();
        let failed = |message| Failed::Solver {
            action: action.clone(),
            message,
        };
        let mut compiler = solver.start().map_err(failed)?;
        let held = queries.hold(&mut compiler, &env, &schema).await.map_err(failed)?;
        for (verdict, held) in verdicts.iter_mut().zip(held) {
            if !held {
                verdict.refuted.push(action.clone());
            }
        }
        // The process ends with its handle.
        drop(compiler);
    }
    Ok(verdicts)
}

/// As [`prove`], for rules that are only tried.
pub async fn prove_trial(trial: &Trial, solver: &Solver) -> Result<Vec<Verdict>, Failed> {
    prove(trial.charter(), solver).await
}

/// The sets of policies that the claims are about.
struct Queries {
    promises: Promises,
    actions: Entities,
    rules: PolicySet,
    published: PolicySet,
    /// The rules, and the widest permit there is.
    widened: PolicySet,
    /// A permit for all that the published charter forbids.
    closed: PolicySet,
}

impl Queries {
    fn of(charter: &Charter) -> Result<Queries, Failed> {
        let failed = |message| Failed::Solver {
            action: "every action".to_owned(),
            message,
        };
        let built_in = Charter::built_in()?;
        Ok(Queries {
            promises: Promises::read()?,
            actions: charter.actions.clone(),
            rules: charter.set.clone(),
            widened: charter.widened().map_err(failed)?,
            closed: turned(&built_in.set).map_err(failed)?,
            published: built_in.set,
        })
    }

    /// Whether each claim holds for one kind of request, in the order of the claims.
    async fn hold(
        &self,
        compiler: &mut CedarSymCompiler<LocalSolver>,
        env: &RequestEnv,
        schema: &Schema,
    ) -> Result<Vec<bool>, String> {
        let compiled =
            |set: &PolicySet| CompiledPolicySet::compile(set, env, schema).map_err(|error| error.to_string());
        let rules = compiled(&self.rules)?;
        let purpose = PurposeName::parse(env.action().id().unescaped());
        let mut held = Vec::new();
        for (_, promise) in &self.promises.each {
            if !purpose.is_none_or(|purpose| speaks(promise, purpose, &self.actions)) {
                held.push(true);
                continue;
            }
            let promise = compiled(promise)?;
            let implied = compiler.check_implies_opt(&rules, &promise).await;
            held.push(implied.map_err(|error| error.to_string())?);
        }
        for claim in general() {
            held.push(match claim.id().as_str() {
                FORBID_WINS => compiler
                    .check_disjoint_opt(&compiled(&self.widened)?, &compiled(&self.closed)?)
                    .await
                    .map_err(|error| error.to_string())?,
                ONLY_NARROWER => compiler
                    .check_implies_opt(&rules, &compiled(&self.published)?)
                    .await
                    .map_err(|error| error.to_string())?,
                id => {
                    debug_assert_eq!(id, NEVER_FAILS);
                    let mut never = true;
                    for policy in self.rules.policies() {
                        let policy = CompiledPolicy::compile(policy, env, schema)
                            .map_err(|error| error.to_string())?;
                        never &= compiler
                            .check_never_errors_opt(&policy)
                            .await
                            .map_err(|error| error.to_string())?;
                    }
                    never
                }
            });
        }
        Ok(held)
    }
}

/// The forbids of a set, each as a permit.
fn turned(set: &PolicySet) -> Result<PolicySet, String> {
    let mut permits = PolicySet::new();
    for policy in set.policies().filter(|policy| policy.effect() == Effect::Forbid) {
        let mut text = policy.to_json().map_err(|error| error.to_string())?;
        if let Some(effect) = text.get_mut("effect") {
            *effect = "permit".into();
        }
        let permit = cedar_policy::Policy::from_json(Some(policy.id().clone()), text)
            .map_err(|error| error.to_string())?;
        permits.add(permit).map_err(|error| error.to_string())?;
    }
    Ok(permits)
}
