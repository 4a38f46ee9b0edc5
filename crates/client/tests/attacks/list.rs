//! The list of charts goes on over a sync, and says what reading everything again says.

use crate::organisation::{CERTIFICATE, Scene, note};
use std::collections::BTreeMap;
use wardbook_client::{Access, ChartId, Found, Grantee, ServerLink, Session};

fn listed(session: &mut Session) -> BTreeMap<ChartId, Found> {
    session.all_charts().unwrap().into_iter().map(|found| (found.chart, found)).collect()
}

/// Syncs Ben, whose list was read before; gives that list, once it is sure that a new session of his has the same.
fn synced(scene: &Scene, mut ben: Session) -> (Session, BTreeMap<ChartId, Found>) {
    listed(&mut ben);
    scene.sync(&mut ben).unwrap();
    let list = listed(&mut ben);
    drop(ben);
    let mut anew = scene.open("laptop", "ben");
    assert_eq!(list, listed(&mut anew));
    (anew, list)
}

#[test]
fn after_a_sync_the_list_is_what_a_new_session_reads() {
    let scene = Scene::new();
    let (mut ana, ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    let (ben, at_first) = synced(&scene, ben);
    assert!(at_first.len() >= 2);

    // A chart that is new, one that was written to, and one that is not his any more.
    let (me, him) = (Grantee::Member(ana.me()), Grantee::Member(ben.me()));
    let new = scene.open_chart(&mut ana, "okonkwo", &[(me, Access::Manage), (him, Access::Read)]);
    note(&mut ana, scene.charts.shared, "temperature", "38.9");
    ana.revoke(scene.charts.read_only, him).unwrap();
    scene.sync(&mut ana).unwrap();
    let (ben, then) = synced(&scene, ben);
    assert!(then.contains_key(&new) && !then.contains_key(&scene.charts.read_only));
    let resources = |list: &BTreeMap<ChartId, Found>| list[&scene.charts.shared].cover.resources;
    assert_eq!(resources(&then), resources(&at_first) + 1);

    // What is about members and teams alone changes the list, too.
    ana.remove_from_team("Ward", "ben").unwrap();
    scene.sync(&mut ana).unwrap();
    let (_, last) = synced(&scene, ben);
    assert!(!last.contains_key(&scene.charts.shared) && last.contains_key(&new));
}

/// What comes of members and teams closes charts at once: by a sync, and on the way to another address of the server.
#[test]
fn a_chart_that_is_open_is_closed_by_whatever_brings_the_news() {
    let by_sync = |scene: &Scene, ben: &mut Session| drop(scene.sync(ben).unwrap());
    let by_address = |scene: &Scene, ben: &mut Session| {
        let there = ServerLink { base: "https://new.test:8443".into(), fingerprint: [8; 32], code: String::new() };
        ben.set_server(&mut scene.net.link(), &there, CERTIFICATE).unwrap();
    };
    for brings in [by_sync as fn(&Scene, &mut Session), by_address] {
        let scene = Scene::new();
        let shared = scene.charts.shared;
        let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
        ben.chart(shared).unwrap();
        assert!(listed(&mut ben).contains_key(&shared));
        ana.remove_from_team("Ward", "ben").unwrap();
        brings(&scene, &mut ben);
        assert!(!listed(&mut ben).contains_key(&shared));
        assert!(ben.chart(shared).is_err());
    }
}
