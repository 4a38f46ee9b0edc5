//! `/welcome`: an admin leaves what the holder of an invite needs, sealed under the secret in the link; the holder fetches it.

use crate::ServerError;
use crate::auth;
use crate::call::{Answer, ContentKind};
use crate::invite::check_open;
use crate::problem::Problem;
use crate::turn::{Turn, unreadable};
use rusqlite::{OptionalExtension, params};
use wardbook_wire::exchange::problem::{INVITE, NOT_FOUND, TOO_LARGE};
use wardbook_wire::exchange::{WELCOME_BYTES_MAX, WelcomeRequest};
use wardbook_wire::request::Caller;
use wardbook_wire::{Role, VerifyKey, strict};

/// `POST`, signed by an admin.
pub(crate) fn leave(turn: &Turn<'_>, body: &[u8]) -> Result<Answer, Problem> {
    let request: WelcomeRequest = strict::decode(body, WELCOME_BYTES_MAX + 128).map_err(unreadable)?;
    if request.sealed.0.len() > WELCOME_BYTES_MAX {
        return Err(Problem::new(TOO_LARGE, format!("a welcome has at most {WELCOME_BYTES_MAX} bytes")));
    }
    turn.enrolled()?;
    let (_, member) = turn.member()?;
    let directory = &turn.org.directory;
    if directory.role_at(member, directory.now()) != Some(Role::Admin) {
        return Err(Problem::new(INVITE, "only admins invite").with_status(403));
    }
    check_open(directory, &request.key, turn.now_ms)?;
    let tx = turn.org.begin()?;
    forget_closed(turn, &tx)?;
    tx.prepare_cached("INSERT OR REPLACE INTO welcome (key, sealed) VALUES (?1, ?2)")?
        .execute(params![request.key.0, request.sealed.0])?;
    tx.commit()?;
    Ok(Answer { status: 204, kind: ContentKind::Bytes, body: Vec::new(), headers: Vec::new() })
}

/// `GET`, signed by the invite's key.
pub(crate) fn fetch(turn: &Turn<'_>) -> Result<Answer, Problem> {
    let Caller::Invite(key) = turn.caller else { return Err(auth::unknown()) }; // REQ-01
    check_open(&turn.org.directory, &key, turn.now_ms)?;
    let mut statement = turn.org.db.prepare_cached("SELECT sealed FROM welcome WHERE key = ?1")?;
    let sealed: Option<Vec<u8>> = statement.query_row([key.0], |row| row.get(0)).optional()?;
    let missing = || Problem::new(NOT_FOUND, "nothing was left for this invite: ask for a new one");
    let body = sealed.ok_or_else(missing)?;
    Ok(Answer { status: 200, kind: ContentKind::Bytes, body, headers: Vec::new() })
}

/// What was left for invites that nobody can use any more.
fn forget_closed(turn: &Turn<'_>, db: &rusqlite::Connection) -> Result<(), ServerError> {
    let mut statement = db.prepare_cached("SELECT key FROM welcome")?;
    let keys = statement.query_map([], |row| Ok(VerifyKey(row.get(0)?)))?.collect::<Result<Vec<_>, _>>()?;
    for key in keys {
        if check_open(&turn.org.directory, &key, turn.now_ms).is_err() {
            forget(db, &key)?;
        }
    }
    Ok(())
}

/// The invite was used.
pub(crate) fn forget(db: &rusqlite::Connection, key: &VerifyKey) -> Result<(), ServerError> {
    db.prepare_cached("DELETE FROM welcome WHERE key = ?1")?.execute([key.0])?;
    Ok(())
}
