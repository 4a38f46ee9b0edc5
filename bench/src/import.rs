//! How long the same files take to import, and how much memory that needs.

use crate::corpus::Corpus;
use crate::database::Database;
use crate::{Fallible, table, vaults};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wardbook_client::ImportReport;

pub const CHILD: &str = "--child-import";
const RUNS: usize = 3;
const SQLCIPHER_FACTOR_MAX: f64 = 3.0;
/// The target is in millions of bytes.
const PEAK_BYTES_MAX: u64 = 300_000_000;

/// What the other measurements go on with.
pub struct Imported {
    /// The best time of Wardbook.
    pub wardbook: Duration,
    pub sizes: Sizes,
}

/// Bytes on disk once everything is closed.
#[derive(Default)]
pub struct Sizes {
    pub plain: u64,
    pub sqlcipher: u64,
    /// The vault folder with both copies.
    pub vault: u64,
    /// One of the copies.
    pub vault_copy: u64,
}

pub fn measure(corpus: &Corpus, scratch: &Path) -> Fallible<Imported> {
    let mut sizes = Sizes::default();
    let (mut plain, mut sqlcipher, mut wardbook) = (Duration::MAX, Duration::MAX, Duration::MAX);
    let mut counts = (0, 0, String::new());
    // In turns, so that a slow minute of the machine does not fall on one of them alone.
    for run in 1..=RUNS {
        eprintln!("import: run {run} of {RUNS}: plain SQLite");
        let (time, count, size) = into_database(Database::Plain, corpus, scratch)?;
        (plain, counts.0, sizes.plain) = (plain.min(time), count, size);
        eprintln!("import: run {run} of {RUNS}: SQLCipher");
        let (time, count, size) = into_database(Database::SqlCipher, corpus, scratch)?;
        (sqlcipher, counts.1, sizes.sqlcipher) = (sqlcipher.min(time), count, size);
        eprintln!("import: run {run} of {RUNS}: Wardbook");
        let folder = scratch.join("vault");
        let (time, report) = into_vault(corpus, &folder)?;
        (wardbook, counts.2) = (wardbook.min(time), told(&report));
        (sizes.vault, sizes.vault_copy) = (folder_bytes(&folder)?, fs::metadata(folder.join("vault.db"))?.len());
        fs::remove_dir_all(&folder)?;
    }
    eprintln!("import: Wardbook in a process of its own");
    let (before, peak) = peak_of_child(&corpus.folder)?;

    let seconds = |time: Duration| time.as_secs_f64();
    let line = |name: &str, time: Duration, resources: String, target: String| {
        let speed = format!("{:.1} MB/s", corpus.bytes as f64 / 1e6 / seconds(time));
        let (to_plain, to_sqlcipher) =
            (table::ratio(seconds(time), seconds(plain)), table::ratio(seconds(time), seconds(sqlcipher)));
        vec![name.to_owned(), resources, table::time(time), speed, to_plain, to_sqlcipher, target]
    };
    let factor = seconds(wardbook) / seconds(sqlcipher);
    let target = table::target("at most 3.00 to SQLCipher", factor <= SQLCIPHER_FACTOR_MAX);
    table::print(
        &format!("1. Import (best of {RUNS})"),
        &["into", "resources", "time", "speed", "to plain SQLite", "to SQLCipher", "target"],
        &[
            line("plain SQLite", plain, counts.0.to_string(), String::new()),
            line("SQLCipher", sqlcipher, counts.1.to_string(), String::new()),
            line("Wardbook", wardbook, counts.2, target),
        ],
    );
    table::print(
        "1b. Memory while importing",
        &["peak resident memory", "value", "target"],
        &[
            table::row(["before the import (Argon2 included)", &table::mb(before), ""]),
            table::row([
                "after the import",
                &table::mb(peak),
                &table::target("at most 300 MB", peak <= PEAK_BYTES_MAX),
            ]),
        ],
    );
    Ok(Imported { wardbook, sizes })
}

/// Time from opening to closed, resources, and the size of the file.
fn into_database(database: Database, corpus: &Corpus, scratch: &Path) -> Fallible<(Duration, u64, u64)> {
    let path = scratch.join("resources.db");
    let start = Instant::now();
    let resources = database.import(&path, &corpus.files)?;
    let time = start.elapsed();
    database.check(&path)?;
    let size = fs::metadata(&path)?.len();
    fs::remove_file(&path)?;
    Ok((time, resources, size))
}

/// Time from an unlocked empty vault until everything is imported and closed.
fn into_vault(corpus: &Corpus, folder: &Path) -> Fallible<(Duration, ImportReport)> {
    let mut session = vaults::unlock(vaults::create(folder)?, vaults::ADMIN)?;
    let to = vaults::ward(&mut session, &[vaults::ADMIN])?;
    let start = Instant::now();
    let report = session.import(&corpus.files, &to, &mut |_| {})?;
    drop(session);
    Ok((start.elapsed(), report))
}

/// How many resources were taken, and what was not.
fn told(report: &ImportReport) -> String {
    let taken = report.new + report.changed + report.unchanged;
    match (report.unchanged, report.refused) {
        (0, 0) => taken.to_string(),
        (unchanged, refused) => format!("{taken} ({unchanged} held already), {refused} refused"),
    }
}

fn folder_bytes(folder: &Path) -> Fallible<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

/// Peak memory before and after an import, in bytes.
fn peak_of_child(folder: &Path) -> Fallible<(u64, u64)> {
    let output = Command::new(std::env::current_exe()?).arg(CHILD).arg(folder).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers = text.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    match numbers.as_slice() {
        [before, peak] if output.status.success() => Ok((*before, *peak)),
        _ => Err("the import in a process of its own failed".into()),
    }
}

/// Imports a folder into a new vault and prints its peak memory before and after.
pub fn child(folder: &PathBuf) -> Fallible<()> {
    let scratch = tempfile::tempdir()?;
    let mut session = vaults::unlock(vaults::create(&scratch.path().join("vault"))?, vaults::ADMIN)?;
    let to = vaults::ward(&mut session, &[vaults::ADMIN])?;
    let before = peak_bytes()?;
    session.import(std::slice::from_ref(folder), &to, &mut |_| {})?;
    println!("{before} {}", peak_bytes()?);
    Ok(())
}

fn peak_bytes() -> Fallible<u64> {
    let status =
        fs::read_to_string("/proc/self/status").map_err(|error| format!("peak memory needs Linux: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("there is no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}
