//! Marks on the screen: a sign before the name, and a count that leaves nothing out, at every size.

use ratatui::style::Color;

use super::stage::Stage;
use super::tones::style;

fn check(name: &str, stage: &Stage) {
    let area = *stage.buffer().area();
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}_{}x{}", area.width, area.height), stage.text());
    });
}

#[test]
fn marks_are_shown_and_counted_at_every_size() {
    for size in [(80, 24), (120, 40), (50, 12), (160, 50)] {
        let mut stage = Stage::story(size);
        stage.keys("space j space");
        check("marks", &stage);
        stage.keys("/").types("state:disabled").keys("enter");
        check("marks_hidden", &stage);
        stage.keys("esc g V j j");
        check("marks_range", &stage);
    }
}

#[test]
fn a_marked_row_says_so_without_colours() {
    let mut stage = Stage::story((80, 24));
    stage.keys("space");
    let text = stage.text();
    assert!(text.lines().any(|line| line.starts_with(" +payments-card-data")), "{text}");
    assert_eq!(style(&stage, "+payments-card-data", "+").fg, Some(Color::Cyan));
    let marked = Stage::story((80, 24));
    let columns = |stage: &Stage| stage.text().lines().nth(3).map(str::to_owned);
    assert_eq!(columns(&stage), columns(&marked), "nothing is pushed aside");
}
