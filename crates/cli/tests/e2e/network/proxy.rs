//! A proxy between devices and the server that spoils what goes through it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Bytes that are passed on at once.
const PIECE_BYTES: usize = 16 * 1024;

/// What becomes of each connection that is made from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Pass,
    /// It is closed once so many bytes have gone to the server.
    CutRequest(u64),
    /// It is closed once so many bytes have gone to the device.
    CutAnswer(u64),
    /// One bit of this byte on the way to the server is changed.
    FlipRequest(u64),
    /// One bit of this byte on the way to the device is changed.
    FlipAnswer(u64),
    /// Each piece waits so many milliseconds.
    Slow(u64),
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToDevice,
}

pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: Mutex<Option<SocketAddr>>,
    rule: Mutex<Rule>,
    moved: [AtomicU64; 2],
    kept: Mutex<Option<[Vec<u8>; 2]>>,
    ended: AtomicBool,
}

impl Proxy {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target: Mutex::new(None),
            rule: Mutex::new(Rule::Pass),
            moved: [AtomicU64::new(0), AtomicU64::new(0)],
            kept: Mutex::new(None),
            ended: AtomicBool::new(false),
        });
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for device in listener.incoming() {
                if all.ended.load(Ordering::Relaxed) {
                    return;
                }
                // Where nobody serves, the device's connection is closed.
                if let Ok(device) = device {
                    pass_on(&all, device);
                }
            }
        });
        Self { address, shared }
    }

    /// What devices take for the server's address.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    pub fn lead_to(&self, target: SocketAddr) {
        *self.shared.target.lock().unwrap() = Some(target);
    }

    pub fn set(&self, rule: Rule) {
        *self.shared.rule.lock().unwrap() = rule;
    }

    /// Bytes that went this way since this was last asked.
    pub fn moved(&self, way: Way) -> u64 {
        self.shared.moved[way as usize].swap(0, Ordering::Relaxed)
    }

    /// Keeps a copy of everything from now on.
    pub fn keep(&self) {
        *self.shared.kept.lock().unwrap() = Some([Vec::new(), Vec::new()]);
    }

    /// What was kept, to the server and to the devices.
    pub fn kept(&self) -> [Vec<u8>; 2] {
        self.shared.kept.lock().unwrap().take().unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // So that the listening thread looks up.
        let _ = TcpStream::connect(self.address);
    }
}

fn pass_on(shared: &Arc<Shared>, device: TcpStream) {
    let target = *shared.target.lock().unwrap();
    let Some(Ok(server)) = target.map(TcpStream::connect) else { return };
    let rule = *shared.rule.lock().unwrap();
    for stream in [&device, &server] {
        let _ = stream.set_nodelay(true);
    }
    let pairs =
        [(Way::ToServer, device.try_clone().unwrap(), server.try_clone().unwrap()), (Way::ToDevice, server, device)];
    for (way, from, to) in pairs {
        let shared = Arc::clone(shared);
        std::thread::spawn(move || pump(&shared, rule, way, from, to));
    }
}

fn pump(shared: &Shared, rule: Rule, way: Way, mut from: TcpStream, mut to: TcpStream) {
    let (cut, flip) = match (rule, way) {
        (Rule::CutRequest(at), Way::ToServer) | (Rule::CutAnswer(at), Way::ToDevice) => (Some(at), None),
        (Rule::FlipRequest(at), Way::ToServer) | (Rule::FlipAnswer(at), Way::ToDevice) => (None, Some(at)),
        _ => (None, None),
    };
    let (mut buffer, mut passed) = (vec![0u8; PIECE_BYTES], 0u64);
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => read as u64,
        };
        if let Some(at) = flip.filter(|at| (passed..passed + read).contains(at)) {
            buffer[(at - passed) as usize] ^= 1;
        }
        let allowed = cut.map_or(read, |cut| read.min(cut.saturating_sub(passed)));
        let piece = &buffer[..allowed as usize];
        shared.moved[way as usize].fetch_add(allowed, Ordering::Relaxed);
        if let Some(kept) = shared.kept.lock().unwrap().as_mut() {
            kept[way as usize].extend_from_slice(piece);
        }
        if let Rule::Slow(ms) = rule {
            std::thread::sleep(Duration::from_millis(ms));
        }
        if to.write_all(piece).is_err() || allowed < read {
            for stream in [&from, &to] {
                let _ = stream.shutdown(Shutdown::Both);
            }
            return;
        }
        passed += read;
    }
    let _ = to.shutdown(Shutdown::Write);
}
