//! The figures of a server, each under one name. Handles are made once: counting is then one
//! atomic addition.

use gamera_protocol::message::Refusal;
use metrics::{Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram};
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

/// Says what the figures mean.
pub fn describe() {
    describe_histogram!("gamera_tick_ms", Unit::Milliseconds, "from draining the inputs to the battle published");
    describe_histogram!("gamera_replicate_ms", Unit::Milliseconds, "interest, encoding and handing over, of one tick");
    describe_histogram!("gamera_lateness_ms", Unit::Milliseconds, "how late a tick began");
    describe_counter!("gamera_ticks_missed_total", "ticks that never ran or began a full period late");
    describe_counter!("gamera_bad_input_total", "what clients sent and should not have, by kind");
    describe_counter!("gamera_refusals_total", "clients refused, denied or sent away, by reason");
    describe_counter!("gamera_clients_skipped_total", "clients passed over because they had not drained");
    describe_gauge!("gamera_snapshots_client_s", "how often each client is told of the battle, times a second");
    describe_gauge!("gamera_reach_m", "how far clients are told of things one by one, metres");
    describe_gauge!("gamera_overload_step", "what overload takes: 0 nothing, 1-4 rate, 5-7 radius, 8-9 detail");
    describe_gauge!("gamera_process_cpu_seconds", Unit::Seconds, "processor time used by the process");
    describe_gauge!("gamera_process_rss_bytes", Unit::Bytes, "memory held by the process");
}
