//! How a change ended by the word of a person, where reading the key can tell no more.
//!
//! The record says whose word it is: it is a claim of theirs, not something that was seen.

use super::plan::{Claim, Outcome};
use super::text::{Foreign, safe};

/// What a person can say of a change that is open. "Unknown" it is already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByHand {
    /// AWS has made the change.
    Done,
    /// AWS has not made it.
    Failed,
}

impl ByHand {
    /// The claim to record as resolved by hand, by the word of this caller.
    pub(crate) fn claim(self, caller_arn: &Foreign, note: Option<&Foreign>) -> Claim {
        let (outcome, word) = match self {
            ByHand::Done => (Outcome::Done, "was made"),
            ByHand::Failed => (Outcome::Failed, "was not made"),
        };
        let detail = safe!("{} says that it {word}", caller_arn.safe());
        let detail = match note {
            Some(note) => safe!("{detail}: {}", note.safe()),
            None => detail,
        };
        Claim { outcome, code: None, request_id: None, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: ByHand, note: Option<&str>, outcome: Outcome, detail: &str) {
        let caller = Foreign::new("arn:aws:iam::111122223333:user/maria");
        let claim = said.claim(&caller, note.map(Foreign::new).as_ref());
        assert_eq!((claim.outcome, claim.detail.as_str()), (outcome, detail));
    }

    #[test]
    fn it_is_said_whose_word_it_is() {
        let maria = "arn:aws:iam::111122223333:user/maria says that it";
        check(ByHand::Done, None, Outcome::Done, &format!("{maria} was made"));
        check(
            ByHand::Failed,
            Some("no event\u{9b}"),
            Outcome::Failed,
            &format!("{maria} was not made: no event\\u{{9b}}"),
        );
    }
}
