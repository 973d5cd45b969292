//! Missile battery: claws first, then horn and body; the flower and soldiers where it is aimed at them.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::Kind;
use gamera_protocol::measure::metres;

use super::super::Battle;
use super::super::hit::{Hit, Part, Target};
use super::{Hand, gun};

/// Four missiles at what is aimed at; without an aim at the queen where she is in reach.
pub(super) fn volley(battle: &mut Battle, hand: &Hand) {
    let n = battle.balance.sdf;
    let row = gun::row_of(battle, hand);
    if !battle.has(Rule::Missiles) || i32::from(battle.seats[hand.seat.index()].carried) < n.volley_size {
        return;
    }
    if !gun::stagger_gamera(battle, hand, row.range_m) {
        let Some(target) = gun::take_aim(battle, hand, true) else { return };
        land(battle, hand, target, row.damage);
    }
    battle.seats[hand.seat.index()].carried -= n.volley_size as u16;
    gun::reload(battle, hand, row.cooldown_ticks());
}

fn land(battle: &mut Battle, hand: &Hand, target: Target, points: i32) {
    let n = battle.balance.sdf;
    let damage_milli = battle.scaled_milli(hand.seat, points);
    match target {
        Target::Soldier(index) => {
            let at = battle.swarm.soldiers[index].pos;
            gun::spray(battle, hand.seat, at, metres(n.volley_soldiers_m), damage_milli);
        }
        Target::Structure(id) if battle.structures.get(id).is_some_and(|s| s.kind == Kind::Flower) => {
            gun::hit_flower(battle, hand.seat, id, n.volley_flower);
        }
        Target::Unit(id) if id == battle.legion.queen.unit => hit_queen(battle, hand),
        target => battle.hits.push(Hit { target, damage_milli, by: Some(hand.seat) }),
    }
}

/// Claws shield the rest: while they stand, they take it all.
fn hit_queen(battle: &mut Battle, hand: &Hand) {
    let n = battle.balance.sdf;
    let parts = &battle.legion.queen.parts;
    let (claws, horn) = (parts.stands(Part::Claws), parts.stands(Part::Horn));
    let weak = battle.has(Rule::Research) && battle.sdf.tier >= n.tier_weak_points;
    let horn_points = n.volley_horn * if weak { n.volley_horn_weak_pct } else { 100 } / 100;
    let queen = battle.legion.queen.unit;
    let mut hit = |target, points| {
        let damage_milli = battle.scaled_milli(hand.seat, points);
        battle.hits.push(Hit { target, damage_milli, by: Some(hand.seat) });
    };
    if claws {
        hit(Target::Part(Part::Claws), n.volley_claws);
    } else {
        hit(Target::Unit(queen), n.volley_body);
        if horn {
            hit(Target::Part(Part::Horn), horn_points);
        }
    }
    let at = battle.units[queen].pos();
    battle.tell(Event::new(battle.tick, EventKind::MissileVolley).at(at).by(Some(hand.seat)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::fixed::Micro;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::measure::Pos;
    use gamera_protocol::motion::Gait;
    use gamera_protocol::view::QueenState;

    fn duel() -> Stage {
        let c = ground::city_centre(City::Tokyo);
        let mut stage = Stage::quick(City::Tokyo);
        stage.put(Role::Missiles, c, Gait::Walk);
        let queen = Pos::new(c.x + metres(800), c.y);
        stage.put(Role::Queen, queen, Gait::Walk);
        stage.battle.legion.queen.state = QueenState::Active;
        stage.battle.sdf.research = Micro::ZERO;
        stage.hold(Role::Missiles, SeatInput::default().doing(Verb::Volley).at(queen));
        stage
    }

    #[test]
    fn a_volley_takes_claws_then_horn_and_body() {
        // claws stand, tier, points off: claws, horn, body
        let n = gamera_protocol::balance::SdfNumbers::default();
        let weak = n.volley_horn * n.volley_horn_weak_pct / 100;
        let cases = [
            (true, 0, [n.volley_claws, 0, 0]),
            (false, 0, [0, n.volley_horn, n.volley_body]),
            (false, 100, [0, weak, n.volley_body]),
        ];
        for (claws, tier, wanted) in cases {
            let mut stage = duel();
            if !claws {
                *stage.battle.legion.queen.parts.health_mut(Part::Claws) = 0;
            }
            stage.battle.sdf.tier = tier;
            let measure = |s: &Stage| {
                let parts = &s.battle.legion.queen.parts;
                [parts.health(Part::Claws), parts.health(Part::Horn), s.unit(Role::Queen).health_milli]
            };
            let before = measure(&stage);
            stage.run(1);
            let after = measure(&stage);
            let taken: Vec<i32> = before.iter().zip(after).map(|(b, a)| (b - a) / 1_000).collect();
            assert_eq!(taken, wanted, "claws {claws}, tier {tier}");
            assert_eq!(stage.heard(EventKind::MissileVolley), 1);
        }
    }

    #[test]
    fn so_many_volleys_break_the_claws() {
        let mut stage = duel();
        let n = &stage.battle.balance;
        let needed = (n.legion.claws_health as usize).div_ceil(n.sdf.volley_claws as usize);
        let rounds = needed as i32 * n.sdf.volley_size;
        let seat = stage.seat(Role::Missiles);
        stage.battle.seats[seat.index()].carried = rounds as u16;
        let apart = stage.battle.balance.units.of(Kind::Missiles).cooldown_ticks();
        assert!(stage.run_until(EventKind::ClawsBroken, needed as u32 * apart).is_some());
        assert_eq!((stage.heard(EventKind::MissileVolley), stage.heard(EventKind::ClawsBroken)), (needed, 1));
    }

    #[test]
    fn a_battery_has_six_volleys_six_seconds_apart() {
        let mut stage = duel();
        stage.run(30 * 60);
        assert_eq!(stage.heard(EventKind::MissileVolley), 6);
    }

    #[test]
    fn out_of_900_metres_or_underground_she_is_safe() {
        for (gait, dx_m) in [(Gait::Walk, 1_000), (Gait::Burrow, 500)] {
            let mut stage = duel();
            let at = Pos::new(stage.unit(Role::Missiles).pos().x + metres(dx_m), stage.unit(Role::Missiles).pos().y);
            stage.put(Role::Queen, at, gait);
            stage.hold(Role::Missiles, SeatInput::default().doing(Verb::Volley).at(at));
            stage.run(30);
            assert_eq!(stage.heard(EventKind::MissileVolley), 0, "{gait} at {dx_m} m");
        }
    }
}
