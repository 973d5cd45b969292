//! Whole matches, played by bots without a network.

use gamera_protocol::balance::Balance;
use gamera_protocol::event::EventKind;
use gamera_protocol::ids::{City, Side};
use gamera_protocol::measure::{Tick, ticks};
use gamera_protocol::view::Verdict;
use gamera_server::bots::Level;
use gamera_server::headless::Headless;
use gamera_server::sim::{MatchConfig, Mode, Scene};

/// What is left of a match once it is over.
#[derive(PartialEq, Eq, Debug)]
struct Outcome {
    verdict: Verdict,
    hash: u64,
    heard: Vec<(Tick, EventKind)>,
}

fn play(mode: Mode, seed: u64) -> Outcome {
    let config = MatchConfig { mode, scene: Scene::Opening, seats: 16, seed, balance: Balance::default() };
    let mut game = Headless::new(&config, Level::Normal, seed);
    let mut heard = Vec::new();
    let longest = ticks(17 * 60);
    while !game.battle().is_over() {
        assert!(game.battle().tick().0 < longest, "a match ends by itself");
        heard.extend(game.step().iter().map(|e| (e.tick, e.kind)));
    }
    let verdict = *game.battle().verdict().expect("a match that is over has a verdict");
    Outcome { verdict, hash: game.battle().hash(), heard }
}

#[test]
fn a_quick_match_is_played_to_the_same_end_twice() {
    let mode = Mode::Quick { city: City::Tokyo };
    let first = play(mode, 11);
    assert_eq!(first, play(mode, 11));
    assert_ne!(first.hash, play(mode, 12).hash);
    assert!(first.verdict.war != Side::Sdf, "the war is won by Gamera or the Legion");
    assert!(first.verdict.at <= Tick(ticks(360)), "a quick match ends after six minutes");
}

#[test]
fn a_campaign_of_bots_reaches_its_verdict() {
    let outcome = play(Mode::Campaign, 3);
    let heard = |kind| outcome.heard.iter().any(|(_, k)| *k == kind);
    for kind in [EventKind::HiveFounded, EventKind::PodErupted, EventKind::GameraArrived, EventKind::EvacConvoy] {
        assert!(heard(kind), "{kind:?}");
    }
}
