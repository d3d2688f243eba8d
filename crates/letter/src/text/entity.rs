//! Entities of HTML that mail is written with; one that is not known stays as it is written.

/// Longest entity that is looked for, in bytes.
const LONGEST: usize = 12;

const NAMED: [(&str, &str); 52] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{a0}"),
    ("zwnj", "\u{200c}"),
    ("zwj", "\u{200d}"),
    ("shy", "\u{ad}"),
    ("ensp", " "),
    ("emsp", " "),
    ("thinsp", "\u{202f}"),
    ("hellip", "…"),
    ("mdash", "—"),
    ("ndash", "–"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("sbquo", "‚"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("bdquo", "„"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("lsaquo", "‹"),
    ("rsaquo", "›"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("euro", "€"),
    ("pound", "£"),
    ("yen", "¥"),
    ("cent", "¢"),
    ("deg", "°"),
    ("times", "×"),
    ("middot", "·"),
    ("bull", "•"),
    ("rarr", "→"),
    ("larr", "←"),
    ("para", "¶"),
    ("sect", "§"),
    ("frac12", "½"),
    ("frac14", "¼"),
    ("szlig", "ß"),
    ("oelig", "œ"),
    ("OElig", "Œ"),
    ("aelig", "æ"),
    ("AElig", "Æ"),
    ("oslash", "ø"),
    ("Oslash", "Ø"),
    ("aring", "å"),
    ("Aring", "Å"),
    ("ordm", "º"),
];

/// The text with its entities as letters. Liquid in it is left as it is.
pub(super) fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after
            .char_indices()
            .take(LONGEST)
            .find(|(_, c)| *c == ';')
            .map(|(at, _)| at);
        let found = end.and_then(|end| Some((one(after.get(..end)?)?, end)));
        match found {
            Some((letters, end)) => {
                out.push_str(&letters);
                rest = after.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn one(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let code = match hexadecimal {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        // A control character is nothing to read.
        return char::from_u32(code).map(|c| {
            if c.is_control() {
                " ".to_owned()
            } else {
                c.to_string()
            }
        });
    }
    if let Some((_, letters)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some((*letters).to_owned());
    }
    // Letters with marks: `eacute`, `Ccedil`.
    let mut chars = name.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    let marks = [
        ("acute", "áéíóúýÁÉÍÓÚÝ", "aeiouyAEIOUY"),
        ("grave", "àèìòùÀÈÌÒÙ", "aeiouAEIOU"),
        ("circ", "âêîôûÂÊÎÔÛ", "aeiouAEIOU"),
        ("uml", "äëïöüÿÄËÏÖÜ", "aeiouyAEIOU"),
        ("tilde", "ãñõÃÑÕ", "anoANO"),
        ("cedil", "çÇ", "cC"),
    ];
    let (_, with, without) = marks.iter().find(|(mark, ..)| *mark == chars.as_str())?;
    let at = without.chars().position(|plain| plain == letter)?;
    with.chars().nth(at).map(String::from)
}
