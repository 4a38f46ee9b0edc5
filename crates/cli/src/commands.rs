//! One module for each group of commands.

pub mod moving;
pub mod people;
pub mod records;
pub mod setup;
pub mod sharing;
pub mod show;
