//! How quickly the dashboard answers, for its log: what each frame took, and how long a key waited for the frame that shows what it did.
//!
//! It counts times and holds nothing else; without `--log` nobody sees it.

use std::time::Duration;

/// What has been measured so far.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// When the oldest input was read that no frame has shown yet.
    waiting_since: Option<Duration>,
    frames: u64,
    drawing: Spread,
    answering: Spread,
}

/// Counts by tenths of a millisecond; whatever takes longer than all of them is in the last.
#[derive(Debug, Default)]
struct Spread {
    counts: Vec<u32>,
    most: Duration,
}

/// A second, in tenths of a millisecond.
const STEPS: usize = 10_000;

impl Spread {
    fn note(&mut self, took: Duration) {
        let step = usize::try_from(took.as_micros() / 100).unwrap_or(STEPS).min(STEPS);
        if self.counts.len() <= step {
            self.counts.resize(step + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(step) {
            *count += 1;
        }
        self.most = self.most.max(took);
    }

    fn total(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// The time that so many of a hundred did not exceed, in milliseconds.
    fn percentile(&self, hundredths: u64) -> f64 {
        let wanted = (self.total() * hundredths).div_ceil(100);
        let mut seen = 0;
        let step = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        });
        step.map_or(0.0, |step| f64::from(u32::try_from(step + 1).unwrap_or(u32::MAX)) / 10.0)
    }
}

impl Pulse {
    /// A login has its credentials: from here on it is the Regions that are waited for.
    pub(crate) fn connected() {
        tracing::debug!("connected");
    }

    /// Something was typed, and read at this moment.
    pub(crate) fn read(&mut self, at: Duration) {
        self.waiting_since.get_or_insert(at);
    }

    /// What was typed changed nothing that is on screen.
    pub(crate) fn needs_no_frame(&mut self) {
        self.waiting_since = None;
    }

    /// A frame is on the screen.
    pub(crate) fn drew(&mut self, begun: Duration, done: Duration) {
        self.frames += 1;
        let took = done.saturating_sub(begun);
        self.drawing.note(took);
        let answered = self.waiting_since.take().map(|since| done.saturating_sub(since));
        if let Some(answered) = answered {
            self.answering.note(answered);
        }
        let micros = took.as_micros();
        let answered_micros = answered.map(|answered| answered.as_micros());
        tracing::debug!(micros, ?answered_micros, "frame");
    }

    /// Writes the sum of it to the log.
    pub(crate) fn report(&self) {
        tracing::debug!(
            frames = self.frames,
            frame_p50_ms = self.drawing.percentile(50),
            frame_p99_ms = self.drawing.percentile(99),
            inputs = self.answering.total(),
            input_p50_ms = self.answering.percentile(50),
            input_p99_ms = self.answering.percentile(99),
            input_most_ms = self.answering.most.as_millis(),
            "pulse"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn check(pulse: &Pulse, inputs: u64, (half, nearly_all): (f64, f64)) {
        let measured = (pulse.answering.percentile(50), pulse.answering.percentile(99));
        assert_eq!((pulse.answering.total(), measured), (inputs, (half, nearly_all)));
    }

    #[test]
    fn the_oldest_key_that_waits_is_what_counts() {
        let mut pulse = Pulse::default();
        pulse.read(millis(100));
        pulse.read(millis(104));
        pulse.drew(millis(105), millis(107));
        pulse.drew(millis(140), millis(141));
        check(&pulse, 1, (7.1, 7.1));
    }

    #[test]
    fn a_key_that_changes_nothing_waits_for_nothing() {
        let mut pulse = Pulse::default();
        pulse.read(millis(100));
        pulse.needs_no_frame();
        pulse.drew(millis(900), millis(901));
        check(&pulse, 0, (0.0, 0.0));
    }

    #[test]
    fn one_in_a_hundred_is_left_out_and_no_more() {
        let mut pulse = Pulse::default();
        for round in 0..100 {
            let at = millis(round * 1_000);
            pulse.read(at);
            pulse.drew(at, at + if round < 2 { millis(5_000) } else { millis(2) });
        }
        check(&pulse, 100, (2.1, 1_000.1));
        assert_eq!(pulse.answering.most, millis(5_000));
    }
}
