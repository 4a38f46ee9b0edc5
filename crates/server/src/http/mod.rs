//! The server as seen from the network: TLS, HTTP/1.1 and HTTP/2, limits, logs, metrics, event streams, and its end.
//!
//! ```text
//! listen ── TLS 1.3 ── hyper ── observe ── routes ── body ── worker thread: Service::handle
//!    │ idle and header timeouts      │        ├── events ◄── Service::on_change
//!    └ number of connections         │        └── app: files for browsers
//!                                    └ one log line, metrics, headers
//! ```
//!
//! Nothing here knows what a request means: that is [`Service`]'s, which is synchronous and knows no HTTP library.

mod answer;
mod app;
mod body;
mod error;
mod events;
mod folder;
mod listen;
pub mod log;
mod metrics;
mod observe;
mod qr;
mod routes;
mod tls;

use crate::Service;
use crate::config::Config;
use answer::Problem;
pub use error::ServeError;
pub use folder::copy_identity;
pub use qr::qr;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use wardbook_wire::link::ServerLink;

/// What log lines are filed under; lines of other crates are not written.
const LOG: &str = "wardbook";
/// How long a request waits for a worker before it is told to come back.
const QUEUE: Duration = Duration::from_secs(10);
/// How often certificates are looked at.
const RENEWAL: Duration = Duration::from_secs(60 * 60);
/// What the last workers get once the runtime ends.
const LAST_WORK: Duration = Duration::from_secs(2);

/// What a server knows of itself once it listens.
#[derive(Clone)]
pub struct Started {
    /// With the real port where 0 was asked for.
    pub addresses: Vec<SocketAddr>,
    /// `https://host:port`, as links have it; `http://…` where TLS is left to a proxy that was not named.
    pub base: String,
    /// SHA-256 of the certificate that devices pin; none for plain HTTP without a known certificate.
    pub fingerprint: Option<[u8; 32]>,
    /// To put an organisation on this server, with the registration code; none without a fingerprint.
    pub link: Option<String>,
    /// Where a browser opens the web app; none where this program was built without it.
    pub app: Option<String>,
}

/// What every request needs.
struct Shell {
    service: Arc<Service>,
    app: app::App,
    config: Config,
    /// The certificate that devices pin, in PEM.
    pinned: Option<String>,
    workers: Arc<Semaphore>,
    /// One permit for each KiB of a request in memory.
    bodies: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    events: Arc<events::Events>,
    metrics: metrics::Metrics,
    /// Turns true when the server ends. Nobody reads from this one, so its clones see the change.
    stop: watch::Receiver<bool>,
}

impl Shell {
    /// Runs a task on a worker thread, when one is free.
    async fn work<T: Send + 'static>(&self, task: impl FnOnce(&Service) -> T + Send + 'static) -> Result<T, Problem> {
        let waiting = tokio::time::timeout(QUEUE, Arc::clone(&self.workers).acquire_owned());
        let Ok(Ok(permit)) = waiting.await else { return Err(Problem::Busy) };
        let service = Arc::clone(&self.service);
        let done = tokio::task::spawn_blocking(move || {
            let result = task(&service);
            drop(permit);
            result
        });
        done.await.map_err(|_| Problem::Internal)
    }
}

/// Serves until a signal comes or [`Config::shutdown`] turns true. `started` is called once, when the server listens.
///
/// # Errors
/// [`ServeError::Config`] for what cannot be served, [`ServeError::File`], and what [`Service::open`] says.
pub fn run(config: Config, started: impl FnOnce(&Started)) -> Result<(), ServeError> {
    config.check()?;
    folder::prepare(&config.data)?;
    let (registration, code) = folder::registration(&config)?;
    let service = Service::open(&config.data, config.limits.clone(), registration, Box::new(fill))?;
    let threads = usize::try_from(config.http.workers).unwrap_or(usize::MAX).saturating_add(8);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("wardbook")
        .max_blocking_threads(threads)
        .build()
        .map_err(|error| ServeError::file(Path::new("the runtime"), &error))?;
    let result = runtime.block_on(serve(config, service, code, started));
    runtime.shutdown_timeout(LAST_WORK);
    result
}

async fn serve(
    config: Config,
    service: Service,
    code: String,
    started: impl FnOnce(&Started),
) -> Result<(), ServeError> {
    let identity = if config.plain_http { None } else { Some(Arc::new(tls::Identity::load(&config, now_secs())?)) };
    let pinned = match &identity {
        Some(identity) => Some(identity.pinned().clone()),
        None => tls::last_of_chain(&config)?,
    };
    let signals = Signals::new()?;
    let mut listeners = Vec::new();
    let mut addresses = Vec::new();
    for address in &config.listen {
        let fail =
            |error: std::io::Error| ServeError::Config(format!("the server cannot listen at {address}: {error}"));
        let listener = TcpListener::bind(address).await.map_err(fail)?;
        addresses.push(listener.local_addr().map_err(fail)?);
        listeners.push(listener);
    }

    let base = base(&config, &addresses);
    let fingerprint = pinned.as_ref().map(tls::fingerprint);
    let pinned_to = fingerprint.filter(|_| base.starts_with("https://"));
    let link = pinned_to.map(|fingerprint| ServerLink { base: base.clone(), fingerprint, code }.to_text()).transpose();
    let link = link.map_err(|_| {
        ServeError::Config(format!(
            "no link can be made to {base}: set public_url to https://host:port, and a shorter code"
        ))
    })?;
    let (stop, stopped) = watch::channel(false);
    let events = Arc::new(events::Events::default());
    let feed = Arc::clone(&events);
    service.on_change(Box::new(move |org, size| feed.grown(org, size)));
    let permits = |count: u64| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)))
    };
    let external = config.shutdown.clone();
    let stop_after = Duration::from_secs(config.http.stop_secs);
    let shell = Arc::new(Shell {
        service: Arc::new(service),
        app: app::App::of_this_program(identity.is_some()),
        pinned: pinned.as_ref().map(tls::to_pem),
        workers: permits(config.http.workers.into()),
        bodies: permits(config.http.bodies_bytes_max.div_ceil(1024)),
        connections: permits(config.http.connections.into()),
        events,
        metrics: metrics::Metrics::default(),
        stop: stopped,
        config,
    });

    let protocols = Arc::new(listen::Protocols::new(&shell.config.http));
    let router = routes::router(&shell);
    let acceptor = match &identity {
        Some(identity) => Some(TlsAcceptor::from(tls::server(identity)?)),
        None => None,
    };
    for listener in listeners {
        let (shell, acceptor, router) = (Arc::clone(&shell), acceptor.clone(), router.clone());
        tokio::spawn(listen::accept(shell, listener, acceptor, router, Arc::clone(&protocols)));
    }
    if let Some(identity) = identity {
        tokio::spawn(renew(identity, shell.stop.clone()));
    }
    let app = app::IS_BUILT.then(|| format!("{base}/"));
    let started_with = Started { addresses, base, fingerprint, link, app };
    tracing::info!(target: LOG, addresses = ?started_with.addresses, version = env!("CARGO_PKG_VERSION"), "started");
    started(&started_with);

    let reason = signals.wait(external).await;
    tracing::info!(target: LOG, reason, "stopping");
    let _ = stop.send(true);
    let all = shell.config.http.connections;
    let ended = tokio::time::timeout(stop_after, shell.connections.acquire_many(all)).await;
    let left = usize::try_from(all).unwrap_or(usize::MAX).saturating_sub(shell.connections.available_permits());
    let left = if ended.is_ok() { 0 } else { left };
    tracing::info!(target: LOG, connections_cut = left, "stopped");
    Ok(())
}

/// Looks at the certificates every hour until the server ends.
async fn renew(identity: Arc<tls::Identity>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(RENEWAL) => {}
        }
        match identity.refresh(now_secs()) {
            Ok(tls::Refreshed::Not) => {}
            Ok(tls::Refreshed::Renewed) => tracing::info!(target: LOG, "certificate renewed"),
            Ok(tls::Refreshed::OtherPin) => tracing::warn!(
                target: LOG,
                "the last certificate of tls_cert has changed: devices that pin the old one no longer connect; restart and \
                 hand out the new link"
            ),
            Err(error) => tracing::error!(target: LOG, %error, "the certificate could not be renewed"),
        }
    }
}

/// What links begin with. HTTP without TLS has no links of its own: those lead to the proxy, by `public_url`.
fn base(config: &Config, addresses: &[SocketAddr]) -> String {
    if !config.public_url.is_empty() {
        return config.public_url.trim_end_matches('/').to_owned();
    }
    let first = addresses.first();
    let port = first.map_or(0, SocketAddr::port);
    let listened = first.map(SocketAddr::ip).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string());
    let named = config.names.first().cloned().or(listened).or_else(tls::host_name);
    let host = named.unwrap_or_else(|| "localhost".to_owned());
    let scheme = if config.plain_http { "http" } else { "https" };
    if host.contains(':') { format!("{scheme}://[{host}]:{port}") } else { format!("{scheme}://{host}:{port}") }
}

/// What ends the server.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self, ServeError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| ServeError::file(Path::new("signals"), &error));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn wait(mut self, external: Option<watch::Receiver<bool>>) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "interrupted",
            _ = self.terminate.recv() => "terminated",
            () = turned_true(external) => "told to stop",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self, ServeError> {
        Ok(Self)
    }

    async fn wait(self, external: Option<watch::Receiver<bool>>) -> &'static str {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => "interrupted",
            () = turned_true(external) => "told to stop",
        }
    }
}

/// Waits until the value is true or nobody can set it any more; for ever without a receiver.
async fn turned_true(external: Option<watch::Receiver<bool>>) {
    match external {
        Some(mut receiver) => drop(receiver.wait_for(|stop| *stop).await),
        None => std::future::pending().await,
    }
}

/// Randomness from the system. Without it nothing that a server signs is safe, so it does not go on.
fn fill(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        tracing::error!(target: LOG, "the system gives no randomness");
        std::process::abort();
    }
}

fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX).saturating_add(test_offset_ms())
}

/// Tests of leases move the clock. A released build has no such thing.
fn test_offset_ms() -> i64 {
    #[cfg(debug_assertions)]
    if let Ok(secs) = std::env::var("WARDBOOK_TEST_CLOCK_OFFSET_SECS") {
        return secs.parse::<i64>().unwrap_or(0) * 1000;
    }
    0
}
