//! Arithmetic of the filters: whole numbers stay whole, fractions are reckoned in decimals, so that 0.1 and
//! 0.2 make 0.3.
//!
//! Deliberately does not know: filters, places.

use crate::value::Value;

/// A number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Number {
    Whole(i64),
    Part(f64),
}

/// The four kinds of sums, and what is left of a division.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sum {
    Plus,
    Minus,
    Times,
    Divide,
    Rest,
}

/// Digits after the point beyond which decimals are not exact.
const DIGITS: usize = 18;

impl Number {
    /// What Ruby takes for the number of a value: text by its first digits, everything else is 0.
    pub(crate) fn of(value: &Value) -> Number {
        match value {
            Value::Int(number) => Number::Whole(*number),
            Value::Float(number) => Number::Part(*number),
            Value::Text(text) | Value::Html(text) => Number::read(text),
            _ => Number::Whole(0),
        }
    }

    fn read(text: &str) -> Number {
        let text = text.trim();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let bare = text.strip_prefix('-').unwrap_or(text);
        let part = bare
            .split_once('.')
            .filter(|(whole, part)| digits(whole) && digits(part));
        match part.and_then(|_| text.parse().ok()) {
            Some(number) if f64::is_finite(number) => Number::Part(number),
            _ => Number::Whole(whole(text)),
        }
    }

    pub(crate) fn value(self) -> Value {
        match self {
            Number::Whole(number) => Value::Int(number),
            Number::Part(number) => Value::Float(number),
        }
    }

    pub(crate) fn float(self) -> f64 {
        match self {
            Number::Whole(number) => number as f64,
            Number::Part(number) => number,
        }
    }

    pub(crate) fn less(self, other: Number) -> bool {
        match (self, other) {
            (Number::Whole(one), Number::Whole(other)) => one < other,
            (one, other) => one.float() < other.float(),
        }
    }

    pub(crate) fn abs(self) -> Option<Number> {
        Some(match self {
            Number::Whole(number) => Number::Whole(number.checked_abs()?),
            Number::Part(number) => Number::Part(number.abs()),
        })
    }

    /// To so many digits after the point, halves away from zero; whole if it is none.
    pub(crate) fn round(self, digits: i64) -> Option<Number> {
        match self {
            Number::Whole(number) if digits >= 0 => Some(Number::Whole(number)),
            Number::Whole(number) => {
                let unit = 10_i64.checked_pow(u32::try_from(digits.checked_neg()?).ok()?);
                let Some(unit) = unit else {
                    return Some(Number::Whole(0));
                };
                let half = unit / 2;
                let moved = if number < 0 {
                    number.checked_sub(half)?
                } else {
                    number.checked_add(half)?
                };
                Some(Number::Whole(moved / unit * unit))
            }
            Number::Part(number) => {
                let rounded = rounded(number, digits);
                if digits == 0 {
                    towards(rounded)
                } else {
                    Some(Number::Part(rounded))
                }
            }
        }
    }

    pub(crate) fn ceil(self) -> Option<Number> {
        match self {
            Number::Part(number) => towards(number.ceil()),
            whole => Some(whole),
        }
    }

    pub(crate) fn floor(self) -> Option<Number> {
        match self {
            Number::Part(number) => towards(number.floor()),
            whole => Some(whole),
        }
    }

    /// `Err(true)` for a division by zero, `Err(false)` for a number that is too large.
    pub(crate) fn sum(self, sum: Sum, other: Number) -> Result<Number, bool> {
        if matches!(sum, Sum::Divide | Sum::Rest) && other.float() == 0.0 {
            return Err(true);
        }
        if let (Number::Whole(one), Number::Whole(other)) = (self, other) {
            let result = match sum {
                Sum::Plus => one.checked_add(other),
                Sum::Minus => one.checked_sub(other),
                Sum::Times => one.checked_mul(other),
                Sum::Divide => one.checked_div(other).map(|found| {
                    let down = one.wrapping_rem(other) != 0 && (one < 0) != (other < 0);
                    found - i64::from(down)
                }),
                Sum::Rest => one.checked_rem(other).map(|rest| {
                    if rest != 0 && (rest < 0) != (other < 0) {
                        rest + other
                    } else {
                        rest
                    }
                }),
            };
            return result.map(Number::Whole).ok_or(false);
        }
        let result = exact(self, sum, other).unwrap_or_else(|| {
            let (one, other) = (self.float(), other.float());
            match sum {
                Sum::Plus => one + other,
                Sum::Minus => one - other,
                Sum::Times => one * other,
                Sum::Divide => one / other,
                Sum::Rest => one - other * (one / other).floor(),
            }
        });
        if result.is_finite() {
            Ok(Number::Part(result))
        } else {
            Err(false)
        }
    }
}

/// The whole number a text begins with, or 0.
pub(crate) fn whole(text: &str) -> i64 {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) if text.starts_with('-') => (-1, digits),
        Some(digits) => (1, digits),
        None => (1, text),
    };
    let mut number = 0_i64;
    for byte in digits.bytes().take_while(u8::is_ascii_digit) {
        number = number
            .saturating_mul(10)
            .saturating_add(i64::from(byte - b'0') * sign);
    }
    number
}

fn towards(number: f64) -> Option<Number> {
    // Beyond this, neighbours are further apart than 1 and `as` would clamp.
    (number.abs() < 9.2e18).then_some(Number::Whole(number as i64))
}

fn rounded(number: f64, digits: i64) -> f64 {
    let Ok(digits) = i32::try_from(digits) else {
        return number;
    };
    if let (Some((units, scale)), Ok(wanted)) = (decimal(Number::Part(number)), usize::try_from(digits)) {
        if wanted >= scale {
            return number;
        }
        if let Some(unit) = u32::try_from(scale - wanted)
            .ok()
            .and_then(|power| 10_i128.checked_pow(power))
        {
            let half = if units < 0 { -(unit / 2) } else { unit / 2 };
            return float((units + half) / unit, wanted);
        }
    }
    let unit = 10_f64.powi(digits);
    let result = (number * unit).round() / unit;
    if result.is_finite() {
        result
    } else if digits < 0 {
        0.0
    } else {
        number
    }
}

fn exact(one: Number, sum: Sum, other: Number) -> Option<f64> {
    let ((one, its), (other, others)) = (decimal(one)?, decimal(other)?);
    if sum == Sum::Times {
        return Some(float(one.checked_mul(other)?, its + others));
    }
    let scale = its.max(others);
    let scaled = |units: i128, from: usize| {
        10_i128
            .checked_pow(u32::try_from(scale - from).ok()?)
            .and_then(|unit| units.checked_mul(unit))
    };
    let (one, other) = (scaled(one, its)?, scaled(other, others)?);
    match sum {
        Sum::Plus => Some(float(one.checked_add(other)?, scale)),
        Sum::Minus => Some(float(one.checked_sub(other)?, scale)),
        Sum::Rest => {
            let rest = one.checked_rem(other)?;
            let rest = if rest != 0 && (rest < 0) != (other < 0) {
                rest + other
            } else {
                rest
            };
            Some(float(rest, scale))
        }
        Sum::Times | Sum::Divide => None,
    }
}

/// Units and digits after the point, of the shortest text that stands for the number.
fn decimal(number: Number) -> Option<(i128, usize)> {
    match number {
        Number::Whole(number) => Some((i128::from(number), 0)),
        Number::Part(number) => {
            let text = format!("{number}");
            let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
            if part.len() > DIGITS || whole.len() > DIGITS {
                return None;
            }
            Some((format!("{whole}{part}").parse().ok()?, part.len()))
        }
    }
}

/// The nearest number with a fraction.
fn float(units: i128, scale: usize) -> f64 {
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits
        .split_at_checked(digits.len() - scale)
        .unwrap_or((&digits, ""));
    format!("{sign}{whole}.{part}0").parse().unwrap_or_default()
}
