//! Tables in the terminal, and figures with their spread.
//!
//! Deliberately does not know: what was measured.

use crate::say;
use std::time::Duration;

/// Prints a table: the first row is the head; the first column is flush left, the others flush right.
pub fn print(title: &str, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    say("");
    say(title);
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| {
            let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
            if at == 0 {
                format!("{cell}{gap}")
            } else {
                format!("{gap}{cell}")
            }
        });
        say(cells.collect::<Vec<_>>().join("  ").trim_end());
        if number == 0 {
            let line = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
            say(&"-".repeat(line));
        }
    }
}

/// A row of text.
pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// Smallest, middle and largest of a few figures.
#[derive(Clone, Copy, Default)]
pub struct Spread {
    /// The smallest.
    pub least: f64,
    /// The one in the middle.
    pub median: f64,
    /// The largest.
    pub most: f64,
}

impl Spread {
    /// Of these figures; zeros if there are none.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Spread {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
        Spread {
            least: at(0),
            median: at(sorted.len() / 2),
            most: at(sorted.len().saturating_sub(1)),
        }
    }

    /// `median (least-most)`, with so many digits after the point.
    pub fn show(&self, digits: usize) -> String {
        let [median, least, most] =
            [self.median, self.least, self.most].map(|figure| grouped(figure, digits));
        format!("{median} ({least}-{most})")
    }
}

/// A figure with its thousands apart.
pub fn grouped(figure: f64, digits: usize) -> String {
    let plain = format!("{figure:.digits$}");
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut text = String::new();
    let count = whole.chars().count();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (count - at).is_multiple_of(3) && digit.is_ascii_digit() && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// How long each of many things took.
#[derive(Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Notes one.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds those of another.
    pub fn append(&mut self, other: Times) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of them did not exceed, in milliseconds.
    pub fn percentile_ms(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let cases = [
            (0.0, 0, "0"),
            (999.4, 0, "999"),
            (1_234.56, 1, "1,234.6"),
            (-1_234_567.0, 0, "-1,234,567"),
            (-123.0, 0, "-123"),
        ];
        for (figure, digits, text) in cases {
            assert_eq!(grouped(figure, digits), text);
        }
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let mut times = Times::default();
        assert!(times.percentile_ms(50).abs() < 1e-9);
        for ms in [5, 1, 4, 2, 3] {
            times.push(Duration::from_millis(ms));
        }
        assert!((times.percentile_ms(50) - 3.0).abs() < 1e-9);
        assert!((times.percentile_ms(99) - 5.0).abs() < 1e-9);
        let spread = Spread::of([3.0, 1.0, 2.0]);
        assert!((spread.median - 2.0).abs() < 1e-9 && (spread.most - 3.0).abs() < 1e-9);
    }
}
