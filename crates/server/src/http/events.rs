//! Event streams: devices that wait hear the size of their organisation's log at once, and whenever it has grown.
//!
//! ```text
//! Service::on_change ──► one watch channel for each organisation ──► each stream: event: log, data: <size>
//! ```
//!
//! A watch channel holds one number, however many sizes a slow device has missed; that and a timer is all that a waiting
//! stream keeps here.

use super::answer::{Problem, of_service};
use super::{Shell, now_ms};
use crate::Call;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use wardbook_wire::OrgId;
use wardbook_wire::request::{Caller, SignedRequest};

/// Between two signs of life; proxies and phones close connections that are silent for longer than a minute or so.
const KEEP_ALIVE: Duration = Duration::from_secs(25);

/// Who holds streams, and what they wait for.
#[derive(Default)]
pub struct Events {
    sizes: Mutex<HashMap<OrgId, watch::Sender<u64>>>,
    /// By the id of the device, or the key of an invite.
    seats: Mutex<HashMap<Vec<u8>, u32>>,
}

impl Events {
    /// The log of an organisation has so many leaves now.
    pub fn grown(&self, org: OrgId, size: u64) {
        let mut sizes = lock(&self.sizes);
        let Some(sender) = sizes.get(&org) else { return };
        if sender.receiver_count() == 0 {
            sizes.remove(&org);
            return;
        }
        sender.send_if_modified(|held| {
            let grown = size > *held;
            *held = size.max(*held);
            grown
        });
    }

    /// Streams that are open.
    pub fn open(&self) -> u64 {
        lock(&self.seats).values().map(|count| u64::from(*count)).sum()
    }

    fn subscribe(&self, org: OrgId) -> watch::Receiver<u64> {
        lock(&self.sizes).entry(org).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Counts a stream of a device until the seat is dropped.
    fn seat(self: &Arc<Self>, device: Vec<u8>, most: u32) -> Option<Seat> {
        let mut seats = lock(&self.seats);
        let count = seats.entry(device.clone()).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat { events: Arc::clone(self), device })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One open stream.
struct Seat {
    events: Arc<Events>,
    device: Vec<u8>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = lock(&self.events.seats);
        let left = seats.get_mut(&self.device).map(|count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == Some(0) {
            seats.remove(&self.device);
        }
    }
}

/// `GET /v1/orgs/{org}/events`.
pub async fn stream(State(shell): State<Arc<Shell>>, request: Request) -> Response {
    match open(&shell, request).await {
        Ok(feed) => Sse::new(feed.stream()).into_response(),
        Err(Refused::Here(problem)) => problem.into_response(),
        Err(Refused::ByService(answer)) => *answer,
    }
}

/// Why there is no stream.
enum Refused {
    Here(Problem),
    ByService(Box<Response>),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Here(problem)
    }
}

async fn open(shell: &Shell, request: Request) -> Result<Feed, Refused> {
    let value = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let device = value.as_deref().and_then(device).unwrap_or_default();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let now_ms = now_ms();
    let allowed = shell.work(move |service| {
        let call = Call {
            method: "GET",
            path: &path,
            authorization: value.as_deref(),
            body: &[],
            range: None,
            offset: None,
            now_ms,
        };
        service.authorise_events(&call)
    });
    let org = allowed.await?.map_err(|answer| Refused::ByService(Box::new(of_service(answer))))?;
    // The signatures were right, so the request is from the device that it names.
    let seat = shell.events.seat(device, shell.config.http.streams_per_device).ok_or(Problem::TooManyStreams)?;
    // First subscribed, then asked: no growth falls between the two.
    let mut sizes = shell.events.subscribe(org);
    let size = shell.work(move |service| service.log_size(org)).await?;
    let first = size.map_err(|_| Problem::Internal)?.max(*sizes.borrow_and_update());
    Ok(Feed { sizes, stop: shell.stop.clone(), told: None, first, _seat: seat })
}

/// The device that a request names, or the key of its invite.
fn device(value: &str) -> Option<Vec<u8>> {
    let signed = SignedRequest::from_header(value).ok()?;
    Some(match &signed.peek().caller {
        Caller::Member { device, .. } => device.0.to_vec(),
        Caller::Invite(key) => key.0.to_vec(),
    })
}

/// What a stream keeps.
struct Feed {
    sizes: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    /// The size that was sent last.
    told: Option<u64>,
    first: u64,
    /// Held until the stream ends.
    _seat: Seat,
}

impl Feed {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        unfold(self, |mut feed| async move {
            let event = feed.next().await?;
            Some((Ok(event), feed))
        })
    }

    /// The next event, or none when the server ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let size = if self.told.is_none() {
                self.first
            } else {
                tokio::select! {
                    changed = self.sizes.changed() => changed.ok()?,
                    _ = self.stop.changed() => return None,
                    () = tokio::time::sleep(KEEP_ALIVE) => return Some(Event::default().comment("")),
                }
                *self.sizes.borrow_and_update()
            };
            if self.told.is_none_or(|told| size > told) {
                self.told = Some(size);
                return Some(Event::default().event("log").data(size.to_string()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(events: &Arc<Events>, stop: &watch::Receiver<bool>, first: u64) -> Feed {
        let seat = events.seat(vec![1], 2).unwrap();
        Feed { sizes: events.subscribe(OrgId([1; 32])), stop: stop.clone(), told: None, first, _seat: seat }
    }

    #[test]
    fn a_stream_tells_the_size_and_each_growth_and_ends_with_the_server() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let events = Arc::new(Events::default());
            let (sender, stop) = watch::channel(false);
            let mut feed = feed(&events, &stop, 5);
            assert!(feed.next().await.is_some());
            assert_eq!(feed.told, Some(5));
            events.grown(OrgId([2; 32]), 50);
            events.grown(OrgId([1; 32]), 7);
            events.grown(OrgId([1; 32]), 9);
            events.grown(OrgId([1; 32]), 8);
            assert!(feed.next().await.is_some());
            assert_eq!(feed.told, Some(9));
            sender.send(true).unwrap();
            assert!(feed.next().await.is_none());
        });
    }

    #[test]
    fn a_device_has_so_many_seats() {
        let events = Arc::new(Events::default());
        let first = events.seat(vec![1], 2).unwrap();
        let _second = events.seat(vec![1], 2).unwrap();
        assert!(events.seat(vec![1], 2).is_none());
        assert!(events.seat(vec![2], 2).is_some());
        assert_eq!(events.open(), 2);
        drop(first);
        assert!(events.seat(vec![1], 2).is_some());
    }

    #[test]
    fn organisations_nobody_waits_for_are_forgotten() {
        let events = Arc::new(Events::default());
        drop(events.subscribe(OrgId([1; 32])));
        events.grown(OrgId([1; 32]), 3);
        assert!(lock(&events.sizes).is_empty());
    }
}
