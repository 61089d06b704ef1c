//! The pictures of the documentation are what the program draws.

use std::fs;

use super::stage::Stage;
use crate::ui::picture::svg;

/// Compares a picture with the file in `assets`; `INSTA_UPDATE=always cargo test pictures` draws it anew, as it does every snapshot.
fn check(file: &str, stage: &Stage) {
    let path = format!("assets/{file}");
    let drawn = svg(stage.buffer());
    #[expect(clippy::disallowed_methods, reason = "the switch that also renews the text snapshots")]
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &drawn).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == drawn, "{path} is not what the program draws: run `INSTA_UPDATE=always cargo test pictures`");
}

#[test]
fn pictures_show_the_fleet_and_a_plan() {
    let mut stage = Stage::ruled((120, 34));
    stage.keys("l l l");
    check("fleet.svg", &stage);
    let mut stage = Stage::ruled((80, 24));
    stage.keys("! j j j j j l l R");
    stage.settle();
    stage.keys("f3 pgdn");
    check("plan.svg", &stage);
}
