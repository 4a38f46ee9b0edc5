//! The service: finds the organisation, checks who asks, and hands the request to its route.
//!
//! ```text
//! header ► challenge (REQ-02) ► signatures (REQ-01, REQ-04) ► first use (REQ-03) ► rate ► route
//! ```
//!
//! Time comes with each call and randomness only at the start: the same calls in the same order give the same answers.

use crate::auth::{self, Challenges};
use crate::blobs;
use crate::call::{Answer, Call};
use crate::counters::{Counters, Stats};
use crate::create::Creation;
use crate::invite::invite;
use crate::key::ServerKey;
use crate::meter::Meter;
use crate::org::sync_folder;
use crate::orgs::{Orgs, lock};
use crate::problem::Problem;
use crate::route::{Address, Route};
use crate::sync::sync;
use crate::turn::Turn;
use crate::{Limits, Registration, ServerError, reads, welcome};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use wardbook_wire::exchange::ServerInfo;
use wardbook_wire::exchange::problem::{CHALLENGE, NOT_FOUND, QUOTA, SIGNATURE, TOO_LARGE};
use wardbook_wire::request::{CHALLENGE_HEADER, Challenge, SignedRequest};
use wardbook_wire::{BlobId, OrgId, VerifyKey, strict};

const LOCK_FILE: &str = "lock";
/// Written and removed to see whether the storage takes anything.
const PROBE_FILE: &str = "probe";

/// Told of an organisation whose log has grown, with its new size.
type Notify = Arc<dyn Fn(OrgId, u64) + Send + Sync>;

/// Where random bytes come from.
pub type Random = Box<dyn FnMut(&mut [u8]) + Send>;

/// A server over one folder.
pub struct Service {
    folder: PathBuf,
    limits: Limits,
    registration: Registration,
    key: ServerKey,
    challenges: Mutex<Challenges>,
    meter: Mutex<Meter>,
    orgs: Orgs,
    counters: Counters,
    notify: Mutex<Option<Notify>>,
    _lock: File,
}

impl Service {
    /// Opens a folder for this process alone; creates it, and the server's key, where they are missing.
    ///
    /// # Errors
    /// [`ServerError::Busy`] while another process has it, [`ServerError::DamagedKey`], [`ServerError::MissingKey`], or the
    /// disk's.
    pub fn open(
        folder: &Path,
        limits: Limits,
        registration: Registration,
        mut rng: Random,
    ) -> Result<Self, ServerError> {
        std::fs::create_dir_all(folder)?;
        restrict(folder)?;
        let file = File::options().create(true).truncate(false).write(true).open(folder.join(LOCK_FILE))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ServerError::Busy(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let orgs = Orgs::open(folder, limits.open_orgs)?;
        let key = ServerKey::open(folder, orgs.count()? > 0, &mut *rng)?;
        let challenges = Mutex::new(Challenges::new(limits.replay_memory, &mut *rng));
        Ok(Self {
            folder: folder.to_owned(),
            limits,
            registration,
            key,
            challenges,
            meter: Mutex::new(Meter::new()),
            orgs,
            counters: Counters::default(),
            notify: Mutex::new(None),
            _lock: file,
        })
    }

    /// Every route but `GET …/events` and `GET /v1/ca`.
    pub fn handle(&self, call: &Call<'_>) -> Answer {
        let address = Address::of(call.method, call.path);
        let answer = self.dispatch(call, &address);
        self.finish(call, address.route(), answer)
    }

    /// Checks the signatures of `GET …/events`, and that the caller still belongs to the organisation.
    ///
    /// # Errors
    /// The answer to send instead.
    pub fn authorise_events(&self, call: &Call<'_>) -> Result<OrgId, Answer> {
        let checked = match Address::of(call.method, call.path) {
            Address::Org(org, Route::Events) => {
                self.signed(call, org, |turn| turn.enrolled().map(|_| org)).map(|(org, _)| org)
            }
            _ => Err(nowhere()),
        };
        checked.map_err(|problem| self.finish(call, Route::Events, Err(problem)))
    }

    /// Whom to tell after each commit that made a log longer. There is one; a second call replaces the first.
    pub fn on_change(&self, notify: Box<dyn Fn(OrgId, u64) + Send + Sync>) {
        *lock(&self.notify) = Some(notify.into());
    }

    /// Signs this server's checkpoints and leases.
    pub fn verify_key(&self) -> VerifyKey {
        self.key.verify_key()
    }

    /// Tries whether the storage can be written.
    ///
    /// # Errors
    /// The disk's.
    pub fn ready(&self) -> Result<(), ServerError> {
        let probe = self.folder.join(PROBE_FILE);
        std::fs::write(&probe, CHALLENGE_HEADER)?;
        File::open(&probe)?.sync_all()?;
        std::fs::remove_file(&probe)?;
        sync_folder(&self.folder)
    }

    /// The size of the log of an organisation.
    ///
    /// # Errors
    /// The storage's; [`ServerError::Damaged`] where there is no such organisation.
    pub fn log_size(&self, org: OrgId) -> Result<u64, ServerError> {
        if !self.orgs.exists(org) {
            return Err(ServerError::Damaged);
        }
        // Whatever it is, it is told by the next request, too.
        self.orgs.with(org, |open| Ok(open.range.size())).map_err(|_| ServerError::Damaged)
    }

    /// Counters and gauges.
    pub fn stats(&self) -> Stats {
        self.counters.stats(self.orgs.count().unwrap_or_default(), self.orgs.open_count())
    }

    fn finish(&self, call: &Call<'_>, route: Route, answer: Result<Answer, Problem>) -> Answer {
        if answer.as_ref().is_err_and(Problem::is_ours) {
            self.counters.failure();
        }
        let answer = answer.unwrap_or_else(|problem| problem.answer());
        self.counters.request(route, answer.status, call.body.len() as u64, answer.body.len() as u64);
        answer
    }

    fn dispatch(&self, call: &Call<'_>, address: &Address) -> Result<Answer, Problem> {
        if call.body.len() as u64 > self.limits.request_bytes_max {
            let detail = format!("a request has at most {} bytes", self.limits.request_bytes_max);
            return Err(Problem::new(TOO_LARGE, detail));
        }
        match *address {
            Address::Server => {
                self.unsigned(call)?;
                let info = ServerInfo { key: self.verify_key(), version: env!("CARGO_PKG_VERSION").to_owned() };
                Ok(Answer::cbor(strict::encode(&info)))
            }
            Address::Org(org, Route::Create) => self.create(call, org),
            Address::Org(org, route) => {
                let (answer, challenge) = self.signed(call, org, |turn| match route {
                    Route::Sync => sync(turn, call.body),
                    Route::Invite => invite(turn, call.body),
                    Route::Welcome if call.method == "POST" => welcome::leave(turn, call.body),
                    Route::Welcome => welcome::fetch(turn),
                    Route::History => reads::history(turn, call.body),
                    Route::Seen => reads::seen(turn, call.body),
                    Route::Objects => reads::objects(turn, call.body),
                    Route::Statements => reads::statements(turn, call.body),
                    _ => Err(nowhere()),
                })?;
                Ok(with_challenge(answer, challenge))
            }
            Address::Blob(org, blob) => self.blob(call, org, blob),
            Address::Nowhere => {
                self.unsigned(call)?;
                Err(nowhere())
            }
        }
    }

    fn create(&self, call: &Call<'_>, org: OrgId) -> Result<Answer, Problem> {
        self.unsigned(call)?;
        let Self { orgs, key, limits, registration, counters, .. } = self;
        let creation = Creation { orgs, key, limits, registration, counters, now_ms: call.now_ms };
        let (answer, grown) = creation.create(org, call.body)?;
        self.tell(org, grown);
        Ok(answer)
    }

    /// An attachment; `blobs` does the work once it is known who asks and whether there is room. The log is not locked
    /// meanwhile.
    fn blob(&self, call: &Call<'_>, org: OrgId, blob: BlobId) -> Result<Answer, Problem> {
        let ((store, caller, _place), challenge) = self.signed(call, org, |turn| {
            turn.enrolled()?;
            // The place is held, so that nobody opens a second store of the same attachments.
            Ok((Arc::clone(&turn.org.blobs), turn.caller, self.orgs.place(org)))
        })?;
        let mut quota = |bytes: u64| {
            let end = call.offset.unwrap_or(0).saturating_add(bytes);
            if end > self.limits.blob_bytes_max {
                let max = self.limits.blob_bytes_max;
                let detail = format!("an attachment has at most {max} bytes, by limits.blob_bytes_max of the server");
                return Err(Problem::new(TOO_LARGE, detail).answer());
            }
            if store.bytes().saturating_add(bytes) > self.limits.org_blob_bytes_max {
                let detail = "the organisation's share for attachments, limits.org_blob_bytes_max, is used up";
                return Err(Problem::new(QUOTA, detail).answer());
            }
            let counted = lock(&self.meter).bytes(&self.limits, org, &caller, bytes, call.now_ms);
            counted.map_err(|problem| problem.answer())
        };
        Ok(with_challenge(blobs::handle(&store, call, blob, &mut quota), challenge))
    }

    /// Counts a request that nobody has signed.
    fn unsigned(&self, call: &Call<'_>) -> Result<(), Problem> {
        lock(&self.meter).unsigned(&self.limits, call.now_ms)
    }

    /// Does the work of a request whose signatures are valid; gives the challenge for the next one.
    fn signed<T>(
        &self,
        call: &Call<'_>,
        org: OrgId,
        work: impl FnOnce(&mut Turn<'_>) -> Result<T, Problem>,
    ) -> Result<(T, Challenge), Problem> {
        let signed = self.challenged(call, org)?;
        let caller = signed.peek().caller;
        let mut grown = None;
        let done = self.orgs.with(org, |open| {
            let replaced = auth::check(&signed, call, org, &open.directory)?;
            lock(&self.challenges).spend(signed.peek().challenge, signed.peek().nonce, call.now_ms)?;
            lock(&self.meter).signed(&self.limits, org, &caller, call.now_ms)?;
            let before = open.range.size();
            let mut turn = Turn {
                id: org,
                org: open,
                caller,
                replaced,
                key: &self.key,
                limits: &self.limits,
                meter: &self.meter,
                counters: &self.counters,
                now_ms: call.now_ms,
                challenge: self.challenge(call, org, &signed),
            };
            let done = work(&mut turn);
            let size = turn.org.range.size();
            grown = (size > before).then_some(size);
            done
        });
        if done.as_ref().is_err_and(|problem| problem.code == SIGNATURE) {
            // Counted, but not refused for it: others may have used up what there is.
            let _ = self.unsigned(call);
        }
        self.tell(org, grown);
        let challenge = self.challenge(call, org, &signed);
        done.map(|done| (done, challenge)).map_err(|problem| problem.with_challenge(challenge))
    }

    /// REQ-02, REQ-05: what carries no valid challenge goes no further, and is counted.
    fn challenged(&self, call: &Call<'_>, org: OrgId) -> Result<SignedRequest, Problem> {
        let signed = call.authorization.and_then(|header| SignedRequest::from_header(header).ok());
        let Some(signed) = signed.filter(|_| self.orgs.exists(org)) else {
            self.unsigned(call)?;
            let known = self.orgs.exists(org);
            return Err(if known { Problem::new(CHALLENGE, "sign the request") } else { nowhere() }); // REQ-05
        };
        let request = signed.peek();
        if !lock(&self.challenges).holds(request.challenge, org, &request.caller, call.now_ms) {
            self.unsigned(call)?;
            return Err(auth::stale().with_challenge(self.challenge(call, org, &signed))); // REQ-02
        }
        Ok(signed)
    }

    fn challenge(&self, call: &Call<'_>, org: OrgId, signed: &SignedRequest) -> Challenge {
        lock(&self.challenges).issue(org, &signed.peek().caller, call.now_ms)
    }

    /// Outside all locks of organisations, so that whoever is told may call back.
    fn tell(&self, org: OrgId, grown: Option<u64>) {
        let notify = lock(&self.notify).clone();
        if let (Some(notify), Some(size)) = (notify, grown) {
            notify(org, size);
        }
    }
}

fn with_challenge(mut answer: Answer, challenge: Challenge) -> Answer {
    answer.headers.push((CHALLENGE_HEADER, challenge.to_text()));
    answer
}

fn nowhere() -> Problem {
    Problem::new(NOT_FOUND, "there is nothing at this address")
}

/// Mode 0700 where the system has modes.
pub(crate) fn restrict(folder: &Path) -> Result<(), ServerError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
