//! The terminal client: session, replica, prediction, keys and screen.

pub mod advice;
pub mod app;
pub mod cli;
pub mod clock;
pub mod host;
pub mod impair;
pub mod interpolate;
pub mod keys;
pub mod link;

pub mod model;
pub mod narrate;
pub mod player;
pub mod predict;
pub mod remote;
pub mod screen;
pub mod session;
#[cfg(test)]
mod staged;
pub mod targets;
pub mod terminal;
pub mod ui;
