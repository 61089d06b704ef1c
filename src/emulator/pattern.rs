//! Names with `*`, which stands for any run of characters.

/// Whether the whole text fits the pattern; linear in both.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_run_of_characters() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        };
        check("*", "", true);
        check("*", "anything", true);
        check("us-*", "us-east-1", true);
        check("us-*", "eu-west-1", false);
        check("*-1", "us-east-1", true);
        check("us-*-1", "us-east-1", true);
        check("us-*-2", "us-east-1", false);
        check("a*b*c", "a-b-b-c", true);
        check("ab*ba", "aba", false);
        check("", "", true);
        check("x", "xy", false);
    }
}
