//! Who asks. Challenges are the server's own MAC, so none has to be remembered; what is remembered is which were used.
//!
//! ```text
//! challenge = expiry(8, seconds since 1970) ‖ HMAC-SHA-256(process key, organisation ‖ caller ‖ expiry)[0..16]
//! caller    = 0x00 ‖ device(16) ‖ member(16)  |  0x01 ‖ key of the invite(32)
//! ```
//!
//! The process key is new at each start, which ends all challenges from before: nobody has to store which were used.

use crate::call::Call;
use crate::problem::Problem;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeSet;
use subtle::ConstantTimeEq;
use wardbook_wire::directory::Directory;
use wardbook_wire::exchange::problem::{CHALLENGE, REPLAY, SIGNATURE};
use wardbook_wire::request::{Caller, Challenge, Request, SignedRequest};
use wardbook_wire::{OrgId, VerifyKey};
use zeroize::Zeroizing;

/// How long a challenge holds (REQ-02).
const CHALLENGE_SECS: u64 = 24 * 60 * 60;

/// Challenges, and which of them were used with which nonce.
pub(crate) struct Challenges {
    key: Zeroizing<[u8; 32]>,
    /// Expiry, MAC and nonce of each request, the earliest expiry first.
    used: BTreeSet<(u64, [u8; 16], [u8; 16])>,
    used_max: usize,
    /// Challenges that expire at this time or before are no longer taken, because their uses were forgotten.
    floor: u64,
}

impl Challenges {
    pub fn new(used_max: usize, rng: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng(key.as_mut_slice());
        Self { key, used: BTreeSet::new(), used_max, floor: 0 }
    }

    pub fn issue(&self, org: OrgId, caller: &Caller, now_ms: i64) -> Challenge {
        let expiry = secs(now_ms).saturating_add(CHALLENGE_SECS).max(self.floor.saturating_add(1));
        let mut bytes = [0; 24];
        let parts = expiry.to_be_bytes().into_iter().chain(self.mac(org, caller, expiry));
        bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        Challenge(bytes)
    }

    fn mac(&self, org: OrgId, caller: &Caller, expiry: u64) -> [u8; 16] {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.as_slice()) else { return [0; 16] };
        mac.update(org.as_bytes());
        match caller {
            Caller::Member { device, member } => {
                mac.update(&[0]);
                mac.update(device.as_bytes());
                mac.update(member.as_bytes());
            }
            Caller::Invite(key) => {
                mac.update(&[1]);
                mac.update(&key.0);
            }
        }
        mac.update(&expiry.to_be_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        digest.first_chunk().copied().unwrap_or_default()
    }

    /// REQ-02: this server's, for this caller, and in time.
    pub fn holds(&self, challenge: Challenge, org: OrgId, caller: &Caller, now_ms: i64) -> bool {
        let (expiry, mac) = split(challenge);
        let ours: bool = self.mac(org, caller, expiry).ct_eq(&mac).into();
        ours && expiry > secs(now_ms) && expiry > self.floor // REQ-02
    }

    /// Remembers a use.
    ///
    /// # Errors
    /// REQ-03: the same was there before. REQ-02: the challenge has ended meanwhile.
    pub fn spend(&mut self, challenge: Challenge, nonce: [u8; 16], now_ms: i64) -> Result<(), Problem> {
        let (expiry, mac) = split(challenge);
        self.forget_until(secs(now_ms));
        if expiry <= self.floor {
            return Err(stale()); // REQ-02
        }
        if !self.used.insert((expiry, mac, nonce)) {
            return Err(Problem::new(REPLAY, "sign the request anew, with another nonce")); // REQ-03
        }
        if self.used.len() > self.used_max
            && let Some((oldest, ..)) = self.used.first().copied()
        {
            // Never a repetition: rather all challenges of that time end (REQ-03).
            self.floor = self.floor.max(oldest);
            self.forget_until(oldest);
        }
        Ok(())
    }

    /// Uses of challenges that have ended need no memory.
    fn forget_until(&mut self, time: u64) {
        while self.used.first().is_some_and(|(expiry, ..)| *expiry <= time) {
            self.used.pop_first();
        }
    }
}

/// Asks for the next one.
pub(crate) fn stale() -> Problem {
    Problem::new(CHALLENGE, "sign the request for the challenge of this answer")
}

fn split(challenge: Challenge) -> (u64, [u8; 16]) {
    let expiry = challenge.0.first_chunk().copied().unwrap_or_default();
    (u64::from_be_bytes(expiry), challenge.0.last_chunk().copied().unwrap_or_default())
}

fn secs(now_ms: i64) -> u64 {
    u64::try_from(now_ms / 1000).unwrap_or_default()
}

/// Checks that a request is this call, signed by those it names. True where the member signed with a key that they have
/// replaced.
///
/// # Errors
/// REQ-01, REQ-04.
pub(crate) fn check(
    signed: &SignedRequest,
    call: &Call<'_>,
    org: OrgId,
    directory: &Directory,
) -> Result<bool, Problem> {
    let request = signed.peek();
    let named = request.org == org && request.method == call.method && request.path == call.path;
    if !named || request.body != Request::digest(call.body) {
        return Err(Problem::new(SIGNATURE, "the request was signed for another call")); // REQ-04
    }
    let keys = keys(&request.caller, directory);
    if signed.verify(&keys).is_ok() {
        return Ok(false);
    }
    let Caller::Member { member, .. } = &request.caller else { return Err(unknown()) }; // REQ-01
    let device = keys.first().copied();
    let mut earlier = directory.member(member).into_iter().flat_map(|member| member.earlier_keys());
    let replaced = earlier.any(|key| device.is_some_and(|device| signed.verify(&[device, *key]).is_ok()));
    if replaced { Ok(true) } else { Err(unknown()) } // REQ-01
}

/// The caller cannot be told from somebody unknown.
pub(crate) fn unknown() -> Problem {
    Problem::new(SIGNATURE, "the signature does not match, or the device or member is not known here")
}

/// The keys that have to sign, in their order; none where the caller is not known.
fn keys(caller: &Caller, directory: &Directory) -> Vec<VerifyKey> {
    match caller {
        Caller::Member { device, member } => match (directory.device(device), directory.member(member)) {
            (Some(device), Some(member)) => vec![device.verify_key, member.verify_key], // REQ-01
            _ => Vec::new(),
        },
        // Whether that invite is open is said by `invite`.
        Caller::Invite(key) if directory.invites().iter().any(|open| open.invite.key == *key) => vec![*key], // REQ-01
        Caller::Invite(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wardbook_wire::{DeviceId, MemberId};

    const ORG: OrgId = OrgId([1; 32]);
    const CALLER: Caller = Caller::Member { device: DeviceId([2; 16]), member: MemberId([3; 16]) };
    const NOW: i64 = 1_700_000_000_000;

    fn challenges(used_max: usize) -> Challenges {
        Challenges::new(used_max, &mut |bytes| bytes.fill(9))
    }

    #[test]
    fn req_02_a_challenge_is_for_one_caller_and_one_day() {
        let all = challenges(9);
        let challenge = all.issue(ORG, &CALLER, NOW);
        assert!(all.holds(challenge, ORG, &CALLER, NOW));
        assert!(all.holds(challenge, ORG, &CALLER, NOW + 24 * 3_600_000 - 1000));
        assert!(!all.holds(challenge, ORG, &CALLER, NOW + 24 * 3_600_000));
        assert!(!all.holds(challenge, OrgId([9; 32]), &CALLER, NOW));
        assert!(!all.holds(challenge, ORG, &Caller::Invite(VerifyKey([2; 32])), NOW));
        assert!(!Challenges::new(9, &mut |bytes| bytes.fill(8)).holds(challenge, ORG, &CALLER, NOW));
        for at in 0..24 {
            let mut bytes = challenge.0;
            bytes[at] ^= 1;
            assert!(!all.holds(Challenge(bytes), ORG, &CALLER, NOW), "byte {at}");
        }
    }

    #[test]
    fn req_03_a_full_memory_ends_challenges_and_admits_no_repetition() {
        let mut all = challenges(3);
        let early = all.issue(ORG, &CALLER, NOW);
        let late = all.issue(ORG, &CALLER, NOW + 5000);
        all.spend(early, [0; 16], NOW).unwrap();
        for n in 0..3 {
            all.spend(late, [n; 16], NOW + 5000).unwrap();
        }
        assert!(!all.holds(early, ORG, &CALLER, NOW + 5000) && all.holds(late, ORG, &CALLER, NOW + 5000));
        assert_eq!(all.spend(early, [0; 16], NOW + 5000).unwrap_err().code, CHALLENGE);
        assert_eq!(all.spend(late, [2; 16], NOW + 5000).unwrap_err().code, REPLAY);
        // One more ends those of that second too; what is issued from now on holds all the same.
        all.spend(late, [3; 16], NOW + 5000).unwrap();
        assert!(!all.holds(late, ORG, &CALLER, NOW + 5000));
        let next = all.issue(ORG, &CALLER, NOW + 5000);
        assert!(all.holds(next, ORG, &CALLER, NOW + 5000));
        all.spend(next, [0; 16], NOW + 5000).unwrap();
    }
}
