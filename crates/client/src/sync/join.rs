//! Inviting to an organisation, and joining it (`spec/invites.md`).

use super::call::{Ask, Signer, read, refusal};
use super::take::{fold, no_server};
use super::transport::{Answer, Call, Transport};
use super::{Sync, SyncState};
use crate::bundle::{take_keyring, take_slot};
use crate::create::{EVERYONE, People, new_device, put_keyring, random};
use crate::device::{DeviceState, Identity};
use crate::vault::{read_directory, statement_key};
use crate::{Error, InviteMisuse, Role, Secret, Session, SiteKeyPlace, TeamId, Vault, now_ms, rng, site};
use std::collections::BTreeMap;
use std::path::Path;
use wardbook_core::directory::{Directory, open_name, seal_team_secret};
use wardbook_core::invite::{InviteLink, Welcome, open_welcome, seal_welcome};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::{DeviceKeys, InviteSecret, KeyringKey, MemberKeys, SigningKey};
use wardbook_core::password::normalise_user;
use wardbook_store::{Batch, Kind, Store};
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::exchange::{
    InviteRequest, Object, Outcome, REQUEST_BYTES_MAX, Refusal, SyncAnswer, WelcomeRequest, path,
};
use wardbook_wire::log::{Item, LeafKind, LogPoint, ObjectBytes, Range};
use wardbook_wire::request::{Caller, Challenge};
use wardbook_wire::statement::{Invite, InvitedMember, Join, JoinedTeam};
use wardbook_wire::{Act, Author, DeviceId, OrgId, Statement, Unverified, strict};
use zeroize::Zeroizing;

const HOUR_MS: i64 = 3_600_000;
/// What was handed in by who joins, until the answer has come.
const JOINING: &[u8] = b"joining";
/// How often a newcomer's statement is made anew because another came first.
const TRIES: usize = 8;

/// Who or what is invited.
#[derive(Clone, Debug)]
pub struct InviteFor {
    /// The role and the teams, besides the team of everyone.
    pub member: Option<(Role, Vec<TeamId>)>,
    pub device: bool,
    pub hours: u32,
}

/// An invite to hand over. The link is a secret until it is used.
pub struct Invited {
    pub link: Zeroizing<String>,
    pub expires_ms: i64,
}

/// What a new member says of themself.
pub struct NewMemberInfo<'a> {
    pub user: &'a str,
    pub display: &'a str,
    pub password: &'a Secret,
}

impl Session {
    /// Makes an invite and leaves with the server what its holder will need.
    ///
    /// # Errors
    /// Not an admin; no server; one of the teams is not this admin's: only who holds a team's secret passes it on.
    pub fn invite(&mut self, link: &mut dyn Transport, what: &InviteFor) -> Result<Invited, Error> {
        let fingerprint = self.vault.server_fingerprint()?;
        let base = self.vault.server_base().unwrap_or_default().to_owned();
        let secret = InviteSecret::generate(&mut rng());
        let key = secret.signing_key().verify_key();
        let expires_ms = now_ms().saturating_add(i64::from(what.hours) * HOUR_MS);
        let member = what.member.as_ref().map(|(role, teams)| {
            let mut teams: Vec<_> = teams.iter().copied().chain([EVERYONE]).collect();
            teams.sort_unstable();
            teams.dedup();
            InvitedMember { role: *role, teams }
        });
        self.publish(link, Batch::new(), &mut |session, batch| {
            for team in member.iter().flat_map(|member| &member.teams) {
                session.team_secret(*team)?;
            }
            let invite = Invite { key, member: member.clone(), device: what.device, expires_ms };
            session.state(Act::Invite(invite), batch)
        })?;
        let teams = member.iter().flat_map(|member| &member.teams);
        let secrets = teams.map(|team| {
            let epoch = self.vault.directory.team(team).map_or(0, |team| team.epoch());
            Ok(((*team, epoch), self.team_secret(*team)?))
        });
        let welcome = Welcome {
            site: self.vault.site.clone(),
            directory_key: self.ring.directory_key.clone(),
            teams: secrets.collect::<Result<_, Error>>()?,
        };
        let org = self.vault.identity.org;
        let sealed = ObjectBytes(seal_welcome(&secret, org, &welcome, &mut rng()));
        let request = strict::encode(&WelcomeRequest { key, sealed });
        self.ask(link, Ask::post(&path(org, "welcome"), &request))?;
        let text = InviteLink { base, org, fingerprint, secret }.to_text();
        Ok(Invited { link: text.map_err(|error| Error::Invalid(error.to_string()))?, expires_ms })
    }

    /// Withdraws invites that nobody has used; gives how many there were.
    ///
    /// # Errors
    /// Not an admin; no server.
    pub fn withdraw_invites(&mut self, link: &mut dyn Transport) -> Result<usize, Error> {
        let mut count = 0;
        self.publish(link, Batch::new(), &mut |session, batch| {
            let open = session.vault.directory.invites().iter().filter(|open| open.closed.is_none());
            let keys: Vec<_> = open.map(|open| open.invite.key).collect();
            count = keys.len();
            keys.into_iter().try_for_each(|key| session.state(Act::InviteRevoke { key }, batch))
        })?;
        Ok(count)
    }
}

/// The two ends of using an invite: whoever holds it signs with its key.
struct Holder<'a> {
    invite: &'a InviteLink,
    key: SigningKey,
    link: &'a mut dyn Transport,
    challenge: Option<Challenge>,
}

impl<'a> Holder<'a> {
    fn new(invite: &'a InviteLink, link: &'a mut dyn Transport) -> Self {
        Self { invite, key: invite.secret.signing_key(), link, challenge: None }
    }

    fn send(&mut self, ask: Ask<'_>) -> Result<Answer, Error> {
        let caller = Caller::Invite(self.key.verify_key());
        let signer = Signer { org: self.invite.org, caller, keys: vec![&self.key] };
        signer.ask(self.link, &mut self.challenge, ask).map_err(unusable)
    }

    fn welcome(&mut self) -> Result<Welcome, Error> {
        let route = path(self.invite.org, "welcome");
        let sealed = self.send(Ask { method: "GET", path: &route, body: &[], range: None, offset: None })?.body;
        let welcome = open_welcome(&self.invite.secret, self.invite.org, &sealed);
        welcome.map_err(|_| Error::cheat("what it keeps for this invite does not open (INV-01)"))
    }

    fn ask(&mut self, request: &InviteRequest) -> Result<SyncAnswer, Error> {
        let route = path(self.invite.org, "invite");
        read(&self.send(Ask::post(&route, &strict::encode(request)))?)
    }

    /// The directory from the id in the link on, and the invite in it.
    fn directory(&mut self) -> Result<(Directory, Vec<Vec<u8>>, Invite), Error> {
        let org = self.invite.org;
        let Shown { directory, statements, .. } = show(org, &mut |request| self.ask(request))?;
        let key = self.key.verify_key();
        let open = directory.invites().iter().find(|open| open.invite.key == key).map(|open| open.invite.clone());
        let open = open.ok_or_else(|| {
            Error::Invalid("this invite is not of this organisation, or was altered on its way".into())
        })?;
        Ok((directory, statements, open))
    }

    /// What is handed in by who joins: the statement with their slots and keyring.
    fn objects(&self, directory: &Directory, join: &Join, rows: &Batch) -> Vec<Object> {
        let statement = Statement {
            org: Some(directory.org()),
            previous: Some(directory.head()),
            author: Author::Invite(self.key.verify_key()),
            act: Act::Join(join.clone()),
        };
        let mut objects = vec![Object::Statement(ObjectBytes(self.key.sign(&statement)))];
        objects.extend(rows.puts(Kind::Slot).map(|bytes| Object::Slot(ObjectBytes(bytes.to_vec()))));
        objects.extend(rows.puts(Kind::Keyring).map(|bytes| Object::Keyring(ObjectBytes(bytes.to_vec()))));
        objects
    }

    /// True if these are by whoever has this invite.
    fn signed(&self, objects: &[Object]) -> bool {
        let Some(Object::Statement(ObjectBytes(bytes))) = objects.first() else { return false };
        let key = self.key.verify_key();
        Unverified::<Statement>::decode(bytes).is_ok_and(|statement| statement.peek().author == Author::Invite(key))
    }

    /// Hands them in; gives the organisation with them in it. None where another statement came first.
    fn hand_in(&mut self, objects: &[Object]) -> Result<Option<Shown>, Error> {
        let mut outcome = None;
        let shown = show(self.invite.org, &mut |request| {
            let answer = self.ask(&InviteRequest { point: request.point, objects: objects.to_vec() })?;
            outcome = answer.outcomes.first().cloned();
            Ok(answer)
        })?;
        match outcome {
            Some(Outcome::Logged { .. }) => Ok(Some(shown)),
            Some(Outcome::Refused(Refusal::NotNext)) => Ok(None),
            Some(other) => Err(Error::Conflict(format!("the server did not take the new member or device: {other:?}"))),
            None => Err(Error::cheat("it did not say what became of each object")),
        }
    }
}

/// What somebody with an invite is shown of the organisation.
struct Shown {
    directory: Directory,
    statements: Vec<Vec<u8>>,
    /// Only to who has joined.
    slots: Vec<Vec<u8>>,
    keyrings: Vec<Vec<u8>>,
    /// The log at that time.
    point: LogPoint,
}

/// Reads the organisation's own stream from its beginning.
fn show(org: OrgId, ask: &mut dyn FnMut(&InviteRequest) -> Result<SyncAnswer, Error>) -> Result<Shown, Error> {
    let (mut range, mut directory) = (Range::default(), None::<Directory>);
    let (mut statements, mut slots, mut keyrings) = (Vec::new(), Vec::new(), Vec::new());
    let checkpoint = loop {
        let answer = ask(&InviteRequest { point: range.point(), objects: Vec::new() })?;
        let before = range.size();
        for item in &answer.items {
            match item {
                Item::Skip(subtree) => fold(&mut range, std::slice::from_ref(subtree))?,
                Item::Leaf { leaf, object } => {
                    range.push_leaf(leaf);
                    let Some(ObjectBytes(bytes)) = object.clone() else { continue };
                    match leaf.kind {
                        LeafKind::Slot => slots.push(bytes),
                        LeafKind::Keyring => keyrings.push(bytes),
                        LeafKind::Entry => {}
                        LeafKind::Statement => {
                            let taken = match &mut directory {
                                None => Directory::start(&bytes).map(|started| directory = Some(started)),
                                Some(directory) => directory.apply_at(&bytes, Some(leaf.received_ms)).map(|_| ()),
                            };
                            taken.map_err(|error| Error::cheat(&error.to_string()))?;
                            statements.push(bytes);
                        }
                    }
                }
            }
        }
        if answer.rest.is_empty() {
            break answer.checkpoint;
        }
        if range.size() == before {
            return Err(Error::cheat("its log does not go on where it ended (LOG-03)"));
        }
    };
    let directory = directory.filter(|directory| directory.org() == org);
    let directory = directory.ok_or_else(|| Error::cheat("its directory is not that of the invite (DIR-01)"))?;
    let server = directory.server().copied().ok_or_else(no_server)?;
    let checkpoint = Checkpoint::open(&checkpoint, org, server.generation, &server.key);
    let checkpoint = checkpoint.map_err(|error| Error::cheat(&error.to_string()))?; // LOG-01
    if checkpoint.point != range.point() {
        return Err(Error::cheat("what it showed is not the log that it signed (LOG-03)"));
    }
    Ok(Shown { directory, statements, slots, keyrings, point: range.point() })
}

/// Who has joined.
pub struct Enrolled {
    pub vault: Vault,
    /// To print once. None for a device alone, and where the answer to an earlier attempt had been lost: then the member
    /// makes a new one.
    pub recovery_code: Option<Zeroizing<String>>,
}

/// Joins an organisation in an empty folder. Where the answer was lost, the same again goes on where it stopped.
///
/// # Errors
/// The invite was used, has expired, was withdrawn or altered; the user name is taken; the password is weak; no answer.
pub fn enrol(
    folder: &Path,
    invite: &InviteLink,
    link: &mut dyn Transport,
    certificate: &str,
    device_name: &str,
    member: Option<&NewMemberInfo<'_>>,
) -> Result<Enrolled, Error> {
    let mut holder = Holder::new(invite, link);
    if Vault::is_at(folder) {
        let vault = Vault::open(folder)?;
        let waiting = vault.joining()?.filter(|_| vault.identity.org == invite.org);
        let Some(objects) = waiting else {
            return Err(InviteMisuse::VaultHere.into());
        };
        // The server takes it by no other, and a refusal would remove keys that may be in the log.
        if !holder.signed(&objects) {
            return Err(Error::Conflict(
                "joining was begun with another invite: go on with that one, or give up what was begun".into(),
            ));
        }
        if let Some(vault) = vault.finish_or_remove(&mut holder, &objects)? {
            return Ok(Enrolled { vault, recovery_code: None });
        }
    }
    let welcome = holder.welcome()?;
    for _ in 0..TRIES {
        let (directory, rows, open) = holder.directory()?;
        if !open.device {
            return Err(InviteMisuse::ForPersonAlone.into());
        }
        let identity = Identity { org: invite.org, device: DeviceId(random()), keys: DeviceKeys::generate(&mut rng()) };
        let mut newcomer = Newcomer::new(&directory, &open, &welcome, member)?;
        newcomer.join.device = Some(new_device(&identity, &welcome.directory_key, device_name));
        let objects = holder.objects(&directory, &newcomer.join, &newcomer.batch);
        let server = (invite.base.as_str(), certificate);
        // On disk before the server knows of it: keys that somebody has joined with must not be lost.
        let mut batch = newcomer.batch;
        keep_joining(&objects, &mut batch);
        let vault = settle(folder, identity, directory, (rows, batch), &welcome, server)?;
        if let Some(vault) = vault.finish_or_remove(&mut holder, &objects)? {
            return Ok(Enrolled { vault, recovery_code: newcomer.recovery_code });
        }
    }
    Err(busy())
}

/// Opens a vault that has lost its site key with the one that an invite of its organisation brings, and keeps that; the invite
/// stays unused. False where the key is another one's, or where the vault's own keys were wiped.
///
/// # Errors
/// [`Error::Conflict`] for an invite of another organisation; it cannot be used; no answer; what else is damaged.
pub fn reopen(folder: &Path, invite: &InviteLink, link: &mut dyn Transport) -> Result<bool, Error> {
    let store = Store::open(folder)?;
    // That needs no key.
    if read_directory(&store).is_ok_and(|directory| directory.org() != invite.org) {
        return Err(Error::Conflict(
            "what is stored here belongs to another organisation: an invite of that one brings its key back".into(),
        ));
    }
    let site = Holder::new(invite, link).welcome()?.site;
    if Identity::read(&site, &store).is_err() {
        return Ok(false);
    }
    // Where it is kept is known when it is.
    Vault::read(store, (site.clone(), SiteKeyPlace::KeyStore))?;
    site::keep(folder, &site)?;
    Ok(true)
}

/// What was made here and has not become a member of anything.
fn remove_vault(folder: &Path) {
    let _ = site::forget(folder);
    let _ = Store::remove(folder);
}

/// Keeps what is handed in, in case the answer is lost.
fn keep_joining(objects: &[Object], batch: &mut Batch) {
    batch.put(Kind::Device, &[], JOINING, strict::encode(&objects.to_vec()));
}

impl Vault {
    /// Joins as a member on this device, which is enrolled already; gives the recovery code to print once, or none where the
    /// answer to an earlier attempt had been lost.
    ///
    /// # Errors
    /// As [`enrol`]; the invite is for another organisation or for a new device; this device does not have the server.
    pub fn join_here(
        &mut self,
        invite: &InviteLink,
        link: &mut dyn Transport,
        member: &NewMemberInfo<'_>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        if !self.has_server() {
            return Err(InviteMisuse::NoServer.into());
        }
        if invite.org != self.identity.org {
            return Err(InviteMisuse::OtherOrganisation.into());
        }
        let mut holder = Holder::new(invite, link);
        if let Some(objects) = self.joining()?
            && self.finish_joining(&mut holder, &objects).unwrap_or(false)
        {
            return Ok(None);
        }
        let welcome = holder.welcome()?;
        for _ in 0..TRIES {
            let (directory, _, open) = holder.directory()?;
            if open.device {
                return Err(InviteMisuse::ForNewDevice.into());
            }
            let newcomer = Newcomer::new(&directory, &open, &welcome, Some(member))?;
            let objects = holder.objects(&directory, &newcomer.join, &newcomer.batch);
            // Nobody unlocks with these before the statement is here.
            let mut batch = newcomer.batch;
            batch.drop_kind(Kind::Outbox);
            keep_joining(&objects, &mut batch);
            self.store.commit(&batch)?;
            if self.finish_joining(&mut holder, &objects)? {
                return Ok(newcomer.recovery_code);
            }
        }
        Err(busy())
    }

    /// True where somebody began to join and no answer has come.
    ///
    /// # Errors
    /// The disk's.
    pub fn is_joining(&self) -> Result<bool, Error> {
        Ok(self.joining()?.is_some())
    }

    /// True where that is what this vault was made for: it is nobody's device yet. On a device that others use already joining
    /// goes on beside them.
    ///
    /// # Errors
    /// The disk's.
    pub fn is_joining_anew(&self) -> Result<bool, Error> {
        Ok(self.is_joining()? && self.synced_ms() == Some(0))
    }

    fn joining(&self) -> Result<Option<Vec<Object>>, Error> {
        let row = self.store.get(Kind::Device, &[], JOINING)?;
        Ok(row.and_then(|row| strict::decode(&row, REQUEST_BYTES_MAX).ok()))
    }

    /// Hands in for a vault that was made to join. Where another statement came first (none) or the server refused, nothing
    /// stays in the folder. After any other error the log may have it, and its keys stay.
    fn finish_or_remove(mut self, holder: &mut Holder<'_>, objects: &[Object]) -> Result<Option<Self>, Error> {
        let refused = match self.finish_joining(holder, objects) {
            Ok(true) => return Ok(Some(self)),
            Ok(false) => None,
            Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => Some(error),
            Err(Error::Offline(reason)) => {
                return Err(Error::Offline(format!("{reason}; the same again goes on from here")));
            }
            Err(error) => return Err(error),
        };
        let folder = self.folder().to_owned();
        drop(self);
        remove_vault(&folder);
        refused.map_or(Ok(None), Err)
    }

    /// Hands it in, and takes the directory in which it is. False where another statement came first.
    fn finish_joining(&mut self, holder: &mut Holder<'_>, objects: &[Object]) -> Result<bool, Error> {
        let Some(shown) = holder.hand_in(objects)? else { return Ok(false) };
        let (mut directory, mut batch) = (self.directory.clone(), Batch::new());
        for bytes in shown.statements.into_iter().skip(directory.chain().len()) {
            directory.apply(&bytes).map_err(|error| Error::cheat(&error.to_string()))?;
            batch.put(Kind::Statement, &[], &statement_key(directory.now()), bytes);
        }
        batch.delete(Kind::Device, &[], JOINING);
        self.directory = directory;
        // Any member unlocks a device that has just joined.
        shown.slots.iter().try_for_each(|bytes| take_slot(self, bytes, &mut batch))?;
        shown.keyrings.iter().try_for_each(|bytes| take_keyring(self, bytes, &mut batch))?;
        // Charts come with the first sync, which has to come by this point of the log.
        let state = &mut self.sync_mut()?.state;
        if state.range.size() == 0 {
            state.passed = Some(shown.point);
        }
        self.write_sync(&mut batch);
        self.commit_with_state(batch)?;
        Ok(true)
    }
}

fn busy() -> Error {
    Error::Conflict("others change the directory at the same time: try again in a moment".into())
}

/// The keys and rows of who joins.
struct Newcomer {
    join: Join,
    batch: Batch,
    recovery_code: Option<Zeroizing<String>>,
}

impl Newcomer {
    fn new(
        directory: &Directory,
        invite: &Invite,
        welcome: &Welcome,
        member: Option<&NewMemberInfo<'_>>,
    ) -> Result<Self, Error> {
        let org = directory.org();
        let mut batch = Batch::new();
        let (joined, teams, recovery_code) = match (&invite.member, member) {
            (None, _) => (None, Vec::new(), None),
            (Some(_), None) => return Err(InviteMisuse::ForNewMember.into()),
            (Some(invited), Some(info)) => {
                let wanted = normalise_user(info.user);
                let taken = directory.members().any(|held| {
                    let name = open_name(&welcome.directory_key, org, &held.id.0, &held.name);
                    name.is_ok_and(|(user, _)| user == wanted)
                });
                if taken {
                    return Err(Error::Conflict(format!(
                        "there is a member {wanted:?} already: choose another user name"
                    )));
                }
                let (keys, ring_key) = (MemberKeys::generate(&mut rng()), KeyringKey::generate(&mut rng()));
                let people = People {
                    seen: &BTreeMap::new(),
                    org,
                    site: &welcome.site,
                    names: &welcome.directory_key,
                    policy: directory.policy(),
                };
                let joined = people.join(
                    (info.user, info.display, invited.role),
                    info.password,
                    (&keys, &ring_key),
                    &mut batch,
                )?;
                let mut teams = Vec::new();
                for team in &invited.teams {
                    let epoch = directory.team(team).map_or(0, |team| team.epoch());
                    let Some(secret) = welcome.teams.get(&(*team, epoch)) else { continue };
                    let to = (joined.member, keys.sealing.public());
                    let secret = seal_team_secret(org, (*team, epoch), to, secret, &mut rng());
                    let secret = secret.map_err(|_| Error::damaged("a public key"))?;
                    teams.push(JoinedTeam { team: *team, epoch, secret });
                }
                let ring = Keyring {
                    member: joined.member,
                    keys,
                    earlier: Vec::new(),
                    directory_key: welcome.directory_key.clone(),
                    teams: welcome.teams.clone(),
                };
                put_keyring(&ring, &ring_key, org, 1, &mut batch);
                (Some(joined.statement), teams, Some(joined.recovery_code))
            }
        };
        Ok(Self { join: Join { member: joined, teams, device: None }, batch, recovery_code })
    }
}

/// Makes the folder a vault.
fn settle(
    folder: &Path,
    identity: Identity,
    directory: Directory,
    (rows, mut batch): (Vec<Vec<u8>>, Batch),
    welcome: &Welcome,
    (base, certificate): (&str, &str),
) -> Result<Vault, Error> {
    // They are in the log already.
    batch.drop_kind(Kind::Outbox);
    for (position, bytes) in (0u64..).zip(rows) {
        batch.put(Kind::Statement, &[], &statement_key(position), bytes);
    }
    identity.write(&welcome.site, &mut batch);
    let state = DeviceState { latest_ms: now_ms(), ..DeviceState::default() };
    let sync = SyncState::new(base.to_owned(), certificate.to_owned());
    state.write(&welcome.site, &mut batch);
    sync.write(&welcome.site, &mut batch);
    let store = Store::create(folder)?;
    let kept = site::keep(folder, &welcome.site).and_then(|place| {
        store.commit(&batch)?;
        Ok(place)
    });
    let site_place: SiteKeyPlace = match kept {
        Ok(place) => place,
        // Nothing of it has been handed in: the folder is as it was.
        Err(error) => {
            drop(store);
            remove_vault(folder);
            return Err(error);
        }
    };
    let sync = Some(Sync { state: sync, lease: None });
    let site = welcome.site.clone();
    Ok(Vault { store, site, site_place, identity, directory, state, sync, made: Vec::new() })
}

/// A request that nobody signs.
pub(crate) fn unsigned(link: &mut dyn Transport, method: &str, path: &str, body: &[u8]) -> Result<Answer, Error> {
    let answer = link.call(&Call { method, path, authorization: None, body, range: None, offset: None });
    let answer = answer.map_err(|error| Error::Offline(error.to_string()))?;
    if (200..300).contains(&answer.status) { Ok(answer) } else { Err(refusal(&answer)) }
}

/// Why an invite could not be used, for who holds it.
fn unusable(error: Error) -> Error {
    match error {
        Error::Server { code, detail } if code == "invite" => Error::Invalid(detail),
        Error::Server { code, .. } if code == "signature" || code == "not-found" => Error::Invalid(
            "this invite is not known to the server: it was altered on its way, was withdrawn, or the organisation is not there (DIR-11)".into(),
        ),
        other => other,
    }
}

impl Vault {
    /// SHA-256 of the certificate that the server's is checked with.
    fn server_fingerprint(&self) -> Result<[u8; 32], Error> {
        let pem = self.server_certificate().ok_or_else(no_server)?;
        super::certificate::certificate_fingerprint(pem).ok_or_else(|| Error::damaged("the certificate of the server"))
    }
}
