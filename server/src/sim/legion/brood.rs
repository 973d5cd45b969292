//! Brood leaders: what each does itself, and what its verb makes the squad do.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Kind, Layer, Role, SeatId};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::motion::Gait;
use gamera_protocol::roster::MILLION;
use gamera_protocol::view::Marks;

use super::{Goal, Squad, steer};
use crate::sim::arena::Class;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Target};
use crate::sim::structure::{Structure, StructureId};
use crate::sim::unit::UnitId;
use crate::sim::{Battle, target};

/// A leader at work in this tick.
struct Hand {
    seat: SeatId,
    unit: UnitId,
    pos: Pos,
    squad: usize,
    verb: Verb,
    under: bool,
    /// What it aims at, or its own place.
    aim: Pos,
}

/// What every squad is after in this tick. Before the swarm steers.
pub(in crate::sim) fn command(b: &mut Battle) {
    for squad in 0..b.legion.squads.len() {
        let hand = hand(b, squad);
        b.legion.squads[squad].resists = hand.as_ref().is_some_and(|h| h.verb == Verb::Resist);
        let goal = match hand {
            Some(hand) => goal(b, &hand),
            None => goal_alone(b, squad),
        };
        b.legion.squads[squad].goal = goal;
    }
}

/// What every leader does itself.
pub(in crate::sim) fn work(b: &mut Battle) {
    for squad in 0..b.legion.squads.len() {
        let Some(hand) = hand(b, squad) else { continue };
        match hand.verb {
            Verb::Dig => dig(b, &hand),
            Verb::Strike | Verb::Mob | Verb::Harvest | Verb::Sabotage | Verb::Block if hand.under => surface(b, &hand),
            Verb::Strike => _ = target::strike(b, hand.seat, hand.unit, Verb::Strike),
            Verb::Sabotage => sabotage(b, &hand),
            Verb::Block => block(b, &hand),
            _ => {}
        }
    }
}

fn hand(b: &Battle, squad: usize) -> Option<Hand> {
    let seat = b.legion.squads[squad].leader;
    let s = &b.seats[seat.index()];
    let verb = s.input.verb?;
    let unit = s.unit?;
    let u = b.units.get(unit).filter(|u| u.is_up() && b.tick >= u.stunned_until)?;
    let under = u.layer() == Layer::Underground;
    Some(Hand { seat, unit, pos: u.pos(), squad, verb, under, aim: s.input.aim.map_or(u.pos(), |a| a.pos()) })
}

fn goal(b: &Battle, hand: &Hand) -> Goal {
    let reach = metres(b.balance.legion.command_range_m);
    let aim = if hand.pos.within(hand.aim, reach) { hand.aim } else { hand.pos };
    match hand.verb {
        Verb::Strike => Goal::Attack(aim),
        Verb::Mob if b.units[b.gamera.unit].present => Goal::Mob,
        Verb::Harvest => harvest_site(b, hand, aim).map_or(Goal::Follow, Goal::Harvest),
        Verb::Sabotage => wreck_site(b, aim, reach).map_or(Goal::Follow, Goal::Wreck),
        _ => Goal::Follow,
    }
}

/// A squad goes on with the warehouse that it is at while its leader has fallen or is on the way back
/// underground.
fn goal_alone(b: &Battle, squad: usize) -> Goal {
    let Squad { leader, goal, .. } = b.legion.squads[squad];
    let unit = b.seats[leader.index()].unit.and_then(|id| b.units.get(id));
    let away = unit.is_none_or(|u| !u.is_up() || u.layer() == Layer::Underground);
    match goal {
        Goal::Harvest(id) if away && b.structures.get(id).is_some_and(|s| s.store > Micro::ZERO) => goal,
        _ => Goal::Follow,
    }
}

/// The warehouse that still holds glass nearest to the aim; the present one until it is empty.
fn harvest_site(b: &Battle, hand: &Hand, aim: Pos) -> Option<StructureId> {
    let holds = |id: StructureId| b.structures.get(id).is_some_and(|s| s.store > Micro::ZERO);
    if let Goal::Harvest(id) = b.legion.squads[hand.squad].goal
        && holds(id)
        && b.seats[hand.seat.index()].input.aim.is_none()
        && b.structures.get(id).is_some_and(|s| s.pos.within(hand.pos, metres(b.balance.legion.command_range_m)))
    {
        return Some(id);
    }
    let reach = metres(b.balance.legion.command_range_m);
    let caches = b.structures.iter().filter(|(_, s)| s.kind == Kind::Cache && s.store > Micro::ZERO);
    let near = caches.filter(|(_, s)| s.pos.within(aim, reach));
    near.min_by_key(|(_, s)| s.pos.distance2(aim)).map(|(id, _)| id)
}

/// What a squad wrecks: power, laboratory, sensors, sonar.
fn wreck_site(b: &Battle, aim: Pos, reach: i32) -> Option<StructureId> {
    let wrecked = |kind| matches!(kind, Kind::Pylon | Kind::Substation | Kind::Lab | Kind::Sensor | Kind::Sonar);
    let sites = b.structures.iter().filter(|(_, s)| wrecked(s.kind) && s.health_milli > 0 && s.pos.within(aim, reach));
    sites.min_by_key(|(_, s)| s.pos.distance2(aim)).map(|(id, _)| id)
}

/// A leader breaks through to the surface where it stands, and leaves a mouth behind for its
/// soldiers.
fn surface(b: &mut Battle, hand: &Hand) {
    let up_ticks = b.balance.legion.leader_up_ticks as u32;
    if b.seats[hand.seat.index()].channel(Verb::Dig, None, up_ticks, 1_000) {
        if leaves_mouth(b, hand) {
            put_up(b, hand, Kind::Burrow, EventKind::BurrowDug);
        }
        b.units[hand.unit].mover.gait = Gait::Walk;
    }
}

fn is_at_mouth(b: &Battle, hand: &Hand) -> bool {
    steer::nearest_mouth(b, hand.pos).within(hand.pos, metres(b.balance.legion.mouth_m))
}

/// True where whoever breaks through has no mouth near and there is room for one more.
fn leaves_mouth(b: &Battle, hand: &Hand) -> bool {
    let reach = shared_reach(b);
    let is_open = |s: &Structure| s.kind == Kind::Burrow && s.health_milli > 0;
    let shared = b.structures.iter().any(|(_, s)| is_open(s) && s.pos.within(hand.pos, reach));
    !is_at_mouth(b, hand) && !shared && count(b, Kind::Burrow) < b.balance.legion.burrows_max
}

/// How far one burrow serves leaders: where many lead the same swarm its ground is as much larger, so that
/// a swarm has as many mouths at every scale. A station serves who stands at it: farther off its soldiers would
/// have to walk through the streets.
fn shared_reach(b: &Battle) -> i32 {
    let own = i64::from(metres(b.balance.legion.mouth_m));
    let ppm = b.roster.scale_ppm(Role::BroodLeader).min(MILLION);
    (own * own * MILLION / ppm).isqrt() as i32
}

/// Through a mouth that is near, or a new one: down from the street, up from below. Where there are as
/// many as are kept open it falls shut behind the leader.
fn dig(b: &mut Battle, hand: &Hand) {
    let n = &b.balance.legion;
    let near = is_at_mouth(b, hand);
    let total = if near { n.pass_ticks } else { n.dig_ticks } as u32;
    if !b.seats[hand.seat.index()].channel(Verb::Dig, None, total, 1_000) {
        return;
    }
    if !near && leaves_mouth(b, hand) {
        put_up(b, hand, Kind::Burrow, EventKind::BurrowDug);
    }
    b.units[hand.unit].mover.gait = if hand.under { Gait::Walk } else { Gait::Burrow };
}

fn block(b: &mut Battle, hand: &Hand) {
    let n = &b.balance.legion;
    let spaced = metres(n.roadblock_range_m);
    let taken = b
        .structures
        .iter()
        .any(|(_, s)| s.kind == Kind::Roadblock && s.health_milli > 0 && s.pos.within(hand.pos, spaced));
    let total = n.block_ticks as u32;
    if taken || count(b, Kind::Roadblock) >= n.roadblocks_max {
        return;
    }
    if b.seats[hand.seat.index()].channel(Verb::Block, None, total, 1_000) {
        put_up(b, hand, Kind::Roadblock, EventKind::RoadBlocked);
    }
}

fn put_up(b: &mut Battle, hand: &Hand, kind: Kind, event: EventKind) {
    let structure = Structure { owner: Some(hand.seat), ..Structure::new(kind, hand.pos, &b.balance) };
    b.structures.insert(structure);
    b.tell(Event::new(b.tick, event).at(hand.pos).by(Some(hand.seat)));
}

fn count(b: &Battle, kind: Kind) -> i32 {
    b.structures.iter().filter(|(_, s)| s.kind == kind).count() as i32
}

/// Cuts a line, or takes a piece out of a laboratory.
fn sabotage(b: &mut Battle, hand: &Hand) {
    let n = &b.balance.legion;
    let (reach, total, damage) = (metres(n.cut_range_m), n.cut_ticks as u32, n.cut_damage);
    let Some(id) = wreck_site(b, hand.pos, reach) else { return };
    let unit = &mut b.units[hand.unit];
    unit.marks = unit.marks.with(Marks::ATTACKING, true);
    if b.seats[hand.seat.index()].channel(Verb::Sabotage, Some(id.key(Class::Structure)), total, 1_000) {
        let damage_milli = b.scaled_milli(hand.seat, damage);
        b.hits.push(Hit { target: Target::Structure(id), damage_milli, by: Some(hand.seat) });
    }
}

/// Slows vehicles that try to get past a roadblock.
pub(in crate::sim) fn obstruct(b: &mut Battle) {
    let (range, pct) = (metres(b.balance.legion.roadblock_range_m), b.balance.legion.roadblock_speed_pct);
    let Battle { structures, units, .. } = b;
    let vehicle =
        |kind| matches!(kind, Kind::Tank | Kind::Missiles | Kind::Engineer | Kind::Commander | Kind::Scientist);
    for (_, block) in structures.iter().filter(|(_, s)| s.kind == Kind::Roadblock && s.health_milli > 0) {
        for (_, unit) in units.iter_mut().filter(|(_, u)| vehicle(u.kind) && u.pos().within(block.pos, range)) {
            unit.drive.speed_permille = (i32::from(unit.drive.speed_permille) * pct / 100) as u16;
        }
    }
}

/// Plants carry leaders on the surface along.
pub(in crate::sim) fn hasten(b: &mut Battle) {
    if !b.has(Rule::Overgrowth) {
        return;
    }
    let pct = b.balance.legion.overgrown_soldier_pct;
    let Battle { units, cities, .. } = b;
    for (_, unit) in units.iter_mut().filter(|(_, u)| u.kind == Kind::BroodLeader && u.layer() == Layer::Surface) {
        let pos = unit.pos();
        if gamera_protocol::ground::city_at(pos).is_some_and(|city| cities[city.index()].is_overgrown(pos)) {
            unit.drive.speed_permille = (i32::from(unit.drive.speed_permille) * pct / 100) as u16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::ticks;

    /// A leader in Tokyo with 30 soldiers, away from everything.
    fn squad(gait: Gait) -> (Stage, Pos) {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        let at = Pos::from_m(6_300, 1_100);
        stage.put(Role::BroodLeader, at, gait);
        stage.soldiers(30, at);
        (stage, at)
    }

    #[test]
    fn a_verb_gives_the_squad_its_goal() {
        let cache = ground::city(City::Tokyo).caches[0];
        for (verb, at, wanted) in [
            (None, None, "Follow"),
            (Some(Verb::Strike), None, "Attack"),
            (Some(Verb::Harvest), Some(cache), "Harvest"),
            (Some(Verb::Sabotage), Some(ground::city(City::Tokyo).substations[0]), "Wreck"),
            (Some(Verb::Resist), None, "Follow"),
        ] {
            let (mut stage, _) = squad(Gait::Walk);
            if let Some(at) = at {
                stage.put(Role::BroodLeader, at, Gait::Walk);
            }
            stage.hold(Role::BroodLeader, SeatInput { verb, ..SeatInput::default() });
            stage.run(1);
            let squad = &stage.battle.legion.squads[0];
            assert!(format!("{:?}", squad.goal).starts_with(wanted), "{verb:?}: {:?}", squad.goal);
            assert_eq!(squad.resists, verb == Some(Verb::Resist));
        }
    }

    #[test]
    fn a_brood_that_comes_up_together_leaves_about_as_many_mouths_at_every_scale() {
        for seats in [16, 48, 128, 512] {
            let mut stage = Stage::sized(seats);
            stage.battle.balance.rules.remove(Rule::Meteor);
            let middle = ground::city_centre(City::Sapporo);
            // Five places, so far apart that none serves another.
            for seat in stage.seats(Role::BroodLeader) {
                let (part, _) = stage.battle.roster.part(seat);
                let at = Pos::new(middle.x - metres(800) + metres(400) * part as i32, middle.y + metres(90));
                let unit = stage.battle.seats[seat.index()].unit.unwrap();
                stage.battle.units[unit].mover = gamera_protocol::motion::Mover::at(at, Gait::Burrow);
            }
            stage.hold_all(Role::BroodLeader, SeatInput::default().doing(Verb::Dig));
            stage.run(stage.battle.balance.legion.dig_ticks as u32 + 2);
            assert_eq!(count(&stage.battle, Kind::Burrow), 5, "{seats} seats");
        }
    }

    #[test]
    fn a_station_serves_who_stands_at_it_and_no_one_farther_off_at_any_scale() {
        for seats in [16, 128, 1_024] {
            for (away_m, wanted) in [(8, 0), (60, 1)] {
                let mut stage = Stage::sized(seats);
                stage.battle.balance.rules.remove(Rule::Meteor);
                let station = ground::city(City::Sapporo).stations[0].pos;
                let at = Pos::new(station.x + metres(away_m), station.y);
                stage.put(Role::BroodLeader, at, Gait::Burrow);
                stage.hold(Role::BroodLeader, SeatInput::default().doing(Verb::Harvest));
                stage.run(stage.battle.balance.legion.leader_up_ticks as u32 + 2);
                assert_eq!(stage.unit(Role::BroodLeader).layer(), Layer::Surface);
                assert_eq!(count(&stage.battle, Kind::Burrow), wanted, "{seats} seats, {away_m} m");
            }
        }
    }

    #[test]
    fn nobody_is_locked_in_below_where_no_more_mouths_are_kept_open() {
        let (mut stage, _) = squad(Gait::Burrow);
        stage.battle.balance.legion.burrows_max = 0;
        stage.hold(Role::BroodLeader, SeatInput::default().doing(Verb::Dig));
        stage.run(stage.battle.balance.legion.dig_ticks as u32 + 2);
        assert_eq!(stage.unit(Role::BroodLeader).layer(), Layer::Surface);
        assert_eq!(count(&stage.battle, Kind::Burrow), 0);
    }

    #[test]
    fn a_squad_goes_on_harvesting_without_its_leader_until_the_glass_is_gone() {
        let cache = ground::city(City::Tokyo).caches[0];
        for (glass, wanted) in [(true, "Harvest"), (false, "Follow")] {
            let (mut stage, _) = squad(Gait::Walk);
            stage.put(Role::BroodLeader, cache, Gait::Walk);
            stage.hold(Role::BroodLeader, SeatInput::default().doing(Verb::Harvest));
            stage.run(2);
            stage.release(Role::BroodLeader);
            stage.unit_mut(Role::BroodLeader).health_milli = 0;
            if !glass {
                let store = stage.battle.structures.iter_mut().find(|(_, s)| s.pos == cache).map(|(_, s)| &mut s.store);
                *store.unwrap() = Micro::ZERO;
            }
            stage.run(3);
            let goal = stage.battle.legion.squads[0].goal;
            assert!(format!("{goal:?}").starts_with(wanted), "glass {glass}: {goal:?}");
        }
    }

    #[test]
    fn a_squad_goes_down_a_new_burrow_after_its_leader() {
        let (mut stage, at) = squad(Gait::Walk);
        stage.hold(Role::BroodLeader, SeatInput::default().doing(Verb::Dig));
        let dug = stage.run_until(EventKind::BurrowDug, 260);
        assert_eq!(dug, Some(240));
        stage.release(Role::BroodLeader);
        stage.run(ticks(8));
        assert!(stage.battle.swarm.soldiers.iter().all(|s| s.underground));
        let (id, _) = stage.battle.structures.iter().find(|(_, s)| s.kind == Kind::Burrow && s.pos == at).unwrap();
        stage.battle.hits.push(Hit { target: Target::Structure(id), damage_milli: 1_000_000, by: None });
        assert_eq!(stage.run_until(EventKind::BurrowClosed, 2), Some(1), "who closes it shuts them in");
    }

    #[test]
    fn what_is_put_up_and_cut_takes_its_time() {
        let substation = ground::city(City::Tokyo).substations[1];
        for (verb, at, kind, after) in [
            (Verb::Block, Pos::from_m(6_400, 1_200), EventKind::RoadBlocked, 150),
            (Verb::Dig, Pos::from_m(6_400, 1_200), EventKind::BurrowDug, 240),
        ] {
            let (mut stage, _) = squad(Gait::Walk);
            stage.put(Role::BroodLeader, at, Gait::Walk);
            stage.hold(Role::BroodLeader, SeatInput::default().doing(verb));
            assert_eq!(stage.run_until(kind, 400), Some(after), "{verb}");
        }
        let (mut stage, _) = squad(Gait::Walk);
        stage.put(Role::BroodLeader, substation, Gait::Walk);
        stage.hold(Role::BroodLeader, SeatInput::default().doing(Verb::Sabotage));
        stage.run(160);
        let (_, s) = stage.battle.structures.iter().find(|(_, s)| s.pos == substation).unwrap();
        assert!(s.health_milli <= 0, "the substation is cut");
        assert_eq!(stage.heard(EventKind::LineCut), 1, "told once, however long it lies");
    }

    #[test]
    fn a_roadblock_slows_vehicles() {
        let covered = |blocked: bool| {
            let (mut stage, at) = squad(Gait::Burrow);
            stage.battle.swarm.soldiers.clear();
            if blocked {
                let block = Structure::new(Kind::Roadblock, at, &stage.battle.balance);
                stage.battle.structures.insert(block);
            }
            stage.put(Role::Engineer, at, Gait::Walk);
            stage.hold(Role::Engineer, SeatInput { heading: Some(0), ..SeatInput::default() });
            stage.run(30);
            at.distance(stage.unit(Role::Engineer).pos())
        };
        assert!(covered(true) * 2 < covered(false));
    }
}
