//! What a journal knows of each request: the intent, the last word on it, whether that was the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entries::Entries;
use super::entry::Entry;
use crate::domain::plan::{Claim, Intent, Outcome, RecordKind};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Timestamp;

/// A request and the latest line that says something of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Story<'a> {
    pub(crate) intent: &'a Entry,
    pub(crate) last_word: Option<&'a Entry>,
}

impl Story<'_> {
    /// Nothing says how it ended: there is no outcome, or it is unknown.
    pub(crate) fn is_open(&self) -> bool {
        !self.last_word.is_some_and(Entry::closes)
    }

    /// It is certain that nothing of it left.
    pub(super) fn ended_unsent(&self) -> bool {
        !self.is_open() && self.claim().is_some_and(|claim| claim.outcome == Outcome::NotSent)
    }

    /// The step of the plan that it was for.
    pub(super) fn step(&self) -> (Arc<str>, u32) {
        (self.intent.plan.original().into(), self.intent.step)
    }

    fn claim(&self) -> Option<Claim> {
        self.last_word.and_then(Entry::claim)
    }
}

/// A request that may have been made: to be settled by reading, never by sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenIntent {
    pub(crate) intent: Arc<Intent>,
    pub(crate) recorded_at: Timestamp,
    /// The last word, if there is one: that it is unknown, and why.
    pub(crate) claim: Option<Claim>,
}

/// What a journal leaves open.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct OpenIntents {
    pub(crate) all: Vec<OpenIntent>,
    /// Open intents whose lines cannot be made requests again, in words: nobody but a person can settle them.
    pub(crate) illegible: Vec<Safe>,
}

/// What became of a step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepRecord {
    pub(crate) intent: Arc<Intent>,
    /// `None`: recorded, and then nothing more is known.
    pub(crate) claim: Option<Claim>,
    pub(crate) is_open: bool,
}

impl Entries {
    /// Every request, in the order in which they were recorded.
    pub(crate) fn stories(&self) -> Vec<Story<'_>> {
        let mut stories: Vec<Story<'_>> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &self.all {
            let place = places.get(entry.intent_id()).copied();
            match (entry.kind, place.and_then(|place| stories.get_mut(place))) {
                (RecordKind::Intent, None) => {
                    places.insert(entry.intent_id(), stories.len());
                    stories.push(Story { intent: entry, last_word: None });
                }
                (RecordKind::Outcome | RecordKind::Reconciled | RecordKind::ResolvedByHand, Some(story)) => {
                    story.last_word = Some(entry);
                }
                (RecordKind::Intent, Some(_))
                | (RecordKind::Outcome | RecordKind::Reconciled | RecordKind::ResolvedByHand, None)
                | (RecordKind::Note, _) => {}
            }
        }
        stories
    }

    /// The intents that no later line says the end of.
    pub(crate) fn open_intents(&self) -> OpenIntents {
        let mut open = OpenIntents::default();
        for story in self.stories().into_iter().filter(Story::is_open) {
            let entry = story.intent;
            match entry.to_intent() {
                Ok(intent) => open.all.push(OpenIntent {
                    intent: Arc::new(intent),
                    recorded_at: Timestamp::parse(entry.at.original()).unwrap_or(Timestamp::from_millis(0)),
                    claim: story.claim(),
                }),
                Err(why) => open.illegible.push(safe!("{}: {why}", entry.summary())),
            }
        }
        open
    }

    /// What became of the steps of a plan that were ever recorded. Of several requests for one step the one that was made counts, else one that may have been
    /// made, else the last.
    pub(crate) fn steps_of(&self, plan: &str) -> Result<BTreeMap<u32, StepRecord>, Safe> {
        let mut steps: BTreeMap<u32, StepRecord> = BTreeMap::new();
        for story in self.stories().into_iter().filter(|story| story.intent.plan.original() == plan) {
            let entry = story.intent;
            let intent = entry.to_intent().map_err(|why| safe!("record {} of the journal: {why}", entry.number))?;
            let record = StepRecord { intent: Arc::new(intent), claim: story.claim(), is_open: story.is_open() };
            let is_outranked = steps.get(&entry.step).is_some_and(|known| known.rank() > record.rank());
            if !is_outranked {
                steps.insert(entry.step, record);
            }
        }
        Ok(steps)
    }
}

impl StepRecord {
    /// How much it counts that there was this request: what may have been made must never be covered by what was not.
    fn rank(&self) -> u8 {
        match self.claim.as_ref().map(|claim| claim.outcome) {
            Some(Outcome::Done) => 2,
            None | Some(Outcome::Unknown) => 1,
            Some(Outcome::Failed | Outcome::NotSent) => u8::from(self.is_open),
        }
    }
}
