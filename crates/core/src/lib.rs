//! What makes Wardbook zero-knowledge: keys and sealing, the directory of who may do what, and which entries of a
//! chart count. Pure: time and randomness are arguments; nothing here reads files, clocks or networks.
//!
//! Each module implements the page of `spec/` that has its name.

pub mod blob;
pub mod body;
pub mod chart;
pub mod directory;
pub mod envelope;
pub mod hpke_seal;
pub mod invite;
pub mod keyring;
pub mod keys;
pub mod lease;
pub mod password;
pub mod recovery;
pub mod root;
pub mod slots;

/// A box did not open: a wrong key, another place, or changed bytes. It does not say which (ENV-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed data did not open")]
pub struct OpenError;

#[cfg(test)]
mod testing;
