//! What becomes of a session whose lease ends, with the real server behind it. The clock here is the system's; what is
//! moved is the server's, by which leases end.

use super::Scene;
use crate::state::State;
use crate::types::{DeviceStatus, FailureKind};
use crate::view;
use wardbook_client::ServerLink;
use wardbook_client::sync::transport::{Answer, CHALLENGE_HEADER, Call, Challenge, NoAnswer, Transport};
use wardbook_server::{Limits, Registration, Service};

const HOUR_MS: i64 = 3_600_000;
/// Only its digest is looked at where no connection is made.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

struct Server {
    service: Service,
    ahead_ms: i64,
}

impl Server {
    fn beside(scene: &Scene) -> Self {
        // Nothing here is kept from anybody.
        let mut state = 7u64;
        let random = move |bytes: &mut [u8]| {
            for byte in bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (state >> 56) as u8;
            }
        };
        let folder = scene.folder.path().join("server");
        let service = Service::open(&folder, Limits::default(), Registration::Open, Box::new(random)).unwrap();
        Self { service, ahead_ms: 0 }
    }
}

impl Transport for Server {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let answer = self.service.handle(&wardbook_server::Call {
            method: call.method,
            path: call.path,
            authorization: call.authorization.as_deref(),
            body: call.body,
            range: call.range,
            offset: call.offset,
            now_ms: crate::clock::now_ms() + self.ahead_ms,
        });
        let challenge = answer.headers.iter().find(|(name, _)| *name == CHALLENGE_HEADER);
        let challenge = challenge.and_then(|(_, text)| Challenge::from_text(text));
        Ok(Answer { status: answer.status, body: answer.body, challenge, ..Answer::default() })
    }

    fn pause(&mut self, _secs: u64) {}

    fn wait(&mut self, _path: &str, _authorization: String, _size: u64) -> Result<u64, NoAnswer> {
        Err(NoAnswer("nobody waits here".into()))
    }
}

/// A session that is open while its lease has ended, on a server of 80 hours ago; what that gives holds for 72.
fn ended(scene: &mut Scene) -> Server {
    let mut server = Server::beside(scene);
    server.ahead_ms = -80 * HOUR_MS;
    let link = ServerLink { base: "https://ward.test:8443".into(), fingerprint: [7; 32], code: String::new() };
    let session = scene.session();
    session.set_server(&mut server, &link, CERTIFICATE).unwrap();
    session.sync(&mut server, &mut |_| {}).unwrap();
    assert!(matches!(scene.state, State::Open(_)), "nobody has looked yet");
    server
}

fn sync(scene: &mut Scene, server: &mut Server) {
    scene.state.sync(server, &mut |_| {}).unwrap().unwrap();
}

#[test]
fn brw_07_a_session_does_not_outlive_its_lease() {
    let mut scene = Scene::new();
    let id = scene.patient();
    let mut server = ended(&mut scene);
    assert_eq!(scene.state.session().map(|_| ()).unwrap_err().kind, FailureKind::LeaseExpired);
    let status = view::device::status(&scene.state).unwrap();
    assert!(matches!(status, DeviceStatus::Waiting(waiting) if waiting.user == "ana"));
    assert_eq!(scene.state.session().map(|_| ()).unwrap_err().kind, FailureKind::LeaseExpired);

    // What was being typed is kept, and the next sync opens the records of the same person again.
    scene.state.save_draft("note", b"half a sentence").unwrap();
    server.ahead_ms = 0;
    sync(&mut scene, &mut server);
    let page = view::chart::page(scene.session(), id).unwrap();
    assert_eq!(page.banner.name, "Elena García");
    assert_eq!(scene.session().draft("note").unwrap().unwrap().as_slice(), b"half a sentence");
    scene.state.lock();
    assert_eq!(scene.state.save_draft("note", b"").unwrap_err().kind, FailureKind::Locked);
}

#[test]
fn brw_07_a_sync_closes_what_its_lease_does_not_cover_and_opens_it_again() {
    let mut scene = Scene::new();
    let id = scene.patient();
    let mut server = ended(&mut scene);
    sync(&mut scene, &mut server);
    assert!(matches!(scene.state, State::Waiting(_)), "no lease has come that holds");
    server.ahead_ms = 0;
    sync(&mut scene, &mut server);
    assert_eq!(view::chart::page(scene.session(), id).unwrap().banner.name, "Elena García");
    scene.state.lock();
    assert_eq!(scene.state.sync(&mut server, &mut |_| {}).map(|_| ()).unwrap_err().kind, FailureKind::Locked);
}
