//! How the queen fights: the egg chamber, legs, horn and its stump, claws; and when she slips away.

use gamera_protocol::ground;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::{SeatInput, Verb};
use gamera_protocol::measure::metres;
use gamera_protocol::view::GameraState;

use super::{MEET_AT_M, Scene, go_under, is_worn, land};
use crate::bots::look;
use crate::bots::mind::Mind;

/// Below this horn (thousandths) she charges no beam with Gamera beside her.
const HORN_AT_RISK: u16 = 400;
/// Gamera counts as beside her within this, metres.
const BESIDE_M: i32 = 120;
/// Opens the egg chamber below this mass.
const BURST_BELOW_M: u16 = 340;
/// A Gamera that is pinned or off her balance stays so long enough for a charge that begins within so
/// many ticks.
const OPENING_TICKS: u32 = 24;

/// A Gamera that is down is left for dead; one that crawls on is ended for good.
pub(super) fn execute(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let crawls = scene.gamera_state == Some(GameraState::Limping);
    let body = scene.gamera_within(500).filter(|_| crawls)?;
    Some(look::walk_and(scene.view, body.pos, mind.balance.legion.execute_range_m * 5 / 6, Verb::Execute))
}

pub(super) fn burst(_mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let use_it = scene.me.egg_chamber_permille > 0 && scene.legion.mass < BURST_BELOW_M;
    (use_it && scene.rival(800).is_some() && look::is_ready(scene.view, Verb::BroodBurst))
        .then(|| look::rest().doing(Verb::BroodBurst))
}

pub(super) fn impale(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let rival = scene.rival(mind.balance.legion.impale_range_m)?;
    let busy = look::is_busy_with(scene.view, Verb::Beam);
    (!busy && look::is_ready(scene.view, Verb::Impale))
        .then(|| look::walk(scene.view, rival.pos, 30).doing(Verb::Impale).at(rival.pos))
}

pub(super) fn whips(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let rival = scene.rival(mind.balance.legion.whips_range_m)?;
    let beside = look::is_within(scene.view, rival.pos, mind.balance.legion.melee_range_m);
    (scene.me.horn_permille == 0 && !beside)
        .then(|| look::walk(scene.view, rival.pos, 60).doing(Verb::Whips).at(rival.pos))
}

/// The beam. Beside her Gamera has the horn within her grasp: there it is charged to its end while she
/// is pinned or off her balance, or where a bot dares it with a strong horn; else it is let go before the
/// window of the grab opens, and a grab at nothing makes the opening.
pub(super) fn beam(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let rival = scene.rival(mind.balance.legion.beam_range_m * 9 / 10)?;
    let charging = look::is_busy_with(scene.view, Verb::Beam);
    let can = scene.me.horn_permille > 0 && (charging || look::is_ready(scene.view, Verb::Beam));
    if !can {
        return None;
    }
    let strong = scene.me.horn_permille >= HORN_AT_RISK;
    if !charging {
        let dares = mind.rng.chance_permille(mind.level.dares_permille());
        mind.memory.means_it = has_opening(mind, scene) || (dares && strong);
    }
    let input = look::rest().at(rival.pos);
    let beside = look::is_within(scene.view, rival.pos, BESIDE_M);
    match (beside, mind.memory.means_it, charging) {
        (false, ..) | (_, true, _) => Some(input.doing(Verb::Beam)),
        (true, false, true) => Some(if opens_soon(mind, scene) { input } else { input.doing(Verb::Beam) }),
        (true, false, false) => {
            let baits = strong && mind.rng.chance_permille(mind.level.baits_permille());
            baits.then(|| input.doing(Verb::Beam))
        }
    }
}

/// True where Gamera cannot reach for the horn before a charge that begins now is over.
fn has_opening(mind: &Mind, scene: &Scene<'_>) -> bool {
    mind.memory.gamera_helpless.is_some_and(|since| scene.view.tick().since(since) <= OPENING_TICKS)
}

/// True where the horn can be grabbed before she thinks again.
fn opens_soon(mind: &Mind, scene: &Scene<'_>) -> bool {
    let opens = mind.balance.gamera.grab_window_open_ticks as u32;
    let done = scene.view.own.channel.map_or(0, |(_, done, _)| u32::from(done));
    done + mind.level.reaction_ticks() >= opens
}

pub(super) fn fight(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let rival = scene.rival(MEET_AT_M)?;
    if look::flies(scene.view) && look::is_within(scene.view, rival.pos, 200) {
        return Some(land());
    }
    Some(look::walk_and(scene.view, rival.pos, mind.balance.legion.melee_range_m, Verb::Strike))
}

/// Beside the flower, striking at what comes near; under again when all is quiet.
pub(super) fn guard(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    let n = &mind.balance.legion;
    if look::flies(scene.view) {
        return Some(land());
    }
    let foe = look::nearest_foe(scene.view, n.guard_range_m * 2);
    let post = scene.flower.map(|f| f.pos);
    if let Some(foe) = foe.filter(|t| post.is_none_or(|p| t.pos.within(p, metres(n.guard_range_m * 2)))) {
        return Some(look::walk_and(scene.view, foe.pos, n.melee_range_m, Verb::Strike));
    }
    match post {
        Some(post) if !look::is_within(scene.view, post, n.guard_range_m / 2) => Some(look::walk(scene.view, post, 50)),
        Some(_) if foe.is_none() => Some(go_under(scene)),
        Some(_) => Some(look::rest()),
        None => Some(hunt(scene)),
    }
}

/// With no flower left she starves: Gamera has to fall.
fn hunt(scene: &Scene<'_>) -> SeatInput {
    let gamera = scene.view.things.of_kind(Kind::Gamera).next().map(|g| g.pos);
    look::walk(scene.view, gamera.unwrap_or(ground::city_centre(scene.view.team.city)), 60)
}

/// Slips away underground from a fight that she is losing.
pub(super) fn withdraw(mind: &mut Mind, scene: &Scene<'_>) -> Option<SeatInput> {
    (is_worn(mind, scene) && scene.rival(MEET_AT_M).is_some()).then(|| go_under(scene))
}
