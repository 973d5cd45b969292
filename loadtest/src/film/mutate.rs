//! The mutation check: the film without one rule has to fail, whichever it is.

use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use gamera_protocol::balance::{Rule, RuleSet};
use gamera_server::film;
use serde::Serialize;

use super::Args;
use crate::Exit;
use crate::report::{self, ReportError};
use crate::tournament;

/// Which rules are taken out, one film each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mutation {
    All,
    One(Rule),
}

impl FromStr for Mutation {
    type Err = String;

    fn from_str(name: &str) -> Result<Mutation, String> {
        if name == "all" {
            return Ok(Mutation::All);
        }
        tournament::rule(name)
            .map(Mutation::One)
            .map_err(|names| format!("give all, or one of a film's rules: {names}"))
    }
}

/// A film without a rule.
#[derive(Clone, Debug, Serialize)]
struct Finding {
    rule: &'static str,
    noticed: bool,
    /// The first beat that did not come, or the first condition that was broken.
    by: Option<String>,
}

/// Plays the films on `--jobs` threads and says what each lacked.
pub(super) fn run(mutation: Mutation, args: &Args) -> Result<Exit, ReportError> {
    let rules: &[Rule] = match &mutation {
        Mutation::All => Rule::ALL,
        Mutation::One(rule) => std::slice::from_ref(rule),
    };
    let findings = play_all(args.seed, rules, args.jobs);
    report::write(args.json.as_deref(), &findings, &findings.iter().map(line).collect::<Vec<_>>())?;
    let unnoticed: Vec<&str> = findings.iter().filter(|f| !f.noticed).map(|f| f.rule).collect();
    if unnoticed.is_empty() {
        return Ok(Exit::Ok);
    }
    eprintln!("gamera-loadtest: the film does not miss {}", unnoticed.join(", "));
    Ok(Exit::Short)
}

fn line(finding: &Finding) -> String {
    format!("{:<13} {}", finding.rule, finding.by.as_deref().unwrap_or("NOT NOTICED"))
}

/// The findings in the order of the rules.
fn play_all(seed: u64, rules: &[Rule], jobs: Option<usize>) -> Vec<Finding> {
    let jobs = jobs.filter(|n| *n > 0).unwrap_or_else(tournament::cores).min(rules.len());
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(rule) = rules.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The receiver outlives the threads.
                    _ = sender.send((*rule, without(seed, *rule)));
                }
            });
        }
        drop(sender);
        let mut findings: Vec<(Rule, Finding)> = receiver.iter().collect();
        findings.sort_by_key(|(rule, _)| *rule);
        findings.into_iter().map(|(_, finding)| finding).collect()
    })
}

fn without(seed: u64, rule: Rule) -> Finding {
    let mut rules = RuleSet::default();
    rules.remove(rule);
    let flaws = film::play(seed, rules).flaws;
    Finding { rule: rule.label(), noticed: !flaws.is_empty(), by: flaws.first().map(ToString::to_string) }
}
