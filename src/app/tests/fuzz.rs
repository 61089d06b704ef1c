//! Any keys at all: a read-only run asks for no change, and nothing panics.

use super::*;
use crate::app::key::{Chord, Key};
use crate::app::message::Message;

/// A small generator of its own: the sequence must be the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }
}

fn chord(dice: &mut Dice) -> Chord {
    const KEYS: [Key; 15] = [
        Key::Enter,
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::Backspace,
        Key::Up,
        Key::Down,
        Key::Left,
        Key::Right,
        Key::PageUp,
        Key::PageDown,
        Key::Home,
        Key::Function(2),
        Key::Function(3),
        Key::Function(4),
    ];
    const LETTERS: &[u8] = b"RKPERKPEjkhlgGqsSvyctpioanNe/?!1567deus-west-2eu-west-1yes3333 u*Vx  zwHz5keep 2done";
    match dice.roll(8) {
        0..4 => Chord::char(char::from(LETTERS[dice.roll(LETTERS.len())])),
        4..6 => Chord::plain(KEYS[dice.roll(KEYS.len())]),
        6 => Chord::ctrl(char::from(b'a' + u8::try_from(dice.roll(26)).unwrap())),
        _ => Chord::char(char::from_u32(u32::try_from(dice.roll(0x3000)).unwrap()).unwrap_or('x')),
    }
}

fn play(harness: &mut Harness, seed: u64, presses: usize) {
    let mut dice = Dice(seed);
    for _ in 0..presses {
        match dice.roll(60) {
            0 => harness.wait(Duration::from_secs(1)),
            1 => {
                let (width, height) = (u16::try_from(dice.roll(200)).unwrap(), u16::try_from(dice.roll(60)).unwrap());
                harness.tell(Message::Resized { width, height });
            }
            2 => harness.paste("eu-west-1\nyes\n"),
            3 => harness.tell(Message::Resumed),
            4 => harness.hold(chord(&mut dice)),
            _ => harness.press(chord(&mut dice)),
        }
    }
}

#[test]
fn a_read_only_run_asks_for_no_change_whatever_is_pressed() {
    for seed in 1..=20 {
        let mut settings = engine();
        settings.read_only = true;
        let mut harness = Harness::open(unlocked(), settings, three_keys());
        play(&mut harness, seed * 7_919, 5_000);
        assert_eq!(changes(&harness.take_effects()), [""; 0], "seed {seed}");
    }
}

#[test]
fn a_locked_run_that_is_never_unlocked_asks_for_no_change() {
    for seed in 1..=20 {
        let mut settings = settings();
        settings.keymap = crate::app::keymap::Keymap::with(&[("writes".to_owned(), Vec::new())]).unwrap();
        let mut harness = Harness::open(settings, engine(), three_keys());
        play(&mut harness, seed * 104_729, 5_000);
        assert_eq!(changes(&harness.take_effects()), [""; 0], "seed {seed}");
    }
}

#[test]
fn every_change_of_an_open_run_was_recorded_before_it_was_sent() {
    let mut harness = Harness::open(unlocked(), engine(), three_keys());
    play(&mut harness, 15_485_863, 3_000);
    let effects = harness.take_effects();
    let count = |name| changes(&effects).iter().filter(|change| **change == name).count();
    assert!(count("Send") <= count("RecordIntent") && count("RecordIntent") <= count("Freeze"));
}
