//! What speaks against the server or a member. An alarm stays until somebody has acknowledged it, and can be looked up
//! after that too.

use super::SyncState;
use super::take::no_server;
use crate::{Error, Session, Vault, now_ms};
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;
use wardbook_store::Batch;
use wardbook_wire::MemberId;

/// Open alarms about entries of one author, and as many that were acknowledged. Whoever writes down many things that
/// are false fills a share of their own, and pushes out nothing about others or the server.
const ALARMS_OF_ONE: usize = 5;
/// Alarms in all: the shares of a hundred authors, and more than people read.
const ALARMS_KEPT: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Alarm {
    #[n(0)]
    pub what: String,
    /// Who signed the entry that it is about; none where it is about the server alone, or not known.
    #[n(1)]
    pub author: Option<MemberId>,
    #[n(2)]
    pub acknowledged: Option<Acknowledged>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Acknowledged {
    #[n(0)]
    pub by: MemberId,
    /// By this device's clock, in milliseconds since 1970.
    #[n(1)]
    pub time_ms: i64,
}

/// An alarm that somebody has acknowledged, for showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcknowledgedAlarm {
    pub what: String,
    /// User name.
    pub by: String,
    /// In milliseconds since 1970.
    pub time_ms: i64,
}

impl SyncState {
    /// Keeps an alarm, unless it is known or there are enough about that author.
    pub fn alarm(&mut self, author: Option<MemberId>, what: String) {
        let alarms = self.alarms.get_or_insert_default();
        let open = alarms.iter().filter(|held| held.author == author && held.acknowledged.is_none()).count();
        if open >= ALARMS_OF_ONE || alarms.iter().any(|held| held.what == what) {
            return;
        }
        // What people have seen makes room for what they have not.
        if alarms.len() >= ALARMS_KEPT
            && let Some(at) = alarms.iter().position(|held| held.acknowledged.is_some())
        {
            alarms.remove(at);
        }
        if alarms.len() < ALARMS_KEPT {
            alarms.push(Alarm { what, author, acknowledged: None });
        }
    }

    /// Those that nobody has acknowledged.
    pub fn open_alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter().flatten().filter(|alarm| alarm.acknowledged.is_none())
    }

    /// Acknowledges all of them, and keeps the latest about each author; gives how many were open.
    fn acknowledge(&mut self, by: MemberId, time_ms: i64) -> usize {
        let (alarms, mut open) = (self.alarms.get_or_insert_default(), 0);
        for alarm in alarms.iter_mut().filter(|alarm| alarm.acknowledged.is_none()) {
            alarm.acknowledged = Some(Acknowledged { by, time_ms });
            open += 1;
        }
        let mut about = BTreeMap::<_, usize>::new();
        alarms.reverse();
        alarms.retain(|alarm| {
            let count = about.entry(alarm.author).or_default();
            *count += 1;
            *count <= ALARMS_OF_ONE
        });
        alarms.reverse();
        open
    }
}

impl Vault {
    /// What speaks against the server or a member, and nobody has acknowledged; nothing without a server.
    pub fn alarms(&self) -> Vec<String> {
        let open = self.sync.iter().flat_map(|sync| sync.state.open_alarms());
        open.map(|alarm| alarm.what.clone()).collect()
    }
}

impl Session {
    /// Syncs show the alarms of this device no more, [`Session::verify_server`] still does; gives how many were open.
    ///
    /// # Errors
    /// No server; the disk's.
    pub fn acknowledge_alarms(&mut self) -> Result<usize, Error> {
        let (me, time_ms) = (self.me(), now_ms());
        let count = self.vault.sync_mut()?.state.acknowledge(me, time_ms);
        let mut batch = Batch::new();
        self.vault.write_sync(&mut batch);
        self.vault.store.commit(&batch)?;
        Ok(count)
    }

    /// Those that somebody has acknowledged on this device, oldest first.
    pub(super) fn acknowledged_alarms(&self) -> Result<Vec<AcknowledgedAlarm>, Error> {
        let state = &self.vault.sync.as_ref().ok_or_else(no_server)?.state;
        let shown = state.alarms.iter().flatten().filter_map(|alarm| {
            let Acknowledged { by, time_ms } = alarm.acknowledged?;
            Some(AcknowledgedAlarm { what: alarm.what.clone(), by: self.member_name(&by).0, time_ms })
        });
        Ok(shown.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng;
    use wardbook_core::keys::SiteKey;
    use wardbook_store::Store;

    fn open(state: &SyncState) -> Vec<&str> {
        state.open_alarms().map(|alarm| alarm.what.as_str()).collect()
    }

    /// LOG-07: a member who writes down a thousand points that are false hides nothing by it.
    #[test]
    fn log_07_nobody_pushes_out_an_alarm_about_somebody_else() {
        let member = |number| Some(MemberId([number; 16]));
        let mut state = SyncState::new(String::new(), String::new());
        (0..1000).for_each(|number| state.alarm(member(1), format!("hostile {number}")));
        state.alarm(member(2), "another".into());
        state.alarm(None, "the server".into());
        assert_eq!(open(&state).len(), ALARMS_OF_ONE + 2);
        assert!(open(&state).contains(&"another") && open(&state).contains(&"the server"));

        // Acknowledged, they are known; what comes after that is told again, and takes the place of the oldest in time.
        assert_eq!(state.acknowledge(MemberId([3; 16]), 7), ALARMS_OF_ONE + 2);
        state.alarm(member(1), "hostile 0".into());
        assert!(open(&state).is_empty());
        (0..1000).for_each(|number| state.alarm(member(1), format!("later {number}")));
        assert_eq!(open(&state).len(), ALARMS_OF_ONE);
        state.acknowledge(MemberId([3; 16]), 8);
        let kept: Vec<_> = state.alarms.iter().flatten().map(|alarm| alarm.what.as_str()).collect();
        assert_eq!(kept, ["another", "the server", "later 0", "later 1", "later 2", "later 3", "later 4"]);

        // However many authors there are.
        (10..=255).for_each(|number| (0..9).for_each(|at| state.alarm(member(number), format!("{number} {at}"))));
        assert_eq!(state.alarms.iter().flatten().count(), ALARMS_KEPT);
    }

    #[test]
    fn alarms_that_an_older_version_kept_are_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let (store, site) = (Store::create(folder.path()).unwrap(), SiteKey::generate(&mut rng()));
        let mut state = SyncState::new(String::new(), String::new());
        state.old_alarms.push("from before".into());
        let mut batch = Batch::new();
        state.write(&site, &mut batch);
        store.commit(&batch).unwrap();
        let read = SyncState::read(&site, &store).unwrap().unwrap();
        assert_eq!((open(&read), read.old_alarms.len()), (vec!["from before"], 0));
    }
}
