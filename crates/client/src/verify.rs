//! Checking the whole vault: every signature, hash, right and box that this member can check.

use crate::chart::{Chart, Problem, load_log};
use crate::vault::read_directory;
use crate::{Error, Session};
use std::collections::{BTreeMap, BTreeSet};
use wardbook_core::chart::open_chart_keys;
use wardbook_store::Kind;
use wardbook_wire::ChartId;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is damaged, in words.
    pub what: String,
    pub reason: String,
}

/// What was checked and what was found.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    pub statements: u64,
    pub slots: u64,
    pub charts: u64,
    /// Charts whose content this member could check too.
    pub charts_opened: u64,
    pub entries: u64,
    pub resources: u64,
    /// Entries that wait for admission, or for others to arrive.
    pub waiting: u64,
    pub findings: Vec<Finding>,
}

impl Session {
    /// Reads and checks everything in the vault folder.
    ///
    /// # Errors
    /// Those of the disk; damage is in the report.
    pub fn verify(&mut self, progress: &mut dyn FnMut(u64)) -> Result<Verification, Error> {
        let mut done = Verification::default();
        let stored = self.vault.store.check()?;
        let copies = [("vault.db", Some(stored.main_faults)), ("mirror.db", stored.mirror_faults)];
        for (name, faults) in copies {
            match faults {
                Some(0) => {}
                Some(faults) => done
                    .find(name, format!("{faults} damaged places; the next command rebuilds it from the other copy")),
                None => done.find(name, "there is no second copy, for lack of disk space".to_owned()),
            }
        }
        match read_directory(&self.vault.store) {
            Ok(directory) => done.statements = directory.chain().len() as u64,
            Err(error) => done.find("the directory", error.to_string()),
        }
        for row in self.vault.store.list_whole(Kind::Slot, &[])? {
            match self.vault.verify_slot(&row.value) {
                Some(slot) if slot.lookup.0 == *row.key => done.slots += 1,
                _ => done.find("a slot", "it is not signed by a member of the organisation".to_owned()),
            }
        }
        // What cannot be listed is found below.
        let _ = self.write_missing_covers();
        for id in self.chart_ids()? {
            progress(done.charts);
            self.verify_chart(id, &mut done)?;
            done.charts += 1;
        }
        done.waiting += self.vault.store.list_all(Kind::Pending)?.len() as u64;
        Ok(done)
    }

    /// Every chart that has a cover or an entry.
    pub(crate) fn chart_ids(&self) -> Result<BTreeSet<ChartId>, Error> {
        let covers = self.vault.store.list_whole(Kind::Cover, &[])?.into_iter().map(|row| row.key);
        let entries = self.vault.store.owners(Kind::Entry)?;
        Ok(covers.chain(entries).filter_map(|id| ChartId::from_slice(&id)).collect())
    }

    fn verify_chart(&mut self, id: ChartId, done: &mut Verification) -> Result<(), Error> {
        let short = short(&id);
        let (log, problems) = load_log(&self.vault, id)?;
        done.find_problems(&short, &problems);
        // Whole entries that break a rule are in the server's log for good, whoever handed them in.
        let passed_over = !problems.is_empty() && problems.iter().all(|problem| !problem.broken);
        if log.entries().next().is_none() && !passed_over {
            done.find(&format!("chart {short}"), "none of its entries is whole".to_owned());
        }
        done.entries += log.entries().count() as u64;
        let directory = &self.vault.directory;
        if log.access().access_of(directory, self.me(), directory.now()).is_none() {
            return Ok(());
        }
        let mut keys = BTreeMap::new();
        open_chart_keys(&log, directory.org(), self.holder(), &mut keys);
        let chart = Chart::assemble(log, keys, Vec::new());
        done.find_problems(&short, chart.problems());
        done.waiting += chart.waiting() as u64;
        done.charts_opened += 1;
        done.resources += chart.len() as u64;
        if !self.cover_is_right(&chart)? {
            done.find(&format!("chart {short}"), "its cover sheet and its records differ: an entry may be missing; a bundle of another device would bring it back".to_owned());
        }
        Ok(())
    }
}

impl Verification {
    fn find(&mut self, what: &str, reason: String) {
        self.findings.push(Finding { what: what.to_owned(), reason });
    }

    fn find_problems(&mut self, chart: &str, problems: &[Problem]) {
        for problem in problems.iter().filter(|problem| problem.broken) {
            let entry = problem.entry.as_ref().map(short).unwrap_or_default();
            self.find(&format!("chart {chart}, entry {entry}"), problem.reason.clone());
        }
    }
}

/// Enough of an id to tell objects of one vault apart.
fn short(id: &impl std::fmt::Display) -> String {
    id.to_string().chars().take(12).collect()
}
