//! Lines that are typed: the filter and the search.

use tui_input::{Input, InputRequest};

use crate::app::key::{Chord, Key};
use crate::domain::filter::FilterError;
use crate::domain::text::{Foreign, Safe};

/// Characters that a prompt takes: the filter's own limit.
const LONGEST: usize = 1_024;

/// A line being typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    input: Input,
}

impl Line {
    pub(crate) fn new(text: &Foreign) -> Self {
        Self { input: Input::new(text.safe().as_str().to_owned()) }
    }

    /// What was typed, for eyes.
    pub(crate) fn safe(&self) -> Safe {
        self.foreign().safe()
    }

    pub(crate) fn foreign(&self) -> Foreign {
        Foreign::new(self.input.value())
    }

    /// The cells before the text cursor.
    pub(crate) fn cursor(&self) -> usize {
        self.input.visual_cursor()
    }

    /// Takes a key. What is no ordinary text is refused, so that the line is what it looks like.
    pub(crate) fn key(&mut self, chord: Chord) {
        let Some(request) = request(chord) else { return };
        let types = matches!(request, InputRequest::InsertChar(_));
        if types && self.input.value().chars().count() >= LONGEST {
            return;
        }
        self.input.handle(request);
    }

    /// Takes pasted text as if it had been typed; what is no ordinary text stands escaped.
    pub(crate) fn paste(&mut self, text: &Foreign) {
        for character in text.safe().as_str().chars() {
            self.key(Chord::char(character));
        }
    }
}

fn request(chord: Chord) -> Option<InputRequest> {
    if let Some(character) = chord.typed() {
        return crate::domain::text::is_plain(character).then_some(InputRequest::InsertChar(character));
    }
    match (chord.key, chord.ctrl) {
        (Key::Backspace, false) => Some(InputRequest::DeletePrevChar),
        (Key::Backspace | Key::Char('w'), true) => Some(InputRequest::DeletePrevWord),
        (Key::Delete, _) => Some(InputRequest::DeleteNextChar),
        (Key::Left, false) => Some(InputRequest::GoToPrevChar),
        (Key::Left, true) => Some(InputRequest::GoToPrevWord),
        (Key::Right, false) => Some(InputRequest::GoToNextChar),
        (Key::Right, true) => Some(InputRequest::GoToNextWord),
        (Key::Home, _) | (Key::Char('a'), true) => Some(InputRequest::GoToStart),
        (Key::End, _) | (Key::Char('e'), true) => Some(InputRequest::GoToEnd),
        (Key::Char('u'), true) => Some(InputRequest::DeleteFromStart),
        (Key::Char('k'), true) => Some(InputRequest::DeleteTillEnd),
        (
            Key::Char(_)
            | Key::Enter
            | Key::Esc
            | Key::Tab
            | Key::BackTab
            | Key::Insert
            | Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown
            | Key::Function(_),
            _,
        ) => None,
    }
}

/// The filter being typed. Enter takes it if it parses.
#[derive(Debug, Default)]
pub(crate) struct FilterPrompt {
    pub(crate) line: Line,
    /// What is wrong with it, once Enter was pressed.
    pub(crate) error: Option<FilterError>,
}

/// A search being typed.
#[derive(Debug, Default)]
pub(crate) struct SearchPrompt {
    pub(crate) line: Line,
}
