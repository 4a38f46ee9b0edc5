//! What a session holds, as a screen shows it. Everything here is a function of a session: nothing is kept, nothing is
//! decided, and nothing is known of JavaScript.

pub mod attachments;
pub mod chart;
pub mod conflicts;
pub mod device;
pub mod export;
pub mod held;
pub mod history;
pub mod import;
pub mod ips;
pub mod notes;
pub mod observations;
pub mod patients;
pub mod people;
pub mod plain;
pub mod print;
pub mod quarantine;
pub mod records;
pub mod sharing;
pub mod sync;
pub mod technical;
pub mod timeline;
pub mod writing;
