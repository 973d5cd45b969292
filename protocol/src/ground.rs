//! The ground that every battle stands on: 8,192 x 3,072 m in three layers, three cities with
//! their districts, subway, power lines and sites. It never changes, so both sides of the wire
//! make it for themselves and nothing of it is ever sent.

use std::sync::LazyLock;

use crate::ids::City;
use crate::measure::{Pos, UNITS_PER_M, metres};
use crate::rng::Pcg32;

/// East-west size, metres.
pub const WIDTH_M: i32 = 8_192;
/// South-north size, metres.
pub const HEIGHT_M: i32 = 3_072;
/// South of this line is the sea, metres.
pub const COAST_Y_M: i32 = 512;
/// A city is a square of this size, metres.
pub const CITY_M: i32 = 2_048;
/// From one city's west edge to the next one's, metres.
pub const CITY_STRIDE_M: i32 = 3_072;
/// A block of a city, a cell of the visibility grid and of a snapshot, metres.
pub const BLOCK_M: i32 = 32;
/// Blocks along a city's edge.
pub const CITY_BLOCKS: usize = (CITY_M / BLOCK_M) as usize;
/// Blocks of the whole ground, west to east.
pub const BLOCKS_X: usize = (WIDTH_M / BLOCK_M) as usize;
/// Blocks of the whole ground, south to north.
pub const BLOCKS_Y: usize = (HEIGHT_M / BLOCK_M) as usize;
/// Districts of a city, numbered row by row from the south-west.
pub const DISTRICTS: usize = 9;
/// Warehouses of glass in a city.
pub const CACHES: usize = 24;
/// Shrines in a city.
pub const SHRINES: usize = 8;
/// Substations in a city.
pub const SUBSTATIONS: usize = 4;
/// Where the tanks make their stand before Tokyo, metres from the west.
pub const TANK_LINE_X_M: i32 = 5_600;
/// Distance between two pylons of the trunk line, metres.
pub const PYLON_STRIDE_M: i32 = 128;

const LAYOUT_SEED: u64 = 0x6A3E_1996;

/// A part of a city with people in it.
#[derive(Clone, Copy, Debug)]
pub struct District {
    /// The name on the screen.
    pub name: &'static str,
    /// South-west corner.
    pub low: Pos,
    /// North-east corner, not part of the district.
    pub high: Pos,
    /// Citizens before the battle, in tok (thousands).
    pub population_tok: i32,
}

impl District {
    /// The middle of the district.
    #[must_use]
    pub fn centre(&self) -> Pos {
        Pos::new((self.low.x + self.high.x) / 2, (self.low.y + self.high.y) / 2)
    }
}

/// A subway station and the stations that its tunnels lead to.
#[derive(Clone, Debug)]
pub struct Station {
    /// Where it lies.
    pub pos: Pos,
    /// Indices into the same city's [`CityGround::stations`].
    pub links: Vec<usize>,
}

/// What is fixed about one city.
#[derive(Clone, Debug)]
pub struct CityGround {
    /// Which city.
    pub city: City,
    /// South-west corner of its square.
    pub low: Pos,
    /// The nine districts, row by row from the south-west.
    pub districts: [District; DISTRICTS],
    /// The subway.
    pub stations: Vec<Station>,
    /// Power feeds, one for each quarter of the city.
    pub substations: [Pos; SUBSTATIONS],
    /// Warehouses of glass.
    pub caches: [Pos; CACHES],
    /// Shrines where motes gather.
    pub shrines: [Pos; SHRINES],
    /// The laboratory.
    pub lab: Pos,
    /// Where convoys leave the city.
    pub exit: Pos,
}

/// The whole ground.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The three cities, in campaign order.
    pub cities: [CityGround; 3],
    /// Where the meteor may fall.
    pub snow_sites: [Pos; 3],
    /// The trunk power line from Sendai to Tokyo, west to east.
    pub pylons: Vec<Pos>,
}

/// The one ground there is.
pub static GROUND: LazyLock<Ground> = LazyLock::new(Ground::lay_out);

/// The ground of `city`.
#[must_use]
pub fn city(city: City) -> &'static CityGround {
    &GROUND.cities[city.index()]
}

/// The south-west corner of a city's square.
#[must_use]
pub const fn city_low(city: City) -> Pos {
    Pos::from_m(city as i32 * CITY_STRIDE_M, COAST_Y_M)
}

/// The middle of a city's square.
#[must_use]
pub const fn city_centre(city: City) -> Pos {
    let low = city_low(city);
    Pos::new(low.x + metres(CITY_M / 2), low.y + metres(CITY_M / 2))
}

/// The city whose square holds `pos`; `None` at sea, in a corridor or in the hills.
#[must_use]
pub fn city_at(pos: Pos) -> Option<City> {
    let (x, y) = pos.to_m();
    let in_rows = (COAST_Y_M..COAST_Y_M + CITY_M).contains(&y) && x >= 0;
    let column = x / CITY_STRIDE_M;
    (in_rows && x % CITY_STRIDE_M < CITY_M).then(|| City::from_index(column as usize)).flatten()
}

/// The district of `city` that holds `pos`, if `pos` lies in that city.
#[must_use]
pub fn district_at(city: City, pos: Pos) -> Option<usize> {
    if city_at(pos) != Some(city) {
        return None;
    }
    let low = city_low(city);
    let third = |offset: i32| ((offset / metres(BLOCK_M)) * 3 / CITY_BLOCKS as i32) as usize;
    Some(third(pos.y - low.y) * 3 + third(pos.x - low.x))
}

/// True where there is open sea.
#[must_use]
pub const fn is_sea(pos: Pos) -> bool {
    pos.y < metres(COAST_Y_M)
}

/// `pos` moved inside the ground by the shortest way, with a margin of one metre.
#[must_use]
pub fn clamp(pos: Pos) -> Pos {
    Pos { x: pos.x.clamp(UNITS_PER_M, metres(WIDTH_M - 1)), y: pos.y.clamp(UNITS_PER_M, metres(HEIGHT_M - 1)) }
}

/// The block that holds `pos`, as (column, row) of the whole ground. Outside is clamped.
#[must_use]
pub fn block_of(pos: Pos) -> (usize, usize) {
    let p = clamp(pos);
    ((p.x / metres(BLOCK_M)) as usize, (p.y / metres(BLOCK_M)) as usize)
}

struct CityPlan {
    city: City,
    districts: [(&'static str, i32); DISTRICTS],
    stations: usize,
}

#[rustfmt::skip]
const PLANS: [CityPlan; 3] = [
    CityPlan { city: City::Sapporo, stations: 14, districts: [
        ("Minami", 40), ("Toyohira", 70), ("Shiroishi", 60),
        ("Nishi", 60),  ("Chuo", 140),    ("Atsubetsu", 50),
        ("Teine", 40),  ("Kita", 80),     ("Higashi", 60)] },
    CityPlan { city: City::Sendai, stations: 10, districts: [
        ("Taihaku", 60),   ("Wakabayashi", 50), ("Arahama", 30),
        ("Aoba", 70),      ("Kokubuncho", 110), ("Miyagino", 60),
        ("Izumi", 50),     ("Nenoshiroishi", 30), ("Iwakiri", 40)] },
    CityPlan { city: City::Tokyo, stations: 22, districts: [
        ("Shinagawa", 80), ("Minato", 100),  ("Koto", 90),
        ("Shibuya", 110),  ("Chiyoda", 150), ("Chuo", 110),
        ("Shinjuku", 110), ("Toshima", 80),  ("Taito", 70)] },
];

impl Ground {
    fn lay_out() -> Ground {
        Ground {
            cities: PLANS.map(|plan| lay_out_city(&plan)),
            snow_sites: [Pos::from_m(420, 2_900), Pos::from_m(1_060, 2_960), Pos::from_m(1_700, 2_880)],
            pylons: trunk_line(),
        }
    }
}

fn lay_out_city(plan: &CityPlan) -> CityGround {
    let mut rng = Pcg32::new(LAYOUT_SEED, plan.city.index() as u64);
    let low = city_low(plan.city);
    let at = |x_m: i32, y_m: i32| Pos::new(low.x + metres(x_m), low.y + metres(y_m));
    let quarter = CITY_M / 4;
    CityGround {
        city: plan.city,
        low,
        districts: districts(low, &plan.districts),
        stations: stations(low, plan.stations, &mut rng),
        substations: [
            at(quarter, quarter),
            at(3 * quarter, quarter),
            at(quarter, 3 * quarter),
            at(3 * quarter, 3 * quarter),
        ],
        caches: scatter(low, 6, 4, &mut rng),
        shrines: scatter(low, 4, 2, &mut rng),
        lab: at(CITY_M / 2 + 200, CITY_M - 180),
        exit: at(CITY_M / 2, CITY_M - 16),
    }
}

fn districts(low: Pos, names: &[(&'static str, i32); DISTRICTS]) -> [District; DISTRICTS] {
    // The block edges that `district_at` rounds to: the first block of each third.
    let edge = |third: i32| metres((third * CITY_BLOCKS as i32 + 2) / 3 * BLOCK_M);
    std::array::from_fn(|i| {
        let (column, row) = ((i % 3) as i32, (i / 3) as i32);
        District {
            name: names[i].0,
            low: Pos::new(low.x + edge(column), low.y + edge(row)),
            high: Pos::new(low.x + edge(column + 1), low.y + edge(row + 1)),
            population_tok: names[i].1,
        }
    })
}

/// One point in each cell of a `columns` x `rows` raster of the city, off the raster by chance.
fn scatter<const N: usize>(low: Pos, columns: i32, rows: i32, rng: &mut Pcg32) -> [Pos; N] {
    assert_eq!(N as i32, columns * rows, "a site for each cell of the raster");
    let (w, h) = (CITY_M / columns, CITY_M / rows);
    std::array::from_fn(|i| {
        let (column, row) = (i as i32 % columns, i as i32 / columns);
        let x = column * w + w / 4 + rng.between(0, w / 2);
        let y = row * h + h / 4 + rng.between(0, h / 2);
        Pos::new(low.x + metres(x), low.y + metres(y))
    })
}

/// Stations on a ring line and a cross of two lines through its middle, all connected.
fn stations(low: Pos, count: usize, rng: &mut Pcg32) -> Vec<Station> {
    let middle = Pos::new(low.x + metres(CITY_M / 2), low.y + metres(CITY_M / 2));
    let ring = count - 1;
    let mut list: Vec<Station> = (0..ring)
        .map(|i| {
            let turn = crate::measure::Angle((i * 65_536 / ring) as u16);
            let radius = metres(rng.between(520, 820));
            Station { pos: middle.offset(turn, radius), links: vec![(i + 1) % ring, (i + ring - 1) % ring] }
        })
        .collect();
    list.push(Station { pos: middle, links: Vec::new() });
    for spoke in [0, ring / 4, ring / 2, 3 * ring / 4] {
        list[spoke].links.push(ring);
        list[ring].links.push(spoke);
    }
    list
}

fn trunk_line() -> Vec<Pos> {
    let from_x = CITY_STRIDE_M + 3 * CITY_M / 4;
    let to_x = 2 * CITY_STRIDE_M + CITY_M / 4;
    let y = COAST_Y_M + 3 * CITY_M / 4;
    (from_x..=to_x).step_by(PYLON_STRIDE_M as usize).map(|x| Pos::from_m(x, y)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn populations_and_stations_are_those_of_the_rules() {
        for (city, tok, stations) in [(City::Sapporo, 600, 14), (City::Sendai, 500, 10), (City::Tokyo, 900, 22)] {
            let c = super::city(city);
            assert_eq!(c.districts.iter().map(|d| d.population_tok).sum::<i32>(), tok, "{city}");
            assert_eq!(c.stations.len(), stations, "{city}");
        }
    }

    #[test]
    fn a_district_holds_its_own_corners_and_middle() {
        for c in &GROUND.cities {
            for (i, d) in c.districts.iter().enumerate() {
                for p in [d.low, d.centre(), Pos::new(d.high.x - 1, d.high.y - 1)] {
                    assert_eq!(district_at(c.city, p), Some(i), "{} of {}", d.name, c.city);
                }
            }
        }
    }

    #[test]
    fn every_site_lies_in_its_city_and_the_subway_is_connected() {
        for c in &GROUND.cities {
            let sites = c.caches.iter().chain(&c.shrines).chain(&c.substations).chain([&c.lab, &c.exit]);
            for p in sites.copied().chain(c.stations.iter().map(|s| s.pos)) {
                assert_eq!(city_at(p), Some(c.city), "{p:?}");
            }
            let mut seen = vec![false; c.stations.len()];
            let mut open = vec![0];
            while let Some(i) = open.pop() {
                if !std::mem::replace(&mut seen[i], true) {
                    open.extend(&c.stations[i].links);
                }
            }
            assert!(seen.iter().all(|s| *s), "{}", c.city);
        }
    }

    #[test]
    fn sea_corridors_and_hills_belong_to_no_city() {
        for (x, y) in [(100, 100), (2_500, 1_000), (100, 2_800), (8_191, 3_000)] {
            assert_eq!(city_at(Pos::from_m(x, y)), None, "{x}, {y}");
        }
    }
}
