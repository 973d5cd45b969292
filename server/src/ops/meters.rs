//! The figures of a server, each under one name. Handles are made once: counting is then one
//! atomic addition.

use gamera_protocol::ids::Viewer;
use gamera_protocol::message::Refusal;
use metrics::{Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram};
use metrics::{gauge, histogram};

/// What is wrong with what a client sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadInput {
    /// A frame or message that cannot be read.
    Control,
    /// A message that may not come now.
    Unexpected,
    /// A datagram that cannot be read.
    Datagram,
    /// More datagrams than a client sends.
    Flood,
    /// An input for a tick long gone or far ahead.
    Tick,
    /// An order with a number out of its range.
    Order,
    /// Chat that cannot be shown.
    Chat,
    /// A second stream.
    Stream,
}

impl BadInput {
    const fn label(self) -> &'static str {
        match self {
            BadInput::Control => "control",
            BadInput::Unexpected => "unexpected",
            BadInput::Datagram => "datagram",
            BadInput::Flood => "flood",
            BadInput::Tick => "tick",
            BadInput::Order => "order",
            BadInput::Chat => "chat",
            BadInput::Stream => "stream",
        }
    }
}

/// The figures of the net.
#[derive(Clone)]
pub struct NetMeters {
    /// Links that have said a good hello.
    pub joins: Counter,
    /// Connections that were asked to prove their address first.
    pub retries: Counter,
    /// Handshakes that were not finished.
    pub handshakes_failed: Counter,
    /// First packets that were refused, for there was no time for them.
    pub handshakes_refused: Counter,
    /// First packets that wait for their handshake to begin.
    pub handshakes_waiting: Gauge,
    /// Datagrams from clients.
    pub datagrams_in: Counter,
    /// Their bytes.
    pub bytes_in: Counter,
    /// Datagrams to clients.
    pub datagrams_out: Counter,
    /// Their bytes.
    pub bytes_out: Counter,
    /// Links now.
    pub links: Gauge,
}

impl Default for NetMeters {
    fn default() -> Self {
        NetMeters {
            joins: counter!("gamera_hellos_total"),
            retries: counter!("gamera_retries_total"),
            handshakes_failed: counter!("gamera_handshakes_failed_total"),
            handshakes_refused: counter!("gamera_handshakes_refused_total"),
            handshakes_waiting: gauge!("gamera_handshakes_waiting"),
            datagrams_in: counter!("gamera_datagrams_in_total"),
            bytes_in: counter!("gamera_bytes_in_total"),
            datagrams_out: counter!("gamera_datagrams_out_total"),
            bytes_out: counter!("gamera_bytes_out_total"),
            links: gauge!("gamera_links"),
        }
    }
}

/// The figures of one room.
#[derive(Clone)]
pub struct RoomMeters {
    /// From draining the inputs to the battle published.
    pub tick_ms: Histogram,
    /// Interest, encoding and handing over, of one tick.
    pub replicate_ms: Histogram,
    /// How late a tick began.
    pub lateness_ms: Histogram,
    /// Ticks that ran.
    pub ticks: Counter,
    /// Ticks that never ran or began a full period late.
    pub ticks_missed: Counter,
    /// Snapshot datagrams sent.
    pub snapshots: Counter,
    /// Clients that were passed over because they had not drained.
    pub skipped: Counter,
    /// People and spectators here.
    pub clients: Gauge,
    /// Those, by whose eyes they look through.
    pub players: Vec<(Viewer, Gauge)>,
    /// How often each client is told of the battle, times a second.
    pub snapshots_s: Gauge,
    /// How far clients are told of things one by one, metres.
    pub reach_m: Gauge,
    /// The step of overload in force, 0 for none.
    pub overload_step: Gauge,
    /// Bots that drive a seat.
    pub bots: Gauge,
    /// Soldiers alive.
    pub soldiers: Gauge,
    /// Matches that have ended.
    pub matches: Counter,
}

impl RoomMeters {
    /// The figures of the room with this number.
    #[must_use]
    pub fn new(room: u16) -> RoomMeters {
        let room = room.to_string();
        RoomMeters {
            tick_ms: histogram!("gamera_tick_ms", "room" => room.clone()),
            replicate_ms: histogram!("gamera_replicate_ms", "room" => room.clone()),
            lateness_ms: histogram!("gamera_lateness_ms", "room" => room.clone()),
            ticks: counter!("gamera_ticks_total", "room" => room.clone()),
            ticks_missed: counter!("gamera_ticks_missed_total", "room" => room.clone()),
            snapshots: counter!("gamera_snapshots_total", "room" => room.clone()),
            skipped: counter!("gamera_clients_skipped_total", "room" => room.clone()),
            clients: gauge!("gamera_clients", "room" => room.clone()),
            players: Viewer::ALL
                .iter()
                .map(|viewer| (*viewer, gauge!("gamera_players", "room" => room.clone(), "side" => viewer.label())))
                .collect(),
            snapshots_s: gauge!("gamera_snapshots_client_s", "room" => room.clone()),
            reach_m: gauge!("gamera_reach_m", "room" => room.clone()),
            overload_step: gauge!("gamera_overload_step", "room" => room.clone()),
            bots: gauge!("gamera_bots", "room" => room.clone()),
            soldiers: gauge!("gamera_soldiers", "room" => room.clone()),
            matches: counter!("gamera_matches_total", "room" => room),
        }
    }
}

/// Counts a bad input.
pub fn bad_input(kind: BadInput) {
    counter!("gamera_bad_input_total", "kind" => kind.label()).increment(1);
}

/// Counts a player that was let in.
pub fn joined(how: &'static str) {
    counter!("gamera_joins_total", "how" => how).increment(1);
}

/// Counts a player that was refused or sent away.
pub fn refused(why: &Refusal) {
    counter!("gamera_refusals_total", "reason" => why.label()).increment(1);
}

/// How a figure behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// As it is now.
    Gauge,
    /// Durations, counted in buckets.
    Histogram,
}

/// One figure of the metrics page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Metric {
    /// Its name; the unit comes last.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What it says.
    pub help: &'static str,
}

const fn total(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, help }
}

const fn now(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, help }
}

const fn durations(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, help }
}

/// Every figure that the server exports.
pub const METRICS: [Metric; 30] = [
    durations("gamera_tick_ms", "from draining the inputs to the battle published"),
    durations("gamera_replicate_ms", "interest, encoding and handing over, of one tick"),
    durations("gamera_lateness_ms", "how late a tick began"),
    total("gamera_ticks_total", "ticks that ran"),
    total("gamera_ticks_missed_total", "ticks that never ran or began a full period late"),
    total("gamera_snapshots_total", "snapshot datagrams sent"),
    total("gamera_clients_skipped_total", "clients passed over because they had not drained"),
    total("gamera_matches_total", "matches that have ended"),
    total("gamera_hellos_total", "links that have said a good hello"),
    total("gamera_joins_total", "players let in, new or resumed"),
    total("gamera_refusals_total", "clients refused, denied or sent away, by reason"),
    total("gamera_retries_total", "connections asked to prove their address first"),
    total("gamera_handshakes_failed_total", "handshakes that were not finished"),
    total("gamera_handshakes_refused_total", "first packets refused, for there was no time for them"),
    total("gamera_bad_input_total", "what clients sent and should not have, by kind"),
    total("gamera_datagrams_in_total", "datagrams from clients"),
    total("gamera_datagrams_out_total", "datagrams to clients"),
    total("gamera_bytes_in_total", "bytes of datagrams from clients"),
    total("gamera_bytes_out_total", "bytes of datagrams to clients"),
    now("gamera_links", "links now"),
    now("gamera_handshakes_waiting", "first packets that wait for their handshake to begin"),
    now("gamera_clients", "people and spectators in a room"),
    now("gamera_players", "people in a room by side, and spectators"),
    now("gamera_bots", "bots that drive a seat"),
    now("gamera_soldiers", "soldiers alive"),
    now("gamera_snapshots_client_s", "how often each client is told of the battle, times a second"),
    now("gamera_reach_m", "how far clients are told of things one by one, metres"),
    now("gamera_overload_step", "what overload takes: 0 nothing, 1-4 rate, 5-7 radius, 8-9 detail"),
    now("gamera_process_cpu_seconds", "processor time used by the process"),
    now("gamera_process_rss_bytes", "memory held by the process"),
];

/// Says what the figures mean.
pub fn describe() {
    for Metric { name, kind, help } in METRICS {
        match kind {
            Kind::Counter => describe_counter!(name, help),
            Kind::Gauge => describe_gauge!(name, help),
            Kind::Histogram => describe_histogram!(name, help),
        }
    }
}
