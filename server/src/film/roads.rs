//! Roads not taken: rules that the film needs although it must not show their event. The film's inputs
//! are played again up to a beat; from there the cast does otherwise, and what the film averts comes.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{City, Role};
use gamera_protocol::input::TickInputs;

use super::acts::sdf;
use super::beats::{Beat, at};
use super::director::{Director, Seen};
use super::reel::Reel;
use super::scenes::{Scene, scene};

/// One road.
pub(super) struct Road {
    pub(super) rule: Rule,
    /// Where it leaves the film: after this beat.
    from: Beat,
    /// What is played from there; its one beat is what has to come.
    scene: &'static [Scene; 1],
}

impl Road {
    /// What has to come.
    pub(super) fn expects(&self) -> Beat {
        self.scene[0].beats[0]
    }
}

#[rustfmt::skip]
pub(super) const ROADS: &[Road] = &[
    Road { rule: Rule::Ignition, from: at(EventKind::FlowerBloomed, City::Sendai), scene: &[
        scene("had the battery fired", 40, &[at(EventKind::FlowerIgnited, City::Sendai)],
            &[(Role::Missiles, sdf::fire_at_the_flower)]),
    ] },
    Road { rule: Rule::Launch, from: at(EventKind::FlowerBloomed, City::Sendai), scene: &[
        scene("had Gamera not come", 180, &[at(EventKind::SeedLaunched, City::Sendai)], &[]),
    ] },
];

/// Walks `road`; `Some` with what happened on it where what had to come did.
pub(super) fn walk(road: &Road, reel: &Reel, seen: &[Seen]) -> Option<Vec<Event>> {
    let turn = seen.iter().find(|s| s.beat == road.from)?.event.tick;
    let mut set = reel.replay(turn.after(1));
    let mut director = Director::new(&set, road.scene);
    let mut inputs = TickInputs::default();
    let before = set.log().len();
    while director.missing().is_some() && !director.is_stuck(set.now()) && !set.battle().is_over() {
        inputs.clear();
        director.direct(&set, &mut inputs);
        let now = set.now();
        director.note(set.step(&inputs), now);
    }
    director.missing().is_none().then(|| set.log()[before..].to_vec())
}
