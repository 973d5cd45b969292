//! The film as a test: it holds its beats and its conditions, is the same again, and misses a rule
//! that is taken out.

use std::sync::LazyLock;

use gamera_protocol::balance::Rule;
use gamera_protocol::event::EventKind;
use gamera_protocol::measure::Tick;

use super::*;

/// The beats of the film, in their order.
const BEATS: &str = "MeteorImpact GlassStolen GuardSighting CityOvergrown HiveDiscovered PodErupted OxygenStage \
    LaunchpadTheory GameraArrived FlowerUprooted GameraMobbed LegionNamed GameraRetreated QueenEmerged QueenFlew \
    WingsBroken HivePlanted FlowerBloomed GameraArrived GameraImpaled HornBeam GameraDowned QueenBurrowed GameraLimps \
    FlowerToppled CityDetonated GameraComa ResearchTier LineEnergised MarchDrawn JewelShattered GameraRevived \
    TokyoMarch OutskirtsIntercept BroodBurst LineEnergised SwarmLured MissileVolley HornTorn QueenCollapsed LaserWhips \
    GameraRoar LightGathers UltimatePlasma QueenDestroyed GameraAscended Epilogue";

static FILM: LazyLock<Film> = LazyLock::new(|| play(SEED, RuleSet::default()));

fn without(rule: Rule) -> Film {
    let mut rules = RuleSet::default();
    rules.remove(rule);
    play(SEED, rules)
}

#[test]
fn the_scenes_hold_every_beat_of_the_film_in_its_order() {
    let wanted: Vec<&str> = BEATS.split_whitespace().collect();
    let held: Vec<&str> = beats().map(|beat| beat.event.label()).collect();
    assert_eq!(held, wanted);
    assert_eq!(held.len(), 47);
}

#[test]
fn the_film_shows_all_that_it_has_to() {
    assert_eq!(FILM.flaws, [], "`cargo run --release -p gamera-loadtest -- film` shows how far it comes");
    let seen: Vec<Beat> = FILM.beats.iter().map(|s| s.beat).collect();
    assert_eq!(seen, beats().collect::<Vec<_>>());
    let mut log = FILM.log.iter();
    for beat in beats() {
        assert!(log.any(|event| beat.is(event)), "{beat} is not in the log after the beat before it");
    }
}

#[test]
fn no_seed_leaves_no_bond_outlives_the_jewel_and_gamera_and_the_sdf_win() {
    let count = |kind| FILM.log.iter().filter(|e| e.kind == kind).count();
    assert_eq!((count(EventKind::SeedLaunched), count(EventKind::HivePlanted)), (0, 1));
    let jewel = FILM.log.iter().position(|e| e.kind == EventKind::JewelShattered).unwrap();
    assert!(FILM.log[jewel..].iter().all(|e| e.kind != EventKind::BondLink));
    let verdict = FILM.verdict.unwrap();
    assert_eq!((verdict.war, verdict.sdf), (gamera_protocol::ids::Side::Gamera, true));
}

#[test]
fn the_film_is_the_same_when_it_is_played_again() {
    let again = play(SEED, RuleSet::default());
    assert_eq!(again.hash, FILM.hash);
    assert_eq!(again.log, FILM.log);
}

#[test]
fn the_film_misses_a_rule_that_is_taken_out() {
    // What only a fact or a road shows, and a few beats; `film --mutate all` takes out each rule.
    for (rule, by) in [
        (Rule::Meteor, "MeteorImpact"),
        (Rule::Naming, "LegionNamed"),
        (Rule::Limp, "GameraDowned"),
        (Rule::Grab, "HornTorn"),
        (Rule::Vigil, "sonar"),
        (Rule::Claws, "MissileVolley"),
        (Rule::Bond, "Asagi"),
        (Rule::Motes, "mote"),
        (Rule::Wariness, "wary"),
        (Rule::Ignition, "FlowerIgnited"),
        (Rule::Launch, "SeedLaunched"),
    ] {
        let flaws = without(rule).flaws;
        let first = flaws.first().map(ToString::to_string).unwrap_or_default();
        assert!(first.contains(by), "{rule}: {first:?}");
    }
}

#[test]
fn a_scene_that_waits_in_vain_ends_the_film_and_says_for_what() {
    let film = without(Rule::Guards);
    let [Flaw::Missing { scene, beat }] = film.flaws[..] else { panic!("{:?}", film.flaws) };
    assert_eq!((scene, beat.event), ("the empty warehouse", EventKind::GuardSighting));
    assert!(film.verdict.is_none());
    assert!(film.log.last().is_some_and(|e| e.tick < Tick(gamera_protocol::measure::ticks(200))));
}
