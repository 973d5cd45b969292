//! The search for a weakness: what is learnt, when it becomes a tier, and the dead that it needs.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Kind, Layer};
use gamera_protocol::measure::{Pos, TICK_HZ, metres, ticks};

use super::super::Battle;
use super::super::fixed::Micro;
use super::super::structure::{Structure, StructureId};
use super::support_permille;

/// How often the dead are looked at.
const DECAY_PERIOD_TICKS: u32 = 30;
/// How often it is looked at whether the laboratory is raided.
const RAID_PERIOD_TICKS: u32 = 10;

/// Adds to what is known; at some points it becomes a tier with its effect.
pub(super) fn add(battle: &mut Battle, amount: Micro) {
    if !battle.has(Rule::Research) {
        return;
    }
    let sdf = &mut battle.sdf;
    sdf.research = (sdf.research + amount).min(Micro::whole(100)).max(Micro::whole(sdf.tier));
    let n = &battle.balance.sdf;
    for tier in [n.tier_sensor, n.tier_lure, n.tier_weak_points] {
        if battle.sdf.tier < tier && battle.sdf.research >= Micro::whole(tier) {
            battle.sdf.tier = tier;
            battle.tell(Event::new(battle.tick, EventKind::ResearchTier).amount(tier));
        }
    }
}

/// Lays a body out. Bodies close together count as one, and only so many lie about.
pub(super) fn lay_out(battle: &mut Battle, pos: Pos) {
    let n = battle.balance.sdf;
    let until = battle.tick.after(ticks(n.carcass_decay_s as u32));
    let mut count = 0;
    for (_, s) in battle.structures.iter_mut().filter(|(_, s)| s.kind == Kind::Carcass) {
        if s.pos.within(pos, metres(n.carcass_apart_m)) {
            s.until = until;
            return;
        }
        count += 1;
    }
    if count < n.carcasses_max {
        let body = Structure::new(Kind::Carcass, pos, &battle.balance);
        let store = Micro::milli(n.carcass_research_milli);
        battle.structures.insert(Structure { until, store, layer: Layer::Surface, ..body });
    }
}

/// Research's rate, percent: a conference speeds it up, effort elsewhere and a lost laboratory slow
/// it down.
pub(super) fn rate_pct(battle: &Battle) -> i32 {
    let n = &battle.balance.sdf;
    let conferred = if battle.tick < battle.sdf.confer_until { n.confer_research_pct } else { 100 };
    let stands = laboratory(battle).is_none_or(|(_, health_milli)| health_milli > 0);
    let lab = if stands { 100 } else { n.lab_lost_pct };
    conferred * lab / 100 * support_permille(battle) as i32 / 1_000
}

/// The present city's laboratory: where, and its health.
fn laboratory(battle: &Battle) -> Option<(Pos, i32)> {
    let here = Some(battle.campaign.city);
    battle.structures.iter().find(|(_, s)| s.kind == Kind::Lab && s.city == here).map(|(_, s)| (s.pos, s.health_milli))
}

/// What goes on by itself: bodies decay, and a raided laboratory loses what it had.
pub(super) fn run(battle: &mut Battle) {
    decay(battle);
    suffer_raid(battle);
}

/// A swarm about the laboratory costs research by the second, but no tier.
fn suffer_raid(battle: &mut Battle) {
    if !battle.tick.is_every(RAID_PERIOD_TICKS, 4) {
        return;
    }
    let n = battle.balance.sdf;
    let Some((lab, _)) = laboratory(battle) else { return };
    let swarm = &battle.swarm;
    let raiders = swarm.near(lab, metres(n.raid_range_m)).filter(|i| !swarm.soldiers[*i].underground).count();
    if Micro(swarm.mass_each.0 * raiders as i64) >= Micro::whole(n.raid_mass) {
        let second = Micro::milli(n.lab_raid_loss_milli_s);
        add(battle, Micro::ZERO - second.scaled(i64::from(RAID_PERIOD_TICKS), i64::from(TICK_HZ)));
    }
}

/// Bodies decay, the faster the more the swarm hides them.
fn decay(battle: &mut Battle) {
    if !battle.tick.is_every(DECAY_PERIOD_TICKS, 7) {
        return;
    }
    let n = battle.balance.sdf;
    let bodies = battle.structures.iter().filter(|(_, s)| s.kind == Kind::Carcass);
    let looked: Vec<(StructureId, bool)> = bodies.map(|(id, s)| (id, is_covered(battle, s.pos))).collect();
    for (id, covered) in looked {
        let body = &mut battle.structures[id];
        if covered {
            body.until.0 = body.until.0.saturating_sub(ticks(n.carcass_hidden_s as u32));
        }
        if battle.tick >= body.until || body.store <= Micro::ZERO {
            battle.structures.remove(id);
        }
    }
}

fn is_covered(battle: &Battle, pos: Pos) -> bool {
    let radius = metres(battle.balance.sdf.carcass_hidden_range_m);
    battle.swarm.near(pos, radius).any(|i| !battle.swarm.soldiers[i].underground)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;

    fn bodies(stage: &Stage) -> usize {
        stage.battle.structures.iter().filter(|(_, s)| s.kind == Kind::Carcass).count()
    }

    #[test]
    fn each_tier_is_announced_once_and_never_lost() {
        let mut stage = Stage::campaign();
        for (add_whole, told) in [(29, 0), (1, 1), (40, 2), (-50, 2), (39, 2), (60, 3), (60, 3)] {
            add(&mut stage.battle, Micro::whole(add_whole));
            let tiers = stage.battle.events.iter().filter(|e| e.kind == EventKind::ResearchTier).count();
            assert_eq!(tiers, told, "after {add_whole}, at {:?}", stage.battle.sdf.research);
        }
        assert_eq!(stage.battle.sdf.tier, 100);
    }

    #[test]
    fn without_the_rule_nothing_is_learnt() {
        let mut stage = Stage::campaign_without(Rule::Research);
        add(&mut stage.battle, Micro::whole(50));
        assert_eq!(stage.battle.sdf.research, Micro::ZERO);
    }

    #[test]
    fn a_raid_on_the_laboratory_costs_research_but_no_tier() {
        let lab = gamera_protocol::ground::city(gamera_protocol::ids::City::Sapporo).lab;
        for (soldiers, before, after) in [(10, 20, 15), (2, 20, 20), (10, 32, 30)] {
            let mut stage = Stage::campaign();
            add(&mut stage.battle, Micro::whole(before));
            stage.soldiers(soldiers, lab);
            for tick in 0..300 {
                stage.battle.tick = gamera_protocol::measure::Tick(tick);
                suffer_raid(&mut stage.battle);
            }
            assert_eq!(stage.battle.sdf.research.floor(), after, "{soldiers} soldiers at {before}");
        }
    }

    #[test]
    fn bodies_decay_in_a_minute_and_sooner_beneath_the_swarm() {
        let at = Pos::from_m(900, 1_500);
        for (soldiers, gone_s) in [(0, 60), (3, 13)] {
            let mut stage = Stage::campaign();
            lay_out(&mut stage.battle, at);
            lay_out(&mut stage.battle, at);
            assert_eq!(bodies(&stage), 1, "bodies side by side count as one");
            let gone = (1..=70).find(|_| {
                stage.battle.swarm.soldiers.clear();
                stage.soldiers(soldiers, at);
                stage.run(30);
                bodies(&stage) == 0
            });
            assert!(gone.is_some_and(|s| (gone_s - 2..=gone_s + 2).contains(&s)), "{soldiers} soldiers: {gone:?} s");
        }
    }
}
