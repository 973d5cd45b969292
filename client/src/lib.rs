//! The terminal client: session, replica, prediction, keys and screen.
