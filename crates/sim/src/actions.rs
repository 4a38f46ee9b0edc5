//! What people do on a device: write, share, exchange, settle what waits.

use crate::Failure;
use crate::world::World;
use std::borrow::Cow;
use std::collections::BTreeMap;
use wardbook_client::record::element;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::{Resource, ResourceKey};
use wardbook_client::sync::{Caseload, SyncReport};
use wardbook_client::{Access, Error, Grantee, Session, TeamId, VersionRef};
use wardbook_wire::ChartId;

/// Few, so that devices often change the same one apart.
const ELEMENTS: [&str; 4] = ["status", "valueString", "code.text", "method.text"];
/// Charts of one run, at most, for each device and for all.
const CHARTS_MAX: usize = 24;

impl World {
    pub fn act(&mut self, device: usize) -> Result<(), Failure> {
        if !self.is_alive(device) {
            return Ok(());
        }
        if self.model.charts.len() < 3 {
            return self.new_chart(device);
        }
        match self.chance.below(100) {
            0..40 => self.edit(device),
            40..45 => self.new_chart(device),
            45..50 => self.delete(device),
            50..56 => self.resolve(device),
            56..62 => self.grant(device),
            62..67 => self.revoke(device),
            67..87 => self.sync(device),
            87..92 => self.crash(device),
            92..94 => self.full_disk(device),
            94..97 => self.settle_waiting(device),
            _ => self.choose_caseload(device),
        }
    }

    /// A chart of the model that is on the device.
    fn chart_on(&mut self, device: usize) -> Option<usize> {
        let held = self.devices.get(device)?;
        let charts = self.model.charts.iter().enumerate();
        let charts: Vec<_> = charts.filter(|(_, chart)| !held.rows(chart.id).is_empty()).map(|(at, _)| at).collect();
        self.chance.pick(&charts).copied()
    }

    fn place(&mut self, device: usize) -> Option<(usize, usize, ChartId)> {
        let (person, chart) = (self.person_on(device)?, self.chart_on(device)?);
        self.model.charts.get(chart).map(|held| (person, chart, held.id))
    }

    pub fn edit(&mut self, device: usize) -> Result<(), Failure> {
        match self.place(device) {
            Some((person, chart, _)) => self.edit_as(device, person, chart).map(|_| ()),
            None => Ok(()),
        }
    }

    /// True if it was acknowledged.
    pub fn edit_as(&mut self, device: usize, person: usize, chart: usize) -> Result<bool, Failure> {
        let Some((id, key)) = self.model.target(chart, &mut self.chance) else { return Ok(false) };
        let marker = format!("m{}", self.model.number());
        let path = self.chance.pick(&ELEMENTS).copied().unwrap_or("status");
        let heads = self.working(device, person, "edit", |session| edit(session, id, &key, path, &marker))?;
        let done = heads.is_some();
        self.wrote(device, person, chart, &key, &marker, heads)?;
        Ok(done)
    }

    fn delete(&mut self, device: usize) -> Result<(), Failure> {
        let Some((person, chart, id)) = self.place(device) else { return Ok(()) };
        let Some((_, key)) = self.model.target(chart, &mut self.chance) else { return Ok(()) };
        // A chart without its patient could not be found by them any more.
        if key.kind == "Patient" {
            return Ok(());
        }
        let heads = self.working(device, person, "delete", |session| {
            session.delete(id, &key)?;
            Ok(session.heads(id, &key))
        })?;
        self.wrote(device, person, chart, &key, "", heads)
    }

    fn resolve(&mut self, device: usize) -> Result<(), Failure> {
        let Some((person, chart, id)) = self.place(device) else { return Ok(()) };
        let done = self.working(device, person, "resolve", |session| resolve(session, id))?;
        match done.flatten() {
            Some((key, heads)) => self.wrote(device, person, chart, &key, "", Some(heads)),
            None => {
                self.note(device, chart);
                Ok(())
            }
        }
    }

    pub fn new_chart(&mut self, device: usize) -> Result<(), Failure> {
        let Some(person) = self.person_on(device).filter(|_| self.model.charts.len() < CHARTS_MAX) else {
            return Ok(());
        };
        let (number, marker) = (self.model.number(), format!("m{}", self.model.number()));
        let patient = format!("p{number}");
        let text = format!(
            r#"{{"resourceType":"Patient","id":"{patient}","name":[{{"family":"{marker}"}}],"birthDate":"1980-01-01"}}"#
        );
        let path = self.folder.path().join(format!("{patient}.json"));
        std::fs::write(&path, text)?;
        let key = ResourceKey { kind: "Patient".to_owned(), id: patient.clone() };
        let (with_team, all) = (self.chance.below(4), self.chance.happens(300));
        let made = self.working(device, person, "new chart", |session| {
            let mut to = BTreeMap::from([(Grantee::Member(session.me()), Access::Manage)]);
            for (at, team) in teams(session).into_iter().enumerate() {
                if all || at as u64 == with_team {
                    to.insert(Grantee::Team(team), Access::Write);
                }
            }
            let report = session.import(std::slice::from_ref(&path), &to, &mut |_| {})?;
            if report.charts_new != 1 {
                return Err(Error::Invalid("the chart was not opened".into()));
            }
            let id = session.find_chart(&patient)?;
            let heads = session.chart(id)?.view(&key).map(|view| view.heads).unwrap_or_default();
            Ok((id, heads))
        })?;
        std::fs::remove_file(&path)?;
        let Some((id, heads)) = made else { return Ok(()) };
        let rows = self.devices.get(device).map(|device| device.rows(id)).unwrap_or_default();
        let chart = self.model.add_chart(id, key.clone(), &rows);
        self.wrote(device, person, chart, &key, &marker, Some(heads))
    }

    fn grant(&mut self, device: usize) -> Result<(), Failure> {
        let Some((person, chart, id)) = self.place(device) else { return Ok(()) };
        let member = self.chance.pick(&self.people).map(|person| person.member);
        let (team, to_team) = (self.chance.below(4), self.chance.happens(400));
        let access = self.chance.pick(&[Access::Read, Access::Write, Access::Write, Access::Manage]).copied();
        let (Some(member), Some(access)) = (member, access) else { return Ok(()) };
        self.working(device, person, "grant", |session| {
            let team = teams(session).get(usize::try_from(team).unwrap_or(0)).copied();
            let to = team.filter(|_| to_team).map_or(Grantee::Member(member), Grantee::Team);
            session.grant(id, to, access)
        })?;
        self.note(device, chart);
        Ok(())
    }

    fn revoke(&mut self, device: usize) -> Result<(), Failure> {
        if !self.options.revocations {
            return self.edit(device);
        }
        let Some((person, chart, id)) = self.place(device) else { return Ok(()) };
        let grants = self.model.charts.get(chart).map(|chart| chart.grants.keys().copied().collect::<Vec<_>>());
        let Some(from) = self.chance.pick(&grants.unwrap_or_default()).copied() else { return Ok(()) };
        self.working(device, person, "revoke", |session| session.revoke(id, from))?;
        self.note(device, chart);
        Ok(())
    }

    pub fn sync(&mut self, device: usize) -> Result<(), Failure> {
        let Some(person) = self.person_on(device).filter(|_| self.is_alive(device)) else { return Ok(()) };
        if self.chance.happens(250) {
            let calls = u32::try_from(self.chance.below(5)).unwrap_or(0);
            self.net.break_after(device, Some(calls));
        }
        let done = self.sync_as(device, person);
        self.net.break_after(device, None);
        done.map(|_| ())
    }

    /// One exchange by a person; None where it did not come to its end.
    pub fn sync_as(&mut self, device: usize, person: usize) -> Result<Option<SyncReport>, Failure> {
        let mut link = self.net.link(device);
        let report = self.attempt(device, person, "sync", |session| session.sync(&mut link, &mut |_| {}))?;
        let Some(report) = report else { return Ok(None) };
        self.report.syncs += 1;
        self.report.entries += report.sent as u64;
        self.report.renewals += u64::from(report.renewed);
        self.check_alarms(device, &report)?;
        Ok(Some(report))
    }

    /// Alarms stay: once raised, every report has them.
    fn check_alarms(&mut self, device: usize, report: &SyncReport) -> Result<(), Failure> {
        let Some(alarm) = report.alarms.first().filter(|_| !self.net.had_garbled_proof(device)) else { return Ok(()) };
        if self.victims.is_empty() {
            return Err(Failure::new("I4", format!("device {device} blames an honest server or member: {alarm}")));
        }
        self.report.detections += 1;
        Ok(())
    }

    /// An officer, or who manages a chart, lets count what waits in it, or sets it aside.
    fn settle_waiting(&mut self, device: usize) -> Result<(), Failure> {
        let officer = self.chance.happens(700).then_some(2);
        let Some(person) = officer.or_else(|| self.person_on(device)) else { return Ok(()) };
        let admits = self.chance.happens(700);
        let settled = self.working(device, person, "settle", |session| {
            let waiting: Vec<_> = session.quarantine()?.into_iter().map(|held| held.chart).collect();
            let Some(chart) = waiting.first().copied() else { return Ok(None) };
            if admits {
                session.admit(chart, None)?
            } else {
                session.reject(chart, None)?
            };
            Ok(Some(chart))
        })?;
        let settled = settled.flatten();
        let chart = self.model.charts.iter().position(|chart| Some(chart.id) == settled);
        chart.into_iter().for_each(|chart| self.note(device, chart));
        Ok(())
    }

    /// From now on the device holds some charts, or all again; what it need not hold may be removed.
    fn choose_caseload(&mut self, device: usize) -> Result<(), Failure> {
        let Some(person) = self.person_on(device).filter(|_| self.options.caseloads) else { return Ok(()) };
        let charts: Vec<_> = self.model.charts.iter().map(|chart| chart.id).collect();
        let wanted: Vec<_> = charts.iter().copied().filter(|_| self.chance.happens(500)).collect();
        let (some, evicted) = (self.chance.happens(600), self.chance.pick(&charts).copied());
        if let Some(device) = self.devices.get_mut(device) {
            device.picky = true;
        }
        self.working(device, person, "caseload", |session| {
            let teams = teams(session).into_iter().take(1).collect();
            session.set_caseload(if some { Caseload::Some { charts: wanted, teams } } else { Caseload::All })?;
            match evicted.filter(|_| some) {
                Some(chart) => session.evict(chart),
                None => Ok(()),
            }
        })?;
        Ok(())
    }

    /// Puts a write that was acknowledged into the ledger, and takes note of what it made.
    fn wrote(
        &mut self,
        device: usize,
        person: usize,
        chart: usize,
        key: &ResourceKey,
        marker: &str,
        heads: Option<Vec<VersionRef>>,
    ) -> Result<(), Failure> {
        if let Some([one]) = heads.as_deref() {
            let (key, marker, entry) = (key.clone(), marker.to_owned(), one.entry);
            self.model.ledger.push(crate::model::Written {
                device,
                chart,
                key,
                entry,
                marker,
                required: true,
                kept: true,
            });
        }
        self.note(device, chart);
        if heads.is_some() && self.chance.happens(250) {
            self.check_rekeyed(device, person, chart)?;
        }
        Ok(())
    }

    /// Takes note of what a device has written in a chart, acknowledged or not.
    pub fn note(&mut self, device: usize, chart: usize) {
        let id = self.model.charts.get(chart).map(|chart| chart.id);
        let (Some(id), Some(device)) = (id, self.devices.get(device)) else { return };
        let rows = device.rows(id);
        self.model.note(chart, &rows);
    }
}

fn teams(session: &Session) -> Vec<TeamId> {
    let teams = session.teams().into_iter().filter(|team| team.name != "Everyone");
    teams.map(|team| team.id).collect()
}

fn invalid(error: impl std::fmt::Display) -> Error {
    Error::Invalid(error.to_string())
}

/// Sets one element of a resource, which is made where it is not there; gives its versions.
fn edit(
    session: &mut Session,
    id: ChartId,
    key: &ResourceKey,
    path: &str,
    marker: &str,
) -> Result<Vec<VersionRef>, Error> {
    let held = session.chart(id)?.view(key).and_then(|view| view.content.map(Cow::into_owned));
    let fresh = || Json::parse(format!(r#"{{"resourceType":"{}","id":"{}"}}"#, key.kind, key.id).as_bytes());
    let mut json = match held {
        Some(json) => json,
        None => fresh().map_err(invalid)?,
    };
    element::set(&mut json, path, Some(Json::from(marker))).map_err(invalid)?;
    let resource = Resource::from_json(json, None).map_err(invalid)?;
    session.put_as(id, key.clone(), resource)?;
    Ok(session.heads(id, key))
}

/// Takes the first side of the first conflict; None where there is none.
fn resolve(session: &mut Session, id: ChartId) -> Result<Option<(ResourceKey, Vec<VersionRef>)>, Error> {
    let chart = session.chart(id)?;
    let Some(key) = chart.conflicts().first().map(|held| held.key.clone()) else { return Ok(None) };
    let head = chart.view(&key).and_then(|view| view.heads.first().copied());
    let taken = head.and_then(|head| chart.taking(&key, head));
    match taken {
        Some(json) => {
            let resource = Resource::from_json(json, None).map_err(invalid)?;
            session.put_as(id, key.clone(), resource)?;
        }
        None => session.delete(id, &key)?,
    }
    let heads = session.heads(id, &key);
    Ok(Some((key, heads)))
}
