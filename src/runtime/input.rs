//! Keys from the terminal, read by one thread of its own, so that neither a slow network nor a slow frame loses or delays one.
//!
//! It waits on the terminal and on a pipe; closing the pipe ends it, and so does a terminal that is gone.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use rustix::event::{PollFd, PollFlags};
use tokio::sync::mpsc;

use super::clock::Clock;
use crate::app::key::{Chord, Key};
use crate::app::message::{KeyPress, Message};
use crate::domain::text::Foreign;

/// Messages that may wait for the loop; a reader that is ahead of it stops reading.
const WAITING: usize = 1_024;

/// What was read, and when, on the monotonic clock.
pub(crate) type Stamped = (Message, Duration);

/// The thread that reads, for as long as this value lives.
pub(crate) struct Input {
    messages: mpsc::Receiver<Stamped>,
    _ends_the_thread: OwnedFd,
}

impl Input {
    pub(crate) fn start(clock: Clock) -> io::Result<Self> {
        let (stop, end) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let (sender, messages) = mpsc::channel(WAITING);
        super::tasks::start_thread("input", move || read_all(&stop, &sender, clock))?;
        Ok(Self { messages, _ends_the_thread: end })
    }

    /// The next message; `None` when the terminal is gone.
    pub(crate) async fn next(&mut self) -> Option<Stamped> {
        self.messages.recv().await
    }

    pub(crate) fn try_next(&mut self) -> Option<Stamped> {
        self.messages.try_recv().ok()
    }
}

/// How long the reader of events is waited for when the terminal has something. After a resize it can miss that a key came with it and finds nothing until the
/// next one: asked without patience, this thread would go round meanwhile as fast as it can.
const PATIENCE: Duration = Duration::from_millis(20);

fn read_all(stop: &OwnedFd, sender: &mpsc::Sender<Stamped>, clock: Clock) {
    while let Ok(true) = wait(stop) {
        while event::poll(PATIENCE).unwrap_or(false) {
            let Ok(event) = event::read() else { return };
            if let Some(message) = message(event)
                && sender.blocking_send((message, clock.now().monotonic)).is_err()
            {
                return;
            }
        }
    }
}

/// Waits for something to read. `false` when the terminal is gone or nobody wants to read any more.
fn wait(stop: &OwnedFd) -> io::Result<bool> {
    let stdin = rustix::stdio::stdin();
    let mut waiting = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
    loop {
        match rustix::event::poll(&mut waiting, None) {
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let [terminal, stop] = waiting;
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    Ok(stop.revents().is_empty() && !terminal.revents().intersects(gone))
}

fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) => press(key).map(Message::Key),
        Event::Paste(text) => Some(Message::Paste(Foreign::new(text))),
        Event::Resize(width, height) => Some(Message::Resized { width, height }),
        Event::FocusGained => Some(Message::FocusGained),
        Event::FocusLost => Some(Message::FocusLost),
        Event::Mouse(_) => None,
    }
}

/// A key that went down, as the application names it. Releases, and keys that it has no name for, are nothing.
fn press(event: KeyEvent) -> Option<KeyPress> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let key = match event.code {
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(number) => Key::Function(number),
        KeyCode::Null
        | KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::PrintScreen
        | KeyCode::Pause
        | KeyCode::Menu
        | KeyCode::KeypadBegin
        | KeyCode::Media(_)
        | KeyCode::Modifier(_) => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(KeyPress { chord: Chord { key, ctrl, alt }, is_repeat: event.kind == KeyEventKind::Repeat })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: KeyCode, modifiers: KeyModifiers, kind: KeyEventKind) -> Option<KeyPress> {
        press(KeyEvent::new_with_kind(code, modifiers, kind))
    }

    #[test]
    fn only_keys_that_went_down_arrive() {
        let down = event(KeyCode::Enter, KeyModifiers::NONE, KeyEventKind::Press).unwrap();
        assert_eq!(down, KeyPress::from(Chord::plain(Key::Enter)));
        assert!(event(KeyCode::Enter, KeyModifiers::NONE, KeyEventKind::Repeat).unwrap().is_repeat);
        assert_eq!(event(KeyCode::Enter, KeyModifiers::NONE, KeyEventKind::Release), None);
        assert_eq!(event(KeyCode::CapsLock, KeyModifiers::NONE, KeyEventKind::Press), None);
        let ctrl = event(KeyCode::Char('r'), KeyModifiers::CONTROL, KeyEventKind::Press).unwrap();
        assert_eq!(ctrl.chord, Chord::ctrl('r'));
    }
}
