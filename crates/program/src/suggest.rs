//! The name that was probably meant.
//!
//! Deliberately does not know: what is named.

/// Most letters that may differ.
const MOST: usize = 3;
/// Names that one misspelt name is compared with; more would make a thousand faults slow.
const COMPARED: usize = 2_000;

/// The nearest of `known`, if one is near enough: a third of the letters may differ, at most three; in a very
/// short name none.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(100).collect();
    let most = (name.len() / 3).min(MOST);
    let mut row = Vec::new();
    let mut best: Option<(usize, &str)> = None;
    for candidate in known.into_iter().take(COMPARED) {
        let within = best.map_or(most, |(distance, _)| distance.saturating_sub(1));
        if candidate.len().abs_diff(name.len()) > 4 * MOST {
            continue;
        }
        if let Some(distance) = distance(&name, candidate, within, &mut row) {
            best = Some((distance, candidate));
            if distance == 0 {
                break;
            }
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Letters to change, add or take out (case does not count), if they are at most `most`.
fn distance(name: &[char], candidate: &str, most: usize, row: &mut Vec<usize>) -> Option<usize> {
    row.clear();
    row.extend(0..=name.len());
    for (i, b) in candidate.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut least = left;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (a, cell) in name.iter().zip(row.iter_mut().skip(1)) {
            let change = corner + usize::from(!a.eq_ignore_ascii_case(&b));
            corner = *cell;
            *cell = change.min(corner + 1).min(left + 1);
            left = *cell;
            least = least.min(left);
        }
        if least > most {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}

/// "did you mean …", or what else to do.
pub(crate) fn mend<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_and_nothing_far_fetched() {
        let known = ["Order Completed", "Product Viewed", "Product Added"];
        assert_eq!(nearest("Order Complete", known), Some("Order Completed"));
        assert_eq!(nearest("product added", known), Some("Product Added"));
        assert_eq!(nearest("Refund", known), None);
        assert_eq!(nearest("b", ["a"]), None);
        assert_eq!(nearest("whp", ["who"]), Some("who"));
    }
}
