//! The match as a whole: which city, which phase, overtime.

use gamera_protocol::ids::City;
use gamera_protocol::measure::Tick;
use gamera_protocol::view::{Phase, QueenState, Verdict};

use super::Battle;
use super::knowledge::survival_permille;

/// Where the match stands.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Campaign {
    pub(in crate::sim) phase: Phase,
    /// The city that is fought over, or will be next.
    pub(in crate::sim) city: City,
    /// When the present phase began.
    pub(in crate::sim) since: Tick,
    pub(in crate::sim) overtime: bool,
    pub(in crate::sim) verdict: Option<Verdict>,
}

/// Scores by side, 0..=1,000.
pub(in crate::sim) fn scores(battle: &Battle) -> [u16; 3] {
    let n = &battle.balance.campaign;
    let best_oxygen = battle.legion.hives.iter().flatten().map(|h| h.oxygen.floor()).max().unwrap_or(0);
    let legion = n.score_seed * battle.legion.seeds + n.score_oxygen * best_oxygen.clamp(0, 100) / 100;
    let hives = battle.legion.hives.iter().flatten().count() as i32;
    let stopped = battle.legion.hives.iter().flatten().filter(|h| h.dead).count() as i32 - battle.legion.seeds;
    let queen_dead = battle.legion.queen.state == QueenState::Dead;
    let trust_permille = 1_000 - battle.gamera.wariness.floor().clamp(0, 100) * 5;
    let gamera = if queen_dead { n.score_queen } else { 0 }
        + n.score_flowers * stopped.max(0) / hives.max(1)
        + n.score_trust * trust_permille / 1_000;
    let free_fire = if battle.sdf.weapons_free { battle.balance.sdf.weapons_free_score } else { 0 };
    let sdf = n.score_survival * survival_permille(battle) / 1_000 - free_fire;
    [gamera, legion, sdf].map(|score| score.clamp(0, 1_000) as u16)
}
