//! The authoritative match server: the battle, what each seat may see of it, and how it is hosted.

pub mod bots;
pub mod config;
pub mod film;
pub mod headless;
mod host;
pub mod lobby;
pub mod net;
pub mod ops;
pub mod replicate;
pub mod room;
mod run;
pub mod sim;

pub use host::{HostError, HostHandle, Identity, host};
pub use run::run;
