//! `entries.json`: the entries of two charts, what they amount to, and entries that are refused.

use super::rng::VectorRng;
use super::scene::{DEVICE, Person, Scene, TEAM};
use super::{flipped, hex};
use crate::Result;
use serde_json::{Value, json};
use wardbook_core::body::{BODY_RAW_MAX, Body, Change, Content, Packer, VersionRef};
use wardbook_core::chart::{new_epoch_key, seal_body, seal_grants};
use wardbook_core::envelope::{Context, Kind, seal};
use wardbook_core::keys::{ChartKey, ParentKey};
use wardbook_wire::entry::{KeyTo, PreviousKey};
use wardbook_wire::statement::SealedBytes;
use wardbook_wire::{
    Access, ChartId, DeviceId, Entry, EntryHeader, EntryId, EntryKind, Grant, Grantee, OrgId, StatementId, strict,
};

/// The directory that the authors know: before Ben loses his role.
const KNOWN: usize = 8;

pub fn make(scene: &Scene) -> Result<Value> {
    let mut rng = VectorRng::new("entries");
    let charts = Charts::new(scene, &mut rng)?;
    let listed = charts.entries.iter().map(|(name, entry)| {
        json!({ "name": name, "id": hex(entry.id().0), "chart": hex(entry.chart().0), "entry": hex(entry.encode()) })
    });
    let access = [(Grantee::Team(TEAM), Access::Manage)];
    let access = access.map(|(to, access)| json!({ "to": hex(strict::encode(&to)), "access": access as u8 }));
    Ok(json!({
        "about": "spec/entries.md. The directory is the chain of directory.json; `known` is the position of the statement that entries name unless told otherwise; `arrived` is the directory's position on the device when an entry came.",
        "known": KNOWN,
        "chart_keys": [
            { "key": hex(charts.old.expose()), "check": hex(charts.old.check().0), "opened_by": ["ana", "ben"] },
            { "key": hex(charts.new.expose()), "check": hex(charts.new.check().0), "opened_by": ["ana"] },
        ],
        "entries": listed.collect::<Vec<_>>(),
        "scenarios": scenarios(),
        "access": access,
        "bodies": bodies()?,
        "body_faults": body_faults(),
        "decode_faults": decode_faults(&charts)?,
        "insert_faults": insert_faults(&charts)?,
        "open_faults": open_faults(&charts, &mut rng)?,
        "key_fault": key_fault(&charts, &mut rng)?,
    }))
}

/// Chart A: genesis, a change by Ben, a grant, then a rekey without Ben and, apart from it, a second change by Ben,
/// which an admit lets in. Chart B: opened by Ben for a team that he is not in.
struct Charts<'a> {
    scene: &'a Scene,
    old: ChartKey,
    new: ChartKey,
    entries: Vec<(&'static str, Entry)>,
}

impl<'a> Charts<'a> {
    fn new(scene: &'a Scene, rng: &mut VectorRng) -> Result<Self> {
        let teams = scene.ana_teams();
        let directory = scene.directory_after(KNOWN + 1)?;
        let (ana, ben, none) = (scene.ana.holder(&teams), Grantee::Member(scene.ben.id), Default::default());
        let team = (Grantee::Team(TEAM), Access::Manage);
        let old = ChartKey::generate(rng);
        let (new, previous) = new_epoch_key(directory.org(), 2, &[(old.check(), Some(&old))].into(), rng);
        let mut charts = Self { scene, old: old.clone(), new: new.clone(), entries: Vec::new() };

        let grants = seal_grants(&directory, ana, &old, 1, [(ben, Access::Write), team], rng)?;
        let header = EntryHeader { grants, ..charts.header(&scene.ana, EntryKind::Genesis, &[])? };
        charts.push("genesis", &scene.ana, header, &old, rng)?;
        let header = charts.header(&scene.ben, EntryKind::Change, &["genesis"])?;
        charts.push("change_by_ben", &scene.ben, header, &old, rng)?;
        let to_admin = [(Grantee::Member(scene.admin.id), Access::Read)];
        let grants = seal_grants(&directory, ana, &old, 1, to_admin, rng)?;
        let header = EntryHeader { grants, ..charts.header(&scene.ana, EntryKind::Grant, &["change_by_ben"])? };
        charts.push("grant_to_admin", &scene.ana, header, &old, rng)?;
        let grants = seal_grants(&directory, ana, &new, 2, [team], rng)?;
        let header = charts.header(&scene.ana, EntryKind::Rekey, &["grant_to_admin"])?;
        let header = EntryHeader { grants, previous, epoch: 2, key: new.check(), ..header };
        charts.push("rekey_without_ben", &scene.ana, header, &new, rng)?;
        let header = charts.header(&scene.ben, EntryKind::Change, &["grant_to_admin"])?;
        charts.push("late_change_by_ben", &scene.ben, header, &old, rng)?;
        let both = ["rekey_without_ben", "late_change_by_ben"];
        let header = charts.header(&scene.ana, EntryKind::Admit, &both)?;
        let header = EntryHeader { epoch: 2, key: new.check(), ..header };
        charts.push("admit", &scene.ana, header, &new, rng)?;
        let header = charts.header(&scene.ana, EntryKind::Change, &["change_by_ben"])?;
        let header = EntryHeader { directory: scene.statement(10)?, ..header };
        charts.push("change_by_ana_who_knows", &scene.ana, header, &old, rng)?;

        let grants = seal_grants(&directory, scene.ben.holder(&none), &old, 1, [team], rng)?;
        let header = EntryHeader { grants, ..charts.header(&scene.ben, EntryKind::Genesis, &[])? };
        charts.push("genesis_for_a_team_from_outside", &scene.ben, header, &old, rng)?;
        Ok(charts)
    }

    fn entry(&self, name: &str) -> Result<&Entry> {
        let found = self.entries.iter().find(|(held, _)| *held == name).map(|(_, entry)| entry);
        found.ok_or_else(|| format!("no entry is named {name}").into())
    }

    /// A header of chart A without grants, at epoch 1.
    fn header(&self, author: &Person, kind: EntryKind, parents: &[&str]) -> Result<EntryHeader> {
        let mut parents = parents
            .iter()
            .map(|name| -> Result<EntryId> { Ok(self.entry(name)?.id()) })
            .collect::<Result<Vec<EntryId>>>()?;
        parents.sort_unstable();
        let chart = if parents.is_empty() { None } else { Some(self.entry("genesis")?.chart()) };
        Ok(EntryHeader {
            org: self.scene.directory.org(),
            chart,
            kind,
            parents,
            author: author.id,
            device: DEVICE,
            directory: self.scene.statement(KNOWN)?,
            epoch: 1,
            key: self.old.check(),
            grants: vec![],
            previous: vec![],
            seen: None,
            lease: None,
            blobs: vec![],
        })
    }

    fn push(
        &mut self,
        name: &'static str,
        author: &Person,
        header: EntryHeader,
        key: &ChartKey,
        rng: &mut VectorRng,
    ) -> Result<()> {
        let body = seal_body(&header, key, &packed(), rng);
        self.entries.push((name, author.keys.signing.sign_entry(header, body)?));
        Ok(())
    }
}

/// Too short to be worth packing, so that no version of a compressor matters.
fn content() -> Body {
    let change = Change {
        kind: "Patient".into(),
        id: "p1".into(),
        full_url: None,
        bases: vec![VersionRef { entry: EntryId(core::array::from_fn(|n| n as u8)), index: 0 }],
        content: Some(Content(b"{\"active\":true}".to_vec())),
    };
    Body { time_ms: 1_700_000_000_000, changes: vec![change], blobs: vec![] }
}

fn scenarios() -> Value {
    let step = |entry: &str, arrived: usize| json!({ "entry": entry, "arrived": arrived });
    let chart = ["genesis", "change_by_ben", "grant_to_admin", "rekey_without_ben", "late_change_by_ben"];
    let on_time: Vec<Value> = chart.iter().map(|entry| step(entry, KNOWN)).collect();
    let admitted: Vec<Value> = chart.iter().chain(&["admit"]).map(|entry| step(entry, KNOWN)).collect();
    json!([
        {
            "name": "concurrent_with_a_revocation",
            "rule": "ENT-11",
            "entries": on_time,
            "quarantined": ["late_change_by_ben"],
            "compare_access": true,
        },
        { "name": "admitted", "rule": "ENT-13", "entries": admitted, "quarantined": [], "compare_access": true },
        {
            "name": "arrived_before_the_author_left",
            "rule": "ENT-12",
            "entries": [step("genesis", KNOWN), step("change_by_ben", KNOWN)],
            "quarantined": [],
        },
        {
            "name": "arrived_after_the_author_left",
            "rule": "ENT-12",
            "entries": [step("genesis", KNOWN), step("change_by_ben", 12)],
            "quarantined": ["change_by_ben"],
        },
    ])
}

fn packed() -> Vec<u8> {
    content().encode(&mut Packer::default()).to_vec()
}

fn bodies() -> Result<Vec<Value>> {
    let raw = strict::encode(&content());
    let stored = [[0u8].as_slice(), &raw].concat();
    if packed().as_slice() != stored.as_slice() {
        return Err("the body of the vectors is meant to be stored as it is".into());
    }
    // One stored block (RFC 1951 section 3.2.4): every inflater reads it, and no compressor is asked.
    let length = u16::try_from(raw.len())?;
    let block = [[1u8].as_slice(), &length.to_le_bytes(), &(!length).to_le_bytes(), &raw].concat();
    let packed = [[1u8].as_slice(), &u32::from(length).to_be_bytes(), &block].concat();
    let deleted = Body {
        time_ms: -1,
        changes: vec![Change {
            content: None,
            full_url: Some("urn:uuid:1".into()),
            ..content().changes.swap_remove(0)
        }],
        blobs: vec![],
    };
    Ok(vec![
        json!({ "name": "stored", "packed": hex(&stored), "content": hex(&raw) }),
        json!({ "name": "packed", "packed": hex(&packed), "content": hex(&raw) }),
        json!({
            "name": "deleted",
            "packed": hex([[0u8].as_slice(), &strict::encode(&deleted)].concat()),
            "content": hex(strict::encode(&deleted)),
        }),
    ])
}

fn body_faults() -> Vec<Value> {
    let raw = strict::encode(&content());
    let said =
        |length: usize| [[1u8].as_slice(), &(length as u32).to_be_bytes(), &[1, 1, 0, 0xfe, 0xff, 0x82]].concat();
    [
        ("says_more_than_18_mib", "BODY-01", said(BODY_RAW_MAX + 1)),
        ("says_more_than_it_has", "BODY-01", said(2)),
        ("says_less_than_it_has", "BODY-01", said(0)),
        ("trailing_byte", "BODY-02", [[0u8].as_slice(), &raw, &[0]].concat()),
        ("unknown_form", "BODY-02", [[2u8].as_slice(), &raw].concat()),
        ("empty", "BODY-02", vec![]),
    ]
    .into_iter()
    .map(|(name, rule, packed)| json!({ "name": name, "rule": rule, "packed": hex(packed) }))
    .collect()
}

/// The travelling form with an empty body and signature, for headers that the library refuses to write.
fn framed(header: &EntryHeader) -> Vec<u8> {
    let header = strict::encode(header);
    let length = (header.len() as u16).to_be_bytes();
    let head = if header.len() < 256 {
        [[0x58u8].as_slice(), &length[1..]].concat()
    } else {
        [[0x59u8].as_slice(), &length].concat()
    };
    [[0x83u8].as_slice(), &head, &header, &[0x40, 0x58, 0x40], &[0; 64]].concat()
}

fn decode_faults(charts: &Charts<'_>) -> Result<Vec<Value>> {
    let ben = &charts.scene.ben;
    let good = charts.header(ben, EntryKind::Change, &["genesis", "change_by_ben"])?;
    let grant = |id: u8| Grant {
        to: Grantee::Member(wardbook_wire::MemberId([id; 16])),
        access: Access::Read,
        key: KeyTo::Member(SealedBytes(vec![0])),
    };
    let unsorted: Vec<_> = good.parents.iter().rev().copied().collect();
    let twice: Vec<_> = good.parents.iter().take(1).chain(good.parents.iter().take(1)).copied().collect();
    let previous = PreviousKey { key: charts.new.check(), sealed: SealedBytes(vec![0]) };
    let team_key = Grant { to: Grantee::Team(TEAM), ..grant(1) };
    let base = || good.clone();
    let genesis =
        EntryHeader { kind: EntryKind::Genesis, chart: None, parents: vec![], grants: vec![grant(1)], ..base() };
    let bad = [
        ("parents_unsorted", EntryHeader { parents: unsorted, ..base() }),
        ("parent_twice", EntryHeader { parents: twice, ..base() }),
        ("no_parents", EntryHeader { parents: vec![], ..base() }),
        ("too_many_parents", EntryHeader { parents: (0..65).map(|n| EntryId([n; 32])).collect(), ..base() }),
        ("no_chart", EntryHeader { chart: None, ..base() }),
        ("change_with_grants", EntryHeader { grants: vec![grant(1)], ..base() }),
        ("change_with_previous", EntryHeader { previous: vec![previous], ..base() }),
        ("grant_without_grants", EntryHeader { kind: EntryKind::Grant, ..base() }),
        ("grants_unsorted", EntryHeader { kind: EntryKind::Grant, grants: vec![grant(2), grant(1)], ..base() }),
        ("team_given_a_member_key", EntryHeader { kind: EntryKind::Grant, grants: vec![team_key], ..base() }),
        ("rekey_without_previous", EntryHeader { kind: EntryKind::Rekey, epoch: 2, grants: vec![grant(1)], ..base() }),
        ("genesis_at_epoch_2", EntryHeader { epoch: 2, ..genesis.clone() }),
        ("genesis_names_a_chart", EntryHeader { chart: good.chart, ..genesis.clone() }),
        ("genesis_without_grants", EntryHeader { grants: vec![], ..genesis }),
    ];
    let whole = charts.entry("change_by_ben")?.encode();
    let mut faults: Vec<Value> = bad
        .iter()
        .map(|(name, header)| json!({ "name": name, "rule": "ENT-01", "entry": hex(framed(header)) }))
        .collect();
    faults.push(json!({ "name": "trailing_byte", "rule": "ENC-02", "entry": hex([whole.as_slice(), &[0]].concat()) }));
    faults.push(json!({ "name": "cut_short", "rule": "ENC-02", "entry": hex(whole.split_at(whole.len() - 1).0) }));
    Ok(faults)
}

/// Well-formed entries that do not go on top of `before`.
fn insert_faults(charts: &Charts<'_>) -> Result<Vec<Value>> {
    let scene = charts.scene;
    let (admin, ana, ben) = (&scene.admin, &scene.ana, &scene.ben);
    let good = charts.header(ben, EntryKind::Change, &["genesis"])?;
    let after = charts.header(ana, EntryKind::Change, &["rekey_without_ben"])?;
    let by = |author: &Person| EntryHeader { author: author.id, ..good.clone() };
    let to_admin =
        Grant { to: Grantee::Member(admin.id), access: Access::Read, key: KeyTo::Member(SealedBytes(vec![0])) };
    let previous = |key: &ChartKey| vec![PreviousKey { key: key.check(), sealed: SealedBytes(vec![0]) }];
    let rekey = EntryHeader {
        kind: EntryKind::Rekey,
        epoch: 2,
        key: charts.new.check(),
        grants: vec![to_admin.clone()],
        previous: previous(&charts.old),
        ..good.clone()
    };
    let grant = EntryHeader { kind: EntryKind::Grant, grants: vec![to_admin], ..good.clone() };
    let other_chart = Some(ChartId([9; 32]));
    let genesis: &[&str] = &["genesis"];
    let rekeyed: &[&str] = &["genesis", "change_by_ben", "grant_to_admin", "rekey_without_ben"];
    let faults = [
        ("other_chart", "ENT-02", genesis, ben, EntryHeader { chart: other_chart, ..by(ben) }),
        ("other_organisation", "ENT-02", genesis, ben, EntryHeader { org: OrgId([9; 32]), ..by(ben) }),
        ("parent_not_held", "ENT-03", genesis, ben, EntryHeader { parents: vec![EntryId([9; 32])], ..by(ben) }),
        ("statement_not_held", "ENT-04", genesis, ben, EntryHeader { directory: StatementId([9; 32]), ..by(ben) }),
        (
            "older_statement_than_its_parent",
            "ENT-05",
            genesis,
            ben,
            EntryHeader { directory: scene.statement(7)?, ..by(ben) },
        ),
        ("unknown_device", "ENT-06", genesis, ben, EntryHeader { device: DeviceId([9; 16]), ..by(ben) }),
        ("device_retired", "ENT-06", genesis, ana, EntryHeader { directory: scene.statement(11)?, ..by(ana) }),
        ("author_retired", "ENT-06", genesis, ben, EntryHeader { directory: scene.statement(10)?, ..by(ben) }),
        ("signed_by_somebody_else", "SIG-01", genesis, ana, by(ben)),
        ("author_without_access", "ENT-07", genesis, admin, by(admin)),
        (
            "author_only_reads_by_role",
            "ENT-07",
            genesis,
            ben,
            EntryHeader { directory: scene.statement(9)?, ..by(ben) },
        ),
        ("grant_by_a_writer", "ENT-07", genesis, ben, grant),
        ("rekey_with_other_access_by_a_writer", "ENT-07", genesis, ben, rekey.clone()),
        ("admit_by_a_writer", "ENT-07", genesis, ben, EntryHeader { kind: EntryKind::Admit, ..by(ben) }),
        ("replaced_key", "ENT-08", rekeyed, ana, after.clone()),
        ("replaced_key_at_the_new_epoch", "ENT-08", rekeyed, ana, EntryHeader { epoch: 2, ..after.clone() }),
        ("epoch_too_high", "ENT-08", rekeyed, ana, EntryHeader { epoch: 3, key: charts.new.check(), ..after }),
        ("rekey_skips_an_epoch", "ENT-08", genesis, ana, EntryHeader { epoch: 3, author: ana.id, ..rekey.clone() }),
        (
            "rekey_of_another_key",
            "ENT-08",
            genesis,
            ana,
            EntryHeader { previous: previous(&charts.new), author: ana.id, ..rekey.clone() },
        ),
        (
            "rekey_to_the_same_key",
            "ENT-08",
            genesis,
            ana,
            EntryHeader { key: charts.old.check(), author: ana.id, ..rekey },
        ),
    ];
    let mut listed = Vec::new();
    for (name, rule, before, signer, header) in faults {
        let entry = signer.keys.signing.sign_entry(header, vec![])?;
        listed.push(json!({ "name": name, "rule": rule, "before": before, "entry": hex(entry.encode()) }));
    }
    let flipped = flipped(&charts.entry("change_by_ben")?.encode(), -1);
    listed.push(json!({ "name": "flipped_signature", "rule": "SIG-01", "before": genesis, "entry": hex(flipped) }));
    Ok(listed)
}

/// Bodies that do not open for a header with a key.
fn open_faults(charts: &Charts<'_>, rng: &mut VectorRng) -> Result<Value> {
    let header = charts.header(&charts.scene.ben, EntryKind::Change, &["genesis"])?;
    let moved = EntryHeader { author: charts.scene.ana.id, ..header.clone() };
    let body = seal_body(&header, &charts.old, &packed(), rng);
    let fault = |name: &str, rule: &str, header: &EntryHeader, key: &ChartKey, body: &[u8]| {
        json!({
            "name": name,
            "rule": rule,
            "header": hex(strict::encode(header)),
            "chart_key": hex(key.expose()),
            "body": hex(body),
        })
    };
    Ok(json!([
        fault("other_key_than_named", "ENT-09", &header, &charts.new, &body),
        fault("body_of_another_entry", "ENT-10", &moved, &charts.old, &body),
        fault("body_flipped", "ENT-10", &header, &charts.old, &flipped(&body, -1)),
        fault("no_body", "ENT-10", &header, &charts.old, &[]),
    ]))
}

/// A genesis that gives the team another key than the one that it names: nobody takes it.
fn key_fault(charts: &Charts<'_>, rng: &mut VectorRng) -> Result<Value> {
    let scene = charts.scene;
    let header = charts.header(&scene.ana, EntryKind::Genesis, &[])?;
    let context =
        Context { org: header.org, kind: Kind::ChartKeyToTeam, id: &charts.old.check().0, epoch: 2, position: 0 };
    let [_, secret] = &scene.secrets;
    let sealed = SealedBytes(seal(secret, &context, charts.new.expose(), rng));
    let grant = Grant { to: Grantee::Team(TEAM), access: Access::Manage, key: KeyTo::TeamSecret { epoch: 2, sealed } };
    let header = EntryHeader { grants: vec![grant], ..header };
    let entry = scene.ana.keys.signing.sign_entry(header, vec![])?;
    Ok(json!({ "name": "grant_of_another_key", "rule": "ENT-09", "entry": hex(entry.encode()) }))
}
