//! How many bytes a second a client may be sent: the game's own congestion control, since QUIC's
//! is handed over. Additive increase while the link carries what it is given; a step back on loss
//! or on a delay that grows, which is a queue filling somewhere.

use std::time::Duration;

/// How a link fares, counted since it began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LinkFigures {
    /// Round trip, smoothed.
    pub rtt: Duration,
    /// Packets sent.
    pub sent: u64,
    /// Packets lost.
    pub lost: u64,
}

/// No client is sent less: the own unit and the nearest fight.
pub const FLOOR_BYTES_S: u32 = 4_000;
/// No client is sent more.
pub const CEILING_BYTES_S: u32 = 24_000;
/// All clients of a room together are sent no more than this, as far as the floor of each allows: a
/// thousand get 8,000 each, which is 64 Mbit/s at the host's end.
const ROOM_BYTES_S: u32 = 8_000_000;
/// A new client begins here.
const START_BYTES_S: u32 = 12_000;
/// Growth at each look at a link that fares well.
const STEP_BYTES_S: u32 = 500;
/// Loss that a radio link has without being full, percent.
const HARMLESS_LOSS_PCT: u64 = 4;
/// Delay above the least seen that is taken for a queue.
const QUEUE: Duration = Duration::from_millis(80);
/// Packets that a judgement needs.
const ENOUGH: u64 = 10;

/// The budget of one client.
#[derive(Clone, Debug)]
pub struct Budget {
    bytes_s: u32,
    seen: LinkFigures,
    least_rtt: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { bytes_s: START_BYTES_S, seen: LinkFigures::default(), least_rtt: Duration::MAX }
    }
}

impl Budget {
    /// Bytes a second.
    #[must_use]
    pub fn bytes_s(&self) -> u32 {
        self.bytes_s
    }

    /// Looks at the link, about twice a second, and gives the budget from now on, one of `clients`.
    pub fn steer(&mut self, now: LinkFigures, clients: usize) -> u32 {
        let ceiling = ceiling(clients);
        self.bytes_s = self.bytes_s.min(ceiling);
        let sent = now.sent.saturating_sub(self.seen.sent);
        let lost = now.lost.saturating_sub(self.seen.lost);
        if sent < ENOUGH {
            return self.bytes_s;
        }
        if !now.rtt.is_zero() {
            self.least_rtt = self.least_rtt.min(now.rtt);
        }
        let is_full = lost * 100 > sent * HARMLESS_LOSS_PCT;
        let is_queueing = now.rtt > self.least_rtt.saturating_add(QUEUE);
        self.bytes_s = if is_full || is_queueing {
            (self.bytes_s - self.bytes_s / 4).max(FLOOR_BYTES_S)
        } else {
            (self.bytes_s + STEP_BYTES_S).min(ceiling)
        };
        self.seen = now;
        self.bytes_s
    }
}

/// What one of `clients` is sent at most, bytes a second.
fn ceiling(clients: usize) -> u32 {
    (ROOM_BYTES_S / clients.max(1) as u32).clamp(FLOOR_BYTES_S, CEILING_BYTES_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks twice a second for ten seconds at a link with `loss_pct` and `rtt_ms`.
    fn after_ten_seconds(budget: &mut Budget, loss_pct: u64, rtt_ms: u64) -> u32 {
        for _ in 0..20 {
            let mut figures = budget.seen;
            figures.sent += 100;
            figures.lost += loss_pct;
            figures.rtt = Duration::from_millis(rtt_ms);
            budget.steer(figures, 16);
        }
        budget.bytes_s()
    }

    #[test]
    fn the_budget_follows_the_link() {
        for (name, loss_pct, rtt_ms, low, high) in [
            ("a clean line", 0, 30, CEILING_BYTES_S - 2_000, CEILING_BYTES_S),
            ("a radio link", 2, 60, CEILING_BYTES_S - 2_000, CEILING_BYTES_S),
            ("a far link", 0, 300, CEILING_BYTES_S - 2_000, CEILING_BYTES_S),
            ("a full line", 20, 30, FLOOR_BYTES_S, FLOOR_BYTES_S),
        ] {
            let bytes_s = after_ten_seconds(&mut Budget::default(), loss_pct, rtt_ms);
            assert!((low..=high).contains(&bytes_s), "{name}: {bytes_s}");
        }
    }

    #[test]
    fn a_growing_delay_halves_the_budget_within_two_seconds_and_it_comes_back() {
        let mut budget = Budget::default();
        let before = after_ten_seconds(&mut budget, 0, 30);
        for i in 1..=3 {
            let mut figures = budget.seen;
            figures.sent += 100;
            figures.rtt = Duration::from_millis(100 + 50 * i);
            budget.steer(figures, 16);
        }
        assert!(budget.bytes_s() <= before / 2);
        after_ten_seconds(&mut budget, 0, 30);
        assert!(after_ten_seconds(&mut budget, 0, 30) >= before);
    }

    #[test]
    fn too_few_packets_are_no_judgement() {
        let mut budget = Budget::default();
        let figures = LinkFigures { rtt: Duration::from_millis(900), sent: 5, lost: 5 };
        assert_eq!(budget.steer(figures, 16), START_BYTES_S);
    }

    #[test]
    fn many_clients_share_what_a_room_may_send() {
        for (clients, most) in [(1, CEILING_BYTES_S), (300, CEILING_BYTES_S), (1_000, 8_000), (5_000, FLOOR_BYTES_S)] {
            let mut budget = Budget::default();
            for n in 1..=60 {
                budget.steer(LinkFigures { rtt: Duration::from_millis(30), sent: n * 100, lost: 0 }, clients);
            }
            assert_eq!(budget.bytes_s(), most, "{clients} clients");
        }
    }
}
