//! The cities' people and plants. Whoever kills, frees or saves citizens does it through here, so
//! that nobody is counted twice.

use gamera_protocol::ground::{self, CITY_BLOCKS, DISTRICTS};
use gamera_protocol::ids::City;
use gamera_protocol::measure::{Pos, metres};

use super::fixed::Micro;

/// The people of one district, in tok.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) struct People {
    pub(in crate::sim) staying: Micro,
    /// In a convoy on the way out.
    pub(in crate::sim) on_road: Micro,
    pub(in crate::sim) evacuated: Micro,
    pub(in crate::sim) dead: Micro,
}

/// One city in the battle.
#[derive(Clone, Debug)]
pub(in crate::sim) struct CityState {
    pub(in crate::sim) city: City,
    pub(in crate::sim) districts: [People; DISTRICTS],
    /// One bit a block under plants, a word a row from the south.
    overgrown: [u64; CITY_BLOCKS],
    /// The people know: they leave by themselves.
    pub(in crate::sim) alarmed: bool,
    /// It has been fought over, or is: it counts for the SDF.
    pub(in crate::sim) contested: bool,
    pub(in crate::sim) annihilated: bool,
}

impl CityState {
    pub(in crate::sim) fn new(city: City) -> CityState {
        let people = |d: &ground::District| People {
            staying: Micro::whole(d.population_tok),
            on_road: Micro::ZERO,
            evacuated: Micro::ZERO,
            dead: Micro::ZERO,
        };
        CityState {
            city,
            districts: ground::city(city).districts.each_ref().map(people),
            overgrown: [0; CITY_BLOCKS],
            alarmed: false,
            contested: false,
            annihilated: false,
        }
    }

    pub(in crate::sim) fn staying(&self) -> Micro {
        self.districts.iter().map(|d| d.staying).sum()
    }

    pub(in crate::sim) fn on_road(&self) -> Micro {
        self.districts.iter().map(|d| d.on_road).sum()
    }

    pub(in crate::sim) fn evacuated(&self) -> Micro {
        self.districts.iter().map(|d| d.evacuated).sum()
    }

    pub(in crate::sim) fn dead(&self) -> Micro {
        self.districts.iter().map(|d| d.dead).sum()
    }

    /// Everyone who lived here before the battle.
    pub(in crate::sim) fn population(&self) -> Micro {
        self.staying() + self.on_road() + self.evacuated() + self.dead()
    }

    /// Share of the district's people that are still there, thousandths: battles kill by it.
    pub(in crate::sim) fn density_permille(&self, district: usize) -> i32 {
        let d = &self.districts[district];
        let all = d.staying + d.on_road + d.evacuated + d.dead;
        d.staying.scaled(1_000, all.0.max(1)).0 as i32
    }

    /// Kills up to `tok` of a district's people; returns how many died.
    pub(in crate::sim) fn kill(&mut self, district: usize, tok: Micro) -> Micro {
        let died = self.districts[district].staying.take(tok);
        self.districts[district].dead += died;
        died
    }

    /// Puts up to `tok` of a district's people on the road; returns how many.
    pub(in crate::sim) fn depart(&mut self, district: usize, tok: Micro) -> Micro {
        let left = self.districts[district].staying.take(tok);
        self.districts[district].on_road += left;
        left
    }

    /// Brings `tok` of a district's people on the road to safety.
    pub(in crate::sim) fn arrive(&mut self, district: usize, tok: Micro) {
        let arrived = self.districts[district].on_road.take(tok);
        self.districts[district].evacuated += arrived;
    }

    /// A convoy with `tok` of a district's people is lost: `dead_pct` of them die, the rest run
    /// back home. Returns how many died.
    pub(in crate::sim) fn lose(&mut self, district: usize, tok: Micro, dead_pct: i32) -> Micro {
        let lost = self.districts[district].on_road.take(tok);
        let died = lost.percent(dead_pct.clamp(0, 100));
        self.districts[district].dead += died;
        self.districts[district].staying += lost - died;
        died
    }

    /// True where plants cover `pos`.
    pub(in crate::sim) fn is_overgrown(&self, pos: Pos) -> bool {
        self.block(pos).is_some_and(|(column, row)| self.overgrown[row] & (1 << column) != 0)
    }

    /// Covers the block of `pos` with plants, or clears it. True where that changed it.
    pub(in crate::sim) fn set_overgrown(&mut self, pos: Pos, on: bool) -> bool {
        let Some((column, row)) = self.block(pos) else { return false };
        let before = self.overgrown[row];
        let bit = 1 << column;
        self.overgrown[row] = if on { before | bit } else { before & !bit };
        self.overgrown[row] != before
    }

    /// Blocks under plants.
    pub(in crate::sim) fn overgrown_blocks(&self) -> u32 {
        self.overgrown.iter().map(|row| row.count_ones()).sum()
    }

    /// Blocks under plants, percent of the city.
    pub(in crate::sim) fn overgrown_pct(&self) -> i32 {
        (self.overgrown_blocks() as usize * 100 / (CITY_BLOCKS * CITY_BLOCKS)) as i32
    }

    fn block(&self, pos: Pos) -> Option<(usize, usize)> {
        let low = ground::city_low(self.city);
        let edge = metres(ground::BLOCK_M);
        let (column, row) = ((pos.x - low.x).div_euclid(edge), (pos.y - low.y).div_euclid(edge));
        let inside = |v: i32| (0..CITY_BLOCKS as i32).contains(&v);
        (inside(column) && inside(row)).then_some((column as usize, row as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_lost_and_nobody_is_counted_twice() {
        let mut city = CityState::new(City::Sendai);
        let all = city.population();
        assert_eq!(city.kill(4, Micro::whole(70)), Micro::whole(70));
        assert_eq!(city.depart(4, Micro::whole(70)), Micro::whole(40));
        city.arrive(4, Micro::whole(20));
        assert_eq!(city.lose(4, Micro::whole(70), 100), Micro::whole(20));
        assert_eq!(city.kill(4, Micro::whole(1)), Micro::ZERO);
        assert_eq!(city.population(), all);
        assert_eq!(city.density_permille(4), 0);
        assert_eq!(city.density_permille(0), 1_000);
    }

    #[test]
    fn plants_cover_blocks_and_are_cleared_again() {
        let mut city = CityState::new(City::Tokyo);
        let at = ground::city_centre(City::Tokyo);
        assert!(city.set_overgrown(at, true));
        assert!(!city.set_overgrown(at, true));
        assert!(city.is_overgrown(at) && city.overgrown_blocks() == 1);
        assert!(!city.set_overgrown(ground::city_centre(City::Sendai), true), "another city");
        assert!(city.set_overgrown(at, false));
        assert_eq!(city.overgrown_blocks(), 0);
    }
}
