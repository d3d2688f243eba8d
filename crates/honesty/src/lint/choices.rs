//! Choices by their form: ticked beforehand, shaming, smaller or fainter than the other, missing, and
//! countdowns as pictures.
//!
//! Deliberately does not know: style sheets, where a link leads.

use super::{Finding, Part, whole};
use crate::lexicon::Lexicon;
use crate::plain::fold;
use crate::rule::Rule;
use crate::text::{Block, Role, Text};

/// Smallest letters of a choice, CSS pixels.
const SMALLEST: f32 = 11.0;
/// Least contrast of a choice (WCAG 2.2, 1.4.3 asks for 4.5; below this it cannot be meant to be read).
const FAINTEST: f32 = 3.0;
/// A choice in words is at most so long, words.
const LONGEST: usize = 18;

pub(super) fn find(text: &Text, lexicon: &Lexicon, found: &mut Vec<Finding>) {
    for block in &text.blocks {
        let (plain, _) = fold(
            block
                .words
                .trim()
                .trim_matches(['[', ']', '>', ' ', '☐', '☑', '☒']),
        );
        let plain = plain.trim();
        if block.role == (Role::Checkbox { ticked: true }) {
            found.push(whole(Rule::Preticked, Part::Body, block));
        }
        if choice(block) && shames(lexicon, plain) || block.role.is_choice() && belittles(lexicon, plain) {
            found.push(whole(Rule::Confirmshaming, Part::Body, block));
        }
        if block.role == Role::Picture && counts_down(&block.target) {
            found.push(Finding {
                words: block.target.chars().take(120).collect(),
                ..whole(Rule::PersonalCountdown, Part::Body, block)
            });
        }
    }
    asymmetric(text, lexicon, found);
    unasked(text, lexicon, found);
}

/// Data are shared, and all that can be pressed says “I have seen it”.
fn unasked(text: &Text, lexicon: &Lexicon, found: &mut Vec<Finding>) {
    let shares = text
        .blocks
        .iter()
        .any(|block| !block.role.is_choice() && lexicon.has("shares_data", &fold(&block.words).0));
    let mut choices = text
        .blocks
        .iter()
        .filter(|block| matches!(block.role, Role::Button | Role::Link) && !leaves(block, lexicon));
    let first = choices.clone().next();
    let only = |block: &Block| lexicon.has("acknowledge", plain_choice(block).trim());
    if let (true, Some(block)) = (shares && choices.all(only), first)
        && !found.iter().any(|finding| finding.rule == Rule::HiddenChoice)
    {
        found.push(whole(Rule::HiddenChoice, Part::Body, block));
    }
}

fn plain_choice(block: &Block) -> String {
    fold(block.words.trim().trim_matches(['[', ']', '>', ' '])).0
}

fn choice(block: &Block) -> bool {
    block.role.is_choice() || block.words.split_whitespace().count() <= LONGEST
}

/// Refusing, and the person made to say something of themselves that a plain “no” does not say.
fn shames(lexicon: &Lexicon, plain: &str) -> bool {
    if lexicon.has("confirmshaming", plain) {
        return true;
    }
    let mut words = plain.splitn(2, [',', ':', '-', '.', ';', '!']);
    let (head, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let refuses = lexicon.has("refuse", head) && head.split_whitespace().count() <= 4;
    refuses
        && !rest.trim().is_empty()
        && rest.split_whitespace().count() >= 2
        && lexicon.has("first_person", rest)
        && !lexicon.has("neutral_refusal", rest.trim())
}

/// To refuse, in the first person, something good, or to keep something bad.
fn belittles(lexicon: &Lexicon, plain: &str) -> bool {
    let denies = lexicon.has("shame_denies", plain);
    let good = lexicon.has("shame_good", plain);
    let bad = lexicon.has("shame_bad", plain);
    let own = lexicon.has("first_person", plain);
    let refuses = lexicon.has("refuse", plain) && plain.split_whitespace().count() > 3;
    !lexicon.has("neutral_refusal", plain)
        && (denies && good && (own || refuses) || bad && (own || denies || refuses))
}

fn counts_down(target: &str) -> bool {
    let target = target.to_lowercase();
    [
        "countdown",
        "timer.",
        "/timer",
        "compte-a-rebours",
        "minuteur",
        "compteur",
    ]
    .iter()
    .any(|word| target.contains(word))
}

fn asymmetric(text: &Text, lexicon: &Lexicon, found: &mut Vec<Finding>) {
    let is = |block: &Block, section: &str| {
        let (plain, _) = fold(block.words.trim().trim_matches(['[', ']', '>', ' ']));
        lexicon.has(section, &plain)
    };
    let choices: Vec<&Block> = text
        .blocks
        .iter()
        .filter(|block| matches!(block.role, Role::Button | Role::Link))
        .collect();
    let refusing: Vec<&&Block> = choices.iter().filter(|block| is(block, "refuse")).collect();
    let accepting: Vec<&&Block> = choices
        .iter()
        .filter(|block| is(block, "accept") && !is(block, "refuse"))
        .collect();
    for block in &refusing {
        let look = block.look;
        let small = look.size.is_some_and(|size| size < SMALLEST);
        if look.hidden || small || look.contrast() < FAINTEST {
            found.push(whole(Rule::HiddenChoice, Part::Body, block));
            continue;
        }
        let beside = accepting.iter().any(|other| {
            let bigger = other.look.size.unwrap_or(16.0) >= look.size.unwrap_or(16.0) * 1.3;
            let form = other.role == Role::Button && block.role == Role::Link && !leaves(block, lexicon);
            bigger && !leaves(block, lexicon) || form
        });
        if beside {
            found.push(whole(Rule::HiddenChoice, Part::Body, block));
        }
    }
    if refusing.is_empty() {
        // To agree to something of law must come with a way not to.
        let agree = accepting.iter().find(|block| {
            let (plain, _) = fold(&block.words);
            plain.contains("accept")
                || plain.contains("agree")
                || plain.contains("autoris")
                || plain.contains("allow")
        });
        found.extend(agree.map(|block| whole(Rule::HiddenChoice, Part::Body, block)));
    }
}

/// Leaving the list stands in the foot of every message; it is not the other half of a question above.
fn leaves(block: &Block, _: &Lexicon) -> bool {
    let (plain, _) = fold(&block.words);
    [
        "unsubscribe",
        "desabonn",
        "desinscri",
        "manage",
        "gerer",
        "settings",
        "preferences",
        "parametr",
        "stop",
    ]
    .iter()
    .any(|word| plain.contains(word))
}
