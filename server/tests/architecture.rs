//! The arrows between the project's parts, and the simulation's purity, as a test: it reads the
//! sources and fails when someone draws an arrow that ARCHITECTURE.md forbids.

use std::fs;
use std::path::{Path, PathBuf};

/// One part of the tree and the words that must not stand in its code (comments and unit tests
/// apart). A word matches whole: `f32` does not match in `off32`.
struct Boundary {
    folder: &'static str,
    forbidden: &'static [&'static str],
    /// Files below the folder that may all the same.
    except: &'static [&'static str],
    why: &'static str,
}

const IO: &[&str] = &["tokio", "quinn", "rustls", "tracing", "std::fs", "std::net", "std::io", "std::env"];
const IMPURE: &[&str] = &[
    "f32",
    "f64",
    "HashMap",
    "HashSet",
    "Instant",
    "SystemTime",
    "std::time",
    "std::thread",
    "thread_local",
    "std::process",
    "OnceLock",
    "LazyLock",
    "Mutex",
    "RwLock",
    "Atomic",
    "dashmap",
];

const BOUNDARIES: &[Boundary] = &[
    Boundary {
        folder: "protocol/src",
        forbidden: IO,
        except: &[],
        why: "the protocol is what both sides agree on; it does no I/O and knows no transport",
    },
    Boundary {
        folder: "protocol/src",
        forbidden: &["Instant", "SystemTime", "std::time", "std::thread", "HashMap", "HashSet"],
        except: &[],
        why: "the protocol has no clock and no hash order",
    },
    Boundary {
        folder: "protocol/src",
        forbidden: &[
            "bincode::encode_into_slice",
            "bincode::decode_from_slice",
            "bincode::encode_to_vec",
            "bincode::config",
        ],
        except: &["codec.rs"],
        why: "one module calls bincode",
    },
    Boundary {
        folder: "protocol/src/balance",
        forbidden: &["f32", "f64"],
        except: &[],
        why: "the simulation reads it, and has no floating point",
    },
    Boundary { folder: "server/src/sim", forbidden: IO, except: &[], why: "a step touches nothing outside the battle" },
    Boundary { folder: "server/src/sim", forbidden: IMPURE, except: &[], why: "the same inputs give the same battle" },
    Boundary {
        folder: "server/src/sim",
        forbidden: &[
            "crate::bots",
            "crate::film",
            "crate::headless",
            "crate::replicate",
            "crate::net",
            "crate::lobby",
            "crate::ops",
            "crate::config",
        ],
        except: &[],
        why: "the battle knows nobody who uses it",
    },
    Boundary { folder: "server/src/film", forbidden: IO, except: &[], why: "the film is a script for a battle" },
    Boundary { folder: "server/src/film", forbidden: IMPURE, except: &[], why: "the film is the same every time" },
    Boundary {
        folder: "server/src/film",
        forbidden: &["Balance::set", "rules.remove", "RuleSet::remove"],
        except: &[],
        why: "the film gives the battle inputs and overrides no rule and no number",
    },
    Boundary {
        folder: "server/src/bots",
        forbidden: &["crate::net", "crate::lobby", "crate::replicate", "tokio", "quinn"],
        except: &[],
        why: "a bot is a decision from a view",
    },
    Boundary {
        folder: "server/src/bots",
        forbidden: &["crate::sim"],
        except: &["crew.rs", "driver.rs"],
        why: "a bot reads its seat's view, never the battle",
    },
    Boundary {
        folder: "server/src/replicate",
        forbidden: &["crate::net", "crate::lobby", "crate::bots", "tokio", "quinn"],
        except: &[],
        why: "replication turns a battle into bytes and sends none",
    },
    Boundary {
        folder: "client/src",
        forbidden: &["gamera_server"],
        except: &["host.rs"],
        why: "one file of the client hosts a local match; nothing else knows the server",
    },
];

#[test]
fn no_forbidden_arrow_is_drawn() {
    let mut found = Vec::new();
    for boundary in BOUNDARIES {
        let files = rust_files(&root().join(boundary.folder));
        assert!(!files.is_empty(), "{} has no sources: the table is stale", boundary.folder);
        for file in files {
            let name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            if boundary.except.contains(&name) {
                continue;
            }
            let text = fs::read_to_string(&file).expect("a source file is readable");
            for (line, word) in forbidden_words(&text, boundary.forbidden) {
                found.push(format!("{}:{line}: {word}: {}", file.display(), boundary.why));
            }
        }
    }
    assert!(found.is_empty(), "forbidden arrows:\n{}", found.join("\n"));
}

#[test]
fn the_simulation_imports_the_protocol_and_itself_alone() {
    let files = rust_files(&root().join("server/src/sim"));
    let modules: Vec<&str> =
        files.iter().flat_map(|f| f.iter().rev().take(2)).filter_map(|part| part.to_str()).collect();
    let is_own = |name: &str| modules.iter().any(|m| m.trim_end_matches(".rs") == name);
    for file in &files {
        let text = fs::read_to_string(file).expect("a source file is readable");
        for line in code(&text).map(|(_, line)| line.trim()).filter(|l| l.starts_with("use ")) {
            let from = line.trim_start_matches("use ").split([':', ';', ' ']).next().unwrap_or_default();
            // `use Name::{..}` opens an enum that another line brought in.
            let is_type = from.starts_with(char::is_uppercase);
            let allowed = ["std", "super", "self", "crate", "gamera_protocol"].contains(&from);
            assert!(allowed || is_type || is_own(from), "{}: {line}", file.display());
        }
    }
}

#[test]
fn the_protocol_depends_on_no_runtime_and_no_transport() {
    let manifest = fs::read_to_string(root().join("protocol/Cargo.toml")).expect("the manifest is readable");
    let dependencies: Vec<&str> = manifest
        .lines()
        .skip_while(|l| *l != "[dependencies]")
        .skip(1)
        .take_while(|l| !l.starts_with('['))
        .filter_map(|l| l.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(dependencies, ["bincode", "serde", "thiserror"]);
}

#[test]
fn the_check_sees_what_it_looks_for() {
    let text =
        "//! f32 in a comment\nuse std::time::Instant; // f64\nlet off32 = 1;\n#[cfg(test)]\nmod tests { f32 }\n";
    assert_eq!(forbidden_words(text, &["f32", "f64", "Instant"]), [(2, "Instant".to_owned())]);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace").to_owned()
}

/// The sources below a folder, without the files that hold nothing but unit tests.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|e| e.ok().map(|e| e.path())) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && path.file_name().is_some_and(|n| n != "tests.rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The lines of code with their numbers: no comments, and nothing from the unit tests on, which
/// stand last in a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().enumerate().map(|(i, line)| (i + 1, line.split("//").next().unwrap_or_default()))
}

fn forbidden_words(text: &str, words: &[&str]) -> Vec<(usize, String)> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (number, line) in code(text) {
        for word in words {
            let hit = line.match_indices(word).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                let after = line[at + word.len()..].chars().next();
                // `Atomic` is meant as the beginning of a name.
                !before.is_some_and(in_word) && (*word == "Atomic" || !after.is_some_and(in_word))
            });
            if hit {
                found.push((number, (*word).to_owned()));
            }
        }
    }
    found
}
