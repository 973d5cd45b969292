//! A battle hosted in this very process, for one who plays alone. The only file of the client that
//! knows the server.

use std::net::{Ipv4Addr, SocketAddr};

use gamera_protocol::ids::City;
use gamera_protocol::join::JoinLine;
pub use gamera_server::HostError;
use gamera_server::config::{BotsSetting, ModeSetting, Settings};
use gamera_server::{HostHandle, Identity};

use crate::cli::{Bots, Play};

/// A server in this process; it ends when dropped.
pub struct Local(HostHandle);

impl Local {
    /// Hosts what `play` asks for, for this machine alone.
    ///
    /// # Errors
    /// When there is no socket or thread for it.
    pub fn host(play: &Play) -> Result<Local, HostError> {
        gamera_server::host(&settings(play), Identity::Fresh).map(Local)
    }

    /// The line to join it by.
    #[must_use]
    pub fn join_line(&self) -> JoinLine {
        self.0.join_line().clone()
    }

    /// Ends it.
    pub fn end(self) {
        self.0.shutdown();
    }
}

fn settings(play: &Play) -> Settings {
    Settings {
        listen: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0),
        mode: if play.campaign { ModeSetting::Campaign } else { ModeSetting::Quick },
        city: play.city.unwrap_or(City::Tokyo),
        seats: play.seats,
        seed: play.seed,
        bots: match play.bots {
            Bots::Easy => BotsSetting::Easy,
            Bots::Normal => BotsSetting::Normal,
            Bots::Hard => BotsSetting::Hard,
        },
        ..Settings::default()
    }
}
