//! What the Legion lives from: glass is stolen, the flower is fed, soldiers hatch, plants spread.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::City;
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::view::Marks;

use super::{Goal, hive};
use crate::sim::Battle;
use crate::sim::fixed::Micro;
use crate::sim::structure::StructureId;

/// Warehouses are emptied once in so many ticks, so many ticks' worth.
const HARVEST_TICKS: u32 = 10;

/// What grows over one city.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::sim) struct Plants {
    /// Silicon that came in from this city.
    fed: Micro,
    /// Blocks that have grown, cleared ones included.
    grown: u32,
    /// The next place of the spiral around the hive.
    next: u32,
    told: bool,
}

/// One tick of the Legion's economy.
pub(in crate::sim) fn run(b: &mut Battle) {
    if b.tick.is_every(HARVEST_TICKS, 0) && b.has(Rule::Harvest) {
        harvest(b);
    }
    feed(b);
    hatch(b);
    for city in City::ALL.iter().copied() {
        spread(b, city);
    }
}

/// Every squad that harvests takes glass by the mass that it has brought to the warehouse.
fn harvest(b: &mut Battle) {
    let range = metres(b.balance.legion.harvest_range_m);
    let mut hands = std::mem::take(&mut b.legion.scratch);
    hands.clear();
    hands.resize(b.legion.squads.len(), 0);
    let site = |goal: Goal| match goal {
        Goal::Harvest(id) => b.structures.get(id).map(|s| s.pos),
        _ => None,
    };
    let sites: Vec<Option<Pos>> = b.legion.squads.iter().map(|s| site(s.goal)).collect();
    for soldier in b.swarm.soldiers.iter().filter(|s| !s.underground) {
        let squad = usize::from(soldier.squad);
        if sites.get(squad).is_some_and(|site| site.is_some_and(|at| soldier.pos.within(at, range))) {
            hands[squad] += 1;
        }
    }
    for (squad, count) in hands.iter().enumerate().filter(|(_, count)| **count > 0) {
        if let Goal::Harvest(cache) = b.legion.squads[squad].goal {
            steal(b, squad, cache, *count);
        }
    }
    b.legion.scratch = hands;
}

fn steal(b: &mut Battle, squad: usize, id: StructureId, soldiers: u32) {
    let rate = Micro::milli(b.balance.legion.harvest_milli_s).scaled(i64::from(HARVEST_TICKS), 30);
    let wanted = Micro(b.swarm.mass_each.0 * i64::from(soldiers)).times(rate);
    let Some(cache) = b.structures.get_mut(id) else { return };
    let got = cache.store.take(wanted);
    let (at, site, city) = (cache.pos, cache.site, cache.city);
    cache.marks = Marks::default().with(Marks::CARRYING, got > Micro::ZERO);
    if cache.store == Micro::ZERO {
        cache.marks = Marks::default();
        b.legion.squads[squad].goal = Goal::Follow;
    }
    b.legion.silicon += got;
    let Some(city) = city else { return };
    b.legion.plants[city.index()].fed += got;
    let robbed = &mut b.legion.robbed[city.index()];
    let first = *robbed & (1 << site) == 0;
    *robbed |= 1 << site;
    if first && got > Micro::ZERO {
        let by = Some(b.legion.squads[squad].leader);
        b.tell(Event::new(b.tick, EventKind::GlassStolen).in_city(city).at(at).by(by));
    }
}

/// The flower gets its share of the silicon, as fast as it can take it; before its pod bursts also a
/// little from the ground, so that no hive lies dormant for want of glass or of a queen who feeds it.
fn feed(b: &mut Battle) {
    let Some(city) = hive::home(b).map(|h| h.city) else { return };
    let n = &b.balance.legion;
    let stands = hive::flower_at(b, city).is_some();
    let free = if stands { Micro::ZERO } else { Micro::per_tick_milli(n.feed_free_milli_s) };
    let most = Micro::per_tick_milli(n.feed_rate_milli_s);
    let part = b.legion.silicon.percent(feed_pct(b)).min(most);
    let part = b.legion.silicon.take(part);
    hive::feed(b, city, part + free);
}

/// The share of the silicon that is fed; the rest hatches.
fn feed_pct(b: &Battle) -> i32 {
    if b.has(Rule::Feed) { b.legion.feed_pct } else { 0 }
}

/// Soldiers hatch: some for nothing, more for the rest of the silicon, none above the cap.
fn hatch(b: &mut Battle) {
    let Some(lair) = hive::home(b).map(|h| h.pos).filter(|_| b.has(Rule::Hatch)) else { return };
    if b.swarm.soldiers.len() >= b.swarm.cap as usize {
        b.legion.hatching = Micro::ZERO;
        return;
    }
    let n = &b.balance.legion;
    let cost = Micro::milli(n.hatch_silicon_milli);
    let most = Micro::per_tick_milli(n.hatch_rate_milli_s).times(cost);
    let part = b.legion.silicon.percent(100 - feed_pct(b)).min(most);
    let spent = b.legion.silicon.take(part);
    b.legion.hatching += Micro::per_tick_milli(n.free_mass_milli_s) + spent.scaled(1_000_000, cost.0.max(1));
    let hatched = super::spawn_mass(b, b.legion.hatching, lair, true);
    b.legion.hatching -= Micro(b.swarm.mass_each.0 * hatched as i64);
}

/// Plants follow the glass: so much silicon sprouts once, and a sprout covers so many blocks, one
/// after the other, outwards from the hive.
fn spread(b: &mut Battle, city: City) {
    let n = &b.balance.legion;
    let plants = b.legion.plants[city.index()];
    let sprouts = plants.fed.0 / Micro::whole(n.overgrow_silicon).0.max(1);
    let most = sprouts as u32 * n.overgrow_patch_blocks as u32;
    if plants.grown >= most || !b.tick.is_every(n.overgrow_ticks as u32, 0) || !b.has(Rule::Overgrowth) {
        return;
    }
    let Some(root) = b.legion.hives[city.index()].as_ref().map(|h| h.pos) else { return };
    let Plants { mut grown, mut next, .. } = plants;
    let mut newest = root;
    // Blocks outside the city are passed over, a few a tick.
    for _ in 0..8 {
        let (column, row) = square_spiral(next);
        next += 1;
        let at = Pos::new(root.x + column * metres(ground::BLOCK_M), root.y + row * metres(ground::BLOCK_M));
        if b.cities[city.index()].set_overgrown(at, true) {
            grown += 1;
            newest = at;
            break;
        }
    }
    b.legion.plants[city.index()] = Plants { grown, next, ..plants };
    let pct = b.cities[city.index()].overgrown_pct();
    if pct >= b.balance.legion.overgrown_event_pct && !plants.told {
        b.legion.plants[city.index()].told = true;
        // Told where they have come to: where they come from is the hive's secret.
        b.tell(Event::new(b.tick, EventKind::CityOvergrown).in_city(city).at(newest).amount(pct));
    }
}

/// The `n`-th place of a square spiral around zero.
fn square_spiral(n: u32) -> (i32, i32) {
    let n = n as i32;
    // The ring that holds it: ring r has 8 r places, and (2 r - 1)^2 lie within.
    let ring = (n.isqrt() + 1) / 2;
    if ring == 0 {
        return (0, 0);
    }
    let along = n - (2 * ring - 1) * (2 * ring - 1);
    let (side, step) = (along / (2 * ring), along % (2 * ring) - ring + 1);
    match side {
        0 => (ring, step),
        1 => (-step, ring),
        2 => (-ring, -step),
        _ => (step, -ring),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{Kind, Role};
    use gamera_protocol::input::{Order, SeatInput, Verb};
    use gamera_protocol::measure::{TICK_HZ, ticks};
    use gamera_protocol::motion::Gait;

    /// A squad of `mass` M at a warehouse in Sapporo, its leader harvesting.
    fn at_a_cache(mass: usize) -> (Stage, StructureId) {
        let mut stage = Stage::quick(City::Sapporo);
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        stage.battle.balance.legion.free_mass_milli_s = 0;
        stage.order(Role::Queen, Order::FeedShare { percent: 100 });
        let at = ground::city(City::Sapporo).caches[7];
        let (id, _) = stage.battle.structures.iter().find(|(_, s)| s.kind == Kind::Cache && s.pos == at).unwrap();
        stage.put(Role::BroodLeader, at, Gait::Walk);
        stage.soldiers(mass, at);
        stage.hold(Role::BroodLeader, SeatInput::default().doing(Verb::Harvest));
        (stage, id)
    }

    #[test]
    fn glass_is_stolen_by_mass_and_time() {
        for (mass, seconds) in [(100, 10), (50, 20), (100, 120)] {
            let (mut stage, cache) = at_a_cache(mass);
            let numbers = &stage.battle.balance.legion;
            let (rate_milli_s, held) = (numbers.harvest_milli_s, numbers.cache_silicon);
            // Of the ten ticks more some are spent before all of the squad is at work.
            let span_ticks = ticks(seconds) as i32 + 5;
            let milli = (mass as i32 * rate_milli_s * span_ticks / TICK_HZ as i32).min(held * 1_000);
            stage.run(ticks(seconds) + 10);
            let left = stage.battle.structures.get(cache).unwrap().store;
            let stolen = Micro::whole(held) - left;
            assert!((stolen - Micro::milli(milli)).0.abs() < 1_800_000, "{mass} M, {seconds} s: {stolen:?}");
            assert!(stage.heard(EventKind::GlassStolen) >= 1);
        }
    }

    #[test]
    fn the_slider_shares_the_silicon_between_flower_and_soldiers() {
        for (percent, feeds, hatches) in [(100, true, false), (0, false, true), (50, true, true)] {
            let mut stage = Stage::quick(City::Sapporo);
            stage.battle.balance.legion.free_mass_milli_s = 0;
            stage.battle.swarm.soldiers.clear();
            stage.order(Role::Queen, Order::FeedShare { percent });
            stage.run(1);
            stage.battle.swarm.soldiers.clear();
            stage.battle.legion.silicon = Micro::whole(1_000);
            let before = hive::living(&stage.battle, City::Sapporo).unwrap().fed;
            stage.run(ticks(10));
            let fed = hive::living(&stage.battle, City::Sapporo).unwrap().fed - before;
            let numbers = &stage.battle.balance.legion;
            let fed_milli = if feeds { numbers.feed_rate_milli_s * 10 } else { 0 };
            let mass = if hatches { numbers.hatch_rate_milli_s / 100 } else { 0 };
            assert!((fed - Micro::milli(fed_milli)).0.abs() < 100_000, "{percent} %: {fed:?}");
            assert!((stage.battle.swarm.mass().floor() - mass).abs() <= 1, "{percent} %");
        }
    }

    #[test]
    fn without_the_rule_nothing_is_fed_and_all_silicon_hatches() {
        let mut stage = Stage::quick(City::Sapporo);
        stage.battle.balance.rules.remove(Rule::Feed);
        stage.order(Role::Queen, Order::FeedShare { percent: 100 });
        stage.run(1);
        stage.battle.swarm.soldiers.clear();
        stage.battle.legion.silicon = Micro::whole(1_000);
        let before = hive::living(&stage.battle, City::Sapporo).unwrap().fed;
        stage.run(ticks(10));
        assert_eq!(hive::living(&stage.battle, City::Sapporo).unwrap().fed, before);
        let hatched = stage.battle.balance.legion.hatch_rate_milli_s / 100;
        assert!(stage.battle.swarm.mass().floor() >= hatched, "{:?}", stage.battle.swarm.mass());
    }

    #[test]
    fn a_hive_draws_a_little_from_the_ground_until_its_pod_bursts() {
        for (pod_burst, feeds) in [(false, true), (true, true), (false, false), (true, false)] {
            let mut stage = Stage::campaign();
            stage.run_until(EventKind::HiveFounded, ticks(20)).unwrap();
            let n = stage.battle.balance.legion;
            if pod_burst {
                hive::feed(&mut stage.battle, City::Sapporo, Micro::whole(n.feed_pod));
            }
            if !feeds {
                stage.battle.balance.rules.remove(Rule::Feed);
            }
            stage.battle.legion.silicon = Micro::ZERO;
            let before = hive::living(&stage.battle, City::Sapporo).unwrap().fed;
            stage.run(ticks(10));
            let fed = hive::living(&stage.battle, City::Sapporo).unwrap().fed - before;
            let wanted = if pod_burst { 0 } else { n.feed_free_milli_s * 10 };
            assert!((fed - Micro::milli(wanted)).0.abs() < 20_000, "burst {pod_burst}, feeds {feeds}: {fed:?}");
        }
    }

    #[test]
    fn nothing_hatches_above_the_cap() {
        let mut stage = Stage::quick(City::Sapporo);
        stage.run(1);
        stage.battle.legion.silicon = Micro::whole(5_000);
        stage.battle.legion.feed_pct = 0;
        stage.run(ticks(160));
        assert_eq!(stage.battle.swarm.soldiers.len(), 400);
        assert!(stage.battle.legion.silicon > Micro::whole(4_000));
    }

    #[test]
    fn plants_cover_a_tenth_of_the_city_with_the_glass_that_comes_in() {
        for (silicon, told) in [(40, 0), (80, 1)] {
            let mut stage = Stage::quick(City::Sapporo);
            stage.run(1);
            stage.battle.legion.plants[0].fed = Micro::whole(silicon);
            stage.run(ticks(60));
            assert_eq!(stage.heard(EventKind::CityOvergrown), told, "{silicon} Si");
        }
    }

    #[test]
    fn the_spiral_visits_every_place_once() {
        let mut seen: Vec<_> = (0..49 * 49).map(square_spiral).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 49 * 49);
        assert!(seen.iter().all(|(x, y)| x.abs() <= 24 && y.abs() <= 24));
    }
}
