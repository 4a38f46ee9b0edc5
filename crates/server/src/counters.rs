//! What the server counts of itself: sums only, nothing about any one organisation or person.

use crate::route::Route;
use std::sync::atomic::{AtomicU64, Ordering};
use wardbook_wire::exchange::{Outcome, Refusal};

const REFUSALS: [(Refusal, &str); 10] = [
    (Refusal::Malformed, "malformed"),
    (Refusal::OtherOrganisation, "other-organisation"),
    (Refusal::UnknownAuthor, "unknown-author"),
    (Refusal::BadSignature, "bad-signature"),
    (Refusal::MissingParent, "missing-parent"),
    (Refusal::NotNext, "not-next"),
    (Refusal::BreaksRule, "breaks-rule"),
    (Refusal::NotNewer, "not-newer"),
    (Refusal::MissingBlob, "missing-blob"),
    (Refusal::NotAllowed, "not-allowed"),
];

/// Since the server was started, except where a field says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Organisations on this server, now.
    pub orgs: u64,
    /// Organisations whose files are open, now.
    pub open_orgs: u64,
    pub entries_accepted: u64,
    /// Of those, the ones that came after the end of their lease.
    pub quarantined: u64,
    /// Objects that were not taken, by reason; those that wait for others are among them.
    pub refused: Vec<(&'static str, u64)>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// By route and by the first digit of the status.
    pub requests: Vec<(&'static str, u16, u64)>,
    pub leases_issued: u64,
    /// Officers' extensions that were not valid.
    pub extensions_ignored: u64,
    /// Requests that failed for the server's own storage.
    pub storage_failures: u64,
}

/// Told one figure: name, help, labels, value, and whether it only ever grows.
pub type Figure<'a> = dyn FnMut(&'static str, &'static str, &[(&'static str, &str)], f64, bool) + 'a;

impl Stats {
    /// Every figure, under the name that it has in `/metrics`.
    pub fn each(&self, told: &mut Figure<'_>) {
        told("wardbook_orgs", "Organisations on this server.", &[], self.orgs as f64, false);
        told("wardbook_orgs_open", "Organisations whose files are open.", &[], self.open_orgs as f64, false);
        let counters = [
            ("wardbook_entries_total", "Entries taken into a log.", self.entries_accepted),
            ("wardbook_entries_quarantined_total", "Of those, the late ones.", self.quarantined),
            ("wardbook_leases_total", "Leases issued.", self.leases_issued),
            ("wardbook_extensions_ignored_total", "Extensions that were not valid.", self.extensions_ignored),
            ("wardbook_storage_failures_total", "Requests that failed for the storage.", self.storage_failures),
            ("wardbook_received_bytes_total", "Bytes of bodies received.", self.bytes_in),
            ("wardbook_sent_bytes_total", "Bytes of bodies sent.", self.bytes_out),
        ];
        for (name, help, value) in counters {
            told(name, help, &[], value as f64, true);
        }
        for (reason, count) in &self.refused {
            let labels = [("reason", *reason)];
            told("wardbook_objects_refused_total", "Objects not taken, by reason.", &labels, *count as f64, true);
        }
        for (route, class, count) in &self.requests {
            let class = format!("{class}xx");
            let labels = [("route", *route), ("class", class.as_str())];
            told("wardbook_requests_total", "Requests by route and class of status.", &labels, *count as f64, true);
        }
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    entries: AtomicU64,
    late: AtomicU64,
    refused: [AtomicU64; 10],
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    requests: [[AtomicU64; 5]; 12],
    leases: AtomicU64,
    extensions_ignored: AtomicU64,
    failures: AtomicU64,
}

fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Counters {
    pub fn request(&self, route: Route, status: u16, bytes_in: u64, bytes_out: u64) {
        let class = usize::from((status / 100).saturating_sub(1));
        if let Some(counter) = self.requests.get(route as usize).and_then(|classes| classes.get(class)) {
            add(counter, 1);
        }
        add(&self.bytes_in, bytes_in);
        add(&self.bytes_out, bytes_out);
    }

    pub fn outcomes(&self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            if let Outcome::Wait(refusal) | Outcome::Refused(refusal) = outcome
                && let Some(counter) = self.refused.get(*refusal as usize)
            {
                add(counter, 1);
            }
        }
    }

    pub fn entries(&self, entries: u64, late: u64) {
        add(&self.entries, entries);
        add(&self.late, late);
    }

    pub fn lease(&self) {
        add(&self.leases, 1);
    }

    pub fn extensions_ignored(&self, count: u64) {
        add(&self.extensions_ignored, count);
    }

    pub fn failure(&self) {
        add(&self.failures, 1);
    }

    pub fn stats(&self, orgs: u64, open_orgs: u64) -> Stats {
        let refused = REFUSALS.iter().zip(&self.refused).map(|((_, name), counter)| (*name, get(counter)));
        let requests = Route::ALL.iter().zip(&self.requests).flat_map(|(route, classes)| {
            (1u16..).zip(classes).map(move |(class, counter)| (route.name(), class, get(counter)))
        });
        Stats {
            orgs,
            open_orgs,
            entries_accepted: get(&self.entries),
            quarantined: get(&self.late),
            refused: refused.collect(),
            bytes_in: get(&self.bytes_in),
            bytes_out: get(&self.bytes_out),
            requests: requests.collect(),
            leases_issued: get(&self.leases),
            extensions_ignored: get(&self.extensions_ignored),
            storage_failures: get(&self.failures),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_where_they_are_counted() {
        assert!(REFUSALS.iter().enumerate().all(|(at, (refusal, _))| *refusal as usize == at));
        assert!(Route::ALL.iter().enumerate().all(|(at, route)| *route as usize == at));
        let counters = Counters::default();
        counters.request(Route::Sync, 409, 10, 20);
        counters.outcomes(&[Outcome::Wait(Refusal::MissingBlob), Outcome::Logged { index: 1 }]);
        let stats = counters.stats(1, 1);
        assert!(stats.requests.contains(&("sync", 4, 1)) && stats.refused.contains(&("missing-blob", 1)));
        assert_eq!((stats.bytes_in, stats.bytes_out), (10, 20));
        let mut count = 0;
        stats.each(&mut |name, _, _, value, _| count += usize::from(name.starts_with("wardbook_") && value > 0.0));
        assert_eq!(count, 6);
    }
}
