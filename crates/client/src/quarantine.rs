//! Entries in quarantine: what came after its author had lost access, or after the end of its lease. They are kept, shown to
//! officers and to who manages the chart, and count or are set aside as those decide. What was set aside can still be
//! admitted, by its name.

use crate::chart::{Chart, load_log};
use crate::{Error, Session};
use wardbook_core::chart::Standing;
use wardbook_store::Batch;
use wardbook_wire::entry::PARENTS_MAX;
use wardbook_wire::{Access, ChartId, EntryId, EntryKind, MemberId, Role};

/// An entry that waits for an officer or somebody who manages its chart, or that waited until one of them decided.
#[derive(Clone, Debug)]
pub struct Quarantined {
    pub chart: ChartId,
    pub entry: EntryId,
    pub author: MemberId,
    pub kind: EntryKind,
    /// It came after the end of its lease; otherwise after its author had lost access.
    pub late: bool,
    /// When its author made it, by the clock of their device; None where this member cannot open it.
    pub time_ms: Option<i64>,
    /// The resources that it changes, as `Type/id`.
    pub resources: Vec<String>,
    /// None while it waits.
    pub decision: Option<Decision>,
}

/// What was decided last about an entry that was in quarantine.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// It counts; otherwise it was set aside.
    pub admitted: bool,
    pub by: MemberId,
    /// By the clock of the device where it was decided; None where this member cannot open it, and where an officer
    /// decided without being able to open the chart, which leaves nothing to seal a time with.
    pub time_ms: Option<i64>,
}

impl Session {
    /// Entries in quarantine, in the charts of this device that this member may settle.
    ///
    /// # Errors
    /// Damage.
    pub fn quarantine(&mut self) -> Result<Vec<Quarantined>, Error> {
        let charts = self.charts_with_waiting()?;
        let mut found = self.quarantined_in(charts)?;
        found.retain(|held| held.decision.is_none());
        Ok(found)
    }

    /// The same, with what has been decided since. It reads every chart of this device.
    ///
    /// # Errors
    /// Damage.
    pub fn quarantine_with_decided(&mut self) -> Result<Vec<Quarantined>, Error> {
        let charts = self.chart_ids()?;
        self.quarantined_in(charts)
    }

    fn quarantined_in(&self, charts: impl IntoIterator<Item = ChartId>) -> Result<Vec<Quarantined>, Error> {
        let officer = self.role() == Some(Role::Officer);
        let mut found = Vec::new();
        for id in charts {
            let chart = match Chart::load(self, id) {
                Ok(chart) => chart,
                Err(Error::NoChart(_)) if officer => {
                    Chart::assemble(load_log(&self.vault, id)?.0, [].into(), Vec::new())
                }
                Err(Error::NoChart(_)) => continue,
                Err(error) => return Err(error),
            };
            for (entry, standing) in chart.log.entries() {
                let decided = chart.log.decided_by(&entry.id());
                if standing != Standing::Quarantined && decided.is_none() {
                    continue;
                }
                let opened = chart.peek_body(entry);
                found.push(Quarantined {
                    chart: id,
                    entry: entry.id(),
                    author: entry.header().author,
                    kind: entry.header().kind,
                    late: chart.log.came_late(&entry.id()),
                    time_ms: opened.as_ref().map(|body| body.time_ms),
                    resources: opened
                        .map(|body| {
                            body.changes.iter().map(|change| format!("{}/{}", change.kind, change.id)).collect()
                        })
                        .unwrap_or_default(),
                    decision: decided.map(|by| Decision {
                        admitted: standing == Standing::Counts,
                        by: by.header().author,
                        time_ms: chart.peek_body(by).map(|body| body.time_ms),
                    }),
                });
            }
        }
        Ok(found)
    }

    /// Lets changes count that wait in a chart, all of them or these, which may have been set aside before; gives how
    /// many there were.
    ///
    /// # Errors
    /// [`Error::NoRight`] for who neither manages the chart nor is an officer.
    pub fn admit(&mut self, id: ChartId, only: Option<&[EntryId]>) -> Result<usize, Error> {
        self.settle(id, only, EntryKind::Admit)
    }

    /// Sets what waits in a chart aside, all of it or these; it is kept, and can still be admitted.
    ///
    /// # Errors
    /// As [`Session::admit`].
    pub fn reject(&mut self, id: ChartId, only: Option<&[EntryId]>) -> Result<usize, Error> {
        self.settle(id, only, EntryKind::Reject)
    }

    fn settle(&mut self, id: ChartId, only: Option<&[EntryId]>, kind: EntryKind) -> Result<usize, Error> {
        let officer = self.role() == Some(Role::Officer);
        let mut chart = match self.take_chart(id) {
            // An officer settles it without being able to read it.
            Err(Error::NoChart(_)) if officer => Chart::assemble(load_log(&self.vault, id)?.0, [].into(), Vec::new()),
            chart => chart?,
        };
        if !officer {
            self.require(&chart, Access::Manage)?;
        }
        let settled = chart.log.entries().filter(|(entry, standing)| {
            let waits = *standing == Standing::Quarantined
                || (*standing == Standing::Rejected && kind == EntryKind::Admit && only.is_some());
            let may = kind == EntryKind::Reject || entry.header().kind == EntryKind::Change;
            waits && may && only.is_none_or(|only| only.contains(&entry.id()))
        });
        let waiting: Vec<_> = settled.map(|(entry, _)| entry.id()).collect();
        let mut batch = Batch::new();
        let room = PARENTS_MAX - chart.log.parents().len().min(PARENTS_MAX / 2);
        for part in waiting.chunks(room) {
            let access = chart.log.access();
            let check = access.current_keys().next().ok_or_else(|| Error::damaged("the key of this chart"))?;
            let mut header = self.header_after(&chart.log, kind, check);
            header.parents.truncate(PARENTS_MAX / 2);
            header.parents.extend(part);
            header.parents.sort_unstable();
            let entry = match self.current_key(&chart) {
                Ok(key) => self.sign(header, &key, &[])?.1,
                // Without the key there is nothing to seal with, and nothing to say.
                Err(_) => self
                    .ring
                    .keys
                    .signing
                    .sign_entry(header, Vec::new())
                    .map_err(|error| Error::Invalid(error.to_string()))?,
            };
            self.add_entry(&mut chart, (0, entry), Vec::new(), &mut batch)?;
        }
        self.vault.store.commit(&batch)?;
        // Read again with what counts now.
        match Chart::load(self, id) {
            Ok(chart) => self.finish(chart, Batch::new())?,
            Err(Error::NoChart(_)) => {
                let mut batch = Batch::new();
                crate::catalogue::put_blank_cover(&load_log(&self.vault, id)?.0, &mut batch);
                self.vault.store.commit(&batch)?;
            }
            Err(error) => return Err(error),
        }
        Ok(waiting.len())
    }
}
