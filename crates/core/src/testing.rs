//! A small organisation for tests: an admin, members, one device, teams.

use crate::body::{Body, Packer};
use crate::chart::{Arrival, ChartLog, KeyHolder, new_epoch_key, seal_body, seal_grants};
use crate::directory::{
    self, Directory, DirectoryError, open_team_secrets, seal_name, seal_team_epoch, seal_team_join, sign_next,
};
use crate::keys::{ChartKey, DeviceKeys, DirectoryKey, MemberKeys, RootKey, TeamSecret};
use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};
use std::collections::BTreeMap;
use wardbook_wire::kdf::Kdf;
use wardbook_wire::statement::{NewDevice, NewMember};
use wardbook_wire::{
    Access, Act, Author, ChartId, DeviceId, Entry, EntryHeader, EntryKind, Grantee, MemberId, Policy, Role, TeamId,
};

pub fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

pub const POLICY: Policy = Policy { kdf: Kdf::ARGON2_FLOOR, password_chars_min: 15, lease_hours: 72 };

#[derive(Clone)]
pub struct Person {
    pub id: MemberId,
    pub keys: MemberKeys,
    pub teams: BTreeMap<(TeamId, u64), TeamSecret>,
}

impl Person {
    pub fn new() -> Self {
        let mut id = [0; 16];
        rng().fill_bytes(&mut id);
        Self { id: MemberId(id), keys: MemberKeys::generate(&mut rng()), teams: BTreeMap::new() }
    }

    pub fn holder(&self) -> KeyHolder<'_> {
        KeyHolder { member: self.id, sealing: &self.keys.sealing, earlier: &[], teams: &self.teams }
    }
}

pub struct Org {
    pub root: RootKey,
    pub directory: Directory,
    pub names: DirectoryKey,
    pub admin: Person,
    pub device: DeviceId,
}

impl Org {
    pub fn new() -> Self {
        let root = RootKey::generate(&mut rng());
        let directory = Directory::start(&directory::genesis(&root.0, [1; 32], POLICY)).unwrap();
        let (admin, names, device) = (Person::new(), DirectoryKey::generate(&mut rng()), DeviceId([9; 16]));
        let mut org = Self { root, directory, names, admin, device };
        let first = Act::MemberAdd(org.new_member(&org.admin, Role::Admin));
        org.apply(Author::Root, &org.root.0.clone(), first).unwrap();
        let keys = DeviceKeys::generate(&mut rng());
        org.act(Act::DeviceEnrol(NewDevice {
            device,
            verify_key: keys.signing.verify_key(),
            seal_key: keys.sealing.public().clone(),
            name: vec![],
        }))
        .unwrap();
        org
    }

    pub fn new_member(&self, person: &Person, role: Role) -> NewMember {
        NewMember {
            member: person.id,
            role,
            verify_key: person.keys.signing.verify_key(),
            seal_key: person.keys.sealing.public().clone(),
            name: seal_name(&self.names, self.directory.org(), &person.id.0, "user", "Name", &mut rng()),
        }
    }

    pub fn apply(&mut self, author: Author, key: &crate::keys::SigningKey, act: Act) -> Result<(), DirectoryError> {
        let bytes = sign_next(&self.directory, author, key, act);
        self.directory.apply(&bytes).map(|_| ())
    }

    /// A statement by the admin.
    pub fn act(&mut self, act: Act) -> Result<(), DirectoryError> {
        let key = self.admin.keys.signing.clone();
        self.apply(Author::Member(self.admin.id), &key, act)
    }

    pub fn join(&mut self, role: Role) -> Person {
        let person = Person::new();
        self.act(Act::MemberAdd(self.new_member(&person, role))).unwrap();
        person
    }

    pub fn team(&mut self, id: u8, members: &mut [&mut Person]) -> TeamId {
        let team = TeamId([id; 16]);
        let ids: Vec<_> = members.iter().map(|person| person.id).collect();
        let secret = TeamSecret::generate(&mut rng());
        let epoch = seal_team_epoch(&self.directory, team, vec![], &ids, (&secret, None), &mut rng()).unwrap();
        self.act(Act::TeamCreate(epoch)).unwrap();
        self.refresh(members);
        team
    }

    pub fn team_join(&mut self, team: TeamId, by: &Person, person: &mut Person) {
        let secret = &by.teams[&(team, self.directory.team(&team).unwrap().epoch())];
        let secret = seal_team_join(&self.directory, team, person.id, secret, &mut rng()).unwrap();
        self.act(Act::TeamAdd { team, secret }).unwrap();
        self.refresh(&mut [person]);
    }

    pub fn team_rekey(&mut self, team: TeamId, remaining: &mut [&mut Person]) {
        let ids: Vec<_> = remaining.iter().map(|person| person.id).collect();
        let old = &remaining[0].teams[&(team, self.directory.team(&team).unwrap().epoch())];
        let secret = TeamSecret::generate(&mut rng());
        let epoch = seal_team_epoch(&self.directory, team, vec![], &ids, (&secret, Some(old)), &mut rng()).unwrap();
        self.act(Act::TeamRekey(epoch)).unwrap();
        self.refresh(remaining);
    }

    pub fn refresh(&self, members: &mut [&mut Person]) {
        for person in members {
            open_team_secrets(&self.directory, person.id, &person.keys.sealing, &mut person.teams);
        }
    }

    pub fn header(&self, author: &Person, kind: EntryKind, key: &ChartKey) -> EntryHeader {
        EntryHeader {
            org: self.directory.org(),
            chart: None,
            kind,
            parents: vec![],
            author: author.id,
            device: self.device,
            directory: self.directory.head(),
            epoch: 1,
            key: key.check(),
            grants: vec![],
            previous: vec![],
            seen: None,
            lease: None,
            blobs: vec![],
        }
    }

    pub fn seal(&self, author: &Person, header: EntryHeader, key: &ChartKey) -> Entry {
        let body = seal_body(&header, key, &Body::default().encode(&mut Packer::default()), &mut rng());
        author.keys.signing.sign_entry(header, body).unwrap()
    }

    pub fn genesis(&self, author: &Person, grants: &[(Grantee, Access)]) -> (ChartKey, Entry) {
        let key = ChartKey::generate(&mut rng());
        let grants =
            seal_grants(&self.directory, author.holder(), &key, 1, grants.iter().copied(), &mut rng()).unwrap();
        let header = EntryHeader { grants, ..self.header(author, EntryKind::Genesis, &key) };
        let entry = self.seal(author, header, &key);
        (key, entry)
    }

    /// An entry of a kind without grants on top of the log's heads.
    pub fn next(&self, log: &ChartLog, author: &Person, kind: EntryKind, key: &ChartKey) -> EntryHeader {
        EntryHeader {
            chart: Some(log.chart()),
            parents: log.parents(),
            epoch: log.access().epoch(),
            ..self.header(author, kind, key)
        }
    }

    pub fn change(&self, log: &ChartLog, author: &Person, key: &ChartKey) -> Entry {
        self.seal(author, self.next(log, author, EntryKind::Change, key), key)
    }

    pub fn rekey(
        &self,
        log: &ChartLog,
        author: &Person,
        old: &[&ChartKey],
        to: &[(Grantee, Access)],
    ) -> (ChartKey, Entry) {
        let epoch = log.access().epoch() + 1;
        let replaced = old.iter().map(|key| (key.check(), Some(*key))).collect();
        let (key, previous) = new_epoch_key(self.directory.org(), epoch, &replaced, &mut rng());
        let grants =
            seal_grants(&self.directory, author.holder(), &key, epoch, to.iter().copied(), &mut rng()).unwrap();
        let header = EntryHeader { grants, previous, epoch, ..self.next(log, author, EntryKind::Rekey, &key) };
        let entry = self.seal(author, header, &key);
        (key, entry)
    }

    pub fn log(&self, entries: &[&Entry]) -> ChartLog {
        let mut log = ChartLog::new(ChartId::from(entries[0].id()));
        for entry in entries {
            log.insert(&self.directory, (*entry).clone(), Arrival::at(self.directory.now())).unwrap();
        }
        log
    }
}
