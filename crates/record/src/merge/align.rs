//! Which item of an array stands for which item of the version it was edited from (MRG-09).
//!
//! Items that are equal in both anchor the alignment (a longest common subsequence). Between two anchors, as many
//! items on either side were modified in place; any other number means that the old ones were removed and the new ones
//! inserted.

use super::same::canonical;
use crate::json::Json;
use std::collections::HashMap;
use std::iter::repeat_n;

/// Comparisons for one array, at most (MRG-19): 500 items changed on both sides, after what they have in common at
/// either end. Bounds the work to 500 steps per item that a hostile version brings.
const ALIGN_CELLS_MAX: usize = 250_000;

/// An item with a number that equal items share.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) key: usize,
    pub(super) value: &'a Json,
}

/// Numbers for the items of the arrays of one merge.
#[derive(Default)]
pub(super) struct Keys(HashMap<Vec<u8>, usize>);

impl Keys {
    pub(super) fn items<'a>(&mut self, array: &'a [Json]) -> Vec<Item<'a>> {
        let mut number = |value: &Json| {
            let next = self.0.len();
            *self.0.entry(canonical(value)).or_insert(next)
        };
        array.iter().map(|value| Item { key: number(value), value }).collect()
    }
}

/// One head's array seen from the base's.
pub(super) struct Alignment<'a> {
    /// For each item of the base, the head's item that stands for it; none where the head removed it.
    pub(super) counterparts: Vec<Option<&'a Json>>,
    /// What the head inserted before each item of the base and, last, after all of them.
    pub(super) inserted: Vec<Vec<Item<'a>>>,
}

/// Aligns a head with the base; none where that would take more than [`ALIGN_CELLS_MAX`] comparisons.
pub(super) fn align<'a>(base: &[Item<'_>], head: &[Item<'a>]) -> Option<Alignment<'a>> {
    let mut counterparts: Vec<Option<&'a Json>> = Vec::with_capacity(base.len());
    let mut inserted: Vec<Vec<Item<'a>>> = vec![Vec::new(); base.len() + 1];
    let (mut next_base, mut next_head) = (0, 0);
    for (base_anchor, head_anchor) in anchors(base, head)?.into_iter().chain([(base.len(), head.len())]) {
        let old_count = base_anchor - next_base;
        let new = head.get(next_head..head_anchor).unwrap_or_default();
        if new.len() == old_count {
            counterparts.extend(new.iter().map(|item| Some(item.value)));
        } else {
            counterparts.extend(repeat_n(None, old_count));
            if let Some(gap) = inserted.get_mut(base_anchor) {
                gap.extend_from_slice(new);
            }
        }
        // The last pair is the end of both arrays, where there is no item.
        counterparts.extend(head.get(head_anchor).map(|item| Some(item.value)));
        (next_base, next_head) = (base_anchor + 1, head_anchor + 1);
    }
    Some(Alignment { counterparts, inserted })
}

/// Pairs of places where base and head hold equal items, rising in both.
fn anchors(base: &[Item<'_>], head: &[Item<'_>]) -> Option<Vec<(usize, usize)>> {
    let start = base.iter().zip(head).take_while(|(a, b)| a.key == b.key).count();
    let rest = base.len().min(head.len()) - start;
    let end = base.iter().rev().zip(head.iter().rev()).take(rest).take_while(|(a, b)| a.key == b.key).count();
    let base_middle = base.get(start..base.len() - end).unwrap_or_default();
    let head_middle = head.get(start..head.len() - end).unwrap_or_default();
    if base_middle.len().saturating_mul(head_middle.len()) > ALIGN_CELLS_MAX {
        return None;
    }
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|at| (at, at)).collect();
    pairs.extend(longest_common(base_middle, head_middle).into_iter().map(|(a, b)| (start + a, start + b)));
    pairs.extend((1..=end).rev().map(|back| (base.len() - back, head.len() - back)));
    Some(pairs)
}

/// The longest common subsequence as pairs of places, by the usual table: row `i`, column `j` holds its length for
/// the first `i` and `j` items.
fn longest_common(base: &[Item<'_>], head: &[Item<'_>]) -> Vec<(usize, usize)> {
    let mut rows: Vec<Vec<u32>> = vec![vec![0; head.len() + 1]];
    for item in base {
        let above = rows.last().map(Vec::as_slice).unwrap_or_default();
        let mut row = Vec::with_capacity(head.len() + 1);
        let mut left: u32 = 0;
        row.push(left);
        for (other, pair) in head.iter().zip(above.windows(2)) {
            if let [diagonal, up] = pair {
                left = if item.key == other.key { diagonal + 1 } else { left.max(*up) };
                row.push(left);
            }
        }
        rows.push(row);
    }
    let length = |i: usize, j: usize| rows.get(i).and_then(|row| row.get(j)).copied().unwrap_or_default();
    let mut pairs = Vec::new();
    let (mut i, mut j) = (base.len(), head.len());
    while let (Some(up), Some(left)) = (i.checked_sub(1), j.checked_sub(1)) {
        if base.get(up).map(|item| item.key) == head.get(left).map(|item| item.key) {
            pairs.push((up, left));
            (i, j) = (up, left);
        } else if length(up, j) >= length(i, left) {
            i = up;
        } else {
            j = left;
        }
    }
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counterpart of each letter of `base`, `-` where removed, and the insertions by gap, joined by `|`.
    fn aligned(base: &str, head: &str) -> (String, String) {
        let letters = |text: &str| text.chars().map(|c| Json::from(c.to_string().as_str())).collect::<Vec<_>>();
        let (base, head) = (letters(base), letters(head));
        let mut keys = Keys::default();
        let alignment = align(&keys.items(&base), &keys.items(&head)).unwrap();
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let counterparts = alignment.counterparts.iter().map(|value| value.map_or("-".to_owned(), text)).collect();
        let gap = |items: &Vec<Item<'_>>| items.iter().map(|item| text(item.value)).collect::<String>();
        (counterparts, alignment.inserted.iter().map(gap).collect::<Vec<_>>().join("|"))
    }

    fn expect(counterparts: &str, inserted: &str) -> (String, String) {
        (counterparts.to_owned(), inserted.to_owned())
    }

    /// MRG-09
    #[test]
    fn equal_items_anchor_and_runs_of_equal_length_align_by_place() {
        assert_eq!(aligned("abc", "abc"), expect("abc", "|||"));
        assert_eq!(aligned("abc", "axc"), expect("axc", "|||"));
        assert_eq!(aligned("abc", "ac"), expect("a-c", "|||"));
        assert_eq!(aligned("abc", "axbc"), expect("abc", "|x||"));
        assert_eq!(aligned("abc", "axyc"), expect("a-c", "||xy|"));
        assert_eq!(aligned("abc", ""), expect("---", "|||"));
        assert_eq!(aligned("", "ab"), expect("", "ab"));
        assert_eq!(aligned("abc", "cab"), expect("ab-", "c|||"));
        assert_eq!(aligned("aab", "ab"), expect("a-b", "|||"));
        assert_eq!(aligned("abcdef", "xbydzf"), expect("xbydzf", "||||||"));
    }

    /// MRG-19
    #[test]
    fn arrays_too_different_are_not_aligned() {
        let numbers = |range: std::ops::Range<i64>| range.map(|n| Json::Number(n.into())).collect::<Vec<_>>();
        let mut keys = Keys::default();
        let (low, high) = (numbers(0..501), numbers(1000..1500));
        let (low, high) = (keys.items(&low), keys.items(&high));
        assert!(align(&low, &high).is_none());
        assert!(align(low.get(..500).unwrap(), &high).is_some());
        // What is equal at either end does not count.
        let long = numbers(0..100_000);
        let shorter = numbers(0..99_999);
        assert!(align(&keys.items(&long), &keys.items(&shorter)).is_some());
    }
}
