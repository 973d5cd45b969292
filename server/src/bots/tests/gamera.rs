//! Gamera: when she reaches for the horn, and what a fireball is for.

use gamera_protocol::ids::Kind;
use gamera_protocol::input::Verb;
use gamera_protocol::view::Marks;

use super::made::*;

#[test]
fn the_horn_is_grabbed_late_in_its_charge() {
    let made = gamera().put(Kind::Queen, at(50, 0), Marks::TELL);
    let mut bot = made.bot();
    let mut grabbed = None;
    for passed in (0..60).step_by(6) {
        let now = made.clone().with(|m| m.own.tick = NOON.after(passed));
        if now.think(&mut bot).0.verb == Some(Verb::Grab) {
            grabbed = grabbed.or(Some(passed));
        }
    }
    assert!(grabbed.is_some_and(|t| (40..60).contains(&t)), "{grabbed:?}");
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
