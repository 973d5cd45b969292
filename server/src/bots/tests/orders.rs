//! What every bot has in common: calls, orders, taps, and the policies of single-minded ones.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Kind, Role};
use gamera_protocol::input::{Order, Verb};
use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::view::GameraState;

use super::made::*;
use crate::bots::Policy;

#[test]
fn leaders_call_their_side_together_and_it_comes() {
    let flower = at(300, 0);
    let besieged = queen().flower(flower, 3, 50).put(Kind::Gamera, at(500, 0), PLAIN);
    let roaring = gamera().put(Kind::Queen, at(600, 0), PLAIN);
    let roaring = roaring.with(|m| m.team.gamera_side.as_mut().unwrap().mana_dm = 750);
    let sighted = Made::new(Role::Commander).put(Kind::Queen, at(600, 0), PLAIN);
    for (made, called) in [(besieged, flower), (roaring, at(0, 0)), (sighted, at(600, 0))] {
        let calls = |made: &Made| {
            let orders = made.think(&mut made.bot()).1;
            orders.contains(&Order::Rally { at: gamera_protocol::input::Aim::at(called) })
        };
        let answered = made.clone().with(|m| m.team.rally = Some(called));
        assert_eq!((calls(&made), calls(&answered)), (true, false), "{}", made.role);
    }
    let spot = at(0, 700);
    let heading = |role, rank, seats, call: Option<Pos>| {
        let made = Made::new(role).with(|m| {
            (m.rank, m.seats, m.own.carried) = (rank, seats, 1);
            m.team.rally = call;
        });
        made.think(&mut made.bot()).0.heading
    };
    let there = Some(centre().angle_to(spot).to_byte());
    for (role, rank, comes) in [(Role::BroodLeader, 11, true), (Role::BroodLeader, 0, false)] {
        assert_eq!(heading(role, rank, 128, Some(spot)) == there, comes, "{role} {rank}");
        assert_ne!(heading(role, rank, 128, None), there, "{role} {rank}, uncalled");
    }
    let far = at(2_000, 0);
    let bearer = heading(Role::LightBearer, 0, 16, Some(far));
    assert_eq!(bearer, Some(centre().angle_to(far).to_byte()), "a light-bearer brings its mote from afar");
}

#[test]
fn a_tap_that_did_nothing_is_let_go_and_pressed_again() {
    let made = gamera().put(Kind::Queen, at(400, 0), PLAIN);
    let mut bot = made.bot();
    let verbs: Vec<Option<Verb>> = (0..60)
        .step_by(6)
        .map(|passed| made.clone().with(|m| m.own.tick = NOON.after(passed)).think(&mut bot).0.verb)
        .collect();
    let let_go = verbs.iter().position(Option::is_none).unwrap();
    assert_eq!(verbs[let_go + 1], Some(Verb::Fireball), "{verbs:?}");
}

#[test]
fn orders_follow_the_battle_and_are_not_repeated() {
    let few_left = |m: &mut Made| {
        m.team.cities[0].staying_dtok = 100;
        m.team.cities[0].evacuated_dtok = 5_900;
    };
    let wary = |m: &mut Made| {
        m.team.wariness = 75;
        m.team.queen = None;
    };
    let share = Order::EvacuationShare { percent: 10 };
    let hold = Order::HoldSwarm { on: true };
    let lure = |m: &mut Made| {
        m.team.gamera.as_mut().unwrap().mobbed = 80;
        m.events.push(Event::new(NOON, EventKind::LineEnergised).at(at(200, 0)));
    };
    let away = |m: &mut Made| m.team.gamera.as_mut().unwrap().state = GameraState::Away;
    let hungry = |m: &mut Made| m.team.legion.as_mut().unwrap().feed_pct = 0;
    #[rustfmt::skip]
    let table = [
        (Made::new(Role::Commander).with(few_left), share),
        (Made::new(Role::Commander).with(wary), Order::WeaponsFree { on: true }),
        (queen().with(lure), hold),
        (queen().with(hungry), Order::FeedShare { percent: 100 }),
        (gamera().flower(at(100, 0), 3, 30).with(away), Order::Landfall { x_m: at(100, 0).to_m().0 as u16 }),
        (brood().with(|m| m.own.tick = Tick(30)), Order::VoteImpact { site: 0 }),
    ];
    for (made, order) in table {
        let mut bot = made.bot();
        let first = made.think(&mut bot).1;
        assert!(first.contains(&order), "{}: {first:?}", made.role);
        assert!(made.think(&mut bot).1.is_empty(), "{} repeats itself", made.role);
    }
}

#[test]
fn single_minded_bots_play_their_one_idea() {
    let feeding = queen().with(|m| m.team.legion.as_mut().unwrap().feed_pct = 50);
    let mut bot = feeding.bot();
    bot.set_policy(Policy::NeverFeed);
    assert!(feeding.think(&mut bot).1.contains(&Order::FeedShare { percent: 0 }));

    let scratched = gamera().with(|m| {
        m.own.health = 80;
        m.own.mover.pos = Pos::from_m(1_000, 200);
    });
    let mut bot = scratched.bot();
    bot.set_policy(Policy::YoYoRetreat);
    assert_eq!(scratched.think(&mut bot).0.verb, Some(Verb::Dive));

    let flower = gamera().flower(at(40, 0), 3, 30);
    let mut bot = flower.bot();
    bot.set_policy(Policy::HornRush);
    assert_ne!(flower.think(&mut bot).0.verb, Some(Verb::Uproot));

    let tank = Made::new(Role::Tank).put(Kind::BroodLeader, at(100, 0), PLAIN);
    let mut bot = tank.bot();
    bot.set_policy(Policy::AllEvacuation);
    assert_eq!(tank.think(&mut bot).0.verb, Some(Verb::Escort));

    let mut other = flower.bot();
    other.set_policy(Policy::NeverFeed);
    assert_eq!(flower.think(&mut other).0.verb, Some(Verb::Uproot), "a policy of another side changes nothing");
}
