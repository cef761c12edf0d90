//! The one wrapper around all routes.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use projections::runner::chain;
use tower::Service;

use super::RequestIds;
use super::headers::secure;
use crate::problem::{Code, Problem};

/// All routes, with what holds for each of them: nothing panics out, problems carry a request
/// id and failures are logged under it, and every answer has its safety headers.
#[derive(Clone)]
pub struct Edge {
    routes: Router,
    ids: Arc<dyn RequestIds>,
}

impl Edge {
    /// Wraps routes; `ids` is asked once for each problem that has no id yet.
    pub fn new(routes: Router, ids: Arc<dyn RequestIds>) -> Self {
        Self { routes, ids }
    }

    /// Answers one request. Allocates nothing of its own unless the answer is a problem.
    pub async fn answer(&self, request: Request) -> Response {
        let is_head = request.method() == Method::HEAD;
        let answered = AssertUnwindSafe(self.routes.clone().call(request)).catch_unwind().await;
        let mut response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(panic) => panicked(panic.as_ref()).into_response(),
        };
        if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
            response = self.finish(response, &problem, is_head);
        }
        secure(response.headers_mut());
        response
    }

    /// Gives a problem its request id and logs what is ours.
    fn finish(&self, response: Response, problem: &Problem, is_head: bool) -> Response {
        let id = problem.id().map_or_else(|| self.ids.next(), str::to_owned);
        let problem = problem.clone().request_id(id);
        log(&problem);
        let text = problem.text();
        let (mut parts, _) = response.into_parts();
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
        let body = if is_head { Body::empty() } else { Body::from(text) };
        Response::from_parts(parts, body)
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words");
    tracing::error!(panic = words, "a handler panicked");
    let detail = "an unexpected failure; it has been logged under the request id";
    Problem::new(Code::Internal, detail)
}

/// Failures are logged here, once, with their chain of causes; refusals are nobody's fault.
fn log(problem: &Problem) {
    let code = problem.code();
    if !code.status().is_server_error() {
        return;
    }
    let id = problem.id().unwrap_or_default();
    let cause = problem.cause().map(|it| chain(it)).unwrap_or_default();
    tracing::error!(request_id = id, code = code.text(), cause, "a request failed");
}

impl Service<Request> for Edge {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let edge = self.clone();
        Box::pin(async move { Ok(edge.answer(request).await) })
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use http_body_util::BodyExt;

    use super::*;

    fn edge() -> Edge {
        let routes = Router::new()
            .route("/fine", get(|| async { "fine" }))
            .route("/panic", get(|| async { assert!(std::hint::black_box(false), "boom") }))
            .route("/failure", get(|| async { Problem::internal(std::io::Error::other("disk")) }))
            .route("/named", get(|| async { Problem::not_found().request_id("req_own") }));
        Edge::new(routes, Arc::new(|| "req_edge".to_owned()))
    }

    async fn ask(method: Method, path: &str) -> (Response<()>, String) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let (parts, body) = edge().answer(request).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (Response::from_parts(parts, ()), String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn every_answer_has_its_safety_headers() {
        for path in ["/fine", "/panic", "/named", "/failure"] {
            let (response, _) = ask(Method::GET, path).await;
            for name in ["x-content-type-options", "cache-control", "referrer-policy"] {
                assert!(response.headers().contains_key(name), "{path} {name}");
            }
        }
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_tells_nothing() {
        let (response, body) = ask(Method::GET, "/panic").await;
        assert_eq!(response.status(), 500);
        assert!(body.contains("req_edge") && !body.contains("boom"), "{body}");
    }

    #[tokio::test]
    async fn a_failure_tells_its_request_id_and_not_its_cause() {
        let (_, body) = ask(Method::GET, "/failure").await;
        insta::assert_snapshot!(body, @r#"{"type":"/problems/internal","title":"Something broke here","status":500,"detail":"an unexpected failure; it has been logged under the request id","code":"internal","request_id":"req_edge"}"#);
    }

    #[tokio::test]
    async fn an_id_that_the_handler_gave_stays() {
        let (response, body) = ask(Method::GET, "/named").await;
        assert!(body.contains("req_own"), "{body}");
        assert_eq!(response.headers()[header::CONTENT_LENGTH], body.len().to_string());
    }

    #[tokio::test]
    async fn head_has_the_headers_of_get_and_no_body() {
        let (get, text) = ask(Method::GET, "/failure").await;
        let (head, body) = ask(Method::HEAD, "/failure").await;
        assert_eq!(get.headers(), head.headers());
        assert_eq!((body.as_str(), text.is_empty()), ("", false));
    }
}
