//! The one source of chance in a schedule: a seed decides, and nothing else.

use crate::engine::random::Random;

#[derive(Clone, Debug)]
pub(super) struct Chance(Random);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(Random::new(seed))
    }

    /// Another stream, so that what one part draws does not shift what another draws.
    pub(super) fn fork(&mut self) -> Self {
        Self(Random::new(self.0.next()))
    }

    /// From `low` up to, not including, `high`.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.between(low, high)
    }

    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.between(0, 100) < percent
    }

    /// One of them; there must be one.
    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let index = self.between(0, all.len() as u64);
        &all[usize::try_from(index).unwrap()]
    }

    /// A number of milliseconds that is mostly small.
    pub(super) fn delay(&mut self) -> u64 {
        match self.between(0, 20) {
            0 => self.between(200, 2_000),
            1..=3 => self.between(40, 200),
            _ => self.between(1, 40),
        }
    }
}
