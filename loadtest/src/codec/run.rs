//! Plays a trace through the replication, tick by tick.

use gamera_protocol::measure::{Tick, metres};
use gamera_protocol::snapshot::REORDER_DATAGRAMS;
use gamera_server::replicate::Replicator;

use super::client::Client;
use super::cost::Cost;
use super::figures::{Figures, Tally};
use super::judge::{Desk, Ground, Names};
use super::scene;
use crate::trace::Trace;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) lag_ticks: u32,
    /// Of each datagram's way, down and up.
    pub(super) loss_permille: u32,
    pub(super) radius_m: u16,
    pub(super) clients: usize,
    pub(super) seed: u64,
}

impl Plan {
    /// How long a loss may show, ticks: until the server has heard of as many younger datagrams as
    /// make it give one up, and its answer has arrived.
    pub(super) fn repair_ticks(&self) -> usize {
        self.lag_ticks as usize + REORDER_DATAGRAMS as usize + 1
    }
}

/// Where the processor's time goes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Costs {
    pub(super) publish: Cost,
    pub(super) encode: Cost,
    pub(super) decode: Cost,
}

struct Bench<'a> {
    plan: &'a Plan,
    replicator: Replicator,
    clients: Vec<Client>,
    ground: Ground,
    names: Names,
    desk: Desk,
    costs: Costs,
    tally: Tally,
}

/// Plays all of `trace`.
pub(super) fn measure(trace: &Trace, plan: &Plan) -> Figures {
    let mut bench = Bench {
        plan,
        replicator: Replicator::new(),
        clients: (0..plan.clients).map(|n| Client::new(n, plan)).collect(),
        ground: Ground::default(),
        names: Names::default(),
        desk: Desk::default(),
        costs: Costs::default(),
        tally: Tally::default(),
    };
    for (tick, (units, viewers)) in trace.units.iter().zip(&trace.viewers).enumerate() {
        bench.ground.take(units);
        for (n, client) in bench.clients.iter_mut().enumerate() {
            client.pos = scene::pos(viewers[n % viewers.len()]);
        }
        let sent = bench.serve(tick);
        bench.deliver(tick, sent);
        bench.judge(tick);
    }
    bench.tally.wrong_sums = bench.clients.iter().map(|client| client.replica.figures().wrong).sum();
    Figures::of(trace, plan, &bench.tally, &bench.costs)
}

/// The tick of the battle that a tick of the trace stands for: there is one before the first.
const fn battle_tick(tick: usize) -> Tick {
    Tick(tick as u32 + 1)
}

impl Bench<'_> {
    /// The server's work of a tick: each client's datagrams.
    fn serve(&mut self, tick: usize) -> Vec<Vec<Vec<u8>>> {
        let now = battle_tick(tick);
        let Bench { replicator, clients, ground, .. } = self;
        let see = |out: &mut Vec<_>| out.extend_from_slice(&ground.sightings);
        self.costs.publish.of(|| replicator.publish_seen(now, scene::VIEWER, see));
        self.costs.encode.of(|| {
            let serve = |client: &mut Client| {
                if let Some(acks) = client.acks_for(tick) {
                    client.server.acknowledge(&acks);
                }
                client.server.look_at(client.pos);
                let mut out = Vec::new();
                replicator.encode_seen(&mut client.server, now, None, see, |bytes| out.push(bytes.to_vec()));
                out
            };
            clients.iter_mut().map(serve).collect()
        })
    }

    /// The link's and the clients' work of a tick.
    fn deliver(&mut self, tick: usize, sent: Vec<Vec<Vec<u8>>>) {
        for (client, datagrams) in self.clients.iter_mut().zip(sent) {
            for bytes in datagrams {
                self.tally.sent(bytes.len());
                if !client.arrives(tick, self.plan) {
                    self.tally.lost += 1;
                    continue;
                }
                let applied = self.costs.decode.of(|| client.replica.apply(&bytes));
                self.tally.refused += u64::from(applied.is_err());
            }
            self.costs.decode.of(|| client.replica.refresh());
            client.acknowledge(tick, self.plan);
        }
    }

    /// Compares every client's view with the truth.
    fn judge(&mut self, tick: usize) {
        let radius = metres(i32::from(self.plan.radius_m));
        for client in &mut self.clients {
            self.tally.needed += client.judge.needed(&self.ground, client.pos, radius);
            let things = client.replica.things();
            let at = (client.pos, radius);
            let verdict = client.judge.compare(&self.ground, things, &mut self.names, &mut self.desk, at);
            self.tally.judged(verdict, client.is_excused(tick, self.plan));
            self.tally.repairs.extend(client.note(tick, verdict));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace;

    #[test]
    fn every_client_sees_just_what_it_should_and_a_loss_is_repaired_in_time() {
        let trace = trace::generate(500, 120, 6, 5);
        for (loss_permille, lag_ticks) in [(0, 0), (0, 3), (20, 3), (100, 2)] {
            let plan = Plan { lag_ticks, loss_permille, radius_m: 256, clients: 6, seed: 1 };
            let figures = measure(&trace, &plan);
            assert!(figures.is_right(), "{:#?}", figures.lines());
        }
    }
}
