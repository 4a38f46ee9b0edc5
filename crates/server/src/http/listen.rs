//! Connections: taken, given TLS, served, and closed when they are idle or the server ends.
//!
//! Two clocks guard against peers that hold on to connections: hyper's, for headers, and [`Activity`], for a connection
//! on which nothing moves in either direction, from the first byte of TLS on. An event stream moves every 25 seconds.

use super::{Shell, observe::Peer};
use crate::config::Http;
use axum::Router;
use hyper::service::Service as _;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 32;
/// Bytes in flight to us: on one stream, on one connection.
const STREAM_WINDOW_BYTES: u32 = 256 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// Bytes that wait to be sent on one HTTP/2 stream.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// After an error of the listener, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How each version of HTTP is spoken. The version is known before the first byte: TLS agrees on it, and without TLS it
/// is HTTP/1.1, so no time is spent on guessing and nobody can hold a connection in that state.
pub struct Protocols {
    http1: Builder<TokioExecutor>,
    http2: Builder<TokioExecutor>,
}

impl Protocols {
    pub fn new(http: &Http) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        let header_bytes = usize::try_from(http.header_bytes_max).unwrap_or(usize::MAX);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(http.header_secs))
            .max_buf_size(header_bytes);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(http.header_bytes_max)
            .max_concurrent_streams(STREAMS_MAX)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_send_buf_size(SEND_BUFFER_BYTES);
        Self { http1: builder.clone().http1_only(), http2: builder.http2_only() }
    }
}

/// Takes connections until the server ends.
pub async fn accept(
    shell: Arc<Shell>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    protocols: Arc<Protocols>,
) {
    let mut stop = shell.stop.clone();
    loop {
        let accepted = tokio::select! {
            _ = stop.changed() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((tcp, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&shell.connections).try_acquire_owned() else {
            shell.metrics.connection_refused();
            continue;
        };
        let connection = Connection {
            shell: Arc::clone(&shell),
            router: router.clone(),
            protocols: Arc::clone(&protocols),
            peer,
            activity: Arc::new(Activity::new()),
        };
        let tls = tls.clone();
        tokio::spawn(async move {
            connection.serve(tcp, tls).await;
            drop(permit);
        });
    }
}

struct Connection {
    shell: Arc<Shell>,
    router: Router,
    protocols: Arc<Protocols>,
    peer: SocketAddr,
    activity: Arc<Activity>,
}

impl Connection {
    async fn serve(self, tcp: TcpStream, tls: Option<TlsAcceptor>) {
        // Answers are written whole, so waiting for more to send only costs time.
        let _ = tcp.set_nodelay(true);
        let watched = Watched { tcp, activity: Arc::clone(&self.activity) };
        let Some(tls) = tls else { return self.speak(watched, &self.protocols.http1).await };
        let patience = Duration::from_secs(self.shell.config.http.header_secs);
        let mut stop = self.shell.stop.clone();
        let accepted = tokio::select! {
            _ = stop.changed() => return,
            accepted = tokio::time::timeout(patience, tls.accept(watched)) => accepted,
        };
        match accepted {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(b"h2".as_slice()) => {
                self.speak(stream, &self.protocols.http2).await;
            }
            Ok(Ok(stream)) => self.speak(stream, &self.protocols.http1).await,
            _ => self.shell.metrics.handshake_failed(),
        }
    }

    async fn speak<I: AsyncRead + AsyncWrite + Unpin + 'static>(&self, io: I, protocol: &Builder<TokioExecutor>) {
        let peer = Peer(self.peer);
        let router = TowerToHyperService::new(self.router.clone());
        let activity = Arc::clone(&self.activity);
        let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(peer);
            let busy = Busy::new(&activity);
            let answer = router.call(request);
            async move {
                let answer = answer.await;
                drop(busy);
                answer
            }
        });
        let mut connection = pin!(protocol.serve_connection(TokioIo::new(io), service));
        let idle = Duration::from_secs(self.shell.config.http.idle_secs);
        let mut stop = self.shell.stop.clone();
        let mut stopping = false;
        loop {
            tokio::select! {
                _ = connection.as_mut() => return,
                _ = stop.changed(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = self.activity.idle_for(idle) => return,
            }
        }
    }
}

/// When something last moved on a connection, and how many of its requests are being answered.
struct Activity {
    start: Instant,
    last_ms: AtomicU64,
    busy: AtomicU32,
}

impl Activity {
    fn new() -> Self {
        Self { start: Instant::now(), last_ms: AtomicU64::new(0), busy: AtomicU32::new(0) }
    }

    fn since_start(&self) -> Duration {
        self.start.elapsed()
    }

    fn touch(&self) {
        self.last_ms.store(u64::try_from(self.since_start().as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Returns once nothing has moved for this long while no request was being answered.
    async fn idle_for(&self, limit: Duration) {
        loop {
            let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
            let idle = self.since_start().saturating_sub(last);
            let busy = self.busy.load(Ordering::Relaxed) > 0;
            if idle >= limit && !busy {
                return;
            }
            tokio::time::sleep(if busy { limit } else { limit.saturating_sub(idle) }).await;
        }
    }
}

/// Keeps a connection from being idle while one of its requests is being answered.
struct Busy(Arc<Activity>);

impl Busy {
    fn new(activity: &Arc<Activity>) -> Self {
        activity.busy.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(activity))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
        self.0.touch();
    }
}

/// A socket that notes when bytes move.
struct Watched {
    tcp: TcpStream,
    activity: Arc<Activity>,
}

impl Watched {
    fn note(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(polled, Poll::Ready(Ok(1..))) {
            self.activity.touch();
        }
        polled
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.tcp).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.touch();
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.note(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        self.note(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_idle_only_when_nothing_moves_and_nothing_is_answered() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let activity = Arc::new(Activity::new());
            let limit = Duration::from_millis(60);
            let busy = Busy::new(&activity);
            let waiting = |for_ms| tokio::time::timeout(Duration::from_millis(for_ms), activity.idle_for(limit));
            assert!(waiting(150).await.is_err(), "a request is being answered");
            drop(busy);
            assert!(waiting(30).await.is_err(), "it has just been answered");
            assert!(waiting(2000).await.is_ok());
        });
    }
}
