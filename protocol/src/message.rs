//! What the control stream carries: hello and its answer, the lobby, chat, orders, events, the
//! verdict. One reliable stream a client, each message framed and limited by [`crate::codec`].
//!
//! Snapshots and inputs do not pass here: they are datagrams. Each datagram, either way, begins
//! with the one-byte [`Place::epoch`] that it belongs to, so that one from before a seat or match
//! changed is told from one after.

use bincode::{Decode, Encode};

use crate::codec::{self, DecodeError};
use crate::event::Event;
use crate::ids::{City, Role, SeatId, Side, Viewer};
use crate::input::{Driver, Order};
use crate::measure::Tick;
use crate::text::TextError;
use crate::view::{SeatPart, Verdict};

/// The version of everything that both sides must agree on but the balance.
pub const VERSION: u16 = 3;

/// The name of the protocol in the TLS handshake (ALPN); ends with [`VERSION`].
pub const ALPN: &[u8] = b"gamera/3";

/// The server's name in the TLS handshake (SNI): keys are pinned, names are not checked.
pub const SERVER_NAME: &str = "gamera.invalid";

/// The largest datagram either side sends, bytes, with its epoch.
pub const DATAGRAM_MAX: usize = 1_100;

/// Roster entries in one message.
pub const ROSTER_PAGE: usize = 40;

/// Events in one message.
pub const EVENT_PAGE: usize = 64;

/// Seats' parts on a verdict screen.
pub const PARTS_PAGE: usize = 48;

/// What a client wants to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub enum Wish {
    /// Any seat: the giants first, then the side with the fewest people.
    #[default]
    Any,
    /// Any seat of a side.
    Side(Side),
    /// Any seat with a role.
    Role(Role),
    /// One seat.
    Seat(SeatId),
    /// To watch, without a seat.
    Watch,
}

/// The first message of a client. Its version stands first, whatever a later version adds.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Hello {
    /// The client's [`VERSION`].
    pub version: u16,
    /// The fingerprint of the client's balance tables.
    pub balance: u64,
    /// What the player wants to be called.
    pub name: String,
    /// What the player wants to be.
    pub wish: Wish,
}

/// Who is meant to read a line of chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Audience {
    /// Everybody in the match.
    All,
    /// The own side.
    Team,
}

/// From a client.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum ToServer {
    /// The first message, and only the first.
    Hello(Hello),
    /// Another seat, please; or none.
    Choose(Wish),
    /// An order of the own seat.
    Order(Order),
    /// A line of chat.
    Say {
        /// Who is meant to read it.
        to: Audience,
        /// The line.
        text: String,
    },
    /// Goodbye: the seat is free at once.
    Leave,
}

/// What is fought over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Stage {
    /// Three cities.
    Campaign,
    /// One city.
    Quick(City),
}

/// The match that a client has joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MatchInfo {
    /// Counts the matches of this server from 1.
    pub number: u32,
    /// What is fought over.
    pub stage: Stage,
    /// How many seats: the roster follows from it.
    pub seats: u16,
    /// How far it is.
    pub tick: Tick,
}

/// Where a client stands in the match.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Place {
    /// The seat, unless it watches.
    pub seat: Option<SeatId>,
    /// Whose knowledge it is sent.
    pub viewer: Viewer,
    /// The byte that begins each datagram from now on.
    pub epoch: u8,
}

/// Why a client was placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum PlacedBy {
    /// It has joined.
    Joining,
    /// It has come back: the seat had been kept.
    Resuming,
    /// It asked for another seat.
    Choosing,
    /// A new match has begun.
    NextMatch,
}

/// The answer to a good hello, and to each later change of place.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Welcome {
    /// Why.
    pub by: PlacedBy,
    /// The match.
    pub info: MatchInfo,
    /// The place in it.
    pub place: Place,
    /// The name as others see it.
    pub name: String,
}

/// One seat of the roster that a person holds or has left.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RosterEntry {
    /// Which seat.
    pub seat: SeatId,
    /// Who drives it now.
    pub driver: Driver,
    /// The person that holds it; `None` for a bot's own seat.
    pub name: Option<String>,
}

/// What a verdict screen shows.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Summary {
    /// How it ended.
    pub verdict: Verdict,
    /// The turning points that this client's viewer knows, oldest first.
    pub timeline: Vec<Event>,
    /// What seats did: the client's own first, then those that people hold, then the rest by
    /// damage; [`PARTS_PAGE`] at most.
    pub parts: Vec<SeatPart>,
}

/// From the server.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum ToClient {
    /// Seated, or seated anew.
    Welcome(Welcome),
    /// A wish could not be met; everything stays as it is.
    Denied(Refusal),
    /// Seats that have changed hands.
    Roster(Vec<RosterEntry>),
    /// What happened.
    Events(Vec<Event>),
    /// A line of chat.
    Said {
        /// Who said it.
        from: String,
        /// The side of the speaker; `None` for one who watches.
        side: Option<Side>,
        /// Who was meant to read it.
        to: Audience,
        /// The line.
        text: String,
    },
    /// Who drives the own seat has changed: a bot while the player is idle.
    Driven(Driver),
    /// The verdict.
    Verdict(Summary),
    /// The server will stop.
    Draining {
        /// In this many seconds.
        seconds: u16,
    },
}

/// Why a client is not let in, or is sent away. It travels as the reason of the closed connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, thiserror::Error)]
pub enum Refusal {
    /// Another version of the protocol.
    #[error("the server speaks protocol version {server}, this client another; install the release that the host runs")]
    Version {
        /// The server's.
        server: u16,
    },
    /// Other balance tables.
    #[error(
        "the server plays by other numbers (balance {server:016x}); install the release that the host runs, or ask the \
         host for its numbers"
    )]
    Balance {
        /// The server's fingerprint.
        server: u64,
    },
    /// No seat is free.
    #[error("the match is full; try again later, or watch it: `gamera-client watch LINE`")]
    Full,
    /// No seat that fits the wish is free.
    #[error("a person already holds that seat; choose another, or leave the choice to the server")]
    SeatTaken,
    /// The match has no such seat.
    #[error("the match has no such seat; choose a side instead, or leave the choice to the server")]
    NoSuchSeat,
    /// The name cannot be used.
    #[error("that name cannot be used: {0}")]
    Name(TextError),
    /// The line of chat cannot be shown.
    #[error("that line cannot be shown: {0}")]
    Chat(TextError),
    /// An order with a number out of its range.
    #[error("that order has a number out of its range")]
    BadOrder,
    /// Too many messages in a short time.
    #[error("too many messages in a short time; wait a moment")]
    TooFast,
    /// The server is about to stop.
    #[error("the server is stopping; join again when it is back")]
    Draining,
    /// The player was banned.
    #[error("the host does not let this player in; ask the host")]
    Banned,
    /// Too many connections from one address.
    #[error("too many connections from your address; close another client first")]
    Crowded,
    /// The same key has connected again.
    #[error("you joined from somewhere else with the same key; that connection goes on")]
    Replaced,
    /// Something else than a hello came first, or none in time.
    #[error("no hello came in time; is this a client of the game?")]
    NoHello,
    /// Bytes that are no message.
    #[error("the server could not read what this client sent; install the release that the host runs")]
    BadMessage,
    /// The client does not read what it is sent.
    #[error("this client reads too slowly; its connection was closed, join again")]
    TooSlow,
    /// The player was sent away.
    #[error("the host has sent this player away")]
    Kicked,
    /// The server has stopped.
    #[error("the server has stopped; join again when it is back")]
    Stopped,
    /// Goodbye, as asked.
    #[error("goodbye")]
    Left,
}

impl Refusal {
    /// A short name for counting.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Refusal::Version { .. } => "version",
            Refusal::Balance { .. } => "balance",
            Refusal::Full => "full",
            Refusal::SeatTaken => "seat-taken",
            Refusal::NoSuchSeat => "no-such-seat",
            Refusal::Name(_) => "name",
            Refusal::Chat(_) => "chat",
            Refusal::BadOrder => "order",
            Refusal::TooFast => "too-fast",
            Refusal::Draining => "draining",
            Refusal::Banned => "banned",
            Refusal::Crowded => "crowded",
            Refusal::Replaced => "replaced",
            Refusal::NoHello => "no-hello",
            Refusal::BadMessage => "bad-message",
            Refusal::TooSlow => "too-slow",
            Refusal::Kicked => "kicked",
            Refusal::Stopped => "stopped",
            Refusal::Left => "left",
        }
    }

    /// True where trying again with the same key and wish may succeed.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Refusal::TooSlow | Refusal::NoHello)
    }
}

/// The version in a hello of any version.
///
/// # Errors
/// When the bytes do not begin as a hello does.
pub fn hello_version(bytes: &[u8]) -> Result<u16, DecodeError> {
    match codec::decode_start::<(u8, u16)>(bytes)? {
        (0, version) => Ok(version),
        _ => Err(DecodeError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventKind;
    use crate::measure::Pos;
    use crate::view::EndCause;

    fn hello() -> Hello {
        Hello { version: VERSION, balance: 0x0102_0304_0506_0708, name: "Asagi".into(), wish: Wish::Side(Side::Sdf) }
    }

    /// Byte for byte what crosses the wire: a change here is a new [`VERSION`].
    #[test]
    fn the_byte_form_of_each_message_stays_as_it_is() {
        let welcome = Welcome {
            by: PlacedBy::Resuming,
            info: MatchInfo { number: 2, stage: Stage::Quick(City::Tokyo), seats: 300, tick: Tick(70_000) },
            place: Place { seat: Some(SeatId(7)), viewer: Viewer::Legion, epoch: 9 },
            name: "A".into(),
        };
        let event = Event::new(Tick(5), EventKind::MeteorImpact).at(Pos::from_m(1, -1)).amount(-3);
        #[rustfmt::skip]
        let cases: Vec<(Vec<u8>, &[u8])> = vec![
            (codec::encode(&ToServer::Hello(hello())).unwrap(),
                &[0, 3, 253, 8, 7, 6, 5, 4, 3, 2, 1, 5, b'A', b's', b'a', b'g', b'i', 1, 2]),
            (codec::encode(&ToServer::Choose(Wish::Seat(SeatId(300)))).unwrap(), &[1, 3, 251, 44, 1]),
            (codec::encode(&ToServer::Order(Order::FeedShare { percent: 60 })).unwrap(), &[2, 1, 60]),
            (codec::encode(&ToServer::Say { to: Audience::Team, text: "hi".into() }).unwrap(), &[3, 1, 2, b'h', b'i']),
            (codec::encode(&ToServer::Leave).unwrap(), &[4]),
            (codec::encode(&ToClient::Welcome(welcome)).unwrap(),
                &[0, 1, 2, 1, 2, 251, 44, 1, 252, 112, 17, 1, 0, 1, 7, 1, 9, 1, b'A']),
            (codec::encode(&ToClient::Denied(Refusal::Name(TextError::Long { most: 24 }))).unwrap(), &[1, 5, 1, 24]),
            (codec::encode(&ToClient::Events(vec![event])).unwrap(), &[3, 1, 5, 1, 0, 1, 128, 127, 0, 5]),
            (codec::encode(&ToClient::Draining { seconds: 5 }).unwrap(), &[7, 5]),
        ];
        for (written, golden) in cases {
            assert_eq!(written, golden);
        }
    }

    #[test]
    fn the_largest_pages_fit_into_a_message() {
        let name = "\u{10fff}".repeat(crate::text::NAME_MAX);
        let entry = RosterEntry { seat: SeatId(u16::MAX), driver: Driver::Person, name: Some(name) };
        assert!(codec::encode(&ToClient::Roster(vec![entry; ROSTER_PAGE])).is_ok());
        let event = Event {
            tick: Tick(u32::MAX),
            kind: EventKind::MeteorImpact,
            city: Some(City::Tokyo),
            at: Some(Pos::new(i32::MIN, i32::MIN)),
            seat: Some(SeatId(u16::MAX)),
            amount: i32::MIN,
        };
        assert!(codec::encode(&ToClient::Events(vec![event; EVENT_PAGE])).is_ok());
        let verdict = Verdict {
            at: Tick(u32::MAX),
            war: Side::Legion,
            sdf: true,
            cause: EndCause::CityHeld,
            scores: [u16::MAX; 3],
            survival_permille: u16::MAX,
        };
        let part =
            SeatPart { seat: SeatId(u16::MAX), damage: u32::MAX, kills: u32::MAX, downs: u32::MAX, deeds: u32::MAX };
        let (timeline, parts) = (vec![event; EVENT_PAGE], vec![part; PARTS_PAGE]);
        assert!(codec::encode(&ToClient::Verdict(Summary { verdict, timeline, parts })).is_ok());
    }

    #[test]
    fn a_hello_of_another_version_tells_its_version() {
        let mut later = codec::encode(&ToServer::Hello(Hello { version: 700, ..hello() })).unwrap();
        later.extend_from_slice(b"what a later version adds");
        assert_eq!(hello_version(&later), Ok(700));
        assert!(hello_version(&[4, 1]).is_err());
        assert!(hello_version(&[]).is_err());
    }

    #[test]
    fn no_prefix_of_a_message_is_a_message() {
        let whole = codec::encode(&ToServer::Hello(hello())).unwrap();
        for end in 0..whole.len() {
            assert!(codec::decode::<ToServer>(&whole[..end]).is_err(), "{end} bytes");
        }
        assert_eq!(codec::decode::<ToServer>(&whole), Ok(ToServer::Hello(hello())));
    }

    #[test]
    fn random_bytes_never_panic() {
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..32)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 56) as u8
                })
                .collect();
            let _ = codec::decode::<ToServer>(&bytes);
            let _ = codec::decode::<ToClient>(&bytes);
            let _ = hello_version(&bytes);
        }
    }

    #[test]
    fn the_version_stands_in_the_alpn() {
        assert_eq!(ALPN, format!("gamera/{VERSION}").as_bytes());
    }
}
