//! Things on the battlefield: soldiers as dots, units as letters, giants and the flower to scale,
//! what flies with its shadow, what is underground faint, ghosts and blips as such.
//!
//! A letter is a kind, so it tells the side too; foes are reversed besides.

use gamera_protocol::ids::{Kind, Layer, Side};
use gamera_protocol::measure::{Angle, Pos, metres};
use gamera_protocol::snapshot::density::{COLUMNS, SQUARE_M};
use gamera_protocol::view::{Marks, Thing};

use super::canvas::{Canvas, Glyph};
use super::palette::{Ink, Shade};
use crate::model::Model;
use crate::ui::{Focus, Ui};

/// From here on the scenery steps back, metres a half-block.
const FAR_SCALE_M: i32 = 16;
/// Dots at most for one square of a swarm from afar.
const FAR_DOTS: u32 = 64;

/// The letter of a kind; soldiers are dots.
#[must_use]
pub(super) const fn letter(kind: Kind) -> char {
    match kind {
        Kind::Gamera => 'G',
        Kind::Queen => 'Q',
        Kind::Soldier => '·',
        Kind::BroodLeader => 'B',
        Kind::Asagi => 'A',
        Kind::LightBearer => 'L',
        Kind::Commander => 'C',
        Kind::Scientist => 'S',
        Kind::Jet => 'J',
        Kind::Tank => 'T',
        Kind::Missiles => 'M',
        Kind::Engineer => 'E',
        Kind::Guard => 'g',
        Kind::Convoy => 'c',
        Kind::Flower => 'F',
        Kind::Pod => 'P',
        Kind::Burrow => 'o',
        Kind::Cache => '$',
        Kind::Shrine => 'i',
        Kind::Pylon => 't',
        Kind::Substation => 'Z',
        Kind::Lab => 'H',
        Kind::Sensor => 's',
        Kind::Charge => '!',
        Kind::Sonar => ')',
        Kind::Roadblock => 'X',
        Kind::Mote => '*',
        Kind::Meteor => 'V',
        Kind::Carcass => '%',
    }
}

/// The ink of a side.
#[must_use]
pub(super) const fn side_ink(side: Option<Side>) -> Ink {
    match side {
        Some(Side::Gamera) => Ink::SideGamera,
        Some(Side::Legion) => Ink::SideLegion,
        Some(Side::Sdf) => Ink::SideSdf,
        None => Ink::Neutral,
    }
}

/// Foes of a side. Gamera's side and the SDF do not fight each other.
#[must_use]
pub(super) fn is_foe(mine: Option<Side>, other: Option<Side>) -> bool {
    match (mine, other) {
        (Some(mine), Some(other)) => (mine == Side::Legion) != (other == Side::Legion),
        _ => false,
    }
}

/// Draws everything but the own unit, what matters most last.
pub(super) fn draw(canvas: &mut Canvas, model: &Model, ui: &Ui) {
    far_swarm(canvas, model);
    let mut order: Vec<&Thing> = model.drawn.iter().collect();
    order.sort_by_key(|t| (t.layer, weight(t.kind)));
    for thing in order {
        draw_thing(canvas, model, thing, ui.focus);
    }
    for thing in model.drawn.iter().filter(|t| Some(t.id) == ui.target) {
        mark_target(canvas, thing.pos);
    }
}

/// Where single soldiers are not told of, about as many dots as there are, faint and scattered.
fn far_swarm(canvas: &mut Canvas, model: &Model) {
    let side = metres(SQUARE_M);
    for (i, _) in model.density.levels().iter().enumerate().filter(|(_, level)| **level > 0) {
        let low = Pos::new((i % COLUMNS) as i32 * side, (i / COLUMNS) as i32 * side);
        let middle = Pos::new(low.x + side / 2, low.y + side / 2);
        if model.things.near(middle, SQUARE_M / 2).any(|t| t.kind == Kind::Soldier) {
            continue;
        }
        for n in 0..model.density.about_at(middle).min(FAR_DOTS) as i32 {
            // Steps of two irrational parts of the square fill it evenly.
            let pos = Pos::new(low.x + (n * 5_063) % side, low.y + (n * 3_581 + 700) % side);
            let at = canvas.view().dot(pos);
            canvas.soldier(at.0, at.1, Shade::Dim);
        }
    }
}

const fn weight(kind: Kind) -> u8 {
    match kind {
        Kind::Pylon | Kind::Cache | Kind::Shrine | Kind::Carcass => 0,
        Kind::Flower | Kind::Pod | Kind::Burrow => 1,
        Kind::Gamera | Kind::Queen => 2,
        Kind::Soldier => 3,
        _ => 4,
    }
}

fn draw_thing(canvas: &mut Canvas, model: &Model, thing: &Thing, focus: Focus) {
    let at = canvas.view().dot(thing.pos);
    let shade = shade(thing, focus);
    if thing.marks.has(Marks::BLIP) {
        return canvas.glyph(at, 0, Glyph { shade, ..Glyph::new('~', Ink::Ghost) });
    }
    if thing.marks.has(Marks::GHOST) {
        let ghost = |letter| Glyph { shade: Shade::Dim, bold: false, ..Glyph::new(letter, Ink::Ghost) };
        canvas.glyph(at, 0, ghost(letter(thing.kind)));
        return canvas.glyph(at, 1, ghost('?'));
    }
    match thing.kind {
        Kind::Soldier => return canvas.soldier(at.0, at.1, shade),
        Kind::Gamera => gamera(canvas, thing, shade),
        Kind::Queen => queen(canvas, thing, shade),
        Kind::Flower => flower(canvas, thing, shade),
        _ => {}
    }
    name(canvas, model, thing, shade);
}

fn shade(thing: &Thing, focus: Focus) -> Shade {
    match thing.layer {
        layer if !focus.shows(layer) => Shade::Dim,
        Layer::Underground if focus == Focus::All => Shade::Dim,
        Layer::Sky => Shade::Bright,
        _ => Shade::Full,
    }
}

/// What is part of the scenery.
const fn is_small(kind: Kind) -> bool {
    matches!(kind, Kind::Pylon | Kind::Cache | Kind::Shrine | Kind::Guard | Kind::Carcass)
}

/// The letter with its marks.
fn name(canvas: &mut Canvas, model: &Model, thing: &Thing, shade: Shade) {
    let at = canvas.view().dot(thing.pos);
    let side = thing.side();
    let mut letter = letter(thing.kind);
    if thing.layer == Layer::Underground {
        letter = letter.to_ascii_lowercase();
    }
    let small = is_small(thing.kind);
    let shade = if small && canvas.view().scale_m >= FAR_SCALE_M { Shade::Dim } else { shade };
    let reversed = is_foe(model.side(), side) && thing.layer != Layer::Underground;
    canvas.glyph(at, 0, Glyph { shade, bold: !small, reversed, ..Glyph::new(letter, side_ink(side)) });
    if thing.layer == Layer::Sky {
        if thing.kind == Kind::Jet {
            canvas.ground(at.0 + 1, at.1 + 3, Ink::Shadow, Shade::Full);
        }
        canvas.glyph((at.0, at.1 - 2), 0, Glyph { shade, bold: false, ..Glyph::new('^', side_ink(side)) });
    }
    if thing.marks.has(Marks::TELL) {
        canvas.glyph(at, 1, Glyph::new('!', Ink::Fire));
    } else if thing.marks.has(Marks::ATTACKING) && thing.kind != Kind::Soldier {
        canvas.glyph(at, 1, Glyph { bold: false, ..Glyph::new('*', Ink::Fire) });
    } else if thing.marks.has(Marks::HELPLESS) {
        canvas.glyph(at, 1, Glyph { bold: false, ..Glyph::new('z', Ink::Ghost) });
    }
}

/// A giant in the sky throws a shadow south of it.
fn shadow(canvas: &mut Canvas, thing: &Thing, radius: f32) {
    if thing.layer == Layer::Sky {
        let (x, y) = canvas.view().dot(thing.pos);
        canvas.disc((x + 1, y + 3 + radius as i32), radius, Ink::Shadow, Shade::Full);
    }
}

fn dots(canvas: &Canvas, length_m: i32) -> f32 {
    length_m as f32 / canvas.view().scale_m as f32
}

fn ahead(canvas: &Canvas, thing: &Thing, turn: i32, length_m: i32) -> (i32, i32) {
    let to = thing.pos.offset(Angle::from_byte(thing.heading).turned(turn), metres(length_m));
    canvas.view().dot(to)
}

/// 80 m: a round shell, head ahead, four limbs.
fn gamera(canvas: &mut Canvas, thing: &Thing, shade: Shade) {
    let body = dots(canvas, 30).max(1.5);
    shadow(canvas, thing, body);
    for turn in [8_192, 24_576, -8_192, -24_576] {
        let limb = ahead(canvas, thing, turn, 36);
        canvas.disc(limb, dots(canvas, 9).max(0.6), Ink::Hide, shade);
    }
    let head = ahead(canvas, thing, 0, 40);
    canvas.disc(head, dots(canvas, 12).max(0.9), Ink::Hide, shade);
    let at = canvas.view().dot(thing.pos);
    canvas.disc(at, body, Ink::Shell, shade);
}

/// 140 m: a long body, the horn ahead, legs beside; wings where she flies.
fn queen(canvas: &mut Canvas, thing: &Thing, shade: Shade) {
    let thick = dots(canvas, 24).max(1.2);
    shadow(canvas, thing, thick * 1.6);
    for turn in [10_000, 22_000, -10_000, -22_000] {
        let leg = ahead(canvas, thing, turn, 52);
        let middle = canvas.view().dot(thing.pos);
        let ink = if thing.layer == Layer::Sky { Ink::Wing } else { Ink::Chitin };
        for part in 1..=4 {
            let x = middle.0 + (leg.0 - middle.0) * part / 4;
            let y = middle.1 + (leg.1 - middle.1) * part / 4;
            canvas.disc((x, y), dots(canvas, 7).max(0.5), ink, shade);
        }
    }
    for length in [-50, -25, 0, 25, 45] {
        let part = ahead(canvas, thing, 0, length);
        canvas.disc(part, thick, Ink::Chitin, shade);
    }
    let horn = ahead(canvas, thing, 0, 74);
    canvas.disc(horn, dots(canvas, 6).max(0.5), Ink::Horn, shade);
}

/// 100 m of petals around a heart; more of them the wholer it is.
fn flower(canvas: &mut Canvas, thing: &Thing, shade: Shade) {
    let reach = 30 + i32::from(thing.health) * 20 / 255;
    for i in 0..8 {
        let at = canvas.view().dot(thing.pos.offset(Angle(i * 8_192), metres(reach)));
        canvas.disc(at, dots(canvas, 12).max(0.6), Ink::Petal, shade);
    }
    let at = canvas.view().dot(thing.pos);
    canvas.disc(at, dots(canvas, 20).max(1.0), Ink::Heart, shade);
}

fn mark_target(canvas: &mut Canvas, pos: Pos) {
    let at = canvas.view().dot(pos);
    canvas.glyph(at, -1, Glyph::new('>', Ink::Warn));
    canvas.glyph(at, 1, Glyph::new('<', Ink::Warn));
}

/// The own unit, a click's aim and goal, and the rally: always on top.
pub(super) fn draw_own(canvas: &mut Canvas, model: &Model, ui: &Ui) {
    let place = |canvas: &mut Canvas, pos: Option<Pos>, letter, ink| {
        if let Some(pos) = pos {
            let at = canvas.view().dot(pos);
            canvas.glyph(at, 0, Glyph::new(letter, ink));
        }
    };
    place(canvas, model.team.as_ref().and_then(|t| t.rally), '&', Ink::Warn);
    place(canvas, ui.steer.goal(), 'x', Ink::Own);
    place(canvas, ui.point.filter(|_| ui.target.is_none()), '+', Ink::Warn);
    let Some((own, mover)) = model.own.zip(model.own_drawn()) else { return };
    let thing = Thing {
        id: gamera_protocol::ids::NetId(0),
        kind: own.role.kind(),
        layer: mover.layer(),
        pos: mover.pos,
        heading: mover.heading.to_byte(),
        health: 255,
        marks: Marks::default(),
        seat: None,
    };
    let shade = if mover.layer() == Layer::Sky { Shade::Bright } else { Shade::Full };
    let at = canvas.view().dot(mover.pos);
    match own.role.kind() {
        Kind::Gamera => gamera(canvas, &thing, shade),
        Kind::Queen => queen(canvas, &thing, shade),
        _ => {}
    }
    let radius_m = model.balance.units.of(own.role.kind()).radius_m;
    canvas.ring(at, (dots(canvas, radius_m * 2)).max(3.0), Ink::Ring);
    let brackets = if mover.layer() == Layer::Sky { ['^', '@', '^'] } else { ['[', '@', ']'] };
    for (right, letter) in (-1..=1).zip(brackets) {
        canvas.glyph(at, right, Glyph { ground: Some(Ink::OwnGround), ..Glyph::new(letter, Ink::Own) });
    }
}
