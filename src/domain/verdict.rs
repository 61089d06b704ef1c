//! Pass, fail, or not known; and how much a failure weighs.

/// Three-valued, like everything that is concluded from readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Fail,
    Unknown,
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
        }
    }

    /// Of several, the one that stands for all: a certain failure over what is not known, that over a pass.
    pub(crate) fn worst(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Fail, _) | (_, Verdict::Fail) => Verdict::Fail,
            (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
            (Verdict::Pass, Verdict::Pass) => Verdict::Pass,
        }
    }
}

/// How much a failure weighs, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Severity {
    Info,
    Low,
    Medium,
    High,
}

impl Severity {
    pub(crate) const ALL: [Severity; 4] = [Severity::High, Severity::Medium, Severity::Low, Severity::Info];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }

    /// Reads the name back.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certain_failure_stands_for_all() {
        assert_eq!(Verdict::Unknown.worst(Verdict::Fail), Verdict::Fail);
        assert_eq!(Verdict::Pass.worst(Verdict::Unknown), Verdict::Unknown);
        assert_eq!(Verdict::Pass.worst(Verdict::Pass), Verdict::Pass);
    }

    #[test]
    fn severities_are_ordered_and_read_back() {
        assert!(Severity::High > Severity::Medium && Severity::Low > Severity::Info);
        for severity in Severity::ALL {
            assert_eq!(Severity::from_name(severity.name()), Some(severity));
        }
        assert_eq!(Severity::from_name("urgent"), None);
    }
}
