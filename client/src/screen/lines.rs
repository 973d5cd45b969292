//! Lines of text in inks, bars and clocks.

use gamera_protocol::measure::Tick;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::palette::{Ink, Palette};

/// Writes one line from left to right and stops at its end.
pub(super) struct Painter<'a> {
    palette: Palette,
    buf: &'a mut Buffer,
    x: u16,
    y: u16,
    end: u16,
}

impl<'a> Painter<'a> {
    pub(super) fn new(palette: Palette, buf: &'a mut Buffer, x: u16, y: u16, width: u16) -> Painter<'a> {
        Painter { palette, buf, x, y, end: x + width }
    }

    /// Appends text.
    pub(super) fn say(&mut self, ink: Ink, text: &str) -> &mut Self {
        let style = self.palette.text(ink);
        self.styled(style, text)
    }

    /// Appends text in a style.
    pub(super) fn styled(&mut self, style: Style, text: &str) -> &mut Self {
        let room = usize::from(self.end.saturating_sub(self.x));
        if room > 0 {
            (self.x, _) = self.buf.set_stringn(self.x, self.y, text, room, style);
        }
        self
    }

    /// Appends a bar of `permille`, whose ink tells how much is left; so does its length.
    pub(super) fn bar(&mut self, permille: u16, width: u16) -> &mut Self {
        let full = (u32::from(permille.min(1_000)) * u32::from(width)).div_ceil(1_000) as usize;
        let (on, off) = self.palette.bar_cells();
        let ink = health_ink(permille);
        self.say(ink, &on.to_string().repeat(full));
        self.say(Ink::Faint, &off.to_string().repeat(usize::from(width) - full))
    }

    /// Fills what is left of the line.
    pub(super) fn rest(&mut self) {
        let room = usize::from(self.end.saturating_sub(self.x));
        self.say(Ink::Text, &" ".repeat(room));
    }
}

/// Well, not so well, badly.
pub(super) const fn health_ink(permille: u16) -> Ink {
    match permille {
        0..300 => Ink::Bad,
        300..600 => Ink::Warn,
        _ => Ink::Good,
    }
}

/// Minutes and seconds of battle time.
pub(crate) fn clock(tick: Tick) -> String {
    format!("{}:{:02}", tick.seconds() / 60, tick.seconds() % 60)
}

/// Whole percent of thousandths; what is not nothing is not shown as nothing.
pub(super) const fn percent(permille: u16) -> u16 {
    if permille > 0 && permille < 10 { 1 } else { permille / 10 }
}

/// Hundreds of people, as thousands for a person to read.
pub(super) fn people(dtok: u16) -> String {
    if dtok >= 100 { format!("{}k", dtok / 10) } else { format!("{}.{}k", dtok / 10, dtok % 10) }
}

/// A label with its first letter large.
pub(crate) fn title(label: &str) -> String {
    let mut chars = label.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// One line in the middle of `area`.
pub(super) fn centred(buf: &mut Buffer, area: Rect, y: u16, text: &str, style: Style) {
    let width = (text.chars().count() as u16).min(area.width);
    let x = area.x + (area.width - width) / 2;
    if (area.y..area.bottom()).contains(&y) {
        buf.set_stringn(x, y, text, usize::from(width), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(clock(Tick(30 * 133)), "2:13");
        assert_eq!((percent(1_000), percent(4), percent(0)), (100, 1, 0));
        assert_eq!((people(4_120), people(35), people(0)), ("412k".into(), "3.5k".into(), "0.0k".into()));
        assert_eq!(title("sapporo"), "Sapporo");
    }
}
