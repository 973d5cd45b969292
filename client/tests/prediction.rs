//! The prediction against a real server over QUIC on loopback: on a clean link the server's word
//! changes nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use gamera_client::predict::Predictor;
use gamera_client::session::{Dialer, Options, Session, SessionEvent};
use gamera_link::key::Key;
use gamera_protocol::balance::Balance;
use gamera_protocol::ids::Role;
use gamera_protocol::input::{SeatInput, Verb};
use gamera_protocol::measure::Tick;
use gamera_protocol::message::Wish;
use gamera_protocol::motion::Gait;
use gamera_server::config::{BotsSetting, ModeSetting, Settings};
use gamera_server::{HostHandle, Identity, host};

/// Inputs are sent so many ticks ahead: a machine under load must not make them late.
const LEAD: u32 = 12;
/// Words of the server that are judged.
const WORDS: usize = 90;

fn server() -> HostHandle {
    let settings = Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        mode: ModeSetting::Quick,
        bots: BotsSetting::Off,
        seed: Some(1),
        ..Settings::default()
    };
    host(&settings, Identity::Fresh).unwrap()
}

/// One who steers a role with the prediction beside it.
struct Pilot {
    session: Session,
    predictor: Predictor,
    made: Tick,
}

impl Pilot {
    async fn join(server: &HostHandle, role: Role) -> Pilot {
        let options = Options::new(server.join_line().clone(), "Honami", Wish::Role(role));
        let session =
            Session::connect(&Dialer::new().unwrap(), options, Arc::new(Key::fresh().unwrap())).await.unwrap();
        Pilot { session, predictor: Predictor::new(Balance::default().units), made: Tick(0) }
    }

    /// Waits for the server's next word, takes it, and sends the inputs that are due then.
    async fn word(&mut self, input: impl Fn(Tick) -> SeatInput) -> i32 {
        let next = async {
            while !matches!(self.session.next().await, Some(SessionEvent::Snapshot(applied)) if applied.newest) {}
        };
        tokio::time::timeout(Duration::from_secs(10), next).await.expect("the server tells");
        let own = *self.session.replica().own().unwrap();
        self.predictor.reconcile(&own);
        let from = self.made.0.max(own.tick.0) + 1;
        for tick in (from..=own.tick.0 + LEAD).map(Tick) {
            self.predictor.advance(tick, input(tick));
            self.session.send_input(tick, input(tick));
            self.made = tick;
        }
        self.predictor.last_correction()
    }

    async fn corrections(&mut self, input: impl Fn(Tick) -> SeatInput) -> Vec<i32> {
        // What was under way before the first inputs is not theirs to foresee.
        for _ in 0..2 * LEAD {
            self.word(&input).await;
        }
        let mut corrections = Vec::new();
        for _ in 0..WORDS {
            corrections.push(self.word(&input).await);
        }
        corrections
    }
}

/// Now this way, now that way, and now and then none.
fn wandering(tick: Tick) -> SeatInput {
    let heading = (tick.0 % 40 > 5).then_some((tick.0 / 10 * 37) as u8);
    SeatInput { heading, ..SeatInput::default() }
}

#[tokio::test]
async fn a_steered_tank_is_never_corrected() {
    let server = server();
    let mut tank = Pilot::join(&server, Role::Tank).await;
    assert_eq!(tank.corrections(wandering).await, [0; WORDS]);
}

#[tokio::test]
async fn a_flying_gamera_is_never_corrected() {
    let server = server();
    let mut gamera = Pilot::join(&server, Role::Gamera).await;
    let flies = |pilot: &Pilot| pilot.session.replica().own().is_some_and(|own| own.mover.gait == Gait::Fly);
    for _ in 0..300 {
        if flies(&gamera) {
            break;
        }
        let north = |tick: Tick| {
            let verb = tick.0.is_multiple_of(100).then_some(Verb::Fly);
            SeatInput { heading: Some(64), verb, ..SeatInput::default() }
        };
        gamera.word(north).await;
    }
    assert!(flies(&gamera), "{:?}", gamera.session.replica().own());
    assert_eq!(gamera.corrections(wandering).await, [0; WORDS]);
}
