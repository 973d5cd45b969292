//! The electromagnetic lure: a power line under full load pulls the swarm along. What that does to the
//! swarm, and to the district that it comes to, is the Legion's `lure`.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::GROUND;
use gamera_protocol::ids::Kind;
use gamera_protocol::measure::{Pos, ticks};
use gamera_protocol::view::{Marks, Phase};

use super::super::Battle;
use super::super::arena::Class;
use super::super::fixed::Micro;
use super::super::legion;
use super::super::structure::StructureId;
use super::{Hand, engineer, support_permille};

/// How often it is looked at which lines are under power.
const PERIOD_TICKS: u32 = 10;

/// Throws the switch at the live substation or pylon beside the engineer.
pub(super) fn energise(battle: &mut Battle, hand: &Hand) {
    let n = battle.balance.sdf;
    let full = Micro::whole(n.lure_charge);
    if !battle.has(Rule::Lure) || battle.sdf.lure_charge < full || battle.tick < battle.sdf.lure_until {
        return;
    }
    let feeds = |kind: Kind| matches!(kind, Kind::Substation | Kind::Pylon);
    let live = engineer::beside(battle, hand.pos, |s| feeds(s.kind) && s.marks.has(Marks::LIVE));
    let Some(line) = live else { return };
    let key = line.key(Class::Structure);
    let speed = engineer::work_permille(battle, hand, key);
    let seat = &mut battle.seats[hand.seat.index()];
    if seat.channel(hand.verb, Some(key), n.energise_ticks as u32, speed) {
        battle.sdf.lure_charge = Micro::ZERO;
        pulse(battle, hand, line);
    }
}

/// The line hums: soldiers come, and on the march the queen follows.
fn pulse(battle: &mut Battle, hand: &Hand, line: StructureId) {
    let n = battle.balance.sdf;
    let at = battle.structures[line].pos;
    battle.sdf.lure_until = battle.tick.after(ticks(n.lure_s as u32));
    battle.sdf.lure_line = Some(line);
    battle.tell(Event::new(battle.tick, EventKind::LineEnergised).at(at).by(Some(hand.seat)));
    let known = battle.sdf.tier >= n.tier_lure;
    let pct = if known { n.lure_tier_pct } else { n.lure_pct };
    let pulled = legion::lure::lure(battle, at, pct, n.lure_kill_pct);
    if pulled > Micro::ZERO {
        let soldiers = (pulled.0 / battle.swarm.mass_each.0.max(1)) as i32;
        battle.tell(Event::new(battle.tick, EventKind::SwarmLured).at(at).by(Some(hand.seat)).amount(soldiers));
    }
    if battle.campaign.phase == Phase::March {
        draw_march(battle, at);
    }
}

/// The queen hears the hum too: she is so many seconds nearer Tokyo.
fn draw_march(battle: &mut Battle, line: Pos) {
    let seconds = battle.balance.sdf.march_draw_s;
    legion::queen::draw(battle, seconds);
    battle.tell(Event::new(battle.tick, EventKind::MarchDrawn).at(line).amount(seconds));
}

/// Charges the lure, and marks what is under power.
pub(super) fn run(battle: &mut Battle) {
    let n = &battle.balance.sdf;
    let gain = Micro::per_tick_milli(n.lure_charge_milli_s).scaled(support_permille(battle), 1_000);
    battle.sdf.lure_charge = (battle.sdf.lure_charge + gain).min(Micro::whole(n.lure_charge));
    if battle.tick >= battle.sdf.lure_until {
        battle.sdf.lure_line = None;
    }
    if battle.tick.is_every(PERIOD_TICKS, 2) {
        mark_power(battle);
    }
}

/// A substation is live while it stands; a pylon while the trunk line stands from it to either end.
fn mark_power(battle: &mut Battle) {
    let mut standing = vec![false; GROUND.pylons.len()];
    for (_, s) in battle.structures.iter().filter(|(_, s)| s.kind == Kind::Pylon) {
        standing[usize::from(s.site)] = s.health_milli > 0;
    }
    let from_west = standing.iter().take_while(|s| **s).count();
    let from_east = standing.iter().rev().take_while(|s| **s).count();
    let carries = |site: usize| site < from_west || site + from_east >= standing.len();
    let humming = battle.sdf.lure_line;
    for (id, s) in battle.structures.iter_mut() {
        let live = match s.kind {
            Kind::Substation | Kind::Sensor => s.health_milli > 0,
            Kind::Pylon => carries(usize::from(s.site)),
            _ => continue,
        };
        s.marks = Marks::default().with(Marks::LIVE, live).with(Marks::TELL, humming == Some(id));
    }
}

/// Where the lure hums now.
pub(super) fn place(battle: &Battle) -> Option<Pos> {
    battle.sdf.lure_line.and_then(|id| battle.structures.get(id)).map(|s| s.pos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::measure::metres;
    use gamera_protocol::motion::Gait;

    fn switch(stage: &mut Stage, at: Pos) {
        stage.battle.sdf.lure_charge = Micro::whole(60);
        stage.put(Role::Engineer, at, Gait::Walk);
        stage.hold(Role::Engineer, SeatInput::default().doing(Verb::Energise));
    }

    #[test]
    fn a_pulse_pulls_soldiers_and_the_district_pays_as_they_come() {
        let at = ground::city(City::Sapporo).substations[1];
        let district = ground::district_at(City::Sapporo, at).unwrap();
        let n = gamera_protocol::balance::SdfNumbers::default();
        for (tier, pulled) in [(0, n.lure_pct), (60, n.lure_tier_pct)] {
            let mut stage = Stage::campaign();
            stage.soldiers(100, Pos::new(at.x + metres(130), at.y));
            stage.battle.sdf.tier = tier;
            switch(&mut stage, at);
            stage.battle.balance.legion.raid_deaths_micro_tok_s = 0;
            let told = stage.run_until(EventKind::LineEnergised, 80);
            assert!(told.is_some_and(|t| t >= 60), "the switch takes two seconds: {told:?}");
            assert_eq!(stage.last(EventKind::SwarmLured).unwrap().amount, pulled, "tier {tier}");
            let dead = |stage: &Stage| stage.battle.cities[0].districts[district].dead;
            let before = dead(&stage);
            stage.run(ticks(10));
            assert_eq!(dead(&stage), before, "they are still on their way");
            stage.run(ticks(8));
            let paid = dead(&stage) - before;
            assert!(paid > Micro::ZERO && paid <= Micro::milli(40 * pulled), "tier {tier}: {paid:?}");
            assert_eq!(stage.heard(EventKind::LineEnergised), 1, "it has to charge again");
        }
    }

    #[test]
    fn a_cut_line_carries_nothing_beyond_the_cut() {
        let last = GROUND.pylons.len() - 1;
        for (cut, site, live) in
            [(vec![], 4, true), (vec![4], 4, false), (vec![2], 4, true), (vec![2, last - 1], 4, false)]
        {
            let mut stage = Stage::campaign();
            for (_, s) in stage.battle.structures.iter_mut().filter(|(_, s)| s.kind == Kind::Pylon) {
                if cut.contains(&usize::from(s.site)) {
                    s.health_milli = 0;
                }
            }
            stage.run(15);
            switch(&mut stage, GROUND.pylons[site]);
            let told = stage.run_until(EventKind::LineEnergised, 80).is_some();
            assert_eq!(told, live, "cut {cut:?}");
        }
    }

    #[test]
    fn on_the_march_each_pulse_brings_the_queen_nearer() {
        let mut stage = Stage::campaign();
        stage.run(15);
        stage.battle.campaign.phase = Phase::March;
        stage.battle.campaign.city = City::Tokyo;
        stage.put(Role::Queen, Pos::from_m(4_600, 1_500), Gait::Burrow);
        switch(&mut stage, GROUND.pylons[5]);
        stage.run_until(EventKind::MarchDrawn, 80).expect("she is drawn");
        let x_m = stage.unit(Role::Queen).pos().to_m().0;
        let drawn_m =
            stage.battle.balance.units.of(Kind::Queen).burrow_dms / 10 * stage.battle.balance.sdf.march_draw_s;
        assert!((0..10).contains(&(x_m - 4_600 - drawn_m)), "{drawn_m} m in eight seconds underground: {x_m}");
    }

    #[test]
    fn the_lure_charges_in_a_bit_over_two_minutes() {
        let mut stage = Stage::campaign();
        stage.battle.sdf.lure_charge = Micro::ZERO;
        stage.run(ticks(100));
        assert_eq!(stage.battle.sdf.lure_charge.floor(), 45);
        stage.run(ticks(60));
        assert_eq!(stage.battle.sdf.lure_charge, Micro::whole(60));
    }
}
