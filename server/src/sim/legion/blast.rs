//! The blast that annihilates a city.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::{self, DISTRICTS};
use gamera_protocol::ids::{City, Kind, Layer};
use gamera_protocol::measure::{Pos, metres};

use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Target};

/// `city` is annihilated. Who is underground, under water or far away is spared.
pub(in crate::sim) fn blast(b: &mut Battle, city: City) {
    if !b.has(Rule::Blast) {
        return;
    }
    let at = b.legion.hives[city.index()].as_ref().map_or(ground::city_centre(city), |h| h.pos);
    let dead = kill_citizens(b, city);
    strike_units(b, at);
    strike_swarm(b, at);
    b.cities[city.index()].annihilated = true;
    b.tell(Event::new(b.tick, EventKind::CityDetonated).in_city(city).at(at).amount(dead.floor()));
}

fn kill_citizens(b: &mut Battle, city: City) -> Micro {
    let pct = b.balance.legion.blast_citizens_pct;
    let state = &mut b.cities[city.index()];
    (0..DISTRICTS)
        .map(|district| {
            let doomed = state.districts[district].staying.percent(pct);
            state.kill(district, doomed)
        })
        .sum()
}

fn strike_units(b: &mut Battle, at: Pos) {
    let n = &b.balance.legion;
    let radius = metres(n.blast_radius_m);
    for (id, unit) in b.units.iter() {
        let exposed = unit.is_up() && unit.layer() != Layer::Underground && !b.is_dived(id);
        if exposed && unit.pos().within(at, radius) {
            let damage = match unit.kind {
                Kind::Gamera => n.blast_gamera,
                Kind::Queen => n.blast_queen,
                _ => n.blast_small,
            };
            let damage_milli = b.felt_milli(unit.kind, damage * 1_000);
            b.hits.push(Hit { target: Target::Unit(id), damage_milli, by: None });
        }
    }
}

/// Of the soldiers in the open so many in a hundred die, evenly spread.
fn strike_swarm(b: &mut Battle, at: Pos) {
    let (radius, pct) = (metres(b.balance.legion.blast_radius_m), b.balance.legion.blast_swarm_pct);
    let exposed = b.swarm.soldiers.iter_mut().filter(|s| !s.underground && s.pos.within(at, radius));
    for (i, soldier) in exposed.enumerate() {
        if super::is_share(i, pct) {
            soldier.health_milli = 0;
        }
    }
}
