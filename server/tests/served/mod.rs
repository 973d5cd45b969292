//! The page of figures as a live server serves it, for the tests that hold other texts against it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use gamera_protocol::message::Refusal;
use gamera_server::config::{ModeSetting, Settings};
use gamera_server::ops::meters::{self, BadInput};
use gamera_server::ops::{self, process};
use gamera_server::{Identity, host};

/// The page of a server that has hosted a quick match for some ticks, with each figure on it that comes only with
/// an occasion. Once a process, for it installs the recorder.
pub(crate) fn page() -> String {
    let handle = ops::exporter().unwrap().install_recorder().unwrap();
    meters::describe();
    let settings = Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        mode: ModeSetting::Quick,
        ..Settings::default()
    };
    let server = host(&settings, Identity::Fresh).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    meters::bad_input(BadInput::Chat);
    meters::joined("new");
    meters::refused(&Refusal::Full);
    process::publish();
    let page = handle.render();
    server.shutdown();
    page
}
