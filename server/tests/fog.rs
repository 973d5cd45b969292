//! Whole matches as clients get them: every datagram and every event that a room sends is decoded and
//! judged by distances and by the list of what stays with whom, not by the grids that make the fog.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use gamera_protocol::balance::Balance;
use gamera_protocol::event::{Audience, Event, EventKind};
use gamera_protocol::ground::BLOCK_M;
use gamera_protocol::ids::{City, Kind, Layer, NetId, Role, SeatId, Side, Viewer};
use gamera_protocol::join::Fingerprint;
use gamera_protocol::measure::{Pos, Tick, metres};
use gamera_protocol::message::{Hello, ToClient, VERSION, Wish};
use gamera_protocol::snapshot::{InputDatagram, Replica};
use gamera_protocol::view::{GameraState, Marks, QueenState, TeamView, Thing, side_of};
use gamera_server::config::{ModeSetting, Settings};
use gamera_server::net::memory::MemoryLink;
use gamera_server::net::{Arrival, LinkId};
use gamera_server::ops::meters::RoomMeters;
use gamera_server::room::{Room, SLICES};
use gamera_server::sim::{Battle, Sighting};

/// What may be seen how far, told here anew so that a slip in the tables is found, metres.
const GIANT_SEEN_M: i32 = 1_200;
const UNDERGROUND_SEEN_M: i32 = 24;
const SENSOR_M: i32 = 150;
const BOND_M: i32 = 300;
const RASTER_M: i32 = 64;
/// Who is underground sees the street only this far.
const LOOKING_UP_M: i32 = 64;
/// Sight is looked at five times a second, on blocks: a diagonal farther than its distance.
const LOOK_TICKS: u32 = 6;
const BLOCK_SLACK_M: i32 = BLOCK_M * 3 / 2;
/// Between two looks nothing gets farther than this.
const MOVED_M: i32 = 30;
/// What is told may be as old as this many looks: what is far is told less often.
const LOOKS: usize = 25;
const JUDGED_EVERY_TICKS: u32 = 60;

/// One moment of the battle as it was, without fog.
struct Look {
    all: Vec<Sighting>,
    queen: QueenState,
    dived: bool,
    bonded: bool,
}

/// The truth: what an observer without fog has seen of late, and what each side has learnt for good.
struct Truth {
    balance: Balance,
    looks: VecDeque<Look>,
    /// Places where each side may have seen something that it remembers.
    remembered: [BTreeSet<(usize, Pos)>; 3],
    /// Cities whose hive the SDF has found.
    found: [bool; 3],
    /// When each seat's unit was last out of each side's sight for certain.
    hidden: [BTreeMap<SeatId, Tick>; 3],
}

fn reach_m(side: Side, eye: Layer, layer: Layer, sight_m: i32) -> i32 {
    match (eye == Layer::Underground, layer == Layer::Underground) {
        (true, true) | (false, false) => sight_m,
        (true, false) => sight_m.min(LOOKING_UP_M),
        (false, true) if side == Side::Legion => sight_m,
        (false, true) => UNDERGROUND_SEEN_M,
    }
}

fn is_giant(kind: Kind) -> bool {
    matches!(kind, Kind::Gamera | Kind::Queen)
}

/// True for units that leave no ghost: out of sight they are out of mind.
fn is_forgotten(kind: Kind) -> bool {
    use Kind::{Asagi, BroodLeader, Commander, Engineer, Jet, LightBearer, Missiles, Scientist, Tank};
    matches!(kind, Asagi | LightBearer | BroodLeader | Commander | Scientist | Jet | Tank | Missiles | Engineer)
}

fn is_on_the_map(kind: Kind) -> bool {
    matches!(kind, Kind::Cache | Kind::Shrine | Kind::Pylon | Kind::Substation | Kind::Lab)
}

fn on_raster(pos: Pos) -> bool {
    let middle = |v: i32| v.rem_euclid(metres(RASTER_M)) == metres(RASTER_M) / 2;
    middle(pos.x) && middle(pos.y)
}

fn raster(pos: Pos) -> Pos {
    let middle = |v: i32| v.div_euclid(metres(RASTER_M)) * metres(RASTER_M) + metres(RASTER_M) / 2;
    Pos::new(middle(pos.x), middle(pos.y))
}

impl Truth {
    fn new(balance: &Balance) -> Truth {
        let remembered = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        let hidden = [BTreeMap::new(), BTreeMap::new(), BTreeMap::new()];
        Truth { balance: balance.clone(), looks: VecDeque::new(), remembered, found: [false; 3], hidden }
    }

    fn sees(&self, look: &Look, side: Side, layer: Layer, pos: Pos, slack_m: i32) -> bool {
        look.all.iter().filter(|e| side_of(e.kind) == Some(side) && e.health > 0).any(|e| {
            let sight_m = self.balance.units.of(e.kind).sight_m;
            e.pos.within(pos, metres(reach_m(side, e.layer, layer, sight_m) + slack_m))
        })
    }

    fn sees_giant(&self, look: &Look, side: Side, kind: Kind, pos: Pos) -> bool {
        let hidden = kind == Kind::Gamera && look.dived;
        // Who walks, drives or flies looks up; soldiers and what stands have no eyes for the sky.
        let moves = |kind: Kind| {
            let row = self.balance.units.of(kind);
            row.speed_dms > 0 || row.fly_dms > 0 || kind == Kind::Guard
        };
        let looks_up = |e: &&Sighting| moves(e.kind) && e.kind != Kind::Soldier;
        let mut eyes = look.all.iter().filter(|e| side_of(e.kind) == Some(side)).filter(looks_up);
        !hidden && eyes.any(|e| e.pos.within(pos, metres(GIANT_SEEN_M)))
    }

    fn take(&mut self, battle: &Battle) {
        let team = battle.team_view(Viewer::Spectator);
        let mut all = Vec::new();
        battle.sightings(Viewer::Spectator, &mut all);
        let look = Look {
            all,
            queen: team.queen.unwrap().state,
            dived: team.gamera.unwrap().state == GameraState::Dived,
            bonded: team.gamera_side.unwrap().bonded,
        };
        for side in Side::ALL {
            for s in look.all.iter().filter(|s| s.kind != Kind::Soldier && side_of(s.kind) != Some(*side)) {
                let giant = is_giant(s.kind) && s.layer != Layer::Underground;
                let seen = match giant {
                    true => self.sees_giant(&look, *side, s.kind, s.pos),
                    false => self.sees(&look, *side, s.layer, s.pos, BLOCK_SLACK_M),
                };
                let city = gamera_protocol::ground::city_at(s.pos);
                let found = s.kind == Kind::Pod && *side == Side::Sdf && city.is_some_and(|c| self.found[c.index()]);
                if seen || found {
                    self.remembered[side.index()].insert((s.kind.index(), s.pos));
                }
                if let Some(seat) = s.seat.filter(|_| is_forgotten(s.kind) && !seen) {
                    self.hidden[side.index()].insert(seat, battle.tick());
                }
                if s.kind == Kind::Queen && look.queen == QueenState::Emerging {
                    self.remembered[side.index()].insert((s.kind.index(), raster(s.pos)));
                }
            }
        }
        self.looks.push_front(look);
        self.looks.truncate(LOOKS);
    }

    fn hear(&mut self, event: &Event) {
        if let (EventKind::HiveDiscovered, Some(city)) = (event.kind, event.city) {
            self.found[city.index()] = true;
        }
    }

    /// True where `side` may be told of `t`.
    fn may_see(&self, side: Side, t: &Thing) -> bool {
        let bare = t.health == 255 && t.seat.is_none() && t.marks == Marks::default();
        let foreign = side_of(t.kind) != Some(side);
        if t.marks.has(Marks::GHOST) {
            return self.remembered[side.index()].contains(&(t.kind.index(), t.pos));
        }
        if t.marks.has(Marks::BLIP) {
            return self.may_feel(side, t);
        }
        let found = t.kind == Kind::Pod && side == Side::Sdf && bare && self.found.contains(&true);
        if !foreign || found || (is_on_the_map(t.kind) && bare) {
            return true;
        }
        self.looks.iter().any(|look| match is_giant(t.kind) && t.layer != Layer::Underground {
            true => self.sees_giant(look, side, t.kind, t.pos),
            false => self.sees(look, side, t.layer, t.pos, BLOCK_SLACK_M + MOVED_M),
        })
    }

    fn may_feel(&self, side: Side, t: &Thing) -> bool {
        let rough = on_raster(t.pos) && t.heading == 0 && t.health == 255 && t.seat.is_none();
        if !rough || t.marks != Marks::BLIP || t.layer != Layer::Underground {
            return false;
        }
        if t.kind == Kind::Queen {
            return self.looks.iter().any(|look| look.queen == QueenState::Emerging);
        }
        let slack_m = BLOCK_SLACK_M + MOVED_M + RASTER_M;
        let feels = |look: &Look, kind: Kind, range_m: i32| {
            look.all.iter().any(|s| s.kind == kind && s.pos.within(t.pos, metres(range_m + slack_m)))
        };
        t.kind == Kind::Soldier
            && self.looks.iter().any(|look| match side {
                Side::Sdf => feels(look, Kind::Sensor, SENSOR_M),
                Side::Gamera => look.bonded && feels(look, Kind::Gamera, BOND_M),
                Side::Legion => false,
            })
    }

    /// True where `side` may be told of `event`, which has just happened.
    fn may_hear(&self, side: Side, event: &Event, doer: Option<Side>) -> bool {
        let beneath = event.kind.is_beneath();
        let layer = if beneath { Layer::Underground } else { Layer::Surface };
        let witness = || {
            let slack_m = BLOCK_SLACK_M + MOVED_M;
            let recent = self.looks.iter().take(2);
            event.at.is_some_and(|at| recent.into_iter().any(|look| self.sees(look, side, layer, at, slack_m)))
        };
        match event.kind.row().audience {
            Audience::All => true,
            Audience::Only(only) => only == side,
            Audience::SideAndWitnesses(own) => own == side || witness(),
            Audience::Witnesses => witness(),
            Audience::TeamAndWitnesses => doer == Some(side) || witness(),
        }
    }

    /// True where one of the looks lets `side` know the giant's figures.
    fn has_seen(&self, side: Side, kind: Kind) -> bool {
        let open = |s: &&Sighting| s.kind == kind && s.layer != Layer::Underground;
        self.looks.iter().any(|look| look.all.iter().filter(open).any(|s| self.sees_giant(look, side, kind, s.pos)))
    }

    fn judge_numbers(&self, side: Side, team: &TeamView, over: bool) {
        let own = [team.gamera_side.is_some(), team.legion.is_some(), team.sdf.is_some()];
        assert_eq!(own, [Side::Gamera, Side::Legion, Side::Sdf].map(|s| s == side), "{side}: a side's own figures");
        let theory = team.sdf.is_some_and(|s| s.theory);
        let knows = side == Side::Legion || theory;
        for (i, flower) in team.cities.iter().enumerate().filter_map(|(i, c)| Some((i, c.flower?))) {
            assert!(knows || (flower.oxygen, flower.launch_s) == (None, None), "{side} knows the oxygen");
            let reported = side == Side::Legion || flower.stage >= 2 || (side == Side::Sdf && self.found[i]);
            assert!(reported, "{side} knows of the hive: {flower:?}");
        }
        if let Some(gamera) = team.gamera.filter(|_| side != Side::Gamera) {
            use GameraState::{Ascended, Coma, Dead, Down};
            let public = matches!(gamera.state, Down | Coma | Dead | Ascended);
            assert!(public || self.has_seen(side, Kind::Gamera), "{side} knows Gamera: {gamera:?}");
            assert_eq!(gamera.timer_s, 0, "{side} knows Gamera's clock");
        }
        if let Some(queen) = team.queen.filter(|_| side != Side::Legion) {
            let public = queen.state == QueenState::Dead;
            assert!(public || self.has_seen(side, Kind::Queen), "{side} knows the queen: {queen:?}");
        }
        let seeds = u16::from(team.seeds) * self.balance.campaign.score_seed as u16;
        assert!(knows || over || team.scores[Side::Legion.index()] == seeds.min(1_000), "{side}: {:?}", team.scores);
    }
}

/// A client of one seat that plays nothing: its seat goes to a bot after a while.
struct Watcher {
    id: LinkId,
    side: Side,
    link: Arc<MemoryLink>,
    replica: Replica,
    epoch: u8,
    datagrams: usize,
    events: usize,
    foreign: usize,
    /// By which id each foreign seat's unit was known, and when.
    names: BTreeMap<SeatId, (NetId, Tick)>,
    /// Units that came back into sight under another id.
    renamed: usize,
}

impl Watcher {
    fn join(room: &mut Room, id: u64, role: Role) -> Watcher {
        let link = Arc::new(MemoryLink::default());
        let hello = Hello {
            version: VERSION,
            balance: Balance::default().fingerprint(),
            name: "Watcher".into(),
            wish: Wish::Role(role),
        };
        let key = Fingerprint([id as u8; 32]);
        room.receive(Arrival::Joining { id: LinkId(id), link: Arc::clone(&link) as _, key, hello });
        let (replica, side) = (Replica::new(), role.side());
        let (names, renamed) = (BTreeMap::new(), 0);
        Watcher { id: LinkId(id), side, link, replica, epoch: 1, datagrams: 0, events: 0, foreign: 0, names, renamed }
    }

    fn take(&mut self, room: &mut Room, truth: &Truth) {
        for message in self.link.take_control() {
            if let ToClient::Events(events) = message {
                for event in events {
                    let doer = event.seat.and_then(|seat| room.battle().roster().role(seat)).map(Role::side);
                    assert!(truth.may_hear(self.side, &event, doer), "{} hears of {event:?}", self.side);
                    self.events += 1;
                }
            }
        }
        for datagram in self.link.take_datagrams() {
            assert_eq!(datagram[0], self.epoch);
            self.replica.apply(&datagram[1..]).unwrap();
            self.datagrams += 1;
        }
        let acks = InputDatagram { newest: self.replica.tick(), acks: self.replica.acks(), ..InputDatagram::default() };
        let bytes: Vec<u8> = [self.epoch].into_iter().chain(acks.encode()).collect();
        room.receive(Arrival::Datagram { id: self.id, bytes: bytes.into() });
    }

    fn judge(&mut self, truth: &Truth, over: bool, now: Tick) {
        self.replica.refresh();
        for thing in self.replica.things().all() {
            assert!(truth.may_see(self.side, thing), "{} is told at {now:?} of {thing:?}", self.side);
            self.foreign += usize::from(thing.side().is_some_and(|side| side != self.side));
        }
        self.judge_names(truth, now);
        if let Some(team) = self.replica.team() {
            truth.judge_numbers(self.side, team, over);
        }
        let own = self.replica.own().map(|own| own.role.side());
        assert!(own.is_none_or(|side| side == self.side), "{}: another's unit", self.side);
    }
}

impl Watcher {
    /// Who was lost from sight and is seen again has a new id: nobody can be followed through the fog.
    fn judge_names(&mut self, truth: &Truth, now: Tick) {
        let Watcher { side, replica, names, renamed, .. } = self;
        let seen = replica.things().all().iter().filter(|t| t.side() != Some(*side) && is_forgotten(t.kind));
        for (seat, id) in seen.filter_map(|t| Some((t.seat?, t.id))) {
            let told_late = (LOOKS as u32) * LOOK_TICKS;
            let hidden = truth.hidden[side.index()].get(&seat).filter(|at| now.since(**at) > told_late);
            let before = names.insert(seat, (id, now));
            if let (Some((old, known)), Some(hidden)) = (before, hidden)
                && known < *hidden
            {
                assert_ne!(old, id, "{side} knows {seat:?} again at {now:?}, out of sight at {hidden:?}");
                *renamed += 1;
            }
        }
    }
}

/// Plays a match for at most `longest` ticks with a watcher in each of `roles`.
/// Returns how often a unit came back into sight under another id.
fn watch(settings: &Settings, roles: &[Role], longest: u32) -> usize {
    let mut room = Room::new(settings, 5, RoomMeters::new(0));
    let mut truth = Truth::new(&Balance::default());
    truth.take(room.battle());
    let mut watchers: Vec<Watcher> = (1..).zip(roles).map(|(id, role)| Watcher::join(&mut room, id, *role)).collect();
    while !room.battle().is_over() && room.battle().tick().0 < longest {
        let now = room.battle().tick();
        room.tick();
        room.battle().events().iter().for_each(|e| truth.hear(e));
        if now.is_every(LOOK_TICKS, 0) {
            truth.take(room.battle());
        }
        (0..SLICES).for_each(|slice| room.serve(slice));
        let over = room.battle().verdict().is_some();
        for watcher in &mut watchers {
            watcher.take(&mut room, &truth);
            if now.is_every(JUDGED_EVERY_TICKS, 0) {
                watcher.judge(&truth, over, now);
            }
        }
    }
    for w in &watchers {
        let told = (w.datagrams > 1_000, w.events > 10, w.foreign > 100);
        assert_eq!(told, (true, true, true), "{}: {} {} {}", w.side, w.datagrams, w.events, w.foreign);
    }
    watchers.iter().map(|w| w.renamed).sum()
}

#[test]
fn no_packet_of_a_quick_match_tells_a_seat_what_its_side_may_not_know() {
    let settings = Settings { seats: 16, mode: ModeSetting::Quick, city: City::Tokyo, ..Settings::default() };
    let roles = [Role::Gamera, Role::Asagi, Role::Queen, Role::BroodLeader, Role::Commander, Role::Engineer];
    let renamed = watch(&settings, &roles, 12_000);
    assert!(renamed > 10, "{renamed} units were seen again");
}

#[test]
fn no_packet_of_a_campaign_tells_a_seat_what_its_side_may_not_know() {
    let settings = Settings { seats: 16, mode: ModeSetting::Campaign, ..Settings::default() };
    let renamed = watch(&settings, &[Role::LightBearer, Role::BroodLeader, Role::Jet], 30_000);
    assert!(renamed > 10, "{renamed} units were seen again");
}
