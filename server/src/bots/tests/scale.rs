//! Many small seats do together what one does in a match of 16.

use std::sync::Arc;

use gamera_protocol::balance::Balance;
use gamera_protocol::ids::{Kind, Role};
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
