//! No rule is half there: each has its event or says why it has none, its verb or runs by itself, its
//! place in the battle, its scenario, its line in the README; and bots or the film make it happen, but
//! for what a few matches need not bring.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gamera_protocol::balance::{Balance, Rule, RuleSet};
use gamera_protocol::event::{Event, EventKind, tell};
use gamera_protocol::ids::City;
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Tick, ticks};
use gamera_server::bots::Level;
use gamera_server::film;
use gamera_server::headless::Headless;
use gamera_server::sim::{MatchConfig, Mode, Scene};

/// What a rule is played with and told by.
struct System {
    /// Empty where it runs by itself.
    verbs: &'static [Verb],
    events: &'static [EventKind],
}

const fn system(verbs: &'static [Verb], events: &'static [EventKind]) -> System {
    System { verbs, events }
}

/// A rule that is missing here does not compile.
#[rustfmt::skip]
const fn system_of(rule: Rule) -> System {
    use EventKind as E;
    use Verb as V;
    match rule {
        Rule::Vigil       => system(&[V::Patrol],   &[E::GameraSighted]),
        Rule::Meteor      => system(&[V::Sample],   &[E::MeteorImpact, E::MeteorBearing, E::MeteorTriangulated]),
        Rule::Harvest     => system(&[V::Harvest, V::Remove], &[E::GlassStolen, E::CacheRemoved]),
        Rule::Guards      => system(&[],            &[E::GuardSighting]),
        Rule::Overgrowth  => system(&[V::Clear],    &[E::CityOvergrown, E::PlantsCleared]),
        Rule::Hatch       => system(&[V::Dig],      &[E::HiveFounded, E::BurrowDug, E::BurrowClosed]),
        Rule::Discovery   => system(&[V::Sensor],   &[E::HiveDiscovered, E::SensorSet]),
        Rule::Feed        => system(&[],            &[E::PodErupted, E::FlowerBloomed]),
        Rule::Oxygen      => system(&[],            &[E::OxygenStage]),
        Rule::Charges     => system(&[V::Charge],   &[E::ChargeSet, E::ChargeBlown]),
        Rule::Ignition    => system(&[V::Strike],   &[E::FlowerIgnited]),
        Rule::Confer      => system(&[V::Confer],   &[E::LaunchpadTheory]),
        Rule::Launch      => system(&[],            &[E::SeedLaunched]),
        Rule::Blast       => system(&[],            &[E::CityDetonated]),
        Rule::Evacuation  => system(&[V::Escort, V::Block], &[E::EvacConvoy, E::ConvoyLost, E::CityAlarmed, E::RoadBlocked, E::RoadCleared]),
        Rule::Arrival     => system(&[],            &[E::GameraArrived]),
        Rule::Flight      => system(&[V::Fly],      &[E::GameraFlew]),
        Rule::Uproot      => system(&[V::Uproot],   &[E::FlowerUprooted]),
        Rule::Mob         => system(&[V::Mob, V::Shake], &[E::GameraMobbed]),
        Rule::Naming      => system(&[],            &[E::LegionNamed]),
        Rule::Retreat     => system(&[V::Dive],     &[E::GameraRetreated]),
        Rule::Emerge      => system(&[V::Burrow],   &[E::QueenEmerged]),
        Rule::QueenFlight => system(&[V::Fly],      &[E::QueenFlew]),
        Rule::Strafe      => system(&[V::Strike],   &[E::WingsBroken]),
        Rule::Plant       => system(&[V::Plant],    &[E::HivePlanted]),
        Rule::Impale      => system(&[V::Impale],   &[E::GameraImpaled, E::LegBroken]),
        Rule::HornBeam    => system(&[V::Beam],     &[E::HornBeam, E::HornBroken]),
        // A fireball is seen; what it does is told by what it hits.
        Rule::Fireball    => system(&[V::Fireball], &[]),
        Rule::Claws       => system(&[],            &[E::ClawsBroken]),
        Rule::Burrow      => system(&[V::Burrow],   &[E::BlastSensed, E::QueenBurrowed]),
        Rule::Limp        => system(&[V::Uproot, V::Execute], &[E::GameraDowned, E::GameraLimps, E::FlowerToppled, E::GameraDied]),
        Rule::Coma        => system(&[],            &[E::GameraComa]),
        Rule::Bond        => system(&[V::Sense],    &[E::BondLink]),
        Rule::Jewel       => system(&[V::Offer],    &[E::JewelShattered, E::GameraRevived]),
        Rule::Research    => system(&[V::Sample],   &[E::ResearchTier]),
        Rule::Lure        => system(&[V::Energise, V::Resist, V::Sabotage, V::Remove], &[E::LineEnergised, E::SwarmLured, E::MarchDrawn, E::LineCut, E::LineRepaired]),
        Rule::March       => system(&[],            &[E::TokyoMarch]),
        Rule::Intercept   => system(&[],            &[E::OutskirtsIntercept]),
        Rule::BroodBurst  => system(&[V::BroodBurst], &[E::BroodBurst, E::EggChamberBroken]),
        Rule::Missiles    => system(&[V::Volley],   &[E::MissileVolley]),
        Rule::Grab        => system(&[V::Grab],     &[E::HornTorn, E::QueenCollapsed]),
        Rule::Whips       => system(&[V::Whips],    &[E::LaserWhips]),
        Rule::Roar        => system(&[V::Roar],     &[E::GameraRoar, E::LightGathers]),
        Rule::Motes       => system(&[V::Carry],    &[E::MoteDelivered]),
        Rule::Plasma      => system(&[V::Plasma],   &[E::UltimatePlasma, E::QueenDestroyed]),
        Rule::Ascension   => system(&[],            &[E::GameraAscended]),
        Rule::Wariness    => system(&[V::Calm],     &[E::CitizensCalmed, E::WarinessThreshold, E::WeaponsFree]),
    }
}

/// Events of the match itself and of every seat, which no rule switches.
const OF_THE_MATCH: [EventKind; 6] = [
    EventKind::PhaseBegan,
    EventKind::Overtime,
    EventKind::Epilogue,
    EventKind::SeatDowned,
    EventKind::SeatReturned,
    EventKind::OrderGiven,
];

/// Events that neither a few matches of normal bots nor the film need bring, each with its reason: how
/// bots come to each verb is in their own tests, what a verb does in the battle's.
#[rustfmt::skip]
const RARE: &[(EventKind, &str)] = &[
    (EventKind::GameraDied,         "needs a second knock-out or an execution"),
    (EventKind::EggChamberBroken,   "Gamera has to get behind the queen"),
    (EventKind::LegBroken,          "1,200 points on one leg"),
    (EventKind::HornBroken,         "Gamera mostly tears it off before it is shot off"),
    (EventKind::WarinessThreshold,  "Gamera's bot kills few citizens"),
    (EventKind::WeaponsFree,        "follows from WarinessThreshold"),
    (EventKind::Overtime,           "most matches end before"),
    (EventKind::RoadBlocked,        "one raider of five has it once in ten minutes"),
    (EventKind::RoadCleared,        "follows from RoadBlocked"),
    (EventKind::LineRepaired,       "a cut line is seldom within an engineer's way"),
    (EventKind::CacheRemoved,       "30 s beside the swarm"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The battle's sources: what runs, and what tests it.
fn sources() -> (String, String) {
    let (mut runs, mut tests) = (String::new(), String::new());
    let mut open = vec![root().join("server/src/sim")];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
            runs.push_str(&text[..end]);
            tests.push_str(&text[end..]);
        }
    }
    (runs, tests)
}

/// True where `text` names `name` and not a longer name.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| !text[at + name.len()..].starts_with(|c: char| c.is_alphanumeric()))
}

#[test]
fn every_rule_is_in_force_somewhere_and_its_events_happen_and_are_tested() {
    let (runs, tests) = sources();
    for rule in Rule::ALL {
        assert!(names(&runs, &format!("Rule::{rule:?}")), "nothing asks for the rule {rule}");
        for kind in system_of(*rule).events {
            let name = format!("EventKind::{kind:?}");
            assert!(names(&runs, &name), "{rule}: nothing tells {kind:?}");
            assert!(names(&tests, &name), "{rule}: no scenario expects {kind:?}");
        }
    }
    for kind in OF_THE_MATCH {
        assert!(names(&runs, &format!("EventKind::{kind:?}")), "nothing tells {kind:?}");
    }
}

#[test]
fn every_event_and_every_verb_belongs_to_a_rule_and_is_told_in_words() {
    let of_rules: Vec<EventKind> = Rule::ALL.iter().flat_map(|rule| system_of(*rule).events).copied().collect();
    for kind in EventKind::ALL {
        let belongs = of_rules.contains(kind) || OF_THE_MATCH.contains(kind);
        assert!(belongs, "{kind:?} belongs to no rule");
        let line = tell(&Event::new(Tick(0), *kind).in_city(City::Sendai), "Honami");
        assert!(line.len() > 8 && !line.contains(['{', '}']), "{kind:?}: {line}");
    }
    for verb in Verb::ALL {
        assert!(Rule::ALL.iter().any(|rule| system_of(*rule).verbs.contains(verb)), "{verb} belongs to no rule");
    }
}

#[test]
fn every_event_of_a_rule_has_its_place_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let table = &readme[readme.find("## The systems").unwrap()..];
    for kind in Rule::ALL.iter().flat_map(|rule| system_of(*rule).events) {
        assert!(names(table, kind.label()), "{kind:?} is not in README's table of systems");
    }
}

/// Adds what happens in a match of normal bots.
fn play(mode: Mode, seats: u16, seed: u64, heard: &mut BTreeSet<usize>) {
    let config = MatchConfig { mode, scene: Scene::Opening, seats, seed, balance: Balance::default() };
    let mut game = Headless::new(&config, Level::Normal, seed);
    while !game.battle().is_over() && game.battle().tick() < Tick(ticks(1_020)) {
        heard.extend(game.step().iter().map(|e| e.kind.index()));
    }
}

#[test]
fn bots_and_the_film_make_everything_happen() {
    let mut heard = BTreeSet::new();
    for seed in 1..=6 {
        play(Mode::Campaign, 16, seed, &mut heard);
    }
    for city in City::ALL {
        play(Mode::Quick { city: *city }, 16, 1, &mut heard);
    }
    let film = film::play(film::SEED, RuleSet::default());
    heard.extend(film.log.iter().chain(&film.averted).map(|e| e.kind.index()));
    let rare = |kind: &EventKind| RARE.iter().any(|(k, why)| k == kind && !why.is_empty());
    let missing: Vec<&EventKind> =
        EventKind::ALL.iter().filter(|kind| !heard.contains(&kind.index()) && !rare(kind)).collect();
    assert!(missing.is_empty(), "neither bots nor the film brought about {missing:?}");
}
