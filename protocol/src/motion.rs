//! How a steered unit moves in one tick: the one function that the server steps and the client
//! predicts with. It knows the unit, its row and the ground, and nothing else of the battle.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::balance::UnitTable;
use crate::ground;
use crate::ids::{Kind, Layer, named_enum};
use crate::measure::{Angle, Pos, Tick, UNITS_PER_M, Velocity, metres};

named_enum! {
    /// How a unit is moving about.
    Gait {
        /// On the surface.
        Walk = "walking",
        /// In the sky.
        Fly = "flying",
        /// Underground.
        Burrow = "burrowing",
        /// Down and dragging itself along.
        Crawl = "crawling",
        /// Cannot move at all.
        Fixed = "fixed",
    }
}

/// The part of a unit that motion reads and writes: state and wire form in one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub struct Mover {
    /// Where.
    pub pos: Pos,
    /// How fast.
    pub velocity: Velocity,
    /// Which way it faces.
    pub heading: Angle,
    /// How it moves.
    pub gait: Gait,
}

impl Mover {
    /// Standing at `pos`.
    #[must_use]
    pub const fn at(pos: Pos, gait: Gait) -> Mover {
        Mover { pos, velocity: Velocity::ZERO, heading: Angle::NORTH, gait }
    }

    /// The layer that follows from the gait.
    #[must_use]
    pub const fn layer(&self) -> Layer {
        match self.gait {
            Gait::Walk | Gait::Crawl | Gait::Fixed => Layer::Surface,
            Gait::Fly => Layer::Sky,
            Gait::Burrow => Layer::Underground,
        }
    }
}

/// What moves a unit in one tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Drive {
    /// Where to; `None` brakes.
    pub heading: Option<Angle>,
    /// The unit's speed as it is now, thousandths of its row's: plants, pins, broken legs, water.
    pub speed_permille: u16,
}

/// How one kind handles. Giants and jets have momentum; the rest turn on the spot.
struct Handling {
    /// Full speed is reached in this many ticks; zero at once.
    speed_up_ticks: i32,
    /// Turn in a tick at most, 1/65,536 turns; zero at once.
    turn: i32,
    /// Share of full speed that it keeps without a heading, thousandths.
    idle_permille: i32,
    /// Turn in a tick without a heading, 1/65,536 turns: a jet circles.
    idle_turn: i32,
}

const AT_ONCE: Handling = Handling { speed_up_ticks: 0, turn: 0, idle_permille: 0, idle_turn: 0 };
const GIANT: Handling = Handling { speed_up_ticks: 30, turn: 900, idle_permille: 0, idle_turn: 0 };
const GIANT_FLYING: Handling = Handling { speed_up_ticks: 75, turn: 420, idle_permille: 0, idle_turn: 0 };
const JET: Handling = Handling { speed_up_ticks: 30, turn: 720, idle_permille: 500, idle_turn: 360 };

/// A giant that crawls goes this fast, 1/64 m a second (5 m/s).
const CRAWL_SPEED: i32 = 5 * UNITS_PER_M;
/// A giant in the sea swims this fast, thousandths of its walk.
const SWIM_PERMILLE: i32 = 2_000;

const fn handling(kind: Kind, gait: Gait) -> &'static Handling {
    match (kind, gait) {
        (Kind::Gamera | Kind::Queen, Gait::Fly) => &GIANT_FLYING,
        (Kind::Gamera | Kind::Queen, _) => &GIANT,
        (Kind::Jet, _) => &JET,
        _ => &AT_ONCE,
    }
}

/// Full speed of `kind` in its present gait and place, 1/64 m a second.
#[must_use]
pub fn full_speed(mover: &Mover, kind: Kind, units: &UnitTable) -> i32 {
    let row = units.of(kind);
    match mover.gait {
        Gait::Walk if kind == Kind::Gamera && ground::is_sea(mover.pos) => row.speed() * SWIM_PERMILLE / 1_000,
        Gait::Walk => row.speed(),
        Gait::Fly => row.fly_speed(),
        Gait::Burrow => row.burrow_speed(),
        Gait::Crawl => CRAWL_SPEED,
        Gait::Fixed => 0,
    }
}

/// Moves `mover` through `tick`.
pub fn step(mover: &mut Mover, kind: Kind, drive: Drive, units: &UnitTable, tick: Tick) {
    let full = full_speed(mover, kind, units) * i32::from(drive.speed_permille) / 1_000;
    let handling = handling(kind, mover.gait);
    turn(mover, drive.heading, handling);
    mover.velocity = velocity(mover, drive.heading, full, handling);
    mover.pos = confine(mover.velocity.advance(mover.pos, tick), kind, mover.gait);
}

fn turn(mover: &mut Mover, heading: Option<Angle>, handling: &Handling) {
    mover.heading = match heading {
        Some(wish) if handling.turn == 0 => wish,
        Some(wish) => mover.heading.turned_towards(wish, handling.turn),
        None => mover.heading.turned(handling.idle_turn),
    };
}

fn velocity(mover: &Mover, heading: Option<Angle>, full: i32, handling: &Handling) -> Velocity {
    let goal_speed = if heading.is_some() { full } else { full * handling.idle_permille / 1_000 };
    if handling.speed_up_ticks == 0 {
        return Velocity::towards(mover.heading, goal_speed);
    }
    let goal = Velocity::towards(mover.heading, goal_speed);
    // Never slower than a metre a second squared, so that a heavy thing does come to rest.
    let limit = (full / handling.speed_up_ticks).max(UNITS_PER_M / 4);
    let (dx, dy) = (goal.x - mover.velocity.x, goal.y - mover.velocity.y);
    let change = Velocity { x: dx, y: dy }.speed();
    if change <= limit {
        return goal;
    }
    Velocity { x: mover.velocity.x + dx * limit / change, y: mover.velocity.y + dy * limit / change }
}

/// Keeps a unit on the ground, and what cannot swim out of the sea.
fn confine(pos: Pos, kind: Kind, gait: Gait) -> Pos {
    let mut inside = ground::clamp(pos);
    let swims = matches!(kind, Kind::Gamera | Kind::Queen);
    if gait != Gait::Fly && !swims {
        inside.y = inside.y.max(metres(ground::COAST_Y_M));
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive(kind: Kind, mut mover: Mover, heading: Option<Angle>, ticks: u32) -> Mover {
        let units = UnitTable::default();
        for t in 0..ticks {
            step(&mut mover, kind, Drive { heading, speed_permille: 1_000 }, &units, Tick(t));
        }
        mover
    }

    #[test]
    fn a_tank_covers_its_speed_and_stops_at_once() {
        let start = Mover::at(Pos::from_m(500, 1_000), Gait::Walk);
        let there = drive(Kind::Tank, start, Some(Angle::EAST), 300);
        assert_eq!(there.pos, Pos::from_m(500 + 110, 1_000));
        assert_eq!(drive(Kind::Tank, there, None, 1).velocity, Velocity::ZERO);
    }

    #[test]
    fn a_giant_gathers_way_and_needs_room_to_stop() {
        let start = Mover::at(Pos::from_m(1_000, 1_000), Gait::Fly);
        let early = drive(Kind::Gamera, start, Some(Angle::NORTH), 15);
        let late = drive(Kind::Gamera, start, Some(Angle::NORTH), 150);
        assert!(early.velocity.speed() < late.velocity.speed());
        assert_eq!(late.velocity.speed(), metres(90));
        assert!(drive(Kind::Gamera, late, None, 1).velocity.speed() > metres(80));
        assert_eq!(drive(Kind::Gamera, late, None, 300).velocity, Velocity::ZERO);
    }

    #[test]
    fn only_giants_and_flyers_leave_the_coast() {
        let coast = Pos::from_m(1_000, 520);
        let tank = drive(Kind::Tank, Mover::at(coast, Gait::Walk), Some(Angle::SOUTH), 300);
        assert_eq!(tank.pos.to_m().1, ground::COAST_Y_M);
        let gamera = drive(Kind::Gamera, Mover::at(coast, Gait::Walk), Some(Angle::SOUTH), 300);
        assert!(ground::is_sea(gamera.pos));
        let jet = drive(Kind::Jet, Mover::at(coast, Gait::Fly), Some(Angle::SOUTH), 150);
        assert!(ground::is_sea(jet.pos));
    }

    #[test]
    fn a_jet_without_a_heading_circles() {
        let start = Mover::at(Pos::from_m(1_000, 1_000), Gait::Fly);
        let later = drive(Kind::Jet, start, None, 182);
        assert!(later.velocity.speed() > 0);
        assert!(later.pos.within(start.pos, metres(250)), "{:?}", later.pos.to_m());
    }
}
