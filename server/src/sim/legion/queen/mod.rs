//! The queen: where she is between her lair and the sky, and what breaking does to her.
//!
//! Other factions call [`tear_horn`], [`force_up`], [`draw`], [`is_engaging`], [`part_facing`] and
//! [`damage_permille`].

mod parts;
mod weapons;

pub(in crate::sim) use parts::{break_parts, part_facing};
pub(in crate::sim) use weapons::act;

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Layer, Role, SeatId};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, metres, share, ticks};
use gamera_protocol::motion::{self, Gait};
use gamera_protocol::view::{GameraState, Marks, Phase, QueenState};

use super::hive;
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Part, Target};
use crate::sim::unit::Unit;
use crate::sim::{Battle, Mode, lifecycle};

/// The horn is torn off: she collapses and lies stunned.
pub(in crate::sim) fn tear_horn(b: &mut Battle, by: Option<SeatId>) {
    let now = b.tick;
    let at = b.units[b.legion.queen.unit].pos();
    let n = &b.balance.gamera;
    let until = now.after(ticks(n.stun_s as u32));
    let hit = Hit { target: Target::Unit(b.legion.queen.unit), damage_milli: n.grab_damage * 1_000, by };
    b.hits.push(hit);
    let queen = &mut b.legion.queen;
    *queen.parts.health_mut(Part::Horn) = 0;
    parts::mark_told(queen, Part::Horn);
    queen.charge_ticks = 0;
    queen.impale = None;
    queen.state = QueenState::Stunned;
    queen.until = until;
    let unit = &mut b.units[queen.unit];
    unit.stunned_until = until;
    unit.mover.gait = Gait::Walk;
    b.tell(Event::new(now, EventKind::HornTorn).at(at).by(by));
    b.tell(Event::new(now, EventKind::QueenCollapsed).at(at));
}

/// She is underground no longer: someone heads her off, or the earth is too hard for broken wings.
pub(in crate::sim) fn force_up(b: &mut Battle) {
    if b.units[b.legion.queen.unit].layer() == Layer::Underground && b.legion.queen.state != QueenState::Emerging {
        begin(b, QueenState::Emerging, b.balance.legion.emerge_ticks);
    }
}

/// On the march a hum draws her `seconds` of her way nearer to Tokyo, up to its gate.
pub(in crate::sim) fn draw(b: &mut Battle, seconds: i32) {
    let id = b.legion.queen.unit;
    let speed = motion::full_speed(&b.units[id].mover, Kind::Queen, &b.balance.units);
    let gate = ground::city_low(City::Tokyo).x;
    let pos = &mut b.units[id].mover.pos;
    pos.x = pos.x.max((pos.x + speed * seconds).min(gate));
}

/// True while she fights within `range` grid units of `pos`.
pub(in crate::sim) fn is_engaging(b: &Battle, pos: Pos, range: i32) -> bool {
    let unit = &b.units[b.legion.queen.unit];
    b.legion.queen.state == QueenState::Active && unit.is_up() && unit.pos().within(pos, range)
}

/// Damage to her body in thousandths of the blow: she takes more while she lies stunned. The blows
/// of the tick in which she collapses still find her standing.
pub(in crate::sim) fn damage_permille(b: &Battle) -> i32 {
    let queen = &b.legion.queen;
    let stun_ticks = ticks(b.balance.gamera.stun_s as u32);
    let lies = queen.state == QueenState::Stunned && queen.until.since(b.tick) < stun_ticks;
    if lies { b.balance.gamera.stun_damage_pct * 10 } else { 1_000 }
}

/// Her seat, if she has one and is up.
fn seat(b: &Battle) -> Option<SeatId> {
    let unit = &b.units[b.legion.queen.unit];
    unit.seat.filter(|_| unit.is_up())
}

fn unit(b: &mut Battle) -> &mut Unit {
    &mut b.units[b.legion.queen.unit]
}

/// Takes her through her states, and lets her seat change them.
pub(in crate::sim) fn drive(b: &mut Battle) {
    if b.legion.queen.state == QueenState::Dead {
        return;
    }
    if unit(b).health_milli <= 0 {
        die(b);
        return;
    }
    settle(b);
    if let Some(seat) = seat(b) {
        choose(b, seat);
    }
    slow_down(b);
    march(b);
    starve(b);
}

/// Ends the present state when its time has come.
fn settle(b: &mut Battle) {
    let now = b.tick;
    let underground = unit(b).layer() == Layer::Underground;
    let on_the_way = b.campaign.phase == Phase::March || b.campaign.phase == Phase::Interlude;
    match b.legion.queen.state {
        QueenState::Emerging if now >= b.legion.queen.until => emerge(b),
        QueenState::Burrowing if now >= b.legion.queen.until => go_under(b),
        QueenState::Stunned if now >= b.legion.queen.until => b.legion.queen.state = QueenState::Active,
        QueenState::Lair | QueenState::Marching => {
            b.legion.queen.state = match (underground, on_the_way) {
                (true, true) => QueenState::Marching,
                (true, false) => QueenState::Lair,
                (false, _) => QueenState::Active,
            };
        }
        _ => {}
    }
}

fn begin(b: &mut Battle, state: QueenState, state_ticks: i32) {
    let queen = &mut b.legion.queen;
    queen.state = state;
    queen.until = b.tick.after(state_ticks as u32);
    queen.charge_ticks = 0;
    queen.impale = None;
}

/// She bursts from the ground: who stands there is hurt.
fn emerge(b: &mut Battle) {
    let n = &b.balance.legion;
    let (radius, damage_milli) = (metres(n.emerge_radius_m), n.emerge_damage * 1_000);
    let queen = b.legion.queen.unit;
    let (at, by) = (b.units[queen].pos(), b.units[queen].seat);
    for (id, other) in b.units.iter().filter(|(id, u)| *id != queen && u.is_up() && u.layer() == Layer::Surface) {
        let friend = b.balance.units.of(other.kind).side == Some(gamera_protocol::ids::Side::Legion);
        if !friend && other.pos().within(at, radius) && !b.is_dived(id) {
            let damage_milli = b.felt_milli(other.kind, damage_milli);
            b.hits.push(Hit { target: Target::Unit(id), damage_milli, by });
        }
    }
    b.legion.queen.state = QueenState::Active;
    b.legion.queen.way_under = 0;
    unit(b).mover.gait = Gait::Walk;
    b.tell(Event::new(b.tick, EventKind::QueenEmerged).at(at).by(by));
}

fn go_under(b: &mut Battle) {
    unit(b).mover.gait = Gait::Burrow;
    b.legion.queen.state = QueenState::Lair;
    b.legion.queen.way_under = 0;
    let (at, by) = (unit(b).pos(), unit(b).seat);
    b.tell(Event::new(b.tick, EventKind::QueenBurrowed).at(at).by(by));
}

/// What her seat makes her do with herself: burrow, come up, fly, land, plant.
fn choose(b: &mut Battle, seat: SeatId) {
    let s = &b.seats[seat.index()];
    let (verb, pressed) = (s.input.verb, s.pressed());
    let state = b.legion.queen.state;
    let below = matches!(state, QueenState::Lair | QueenState::Marching);
    match verb {
        Some(Verb::Burrow) if pressed && below && b.has(Rule::Emerge) => {
            begin(b, QueenState::Emerging, b.balance.legion.emerge_ticks);
        }
        Some(Verb::Burrow) if pressed && state == QueenState::Active => start_burrowing(b),
        Some(Verb::Fly) if pressed && state == QueenState::Active => fly_or_land(b, seat),
        Some(Verb::Plant) if below => plant(b, seat),
        _ => {}
    }
}

fn start_burrowing(b: &mut Battle) {
    let at = unit(b).pos();
    if b.has(Rule::Burrow) && !ground::is_sea(at) {
        unit(b).mover.gait = Gait::Walk;
        begin(b, QueenState::Burrowing, b.balance.legion.burrow_ticks);
    }
}

fn fly_or_land(b: &mut Battle, seat: SeatId) {
    let flies = unit(b).mover.gait == Gait::Fly;
    if flies {
        unit(b).mover.gait = Gait::Walk;
    } else if b.has(Rule::QueenFlight) && b.legion.queen.parts.stands(Part::Wings) {
        unit(b).mover.gait = Gait::Fly;
        let at = unit(b).pos();
        b.tell(Event::new(b.tick, EventKind::QueenFlew).at(at).by(Some(seat)));
    }
}

/// Plants a hive beneath a city that never had one.
fn plant(b: &mut Battle, seat: SeatId) {
    let at = unit(b).pos();
    let Some(city) = ground::city_at(at) else { return };
    if !b.has(Rule::Plant) || b.legion.hives[city.index()].is_some() || city != b.campaign.city {
        return;
    }
    let plant_ticks = ticks(b.balance.legion.plant_s as u32);
    if b.seats[seat.index()].channel(Verb::Plant, None, plant_ticks, 1_000) {
        let fed = Micro::whole(b.balance.legion.plant_silicon);
        hive::found(b, city, at, fed, true);
    }
}

/// Broken legs, legs in the air and everything that roots her to the spot.
fn slow_down(b: &mut Battle) {
    let queen = &b.legion.queen;
    let broken = (0..4).filter(|leg| !queen.parts.stands(Part::Leg(*leg))).count() as i32;
    let rooted = matches!(queen.state, QueenState::Emerging | QueenState::Burrowing | QueenState::Stunned)
        || queen.impale.is_some()
        || seat(b).is_some_and(|seat| b.seats[seat.index()].input.verb == Some(Verb::Plant));
    let tremor = queen.state == QueenState::Emerging || queen.impale.is_some() || queen.charge_ticks > 0;
    let per_leg = b.balance.legion.broken_leg_speed_pct;
    let unit = unit(b);
    if unit.mover.gait == Gait::Walk {
        let left = (100 - broken * per_leg).max(0);
        unit.drive.speed_permille = (i32::from(unit.drive.speed_permille) * left / 100) as u16;
    }
    if rooted {
        unit.drive.heading = None;
    }
    unit.marks = unit.marks.with(Marks::TELL, tremor);
}

/// On the way to the next city she heals underground, unless her wings are broken: then nothing
/// heals and she must come up every so often.
fn march(b: &mut Battle) {
    tell_march(b);
    if b.legion.queen.state != QueenState::Marching {
        return;
    }
    b.legion.queen.way_under += unit(b).mover.velocity.speed() / gamera_protocol::measure::TICK_HZ as i32;
    if is_headed_off(b) {
        let at = unit(b).pos();
        b.tell(Event::new(b.tick, EventKind::OutskirtsIntercept).at(at));
        force_up(b);
        return;
    }
    let n = &b.balance.legion;
    let (heal_s, every) = (n.lair_heal_s, metres(n.march_surface_every_m));
    let (tick, heals) = (b.tick, !b.campaign.overtime && b.has(Rule::March));
    if b.legion.queen.parts.stands(Part::Wings) {
        let queen = unit(b);
        if heals {
            queen.health_milli = (queen.health_milli + share(heal_s * 1_000, tick)).min(queen.health_max_milli);
        }
        return;
    }
    if b.legion.queen.way_under >= every {
        force_up(b);
    }
}

/// Gamera near enough forces her up in the corridor before Tokyo. Between two times she makes some way:
/// whoever heads her off delays her, and does not hold her in one place until she is dead.
fn is_headed_off(b: &Battle) -> bool {
    let gamera = &b.units[b.gamera.unit];
    let up = b.gamera.state == GameraState::Active && gamera.is_up() && !b.is_dived(b.gamera.unit);
    let range = metres(b.balance.sdf.intercept_range_m);
    let near = gamera.pos().within(b.units[b.legion.queen.unit].pos(), range);
    let under_way = b.legion.march_told && b.legion.queen.way_under >= metres(b.balance.sdf.intercept_apart_m);
    b.campaign.phase == Phase::March && b.has(Rule::Intercept) && up && near && under_way
}

/// The march is told when she enters the corridor before Tokyo.
fn tell_march(b: &mut Battle) {
    if b.mode != Mode::Campaign || b.legion.march_told || !b.has(Rule::March) {
        return;
    }
    let at = unit(b).pos();
    let sendai_ends = ground::city_low(City::Sendai).x + metres(ground::CITY_M);
    if at.x >= sendai_ends && at.x < ground::city_low(City::Tokyo).x {
        b.legion.march_told = true;
        // Everyone hears of it, and nobody of where beneath the corridor she is.
        b.tell(Event::new(b.tick, EventKind::TokyoMarch).in_city(City::Tokyo));
    }
}

/// Once a flower has stood she lives from flowers: in a siege without any she starves. What she
/// carries lasts her from one city to the next, and there for as long as planting should take.
fn starve(b: &mut Battle) {
    let fed = hive::home(b).is_some();
    let planted = b.legion.hives[b.campaign.city.index()].is_some();
    let larder = ticks(b.balance.legion.starve_after_s as u32);
    let carries = !planted && b.tick.since(b.campaign.since) < larder;
    if !b.legion.flowered || fed || carries || b.campaign.phase != Phase::Siege {
        return;
    }
    let (permille_s, tick) = (b.balance.legion.starve_permille_s, b.tick);
    let queen = unit(b);
    queen.health_milli -= share(queen.health_max_milli / 1_000 * permille_s, tick);
}

/// Her seat leads a brood from now on.
fn die(b: &mut Battle) {
    b.legion.queen.state = QueenState::Dead;
    b.legion.queen.charge_ticks = 0;
    b.legion.queen.impale = None;
    let body = unit(b);
    body.health_milli = 0;
    body.present = false;
    let (at, seat) = (body.pos(), body.seat.take());
    b.tell(Event::new(b.tick, EventKind::QueenDestroyed).at(at));
    if let Some(seat) = seat {
        let s = &mut b.seats[seat.index()];
        s.unit = None;
        s.play(Role::BroodLeader);
        lifecycle::spawn(b, seat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::Tick;

    /// The queen underground on the march, east of Sendai.
    fn marching() -> Stage {
        let mut stage = Stage::campaign();
        stage.battle.campaign.phase = Phase::March;
        stage.battle.campaign.city = City::Tokyo;
        stage.battle.campaign.since = Tick(0);
        stage.put(Role::Queen, Pos::from_m(5_150, 1_500), Gait::Burrow);
        stage.hold(Role::Queen, SeatInput { heading: Some(0), ..SeatInput::default() });
        stage
    }

    #[test]
    fn on_the_march_whole_wings_heal_and_broken_ones_force_her_up() {
        for (wings, rule, healed, emerged) in [(true, true, true, 0), (false, true, false, 1), (true, false, false, 0)]
        {
            let mut stage = marching();
            if !rule {
                stage.battle.balance.rules.remove(Rule::March);
            }
            if !wings {
                *stage.battle.legion.queen.parts.health_mut(Part::Wings) = 0;
            }
            stage.unit_mut(Role::Queen).health_milli -= 5_000_000;
            let before = stage.unit(Role::Queen).health_milli;
            stage.run(ticks(46));
            assert_eq!(stage.unit(Role::Queen).health_milli > before, healed, "wings {wings}, the rule {rule}");
            assert_eq!(stage.heard(EventKind::QueenEmerged), emerged, "wings {wings}, the rule {rule}");
            assert_eq!(stage.heard(EventKind::TokyoMarch), usize::from(rule));
        }
    }

    /// The queen rests under the corridor with so much way behind her, and Gamera is so far away.
    fn met(way_m: i32, away_m: i32) -> Stage {
        let mut stage = marching();
        stage.release(Role::Queen);
        stage.battle.legion.queen.way_under = metres(way_m);
        stage.battle.gamera.state = GameraState::Active;
        let gamera = &mut stage.battle.units[stage.battle.gamera.unit];
        gamera.mover = gamera_protocol::motion::Mover::at(Pos::from_m(5_150 + away_m, 1_500), Gait::Walk);
        gamera.present = true;
        stage.run(ticks(4));
        stage
    }

    #[test]
    fn gamera_near_the_march_forces_her_up_once_she_has_made_some_way() {
        let apart_m = gamera_protocol::balance::Balance::default().sdf.intercept_apart_m;
        for (way_m, away_m, met_her) in [(apart_m, 250, 1), (apart_m, 400, 0), (apart_m - 1, 250, 0)] {
            let stage = met(way_m, away_m);
            assert_eq!(stage.heard(EventKind::OutskirtsIntercept), met_her, "{way_m} m made, {away_m} m away");
            assert_eq!(stage.heard(EventKind::QueenEmerged), met_her, "{way_m} m made, {away_m} m away");
        }
    }

    #[test]
    fn a_hive_is_planted_once_in_a_city_and_takes_ten_seconds() {
        for (city, planted) in [(City::Sapporo, Some(300)), (City::Tokyo, None)] {
            let mut stage = Stage::campaign();
            stage.battle.legion.hives = [None, None, None];
            stage.put(Role::Queen, ground::city_centre(city), Gait::Burrow);
            stage.hold(Role::Queen, SeatInput::default().doing(Verb::Plant));
            stage.battle.tick = Tick(ticks(20));
            assert_eq!(stage.run_until(EventKind::HivePlanted, 400), planted, "{city}");
            assert_eq!(hive::living(&stage.battle, city).map(|h| h.stage), planted.map(|_| 1));
        }
    }

    #[test]
    fn she_starves_in_a_siege_once_no_flower_is_left() {
        for (flowered, hive_lives, phase, siege_s, starves) in [
            (true, false, Phase::Siege, 61, true),
            (true, false, Phase::Siege, 50, false),
            (true, true, Phase::Siege, 61, false),
            (false, false, Phase::Siege, 61, false),
            (true, false, Phase::March, 61, false),
        ] {
            let mut stage = Stage::campaign();
            stage.battle.campaign.phase = phase;
            stage.battle.tick = Tick(ticks(siege_s));
            stage.battle.legion.flowered = flowered;
            if hive_lives {
                let at = ground::city_centre(City::Sapporo);
                hive::found(&mut stage.battle, City::Sapporo, at, Micro::ZERO, false);
            }
            let before = stage.unit(Role::Queen).health_milli;
            stage.run(30);
            let lost = (before - stage.unit(Role::Queen).health_milli) / 1_000;
            assert_eq!(lost, if starves { 99 } else { 0 }, "{phase}, hive {hive_lives}, {siege_s} s");
        }
    }

    #[test]
    fn a_detour_of_more_than_three_hundred_metres_passes_gamera_by() {
        for (aside_m, met) in [(250, true), (340, false)] {
            let mut stage = marching();
            // The meteor would bring her home in the midst of it.
            stage.battle.balance.rules.remove(Rule::Meteor);
            stage.battle.gamera.state = GameraState::Active;
            let gamera = &mut stage.battle.units[stage.battle.gamera.unit];
            gamera.mover = gamera_protocol::motion::Mover::at(Pos::from_m(5_450, 1_500 - aside_m), Gait::Walk);
            gamera.present = true;
            stage.run(ticks(50));
            let passed = stage.unit(Role::Queen).pos().x > Pos::from_m(5_700, 0).x;
            let x_m = stage.unit(Role::Queen).pos().to_m().0;
            assert_eq!(
                (stage.heard(EventKind::OutskirtsIntercept) > 0, passed),
                (met, !met),
                "{aside_m} m aside: {x_m}"
            );
        }
    }

    #[test]
    fn the_queen_dies_once_and_her_seat_leads_a_brood_from_then_on() {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        let (seat, body) = (stage.seat(Role::Queen), stage.battle.legion.queen.unit);
        stage.put(Role::Queen, Pos::from_m(6_900, 2_300), Gait::Walk);
        stage.battle.legion.queen.state = QueenState::Active;
        stage.unit_mut(Role::Queen).health_milli = 0;
        assert!(stage.run_until(EventKind::QueenDestroyed, 2).is_some());
        stage.run(30);
        assert_eq!(stage.heard(EventKind::QueenDestroyed), 1);
        assert!(!stage.battle.units[body].present);
        assert_eq!(stage.battle.own_view(seat).role, Role::BroodLeader);
        assert!(stage.battle.verdict().is_none(), "her flower still stands");
    }

    #[test]
    fn a_small_seat_feels_what_hurts_all_around_as_one_of_sixteen_does() {
        // Millionths of a tank's health that it takes.
        let lost = |seats, hurt: fn(&mut Battle)| {
            let mut stage = Stage::sized(seats);
            let at = Pos::from_m(1_300, 1_100);
            stage.put(Role::Queen, at, Gait::Burrow);
            stage.put(Role::Tank, Pos::new(at.x + metres(20), at.y), Gait::Walk);
            hurt(&mut stage.battle);
            stage.due_ppm(Role::Tank)
        };
        let blast: fn(&mut Battle) = |b| super::super::blast::blast(b, City::Sapporo);
        for (name, hurt) in [("the ground bursts", emerge as fn(&mut Battle)), ("a blast", blast)] {
            for seats in [48, 128, 1_024] {
                let (here, there) = (lost(seats, hurt), lost(16, hurt));
                assert!((here - there).abs() * 20 < there, "{name}, {seats}: {here}, not {there}");
            }
        }
    }
}
