//! The attacks of `docs/threats.md` that come from the server, the network or a member: each is made through the real client
//! against the real server, and what is refused is followed by honest work.
//!
//! ```text
//! Session ──Link──► Net ──► Service (real)          a cheating server changes answers and signs them again,
//!                    │                              shows a copy of itself, or turns its clock
//! Insider ───────────┘                              a member whose client does as they like, with their own keys
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod insider;
mod network;
mod organisation;

mod answers;
mod directory;
mod history;
mod invites;
mod leases;
mod list;
mod members;
mod moving;
mod passwords;
mod requests;
