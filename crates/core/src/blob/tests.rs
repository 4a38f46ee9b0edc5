use super::*;
use getrandom::SysRng;
use proptest::prelude::*;
use rand_core::UnwrapErr;
use wardbook_wire::exchange::BLOB_BYTES_MAX;
use wardbook_wire::strict;

const ORG: OrgId = OrgId([1; 32]);
const CHART: ChartId = ChartId([2; 32]);
/// Around the ends of chunks, of the content and of the padded content.
const SIZES: [usize; 10] = [0, 1, 62, 63, 64, 65_535, 65_536, 65_537, 131_072, 200_000];

fn seal(content: &[u8]) -> (BlobRef, Vec<u8>) {
    seal_in_pieces(&[content])
}

fn seal_in_pieces(pieces: &[&[u8]]) -> (BlobRef, Vec<u8>) {
    let mut sealed = Vec::new();
    let mut sealer = BlobSealer::new(ORG, CHART, &mut UnwrapErr(SysRng));
    let mut sink = |bytes: &[u8]| -> Result<(), TooLarge> {
        sealed.extend_from_slice(bytes);
        Ok(())
    };
    for piece in pieces {
        sealer.push(piece, &mut sink).unwrap();
    }
    let blob = sealer.finish("text/plain".into(), &mut sink).unwrap();
    (blob, sealed)
}

fn opener(blob: &BlobRef, sealed: &[u8]) -> Result<BlobOpener, OpenError> {
    BlobOpener::new(blob, ORG, CHART, sealed.get(..HEAD_BYTES).ok_or(OpenError)?)
}

/// All chunks that the length asks for, put together.
fn open(blob: &BlobRef, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let opener = opener(blob, sealed)?;
    let mut content = Vec::new();
    for number in 0..opener.layout().chunks() {
        content.extend_from_slice(&opener.open(number, chunk(blob, sealed, number).ok_or(OpenError)?)?);
    }
    Ok(content)
}

fn chunk<'a>(blob: &BlobRef, sealed: &'a [u8], number: u64) -> Option<&'a [u8]> {
    let place = Layout::of(blob.length).unwrap().sealed_range(&(number..number + 1));
    sealed.get(place.start as usize..place.end as usize)
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 + n / 251) as u8).collect()
}

#[test]
fn files_of_every_size_open_again() {
    for length in SIZES {
        let (blob, sealed) = seal(&content(length));
        let layout = Layout::of(length as u64).unwrap();
        assert_eq!((blob.length, sealed.len() as u64), (length as u64, layout.sealed_bytes()));
        assert_eq!(blob.sha256, <[u8; 32]>::from(Sha256::digest(content(length))));
        assert_eq!(open(&blob, &sealed).unwrap(), content(length), "{length}");
        let whole = layout.sealed_range(&(0..layout.chunks()));
        assert_eq!(whole, HEAD_BYTES as u64..layout.sealed_bytes());
        let last = layout.sealed_range(&(layout.chunks() - 1..layout.chunks()));
        assert!(last.end - last.start > TAG_BYTES as u64, "the last chunk is not empty");
    }
    let chunks = SIZES.map(|length| Layout::of(length as u64).unwrap().chunks());
    assert_eq!(chunks, [1, 1, 1, 1, 1, 1, 2, 2, 3, 4]);
}

#[test]
fn the_length_leaks_as_little_as_an_entrys() {
    let sealed = |length: u64| Layout::of(length).unwrap().sealed_bytes();
    assert_eq!(sealed(0), sealed(63));
    assert_eq!(sealed(1_000_000), sealed(1_015_000));
    assert_eq!(seal(b"the same").1.len(), seal(b"another").1.len());
}

#[test]
fn two_blobs_of_one_file_have_nothing_in_common() {
    let ((one, first), (other, second)) = (seal(b"scan"), seal(b"scan"));
    assert_ne!(one.id, other.id);
    assert_ne!(first[2..], second[2..]);
    assert_eq!(one.sha256, other.sha256);
}

/// BLB-08: what was lost is made anew from the file and its entry, byte for byte.
#[test]
fn the_same_file_under_the_same_key_becomes_the_same_blob() {
    let (blob, sealed) = seal(&content(200_000));
    let again = |chart, content: &[u8]| {
        let mut again = Vec::new();
        let mut sealer = BlobSealer::again(&blob, ORG, chart);
        let mut sink = |bytes: &[u8]| -> Result<(), TooLarge> {
            again.extend_from_slice(bytes);
            Ok(())
        };
        sealer.push(content, &mut sink).unwrap();
        (sealer.finish("text/plain".into(), &mut sink).unwrap(), again)
    };
    assert!(again(CHART, &content(200_000)) == (blob.clone(), sealed));
    assert_ne!(again(ChartId([9; 32]), &content(200_000)).0.id, blob.id);
}

#[test]
fn blb_01_a_chunk_that_is_moved_repeated_or_changed_is_refused() {
    let (blob, sealed) = seal(&content(200_000));
    let opener = opener(&blob, &sealed).unwrap();
    for number in 0..4 {
        for other in 0..4 {
            let opened = opener.open(other, chunk(&blob, &sealed, number).unwrap());
            assert_eq!(opened.is_ok(), number == other, "{number} as {other}");
        }
    }
    for at in [0, 1, 40_000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + TAG_BYTES - 1] {
        let mut bad = chunk(&blob, &sealed, 1).unwrap().to_vec();
        bad[at] ^= 1;
        assert!(opener.open(1, &bad).is_err(), "byte {at}");
    }
}

#[test]
fn blb_01_a_chunk_of_another_blob_is_refused() {
    let (blob, sealed) = seal(&content(200_000));
    let (_, foreign) = seal(&content(200_000));
    assert!(opener(&blob, &sealed).unwrap().open(1, chunk(&blob, &foreign, 1).unwrap()).is_err());
    assert!(opener(&blob, &foreign).is_err(), "its head neither");
}

#[test]
fn blb_01_another_chart_organisation_or_kind_is_refused() {
    let (blob, sealed) = seal(b"scan");
    let head = &sealed[..HEAD_BYTES];
    assert!(BlobOpener::new(&blob, ORG, CHART, head).is_ok());
    assert!(BlobOpener::new(&blob, OrgId([9; 32]), CHART, head).is_err());
    assert!(BlobOpener::new(&blob, ORG, ChartId([9; 32]), head).is_err());
    let other = BlobRef { key: BlobKey::generate(&mut UnwrapErr(SysRng)), ..blob.clone() };
    assert!(BlobOpener::new(&other, ORG, CHART, head).is_err());
    for at in 0..HEAD_BYTES {
        let mut bad = head.to_vec();
        bad[at] ^= 1;
        assert!(BlobOpener::new(&blob, ORG, CHART, &bad).is_err(), "byte {at}");
    }
    for length in [0, 1, 34, HEAD_BYTES - 1] {
        assert!(BlobOpener::new(&blob, ORG, CHART, &head[..length]).is_err());
    }
    assert!(BlobOpener::new(&blob, ORG, CHART, &sealed[..=HEAD_BYTES]).is_err());
}

#[test]
fn blb_02_a_blob_that_is_cut_off_is_refused() {
    let (blob, sealed) = seal(&content(200_000));
    for end in [0, HEAD_BYTES, sealed.len() - 1, sealed.len() - TAG_BYTES, HEAD_BYTES + 3 * (CHUNK_BYTES + TAG_BYTES)] {
        assert!(open(&blob, &sealed[..end]).is_err(), "{end}");
    }
    let opener = opener(&blob, &sealed).unwrap();
    assert!(opener.open(3, &[]).is_err());
    assert!(opener.open(4, &[]).is_err());
    assert!(opener.open(u64::MAX, &[]).is_err());
}

/// Whoever shortens the length along with the blob still has no chunk that says it is the last.
#[test]
fn blb_02_an_earlier_chunk_is_not_the_last() {
    let (blob, sealed) = seal(&content(200_000));
    let shorter = BlobRef { length: CHUNK_BYTES as u64 - 1, ..blob.clone() };
    assert_eq!(Layout::of(shorter.length).unwrap().chunks(), 1);
    assert!(opener(&shorter, &sealed).unwrap().open(0, chunk(&blob, &sealed, 0).unwrap()).is_err());
    let (one, sealed) = seal(&content(CHUNK_BYTES - 1));
    let longer = BlobRef { length: 200_000, ..one.clone() };
    assert!(opener(&longer, &sealed).unwrap().open(0, chunk(&one, &sealed, 0).unwrap()).is_err());
}

#[test]
fn blb_03_the_name_is_the_hash_of_all_sealed_bytes() {
    let (blob, mut sealed) = seal(&content(70_000));
    assert_eq!(blob.id.0, <[u8; 32]>::from(Sha256::digest(&sealed)));
    sealed.push(0);
    assert_ne!(blob.id.0, <[u8; 32]>::from(Sha256::digest(&sealed)));
}

#[test]
fn blb_04_larger_files_are_refused() {
    let largest = Layout::of(CONTENT_BYTES_MAX).unwrap();
    assert_eq!(largest.sealed_bytes(), BLOB_BYTES_MAX);
    assert_eq!(Layout::of(CONTENT_BYTES_MAX + 1), Err(TooLarge));
    assert_eq!(Layout::of(u64::MAX), Err(TooLarge));
    let mut sealer = BlobSealer::new(ORG, CHART, &mut UnwrapErr(SysRng));
    sealer.length = CONTENT_BYTES_MAX - 1;
    let mut sink = |_: &[u8]| -> Result<(), TooLarge> { Ok(()) };
    assert_eq!(sealer.push(&[0], &mut sink), Ok(()));
    assert_eq!(sealer.push(&[0], &mut sink), Err(TooLarge));
    let (blob, sealed) = seal(b"small");
    assert!(opener(&BlobRef { length: CONTENT_BYTES_MAX + 1, ..blob }, &sealed).is_err());
}

#[test]
fn blb_05_padding_of_another_form_or_another_length_is_refused() {
    let (blob, sealed) = seal(&content(1000));
    for length in [999, 1001, 1010] {
        let other = BlobRef { length, ..blob.clone() };
        assert_eq!(Layout::of(length).unwrap(), Layout { length, ..Layout::of(1000).unwrap() });
        assert!(open(&other, &sealed).is_err(), "{length}");
    }
    for padding in [[0x80u8, 1], [0x81, 0], [0, 0x80]] {
        let mut sealed = Vec::new();
        let mut sealer = BlobSealer::new(ORG, CHART, &mut UnwrapErr(SysRng));
        let mut sink = |bytes: &[u8]| -> Result<(), TooLarge> {
            sealed.extend_from_slice(bytes);
            Ok(())
        };
        sealer.fill(&[[b'x'; 10].as_slice(), &padding, &[0u8; 52]].concat(), &mut sink).unwrap();
        sealer.seal_next(true, &mut sink).unwrap();
        let blob = BlobRef { key: sealer.key.clone(), length: 10, ..blob.clone() };
        assert!(open(&blob, &sealed).is_err(), "{padding:?}");
    }
}

#[test]
fn nonces_are_number_and_last_flag() {
    assert_eq!(nonce(0, false), [0; 12]);
    assert_eq!(nonce(0x0102, true), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1]);
    assert_eq!(nonce(u64::MAX, false)[3..], [255u8, 255, 255, 255, 255, 255, 255, 255, 0]);
}

#[test]
fn a_reference_has_one_encoding_and_prints_no_key() {
    let (blob, _) = seal(b"scan");
    let bytes = strict::encode(&blob);
    assert_eq!(strict::decode::<BlobRef>(&bytes, 1000).unwrap(), blob);
    assert!(format!("{blob:?}").contains("BlobKey(secret)"));
    let mut short = bytes.clone();
    let at = bytes.windows(32).position(|window| window == blob.key.expose()).unwrap();
    short.remove(at);
    short[at - 1] = 31;
    assert!(strict::decode::<BlobRef>(&short, 1000).is_err());
    let other = BlobRef { key: BlobKey::generate(&mut UnwrapErr(SysRng)), ..blob.clone() };
    assert_ne!(other, blob);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pieces_of_any_size_and_parts_of_any_range_agree(
        length in 0usize..300_000,
        cuts in proptest::collection::vec(0usize..300_000, 0..5),
        from in 0u64..300_000,
        to in 0u64..300_000,
    ) {
        let whole = content(length);
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(length)).collect();
        cuts.extend([0, length]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|cut| &whole[cut[0]..cut[1]]).collect();
        let (blob, sealed) = seal_in_pieces(&pieces);
        prop_assert_eq!(blob.id.0, <[u8; 32]>::from(Sha256::digest(&sealed)));

        let range = from.min(length as u64)..to.min(length as u64).max(from.min(length as u64));
        let opener = opener(&blob, &sealed).unwrap();
        let chunks = opener.layout().chunks_with(&range);
        let mut part = Vec::new();
        for number in chunks.clone() {
            part.extend_from_slice(&opener.open(number, chunk(&blob, &sealed, number).unwrap()).unwrap());
        }
        let start = range.start - chunks.start * CHUNK_BYTES as u64;
        let part = part.get(start as usize..(start + range.end - range.start) as usize).unwrap_or_default();
        prop_assert_eq!(part, &whole[range.start as usize..range.end as usize]);
    }

    #[test]
    fn blb_01_arbitrary_bytes_never_open(bytes in proptest::collection::vec(any::<u8>(), 0..300), number in 0u64..3) {
        let (blob, sealed) = seal(&content(100));
        prop_assert!(opener(&blob, &bytes).is_err());
        prop_assert!(opener(&blob, &sealed).unwrap().open(number, &bytes).is_err());
    }
}
