//! The hive: how it is founded and grows from what it is fed, its flower's oxygen, the seed, and
//! every way in which a flower ends.
//!
//! Other factions call [`uproot`], [`topple`], [`hit_hard`] and [`take_oxygen`]; the
//! events of those are told here, mana and research are the callers'.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{City, Kind, Layer, SeatId};
use gamera_protocol::measure::{Pos, ticks};
use gamera_protocol::view::Marks;

use super::{Hive, blast};
use crate::sim::fixed::Micro;
use crate::sim::hit::{Hit, Target};
use crate::sim::structure::{Structure, StructureId};
use crate::sim::{Battle, Mode};

/// Oxygen at which the Legion is told, percent; the last one primes the seed.
const OXYGEN_STAGES: [i32; 4] = [25, 50, 85, PRIMED];
const PRIMED: i32 = 100;
/// Stages of growth, as `FlowerView` tells them.
const ROOTED: u8 = 1;
const BURST: u8 = 2;
const BLOOMED: u8 = 3;
const MILLION: u32 = 1_000_000;

/// Founds a hive with `fed` silicon in it; what it grows follows at once.
pub(in crate::sim) fn found(b: &mut Battle, city: City, pos: Pos, fed: Micro, planted: bool) {
    let pod = Structure { layer: Layer::Underground, ..Structure::new(Kind::Pod, pos, &b.balance) };
    let flower = Some(b.structures.insert(pod));
    b.legion.hives[city.index()] = Some(Hive { flower, ..Hive::new(city, pos, planted) });
    b.cities[city.index()].contested = true;
    let kind = if planted { EventKind::HivePlanted } else { EventKind::HiveFounded };
    b.tell(Event::new(b.tick, kind).in_city(city).at(pos));
    feed(b, city, fed);
}

/// Feeds `silicon` to the hive of `city`: roots, the pod's burst, bloom, oxygen.
pub(in crate::sim) fn feed(b: &mut Battle, city: City, silicon: Micro) {
    let n = b.balance.legion;
    let (breathes, pct) = (b.has(Rule::Oxygen), quick_pct(b));
    let Some(hive) = living_mut(b, city) else { return };
    let before = hive.fed;
    hive.fed += silicon;
    let fed = hive.fed;
    // What a planted hive starts with makes no oxygen, nor does what went into the pod.
    let discount = if hive.planted { n.planted_discount_silicon } else { 0 };
    let silent = Micro::whole(n.feed_pod.max(discount));
    let breathed = fed.max(silent) - before.max(silent);
    hive.fed_since_pod += breathed;
    if breathes {
        hive.oxygen += breathed.scaled(i64::from(n.oxygen_silicon_milli), 1_000).percent(pct);
    }
    if hive.stage < ROOTED && fed >= Micro::whole(n.feed_roots) {
        hive.stage = ROOTED;
    }
    if hive.stage == ROOTED && fed >= Micro::whole(n.feed_pod) {
        burst(b, city);
    }
    let Some(hive) = living_mut(b, city) else { return };
    if hive.stage == BURST && fed >= Micro::whole(n.feed_bloom) {
        hive.stage = BLOOMED;
        let at = hive.pos;
        b.tell(Event::new(b.tick, EventKind::FlowerBloomed).in_city(city).at(at));
    }
}

/// The pod bursts through a building: from now on a flower stands in the street and breathes.
fn burst(b: &mut Battle, city: City) {
    let bonus = if city == City::Tokyo { b.balance.legion.seed_bonus_oxygen * b.legion.seeds } else { 0 };
    let Some(hive) = living(b, city) else { return };
    let (pos, pod) = (hive.pos, hive.flower);
    if let Some(pod) = pod {
        b.structures.remove(pod);
    }
    let flower = b.structures.insert(Structure::new(Kind::Flower, pos, &b.balance));
    if let Some(hive) = living_mut(b, city) {
        hive.stage = BURST;
        hive.flower = Some(flower);
        hive.oxygen += Micro::whole(bonus);
    }
    b.legion.flowered = true;
    b.tell(Event::new(b.tick, EventKind::PodErupted).in_city(city).at(pos));
}

/// One tick of every hive: oxygen, the launch, and flowers that have been shot down.
pub(in crate::sim) fn live(b: &mut Battle) {
    for city in City::ALL.iter().copied() {
        let Some(hive) = living(b, city) else { continue };
        let flower = hive.flower.and_then(|id| b.structures.get(id));
        if flower.is_none_or(|f| f.health_milli <= 0) {
            topple(b, city, None);
            continue;
        }
        breathe(b, city);
        sense(b, city);
        launch(b, city);
        mark(b, city);
    }
}

fn breathe(b: &mut Battle, city: City) {
    if !b.has(Rule::Oxygen) || living(b, city).is_none_or(|h| h.stage < BURST) {
        return;
    }
    let n = &b.balance.legion;
    let milli_s = match city {
        City::Sapporo => n.oxygen_sapporo_milli_s,
        City::Sendai => n.oxygen_sendai_milli_s,
        City::Tokyo => n.oxygen_tokyo_milli_s,
    };
    let pct = if b.campaign.overtime { b.balance.campaign.overtime_oxygen_pct } else { 100 };
    let breath = Micro::per_tick_milli(milli_s).percent(pct).percent(quick_pct(b));
    let Some(hive) = living_mut(b, city) else { return };
    hive.oxygen = (hive.oxygen + breath).min(Micro::whole(PRIMED));
    tell_stages(b, city);
}

/// Oxygen's rate by the length of the match: a quick one begins with the pod up, and Gamera alone.
fn quick_pct(b: &Battle) -> i32 {
    match b.mode {
        Mode::Campaign => 100,
        Mode::Quick { .. } => b.balance.campaign.quick_oxygen_pct,
    }
}

fn tell_stages(b: &mut Battle, city: City) {
    let first = city == City::Sapporo;
    let n = &b.balance.legion;
    let fuse_ticks = ticks(if first { n.launch_first_s } else { n.launch_later_s } as u32);
    let launch_at = b.tick.after(fuse_ticks);
    for stage in OXYGEN_STAGES {
        let Some(hive) = living_mut(b, city) else { return };
        if hive.oxygen < Micro::whole(stage) || hive.told_oxygen >= stage {
            continue;
        }
        hive.told_oxygen = stage;
        let at = hive.pos;
        if stage == PRIMED {
            hive.launch_at = Some(launch_at);
        }
        b.tell(Event::new(b.tick, EventKind::OxygenStage).in_city(city).at(at).amount(stage));
    }
}

/// The queen senses the blast of a launch some time before it comes.
fn sense(b: &mut Battle, city: City) {
    let cue_s = b.balance.legion.blast_cue_s;
    let due = b.tick.after(ticks(cue_s as u32));
    if let Some(at) = living(b, city).filter(|h| h.launch_at == Some(due)).map(|h| h.pos) {
        b.tell(Event::new(b.tick, EventKind::BlastSensed).in_city(city).at(at).amount(cue_s));
    }
}

/// A primed flower throws its seed into space, and the city is gone with it.
fn launch(b: &mut Battle, city: City) {
    let due = living(b, city).is_some_and(|h| h.launch_at.is_some_and(|at| b.tick >= at));
    if !due || !b.has(Rule::Launch) {
        return;
    }
    let Some(hive) = living(b, city) else { return };
    let at = hive.pos;
    b.legion.seeds += 1;
    let seeds = b.legion.seeds;
    b.tell(Event::new(b.tick, EventKind::SeedLaunched).in_city(city).at(at).amount(seeds));
    let bonus_milli = b.balance.legion.seed_bonus_health * 1_000;
    let queen = &mut b.units[b.legion.queen.unit];
    if queen.is_up() {
        queen.health_max_milli += bonus_milli;
        queen.health_milli += bonus_milli;
    }
    end(b, city);
    blast(b, city);
}

fn mark(b: &mut Battle, city: City) {
    let Some(hive) = living(b, city) else { return };
    let (flower, bloomed, primed) = (hive.flower, hive.stage == BLOOMED, hive.launch_at.is_some());
    if let Some(flower) = flower.and_then(|id| b.structures.get_mut(id)) {
        flower.marks = Marks::default().with(Marks::LIVE, bloomed).with(Marks::TELL, primed);
    }
}

/// Tears the flower out by its roots. From oxygen 85 on it blows up in the hands that hold it.
pub(in crate::sim) fn uproot(b: &mut Battle, city: City, by: Option<SeatId>) {
    fall(b, city, by, EventKind::FlowerUprooted);
}

/// The flower falls: shot, or pushed over. From oxygen 85 on it blows up.
pub(in crate::sim) fn topple(b: &mut Battle, city: City, by: Option<SeatId>) {
    fall(b, city, by, EventKind::FlowerToppled);
}

fn fall(b: &mut Battle, city: City, by: Option<SeatId>, kind: EventKind) {
    let Some(hive) = living(b, city) else { return };
    let (at, oxygen) = (hive.pos, hive.oxygen);
    end(b, city);
    b.tell(Event::new(b.tick, kind).in_city(city).at(at).by(by));
    if oxygen >= Micro::whole(b.balance.gamera.uproot_safe_oxygen) {
        blast(b, city);
    }
}

/// A heavy hit on the flower of `city`: above some oxygen each may set the whole city off, else it
/// does its damage. The chance of one hit counts `weight_ppm` millionths: many small guns together
/// are as dangerous as one large.
pub(in crate::sim) fn hit_hard(b: &mut Battle, city: City, damage_milli: i32, by: SeatId, weight_ppm: i64) {
    let Some((flower, oxygen)) = living(b, city).and_then(|h| Some((h.flower?, h.oxygen.floor()))) else { return };
    let risk_pct = (oxygen - b.balance.sdf.guns_ignite_from_oxygen).max(0);
    let risk_ppm = i64::from(risk_pct) * weight_ppm / 100;
    if b.has(Rule::Ignition) && i64::from(b.rngs.combat.below(MILLION)) < risk_ppm {
        ignite(b, city);
    } else {
        b.hits.push(Hit { target: Target::Structure(flower), damage_milli, by: Some(by) });
    }
}

/// The oxygen about the flower catches fire.
fn ignite(b: &mut Battle, city: City) {
    let Some(hive) = living(b, city) else { return };
    let at = hive.pos;
    end(b, city);
    b.tell(Event::new(b.tick, EventKind::FlowerIgnited).in_city(city).at(at));
    blast(b, city);
}

/// Takes oxygen from the flower; a primed one that falls below full is primed no more.
pub(in crate::sim) fn take_oxygen(b: &mut Battle, city: City, amount: Micro) {
    let Some(hive) = living_mut(b, city) else { return };
    hive.oxygen.take(amount);
    if hive.oxygen < Micro::whole(PRIMED) && hive.launch_at.take().is_some() {
        hive.told_oxygen = OXYGEN_STAGES[OXYGEN_STAGES.len() - 2];
    }
}

/// The flower that stands in the streets of `city`.
pub(in crate::sim) fn flower_at(b: &Battle, city: City) -> Option<StructureId> {
    living(b, city).filter(|h| is_flower(h)).and_then(|h| h.flower)
}

/// True while a flower grows from the hive: from when its pod burst until it is gone.
pub(in crate::sim) const fn is_flower(hive: &Hive) -> bool {
    !hive.dead && hive.stage >= BURST
}

/// The hive beneath `city`, unless its flower is gone.
pub(in crate::sim) fn living(b: &Battle, city: City) -> Option<&Hive> {
    b.legion.hives[city.index()].as_ref().filter(|h| !h.dead)
}

fn living_mut(b: &mut Battle, city: City) -> Option<&mut Hive> {
    b.legion.hives[city.index()].as_mut().filter(|h| !h.dead)
}

/// The hive that the Legion lives from: the present city's, else any other.
pub(in crate::sim) fn home(b: &Battle) -> Option<&Hive> {
    living(b, b.campaign.city).or_else(|| b.legion.hives.iter().flatten().find(|h| !h.dead))
}

/// Takes the flower out of the battle; its hive is dead.
fn end(b: &mut Battle, city: City) {
    let Some(hive) = living_mut(b, city) else { return };
    hive.dead = true;
    hive.launch_at = None;
    if let Some(flower) = hive.flower.take() {
        b.structures.remove(flower);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::balance::Balance;
    use gamera_protocol::ids::Role;

    fn with_hive(city: City, fed: i32, oxygen: i32) -> Stage {
        let mut stage = Stage::quick(city);
        stage.run(1);
        feed(&mut stage.battle, city, Micro::whole(fed));
        stage.battle.legion.hives[city.index()].as_mut().unwrap().oxygen = Micro::whole(oxygen);
        stage
    }

    #[test]
    fn a_hive_grows_by_what_it_is_fed() {
        let mut stage = Stage::campaign();
        let at = gamera_protocol::ground::city(City::Sapporo).stations[3].pos;
        found(&mut stage.battle, City::Sapporo, at, Micro::ZERO, false);
        let milli = stage.battle.balance.legion.oxygen_silicon_milli;
        // Of what is fed up to the burst, at 150, nothing becomes oxygen.
        for (fed, stage_after, oxygen_milli) in
            [(39, 0, 0), (1, 1, 0), (109, 1, 0), (11, 2, 10 * milli), (140, 3, 150 * milli)]
        {
            feed(&mut stage.battle, City::Sapporo, Micro::whole(fed));
            let hive = living(&stage.battle, City::Sapporo).unwrap();
            assert_eq!((hive.stage, hive.oxygen), (stage_after, Micro::milli(oxygen_milli)), "after {fed} more");
        }
        for kind in [EventKind::HiveFounded, EventKind::PodErupted, EventKind::FlowerBloomed] {
            assert_eq!(stage.battle.events.iter().filter(|e| e.kind == kind).count(), 1, "{kind:?}");
        }
    }

    #[test]
    fn oxygen_rises_by_itself_faster_in_sapporo_and_in_overtime() {
        let n = Balance::default();
        let first = n.legion.oxygen_sapporo_milli_s;
        let (second, last) = (n.legion.oxygen_sendai_milli_s, n.legion.oxygen_tokyo_milli_s);
        let hurried = last * n.campaign.overtime_oxygen_pct / 100;
        assert!(first > second && first > last && hurried > last);
        for (city, overtime, milli_s) in [
            (City::Sapporo, false, first),
            (City::Sendai, false, second),
            (City::Tokyo, false, last),
            (City::Tokyo, true, hurried),
        ] {
            let mut stage = with_hive(city, n.legion.feed_pod, 0);
            stage.battle.legion.feed_pct = 0;
            stage.battle.campaign.overtime = overtime;
            stage.run(ticks(10));
            let oxygen = living(&stage.battle, city).unwrap().oxygen;
            let off = (oxygen - Micro::milli(milli_s * n.campaign.quick_oxygen_pct / 100 * 10)).0.abs();
            assert!(off < 30_000, "{city}: {oxygen:?}");
        }
    }

    #[test]
    fn a_primed_flower_launches_after_its_countdown_unless_oxygen_is_taken() {
        let n = Balance::default().legion;
        let (first_s, later_s) = (n.launch_first_s as u32, n.launch_later_s as u32);
        for (city, charge, seconds) in
            [(City::Sapporo, false, first_s), (City::Tokyo, false, later_s), (City::Tokyo, true, 0)]
        {
            let mut stage = with_hive(city, 0, 100);
            stage.run(1);
            let stages: Vec<i32> =
                stage.log.iter().filter(|e| e.kind == EventKind::OxygenStage).map(|e| e.amount).collect();
            assert_eq!(stages, [25, 50, 85, 100]);
            if charge {
                take_oxygen(&mut stage.battle, city, Micro::whole(12));
            }
            let launched = stage.run_until(EventKind::SeedLaunched, ticks(31));
            assert_eq!(launched, (!charge).then_some(ticks(seconds)), "{city}");
            assert_eq!(stage.heard(EventKind::CityDetonated), usize::from(!charge));
        }
    }

    #[test]
    fn a_falling_flower_is_safe_below_oxygen_85() {
        type End = fn(&mut Battle, City);
        let ends: [(EventKind, End); 2] = [
            (EventKind::FlowerUprooted, |b, c| uproot(b, c, None)),
            (EventKind::FlowerToppled, |b, c| topple(b, c, None)),
        ];
        for (kind, end) in ends {
            for (oxygen, blown) in [(84, 0), (85, 1)] {
                let mut stage = with_hive(City::Sendai, 0, oxygen);
                end(&mut stage.battle, City::Sendai);
                let told = |kind| stage.battle.events.iter().filter(|e| e.kind == kind).count();
                assert_eq!((told(kind), told(EventKind::CityDetonated)), (1, blown), "{kind:?} at {oxygen}");
                assert!(flower_at(&stage.battle, City::Sendai).is_none());
            }
        }
    }

    #[test]
    fn a_flower_shot_down_falls() {
        let mut stage = with_hive(City::Sendai, 0, 20);
        let flower = flower_at(&stage.battle, City::Sendai).unwrap();
        stage.battle.structures.get_mut(flower).unwrap().health_milli = 0;
        assert_eq!(stage.run_until(EventKind::FlowerToppled, 2), Some(1));
    }

    #[test]
    fn the_blast_spares_who_is_safe_and_kills_nine_in_ten_of_the_rest() {
        let mut stage = with_hive(City::Sendai, 0, 50);
        let flower = living(&stage.battle, City::Sendai).unwrap().pos;
        stage.put(Role::Tank, flower, gamera_protocol::motion::Gait::Walk);
        stage.put(Role::BroodLeader, flower, gamera_protocol::motion::Gait::Burrow);
        stage.battle.swarm.soldiers.clear();
        stage.soldiers(100, flower);
        stage.battle.cities[1].depart(0, Micro::whole(30));
        stage.battle.cities[1].arrive(0, Micro::whole(30));
        let staying = stage.battle.cities[1].staying();
        ignite(&mut stage.battle, City::Sendai);
        assert_eq!(stage.battle.cities[1].dead(), staying.percent(90));
        assert_eq!(stage.battle.cities[1].evacuated(), Micro::whole(30));
        stage.run(1);
        assert_eq!(stage.battle.swarm.soldiers.len() as i32, 100 - stage.battle.balance.legion.blast_swarm_pct);
        assert!(stage.unit(Role::Tank).health_milli < 200_000);
        assert!(stage.unit(Role::BroodLeader).health_milli > 0);
    }

    #[test]
    fn a_blast_is_sensed_before_it_comes_unless_it_is_put_off() {
        for charge in [false, true] {
            let mut stage = with_hive(City::Tokyo, 0, 100);
            stage.run(1);
            if charge {
                take_oxygen(&mut stage.battle, City::Tokyo, Micro::whole(12));
            }
            let n = stage.battle.balance.legion;
            let sensed = stage.run_until(EventKind::BlastSensed, ticks(n.launch_later_s as u32));
            let due = ticks((n.launch_later_s - n.blast_cue_s) as u32);
            assert_eq!(sensed, (!charge).then_some(due), "put off: {charge}");
            let told = stage.last(EventKind::BlastSensed).map(|e| e.amount);
            assert_eq!(told, (!charge).then_some(n.blast_cue_s));
        }
    }

    #[test]
    fn an_earlier_seed_strengthens_the_flower_of_tokyo_and_the_queen() {
        let n = Balance::default().legion;
        let bonus = n.seed_bonus_oxygen;
        for (city, seeds, oxygen) in [(City::Tokyo, 0, 0), (City::Tokyo, 1, bonus), (City::Sendai, 1, 0)] {
            let mut stage = Stage::campaign();
            stage.battle.legion.seeds = seeds;
            let at = gamera_protocol::ground::city_centre(city);
            let fed = Micro::whole(stage.battle.balance.legion.feed_pod);
            found(&mut stage.battle, city, at, fed, true);
            assert_eq!(living(&stage.battle, city).unwrap().oxygen, Micro::whole(oxygen), "{city}, {seeds} seeds");
        }
        let mut stage = with_hive(City::Sendai, 0, 100);
        stage.put(
            Role::Queen,
            gamera_protocol::measure::Pos::from_m(8_000, 2_900),
            gamera_protocol::motion::Gait::Burrow,
        );
        let before = (stage.unit(Role::Queen).health_milli, stage.unit(Role::Queen).health_max_milli);
        stage.run_until(EventKind::SeedLaunched, ticks(31)).unwrap();
        let after = (stage.unit(Role::Queen).health_milli, stage.unit(Role::Queen).health_max_milli);
        let gained_milli = n.seed_bonus_health * 1_000;
        assert_eq!((after.0 - before.0, after.1 - before.1), (gained_milli, gained_milli));
    }
}
