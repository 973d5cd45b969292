//! The authoritative match server: the battle, what each seat may see of it, and how it is hosted.

pub mod config;
pub mod replicate;
pub mod sim;
