//! How this browser becomes a device: a new organisation, or an invite to one.

use super::Engine;
use crate::failure::Outcome;
use crate::js::give;
use crate::site;
use crate::state::{State, connect};
use crate::transport::{Browser, origin};
use crate::types::{
    EnrolForm, Enrolled, Failure, FailureKind, LinkKind, LinkLine, NewMemberForm, OrganisationForm, OrganisationMade,
};
use crate::view;
use tsify::Ts;
use wardbook_client::sync::{NewMemberInfo, enrol, fetch_certificate};
use wardbook_client::{Created, Credential, InviteLink, NewOrganisation, Secret, ServerLink, Vault};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

#[wasm_bindgen]
impl Engine {
    /// Says what a link is, before anything is done with it.
    #[wasm_bindgen(js_name = "readLink")]
    pub fn read_link(&self, text: &str) -> Outcome<Ts<LinkLine>> {
        let of_invite = InviteLink::from_text(text.trim()).map(|invite| {
            let here = self.state.vault().is_ok_and(|vault| vault.directory().org() == invite.org);
            (LinkKind::Invite, invite.base.clone(), here)
        });
        let (kind, base, same_organisation) = match of_invite {
            Ok(found) => found,
            // What is said of a text that is neither is said of an invite: that is what people paste here.
            Err(error) => match ServerLink::from_text(text.trim()) {
                Ok(server) => (LinkKind::Server, server.base, false),
                Err(_) => return Err(Failure::invalid(error.to_string())),
            },
        };
        let same_origin = check_origin(&base, origin().as_deref()).is_ok();
        give(&LinkLine { kind, base, same_origin, same_organisation })
    }

    /// Makes an organisation with its first admin, who is unlocked then. Where a link is given it is checked before
    /// anything is made; `putOnServer` uses it, once the page has the site key.
    #[wasm_bindgen(js_name = "createOrganisation")]
    pub fn create_organisation(
        &mut self,
        form: Ts<OrganisationForm>,
        password: String,
    ) -> Outcome<Ts<OrganisationMade>> {
        let (form, password) = (form.to_rust()?, Secret::new(password));
        self.state.check_free()?;
        form.server_link.as_deref().map(server).transpose()?;
        let new = NewOrganisation {
            name: &form.name,
            user: &form.user,
            display: &form.display,
            password: &password,
            device_name: &form.device_name,
            shares_needed: form.shares_needed,
            shares_made: form.shares_made,
            fips_only: form.fips_only,
        };
        let Created { vault, secrets } = Vault::create(site::folder(), &new)?;
        let organisation = vault.directory().org().to_string();
        self.state = State::Locked(Box::new(vault));
        site::hand_over(&self.keep_site_key);
        // The codes are shown whatever becomes of this: the vault is there.
        let _ = self.state.unlock(&form.user, &Credential::Password(&password));
        give(&OrganisationMade {
            organisation,
            recovery_code: secrets.recovery_code,
            root_shares: secrets.root_shares,
            shares_needed: form.shares_needed,
        })
    }

    /// Joins with an invite that brings a new device. Its member, if there is one, is unlocked then and waits for the first
    /// exchange. If no answer came, the same again goes on where it stopped.
    pub fn enrol(&mut self, form: Ts<EnrolForm>, password: Option<String>) -> Outcome<Ts<Enrolled>> {
        let EnrolForm { link, device_name, member, hold_teams } = form.to_rust()?;
        let password = password.map(Secret::new);
        let info = match (&member, &password) {
            (None, _) => None,
            (Some(member), Some(password)) => Some(info(member, password)),
            (Some(_), None) => return Err(Failure::invalid("choose a password")),
        };
        self.state.check_may_join()?;
        let invite = invite(link)?;
        self.state.reopen(site::folder(), &invite, &mut Browser)?;
        site::hand_over(&self.keep_site_key);
        if matches!(self.state, State::Locked(_)) {
            let status = view::device::status(&self.state)?;
            return give(&Enrolled { recovery_code: None, failure: None, key_was_back: true, status });
        }
        let certificate = fetch_certificate(&mut Browser, &invite.fingerprint)?;
        self.discard(false)?;
        // Where somebody has begun, the vault is opened by what goes on with it.
        self.state = State::Empty;
        let joined = enrol(site::folder(), &invite, &mut Browser, &certificate, &device_name, info.as_ref());
        site::hand_over(&self.keep_site_key);
        let joined = match joined {
            Ok(joined) => joined,
            Err(error) => {
                self.look_again();
                return Err(error.into());
            }
        };
        self.state = State::Locked(Box::new(joined.vault));
        let let_in = info.as_ref().map_or(Ok(()), |info| self.let_in(info, &hold_teams));
        self.enrolled(joined.recovery_code, let_in)
    }

    /// Gives up what somebody began to join with, where the server has not answered. The page deletes the site key,
    /// without which the rest is of no use to anybody; the next worker, which does not know it, removes that
    /// (`discardVault`).
    #[wasm_bindgen(js_name = "giveUpJoining")]
    pub fn give_up_joining(&self) -> Outcome<()> {
        if !matches!(self.state, State::Joining) {
            return Err(Failure::new(FailureKind::Conflict, "nobody has begun to join in this browser"));
        }
        site::forget(&self.keep_site_key);
        Ok(())
    }

    /// Joins with an invite for a member alone, on this device, which is enrolled already. They are unlocked then.
    #[wasm_bindgen(js_name = "joinHere")]
    pub fn join_here(&mut self, link: String, member: Ts<NewMemberForm>, password: String) -> Outcome<Ts<Enrolled>> {
        let (member, password) = (member.to_rust()?, Secret::new(password));
        let (info, invite) = (info(&member, &password), invite(link)?);
        let mut vault = self.state.take_vault()?;
        let joined = vault.join_here(&invite, &mut Browser, &info);
        self.state = State::Locked(Box::new(vault));
        let recovery_code = joined?;
        let let_in = self.let_in(&info, &[]);
        self.enrolled(recovery_code, let_in)
    }
}

impl Engine {
    /// Unlocks for who has just joined, and notes the teams whose charts this device is to hold; none for all.
    fn let_in(&mut self, info: &NewMemberInfo<'_>, hold_teams: &[String]) -> Outcome<()> {
        self.state.unlock(info.user, &Credential::Password(info.password))?;
        if let State::Waiting(waiting) = &mut self.state
            && !hold_teams.is_empty()
        {
            waiting.session.hold_teams(hold_teams)?;
        }
        Ok(())
    }

    /// The code is shown once and kept nowhere: it is given, whatever became of letting them in.
    fn enrolled(&self, recovery_code: Option<Zeroizing<String>>, let_in: Outcome<()>) -> Outcome<Ts<Enrolled>> {
        let status = view::device::status(&self.state)?;
        give(&Enrolled { recovery_code, failure: let_in.err(), key_was_back: false, status })
    }

    /// Puts the organisation of this session on a server, or follows that to another address; an exchange comes after it.
    pub(super) fn put_on(&mut self, link: &str) -> Outcome<()> {
        let (server, certificate) = &server(link)?;
        let done = match &mut self.state {
            State::Open(session) => {
                let put = session.set_server(&mut Browser, server, certificate);
                connect(session);
                put
            }
            State::Waiting(waiting) => waiting.session.set_server(&mut Browser, server, certificate),
            _ => return Err(Failure::locked()),
        };
        self.settle(done.map_err(Failure::from))
    }
}

/// The link of a server, with the certificate that it pins.
fn server(text: &str) -> Outcome<(ServerLink, String)> {
    let server = ServerLink::from_text(text.trim()).map_err(|error| Failure::invalid(error.to_string()))?;
    check_origin(&server.base, origin().as_deref())?;
    let certificate = fetch_certificate(&mut Browser, &server.fingerprint)?;
    Ok((server, certificate))
}

/// The text holds a secret, and is wiped.
fn invite(link: String) -> Outcome<InviteLink> {
    let link = Zeroizing::new(link);
    let invite = InviteLink::from_text(link.trim()).map_err(|error| Failure::invalid(error.to_string()))?;
    check_origin(&invite.base, origin().as_deref())?;
    Ok(invite)
}

/// BRW-02: a link is used on a page that came from its own address. Requests go to where the page came from, whatever
/// the link says, and the vault would remember another server than it is on.
fn check_origin(base: &str, origin: Option<&str>) -> Outcome<()> {
    if origin == Some(base) {
        return Ok(());
    }
    let here = origin.unwrap_or("elsewhere");
    Err(Failure::invalid(format!(
        "this link is for {base}, and this page came from {here}: open the link itself in the browser"
    )))
}

fn info<'a>(member: &'a NewMemberForm, password: &'a Secret) -> NewMemberInfo<'a> {
    NewMemberInfo { user: &member.user, display: &member.display, password }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brw_02_a_link_of_another_address_is_not_used() {
        let here = Some("https://ward.local:8443");
        check_origin("https://ward.local:8443", here).unwrap();
        for base in ["https://ward.local", "https://ward.local:8444", "https://ward.local.example:8443", ""] {
            assert_eq!(check_origin(base, here).unwrap_err().kind, FailureKind::Invalid, "{base}");
        }
        let link = ServerLink { base: "https://ward.local:8443".into(), fingerprint: [7; 32], code: String::new() };
        // Outside of a browser no page came from anywhere.
        let refused = server(&link.to_text().unwrap()).map(|_| ()).unwrap_err();
        assert!(refused.message.contains("https://ward.local:8443"), "{}", refused.message);
    }
}
