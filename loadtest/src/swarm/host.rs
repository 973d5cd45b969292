//! The server under load: one that runs elsewhere, or one that is started beside this program.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gamera_protocol::join::JoinLine;
use gamera_server::config::TransportSetting;
use serde::Deserialize;

/// A server that was asked to stop is given this long.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// Why no server was started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HostError {
    #[error("there is no gamera-server at {}; build it with `cargo build --release`, or give --server LINE", .0.display())]
    Missing(PathBuf),
    #[error("{} cannot be started: {source}", path.display())]
    Start { path: PathBuf, source: std::io::Error },
    #[error("gamera-server did not get ready; run `{}` by hand to see why", .0.display())]
    NotReady(PathBuf),
}

/// The server's ready line, as far as it is needed here.
#[derive(Deserialize)]
struct Ready {
    join: String,
    metrics: Option<String>,
    admin: Option<PathBuf>,
}

/// The server under load.
pub(super) struct Server {
    line: JoinLine,
    metrics: Option<String>,
    admin: Option<PathBuf>,
    started: Option<Started>,
}

struct Started {
    child: Child,
    data_dir: PathBuf,
}

impl Server {
    /// One that runs already.
    pub(super) fn elsewhere(line: JoinLine, metrics: Option<String>, admin: Option<PathBuf>) -> Server {
        Server { line, metrics, admin, started: None }
    }

    /// Starts one that only this machine can reach; with an administrator's socket where it `is_looked_at`.
    pub(super) fn start(
        seats: u16,
        scene: &str,
        transport: TransportSetting,
        is_looked_at: bool,
    ) -> Result<Server, HostError> {
        let program = std::env::current_exe().unwrap_or_default().with_file_name("gamera-server");
        if !program.exists() {
            return Err(HostError::Missing(program));
        }
        let data_dir = std::env::temp_dir().join(format!("gamera-loadtest-{}", std::process::id()));
        let mut command = Command::new(&program);
        command
            .args(["--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--public-host", "127.0.0.1"])
            .args(["--json", "--drain-s", "0", "--seed", "1", "--seats", &seats.to_string(), "--scene", scene])
            .args(["--transport", transport.label()])
            .arg("--data-dir")
            .arg(&data_dir)
            .env("GAMERA_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if is_looked_at {
            command.arg("--admin").arg(data_dir.join("admin.sock"));
        }
        let child = command.spawn().map_err(|source| HostError::Start { path: program.clone(), source })?;
        let mut started = Started { child, data_dir };
        let ready = started.read_ready().ok_or(HostError::NotReady(program.clone()))?;
        let line = ready.join.parse().map_err(|_| HostError::NotReady(program))?;
        Ok(Server { line, metrics: ready.metrics, admin: ready.admin, started: Some(started) })
    }

    /// How to join it.
    pub(super) fn line(&self) -> &JoinLine {
        &self.line
    }

    /// Where its metrics are, if anywhere.
    pub(super) fn metrics(&self) -> Option<&str> {
        self.metrics.as_deref()
    }

    /// Where its administrator's socket is, if anywhere.
    pub(super) fn admin(&self) -> Option<&Path> {
        self.admin.as_deref()
    }

    /// Stops it, if it was started here.
    pub(super) fn stop(self) {
        drop(self.started);
    }
}

impl Started {
    fn read_ready(&mut self) -> Option<Ready> {
        let mut line = String::new();
        BufReader::new(self.child.stdout.take()?).read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }

    fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        // The polite way first; where there is no `kill` the other one follows at once.
        let asked = Command::new("kill").args(["-TERM", &pid]).status().is_ok_and(|s| s.success());
        let deadline = Instant::now() + STOP_PATIENCE;
        while asked && !self.has_ended() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
        if !self.has_ended() {
            // Nothing is left to be done about a process that cannot be ended.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        // A directory left over in the temporary directory harms nobody.
        let _ = std::fs::remove_dir_all(&self.data_dir);
    }
}
