//! Filters that calculate.
//!
//! Deliberately does not know: how numbers are written.

use super::{Filter, Task};
use crate::fault::Stop;
use crate::number::{Number, Sum};
use crate::value::Value;

pub(super) fn apply(filter: Filter, value: &Value, task: &Task<'_, '_>) -> Result<Value, Stop> {
    let number = Number::of(value);
    let other = Number::of(task.argument(0));
    let large = || task.fail("the number is too large");
    let found = match filter {
        Filter::Abs => number.abs(),
        Filter::Ceil => number.ceil(),
        Filter::Floor => number.floor(),
        Filter::Round => match other {
            Number::Whole(digits) => number.round(digits),
            Number::Part(_) => return Err(task.fail("`round` needs a whole number of digits")),
        },
        Filter::AtLeast => Some(if other.less(number) { number } else { other }),
        Filter::AtMost => Some(if number.less(other) { number } else { other }),
        Filter::Plus => return sum(number, Sum::Plus, other, task),
        Filter::Minus => return sum(number, Sum::Minus, other, task),
        Filter::Times => return sum(number, Sum::Times, other, task),
        Filter::DividedBy => return sum(number, Sum::Divide, other, task),
        _ => return sum(number, Sum::Rest, other, task),
    };
    found.map(Number::value).ok_or_else(large)
}

pub(super) fn sum(one: Number, sum: Sum, other: Number, task: &Task<'_, '_>) -> Result<Value, Stop> {
    one.sum(sum, other).map(Number::value).map_err(|zero| {
        task.fail(if zero {
            "a division by zero"
        } else {
            "the number is too large"
        })
    })
}
