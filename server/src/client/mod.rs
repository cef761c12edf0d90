//! The public API over plain HTTP, for sub-commands that ask a running server: JSON there, JSON back, on a few
//! connections that are kept alive. A request that met a broken connection or a busy server is sent again a few times,
//! so each is one that may be repeated.

mod bearer;
mod pages;
mod retry;

use std::{fmt, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode, Uri,
    body::Bytes,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT},
};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

pub(crate) use bearer::Bearer;

/// The time that one attempt may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections are given up before the server does: it closes idle ones after 10 s.
const IDLE: Duration = Duration::from_secs(5);
/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 4 << 20;

/// A client of one server.
pub(crate) struct Client {
    http: legacy::Client<HttpConnector, Full<Bytes>>,
    server: String,
}

/// One request.
pub(crate) struct Call<'c> {
    /// The method.
    pub(crate) method: Method,
    /// Path and query, rooted.
    pub(crate) target: String,
    /// The credential.
    pub(crate) bearer: &'c Bearer,
    /// Makes a repetition of a command the same command.
    pub(crate) idempotency_key: Option<String>,
    /// The body, where there is one.
    pub(crate) body: Option<Value>,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// The URL is for another protocol.
    #[error("`{0}` is no address of a server here: plain HTTP only, like http://127.0.0.1:8080")]
    NotPlainHttp(Url),
    /// Nobody listens, or the connection broke each time.
    #[error("no server answers at {server}: start one with `make run`, or name another with --server")]
    Unreachable {
        /// The server asked.
        server: String,
        /// How the last attempt ended.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server said no.
    #[error("{call} was refused: {status} {problem}")]
    Refused {
        /// Method and path.
        call: String,
        /// The status of the answer.
        status: u16,
        /// What the answer says.
        problem: Problem,
    },
    /// The answer is not what the API promises.
    #[error("{call} was answered in another form than expected; is it a Counterfoil server?")]
    Unintelligible {
        /// Method and path.
        call: String,
        /// What is wrong with the answer.
        #[source]
        source: serde_json::Error,
    },
    /// A list came to a page that it had been at before.
    #[error("{call} does not end: the same cursor twice")]
    Endless {
        /// Method and path of the list.
        call: String,
    },
    /// The request could not be written.
    #[error("{call} cannot be written as a request")]
    Unwritable {
        /// Method and path.
        call: String,
    },
}

/// What is read of problem details (RFC 9457).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    /// Which problem it is.
    pub(crate) code: String,
    detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, detail } = self;
        if detail.is_empty() { f.write_str(code) } else { write!(f, "{code}, {detail}") }
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

type Broken = Box<dyn std::error::Error + Send + Sync>;

impl Client {
    /// A client of the server at a URL. Connects to nothing yet.
    pub(crate) fn new(server: &Url) -> Result<Self, ClientError> {
        if server.scheme() != "http" || server.query().is_some() {
            return Err(ClientError::NotPlainHttp(server.clone()));
        }
        let mut connector = HttpConnector::new();
        // Questions are small and complete: waiting to fill a packet only delays them.
        connector.set_nodelay(true);
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Self { http, server: server.as_str().trim_end_matches('/').to_owned() })
    }

    /// Whether a server is there at all, without patience.
    pub(crate) async fn greet(&self) -> Result<(), ClientError> {
        let request = self.request(&Method::GET, "/livez", HeaderMap::new(), Bytes::new());
        let request = request.ok_or_else(|| ClientError::Unwritable { call: "GET /livez".to_owned() })?;
        self.attempt(request).await.map(|_| ()).map_err(|source| self.unreachable(source))
    }

    /// Asks until there is an answer, a few times at most, and reads it.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, ClientError> {
        let mut attempt = 0;
        loop {
            let sent = self.attempt(self.write(call)?).await;
            let last = retry::ATTEMPTS <= attempt + 1;
            let pause = match sent {
                Ok(answer) => match retry::wanted(answer.status, &answer.headers) {
                    Some(pause) if !last => pause,
                    Some(_) | None => return read(call, &answer),
                },
                Err(source) if last => return Err(self.unreachable(source)),
                Err(_) => retry::after_break(attempt),
            };
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    fn write(&self, call: &Call<'_>) -> Result<Request<Full<Bytes>>, ClientError> {
        let request = headers(call).and_then(|headers| {
            let body = call.body.as_ref().map(Value::to_string).unwrap_or_default();
            self.request(&call.method, &call.target, headers, Bytes::from(body))
        });
        request.ok_or_else(|| ClientError::Unwritable { call: named(call) })
    }

    fn request(
        &self,
        method: &Method,
        target: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method.clone();
        *request.uri_mut() = format!("{}{target}", self.server).parse::<Uri>().ok()?;
        *request.headers_mut() = headers;
        Some(request)
    }

    async fn attempt(&self, request: Request<Full<Bytes>>) -> Result<Answer, Broken> {
        let answered = async {
            let (parts, body) = self.http.request(request).await?.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER).collect().await?.to_bytes();
            Ok(Answer { status: parts.status, headers: parts.headers, body })
        };
        tokio::time::timeout(PATIENCE, answered).await?
    }

    fn unreachable(&self, source: Broken) -> ClientError {
        ClientError::Unreachable { server: self.server.clone(), source }
    }
}

fn headers(call: &Call<'_>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, call.bearer.header()?);
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("counterfoil/", env!("CARGO_PKG_VERSION"))));
    if call.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(key) = &call.idempotency_key {
        headers.insert("idempotency-key", HeaderValue::from_str(key).ok()?);
    }
    Some(headers)
}

fn read<T: DeserializeOwned>(call: &Call<'_>, answer: &Answer) -> Result<T, ClientError> {
    if answer.status.is_success() {
        return serde_json::from_slice(&answer.body)
            .map_err(|source| ClientError::Unintelligible { call: named(call), source });
    }
    // A gateway's error page is no problem details; its status says enough.
    let problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    Err(ClientError::Refused { call: named(call), status: answer.status.as_u16(), problem })
}

fn named(call: &Call<'_>) -> String {
    format!("{} {}", call.method, call.target)
}

#[cfg(test)]
mod tests;
