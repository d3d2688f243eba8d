//! Lines over rounds as SVG, told apart by dashes, marks and names at their ends, and not by colour.
//!
//! Deliberately does not know: what is drawn.

use std::fmt::Write as _;

/// One line.
pub(super) struct Line {
    pub(super) name: String,
    /// One value for each round, from round 1 on.
    pub(super) values: Vec<f64>,
}

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 46.0;
/// The least distance between two names, in pixels.
const APART: f64 = 15.0;
const DASHES: [&str; 6] = ["", "7 4", "2 3", "10 3 2 3", "14 5", "5 2 1 2 1 2"];

/// A drawing with a title, two axes and a name at the end of every line. Black on white: it is seen on any screen
/// and printed on any paper.
pub(super) fn lines(title: &str, across: &str, lines: &[Line]) -> String {
    let rounds = lines
        .iter()
        .map(|line| line.values.len())
        .max()
        .unwrap_or(0)
        .max(2);
    let all = || lines.iter().flat_map(|line| line.values.iter().copied());
    let (least, most) = (
        all().fold(f64::INFINITY, f64::min),
        all().fold(f64::MIN, f64::max),
    );
    let step = step(most - least);
    let (low, high) = ((least / step).floor() * step, (most / step).ceil() * step);
    let x = |round: usize| LEFT + (WIDTH - LEFT - RIGHT) * round as f64 / (rounds - 1) as f64;
    let y = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low).max(1e-9);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<title>{}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\">{}</text>\n",
        plain(title),
        plain(title)
    );
    let ticks = ((high - low) / step).round() as usize;
    for nth in 0..=ticks {
        let value = low + step * nth as f64;
        let (at, end) = (y(value), WIDTH - RIGHT);
        let digits = usize::from(step < 1.0) + usize::from(step < 0.1);
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{end}\" stroke=\"#ccc\"/><text x=\"{}\" y=\"{:.1}\" \
             text-anchor=\"end\">{value:.digits$}</text>",
            LEFT - 8.0,
            at + 4.0
        );
    }
    for round in (0..rounds).filter(|round| *round == 0 || round % 5 == 4) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            x(round),
            HEIGHT - BOTTOM + 18.0,
            round + 1
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 8.0,
        plain(across)
    );
    // Names stand beside the ends of their lines, moved down where they would meet.
    let mut ends: Vec<(f64, usize)> = lines
        .iter()
        .enumerate()
        .map(|(nth, line)| (y(line.values.last().copied().unwrap_or(low)), nth))
        .collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = TOP;
    for (end, nth) in ends {
        let Some(line) = lines.get(nth) else { continue };
        let dash = DASHES.get(nth % DASHES.len()).copied().unwrap_or_default();
        let points: Vec<String> = (0..)
            .zip(&line.values)
            .map(|(round, value)| format!("{:.1},{:.1}", x(round), y(*value)))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#000\" stroke-width=\"1.4\" stroke-dasharray=\"{dash}\"/>",
            points.join(" ")
        );
        for (round, value) in (0..).zip(&line.values) {
            if (round + nth) % 4 == 0 {
                svg.push_str(&mark(nth, x(round), y(*value)));
            }
        }
        let at = end.max(free);
        free = at + APART;
        let from = x(line.values.len().saturating_sub(1));
        let _ = writeln!(
            svg,
            "<path d=\"M{:.1} {end:.1}L{:.1} {at:.1}\" stroke=\"#888\"/>{}<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            from + 3.0,
            from + 16.0,
            mark(nth, from + 23.0, at),
            from + 32.0,
            at + 4.0,
            plain(&line.name)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Of 1, 2 or 5 times a power of ten the step that gives four to ten of them.
fn step(range: f64) -> f64 {
    let range = range.max(1e-6);
    let power = 10f64.powf((range / 4.0).log10().floor());
    let fits = [5.0, 2.0, 1.0]
        .into_iter()
        .find(|times| range / (times * power) >= 4.0);
    fits.unwrap_or(1.0) * power
}

fn mark(nth: usize, x: f64, y: f64) -> String {
    let hollow = if (nth / 4).is_multiple_of(2) {
        "#000"
    } else {
        "#fff"
    };
    let shape = match nth % 4 {
        0 => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\""),
        1 => format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"6.6\" height=\"6.6\"",
            x - 3.3,
            y - 3.3
        ),
        2 => format!("<path d=\"M{x:.1} {:.1}l4.2 7h-8.4z\"", y - 4.2),
        _ => format!("<path d=\"M{x:.1} {:.1}l4.6 4.6-4.6 4.6-4.6-4.6z\"", y - 4.6),
    };
    format!("{shape} fill=\"{hollow}\" stroke=\"#000\"/>")
}

fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
