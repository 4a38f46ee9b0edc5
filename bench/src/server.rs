//! What the server can do: entries taken in a second, requests against logs of different lengths, and connections that
//! only wait.

mod accept;
mod device;
mod idle;
mod log;
mod organisation;

use crate::Fallible;
use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};
use std::fs;
use std::path::Path;
use std::time::Duration;
use wardbook_server::{Limits, Registration, Service};

pub use idle::{CHILD, child};

/// A tick of the times in `/proc`: Linux shows them in hundredths of a second, whatever its own clock does.
const TICK_MS: u64 = 10;

pub fn measure(scratch: &Path) -> Fallible<()> {
    accept::measure(scratch)?;
    log::measure(scratch)?;
    idle::measure(scratch)
}

/// What is measured is the work, not the limits.
fn unlimited() -> Limits {
    Limits {
        device_requests_per_minute: u32::MAX,
        org_requests_per_minute: u32::MAX,
        unsigned_requests_per_second: u32::MAX,
        org_bytes_max: u64::MAX,
        device_bytes_per_day_max: u64::MAX,
        ..Limits::default()
    }
}

/// The server without the network.
fn open(folder: &Path) -> Fallible<Service> {
    let rng = |bytes: &mut [u8]| UnwrapErr(SysRng).fill_bytes(bytes);
    Ok(Service::open(folder, unlimited(), Registration::Open, Box::new(rng))?)
}

/// CPU time of all threads of this process so far, also of those that have ended.
fn cpu_time() -> Fallible<Duration> {
    let stat =
        fs::read_to_string("/proc/self/stat").map_err(|error| format!("measuring CPU time needs Linux: {error}"))?;
    // The name of the program comes second, in brackets. Fields 14 and 15 are the times in user and kernel mode.
    let (_, fields) = stat.rsplit_once(") ").ok_or("/proc/self/stat has no name in brackets")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * TICK_MS))
}

fn kb(bytes: f64) -> String {
    format!("{:.1} KB", bytes / 1e3)
}
