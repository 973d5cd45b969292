//! Gamera: when she reaches for the horn, and what a fireball is for.

use gamera_protocol::ids::Kind;
use gamera_protocol::input::Verb;
use gamera_protocol::view::Marks;

use super::made::*;
use crate::bots::Level;

#[test]
fn the_horn_is_grabbed_in_the_window_of_its_charge_at_every_level() {
    // The charge began up to one thought before it was first seen; the window of a whole horn is 45 to 60. Easy
    // bots think too seldom to be sure of a thought in it, and count.
    for (level, seen_ticks) in [(Level::Easy, 45), (Level::Normal, 48), (Level::Hard, 48)] {
        let grabs: Vec<u32> = (0..20).filter_map(|seed| first_grab(level, seed)).collect();
        assert_eq!(grabs.iter().min(), Some(&seen_ticks), "{level:?}: {grabs:?}");
    }
}

/// How long a charge had been seen when a bot first grabbed, ticks.
fn first_grab(level: Level, seed: u64) -> Option<u32> {
    let made = gamera().put(Kind::Queen, at(50, 0), Marks::TELL);
    let mut bot = made.bot_of(level, seed);
    (0..60).find(|passed| {
        let now = NOON.after(*passed);
        if passed.is_multiple_of(level.reaction_ticks()) {
            made.clone().with(|m| m.own.tick = now).think(&mut bot);
        }
        bot.held(now).verb == Some(Verb::Grab)
    })
}

#[test]
fn a_fireball_goes_where_the_swarm_stands_thick() {
    // A soldier of a match of 16 is one M.
    for (many, burns) in [(24, false), (26, true)] {
        let stands = |m: Made, i| m.put(Kind::Soldier, at(300 + i % 6 * 3, i / 6 * 3), PLAIN);
        let dense = (0..many).fold(gamera().flower(at(40, 0), 3, 60), stands);
        assert_eq!(dense.verb() == Some(Verb::Fireball), burns, "{many} soldiers");
    }
    let thin = (0..40).fold(gamera().flower(at(40, 0), 3, 60), |m, i| m.put(Kind::Soldier, at(200 + i * 10, 0), PLAIN));
    assert_eq!(thin.verb(), Some(Verb::Uproot), "a long line of them is not");
}
