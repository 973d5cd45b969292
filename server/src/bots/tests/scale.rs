//! Many small seats do together what one does in a match of 16.

use std::sync::Arc;

use gamera_protocol::balance::Balance;
use gamera_protocol::ids::{Kind, Role};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::roster::Roster;
use gamera_protocol::view::Marks;

use super::made::{Made, at};
use crate::bots::Level;
use crate::bots::mind::Mind;

/// The leaders of a match, a part of the brood's work each.
fn parts(roster: &Roster) -> Vec<Vec<Mind>> {
    let leaders: Vec<_> = roster.all().filter(|(_, role)| *role == Role::BroodLeader).map(|(seat, _)| seat).collect();
    let count = roster.part(leaders[0]).1;
    let mind = |seat| Mind::new(roster, &Arc::new(Balance::default()), seat, Level::Normal, 1);
    let of = |part| leaders.iter().filter(|seat| roster.part(**seat).0 == part).map(|seat| mind(*seat)).collect();
    (0..count).map(of).collect()
}

#[test]
fn as_many_leaders_of_a_part_turn_on_foes_as_these_weigh() {
    let foes = |kind, count| {
        (0..count).fold(Made::new(Role::BroodLeader), |made, n| made.put(kind, at(n, 0), Marks::default()))
    };
    for seats in [16, 48, 128, 512, 1_024] {
        let roster = Roster::new(seats);
        let tanks = roster.count(Role::Tank) as f64;
        let tanks_of_16 = Roster::new(16).count(Role::Tank) as f64;
        // Who comes, how many; what they are worth in a match of 16.
        for (kind, count, worth) in [
            (Kind::Tank, 0, 0.0),
            (Kind::Tank, 1, tanks_of_16 / tanks),
            (Kind::Tank, 3, 3.0 * tanks_of_16 / tanks),
            (Kind::Tank, roster.count(Role::Tank) as i32, tanks_of_16),
            (Kind::Gamera, 1, 1.0),
        ] {
            let made = foes(kind, count);
            for part in parts(&roster) {
                let turn = part.iter().filter(|mind| mind.turns_on(made.things.iter())).count();
                let share = (worth * part.len() as f64).min(part.len() as f64);
                let is_share = (share - 0.01..share + 1.01).contains(&(turn as f64));
                assert!(is_share, "{seats} seats, {count} of {kind}: {turn} of {} turn, {share} would do", part.len());
            }
        }
    }
}

#[test]
fn of_many_leaders_some_turn_on_the_engineers_and_the_others_put_the_charge_out() {
    let foes = |made: Made| {
        let made = made.flower(at(0, 0), 2, 30).put(Kind::Charge, at(20, 0), Marks::default());
        made.put(Kind::Engineer, at(-60, 0), Marks::default())
    };
    let aimed_at = |seats, rank| {
        let made = foes(Made::new(Role::BroodLeader)).with(|m| (m.seats, m.rank) = (seats, rank));
        let aim = made.think(&mut made.bot()).0.aim.map(|aim| aim.pos());
        let is_at = |place: Pos| aim.is_some_and(|aim| aim.within(place, metres(2)));
        (is_at(at(-60, 0)), is_at(at(20, 0)))
    };
    assert_eq!(aimed_at(16, 0), (true, false), "the one engineer weighs as much as the one leader");
    for seats in [128, 1_024] {
        let leaders = Roster::new(seats).count(Role::BroodLeader);
        let engineers = Roster::new(seats).count(Role::Engineer);
        let turned: Vec<(bool, bool)> = (0..leaders).map(|rank| aimed_at(seats, rank)).collect();
        let on_engineer = turned.iter().filter(|(engineer, _)| *engineer).count();
        let on_charge = turned.iter().filter(|(_, charge)| *charge).count();
        assert_eq!(on_engineer + on_charge, leaders, "{seats} seats");
        assert!(on_engineer.abs_diff(leaders / engineers) <= 5, "{seats} seats: {on_engineer} of {leaders}");
    }
}

#[test]
fn many_engineers_go_from_station_to_station_with_the_first_of_them() {
    for (lead_m, wanted) in [(400, true), (1_200, false)] {
        let lead = at(-lead_m, 300);
        let made = Made::new(Role::Engineer).with(|m| {
            (m.seats, m.rank, m.own.carried) = (128, 5, 3);
            m.team.cities[0].flower = None;
        });
        let roster = Roster::new(128);
        let first = roster.first(Role::Engineer);
        let made = made.put(Kind::Engineer, lead, Marks::default()).with(|m| m.things[0].seat = first);
        let seat = roster.all().filter(|(_, role)| *role == Role::Engineer).nth(5).unwrap().0;
        let (input, _) = made.think_as(seat, &mut made.bot());
        let towards = at(0, 0).angle_to(lead).to_byte();
        assert_eq!(input.heading == Some(towards), wanted, "{lead_m} m: {input:?}");
    }
}
