//! `gamera-client`: plays, joins or watches a battle in a terminal.

use std::collections::HashSet;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use gamera_client::app::signals::Stop;
use gamera_client::cli::{Cli, Command, Play, Show, WrongSide};
use gamera_client::host::{HostError, Local};
use gamera_client::link::Closing;
use gamera_client::remote::Remote;
use gamera_client::screen::palette::Palette;
use gamera_client::session::{Dialer, Options, Session, SessionError, Waiting, config_dir, player_key};
use gamera_client::{app, narrate};
use gamera_link::conditioner::{Impairment, ImpairmentError};
use gamera_protocol::join::{JoinLine, JoinLineError};
use gamera_protocol::message::{PlacedBy, Welcome, Wish};
use gamera_protocol::roster::Roster;

/// Bad usage or configuration.
const EXIT_USAGE: u8 = 2;
/// Nothing to connect to.
const EXIT_CONNECT: u8 = 3;

/// Why the client ended without being asked to.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Line(#[from] JoinLineError),
    #[error("{0}")]
    Side(#[from] WrongSide),
    #[error("{0}")]
    Impair(#[from] ImpairmentError),
    #[error("{0}")]
    Key(#[from] gamera_link::key::KeyError),
    #[error("no battle could be hosted here: {0}")]
    Host(#[from] HostError),
    #[error("{0}")]
    Session(#[from] SessionError),
    #[error("the link closed: {0}")]
    Closed(String),
    #[error("the terminal failed: {0}; try --narrate")]
    Terminal(#[from] io::Error),
}

impl Failure {
    fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Line(_) | Failure::Side(_) | Failure::Impair(_) | Failure::Key(_) | Failure::Terminal(_) => {
                EXIT_USAGE
            }
            Failure::Host(_) | Failure::Session(_) | Failure::Closed(_) => EXIT_CONNECT,
        })
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("gamera-client: the system gives no event loop: {error}");
            return ExitCode::from(EXIT_CONNECT);
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("gamera-client: {failure}");
            failure.code()
        }
    }
}

async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command.unwrap_or_else(|| Command::Play(Play::default())) {
        Command::Play(play) => {
            let wish = play.seat.wish()?;
            let local = Local::host(&play)?;
            let name = play.seat.name.as_deref();
            let ended = battle(&cli.show, local.join_line(), name, wish, Impairment::NONE).await;
            local.end();
            ended
        }
        Command::Join(join) => {
            let (name, impairment) = (join.seat.name.as_deref(), join.impair.impairment()?);
            battle(&cli.show, join.line.parse()?, name, join.seat.wish()?, impairment).await
        }
        Command::Watch(watch) => {
            let (name, impairment) = (watch.name.as_deref(), watch.impair.impairment()?);
            battle(&cli.show, watch.line.parse()?, name, Wish::Watch, impairment).await
        }
    }
}

/// Joins and plays, on a screen or in lines.
async fn battle(
    show: &Show,
    line: JoinLine,
    name: Option<&str>,
    wish: Wish,
    impairment: Impairment,
) -> Result<(), Failure> {
    let directory = show.data_dir.clone().unwrap_or_else(config_dir);
    let key = Arc::new(player_key(&directory)?);
    // A person's bad day is not to be the same each time.
    let dialer = Dialer::impaired(impairment, std::process::id().into())?;
    let options = Options::new(line, &name.map_or_else(default_name, str::to_owned), wish);
    let mut stop = Stop::new()?;
    let mut said = HashSet::new();
    let connecting = Session::connect_telling(&dialer, pinned(options, directory), key, |what| say(what, &mut said));
    let connected = tokio::select! {
        connected = connecting => connected,
        () = stop.asked() => {
            dialer.finish().await;
            return Ok(());
        }
    };
    let mut session = connected?;
    insist(&mut session, wish);
    let ended = play(show, Remote::new(session)).await;
    dialer.finish().await;
    ended
}

/// Says once what is waited for, before there is a screen to say it on.
fn say(what: Waiting, said: &mut HashSet<Waiting>) {
    if said.insert(what) {
        eprintln!("gamera-client: {what} (Ctrl-C gives up)");
    }
}

/// A key that the join line names needs no memory; one met by address is remembered.
fn pinned(options: Options, directory: PathBuf) -> Options {
    if options.line.fingerprint.is_some() { options } else { options.pinning_in(&directory) }
}

async fn play(show: &Show, link: Remote) -> Result<(), Failure> {
    if show.narrate || !io::stdout().is_terminal() {
        let limit = show.seconds.map(Duration::from_secs);
        return match narrate::run(link, narrate::stdin_lines(), limit, &mut io::stdout()).await? {
            narrate::Ended::Asked => Ok(()),
            narrate::Ended::Closed(closing) => closed(closing),
        };
    }
    let palette = Palette::from_env(|name| std::env::var(name).ok(), show.ascii);
    match app::run(link, palette).await? {
        app::Ended::Asked => Ok(()),
        app::Ended::Closed(closing) => closed(closing),
    }
}

/// A server that stopped as its host asked is no failure.
fn closed(Closing { reason, polite }: Closing) -> Result<(), Failure> {
    if !polite {
        return Err(Failure::Closed(reason));
    }
    eprintln!("gamera-client: {reason}");
    Ok(())
}

/// Asks once more for a seat where a kept one is not what was wished for.
fn insist(session: &mut Session, wish: Wish) {
    let Welcome { by: PlacedBy::Resuming, info, place, .. } = session.welcome() else { return };
    let role = place.seat.and_then(|seat| Roster::new(info.seats).role(seat));
    let fits = match wish {
        Wish::Any => true,
        Wish::Side(side) => role.is_some_and(|role| role.side() == side),
        Wish::Role(wanted) => role == Some(wanted),
        Wish::Seat(seat) => place.seat == Some(seat),
        Wish::Watch => place.seat.is_none(),
    };
    if !fits {
        session.choose(wish);
    }
}

/// The name of the account, as far as it can be one here.
fn default_name() -> String {
    let account = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
    let fit: String = account.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(16).collect();
    if fit.is_empty() { "player".into() } else { fit }
}
