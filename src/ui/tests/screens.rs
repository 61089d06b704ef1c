//! Every screen in every state, at the sizes that people have.

use super::stage::{Stage, engine_settings};
use super::story::{EIGHT, World, region};
use crate::domain::id::Partition;
use crate::domain::reading::ReasonKind;
use crate::domain::text::Safe;
use crate::engine::message::{ConnectError, Message};
use crate::engine::settings::Regions;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (50, 12)];

/// Compares a screen with the one that was read and found good.
pub(super) fn check(name: &str, stage: &Stage) {
    let area = *stage.buffer().area();
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}_{}x{}", area.width, area.height), stage.text());
    });
}

#[test]
fn fleet_before_anything_is_known() {
    for size in SIZES {
        check("fleet_first_frame", &Stage::new(size, World::story(), engine_settings()));
    }
}

#[test]
fn fleet_without_credentials() {
    for size in SIZES {
        let mut stage = Stage::new(size, World::story(), engine_settings());
        let error = ConnectError {
            what: Safe::from_static("no credentials found: environment, profile prod, SSO, container, instance"),
            next_step: Safe::from_static("aws sso login --profile prod"),
        };
        let login = crate::domain::id::Login(0);
        stage.send(crate::app::message::Message::Engine(Message::Connected { login, result: Err(error) }));
        stage.draw();
        check("fleet_no_credentials", &stage);
    }
}

#[test]
fn fleet_without_keys() {
    for size in SIZES {
        let mut stage = Stage::new(size, World::default(), engine_settings());
        stage.settle();
        check("fleet_empty", &stage);
    }
}

#[test]
fn fleet_while_it_is_read() {
    for size in SIZES {
        let mut world = World::story();
        world.holding.insert(region("eu-central-1"), 4);
        world.holding.insert(region("sa-east-1"), 0);
        let mut stage = Stage::new(size, world, engine_settings());
        stage.settle();
        check("fleet_loading", &stage);
    }
}

#[test]
fn fleet_with_all_its_troubles() {
    for size in [(80, 24), (120, 40), (50, 12), (160, 50)] {
        let mut stage = Stage::story(size);
        check("fleet_story", &stage);
        if size.0 > 60 {
            stage.keys("l l l");
            check("fleet_story_cell", &stage);
        } else {
            stage.keys("j j");
            check("fleet_story_member", &stage);
        }
    }
}

#[test]
fn fleet_with_no_troubles() {
    for size in SIZES {
        let mut stage = Stage::new(size, World::healthy(), engine_settings());
        stage.settle();
        check("fleet_healthy", &stage);
    }
}

#[test]
fn fleet_filtered() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.keys("/").types("state:pending");
        check("fleet_filter_typed", &stage);
        stage.keys("enter");
        check("fleet_filtered", &stage);
        stage.keys("/ ctrl-u").types("state:nonsense:x").keys("enter");
        check("fleet_filter_wrong", &stage);
    }
}

#[test]
fn fleet_in_thirty_four_regions() {
    let mut settings = engine_settings();
    settings.regions = Regions::Auto;
    let mut world = World::story();
    world.failing.insert(region("ca-central-1"), ReasonKind::Timeout);
    for region in Partition::Aws.regions().into_iter().filter(|region| !region.is_enabled_by_default()) {
        world.failing.insert(region, ReasonKind::NotEnabled);
    }
    let everywhere = "use1:P use2:R usw1:R usw2:R sae1:R euw1:R euw2:R euw3:R euc1:R eun1:R apn1:R apse2:R";
    world.add("everywhere", "00ffee", "", everywhere);
    let mut stage = Stage::new((80, 24), world, settings);
    stage.settle();
    check("fleet_34_regions", &stage);
    stage.keys("l l l l l l l l l l l");
    check("fleet_34_regions_scrolled", &stage);
}

#[test]
fn tree_on_a_wide_screen() {
    let mut stage = Stage::story((120, 40));
    stage.keys("v j");
    check("fleet_tree", &stage);
}

#[test]
fn detail_in_its_sections() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.keys("enter");
        stage.settle();
        check("detail_properties", &stage);
        stage.keys("p");
        stage.settle();
        check("detail_policy", &stage);
    }
}

#[test]
fn regions_and_what_is_wrong_with_them() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.keys("6");
        check("regions", &stage);
    }
}

/// A Region for each reason that a Region can have, and one for each other status.
#[test]
fn regions_in_every_status_for_every_reason() {
    let reasons = [
        ReasonKind::DeniedByKeyPolicy,
        ReasonKind::Denied,
        ReasonKind::NotEnabled,
        ReasonKind::Throttled,
        ReasonKind::Dns,
        ReasonKind::Connect,
        ReasonKind::Tls,
        ReasonKind::Timeout,
        ReasonKind::ExpiredCredentials,
        ReasonKind::ClockSkew,
        ReasonKind::UnexpectedAnswer,
        ReasonKind::ServerError,
        ReasonKind::Internal,
    ];
    for size in [(120, 60), (80, 40)] {
        let mut world = World::story();
        world.failing.clear();
        let sick = Partition::Aws.regions().into_iter().filter(|region| !EIGHT.contains(&region.as_str()));
        world.failing.extend(sick.zip(reasons));
        world.cut.insert(region("us-west-2"));
        world.holding.insert(region("eu-central-1"), 4);
        world.holding.insert(region("sa-east-1"), 0);
        let mut settings = engine_settings();
        let regions = EIGHT.iter().map(|name| region(name)).chain(world.failing.keys().cloned());
        settings.regions = Regions::Only(regions.collect());
        let mut stage = Stage::new(size, world, settings);
        stage.settle();
        check("fleet_every_reason", &stage);
        stage.keys("6");
        check("regions_every_reason", &stage);
        if size.0 == 120 {
            explained(&mut stage);
        }
    }
}

/// What is said of each Region in turn: the reason, the next step, AWS's own words, the request and its time.
fn explained(stage: &mut Stage) {
    let mut all = Vec::new();
    for _ in 0..stage.model.engine().fleet().places().count() {
        let text = stage.text();
        let below = text.lines().skip_while(|line| !line.starts_with('─')).skip(1);
        all.push(below.take_while(|line| !line.starts_with(" An hour")).collect::<Vec<_>>().join("\n"));
        stage.keys("down");
    }
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("regions_every_reason_explained", all.join("\n\n"));
    });
}

#[test]
fn regions_and_what_an_hour_of_them_costs() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.keys("6 end");
        for _ in 0..20 {
            stage.pass(std::time::Duration::from_secs(30));
            stage.settle();
        }
        check("regions_cost", &stage);
    }
}

#[test]
fn journal_of_nothing() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.keys("7");
        check("journal_empty", &stage);
    }
}

#[test]
fn help_menu_and_copy() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.keys("?");
        check("help", &stage);
        stage.keys("esc a");
        check("menu", &stage);
        stage.keys("esc c");
        check("copy", &stage);
        stage.keys("esc esc x");
        stage.settle();
        check("permissions", &stage);
    }
}

#[test]
fn a_dark_region_keeps_its_last_knowledge_with_its_age() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.world.failing.insert(region("eu-west-1"), ReasonKind::Timeout);
        for _ in 0..8 {
            stage.pass(std::time::Duration::from_secs(25));
            stage.settle();
        }
        check("fleet_dark_region", &stage);
    }
}
