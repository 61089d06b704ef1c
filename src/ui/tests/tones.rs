//! What colour repeats, and what remains without it.

use ratatui::style::{Color, Modifier};

use super::stage::{Stage, engine_settings};
use super::story::{START, World};
use crate::app::message::Message;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::{AccountId, Login};
use crate::domain::key::KeyState;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::engine::tests::world::member;
use crate::ui::theme::Theme;

/// The style of the first cell of `needle` in the line that holds `line`.
pub(super) fn style(stage: &Stage, line: &str, needle: &str) -> ratatui::style::Style {
    let text = stage.text();
    let row = text.lines().position(|found| found.contains(line)).unwrap_or_else(|| panic!("{line} in\n{text}"));
    let found = text.lines().nth(row).unwrap();
    let bytes = found.find(needle).unwrap_or_else(|| panic!("{needle} in {found}"));
    let column = crate::ui::measure::width(found.split_at(bytes).0);
    stage.buffer().cell((column, u16::try_from(row).unwrap())).unwrap().style()
}

#[test]
fn danger_is_red_and_absence_is_quiet() {
    let stage = Stage::story((80, 24));
    assert_eq!(style(&stage, "DYING", "2 DYING").fg, Some(Color::LightRed));
    assert_eq!(style(&stage, "ledger-archive", "Pw").fg, Some(Color::LightRed));
    assert_eq!(style(&stage, "ledger-archive", "·").fg, Some(Color::DarkGray));
    assert_eq!(style(&stage, "aps1 DENIED", "aps1 DENIED").fg, Some(Color::LightRed));
    assert_eq!(style(&stage, "sessions-jwt", "Rd").fg, Some(Color::Yellow));
}

#[test]
fn what_was_last_seen_is_greyed_with_its_age() {
    let at = Timestamp::parse(START).unwrap();
    let account = AccountId::parse("111122223333").unwrap();
    let mut last_seen = LastSeen::new(Login(0), account, Timestamp::from_millis(at.millis() - 7_200_000));
    let mut key = member("mrk-1", "us-east-1", "us-east-1", &[]);
    key.state = KeyState::PendingDeletion;
    last_seen.add(key, at, vec![Foreign::new("alias/former")]);
    let mut stage = Stage::new((120, 40), World::story(), engine_settings());
    stage.model.recall(last_seen.finish());
    stage.send(Message::Resized { width: 120, height: 40 });
    stage.draw();
    let text = stage.text();
    assert!(text.contains("last seen 2h00m ago") && text.contains("these keys are as they were last seen"), "{text}");
    let greyed = [style(&stage, "former", "former"), style(&stage, "former", "P!")];
    for style in greyed {
        assert!(style.add_modifier.contains(Modifier::DIM) || style.fg == Some(Color::DarkGray), "{style:?}");
    }
    assert!(!text.contains("is deleted"), "a former run's dates are not this one's: {text}");
    stage.settle();
    assert!(!stage.text().contains("former"), "{}", stage.text());
}

#[test]
fn without_colours_the_cursor_is_found_by_brackets_and_reverse() {
    let mut stage = Stage::story((80, 24));
    stage.theme = Theme::auto(true, true);
    stage.keys("l");
    let text = stage.text();
    let row = text.lines().find(|line| line.starts_with('▌')).unwrap();
    assert!(row.contains('['), "{row}");
    let name = row.split_whitespace().nth(1).unwrap().to_owned();
    let bracket = style(&stage, &name, "[");
    assert!(bracket.add_modifier.contains(Modifier::REVERSED), "{bracket:?}");
    for cell in stage.buffer().content() {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
}

#[test]
fn without_utf8_nothing_but_ascii_is_drawn() {
    let mut stage = Stage::story((80, 24));
    stage.theme = Theme::auto(false, false);
    for keys in ["l", "a", "esc", "?", "esc", "6"] {
        stage.keys(keys);
        assert!(stage.text().is_ascii(), "{}", stage.text());
    }
}
