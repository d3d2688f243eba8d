//! Which facts an answer can depend on, read off the policies, so that questions that must have one answer
//! share one number: what is enumerated and remembered is each answer, not each question.
//!
//! A policy is a deterministic function of the values that its text names. If its action does not match, it
//! says nothing whatever the rest is. So for one purpose an answer depends on those facts alone that some
//! policy whose action can match reads. What cannot be read off for sure counts as reading everything. Tests
//! ask Cedar each of these questions with everything else turned to its other end.
//!
//! Deliberately does not know: what the policies say.

use super::question::{Fact, Question};
use cedar_policy::{ActionConstraint, Entities, EntityUid, Policy, PrincipalConstraint, ResourceConstraint};
use vocabulary::PurposeName;

/// A set of facts, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Facts(u16);

impl Facts {
    const ALL: Facts = Facts((1 << Fact::ALL.len()) - 1);

    fn of(fact: Fact) -> Facts {
        Facts(1 << fact as u8)
    }

    fn or(self, other: Facts) -> Facts {
        Facts(self.0 | other.0)
    }

    fn iter(self) -> impl Iterator<Item = Fact> {
        Fact::ALL
            .into_iter()
            .filter(move |fact| self.0 & Facts::of(*fact).0 != 0)
    }
}

/// The numbers of the questions that can have different answers.
pub(super) struct Relevance {
    rows: Vec<Row>,
    count: usize,
}

/// The facts of one purpose, as a number with a digit for each.
#[derive(Clone, Copy, Default)]
struct Row {
    facts: Facts,
    first: usize,
    /// What one step of each fact's value adds; nothing for a fact that does not matter.
    strides: [usize; Fact::ALL.len()],
}

impl Relevance {
    /// Of these policies. `actions` knows the groups that an action is in.
    pub(super) fn of<'p>(
        policies: impl Iterator<Item = &'p Policy>,
        actions: &Entities,
    ) -> Result<Relevance, String> {
        let uids = PurposeName::ALL
            .iter()
            .map(|purpose| action(*purpose))
            .collect::<Result<Vec<_>, _>>()?;
        let mut facts = [Facts::default(); PurposeName::ALL.len()];
        for policy in policies {
            let reads = reads(policy);
            let scope = policy.action_constraint();
            for (uid, facts) in uids.iter().zip(&mut facts) {
                if applies(&scope, uid, actions) {
                    *facts = facts.or(reads);
                }
            }
        }
        let mut count = 0;
        let rows = facts
            .into_iter()
            .map(|facts| {
                let row = row(facts, count);
                count += facts.iter().map(Fact::values).product::<usize>();
                row
            })
            .collect();
        Ok(Relevance { rows, count })
    }

    /// How many questions can have different answers.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The number of the question, below [`Relevance::count`]: the same for two questions if nothing that
    /// matters differs.
    #[inline]
    pub(super) fn number(&self, question: &Question) -> usize {
        match self.rows.get(question.purpose as usize) {
            Some(row) => question
                .values()
                .into_iter()
                .zip(row.strides)
                .fold(row.first, |number, (value, stride)| number + value * stride),
            None => self.count,
        }
    }

    /// The facts that matter for one purpose.
    pub(super) fn facts(&self, purpose: PurposeName) -> impl Iterator<Item = Fact> {
        let facts = self.rows.get(purpose as usize).map(|row| row.facts);
        facts.unwrap_or(Facts::ALL).iter()
    }

    /// One question for each number, in their order: what does not matter is at its first value.
    pub(super) fn distinct(&self) -> impl Iterator<Item = Question> {
        PurposeName::ALL
            .into_iter()
            .flat_map(|purpose| Question::varying(purpose, self.facts(purpose).collect()))
    }
}

fn row(facts: Facts, first: usize) -> Row {
    let mut row = Row {
        facts,
        first,
        ..Row::default()
    };
    let mut stride = 1;
    for fact in Fact::ALL.into_iter().rev() {
        if facts.iter().any(|one| one == fact)
            && let Some(slot) = row.strides.get_mut(fact as usize)
        {
            *slot = stride;
            stride *= fact.values();
        }
    }
    row
}

fn action(purpose: PurposeName) -> Result<EntityUid, String> {
    format!("Action::\"{purpose}\"")
        .parse()
        .map_err(|error: cedar_policy::ParseErrors| error.to_string())
}

/// Whether the policy can say anything about the purpose.
pub(super) fn speaks_of(policy: &Policy, purpose: PurposeName, actions: &Entities) -> bool {
    let scope = policy.action_constraint();
    action(purpose).is_ok_and(|action| applies(&scope, &action, actions))
}

/// Whether a policy with that scope can say anything about the action.
fn applies(scope: &ActionConstraint, action: &EntityUid, actions: &Entities) -> bool {
    let within = |group: &EntityUid| group == action || actions.is_ancestor_of(group, action);
    match scope {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(one) => one == action,
        ActionConstraint::In(groups) => groups.iter().any(within),
    }
}

/// The facts that the text of a policy names. Read word by word and not as a tree: a condition may be as
/// deep as it is long, and what recurses with it would take the process along.
fn reads(policy: &Policy) -> Facts {
    let Some(text) = policy.to_cedar() else {
        return Facts::ALL;
    };
    let tokens = tokens(&text);
    let Some(conditions) = after_scope(&tokens) else {
        return Facts::ALL;
    };
    let mut facts = in_conditions(conditions);
    if policy.principal_constraint() != PrincipalConstraint::Any {
        facts = facts.or(Facts::of(Fact::Requester));
    }
    if policy.resource_constraint() != ResourceConstraint::Any {
        facts = facts.or(Facts::of(Fact::Special));
    }
    facts
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    /// What stands between two quotes, escapes as written.
    Quoted(&'a str),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let (token, bytes) = if rest.starts_with("//") {
            (None, rest.find('\n').unwrap_or(rest.len()))
        } else if letter == '"' {
            let inside = rest.get(1..).unwrap_or_default();
            let end = end_of_quoted(inside);
            (inside.get(..end).map(Token::Quoted), (end + 2).min(rest.len()))
        } else if of_word(letter) {
            let end = rest.find(|letter| !of_word(letter)).unwrap_or(rest.len());
            (rest.get(..end).map(Token::Word), end)
        } else {
            let mark = (!letter.is_whitespace()).then_some(Token::Mark(letter));
            (mark, letter.len_utf8())
        };
        tokens.extend(token);
        rest = rest.get(bytes..).unwrap_or_default();
    }
    tokens
}

/// Where the next quote is that no backslash stands before.
fn end_of_quoted(text: &str) -> usize {
    let mut escaped = false;
    text.bytes()
        .position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })
        .unwrap_or(text.len())
}

/// What follows `permit (…)` or `forbid (…)`.
fn after_scope<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let effect = |at: usize| {
        let annotation = at.checked_sub(1).and_then(|before| tokens.get(before)) == Some(&Token::Mark('@'));
        let named = matches!(tokens.get(at), Some(Token::Word("permit" | "forbid")));
        named && !annotation && tokens.get(at + 1) == Some(&Token::Mark('('))
    };
    let start = (0..tokens.len()).find(|at| effect(*at))? + 1;
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return tokens.get(at + 1..);
        }
    }
    None
}

fn in_conditions(tokens: &[Token<'_>]) -> Facts {
    let read = |at: usize| match tokens.get(at..)? {
        [Token::Word("principal"), ..] => Some(Facts::of(Fact::Requester)),
        [Token::Word("resource"), ..] => Some(Facts::of(Fact::Special)),
        [Token::Word("context"), Token::Mark('.'), Token::Word(name), ..] => Some(attribute(name)),
        [
            Token::Word("context"),
            Token::Mark('['),
            Token::Quoted(name),
            Token::Mark(']'),
            ..,
        ] => Some(attribute(name)),
        // The whole context.
        [Token::Word("context"), ..] => Some(Facts::ALL),
        _ => None,
    };
    (0..tokens.len())
        .filter_map(read)
        .fold(Facts::default(), Facts::or)
}

/// `context.<name>`; a name that is none of ours may be anything.
fn attribute(name: &str) -> Facts {
    // Who asks and what for are not in the context; an attribute of their name would be a new one.
    Fact::ALL
        .into_iter()
        .filter(|fact| ![Fact::Requester, Fact::Special].contains(fact))
        .find(|fact| fact.as_str() == name)
        .map_or(Facts::ALL, Facts::of)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The facts that a policy with this condition reads.
    fn check(text: &str, expected: &[Fact]) {
        let policy = Policy::parse(None, text).unwrap();
        let facts: Vec<Fact> = reads(&policy).iter().collect();
        assert_eq!(facts, expected, "{text}");
    }

    #[test]
    fn a_policy_reads_what_it_names_and_everything_where_that_is_not_sure() {
        check("forbid (principal, action, resource);", &[]);
        check(
            "forbid (principal == Requester::\"staff\", action, resource == Data::\"special\");",
            &[Fact::Requester, Fact::Special],
        );
        check(
            "forbid (principal, action, resource) when { context.gpc } unless { context[\"age\"] == Age::\"adult\" };",
            &[Fact::Age, Fact::Gpc],
        );
        check(
            "forbid (principal, action, resource) when { if principal is Requester then !context.objected else \
             [context.consent].contains(resource) };",
            &[Fact::Consent, Fact::Requester, Fact::Objected, Fact::Special],
        );
        check(
            "forbid (principal, action, resource) when { {\".\": context.restricted}[\".\"] };",
            &[Fact::Restricted],
        );
        // Strings, comments and annotations read nothing.
        check(
            "@forbid(\"permit (context)\") forbid (principal, action, resource) // context\n when \
             { \"a \\\" context\" like \"principal\" || context . \n objected };",
            &[Fact::Objected],
        );
        check(
            "forbid (principal, action in [Action::\"train\"], resource) when { context[\"g\\u{70}c\"] };",
            &Fact::ALL,
        );
        for whole in [
            "context has gpc",
            "context == {\"gpc\": true}",
            "context.later",
            "[context].isEmpty()",
        ] {
            check(
                &format!("forbid (principal, action, resource) when {{ {whole} }};"),
                &Fact::ALL,
            );
        }
    }
}
