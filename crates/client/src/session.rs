//! One member's session: the only holder of opened keys. Dropping it, or [`Session::lock`], wipes them.

use crate::catalogue::Catalogue;
use crate::chart::Chart;
use crate::create::put_keyring;
use crate::sync::transport::Transport;
use crate::{ChartRole, Error, Vault};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use wardbook_core::body::{Packer, VersionRef};
use wardbook_core::chart::KeyHolder;
use wardbook_core::directory::{open_name, open_team_secrets, sign_next};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::KeyringKey;
use wardbook_record::home::references;
use wardbook_record::json::Json;
use wardbook_record::resource::{ResourceKey, full_url_or_default};
use wardbook_record::summary::{Summary, unversioned};
use wardbook_store::{Batch, Kind};
use wardbook_wire::{Act, Author, ChartId, MemberId, Role, TeamId};

/// Opened charts that a session keeps at hand.
const CHARTS_OPEN_MAX: usize = 32;

pub struct Session {
    pub(crate) vault: Vault,
    pub(crate) ring: Keyring,
    pub(crate) ring_key: KeyringKey,
    pub(crate) catalogue: Option<Catalogue>,
    pub(crate) open: HashMap<ChartId, Chart>,
    pub(crate) packer: RefCell<Packer>,
    /// The way to the server, where there is one now.
    pub(crate) link: Option<Box<dyn Transport>>,
}

impl Session {
    pub(crate) fn start(
        vault: Vault,
        member: MemberId,
        ring_key: KeyringKey,
        ring: Keyring,
    ) -> Result<Self, (Box<Vault>, Error)> {
        debug_assert_eq!(ring.member, member);
        let mut session = Self {
            vault,
            ring,
            ring_key,
            catalogue: None,
            open: HashMap::new(),
            packer: RefCell::default(),
            link: None,
        };
        match session.refresh_teams() {
            Ok(()) => Ok(session),
            Err(error) => Err((Box::new(session.lock()), error)),
        }
    }

    /// Ends the session; its keys and charts are wiped.
    pub fn lock(self) -> Vault {
        self.vault
    }

    /// Gives the session a way to the server, for what needs it at once: changes of members, devices, teams and policy.
    pub fn connect(&mut self, link: Box<dyn Transport>) {
        self.link = Some(link);
    }

    /// The statements that were made since this was last asked.
    pub(crate) fn take_made(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.vault.made)
    }

    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    pub fn me(&self) -> MemberId {
        self.ring.member
    }

    pub fn role(&self) -> Option<Role> {
        let directory = &self.vault.directory;
        directory.role_at(self.ring.member, directory.now())
    }

    pub(crate) fn holder(&self) -> KeyHolder<'_> {
        let ring = &self.ring;
        KeyHolder { member: ring.member, sealing: &ring.keys.sealing, earlier: &ring.earlier, teams: &ring.teams }
    }

    /// Wipes the list of charts and those that are open: who may open which may have changed. They are read again when they are
    /// next asked for.
    pub(crate) fn close_charts(&mut self) {
        self.catalogue = None;
        self.open.clear();
    }

    /// Opens team secrets that came since the keyring was sealed, and keeps them in it. With them more charts open.
    pub(crate) fn refresh_teams(&mut self) -> Result<(), Error> {
        let ring = &mut self.ring;
        if open_team_secrets(&self.vault.directory, ring.member, &ring.keys.sealing, &mut ring.teams) {
            self.close_charts();
            let mut batch = Batch::new();
            self.put_own_keyring(&mut batch)?;
            self.vault.store.commit(&batch)?;
        }
        Ok(())
    }

    /// Adds the keyring as it is now, one version further.
    pub(crate) fn put_own_keyring(&self, batch: &mut Batch) -> Result<(), Error> {
        let held = self.vault.store.get(Kind::Keyring, &[], self.ring.member.as_bytes())?;
        let version = held.and_then(|bytes| self.vault.verify_keyring(&bytes)).map_or(0, |ring| ring.version) + 1;
        put_keyring(&self.ring, &self.ring_key, self.vault.identity.org, version, batch);
        Ok(())
    }

    /// Signs a statement, applies it and adds it to a batch.
    pub(crate) fn state(&mut self, act: Act, batch: &mut Batch) -> Result<(), Error> {
        if self.role() != Some(Role::Admin) {
            return Err(Error::NoRight("only an admin of the organisation may do this".into()));
        }
        self.state_by_member(act, batch)
    }

    /// As [`Session::state`], for what any member may say of themself.
    pub(crate) fn state_by_member(&mut self, act: Act, batch: &mut Batch) -> Result<(), Error> {
        let author = Author::Member(self.ring.member);
        let bytes = sign_next(&self.vault.directory, author, &self.ring.keys.signing, act);
        // One's own statement breaks a rule where others have changed what it is about.
        let applied = self.vault.directory.apply(&bytes);
        applied.map_err(|error| Error::Conflict(format!("this cannot be done as things are: {error}")))?;
        self.vault.made.push(bytes.clone());
        batch.put(Kind::Statement, &[], &crate::vault::statement_key(self.vault.directory.now()), bytes);
        Ok(())
    }

    /// User and display name of a member; a short form of the id where the name does not open.
    pub fn member_name(&self, id: &MemberId) -> (String, String) {
        let sealed = self.vault.directory.member(id).map(|member| member.name.clone()).unwrap_or_default();
        self.open_name(&id.0, &sealed)
    }

    pub fn team_name(&self, id: &TeamId) -> String {
        let sealed = self.vault.directory.team(id).map(|team| team.name().to_vec()).unwrap_or_default();
        self.open_name(&id.0, &sealed).1
    }

    pub(crate) fn open_name(&self, id: &[u8; 16], sealed: &[u8]) -> (String, String) {
        let name = open_name(&self.ring.directory_key, self.vault.identity.org, id, sealed);
        name.unwrap_or_else(|_| {
            let short: String = TeamId(*id).to_string().chars().take(8).collect();
            (short.clone(), short)
        })
    }

    /// An opened chart, from memory or from disk.
    ///
    /// # Errors
    /// [`Error::NoChart`] without access; damage.
    pub fn chart(&mut self, id: ChartId) -> Result<&Chart, Error> {
        if !self.open.contains_key(&id) {
            let chart = Chart::load(self, id)?;
            if self.open.len() >= CHARTS_OPEN_MAX {
                self.open.clear();
            }
            self.open.insert(id, chart);
        }
        self.open.get(&id).ok_or_else(|| Error::NoChart(String::new()))
    }

    /// A chart's summary, with the names of what it refers to in the organisation's own charts.
    ///
    /// # Errors
    /// As [`Session::chart`].
    pub fn summary(&mut self, id: ChartId, today: jiff::civil::Date) -> Result<Summary, Error> {
        let referred = self.referred(id)?;
        Ok(self.chart(id)?.summary(&|reference| referred.get(reference), today))
    }

    /// What a chart refers to in the organisation's own charts, by each name that an [`unversioned`] reference uses.
    ///
    /// # Errors
    /// As [`Session::chart`].
    pub fn referred(&mut self, id: ChartId) -> Result<HashMap<String, Json>, Error> {
        let mut wanted = HashSet::new();
        for (_, json) in self.chart(id)?.resources() {
            wanted.extend(references(&json).into_iter().map(|reference| unversioned(reference).to_owned()));
        }
        let mut referred = HashMap::new();
        for organisation in self.charts_of(ChartRole::Organisation)? {
            let chart = self.chart(organisation)?;
            for (key, json) in chart.resources() {
                let names = [key.to_string(), full_url_or_default(key, chart.full_url(key))];
                for name in names.into_iter().filter(|name| wanted.contains(name)) {
                    referred.insert(name, json.clone().into_owned());
                }
            }
        }
        Ok(referred)
    }

    /// The chart that has this resource: the patient's own first, then each one that this member may open.
    ///
    /// # Errors
    /// [`Error::NoChart`]; [`Error::Ambiguous`] where several have one of that id.
    pub fn find_resource(&mut self, key: &ResourceKey) -> Result<ChartId, Error> {
        if key.kind == "Patient"
            && let Some(chart) = self.chart_of_patient(&key.id)?
        {
            return Ok(chart);
        }
        let mut holding = Vec::new();
        for found in self.all_charts()? {
            if self.chart(found.chart)?.view(key).is_some() {
                holding.push(found.chart);
            }
        }
        match holding.as_slice() {
            [] => Err(Error::NoChart(key.to_string())),
            [one] => Ok(*one),
            several => Err(Error::Ambiguous(key.to_string(), several.len())),
        }
    }

    /// The versions of a resource that nobody has replaced, in the order of [`Chart::view`].
    pub fn heads(&self, id: ChartId, key: &ResourceKey) -> Vec<VersionRef> {
        self.open.get(&id).and_then(|chart| chart.view(key)).map(|view| view.heads).unwrap_or_default()
    }

    /// Who made a version in an opened chart, and when in milliseconds since 1970 by their device's clock.
    pub fn made_by(&self, id: ChartId, version: &VersionRef) -> Option<(MemberId, i64)> {
        self.open.get(&id)?.made_by(version)
    }
}
