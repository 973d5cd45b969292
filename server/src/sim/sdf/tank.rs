//! Tank: shells against soldiers, brood leaders, roadblocks, the flower, the queen's legs, and from behind
//! her egg chamber.

use gamera_protocol::ids::Kind;
use gamera_protocol::measure::metres;

use super::super::Battle;
use super::super::hit::{Hit, Part, Target};
use super::super::legion::queen;
use super::{Hand, gun};

/// Fires the gun at what is aimed at, or at what is nearest.
pub(super) fn shoot(battle: &mut Battle, hand: &Hand) {
    let row = gun::row_of(battle, hand);
    if gun::stagger_gamera(battle, hand, row.range_m) {
        gun::reload(battle, hand, row.cooldown_ticks());
        return;
    }
    let Some(target) = gun::take_aim(battle, hand, true) else { return };
    shell(battle, hand, target, row.damage);
    gun::reload(battle, hand, row.cooldown_ticks());
}

/// One shell on `target`.
pub(super) fn shell(battle: &mut Battle, hand: &Hand, target: Target, points: i32) {
    let damage_milli = battle.scaled_milli(hand.seat, points);
    match target {
        Target::Soldier(index) => {
            let at = battle.swarm.soldiers[index].pos;
            gun::spray(battle, hand.seat, at, metres(battle.balance.sdf.tank_splash_m), damage_milli);
        }
        Target::Structure(id) if battle.structures.get(id).is_some_and(|s| s.kind == Kind::Flower) => {
            gun::hit_flower(battle, hand.seat, id, points);
        }
        Target::Unit(id) if id == battle.legion.queen.unit => hit_queen(battle, hand, damage_milli),
        target => battle.hits.push(Hit { target, damage_milli, by: Some(hand.seat) }),
    }
}

/// A tank sees no higher than her legs, but for the egg chamber that hangs low behind them; once all legs
/// are broken, little of a shell is felt.
fn hit_queen(battle: &mut Battle, hand: &Hand, damage_milli: i32) {
    let queen = &battle.legion.queen;
    let behind = queen::part_facing(battle, hand.pos) == Some(Part::EggChamber);
    let low = (behind && queen.parts.stands(Part::EggChamber)).then_some(Part::EggChamber);
    let leg = || (0..4).map(Part::Leg).find(|leg| queen.parts.stands(*leg));
    let (target, damage_milli) = match low.or_else(leg) {
        Some(part) => (Target::Part(part), damage_milli),
        None => (Target::Unit(queen.unit), damage_milli * battle.balance.sdf.tank_body_pct / 100),
    };
    battle.hits.push(Hit { target, damage_milli, by: Some(hand.seat) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::fixed::Micro;
    use crate::sim::hit;
    use crate::sim::testing::Stage;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::measure::{Angle, Pos};
    use gamera_protocol::motion::Gait;
    use gamera_protocol::view::QueenState;

    fn at(dx_m: i32) -> Pos {
        let c = ground::city_centre(City::Sapporo);
        Pos::new(c.x + metres(dx_m), c.y)
    }

    #[test]
    fn a_shell_hurts_what_it_is_meant_for() {
        let mut stage = Stage::campaign();
        stage.put(Role::Tank, at(0), Gait::Walk);
        stage.put(Role::BroodLeader, at(100), Gait::Walk);
        stage.hold(Role::Tank, SeatInput::default().doing(Verb::Strike).at(at(100)));
        let before = stage.unit(Role::BroodLeader).health_milli;
        stage.run(1);
        assert_eq!(before - stage.unit(Role::BroodLeader).health_milli, 70_000);
        stage.run(60);
        assert_eq!(before - stage.unit(Role::BroodLeader).health_milli, 70_000, "the gun reloads 2.5 s");
    }

    #[test]
    fn a_shell_among_soldiers_kills_by_their_mass() {
        let mut stage = Stage::campaign();
        stage.put(Role::Tank, at(0), Gait::Walk);
        stage.soldiers(12, at(200));
        stage.hold(Role::Tank, SeatInput::default().doing(Verb::Strike).at(at(203)));
        stage.run(2);
        let seat = stage.seat(Role::Tank);
        assert_eq!(stage.battle.seats[seat.index()].tally.kills, 2, "70 points, 26 each");
    }

    #[test]
    fn a_side_needs_about_as_many_shells_for_a_swarm_at_every_scale() {
        // M around the place that is shelled; whole shells of a match of 16 until they are dead.
        for (mass, low, high) in [(1, 0.7, 1.3), (8, 2.5, 4.5)] {
            for seats in [16, 48, 128, 512, 1_024] {
                let mut stage = Stage::sized(seats);
                stage.battle.swarm.soldiers.clear();
                let count = stage.battle.swarm.soldiers_in(Micro::whole(mass)).max(mass as usize);
                (0..count).for_each(|_| _ = stage.battle.swarm.spawn(at(200), 0, false));
                stage.battle.swarm.index();
                let seat = stage.seat(Role::Tank);
                let damage_milli = stage.battle.scaled_milli(seat, 70);
                let weight = stage.battle.roster.scale_ppm(Role::Tank) as f64 / 1e6;
                let mut shells = 0.0;
                while !stage.battle.swarm.soldiers.is_empty() {
                    gun::spray(&mut stage.battle, seat, at(200), metres(6), damage_milli);
                    hit::apply_all(&mut stage.battle);
                    stage.battle.swarm.bury(|_| {});
                    stage.battle.swarm.index();
                    shells += weight;
                }
                assert!((low..=high).contains(&shells), "{seats} seats, {mass} M: {shells:.2}");
            }
        }
    }

    #[test]
    fn the_queen_loses_her_legs_one_by_one_and_then_feels_little() {
        let mut stage = Stage::campaign();
        stage.put(Role::Tank, at(0), Gait::Walk);
        stage.put(Role::Queen, at(150), Gait::Walk);
        stage.unit_mut(Role::Queen).mover.heading = Angle::WEST;
        stage.battle.legion.queen.state = QueenState::Active;
        stage.hold(Role::Tank, SeatInput::default().doing(Verb::Strike).at(at(150)));
        stage.run(1);
        assert_eq!(stage.battle.legion.queen.parts.health(Part::Leg(0)), (1_200 - 70) * 1_000);
        for leg in 0..4 {
            *stage.battle.legion.queen.parts.health_mut(Part::Leg(leg)) = 0;
        }
        let before = stage.unit(Role::Queen).health_milli;
        stage.run(75);
        assert_eq!(before - stage.unit(Role::Queen).health_milli, 70_000 / 4);
    }
    #[test]
    fn from_behind_a_tank_breaks_the_egg_chamber_and_then_no_swarm_bursts_from_it() {
        for (heading, breaks) in [(Angle::EAST, true), (Angle::WEST, false), (Angle::NORTH, false)] {
            let mut stage = Stage::campaign();
            stage.battle.balance.units.of_mut(Kind::Tank).damage = 1_500;
            stage.put(Role::Tank, at(0), Gait::Walk);
            stage.put(Role::Queen, at(150), Gait::Walk);
            stage.unit_mut(Role::Queen).mover.heading = heading;
            stage.battle.legion.queen.state = QueenState::Active;
            stage.hold(Role::Tank, SeatInput::default().doing(Verb::Strike).at(at(150)));
            stage.run(2);
            assert_eq!(stage.heard(EventKind::EggChamberBroken), usize::from(breaks), "queen facing {heading:?}");
            stage.hold(Role::Queen, SeatInput::default().doing(Verb::BroodBurst));
            stage.run(2);
            assert_eq!(stage.heard(EventKind::BroodBurst), usize::from(!breaks), "queen facing {heading:?}");
        }
    }
}
