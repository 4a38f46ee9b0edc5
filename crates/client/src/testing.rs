//! What unit tests begin with.

use crate::record::json::Json;
use crate::record::resource::Resource;
use crate::{Access, Credential, Grantee, NewOrganisation, Secret, Session, Vault};
use std::path::Path;
use wardbook_core::chart::Grants;

/// Makes an organisation in a vault folder. Ana, its first member, has unlocked; with her recovery code, which opens
/// without the derivation of a password.
pub fn ana(folder: &Path) -> (Session, Secret) {
    let new = NewOrganisation {
        name: "Harbour",
        user: "ana",
        display: "Ana",
        password: &Secret::new("quiet ambulance velvet orbit".to_owned()),
        device_name: "tablet",
        shares_needed: 2,
        shares_made: 3,
        fips_only: false,
    };
    let created = Vault::create(folder, &new).unwrap();
    let code = Secret::new(created.secrets.recovery_code.as_str().to_owned());
    (unlock(created.vault, "ana", &code), code)
}

pub fn unlock(vault: Vault, user: &str, code: &Secret) -> Session {
    vault.unlock(user, &Credential::RecoveryCode(code)).map_err(|(_, error)| error).unwrap()
}

/// A chart of whoever makes it alone.
pub fn to_me(session: &Session) -> Grants {
    [(Grantee::Member(session.me()), Access::Manage)].into()
}

pub fn resource(text: &str) -> Resource {
    Resource::from_json(Json::parse(text.as_bytes()).unwrap(), None).unwrap()
}
