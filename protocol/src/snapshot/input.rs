//! What a client sends: its last few inputs, what has arrived, what it could not rebuild, and where
//! it looks.

use crate::bits::{BitReader, BitWriter};
use crate::ground;
use crate::input::{Aim, SeatInput, Verb};
use crate::measure::Tick;
use crate::snapshot::group::{GROUPS, GroupId};
use crate::snapshot::{DATAGRAM_MAX, SnapshotError, Version};

/// Inputs that one datagram repeats at most.
pub const INPUTS_MAX: usize = 15;
/// Groups that one datagram asks for at most.
pub const NACKS_MAX: usize = 127;
const NACKS_BITS: u32 = 7;

/// A group that a client cannot go on with: it holds `held`, and was sent a change of something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nack {
    /// Which.
    pub group: GroupId,
    /// What the client holds; [`Version::NONE`] for nothing.
    pub held: Version,
}

/// What a client says of the snapshots it got.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Acks {
    /// Lower bits of the newest datagram's sequence number; `None` before the first.
    pub newest: Option<u16>,
    /// Bit i: the datagram i + 1 before the newest has arrived too.
    pub earlier: u64,
    /// Groups to be repaired, as they were when the newest had been taken in.
    pub nacks: Vec<Nack>,
}

/// A client's datagram of one tick.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InputDatagram {
    /// The tick that the first of `inputs` is meant for.
    pub newest: Tick,
    /// Inputs, newest first: the one at i is meant for tick `newest` - i. At most [`INPUTS_MAX`].
    pub inputs: Vec<SeatInput>,
    /// What has arrived.
    pub acks: Acks,
    /// Where the player looks, for spectators.
    pub camera: Option<Aim>,
}

impl InputDatagram {
    /// The bytes of it, a few dozen as a rule.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = BitWriter::with_capacity(48);
        w.put(self.newest.0, 32);
        let inputs = &self.inputs[..self.inputs.len().min(INPUTS_MAX)];
        w.put(inputs.len() as u32, 4);
        let mut previous = None;
        for input in inputs {
            w.put_bit(previous == Some(input));
            if previous != Some(input) {
                write_input(input, self.newest, &mut w);
            }
            previous = Some(input);
        }
        write_acks(&self.acks, &mut w);
        write_aim(self.camera, &mut w);
        w.finish()
    }

    /// Reads what a client sent.
    ///
    /// # Errors
    /// When it is too large, ends early or holds what no client writes.
    pub fn decode(bytes: &[u8]) -> Result<InputDatagram, SnapshotError> {
        if bytes.len() > DATAGRAM_MAX {
            return Err(SnapshotError::Oversize(bytes.len()));
        }
        let mut r = BitReader::new(bytes);
        let newest = Tick(r.get(32)?);
        let count = r.get(4)? as usize;
        let mut inputs: Vec<SeatInput> = Vec::with_capacity(count);
        for _ in 0..count {
            let input = match (r.get_bit()?, inputs.last()) {
                (true, Some(previous)) => *previous,
                (true, None) => return Err(SnapshotError::OutOfRange("input")),
                (false, _) => read_input(newest, &mut r)?,
            };
            inputs.push(input);
        }
        let datagram = InputDatagram { newest, inputs, acks: read_acks(&mut r)?, camera: read_aim(&mut r)? };
        if r.left() < 8 { Ok(datagram) } else { Err(SnapshotError::OutOfRange("length")) }
    }

    /// Each input with the tick that it is meant for, newest first.
    pub fn by_tick(&self) -> impl Iterator<Item = (Tick, &SeatInput)> {
        self.inputs
            .iter()
            .enumerate()
            .filter_map(|(i, input)| Some((Tick(self.newest.0.checked_sub(i as u32)?), input)))
    }
}

fn write_input(input: &SeatInput, newest: Tick, w: &mut BitWriter) {
    w.put_bit(input.heading.is_some());
    if let Some(heading) = input.heading {
        w.put(u32::from(heading), 8);
    }
    w.put_bit(input.verb.is_some());
    if let Some(verb) = input.verb {
        w.put(verb.index() as u32, 6);
    }
    write_aim(input.aim, w);
    w.put_signed(newest.0.wrapping_sub(input.seen.0) as i32, 3);
}

fn read_input(newest: Tick, r: &mut BitReader<'_>) -> Result<SeatInput, SnapshotError> {
    const { assert!(Verb::ALL.len() <= 64, "a verb has 6 bits") };
    let heading = if r.get_bit()? { Some(r.get(8)? as u8) } else { None };
    let verb = if r.get_bit()? {
        Some(Verb::from_index(r.get(6)? as usize).ok_or(SnapshotError::OutOfRange("verb"))?)
    } else {
        None
    };
    let aim = read_aim(r)?;
    Ok(SeatInput { heading, verb, aim, seen: Tick(newest.0.wrapping_sub(r.get_signed(3)? as u32)) })
}

fn write_aim(aim: Option<Aim>, w: &mut BitWriter) {
    let aim = aim.filter(|aim| aim.is_valid());
    w.put_bit(aim.is_some());
    if let Some(aim) = aim {
        w.put(u32::from(aim.x_m), 13);
        w.put(u32::from(aim.y_m), 12);
    }
}

fn read_aim(r: &mut BitReader<'_>) -> Result<Option<Aim>, SnapshotError> {
    const { assert!(ground::WIDTH_M <= 1 << 13 && ground::HEIGHT_M <= 1 << 12, "an aim has 25 bits") };
    if !r.get_bit()? {
        return Ok(None);
    }
    let aim = Aim { x_m: r.get(13)? as u16, y_m: r.get(12)? as u16 };
    if aim.is_valid() { Ok(Some(aim)) } else { Err(SnapshotError::OutOfRange("aim")) }
}

fn write_acks(acks: &Acks, w: &mut BitWriter) {
    w.put_bit(acks.newest.is_some());
    let Some(newest) = acks.newest else { return };
    w.put(u32::from(newest), 16);
    let all = acks.earlier == u64::MAX;
    w.put_bit(all);
    if !all {
        w.put(acks.earlier as u32, 32);
        w.put((acks.earlier >> 32) as u32, 32);
    }
    let nacks = &acks.nacks[..acks.nacks.len().min(NACKS_MAX)];
    w.put_bit(!nacks.is_empty());
    if nacks.is_empty() {
        return;
    }
    w.put(nacks.len() as u32, NACKS_BITS);
    // What is asked for lies as a rule together, and was lost at once.
    let mut last = Nack { group: GroupId(0), held: Version::NONE };
    for nack in nacks {
        w.put_signed(i32::from(nack.group.0) - i32::from(last.group.0), 3);
        w.put_signed(nack.held.0.wrapping_sub(last.held.0) as i32, 0);
        last = *nack;
    }
}

fn read_acks(r: &mut BitReader<'_>) -> Result<Acks, SnapshotError> {
    const { assert!(NACKS_MAX < 1 << NACKS_BITS, "the number of groups has so many bits") };
    if !r.get_bit()? {
        return Ok(Acks::default());
    }
    let newest = Some(r.get(16)? as u16);
    let earlier = if r.get_bit()? { u64::MAX } else { u64::from(r.get(32)?) | u64::from(r.get(32)?) << 32 };
    let count = if r.get_bit()? { r.get(NACKS_BITS)? as usize } else { 0 };
    let mut nacks = Vec::with_capacity(count);
    let mut last = Nack { group: GroupId(0), held: Version::NONE };
    for _ in 0..count {
        let group = i32::from(last.group.0).saturating_add(r.get_signed(3)?);
        let group = u16::try_from(group).ok().filter(|group| usize::from(*group) < GROUPS);
        let group = GroupId(group.ok_or(SnapshotError::OutOfRange("group"))?);
        last = Nack { group, held: Version(last.held.0.wrapping_add_signed(r.get_signed(0)?)) };
        nacks.push(last);
    }
    Ok(Acks { newest, earlier, nacks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Pos;
    use crate::rng::Pcg32;

    fn some_input(rng: &mut Pcg32) -> SeatInput {
        SeatInput {
            heading: (rng.below(3) > 0).then(|| rng.below(256) as u8),
            verb: Verb::from_index(rng.below(60) as usize),
            aim: (rng.below(2) > 0).then(|| Aim::at(Pos::from_m(rng.between(0, 8_191), rng.between(0, 3_071)))),
            seen: Tick(rng.below(100_000)),
        }
    }

    fn some_datagram(rng: &mut Pcg32) -> InputDatagram {
        let repeated = some_input(rng);
        let nack = |rng: &mut Pcg32| Nack {
            group: GroupId(rng.below(GROUPS as u32) as u16),
            held: Version(rng.below(30_000)),
        };
        InputDatagram {
            newest: Tick(rng.below(100_000)),
            inputs: (0..rng.below(16)).map(|_| if rng.below(2) > 0 { repeated } else { some_input(rng) }).collect(),
            acks: match rng.below(3) {
                0 => Acks::default(),
                1 => Acks { newest: Some(rng.next_u32() as u16), earlier: u64::MAX, nacks: Vec::new() },
                _ => Acks {
                    newest: Some(rng.next_u32() as u16),
                    earlier: u64::from(rng.next_u32()) << 20,
                    nacks: (0..rng.below(32)).map(|_| nack(rng)).collect(),
                },
            },
            camera: (rng.below(2) > 0).then_some(Aim { x_m: 8_191, y_m: 3_071 }),
        }
    }

    #[test]
    fn a_datagram_comes_back_as_it_was() {
        let mut rng = Pcg32::new(5, 1);
        for _ in 0..500 {
            let datagram = some_datagram(&mut rng);
            let bytes = datagram.encode();
            assert!(bytes.len() <= DATAGRAM_MAX);
            assert_eq!(InputDatagram::decode(&bytes), Ok(datagram));
        }
    }

    #[test]
    fn a_steady_input_costs_little() {
        let input = SeatInput { heading: Some(7), seen: Tick(995), ..SeatInput::default() };
        let acks = Acks { newest: Some(9), earlier: u64::MAX, nacks: Vec::new() };
        let datagram = InputDatagram { newest: Tick(1_000), inputs: vec![input; 4], acks, camera: None };
        assert!(datagram.encode().len() <= 13, "{} bytes", datagram.encode().len());
    }

    #[test]
    fn hostile_bytes_are_refused_or_read_and_nothing_else() {
        let mut rng = Pcg32::new(6, 1);
        for round in 0..20_000 {
            let mut bytes = if round % 2 == 0 {
                (0..rng.below(80)).map(|_| rng.next_u32() as u8).collect()
            } else {
                some_datagram(&mut rng).encode()
            };
            for _ in 0..rng.below(4) {
                let at = rng.below(bytes.len().max(1) as u32) as usize;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << rng.below(8);
                }
            }
            if let Ok(datagram) = InputDatagram::decode(&bytes) {
                assert!(datagram.inputs.len() <= INPUTS_MAX && datagram.acks.nacks.len() <= NACKS_MAX);
                assert!(datagram.by_tick().count() <= datagram.inputs.len());
            }
        }
        assert_eq!(InputDatagram::decode(&[0; 1_101]), Err(SnapshotError::Oversize(1_101)));
    }
}
