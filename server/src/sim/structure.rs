//! What stands on the ground: flower, pod, burrows, caches, shrines, power, sensors, charges.

use gamera_protocol::balance::Balance;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::{self, GROUND};
use gamera_protocol::ids::{City, Kind, Layer, SeatId};
use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::view::Marks;

use super::Battle;
use super::arena::{Arena, Id};
use super::fixed::Micro;

pub(in crate::sim) type StructureId = Id<Structure>;

/// One structure. What its numbers mean follows from the kind; see the fields.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Structure {
    pub(in crate::sim) kind: Kind,
    pub(in crate::sim) pos: Pos,
    pub(in crate::sim) layer: Layer,
    /// Health left, thousandths of a point.
    pub(in crate::sim) health_milli: i32,
    /// The city it stands in, if it stands in one.
    pub(in crate::sim) city: Option<City>,
    /// Its place among the city's sites of this kind (caches, shrines, substations, pylons).
    pub(in crate::sim) site: u8,
    /// What it holds: silicon in a cache, motes at a shrine.
    pub(in crate::sim) store: Micro,
    /// When its running thing ends: a fuse, a lure's pulse, a repair, a carcass's decay.
    pub(in crate::sim) until: Tick,
    /// The seat that put it up.
    pub(in crate::sim) owner: Option<SeatId>,
    /// Marks for the snapshots.
    pub(in crate::sim) marks: Marks,
}

impl Structure {
    pub(in crate::sim) fn new(kind: Kind, pos: Pos, balance: &Balance) -> Structure {
        Structure {
            kind,
            pos,
            layer: Layer::Surface,
            health_milli: balance.units.of(kind).health * 1_000,
            city: ground::city_at(pos),
            site: 0,
            store: Micro::ZERO,
            until: Tick(0),
            owner: None,
            marks: Marks::default(),
        }
    }
}

/// What was destroyed: a burrow or a roadblock is gone, a line waits for its repair.
pub(in crate::sim) fn fall(battle: &mut Battle, id: StructureId, by: Option<SeatId>) {
    let Some((kind, at)) = battle.structures.get(id).map(|s| (s.kind, s.pos)) else { return };
    let (event, is_gone) = match kind {
        Kind::Burrow => (EventKind::BurrowClosed, true),
        Kind::Roadblock => (EventKind::RoadCleared, true),
        Kind::Pylon | Kind::Substation => (EventKind::LineCut, false),
        _ => return,
    };
    if is_gone {
        battle.structures.remove(id);
    }
    battle.tell(Event::new(battle.tick, event).at(at).by(by));
}

/// Everything that stands before the battle begins.
pub(in crate::sim) fn lay_out(balance: &Balance) -> Arena<Structure> {
    let mut arena = Arena::default();
    for city in &GROUND.cities {
        let sites: [(Kind, &[Pos]); 4] = [
            (Kind::Cache, &city.caches),
            (Kind::Shrine, &city.shrines),
            (Kind::Substation, &city.substations),
            (Kind::Lab, std::slice::from_ref(&city.lab)),
        ];
        for (kind, places) in sites {
            for (i, pos) in places.iter().enumerate() {
                let store = if kind == Kind::Cache { balance.legion.cache_silicon } else { 0 };
                arena.insert(Structure {
                    site: i as u8,
                    store: Micro::whole(store),
                    ..Structure::new(kind, *pos, balance)
                });
            }
        }
        let sonar = Pos::new(ground::city_centre(city.city).x, city.low.y + gamera_protocol::measure::metres(40));
        arena.insert(Structure::new(Kind::Sonar, sonar, balance));
    }
    for (i, pos) in GROUND.pylons.iter().enumerate() {
        arena.insert(Structure { site: i as u8, ..Structure::new(Kind::Pylon, *pos, balance) });
    }
    arena
}
