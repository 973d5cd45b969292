//! The film, replayed: a campaign match whose inputs are a script, and what it shows.
//!
//! Invariant: the script reads the whole battle and gives it [`TickInputs`], nothing else: no rule and
//! no number is overridden. So whatever the film shows, a match can.
//!
//! `scenes` is the script and the list of its beats; `acts` is what each role does in a scene; `director`
//! goes through the scenes; `facts` and `roads` are what the film shows beyond its beats, so that each
//! rule of the battle is needed by something.

mod actor;
mod acts;
mod beats;
mod director;
mod facts;
mod flaw;
mod reel;
mod roads;
mod scenes;
mod set;
#[cfg(test)]
mod tests;

pub use beats::Beat;
pub use director::Seen;
pub use flaw::Flaw;

use gamera_protocol::balance::{Balance, RuleSet};
use gamera_protocol::event::Event;
use gamera_protocol::input::TickInputs;
use gamera_protocol::view::Verdict;

use crate::sim::{MatchConfig, Mode, Scene};
use director::Director;
use facts::Witness;
use reel::Reel;
use set::Set;

/// Seats of the match that the film is played in.
const SEATS: u16 = 16;

/// The seed of the film as it is shown. Of the seeds 1 to 24, 14 show it whole; with 5 of the others no mote
/// reaches Gamera, with 4 the missiles come too late.
pub const SEED: u64 = 19;

/// A film as it was played.
#[derive(Clone, Debug)]
pub struct Film {
    /// The beats that were seen, in order.
    pub beats: Vec<Seen>,
    /// Everything that happened.
    pub log: Vec<Event>,
    /// What would have happened on the roads not taken.
    pub averted: Vec<Event>,
    /// The state hash at the end.
    pub hash: u64,
    /// How the match ended, if it did.
    pub verdict: Option<Verdict>,
    /// What is wrong with it, the first first; empty where all is as it should be.
    pub flaws: Vec<Flaw>,
}

impl Film {
    /// True where every beat and every condition holds.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.flaws.is_empty()
    }
}

/// Every beat of the film, in order.
pub fn beats() -> impl Iterator<Item = Beat> {
    scenes::SCENES.iter().flat_map(|scene| scene.beats).copied()
}

/// Plays the film with these rules in force; all of them is the film, one less a mutation that has to
/// be noticed.
#[must_use]
pub fn play(seed: u64, rules: RuleSet) -> Film {
    let balance = Balance { rules, ..Balance::default() };
    let config = MatchConfig { mode: Mode::Campaign, scene: Scene::Opening, seats: SEATS, seed, balance };
    let mut set = Set::new(&config);
    let mut director = Director::new(&set, scenes::SCENES);
    let mut witness = Witness::new(&set);
    let mut reel = Reel::new(config);
    while !set.battle().is_over() && !director.is_stuck(set.now()) {
        let mut inputs = TickInputs::default();
        director.direct(&set, &mut inputs);
        let now = set.now();
        director.note(set.step(&inputs), now);
        witness.watch(&set);
        reel.push(inputs);
    }
    judge(&set, &director, &witness, &reel)
}

/// Gathers what is wrong: the beat that did not come; else what the film must not or must show. Roads
/// not taken are only tried where the film itself is right.
fn judge(set: &Set, director: &Director, witness: &Witness, reel: &Reel) -> Film {
    let mut flaws: Vec<Flaw> = director.missing().into_iter().collect();
    if flaws.is_empty() {
        flaws.extend(facts::broken(set, witness));
    }
    let hash = set.battle().hash();
    let mut averted = Vec::new();
    if flaws.is_empty() {
        let again = reel.replay(set.now()).battle().hash();
        flaws.extend((again != hash).then_some(Flaw::Hash { again }));
        for road in roads::ROADS {
            match roads::walk(road, reel, &director.beats) {
                Some(events) => averted.extend(events),
                None => flaws.push(Flaw::Road { rule: road.rule, expected: road.expects() }),
            }
        }
    }
    let (beats, log) = (director.beats.clone(), set.log().to_vec());
    Film { beats, log, averted, hash, verdict: set.battle().verdict().copied(), flaws }
}
