//! The way between devices and the server: it loses, repeats, garbles and delays, as its rates and the seed say.
//!
//! ```text
//! Session ──Link::call──► Net ──► fate of this call ──► hostile server, or the real one ──► answer, or silence
//! ```

use crate::chance::Chance;
use crate::hostile::Foe;
use crate::server::Server;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use wardbook_client::sync::transport::{Answer, Call, NoAnswer, Transport};
use wardbook_wire::request::{CHALLENGE_HEADER, Challenge};

/// How long one call takes, in milliseconds.
const CALL_MS: i64 = 150;

/// How many of a thousand calls go wrong, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// The request is lost.
    pub lost: u64,
    /// The server did it, and the answer is lost.
    pub unanswered: u64,
    /// The request arrives twice.
    pub doubled: u64,
    /// One bit of the answer is another.
    pub garbled: u64,
}

/// What went wrong so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct NetCounts {
    pub calls: u64,
    pub lost: u64,
    pub unanswered: u64,
    pub doubled: u64,
    pub garbled: u64,
}

enum Fate {
    Delivered,
    Lost,
    Unanswered,
    Doubled,
    Garbled,
}

#[derive(Default)]
struct State {
    rates: Rates,
    online: BTreeSet<usize>,
    /// Calls until the connection of a device breaks off.
    left: BTreeMap<usize, u32>,
    /// Devices that got a garbled answer since that was last asked.
    garbled: BTreeSet<usize>,
    /// Devices that got a garbled proof at any time: they blame somebody for it.
    garbled_proof: BTreeSet<usize>,
    counts: NetCounts,
}

/// The network with everything at its other end.
pub struct Net {
    pub server: RefCell<Server>,
    pub foe: RefCell<Option<Foe>>,
    /// The latest answer to a sync of each device.
    pub answers: RefCell<BTreeMap<usize, Vec<u8>>>,
    chance: RefCell<Chance>,
    now_ms: Cell<i64>,
    state: RefCell<State>,
}

impl Net {
    pub fn new(server: Server, seed: u64, now_ms: i64) -> Rc<Self> {
        Rc::new(Self {
            server: RefCell::new(server),
            foe: RefCell::new(None),
            answers: RefCell::default(),
            chance: RefCell::new(Chance::new("network", seed)),
            now_ms: Cell::new(now_ms),
            state: RefCell::default(),
        })
    }

    /// The true time, which is the server's.
    pub fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    /// Time does not go backwards.
    pub fn advance_to(&self, now_ms: i64) {
        self.now_ms.set(self.now_ms.get().max(now_ms));
    }

    pub fn set_rates(&self, rates: Rates) {
        self.state.borrow_mut().rates = rates;
    }

    pub fn set_online(&self, device: usize, online: bool) {
        let mut state = self.state.borrow_mut();
        if online {
            state.online.insert(device);
        } else {
            state.online.remove(&device);
        }
    }

    pub fn is_online(&self, device: usize) -> bool {
        self.state.borrow().online.contains(&device)
    }

    /// The connection of a device breaks off after so many more calls; None mends it.
    pub fn break_after(&self, device: usize, calls: Option<u32>) {
        let mut state = self.state.borrow_mut();
        match calls {
            Some(calls) => state.left.insert(device, calls),
            None => state.left.remove(&device),
        };
    }

    /// True if the device got a garbled answer since this was last asked.
    pub fn take_garbled(&self, device: usize) -> bool {
        self.state.borrow_mut().garbled.remove(&device)
    }

    /// True if the device ever got a garbled proof.
    pub fn had_garbled_proof(&self, device: usize) -> bool {
        self.state.borrow().garbled_proof.contains(&device)
    }

    pub fn counts(&self) -> NetCounts {
        self.state.borrow().counts
    }

    /// The way of one device.
    pub fn link(self: &Rc<Self>, device: usize) -> Link {
        Link { net: Rc::clone(self), device }
    }

    fn fate(&self, device: usize) -> Fate {
        let mut state = self.state.borrow_mut();
        state.counts.calls += 1;
        if !state.online.contains(&device) {
            return Fate::Lost;
        }
        match state.left.get_mut(&device) {
            Some(0) => return Fate::Lost,
            Some(left) => *left -= 1,
            None => {}
        }
        let (rates, drawn) = (state.rates, self.chance.borrow_mut().below(1000));
        let ends = [rates.lost, rates.unanswered, rates.doubled, rates.garbled];
        let mut end = 0;
        let fates = [Fate::Lost, Fate::Unanswered, Fate::Doubled, Fate::Garbled];
        for (rate, fate) in ends.into_iter().zip(fates) {
            end += rate;
            if drawn < end {
                return fate;
            }
        }
        Fate::Delivered
    }

    fn carry(&self, device: usize, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        self.now_ms.set(self.now_ms.get() + CALL_MS);
        let fate = self.fate(device);
        let mut state = self.state.borrow_mut();
        let counts = &mut state.counts;
        match fate {
            Fate::Delivered => {}
            Fate::Lost => counts.lost += 1,
            Fate::Unanswered => counts.unanswered += 1,
            Fate::Doubled => counts.doubled += 1,
            Fate::Garbled => counts.garbled += 1,
        }
        drop(state);
        match fate {
            Fate::Lost => Err(silence()),
            Fate::Delivered => self.deliver(device, call),
            Fate::Unanswered => {
                let _ = self.deliver(device, call);
                Err(silence())
            }
            Fate::Doubled => {
                let first = self.deliver(device, call);
                let second = self.deliver(device, call);
                if self.chance.borrow_mut().happens(500) { first } else { second }
            }
            Fate::Garbled => {
                let mut answer = self.deliver(device, call)?;
                self.garble(device, call.path, &mut answer.body);
                Ok(answer)
            }
        }
    }

    fn deliver(&self, device: usize, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let call = wardbook_server::Call {
            method: call.method,
            path: call.path,
            authorization: call.authorization.as_deref(),
            body: call.body,
            range: call.range,
            offset: call.offset,
            now_ms: self.now_ms.get(),
        };
        let server = self.server.borrow();
        let mut foe = self.foe.borrow_mut();
        let answer = match foe.as_mut().filter(|foe| foe.fools(device)) {
            Some(foe) => foe.answer(device, &call, &server),
            None => server.handle(&call),
        };
        let answer = answer.ok_or_else(silence)?;
        if call.path.ends_with("/sync") && answer.status == 200 {
            self.answers.borrow_mut().insert(device, answer.body.clone());
        }
        Ok(translate(answer))
    }

    fn garble(&self, device: usize, path: &str, body: &mut [u8]) {
        let mut chance = self.chance.borrow_mut();
        let at = usize::try_from(chance.below(body.len() as u64)).unwrap_or(0);
        let bit = chance.below(8);
        if let Some(byte) = body.get_mut(at) {
            *byte ^= 1u8 << bit;
        }
        let mut state = self.state.borrow_mut();
        state.garbled.insert(device);
        if path.ends_with("/seen") {
            state.garbled_proof.insert(device);
        }
    }
}

fn silence() -> NoAnswer {
    NoAnswer("no answer".into())
}

/// As the HTTP client reads it.
fn translate(answer: wardbook_server::Answer) -> Answer {
    let header = |name: &str| {
        let found = answer.headers.iter().find(|(held, _)| *held == name);
        found.map(|(_, value)| value.clone())
    };
    let challenge = header(CHALLENGE_HEADER).and_then(|text| Challenge::from_text(&text));
    let retry_after_secs = header("retry-after").and_then(|text| text.parse::<u64>().ok());
    Answer { status: answer.status, body: answer.body, challenge, retry_after_secs, ..Answer::default() }
}

/// One device's way to the server.
pub struct Link {
    net: Rc<Net>,
    device: usize,
}

impl Transport for Link {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        self.net.carry(self.device, call)
    }

    fn pause(&mut self, secs: u64) {
        let wait_ms = i64::try_from(secs.saturating_mul(1000)).unwrap_or(0);
        self.net.advance_to(self.net.now_ms() + wait_ms);
    }

    fn wait(&mut self, _: &str, _: String, _: u64) -> Result<u64, NoAnswer> {
        Err(silence())
    }
}
