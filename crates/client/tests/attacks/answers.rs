//! What the server hands out: another chart's entry, a part of the log, a changed bit, another organisation's answer.

use crate::network::{Net, Sent, entries, sync_answer};
use crate::organisation::{Scene, Snapshot, caught, delivered, found, invite, join, note, read};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wardbook_client::sync::transport::{Answer, Call};
use wardbook_client::{Delivery, Error, Session};
use wardbook_wire::exchange::{CallerStanding, Outcome, REQUEST_BYTES_MAX, SyncAnswer, SyncRequest};
use wardbook_wire::log::{Item, Leaf, LeafKind, ObjectBytes, Range, StreamId, Subtree};
use wardbook_wire::request::Challenge;
use wardbook_wire::{Entry, strict};

type Change = fn(&Net, &SyncRequest, &mut SyncAnswer);

fn leaf(item: &mut Item) -> (&mut Leaf, &mut Option<ObjectBytes>) {
    match item {
        Item::Leaf { leaf, object } => (leaf, object),
        Item::Skip(_) => panic!("it is no leaf"),
    }
}

/// Puts the bytes of two leaves in each other's place.
fn swap_objects(answer: &mut SyncAnswer, one: usize, other: usize) {
    let first = leaf(&mut answer.items[one]).1.take();
    let second = std::mem::replace(leaf(&mut answer.items[other]).1, first);
    *leaf(&mut answer.items[one]).1 = second;
}

/// The numbers of the items that are entries of the chart that comes first, and of the others.
fn of_charts(answer: &SyncAnswer) -> (Vec<usize>, Vec<usize>) {
    let stream = |at: usize| match &answer.items[at] {
        Item::Leaf { leaf, .. } => leaf.stream,
        Item::Skip(_) => StreamId([0; 32]),
    };
    let all = entries(answer);
    let first = stream(all[0]);
    all.into_iter().partition(|at| stream(*at) == first)
}

/// Ana has written: three observations in the shared chart, then one in the chart that Ben reads.
fn written(scene: &Scene) -> Session {
    let mut ana = scene.open("tablet", "ana");
    for (id, text) in [("one", "61"), ("two", "62"), ("three", "63")] {
        note(&mut ana, scene.charts.shared, id, text);
    }
    scene.sync(&mut ana).unwrap();
    note(&mut ana, scene.charts.read_only, "four", "64");
    scene.sync(&mut ana).unwrap();
    ana
}

/// Each change is refused with that rule and nothing of the answer is taken; then all of it comes.
fn refused(changes: &[(&str, &str, Change)]) {
    let scene = Scene::new();
    drop(written(&scene));
    let mut ben = scene.open("laptop", "ben");
    for (what, rule, change) in changes.iter().copied() {
        scene.net.on_sync(change);
        let told = match scene.sync(&mut ben) {
            Err(Error::Cheat(told)) => told,
            Err(other) => panic!("{what}: {other}"),
            Ok(report) => panic!("{what}: it was believed: {report:?}"),
        };
        assert!(told.contains(rule), "{what}: {told}");
        for id in ["one", "two", "three"] {
            assert_eq!(read(&mut ben, scene.charts.shared, id), None, "{what}: a part of the answer was taken");
        }
    }
    scene.net.be_honest();
    let report = scene.sync(&mut ben).unwrap();
    assert_eq!((report.received, report.alarms.len(), report.passed_over), (4, 0, 0), "{report:?}");
    for (chart, id, text) in [
        (scene.charts.shared, "one", "61"),
        (scene.charts.shared, "two", "62"),
        (scene.charts.shared, "three", "63"),
        (scene.charts.read_only, "four", "64"),
    ] {
        assert_eq!(read(&mut ben, chart, id).as_deref(), Some(text));
    }
    assert!(ben.verify(&mut |_| {}).unwrap().findings.is_empty());
    assert!(ben.verify_server(&mut scene.net.link(), &mut |_, _| {}).unwrap().findings.is_empty());
}

/// A5: an entry of one chart is handed out as another's, with and without a log that says so.
#[test]
fn a5_an_entry_of_one_chart_is_not_taken_for_anothers() {
    refused(&[
        ("bytes of another chart's entry", "LOG-06", |_, _, answer| {
            let (shared, other) = of_charts(answer);
            swap_objects(answer, shared[0], other[0]);
        }),
        ("bytes of another entry of the chart", "LOG-06", |_, _, answer| {
            let (shared, _) = of_charts(answer);
            swap_objects(answer, shared[0], shared[1]);
        }),
        ("filed under the other chart, signed", "LOG-06", |net, request, answer| {
            let (shared, other) = of_charts(answer);
            let stolen = leaf(&mut answer.items[shared[2]]).1.clone().unwrap();
            let id = leaf(&mut answer.items[shared[2]]).0.id;
            let (target, object) = leaf(&mut answer.items[other[0]]);
            (target.id, *object) = (id, Some(stolen));
            net.sign_again(request.point, answer);
        }),
        ("filed among the statements, signed", "LOG-06", |net, request, answer| {
            let (shared, _) = of_charts(answer);
            leaf(&mut answer.items[shared[0]]).0.kind = LeafKind::Statement;
            net.sign_again(request.point, answer);
        }),
    ]);
}

/// A9: leaves are left out, changed in order, repeated, hidden or cut off, with the log signed again where that helps.
#[test]
fn a9_an_answer_with_leaves_left_out_moved_or_repeated_is_refused() {
    refused(&[
        ("left out", "LOG-05", |_, _, answer| {
            let (shared, _) = of_charts(answer);
            answer.items.remove(shared[0]);
        }),
        ("left out, signed", "LOG-05", |net, request, answer| {
            let (shared, _) = of_charts(answer);
            answer.items.remove(shared[1]);
            net.sign_again(request.point, answer);
        }),
        ("the last left out", "LOG-03", |_, _, answer| {
            let last = *entries(answer).last().unwrap();
            answer.items.remove(last);
        }),
        ("moved", "LOG-05", |net, request, answer| {
            let (shared, _) = of_charts(answer);
            answer.items.swap(shared[0], shared[1]);
            net.sign_again(request.point, answer);
        }),
        ("two charts moved", "LOG-03", |_, _, answer| {
            let (shared, other) = of_charts(answer);
            answer.items.swap(shared[2], other[0]);
        }),
        ("repeated", "LOG-05", |net, request, answer| {
            let (shared, _) = of_charts(answer);
            answer.items.insert(shared[0] + 1, answer.items[shared[0]].clone());
            net.sign_again(request.point, answer);
        }),
        ("numbered anew", "LOG-03", |_, _, answer| {
            let (shared, _) = of_charts(answer);
            answer.items.remove(shared[1]);
            leaf(&mut answer.items[shared[2] - 1]).0.seq -= 1;
        }),
        ("hidden as if not wanted", "LOG-05", |_, _, answer| {
            let (shared, _) = of_charts(answer);
            let root = leaf(&mut answer.items[shared[0]]).0.hash();
            answer.items[shared[0]] = Item::Skip(Subtree { level: 0, root });
        }),
        ("without its bytes", "LOG-06", |_, _, answer| {
            let (shared, _) = of_charts(answer);
            *leaf(&mut answer.items[shared[1]]).1 = None;
        }),
        ("the last without its bytes", "LOG-06", |_, _, answer| {
            let (shared, _) = of_charts(answer);
            *leaf(&mut answer.items[shared[2]]).1 = None;
        }),
        ("cut off", "LOG-03", |_, _, answer| answer.items.truncate(1)),
        ("cut off and never continued", "LOG-03", |_, _, answer| {
            let hidden = answer.items.drain(..).map(|mut item| Subtree { level: 0, root: leaf(&mut item).0.hash() });
            answer.rest = hidden.collect();
            answer.lease = None;
        }),
        ("a hole that does not fit", "LOG-05", |_, request, answer| {
            let root = Range::default().root();
            let level = request.point.size.trailing_zeros() as u8 + 1;
            answer.items.insert(0, Item::Skip(Subtree { level, root }));
        }),
        ("a receipt for nothing", "what became of each object", |_, _, answer| {
            answer.outcomes.push(Outcome::Logged { index: 0 });
        }),
    ]);
}

/// A9: an answer from earlier is given again.
#[test]
fn a9_an_earlier_answer_is_not_taken_again() {
    let scene = Scene::new();
    drop(written(&scene));
    let mut ben = scene.open("laptop", "ben");
    scene.sync(&mut ben).unwrap();
    let sent = scene.net.take_sent();
    let earlier = sent.into_iter().rfind(|sent| sent.path.ends_with("/sync") && sent.status == 200).unwrap();
    let mut ana = scene.open("tablet", "ana");
    note(&mut ana, scene.charts.shared, "five", "65");
    scene.sync(&mut ana).unwrap();
    scene.net.cheat(move |net, call| {
        let mut answer = net.honest(call);
        if call.path.ends_with("/sync") && answer.status == 200 {
            answer.body.clone_from(&earlier.answer);
        }
        answer
    });
    let until = ben.vault().lease().unwrap().until_ms;
    caught(scene.sync(&mut ben));
    assert_eq!(ben.vault().lease().unwrap().until_ms, until);
    scene.net.be_honest();
    assert_eq!(scene.sync(&mut ben).unwrap().received, 1);
    assert_eq!(read(&mut ben, scene.charts.shared, "five").as_deref(), Some("65"));
}

/// A9: the server says that it has an entry, and throws it away.
#[test]
fn a9_what_was_only_said_to_be_kept_is_handed_in_again() {
    let scene = Scene::new();
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    note(&mut ben, scene.charts.shared, "one", "61");
    scene.net.cheat(|net, call| {
        if !call.path.ends_with("/sync") {
            return net.honest(call);
        }
        let request: SyncRequest = strict::decode(call.body, REQUEST_BYTES_MAX).unwrap();
        let indexes = request.point.size..;
        let outcomes = request.objects.iter().zip(indexes).map(|(_, index)| Outcome::Logged { index });
        let answer = SyncAnswer {
            standing: CallerStanding::Enrolled,
            outcomes: outcomes.collect(),
            items: Vec::new(),
            rest: Vec::new(),
            checkpoint: net.checkpoint(request.point),
            lease: None,
            challenge: Challenge([0; 24]),
            now_ms: net.now_ms(),
        };
        Answer { status: 200, body: strict::encode(&answer), ..Answer::default() }
    });
    // Whether it is noticed at once or not: the entry must not be lost to the others by it.
    let _ = scene.sync(&mut ben);
    assert_eq!(read(&mut ben, scene.charts.shared, "one").as_deref(), Some("61"));
    assert_eq!(delivered(&mut ben, scene.charts.shared, "one"), Delivery::Here);
    scene.net.be_honest();
    scene.sync(&mut ben).unwrap();
    assert_eq!(delivered(&mut ben, scene.charts.shared, "one"), Delivery::Sent);
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, scene.charts.shared, "one").as_deref(), Some("61"));
    note(&mut ana, scene.charts.shared, "two", "62");
    scene.sync(&mut ana).unwrap();
    scene.sync(&mut ben).unwrap();
    assert_eq!(delivered(&mut ben, scene.charts.shared, "one"), Delivery::Seen);
    let log = ben.vault().log().unwrap();
    assert_eq!((log.generation, log.size, ben.vault().alarms().len()), (1, scene.net.size(), 0));
}

/// Where the 64 bytes of the first entry's signature are in an answer: an entry ends with them.
fn signature_in(body: &[u8]) -> std::ops::Range<usize> {
    let mut answer = sync_answer(body);
    let at = entries(&answer)[0];
    let bytes = leaf(&mut answer.items[at]).1.clone().unwrap().0;
    assert!(Entry::decode(&bytes).is_ok());
    let start = body.windows(bytes.len()).position(|window| window == bytes).unwrap();
    start + bytes.len() - 64..start + bytes.len()
}

/// An answer with one new entry, which the device has asked for and refused; nobody has the vault open.
struct Spoiled {
    scene: Scene,
    honest: Answer,
    /// Which byte of it is changed from now on.
    at: Rc<Cell<usize>>,
}

impl Spoiled {
    fn new() -> Self {
        let scene = Scene::new();
        let mut ana = scene.open("tablet", "ana");
        note(&mut ana, scene.charts.shared, "one", "61");
        scene.sync(&mut ana).unwrap();
        let (kept, at) = (Rc::new(RefCell::new(None::<Answer>)), Rc::new(Cell::new(0)));
        let (keep, place) = (Rc::clone(&kept), Rc::clone(&at));
        scene.net.cheat(move |net, call| {
            if !call.path.ends_with("/sync") {
                return net.honest(call);
            }
            let held = keep.borrow().clone();
            let mut answer = held.unwrap_or_else(|| net.honest(call));
            if answer.status == 200 {
                *keep.borrow_mut() = Some(answer.clone());
                let at = place.get();
                answer.body[at] ^= 1u8 << (at % 8);
            }
            answer
        });
        caught(scene.sync(&mut scene.open("laptop", "ben")));
        let honest = kept.borrow().clone().unwrap();
        Self { scene, honest, at }
    }
}

/// A10: one bit of an answer is another, in every 37th byte.
#[test]
fn a10_a_flipped_bit_in_an_answer_changes_nothing_that_is_read() {
    let spoiled = Spoiled::new();
    let (scene, shared) = (&spoiled.scene, spoiled.scene.charts.shared);
    let before = Snapshot::of(&scene.path("laptop"));
    let mut ben = scene.open("laptop", "ben");
    let (mut refused, signature) = (0, signature_in(&spoiled.honest.body));
    let places: Vec<_> = (1..spoiled.honest.body.len()).step_by(37).filter(|at| !signature.contains(at)).collect();
    for at in &places {
        spoiled.at.set(*at);
        let done = scene.sync(&mut ben);
        let seen = read(&mut ben, shared, "one");
        match done {
            Err(Error::Cheat(_) | Error::Damaged(_)) => {
                assert_eq!(seen, None, "byte {at}");
                refused += 1;
            }
            // The challenge of the next request, what the server thinks of the caller: what is read is what was written.
            Ok(_) | Err(Error::Retired(_)) => {
                assert!(seen.is_none_or(|text| text == "61"), "byte {at}");
                drop(ben);
                ben = scene.open("laptop", "ben");
                assert_eq!(read(&mut ben, shared, "one").as_deref(), Some("61"), "byte {at}");
                assert!(ben.verify(&mut |_| {}).unwrap().findings.is_empty(), "byte {at}");
                drop(ben);
                before.put(&scene.path("laptop"));
                ben = scene.open("laptop", "ben");
            }
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
    assert!(places.len() > 20 && refused * 10 > places.len() * 7, "{refused} of {}", places.len());
    scene.net.be_honest();
    assert_eq!(scene.sync(&mut ben).unwrap().received, 1);
    assert_eq!(read(&mut ben, shared, "one").as_deref(), Some("61"));
}

/// A10: the signature of an entry is no part of its id, and a flipped bit in it must not take the entry away for good.
#[test]
fn a10_an_entry_with_a_spoiled_signature_is_not_taken_for_the_one_in_the_log() {
    let spoiled = Spoiled::new();
    let (scene, shared) = (&spoiled.scene, spoiled.scene.charts.shared);
    let mut ben = scene.open("laptop", "ben");
    spoiled.at.set(signature_in(&spoiled.honest.body).start + 20);
    let _ = scene.sync(&mut ben);
    assert_eq!(read(&mut ben, shared, "one"), None);
    scene.net.be_honest();
    scene.sync(&mut ben).unwrap();
    assert_eq!(read(&mut ben, shared, "one").as_deref(), Some("61"));
    assert!(ben.verify(&mut |_| {}).unwrap().findings.is_empty());
}

/// A16: two organisations on one server, and each gets the other's answers.
#[test]
fn a16_an_answer_of_another_organisation_is_refused() {
    let scene = Scene::new();
    let mut ben = scene.open("laptop", "ben");
    let (mut other, _) = found(&scene.path("other"), "Lakeside", &scene.net);
    let theirs = invite(&mut other, &scene.net, None, true);
    drop(join(&scene.path("their-device"), &theirs, &scene.net, None).unwrap());
    let sent = scene.net.take_sent();
    let last = |route: &str| {
        let fits = |sent: &&Sent| sent.path.ends_with(route) && sent.status == 200;
        sent.iter().rfind(fits).unwrap().answer.clone()
    };
    let (sync, joined) = (last("/sync"), last("/invite"));
    let mut ana = scene.open("tablet", "ana");
    let ours = invite(&mut ana, &scene.net, None, true);
    let head = ben.vault().directory().head();

    scene.net.cheat(move |net, call| {
        let mut answer = net.honest(call);
        for (route, foreign) in [("/sync", &sync), ("/invite", &joined)] {
            if call.path.ends_with(route) && answer.status == 200 {
                answer.body.clone_from(foreign);
            }
        }
        answer
    });
    caught(scene.sync(&mut ben));
    assert_eq!(ben.vault().directory().head(), head);
    let told = caught(join(&scene.path("new"), &ours, &scene.net, None));
    assert!(told.contains("DIR-01"), "{told}");

    // A request that was signed for one is not taken by the other.
    scene.net.be_honest();
    scene.sync(&mut ben).unwrap();
    let request = scene.net.take_sent().into_iter().rfind(|sent| sent.status == 200).unwrap();
    let path = request.path.replace(&scene.org.to_string(), &other.vault().directory().org().to_string());
    let call = Call {
        method: "POST",
        path: &path,
        authorization: request.authorization.clone(),
        body: &request.body,
        range: None,
        offset: None,
    };
    assert_eq!(scene.net.honest(&call).status, 401);

    note(&mut ben, scene.charts.shared, "one", "61");
    scene.sync(&mut ben).unwrap();
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, scene.charts.shared, "one").as_deref(), Some("61"));
    scene.sync(&mut other).unwrap();
    drop(join(&scene.path("new"), &ours, &scene.net, None).unwrap());
}
