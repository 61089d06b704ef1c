//! A screen as a picture: what a terminal would show of a buffer, as SVG text.
//!
//! Only tests use it, to keep the pictures of the documentation equal to what the program draws.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Of one cell, in pixels.
const WIDTH: u32 = 8;
const HEIGHT: u32 = 17;
/// From the top of a cell to the line that letters stand on.
const BASE: u32 = 13;
const MARGIN: u32 = 10;

const GROUND: &str = "#14171f";
const INK: &str = "#d6dae3";

/// Cells side by side that look the same.
struct Run {
    column: u32,
    columns: u32,
    text: String,
    ink: String,
    ground: Option<String>,
    modifier: Modifier,
}

/// The buffer as SVG.
pub(crate) fn svg(buffer: &Buffer) -> String {
    let area = buffer.area();
    let (width, height) = (u32::from(area.width) * WIDTH + 2 * MARGIN, u32::from(area.height) * HEIGHT + 2 * MARGIN);
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{GROUND}\"/>\n"
    );
    for row in 0..area.height {
        for run in runs(buffer, row) {
            draw(&mut picture, &run, u32::from(row));
        }
    }
    picture.push_str("</svg>\n");
    picture
}

fn runs(buffer: &Buffer, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..buffer.area().width {
        let Some(cell) = buffer.cell((column, row)) else { continue };
        let (ink, ground) = colours(cell);
        match runs.last_mut() {
            Some(run) if run.ink == ink && run.ground == ground && run.modifier == cell.modifier => {
                run.columns += 1;
                run.text.push_str(cell.symbol());
            }
            Some(_) | None => runs.push(Run {
                column: u32::from(column),
                columns: 1,
                text: cell.symbol().to_owned(),
                ink,
                ground,
                modifier: cell.modifier,
            }),
        }
    }
    runs
}

fn draw(picture: &mut String, run: &Run, row: u32) {
    let (x, y) = (MARGIN + run.column * WIDTH, MARGIN + row * HEIGHT);
    let width = run.columns * WIDTH;
    if let Some(ground) = &run.ground {
        let _ =
            writeln!(picture, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{ground}\"/>");
    }
    let blank = run.text.chars().take_while(|character| *character == ' ').count();
    let text = run.text.trim();
    if text.is_empty() {
        return;
    }
    let skip = u32::try_from(blank).unwrap_or(0);
    let columns = run.columns.saturating_sub(skip + trailing(&run.text));
    let _ = writeln!(
        picture,
        "<text x=\"{}\" y=\"{}\" textLength=\"{}\" fill=\"{}\"{} xml:space=\"preserve\">{}</text>",
        x + skip * WIDTH,
        y + BASE,
        columns * WIDTH,
        run.ink,
        attributes(run.modifier),
        escaped(text)
    );
}

fn trailing(text: &str) -> u32 {
    u32::try_from(text.chars().rev().take_while(|character| *character == ' ').count()).unwrap_or(0)
}

fn attributes(modifier: Modifier) -> String {
    let mut attributes = String::new();
    if modifier.contains(Modifier::BOLD) {
        attributes.push_str(" font-weight=\"bold\"");
    }
    if modifier.contains(Modifier::DIM) {
        attributes.push_str(" opacity=\"0.6\"");
    }
    if modifier.contains(Modifier::UNDERLINED) {
        attributes.push_str(" text-decoration=\"underline\"");
    }
    attributes
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Ink and ground of a cell; no ground is the picture's own.
fn colours(cell: &Cell) -> (String, Option<String>) {
    let (ink, ground) = (hex(cell.fg), hex(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        (ground.unwrap_or_else(|| GROUND.to_owned()), Some(ink.unwrap_or_else(|| INK.to_owned())))
    } else {
        (ink.unwrap_or_else(|| INK.to_owned()), ground)
    }
}

/// The colour as most terminals show it; `None` is the terminal's own.
fn hex(colour: Color) -> Option<String> {
    let name = match colour {
        Color::Reset | Color::Indexed(_) => return None,
        Color::Rgb(red, green, blue) => return Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Black => "#14171f",
        Color::Red => "#d0524f",
        Color::Green => "#7fb95e",
        Color::Yellow => "#d9a84a",
        Color::Blue => "#5b8bd6",
        Color::Magenta => "#b98bd0",
        Color::Cyan => "#5fb3b8",
        Color::Gray => "#aab1bf",
        Color::DarkGray => "#7b8394",
        Color::LightRed => "#ff7670",
        Color::LightGreen => "#a0dd7e",
        Color::LightYellow => "#f5cf6b",
        Color::LightBlue => "#82b1ff",
        Color::LightMagenta => "#dcb0f2",
        Color::LightCyan => "#86dbe0",
        Color::White => "#ffffff",
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn a_picture_escapes_its_text_and_keeps_the_grid() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_string(0, 0, " a<&b", Style::new().fg(Color::Red));
        let picture = svg(&buffer);
        assert!(picture.contains(">a&lt;&amp;b</text>"), "{picture}");
        assert!(picture.contains("x=\"18\" y=\"23\" textLength=\"32\" fill=\"#d0524f\""), "{picture}");
    }
}
