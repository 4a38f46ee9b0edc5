//! What one request, device or organisation may use of this server.

use wardbook_wire::exchange::{BLOB_BYTES_MAX, OBJECTS_MAX, REQUEST_BYTES_MAX};

/// Names end with the unit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of one request: it is held in memory while it is worked on.
    pub request_bytes_max: u64,
    /// Objects in one request: they share a transaction, and nobody else of the organisation is served meanwhile.
    pub objects_max: u64,
    /// Requests of one device in a minute: a device that catches up makes a few a second.
    pub device_requests_per_minute: u32,
    /// Requests of one organisation in a minute: one organisation does not slow the others down.
    pub org_requests_per_minute: u32,
    /// Requests without a valid signature in a second, from everybody together: they cost work and have no owner.
    pub unsigned_requests_per_second: u32,
    /// Bytes of one organisation's log and entries. Statements, slots and keyrings are taken past it, because a
    /// retirement must not fail for lack of space.
    pub org_bytes_max: u64,
    /// Bytes of entries and attachments that one device hands in on one day (UTC): a device that runs wild, or is
    /// stolen, does not fill the disk.
    pub device_bytes_per_day_max: u64,
    /// Organisations on this server.
    pub orgs_max: u64,
    /// Organisations whose files are held open: each takes some file handles and some megabytes.
    pub open_orgs: usize,
    /// Requests that are remembered against repetition, of some 100 bytes each. When it is full, the oldest challenges end early.
    pub replay_memory: usize,
    /// Bytes of one attachment.
    pub blob_bytes_max: u64,
    /// Bytes of all attachments of one organisation.
    pub org_blob_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes_max: REQUEST_BYTES_MAX as u64,
            objects_max: OBJECTS_MAX as u64,
            device_requests_per_minute: 600,
            org_requests_per_minute: 12_000,
            unsigned_requests_per_second: 50,
            org_bytes_max: 100 << 30,
            device_bytes_per_day_max: 10 << 30,
            orgs_max: 1000,
            open_orgs: 64,
            replay_memory: 500_000,
            blob_bytes_max: BLOB_BYTES_MAX,
            org_blob_bytes_max: 500 << 30,
        }
    }
}
