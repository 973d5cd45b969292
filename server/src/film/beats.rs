//! A beat of the film: an event, and where or how much it has to be.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::City;

/// One beat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Beat {
    /// What happens.
    pub event: EventKind,
    /// In which city, where that matters.
    pub city: Option<City>,
    /// How much of it, where that matters.
    pub amount: Option<i32>,
}

pub(super) const fn any(event: EventKind) -> Beat {
    Beat { event, city: None, amount: None }
}

pub(super) const fn at(event: EventKind, city: City) -> Beat {
    Beat { event, city: Some(city), amount: None }
}

pub(super) const fn amount(event: EventKind, amount: i32) -> Beat {
    Beat { event, city: None, amount: Some(amount) }
}

impl Beat {
    /// True where `event` is this beat.
    #[must_use]
    pub fn is(&self, event: &Event) -> bool {
        event.kind == self.event
            && self.city.is_none_or(|city| event.city == Some(city))
            && self.amount.is_none_or(|amount| event.amount == amount)
    }
}

impl std::fmt::Display for Beat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.event.label())?;
        if let Some(city) = self.city {
            write!(f, " ({city})")?;
        }
        match self.amount {
            Some(amount) => write!(f, " ({amount})"),
            None => Ok(()),
        }
    }
}
