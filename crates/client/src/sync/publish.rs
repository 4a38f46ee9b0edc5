//! Changing the directory: with a server there is one order of statements, and it is the server's. A statement is made on
//! top of everything that the server has, handed in at once, and made anew if another came first.

use super::take::{Keep, Left, Mine, leaf_id};
use super::transport::Transport;
use super::{SyncReport, own_key};
use crate::{Error, Session};
use wardbook_store::{Batch, Kind};
use wardbook_wire::exchange::{Object, Outcome, Refusal};
use wardbook_wire::log::{KeyringObject, ObjectBytes};
use wardbook_wire::slot::Slot;
use wardbook_wire::{StatementId, Unverified};

/// How often statements are made anew before it is given up.
const TRIES: usize = 8;

impl Session {
    /// Makes statements that belong together and hands them in, with the slots and keyrings that go with them.
    pub(crate) fn publish(
        &mut self,
        link: &mut dyn Transport,
        base: Batch,
        act: &mut dyn FnMut(&mut Self, &mut Batch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for _ in 0..TRIES {
            self.sync(link, &mut |_| {}).map_err(not_begun)?;
            let directory = self.vault.directory.clone();
            let mut batch = base.clone();
            let made = act(self, &mut batch);
            let pushed = self.take_made();
            self.vault.directory = directory;
            made?;
            let objects: Vec<_> = pushed
                .into_iter()
                .map(|bytes| Object::Statement(ObjectBytes(bytes)))
                .chain(batch.puts(Kind::Slot).map(|bytes| Object::Slot(ObjectBytes(bytes.to_vec()))))
                .chain(batch.puts(Kind::Keyring).map(|bytes| Object::Keyring(ObjectBytes(bytes.to_vec()))))
                .collect();
            let statements = objects.iter().filter(|object| matches!(object, Object::Statement(_))).count();
            let mut report = SyncReport::default();
            let answer = self.exchange_once(link, objects.clone(), false, &mut report);
            let mut answer = answer.map_err(unanswered)?;
            if answer.outcomes.len() != objects.len() {
                return Err(Error::cheat("it did not say what became of each object"));
            }
            let outcomes = answer.outcomes.clone();
            let (outcomes, others) = outcomes.split_at(statements);
            if outcomes.iter().all(is_logged) {
                // The statements come back in the log, and are taken from there.
                batch.drop_kind(Kind::Statement);
                let ids: Vec<_> = objects.iter().take(statements).map(|object| StatementId(leaf_id(object))).collect();
                // The others stay in the outbox until they are taken.
                for (object, outcome) in objects.iter().skip(statements).zip(others) {
                    if let Some(key) = outbox_key(object).filter(|_| is_logged(outcome)) {
                        batch.delete(Kind::Outbox, &[], &key);
                    }
                }
                let refused = others.iter().find(|outcome| matches!(outcome, Outcome::Refused(_)));
                let mine: Mine = objects.iter().map(|object| (leaf_id(object), object.clone())).collect();
                let mut left = Left::default();
                let mut taken = self.vault.take(&answer, &mine, &mut report, &mut left, batch.clone(), Keep::Places);
                if std::mem::take(&mut left.lost_own) {
                    // Something from before, whose answer had been lost.
                    answer = self.exchange_once(link, objects, true, &mut report).map_err(unanswered)?;
                    taken = self.vault.take(&answer, &mine, &mut report, &mut left, batch, Keep::Places);
                }
                taken?;
                self.close_charts();
                self.refresh_teams()?;
                self.list_touched(&left.touched, &mut report, &mut |_| {})?;
                if !answer.rest.is_empty() && self.lacks(&ids) {
                    let synced = self.sync(link, &mut |_| {});
                    // Whoever replaced their own keys by this has to unlock again for more than its statements.
                    if self.lacks(&ids) {
                        synced.map_err(unanswered)?;
                    }
                }
                if self.lacks(&ids) {
                    return Err(Error::cheat(
                        "it said that it took a change of the directory, and its log does not have it (LOG-06)",
                    ));
                }
                return match refused {
                    None => Ok(()),
                    Some(refused) => Err(Error::Conflict(format!(
                        "the directory was changed, but the server did not take the password slot or keyring that goes with it: {refused:?}"
                    ))),
                };
            }
            let other = outcomes
                .iter()
                .find(|outcome| !matches!(outcome, Outcome::Logged { .. } | Outcome::Refused(Refusal::NotNext)));
            if let Some(other) = other {
                return Err(Error::Conflict(format!(
                    "the server did not take this change of the directory: {other:?}"
                )));
            }
        }
        Err(Error::Conflict("others change the directory at the same time: try again in a moment".into()))
    }

    fn lacks(&self, ids: &[StatementId]) -> bool {
        ids.iter().any(|id| self.vault.directory.position(id).is_none())
    }
}

/// Decision 016: where the server is not reached, the directory stays as it is, and whoever changes it is told so.
fn not_begun(error: Error) -> Error {
    match error {
        Error::Offline(reason) => Error::directory_offline(&reason),
        other => other,
    }
}

/// The server may have taken what it did not answer.
fn unanswered(error: Error) -> Error {
    match error {
        Error::Offline(reason) => Error::directory_unanswered(&reason),
        other => other,
    }
}

fn is_logged(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Logged { .. })
}

/// The key of a slot's or keyring's row in the outbox.
fn outbox_key(object: &Object) -> Option<Vec<u8>> {
    match object {
        Object::Slot(bytes) => {
            let slot = Unverified::<Slot>::decode(&bytes.0).ok()?;
            Some(own_key(Kind::Slot, &slot.peek().lookup.0))
        }
        Object::Keyring(bytes) => {
            let ring = Unverified::<KeyringObject>::decode(&bytes.0).ok()?;
            Some(own_key(Kind::Keyring, ring.peek().member.as_bytes()))
        }
        Object::Statement(_) | Object::Entry(_) => None,
    }
}
