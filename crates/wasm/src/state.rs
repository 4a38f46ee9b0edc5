//! What this browser is at the moment, and how one state becomes another.
//!
//! ```text
//! Empty ─create, enrol─► Locked ─unlock─► Open ◄──sync──┐
//!                          ▲  │             │           │
//!                          │  │       the lease ends    │
//!                          │  │             ▼           │
//!                          │  └─unlock─► Waiting ───────┘
//!                          └──────lock────────┘
//! ```

use crate::clock;
use crate::failure::Outcome;
use crate::transport::Browser;
use crate::types::{Failure, FailureKind};
use std::path::Path;
use wardbook_client::sync::transport::Transport;
use wardbook_client::sync::{SyncProgress, SyncReport, reopen};
use wardbook_client::{Credential, Error, InviteLink, LeaseStanding, Secret, Session, SyncOnly, Vault};
use zeroize::Zeroizing;

pub enum State {
    /// No vault in this browser.
    Empty,
    /// Somebody began to join, and the answer was lost. The vault is closed, for joining to open.
    Joining,
    /// There is a vault, and it cannot be opened.
    Unusable(Failure),
    Locked(Box<Vault>),
    Waiting(Box<Waiting>),
    Open(Box<Session>),
}

/// Somebody who has unlocked where the lease has ended: they reach the server and nothing else yet.
pub struct Waiting {
    pub session: SyncOnly,
    /// As it was typed, where names are not open yet.
    pub user: String,
}

/// What is remembered of reaching the server, for as long as the worker runs.
#[derive(Default)]
pub struct Reach {
    /// When it was first not reached, since the last time that it was.
    pub offline_since_ms: Option<i64>,
    /// Why the last sync was not completed.
    pub failure: Option<Failure>,
}

impl State {
    /// Finds out what is in a folder.
    pub fn of(folder: &Path) -> Self {
        if !Vault::is_at(folder) {
            return Self::Empty;
        }
        let opened = Vault::open(folder).and_then(|vault| Ok((vault.is_joining_anew()?, vault)));
        match opened {
            Ok((true, _)) => Self::Joining,
            Ok((false, vault)) => Self::Locked(Box::new(vault)),
            Err(error) => Self::Unusable(error.into()),
        }
    }

    /// # Errors
    /// Nobody has unlocked, or the lease does not hold any more.
    pub fn session(&mut self) -> Outcome<&mut Session> {
        self.close_unless_leased();
        match self {
            Self::Open(session) => Ok(session),
            Self::Waiting(waiting) => {
                let standing = waiting.session.vault().lease().map(|lease| lease.standing);
                let until = match standing {
                    Some(LeaseStanding::ClockBack { .. }) => "when the clock of this device is right",
                    _ => "after the next exchange with the server",
                };
                Err(Failure::new(FailureKind::LeaseExpired, format!("records open {until}")))
            }
            _ => Err(Failure::locked()),
        }
    }

    /// The vault, whoever has unlocked it.
    ///
    /// # Errors
    /// There is none, or it cannot be opened.
    pub fn vault(&self) -> Outcome<&Vault> {
        match self {
            Self::Locked(vault) => Ok(vault),
            Self::Waiting(waiting) => Ok(waiting.session.vault()),
            Self::Open(session) => Ok(session.vault()),
            Self::Unusable(failure) => Err(failure.clone()),
            Self::Empty | Self::Joining => Err(Failure::new(FailureKind::Locked, "there is no vault in this browser")),
        }
    }

    /// # Errors
    /// There is a vault here, which stays until a person gives it up.
    pub fn check_free(&self) -> Outcome<()> {
        let taken = |message| Err(Failure::new(FailureKind::Conflict, message));
        match self {
            Self::Empty => Ok(()),
            Self::Unusable(failure) => Err(failure.clone()),
            Self::Joining => taken("joining was begun here: go on with the same invite, or give it up first"),
            Self::Locked(_) | Self::Waiting(_) | Self::Open(_) => {
                taken("this browser is a device of an organisation already")
            }
        }
    }

    /// # Errors
    /// As [`State::check_free`]; but what was begun with an invite may go on, and an invite may bring back a lost site key.
    pub fn check_may_join(&self) -> Outcome<()> {
        match self {
            Self::Joining => Ok(()),
            Self::Unusable(failure) if failure.kind == FailureKind::NoSiteKey => Ok(()),
            _ => self.check_free(),
        }
    }

    /// Opens a vault that has lost its site key, if that is what is here and the invite brings the same key. The invite stays
    /// unused then, and what waits in the vault to be sent is not lost.
    ///
    /// # Errors
    /// As [`reopen`]; nothing has changed then.
    pub fn reopen(&mut self, folder: &Path, invite: &InviteLink, link: &mut dyn Transport) -> Outcome<()> {
        let lost = matches!(self, Self::Unusable(failure) if failure.kind == FailureKind::NoSiteKey);
        if lost && reopen(folder, invite, link)? {
            *self = Self::of(folder);
        }
        Ok(())
    }

    /// Removes a vault that never opens again, if that is what is here. A damaged one goes only where a person has given
    /// it up (`damaged_too`).
    ///
    /// # Errors
    /// As [`Vault::discard`]; it stays then.
    pub fn discard(&mut self, folder: &Path, damaged_too: bool) -> Outcome<()> {
        if matches!(self, Self::Unusable(_)) {
            Vault::discard(folder, damaged_too)?;
            *self = Self::Empty;
        }
        Ok(())
    }

    /// Ends the session, if there is one: its keys and records are wiped.
    pub fn lock(&mut self) {
        *self = match std::mem::replace(self, Self::Empty) {
            Self::Waiting(waiting) => match waiting.session.into_session() {
                Ok(session) => Self::Locked(Box::new(session.lock())),
                Err((vault, _)) => Self::Locked(vault),
            },
            Self::Open(session) => Self::Locked(Box::new(session.lock())),
            other => other,
        };
    }

    /// The vault itself, locked; the state is empty until it is given back.
    ///
    /// # Errors
    /// As [`State::vault`].
    pub fn take_vault(&mut self) -> Outcome<Vault> {
        self.lock();
        self.vault()?;
        match std::mem::replace(self, Self::Empty) {
            Self::Locked(vault) => Ok(*vault),
            other => {
                *self = other;
                Err(Failure::locked())
            }
        }
    }

    /// Opens the vault for a member, or as much of it as the lease allows.
    ///
    /// # Errors
    /// As [`Vault::unlock_to_sync`]; the vault is locked then.
    pub fn unlock(&mut self, user: &str, credential: &Credential<'_>) -> Outcome<()> {
        let vault = self.take_vault()?;
        let unlocked = vault.unlock_to_sync(user, credential);
        let session = unlocked.map_err(|(vault, error)| self.stay_locked(vault, error))?;
        *self = Self::Waiting(Box::new(Waiting { session, user: user.to_owned() }));
        self.open_if_leased()
    }

    /// Exchanges everything, and opens records for whoever waited for the lease that came. What was exchanged before a failure
    /// stays.
    ///
    /// # Errors
    /// Nobody has unlocked; within, as [`Session::sync`]: no answer says something of the way, too.
    pub fn sync(
        &mut self,
        link: &mut dyn Transport,
        progress: &mut dyn FnMut(&SyncProgress),
    ) -> Outcome<Result<SyncReport, Error>> {
        self.close_unless_leased();
        let done = match self {
            Self::Open(session) => session.sync(link, progress),
            Self::Waiting(waiting) => waiting.session.sync(link, progress),
            _ => return Err(Failure::locked()),
        };
        if done.is_ok() {
            self.open_if_leased()?;
        }
        Ok(done)
    }

    /// Opens records for whoever waits for the lease, where it holds by now.
    ///
    /// # Errors
    /// Damage; the vault is locked then.
    pub fn open_if_leased(&mut self) -> Outcome<()> {
        let may = matches!(self, Self::Waiting(waiting) if lease_holds(waiting.session.vault()));
        if !may {
            return Ok(());
        }
        if let Self::Waiting(waiting) = std::mem::replace(self, Self::Empty) {
            let opened = waiting.session.into_session();
            let mut session = opened.map_err(|(vault, error)| self.stay_locked(vault, error))?;
            connect(&mut session);
            *self = Self::Open(Box::new(session));
        }
        Ok(())
    }

    /// BRW-07: closes the records of whoever has unlocked, where the lease does not hold any more. It is looked at before
    /// every call that reaches records, which takes one look at the clock.
    pub fn close_unless_leased(&mut self) {
        let must = matches!(self, Self::Open(session) if !lease_holds(session.vault()));
        if must && let Self::Open(session) = std::mem::replace(self, Self::Empty) {
            let (user, _) = session.member_name(&session.me());
            *self = Self::Waiting(Box::new(Waiting { session: session.into_sync_only(), user }));
        }
    }

    /// Unlocks with a recovery code, and makes a new password and code. Where those are not made nobody is left unlocked,
    /// for the page goes on asking who it is; but whoever waits for the lease waits on.
    ///
    /// # Errors
    /// As [`State::unlock`] and [`State::session`]; a password that is not taken.
    pub fn recover(&mut self, user: &str, code: &Secret, new_password: &Secret) -> Outcome<Zeroizing<String>> {
        self.unlock(user, &Credential::RecoveryCode(code))?;
        let session = self.session()?;
        let made = session.change_password(new_password).and_then(|()| session.new_recovery_code());
        made.map_err(|error| {
            self.lock();
            error.into()
        })
    }

    /// Keeps a draft, also for somebody whose lease has ended while they were typing.
    ///
    /// # Errors
    /// Nobody has unlocked; as [`Session::save_draft`].
    pub fn save_draft(&mut self, key: &str, bytes: &[u8]) -> Outcome<()> {
        match self {
            Self::Open(session) => Ok(session.save_draft(key, bytes)?),
            Self::Waiting(waiting) => Ok(waiting.session.save_draft(key, bytes)?),
            _ => Err(Failure::locked()),
        }
    }

    fn stay_locked(&mut self, vault: Box<Vault>, error: Error) -> Failure {
        *self = Self::Locked(vault);
        error.into()
    }
}

/// Changes of members, devices, teams and policy are made on the server at once, so a session has the way to it.
pub fn connect(session: &mut Session) {
    if session.vault().has_server() {
        session.connect(Box::new(Browser));
    }
}

/// True where nothing has to be exchanged before records may be opened.
fn lease_holds(vault: &Vault) -> bool {
    !vault.has_server() || vault.lease().is_some_and(|lease| matches!(lease.standing, LeaseStanding::Holds { .. }))
}

impl Reach {
    /// Notes what came of trying to reach the server.
    pub fn note<T>(&mut self, tried: &Result<T, Error>) {
        match tried {
            Ok(_) => *self = Self::default(),
            Err(error) => {
                // Whatever else it says, it was there to say it.
                let since = matches!(error, Error::Offline(_) | Error::DirectoryOffline(_)).then(clock::now_ms);
                self.offline_since_ms = since.map(|now| self.offline_since_ms.unwrap_or(now));
                self.failure = Some(error.into());
            }
        }
    }
}
