//! What was changed, now and in former runs, and what changed state while we looked. Newest first.

use std::collections::VecDeque;

use crate::app::text::{Text, TextLine, Tone};
use crate::domain::fleet::changes::Sight;
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Role};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Timestamp;

/// A line of the journal on disk, as the runtime read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    /// `intent`, `outcome`, …
    pub(crate) kind: Safe,
    /// The operation, the key and its Region, in words.
    pub(crate) what: Safe,
    /// The outcome with its code, where the line has one.
    pub(crate) outcome: Option<Safe>,
    pub(crate) detail: Option<Safe>,
}

/// Whether the journals on disk have been read.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) enum Recorded {
    #[default]
    NotRead,
    Reading,
    Read(Vec<Entry>),
    Failed(Safe),
}

/// A member that was different at the next reading, whoever changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) at: Timestamp,
    /// What the key is called.
    pub(crate) name: Safe,
    pub(crate) region: Region,
    pub(crate) from: Sight,
    pub(crate) to: Sight,
}

/// Transitions that are remembered.
const REMEMBERED: usize = 1_000;

/// What the journal screen holds.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(in crate::app) recorded: Recorded,
    pub(in crate::app) seen: VecDeque<Seen>,
    pub(in crate::app) text: Text,
}

impl Journal {
    pub(crate) fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    pub(crate) fn text(&self) -> &Text {
        &self.text
    }

    pub(in crate::app) fn note(&mut self, seen: Vec<Seen>) {
        if seen.is_empty() {
            return;
        }
        self.seen.extend(seen);
        while self.seen.len() > REMEMBERED {
            self.seen.pop_front();
        }
        self.compose();
    }

    pub(in crate::app) fn take(&mut self, loaded: Result<Vec<Entry>, Safe>) {
        self.recorded = loaded.map_or_else(Recorded::Failed, Recorded::Read);
        self.compose();
    }

    /// Writes both kinds of lines into one text, the newest first.
    pub(in crate::app) fn compose(&mut self) {
        let mut dated: Vec<(Timestamp, TextLine)> = self.seen.iter().map(|seen| (seen.at, seen.line())).collect();
        let mut head = Vec::new();
        match &self.recorded {
            Recorded::NotRead | Recorded::Reading => head.push(TextLine::of(Tone::Dim, "reading the journals…")),
            Recorded::Failed(why) => {
                head.push(TextLine::of(Tone::Bad, safe!("the journals could not be read: {why}")));
            }
            Recorded::Read(entries) => dated.extend(entries.iter().map(|entry| (entry.at, entry.line()))),
        }
        dated.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        head.extend(dated.into_iter().map(|(_, line)| line));
        if head.is_empty() {
            head.push(TextLine::of(Tone::Dim, "nothing was changed, and nothing was seen to change"));
        }
        self.text.replace(head);
    }
}

impl Seen {
    fn line(&self) -> TextLine {
        let words = match (&self.from, &self.to) {
            (Sight::Present(before, from), Sight::Present(after, to)) if before == after => {
                safe!("{} {} → {}", before.map_or("", Role::name), from.safe(), to.safe())
            }
            (from, to) => safe!("{} → {}", from.words(), to.words()),
        };
        let tone = match &self.to {
            Sight::Present(_, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) => Tone::Bad,
            Sight::Present(..) | Sight::Absent | Sight::Unknown => Tone::Plain,
        };
        TextLine::of(Tone::Dim, safe!("{} {} ", self.at.day(), self.at.clock()))
            .and(Tone::Label, safe!("{:<10} ", "seen"))
            .and(Tone::Plain, safe!("{} {}  ", self.name, self.region))
            .and(tone, words)
    }
}

impl Entry {
    fn line(&self) -> TextLine {
        let kind = &self.kind;
        let line = TextLine::of(Tone::Dim, safe!("{} {} ", self.at.day(), self.at.clock()))
            .and(Tone::Label, safe!("{kind:<10} "))
            .and(Tone::Plain, self.what.clone());
        let line = match &self.outcome {
            Some(outcome) => line.and(Tone::Warning, safe!("  {outcome}")),
            None => line,
        };
        match &self.detail {
            Some(detail) => line.and(Tone::Dim, safe!("  {detail}")),
            None => line,
        }
    }
}
