//! Arguments, with the help that teaches them.

pub mod network;

use crate::commands::attachments::{AttachArgs, FetchArgs};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use wardbook_client::{Access, Policy, Role};

/// Health records for care teams: sealed on this device, opened by each member with their own password, offline.
///
/// A first session:
///
///   wardbook --vault ward init --organisation "St Mary, Ward 3" --member ana
///   wardbook --vault ward --member ana member add ben --name "Ben Okafor"
///   wardbook --vault ward --member ana team create "Ward 3" ana ben
///   wardbook --vault ward --member ana import records/ --team "Ward 3"
///   wardbook --vault ward --member ben patients garcia
///   wardbook --vault ward --member ben chart "garcia 1957-03-02"
#[derive(Parser)]
#[command(version, verbatim_doc_comment, after_help = EXIT_CODES, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 other failure, 2 wrong arguments, 3 not unlocked, 4 not found or no access, 5 damaged, \
6 in use by another process, 7 input refused, 8 conflict, 9 disk, 10 server not reached, 11 refused by the server, \
12 the server was caught, 13 the lease has ended.";

/// What every command takes.
#[derive(Args)]
pub struct Shared {
    /// Folder of the vault
    #[arg(long, global = true, env = "WARDBOOK_VAULT", value_name = "DIR", default_value = "wardbook-vault")]
    pub vault: PathBuf,
    /// Who you are: your user name
    #[arg(long, global = true, env = "WARDBOOK_MEMBER", value_name = "USER")]
    pub member: Option<String>,
    /// File with your password in its first line (/dev/fd/3 for a file descriptor); asked for otherwise
    #[arg(long, global = true, env = "WARDBOOK_PASSWORD_FILE", value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Print JSON for machines
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Create an organisation with its first admin on this device
    Init(InitArgs),
    /// Add, list and retire members
    ///
    /// Somebody who sits at this device is added with a password that they type here. With a server,
    /// `wardbook invite` lets people join elsewhere, and all changes are made where it is reached.
    ///
    ///   wardbook --member ana member add ben --name "Ben Okafor" --team "Ward 3"
    ///   wardbook --member ana member role olga officer
    ///   wardbook --member ana member retire ben
    ///
    /// Next: `wardbook team` and `wardbook grant` give them charts to open.
    #[command(subcommand, verbatim_doc_comment)]
    Member(MemberCommand),
    /// Create and change teams, who share charts
    #[command(subcommand)]
    Team(TeamCommand),
    /// Change your password; nothing else is rewritten
    Passwd(NewPassword),
    /// Choose a new password with your recovery code, or restore an admin with root shares
    Recover(RecoverArgs),
    /// Show or change the rules for passwords
    Policy(PolicyArgs),
    /// Take FHIR R4 files in: bundles, NDJSON, single resources; one chart per patient
    Import(ImportArgs),
    /// Find patients by name, birth date or identifier; typing errors and accents are forgiven
    Patients(PatientsArgs),
    /// Read a patient's chart
    Chart(PatientArg),
    /// Print one resource as FHIR JSON
    Get(ResourceArgs),
    /// Add or replace a resource from a file or standard input
    Put(PutArgs),
    /// Change a resource in your editor, or single elements with --set
    Edit(EditArgs),
    /// Delete a resource; its history stays
    Delete(ResourceArgs),
    /// Show every version of a resource: who and when
    History(ResourceArgs),
    /// Add a photo, PDF or other file to a patient's chart, sealed
    ///
    /// The chart gets a DocumentReference that points to it, and the sealed file goes to the server with
    /// the next sync. The file itself stays where it is, unsealed.
    ///
    ///   wardbook --member ben attach "garcia 1957-03-02" wound.jpg --title "Left foot, day 3"
    ///
    /// Next: `wardbook sync`, and `wardbook fetch` wherever it is to be seen.
    #[command(verbatim_doc_comment)]
    Attach(AttachArgs),
    /// Write an attachment, or a part of it, to a file; what is not on this device comes from the server
    ///
    /// The new file is NOT sealed. A whole attachment stays on this device too, sealed, for the next time.
    ///
    ///   wardbook --member ben fetch DocumentReference/123 --out wound.jpg
    ///   wardbook --member ben fetch DocumentReference/123 --out begin.bin --range 0-1023
    ///
    /// Next: delete the file when it was seen.
    #[command(verbatim_doc_comment)]
    Fetch(FetchArgs),
    /// Write charts out as FHIR
    Export(ExportArgs),
    /// Give a member or team access to a chart
    Grant(GrantArgs),
    /// Take access back; what is written later is sealed under a new key
    Revoke(RevokeArgs),
    /// Show who can open a chart, and whether its key waits to be replaced
    ///
    /// A team stands for its members as they are now. Where somebody who had access has left, the next
    /// change to the chart makes a new key.
    ///
    ///   wardbook --member ana access "garcia 1957-03-02"
    ///
    /// Next: `wardbook grant` and `wardbook revoke` change it.
    #[command(verbatim_doc_comment)]
    Access(PatientArg),
    /// Let all changes count that wait in a chart that you manage; single ones with `wardbook quarantine admit`
    Admit(PatientArg),
    /// List elements that were edited apart and wait for a decision
    Conflicts(ConflictsArgs),
    /// Decide between versions that were edited apart
    Resolve(ResolveArgs),
    /// Carry the vault to another device in a sealed file
    #[command(subcommand)]
    Bundle(BundleCommand),
    Sync(network::SyncArgs),
    Invite(network::InviteArgs),
    Enrol(network::EnrolArgs),
    /// List and retire devices; choose what this one holds
    ///
    ///   wardbook --member ana device list
    ///   wardbook --member ana device retire "night tablet"
    ///   wardbook --member ana device caseload --team "Ward 3"
    #[command(subcommand, verbatim_doc_comment)]
    Device(network::DeviceCommand),
    /// Remove a chart from this device, with its attachments; the server keeps it
    ///
    /// For a chart outside the caseload of this device that was worked with here. Everything of it stays
    /// on the server, and comes back with `wardbook device caseload` and a sync.
    /// A chart is held back whole (exit code 8) while something of it has not reached the server, or
    /// while it belongs to the caseload; the message says which.
    ///
    ///   wardbook --member ben evict "garcia 1957-03-02"
    ///
    /// Next: nothing. Where it was held back: `wardbook sync`, or `wardbook device caseload`, and again.
    #[command(verbatim_doc_comment)]
    Evict(PatientArg),
    Lease(network::LeaseArgs),
    /// Decide about entries that came too late (officers, and who manages the chart)
    ///
    /// What was written after its author had lost access, or handed in after the end of its lease, is
    /// kept and counts for nothing until somebody decides. Nothing is deleted: what was set aside can
    /// still be admitted, by its id.
    ///
    ///   wardbook --member olga quarantine list
    ///   wardbook --member olga quarantine reject --patient 3f9c01d2
    ///   wardbook --member olga quarantine list --all
    ///   wardbook --member olga quarantine admit --patient 3f9c01d2 a1b2c3d4
    ///
    /// Next: `wardbook sync` tells the other devices.
    #[command(subcommand, verbatim_doc_comment)]
    Quarantine(network::QuarantineCommand),
    Serve(crate::commands::serve::ServeArgs),
    /// Put the organisation on a server; look after a server
    ///
    ///   wardbook --member ana server set 'LINK'                       with the link that `serve` prints
    ///   wardbook server backup /mnt/backup/monday --data /srv/wardbook
    #[command(subcommand, verbatim_doc_comment)]
    Server(crate::commands::serve::ServerCommand),
    Verify(network::VerifyArgs),
    /// Say how this device is set up: where its key is kept, failed attempts, storage
    Doctor,
}

#[derive(Args)]
pub struct InitArgs {
    /// Name of the clinic or service
    #[arg(long, value_name = "NAME")]
    pub organisation: String,
    /// Your name as others see it; your user name if not given
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What this device is called
    #[arg(long, value_name = "NAME", default_value = "first device")]
    pub device: String,
    /// Root shares that are printed, and how many of them give the root key back
    #[arg(long, value_name = "T-of-N", default_value = "2-of-3", value_parser = shares)]
    pub shares: (u8, u8),
    /// Use only FIPS-approved algorithms for passwords (PBKDF2 in place of Argon2id)
    #[arg(long)]
    pub fips: bool,
    /// Put the organisation on a server at once: the link that `wardbook serve` prints
    #[arg(long, value_name = "LINK")]
    pub server: Option<String>,
}

fn shares(text: &str) -> Result<(u8, u8), String> {
    let parts = text.split_once("-of-").and_then(|(needed, made)| Some((needed.parse().ok()?, made.parse().ok()?)));
    parts.ok_or_else(|| "write it as 2-of-3".to_owned())
}

#[derive(Subcommand)]
pub enum MemberCommand {
    /// Add a member, who types a password on this device; prints a recovery code once
    Add {
        /// User name
        user: String,
        /// Name as others see it
        #[arg(long)]
        name: Option<String>,
        #[arg(long, value_enum, default_value_t = RoleArg::Clinician)]
        role: RoleArg,
        /// Teams to join at once
        #[arg(long = "team", value_name = "TEAM")]
        teams: Vec<String>,
        #[command(flatten)]
        new: NewPassword,
    },
    /// List members with their roles and teams
    List,
    /// End a member's rights and turn over the keys of their teams
    Retire { user: String },
    /// Make new keys for yourself, if the old ones may be known to somebody; prints a new recovery code once
    Rekey(NewPassword),
    /// Change a member's role
    Role {
        user: String,
        #[arg(value_enum)]
        role: RoleArg,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum RoleArg {
    /// Reads what was shared
    Reader,
    /// Reads and writes as granted
    Clinician,
    /// Privacy officer
    Officer,
    /// Also changes members and teams
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Reader => Self::Reader,
            RoleArg::Clinician => Self::Clinician,
            RoleArg::Officer => Self::Officer,
            RoleArg::Admin => Self::Admin,
        }
    }
}

#[derive(Subcommand)]
pub enum TeamCommand {
    /// Create a team of these members
    Create {
        name: String,
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
    },
    /// Add a member, who can then open all of the team's charts
    Add { team: String, user: String },
    /// Remove a member; the team's charts get new keys when they are next written
    Remove { team: String, user: String },
    /// List teams with their members
    List,
}

#[derive(Args)]
pub struct NewPassword {
    /// File with the new password in its first line; asked for otherwise
    #[arg(long, value_name = "FILE")]
    pub new_password_file: Option<PathBuf>,
}

#[derive(Args)]
pub struct RecoverArgs {
    /// File with the recovery code; asked for otherwise
    #[arg(long, value_name = "FILE")]
    pub code_file: Option<PathBuf>,
    #[command(flatten)]
    pub new: NewPassword,
    /// Make USER an admin with root shares, one in each line of --shares-file
    #[arg(long, value_name = "USER", requires = "shares_file")]
    pub appoint: Option<String>,
    /// File with root shares, one a line
    #[arg(long, value_name = "FILE")]
    pub shares_file: Option<PathBuf>,
}

#[derive(Args)]
pub struct PolicyArgs {
    #[arg(long, value_name = "N", help = password_length_help())]
    pub password_length: Option<u32>,
    /// Derive keys from passwords with PBKDF2 (FIPS-approved) from each member's next password change on
    #[arg(long, value_name = "YES", num_args = 1)]
    pub fips: Option<bool>,
    #[arg(long, value_name = "HOURS", help = lease_help())]
    pub lease: Option<u32>,
}

fn password_length_help() -> String {
    format!(
        "Characters in a password, at least ({} to {}; below {} only with a second factor, NIST SP 800-63B-4)",
        Policy::PASSWORD_CHARS_FLOOR,
        Policy::PASSWORD_CHARS_CEILING,
        Policy::PASSWORD_CHARS_MIN
    )
}

fn lease_help() -> String {
    format!("Hours that a device may work without having reached the server (1 to {})", Policy::LEASE_HOURS_MAX)
}

#[derive(Args)]
pub struct ImportArgs {
    /// FHIR files, or folders whose .json, .ndjson and .jsonl files are taken
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Team that shares the new charts; if not given: your only team, else only you
    #[arg(long)]
    pub team: Option<String>,
}

#[derive(Args)]
pub struct PatientsArgs {
    /// Part of a name, birth date or identifier; nothing lists all
    pub query: Vec<String>,
    #[arg(long, default_value_t = 50)]
    pub most: usize,
}

#[derive(Args)]
pub struct PatientArg {
    /// Name, birth date, identifier, or the id shown by `wardbook patients`
    pub patient: String,
}

#[derive(Args)]
pub struct ResourceArgs {
    /// Type and id, as in Observation/123
    pub resource: String,
    /// The patient whose chart it is in; without it every chart is looked through
    #[arg(long)]
    pub patient: Option<String>,
}

#[derive(Args)]
pub struct PutArgs {
    /// FHIR JSON of one resource; - for standard input
    pub file: PathBuf,
    /// The patient whose chart it goes to; `organisation` for shared resources
    #[arg(long)]
    pub patient: String,
}

#[derive(Args)]
pub struct EditArgs {
    #[command(flatten)]
    pub resource: ResourceArgs,
    /// Set one element (JSON or text); an empty value removes it.
    #[arg(
        long,
        value_name = "ELEMENT=VALUE",
        help = "Set one element, as in --set 'telecom[0].value=555-0100' (JSON or text); an empty value removes it"
    )]
    pub set: Vec<String>,
}

#[derive(Args)]
pub struct ExportArgs {
    /// Name, birth date, identifier or id of one patient
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub patient: Option<String>,
    /// Every chart that you may open
    #[arg(long)]
    pub all: bool,
    #[arg(long, value_enum, default_value_t = FormatArg::Bundle)]
    pub format: FormatArg,
    /// Also write the attachments that are on this device, to DIR/attachments
    #[arg(long)]
    pub attachments: bool,
    /// Folder to write to; its files are NOT sealed
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// One collection bundle per chart
    Bundle,
    /// One file per resource type
    Ndjson,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum AccessArg {
    Read,
    /// Read and write
    Write,
    /// Read, write, and decide who else has access
    Manage,
}

impl From<AccessArg> for Access {
    fn from(access: AccessArg) -> Self {
        match access {
            AccessArg::Read => Self::Read,
            AccessArg::Write => Self::Write,
            AccessArg::Manage => Self::Manage,
        }
    }
}

#[derive(Args)]
pub struct GrantArgs {
    #[command(flatten)]
    pub patient: PatientArg,
    /// User name, or team:NAME
    #[arg(long, value_name = "WHO")]
    pub to: String,
    #[arg(long, value_enum, default_value_t = AccessArg::Read)]
    pub access: AccessArg,
}

#[derive(Args)]
pub struct RevokeArgs {
    #[command(flatten)]
    pub patient: PatientArg,
    /// User name, or team:NAME
    #[arg(long, value_name = "WHO")]
    pub from: String,
}

#[derive(Args)]
pub struct ConflictsArgs {
    /// Only this patient's
    pub patient: Option<String>,
}

#[derive(Args)]
pub struct ResolveArgs {
    #[command(flatten)]
    pub resource: ResourceArgs,
    /// Take the values of this version (its number in `wardbook conflicts`), for all elements in conflict
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["file", "set"])]
    pub take: Option<usize>,
    /// Take the whole resource from a file; - for standard input
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Decide element by element, as in --set 'birthDate=1957-03-02'
    #[arg(long, value_name = "ELEMENT=VALUE")]
    pub set: Vec<String>,
}

#[derive(Subcommand)]
pub enum BundleCommand {
    /// Write everything to a sealed file for other devices of the organisation
    Export {
        file: PathBuf,
        /// Enrol a new device of that name: the file makes an empty folder its vault, with a code that is printed once
        #[arg(long, value_name = "NAME")]
        new_device: Option<String>,
    },
    /// Take a sealed file in and merge it; into an empty folder with the code of a new device
    Import {
        file: PathBuf,
        /// File with the transfer code of a new device; asked for otherwise
        #[arg(long, value_name = "FILE")]
        code_file: Option<PathBuf>,
    },
}
