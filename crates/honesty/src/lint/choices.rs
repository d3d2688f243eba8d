//! Choices by their form: ticked beforehand, shaming, smaller or fainter than the other, missing, and
//! countdowns as pictures.
//!
//! Deliberately does not know: style sheets, where a link leads.

use super::{Finding, finding, whole};
use crate::lexicon::{Lexicon, Said};
use crate::reading::{Piece, Reading};
use crate::rule::Rule;
use crate::text::{Block, Role};

/// Smallest letters of a choice, CSS pixels.
const SMALLEST: f32 = 11.0;
/// Least contrast of a choice (WCAG 2.2, 1.4.3 asks for 4.5; below this it cannot be meant to be read).
const FAINTEST: f32 = 3.0;
/// A choice in words is at most so long, words.
const LONGEST: usize = 18;

pub(super) fn find(reading: &Reading<'_>, found: &mut Vec<Finding>) {
    let lexicon = reading.lexicon;
    for piece in body(reading) {
        let block = piece.block;
        if block.role == (Role::Checkbox { ticked: true }) {
            found.push(whole(Rule::Preticked, piece));
        }
        let said = piece.bare();
        let turn = || choice(block) && lexicon.stands("confirmshaming", said);
        if turn() || block.role.is_choice() && (shames(lexicon, said) || belittles(lexicon, said)) {
            found.push(whole(Rule::Confirmshaming, piece));
        }
        if !block.role.is_choice() {
            found.extend(in_words(reading, piece));
        }
        if block.role == Role::Picture && counts_down(&block.target) {
            found.push(Finding {
                words: block.target.chars().take(120).collect(),
                ..whole(Rule::PersonalCountdown, piece)
            });
        }
    }
    asymmetric(reading, found);
    unasked(reading, found);
}

/// A refusal that shames and stands in running words: offered as an answer, or told as what refusing means.
/// It is certain where it says no and belittles who says it.
fn in_words(reading: &Reading<'_>, piece: &Piece<'_>) -> Option<Finding> {
    let lexicon = reading.lexicon;
    let is = |section: &str, said: Said<'_>| lexicon.stands(section, said);
    let accepts = || {
        let lines = body(reading).any(|other| is("accept", other.answer(&(0..other.plain.len()))));
        let mut answers = piece.answers.iter();
        lines
            || answers.any(|place| is("accept", piece.answer(place)))
            || piece.said().any(|said| is("accept", said))
    };
    let answer = piece.answers.iter().find_map(|place| {
        let said = piece.answer(place);
        let before = piece.part(piece.plain.get(..place.start).unwrap_or_default());
        if before.plain.matches('"').count() % 2 == 1 && is("mention", before) {
            return None;
        }
        let polite = ["no thank", "non merci", "non, merci"];
        let polite = polite.iter().any(|no| said.plain.trim_start().starts_with(no));
        let refuses = is("refuse", said) && (polite || is("first_person", said) || accepts());
        let belittles = belittles(lexicon, said);
        let own = || is("opens_in_person", said) && (before.plain.ends_with('"') || accepts());
        let tells = refuses && (belittles || shames(lexicon, said) && accepts()) || belittles && own();
        let cited = || is("mention", piece.whole()) || is("literature", piece.whole());
        tells.then(|| (place.clone(), refuses && belittles && accepts() && !cited()))
    });
    let meant = || {
        let sentences = piece.sentences.iter().enumerate();
        sentences.zip(piece.said()).find_map(|((nth, sentence), said)| {
            if is("refusing_means", said) {
                return Some((sentence.place.clone(), false));
            }
            // What it means may be said in the next sentence.
            let next = piece
                .sentences
                .get(nth + 1)
                .filter(|_| lexicon.begins("refusing_means", said))?;
            let place = sentence.place.start..next.place.end;
            let plain = piece.plain.get(place.clone())?;
            let possible = lexicon.possible(plain);
            let both = Said {
                plain,
                possible: &possible,
            };
            is("refusing_means", both).then_some((place, false))
        })
    };
    let (place, certain) = answer.or_else(meant)?;
    Some(Finding {
        certain,
        ..finding(piece, Rule::Confirmshaming, place)
    })
}

fn body<'b, 'a>(reading: &'b Reading<'a>) -> impl Iterator<Item = &'b Piece<'a>> + Clone {
    reading.pieces.iter().filter(|piece| !piece.subject)
}

/// Data are shared, and all that can be pressed says “I have seen it”.
fn unasked(reading: &Reading<'_>, found: &mut Vec<Finding>) {
    let lexicon = reading.lexicon;
    let mut choices =
        body(reading).filter(|piece| matches!(piece.block.role, Role::Button | Role::Link) && !leaves(piece));
    let Some(first) = choices.clone().next() else {
        return;
    };
    let only = |piece: &Piece<'_>| lexicon.stands("acknowledge", piece.bare());
    let shares = || {
        body(reading)
            .any(|piece| !piece.block.role.is_choice() && lexicon.stands("shares_data", piece.whole()))
    };
    if choices.all(only) && shares() && !found.iter().any(|finding| finding.rule == Rule::HiddenChoice) {
        found.push(whole(Rule::HiddenChoice, first));
    }
}

fn choice(block: &Block) -> bool {
    block.role.is_choice() || block.words.split_whitespace().take(LONGEST + 1).count() <= LONGEST
}

/// Refusing, and the person made to say something of themselves that a plain “no” does not say.
fn shames(lexicon: &Lexicon, said: Said<'_>) -> bool {
    if lexicon.stands("confirmshaming", said) {
        return true;
    }
    let mut words = said.plain.splitn(2, [',', ':', '-', '.', ';', '!', '(']);
    let mut next = || Said {
        plain: words.next().unwrap_or_default(),
        ..said
    };
    let (head, rest) = (next(), next());
    let rest = Said {
        plain: rest.plain.trim(),
        ..rest
    };
    let refuses = head.plain.split_whitespace().take(5).count() <= 4 && lexicon.stands("refuse", head);
    refuses
        && rest.plain.split_whitespace().take(2).count() >= 2
        && lexicon.stands("first_person", rest)
        && !lexicon.stands("neutral_refusal", rest)
}

/// To refuse, in the first person, something good, or to keep something bad.
fn belittles(lexicon: &Lexicon, said: Said<'_>) -> bool {
    let is = |section: &str| lexicon.stands(section, said);
    let denies = is("shame_denies");
    let good = is("shame_good");
    let bad = is("shame_bad");
    let own = is("first_person");
    let refuses = is("refuse") && said.plain.split_whitespace().count() > 3;
    !is("neutral_refusal") && (denies && good && (own || refuses) || bad && (own || denies || refuses))
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

fn asymmetric(reading: &Reading<'_>, found: &mut Vec<Finding>) {
    let is = |piece: &Piece<'_>, section: &str| reading.lexicon.stands(section, piece.bare());
    let choices: Vec<&Piece<'_>> = body(reading)
        .filter(|piece| matches!(piece.block.role, Role::Button | Role::Link))
        .collect();
    let (refusing, others): (Vec<&Piece<'_>>, Vec<&Piece<'_>>) =
        choices.into_iter().partition(|piece| is(piece, "refuse"));
    let accepting: Vec<&Piece<'_>> = others.into_iter().filter(|piece| is(piece, "accept")).collect();
    for piece in &refusing {
        let look = piece.block.look;
        let small = look.size.is_some_and(|size| size < SMALLEST);
        if look.hidden || small || look.contrast() < FAINTEST {
            found.push(whole(Rule::HiddenChoice, piece));
            continue;
        }
        let beside = accepting.iter().any(|other| {
            let bigger = other.block.look.size.unwrap_or(16.0) >= look.size.unwrap_or(16.0) * 1.3;
            let form = other.block.role == Role::Button && piece.block.role == Role::Link;
            (bigger || form) && !leaves(piece)
        });
        if beside {
            found.push(whole(Rule::HiddenChoice, piece));
        }
    }
    if refusing.is_empty() {
        // To agree to something of law must come with a way not to.
        let agree = accepting.iter().find(|piece| {
            ["accept", "agree", "autoris", "allow"]
                .iter()
                .any(|word| piece.plain.contains(word))
        });
        found.extend(agree.map(|piece| whole(Rule::HiddenChoice, piece)));
    }
}

/// Leaving the list stands in the foot of every message; it is not the other half of a question above.
fn leaves(piece: &Piece<'_>) -> bool {
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
    .any(|word| piece.plain.contains(word))
}
