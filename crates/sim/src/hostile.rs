//! A server that cheats. It holds the server's own key, sees everything that devices hand in and answers as it likes; each
//! kind of cheat is a row of `docs/threats.md`.
//!
//! ```text
//! twin      another log under the same key: older (rolled back), or as it was when the cheating began (forked)
//! answer    an honest answer, changed, and signed again where the server's key is all that it takes
//! ```

use crate::Failure;
use crate::chance::Chance;
use crate::server::Server;
use ed25519_dalek::{Signer, SigningKey};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use wardbook_server::{Answer, Call, Service};
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::exchange::{
    ANSWER_BYTES_MAX, CallerStanding, Object, Outcome, REQUEST_BYTES_MAX, Refusal, SyncAnswer, SyncRequest,
};
use wardbook_wire::lease::Lease;
use wardbook_wire::log::{Item, LeafKind, ObjectBytes, Subtree};
use wardbook_wire::request::{CHALLENGE_HEADER, Challenge};
use wardbook_wire::signed::{Signable, Signed};
use wardbook_wire::{DeviceId, OrgId, Unverified, VerifyKey, strict};

const HOUR_MS: i64 = 3_600_000;
/// Magic of the server's key file; the seed follows it.
const KEY_MAGIC: &[u8] = b"WBserver";

/// One way to cheat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// A7: everything as it was before.
    Rollback,
    /// A8: two groups are shown two logs.
    Fork,
    /// A9: an entry is left out.
    Drop,
    /// A9: two leaves change places.
    Reorder,
    /// A9: an earlier answer again.
    Replay,
    /// A9: the bytes of two entries change places.
    Swap,
    /// A9: an entry is passed over as if the device did not want its chart.
    Hide,
    /// A9: it says that it holds what it threw away.
    FalseReceipt,
    /// A10: one bit is another.
    FlipBit,
    /// A14: it says that the device was retired.
    FalseRetirement,
    /// A14: it says of entries that came late that they did not, and the other way round.
    FalseLate,
    /// A15: a lease for another device.
    ForeignLease,
    /// A15: a lease beyond what the policy allows.
    LongLease,
    /// A15: no lease at all.
    NoLease,
    /// A16: another organisation's answer.
    ForeignOrganisation,
    /// A17: nothing new, ever.
    Withhold,
}

impl Attack {
    pub const ALL: [Self; 16] = [
        Self::Rollback,
        Self::Fork,
        Self::Drop,
        Self::Reorder,
        Self::Replay,
        Self::Swap,
        Self::Hide,
        Self::FalseReceipt,
        Self::FlipBit,
        Self::FalseRetirement,
        Self::FalseLate,
        Self::ForeignLease,
        Self::LongLease,
        Self::NoLease,
        Self::ForeignOrganisation,
        Self::Withhold,
    ];

    /// True where devices are led on another log than the rest.
    pub fn forks(self) -> bool {
        matches!(self, Self::Rollback | Self::Fork)
    }
}

/// A cheating server and whom it cheats.
pub struct Foe {
    attack: Attack,
    victims: BTreeSet<usize>,
    twin: Option<Service>,
    key: SigningKey,
    foreign: Vec<u8>,
    /// The latest honest answer to each victim.
    earlier: BTreeMap<usize, Vec<u8>>,
    chance: Chance,
    /// How often it could cheat.
    pub cheated: u64,
}

impl Foe {
    /// `old` is a backup for [`Attack::Rollback`]; `foreign` another organisation's answer.
    pub fn new(
        attack: Attack,
        victims: BTreeSet<usize>,
        server: &mut Server,
        old: &Path,
        foreign: Vec<u8>,
        seed: u64,
    ) -> Result<Self, Failure> {
        let key = std::fs::read(server.folder().join("server.key"))?;
        let seed_bytes = key.strip_prefix(KEY_MAGIC).and_then(|rest| rest.first_chunk::<32>());
        let seed_bytes =
            seed_bytes.ok_or_else(|| Failure::new("simulation", "the server's key file has another form"))?;
        let twin = match attack {
            Attack::Rollback => Some(server.twin(old)?),
            Attack::Fork => {
                let now = server.backup()?;
                Some(server.twin(&now)?)
            }
            _ => None,
        };
        Ok(Self {
            attack,
            victims,
            twin,
            key: SigningKey::from_bytes(seed_bytes),
            foreign,
            earlier: BTreeMap::new(),
            chance: Chance::new("hostile server", seed),
            cheated: 0,
        })
    }

    pub fn fools(&self, device: usize) -> bool {
        self.victims.contains(&device)
    }

    pub fn attack(&self) -> Attack {
        self.attack
    }

    /// What a victim gets.
    pub fn answer(&mut self, device: usize, call: &Call<'_>, server: &Server) -> Option<Answer> {
        if let Some(twin) = &self.twin {
            self.cheated += 1;
            return Some(twin.handle(call));
        }
        if !call.path.ends_with("/sync") {
            return server.handle(call);
        }
        if matches!(self.attack, Attack::Withhold | Attack::FalseReceipt) {
            return self.silent(call, server);
        }
        let mut answer = server.handle(call)?;
        if answer.status == 200 {
            self.tamper(device, &mut answer.body);
        }
        Some(answer)
    }

    /// Nothing is taken and nothing is given, all duly signed. The server is asked only for whether the request is signed
    /// for a valid challenge, which this one could tell as well.
    fn silent(&mut self, call: &Call<'_>, server: &Server) -> Option<Answer> {
        let request: SyncRequest = strict::decode(call.body, REQUEST_BYTES_MAX).ok()?;
        let org = org_of(call.path)?;
        let outcome = |(number, object): (u64, &Object)| match (self.attack, object) {
            (Attack::FalseReceipt, Object::Entry(_)) => Outcome::Logged { index: request.point.size + number },
            _ => Outcome::Wait(Refusal::MissingParent),
        };
        let outcomes: Vec<_> = (0u64..).zip(&request.objects).map(outcome).collect();
        if self.attack == Attack::FalseReceipt && !outcomes.iter().any(|held| matches!(held, Outcome::Logged { .. })) {
            return server.handle(call);
        }
        let checkpoint = Checkpoint { org, generation: request.generation, point: request.point };
        let signature = self.key.sign(checkpoint.text().as_bytes()).to_bytes();
        let key = VerifyKey(self.key.verifying_key().to_bytes());
        self.cheated += 1;
        let body = strict::encode(&SyncAnswer {
            standing: CallerStanding::Enrolled,
            outcomes,
            items: Vec::new(),
            rest: Vec::new(),
            checkpoint: checkpoint.note(&key, &signature),
            lease: None,
            challenge: Challenge([0; 24]),
            now_ms: call.now_ms,
        });
        let headers = vec![(CHALLENGE_HEADER, Challenge([0; 24]).to_text())];
        Some(Answer { status: 200, kind: wardbook_server::ContentKind::Cbor, body, headers })
    }

    fn tamper(&mut self, device: usize, body: &mut Vec<u8>) {
        let honest = body.clone();
        let changed = match self.attack {
            Attack::FlipBit => {
                let at = usize::try_from(self.chance.below(body.len() as u64)).unwrap_or(0);
                let bit = self.chance.below(8);
                body.get_mut(at).map(|byte| *byte ^= 1u8 << bit).is_some()
            }
            Attack::ForeignOrganisation => {
                body.clone_from(&self.foreign);
                true
            }
            Attack::Replay => match self.earlier.get(&device) {
                Some(earlier) if *earlier != honest => {
                    body.clone_from(earlier);
                    true
                }
                _ => false,
            },
            _ => match strict::decode::<SyncAnswer>(body, ANSWER_BYTES_MAX) {
                Ok(mut answer) => {
                    let changed = self.change(&mut answer);
                    *body = strict::encode(&answer);
                    changed
                }
                Err(_) => false,
            },
        };
        self.earlier.insert(device, honest);
        self.cheated += u64::from(changed);
    }

    /// False where the answer has nothing to cheat with.
    fn change(&self, answer: &mut SyncAnswer) -> bool {
        let is_entry = |item: &Item| match item {
            Item::Leaf { leaf, object } => leaf.kind == LeafKind::Entry && object.is_some(),
            Item::Skip(_) => false,
        };
        let entries: Vec<usize> =
            answer.items.iter().enumerate().filter(|(_, item)| is_entry(item)).map(|(at, _)| at).collect();
        match self.attack {
            Attack::Drop => entries.first().map(|at| answer.items.remove(*at)).is_some(),
            Attack::Reorder => {
                let leaf = |item: &Item| matches!(item, Item::Leaf { .. });
                let at = answer.items.windows(2).position(|pair| pair.iter().all(leaf));
                at.map(|at| answer.items.swap(at, at + 1)).is_some()
            }
            Attack::Swap => swap_objects(&mut answer.items, &entries),
            Attack::Hide => {
                let hidden = entries.first().and_then(|at| answer.items.get_mut(*at));
                hidden.is_some_and(|item| match item {
                    Item::Leaf { leaf, .. } => {
                        let root = leaf.hash();
                        *item = Item::Skip(Subtree { level: 0, root });
                        true
                    }
                    Item::Skip(_) => false,
                })
            }
            Attack::FalseLate => {
                let hidden = entries.first().and_then(|at| answer.items.get_mut(*at));
                hidden.is_some_and(|item| match item {
                    Item::Leaf { leaf, .. } => {
                        leaf.late = !leaf.late;
                        true
                    }
                    Item::Skip(_) => false,
                })
            }
            Attack::FalseRetirement => {
                answer.standing = CallerStanding::DeviceRetired;
                true
            }
            Attack::NoLease => answer.lease.take().is_some(),
            Attack::ForeignLease => self.change_lease(answer, |lease| lease.device = DeviceId([0xfe; 16])),
            Attack::LongLease => self.change_lease(answer, |lease| lease.expires_ms += 10_000 * HOUR_MS),
            _ => false,
        }
    }

    fn change_lease(&self, answer: &mut SyncAnswer, change: impl FnOnce(&mut Lease)) -> bool {
        let given = answer.lease.as_ref().and_then(|lease| Unverified::<Lease>::decode(&lease.0).ok());
        let Some(mut lease) = given.map(|given| *given.peek()) else { return false };
        change(&mut lease);
        let bytes = strict::encode(&lease);
        let signature = self.key.sign(&Lease::DOMAIN.message(&bytes)).to_bytes();
        answer.lease = Some(ObjectBytes(strict::encode(&Signed { bytes, signature })));
        true
    }
}

/// The bytes of two entries change places.
fn swap_objects(items: &mut [Item], entries: &[usize]) -> bool {
    let [one, other, ..] = entries else { return false };
    let object_at = |items: &[Item], at: usize| match items.get(at) {
        Some(Item::Leaf { object, .. }) => object.clone(),
        _ => None,
    };
    let (first, second) = (object_at(items, *one), object_at(items, *other));
    for (at, given) in [(*one, second), (*other, first)] {
        if let Some(Item::Leaf { object, .. }) = items.get_mut(at) {
            *object = given;
        }
    }
    true
}

fn org_of(path: &str) -> Option<OrgId> {
    OrgId::from_text(path.strip_prefix("/v1/orgs/")?.split('/').next()?)
}
