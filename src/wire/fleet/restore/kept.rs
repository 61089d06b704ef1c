//! A snapshot's document as it is read: every field of it must be there, though many may be null.

use serde::{Deserialize, Serialize};

use crate::wire::fleet::deep::{AliasesOf, OddityEntry, ScopeEntry, TagEntry};

/// A value that may be null and must not be missing: an `Option` alone would take a field that was cut out for one that was not read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OrNull<T>(pub(super) Option<T>);

impl OrNull<String> {
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// The whole document. Written again, it is what the fleet's own document must be without its keys.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) schema: String,
    pub(super) taken_at: String,
    pub(super) finished_at: String,
    pub(super) complete: bool,
    pub(super) accounts: Vec<KeptAccount>,
    pub(super) scope: Vec<ScopeEntry>,
    pub(super) regions: Vec<KeptRegion>,
    #[serde(skip_serializing)]
    pub(super) keys: Vec<KeptKey>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptAccount {
    pub(super) account: String,
    pub(super) name: OrNull<String>,
    pub(super) caller_arn: String,
    pub(super) profile: OrNull<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptRegion {
    pub(super) account: OrNull<String>,
    pub(super) region: String,
    pub(super) status: String,
    pub(super) reason: OrNull<KeptReason>,
    pub(super) listed: OrNull<u32>,
    pub(super) multi_region: OrNull<u32>,
    pub(super) read_at: OrNull<String>,
    pub(super) request_id: OrNull<String>,
    pub(super) aliases_at: OrNull<String>,
    pub(super) aliases_reason: OrNull<KeptReason>,
    pub(super) other_aliases: Vec<AliasesOf>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptKey {
    pub(super) account: OrNull<String>,
    pub(super) key_id: String,
    pub(super) primary_region: OrNull<String>,
    pub(super) spec: OrNull<String>,
    pub(super) usage: OrNull<String>,
    pub(super) origin: OrNull<String>,
    pub(super) related: Vec<KeptMember>,
    pub(super) absent_regions: Vec<String>,
    pub(super) unknown_regions: Vec<KeptUnknown>,
    pub(super) unsettled_since: OrNull<String>,
    /// A filter's word: a snapshot has none.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub(super) matched: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptUnknown {
    pub(super) region: String,
    pub(super) reason: KeptReason,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptMember {
    pub(super) region: String,
    pub(super) presence: String,
    pub(super) role: OrNull<String>,
    pub(super) state: OrNull<String>,
    pub(super) arn: OrNull<String>,
    pub(super) aliases: OrNull<Vec<String>>,
    pub(super) description: OrNull<String>,
    pub(super) created_at: OrNull<String>,
    pub(super) deletion_date: OrNull<String>,
    pub(super) pending_window_days: OrNull<u16>,
    pub(super) declared_by: Vec<String>,
    pub(super) read_at: OrNull<String>,
    pub(super) reason: OrNull<KeptReason>,
    pub(super) listed: bool,
    pub(super) names_primary: OrNull<String>,
    pub(super) material_id: OrNull<String>,
    pub(super) valid_to: OrNull<String>,
    pub(super) oddities: Vec<OddityEntry>,
    pub(super) request_id: OrNull<String>,
    pub(super) policy: OrNull<String>,
    pub(super) policy_at: OrNull<String>,
    pub(super) policy_reason: OrNull<KeptReason>,
    pub(super) policy_request_id: OrNull<String>,
    pub(super) tags: OrNull<Vec<TagEntry>>,
    pub(super) tags_at: OrNull<String>,
    pub(super) tags_reason: OrNull<KeptReason>,
    pub(super) tags_request_id: OrNull<String>,
    pub(super) rotation: OrNull<KeptRotation>,
    pub(super) rotation_at: OrNull<String>,
    pub(super) rotation_reason: OrNull<KeptReason>,
    pub(super) rotation_request_id: OrNull<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeptReason {
    pub(super) kind: String,
    pub(super) code: OrNull<String>,
    pub(super) message: OrNull<String>,
    pub(super) request_id: OrNull<String>,
    pub(super) at: OrNull<String>,
    pub(super) next_step: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeptRotation {
    pub(super) status: String,
    pub(super) period_days: OrNull<u16>,
    pub(super) next: OrNull<String>,
}
