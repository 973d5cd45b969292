//! Each verb in the situation it is for, and not in the one it is not for, on hand-made views.

use super::*;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Layer, NetId, Side};
use gamera_protocol::input::VERBS;
use gamera_protocol::measure::{Pos, metres, ticks};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::view::{
    CityView, FlowerView, GameraSideView, GameraState, GameraView, LegionView, Marks, OwnView, Phase, QueenState,
    QueenView, SdfView, TeamView, Thing, Things, VERBS_MAX,
};

/// A seat's view, made by hand.
#[derive(Clone)]
struct Made {
    role: Role,
    seats: u16,
    rank: usize,
    own: OwnView,
    team: TeamView,
    things: Vec<Thing>,
    events: Vec<Event>,
}

const NOON: Tick = Tick(ticks(200));

fn centre() -> Pos {
    ground::city_centre(City::Sapporo)
}

/// `east_m` and `north_m` metres from the middle of Sapporo.
fn at(east_m: i32, north_m: i32) -> Pos {
    Pos::new(centre().x + metres(east_m), centre().y + metres(north_m))
}

impl Made {
    fn new(role: Role) -> Made {
        let own = OwnView {
            tick: NOON,
            role,
            life: Life::Alive,
            mover: Mover::at(centre(), if role == Role::Jet { Gait::Fly } else { Gait::Walk }),
            speed_permille: 1_000,
            health: 100,
            health_max: 100,
            carried: 0,
            squad: 40,
            cooldowns: [0; VERBS_MAX],
            channel: None,
        };
        let people = CityView { staying_dtok: 6_000, contested: true, districts_dtok: [600; 9], ..CityView::default() };
        let gamera = GameraView { state: GameraState::Active, health_permille: 1_000, mobbed: 0, timer_s: 0 };
        let queen = QueenView {
            state: QueenState::Active,
            health_permille: 1_000,
            horn_permille: 1_000,
            wings_permille: 1_000,
            claws_permille: 1_000,
            egg_chamber_permille: 1_000,
            legs_permille: [1_000; 4],
        };
        let side = role.side();
        let team = TeamView {
            tick: NOON,
            phase: Phase::Siege,
            city: City::Sapporo,
            last_city: City::Tokyo,
            cities: [people, CityView::default(), CityView::default()],
            gamera: Some(gamera),
            queen: Some(queen),
            seeds: 0,
            wariness: 0,
            scores: [0; 3],
            legion: (side == Side::Legion).then(|| LegionView { mass: 380, feed_pct: 100, ..LegionView::default() }),
            gamera_side: (side == Side::Gamera).then(|| GameraSideView { jewel: true, ..GameraSideView::default() }),
            sdf: (side == Side::Sdf).then(|| SdfView { confer_s: 20, evacuation_pct: 55, ..SdfView::default() }),
            rally: None,
        };
        Made { role, seats: 16, rank: 0, own, team, things: Vec::new(), events: Vec::new() }
    }

    fn put(mut self, kind: Kind, pos: Pos, marks: Marks) -> Made {
        let layer = Layer::Surface;
        let id = NetId(self.things.len() as u16);
        self.things.push(Thing { id, kind, layer, pos, heading: 0, health: 255, marks, seat: None });
        self
    }

    fn gone(mut self, kind: Kind, pos: Pos) -> Made {
        self = self.put(kind, pos, Marks::default());
        self.things.last_mut().unwrap().health = 0;
        self
    }

    fn flower(mut self, pos: Pos, stage: u8, oxygen: u8) -> Made {
        self.team.cities[0].flower =
            Some(FlowerView { stage, health_permille: 1_000, oxygen: Some(oxygen), launch_s: None });
        self.put(Kind::Flower, pos, Marks::LIVE)
    }

    fn with(mut self, change: impl FnOnce(&mut Made)) -> Made {
        change(&mut self);
        self
    }

    fn below(self) -> Made {
        self.with(|m| m.own.mover.gait = Gait::Burrow)
    }

    /// The bot that sits in this seat.
    fn bot(&self) -> Bot {
        self.bot_of(Level::Hard, 1)
    }

    fn bot_of(&self, level: Level, seed: u64) -> Bot {
        let roster = Roster::new(self.seats);
        let seat = roster.all().filter(|(_, role)| *role == self.role).nth(self.rank).unwrap().0;
        Bot::new(&roster, &Arc::new(Balance::default()), seat, level, seed)
    }

    fn think(&self, bot: &mut Bot) -> (SeatInput, Vec<Order>) {
        let mut things = Things::default();
        things.rebuild(self.things.iter().copied());
        let view =
            SeatView { seat: SeatId(0), own: &self.own, team: &self.team, things: &things, events: &self.events };
        let mut orders = Vec::new();
        let input = bot.think(&view, &mut orders);
        (input, orders)
    }

    fn verb(&self) -> Option<Verb> {
        self.think(&mut self.bot()).0.verb
    }
}

const PLAIN: Marks = Marks(0);

fn gamera() -> Made {
    Made::new(Role::Gamera)
}

fn queen() -> Made {
    Made::new(Role::Queen)
}

fn brood() -> Made {
    Made::new(Role::BroodLeader)
}

/// A jet with so many passes left.
fn jet(passes: u16) -> Made {
    Made::new(Role::Jet).with(|m| m.own.carried = passes)
}

/// The queen on her way to Tokyo, in Sendai.
fn marching() -> Made {
    queen().with(|m| {
        m.team.phase = Phase::March;
        m.team.city = City::Tokyo;
        m.own.mover.pos = Pos::from_m(4_300, 1_500);
        (m.own.health, m.own.health_max) = (16_500, 16_500);
    })
}

/// Soldiers in a bunch.
fn bunch(made: Made, pos: Pos, many: usize) -> Made {
    (0..many).fold(made, |m, i| m.put(Kind::Soldier, Pos::new(pos.x + metres(i as i32 * 3), pos.y), PLAIN))
}

/// Gamera in a coma at the body's place, seen by a seat of her side.
fn fallen(made: Made) -> Made {
    made.with(|m| m.team.gamera.as_mut().unwrap().state = GameraState::Coma).put(Kind::Gamera, at(20, 0), PLAIN)
}

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
        (Verb::Volley,   Made::new(Role::Missiles).put(Kind::Queen, at(800, 0), PLAIN)),
        (Verb::Charge,   Made::new(Role::Engineer).flower(at(40, 0), 3, 60).with(|m| m.own.carried = 3)),
        (Verb::Strike,   Made::new(Role::Engineer).put(Kind::BroodLeader, at(60, 0), PLAIN)),
        (Verb::Energise, mobbed_at_switch(80)),
        (Verb::Sensor,   Made::new(Role::Engineer).with(|m| m.own.mover.pos = ground::city(City::Sapporo).stations[0].pos)),
        (Verb::Remove,   Made::new(Role::Engineer).flower(at(900, 0), 2, 10).with(|m| m.own.mover.pos = ground::city(City::Sapporo).caches[0])),
        (Verb::Remove,   Made::new(Role::Engineer).gone(Kind::Substation, at(10, 0))),
        (Verb::Clear,    Made::new(Role::Engineer).put(Kind::Roadblock, at(10, 0), PLAIN)),
        (Verb::Escort,   Made::new(Role::Engineer).flower(at(900, 0), 3, 10).put(Kind::Convoy, at(60, 0), PLAIN)),
        // The grab has a test of its own: it needs time to pass.
        (Verb::Strike,   gamera().put(Kind::Queen, at(50, 0), tell)),
    ]
}

fn cool(made: &mut Made, verbs: &[Verb]) {
    for verb in verbs {
        let slot = verbs_of(made.role).position(|row| row.verb == *verb).unwrap();
        made.own.cooldowns[slot] = 60;
    }
}

fn launch(made: &mut Made, seconds: u8) {
    made.team.cities[0].flower.as_mut().unwrap().launch_s = Some(seconds);
}

/// The raider among five brood leaders, standing at `site` in its `turn`-th turn.
fn raider(turn: u32, site: Pos) -> Made {
    brood().with(|m| {
        m.rank = 1;
        m.own.tick = Tick(ticks(super::brood_leader::RAID_TURN_S * turn + 20));
        m.own.mover.pos = site;
    })
}

fn meeting(role: Role, other: Kind) -> Made {
    let made = Made::new(role).flower(at(900, 0), 2, 20).put(other, at(15, 0), PLAIN);
    made.with(|m| m.team.sdf.as_mut().unwrap().confer_s = 0)
}

/// An engineer at a live switch, and Gamera nearby under a mob of `mass`.
fn mobbed_at_switch(mass: u16) -> Made {
    Made::new(Role::Engineer).put(Kind::Gamera, at(-300, -300), PLAIN).with(|m| {
        m.own.mover.pos = ground::city(City::Sapporo).substations[0];
        m.team.gamera.as_mut().unwrap().mobbed = mass;
        m.team.sdf.as_mut().unwrap().lure_pct = 100;
    })
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
        ("throws the lure for a small mob", Verb::Energise, mobbed_at_switch(79)),
        ("samples amid the swarm", Verb::Sample, bunch(Made::new(Role::Scientist).put(Kind::Carcass, at(20, 0), PLAIN), at(40, 0), 5)),
        ("sets a flower off", Verb::Volley, Made::new(Role::Missiles).flower(at(300, 0), 3, 60)),
        ("shells a flower whose oxygen is not known", Verb::Strike, Made::new(Role::Tank).flower(at(200, 0), 3, 0).with(|m| m.team.cities[0].flower.as_mut().unwrap().oxygen = None)),
    ];
    for (folly, verb, made) in follies {
        assert_ne!(made.verb(), Some(verb), "{} {folly}", made.role);
    }
}

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
    assert!(charges(Level::Easy) > 100, "an easy queen dares it");
    assert!(charges(Level::Hard) < 100, "a hard one strikes rather, and baits now and then");
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

#[test]
fn the_queen_weighs_the_way_through_the_air_against_the_one_below() {
    let jets = |m: Made, many| (0..many).fold(m, |m, i| m.put(Kind::Jet, Pos::from_m(4_600, 1_400 + i * 50), PLAIN));
    let coma = |m: &mut Made| m.team.gamera.as_mut().unwrap().state = GameraState::Coma;
    let late = |m: &mut Made| m.own.tick = Tick(ticks(600));
    type Change<'a> = &'a dyn Fn(&mut Made);
    let hurt = |m: &mut Made| m.own.health = 8_000;
    #[rustfmt::skip]
    let cases: [(&str, u16, i32, Change<'_>, bool); 7] = [
        ("whole", 1_000, 0, &|_| {}, true),
        ("hurt, and below she heals", 1_000, 0, &hurt, false),
        ("hurt, and Gamera lies in a coma", 1_000, 0, &|m| { hurt(m); coma(m); }, true),
        ("hurt, and it is late", 1_000, 0, &|m| { hurt(m); late(m); }, true),
        ("wings nearly broken", 300, 0, &|_| {}, false),
        ("wings torn and jets about", 600, 2, &|_| {}, false),
        ("wings torn and no jet about", 600, 0, &|_| {}, true),
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
fn the_queen_goes_round_those_who_wait_before_the_last_city() {
    let heading = |level, gamera_y_m: Option<i32>| {
        let made = marching().below().with(|m| m.own.health = 2_000);
        let made = gamera_y_m.into_iter().fold(made, |m, y| m.put(Kind::Gamera, Pos::from_m(5_600, y), Marks::GHOST));
        made.think(&mut made.bot_of(level, 3)).0.heading.unwrap()
    };
    let straight = heading(Level::Easy, None);
    let (north, south) = (heading(Level::Normal, Some(900)), heading(Level::Normal, Some(2_200)));
    assert_ne!(north, south, "she was seen there");
    assert!(straight != north && straight != south, "an easy bot goes straight: {straight} {north} {south}");
}

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
    for (role, rank, comes) in [(Role::BroodLeader, 1, true), (Role::BroodLeader, 0, false), (Role::Tank, 2, true)] {
        assert_eq!(heading(role, rank, 128, Some(spot)) == there, comes, "{role} {rank}");
        assert_ne!(heading(role, rank, 128, None), there, "{role} {rank}, uncalled");
    }
    let far = at(2_000, 0);
    let bearer = heading(Role::LightBearer, 0, 16, Some(far));
    assert_eq!(bearer, Some(centre().angle_to(far).to_byte()), "a light-bearer brings its mote from afar");
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

#[test]
fn bots_of_one_role_share_the_warehouses_out() {
    let site = |rank| {
        let made = brood().with(|m| m.rank = rank);
        made.think(&mut made.bot()).0.heading
    };
    assert_ne!(site(0), site(2));
}

#[test]
fn the_queen_leaves_a_lost_fight_but_not_the_last_city() {
    for (health, last_city, leaves) in [(77, City::Tokyo, true), (78, City::Tokyo, false), (10, City::Sapporo, false)] {
        let worn = queen().put(Kind::Gamera, at(65, 0), PLAIN).with(|m| {
            m.own.health = health;
            m.team.last_city = last_city;
        });
        assert_eq!(worn.verb() == Some(Verb::Burrow), leaves, "at {health} %, {last_city} is the last");
    }
    let below = |health| {
        let threatened = queen().flower(at(40, 0), 3, 50).below().with(|m| m.own.health = health);
        threatened.with(|m| m.team.cities[0].flower.as_mut().unwrap().health_permille = 200).verb()
    };
    assert_eq!((below(78), below(77)), (Some(Verb::Burrow), None), "worn, she does not come up for the flower again");
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
