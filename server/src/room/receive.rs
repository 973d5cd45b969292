//! What reaches a room from its clients. All of it is suspect: it is limited, checked, counted, and
//! at worst its sender is sent away.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gamera_protocol::ids::SeatId;
use gamera_protocol::input::{Driver, Order, SeatInput};
use gamera_protocol::join::Fingerprint;
use gamera_protocol::measure::Tick;
use gamera_protocol::message::{Audience, Hello, PlacedBy, Refusal, ToClient, ToServer, Welcome, Wish};
use gamera_protocol::snapshot::InputDatagram;
use gamera_protocol::text;
use tracing::{debug, info};

use super::client::{self, Client};
use super::{Offered, Room};
use crate::net::{Arrival, Link, LinkId};
use crate::ops::meters::{self, BadInput};

/// What a handshake takes on its way to the client, about.
const HANDSHAKE_BYTES: usize = 2_500;
/// Orders that one seat may give in one tick.
const ORDERS_A_TICK: usize = 4;

impl Room {
    /// Takes what came.
    pub fn receive(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Joining { id, link, key, hello } => self.join(id, link, key, &hello),
            Arrival::Control { id, message } => self.control(id, message),
            Arrival::Datagram { id, bytes } => self.datagram(id, &bytes),
            Arrival::Closed { id } => self.leave(id, false),
            Arrival::Look { seat, to } => self.look(seat, to),
            Arrival::Draining { seconds } => self.drain(seconds),
            Arrival::Stop => self.stop(),
        }
    }

    fn join(&mut self, id: LinkId, link: Arc<dyn Link>, key: Fingerprint, hello: &Hello) {
        let joined = match self.lobby.join(self.uptime, id, key, hello) {
            Ok(joined) => joined,
            Err(why) => {
                info!(player = %key, name = ?hello.name, reason = why.label(), "refused");
                link.close(why);
                return;
            }
        };
        if let Some(older) = joined.replaced.and_then(|older| self.clients.remove(&older)) {
            older.link.close(Refusal::Replaced);
        }
        info!(player = %key, name = ?joined.name, seat = ?joined.place.seat, how = ?joined.by, "joined");
        meters::joined(if joined.by == PlacedBy::Resuming { "resumed" } else { "new" });
        let mut client = Client::new(link, joined.place);
        self.forget_inputs(joined.place.seat);
        let info = self.info();
        client.tell(&ToClient::Welcome(Welcome { by: joined.by, info, place: joined.place, name: joined.name }));
        client.steer((self.clients.len() + 1).max(self.crowd));
        self.catch_up(id, &mut client);
        self.clients.insert(id, client);
        self.count_clients();
    }

    /// Tells one who has just come who is there and what has happened. The handshake and this are the first
    /// that its budget pays for: the first second holds no more than others.
    fn catch_up(&self, id: LinkId, client: &mut Client) {
        let entries: Vec<_> = self.lobby.seats().entries().collect();
        let past = client::event_frames(&self.timelines.turning_points(client.viewer));
        client.replica.charge(HANDSHAKE_BYTES);
        for frame in client::roster_frames(&entries).into_iter().chain(past) {
            client.replica.charge(frame.len());
            client.link.send_control(frame);
        }
        self.tell_summary(id, client);
    }

    /// Has the next tick put who is here into the figures.
    fn count_clients(&mut self) {
        self.is_recounted = false;
    }

    /// Puts who is here into the figures, where that has changed.
    pub(super) fn recount_clients(&mut self) {
        if std::mem::replace(&mut self.is_recounted, true) {
            return;
        }
        self.meters.clients.set(self.clients.len() as f64);
        for (viewer, players) in &self.meters.players {
            players.set(self.clients.values().filter(|client| client.viewer == *viewer).count() as f64);
        }
    }

    fn leave(&mut self, id: LinkId, goodbye: bool) {
        if let Some(player) = self.lobby.player(id) {
            info!(player = %player.key, name = ?player.name, goodbye, "left");
        }
        self.lobby.leave(self.uptime, id, goodbye);
        self.clients.remove(&id);
        self.count_clients();
    }

    fn control(&mut self, id: LinkId, message: ToServer) {
        if !self.clients.contains_key(&id) {
            return;
        }
        match message {
            ToServer::Hello(_) => {
                meters::bad_input(BadInput::Unexpected);
                self.send_away(id, Refusal::BadMessage);
            }
            ToServer::Choose(wish) => self.choose(id, wish),
            ToServer::Order(order) => self.order(id, order),
            ToServer::Say { to, text } => self.say(id, to, &text),
            ToServer::Leave => {
                self.send_away(id, Refusal::Left);
                self.leave(id, true);
            }
        }
    }

    fn send_away(&self, id: LinkId, why: Refusal) {
        if let Some(client) = self.clients.get(&id) {
            client.link.close(why);
        }
    }

    fn choose(&mut self, id: LinkId, wish: Wish) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if !client.may_order(Instant::now()) {
            client.deny(Refusal::TooFast);
            return;
        }
        match self.lobby.choose(self.uptime, id, wish) {
            Ok(None) => {}
            Ok(Some(place)) => {
                self.forget_inputs(place.seat);
                self.place(id, place, PlacedBy::Choosing);
                self.count_clients();
            }
            Err(why) => client.deny(why),
        }
    }

    fn order(&mut self, id: LinkId, order: Order) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if !order.is_valid() {
            meters::bad_input(BadInput::Order);
            client.deny(Refusal::BadOrder);
            return;
        }
        if !client.may_order(Instant::now()) {
            client.deny(Refusal::TooFast);
            return;
        }
        self.act(id);
        let Some(seat) = self.lobby.player(id).and_then(|p| p.seat) else { return };
        if self.orders.iter().filter(|(s, _)| *s == seat).count() < ORDERS_A_TICK {
            self.orders.push((seat, order));
        }
    }

    fn say(&mut self, id: LinkId, to: Audience, raw: &str) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if !client.may_chat(Instant::now()) {
            client.deny(Refusal::TooFast);
            return;
        }
        let text = match text::chat(raw) {
            Ok(text) => text.to_owned(),
            Err(why) => {
                meters::bad_input(BadInput::Chat);
                client.deny(Refusal::Chat(why));
                return;
            }
        };
        let Some(player) = self.lobby.player(id) else { return };
        debug!(name = ?player.name, ?text, "chat");
        let viewer = player.viewer;
        let said = ToClient::Said { from: player.name.clone(), side: viewer.side(), to, text };
        let Some(frame) = client::frame(&said) else { return };
        for listener in self.clients.values().filter(|c| to == Audience::All || c.viewer == viewer) {
            listener.link.send_control(frame.clone());
        }
    }

    /// The player does something; a bot that held the seat meanwhile steps back.
    fn act(&mut self, id: LinkId) {
        if self.lobby.act(self.uptime, id)
            && let Some(client) = self.clients.get(&id)
        {
            client.tell(&ToClient::Driven(Driver::Person));
        }
    }

    fn datagram(&mut self, id: LinkId, bytes: &Bytes) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let decoded = bytes.split_first().map(|(epoch, rest)| (*epoch, InputDatagram::decode(rest)));
        let Some((epoch, Ok(datagram))) = decoded else {
            meters::bad_input(BadInput::Datagram);
            client.bad_datagram();
            return;
        };
        if epoch != client.epoch {
            return;
        }
        client.replica.acknowledge(&datagram.acks);
        if let Some(camera) = datagram.camera {
            client.replica.look_at(camera.pos());
        }
        if let Some(seat) = self.lobby.player(id).and_then(|p| p.seat) {
            self.take_inputs(id, seat, &datagram);
        }
    }

    fn take_inputs(&mut self, id: LinkId, seat: SeatId, datagram: &InputDatagram) {
        let next = self.battle.tick().after(1);
        let left_out = self.left_out.lately(self.uptime);
        let mut acts = false;
        for (tick, input) in datagram.by_tick() {
            match self.queues[seat.index()].offer(tick, *input, next, left_out) {
                Offered::Waits | Offered::Late => acts |= is_act(input),
                Offered::Known | Offered::Early => {}
                Offered::Absurd => meters::bad_input(BadInput::Tick),
            }
        }
        if let (Some(used), Some(client)) = (self.queues[seat.index()].newest_used(), self.clients.get_mut(&id)) {
            client.replica.used_input(used, early_ticks(datagram.newest, next));
        }
        if acts {
            self.act(id);
        }
    }

    fn forget_inputs(&mut self, seat: Option<SeatId>) {
        if let Some(seat) = seat {
            self.queues[seat.index()].clear();
        }
    }

    fn drain(&mut self, seconds: u16) {
        info!(seconds, "draining");
        self.lobby.drain();
        if let Some(frame) = client::frame(&ToClient::Draining { seconds }) {
            self.broadcast(&frame);
        }
    }

    fn stop(&mut self) {
        self.clients.values().for_each(|client| client.link.close(Refusal::Stopped));
        self.clients.clear();
    }
}

/// How many ticks before its use an input for `tick` came, where `next` is stepped next.
fn early_ticks(tick: Tick, next: Tick) -> i8 {
    let early = i64::from(tick.0) - i64::from(next.0);
    early.clamp(i64::from(i8::MIN), i64::from(i8::MAX)) as i8
}

/// True where the player wants something: a resting hand sends inputs too.
fn is_act(input: &SeatInput) -> bool {
    input.heading.is_some() || input.verb.is_some()
}
