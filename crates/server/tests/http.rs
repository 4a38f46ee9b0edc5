//! The server over real sockets: TLS, limits, problems, logs and its end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, version};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::watch;
use wardbook_server::config::{Admission, Config, Hidden, Log, LogFormat, LogLevel};
use wardbook_server::http::{ServeError, Started, log, run};
use wardbook_wire::link::ServerLink;

const PATIENCE: Duration = Duration::from_secs(20);

struct Running {
    started: Started,
    stop: watch::Sender<bool>,
    thread: JoinHandle<Result<(), ServeError>>,
}

impl Running {
    fn start(config: Config) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (tell, told) = mpsc::channel();
        let config = Config { shutdown: Some(stopped), ..config };
        let thread = std::thread::spawn(move || run(config, |started| tell.send(started.clone()).unwrap()));
        let started = told.recv_timeout(PATIENCE);
        match started {
            Ok(started) => Self { started, stop, thread },
            Err(_) => panic!("the server did not start: {:?}", thread.join()),
        }
    }

    fn address(&self) -> SocketAddr {
        self.started.addresses[0]
    }

    fn tcp(&self) -> TcpStream {
        let tcp = TcpStream::connect(self.address()).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        tcp
    }

    fn stop(self) {
        self.stop.send(true).unwrap();
        self.thread.join().unwrap().unwrap();
    }
}

fn config(folder: &TempDir) -> Config {
    Config { data: folder.path().join("data"), listen: vec!["127.0.0.1:0".parse().unwrap()], ..Config::default() }
}

fn authority(folder: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(folder.join("data/tls/ca.pem")).unwrap()
}

/// A client that trusts one certificate authority and nothing else.
fn tls(server: &Running, trusted: CertificateDer<'static>, alpn: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), server.tcp())
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

/// Sends a request and reads what comes until the server closes the connection.
fn exchange(stream: &mut (impl Read + Write), request: &str) -> Reply {
    stream.write_all(request.as_bytes()).unwrap();
    stream.flush().unwrap();
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        bytes.extend_from_slice(&piece[..read]);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

fn is_problem(reply: &Reply, status: u16, kind: &str) {
    assert_eq!(reply.status, status, "{}", reply.body);
    assert!(reply.head.contains("content-type: application/problem+json"), "{}", reply.head);
    let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(problem["type"], format!("urn:wardbook:problem:{kind}"));
    assert_eq!(problem["status"], status);
}

/// Log lines of every test of this file.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn lines() -> &'static Lines {
    static LINES: OnceLock<Lines> = OnceLock::new();
    LINES.get_or_init(|| {
        let lines = Lines::default();
        let writer = lines.clone();
        let wanted = Log { format: LogFormat::Json, level: LogLevel::Debug };
        tracing::subscriber::set_global_default(log::subscriber(wanted, move || writer.clone())).unwrap();
        lines
    })
}

#[test]
fn a_client_that_pins_the_authority_connects_and_others_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(&folder));
    let trusted = authority(folder.path());
    let fingerprint: [u8; 32] = Sha256::digest(trusted.as_ref()).into();
    assert_eq!(server.started.fingerprint, Some(fingerprint));
    let link = ServerLink::from_text(server.started.link.as_ref().unwrap()).unwrap();
    assert_eq!(link.fingerprint, fingerprint);
    assert_eq!(link.base, format!("https://{}", server.address()));
    let code = std::fs::read_to_string(folder.path().join("data/registration-code")).unwrap();
    assert_eq!(link.code, code.trim());

    let reply = exchange(&mut tls(&server, trusted.clone(), "http/1.1"), &get("/healthz"));
    assert_eq!((reply.status, reply.body.as_str()), (200, "alive\n"));
    assert!(reply.head.contains("cache-control: no-store") && reply.head.contains("x-content-type-options: nosniff"));
    let reply = exchange(&mut tls(&server, trusted.clone(), "http/1.1"), &get("/v1/ca"));
    assert_eq!(CertificateDer::from_pem_slice(reply.body.as_bytes()).unwrap(), trusted);

    let other = tempfile::tempdir().unwrap();
    let stranger = Running::start(config(&other));
    let mut stream = tls(&server, authority(other.path()), "http/1.1");
    assert!(stream.write_all(get("/healthz").as_bytes()).is_err());
    stranger.stop();
    server.stop();
}

#[test]
fn http_2_is_spoken_where_it_was_agreed_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(&folder));
    let mut stream = tls(&server, authority(folder.path()), "h2");
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(b"h2".as_slice()));
    assert_eq!(frame[3], 4, "the first frame tells the settings");
    server.stop();
}

#[test]
fn tls_1_2_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(&folder));
    // A greeting of TLS 1.2, with nothing that speaks of 1.3.
    let suites = [0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30];
    let groups = [0, 10, 0, 6, 0, 4, 0, 29, 0, 23];
    let signatures = [0, 13, 0, 6, 0, 4, 4, 3, 8, 4];
    let mut hello = vec![3, 3];
    hello.extend([0x5a; 32]);
    hello.extend([0, 0, 8]);
    hello.extend(suites);
    hello.extend([1, 0, 0, 20]);
    hello.extend(groups);
    hello.extend(signatures);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    let mut tcp = server.tcp();
    tcp.write_all(&record).unwrap();
    let mut alert = [0; 7];
    tcp.read_exact(&mut alert).unwrap();
    assert_eq!((alert[0], alert[5], alert[6]), (21, 2, 70), "a fatal alert: protocol_version");
    server.stop();
}

#[test]
fn the_authority_is_made_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(&folder));
    let (fingerprint, link) = (server.started.fingerprint, server.started.link.clone());
    server.stop();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &str| std::fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("data"), mode("data/tls"), mode("data/tls/ca.key")), (0o700, 0o700, 0o600));
    }
    let server = Running::start(config(&folder));
    assert_eq!(server.started.fingerprint, fingerprint);
    let code = |link: &Option<String>| ServerLink::from_text(link.as_ref().unwrap()).unwrap().code;
    assert_eq!(code(&server.started.link), code(&link));
    server.stop();
}

#[test]
fn plain_http_stays_on_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let open = Config { plain_http: true, listen: vec!["0.0.0.0:0".parse().unwrap()], ..config(&folder) };
    match run(open, |_| panic!("it has started")) {
        Err(ServeError::Config(text)) => assert!(text.contains("loopback"), "{text}"),
        other => panic!("{other:?}"),
    }
    let server = Running::start(Config { plain_http: true, ..config(&folder) });
    assert!(server.started.link.is_none() && server.started.fingerprint.is_none());
    assert_eq!(exchange(&mut server.tcp(), &get("/healthz")).status, 200);
    is_problem(&exchange(&mut server.tcp(), &get("/v1/ca")), 404, "not-found");
    server.stop();
}

#[test]
fn what_operators_ask_for_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(Config { plain_http: true, registration: Admission::Open, ..config(&folder) });
    assert_eq!(exchange(&mut server.tcp(), &get("/readyz")).body, "ready\n");
    let reply = exchange(&mut server.tcp(), &get("/openapi.json"));
    assert!(reply.head.contains("content-type: application/json"));
    assert!(serde_json::from_str::<serde_json::Value>(&reply.body).unwrap()["paths"]["/v1/server"].is_object());
    let reply = exchange(&mut server.tcp(), &get("/v1/server"));
    assert_eq!(reply.status, 200);
    assert!(reply.head.contains("content-type: application/cbor"));

    let reply = exchange(&mut server.tcp(), &get("/metrics"));
    assert_eq!(reply.status, 200);
    let counted = "wardbook_http_requests_total{route=\"/v1/server\",method=\"GET\",status=\"200\"} 1\n";
    assert!(reply.body.contains(counted), "{}", reply.body);
    for line in reply.body.lines() {
        let sample = line.rsplit_once(' ').unwrap().1.parse::<f64>().is_ok();
        assert!(line.starts_with("# ") || sample, "{line}");
    }
    let passed_on = "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9\r\nConnection: close\r\n\r\n";
    is_problem(&exchange(&mut server.tcp(), passed_on), 404, "not-found");
    server.stop();
}

#[test]
fn browsers_get_the_app_beside_the_routes() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(Config { plain_http: true, ..config(&folder) });
    let page = exchange(&mut server.tcp(), &get("/"));
    assert_eq!(page.status, 200);
    for line in ["content-type: text/html", "cache-control: no-cache", "default-src 'none'", "nosniff", "require-corp"]
    {
        assert!(page.head.contains(line), "{line} in {}", page.head);
    }
    assert_eq!(exchange(&mut server.tcp(), &get("/patients")).body, page.body);
    let asked = "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let reply = exchange(&mut server.tcp(), asked);
    assert!(reply.status == 200 && reply.body.is_empty());
    assert!(reply.head.contains(&format!("content-length: {}", page.body.len())), "{}", reply.head);

    let tag = page.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let asked =
        format!("GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: {}\r\nConnection: close\r\n\r\n", &tag["w/".len()..]);
    assert_eq!(exchange(&mut server.tcp(), &asked).status, 304);
    for path in ["/v1", "/v1/patients", "/metrics/more"] {
        is_problem(&exchange(&mut server.tcp(), &get(path)), 404, "not-found");
    }
    let figures = exchange(&mut server.tcp(), &get("/metrics")).body;
    let counted = "wardbook_http_requests_total{route=\"app\",method=\"GET\",status=\"200\"} 2\n";
    assert!(figures.contains(counted), "{figures}");
    server.stop();
}

#[test]
fn faults_of_a_request_are_problems() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config { plain_http: true, ..config(&folder) };
    config.limits.request_bytes_max = 1000;
    let server = Running::start(config);
    is_problem(&exchange(&mut server.tcp(), &get("/v1/nothing")), 404, "not-found");
    is_problem(&exchange(&mut server.tcp(), &get("/nothing.png")), 404, "not-found");
    let reply = exchange(&mut server.tcp(), "DELETE /v1/server HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    is_problem(&reply, 405, "method");
    assert!(reply.head.contains("allow: get"), "{}", reply.head);

    let path = format!("/v1/orgs/{}/sync", "a7".repeat(32));
    let declared = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\n");
    is_problem(&exchange(&mut server.tcp(), &declared), 413, "too-large");
    let chunk = format!("3e8\r\n{}\r\n1\r\n", "x".repeat(1000));
    let chunked = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{chunk}x\r\n0\r\n\r\n"
    );
    is_problem(&exchange(&mut server.tcp(), &chunked), 413, "too-large");
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n", "x".repeat(100_000));
    let mut tcp = server.tcp();
    let _ = tcp.write_all(long.as_bytes());
    let mut start = [0; 12];
    if tcp.read_exact(&mut start).is_ok() {
        assert_eq!(&start, b"HTTP/1.1 431");
    }
    server.stop();
}

#[test]
fn connections_past_the_limit_are_closed() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config { plain_http: true, ..config(&folder) };
    config.http.connections = 1;
    let server = Running::start(config);
    let mut held = server.tcp();
    held.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut start = [0; 12];
    held.read_exact(&mut start).unwrap();
    let mut refused = server.tcp();
    let _ = refused.write_all(get("/healthz").as_bytes());
    assert!(!matches!(refused.read(&mut start), Ok(1..)));
    server.stop();
}

#[test]
fn logs_hold_patterns_and_no_secrets() {
    let lines = lines();
    let folder = tempfile::tempdir().unwrap();
    let registration_code = Hidden::new("sesame-registration".into());
    let server = Running::start(Config { plain_http: true, registration_code, ..config(&folder) });
    let org = "c3".repeat(32);
    let events = format!(
        "GET /v1/orgs/{org}/events?token=sesame-query HTTP/1.1\r\nHost: sesame-host\r\n\
         Authorization: Wardbook sesame-token\r\nConnection: close\r\n\r\n"
    );
    let reply = exchange(&mut server.tcp(), &events);
    assert!(reply.status >= 400);
    let sync = format!(
        "POST /v1/orgs/{org}/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nConnection: close\r\n\r\nsesame-body"
    );
    assert!(exchange(&mut server.tcp(), &sync).status >= 400);
    assert_eq!(exchange(&mut server.tcp(), &get("/sesame-place")).status, 200);
    assert_eq!(exchange(&mut server.tcp(), &get("/sesame-file.png")).status, 404);
    server.stop();

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("\"route\":\"/v1/orgs/{org}/events\""), "{text}");
    assert!(text.contains("\"route\":\"/v1/orgs/{org}/sync\"") && text.contains("\"received\":11"), "{text}");
    assert!(text.contains("\"route\":\"app\"") && text.contains("\"route\":\"unknown\""), "{text}");
    assert!(text.contains("\"message\":\"started\"") && text.contains("\"message\":\"stopped\""), "{text}");
    assert!(!text.contains("sesame") && !text.contains(&org), "{text}");
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn the_server_ends_soon_while_others_hold_connections() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(&folder));
    let silent = server.tcp();
    let mut idle = tls(&server, authority(folder.path()), "http/1.1");
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut start = [0; 12];
    idle.read_exact(&mut start).unwrap();
    let begin = Instant::now();
    server.stop();
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    drop((silent, idle));
}

#[test]
fn one_folder_has_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(config(&folder));
    let second = run(config(&folder), |_| panic!("it has started"));
    assert!(matches!(second, Err(ServeError::Service(_))), "{second:?}");
    server.stop();
}
