//! The fog over whole matches of bots, judged by distances alone: not by the grids that make it.

use std::collections::BTreeSet;

use gamera_protocol::balance::Balance;
use gamera_protocol::event::{Audience, Event};
use gamera_protocol::ground::BLOCK_M;
use gamera_protocol::ids::{City, Kind, Layer, Role, Side, Viewer};
use gamera_protocol::measure::{Pos, metres};
use gamera_protocol::motion::Gait;
use gamera_protocol::view::{Marks, QueenState, side_of};

use super::report::BLIP_RASTER_M;
use super::{GIANT_SEEN_M, LOOKING_UP_M, PERIOD_TICKS, UNDERGROUND_SEEN_M, is_on_the_map, is_remembered, sightings};
use crate::bots::Level;
use crate::headless::Headless;
use crate::sim::fixed::Micro;
use crate::sim::legion::hive;
use crate::sim::sighting::Sighting;
use crate::sim::structure::Structure;
use crate::sim::testing::Stage;
use crate::sim::{Battle, MatchConfig, Mode, Scene};

/// The grids are made of blocks: sight may reach beyond its distance by a block's diagonal.
const SLACK_M: i32 = BLOCK_M * 3 / 2;
/// Sightings are looked through once in so many ticks.
const SAMPLE_TICKS: u32 = 25 * PERIOD_TICKS;

/// One who looks: from where, in which layer, how far.
struct Eye {
    pos: Pos,
    layer: Layer,
    sight_m: i32,
    kind: Kind,
}

/// Everyone who looks for `side`.
fn eyes(battle: &Battle, side: Side) -> Vec<Eye> {
    let rows = &battle.balance.units;
    let eye = |kind: Kind, pos, layer| Eye { pos, layer, sight_m: rows.of(kind).sight_m, kind };
    let units = battle.units.iter().filter(|(_, u)| u.is_up()).map(|(_, u)| eye(u.kind, u.pos(), u.layer()));
    let standing = battle.structures.iter().filter(|(_, s)| s.health_milli > 0);
    let structures = standing.map(|(_, s)| eye(s.kind, s.pos, s.layer));
    let layer = |under| if under { Layer::Underground } else { Layer::Surface };
    let soldiers = battle.swarm.soldiers.iter().map(|s| eye(Kind::Soldier, s.pos, layer(s.underground)));
    units.chain(structures).chain(soldiers).filter(|e| side_of(e.kind) == Some(side)).collect()
}

impl Eye {
    /// How far it sees into `layer`, metres.
    fn reach_m(&self, side: Side, layer: Layer) -> i32 {
        match (self.layer == Layer::Underground, layer == Layer::Underground) {
            (true, true) | (false, false) => self.sight_m,
            (true, false) => self.sight_m.min(LOOKING_UP_M),
            (false, true) if side == Side::Legion => self.sight_m,
            (false, true) => UNDERGROUND_SEEN_M,
        }
    }

    fn sees(&self, side: Side, layer: Layer, pos: Pos) -> bool {
        self.pos.within(pos, metres(self.reach_m(side, layer) + SLACK_M))
    }
}

fn is_giant(kind: Kind) -> bool {
    matches!(kind, Kind::Gamera | Kind::Queen)
}

/// Why `side` may be told of `s`; `None` where it may not.
fn excuse(battle: &Battle, side: Side, eyes: &[Eye], s: &Sighting) -> Option<&'static str> {
    let bare = s.health == 255 && s.seat.is_none() && s.marks == Marks::default();
    if side_of(s.kind) == Some(side) && !s.marks.has(Marks::BLIP) {
        return Some("its own");
    }
    if s.marks.has(Marks::GHOST) {
        return is_remembered(s.kind).then_some("remembered");
    }
    if s.marks.has(Marks::BLIP) {
        return blip_excuse(battle, side, s);
    }
    if is_on_the_map(s.kind) && bare {
        return Some("on every map");
    }
    if s.kind == Kind::Pod && side == Side::Sdf && bare && battle.legion.hives.iter().flatten().any(|h| h.discovered) {
        return Some("found");
    }
    if is_giant(s.kind) && s.layer != Layer::Underground {
        let near = |e: &&Eye| !e.kind_is_still() && e.pos.within(s.pos, metres(GIANT_SEEN_M));
        return eyes.iter().find(near).map(|_| "a giant");
    }
    eyes.iter().find(|e| e.sees(side, s.layer, s.pos)).map(|_| "in sight")
}

impl Eye {
    /// Only who can look up sees a giant from afar.
    fn kind_is_still(&self) -> bool {
        self.kind == Kind::Soldier || matches!(self.kind, Kind::Flower | Kind::Pod | Kind::Burrow | Kind::Sensor)
    }
}

fn blip_excuse(battle: &Battle, side: Side, s: &Sighting) -> Option<&'static str> {
    let on_raster = |v: i32| v.rem_euclid(metres(BLIP_RASTER_M)) == metres(BLIP_RASTER_M) / 2;
    let rough = on_raster(s.pos.x) && on_raster(s.pos.y) && s.heading == 0 && s.health == 255 && s.seat.is_none();
    if !rough || s.marks != Marks::BLIP || s.layer != Layer::Underground {
        return None;
    }
    if s.kind == Kind::Queen {
        return (battle.legion.queen.state == QueenState::Emerging).then_some("a tremor");
    }
    let near = |pos: Pos, range_m: i32| pos.within(s.pos, metres(range_m + SLACK_M + BLIP_RASTER_M));
    let n = &battle.balance;
    let sensed = match side {
        Side::Sdf => battle.structures.iter().any(|(_, t)| t.kind == Kind::Sensor && near(t.pos, n.sdf.sensor_range_m)),
        Side::Gamera => battle.gamera.bonded && near(battle.units[battle.gamera.unit].pos(), n.gamera.bond_sense_m),
        Side::Legion => false,
    };
    (s.kind == Kind::Soldier && sensed).then_some("sensed")
}

fn may_hear(battle: &Battle, side: Side, eyes: &[Eye], event: &Event) -> bool {
    let witness = || {
        let layers = [Layer::Surface, Layer::Underground];
        event.at.is_some_and(|at| eyes.iter().any(|e| layers.iter().any(|layer| e.sees(side, *layer, at))))
    };
    match event.kind.row().audience {
        Audience::All => true,
        Audience::Only(only) => only == side,
        Audience::SideAndWitnesses(own) => own == side || witness(),
        Audience::Witnesses => witness(),
        Audience::TeamAndWitnesses => {
            event.seat.is_some_and(|seat| battle.seats[seat.index()].role.side() == side) || witness()
        }
    }
}

/// Looks through everything that one side is told at this moment.
fn audit(battle: &Battle, side: Side, whole: bool) {
    let eyes = eyes(battle, side);
    let viewer = Viewer::from(side);
    for event in battle.events().iter().filter(|e| battle.may_hear(viewer, e)) {
        assert!(may_hear(battle, side, &eyes, event), "{side} hears of {event:?}");
    }
    if !whole {
        return;
    }
    let mut seen = Vec::new();
    sightings(battle, viewer, &mut seen);
    for s in &seen {
        assert!(excuse(battle, side, &eyes, s).is_some(), "{side} is told of {s:?} at {:?}", battle.tick());
    }
    assert!(seen.windows(2).all(|pair| pair[0].key < pair[1].key), "in the order of their keys, each once");
    let told = |id| seen.iter().any(|s| s.seat == Some(id) && !s.marks.has(Marks::GHOST));
    for (_, unit) in battle.units.iter().filter(|(_, u)| u.present && side_of(u.kind) == Some(side)) {
        assert!(unit.seat.is_none_or(told), "{side} sees its own {}", unit.kind);
    }
    audit_team(battle, side);
}

fn audit_team(battle: &Battle, side: Side) {
    let team = battle.team_view(Viewer::from(side));
    let own = [team.gamera_side.is_some(), team.legion.is_some(), team.sdf.is_some()];
    assert_eq!(own, [Side::Gamera, Side::Legion, Side::Sdf].map(|s| s == side), "figures stay with their side");
    let knows = side == Side::Legion || (side == Side::Sdf && battle.sdf.theory);
    let told = team.cities.iter().filter_map(|c| c.flower).any(|f| f.oxygen.is_some() || f.launch_s.is_some());
    assert!(knows || !told, "{side} knows the oxygen");
}

#[test]
fn nobody_is_told_in_a_match_of_bots_what_its_side_does_not_see() {
    for (mode, seats) in [(Mode::Quick { city: City::Tokyo }, 16), (Mode::Campaign, 3)] {
        let config = MatchConfig { mode, scene: Scene::Opening, seats, seed: 5, balance: Balance::default() };
        let mut game = Headless::new(&config, Level::Normal, 5);
        while !game.battle().is_over() && game.battle().tick().0 < 12_000 {
            let now = game.battle().tick();
            game.step();
            // The grids are fresh in the tick they are made in.
            if now.is_every(PERIOD_TICKS, 0) {
                for side in Side::ALL {
                    audit(game.battle(), *side, now.is_every(SAMPLE_TICKS, 0));
                }
            }
        }
    }
}

fn told(stage: &mut Stage, viewer: Viewer) -> Vec<Sighting> {
    stage.settle();
    let mut seen = Vec::new();
    sightings(&stage.battle, viewer, &mut seen);
    seen
}

#[test]
fn a_sensor_tells_that_something_stirs_and_not_what() {
    let at = Pos::from_m(675, 1_300);
    for (queen, leader, soldiers) in [(true, false, 0), (false, true, 0), (false, false, 40), (true, true, 40)] {
        let mut stage = Stage::campaign();
        stage.battle.swarm.soldiers.clear();
        stage.put(Role::Queen, if queen { at } else { Pos::from_m(6_000, 2_900) }, Gait::Burrow);
        if leader {
            stage.put(Role::BroodLeader, at, Gait::Burrow);
        }
        stage.soldiers(soldiers, at);
        for soldier in &mut stage.battle.swarm.soldiers {
            soldier.underground = true;
        }
        let sensor = Structure::new(Kind::Sensor, Pos::from_m(760, 1_300), &stage.battle.balance);
        stage.battle.structures.insert(sensor);
        let near = |s: &&Sighting| side_of(s.kind) == Some(Side::Legion) && s.pos.within(at, metres(64));
        let seen = told(&mut stage, Viewer::Sdf);
        let blips: Vec<_> = seen.iter().filter(near).map(|s| (s.kind, s.marks, s.seat)).collect();
        assert_eq!(blips, [(Kind::Soldier, Marks::BLIP, None)], "queen {queen}, leader {leader}, {soldiers} soldiers");
        assert!(!told(&mut stage, Viewer::Gamera).iter().any(|s| near(&s)), "the sensor is the SDF's");
    }
}

#[test]
fn a_tremor_tells_roughly_where_the_queen_comes_up() {
    for state in [QueenState::Lair, QueenState::Emerging] {
        let mut stage = Stage::campaign();
        stage.put(Role::Queen, Pos::from_m(1_010, 1_500), Gait::Burrow);
        stage.battle.legion.queen.state = state;
        for viewer in [Viewer::Sdf, Viewer::Gamera] {
            let felt: Vec<Pos> =
                told(&mut stage, viewer).iter().filter(|s| s.kind == Kind::Queen).map(|s| s.pos).collect();
            let wanted = (state == QueenState::Emerging).then_some(Pos::from_m(992, 1_504));
            assert_eq!(felt, Vec::from_iter(wanted), "{viewer:?}, {state}");
        }
    }
}

#[test]
fn a_hive_that_was_found_is_on_the_map_of_who_found_it() {
    let at = Pos::from_m(1_000, 1_500);
    for found in [false, true] {
        let mut stage = Stage::campaign();
        hive::found(&mut stage.battle, City::Sapporo, at, Micro::ZERO, false);
        if found {
            crate::sim::sdf::discover_hive(&mut stage.battle, City::Sapporo, None);
        }
        let who: BTreeSet<usize> = [Viewer::Gamera, Viewer::Legion, Viewer::Sdf]
            .into_iter()
            .filter(|viewer| told(&mut stage, *viewer).iter().any(|s| s.kind == Kind::Pod && s.pos == at))
            .map(Viewer::index)
            .collect();
        let wanted = if found { vec![Viewer::Legion, Viewer::Sdf] } else { vec![Viewer::Legion] };
        assert_eq!(who, wanted.into_iter().map(Viewer::index).collect(), "found {found}");
        let team = |viewer| stage.battle.team_view(viewer).cities[0].flower.is_some();
        assert_eq!((team(Viewer::Gamera), team(Viewer::Sdf)), (false, found));
    }
}

#[test]
fn from_the_air_nobody_looks_into_a_tunnel() {
    for (gait, wanted) in [(Gait::Walk, true), (Gait::Fly, false)] {
        let mut stage = Stage::quick(City::Tokyo);
        stage.run(1);
        let at = Pos::from_m(7_000, 1_500);
        for role in [Role::Tank, Role::Engineer, Role::Missiles, Role::Commander, Role::Scientist] {
            stage.put_all(role, Pos::from_m(6_200, 900), Gait::Walk);
        }
        stage.put(Role::Jet, at, gait);
        super::renew(&mut stage.battle);
        assert_eq!(stage.battle.sight.sees(Side::Sdf, Layer::Underground, at), wanted, "{gait}");
        assert!(stage.battle.sight.sees(Side::Sdf, Layer::Surface, at));
    }
}
