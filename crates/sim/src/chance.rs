//! Random numbers that follow from a seed and a label, so that the same seed gives the same run.

use sha2::{Digest, Sha256};

/// `block n = SHA-256(SHA-256(label, seed) ‖ n)`; each request starts a new block.
#[derive(Clone)]
pub struct Chance {
    key: [u8; 32],
    block: u64,
}

impl Chance {
    pub fn new(label: &str, seed: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"wardbook simulation: ");
        hash.update(label.as_bytes());
        hash.update(seed.to_be_bytes());
        Self { key: hash.finalize().into(), block: 0 }
    }

    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.key);
            hash.update(self.block.to_be_bytes());
            self.block += 1;
            let block: [u8; 32] = hash.finalize().into();
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
    }

    pub fn number(&mut self) -> u64 {
        let mut word = [0; 8];
        self.fill(&mut word);
        u64::from_be_bytes(word)
    }

    /// From 0 on; 0 where there is nothing below.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// Both ends included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = u64::try_from(to.saturating_sub(from)).unwrap_or(0);
        from.saturating_add(i64::try_from(self.below(span.saturating_add(1))).unwrap_or(0))
    }

    /// True in so many of a thousand cases.
    pub fn happens(&mut self, of_thousand: u64) -> bool {
        self.below(1000) < of_thousand
    }

    /// None of none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = self.below(from.len() as u64);
        from.get(usize::try_from(at).unwrap_or(0))
    }

    /// As a source of bytes.
    pub fn into_filler(mut self) -> impl FnMut(&mut [u8]) + Send + 'static {
        move |bytes: &mut [u8]| self.fill(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |label, seed| {
            let mut chance = Chance::new(label, seed);
            [chance.number(), chance.number(), chance.below(10), chance.between(-5, 5) as u64]
        };
        assert_eq!(numbers("a", 1), numbers("a", 1));
        assert_ne!(numbers("a", 1), numbers("a", 2));
        assert_ne!(numbers("a", 1), numbers("b", 1));
    }
}
