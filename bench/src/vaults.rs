//! Vaults as the measurements need them.

use crate::Fallible;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use wardbook_client::{Access, Created, Credential, Grantee, NewOrganisation, Secret, Session, Vault};

pub const ADMIN: &str = "admin.kim";

pub fn password() -> Secret {
    Secret::new("quiet ambulance velvet orbit".to_owned())
}

pub fn create(folder: &Path) -> Fallible<Vault> {
    let password = password();
    let new = NewOrganisation {
        name: "Saint Mary",
        user: ADMIN,
        display: "Kim Adams",
        password: &password,
        device_name: "bench",
        shares_needed: 2,
        shares_made: 3,
        fips_only: false,
    };
    let Created { vault, .. } = Vault::create(folder, &new)?;
    Ok(vault)
}

pub fn unlock(vault: Vault, user: &str) -> Fallible<Session> {
    Ok(vault.unlock(user, &Credential::Password(&password())).map_err(|(_, error)| error)?)
}

/// Unlocks and says how long that took.
pub fn unlock_timed(vault: Vault, user: &str) -> Fallible<(Session, Duration)> {
    let start = Instant::now();
    let session = unlock(vault, user)?;
    Ok((session, start.elapsed()))
}

/// Makes a team that new charts are shared with, as a ward would.
pub fn ward(session: &mut Session, users: &[&str]) -> Fallible<BTreeMap<Grantee, Access>> {
    let users: Vec<String> = users.iter().map(|user| (*user).to_owned()).collect();
    let team = session.create_team("Ward", &users)?;
    Ok(BTreeMap::from([(Grantee::Team(team), Access::Manage)]))
}
