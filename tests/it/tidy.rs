//! The laws of the house, kept by reading the sources: who may import whom, where effects live, how long a file may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// What a layer may import through `crate::`. A path stands for itself and everything below it.
const LAYERS: [(&str, &[&str]); 17] = [
    ("domain", &["domain"]),
    ("engine", &["domain", "engine"]),
    ("app", &["domain", "engine", "app"]),
    ("config", &["domain", "engine", "app", "config", "cli"]),
    ("kms", &["domain", "engine", "kms", "state::journal"]),
    ("wire", &["domain", "wire"]),
    ("state", &["domain", "wire", "state"]),
    ("report", &["domain", "wire", "app::column", "report"]),
    ("ui", &["domain", "engine", "app", "ui"]),
    ("bench", &["domain", "engine", "app", "ui", "bench"]),
    ("cli", &["cli"]),
    ("emulator", &["emulator"]),
    ("runtime", &[""]),
    ("command", &[""]),
    ("simulation", &[""]),
    ("lib", &[""]),
    ("main", &[""]),
];

/// The longest a source file may be. Registries, which are one table, may be longer.
const LONGEST: usize = 500;
const REGISTRIES: [&str; 1] = ["src/app/action.rs"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 50, "the sources were not found");
    found
}

/// The first part of a source's path below `src`.
fn layer(name: &str) -> &str {
    let below = name.strip_prefix("src/").unwrap();
    below.split(['/', '.']).next().unwrap()
}

/// Every path that follows `crate::` in code, with braces opened: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut paths = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        expand("", &code[start + "crate::".len()..], &mut paths);
    }
    paths
}

fn expand(prefix: &str, rest: &str, paths: &mut BTreeSet<String>) {
    let end = rest.find(|found: char| !(found.is_alphanumeric() || found == '_' || found == ':')).unwrap_or(rest.len());
    let (path, after) = rest.split_at(end);
    let whole = format!("{prefix}{path}");
    let Some(inside) = after.strip_prefix('{').filter(|_| path.ends_with("::") || path.is_empty()) else {
        paths.insert(whole.trim_end_matches(':').to_owned());
        return;
    };
    let mut depth = 0;
    let mut start = 0;
    for (at, character) in inside.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                expand(&whole, inside[start..at].trim(), paths);
                return;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&whole, inside[start..at].trim(), paths);
                start = at + 1;
            }
            _ => {}
        }
    }
}

fn is_below(path: &str, allowed: &str) -> bool {
    allowed.is_empty() || path == allowed || path.starts_with(&format!("{allowed}::"))
}

#[test]
fn braces_are_opened() {
    let found = imports("use crate::domain::{id::{Region, Place}, text};\nlet x = crate::engine::Engine::new();");
    let expected = ["domain::id::Place", "domain::id::Region", "domain::text", "engine::Engine::new"];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_layer_imports_only_what_its_row_allows() {
    let mut broken = Vec::new();
    for (name, text) in sources() {
        let layer = layer(&name);
        let (_, allowed) = LAYERS
            .iter()
            .find(|(known, _)| *known == layer)
            .unwrap_or_else(|| panic!("{name} belongs to no layer: add it to LAYERS and to ARCHITECTURE.md"));
        for path in imports(&text) {
            if !allowed.iter().any(|allowed| is_below(&path, allowed)) {
                broken.push(format!("{name} imports crate::{path}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_are_short_enough_to_read() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(name, _)| !REGISTRIES.contains(&name.as_str()))
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "over {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn every_source_says_what_it_is() {
    let silent: Vec<String> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(name, _)| name).collect();
    assert!(silent.is_empty(), "no module documentation:\n{}", silent.join("\n"));
}

#[test]
fn the_pure_half_has_no_clock_no_order_by_chance_and_no_runtime() {
    let banned =
        ["tokio::", "std::fs", "std::env", "std::net", "HashMap", "HashSet", "Instant::now", "SystemTime::now"];
    let mut broken = Vec::new();
    for (name, text) in sources() {
        let is_test = name.ends_with("tests.rs") || name.contains("/tests/");
        if is_test || !["domain", "engine", "app", "report", "ui"].contains(&layer(&name)) {
            continue;
        }
        for word in banned {
            if text.contains(word) {
                broken.push(format!("{name} has {word}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_test_is_ignored_and_nothing_is_left_to_do() {
    let marks = [concat!("#[", "ignore"), concat!("todo", "!("), concat!("unimplemented", "!("), concat!("FIX", "ME")];
    for (name, text) in sources() {
        for mark in marks {
            assert!(!text.contains(mark), "{name} has {mark}");
        }
    }
}

#[test]
fn no_destructive_operation_can_be_called() {
    let outside_the_emulator = |name: &str| layer(name) != "emulator";
    for (name, text) in sources().into_iter().filter(|(name, _)| outside_the_emulator(name)) {
        for call in ["schedule_key_deletion(", "disable_key(", "put_key_policy(", "delete_alias(", "bypass_policy"] {
            assert!(!text.contains(call), "{name} calls {call}…)");
        }
    }
}

#[test]
fn a_task_holds_no_loop() {
    for (name, text) in sources().into_iter().filter(|(name, _)| name.starts_with("src/runtime/tasks")) {
        if name.ends_with("tests.rs") {
            continue;
        }
        for found in ["loop {", "for attempt", "while let Some(page"] {
            assert!(!text.contains(found), "{name} has {found}: requests in a row belong to the engine");
        }
    }
}

#[test]
fn what_is_committed_names_no_machine() {
    let here = root().to_string_lossy().into_owned();
    for (name, text) in sources() {
        assert!(!text.contains(&here), "{name} has a path of this machine");
    }
}
