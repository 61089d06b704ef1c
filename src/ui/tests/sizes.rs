//! Any terminal, however small: nothing panics, and what does not fit is not there.

use proptest::prelude::*;

use super::stage::{Stage, engine_settings};
use super::story::World;
use crate::app::message::Message;

#[test]
fn below_the_least_size_only_that_is_said() {
    for (width, height) in [(39, 24), (80, 9), (1, 1), (20, 3)] {
        let stage = Stage::new((width, height), World::story(), engine_settings());
        let text = stage.text();
        assert!(!text.contains("keys"), "{text}");
        assert!(width < 18 || text.contains("terminal too small"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn no_size_panics(width in 1_u16..180, height in 1_u16..56, keys in "[jkhlveaRKPE/?67]{0,12}") {
        let mut stage = Stage::new((width, height), World::story(), engine_settings());
        stage.settle();
        for key in keys.chars() {
            stage.keys(&key.to_string());
            if matches!(key, '/' | '?' | 'a') {
                stage.keys("esc");
            }
        }
        stage.send(Message::Resized { width: height, height: width });
        stage.draw();
        prop_assert_eq!(stage.buffer().area().width, width);
    }
}
