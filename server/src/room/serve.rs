//! Tells clients of the battle, a slice of them at a time: a burst of a thousand datagrams would wait
//! for itself.

use bytes::Bytes;

use super::{Room, SLICES};

/// Ticks between two looks at how a link fares.
const STEER_TICKS: u64 = 8;

impl Room {
    /// Tells the clients of `slice` (of [`SLICES`]) what they may know of the battle now, as far as
    /// the relief in force allows. Who has not drained what came before is passed over.
    pub fn serve(&mut self, slice: u32) {
        let Room { clients, replicator, battle, uptime, meters, relief, crowd, .. } = self;
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
            let mut snapshots = Vec::new();
            replicator.encode(&mut client.replica, battle, &mut snapshots);
            meters.snapshots.increment(snapshots.len() as u64);
            let epoch = client.epoch;
            client.link.send_datagrams(snapshots.into_iter().map(|snapshot| datagram(epoch, snapshot)).collect());
        }
    }
}

fn datagram(epoch: u8, mut snapshot: Vec<u8>) -> Bytes {
    snapshot.insert(0, epoch);
    Bytes::from(snapshot)
}
