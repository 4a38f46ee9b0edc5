//! Whether a device may work without its server now (`spec/leases.md`). Time comes from the caller.

use wardbook_wire::directory::Directory;
use wardbook_wire::lease::{CLOCK_BACK_MS, EXTENSION_HOURS_MAX, Extension, GivenExtension, Lease};
use wardbook_wire::{DeviceId, LeaseId, Role, Unverified, Verified, WireError};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A lease that this device may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLease {
    pub id: LeaseId,
    pub lease: Lease,
    /// With an officer's extension.
    pub until_ms: i64,
}

/// What the lease says about now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseStanding {
    /// Until that time, in milliseconds since 1970.
    Holds { until_ms: i64 },
    /// LSE-03: it ended then.
    Ended { at_ms: i64 },
    /// LSE-04: the clock is that far behind the latest time that this device has seen.
    ClockBack { by_ms: i64 },
}

/// Why a lease or an extension is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("a lease is for another device or organisation, or there is no server (LSE-01)")]
    NotOurs,
    #[error("a lease is longer than the organisation allows (LSE-02)")]
    TooLong,
    #[error("the code is not an officer's word for this device and lease (LSE-05)")]
    NoExtension,
}

/// Checks a lease that came from the server.
///
/// # Errors
/// LSE-01, LSE-02; SIG-01 unless the directory's server signed it.
pub fn take_lease(directory: &Directory, device: DeviceId, bytes: &[u8]) -> Result<HeldLease, LeaseError> {
    let server = directory.server().ok_or(LeaseError::NotOurs)?; // LSE-01
    let lease: Verified<Lease> = Unverified::<Lease>::decode(bytes)?.verify(&server.key)?;
    if lease.org != directory.org() || lease.device != device {
        return Err(LeaseError::NotOurs); // LSE-01
    }
    let longest = i64::from(directory.policy().lease_hours) * HOUR_MS;
    if lease.expires_ms.checked_sub(lease.issued_ms).is_none_or(|length| !(0..=longest).contains(&length)) {
        return Err(LeaseError::TooLong); // LSE-02
    }
    Ok(HeldLease { id: LeaseId(lease.digest()), until_ms: lease.expires_ms, lease: lease.into_inner() })
}

/// Finds the officer whose signature a code is, and makes the lease longer by it.
///
/// # Errors
/// LSE-05: nobody who is an officer or admin signed this.
pub fn extend(
    directory: &Directory,
    held: &HeldLease,
    hours: u32,
    signature: [u8; 64],
) -> Result<(HeldLease, GivenExtension), LeaseError> {
    let extension = Extension { org: held.lease.org, device: held.lease.device, lease: held.id, hours };
    let may = |member| directory.role_at(member, directory.now()) >= Some(Role::Officer);
    let officer = directory
        .members()
        .filter(|member| may(member.id))
        .find(|member| Unverified::from_parts(&extension, signature).verify(&member.verify_key).is_ok());
    let officer = officer.filter(|_| (1..=EXTENSION_HOURS_MAX).contains(&hours)).ok_or(LeaseError::NoExtension)?; // LSE-05
    let until_ms = held.lease.expires_ms.saturating_add(i64::from(hours) * HOUR_MS);
    let given = GivenExtension { extension, officer: officer.id, signature };
    Ok((HeldLease { until_ms: until_ms.max(held.until_ms), ..*held }, given))
}

/// Judges a lease by the clock and by the latest time that this device has seen.
pub fn standing(held: &HeldLease, now_ms: i64, latest_ms: i64) -> LeaseStanding {
    if latest_ms.saturating_sub(now_ms) > CLOCK_BACK_MS {
        return LeaseStanding::ClockBack { by_ms: latest_ms.saturating_sub(now_ms) }; // LSE-04
    }
    if now_ms > held.until_ms {
        return LeaseStanding::Ended { at_ms: held.until_ms }; // LSE-03
    }
    LeaseStanding::Holds { until_ms: held.until_ms }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Org, Person};
    use wardbook_wire::lease::Extension;
    use wardbook_wire::log::{LogPoint, Seen, TreeHash};
    use wardbook_wire::statement::Server;
    use wardbook_wire::{Act, MemberId, OrgId};

    struct Scene {
        org: Org,
        server: crate::keys::SigningKey,
    }

    impl Scene {
        fn new() -> Self {
            let mut org = Org::new();
            let server = crate::keys::SigningKey::generate(&mut crate::testing::rng());
            org.act(Act::ServerSet(Server { key: server.verify_key(), generation: 1, base: None })).unwrap();
            Self { org, server }
        }

        fn lease(&self) -> Lease {
            let point = LogPoint { size: 1, root: TreeHash([0; 32]) };
            Lease {
                org: self.org.directory.org(),
                device: self.org.device,
                number: 1,
                issued_ms: 1000,
                expires_ms: 1000 + 72 * HOUR_MS,
                directory: self.org.directory.head(),
                seen: Seen { generation: 1, point },
            }
        }

        fn take(&self, lease: Lease) -> Result<HeldLease, LeaseError> {
            take_lease(&self.org.directory, self.org.device, &self.server.sign(&lease))
        }
    }

    #[test]
    fn lse_01_a_lease_for_somebody_else_or_by_somebody_else_is_refused() {
        let scene = Scene::new();
        assert!(scene.take(scene.lease()).is_ok());
        let other = Lease { device: DeviceId([8; 16]), ..scene.lease() };
        assert_eq!(scene.take(other).unwrap_err(), LeaseError::NotOurs);
        let other = Lease { org: OrgId([8; 32]), ..scene.lease() };
        assert_eq!(scene.take(other).unwrap_err(), LeaseError::NotOurs);
        let forged = scene.org.admin.keys.signing.sign(&scene.lease());
        let refused = take_lease(&scene.org.directory, scene.org.device, &forged).unwrap_err();
        assert_eq!(refused, LeaseError::Wire(WireError::BadSignature));
        let without = Org::new();
        assert_eq!(take_lease(&without.directory, without.device, &forged).unwrap_err(), LeaseError::NotOurs);
    }

    #[test]
    fn lse_02_policy_caps_the_length_of_a_lease() {
        let scene = Scene::new();
        for length in [72 * HOUR_MS + 1, -1, i64::MAX] {
            let lease = Lease { expires_ms: 1000i64.saturating_add(length), ..scene.lease() };
            assert_eq!(scene.take(lease).unwrap_err(), LeaseError::TooLong);
        }
        let wrapping = Lease { issued_ms: i64::MIN, expires_ms: i64::MAX, ..scene.lease() };
        assert_eq!(scene.take(wrapping).unwrap_err(), LeaseError::TooLong);
    }

    #[test]
    fn lse_03_lse_04_it_ends_and_a_clock_turned_back_does_not_bring_it_back() {
        let scene = Scene::new();
        let held = scene.take(scene.lease()).unwrap();
        let end = held.until_ms;
        assert_eq!(standing(&held, end, end), LeaseStanding::Holds { until_ms: end });
        assert_eq!(standing(&held, end + 1, 0), LeaseStanding::Ended { at_ms: end });
        assert_eq!(
            standing(&held, end - CLOCK_BACK_MS - 1, end),
            LeaseStanding::ClockBack { by_ms: CLOCK_BACK_MS + 1 }
        );
        assert_eq!(standing(&held, end - CLOCK_BACK_MS, end), LeaseStanding::Holds { until_ms: end });
    }

    #[test]
    fn lse_05_only_an_officer_extends_and_only_this_lease() {
        let mut scene = Scene::new();
        let (officer, clinician) = (scene.org.join(Role::Officer), scene.org.join(Role::Clinician));
        let held = scene.take(scene.lease()).unwrap();
        let sign = |person: &Person, lease, hours| {
            let extension = Extension { org: held.lease.org, device: held.lease.device, lease, hours };
            let bytes = person.keys.signing.sign(&extension);
            wardbook_wire::strict::decode::<wardbook_wire::Signed>(&bytes, 1000).unwrap().signature
        };
        let directory = &scene.org.directory;
        let (longer, given) = extend(directory, &held, 12, sign(&officer, held.id, 12)).unwrap();
        assert_eq!((longer.until_ms, given.officer), (held.lease.expires_ms + 12 * HOUR_MS, officer.id));
        let (twice, _) = extend(directory, &longer, 12, given.signature).unwrap();
        assert_eq!(twice.until_ms, longer.until_ms, "the same code again adds nothing");
        let refused = |hours, signature| extend(directory, &held, hours, signature).is_err();
        assert!(refused(12, sign(&clinician, held.id, 12)));
        assert!(refused(24, sign(&officer, held.id, 12)));
        assert!(refused(12, sign(&officer, LeaseId([1; 32]), 12)));
        assert!(refused(EXTENSION_HOURS_MAX + 1, sign(&officer, held.id, EXTENSION_HOURS_MAX + 1)));
        assert!(refused(0, sign(&officer, held.id, 0)));
        let _: MemberId = given.officer;
    }
}
