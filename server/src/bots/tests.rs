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
        let roster = Roster::new(self.seats);
        let seat = roster.all().filter(|(_, role)| *role == self.role).nth(self.rank).unwrap().0;
        Bot::new(&roster, &Arc::new(Balance::default()), seat, Level::Hard, 1)
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
        (Verb::Strike,   Made::new(Role::Jet).put(Kind::Queen, at(150, 0), PLAIN)),
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
