//! What is told of a fleet that changes, fails and comes back.

use super::*;
use crate::domain::fleet::Scope;
use crate::domain::id::{KeyArn, Partition};
use crate::domain::reading::{Asked, Reason, ReasonKind};

const EAST: &str = "us-east-1";
const WEST: &str = "us-west-2";

/// A fleet of one key, its Regions answering what the test says, and one who watches it.
struct World {
    fleet: Fleet,
    watch: Watch,
    asked: u64,
}

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn place(at: &str) -> Place {
    Place::new(Login(0), region(at))
}

fn arn(at: &str) -> KeyArn {
    let account = AccountId::parse("111122223333").unwrap();
    KeyArn { partition: Partition::Aws, region: region(at), account, id: KeyId::parse("mrk-1").unwrap() }
}

fn described(at: &str, state: KeyState) -> RegionalKey {
    RegionalKey {
        arn: arn(at),
        state,
        role: Some(if at == EAST { Role::Primary } else { Role::Replica }),
        primary: Some(arn(EAST)),
        replicas: Vec::new(),
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new(""),
        created_at: None,
        deletion_date: None,
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}

fn why(kind: ReasonKind) -> Arc<Reason> {
    Arc::new(Reason::of(kind))
}

impl World {
    /// Nothing was read yet.
    fn unread() -> Self {
        let mut fleet = Fleet::default();
        fleet.open(Login(0), Scope { regions: [region(EAST), region(WEST)].into(), auto: false });
        Self { fleet, watch: Watch::default(), asked: 0 }
    }

    /// The key is Enabled in one Region, and the other was listed without it.
    fn new() -> Self {
        let mut world = Self::unread();
        world.list(EAST, true).describe(described(EAST, KeyState::Enabled)).list(WEST, false);
        world
    }

    fn ask(&mut self) -> Asked {
        self.asked += 1;
        Asked(self.asked)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + i64::try_from(self.asked).unwrap() * 1_000)
    }

    fn list(&mut self, at: &str, with_it: bool) -> &mut Self {
        let asked = self.ask();
        self.fleet.begin_listing(&place(at), asked);
        let arns = if with_it { vec![arn(at)] } else { Vec::new() };
        self.fleet.add_page(&place(at), asked, 1, &arns);
        let now = self.now();
        self.fleet.complete_listing(&place(at), asked, now);
        self
    }

    fn fail(&mut self, at: &str, kind: ReasonKind) -> &mut Self {
        let asked = self.ask();
        self.fleet.begin_listing(&place(at), asked);
        self.fleet.fail_listing(&place(at), asked, why(kind));
        self
    }

    fn describe(&mut self, key: RegionalKey) -> &mut Self {
        let (asked, arn) = (self.ask(), key.arn.clone());
        let now = self.now();
        self.fleet.describe(Login(0), &arn, asked, Ok((key, now)));
        self
    }

    fn does_not_find(&mut self, at: &str) -> &mut Self {
        let asked = self.ask();
        self.fleet.describe(Login(0), &arn(at), asked, Err(why(ReasonKind::Contradiction)));
        self
    }

    /// What is told now: the event, its Region, and from what to what.
    fn tells(&mut self, expected: &[&str]) -> &mut Self {
        let now = self.now();
        let told: Vec<String> = self.watch.look(&self.fleet, None, now).iter().map(words).collect();
        assert_eq!(told, expected);
        self
    }
}

fn words(change: &Change) -> String {
    let region = &change.region;
    let name = |text: &Option<Foreign>| text.as_ref().map_or("-", Foreign::original).to_owned();
    match &change.what {
        What::Appeared { state, .. } => format!("appeared {region} {}", state.name()),
        What::Gone { state, .. } => format!("gone {region} {}", state.name()),
        What::Changed { field, from, to, .. } => format!("{} {region} {} > {}", field.name(), name(from), name(to)),
        What::Region { to: RegionStatus::Failed { why, .. }, .. } => format!("region {region} {}", why.kind.name()),
        What::Region { .. } => format!("region {region} well"),
    }
}

#[test]
fn of_the_first_reading_nothing_is_told_and_nothing_of_one_that_is_the_same() {
    let mut world = World::new();
    world.tells(&[]);
    world.list(EAST, true).describe(described(EAST, KeyState::Enabled)).list(WEST, false).tells(&[]);
}

#[test]
fn another_state_role_description_and_date_are_told() {
    let mut world = World::new();
    world.tells(&[]);
    let mut key = described(EAST, KeyState::PendingDeletion);
    key.deletion_date = Some(Timestamp::from_millis(0));
    key.role = Some(Role::Replica);
    key.description = Foreign::new("old");
    world.describe(key).tells(&[
        "role us-east-1 PRIMARY > REPLICA",
        "state us-east-1 Enabled > PendingDeletion",
        "description us-east-1  > old",
        "deletion_date us-east-1 - > 1970-01-01T00:00:00Z",
    ]);
}

#[test]
fn a_member_appears_where_a_complete_listing_lacked_it_and_is_gone_where_one_lacks_it() {
    let mut world = World::new();
    world.tells(&[]);
    world.list(WEST, true).tells(&[]);
    world.describe(described(WEST, KeyState::Creating)).tells(&["appeared us-west-2 Creating"]);
    world.list(WEST, false).tells(&[]);
    world.does_not_find(WEST).tells(&["gone us-west-2 Creating"]);
}

#[test]
fn a_key_that_was_never_heard_of_appears_and_one_that_nothing_speaks_of_is_gone() {
    let mut world = World::unread();
    world.list(EAST, false).list(WEST, false).tells(&[]);
    world.list(WEST, true).describe(described(WEST, KeyState::Enabled)).tells(&["appeared us-west-2 Enabled"]);
    world.list(WEST, false).does_not_find(WEST);
    assert_eq!(world.fleet.keys().len(), 0);
    world.tells(&["gone us-west-2 Enabled"]);
    world.tells(&[]);
}

#[test]
fn what_could_not_be_read_at_first_does_not_appear() {
    let mut world = World::unread();
    world.list(EAST, true).describe(described(EAST, KeyState::Enabled)).fail(WEST, ReasonKind::Timeout).tells(&[]);
    world.list(WEST, true).tells(&["region us-west-2 well"]);
    world.describe(described(WEST, KeyState::Disabled)).tells(&[]);
}

#[test]
fn a_region_that_fails_takes_no_key_with_it() {
    let mut world = World::new();
    world.tells(&[]);
    world.list(WEST, true).describe(described(WEST, KeyState::Enabled)).tells(&["appeared us-west-2 Enabled"]);
    world.fail(WEST, ReasonKind::Timeout).tells(&["region us-west-2 timeout"]);
    world.fleet.set_outage(&place(WEST), why(ReasonKind::Connect));
    world.tells(&["region us-west-2 connect"]);
    world.does_not_find(WEST).tells(&[]);
    world.list(WEST, true).tells(&["region us-west-2 well"]);
    world.describe(described(WEST, KeyState::Disabled)).tells(&["state us-west-2 Enabled > Disabled"]);
}

#[test]
fn a_key_that_vanishes_in_a_region_that_proves_nothing_is_not_gone() {
    let mut world = World::new();
    world.tells(&[]);
    world.list(EAST, false).fail(EAST, ReasonKind::Denied).does_not_find(EAST);
    assert_eq!(world.fleet.keys().len(), 0);
    world.tells(&["region us-east-1 denied"]);
    world.list(EAST, false).tells(&["region us-east-1 well", "gone us-east-1 Enabled"]);
}

#[test]
fn a_filter_tells_of_the_keys_that_it_keeps_or_kept() {
    let mut world = World::new();
    world.watch = Watch::new(Some(Filter::parse("state:enabled").unwrap()));
    world.tells(&[]);
    world.describe(described(EAST, KeyState::Disabled)).tells(&["state us-east-1 Enabled > Disabled"]);
    world.describe(described(EAST, KeyState::PendingImport)).tells(&[]);
}
