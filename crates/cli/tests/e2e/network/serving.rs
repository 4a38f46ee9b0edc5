//! `serve`: what a server says, keeps and refuses.

use super::{Server, ended, serve};
use crate::support::{Scene, number};
use std::net::SocketAddr;
use std::path::Path;
use wardbook_client::sync::http::Https;
use wardbook_client::sync::transport::{Call, Transport};

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// What the server answers over a connection that leads to the certificate in its folder.
fn get(server: &Server, path: &str) -> (u16, String) {
    let certificate = std::fs::read_to_string(server.data.join("tls").join("ca.pem")).unwrap();
    let mut link = Https::new(&format!("https://{}", server.address), &certificate).unwrap();
    let call = Call { method: "GET", path, authorization: None, body: &[], range: None, offset: None };
    let answer = link.call(&call).unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap())
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_server_starts_in_an_empty_folder_keeps_its_certificate_and_ends_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&folder.path().join("server"), &[]);
    let (link, certificate) = (server.link.clone(), server.certificate.clone());
    assert!(link.starts_with(&format!("https://{}/#wbserver1", server.address)), "{link}");
    let pairs: Vec<_> = certificate.split(':').collect();
    assert!(pairs.len() == 32 && pairs.iter().all(|pair| pair.len() == 2), "{certificate}");
    assert_eq!(mode(&server.data), 0o700);
    assert_eq!(mode(&server.data.join("tls").join("ca.key")), 0o600);
    assert_eq!(get(&server, "/healthz"), (200, "alive\n".to_owned()));
    assert_eq!(get(&server, "/readyz").0, 200);
    assert_eq!(get(&server, "/v1/nothing").0, 404);
    let again = ended(&serve(&server.data, anywhere()).output().unwrap(), 6, &["serve"]).1;
    assert!(again.contains("another process uses"), "{again}");
    assert_eq!(server.stop(), Some(0));
    server.start_again(0);
    assert_eq!((&server.link, &server.certificate), (&link, &certificate));
    server.kill();
    server.start_again(0);
    assert_eq!((&server.link, &server.certificate), (&link, &certificate));
    assert_eq!(get(&server, "/healthz").0, 200);
    let log = std::fs::read_to_string(&server.log).unwrap();
    assert!(log.contains("started") && log.contains("stopped"), "{log}");
}

#[test]
fn the_configuration_in_effect_is_printed_and_can_be_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("server");
    let nine = SocketAddr::from(([127, 0, 0, 1], 9));
    let output = serve(&data, nine).arg("--print-config").env("WARDBOOK_SERVER_HTTP__CONNECTIONS", "77").output();
    let printed = ended(&output.unwrap(), 0, &["--print-config"]).0;
    assert!(printed.contains("connections = 77") && printed.contains("127.0.0.1:9"), "{printed}");
    assert!(!data.exists(), "printing makes nothing");
    let file = folder.path().join("server.toml");
    std::fs::write(&file, &printed).unwrap();
    let output = serve(&data, nine).arg("--print-config").arg("--config").arg(&file).output();
    assert_eq!(ended(&output.unwrap(), 0, &["--config"]).0, printed);
    let unknown = serve(&data, nine).env("WARDBOOK_SERVER_LISTENN", "x").output().unwrap();
    let said = ended(&unknown, 7, &["serve"]).1;
    assert!(said.contains("listenn"), "{said}");
}

#[test]
fn an_organisation_that_had_no_server_is_put_on_one_with_all_it_has() {
    let scene = Scene::samples();
    let closed = Server::start(&scene.folder.path().join("closed"), &["--registration", "closed"]);
    let refused = scene.fails("ana", 11, &["server", "set", &closed.link]);
    assert!(refused.contains("registration code"), "{refused}");
    let mut server = Server::start(&scene.folder.path().join("server"), &[]);
    assert!(scene.fails("ben", 4, &["server", "set", &server.link]).contains("only an admin"));
    scene.ok("ana", &["server", "set", &server.link]);
    // From there it goes to no other server, and with its own to another address, whoever says so.
    assert!(scene.fails("ana", 7, &["server", "set", &closed.link]).contains("NET-02"));
    assert_eq!(server.stop(), Some(0));
    server.address = anywhere();
    server.start_again(0);
    scene.ok("ben", &["server", "set", &server.link]);
    scene.ok("ana", &["sync"]);
    let invited = scene.json("ana", &["invite", "--device-only"]);
    let other = scene.folder.path().join("other");
    let mut enrol = scene.command_in(&other, "ben", &["enrol", invited.text("link").unwrap(), "--device", "other"]);
    ended(&enrol.env_remove("WARDBOOK_MEMBER").output().unwrap(), 0, &["enrol"]);
    scene.ok_in(&other, "ben", &["sync"]);
    assert!(scene.ok_in(&other, "ben", &["get", "Patient/joao-ferreira"]).contains("1957-03-02"));
    let verified = super::parse(&scene.ok_in(&other, "ben", &["verify", "--json"]));
    let before = scene.json("ben", &["verify"]);
    for name in ["charts", "entries", "resources", "slots"] {
        assert_eq!(number(&verified, name), number(&before, name), "{name}");
    }
    assert_eq!(verified.items("findings").len(), 0, "{}", verified.to_text());
}
