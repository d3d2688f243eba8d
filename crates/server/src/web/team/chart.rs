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

/// A mean and its standard error.
pub(super) struct Range {
    /// Whose.
    pub(super) name: String,
    /// Both as they are written.
    pub(super) says: String,
    pub(super) value: f64,
    /// 0: there is none to draw.
    pub(super) error: f64,
}

/// A bar for each value, one under the other, each under its name and figure; over its end two standard errors to
/// either side.
pub(super) fn ranges(ranges: &[Range], id: &str, title: &str, says: &str) -> String {
    const ROW: f64 = 40.0;
    let ends: Vec<f64> = ranges.iter().map(|one| one.value + 2.0 * one.error).collect();
    let scale = (RIGHT - LEFT) / most(&ends);
    let (id, title, says) = (escaped(id), escaped(title), escaped(says));
    let mut marks = String::new();
    for (place, one) in ranges.iter().enumerate() {
        let top = ROW * place as f64;
        let at = |value: f64| LEFT + scale * value.max(0.0);
        let (name, figure) = (escaped(&one.name), escaped(&one.says));
        let _ = write!(
            marks,
            "<text x=\"{LEFT}\" y=\"{:.1}\">{name}</text>\
             <text x=\"{RIGHT}\" y=\"{:.1}\" text-anchor=\"end\">{figure}</text>\
             <rect class=\"bar\" x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"12\"/>",
            top + 13.0,
            top + 13.0,
            top + 19.0,
            (at(one.value) - LEFT).max(0.5)
        );
        if one.error > 0.0 {
            let (low, high) = (at(one.value - 2.0 * one.error), at(one.value + 2.0 * one.error));
            let (above, middle, below) = (top + 20.0, top + 25.0, top + 30.0);
            let _ = write!(
                marks,
                "<path class=\"error\" d=\"M{low:.1} {above} V{below} M{low:.1} {middle} H{high:.1} M{high:.1} {above} V{below}\"/>"
            );
        }
    }
    let height = ROW * ranges.len().max(1) as f64;
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\
         <title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{says}</desc>{marks}</svg>"
    )
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
        fn no_range_is_drawn_outside(values in proptest::collection::vec((-1e3f64..1e3, 0.0..1e3f64), 0..9)) {
            let ranges: Vec<Range> = values
                .into_iter()
                .map(|(value, error)| Range { name: "<a>".to_owned(), says: "b".to_owned(), value, error })
                .collect();
            let text = super::ranges(&ranges, "i", "t", "s");
            prop_assert!(!text.contains("NaN") && !text.contains("inf") && !text.contains("<a>"));
            for part in text.split(" width=\"").skip(1) {
                let width: f64 = part.split('"').next().unwrap().parse().unwrap();
                prop_assert!((0.0..=RIGHT - LEFT + 0.1).contains(&width), "{width}");
            }
            for part in text.split(" H").skip(1) {
                let x: f64 = part.split(' ').next().unwrap().parse().unwrap();
                prop_assert!((LEFT..=RIGHT + 0.1).contains(&x), "{x}");
            }
        }

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
