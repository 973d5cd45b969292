//! The clash: a battle that starts in the thick of it and stays there, for load tests. Both giants
//! fight beside a flower at oxygen 60, the swarm is at its cap around them, every seat is in reach
//! of something to do, and what is lost is replaced.
//!
//! The rules are the battle's own; only losses are made good, at the end of each tick.

use gamera_protocol::ground;
use gamera_protocol::ids::{Kind, Layer, Role, SeatId};
use gamera_protocol::measure::{Angle, Pos, metres, ticks};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::view::{GameraState, Life, QueenState};

use super::fixed::Micro;
use super::legion::{Hive, Parts};
use super::structure::Structure;
use super::{Battle, Scene, lifecycle};

/// The flower's oxygen, held.
const OXYGEN: i32 = 60;
/// A giant never falls below this share of its health, thousandths.
const GIANT_FLOOR_PERMILLE: i64 = 600;
/// Soldiers come back at most this far from the middle, metres.
const SWARM_RADIUS_M: i32 = 320;
/// Small seats stand this far from the middle, metres: nearest and farthest.
const SEATS_RING_M: (i32, i32) = (90, 330);
/// A fallen seat is back after at most this long.
const RETURN_S: u32 = 3;
/// From the middle to the flower, metres.
const FLOWER_OFFSET_M: i32 = 110;

/// Puts everyone into the fight.
pub(in crate::sim) fn begin(battle: &mut Battle) {
    if battle.scene != Scene::Clash {
        return;
    }
    raise_flower(battle);
    for (role, offset_m, gait) in [(Role::Gamera, 0, Gait::Walk), (Role::Queen, 60, Gait::Walk)] {
        let seat = battle.roster.first(role).expect("every match has both giants");
        let unit = if role == Role::Gamera { battle.gamera.unit } else { battle.legion.queen.unit };
        lifecycle::board(battle, seat, unit);
        let at = middle(battle);
        battle.units[unit].mover = Mover::at(Pos::new(at.x + metres(offset_m), at.y), gait);
        battle.units[unit].present = true;
    }
    battle.gamera.state = GameraState::Active;
    battle.legion.queen.state = QueenState::Active;
    for seat in 0..battle.seats.len() {
        place_seat(battle, SeatId(seat as u16));
    }
    reinforce(battle);
}

/// Makes this tick's losses good.
pub(in crate::sim) fn sustain(battle: &mut Battle) {
    if battle.scene != Scene::Clash {
        return;
    }
    mend_giants(battle);
    mend_flower(battle);
    return_seats(battle);
    reinforce(battle);
}

fn middle(battle: &Battle) -> Pos {
    ground::city_centre(battle.campaign.city)
}

fn raise_flower(battle: &mut Battle) {
    let city = battle.campaign.city;
    let at = middle(battle);
    let pos = Pos::new(at.x, at.y + metres(FLOWER_OFFSET_M));
    if let Some(old) = battle.legion.hives[city.index()].take().and_then(|h| h.flower) {
        battle.structures.remove(old);
    }
    let flower = battle.structures.insert(Structure::new(Kind::Flower, pos, &battle.balance));
    let bloom = Micro::whole(battle.balance.legion.feed_bloom);
    battle.legion.hives[city.index()] = Some(Hive {
        discovered: true,
        fed: bloom,
        oxygen: Micro::whole(OXYGEN),
        flower: Some(flower),
        stage: 3,
        ..Hive::new(city, pos, false)
    });
}

fn mend_flower(battle: &mut Battle) {
    let city = battle.campaign.city.index();
    let stands = battle.legion.hives[city].as_ref().is_some_and(|h| !h.dead && h.flower.is_some());
    if !stands {
        raise_flower(battle);
    }
    let whole = battle.balance.units.of(Kind::Flower).health * 1_000;
    if let Some(hive) = &mut battle.legion.hives[city] {
        hive.oxygen = Micro::whole(OXYGEN);
        hive.launch_at = None;
        hive.charges = 0;
        if let Some(flower) = hive.flower.and_then(|id| battle.structures.get_mut(id)) {
            flower.health_milli = whole;
        }
    }
}

fn mend_giants(battle: &mut Battle) {
    for id in [battle.gamera.unit, battle.legion.queen.unit] {
        let unit = &mut battle.units[id];
        let floor = (i64::from(unit.health_max_milli) * GIANT_FLOOR_PERMILLE / 1_000) as i32;
        unit.health_milli = unit.health_milli.max(floor);
    }
    let queen = battle.legion.queen.unit;
    if battle.units[queen].layer() == Layer::Underground {
        battle.units[queen].mover.gait = Gait::Walk;
        battle.legion.queen.state = QueenState::Active;
    }
    battle.legion.queen.parts = Parts::whole(&battle.balance.legion);
}

fn return_seats(battle: &mut Battle) {
    let soon = battle.tick.after(ticks(RETURN_S));
    for index in 0..battle.seats.len() {
        if let Life::Down { until } | Life::Waiting { until } = &mut battle.seats[index].life {
            *until = (*until).min(soon);
        }
    }
}

/// Fills the swarm up to its cap, squad by squad, around the giants.
fn reinforce(battle: &mut Battle) {
    let squads = battle.legion.squads.len().max(1) as u32;
    let at = middle(battle);
    while battle.swarm.soldiers.len() < battle.swarm.cap as usize {
        let rng = &mut battle.rngs.swarm;
        let turn = Angle(rng.below(65_536) as u16);
        // The root spreads them evenly over the disc.
        let radius = (i64::from(rng.below(10_000)) * i64::from(metres(SWARM_RADIUS_M)).pow(2) / 10_000).isqrt();
        let squad = rng.below(squads) as u16;
        battle.swarm.spawn(at.offset(turn, radius as i32), squad, false);
    }
}

/// Where a fallen seat's new unit stands: on a ring around the fight, out in the sky for jets.
pub(in crate::sim) fn seat_place(battle: &Battle, seat: SeatId, role: Role) -> (Pos, Gait) {
    let turn = Angle(seat.0.wrapping_mul(40_503));
    let (near, far) = SEATS_RING_M;
    let radius_m = near + i32::from(seat.0.wrapping_mul(7_919) % 1_000) * (far - near) / 1_000;
    let gait = if role == Role::Jet { Gait::Fly } else { Gait::Walk };
    (middle(battle).offset(turn, metres(radius_m)), gait)
}

fn place_seat(battle: &mut Battle, seat: SeatId) {
    let role = battle.seats[seat.index()].playing;
    let Some(id) = battle.seats[seat.index()].unit else { return };
    if id != battle.gamera.unit && id != battle.legion.queen.unit {
        let (pos, gait) = seat_place(battle, seat, role);
        battle.units[id].mover = Mover::at(pos, gait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{MatchConfig, Mode};
    use gamera_protocol::balance::Balance;
    use gamera_protocol::ids::City;
    use gamera_protocol::input::TickInputs;

    #[test]
    fn the_clash_begins_full_and_stays_full() {
        let balance = Balance::default();
        let mode = Mode::Quick { city: City::Tokyo };
        let config = MatchConfig { mode, scene: Scene::Clash, seats: 128, seed: 5, balance };
        let mut battle = Battle::new(&config);
        let flower = |b: &Battle| b.legion.hives[2].as_ref().map(|h| (h.oxygen.floor(), h.dead));
        for round in 0..3 {
            assert_eq!(battle.soldiers(), 2_000, "round {round}");
            assert_eq!(flower(&battle), Some((OXYGEN, false)), "round {round}");
            for id in [battle.gamera.unit, battle.legion.queen.unit] {
                assert!(battle.units[id].is_up(), "round {round}");
            }
            battle.swarm.soldiers.truncate(1_000);
            battle.units[battle.gamera.unit].health_milli = 1;
            for _ in 0..30 {
                battle.step(&TickInputs::default());
            }
        }
        assert!(battle.verdict().is_none());
    }

    #[test]
    fn nobody_has_far_to_go() {
        let balance = Balance::default();
        let config = MatchConfig { mode: Mode::Campaign, scene: Scene::Clash, seats: 128, seed: 5, balance };
        let battle = Battle::new(&config);
        let at = middle(&battle);
        for (_, unit) in battle.units.iter().filter(|(_, u)| u.seat.is_some()) {
            assert!(unit.pos().within(at, metres(SEATS_RING_M.1 + 1)), "{}", unit.kind);
        }
    }
}
