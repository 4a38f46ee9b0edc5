//! Which addresses there are. The table is the only place that names them, `openapi.json` describes each, and a test
//! holds the two together. What is not in it is the app's.

use super::answer::{Problem, of_service, of_type};
use super::metrics::Gauges;
use super::observe::{Peer, Received, observe};
use super::{LOG, Shell, app, body, events, now_ms};
use crate::Call;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, FORWARDED, RANGE};
use axum::http::{HeaderMap, Method};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use std::sync::Arc;

/// What log lines and figures call an address that is not in the table.
pub const UNKNOWN: &str = "unknown";
/// Where an upload goes on.
const UPLOAD_OFFSET: &str = "upload-offset";
const OPENAPI: &str = include_str!("openapi.json");

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handler {
    Alive,
    Ready,
    Metrics,
    OpenApi,
    Certificate,
    Events,
    Service,
}

/// Methods, patterns and who answers.
const ROUTES: &[(&str, &str, Handler)] = &[
    ("GET", "/healthz", Handler::Alive),
    ("GET", "/readyz", Handler::Ready),
    ("GET", "/metrics", Handler::Metrics),
    ("GET", "/openapi.json", Handler::OpenApi),
    ("GET", "/v1/ca", Handler::Certificate),
    ("GET", "/v1/server", Handler::Service),
    ("POST", "/v1/orgs/{org}/create", Handler::Service),
    ("POST", "/v1/orgs/{org}/sync", Handler::Service),
    ("POST", "/v1/orgs/{org}/invite", Handler::Service),
    ("POST", "/v1/orgs/{org}/welcome", Handler::Service),
    ("GET", "/v1/orgs/{org}/welcome", Handler::Service),
    ("POST", "/v1/orgs/{org}/history", Handler::Service),
    ("POST", "/v1/orgs/{org}/seen", Handler::Service),
    ("POST", "/v1/orgs/{org}/objects", Handler::Service),
    ("POST", "/v1/orgs/{org}/statements", Handler::Service),
    ("GET", "/v1/orgs/{org}/events", Handler::Events),
    ("HEAD", "/v1/orgs/{org}/blobs/{blob}", Handler::Service),
    ("PATCH", "/v1/orgs/{org}/blobs/{blob}", Handler::Service),
    ("GET", "/v1/orgs/{org}/blobs/{blob}", Handler::Service),
];

/// Every route, with what surrounds it.
pub fn router(shell: &Arc<Shell>) -> Router {
    let mut router = Router::new();
    for (method, pattern, handler) in ROUTES {
        let filter = match *method {
            "HEAD" => MethodFilter::HEAD,
            "PATCH" => MethodFilter::PATCH,
            "POST" => MethodFilter::POST,
            _ => MethodFilter::GET,
        };
        router = router.route(pattern, answered_by(*handler, filter));
    }
    router
        .method_not_allowed_fallback(|| async { Problem::Method })
        .fallback(app::answer)
        .layer(from_fn_with_state(Arc::clone(shell), observe))
        .with_state(Arc::clone(shell))
}

fn answered_by(handler: Handler, filter: MethodFilter) -> MethodRouter<Arc<Shell>> {
    match handler {
        Handler::Alive => on(filter, || async { of_type("text/plain; charset=utf-8", "alive\n") }),
        Handler::Ready => on(filter, ready),
        Handler::Metrics => on(filter, metrics),
        Handler::OpenApi => on(filter, || async { of_type("application/json", OPENAPI) }),
        Handler::Certificate => on(filter, certificate),
        Handler::Events => on(filter, events::stream),
        Handler::Service => on(filter, service),
    }
}

/// The pattern as it stands in the table.
pub fn pattern(matched: &str) -> Option<&'static str> {
    ROUTES.iter().map(|(_, pattern, _)| *pattern).find(|pattern| *pattern == matched)
}

/// Whether an address begins as a route does, so that it is never a place in the app.
pub fn is_below_a_route(path: &str) -> bool {
    let first_part = path.split('/').nth(1);
    ROUTES.iter().any(|(_, pattern, _)| pattern.split('/').nth(1) == first_part)
}

async fn ready(State(shell): State<Arc<Shell>>) -> Result<Response, Problem> {
    match shell.work(|service| service.ready()).await? {
        Ok(()) => Ok(of_type("text/plain; charset=utf-8", "ready\n")),
        Err(error) => {
            tracing::warn!(target: LOG, %error, "not ready");
            Err(Problem::NotReady)
        }
    }
}

/// Figures are for this machine alone unless the configuration says otherwise. A request that a proxy has passed on is
/// not from this machine, whatever its address.
async fn metrics(State(shell): State<Arc<Shell>>, request: Request) -> Result<Response, Problem> {
    let local = request.extensions().get::<Peer>().is_some_and(|peer| peer.0.ip().is_loopback());
    let passed_on = request.headers().contains_key(FORWARDED) || request.headers().contains_key("x-forwarded-for");
    if !shell.config.metrics_public && (!local || passed_on) {
        return Err(Problem::NoRoute);
    }
    drop(request);
    let stats = shell.work(|service| service.stats()).await?;
    let free = shell.connections.available_permits();
    let open = u64::from(shell.config.http.connections).saturating_sub(u64::try_from(free).unwrap_or(u64::MAX));
    let gauges = Gauges { connections: open, streams: shell.events.open() };
    Ok(of_type("text/plain; version=0.0.4; charset=utf-8", shell.metrics.render(gauges, &stats)))
}

async fn certificate(State(shell): State<Arc<Shell>>) -> Result<Response, Problem> {
    let pinned = shell.pinned.clone().ok_or(Problem::NoRoute)?;
    Ok(of_type("application/x-pem-file", pinned))
}

/// Hands a request to the service.
async fn service(State(shell): State<Arc<Shell>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let held = match parts.method {
        Method::POST | Method::PATCH => match body::receive(&shell, body).await {
            Ok(held) => held,
            Err(problem) => return problem.into_response(),
        },
        _ => body::Held::default(),
    };
    let received = u64::try_from(held.bytes.len()).unwrap_or(u64::MAX);
    let now_ms = now_ms();
    let answer = shell.work(move |service| {
        let held = held; // whole, so that its share of the memory is given back here
        let call = Call {
            method: parts.method.as_str(),
            path: parts.uri.path_and_query().map_or("/", |path| path.as_str()),
            authorization: text(&parts.headers, AUTHORIZATION.as_str()),
            body: &held.bytes,
            range: text(&parts.headers, RANGE.as_str()).and_then(range),
            offset: text(&parts.headers, UPLOAD_OFFSET).and_then(|value| value.trim().parse().ok()),
            now_ms,
        };
        service.handle(&call)
    });
    let mut response = match answer.await {
        Ok(answer) => of_service(answer),
        Err(problem) => problem.into_response(),
    };
    response.extensions_mut().insert(Received(received));
    response
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// `bytes=first-last` or `bytes=first-`. What is not one range of this form is passed over, as HTTP allows.
fn range(value: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = value.trim().strip_prefix("bytes=")?.split_once('-')?;
    let first = first.trim().parse().ok()?;
    let last = match last.trim() {
        "" => None,
        last => Some(last.parse().ok().filter(|last| *last >= first)?),
    };
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let description: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        assert_eq!(description["openapi"], "3.1.0");
        let mut described = BTreeSet::new();
        for (path, item) in description["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if method == "parameters" {
                    continue;
                }
                assert!(operation["summary"].is_string() && operation["responses"].is_object(), "{method} {path}");
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
        let routed = ROUTES.iter().map(|(method, pattern, _)| ((*method).to_owned(), (*pattern).to_owned()));
        assert_eq!(described, routed.collect());
    }

    #[test]
    fn every_route_of_the_service_is_reachable() {
        for route in crate::route::Route::ALL.into_iter().filter(|route| *route != crate::route::Route::Other) {
            let named = |pattern: &&str| pattern.split('/').any(|part| part == route.name());
            assert!(ROUTES.iter().map(|(_, pattern, _)| pattern).any(named), "{}", route.name());
        }
    }

    #[test]
    fn references_in_the_description_lead_somewhere() {
        let description: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let mut open = vec![&description];
        let mut seen = 0;
        while let Some(value) = open.pop() {
            match value {
                serde_json::Value::Object(members) => {
                    if let Some(target) = members.get("$ref").and_then(|target| target.as_str()) {
                        assert!(description.pointer(target.trim_start_matches('#')).is_some(), "{target}");
                        seen += 1;
                    }
                    open.extend(members.values());
                }
                serde_json::Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        assert!(seen > 0);
    }

    #[test]
    fn one_range_is_understood_and_others_are_passed_over() {
        assert_eq!(range("bytes=0-"), Some((0, None)));
        assert_eq!(range("bytes=5-9"), Some((5, Some(9))));
        for other in ["bytes=9-5", "bytes=-5", "bytes=0-1,3-4", "items=0-1", "bytes=", "bytes=99999999999999999999-"] {
            assert_eq!(range(other), None, "{other}");
        }
    }
}
