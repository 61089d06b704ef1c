//! Chance that a seed decides: the same seed gives the same identifiers and the same faults, run after run.

use sha2::{Digest, Sha256};

/// A stream of numbers (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Where the stream stands: a stream that begins there goes on with the same numbers.
    pub(crate) fn state(&self) -> u64 {
        self.0
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn wide(&mut self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }

    /// True in the given share of cases.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        // The upper 32 bits convert to a float without loss.
        let drawn = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(drawn) / 4_294_967_296.0 < probability
    }
}

/// A number that depends on nothing but the seed and a name, so that adding a key to a fleet changes no other.
pub(crate) fn named(seed: u64, purpose: &str, name: impl AsRef<[u8]>) -> u128 {
    let (number, _) = halves(digest(seed, purpose, name.as_ref()));
    number
}

/// 64 hexadecimal digits made in the same way: the form of a key material identifier.
pub(crate) fn named_digits(seed: u64, purpose: &str, name: impl AsRef<[u8]>) -> String {
    let (high, low) = halves(digest(seed, purpose, name.as_ref()));
    format!("{high:032x}{low:032x}")
}

fn halves(digest: [u8; 32]) -> (u128, u128) {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte));
    let (high, low) = digest.split_at(16);
    (number(high), number(low))
}

fn digest(seed: u64, purpose: &str, name: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(name);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let drawn = |seed| {
            let mut random = Random::new(seed);
            [random.next(), random.next(), random.next()]
        };
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
        assert_eq!(named(1, "key", "a"), named(1, "key", "a"));
        assert_ne!(named(1, "key", "a"), named(2, "key", "a"));
        assert_eq!(named_digits(1, "material", "a").len(), 64);
    }

    #[test]
    fn chance_keeps_its_share() {
        let mut random = Random::new(1);
        assert!((0..1000).all(|_| random.chance(1.0)));
        assert!((0..1000).all(|_| !random.chance(0.0)));
        let hits = (0..10_000).filter(|_| random.chance(0.2)).count();
        assert!((1800..2200).contains(&hits), "{hits}");
    }
}
