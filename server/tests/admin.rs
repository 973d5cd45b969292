//! The administrator's socket of a live server: off unless asked for, for its own account alone, and what comes over it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gamera_protocol::admin::{Ask, Gathering, NoView, SeatPicture, Told};
use gamera_protocol::codec;
use gamera_protocol::ids::SeatId;
use gamera_protocol::measure::metres;
use gamera_protocol::snapshot::group::far_tier;
use gamera_server::config::{ModeSetting, SceneSetting, Settings};
use gamera_server::{HostError, HostHandle, Identity, host};

fn server(admin: Option<PathBuf>) -> Result<HostHandle, HostError> {
    let settings = Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        mode: ModeSetting::Quick,
        scene: SceneSetting::Clash,
        seed: Some(1),
        admin,
        ..Settings::default()
    };
    host(&settings, Identity::Fresh)
}

fn ask(path: &Path, bytes: &[u8]) -> UnixStream {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

fn view(room: u16, seat: u16) -> Vec<u8> {
    codec::frame(&Ask::View { room, seat: SeatId(seat) }).unwrap()
}

/// The next picture, or why there is none.
fn next(stream: &mut UnixStream) -> Result<SeatPicture, NoView> {
    let mut gathering = Gathering::default();
    loop {
        let mut header = [0; codec::FRAME_HEADER];
        stream.read_exact(&mut header).unwrap();
        let mut body = vec![0; codec::frame_length(header).unwrap()];
        stream.read_exact(&mut body).unwrap();
        if let Some(picture) = gathering.take(codec::decode::<Told>(&body).unwrap())? {
            return Ok(picture);
        }
    }
}

#[test]
fn pictures_come_tick_by_tick_and_end_with_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin.sock");
    let server = server(Some(path.clone())).unwrap();
    assert_eq!(server.admin(), Some(path.as_path()));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut stream = ask(&path, &view(0, 3));
    let pictures: Vec<SeatPicture> = (0..5).map(|_| next(&mut stream).unwrap()).collect();
    assert!(pictures.windows(2).all(|w| w[0].tick < w[1].tick));
    for picture in &pictures {
        let is_around = |pos: gamera_protocol::measure::Pos| pos.within(picture.own.mover.pos, metres(512));
        assert!(picture.things.iter().all(|t| far_tier(t.kind, true).is_some() || is_around(t.pos)));
        assert!(picture.things.iter().any(|t| t.seat == Some(SeatId(3))), "its own unit is among them");
    }
    server.shutdown();
    assert!(!path.exists(), "the socket is gone with the server");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
}

#[test]
fn what_there_is_not_is_refused_and_rubbish_ends_the_connection_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin.sock");
    let _server = server(Some(path.clone())).unwrap();
    for (room, seat, why) in [(7, 3, NoView::NoSuchRoom), (0, 9_999, NoView::NoSuchSeat)] {
        assert_eq!(next(&mut ask(&path, &view(room, seat))), Err(why));
    }
    for rubbish in [&[0xff; 64][..], &[0, 0], &[0, 1, 99]] {
        let mut told = Vec::new();
        // A connection that is closed with bytes unread is reset: that ends it too.
        let _ = ask(&path, rubbish).read_to_end(&mut told);
        assert!(told.is_empty(), "{rubbish:?}");
    }
    assert!(next(&mut ask(&path, &view(0, 3))).is_ok(), "it goes on for others");
}

#[test]
fn a_socket_of_a_dead_server_is_taken_over_and_one_of_a_live_server_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let first = server(Some(path.clone())).unwrap();
    let second = server(Some(path.clone()));
    assert!(matches!(second, Err(HostError::Admin { .. })));
    assert!(next(&mut ask(&path, &view(0, 0))).is_ok());
    drop(first);
    assert_eq!(server(None).unwrap().admin(), None, "off unless asked for");
}
