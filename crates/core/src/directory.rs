//! What the directory needs keys for: signing statements, names, team secrets (`spec/directory.md`).
//!
//! The state machine itself is in `wardbook_wire::directory`, where the server has it too.

mod names;
mod teams;

pub use names::{open_name, seal_name};
pub use teams::{open_team_secrets, seal_team_epoch, seal_team_join, seal_team_secret};
pub use wardbook_wire::directory::{Device, Directory, DirectoryError, Position, Team};

use crate::keys::SigningKey;
use wardbook_wire::statement::Genesis;
use wardbook_wire::{Act, Author, Policy, Statement};

/// Makes the genesis of a new organisation; gives its travelling form.
pub fn genesis(root: &SigningKey, nonce: [u8; 32], policy: Policy) -> Vec<u8> {
    let genesis = Genesis { nonce, root: root.verify_key(), policy };
    root.sign(&Statement { org: None, previous: None, author: Author::Root, act: Act::Genesis(genesis) })
}

/// Signs a statement that follows the current head; gives its travelling form for [`Directory::apply`].
pub fn sign_next(directory: &Directory, author: Author, signing: &SigningKey, act: Act) -> Vec<u8> {
    signing.sign(&Statement { org: Some(directory.org()), previous: Some(directory.head()), author, act })
}

#[cfg(test)]
mod tests;
