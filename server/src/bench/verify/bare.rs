//! The baseline: axum with a handler that reads a typed body, decides nothing, and writes a typed body.

use std::{hint::black_box, io, net::IpAddr, sync::Arc};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;
use tokio::net::TcpListener;

use super::{
    answer::{Answer, Sample},
    node::end_of_input,
};
use crate::{
    listen::{self, Limits},
    print::say,
};

/// What is asked: the fields of ours that the bench sends.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the baseline reads its body and does nothing with it")]
struct Question {
    token: String,
    permissions: Vec<String>,
    endpoint: Endpoint,
    ip: IpAddr,
    user_agent: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the baseline reads its body and does nothing with it")]
struct Endpoint {
    method: String,
    path: String,
}

struct Ready {
    headers: HeaderMap,
    answer: Answer,
}

/// Serves the sample that the first line of standard input holds, until the input ends; says its address in one line.
///
/// # Errors
/// When there is no sample, or no port.
pub(in crate::bench) async fn serve() -> anyhow::Result<()> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let Sample { headers, answer } = serde_json::from_str(&line).context("there is no sample")?;
    let headers = headers.iter().map(|(name, value)| Ok((name.parse()?, value.parse()?)));
    let headers = headers.collect::<anyhow::Result<Vec<(HeaderName, HeaderValue)>>>()?.into_iter().collect();
    let router =
        Router::new().route("/v1/verify", post(verify)).with_state(Arc::new(Ready { headers, answer }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&listener.local_addr()?.to_string())?;
    let stop = async { drop(end_of_input().await) };
    listen::serve(listener, router, Limits::default(), stop).await;
    Ok(())
}

async fn verify(State(ready): State<Arc<Ready>>, Json(question): Json<Question>) -> Response {
    black_box(&question);
    // Its own `content-type` stands among the headers too, which replace it.
    let mut response = Json(&ready.answer).into_response();
    for (name, value) in &ready.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}
