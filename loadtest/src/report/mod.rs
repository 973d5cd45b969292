//! Where figures go: one JSON object to a file or to the standard output, a table for people, or a page of
//! HTML with plots, beside an earlier run where one is given.

mod page;
mod past;
mod plot;

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub(crate) use page::page;
pub(crate) use past::{BaselineError, Judged, Run, compare, lines as change_lines, shown};

/// The path that stands for the standard output.
const STANDARD_OUTPUT: &str = "-";

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report to {}: {source}; give another file, or - for the standard output", path.display())]
pub(crate) struct ReportError {
    path: PathBuf,
    source: std::io::Error,
}

/// Writes `figures` as JSON where that is asked for, and `lines` for people unless the JSON went to where they read.
pub(crate) fn write(json: Option<&Path>, figures: &impl Serialize, lines: &[String]) -> Result<(), ReportError> {
    if let Some(path) = json {
        write_json(path, figures)?;
    }
    write_lines_beside(json, lines);
    Ok(())
}

/// Writes `lines` for people unless JSON goes to where they read.
pub(crate) fn write_lines_beside(json: Option<&Path>, lines: &[String]) {
    if json != Some(Path::new(STANDARD_OUTPUT)) {
        write_lines(lines);
    }
}

/// Writes `figures` as JSON to `path`, where `-` is the standard output.
fn write_json(path: &Path, figures: &impl Serialize) -> Result<(), ReportError> {
    let failed = |source| ReportError { path: path.to_owned(), source };
    let mut text = serde_json::to_string_pretty(figures).map_err(|e| failed(e.into()))?;
    text.push('\n');
    write_text(path, &text)
}

/// Writes `text` to `path`, where `-` is the standard output.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), ReportError> {
    let failed = |source| ReportError { path: path.to_owned(), source };
    if path == Path::new(STANDARD_OUTPUT) {
        return std::io::stdout().write_all(text.as_bytes()).map_err(failed);
    }
    std::fs::write(path, text).map_err(failed)
}

/// Writes lines for people to the standard output; a reader that has gone away is none of our business.
pub(crate) fn write_lines(lines: &[String]) {
    let mut out = std::io::stdout().lock();
    for line in lines {
        if writeln!(out, "{line}").is_err() {
            return;
        }
    }
}
