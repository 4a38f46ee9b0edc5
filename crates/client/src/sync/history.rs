//! Parts of the log that were passed over: charts that this device wants from now on, and proofs of what others have seen.

use super::SyncReport;
use super::take::{Left, fold, left_out, other_object};
use super::transport::Transport;
use crate::chart::{Place, entry_row, split_entry_row};
use crate::{Error, Session};
use std::collections::{BTreeMap, BTreeSet};
use wardbook_core::chart::Arrival;
use wardbook_store::{Batch, Kind};
use wardbook_wire::exchange::{HistoryAnswer, HistoryRequest, SeenAnswer, SeenRequest};
use wardbook_wire::log::{Item, LeafKind, LogPoint, Range, Seen};
use wardbook_wire::{ChartId, Entry, EntryId};

/// Sizes that are asked for at once.
const SIZES_AT_ONCE: usize = 200;

impl Session {
    /// Fetches charts from their beginning, checked against the log as this device has it.
    pub(super) fn fetch_history(
        &mut self,
        link: &mut dyn Transport,
        charts: &BTreeSet<ChartId>,
        left: &mut Left,
        report: &mut SyncReport,
    ) -> Result<(), Error> {
        if charts.is_empty() {
            return Ok(());
        }
        let target = self.vault.sync_mut()?.state.range.clone();
        let generation = self.vault.sync_mut()?.state.generation;
        let (mut range, mut batch, mut counts) = (Range::default(), Batch::new(), BTreeMap::<ChartId, u64>::new());
        while range.size() < target.size() {
            let request = HistoryRequest {
                generation,
                from: range.size(),
                to: target.size(),
                charts: charts.iter().copied().collect(),
                teams: Vec::new(),
            };
            let answer: HistoryAnswer = self.exchange(link, "history", &request)?;
            report.round_trips += 1;
            let before = range.size();
            for item in &answer.items {
                let index = range.size();
                match item {
                    Item::Skip(subtree) => fold(&mut range, std::slice::from_ref(subtree))?,
                    Item::Leaf { leaf, object } => {
                        range.push_leaf(leaf);
                        let chart = ChartId(leaf.stream.0);
                        if leaf.kind != LeafKind::Entry || !charts.contains(&chart) {
                            continue;
                        }
                        let count = counts.entry(chart).or_default();
                        if leaf.seq != *count + 1 {
                            return Err(left_out()); // LOG-05
                        }
                        *count += 1;
                        let stored = self.vault.store.get(Kind::Entry, chart.as_bytes(), &leaf.id)?;
                        let own = stored.as_deref().and_then(|row| split_entry_row(row).ok()).map(|(_, bytes)| bytes);
                        let bytes = object.as_ref().map(|object| object.0.as_slice()).or(own).ok_or_else(left_out)?;
                        let entry = Entry::decode(bytes).map_err(|error| Error::cheat(&error.to_string()))?;
                        if entry.id().0 != leaf.id || entry.chart() != chart {
                            return Err(other_object()); // LOG-06
                        }
                        let position = self.vault.sync_mut()?.state.position_at(index);
                        let place = Place { index: Some(index), arrival: Arrival { position, late: leaf.late } };
                        batch.put(Kind::Entry, chart.as_bytes(), &leaf.id, entry_row(place, bytes));
                        batch.delete(Kind::Outbox, chart.as_bytes(), &leaf.id);
                        report.received += usize::from(stored.is_none());
                        entry.peek().seen.map(|seen| left.seen.insert(entry.id(), seen));
                        left.touched.insert(chart);
                    }
                }
            }
            if range.size() == before || range.size() > target.size() {
                return Err(Error::cheat("its log does not go on where it ended (LOG-03)"));
            }
        }
        if range != target {
            return Err(Error::cheat("its past is another one than this device has seen (LOG-03)"));
        }
        for (chart, count) in counts {
            batch.put(Kind::Stream, &[], chart.as_bytes(), count.to_be_bytes().to_vec());
        }
        Ok(self.vault.store.commit(&batch)?)
    }

    /// LOG-07: what authors had seen of the log is part of this one. If not, two groups were shown two logs, or somebody
    /// wrote down something that they had not seen; people have to find out which.
    pub(super) fn check_seen(
        &mut self,
        link: &mut dyn Transport,
        seen: BTreeMap<EntryId, Seen>,
        report: &mut SyncReport,
    ) -> Result<(), Error> {
        let state = &self.vault.sync_mut()?.state;
        let (generation, size) = (state.generation, state.range.size());
        let known: BTreeSet<LogPoint> = state.points.iter().copied().collect();
        let mut open = BTreeMap::<LogPoint, EntryId>::new();
        for (entry, seen) in seen {
            if seen.generation == generation && seen.point.size > 0 && !known.contains(&seen.point) {
                open.entry(seen.point).or_insert(entry);
            }
        }
        let mut wrong = Vec::new();
        let (inside, beyond): (Vec<_>, Vec<_>) = open.into_iter().partition(|(point, _)| point.size <= size);
        wrong.extend(beyond.into_iter().map(|(_, entry)| entry));
        for part in inside.chunks(SIZES_AT_ONCE) {
            let sizes = part.iter().map(|(point, _)| point.size).collect();
            let answer: SeenAnswer = self.exchange(link, "seen", &SeenRequest { generation, sizes, size })?;
            report.round_trips += 1;
            if answer.proofs.len() != part.len() {
                return Err(Error::cheat("it did not prove what was asked for (LOG-07)"));
            }
            let target = self.vault.sync_mut()?.state.range.clone();
            for ((point, entry), proof) in part.iter().zip(&answer.proofs) {
                let range = Range::from_parts(proof.range.size(), proof.range.peaks().to_vec());
                let proven = range
                    .filter(|range| range.point() == *point)
                    .is_some_and(|mut range| fold(&mut range, &proof.rest).is_ok() && range == target);
                if proven {
                    self.vault.sync_mut()?.state.note_point(*point);
                } else {
                    wrong.push(*entry); // LOG-07
                }
            }
        }
        for entry in wrong {
            let short: String = entry.to_string().chars().take(12).collect();
            self.vault.sync_mut()?.state.alarm(format!(
                "the author of entry {short} had seen another log than this device (LOG-07): the server may show different things to different \
                 people. Compare `wardbook verify --server` on both devices, and do not delete anything"
            ));
        }
        let mut batch = Batch::new();
        self.vault.write_sync(&mut batch);
        Ok(self.vault.store.commit(&batch)?)
    }
}
