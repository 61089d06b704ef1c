//! Breaks lines to a width, so that nothing of a policy is beyond the edge of the screen. No character is lost and none is added but indentation.

use unicode_width::UnicodeWidthChar as _;

use super::{TextLine, Tone};
use crate::domain::text::{Safe, safe};

/// Narrower than this nothing can be read whatever is done.
const NARROWEST: usize = 16;

/// What follows a break is indented by so much more than the line itself.
const DEEPER: usize = 2;

/// The line in as many lines of the screen as it takes.
pub(super) fn wrap(line: &TextLine, width: usize) -> Vec<TextLine> {
    let width = width.max(NARROWEST);
    let letters: Vec<(Tone, char)> =
        line.pieces.iter().flat_map(|(tone, text)| text.as_str().chars().map(|letter| (*tone, letter))).collect();
    if columns(&letters) <= width {
        return vec![line.clone()];
    }
    let leading = letters.iter().take_while(|(_, letter)| *letter == ' ').count();
    let indent = (leading + DEEPER).min(width / 2);
    let mut wrapped = Vec::new();
    let mut rest = letters.as_slice();
    while !rest.is_empty() {
        let room = if wrapped.is_empty() { width } else { width - indent };
        let (head, tail) = rest.split_at(break_at(rest, room));
        wrapped.push(join(head, if wrapped.is_empty() { 0 } else { indent }));
        rest = tail;
    }
    wrapped
}

/// The text of a column, filled up to its width.
pub(super) fn column(text: &Safe, width: usize) -> Vec<Safe> {
    let width = width.max(NARROWEST);
    let fill = |line: &TextLine| {
        let text = line.plain();
        let used: usize = text.chars().map(|letter| letter.width().unwrap_or(0)).sum();
        safe!("{text}{:1$}", "", width.saturating_sub(used))
    };
    wrap(&TextLine::of(Tone::Plain, text.clone()), width).iter().map(fill).collect()
}

/// How many letters go on a line: after a blank if there is one in its last third, else as many as fit. A mark stays with its letter.
fn break_at(letters: &[(Tone, char)], room: usize) -> usize {
    let mut used = 0;
    let mut fits = 0;
    for (_, letter) in letters {
        used += letter.width().unwrap_or(0);
        if used > room {
            break;
        }
        fits += 1;
    }
    if fits == letters.len() {
        return fits;
    }
    let blank = letters.iter().take(fits).rposition(|(_, letter)| *letter == ' ').map(|place| place + 1);
    blank.filter(|place| *place > fits * 2 / 3).unwrap_or(fits).max(1)
}

fn join(letters: &[(Tone, char)], indent: usize) -> TextLine {
    let mut line = TextLine::default();
    if indent > 0 {
        line = line.and(Tone::Plain, safe!("{:indent$}", ""));
    }
    for piece in letters.chunk_by(|one, other| one.0 == other.0) {
        let tone = piece.first().map_or(Tone::Plain, |(tone, _)| *tone);
        let text: String = piece.iter().map(|(_, letter)| letter).collect();
        line = line.and(tone, safe!("{text}"));
    }
    line
}

fn columns(letters: &[(Tone, char)]) -> usize {
    letters.iter().map(|(_, letter)| letter.width().unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Foreign;

    fn check(text: &str, width: usize, expected: &[&str]) {
        let line = TextLine::of(Tone::Plain, Foreign::new(text).safe());
        let lines: Vec<String> = wrap(&line, width).iter().map(TextLine::plain).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_column_is_as_wide_in_every_line() {
        let lines = column(&Foreign::new("日本日本日本日本日本").safe(), 16);
        let lines: Vec<&str> = lines.iter().map(Safe::as_str).collect();
        assert_eq!(lines, ["日本日本日本日本", "  日本          "]);
    }

    #[test]
    fn what_is_too_long_goes_on_below() {
        check("short", 16, &["short"]);
        check("the quick brown fox jumps", 16, &["the quick brown ", "  fox jumps"]);
        check("  0123456789abcdefghijkl", 16, &["  0123456789abcd", "    efghijkl"]);
        check("0123456789abcdé\u{301}fg", 16, &["0123456789abcdé\u{301}f", "  g"]);
        check("日本日本日本日本日本", 16, &["日本日本日本日本", "  日本"]);
    }
}
