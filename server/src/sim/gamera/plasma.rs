//! The plasma beam from Gamera's chest: once, with all the mana there is, through everything.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Kind, Layer, SeatId, Side};
use gamera_protocol::input::{Aim, Verb};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::Marks;

use super::{add_wariness, blows, body, body_mut, wariness};
use crate::sim::Battle;
use crate::sim::band::Band;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Part, Target};

/// Citizens are counted at points this far apart along the beam, metres.
const STRIDE_M: i32 = 100;

/// One tick of opening her chest; the beam at its end.
pub(super) fn aim(battle: &mut Battle, seat: SeatId) {
    let n = &battle.balance.gamera;
    let (aim_ticks, mana) = (n.plasma_aim_ticks as u32, Micro::whole(n.plasma_mana));
    if battle.gamera.plasma_spent || battle.gamera.mana < mana || !battle.has(Rule::Plasma) {
        return;
    }
    let body = body_mut(battle);
    body.marks = body.marks.with(Marks::TELL, true);
    if battle.seats[seat.index()].channel(Verb::Plasma, None, aim_ticks, 1_000) {
        fire(battle, seat);
    }
}

fn fire(battle: &mut Battle, seat: SeatId) {
    let lane = lane(battle, seat);
    battle.gamera.mana = Micro::ZERO;
    battle.gamera.plasma_spent = true;
    body_mut(battle).marks = body(battle).marks.with(Marks::ATTACKING, true);
    battle.tell(Event::new(battle.tick, EventKind::UltimatePlasma).at(lane.band.from).by(Some(seat)));
    strike_queen(battle, seat, &lane);
    strike_small(battle, seat, &lane);
    strike_flowers(battle, seat, &lane);
    for step in 0..=battle.balance.gamera.plasma_range_m / STRIDE_M {
        let at = lane.band.from.offset(lane.band.turn, metres(step * STRIDE_M));
        let tok = Micro::milli(battle.balance.gamera.plasma_deaths_milli_tok);
        wariness::kill_citizens(battle, at, tok);
    }
    add_wariness(battle, Micro::whole(battle.balance.gamera.plasma_wariness));
}

/// The strip of ground that the beam sweeps, up to its end.
struct Lane {
    band: Band,
    length: i32,
}

impl Lane {
    /// True where something of this radius is in it.
    fn holds(&self, pos: Pos, radius: i32) -> bool {
        self.band.along(pos, radius).is_some_and(|along| along <= self.length + radius)
    }
}

/// Where she aims; without an aim at the queen, where she is seen, else straight ahead.
fn lane(battle: &Battle, seat: SeatId) -> Lane {
    let n = &battle.balance.gamera;
    let body = body(battle);
    let queen = &battle.units[battle.legion.queen.unit];
    let seen = queen.is_up() && battle.sight.sees_giant(Side::Gamera, Kind::Queen);
    let goal = battle.seats[seat.index()].input.aim.map(Aim::pos).or_else(|| seen.then(|| queen.pos()));
    let turn = goal.map_or(body.mover.heading, |goal| body.pos().angle_to(goal));
    let band = Band { from: body.pos(), turn, half_width: metres(n.plasma_width_m) / 2 };
    Lane { band, length: metres(n.plasma_range_m) }
}

/// Claws and horn shield the queen; under the ground she is out of it altogether.
fn strike_queen(battle: &mut Battle, seat: SeatId, lane: &Lane) {
    let n = &battle.balance.gamera;
    let unit = &battle.units[battle.legion.queen.unit];
    let radius = metres(battle.balance.units.of(Kind::Queen).radius_m);
    if !unit.is_up() || unit.layer() == Layer::Underground || !lane.holds(unit.pos(), radius) {
        return;
    }
    let parts = &battle.legion.queen.parts;
    let claws_pct = if parts.stands(Part::Claws) { n.plasma_claws_pct } else { 100 };
    let horn_pct = if parts.stands(Part::Horn) { n.plasma_horn_pct } else { 100 };
    // Percent of percent of thousandths: 8,000 points stay below 2^31 only in 64 bits.
    let damage_milli = (i64::from(n.plasma_damage * 1_000) * i64::from(claws_pct * horn_pct) / 10_000) as i32;
    battle.hits.push(Hit { target: Target::Unit(battle.legion.queen.unit), damage_milli, by: Some(seat) });
}

/// Nothing small survives in it, whosever it is; Gamera's own people are spared by the light.
fn strike_small(battle: &mut Battle, seat: SeatId, lane: &Lane) {
    let by = Some(seat);
    let Battle { units, swarm, hits, balance, .. } = battle;
    let giant = |kind: Kind| matches!(kind, Kind::Gamera | Kind::Queen);
    for (id, unit) in units.iter().filter(|(_, u)| u.is_up() && !giant(u.kind)) {
        let row = balance.units.of(unit.kind);
        let own = row.side == Some(Side::Gamera);
        if !own && unit.layer() != Layer::Underground && lane.holds(unit.pos(), metres(row.radius_m)) {
            hits.push(Hit { target: Target::Unit(id), damage_milli: unit.health_milli, by });
        }
    }
    for (index, soldier) in swarm.soldiers.iter().enumerate() {
        if !soldier.underground && soldier.health_milli > 0 && lane.holds(soldier.pos, 0) {
            hits.push(Hit { target: Target::Soldier(index), damage_milli: soldier.health_milli, by });
        }
    }
}

fn strike_flowers(battle: &mut Battle, seat: SeatId, lane: &Lane) {
    let damage_milli = battle.balance.gamera.plasma_damage * 1_000;
    let standing = battle.legion.hives.iter().flatten().filter(|h| !h.dead).filter_map(|h| h.flower);
    let struck: Vec<_> = standing
        .filter(|id| battle.structures.get(*id).is_some_and(|f| f.layer == Layer::Surface && lane.holds(f.pos, 0)))
        .collect();
    for flower in struck {
        blows::strike_flower(battle, seat, flower, damage_milli);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::balance::Balance;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::motion::Gait;
    use gamera_protocol::view::QueenState;

    fn at(x_m: i32, y_m: i32) -> Pos {
        Pos::from_m(6_800 + x_m, 1_500 + y_m)
    }

    /// Gamera with all her mana and the queen east of her.
    fn facing(queen_x_m: i32, queen_y_m: i32) -> Stage {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        stage.put(Role::Gamera, at(0, 0), Gait::Walk);
        stage.put(Role::Queen, at(queen_x_m, queen_y_m), Gait::Walk);
        stage.battle.legion.queen.state = QueenState::Active;
        stage.battle.gamera.mana = Micro::whole(100);
        stage.hold(Role::Gamera, SeatInput::default().doing(Verb::Plasma).at(at(500, 0)));
        stage
    }

    #[test]
    fn claws_and_horn_shield_the_queen_and_the_ground_hides_her() {
        type Case = (&'static str, fn(&mut Stage), i32);
        fn broken(stage: &mut Stage, parts: &[Part]) {
            for part in parts {
                *stage.battle.legion.queen.parts.health_mut(*part) = 0;
            }
        }
        let n = Balance::default().gamera;
        let shielded = |pcts: &[i32]| pcts.iter().fold(n.plasma_damage, |damage, pct| damage * pct / 100);
        let cases: [Case; 6] = [
            ("whole", |_| {}, shielded(&[n.plasma_claws_pct, n.plasma_horn_pct])),
            ("no claws", |s| broken(s, &[Part::Claws]), shielded(&[n.plasma_horn_pct])),
            ("no claws, no horn", |s| broken(s, &[Part::Claws, Part::Horn]), n.plasma_damage),
            ("burrowed", |s| s.put(Role::Queen, at(500, 0), Gait::Burrow), 0),
            ("beside the lane", |s| s.put(Role::Queen, at(500, 80), Gait::Walk), 0),
            ("beyond it", |s| s.put(Role::Queen, at(1_100, 0), Gait::Walk), 0),
        ];
        for (name, set, damage) in cases {
            let mut stage = facing(500, 0);
            set(&mut stage);
            let before = stage.unit(Role::Queen).health_milli;
            assert_eq!(stage.run_until(EventKind::UltimatePlasma, 60), Some(45), "{name}");
            assert_eq!((before - stage.unit(Role::Queen).health_milli) / 1_000, damage, "{name}");
        }
    }

    #[test]
    fn it_takes_all_mana_once_and_makes_mankind_wary() {
        let mut stage = facing(500, 0);
        stage.run_until(EventKind::UltimatePlasma, 60).unwrap();
        assert!(stage.battle.gamera.mana < Micro::whole(1));
        assert!(stage.battle.gamera.wariness >= Micro::whole(25));
        stage.battle.gamera.mana = Micro::whole(100);
        assert_eq!(stage.run_until(EventKind::UltimatePlasma, 90), None);
    }

    #[test]
    fn without_the_mana_or_the_rule_nothing_opens() {
        type Case = (&'static str, fn(&mut Stage));
        let cases: [Case; 2] = [
            ("mana", |s| s.battle.gamera.mana = Micro::whole(90)),
            ("rule", |s| s.battle.balance.rules.remove(Rule::Plasma)),
        ];
        for (name, set) in cases {
            let mut stage = facing(500, 0);
            set(&mut stage);
            assert_eq!(stage.run_until(EventKind::UltimatePlasma, 60), None, "{name}");
        }
    }

    #[test]
    fn whoever_stands_in_the_lane_dies_and_nobody_beside_it() {
        let mut stage = facing(500, 0);
        stage.put(Role::Tank, at(300, 5), Gait::Walk);
        stage.put(Role::Engineer, at(300, 60), Gait::Walk);
        stage.put(Role::LightBearer, at(200, 0), Gait::Walk);
        stage.run_until(EventKind::UltimatePlasma, 60).unwrap();
        let alive = |role| stage.battle.seats[stage.seat(role).index()].unit.is_some();
        assert!(!alive(Role::Tank) && alive(Role::Engineer) && alive(Role::LightBearer));
    }
}
