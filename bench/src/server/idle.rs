//! A real server in a process of its own, and event streams over TLS that wait: what each takes of its memory, and how
//! soon all of them hear of a push.

use super::device::taken;
use super::organisation::Organisation;
use super::{kb, unlimited};
use crate::Fallible;
use crate::table::{self, row};
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, version};
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use wardbook_client::sync::http::Https;
use wardbook_server::config::Config;
use wardbook_server::http::run;
use wardbook_wire::exchange::path;
use wardbook_wire::link::ServerLink;

pub const CHILD: &str = "--child-server";
const STREAMS: usize = 1_000;
/// Files that each of the two processes needs besides the streams.
const OTHER_FILES: usize = 100;
/// Streams that are opened and closed before anything is measured.
const WARM_UP: usize = 20;
const CONNECTIONS_MAX: u32 = 10_000;
/// What the server gets to come to rest.
const SETTLE: Duration = Duration::from_secs(2);
/// More than twice the time between signs of life.
const PATIENCE: Duration = Duration::from_secs(60);
const STACK_BYTES: usize = 256 * 1024;
const BODY_BYTES: usize = 1_200;

/// Serves until standard input ends. Prints the address and the link once it listens.
pub fn child(folder: &Path) -> Fallible<()> {
    let (stop, stopped) = watch::channel(false);
    let listen = vec!["127.0.0.1:0".parse::<SocketAddr>()?];
    let mut config =
        Config { data: folder.to_owned(), listen, limits: unlimited(), shutdown: Some(stopped), ..Config::default() };
    config.http.connections = CONNECTIONS_MAX;
    config.http.streams_per_device = CONNECTIONS_MAX;
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = stop.send(true);
    });
    run(config, |started| {
        if let (Some(address), Some(link)) = (started.addresses.first(), &started.link) {
            println!("{address} {link}");
        }
    })?;
    Ok(())
}

/// A server in a process of its own, which ends with this value.
struct Server {
    process: Child,
    address: SocketAddr,
    link: ServerLink,
}

impl Server {
    fn start(folder: &Path) -> Fallible<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(CHILD)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let (address, link) = line.trim().split_once(' ').ok_or("the server did not start")?;
        let (address, link) = (address.parse::<SocketAddr>()?, ServerLink::from_text(link)?);
        Ok(Self { process, address, link })
    }

    /// Resident memory, in bytes.
    fn resident(&self) -> Fallible<u64> {
        thread::sleep(SETTLE);
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))
            .map_err(|error| format!("measuring memory needs Linux: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("there is no VmRSS")?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// An open event stream.
struct Stream(BufReader<StreamOwned<ClientConnection, TcpStream>>);

impl Stream {
    /// Connects, asks, and reads the first event.
    fn open(address: SocketAddr, tls: &Arc<ClientConfig>, path: &str, authorization: &str) -> Fallible<Self> {
        let tcp = TcpStream::connect(address)?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        let connection = ClientConnection::new(Arc::clone(tls), ServerName::try_from("localhost")?)?;
        let mut stream = StreamOwned::new(connection, tcp);
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        stream.flush()?;
        let mut stream = Self(BufReader::with_capacity(512, stream));
        let mut line = String::new();
        stream.0.read_line(&mut line)?;
        if !line.starts_with("HTTP/1.1 200 ") {
            return Err(format!("there is no event stream: {}", line.trim()).into());
        }
        stream.told()?;
        Ok(stream)
    }

    /// The next size of the log that is told. Other lines are headers, lengths of chunks and signs of life.
    fn told(&mut self) -> io::Result<u64> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(size) = line.strip_prefix("data:").and_then(|text| text.trim().parse().ok()) {
                return Ok(size);
            }
        }
    }

    /// When the log was longer than that.
    fn wait(&mut self, size: u64) -> io::Result<Instant> {
        while self.told()? <= size {}
        Ok(Instant::now())
    }
}

pub fn measure(scratch: &Path) -> Fallible<()> {
    let count = STREAMS.min(files_max()?.saturating_sub(OTHER_FILES));
    eprintln!("server: {count} event streams");
    let server = Server::start(&scratch.join("idle"))?;
    let certificate = Https::pinned_certificate(&server.link.base, &server.link.fingerprint)?;
    let mut link = Https::new(&server.link.base, &certificate)?;
    let mut org = Organisation::found(&mut link, &server.link.code)?;
    let (tls, events) = (client(&certificate)?, path(org.id, "events"));
    let mut open = |count: usize| -> Fallible<Vec<Stream>> {
        let one = |_| Stream::open(server.address, &tls, &events, &org.reader.authorise("GET", &events, &[]));
        (0..count).map(one).collect()
    };
    drop(open(WARM_UP.min(count))?);
    let before = server.resident()?;
    let streams = open(count)?;
    let after = server.resident()?;

    eprintln!("server: a push to {count} event streams");
    let size = org.range.size();
    let (entries, _) = org.scribe.write(&[0], 1, BODY_BYTES)?;
    let body = org.hand_in(&entries);
    let (push, heard) = thread::scope(|scope| -> Fallible<(Duration, Vec<Duration>)> {
        let mut waiting = Vec::with_capacity(count);
        for mut stream in streams {
            // The stream comes back open, so that nobody closes one while others still wait.
            let wait = move || -> io::Result<(Instant, Stream)> { Ok((stream.wait(size)?, stream)) };
            waiting.push(thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, wait)?);
        }
        thread::sleep(SETTLE);
        let start = Instant::now();
        let answer = org.writer.post(&mut link, "sync", &body)?;
        let push = start.elapsed();
        taken(200, &answer)?;
        let mut ended = Vec::with_capacity(count);
        for thread in waiting {
            ended.push(thread.join().map_err(|_| "a thread that waits has ended badly")??);
        }
        Ok((push, ended.iter().map(|(at, _)| at.saturating_duration_since(start)).collect()))
    })?;

    let more = after.saturating_sub(before);
    let rows = [
        row(["resident memory of the server before", &table::mb(before)]),
        row([&format!("with {count} event streams"), &table::mb(after)]),
        row(["for each connection", &kb(more as f64 / count.max(1) as f64)]),
        row(["a push, until it is answered", &table::time(push)]),
        row(["until half of the streams have the event", &table::time(table::quantile(&heard, 0.5))]),
        row(["until the last one has it", &table::time(table::quantile(&heard, 1.0))]),
    ];
    let fewer = if count < STREAMS { ", as many as the limit of open files allows" } else { "" };
    table::print(&format!("Idle connections: {count} event streams over TLS{fewer}"), &["", "value"], &rows);
    Ok(())
}

/// A client that trusts the server's certificate alone, and begins each connection anew, as another device would.
fn client(certificate: &str) -> Fallible<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes())?)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// Files that this process may have open, and so may those that it starts.
fn files_max() -> Fallible<usize> {
    let limits = fs::read_to_string("/proc/self/limits")
        .map_err(|error| format!("finding the limit of open files needs Linux: {error}"))?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()).ok_or("there is no limit of open files")?;
    Ok(if soft == "unlimited" { usize::MAX } else { soft.parse()? })
}
