//! Values with `*` (any run of characters) and `?` (any one), compared without ever trying a way twice.

/// Whether the pattern fits the whole text.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    meet(pattern, text, |_| false)
}

/// Whether some text fits both patterns.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    meet(one, other, |character| character == '*' || character == '?')
}

/// Walks both side by side, keeping for the place reached in `one` every place in `other` that could have been reached with it.
fn meet(one: &str, other: &str, is_wild: impl Fn(char) -> bool) -> bool {
    let other: Vec<char> = other.chars().collect();
    let any = |index: usize| other.get(index).is_some_and(|character| *character == '*' && is_wild('*'));
    // A run of anything in `other` may stand for nothing.
    let spread = |reached: &mut Vec<bool>| {
        for index in 0..other.len() {
            let is_reached = reached.get(index) == Some(&true);
            if let (true, true, Some(next)) = (is_reached, any(index), reached.get_mut(index + 1)) {
                *next = true;
            }
        }
    };
    let mut reached = vec![false; other.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    spread(&mut reached);
    for character in one.chars() {
        let mut next = vec![false; other.len() + 1];
        let mut mark = |index: usize| {
            if let Some(place) = next.get_mut(index) {
                *place = true;
            }
        };
        let mut run = false;
        for (index, is_reached) in reached.iter().enumerate() {
            if character == '*' {
                run |= is_reached;
                if run {
                    mark(index);
                }
                continue;
            }
            let Some(theirs) = other.get(index).filter(|_| *is_reached) else { continue };
            if any(index) {
                mark(index);
            } else if character == '?' || character == *theirs || (is_wild('?') && *theirs == '?') {
                mark(index + 1);
            }
        }
        spread(&mut next);
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(fits(pattern, text), expected, "{pattern} on {text}");
    }

    #[test]
    fn wildcards_stand_for_runs_and_single_characters() {
        check("kms:*", "kms:decrypt", true);
        check("kms:Put*", "kms:PutKeyPolicy", true);
        check("*Key*", "kms:PutKeyPolicy", true);
        check("kms:?ut*Policy", "kms:PutKeyPolicy", true);
        check("kms:Put", "kms:PutKeyPolicy", false);
        check("*a*b", "xaxbxb", true);
        check("a?", "a", false);
        check("", "", true);
        check("*", "", true);
        check("a*", "*", false);
        check("é?", "éß", true);
    }

    #[test]
    fn two_patterns_overlap_if_one_text_fits_both() {
        assert!(overlap("role/*", "role/*KmsOps"));
        assert!(overlap("role/team/KmsOps", "role/*KmsOps"));
        assert!(overlap("a?c", "?b*"));
        assert!(!overlap("role/team/Other", "role/*KmsOps"));
        assert!(!overlap("role/Kms", "role/*KmsOps"));
        assert!(overlap("*", "*"));
        assert!(overlap("*x", "x*"));
    }

    #[test]
    fn a_long_pattern_takes_no_longer_than_its_length() {
        let pattern = "*a".repeat(200);
        check(&pattern, &"a".repeat(2_000), true);
        check(&format!("{pattern}b"), &"a".repeat(2_000), false);
    }
}
