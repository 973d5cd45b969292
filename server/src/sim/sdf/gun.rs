//! Aimed weapons: what a shot does to soldiers, to structures, to the flower, and to Gamera when
//! weapons are free.

use gamera_protocol::ids::{Kind, SeatId, Side};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::roster::MILLION;
use gamera_protocol::view::{GameraState, Marks};

use super::super::Battle;
use super::super::hit::{Hit, Target};
use super::super::legion::hive;
use super::super::structure::StructureId;
use super::super::target::{self, Reach};
use super::super::unit::Unit;
use super::Hand;

/// A small arm of a commander, scientist or engineer.
pub(super) fn strike(battle: &mut Battle, hand: &Hand) {
    let Some(target) = take_aim(battle, hand, false) else { return };
    let damage_milli = battle.scaled_milli(hand.seat, row_of(battle, hand).damage);
    battle.hits.push(Hit { target, damage_milli, by: Some(hand.seat) });
    reload(battle, hand, row_of(battle, hand).cooldown_ticks());
}

/// What the hand's weapon is aimed at, if it is loaded and finds anything. Without a find it looks
/// again a little later, so that a held trigger costs little.
pub(super) fn take_aim(battle: &mut Battle, hand: &Hand, sky: bool) -> Option<Target> {
    let s = &battle.seats[hand.seat.index()];
    if !s.is_ready(hand.verb, battle.tick) {
        return None;
    }
    let row = row_of(battle, hand);
    // A battery is there for the queen.
    let first = (row.kind == Kind::Missiles).then_some(battle.legion.queen.unit);
    let reach = Reach { side: Side::Sdf, from: hand.pos, range: row.range(), sky, first };
    let target = target::find(battle, &reach, &s.input);
    if target.is_none() {
        let wait = battle.balance.sdf.retarget_ticks as u32;
        battle.seats[hand.seat.index()].cool_down(hand.verb, battle.tick, wait);
    }
    target
}

/// The weapon was fired.
pub(super) fn reload(battle: &mut Battle, hand: &Hand, ticks: u32) {
    battle.seats[hand.seat.index()].cool_down(hand.verb, battle.tick, ticks);
    let u = &mut battle.units[hand.unit];
    u.marks = u.marks.with(Marks::ATTACKING, true);
}

pub(super) fn row_of(battle: &Battle, hand: &Hand) -> gamera_protocol::balance::UnitRow {
    *battle.balance.units.of(battle.units[hand.unit].kind)
}

/// Spreads `damage_milli` over the soldiers within `radius` grid units of `at`, each to its death. Where few stand,
/// much of a shell of a match of 16 tears up empty ground: a large match's small shells do so together, for each
/// takes no more than its share of what stands there, or of one M.
pub(super) fn spray(battle: &mut Battle, by: SeatId, at: Pos, radius: i32, damage_milli: i32) {
    let weight_ppm = battle.roster.scale_ppm(battle.seats[by.index()].playing).min(MILLION);
    let one_mass = i64::from(battle.balance.legion.health_mass) * 1_000;
    let Battle { swarm, hits, .. } = battle;
    let stands = |i: &usize| !swarm.soldiers[*i].underground && swarm.soldiers[*i].health_milli > 0;
    let there = swarm.near(at, radius).filter(stands).count() as i64 * i64::from(swarm.health_each_milli);
    let share = there.max(one_mass) * weight_ppm / MILLION * i64::from(battle.balance.sdf.shell_share_pct) / 100;
    let mut left = i64::from(damage_milli).min(share) as i32;
    for index in swarm.near(at, radius).filter(stands) {
        if left <= 0 {
            return;
        }
        let felt = left.min(swarm.soldiers[index].health_milli);
        hits.push(Hit { target: Target::Soldier(index), damage_milli: felt, by: Some(by) });
        left -= felt;
    }
}

/// A heavy hit on a flower, as dangerous as the seat is large in a match of this size.
pub(super) fn hit_flower(battle: &mut Battle, by: SeatId, flower: StructureId, points: i32) {
    let damage_milli = battle.scaled_milli(by, points);
    let weight_ppm = battle.roster.scale_ppm(battle.seats[by.index()].playing);
    if let Some(city) = battle.structures.get(flower).and_then(|s| s.city) {
        hive::hit_hard(battle, city, damage_milli, by, weight_ppm);
    }
}

/// With weapons free, a shot aimed at Gamera makes her stagger. True where that is what it was.
pub(super) fn stagger_gamera(battle: &mut Battle, hand: &Hand, range_m: i32) -> bool {
    if !battle.sdf.weapons_free || !matches!(battle.gamera.state, GameraState::Active | GameraState::Limping) {
        return false;
    }
    let s = &battle.seats[hand.seat.index()];
    let gamera: &Unit = &battle.units[battle.gamera.unit];
    let radius = metres(battle.balance.units.of(Kind::Gamera).radius_m);
    let aimed = s.input.aim.is_some_and(|a| a.pos().within(gamera.pos(), radius));
    if !aimed || !hand.pos.within(gamera.pos(), metres(range_m) + radius) || !s.is_ready(hand.verb, battle.tick) {
        return false;
    }
    let gamera = battle.gamera.unit;
    battle.hits.push(Hit { target: Target::Unit(gamera), damage_milli: 1, by: Some(hand.seat) });
    true
}

#[cfg(test)]
mod tests {
    use crate::sim::fixed::Micro;
    use crate::sim::testing::Stage;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::{Order, SeatInput, Verb};
    use gamera_protocol::measure::{Pos, metres};
    use gamera_protocol::motion::Gait;

    #[test]
    fn guns_fell_a_flower_below_oxygen_40_and_set_it_off_above() {
        // oxygen, how it ends within three minutes of shelling
        let cases = [(0, EventKind::FlowerToppled), (95, EventKind::FlowerIgnited)];
        for (oxygen, wanted) in cases {
            let mut stage = Stage::quick(City::Sendai);
            stage.run(2);
            let at = stage.battle.legion.hives[1].as_ref().unwrap().pos;
            stage.hold(Role::Tank, SeatInput::default().doing(Verb::Strike).at(at));
            let ended = (0..180).find_map(|_| {
                stage.battle.swarm.soldiers.clear();
                if let Some(hive) = stage.battle.legion.hives[1].as_mut() {
                    hive.oxygen = Micro::whole(oxygen);
                }
                stage.put(Role::Tank, Pos::new(at.x + metres(200), at.y), Gait::Walk);
                stage.run(30);
                [EventKind::FlowerToppled, EventKind::FlowerIgnited].into_iter().find(|k| stage.heard(*k) > 0)
            });
            assert_eq!(ended, Some(wanted), "oxygen {oxygen}");
        }
    }

    #[test]
    fn weapons_are_free_on_gamera_only_once_mankind_trembles() {
        for (wariness, told, lost) in [(69, 0, 0), (70, 1, 50)] {
            let mut stage = Stage::campaign();
            let before = stage.battle.scores()[2];
            stage.battle.gamera.wariness = Micro::whole(wariness);
            stage.order(Role::Commander, Order::WeaponsFree { on: true });
            stage.run(1);
            assert_eq!(stage.heard(EventKind::WeaponsFree), told, "wariness {wariness}");
            stage.order(Role::Commander, Order::WeaponsFree { on: false });
            stage.run(1);
            assert_eq!(before - stage.battle.scores()[2], lost, "ceasing does not undo it");
        }
    }
}
