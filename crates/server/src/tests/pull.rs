//! What is handed out.

use crate::testing::{Clinic, Who, asking, code, folded, object};
use std::collections::BTreeSet;
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::exchange::{
    ANSWER_BYTES, HistoryAnswer, HistoryRequest, ITEMS_MAX, ObjectsAnswer, ObjectsRequest, SeenAnswer, SeenRequest,
    StatementsAnswer, StatementsRequest, SyncAnswer, SyncRequest, Want,
};
use wardbook_wire::log::{Item, LeafKind, Range, StreamId};
use wardbook_wire::{ChartId, Entry, TeamId, strict};

const TEAM: TeamId = TeamId([5; 16]);
const OTHER_TEAM: TeamId = TeamId([6; 16]);

/// Charts of two teams by turns, with some changes each.
fn filled(clinic: &mut Clinic, charts: u8, changes: u8) -> Vec<Entry> {
    let admin = clinic.admin.clone();
    let opened: Vec<_> =
        (0..charts).map(|n| clinic.genesis(&admin, n, if n % 2 == 0 { TEAM } else { OTHER_TEAM })).collect();
    clinic.push(&admin, opened.iter().map(object).collect());
    for round in 0..changes {
        let change = |chart: &Entry| object(&clinic.change(&admin, chart.chart(), chart.id(), vec![round]));
        let objects = opened.iter().map(change).collect();
        clinic.push(&admin, objects);
    }
    opened
}

fn wanting(point: &Range, charts: &[ChartId], teams: &[TeamId]) -> SyncRequest {
    let want = Want::Some { charts: charts.to_vec(), teams: teams.to_vec() };
    SyncRequest { point: point.point(), want, mine_too: true, ..asking(vec![]) }
}

fn streams(items: &[Item]) -> BTreeSet<StreamId> {
    let leaves = items.iter().filter_map(|item| match item {
        Item::Leaf { leaf, object } => {
            assert!(object.is_some());
            Some(leaf.stream)
        }
        Item::Skip(_) => None,
    });
    leaves.collect()
}

/// Looked up stream by stream, and walked over: each leads to the root of the checkpoint, from wherever one is.
#[test]
fn what_is_wanted_and_what_is_skipped_give_the_signed_root() {
    let mut clinic = Clinic::new();
    let (opened, admin) = (filled(&mut clinic, 20, 5), clinic.admin.clone());
    let own = StreamId::from(clinic.org());
    let whole = clinic.sync(&admin, &wanting(&Range::default(), &[], &[]));
    let size = clinic.follow(&Range::default(), &whole, 1).size();
    assert_eq!((size, streams(&whole.items)), (4 + 120, BTreeSet::from([own])));
    let charts: Vec<_> = opened.iter().map(Entry::chart).collect();
    let all = clinic.sync(&admin, &SyncRequest { mine_too: true, ..asking(vec![]) });
    for count in [1, 3, 20] {
        let wanted = &charts[..count];
        for from in [0, 1, 17, 64, 123, 124] {
            let start = folded(&Range::default(), &all.items[..from]);
            let answer = clinic.sync(&admin, &wanting(&start, wanted, &[]));
            clinic.follow(&start, &answer, 1);
            let leaves = answer.items.iter().filter_map(|item| match item {
                Item::Leaf { leaf, .. } => Some(leaf.id),
                Item::Skip(_) => None,
            });
            let expected = all.items[from..].iter().filter_map(|item| match item {
                Item::Leaf { leaf, .. } => {
                    let chart = wanted.iter().any(|chart| StreamId::from(*chart) == leaf.stream);
                    (chart || leaf.stream == own).then_some(leaf.id)
                }
                Item::Skip(_) => None,
            });
            assert!(leaves.eq(expected), "{count} charts from {from}");
        }
    }
}

#[test]
fn a_team_stands_for_every_chart_that_it_was_granted() {
    let mut clinic = Clinic::new();
    let (opened, admin) = (filled(&mut clinic, 6, 1), clinic.admin.clone());
    let answer = clinic.sync(&admin, &wanting(&Range::default(), &[opened[0].chart()], &[OTHER_TEAM]));
    let odd = opened
        .iter()
        .enumerate()
        .filter(|(n, _)| n % 2 == 1 || *n == 0)
        .map(|(_, chart)| StreamId::from(chart.chart()));
    let expected: BTreeSet<StreamId> = odd.chain([StreamId::from(clinic.org())]).collect();
    assert_eq!(streams(&answer.items), expected);
}

/// LOG-05: the leaves of a stream are counted, so that none can be left out.
#[test]
fn leaves_of_a_stream_are_numbered_from_one() {
    let mut clinic = Clinic::new();
    let (opened, admin) = (filled(&mut clinic, 3, 4), clinic.admin.clone());
    let answer = clinic.sync(&admin, &asking(vec![]));
    let own = StreamId::from(clinic.org());
    for stream in opened.iter().map(|chart| StreamId::from(chart.chart())).chain([own]) {
        let seqs = answer.items.iter().filter_map(|item| match item {
            Item::Leaf { leaf, .. } if leaf.stream == stream => Some(leaf.seq),
            _ => None,
        });
        let count: u64 = if stream == own { 4 } else { 5 };
        assert!(seqs.eq(1..=count));
    }
}

#[test]
fn what_a_device_has_handed_in_does_not_come_back_unless_it_asks() {
    let mut clinic = Clinic::new();
    let (admin, who) = (clinic.admin.clone(), clinic.newcomer(2));
    clinic.push(&admin, vec![object(&clinic.genesis(&admin, 1, TEAM))]);
    let given = |clinic: &mut Clinic, who: &Who, mine_too| {
        let answer = clinic.sync(who, &SyncRequest { mine_too, ..asking(vec![]) });
        let last = answer.items.last().unwrap().clone();
        matches!(last, Item::Leaf { object: Some(_), .. })
    };
    assert!(!given(&mut clinic, &admin, false));
    assert!(given(&mut clinic, &admin, true));
    assert!(given(&mut clinic, &who, false));
}

/// An answer is as long as it may be; the next one goes on where it ends.
#[test]
fn long_answers_come_in_parts() {
    let mut clinic = Clinic::new();
    let (admin, who) = (clinic.admin.clone(), clinic.newcomer(2));
    let chart = clinic.genesis(&admin, 1, TEAM);
    let other = clinic.genesis(&admin, 2, TEAM);
    let size = ANSWER_BYTES as usize / 3;
    let mut objects = vec![object(&chart), object(&other)];
    objects.extend((0..7).map(|n| object(&clinic.change(&admin, chart.chart(), chart.id(), vec![n; size]))));
    objects.push(object(&clinic.change(&admin, other.chart(), other.id(), vec![1; 2 * ANSWER_BYTES as usize])));
    clinic.push(&admin, objects);
    let (mut range, mut answers, mut seen) = (Range::default(), 0, 0);
    loop {
        let answer = clinic.sync(&who, &SyncRequest { point: range.point(), ..asking(vec![]) });
        let next = clinic.follow(&range, &answer, 1);
        assert!(next.size() > range.size());
        (range, answers, seen) = (next, answers + 1, seen + answer.items.len());
        if answer.rest.is_empty() {
            break;
        }
        // No lease before the device has everything.
        let asked = SyncRequest { point: range.point(), lease: crate::testing::wish(0, 1), ..asking(vec![]) };
        let answer = clinic.sync(&who, &asked);
        assert_eq!(answer.lease.is_some(), answer.rest.is_empty());
    }
    assert_eq!((answers, seen), (5, 6 + 10));
}

#[test]
fn many_items_come_in_parts() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let chart = clinic.genesis(&admin, 1, TEAM);
    let other = clinic.genesis(&admin, 2, OTHER_TEAM);
    clinic.push(&admin, vec![object(&chart), object(&other)]);
    let count = ITEMS_MAX + 200;
    let change = |n: usize| {
        let of = if n.is_multiple_of(2) { &chart } else { &other };
        object(&clinic.change(&admin, of.chart(), of.id(), n.to_be_bytes().to_vec()))
    };
    let objects: Vec<_> = (0..count).map(change).collect();
    for part in objects.chunks(4096) {
        clinic.push(&admin, part.to_vec());
    }
    for want in [Want::All, Want::Some { charts: vec![chart.chart()], teams: vec![] }] {
        let first = clinic.sync(&admin, &SyncRequest { want: want.clone(), ..asking(vec![]) });
        assert!(first.items.len() <= ITEMS_MAX && !first.rest.is_empty());
        let range = clinic.follow(&Range::default(), &first, 1);
        let second = clinic.sync(&admin, &SyncRequest { want, point: range.point(), ..asking(vec![]) });
        assert!(second.rest.is_empty());
        assert_eq!(clinic.follow(&range, &second, 1).size(), 6 + count as u64);
    }
}

#[test]
fn history_gives_charts_that_were_passed_over() {
    let mut clinic = Clinic::new();
    let (opened, admin) = (filled(&mut clinic, 8, 6), clinic.admin.clone());
    let size = clinic.point().size;
    let history = |clinic: &mut Clinic, from, to, charts: &[ChartId], teams: &[TeamId]| {
        let (charts, teams) = (charts.to_vec(), teams.to_vec());
        clinic.post(
            &admin,
            "history",
            &strict::encode(&HistoryRequest { generation: 1, from, to, charts, teams, all: false }),
        )
    };
    let answer = history(&mut clinic, 0, size, &[opened[3].chart()], &[]);
    let answer: HistoryAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    // With their bytes, although this very device has handed them in.
    assert_eq!(streams(&answer.items), BTreeSet::from([StreamId::from(opened[3].chart())]));
    assert_eq!(folded(&Range::default(), &answer.items).point(), clinic.point());
    let answer = history(&mut clinic, 10, 30, &[], &[TEAM]);
    let answer: HistoryAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    assert_eq!(streams(&answer.items).len(), 4);
    let all = clinic.sync(&admin, &asking(vec![])).items;
    let start = folded(&Range::default(), &all[..10]);
    assert_eq!(folded(&start, &answer.items), folded(&Range::default(), &all[..30]));
    assert_eq!(code(&history(&mut clinic, 0, size + 1, &[], &[])), "log-behind");
    assert_eq!(code(&history(&mut clinic, 2, 1, &[], &[])), "malformed");
}

#[test]
fn seen_proves_that_smaller_logs_are_the_beginning() {
    let mut clinic = Clinic::new();
    let (_, admin) = (filled(&mut clinic, 5, 3), clinic.admin.clone());
    let all = clinic.sync(&admin, &asking(vec![])).items;
    let size = all.len() as u64;
    let sizes: Vec<_> = (0..=size).collect();
    let body = strict::encode(&SeenRequest { generation: 1, sizes, size });
    let answer = clinic.post(&admin, "seen", &body);
    let answer: SeenAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    for (n, proof) in answer.proofs.iter().enumerate() {
        assert_eq!(proof.range, folded(&Range::default(), &all[..n]));
        let mut end = proof.range.clone();
        proof.rest.iter().for_each(|subtree| end.push(*subtree, &mut |_, _| {}).unwrap());
        assert_eq!(end.point(), clinic.point());
    }
    assert_eq!(answer.proofs.len() as u64, size + 1);
    let beyond = SeenRequest { generation: 1, sizes: vec![size + 1], size };
    assert_eq!(code(&clinic.post(&admin, "seen", &strict::encode(&beyond))), "malformed");
    let other = SeenRequest { generation: 2, sizes: vec![], size };
    assert_eq!(code(&clinic.post(&admin, "seen", &strict::encode(&other))), "generation");
}

#[test]
fn entries_and_statements_can_be_fetched_alone() {
    let mut clinic = Clinic::new();
    let (opened, admin) = (filled(&mut clinic, 2, 0), clinic.admin.clone());
    let entries = vec![opened[1].id(), wardbook_wire::EntryId([7; 32]), opened[0].id()];
    let answer = clinic.post(&admin, "objects", &strict::encode(&ObjectsRequest { entries }));
    let answer: ObjectsAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    let bytes: Vec<_> = answer.entries.into_iter().map(|entry| entry.map(|entry| entry.0)).collect();
    assert_eq!(bytes, [Some(opened[1].encode()), None, Some(opened[0].encode())]);
    let after = crate::testing::statement_id(&clinic.chain.statements[1]);
    let answer = clinic.post(&admin, "statements", &strict::encode(&StatementsRequest { after }));
    let answer: StatementsAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    let statements: Vec<_> = answer.statements.into_iter().map(|statement| statement.0).collect();
    assert_eq!(statements, clinic.chain.statements[2..]);
    let (key, org) = (clinic.service.verify_key(), clinic.org());
    let checkpoint = Checkpoint::open(&answer.checkpoint, org, answer.generation, &key).unwrap();
    assert_eq!(checkpoint.point, clinic.point());
}

/// The same calls give the same bytes: nothing depends on chance, order of maps or the clock of the machine.
#[test]
fn the_same_calls_give_the_same_bytes() {
    let run = || {
        let mut clinic = Clinic::new();
        let (opened, admin) = (filled(&mut clinic, 10, 3), clinic.admin.clone());
        let request = SyncRequest {
            lease: crate::testing::wish(0, 1),
            ..wanting(&Range::default(), &[opened[2].chart()], &[TEAM])
        };
        clinic.try_sync(&admin, &request)
    };
    let (one, two) = (run(), run());
    let answer: SyncAnswer = strict::decode(&one.body, usize::MAX).unwrap();
    assert!(answer.items.iter().any(|item| matches!(item, Item::Leaf { leaf, .. } if leaf.kind == LeafKind::Entry)));
    assert_eq!(one, two);
}
