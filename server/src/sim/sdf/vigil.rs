//! The watch on the coast: sonar at each city, and the commander's patrol that hears much further.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::{self, COAST_Y_M};
use gamera_protocol::ids::{City, Kind};
use gamera_protocol::measure::{Pos, metres, ticks};
use gamera_protocol::view::GameraState;

use super::super::Battle;
use super::{Hand, alarm};

/// Sonar listens this often.
const PERIOD_TICKS: u32 = 10;
/// Where a patrol sails, metres from the south edge.
const PATROL_Y_M: i32 = 300;
/// A contact is told on this raster, metres.
const RASTER_M: i32 = 64;
/// A contact lost for this long and heard again is told anew, seconds.
const LOST_S: u32 = 30;

/// Sends a patrol off the coast where the commander aims, or off the present city.
pub(super) fn patrol(battle: &mut Battle, hand: &Hand) {
    let s = &battle.seats[hand.seat.index()];
    if !battle.has(Rule::Vigil) || !s.is_ready(hand.verb, battle.tick) {
        return;
    }
    let wish = s.input.aim.map_or(ground::city_centre(battle.campaign.city), gamera_protocol::input::Aim::pos);
    let n = battle.balance.sdf;
    battle.sdf.patrol_at = Pos::new(wish.x, metres(PATROL_Y_M));
    battle.sdf.patrol_until = battle.tick.after(ticks(n.patrol_s as u32));
    battle.seats[hand.seat.index()].cool_down(hand.verb, battle.tick, ticks(n.patrol_rest_s as u32));
}

/// Listens for Gamera; a new contact sounds the sirens of the nearest city.
pub(super) fn listen(battle: &mut Battle) {
    if !battle.tick.is_every(PERIOD_TICKS, 3) {
        return;
    }
    let heard = swimmer(battle).filter(|(pos, dived)| battle.has(Rule::Vigil) && is_heard(battle, *pos, *dived));
    battle.sdf.contact = heard.map(|(pos, _)| rough(pos));
    let Some(contact) = battle.sdf.contact else { return };
    let last = battle.sdf.heard_at.replace(battle.tick);
    if last.is_none_or(|t| battle.tick.since(t) > ticks(LOST_S)) {
        battle.tell(Event::new(battle.tick, EventKind::GameraSighted).at(contact).in_city(city_off(contact)));
        alarm(battle, city_off(contact));
    }
}

/// Gamera in the sea, or on her way to where she means to come ashore; and whether she dives.
fn swimmer(battle: &Battle) -> Option<(Pos, bool)> {
    let g = &battle.gamera;
    let unit = &battle.units[g.unit];
    match g.state {
        GameraState::Away => {
            let early = ticks(battle.balance.sdf.approach_s as u32);
            (battle.tick.after(early) >= battle.arrival_tick()).then_some((g.landfall, false))
        }
        GameraState::Active | GameraState::Dived if unit.present && ground::is_sea(unit.pos()) => {
            Some((unit.pos(), g.state == GameraState::Dived))
        }
        _ => None,
    }
}

/// Who dives is heard from half as far.
fn is_heard(battle: &Battle, pos: Pos, dived: bool) -> bool {
    let n = &battle.balance.sdf;
    let reach = |range_m: i32| metres(range_m) * if dived { n.sonar_dived_pct } else { 100 } / 100;
    let patrol = battle.tick < battle.sdf.patrol_until && pos.within(battle.sdf.patrol_at, reach(n.sonar_patrol_m));
    patrol
        || battle
            .structures
            .iter()
            .any(|(_, s)| s.kind == Kind::Sonar && s.health_milli > 0 && pos.within(s.pos, reach(n.sonar_m)))
}

fn rough(pos: Pos) -> Pos {
    let raster = metres(RASTER_M);
    let mid = |v: i32| v.div_euclid(raster) * raster + raster / 2;
    Pos::new(mid(pos.x), mid(pos.y).min(metres(COAST_Y_M)))
}

fn city_off(pos: Pos) -> City {
    let far = |c: &City| (ground::city_centre(*c).x - pos.x).abs();
    City::ALL.iter().copied().min_by_key(far).unwrap_or(City::Sapporo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::Role;
    use gamera_protocol::input::{SeatInput, Verb};

    #[test]
    fn sonar_hears_600_metres_with_a_patrol_and_200_else_and_half_of_it_under_water() {
        let x = ground::city_centre(City::Sapporo).x;
        // the patrol is out, Gamera's distance south of where it sails or of the sonar, dived
        let cases = [
            (true, PATROL_Y_M - 280, GameraState::Active, true),
            (false, PATROL_Y_M - 280, GameraState::Active, false),
            (false, COAST_Y_M + 40 - 190, GameraState::Active, true),
            (false, COAST_Y_M + 40 - 190, GameraState::Dived, false),
            (true, PATROL_Y_M - 280, GameraState::Dived, true),
        ];
        for (patrol, y_m, state, wanted) in cases {
            let mut stage = Stage::campaign();
            if patrol {
                stage.hold(Role::Commander, SeatInput::default().doing(Verb::Patrol));
                stage.run(1);
                stage.release(Role::Commander);
            }
            let gamera = stage.battle.gamera.unit;
            stage.battle.gamera.state = state;
            stage.battle.units[gamera].present = true;
            stage.battle.units[gamera].mover.pos = Pos::new(x, metres(y_m));
            stage.battle.tick.0 = stage.battle.tick.0 / PERIOD_TICKS * PERIOD_TICKS + 3;
            listen(&mut stage.battle);
            let told = stage.battle.events.iter().any(|e| e.kind == EventKind::GameraSighted);
            assert_eq!(told, wanted, "patrol {patrol}, {y_m} m, {state}");
            assert_eq!(stage.battle.cities[0].alarmed, wanted);
            assert_eq!(stage.battle.sdf.contact.is_some(), wanted);
        }
    }

    #[test]
    fn a_patrol_hears_her_coming_before_she_arrives_off_the_coast_she_chose() {
        for (aim_x_m, wanted) in [(1_024, true), (5_000, false)] {
            let mut stage = Stage::campaign();
            let at = Pos::from_m(aim_x_m, 700);
            stage.battle.tick = gamera_protocol::measure::Tick(ticks(100));
            stage.hold(Role::Commander, SeatInput::default().doing(Verb::Patrol).at(at));
            stage.run(ticks(2));
            assert_eq!(stage.heard(EventKind::GameraSighted) > 0, wanted, "a patrol at {aim_x_m} m");
        }
    }
}
