//! The `gamera-server` program, but for its first line: settings, logs, metrics, the ready line,
//! signals, the countdown, the exit code.

use std::io::{IsTerminal, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};
use tracing_subscriber::EnvFilter;

use crate::config::{self, Cli, Settings};
use crate::host::{HostError, HostHandle, Identity, host};
use crate::net::EndpointError;
use crate::ops::{self, meters, process};

/// Between two looks at what the process costs: who asks every second gets no stale answer.
const LOOK: Duration = Duration::from_millis(200);

/// What the exit code says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    Bind = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why the program ends other than as asked.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    #[error(transparent)]
    Host(#[from] HostError),
    #[error("cannot serve metrics on {address}: {reason}; give another address with --metrics")]
    Metrics { address: SocketAddr, reason: String },
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
}

impl RunError {
    fn exit(&self) -> Exit {
        match self {
            RunError::Config(_) | RunError::Host(HostError::Key(_)) => Exit::Usage,
            RunError::Host(HostError::Endpoint(EndpointError::Bind { .. }) | HostError::Admin { .. })
            | RunError::Metrics { .. } => Exit::Bind,
            RunError::Host(_) | RunError::System(_) => Exit::Failed,
        }
    }
}

/// Runs the program to its end.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    match try_run(cli) {
        Ok(()) => Exit::Ok.into(),
        Err(error) => {
            eprintln!("gamera-server: {error}");
            error.exit().into()
        }
    }
}

fn try_run(cli: &Cli) -> Result<(), RunError> {
    let settings = config::load(cli, &|name| std::env::var(name).ok())?;
    if cli.print_config {
        return print(&settings.to_toml());
    }
    if cli.print_balance {
        return print(&balance_table(&settings));
    }
    start_logs();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let metrics = settings.metrics.map(start_metrics).transpose()?;
        let mut signals = Signals::new()?;
        let server = host(&settings, Identity::Kept)?;
        if cli.check {
            server.shutdown();
            return print("settings, key and address are good\n");
        }
        announce(cli.json, &server, metrics)?;
        serve(&settings, server, &mut signals).await;
        Ok(())
    })
}

/// A reader that has gone away is no reason to stop.
fn print(text: &str) -> Result<(), RunError> {
    match std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn balance_table(settings: &Settings) -> String {
    let balance = settings.match_config(0).balance;
    let row = |row: gamera_protocol::balance::Row| format!("{:<34} {:>8}  {}\n", row.name, row.value, row.description);
    balance.rows().into_iter().map(row).collect()
}

fn start_logs() {
    let filter = EnvFilter::try_from_env("GAMERA_LOG").unwrap_or_else(|_| EnvFilter::new("info,quinn=warn"));
    // A test may have set one up in this process already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}

/// Serves metrics and `/health`; returns the address, also where the port was left to the system.
fn start_metrics(address: SocketAddr) -> Result<SocketAddr, RunError> {
    let failed = |reason: String| RunError::Metrics { address, reason };
    let bound = TcpListener::bind(address).and_then(|l| l.local_addr()).map_err(|e| failed(e.to_string()))?;
    let builder = ops::exporter().map_err(|e| failed(e.to_string()))?;
    builder.with_http_listener(bound).install().map_err(|e| failed(e.to_string()))?;
    meters::describe();
    Ok(bound)
}

/// The one line on stdout: for a script, or for a person.
fn announce(json: bool, server: &HostHandle, metrics: Option<SocketAddr>) -> Result<(), RunError> {
    if !json {
        return print(&format!("{}\n", server.join_line()));
    }
    let ready = serde_json::json!({
        "ready": true,
        "listen": server.address(),
        "join": server.join_line().to_string(),
        "fingerprint": server.fingerprint().map(|f| f.to_string()),
        "metrics": metrics.map(|m| m.to_string()),
        "admin": server.admin().map(|path| path.to_string_lossy()),
    });
    print(&format!("{ready}\n"))
}

async fn serve(settings: &Settings, server: HostHandle, signals: &mut Signals) {
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            _ = look.tick() => process::publish(),
            () = signals.next() => break,
        }
    }
    info!(seconds = settings.drain_s, "stopping; a second signal stops at once");
    server.announce_drain(settings.drain_s);
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(u64::from(settings.drain_s))) => {}
        () = signals.next() => warn!("stopped at once"),
    }
    if tokio::task::spawn_blocking(move || server.shutdown()).await.is_err() {
        error!("the server did not stop cleanly");
    }
}

/// The signals that ask the program to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
