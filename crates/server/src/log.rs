//! The log of one organisation in its database: leaves, objects and the nodes of the tree above them.
//!
//! Each complete subtree of two leaves or more has its root stored, so the root of any earlier size and the way from one
//! size to another are read in as many rows as the number has bits.

use crate::ServerError;
use rusqlite::{Connection, OptionalExtension, params};
use wardbook_wire::DeviceId;
use wardbook_wire::log::{Leaf, LeafKind, Range, StreamId, Subtree, TreeHash, cover};

/// A leaf with its place and who handed it in.
pub(crate) struct Row {
    pub index: u64,
    pub leaf: Leaf,
    pub device: Option<DeviceId>,
}

const COLUMNS: &str = "idx, kind, id, stream, seq, received_ms, late, device";

impl Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let kind = match row.get::<_, i64>(1)? {
            0 => LeafKind::Statement,
            1 => LeafKind::Entry,
            2 => LeafKind::Slot,
            3 => LeafKind::Keyring,
            other => return Err(rusqlite::Error::IntegralValueOutOfRange(1, other)),
        };
        let leaf = Leaf {
            kind,
            id: row.get(2)?,
            stream: StreamId(row.get(3)?),
            seq: row.get::<_, i64>(4)? as u64,
            received_ms: row.get(5)?,
            late: row.get(6)?,
        };
        Ok(Self { index: row.get::<_, i64>(0)? as u64, leaf, device: row.get::<_, Option<[u8; 16]>>(7)?.map(DeviceId) })
    }
}

/// What is added.
pub(crate) struct NewLeaf<'a> {
    pub kind: LeafKind,
    pub id: [u8; 32],
    pub stream: StreamId,
    pub received_ms: i64,
    pub late: bool,
    pub device: Option<DeviceId>,
    pub object: &'a [u8],
}

/// Appends a leaf to the tables and to the range; gives its index.
pub(crate) fn append(db: &Connection, range: &mut Range, new: &NewLeaf<'_>) -> Result<u64, ServerError> {
    let index = range.size();
    let seq = last_seq(db, new.stream)? + 1;
    let NewLeaf { kind, id, stream, received_ms, late, .. } = *new;
    let leaf = Leaf { kind, id, stream, seq, received_ms, late };
    db.prepare_cached(
        "INSERT INTO leaf (idx, kind, id, stream, seq, received_ms, late, device) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        index as i64,
        kind as i64,
        id,
        stream.0,
        seq as i64,
        received_ms,
        late,
        new.device.map(|device| device.0)
    ])?;
    db.prepare_cached("INSERT INTO object (idx, bytes) VALUES (?1, ?2)")?.execute(params![index as i64, new.object])?;
    let mut made = Vec::new();
    range
        .push(Subtree { level: 0, root: leaf.hash() }, &mut |place, hash| made.push((place, hash)))
        .map_err(|_| ServerError::Damaged)?;
    let mut insert = db.prepare_cached("INSERT INTO node (level, idx, hash) VALUES (?1, ?2, ?3)")?;
    for ((level, at), hash) in made {
        insert.execute(params![level, at as i64, hash.0])?;
    }
    Ok(index)
}

fn last_seq(db: &Connection, stream: StreamId) -> Result<u64, ServerError> {
    let mut last = db.prepare_cached("SELECT seq FROM leaf WHERE stream = ?1 ORDER BY idx DESC LIMIT 1")?;
    let seq: Option<i64> = last.query_row([stream.0], |row| row.get(0)).optional()?;
    Ok(seq.unwrap_or(0) as u64)
}

/// The number of leaves.
pub(crate) fn size(db: &Connection) -> Result<u64, ServerError> {
    let last: Option<i64> = db.prepare_cached("SELECT max(idx) FROM leaf")?.query_row([], |row| row.get(0))?;
    Ok(last.map_or(0, |last| last as u64 + 1))
}

/// The range of the first `size` leaves, of which there are as many.
pub(crate) fn range_at(db: &Connection, size: u64) -> Result<Range, ServerError> {
    let peaks = subtrees(db, 0, size)?.into_iter().map(|peak| peak.root).collect();
    Range::from_parts(size, peaks).ok_or(ServerError::Damaged)
}

/// What covers the leaves from `from` to `to`.
pub(crate) fn subtrees(db: &Connection, from: u64, to: u64) -> Result<Vec<Subtree>, ServerError> {
    let nodes = cover(from, to).into_iter();
    nodes.map(|(level, index)| Ok(Subtree { level, root: node(db, level, index)? })).collect()
}

fn node(db: &Connection, level: u8, index: u64) -> Result<TreeHash, ServerError> {
    if level == 0 {
        return Ok(row(db, index)?.leaf.hash());
    }
    let mut statement = db.prepare_cached("SELECT hash FROM node WHERE level = ?1 AND idx = ?2")?;
    let hash: Option<[u8; 32]> = statement.query_row(params![level, index as i64], |row| row.get(0)).optional()?;
    hash.map(TreeHash).ok_or(ServerError::Damaged)
}

/// The leaf at an index below the size.
pub(crate) fn row(db: &Connection, index: u64) -> Result<Row, ServerError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM leaf WHERE idx = ?1"))?;
    statement.query_row([index as i64], Row::read).optional()?.ok_or(ServerError::Damaged)
}

/// Visits the leaves from `from` to `to` until the visitor has enough.
pub(crate) fn walk(
    db: &Connection,
    from: u64,
    to: u64,
    mut visit: impl FnMut(Row) -> Result<bool, ServerError>,
) -> Result<(), ServerError> {
    let sql = format!("SELECT {COLUMNS} FROM leaf WHERE idx >= ?1 AND idx < ?2 ORDER BY idx");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([from as i64, to as i64])?;
    while let Some(row) = rows.next()? {
        if !visit(Row::read(row)?)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Visits the indexes of one stream from `from` to `to` until the visitor has enough.
pub(crate) fn walk_stream(
    db: &Connection,
    stream: StreamId,
    from: u64,
    to: u64,
    mut visit: impl FnMut(u64) -> bool,
) -> Result<(), ServerError> {
    let mut statement =
        db.prepare_cached("SELECT idx FROM leaf WHERE stream = ?1 AND idx >= ?2 AND idx < ?3 ORDER BY idx")?;
    let mut rows = statement.query(params![stream.0, from as i64, to as i64])?;
    while let Some(row) = rows.next()? {
        if !visit(row.get::<_, i64>(0)? as u64) {
            return Ok(());
        }
    }
    Ok(())
}

/// Where something is, and in which stream.
pub(crate) fn find(db: &Connection, kind: LeafKind, id: &[u8; 32]) -> Result<Option<(u64, StreamId)>, ServerError> {
    let mut statement = db.prepare_cached("SELECT idx, stream FROM leaf WHERE id = ?1 AND kind = ?2")?;
    let found =
        statement.query_row(params![id, kind as i64], |row| Ok((row.get::<_, i64>(0)? as u64, StreamId(row.get(1)?))));
    Ok(found.optional()?)
}

/// What a leaf records; None where it was replaced.
pub(crate) fn object(db: &Connection, index: u64) -> Result<Option<Vec<u8>>, ServerError> {
    let mut statement = db.prepare_cached("SELECT bytes FROM object WHERE idx = ?1")?;
    Ok(statement.query_row([index as i64], |row| row.get(0)).optional()?)
}

/// Forgets what a leaf records. The leaf stays, or the tree would not verify.
pub(crate) fn forget(db: &Connection, index: u64) -> Result<(), ServerError> {
    db.prepare_cached("DELETE FROM object WHERE idx = ?1")?.execute([index as i64])?;
    Ok(())
}
