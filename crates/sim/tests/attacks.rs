//! A server that cheats, by the rows of `docs/threats.md`: each cheat is caught, or does no harm once the server is honest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use wardbook_sim::{Attack, Options, Report, run};

/// Seeds for one attack, at most: until it had its chance and was caught.
const SEEDS: u64 = 4;

/// Plays until the attack was made; gives the counts of all seeds together.
fn play(attack: Attack, until_caught: bool) -> Report {
    let mut all = Report::default();
    for seed in 0..SEEDS {
        let options = Options {
            devices: 9,
            days: 4,
            acts_per_day: 4,
            revocations: attack == Attack::Withhold,
            crashes: false,
            attack: Some(attack),
            ..Options::plain()
        };
        let outcome = run(seed, &options);
        assert_eq!(outcome.failure, None, "{attack:?}: {outcome}");
        all.cheats += outcome.report.cheats;
        all.detections += outcome.report.detections;
        if all.cheats > 0 && (all.detections > 0 || !until_caught) {
            break;
        }
    }
    assert!(all.cheats > 0, "{attack:?} had no chance");
    all
}

fn is_caught(attack: Attack) {
    assert!(play(attack, true).detections > 0, "{attack:?} was not caught");
}

/// Nothing contradicts anything: it shows in the end of the lease, and is over when the server is honest.
fn does_no_harm(attack: Attack) {
    play(attack, false);
}

#[test]
fn a7_a_log_that_was_rolled_back_is_refused() {
    is_caught(Attack::Rollback);
}

#[test]
fn a8_two_logs_for_two_groups_are_found() {
    is_caught(Attack::Fork);
}

#[test]
fn a9_an_entry_that_is_left_out_is_missed() {
    is_caught(Attack::Drop);
}

#[test]
fn a9_leaves_in_another_order_are_refused() {
    is_caught(Attack::Reorder);
}

#[test]
fn a9_an_earlier_answer_is_refused() {
    is_caught(Attack::Replay);
}

#[test]
fn a9_entries_that_changed_places_are_refused() {
    is_caught(Attack::Swap);
}

#[test]
fn a9_a_leaf_behind_a_subtree_is_missed() {
    is_caught(Attack::Hide);
}

#[test]
fn a9_a_receipt_without_a_place_in_the_log_loses_nothing() {
    does_no_harm(Attack::FalseReceipt);
}

#[test]
fn a10_a_flipped_bit_is_refused() {
    is_caught(Attack::FlipBit);
}

#[test]
fn a14_a_retirement_that_nobody_stated_is_refused() {
    is_caught(Attack::FalseRetirement);
}

#[test]
fn a14_lateness_is_part_of_the_log() {
    is_caught(Attack::FalseLate);
}

#[test]
fn a15_a_lease_for_another_device_is_refused() {
    is_caught(Attack::ForeignLease);
}

#[test]
fn a15_a_lease_longer_than_the_policy_allows_is_refused() {
    is_caught(Attack::LongLease);
}

#[test]
fn a15_without_a_lease_nothing_is_lost() {
    does_no_harm(Attack::NoLease);
}

#[test]
fn a16_another_organisations_answer_is_refused() {
    is_caught(Attack::ForeignOrganisation);
}

#[test]
fn a17_silence_ends_with_the_lease_and_loses_nothing() {
    does_no_harm(Attack::Withhold);
}
