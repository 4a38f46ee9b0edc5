//! The TypeScript side: packages, checks, and the app itself.

use super::stamp::Stamp;
use super::{run_program, say};
use crate::Result;
use std::path::Path;
use std::process::Command;

/// What the app is made of, below `web`; with the engine, which is in `src`.
const INPUTS: &[&str] = &[
    "build",
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "src",
    "tsconfig.build.json",
    "tsconfig.json",
    "tsconfig.sw.json",
    "vite.config.ts",
];

/// Installs the packages of `package-lock.json`.
///
/// # Errors
/// npm is missing, or failed.
pub fn packages(root: &Path) -> Result<()> {
    let listed = "web/package-lock.json";
    let stamp = Stamp::of(root, "packages", &[listed.to_owned()])?;
    if stamp.is_current() && root.join("web/node_modules").is_dir() {
        say("packages", "unchanged");
        return Ok(());
    }
    say("packages", &format!("installing those of {listed} …"));
    npm(root, &["ci", "--no-audit", "--no-fund"])?;
    stamp.keep()
}

/// Checks types, and who imports what.
///
/// # Errors
/// npm says what is wrong.
pub fn check(root: &Path) -> Result<()> {
    let stamp = stamp(root, "check")?;
    if stamp.is_current() {
        say("check", "unchanged");
        return Ok(());
    }
    say("check", "types and imports …");
    npm(root, &["run", "check"])?;
    stamp.keep()
}

/// Makes `web/dist`.
///
/// # Errors
/// npm says what is wrong.
pub fn make(root: &Path) -> Result<()> {
    let stamp = stamp(root, "app")?;
    let made = ["index.html", "version.json"].iter().all(|file| root.join("web/dist").join(file).is_file());
    if stamp.is_current() && made {
        say("app", "unchanged");
        return Ok(());
    }
    say("app", "building web/dist …");
    npm(root, &["run", "build"])?;
    stamp.keep()
}

fn stamp(root: &Path, step: &str) -> Result<Stamp> {
    let mut inputs: Vec<String> = INPUTS.iter().map(|input| format!("web/{input}")).collect();
    // The build has the policy with which the server sends it.
    inputs.push("crates/server/src/http/app.rs".into());
    Stamp::of(root, step, &inputs)
}

fn npm(root: &Path, arguments: &[&str]) -> Result<()> {
    run_program(Command::new("npm").args(arguments).current_dir(root.join("web")))
        .map_err(|error| format!("{error}. The web app is built by Node.js 20.19 or later, with npm").into())
}
