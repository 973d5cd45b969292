//! A seat's view, made by hand: who it is, what it knows and what it sees, and the situations that
//! more than one topic starts from.

use std::sync::Arc;

use gamera_protocol::balance::Balance;
use gamera_protocol::event::Event;
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Layer, NetId, Role, SeatId, Side};
use gamera_protocol::input::{NEVER_TICKS, Order, SeatInput, Verb, verbs_of};
use gamera_protocol::measure::{Pos, Tick, metres, ticks};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::roster::Roster;
use gamera_protocol::view::{
    CityView, FlowerView, GameraSideView, GameraState, GameraView, LegionView, Life, Marks, OwnView, Phase, QueenState,
    QueenView, SdfView, SeatView, TeamView, Thing, Things, VERBS_MAX,
};

use crate::bots::{Bot, Level, brood_leader};

/// A seat's view, made by hand.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) role: Role,
    pub(super) seats: u16,
    pub(super) rank: usize,
    pub(super) own: OwnView,
    pub(super) team: TeamView,
    pub(super) things: Vec<Thing>,
    pub(super) events: Vec<Event>,
}

pub(super) const NOON: Tick = Tick(ticks(200));

pub(super) fn centre() -> Pos {
    ground::city_centre(City::Sapporo)
}

/// `east_m` and `north_m` metres from the middle of Sapporo.
pub(super) fn at(east_m: i32, north_m: i32) -> Pos {
    Pos::new(centre().x + metres(east_m), centre().y + metres(north_m))
}

impl Made {
    pub(super) fn new(role: Role) -> Made {
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

    pub(super) fn put(mut self, kind: Kind, pos: Pos, marks: Marks) -> Made {
        let layer = Layer::Surface;
        let id = NetId(self.things.len() as u16);
        self.things.push(Thing { id, kind, layer, pos, heading: 0, health: 255, marks, seat: None });
        self
    }

    pub(super) fn gone(mut self, kind: Kind, pos: Pos) -> Made {
        self = self.put(kind, pos, Marks::default());
        self.things.last_mut().unwrap().health = 0;
        self
    }

    pub(super) fn flower(mut self, pos: Pos, stage: u8, oxygen: u8) -> Made {
        self.team.cities[0].flower =
            Some(FlowerView { stage, health_permille: 1_000, oxygen: Some(oxygen), launch_s: None });
        self.put(Kind::Flower, pos, Marks::LIVE)
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Made)) -> Made {
        change(&mut self);
        self
    }

    pub(super) fn below(self) -> Made {
        self.with(|m| m.own.mover.gait = Gait::Burrow)
    }

    /// The bot that sits in this seat.
    pub(super) fn bot(&self) -> Bot {
        self.bot_of(Level::Hard, 1)
    }

    pub(super) fn bot_of(&self, level: Level, seed: u64) -> Bot {
        let roster = Roster::new(self.seats);
        let seat = roster.all().filter(|(_, role)| *role == self.role).nth(self.rank).unwrap().0;
        Bot::new(&roster, &Arc::new(Balance::default()), seat, level, seed)
    }

    pub(super) fn think(&self, bot: &mut Bot) -> (SeatInput, Vec<Order>) {
        self.think_as(SeatId(0), bot)
    }

    /// The same where it counts which seat it is.
    pub(super) fn think_as(&self, seat: SeatId, bot: &mut Bot) -> (SeatInput, Vec<Order>) {
        let mut things = Things::default();
        things.rebuild(self.things.iter().copied());
        let view = SeatView { seat, own: &self.own, team: &self.team, things: &things, events: &self.events };
        let mut orders = Vec::new();
        let input = bot.think(&view, &mut orders);
        (input, orders)
    }

    pub(super) fn verb(&self) -> Option<Verb> {
        self.think(&mut self.bot()).0.verb
    }
}

pub(super) const PLAIN: Marks = Marks(0);

pub(super) fn gamera() -> Made {
    Made::new(Role::Gamera)
}

pub(super) fn queen() -> Made {
    Made::new(Role::Queen)
}

pub(super) fn brood() -> Made {
    Made::new(Role::BroodLeader)
}

/// A jet with so many passes left.
pub(super) fn jet(passes: u16) -> Made {
    Made::new(Role::Jet).with(|m| m.own.carried = passes)
}

/// A missile battery with so many rounds left.
pub(super) fn battery(rounds: u16) -> Made {
    Made::new(Role::Missiles).with(|m| m.own.carried = rounds)
}

/// An engineer with all its charges.
pub(super) fn laden() -> Made {
    Made::new(Role::Engineer).with(|m| m.own.carried = 3)
}

/// The queen on her way to Tokyo, in Sendai.
pub(super) fn marching() -> Made {
    queen().with(|m| {
        m.team.phase = Phase::March;
        m.team.city = City::Tokyo;
        m.own.mover.pos = Pos::from_m(4_300, 1_500);
        (m.own.health, m.own.health_max) = (16_500, 16_500);
    })
}

/// Soldiers in a bunch.
pub(super) fn bunch(made: Made, pos: Pos, many: usize) -> Made {
    (0..many).fold(made, |m, i| m.put(Kind::Soldier, Pos::new(pos.x + metres(i as i32 * 3), pos.y), PLAIN))
}

/// Gamera in a coma at the body's place, seen by a seat of her side.
pub(super) fn fallen(made: Made) -> Made {
    made.with(|m| m.team.gamera.as_mut().unwrap().state = GameraState::Coma).put(Kind::Gamera, at(20, 0), PLAIN)
}

pub(super) fn cool(made: &mut Made, verbs: &[Verb]) {
    set_cooldowns(made, verbs, 60);
}

/// The match has no such verbs.
pub(super) fn lose(made: &mut Made, verbs: &[Verb]) {
    set_cooldowns(made, verbs, NEVER_TICKS);
}

fn set_cooldowns(made: &mut Made, verbs: &[Verb], left: u16) {
    for verb in verbs {
        let slot = verbs_of(made.role).position(|row| row.verb == *verb).unwrap();
        made.own.cooldowns[slot] = left;
    }
}

pub(super) fn launch(made: &mut Made, seconds: u8) {
    made.team.cities[0].flower.as_mut().unwrap().launch_s = Some(seconds);
}

/// The raider among five brood leaders, standing at `site` in its `turn`-th turn.
pub(super) fn raider(turn: u32, site: Pos) -> Made {
    brood().with(|m| {
        m.rank = 1;
        m.own.tick = Tick(ticks(brood_leader::RAID_TURN_S * turn + 20));
        m.own.mover.pos = site;
    })
}

pub(super) fn meeting(role: Role, other: Kind) -> Made {
    let made = Made::new(role).flower(at(900, 0), 2, 20).put(other, at(15, 0), PLAIN);
    made.with(|m| m.team.sdf.as_mut().unwrap().confer_s = 0)
}

/// An engineer at a live switch, and Gamera nearby under a mob of `mass`.
pub(super) fn mobbed_at_switch(mass: u16) -> Made {
    Made::new(Role::Engineer).put(Kind::Gamera, at(-300, -300), PLAIN).with(|m| {
        m.own.mover.pos = ground::city(City::Sapporo).substations[0];
        m.team.gamera.as_mut().unwrap().mobbed = mass;
        m.team.sdf.as_mut().unwrap().lure_pct = 100;
    })
}
