//! Limits on what a peer may cost: messages in a time, connections from an address.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dashmap::DashMap;

/// Handshakes under way above which an address, any address, has to be proved first: whoever asks then pays a
/// round trip more, and whoever does not mean it costs nothing.
pub(super) const BUSY_HANDSHAKES: u32 = 16;
/// While rooms have no time one handshake is begun in so long: whoever waits gets in all the same, somewhat later.
pub(super) const HELD_BACK: Duration = Duration::from_millis(8);
/// First packets that wait meanwhile, half a second's worth. Who comes then is told at once that there is no place,
/// instead of waiting for what may be nothing.
pub(super) const PLACES: usize = 64;
/// The first of these places are anybody's. The others are kept for addresses that are proved, so that whoever makes
/// addresses up cannot fill them.
const PLACES_UNPROVED: usize = 16;

/// What becomes of a first packet while rooms have no time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// It waits with the others.
    Waits,
    /// Its address has to be proved first.
    Proves,
    /// There is no place for it.
    Refused,
}

impl Turn {
    /// Of one who finds so many waiting; `may_prove` where its address is not proved yet.
    pub(super) fn of(waiting: usize, may_prove: bool) -> Turn {
        match waiting {
            PLACES.. => Turn::Refused,
            PLACES_UNPROVED.. if may_prove => Turn::Proves,
            _ => Turn::Waits,
        }
    }
}

/// Allows `rate` things a second on average and `burst` at once.
#[derive(Clone, Debug)]
pub struct Allowance {
    each: Duration,
    burst: Duration,
    /// When the allowance is whole again.
    whole_at: Option<Instant>,
}

impl Allowance {
    /// A whole allowance.
    #[must_use]
    pub fn new(rate: u32, burst: u32) -> Allowance {
        let each = Duration::from_secs(1) / rate.max(1);
        Allowance { each, burst: each * burst, whole_at: None }
    }

    /// Takes one; false where there is none left.
    pub fn take(&mut self, now: Instant) -> bool {
        let from = self.whole_at.map_or(now, |at| at.max(now)) + self.each;
        let allowed = from.duration_since(now) <= self.burst;
        if allowed {
            self.whole_at = Some(from);
        }
        allowed
    }
}

/// Counts connections by address; a home with IPv6 is one address.
#[derive(Clone)]
pub struct PerAddress {
    most: u32,
    counts: Arc<DashMap<IpAddr, u32>>,
}

/// One counted connection; dropping it counts it out.
pub struct Counted {
    address: IpAddr,
    counts: Arc<DashMap<IpAddr, u32>>,
}

impl PerAddress {
    /// At most `most` from one address, loopback exempt.
    #[must_use]
    pub fn new(most: u32) -> PerAddress {
        PerAddress { most, counts: Arc::default() }
    }

    /// Counts a connection in; `None` where the address has its fill.
    #[must_use]
    pub fn count(&self, address: IpAddr) -> Option<Counted> {
        let address = household(address);
        let mut count = self.counts.entry(address).or_insert(0);
        if *count >= self.most && !address.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Counted { address, counts: Arc::clone(&self.counts) })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.counts.remove_if_mut(&self.address, |_, count| {
            *count = count.saturating_sub(1);
            *count == 0
        });
    }
}

/// IPv4 as it is, also when mapped into IPv6; of IPv6 the first 64 bits.
#[must_use]
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_gives_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut allowance = Allowance::new(10, 5);
        let taken = |allowance: &mut Allowance, at_ms: u64, tries: usize| {
            (0..tries).filter(|_| allowance.take(start + Duration::from_millis(at_ms))).count()
        };
        assert_eq!(taken(&mut allowance, 0, 20), 5);
        assert_eq!(taken(&mut allowance, 200, 20), 2);
        assert_eq!(taken(&mut allowance, 10_000, 20), 5);
    }

    #[test]
    fn who_comes_while_rooms_have_no_time_waits_or_is_told_that_there_is_no_place() {
        for (waiting, of_anybody, of_proved) in [
            (0, Turn::Waits, Turn::Waits),
            (PLACES_UNPROVED - 1, Turn::Waits, Turn::Waits),
            (PLACES_UNPROVED, Turn::Proves, Turn::Waits),
            (PLACES - 1, Turn::Proves, Turn::Waits),
            (PLACES, Turn::Refused, Turn::Refused),
            (usize::MAX, Turn::Refused, Turn::Refused),
        ] {
            assert_eq!((Turn::of(waiting, true), Turn::of(waiting, false)), (of_anybody, of_proved), "{waiting}");
        }
    }

    #[test]
    fn an_address_has_its_fill_and_loopback_has_none() {
        let limit = PerAddress::new(2);
        let v4: IpAddr = "192.0.2.1".parse().unwrap();
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        let first = limit.count(v4).unwrap();
        let _second = limit.count(mapped).unwrap();
        assert!(limit.count(v4).is_none());
        drop(first);
        assert!(limit.count(v4).is_some());
        let home: Vec<_> = ["2001:db8::1", "2001:db8::2"].iter().map(|a| limit.count(a.parse().unwrap())).collect();
        assert!(home.iter().all(Option::is_some));
        assert!(limit.count("2001:db8::3".parse().unwrap()).is_none());
        let local: Vec<_> = (0..9).map(|_| limit.count("::1".parse().unwrap())).collect();
        assert!(local.iter().all(Option::is_some));
    }
}
