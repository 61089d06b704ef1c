//! Spans of time as people write them: `2d23h`, `90s`, `1500ms`, or `never` for one that does not end.

use serde::Deserialize;

/// A span that does not end.
pub(crate) const FOR_EVER: u64 = u64::MAX;

/// Milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct TimeSpan(pub(crate) u64);

impl TryFrom<String> for TimeSpan {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse(&text).map(Self).ok_or_else(|| format!("`{text}` is not a span of time such as 2d23h, 90s or 1500ms"))
    }
}

/// Reads a span of time; None if it is none, or too long to count.
pub(crate) fn parse(text: &str) -> Option<u64> {
    if text == "never" {
        return Some(FOR_EVER);
    }
    let mut total: u64 = 0;
    let mut rest = text;
    loop {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(digits)?;
        let end = after.find(|character: char| character.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let span = number.parse::<u64>().ok()?.checked_mul(millis(unit)?)?;
        total = total.checked_add(span).filter(|total| *total < FOR_EVER / 4)?;
        if after.is_empty() {
            return Some(total);
        }
        rest = after;
    }
}

fn millis(unit: &str) -> Option<u64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_numbers_with_units() {
        let check = |text: &str, expected: Option<u64>| assert_eq!(parse(text), expected, "{text}");
        check("3d", Some(259_200_000));
        check("2d23h", Some(255_600_000));
        check("90s", Some(90_000));
        check("1500ms", Some(1500));
        check("1h30m", Some(5_400_000));
        check("never", Some(FOR_EVER));
        check("", None);
        check("3", None);
        check("d", None);
        check("3w", None);
        check("-3d", None);
        check("3 d", None);
        check("99999999999999999999d", None);
        check("999999999999999d", None);
    }
}
