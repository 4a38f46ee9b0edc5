//! What nobody wants: processes and servers that end anywhere, full disks, disks and servers put back to earlier states.

use crate::Failure;
use crate::model::is_logged;
use crate::network::Rates;
use crate::world::World;
use std::collections::BTreeSet;
use wardbook_store::memory;
use wardbook_wire::EntryId;

impl World {
    pub fn mishap(&mut self) -> Result<(), Failure> {
        match self.chance.below(100) {
            0..25 => self.server_crash(),
            25..40 => {
                let backup = self.net.server.borrow_mut().backup()?;
                self.backups.push(backup);
                Ok(())
            }
            40..50 if self.options.server_restores => self.server_restore(),
            50..75 if self.options.device_restores => self.device_backup(),
            75..100 if self.options.device_restores => self.device_restore(),
            _ => Ok(()),
        }
    }

    fn server_crash(&mut self) -> Result<(), Failure> {
        self.report.server_crashes += 1;
        self.net.server.borrow_mut().crash()
    }

    /// The process of a device ends after some more writes, in the middle of whatever it does.
    pub fn crash(&mut self, number: usize) -> Result<(), Failure> {
        let Some(folder) = self.devices.get(number).map(|device| device.folder.clone()) else { return Ok(()) };
        if !self.options.crashes {
            return self.edit(number);
        }
        let writes = u32::try_from(self.chance.below(6)).unwrap_or(0);
        memory::fail_after(&folder, writes);
        self.failing = Some(number);
        let what = self.chance.below(10);
        let done = match what {
            0..3 => self.edit(number),
            3..4 => self.new_chart(number),
            _ => self.sync(number),
        };
        if let Some(device) = self.devices.get_mut(number) {
            device.close();
        }
        memory::heal(&folder);
        self.failing = None;
        done?;
        self.report.crashes += 1;
        self.reopen(number)
    }

    /// The disk of a device is full for a while. What it had open goes on.
    pub fn full_disk(&mut self, number: usize) -> Result<(), Failure> {
        let Some(folder) = self.devices.get(number).map(|device| device.folder.clone()) else { return Ok(()) };
        if !self.options.crashes {
            return Ok(());
        }
        memory::fill(&folder);
        self.failing = Some(number);
        let writes = self.chance.happens(500);
        let done = if writes { self.edit(number) } else { self.sync(number) };
        memory::heal(&folder);
        self.failing = None;
        done?;
        self.edit(number)
    }

    /// A vault opens after whatever happened, and what it acknowledged since its disk was last put back is there.
    fn reopen(&mut self, number: usize) -> Result<(), Failure> {
        if !self.is_alive(number) {
            return Ok(());
        }
        self.attempt(number, 0, "reopen", |_| Ok(()))?;
        let Some(device) = self.devices.get(number).filter(|device| !device.gone && !device.picky) else {
            return Ok(());
        };
        for written in self.model.ledger.iter().filter(|written| written.device == number && written.kept) {
            let Some(chart) = self.model.charts.get(written.chart) else { continue };
            if !device.rows(chart.id).iter().any(|row| row.key == written.entry.as_bytes()) {
                let detail = format!("device {number} lost entry {} of {} in a crash", written.entry, written.key);
                return Err(Failure::new("I1", detail));
            }
        }
        Ok(())
    }

    fn some_device(&mut self) -> Option<usize> {
        // Not the first, to compare the others with.
        let alive: Vec<_> = (1..self.devices.len()).filter(|number| self.is_alive(*number)).collect();
        self.chance.pick(&alive).copied()
    }

    fn device_backup(&mut self) -> Result<(), Failure> {
        let number = self.some_device();
        if let Some(device) = number.and_then(|number| self.devices.get_mut(number)) {
            device.backup = memory::snapshot(&device.folder);
        }
        Ok(())
    }

    /// The disk of a device becomes what it was, and whatever it had not handed in since is gone.
    fn device_restore(&mut self) -> Result<(), Failure> {
        let held = self.devices.iter().skip(1).filter(|device| !device.gone && device.backup.is_some());
        let numbers: Vec<_> = held.map(|device| device.number).collect();
        let Some(number) = self.chance.pick(&numbers).copied() else { return Ok(()) };
        let Some(device) = self.devices.get_mut(number) else { return Ok(()) };
        let Some(backup) = device.backup.take() else { return Ok(()) };
        device.close();
        // What only a log has that a few were led on is in nobody's power to bring back.
        let led = self.options.attack.is_some_and(|attack| attack.forks()) && self.victims.contains(&number);
        let in_log: BTreeSet<Vec<u8>> = self
            .model
            .charts
            .iter()
            .filter(|_| !led)
            .flat_map(|chart| device.rows(chart.id))
            .filter(is_logged)
            .map(|row| row.key)
            .collect();
        memory::put(&device.folder, backup);
        let device = &*device;
        let on_disk = |chart, entry: EntryId| device.rows(chart).iter().any(|row| row.key == entry.as_bytes());
        self.model.put_back(number, on_disk, |entry| in_log.contains(entry.as_bytes().as_slice()));
        self.report.device_restores += 1;
        self.reopen(number)
    }

    /// The server loses what came after a backup; an admin who knows everything accepts that, and every device hands in
    /// again what is missing.
    fn server_restore(&mut self) -> Result<(), Failure> {
        // With a server that cheats nobody could tell the two apart.
        if self.options.attack.is_some() || !self.is_alive(0) {
            return Ok(());
        }
        let Some(backup) = self.backups.last().cloned() else { return Ok(()) };
        let (online, rates) = (self.net.is_online(0), Rates::default());
        self.net.set_online(0, true);
        self.net.set_rates(rates);
        let synced = self.sync_as(0, 0)?;
        if synced.is_some() {
            self.net.server.borrow_mut().restore(&backup)?;
            self.restored = true;
            self.report.server_restores += 1;
            self.forget_what_nobody_holds();
            let mut link = self.net.link(0);
            // Refused where nothing was lost.
            self.attempt(0, 0, "accept restored", |session| session.accept_restored(&mut link))?;
            if self.sync_as(0, 0)?.is_none() {
                return Err(Failure::new(
                    "I1",
                    "the admin's device does not sync with a server that was accepted as restored",
                ));
            }
            // A log before the one that was accepted could not be accepted after it.
            let backup = self.net.server.borrow_mut().backup()?;
            self.backups = vec![backup];
        }
        self.net.set_online(0, online);
        self.net.set_rates(crate::world::RATES);
        Ok(())
    }

    /// Writes that no device has on its disk any more are in no backup's power to bring back.
    fn forget_what_nobody_holds(&mut self) {
        let alive: Vec<_> = self.devices.iter().filter(|device| !device.gone).collect();
        let mut held = BTreeSet::<Vec<u8>>::new();
        for chart in &self.model.charts {
            for device in &alive {
                held.extend(device.rows(chart.id).into_iter().map(|row| row.key));
            }
        }
        for device in 0..self.devices.len() {
            self.model.forget_unsent(device, |_, entry| held.contains(entry.as_bytes().as_slice()));
        }
    }
}
