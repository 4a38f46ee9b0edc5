//! Tasks of this repository: `cargo xtask <task>`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod tidy;
mod vectors;
mod web;

/// Whatever stops a task, as text.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
cargo xtask tidy              check crate edges, rule numbers, file sizes and names
cargo xtask vectors           write spec/vectors/*.json
cargo xtask vectors --check   fail if a file differs from what the code gives
cargo xtask web               build the web app, web/dist, for the server to carry
cargo xtask web --check       the same, after checking types and imports";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["tidy"] => tidy::run(&root()),
        ["vectors"] => vectors::write(&root()),
        ["vectors", "--check"] => vectors::check(&root()),
        ["web"] => web::run(&root(), false),
        ["web", "--check"] => web::run(&root(), true),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
