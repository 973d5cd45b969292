//! The whole ground in little, a city at a time: where the camera looks, giants, flower, self.

use gamera_protocol::ground::{self, CITY_M, COAST_Y_M};
use gamera_protocol::ids::{City, Kind};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::Marks;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::canvas::Glyph;
use super::palette::Ink;
use super::{Scene, terrain, units};
use crate::ui::{Focus, Viewport};

/// What the little map shows north to south, metres: the city with its coast.
const SHOWN_M: i32 = CITY_M + COAST_Y_M;

/// Draws the embattled city, or the ground around the player where that lies outside.
pub(super) fn draw(scene: &Scene, buf: &mut Buffer, area: Rect) {
    let here = scene.ui.centre(scene.model);
    let city = ground::city_at(here).or_else(|| scene.model.team.as_ref().map(|t| t.city)).unwrap_or(City::Sapporo);
    let centre = ground::city_centre(city);
    let middle_x = if (here.x - centre.x).abs() < metres(CITY_M * 3 / 4) { centre.x } else { here.x };
    let across = i32::from(area.width);
    let scale_m = (SHOWN_M / (i32::from(area.height) * 2)).max(CITY_M / across) + 1;
    let view = Viewport {
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
        centre: Pos::new(middle_x, centre.y - metres(COAST_Y_M / 2)),
        scale_m,
    };
    let mut canvas = terrain::canvas(scene.model, view, Focus::All);
    for thing in scene.model.drawn.iter().filter(|t| !t.marks.has(Marks::GHOST)) {
        let at = view.dot(thing.pos);
        match thing.kind {
            Kind::Soldier => canvas.soldier(at.0, at.1, super::palette::Shade::Full),
            Kind::Gamera | Kind::Queen | Kind::Flower | Kind::Pod => {
                canvas.glyph(at, 0, Glyph::new(units::letter(thing.kind), units::side_ink(thing.side())));
            }
            Kind::Pylon | Kind::Cache | Kind::Shrine | Kind::Carcass => {}
            _ => canvas.dot(at.0, at.1, units::side_ink(thing.side()), super::palette::Shade::Full),
        }
    }
    let own = Glyph { ground: Some(Ink::OwnGround), ..Glyph::new('@', Ink::Own) };
    canvas.glyph(view.dot(here), 0, own);
    canvas.paint(buf, &scene.palette);
}
