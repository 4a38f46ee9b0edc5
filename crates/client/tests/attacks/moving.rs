//! An organisation on its way to a server, and to another address of it: answers that are lost, and servers that are not
//! the one that they say.

use crate::network::{Known, Losing, Net, Server};
use crate::organisation::{Scene, caught, invite, note, read, unlock, unlock_to_sync};
use std::path::Path;
use std::rc::Rc;
use wardbook_client::sync::transport::{Answer, Call};
use wardbook_client::{Error, NewOrganisation, Secret, ServerLink, Session, Vault};
use wardbook_wire::exchange::{ANSWER_BYTES_MAX, StatementsAnswer};
use wardbook_wire::log::Range;
use wardbook_wire::{OrgId, strict};

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n";

fn there() -> ServerLink {
    ServerLink { base: "https://new.test:8443".into(), fingerprint: [8; 32], code: String::new() }
}

fn set_server(session: &mut Session, net: &Rc<Net>) -> Result<(), Error> {
    session.set_server(&mut net.link(), &there(), CERTIFICATE)
}

/// An answer to `POST /statements` with that checkpoint; every other one as it is.
fn with_checkpoint(call: &Call<'_>, mut answer: Answer, checkpoint: &str) -> Answer {
    if call.path.ends_with("/statements") && answer.status == 200 {
        let mut content: StatementsAnswer = strict::decode(&answer.body, ANSWER_BYTES_MAX).unwrap();
        checkpoint.clone_into(&mut content.checkpoint);
        answer.body = strict::encode(&content);
    }
    answer
}

/// A server that takes no new organisations.
fn closed(net: &Net, call: &Call<'_>) -> Answer {
    if !call.path.ends_with("/create") {
        return net.honest(call);
    }
    let body = br#"{"type":"urn:wardbook:problem:registration","status":403,"detail":"closed"}"#.to_vec();
    Answer { status: 403, body, ..Answer::default() }
}

/// A server with a key of its own.
fn stranger(folder: &Path, org: OrgId) -> Rc<Net> {
    Net::over(Server::open(folder.to_owned()), org, Known::default())
}

/// NET-02: a device follows its server to another address, and nobody else.
#[test]
fn net_02_a_device_goes_on_with_its_own_server_at_another_address() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    note(&mut ben, shared, "one", "61");

    // One that has another key, and one that announces the right key and cannot sign with it.
    let other = stranger(&scene.path("stranger"), scene.org);
    match set_server(&mut ben, &other) {
        Err(Error::Invalid(told)) => assert!(told.contains("NET-02"), "{told}"),
        Err(other) => panic!("another failure: {other}"),
        Ok(()) => panic!("it went to another server"),
    }
    let forged = other.checkpoint(Range::default().point());
    scene.net.cheat(move |net, call| with_checkpoint(call, net.honest(call), &forged));
    assert!(caught(set_server(&mut ben, &scene.net)).contains("LOG-01"));
    assert_eq!(ben.vault().server_base(), Some("https://ward.test:8443"));
    scene.net.be_honest();

    // The right one: the device goes on where it was, and keeps that for good.
    set_server(&mut ben, &scene.net).unwrap();
    drop(ben);
    let mut ben = scene.open("laptop", "ben");
    assert_eq!(ben.vault().server_base(), Some("https://new.test:8443"));
    assert_eq!(ben.vault().server_certificate(), Some(CERTIFICATE));
    let report = scene.sync(&mut ben).unwrap();
    assert_eq!((report.sent, report.received, report.statements), (1, 0, 0), "{report:?}");
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, shared, "one").as_deref(), Some("61"));

    // Invites of a device that has moved lead there.
    set_server(&mut ana, &scene.net).unwrap();
    assert!(invite(&mut ana, &scene.net, None, true).starts_with("https://new.test:8443/#"));
    // A device without a lease moves too, by whichever member.
    let mut waiting = unlock_to_sync(Vault::open(&scene.path("cart")).unwrap(), "olga", scene.code("olga"));
    waiting.set_server(&mut scene.net.link(), &there(), CERTIFICATE).unwrap();
    waiting.sync(&mut scene.net.link(), &mut |_| {}).unwrap();
    assert_eq!(waiting.vault().server_base(), Some("https://new.test:8443"));
}

/// Whose answer is lost here.
fn creates(call: &Call<'_>) -> bool {
    call.path.ends_with("/create")
}

/// An organisation that a server has, and does not know of.
fn unanswered(folder: &Path, net: &Rc<Net>) -> Session {
    let password = Secret::new("quiet ambulance velvet orbit".to_owned());
    let new = NewOrganisation {
        name: "Harbour",
        user: "ana",
        display: "Ana",
        password: &password,
        device_name: "tablet",
        shares_needed: 2,
        shares_made: 3,
        fips_only: false,
    };
    let created = Vault::create(folder, &new).unwrap();
    let mut ana = unlock(created.vault, "ana", &created.secrets.recovery_code).unwrap();
    let lost = ana.set_server(&mut Losing(net.link(), creates), &there(), CERTIFICATE);
    assert!(matches!(lost, Err(Error::Offline(_))), "{lost:?}");
    assert!(!ana.vault().has_server());
    ana
}

/// NET-03: the answer to `server set` was lost, and the server takes nobody new any more.
#[test]
fn net_03_an_organisation_is_found_again_on_the_server_that_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let net = stranger(&folder.path().join("server"), OrgId([0; 32]));
    let mut ana = unanswered(&folder.path().join("tablet"), &net);
    // One that does not know the organisation has said what it means.
    let elsewhere = stranger(&folder.path().join("elsewhere"), OrgId([0; 32]));
    elsewhere.cheat(closed);
    assert!(matches!(set_server(&mut ana, &elsewhere), Err(Error::Server { code, .. }) if code == "registration"));
    // What somebody else has signed is no word of the server.
    let forged = elsewhere.checkpoint(Range::default().point());
    net.cheat(move |net, call| with_checkpoint(call, closed(net, call), &forged));
    assert!(caught(set_server(&mut ana, &net)).contains("LOG-01"));
    assert!(!ana.vault().has_server() && ana.vault().directory().server().is_none());

    net.cheat(closed);
    set_server(&mut ana, &net).unwrap();
    ana.sync(&mut net.link(), &mut |_| {}).unwrap();
    ana.connect(Box::new(net.link()));
    ana.create_team("Ward", &["ana".to_owned()]).unwrap();
    ana.sync(&mut net.link(), &mut |_| {}).unwrap();
    let checked = ana.verify_server(&mut net.link(), &mut |_, _| {}).unwrap();
    assert!(checked.findings.is_empty() && checked.unsent == 0 && checked.proven > 0, "{checked:?}");
}

/// NET-03: what was changed in the directory since does not follow from what the server has, and is not given up.
#[test]
fn net_03_an_organisation_that_went_on_otherwise_is_not_mixed_with_what_the_server_has() {
    let folder = tempfile::tempdir().unwrap();
    let net = stranger(&folder.path().join("server"), OrgId([0; 32]));
    let mut ana = unanswered(&folder.path().join("tablet"), &net);
    ana.create_team("Ward", &["ana".to_owned()]).unwrap();
    match set_server(&mut ana, &net) {
        Err(Error::Conflict(told)) => assert!(told.contains("NET-03") && told.contains("orgs/"), "{told}"),
        Err(other) => panic!("another failure: {other}"),
        Ok(()) => panic!("two chains were mixed"),
    }
    // It goes on by itself, and on a server that has nothing of it.
    ana.create_team("Night", &["ana".to_owned()]).unwrap();
    let fresh = stranger(&folder.path().join("fresh"), OrgId([0; 32]));
    set_server(&mut ana, &fresh).unwrap();
    ana.sync(&mut fresh.link(), &mut |_| {}).unwrap();
}
