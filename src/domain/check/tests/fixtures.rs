//! For every check one key where it fires and one where it is quiet.

use super::builder::{AT, DAY, HOME, Sketch, THERE, default, policy};
use crate::domain::check::tuning::Tuning;
use crate::domain::evidence::Accepted;
use crate::domain::key::{KeyState, Oddity, Rotation};
use crate::domain::text::Foreign;

/// The check, a key where it fires, one where it is quiet.
pub(super) type Fixture = (&'static str, fn() -> Sketch, fn() -> Sketch);

pub(super) const FIXTURES: &[Fixture] = &[
    ("no_single_primary", || Sketch { now: AT.plus(DAY), ..Sketch::pair().moving(HOME, THERE) }, Sketch::pair),
    ("primary_unreadable", || Sketch::pair().refused(HOME), || Sketch::pair().refused(THERE)),
    (
        "odd_answer",
        || Sketch::pair().with(THERE, |member| member.key.oddities = vec![Oddity::OtherArn(Foreign::new("arn"))]),
        Sketch::pair,
    ),
    ("pending_deletion", dying, Sketch::pair),
    ("deletion_never_starts", || waiting(KeyState::Enabled), || waiting(KeyState::PendingDeletion)),
    ("not_usable", || Sketch::pair().state(THERE, KeyState::Disabled), Sketch::pair),
    ("pending_import", || imported(&[]).state(THERE, KeyState::PendingImport), || imported(&[])),
    ("material_expiry", || imported(&[(HOME, 5), (THERE, 5)]), || imported(&[(HOME, 90), (THERE, 90)])),
    ("moving_long", || Sketch { now: AT.plus(DAY), ..creating() }, creating),
    ("no_replica", || Sketch::of(&[HOME]), Sketch::pair),
    ("policy_drift", || Sketch::pair().with(THERE, |member| member.policy = Ok(policy(ADMIN))), Sketch::pair),
    (
        "default_policy_replica",
        || Sketch::pair().with(THERE, |member| member.policy = Ok(default())),
        || Sketch::pair().all(|member| member.policy = Ok(default())),
    ),
    ("open_policy", || Sketch::pair().with(THERE, |member| member.policy = Ok(policy(OPEN))), Sketch::pair),
    ("unmanageable_policy", || Sketch::pair().with(THERE, |member| member.policy = Ok(policy(USE))), Sketch::pair),
    ("rotation_off", || Sketch::pair().with(HOME, |member| member.rotation = Ok(Rotation::Off)), Sketch::pair),
    (
        "rotation_not_synchronised",
        || Sketch::pair().with(THERE, |member| member.key.material_id = Some(Foreign::new("material-0"))),
        Sketch::pair,
    ),
    (
        "tags_drift",
        || Sketch::pair().with(THERE, |member| member.tags = Ok(vec![])),
        || Sketch::pair().with(THERE, |member| member.tags = Ok(vec![("aws:owned", "x"), ("team", "payments")])),
    ),
    ("alias_drift", || Sketch::pair().with(THERE, |member| member.aliases = vec![]), Sketch::pair),
    (
        "description_drift",
        || Sketch::pair().with(THERE, |member| member.key.description = Foreign::new("")),
        Sketch::pair,
    ),
];

pub(super) const ADMIN: &str = r#"{"Sid":"Admin","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/Admin"},"Action":"kms:*","Resource":"*"}"#;
pub(super) const OPEN: &str = r#"{"Sid":"All","Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
pub(super) const USE: &str = r#"{"Sid":"Use","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/App"},"Action":"kms:Decrypt","Resource":"*"}"#;

pub(super) fn dying() -> Sketch {
    Sketch::pair().with(THERE, |member| {
        member.key.state = KeyState::PendingDeletion;
        member.key.deletion_date = Some(AT.plus(DAY * 7));
    })
}

/// A primary that waits for its replica, which is in this state.
pub(super) fn waiting(state: KeyState) -> Sketch {
    let sketch = Sketch::pair().with(HOME, |member| {
        member.key.state = KeyState::PendingReplicaDeletion;
        member.key.pending_window_days = Some(7);
    });
    sketch.with(THERE, |member| {
        member.key.deletion_date = (state == KeyState::PendingDeletion).then(|| AT.plus(DAY * 7));
        member.key.state = state;
    })
}

/// Imported key material that ends in so many days.
pub(super) fn imported(ends: &[(&str, u32)]) -> Sketch {
    let sketch = Sketch::pair().all(|member| {
        member.key.origin = Foreign::new("EXTERNAL");
        member.rotation = Ok(Rotation::NotApplicable);
    });
    ends.iter()
        .fold(sketch, |sketch, (at, days)| sketch.with(at, |member| member.key.valid_to = Some(AT.plus(DAY * *days))))
}

pub(super) fn creating() -> Sketch {
    Sketch::pair().with(THERE, |member| {
        member.key.state = KeyState::Creating;
        member.key.material_id = None;
    })
}

#[test]
fn every_check_fires_where_it_should_and_is_quiet_where_it_should() {
    let tuning = Tuning::default();
    for (id, fires, is_quiet) in FIXTURES {
        for accepted in [Accepted::Declared, Accepted::Listed] {
            let said = super::judged(id, &fires(), (accepted, &tuning));
            // What cannot be read is never a failure; that is all this check is about.
            let verdict = if ["primary_unreadable", "odd_answer"].contains(id) { "unknown" } else { "fail" };
            assert!(said.iter().any(|line| line.starts_with(verdict)), "{id}: {said:?}");
            let said = super::judged(id, &is_quiet(), (accepted, &tuning));
            let is_quiet = said.iter().all(|line| line.starts_with("pass"));
            assert!(is_quiet || *id == "primary_unreadable", "{id}: {said:?}");
        }
    }
}
