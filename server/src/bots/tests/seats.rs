//! The other seats: jets, tanks, the lure, and who goes to which warehouse.

use std::sync::Arc;

use gamera_protocol::balance::Rule;
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Role};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, ticks};

use super::made::*;
use crate::bots::Bot;

#[test]
fn jets_hunt_wings_first_and_fly_back_for_new_belts() {
    let both = |passes| bunch(jet(passes).put(Kind::Tank, at(-200, 0), PLAIN), at(-180, 0), 5);
    let north_of = |made: &Made| made.think(&mut made.bot()).0;
    let (queen_at, soldiers_at) = (at(300, 300), at(-180, 0));
    let towards = |pos: Pos| Some(centre().angle_to(pos).to_byte());
    let seen = both(4).put(Kind::Queen, queen_at, PLAIN);
    assert_eq!(north_of(&seen).heading, towards(queen_at), "wings before soldiers");
    assert_eq!(north_of(&both(4)).heading, towards(soldiers_at));
    let exit = ground::city(City::Sapporo).exit;
    assert_eq!(north_of(&both(0)).heading, towards(exit), "no pass left");
    assert_eq!(north_of(&both(2)).heading, towards(exit), "the last passes are the queen's");
    let broken = both(2).with(|m| m.team.queen.as_mut().unwrap().wings_permille = 0);
    assert_eq!(north_of(&broken).heading, towards(soldiers_at), "unless her wings are broken");
    let mut bot = both(0).bot();
    both(0).think(&mut bot);
    assert_eq!(both(3).think(&mut bot).0.heading, towards(exit), "it loads until it is full");
    assert_eq!(both(4).think(&mut bot).0.heading, towards(soldiers_at));
}

#[test]
fn who_has_shot_or_set_all_it_had_goes_for_more_until_it_is_full() {
    let exit = Some(centre().angle_to(ground::city(City::Sapporo).exit).to_byte());
    let to_exit = |made: &Made, bot: &mut Bot| made.think(bot).0.heading == exit;
    let queen = |rounds| battery(rounds).put(Kind::Queen, at(700, 0), PLAIN);
    let flower = |charges| Made::new(Role::Engineer).flower(at(600, 0), 3, 60).with(|m| m.own.carried = charges);
    // With what, after having had none, goes to the exit.
    for (name, made, spent, loads) in [
        ("too few for a volley", queen(3), false, true),
        ("enough for one", queen(4), false, false),
        ("loading", queen(20), true, true),
        ("full", queen(24), true, false),
        ("nothing to shoot at", battery(20), false, true),
        ("full, and nothing to shoot at", battery(24), false, false),
        ("no charge left", flower(0), false, true),
        ("a charge left", flower(1), false, false),
        ("loading charges, one short", flower(2), true, false),
    ] {
        let mut bot = made.bot();
        if spent {
            made.clone().with(|m| m.own.carried = 0).think(&mut bot);
        }
        assert_eq!(to_exit(&made, &mut bot), loads, "{name}");
    }
}

#[test]
fn guns_spare_a_rich_flower_unless_it_cannot_catch_fire() {
    for (oxygen, ignites, shoots) in [(34, true, true), (35, true, false), (90, true, false), (90, false, true)] {
        for made in [battery(24), Made::new(Role::Tank)] {
            let made = made.flower(at(200, 0), 3, oxygen);
            let mut bot = made.bot();
            if !ignites {
                Arc::make_mut(&mut bot.mind.balance).rules.remove(Rule::Ignition);
            }
            let shot = made.think(&mut bot).0.verb.is_some_and(|verb| matches!(verb, Verb::Volley | Verb::Strike));
            assert_eq!(shot, shoots, "{}, oxygen {oxygen}, ignition {ignites}", made.role);
        }
    }
}

#[test]
fn a_scientist_passes_by_what_the_swarm_stands_on() {
    let body = |made: Made, east_m| made.put(Kind::Carcass, at(east_m, 0), PLAIN);
    let towards = |made: &Made| made.think(&mut made.bot()).0.heading;
    let near = bunch(body(Made::new(Role::Scientist), 300), at(320, 0), 6);
    assert_ne!(towards(&near), Some(centre().angle_to(at(300, 0)).to_byte()), "not there");
    let both = body(near, -500);
    assert_eq!(towards(&both), Some(centre().angle_to(at(-500, 0)).to_byte()), "to the next of its kind");
}

#[test]
fn the_last_steps_with_a_mote_are_taken_through_the_swarm() {
    for (motes, away_m, goes_on) in [(1, 200, true), (1, 500, false), (0, 200, false)] {
        let gamera = Made::new(Role::LightBearer).put(Kind::Gamera, at(away_m, 0), PLAIN);
        let made = bunch(gamera, at(30, 0), 5).with(|m| m.own.carried = motes);
        let input = made.think(&mut made.bot()).0;
        assert_eq!(input.verb, Some(Verb::Strike), "it dazzles them");
        let east = Some(centre().angle_to(at(away_m, 0)).to_byte());
        assert_eq!(input.heading == east, goes_on, "{motes} motes, {away_m} m");
    }
}

#[test]
fn a_tank_goes_behind_a_queen_who_fights_gamera() {
    let duel = |egg| {
        let made = Made::new(Role::Tank).put(Kind::Queen, at(500, 0), PLAIN).put(Kind::Gamera, at(560, 0), PLAIN);
        let made = made.with(|m| m.team.queen.as_mut().unwrap().egg_chamber_permille = egg);
        made.think(&mut made.bot()).0.heading
    };
    assert_eq!(duel(1_000), Some(centre().angle_to(at(228, 0)).to_byte()));
    assert_ne!(duel(0), duel(1_000), "once it is broken there is nothing to be had there");
}

#[test]
fn a_lure_that_has_long_been_charged_is_thrown_for_less() {
    let mobbed = |mass, seconds: u32| mobbed_at_switch(mass).with(|m| m.own.tick = NOON.after(ticks(seconds)));
    for (mass, after_s, thrown) in [(10, 0, false), (10, 25, true), (5, 25, false), (25, 0, true)] {
        let mut bot = mobbed(mass, 0).bot();
        mobbed(mass, 0).think(&mut bot);
        assert_eq!(
            mobbed(mass, after_s).think(&mut bot).0.verb == Some(Verb::Energise),
            thrown,
            "{mass} M, {after_s} s"
        );
    }
}

#[test]
fn bots_of_one_role_share_the_warehouses_out() {
    let site = |rank| {
        let made = brood().with(|m| m.rank = rank);
        made.think(&mut made.bot()).0.heading
    };
    assert_ne!(site(0), site(2));
}
