//! What admins do: rights of people, teams and devices, and who joins. All of it needs the server.

use crate::Failure;
use crate::device::Device;
use crate::template::{ADMINS, CERTIFICATE, PASSWORD, Person, folder_of, join};
use crate::world::World;
use std::rc::Rc;
use wardbook_client::sync::{InviteFor, NewMemberInfo, enrol};
use wardbook_client::{Credential, Error, InviteLink, Role, Secret, TeamId};
use wardbook_store::memory;

const TEAMS: [&str; 4] = ["north", "south", "crew", "clinic"];
/// Devices that are retired in one run, at most: an eighth.
const RETIRED_PART: usize = 8;
/// Devices that join in one run, at most.
const JOINED_MAX: usize = 6;
/// How often somebody tries again whose answer was lost.
const TRIES: usize = 3;

impl World {
    pub fn administer(&mut self) -> Result<(), Failure> {
        let Some(device) = self.device_online() else { return Ok(()) };
        let kind = self.chance.below(100);
        match kind {
            0..25 => self.add_to_team(device),
            25..45 => self.enrol_device(device),
            45..50 if self.options.newcomers => self.enrol_member(device),
            50..70 if self.options.revocations => self.remove_from_team(device),
            70..80 if self.options.revocations => self.change_role(device),
            80..86 if self.options.revocations => self.retire_member(device),
            86..92 if self.options.revocations => self.retire_device(device),
            _ => self.extend_lease(device),
        }
    }

    /// Nobody of whom the rest of the run depends.
    fn plain_person(&mut self) -> Option<(usize, String)> {
        let first = ADMINS + 2;
        let number = first + usize::try_from(self.chance.below((self.people.len() - first) as u64)).ok()?;
        self.people.get(number).map(|person| (number, person.user.clone()))
    }

    fn team(&mut self) -> &'static str {
        self.chance.pick(&TEAMS).copied().unwrap_or("north")
    }

    fn add_to_team(&mut self, device: usize) -> Result<(), Failure> {
        let (admin, team) = (self.some_admin(), self.team());
        let Some((_, user)) = self.plain_person() else { return Ok(()) };
        self.attempt(device, admin, "add to team", |session| session.add_to_team(team, &user))?;
        Ok(())
    }

    fn remove_from_team(&mut self, device: usize) -> Result<(), Failure> {
        let (admin, team) = (self.some_admin(), self.team());
        let Some((_, user)) = self.plain_person() else { return Ok(()) };
        // The answer may be lost: then nobody knows whether it was done.
        self.model.losses = true;
        self.attempt(device, admin, "remove from team", |session| session.remove_from_team(team, &user))?;
        Ok(())
    }

    fn change_role(&mut self, device: usize) -> Result<(), Failure> {
        let admin = self.some_admin();
        let role = self.chance.pick(&[Role::Reader, Role::Clinician, Role::Clinician, Role::Officer]).copied();
        let (Some((_, user)), Some(role)) = (self.plain_person(), role) else { return Ok(()) };
        self.model.losses = true;
        self.attempt(device, admin, "change role", |session| session.set_role(&user, role))?;
        Ok(())
    }

    fn retire_member(&mut self, device: usize) -> Result<(), Failure> {
        let admin = self.some_admin();
        let Some((_, user)) = self.plain_person() else { return Ok(()) };
        self.model.losses = true;
        self.attempt(device, admin, "retire member", |session| session.retire_member(&user))?;
        Ok(())
    }

    fn retire_device(&mut self, device: usize) -> Result<(), Failure> {
        let gone = self.devices.iter().filter(|device| device.gone).count();
        let target = usize::try_from(self.chance.below(self.devices.len() as u64)).unwrap_or(0);
        // The first device stays, to compare the others with.
        if target == 0 || target == device || gone >= self.devices.len() / RETIRED_PART {
            return Ok(());
        }
        let Some(id) = self.devices.get(target).filter(|device| !device.gone).and_then(Device::id) else {
            return Ok(());
        };
        let admin = self.some_admin();
        self.model.losses = true;
        self.attempt(device, admin, "retire device", |session| session.retire_device(id))?;
        Ok(())
    }

    /// A new device by an invite; gives its number where it joined.
    pub fn enrol_device(&mut self, device: usize) -> Result<(), Failure> {
        if self.devices.len() >= self.options.devices + JOINED_MAX {
            return Ok(());
        }
        self.enrol_by(device).map(|_| ())
    }

    /// As [`World::enrol_device`], however many there are.
    pub fn enrol_by(&mut self, device: usize) -> Result<Option<usize>, Failure> {
        let (admin, mut link) = (self.some_admin(), self.net.link(device));
        let what = InviteFor { member: None, device: true, hours: 48 };
        let invited = self.attempt(device, admin, "invite", |session| session.invite(&mut link, &what))?;
        let Some(invited) = invited else { return Ok(None) };
        let number = self.add_device();
        let net = Rc::clone(&self.net);
        let mut vault = join(&invited.link, &net, number);
        for _ in 0..TRIES {
            if matches!(vault, Err(Error::Offline(_))) {
                vault = join(&invited.link, &net, number);
            }
        }
        if self.judge(number, "enrol", vault)?.is_none() {
            self.give_up(number);
            return Ok(None);
        }
        self.sync_as(number, admin)?;
        Ok(Some(number))
    }

    /// A new member on a new device.
    fn enrol_member(&mut self, device: usize) -> Result<(), Failure> {
        let (admin, mut link) = (self.some_admin(), self.net.link(device));
        let at = usize::try_from(self.chance.below(TEAMS.len() as u64)).unwrap_or(0);
        let invited = self.attempt(device, admin, "invite", |session| {
            let teams = session.teams().into_iter().filter(|team| team.name != "Everyone").map(|team| team.id);
            let teams: Vec<TeamId> = teams.skip(at).take(1).collect();
            let what = InviteFor { member: Some((Role::Clinician, teams)), device: true, hours: 48 };
            session.invite(&mut link, &what)
        })?;
        let Some(invited) = invited else { return Ok(()) };
        let number = self.add_device();
        let user = format!("newcomer-{number}");
        let joined = self.join_as(number, &invited.link, &user);
        let Some(person) = self.judge(number, "enrol", joined)? else {
            self.give_up(number);
            return Ok(());
        };
        self.people.push(person);
        if let Some(device) = self.devices.get_mut(number) {
            device.people.push(self.people.len() - 1);
        }
        Ok(())
    }

    fn join_as(&self, number: usize, link: &str, user: &str) -> Result<Person, Error> {
        let mut way = self.net.link(number);
        let invite = InviteLink::from_text(link).map_err(|error| Error::Invalid(error.to_string()))?;
        let password = Secret::new(PASSWORD.to_owned());
        let info = NewMemberInfo { user, display: user, password: &password };
        let name = format!("device-{number}");
        let joined = enrol(&folder_of(number), &invite, &mut way, CERTIFICATE, &name, Some(&info))?;
        let unlocked = joined.vault.unlock_to_sync(user, &Credential::Password(&password));
        let mut only = unlocked.map_err(|(_, error)| error)?;
        only.sync(&mut way, &mut |_| {})?;
        let session = only.into_session().map_err(|(_, error)| error)?;
        Ok(Person { user: user.to_owned(), member: session.me(), key: session.key_for_simulation() })
    }

    fn add_device(&mut self) -> usize {
        let number = self.devices.len();
        let people = (0..2).map(|_| self.chance.below(self.people.len() as u64)).collect::<Vec<_>>();
        let people = people.into_iter().filter_map(|person| usize::try_from(person).ok()).collect();
        let device = Device::new(number, people);
        device.set_clock(&self.net);
        self.devices.push(device);
        self.net.set_online(number, true);
        number
    }

    /// Whoever could not join begins again, with another invite.
    fn give_up(&mut self, number: usize) {
        memory::remove(&folder_of(number));
        if let Some(device) = self.devices.get_mut(number) {
            device.close();
            device.gone = true;
        }
    }

    /// An officer reads a code out to somebody who cannot reach the server.
    fn extend_lease(&mut self, device: usize) -> Result<(), Failure> {
        let offline: Vec<_> = (1..self.devices.len()).filter(|number| self.is_alive(*number)).collect();
        let Some(target) = self.chance.pick(&offline).copied().filter(|target| *target != device) else {
            return Ok(());
        };
        let Some(person) = self.person_on(target) else { return Ok(()) };
        let lease = self.attempt(target, person, "tell lease", |session| Ok(session.vault().lease()))?;
        let (Some(lease), hours) = (lease.flatten(), 12) else { return Ok(()) };
        let code = self
            .working(device, 2, "sign extension", |session| session.sign_extension(lease.device, lease.lease, hours))?;
        let lines: Vec<_> = code.into_iter().flatten().map(|line| Secret::new(line.as_str().to_owned())).collect();
        let Some(held) = self.devices.get_mut(target).filter(|_| !lines.is_empty()) else { return Ok(()) };
        held.set_clock(&self.net);
        let done = held.extend_lease(hours, &lines);
        self.judge(target, "extend lease", done)?;
        Ok(())
    }
}
