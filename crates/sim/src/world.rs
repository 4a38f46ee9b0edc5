//! Virtual time, who does what when, and the judgement of how each thing ended.

use crate::chance::Chance;
use crate::device::{Device, lease_holds};
use crate::hostile::Foe;
use crate::model::{Model, is_logged};
use crate::network::{Net, Rates};
use crate::report::{Outcome, Report};
use crate::server::{Server, temporary_folder, write_files};
use crate::template::{ADMINS, Person, Template, folder_of};
use crate::{Failure, Options};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::path::PathBuf;
use std::rc::Rc;
use tempfile::TempDir;
use wardbook_client::{Error, Session};
use wardbook_store::{StoreError, memory};
use wardbook_wire::exchange::problem;

pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// How bad the network is, until everything comes to rest.
pub const RATES: Rates = Rates { lost: 30, unanswered: 30, doubled: 20, garbled: 10 };

/// What happens next, and to which device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Act(usize),
    /// It comes into reach of the server, or leaves it.
    Line(usize),
    Clock(usize),
    /// An admin changes the directory.
    Administration,
    /// The server, and disks.
    Mishap,
    /// The server begins to cheat, or ends it.
    Cheat(bool),
}

pub struct World {
    pub options: Options,
    pub chance: Chance,
    pub net: Rc<Net>,
    pub devices: Vec<Device>,
    pub people: Vec<Person>,
    pub model: Model,
    pub report: Report,
    pub folder: TempDir,
    pub template: &'static Template,
    /// Backups of the server, the latest last.
    pub backups: Vec<PathBuf>,
    /// A disk that was told to fail.
    pub failing: Option<usize>,
    /// The server was put back to an earlier state at some time.
    pub restored: bool,
    /// Everybody who was ever cheated.
    pub victims: BTreeSet<usize>,
    /// A device that joined after everything had come to rest, and has seen nothing but the server's log.
    pub witness: usize,
    seed: u64,
    digest: Sha256,
    queue: BinaryHeap<Reverse<(i64, u64, Event)>>,
    events: u64,
}

impl World {
    pub fn new(seed: u64, options: Options, template: &'static Template) -> Result<Self, Failure> {
        let folder = temporary_folder()?;
        write_files(&folder.path().join("server"), &template.server)?;
        let server = Server::open(folder.path(), seed)?;
        let net = Net::new(server, seed, template.start_ms);
        let mut chance = Chance::new("world", seed);
        let mut devices = Vec::new();
        for (number, disk) in template.disks.iter().enumerate().take(options.devices) {
            memory::put(&folder_of(number), disk.clone());
            let people = (0..3).map(|_| chance.below(template.people.len() as u64) as usize).collect();
            devices.push(Device::new(number, people));
        }
        let mut world = Self {
            options,
            chance,
            net,
            devices,
            people: template.people.clone(),
            model: Model::default(),
            report: Report::default(),
            folder,
            template,
            backups: Vec::new(),
            failing: None,
            restored: false,
            victims: BTreeSet::new(),
            witness: 0,
            seed,
            digest: Sha256::new(),
            queue: BinaryHeap::new(),
            events: 0,
        };
        world.plan_all();
        Ok(world)
    }

    /// Plays until time is over, lets everything come to rest, and checks what must hold then.
    pub fn play(&mut self) -> Result<(), Failure> {
        let first = self.net.server.borrow_mut().backup()?;
        self.backups.push(first);
        self.net.set_rates(RATES);
        let end = self.template.start_ms + i64::from(self.options.days) * DAY_MS;
        while let Some(Reverse((at, _, event))) = self.queue.pop() {
            if at > end {
                break;
            }
            self.net.advance_to(at);
            self.report.steps += 1;
            self.happen(event)?;
        }
        self.rest()?;
        self.check_at_rest()
    }

    pub fn outcome(&mut self, played: Result<(), Failure>) -> Outcome {
        let mut report = std::mem::take(&mut self.report);
        report.network = self.net.counts();
        report.written = self.model.ledger.len() as u64;
        report.charts = self.model.charts.len() as u64;
        report.devices = self.devices.len() as u64;
        let failure = played.err().map(|failure| format!("at step {}: {failure}", report.steps));
        self.digest.update(format!("{report:?} {failure:?}"));
        let bytes: [u8; 32] = self.digest.clone().finalize().into();
        let digest = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Outcome { seed: self.seed, report, digest, failure }
    }

    fn plan_all(&mut self) {
        for number in 0..self.devices.len() {
            let online = self.chance.happens(700);
            self.net.set_online(number, online);
            self.plan(Event::Line(number), 2 * HOUR_MS, 30 * HOUR_MS);
            self.plan_act(number);
            self.plan(Event::Clock(number), HOUR_MS, 3 * DAY_MS);
        }
        self.plan(Event::Administration, HOUR_MS, 12 * HOUR_MS);
        self.plan(Event::Mishap, HOUR_MS, 12 * HOUR_MS);
        if self.options.attack.is_some() {
            let span = i64::from(self.options.days) * DAY_MS;
            self.plan(Event::Cheat(true), span * 4 / 10, span * 4 / 10);
            self.plan(Event::Cheat(false), span * 8 / 10, span * 8 / 10);
        }
    }

    fn plan(&mut self, event: Event, from_ms: i64, to_ms: i64) {
        let at = self.net.now_ms() + self.chance.between(from_ms, to_ms);
        self.events += 1;
        self.queue.push(Reverse((at, self.events, event)));
    }

    fn plan_act(&mut self, number: usize) {
        let mean = DAY_MS / i64::from(self.options.acts_per_day.max(1));
        self.plan(Event::Act(number), mean / 4, mean * 7 / 4);
    }

    fn happen(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::Act(number) => {
                self.act(number)?;
                self.plan_act(number);
            }
            Event::Line(number) => {
                let online = !self.net.is_online(number);
                self.net.set_online(number, online);
                if online {
                    self.plan(event, 2 * HOUR_MS, 40 * HOUR_MS);
                    self.sync(number)?;
                } else {
                    // Now and then longer than a lease lasts.
                    let long = self.chance.happens(150);
                    self.plan(event, HOUR_MS, if long { 6 * DAY_MS } else { 40 * HOUR_MS });
                }
            }
            Event::Clock(number) => {
                let skew = match (self.options.clocks, self.chance.happens(200)) {
                    (true, true) => self.chance.between(-3 * DAY_MS, 3 * DAY_MS),
                    _ => self.chance.between(-2 * MINUTE_MS, 2 * MINUTE_MS),
                };
                if let Some(device) = self.devices.get_mut(number) {
                    device.skew_ms = skew;
                }
                self.plan(event, 6 * HOUR_MS, 2 * DAY_MS);
            }
            Event::Administration => {
                self.administer()?;
                self.plan(event, 2 * HOUR_MS, 16 * HOUR_MS);
            }
            Event::Mishap => {
                self.mishap()?;
                self.plan(event, 2 * HOUR_MS, 16 * HOUR_MS);
            }
            Event::Cheat(begins) => self.cheat(begins)?,
        }
        Ok(())
    }

    /// The server begins to cheat, or ends it.
    pub fn cheat(&mut self, begins: bool) -> Result<(), Failure> {
        let ended = self.net.foe.borrow_mut().take();
        self.report.cheats += ended.map_or(0, |foe| foe.cheated);
        let (Some(attack), true) = (self.options.attack, begins) else { return Ok(()) };
        // Not the first device: an honest one is needed to tell what the others should show.
        self.victims = (1..self.devices.len()).filter(|number| number % 3 == 1).collect();
        let old = self.backups.first().cloned().unwrap_or_default();
        let foreign = self.template.foreign.clone();
        let foe = {
            let mut server = self.net.server.borrow_mut();
            Foe::new(attack, self.victims.clone(), &mut server, &old, foreign, self.seed)?
        };
        *self.net.foe.borrow_mut() = Some(foe);
        Ok(())
    }

    /// Somebody who uses a device; of the whole organisation where nobody does.
    pub fn person_on(&mut self, device: usize) -> Option<usize> {
        let people = self.devices.get(device).map(|device| device.people.clone()).unwrap_or_default();
        self.chance.pick(&people).copied()
    }

    /// An admin.
    pub fn some_admin(&mut self) -> usize {
        usize::try_from(self.chance.below(ADMINS as u64)).unwrap_or(0)
    }

    /// A device that reaches the server and has not been retired.
    pub fn device_online(&mut self) -> Option<usize> {
        let online: Vec<_> = (0..self.devices.len()).filter(|number| self.is_alive(*number)).collect();
        let online: Vec<_> = online.into_iter().filter(|number| self.net.is_online(*number)).collect();
        self.chance.pick(&online).copied()
    }

    pub fn is_alive(&self, device: usize) -> bool {
        self.devices.get(device).is_some_and(|device| !device.gone)
    }

    /// Lets a person do something on a device, whatever its lease says.
    pub fn attempt<T>(
        &mut self,
        device: usize,
        person: usize,
        what: &'static str,
        work: impl FnOnce(&mut Session) -> Result<T, Error>,
    ) -> Result<Option<T>, Failure> {
        let net = Rc::clone(&self.net);
        let (Some(someone), Some(held)) = (self.people.get(person), self.devices.get_mut(device)) else {
            return Ok(None);
        };
        held.set_clock(&net);
        let done = held.open(&net, someone).and_then(work);
        self.judge(device, what, done)
    }

    /// Lets a person do something that only a lease allows.
    pub fn working<T>(
        &mut self,
        device: usize,
        person: usize,
        what: &'static str,
        work: impl FnOnce(&mut Session) -> Result<T, Error>,
    ) -> Result<Option<T>, Failure> {
        self.attempt(device, person, what, |session| {
            lease_holds(session)?;
            work(session)
        })
    }

    /// What was done; None for what an honest world refuses too, and a failure for everything that must not be.
    pub fn judge<T>(
        &mut self,
        device: usize,
        what: &'static str,
        done: Result<T, Error>,
    ) -> Result<Option<T>, Failure> {
        let garbled = self.net.take_garbled(device);
        let (told, kept) = match done {
            Ok(kept) => ("done", Some(kept)),
            Err(error) => {
                let text = error.to_string();
                let told = self.accept(device, error, garbled);
                if self.options.trace {
                    println!("    {text}");
                }
                let named = |failure: Failure| {
                    Failure::new(failure.invariant, format!("device {device}, {what}: {}", failure.detail))
                };
                (told.map_err(named)?, None)
            }
        };
        if self.options.trace {
            println!("{} {} device {device}: {what}: {told}", self.report.steps, self.net.now_ms());
        }
        self.digest.update(format!("{} {device} {what} {told}\n", self.net.now_ms()));
        Ok(kept)
    }

    /// The kind of an error that may be.
    fn accept(&mut self, device: usize, error: Error, garbled: bool) -> Result<&'static str, Failure> {
        let text = error.to_string();
        match error {
            Error::Offline(_) | Error::DirectoryOffline(_) => Ok("no answer"),
            Error::NoRight(_)
            | Error::NoChart(_)
            | Error::NoResource(_)
            | Error::Ambiguous(..)
            | Error::Invalid(_)
            | Error::Conflict(_)
            | Error::LeaseEnded(_)
            | Error::NotUnlocked => Ok("refused"),
            // It took a new identity on a log that the others do not see.
            Error::Server { code, .. } if code == problem::SIGNATURE && self.may_catch(device) => {
                self.report.detections += 1;
                if let Some(device) = self.devices.get_mut(device) {
                    device.caught = true;
                }
                Ok("the server was caught")
            }
            Error::Server { code, .. } => {
                let ours =
                    [problem::INTERNAL, problem::FULL, problem::MALFORMED, problem::TOO_LARGE, problem::TOO_MANY];
                if ours.contains(&code.as_str()) && !garbled && !self.victims.contains(&device) {
                    return Err(Failure::new("I5", format!("the server failed: {code}: {text}")));
                }
                Ok("refused by the server")
            }
            Error::Cheat(_) if garbled => Ok("garbled"),
            Error::Cheat(_) if self.may_catch(device) => {
                self.report.detections += 1;
                if let Some(device) = self.devices.get_mut(device) {
                    device.caught = true;
                }
                Ok("the server was caught")
            }
            Error::Cheat(_) => Err(Failure::new("I4", format!("an honest server is accused: {text}"))),
            Error::Retired(why) => {
                self.end_of(device, why.contains("under another identity"));
                Ok("retired")
            }
            // Only a wipe takes the site key away, and this one was ended after that.
            Error::NoSiteKey(_) => {
                self.end_of(device, false);
                Ok("wiped")
            }
            Error::Store(StoreError::Io(_) | StoreError::Full) if self.failing == Some(device) => Ok("the disk failed"),
            _ => Err(Failure::new("I5", text)),
        }
    }

    /// A device that was cheated, or that may have met the log of those who were.
    fn may_catch(&self, device: usize) -> bool {
        let forks = self.options.attack.is_some_and(|attack| attack.forks());
        self.victims.contains(&device) || (forks && !self.victims.is_empty())
    }

    /// A device or one of its members was told that they were retired.
    fn end_of(&mut self, number: usize, replaced: bool) {
        let Some(device) = self.devices.get_mut(number) else { return };
        device.close();
        // A copy from before a renewal: what it has not sent is carried over in a bundle, which is not simulated.
        device.gone = device.is_wiped() || replaced;
        if device.gone {
            let device = &*device;
            self.model.forget_unsent(number, |chart, entry| {
                device.rows(chart).iter().any(|row| row.key == entry.as_bytes() && is_logged(row))
            });
        }
    }
}
