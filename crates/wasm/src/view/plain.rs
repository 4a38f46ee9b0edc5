//! What `client` names, as a screen is given it, and back.

use crate::js::time;
use crate::types::{
    Access, ChartRole, Delivery, EntryKind, Finding, Flag, Identifier, LeaseLine, LeaseStanding, LineParts, Role,
};
use wardbook_client as client;
use wardbook_client::record;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::record::summary;

impl From<client::Role> for Role {
    fn from(role: client::Role) -> Self {
        match role {
            client::Role::Reader => Self::Reader,
            client::Role::Clinician => Self::Clinician,
            client::Role::Officer => Self::Officer,
            client::Role::Admin => Self::Admin,
        }
    }
}

impl From<Role> for client::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Reader => Self::Reader,
            Role::Clinician => Self::Clinician,
            Role::Officer => Self::Officer,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<client::Access> for Access {
    fn from(access: client::Access) -> Self {
        match access {
            client::Access::Read => Self::Read,
            client::Access::Write => Self::Write,
            client::Access::Manage => Self::Manage,
        }
    }
}

impl From<Access> for client::Access {
    fn from(access: Access) -> Self {
        match access {
            Access::Read => Self::Read,
            Access::Write => Self::Write,
            Access::Manage => Self::Manage,
        }
    }
}

impl From<client::ChartRole> for ChartRole {
    fn from(role: client::ChartRole) -> Self {
        match role {
            client::ChartRole::Patient => Self::Patient,
            client::ChartRole::Organisation => Self::Organisation,
            client::ChartRole::Unfiled => Self::Unfiled,
        }
    }
}

impl From<client::Delivery> for Delivery {
    fn from(delivery: client::Delivery) -> Self {
        match delivery {
            client::Delivery::Refused => Self::Refused,
            client::Delivery::Here => Self::Here,
            client::Delivery::Sent => Self::Sent,
            client::Delivery::Seen => Self::Seen,
        }
    }
}

impl From<client::EntryKind> for EntryKind {
    fn from(kind: client::EntryKind) -> Self {
        match kind {
            client::EntryKind::Genesis => Self::Genesis,
            client::EntryKind::Change => Self::Change,
            client::EntryKind::Grant => Self::Grant,
            client::EntryKind::Rekey => Self::Rekey,
            client::EntryKind::Admit => Self::Admit,
            client::EntryKind::Reject => Self::Reject,
        }
    }
}

impl From<summary::Flag> for Flag {
    fn from(flag: summary::Flag) -> Self {
        match flag {
            summary::Flag::Low => Self::Low,
            summary::Flag::High => Self::High,
            summary::Flag::CriticalLow => Self::CriticalLow,
            summary::Flag::CriticalHigh => Self::CriticalHigh,
            summary::Flag::Abnormal => Self::Abnormal,
        }
    }
}

impl From<&client::Finding> for Finding {
    fn from(finding: &client::Finding) -> Self {
        Self { what: finding.what.clone(), reason: finding.reason.clone() }
    }
}

impl From<&client::sync::LeaseInfo> for LeaseLine {
    fn from(info: &client::sync::LeaseInfo) -> Self {
        let (standing, behind) = match info.standing {
            client::LeaseStanding::Holds { .. } => (LeaseStanding::Holds, None),
            client::LeaseStanding::Ended { .. } => (LeaseStanding::Ended, None),
            client::LeaseStanding::ClockBack { by_ms } => (LeaseStanding::ClockBack, Some(by_ms / 60_000)),
        };
        Self {
            standing,
            until_ms: time(info.until_ms),
            behind_minutes: behind.map(|minutes| u32::try_from(minutes).unwrap_or(u32::MAX)),
            request: info.request(),
        }
    }
}

/// One line about a resource; where it was deleted, its type alone.
pub fn line_parts(key: &ResourceKey, json: Option<&Json>) -> LineParts {
    let said = json.map(|json| summary::LineParts::of(key, json)).unwrap_or_default();
    LineParts {
        kind: key.kind.clone(),
        what: said.what,
        value: said.value,
        flag: said.flag.map(Flag::from),
        day: said.when.map(|when| when.day().to_owned()),
        status: said.status,
    }
}

/// Those that say what they are come first.
pub fn identifiers(held: &[record::cover::Identifier]) -> Vec<Identifier> {
    let plain = |held: &record::cover::Identifier| Identifier {
        label: held.label.clone(),
        value: held.value.clone(),
        system: held.system.clone(),
    };
    let (labelled, others): (Vec<_>, Vec<_>) = held.iter().partition(|held| held.label.is_some());
    labelled.into_iter().chain(others).map(plain).collect()
}
