//! Changing the directory: with a server there is one order of statements, and it is the server's. A statement is made on
//! top of everything that the server has, handed in at once, and made anew if another came first.

use super::SyncReport;
use super::take::{Keep, Left, Mine, leaf_id};
use super::transport::Transport;
use crate::{Error, Session};
use wardbook_store::{Batch, Kind};
use wardbook_wire::exchange::{Object, Outcome, Refusal};
use wardbook_wire::log::ObjectBytes;

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
            self.sync(link, &mut |_| {})?;
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
            let answer = self.exchange_once(link, objects.clone(), false, &mut report)?;
            let outcomes = answer.outcomes.get(..statements).unwrap_or_default();
            if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Logged { .. })) {
                // The statements come back in the log, and are taken from there.
                batch.drop_kind(Kind::Statement);
                batch.drop_kind(Kind::Outbox);
                let mine: Mine = objects.into_iter().map(|object| (leaf_id(&object), object)).collect();
                let mut left = Left::default();
                self.vault.take(&answer, &mine, &mut report, &mut left, batch, Keep::Places)?;
                self.catalogue = None;
                self.open.clear();
                self.list_touched(&left.touched, &mut report, &mut |_| {})?;
                return self.refresh_teams();
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
}
