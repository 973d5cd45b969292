//! The bots, a topic a file, on hand-made views.

mod gamera;
mod made;
mod orders;
mod queen;
mod scale;
mod seats;
mod verbs;
