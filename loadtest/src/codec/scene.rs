//! A trace's units as what a faction sees.
//!
//! The trace's map of 4,096 m lies in the south-west of the groups' grid. A unit's 24 kinds are told
//! as eight kinds of foreign units, which nobody is told of from afar, on three layers; its flags are
//! the marks, its uid the key. So every bit of a unit's state has its place, and is told.

use gamera_protocol::ids::{Kind, Layer, Viewer};
use gamera_protocol::measure::Pos;
use gamera_protocol::snapshot::group;
use gamera_protocol::view::{Marks, Thing};
use gamera_server::sim::{Key, Sighting};

use crate::trace::{Place, Unit};

/// Whose eyes all clients look through.
pub(super) const VIEWER: Viewer = Viewer::Gamera;
/// The widest reach of single things.
pub(super) const RADIUS_MAX_M: u16 = group::REACH_MAX_M as u16;

const KINDS: [Kind; 8] = [
    Kind::Soldier,
    Kind::BroodLeader,
    Kind::Commander,
    Kind::Scientist,
    Kind::Jet,
    Kind::Tank,
    Kind::Missiles,
    Kind::Engineer,
];

/// Where a viewer looks.
pub(super) fn pos(place: Place) -> Pos {
    Pos::new(place.x as i32, place.y as i32)
}

/// The unit as it is seen.
pub(super) fn sighting(unit: &Unit) -> Sighting {
    Sighting {
        key: Key(unit.uid),
        kind: KINDS[usize::from(unit.kind) % KINDS.len()],
        layer: Layer::ALL[usize::from(unit.kind) / KINDS.len() % Layer::ALL.len()],
        pos: Pos::new(unit.x as i32, unit.y as i32),
        heading: unit.yaw,
        health: unit.health,
        marks: Marks(unit.flags),
        seat: None,
    }
}

/// True where a client shows just this.
pub(super) fn is_as(thing: &Thing, s: &Sighting) -> bool {
    (thing.pos, thing.heading, thing.health, thing.marks) == (s.pos, s.heading, s.health, s.marks)
        && (thing.kind, thing.layer, thing.seat) == (s.kind, s.layer, s.seat)
}
