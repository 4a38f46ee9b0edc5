//! Who has used how much: token buckets for requests, a daily sum of bytes for each device and each member.
//!
//! ```text
//! level = min(count × period, level + passed ms × count)        a request takes one period from the level
//! ```

use crate::Limits;
use crate::problem::Problem;
use std::collections::BTreeMap;
use wardbook_wire::OrgId;
use wardbook_wire::exchange::problem::{QUOTA, TOO_MANY};
use wardbook_wire::request::Caller;

const MINUTE_MS: i64 = 60_000;
const SECOND_MS: i64 = 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Callers that are remembered before those that were quiet for a day are forgotten.
const CALLERS_MAX: usize = 100_000;

/// So many requests in such a time.
#[derive(Clone, Copy)]
struct Rate {
    count: u32,
    period_ms: i64,
}

#[derive(Clone, Copy)]
struct Bucket {
    level: i64,
    at_ms: i64,
}

impl Bucket {
    /// Fills up at the first request, whenever that is.
    const NEW: Self = Self { level: 0, at_ms: i64::MIN };

    /// Takes one request, or says how many seconds to wait.
    fn take(&mut self, rate: Rate, now_ms: i64) -> Result<(), i64> {
        let count = i64::from(rate.count);
        let passed = now_ms.saturating_sub(self.at_ms).clamp(0, rate.period_ms);
        self.level = (self.level + passed * count).min(count * rate.period_ms);
        self.at_ms = now_ms;
        if self.level >= rate.period_ms {
            self.level -= rate.period_ms;
            return Ok(());
        }
        let wait_ms = (rate.period_ms - self.level).checked_div(count).unwrap_or(rate.period_ms);
        Err(wait_ms / SECOND_MS + 1)
    }
}

/// What one caller has used.
struct Usage {
    bucket: Bucket,
    day: i64,
    bytes: u64,
}

/// The device, the key of the invite, or the member.
type CallerKey = (OrgId, [u8; 33]);

pub(crate) struct Meter {
    unsigned: Bucket,
    orgs: BTreeMap<OrgId, Bucket>,
    callers: BTreeMap<CallerKey, Usage>,
}

impl Meter {
    pub fn new() -> Self {
        Self { unsigned: Bucket::NEW, orgs: BTreeMap::new(), callers: BTreeMap::new() }
    }

    /// Counts a request that nobody has signed, or that fails as such.
    pub fn unsigned(&mut self, limits: &Limits, now_ms: i64) -> Result<(), Problem> {
        let rate = Rate { count: limits.unsigned_requests_per_second, period_ms: SECOND_MS };
        self.unsigned.take(rate, now_ms).map_err(too_many)
    }

    /// Counts an authenticated request.
    pub fn signed(&mut self, limits: &Limits, org: OrgId, caller: &Caller, now_ms: i64) -> Result<(), Problem> {
        let of_caller = Rate { count: limits.device_requests_per_minute, period_ms: MINUTE_MS };
        self.usage(org, caller_key(caller), now_ms).bucket.take(of_caller, now_ms).map_err(too_many)?;
        let of_org = Rate { count: limits.org_requests_per_minute, period_ms: MINUTE_MS };
        self.orgs.entry(org).or_insert(Bucket::NEW).take(of_org, now_ms).map_err(too_many)
    }

    /// Counts bytes that a device hands in, and its member: a device that renews itself has another id.
    pub fn bytes(
        &mut self,
        limits: &Limits,
        org: OrgId,
        caller: &Caller,
        bytes: u64,
        now_ms: i64,
    ) -> Result<(), Problem> {
        let today = now_ms.div_euclid(DAY_MS);
        let keys = [Some(caller_key(caller)), member_key(caller)];
        for key in keys.into_iter().flatten() {
            let usage = self.usage(org, key, now_ms);
            if usage.day != today {
                (usage.day, usage.bytes) = (today, 0);
            }
            if usage.bytes.saturating_add(bytes) > limits.device_bytes_per_day_max {
                let detail = "this device, or its member, has handed in as much as it may on one day, by \
                              limits.device_bytes_per_day_max of the server: go on tomorrow";
                return Err(Problem::new(QUOTA, detail));
            }
        }
        for key in keys.into_iter().flatten() {
            let usage = self.usage(org, key, now_ms);
            usage.bytes = usage.bytes.saturating_add(bytes);
        }
        Ok(())
    }

    fn usage(&mut self, org: OrgId, key: [u8; 33], now_ms: i64) -> &mut Usage {
        if self.callers.len() > CALLERS_MAX {
            let (day_ago, today) = (now_ms.saturating_sub(DAY_MS), now_ms.div_euclid(DAY_MS));
            self.callers.retain(|_, usage| usage.bucket.at_ms > day_ago || usage.day >= today);
        }
        let fresh = Usage { bucket: Bucket::NEW, day: 0, bytes: 0 };
        self.callers.entry((org, key)).or_insert(fresh)
    }
}

fn caller_key(caller: &Caller) -> [u8; 33] {
    match caller {
        Caller::Member { device, .. } => tagged(0, device.as_bytes()),
        Caller::Invite(invite) => tagged(1, &invite.0),
    }
}

fn member_key(caller: &Caller) -> Option<[u8; 33]> {
    match caller {
        Caller::Member { member, .. } => Some(tagged(2, member.as_bytes())),
        Caller::Invite(_) => None,
    }
}

fn tagged(tag: u8, id: &[u8]) -> [u8; 33] {
    let mut key = [0; 33];
    key.iter_mut().zip([tag].iter().chain(id)).for_each(|(held, byte)| *held = *byte);
    key
}

fn too_many(wait_secs: i64) -> Problem {
    let detail = format!("there were too many requests: wait {wait_secs} seconds");
    Problem::new(TOO_MANY, detail).after(wait_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_as_many_through_as_its_rate_says() {
        let rate = Rate { count: 60, period_ms: MINUTE_MS };
        let mut bucket = Bucket::NEW;
        assert!((0..60).all(|_| bucket.take(rate, 5).is_ok()));
        assert_eq!(bucket.take(rate, 5), Err(2));
        assert_eq!(bucket.take(rate, 1005), Ok(()));
        assert_eq!(bucket.take(rate, 1005), Err(2));
        // A clock that runs backwards gives nothing.
        assert!(bucket.take(rate, 0).is_err());
        assert_eq!({ Bucket::NEW }.take(Rate { count: 0, period_ms: SECOND_MS }, 9), Err(2));
    }
}
