//! Steered and self-moving units: giants, avatars of the seats, convoys, guards.

use gamera_protocol::ids::{Kind, Layer, SeatId};
use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::motion::{Drive, Gait, Mover};
use gamera_protocol::view::Marks;

use super::Battle;
use super::arena::Id;

pub(in crate::sim) type UnitId = Id<Unit>;

/// One unit. Giants carry more state beside it, in their faction's folder.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Unit {
    pub(in crate::sim) kind: Kind,
    /// The seat that steers it; `None` for convoys and guards.
    pub(in crate::sim) seat: Option<SeatId>,
    pub(in crate::sim) mover: Mover,
    /// Health left, thousandths of a point.
    pub(in crate::sim) health_milli: i32,
    /// Whole health, thousandths of a point: the row's, scaled to the size of the match.
    pub(in crate::sim) health_max_milli: i32,
    /// Where it wants to go in this tick; motion brakes without.
    pub(in crate::sim) drive: Drive,
    /// Marks for the snapshots, set anew in each tick.
    pub(in crate::sim) marks: Marks,
    /// False while it is out of the battle: before an arrival, or deep under.
    pub(in crate::sim) present: bool,
    /// Cannot move or act before this tick.
    pub(in crate::sim) stunned_until: Tick,
}

impl Unit {
    pub(in crate::sim) fn new(kind: Kind, pos: Pos, gait: Gait, health_milli: i32) -> Unit {
        Unit {
            kind,
            seat: None,
            mover: Mover::at(pos, gait),
            health_milli,
            health_max_milli: health_milli,
            drive: Drive { heading: None, speed_permille: 1_000 },
            marks: Marks::default(),
            present: true,
            stunned_until: Tick(0),
        }
    }

    pub(in crate::sim) fn pos(&self) -> Pos {
        self.mover.pos
    }

    pub(in crate::sim) fn layer(&self) -> Layer {
        self.mover.layer()
    }

    /// Present and with health left.
    pub(in crate::sim) fn is_up(&self) -> bool {
        self.present && self.health_milli > 0
    }
}

/// Moves every unit by its drive: the step that a client predicts with.
pub(in crate::sim) fn move_all(battle: &mut Battle) {
    let tick = battle.tick;
    let units = &battle.balance.units;
    for (_, unit) in battle.units.iter_mut().filter(|(_, u)| u.present) {
        let mut drive = unit.drive;
        if tick < unit.stunned_until {
            drive = Drive::default();
        }
        gamera_protocol::motion::step(&mut unit.mover, unit.kind, drive, units, tick);
    }
}

/// Clears what is set anew in each tick.
pub(in crate::sim) fn begin_tick(battle: &mut Battle) {
    let tick = battle.tick;
    for (_, unit) in battle.units.iter_mut() {
        unit.drive = Drive { heading: None, speed_permille: 1_000 };
        unit.marks = Marks::default().with(Marks::HELPLESS, tick < unit.stunned_until);
    }
}
