//! A device: sessions of several members over one vault folder. The only place where records in the clear and I/O meet.
//!
//! ```text
//! Vault (locked: directory, slots, sealed bytes) ──unlock──► Session (one member: charts, search, writing, sharing)
//!        ▲                                                        │
//!        └───────────────────────────lock─────────────────────────┘
//! ```

pub mod attachments;
#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod bundle;
mod catalogue;
mod chart;
mod create;
mod delivery;
mod device;
mod devices;
mod drafts;
mod error;
pub mod export;
mod import;
mod members;
mod password;
mod quarantine;
mod session;
mod sharing;
mod site;
pub mod sync;
#[cfg(test)]
mod testing;
mod unlock;
mod vault;
mod verify;
#[cfg(feature = "simulation")]
pub mod world;
mod write;

pub use catalogue::{ChartRole, Found};
pub use chart::{Chart, HistoryItem, Unresolved};
pub use create::{Created, EVERYONE, NewOrganisation, NewSecrets, calibrated};
pub use delivery::Delivery;
pub use devices::DeviceInfo;
pub use drafts::DraftInfo;
pub use error::{Error, InviteMisuse};
pub use export::Exported;
pub use import::{ImportReport, NAMED_MAX, Progress, Refused};
pub use members::{MemberInfo, TeamInfo};
pub use password::{Judgement, Secret, set_judge};
pub use quarantine::{Decision, Quarantined};
pub use session::Session;
pub use sharing::AccessInfo;
pub use site::SiteKeyPlace;
pub use unlock::{Credential, SyncOnly};
pub use vault::Vault;
pub use verify::{Finding, Verification};
pub use wardbook_core::body::VersionRef;
pub use wardbook_core::invite::InviteLink;
pub use wardbook_core::lease::LeaseStanding;
pub use wardbook_record as record;
pub use wardbook_store::StoreError;
pub use wardbook_wire::directory::Closed as InviteClosed;
pub use wardbook_wire::kdf::Kdf;
pub use wardbook_wire::link::ServerLink;
pub use wardbook_wire::{
    Access, BlobId, ChartId, DeviceId, EntryId, EntryKind, Grantee, LeaseId, MemberId, Policy, Role, TeamId,
};

#[cfg(not(feature = "simulation"))]
use getrandom::SysRng;
#[cfg(not(feature = "simulation"))]
use rand_core::UnwrapErr;

/// The operating system's random numbers. A system without any cannot keep secrets, and the process ends there.
#[cfg(not(feature = "simulation"))]
fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// The same, unless this thread is in a simulation.
#[cfg(feature = "simulation")]
fn rng() -> world::WorldRng {
    world::WorldRng
}

/// Milliseconds since 1970 by this device's clock.
fn now_ms() -> i64 {
    #[cfg(feature = "simulation")]
    if let Some(now_ms) = world::now_ms() {
        return now_ms;
    }
    jiff::Timestamp::now().as_millisecond() + test_offset_ms()
}

/// Tests of leases move the clock. A released build has no such thing.
fn test_offset_ms() -> i64 {
    #[cfg(debug_assertions)]
    if let Ok(secs) = std::env::var("WARDBOOK_TEST_CLOCK_OFFSET_SECS") {
        return secs.parse::<i64>().unwrap_or(0) * 1000;
    }
    0
}
