//! How a seat's unit comes into the battle, falls and returns, and how seats follow the battle to
//! the next city. Giants fall by their own rules, in their factions' folders.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::{self, CITY_M};
use gamera_protocol::ids::{Kind, Layer, Role, SeatId, Side};
use gamera_protocol::measure::{Pos, metres, ticks};
use gamera_protocol::motion::Gait;
use gamera_protocol::view::Life;

use super::unit::{Unit, UnitId};
use super::{Battle, Scene, clash};

/// Gives every seat its first unit. The giants' bodies exist already.
pub(in crate::sim) fn muster(battle: &mut Battle) {
    for index in 0..battle.seats.len() {
        let seat = SeatId(index as u16);
        match battle.seats[index].role {
            Role::Gamera => {
                battle.seats[index].play(Role::LightBearer);
                spawn(battle, seat);
            }
            Role::Queen => board(battle, seat, battle.legion.queen.unit),
            _ => spawn(battle, seat),
        }
    }
}

/// Puts `seat` in charge of a giant's body.
pub(in crate::sim) fn board(battle: &mut Battle, seat: SeatId, unit: UnitId) {
    discharge(battle, seat);
    let s = &mut battle.seats[seat.index()];
    s.play(s.role);
    s.unit = Some(unit);
    s.life = Life::Alive;
    battle.units[unit].seat = Some(seat);
}

/// Takes `seat` out of its giant, which lies where it lies, and lets it play a light-bearer.
pub(in crate::sim) fn leave_giant(battle: &mut Battle, seat: SeatId) {
    let s = &mut battle.seats[seat.index()];
    if let Some(unit) = s.unit.take().and_then(|id| battle.units.get_mut(id)) {
        unit.seat = None;
    }
    s.play(Role::LightBearer);
    spawn(battle, seat);
}

/// Takes the seat's own small unit out of the battle, if it has one.
fn discharge(battle: &mut Battle, seat: SeatId) {
    if let Some(id) = battle.seats[seat.index()].unit.take() {
        let giant = battle.units.get(id).is_some_and(|u| matches!(u.kind, Kind::Gamera | Kind::Queen));
        if !giant {
            battle.units.remove(id);
        }
    }
}

/// Puts a fresh unit of the role that `seat` plays at its side's place in the present city.
pub(in crate::sim) fn spawn(battle: &mut Battle, seat: SeatId) {
    let role = battle.seats[seat.index()].playing;
    let kind = role.kind();
    let (pos, gait) = spawn_place(battle, seat, role);
    let health_milli = battle.scaled_milli(seat, battle.balance.units.of(kind).health).max(1);
    let unit = Unit { seat: Some(seat), ..Unit::new(kind, pos, gait, health_milli) };
    let id = battle.units.insert(unit);
    let s = &mut battle.seats[seat.index()];
    s.unit = Some(id);
    s.life = Life::Alive;
    s.carried = initial_load(role, battle.balance.units.of(kind).carries);
}

/// Rounds and charges are issued with the unit; motes, glass and citizens are not.
fn initial_load(role: Role, carries: i32) -> u16 {
    match role {
        Role::Missiles | Role::Jet | Role::Engineer => carries as u16,
        _ => 0,
    }
}

/// Where a unit of `role` enters the present city. Seats of a side spread out side by side; those that have one
/// part of a role's work come to the place of their counterpart in a match of 16.
fn spawn_place(battle: &Battle, seat: SeatId, role: Role) -> (Pos, Gait) {
    if battle.scene == Scene::Clash {
        return clash::seat_place(battle, seat, role);
    }
    let city = ground::city(battle.campaign.city);
    let turn = gamera_protocol::measure::Angle(seat.0.wrapping_mul(25_031));
    let part = battle.roster.counterpart(seat).index();
    let spread = metres(12 * (part as i32 % 40 - 20));
    match (role, role.side()) {
        (Role::Jet, _) => (Pos::new(city.exit.x + spread, city.exit.y + metres(200)), Gait::Fly),
        (Role::Scientist, _) => (city.lab.offset(turn, metres(30)), Gait::Walk),
        (_, Side::Gamera) => {
            let shrine = city.shrines[part % city.shrines.len()];
            (shrine.offset(turn, metres(25)), Gait::Walk)
        }
        (_, Side::Legion) => {
            let hive = battle.legion.hives[battle.campaign.city.index()].as_ref();
            let place = hive.map_or(city.stations[part % city.stations.len()].pos, |h| h.pos);
            (place.offset(turn, metres(30)), Gait::Burrow)
        }
        (_, Side::Sdf) => {
            let place = Pos::new(city.exit.x + spread, city.low.y + metres(CITY_M - 60));
            let beside = if battle.roster.mates(seat)[0] == seat { 0 } else { 30 };
            (place.offset(turn, metres(beside)), Gait::Walk)
        }
    }
}

/// Takes fallen seats' units out of the battle; brings those back whose time has come.
pub(in crate::sim) fn fall_and_return(battle: &mut Battle) {
    for index in 0..battle.seats.len() {
        let seat = SeatId(index as u16);
        match battle.seats[index].life {
            Life::Alive => fall(battle, seat),
            Life::Down { until } | Life::Waiting { until } if battle.tick >= until => {
                spawn(battle, seat);
                let unit = battle.seats[index].unit.and_then(|id| battle.units.get(id));
                let returned = Event::new(battle.tick, EventKind::SeatReturned).by(Some(seat));
                let returned = unit.map_or(returned, |u| in_the_open(returned, u.pos(), u.layer()));
                battle.tell(returned);
            }
            Life::Down { .. } | Life::Waiting { .. } => {}
        }
    }
}

fn fall(battle: &mut Battle, seat: SeatId) {
    let Some(id) = battle.seats[seat.index()].unit else { return };
    let unit = &battle.units[id];
    if unit.health_milli > 0 || matches!(unit.kind, Kind::Gamera | Kind::Queen) {
        return;
    }
    let (at, layer) = (unit.pos(), unit.layer());
    let respawn_s = battle.balance.units.of(unit.kind).respawn_s.max(1) as u32;
    let leaves_a_body = unit.kind == Kind::BroodLeader && layer == Layer::Surface;
    battle.units.remove(id);
    if leaves_a_body {
        super::sdf::carcass(battle, at);
    }
    let until = battle.tick.after(ticks(respawn_s));
    let s = &mut battle.seats[seat.index()];
    s.unit = None;
    s.channel = None;
    s.life = Life::Down { until };
    s.tally.downs += 1;
    battle.tell(in_the_open(Event::new(battle.tick, EventKind::SeatDowned).by(Some(seat)), at, layer));
}

/// The event at its place, which has witnesses above the ground alone.
fn in_the_open(event: Event, at: Pos, layer: Layer) -> Event {
    if layer == Layer::Underground { event } else { event.at(at) }
}

/// Sends every small seat on its way to the present city; it is there after `wait_ticks`.
pub(in crate::sim) fn redeploy(battle: &mut Battle, wait_ticks: u32) {
    let until = battle.tick.after(wait_ticks);
    for index in 0..battle.seats.len() {
        let seat = SeatId(index as u16);
        let in_giant =
            battle.seats[index].unit.is_some_and(|id| id == battle.gamera.unit || id == battle.legion.queen.unit);
        if !in_giant {
            discharge(battle, seat);
            battle.seats[index].channel = None;
            battle.seats[index].life = Life::Waiting { until };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Viewer};

    #[test]
    fn who_falls_or_returns_beneath_the_ground_has_no_witnesses() {
        for (gait, witnessed) in [(Gait::Walk, true), (Gait::Burrow, false)] {
            let mut stage = Stage::quick(City::Tokyo);
            stage.run(1);
            let at = Pos::from_m(7_000, 1_500);
            stage.put(Role::Tank, Pos::new(at.x + metres(40), at.y), Gait::Walk);
            stage.put(Role::BroodLeader, at, gait);
            stage.unit_mut(Role::BroodLeader).health_milli = 0;
            stage.run_until(EventKind::SeatDowned, 2).unwrap();
            let event = *stage.last(EventKind::SeatDowned).unwrap();
            assert_eq!(stage.battle.may_hear(Viewer::Sdf, &event), witnessed, "{gait}");
            assert!(stage.battle.may_hear(Viewer::Legion, &event));
            stage.run_until(EventKind::SeatReturned, ticks(13)).unwrap();
            assert_eq!(stage.last(EventKind::SeatReturned).unwrap().at, None, "it comes back in the hive");
        }
    }

    #[test]
    fn a_seat_comes_to_the_place_of_its_counterpart_at_every_scale() {
        let reference = Stage::sized(16);
        for seats in [48, 128, 1_024] {
            let stage = Stage::sized(seats);
            for (seat, role) in stage.battle.roster.all() {
                let like = stage.battle.roster.counterpart(seat);
                let (at, _) = spawn_place(&stage.battle, seat, role);
                let (there, _) = spawn_place(&reference.battle, like, role);
                assert!(at.within(there, metres(62)), "{seats} seats, {role} {seat:?}: {at:?}, not {there:?}");
            }
        }
    }
}
