//! `POST /invite`: lets the holder of an invite read the directory, and join.

use crate::accept::{Taking, owner, read_statement};
use crate::auth;
use crate::call::Answer;
use crate::org::generation;
use crate::problem::Problem;
use crate::pull::{Ask, Streams, pull};
use crate::sync::adopt;
use crate::turn::{Turn, check_objects, check_point, unreadable};
use crate::welcome;
use wardbook_wire::directory::{Closed, Directory};
use wardbook_wire::exchange::problem::INVITE;
use wardbook_wire::exchange::{CallerStanding, InviteRequest, Object, Outcome, REQUEST_BYTES_MAX, Refusal, SyncAnswer};
use wardbook_wire::request::Caller;
use wardbook_wire::statement::Join;
use wardbook_wire::{Act, Author, Role, StatementId, VerifyKey, strict};

pub(crate) fn invite(turn: &mut Turn<'_>, body: &[u8]) -> Result<Answer, Problem> {
    let Caller::Invite(key) = turn.caller else { return Err(auth::unknown()) }; // REQ-01
    let request: InviteRequest = strict::decode(body, REQUEST_BYTES_MAX).map_err(unreadable)?;
    check_objects(request.objects.len(), turn.limits)?;
    let join = request.objects.first().and_then(|object| join_of(object, key));
    let org = &*turn.org;
    // The answer to the request that joined may have been lost: the same again is no second use, while who joined by it
    // is still there.
    let joined_before = join
        .as_ref()
        .is_some_and(|(id, join)| org.directory.position(id).is_some() && still_there(&org.directory, join));
    if !joined_before {
        check_open(&org.directory, &key, turn.now_ms)?;
    }
    let tx = org.begin()?;
    check_point(&tx, org.range.size(), request.point)?;
    let by = join.as_ref().and_then(|(_, join)| join.device.as_ref()).map(|device| device.device);
    let mut taking = Taking::new(&tx, org, turn.now_ms, by).with_joins(true);
    let allowed = allowed(&request.objects, join.as_ref().map(|(_, join)| join));
    let mut decided = allowed.clone();
    taking.statements(&request.objects, &mut decided)?;
    let mut outcomes = taking.others(&request.objects, decided)?;
    let taken = taking.finish();
    // Somebody who has joined without a slot could never unlock: all of it is taken or nothing.
    let whole = allowed.iter().zip(&outcomes).all(|(refused, outcome)| refused.is_some() || is_logged(outcome));
    let joined = joined_before || (join.is_some() && whole);
    if joined {
        welcome::forget(&tx, &key)?;
        tx.commit()?;
        adopt(turn, taken, &outcomes);
    } else {
        tx.rollback()?;
        for outcome in outcomes.iter_mut().filter(|outcome| is_logged(outcome)) {
            *outcome = Outcome::Wait(Refusal::NotAllowed); // SRV-10
        }
        turn.counters.outcomes(&outcomes);
    }
    let org = &*turn.org;
    let point = org.range.point();
    let ask = Ask { streams: Streams::of_org(turn.id), sealed: joined, without: None };
    let pulled = pull(&org.db, request.point.size, point.size, &ask)?;
    Ok(Answer::cbor(strict::encode(&SyncAnswer {
        standing: CallerStanding::Enrolled,
        outcomes,
        items: pulled.items,
        rest: pulled.rest,
        checkpoint: turn.key.checkpoint(turn.id, generation(&org.directory), point),
        lease: None,
        challenge: turn.challenge,
        now_ms: turn.now_ms,
    })))
}

fn is_logged(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Logged { .. })
}

/// The statement by which this invite is used.
fn join_of(object: &Object, key: VerifyKey) -> Option<(StatementId, Join)> {
    let Object::Statement(bytes) = object else { return None };
    let (id, statement) = read_statement(&bytes.0).ok()?;
    match statement.act {
        Act::Join(join) if statement.author == Author::Invite(key) => Some((id, join)),
        _ => None,
    }
}

/// Who joined by it has a role now, on a device that is enrolled now.
fn still_there(directory: &Directory, join: &Join) -> bool {
    let now = directory.now();
    let member = join.member.as_ref().is_none_or(|member| directory.role_at(member.member, now).is_some());
    let device = join.device.as_ref().is_none_or(|device| directory.device_at(device.device, now).is_some());
    member && device
}

/// SRV-10: the one statement that joins, then slots and keyring of who joins by it; nothing else.
fn allowed(objects: &[Object], join: Option<&Join>) -> Vec<Option<Outcome>> {
    let newcomer = join.and_then(|join| join.member.as_ref()).map(|member| member.member);
    let own = |object: &Object| newcomer.is_some() && owner(object) == newcomer;
    let decide = |(at, object): (usize, &Object)| {
        let fits = if at == 0 { join.is_some() } else { own(object) };
        (!fits).then_some(Outcome::Refused(Refusal::NotAllowed)) // SRV-10
    };
    objects.iter().enumerate().map(decide).collect()
}

/// An invite that somebody can use now.
pub(crate) fn check_open(directory: &Directory, key: &VerifyKey, now_ms: i64) -> Result<(), Problem> {
    let unusable = |status: u16, detail: &str| Err(Problem::new(INVITE, detail).with_status(status));
    let Some(open) = directory.invites().iter().find(|open| open.invite.key == *key) else {
        return unusable(403, "this invite is not known here: ask for a new one"); // REQ-01
    };
    match open.closed {
        Some(Closed::Used) => return unusable(410, "this invite was used already: ask for a new one"),
        Some(Closed::Withdrawn) => return unusable(403, "this invite was withdrawn: ask for a new one"),
        None => {}
    }
    if now_ms > open.invite.expires_ms {
        return unusable(410, "this invite has expired: ask for a new one");
    }
    if directory.role_at(open.by, directory.now()) != Some(Role::Admin) {
        return unusable(403, "whoever made this invite is no longer an admin: ask for a new one");
    }
    Ok(())
}
