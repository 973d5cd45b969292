//! A congestion controller that hands control to the game.
//!
//! A window above `u32::MAX` switches QUIC's own window and pacer off, which would hold snapshots
//! back until they are stale. Whoever sends then owes the network a budget of its own that backs
//! off on loss and delay: the server keeps one for each client, and a client sends one small
//! datagram a tick.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use quinn::congestion::{Controller, ControllerFactory};

/// Above `u32::MAX`: neither window nor pacer holds anything back.
const WINDOW: u64 = 1 << 40;

/// The controller, and its own factory.
#[derive(Clone, Copy, Debug, Default)]
pub struct HandedOver;

impl ControllerFactory for HandedOver {
    fn build(self: Arc<Self>, _now: Instant, _current_mtu: u16) -> Box<dyn Controller> {
        Box::new(HandedOver)
    }
}

impl Controller for HandedOver {
    fn on_congestion_event(&mut self, _now: Instant, _sent: Instant, _persistent: bool, _lost_bytes: u64) {}

    fn on_mtu_update(&mut self, _new_mtu: u16) {}

    fn window(&self) -> u64 {
        WINDOW
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(*self)
    }

    fn initial_window(&self) -> u64 {
        WINDOW
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
