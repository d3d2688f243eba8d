//! A form with a file, as browsers send it (`multipart/form-data`, RFC 7578): its parts by name. The body is in
//! memory already and bounded; a form that is not exactly one is none.
//!
//! Deliberately does not know: what the parts mean. Names of files and media types are not looked at.

use axum::http::{HeaderMap, header};

/// Parts of one form.
const PARTS: usize = 20;
/// Longest head of a part, bytes.
const HEAD: usize = 2_000;

/// The parts of a form: name and content. `None`: it is no such form.
pub(super) fn parts<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<Vec<(String, &'a [u8])>> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, rest) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest
        .split(';')
        .find_map(|one| one.trim().strip_prefix("boundary="))?
        .trim_matches('"');
    // RFC 2046, section 5.1.1.
    if !(1..=70).contains(&boundary.len()) {
        return None;
    }
    split(boundary, body)
}

fn split<'a>(boundary: &str, body: &'a [u8]) -> Option<Vec<(String, &'a [u8])>> {
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let window = rest.get(..rest.len().min(HEAD))?;
        let end = find(window, b"\r\n\r\n")?;
        let name = name(std::str::from_utf8(rest.get(..end)?).ok()?)?;
        rest = rest.get(end + 4..)?;
        let end = find(rest, between.as_bytes())?;
        if parts.len() >= PARTS {
            return None;
        }
        parts.push((name, rest.get(..end)?));
        rest = rest.get(end + between.len()..)?;
    }
}

/// The name that a part's head says.
fn name(head: &str) -> Option<String> {
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    let (kind, rest) = line.split_once(';')?;
    if kind.trim() != "form-data" {
        return None;
    }
    let rest = format!(";{rest}");
    let start = rest.find("; name=\"").or_else(|| rest.find(";name=\""))?;
    let (_, after) = rest.get(start..)?.split_once('"')?;
    after.split_once('"').map(|(name, _)| name.to_owned())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(kind: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        headers
    }

    /// The bytes that Chromium 140 sends.
    const CHROMIUM: &str = "------WebKitFormBoundaryx\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n\
        ------WebKitFormBoundaryx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a; name=b.json\"\r\n\
        Content-Type: application/json\r\n\r\n{\"a\":\r\n1}\r\n------WebKitFormBoundaryx--\r\n";

    #[test]
    fn a_browsers_form_is_read() {
        let kind = headers("multipart/form-data; boundary=----WebKitFormBoundaryx");
        let parts = parts(&kind, CHROMIUM.as_bytes()).unwrap();
        assert_eq!(parts[0], ("token".to_owned(), b"abc".as_slice()));
        assert_eq!(parts[1], ("file".to_owned(), b"{\"a\":\r\n1}".as_slice()));
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn what_is_no_such_form_is_none() {
        let kind = headers("multipart/form-data; boundary=----WebKitFormBoundaryx");
        for cut in 0..CHROMIUM.len() - 4 {
            assert_eq!(parts(&kind, &CHROMIUM.as_bytes()[..cut]), None, "cut at {cut}");
        }
        for other in [
            "application/json",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "text/plain; boundary=----WebKitFormBoundaryx",
        ] {
            assert_eq!(parts(&headers(other), CHROMIUM.as_bytes()), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn whatever_bytes_a_file_has_it_comes_out_as_it_went_in(file in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut body = b"--B9\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n".to_vec();
            body.extend_from_slice(&file);
            body.extend_from_slice(b"\r\n--B9--\r\n");
            prop_assume!(find(&file, b"\r\n--B9").is_none());
            let kind = headers("multipart/form-data; boundary=B9");
            prop_assert_eq!(parts(&kind, &body).unwrap(), vec![("file".to_owned(), file.as_slice())]);
        }

        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut with = b"--B\r\n".to_vec();
            with.extend_from_slice(&body);
            let kind = headers("multipart/form-data; boundary=B");
            let _ = parts(&kind, &with);
            let _ = parts(&kind, &body);
        }
    }
}
