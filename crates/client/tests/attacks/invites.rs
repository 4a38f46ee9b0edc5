//! Invites used again, altered, expired or withdrawn, and a server that puts something else in a welcome's place.

use crate::network::{HOUR_MS, Losing, Net};
use crate::organisation::{self, CERTIFICATE, Scene, caught, first, invite, join, join_by, note};
use std::fs;
use std::rc::Rc;
use wardbook_client::sync::transport::Call;
use wardbook_client::sync::{enrol, reopen};
use wardbook_client::{Error, InviteLink, Vault};
use wardbook_core::invite::{Welcome, seal_welcome};
use wardbook_core::keys::{DirectoryKey, InviteSecret, SiteKey};
use wardbook_store::Store;
use wardbook_wire::exchange::{ANSWER_BYTES_MAX, InviteRequest, REQUEST_BYTES_MAX, SyncAnswer};
use wardbook_wire::log::Range;
use wardbook_wire::{OrgId, strict};

fn random() -> rand_core::UnwrapErr<getrandom::SysRng> {
    rand_core::UnwrapErr(getrandom::SysRng)
}

/// Joining that fails, and leaves nothing behind; gives what was said.
fn refused(scene: &Scene, net: &Rc<Net>, link: &InviteLink) -> String {
    let folder = scene.path("refused");
    let told = match join_by(&folder, link, net, None) {
        Err(Error::Invalid(told) | Error::Cheat(told)) => told,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it joined"),
    };
    assert!(!Vault::is_at(&folder));
    told
}

fn read(link: &str) -> InviteLink {
    InviteLink::from_text(link).unwrap()
}

/// A19: an invite is used once, by who has its secret, in time, and while nobody has taken it back.
#[test]
fn a19_an_invite_is_good_once_unaltered_and_in_time() {
    let scene = Scene::new();
    let mut ana = scene.open("tablet", "ana");
    let link = invite(&mut ana, &scene.net, None, true);

    // Altered on its way: a typing error, another secret, another organisation.
    let mut altered = link.clone();
    let at = altered.len() - 20;
    let other = if &altered[at..=at] == "q" { "p" } else { "q" };
    altered.replace_range(at..=at, other);
    assert!(InviteLink::from_text(&altered).is_err());
    let guessed = InviteLink { secret: InviteSecret::generate(&mut random()), ..read(&link) };
    assert!(refused(&scene, &scene.net, &guessed).contains("not known"));
    let elsewhere = InviteLink { org: OrgId([9; 32]), ..read(&link) };
    assert!(refused(&scene, &scene.net, &elsewhere).contains("not known"));

    // Too late, by the server's clock.
    scene.net.set_clock_ahead(2 * HOUR_MS);
    assert!(refused(&scene, &scene.net, &read(&link)).contains("expired"));
    scene.net.set_clock_ahead(0);

    // Once.
    let before = scene.net.fork();
    let (vault, _) = join(&scene.path("new"), &link, &scene.net, None).unwrap();
    let (device, size) = (vault.device_id(), scene.net.size());
    drop(vault);
    assert!(refused(&scene, &scene.net, &read(&link)).contains("used already"));
    assert_eq!(scene.net.size(), size);
    // On a log that a hostile server has put back it works again, and who joins there is nobody to all others.
    let (vault, _) = join(&scene.path("second"), &link, &before, None).unwrap();
    let second = vault.device_id();
    assert!(first(vault, "ben", scene.code("ben"), &mut scene.net.link()).is_err());
    scene.sync(&mut ana).unwrap();
    let devices = ana.vault().directory();
    assert!(devices.device(&device).is_some() && devices.device(&second).is_none());

    // Taken back.
    let link = invite(&mut ana, &scene.net, None, true);
    assert_eq!(ana.withdraw_invites(&mut scene.net.link()).unwrap(), 1);
    assert!(refused(&scene, &scene.net, &read(&link)).contains("withdrawn"));

    // A new one is good, also in a folder in which an attempt was ended before it wrote anything.
    let link = invite(&mut ana, &scene.net, None, true);
    drop(Store::create(&scene.path("refused")).unwrap());
    let (vault, _) = join(&scene.path("refused"), &link, &scene.net, None).unwrap();
    assert!(first(vault, "ben", scene.code("ben"), &mut scene.net.link()).is_ok());
}

/// A device that has lost its site key gets it back with an invite, which is good afterwards; one whose keys were wiped does not.
#[test]
fn an_invite_opens_a_vault_that_has_lost_its_site_key_and_stays_unused() {
    let scene = Scene::new();
    let (shared, laptop) = (scene.charts.shared, scene.path("laptop"));
    let mut ana = scene.open("tablet", "ana");
    let link = read(&invite(&mut ana, &scene.net, None, true));
    let mut ben = scene.open("laptop", "ben");
    note(&mut ben, shared, "one", "61");
    drop(ben);
    for name in ["site.key", "site.key.copy"] {
        let _ = fs::remove_file(laptop.join(name));
    }
    assert!(matches!(Vault::open(&laptop), Err(Error::NoSiteKey(_))));

    assert!(reopen(&laptop, &link, &mut scene.net.link()).unwrap());
    let mut ben = scene.open("laptop", "ben");
    scene.sync(&mut ben).unwrap();
    scene.sync(&mut ana).unwrap();
    assert_eq!(organisation::read(&mut ana, shared, "one").as_deref(), Some("61"), "what waited there was not lost");

    let device = ana.find_device("laptop").unwrap();
    ana.retire_device(device).unwrap();
    assert!(matches!(scene.sync(&mut ben), Err(Error::Retired(_))));
    drop(ben);
    assert!(!reopen(&laptop, &link, &mut scene.net.link()).unwrap());
    assert!(matches!(Vault::open(&laptop), Err(Error::NoSiteKey(_))));
    drop(join_by(&scene.path("new"), &link, &scene.net, None).unwrap());
}

/// Joining whose answer was lost goes on with the same invite; another one, also one that is of no use, takes nothing away.
#[test]
fn another_invite_does_not_take_away_what_was_begun_with_one() {
    let scene = Scene::new();
    let mut ana = scene.open("tablet", "ana");
    let (begun, other) =
        (read(&invite(&mut ana, &scene.net, None, true)), read(&invite(&mut ana, &scene.net, None, true)));
    let folder = scene.path("new");
    let hands_in = |call: &Call<'_>| {
        let request = strict::decode::<InviteRequest>(call.body, REQUEST_BYTES_MAX);
        call.path.ends_with("/invite") && request.is_ok_and(|request| !request.objects.is_empty())
    };
    let lost = enrol(&folder, &begun, &mut Losing(scene.net.link(), hands_in), CERTIFICATE, "new", None);
    assert!(matches!(lost, Err(Error::Offline(_))));
    assert!(matches!(join_by(&folder, &other, &scene.net, None), Err(Error::Conflict(_))));
    assert!(Vault::open(&folder).unwrap().is_joining().unwrap());
    drop(join_by(&folder, &begun, &scene.net, None).unwrap());
}

/// A19, A11: what the server keeps for a newcomer is replaced. There is one answer to all of it, and nothing is sent after it.
#[test]
fn a19_a_welcome_that_was_replaced_is_refused_with_one_answer() {
    let scene = Scene::new();
    let mut ana = scene.open("tablet", "ana");
    let link = invite(&mut ana, &scene.net, None, true);
    let other = read(&invite(&mut ana, &scene.net, None, true));
    let made = || Welcome {
        site: SiteKey::generate(&mut random()),
        directory_key: DirectoryKey::generate(&mut random()),
        teams: [].into(),
    };
    let (own, named) = (InviteSecret::generate(&mut random()), read(&link));
    // One with the server's secret, one for another organisation, another invite's; garbage of several lengths.
    let mut welcomes = vec![
        seal_welcome(&own, scene.org, &made(), &mut random()),
        seal_welcome(&named.secret, OrgId([9; 32]), &made(), &mut random()),
        seal_welcome(&other.secret, scene.org, &made(), &mut random()),
        Vec::new(),
        vec![1],
        vec![0; 100],
        vec![255; 200_000],
    ];
    let honest = seal_welcome(&named.secret, scene.org, &made(), &mut random());
    welcomes.push(honest[..honest.len() - 1].to_vec());
    for at in [0, 1, 2, 40, 70, honest.len() - 1] {
        let mut flipped = honest.clone();
        flipped[at] ^= 1;
        welcomes.push(flipped);
    }
    let mut seen = Vec::new();
    for welcome in welcomes {
        scene.net.take_sent();
        scene.net.cheat(move |net, call| {
            let mut answer = net.honest(call);
            if call.path.ends_with("/welcome") && answer.status == 200 {
                answer.body.clone_from(&welcome);
            }
            answer
        });
        let told = caught(join(&scene.path("new"), &link, &scene.net, None));
        assert!(told.contains("INV-01"), "{told}");
        let sent: Vec<_> = scene.net.take_sent().into_iter().map(|sent| (sent.method, sent.path, sent.body)).collect();
        assert!(sent.iter().all(|(method, path, _)| method == "GET" && path.ends_with("/welcome")));
        seen.push((told, sent));
    }
    assert!(seen.iter().all(|one| *one == seen[0]));
    scene.net.be_honest();
    let (vault, _) = join(&scene.path("new"), &link, &scene.net, None).unwrap();
    assert!(first(vault, "olga", scene.code("olga"), &mut scene.net.link()).is_ok());
}

/// LOG-01, LOG-03: what a newcomer is shown of the log is signed by the server that the directory names, as a whole.
#[test]
fn a19_a_log_that_nobody_signed_is_not_shown_to_a_newcomer() {
    let scene = Scene::new();
    let mut ana = scene.open("tablet", "ana");
    let link = invite(&mut ana, &scene.net, None, true);
    for (checkpoint, rule) in [("", "LOG-01"), ("other", "LOG-03")] {
        let signed = scene.net.checkpoint(Range::default().point());
        scene.net.cheat(move |net, call| {
            let mut answer = net.honest(call);
            if call.path.ends_with("/invite") && answer.status == 200 {
                let mut content: SyncAnswer = strict::decode(&answer.body, ANSWER_BYTES_MAX).unwrap();
                if content.rest.is_empty() {
                    content.checkpoint = if checkpoint.is_empty() { String::new() } else { signed.clone() };
                    answer.body = strict::encode(&content);
                }
            }
            answer
        });
        let told = refused(&scene, &scene.net, &read(&link));
        assert!(told.contains(rule), "{told}");
    }
    scene.net.be_honest();
    join(&scene.path("new"), &link, &scene.net, None).unwrap();
}
