//! What was acknowledged, kept apart from every device: the ledger of writes, and who was given which chart. It reads the
//! signed headers that were written, never what a client concludes from them.

use crate::chance::Chance;
use std::collections::{BTreeMap, BTreeSet};
use wardbook_client::record::resource::ResourceKey;
use wardbook_store::Row;
use wardbook_wire::{Access, ChartId, Entry, EntryHeader, EntryId, EntryKind, Grantee};

/// An entry on a disk, with its place in the log.
pub struct HeldEntry {
    pub id: EntryId,
    /// The server took it after its lease had ended.
    pub late: bool,
    pub header: EntryHeader,
}

impl HeldEntry {
    /// Reads `index(8) ‖ late(1) ‖ position(8) ‖ entry`.
    pub fn read(row: &Row) -> Option<Self> {
        let (_, rest) = row.value.split_first_chunk::<8>()?;
        let (late, rest) = rest.split_first()?;
        let (_, bytes) = rest.split_first_chunk::<8>()?;
        let entry = Entry::decode(bytes).ok()?;
        Some(Self { id: entry.id(), late: *late != 0, header: entry.peek().clone() })
    }
}

/// True for a row whose entry is known to be in the server's log.
pub fn is_logged(row: &Row) -> bool {
    row.value.first_chunk::<8>().is_some_and(|index| *index != u64::MAX.to_be_bytes())
}

/// A write that was acknowledged.
#[derive(Clone, Debug)]
pub struct Written {
    pub device: usize,
    pub chart: usize,
    pub key: ResourceKey,
    pub entry: EntryId,
    /// In the content; empty for a deletion.
    pub marker: String,
    /// False once what held it was destroyed before it could be handed in.
    pub required: bool,
    /// False once the disk of its device was put back to before it.
    pub kept: bool,
}

pub struct ChartModel {
    pub id: ChartId,
    pub keys: Vec<ResourceKey>,
    /// As the last grant or rekey that was written has it.
    pub grants: BTreeMap<Grantee, Access>,
    /// Genesis, grants and rekeys, in the order in which they were written.
    pub turns: Vec<EntryId>,
    /// Access was changed by somebody who did not know of another change: the protocol decides, not this model.
    pub disputed: bool,
    /// A rekey has taken something from somebody.
    pub narrowed: bool,
    known: BTreeSet<EntryId>,
}

#[derive(Default)]
pub struct Model {
    pub charts: Vec<ChartModel>,
    pub ledger: Vec<Written>,
    /// Somebody or something may have lost rights so far.
    pub losses: bool,
    numbers: u64,
}

impl Model {
    /// A number that was never given before.
    pub fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// A chart that was just opened with these entries.
    pub fn add_chart(&mut self, id: ChartId, key: ResourceKey, rows: &[Row]) -> usize {
        self.charts.push(ChartModel {
            id,
            keys: vec![key],
            grants: BTreeMap::new(),
            turns: Vec::new(),
            disputed: false,
            narrowed: false,
            known: BTreeSet::new(),
        });
        let chart = self.charts.len() - 1;
        self.note(chart, rows);
        chart
    }

    /// A resource of a chart, sometimes one that is not there yet.
    pub fn target(&mut self, chart: usize, chance: &mut Chance) -> Option<(ChartId, ResourceKey)> {
        let fresh = chance.happens(250).then(|| format!("o{}", self.number()));
        let held = self.charts.get_mut(chart)?;
        if let Some(id) = fresh.filter(|_| held.keys.len() < 8) {
            held.keys.push(ResourceKey { kind: "Observation".to_owned(), id });
            return held.keys.last().map(|key| (held.id, key.clone()));
        }
        chance.pick(&held.keys).map(|key| (held.id, key.clone()))
    }

    /// Takes note of entries that a device has written, from the rows of its disk: call it before the device syncs again.
    pub fn note(&mut self, chart: usize, rows: &[Row]) {
        let Some(chart) = self.charts.get_mut(chart) else { return };
        let held: BTreeSet<EntryId> = rows.iter().filter_map(|row| EntryId::from_slice(&row.key)).collect();
        let mut fresh: Vec<_> = rows
            .iter()
            .filter(|row| EntryId::from_slice(&row.key).is_some_and(|id| !chart.known.contains(&id)))
            .filter_map(HeldEntry::read)
            .collect();
        // One write makes a rekey and a change at most; the rekey comes first.
        fresh.sort_by_key(|entry| entry.header.epoch);
        for entry in fresh {
            chart.known.insert(entry.id);
            if !matches!(entry.header.kind, EntryKind::Genesis | EntryKind::Grant | EntryKind::Rekey) {
                continue;
            }
            chart.disputed |= chart.turns.iter().any(|turn| !held.contains(turn));
            chart.turns.push(entry.id);
            let before = chart.grants.clone();
            if entry.header.kind != EntryKind::Grant {
                chart.grants.clear();
            }
            for grant in &entry.header.grants {
                let access = chart.grants.entry(grant.to).or_insert(grant.access);
                *access = (*access).max(grant.access);
            }
            chart.narrowed |= before.iter().any(|(to, access)| chart.grants.get(to) < Some(access));
        }
    }

    /// A device loses what is neither in the log nor on what is left of its disk, and nobody can ask for it any more.
    pub fn forget_unsent(&mut self, device: usize, is_safe: impl Fn(ChartId, EntryId) -> bool) {
        for written in self.ledger.iter_mut().filter(|written| written.device == device && written.required) {
            let chart = self.charts.get(written.chart).map(|chart| chart.id);
            written.required = chart.is_some_and(|chart| is_safe(chart, written.entry));
        }
    }

    /// The disk of a device was put back: what is neither on it nor in the log is lost.
    pub fn put_back(
        &mut self,
        device: usize,
        on_disk: impl Fn(ChartId, EntryId) -> bool,
        in_log: impl Fn(EntryId) -> bool,
    ) {
        for written in self.ledger.iter_mut().filter(|written| written.device == device) {
            let chart = self.charts.get(written.chart).map(|chart| chart.id);
            written.kept &= chart.is_some_and(|chart| on_disk(chart, written.entry));
            written.required &= written.kept || in_log(written.entry);
        }
    }
}
