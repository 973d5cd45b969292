//! The screen: from what is known to a buffer of cells. Pure: the same model, interface, size and
//! palette give the same cells.

mod canvas;
mod help;
mod layout;
mod lines;
mod minimap;
mod overlay;
mod own;
pub mod palette;
mod side;
mod status;
mod terrain;
mod units;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::{FeedKind, LinkState, Model};
use crate::ui::{Ui, Viewport, ZOOMS_M};
pub(crate) use lines::{clock, title};
pub(crate) use overlay::verdict_lines;

use layout::Layout;
use lines::{Painter, centred};
use palette::{Ink, Palette};

/// The smallest screen that is drawn on.
pub const SIZE_MIN: (u16, u16) = (60, 20);
/// A headline stands over the field for this long, seconds.
const HEADLINE_S: u64 = 6;

/// Everything that is drawn from.
pub struct Scene<'a> {
    /// The battle.
    pub model: &'a Model,
    /// The interface.
    pub ui: &'a Ui,
    /// What the terminal can show.
    pub palette: Palette,
    /// How long the terminal takes to work a frame off, milliseconds, where it tells.
    pub terminal_ms: Option<u32>,
}

/// Which cells show which ground on a screen of this size.
#[must_use]
pub fn viewport(model: &Model, ui: &Ui, size: (u16, u16)) -> Viewport {
    let field = Layout::new(size).field;
    Viewport {
        x: field.x,
        y: field.y,
        width: field.width,
        height: field.height,
        centre: ui.centre(model),
        scale_m: ZOOMS_M[ui.zoom(model)],
    }
}

/// Draws the screen.
#[must_use]
pub fn draw(scene: &Scene, size: (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buf = Buffer::empty(area);
    buf.set_style(area, scene.palette.text(Ink::Text));
    if size.0 < SIZE_MIN.0 || size.1 < SIZE_MIN.1 {
        let text = format!("The battle needs {} x {} cells; this is {} x {}.", SIZE_MIN.0, SIZE_MIN.1, size.0, size.1);
        centred(&mut buf, area, size.1 / 2, &text, scene.palette.text(Ink::Strong));
        return buf;
    }
    let layout = Layout::new(size);
    field(scene, &mut buf, &layout, size);
    status::top(scene, &mut buf, layout.top);
    match layout.side {
        Some(area) => side::draw(scene, &mut buf, area),
        None => status::compact(scene, &mut buf, layout.state),
    }
    own::draw(scene, &mut buf, layout.own);
    feed(scene, &mut buf, layout.feed);
    overlay::draw(scene, &mut buf, layout.field);
    buf
}

fn field(scene: &Scene, buf: &mut Buffer, layout: &Layout, size: (u16, u16)) {
    let view = viewport(scene.model, scene.ui, size);
    let mut canvas = terrain::canvas(scene.model, view, scene.ui.focus);
    units::draw(&mut canvas, scene.model, scene.ui);
    units::draw_own(&mut canvas, scene.model, scene.ui);
    canvas.paint(buf, &scene.palette);
    headlines(scene, buf, layout.field);
    link_banner(scene, buf, layout.field);
}

/// The newest turning points, large over the field for a while.
fn headlines(scene: &Scene, buf: &mut Buffer, field: Rect) {
    let fresh = |at: std::time::Duration| scene.model.now.saturating_sub(at).as_secs() < HEADLINE_S;
    let lines = scene.model.feed.iter().rev().take_while(|l| fresh(l.at)).filter(|l| l.kind == FeedKind::Headline);
    let style = scene.palette.text(Ink::Strong).bg(scene.palette.colour(Ink::Banner, palette::Shade::Full));
    for (row, line) in (0..).zip(lines.take(2)) {
        centred(buf, field, field.y + row, &format!("  {}  ", line.text.to_uppercase()), style);
    }
}

fn link_banner(scene: &Scene, buf: &mut Buffer, field: Rect) {
    let text = match &scene.model.link {
        LinkState::Joining => "Joining the battle ...".to_owned(),
        LinkState::Resuming(reason) => format!("The link is down ({reason}). Taking it up again; your seat is kept."),
        LinkState::Closed(closing) => format!("{} (q leaves)", closing.reason),
        LinkState::Up if scene.model.age_ms > 2_000 => {
            format!("No news from the server for {} s.", scene.model.age_ms / 1_000)
        }
        LinkState::Up => match scene.model.stops_at {
            Some(at) => format!("The server stops in {} s.", at.saturating_sub(scene.model.now).as_secs() + 1),
            None => return,
        },
    };
    let style = scene.palette.text(Ink::Warn).bg(scene.palette.colour(Ink::Banner, palette::Shade::Full));
    centred(buf, field, field.y + field.height / 3, &format!("  {text}  "), style);
}

/// The newest lines, or the line being written.
fn feed(scene: &Scene, buf: &mut Buffer, area: Rect) {
    let mut rows = area.height;
    if let Some(chat) = &scene.ui.chat {
        rows -= 1;
        let to = if chat.team { "to your side" } else { "to all" };
        let head = format!("say {to} (tab changes, enter sends, esc drops): ");
        let room = usize::from(area.width).saturating_sub(head.len() + 2);
        let skip = chat.text.chars().count().saturating_sub(room);
        let tail: String = chat.text.chars().skip(skip).collect();
        let mut p = Painter::new(scene.palette, buf, area.x, area.bottom() - 1, area.width);
        p.say(Ink::Own, &head).say(Ink::Strong, &tail).say(Ink::Own, "_").rest();
    }
    let lines = scene.model.feed.iter().rev().take(usize::from(rows));
    for (up, line) in (0..rows).zip(lines) {
        let ink = match line.kind {
            FeedKind::Headline => Ink::Strong,
            FeedKind::Event => Ink::Text,
            FeedKind::Chat | FeedKind::Team => Ink::Own,
            FeedKind::Notice => Ink::Warn,
        };
        let mark = match line.kind {
            FeedKind::Headline => "* ",
            FeedKind::Chat | FeedKind::Team => "> ",
            _ => "  ",
        };
        let y = area.y + rows - 1 - up;
        let mut p = Painter::new(scene.palette, buf, area.x, y, area.width);
        p.say(Ink::Faint, &lines::clock(line.tick)).say(ink, &format!(" {mark}{}", line.text)).rest();
    }
}

#[cfg(test)]
mod tests;
