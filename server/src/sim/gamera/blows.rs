//! Gamera's blows: claws and tail, and the fireball that the queen's claws jam.

use gamera_protocol::balance::Rule;
use gamera_protocol::ids::{Kind, Layer, SeatId, Side};
use gamera_protocol::input::{Aim, SeatInput, Verb};
use gamera_protocol::measure::{Pos, metres, share, ticks};
use gamera_protocol::view::Marks;

use super::{body, body_mut, wariness};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Part, Target};
use crate::sim::legion::{hive, mob, queen};
use crate::sim::structure::StructureId;
use crate::sim::target::{self, Reach};

/// One tick of claws and tail on the nearest enemy.
pub(super) fn strike(battle: &mut Battle, seat: SeatId) {
    let n = &battle.balance.gamera;
    let (reach_m, damage_milli) = (n.melee_range_m, share(n.melee_damage_s * 1_000, battle.tick));
    let input = battle.seats[seat.index()].input;
    let reach = reach(battle, reach_m);
    let queen = Target::Unit(battle.legion.queen.unit);
    // At arm's length the queen is what she strikes at, wherever she aims.
    let prey = target::find(battle, &reach, &SeatInput { aim: None, ..input })
        .filter(|target| *target == queen)
        .or_else(|| target::find(battle, &reach, &input))
        .filter(|target| !is_rooted(battle, *target) && is_level(battle, *target));
    if let Some(target) = prey {
        hit(battle, seat, target, damage_milli);
    }
}

/// A fireball at what the seat aims at, or at the queen, or at the nearest enemy.
pub(super) fn fireball(battle: &mut Battle, seat: SeatId) {
    let n = battle.balance.gamera;
    let now = battle.tick;
    if !battle.seats[seat.index()].is_ready(Verb::Fireball, now) || !battle.has(Rule::Fireball) {
        return;
    }
    let Some((target, impact)) = mark(battle, seat, n.fireball_range_m) else { return };
    let cooldown = ticks(n.fireball_cooldown_s as u32);
    battle.seats[seat.index()].cool_down(Verb::Fireball, now, cooldown);
    if let Some(target) = target {
        let jammed = target == Target::Unit(battle.legion.queen.unit)
            && battle.has(Rule::Claws)
            && battle.legion.queen.parts.stands(Part::Claws);
        let pct = if jammed { n.claws_jam_pct } else { 100 };
        hit(battle, seat, target, n.fireball_damage * 10 * pct);
    }
    body_mut(battle).marks = body(battle).marks.with(Marks::ATTACKING, true);
    mob::kill_around(battle, impact, metres(n.fireball_radius_m), Some(seat));
    wariness::kill_citizens(battle, impact, Micro::milli(n.fireball_deaths_milli_tok));
}

/// What a fireball is meant for and where it comes down; the bare ground is a target too.
fn mark(battle: &Battle, seat: SeatId, range_m: i32) -> Option<(Option<Target>, Pos)> {
    let input = battle.seats[seat.index()].input;
    let reach = reach(battle, range_m);
    let target = target::find(battle, &reach, &input);
    let place = match target {
        Some(Target::Unit(id)) => Some(battle.units[id].pos()),
        Some(Target::Structure(id)) => Some(battle.structures[id].pos),
        Some(Target::Soldier(index)) => Some(battle.swarm.soldiers[index].pos),
        Some(Target::Part(_)) | None => input.aim.map(Aim::pos).filter(|aim| reach.from.within(*aim, reach.range)),
    };
    place.map(|place| (target, place))
}

fn reach(battle: &Battle, range_m: i32) -> Reach {
    let first = Some(battle.legion.queen.unit);
    Reach { side: Side::Gamera, from: body(battle).pos(), range: metres(range_m), sky: true, first }
}

/// Claws reach from the ground to the ground, and from the air into the air.
fn is_level(battle: &Battle, target: Target) -> bool {
    let layer = match target {
        Target::Unit(id) => battle.units[id].layer(),
        Target::Structure(_) | Target::Soldier(_) | Target::Part(_) => Layer::Surface,
    };
    layer == body(battle).layer()
}

/// What grows from the ground does not yield to claws: it has to be uprooted.
fn is_rooted(battle: &Battle, target: Target) -> bool {
    matches!(target, Target::Structure(id) if matches!(battle.structures[id].kind, Kind::Flower | Kind::Pod))
}

/// Queues a blow; the queen takes it on the part that faces Gamera as well.
fn hit(battle: &mut Battle, seat: SeatId, target: Target, damage_milli: i32) {
    body_mut(battle).marks = body(battle).marks.with(Marks::ATTACKING, true);
    let by = Some(seat);
    match target {
        Target::Structure(id) if is_rooted(battle, target) => return strike_flower(battle, seat, id, damage_milli),
        Target::Unit(id) if id == battle.legion.queen.unit => {}
        _ => return battle.hits.push(Hit { target, damage_milli, by }),
    }
    battle.hits.push(Hit { target, damage_milli, by });
    if let Some(part) = queen::part_facing(battle, body(battle).pos()) {
        let part_milli = damage_milli / 100 * battle.balance.gamera.part_damage_pct;
        battle.hits.push(Hit { target: Target::Part(part), damage_milli: part_milli, by });
    }
}

/// A heavy hit on a flower, or on the pod that will be one.
pub(super) fn strike_flower(battle: &mut Battle, seat: SeatId, flower: StructureId, damage_milli: i32) {
    if let Some(city) = battle.structures.get(flower).and_then(|s| s.city) {
        hive::hit_hard(battle, city, damage_milli, seat, 1_000_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::legion::Hive;
    use crate::sim::structure::Structure;
    use crate::sim::testing::Stage;
    use gamera_protocol::balance::Balance;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::measure::Angle;
    use gamera_protocol::motion::Gait;
    use gamera_protocol::view::QueenState;

    fn at(x_m: i32, y_m: i32) -> Pos {
        Pos::from_m(7_000 + x_m, 1_500 + y_m)
    }

    /// Gamera, and the queen there, facing east.
    fn facing(queen_at: Pos) -> Stage {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        stage.put(Role::Gamera, at(0, 0), Gait::Walk);
        stage.put(Role::Queen, queen_at, Gait::Walk);
        stage.unit_mut(Role::Queen).mover.heading = Angle::EAST;
        stage.battle.legion.queen.state = QueenState::Active;
        stage
    }

    fn damage(stage: &mut Stage, verb: Verb, run_ticks: u32) -> i32 {
        let before = stage.unit(Role::Queen).health_milli;
        stage.hold(Role::Gamera, SeatInput::default().doing(verb));
        stage.run(run_ticks);
        (before - stage.unit(Role::Queen).health_milli) / 1_000
    }

    #[test]
    fn claws_hurt_within_reach_and_on_the_same_level() {
        let claws = Balance::default().gamera.melee_damage_s;
        for (name, queen_at, gait, wanted) in [
            ("beside her", at(90, 0), Gait::Walk, claws),
            ("out of reach", at(120, 0), Gait::Walk, 0),
            ("in the air", at(90, 0), Gait::Fly, 0),
            ("underground", at(90, 0), Gait::Burrow, 0),
        ] {
            let mut stage = facing(queen_at);
            stage.unit_mut(Role::Queen).mover.gait = gait;
            assert_eq!(damage(&mut stage, Verb::Strike, 30), wanted, "{name}");
        }
    }

    #[test]
    fn a_fireball_is_jammed_while_claws_stand_and_hurts_more_while_she_is_stunned() {
        type Case = (&'static str, fn(&mut Stage), i32);
        fn clawless(stage: &mut Stage) {
            *stage.battle.legion.queen.parts.health_mut(Part::Claws) = 0;
        }
        let cases: [Case; 5] = [
            ("claws stand", |_| {}, 231),
            ("claws broken", clawless, 660),
            ("without the rule of claws", |s| s.battle.balance.rules.remove(Rule::Claws), 660),
            (
                "stunned",
                |s| {
                    clawless(s);
                    s.battle.legion.queen.state = QueenState::Stunned;
                    s.battle.legion.queen.until = s.battle.tick.after(90);
                },
                990,
            ),
            ("without fireballs", |s| s.battle.balance.rules.remove(Rule::Fireball), 0),
        ];
        for (name, set, wanted) in cases {
            let mut stage = facing(at(500, 0));
            set(&mut stage);
            assert_eq!(damage(&mut stage, Verb::Fireball, 2), wanted, "{name}");
        }
    }

    #[test]
    fn fireballs_come_every_six_seconds() {
        let mut stage = facing(at(500, 0));
        *stage.battle.legion.queen.parts.health_mut(Part::Claws) = 0;
        assert_eq!(damage(&mut stage, Verb::Fireball, ticks(17)), 3 * 660);
    }

    #[test]
    fn a_fireball_burns_the_soldiers_around_it() {
        let mut stage = facing(at(-900, 0));
        stage.soldiers(20, at(300, 0));
        stage.soldiers(20, at(300, 60));
        let seat = stage.seat(Role::Gamera);
        stage.battle.seats[seat.index()].input = SeatInput::default().doing(Verb::Fireball).at(at(305, 0));
        fireball(&mut stage.battle, seat);
        let burnt = stage.battle.hits.iter().filter(|h| h.damage_milli >= stage.battle.swarm.health_each_milli).count();
        assert!((20..=21).contains(&burnt), "{burnt}");
    }

    #[test]
    fn where_gamera_stands_decides_what_breaks() {
        for (queen_at, part) in [
            (at(-80, 0), None),
            (at(80, 0), Some(Part::EggChamber)),
            (at(-30, -70), Some(Part::Leg(0))),
            (at(30, -70), Some(Part::Leg(1))),
            (at(-30, 70), Some(Part::Leg(2))),
            (at(30, 70), Some(Part::Leg(3))),
        ] {
            let stage = facing(queen_at);
            let gamera = body(&stage.battle).pos();
            assert_eq!(queen::part_facing(&stage.battle, gamera), part, "queen at {:?}", queen_at.to_m());
        }
    }

    #[test]
    fn oxygen_decides_what_a_fireball_does_to_a_flower() {
        for (oxygen, ignites) in [(30, false), (140, true)] {
            let mut stage = facing(at(-900, 0));
            let flower = Structure::new(Kind::Flower, at(300, 0), &stage.battle.balance);
            let flower = stage.battle.structures.insert(flower);
            let oxygen = Micro::whole(oxygen);
            let hive = Hive { flower: Some(flower), stage: 3, oxygen, ..Hive::new(City::Tokyo, at(300, 0), false) };
            stage.battle.legion.hives[2] = Some(hive);
            let seat = stage.seat(Role::Gamera);
            strike_flower(&mut stage.battle, seat, flower, 660_000);
            let told = stage.battle.events.iter().any(|e| e.kind == EventKind::FlowerIgnited);
            let hit = stage.battle.hits.iter().any(|h| h.target == Target::Structure(flower));
            assert_eq!((told, hit), (ignites, !ignites), "{oxygen:?}");
        }
    }
}
