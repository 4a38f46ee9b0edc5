//! The server: it orders, relays and keeps what devices hand in, and can read none of it.
//!
//! ```text
//! Call ──signed?──► organisation ──one transaction──► log, slots, leases ──► Answer
//!  (REQ-01 to 05)    (its own file)  (SRV-01 to 10)                           (signed checkpoint)
//! ```
//!
//! [`Service`] is a function of what was stored and of each [`Call`]: it reads no clock, no environment and no system
//! randomness, and knows nothing of HTTP. `http` carries it over the network; a simulation calls it directly.
//! This crate depends on `wire` and never on `core`, so there is no key here that opens anything.

pub mod blobs;
pub mod config;
pub mod http;

mod accept;
mod auth;
mod backup;
mod call;
mod counters;
mod create;
mod error;
mod invite;
mod key;
mod leases;
mod limits;
mod log;
mod meter;
mod org;
mod orgs;
mod problem;
mod pull;
mod reads;
mod registration;
mod route;
mod schema;
mod service;
mod sync;
mod turn;
mod welcome;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use backup::{BackupReport, backup};
pub use call::{Answer, Call, ContentKind};
pub use counters::Stats;
pub use error::ServerError;
pub use limits::Limits;
pub use registration::Registration;
pub use service::{Random, Service};
