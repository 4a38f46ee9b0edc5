//! Signatures of a whole request, on several threads where there are many.

use crate::orgs::lock;
use std::sync::{Mutex, PoisonError};
use std::thread;
use wardbook_wire::entry::VerifiedEntry;
use wardbook_wire::exchange::{Outcome, Refusal};
use wardbook_wire::log::KeyringObject;
use wardbook_wire::slot::Slot;
use wardbook_wire::{Entry, Unverified, Verified, VerifyKey};

/// Fewer are checked faster than threads are started.
const PARALLEL_MIN: usize = 64;
/// Fixed, so that nothing here depends on the machine.
const THREADS: usize = 4;

/// With the key of whom it names.
pub(super) enum Unchecked {
    Entry(Box<Entry>, VerifyKey),
    Slot(Unverified<Slot>, VerifyKey),
    Keyring(Unverified<KeyringObject>, VerifyKey),
}

pub(super) enum Checked {
    Entry(Box<VerifiedEntry>),
    Slot(Verified<Slot>),
    Keyring(Verified<KeyringObject>),
}

/// How far an object has come.
pub(super) enum Step {
    Decided(Outcome),
    Signed(Unchecked),
    Checked(Checked),
}

impl Step {
    fn verify(self) -> Self {
        let checked = match self {
            Self::Signed(Unchecked::Entry(entry, key)) => {
                entry.verify(&key).map(|entry| Checked::Entry(Box::new(entry)))
            }
            Self::Signed(Unchecked::Slot(slot, key)) => slot.verify(&key).map(Checked::Slot),
            Self::Signed(Unchecked::Keyring(keyring, key)) => keyring.verify(&key).map(Checked::Keyring),
            other => return other,
        };
        checked.map_or(Self::Decided(Outcome::Refused(Refusal::BadSignature)), Self::Checked) // SRV-04
    }
}

/// Checks every signature; the order stays.
pub(super) fn verify_all(steps: Vec<Step>) -> Vec<Step> {
    let signed = steps.iter().filter(|step| matches!(step, Step::Signed(_))).count();
    if signed < PARALLEL_MIN {
        return steps.into_iter().map(Step::verify).collect();
    }
    let length = steps.len().div_ceil(THREADS);
    let mut steps = steps.into_iter();
    let parts: [Mutex<Vec<Step>>; THREADS] = std::array::from_fn(|_| Mutex::new(steps.by_ref().take(length).collect()));
    thread::scope(|scope| {
        for part in &parts {
            // Where no thread can be had, this one does the work.
            if thread::Builder::new().spawn_scoped(scope, move || verify_part(part)).is_err() {
                verify_part(part);
            }
        }
    });
    parts.into_iter().flat_map(|part| part.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

fn verify_part(part: &Mutex<Vec<Step>>) {
    let mut steps = lock(part);
    *steps = std::mem::take(&mut *steps).into_iter().map(Step::verify).collect();
}
