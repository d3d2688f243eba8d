//! Requests as text: a line of method and path, lines of headers, an empty line, a body that is taken as
//! it stands. So seeds can be read, and a mutation is one a stranger could send.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// The request of that text, if any HTTP server would hand it on.
pub fn parse(text: &[u8]) -> Option<Request<Body>> {
    let at = text.windows(2).position(|two| two == b"\n\n");
    let (head, body) = match at {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text, &b""[..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, path) = first.split_once(' ')?;
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    // hyper gives the router origin-form paths.
    let mut request = Request::builder()
        .method(method)
        .uri(path.strip_prefix('/').map(|_| path)?);
    for line in lines {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(at);
        request = request.header(name, value[1..].trim_ascii());
    }
    request.body(Body::from(body.to_vec())).ok()
}

/// The whole answer.
pub async fn answer(router: &Router, request: Request<Body>) -> (Response<()>, Vec<u8>) {
    let Ok(answer) = router.clone().oneshot(request).await;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.expect("an answer ends").to_bytes();
    (Response::from_parts(parts, ()), body.to_vec())
}
