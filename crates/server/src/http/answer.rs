//! Answers: those of the service as they are, and the problems (RFC 9457) of this layer.

use crate::Answer;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use wardbook_wire::exchange::problem;

/// Seconds after which a client that found the server busy may try again.
const RETRY_SECS: u16 = 5;

/// What this layer refuses by itself. The texts are fixed, so nothing of a request can come back in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No such route, or one that is not shown to the caller.
    NoRoute,
    Method,
    TooLarge,
    TooSlow,
    /// The body ended before its end.
    Broken,
    /// No worker or no memory is free.
    Busy,
    TooManyStreams,
    NotReady,
    Internal,
}

impl Problem {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoRoute => (StatusCode::NOT_FOUND, problem::NOT_FOUND, "There is nothing at this address."),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "This address does not take this method."),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, problem::TOO_LARGE, "The request is too large."),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "slow", "The request took too long to arrive."),
            Self::Broken => (StatusCode::BAD_REQUEST, problem::MALFORMED, "The request did not arrive whole."),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy. Try again soon."),
            Self::TooManyStreams => {
                (StatusCode::TOO_MANY_REQUESTS, problem::TOO_MANY, "This device holds too many event streams.")
            }
            Self::NotReady => (StatusCode::SERVICE_UNAVAILABLE, "not-ready", "The server cannot serve at present."),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, problem::INTERNAL, "The server failed."),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, kind, title) = self.parts();
        let code = status.as_u16();
        let body = format!(r#"{{"type":"urn:wardbook:problem:{kind}","title":"{title}","status":{code}}}"#);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(self, Self::Busy | Self::TooManyStreams | Self::NotReady) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECS));
        }
        response
    }
}

/// An answer of the service.
pub fn of_service(answer: Answer) -> Response {
    let kind = answer.kind.media_type();
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// An answer of one type, status 200.
pub fn of_type(kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
