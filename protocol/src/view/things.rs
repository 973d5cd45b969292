//! What can be seen of the ground: things, indexed by place and by kind.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::ground;
use crate::ids::{Kind, Layer, NetId, SeatId, Side};
use crate::measure::{Pos, metres};

/// Marks that a thing carries, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Encode, Decode, Serialize, Deserialize)]
pub struct Marks(pub u8);

impl Marks {
    /// It is striking or firing.
    pub const ATTACKING: Marks = Marks(1);
    /// It carries something: glass, a mote, citizens.
    pub const CARRYING: Marks = Marks(1 << 1);
    /// A soldier that is latched on to Gamera; a giant that is mobbed.
    pub const LATCHED: Marks = Marks(1 << 2);
    /// Stunned, pinned or down.
    pub const HELPLESS: Marks = Marks(1 << 3);
    /// About to strike hard: the horn charges, the legs rise, the chest opens, a fuse burns.
    pub const TELL: Marks = Marks(1 << 4);
    /// Live: a line under power, a shrine with a mote, a bloomed flower, a giant that roars.
    pub const LIVE: Marks = Marks(1 << 5);
    /// Not seen now: this is its last known place.
    pub const GHOST: Marks = Marks(1 << 6);
    /// A tremor or a blip: something is there, and the place is rough.
    pub const BLIP: Marks = Marks(1 << 7);

    /// True where every mark of `other` is set.
    #[must_use]
    pub const fn has(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    /// With `other` set where `on`.
    #[must_use]
    pub const fn with(self, other: Marks, on: bool) -> Marks {
        if on { Marks(self.0 | other.0) } else { self }
    }
}

/// One thing that a seat sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Thing {
    /// The faction's id of it.
    pub id: NetId,
    /// What it is.
    pub kind: Kind,
    /// In which layer.
    pub layer: Layer,
    /// Where.
    pub pos: Pos,
    /// Which way it faces, one of 256 directions.
    pub heading: u8,
    /// Health left, 255 is whole. For a flower, a pod and a cache the same of what they hold.
    pub health: u8,
    /// Its marks.
    pub marks: Marks,
    /// The seat that steers it, if one does.
    pub seat: Option<SeatId>,
}

impl Thing {
    /// The faction it belongs to, if any: it follows from the kind.
    #[must_use]
    pub const fn side(&self) -> Option<Side> {
        side_of(self.kind)
    }
}

/// The faction that a kind belongs to, if any.
#[must_use]
pub const fn side_of(kind: Kind) -> Option<Side> {
    match kind {
        Kind::Gamera | Kind::Asagi | Kind::LightBearer | Kind::Mote => Some(Side::Gamera),
        Kind::Queen | Kind::Soldier | Kind::BroodLeader | Kind::Flower | Kind::Pod | Kind::Burrow | Kind::Roadblock => {
            Some(Side::Legion)
        }
        Kind::Commander
        | Kind::Scientist
        | Kind::Jet
        | Kind::Tank
        | Kind::Missiles
        | Kind::Engineer
        | Kind::Guard
        | Kind::Convoy
        | Kind::Pylon
        | Kind::Substation
        | Kind::Lab
        | Kind::Sensor
        | Kind::Charge
        | Kind::Sonar => Some(Side::Sdf),
        Kind::Cache | Kind::Shrine | Kind::Meteor | Kind::Carcass => None,
    }
}

/// Size of a cell of [`Things`]' index, metres.
const CELL_M: i32 = 128;
const CELLS_X: usize = (ground::WIDTH_M / CELL_M) as usize;
const CELLS_Y: usize = (ground::HEIGHT_M / CELL_M) as usize;

/// Everything a seat sees, indexed by place and by kind.
#[derive(Clone, Debug)]
pub struct Things {
    list: Vec<Thing>,
    /// `list[cells[c]..cells[c + 1]]` lie in cell `c`.
    cells: Vec<u32>,
    /// Indices into `list` of everything but soldiers, by kind.
    kinds: Vec<Vec<u32>>,
    sort: Vec<Thing>,
}

impl Default for Things {
    fn default() -> Self {
        Things {
            list: Vec::new(),
            cells: vec![0; CELLS_X * CELLS_Y + 1],
            kinds: vec![Vec::new(); Kind::ALL.len()],
            sort: Vec::new(),
        }
    }
}

impl Things {
    /// Replaces everything by `things`, in any order.
    pub fn rebuild(&mut self, things: impl IntoIterator<Item = Thing>) {
        self.rebuild_with(|list| list.extend(things));
    }

    /// The same with what `fill` appends to an empty list.
    pub fn rebuild_with(&mut self, fill: impl FnOnce(&mut Vec<Thing>)) {
        self.sort.clear();
        fill(&mut self.sort);
        self.cells.fill(0);
        for thing in &self.sort {
            self.cells[cell_of(thing.pos)] += 1;
        }
        // Where each cell ends.
        for c in 1..self.cells.len() {
            self.cells[c] += self.cells[c - 1];
        }
        self.place();
        self.index_kinds();
    }

    /// Puts each thing at the last free place of its cell, the last one first: a counting sort that keeps the
    /// order, and leaves in `cells` where each cell begins.
    fn place(&mut self) {
        self.list.clear();
        let Some(&first) = self.sort.first() else { return };
        self.list.resize(self.sort.len(), first);
        for thing in self.sort.iter().rev() {
            let place = &mut self.cells[cell_of(thing.pos)];
            *place -= 1;
            self.list[*place as usize] = *thing;
        }
    }

    fn index_kinds(&mut self) {
        self.kinds.iter_mut().for_each(Vec::clear);
        for (i, thing) in self.list.iter().enumerate() {
            if thing.kind != Kind::Soldier {
                self.kinds[thing.kind.index()].push(i as u32);
            }
        }
    }

    /// Everything, cell by cell.
    #[must_use]
    pub fn all(&self) -> &[Thing] {
        &self.list
    }

    /// Everything of `kind`. Soldiers are many: ask for them by place.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Thing> {
        debug_assert!(kind != Kind::Soldier, "soldiers are indexed by place alone");
        self.kinds[kind.index()].iter().map(|i| &self.list[*i as usize])
    }

    /// The thing of `kind` nearest to `pos`.
    #[must_use]
    pub fn nearest(&self, kind: Kind, pos: Pos) -> Option<&Thing> {
        self.of_kind(kind).min_by_key(|t| t.pos.distance2(pos))
    }

    /// Everything within `radius_m` metres of `pos`, of any kind.
    pub fn near(&self, pos: Pos, radius_m: i32) -> impl Iterator<Item = &Thing> {
        let (cx, cy) = (pos.x / metres(CELL_M), pos.y / metres(CELL_M));
        let reach = radius_m / CELL_M + 1;
        let columns = (cx - reach).clamp(0, CELLS_X as i32 - 1)..=(cx + reach).clamp(0, CELLS_X as i32 - 1);
        let rows = (cy - reach).clamp(0, CELLS_Y as i32 - 1)..=(cy + reach).clamp(0, CELLS_Y as i32 - 1);
        rows.flat_map(move |row| {
            let start = self.cells[row as usize * CELLS_X + *columns.start() as usize] as usize;
            let end = self.cells[row as usize * CELLS_X + *columns.end() as usize + 1] as usize;
            self.list[start..end].iter()
        })
        .filter(move |t| t.pos.within(pos, metres(radius_m)))
    }
}

fn cell_of(pos: Pos) -> usize {
    let p = ground::clamp(pos);
    (p.y / metres(CELL_M)) as usize * CELLS_X + (p.x / metres(CELL_M)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::UnitTable;

    fn thing(id: u16, kind: Kind, x_m: i32, y_m: i32) -> Thing {
        Thing {
            id: NetId(id),
            kind,
            layer: Layer::Surface,
            pos: Pos::from_m(x_m, y_m),
            heading: 0,
            health: 255,
            marks: Marks::default(),
            seat: None,
        }
    }

    #[test]
    fn sides_agree_with_the_unit_table() {
        let units = UnitTable::default();
        for kind in Kind::ALL {
            assert_eq!(side_of(*kind), units.of(*kind).side, "{kind}");
        }
    }

    #[test]
    fn near_finds_what_is_near_and_nothing_else() {
        let mut things = Things::default();
        things.rebuild((0..200).map(|i| thing(i, Kind::Soldier, 20 + 37 * i32::from(i), 700)));
        let at = Pos::from_m(2_000, 700);
        let mut found: Vec<u16> = things.near(at, 300).map(|t| t.id.0).collect();
        found.sort_unstable();
        let wanted: Vec<u16> =
            (0..200).filter(|i| Pos::from_m(20 + 37 * i32::from(*i), 700).within(at, metres(300))).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn things_are_found_by_kind_after_a_rebuild() {
        let mut things = Things::default();
        things.rebuild([
            thing(1, Kind::Tank, 10, 600),
            thing(2, Kind::Flower, 900, 900),
            thing(3, Kind::Tank, 50, 600),
        ]);
        assert_eq!(things.nearest(Kind::Tank, Pos::from_m(60, 600)).unwrap().id, NetId(3));
        things.rebuild([]);
        assert!(things.nearest(Kind::Tank, Pos::from_m(60, 600)).is_none());
    }
}
