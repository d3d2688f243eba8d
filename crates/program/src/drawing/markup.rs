//! The picture as SVG. The line of a way is interrupted by its words, so nothing is written over a line.

use super::graph::{Box, Graph, Shape};
use super::layout::{LINE, Laid, MARGIN, Placed, Run};
use super::says::Speech;
use super::{GOAL, LEAVE_WHEN};
use crate::Journey;
use std::fmt::Write as _;
use vocabulary::Language;

/// A picture with its size.
pub(super) struct Drawn {
    pub(super) text: String,
    width: f64,
    height: f64,
}

pub(super) fn svg(
    journey: &Journey,
    graph: &Graph,
    laid: &Laid,
    counts: &dyn Fn(&str) -> Option<String>,
    speech: Speech<'_>,
) -> Drawn {
    let language = speech.0;
    let notes = notes(journey, counts, speech);
    let longest = notes
        .iter()
        .map(|note| note.chars().count())
        .max()
        .unwrap_or_default();
    let width = laid.width.max(longest as f64 * 7.0 + 2.0 * MARGIN);
    let height = laid.height + notes.len() as f64 * LINE + if notes.is_empty() { 0.0 } else { MARGIN };
    let shift = (width - laid.width) / 2.0;
    let (name, lang) = (escaped(journey.name.as_str()), code(language));
    let mut text = String::new();
    let _ = write!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"journey\" role=\"img\" lang=\"{lang}\" \
         aria-labelledby=\"journey-{name}-title\" aria-describedby=\"journey-{name}-desc\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"none\" stroke=\"currentColor\">\n\
         <title id=\"journey-{name}-title\">{}</title>\n<desc id=\"journey-{name}-desc\">{}</desc>\n\
         <g transform=\"translate({shift:.1} 0)\">\n",
        escaped(journey.title.of(language)),
        escaped(&described(graph, &notes, speech)),
    );
    for (run, way) in laid.ways.iter().zip(&graph.ways) {
        line(&mut text, run, way.lines.is_empty());
        let strong = way.counted.then(|| way.lines.len().saturating_sub(1));
        words(&mut text, run.words, run.words.y, &way.lines, strong);
    }
    for (one, place) in graph.boxes.iter().zip(&laid.boxes) {
        drawn_box(&mut text, one, *place);
    }
    text.push_str("</g>\n");
    for (number, note) in notes.iter().enumerate() {
        let y = laid.height + (number + 1) as f64 * LINE;
        let _ = writeln!(
            text,
            "<text x=\"{MARGIN:.0}\" y=\"{y:.1}\" fill=\"currentColor\" stroke=\"none\">{}</text>",
            escaped(note)
        );
    }
    text.push_str("</svg>\n");
    Drawn { text, width, height }
}

/// Several pictures, one below the other, each under its title.
pub(super) fn sheet(drawn: &[(String, Drawn)], language: Language) -> String {
    let width = drawn.iter().map(|(_, one)| one.width).fold(0.0, f64::max);
    let head = 3.0 * LINE;
    let height: f64 = drawn.iter().map(|(_, one)| one.height + head).sum();
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" lang=\"{}\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        code(language)
    );
    let mut y = 0.0;
    for (title, one) in drawn {
        let _ = writeln!(
            text,
            "<text x=\"{MARGIN:.0}\" y=\"{:.0}\" font-family=\"system-ui, sans-serif\" font-size=\"17\" \
             font-weight=\"700\">{}</text>",
            y + 2.0 * LINE,
            escaped(title)
        );
        let placed = format!("<svg x=\"0\" y=\"{:.0}\" ", y + head);
        text.push_str(&one.text.replacen("<svg ", &placed, 1));
        y += one.height + head;
    }
    text.push_str("</svg>\n");
    text
}

fn drawn_box(text: &mut String, one: &Box, place: Placed) {
    let (left, top) = (place.x - place.width / 2.0, place.y);
    let (right, bottom) = (left + place.width, top + place.height);
    let class = match one.shape {
        Shape::End => "end",
        Shape::Waits => "waits",
        Shape::Parts => "parts",
        Shape::Does => "does",
        Shape::Reaches => "reaches",
    };
    let _ = write!(text, "<g class=\"step {class}\">");
    let _ = match one.shape {
        Shape::Parts => write!(
            text,
            "<path d=\"M{:.1} {top:.1}H{:.1}L{right:.1} {:.1}V{:.1}L{:.1} {bottom:.1}H{:.1}L{left:.1} {:.1}V{:.1}Z\"/>",
            left + 9.0,
            right - 9.0,
            top + 9.0,
            bottom - 9.0,
            right - 9.0,
            left + 9.0,
            bottom - 9.0,
            top + 9.0
        ),
        shape => write!(
            text,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{}\" stroke-width=\"{}\"/>",
            place.width,
            place.height,
            if shape == Shape::End {
                place.height / 2.0
            } else {
                3.0
            },
            if shape == Shape::Reaches { 2.5 } else { 1.0 },
        ),
    };
    if one.shape == Shape::Waits {
        let _ = write!(text, "<path d=\"M{:.1} {top:.1}V{bottom:.1}\"/>", left + 5.0);
    }
    let mut lines = one.lines.clone();
    lines.extend(one.count.clone());
    let strong = one.count.is_some().then(|| lines.len() - 1);
    let room = usize::from(one.id.is_some()) as f64 * LINE;
    words(text, place, top + 6.0 + room, &lines, strong);
    if let Some(id) = &one.id {
        let _ = write!(
            text,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"11\" font-style=\"italic\" \
             fill=\"currentColor\" stroke=\"none\">{}</text>",
            place.x,
            top + 6.0 + 12.0,
            escaped(id)
        );
    }
    text.push_str("</g>\n");
}

fn words(text: &mut String, place: Placed, top: f64, lines: &[String], strong: Option<usize>) {
    for (number, line) in lines.iter().enumerate() {
        let weight = if strong == Some(number) {
            " class=\"count\" font-weight=\"700\""
        } else {
            ""
        };
        let _ = write!(
            text,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\"{weight} fill=\"currentColor\" \
             stroke=\"none\">{}</text>",
            place.x,
            top + number as f64 * LINE + 13.0,
            escaped(line)
        );
    }
}

/// A way: bent softly between its points, interrupted where its words stand, with a head at its end; dashed
/// if it leads back.
fn line(text: &mut String, run: &Run, through: bool) {
    let mut path = String::new();
    let mut before: Option<(f64, f64)> = None;
    for (x, y) in &run.points {
        let _ = match before {
            None => write!(path, "M{x:.1} {y:.1}"),
            // Across the height of the words there is nothing to draw.
            Some((left, top)) if !through && is_words(run, left, top, *y) => write!(path, "M{x:.1} {y:.1}"),
            Some((left, top)) => {
                let middle = f64::midpoint(top, *y);
                write!(path, "C{left:.1} {middle:.1} {x:.1} {middle:.1} {x:.1} {y:.1}")
            }
        };
        before = Some((*x, *y));
    }
    let Some((x, y)) = before else { return };
    let dashes = if run.back { " stroke-dasharray=\"5 4\"" } else { "" };
    let from = if run.back { 7.0 } else { -7.0 };
    let _ = writeln!(
        text,
        "<path class=\"way\" d=\"{path}\"{dashes}/><path d=\"M{x:.1} {y:.1}l-4 {from:.0}h8z\" fill=\"currentColor\"/>"
    );
}

fn is_words(run: &Run, x: f64, from: f64, to: f64) -> bool {
    let (top, bottom) = (run.words.y, run.words.y + run.words.height);
    let near = |left: f64, right: f64| (left - right).abs() < 0.01;
    near(x, run.words.x) && ((near(from, top) && near(to, bottom)) || (near(from, bottom) && near(to, top)))
}

/// What can happen anywhere, below the picture.
fn notes(journey: &Journey, counts: &dyn Fn(&str) -> Option<String>, speech: Speech<'_>) -> Vec<String> {
    let with = |text: String, key: &str| match counts(key) {
        Some(count) => format!("{text}{}{count}", speech.colon()),
        None => text,
    };
    let mut notes = Vec::new();
    if let Some(goal) = &journey.goal {
        notes.push(with(speech.goal(&goal.occurrence, goal.within), GOAL));
    }
    if let Some(when) = &journey.leave_when {
        let mut told = speech.predicate(when);
        if told.chars().count() > 60 {
            told = told.chars().take(59).chain(['…']).collect();
        }
        notes.push(with(format!("{} {told}", speech.leaves_when()), LEAVE_WHEN));
    }
    notes
}

/// The picture in words, for who does not see it.
fn described(graph: &Graph, notes: &[String], speech: Speech<'_>) -> String {
    let name = |at: usize| {
        let one = graph.boxes.get(at);
        one.and_then(|one| one.id.clone().or_else(|| Some(one.lines.join(" "))))
            .unwrap_or_default()
    };
    let mut text = String::new();
    for (at, one) in graph.boxes.iter().enumerate() {
        let what = one.lines.join(" ");
        let title = match &one.id {
            Some(id) => format!("{id}{}{what}", speech.colon()),
            None if at == 0 => format!("{}{}{what}", speech.people_entered(), speech.colon()),
            None => what,
        };
        let _ = write!(text, "{title}");
        if let Some(count) = &one.count {
            let _ = write!(text, " ({count})");
        }
        for (number, way) in graph.ways.iter().filter(|way| way.from == at).enumerate() {
            let mark = if number == 0 { "; " } else { ", " };
            let when = way.lines.join(" ");
            let when = if when.is_empty() {
                String::new()
            } else {
                format!(" ({when})")
            };
            let _ = write!(text, "{mark}{} {}{when}", speech.leads_to(), name(way.to));
        }
        text.push_str(". ");
    }
    for note in notes {
        let _ = write!(text, "{note}. ");
    }
    text.trim_end().to_owned()
}

fn code(language: Language) -> &'static str {
    match language {
        Language::Fr => "fr",
        Language::En => "en",
    }
}

/// Text as it may stand in an element or an attribute; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if letter.is_control() && !matches!(letter, '\n' | '\t') => {}
            letter => safe.push(letter),
        }
    }
    safe
}
