//! Tables as text: CSV as in RFC 4180, with commas or semicolons, with or without a byte order mark.
//!
//! Deliberately does not know: what the columns mean.

/// Most columns of a table.
pub(super) const MAX_COLUMNS: usize = 300;
/// Longest field, bytes.
pub(super) const MAX_FIELD: usize = 4096;

/// The rows of a table, each with the line it starts on (from 1).
pub(super) struct Rows<'a> {
    rest: &'a str,
    line: usize,
    separator: char,
}

/// A row that is none; the rows after it can still be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Broken {
    /// A quoted field that never ends, or goes on after its end.
    Quote,
    /// Longer than [`MAX_FIELD`] or more than [`MAX_COLUMNS`].
    TooLong,
}

impl<'a> Rows<'a> {
    /// The separator is the one that the first line has more of.
    pub(super) fn new(text: &'a str) -> Rows<'a> {
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = rest.lines().next().unwrap_or_default();
        let semicolons = first.matches(';').count() > first.matches(',').count();
        Rows {
            rest,
            line: 1,
            separator: if semicolons { ';' } else { ',' },
        }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    /// One field, and whether the row goes on after it.
    fn field(&mut self) -> Result<(String, bool), Broken> {
        let mut field = String::new();
        if self.rest.starts_with('"') {
            self.take(1);
            loop {
                let Some(quote) = self.rest.find('"') else {
                    return Err(Broken::Quote);
                };
                field.push_str(self.take(quote));
                self.take(1);
                if !self.rest.starts_with('"') {
                    break;
                }
                field.push_str(self.take(1));
            }
        } else {
            let end = self.rest.find([self.separator, '\n']).unwrap_or(self.rest.len());
            let plain = self.take(end);
            let ends_line = !self.rest.starts_with(self.separator);
            field.push_str(if ends_line {
                plain.strip_suffix('\r').unwrap_or(plain)
            } else {
                plain
            });
        }
        if field.len() > MAX_FIELD {
            return Err(Broken::TooLong);
        }
        if self.rest.starts_with(self.separator) {
            self.take(self.separator.len_utf8());
            return Ok((field, true));
        }
        for end in ["\r\n", "\n"] {
            if self.rest.starts_with(end) {
                self.take(end.len());
                return Ok((field, false));
            }
        }
        if self.rest.is_empty() {
            Ok((field, false))
        } else {
            Err(Broken::Quote)
        }
    }

    fn row(&mut self) -> Result<Vec<String>, Broken> {
        let mut fields = Vec::new();
        loop {
            let (field, more) = self.field()?;
            if fields.len() >= MAX_COLUMNS {
                return Err(Broken::TooLong);
            }
            fields.push(field);
            if !more {
                return Ok(fields);
            }
        }
    }

    fn skip_line(&mut self) {
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        self.take(end);
    }
}

impl Iterator for Rows<'_> {
    type Item = (usize, Result<Vec<String>, Broken>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.rest.starts_with('\n') || self.rest.starts_with("\r\n") {
            self.skip_line();
        }
        if self.rest.is_empty() {
            return None;
        }
        let (start, line) = (self.rest, self.line);
        let row = self.row();
        if row.is_err() {
            // A quote that never ends must not swallow the rest of the file: on with the next line.
            (self.rest, self.line) = (start, line);
            self.skip_line();
        }
        Some((line, row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[(usize, Result<&[&str], Broken>)]) {
        let rows: Vec<_> = Rows::new(text).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, row)| {
                (
                    *line,
                    row.map(|r| r.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>()),
                )
            })
            .collect();
        assert_eq!(rows, expected, "{text:?}");
    }

    #[test]
    fn tables_are_read_as_spreadsheets_write_them() {
        check("a,b\n1,2\n", &[(1, Ok(&["a", "b"])), (2, Ok(&["1", "2"]))]);
        check(
            "\u{feff}a;b\r\n1;\"x;y\"\r\n",
            &[(1, Ok(&["a", "b"])), (2, Ok(&["1", "x;y"]))],
        );
        check(
            "a,b\n\"say \"\"hi\"\"\",\n\n,\"two\nlines\"\nz",
            &[
                (1, Ok(&["a", "b"])),
                (2, Ok(&["say \"hi\"", ""])),
                (4, Ok(&["", "two\nlines"])),
                (6, Ok(&["z"])),
            ],
        );
        check("", &[]);
    }

    #[test]
    fn a_broken_row_does_not_take_the_next_with_it() {
        check(
            "a\n\"open\nx\n\"y\"z\nw",
            &[
                (1, Ok(&["a"])),
                (2, Err(Broken::Quote)),
                (3, Ok(&["x"])),
                (4, Err(Broken::Quote)),
                (5, Ok(&["w"])),
            ],
        );
    }

    proptest! {
        #[test]
        fn what_is_written_with_quotes_is_read_back(
            table in prop::collection::vec(prop::collection::vec("[a-zé,;\"\r\n ]{0,8}", 1..5), 1..6)
        ) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let lines: Vec<String> = table
                .iter()
                .map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(","))
                .collect();
            // The first line decides the separator: fields of the header hold none here.
            let text = format!("\"h\",\"h\"\n{}", lines.join("\r\n"));
            let rows: Vec<Vec<String>> = Rows::new(&text).skip(1).map(|(_, row)| row.unwrap()).collect();
            prop_assert_eq!(rows, table);
        }

        #[test]
        fn any_text_is_read_to_its_end(text in "(?s).{0,200}") {
            prop_assert!(Rows::new(&text).count() <= text.len() + 1);
        }
    }
}
