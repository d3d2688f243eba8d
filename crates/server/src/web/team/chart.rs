//! Charts as SVG: bars by day, a curve over days, shares within a time. Each has a title and a description for whoever
//! does not see it, and stands beside a table of the same figures. Colours come from the page's stylesheet, light or
//! dark; nothing is said by colour alone.
//!
//! Deliberately does not know: what is drawn.

use std::fmt::Write as _;

const WIDTH: f64 = 320.0;
const LEFT: f64 = 4.0;
const RIGHT: f64 = 316.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 104.0;
const HEIGHT: f64 = 124.0;

/// What stands around the values of a chart.
pub(super) struct Labels<'a> {
    /// Unlike that of any other on the page.
    pub(super) id: &'a str,
    /// What it shows.
    pub(super) title: &'a str,
    /// The same in a sentence, with its largest value.
    pub(super) says: &'a str,
    /// The largest value, as it is written.
    pub(super) top: &'a str,
    /// Under the first value.
    pub(super) first: &'a str,
    /// Under the last.
    pub(super) last: &'a str,
}

/// A bar for each value.
pub(super) fn bars(values: &[f64], labels: &Labels<'_>) -> String {
    let most = most(values);
    let step = (RIGHT - LEFT) / values.len().max(1) as f64;
    let mut marks = String::new();
    for (place, value) in values.iter().enumerate() {
        let height = (BOTTOM - TOP) * value.max(0.0) / most;
        if height > 0.0 {
            let x = LEFT + step * place as f64;
            let _ = write!(
                marks,
                "<rect class=\"bar\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
                BOTTOM - height,
                (step * 0.8).max(0.5)
            );
        }
    }
    framed(&marks, labels)
}

/// A curve through the values.
pub(super) fn curve(values: &[f64], labels: &Labels<'_>) -> String {
    let most = most(values);
    let step = (RIGHT - LEFT) / values.len().saturating_sub(1).max(1) as f64;
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(place, value)| {
            let y = BOTTOM - (BOTTOM - TOP) * value.max(0.0) / most;
            format!("{:.1} {y:.1}", LEFT + step * place as f64)
        })
        .collect();
    let line = points.join(" L");
    let end = LEFT + step * values.len().saturating_sub(1) as f64;
    let marks = match points.is_empty() {
        true => String::new(),
        false => format!(
            "<path class=\"area\" d=\"M{LEFT} {BOTTOM} L{line} L{end:.1} {BOTTOM} Z\"/>\
             <path class=\"curve\" d=\"M{line}\"/>"
        ),
    };
    framed(&marks, labels)
}

fn framed(marks: &str, labels: &Labels<'_>) -> String {
    let (id, title, says) = (escaped(labels.id), escaped(labels.title), escaped(labels.says));
    let (top, first, last) = (escaped(labels.top), escaped(labels.first), escaped(labels.last));
    let under = HEIGHT - 6.0;
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\
         <title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{says}</desc>\
         <path class=\"axis\" d=\"M{LEFT} {TOP} H{RIGHT} M{LEFT} {BOTTOM} H{RIGHT}\"/>{marks}\
         <text x=\"{LEFT}\" y=\"15\">{top}</text><text x=\"{LEFT}\" y=\"{under}\">{first}</text>\
         <text x=\"{RIGHT}\" y=\"{under}\" text-anchor=\"end\">{last}</text></svg>"
    )
}

fn most(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(0.0, f64::max);
    if most > 0.0 { most } else { 1.0 }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LABELS: Labels<'_> = Labels {
        id: "a",
        title: "<b> & \"c\"",
        says: "d",
        top: "9",
        first: "e",
        last: "f",
    };

    #[test]
    fn words_are_escaped() {
        let text = bars(&[1.0], &LABELS);
        assert!(text.contains("&lt;b&gt; &amp; &quot;c&quot;"), "{text}");
        assert!(!text.contains("style="));
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_outside(values in proptest::collection::vec(-1e9f64..1e9, 0..400)) {
            for text in [bars(&values, &LABELS), curve(&values, &LABELS)] {
                prop_assert!(!text.contains("NaN") && !text.contains("inf"));
                for part in text.split(" y=\"").skip(1) {
                    let y: f64 = part.split('"').next().unwrap().parse().unwrap();
                    prop_assert!((0.0..=HEIGHT).contains(&y), "{y}");
                }
            }
        }
    }
}
