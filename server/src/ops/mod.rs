//! What an operator sees: figures, logs, the process itself.

pub mod buckets;
pub mod meters;
pub mod process;
