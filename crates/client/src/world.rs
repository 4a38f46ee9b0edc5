//! What a simulation puts in place of the outside world: the feature `simulation`, which nothing that ships asks for.
//!
//! ```text
//! enter(World { now_ms, random }) ──► this thread's clock and random numbers, until leave()
//! ```
//!
//! A thread that has not entered a world has the system's clock and random numbers, as without the feature.

use crate::chart::load_log;
use crate::{Error, Session, Vault};
use getrandom::SysRng;
use rand_core::{Infallible, Rng, TryCryptoRng, TryRng, UnwrapErr};
use std::cell::RefCell;
use std::collections::BTreeMap;
use wardbook_core::chart::{Standing, open_body, open_chart_keys};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::KeyringKey;
use wardbook_store::{Batch, Kind};
use wardbook_wire::{ChartId, EntryId, MemberId};

/// Where random bytes come from.
pub type Random = Box<dyn FnMut(&mut [u8])>;

/// A clock and a source of random numbers.
pub struct World {
    /// Milliseconds since 1970 by the clock of the device that acts.
    pub now_ms: i64,
    /// Fills bytes; the same on every run.
    pub random: Random,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// From now on this thread has that clock and those random numbers.
pub fn enter(world: World) {
    WORLD.set(Some(world));
}

/// From now on this thread has the system's again.
pub fn leave() {
    WORLD.set(None);
}

/// Sets the clock of the world that this thread is in.
pub fn set_now_ms(now_ms: i64) {
    WORLD.with_borrow_mut(|world| {
        if let Some(world) = world {
            world.now_ms = now_ms;
        }
    });
}

/// The clock of the world that this thread is in.
pub(crate) fn now_ms() -> Option<i64> {
    WORLD.with_borrow(|world| world.as_ref().map(|world| world.now_ms))
}

/// The random numbers of the world that this thread is in; without one, the system's.
pub(crate) struct WorldRng;

impl TryRng for WorldRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut word = [0; 4];
        self.try_fill_bytes(&mut word)?;
        Ok(u32::from_be_bytes(word))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_be_bytes(word))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        WORLD.with_borrow_mut(|world| match world {
            Some(world) => (world.random)(bytes),
            None => UnwrapErr(SysRng).fill_bytes(bytes),
        });
        Ok(())
    }
}

/// Holds outside a simulation, where it is the system's. Inside one, whoever knows the seed knows every key.
impl TryCryptoRng for WorldRng {}

impl Vault {
    /// As [`Vault::unlock_to_sync`] without the password, whose derivation takes a tenth of a second. The lease is not
    /// looked at: [`Vault::lease`] says whether records may be opened.
    ///
    /// # Errors
    /// [`Error::NotUnlocked`] for somebody who has no keyring here, or has left; the vault comes back.
    pub fn resume(mut self, member: MemberId, key: &KeyringKey) -> Result<Session, (Box<Self>, Error)> {
        match self.open_keyring(member, key) {
            Ok(ring) => Session::start(self, member, key.clone(), ring),
            Err(error) => Err((Box::new(self), error)),
        }
    }

    fn open_keyring(&mut self, member: MemberId, key: &KeyringKey) -> Result<Keyring, Error> {
        self.directory.role_at(member, self.directory.now()).ok_or(Error::NotUnlocked)?;
        let stored = self.store.get(Kind::Keyring, &[], member.as_bytes())?;
        let stored = stored.and_then(|bytes| self.verify_keyring(&bytes)).ok_or(Error::NotUnlocked)?;
        let ring = Keyring::open(key, self.identity.org, member, &stored.sealed);
        let ring = ring.map_err(|_| Error::damaged("your keyring"))?;
        self.state.latest_ms = self.state.latest_ms.max(crate::now_ms());
        self.commit_with_state(Batch::new())?;
        Ok(ring)
    }
}

/// One entry of a chart, as one member's keys have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    pub entry: EntryId,
    pub standing: Standing,
    /// The member's keys open its body, whatever the rules say that they may see.
    pub opened: bool,
}

impl Session {
    /// What [`Vault::resume`] takes.
    pub fn key_for_simulation(&self) -> KeyringKey {
        self.ring_key.clone()
    }

    /// Whether this member may read a chart, and each entry of it that was taken.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn reach(&self, chart: ChartId) -> Result<(bool, Vec<Reached>), Error> {
        let (log, _) = load_log(&self.vault, chart)?;
        let directory = &self.vault.directory;
        let may_read = log.access().access_of(directory, self.me(), directory.now()).is_some();
        let mut keys = BTreeMap::new();
        open_chart_keys(&log, directory.org(), self.holder(), &mut keys);
        let reached = log.entries().map(|(entry, standing)| {
            let key = keys.get(&entry.header().key);
            let opened = key.is_some_and(|key| open_body(entry.header(), entry.body(), key).is_ok());
            Reached { entry: entry.id(), standing, opened }
        });
        Ok((may_read, reached.collect()))
    }
}
