//! Which charts this device holds, and what became of them by a sync.

use super::take::no_server;
use super::{SyncProgress, SyncReport};
use crate::catalogue::put_blank_cover;
use crate::chart::{Chart, load_log};
use crate::{Error, Session};
use std::collections::BTreeSet;
use wardbook_store::{Batch, Kind};
use wardbook_wire::exchange::Want;
use wardbook_wire::{ChartId, TeamId};

/// Charts whose lists are written at once.
const CHARTS_AT_ONCE: usize = 200;

/// Which charts a device holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caseload {
    All,
    /// These, and all that these teams were given.
    Some {
        charts: Vec<ChartId>,
        teams: Vec<TeamId>,
    },
}

impl Session {
    /// Brings the list of charts up to date where entries came.
    pub(super) fn list_touched(
        &mut self,
        touched: &BTreeSet<ChartId>,
        report: &mut SyncReport,
        progress: &mut dyn FnMut(&SyncProgress),
    ) -> Result<(), Error> {
        let (mut batch, mut done) = (Batch::new(), 0);
        self.open.retain(|id, _| !touched.contains(id));
        for id in touched {
            match Chart::load(self, *id) {
                Ok(chart) => {
                    report.conflicts += chart.conflicts().iter().map(|held| held.conflicts.len()).sum::<usize>();
                    report.quarantined += chart.waiting();
                    report.passed_over += chart.passed_over();
                    self.put_cover(&chart, &mut batch);
                    self.list_again(&chart);
                }
                Err(Error::NoChart(_)) => {
                    self.list_no_more(id);
                    let (log, _) = load_log(&self.vault, *id)?;
                    if log.entries().next().is_none() {
                        continue; // It has left the caseload, or nothing of it counts.
                    }
                    report.quarantined += log.quarantined().count();
                    put_blank_cover(&log, &mut batch);
                }
                Err(error) => return Err(error),
            }
            done += 1;
            if done % CHARTS_AT_ONCE == 0 {
                self.vault.store.commit(&std::mem::take(&mut batch))?;
                progress(&SyncProgress { charts: done, received: report.received, ..SyncProgress::default() });
            }
        }
        Ok(self.vault.store.commit(&batch)?)
    }

    /// # Errors
    /// No server.
    pub fn caseload(&self) -> Result<Caseload, Error> {
        let sync = self.vault.sync.as_ref().ok_or_else(no_server)?;
        Ok(match &sync.state.want {
            Want::All => Caseload::All,
            Want::Some { charts, teams } => Caseload::Some { charts: charts.clone(), teams: teams.clone() },
        })
    }

    /// Chooses what this device holds from its next sync on, which fetches what is missing and removes the rest.
    ///
    /// # Errors
    /// No server; the disk's.
    pub fn set_caseload(&mut self, caseload: Caseload) -> Result<(), Error> {
        self.vault.sync_mut()?.state.want = match caseload {
            Caseload::All => Want::All,
            Caseload::Some { mut charts, mut teams } => {
                // The organisation's own chart names the people and places that all charts refer to.
                teams.push(crate::create::EVERYONE);
                charts.sort_unstable();
                charts.dedup();
                teams.sort_unstable();
                teams.dedup();
                Want::Some { charts, teams }
            }
        };
        self.vault.sync_mut()?.state.widened = true;
        let mut batch = Batch::new();
        self.vault.write_sync(&mut batch);
        Ok(self.vault.store.commit(&batch)?)
    }

    /// Removes a chart from this device, with its attachments; the server keeps it.
    ///
    /// # Errors
    /// Something of it has not been handed in yet; it belongs to the caseload.
    pub fn evict(&mut self, chart: ChartId) -> Result<(), Error> {
        if self.has_unsent(chart)? {
            return Err(Error::Conflict(
                "something in this chart, an entry or an attachment, has not reached the server: run `wardbook sync` first, which \
                 names what it does not take"
                    .into(),
            ));
        }
        if self.is_wanted(chart)? {
            return Err(Error::Conflict(
                "this chart belongs to the caseload of this device and would come back: change that first with `wardbook device caseload`".into(),
            ));
        }
        self.remove_chart(chart)?;
        self.sweep_blobs()
    }

    /// Removes what does not belong to the caseload any more: what is not kept up to date must not be taken for current.
    pub(super) fn evict_unwanted(&mut self) -> Result<(), Error> {
        if self.vault.sync_mut()?.state.want == Want::All {
            return Ok(());
        }
        for chart in self.chart_ids()? {
            if !self.is_wanted(chart)? && !self.has_unsent(chart)? {
                self.remove_chart(chart)?;
            }
        }
        Ok(())
    }

    /// An attachment has reached the server before the entry that names it leaves the outbox. What a bundle brought and waits
    /// for others may be nowhere else, too.
    fn has_unsent(&self, chart: ChartId) -> Result<bool, Error> {
        for kind in [Kind::Outbox, Kind::Pending] {
            if !self.vault.store.list(kind, chart.as_bytes())?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_wanted(&self, chart: ChartId) -> Result<bool, Error> {
        match &self.vault.sync.as_ref().ok_or_else(no_server)?.state.want {
            Want::All => Ok(true),
            Want::Some { charts, teams } => Ok(charts.contains(&chart) || self.is_of_teams(chart, teams)?),
        }
    }

    /// Its attachments go with the next sweep, which the note asks for before any entry is gone.
    fn remove_chart(&mut self, chart: ChartId) -> Result<(), Error> {
        self.ask_for_sweep()?;
        let store = &self.vault.store;
        let mut batch = Batch::new();
        for kind in [Kind::Entry, Kind::Pending] {
            for row in store.list(kind, chart.as_bytes())? {
                batch.delete(kind, chart.as_bytes(), &row.key);
            }
        }
        batch.delete(Kind::Cover, &[], chart.as_bytes());
        batch.delete(Kind::Stream, &[], chart.as_bytes());
        for member in store.owners(Kind::ChartKeys)? {
            batch.delete(Kind::ChartKeys, &member, chart.as_bytes());
        }
        store.commit(&batch)?;
        self.open.remove(&chart);
        self.catalogue = None;
        Ok(())
    }

    /// True if one of these teams was ever given the chart, as the server reckons it.
    fn is_of_teams(&self, chart: ChartId, teams: &[TeamId]) -> Result<bool, Error> {
        let (log, _) = load_log(&self.vault, chart)?;
        let mut grants = log.entries().flat_map(|(entry, _)| &entry.header().grants);
        Ok(grants.any(|grant| matches!(grant.to, wardbook_wire::Grantee::Team(team) if teams.contains(&team))))
    }
}
