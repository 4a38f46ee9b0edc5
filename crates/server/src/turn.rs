//! One authenticated request at work on its organisation.

use crate::Limits;
use crate::auth;
use crate::counters::Counters;
use crate::key::ServerKey;
use crate::meter::Meter;
use crate::org::Org;
use crate::orgs::lock;
use crate::problem::Problem;
use crate::schema;
use std::sync::Mutex;
use wardbook_wire::directory::Directory;
use wardbook_wire::exchange::problem::{LOG_BEHIND, LOG_FORKED, MALFORMED, QUOTA, RETIRED, TOO_LARGE};
use wardbook_wire::exchange::{CallerStanding, Object, WANTED_MAX};
use wardbook_wire::log::LogPoint;
use wardbook_wire::request::{Caller, Challenge};
use wardbook_wire::{DeviceId, MemberId, OrgId, WireError};

pub(crate) struct Turn<'a> {
    pub id: OrgId,
    pub org: &'a mut Org,
    /// Whose signatures were checked.
    pub caller: Caller,
    /// The member signed with a key that they have replaced.
    pub replaced: bool,
    pub key: &'a ServerKey,
    pub limits: &'a Limits,
    pub meter: &'a Mutex<Meter>,
    pub counters: &'a Counters,
    pub now_ms: i64,
    /// For the caller's next request.
    pub challenge: Challenge,
}

impl Turn<'_> {
    /// The caller, who is not somebody with an invite.
    pub fn member(&self) -> Result<(DeviceId, MemberId), Problem> {
        match self.caller {
            Caller::Member { device, member } => Ok((device, member)),
            Caller::Invite(_) => Err(auth::unknown()), // REQ-01
        }
    }

    /// The calling device, which belongs to the organisation as its member does.
    pub fn enrolled(&self) -> Result<DeviceId, Problem> {
        let (device, member) = self.member()?;
        match self.standing(&self.org.directory, device, member) {
            CallerStanding::Enrolled => Ok(device),
            // REQ-05
            CallerStanding::MemberRetired => Err(Problem::new(RETIRED, "this member was retired: ask an admin")),
            CallerStanding::DeviceRetired => Err(Problem::new(RETIRED, "this device was retired: ask an admin")),
            CallerStanding::KeysReplaced => {
                Err(Problem::new(RETIRED, "this member has new keys: sync, then unlock again"))
            }
        }
    }

    /// Whether the caller belongs to the organisation now, with the keys that they signed with.
    pub fn standing(&self, directory: &Directory, device: DeviceId, member: MemberId) -> CallerStanding {
        match standing(directory, device, member) {
            CallerStanding::Enrolled if self.replaced => CallerStanding::KeysReplaced,
            standing => standing,
        }
    }

    /// Room for what is handed in. Only entries are counted: a retirement must not fail for lack of space.
    pub fn room(&self, objects: &[Object]) -> Result<(), Problem> {
        let entries = objects.iter().filter(|object| matches!(object, Object::Entry(_)));
        let bytes: u64 = entries.map(|entry| entry.bytes().len() as u64).sum();
        if bytes == 0 {
            return Ok(());
        }
        if schema::bytes(&self.org.db)?.saturating_add(bytes) > self.limits.org_bytes_max {
            return Err(Problem::new(QUOTA, "the organisation's share of this server is used up"));
        }
        lock(self.meter).bytes(self.limits, self.id, &self.caller, bytes, self.now_ms)
    }
}

/// Whether somebody belongs to the organisation now.
pub(crate) fn standing(directory: &Directory, device: DeviceId, member: MemberId) -> CallerStanding {
    if directory.device_at(device, directory.now()).is_none() {
        CallerStanding::DeviceRetired
    } else if directory.role_at(member, directory.now()).is_none() {
        CallerStanding::MemberRetired
    } else {
        CallerStanding::Enrolled
    }
}

/// The point of a caller is one that this log, of `size` leaves, has gone through.
pub(crate) fn check_point(db: &rusqlite::Connection, size: u64, point: LogPoint) -> Result<(), Problem> {
    if point.size > size {
        let detail = format!("the log here has {size} leaves, that of the device {}", point.size);
        return Err(Problem::new(LOG_BEHIND, detail));
    }
    if !Org::has_been_at(db, size, point)? {
        let detail = format!("the first {} leaves here are not those of the device", point.size);
        return Err(Problem::new(LOG_FORKED, detail));
    }
    Ok(())
}

pub(crate) fn check_wanted(charts: usize, teams: usize) -> Result<(), Problem> {
    if charts.saturating_add(teams) > WANTED_MAX {
        return Err(Problem::new(TOO_LARGE, format!("a request names at most {WANTED_MAX} charts and teams")));
    }
    Ok(())
}

pub(crate) fn check_objects(objects: usize, limits: &Limits) -> Result<(), Problem> {
    if objects as u64 > limits.objects_max {
        return Err(Problem::new(TOO_LARGE, format!("a request has at most {} objects", limits.objects_max)));
    }
    Ok(())
}

/// A body that is not what the route takes.
pub(crate) fn unreadable(error: WireError) -> Problem {
    match error {
        WireError::TooLarge { limit } => Problem::new(TOO_LARGE, format!("a request has at most {limit} bytes")),
        _ => Problem::new(MALFORMED, "the body is not what this route takes"),
    }
}
