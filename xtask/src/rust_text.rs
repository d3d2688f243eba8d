//! Rust source as text: comments and literals blanked out, test code cut away.
//!
//! Deliberately not a parser: it knows where strings, comments and braces end, and no more.

/// The source with every comment, string and character literal replaced by spaces. Lines stay lines.
pub fn code(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut out = String::with_capacity(source.len());
    let mut i = 0;
    while i < chars.len() {
        let end = match (at(i), at(i + 1)) {
            ('/', '/') => line_end(&chars, i),
            ('/', '*') => block_comment_end(&chars, i),
            ('"', _) => string_end(&chars, i + 1),
            ('r', '"' | '#') if !is_name(at(i.wrapping_sub(1))) || at(i.wrapping_sub(1)) == 'b' => {
                raw_string_end(&chars, i).unwrap_or(i)
            }
            ('\'', _) => char_end(&chars, i).unwrap_or(i),
            _ => i,
        };
        if end == i {
            out.push(at(i));
            i += 1;
        } else {
            out.extend(
                chars
                    .get(i..end)
                    .unwrap_or_default()
                    .iter()
                    .map(|c| if *c == '\n' { '\n' } else { ' ' }),
            );
            i = end;
        }
    }
    out
}

/// `code` with every item under `#[cfg(test)]` blanked out as well.
pub fn code_without_tests(source: &str) -> String {
    let mut code = code(source);
    const MARK: &str = "#[cfg(test)]";
    while let Some(start) = code.find(MARK) {
        let rest = code.get(start + MARK.len()..).unwrap_or_default();
        let end = start + MARK.len() + item_end(rest);
        let blank: String = code
            .get(start..end)
            .unwrap_or_default()
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        code.replace_range(start..end, &blank);
    }
    code
}

/// The names in `code`, each with what stands right after it: identifiers of Rust, in order.
pub fn names(code: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = code;
    std::iter::from_fn(move || {
        let start = rest.find(is_name)?;
        let tail = rest.get(start..)?;
        let end = tail.find(|c| !is_name(c)).unwrap_or(tail.len());
        let (name, after) = tail.split_at_checked(end)?;
        rest = after;
        Some((name, after))
    })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the item that `text` begins with ends: after its `;`, or after its closing brace. Bytes.
fn item_end(text: &str) -> usize {
    let mut depth = 0_i32;
    for (i, c) in text.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '}' => {
                depth -= 1;
                if depth <= 0 {
                    return i + 1;
                }
            }
            ';' if depth == 0 => return i + 1,
            _ => {}
        }
    }
    text.len()
}

fn line_end(chars: &[char], from: usize) -> usize {
    (from..chars.len())
        .find(|i| chars.get(*i) == Some(&'\n'))
        .unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut i = from;
    while i < chars.len() {
        match (chars.get(i), chars.get(i + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                i += 2;
            }
            (Some('*'), Some('/')) => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut i = from;
    while let Some(c) = chars.get(i) {
        match c {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// The end of the raw string that starts at `from` with `r`, if one does (`r#name` does not).
fn raw_string_end(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars.get(from + 1..)?.iter().take_while(|c| **c == '#').count();
    let body = from + 1 + hashes;
    if chars.get(body) != Some(&'"') {
        return None;
    }
    let mut i = body + 1;
    while i < chars.len() {
        let close = chars.get(i + 1..i + 1 + hashes);
        if chars.get(i) == Some(&'"') && close.is_some_and(|c| c.iter().all(|c| *c == '#')) {
            return Some(i + 1 + hashes);
        }
        i += 1;
    }
    Some(chars.len())
}

/// The end of the character literal that starts at `from`, if it is one and not a lifetime.
fn char_end(chars: &[char], from: usize) -> Option<usize> {
    match (chars.get(from + 1)?, chars.get(from + 2)?) {
        ('\\', _) => {
            let close = (from + 3..from + 14).find(|i| chars.get(*i) == Some(&'\''))?;
            Some(close + 1)
        }
        (_, '\'') => Some(from + 3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_lines_kept() {
        let source = "let a = \"use crate::x;\"; // crate::y\n/* a /* b */ crate::z */ let b = '\"'; let c: &'a str = r#\"\"crate::q\"#;\n";
        let code = code(source);
        assert!(!code.contains("crate"), "{code}");
        assert!(
            code.contains("let b") && code.contains("let c: &'a str"),
            "{code}"
        );
        assert_eq!(code.lines().count(), source.lines().count());
    }

    #[test]
    fn escaped_quotes_do_not_end_a_string() {
        assert_eq!(
            code(r#"a("\"x", '\'', '\u{2019}') b"#)
                .split_whitespace()
                .collect::<String>(),
            "a(,,)b"
        );
    }

    #[test]
    fn items_under_cfg_test_are_cut_and_the_rest_stays() {
        let source = "use crate::a;\n#[cfg(test)]\nuse crate::b;\n#[cfg(test)]\nmod tests {\n fn f() { g({}) }\n}\nfn last() {}\n";
        let code = code_without_tests(source);
        assert!(code.contains("crate::a") && code.contains("last"), "{code}");
        assert!(!code.contains("crate::b") && !code.contains("tests"), "{code}");
    }

    #[test]
    fn names_come_in_order() {
        let found: Vec<&str> = names("use a_b::{c, d};").map(|(name, _)| name).collect();
        assert_eq!(found, ["use", "a_b", "c", "d"]);
    }
}
