//! What this browser is, and who has unlocked it.

use crate::failure::Outcome;
use crate::js::{count, time};
use crate::state::State;
use crate::types::{DeviceStatus, LeaseLine, Me, Opened, Repaired, Role, Unusable, VaultLine, Waiting};
use wardbook_client::{Session, Vault};

/// # Errors
/// The disk's.
pub fn status(state: &State) -> Outcome<DeviceStatus> {
    Ok(match state {
        State::Empty => DeviceStatus::Empty,
        State::Joining => DeviceStatus::Joining,
        State::Unusable(failure) => DeviceStatus::Unusable(Unusable { failure: failure.clone() }),
        State::Locked(vault) => DeviceStatus::Locked(line(vault)?),
        State::Waiting(waiting) => {
            let vault = line(waiting.session.vault())?;
            DeviceStatus::Waiting(Waiting { vault, user: waiting.user.clone() })
        }
        State::Open(session) => {
            let (vault, device_name) = (line(session.vault())?, device_name(session));
            DeviceStatus::Open(Opened { vault, device_name, me: me(session) })
        }
    })
}

/// The name of this device.
pub fn device_name(session: &Session) -> String {
    let here = session.devices().into_iter().find(|device| device.here);
    here.map_or_else(|| session.vault().device_id().to_string(), |device| device.name)
}

fn line(vault: &Vault) -> Outcome<VaultLine> {
    Ok(VaultLine {
        organisation: vault.directory().org().to_string(),
        server: vault.server_base().map(str::to_owned),
        lease: vault.lease().as_ref().map(LeaseLine::from),
        unsent: if vault.has_server() { count(vault.unsent()?) } else { 0 },
        synced_ms: vault.last_synced_ms().map(time),
        failed_attempts: vault.device_state().failures,
        repaired: vault.repaired().map(|repair| Repaired { kept: count(repair.kept), lost: count(repair.lost) }),
    })
}

fn me(session: &Session) -> Me {
    let id = session.me();
    let (user, name) = session.member_name(&id);
    let teams = session.my_teams().iter().map(|team| session.team_name(team)).collect();
    // Whoever has left does not unlock; a role that was taken away since leaves reading at most.
    let role = session.role().map_or(Role::Reader, Role::from);
    Me { id: id.to_string(), user, name, role, teams }
}
