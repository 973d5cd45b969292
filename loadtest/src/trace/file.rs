//! A trace in memory and as a file.
//!
//! Little-endian: a head of 48 bytes (magic `SWRM0001`; u32 units, ticks, Hz, viewers, position
//! units a metre, side of the map in metres; u64 seed; u64 FNV-1a 64 of the body), then for each tick
//! each unit's 16 bytes in the order of the slots and each viewer's 8.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Ticks a second.
pub(crate) const HZ: u32 = 30;
/// Position units in a metre.
pub(crate) const UNITS_PER_M: u32 = 64;
/// Side of the map, metres.
pub(super) const MAP_M: u32 = 4_096;

const MAGIC: &[u8; 8] = b"SWRM0001";
const HEAD_BYTES: usize = 48;
const UNIT_BYTES: usize = 16;
const PLACE_BYTES: usize = 8;

/// Most units, ticks and viewers of a trace.
const UNITS_MAX: usize = 1 << 16;
const TICKS_MAX: usize = 1 << 17;
const VIEWERS_MAX: usize = 1 << 16;
/// A body larger than this is not read, bytes.
const BODY_MAX: usize = 1 << 31;

/// One unit in one tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Unit {
    /// Another for each life in the same slot.
    pub(crate) uid: u32,
    /// 1/64 m.
    pub(crate) x: u32,
    /// 1/64 m.
    pub(crate) y: u32,
    /// 1/256 of a turn.
    pub(crate) yaw: u8,
    /// 1..=255.
    pub(crate) health: u8,
    /// One bit each.
    pub(crate) flags: u8,
    /// One of 24.
    pub(crate) kind: u8,
}

/// Where a viewer is in one tick, 1/64 m.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Place {
    pub(crate) x: u32,
    pub(crate) y: u32,
}

/// A whole trace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) seed: u64,
    /// By tick, then by slot.
    pub(crate) units: Vec<Vec<Unit>>,
    /// By tick, then by viewer.
    pub(crate) viewers: Vec<Vec<Place>>,
}

/// A trace that cannot be made, written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TraceError {
    #[error("a trace has 1 to {UNITS_MAX} units, 1 to {TICKS_MAX} ticks and up to {VIEWERS_MAX} viewers")]
    Size,
    #[error("cannot write the trace to {}: {source}; give another file with --out", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot read the trace {}: {source}; make one with `gamera-loadtest trace --out FILE`", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is no trace: {what}; make one with `gamera-loadtest trace --out FILE`", path.display())]
    Format { path: PathBuf, what: &'static str },
}

/// Whether a trace may be so large.
pub(super) fn check_size(units: usize, ticks: usize, viewers: usize) -> Result<(), TraceError> {
    let fits = (1..=UNITS_MAX).contains(&units) && (1..=TICKS_MAX).contains(&ticks) && viewers <= VIEWERS_MAX;
    if fits && body_bytes(units, ticks, viewers) <= BODY_MAX { Ok(()) } else { Err(TraceError::Size) }
}

const fn body_bytes(units: usize, ticks: usize, viewers: usize) -> usize {
    ticks * (units * UNIT_BYTES + viewers * PLACE_BYTES)
}

impl Trace {
    /// FNV-1a 64 of the body.
    pub(crate) fn fnv(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        self.body(|bytes| {
            hash = bytes.iter().fold(hash, |h, byte| (h ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
        });
        hash
    }

    /// Hands the body to `each`, piece by piece.
    fn body(&self, mut each: impl FnMut(&[u8])) {
        for (units, viewers) in self.units.iter().zip(&self.viewers) {
            units.iter().for_each(|unit| each(&unit.to_bytes()));
            for place in viewers {
                each(&place.x.to_le_bytes());
                each(&place.y.to_le_bytes());
            }
        }
    }

    fn head(&self) -> [u8; HEAD_BYTES] {
        let (units, viewers) = (self.units[0].len() as u32, self.viewers[0].len() as u32);
        let mut head = [0; HEAD_BYTES];
        head[..8].copy_from_slice(MAGIC);
        let words = [units, self.units.len() as u32, HZ, viewers, UNITS_PER_M, MAP_M];
        for (to, word) in head[8..32].chunks_exact_mut(4).zip(words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        head[32..40].copy_from_slice(&self.seed.to_le_bytes());
        head[40..].copy_from_slice(&self.fnv().to_le_bytes());
        head
    }

    /// Writes the file.
    pub(super) fn save(&self, path: &Path) -> Result<(), TraceError> {
        let failed = |source| TraceError::Write { path: path.to_owned(), source };
        let mut out = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
        let mut result = out.write_all(&self.head());
        self.body(|bytes| {
            if result.is_ok() {
                result = out.write_all(bytes);
            }
        });
        result.and_then(|()| out.flush()).map_err(failed)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or is no trace; also when its body is not what its head promises.
    pub(crate) fn load(path: &Path) -> Result<Trace, TraceError> {
        let bytes = std::fs::read(path).map_err(|source| TraceError::Read { path: path.to_owned(), source })?;
        Trace::from_bytes(&bytes).map_err(|what| TraceError::Format { path: path.to_owned(), what })
    }

    fn from_bytes(bytes: &[u8]) -> Result<Trace, &'static str> {
        let (head, body) = bytes.split_at_checked(HEAD_BYTES).ok_or("it ends within its head")?;
        if &head[..8] != MAGIC {
            return Err("it does not begin with SWRM0001");
        }
        let [units, ticks, hz, viewers, per_m, map_m] = std::array::from_fn(|i| word(&head[8 + 4 * i..]));
        if [hz, per_m, map_m] != [HZ, UNITS_PER_M, MAP_M] {
            return Err("it is of another rate or scale");
        }
        let (units, ticks, viewers) = (units as usize, ticks as usize, viewers as usize);
        check_size(units, ticks, viewers).map_err(|_| "it is too large")?;
        if body.len() != body_bytes(units, ticks, viewers) {
            return Err("its length is not what its head says");
        }
        let mut trace = Trace { seed: long(&head[32..]), ..Trace::default() };
        for tick in body.chunks_exact(units * UNIT_BYTES + viewers * PLACE_BYTES) {
            let (of_units, of_viewers) = tick.split_at(units * UNIT_BYTES);
            trace.units.push(of_units.chunks_exact(UNIT_BYTES).map(Unit::from_bytes).collect());
            let place = |b: &[u8]| Place { x: word(b), y: word(&b[4..]) };
            trace.viewers.push(of_viewers.chunks_exact(PLACE_BYTES).map(place).collect());
        }
        if trace.fnv() == long(&head[40..]) { Ok(trace) } else { Err("its sum is wrong") }
    }
}

impl Unit {
    fn to_bytes(self) -> [u8; UNIT_BYTES] {
        let mut bytes = [0; UNIT_BYTES];
        bytes[..4].copy_from_slice(&self.uid.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.x.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.y.to_le_bytes());
        bytes[12..].copy_from_slice(&[self.yaw, self.health, self.flags, self.kind]);
        bytes
    }

    fn from_bytes(b: &[u8]) -> Unit {
        Unit { uid: word(b), x: word(&b[4..]), y: word(&b[8..]), yaw: b[12], health: b[13], flags: b[14], kind: b[15] }
    }
}

fn word(b: &[u8]) -> u32 {
    u32::from_le_bytes([b[0], b[1], b[2], b[3]])
}

fn long(b: &[u8]) -> u64 {
    u64::from(word(b)) | u64::from(word(&b[4..])) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_as_it_was_and_a_broken_one_is_refused() {
        let trace = crate::trace::generate(12, 5, 3, 9);
        let path = std::env::temp_dir().join(format!("gamera-trace-{}.trace", std::process::id()));
        trace.save(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(Trace::load(&path).unwrap(), trace);
        std::fs::remove_file(&path).unwrap();
        for (at, what) in [(0, "SWRM0001"), (9, "length"), (17, "rate"), (60, "sum")] {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            assert!(Trace::from_bytes(&broken).unwrap_err().contains(what), "byte {at}");
        }
        assert!(Trace::from_bytes(&bytes[..bytes.len() - 1]).is_err() && Trace::from_bytes(&bytes[..20]).is_err());
    }
}
