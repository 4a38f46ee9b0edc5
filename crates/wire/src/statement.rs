//! Statements of the directory: who is a member, device or team, and what the policy is (`spec/directory.md`).
//!
//! Each names the statement before it, so the directory is one chain that starts at the genesis, whose id is the
//! organisation's id. Names travel sealed under the directory key; ids are random.

use crate::kdf::Kdf;
use crate::log::LogPoint;
use crate::signed::{Domain, Signable};
use crate::{DeviceId, MemberId, OrgId, StatementId, TeamId, VerifyKey};
use minicbor::{Decode, Encode};

/// One signed statement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Statement {
    /// None in the genesis only, whose id it is.
    #[n(0)]
    pub org: Option<OrgId>,
    #[n(1)]
    pub previous: Option<StatementId>,
    #[n(2)]
    pub author: Author,
    #[n(3)]
    pub act: Act,
}

impl Signable for Statement {
    const DOMAIN: Domain = Domain::STATEMENT;
    /// A team of 500 members is re-keyed in one statement of about 1.3 KB a member.
    const BYTES_MAX: usize = 1024 * 1024;
}

/// Whose key signed a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Author {
    /// The organisation's root key: genesis, the first admin, and recovery of the last admin's role.
    #[n(0)]
    Root,
    #[n(1)]
    Member(#[n(0)] MemberId),
    /// The ephemeral key of an invite: its one [`Act::Join`].
    #[n(2)]
    Invite(#[n(0)] VerifyKey),
    /// A device about itself: [`Act::DeviceRenew`].
    #[n(3)]
    Device(#[n(0)] DeviceId),
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Act {
    #[n(0)]
    Genesis(#[n(0)] Genesis),
    #[n(1)]
    MemberAdd(#[n(0)] NewMember),
    #[n(2)]
    MemberRetire {
        #[n(0)]
        member: MemberId,
    },
    #[n(3)]
    RoleSet {
        #[n(0)]
        member: MemberId,
        #[n(1)]
        role: Role,
    },
    #[n(4)]
    DeviceEnrol(#[n(0)] NewDevice),
    #[n(5)]
    DeviceRetire {
        #[n(0)]
        device: DeviceId,
    },
    #[n(6)]
    TeamCreate(#[n(0)] TeamEpoch),
    /// Someone joins: the team's current secret is sealed to them, the epoch stays.
    #[n(7)]
    TeamAdd {
        #[n(0)]
        team: TeamId,
        #[n(1)]
        secret: SealedSecret,
    },
    /// Someone leaves: a new secret, sealed to each who remains; the old secret sealed under the new.
    #[n(8)]
    TeamRekey(#[n(0)] TeamEpoch),
    #[n(9)]
    PolicySet(#[n(0)] Policy),
    /// A server relays for the organisation from here on.
    #[n(10)]
    ServerSet(#[n(0)] Server),
    /// Somebody may join who knows the secret half of a key.
    #[n(11)]
    Invite(#[n(0)] Invite),
    #[n(12)]
    InviteRevoke {
        #[n(0)]
        key: VerifyKey,
    },
    /// The newcomer's own keys, signed with the key of the invite.
    #[n(13)]
    Join(#[n(0)] Join),
    /// A member's new keys, signed with the old one.
    #[n(14)]
    MemberRekey {
        #[n(0)]
        verify_key: VerifyKey,
        #[n(1)]
        seal_key: SealKey,
    },
    /// A device that was put back to an earlier state goes on under a new identity; signed with the old key.
    #[n(15)]
    DeviceRenew(#[n(0)] NewDevice),
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Genesis {
    /// Makes two organisations with the same root key differ.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub nonce: [u8; 32],
    #[n(1)]
    pub root: VerifyKey,
    #[n(2)]
    pub policy: Policy,
}

/// Rules of the organisation that devices enforce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Policy {
    /// How every password slot is derived; one setting for all, so that work does not tell users apart.
    #[n(0)]
    pub kdf: Kdf,
    /// Characters in a password, at least.
    #[n(1)]
    pub password_chars_min: u32,
    /// How long a device may work without having reached the server, in hours.
    #[n(2)]
    pub lease_hours: u32,
}

impl Policy {
    /// NIST SP 800-63B-4 section 3.1.1.2: 15 where the password is the only factor.
    pub const PASSWORD_CHARS_MIN: u32 = 15;
    /// The least an organisation may choose (the same section, with a second factor).
    pub const PASSWORD_CHARS_FLOOR: u32 = 8;
    /// The most: the longest minimum that the directory takes (DIR-08).
    pub const PASSWORD_CHARS_CEILING: u32 = 128;
    /// A long weekend.
    pub const LEASE_HOURS: u32 = 72;
    /// A season: longer, and a lost device would hardly ever be noticed.
    pub const LEASE_HOURS_MAX: u32 = 90 * 24;
}

/// The server that orders what the organisation writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Server {
    /// Signs checkpoints and leases.
    #[n(0)]
    pub key: VerifyKey,
    /// Counts the logs of this organisation from 1: a server that was restored from a backup, or replaced, goes on in
    /// a new generation.
    #[n(1)]
    pub generation: u64,
    /// Where the generation before ended: what it held past this point is handed in again. None in the first.
    #[n(2)]
    pub base: Option<LogPoint>,
}

/// Who may join, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Invite {
    /// Whose private half follows from the secret in the link.
    #[n(0)]
    pub key: VerifyKey,
    #[n(1)]
    pub member: Option<InvitedMember>,
    /// True if a device may join.
    #[n(2)]
    pub device: bool,
    /// By the server's clock, in milliseconds since 1970.
    #[n(3)]
    pub expires_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct InvitedMember {
    #[n(0)]
    pub role: Role,
    /// Ascending.
    #[n(1)]
    pub teams: Vec<TeamId>,
}

/// What an invite's holder becomes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Join {
    #[n(0)]
    pub member: Option<NewMember>,
    /// The secrets of the teams of the invite, sealed by the newcomer to themself. A team that has turned its secret over
    /// since is left out.
    #[n(1)]
    pub teams: Vec<JoinedTeam>,
    #[n(2)]
    pub device: Option<NewDevice>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct JoinedTeam {
    #[n(0)]
    pub team: TeamId,
    #[n(1)]
    pub epoch: u64,
    #[n(2)]
    pub secret: SealedSecret,
}

/// What a member may do in the organisation. Access to a chart is granted apart from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Reads the charts that were shared with them.
    #[n(0)]
    Reader,
    /// Reads and writes as granted, and opens new charts.
    #[n(1)]
    Clinician,
    /// Privacy officer: also admits quarantined entries.
    #[n(2)]
    Officer,
    /// Also changes the directory.
    #[n(3)]
    Admin,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct NewMember {
    #[n(0)]
    pub member: MemberId,
    #[n(1)]
    pub role: Role,
    #[n(2)]
    pub verify_key: VerifyKey,
    #[n(3)]
    pub seal_key: SealKey,
    /// User name and display name, sealed under the directory key.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub name: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct NewDevice {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub verify_key: VerifyKey,
    #[n(2)]
    pub seal_key: SealKey,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub name: Vec<u8>,
}

/// A team's state at one epoch: complete, so that nothing has to be added up.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TeamEpoch {
    #[n(0)]
    pub team: TeamId,
    /// 1 at creation, then one more at each rekey.
    #[n(1)]
    pub epoch: u64,
    #[n(2)]
    pub seal_key: SealKey,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub name: Vec<u8>,
    /// The members of this epoch, each with the secret sealed to them; ascending by member id.
    #[n(4)]
    pub secrets: Vec<SealedSecret>,
    /// The secret of the epoch before, sealed under this one's; None at epoch 1.
    #[n(5)]
    pub previous: Option<SealedBytes>,
}

/// A team secret sealed to one member's key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SealedSecret {
    #[n(0)]
    pub member: MemberId,
    #[n(1)]
    pub sealed: SealedBytes,
}

/// Opaque sealed bytes: a box or an HPKE ciphertext, as the field that holds it says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SealedBytes(#[cbor(with = "minicbor::bytes")] pub Vec<u8>);

/// The public half of an X-Wing key: 1,216 bytes (ML-KEM-768 ‖ X25519).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SealKey(#[cbor(with = "minicbor::bytes")] pub Vec<u8>);
