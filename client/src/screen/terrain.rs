//! What the bare ground looks like at a dot: sea, coast, blocks and streets, districts, plants,
//! hills, snow, tunnels and the power line. It reads the fixed ground and what is known of a city.

use gamera_protocol::ground::{self, BLOCK_M, CITY_M, COAST_Y_M, GROUND};
use gamera_protocol::ids::{City, Kind, Layer};
use gamera_protocol::measure::{Pos, metres};

use super::canvas::{Canvas, Dot};
use super::palette::{Ink, Shade};
use crate::model::Model;
use crate::ui::{Focus, Viewport};

/// North of the cities there are hills.
const HILLS_Y_M: i32 = COAST_Y_M + CITY_M;
/// Snow lies in the hills behind the first city.
const SNOW_X_M: i32 = 2_300;

/// What is known of one city's ground.
#[derive(Clone, Copy)]
struct CityLook {
    overgrown_pct: i32,
    annihilated: bool,
    /// From where plants spread.
    root: Pos,
}

/// The ground with nothing on it.
pub(super) fn canvas(model: &Model, view: Viewport, focus: Focus) -> Canvas {
    let looks = City::ALL.iter().map(|c| city_look(model, *c)).collect::<Vec<_>>();
    let shade = if focus.shows(Layer::Surface) { Shade::Full } else { Shade::Dim };
    let mut canvas = Canvas::new(view, |x, y| {
        let pos = view.ground((x, y));
        Dot { ink: ink_at(pos, view.scale_m, &looks), shade }
    });
    power_line(&mut canvas, shade);
    if focus == Focus::One(Layer::Underground) {
        tunnels(&mut canvas);
    }
    canvas
}

fn city_look(model: &Model, city: City) -> CityLook {
    let known = model.team.as_ref().map(|t| t.cities[city.index()]).unwrap_or_default();
    let in_city = |kind| model.things.of_kind(kind).find(|t| ground::city_at(t.pos) == Some(city)).map(|t| t.pos);
    let root = in_city(Kind::Flower).or_else(|| in_city(Kind::Pod)).unwrap_or(ground::city_centre(city));
    CityLook { overgrown_pct: i32::from(known.overgrown_pct), annihilated: known.annihilated, root }
}

fn ink_at(pos: Pos, scale_m: i32, looks: &[CityLook]) -> Ink {
    let (x, y) = pos.to_m();
    let inside = (0..ground::WIDTH_M).contains(&x) && (0..ground::HEIGHT_M).contains(&y);
    let speck = speck(x / scale_m, y / scale_m);
    match ground::city_at(pos) {
        _ if !inside => Ink::Panel,
        _ if y < COAST_Y_M - 12 => {
            if speck.is_multiple_of(11) {
                Ink::Wave
            } else {
                Ink::Sea
            }
        }
        _ if y < COAST_Y_M => Ink::Shore,
        Some(city) => city_ink(pos, city, scale_m, looks[city.index()]),
        None if y > HILLS_Y_M && x < SNOW_X_M && (y > 2_780 || speck.is_multiple_of(5)) => Ink::Snow,
        None if y > HILLS_Y_M && speck.is_multiple_of(3) => Ink::Hill,
        None => {
            if speck.is_multiple_of(7) {
                Ink::Meadow
            } else {
                Ink::Field
            }
        }
    }
}

fn city_ink(pos: Pos, city: City, scale_m: i32, look: CityLook) -> Ink {
    let low = ground::city_low(city);
    let (x, y) = ((pos.x - low.x) / metres(1), (pos.y - low.y) / metres(1));
    let block = speck(x / BLOCK_M, y / BLOCK_M);
    if look.annihilated {
        return if speck(x / scale_m, y / scale_m).is_multiple_of(9) { Ink::Ember } else { Ink::Ruin };
    }
    if on_district_edge(x, scale_m) || on_district_edge(y, scale_m) {
        return Ink::Avenue;
    }
    let street = scale_m <= 8 && (x % BLOCK_M < scale_m.max(4) || y % BLOCK_M < scale_m.max(4));
    if overgrown(pos, block, look) {
        return if street { Ink::Plant } else { Ink::PlantLight };
    }
    match block % 4 {
        _ if street => Ink::Street,
        0 => Ink::RoofLight,
        1 => Ink::RoofDark,
        _ => Ink::Roof,
    }
}

fn on_district_edge(offset_m: i32, scale_m: i32) -> bool {
    // The first blocks of the second and third column of districts.
    [22, 43].iter().any(|block| (0..scale_m.max(6)).contains(&(offset_m - block * BLOCK_M)))
}

/// Plants spread from the flower: the share is known, the shape is a guess with a ragged edge.
fn overgrown(pos: Pos, block: u32, look: CityLook) -> bool {
    if look.overgrown_pct == 0 {
        return false;
    }
    let area = i64::from(CITY_M) * i64::from(CITY_M) * i64::from(look.overgrown_pct) / 100;
    let radius_m = (area * 7 / 22).isqrt() as i32;
    let ragged = radius_m * (70 + (block % 60) as i32) / 100;
    pos.within(look.root, metres(ragged))
}

fn power_line(canvas: &mut Canvas, shade: Shade) {
    let view = *canvas.view();
    for pair in GROUND.pylons.windows(2) {
        canvas.line(view.dot(pair[0]), view.dot(pair[1]), Ink::Power, shade);
    }
}

fn tunnels(canvas: &mut Canvas) {
    let view = *canvas.view();
    for station in GROUND.cities.iter().flat_map(|c| c.stations.iter().map(move |s| (c, s))) {
        let (city, from) = station;
        for to in &from.links {
            canvas.line(view.dot(from.pos), view.dot(city.stations[*to].pos), Ink::Rail, Shade::Full);
        }
    }
}

/// A number that looks like chance and is always the same for a place.
fn speck(x: i32, y: i32) -> u32 {
    let mut h = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2C1B_3C6D);
    h ^ (h >> 13)
}
