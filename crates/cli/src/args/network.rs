//! Arguments of what has to do with a server and other devices.

use super::{NewPassword, RoleArg};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args)]
pub struct SyncArgs {
    /// Stay, and exchange as soon as anybody has written something
    #[arg(long)]
    pub watch: bool,
}

#[derive(Args)]
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

#[derive(Args)]
#[command(
    after_help = "Who joins as a member names themself with --member USER and types a new password, which may come \
from --new-password-file. An invite for a device alone asks for nothing."
)]
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
    /// List devices
    List,
    /// End a device's rights: the server refuses it at once, and it wipes its keys when it next reaches the server
    Retire {
        /// Its name, or the beginning of its id
        device: String,
    },
    /// Show or choose which charts this device holds
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

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LeaseArgs {
    #[command(subcommand)]
    pub command: Option<LeaseCommand>,
}

#[derive(Subcommand)]
pub enum LeaseCommand {
    /// Say how long this device may work offline
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
    List,
    /// Let changes count
    Admit(SettleArgs),
    /// Set entries aside; they are kept, and can still be admitted
    Reject(SettleArgs),
}

#[derive(Args)]
pub struct SettleArgs {
    /// The patient, or the chart's id as shown by `wardbook quarantine list`
    #[arg(long, value_name = "PATIENT")]
    pub patient: String,
    /// Only these entries, by the beginning of their ids
    pub entries: Vec<String>,
}

#[derive(Args)]
pub struct VerifyArgs {
    /// Also prove that what this device holds is what the server's log says
    #[arg(long)]
    pub server: bool,
}
