//! The browser's device. One dedicated worker runs this module; keys, passwords and records are in it, nowhere else.
//!
//! ```text
//! page ──message──► worker ──► engine/: one method for each thing that a screen asks
//!                                │  state:     empty ─► locked ─► waiting for its server ─► open
//!                                │  view/:     what a session holds, as plain data (`types/`) for a screen
//!                                ▼
//!                    wardbook-client, over the browser's storage and site key (`site`), by its requests (`transport`)
//! ```
//!
//! There is no rule of the protocol here and no rule of the records: both are `client`'s. What is not of the browser
//! runs natively too, and is tested so.

mod clock;
mod engine;
mod failure;
mod ids;
mod js;
mod judge;
mod site;
mod state;
mod transport;
pub mod types;
mod view;

pub use engine::Engine;

#[cfg(test)]
mod tests;
