//! What losing Regions would mean for each multi-Region key: which keys would have no usable member left, which would be frozen, and who survives.
//!
//! About keys, never about the data that they protect. Whatever an unread Region could overturn is unknown, with the Region that decides it. Only where a lost
//! Region cannot itself be read is the last that was known of it merged, and marked; nothing else is taken from a former reading.

mod advice;
mod evidence;
mod loss;
mod survivor;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use super::filter::Truth;
use super::fleet::KeyRef;
use super::fleet::row::RowName;
use super::id::{AccountId, KeyArn, Region};
use super::key::KeyState;
use super::plan::Operation;
use super::reading::ReasonKind;
use super::text::{Foreign, Safe, safe};
use super::time::Timestamp;

pub(crate) use loss::{Loss, LossBasis, Totals, impact};

/// What a loss does to a key, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Effect {
    /// No usable member would remain.
    Lost,
    /// The primary goes: what remains is usable, and cannot be replicated, rotated or promoted.
    Frozen,
    /// A replica goes, the primary stays.
    Reduced,
    /// Something that could not be read decides it.
    Unknown,
    Unaffected,
}

impl Effect {
    pub(crate) const ALL: [Effect; 5] =
        [Effect::Lost, Effect::Frozen, Effect::Reduced, Effect::Unknown, Effect::Unaffected];

    /// The name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Effect::Lost => "lost",
            Effect::Frozen => "frozen",
            Effect::Reduced => "reduced",
            Effect::Unknown => "unknown",
            Effect::Unaffected => "unaffected",
        }
    }

    /// What it means, for a heading.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Effect::Lost => "no usable member would remain",
            Effect::Frozen => {
                "the primary goes; the survivors encrypt and decrypt, and nothing can be replicated, rotated or promoted until it is back"
            }
            Effect::Reduced => "a replica goes, the primary stays",
            Effect::Unknown => "what could not be read decides it",
            Effect::Unaffected => "no member there",
        }
    }
}

/// Upon what an effect rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Basis {
    Live,
    /// What was last known of a lost Region that cannot be read now.
    LastKnown,
}

impl Basis {
    /// The name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Basis::Live => "live",
            Basis::LastKnown => "last_known",
        }
    }
}

/// What losing some Regions would mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Impact {
    /// The Regions that are lost.
    pub(crate) regions: BTreeSet<Region>,
    /// Every key, the worst effect first.
    pub(crate) keys: Vec<KeyImpact>,
    /// Lost Regions of which nobody knows which keys live in them alone.
    pub(crate) unseen: Vec<Region>,
    /// Lost Regions that cannot be read now, and when they were last read to the end.
    pub(crate) last_known: Vec<(Region, Timestamp)>,
    /// Keys of the account's own in the lost Regions that no other Region has; `None` if that could not be read.
    pub(crate) single_region_keys: Option<u32>,
    /// Every Region in scope and every listed multi-Region key was read.
    is_read: bool,
}

impl Impact {
    /// `is_read`: every Region in scope and every listed multi-Region key was read.
    pub(crate) fn new(regions: BTreeSet<Region>, mut keys: Vec<KeyImpact>, totals: Totals, is_read: bool) -> Self {
        keys.sort_by(|one, other| one.rank().cmp(&other.rank()));
        let Totals { unseen, last_known, single_region_keys } = totals;
        Self { regions, keys, unseen, last_known, single_region_keys, is_read }
    }

    /// Everything that the answer rests on was read in this run.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_read
            && self.unseen.is_empty()
            && self.last_known.is_empty()
            && self.single_region_keys.is_some()
            && !self.keys.iter().any(|key| key.rests_on_unread)
    }

    pub(crate) fn count(&self, effect: Effect) -> usize {
        self.keys.iter().filter(|key| key.effect == effect).count()
    }

    /// Only these keys are left: what a filter takes.
    pub(crate) fn retain(&mut self, is_wanted: impl Fn(&KeyRef) -> bool) {
        self.keys.retain(|key| is_wanted(&key.key));
    }

    /// How many keys, by what happens to them.
    pub(crate) fn counts(&self) -> Safe {
        counts(|effect| self.count(effect))
    }

    /// The Regions by name, for a sentence.
    pub(crate) fn names(&self) -> String {
        words::listed(self.regions.iter())
    }
}

/// `41 keys: 2 lost · 18 frozen`: how many of each there are.
pub(crate) fn counts(of: impl Fn(Effect) -> usize) -> Safe {
    let counts = Effect::ALL.map(|effect| (effect, of(effect)));
    let sum: usize = counts.iter().map(|(_, count)| count).sum();
    let plural = if sum == 1 { "key" } else { "keys" };
    let parts: Vec<String> = counts
        .iter()
        .filter(|(effect, count)| *count > 0 || *effect == Effect::Lost)
        .map(|(effect, count)| format!("{count} {}", effect.name()))
        .collect();
    safe!("{sum} {plural}: {}", parts.join(" · "))
}

/// What the loss does to one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyImpact {
    pub(crate) key: KeyRef,
    pub(crate) account: Option<AccountId>,
    pub(crate) name: RowName,
    /// Where the primary is, if one place is certain.
    pub(crate) primary: Option<Region>,
    pub(crate) effect: Effect,
    pub(crate) basis: Basis,
    /// When that was last known, if the effect does not rest on this run alone.
    pub(crate) last_known_at: Option<Timestamp>,
    /// The members outside the lost Regions: those that are there, and those that something names.
    pub(crate) survivors: Vec<Survivor>,
    /// Why it is so.
    pub(crate) detail: Safe,
    /// What to do while the Regions are up, or now if they are not.
    pub(crate) now: Safe,
    /// The same as a plan, where there is one.
    pub(crate) remedy: Option<Remedy>,
    /// The effect is unknown because something was not read.
    pub(crate) rests_on_unread: bool,
}

impl KeyImpact {
    /// The worst first, then by account and key.
    pub(crate) fn rank(&self) -> (Effect, Option<AccountId>, &KeyRef) {
        (self.effect, self.account, &self.key)
    }

    /// The survivors, those first that are usable for certain.
    pub(crate) fn survivors_by_use(&self) -> Vec<&Survivor> {
        let mut survivors: Vec<&Survivor> = self.survivors.iter().collect();
        survivors.sort_by_key(|survivor| match survivor.is_usable {
            Truth::Yes => 0,
            Truth::Undecided => 1,
            Truth::No => 2,
        });
        survivors
    }

    /// The whole in a sentence: what becomes of it, who goes on, and what cannot be done meanwhile.
    pub(crate) fn sentence(&self) -> Safe {
        words::sentence(self)
    }
}

/// A member that is not in a lost Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Survivor {
    pub(crate) region: Region,
    pub(crate) arn: KeyArn,
    /// `None` if it could not be read.
    pub(crate) state: Option<KeyState>,
    /// Why its state is not known, or why it may be another by now.
    pub(crate) reason: Option<ReasonKind>,
    pub(crate) is_usable: Truth,
    /// `None` if they were not read.
    pub(crate) aliases: Option<Vec<Foreign>>,
    /// The primary's aliases that it lacks; `None` if those of either were not read.
    pub(crate) missing_aliases: Option<Vec<Foreign>>,
    pub(crate) policy: PolicyIs,
}

/// A survivor's policy, compared with the primary's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PolicyIs {
    /// They mean the same, each for its own Region.
    Same,
    /// KMS's default policy, and the primary has another.
    Default,
    Differs,
    /// One of the two was not read.
    Unknown,
}

impl PolicyIs {
    /// The name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            PolicyIs::Same => "same",
            PolicyIs::Default => "default",
            PolicyIs::Differs => "differs",
            PolicyIs::Unknown => "unknown",
        }
    }
}

/// One change that would help, as `keyfleet plan` makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remedy {
    pub(crate) operation: Operation,
    /// The related key that is changed.
    pub(crate) arn: KeyArn,
    /// The Region of the dialog: where the replica is to be, who becomes the primary, or where the changed key is.
    pub(crate) region: Region,
    /// The primary's alias goes with a replica.
    pub(crate) with_alias: bool,
}

impl Remedy {
    /// The command that makes the plan. IDs, ARNs and Regions hold nothing that a shell acts on.
    pub(crate) fn command(&self) -> Option<Safe> {
        let (id, arn, region) = (&self.arn.id, &self.arn, &self.region);
        let alias = if self.with_alias { " --alias" } else { "" };
        match self.operation {
            Operation::ReplicateKey => Some(safe!("keyfleet plan replicate {id} --to {region}{alias}")),
            Operation::UpdatePrimaryRegion => Some(safe!("keyfleet plan promote {id} --to {region}")),
            Operation::CancelKeyDeletion => Some(safe!("keyfleet plan cancel-deletion {arn} --then-enable")),
            Operation::EnableKey => Some(safe!("keyfleet plan enable {arn}")),
            Operation::CreateAlias => None,
        }
    }
}
