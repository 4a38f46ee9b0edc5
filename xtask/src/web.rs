//! The browser build: `web/dist`, from the Rust client and the TypeScript around it.
//!
//! ```text
//! crates/wasm ────── cargo, wasm-bindgen ──► web/src/vault/pkg ───────┐
//! crates/strength ── cargo, wasm-bindgen ──► web/src/vault/strength ──┼─ npm run build ──► web/dist
//! web/package-lock.json ───────── npm ci ──► web/node_modules ────────┘
//! ```
//!
//! A step whose inputs are those of the last time is left out ([`stamp`]). What machines share between work trees, such
//! as compilers that were loaded, is in a cache folder: `$WARDBOOK_CACHE`, `$XDG_CACHE_HOME/wardbook` or
//! `~/.cache/wardbook`, below it `web`.

mod app;
mod debian;
mod engine;
mod stamp;
mod toolchain;

use crate::Result;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes what is not up to date; with `check` the types and imports of the web sources are checked too.
///
/// # Errors
/// What stopped a step, and what to do next.
pub fn run(root: &Path, check: bool) -> Result<()> {
    engine::make(root, &cache()?)?;
    app::packages(root)?;
    if check {
        app::check(root)?;
    }
    app::make(root)
}

fn cache() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("WARDBOOK_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("wardbook")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/wardbook")))
        .ok_or("HOME is not set: name a folder that compilers can be kept in by WARDBOOK_CACHE")?;
    Ok(std::path::absolute(folder)?.join("web"))
}

/// One line about a step.
fn say(step: &str, what: &str) {
    println!("{step:<9} {what}");
}

/// Runs a program to its end. What it prints is shown.
fn run_program(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{name} cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status}): see above").into()) }
}

/// What a program prints; none where it is not there or fails.
fn output_of(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The cargo that runs this task.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
