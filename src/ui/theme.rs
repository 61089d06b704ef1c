//! What a tone looks like. Letters and words carry every meaning; a theme only repeats it, so the monochrome one loses nothing.
//!
//! Nothing here asks the environment: whether colours and UTF-8 are wanted is told by the caller.

use std::borrow::Cow;

use ratatui::style::{Color, Modifier, Style};

use crate::domain::text::is_plain;

/// What a piece of text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tone {
    Plain,
    /// Beside the point: legends, ages, what is absent.
    Quiet,
    /// A name, a total: what the eye looks for.
    Strong,
    /// The head of a column or a box.
    Heading,
    Good,
    /// A deletion clock runs, or a change failed.
    Danger,
    /// Something does not work, or will not without help.
    Warning,
    /// On its way by itself.
    Moving,
    /// Not known.
    Unknown,
    /// A key that can be pressed.
    Key,
    /// Must not be overlooked: reversed in every theme.
    Loud,
}

impl Tone {
    #[cfg(test)]
    pub(crate) const ALL: [Tone; 11] = [
        Tone::Plain,
        Tone::Quiet,
        Tone::Strong,
        Tone::Heading,
        Tone::Good,
        Tone::Danger,
        Tone::Warning,
        Tone::Moving,
        Tone::Unknown,
        Tone::Key,
        Tone::Loud,
    ];
}

impl From<crate::app::text::Tone> for Tone {
    fn from(tone: crate::app::text::Tone) -> Self {
        use crate::app::text::Tone as Meaning;
        match tone {
            Meaning::Plain => Tone::Plain,
            Meaning::Dim | Meaning::Label => Tone::Quiet,
            Meaning::Title => Tone::Heading,
            Meaning::Good => Tone::Good,
            Meaning::Warning => Tone::Warning,
            Meaning::Bad => Tone::Danger,
        }
    }
}

/// A tone where it stands: in a stale column, on the cursor's row, under the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) tone: Tone,
    pub(crate) is_stale: bool,
    pub(crate) is_on_cursor_row: bool,
    pub(crate) is_cursor: bool,
}

impl From<Tone> for Look {
    fn from(tone: Tone) -> Self {
        Self { tone, is_stale: false, is_on_cursor_row: false, is_cursor: false }
    }
}

/// The colours to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Palette {
    Dark,
    Monochrome,
}

/// The characters to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbols {
    Unicode,
    /// The locale is not UTF-8: every other character is written as an escape.
    Ascii,
}

/// How everything looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    pub(crate) palette: Palette,
    pub(crate) symbols: Symbols,
}

impl Theme {
    pub(crate) fn new(palette: Palette, symbols: Symbols) -> Self {
        Self { palette, symbols }
    }

    /// What `theme = "auto"` means. Under `NO_COLOR` the terminal's colour output must be forced on: crossterm would drop reverse and bold with the colours, and
    /// the monochrome theme lives by them.
    pub(crate) fn auto(no_color: bool, is_utf8: bool) -> Self {
        let palette = if no_color { Palette::Monochrome } else { Palette::Dark };
        let symbols = if is_utf8 { Symbols::Unicode } else { Symbols::Ascii };
        Self { palette, symbols }
    }

    pub(crate) fn style(self, look: Look) -> Style {
        let style = match self.palette {
            Palette::Dark => dark(look.tone),
            Palette::Monochrome => monochrome(look.tone),
        };
        let style = if look.is_stale { stale(style) } else { style };
        match (look.is_cursor, look.is_on_cursor_row) {
            (true, _) => self.cursor(style),
            (false, true) => self.cursor_row(style),
            (false, false) => style,
        }
    }

    fn cursor(self, style: Style) -> Style {
        match self.palette {
            Palette::Dark => style.bg(SELECTED).add_modifier(Modifier::BOLD),
            Palette::Monochrome => style.add_modifier(Modifier::REVERSED),
        }
    }

    fn cursor_row(self, style: Style) -> Style {
        match self.palette {
            Palette::Dark => style.bg(ROW),
            Palette::Monochrome => style.add_modifier(Modifier::BOLD),
        }
    }

    /// The text as this terminal can show it.
    pub(crate) fn render(self, text: &str) -> Cow<'_, str> {
        match self.symbols {
            Symbols::Unicode => Cow::Borrowed(text),
            Symbols::Ascii if text.is_ascii() => Cow::Borrowed(text),
            Symbols::Ascii => Cow::Owned(text.chars().fold(String::with_capacity(text.len()), ascii)),
        }
    }

    /// What stands for text that was cut out.
    pub(crate) fn ellipsis(self) -> &'static str {
        match self.symbols {
            Symbols::Unicode => "…",
            Symbols::Ascii => ",",
        }
    }
}

const ROW: Color = Color::Rgb(38, 42, 52);
const SELECTED: Color = Color::Rgb(66, 74, 94);

fn dark(tone: Tone) -> Style {
    let style = Style::new();
    match tone {
        Tone::Plain => style,
        Tone::Quiet => style.fg(Color::DarkGray),
        Tone::Strong => style.add_modifier(Modifier::BOLD),
        Tone::Heading => style.fg(Color::Cyan).add_modifier(Modifier::BOLD),
        Tone::Good => style.fg(Color::Green),
        Tone::Danger => style.fg(Color::LightRed).add_modifier(Modifier::BOLD),
        Tone::Warning => style.fg(Color::Yellow),
        Tone::Moving => style.fg(Color::LightBlue),
        Tone::Unknown => style.fg(Color::Magenta),
        Tone::Key => style.fg(Color::Cyan),
        Tone::Loud => style.fg(Color::Black).bg(Color::LightYellow).add_modifier(Modifier::BOLD),
    }
}

fn monochrome(tone: Tone) -> Style {
    let style = Style::new();
    match tone {
        Tone::Plain | Tone::Good | Tone::Moving => style,
        Tone::Quiet | Tone::Unknown => style.add_modifier(Modifier::DIM),
        Tone::Strong | Tone::Heading | Tone::Warning | Tone::Key => style.add_modifier(Modifier::BOLD),
        Tone::Danger => style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
        Tone::Loud => style.add_modifier(Modifier::BOLD | Modifier::REVERSED),
    }
}

/// Old knowledge is dim whatever it says; the age at the head of the column says the same in words.
fn stale(style: Style) -> Style {
    style.remove_modifier(Modifier::BOLD).add_modifier(Modifier::DIM)
}

/// Our own symbols have a counterpart; of the rest nothing is dropped.
fn ascii(mut text: String, character: char) -> String {
    let counterpart = match character {
        '·' => '.',
        '…' => ',',
        '≠' => '!',
        '▌' | '▸' | '›' | '→' => '>',
        '‹' | '←' => '<',
        '─' | '–' => '-',
        '│' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' => '+',
        '↓' => 'v',
        '↑' => '^',
        '▁' => '_',
        '“' | '”' => '"',
        '×' => 'x',
        plain if plain.is_ascii() && is_plain(plain) => plain,
        other => {
            text.extend(other.escape_unicode());
            return text;
        }
    };
    text.push(counterpart);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monochrome_theme_uses_no_colour_at_all() {
        let theme = Theme::auto(true, true);
        for tone in Tone::ALL {
            for (is_cursor, is_on_cursor_row, is_stale) in [(false, false, false), (true, true, true)] {
                let style = theme.style(Look { tone, is_stale, is_on_cursor_row, is_cursor });
                assert_eq!((style.fg, style.bg), (None, None), "{tone:?}");
            }
        }
    }

    #[test]
    fn without_colour_the_cursor_and_danger_still_stand_out() {
        let theme = Theme::auto(true, true);
        let plain = theme.style(Tone::Plain.into());
        let cursor = Look { is_cursor: true, ..Tone::Plain.into() };
        assert_ne!(theme.style(cursor), plain);
        assert_ne!(theme.style(Tone::Danger.into()), plain);
        assert_ne!(theme.style(Tone::Danger.into()), theme.style(Tone::Warning.into()));
    }

    #[test]
    fn without_utf8_everything_is_ascii_and_nothing_is_dropped() {
        let theme = Theme::auto(false, false);
        assert_eq!(theme.render("· … ▌ → “é”"), r#". , > > "\u{e9}""#);
        assert_eq!(Theme::auto(false, true).render("·…▌"), "·…▌");
    }
}
