//! How far each entry of a chart has come: refused by the server, on this device alone, in the server's log, or with
//! others.
//!
//! Nothing is asked for. What an entry of another device descends from was on that device when it was written, so the
//! log says by itself what others have.

use crate::{Error, Session};
use std::collections::{HashMap, HashSet};
use wardbook_store::Kind;
use wardbook_wire::{ChartId, DeviceId, EntryId};

/// How far an entry has come; more is further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// The server does not take it: it stays on this device.
    Refused,
    /// On this device, and not in the server's log.
    Here,
    /// In the server's log.
    Sent,
    /// An entry of another device goes on from it.
    Seen,
}

/// Up to two different devices. Whichever device is asked about, one of two is another.
#[derive(Clone, Copy, Default)]
struct Devices([Option<DeviceId>; 2]);

impl Devices {
    fn add(&mut self, device: DeviceId) {
        if self.0.contains(&Some(device)) {
            return;
        }
        if let Some(free) = self.0.iter_mut().find(|held| held.is_none()) {
            *free = Some(device);
        }
    }

    fn has_other_than(&self, device: DeviceId) -> bool {
        self.0.iter().flatten().any(|held| *held != device)
    }
}

impl Session {
    /// How far each entry of an opened chart has come.
    ///
    /// # Errors
    /// [`Error::NoChart`] for one that is not open; the disk's.
    pub fn delivery(&self, id: ChartId) -> Result<HashMap<EntryId, Delivery>, Error> {
        let chart = self.open.get(&id).ok_or_else(|| Error::NoChart(String::new()))?;
        let outbox = self.vault.store.list(Kind::Outbox, id.as_bytes())?;
        let refused = outbox.iter().filter(|row| !row.value.is_empty());
        let refused: HashSet<_> = refused.filter_map(|row| EntryId::from_slice(&row.key)).collect();
        let entries: Vec<_> = chart.log.entries().map(|(entry, _)| entry).collect();
        let (mut found, mut later) = (HashMap::with_capacity(entries.len()), HashMap::<EntryId, Devices>::new());
        // From the end, where each entry comes before its parents and hands on to them who goes on from it.
        for entry in entries.into_iter().rev() {
            let (entry, header) = (entry.id(), entry.header());
            let mut devices = later.remove(&entry).unwrap_or_default();
            let delivery = if refused.contains(&entry) {
                Delivery::Refused
            } else if devices.has_other_than(header.device) {
                Delivery::Seen
            } else if chart.logged.contains(&entry) {
                Delivery::Sent
            } else {
                Delivery::Here
            };
            found.insert(entry, delivery);
            devices.add(header.device);
            for parent in &header.parents {
                let held = later.entry(*parent).or_default();
                devices.0.into_iter().flatten().for_each(|device| held.add(device));
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Place, entry_row, split_entry_row};
    use crate::create::{new_device, random};
    use crate::device::Identity;
    use crate::rng;
    use crate::testing::{ana, resource, to_me};
    use wardbook_core::keys::DeviceKeys;
    use wardbook_store::Batch;
    use wardbook_wire::Act;

    struct Scene {
        _folder: tempfile::TempDir,
        session: Session,
        chart: ChartId,
    }

    impl Scene {
        /// A vault with one patient.
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (mut session, _) = ana(&folder.path().join("vault"));
            let to = to_me(&session);
            let chart = session.new_patient(resource(r#"{"resourceType":"Patient","id":"p1"}"#), &to).unwrap();
            Self { _folder: folder, session, chart }
        }

        /// Writes an observation; gives its entry.
        fn put(&mut self, id: &str) -> EntryId {
            let observation = resource(&format!(r#"{{"resourceType":"Observation","id":"{id}"}}"#));
            let key = observation.key().clone();
            self.session.put(self.chart, observation).unwrap();
            self.session.heads(self.chart, &key)[0].entry
        }

        /// As if the server had everything in its log that is here now.
        fn hand_in(&mut self) {
            let (store, mut batch) = (&self.session.vault.store, Batch::new());
            for (index, row) in store.list(Kind::Entry, self.chart.as_bytes()).unwrap().iter().enumerate() {
                let (place, bytes) = split_entry_row(&row.value).unwrap();
                let place = Place { index: Some(index as u64), ..place };
                batch.put(Kind::Entry, &row.owner, &row.key, entry_row(place, bytes));
            }
            store.commit(&batch).unwrap();
            self.session.open.clear();
        }

        /// What is written from here on comes from another device.
        fn change_device(&mut self) {
            let org = self.session.vault.identity.org;
            let identity = Identity { org, device: DeviceId(random()), keys: DeviceKeys::generate(&mut rng()) };
            let enrolled = new_device(&identity, &self.session.ring.directory_key, "laptop");
            let act = Act::DeviceEnrol(enrolled);
            self.session.in_directory(Batch::new(), |session, batch| session.state(act.clone(), batch)).unwrap();
            self.session.vault.identity = identity;
        }

        fn delivery<const N: usize>(&mut self, entries: [EntryId; N]) -> [Delivery; N] {
            self.session.chart(self.chart).unwrap();
            let found = self.session.delivery(self.chart).unwrap();
            entries.map(|entry| found[&entry])
        }
    }

    #[test]
    fn an_entry_is_here_then_sent_then_seen() {
        let mut scene = Scene::new();
        let one = scene.put("one");
        assert_eq!(scene.delivery([one]), [Delivery::Here]);
        scene.hand_in();
        let two = scene.put("two");
        assert_eq!(scene.delivery([one, two]), [Delivery::Sent, Delivery::Here], "this device going on says nothing");
        scene.change_device();
        let three = scene.put("three");
        assert_eq!(scene.delivery([one, two, three]), [Delivery::Seen, Delivery::Seen, Delivery::Here]);
        // Its own device, a step further on, does not hide the other one.
        let four = scene.put("four");
        assert_eq!(scene.delivery([one, three, four]), [Delivery::Seen, Delivery::Here, Delivery::Here]);
    }

    #[test]
    fn what_the_server_refused_is_told_apart_from_what_waits() {
        let mut scene = Scene::new();
        let (one, two) = (scene.put("one"), scene.put("two"));
        let mut batch = Batch::new();
        batch.put(Kind::Outbox, scene.chart.as_bytes(), one.as_bytes(), vec![1]);
        batch.put(Kind::Outbox, scene.chart.as_bytes(), two.as_bytes(), Vec::new());
        scene.session.vault.store.commit(&batch).unwrap();
        assert_eq!(scene.delivery([one, two]), [Delivery::Refused, Delivery::Here]);
        scene.session.open.clear();
        assert!(matches!(scene.session.delivery(scene.chart), Err(Error::NoChart(_))));
    }
}
