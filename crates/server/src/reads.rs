//! Routes that only read: `POST /history`, `/seen`, `/objects` and `/statements`.

use crate::ServerError;
use crate::call::Answer;
use crate::log;
use crate::org::generation;
use crate::problem::Problem;
use crate::pull::{Ask, Streams, charts_of, pull};
use crate::sync::wrong_generation;
use crate::turn::{Turn, check_wanted, unreadable};
use wardbook_wire::exchange::problem::{LOG_BEHIND, MALFORMED, TOO_LARGE};
use wardbook_wire::exchange::{
    ANSWER_BYTES, HistoryAnswer, HistoryRequest, OBJECTS_MAX, ObjectsAnswer, ObjectsRequest, REQUEST_BYTES_MAX,
    SeenAnswer, SeenProof, SeenRequest, StatementsAnswer, StatementsRequest,
};
use wardbook_wire::log::{LeafKind, ObjectBytes};
use wardbook_wire::strict;

/// Sizes in one request: those that the authors of one batch of entries had seen, and the proof of each has some 100
/// hashes.
const SIZES_MAX: usize = 1024;

/// Charts that a device has passed over and wants from now on. The organisation's own stream it has.
pub(crate) fn history(turn: &Turn<'_>, body: &[u8]) -> Result<Answer, Problem> {
    let request: HistoryRequest = strict::decode(body, REQUEST_BYTES_MAX).map_err(unreadable)?;
    check_wanted(request.charts.len(), request.teams.len())?;
    turn.enrolled()?;
    check_range(turn, request.generation, request.from, request.to)?;
    let db = &turn.org.db;
    let streams =
        if request.all { Streams::All } else { Streams::Only(charts_of(db, &request.charts, &request.teams)?) };
    let ask = Ask { streams, sealed: true, without: None };
    let pulled = pull(db, request.from, request.to, &ask)?;
    Ok(Answer::cbor(strict::encode(&HistoryAnswer { items: pulled.items })))
}

/// The way from smaller logs to a larger one.
pub(crate) fn seen(turn: &Turn<'_>, body: &[u8]) -> Result<Answer, Problem> {
    let request: SeenRequest = strict::decode(body, REQUEST_BYTES_MAX).map_err(unreadable)?;
    if request.sizes.len() > SIZES_MAX {
        return Err(Problem::new(TOO_LARGE, format!("a request has at most {SIZES_MAX} sizes")));
    }
    turn.enrolled()?;
    let largest = request.sizes.iter().copied().max().unwrap_or(0);
    check_range(turn, request.generation, largest, request.size)?;
    let db = &turn.org.db;
    let proof =
        |size: &u64| Ok(SeenProof { range: log::range_at(db, *size)?, rest: log::subtrees(db, *size, request.size)? });
    let proofs = request.sizes.iter().map(proof).collect::<Result<_, ServerError>>()?;
    Ok(Answer::cbor(strict::encode(&SeenAnswer { proofs })))
}

fn check_range(turn: &Turn<'_>, asked: u64, from: u64, to: u64) -> Result<(), Problem> {
    let (current, size) = (generation(&turn.org.directory), turn.org.range.size());
    if asked != current {
        return Err(wrong_generation(current));
    }
    if to > size {
        return Err(Problem::new(LOG_BEHIND, format!("the log here has {size} leaves, that of the device {to}")));
    }
    if from > to {
        return Err(Problem::new(MALFORMED, "the stretch ends before it begins"));
    }
    Ok(())
}

/// Entries by their ids, as many from the first on as one answer holds.
pub(crate) fn objects(turn: &Turn<'_>, body: &[u8]) -> Result<Answer, Problem> {
    let request: ObjectsRequest = strict::decode(body, REQUEST_BYTES_MAX).map_err(unreadable)?;
    if request.entries.len() > OBJECTS_MAX {
        return Err(Problem::new(TOO_LARGE, format!("a request names at most {OBJECTS_MAX} entries")));
    }
    turn.enrolled()?;
    let db = &turn.org.db;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    for id in &request.entries {
        let object = match log::find(db, LeafKind::Entry, &id.0)? {
            Some((index, _)) => log::object(db, index)?,
            None => None,
        };
        let length = object.as_ref().map_or(0, |object| object.len() as u64);
        if bytes > 0 && bytes + length > ANSWER_BYTES {
            break;
        }
        bytes += length;
        entries.push(object.map(ObjectBytes));
    }
    Ok(Answer::cbor(strict::encode(&ObjectsAnswer { entries })))
}

/// The directory after a statement, as many statements as one answer holds; also for who was retired or has replaced
/// their keys, who find out by it (REQ-05).
pub(crate) fn statements(turn: &Turn<'_>, body: &[u8]) -> Result<Answer, Problem> {
    let request: StatementsRequest = strict::decode(body, REQUEST_BYTES_MAX).map_err(unreadable)?;
    turn.member()?;
    let (db, directory, range) = (&turn.org.db, &turn.org.directory, &turn.org.range);
    let known = directory.position(&request.after).unwrap_or(directory.now());
    let (mut statements, mut bytes) = (Vec::new(), 0);
    for id in directory.chain().iter().skip(known as usize + 1) {
        let (index, _) = log::find(db, LeafKind::Statement, &id.0)?.ok_or(ServerError::Damaged)?;
        let statement = log::object(db, index)?.ok_or(ServerError::Damaged)?;
        let length = statement.len() as u64;
        if bytes > 0 && bytes + length > ANSWER_BYTES {
            break;
        }
        bytes += length;
        statements.push(ObjectBytes(statement));
    }
    let current = generation(directory);
    Ok(Answer::cbor(strict::encode(&StatementsAnswer {
        statements,
        checkpoint: turn.key.checkpoint(turn.id, current, range.point()),
        generation: current,
        challenge: turn.challenge,
    })))
}
