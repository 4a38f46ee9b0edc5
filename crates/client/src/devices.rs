//! Devices of the organisation, and a member's own new keys.

use crate::create::{put_keyring, put_slot};
use crate::{Error, Secret, Session, password, rng};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::MemberKeys;
use wardbook_core::recovery::RecoveryCode;
use wardbook_core::slots::{self, SlotOf, Unlock};
use wardbook_store::{Batch, Kind};
use wardbook_wire::{Act, DeviceId};
use zeroize::Zeroizing;

/// A device, for showing.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    pub id: DeviceId,
    pub name: String,
    /// False once it was retired, or went on under another identity.
    pub enrolled: bool,
    /// This one.
    pub here: bool,
}

impl Session {
    /// All devices, also those that were retired.
    pub fn devices(&self) -> Vec<DeviceInfo> {
        let (directory, mine) = (&self.vault.directory, self.vault.identity.device);
        let named = directory.devices().map(|device| DeviceInfo {
            id: device.id,
            name: self.open_name(&device.id.0, &device.name).1,
            enrolled: directory.device_at(device.id, directory.now()).is_some(),
            here: device.id == mine,
        });
        let mut devices: Vec<_> = named.collect();
        devices.sort_by(|a, b| (!a.enrolled, &a.name).cmp(&(!b.enrolled, &b.name)));
        devices
    }

    /// An enrolled device by its name or the beginning of its id.
    ///
    /// # Errors
    /// None, or several.
    pub fn find_device(&self, text: &str) -> Result<DeviceId, Error> {
        let fits = |device: &DeviceInfo| {
            device.enrolled && (device.name == text || (text.len() >= 6 && device.id.to_string().starts_with(text)))
        };
        let found: Vec<_> = self.devices().into_iter().filter(fits).collect();
        match found.as_slice() {
            [one] => Ok(one.id),
            [] => Err(Error::Invalid(format!("there is no device {text:?}: see `wardbook device list`"))),
            _ => Err(Error::Invalid(format!(
                "several devices are called {text:?}: give the id from `wardbook device list`"
            ))),
        }
    }

    /// Takes a device's rights away. It wipes its keys when it next reaches the server, which refuses it from now on.
    ///
    /// # Errors
    /// Not an admin; it is this one.
    pub fn retire_device(&mut self, device: DeviceId) -> Result<(), Error> {
        if device == self.vault.identity.device {
            return Err(Error::Invalid("this is the device that you are using: retire it from another one".into()));
        }
        self.in_directory(Batch::new(), |session, batch| session.state(Act::DeviceRetire { device }, batch))
    }

    /// New signing and sealing keys for this member, with new slots for them; gives the new recovery code.
    ///
    /// # Errors
    /// The password is weak; with a server, it is not reached.
    pub fn rekey_self(&mut self, new: &Secret) -> Result<Zeroizing<String>, Error> {
        let (user, display) = self.member_name(&self.me());
        let password = new.as_password()?;
        password::check_new(&password, self.vault.directory.policy(), &[&user, &display])?;
        let (keys, code) = (MemberKeys::generate(&mut rng()), RecoveryCode::generate(&mut rng()));
        let mut earlier = self.ring.earlier.clone();
        earlier.push(self.ring.keys.sealing.clone());
        let (verify_key, seal_key) = (keys.signing.verify_key(), keys.sealing.public().clone());
        let mut ring = Keyring { keys, earlier, ..self.ring.clone() };
        let act = Act::MemberRekey { verify_key, seal_key };
        self.in_directory(Batch::new(), |session, batch| {
            ring.teams = session.ring.teams.clone();
            let (org, kdf) = (session.vault.identity.org, session.vault.directory.policy().kdf);
            for unlock in [Unlock::Password(&password), Unlock::Recovery(&code)] {
                let lookup = slots::lookup(&session.vault.site, unlock.kind(), &user);
                let version = session.slot_version(&lookup, unlock.kind())?.saturating_add(1);
                let of = SlotOf { org, member: session.me(), user: &user, version };
                put_slot(of, &session.vault.site, kdf, &unlock, &session.ring_key, &ring.keys, batch)?;
            }
            let held = session.vault.store.get(Kind::Keyring, &[], session.me().as_bytes())?;
            let held = held.and_then(|bytes| session.vault.verify_keyring(&bytes)).map_or(0, |held| held.version);
            put_keyring(&ring, &session.ring_key, org, held + 1, batch);
            session.state_by_member(act.clone(), batch)
        })?;
        self.ring = ring;
        Ok(code.to_words())
    }
}
