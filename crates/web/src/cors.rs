//! Cross-origin rules of the intake (WHATWG Fetch §3.2). SDKs in browsers send `Authorization` and
//! headers of their own, for which `*` does not stand, so what is asked for is echoed.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};

/// Seconds a browser may keep the answer to a preflight. Browsers cap it at two hours or more.
const MAX_AGE_S: u32 = 7_200;

/// Answers a preflight, before any key is asked for: browsers send none with it.
pub(crate) fn preflight(headers: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    allow(headers, response.headers_mut());
    let answer = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, OPTIONS");
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(MAX_AGE_S));
    let vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    answer.insert(header::VARY, HeaderValue::from_static(vary));
    response
}

/// Lets the page that asked read the answer.
pub(crate) fn allow(request: &HeaderMap, answer: &mut HeaderMap) {
    answer.insert(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.get(header::ORIGIN) else { return };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    let yes = HeaderValue::from_static("true");
    answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    let exposed = HeaderValue::from_static("Retry-After, X-RateLimit-Reset, X-Request-Id");
    answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}
