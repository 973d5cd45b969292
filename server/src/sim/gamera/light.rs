//! Light-bearers: motes of light at the shrines, carried to Gamera; citizens calmed; a light that
//! dazzles soldiers.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::{Kind, Role, SeatId};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{TICK_HZ, metres, ticks, ticks_tenths};
use gamera_protocol::view::{GameraState, Marks};

use super::{add_mana, add_wariness, body};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::hit::Target;
use crate::sim::structure::StructureId;
use crate::sim::swarm::Task;
use crate::sim::target;
use crate::sim::unit::UnitId;

/// Lets motes gather at the shrines of the city that is fought over.
///
/// Motes are as many as the light-bearers of this match's size can carry, and each is worth
/// accordingly less, so that light is worth the same at every scale.
pub(in crate::sim) fn gather(battle: &mut Battle) {
    if !battle.tick.is_every(TICK_HZ, 0) || !battle.has(Rule::Motes) {
        return;
    }
    let batch = Micro((1_000_000 * 1_000_000) / battle.roster.scale_ppm(Role::LightBearer));
    let full = Micro(batch.0 * i64::from(battle.balance.units.of(Kind::Shrine).carries));
    let every = ticks(battle.balance.gamera.mote_every_s as u32);
    let (now, city) = (battle.tick, battle.campaign.city);
    for (_, shrine) in battle.structures.iter_mut().filter(|(_, s)| s.kind == Kind::Shrine) {
        if shrine.city == Some(city) && shrine.store < full && now >= shrine.until {
            shrine.store = (shrine.store + batch).min(full);
            shrine.until = now.after(every);
        }
        shrine.marks = Marks::default().with(Marks::LIVE, shrine.store >= Micro::whole(1));
    }
}

/// One tick of a light-bearer.
pub(super) fn act(battle: &mut Battle, seat: SeatId) {
    let s = &battle.seats[seat.index()];
    let Some(unit) = s.unit else { return };
    let (verb, pressed, carries) = (s.input.verb, s.pressed(), s.carried > 0);
    let body = &mut battle.units[unit];
    body.marks = body.marks.with(Marks::CARRYING, carries);
    if battle.tick < body.stunned_until {
        return;
    }
    match verb {
        Some(Verb::Strike) => dazzle(battle, seat, unit),
        Some(Verb::Carry) if pressed => carry(battle, seat, unit),
        Some(Verb::Calm) => calm(battle, seat, unit),
        _ => {}
    }
}

/// A flash that hurts soldiers a little, makes them let go of Gamera, and blinds what steers them.
fn dazzle(battle: &mut Battle, seat: SeatId, unit: UnitId) {
    match target::strike(battle, seat, unit, Verb::Strike) {
        Some(Target::Soldier(index)) => battle.swarm.soldiers[index].task = Task::Follow,
        Some(Target::Unit(id)) if battle.units[id].kind == Kind::BroodLeader => {
            let blind = ticks_tenths(battle.balance.gamera.dazzle_ds as u32);
            battle.units[id].stunned_until = battle.tick.after(blind);
        }
        _ => {}
    }
}

/// Gives what it carries to Gamera where she is near, else takes a mote where a shrine is near.
fn carry(battle: &mut Battle, seat: SeatId, unit: UnitId) {
    if !battle.has(Rule::Motes) {
        return;
    }
    let from = battle.units[unit].pos();
    let carried = battle.seats[seat.index()].carried;
    let here = !matches!(battle.gamera.state, GameraState::Away | GameraState::Dead | GameraState::Ascended);
    let near = from.within(body(battle).pos(), metres(battle.balance.gamera.deliver_range_m));
    if carried > 0 && here && near {
        deliver(battle, seat, carried);
    } else if i32::from(carried) < battle.balance.units.of(Kind::LightBearer).carries
        && let Some(shrine) = shrine_in_reach(battle, unit)
    {
        battle.structures[shrine].store -= Micro::whole(1);
        battle.seats[seat.index()].carried += 1;
    }
}

fn deliver(battle: &mut Battle, seat: SeatId, motes: u16) {
    let each = i64::from(battle.balance.gamera.mote_mana_milli);
    let ppm = battle.roster.scale_ppm(Role::LightBearer);
    add_mana(battle, Micro(i64::from(motes) * each * ppm / 1_000));
    let s = &mut battle.seats[seat.index()];
    s.carried = 0;
    s.tally.deeds += u32::from(motes);
    let at = battle.seat_pos(seat);
    battle.tell(Event::new(battle.tick, EventKind::MoteDelivered).at(at).by(Some(seat)).amount(i32::from(motes)));
}

fn shrine_in_reach(battle: &Battle, unit: UnitId) -> Option<StructureId> {
    let from = battle.units[unit].pos();
    let reach = metres(battle.balance.gamera.shrine_range_m);
    let lit = |s: &crate::sim::structure::Structure| s.kind == Kind::Shrine && s.store >= Micro::whole(1);
    battle.structures.iter().find(|(_, s)| lit(s) && s.pos.within(from, reach)).map(|(id, _)| id)
}

/// Calms the citizens of the district it stands in, while there are any: wariness falls.
pub(super) fn calm(battle: &mut Battle, seat: SeatId, unit: UnitId) {
    let at = battle.units[unit].pos();
    let Some(city) = ground::city_at(at) else { return };
    let Some(district) = ground::district_at(city, at) else { return };
    let people = battle.cities[city.index()].districts[district].staying;
    let length = ticks(battle.balance.gamera.calm_s as u32);
    if people <= Micro::ZERO || !battle.has(Rule::Wariness) {
        return;
    }
    if battle.seats[seat.index()].channel(Verb::Calm, None, length, 1_000) {
        let ppm = battle.roster.scale_ppm(battle.seats[seat.index()].playing);
        let less = Micro::milli(battle.balance.gamera.calm_trust_milli).scaled(ppm, 1_000_000);
        add_wariness(battle, Micro(-less.0));
        battle.tell(Event::new(battle.tick, EventKind::CitizensCalmed).at(at).by(Some(seat)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::City;
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::Pos;
    use gamera_protocol::motion::Gait;

    fn shrine() -> Pos {
        ground::city(City::Tokyo).shrines[0]
    }

    fn at_the_shrine() -> Stage {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.put(Role::LightBearer, shrine(), Gait::Walk);
        stage
    }

    fn tap(stage: &mut Stage, verb: Verb) {
        stage.hold(Role::LightBearer, SeatInput::default().doing(verb));
        stage.run(1);
        stage.release(Role::LightBearer);
        stage.run(1);
    }

    fn carried(stage: &Stage) -> u16 {
        stage.battle.own_view(stage.seat(Role::LightBearer)).carried
    }

    #[test]
    fn a_shrine_gathers_a_mote_every_twenty_seconds_and_two_can_be_carried() {
        let mut stage = at_the_shrine();
        let waits = [(0, 1), (18, 1), (3, 2), (30, 2)];
        for (wait_s, motes) in waits {
            stage.run(ticks(wait_s));
            tap(&mut stage, Verb::Carry);
            assert_eq!(carried(&stage), motes, "after {wait_s} s more");
        }
        assert!(stage.unit(Role::LightBearer).marks.has(Marks::CARRYING));
    }

    #[test]
    fn motes_become_mana_beside_gamera_alone() {
        let two = 2 * i64::from(gamera_protocol::balance::GameraNumbers::default().mote_mana_milli);
        for (apart_m, mana_milli) in [(50, two), (100, 0)] {
            let mut stage = at_the_shrine();
            stage.put(Role::Gamera, Pos::new(shrine().x + metres(apart_m), shrine().y), Gait::Walk);
            let seat = stage.seat(Role::LightBearer);
            stage.battle.seats[seat.index()].carried = 2;
            let before = stage.battle.gamera.mana;
            tap(&mut stage, Verb::Carry);
            let gained = (stage.battle.gamera.mana - before).0 / 1_000;
            assert!((mana_milli..mana_milli + 10).contains(&gained), "{apart_m} m: {gained}");
            assert_eq!(stage.heard(EventKind::MoteDelivered) > 0, mana_milli > 0);
        }
    }

    #[test]
    fn a_fallen_light_bearer_loses_its_motes() {
        let mut stage = at_the_shrine();
        tap(&mut stage, Verb::Carry);
        stage.unit_mut(Role::LightBearer).health_milli = 0;
        stage.run_until(EventKind::SeatReturned, ticks(11)).unwrap();
        assert_eq!(carried(&stage), 0);
    }

    #[test]
    fn calming_takes_eight_seconds_and_people_to_calm() {
        for (people, calmed) in [(true, 1), (false, 0)] {
            let mut stage = at_the_shrine();
            stage.battle.gamera.wariness = Micro::whole(10);
            if !people {
                for district in 0..ground::DISTRICTS {
                    stage.battle.cities[2].kill(district, Micro::whole(1_000));
                }
            }
            stage.hold(Role::LightBearer, SeatInput::default().doing(Verb::Calm));
            stage.run(ticks(9));
            assert_eq!(stage.heard(EventKind::CitizensCalmed), calmed);
            assert_eq!(stage.battle.gamera.wariness, Micro::milli(10_000 - 400 * calmed as i32));
        }
    }

    #[test]
    fn a_dazzled_soldier_lets_go() {
        let mut stage = at_the_shrine();
        let beside = Pos::new(shrine().x + metres(40), shrine().y);
        stage.put(Role::Gamera, beside, Gait::Walk);
        stage.battle.swarm.soldiers.clear();
        stage.soldiers(1, beside);
        stage.battle.swarm.soldiers[0].task = Task::Latched;
        let whole = stage.battle.swarm.soldiers[0].health_milli;
        tap(&mut stage, Verb::Strike);
        let soldier = stage.battle.swarm.soldiers[0];
        assert!(soldier.health_milli < whole && soldier.task == Task::Follow);
    }

    #[test]
    fn light_is_worth_the_same_at_every_scale() {
        for seats in [16, 128, 1_024] {
            let roster = gamera_protocol::roster::Roster::new(seats);
            let ppm = roster.scale_ppm(Role::LightBearer);
            let batch = 1_000_000 * 1_000_000 / ppm;
            let worth = batch * ppm / 1_000_000;
            assert!((999_000..=1_000_000).contains(&worth), "{seats} seats: {worth}");
        }
    }
}
