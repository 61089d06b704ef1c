//! The run's randomness: one seeded sequence, so that a run with the same seed and the same answers does the same.

/// SplitMix64 (Steele, Lea and Flood, 2014): one word of state, good enough for jitter and for identifiers that must only differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` up to, not including, `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % high.saturating_sub(low).max(1)
    }

    /// An identifier of 24 hex digits.
    pub(crate) fn identifier(&mut self) -> std::sync::Arc<str> {
        format!("{:016x}{:08x}", self.next(), self.next() >> 32).into()
    }
}
