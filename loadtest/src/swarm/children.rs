//! Processes of players: this program started again, with its plan and its cues on the standard input
//! and what it saw, a line of JSON each, on the standard output. A child whose standard input ends has
//! lost its parent and ends too.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::part::Line;
use super::plan::Plan;
use super::team::{Cue, CueCell, start_threads};

/// The hidden command that a child is started with.
pub(crate) const COMMAND: &str = "swarm-part";
/// A child that was told to end is given this long; one that has lost its parent as well.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// What a child is told first.
#[derive(Serialize, Deserialize)]
struct Job {
    plan: Plan,
    process: usize,
}

/// The children of a run. They end with it.
pub(super) struct Children(Vec<(Child, Option<ChildStdin>)>);

impl Children {
    /// Starts as many as the plan says; what they say goes to `lines`.
    pub(super) fn start(plan: &Arc<Plan>, lines: &Sender<Line>) -> std::io::Result<Children> {
        let program = std::env::current_exe()?;
        let mut children = Children(Vec::new());
        for process in 0..plan.processes {
            let mut child = Command::new(&program).arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let (input, output) = (child.stdin.take(), child.stdout.take());
            children.0.push((child, input));
            let job = Job { plan: Plan::clone(plan), process };
            children.tell(process, &serde_json::to_string(&job)?)?;
            let lines = lines.clone();
            let read = move || {
                for text in output.into_iter().flat_map(|output| BufReader::new(output).lines()).map_while(Result::ok) {
                    let line = serde_json::from_str(&text).unwrap_or_else(|error| Line::Failed(error.to_string()));
                    if lines.send(line).is_err() {
                        return;
                    }
                }
            };
            std::thread::Builder::new().name(format!("child-{process}")).spawn(read)?;
        }
        Ok(children)
    }

    fn tell(&mut self, process: usize, text: &str) -> std::io::Result<()> {
        match self.0.get_mut(process) {
            Some((_, Some(input))) => writeln!(input, "{text}").and_then(|()| input.flush()),
            _ => Ok(()),
        }
    }

    pub(super) fn cue(&mut self, cue: Cue) {
        let Ok(text) = serde_json::to_string(&cue) else { return };
        for process in 0..self.0.len() {
            // A child that has died is found out by its silence.
            let _ = self.tell(process, &text);
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|(_, input)| drop(input.take()));
        let patience = Instant::now() + END_PATIENCE;
        for (child, _) in &mut self.0 {
            while matches!(child.try_wait(), Ok(None)) && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(20));
            }
            // Nothing is left to be done about a process that cannot be ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs a child to its end; false where its job makes no sense.
pub(crate) fn serve() -> bool {
    let mut input = BufReader::new(std::io::stdin()).lines().map_while(Result::ok);
    let Some(job) = input.next().and_then(|text| serde_json::from_str::<Job>(&text).ok()) else { return false };
    let (say, lines) = channel();
    match start_threads(&Arc::new(job.plan), job.process, &say) {
        Ok(cue) => drop(std::thread::spawn(move || obey(input, &cue))),
        // There is a receiver: it is a few lines below.
        Err(error) => drop(say.send(Line::Failed(error.to_string()))),
    }
    drop(say);
    let mut out = std::io::stdout().lock();
    for line in lines {
        let told = serde_json::to_string(&line).map_err(Into::into).and_then(|text| writeln!(out, "{text}"));
        if told.and_then(|()| out.flush()).is_err() {
            return true;
        }
    }
    true
}

/// Takes cues until there will be none any more.
fn obey(input: impl Iterator<Item = String>, cue: &CueCell) {
    for given in input.filter_map(|text| serde_json::from_str(&text).ok()) {
        cue.set(given);
    }
    cue.set(Cue::End);
    std::thread::sleep(END_PATIENCE);
    std::process::exit(0);
}
