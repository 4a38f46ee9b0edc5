//! From a password to a searchable list of 10,000 charts, and each keystroke of a search.

use crate::{Fallible, corpus, table, vaults};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use wardbook_client::{ChartRole, Role, Session, Vault};

const CHARTS: usize = 10_000;
/// More than there are, so that the list is whole.
const ALL: usize = 2 * CHARTS;
/// What a screen shows while somebody types.
const SHOWN: usize = 50;
const RUNS: usize = 5;
const NAMES: usize = 20;
const LIST_MAX: Duration = Duration::from_millis(500);
const KEYSTROKE_MAX: Duration = Duration::from_millis(20);
const COLLEAGUE: &str = "nurse.lee";

pub fn measure(scratch: &Path) -> Fallible<()> {
    eprintln!("list: writing {CHARTS} patients");
    let file = scratch.join("patients.ndjson");
    corpus::write_patients(CHARTS, &file)?;
    let mut session = vaults::unlock(vaults::create(&scratch.join("list-vault"))?, vaults::ADMIN)?;
    session.add_member(COLLEAGUE, "Lee Baker", Role::Clinician, &vaults::password())?;
    let to = vaults::ward(&mut session, &[vaults::ADMIN, COLLEAGUE])?;

    // An empty vault under the same policy takes nothing but the password step.
    let mut vault = session.lock();
    let mut password = Vec::new();
    for _ in 0..RUNS {
        let (session, time) = vaults::unlock_timed(vault, vaults::ADMIN)?;
        password.push(time);
        vault = session.lock();
    }

    eprintln!("list: importing {CHARTS} patients");
    let mut session = vaults::unlock(vault, vaults::ADMIN)?;
    let start = Instant::now();
    let report = session.import(&[file], &to, &mut |progress| eprint!("\rlist: {} read", progress.resources))?;
    let import = start.elapsed();
    eprintln!();
    if report.charts_new < CHARTS as u64 {
        return Err(format!("{} charts were made, {} entries refused", report.charts_new, report.refused).into());
    }

    eprintln!("list: unlocking and listing");
    let mut vault = session.lock();
    let (mut unlocking, mut listing) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (unlocked, listed, closed) = unlock_and_list(vault, vaults::ADMIN)?;
        unlocking.push(unlocked);
        listing.push(listed);
        vault = closed;
    }
    let password_step = table::quantile(&password, 0.5);
    // What unlocking takes longer because of the charts belongs to the list.
    let rests: Vec<Duration> =
        unlocking.iter().zip(&listing).map(|(unlock, list)| unlock.saturating_sub(password_step) + *list).collect();

    eprintln!("list: typing {NAMES} names");
    let mut session = vaults::unlock(vault, vaults::ADMIN)?;
    session.search("", ALL)?;
    let keystrokes = type_names(&mut session)?;

    eprintln!("list: a colleague's first and second listing");
    let (_, first, vault) = unlock_and_list(session.lock(), COLLEAGUE)?;
    let (_, second, _) = unlock_and_list(vault, COLLEAGUE)?;

    let line = |name: &str, times: &[Duration], target: String| {
        let [p50, p99, worst] = [0.5, 0.99, 1.0].map(|at| table::time(table::quantile(times, at)));
        vec![name.to_owned(), times.len().to_string(), p50, p99, worst, target]
    };
    let list_target = table::target("under 500 ms", table::quantile(&rests, 0.5) < LIST_MAX);
    let key_target = table::target("p99 under 20 ms", table::quantile(&keystrokes, 0.99) < KEYSTROKE_MAX);
    table::print(
        &format!("4. Unlock to a searchable list of {CHARTS} charts"),
        &["what", "runs", "p50", "p99", "worst", "target"],
        &[
            line("import of the patients", &[import], String::new()),
            line("password step: unlock while the vault is empty", &password, String::new()),
            line("unlock", &unlocking, String::new()),
            line("first list of all charts", &listing, String::new()),
            line("all after the password step", &rests, list_target),
            line("keystroke", &keystrokes, key_target),
            line("a colleague's first list, no keys kept yet", &[first], String::new()),
            line("a colleague's second list", &[second], String::new()),
        ],
    );
    Ok(())
}

/// Times of unlocking and of the first list of all charts.
fn unlock_and_list(vault: Vault, user: &str) -> Fallible<(Duration, Duration, Vault)> {
    let (mut session, unlocked) = vaults::unlock_timed(vault, user)?;
    let start = Instant::now();
    let found = session.search("", ALL)?;
    let listed = start.elapsed();
    let patients = found.iter().filter(|found| found.role == ChartRole::Patient).count();
    if patients != CHARTS {
        return Err(format!("{user} sees {patients} charts instead of {CHARTS}").into());
    }
    Ok((unlocked, listed, session.lock()))
}

/// Searches for each beginning of some names, as somebody types them.
fn type_names(session: &mut Session) -> Fallible<Vec<Duration>> {
    let mut times = Vec::new();
    for number in 0..NAMES {
        // An odd step reaches different given and family names.
        let (given, family) = corpus::name_of(number * 487);
        let name = format!("{given} {family}");
        for (at, character) in name.char_indices() {
            let typed = name.get(..at + character.len_utf8()).unwrap_or_default();
            let start = Instant::now();
            black_box(session.search(typed, SHOWN)?);
            times.push(start.elapsed());
        }
        if session.search(&name, SHOWN)?.is_empty() {
            return Err(format!("searching for {name} finds nobody").into());
        }
    }
    Ok(times)
}
