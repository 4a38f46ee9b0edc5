//! What one device, organisation or stranger may use.

use crate::Limits;
use crate::testing::{Clinic, NOW, Who, asking, call, code, key, object, statement};
use wardbook_wire::exchange::{SyncRequest, WANTED_MAX, Want, path};
use wardbook_wire::{Act, Author, ChartId, TeamId};

const TEAM: TeamId = TeamId([5; 16]);

#[test]
fn a_device_waits_its_turn_and_an_organisation_too() {
    for limits in [
        Limits { device_requests_per_minute: 3, ..Limits::default() },
        Limits { org_requests_per_minute: 3, ..Limits::default() },
    ] {
        let mut clinic = Clinic::with(limits);
        let admin = clinic.admin.clone();
        for _ in 0..3 {
            assert_eq!(clinic.try_sync(&admin, &asking(vec![])).status, 200);
        }
        let answer = clinic.try_sync(&admin, &asking(vec![]));
        assert_eq!((answer.status, code(&answer).as_str()), (429, "too-many"));
        assert!(answer.headers.contains(&("retry-after", "21".to_owned())), "{:?}", answer.headers);
        clinic.now = NOW + 21_000;
        assert_eq!(clinic.try_sync(&admin, &asking(vec![])).status, 200);
    }
}

#[test]
fn strangers_share_a_small_rate_that_members_do_not_need() {
    let mut clinic = Clinic::with(Limits { unsigned_requests_per_second: 4, ..Limits::default() });
    let admin = clinic.admin.clone();
    assert_eq!(clinic.try_sync(&admin, &asking(vec![])).status, 200);
    let route = path(clinic.org(), "sync");
    let stranger = |clinic: &Clinic| clinic.service.handle(&call("POST", &route, b"", clinic.now)).status;
    assert_eq!([stranger(&clinic), stranger(&clinic), stranger(&clinic)], [401, 401, 429]);
    assert_eq!(clinic.service.handle(&call("GET", "/v1/server", b"", NOW)).status, 429);
    assert_eq!(clinic.try_sync(&admin, &asking(vec![])).status, 200);
    clinic.now += 1000;
    assert_eq!(stranger(&clinic), 401);
}

#[test]
fn a_request_has_a_size_and_a_number_of_objects() {
    let mut clinic = Clinic::with(Limits { request_bytes_max: 100_000, objects_max: 8, ..Limits::default() });
    let admin = clinic.admin.clone();
    let charts: Vec<_> = (0..9).map(|n| object(&clinic.genesis(&admin, n, TEAM))).collect();
    assert_eq!(code(&clinic.try_sync(&admin, &asking(charts.clone()))), "too-large");
    assert_eq!(clinic.try_sync(&admin, &asking(charts[..8].to_vec())).status, 200);
    let large = clinic.genesis_header(&admin, 20, TEAM);
    let large = object(&admin.sign_entry(large, vec![1; 100_000]));
    let answer = clinic.try_sync(&admin, &asking(vec![large]));
    assert_eq!((answer.status, code(&answer).as_str()), (413, "too-large"));
    let mut clinic = Clinic::new();
    let charts = vec![ChartId([1; 32]); WANTED_MAX + 1];
    let request = SyncRequest { want: Want::Some { charts, teams: vec![] }, ..asking(vec![]) };
    assert_eq!(code(&clinic.try_sync(&admin, &request)), "too-large");
}

/// A full share stops entries, not the statement that retires a device.
#[test]
fn a_share_that_is_used_up_stops_entries_only() {
    let limits = Limits { org_bytes_max: 300_000, ..Limits::default() };
    let mut clinic = Clinic::with(limits);
    let (admin, who) = (clinic.admin.clone(), clinic.newcomer(2));
    let chart =
        |clinic: &Clinic, n| vec![object(&admin.sign_entry(clinic.genesis_header(&admin, n, TEAM), vec![n; 150_000]))];
    let (one, two) = (chart(&clinic, 1), chart(&clinic, 2));
    clinic.push(&admin, one);
    let answer = clinic.try_sync(&admin, &asking(two));
    assert_eq!((answer.status, code(&answer).as_str()), (507, "quota"));
    clinic.state(Act::DeviceRetire { device: who.device });
}

#[test]
fn a_device_hands_in_so_much_on_one_day() {
    let mut clinic = Clinic::with(Limits { device_bytes_per_day_max: 20_000, ..Limits::default() });
    let admin = clinic.admin.clone();
    let chart =
        |clinic: &Clinic, n| vec![object(&admin.sign_entry(clinic.genesis_header(&admin, n, TEAM), vec![n; 12_000]))];
    let (one, two) = (chart(&clinic, 1), chart(&clinic, 2));
    clinic.push(&admin, one);
    assert_eq!(code(&clinic.try_sync(&admin, &asking(two.clone()))), "quota");
    clinic.now += 24 * 3_600_000;
    clinic.push(&admin, two);
}

/// A new identity is no new day.
#[test]
fn a_member_hands_in_so_much_on_one_day_on_whatever_device() {
    let mut clinic = Clinic::with(Limits { device_bytes_per_day_max: 20_000, ..Limits::default() });
    let admin = clinic.admin.clone();
    let chart =
        |clinic: &Clinic, n| vec![object(&admin.sign_entry(clinic.genesis_header(&admin, n, TEAM), vec![n; 12_000]))];
    let (one, two) = (chart(&clinic, 1), chart(&clinic, 2));
    clinic.push(&admin, one);
    let next = Who { device: Who::new(7).device, device_key: key(7), ..admin.clone() };
    let renew = clinic.chain.make(Author::Device(admin.device), &admin.device_key, Act::DeviceRenew(next.as_device()));
    clinic.push(&admin, vec![statement(&renew)]);
    assert_eq!(code(&clinic.try_sync(&next, &asking(two.clone()))), "quota");
    clinic.now += 24 * 3_600_000;
    clinic.push(&next, two);
}

#[test]
fn attachments_have_limits_of_their_own() {
    let mut clinic = Clinic::with(Limits { blob_bytes_max: 1000, org_blob_bytes_max: 1500, ..Limits::default() });
    let admin = clinic.admin.clone();
    let mut upload = |blob: char, offset, bytes: usize| {
        let route = path(clinic.org(), &format!("blobs/{}", blob.to_string().repeat(64)));
        let body = vec![1; bytes];
        let part = crate::Call { offset: Some(offset), ..call("PATCH", &route, &body, 0) };
        let answer = clinic.send(admin.caller(), &[&admin.device_key, &admin.member_key], part);
        (answer.status, code(&answer))
    };
    assert_eq!(upload('a', 0, 1001), (413, "too-large".to_owned()));
    assert_eq!(upload('a', 0, 900), (204, String::new()));
    assert_eq!(upload('a', 900, 101), (413, "too-large".to_owned()));
    assert_eq!(upload('b', 0, 700), (507, "quota".to_owned()));
    assert_eq!(upload('b', 0, 500), (204, String::new()));
}
