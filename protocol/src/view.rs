//! What one seat knows: the only thing that a screen draws and a bot thinks with.
//!
//! The server fills it from the battle through the fog, the client from the snapshots it decoded;
//! nothing in here tells which of the two it was.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::ground;
use crate::ids::{City, Kind, Layer, NetId, Role, SeatId, Side, named_enum};
use crate::input::Verb;
use crate::measure::{Angle, Pos, Tick, metres};
use crate::motion::Mover;

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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
        self.sort.clear();
        self.sort.extend(things);
        self.cells.fill(0);
        for thing in &self.sort {
            self.cells[cell_of(thing.pos) + 1] += 1;
        }
        for c in 1..self.cells.len() {
            self.cells[c] += self.cells[c - 1];
        }
        self.place();
        self.index_kinds();
    }

    /// Puts each thing at the next free place of its cell: a counting sort that keeps the order.
    fn place(&mut self) {
        let Some(&first) = self.sort.first() else {
            self.list.clear();
            return;
        };
        self.list.clear();
        self.list.resize(self.sort.len(), first);
        let mut next = self.cells.clone();
        for thing in &self.sort {
            let slot = &mut next[cell_of(thing.pos)];
            self.list[*slot as usize] = *thing;
            *slot += 1;
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

named_enum! {
    /// What the match is doing.
    Phase {
        /// A city is fought over.
        Siege = "siege",
        /// Between two cities.
        Interlude = "interlude",
        /// The queen is on her way to Tokyo.
        March = "march",
        /// The verdict has been reached.
        Epilogue = "epilogue",
        /// The match is over.
        Ended = "ended",
    }
}

named_enum! {
    /// How Gamera is.
    GameraState {
        /// Not yet there.
        Away = "away",
        /// Up and fighting.
        Active = "active",
        /// Under water.
        Dived = "dived",
        /// Left for dead.
        Down = "down",
        /// Crawling.
        Limping = "limping",
        /// In a coma.
        Coma = "in a coma",
        /// Dead.
        Dead = "dead",
        /// Gone into the morning sky.
        Ascended = "ascended",
    }
}

named_enum! {
    /// How the queen is.
    QueenState {
        /// Underground with the hive.
        Lair = "in her lair",
        /// The ground trembles.
        Emerging = "emerging",
        /// On the surface or in the air.
        Active = "active",
        /// Going under.
        Burrowing = "burrowing",
        /// Lying stunned.
        Stunned = "stunned",
        /// On the march.
        Marching = "marching",
        /// Dead.
        Dead = "dead",
    }
}

/// A giant's bar as a faction knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct GameraView {
    /// How she is.
    pub state: GameraState,
    /// Health left, thousandths.
    pub health_permille: u16,
    /// Swarm mass latched on to her, M.
    pub mobbed: u16,
    /// Until a coma, a knock-out or a forced stay ends; zero where none.
    pub timer_s: u16,
}

/// The queen and her parts as a faction knows them: health left, thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct QueenView {
    /// How she is.
    pub state: QueenState,
    /// The body.
    pub health_permille: u16,
    /// The horn.
    pub horn_permille: u16,
    /// The wings.
    pub wings_permille: u16,
    /// The claws.
    pub claws_permille: u16,
    /// The egg chamber.
    pub egg_chamber_permille: u16,
    /// The legs.
    pub legs_permille: [u16; 4],
}

/// A flower as a faction knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FlowerView {
    /// Silicon fed so far as the stage of growth: 0 planted, 1 rooted, 2 pod burst, 3 bloomed.
    pub stage: u8,
    /// Health left, thousandths.
    pub health_permille: u16,
    /// Oxygen 0..=100, where known.
    pub oxygen: Option<u8>,
    /// Seconds to the launch, where known and running.
    pub launch_s: Option<u8>,
}

/// A city as a faction knows it. Citizens are counted in tenths of a tok (hundreds of people).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct CityView {
    /// Still in the city.
    pub staying_dtok: u16,
    /// Safe outside.
    pub evacuated_dtok: u16,
    /// Dead.
    pub dead_dtok: u16,
    /// Blocks under plants, percent of the city.
    pub overgrown_pct: u8,
    /// The flower or what will become one, where known.
    pub flower: Option<FlowerView>,
    /// True once this city has been fought over, or is.
    pub contested: bool,
    /// True once it has been annihilated.
    pub annihilated: bool,
    /// Citizens still in each district, in tenths of a tok.
    pub districts_dtok: [u16; ground::DISTRICTS],
}

/// The numbers that only the Legion knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct LegionView {
    /// The swarm, M.
    pub mass: u16,
    /// Silicon in the hive.
    pub silicon: u16,
    /// Share of it that feeds the flower, percent.
    pub feed_pct: u8,
    /// Until the next broodburst, seconds.
    pub broodburst_s: u8,
    /// True while the swarm holds against lures.
    pub hold: bool,
}

/// The numbers that only Gamera's side knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct GameraSideView {
    /// Mana 0..=100, tenths.
    pub mana_dm: u16,
    /// True while Asagi is linked.
    pub bonded: bool,
    /// True until the jewel has shattered.
    pub jewel: bool,
    /// Gamera may come ashore from this tick on.
    pub arrival: Tick,
    /// True once she has been knocked out: the next time is death.
    pub knocked_out: bool,
    /// True once the plasma beam has been spent.
    pub plasma_spent: bool,
    /// True while she has a reason to roar.
    pub may_roar: bool,
    /// True while the healing of a retreat goes on.
    pub retreated: bool,
}

/// The numbers that only the SDF knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SdfView {
    /// Research 0..=100, tenths.
    pub research_dm: u16,
    /// The lure's charge, percent.
    pub lure_pct: u8,
    /// Seconds that a lure is still live.
    pub lure_s: u8,
    /// Share of the effort on evacuation, percent.
    pub evacuation_pct: u8,
    /// The district that it looks to first.
    pub evacuation_district: u8,
    /// True while weapons are free on Gamera.
    pub weapons_free: bool,
    /// Seconds that a conference still helps research.
    pub confer_s: u8,
    /// The city whose evacuation the effort goes to.
    pub evacuation_city: City,
    /// Citizens that are being brought out, tenths of a tok a minute.
    pub evacuation_dtok_min: u16,
    /// Convoys on the road.
    pub convoys: u8,
    /// The research tier reached: 0, 30, 60 or 100.
    pub tier: u8,
    /// True once the flower is known to be a launch pad.
    pub theory: bool,
    /// Seconds that the sonar patrol is still out.
    pub patrol_s: u8,
    /// Where sonar hears Gamera, roughly.
    pub contact: Option<Pos>,
    /// The bearings taken of the meteor.
    pub bearings: [Option<Bearing>; 2],
    /// Where the meteor lies, once two bearings cross.
    pub meteor: Option<Pos>,
    /// The substation or pylon that is a live lure.
    pub lure_at: Option<Pos>,
}

impl Default for SdfView {
    fn default() -> Self {
        SdfView {
            research_dm: 0,
            lure_pct: 0,
            lure_s: 0,
            evacuation_pct: 0,
            evacuation_district: 0,
            weapons_free: false,
            confer_s: 0,
            evacuation_city: City::Sapporo,
            evacuation_dtok_min: 0,
            convoys: 0,
            tier: 0,
            theory: false,
            patrol_s: 0,
            contact: None,
            bearings: [None; 2],
            meteor: None,
            lure_at: None,
        }
    }
}

/// A line of sight to something far away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Bearing {
    /// From where.
    pub from: Pos,
    /// In which of 256 directions.
    pub heading: u8,
}

/// What a faction knows of the match as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TeamView {
    /// The tick this was true.
    pub tick: Tick,
    /// What the match is doing.
    pub phase: Phase,
    /// Where.
    pub city: City,
    /// Each city.
    pub cities: [CityView; 3],
    /// Gamera, as far as known.
    pub gamera: Option<GameraView>,
    /// The queen, as far as known.
    pub queen: Option<QueenView>,
    /// Seeds launched.
    pub seeds: u8,
    /// Wariness 0..=100.
    pub wariness: u8,
    /// Scores by side.
    pub scores: [u16; 3],
    /// Set for the Legion and for spectators.
    pub legion: Option<LegionView>,
    /// Set for Gamera's side and for spectators.
    pub gamera_side: Option<GameraSideView>,
    /// Set for the SDF and for spectators.
    pub sdf: Option<SdfView>,
    /// The place of the newest rally offer of the own side.
    pub rally: Option<Pos>,
}

/// Why the war ended as it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub enum EndCause {
    /// Enough seeds left for space.
    SeedsLaunched,
    /// Gamera is dead and the queen holds the last city.
    CityHeld,
    /// The queen is dead and no flower stands.
    QueenDestroyed,
    /// Time ran out, and a flower stood.
    TimeWithFlower,
    /// Time ran out, and none stood.
    TimeWithoutFlower,
    /// An administrator ended the match.
    Ended,
}

/// How a match ended. The Legion and Gamera cannot both win; the SDF wins or loses apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub struct Verdict {
    /// When it was reached.
    pub at: Tick,
    /// Who won the war: Gamera or the Legion.
    pub war: Side,
    /// True where enough citizens live.
    pub sdf: bool,
    /// Why.
    pub cause: EndCause,
    /// Scores by side, 0..=1,000.
    pub scores: [u16; 3],
    /// Citizens of the contested cities that live, thousandths.
    pub survival_permille: u16,
}

/// What one seat did in a match.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub struct SeatPart {
    /// Which seat.
    pub seat: SeatId,
    /// Damage dealt, points.
    pub damage: u32,
    /// Soldiers killed.
    pub kills: u32,
    /// How often it was downed.
    pub downs: u32,
    /// Work done: verbs that took their time and were finished.
    pub deeds: u32,
}

/// Whether the seat's unit is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Life {
    /// It is.
    Alive,
    /// It was downed and comes back at this tick.
    Down {
        /// When.
        until: Tick,
    },
    /// Nothing to steer until this tick: on the way to the next city.
    Waiting {
        /// When.
        until: Tick,
    },
}

/// Verbs that one role has at most.
pub const VERBS_MAX: usize = 9;

/// The own unit, exactly: prediction starts from here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OwnView {
    /// The tick this was true.
    pub tick: Tick,
    /// The role that the seat plays now: Gamera's seat plays a light-bearer while she is away.
    pub role: Role,
    /// Is it there?
    pub life: Life,
    /// Where and how it moves.
    pub mover: Mover,
    /// Its speed as it is now, thousandths of the row's.
    pub speed_permille: u16,
    /// Health left.
    pub health: i32,
    /// Whole health.
    pub health_max: i32,
    /// What it carries: motes, charges, rounds, glass, citizens.
    pub carried: u16,
    /// Soldiers in a brood leader's squad.
    pub squad: u16,
    /// Ticks until each verb of the role can be used again, in the order of `verbs_of`.
    pub cooldowns: [u16; VERBS_MAX],
    /// What it is in the middle of: verb, ticks done, ticks in all.
    pub channel: Option<(Verb, u16, u16)>,
}

/// A seat's view in one piece.
#[derive(Clone, Copy, Debug)]
pub struct SeatView<'a> {
    /// Whose.
    pub seat: SeatId,
    /// The own unit.
    pub own: &'a OwnView,
    /// The match.
    pub team: &'a TeamView,
    /// What can be seen.
    pub things: &'a Things,
    /// What happened since the last look, oldest first.
    pub events: &'a [Event],
}

impl SeatView<'_> {
    /// The tick of the view.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.own.tick
    }

    /// Where the own unit is.
    #[must_use]
    pub fn pos(&self) -> Pos {
        self.own.mover.pos
    }

    /// Which way it faces.
    #[must_use]
    pub fn heading(&self) -> Angle {
        self.own.mover.heading
    }
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
