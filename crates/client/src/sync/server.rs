//! Which server this vault exchanges with: its organisation is put on one, is found there again where the answer was
//! lost, and follows that server to another address or certificate (`spec/exchange.md`).

use super::call::read;
use super::join::unsigned;
use super::restore::checkpoint_of;
use super::take::{Keep, Left, Mine, leaf_id, no_server};
use super::transport::Transport;
use super::{Sync, SyncReport, SyncState};
use crate::vault::statement_key;
use crate::{Error, Role, Session};
use wardbook_core::directory::sign_next;
use wardbook_store::{Batch, Kind};
use wardbook_wire::exchange::{CreateRequest, Object, ServerInfo, SyncAnswer, path, problem};
use wardbook_wire::link::ServerLink;
use wardbook_wire::log::ObjectBytes;
use wardbook_wire::statement::Server;
use wardbook_wire::{Act, Author, VerifyKey, strict};

impl Session {
    /// Puts this organisation on a server: its chain, slots and keyrings at once, charts by the next sync. A device
    /// that exchanges with its server already goes on with that server where the link leads.
    ///
    /// # Errors
    /// Not an admin; the server refuses; it is another server (NET-02), or has the organisation otherwise (NET-03).
    pub fn set_server(
        &mut self,
        link: &mut dyn Transport,
        server: &ServerLink,
        certificate: &str,
    ) -> Result<(), Error> {
        if self.vault.has_server() {
            return self.move_server(link, server, certificate);
        }
        if self.role() != Some(Role::Admin) {
            return Err(Error::NoRight("only an admin puts the organisation on a server".into()));
        }
        if self.vault.directory.server().is_some() {
            return Err(Error::Conflict(
                "the organisation is on a server already; other devices join with `wardbook enrol`".into(),
            ));
        }
        let info: ServerInfo = read(&unsigned(link, "GET", "/v1/server", &[])?)?;
        let mut directory = self.vault.directory.clone();
        let act = Act::ServerSet(Server { key: info.key, generation: 1, base: None });
        let statement = sign_next(&directory, Author::Member(self.me()), &self.ring.keys.signing, act);
        directory.apply(&statement)?;
        let mut objects = self.vault.statement_rows()?;
        objects.push(statement.clone());
        let mut objects: Vec<_> = objects.into_iter().map(|bytes| Object::Statement(ObjectBytes(bytes))).collect();
        for (kind, make) in [(Kind::Slot, Object::Slot as fn(ObjectBytes) -> Object), (Kind::Keyring, Object::Keyring)]
        {
            objects.extend(self.vault.store.list_all(kind)?.into_iter().map(|row| make(ObjectBytes(row.value))));
        }
        let request = CreateRequest { code: server.code.clone(), objects };
        let create = path(directory.org(), "create");
        let answer: SyncAnswer = match unsigned(link, "POST", &create, &strict::encode(&request)) {
            // It may have the organisation since an attempt whose answer was lost.
            Err(refused @ Error::Server { .. }) => {
                return self.find_again(link, server, certificate, &info.key, refused);
            }
            answer => read(&answer?)?,
        };
        let before = std::mem::replace(&mut self.vault.directory, directory);
        self.vault.sync =
            Some(Sync { state: SyncState::new(server.base.clone(), certificate.to_owned()), lease: None });
        let mut batch = Batch::new();
        batch.put(Kind::Statement, &[], &statement_key(self.vault.directory.now()), statement);
        let taken = self.vault.fill_outbox(&mut batch).and_then(|()| {
            let mine: Mine = request.objects.into_iter().map(|object| (leaf_id(&object), object)).collect();
            self.vault.take(&answer, &mine, &mut SyncReport::default(), &mut Left::default(), batch, Keep::Places)
        });
        if taken.is_err() {
            self.vault.directory = before;
            self.vault.sync = None;
        }
        taken
    }

    /// NET-03: the server may hold this organisation already. This device goes on there if the server's chain, which
    /// is checked as always, goes on from its own, and the key that the server announces has signed the log.
    /// Everything else comes with the first sync.
    fn find_again(
        &mut self,
        link: &mut dyn Transport,
        server: &ServerLink,
        certificate: &str,
        key: &VerifyKey,
        refused: Error,
    ) -> Result<(), Error> {
        let holds_another = matches!(&refused, Error::Server { code, .. } if code == problem::EXISTS);
        let (directory, mut batch, answer) = match self.later_statements(link) {
            // It does not know this device: what it said before is why.
            Err(Error::Server { .. }) => return Err(refused),
            found => found?,
        };
        let Some(named) = directory.server().copied().filter(|named| named.key == *key) else {
            if !holds_another {
                return Err(refused);
            }
            return Err(Error::Conflict(format!(
                "the server has this organisation from an earlier attempt, and members, teams or devices were changed here \
                 since (NET-03): if nobody uses it there, let whoever runs the server stop it and delete the folder \
                 orgs/{}, then do the same again",
                directory.org()
            ))); // NET-03
        };
        checkpoint_of(&answer, directory.org(), &named)?; // NET-03
        let state = SyncState::new(server.base.clone(), certificate.to_owned());
        self.vault.fill_outbox(&mut batch)?;
        state.write(&self.vault.site, &mut batch);
        self.vault.store.commit(&batch)?;
        self.vault.directory = directory;
        self.vault.sync = Some(Sync { state, lease: None });
        Ok(())
    }

    /// NET-02: the same server at another address or under another certificate. This device keeps the log as it knows
    /// it, so the next sync proves that it goes on there.
    fn move_server(&mut self, link: &mut dyn Transport, server: &ServerLink, certificate: &str) -> Result<(), Error> {
        let named = self.vault.directory.server().copied().ok_or_else(no_server)?;
        let info: ServerInfo = read(&unsigned(link, "GET", "/v1/server", &[])?)?;
        if info.key != named.key {
            return Err(Error::Invalid(
                "this link leads to another server: the one of this organisation has another key (NET-02). Nothing was \
                 changed; ask whoever runs the server of this organisation for its link"
                    .into(),
            )); // NET-02
        }
        // Anybody can announce a key; who has it has signed the log of this organisation.
        let answer = self.follow_directory(link)?;
        let named = self.vault.directory.server().copied().ok_or_else(no_server)?;
        checkpoint_of(&answer, self.vault.identity.org, &named)?; // NET-02
        let mut state = self.vault.sync_mut()?.state.clone();
        (state.base, state.certificate) = (server.base.clone(), certificate.to_owned());
        let mut batch = Batch::new();
        state.write(&self.vault.site, &mut batch);
        self.vault.store.commit(&batch)?;
        self.vault.sync_mut()?.state = state;
        Ok(())
    }
}
