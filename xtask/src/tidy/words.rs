//! Words that put work off have no place in what is released: they belong in an issue.

use super::{Fault, Texts};

/// In two halves each, or this file would find itself.
const PUT_OFF: [(&str, &str); 5] = [
    ("TO", "DO"),
    ("FIX", "ME"),
    ("XX", "X:"),
    ("unimpl", "emented!"),
    ("tod", "o!("),
];

/// A fault for each line that says so.
pub fn check(texts: &Texts) -> Vec<Fault> {
    let words = PUT_OFF.map(|(head, tail)| format!("{head}{tail}"));
    let mut faults = Vec::new();
    for (path, text) in texts {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(word.as_str())) {
                let place = format!("{path}:{}", number + 1);
                faults.push(Fault::new(
                    place,
                    format!("`{word}`: do it, or open an issue and take the word out"),
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_put_off_is_found_with_its_line() {
        for (head, tail) in PUT_OFF {
            let text = format!("fn a() {{}}\n// {head}{tail} later\n");
            let found = check(&Texts::from([("a.rs".to_owned(), text)]));
            assert_eq!(found.first().map(|fault| fault.place.as_str()), Some("a.rs:2"));
        }
        assert_eq!(
            check(&Texts::from([("a.rs".to_owned(), "done = \"deny\"".to_owned())])),
            []
        );
    }
}
