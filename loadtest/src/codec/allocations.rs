//! Holds the codec to take next to no memory for a tick, once its lists have the size that the world asks for.

use allocation_counter::measure;
use gamera_protocol::measure::Tick;
use gamera_server::net::Outgoing;
use gamera_server::replicate::Replicator;

use super::client::Client;
use super::judge::Ground;
use super::run::Plan;
use super::scene;
use crate::trace::{self, Trace};

const UNITS: usize = 2_000;
const CLIENTS: usize = 16;
/// So long all lists have to grow, and so long it is counted.
const GROWING_TICKS: usize = 300;
const COUNTED_TICKS: usize = 300;

/// Allocations of each part of the work.
#[derive(Clone, Copy, Default, Debug)]
struct Counts {
    publish: u64,
    encode: u64,
    apply: u64,
    look: u64,
}

/// A world, what is sent of it, and those who are told.
struct Stage<'a> {
    trace: &'a Trace,
    plan: Plan,
    replicator: Replicator,
    ground: Ground,
    clients: Vec<Client>,
    outgoing: Outgoing,
    counts: Counts,
    datagrams: u64,
}

impl Stage<'_> {
    fn new(trace: &Trace, budget_bytes_s: u32) -> Stage<'_> {
        let plan = Plan { lag_ticks: 3, loss_permille: 0, radius_m: 256, clients: CLIENTS, seed: 1 };
        let mut clients: Vec<Client> = (0..CLIENTS).map(|n| Client::new(n, &plan)).collect();
        clients.iter_mut().for_each(|client| client.server.set_budget(budget_bytes_s));
        let (replicator, ground, outgoing) = Default::default();
        Stage { trace, plan, replicator, ground, clients, outgoing, counts: Counts::default(), datagrams: 0 }
    }

    fn tick(&mut self, tick: usize) {
        let Stage { trace, plan, replicator, ground, clients, outgoing, counts, datagrams } = self;
        let now = Tick(tick as u32 + 1);
        ground.take(&trace.units[tick]);
        let see = |out: &mut Vec<_>| out.extend_from_slice(&ground.sightings);
        counts.publish += measure(|| replicator.publish_seen(now, scene::VIEWER, see)).count_total;
        let mut sent = Vec::with_capacity(16);
        for (n, client) in clients.iter_mut().enumerate() {
            client.pos = scene::pos(trace.viewers[tick][n]);
            let acks = client.acks_for(tick);
            counts.encode += measure(|| {
                acks.iter().for_each(|acks| client.server.acknowledge(acks));
                client.server.look_at(client.pos);
                let send = |bytes: &[u8]| sent.push(outgoing.datagram([&[1], bytes]));
                replicator.encode_seen(&mut client.server, now, None, see, send);
            })
            .count_total;
            for datagram in sent.drain(..) {
                *datagrams += 1;
                let mut apply = || client.replica.apply(&datagram[1..]).expect("what the server writes can be read");
                counts.apply += measure(|| _ = apply()).count_total;
            }
            counts.look += measure(|| client.replica.refresh()).count_total;
            client.acknowledge(tick, plan);
        }
    }
}

/// What is allowed for a datagram, thousandths of an allocation: lists that still grow where the world comes to be
/// fuller than before.
const CASES: [(&str, u32, Counts); 2] = [
    ("all exactly", 4_000_000, Counts { publish: 5, encode: 5, apply: 250, look: 10 }),
    ("mostly roughly", 3_000, Counts { publish: 5, encode: 250, apply: 500, look: 10 }),
];

#[test]
fn a_tick_takes_next_to_no_memory() {
    let trace = trace::generate(UNITS, GROWING_TICKS + COUNTED_TICKS, CLIENTS, 5);
    for (name, budget_bytes_s, allowed) in CASES {
        let mut stage = Stage::new(&trace, budget_bytes_s);
        (0..GROWING_TICKS).for_each(|tick| stage.tick(tick));
        (stage.counts, stage.datagrams) = Default::default();
        (GROWING_TICKS..GROWING_TICKS + COUNTED_TICKS).for_each(|tick| stage.tick(tick));
        let Stage { counts, datagrams, .. } = stage;
        assert!(datagrams >= (COUNTED_TICKS * CLIENTS / 4) as u64, "{name}: {datagrams} datagrams are too few to tell");
        let is_within = |seen: u64, allowed: u64| seen * 1_000 <= allowed * datagrams;
        let all = [
            (counts.publish, allowed.publish),
            (counts.encode, allowed.encode),
            (counts.apply, allowed.apply),
            (counts.look, allowed.look),
        ];
        assert!(all.iter().all(|(seen, allowed)| is_within(*seen, *allowed)), "{name}: {counts:?} of {datagrams}");
    }
}
