//! Leases as the server keeps them: which number a device has, and until when what was written under one is in time.

use crate::ServerError;
use crate::key::ServerKey;
use rusqlite::{Connection, OptionalExtension, params};
use wardbook_wire::directory::Directory;
use wardbook_wire::entry::EntryHeader;
use wardbook_wire::exchange::LeaseWish;
use wardbook_wire::lease::{EXTENSION_HOURS_MAX, GivenExtension, LEASE_GRACE_MS, Lease, SETTLING_MS};
use wardbook_wire::log::Seen;
use wardbook_wire::{DeviceId, Role, Unverified};

const HOUR_MS: i64 = 60 * 60 * 1000;
/// Leases are kept for entries that come late: after a year those are late whatever the lease said.
const KEPT_MS: i64 = 365 * 24 * HOUR_MS;
/// Leases that a server which was put back may have forgotten of one device: an hour of one each few milliseconds.
const AHEAD_MAX: u64 = 1 << 20;

struct Last {
    number: u64,
    attempt: [u8; 16],
}

fn last(db: &Connection, device: DeviceId) -> Result<Option<Last>, ServerError> {
    let mut statement =
        db.prepare_cached("SELECT number, attempt FROM lease WHERE device = ?1 ORDER BY number DESC LIMIT 1")?;
    let last =
        statement.query_row([device.0], |row| Ok(Last { number: row.get::<_, i64>(0)? as u64, attempt: row.get(1)? }));
    Ok(last.optional()?)
}

/// The device has had a lease from this server.
pub(crate) fn any(db: &Connection, device: DeviceId) -> Result<bool, ServerError> {
    Ok(last(db, device)?.is_some())
}

/// LSE-06: a device that holds an older lease than its last one was put back to an earlier state, unless it knows of the
/// attempt that got it: then the answer was lost. One that holds a newer lease than is known here was not put back: the
/// server was.
pub(crate) fn fits(db: &Connection, device: DeviceId, wish: &LeaseWish) -> Result<bool, ServerError> {
    let last = last(db, device)?.unwrap_or(Last { number: 0, attempt: [0; 16] });
    let answer_lost = wish.held < last.number && wish.attempt == last.attempt;
    let up_to_date = wish.held.checked_sub(last.number).is_some_and(|ahead| ahead <= AHEAD_MAX);
    Ok(up_to_date || answer_lost) // LSE-06
}

/// A device whose last lease was lost on the way came again and gets none yet: the attempt that it will name is this one.
pub(crate) fn note_attempt(db: &Connection, device: DeviceId, wish: &LeaseWish) -> Result<(), ServerError> {
    if last(db, device)?.is_some_and(|last| wish.held < last.number) {
        db.prepare_cached(
            "UPDATE lease SET attempt = ?2
             WHERE device = ?1 AND number = (SELECT max(number) FROM lease WHERE device = ?1)",
        )?
        .execute(params![device.0, wish.attempt])?;
    }
    Ok(())
}

/// Who gets a lease, and what it names.
pub(crate) struct Grant<'a> {
    pub device: DeviceId,
    pub wish: &'a LeaseWish,
    pub directory: &'a Directory,
    pub seen: Seen,
    pub now_ms: i64,
}

/// Signs and stores the next lease of a device; gives its travelling form.
pub(crate) fn issue(db: &Connection, key: &ServerKey, grant: &Grant<'_>) -> Result<Vec<u8>, ServerError> {
    let Grant { device, wish, directory, seen, now_ms } = *grant;
    let known = last(db, device)?.map_or(0, |last| last.number);
    let number = known.max(wish.held).saturating_add(1);
    let expires_ms = now_ms.saturating_add(i64::from(directory.policy().lease_hours) * HOUR_MS);
    let org = directory.org();
    let lease = Lease { org, device, number, issued_ms: now_ms, expires_ms, directory: directory.head(), seen };
    let (bytes, id) = key.sign(&lease);
    db.prepare_cached(
        "INSERT INTO lease (device, number, id, attempt, issued_ms, expires_ms, extended_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    )?
    .execute(params![device.0, number as i64, id, wish.attempt, now_ms, expires_ms])?;
    db.prepare_cached("DELETE FROM lease WHERE device = ?1 AND number < ?2 AND extended_ms < ?3")?.execute(params![
        device.0,
        number as i64,
        now_ms.saturating_sub(KEPT_MS)
    ])?;
    Ok(bytes)
}

/// Takes an officer's extension; false where it is not valid.
pub(crate) fn extend(db: &Connection, directory: &Directory, given: &GivenExtension) -> Result<bool, ServerError> {
    let GivenExtension { extension, officer, signature } = *given;
    let role = directory.role_at(officer, directory.now());
    let sound = extension.org == directory.org() && extension.hours <= EXTENSION_HOURS_MAX;
    let may = sound && matches!(role, Some(Role::Officer | Role::Admin));
    let Some(officer) = directory.member(&officer).filter(|_| may) else { return Ok(false) };
    if Unverified::from_parts(&extension, signature).verify(&officer.verify_key).is_err() {
        return Ok(false);
    }
    let more_ms = i64::from(extension.hours) * HOUR_MS;
    let changed = db
        .prepare_cached(
            "UPDATE lease SET extended_ms = max(extended_ms, expires_ms + ?3) WHERE id = ?1 AND device = ?2",
        )?
        .execute(params![extension.lease.0, extension.device.0, more_ms])?;
    Ok(changed > 0)
}

/// ENT-15: the entry came after the end of the lease under which it was written. What was written before the organisation
/// had a server needs none.
pub(crate) fn late(
    db: &Connection,
    directory: &Directory,
    header: &EntryHeader,
    now_ms: i64,
) -> Result<bool, ServerError> {
    let Some((first_server, _)) = directory.servers().first() else { return Ok(false) };
    let settling = directory.server_since_ms().is_some_and(|since| now_ms <= since.saturating_add(SETTLING_MS));
    let Some(lease) = &header.lease else {
        let before = directory.position(&header.directory).is_some_and(|known| known < *first_server);
        return Ok(!(before && settling)); // ENT-15
    };
    let mut statement = db.prepare_cached("SELECT extended_ms FROM lease WHERE id = ?1 AND device = ?2")?;
    let until: Option<i64> = statement.query_row(params![lease.0, header.device.0], |row| row.get(0)).optional()?;
    // A server that was put back has forgotten leases of the generation before.
    let current = directory.server().map_or(0, |server| server.generation);
    let forgotten = settling && header.seen.is_some_and(|seen| seen.generation < current);
    Ok(match until {
        Some(until) => now_ms > until.saturating_add(LEASE_GRACE_MS),
        None => !forgotten,
    }) // ENT-15
}
