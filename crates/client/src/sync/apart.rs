//! Passwords and recovery codes that a member changed on two devices apart. The one that the log has counts, on every
//! device; whoever knows the other is told so.
//!
//! ```text
//! one device:     version 4 ──► log
//! the other:      version 4 ──► refused (SRV-08), and replaced by what the log has
//! ```

use super::{SyncState, own_key};
use crate::{Error, Session, Vault};
use minicbor::{Decode, Encode};
use wardbook_store::{Batch, Kind};
use wardbook_wire::exchange::Object;
use wardbook_wire::slot::{Slot, SlotKind};
use wardbook_wire::{MemberId, Unverified};

/// Slots that members of one device have still to be told of: more people than share a device.
const OUTRUN_KEPT: usize = 64;

/// A slot of this device that does not count, because the server had another one of the same member first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Outrun {
    #[n(0)]
    pub member: MemberId,
    #[n(1)]
    pub kind: SlotKind,
}

impl Outrun {
    /// None for what is no slot.
    pub fn of(object: &Object) -> Option<Self> {
        let Object::Slot(bytes) = object else { return None };
        let slot = Unverified::<Slot>::decode(&bytes.0).ok()?;
        Some(Self { member: slot.peek().member, kind: slot.peek().kind })
    }
}

impl SyncState {
    /// Keeps it for telling, until its member has been told.
    pub fn note_outrun(&mut self, outrun: Outrun) {
        let held = self.outrun.get_or_insert_default();
        if !held.contains(&outrun) && held.len() < OUTRUN_KEPT {
            held.push(outrun);
        }
    }
}

impl Vault {
    /// A slot of the log. Of two of one version it replaces the one that is here: all devices follow one log, and
    /// nobody can tell which was made first. Otherwise the newer one stays.
    pub(super) fn take_logged_slot(&mut self, bytes: &[u8], batch: &mut Batch) -> Result<(), Error> {
        if let Some(slot) = self.verify_slot(bytes) {
            let row = self.store.get(Kind::Slot, &[], &slot.lookup.0)?;
            let held = row.filter(|row| row != bytes).and_then(|row| self.verify_slot(&row));
            let apart = held.is_some_and(|held| held.member == slot.member && held.version == slot.version);
            let seen = self.state.slots.get(&slot.lookup).copied().unwrap_or(0);
            // What the same answer brought before may be newer than both (SLOT-03).
            if apart && seen <= slot.version {
                batch.put(Kind::Slot, &[], &slot.lookup.0, bytes.to_vec());
                batch.delete(Kind::Outbox, &[], &own_key(Kind::Slot, &slot.lookup.0));
                self.sync_mut()?.state.note_outrun(Outrun { member: slot.member, kind: slot.kind });
            }
        }
        crate::bundle::take_slot(self, bytes, batch)
    }
}

impl Session {
    /// What members of this device have to know about their passwords and codes, with what to do.
    pub(super) fn outrun(&self) -> Vec<String> {
        let outrun = self.vault.sync.iter().flat_map(|sync| sync.state.outrun.iter().flatten());
        let told = outrun.map(|outrun| {
            let user = self.member_name(&outrun.member).0;
            match outrun.kind {
                SlotKind::Password => format!(
                    "the password of {user} that was chosen on this device does not count: another was chosen on another \
                     device, and the server had that one first. From now on {user} unlocks with the password of the other \
                     device, here too; `wardbook passwd` chooses a new one, and `wardbook recover` does where it is not known"
                ),
                SlotKind::Recovery => format!(
                    "the recovery code of {user} that was made on this device does not count: another was made on another \
                     device, and the server had that one first. Keep the code of the other device and destroy the one of \
                     this device; `wardbook recover` makes a new one"
                ),
            }
        });
        told.collect()
    }

    /// The member of this session has been told about theirs.
    ///
    /// # Errors
    /// No server; the disk's.
    pub(crate) fn forget_outrun(&mut self) -> Result<(), Error> {
        let me = self.me();
        let Some(outrun) = &mut self.vault.sync_mut()?.state.outrun else { return Ok(()) };
        let before = outrun.len();
        outrun.retain(|outrun| outrun.member != me);
        if outrun.len() == before {
            return Ok(());
        }
        let mut batch = Batch::new();
        self.vault.write_sync(&mut batch);
        Ok(self.vault.store.commit(&batch)?)
    }
}
