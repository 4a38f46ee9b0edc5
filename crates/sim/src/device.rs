//! One device: its disk in memory, its clock, and a session of whoever uses it now.

use crate::network::Net;
use crate::template::{Person, folder_of};
use std::path::PathBuf;
use std::rc::Rc;
use wardbook_client::{ChartId, DeviceId, Error, LeaseStanding, Secret, Session, Vault, world};
use wardbook_store::memory::{self, MemoryDisk};
use wardbook_store::{Kind, Row};

pub struct Device {
    pub number: usize,
    pub folder: PathBuf,
    /// Who uses it, by their number.
    pub people: Vec<usize>,
    /// What its clock differs from the true time by.
    pub skew_ms: i64,
    /// Retired and wiped, or never joined.
    pub gone: bool,
    /// It caught the server.
    pub caught: bool,
    /// It was once set to hold some charts only.
    pub picky: bool,
    pub backup: Option<MemoryDisk>,
    session: Option<Session>,
}

impl Device {
    pub fn new(number: usize, people: Vec<usize>) -> Self {
        let folder = folder_of(number);
        let (gone, caught, picky) = (false, false, false);
        Self { number, folder, people, skew_ms: 0, gone, caught, picky, backup: None, session: None }
    }

    /// The thread's clock becomes this device's.
    pub fn set_clock(&self, net: &Net) {
        world::set_now_ms(net.now_ms().saturating_add(self.skew_ms));
    }

    /// The session of a person, who takes over from whoever used the device before.
    pub fn open(&mut self, net: &Rc<Net>, person: &Person) -> Result<&mut Session, Error> {
        if self.session.as_ref().is_none_or(|session| session.me() != person.member) {
            let vault = match self.session.take() {
                Some(session) => session.lock(),
                None => Vault::open(&self.folder)?,
            };
            let mut session = vault.resume(person.member, &person.key).map_err(|(_, error)| error)?;
            session.connect(Box::new(net.link(self.number)));
            self.session = Some(session);
        }
        self.session.as_mut().ok_or_else(|| Error::Invalid("there is no session".into()))
    }

    /// As when the process ends.
    pub fn close(&mut self) {
        self.session = None;
    }

    /// Makes the lease longer by an officer's code.
    pub fn extend_lease(&mut self, hours: u32, lines: &[Secret]) -> Result<(), Error> {
        let mut vault = match self.session.take() {
            Some(session) => session.lock(),
            None => Vault::open(&self.folder)?,
        };
        vault.extend_lease(hours, lines).map(|_| ())
    }

    /// Which device this is now.
    pub fn id(&self) -> Option<DeviceId> {
        match &self.session {
            Some(session) => Some(session.vault().device_id()),
            None => Vault::open(&self.folder).ok().map(|vault| vault.device_id()),
        }
    }

    /// The entries of a chart that are on its disk.
    pub fn rows(&self, chart: ChartId) -> Vec<Row> {
        memory::rows(&self.folder, Kind::Entry, chart.as_bytes())
    }

    /// True if nothing on its disk opens anything any more.
    pub fn is_wiped(&self) -> bool {
        memory::secret(&self.folder).is_none()
    }
}

/// Records may be opened now: what every command asks first.
pub fn lease_holds(session: &Session) -> Result<(), Error> {
    match session.vault().lease().map(|lease| lease.standing) {
        Some(LeaseStanding::Holds { .. }) => Ok(()),
        _ => Err(Error::LeaseEnded("the lease does not hold".into())),
    }
}
