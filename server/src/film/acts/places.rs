//! Where the film plays, beyond what the ground itself lays down.

use gamera_protocol::ground::{self, CITY_M, COAST_Y_M, GROUND};
use gamera_protocol::ids::City;
use gamera_protocol::measure::{Pos, metres};

/// North of this line are the hills, metres.
const NORTH_EDGE_M: i32 = COAST_Y_M + CITY_M;

/// The snow site that the brood votes for: in reach of the laboratory.
pub(super) const SNOW_SITE: u8 = 1;

/// Where the meteor lies.
pub(super) fn meteor() -> Pos {
    GROUND.snow_sites[usize::from(SNOW_SITE)]
}

/// Where the queen lies in Sapporo while Gamera is there: at the edge of the city.
pub(super) fn first_lair(hive: Pos) -> Pos {
    Pos::new(hive.x, metres(NORTH_EDGE_M - 70))
}

/// The way out of a city to the north, from `pos`.
pub(super) fn hills(pos: Pos) -> Pos {
    Pos::new(pos.x, metres(NORTH_EDGE_M + 25))
}

/// Over the hills north of Sendai, in the middle of the jets' airfield and out of the city.
pub(super) fn sky_over_sendai() -> Pos {
    Pos::from_m(4_220, NORTH_EDGE_M + 160)
}

/// Where the second flower grows: at the edge of the city, where few people live.
pub(super) fn second_flower() -> Pos {
    Pos::from_m(4_800, NORTH_EDGE_M - 90)
}

/// Where the queen waits for the blast: beside the flower, still in the city.
pub(super) fn last_lair() -> Pos {
    Pos::from_m(4_820, NORTH_EDGE_M - 10)
}

/// Where the last fight is fought: in the corridor before Tokyo, in reach of the trunk line.
pub(super) fn arena() -> Pos {
    Pos::from_m(5_380, 2_380)
}

/// Off the coast, below `pos`.
pub(super) fn offing(pos: Pos) -> Pos {
    Pos::new(pos.x, metres(COAST_Y_M - 40))
}

/// Over the airfield of `city`.
pub(super) fn airfield(city: City) -> Pos {
    let exit = ground::city(city).exit;
    Pos::new(exit.x + metres(60), exit.y + metres(80))
}
