//! `POST /sync`: takes what a device hands in, gives what it lacks, and renews its lease, all in one transaction.
//!
//! ```text
//! lease in order? ► statements ► generation, point ► extensions ► the rest ► items ► lease ► commit
//! ```

use crate::accept::{Taken, Taking, read_statement};
use crate::call::Answer;
use crate::leases;
use crate::org::generation;
use crate::problem::Problem;
use crate::pull::{Ask, Streams, pull};
use crate::turn::{Turn, check_objects, check_point, check_wanted, standing, unreadable};
use rusqlite::Connection;
use wardbook_wire::exchange::problem::{DEVICE_RESTORED, GENERATION};
use wardbook_wire::exchange::{
    CallerStanding, Object, Outcome, REQUEST_BYTES_MAX, Refusal, SyncAnswer, SyncRequest, Want,
};
use wardbook_wire::log::{ObjectBytes, Seen};
use wardbook_wire::{Act, Author, DeviceId, strict};

/// How much a caller may do in this request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    /// Has had a lease and says nothing of it: may add anything but entries (LSE-06).
    WithoutEntries,
    /// Retired: may add nothing and gets statements only (REQ-05).
    ReadStatements,
    /// With replaced keys: may add nothing and gets the organisation's own stream.
    ReadOwn,
    /// Put back to an earlier state: may take on a new identity and nothing else (LSE-06).
    Renew,
}

pub(crate) fn sync(turn: &mut Turn<'_>, body: &[u8]) -> Result<Answer, Problem> {
    let request: SyncRequest = strict::decode(body, REQUEST_BYTES_MAX).map_err(unreadable)?;
    check_objects(request.objects.len(), turn.limits)?;
    check_objects(request.extensions.len(), turn.limits)?;
    if let Want::Some { charts, teams } = &request.want {
        check_wanted(charts.len(), teams.len())?;
    }
    let (device, member) = turn.member()?;
    let now_ms = turn.now_ms;
    let standing_before = turn.standing(&turn.org.directory, device, member);
    let org = &*turn.org;
    let tx = org.begin()?;
    let scope = scope(&tx, device, standing_before, &request)?;
    if scope == Scope::All {
        turn.room(&request.objects)?;
    }

    let mut taking = Taking::new(&tx, org, now_ms, Some(device)).with_joins(restores(&request.objects));
    let mut decided = match scope {
        Scope::All => vec![None; request.objects.len()],
        Scope::WithoutEntries => taking.without_entries(&request.objects)?,
        Scope::ReadStatements | Scope::ReadOwn => taking.only_known(&request.objects)?,
        Scope::Renew => after_the_first(request.objects.len()),
    };
    taking.statements(&request.objects, &mut decided)?;
    let current = generation(taking.directory());
    if request.generation != current {
        return Err(wrong_generation(current));
    }
    check_point(&tx, org.range.size(), request.point)?;
    let mut ignored = 0;
    let may_extend = matches!(scope, Scope::All | Scope::WithoutEntries);
    for given in request.extensions.iter().filter(|_| may_extend) {
        ignored += u64::from(!leases::extend(&tx, taking.directory(), given)?);
    }
    let outcomes = taking.others(&request.objects, decided)?;
    let taken = taking.finish();

    let directory = taken.directory.as_ref().unwrap_or(&org.directory);
    let point = taken.range.point();
    let ask = ask(&tx, turn, device, scope, &request)?;
    let pulled = pull(&tx, request.point.size, point.size, &ask)?;
    let may_lease = scope == Scope::All && standing(directory, device, member) == CallerStanding::Enrolled;
    let lease = match &request.lease {
        Some(wish) if may_lease && pulled.rest.is_empty() => {
            let seen = Seen { generation: current, point };
            let grant = leases::Grant { device, wish, directory, seen, now_ms };
            Some(ObjectBytes(leases::issue(&tx, turn.key, &grant)?))
        }
        Some(wish) if may_lease => {
            leases::note_attempt(&tx, device, wish)?;
            None
        }
        _ => None,
    };
    tx.commit()?;

    if lease.is_some() {
        turn.counters.lease();
    }
    turn.counters.extensions_ignored(ignored);
    adopt(turn, taken, &outcomes);
    Ok(Answer::cbor(strict::encode(&SyncAnswer {
        standing: standing_before,
        outcomes,
        items: pulled.items,
        rest: pulled.rest,
        checkpoint: turn.key.checkpoint(turn.id, current, point),
        lease,
        challenge: turn.challenge,
        now_ms,
    })))
}

/// Takes over what was committed, and counts it.
pub(crate) fn adopt(turn: &mut Turn<'_>, taken: Taken, outcomes: &[Outcome]) {
    turn.counters.outcomes(outcomes);
    turn.counters.entries(taken.entries, taken.late);
    turn.org.adopt(taken);
}

pub(crate) fn wrong_generation(current: u64) -> Problem {
    Problem::new(GENERATION, format!("the log is in generation {current}: read the statements first"))
}

/// LSE-06 comes before anything is taken.
fn scope(db: &Connection, device: DeviceId, standing: CallerStanding, request: &SyncRequest) -> Result<Scope, Problem> {
    match standing {
        CallerStanding::Enrolled => {}
        CallerStanding::KeysReplaced => return Ok(Scope::ReadOwn), // REQ-05
        _ => return Ok(Scope::ReadStatements),                     // REQ-05
    }
    let Some(wish) = &request.lease else {
        // Whoever leaves the wish out does not get around this.
        return Ok(if leases::any(db, device)? { Scope::WithoutEntries } else { Scope::All }); // LSE-06
    };
    if leases::fits(db, device, wish)? {
        return Ok(Scope::All);
    }
    let renews = |object: &Object| match object {
        Object::Statement(bytes) => read_statement(&bytes.0).is_ok_and(|(_, statement)| {
            statement.author == Author::Device(device) && matches!(statement.act, Act::DeviceRenew(_))
        }),
        _ => false,
    };
    if request.objects.first().is_some_and(renews) {
        return Ok(Scope::Renew);
    }
    let detail = "this device has had a later lease than it holds: take on a new identity first";
    Err(Problem::new(DEVICE_RESTORED, detail)) // LSE-06
}

/// Everything but the first object comes again, under the new identity.
fn after_the_first(objects: usize) -> Vec<Option<Outcome>> {
    let wait = Some(Outcome::Wait(Refusal::NotAllowed)); // SRV-10
    let mut decided = vec![wait; objects];
    if let Some(first) = decided.first_mut() {
        *first = None;
    }
    decided
}

/// True where an admin hands in the past again, because the server was put back: with a statement that says so.
fn restores(objects: &[Object]) -> bool {
    objects.iter().any(|object| match object {
        Object::Statement(bytes) => read_statement(&bytes.0)
            .is_ok_and(|(_, statement)| matches!(statement.act, Act::ServerSet(server) if server.base.is_some())),
        _ => false,
    })
}

fn ask(
    db: &Connection,
    turn: &Turn<'_>,
    device: DeviceId,
    scope: Scope,
    request: &SyncRequest,
) -> Result<Ask, Problem> {
    let retired = scope == Scope::ReadStatements;
    let own = retired || scope == Scope::ReadOwn;
    let streams = if own { Streams::of_org(turn.id) } else { Streams::wanted(db, turn.id, &request.want)? };
    Ok(Ask { streams, sealed: !retired, without: (!request.mine_too).then_some(device) }) // REQ-05
}
