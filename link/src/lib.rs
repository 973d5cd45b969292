//! The QUIC link as both ends see it: keys and certificates, how a peer is checked, transport
//! settings, and frames on the control stream.
//!
//! Knows nothing of matches, lobbies or screens: a peer is a key.

pub mod conditioner;
pub mod congestion;
pub mod driver;
pub mod framing;
pub mod key;
pub mod tls;
pub mod transport;
