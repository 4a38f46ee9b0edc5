//! Randomness that is the same on every run. For vectors only: whoever knows the label knows every byte.

use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

/// `block n = SHA-256("wardbook vectors: " ‖ label ‖ n (u64, big-endian))`; each request starts a new block.
pub struct VectorRng {
    label: String,
    next: u64,
}

impl VectorRng {
    pub fn new(label: &str) -> Self {
        Self { label: format!("wardbook vectors: {label}"), next: 0 }
    }
}

impl TryRng for VectorRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut word = [0; 4];
        self.try_fill_bytes(&mut word)?;
        Ok(u32::from_be_bytes(word))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_be_bytes(word))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(32) {
            let block = Sha256::digest([self.label.as_bytes(), &self.next.to_be_bytes()].concat());
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
            self.next += 1;
        }
        Ok(())
    }
}

/// A claim that holds for no secret: it lets the vectors go through the interface that real keys go through.
impl TryCryptoRng for VectorRng {}
