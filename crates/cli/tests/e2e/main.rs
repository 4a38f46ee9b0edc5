//! The program as people run it: real processes on real folders, with the project's samples and, where it is there, real
//! data.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod blind;
mod damage;
mod devices;
mod hostile;
mod keystore;
mod members;
#[cfg(unix)]
mod network;
mod round_trip;
mod support;
