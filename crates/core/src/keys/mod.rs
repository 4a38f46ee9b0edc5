//! Every secret of the protocol, one type each (`spec/keys.md`).
//!
//! ```text
//! password ── Argon2id ──┐
//! site key (device) ─────┴─ HKDF ─► slot key ─opens─► keyring key ─opens─► keyring: member's private keys,
//! recovery code ─────────── HKDF ─► slot key ─opens──┘                              team secrets, directory key
//! team secret (epoch e) ─opens─► chart key (epoch f) ─HKDF─► message key per box
//!                                     └─opens─► chart key (epoch f-1): one grant opens the whole history
//! ```
//!
//! Secrets live in boxes of their own, are wiped when dropped, and have neither equality nor a printed form.

mod member;
mod symmetric;

pub use member::{DeviceKeys, MemberKeys, RootKey, SealingKey, SigningKey};
pub use symmetric::{
    BlobKey, BundleKey, ChartKey, DirectoryKey, InviteBoxKey, InviteSecret, KeyringKey, ParentKey, SiteKey, SlotKey,
    TeamSecret,
};
