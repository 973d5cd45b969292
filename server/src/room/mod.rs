//! A room: one match after another with the people who are there. The only place where inputs,
//! battle, lobby and links meet.
//!
//! A room is driven from outside: [`Room::receive`] takes what came, [`Room::tick`] steps the
//! battle, [`Room::serve`] tells a slice of the clients. `run` does that at 30 Hz on a thread of
//! its own; a test does it as fast as it likes.

mod client;
mod inputs;
mod look;
mod pace;
mod receive;
mod run;
mod serve;
mod summary;
mod timeline;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use gamera_protocol::ids::{SeatId, Viewer};
use gamera_protocol::input::{Driver, Order, TickInputs};
use gamera_protocol::message::{MatchInfo, PlacedBy, Stage, Summary, ToClient, Welcome};
use gamera_protocol::view::Things;

pub use inputs::{InputQueue, Offered};
pub use pace::{Governor, LeftOut, PERIOD, Pace, Relief, SLICES, STEPS, slice_due};
pub use run::{RoomHandle, spawn};

use crate::bots::{BotCrew, Known, Level};
use crate::config::{BotsSetting, ModeSetting, Settings};
use crate::lobby::{Lobby, Patience, Uptime};
use crate::net::{LinkId, Outgoing};
use crate::ops::meters::RoomMeters;
use crate::replicate::Replicator;
use crate::sim::Battle;
use client::Client;
use look::Looks;
use timeline::Timelines;

/// Ticks between two looks at idle players and lost seats.
const SWEEP_TICKS: u64 = 15;

/// One match after another, and who is there.
pub struct Room {
    settings: Settings,
    seed: u64,
    number: u32,
    battle: Battle,
    replicator: Replicator,
    lobby: Lobby,
    uptime: Uptime,
    crew: Option<BotCrew>,
    clients: BTreeMap<LinkId, Box<Client>>,
    /// The figures say who is here.
    is_recounted: bool,
    queues: Vec<InputQueue>,
    orders: Vec<(SeatId, Order)>,
    inputs: TickInputs,
    timelines: Timelines,
    verdict_told: bool,
    looks: Looks,
    relief: Relief,
    left_out: LeftOut,
    /// What the room sends is shared by so many at least.
    crowd: usize,
    outgoing: Outgoing,
    meters: RoomMeters,
}

impl Room {
    /// A room with its first match, of which nobody knows yet.
    #[must_use]
    pub fn new(settings: &Settings, seed: u64, meters: RoomMeters) -> Room {
        let config = settings.match_config(seed);
        let battle = Battle::new(&config);
        let lobby = Lobby::new(battle.roster().clone(), config.balance.fingerprint(), Patience::of(&config.balance));
        let queues = vec![InputQueue::default(); battle.roster().len()];
        Room {
            settings: settings.clone(),
            seed,
            number: 1,
            replicator: published(&battle),
            crew: crew(settings.bots, &battle, seed),
            battle,
            lobby,
            uptime: Uptime(0),
            clients: BTreeMap::new(),
            is_recounted: false,
            queues,
            orders: Vec::new(),
            inputs: TickInputs::default(),
            timelines: Timelines::default(),
            verdict_told: false,
            looks: Looks::default(),
            relief: STEPS[0],
            left_out: LeftOut::default(),
            crowd: 0,
            outgoing: Outgoing::default(),
            meters,
        }
    }

    /// The battle that is fought now.
    #[must_use]
    pub fn battle(&self) -> &Battle {
        &self.battle
    }

    /// Who is here.
    #[must_use]
    pub fn lobby(&self) -> &Lobby {
        &self.lobby
    }

    /// What a viewer's side sees, in the ticks in which it is taken for the bots (five times a second), and
    /// under the ids that its clients know things by; `None` in the others.
    #[must_use]
    pub fn seen(&self, viewer: Viewer) -> Option<&Things> {
        self.replicator.renewed_things(self.battle.tick(), viewer)
    }

    /// Gives each client the share that it would have among so many, however few there are: for those who
    /// want to see a few of a crowd.
    pub fn share_among(&mut self, crowd: usize) {
        self.crowd = crowd;
    }

    /// Takes from the clients what the machine cannot bear, from the next tick on.
    pub fn relieve(&mut self, relief: Relief) {
        self.relief = relief;
    }

    /// Notes that so many ticks were left out for good.
    pub fn leave_out(&mut self, ticks: u32) {
        self.left_out.note(ticks, self.uptime);
    }

    /// Moves everything through one tick.
    pub fn tick(&mut self) {
        self.uptime.0 += 1;
        if self.battle.is_over() {
            self.next_match();
        }
        if self.uptime.0.is_multiple_of(SWEEP_TICKS) {
            self.sweep();
        }
        self.gather();
        let events = self.battle.step(&self.inputs).to_vec();
        self.inputs.clear();
        let (relief, uptime) = (self.relief, self.uptime.0);
        self.replicator.publish_for(&self.battle, |viewer| relief.tells(viewer, uptime));
        self.looks.tell(&self.battle, &self.replicator);
        self.timelines.take(&self.battle, &events);
        self.tell_events();
        self.tell_verdict();
        self.recount_clients();
        self.meters.ticks.increment(1);
        self.meters.soldiers.set(self.battle.soldiers() as f64);
    }

    /// Puts together what enters the step.
    fn gather(&mut self) {
        let next = self.battle.tick().after(1);
        let (controls, entries) = self.lobby.take_changes();
        for frame in client::roster_frames(&entries) {
            self.clients.values().for_each(|client| client.link.send_control_later(frame.clone()));
        }
        for entry in &entries {
            let is_bot = entry.driver == Driver::Bot;
            if is_bot {
                self.queues[entry.seat.index()].clear();
            }
            if let Some(crew) = &mut self.crew {
                crew.set_driving(entry.seat, is_bot);
            }
        }
        self.inputs.controls.extend(controls);
        self.orders.sort_by_key(|(seat, _)| *seat);
        self.inputs.orders.append(&mut self.orders);
        for (i, queue) in self.queues.iter_mut().enumerate() {
            let seat = SeatId(i as u16);
            if self.lobby.seats().driver(seat) == Driver::Person {
                self.inputs.seats.push((seat, queue.take(next)));
            }
        }
        self.ask_bots();
    }

    /// Adds what the bots want, of what their sides know.
    fn ask_bots(&mut self) {
        let Room { crew: Some(crew), battle, replicator, timelines, inputs, meters, .. } = self else { return };
        let known = |viewer: Viewer| Known {
            team: replicator.team(viewer),
            things: replicator.things(viewer),
            events: timelines.heard(viewer),
        };
        crew.fill(battle.tick(), |seat| battle.own_view(seat), known, inputs);
        meters.bots.set(crew.len() as f64);
    }

    fn sweep(&mut self) {
        for link in self.lobby.sweep(self.uptime) {
            if let Some(client) = self.clients.get(&link) {
                client.tell(&ToClient::Driven(Driver::Bot));
            }
        }
    }

    fn tell_events(&self) {
        for viewer in Viewer::ALL {
            let frames = client::event_frames(self.timelines.fresh(*viewer));
            for client in self.clients.values().filter(|c| c.viewer == *viewer) {
                frames.iter().for_each(|frame| client.link.send_control_later(frame.clone()));
            }
        }
    }

    fn tell_verdict(&mut self) {
        if self.verdict_told || self.battle.verdict().is_none() {
            return;
        }
        self.verdict_told = true;
        self.meters.matches.increment(1);
        self.clients.iter().for_each(|(link, client)| self.tell_summary(*link, client));
    }

    fn tell_summary(&self, link: LinkId, client: &Client) {
        if let Some(verdict) = self.battle.verdict() {
            let timeline = self.timelines.turning_points(client.viewer);
            let own = self.lobby.player(link).and_then(|player| player.seat);
            let is_held = |seat| self.lobby.seats().holder(seat).is_some();
            let parts = summary::parts(self.battle.parts(), is_held, own);
            client.tell(&ToClient::Verdict(Summary { verdict: *verdict, timeline, parts }));
        }
    }

    /// Begins the next match: the same settings, the next seed, the same seats.
    fn next_match(&mut self) {
        self.seed = self.seed.wrapping_add(1);
        self.number += 1;
        self.battle = Battle::new(&self.settings.match_config(self.seed));
        self.replicator = published(&self.battle);
        self.crew = crew(self.settings.bots, &self.battle, self.seed);
        self.timelines = Timelines::default();
        self.verdict_told = false;
        self.orders.clear();
        self.queues.iter_mut().for_each(InputQueue::clear);
        for (link, place) in self.lobby.next_match(self.uptime) {
            self.place(link, place, PlacedBy::NextMatch);
        }
    }

    /// Tells a client where it stands from now on.
    fn place(&mut self, link: LinkId, place: gamera_protocol::message::Place, by: PlacedBy) {
        let info = self.info();
        let Some(client) = self.clients.get_mut(&link) else { return };
        client.place(place);
        let name = self.lobby.player(link).map(|p| p.name.clone()).unwrap_or_default();
        client.tell(&ToClient::Welcome(Welcome { by, info, place, name }));
    }

    fn info(&self) -> MatchInfo {
        let stage = match self.settings.mode {
            ModeSetting::Campaign => Stage::Campaign,
            ModeSetting::Quick => Stage::Quick(self.settings.city),
        };
        MatchInfo { number: self.number, stage, seats: self.settings.seats, tick: self.battle.tick() }
    }

    /// How many are here, watching or playing.
    pub(super) fn clients(&self) -> usize {
        self.clients.len()
    }

    /// What is kept for people: links, players, seats held, orders.
    #[cfg(test)]
    pub(crate) fn lengths(&self) -> [usize; 4] {
        let held = self.queues.len() - self.lobby.seats().free_count();
        [self.clients.len(), self.lobby.players().count(), held, self.orders.len()]
    }

    fn broadcast(&self, frame: &Bytes) {
        self.clients.values().for_each(|client| client.link.send_control(frame.clone()));
    }
}

/// Bots for every seat, unless the host wants none.
fn crew(bots: BotsSetting, battle: &Battle, seed: u64) -> Option<BotCrew> {
    let level = match bots {
        BotsSetting::Easy => Level::Easy,
        BotsSetting::Normal => Level::Normal,
        BotsSetting::Hard => Level::Hard,
        BotsSetting::Off => return None,
    };
    Some(BotCrew::new(battle.roster(), &Arc::new(battle.balance().clone()), level, seed))
}

/// A replicator that knows the battle as it begins.
fn published(battle: &Battle) -> Replicator {
    let mut replicator = Replicator::new();
    replicator.publish(battle);
    replicator
}

#[cfg(test)]
mod tests;
