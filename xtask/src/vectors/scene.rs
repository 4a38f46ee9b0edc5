//! A small organisation whose chain has every act once; the vectors of directory and entries share it.

use super::rng::VectorRng;
use crate::Result;
use std::collections::BTreeMap;
use wardbook_core::chart::KeyHolder;
use wardbook_core::directory::{self, Directory, seal_name, seal_team_epoch, seal_team_join, sign_next};
use wardbook_core::keys::{DeviceKeys, DirectoryKey, MemberKeys, SigningKey, TeamSecret};
use wardbook_wire::kdf::Kdf;
use wardbook_wire::statement::{NewDevice, NewMember};
use wardbook_wire::{Act, Author, DeviceId, MemberId, Policy, Role, StatementId, TeamId};

pub const POLICY: Policy = Policy { kdf: Kdf::ARGON2_FLOOR, password_chars_min: 15, lease_hours: 72 };
pub const TEAM: TeamId = TeamId([0x7e; 16]);
pub const DEVICE: DeviceId = DeviceId([0xd0; 16]);

pub struct Person {
    pub name: &'static str,
    pub id: MemberId,
    pub keys: MemberKeys,
}

impl Person {
    pub fn new(name: &'static str, id: u8, rng: &mut VectorRng) -> Self {
        Self { name, id: MemberId([id; 16]), keys: MemberKeys::generate(rng) }
    }

    pub fn author(&self) -> Author {
        Author::Member(self.id)
    }

    pub fn holder<'a>(&'a self, teams: &'a BTreeMap<(TeamId, u64), TeamSecret>) -> KeyHolder<'a> {
        KeyHolder { member: self.id, sealing: &self.keys.sealing, earlier: &[], teams }
    }
}

/// One statement of the chain.
pub struct Step {
    pub name: &'static str,
    pub id: StatementId,
    pub bytes: Vec<u8>,
}

pub struct Scene {
    pub root: SigningKey,
    pub names: DirectoryKey,
    pub admin: Person,
    pub ana: Person,
    pub ben: Person,
    /// The team's secrets of epochs 1 and 2.
    pub secrets: [TeamSecret; 2],
    pub chain: Vec<Step>,
    pub directory: Directory,
}

impl Scene {
    pub fn new() -> Result<Self> {
        let rng = &mut VectorRng::new("scene");
        let root = SigningKey::generate(rng);
        let names = DirectoryKey::generate(rng);
        let [admin, ana, ben] =
            [("admin", 0xad), ("ana", 0xa1), ("ben", 0xb2)].map(|(name, id)| Person::new(name, id, rng));
        let secrets = [TeamSecret::generate(rng), TeamSecret::generate(rng)];
        let bytes = directory::genesis(&root, [1; 32], POLICY);
        let directory = Directory::start(&bytes)?;
        let chain = vec![Step { name: "genesis", id: directory.head(), bytes }];
        let mut scene = Self { root, names, admin, ana, ben, secrets, chain, directory };
        scene.grow(rng)?;
        Ok(scene)
    }

    fn grow(&mut self, rng: &mut VectorRng) -> Result<()> {
        let first = Act::MemberAdd(self.new_member(&self.admin, Role::Admin, rng));
        self.by_root("first_admin", first)?;
        let device = DeviceKeys::generate(rng);
        let enrol = NewDevice {
            device: DEVICE,
            verify_key: device.signing.verify_key(),
            seal_key: device.sealing.public().clone(),
            name: seal_name(&self.names, self.directory.org(), &DEVICE.0, "", "Ward tablet", rng),
        };
        self.by_admin("device_enrol", Act::DeviceEnrol(enrol))?;
        let ana = Act::MemberAdd(self.new_member(&self.ana, Role::Clinician, rng));
        self.by_admin("member_add_ana", ana)?;
        let ben = Act::MemberAdd(self.new_member(&self.ben, Role::Clinician, rng));
        self.by_admin("member_add_ben", ben)?;
        let name = seal_name(&self.names, self.directory.org(), &TEAM.0, "", "Ward 3", rng);
        let [one, two] = self.secrets.clone();
        let epoch = seal_team_epoch(&self.directory, TEAM, name.clone(), &[self.ana.id], (&one, None), rng)?;
        self.by_admin("team_create", Act::TeamCreate(epoch))?;
        let secret = seal_team_join(&self.directory, TEAM, self.ben.id, &one, rng)?;
        self.by_admin("team_add_ben", Act::TeamAdd { team: TEAM, secret })?;
        let epoch = seal_team_epoch(&self.directory, TEAM, name, &[self.ana.id], (&two, Some(&one)), rng)?;
        self.by_admin("team_rekey_without_ben", Act::TeamRekey(epoch))?;
        self.by_admin("policy_set", Act::PolicySet(Policy { kdf: Kdf::PBKDF2_FLOOR, ..POLICY }))?;
        self.by_admin("role_set_ben", Act::RoleSet { member: self.ben.id, role: Role::Reader })?;
        self.by_admin("member_retire_ben", Act::MemberRetire { member: self.ben.id })?;
        self.by_admin("device_retire", Act::DeviceRetire { device: DEVICE })?;
        self.by_root("role_set_ana_by_root", Act::RoleSet { member: self.ana.id, role: Role::Admin })
    }

    pub fn new_member(&self, person: &Person, role: Role, rng: &mut VectorRng) -> NewMember {
        NewMember {
            member: person.id,
            role,
            verify_key: person.keys.signing.verify_key(),
            seal_key: person.keys.sealing.public().clone(),
            name: seal_name(&self.names, self.directory.org(), &person.id.0, person.name, "Full Name", rng),
        }
    }

    fn by_root(&mut self, name: &'static str, act: Act) -> Result<()> {
        let bytes = sign_next(&self.directory, Author::Root, &self.root, act);
        self.push(name, bytes)
    }

    fn by_admin(&mut self, name: &'static str, act: Act) -> Result<()> {
        let bytes = sign_next(&self.directory, self.admin.author(), &self.admin.keys.signing, act);
        self.push(name, bytes)
    }

    fn push(&mut self, name: &'static str, bytes: Vec<u8>) -> Result<()> {
        let id = self.directory.apply(&bytes)?;
        self.chain.push(Step { name, id, bytes });
        Ok(())
    }

    /// The directory after that many statements.
    pub fn directory_after(&self, statements: usize) -> Result<Directory> {
        let mut steps = self.chain.iter().take(statements);
        let genesis = steps.next().ok_or("a directory has a genesis")?;
        let mut directory = Directory::start(&genesis.bytes)?;
        for step in steps {
            directory.apply(&step.bytes)?;
        }
        Ok(directory)
    }

    /// The id of the statement at a position.
    pub fn statement(&self, position: usize) -> Result<StatementId> {
        Ok(self.chain.get(position).ok_or("no such statement")?.id)
    }

    /// Both secrets of the team, as Ana holds them.
    pub fn ana_teams(&self) -> BTreeMap<(TeamId, u64), TeamSecret> {
        let [one, two] = self.secrets.clone();
        BTreeMap::from([((TEAM, 1), one), ((TEAM, 2), two)])
    }
}
