//! What should be the same in all related keys.

use super::builder::{HOME, Sketch, THERE};
use super::{check, check_listed, check_with};
use crate::domain::check::tuning::Tuning;
use crate::domain::evidence::Accepted;
use crate::domain::filter::Glob;
use crate::domain::key::{KeyState, Rotation};
use crate::domain::reading::ReasonKind;
use crate::domain::text::Foreign;

const WEST: &str = "us-west-2";

fn described(sketch: Sketch, at: &str, text: &str) -> Sketch {
    sketch.with(at, |member| member.key.description = Foreign::new(text))
}

#[test]
fn two_members_that_differ_do_so_whatever_else_is_dark() {
    let drifted = described(Sketch::three(), THERE, "invoices");
    check(
        "description_drift",
        &drifted,
        &["fail eu-west-1: eu-west-1 against the primary in us-east-1: \"invoices\" instead of \"payments\""],
    );
    check(
        "description_drift",
        &drifted.clone().dark(HOME),
        &[
            "unknown: not read: a member in us-east-1: no answer in time",
            "fail us-west-2: us-west-2 against eu-west-1 (the primary's could not be read): \"payments\" instead of \"invoices\"",
        ],
    );
    check("description_drift", &drifted.dark(THERE), &["unknown"]);
    check("description_drift", &Sketch::three().dark("ap-south-1"), &["pass"]);
    check_listed("description_drift", &Sketch::three().dark("ap-south-1"), &["unknown"]);
}

#[test]
fn one_member_alone_differs_from_none() {
    check("description_drift", &Sketch::of(&[HOME]), &[]);
    check_listed("description_drift", &Sketch::of(&[HOME]).dark(THERE), &["unknown"]);
}

#[test]
fn descriptions_are_told_by_what_is_missing() {
    check(
        "description_drift",
        &described(Sketch::pair(), THERE, ""),
        &["fail eu-west-1: eu-west-1 against the primary in us-east-1: no description instead of \"payments\""],
    );
    check(
        "description_drift",
        &described(Sketch::pair(), HOME, ""),
        &["fail eu-west-1: eu-west-1 against the primary in us-east-1: \"payments\" instead of none"],
    );
}

#[test]
fn tags_differ_by_key_and_value_apart_from_those_that_may() {
    let other = |tags: Vec<(&'static str, &'static str)>| Sketch::pair().with(THERE, |member| member.tags = Ok(tags));
    check(
        "tags_drift",
        &other(vec![("team", "billing"), ("aws:x", "1")]),
        &["fail eu-west-1: eu-west-1 against the primary in us-east-1: lacks team=payments; also has team=billing"],
    );
    check(
        "tags_drift",
        &other(vec![]),
        &["fail eu-west-1: eu-west-1 against the primary in us-east-1: lacks team=payments"],
    );
    check("tags_drift", &other(vec![("aws:x", "1"), ("team", "payments")]), &["pass"]);
    let tuning = Tuning { ignored_tags: vec![Glob::whole("te*")], ..Tuning::default() };
    check_with("tags_drift", &other(vec![]), (Accepted::Declared, &tuning), &["pass"]);
    let denied = Sketch::pair().with(THERE, |member| member.tags = Err(ReasonKind::DeniedByKeyPolicy));
    check("tags_drift", &denied, &["unknown eu-west-1: ListResourceTags in eu-west-1: access denied"]);
    check(
        "tags_drift",
        &Sketch { reads_deep: false, ..Sketch::pair() },
        &["unknown eu-west-1: ListResourceTags in eu-west-1: not read yet", "unknown us-east-1"],
    );
}

#[test]
fn aliases_differ_by_name_and_are_unknown_where_the_region_does_not_tell() {
    let none = Sketch::pair().with(THERE, |member| member.aliases = vec![]);
    check("alias_drift", &none, &["fail eu-west-1: eu-west-1 against the primary in us-east-1: lacks alias/payments"]);
    let more = Sketch::pair().with(THERE, |member| member.aliases = vec!["alias/old", "alias/payments"]);
    check("alias_drift", &more, &["fail eu-west-1: eu-west-1 against the primary in us-east-1: also has alias/old"]);
    let tuning = Tuning { ignored_aliases: vec![Glob::whole("alias/o*")], ..Tuning::default() };
    check_with("alias_drift", &more, (Accepted::Declared, &tuning), &["pass"]);
    let untold = Sketch { without_aliases: [(THERE, ReasonKind::Denied)].into(), ..none };
    check("alias_drift", &untold, &["unknown eu-west-1: ListAliases in eu-west-1: access denied"]);
}

#[test]
fn rotation_is_the_primarys_word_for_all() {
    let off = Sketch::pair().with(HOME, |member| member.rotation = Ok(Rotation::Off));
    check("rotation_off", &off, &["fail: automatic rotation is off, says the primary in us-east-1"]);
    check("rotation_off", &off.clone().dark(THERE), &["fail"]);
    check("rotation_off", &off.clone().dark(HOME), &["unknown"]);
    check("rotation_off", &off.clone().state(HOME, KeyState::PendingReplicaDeletion), &[]);
    check_listed("rotation_off", &Sketch::pair().dark(THERE), &["pass"]);
    let denied = Sketch::pair().with(HOME, |member| member.rotation = Err(ReasonKind::DeniedByKeyPolicy));
    check("rotation_off", &denied, &["unknown us-east-1: GetKeyRotationStatus in us-east-1: access denied"]);
    let hmac = off.clone().all(|member| member.key.spec = Foreign::new("HMAC_256"));
    check("rotation_off", &hmac, &[]);
    let imported = off.clone().all(|member| member.key.origin = Foreign::new("EXTERNAL"));
    check("rotation_off", &imported, &[]);
    let outside = Sketch { scope: [THERE].into(), ..off };
    check("rotation_off", &outside, &[]);
}

#[test]
fn material_that_differs_is_a_rotation_under_way() {
    let behind = Sketch::three().with(THERE, |member| member.key.material_id = Some(Foreign::new("material-0")));
    check("rotation_not_synchronised", &behind, &["fail eu-west-1"]);
    check("rotation_not_synchronised", &behind.clone().dark(HOME), &["unknown", "fail us-west-2"]);
    let untold =
        |state: KeyState| Sketch::three().state(THERE, state).with(THERE, |member| member.key.material_id = None);
    for state in [KeyState::Creating, KeyState::PendingImport, KeyState::PendingDeletion] {
        check("rotation_not_synchronised", &untold(state), &["pass"]);
    }
    for state in [KeyState::Enabled, KeyState::Disabled, KeyState::Unavailable, KeyState::Other(Foreign::new("New"))] {
        check("rotation_not_synchronised", &untold(state), &["unknown eu-west-1: eu-west-1: AWS does not say"]);
    }
    // Those that can be compared are, whatever the others do not say.
    let both = untold(KeyState::Enabled).with(WEST, |member| member.key.material_id = Some(Foreign::new("material-0")));
    check("rotation_not_synchronised", &both, &["unknown eu-west-1", "fail us-west-2"]);
    let none = Sketch::pair().all(|member| member.key.material_id = None);
    check("rotation_not_synchronised", &none, &[]);
    check_listed("rotation_not_synchronised", &none.dark("ap-south-1"), &["unknown"]);
    check("rotation_not_synchronised", &behind.all(|member| member.key.spec = Foreign::new("RSA_2048")), &[]);
}
