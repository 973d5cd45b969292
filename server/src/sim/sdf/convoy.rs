//! Convoys: buses that drive from a district along its road to the avenue and up to the exit.
//! They can be killed, and roadblocks stop them; an escort leads them faster and shoots for them.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::{self, GROUND};
use gamera_protocol::ids::{City, Kind, Side};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Angle, Pos, Tick, metres};
use gamera_protocol::motion::Gait;
use gamera_protocol::roster::MILLION;
use gamera_protocol::view::Marks;

use super::super::Battle;
use super::super::fixed::Micro;
use super::super::target::{self, Reach};
use super::super::unit::{Unit, UnitId};
use super::{Hand, gun, tank};

/// A convoy turns on to the avenue within this, metres.
const AVENUE_M: i32 = 6;
/// A convoy is out once it is this near the exit, metres.
const OUT_M: i32 = 20;
/// An escort counts for this long.
const ESCORT_TICKS: u32 = 10;

/// One convoy on the road.
#[derive(Clone, Copy, Debug)]
pub(super) struct Convoy {
    unit: UnitId,
    city: City,
    district: usize,
    load: Micro,
    escorted_until: Tick,
}

impl Convoy {
    /// The buses.
    pub(super) fn unit(&self) -> UnitId {
        self.unit
    }
}

/// A convoy with `load` citizens leaves the middle of its district.
pub(super) fn set_out(battle: &mut Battle, city: City, district: usize, load: Micro) {
    let ground = ground::city(city);
    let turn = Angle(battle.rngs.people.next_u32() as u16);
    let pos = ground.districts[district].centre().offset(turn, metres(battle.rngs.people.between(0, 80)));
    let whole = i64::from(battle.balance.units.of(Kind::Convoy).health) * 1_000;
    let ppm = battle.roster.convoy_scale_ppm();
    let unit = battle.units.insert(Unit::new(Kind::Convoy, pos, Gait::Walk, (whole * ppm / MILLION) as i32));
    battle.sdf.convoys.push(Convoy { unit, city, district, load, escorted_until: Tick(0) });
    let citizens = (load.0 / 1_000) as i32;
    battle.tell(Event::new(battle.tick, EventKind::EvacConvoy).in_city(city).at(pos).amount(citizens));
}

/// Steers every convoy. Before units move, and after the ground slowed them.
pub(super) fn drive(battle: &mut Battle) {
    if battle.sdf.convoys.is_empty() {
        return;
    }
    let blocks: Vec<Pos> = standing_roadblocks(battle).collect();
    let Battle { sdf, units, balance, tick, .. } = battle;
    for convoy in &sdf.convoys {
        let Some(unit) = units.get_mut(convoy.unit) else { continue };
        let heading = way_out(unit.pos(), ground::city(convoy.city).exit);
        let escorted = *tick < convoy.escorted_until;
        let pct = if escorted { balance.sdf.convoy_escorted_pct } else { 100 };
        unit.drive.speed_permille = (i32::from(unit.drive.speed_permille) * pct / 100) as u16;
        let stop_at = metres(balance.sdf.roadblock_stops_m);
        let stopped = blocks.iter().any(|b| is_in_the_way(unit.pos(), heading, *b, stop_at));
        unit.drive.heading = (!stopped).then_some(heading);
        unit.marks = unit.marks.with(Marks::CARRYING, true).with(Marks::LIVE, escorted).with(Marks::HELPLESS, stopped);
    }
}

fn standing_roadblocks(battle: &Battle) -> impl Iterator<Item = Pos> + '_ {
    battle.structures.iter().filter(|(_, s)| s.kind == Kind::Roadblock && s.health_milli > 0).map(|(_, s)| s.pos)
}

/// Along the district's road to the avenue, then along the avenue.
fn way_out(pos: Pos, exit: Pos) -> Angle {
    if (pos.x - exit.x).abs() > metres(AVENUE_M) {
        if pos.x < exit.x { Angle::EAST } else { Angle::WEST }
    } else {
        pos.angle_to(exit)
    }
}

fn is_in_the_way(pos: Pos, heading: Angle, block: Pos, reach: i32) -> bool {
    pos.within(block, reach) && heading.turn_to(pos.angle_to(block)).abs() < 16_384
}

/// Leads the nearest convoy, and shoots at what comes near it, at half the rate.
pub(super) fn escort(battle: &mut Battle, hand: &Hand) {
    let range = metres(battle.balance.sdf.escort_range_m);
    let Battle { sdf, units, tick, .. } = battle;
    let near = sdf
        .convoys
        .iter_mut()
        .filter_map(|c| units.get(c.unit).map(|u| (c, u.pos())))
        .filter(|(_, pos)| hand.pos.within(*pos, range))
        .min_by_key(|(_, pos)| hand.pos.distance2(*pos));
    let Some((convoy, _)) = near else { return };
    convoy.escorted_until = tick.after(ESCORT_TICKS);
    shoot_for(battle, hand);
}

fn shoot_for(battle: &mut Battle, hand: &Hand) {
    let row = gun::row_of(battle, hand);
    let now = battle.tick;
    let gunner = Hand { verb: Verb::Strike, ..*hand };
    if !battle.seats[hand.seat.index()].is_ready(Verb::Strike, now) {
        return;
    }
    let reach = Reach { side: Side::Sdf, from: hand.pos, range: row.range(), sky: false, first: None };
    let input = gamera_protocol::input::SeatInput { aim: None, ..battle.seats[hand.seat.index()].input };
    let wait = match target::find(battle, &reach, &input) {
        Some(target) => {
            tank::shell(battle, &gunner, target, row.damage);
            row.cooldown_ticks() * battle.balance.sdf.escort_fire_pct as u32 / 100
        }
        None => battle.balance.sdf.retarget_ticks as u32,
    };
    battle.seats[hand.seat.index()].cool_down(Verb::Strike, now, wait);
}

/// Counts convoys out at the exit, and those that are lost.
pub(super) fn run(battle: &mut Battle) {
    let mut i = 0;
    while i < battle.sdf.convoys.len() {
        let convoy = battle.sdf.convoys[i];
        let unit = battle.units.get(convoy.unit);
        let lost = unit.is_none_or(|u| u.health_milli <= 0);
        let out = unit.is_some_and(|u| u.pos().within(ground::city(convoy.city).exit, metres(OUT_M)));
        if !lost && !out {
            i += 1;
            continue;
        }
        if lost {
            lose(battle, &convoy);
        } else {
            battle.cities[convoy.city.index()].arrive(convoy.district, convoy.load);
        }
        battle.units.remove(convoy.unit);
        battle.sdf.convoys.swap_remove(i);
    }
}

fn lose(battle: &mut Battle, convoy: &Convoy) {
    let at = battle.units.get(convoy.unit).map_or(GROUND.cities[convoy.city.index()].exit, Unit::pos);
    let pct = battle.balance.sdf.convoy_dead_pct;
    let died = battle.cities[convoy.city.index()].lose(convoy.district, convoy.load, pct);
    let event = Event::new(battle.tick, EventKind::ConvoyLost).in_city(convoy.city).at(at);
    battle.tell(event.amount((died.0 / 1_000) as i32));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::structure::Structure;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::Role;
    use gamera_protocol::input::SeatInput;
    use gamera_protocol::measure::ticks;

    const CHUO: usize = 4;

    fn road() -> Stage {
        // The campaign's first city does not know of the Legion yet: nobody else is on the road.
        let mut stage = Stage::campaign();
        stage.battle.cities[0].depart(CHUO, Micro::whole(12));
        set_out(&mut stage.battle, City::Sapporo, CHUO, Micro::whole(12));
        stage
    }

    fn seconds_to_the_exit(stage: &mut Stage) -> Option<u32> {
        (1..200).find(|_| {
            stage.run(ticks(1));
            stage.battle.sdf.convoys.is_empty()
        })
    }

    #[test]
    fn a_convoy_brings_its_citizens_out() {
        let mut stage = road();
        assert_eq!(stage.battle.cities[0].on_road(), Micro::whole(12));
        let taken = seconds_to_the_exit(&mut stage).unwrap();
        assert!((60..90).contains(&taken), "{taken} s for about a kilometre");
        let city = &stage.battle.cities[0];
        assert_eq!((city.evacuated(), city.on_road(), city.dead()), (Micro::whole(12), Micro::ZERO, Micro::ZERO));
    }

    #[test]
    fn an_escort_makes_it_faster_and_a_roadblock_stops_it() {
        let alone = seconds_to_the_exit(&mut road()).unwrap();
        let mut led = road();
        let fast = (1..200).find(|_| {
            let Some(c) = led.battle.sdf.convoys.first() else { return true };
            let at = led.battle.units[c.unit].pos();
            led.put(Role::Tank, at, Gait::Walk);
            led.hold(Role::Tank, SeatInput::default().doing(Verb::Escort));
            led.run(ticks(1));
            led.battle.sdf.convoys.is_empty()
        });
        assert!(fast.unwrap() < alone * 9 / 10, "{fast:?} against {alone}");

        let mut blocked = road();
        let exit = ground::city(City::Sapporo).exit;
        let block = Structure::new(Kind::Roadblock, Pos::new(exit.x, exit.y - metres(300)), &blocked.battle.balance);
        let id = blocked.battle.structures.insert(block);
        blocked.run(ticks(120));
        assert_eq!(blocked.battle.sdf.convoys.len(), 1, "it waits");
        blocked.battle.structures.remove(id);
        assert!(seconds_to_the_exit(&mut blocked).unwrap() < 40);
    }

    #[test]
    fn a_lost_convoy_costs_lives_and_sends_the_rest_home() {
        let mut stage = road();
        let unit = stage.battle.sdf.convoys[0].unit;
        stage.battle.units[unit].health_milli = 0;
        stage.run(1);
        let city = &stage.battle.cities[0];
        assert_eq!((city.dead(), city.on_road()), (Micro::milli(7_200), Micro::ZERO));
        assert_eq!(city.population(), Micro::whole(600));
        assert_eq!(stage.last(EventKind::ConvoyLost).unwrap().amount, 7_200);
    }

    #[test]
    fn whoever_escorts_keeps_pace_and_shoots() {
        let mut stage = road();
        let at = stage.battle.units[stage.battle.sdf.convoys[0].unit].pos();
        stage.put(Role::Tank, at, Gait::Walk);
        stage.soldiers(5, Pos::new(at.x, at.y + metres(60)));
        stage.hold(Role::Tank, SeatInput { heading: Some(64), ..SeatInput::default() }.doing(Verb::Escort));
        stage.run(ticks(1));
        let tank = stage.seat(Role::Tank);
        assert!(stage.battle.seats[tank.index()].tally.kills >= 2);
        let covered = at.distance(stage.unit(Role::Tank).pos());
        assert!((metres(15)..=metres(18)).contains(&covered), "{} m", covered / 64);
    }
}
