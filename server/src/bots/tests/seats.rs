//! The other seats: jets, tanks, the lure, and who goes to which warehouse.

use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Role};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, ticks};

use super::made::*;

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
    for (mass, after_s, thrown) in [(30, 0, false), (30, 25, true), (20, 25, false), (80, 0, true)] {
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
