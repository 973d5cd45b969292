//! How the Legion comes: the meteor, where its brood votes for it, and the hive it founds. Also
//! the orders that queen and brood leaders give.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground::{self, GROUND};
use gamera_protocol::ids::{City, Kind, Role, SeatId, Side};
use gamera_protocol::input::Order;
use gamera_protocol::measure::{Angle, Pos, Tick, metres, ticks};
use gamera_protocol::motion::Gait;

use super::hive;
use crate::sim::fixed::Micro;
use crate::sim::structure::Structure;
use crate::sim::{Battle, Mode, Scene};

/// Takes the Legion's orders of this tick.
pub(in crate::sim) fn take_orders(b: &mut Battle) {
    for i in 0..b.orders.len() {
        let (seat, order) = b.orders[i];
        let role = b.seats[seat.index()].role;
        match order {
            Order::VoteImpact { site } if role.side() == Side::Legion => vote(b, seat, site),
            Order::FeedShare { percent } if role == Role::Queen => b.legion.feed_pct = i32::from(percent),
            Order::HoldSwarm { on } if role == Role::Queen => b.legion.hold = on,
            _ => {}
        }
    }
}

fn vote(b: &mut Battle, seat: SeatId, site: u8) {
    b.legion.votes.retain(|(voter, _)| *voter != seat);
    b.legion.votes.push((seat, site));
}

/// The opening of a match: a meteor in a campaign, a pod that has already burst in a quick match.
pub(in crate::sim) fn open(b: &mut Battle) {
    if b.scene != Scene::Opening {
        return;
    }
    match b.mode {
        Mode::Campaign if b.tick == Tick(ticks(b.balance.legion.meteor_s as u32)) => strike(b),
        Mode::Quick { city } if b.tick == Tick(0) && b.legion.hives[city.index()].is_none() => settle(b, city),
        Mode::Campaign | Mode::Quick { .. } => {}
    }
}

/// The meteor falls where most want it; the first of equals wins. A vote counts as much as its seat does:
/// the queen has a sixth of the Legion's votes at every scale.
fn strike(b: &mut Battle) {
    if !b.has(Rule::Meteor) {
        return;
    }
    let weight = |seat: SeatId| b.roster.scale_ppm(b.seats[seat.index()].role);
    let votes = |site: usize| -> i64 {
        b.legion.votes.iter().filter(|(_, v)| usize::from(*v) == site).map(|(seat, _)| weight(*seat)).sum()
    };
    let sites = &GROUND.snow_sites;
    let chosen = (0..sites.len()).rev().max_by_key(|site| votes(*site)).unwrap_or(0);
    let at = sites[chosen];
    b.structures.insert(Structure::new(Kind::Meteor, at, &b.balance));
    // Everyone sees the light in the sky; where it came down only the Legion knows.
    b.tell(Event::new(b.tick, EventKind::MeteorImpact).in_city(City::Sapporo));
    for role in [Role::Gamera, Role::Commander] {
        tell_bearing(b, role, at);
    }
    let lair = nearest_station(City::Sapporo, at);
    hive::found(b, City::Sapporo, lair, Micro::ZERO, false);
    arrive(b, lair);
}

/// Each other side learns in which direction it fell, seen from one of its own.
fn tell_bearing(b: &mut Battle, role: Role, meteor: Pos) {
    let Some(seat) = b.roster.first(role) else { return };
    let Angle(turn) = b.seat_pos(seat).angle_to(meteor);
    let degrees = i32::from(turn) * 360 / 65_536;
    b.tell(Event::new(b.tick, EventKind::MeteorBearing).by(Some(seat)).amount(degrees));
}

fn settle(b: &mut Battle, city: City) {
    let stations = &ground::city(city).stations;
    let lair = stations[b.rngs.swarm.below(stations.len() as u32) as usize].pos;
    let fed = Micro::whole(b.balance.legion.feed_pod);
    hive::found(b, city, lair, fed, false);
    arrive(b, lair);
}

/// The queen, her brood and the first soldiers are in the hive.
fn arrive(b: &mut Battle, lair: Pos) {
    for (_, leader) in b.units.iter_mut().filter(|(_, u)| u.kind == Kind::BroodLeader) {
        let turn = Angle(leader.seat.map_or(0, |seat| seat.0.wrapping_mul(25_031)));
        leader.mover.pos = lair.offset(turn, metres(20));
    }
    let queen = &mut b.units[b.legion.queen.unit];
    if queen.mover.gait == Gait::Burrow {
        queen.mover.pos = lair;
    }
    let mass = Micro::whole(b.balance.legion.start_mass);
    super::spawn_mass(b, mass, lair, true);
}

fn nearest_station(city: City, to: Pos) -> Pos {
    let stations = &ground::city(city).stations;
    stations.iter().map(|s| s.pos).min_by_key(|p| p.distance2(to)).unwrap_or(ground::city_centre(city))
}

/// Where the `i`-th of many stands around `middle`: a spiral, two metres apart.
pub(super) fn spiral(middle: Pos, i: usize) -> Pos {
    let turn = Angle((i * 40_503 % 65_536) as u16);
    let radius = metres(2) * (i as i32).isqrt();
    ground::clamp(middle.offset(turn, radius))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;

    #[test]
    fn the_meteor_falls_where_most_of_the_brood_want_it() {
        // The votes of (seat of the Legion, site), and the site that wins.
        let cases: [(&[(u16, u8)], usize); 4] =
            [(&[], 0), (&[(0, 2)], 2), (&[(0, 2), (1, 1), (2, 1)], 1), (&[(0, 2), (1, 1), (1, 2)], 2)];
        for (votes, site) in cases {
            let mut stage = Stage::campaign();
            let first = stage.seat(Role::Queen).0;
            for (seat, site) in votes {
                vote(&mut stage.battle, SeatId(first + seat), *site);
            }
            stage.run_until(EventKind::HiveFounded, ticks(30)).expect("the meteor falls");
            let lair = stage.last(EventKind::HiveFounded).unwrap().at.unwrap();
            assert_eq!(lair, nearest_station(City::Sapporo, GROUND.snow_sites[site]), "{votes:?}");
            assert_eq!(stage.battle.swarm.mass().floor(), 60);
            assert_eq!(stage.last(EventKind::MeteorImpact).unwrap().at, None, "the place stays secret");
            assert_eq!(stage.heard(EventKind::MeteorBearing), 2);
        }
    }

    #[test]
    fn the_queens_vote_weighs_the_same_at_every_scale() {
        // The sites that two fifths, two fifths and a fifth of the brood vote for, the queen's, and the winner.
        for (queens, wanted) in [(0, 0), (1, 1), (2, 0)] {
            for seats in [16, 48, 128, 512, 1_024] {
                let mut stage = Stage::sized(seats);
                let queen = stage.seat(Role::Queen);
                vote(&mut stage.battle, queen, queens);
                for seat in stage.seats(Role::BroodLeader) {
                    let (part, _) = stage.battle.roster.part(seat);
                    vote(&mut stage.battle, seat, (part % 3) as u8);
                }
                stage.run_until(EventKind::HiveFounded, ticks(30)).expect("the meteor falls");
                let lair = stage.last(EventKind::HiveFounded).unwrap().at.unwrap();
                let wanted = nearest_station(City::Sapporo, GROUND.snow_sites[wanted]);
                assert_eq!(lair, wanted, "{seats} seats, the queen votes for {queens}");
            }
        }
    }

    #[test]
    fn a_quick_match_begins_with_the_pod_up() {
        let mut stage = Stage::quick(City::Sendai);
        stage.run(1);
        assert_eq!(stage.heard(EventKind::PodErupted), 1);
        assert!(hive::flower_at(&stage.battle, City::Sendai).is_some());
    }

    #[test]
    fn without_the_meteor_there_is_no_hive() {
        let mut stage = Stage::campaign_without(Rule::Meteor);
        stage.run(ticks(30));
        assert_eq!(stage.heard(EventKind::HiveFounded), 0);
    }
}
