use super::*;
use crate::keys::{ChartKey, TeamSecret};
use getrandom::SysRng;
use proptest::prelude::*;
use rand_core::UnwrapErr;

fn context(id: &[u8]) -> Context<'_> {
    Context { org: OrgId([1; 32]), kind: Kind::EntryBody, id, epoch: 3, position: 4 }
}

fn key() -> ChartKey {
    ChartKey::from_slice(&[7; 32]).unwrap()
}

fn sealed() -> Vec<u8> {
    seal(&key(), &context(b"chart"), b"content", &mut UnwrapErr(SysRng))
}

#[test]
fn a_box_opens_at_its_place() {
    assert_eq!(open(&key(), &context(b"chart"), &sealed()).unwrap().as_slice(), b"content");
    assert_ne!(sealed(), sealed(), "each has its own salt");
}

#[test]
fn env_01_another_suite_or_kind_is_refused() {
    let mut other = sealed();
    other[0] = 2;
    assert_eq!(open(&key(), &context(b"chart"), &other).unwrap_err(), OpenError);
    let cover = Context { kind: Kind::Cover, ..context(b"chart") };
    assert_eq!(open(&key(), &cover, &sealed()).unwrap_err(), OpenError);
}

#[test]
fn env_02_a_flipped_bit_anywhere_is_refused() {
    let good = sealed();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(open(&key(), &context(b"chart"), &bad).unwrap_err(), OpenError, "byte {at}");
    }
    for length in 0..good.len() {
        assert!(open(&key(), &context(b"chart"), &good[..length]).is_err());
    }
}

/// Two keys, one ciphertext: whatever tag collision an attacker makes, only one key has the commitment.
#[test]
fn env_02_the_commitment_is_checked_before_the_tag() {
    let other = ChartKey::from_slice(&[8; 32]).unwrap();
    let mut forged = sealed();
    let (_, commitment) = message_key(LABEL, &other, forged[2..34].try_into().unwrap(), &context(b"chart").encode());
    assert_ne!(&forged[34..66], commitment.as_slice());
    assert!(open(&other, &context(b"chart"), &forged).is_err());
    forged[34..66].copy_from_slice(&commitment);
    assert!(open(&key(), &context(b"chart"), &forged).is_err());
}

#[test]
fn env_03_another_place_is_refused() {
    let here = context(b"chart");
    for there in [
        context(b"other"),
        Context { org: OrgId([2; 32]), ..here },
        Context { epoch: 4, ..here },
        Context { position: 5, ..here },
    ] {
        assert!(open(&key(), &there, &sealed()).is_err());
    }
}

#[test]
fn env_04_padding_of_another_form_is_refused() {
    for (padded, fits) in
        [(vec![0; 64], false), ([b"x\x80".as_slice(), &[0; 63]].concat(), false), (vec![1; 64], false)]
    {
        assert_eq!(unpad(Zeroizing::new(padded), Kind::EntryBody).is_ok(), fits);
    }
    assert_eq!(
        unpad(Zeroizing::new([b"x\x80".as_slice(), &[0; 62]].concat()), Kind::EntryBody).unwrap().as_slice(),
        b"x"
    );
}

#[test]
fn short_covers_all_have_one_length() {
    let cover = Context { kind: Kind::Cover, ..context(b"chart") };
    let lengths = [0, 10, 255].map(|n| seal(&key(), &cover, &vec![b'n'; n], &mut UnwrapErr(SysRng)).len());
    assert_eq!(lengths, [256 + OVERHEAD; 3]);
}

#[test]
fn padme_grows_by_at_most_twelve_percent() {
    // Values of the paper's formula, computed apart.
    for (length, padded) in [(1, 1), (9, 10), (100, 104), (1000, 1024), (1025, 1088), (100_000, 100_352)] {
        assert_eq!(padme(length), padded);
    }
    for length in 1..20_000 {
        let padded = padme(length);
        assert!(padded >= length && (padded - length) * 100 <= length * 12, "{length} {padded}");
        assert_eq!(padme(padded), padded);
    }
}

proptest! {
    #[test]
    fn everything_sealed_opens(content in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let key = TeamSecret::from_slice(&[9; 32]).unwrap();
        let sealed = seal(&key, &context(b"x"), &content, &mut UnwrapErr(SysRng));
        let opened = open(&key, &context(b"x"), &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), content.as_slice());
    }

    #[test]
    fn env_02_arbitrary_bytes_never_open(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(open(&key(), &context(b"x"), &bytes).is_err());
    }
}
