//! Tests of the service as one function, through its calls.

mod accept;
mod auth;
mod create;
mod invite;
mod leases;
mod limits;
mod pull;
mod storage;
