//! The load tester: swarms over the wire, tournaments without one, and their reports.
