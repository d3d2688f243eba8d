//! A figure in the README or the docs was measured: a mark beside it names the command.

use super::{Fault, Texts};

const MARK: &str = "<!-- measured";

/// A fault for each mark without a command, and for each mark that stands beside no figure. The mark
/// is `<!-- measured: command -->` and stands in or right before the paragraph, list or table it
/// vouches for.
pub fn check(texts: &Texts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (path, text) in texts.iter().filter(|(path, _)| path.ends_with(".md")) {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some((before, mark)) = line.split_once(MARK) else {
                continue;
            };
            // Shown as an example, not used.
            if before.ends_with('`') {
                continue;
            }
            let place = format!("{path}:{}", number + 1);
            let command = mark.strip_prefix(':').and_then(|mark| mark.split_once("-->"));
            match command {
                None => faults.push(Fault::new(
                    place,
                    "the mark is `<!-- measured: command -->` on one line",
                )),
                Some((command, _)) if command.trim().is_empty() => {
                    faults.push(Fault::new(
                        place,
                        "the mark names no command that measures the figure",
                    ));
                }
                Some((_, after)) if !has_figure(before, after, &lines, number) => {
                    faults.push(Fault::new(place, "the mark stands beside no figure"));
                }
                Some(_) => {}
            }
        }
    }
    faults
}

/// Whether the line itself, the lines around it up to a blank one, or (when it stands alone) the block
/// after it hold a digit.
fn has_figure(before: &str, after: &str, lines: &[&str], number: usize) -> bool {
    let digit = |line: &str| line.contains(|c: char| c.is_ascii_digit());
    let block = |lines: &mut dyn Iterator<Item = &&str>| {
        lines
            .skip_while(|line| line.trim().is_empty())
            .take_while(|line| !line.trim().is_empty())
            .any(|line| digit(line))
    };
    digit(before)
        || digit(after)
        || block(&mut lines.iter().skip(number + 1))
        || lines
            .iter()
            .take(number)
            .rev()
            .take_while(|line| !line.trim().is_empty())
            .any(|line| digit(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> usize {
        check(&Texts::from([("README.md".to_owned(), text.to_owned())])).len()
    }

    #[test]
    fn a_mark_without_a_command_or_a_figure_is_found() {
        assert_eq!(
            faults("It does 20,000 a second. <!-- measured: cargo run -- bench -->"),
            0
        );
        assert_eq!(faults("<!-- measured: cargo bench -->\n\n| a | 1 |\n"), 0);
        assert_eq!(faults("It does 20,000 a second. <!-- measured: -->"), 1);
        assert_eq!(faults("It does 20,000 a second. <!-- measured by me -->"), 1);
        assert_eq!(faults("It is fast. <!-- measured: cargo bench -->\n\nfast\n"), 1);
        assert_eq!(faults("The mark `<!-- measured: command -->` is explained."), 0);
    }
}
