//! A new organisation: its directory, first admin, this device, and the team of everyone.

use crate::device::{DeviceState, Identity};
use crate::sync::own_key;
use crate::vault::statement_key;
use crate::{ChartRole, Error, Secret, Session, SiteKeyPlace, Vault, now_ms, password, rng, site};
use rand_core::Rng;
use std::collections::BTreeMap;
use std::path::Path;
use wardbook_core::directory::{self, Directory, seal_name, seal_team_epoch, sign_next};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::{DeviceKeys, DirectoryKey, KeyringKey, MemberKeys, RootKey, SiteKey, TeamSecret};
use wardbook_core::password::{Password, normalise_user, stretch};
use wardbook_core::recovery::RecoveryCode;
use wardbook_core::slots::{self, SlotOf, Unlock};
use wardbook_store::{Batch, Kind, Store};
use wardbook_wire::kdf::Kdf;
use wardbook_wire::log::KeyringObject;
use wardbook_wire::slot::Lookup;
use wardbook_wire::statement::{NewDevice, NewMember};
use wardbook_wire::{Access, Act, Author, DeviceId, Grantee, MemberId, OrgId, Policy, Role, TeamId};
use zeroize::Zeroizing;

/// The team that every member is in: shares practitioners, locations and the like.
pub const EVERYONE: TeamId = TeamId(*b"wardbook:everyon");
/// How long deriving a key from a password should take on this device, in milliseconds.
const UNLOCK_WORK_MS: u128 = 250;

/// What `init` needs to know.
pub struct NewOrganisation<'a> {
    pub name: &'a str,
    pub user: &'a str,
    pub display: &'a str,
    pub password: &'a Secret,
    pub device_name: &'a str,
    pub shares_needed: u8,
    pub shares_made: u8,
    /// Only FIPS-approved algorithms: PBKDF2 in place of Argon2id.
    pub fips_only: bool,
}

/// Secrets that are shown once and kept nowhere.
pub struct NewSecrets {
    pub root_shares: Vec<Zeroizing<String>>,
    pub recovery_code: Zeroizing<String>,
}

/// What came of it.
pub struct Created {
    pub vault: Vault,
    pub secrets: NewSecrets,
}

/// A member's keys and rows as they are made.
pub(crate) struct Joined {
    pub member: MemberId,
    pub statement: NewMember,
    pub recovery_code: Zeroizing<String>,
}

impl Vault {
    /// Makes an organisation with its first admin on this device.
    ///
    /// # Errors
    /// A vault is there already; the password is weak; the disk's. Nothing is left behind then but an empty folder.
    pub fn create(folder: &Path, new: &NewOrganisation<'_>) -> Result<Created, Error> {
        check_user(new.user)?;
        let policy = Policy {
            kdf: calibrated(new.fips_only),
            password_chars_min: Policy::PASSWORD_CHARS_MIN,
            lease_hours: Policy::LEASE_HOURS,
        };
        password::check_new(&new.password.as_password()?, &policy, &[new.user, new.display, new.name])?;
        let root = RootKey::generate(&mut rng());
        let root_shares = root.to_shares(new.shares_needed, new.shares_made, &mut rng());
        let root_shares = root_shares.map_err(|error| Error::Invalid(error.to_string()))?;
        let mut nonce = [0; 32];
        rng().fill_bytes(&mut nonce);
        let genesis = directory::genesis(&root.0, nonce, policy);
        let mut directory = Directory::start(&genesis)?;
        let (org, site, names) = (directory.org(), SiteKey::generate(&mut rng()), DirectoryKey::generate(&mut rng()));
        let mut batch = Batch::new();
        batch.put(Kind::Statement, &[], &statement_key(0), genesis);

        // The first admin, named by the root key.
        let seen = BTreeMap::new();
        let people = People { seen: &seen, org, site: &site, names: &names, policy: &policy };
        let (keys, ring_key) = (MemberKeys::generate(&mut rng()), KeyringKey::generate(&mut rng()));
        let everyone = TeamSecret::generate(&mut rng());
        let admin = people.join((new.user, new.display, Role::Admin), new.password, (&keys, &ring_key), &mut batch)?;
        let mut state = |directory: &mut Directory, author, key, act| -> Result<(), Error> {
            let bytes = sign_next(directory, author, key, act);
            directory.apply(&bytes)?;
            batch.put(Kind::Statement, &[], &statement_key(directory.now()), bytes);
            Ok(())
        };
        state(&mut directory, Author::Root, &root.0, Act::MemberAdd(admin.statement))?;

        // This device and the team of everyone, by the admin.
        let author = Author::Member(admin.member);
        let identity = Identity { org, device: DeviceId(random()), keys: DeviceKeys::generate(&mut rng()) };
        let enrol = Act::DeviceEnrol(new_device(&identity, &names, new.device_name));
        state(&mut directory, author, &keys.signing, enrol)?;
        let name = seal_name(&names, org, &EVERYONE.0, "", "Everyone", &mut rng());
        let team = seal_team_epoch(&directory, EVERYONE, name, &[admin.member], (&everyone, None), &mut rng());
        let team = team.map_err(|_| Error::damaged("a public key"))?;
        state(&mut directory, author, &keys.signing, Act::TeamCreate(team))?;

        let ring = Keyring {
            member: admin.member,
            keys,
            earlier: Vec::new(),
            directory_key: names.clone(),
            teams: BTreeMap::from([((EVERYONE, 1), everyone)]),
        };
        put_keyring(&ring, &ring_key, org, 1, &mut batch);
        identity.write(&site, &mut batch);
        let device = DeviceState { latest_ms: now_ms(), ..DeviceState::default() };
        device.write(&site, &mut batch);

        let store = Store::create(folder)?;
        let site_place: SiteKeyPlace = site::keep(folder, &site)?;
        store.commit(&batch)?;
        let vault = Self { store, site, site_place, identity, directory, state: device, sync: None, made: Vec::new() };
        // The organisation's own chart, shared with everyone.
        let vault = match Session::start(vault, admin.member, ring_key, ring) {
            Ok(mut session) => {
                let grants = [(Grantee::Team(EVERYONE), Access::Manage)].into();
                let mut batch = Batch::new();
                let new = crate::write::NewChart { role: ChartRole::Organisation, patient: "", grants };
                let chart = session.create_chart(&new, &mut batch)?;
                session.finish(chart, batch)?;
                session.lock()
            }
            Err((_, error)) => return Err(error),
        };
        Ok(Created { vault, secrets: NewSecrets { root_shares, recovery_code: admin.recovery_code } })
    }
}

/// What making members needs, before and after there is a session.
pub(crate) struct People<'a> {
    /// Slot versions that this device has seen: a user name may come back (SLOT-03).
    pub seen: &'a BTreeMap<Lookup, u64>,
    pub org: OrgId,
    pub site: &'a SiteKey,
    pub names: &'a DirectoryKey,
    pub policy: &'a Policy,
}

impl People<'_> {
    /// Makes a member: the statement, and slots in the batch. The keyring is the caller's to seal.
    pub fn join(
        &self,
        (user, display, role): (&str, &str, Role),
        password: &Secret,
        (keys, ring_key): (&MemberKeys, &KeyringKey),
        batch: &mut Batch,
    ) -> Result<Joined, Error> {
        check_user(user)?;
        let password = password.as_password()?;
        password::check_new(&password, self.policy, &[user, display])?;
        let member = MemberId(random());
        let code = RecoveryCode::generate(&mut rng());
        for unlock in [Unlock::Password(&password), Unlock::Recovery(&code)] {
            let lookup = slots::lookup(self.site, unlock.kind(), user);
            let version = self.seen.get(&lookup).copied().unwrap_or(0).saturating_add(1);
            let of = SlotOf { org: self.org, member, user, version };
            put_slot(of, self.site, self.policy.kdf, &unlock, ring_key, keys, batch)?;
        }
        let name = seal_name(self.names, self.org, &member.0, &normalise_user(user), display, &mut rng());
        let (verify_key, seal_key) = (keys.signing.verify_key(), keys.sealing.public().clone());
        let statement = NewMember { member, role, verify_key, seal_key, name };
        Ok(Joined { member, statement, recovery_code: code.to_words() })
    }
}

/// Seals and signs a keyring and adds its row.
pub(crate) fn put_keyring(ring: &Keyring, key: &KeyringKey, org: OrgId, version: u64, batch: &mut Batch) {
    let sealed = ring.seal(key, org, &mut rng());
    let object = KeyringObject { org, member: ring.member, version, sealed };
    batch.put(Kind::Keyring, &[], ring.member.as_bytes(), ring.keys.signing.sign(&object));
    batch.put(Kind::Outbox, &[], &own_key(Kind::Keyring, ring.member.as_bytes()), Vec::new());
}

/// Makes one slot and adds its row.
pub(crate) fn put_slot(
    of: SlotOf<'_>,
    site: &SiteKey,
    kdf: Kdf,
    unlock: &Unlock<'_>,
    ring_key: &KeyringKey,
    keys: &MemberKeys,
    batch: &mut Batch,
) -> Result<(), Error> {
    let slot = slots::create(of, site, kdf, unlock, ring_key, &keys.signing, &mut rng());
    let slot = slot.map_err(|_| Error::Invalid("the password policy is out of range".into()))?;
    let lookup = slots::lookup(site, unlock.kind(), of.user);
    batch.put(Kind::Slot, &[], &lookup.0, slot);
    batch.put(Kind::Outbox, &[], &own_key(Kind::Slot, &lookup.0), Vec::new());
    Ok(())
}

pub(crate) fn new_device(identity: &Identity, names: &DirectoryKey, name: &str) -> NewDevice {
    NewDevice {
        device: identity.device,
        verify_key: identity.keys.signing.verify_key(),
        seal_key: identity.keys.sealing.public().clone(),
        name: seal_name(names, identity.org, &identity.device.0, "", name, &mut rng()),
    }
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rng().fill_bytes(&mut bytes);
    bytes
}

fn check_user(user: &str) -> Result<(), Error> {
    let user = normalise_user(user);
    let fits =
        !user.is_empty() && user.chars().count() <= 64 && !user.chars().any(|c| c.is_control() || c.is_whitespace());
    if fits { Ok(()) } else { Err(Error::Invalid("a user name has 1 to 64 characters and no spaces".into())) }
}

/// The work that takes about a quarter of a second here, and never less than the floor.
pub fn calibrated(fips_only: bool) -> Kdf {
    let floor = if fips_only { Kdf::PBKDF2_FLOOR } else { Kdf::ARGON2_FLOOR };
    let spent_ms = time_ms(|| {
        if let Ok(password) = Password::new("calibration") {
            let _ = stretch(floor, &[0; 32], &password);
        }
    });
    let factor = u32::try_from(UNLOCK_WORK_MS / spent_ms.max(1)).unwrap_or(1).clamp(1, 8);
    // How fast this machine is has no place in a run that is the same everywhere.
    #[cfg(feature = "simulation")]
    let factor = if crate::world::now_ms().is_some() { 1 } else { factor };
    match floor {
        Kdf::Argon2id { memory_kib, passes } => Kdf::Argon2id { memory_kib, passes: passes * factor },
        Kdf::Pbkdf2 { rounds } => Kdf::Pbkdf2 { rounds: rounds * factor },
    }
}

/// How long some work takes by the clock on the wall. Where that is set back meanwhile, it is as if it had taken long enough.
fn time_ms(work: impl FnOnce()) -> u128 {
    let start = now_ms();
    work();
    u128::try_from(now_ms() - start).unwrap_or(UNLOCK_WORK_MS)
}
