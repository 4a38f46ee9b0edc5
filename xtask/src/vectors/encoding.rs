//! `encoding.json`: the one accepted form, and signatures.

use super::rng::VectorRng;
use super::{flipped, hex};
use serde_json::{Value, json};
use wardbook_core::keys::SigningKey;
use wardbook_wire::kdf::Kdf;
use wardbook_wire::signed::{Domain, Signable};
use wardbook_wire::slot::Slot;
use wardbook_wire::statement::Genesis;
use wardbook_wire::{Act, Author, MemberId, OrgId, Policy, Role, Statement, StatementId, strict};

/// Order of the base point of Ed25519, little-endian (RFC 8032 section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub fn make() -> Value {
    let key = SigningKey::generate(&mut VectorRng::new("encoding"));
    let genesis = Statement {
        org: None,
        previous: None,
        author: Author::Root,
        act: Act::Genesis(Genesis {
            nonce: [1; 32],
            root: key.verify_key(),
            policy: Policy { kdf: Kdf::ARGON2_FLOOR, password_chars_min: 15, lease_hours: 72 },
        }),
    };
    let role = Statement {
        org: Some(OrgId([2; 32])),
        previous: Some(StatementId([3; 32])),
        author: Author::Member(MemberId([4; 16])),
        act: Act::RoleSet { member: MemberId([5; 16]), role: Role::Officer },
    };
    let good = strict::encode(&genesis);
    json!({
        "about": "spec/encoding.md. Values are statements (spec/directory.md), without frame and signature.",
        "values": [
            { "name": "genesis", "bytes": hex(&good) },
            { "name": "role_set", "bytes": hex(strict::encode(&role)) },
        ],
        "faults": faults(&good),
        "limits": [
            { "type": "statement", "zero_bytes": Statement::BYTES_MAX + 129, "rule": "ENC-01" },
            { "type": "slot", "zero_bytes": Slot::BYTES_MAX + 129, "rule": "ENC-01" },
        ],
        "signatures": signatures(&key),
        "signature_faults": signature_faults(&key),
    })
}

/// The genesis written in other ways. Its first bytes are `84 f6 f6 820080 820081 83 5820…`, its last is 15.
fn faults(good: &[u8]) -> Vec<Value> {
    let splice = |at: usize, remove: usize, put: &[u8]| {
        let (before, after) = good.split_at(at);
        [before, put, after.split_at(remove).1].concat()
    };
    let last = good.len() - 1;
    [
        ("trailing_byte", [good, &[0]].concat()),
        ("cut_short", splice(last, 1, &[])),
        ("empty", vec![]),
        ("unknown_field", [splice(0, 1, &[0x85]).as_slice(), &[0]].concat()),
        ("null_where_nothing_belongs", [splice(0, 1, &[0x85]).as_slice(), &[0xf6]].concat()),
        ("indefinite_array", [splice(0, 1, &[0x9f]).as_slice(), &[0xff]].concat()),
        ("integer_not_shortest", splice(last, 1, &[0x18, 0x0f])),
        ("text_for_byte_string", splice(10, 1, &[0x78])),
        ("unknown_act", splice(7, 1, &[0x17])),
        ("tagged", [[0xc1].as_slice(), good].concat()),
    ]
    .into_iter()
    .map(|(name, bytes)| json!({ "name": name, "rule": "ENC-02", "bytes": hex(bytes) }))
    .collect()
}

fn signatures(key: &SigningKey) -> Vec<Value> {
    [("statement", Domain::STATEMENT), ("entry", Domain::ENTRY), ("slot", Domain::SLOT), ("bundle", Domain::BUNDLE)]
        .into_iter()
        .map(|(kind, domain)| {
            json!({
                "kind": kind,
                "seed": hex(key.seed()),
                "verify_key": hex(key.verify_key().0),
                "bytes": hex(b"bytes"),
                "signed_bytes": hex(domain.message(b"bytes")),
                "digest": hex(domain.digest(b"bytes")),
                "signature": hex(key.sign_bytes(domain, b"bytes")),
            })
        })
        .collect()
}

fn signature_faults(key: &SigningKey) -> Vec<Value> {
    let signature = key.sign_bytes(Domain::STATEMENT, b"bytes");
    let public = key.verify_key().0;
    let (point, scalar) = signature.split_at(32);
    let mut carry = 0;
    let beyond_order: Vec<u8> = scalar
        .iter()
        .zip(ORDER)
        .map(|(a, b)| {
            let sum = u16::from(*a) + u16::from(b) + carry;
            carry = sum >> 8;
            sum.to_le_bytes()[0]
        })
        .collect();
    let mut identity = vec![0; 32];
    identity[0] = 1;
    let neutral = [identity.as_slice(), &[0; 32]].concat();
    let fault = |name: &str, kind: &str, public: &[u8], bytes: &[u8], signature: &[u8]| {
        json!({
            "name": name,
            "rule": "SIG-01",
            "kind": kind,
            "verify_key": hex(public),
            "bytes": hex(bytes),
            "signature": hex(signature),
        })
    };
    vec![
        fault("other_kind", "entry", &public, b"bytes", &signature),
        fault("other_bytes", "statement", &public, b"Bytes", &signature),
        fault("flipped_point", "statement", &public, b"bytes", &flipped(&signature, 0)),
        fault("flipped_scalar", "statement", &public, b"bytes", &flipped(&signature, 33)),
        fault("scalar_beyond_order", "statement", &public, b"bytes", &[point, &beyond_order].concat()),
        // The neutral element as key "signs" everything where verification is not strict.
        fault("small_order_key", "statement", &identity, b"bytes", &neutral),
        fault("key_not_canonical", "statement", &[0xff; 32], b"bytes", &signature),
    ]
}
