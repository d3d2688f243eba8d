//! How long and how deep one rule may be, measured before it is parsed: Cedar's reading and dropping of a
//! policy recurse with its depth, and a rule without end would take the whole process with it.
//!
//! Deliberately does not know: Cedar's grammar, beyond strings, comments, brackets and `;`.

use super::error::Problem;

/// Bytes of one rule, strings and comments left out. Each level of nesting takes at least one.
const MOST_BYTES: usize = 2_048;
/// Brackets open at one time.
const MOST_DEPTH: usize = 16;

/// The first line, from 1, at which a rule is too long or too deep.
pub(super) fn check(text: &str) -> Result<(), (usize, Problem)> {
    let (mut line, mut bytes, mut depth) = (1_usize, 0_usize, 0_usize);
    let mut letters = text.bytes().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            b'\n' => line += 1,
            b' ' | b'\t' | b'\r' => {}
            b'/' if letters.peek() == Some(&b'/') => {
                while letters.next_if(|letter| *letter != b'\n').is_some() {}
            }
            b'"' => {
                // Ends at the next quote that no backslash stands before.
                while let Some(letter) = letters.next_if(|letter| *letter != b'"') {
                    line += usize::from(letter == b'\n');
                    if letter == b'\\' {
                        line += usize::from(letters.next() == Some(b'\n'));
                    }
                }
                letters.next();
            }
            b';' => (bytes, depth) = (0, 0),
            _ => {
                bytes += 1;
                match letter {
                    b'(' | b'[' | b'{' => depth += 1,
                    b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
        }
        if bytes > MOST_BYTES {
            return Err((line, Problem::RuleTooLong(MOST_BYTES)));
        }
        if depth > MOST_DEPTH {
            return Err((line, Problem::RuleTooDeep(MOST_DEPTH)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_depth_are_those_of_one_rule_without_strings_and_comments() {
        let long = "x".repeat(MOST_BYTES);
        assert_eq!(check(&format!("{long};{long};")), Ok(()));
        assert_eq!(
            check(&format!("\n {long}x")),
            Err((2, Problem::RuleTooLong(MOST_BYTES)))
        );
        assert_eq!(check(&format!("\"{long}\\\"{long}\"{long}")), Ok(()));
        assert_eq!(check(&format!("// \" {long}\n{long}")), Ok(()));
        let deep = "([{(".repeat(MOST_DEPTH / 4);
        assert_eq!(check(&format!("{deep};{deep}")), Ok(()));
        assert_eq!(
            check(&format!("{deep}\n(")),
            Err((2, Problem::RuleTooDeep(MOST_DEPTH)))
        );
        assert_eq!(check(&"() ".repeat(100)), Ok(()));
    }
}
