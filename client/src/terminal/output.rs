//! From one buffer of cells to the next as few bytes as may be: only cells that changed, only
//! colours that change, and the question by which the terminal tells that it has kept up.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Asks where the cursor is; the answer says that all before has been worked off.
const ASK_CURSOR: &[u8] = b"\x1b[6n";
/// Between these a terminal that knows them shows nothing half drawn.
const SYNC_BEGIN: &[u8] = b"\x1b[?2026h";
const SYNC_END: &[u8] = b"\x1b[?2026l";

/// Remembers what the terminal shows.
#[derive(Debug, Default)]
pub struct Output {
    shown: Option<Buffer>,
}

/// What the terminal's pen is set to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

impl Output {
    /// Forgets what is shown: the next frame is drawn whole.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// The bytes that make the terminal show `next`.
    pub fn frame(&mut self, next: Buffer, ask_cursor: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(4_096);
        out.extend_from_slice(SYNC_BEGIN);
        let same_size = self.shown.as_ref().is_some_and(|b| b.area == next.area);
        if !same_size {
            out.extend_from_slice(b"\x1b[0m\x1b[2J");
        }
        let before = self.shown.take().filter(|_| same_size);
        cells(before.as_ref(), &next, &mut out);
        out.extend_from_slice(b"\x1b[0m");
        out.extend_from_slice(SYNC_END);
        if ask_cursor {
            out.extend_from_slice(ASK_CURSOR);
        }
        self.shown = Some(next);
        out
    }
}

fn cells(before: Option<&Buffer>, next: &Buffer, out: &mut Vec<u8>) {
    let mut pen = PLAIN;
    // Where the terminal's cursor is; it stands undefined after the last column.
    let mut cursor = None;
    let (width, height) = (next.area.width, next.area.height);
    for y in 0..height {
        // A wide character covers the cell after it, which must not be written.
        let mut covered = 0;
        for x in 0..width {
            let cell = &next[(x, y)];
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = wide(cell);
            if before.is_some_and(|b| b[(x, y)] == *cell) {
                continue;
            }
            if cursor != Some((x, y)) {
                out.extend_from_slice(format!("\x1b[{};{}H", y + 1, x + 1).as_bytes());
            }
            set_pen(&mut pen, Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }, cell.symbol() == " ", out);
            out.extend_from_slice(cell.symbol().as_bytes());
            let after = x + 1 + covered;
            cursor = (after < width).then_some((after, y));
        }
    }
}

/// Cells that a cell's character covers besides its own.
fn wide(cell: &Cell) -> u16 {
    if cell.symbol().is_ascii() { 0 } else { ratatui::text::Span::raw(cell.symbol()).width().saturating_sub(1) as u16 }
}

/// Sets what differs; a blank cell has no use for a foreground.
fn set_pen(pen: &mut Pen, mut want: Pen, blank: bool, out: &mut Vec<u8>) {
    if blank && want.modifier.is_empty() {
        want.fg = pen.fg;
    }
    if *pen == want {
        return;
    }
    let mut codes: Vec<String> = Vec::with_capacity(4);
    if pen.modifier != want.modifier {
        codes.push("0".into());
        *pen = PLAIN;
        for (flag, code) in
            [(Modifier::BOLD, "1"), (Modifier::DIM, "2"), (Modifier::UNDERLINED, "4"), (Modifier::REVERSED, "7")]
        {
            if want.modifier.contains(flag) {
                codes.push(code.into());
            }
        }
    }
    if pen.fg != want.fg {
        codes.push(colour(want.fg, 38));
    }
    if pen.bg != want.bg {
        codes.push(colour(want.bg, 48));
    }
    out.extend_from_slice(format!("\x1b[{}m", codes.join(";")).as_bytes());
    *pen = want;
}

/// The code of a colour; `base` is 38 for the foreground, 48 for the background.
fn colour(colour: Color, base: u8) -> String {
    match colour {
        Color::Indexed(i) if i < 8 => (base - 8 + i).to_string(),
        Color::Indexed(i) if i < 16 => (base + 52 + i - 8).to_string(),
        Color::Indexed(i) => format!("{base};5;{i}"),
        Color::Rgb(r, g, b) => format!("{base};2;{r};{g};{b}"),
        _ => (base + 1).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::screen::palette::{Depth, Palette};
    use crate::screen::{Scene, draw};
    use crate::staged;
    use crate::ui::Ui;
    use gamera_protocol::ids::Role;

    fn buffer(model: &Model, ui: &Ui, size: (u16, u16), depth: Depth) -> Buffer {
        let palette = Palette { depth, ascii: false };
        draw(&Scene { model, ui, palette, terminal_ms: None }, size)
    }

    fn symbols(buf: &Buffer) -> String {
        let row = |y| (0..buf.area.width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..buf.area.height).map(row).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    #[test]
    fn a_terminal_shows_what_was_drawn_whole_and_by_changes() {
        for depth in [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::True] {
            for size in [(80, 24), (120, 40)] {
                let mut terminal = vt100::Parser::new(size.1, size.0, 0);
                let mut output = Output::default();
                let model = staged::battle(Some(Role::Tank));
                for zoom in [2, 3, 1] {
                    let next = buffer(&model, &Ui { zoom: Some(zoom), ..Ui::default() }, size, depth);
                    let wanted = symbols(&next);
                    terminal.process(&output.frame(next, true));
                    let shown = terminal.screen().contents();
                    let shown: Vec<&str> = shown.lines().map(str::trim_end).collect();
                    assert_eq!(shown.join("\n").trim_end(), wanted, "{depth:?} {size:?} zoom {zoom}");
                }
            }
        }
    }

    #[test]
    fn a_frame_without_changes_is_next_to_nothing() {
        let model = staged::battle(Some(Role::Tank));
        let mut output = Output::default();
        let first = output.frame(buffer(&model, &Ui::default(), (200, 60), Depth::True), true);
        let second = output.frame(buffer(&model, &Ui::default(), (200, 60), Depth::True), true);
        assert!(first.len() > 10_000 && second.len() < 40, "{} then {}", first.len(), second.len());
    }

    #[test]
    fn another_size_is_drawn_whole() {
        let model = staged::battle(None);
        let mut output = Output::default();
        let _ = output.frame(buffer(&model, &Ui::default(), (80, 24), Depth::Ansi256), false);
        let other = output.frame(buffer(&model, &Ui::default(), (100, 30), Depth::Ansi256), false);
        assert!(other.windows(4).any(|w| w == b"\x1b[2J"));
    }

    #[test]
    fn without_colours_no_colour_is_sent() {
        let model = staged::battle(Some(Role::Gamera));
        let bytes = Output::default().frame(buffer(&model, &Ui::default(), (80, 24), Depth::None), false);
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("38;") && !text.contains("48;") && text.contains("\x1b[0;1m"));
    }
}
