//! The queen: the horn beside Gamera, the way she takes, and when she gives a city up.

use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, Tick, metres, ticks};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::view::{GameraState, Marks, Phase};

use super::made::*;
use crate::bots::Level;

#[test]
fn beside_gamera_the_horn_is_charged_to_its_end_only_while_she_cannot_reach_for_it() {
    let beside = |marks| queen().put(Kind::Gamera, at(65, 0), marks).with(|m| cool(m, &[Verb::Impale]));
    // How Gamera stands there, and whether a charge is held past the opening of the window.
    for (marks, held_on) in [(Marks::HELPLESS, true), (PLAIN, false)] {
        for seed in 0..20 {
            let made = beside(marks);
            let mut bot = made.bot_of(Level::Hard, seed);
            bot.mind.memory.means_it = false;
            made.think(&mut bot);
            bot.mind.memory.means_it &= marks == Marks::HELPLESS;
            let late = made.with(|m| m.own.channel = Some((Verb::Beam, 42, 60)));
            assert_eq!(late.think(&mut bot).0.verb == Some(Verb::Beam), held_on, "{marks:?}, seed {seed}");
        }
    }
    let charges = |level: Level| {
        let began = |seed: &u64| {
            let made = beside(PLAIN);
            made.think(&mut made.bot_of(level, *seed)).0.verb == Some(Verb::Beam)
        };
        (0..200).filter(began).count()
    };
    let [easy, hard] = [Level::Easy, Level::Hard].map(charges);
    assert!(easy > hard && hard > 0, "an easy queen dares it more often ({easy}) than a hard one baits ({hard})");
    assert!(easy < 100, "but rather strikes");
}

#[test]
fn the_queen_weighs_the_way_through_the_air_against_the_one_below() {
    let jets = |m: Made, many| (0..many).fold(m, |m, i| m.put(Kind::Jet, Pos::from_m(4_600, 1_400 + i * 50), PLAIN));
    let coma = |m: &mut Made| m.team.gamera.as_mut().unwrap().state = GameraState::Coma;
    let late = |m: &mut Made| m.own.tick = Tick(ticks(600));
    type Change<'a> = &'a dyn Fn(&mut Made);
    // By so much that the seconds saved weigh less than what heals below, and more where they count for more.
    let hurt = |m: &mut Made| m.own.health = 11_300;
    let spent = |m: &mut Made| m.own.health = 4_000;
    #[rustfmt::skip]
    let cases: [(&str, u16, i32, Change<'_>, bool); 12] = [
        ("whole", 1_000, 0, &|_| {}, true),
        ("hurt, and below she heals", 1_000, 0, &hurt, false),
        ("hurt, and Gamera lies in a coma", 1_000, 0, &|m| { hurt(m); coma(m); }, true),
        ("hurt, and it is late", 1_000, 0, &|m| { hurt(m); late(m); }, true),
        ("spent, though it is late", 1_000, 0, &|m| { spent(m); late(m); }, false),
        ("spent, and Gamera lies in a coma", 1_000, 0, &|m| { spent(m); late(m); coma(m); }, true),
        ("wings nearly broken", 300, 0, &|_| {}, false),
        ("wings torn and jets about", 600, 2, &|_| {}, false),
        ("wings torn and no jet about", 600, 0, &|_| {}, true),
        ("wings torn and jets about, and Gamera lies in a coma", 600, 2, &coma, true),
        ("wings nearly broken, and Gamera lies in a coma", 300, 0, &coma, true),
        ("hardly any wings, and Gamera lies in a coma", 150, 0, &coma, false),
    ];
    for (name, wings, many, change, flies) in cases {
        let made = jets(marching(), many).with(|m| m.team.queen.as_mut().unwrap().wings_permille = wings);
        let made = made.with(|m| change(m));
        assert_eq!(made.verb() == Some(Verb::Fly), flies, "{name}");
        assert_eq!(made.below().verb() == Some(Verb::Burrow), flies, "{name}, seen from below");
    }
    let shot = jets(marching(), 1).with(|m| m.own.mover.gait = Gait::Fly);
    let landing = |wings| shot.clone().with(|m| m.team.queen.as_mut().unwrap().wings_permille = wings).verb();
    assert_eq!((landing(150), landing(500)), (Some(Verb::Fly), None), "she comes down before her wings break");
}

#[test]
fn the_queen_lands_nearer_to_her_goal_while_gamera_can_do_nothing() {
    let goal = ground::city(City::Tokyo).stations.last().unwrap().pos;
    // Metres to go, Gamera's state; whether she comes down.
    for (to_go_m, state, lands) in [
        (600, GameraState::Active, false),
        (400, GameraState::Active, true),
        (400, GameraState::Coma, false),
        (200, GameraState::Coma, true),
    ] {
        let made = marching().with(|m| {
            m.own.mover = Mover::at(Pos::new(goal.x - metres(to_go_m), goal.y), Gait::Fly);
            m.team.gamera.as_mut().unwrap().state = state;
        });
        assert_eq!(made.verb() == Some(Verb::Fly), lands, "{to_go_m} m, {state}");
    }
}

#[test]
fn the_queen_goes_round_those_who_wait_before_the_last_city() {
    let heading = |level, gamera_y_m| {
        let made = marching().below().with(|m| m.own.health = 2_000);
        let made = made.put(Kind::Gamera, Pos::from_m(5_600, gamera_y_m), Marks::GHOST);
        made.think(&mut made.bot_of(level, 3)).0.heading.unwrap()
    };
    for level in Level::ALL {
        let (north, south) = (heading(level, 900), heading(level, 2_200));
        assert_ne!(north, south, "she was seen there, {level:?}");
    }
}

#[test]
fn the_queen_leaves_a_lost_fight_but_not_the_last_city() {
    for (level, health, last_city, leaves) in [
        (Level::Easy, 92, City::Tokyo, true),
        (Level::Easy, 93, City::Tokyo, false),
        (Level::Normal, 77, City::Tokyo, true),
        (Level::Normal, 78, City::Tokyo, false),
        (Level::Hard, 10, City::Sapporo, false),
    ] {
        let worn = queen().put(Kind::Gamera, at(65, 0), PLAIN).with(|m| {
            m.own.health = health;
            m.team.last_city = last_city;
        });
        let goes = worn.think(&mut worn.bot_of(level, 3)).0.verb == Some(Verb::Burrow);
        assert_eq!(goes, leaves, "{level:?}, at {health} %, {last_city} is the last");
    }
    let below = |health| {
        let threatened = queen().flower(at(40, 0), 3, 50).below().with(|m| m.own.health = health);
        threatened.with(|m| m.team.cities[0].flower.as_mut().unwrap().health_permille = 200).verb()
    };
    assert_eq!((below(80), below(79)), (Some(Verb::Burrow), None), "worn, she does not come up for the flower again");
}

#[test]
fn kept_from_the_air_the_queen_goes_on_beneath_for_a_while() {
    let marching = |seconds: u32| {
        queen().with(|m| {
            m.own.tick = NOON.after(ticks(seconds));
            m.team.phase = Phase::March;
            m.team.city = City::Tokyo;
            m.own.mover.pos = Pos::from_m(5_000, 1_500);
        })
    };
    let chased = marching(0).put(Kind::Gamera, Pos::from_m(5_300, 1_500), PLAIN);
    let mut bot = chased.bot();
    assert_eq!(chased.think(&mut bot).0.verb, Some(Verb::Burrow), "she dives");
    for (seconds, surfaces) in [(5, false), (39, false), (40, true)] {
        let verb = marching(seconds).below().think(&mut bot).0.verb;
        assert_eq!(verb == Some(Verb::Burrow), surfaces, "after {seconds} s");
    }
}
