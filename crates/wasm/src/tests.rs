//! What a screen sees, over a real vault in a folder. Only the way through JavaScript is left out.

mod lease;

use crate::state::State;
use crate::types::{
    AttachmentPlace, Conflict, Delivery, DeviceStatus, Edited, ElementChoice, Failure, FailureKind, PatientQuery,
    ResourceText, TimelineQuery,
};
use crate::view;
use std::path::{Path, PathBuf};
use wardbook_client::record::json::Json;
use wardbook_client::{ChartId, Credential, Judgement, NewOrganisation, Secret, Session, Vault, set_judge};

const PASSWORD: &str = "quiet ambulance velvet orbit";

struct Scene {
    folder: tempfile::TempDir,
    state: State,
}

impl Scene {
    /// A vault of one member, who has unlocked.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = create(&folder.path().join("vault"));
        let mut scene = Self { folder, state: State::Locked(Box::new(vault)) };
        scene.unlock(PASSWORD).unwrap();
        scene
    }

    /// Where the vault is.
    fn vault(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    /// Closes the vault, and opens it as the next start does.
    fn restart(&mut self) {
        self.state = State::Empty;
        self.state = State::of(&self.vault());
    }

    fn unlock(&mut self, password: &str) -> Result<(), FailureKind> {
        let password = Secret::new(password.to_owned());
        self.state.unlock("ana", &Credential::Password(&password)).map_err(|failure| failure.kind)
    }

    fn session(&mut self) -> &mut Session {
        self.state.session().unwrap()
    }

    /// A chart with one patient.
    fn patient(&mut self) -> ChartId {
        let patient = r#"{"resourceType":"Patient","id":"p1","birthDate":"1957-03-02","gender":"female",
            "name":[{"family":"García","given":["Elena"]}],"identifier":[{"value":"943 476 5919"}]}"#;
        let added = view::patients::add(self.session(), patient, None).unwrap();
        assert_eq!(added.key, "Patient/p1");
        crate::ids::chart(&added.chart).unwrap()
    }

    fn put(&mut self, id: ChartId, text: &str) -> String {
        view::writing::put(self.session(), id, text, None).unwrap().held.key
    }

    fn text(&mut self, id: ChartId, key: &str) -> ResourceText {
        view::writing::text(self.session(), id, &key.parse().unwrap()).unwrap()
    }

    /// Several people change a resource from the same version on.
    fn edit_apart(&mut self, id: ChartId, key: &str, changes: &[&dyn Fn(&str) -> String]) -> Conflict {
        let opened = self.text(id, key);
        let edited = Edited { key: key.to_owned(), versions: opened.versions };
        for change in changes {
            view::writing::put(self.session(), id, &change(&opened.text), Some(&edited)).unwrap();
        }
        self.conflict(id, key)
    }

    fn conflict(&mut self, id: ChartId, key: &str) -> Conflict {
        view::conflicts::detail(self.session(), id, &key.parse().unwrap()).unwrap()
    }

    /// What becomes of the one element in conflict with the value that has this text.
    fn combined(&mut self, conflict: &Conflict, text: &str) -> Json {
        let [element] = conflict.elements.as_slice() else { panic!("{:?}", conflict.elements) };
        let has = |value: &Option<String>| value.as_ref().is_some_and(|value| value.contains(text));
        let chosen = element.alternatives.iter().find(|alternative| has(&alternative.value)).unwrap();
        let choice = ElementChoice { path: element.path.clone(), version: chosen.versions[0].clone() };
        let (id, key) = (crate::ids::chart(&conflict.chart).unwrap(), conflict.key.parse().unwrap());
        let combined = view::conflicts::combine(self.session(), id, &key, &[choice]).unwrap();
        Json::parse(combined.as_bytes()).unwrap()
    }
}

fn create(folder: &Path) -> Vault {
    // Asked for what the worker is asked for in a browser.
    set_judge(|password, context| {
        let wardbook_strength::Judgement { points, warning } = wardbook_strength::judge(password, context);
        Some(Judgement { points, warning })
    });
    let password = Secret::new(PASSWORD.to_owned());
    let new = NewOrganisation {
        name: "Harbour",
        user: "ana",
        display: "Ana Ionescu",
        password: &password,
        device_name: "browser",
        shares_needed: 2,
        shares_made: 3,
        fips_only: false,
    };
    Vault::create(folder, &new).unwrap().vault
}

fn versions(conflict: &Conflict) -> Vec<String> {
    conflict.versions.iter().map(|held| held.version.clone()).collect()
}

fn weight(id: &str, when: &str, kg: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","effectiveDateTime":"{when}",
        "category":[{{"coding":[{{"code":"vital-signs"}}]}}],
        "code":{{"coding":[{{"system":"http://loinc.org","code":"29463-7"}}],"text":"Body weight"}},
        "valueQuantity":{{"value":{kg},"unit":"kg"}},
        "referenceRange":[{{"low":{{"value":50,"unit":"kg"}},"high":{{"value":90,"unit":"kg"}}}}]}}"#
    )
}

#[test]
fn a_vault_is_empty_locked_and_open_in_turn() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(State::of(&empty.path().join("vault")), State::Empty));
    let mut scene = Scene::new();
    assert!(matches!(scene.state, State::Open(_)));
    let status = view::device::status(&scene.state).unwrap();
    assert!(matches!(status, DeviceStatus::Open(opened) if opened.device_name == "browser"));
    assert_eq!(scene.unlock("wrong horse battery").unwrap_err(), FailureKind::WrongPassword);
    assert!(matches!(scene.state, State::Locked(_)), "whoever was there is locked out");
    assert_eq!(scene.state.session().map(|_| ()).unwrap_err().kind, FailureKind::Locked);
    scene.unlock(PASSWORD).unwrap();
    scene.state.lock();
    // Another tab: the vault is in use.
    let busy = State::of(&scene.vault());
    assert!(matches!(busy, State::Unusable(failure) if failure.kind == FailureKind::Busy));
    scene.restart();
    assert!(matches!(scene.state, State::Locked(_)));
}

#[test]
fn a_new_password_that_is_not_taken_leaves_nobody_unlocked() {
    let mut scene = Scene::new();
    let code = Secret::new(scene.session().new_recovery_code().unwrap().as_str().to_owned());
    let mut recover = |password: &str| {
        let made = scene.state.recover("ana", &code, &Secret::new(password.to_owned()));
        (made.map(|_| ()).map_err(|failure| failure.kind), matches!(scene.state, State::Open(_)))
    };
    assert_eq!(recover("too short"), (Err(FailureKind::WeakPassword), false));
    assert_eq!(recover("seven lanterns under gravel"), (Ok(()), true), "the code was not used up");
    assert!(matches!(recover("quiet lanterns beyond orbit"), (Err(_), false)), "now it was");
}

#[test]
fn a_vault_that_has_lost_its_key_makes_room_for_another_where_somebody_joins_or_gives_it_up() {
    let mut scene = Scene::new();
    let folder = scene.vault();
    for name in ["site.key", "site.key.copy", "site.keystore"] {
        let _ = std::fs::remove_file(folder.join(name));
    }
    scene.restart();
    assert!(matches!(&scene.state, State::Unusable(failure) if failure.kind == FailureKind::NoSiteKey));
    assert_eq!(scene.state.check_free().unwrap_err().kind, FailureKind::NoSiteKey);
    scene.state.check_may_join().unwrap();
    scene.state.discard(&folder, false).unwrap();
    scene.restart();
    assert!(matches!(scene.state, State::Empty));
    scene.state = State::Locked(Box::new(create(&folder)));
    scene.unlock(PASSWORD).unwrap();
}

#[test]
fn a_damaged_vault_stays_until_a_person_gives_it_up() {
    let mut scene = Scene::new();
    let folder = scene.vault();
    scene.state = State::Empty;
    for name in ["vault.db", "mirror.db"] {
        std::fs::write(folder.join(name), [7; 8192]).unwrap();
    }
    scene.restart();
    let stays = |state: &State| matches!(state, State::Unusable(failure) if failure.kind == FailureKind::Damaged);
    assert!(stays(&scene.state));
    assert_eq!(scene.state.check_free().unwrap_err().kind, FailureKind::Damaged);
    assert_eq!(scene.state.discard(&folder, false).unwrap_err().kind, FailureKind::Damaged);
    assert!(stays(&scene.state) && stays(&State::of(&folder)));
    scene.state.discard(&folder, true).unwrap();
    scene.restart();
    assert!(matches!(scene.state, State::Empty));
}

#[test]
fn a_vault_that_can_be_opened_is_never_removed() {
    let mut scene = Scene::new();
    let folder = scene.vault();
    scene.state.discard(&folder, true).unwrap();
    assert!(matches!(scene.state, State::Open(_)));
    assert_eq!(scene.state.check_free().unwrap_err().kind, FailureKind::Conflict);
    // It did not open a moment ago, and does now.
    scene.state = State::Empty;
    scene.state = State::Unusable(Failure::new(FailureKind::NoSiteKey, "gone"));
    assert_eq!(scene.state.discard(&folder, true).unwrap_err().kind, FailureKind::Conflict);
    scene.restart();
    scene.unlock(PASSWORD).unwrap();
}

#[test]
fn joining_that_was_begun_goes_on_and_makes_no_room_for_another_vault() {
    State::Joining.check_may_join().unwrap();
    assert_eq!(State::Joining.check_free().unwrap_err().kind, FailureKind::Conflict);
    State::Empty.check_free().unwrap();
    let scene = Scene::new();
    assert_eq!(scene.state.check_may_join().unwrap_err().kind, FailureKind::Conflict);
}

#[test]
fn a_patient_who_is_registered_again_has_one_chart() {
    let patient =
        |name: &str| format!(r#"{{"resourceType":"Patient","id":"p7","active":true,"name":[{{"family":"{name}"}}]}}"#);
    let mut scene = Scene::new();
    let first = view::patients::add(scene.session(), &patient("Okafor"), None).unwrap();
    let again = view::patients::add(scene.session(), &patient("Okafor"), None).unwrap();
    assert_eq!((again.chart, again.key.as_str()), (first.chart, "Patient/p7"));
    let other = view::patients::add(scene.session(), &patient("Adeyemi"), None).unwrap_err();
    assert_eq!(other.kind, FailureKind::Conflict, "somebody else of that id is not taken for the same");
}

#[test]
fn patients_are_found_and_likely_duplicates_are_named() {
    let mut scene = Scene::new();
    let id = scene.patient();
    let query = |text: &str, recent| PatientQuery { text: text.to_owned(), my_teams: false, recent, most: 1 };
    for text in ["garcia", "Gracia", "02.03.1957", "943-476-5919", "ele"] {
        let found = view::patients::search(scene.session(), &query(text, false), &[]).unwrap();
        assert_eq!((found.patients.len(), found.more), (1, 0), "{text}");
        assert_eq!(found.patients[0].name, "Elena García");
    }
    let all = view::patients::search(scene.session(), &query("", false), &[]).unwrap();
    assert_eq!((all.patients.len(), all.more), (1, 1), "the organisation's own chart comes last");
    let recent = view::patients::search(scene.session(), &query("", true), &[id]).unwrap();
    assert_eq!((recent.patients[0].chart.clone(), recent.more), (id.to_string(), 0));

    let twin = r#"{"resourceType":"Patient","birthDate":"1957-03-02","name":[{"family":"Garzia","given":["Elena"]}]}"#;
    let alike = view::patients::duplicates(scene.session(), twin, 5).unwrap();
    assert_eq!((alike.len(), alike[0].birth_date, alike[0].identifier), (1, true, false));
    let other = r#"{"resourceType":"Patient","birthDate":"1990-01-01","name":[{"family":"Okafor","given":["Ben"]}]}"#;
    assert!(view::patients::duplicates(scene.session(), other, 5).unwrap().is_empty());
}

#[test]
fn a_chart_shows_what_was_written_with_what_stands_behind_it() {
    let mut scene = Scene::new();
    let id = scene.patient();
    scene.put(id, &weight("w2", "2026-02-01T08:00:00Z", "72.50"));
    scene.put(id, &weight("w1", "2026-01-01T08:00:00Z", "95"));
    scene.put(
        id,
        r#"{"resourceType":"MedicationRequest","id":"m1","status":"stopped","authoredOn":"2020",
        "medicationCodeableConcept":{"text":"Amoxicillin"},"dosageInstruction":[{"text":"one"}]}"#,
    );
    scene.put(
        id,
        r#"{"resourceType":"AllergyIntolerance","id":"a1","code":{"text":"Penicillin"},"criticality":"high"}"#,
    );
    let page = view::chart::page(scene.session(), id).unwrap();
    assert_eq!((page.banner.name.as_str(), page.banner.born.as_str()), ("Elena García", "1957-03-02"));
    assert_eq!(page.banner.patient_ids, ["p1"]);
    assert!(page.can_write && page.conflicts == 0);
    let medication = &page.medications[0];
    assert_eq!((medication.what.as_str(), medication.past), ("Amoxicillin", true));
    assert_eq!((medication.status.as_deref(), medication.dosage.as_deref()), (Some("stopped"), Some("one")));
    let crate::types::Allergies::Listed(listed) = &page.allergies else { panic!("{:?}", page.allergies) };
    assert_eq!((listed.allergies[0].held.key.as_str(), listed.allergies[0].high_risk), ("AllergyIntolerance/a1", true));
    assert_eq!(listed.allergies[0].held.author, "Ana Ionescu");
    assert_eq!(listed.allergies[0].held.delivery, Delivery::Here);

    let series = view::observations::series(scene.session(), id).unwrap();
    let points: Vec<_> = series[0].points.iter().map(|point| point.value.as_str()).collect();
    assert_eq!((series.len(), points), (1, vec!["95", "72.50"]), "oldest first, digits as written");
    let number = &series[0].points[1].numbers[0];
    assert_eq!((number.value, number.low, number.high), (72.5, Some(50.0), Some(90.0)));
    assert!(series[0].points[0].flag.is_some() && series[0].points[1].flag.is_none());

    let query = TimelineQuery { kinds: Vec::new(), skip: 0, most: 1 };
    let timeline = view::timeline::timeline(scene.session(), id, &query).unwrap();
    assert_eq!((timeline.items[0].held.key.as_str(), timeline.more), ("Observation/w2", 3));
    let line = &timeline.items[0].line;
    assert_eq!((line.kind.as_str(), line.what.as_deref()), ("Observation", Some("Body weight")));
    assert_eq!((line.value.as_deref(), line.status.as_deref()), (Some("72.50 kg"), Some("final")));
    assert_eq!(line.day.as_deref(), Some("2026-02-01"));
}

#[test]
fn an_edit_keeps_what_others_wrote_meanwhile() {
    let mut scene = Scene::new();
    let id = scene.patient();
    let key = scene.put(id, &weight("w1", "2026-01-01", "72.50"));
    let opened = scene.text(id, &key);
    assert!(opened.text.contains("72.50"));
    let detail =
        scene.edit_apart(id, &key, &[&|text| text.replace("72.50", "71.0"), &|text| text.replace("72.50", "73.0")]);

    let listed = view::conflicts::list(scene.session(), None).unwrap();
    assert_eq!((listed.len(), listed[0].key.as_str(), listed[0].elements), (1, key.as_str(), 1));
    assert_eq!((listed[0].line.kind.as_str(), listed[0].line.what.as_deref()), ("Observation", Some("Body weight")));
    let key = key.parse().unwrap();
    assert_eq!((detail.versions.len(), detail.elements[0].alternatives.len()), (2, 2));
    assert!(!detail.elements[0].members);
    let text = scene.combined(&detail, "71.0").to_text();
    assert!(text.contains("71.0") && !text.contains("73.0"));
    view::conflicts::decide(scene.session(), id, &key, &text, &versions(&detail)).unwrap();
    assert!(view::conflicts::list(scene.session(), Some(id)).unwrap().is_empty());
    let again = view::conflicts::decide(scene.session(), id, &key, &text, &versions(&detail)).unwrap_err();
    assert_eq!(again.kind, FailureKind::Conflict);

    let history = view::history::history(scene.session(), id, &key).unwrap();
    assert_eq!((history.len(), history[3].current), (4, true));
    assert_eq!(history[1].device.as_deref(), Some("browser"));
    let removed = view::writing::remove(scene.session(), id, &key, &opened.versions).unwrap_err();
    assert_eq!(removed.kind, FailureKind::Conflict, "it has been changed since");
    let now = scene.text(id, &key.to_string()).versions;
    view::writing::remove(scene.session(), id, &key, &now).unwrap();
    assert!(view::history::history(scene.session(), id, &key).unwrap()[4].deleted);
}

#[test]
fn a_decision_is_between_the_versions_that_were_shown() {
    let mut scene = Scene::new();
    let id = scene.patient();
    let name = scene.put(id, &weight("w1", "2026-01-01", "72.50"));
    let (key, opened) = (name.parse().unwrap(), scene.text(id, &name));
    let shown =
        scene.edit_apart(id, &name, &[&|text| text.replace("72.50", "71.0"), &|text| text.replace("72.50", "73.0")]);
    // Somebody else's change comes while a person looks at these two.
    let edited = Edited { key: name.clone(), versions: opened.versions };
    view::writing::put(scene.session(), id, &opened.text.replace("72.50", "74.0"), Some(&edited)).unwrap();
    let (text, seen) = (opened.text.replace("72.50", "71.0"), versions(&shown));
    let decided = view::conflicts::decide(scene.session(), id, &key, &text, &seen).map(|_| ());
    let taken = view::conflicts::take(scene.session(), id, &key, &seen[0], &seen);
    assert_eq!([decided, taken].map(|done| done.unwrap_err().kind), [FailureKind::Conflict, FailureKind::Conflict]);

    let now = scene.conflict(id, &name);
    assert_eq!(now.versions.len(), 3);
    view::conflicts::take(scene.session(), id, &key, &seen[0], &versions(&now)).unwrap();
    assert!(view::conflicts::list(scene.session(), None).unwrap().is_empty());
}

#[test]
fn a_value_and_its_extension_are_decided_together() {
    const DAY: &str = r#""birthDate": "1957-03-02""#;
    const HOUR: &str = r#""_birthDate": {"extension": [{"url": "urn:hour", "valueTime": "07:30:00"}]}"#;
    let mut scene = Scene::new();
    let id = scene.patient();
    let with_hour = |text: &str| text.replace(DAY, &format!(r#""birthDate": "1957-03-03", {HOUR}"#));
    let without = |text: &str| text.replace(DAY, r#""birthDate": "1957-03-04""#);
    let conflict = scene.edit_apart(id, "Patient/p1", &[&with_hour, &without]);
    assert_eq!((conflict.elements[0].path.as_str(), conflict.elements[0].members), ("birthDate", true));
    let combined = scene.combined(&conflict, "03-03");
    assert_eq!(combined.text("birthDate"), Some("1957-03-03"));
    assert_eq!(combined.get("_birthDate").unwrap().items("extension").len(), 1);
    let combined = scene.combined(&conflict, "03-04");
    assert_eq!((combined.text("birthDate"), combined.get("_birthDate")), (Some("1957-03-04"), None));
}

#[test]
fn what_no_version_has_any_more_does_not_stay_beside_what_was_chosen() {
    let mut scene = Scene::new();
    let id = scene.patient();
    let key = scene.put(
        id,
        r#"{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"Panel"},
        "component":[{"valueString":"old"},{"code":{"text":"second"},"valueString":"stays"}]}"#,
    );
    let as_number = |text: &str| text.replace(r#""valueString": "old""#, r#""valueInteger": 3"#);
    let as_truth = |text: &str| text.replace(r#""valueString": "old""#, r#""valueBoolean": true"#);
    let conflict = scene.edit_apart(id, &key, &[&as_number, &as_truth]);
    assert_eq!((conflict.elements[0].path.as_str(), conflict.elements[0].members), ("component[0].value[x]", true));
    let combined = scene.combined(&conflict, "valueInteger");
    let components: Vec<_> = combined.items("component").iter().map(Json::to_text).collect();
    assert_eq!(components, [r#"{"valueInteger":3}"#, r#"{"code":{"text":"second"},"valueString":"stays"}"#]);
}

#[test]
fn files_leave_whole_and_in_the_clear_only_when_asked() {
    let mut scene = Scene::new();
    let id = scene.patient();
    scene.put(id, &weight("w1", "2026-01-01", "72.50"));
    scene.put(
        id,
        r#"{"resourceType":"DocumentReference","id":"d1","status":"current","description":"Letter",
        "content":[{"attachment":{"contentType":"text/plain","data":"SGkg4piD"}}]}"#,
    );
    let exported = view::export::chart(scene.session(), id).unwrap();
    assert_eq!((exported.name.as_str(), exported.resources, exported.left_out), ("p1.json", 3, 0));
    assert!(exported.text.contains("72.50"));
    let document = view::ips::document(scene.session(), id).unwrap();
    let bundle = Json::parse(document.text.as_bytes()).unwrap();
    let first = bundle.items("entry")[0].get("resource").unwrap();
    assert_eq!(first.text("resourceType"), Some("Composition"));
    let titles: Vec<_> = first.items("section").iter().filter_map(|section| section.text("title")).collect();
    assert_eq!(titles, ["Problems", "Medications", "Allergies", "Vital signs"]);
    assert_eq!(bundle.items("entry").len(), 3, "the composition, the patient, the weight");

    let files = view::attachments::attachments(scene.session(), id).unwrap();
    assert_eq!((files.len(), files[0].title.as_str()), (1, "Letter"));
    assert!(matches!(files[0].place, AttachmentPlace::Inline(held) if held.index == 0));
    let key = files[0].held.key.parse().unwrap();
    assert_eq!(&**view::attachments::inline(scene.session(), id, &key, 0).unwrap(), "Hi ☃".as_bytes());
    let note = view::notes::note(scene.session(), id, &key).unwrap();
    assert_eq!(note.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>(), ["Letter", "Hi ☃"]);
    let page = view::print::page(scene.session(), id).unwrap();
    assert_eq!((page.printed_by.as_str(), page.observations[0].points.len()), ("Ana Ionescu", 1));
}
