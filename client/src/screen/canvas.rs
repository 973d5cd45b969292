//! The battlefield's cells: two dots each with an ink, soldiers counted by dot, and characters on
//! top. Knows no battle.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

use super::palette::{Depth, Ink, Palette, Shade};
use crate::ui::Viewport;

/// One dot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Dot {
    pub(super) ink: Ink,
    pub(super) shade: Shade,
}

/// A character on a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Glyph {
    pub(super) letter: char,
    pub(super) ink: Ink,
    pub(super) shade: Shade,
    pub(super) bold: bool,
    pub(super) reversed: bool,
    pub(super) ground: Option<Ink>,
}

impl Glyph {
    pub(super) const fn new(letter: char, ink: Ink) -> Glyph {
        Glyph { letter, ink, shade: Shade::Full, bold: true, reversed: false, ground: None }
    }
}

/// What is drawn into, dot by dot.
pub(super) struct Canvas {
    view: Viewport,
    dots: Vec<Dot>,
    /// True where a dot is a thing's, which counts more than the ground.
    raised: Vec<bool>,
    soldiers: Vec<u8>,
    glyphs: Vec<Option<Glyph>>,
}

impl Canvas {
    /// A canvas with the ground that `terrain` gives for each dot.
    pub(super) fn new(view: Viewport, mut terrain: impl FnMut(i32, i32) -> Dot) -> Canvas {
        let (w, h) = (i32::from(view.width), i32::from(view.height) * 2);
        let dots: Vec<Dot> = (0..h).flat_map(|y| (0..w).map(move |x| (x, y))).map(|(x, y)| terrain(x, y)).collect();
        let cells = usize::from(view.width) * usize::from(view.height);
        Canvas { view, raised: vec![false; dots.len()], soldiers: vec![0; dots.len()], dots, glyphs: vec![None; cells] }
    }

    pub(super) fn view(&self) -> &Viewport {
        &self.view
    }

    fn index(&self, x: i32, y: i32) -> Option<usize> {
        let (w, h) = (i32::from(self.view.width), i32::from(self.view.height) * 2);
        ((0..w).contains(&x) && (0..h).contains(&y)).then(|| (y * w + x) as usize)
    }

    /// Sets a dot of a thing.
    pub(super) fn dot(&mut self, x: i32, y: i32, ink: Ink, shade: Shade) {
        if let Some(i) = self.index(x, y) {
            self.dots[i] = Dot { ink, shade };
            self.raised[i] = true;
        }
    }

    /// Sets a dot of the ground.
    pub(super) fn ground(&mut self, x: i32, y: i32, ink: Ink, shade: Shade) {
        if let Some(i) = self.index(x, y) {
            self.dots[i] = Dot { ink, shade };
        }
    }

    /// One more soldier at a dot.
    pub(super) fn soldier(&mut self, x: i32, y: i32, shade: Shade) {
        if let Some(i) = self.index(x, y) {
            self.soldiers[i] = self.soldiers[i].saturating_add(1);
            let ink = if self.soldiers[i] > 2 { Ink::Swarm } else { Ink::Soldier };
            self.dot(x, y, ink, shade);
        }
    }

    /// A disc; a radius below one is one dot.
    pub(super) fn disc(&mut self, (x, y): (i32, i32), radius: f32, ink: Ink, shade: Shade) {
        let r = radius.ceil() as i32;
        for dy in -r..=r {
            for dx in -r..=r {
                if ((dx * dx + dy * dy) as f32) <= radius * radius + 0.3 {
                    self.dot(x + dx, y + dy, ink, shade);
                }
            }
        }
    }

    /// A ring of single dots.
    pub(super) fn ring(&mut self, (x, y): (i32, i32), radius: f32, ink: Ink) {
        let steps = (radius * 8.0).max(8.0) as i32;
        for i in 0..steps {
            let a = i as f32 / steps as f32 * std::f32::consts::TAU;
            self.dot(x + (a.cos() * radius).round() as i32, y + (a.sin() * radius).round() as i32, ink, Shade::Full);
        }
    }

    /// A line of single dots.
    pub(super) fn line(&mut self, from: (i32, i32), to: (i32, i32), ink: Ink, shade: Shade) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).max(1);
        let (w, h) = (i32::from(self.view.width), i32::from(self.view.height) * 2);
        if steps > 4 * (w + h) {
            return;
        }
        for i in 0..=steps {
            self.ground(from.0 + (to.0 - from.0) * i / steps, from.1 + (to.1 - from.1) * i / steps, ink, shade);
        }
    }

    /// A character on the cell of a dot, `right` cells beside it.
    pub(super) fn glyph(&mut self, (x, y): (i32, i32), right: i32, glyph: Glyph) {
        let (w, h) = (i32::from(self.view.width), i32::from(self.view.height));
        let (column, row) = (x + right, y.div_euclid(2));
        if (0..w).contains(&column) && (0..h).contains(&row) {
            self.glyphs[(row * w + column) as usize] = Some(glyph);
        }
    }

    /// Writes the cells into `buf`.
    pub(super) fn paint(&self, buf: &mut Buffer, palette: &Palette) {
        let w = usize::from(self.view.width);
        for row in 0..usize::from(self.view.height) {
            for column in 0..w {
                let (top, bottom) = (row * 2 * w + column, (row * 2 + 1) * w + column);
                let (letter, style) = match self.glyphs[row * w + column] {
                    Some(glyph) => self.glyph_cell(glyph, top, palette),
                    None => self.plain_cell(top, bottom, palette),
                };
                if let Some(cell) = buf.cell_mut((self.view.x + column as u16, self.view.y + row as u16)) {
                    cell.set_char(letter).set_style(style);
                }
            }
        }
    }

    fn glyph_cell(&self, glyph: Glyph, top: usize, palette: &Palette) -> (char, Style) {
        let under = glyph.ground.map_or(self.dots[top], |ink| Dot { ink, shade: Shade::Full });
        let (mut fg, mut bg) = (palette.colour(glyph.ink, glyph.shade), palette.colour(under.ink, under.shade));
        let mut style = Style::new();
        if glyph.reversed {
            if palette.depth == Depth::None {
                style = style.add_modifier(Modifier::REVERSED);
            } else {
                (fg, bg) = (palette.colour(Ink::Shadow, Shade::Full), fg);
            }
        }
        if glyph.bold {
            style = style.add_modifier(Modifier::BOLD);
        }
        if glyph.shade == Shade::Dim && palette.depth == Depth::None {
            style = style.add_modifier(Modifier::DIM);
        }
        (glyph.letter, style.fg(fg).bg(bg))
    }

    fn plain_cell(&self, top: usize, bottom: usize, palette: &Palette) -> (char, Style) {
        let (a, b) = (self.dots[top], self.dots[bottom]);
        let (fg, bg) = (palette.colour(a.ink, a.shade), palette.colour(b.ink, b.shade));
        if palette.depth != Depth::None && !palette.ascii {
            return if fg == bg { (' ', Style::new().bg(bg)) } else { ('▀', Style::new().fg(fg).bg(bg)) };
        }
        let chosen = if self.raised[bottom] && !self.raised[top] { b } else { a };
        let letter = match self.soldiers[top] + self.soldiers[bottom] {
            0 => Palette::texture(chosen.ink),
            1 => '.',
            2..=3 => ':',
            4..=7 => '*',
            _ => '#',
        };
        if palette.depth == Depth::None {
            let raised = self.raised[top] || self.raised[bottom];
            let weight = if raised { Modifier::BOLD } else { Modifier::DIM };
            return (letter, Style::new().add_modifier(weight));
        }
        let ground = palette.colour(chosen.ink, Shade::Dim);
        (letter, Style::new().fg(palette.colour(chosen.ink, chosen.shade)).bg(ground))
    }
}
