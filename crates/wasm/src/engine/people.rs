//! Members, teams, invites and policy. With a server they are changed there, at once or not at all.

use super::Engine;
use crate::failure::Outcome;
use crate::js::{count, give, give_all, time};
use crate::transport::Browser;
use crate::types::{InviteForm, InviteLine, InviteMade, Member, Policy, PolicyForm, Role, Team};
use crate::view::people;
use tsify::Ts;
use wardbook_client::Secret;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// All members, also those who left.
    pub fn members(&mut self) -> Outcome<Vec<Ts<Member>>> {
        give_all(&self.with(|session| Ok(people::members(session)))?)
    }

    #[wasm_bindgen(js_name = "retireMember")]
    pub fn retire_member(&mut self, user: &str) -> Outcome<()> {
        self.with(|session| Ok(session.retire_member(user)?))
    }

    #[wasm_bindgen(js_name = "setRole")]
    pub fn set_role(&mut self, user: &str, role: Ts<Role>) -> Outcome<()> {
        let role = role.to_rust()?;
        self.with(|session| Ok(session.set_role(user, role.into())?))
    }

    pub fn teams(&mut self) -> Outcome<Vec<Ts<Team>>> {
        give_all(&self.with(|session| Ok(people::teams(session)))?)
    }

    #[wasm_bindgen(js_name = "createTeam")]
    pub fn create_team(&mut self, name: &str, users: Vec<String>) -> Outcome<()> {
        self.with(|session| Ok(session.create_team(name, &users).map(|_| ())?))
    }

    #[wasm_bindgen(js_name = "addToTeam")]
    pub fn add_to_team(&mut self, team: &str, user: &str) -> Outcome<()> {
        self.with(|session| Ok(session.add_to_team(team, user)?))
    }

    #[wasm_bindgen(js_name = "removeFromTeam")]
    pub fn remove_from_team(&mut self, team: &str, user: &str) -> Outcome<()> {
        self.with(|session| Ok(session.remove_from_team(team, user)?))
    }

    /// Invites that were made, the latest first, and what became of each.
    pub fn invites(&mut self) -> Outcome<Vec<Ts<InviteLine>>> {
        give_all(&self.with(|session| Ok(people::invites(session)))?)
    }

    /// Makes a link that lets somebody join. It is shown once; whoever has it first may join.
    pub fn invite(&mut self, form: Ts<InviteForm>) -> Outcome<Ts<InviteMade>> {
        let form = form.to_rust()?;
        let made = self.with(|session| {
            let what = people::invite_for(session, &form)?;
            Ok(session.invite(&mut Browser, &what)?)
        })?;
        give(&InviteMade { link: made.link, expires_ms: time(made.expires_ms) })
    }

    /// Closes every invite that was not used; gives how many there were.
    #[wasm_bindgen(js_name = "withdrawInvites")]
    pub fn withdraw_invites(&mut self) -> Outcome<u32> {
        self.with(|session| Ok(count(session.withdraw_invites(&mut Browser)?)))
    }

    pub fn policy(&mut self) -> Outcome<Ts<Policy>> {
        give(&self.with(|session| Ok(people::policy(session)))?)
    }

    /// Holds for every password that is set, and every lease that is given, from now on.
    #[wasm_bindgen(js_name = "setPolicy")]
    pub fn set_policy(&mut self, form: Ts<PolicyForm>) -> Outcome<Ts<Policy>> {
        let form = form.to_rust()?;
        self.with(|session| {
            let rules = people::changed_policy(session, &form);
            Ok(session.set_policy(rules)?)
        })?;
        self.policy()
    }

    /// With enough root shares, makes a member an admin: for an organisation that has lost its admins.
    #[wasm_bindgen(js_name = "appointAdmin")]
    pub fn appoint_admin(&mut self, user: &str, shares: Vec<String>) -> Outcome<()> {
        let shares: Vec<_> = shares.into_iter().map(Secret::new).collect();
        self.with(|session| Ok(session.appoint_admin(user, &shares)?))
    }
}
