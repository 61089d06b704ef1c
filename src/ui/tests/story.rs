//! A fleet with everything in it that goes wrong, told in the letters of the screen itself, and a world that answers for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::id::{AccountId, KeyArn, KeyId, Partition, Place, Region};
use crate::domain::key::{KeyState, RegionalKey, Role, Rotation, Tag};
use crate::domain::plan::{Identity, Reply};
use crate::domain::reading::{Reason, ReasonKind};
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::Timestamp;
use crate::engine::effect::{Effect, ReadRequest};
use crate::engine::message::{Answer, Connection, Failure, FailureClass, Message, Next};

/// When the story is told.
pub(super) const START: &str = "2026-11-21T18:40:00Z";

pub(super) const EIGHT: [&str; 8] =
    ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1", "sa-east-1", "me-south-1"];

/// (aliases, the ID's last digits, description, members). A member is a Region's short name, role and state, as cells show them.
const TROUBLED: [(&str, &str, &str, &str); 9] = [
    ("payments-card-data", "7d2f10", "Card data envelope key", "use1:P usw2:R euw1:R! aps1:R apn1:R"),
    ("ledger-archive", "c04be1", "", "use1:Pw euw1:R!"),
    ("sessions-jwt sessions-jwt-old", "19aa07", "", "use1:P usw2:Rd euw1:R"),
    ("backup-master", "e3317c", "Nightly backups, tier 1", "use1:P euw1:R aps1:R"),
    ("hsm-import-2026", "b8d05a", "", "use1:P usw2:Ri"),
    ("dr-orders", "40f9c2", "", "use1:R~ euw1:R~"),
    ("", "5512ee", "old vault", "use1:P? euc1:R"),
    ("eu-patient-records", "f1e90b", "", "euc1:P usw2:R"),
    ("", "92cc31", "", "euw1:*?"),
];

const HEALTHY: [&str; 14] = [
    "analytics-lake",
    "api-tokens",
    "billing-export",
    "chat-attachments",
    "crm-exports",
    "edge-config",
    "feature-flags",
    "geo-index",
    "hr-documents",
    "invoice-pdf",
    "mail-archive",
    "notification-queue",
    "search-snapshots",
    "tax-vault",
];

/// What the world does to those who ask.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    keys: BTreeMap<(Region, KeyId), RegionalKey>,
    aliases: BTreeMap<Region, Vec<(Foreign, Arc<str>)>>,
    unreadable: BTreeSet<(Region, KeyId)>,
    pub(super) failing: BTreeMap<Region, ReasonKind>,
    /// Regions whose listing says that there is more and not where.
    pub(super) cut: BTreeSet<Region>,
    /// Answers of these Regions stay away: (Region, how many come before).
    pub(super) holding: BTreeMap<Region, usize>,
    /// Keys of the common kind in every Region.
    pub(super) single_region: u32,
    /// Policies and tags of a Region that are not as everywhere else.
    pub(super) policies: BTreeMap<Region, &'static str>,
    pub(super) tags: BTreeMap<Region, &'static [(&'static str, &'static str)]>,
    /// The replies to changes do not come back.
    pub(super) loses_replies: bool,
}

pub(super) fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

pub(super) fn by_short(short: &str) -> Region {
    Partition::Aws.regions().into_iter().find(|region| region.short() == short).unwrap()
}

pub(super) fn id(tail: &str) -> KeyId {
    KeyId::parse(&format!("mrk-51c0a9e27f4411d09c3b5a6e{tail:0>8}")).unwrap()
}

fn arn(id: &KeyId, region: &Region) -> KeyArn {
    let account = AccountId::parse("111122223333").unwrap();
    KeyArn { partition: Partition::Aws, region: region.clone(), account, id: id.clone() }
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

impl World {
    /// Nothing wrong anywhere.
    pub(super) fn healthy() -> Self {
        let mut world = Self { single_region: 19, ..Self::default() };
        for (number, name) in HEALTHY.iter().enumerate() {
            let members = ["use1:P usw2:R euw1:R", "use1:P euw1:R euc1:R", "euw1:P euc1:R apn1:R"];
            world.add(name, &format!("88{number:02}fd"), "", members[number % members.len()]);
        }
        world
    }

    /// What goes wrong in an account over the years, at once.
    pub(super) fn story() -> Self {
        let mut world = Self::healthy();
        for (aliases, tail, description, members) in TROUBLED {
            world.add(aliases, tail, description, members);
        }
        for (tail, name) in [("5512ee", "us-east-1"), ("92cc31", "eu-west-1")] {
            world.unreadable.insert((region(name), id(tail)));
        }
        // A promotion under way: each calls the other one the primary.
        for (own, other) in [("us-east-1", "eu-west-1"), ("eu-west-1", "us-east-1")] {
            let key = world.key_mut("40f9c2", own);
            key.primary = Some(arn(&id("40f9c2"), &region(other)));
        }
        world.failing.insert(region("ap-south-1"), ReasonKind::Denied);
        world.failing.insert(region("me-south-1"), ReasonKind::NotEnabled);
        world
    }

    pub(super) fn add(&mut self, aliases: &str, tail: &str, description: &str, members: &str) {
        let id = id(tail);
        let members: Vec<(Region, &str)> = members
            .split(' ')
            .map(|word| word.split_once(':').unwrap())
            .map(|(short, letters)| (by_short(short), letters))
            .collect();
        let primary = members.iter().find(|(_, letters)| letters.starts_with('P')).map(|(region, _)| region.clone());
        for (region, letters) in &members {
            let key = described(&id, region, (primary.as_ref(), letters), &members, description);
            self.keys.insert((region.clone(), id.clone()), key);
            let spoken = aliases.split(' ').filter(|name| !name.is_empty());
            let named = spoken.map(|name| (Foreign::new(format!("alias/{name}")), Arc::from(id.as_str())));
            self.aliases.entry(region.clone()).or_default().extend(named);
        }
    }

    pub(super) fn key_mut(&mut self, tail: &str, at: &str) -> &mut RegionalKey {
        self.keys.get_mut(&(region(at), id(tail))).unwrap()
    }

    /// What the edge would report for an effect; nothing for what is held back.
    pub(super) fn perform(&mut self, effect: &Effect, now: Timestamp) -> Option<Message> {
        let message = match effect {
            Effect::Connect { login } => Message::Connected {
                login: *login,
                result: Ok(Connection { region: Some(region("us-east-1")), endpoint: None }),
            },
            Effect::Read { asked, place, request } => {
                let left = self.holding.get_mut(&place.region);
                match left {
                    Some(0) => return None,
                    Some(left) => *left -= 1,
                    None => {}
                }
                let result = self.read(place, request, now);
                let took = Duration::from_millis(31);
                Message::Answer { asked: *asked, place: place.clone(), result, took, request_id: None }
            }
            Effect::WakeAt(_) | Effect::Release { .. } => return None,
            Effect::Freeze { change, .. } => Message::Frozen { change: *change, result: Ok(()) },
            Effect::Identify { change, region } => {
                let result = Ok(identity(region, now));
                Message::Identified { change: *change, region: region.clone(), result }
            }
            Effect::RecordIntent { change, .. } => {
                Message::Recorded { change: *change, kind: crate::domain::plan::RecordKind::Intent, result: Ok(()) }
            }
            Effect::Send { change } => {
                let lost = Reply::Broken { why: "connection reset".into() };
                Message::Replied { change: *change, reply: if self.loses_replies { lost } else { accepted() } }
            }
            Effect::RecordOutcome { change, kind, .. } => {
                Message::Recorded { change: *change, kind: *kind, result: Ok(()) }
            }
        };
        Some(message)
    }

    /// Whether the answer to it is held back for good.
    pub(super) fn holds(&self, effect: &Effect) -> bool {
        matches!(effect, Effect::Read { place, .. } if self.holding.get(&place.region) == Some(&0))
    }

    fn read(&self, place: &Place, request: &ReadRequest, now: Timestamp) -> Result<Answer, Failure> {
        if let Some(kind) = self.failing.get(&place.region) {
            return Err(failure(*kind, now));
        }
        match request {
            ReadRequest::ListKeys { .. } => {
                let own = self.keys.keys().filter(|(region, _)| *region == place.region);
                let multi_region: Vec<KeyArn> = own.map(|(region, id)| arn(id, region)).collect();
                let listed = u32::try_from(multi_region.len()).unwrap() + self.single_region;
                let next = if self.cut.contains(&place.region) { Next::Lost } else { Next::End };
                Ok(Answer::Keys { listed, multi_region, unnamed: Vec::new(), next })
            }
            ReadRequest::ListAliases { .. } => {
                let aliases = self.aliases.get(&place.region).cloned().unwrap_or_default();
                Ok(Answer::Aliases { aliases, next: Next::End })
            }
            ReadRequest::DescribeKey { arn } => {
                let name = (arn.region.clone(), arn.id.clone());
                if self.unreadable.contains(&name) {
                    return Err(failure(ReasonKind::DeniedByKeyPolicy, now));
                }
                let found = self.keys.get(&name).cloned();
                found.map(|key| Answer::Key(Box::new(key))).ok_or_else(|| Failure {
                    reason: Reason::of(ReasonKind::Contradiction),
                    class: FailureClass::NotFound,
                })
            }
            ReadRequest::GetKeyPolicy { .. } => {
                let policy = self.policies.get(&place.region).copied().unwrap_or(POLICY);
                Ok(Answer::Policy(Foreign::new(policy)))
            }
            ReadRequest::ListResourceTags { .. } => {
                let tag = |(key, value): &(&str, &str)| Tag { key: Foreign::new(*key), value: Foreign::new(*value) };
                let tags = self.tags.get(&place.region).copied().unwrap_or(TAGS);
                Ok(Answer::Tags { tags: tags.iter().map(tag).collect(), next: Next::End })
            }
            ReadRequest::GetKeyRotationStatus { .. } => Ok(Answer::Rotation(Rotation::Off)),
            ReadRequest::GetCallerIdentity => Ok(Answer::Identity(identity(&place.region, now))),
        }
    }
}

const TAGS: &[(&str, &str)] = &[("env", "prod"), ("tier", "1"), ("aws:cloudformation:stack-name", "base")];

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Sid":"Root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
  {"Sid":"Disks","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/Disks"},"Action":"kms:Decrypt",
   "Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"ebs.us-east-1.amazonaws.com"}}}]}"#;

fn accepted() -> Reply {
    Reply::Answered { status: 200, code: None, message: None, request_id: Some(Foreign::new("3a5f")) }
}

fn identity(from: &Region, at: Timestamp) -> Identity {
    Identity {
        account: AccountId::parse("111122223333").unwrap(),
        caller_arn: Foreign::new("arn:aws:sts::111122223333:assumed-role/KmsOps/maria"),
        from: from.clone(),
        at,
    }
}

fn failure(kind: ReasonKind, at: Timestamp) -> Failure {
    let (code, message) = if kind == ReasonKind::NotEnabled {
        ("UnrecognizedClientException", "The security token included in the request is invalid.")
    } else {
        ("AccessDeniedException", "User: maria is not authorized to perform this with an explicit deny")
    };
    let reason = Reason {
        code: Some(Foreign::new(code)),
        message: Some(Foreign::new(message)),
        request_id: Some(Foreign::new("0d2f6c1e-7a53-4b1e-9d6e-2f4f0a0c8d11")),
        at: Some(at),
        next_step: Safe::from_static(kind.next_step()),
        ..Reason::of(kind)
    };
    let class = if kind == ReasonKind::Timeout { FailureClass::Transport } else { FailureClass::Refused };
    Failure { reason, class }
}

fn described(
    id: &KeyId,
    region: &Region,
    (primary, letters): (Option<&Region>, &str),
    members: &[(Region, &str)],
    description: &str,
) -> RegionalKey {
    let state = match letters.chars().nth(1) {
        Some('!') => KeyState::PendingDeletion,
        Some('w') => KeyState::PendingReplicaDeletion,
        Some('d') => KeyState::Disabled,
        Some('i') => KeyState::PendingImport,
        Some('~') => KeyState::Updating,
        _ => KeyState::Enabled,
    };
    let dies = if id.tail() == "c04be1" { "2026-12-20T19:00:00Z" } else { "2026-11-24T18:12:00Z" };
    let replicas = members.iter().filter(|(other, _)| Some(other) != primary).map(|(other, _)| arn(id, other));
    RegionalKey {
        arn: arn(id, region),
        role: Some(if primary == Some(region) { Role::Primary } else { Role::Replica }),
        primary: primary.map(|primary| arn(id, primary)),
        replicas: replicas.collect(),
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new(if state == KeyState::PendingImport { "EXTERNAL" } else { "AWS_KMS" }),
        description: Foreign::new(description),
        created_at: Some(time("2024-02-11T09:00:00Z")),
        deletion_date: (state == KeyState::PendingDeletion).then(|| time(dies)),
        pending_window_days: (state == KeyState::PendingReplicaDeletion).then_some(30),
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
        state,
    }
}
