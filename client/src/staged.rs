//! A staged battle for the tests of screen, keys and narration: no server, no chance.

use std::time::Duration;

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ground;
use gamera_protocol::ids::{City, Kind, Layer, NetId, Role, SeatId, Viewer};
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, Tick, ticks};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::roster::Roster;
use gamera_protocol::snapshot::Density;
use gamera_protocol::view::{
    CityView, FlowerView, GameraSideView, GameraState, GameraView, LegionView, Life, Marks, OwnView, Phase, QueenState,
    QueenView, SdfView, TeamView, Thing, VERBS_MAX,
};

use crate::link::{Act, ChatLine, Link, Picture, Place, Quality, SeatInfo, Update};
use crate::model::Model;

/// When the staged battle is looked at, by the client's clock.
pub(crate) const NOW: Duration = Duration::from_secs(100);
const TICK: Tick = Tick(ticks(133));

/// A thing of `kind` on the surface, or in the sky where it only flies.
pub(crate) fn thing(id: u16, kind: Kind, pos: Pos) -> Thing {
    let layer = if kind == Kind::Jet { Layer::Sky } else { Layer::Surface };
    Thing { id: NetId(id), kind, layer, pos, heading: 64, health: 255, marks: Marks::default(), seat: None }
}

/// A battle in Sapporo as the first seat of `role` sees it; `None` is a spectator.
pub(crate) fn battle(role: Option<Role>) -> Model {
    let mut model = Model::default();
    opening(role).into_iter().for_each(|u| model.apply(u, NOW));
    model.present(NOW);
    model
}

/// A link that stands still at the staged battle and keeps what was sent.
pub(crate) struct Stage {
    role: Option<Role>,
    opened: bool,
    pub(crate) sent: Vec<Act>,
}

impl Stage {
    pub(crate) fn new(role: Option<Role>) -> Stage {
        Stage { role, opened: false, sent: Vec::new() }
    }

    pub(crate) fn inputs(&self) -> Vec<(Tick, Option<Verb>)> {
        let of = |act: &Act| if let Act::Input { tick, input } = act { Some((*tick, input.verb)) } else { None };
        self.sent.iter().filter_map(of).collect()
    }
}

impl Link for Stage {
    fn poll(&mut self, _now: Duration, out: &mut Vec<Update>) {
        if !std::mem::replace(&mut self.opened, true) {
            out.extend(opening(self.role));
        }
    }

    fn send(&mut self, act: Act) {
        self.sent.push(act);
    }
}

fn opening(role: Option<Role>) -> Vec<Update> {
    let roster = Roster::new(16);
    let seat = role.and_then(|r| roster.first(r));
    let viewer = role.map_or(Viewer::Spectator, |r| r.side().into());
    vec![
        Update::Placed(Place { viewer, seat, name: "Mizuno".into() }),
        Update::Seats(seats(&roster, seat)),
        Update::Quality(Quality {
            rtt_ms: 42,
            loss_permille: 3,
            down_bytes_s: 7_900,
            snapshots_s: Some(30),
            inputs_early_ticks: Some(2),
        }),
        Update::Event(Event::new(Tick(ticks(120)), EventKind::PodErupted).in_city(City::Sapporo)),
        Update::Event(Event::new(Tick(ticks(125)), EventKind::RoadBlocked).in_city(City::Sapporo)),
        Update::Chat(ChatLine { from: "Obitsu".into(), to: None, text: "what is that thing?".into() }),
        Update::Picture(Box::new(Picture {
            tick: TICK,
            own: role.map(own),
            team: team(viewer),
            things: things(seat),
            told: Vec::new(),
            density: Density::default(),
        })),
    ]
}

/// Where the staged own unit stands.
pub(crate) fn stage() -> Pos {
    let centre = ground::city_centre(City::Sapporo);
    Pos::new(centre.x - 64 * 60, centre.y - 64 * 40)
}

fn seats(roster: &Roster, mine: Option<SeatId>) -> Vec<SeatInfo> {
    let person = |seat| (Some(seat) == mine).then(|| "Mizuno".to_owned());
    roster.seats().map(|(seat, role)| SeatInfo { seat, role, person: person(seat) }).collect()
}

/// The own unit of `role`.
pub(crate) fn own(role: Role) -> OwnView {
    let gait = if role == Role::Jet { Gait::Fly } else { Gait::Walk };
    let mut cooldowns = [0; VERBS_MAX];
    cooldowns[0] = 45;
    OwnView {
        tick: TICK,
        role,
        life: Life::Alive,
        mover: Mover::at(stage(), gait),
        speed_permille: 1_000,
        health: 390,
        health_max: 520,
        carried: 2,
        squad: 24,
        cooldowns,
        channel: None,
    }
}

fn team(viewer: Viewer) -> TeamView {
    let all = viewer == Viewer::Spectator;
    let flower = FlowerView { stage: 2, health_permille: 930, oxygen: Some(37), launch_s: None };
    let mut cities = [CityView::default(); 3];
    cities[0] = CityView {
        staying_dtok: 4_120,
        evacuated_dtok: 1_610,
        dead_dtok: 270,
        overgrown_pct: 14,
        flower: Some(flower),
        contested: true,
        annihilated: false,
        districts_dtok: [300, 500, 400, 420, 900, 380, 300, 520, 400],
    };
    TeamView {
        tick: TICK,
        phase: Phase::Siege,
        city: City::Sapporo,
        last_city: City::Tokyo,
        cities,
        gamera: Some(GameraView { state: GameraState::Active, health_permille: 710, mobbed: 64, timer_s: 0 }),
        queen: Some(QueenView {
            state: QueenState::Active,
            health_permille: 880,
            horn_permille: 1_000,
            wings_permille: 250,
            claws_permille: 0,
            egg_chamber_permille: 600,
            legs_permille: [1_000, 500, 0, 1_000],
        }),
        seeds: 0,
        wariness: 12,
        scores: [310, 240, 870],
        legion: (all || viewer == Viewer::Legion).then_some(LegionView {
            mass: 212,
            silicon: 87,
            feed_pct: 60,
            broodburst_s: 12,
            hold: false,
        }),
        gamera_side: (all || viewer == Viewer::Gamera).then_some(GameraSideView {
            mana_dm: 438,
            bonded: true,
            jewel: true,
            arrival: Tick(ticks(150)),
            ..GameraSideView::default()
        }),
        sdf: (all || viewer == Viewer::Sdf).then_some(SdfView {
            research_dm: 224,
            lure_pct: 45,
            lure_s: 0,
            evacuation_pct: 50,
            evacuation_district: 4,
            weapons_free: false,
            confer_s: 0,
            evacuation_city: City::Sapporo,
            evacuation_dtok_min: 1_200,
            convoys: 6,
            tier: 0,
            theory: false,
            patrol_s: 12,
            contact: None,
            bearings: [None; 2],
            meteor: None,
            lure_at: None,
        }),
        rally: None,
    }
}

fn things(mine: Option<SeatId>) -> Vec<Thing> {
    let at = |dx: i32, dy: i32| Pos::new(stage().x + dx * 64, stage().y + dy * 64);
    let mut list = vec![
        thing(1, Kind::Gamera, at(-150, 60)),
        Thing { layer: Layer::Sky, ..thing(2, Kind::Queen, at(170, 50)) },
        thing(3, Kind::Flower, at(60, 40)),
        thing(4, Kind::Burrow, at(100, -60)),
        thing(5, Kind::Jet, at(-40, 100)),
        thing(6, Kind::Engineer, at(-90, -50)),
        thing(7, Kind::BroodLeader, at(60, -30)),
        Thing { marks: Marks::GHOST, ..thing(8, Kind::BroodLeader, at(-200, -80)) },
        Thing { marks: Marks::BLIP, layer: Layer::Underground, ..thing(9, Kind::Soldier, at(130, -100)) },
        thing(10, Kind::Convoy, at(20, 110)),
        thing(11, Kind::Tank, at(-20, -90)),
        Thing { seat: mine, ..thing(12, Kind::Tank, stage()) },
    ];
    let ring = |i: u16| at(40 + i32::from(i % 12) * 5, -20 + i32::from(i / 12) * 6);
    list.extend((0..48).map(|i| thing(100 + i, Kind::Soldier, ring(i))));
    list.extend((0..20).map(|i| Thing {
        layer: Layer::Underground,
        ..thing(200 + i, Kind::Soldier, at(90 + i32::from(i) * 2, -70 - i32::from(i % 4) * 6))
    }));
    list
}
