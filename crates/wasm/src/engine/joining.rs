//! How this browser becomes a device: a new organisation, or an invite to one.

use super::Engine;
use super::exchange::teller;
use crate::failure::Outcome;
use crate::js::give;
use crate::site;
use crate::state::{State, connect};
use crate::transport::{Browser, origin};
use crate::types::{
    DeviceStatus, EnrolForm, Enrolled, Failure, FailureKind, LinkKind, LinkLine, NewMemberForm, OrganisationForm,
    OrganisationMade,
};
use crate::view;
use js_sys::Function;
use tsify::Ts;
use wardbook_client::sync::{NewMemberInfo, SyncProgress, enrol, fetch_certificate};
use wardbook_client::{Created, Credential, InviteLink, NewOrganisation, Secret, ServerLink, Vault};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// What somebody joins with, apart from the form.
struct Newcomer<'a> {
    user: &'a str,
    password: &'a Secret,
    /// Teams whose charts this device is to hold; empty for all.
    hold_teams: &'a [String],
}

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

    /// Makes an organisation with its first admin, who is unlocked then, and puts it on a server where a link is given.
    #[wasm_bindgen(js_name = "createOrganisation")]
    pub fn create_organisation(
        &mut self,
        form: Ts<OrganisationForm>,
        password: String,
    ) -> Outcome<Ts<OrganisationMade>> {
        let (form, password) = (form.to_rust()?, Secret::new(password));
        self.state.check_free()?;
        // The link is checked before anything is made.
        let server = form.server_link.as_deref().map(server).transpose()?;
        self.discard(false)?;
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
        // The codes below are shown whatever happens from here on: the vault is there.
        let opened = self.state.unlock(&form.user, &Credential::Password(&password));
        let put = opened.and_then(|()| server.map_or(Ok(()), |server| self.put_on(&server)));
        give(&OrganisationMade {
            organisation,
            recovery_code: secrets.recovery_code,
            root_shares: secrets.root_shares,
            shares_needed: form.shares_needed,
            server_failure: put.err(),
            status: view::device::status(&self.state)?,
        })
    }

    /// Joins with an invite that brings a new device, and fetches the charts. If no answer came, the same again goes on
    /// where it stopped.
    pub fn enrol(
        &mut self,
        form: Ts<EnrolForm>,
        password: Option<String>,
        #[wasm_bindgen(unchecked_param_type = "(progress: SyncProgress) => void")] on_progress: &Function,
    ) -> Outcome<Ts<Enrolled>> {
        let EnrolForm { link, device_name, member, hold_teams } = form.to_rust()?;
        let password = password.map(Secret::new);
        let newcomer = match (&member, &password) {
            (None, _) => None,
            (Some(member), Some(password)) => {
                Some((member, Newcomer { user: &member.user, password, hold_teams: &hold_teams }))
            }
            (Some(_), None) => return Err(Failure::invalid("choose a password")),
        };
        self.state.check_may_join()?;
        let invite = invite(link)?;
        let certificate = fetch_certificate(&mut Browser, &invite.fingerprint)?;
        let info = newcomer.as_ref().map(|(member, newcomer)| info(member, newcomer));
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
        let mut recovery_code = joined.recovery_code;
        let progress = &mut teller(on_progress);
        let synced = newcomer.map(|(_, newcomer)| self.first_sync(&newcomer, &mut recovery_code, progress));
        self.enrolled(recovery_code, synced)
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

    /// Joins with an invite for a member alone, on this device, which is enrolled already.
    #[wasm_bindgen(js_name = "joinHere")]
    pub fn join_here(&mut self, link: String, member: Ts<NewMemberForm>, password: String) -> Outcome<Ts<Enrolled>> {
        let (member, password) = (member.to_rust()?, Secret::new(password));
        let newcomer = Newcomer { user: &member.user, password: &password, hold_teams: &[] };
        let invite = invite(link)?;
        let mut vault = self.state.take_vault()?;
        let joined = vault.join_here(&invite, &mut Browser, &info(&member, &newcomer));
        self.state = State::Locked(Box::new(vault));
        let mut recovery_code = joined?;
        let synced = self.first_sync(&newcomer, &mut recovery_code, &mut |_| {});
        self.enrolled(recovery_code, Some(synced))
    }
}

impl Engine {
    /// Fetches the charts of who has just joined. The code of a first attempt whose answer was lost was never shown:
    /// then a new one is made.
    fn first_sync(
        &mut self,
        newcomer: &Newcomer<'_>,
        code: &mut Option<Zeroizing<String>>,
        progress: &mut dyn FnMut(&SyncProgress),
    ) -> Outcome<()> {
        self.state.unlock(newcomer.user, &Credential::Password(newcomer.password))?;
        if let State::Waiting(waiting) = &mut self.state
            && !newcomer.hold_teams.is_empty()
        {
            waiting.session.hold_teams(newcomer.hold_teams)?;
        }
        self.exchange(progress)?;
        if code.is_none() {
            *code = Some(self.with(|session| Ok(session.new_recovery_code()?))?);
            self.exchange(&mut |_| {})?;
        }
        Ok(())
    }

    /// The code is shown once and kept nowhere: it is given, whatever became of the sync.
    fn enrolled(
        &mut self,
        recovery_code: Option<Zeroizing<String>>,
        synced: Option<Outcome<()>>,
    ) -> Outcome<Ts<Enrolled>> {
        let sync_failure = synced.and_then(Result::err);
        let status: DeviceStatus = view::device::status(&self.state)?;
        give(&Enrolled { recovery_code, sync_failure, status })
    }

    /// Puts the organisation of this session on a server, and hands everything in.
    pub(super) fn put_on(&mut self, server: &(ServerLink, String)) -> Outcome<()> {
        let (server, certificate) = server;
        let done = match &mut self.state {
            State::Open(session) => {
                let put = session.set_server(&mut Browser, server, certificate);
                connect(session);
                put
            }
            State::Waiting(waiting) => waiting.session.set_server(&mut Browser, server, certificate),
            _ => return Err(Failure::locked()),
        };
        self.settle(done.map_err(Failure::from))?;
        self.exchange(&mut |_| {}).map(|_| ())
    }
}

/// The link of a server, with the certificate that it pins.
pub(super) fn server(text: &str) -> Outcome<(ServerLink, String)> {
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

fn info<'a>(member: &'a NewMemberForm, newcomer: &Newcomer<'a>) -> NewMemberInfo<'a> {
    NewMemberInfo { user: &member.user, display: &member.display, password: newcomer.password }
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
