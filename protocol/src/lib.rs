//! What both sides of the wire must agree on.
//!
//! Owns: units of measure, ids, the ground, the balance tables, the shared motion step, inputs,
//! events, messages, the seat's view and the snapshot codec.
//!
//! Invariant: no I/O, clock, thread, log, async runtime or QUIC in here, and no floating point in
//! anything a simulation step reads. `server/tests/architecture.rs` fails when that is broken.

pub mod admin;
pub mod balance;
pub mod bits;
pub mod codec;
pub mod entropy;
pub mod event;
pub mod ground;
pub mod ids;
pub mod input;
pub mod join;
pub mod measure;
pub mod message;
pub mod motion;
pub mod rng;
pub mod roster;
pub mod snapshot;
pub mod text;
pub mod view;
