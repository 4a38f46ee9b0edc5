//! Entries that the server takes in a second, beside bare checks of signatures.

use super::device::{Direct, Prepared, taken};
use super::organisation::Organisation;
use super::{cpu_time, kb};
use crate::{Fallible, table};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use wardbook_core::keys::SigningKey;
use wardbook_wire::signed::Domain;

/// Entries in a request, and in all.
const BATCHES: [(usize, usize); 3] = [(1, 2_000), (100, 20_000), (1_000, 20_000)];
const CHARTS: usize = 100;
const BODY_BYTES: usize = 1_200;
/// Signatures that are checked and nothing else.
const BARE: usize = 20_000;
/// The signed bytes of an entry, about: its header and the hash of its body.
const SIGNED_BYTES: usize = 350;

/// What so many entries or signatures took.
struct Spent {
    count: usize,
    time: Duration,
    cpu: Duration,
}

impl Spent {
    fn of(count: usize, work: impl FnOnce() -> Fallible<()>) -> Fallible<Self> {
        let (start, cpu) = (Instant::now(), cpu_time()?);
        work()?;
        Ok(Self { count, time: start.elapsed(), cpu: cpu_time()?.saturating_sub(cpu) })
    }

    fn per_second(&self) -> f64 {
        self.count as f64 / self.time.as_secs_f64()
    }

    fn per_core(&self) -> f64 {
        self.count as f64 / self.cpu.as_secs_f64()
    }

    fn line(&self, name: &str, bare: &Self) -> Vec<String> {
        table::row([
            name,
            &self.count.to_string(),
            &format!("{:.0}", self.per_second()),
            &format!("{:.2}", self.cpu.as_secs_f64() / self.time.as_secs_f64()),
            &format!("{:.0}", self.per_core()),
            &table::ratio(self.per_core(), bare.per_core()),
        ])
    }
}

pub fn measure(scratch: &Path) -> Fallible<()> {
    eprintln!("server: {BARE} signatures");
    let bare = bare()?;
    let (mut rows, mut mean) = (Vec::new(), 0.0);
    for (batch, count) in BATCHES {
        eprintln!("server: {count} entries, {batch} in a request");
        let folder = scratch.join(format!("accept-{batch}"));
        let (spent, bytes) = accept(&folder, batch, count)?;
        fs::remove_dir_all(&folder)?;
        rows.push(spent.line(&format!("{batch} in a request"), &bare));
        mean = bytes as f64 / count as f64;
    }
    rows.push(bare.line("signatures alone", &bare));
    table::print(
        &format!("Accepting: entries of {} in {CHARTS} charts", kb(mean)),
        &["entries", "number", "per second", "cores busy", "per second and core", "to signatures alone"],
        &rows,
    );
    Ok(())
}

/// The bytes of all entries beside what they took.
fn accept(folder: &Path, batch: usize, count: usize) -> Fallible<(Spent, usize)> {
    let service = super::open(folder)?;
    let mut org = Organisation::found(&mut Direct(&service), "")?;
    let plan: Vec<usize> = (0..count).map(|place| place % CHARTS).collect();
    let (entries, _) = org.scribe.write(&plan, CHARTS, BODY_BYTES)?;
    let bytes = entries.iter().map(|entry| entry.object.bytes().len()).sum();
    let mut requests: Vec<Prepared> = Vec::with_capacity(count.div_ceil(batch));
    for part in entries.chunks(batch) {
        let body = org.hand_in(part);
        requests.push(org.writer.prepare("sync", body));
    }
    let mut answers = Vec::with_capacity(requests.len());
    let spent = Spent::of(count, || {
        answers.extend(requests.iter().map(|request| request.handle(&service)));
        Ok(())
    })?;
    let mut last = None;
    for answer in &answers {
        last = Some(taken(answer.status, &answer.body)?);
    }
    org.check_end(&last.ok_or("nothing was handed in")?)?;
    Ok((spent, bytes))
}

/// Signatures of one key, checked one after the other as the server does: strictly, the key read each time.
fn bare() -> Fallible<Spent> {
    let key = SigningKey::from_seed(&[7; 32]);
    let message = |number: usize| {
        let mut message = vec![0; SIGNED_BYTES];
        message.iter_mut().zip(number.to_be_bytes()).for_each(|(byte, part)| *byte = part);
        message
    };
    let signed = (0..BARE).map(message).map(|bytes| (key.sign_bytes(Domain::ENTRY, &bytes), bytes));
    let signed: Vec<([u8; 64], Vec<u8>)> = signed.collect();
    let public = key.verify_key();
    Spent::of(BARE, || {
        for (signature, bytes) in &signed {
            black_box(public.verify(Domain::ENTRY, bytes, signature))?;
        }
        Ok(())
    })
}
