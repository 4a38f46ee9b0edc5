//! Seeds by the dozen. `WARDBOOK_SIM_SEEDS` sets how many each test plays.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wardbook_sim::{Attack, Options, run};

/// No further seed is begun after that, so that a slow machine is not held up.
const TEST_MAX: Duration = Duration::from_secs(50);
const THREADS: usize = 2;

/// Plays seeds from `first` on; the message of a failure has what `--seed` takes.
fn play(first: u64, seeds: u64, options: impl Fn(u64) -> Options + Sync) {
    let seeds = std::env::var("WARDBOOK_SIM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(seeds);
    let (next, started, failures) = (AtomicU64::new(first), Instant::now(), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds || started.elapsed() > TEST_MAX {
                        break;
                    }
                    let outcome = run(seed, &options(seed));
                    println!("{outcome}");
                    if outcome.failure.is_some() {
                        failures.lock().unwrap().push(outcome.to_string());
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn crashes_and_a_bad_network_lose_nothing() {
    play(0, 40, |_| Options { devices: 8, ..Options::plain() });
}

#[test]
fn what_was_revoked_stays_closed_and_what_counts_is_the_same_everywhere() {
    play(1000, 40, |seed| Options {
        devices: 8 + (seed % 9) as usize,
        revocations: true,
        clocks: true,
        ..Options::plain()
    });
}

#[test]
fn devices_that_hold_some_charts_agree_on_those() {
    play(2000, 20, |_| Options { devices: 8, caseloads: true, ..Options::plain() });
}

#[test]
fn devices_and_servers_that_were_put_back_lose_nothing_that_anybody_holds() {
    play(3000, 60, |seed| Options {
        devices: 8 + (seed % 9) as usize,
        newcomers: seed % 20 == 0,
        ..Options::default()
    });
}

/// What went wrong once, each with the seed that found it.
#[test]
fn what_was_found_stays_mended() {
    for (seed, found) in [
        (50003, "a sync broke off after a team's secret had come, and the team's charts could not be written"),
        (50048, "charts were listed before the secret of the team that they were given to had been opened"),
        (
            50108,
            "the server was put back to before the admin's device took a new identity, and nobody could accept that",
        ),
        (50183, "a device that was being wiped was ended in the middle"),
    ] {
        let outcome = run(seed, &Options { devices: 12, days: 10, ..Options::default() });
        assert!(outcome.failure.is_none(), "once: {found}; now: {outcome}");
    }
}

#[test]
fn what_was_found_of_cheats_stays_mended() {
    for (seed, attack, found) in [
        (70046, Attack::ForeignOrganisation, "a leaf without its bytes was taken for a damaged disk (LOG-06)"),
        (70064, Attack::Rollback, "what only the false log held was missed in the true one"),
        (70065, Attack::Fork, "a device took a new identity on the false log, and the true one does not know it"),
    ] {
        let outcome = run(seed, &Options { attack: Some(attack), ..Options::default() });
        assert!(outcome.failure.is_none(), "once: {found}; now: {outcome}");
    }
}

#[test]
fn a_hundred_devices_agree() {
    play(4000, 1, |_| Options { devices: 100, days: 2, acts_per_day: 2, ..Options::default() });
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let options = Options { devices: 6, days: 3, ..Options::default() };
    let (one, other) = (run(5000, &options), run(5000, &options));
    assert_eq!(one.digest, other.digest);
    assert!(!one.digest.is_empty() && one.digest != run(5001, &options).digest);
}
