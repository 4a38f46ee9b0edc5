//! One module for each group of commands.

pub mod attachments;
pub mod moving;
pub mod network;
pub mod people;
pub mod records;
pub mod serve;
pub mod setup;
pub mod sharing;
pub mod show;
