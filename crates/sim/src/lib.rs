//! A deterministic simulation: an organisation of devices around one server, through the real client and the real server.
//!
//! ```text
//! seed ──► World: virtual time, events ──► Device (real Session, disk in memory) ──► Net ──► Server (real Service, real files)
//!                    │                                                                └──► Foe (a server that cheats)
//!                    └──► Model (what was acknowledged) ──► invariants: after each step, and when everything has come to rest
//! ```
//!
//! Time, randomness, the network and the devices' disks are the simulation's; nothing of the client or the server is
//! replaced. The same seed gives the same run.
//!
//! | invariant | |
//! | --- | --- |
//! | I1 | what was acknowledged is in the server's log and on every device that holds the chart |
//! | I2 | nobody opens what they were not given, nor what was written after it was taken from them |
//! | I3 | honest devices show the same |
//! | I4 | a cheating server is caught or does no harm, and an honest one is not accused |
//! | I5 | whatever the network or a crash does, nothing fails in another way than it says |
//! | I6 | `verify` finds nothing on an honest device |

mod access;
mod actions;
mod administration;
pub mod chance;
mod device;
pub mod hostile;
mod invariants;
mod mishaps;
mod model;
mod network;
mod report;
mod rest;
mod server;
mod template;
mod world;

#[cfg(test)]
mod tests;

pub use hostile::Attack;
pub use report::{Outcome, Report};

use std::fmt;
use world::World;

/// What may happen in a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// From 2 to 100.
    pub devices: usize,
    /// Days of virtual time.
    pub days: u32,
    /// What each device does in a day, about.
    pub acts_per_day: u32,
    /// Admins take rights away from members, devices and teams, and charts from people.
    pub revocations: bool,
    /// Devices are ended between two writes, their disks are full.
    pub crashes: bool,
    /// Devices are put back to earlier states of their disks.
    pub device_restores: bool,
    /// The server is put back to an earlier state, and an admin accepts that.
    pub server_restores: bool,
    /// Devices hold some charts only.
    pub caseloads: bool,
    /// Clocks are wrong, now and then by days.
    pub clocks: bool,
    /// People join by invites, which costs the derivation of a password.
    pub newcomers: bool,
    /// The server cheats a third of the devices for a part of the time.
    pub attack: Option<Attack>,
    /// Prints every step.
    pub trace: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            devices: 12,
            days: 6,
            acts_per_day: 3,
            revocations: true,
            crashes: true,
            device_restores: true,
            server_restores: true,
            caseloads: true,
            clocks: true,
            newcomers: false,
            attack: None,
            trace: false,
        }
    }
}

impl Options {
    /// Crashes, a bad network and nothing else.
    pub fn plain() -> Self {
        Self {
            revocations: false,
            device_restores: false,
            server_restores: false,
            caseloads: false,
            clocks: false,
            ..Self::default()
        }
    }
}

/// An invariant does not hold, or the simulation itself could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `I1` to `I6`, or `simulation`.
    pub invariant: &'static str,
    pub detail: String,
}

impl Failure {
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Self { invariant, detail: detail.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.detail)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new("simulation", error.to_string())
    }
}

impl From<wardbook_server::ServerError> for Failure {
    fn from(error: wardbook_server::ServerError) -> Self {
        Self::new("simulation", error.to_string())
    }
}

impl From<wardbook_client::Error> for Failure {
    fn from(error: wardbook_client::Error) -> Self {
        Self::new("simulation", error.to_string())
    }
}

/// Plays one seed to its end, or to the first invariant that does not hold.
pub fn run(seed: u64, options: &Options) -> Outcome {
    let template = match template::template(options.devices) {
        Ok(template) => template,
        Err(failure) => return Outcome::failed(seed, &failure),
    };
    wardbook_store::memory::clear();
    let random = chance::Chance::new("devices", seed).into_filler();
    wardbook_client::world::enter(wardbook_client::world::World {
        now_ms: template.start_ms,
        random: Box::new(random),
    });
    let outcome = match World::new(seed, options.clone(), template) {
        Ok(mut world) => {
            let played = world.play();
            world.outcome(played)
        }
        Err(failure) => Outcome::failed(seed, &failure),
    };
    wardbook_client::world::leave();
    wardbook_store::memory::clear();
    outcome
}
