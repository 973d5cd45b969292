//! Limits on what a peer may cost: messages in a time, connections from an address.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dashmap::DashMap;

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
