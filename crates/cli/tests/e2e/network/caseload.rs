//! A device that holds some charts and not the others.

use super::Network;
use crate::support::{number, samples};
use std::path::Path;

const PATIENT: &str = "Patient/joao-ferreira";

#[test]
fn a_device_holds_its_caseload_takes_charts_in_with_their_history_and_lets_them_go() {
    let network = Network::new();
    let one = network.one.clone();
    network.ok(&one, "ana", &["team", "create", "Day", "ana"]);
    let link = network.invite(&["--team", "Night", "--team", "Day"]);
    let two = network.enrol("two", Some("ben"), &link);
    network.ok(&two, "ben", &["device", "caseload", "--team", "Day"]);
    for (file, team) in [("joao-ferreira.json", "Night"), ("mirela-ionescu.json", "Day")] {
        network.ok(&one, "ana", &["import", samples().join(file).to_str().unwrap(), "--team", team]);
    }
    network.sync(&one, "ana");
    network.sync(&two, "ben");

    // One chart is not there: not its entries, and not its name.
    let [charts, _, entries, _] = network.whole(&one, "ben");
    let [held, _, held_entries, _] = network.whole(&two, "ben");
    assert_eq!(held, charts - 1);
    assert!(held_entries < entries, "{held_entries} of {entries}");
    network.ok(&two, "ben", &["chart", "Ionescu"]);
    network.fails(&two, "ben", 4, &["chart", "Ferreira"]);
    network.edit(&one, "ana", PATIENT, "maritalStatus.text=married");
    network.edit(&one, "ana", PATIENT, "active=true");
    network.sync(&one, "ana");
    let report = network.sync(&two, "ben");
    assert_eq!((number(&report, "received"), number(&report, "roundTrips")), (0, 1), "{}", report.to_text());
    assert_eq!(network.whole(&two, "ben")[0], charts - 1);

    // Chosen later, it comes with its whole history.
    let ferreira = network.chart_id("Ferreira");
    network.ok(&two, "ben", &["device", "caseload", "--team", "Day", "--patient", &ferreira]);
    network.sync(&two, "ben");
    assert_eq!(network.whole(&two, "ben"), network.whole(&one, "ben"));
    let history = |vault: &Path| network.json(vault, "ben", &["history", PATIENT]).as_array().unwrap().len();
    assert_eq!((history(&two), history(&one)), (3, 3));

    // It goes only when it is not wanted and everything of it has been handed in.
    let evict = ["evict", ferreira.as_str()];
    assert!(network.fails(&two, "ben", 8, &evict).contains("caseload"));
    network.ok(&two, "ben", &["device", "caseload", "--team", "Day"]);
    network.edit(&two, "ben", PATIENT, "gender=other");
    assert!(network.fails(&two, "ben", 8, &evict).contains("has not reached the server"));
    // Whoever writes in a chart works with it: it stays until it is let go again.
    network.sync(&two, "ben");
    network.ok(&two, "ben", &["chart", "Ferreira"]);
    network.ok(&two, "ben", &["device", "caseload", "--team", "Day"]);
    network.ok(&two, "ben", &evict);
    network.fails(&two, "ben", 4, &["chart", "Ferreira"]);
    assert_eq!(network.whole(&two, "ben")[0], charts - 1);
    assert!(number(&network.proven(&two, "ben"), "proven") > 0);
    network.sync(&two, "ben");
    network.fails(&two, "ben", 4, &["chart", "Ferreira"]);

    // What was written before it went is on the server, and everything comes back.
    network.sync(&one, "ana");
    assert!(network.ferreira(&one, "ana").contains(r#""gender":"other""#));
    network.ok(&two, "ben", &["device", "caseload", "--all"]);
    network.sync(&two, "ben");
    assert_eq!(network.whole(&two, "ben"), network.whole(&one, "ben"));
    assert_eq!(network.ferreira(&two, "ben"), network.ferreira(&one, "ana"));
    network.proven(&two, "ben");
}
