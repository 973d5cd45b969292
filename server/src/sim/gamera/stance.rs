//! How Gamera stands: what slows her, what can hurt her, who is beside her.

use gamera_protocol::ids::{Kind, Layer, Side};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{metres, ticks_tenths};
use gamera_protocol::view::{GameraState, Marks};

use super::{body, body_mut};
use crate::sim::Battle;
use crate::sim::hit::Hit;

/// Slows her drive by what she is doing and what is done to her, and marks how she is.
pub(in crate::sim) fn stand(battle: &mut Battle) {
    let state = battle.gamera.state;
    let busy = body(battle).seat.and_then(|seat| battle.seats[seat.index()].channel).map(|c| c.verb);
    let rooted = battle.gamera.lift_off_at.is_some()
        || matches!(busy, Some(Verb::Uproot | Verb::Roar | Verb::Plasma)) && state == GameraState::Active;
    let staggered = battle.tick < battle.gamera.staggered_until;
    let slowed_pct = battle.balance.sdf.stagger_pct;
    let helpless = matches!(state, GameraState::Down | GameraState::Coma | GameraState::Dead);
    let body = body_mut(battle);
    body.marks = body.marks.with(Marks::HELPLESS, helpless || state == GameraState::Limping);
    if rooted {
        body.drive.speed_permille = 0;
    } else if staggered {
        body.drive.speed_permille = body.drive.speed_permille * (100 - slowed_pct.clamp(0, 100)) as u16 / 100;
    }
}

/// True where the queen stands within reach of her arms.
pub(in crate::sim) fn is_adjacent_to_queen(battle: &Battle) -> bool {
    let (gamera, queen) = (body(battle), &battle.units[battle.legion.queen.unit]);
    let on_ground = |unit: &crate::sim::unit::Unit| unit.is_up() && unit.layer() == Layer::Surface;
    let reach = metres(battle.balance.gamera.grab_range_m + battle.balance.units.of(Kind::Queen).radius_m);
    on_ground(gamera) && on_ground(queen) && gamera.pos().within(queen.pos(), reach)
}

/// True while blows reach her: not under water, not gone, and not in the coma's stillness.
pub(in crate::sim) fn may_be_hurt(battle: &Battle) -> bool {
    let reached = matches!(battle.gamera.state, GameraState::Active | GameraState::Down | GameraState::Limping);
    reached && body(battle).present
}

/// The SDF's fire does her no harm, but she staggers. True where `hit` was such fire.
pub(in crate::sim) fn stagger(battle: &mut Battle, hit: &Hit) -> bool {
    let by_sdf = hit.by.is_some_and(|seat| battle.seats[seat.index()].role.side() == Side::Sdf);
    if by_sdf {
        let tenths = battle.balance.gamera.stagger_ds as u32;
        battle.gamera.staggered_until = battle.tick.after(ticks_tenths(tenths));
    }
    by_sdf
}
