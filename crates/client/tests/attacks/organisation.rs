//! An organisation on a server: made once, copied for each test.
//!
//! | member | role | device | |
//! | --- | --- | --- | --- |
//! | ana | admin | tablet | in the team Ward |
//! | ben | clinician | laptop | in the team Ward |
//! | olga | officer | | may open none of the charts |
//! | | | cart | enrolled, and has not reached the server since |

use crate::insider::Insider;
use crate::network::{Known, Net, Server};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;
use tempfile::TempDir;
use walkdir::WalkDir;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::{Resource, ResourceKey};
use wardbook_client::sync::transport::Transport;
use wardbook_client::sync::{InviteFor, NewMemberInfo, SyncReport, enrol};
use wardbook_client::{
    Access, ChartId, Credential, Delivery, Error, Grantee, InviteLink, NewOrganisation, Role, Secret, ServerLink,
    Session, SyncOnly, TeamId, Vault,
};
use wardbook_core::keys::SiteKey;
use wardbook_core::slots::site_check;
use wardbook_wire::OrgId;

pub const ANA: &str = "quiet ambulance velvet orbit";
const BEN: &str = "seven lanterns under gravel";
const OLGA: &str = "forgotten walnut pebble engine";
/// Only its digest is looked at where no connection is made.
pub const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/// The files of a folder that nobody has open.
pub struct Snapshot(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Snapshot {
    pub fn of(folder: &Path) -> Self {
        let held = WalkDir::new(folder).min_depth(1).into_iter().map(|item| {
            let item = item.unwrap();
            let content = item.file_type().is_file().then(|| fs::read(item.path()).unwrap());
            (item.path().strip_prefix(folder).unwrap().to_owned(), content)
        });
        Self(held.collect())
    }

    /// Puts a folder back as it was.
    pub fn put(&self, folder: &Path) {
        if folder.exists() {
            fs::remove_dir_all(folder).unwrap();
        }
        fs::create_dir_all(folder).unwrap();
        for (name, content) in &self.0 {
            match content {
                Some(content) => fs::write(folder.join(name), content).unwrap(),
                None => fs::create_dir_all(folder.join(name)).unwrap(),
            }
        }
    }
}

/// Charts of one patient each.
#[derive(Clone, Copy)]
pub struct Charts {
    /// Ana manages it, the Ward writes.
    pub shared: ChartId,
    /// Ana manages it, Ben reads.
    pub read_only: ChartId,
}

struct Template {
    files: Snapshot,
    known: Known,
    org: OrgId,
    charts: Charts,
    ward: TeamId,
    /// Recovery codes: they open without the derivation of a password, which takes a quarter of a second.
    codes: BTreeMap<&'static str, String>,
}

impl Template {
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let net = Net::over(Server::open(at("server")), OrgId([0; 32]), Known::default());
        let mut codes = BTreeMap::new();
        let (mut ana, code) = found(&at("tablet"), "Harbour", &net);
        codes.insert("ana", code);
        let ward = ana.create_team("Ward", &["ana".to_owned()]).unwrap();

        let link = invite(&mut ana, &net, Some((Role::Clinician, vec![ward])), true);
        let (vault, code) = join(&at("laptop"), &link, &net, Some(("ben", "Ben", BEN))).unwrap();
        let mut ben = first(vault, "ben", &code, &mut net.link()).unwrap();
        codes.insert("ben", code);
        let olga = ana.add_member("olga", "Olga", Role::Officer, &Secret::new(OLGA.to_owned())).unwrap();
        codes.insert("olga", olga.as_str().to_owned());
        let link = invite(&mut ana, &net, None, true);
        drop(join(&at("cart"), &link, &net, None).unwrap());

        let (me, ben_is) = (Grantee::Member(ana.me()), Grantee::Member(ben.me()));
        let shared = [(me, Access::Manage), (Grantee::Team(ward), Access::Write)];
        let shared = open_chart(&mut ana, &folder, "ionescu", &shared);
        let read_only = open_chart(&mut ana, &folder, "ferreira", &[(me, Access::Manage), (ben_is, Access::Read)]);
        note(&mut ana, shared, "pulse", "72");
        for _ in 0..2 {
            ana.sync(&mut net.link(), &mut |_| {}).unwrap();
            ben.sync(&mut net.link(), &mut |_| {}).unwrap();
        }
        let (org, known) = (ana.vault().directory().org(), net.known());
        drop((ana, ben, net));
        ["tablet", "laptop", "cart"].iter().for_each(|name| site_key_to_file(&at(name)));
        let charts = Charts { shared, read_only };
        Self { files: Snapshot::of(folder.path()), known, org, charts, ward, codes }
    }
}

/// A new organisation on the server, with its admin Ana in a session; gives her recovery code.
pub fn found(folder: &Path, name: &str, net: &Rc<Net>) -> (Session, String) {
    let password = Secret::new(ANA.to_owned());
    let new = NewOrganisation {
        name,
        user: "ana",
        display: "Ana",
        password: &password,
        device_name: "tablet",
        shares_needed: 2,
        shares_made: 3,
        fips_only: false,
    };
    let created = Vault::create(folder, &new).unwrap();
    let code = created.secrets.recovery_code.as_str().to_owned();
    let mut ana = unlock(created.vault, "ana", &code).unwrap();
    let server = ServerLink { base: "https://ward.test:8443".into(), fingerprint: [7; 32], code: String::new() };
    ana.set_server(&mut net.link(), &server, CERTIFICATE).unwrap();
    ana.connect(Box::new(net.link()));
    ana.sync(&mut net.link(), &mut |_| {}).unwrap();
    (ana, code)
}

/// The site key in a file, also where this machine has a key store: the folder is copied many times.
fn site_key_to_file(folder: &Path) {
    let pointer = folder.join("site.keystore");
    let Ok(name) = fs::read_to_string(&pointer) else { return };
    let entry = keyring::v1::Entry::new("wardbook", &name).unwrap();
    let key = entry.get_secret().unwrap();
    let check = site_check(&SiteKey::from_slice(&key).unwrap());
    fs::write(folder.join("site.key"), [key.as_slice(), &check].concat()).unwrap();
    entry.delete_credential().unwrap();
    fs::remove_file(pointer).unwrap();
}

/// The link of an invite by an admin; for a device alone where no member is named.
pub fn invite(ana: &mut Session, net: &Rc<Net>, member: Option<(Role, Vec<TeamId>)>, device: bool) -> String {
    let invited = ana.invite(&mut net.link(), &InviteFor { member, device, hours: 1 }).unwrap();
    invited.link.as_str().to_owned()
}

/// Enrols a folder by a link; gives the recovery code, or nothing for a device alone.
pub fn join(
    folder: &Path,
    link: &str,
    net: &Rc<Net>,
    member: Option<(&str, &str, &str)>,
) -> Result<(Vault, String), Error> {
    join_by(folder, &InviteLink::from_text(link).unwrap(), net, member)
}

pub fn join_by(
    folder: &Path,
    link: &InviteLink,
    net: &Rc<Net>,
    member: Option<(&str, &str, &str)>,
) -> Result<(Vault, String), Error> {
    let password = Secret::new(member.map_or("", |(_, _, password)| password).to_owned());
    let info = member.map(|(user, display, _)| NewMemberInfo { user, display, password: &password });
    let name = folder.file_name().unwrap().to_str().unwrap();
    let enrolled = enrol(folder, link, &mut net.link(), CERTIFICATE, name, info.as_ref())?;
    Ok((enrolled.vault, enrolled.recovery_code.map(|code| code.as_str().to_owned()).unwrap_or_default()))
}

fn open_chart(session: &mut Session, folder: &TempDir, id: &str, to: &[(Grantee, Access)]) -> ChartId {
    let path = folder.path().join(format!("{id}.json"));
    fs::write(&path, format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{id}"}}]}}"#)).unwrap();
    let to: BTreeMap<Grantee, Access> = to.iter().copied().collect();
    let report = session.import(std::slice::from_ref(&path), &to, &mut |_| {}).unwrap();
    assert_eq!(report.charts_new, 1, "{:?}", report.refusals);
    fs::remove_file(path).unwrap();
    session.find_chart(id).unwrap()
}

pub fn unlock(vault: Vault, user: &str, code: &str) -> Result<Session, Error> {
    let code = Secret::new(code.to_owned());
    vault.unlock(user, &Credential::RecoveryCode(&code)).map_err(|(_, error)| error)
}

pub fn unlock_to_sync(vault: Vault, user: &str, code: &str) -> SyncOnly {
    let code = Secret::new(code.to_owned());
    vault.unlock_to_sync(user, &Credential::RecoveryCode(&code)).map_err(|(_, error)| error).unwrap()
}

/// A member on a device that has no lease.
pub fn first(vault: Vault, user: &str, code: &str, link: &mut dyn Transport) -> Result<Session, Error> {
    let mut unlocked = unlock_to_sync(vault, user, code);
    unlocked.sync(link, &mut |_| {})?;
    unlocked.into_session().map_err(|(_, error)| error)
}

/// The organisation for one test, as all tests find it.
pub struct Scene {
    folder: TempDir,
    pub net: Rc<Net>,
    pub org: OrgId,
    pub charts: Charts,
    pub ward: TeamId,
    codes: &'static BTreeMap<&'static str, String>,
}

impl Scene {
    pub fn new() -> Self {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        let template = TEMPLATE.get_or_init(Template::build);
        let folder = tempfile::tempdir().unwrap();
        template.files.put(folder.path());
        let server = Server::open(folder.path().join("server"));
        let net = Net::over(server, template.org, template.known.clone());
        let Template { org, charts, ward, codes, .. } = template;
        Self { folder, net, org: *org, charts: *charts, ward: *ward, codes }
    }

    /// The folder of a device.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn code(&self, user: &str) -> &'static str {
        &self.codes[user]
    }

    /// A session of somebody on a device whose lease holds.
    pub fn open(&self, device: &str, user: &str) -> Session {
        let mut session = self.try_open(device, user).unwrap();
        session.connect(Box::new(self.net.link()));
        session
    }

    pub fn try_open(&self, device: &str, user: &str) -> Result<Session, Error> {
        unlock(Vault::open(&self.path(device)).unwrap(), user, self.code(user))
    }

    /// A session of somebody on a device that reaches the server first.
    pub fn first(&self, device: &str, user: &str) -> Result<Session, Error> {
        first(Vault::open(&self.path(device)).unwrap(), user, self.code(user), &mut self.net.link())
    }

    pub fn sync(&self, session: &mut Session) -> Result<SyncReport, Error> {
        session.sync(&mut self.net.link(), &mut |_| {})
    }

    /// Everything that somebody's code opens on a device that nobody has open.
    pub fn insider(&self, device: &str, user: &str) -> Insider {
        Insider::of(&self.path(device), user, self.code(user))
    }

    /// A chart of a member's own, shared as they say.
    pub fn open_chart(&self, session: &mut Session, id: &str, to: &[(Grantee, Access)]) -> ChartId {
        open_chart(session, &self.folder, id, to)
    }
}

fn observation(id: &str) -> ResourceKey {
    ResourceKey { kind: "Observation".to_owned(), id: id.to_owned() }
}

pub fn observation_text(id: &str, text: &str) -> String {
    format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"{text}"}}}}"#)
}

/// Writes an observation.
pub fn note(session: &mut Session, chart: ChartId, id: &str, text: &str) {
    try_note(session, chart, id, text).unwrap();
}

pub fn try_note(session: &mut Session, chart: ChartId, id: &str, text: &str) -> Result<(), Error> {
    let json = Json::parse(observation_text(id, text).as_bytes()).unwrap();
    session.put(chart, Resource::from_json(json, None).unwrap())
}

/// What an observation says; none where it is not there or the chart does not open.
pub fn read(session: &mut Session, chart: ChartId, id: &str) -> Option<String> {
    let view = session.chart(chart).ok()?.view(&observation(id))?;
    Some(view.content?.at(["code", "text"])?.as_str()?.to_owned())
}

/// How far the entry of an observation has come, as a device shows it.
pub fn delivered(session: &mut Session, chart: ChartId, id: &str) -> Delivery {
    session.chart(chart).unwrap();
    let version = session.heads(chart, &observation(id))[0];
    session.delivery(chart).unwrap()[&version.entry]
}

/// The server was caught; gives what people are told.
pub fn caught<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Cheat(told)) => told,
        Err(other) => panic!("another failure: {other}"),
        Ok(_) => panic!("it was believed"),
    }
}
