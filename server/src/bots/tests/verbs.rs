//! Each verb in the situation it is for, and not in the one it is not for.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Role};
use gamera_protocol::input::{VERBS, Verb};
use gamera_protocol::measure::Pos;
use gamera_protocol::measure::metres;
use gamera_protocol::view::{GameraState, Marks, Phase};

use super::made::*;

#[rustfmt::skip]
fn situations() -> Vec<(Verb, Made)> {
    let tell = Marks::TELL;
    vec![
        // Gamera.
        (Verb::Strike,   gamera().put(Kind::Queen, at(50, 0), PLAIN)),
        (Verb::Fireball, gamera().put(Kind::Queen, at(400, 0), PLAIN)),
        (Verb::Fly,      gamera().flower(at(900, 0), 3, 30)),
        (Verb::Dive,     gamera().with(|m| { m.own.health = 30; m.own.mover.pos = Pos::from_m(1_000, 200); })),
        (Verb::Dive,     gamera().with(|m| m.team.gamera.as_mut().unwrap().state = GameraState::Dived)),
        (Verb::Uproot,   gamera().flower(at(40, 0), 3, 60)),
        (Verb::Uproot,   gamera().flower(at(40, 0), 3, 60).with(|m| m.team.gamera.as_mut().unwrap().state = GameraState::Limping)),
        (Verb::Shake,    gamera().flower(at(40, 0), 3, 60).with(|m| m.team.gamera.as_mut().unwrap().mobbed = 60)),
        (Verb::Roar,     gamera().put(Kind::Queen, at(700, 0), PLAIN).with(|m| m.team.gamera_side.as_mut().unwrap().mana_dm = 750)),
        (Verb::Plasma,   gamera().put(Kind::Queen, at(700, 0), PLAIN).with(|m| m.team.gamera_side.as_mut().unwrap().mana_dm = 1_000)),
        // Her people.
        (Verb::Sense,  Made::new(Role::Asagi).put(Kind::Gamera, at(100, 0), PLAIN)),
        (Verb::Offer,  fallen(Made::new(Role::Asagi)).with(|m| m.team.phase = Phase::March)),
        (Verb::Calm,   Made::new(Role::Asagi)),
        (Verb::Strike, bunch(Made::new(Role::LightBearer), at(30, 0), 3)),
        (Verb::Carry,  Made::new(Role::LightBearer).put(Kind::Shrine, at(10, 0), Marks::LIVE)),
        (Verb::Carry,  Made::new(Role::LightBearer).put(Kind::Gamera, at(40, 0), PLAIN).with(|m| m.own.carried = 2)),
        (Verb::Calm,   Made::new(Role::LightBearer)),
        // The queen.
        (Verb::Strike,     queen().put(Kind::Gamera, at(65, 0), PLAIN).with(|m| cool(m, &[Verb::Impale, Verb::Beam]))),
        (Verb::Impale,     queen().put(Kind::Gamera, at(50, 0), PLAIN)),
        (Verb::Beam,       queen().put(Kind::Gamera, at(300, 0), PLAIN)),
        (Verb::Whips,      queen().put(Kind::Gamera, at(200, 0), PLAIN).with(|m| m.team.queen.as_mut().unwrap().horn_permille = 0)),
        (Verb::Burrow,     queen().flower(at(40, 0), 3, 100).with(|m| launch(m, 9))),
        (Verb::Burrow,     queen().flower(at(40, 0), 3, 50).with(|m| m.team.cities[0].flower.as_mut().unwrap().health_permille = 200).below()),
        (Verb::Plant,      queen().below().with(|m| { m.team.city = City::Sendai; m.own.mover.pos = ground::city(City::Sendai).stations.last().unwrap().pos; })),
        (Verb::Burrow,     queen().with(|m| { m.team.city = City::Sendai; m.own.mover.pos = ground::city(City::Sendai).stations.last().unwrap().pos; })),
        (Verb::Fly,        queen().with(|m| { m.team.phase = Phase::March; m.team.city = City::Tokyo; m.own.mover.pos = Pos::from_m(5_300, 1_500); })),
        (Verb::BroodBurst, queen().put(Kind::Gamera, at(400, 0), PLAIN).with(|m| m.team.legion.as_mut().unwrap().mass = 200)),
        (Verb::Execute,    queen().put(Kind::Gamera, at(40, 0), Marks::HELPLESS).with(|m| m.team.gamera.as_mut().unwrap().state = GameraState::Limping)),
        // Brood leaders.
        (Verb::Strike,   brood().put(Kind::Tank, at(20, 0), PLAIN)),
        (Verb::Mob,      brood().put(Kind::Gamera, at(300, 0), PLAIN)),
        (Verb::Harvest,  brood().with(|m| m.own.mover.pos = ground::city(City::Sapporo).caches[0])),
        (Verb::Resist,   brood().put(Kind::Gamera, at(100, 0), PLAIN).with(|m| m.events.push(Event::new(NOON, EventKind::LineEnergised).at(at(200, 0))))),
        (Verb::Sabotage, raider(1, ground::city(City::Sapporo).substations[1])),
        (Verb::Dig,      brood().below().with(|m| m.own.mover.pos = ground::city(City::Sapporo).caches[0])),
        (Verb::Sabotage, raider(3, ground::city(City::Sapporo).lab)),
        (Verb::Block,    raider(2, { let e = ground::city(City::Sapporo).exit; Pos::new(e.x, e.y - metres(260)) })),
        // The SDF.
        (Verb::Strike,   Made::new(Role::Commander).put(Kind::BroodLeader, at(60, 0), PLAIN)),
        (Verb::Patrol,   Made::new(Role::Commander).with(|m| m.team.gamera = None)),
        (Verb::Escort,   Made::new(Role::Commander).put(Kind::Convoy, at(60, 0), PLAIN)),
        (Verb::Confer,   meeting(Role::Commander, Kind::Scientist)),
        (Verb::Strike,   bunch(Made::new(Role::Scientist), at(40, 0), 5)),
        (Verb::Sample,   Made::new(Role::Scientist).put(Kind::Carcass, at(20, 0), PLAIN)),
        (Verb::Confer,   meeting(Role::Scientist, Kind::Commander)),
        (Verb::Strike,   jet(4).put(Kind::Queen, at(150, 0), PLAIN)),
        (Verb::Strike,   Made::new(Role::Tank).put(Kind::BroodLeader, at(250, 0), PLAIN)),
        (Verb::Escort,   Made::new(Role::Tank).put(Kind::Convoy, at(60, 0), PLAIN)),
        (Verb::Clear,    Made::new(Role::Tank).put(Kind::Roadblock, at(10, 0), PLAIN)),
        (Verb::Clear,    Made::new(Role::Tank).with(|m| { m.rank = 1; m.team.cities[0].overgrown_pct = 20; })),
        (Verb::Volley,   battery(24).put(Kind::Queen, at(800, 0), PLAIN)),
        (Verb::Charge,   laden().flower(at(40, 0), 3, 60)),
        (Verb::Strike,   Made::new(Role::Engineer).put(Kind::BroodLeader, at(60, 0), PLAIN)),
        (Verb::Energise, mobbed_at_switch(80)),
        (Verb::Sensor,   Made::new(Role::Engineer).with(|m| m.own.mover.pos = ground::city(City::Sapporo).stations[0].pos)),
        (Verb::Remove,   laden().flower(at(900, 0), 2, 10).with(|m| m.own.mover.pos = ground::city(City::Sapporo).caches[0])),
        (Verb::Remove,   Made::new(Role::Engineer).gone(Kind::Substation, at(10, 0))),
        (Verb::Clear,    Made::new(Role::Engineer).put(Kind::Roadblock, at(10, 0), PLAIN)),
        (Verb::Escort,   laden().flower(at(900, 0), 3, 10).put(Kind::Convoy, at(60, 0), PLAIN)),
        // The grab has a test of its own: it needs time to pass.
        (Verb::Strike,   gamera().put(Kind::Queen, at(50, 0), tell)),
    ]
}

#[test]
fn each_verb_is_used_where_it_belongs() {
    for (i, (verb, made)) in situations().iter().enumerate() {
        assert_eq!(made.verb(), Some(*verb), "situation {i}, {}", made.role);
    }
}

#[test]
fn no_verb_of_any_role_is_left_to_people_alone() {
    let used: Vec<(Role, Verb)> = situations().iter().map(|(verb, made)| (made.role, *verb)).collect();
    for row in VERBS.iter().filter(|row| row.verb != Verb::Grab) {
        assert!(used.contains(&(row.role, row.verb)), "no bot of {} uses {}", row.role, row.verb);
    }
}

#[test]
fn no_verb_is_used_where_it_would_be_folly() {
    let weak_horn = |m: &mut Made| m.team.queen.as_mut().unwrap().horn_permille = 300;
    #[rustfmt::skip]
    let follies = [
        ("uproots a flower that would blow up", Verb::Uproot, gamera().flower(at(40, 0), 3, 84)),
        ("uproots with the queen beside the flower", Verb::Uproot, gamera().flower(at(40, 0), 3, 30).put(Kind::Queen, at(100, 0), PLAIN)),
        ("takes off under the queen's legs", Verb::Fly, gamera().flower(at(900, 0), 3, 30).put(Kind::Queen, at(60, 0), PLAIN)),
        ("shakes a few off", Verb::Shake, gamera().flower(at(40, 0), 3, 60).with(|m| m.team.gamera.as_mut().unwrap().mobbed = 59)),
        ("leaves the sea before its time", Verb::Dive, gamera().with(|m| { let g = m.team.gamera.as_mut().unwrap(); g.state = GameraState::Dived; g.timer_s = 5; })),
        ("shatters the jewel long before Tokyo", Verb::Offer, fallen(Made::new(Role::Asagi))),
        ("charges the beam beside Gamera with a weak horn", Verb::Beam, queen().put(Kind::Gamera, at(65, 0), PLAIN).with(weak_horn).with(|m| cool(m, &[Verb::Impale]))),
        ("burrows long before the blast", Verb::Burrow, queen().flower(at(40, 0), 3, 100).put(Kind::Tank, at(60, 0), PLAIN).with(|m| launch(m, 20))),
        ("mobs Gamera in the sea", Verb::Mob, brood().put(Kind::Gamera, Pos::from_m(1_000, 400), PLAIN)),
        ("throws the lure for a small mob", Verb::Energise, mobbed_at_switch(24)),
        ("samples amid the swarm", Verb::Sample, bunch(Made::new(Role::Scientist).put(Kind::Carcass, at(20, 0), PLAIN), at(40, 0), 5)),
        ("sets a flower off", Verb::Volley, battery(24).flower(at(300, 0), 3, 60)),
        ("shells a flower whose oxygen is not known", Verb::Strike, Made::new(Role::Tank).flower(at(200, 0), 3, 0).with(|m| m.team.cities[0].flower.as_mut().unwrap().oxygen = None)),
    ];
    for (folly, verb, made) in follies {
        assert_ne!(made.verb(), Some(verb), "{} {folly}", made.role);
    }
}

#[test]
fn what_cannot_be_had_is_not_waited_for() {
    let duel = || queen().put(Kind::Gamera, at(50, 0), PLAIN).with(|m| m.team.legion.as_mut().unwrap().mass = 100);
    let mut verbs = vec![Verb::Beam];
    for _ in 0..3 {
        let verb = duel().with(|m| lose(m, &verbs)).verb().unwrap();
        verbs.push(verb);
    }
    assert_eq!(verbs, [Verb::Beam, Verb::BroodBurst, Verb::Impale, Verb::Strike]);
}
