//! Transport settings: small buffers, few streams, no pacing, late acknowledgements.
//!
//! QUIC's defaults are generous: a peer that is not read could pin a hundred megabytes. With these
//! it pins some 150 KB.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use quinn::{AckFrequencyConfig, IdleTimeout, TransportConfig, VarInt};
use socket2::{Domain, Protocol, Socket, Type};

use crate::congestion::HandedOver;

/// A link that has been silent for this long is lost.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a round trip is taken for before one was measured: the first packets of a handshake are sent again
/// after three of these, then after twice as long each time. QUIC's own third of a second does not get a
/// handshake through a line that loses a fifth before somebody's patience ends.
const FIRST_RTT: Duration = Duration::from_millis(100);

/// Datagrams that wait to be sent, bytes: the largest burst of a tick. Older ones are stale.
pub const DATAGRAM_BUFFER: usize = 16 * 1024;

/// What the system is asked to keep of a socket that many links share, each way, bytes: a tick's
/// datagrams of a thousand links, with what the system adds to each.
const SOCKET_BUFFER: usize = 4 * 1024 * 1024;

/// Opens a socket for many links, IPv4 through IPv6 where it can; on IPv4 alone where the system has
/// no IPv6 and every address was asked for.
///
/// # Errors
/// When the address cannot be bound.
pub fn open_socket(address: SocketAddr) -> std::io::Result<UdpSocket> {
    match bind(address) {
        Err(_) if address.is_ipv6() && address.ip().is_unspecified() => {
            bind((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        bound => bound,
    }
}

fn bind(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        // Where both cannot be had, IPv6 alone is better than nothing.
        let _ = socket.set_only_v6(false);
    }
    // A system that gives less loses datagrams of the largest matches only.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Which end of the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Takes one control stream, opens none.
    Server,
    /// Opens the control stream.
    Client,
}

/// The settings of one end.
#[must_use]
pub fn transport(end: End) -> TransportConfig {
    let mut config = TransportConfig::default();
    let streams = if end == End::Server { 1_u8 } else { 0 };
    config
        .max_concurrent_bidi_streams(VarInt::from(streams))
        .max_concurrent_uni_streams(VarInt::from(0_u8))
        .stream_receive_window(VarInt::from_u32(16 * 1024))
        .receive_window(VarInt::from_u32(64 * 1024))
        .send_window(256 * 1024)
        .datagram_receive_buffer_size(Some(DATAGRAM_BUFFER))
        .datagram_send_buffer_size(DATAGRAM_BUFFER)
        .crypto_buffer_size(16 * 1024)
        .initial_rtt(FIRST_RTT)
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_TIMEOUT.as_millis() as u32))))
        .keep_alive_interval((end == End::Client).then_some(Duration::from_secs(2)))
        .mtu_discovery_config(None)
        .ack_frequency_config(Some(late_acknowledgements()))
        .congestion_controller_factory(Arc::new(HandedOver::default()));
    config
}

/// One acknowledgement for ten packets, or after 100 ms: packets cost, bytes do not, and by then a client has
/// something to say anyway.
fn late_acknowledgements() -> AckFrequencyConfig {
    let mut config = AckFrequencyConfig::default();
    config.ack_eliciting_threshold(VarInt::from(10_u8)).max_ack_delay(Some(Duration::from_millis(100)));
    config
}
