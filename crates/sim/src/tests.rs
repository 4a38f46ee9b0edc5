//! Attacks by whoever holds a device: they need a hand on its clock and disk, which no run of events gives.

use crate::template::template;
use crate::world::{DAY_MS, HOUR_MS, World};
use crate::{Options, chance::Chance};
use wardbook_client::LeaseStanding;
use wardbook_store::memory;

/// Four devices, all online with a whole network; the second is used by the first admin alone.
fn world() -> World {
    let template = template(4).unwrap();
    memory::clear();
    let random = Chance::new("devices", 7).into_filler();
    wardbook_client::world::enter(wardbook_client::world::World {
        now_ms: template.start_ms,
        random: Box::new(random),
    });
    let mut world = World::new(7, Options { devices: 4, ..Options::plain() }, template).unwrap();
    (0..4).for_each(|number| world.net.set_online(number, true));
    world.devices[1].people = vec![0];
    world.sync_as(1, 0).unwrap().unwrap();
    world.new_chart(1).unwrap();
    assert_eq!(world.model.charts.len(), 1);
    world
}

fn standing(world: &mut World) -> LeaseStanding {
    let lease = world.attempt(1, 0, "look", |session| Ok(session.vault().lease()));
    lease.unwrap().unwrap().unwrap().standing
}

#[test]
fn a24_a_clock_turned_back_keeps_no_lease_alive() {
    let mut world = world();
    world.sync_as(1, 0).unwrap().unwrap();
    let start = world.net.now_ms();
    // Used until just before its end: the vault has seen that time.
    world.net.advance_to(start + 70 * HOUR_MS);
    world.devices[1].close();
    assert!(matches!(standing(&mut world), LeaseStanding::Holds { .. }));

    world.net.advance_to(start + 4 * DAY_MS);
    world.devices[1].close();
    world.devices[1].skew_ms = 10 * HOUR_MS - 4 * DAY_MS;
    assert!(matches!(standing(&mut world), LeaseStanding::ClockBack { .. }));
    assert!(!world.edit_as(1, 0, 0).unwrap(), "a device whose clock was turned back opens nothing");

    // Held still instead, it cannot tell; the server can.
    world.devices[1].close();
    world.devices[1].skew_ms = 71 * HOUR_MS - 4 * DAY_MS;
    assert!(world.edit_as(1, 0, 0).unwrap());
    let entry = world.model.ledger.last().unwrap().entry;
    world.sync_as(1, 0).unwrap().unwrap();
    let chart = world.model.charts[0].id;
    let rows = world.devices[1].rows(chart);
    let entries: Vec<_> = rows.iter().filter_map(crate::model::HeldEntry::read).collect();
    assert!(entries.iter().any(|held| held.id == entry && held.late), "the server judges by its own clock");
}

#[test]
fn a25_an_old_copy_of_the_vault_goes_on_under_a_new_identity() {
    let mut world = world();
    world.sync_as(1, 0).unwrap().unwrap();
    world.devices[1].close();
    let copy = memory::snapshot(&world.devices[1].folder).unwrap();
    let before = world.devices[1].id().unwrap();
    assert!(world.edit_as(1, 0, 0).unwrap());
    world.sync_as(1, 0).unwrap().unwrap();
    let lost = world.model.ledger.last().unwrap().entry;

    world.devices[1].close();
    memory::put(&world.devices[1].folder, copy);
    assert!(world.edit_as(1, 0, 0).unwrap());
    let report = world.sync_as(1, 0).unwrap().unwrap();
    assert!(report.renewed);
    assert_ne!(world.devices[1].id().unwrap(), before);
    let chart = world.model.charts[0].id;
    let rows = world.devices[1].rows(chart);
    assert!(rows.iter().any(|row| row.key == lost.as_bytes()), "what the old copy lacked came back");
    world.rest().unwrap();
    world.check_at_rest().unwrap();
}
