//! The end of a run: the network is whole, clocks are right, the server is honest, and devices exchange until nothing moves.

use crate::Failure;
use crate::network::Rates;
use crate::world::{HOUR_MS, MINUTE_MS, World};
use wardbook_store::memory;

/// Rounds of exchanging, at most: a device hands in in one, the others take it in the next.
const ROUNDS: usize = 16;

impl World {
    pub fn rest(&mut self) -> Result<(), Failure> {
        self.net.set_rates(Rates::default());
        self.cheat(false)?;
        self.net.advance_to(self.net.now_ms() + HOUR_MS);
        for number in 0..self.devices.len() {
            self.net.set_online(number, true);
            if let Some(device) = self.devices.get_mut(number) {
                memory::heal(&device.folder);
                (device.skew_ms, device.caught) = (0, false);
            }
        }
        if self.options.attack.is_some() {
            self.touch_everything()?;
        }
        self.exchange()?;
        let joined = self.enrol_by(0)?;
        self.witness = joined.ok_or_else(|| Failure::new("I5", "no device can join an organisation at rest"))?;
        self.exchange()
    }

    fn exchange(&mut self) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            let mut moved = false;
            for number in 0..self.devices.len() {
                if !self.is_alive(number) {
                    continue;
                }
                self.net.advance_to(self.net.now_ms() + MINUTE_MS);
                match self.sync_as(number, 0)? {
                    Some(report) => {
                        moved |= report.sent + report.received + report.statements > 0 || report.renewed;
                        if let Some(device) = self.devices.get_mut(number) {
                            device.caught = false;
                        }
                    }
                    None => {
                        let excused = self.devices.get(number).is_some_and(|device| device.gone || device.caught);
                        if !excused {
                            return Err(Failure::new(
                                "I3",
                                format!("device {number} does not sync with an honest server"),
                            ));
                        }
                    }
                }
            }
            if !moved {
                return Ok(());
            }
        }
        Err(Failure::new("I3", format!("devices still have something to exchange after {ROUNDS} rounds")))
    }

    /// Something new in every chart, by an honest device: what was hidden from somebody leaves a gap then.
    fn touch_everything(&mut self) -> Result<(), Failure> {
        self.sync_as(0, 0)?;
        for chart in 0..self.model.charts.len() {
            for person in 0..self.people.len() {
                if self.edit_as(0, person, chart)? {
                    break;
                }
            }
        }
        Ok(())
    }
}
