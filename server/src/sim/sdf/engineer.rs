//! Engineer: sensors, empty warehouses, repaired lines, cleared roads. Charges and the lure have
//! their own files.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::{self, BLOCK_M};
use gamera_protocol::ids::{Kind, Role};
use gamera_protocol::measure::{Pos, metres, ticks};
use gamera_protocol::roster::MILLION;

use super::super::Battle;
use super::super::arena::Class;
use super::super::fixed::Micro;
use super::super::seat::Channel;
use super::super::sighting::Key;
use super::super::structure::{Structure, StructureId};
use super::Hand;

/// Puts a sensor up; the oldest of the engineer's own comes down for it when it has too many.
pub(super) fn put_sensor(battle: &mut Battle, hand: &Hand) {
    let n = battle.balance.sdf;
    if !battle.seats[hand.seat.index()].is_ready(hand.verb, battle.tick) {
        return;
    }
    battle.seats[hand.seat.index()].cool_down(hand.verb, battle.tick, ticks(n.sensor_rest_s as u32));
    let own = || battle.structures.iter().filter(|(_, s)| s.kind == Kind::Sensor && s.owner == Some(hand.seat));
    if own().count() >= n.sensors_each.max(1) as usize
        && let Some((oldest, _)) = own().min_by_key(|(_, s)| s.until)
    {
        battle.structures.remove(oldest);
    }
    let sensor = Structure::new(Kind::Sensor, hand.pos, &battle.balance);
    // Nothing of a sensor runs out: `until` tells when it was put up.
    battle.structures.insert(Structure { owner: Some(hand.seat), until: battle.tick, ..sensor });
    battle.tell(Event::new(battle.tick, EventKind::SensorSet).at(hand.pos).by(Some(hand.seat)));
}

/// Repairs the cut line beside the engineer, else empties the warehouse there.
pub(super) fn remove(battle: &mut Battle, hand: &Hand) {
    if let Some(line) = beside(battle, hand.pos, |s| is_line(s.kind) && s.health_milli <= 0) {
        repair(battle, hand, line);
    } else if let Some(cache) = beside(battle, hand.pos, |s| s.kind == Kind::Cache && s.store > Micro::ZERO) {
        empty(battle, hand, cache);
    }
}

fn is_line(kind: Kind) -> bool {
    matches!(kind, Kind::Substation | Kind::Pylon)
}

/// The nearest structure of a kind beside `pos`.
pub(super) fn beside(battle: &Battle, pos: Pos, fits: impl Fn(&Structure) -> bool) -> Option<StructureId> {
    let n = &battle.balance;
    let reach = |s: &Structure| metres(n.sdf.work_range_m + n.units.of(s.kind).radius_m);
    let near = battle.structures.iter().filter(|(_, s)| fits(s) && s.pos.within(pos, reach(s)));
    near.min_by_key(|(_, s)| s.pos.distance2(pos)).map(|(id, _)| id)
}

fn repair(battle: &mut Battle, hand: &Hand, line: StructureId) {
    let total = battle.balance.legion.repair_ticks as u32;
    let key = line.key(Class::Structure);
    let speed = work_permille(battle, hand, key);
    let seat = &mut battle.seats[hand.seat.index()];
    if seat.channel(hand.verb, Some(key), total, speed) {
        let s = &mut battle.structures[line];
        s.health_milli = battle.balance.units.of(s.kind).health * 1_000;
        let at = s.pos;
        battle.tell(Event::new(battle.tick, EventKind::LineRepaired).at(at).by(Some(hand.seat)));
    }
}

/// Carries glass away tick by tick: many hands empty a warehouse together.
fn empty(battle: &mut Battle, hand: &Hand, cache: StructureId) {
    let n = &battle.balance;
    let total = i64::from(ticks(n.sdf.remove_cache_s.max(1) as u32));
    let whole = Micro::whole(n.legion.cache_silicon);
    let share = whole.scaled(battle.roster.scale_ppm(Role::Engineer), total * MILLION);
    let s = &mut battle.structures[cache];
    s.store.take(share.max(Micro(1)));
    if s.store == Micro::ZERO {
        let at = s.pos;
        battle.seats[hand.seat.index()].tally.deeds += 1;
        battle.tell(Event::new(battle.tick, EventKind::CacheRemoved).at(at).by(Some(hand.seat)));
    }
}

/// Tank and engineer clear a roadblock; a tank else clears the plants where it aims or stands.
pub(super) fn clear(battle: &mut Battle, hand: &Hand) {
    let block = beside(battle, hand.pos, |s| s.kind == Kind::Roadblock && s.health_milli > 0);
    if let Some(block) = block {
        clear_roadblock(battle, hand, block);
    } else if battle.seats[hand.seat.index()].playing == Role::Tank {
        clear_plants(battle, hand);
    }
}

fn clear_roadblock(battle: &mut Battle, hand: &Hand, block: StructureId) {
    let total = ticks(battle.balance.sdf.clear_roadblock_s as u32);
    let key = block.key(Class::Structure);
    let speed = work_permille(battle, hand, key);
    if !battle.seats[hand.seat.index()].channel(hand.verb, Some(key), total, speed) {
        return;
    }
    if let Some(gone) = battle.structures.remove(block) {
        battle.tell(Event::new(battle.tick, EventKind::RoadCleared).at(gone.pos).by(Some(hand.seat)));
    }
}

fn clear_plants(battle: &mut Battle, hand: &Hand) {
    let reach = metres(battle.balance.sdf.work_range_m + BLOCK_M);
    let aim = battle.seats[hand.seat.index()].input.aim.map(gamera_protocol::input::Aim::pos);
    let at = aim.filter(|p| p.within(hand.pos, reach)).unwrap_or(hand.pos);
    let Some(city) = ground::city_at(at) else { return };
    if !battle.has(Rule::Overgrowth) || !battle.cities[city.index()].is_overgrown(at) {
        return;
    }
    let (column, row) = ground::block_of(at);
    let key = Key((row * ground::BLOCKS_X + column) as u32);
    let total = ticks(battle.balance.sdf.clear_s as u32);
    let speed = work_permille(battle, hand, key);
    if battle.seats[hand.seat.index()].channel(hand.verb, Some(key), total, speed) {
        battle.cities[city.index()].set_overgrown(at, false);
        battle.tell(Event::new(battle.tick, EventKind::PlantsCleared).at(at).by(Some(hand.seat)));
    }
}

/// How fast the work at `key` goes on, thousandths: one seat of many does less of it, but never hopelessly
/// little, and those who are at the same work do it together.
pub(super) fn work_permille(battle: &Battle, hand: &Hand, key: Key) -> u32 {
    let with = |c: Channel| (c.verb, c.target) == (hand.verb, Some(key));
    let (mut seats, mut scale) = (battle.seats.iter().enumerate(), 0);
    // More than the whole speed nobody has, and then nobody else need be looked for.
    while scale < MILLION
        && let Some((i, seat)) = seats.next()
    {
        let is_at_it = i == hand.seat.index() || seat.channel.is_some_and(with);
        scale += if is_at_it { battle.roster.scale_ppm(seat.playing) } else { 0 };
    }
    (scale / 1_000).clamp(i64::from(battle.balance.sdf.work_floor_permille), 1_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::City;
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::motion::Gait;

    fn at_work(role: Role, verb: Verb, at: Pos, set: impl FnOnce(&mut Stage)) -> Stage {
        let mut stage = Stage::campaign();
        set(&mut stage);
        stage.put(role, at, Gait::Walk);
        stage.hold(role, SeatInput::default().doing(verb));
        stage
    }

    #[test]
    fn each_work_takes_its_time() {
        let ground = ground::city(City::Sapporo);
        let (cache, station, centre) = (ground.caches[3], ground.substations[0], ground::city_centre(City::Sapporo));
        type Case = (&'static str, Role, Verb, Pos, fn(&mut Stage, Pos), EventKind, u32);
        let nothing: fn(&mut Stage, Pos) = |_, _| {};
        let block: fn(&mut Stage, Pos) = |s, at| {
            let block = Structure::new(Kind::Roadblock, at, &s.battle.balance);
            s.battle.structures.insert(block);
        };
        let plants: fn(&mut Stage, Pos) = |s, at| {
            s.battle.cities[0].set_overgrown(at, true);
        };
        let cut: fn(&mut Stage, Pos) = |s, at| {
            let lines = s.battle.structures.iter_mut();
            let (_, line) = { lines }.find(|(_, l)| l.kind == Kind::Substation && l.pos == at).unwrap();
            line.health_milli = 0;
        };
        let cases: [Case; 5] = [
            ("empty a cache", Role::Engineer, Verb::Remove, cache, nothing, EventKind::CacheRemoved, 30 * 30),
            ("repair a line", Role::Engineer, Verb::Remove, station, cut, EventKind::LineRepaired, 300),
            ("a roadblock", Role::Engineer, Verb::Clear, centre, block, EventKind::RoadCleared, 120),
            ("a roadblock by tank", Role::Tank, Verb::Clear, centre, block, EventKind::RoadCleared, 120),
            ("plants by tank", Role::Tank, Verb::Clear, centre, plants, EventKind::PlantsCleared, 120),
        ];
        for (name, role, verb, at, set, kind, ticks) in cases {
            let mut stage = at_work(role, verb, at, |s| set(s, at));
            let taken = stage.run_until(kind, ticks + 10);
            assert!(taken.is_some_and(|t| t.abs_diff(ticks) <= 2), "{name}: {taken:?}");
            let mut idle = at_work(role, Verb::Escort, at, |s| set(s, at));
            assert_eq!(idle.run_until(kind, 300), None, "{name} without the verb");
        }
    }

    #[test]
    fn all_engineers_together_repair_a_line_as_fast_at_every_scale() {
        let station = ground::city(City::Sapporo).substations[0];
        for seats in [16, 48, 128, 512] {
            let mut stage = Stage::sized(seats);
            let lines = stage.battle.structures.iter_mut();
            let (_, line) = { lines }.find(|(_, l)| l.kind == Kind::Substation && l.pos == station).unwrap();
            line.health_milli = 0;
            stage.put_all(Role::Engineer, station, Gait::Walk);
            stage.hold_all(Role::Engineer, SeatInput::default().doing(Verb::Remove));
            let taken = stage.run_until(EventKind::LineRepaired, 320);
            assert!(taken.is_some_and(|t| t.abs_diff(300) <= 5), "{seats} seats: {taken:?}");
        }
    }

    #[test]
    fn an_engineer_has_three_sensors_up_and_the_oldest_comes_down() {
        let mut stage = Stage::campaign();
        let start = ground::city_centre(City::Sapporo);
        stage.hold(Role::Engineer, SeatInput::default().doing(Verb::Sensor));
        for i in 0..5 {
            stage.put(Role::Engineer, Pos::new(start.x + metres(200 * i), start.y), Gait::Walk);
            stage.run(ticks(8));
        }
        let sensors: Vec<i32> = stage
            .battle
            .structures
            .iter()
            .filter(|(_, s)| s.kind == Kind::Sensor)
            .map(|(_, s)| (s.pos.x - start.x) / metres(1))
            .collect();
        assert_eq!(sensors.iter().sum::<i32>(), 400 + 600 + 800, "{sensors:?}");
        assert_eq!(stage.heard(EventKind::SensorSet), 5);
    }
}
