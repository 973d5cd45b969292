//! The search for a weakness: what is learnt, when it becomes a tier, and the dead that it needs.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Kind, Layer};
use gamera_protocol::measure::{Pos, metres, ticks};

use super::super::Battle;
use super::super::fixed::Micro;
use super::super::structure::{Structure, StructureId};

/// How often the dead are looked at.
const DECAY_PERIOD_TICKS: u32 = 30;

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

/// Bodies decay, the faster the more the swarm hides them.
pub(super) fn run(battle: &mut Battle) {
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
