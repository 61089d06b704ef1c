//! What is said of two members: by what each of them answered, and by what was left unanswered.

use std::sync::Arc;

use super::*;
use crate::domain::fleet::{Fleet, KeyRef, Scope};
use crate::domain::id::{AccountId, KeyArn, KeyId, Login, Partition, Place};
use crate::domain::key::{KeyState, RegionalKey, Role, Tag};
use crate::domain::policy::default_policy;
use crate::domain::reading::{Asked, Reading, Reason, ReasonKind};
use crate::domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const ONE: &str = "us-east-1";
const OTHER: &str = "eu-west-1";

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn account() -> AccountId {
    AccountId::parse("111122223333").unwrap()
}

fn arn(at: &str) -> KeyArn {
    KeyArn { partition: Partition::Aws, region: region(at), account: account(), id: KeyId::parse("mrk-1").unwrap() }
}

fn key() -> KeyRef {
    KeyRef { login: Login(0), id: KeyId::parse("mrk-1").unwrap() }
}

fn denied() -> Arc<Reason> {
    Arc::new(Reason { code: Some(Foreign::new("AccessDeniedException")), ..Reason::of(ReasonKind::Denied) })
}

fn member(at: &str) -> RegionalKey {
    RegionalKey {
        arn: arn(at),
        state: KeyState::Enabled,
        role: Some(if at == ONE { Role::Primary } else { Role::Replica }),
        primary: Some(arn(ONE)),
        replicas: vec![arn(OTHER)],
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new("cards"),
        created_at: Some(Timestamp::from_millis(if at == ONE { 0 } else { 86_400_000 })),
        deletion_date: None,
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}

fn policy(region: &str, action: &str) -> Foreign {
    let service = format!("ebs.{region}.amazonaws.com");
    Foreign::new(format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Root","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:root"}},
           "Action":"kms:*","Resource":"*"}},{{"Sid":"Disks","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:role/Disks"}},
           "Action":"{action}","Resource":"*","Condition":{{"StringEquals":{{"kms:ViaService":"{service}"}}}}}}]}}"#
    ))
}

fn tags(words: &str) -> Arc<Vec<Tag>> {
    let pairs = words.split_whitespace().map(|word| word.split_once('=').unwrap());
    Arc::new(pairs.map(|(key, value)| Tag { key: Foreign::new(key), value: Foreign::new(value) }).collect())
}

fn known<T>(value: T) -> Reading<T> {
    Reading::Known { value, asked: Asked(9), at: NOW }
}

fn refused<T>(last: Option<T>) -> Reading<T> {
    Reading::Failed { why: denied(), asked: Asked(9), last: last.map(|value| (value, NOW)) }
}

/// A fleet whose two members are alike in everything but what must differ.
struct Pair(Fleet);

impl Pair {
    fn alike() -> Self {
        let mut pair = Self(Fleet::default());
        pair.0.open(Login(0), Scope { regions: [region(ONE), region(OTHER)].into(), auto: false });
        for at in [ONE, OTHER] {
            pair.0.describe(Login(0), &arn(at), Asked(2), Ok((member(at), NOW)));
            let place = Place::new(Login(0), region(at));
            let names = [(Arc::from("mrk-1"), vec![Foreign::new("alias/cards")])].into();
            pair.0.set_aliases(&place, Asked(1), Ok((names, NOW)));
            let held = pair.0.member_mut(&key(), &region(at)).unwrap();
            (held.policy, held.tags) = (known(policy(at, "kms:Decrypt")), known(tags("env=prod tier=1")));
        }
        pair
    }

    fn answers(&mut self, at: &str, change: impl FnOnce(&mut RegionalKey)) {
        let mut described = member(at);
        change(&mut described);
        self.0.describe(Login(0), &arn(at), Asked(8), Ok((described, NOW)));
    }

    fn has_tags(mut self, words: &str) -> Self {
        self.0.member_mut(&key(), &region(OTHER)).unwrap().tags = known(tags(words));
        self
    }

    fn policy(mut self, policy: Reading<Foreign>) -> Self {
        self.0.member_mut(&key(), &region(OTHER)).unwrap().policy = policy;
        self
    }

    fn compare(&self) -> Comparison {
        let row = self.0.row(&key(), NOW).unwrap();
        let (one, other) = (region(ONE), region(OTHER));
        let (one, other) = (Side::new(&self.0, &row, &one), Side::new(&self.0, &row, &other));
        let policies = Arc::new(Texts::of(&one, &other).compare(row.account));
        Comparison { properties: properties(&one, &other), policies }
    }

    /// The pairs of a property.
    fn pairs(&self, name: &str) -> Vec<String> {
        let comparison = self.compare();
        let compared = comparison.properties.iter().find(|compared| compared.property.name() == name).unwrap();
        compared.pairs.iter().map(|[one, other]| format!("{one} | {other}")).collect()
    }
}

fn check(pair: &Pair, expected: &str) {
    assert_eq!(verdict(&pair.compare()).as_str(), expected);
}

#[test]
fn members_that_are_alike_differ_in_nothing_but_what_must() {
    let pair = Pair::alike();
    check(&pair, "no difference");
    assert_eq!(pair.pairs("role"), ["PRIMARY | REPLICA"]);
    assert_eq!(pair.pairs("created"), ["1970-01-01 00:00 UTC | 1970-01-02 00:00 UTC"]);
    let own = pair.compare().properties.into_iter().filter(|compared| compared.likeness == Likeness::Own).count();
    assert_eq!(own, 2);
    assert!(pair.compare().policies.differences.is_empty());
}

#[test]
fn each_property_is_a_difference_of_its_own() {
    let differs = |change: fn(&mut RegionalKey), expected: &str| {
        let mut pair = Pair::alike();
        pair.answers(OTHER, change);
        check(&pair, expected);
    };
    differs(|key| key.description = Foreign::new(""), "1 difference: description");
    differs(|key| key.state = KeyState::Disabled, "1 difference: state");
    differs(|key| key.material_id = Some(Foreign::new("8f3a")), "1 difference: key material");
    differs(|key| key.valid_to = Some(NOW), "1 difference: material until");
    differs(|key| key.deletion_date = Some(NOW), "1 difference: deletion");
    let moves = |key: &mut RegionalKey| (key.primary, key.role) = (Some(arn(OTHER)), Some(Role::Primary));
    differs(moves, "2 differences: role, names primary");
}

#[test]
fn tags_are_compared_one_by_one_and_what_aws_reserves_is_no_difference() {
    let drifted = Pair::alike().has_tags("tier=2 team=cards aws:stack=base");
    check(&drifted, "1 difference: tags");
    assert_eq!(
        drifted.pairs("tags"),
        [
            "missing | aws:stack = base (reserved by AWS)",
            "env = prod | missing",
            "missing | team = cards",
            "tier = 1 | tier = 2"
        ]
    );
    let reserved = Pair::alike().has_tags("env=prod tier=1 aws:stack=base");
    check(&reserved, "no difference");
    assert_eq!(reserved.pairs("tags"), ["missing | aws:stack = base (reserved by AWS)"]);
}

#[test]
fn an_alias_that_only_one_has_is_shown_as_missing() {
    let mut pair = Pair::alike();
    let place = Place::new(Login(0), region(OTHER));
    pair.0.set_aliases(&place, Asked(3), Ok((crate::domain::fleet::Aliases::new(), NOW)));
    check(&pair, "1 difference: aliases");
    assert_eq!(pair.pairs("aliases"), ["alias/cards | missing"]);
    pair.0.set_aliases(&place, Asked(4), Err(denied()));
    check(
        &pair,
        "no difference in what could be read; differed when last read: aliases; \
         not known: aliases (eu-west-1: access denied)",
    );
}

#[test]
fn policies_are_compared_by_what_they_say_each_of_its_own_region() {
    let other = Pair::alike().policy(known(policy(OTHER, "kms:*")));
    check(&other, "1 difference: policy");
    assert_eq!(other.compare().policies.differences.len(), 1);
    assert_eq!(other.compare().policies.default, None);
    let default = Pair::alike().policy(known(Foreign::new(default_policy(Partition::Aws, account()))));
    assert_eq!(default.compare().policies.default, Some(region(OTHER)));
}

#[test]
fn what_is_not_read_is_never_the_same() {
    check(
        &Pair::alike().policy(refused(None)),
        "no difference in what could be read; not known: policy (eu-west-1: access denied)",
    );
    check(&Pair::alike().policy(Reading::Waiting), "no difference so far; being read: policy");
    check(
        &Pair::alike().policy(known(Foreign::new("{"))),
        "no difference in what could be read; not known: policy (eu-west-1: not understood)",
    );
    let both = Pair::alike().policy(Reading::Waiting).has_tags("env=prod");
    check(&both, "1 difference so far: tags; being read: policy");
}

#[test]
fn what_was_read_before_is_shown_and_decides_nothing() {
    let old = Pair::alike().policy(refused(Some(policy(OTHER, "kms:*"))));
    check(
        &old,
        "no difference in what could be read; differed when last read: policy; \
         not known: policy (eu-west-1: access denied)",
    );
    assert_eq!(old.compare().policies.differences.len(), 1);
    let mut failed = Pair::alike();
    failed.0.describe(Login(0), &arn(OTHER), Asked(9), Err(denied()));
    assert_eq!(failed.pairs("state"), ["Enabled | Enabled"]);
    check(
        &failed,
        "no difference in what could be read; not known: state, description, created, deletion (eu-west-1: access denied)",
    );
}

#[test]
fn of_a_region_that_gives_no_answers_nothing_is_certain() {
    let mut pair = Pair::alike();
    pair.0.set_outage(&Place::new(Login(0), region(OTHER)), Arc::new(Reason::of(ReasonKind::Timeout)));
    check(
        &pair,
        "no difference in what could be read; \
         not known: state, description, aliases, tags, created, deletion, policy (eu-west-1: no answer in time)",
    );
}

#[test]
fn texts_that_stand_need_no_second_comparison() {
    let texts = |pair: &Pair| {
        let row = pair.0.row(&key(), NOW).unwrap();
        Texts::of(&Side::new(&pair.0, &row, &region(ONE)), &Side::new(&pair.0, &row, &region(OTHER)))
    };
    let pair = Pair::alike();
    assert_eq!(texts(&pair), texts(&pair));
    assert_ne!(texts(&pair), texts(&Pair::alike().policy(refused(None))));
}
