//! What a device gets: the wanted leaves with their objects, and roots of subtrees for the stretches between them.
//!
//! ```text
//! leaves      0 1 2 3 4 5 6 7 8 9
//! wanted      . . . . # . . # . .        from 0: Skip(0..4) Leaf 4 Skip(5) Skip(6) Leaf 7 Skip(8..10)
//! ```
//!
//! The cost depends on what is handed out and on what is wanted, not on the length of the log: where the stretch is long
//! and few streams are wanted, those are looked up one by one; else the stretch is walked.

use crate::ServerError;
use crate::log::{self, Row};
use rusqlite::Connection;
use std::collections::{BTreeSet, BinaryHeap};
use wardbook_wire::exchange::{ANSWER_BYTES, ITEMS_MAX, Want};
use wardbook_wire::log::{Item, LeafKind, ObjectBytes, StreamId, Subtree, cover};
use wardbook_wire::{ChartId, DeviceId, OrgId, TeamId};

/// Looking up one stream costs about as much as walking over so many leaves.
const LEAVES_PER_LOOKUP: u64 = 8;

/// Which streams come as leaves.
pub(crate) enum Streams {
    All,
    Only(BTreeSet<StreamId>),
}

impl Streams {
    /// The organisation's own.
    pub fn of_org(org: OrgId) -> Self {
        Self::Only(BTreeSet::from([org.into()]))
    }

    /// The organisation's own and what is wanted.
    pub fn wanted(db: &Connection, org: OrgId, want: &Want) -> Result<Self, ServerError> {
        match want {
            Want::All => Ok(Self::All),
            Want::Some { charts, teams } => {
                let mut streams = charts_of(db, charts, teams)?;
                streams.insert(org.into());
                Ok(Self::Only(streams))
            }
        }
    }

    fn has(&self, stream: StreamId) -> bool {
        match self {
            Self::All => true,
            Self::Only(streams) => streams.contains(&stream),
        }
    }
}

/// The streams of these charts, and of every chart that one of these teams was ever granted.
pub(crate) fn charts_of(
    db: &Connection,
    charts: &[ChartId],
    teams: &[TeamId],
) -> Result<BTreeSet<StreamId>, ServerError> {
    let mut streams: BTreeSet<StreamId> = charts.iter().map(|chart| StreamId::from(*chart)).collect();
    let mut granted = db.prepare_cached("SELECT chart FROM grant_to WHERE team = ?1")?;
    for team in teams {
        let mut rows = granted.query([team.0])?;
        while let Some(row) = rows.next()? {
            streams.insert(StreamId(row.get(0)?));
        }
    }
    Ok(streams)
}

/// What is handed out of the leaves in question.
pub(crate) struct Ask {
    pub streams: Streams,
    /// False for somebody who gets statements only: slots and keyrings come without their bytes.
    pub sealed: bool,
    /// Who handed these in has them already.
    pub without: Option<DeviceId>,
}

impl Ask {
    fn gives(&self, row: &Row) -> bool {
        let kind = self.sealed || matches!(row.leaf.kind, LeafKind::Statement);
        kind && (self.without.is_none() || row.device != self.without)
    }
}

/// Items, and what leads from their end to the end of the stretch.
pub(crate) struct Pulled {
    pub items: Vec<Item>,
    pub rest: Vec<Subtree>,
}

/// Leaves `from` to `to`, as far as one answer reaches.
pub(crate) fn pull(db: &Connection, from: u64, to: u64, ask: &Ask) -> Result<Pulled, ServerError> {
    let mut page = Page { db, ask, items: Vec::new(), bytes: 0, end: from };
    let complete = match &ask.streams {
        Streams::Only(streams)
            if (streams.len() as u64).saturating_mul(LEAVES_PER_LOOKUP) < to.saturating_sub(from) =>
        {
            page.look_up(streams, to)?
        }
        _ => page.walk(to)?,
    };
    if complete && page.has_space(to, 0) {
        page.skip(to)?;
    }
    let rest = log::subtrees(db, page.end, to)?;
    Ok(Pulled { items: page.items, rest })
}

/// One answer in the making.
struct Page<'a> {
    db: &'a Connection,
    ask: &'a Ask,
    items: Vec<Item>,
    bytes: u64,
    /// Everything before this leaf is covered.
    end: u64,
}

impl Page<'_> {
    /// True where nothing that is wanted was left out.
    fn walk(&mut self, to: u64) -> Result<bool, ServerError> {
        let (db, ask) = (self.db, self.ask);
        let mut complete = true;
        log::walk(db, self.end, to, |row| {
            if ask.streams.has(row.leaf.stream) {
                complete = self.add(row)?;
            }
            Ok(complete)
        })?;
        Ok(complete)
    }

    /// The same, by the index of each stream.
    fn look_up(&mut self, streams: &BTreeSet<StreamId>, to: u64) -> Result<bool, ServerError> {
        // The lowest indexes, as many as one answer holds; the highest of them on top.
        let mut found = BinaryHeap::new();
        for stream in streams {
            let below = if found.len() < ITEMS_MAX { to } else { found.peek().copied().unwrap_or(to) };
            log::walk_stream(self.db, *stream, self.end, below, |index| {
                if found.len() >= ITEMS_MAX && found.peek().is_some_and(|highest| *highest <= index) {
                    return false;
                }
                found.push(index);
                if found.len() > ITEMS_MAX {
                    found.pop();
                }
                true
            })?;
        }
        let all = found.len() < ITEMS_MAX;
        for index in found.into_sorted_vec() {
            if !self.add(log::row(self.db, index)?)? {
                return Ok(false);
            }
        }
        Ok(all)
    }

    /// Adds a wanted leaf with the gap before it; false where the answer is full.
    fn add(&mut self, row: Row) -> Result<bool, ServerError> {
        if !self.has_space(row.index, 1) {
            return Ok(false);
        }
        let object = if self.ask.gives(&row) { log::object(self.db, row.index)? } else { None };
        let bytes = object.as_ref().map_or(0, |object| object.len() as u64);
        if self.bytes > 0 && self.bytes + bytes > ANSWER_BYTES {
            return Ok(false);
        }
        self.skip(row.index)?;
        self.items.push(Item::Leaf { leaf: row.leaf, object: object.map(ObjectBytes) });
        self.bytes += bytes;
        self.end = row.index + 1;
        Ok(true)
    }

    fn has_space(&self, to: u64, more: usize) -> bool {
        self.items.len() + cover(self.end, to).len() + more <= ITEMS_MAX
    }

    fn skip(&mut self, to: u64) -> Result<(), ServerError> {
        self.items.extend(log::subtrees(self.db, self.end, to)?.into_iter().map(Item::Skip));
        self.end = self.end.max(to);
        Ok(())
    }
}
