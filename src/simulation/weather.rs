//! What goes wrong: seeded fates of single requests, and spells in which a Region or its STS is dark.

use super::chance::Chance;
use super::edge::{Departed, Purpose, Trouble};

/// How long a client waits for the answer to a change.
const CHANGE_TIMEOUT: u64 = 30_000;
/// The same for a read.
const READ_TIMEOUT: u64 = 5_000;

/// What becomes of a request, in milliseconds from its departure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fate {
    /// When it reaches the service. None: never.
    pub(super) arrives: Option<u64>,
    /// How long the true answer takes on its way back.
    pub(super) back: u64,
    /// What is seen instead of the true answer, and when.
    pub(super) instead: Option<(u64, Trouble)>,
}

/// A time in which something is dark.
#[derive(Clone, Debug)]
struct Spell {
    region: &'static str,
    from: u64,
    until: u64,
    /// Of the Region's STS, not of its KMS.
    of_sts: bool,
    trouble: Trouble,
}

#[derive(Debug)]
pub(super) struct Weather {
    chance: Chance,
    /// Percent of the reads that go wrong by themselves.
    rough_reads: u64,
    /// The same of changes.
    rough_changes: u64,
    spells: Vec<Spell>,
}

impl Weather {
    pub(super) fn new(mut chance: Chance, regions: &[&'static str], length: u64) -> Self {
        let rough_reads = *chance.pick(&[0, 2, 5, 20]);
        let rough_changes = *chance.pick(&[0, 30, 60, 90]);
        let count = chance.between(0, 4);
        let spells = (0..count).map(|_| spell(&mut chance, regions, length)).collect();
        Self { chance, rough_reads, rough_changes, spells }
    }

    /// Nothing goes wrong any more.
    pub(super) fn clear(&mut self) {
        (self.rough_reads, self.rough_changes) = (0, 0);
        self.spells.clear();
    }

    pub(super) fn fate(&mut self, departed: &Departed) -> Fate {
        let of_sts = departed.operation == "GetCallerIdentity";
        let dark = self.spells.iter().find(|spell| {
            let over = departed.at < spell.from || departed.at >= spell.until;
            !over && spell.region == departed.region.as_str() && spell.of_sts == of_sts
        });
        let is_change = matches!(departed.purpose, Purpose::Change { .. });
        if let Some(trouble) = dark.map(|spell| spell.trouble) {
            let timeout = if is_change { CHANGE_TIMEOUT } else { READ_TIMEOUT };
            let at = if trouble == Trouble::Timeout { timeout } else { 5 };
            return Fate { arrives: None, back: 0, instead: Some((at, trouble)) };
        }
        if is_change { self.of_change() } else { self.of_read() }
    }

    fn good(&mut self) -> Fate {
        Fate { arrives: Some(self.chance.delay()), back: self.chance.delay(), instead: None }
    }

    fn of_read(&mut self) -> Fate {
        let fate = self.good();
        if !self.chance.percent(self.rough_reads) {
            return fate;
        }
        let trouble = *self.chance.pick(&[
            Trouble::Refused,
            Trouble::Timeout,
            Trouble::Lost,
            Trouble::Garbled,
            Trouble::Error(500, "KMSInternalException"),
            Trouble::Error(400, "ThrottlingException"),
            Trouble::Error(400, "ThrottlingException"),
            Trouble::Error(400, "AccessDeniedException"),
        ]);
        let at = if trouble == Trouble::Timeout { READ_TIMEOUT } else { fate.back };
        Fate { arrives: None, back: 0, instead: Some((at, trouble)) }
    }

    fn of_change(&mut self) -> Fate {
        let fate = self.good();
        if !self.chance.percent(self.rough_changes) {
            return fate;
        }
        let (arrives, back) = (fate.arrives.unwrap_or_default(), fate.back);
        let heard = arrives + back + 1;
        let late = Some(self.chance.between(1_000, 60_000));
        let fate = |arrives, at, trouble| Fate { arrives, back: 0, instead: Some((at, trouble)) };
        match self.chance.between(0, 14) {
            // Applied, and nobody hears of it.
            0 | 1 => fate(Some(arrives), heard, Trouble::Lost),
            2 => fate(Some(arrives), heard, Trouble::Garbled),
            3 => fate(Some(arrives), CHANGE_TIMEOUT, Trouble::Timeout),
            4 => fate(Some(arrives), heard, Trouble::Error(500, "KMSInternalException")),
            // Never applied.
            5 => fate(None, heard, Trouble::Lost),
            6 => fate(None, CHANGE_TIMEOUT, Trouble::Timeout),
            7 => fate(None, heard, Trouble::Error(500, "KMSInternalException")),
            8 => fate(None, heard, Trouble::Error(503, "ServiceUnavailableException")),
            9 => fate(None, heard, Trouble::Error(400, "ThrottlingException")),
            10 => fate(None, heard, Trouble::Error(400, "AccessDeniedException")),
            11 => fate(None, 3, Trouble::Refused),
            // Applied long after.
            12 => fate(late, heard, Trouble::Lost),
            _ => fate(late, CHANGE_TIMEOUT, Trouble::Timeout),
        }
    }
}

fn spell(chance: &mut Chance, regions: &[&'static str], length: u64) -> Spell {
    let from = chance.between(0, length);
    let trouble = *chance.pick(&[
        Trouble::Timeout,
        Trouble::Timeout,
        Trouble::Refused,
        Trouble::Error(503, "ServiceUnavailableException"),
        Trouble::Error(400, "ThrottlingException"),
        Trouble::Error(400, "AccessDeniedException"),
    ]);
    Spell {
        region: chance.pick::<&str>(regions),
        from,
        until: from + chance.between(2_000, 60_000),
        of_sts: chance.percent(30),
        trouble,
    }
}
