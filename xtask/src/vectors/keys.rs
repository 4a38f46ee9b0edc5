//! `keys.json`: derivations, a keyring, root shares.

use super::rng::VectorRng;
use super::{flipped, hex};
use crate::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::{
    BundleKey, ChartKey, DirectoryKey, KeyringKey, MemberKeys, ParentKey, RootKey, SiteKey, TeamSecret,
};
use wardbook_wire::{MemberId, OrgId, TeamId};

pub fn make() -> Result<Value> {
    let mut rng = VectorRng::new("keys");
    let (chart, team, site) =
        (ChartKey::generate(&mut rng), TeamSecret::generate(&mut rng), SiteKey::generate(&mut rng));
    let sealing = team.sealing_key();
    Ok(json!({
        "about": "spec/keys.md. Public sealing keys have 1,216 bytes and are given by their SHA-256.",
        "derivations": {
            "chart_key": hex(chart.expose()),
            "key_check": hex(chart.check().0),
            "team_secret": hex(team.expose()),
            "team_sealing_seed": hex(sealing.seed()),
            "team_seal_key_sha256": hex(Sha256::digest(&sealing.public().0)),
            "site_key": hex(site.expose()),
            "bundle_key": hex(BundleKey::for_site(&site).expose()),
        },
        "keyring": keyring(&mut rng),
        "root": root(&mut rng)?,
    }))
}

fn keyring(rng: &mut VectorRng) -> Value {
    let (key, other) = (KeyringKey::generate(rng), KeyringKey::generate(rng));
    let (org, member, team) = (OrgId([1; 32]), MemberId([2; 16]), TeamId([3; 16]));
    let teams = BTreeMap::from([((team, 1), TeamSecret::generate(rng)), ((team, 2), TeamSecret::generate(rng))]);
    let ring = Keyring {
        member,
        keys: MemberKeys::generate(rng),
        earlier: vec![],
        directory_key: DirectoryKey::generate(rng),
        teams,
    };
    let sealed = ring.seal(&key, org, rng);
    let listed = ring
        .teams
        .iter()
        .map(|((team, epoch), secret)| json!({ "team": hex(team.0), "epoch": epoch, "secret": hex(secret.expose()) }));
    let fault = |name: &str, key: &KeyringKey, org: OrgId, member: MemberId, sealed: &[u8]| {
        json!({
            "name": name,
            "rule": "RING-01",
            "keyring_key": hex(key.expose()),
            "org": hex(org.0),
            "member": hex(member.0),
            "sealed": hex(sealed),
        })
    };
    json!({
        "keyring_key": hex(key.expose()),
        "org": hex(org.0),
        "member": hex(member.0),
        "signing_seed": hex(ring.keys.signing.seed()),
        "sealing_seed": hex(ring.keys.sealing.seed()),
        "directory_key": hex(ring.directory_key.expose()),
        "teams": listed.collect::<Vec<_>>(),
        "sealed": hex(&sealed),
        "faults": [
            fault("other_key", &other, org, member, &sealed),
            fault("other_organisation", &key, OrgId([9; 32]), member, &sealed),
            fault("other_member", &key, org, MemberId([9; 16]), &sealed),
            fault("flipped_tag", &key, org, member, &flipped(&sealed, -1)),
        ],
    })
}

fn root(rng: &mut VectorRng) -> Result<Value> {
    let (root, other) = (RootKey::generate(rng), RootKey::generate(rng));
    let shares: Vec<String> = root.to_shares(2, 3, rng)?.iter().map(|share| share.to_string()).collect();
    let others: Vec<String> = other.to_shares(2, 3, rng)?.iter().map(|share| share.to_string()).collect();
    let ([first, second, _], [_, foreign, _]) = (shares.as_slice(), others.as_slice()) else {
        return Err("three shares were asked for".into());
    };
    // The last letter of a share belongs to its checksum.
    let misspelt: String =
        second.chars().take(second.len() - 1).chain([if second.ends_with('q') { 'p' } else { 'q' }]).collect();
    Ok(json!({
        "seed": hex(root.0.seed()),
        "verify_key": hex(root.0.verify_key().0),
        "needed": 2,
        "shares": shares,
        "faults": [
            { "name": "too_few", "rule": "ROOT-01", "shares": [first] },
            { "name": "the_same_twice", "rule": "ROOT-01", "shares": [first, first] },
            { "name": "misspelt", "rule": "ROOT-01", "shares": [first, misspelt] },
            { "name": "of_two_sets", "rule": "ROOT-01", "shares": [first, foreign] },
        ],
    }))
}
