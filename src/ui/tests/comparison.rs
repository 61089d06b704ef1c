//! Two members side by side, as an auditor reads them.

use super::stage::{Stage, engine_settings};
use super::story::{World, region};
use crate::domain::reading::ReasonKind;
use crate::ui::theme::Theme;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (50, 12)];

fn check(name: &str, stage: &Stage) {
    let area = *stage.buffer().area();
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}_{}x{}", area.width, area.height), stage.text());
    });
}

/// payments-card-data, its copy in eu-west-1 gone astray.
fn drifted() -> World {
    let mut world = World::story();
    world.policies.insert(
        region("eu-west-1"),
        r#"{"Version":"2012-10-17","Statement":[
          {"Sid":"Root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
          {"Sid":"Disks","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/Disks"},
           "Action":["kms:Decrypt","kms:CreateGrant"],"Resource":"*",
           "Condition":{"StringEquals":{"kms:ViaService":"ebs.eu-west-1.amazonaws.com"}}},
          {"Sid":"Partner","Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"kms:Decrypt","Resource":"*"}]}"#,
    );
    world.tags.insert(region("eu-west-1"), &[("env", "production"), ("cost", "cards")]);
    world
}

#[test]
fn two_members_that_drifted_apart() {
    for size in SIZES {
        let mut stage = Stage::new(size, drifted(), engine_settings());
        stage.settle();
        stage.keys("D");
        check("diff_reading", &stage);
        stage.settle();
        check("diff", &stage);
        stage.keys("G");
        check("diff_end", &stage);
        stage.keys("l");
        check("diff_next", &stage);
    }
}

#[test]
fn a_member_that_cannot_be_read() {
    for size in [(80, 24), (120, 40)] {
        let mut stage = Stage::story(size);
        stage.keys("l l l l l D");
        stage.settle();
        assert!(stage.text().contains("ap-south-1"), "{}", stage.text());
        check("diff_unread", &stage);
    }
}

#[test]
fn without_unicode_and_in_a_region_that_went_dark() {
    let mut stage = Stage::new((80, 24), drifted(), engine_settings());
    stage.settle();
    stage.theme = Theme::auto(true, false);
    stage.keys("D");
    stage.settle();
    stage.world.failing.insert(region("eu-west-1"), ReasonKind::Timeout);
    for _ in 0..8 {
        stage.pass(std::time::Duration::from_secs(25));
        stage.settle();
    }
    check("diff_dark_ascii", &stage);
}
