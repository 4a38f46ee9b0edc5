//! Parts of the log that were passed over: charts that this device wants from now on, and proofs of what others have seen.

use super::SyncReport;
use super::take::{Left, check_entry, fold, left_out};
use super::transport::Transport;
use crate::chart::{Place, entry_row, split_entry_row};
use crate::{Error, Session};
use std::collections::BTreeMap;
use wardbook_core::chart::Arrival;
use wardbook_store::{Batch, Kind};
use wardbook_wire::ChartId;
use wardbook_wire::exchange::{HistoryAnswer, HistoryRequest, SeenAnswer, SeenProof, SeenRequest, Want};
use wardbook_wire::log::{Item, LeafKind, LogPoint, Range};

/// Charts on their way.
struct Fetch {
    range: Range,
    counts: BTreeMap<ChartId, u64>,
    /// Written once all of it is proven.
    batch: Batch,
}

/// Sizes that are asked for at once.
const SIZES_AT_ONCE: usize = 200;

impl Session {
    /// Fetches charts from their beginning, checked against the log as this device has it: nothing of it stays unless all
    /// of it fits.
    pub(super) fn fetch_history(
        &mut self,
        link: &mut dyn Transport,
        wanted: &Want,
        left: &mut Left,
        report: &mut SyncReport,
    ) -> Result<(), Error> {
        let (charts, teams) = match wanted {
            Want::All => (Vec::new(), Vec::new()),
            Want::Some { charts, teams } => (charts.clone(), teams.clone()),
        };
        let all = *wanted == Want::All;
        if !all && charts.is_empty() && teams.is_empty() {
            return Ok(());
        }
        let target = self.vault.sync_mut()?.state.range.clone();
        let generation = self.vault.sync_mut()?.state.generation;
        let mut fetch = Fetch { range: Range::default(), counts: BTreeMap::new(), batch: Batch::new() };
        while fetch.range.size() < target.size() {
            let (from, to) = (fetch.range.size(), target.size());
            let (charts, teams) = (charts.clone(), teams.clone());
            let request = HistoryRequest { generation, from, to, charts, teams, all };
            let answer: HistoryAnswer = self.exchange(link, "history", &request)?;
            report.round_trips += 1;
            self.take_history(&answer, &mut fetch, left, report)?;
            if fetch.range.size() == from || fetch.range.size() > to {
                return Err(Error::cheat("its log does not go on where it ended (LOG-03)"));
            }
        }
        if fetch.range != target {
            return Err(Error::cheat("its past is another one than this device has seen (LOG-03)"));
        }
        let mut batch = fetch.batch;
        for (chart, count) in fetch.counts {
            batch.put(Kind::Stream, &[], chart.as_bytes(), count.to_be_bytes().to_vec());
        }
        self.vault.write_sync(&mut batch);
        Ok(self.vault.store.commit(&batch)?)
    }

    fn take_history(
        &mut self,
        answer: &HistoryAnswer,
        fetch: &mut Fetch,
        left: &mut Left,
        report: &mut SyncReport,
    ) -> Result<(), Error> {
        for item in &answer.items {
            let index = fetch.range.size();
            let (leaf, object) = match item {
                Item::Skip(subtree) => {
                    fold(&mut fetch.range, std::slice::from_ref(subtree))?;
                    continue;
                }
                Item::Leaf { leaf, object } => (leaf, object),
            };
            fetch.range.push_leaf(leaf);
            if leaf.kind != LeafKind::Entry {
                continue;
            }
            let chart = ChartId(leaf.stream.0);
            let count = fetch.counts.entry(chart).or_default();
            if leaf.seq != *count + 1 {
                return Err(left_out()); // LOG-05
            }
            *count += 1;
            let stored = self.vault.store.get(Kind::Entry, chart.as_bytes(), &leaf.id)?;
            let own = stored.as_deref().and_then(|row| split_entry_row(row).ok()).map(|(_, bytes)| bytes);
            let bytes = object.as_ref().map(|object| object.0.as_slice()).or(own).ok_or_else(left_out)?;
            let entry = check_entry(&self.vault.directory, leaf, bytes)?;
            let position = self.vault.sync_mut()?.state.position_at(index);
            let place = Place { index: Some(index), arrival: Arrival { position, late: leaf.late } };
            fetch.batch.put(Kind::Entry, chart.as_bytes(), &leaf.id, entry_row(place, bytes));
            fetch.batch.delete(Kind::Outbox, chart.as_bytes(), &leaf.id);
            report.received += usize::from(stored.is_none());
            if let Some(seen) = entry.peek().seen {
                self.vault.sync_mut()?.state.note_unproven(entry.id(), entry.peek().author, seen);
            }
            fetch.batch.delete(Kind::Cover, &[], chart.as_bytes());
            left.touched.insert(chart);
        }
        Ok(())
    }

    /// LOG-07: what authors had seen of the log is part of this one. If not, two groups were shown two logs, or somebody
    /// wrote down something that they had not seen; people have to find out which.
    pub(super) fn check_seen(&mut self, link: &mut dyn Transport, report: &mut SyncReport) -> Result<(), Error> {
        self.check_passed(link, report)?;
        let state = &mut self.vault.sync_mut()?.state;
        let (generation, size) = (state.generation, state.range.size());
        // They stay until all are answered: a server that does not answer is asked again.
        let open = state.unproven.iter().copied().filter(|held| held.seen.generation == generation);
        let (inside, mut wrong): (Vec<_>, Vec<_>) = open.partition(|held| held.seen.point.size <= size);
        for part in inside.chunks(SIZES_AT_ONCE) {
            let sizes = part.iter().map(|held| held.seen.point.size).collect();
            let answer: SeenAnswer = self.exchange(link, "seen", &SeenRequest { generation, sizes, size })?;
            report.round_trips += 1;
            if answer.proofs.len() != part.len() {
                return Err(Error::cheat("it did not prove what was asked for (LOG-07)"));
            }
            let target = self.vault.sync_mut()?.state.range.clone();
            for (held, proof) in part.iter().zip(&answer.proofs) {
                if proves(proof, &held.seen.point, &target) {
                    self.vault.sync_mut()?.state.note_point(held.seen.point);
                } else {
                    wrong.push(*held); // LOG-07
                }
            }
        }
        self.vault.sync_mut()?.state.unproven.clear();
        for held in wrong {
            let short: String = held.entry.to_string().chars().take(12).collect();
            let what = format!(
                "the author of entry {short} had seen another log than this device (LOG-07): the server may show different things to different \
                 people. Compare `wardbook verify --server` on both devices, and do not delete anything"
            );
            self.vault.sync_mut()?.state.alarm(held.author, what);
        }
        let mut batch = Batch::new();
        self.vault.write_sync(&mut batch);
        Ok(self.vault.store.commit(&batch)?)
    }

    /// What a newcomer was shown when they joined is part of the log that they follow.
    fn check_passed(&mut self, link: &mut dyn Transport, report: &mut SyncReport) -> Result<(), Error> {
        let state = &self.vault.sync_mut()?.state;
        let Some(point) = state.passed else { return Ok(()) };
        let (generation, target) = (state.generation, state.range.clone());
        let (sizes, size) = (vec![point.size], target.size());
        let answer: SeenAnswer = self.exchange(link, "seen", &SeenRequest { generation, sizes, size })?;
        report.round_trips += 1;
        if !answer.proofs.first().is_some_and(|proof| proves(proof, &point, &target)) {
            return Err(Error::cheat("its log is another one than it showed to the newcomer (LOG-03)"));
        }
        self.vault.sync_mut()?.state.passed = None;
        Ok(())
    }
}

/// A log of that point is the beginning of the target.
fn proves(proof: &SeenProof, point: &LogPoint, target: &Range) -> bool {
    let range = Range::from_parts(proof.range.size(), proof.range.peaks().to_vec());
    range
        .filter(|range| range.point() == *point)
        .is_some_and(|mut range| fold(&mut range, &proof.rest).is_ok() && range == *target)
}
