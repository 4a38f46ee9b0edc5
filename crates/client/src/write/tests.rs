use super::*;
use crate::testing::{ana, resource, to_me};

struct Scene {
    _folder: tempfile::TempDir,
    session: Session,
}

impl Scene {
    /// A vault of one member, who has unlocked.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (session, _) = ana(&folder.path().join("vault"));
        Self { _folder: folder, session }
    }

    fn new_patient(&mut self, text: &str) -> Result<ChartId, Error> {
        let to = to_me(&self.session);
        self.session.new_patient(resource(text), &to)
    }

    fn shown(&mut self, id: ChartId, key: &ResourceKey) -> String {
        self.session.chart(id).unwrap().view(key).unwrap().content.unwrap().to_text()
    }
}

fn weight(status: &str, kg: &str) -> Resource {
    resource(&format!(r#"{{"resourceType":"Observation","id":"w","status":"{status}","valueString":"{kg}"}}"#))
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Ionescu"}]}"#;

#[test]
fn a_change_that_came_since_the_editor_was_opened_is_merged_or_in_conflict_and_never_written_over() {
    let mut scene = Scene::new();
    let id = scene.new_patient(PATIENT).unwrap();
    let first = weight("preliminary", "70");
    let key = first.key().clone();
    scene.session.put(id, first).unwrap();
    let opened = scene.session.heads(id, &key);
    // Another element: both changes are there.
    scene.session.put_from(id, key.clone(), weight("final", "70"), &opened).unwrap();
    scene.session.put_from(id, key.clone(), weight("preliminary", "71"), &opened).unwrap();
    assert!(scene.session.chart(id).unwrap().conflicts().is_empty());
    assert_eq!(scene.shown(id, &key), weight("final", "71").json().to_text());

    // The same element: somebody has to decide, and who looked at both does so by replacing both.
    scene.session.put_from(id, key.clone(), weight("preliminary", "72"), &opened).unwrap();
    let conflicts = scene.session.chart(id).unwrap().conflicts();
    assert_eq!((conflicts.len(), conflicts[0].conflicts.len()), (1, 1));
    let heads = scene.session.heads(id, &key);
    assert_eq!(heads.len(), 3);
    let twice = [heads.clone(), heads].concat();
    scene.session.put_from(id, key.clone(), weight("final", "72"), &twice).unwrap();
    assert!(scene.session.chart(id).unwrap().conflicts().is_empty());
    assert_eq!(scene.session.chart(id).unwrap().history(&key).len(), 5);
}

#[test]
fn a_change_goes_on_from_versions_of_its_own_resource() {
    let mut scene = Scene::new();
    let id = scene.new_patient(PATIENT).unwrap();
    let (patient, key) = (resource(PATIENT).key().clone(), weight("final", "70").key().clone());
    scene.session.put(id, weight("final", "70")).unwrap();
    let (of_patient, mine) = (scene.session.heads(id, &patient), scene.session.heads(id, &key));
    for bases in [Vec::new(), of_patient.clone(), [mine.clone(), of_patient].concat()] {
        let refused = scene.session.put_from(id, key.clone(), weight("final", "71"), &bases);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{bases:?}");
    }
    assert_eq!(scene.session.heads(id, &key), mine);
    let device = scene.session.vault().device_id();
    assert_eq!(scene.session.chart(id).unwrap().history(&key)[0].device, device);
    // Also as it is read from the disk.
    scene.session.open.clear();
    assert_eq!(scene.session.chart(id).unwrap().history(&key)[0].device, device);
}

#[test]
fn a_chart_is_opened_once_for_each_patient() {
    let mut scene = Scene::new();
    assert!(matches!(scene.new_patient(r#"{"resourceType":"Basic","id":"b"}"#), Err(Error::Invalid(_))));
    let id = scene.new_patient(PATIENT).unwrap();
    assert!(matches!(scene.new_patient(PATIENT), Err(Error::Conflict(_))));
    assert_eq!(scene.session.search("", 10).unwrap().len(), 2, "the patient's and the organisation's");
    assert_eq!(scene.session.find_chart("Ionescu").unwrap(), id);
    assert_eq!(scene.shown(id, resource(PATIENT).key()), resource(PATIENT).json().to_text());
    // All of it is on the disk, or nothing is.
    scene.session.catalogue = None;
    scene.session.open.clear();
    assert_eq!(scene.session.find_chart("p1").unwrap(), id);
    assert_eq!(scene.session.chart(id).unwrap().role(), ChartRole::Patient);
    assert!(scene.session.verify(&mut |_| {}).unwrap().findings.is_empty());
}
