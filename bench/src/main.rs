//! Measures what Wardbook costs beside plain SQLite and SQLCipher, and prints one Markdown table per measurement.
//!
//! ```text
//! wardbook-bench [--data DIR]        all measurements (docs/benchmarks.md says what each means)
//! wardbook-bench --network [--data DIR] [--etebase PYTHON SCRIPT URL]
//!                                    only the exchange of two devices, beside Etebase if there is one
//! wardbook-bench --server            only the server: accepting, pulling from long logs, idle connections
//! wardbook-bench --child-server DIR  a server in a process of its own, until standard input ends
//! wardbook-bench --child-import DIR  one import in a process of its own, for its peak memory
//! ```
//!
//! Tables go to stdout, progress to stderr.

mod chart;
mod corpus;
mod database;
mod import;
mod list;
mod merge;
mod network;
mod phases;
mod pull;
mod server;
mod size;
mod table;
mod vaults;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// A program that ends at the first failure needs no more of an error than its text.
type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Keeps site keys in files: a benchmark leaves nothing in the user's key store.
const KEY_STORE: (&str, &str) = ("WARDBOOK_KEYSTORE", "file");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("wardbook-bench: {error}");
        ExitCode::FAILURE
    })
}

fn run() -> Fallible<ExitCode> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    // A process may not safely change its own environment, so it starts itself again with the variable set.
    if std::env::var_os(KEY_STORE.0).is_none_or(|value| value != KEY_STORE.1) {
        let status = Command::new(std::env::current_exe()?).args(&args).env(KEY_STORE.0, KEY_STORE.1).status()?;
        return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    match args.as_slice() {
        [] => measure(Path::new(DATA))?,
        [option, data] if option == "--data" => measure(Path::new(data))?,
        [option, rest @ ..] if option == "--network" => exchange(rest)?,
        [option] if option == "--server" => server::measure(tempfile::tempdir()?.path())?,
        [option, folder] if option == server::CHILD => server::child(Path::new(folder))?,
        [option, folder] if option == import::CHILD => import::child(&PathBuf::from(folder))?,
        _ => return Err("usage: wardbook-bench [--data DIR]".into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// `[--data DIR] [--etebase PYTHON SCRIPT URL]`
fn exchange(options: &[OsString]) -> Fallible<()> {
    let (data, options) = match options {
        [option, data, rest @ ..] if option == "--data" => (PathBuf::from(data), rest),
        rest => (PathBuf::from(DATA), rest),
    };
    let etebase = match options {
        [] => None,
        [option, python, script, url] if option == "--etebase" => {
            Some(network::Etebase { python: python.clone(), script: script.clone(), url: url.clone() })
        }
        _ => return Err("usage: wardbook-bench --network [--data DIR] [--etebase PYTHON SCRIPT URL]".into()),
    };
    let scratch = tempfile::tempdir()?;
    network::measure(&corpus::sources(&data)?, scratch.path(), etebase.as_ref())
}

fn measure(data: &Path) -> Fallible<()> {
    let scratch = tempfile::tempdir()?;
    let sources = corpus::sources(data)?;
    let corpus = corpus::write(&sources, &scratch.path().join("corpus"))?;
    println!("# Benchmarks of Wardbook {}\n", env!("CARGO_PKG_VERSION"));
    println!(
        "- SQLCipher {} is the one SQLite library of this build. Wardbook's store and",
        database::cipher_version()?
    );
    println!("  the plain database use it without a key, which makes it plain SQLite.");
    println!("- Files are in `{}`; all databases use WAL and `synchronous=FULL`.", scratch.path().display());
    println!("- Corpus: {} files, {}, {} resources.", corpus.files.len(), table::mb(corpus.bytes), corpus.resources);

    let imported = import::measure(&corpus, scratch.path())?;
    size::measure(&corpus, &imported.sizes)?;
    chart::measure(&sources, scratch.path())?;
    list::measure(scratch.path())?;
    merge::measure(&sources)?;
    phases::measure(&corpus, imported.wardbook)?;
    Ok(())
}
