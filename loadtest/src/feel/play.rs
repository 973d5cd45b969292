//! Lets players join a made-up world over bad lines, and play for a while.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gamera_client::session::{Dialer, Options, Session, SessionError};
use gamera_link::conditioner::{ImpairedPort, Impairment};
use gamera_link::key::Key;
use gamera_protocol::ids::Role;
use gamera_protocol::message::Wish;
use tokio::task::{JoinHandle, LocalSet};

use super::FeelError;
use super::hand::Hand;
use super::pilot::{Marks, Pilot};
use super::traffic::{Counted, Traffic};
use super::world::{STEP, World, seed_of};

/// The seats that players ask for, in turn: on foot, in the air, a giant, one of each side.
const ROLES: [Role; 6] = [Role::Tank, Role::BroodLeader, Role::Engineer, Role::Gamera, Role::LightBearer, Role::Queen];
/// Everybody has joined by then, or never will: with every answer lost a few times.
const JOINED: Duration = Duration::from_secs(60);
/// From the last join to the first measured moment: clocks and budgets have settled.
const WARM_UP: Duration = Duration::from_secs(8);

/// What is played.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) rules: Impairment,
    pub(super) players: usize,
    pub(super) seats: u16,
    pub(super) time: Duration,
    pub(super) seed: u64,
}

/// Plays it, and gives what was measured of each player.
pub(super) fn play(plan: &Plan) -> Result<Vec<Marks>, FeelError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    LocalSet::new().block_on(&runtime, async {
        let mut stage = Stage::new(plan)?;
        stage.join().await?;
        stage.pass(WARM_UP).await;
        stage.pilots.iter_mut().for_each(Pilot::measure);
        stage.pass(plan.time).await;
        Ok(stage.pilots.into_iter().map(Pilot::finish).collect())
    })
}

/// A world with its players.
struct Stage {
    plan: Plan,
    world: World,
    began: Instant,
    joining: Vec<Joining>,
    pilots: Vec<Pilot>,
}

/// A player who is not there yet.
struct Joining {
    number: u64,
    attempt: u64,
    dialer: Dialer,
    traffic: Traffic,
    task: JoinHandle<Result<Session, SessionError>>,
}

/// The time by the paused clock.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl Stage {
    fn new(plan: &Plan) -> Result<Stage, FeelError> {
        let (world, began) = (World::new(plan.seed, plan.seats, now())?, now());
        Ok(Stage { plan: *plan, world, began, joining: Vec::new(), pilots: Vec::new() })
    }

    fn dial(&mut self, number: u64, attempt: u64) -> Result<(), FeelError> {
        let Plan { rules, seed, .. } = self.plan;
        let luck = seed.wrapping_mul(100_000).wrapping_add(attempt * 1_000 + number);
        let (port, traffic) = Counted::new(ImpairedPort::new(self.world.port(), rules, luck, now()));
        let dialer = Dialer::over(Box::new(port), Some(seed_of(luck, 2)));
        let key = Arc::new(Key::seeded(seed_of(seed, 10_000 + number))?);
        let wish = Wish::Role(ROLES[number as usize % ROLES.len()]);
        let options = Options::new(self.world.line(), &format!("player {number}"), wish);
        let dialing = dialer.clone();
        let task = tokio::task::spawn_local(async move { Session::connect(&dialing, options, key).await });
        self.joining.push(Joining { number, attempt, dialer, traffic, task });
        Ok(())
    }

    /// Lets everybody join.
    async fn join(&mut self) -> Result<(), FeelError> {
        (0..self.plan.players as u64).try_for_each(|number| self.dial(number, 0))?;
        while !self.joining.is_empty() {
            if self.time() > JOINED {
                return Err(FeelError::NotJoined(self.joining.len()));
            }
            self.step().await;
            for at in (0..self.joining.len()).rev() {
                if self.joining[at].task.is_finished() {
                    let joining = self.joining.remove(at);
                    self.seat(joining).await?;
                }
            }
        }
        Ok(())
    }

    /// Seats one who has joined. Who could not tries again, as a person does.
    async fn seat(&mut self, joining: Joining) -> Result<(), FeelError> {
        let Joining { number, attempt, dialer, traffic, task } = joining;
        match task.await.map_err(std::io::Error::from)? {
            Ok(session) => {
                let hand = Hand::new(self.plan.seed, number);
                self.pilots.push(Pilot::new(session, dialer, traffic, hand, self.time()));
                Ok(())
            }
            Err(SessionError::Unreachable(_)) => self.dial(number, attempt + 1),
            Err(error) => Err(error.into()),
        }
    }

    async fn pass(&mut self, time: Duration) {
        let end = self.time() + time;
        while self.time() < end {
            self.step().await;
        }
    }

    fn time(&self) -> Duration {
        now().duration_since(self.began)
    }

    /// Lets a millisecond pass.
    async fn step(&mut self) {
        tokio::time::advance(STEP).await;
        self.world.work(now());
        let time = self.time();
        for pilot in &mut self.pilots {
            pilot.work(time, &self.world);
        }
        for joining in &self.joining {
            joining.dialer.receive();
            joining.dialer.send();
        }
        tokio::task::yield_now().await;
    }
}
