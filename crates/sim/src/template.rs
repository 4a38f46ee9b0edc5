//! The organisation that each seed begins with: made once in a process, with real passwords, and the same for every seed.

use crate::Failure;
use crate::chance::Chance;
use crate::network::Net;
use crate::server::{Server, files_of, temporary_folder};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;
use wardbook_client::sync::{InviteFor, enrol};
use wardbook_client::world::{self, World};
use wardbook_client::{
    Credential, Error, InviteLink, MemberId, NewOrganisation, Role, Secret, ServerLink, Session, Vault,
};
use wardbook_core::keys::KeyringKey;
use wardbook_store::memory::{self, MemoryDisk};

/// When every run begins, in milliseconds since 1970.
const START_MS: i64 = 1_750_000_000_000;
/// Devices of the small organisation; beyond that, the large one.
const SMALL: usize = 16;
const LARGE: usize = 100;
/// The first two are admins and in every team, so that they can change each.
pub const ADMINS: usize = 2;
/// The next two are officers.
const OFFICERS: usize = 2;
const TEAMS: [&str; 4] = ["north", "south", "crew", "clinic"];
pub const PASSWORD: &str = "quiet ambulance velvet orbit";
/// No number of a device.
const FOREIGN: usize = usize::MAX;
/// Whatever is not parsed but hashed.
pub const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/// A member, with what unlocks for them.
#[derive(Clone)]
pub struct Person {
    pub user: String,
    pub member: MemberId,
    pub key: KeyringKey,
}

pub struct Template {
    pub people: Vec<Person>,
    pub disks: Vec<MemoryDisk>,
    /// The server's folder.
    pub server: Vec<(PathBuf, Vec<u8>)>,
    /// An answer of the same server to another organisation.
    pub foreign: Vec<u8>,
    pub start_ms: i64,
}

/// The disk of a device.
pub fn folder_of(device: usize) -> PathBuf {
    PathBuf::from(format!("sim:/device-{device}"))
}

/// The organisation for so many devices.
pub fn template(devices: usize) -> Result<&'static Template, Failure> {
    static MADE: [OnceLock<Result<Template, String>>; 2] = [const { OnceLock::new() }; 2];
    let [small, large] = &MADE;
    let made = if devices <= SMALL {
        small.get_or_init(|| make(12, SMALL).map_err(|failure| failure.to_string()))
    } else {
        large.get_or_init(|| make(24, LARGE).map_err(|failure| failure.to_string()))
    };
    made.as_ref().map_err(|failure| Failure::new("simulation", failure.clone()))
}

fn make(people: usize, devices: usize) -> Result<Template, Failure> {
    memory::clear();
    let random = Chance::new("template", devices as u64).into_filler();
    world::enter(World { now_ms: START_MS, random: Box::new(random) });
    let made = make_in_world(people, devices);
    world::leave();
    memory::clear();
    made
}

fn make_in_world(people: usize, devices: usize) -> Result<Template, Failure> {
    let folder = temporary_folder()?;
    let net = Net::new(Server::open(folder.path(), 0)?, 0, START_MS);
    (0..devices).chain([FOREIGN]).for_each(|device| net.set_online(device, true));
    let password = Secret::new(PASSWORD.to_owned());

    let mut session = found(&folder_of(0), &password)?;
    for person in 1..people {
        let role = role_of(person);
        session.add_member(&user(person), &format!("Person {person}"), role, &password)?;
    }
    for (number, name) in TEAMS.iter().enumerate() {
        let members = (0..people).filter(|person| *person < ADMINS || person % TEAMS.len() == number);
        session.create_team(name, &members.map(user).collect::<Vec<_>>())?;
    }
    let mut vault = session.lock();
    let mut persons = Vec::new();
    for person in 0..people {
        let session = unlock(vault, &user(person), &password)?;
        persons.push(Person { user: user(person), member: session.me(), key: session.key_for_simulation() });
        vault = session.lock();
    }
    let admin = persons.first().cloned().ok_or_else(|| Failure::new("simulation", "nobody"))?;
    let mut session = resume(vault, &admin)?;
    on_server(&mut session, &net, 0)?;
    for device in 1..devices {
        let what = InviteFor { member: None, device: true, hours: 24 };
        let invited = session.invite(&mut net.link(0), &what)?;
        let vault = join(&invited.link, &net, device)?;
        resume(vault, &admin)?.sync(&mut net.link(device), &mut |_| {})?;
    }
    session.sync(&mut net.link(0), &mut |_| {})?;
    drop(session);

    let mut foreign = found(Path::new("sim:/foreign"), &password)?;
    on_server(&mut foreign, &net, FOREIGN)?;
    let foreign = net.answers.borrow().get(&FOREIGN).cloned().unwrap_or_default();
    let disks = (0..devices).filter_map(|device| memory::snapshot(&folder_of(device))).collect();
    let backup = net.server.borrow_mut().backup()?;
    Ok(Template { people: persons, disks, server: files_of(&backup)?, foreign, start_ms: net.now_ms() })
}

fn user(person: usize) -> String {
    format!("person-{person}")
}

fn role_of(person: usize) -> Role {
    match person {
        _ if person < ADMINS => Role::Admin,
        _ if person < ADMINS + OFFICERS => Role::Officer,
        _ if person == ADMINS + OFFICERS => Role::Reader,
        _ => Role::Clinician,
    }
}

/// A new organisation, unlocked by its first admin.
fn found(folder: &Path, password: &Secret) -> Result<Session, Failure> {
    let new = NewOrganisation {
        name: "Harbour",
        user: &user(0),
        display: "Person 0",
        password,
        device_name: "device-0",
        shares_needed: 2,
        shares_made: 3,
        fips_only: false,
    };
    let created = Vault::create(folder, &new)?;
    unlock(created.vault, &user(0), password)
}

fn unlock(vault: Vault, user: &str, password: &Secret) -> Result<Session, Failure> {
    Ok(vault.unlock(user, &Credential::Password(password)).map_err(|(_, error)| error)?)
}

fn resume(vault: Vault, person: &Person) -> Result<Session, Failure> {
    Ok(vault.resume(person.member, &person.key).map_err(|(_, error)| error)?)
}

/// Puts an organisation on the server and connects the session.
fn on_server(session: &mut Session, net: &Rc<Net>, device: usize) -> Result<(), Failure> {
    let link = ServerLink { base: "https://server.sim:8443".to_owned(), fingerprint: [0; 32], code: String::new() };
    session.set_server(&mut net.link(device), &link, CERTIFICATE)?;
    session.connect(Box::new(net.link(device)));
    session.sync(&mut net.link(device), &mut |_| {})?;
    Ok(())
}

/// A new device by the link of an invite. Where the answer is lost, the same again goes on.
pub fn join(link: &str, net: &Rc<Net>, device: usize) -> Result<Vault, Error> {
    let invite = InviteLink::from_text(link).map_err(|error| Error::Invalid(error.to_string()))?;
    let name = format!("device-{device}");
    enrol(&folder_of(device), &invite, &mut net.link(device), CERTIFICATE, &name, None).map(|joined| joined.vault)
}
