//! `envelope.json`: boxes, padding, sealing to a public key.

use super::rng::VectorRng;
use super::{flipped, hex};
use crate::Result;
use serde_json::{Value, json};
use wardbook_core::envelope::{Context, Kind, padme, seal};
use wardbook_core::hpke_seal::seal_to;
use wardbook_core::keys::{ChartKey, ParentKey, SealingKey};
use wardbook_wire::OrgId;

const BODY: Context<'static> =
    Context { org: OrgId([1; 32]), kind: Kind::EntryBody, id: &[2; 32], epoch: 3, position: 0 };

pub fn make() -> Result<Value> {
    let mut rng = VectorRng::new("envelope");
    let key = ChartKey::generate(&mut rng);
    let name = Context { kind: Kind::Name, id: &[4; 16], epoch: 0, ..BODY };
    let previous = Context { kind: Kind::ChartKeyPrevious, id: &[5; 64], ..BODY };
    let far = Context { epoch: u64::MAX, position: 24, ..BODY };
    let mut sealed = |title: &str, context: &Context<'_>, content: &[u8]| {
        let bytes = seal(&key, context, content, &mut rng);
        let mut item = place(context);
        item["name"] = json!(title);
        item["context"] = json!(hex(context.encode()));
        item["parent_key"] = json!(hex(key.expose()));
        item["salt"] = json!(hex(bytes.iter().skip(2).take(32).copied().collect::<Vec<_>>()));
        item["commitment"] = json!(hex(bytes.iter().skip(34).take(32).copied().collect::<Vec<_>>()));
        item["content"] = json!(hex(content));
        item["box"] = json!(hex(&bytes));
        item
    };
    let boxes = [
        sealed("body", &BODY, b"content"),
        sealed("empty_body", &BODY, b""),
        sealed("longer_than_the_least", &BODY, &[7; 100]),
        sealed("large_numbers", &far, b"content"),
        sealed("name", &name, b"\x82\x60\x64Ward"),
        sealed("key_without_padding", &previous, &[8; 32]),
    ];
    let padded = [1, 2, 8, 9, 63, 64, 65, 100, 1000, 1024, 1025, 100_000, 18_874_369]
        .map(|length| json!([length, padme(length)]));
    Ok(json!({
        "about": "spec/envelope.md. Kinds by number.",
        "boxes": boxes,
        "faults": faults(&key, &mut rng),
        "padme": padded,
        "hpke": hpke(&mut rng)?,
    }))
}

fn place(context: &Context<'_>) -> Value {
    json!({
        "name": "",
        "org": hex(context.org.0),
        "kind": context.kind as u8,
        "id": hex(context.id),
        "epoch": context.epoch,
        "position": context.position,
    })
}

fn faults(key: &ChartKey, rng: &mut VectorRng) -> Vec<Value> {
    let good = seal(key, &BODY, b"content", rng);
    let other = ChartKey::generate(rng);
    let mut suite = good.clone();
    suite[0] = 2;
    let fault = |name: &str, rule: &str, key: &ChartKey, context: Context<'_>, bytes: &[u8]| {
        let mut item = place(&context);
        item["name"] = json!(name);
        item["rule"] = json!(rule);
        item["parent_key"] = json!(hex(key.expose()));
        item["box"] = json!(hex(bytes));
        item
    };
    vec![
        fault("suite_2", "ENV-01", key, BODY, &suite),
        fault("kind_flipped", "ENV-01", key, BODY, &flipped(&good, 1)),
        fault("other_kind", "ENV-01", key, Context { kind: Kind::Cover, ..BODY }, &good),
        fault("salt_flipped", "ENV-02", key, BODY, &flipped(&good, 2)),
        fault("commitment_flipped", "ENV-02", key, BODY, &flipped(&good, 34)),
        fault("ciphertext_flipped", "ENV-02", key, BODY, &flipped(&good, 66)),
        fault("tag_flipped", "ENV-02", key, BODY, &flipped(&good, -1)),
        fault("other_key", "ENV-02", &other, BODY, &good),
        fault("cut_short", "ENV-02", key, BODY, &good[..good.len() - 1]),
        fault("only_a_head", "ENV-02", key, BODY, &good[..66]),
        fault("other_organisation", "ENV-03", key, Context { org: OrgId([9; 32]), ..BODY }, &good),
        fault("other_id", "ENV-03", key, Context { id: &[9; 32], ..BODY }, &good),
        fault("other_epoch", "ENV-03", key, Context { epoch: 4, ..BODY }, &good),
        fault("other_position", "ENV-03", key, Context { position: 1, ..BODY }, &good),
    ]
}

fn hpke(rng: &mut VectorRng) -> Result<Value> {
    let (mine, other) = (SealingKey::generate(rng), SealingKey::generate(rng));
    let key = ChartKey::generate(rng);
    let context = Context { kind: Kind::ChartKeyToMember, ..BODY };
    let sealed = seal_to(mine.public(), &context, key.expose(), rng)?.0;
    let mut item = place(&context);
    item["name"] = json!("chart_key_to_member");
    item["seed"] = json!(hex(mine.seed()));
    item["seal_key"] = json!(hex(&mine.public().0));
    item["key"] = json!(hex(key.expose()));
    item["sealed"] = json!(hex(&sealed));
    item["faults"] = json!([
        { "name": "other_addressee", "rule": "HPK-02", "seed": hex(other.seed()) },
        { "name": "other_epoch", "rule": "HPK-02", "epoch": 4 },
        { "name": "ml_kem_part_flipped", "rule": "HPK-02", "flip_byte": 0 },
        { "name": "x25519_part_flipped", "rule": "HPK-02", "flip_byte": 1088 },
        { "name": "ciphertext_flipped", "rule": "HPK-02", "flip_byte": 1120 },
        { "name": "tag_flipped", "rule": "HPK-02", "flip_byte": sealed.len() - 1 },
    ]);
    item["bad_seal_keys"] = json!([
        { "name": "too_short", "rule": "HPK-01", "length": 1215, "byte": 0 },
        { "name": "too_long", "rule": "HPK-01", "length": 1217, "byte": 0 },
        { "name": "not_reduced", "rule": "HPK-01", "length": 1216, "byte": 255 },
    ]);
    Ok(item)
}
