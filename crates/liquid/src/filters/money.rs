//! `money`: an amount with its currency, as the language writes it.
//!
//! Deliberately does not know: rates. An amount is in the currency it is in.

use super::Task;
use crate::fault::Stop;
use crate::how::Tongue;
use crate::number::Number;
use crate::value::Value;

/// Currencies without cents (ISO 4217).
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XPF",
];
const SIGNS: [(&str, &str); 4] = [("EUR", "€"), ("USD", "$"), ("GBP", "£"), ("JPY", "¥")];

/// `1234.5` becomes `€1,234.50` or `1 234,50 €`. The currency is the argument, or that of `How`.
pub(super) fn money(value: &Value, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    if *value == Value::Nil {
        return Ok(Value::Nil);
    }
    if matches!(
        value,
        Value::List(_) | Value::Object(_) | Value::Bool(_) | Value::Range(..)
    ) {
        return Err(task.fail("`money` needs a number"));
    }
    let currency = if task.given.is_empty() {
        task.work.how.currency.clone()
    } else {
        task.argument_text(0)?
    };
    let known = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    if !known {
        return Err(task.fail("a currency is three capital letters, such as `EUR`"));
    }
    let digits = if WHOLE.contains(&currency.as_str()) { 0 } else { 2 };
    let amount = Number::of(value).round(digits).map(Number::float);
    // Beyond this cents are not exact any more.
    let Some(amount) = amount.filter(|amount| amount.abs() < 1e13) else {
        return Err(task.fail("the number is too large"));
    };
    let text = format!("{:.*}", usize::try_from(digits).unwrap_or(2), amount.abs());
    let (whole, cents) = text.split_once('.').unwrap_or((&text, ""));
    let minus = if amount < 0.0 { "-" } else { "" };
    let sign = SIGNS
        .iter()
        .find(|(code, _)| *code == currency)
        .map(|(_, sign)| *sign);
    let out = match (task.work.how.language, sign) {
        // CLDR: a narrow space between thousands, a no-break space before the sign.
        (Tongue::Fr, sign) => {
            let comma = if cents.is_empty() { "" } else { "," };
            let (whole, sign) = (grouped(whole, '\u{202f}'), sign.unwrap_or(&currency));
            format!("{minus}{whole}{comma}{cents}\u{a0}{sign}")
        }
        (Tongue::En, sign) => {
            let dot = if cents.is_empty() { "" } else { "." };
            let before = sign.map_or_else(|| format!("{currency}\u{a0}"), str::to_owned);
            format!("{minus}{before}{}{dot}{cents}", grouped(whole, ','))
        }
    };
    task.work.text(out)
}

fn grouped(digits: &str, mark: char) -> String {
    let mut out = String::new();
    for (number, digit) in digits.chars().enumerate() {
        if number > 0 && (digits.len() - number).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}
