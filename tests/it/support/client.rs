//! A client with one credential. It knows HTTP and JSON and nothing of ours.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request};
use hyper_util::client::legacy::{Client as Hyper, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body as JSON, or as a text where it is none.
    pub(crate) body: Value,
}

impl Answer {
    /// The problem's code.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The faults of fields, as `pointer code`.
    pub(crate) fn faults(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|it| format!("{} {}", text(&it["pointer"]), text(&it["code"]))).collect()
    }
}

/// One caller.
#[derive(Clone)]
pub(crate) struct Client {
    http: Hyper<HttpConnector, Full<Bytes>>,
    url: String,
    token: String,
}

impl Client {
    pub(crate) fn new(url: &str, token: &str) -> Self {
        let http = Hyper::builder(TokioExecutor::new()).build_http();
        Self { http, url: url.to_owned(), token: token.to_owned() }
    }

    /// One whose requests come from that address of this machine.
    pub(crate) fn coming_from(url: &str, token: &str, address: IpAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_local_address(Some(address));
        let http = Hyper::builder(TokioExecutor::new()).build(connector);
        Self { http, url: url.to_owned(), token: token.to_owned() }
    }

    /// The credential.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The same connections with another credential.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "", &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &body.to_string(), &[]).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, &body.to_string(), &[]).await
    }

    /// A POST that may be said twice.
    pub(crate) async fn post_once(&self, path: &str, body: &Value, key: &str) -> Answer {
        self.call("POST", path, &body.to_string(), &[("Idempotency-Key", key)]).await
    }

    /// Any request; the connection must hold.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.try_call(method, path, body, headers).await.unwrap()
    }

    /// Any request, where the server may die under it.
    pub(crate) async fn try_call(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body.to_owned())).map_err(|err| err.to_string())?;
        let response = self.http.request(request).await.map_err(|err| err.to_string())?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|err| err.to_string())?.to_bytes();
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// The status of a GET without credential, or nothing where nobody answers.
    pub(crate) fn blocking_status(url: &str, path: &str) -> Option<u16> {
        let host = url.strip_prefix("http://")?;
        let mut stream = TcpStream::connect(host).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.parse().ok()
    }
}
