//! The browser's storage and the site key. All that this crate asks of the browser's side of `client` is here.
//!
//! ```text
//! start:   IndexedDB ─unwrapped by a WebCrypto key that nobody can take out─► site key ─► client opens the vault
//! joining: client makes or learns a site key ─► hand_over ─► page wraps it and stores it
//! retired: client wipes it                   ─► hand_over ─► page deletes it
//! given up: forget                                         ─► page deletes it
//! ```

use crate::failure::Outcome;
use js_sys::Function;
use std::path::Path;
use zeroize::Zeroizing;

/// Where the vault is within the storage that the browser gives this origin.
pub fn folder() -> &'static Path {
    Path::new("wardbook")
}

/// Opens the browser's storage, and gives `client` the site key that the page has kept.
///
/// # Errors
/// The storage is open in another tab, or this browser has none.
#[cfg(target_arch = "wasm32")]
pub async fn prepare(site_key: Option<Zeroizing<Vec<u8>>>) -> Outcome<()> {
    use wardbook_client::browser;
    browser::prepare().await?;
    if let Some(key) = site_key {
        browser::give_site_key(whole(&key)?);
    }
    Ok(())
}

/// BRW-01: a site key is all of its bytes and no more.
#[cfg(any(test, target_arch = "wasm32"))]
fn whole(key: &[u8]) -> Outcome<&[u8; 32]> {
    key.try_into().map_err(|_| crate::types::Failure::invalid("a site key has 32 bytes"))
}

/// Tells the page what became of the site key since it was last told: a new one to keep, or none any more.
#[cfg(target_arch = "wasm32")]
pub fn hand_over(keep: &Function) {
    use js_sys::Uint8Array;
    use wardbook_client::browser::{Untold, take_untold};
    use wasm_bindgen::JsValue;
    match take_untold() {
        Some(Untold::Kept(key)) => {
            let key: JsValue = Uint8Array::from(key.as_slice()).into();
            let _ = keep.call1(&JsValue::UNDEFINED, &key);
        }
        Some(Untold::Forgotten) => forget(keep),
        None => {}
    }
}

/// Has the page delete the site key that it keeps. This worker goes on knowing it.
#[cfg(target_arch = "wasm32")]
pub fn forget(keep: &Function) {
    use wasm_bindgen::JsValue;
    let _ = keep.call1(&JsValue::UNDEFINED, &JsValue::UNDEFINED);
}

/// Natively a vault folder keeps its key itself.
#[cfg(not(target_arch = "wasm32"))]
pub async fn prepare(_site_key: Option<Zeroizing<Vec<u8>>>) -> Outcome<()> {
    Ok(())
}

#[cfg(not(target_arch = "wasm32"))]
pub fn hand_over(_keep: &Function) {}

#[cfg(not(target_arch = "wasm32"))]
pub fn forget(_keep: &Function) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brw_01_a_site_key_of_another_length_is_refused() {
        assert_eq!(whole(&[7; 32]).unwrap(), &[7; 32]);
        for length in [0, 31, 33, 64] {
            assert!(whole(&vec![7; length]).is_err(), "{length} bytes");
        }
    }
}
