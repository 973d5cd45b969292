//! Demolition charges: set at the flower, at a pod that was found or at a burrow; they burn down
//! unless someone takes them out before.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{City, Kind};
use gamera_protocol::measure::{Pos, metres, ticks};
use gamera_protocol::view::Marks;

use super::super::Battle;
use super::super::arena::Class;
use super::super::fixed::Micro;
use super::super::hit::{Hit, Target};
use super::super::legion::hive;
use super::super::seat::Seat;
use super::super::structure::{Structure, StructureId};
use super::{Hand, discover_hive, engineer, gun};

/// What a charge is set at, and how long it burns.
struct Site {
    id: StructureId,
    fuse_s: i32,
}

/// Works on a charge at the nearest fitting place: those who are at it set one together, and then begin the
/// next, so that a side sets as many at every scale.
pub(super) fn set(battle: &mut Battle, hand: &Hand) {
    if !battle.has(Rule::Charges) || battle.seats[hand.seat.index()].carried == 0 {
        return;
    }
    let Some(site) = site(battle, hand.pos) else { return };
    let key = site.id.key(Class::Structure);
    let total = battle.balance.sdf.charge_set_ticks as u32;
    let speed = engineer::work_permille(battle, hand, key);
    let seat = &mut battle.seats[hand.seat.index()];
    if !seat.channel(hand.verb, Some(key), total, speed) {
        return;
    }
    seat.carried -= 1;
    let same = |s: &&mut Seat| s.channel.is_some_and(|c| (c.verb, c.target) == (hand.verb, Some(key)));
    battle.seats.iter_mut().filter(same).for_each(|s| s.channel = None);
    let until = battle.tick.after(ticks(site.fuse_s as u32));
    let charge = Structure::new(Kind::Charge, hand.pos, &battle.balance);
    battle.structures.insert(Structure { until, owner: Some(hand.seat), ..charge });
    battle.tell(Event::new(battle.tick, EventKind::ChargeSet).at(hand.pos).by(Some(hand.seat)).amount(site.fuse_s));
}

fn site(battle: &Battle, pos: Pos) -> Option<Site> {
    let n = &battle.balance.sdf;
    let near = |range_m: i32, kinds: fn(Kind) -> bool| {
        let fits = move |s: &Structure| kinds(s.kind) && s.health_milli > 0 && s.pos.within(pos, metres(range_m));
        let found = battle.structures.iter().filter(move |(_, s)| fits(s));
        found.min_by_key(|(_, s)| s.pos.distance2(pos))
    };
    if let Some((id, _)) = near(n.charge_burrow_range_m, |k| k == Kind::Burrow) {
        return Some(Site { id, fuse_s: n.charge_burrow_fuse_s });
    }
    let (id, flower) = near(n.charge_range_m, |k| matches!(k, Kind::Flower | Kind::Pod))?;
    let hive = battle.legion.hives[flower.city?.index()].as_ref()?;
    let known = flower.kind == Kind::Flower || hive.discovered;
    let room = hive.charges + burning(battle, flower.pos) < n.charges_per_flower;
    (known && room).then_some(Site { id, fuse_s: n.charge_fuse_s })
}

/// Charges that burn at the flower now.
fn burning(battle: &Battle, flower: Pos) -> i32 {
    let range = metres(battle.balance.sdf.charge_range_m);
    let charges = battle.structures.iter().filter(|(_, s)| s.kind == Kind::Charge && s.health_milli > 0);
    charges.filter(|(_, s)| s.pos.within(flower, range)).count() as i32
}

/// Burns every fuse; what was destroyed before is gone.
pub(super) fn burn(battle: &mut Battle) {
    let charges = battle.structures.iter_mut().filter(|(_, s)| s.kind == Kind::Charge);
    let mut ended = Vec::new();
    for (id, charge) in charges {
        charge.marks = Marks::default().with(Marks::TELL, true);
        if charge.health_milli <= 0 || battle.tick >= charge.until {
            ended.push(id);
        }
    }
    for id in ended {
        if let Some(charge) = battle.structures.remove(id)
            && charge.health_milli > 0
        {
            blow(battle, &charge);
        }
    }
}

fn blow(battle: &mut Battle, charge: &Structure) {
    battle.tell(Event::new(battle.tick, EventKind::ChargeBlown).at(charge.pos).by(charge.owner));
    let n = battle.balance.sdf;
    let near: Vec<(StructureId, Kind, Option<City>)> = battle
        .structures
        .iter()
        .filter(|(_, s)| matches!(s.kind, Kind::Flower | Kind::Pod | Kind::Burrow))
        .filter(|(_, s)| s.pos.within(charge.pos, metres(n.charge_range_m)))
        .map(|(id, s)| (id, s.kind, s.city))
        .collect();
    for (id, kind, city) in near {
        match (kind, city) {
            (Kind::Burrow, _) if is_beside(battle, id, charge.pos) => hurt(battle, id, n.charge_burrow_damage, charge),
            (Kind::Flower | Kind::Pod, Some(city)) => {
                weaken(battle, city);
                hurt(battle, id, n.charge_damage, charge);
            }
            _ => {}
        }
    }
    if let Some(seat) = charge.owner {
        let damage_milli = battle.scaled_milli(seat, n.charge_damage);
        gun::spray(battle, seat, charge.pos, metres(n.charge_blast_m), damage_milli);
    }
    flash(battle, charge);
}

fn is_beside(battle: &Battle, burrow: StructureId, pos: Pos) -> bool {
    battle.structures[burrow].pos.within(pos, metres(battle.balance.sdf.charge_burrow_range_m))
}

fn hurt(battle: &mut Battle, id: StructureId, points: i32, charge: &Structure) {
    battle.hits.push(Hit { target: Target::Structure(id), damage_milli: points * 1_000, by: charge.owner });
}

/// Takes oxygen off the flower, three times at most.
fn weaken(battle: &mut Battle, city: City) {
    let n = &battle.balance.sdf;
    let (amount, most) = (Micro::whole(n.charge_oxygen), n.charges_per_flower);
    let Some(hive) = battle.legion.hives[city.index()].as_mut().filter(|h| h.charges < most) else { return };
    hive.charges += 1;
    hive::take_oxygen(battle, city, amount);
}

/// The flash shows a hive beneath.
fn flash(battle: &mut Battle, charge: &Structure) {
    let range = metres(battle.balance.sdf.sensor_range_m);
    let beneath = battle.legion.hives.iter().flatten().find(|h| h.pos.within(charge.pos, range)).map(|h| h.city);
    if let Some(city) = beneath.filter(|_| battle.has(Rule::Discovery)) {
        discover_hive(battle, city, charge.owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground;
    use gamera_protocol::ids::Role;
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::motion::Gait;

    /// A stage whose engineer holds the charge `away_m` metres from a flower with 60 oxygen.
    fn at_the_flower(away_m: i32) -> Stage {
        let mut stage = Stage::quick(City::Sapporo);
        stage.run(2);
        let hive = stage.battle.legion.hives[0].as_mut().unwrap();
        hive.oxygen = Micro::whole(60);
        let at = hive.pos;
        stage.battle.swarm.soldiers.clear();
        stage.put(Role::Engineer, Pos::new(at.x + metres(away_m), at.y), Gait::Walk);
        stage.hold(Role::Engineer, SeatInput::default().doing(Verb::Charge));
        stage
    }

    fn charges(stage: &Stage) -> usize {
        stage.battle.structures.iter().filter(|(_, s)| s.kind == Kind::Charge).count()
    }

    #[test]
    fn a_charge_takes_four_seconds_near_the_flower_and_three_are_the_most() {
        for (away_m, seconds, wanted) in [(70, 3, 0), (70, 5, 1), (70, 30, 3), (120, 30, 0)] {
            let mut stage = at_the_flower(away_m);
            stage.run(ticks(seconds));
            assert_eq!(charges(&stage), wanted, "{away_m} m away, after {seconds} s");
        }
    }

    #[test]
    fn a_flower_takes_as_many_charges_in_a_time_at_every_scale() {
        for seats in [16, 48, 128, 512] {
            for (tenths, wanted) in [(30, 0), (60, 1), (100, 2), (300, 3)] {
                let mut stage = Stage::sized(seats);
                hive::found(
                    &mut stage.battle,
                    City::Sapporo,
                    ground::city_centre(City::Sapporo),
                    Micro::whole(150),
                    false,
                );
                stage.put_all(Role::Engineer, ground::city_centre(City::Sapporo), Gait::Walk);
                stage.hold_all(Role::Engineer, SeatInput::default().doing(Verb::Charge));
                stage.run(gamera_protocol::measure::ticks_tenths(tenths));
                assert_eq!(charges(&stage), wanted, "{seats} seats, after {tenths} tenths of a second");
            }
        }
    }

    #[test]
    fn a_charge_takes_twelve_oxygen_after_its_fuse_unless_it_is_destroyed() {
        for (destroyed, blown) in [(false, 1), (true, 0)] {
            let mut stage = at_the_flower(70);
            stage.run_until(EventKind::ChargeSet, 150).expect("it is set");
            stage.release(Role::Engineer);
            if destroyed {
                for (_, charge) in stage.battle.structures.iter_mut().filter(|(_, s)| s.kind == Kind::Charge) {
                    charge.health_milli = 0;
                }
            }
            stage.run(ticks(49));
            assert_eq!(stage.heard(EventKind::ChargeBlown), 0, "the fuse burns 50 s");
            let before = stage.battle.legion.hives[0].as_ref().unwrap().oxygen;
            stage.run(ticks(2));
            assert_eq!(stage.heard(EventKind::ChargeBlown), blown);
            let fell = before - stage.battle.legion.hives[0].as_ref().unwrap().oxygen;
            assert_eq!(fell > Micro::whole(10), !destroyed, "destroyed {destroyed}: {fell:?}");
        }
    }
}
