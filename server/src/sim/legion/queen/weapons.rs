//! What the queen fights with: claws, legs, the horn's beam, whips from its stump, the egg chamber.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Kind, Layer, SeatId, Side};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, metres, share, ticks};
use gamera_protocol::motion::Gait;
use gamera_protocol::view::{GameraState, Marks, QueenState, side_of};

use super::unit;
use crate::sim::band::Band;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Part, Target};
use crate::sim::rewind::judged_at;
use crate::sim::target::{self, Reach};
use crate::sim::{Battle, gamera, legion};

/// What is at least this large stops the beam, metres: a flower, a substation, the laboratory.
const COVER_M: i32 = 10;

/// What her seat does with her weapons in this tick.
pub(in crate::sim) fn act(b: &mut Battle) {
    let acting = (b.legion.queen.state == QueenState::Active).then(|| super::seat(b)).flatten();
    let verb = acting.and_then(|seat| b.seats[seat.index()].input.verb);
    if verb != Some(Verb::Beam) {
        drop_charge(b, acting);
    }
    land_legs(b);
    let Some(seat) = acting else { return };
    let pressed = b.seats[seat.index()].pressed();
    match verb {
        Some(Verb::Strike) => claw(b, seat),
        Some(Verb::Impale) if pressed => raise_legs(b, seat),
        Some(Verb::Beam) => charge(b, seat),
        Some(Verb::Whips) => whip(b, seat, pressed),
        Some(Verb::Execute) => execute(b, seat),
        Some(Verb::BroodBurst) if pressed => brood_burst(b, seat),
        _ => {}
    }
}

fn show(b: &mut Battle) {
    let queen = unit(b);
    queen.marks = queen.marks.with(Marks::ATTACKING, true);
}

/// Gamera where she is seen and can be struck: up or down, but not under water, under way or gone.
fn rival(b: &Battle) -> Option<Pos> {
    let gamera = &b.units[b.gamera.unit];
    let there = gamera.is_up() && !b.is_dived(b.gamera.unit) && b.sight.sees_giant(Side::Legion, Kind::Gamera);
    there.then(|| gamera.pos())
}

fn reach(b: &Battle, range_m: i32, sky: bool) -> Reach {
    let from = b.units[b.legion.queen.unit].pos();
    Reach { side: Side::Legion, from, range: metres(range_m), sky, first: Some(b.gamera.unit) }
}

/// What she strikes at: where she aims, else Gamera before anyone smaller.
fn foe(b: &Battle, seat: SeatId, reach: &Reach) -> Option<Target> {
    target::find(b, reach, &b.seats[seat.index()].input)
}

fn claw(b: &mut Battle, seat: SeatId) {
    let flies = unit(b).mover.gait == Gait::Fly;
    let n = &b.balance.legion;
    let damage_milli = share(n.melee_damage_s * 1_000, b.tick);
    let reach = reach(b, n.melee_range_m, flies);
    let Some(target) = foe(b, seat, &reach) else { return };
    b.hits.push(Hit { target, damage_milli, by: Some(seat) });
    show(b);
}

/// The legs rise: everyone sees them before they come down where Gamera was.
fn raise_legs(b: &mut Battle, seat: SeatId) {
    let n = &b.balance.legion;
    let s = &b.seats[seat.index()];
    let legs = (0..4).any(|leg| b.legion.queen.parts.stands(Part::Leg(leg)));
    let walks = b.units[b.legion.queen.unit].mover.gait == Gait::Walk;
    if !b.has(Rule::Impale) || !s.is_ready(Verb::Impale, b.tick) || !legs || !walks {
        return;
    }
    let spot = rival(b).or_else(|| s.input.aim.map(|a| a.pos()));
    let Some(spot) = spot else { return };
    let (tell_ticks, cooldown) = (n.impale_tell_ticks as u32, ticks(n.impale_cooldown_s as u32));
    b.legion.queen.impale = Some((b.tick.after(tell_ticks), spot));
    b.seats[seat.index()].cool_down(Verb::Impale, b.tick, cooldown);
}

fn land_legs(b: &mut Battle) {
    let Some((_, spot)) = b.legion.queen.impale.filter(|(at, _)| b.tick >= *at) else { return };
    b.legion.queen.impale = None;
    let n = &b.balance.legion;
    let broken = (0..4).filter(|leg| !b.legion.queen.parts.stands(Part::Leg(*leg))).count() as i32;
    let (damage, pin_ticks) = (n.impale_damage * (100 - broken * n.broken_leg_impale_pct) / 100, n.impale_pin_ticks);
    let (reach, wide) = (metres(n.impale_range_m), metres(n.impale_spot_m));
    let queen = &b.units[b.legion.queen.unit];
    let (from, by) = (queen.pos(), queen.seat);
    show(b);
    let gamera = &b.units[b.gamera.unit];
    let struck = rival(b).is_some_and(|at| at.within(spot, wide) && at.within(from, reach));
    if !struck || gamera.layer() == Layer::Sky {
        return;
    }
    let at = gamera.pos();
    let until = b.tick.after(pin_ticks as u32);
    let gamera = &mut b.units[b.gamera.unit];
    gamera.stunned_until = gamera.stunned_until.max(until);
    b.hits.push(Hit { target: Target::Unit(b.gamera.unit), damage_milli: damage * 1_000, by });
    b.tell(Event::new(b.tick, EventKind::GameraImpaled).at(at).by(by));
}

/// The horn charges while the verb is held, and fires when full. Letting go early is a feint.
fn charge(b: &mut Battle, seat: SeatId) {
    let horn = b.legion.queen.parts.stands(Part::Horn);
    let ready = b.seats[seat.index()].is_ready(Verb::Beam, b.tick);
    if !b.has(Rule::HornBeam) || !horn || !ready {
        return;
    }
    b.legion.queen.charge_ticks += 1;
    let n = &b.balance.legion;
    let (total, cooldown) = (n.beam_charge_ticks as u32, ticks(n.beam_cooldown_s as u32));
    if b.seats[seat.index()].channel(Verb::Beam, None, total, 1_000) {
        b.legion.queen.charge_ticks = 0;
        b.seats[seat.index()].cool_down(Verb::Beam, b.tick, cooldown);
        fire(b, seat);
    }
}

fn drop_charge(b: &mut Battle, seat: Option<SeatId>) {
    if b.legion.queen.charge_ticks > 0 {
        b.legion.queen.charge_ticks = 0;
        if let Some(seat) = seat {
            let pause = ticks(b.balance.legion.beam_feint_s as u32);
            b.seats[seat.index()].cool_down(Verb::Beam, b.tick, pause);
        }
    }
}

/// The beam goes straight to where she aims, or to Gamera, and ends at the first thing that is
/// large enough to hide behind.
fn fire(b: &mut Battle, seat: SeatId) {
    let n = &b.balance.legion;
    let (range, half_width, damage_milli) = (metres(n.beam_range_m), metres(n.beam_width_m) / 2, n.beam_damage * 1_000);
    let from = b.units[b.legion.queen.unit].pos();
    let input = b.seats[seat.index()].input;
    let Some(aim) = input.aim.map(|a| a.pos()).or_else(|| rival(b)) else { return };
    let line = Band { from, turn: from.angle_to(aim), half_width };
    let end = cover(b, &line, range);
    let when = judged_at(b, input.seen);
    let mut impact = from.offset(line.turn, end);
    for (id, u) in b.units.iter().filter(|(_, u)| u.is_up() && side_of(u.kind) != Some(Side::Legion)) {
        let (pos, layer) = b.rewind.place(id, when).unwrap_or((u.pos(), u.layer()));
        let radius = metres(b.balance.units.of(u.kind).radius_m);
        let struck = line.along(pos, radius).is_some_and(|along| along <= end + radius);
        if struck && layer != Layer::Underground && !b.is_dived(id) {
            let damage_milli = b.felt_milli(u.kind, damage_milli);
            b.hits.push(Hit { target: Target::Unit(id), damage_milli, by: Some(seat) });
            if u.kind == Kind::Gamera {
                impact = pos;
            }
        }
    }
    show(b);
    b.tell(Event::new(b.tick, EventKind::HornBeam).at(impact).by(Some(seat)));
}

/// How far the beam gets, grid units: to the first cover that does not shelter the queen herself.
fn cover(b: &Battle, line: &Band, range: i32) -> i32 {
    let covers = b.structures.iter().filter(|(_, s)| s.health_milli > 0 && s.layer == Layer::Surface);
    covers
        .filter_map(|(_, s)| {
            let radius_m = b.balance.units.of(s.kind).radius_m;
            let along = line.along(s.pos, metres(radius_m) - line.half_width)?;
            (radius_m >= COVER_M && along > metres(radius_m)).then_some(along)
        })
        .fold(range, i32::min)
}

/// Whips of light from the stump of the horn: far, and no roar goes on under them.
fn whip(b: &mut Battle, seat: SeatId, pressed: bool) {
    if !b.has(Rule::Whips) || b.legion.queen.parts.stands(Part::Horn) {
        return;
    }
    let n = &b.balance.legion;
    let damage_milli = share(n.whips_damage_s * 1_000, b.tick);
    let reach = reach(b, n.whips_range_m, true);
    let at = unit(b).pos();
    if pressed {
        b.tell(Event::new(b.tick, EventKind::LaserWhips).at(at).by(Some(seat)));
    }
    let Some(target) = foe(b, seat, &reach) else { return };
    b.hits.push(Hit { target, damage_milli, by: Some(seat) });
    if target == Target::Unit(b.gamera.unit) {
        gamera::break_roar(b);
    }
    show(b);
}

/// Only an execution kills a Gamera that is down for good.
fn execute(b: &mut Battle, seat: SeatId) {
    let n = &b.balance.legion;
    let (range, total) = (metres(n.execute_range_m), n.execute_ticks as u32);
    let from = unit(b).pos();
    let helpless = matches!(b.gamera.state, GameraState::Down | GameraState::Limping);
    if !helpless || !b.units[b.gamera.unit].pos().within(from, range) {
        return;
    }
    show(b);
    if b.seats[seat.index()].channel(Verb::Execute, None, total, 1_000) {
        gamera::execute(b);
    }
}

fn brood_burst(b: &mut Battle, seat: SeatId) {
    let ready = b.seats[seat.index()].is_ready(Verb::BroodBurst, b.tick);
    if !b.has(Rule::BroodBurst) || !ready || !b.legion.queen.parts.stands(Part::EggChamber) {
        return;
    }
    let n = &b.balance.legion;
    let (mass, cooldown) = (Micro::whole(n.broodburst_mass), ticks(n.broodburst_cooldown_s as u32));
    let at = unit(b).pos();
    let hatched = legion::spawn_mass(b, mass, at, false);
    let amount = Micro(b.swarm.mass_each.0 * hatched as i64).floor();
    b.seats[seat.index()].cool_down(Verb::BroodBurst, b.tick, cooldown);
    b.tell(Event::new(b.tick, EventKind::BroodBurst).at(at).by(Some(seat)).amount(amount));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::motion::Mover;

    /// Queen and Gamera in the open, so far apart.
    fn duel(apart_m: i32) -> Stage {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        let at = Pos::from_m(6_900, 2_300);
        stage.battle.legion.queen.state = QueenState::Active;
        stage.put(Role::Queen, at, Gait::Walk);
        stage.battle.gamera.state = GameraState::Active;
        let gamera = &mut stage.battle.units[stage.battle.gamera.unit];
        gamera.mover = Mover::at(Pos::new(at.x + metres(apart_m), at.y), Gait::Walk);
        gamera.present = true;
        // Blows are judged where their target was a few ticks ago.
        stage.run(10);
        stage
    }

    fn lost(stage: &Stage) -> i32 {
        let gamera = &stage.battle.units[stage.battle.gamera.unit];
        (gamera.health_max_milli - gamera.health_milli) / 1_000
    }

    #[test]
    fn claws_hurt_by_the_second_within_reach() {
        for (apart_m, strikes) in [(60, 1), (120, 0)] {
            let mut stage = duel(apart_m);
            stage.hold(Role::Queen, SeatInput::default().doing(Verb::Strike));
            stage.run(30);
            let a_second = stage.battle.balance.legion.melee_damage_s;
            assert_eq!(lost(&stage), strikes * a_second, "{apart_m} m");
        }
    }

    #[test]
    fn legs_impale_and_pin_unless_she_steps_aside_or_they_are_broken() {
        // Metres apart, metres stepped aside, legs broken; what it costs, percent.
        for (apart_m, aside_m, broken, pct) in
            [(50, 0, 0, 100), (80, 0, 0, 0), (50, 8, 0, 0), (50, 0, 2, 60), (50, 0, 4, 0)]
        {
            let mut stage = duel(apart_m);
            let points = stage.battle.balance.legion.impale_damage * pct / 100;
            for leg in 0..broken {
                *stage.battle.legion.queen.parts.health_mut(Part::Leg(leg)) = 0;
            }
            stage.hold(Role::Queen, SeatInput::default().doing(Verb::Impale));
            stage.run(5);
            assert_eq!(stage.unit(Role::Queen).marks.has(Marks::TELL), points > 0 || broken < 4);
            let gamera = stage.battle.gamera.unit;
            stage.battle.units[gamera].mover.pos.y += metres(aside_m);
            stage.run(20);
            assert_eq!(lost(&stage), points, "{apart_m} m, {aside_m} m aside, {broken} broken");
            assert_eq!(stage.heard(EventKind::GameraImpaled), usize::from(points > 0));
            assert_eq!(stage.battle.tick < stage.battle.units[gamera].stunned_until, points > 0);
        }
    }

    #[test]
    fn the_beam_takes_its_charge_and_cover_stops_it() {
        let full = gamera_protocol::balance::LegionNumbers::default().beam_damage;
        for (held, horn, cover, points) in
            [(59, true, false, 0), (60, true, false, full), (60, false, false, 0), (60, true, true, 0)]
        {
            let mut stage = duel(300);
            if !horn {
                *stage.battle.legion.queen.parts.health_mut(Part::Horn) = 0;
            }
            if cover {
                let at = Pos::from_m(6_900 + 150, 2_300);
                let wall = crate::sim::structure::Structure::new(Kind::Substation, at, &stage.battle.balance);
                stage.battle.structures.insert(wall);
            }
            stage.hold(Role::Queen, SeatInput::default().doing(Verb::Beam));
            stage.run(held);
            stage.release(Role::Queen);
            stage.run(2);
            assert_eq!(lost(&stage), points, "held {held}, horn {horn}, cover {cover}");
            assert_eq!(stage.heard(EventKind::HornBeam), usize::from(held >= 60 && horn), "it is seen, hit or not");
            assert_eq!(stage.battle.legion.queen.charge_ticks, 0);
        }
    }

    #[test]
    fn the_beam_weighs_as_much_on_a_small_seat_at_every_scale() {
        let struck = |seats| {
            let mut stage = Stage::sized(seats);
            let at = Pos::from_m(1_300, 1_100);
            let tank = Pos::new(at.x + metres(100), at.y);
            stage.put(Role::Queen, at, Gait::Walk);
            stage.put(Role::Tank, tank, Gait::Walk);
            let queen = stage.seat(Role::Queen);
            stage.battle.seats[queen.index()].input = SeatInput::default().at(tank);
            fire(&mut stage.battle, queen);
            stage.due_ppm(Role::Tank)
        };
        for seats in [48, 128, 1_024] {
            let (here, there) = (struck(seats), struck(16));
            assert!((here - there).abs() * 20 < there, "{seats} seats: {here}, not {there}");
        }
    }

    #[test]
    fn whips_come_only_from_the_stump() {
        let a_second = gamera_protocol::balance::LegionNumbers::default().whips_damage_s;
        for (horn, points) in [(true, 0), (false, a_second)] {
            let mut stage = duel(200);
            if !horn {
                *stage.battle.legion.queen.parts.health_mut(Part::Horn) = 0;
            }
            stage.hold(Role::Queen, SeatInput::default().doing(Verb::Whips));
            stage.run(30);
            assert_eq!(lost(&stage), points);
            assert_eq!(stage.heard(EventKind::LaserWhips), usize::from(!horn));
        }
    }

    #[test]
    fn a_broodburst_needs_the_egg_chamber_and_time() {
        for chamber in [true, false] {
            let mut stage = duel(300);
            let brood = stage.battle.balance.legion.broodburst_mass as usize;
            stage.battle.balance.legion.free_mass_milli_s = 0;
            if !chamber {
                *stage.battle.legion.queen.parts.health_mut(Part::EggChamber) = 0;
            }
            for _ in 0..2 {
                stage.hold(Role::Queen, SeatInput::default().doing(Verb::BroodBurst));
                stage.run(2);
                stage.release(Role::Queen);
                stage.run(2);
            }
            assert_eq!(stage.battle.swarm.soldiers.len(), if chamber { brood } else { 0 });
            assert_eq!(stage.heard(EventKind::BroodBurst), usize::from(chamber));
        }
    }

    #[test]
    fn she_bursts_from_the_ground_and_goes_under_again() {
        let mut stage = duel(20);
        stage.put(Role::Queen, Pos::from_m(6_900, 2_300), Gait::Burrow);
        stage.battle.legion.queen.state = QueenState::Lair;
        stage.hold(Role::Queen, SeatInput::default().doing(Verb::Burrow));
        assert_eq!(stage.run_until(EventKind::QueenEmerged, 100), Some(91));
        stage.release(Role::Queen);
        stage.run(2);
        assert_eq!(lost(&stage), 400);
        stage.hold(Role::Queen, SeatInput::default().doing(Verb::Burrow));
        assert_eq!(stage.run_until(EventKind::QueenBurrowed, 100), Some(91));
        assert_eq!(stage.unit(Role::Queen).layer(), Layer::Underground);
    }

    #[test]
    fn wings_carry_her_until_they_break() {
        let mut stage = duel(400);
        stage.hold(Role::Queen, SeatInput::default().doing(Verb::Fly));
        stage.run(2);
        assert_eq!((stage.heard(EventKind::QueenFlew), stage.unit(Role::Queen).layer()), (1, Layer::Sky));
        *stage.battle.legion.queen.parts.health_mut(Part::Wings) = 0;
        stage.run(2);
        assert_eq!((stage.heard(EventKind::WingsBroken), stage.unit(Role::Queen).layer()), (1, Layer::Surface));
    }

    #[test]
    fn a_torn_horn_lays_her_out() {
        let mut stage = duel(60);
        super::super::tear_horn(&mut stage.battle, None);
        assert!(stage.battle.events.iter().any(|e| e.kind == EventKind::QueenCollapsed));
        assert_eq!(super::super::damage_permille(&stage.battle), 1_000, "the grab itself finds her standing");
        stage.run(1);
        assert_eq!(super::super::damage_permille(&stage.battle), 1_500);
        assert_eq!(stage.battle.legion.queen.state, QueenState::Stunned);
        assert_eq!(stage.heard(EventKind::HornBroken), 0, "told as torn already");
        stage.run(ticks(7));
        assert_eq!(stage.battle.legion.queen.state, QueenState::Active);
    }

    #[test]
    fn an_execution_takes_two_seconds_beside_a_gamera_that_is_down() {
        for (state, apart_m, held, kills) in [
            (GameraState::Limping, 50, 60, true),
            (GameraState::Down, 50, 60, true),
            (GameraState::Limping, 50, 59, false),
            (GameraState::Limping, 80, 90, false),
            (GameraState::Active, 50, 90, false),
        ] {
            let mut stage = duel(apart_m);
            stage.battle.gamera.state = state;
            // Down and limping end by themselves where no flower is: not within this scenario.
            stage.battle.gamera.until = stage.battle.tick.after(ticks(60));
            let flower = crate::sim::legion::hive::flower_at(&stage.battle, City::Tokyo);
            assert!(flower.is_some());
            stage.hold(Role::Queen, SeatInput::default().doing(Verb::Execute));
            stage.run(held);
            assert_eq!(stage.heard(EventKind::GameraDied), usize::from(kills), "{state}, {apart_m} m, {held} ticks");
        }
    }
}
