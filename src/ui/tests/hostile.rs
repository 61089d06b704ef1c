//! Text that wants to be something else: escape sequences, bidi overrides, forged lines. It is seen, and does nothing.

use super::stage::{Stage, engine_settings};
use super::story::World;

fn hostile() -> World {
    let mut world = World::healthy();
    world.add("evil\u{1b}[2J\u{202e}", "666666", "line\r\nline \u{9b}31m \u{200b}\u{e0041}", "use1:Pd euw1:R");
    world
}

#[test]
fn nothing_from_outside_reaches_the_terminal_unescaped() {
    let mut stage = Stage::new((120, 40), hostile(), engine_settings());
    stage.settle();
    let mut screens = stage.text();
    for keys in ["enter", "p", "esc", "esc l R", "esc a", "esc 6"] {
        stage.keys(keys);
        stage.settle();
        screens.push_str(&stage.text());
    }
    assert!(screens.contains("evil\\u{1b}[2J\\u{202e}"), "{screens}");
    for character in screens.chars() {
        let is_harmless = character == '\n' || crate::domain::text::is_plain(character);
        assert!(is_harmless, "U+{:04X} on screen", u32::from(character));
    }
}
