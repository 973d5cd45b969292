//! The terminal: what comes from it, what goes to it, and how it is left as it was found.

pub mod guard;
pub mod input;
pub mod output;
pub mod pace;
pub mod parse;
pub mod streams;
