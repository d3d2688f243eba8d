//! Reads policy texts into one validated set. Built-in files and the operator's go the same way; the
//! operator's pass narrower checks: they may only forbid, and never what is a person's own right.
//!
//! Deliberately does not know: questions, decisions.

use super::error::{Error, Problem};
use super::policy::Policy;
use super::shape;
use super::texts;
use cedar_policy::{
    ActionConstraint, Effect, Entities, EntityUid, PolicySet, Schema, ValidationMode, Validator,
};
use miette::Diagnostic;
use std::collections::{BTreeMap, HashSet};
use vocabulary::PurposeName;

/// Bytes in one of the operator's files.
const MOST_BYTES: usize = 32 * 1024;
/// Files of the operator.
const MOST_FILES: usize = 32;
/// Rules of the operator, all files together.
const MOST_POLICIES: usize = 64;
/// Characters in a file's name and in the last part of an id.
const MOST_NAME: usize = 40;
/// Characters in an annotation.
const MOST_WORDS: usize = 500;

/// A charter that has passed every check.
pub(super) struct Loaded {
    pub(super) set: PolicySet,
    /// The actions and their groups, for `action in …`.
    pub(super) actions: Entities,
    /// By id.
    pub(super) policies: BTreeMap<String, Policy>,
}

/// Reads the built-in policies and the operator's `(name, text)`.
pub(super) fn load(operator: &[(String, String)]) -> Result<Loaded, Error> {
    load_texts(texts::SCHEMA.1, &texts::POLICIES, operator)
}

/// As [`load`], with the schema and the built-in policies of these texts: those of an earlier charter.
pub(super) fn load_texts(
    schema: &str,
    built_in: &[(&str, &str)],
    operator: &[(String, String)],
) -> Result<Loaded, Error> {
    let schema = read_schema(schema)?;
    let mut loading = Loading::of(&schema, built_in)?;
    check_files(operator)?;
    let built_in = loading.loaded.policies.len();
    for (name, text) in operator {
        let path = texts::operator_path(name);
        loading.add(&File {
            path: path.clone(),
            text,
            author: Author::Operator(name),
        })?;
        if loading.loaded.policies.len() - built_in > MOST_POLICIES {
            return Err(at_file(path, Problem::TooManyPolicies(MOST_POLICIES)));
        }
    }
    let paths: Vec<_> = operator
        .iter()
        .map(|(name, text)| (texts::operator_path(name), text.as_str()))
        .collect();
    loading.validate(&schema, &paths)?;
    Ok(loading.loaded)
}

/// Reads the built-in policies and, in place of those with the same id or beside them, whatever stands in
/// these `(path, text)`: for a proof, never for a gate.
pub(super) fn load_trial(files: &[(String, String)]) -> Result<Loaded, Error> {
    let schema = schema()?;
    let mut loading = Loading::built_in(&schema)?;
    if files.len() > MOST_FILES {
        return Err(at_file("files".to_owned(), Problem::TooManyFiles(MOST_FILES)));
    }
    for (path, text) in files {
        check_size(path, text)?;
        loading.add(&File {
            path: path.clone(),
            text,
            author: Author::Trial,
        })?;
    }
    let paths: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.clone(), text.as_str()))
        .collect();
    loading.validate(&schema, &paths)?;
    Ok(loading.loaded)
}

/// The promises, in the order they stand in, each as a set of its own.
pub(super) fn load_promises() -> Result<Vec<(Policy, PolicySet)>, Error> {
    let (path, text) = texts::PROMISES;
    let schema = schema()?;
    let mut loading = Loading::empty(&schema)?;
    loading.add(&File {
        path: path.to_owned(),
        text,
        author: Author::BuiltIn,
    })?;
    loading.validate(&schema, &[(path.to_owned(), text)])?;
    let Loading { loaded, lines } = loading;
    let mut promises = Vec::new();
    for policy in loaded.set.policies() {
        let id = policy.id().to_string();
        let alone = PolicySet::from_policies([policy.clone()]).map_err(|error| cedar(path, &error))?;
        if let (Some(read), Some((_, line))) = (loaded.policies.get(&id), lines.get(&id)) {
            promises.push((*line, read.clone(), alone));
        }
    }
    promises.sort_by_key(|(line, ..)| *line);
    Ok(promises
        .into_iter()
        .map(|(_, read, alone)| (read, alone))
        .collect())
}

/// The schema of questions.
pub(super) fn schema() -> Result<Schema, Error> {
    read_schema(texts::SCHEMA.1)
}

fn read_schema(text: &str) -> Result<Schema, Error> {
    let read = Schema::from_cedarschema_str(text).map_err(|error| cedar(texts::SCHEMA.0, &error))?;
    Ok(read.0)
}

/// One file being read.
struct File<'a> {
    path: String,
    text: &'a str,
    author: Author<'a>,
}

/// Who wrote a file, and so what may stand in it.
#[derive(Clone, Copy)]
enum Author<'a> {
    BuiltIn,
    /// With the operator's name for the file.
    Operator(&'a str),
    /// Somebody who wants to see what a change would break.
    Trial,
}

impl File<'_> {
    fn error(&self, line: Option<usize>, policy: Option<&str>, problem: Problem) -> Error {
        Error {
            file: self.path.clone(),
            line,
            policy: policy.map(str::to_owned),
            problem,
        }
    }
}

struct Loading {
    loaded: Loaded,
    /// Where each policy stands: path and first line, by id.
    lines: BTreeMap<String, (String, usize)>,
}

impl Loading {
    fn empty(schema: &Schema) -> Result<Loading, Error> {
        let actions = schema
            .action_entities()
            .map_err(|error| cedar(texts::SCHEMA.0, &error))?;
        Ok(Loading {
            loaded: Loaded {
                set: PolicySet::new(),
                actions,
                policies: BTreeMap::new(),
            },
            lines: BTreeMap::new(),
        })
    }

    fn built_in(schema: &Schema) -> Result<Loading, Error> {
        Loading::of(schema, &texts::POLICIES)
    }

    fn of(schema: &Schema, policies: &[(&str, &str)]) -> Result<Loading, Error> {
        let mut loading = Loading::empty(schema)?;
        for (path, text) in policies {
            loading.add(&File {
                path: (*path).to_owned(),
                text,
                author: Author::BuiltIn,
            })?;
        }
        Ok(loading)
    }

    fn add(&mut self, file: &File<'_>) -> Result<(), Error> {
        shape::check(file.text).map_err(|(line, problem)| file.error(Some(line), None, problem))?;
        let parsed: PolicySet = file.text.parse().map_err(|error: cedar_policy::ParseErrors| {
            let manual = || "see https://docs.cedarpolicy.com for how a policy is written".to_owned();
            let help = error.help().map_or_else(manual, |help| help.to_string());
            let problem = Problem::Syntax {
                message: error.to_string(),
                help,
            };
            file.error(line_of(&error, file.text), None, problem)
        })?;
        if let Some(template) = parsed.templates().next() {
            let line = offset_line(file.text, file.text.find(&template.to_cedar()).unwrap_or(0));
            return Err(file.error(Some(line), template.annotation("id"), Problem::Template));
        }
        for (line, policy) in in_text_order(&parsed, file.text) {
            let given = policy.annotation("id").unwrap_or_default().to_owned();
            let refuse = |problem| file.error(Some(line), Some(given.as_str()), problem);
            if given.is_empty() {
                return Err(file.error(Some(line), None, Problem::Annotation("id")));
            }
            let id = match file.author {
                Author::BuiltIn | Author::Trial => given.clone(),
                Author::Operator(name) => {
                    if !is_name(&given) {
                        return Err(refuse(Problem::Id(MOST_NAME)));
                    }
                    self.check_narrows(&policy).map_err(refuse)?;
                    format!("operator/{name}/{given}")
                }
            };
            let lawless = !matches!(file.author, Author::BuiltIn);
            let read = Policy::read(&id, &policy, lawless, MOST_WORDS).map_err(refuse)?;
            if let Some((path, _)) = self.lines.get(&id) {
                // In a trial a rule takes the place of the built-in one; two of one trial are two.
                let replaces = matches!(file.author, Author::Trial)
                    && texts::POLICIES.iter().any(|(built_in, _)| built_in == path);
                if !replaces {
                    return Err(refuse(Problem::IdTwice));
                }
                self.loaded
                    .set
                    .remove_static(cedar_policy::PolicyId::new(&id))
                    .map_err(|error| refuse(Problem::Cedar(error.to_string())))?;
            }
            let cedar_policy = policy.new_id(cedar_policy::PolicyId::new(&id));
            self.loaded
                .set
                .add(cedar_policy)
                .map_err(|error| refuse(Problem::Cedar(error.to_string())))?;
            self.lines.insert(id.clone(), (file.path.clone(), line));
            self.loaded.policies.insert(id, read);
        }
        Ok(())
    }

    /// An operator's policy may only take away, and only what is not the person's own.
    fn check_narrows(&self, policy: &cedar_policy::Policy) -> Result<(), Problem> {
        if policy.effect() == Effect::Permit {
            return Err(Problem::Permit);
        }
        let named: Vec<EntityUid> = match policy.action_constraint() {
            ActionConstraint::Any => return Err(Problem::EveryPurpose),
            ActionConstraint::Eq(action) => vec![action],
            ActionConstraint::In(actions) => actions,
        };
        let right = |action: &EntityUid| {
            let own = [PurposeName::ShowOwnData, PurposeName::AnswerRightsRequest];
            let is_own = |uid: &EntityUid| own.iter().any(|right| uid.id().unescaped() == right.as_str());
            // The action itself, or a group that holds it.
            is_own(action)
                || self
                    .loaded
                    .actions
                    .iter()
                    .map(|entity| entity.uid())
                    .filter(is_own)
                    .any(|uid| self.loaded.actions.is_ancestor_of(action, &uid))
        };
        if named.iter().any(right) {
            Err(Problem::Right)
        } else {
            Ok(())
        }
    }

    /// Strict validation of the whole set. A warning is refused too: a rule that can never apply, or that
    /// looks like another one, is not what its author meant.
    fn validate(&self, schema: &Schema, files: &[(String, &str)]) -> Result<(), Error> {
        let result = Validator::new(schema.clone()).validate(&self.loaded.set, ValidationMode::Strict);
        let errors = result
            .validation_errors()
            .map(|e| (false, e.policy_id(), e as &dyn Diagnostic));
        let warnings = result
            .validation_warnings()
            .map(|w| (true, w.policy_id(), w as &dyn Diagnostic));
        // Cedar walks its policies in no fixed order; one finding is told, always the same: an error before
        // a warning, and one with a place to point at before one without.
        let rank = |(is_warning, id, what): &(bool, &cedar_policy::PolicyId, &dyn Diagnostic)| {
            (
                *is_warning,
                id.to_string(),
                what.labels().is_none(),
                what.to_string(),
            )
        };
        let Some((_, id, what)) = errors.chain(warnings).min_by_key(rank) else {
            return Ok(());
        };
        let id = id.to_string();
        let (file, first_line) = self.lines.get(&id).cloned().unwrap_or_default();
        let text = files.iter().find(|(path, _)| *path == file);
        let line = text
            .and_then(|(_, text)| line_of(what, text))
            .unwrap_or(first_line);
        let schema = "the words a rule may use stand in `charter/schema.cedarschema`";
        let help = what
            .help()
            .map_or_else(|| schema.to_owned(), |help| format!("{help}; {schema}"));
        let message = what.to_string();
        let policy = Some(id.rsplit('/').next().unwrap_or(&id).to_owned());
        Err(Error {
            file,
            line: Some(line),
            policy,
            problem: Problem::Invalid { message, help },
        })
    }
}

fn check_files(operator: &[(String, String)]) -> Result<(), Error> {
    if operator.len() > MOST_FILES {
        return Err(at_file("operator".to_owned(), Problem::TooManyFiles(MOST_FILES)));
    }
    let mut seen = HashSet::new();
    for (name, text) in operator {
        if !is_name(name) {
            let shown: String = name.chars().take(MOST_NAME).collect();
            return Err(at_file(shown, Problem::Name(MOST_NAME)));
        }
        let path = texts::operator_path(name);
        if !seen.insert(name) {
            return Err(at_file(path, Problem::NameTwice));
        }
        check_size(&path, text)?;
    }
    Ok(())
}

fn check_size(path: &str, text: &str) -> Result<(), Error> {
    if text.len() > MOST_BYTES {
        return Err(at_file(
            path.to_owned(),
            Problem::FileTooLarge {
                bytes: text.len(),
                most: MOST_BYTES,
            },
        ));
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= MOST_NAME && text.bytes().all(plain)
}

/// The policies of a file in the order they stand in, each with its first line.
fn in_text_order(parsed: &PolicySet, text: &str) -> Vec<(usize, cedar_policy::Policy)> {
    // Cedar numbers them `policy0`, `policy1`, … and keeps each one's own text.
    let mut policies: Vec<_> = parsed.policies().cloned().collect();
    policies.sort_by_key(|policy| {
        policy
            .id()
            .to_string()
            .trim_start_matches("policy")
            .parse::<usize>()
            .unwrap_or(usize::MAX)
    });
    let mut from = 0;
    let place = |policy: cedar_policy::Policy| {
        let own = policy.to_cedar().unwrap_or_default();
        let start = text
            .get(from..)
            .and_then(|rest| rest.find(&own))
            .map_or(from, |at| from + at);
        from = start + own.len();
        (offset_line(text, start), policy)
    };
    policies.into_iter().map(place).collect()
}

/// The line, from 1, that `offset` is in.
fn offset_line(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The line that a finding of Cedar points at.
fn line_of(what: &dyn Diagnostic, text: &str) -> Option<usize> {
    let label = what.labels()?.next()?;
    Some(offset_line(text, label.offset()))
}

fn cedar(path: &str, error: &impl std::fmt::Display) -> Error {
    at_file(path.to_owned(), Problem::Cedar(error.to_string()))
}

fn at_file(file: String, problem: Problem) -> Error {
    Error {
        file,
        line: None,
        policy: None,
        problem,
    }
}
