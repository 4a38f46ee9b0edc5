//! The browser's storage and the site key. All that this crate asks of the browser's side of `client` is here.
//!
//! ```text
//! start:   IndexedDB ─unwrapped by a WebCrypto key that nobody can take out─► site key ─► client opens the vault
//! joining: client makes or learns a site key ─► hand_over ─► page wraps it and stores it
//! retired: client wipes it                   ─► hand_over ─► page deletes it
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
    browser::prepare(folder()).await?;
    if let Some(key) = site_key {
        let key = key.first_chunk::<32>().filter(|_| key.len() == 32);
        let key = key.ok_or_else(|| crate::types::Failure::invalid("a site key has 32 bytes"))?;
        browser::give_site_key(key);
    }
    Ok(())
}

/// Tells the page what became of the site key since it was last told: a new one to keep, or none any more.
#[cfg(target_arch = "wasm32")]
pub fn hand_over(keep: &Function) {
    use js_sys::Uint8Array;
    use wardbook_client::browser;
    use wasm_bindgen::JsValue;
    if browser::take_forgotten() {
        let _ = keep.call1(&JsValue::UNDEFINED, &JsValue::UNDEFINED);
    }
    if let Some(key) = browser::take_site_key() {
        let key: JsValue = Uint8Array::from(key.as_slice()).into();
        let _ = keep.call1(&JsValue::UNDEFINED, &key);
    }
}

/// Natively a vault folder keeps its key itself.
#[cfg(not(target_arch = "wasm32"))]
pub async fn prepare(_site_key: Option<Zeroizing<Vec<u8>>>) -> Outcome<()> {
    Ok(())
}

#[cfg(not(target_arch = "wasm32"))]
pub fn hand_over(_keep: &Function) {}
