//! What colour repeats, and what remains without it.

use ratatui::style::{Color, Modifier};

use super::stage::Stage;
use crate::ui::theme::Theme;

/// The style of the first cell of `needle` in the line that holds `line`.
fn style(stage: &Stage, line: &str, needle: &str) -> ratatui::style::Style {
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
