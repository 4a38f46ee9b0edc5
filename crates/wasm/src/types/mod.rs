//! What the screens are given and give: plain data, one file for each area of the interface.
//!
//! Ids travel as text, times as milliseconds since 1970, FHIR dates as the text that the record has. Nothing here has a
//! rule of its own; a member that has no value is `undefined`.

mod attachments;
mod chart;
mod conflicts;
mod device;
mod failure;
mod files;
mod joining;
mod notes;
mod observations;
mod patients;
mod people;
mod quarantine;
mod sharing;
mod sync;
mod technical;
mod timeline;
mod writing;

pub use attachments::*;
pub use chart::*;
pub use conflicts::*;
pub use device::*;
pub use failure::*;
pub use files::*;
pub use joining::*;
pub use notes::*;
pub use observations::*;
pub use patients::*;
pub use people::*;
pub use quarantine::*;
pub use sharing::*;
pub use sync::*;
pub use technical::*;
pub use timeline::*;
pub use writing::*;
