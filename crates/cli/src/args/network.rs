//! Arguments of what has to do with a server and other devices.

use super::{NewPassword, RoleArg};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Exchange everything with the server: what was written here goes out, what others wrote comes in
///
/// For whenever the server can be reached. It renews the lease, and works also where that has ended.
/// One member's sync carries what everybody wrote on this device. Where it breaks off, the next one
/// goes on; nothing is lost or sent twice.
///
///   wardbook --member ana sync
///   wardbook --member ana sync --watch
///
/// Next: what it names, with `wardbook conflicts` and `wardbook quarantine list`. After an alarm
/// (exit code 12): `wardbook verify --server`.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct SyncArgs {
    /// Stay, and exchange as soon as anybody has written something
    #[arg(long)]
    pub watch: bool,
}

/// Make a link that lets a member, a device or both join (admin, where the server is reached)
///
/// It works once, and whoever has it first may join: hand it over in person, or in a message that only
/// the newcomer reads. --withdraw closes every link that was not used.
///
///   wardbook --member ana invite --team "Ward 3"                  a member with a new device
///   wardbook --member ana invite --member-only --team "Ward 3"    a member on a device that is enrolled
///   wardbook --member ana invite --device-only                    a device for members that there are
///
/// Next, over there: `wardbook enrol LINK`.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct InviteArgs {
    /// Invite a new member with this role
    #[arg(long, value_enum, value_name = "ROLE", default_value_t = RoleArg::Clinician)]
    pub role: RoleArg,
    /// Teams that the new member joins at once
    #[arg(long = "team", value_name = "TEAM")]
    pub teams: Vec<String>,
    /// Invite a device alone: its users are members already
    #[arg(long, conflicts_with_all = ["teams", "member_only"])]
    pub device_only: bool,
    /// Invite a member alone, who joins on a device that is enrolled already
    #[arg(long)]
    pub member_only: bool,
    /// How long the invite can be used
    #[arg(long, value_name = "HOURS", default_value_t = 72, value_parser = clap::value_parser!(u32).range(1..=720))]
    pub hours: u32,
    /// Withdraw every invite that has not been used, and make none
    #[arg(long)]
    pub withdraw: bool,
}

/// Join an organisation with a link: as a new member, with a new device, or both
///
/// A new device needs a folder without a vault, named with --vault. Where the invite is for a member
/// alone, it is the folder of the device that they join on. A new member types a new password and is
/// shown a recovery code once; an invite for a device alone asks for nothing.
///
///   wardbook --vault ward --member ben enrol 'LINK' --name "Ben Okafor"
///   wardbook --vault ward enrol 'LINK'                            a device alone
///
/// If no answer came (exit code 10), run the same command again. Next: `wardbook patients`, or for a
/// device alone `wardbook --member USER sync`.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct EnrolArgs {
    /// The link, as `wardbook invite` printed it; - reads it from standard input
    pub link: String,
    /// Your name as others see it; your user name if not given
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What this device is called
    #[arg(long, value_name = "NAME", default_value = "device")]
    pub device: String,
    /// Hold this team's charts only, not every chart; may be given again
    #[arg(long = "caseload-team", value_name = "TEAM")]
    pub caseload_teams: Vec<String>,
    #[command(flatten)]
    pub new: NewPassword,
}

#[derive(Subcommand)]
pub enum DeviceCommand {
    /// List devices with their ids: this one, those enrolled, those retired
    List,
    /// End the rights of a device that was lost or given away (admin, on another device)
    ///
    /// The server refuses it at once, and it wipes its keys when it next reaches the server. Until then
    /// passwords and its lease protect what is on it.
    ///
    ///   wardbook --member ana device retire "night tablet"
    ///
    /// Next: `wardbook invite --device-only` for the one that takes its place.
    #[command(verbatim_doc_comment)]
    Retire {
        /// Its name, or the beginning of its id
        device: String,
    },
    /// Show or choose which charts this device holds, besides the organisation's own
    ///
    /// Every chart at first. Fewer make a device that may be lost worth less, and its syncs shorter.
    ///
    ///   wardbook --member ana device caseload --team "Ward 3" --patient "garcia 1957-03-02"
    ///   wardbook --member ana device caseload --all
    ///
    /// Next: `wardbook sync` brings what is missing and removes the rest; the server keeps everything.
    #[command(verbatim_doc_comment)]
    Caseload(CaseloadArgs),
}

#[derive(Args)]
pub struct CaseloadArgs {
    /// Every chart
    #[arg(long, conflicts_with_all = ["patients", "teams"])]
    pub all: bool,
    /// This patient's chart; may be given again
    #[arg(long = "patient", value_name = "PATIENT")]
    pub patients: Vec<String>,
    /// Every chart that this team was given; may be given again
    #[arg(long = "team", value_name = "TEAM")]
    pub teams: Vec<String>,
}

/// Show how long this device may work without the server, and make that longer by telephone
///
/// Each complete sync brings a lease. Once it has ended, only `sync`, `lease`, `doctor` and `enrol`
/// work. Where the server cannot be reached for longer:
///
///   wardbook lease                                                here: shows the request to read out
///   wardbook --member olga lease extend REQUEST --hours 24        an officer, elsewhere: four lines
///   wardbook lease enter --hours 24                               here: asks for the four lines
///
/// Next: `wardbook sync` as soon as that is possible.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, verbatim_doc_comment)]
pub struct LeaseArgs {
    #[command(subcommand)]
    pub command: Option<LeaseCommand>,
}

#[derive(Subcommand)]
pub enum LeaseCommand {
    /// Say how long this device may work offline, with the request for an extension
    Show,
    /// Sign an extension for another device, to be read out to it (officers and admins)
    Extend {
        /// What `wardbook lease` shows on the other device
        request: String,
        /// Hours past the end of its lease, at most 168
        #[arg(long, value_name = "HOURS")]
        hours: u32,
    },
    /// Make this device's lease longer with the code that an officer reads out
    Enter {
        /// The hours that the officer says
        #[arg(long, value_name = "HOURS")]
        hours: u32,
        /// File with the four lines of the code; asked for otherwise
        #[arg(long, value_name = "FILE")]
        code_file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub enum QuarantineCommand {
    /// List what waits: entries that came after their author had lost access, or after the end of their lease
    List {
        /// Also what was decided, by whom and when
        #[arg(long)]
        all: bool,
    },
    /// Let changes count, also ones that were set aside before: those are named by their ids
    Admit(SettleArgs),
    /// Set entries aside; they are kept, and can still be admitted
    Reject(SettleArgs),
}

#[derive(Args)]
pub struct SettleArgs {
    /// The patient, or the chart's id as shown by `wardbook quarantine list`
    #[arg(long, value_name = "PATIENT")]
    pub patient: String,
    /// Only these entries, by at least 6 digits of their ids; all that wait in the chart if not given
    pub entries: Vec<String>,
}

/// Check every signature, hash, right and box in the vault, or prove it against the server's log
///
/// Without --server it needs no connection, and finds damage (exit code 5). With --server it proves
/// instead that everything this device holds is in the log that the server has signed, and that the
/// server has changed nothing of what it said before (exit code 12).
///
///   wardbook --member ana verify
///   wardbook --member ana verify --server
///   wardbook --member ana verify --server --acknowledge           alarms that were looked into
///
/// Next: what each finding says. Whether two devices are shown the same log is seen by comparing the
/// signed notes that --server prints at the end, on both after a sync.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct VerifyArgs {
    /// Prove, instead, that what this device holds is what the server's log says
    #[arg(long)]
    pub server: bool,
    /// Acknowledge the alarms that it shows: syncs show them no more, and this command still does
    #[arg(long, requires = "server")]
    pub acknowledge: bool,
}
