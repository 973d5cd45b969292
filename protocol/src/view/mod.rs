//! What one seat knows: the only thing that a screen draws and a bot thinks with.
//!
//! The server fills it from the battle through the fog, the client from the snapshots it decoded;
//! nothing in here tells which of the two it was.

mod things;

pub use things::{Marks, Thing, Things, side_of};

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::ground;
use crate::ids::{City, Role, SeatId, Side, named_enum};
use crate::input::Verb;
use crate::measure::{Angle, Pos, Tick};
use crate::motion::Mover;

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
    /// After this city comes none: the only one of a quick match.
    pub last_city: City,
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
