//! The one accepted encoding: deterministic CBOR (RFC 8949 section 4.2), arrays of fixed order.
//!
//! `minicbor` also reads longer integers, indefinite lengths, additional array items and trailing bytes. Two byte
//! strings for one value would mean two ids for one object, so a value counts only if encoding it again gives the
//! very bytes that were read (`ENC-02`, see `spec/encoding.md`).

use crate::WireError;
use minicbor::{Decode, Encode};

/// The bytes of a value.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to a Vec cannot fail, and no `Encode` of this project returns an error of its own.
    let _ = minicbor::encode(value, &mut out);
    out
}

/// Reads a value of at most `bytes_max` bytes.
///
/// # Errors
/// `ENC-01` when there are more bytes, `ENC-02` when they are not exactly the encoding of a `T`.
pub fn decode<T>(bytes: &[u8], bytes_max: usize) -> Result<T, WireError>
where
    T: Encode<()> + for<'b> Decode<'b, ()>,
{
    if bytes.len() > bytes_max {
        return Err(WireError::TooLarge { limit: bytes_max }); // ENC-01
    }
    let value: T = minicbor::decode(bytes).map_err(|_| WireError::Malformed)?;
    if encode(&value) == bytes { Ok(value) } else { Err(WireError::Malformed) } // ENC-02
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, Encode, Decode)]
    struct Sample {
        #[n(0)]
        number: u64,
        #[n(1)]
        list: Vec<u32>,
        #[n(2)]
        maybe: Option<bool>,
    }

    /// ENC-02: each line is one value with one other way of writing it.
    #[test]
    fn enc_02_other_forms_are_refused() {
        let good = encode(&Sample { number: 1, list: vec![2], maybe: None });
        assert_eq!(good, [0x82, 0x01, 0x81, 0x02]);
        assert!(decode::<Sample>(&good, 100).is_ok());
        let others: [&[u8]; 7] = [
            &[0x82, 0x18, 0x01, 0x81, 0x02],       // 1 in two bytes
            &[0x9f, 0x01, 0x81, 0x02, 0xff],       // indefinite array
            &[0x82, 0x01, 0x9f, 0x02, 0xff],       // indefinite inner array
            &[0x83, 0x01, 0x81, 0x02, 0xf6],       // explicit null where none belongs
            &[0x84, 0x01, 0x81, 0x02, 0xf6, 0x00], // an unknown field
            &[0x82, 0x01, 0x81, 0x02, 0x00],       // a trailing byte
            &[0x82, 0x01],                         // cut short
        ];
        for bytes in others {
            assert_eq!(decode::<Sample>(bytes, 100), Err(WireError::Malformed), "{bytes:02x?}");
        }
    }

    #[test]
    fn enc_01_length_is_checked_first() {
        assert_eq!(decode::<Sample>(&[0; 101], 100), Err(WireError::TooLarge { limit: 100 }));
    }

    proptest! {
        /// ENC-02: whatever is accepted is exactly what encoding gives.
        #[test]
        fn enc_02_accepted_bytes_are_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(value) = decode::<Sample>(&bytes, 100) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }
    }
}
