//! What the director sees of the battle: everything, for it is a script and no player. It changes
//! nothing; what is done goes through [`TickInputs`] alone.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{City, Kind, Layer, NetId, Role, SeatId, Viewer};
use gamera_protocol::input::{SeatInput, TickInputs, Verb};
use gamera_protocol::measure::{Pos, Tick, metres};
use gamera_protocol::view::{GameraState, Life, OwnView, QueenState, TeamView, Thing, Things};

use crate::sim::{Battle, MatchConfig, Sighting};

/// Things are looked up anew this often, ticks.
const LOOK_TICKS: u32 = 6;

/// The queen is left to the plasma beam below this share of its damage, percent.
const WEAK_PCT: i32 = 95;
/// In overtime nobody fights her below this share of it, percent.
const SPARED_IN_OVERTIME_PCT: i32 = 135;

/// The battle and what has happened in it so far.
pub(super) struct Set {
    battle: Battle,
    team: TeamView,
    things: Things,
    sightings: Vec<Sighting>,
    log: Vec<Event>,
    /// What each seat holds now, house seats included.
    held: Vec<SeatInput>,
}

impl Set {
    pub(super) fn new(config: &MatchConfig) -> Set {
        let battle = Battle::new(config);
        let team = battle.team_view(Viewer::Spectator);
        let held = vec![SeatInput::default(); battle.roster().all().count()];
        let mut set = Set { battle, team, things: Things::default(), sightings: Vec::new(), log: Vec::new(), held };
        set.look();
        set
    }

    /// Moves the battle through one tick; what happened in it is appended to the log.
    pub(super) fn step(&mut self, inputs: &TickInputs) -> &[Event] {
        for (seat, input) in &inputs.seats {
            self.held[seat.index()] = *input;
        }
        let before = self.log.len();
        self.log.extend(self.battle.step(inputs));
        self.team = self.battle.team_view(Viewer::Spectator);
        if self.battle.tick().is_every(LOOK_TICKS, 0) {
            self.look();
        }
        &self.log[before..]
    }

    fn look(&mut self) {
        self.sightings.clear();
        self.battle.sightings(Viewer::Spectator, &mut self.sightings);
        self.things.rebuild(self.sightings.iter().map(thing));
    }

    pub(super) fn battle(&self) -> &Battle {
        &self.battle
    }

    pub(super) fn team(&self) -> &TeamView {
        &self.team
    }

    pub(super) fn things(&self) -> &Things {
        &self.things
    }

    pub(super) fn log(&self) -> &[Event] {
        &self.log
    }

    pub(super) fn now(&self) -> Tick {
        self.battle.tick()
    }

    /// What the seat held in the last tick.
    pub(super) fn held(&self, seat: SeatId) -> SeatInput {
        self.held[seat.index()]
    }

    /// True once `kind` has happened, anywhere.
    pub(super) fn heard(&self, kind: EventKind) -> bool {
        self.log.iter().any(|e| e.kind == kind)
    }

    /// How often `kind` has happened in `city`.
    pub(super) fn count(&self, kind: EventKind, city: City) -> usize {
        self.log.iter().filter(|e| e.kind == kind && e.city == Some(city)).count()
    }

    /// The first seat of `role`, which every match has.
    pub(super) fn seat(&self, role: Role) -> SeatId {
        self.battle.roster().first(role).expect("every role has a seat, or a house seat")
    }

    pub(super) fn own(&self, seat: SeatId) -> OwnView {
        self.battle.own_view(seat)
    }

    /// Where the first seat of `role` has its unit.
    pub(super) fn place(&self, role: Role) -> Option<Pos> {
        let own = self.own(self.seat(role));
        (own.role == role && own.life == Life::Alive).then_some(own.mover.pos)
    }

    /// Gamera's body, whoever steers it.
    pub(super) fn gamera(&self) -> Option<Pos> {
        self.place(Role::Gamera).or_else(|| self.things.of_kind(Kind::Gamera).next().map(|t| t.pos))
    }

    pub(super) fn gamera_state(&self) -> GameraState {
        self.team.gamera.map_or(GameraState::Away, |g| g.state)
    }

    /// Gamera's health, thousandths.
    pub(super) fn gamera_health(&self) -> u16 {
        self.team.gamera.map_or(0, |g| g.health_permille)
    }

    pub(super) fn queen(&self) -> Option<Pos> {
        self.place(Role::Queen)
    }

    pub(super) fn queen_state(&self) -> QueenState {
        self.team.queen.map_or(QueenState::Dead, |q| q.state)
    }

    /// Health left of the queen's body, points.
    pub(super) fn queen_health(&self) -> i32 {
        let own = self.own(self.seat(Role::Queen));
        if own.role == Role::Queen { own.health } else { 0 }
    }

    /// True once the plasma beam will be the end of her.
    pub(super) fn is_queen_weak(&self) -> bool {
        self.is_queen_below(WEAK_PCT)
    }

    /// True once nobody fights her any more: she is left to the plasma beam. In overtime, which wears her
    /// down by itself, that is sooner, once her horn is gone.
    pub(super) fn is_queen_spared(&self) -> bool {
        let worn = self.heard(EventKind::Overtime) && self.heard(EventKind::HornTorn);
        self.is_queen_below(if worn { SPARED_IN_OVERTIME_PCT } else { WEAK_PCT })
    }

    fn is_queen_below(&self, pct: i32) -> bool {
        self.queen_health() * 100 < self.battle.balance().gamera.plasma_damage * pct
    }

    /// True once the missile battery has fired a whole load at the queen.
    pub(super) fn is_battery_spent(&self) -> bool {
        let rounds = self.battle.balance().units.of(Kind::Missiles).carries;
        let volleys = self.log.iter().filter(|e| e.kind == EventKind::MissileVolley).count() as i32;
        volleys * self.battle.balance().sdf.volley_size >= rounds
    }

    /// Ticks that her horn has been charging.
    pub(super) fn charging(&self) -> u16 {
        match self.own(self.seat(Role::Queen)).channel {
            Some((Verb::Beam, done, _)) => done,
            _ => 0,
        }
    }

    /// Where the hive of `city` lies, once it has been founded.
    pub(super) fn hive(&self, city: City) -> Option<Pos> {
        let founded =
            |e: &&Event| matches!(e.kind, EventKind::HiveFounded | EventKind::HivePlanted) && e.city == Some(city);
        self.log.iter().find(founded).and_then(|e| e.at)
    }

    /// The oxygen of `city`, while its hive lives.
    pub(super) fn oxygen(&self, city: City) -> Option<u8> {
        self.team.cities[city.index()].flower.and_then(|f| f.oxygen)
    }

    /// Swarm mass in all, M.
    pub(super) fn mass(&self) -> u16 {
        self.team.legion.map_or(0, |l| l.mass)
    }

    /// Silicon in store.
    pub(super) fn silicon(&self) -> u16 {
        self.team.legion.map_or(0, |l| l.silicon)
    }

    /// Swarm mass within `radius_m` of `pos`, above ground and below, M.
    pub(super) fn mass_near(&self, pos: Pos, radius_m: i32) -> i32 {
        let near = self.things.near(pos, radius_m).filter(|t| t.kind == Kind::Soldier).count();
        let cap = self.battle.roster().soldier_cap() as i32;
        near as i32 * self.battle.balance().legion.mass_cap / cap.max(1)
    }

    /// Mana, tenths.
    pub(super) fn mana_dm(&self) -> u16 {
        self.team.gamera_side.map_or(0, |g| g.mana_dm)
    }

    /// Soldiers above ground within `radius_m` of `pos`.
    pub(super) fn soldiers_near(&self, pos: Pos, radius_m: i32) -> usize {
        let soldier = |t: &&Thing| t.kind == Kind::Soldier && t.layer == Layer::Surface;
        self.things.near(pos, radius_m).filter(soldier).count()
    }
}

/// The point `x_m`, `y_m` metres from `pos`.
pub(super) fn shifted(pos: Pos, x_m: i32, y_m: i32) -> Pos {
    Pos::new(pos.x + metres(x_m), pos.y + metres(y_m))
}

/// The director finds things by place and kind, so the id here need not be unique.
fn thing(s: &Sighting) -> Thing {
    let Sighting { key, kind, layer, pos, heading, health, marks, seat } = *s;
    Thing { id: NetId(key.0 as u16), kind, layer, pos, heading, health, marks, seat }
}
