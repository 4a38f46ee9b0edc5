//! The web app: files of `web/dist`, as they were when this program was built, for every address that is no route.
//!
//! ```text
//! /assets/index-Bx1f.js ──► that file          /patients ──► index.html: a place in the app
//! /nothing.png ──► 404                         /v1/…     ──► 404: below a route, and none
//! ```
//!
//! The bytes are those whose hashes `version.json` lists: nothing is put in or taken out on the way. Whoever takes them
//! packed gets them by Brotli, as the build has packed them, or by gzip.

use super::answer::Problem;
use super::observe::Label;
use super::{Shell, routes};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

mod files {
    include!(concat!(env!("OUT_DIR"), "/app_files.rs"));
}

/// A path with the bytes of its file, as they are and by Brotli.
type Embedded = (&'static str, &'static [u8], Option<&'static [u8]>);

/// False where this program was built without the app, and has a page that says so in its place.
pub use files::IS_BUILT;

/// What log lines and figures call the app.
const LABEL: Label = Label("app");
/// What places in the app are answered with.
const PAGE: &str = "/index.html";
/// Names of files in here have a hash of their content in them.
const ASSETS: &str = "/assets/";

/// What a page or worker of the app may do. Nothing comes from or goes to another origin, no text becomes code, and
/// nobody frames it.
const POLICY: &str = concat!(
    "default-src 'none'; ",
    // The vault is WebAssembly.
    "script-src 'self' 'wasm-unsafe-eval'; ",
    // The vault's worker and the service worker.
    "worker-src 'self'; ",
    "style-src 'self'; ",
    // Attachments are opened in the browser's memory, and shown from there.
    "img-src 'self' blob:; ",
    "frame-src blob:; ",
    "font-src 'self'; ",
    "connect-src 'self'; ",
    "manifest-src 'self'; ",
    "object-src 'none'; ",
    "base-uri 'none'; ",
    "form-action 'none'; ",
    "frame-ancestors 'none'; ",
    "require-trusted-types-for 'script'; ",
    // `wardbook` names addresses of its own workers; `dompurify` makes narratives of FHIR harmless.
    "trusted-types wardbook dompurify",
);

/// What the app may use of the device: the camera, for attachments; the clipboard, to copy an invite; and requests that
/// the vault's worker waits for.
const PERMISSIONS: &str = concat!(
    "camera=(self), clipboard-write=(self), sync-xhr=(self), ",
    "accelerometer=(), autoplay=(), clipboard-read=(), display-capture=(), encrypted-media=(), ",
    "fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), keyboard-map=(), ",
    "local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), ",
    "publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), ",
    "storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()",
);

/// On every file of the app, also on scripts: a worker is bound by what came with its own.
const SECURITY: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("permissions-policy", PERMISSIONS),
    ("referrer-policy", "no-referrer"),
    // These isolate the app from other pages, and only an isolated worker can sleep between two tries.
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// What comes over TLS is asked for by TLS from then on (RFC 6797). Of this name alone: others below it are not this server's.
const STRICT_TRANSPORT: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// Names of codings (RFC 9110, 8.4.1).
const BROTLI: &str = "br";
const GZIP: &str = "gzip";

/// Types by the end of a name, and whether packing makes such files smaller.
const KINDS: &[(&str, &str, bool)] = &[
    (".html", "text/html; charset=utf-8", true),
    (".js", "text/javascript; charset=utf-8", true),
    (".css", "text/css; charset=utf-8", true),
    (".wasm", "application/wasm", true),
    (".json", "application/json", true),
    (".webmanifest", "application/manifest+json", true),
    (".svg", "image/svg+xml", true),
    (".txt", "text/plain; charset=utf-8", true),
    (".png", "image/png", false),
    (".woff2", "font/woff2", false),
];
const OTHER_KIND: &str = "application/octet-stream";

/// Every file by its path, ready to be answered.
pub struct App {
    files: BTreeMap<&'static str, File>,
    /// False where TLS is left to a proxy, which then says what has to be said of it.
    over_tls: bool,
}

struct File {
    bytes: &'static [u8],
    kind: &'static str,
    cache: &'static str,
    /// SHA-256 of the bytes, in quotes.
    tag: String,
    packs: bool,
    /// RFC 7932, from the build; none where it is not smaller.
    brotli: Option<&'static [u8]>,
    /// RFC 1952. Made when somebody first takes it; none where it would not be smaller.
    gzip: OnceLock<Option<Bytes>>,
}

impl App {
    /// The files that this program was built with.
    pub fn of_this_program(over_tls: bool) -> Self {
        Self::new(files::FILES, over_tls)
    }

    fn new(files: &[Embedded], over_tls: bool) -> Self {
        let files = files.iter().map(|&(path, bytes, brotli)| (path, File::new(path, bytes, brotli)));
        Self { files: files.collect(), over_tls }
    }

    /// # Errors
    /// [`Problem::NoRoute`] for what is no file and no place in the app.
    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<Response, Problem> {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let file = self.find(path).filter(|_| reads).ok_or(Problem::NoRoute)?;
        let mut response = file.answer(headers);
        if self.over_tls {
            let (name, value) = STRICT_TRANSPORT;
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        Ok(response)
    }

    fn find(&self, path: &str) -> Option<&File> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_place = path.starts_with('/')
            && !name.contains('.')
            && !path.starts_with(ASSETS)
            && !routes::is_below_a_route(path);
        self.files.get(path).or_else(|| self.files.get(PAGE).filter(|_| is_place))
    }
}

impl File {
    fn new(path: &str, bytes: &'static [u8], brotli: Option<&'static [u8]>) -> Self {
        let known = KINDS.iter().find(|(end, ..)| path.ends_with(end));
        let (kind, packs) = known.map_or((OTHER_KIND, false), |(_, kind, packs)| (*kind, *packs));
        let cache = match path {
            // These two say which build the server has.
            "/sw.js" | "/version.json" => "no-store",
            _ if path.starts_with(ASSETS) => "public, max-age=31536000, immutable",
            _ => "no-cache",
        };
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let brotli = brotli.filter(|_| packs);
        Self { bytes, kind, cache, tag: format!("\"{digits}\""), packs, brotli, gzip: OnceLock::new() }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = if is_held(headers, &self.tag) {
            let mut unchanged = Response::new(Body::empty());
            *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
            unchanged
        } else if let Some((coding, packed)) = self.packed_for(headers) {
            let mut packed = Response::new(Body::from(packed));
            packed.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
            packed
        } else {
            Response::new(Body::from(self.bytes))
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache));
        // Weak, for one tag stands for the bytes packed and not.
        if let Ok(tag) = HeaderValue::from_str(&format!("W/{}", self.tag)) {
            headers.insert(ETAG, tag);
        }
        if self.packs {
            headers.insert(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
        }
        for &(name, value) in SECURITY {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }

    /// The file packed, with the name of the coding: the smaller of those that are taken.
    fn packed_for(&self, headers: &HeaderMap) -> Option<(&'static str, Bytes)> {
        if let Some(brotli) = self.brotli.filter(|_| takes(headers, BROTLI)) {
            return Some((BROTLI, Bytes::from_static(brotli)));
        }
        let wanted = self.packs && takes(headers, GZIP);
        let packed = wanted.then(|| self.gzip.get_or_init(|| gzipped(self.bytes)).clone()).flatten()?;
        Some((GZIP, packed))
    }
}

/// Answers what no route takes.
///
/// # Errors
/// As [`App::answer`], and [`Problem::Busy`].
pub async fn answer(State(shell): State<Arc<Shell>>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let held = Arc::clone(&shell);
    // On a worker thread, for packing the vault takes a while, the first time.
    let answered = shell.work(move |_| held.app.answer(&parts.method, parts.uri.path(), &parts.headers));
    let mut response = answered.await??;
    response.extensions_mut().insert(LABEL);
    Ok(response)
}

/// None where it would not be smaller.
fn gzipped(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < bytes.len()).then(|| packed.into())
}

/// Whether somebody has the bytes of this tag already (RFC 9110, 13.1.2).
fn is_held(headers: &HeaderMap, tag: &str) -> bool {
    let tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = tags.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|held| held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag)
}

/// Whether a coding is among those that are taken, and not with a weight of zero (RFC 9110, 12.5.3).
fn takes(headers: &HeaderMap, wanted: &str) -> bool {
    let codings = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(wanted) && weight.is_ok_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;
    use flate2::read::GzDecoder;
    use http_body_util::BodyExt;
    use std::io::Read;

    const SCRIPT: &[u8] = &[b' '; 5000];
    const VAULT: &[u8] = &[1; 5000];
    const PICTURE: &[u8] = &[0; 5000];
    /// Stands for what the build has packed.
    const PACKED: &[u8] = b"packed";

    const FILES: &[Embedded] = &[
        (PAGE, b"<!doctype html>", None),
        ("/sw.js", b"self", None),
        ("/version.json", b"{}", None),
        ("/manifest.webmanifest", b"{}", None),
        ("/assets/index-1.js", SCRIPT, None),
        ("/assets/vault-1.wasm", VAULT, Some(PACKED)),
        ("/assets/ward-1.png", PICTURE, None),
        ("/assets/other-1.bin", b"?", None),
    ];

    fn app() -> App {
        App::new(FILES, true)
    }

    fn get(app: &App, path: &str, headers: &[(HeaderName, &'static str)]) -> Result<Response, Problem> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let headers = HeaderMap::from_iter(headers);
        app.answer(&Method::GET, path, &headers)
    }

    fn body(response: Response) -> Vec<u8> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(response.into_body().collect()).unwrap().to_bytes().to_vec()
    }

    #[test]
    fn files_have_their_type_and_the_time_that_they_may_be_kept() {
        let hashed = "public, max-age=31536000, immutable";
        for (path, kind, cache) in [
            (PAGE, "text/html; charset=utf-8", "no-cache"),
            ("/sw.js", "text/javascript; charset=utf-8", "no-store"),
            ("/version.json", "application/json", "no-store"),
            ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
            ("/assets/index-1.js", "text/javascript; charset=utf-8", hashed),
            ("/assets/vault-1.wasm", "application/wasm", hashed),
            ("/assets/ward-1.png", "image/png", hashed),
            ("/assets/other-1.bin", "application/octet-stream", hashed),
        ] {
            let response = get(&app(), path, &[]).unwrap();
            assert_eq!(response.headers()[CONTENT_TYPE], kind, "{path}");
            assert_eq!(response.headers()[CACHE_CONTROL], cache, "{path}");
        }
    }

    #[test]
    fn places_are_answered_with_the_page_and_nothing_else_is() {
        for place in ["/", "/patients", "/chart/3f/vitals", "/v10", "/healthz2"] {
            assert_eq!(body(get(&app(), place, &[]).unwrap()), b"<!doctype html>", "{place}");
        }
        for nothing in ["/a.png", "/assets/index-2", "/assets/index-2.js", "/v1", "/v1/chart", "/metrics/x", "*", ""] {
            assert_eq!(get(&app(), nothing, &[]).unwrap_err(), Problem::NoRoute, "{nothing}");
        }
        assert!(app().answer(&Method::HEAD, "/", &HeaderMap::new()).is_ok());
        assert!(app().answer(&Method::POST, "/", &HeaderMap::new()).is_err());
    }

    #[test]
    fn whoever_takes_gzip_gets_the_same_bytes_packed() {
        let app = app();
        for taken in ["gzip", "br;q=1.0, GZIP;q=0.5", "deflate, gzip"] {
            let response = get(&app, "/assets/index-1.js", &[(ACCEPT_ENCODING, taken)]).unwrap();
            assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
            assert_eq!(response.headers()[VARY], "accept-encoding");
            let packed = body(response);
            let mut bytes = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
            assert!(bytes == SCRIPT && packed.len() < 100);
        }
        for other in ["br", "gzip;q=0", "gzip; q=0.000", "gzipped"] {
            let response = get(&app, "/assets/index-1.js", &[(ACCEPT_ENCODING, other)]).unwrap();
            assert!(!response.headers().contains_key(CONTENT_ENCODING), "{other}");
            assert_eq!(body(response), SCRIPT);
        }
        for same in ["/assets/ward-1.png", "/sw.js"] {
            let response = get(&app, same, &[(ACCEPT_ENCODING, "gzip")]).unwrap();
            assert!(!response.headers().contains_key(CONTENT_ENCODING), "{same}");
        }
    }

    #[test]
    fn whoever_takes_brotli_gets_what_the_build_has_packed() {
        let app = app();
        for (taken, coding) in [
            ("br", Some(BROTLI)),
            ("gzip, deflate, BR;q=0.1, zstd", Some(BROTLI)),
            ("gzip, br;q=0", Some(GZIP)),
            ("br;q=0", None),
            ("zstd", None),
        ] {
            let response = get(&app, "/assets/vault-1.wasm", &[(ACCEPT_ENCODING, taken)]).unwrap();
            let held = response.headers().get(CONTENT_ENCODING).map(|coding| coding.to_str().unwrap());
            assert_eq!(held, coding, "{taken}");
            assert_eq!(response.headers()[VARY], "accept-encoding", "{taken}");
            assert_eq!(response.headers()[CONTENT_TYPE], "application/wasm", "{taken}");
            let bytes = body(response);
            assert_eq!(bytes == PACKED, coding == Some(BROTLI), "{taken}");
            assert_eq!(bytes == VAULT, coding.is_none(), "{taken}");
        }
    }

    #[test]
    fn what_is_packed_has_no_path_of_its_own() {
        for &(path, bytes, brotli) in files::FILES {
            assert!(!path.ends_with(".br"), "{path}");
            assert!(brotli.is_none_or(|brotli| brotli.len() < bytes.len()), "{path}");
        }
    }

    #[test]
    fn what_a_browser_has_is_not_sent_again() {
        let app = app();
        let digits: String = Sha256::digest(SCRIPT).iter().map(|byte| format!("{byte:02x}")).collect();
        let tag = get(&app, "/assets/index-1.js", &[]).unwrap().headers()[ETAG].to_str().unwrap().to_owned();
        assert_eq!(tag, format!("W/\"{digits}\""));
        for held in [tag.clone(), format!("\"x\", \"{digits}\""), "*".to_owned()] {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_str(&held).unwrap())]);
            let response = app.answer(&Method::GET, "/assets/index-1.js", &headers).unwrap();
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{held}");
            assert_eq!(response.headers()[ETAG], tag);
            assert!(body(response).is_empty());
        }
        let other = get(&app, "/assets/index-1.js", &[(IF_NONE_MATCH, "\"x\"")]).unwrap();
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn every_file_comes_with_the_policies() {
        for path in ["/", "/assets/index-1.js", "/sw.js"] {
            let response = get(&app(), path, &[]).unwrap();
            for (name, value) in SECURITY {
                assert_eq!(response.headers()[*name], *value, "{path}");
            }
        }
        for (over_tls, told) in [(true, Some("max-age=31536000")), (false, None)] {
            let response = get(&App::new(FILES, over_tls), "/", &[]).unwrap();
            let strict = response.headers().get("strict-transport-security");
            assert_eq!(strict.map(|value| value.to_str().unwrap()), told);
        }
        for loose in ["unsafe-inline", "'unsafe-eval'", "http:", "https:", "*", "data:"] {
            assert!(!POLICY.contains(loose), "{loose}");
        }
    }

    #[test]
    fn the_policy_lets_through_what_the_app_names() {
        let script = include_str!("../../../../web/src/security/trustedTypes.ts");
        assert!(script.contains("createPolicy(\"wardbook\""));
        // Routes of the server are not the service worker's to answer.
        let worker = include_str!("../../../../web/src/sw/sw.ts").replace('\\', "");
        for part in ["/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json"] {
            assert!(routes::is_below_a_route(part), "{part}");
            assert!(worker.contains(part.trim_start_matches('/')), "{part}");
        }
    }
}
