//! The way to the server from a worker: requests that wait for their answer, to the origin that the page came from.
//!
//! The browser checks the certificate, by the authorities that it believes; a page cannot pin one. What comes is
//! checked by the protocol all the same: the link that somebody joins with names the organisation, its chain every key.

#[cfg(any(test, target_arch = "wasm32"))]
use wardbook_client::sync::transport::ANSWER_BYTES_MAX;
use wardbook_client::sync::transport::{Answer, Call, NoAnswer, Transport};

/// Longest wait that is sat out. The worker answers nobody meanwhile, so it is shorter than on other devices; what the
/// server still puts off then is tried again with the next sync.
const PAUSE_SECS_MAX: u64 = 5;

/// BRW-08: bytes of an answer that are taken into this module: one more than the longest that anybody reads, who then refuses
/// it as too long.
#[cfg(any(test, target_arch = "wasm32"))]
fn bytes_taken(length: u32) -> u32 {
    // The limit is far below what 32 bits hold.
    length.min(ANSWER_BYTES_MAX as u32 + 1)
}

/// Requests to the origin of the page.
pub struct Browser;

impl Transport for Browser {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        requests::send(call)
    }

    fn pause(&mut self, secs: u64) {
        requests::sleep(secs.min(PAUSE_SECS_MAX));
    }

    /// The page waits for news itself, by a stream that does not hold the worker up.
    fn wait(&mut self, _path: &str, _authorization: String, _size: u64) -> Result<u64, NoAnswer> {
        Err(NoAnswer("the page waits for news".into()))
    }
}

/// The origin of the page: `https://host:port`.
pub fn origin() -> Option<String> {
    requests::origin()
}

#[cfg(target_arch = "wasm32")]
mod requests {
    use super::bytes_taken;
    use js_sys::{Atomics, Int32Array, Reflect, SharedArrayBuffer, Uint8Array, global};
    use wardbook_client::sync::transport::{Answer, CHALLENGE_HEADER, Call, Challenge, NoAnswer};
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{WorkerGlobalScope, XmlHttpRequest, XmlHttpRequestResponseType};

    /// For the whole of one request. The worker answers nobody meanwhile, so it is shorter than on other devices; four
    /// MiB, which is what most requests and answers keep to, still pass over a link of 1 Mbit/s.
    const CALL_WAIT_MS: u32 = 45_000;
    /// What is sent is given more: its length is known, and half a Mbit/s is a slow line.
    const SENT_BYTES_PER_MS: usize = 64;

    pub fn origin() -> Option<String> {
        Some(global().dyn_into::<WorkerGlobalScope>().ok()?.location().origin())
    }

    pub fn send(call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let base = origin().ok_or_else(|| NoAnswer("this is not a worker of a page".into()))?;
        exchange(&base, call).map_err(|error| NoAnswer(in_words(&error)))
    }

    fn exchange(base: &str, call: &Call<'_>) -> Result<Answer, JsValue> {
        let request = XmlHttpRequest::new()?;
        request.open_with_async(call.method, &format!("{base}{}", call.path), false)?;
        request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
        request.set_timeout(CALL_WAIT_MS + (call.body.len() / SENT_BYTES_PER_MS) as u32);
        if let Some(authorization) = &call.authorization {
            request.set_request_header("authorization", authorization)?;
        }
        if let Some((first, last)) = call.range {
            let last = last.map(|last| last.to_string()).unwrap_or_default();
            request.set_request_header("range", &format!("bytes={first}-{last}"))?;
        }
        if let Some(offset) = call.offset {
            request.set_request_header("upload-offset", &offset.to_string())?;
        }
        if matches!(call.method, "GET" | "HEAD") {
            request.send()?;
        } else {
            request.set_request_header("content-type", "application/cbor")?;
            request.send_with_opt_u8_array(Some(call.body))?;
        }
        let status = request.status()?;
        if status == 0 {
            return Err(JsValue::from_str("the connection broke off"));
        }
        let header = |name: &str| request.get_response_header(name).ok().flatten();
        let number = |name: &str| header(name).and_then(|text| text.trim().parse().ok());
        Ok(Answer {
            status,
            challenge: header(CHALLENGE_HEADER).and_then(|text| Challenge::from_text(&text)),
            retry_after_secs: number("retry-after"),
            offset: number("upload-offset"),
            length: number("content-length"),
            body: body(&request)?,
        })
    }

    /// None for an answer to HEAD. A request that is waited for cannot be broken off while it comes: what this keeps small
    /// is the memory of this module, which never shrinks again.
    fn body(request: &XmlHttpRequest) -> Result<Vec<u8>, JsValue> {
        let response = request.response()?;
        if !response.is_object() {
            return Ok(Vec::new());
        }
        let bytes = Uint8Array::new(&response);
        Ok(bytes.subarray(0, bytes_taken(bytes.length())).to_vec())
    }

    fn in_words(error: &JsValue) -> String {
        let message = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
        message.or_else(|| error.as_string()).unwrap_or_else(|| "no connection".to_owned())
    }

    /// Sleeps where the page is isolated from others, which the server asks browsers to do. Where it is not, a browser
    /// offers a worker nothing that sleeps, and the request is repeated at once; the server counts those.
    pub fn sleep(secs: u64) {
        let shared = Reflect::get(&global(), &"SharedArrayBuffer".into());
        if !shared.is_ok_and(|shared| shared.is_function()) {
            return;
        }
        let nobody_wakes = Int32Array::new(&SharedArrayBuffer::new(4));
        let _ = Atomics::wait_with_timeout(&nobody_wakes, 0, 0, secs as f64 * 1000.0);
    }
}

/// Natively nothing of this is there: the program has a transport of its own.
#[cfg(not(target_arch = "wasm32"))]
mod requests {
    use wardbook_client::sync::transport::{Answer, Call, NoAnswer};

    pub fn origin() -> Option<String> {
        None
    }

    pub fn send(_call: &Call<'_>) -> Result<Answer, NoAnswer> {
        Err(NoAnswer("there is no browser".into()))
    }

    pub fn sleep(_secs: u64) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brw_08_no_more_of_an_answer_is_taken_than_shows_that_it_is_too_long() {
        let most = u32::try_from(ANSWER_BYTES_MAX).unwrap();
        for (length, taken) in [(0, 0), (5, 5), (most, most), (most + 1, most + 1), (u32::MAX, most + 1)] {
            assert_eq!(bytes_taken(length), taken);
        }
    }
}
