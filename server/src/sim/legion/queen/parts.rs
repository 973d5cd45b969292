//! What of the queen breaks on its own, and what that costs her.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::measure::Pos;
use gamera_protocol::motion::Gait;

use crate::sim::Battle;
use crate::sim::hit::Part;
use crate::sim::legion::Queen;

/// Every part with the event that tells of its end, in the order of their bits.
const PARTS: [(Part, EventKind); 8] = [
    (Part::Horn, EventKind::HornBroken),
    (Part::Wings, EventKind::WingsBroken),
    (Part::Claws, EventKind::ClawsBroken),
    (Part::EggChamber, EventKind::EggChamberBroken),
    (Part::Leg(0), EventKind::LegBroken),
    (Part::Leg(1), EventKind::LegBroken),
    (Part::Leg(2), EventKind::LegBroken),
    (Part::Leg(3), EventKind::LegBroken),
];

/// Tells of parts that have broken since the last tick; broken wings bring her down.
pub(in crate::sim) fn break_parts(b: &mut Battle) {
    for (bit, (part, kind)) in PARTS.iter().enumerate() {
        let queen = &mut b.legion.queen;
        if queen.parts.stands(*part) {
            queen.told_broken &= !(1 << bit);
            continue;
        }
        if queen.told_broken & (1 << bit) != 0 {
            continue;
        }
        queen.told_broken |= 1 << bit;
        let unit = &mut b.units[queen.unit];
        match part {
            Part::Horn => queen.charge_ticks = 0,
            Part::Wings if unit.mover.gait == Gait::Fly => unit.mover.gait = Gait::Walk,
            _ => {}
        }
        let at = unit.pos();
        b.tell(Event::new(b.tick, *kind).at(at));
    }
}

/// The part of the queen that is turned towards `pos`: her claws guard the front, the egg chamber lies
/// behind, a leg at each corner between. So where an enemy stands decides what it breaks.
pub(in crate::sim) fn part_facing(b: &Battle, pos: Pos) -> Option<Part> {
    const EIGHTH: i32 = 8_192;
    let queen = &b.units[b.legion.queen.unit].mover;
    let turn = queen.heading.turn_to(queen.pos.angle_to(pos));
    match turn {
        t if t.abs() < EIGHTH => None,
        t if t.abs() >= 3 * EIGHTH => Some(Part::EggChamber),
        t if t >= 2 * EIGHTH => Some(Part::Leg(1)),
        t if t >= 0 => Some(Part::Leg(0)),
        t if t <= -2 * EIGHTH => Some(Part::Leg(3)),
        _ => Some(Part::Leg(2)),
    }
}

/// The end of `part` has been told in another way.
pub(super) fn mark_told(queen: &mut Queen, part: Part) {
    if let Some(bit) = PARTS.iter().position(|(p, _)| *p == part) {
        queen.told_broken |= 1 << bit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::City;

    #[test]
    fn each_part_is_told_once_when_it_breaks() {
        for (part, kind) in [
            (Part::Horn, EventKind::HornBroken),
            (Part::Wings, EventKind::WingsBroken),
            (Part::Claws, EventKind::ClawsBroken),
            (Part::EggChamber, EventKind::EggChamberBroken),
            (Part::Leg(2), EventKind::LegBroken),
        ] {
            let mut stage = Stage::quick(City::Tokyo);
            stage.run(2);
            assert_eq!(stage.heard(kind), 0, "{kind:?}");
            *stage.battle.legion.queen.parts.health_mut(part) = 0;
            stage.run(5);
            assert_eq!(stage.heard(kind), 1, "{kind:?}");
        }
    }
}
