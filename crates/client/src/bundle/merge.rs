//! Merging what a bundle brought with what is here: idempotent, and nothing counts that was not checked.

use super::Item;
use crate::catalogue::put_blank_cover;
use crate::chart::{Place, entry_row, load_log, read_entry_row};
use crate::vault::statement_key;
use crate::{Error, Session, Vault};
use std::collections::{BTreeMap, BTreeSet};
use wardbook_core::directory::{Directory, Position};
use wardbook_store::{Batch, Kind};
use wardbook_wire::slot::Slot;
use wardbook_wire::{ChartId, Entry, Unverified};

/// What a merge did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    pub statements: usize,
    pub entries: usize,
    /// Entries that wait for others, or for statements of the directory: they are kept, and tried again with every further
    /// bundle and every sync.
    pub pending: usize,
    /// Entries that break a rule, with the reason.
    pub refused: Vec<String>,
    /// Set where the directory was changed apart on both sides: what to do about it.
    pub diverged: Option<String>,
}

impl Session {
    pub(crate) fn merge(&mut self, items: Vec<Item>) -> Result<Merged, Error> {
        let (mut batch, mut merged) = (Batch::new(), Merged::default());
        let before = self.vault.directory.clone();
        let done = self.merge_into(items, &mut batch, &mut merged).and_then(|()| self.vault.commit_with_state(batch));
        if let Err(error) = done {
            self.vault.directory = before;
            return Err(error);
        }
        self.close_charts();
        self.refresh_teams()?;
        Ok(merged)
    }

    fn merge_into(&mut self, items: Vec<Item>, batch: &mut Batch, merged: &mut Merged) -> Result<(), Error> {
        let (statements, rest) = items.into_iter().partition::<Vec<_>, _>(|item| matches!(item, Item::Statement(_)));
        // The entries come at the same time as the statements: until now this device knew no more than this.
        let arrived = self.vault.directory.now();
        extend_directory(&mut self.vault, statements, batch, merged)?;
        take_all(&mut self.vault, rest, arrived, batch, merged)
    }
}

/// Takes slots, keyrings and entries; what the other side holds back waits here too.
pub(super) fn take_all(
    vault: &mut Vault,
    items: Vec<Item>,
    arrived: Position,
    batch: &mut Batch,
    merged: &mut Merged,
) -> Result<(), Error> {
    // What waited here may have been waiting for this, and came before it.
    let mut by_chart = pending(vault)?;
    let mut rest = Vec::new();
    let now = vault.directory.now();
    for item in items {
        let (bytes, place) = match item {
            Item::Entry(bytes) => (bytes, Place::here(arrived)),
            Item::Waiting(bytes) => (bytes, Place::here(now)),
            item => {
                rest.push(item);
                continue;
            }
        };
        match Entry::decode(&bytes) {
            Ok(entry) => by_chart.entry(entry.chart()).or_default().push((place, entry)),
            Err(error) => merged.refused.push(error.to_string()),
        }
    }
    for (id, waiting) in by_chart {
        take_chart(vault, id, waiting, batch, merged)?;
    }
    take_slots(vault, rest, batch)
}

/// What waits here for others or for statements, by chart, in order of arrival.
fn pending(vault: &Vault) -> Result<BTreeMap<ChartId, Vec<(Place, Entry)>>, Error> {
    let mut by_chart = BTreeMap::<ChartId, Vec<(Place, Entry)>>::new();
    for row in vault.store.list_all(Kind::Pending)? {
        if let Ok((place, entry)) = read_entry_row(&row.value) {
            by_chart.entry(entry.chart()).or_default().push((place, entry));
        }
    }
    Ok(by_chart)
}

impl Vault {
    /// Tries again what bundles brought too early, once a sync has brought more; `touched` gets the charts that change.
    pub(crate) fn take_pending(&self, touched: &mut BTreeSet<ChartId>) -> Result<Merged, Error> {
        let (mut batch, mut merged) = (Batch::new(), Merged::default());
        for (id, waiting) in pending(self)? {
            let before = merged.entries;
            take_chart(self, id, waiting, &mut batch, &mut merged)?;
            if merged.entries > before {
                touched.insert(id);
            }
        }
        self.store.commit(&batch)?;
        Ok(merged)
    }
}

/// Adds entries to a chart's log in the order given, as far as they can be checked; the rest waits.
fn take_chart(
    vault: &Vault,
    id: ChartId,
    mut waiting: Vec<(Place, Entry)>,
    batch: &mut Batch,
    merged: &mut Merged,
) -> Result<(), Error> {
    let (mut log, _) = load_log(vault, id)?;
    let mut took = 0;
    loop {
        let before = waiting.len();
        let mut still = Vec::new();
        for (place, entry) in waiting {
            let entry_id = entry.id();
            if log.contains(&entry_id) {
                batch.delete(Kind::Pending, id.as_bytes(), entry_id.as_bytes());
                continue;
            }
            let row = entry_row(place, &entry.encode());
            match log.insert(&vault.directory, entry.clone(), place.arrival) {
                Ok(()) => {
                    // Anew, so that it stands behind its parents also where it was here before they were lost.
                    batch.delete(Kind::Entry, id.as_bytes(), entry_id.as_bytes());
                    batch.put(Kind::Entry, id.as_bytes(), entry_id.as_bytes(), row);
                    batch.delete(Kind::Pending, id.as_bytes(), entry_id.as_bytes());
                    if vault.has_server() {
                        batch.put(Kind::Outbox, id.as_bytes(), entry_id.as_bytes(), Vec::new());
                    }
                    took += 1;
                }
                Err(error) if error.is_pending() => still.push((place, entry)),
                Err(error) => {
                    // Nothing that comes later makes it right.
                    batch.delete(Kind::Pending, id.as_bytes(), entry_id.as_bytes());
                    merged.refused.push(format!("{error}: entry {entry_id}"));
                }
            }
        }
        waiting = still;
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    // What came again waits once, since the time at which it came first.
    let mut ids = BTreeSet::new();
    for (place, entry) in &waiting {
        if ids.insert(entry.id()) {
            batch.put(Kind::Pending, id.as_bytes(), entry.id().as_bytes(), entry_row(*place, &entry.encode()));
        }
    }
    merged.pending += ids.len();
    merged.entries += took;
    if took > 0 {
        put_blank_cover(&log, batch);
    }
    Ok(())
}

/// Follows the other chain as far as it extends this one. Neither side gives way where both went on. Where there is a
/// server, the order of statements is its own, and they come with its log only.
fn extend_directory(vault: &mut Vault, items: Vec<Item>, batch: &mut Batch, merged: &mut Merged) -> Result<(), Error> {
    let mut theirs: Option<Directory> = None;
    for item in items {
        let Item::Statement(bytes) = item else { continue };
        let id = match &mut theirs {
            None => {
                let started = Directory::start(&bytes)?;
                if started.org() != vault.directory.org() {
                    return Err(Error::Invalid("this bundle belongs to another organisation".into()));
                }
                let id = started.head();
                theirs = Some(started);
                id
            }
            Some(theirs) => theirs.apply(&bytes)?,
        };
        if vault.has_server() {
            return Ok(());
        }
        if vault.directory.position(&id).is_some() || merged.diverged.is_some() {
            continue;
        }
        if vault.directory.apply(&bytes).is_err() {
            let at = vault.directory.now();
            merged.diverged = Some(format!(
                "members, teams or devices were changed on both devices since statement {at}: what was written before that was merged; what the \
                 other device wrote after it is kept here and waits. Keep both folders. On the other device, export the charts that \
                 were changed as FHIR and import them here, repeat its changes of members and teams here, and only then replace it \
                 by a new device (`wardbook bundle export FILE --new-device NAME`)"
            ));
            continue;
        }
        batch.put(Kind::Statement, &[], &statement_key(vault.directory.now()), bytes);
        merged.statements += 1;
    }
    Ok(())
}

fn take_slots(vault: &mut Vault, items: Vec<Item>, batch: &mut Batch) -> Result<(), Error> {
    items.into_iter().try_for_each(|item| match item {
        Item::Slot(bytes) => take_slot(vault, &bytes, batch),
        Item::Keyring(bytes) => take_keyring(vault, &bytes, batch),
        _ => Ok(()),
    })
}

/// A newer slot replaces an older one.
pub(crate) fn take_slot(vault: &mut Vault, bytes: &[u8], batch: &mut Batch) -> Result<(), Error> {
    let Some(slot) = vault.verify_slot(bytes) else { return Ok(()) };
    let seen = vault.state.slots.get(&slot.lookup).copied().unwrap_or(0);
    let row = vault.store.get(Kind::Slot, &[], &slot.lookup.0)?;
    let of_who_left = row.as_ref().is_some_and(|bytes| has_left(vault, bytes));
    let stored = row.and_then(|bytes| vault.verify_slot(&bytes));
    // BND-02: whoever holds the site key can sign a slot of their own for another's user name.
    if stored.as_ref().is_some_and(|held| held.member != slot.member) {
        return Ok(());
    }
    if stored.is_none() && holds_another(vault, &slot, batch)? {
        return Ok(());
    }
    let held = stored.map_or(0, |slot| slot.version);
    if of_who_left || slot.version > held.max(seen) || (held == 0 && slot.version >= seen) {
        vault.state.note_slot(slot.lookup, slot.version); // SLOT-03
        batch.put(Kind::Slot, &[], &slot.lookup.0, bytes.to_vec());
    }
    Ok(())
}

/// True for the slot of a member who belongs to the organisation no more: their user name is free again, and who has it now
/// counts from 1.
fn has_left(vault: &Vault, bytes: &[u8]) -> bool {
    let Ok(slot) = Unverified::<Slot>::decode(bytes) else { return false };
    let member = vault.directory.member(&slot.peek().member);
    member.is_some_and(|member| vault.directory.role_at(member.id, vault.directory.now()).is_none())
}

/// True where the member has a slot of that kind under another lookup: BND-02, whoever holds the site key can sign a slot
/// of their own also for a user name that nobody here has yet.
fn holds_another(vault: &Vault, new: &Slot, batch: &Batch) -> Result<bool, Error> {
    let is_another = |bytes: &[u8]| {
        let Ok(held) = Unverified::<Slot>::decode(bytes) else { return false };
        let held = held.peek();
        let another = held.member == new.member && held.kind == new.kind && held.lookup != new.lookup;
        another && vault.verify_slot(bytes).is_some()
    };
    if batch.puts(Kind::Slot).any(is_another) {
        return Ok(true);
    }
    Ok(vault.store.list_all(Kind::Slot)?.iter().any(|row| is_another(&row.value)))
}

/// A newer keyring replaces an older one.
pub(crate) fn take_keyring(vault: &Vault, bytes: &[u8], batch: &mut Batch) -> Result<(), Error> {
    let Some(ring) = vault.verify_keyring(bytes) else { return Ok(()) };
    let held = vault.store.get(Kind::Keyring, &[], ring.member.as_bytes())?;
    let held = held.and_then(|bytes| vault.verify_keyring(&bytes)).map_or(0, |ring| ring.version);
    if ring.version > held {
        batch.put(Kind::Keyring, &[], ring.member.as_bytes(), bytes.to_vec());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Credential, NewOrganisation, Role, Secret};
    use std::path::Path;
    use wardbook_core::slots;
    use wardbook_wire::slot::SlotKind;

    const ANA: &str = "quiet ambulance velvet orbit";
    const BEN: &str = "seven lanterns under gravel";

    fn unlock(folder: &Path, user: &str, password: &str) -> Session {
        let password = Secret::new(password.to_owned());
        let unlocked = Vault::open(folder).unwrap().unlock(user, &Credential::Password(&password));
        unlocked.map_err(|(_, error)| error).unwrap()
    }

    #[test]
    fn bnd_02_nobody_puts_a_slot_in_the_place_of_anothers() {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("vault");
        let new = NewOrganisation {
            name: "Harbour",
            user: "ana",
            display: "Ana",
            password: &Secret::new(ANA.to_owned()),
            device_name: "tablet",
            shares_needed: 2,
            shares_made: 3,
            fips_only: true,
        };
        drop(Vault::create(&vault, &new).unwrap());
        let mut ana = unlock(&vault, "ana", ANA);
        ana.add_member("ben", "Ben", Role::Clinician, &Secret::new(BEN.to_owned())).unwrap();
        drop(ana);

        let mut ben = unlock(&vault, "ben", BEN);
        let of = |session: &Session, user| {
            let lookup = slots::lookup(&session.vault.site, SlotKind::Password, user);
            session.vault.store.get(Kind::Slot, &[], &lookup.0).unwrap().unwrap()
        };
        let anas = of(&ben, "ana");
        let mut forged = ben.vault.verify_slot(&of(&ben, "ben")).unwrap().into_inner();
        forged.lookup = slots::lookup(&ben.vault.site, SlotKind::Password, "ana");
        forged.version = u64::MAX;
        let forged = ben.ring.keys.signing.sign(&forged);
        ben.merge(vec![Item::Slot(forged)]).unwrap();
        assert_eq!(of(&ben, "ana"), anas);

        // Nor in the place of somebody who is still to come.
        let mut early = ben.vault.verify_slot(&of(&ben, "ben")).unwrap().into_inner();
        early.lookup = slots::lookup(&ben.vault.site, SlotKind::Password, "eva");
        let lookup = early.lookup;
        let early = ben.ring.keys.signing.sign(&early);
        ben.merge(vec![Item::Slot(early)]).unwrap();
        assert_eq!(ben.vault.store.get(Kind::Slot, &[], &lookup.0).unwrap(), None);
        drop(ben);
        unlock(&vault, "ana", ANA);
    }
}
