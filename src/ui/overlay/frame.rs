//! The boxes that lie over a screen and hold a text, a list or a question.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::action::{Action, TABLE};
use crate::app::availability::Availability;
use crate::app::context::Scope;
use crate::app::effect::Exit;
use crate::app::overlay::by_hand::ByHandPrompt;
use crate::app::overlay::menu::Menu;
use crate::app::overlay::prompt::{FilterPrompt, SearchPrompt};
use crate::app::overlay::{Leaving, Viewer};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::ui::canvas::{Canvas, row_of, skip_columns, skip_rows};
use crate::ui::layout::{centred, rows};
use crate::ui::line::Line;
use crate::ui::theme::{Look, Tone};
use crate::ui::widget::{field, text};

/// Draws a text over the whole screen but its first line. Returns the lines that fitted.
pub(crate) fn viewer(canvas: &mut Canvas<'_>, screen: Rect, viewer: &Viewer) -> usize {
    let area = skip_rows(screen, 1);
    let title = Line::of(viewer.title.clone(), Tone::Heading);
    let inside = canvas.frame(area, &title, &[]);
    text::draw(canvas, inside, &viewer.text);
    let lines = usize::from(inside.height);
    let mut foot = text::position(viewer.text.first(), lines, viewer.text.lines().len());
    if let Some(search) = text::search_state(&viewer.text) {
        foot.push("  ", Tone::Plain);
        foot.append(search);
    }
    canvas.line(skip_columns(row_of(area, area.height.saturating_sub(1)), 2), &foot);
    lines
}

/// Lines under the menu that say the whole of what its chosen line has room for only in part.
const MENU_WORDS: u16 = 2;

/// Draws the menu: what can be done here, and what cannot, with the reason. Returns the lines that fitted.
pub(crate) fn menu(canvas: &mut Canvas<'_>, screen: Rect, menu: &Menu, model: &Model) -> usize {
    let list = menu.list();
    let wanted = u16::try_from(list.len()).unwrap_or(u16::MAX).saturating_add(3 + MENU_WORDS);
    let area = centred(skip_rows(screen, 1), 76, wanted);
    let rule = area.height.saturating_sub(MENU_WORDS + 2);
    let inside = canvas.frame(area, &Line::of("What can be done here", Tone::Heading), &[rule]);
    let lines = Rect { height: inside.height.saturating_sub(MENU_WORDS + 1), ..inside };
    let window = list.window(usize::from(lines.height));
    let items = list.items().get(window.first..window.end).unwrap_or_default();
    for (place, action) in rows(lines).zip(items) {
        let is_cursor = list.cursor() == Some(action);
        menu_line(canvas, place, (menu, *action), model, is_cursor);
    }
    let foot = text::position(window.first, window.end - window.first, window.total);
    canvas.line(skip_columns(row_of(area, rule), 2), &foot);
    if let Some(chosen) = list.cursor() {
        let words = skip_rows(inside, inside.height.saturating_sub(MENU_WORDS));
        menu_words(canvas, skip_columns(words, 1), (menu, *chosen));
    }
    usize::from(lines.height)
}

/// The whole of what the chosen line means, or why it cannot be done.
fn menu_words(canvas: &mut Canvas<'_>, area: Rect, (menu, action): (&Menu, Action)) {
    let line = match menu.line(action).map(|line| &line.availability) {
        Some(Availability::No(why)) => Line::of(safe!("Not here: {why}"), Tone::Warning),
        Some(Availability::Yes) | None => Line::of(action.entry().doc, Tone::Plain),
    };
    for (place, line) in rows(area).zip(line.wrap(area.width, 0, canvas.theme())) {
        canvas.line(place, &line);
    }
}

fn menu_line(canvas: &mut Canvas<'_>, place: Rect, (menu, action): (&Menu, Action), model: &Model, is_cursor: bool) {
    let look = |tone| Look { is_on_cursor_row: is_cursor, ..Look::from(tone) };
    if is_cursor {
        canvas.paint(place, look(Tone::Plain));
        canvas.text(place, &"▌".into(), look(Tone::Key));
    }
    let columns = |offset: u16, width: u16| {
        let rest = skip_columns(place, offset);
        Rect { width: rest.width.min(width), ..rest }
    };
    canvas.text(columns(2, 8), &safe!("{}", model.keymap().label(action)), look(Tone::Key));
    match menu.line(action).map(|line| &line.availability) {
        Some(Availability::No(why)) => {
            canvas.text(columns(11, 17), &action.label().into(), look(Tone::Quiet));
            canvas.text(columns(29, u16::MAX), why, look(Tone::Warning));
        }
        Some(Availability::Yes) | None => {
            canvas.text(columns(11, 17), &action.label().into(), look(Tone::Strong));
            canvas.text(columns(29, u16::MAX), &action.entry().doc.into(), look(Tone::Plain));
        }
    }
}

/// Draws what the second key of a copy can be.
pub(crate) fn copy(canvas: &mut Canvas<'_>, screen: Rect, model: &Model) {
    let choices: Vec<_> = TABLE.iter().filter(|entry| entry.scope == Scope::Copy).collect();
    let wanted = u16::try_from(choices.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = centred(skip_rows(screen, 1), 30, wanted);
    let inside = canvas.frame(area, &Line::of("Copy", Tone::Heading), &[]);
    for (place, entry) in rows(inside).zip(choices) {
        let key = Line::of(safe!(" {}  ", model.keymap().label(entry.action)), Tone::Key);
        canvas.line(place, &key.with(entry.label, Tone::Plain));
    }
}

/// Draws the filter being typed at the bottom of the screen, and what is wrong with it under a caret.
pub(crate) fn filter(canvas: &mut Canvas<'_>, screen: Rect, prompt: &FilterPrompt) {
    let pointed = prompt.error.as_ref().map(crate::domain::filter::FilterError::pointed);
    let rows = if pointed.is_some() { 4 } else { 2 };
    let area = skip_rows(screen, screen.height.saturating_sub(rows));
    canvas.clear(area);
    canvas.rule(row_of(area, 0), &Line::of(" filter ", Tone::Heading));
    let cursor = u16::try_from(prompt.line.cursor()).unwrap_or(u16::MAX);
    typed(canvas, row_of(area, 1), &prompt.line.safe(), cursor);
    if let Some(pointed) = pointed {
        canvas.text(skip_columns(row_of(area, 2), 2), &pointed.line, Tone::Plain);
        canvas.text(skip_columns(row_of(area, 3), 2), &pointed.caret, Tone::Danger);
    }
}

/// Draws the search being typed at the bottom of the screen.
pub(crate) fn search(canvas: &mut Canvas<'_>, screen: Rect, prompt: &SearchPrompt) {
    let area = skip_rows(screen, screen.height.saturating_sub(2));
    canvas.clear(area);
    canvas.rule(row_of(area, 0), &Line::of(" search ", Tone::Heading));
    let cursor = u16::try_from(prompt.line.cursor()).unwrap_or(u16::MAX);
    typed(canvas, row_of(area, 1), &prompt.line.safe(), cursor);
}

fn typed(canvas: &mut Canvas<'_>, place: Rect, typed: &Safe, cursor: u16) {
    canvas.text(place, &"/".into(), Tone::Key);
    field::draw(canvas, skip_columns(place, 2), typed, cursor);
}

/// Draws the question what became of a change of which reading cannot tell.
pub(crate) fn by_hand(canvas: &mut Canvas<'_>, screen: Rect, prompt: &ByHandPrompt) {
    let width = screen.width.min(100);
    let fold = |text: &Safe| Line::of(text.clone(), Tone::Plain).wrap(width.saturating_sub(4), 2, canvas.theme());
    let lines: Vec<Line> = prompt.lines().iter().flat_map(fold).collect();
    let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let area = centred(screen, width, wanted);
    let mut title = Line::of("What became of it?", Tone::Loud);
    let mut esc = Line::of("Esc", Tone::Key).with(" leaves it open", Tone::Plain);
    if let Some((number, all)) = prompt.place() {
        title.push(safe!(" {number} of {all} "), Tone::Loud);
        esc.push("   Tab", Tone::Key);
        esc.push(" the next", Tone::Plain);
    }
    let inside = canvas.frame(area, &title, &[]);
    let inside = Rect { width: inside.width.saturating_sub(2), ..skip_columns(inside, 1) };
    for (place, line) in rows(inside).zip(&lines) {
        canvas.line(place, line);
    }
    let below = row_of(inside, inside.height.saturating_sub(2));
    field::draw(canvas, below, &prompt.typed(), u16::try_from(prompt.cursor()).unwrap_or(u16::MAX));
    let enter = match prompt.word() {
        Some(_) => Line::of(" Enter RECORDS IT ", Tone::Loud),
        None => Line::of("Enter waits for one of the two words", Tone::Quiet),
    };
    let last = row_of(inside, inside.height.saturating_sub(1));
    canvas.ends(last, &esc, &enter);
}

/// Draws the question whether to leave while a request is on its way.
pub(crate) fn quit(canvas: &mut Canvas<'_>, screen: Rect, leaving: Leaving, now: Now) {
    let area = centred(screen, 64, 6);
    let inside = canvas.frame(area, &Line::of("A change is on its way", Tone::Loud), &[]);
    let again = match leaving.exit {
        Exit::Done => "q",
        Exit::Interrupted => "Ctrl-C",
    };
    let lines = match leaving.until {
        None => [
            Line::of("Steps are left to be sent, or an answer is not in yet.", Tone::Plain),
            Line::of(safe!("{again}"), Tone::Key)
                .with(" leaves: nothing more is sent, an answer is waited for.", Tone::Plain),
            Line::of("Esc", Tone::Key).with(" stays.", Tone::Plain),
        ],
        Some(until) => [
            Line::of("Nothing more is sent. Leaving when the answer is in,", Tone::Plain),
            Line::of(safe!("at the latest in {}s.", until.saturating_sub(now.monotonic).as_secs()), Tone::Plain),
            Line::of("Esc", Tone::Key).with(" stays.", Tone::Plain),
        ],
    };
    for (place, line) in rows(skip_columns(inside, 1)).zip(lines) {
        canvas.line(place, &line);
    }
}
