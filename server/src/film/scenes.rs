//! The film, scene by scene: the beats that a scene ends with, and what each role does until then.
//!
//! A role that a scene does not name does what its row of [`MEANWHILE`] says.

use gamera_protocol::event::EventKind as E;
use gamera_protocol::ids::{City, Role};
use gamera_protocol::measure::ticks;

use super::actor::Act;
use super::acts::{gamera, legion, sdf};
use super::beats::{Beat, amount, any, at};

/// One scene.
pub(super) struct Scene {
    pub(super) name: &'static str,
    /// The scene is over once these have happened, in this order.
    pub(super) beats: &'static [Beat],
    /// The film ends in a scene that takes longer.
    pub(super) limit_ticks: u32,
    pub(super) cast: &'static [(Role, Act)],
}

pub(super) const fn scene(
    name: &'static str,
    limit_s: u32,
    beats: &'static [Beat],
    cast: &'static [(Role, Act)],
) -> Scene {
    Scene { name, beats, limit_ticks: ticks(limit_s), cast }
}

/// What everyone does whom a scene gives nothing else to do.
pub(super) const MEANWHILE: &[(Role, Act)] = &[
    (Role::LightBearer, gamera::bear_light),
    (Role::Asagi, gamera::sense),
    (Role::BroodLeader, legion::lie_low),
    (Role::Queen, legion::rest),
    (Role::Commander, sdf::evacuate),
    (Role::Tank, sdf::escort),
    (Role::Scientist, sdf::study),
];

/// The film.
#[rustfmt::skip]
pub(super) const SCENES: &[Scene] = &[
    scene("a light over the snow", 20, &[any(E::MeteorImpact)],
        &[(Role::Queen, legion::vote)]),
    scene("the empty warehouse", 180, &[any(E::GlassStolen), any(E::GuardSighting)],
        &[(Role::BroodLeader, legion::rob), (Role::Engineer, sdf::approach_hive)]),
    scene("plants out of concrete", 120, &[at(E::CityOvergrown, City::Sapporo)],
        &[(Role::BroodLeader, legion::harvest), (Role::Engineer, sdf::approach_hive)]),
    scene("down in the subway", 120, &[at(E::HiveDiscovered, City::Sapporo)],
        &[(Role::BroodLeader, legion::harvest), (Role::Queen, legion::nurse), (Role::Engineer, sdf::find_hive)]),
    scene("the pod", 200, &[at(E::PodErupted, City::Sapporo), at(E::OxygenStage, City::Sapporo)],
        &[(Role::BroodLeader, legion::harvest), (Role::Queen, legion::feed)]),
    scene("\"it is a launch pad\"", 60, &[any(E::LaunchpadTheory)],
        &[(Role::Commander, sdf::confer), (Role::Scientist, sdf::confer), (Role::BroodLeader, legion::harvest)]),
    scene("out of the sea", 120, &[at(E::GameraArrived, City::Sapporo)],
        &[(Role::Gamera, gamera::land), (Role::Queen, legion::withdraw), (Role::BroodLeader, legion::lie_low)]),
    scene("torn out by the roots", 60, &[at(E::FlowerUprooted, City::Sapporo)],
        &[(Role::Gamera, gamera::uproot), (Role::Queen, legion::withdraw), (Role::BroodLeader, legion::lie_in_wait)]),
    scene("\"for we are many\"", 60, &[any(E::GameraMobbed), any(E::LegionNamed)],
        &[(Role::Gamera, gamera::stand), (Role::Queen, legion::withdraw), (Role::BroodLeader, legion::mob)]),
    scene("back to the sea", 80, &[any(E::GameraRetreated)],
        &[(Role::Gamera, gamera::retreat), (Role::Queen, legion::leave), (Role::BroodLeader, legion::mob)]),
    scene("out of the ground", 60, &[any(E::QueenEmerged)],
        &[(Role::Gamera, gamera::heal), (Role::Queen, legion::emerge)]),
    scene("wings over Sendai", 240, &[any(E::QueenFlew), any(E::WingsBroken)],
        &[(Role::Gamera, gamera::wait_off_sendai), (Role::Queen, legion::fly_to_sendai), (Role::Jet, sdf::strafe),
          (Role::BroodLeader, legion::harvest), (Role::Engineer, sdf::wait_at_the_edge)]),
    scene("a second hive", 240, &[at(E::HivePlanted, City::Sendai)],
        &[(Role::Gamera, gamera::wait_off_sendai), (Role::Queen, legion::plant),
          (Role::BroodLeader, legion::harvest), (Role::Engineer, sdf::wait_at_the_edge)]),
    scene("the flower of Sendai", 200, &[at(E::FlowerBloomed, City::Sendai)],
        &[(Role::Gamera, gamera::wait_off_sendai), (Role::Queen, legion::bloom),
          (Role::BroodLeader, legion::harvest), (Role::Engineer, sdf::set_charges)]),
    scene("Gamera returns", 30, &[at(E::GameraArrived, City::Sendai)],
        &[(Role::Gamera, gamera::land), (Role::BroodLeader, legion::harvest)]),
    scene("left for dead", 90, &[any(E::GameraImpaled), any(E::HornBeam), any(E::GameraDowned)],
        &[(Role::Gamera, gamera::fight_at_the_flower), (Role::Queen, legion::ambush)]),
    scene("she crawls", 40, &[any(E::QueenBurrowed), any(E::GameraLimps)],
        &[(Role::Queen, legion::slip_away)]),
    scene("the end of Sendai", 60,
        &[at(E::FlowerToppled, City::Sendai), at(E::CityDetonated, City::Sendai), any(E::GameraComa)],
        &[(Role::Gamera, gamera::topple), (Role::Queen, legion::slip_away)]),
    scene("electromagnetism", 40, &[amount(E::ResearchTier, 60)],
        &[(Role::Queen, legion::slip_away), (Role::Scientist, sdf::finish_study)]),
    scene("a line hums", 150, &[any(E::LineEnergised), any(E::MarchDrawn)],
        &[(Role::Asagi, gamera::trek), (Role::Queen, legion::leave_sendai), (Role::Engineer, sdf::energise),
          (Role::Missiles, sdf::advance)]),
    scene("the jewel", 80, &[any(E::JewelShattered), any(E::GameraRevived)],
        &[(Role::Asagi, gamera::offer), (Role::Queen, legion::leave_sendai), (Role::Missiles, sdf::advance)]),
    scene("the march on Tokyo", 90, &[any(E::TokyoMarch), any(E::OutskirtsIntercept)],
        &[(Role::Gamera, gamera::shadow), (Role::Queen, legion::march), (Role::Engineer, sdf::energise),
          (Role::Missiles, sdf::advance)]),
    scene("the brood bursts", 200, &[any(E::BroodBurst), any(E::LineEnergised), any(E::SwarmLured)],
        &[(Role::Gamera, gamera::shadow), (Role::Queen, legion::burst), (Role::Engineer, sdf::energise),
          (Role::Missiles, sdf::advance), (Role::BroodLeader, legion::follow_queen)]),
    scene("missiles", 60, &[any(E::MissileVolley)],
        &[(Role::Gamera, gamera::duel), (Role::Queen, legion::face), (Role::Missiles, sdf::volley)]),
    scene("the horn", 120, &[any(E::HornTorn), any(E::QueenCollapsed)],
        &[(Role::Gamera, gamera::grab), (Role::Queen, legion::bait), (Role::Missiles, sdf::volley)]),
    scene("whips of light", 30, &[any(E::LaserWhips)],
        &[(Role::Gamera, gamera::duel), (Role::Queen, legion::whip), (Role::Missiles, sdf::volley)]),
    scene("light gathers", 60, &[any(E::GameraRoar), any(E::LightGathers)],
        &[(Role::Gamera, gamera::roar), (Role::Queen, legion::face), (Role::Missiles, sdf::volley)]),
    scene("ultimate plasma", 200, &[any(E::UltimatePlasma), any(E::QueenDestroyed)],
        &[(Role::Gamera, gamera::plasma), (Role::Queen, legion::face), (Role::Missiles, sdf::volley)]),
    scene("into the morning sky", 30, &[any(E::GameraAscended), any(E::Epilogue)], &[]),
];
