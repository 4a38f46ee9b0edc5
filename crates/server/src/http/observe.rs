//! Around every request: one log line, the figures, and the headers that every answer has.
//!
//! A line tells the pattern of the route, never the path: paths hold ids. Nor does it hold a query, a header or a body.

use super::metrics::Served;
use super::routes::{self, UNKNOWN};
use super::{LOG, Shell};
use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Lets a person find the log line of an answer.
const REQUEST_ID: &str = "x-request-id";

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Left with an answer by whoever has read the body.
#[derive(Clone, Copy, Debug)]
pub struct Received(pub u64);

/// Left with an answer that no pattern of the table led to: what log lines and figures call it. Such an answer says
/// itself for how long it may be kept.
#[derive(Clone, Copy, Debug)]
pub struct Label(pub &'static str);

pub async fn observe(State(shell): State<Arc<Shell>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let pattern = matched.and_then(routes::pattern);
    let method = method(request.method());
    let mut response = next.run(request).await;

    let mut bytes = [0; 8];
    super::fill(&mut bytes);
    let id = format!("{:016x}", u64::from_be_bytes(bytes));
    let label = response.extensions().get::<Label>().map(|label| label.0);
    let route = pattern.or(label).unwrap_or(UNKNOWN);
    let headers = response.headers_mut();
    if label.is_none() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }

    let received = response.extensions().get::<Received>().map_or(0, |received| received.0);
    let sent = response.body().size_hint().exact().unwrap_or(0);
    let (status, took) = (response.status().as_u16(), start.elapsed());
    shell.metrics.served(&Served { route, method, status, took, received, sent });
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(target: LOG, id = id.as_str(), method, route, status, ms, received, sent, "request");
    response
}

/// Methods that are no word of HTTP are not repeated.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
