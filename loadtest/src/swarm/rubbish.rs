//! What a hostile player sends: datagrams that cannot be read, floods, inputs of an absurd tick, chat
//! beyond all measure. Each player has one of these vices. All of it is bounded: it is to test what a
//! server makes of it, not how much a machine can send.

use gamera_client::session::Session;
use gamera_protocol::input::{Order, SeatInput};
use gamera_protocol::measure::Tick;
use gamera_protocol::message::Audience;
use gamera_protocol::rng::Pcg32;
use gamera_protocol::snapshot::InputDatagram;
use gamera_protocol::text::CHAT_MAX;

/// Turns between two datagrams that cannot be read: twice a second.
const NOISE_TURNS: u32 = 15;
/// Datagrams a turn of one that floods: 300 a second, over three times what a server lets in.
const FLOOD: u32 = 10;
/// Turns between two lines of chat: three a second, each with an order.
const CHAT_TURNS: u32 = 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Vice {
    Noise,
    Flood,
    FarTicks,
    Chatter,
}

const VICES: [Vice; 4] = [Vice::Noise, Vice::Flood, Vice::FarTicks, Vice::Chatter];

/// What one hostile player sends.
#[derive(Debug)]
pub(super) struct Rubbish {
    vice: Vice,
    rng: Pcg32,
    turns: u32,
}

impl Rubbish {
    /// The vice of the player with this id.
    pub(super) fn new(id: u64) -> Rubbish {
        Rubbish { vice: VICES[(id % VICES.len() as u64) as usize], rng: Pcg32::new(id, 7), turns: 0 }
    }

    /// Sends what is sent in one turn, a tick long; returns how many things.
    pub(super) fn send(&mut self, session: &mut Session) -> u64 {
        self.turns += 1;
        match self.vice {
            Vice::Noise if self.turns.is_multiple_of(NOISE_TURNS) => self.noise(session),
            Vice::Flood => self.flood(session),
            Vice::FarTicks => self.far_ticks(session),
            Vice::Chatter if self.turns.is_multiple_of(CHAT_TURNS) => self.chatter(session),
            Vice::Noise | Vice::Chatter => 0,
        }
    }

    fn noise(&mut self, session: &mut Session) -> u64 {
        let length = 1 + self.rng.below(200);
        let bytes: Vec<u8> = (0..length).map(|_| self.rng.next_u32() as u8).collect();
        session.send_raw(bytes);
        1
    }

    fn flood(&mut self, session: &mut Session) -> u64 {
        let next = session.replica().tick().after(2);
        (0..FLOOD).for_each(|n| self.input(session, next.after(n)));
        u64::from(FLOOD)
    }

    fn far_ticks(&mut self, session: &mut Session) -> u64 {
        let far = Tick(self.rng.next_u32() | 1 << 31);
        self.input(session, far);
        1
    }

    fn chatter(&mut self, session: &mut Session) -> u64 {
        session.say(Audience::All, &"spam".repeat(CHAT_MAX));
        session.send_order(Order::FeedShare { percent: 255 });
        2
    }

    /// A datagram that can be read, of an input at `tick`.
    fn input(&mut self, session: &mut Session, tick: Tick) {
        let input = SeatInput { heading: Some(self.rng.next_u32() as u8), ..SeatInput::default() };
        let acks = session.replica().acks();
        let mut bytes = InputDatagram { newest: tick, inputs: vec![input], acks, camera: None }.encode();
        bytes.insert(0, session.welcome().place.epoch);
        session.send_raw(bytes);
    }
}
