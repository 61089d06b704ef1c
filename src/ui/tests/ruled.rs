//! What rules add to the fleet: letters in the cells, words under them, counts above.

use super::stage::Stage;

fn check(name: &str, stage: &Stage) {
    let area = *stage.buffer().area();
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}_{}x{}", area.width, area.height), stage.text());
    });
}

/// The line under the table that speaks of the cell under the cursor.
fn check_words(keys: &str, expected: &str) {
    let mut stage = Stage::ruled((80, 24));
    stage.keys(keys);
    let text = stage.text();
    assert!(text.contains(expected), "{text}");
}

#[test]
fn fleet_under_rules() {
    for size in [(80, 24), (120, 40), (160, 50), (50, 12)] {
        check("fleet_ruled", &Stage::ruled(size));
    }
}

#[test]
fn a_member_that_must_not_be_says_which_rule() {
    check_words("/ e u - p enter l l", "Enabled. Rule eu-residency forbids a member here.");
}

#[test]
fn a_missing_member_says_which_rule() {
    check_words("/ b a c k u p enter l l", "absent: rule dr-tier1 requires a member here");
}

#[test]
fn a_plan_into_a_required_region_says_so() {
    let mut stage = Stage::ruled((80, 50));
    stage.keys("! / b a c k u p enter l l R");
    stage.settle();
    assert!(stage.text().contains("pass  rules: dr-tier1 requires us-west-2 "), "{}", stage.text());
}
