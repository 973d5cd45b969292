//! How the ground is cut into groups, and the window of groups that a client holds.
//!
//! Three tiers lie over the same ground. *Cells* of 64 m hold everything, and a client holds those
//! around its own unit. *Giants* and *outposts* are regions of 512 m over the whole ground: the
//! first hold what all follow (the giants, the flower), the second the own side's units and the
//! structures.
//!
//! A cell of 64 m is the compromise between the head of a section, which a small cell pays for few
//! things, and the things beyond the radius that a large cell drags in.

use crate::ground;
use crate::ids::Kind;
use crate::measure::{Pos, UNITS_PER_M, metres};

/// South-north size of what is cut into groups, metres: the ground, and room to the north up to a power
/// of two, so that worlds of other measures can be replicated too.
pub const HEIGHT_M: i32 = 4_096;
const _: () = assert!(HEIGHT_M >= ground::HEIGHT_M, "all of the ground lies in groups");

/// Side of a cell, metres.
pub const CELL_M: i32 = 64;
/// Cells from west to east.
pub const CELLS_X: usize = (ground::WIDTH_M / CELL_M) as usize;
/// Cells from south to north.
pub const CELLS_Y: usize = (HEIGHT_M / CELL_M) as usize;
/// Cells in all.
pub const CELLS: usize = CELLS_X * CELLS_Y;

/// Side of a region, metres.
pub const REGION_M: i32 = 512;
const REGIONS_X: usize = (ground::WIDTH_M / REGION_M) as usize;
const REGIONS_Y: usize = (HEIGHT_M / REGION_M) as usize;
/// Regions of one tier.
pub const REGIONS: usize = REGIONS_X * REGIONS_Y;

/// Groups in all: cells, then the regions of the giants, then those of the outposts.
pub const GROUPS: usize = CELLS + 2 * REGIONS;

/// Things that one group holds at most, so that all of it fits into one datagram. Where more
/// crowd together, the rest of the swarm is told by the density alone.
pub const GROUP_THINGS_MAX: usize = 120;

/// Rows and columns of the table that a client's cells are kept in; a cell's place in it is its
/// column and row modulo this.
pub const TABLE: usize = 32;
/// Places of a client's table: cells, then regions.
pub const SLOTS: usize = TABLE * TABLE + 2 * REGIONS;

/// The largest radius of a window, in cells.
pub const RADIUS_MAX: u8 = 15;
/// The same in metres: nobody is told of single things farther away.
pub const REACH_MAX_M: i32 = RADIUS_MAX as i32 * CELL_M;

/// `pos` moved by the shortest way to where there are groups.
#[must_use]
pub fn clamp(pos: Pos) -> Pos {
    Pos { x: pos.x.clamp(0, metres(ground::WIDTH_M) - 1), y: pos.y.clamp(0, metres(HEIGHT_M) - 1) }
}

/// One part of one tier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupId(pub u16);

/// Which things a group holds, and how finely it is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tier {
    /// Everything near.
    Cells,
    /// Giants and flowers.
    Giants,
    /// The own side's units, and structures.
    Outposts,
}

impl GroupId {
    /// The cell that holds `pos`.
    #[must_use]
    pub fn cell_at(pos: Pos) -> GroupId {
        let p = clamp(pos);
        GroupId::cell((p.x / metres(CELL_M)) as usize, (p.y / metres(CELL_M)) as usize)
    }

    /// The cell in `column` and `row`.
    #[inline]
    #[must_use]
    pub const fn cell(column: usize, row: usize) -> GroupId {
        GroupId((row * CELLS_X + column) as u16)
    }

    /// The region of `tier` that holds `pos`; for [`Tier::Cells`] the cell.
    #[must_use]
    pub fn at(tier: Tier, pos: Pos) -> GroupId {
        let p = clamp(pos);
        let region = (p.y / metres(REGION_M)) as usize * REGIONS_X + (p.x / metres(REGION_M)) as usize;
        match tier {
            Tier::Cells => GroupId::cell_at(pos),
            Tier::Giants => GroupId((CELLS + region) as u16),
            Tier::Outposts => GroupId((CELLS + REGIONS + region) as u16),
        }
    }

    /// For indexing per-group tables.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The tier it belongs to.
    #[inline]
    #[must_use]
    pub const fn tier(self) -> Tier {
        match self.index() {
            i if i < CELLS => Tier::Cells,
            i if i < CELLS + REGIONS => Tier::Giants,
            _ => Tier::Outposts,
        }
    }

    /// Column and row of a cell.
    #[inline]
    #[must_use]
    pub const fn cell_place(self) -> (usize, usize) {
        (self.index() % CELLS_X, self.index() / CELLS_X)
    }

    /// Its south-western corner.
    #[inline]
    #[must_use]
    pub const fn origin(self) -> Pos {
        match self.tier() {
            Tier::Cells => {
                let (column, row) = self.cell_place();
                Pos::from_m(column as i32 * CELL_M, row as i32 * CELL_M)
            }
            Tier::Giants | Tier::Outposts => {
                let region = (self.index() - CELLS) % REGIONS;
                Pos::from_m((region % REGIONS_X) as i32 * REGION_M, (region / REGIONS_X) as i32 * REGION_M)
            }
        }
    }

    /// Bits of a coordinate within it.
    #[inline]
    #[must_use]
    pub const fn coordinate_bits(self) -> u32 {
        match self.tier() {
            Tier::Cells => (CELL_M * UNITS_PER_M).ilog2(),
            Tier::Giants | Tier::Outposts => (REGION_M * UNITS_PER_M).ilog2(),
        }
    }

    /// Its place in a client's table.
    #[inline]
    #[must_use]
    pub const fn slot(self) -> usize {
        match self.tier() {
            Tier::Cells => {
                let (column, row) = self.cell_place();
                row % TABLE * TABLE + column % TABLE
            }
            Tier::Giants | Tier::Outposts => TABLE * TABLE + self.index() - CELLS,
        }
    }
}

/// The tier besides the cells in which a thing of `kind` is told from afar, if any; `own` says
/// that it belongs to the viewer's side, or that the viewer belongs to none.
#[must_use]
pub const fn far_tier(kind: Kind, own: bool) -> Option<Tier> {
    match kind {
        Kind::Gamera | Kind::Queen | Kind::Flower | Kind::Pod | Kind::Meteor => Some(Tier::Giants),
        Kind::Cache
        | Kind::Shrine
        | Kind::Pylon
        | Kind::Substation
        | Kind::Lab
        | Kind::Burrow
        | Kind::Sensor
        | Kind::Charge
        | Kind::Sonar
        | Kind::Roadblock
        | Kind::Mote => Some(Tier::Outposts),
        Kind::BroodLeader
        | Kind::Asagi
        | Kind::LightBearer
        | Kind::Commander
        | Kind::Scientist
        | Kind::Jet
        | Kind::Tank
        | Kind::Missiles
        | Kind::Engineer
        | Kind::Convoy
            if own =>
        {
            Some(Tier::Outposts)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_an_origin_that_leads_back_to_it() {
        for i in 0..GROUPS {
            let group = GroupId(i as u16);
            let inside = Pos { x: group.origin().x + 100, y: group.origin().y + 100 };
            assert_eq!(GroupId::at(group.tier(), inside), group);
            assert!(group.slot() < SLOTS);
        }
    }

    #[test]
    fn a_point_of_the_ground_has_its_coordinates_within_its_group() {
        for pos in [Pos::from_m(0, 0), Pos::from_m(8_191, 3_071), Pos::new(98_304, 65_535)] {
            let pos = ground::clamp(pos);
            for tier in [Tier::Cells, Tier::Giants, Tier::Outposts] {
                let group = GroupId::at(tier, pos);
                let (x, y) = (pos.x - group.origin().x, pos.y - group.origin().y);
                assert!(x >= 0 && y >= 0 && x.max(y) < 1 << group.coordinate_bits());
            }
        }
    }
}
