//! Tells clients of the battle, a slice of them at a time: a burst of a thousand datagrams would wait
//! for itself.

use super::{Room, SLICES};
use crate::net::Batch;

/// Ticks between two looks at how a link fares.
const STEER_TICKS: u64 = 8;

impl Room {
    /// Tells the clients of `slice` (of [`SLICES`]) what they may know of the battle now, as far as
    /// the relief in force allows. Who has not drained what came before is passed over.
    pub fn serve(&mut self, slice: u32) {
        let Room { clients, replicator, battle, uptime, meters, relief, crowd, outgoing, .. } = self;
        let present = clients.len().max(*crowd);
        for (id, client) in clients.iter_mut().filter(|(id, _)| id.0 % u64::from(SLICES) == u64::from(slice)) {
            let turn = uptime.0 + id.0 / u64::from(SLICES);
            if turn.is_multiple_of(STEER_TICKS) {
                client.steer(present);
            }
            if !relief.tells(client.viewer, uptime.0) {
                continue;
            }
            if !client.link.is_ready() {
                meters.skipped.increment(1);
                continue;
            }
            client.replica.set_reach(relief.reach_m);
            client.replica.set_coarse(relief.coarse);
            let (mut batch, epoch) = (Batch::new(), client.epoch);
            replicator.encode(&mut client.replica, battle, |snapshot| {
                batch.push(outgoing.datagram([&[epoch], snapshot]));
            });
            meters.snapshots.increment(batch.len() as u64);
            client.link.send_datagrams(batch);
        }
    }
}
