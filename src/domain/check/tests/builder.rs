//! A multi-Region key as it is, and the fleet that a reading of it gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::fleet::{Aliases, Fleet, KeyRef, Scope};
use crate::domain::id::{AccountId, KeyArn, KeyId, Login, Partition, Place, Region};
use crate::domain::key::{KeyState, RegionalKey, Role, Rotation, Tag};
use crate::domain::policy::default_policy;
use crate::domain::reading::{Asked, Reading, Reason, ReasonKind};
use crate::domain::rule::Rule;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

pub(crate) const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub(crate) const HOME: &str = "us-east-1";
pub(crate) const THERE: &str = "eu-west-1";
pub(crate) const EMPTY: &str = "ap-south-1";
pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

pub(crate) fn arn(at: &str) -> KeyArn {
    KeyArn { partition: Partition::Aws, region: region(at), account: account(), id: KeyId::parse("mrk-1").unwrap() }
}

pub(crate) fn key() -> KeyRef {
    KeyRef { login: Login(0), id: KeyId::parse("mrk-1").unwrap() }
}

fn account() -> AccountId {
    AccountId::parse("111122223333").unwrap()
}

pub(crate) fn why(kind: ReasonKind) -> Arc<Reason> {
    Arc::new(Reason::of(kind))
}

/// A member as it is, and how the questions about it go.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) key: RegionalKey,
    pub(crate) policy: Result<String, ReasonKind>,
    pub(crate) tags: Result<Vec<(&'static str, &'static str)>, ReasonKind>,
    pub(crate) rotation: Result<Rotation, ReasonKind>,
    pub(crate) aliases: Vec<&'static str>,
    /// DescribeKey is refused.
    pub(crate) refused: Option<ReasonKind>,
    /// The Region's listing has it.
    pub(crate) is_listed: bool,
}

/// A key, the Regions that are read, and how they answer.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) members: BTreeMap<&'static str, Drawn>,
    pub(crate) scope: BTreeSet<&'static str>,
    pub(crate) dark: BTreeMap<&'static str, ReasonKind>,
    /// Regions whose aliases could not be read.
    pub(crate) without_aliases: BTreeMap<&'static str, ReasonKind>,
    pub(crate) reads_deep: bool,
    pub(crate) rules: Vec<Rule>,
    pub(crate) now: Timestamp,
}

impl Sketch {
    /// A settled symmetric key: the first Region has the primary, the others replicas; one more Region is read and has none. All members are alike.
    pub(crate) fn of(regions: &[&'static str]) -> Self {
        let mut sketch = Self {
            members: BTreeMap::new(),
            scope: [HOME, THERE, EMPTY].into(),
            dark: BTreeMap::new(),
            without_aliases: BTreeMap::new(),
            reads_deep: true,
            rules: Vec::new(),
            now: AT.plus(Duration::from_mins(1)),
        };
        for (index, at) in regions.iter().enumerate() {
            let role = if index == 0 { Role::Primary } else { Role::Replica };
            sketch.members.insert(at, drawn((at, role), regions));
        }
        sketch
    }

    pub(crate) fn pair() -> Self {
        Self::of(&[HOME, THERE])
    }

    pub(crate) fn three() -> Self {
        Self { scope: [HOME, THERE, EMPTY, "us-west-2"].into(), ..Self::of(&[HOME, THERE, "us-west-2"]) }
    }

    /// Changes one member.
    pub(crate) fn with(mut self, at: &str, change: impl FnOnce(&mut Drawn)) -> Self {
        change(self.members.get_mut(at).unwrap());
        self
    }

    pub(crate) fn all(mut self, change: impl Fn(&mut Drawn)) -> Self {
        self.members.values_mut().for_each(change);
        self
    }

    pub(crate) fn state(self, at: &str, state: KeyState) -> Self {
        self.with(at, |member| member.key.state = state)
    }

    /// Nothing of this Region can be read.
    pub(crate) fn dark(mut self, at: &'static str) -> Self {
        self.dark.insert(at, ReasonKind::Timeout);
        self
    }

    /// The Region lists the member, and DescribeKey is denied.
    pub(crate) fn refused(self, at: &str) -> Self {
        self.with(at, |member| member.refused = Some(ReasonKind::DeniedByKeyPolicy))
    }

    /// The primary role is on its way from one member to another.
    pub(crate) fn moving(mut self, from: &str, to: &str) -> Self {
        for (at, names) in [(from, to), (to, from)] {
            self = self.with(at, |member| {
                member.key.state = KeyState::Updating;
                member.key.role = Some(Role::Replica);
                member.key.primary = Some(arn(names));
            });
        }
        self
    }

    /// What a reading of the whole scope leaves known.
    pub(crate) fn fleet(&self) -> Fleet {
        let mut fleet = Fleet::default();
        let regions: BTreeSet<Region> = self.scope.iter().map(|name| region(name)).collect();
        fleet.open(Login(0), Scope { regions, auto: false });
        fleet.expect(self.rules.clone().into());
        let mut asked = 0;
        for at in &self.scope {
            asked += 10;
            self.read_region(&mut fleet, at, asked);
        }
        fleet
    }

    fn read_region(&self, fleet: &mut Fleet, at: &'static str, asked: u64) {
        let place = Place::new(Login(0), region(at));
        fleet.begin_listing(&place, Asked(asked));
        if let Some(kind) = self.dark.get(at) {
            fleet.fail_listing(&place, Asked(asked), why(*kind));
            fleet.set_aliases(&place, Asked(asked + 1), Err(why(*kind)));
            return;
        }
        let member = self.members.get(at);
        let listed: Vec<KeyArn> = member.filter(|member| member.is_listed).map(|_| arn(at)).into_iter().collect();
        fleet.add_page(&place, Asked(asked), 1, &listed);
        fleet.complete_listing(&place, Asked(asked), AT);
        let aliases = match self.without_aliases.get(at) {
            Some(kind) => Err(why(*kind)),
            None => Ok((names(member), AT)),
        };
        fleet.set_aliases(&place, Asked(asked + 1), aliases);
        let Some(member) = member.filter(|member| member.is_listed) else { return };
        if let Some(kind) = member.refused {
            fleet.describe(Login(0), &arn(at), Asked(asked + 2), Err(why(kind)));
            return;
        }
        fleet.describe(Login(0), &arn(at), Asked(asked + 2), Ok((member.key.clone(), AT)));
        if self.reads_deep {
            read_deep(fleet, at, (member, asked + 3));
        }
    }
}

fn names(member: Option<&Drawn>) -> Aliases {
    let mut aliases = Aliases::new();
    if let Some(member) = member {
        aliases.insert(Arc::from("mrk-1"), member.aliases.iter().map(|name| Foreign::new(*name)).collect());
    }
    aliases
}

fn read_deep(fleet: &mut Fleet, at: &str, (member, asked): (&Drawn, u64)) {
    let is_replica = member.key.role == Some(Role::Replica);
    let related = fleet.member_mut(&key(), &region(at)).unwrap();
    let policy = member.policy.as_ref().map(|text| (Foreign::new(text.as_str()), AT)).map_err(|kind| why(*kind));
    related.policy.accept(Asked(asked), policy);
    let tag = |(key, value): &(&str, &str)| Tag { key: Foreign::new(*key), value: Foreign::new(*value) };
    let tags = member.tags.as_ref().map(|tags| (Arc::new(tags.iter().map(tag).collect()), AT));
    related.tags.accept(Asked(asked), tags.map_err(|kind| why(*kind)));
    // Rotation is the same for all members, so only the primary is asked.
    if is_replica {
        related.rotation = Reading::NotAsked;
    } else {
        let rotation = member.rotation.clone().map(|rotation| (rotation, AT)).map_err(why);
        related.rotation.accept(Asked(asked), rotation);
    }
}

fn drawn((at, role): (&str, Role), regions: &[&str]) -> Drawn {
    let (primary, replicas) = regions.split_first().unwrap();
    let key = RegionalKey {
        arn: arn(at),
        state: KeyState::Enabled,
        role: Some(role),
        primary: Some(arn(primary)),
        replicas: replicas.iter().map(|at| arn(at)).collect(),
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new("payments"),
        created_at: Some(AT),
        deletion_date: None,
        pending_window_days: None,
        material_id: Some(Foreign::new("material-1")),
        valid_to: None,
        oddities: Vec::new(),
    };
    Drawn {
        key,
        policy: Ok(own_policy(at)),
        tags: Ok(vec![("team", "payments")]),
        rotation: Ok(Rotation::On { period_days: Some(365), next: None }),
        aliases: vec!["alias/payments"],
        refused: None,
        is_listed: true,
    }
}

pub(crate) fn default() -> String {
    default_policy(Partition::Aws, account())
}

/// A policy of the account's own, which names its Region as such policies do.
pub(crate) fn own_policy(at: &str) -> String {
    policy(&format!(
        r#"{{"Sid":"Admin","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:role/Admin"}},"Action":"kms:*","Resource":"*"}},
           {{"Sid":"Use","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:role/App"}},"Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*",
             "Condition":{{"StringEquals":{{"kms:ViaService":"ebs.{at}.amazonaws.com"}}}}}}"#
    ))
}

pub(crate) fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}
