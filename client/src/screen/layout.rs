//! Which part of the screen holds what, by its size.

use ratatui::layout::Rect;

/// From this size on there is room for a panel beside the field.
const WIDE: (u16, u16) = (110, 30);
const SIDE_WIDTH: u16 = 38;

/// The parts of a screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Layout {
    pub(super) top: Rect,
    pub(super) field: Rect,
    /// Giants and city in two lines, where there is no panel.
    pub(super) state: Rect,
    pub(super) side: Option<Rect>,
    /// The own unit, its verbs and what to do.
    pub(super) own: Rect,
    pub(super) feed: Rect,
}

impl Layout {
    pub(super) fn new((width, height): (u16, u16)) -> Layout {
        let wide = width >= WIDE.0 && height >= WIDE.1;
        let feed_rows = match height {
            ..24 => 1,
            24..30 => 2,
            30..45 => 4,
            _ => 6,
        };
        let state_rows = if wide { 0 } else { 2 };
        let own_rows = 3;
        let bottom = feed_rows + state_rows + own_rows;
        let side_width = if wide { SIDE_WIDTH } else { 0 };
        let main = width - side_width;
        let field_rows = height.saturating_sub(1 + bottom);
        let row = |y, rows| Rect::new(0, y, main, rows);
        Layout {
            top: Rect::new(0, 0, width, 1),
            field: row(1, field_rows),
            state: row(1 + field_rows, state_rows),
            own: row(1 + field_rows + state_rows, own_rows),
            feed: row(1 + field_rows + state_rows + own_rows, feed_rows),
            side: wide.then(|| Rect::new(main, 1, side_width, height - 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_fill_every_size_and_do_not_overlap() {
        for width in [60, 80, 109, 110, 200, 400] {
            for height in [20, 24, 29, 30, 50, 120] {
                let l = Layout::new((width, height));
                let parts = [Some(l.top), Some(l.field), Some(l.state), Some(l.own), Some(l.feed), l.side];
                let cells: u32 = parts.iter().flatten().map(|r| u32::from(r.width) * u32::from(r.height)).sum();
                assert_eq!(cells, u32::from(width) * u32::from(height), "{width} x {height}");
                assert!(l.field.height >= height / 2, "{width} x {height}");
            }
        }
    }
}
