//! `counterfoil projections rebuild`.

use std::time::Duration;

use anyhow::{Context, bail};
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Operator, watch::Watch};
use crate::{
    client::{Call, ClientError},
    print::say,
};

/// How often a job is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Answer {
    job: Job,
}

/// What is read of a job.
#[derive(Deserialize)]
struct Job {
    id: String,
    state: String,
    done: u64,
    total: u64,
    failed: Vec<Failed>,
    result: Option<Rebuilt>,
}

#[derive(Deserialize)]
struct Failed {
    problem: Value,
}

/// What came of one rebuild.
#[derive(Debug, Deserialize, Serialize)]
struct Rebuilt {
    projection: String,
    identical: bool,
    differing: Vec<String>,
    rows: u64,
    position: String,
}

/// Has all of them built at once, so that the ledger is decoded once for all, and follows them.
pub(super) async fn run(operator: &Operator, names: &[String]) -> anyhow::Result<()> {
    let mut begun = Vec::new();
    for name in names {
        begun.push((name, begin(operator, name).await));
    }
    let mut rebuilt = Vec::new();
    let mut failures = Vec::new();
    for (name, job) in begun {
        match end(operator, name, job).await {
            Ok(result) if operator.json => rebuilt.push(result),
            Ok(result) => say(&sentence(&result))?,
            Err(err) => failures.push(format!("{name}: {err:#}")),
        }
    }
    if operator.json {
        say(&json!({ "rebuilt": rebuilt, "failed": failures }).to_string())?;
    }
    if !failures.is_empty() {
        bail!(failures.join("; "));
    }
    Ok(())
}

async fn begin(operator: &Operator, name: &str) -> anyhow::Result<Job> {
    let call = Call {
        method: Method::POST,
        target: format!("/v1/projections/{name}/rebuild"),
        bearer: &operator.token,
        // A repetition after a broken connection meets the same job.
        idempotency_key: Some(Uuid::now_v7().to_string()),
        body: None,
    };
    let answer: Answer = operator.client.ask(&call).await?;
    Ok(answer.job)
}

async fn end(operator: &Operator, name: &str, begun: anyhow::Result<Job>) -> anyhow::Result<Rebuilt> {
    let mut job = begun?;
    let mut watch = Watch::of(name);
    while job.state == "running" {
        watch.show(job.done, job.total);
        tokio::time::sleep(BETWEEN_LOOKS).await;
        job = look(operator, &job.id).await?;
    }
    watch.end();
    match (job.result, job.failed.first()) {
        (Some(result), _) => Ok(result),
        (None, Some(failed)) => {
            let detail =
                failed.problem.get("detail").and_then(Value::as_str).unwrap_or("the server says no reason");
            bail!("not rebuilt, what was served is served on: {detail}")
        }
        (None, None) => bail!("the job is {} and says no result", job.state),
    }
}

async fn look(operator: &Operator, id: &str) -> anyhow::Result<Job> {
    let call = Call {
        method: Method::GET,
        target: format!("/v1/jobs/{id}"),
        bearer: &operator.token,
        idempotency_key: None,
        body: None,
    };
    match operator.client.ask::<Answer>(&call).await {
        Ok(answer) => Ok(answer.job),
        Err(err @ ClientError::Refused { status: 404, .. }) => Err(err).context(
            "the rebuild is not known any more: the server started anew, and what was served is served on",
        ),
        Err(err) => Err(err.into()),
    }
}

fn sentence(rebuilt: &Rebuilt) -> String {
    let Rebuilt { projection, identical, differing, .. } = rebuilt;
    if *identical {
        return format!("{projection}: rebuilt, identical to the live view");
    }
    format!("{projection}: rebuilt, other than the live view was in {}", differing.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_whether_both_were_the_same() {
        let rebuilt = |identical, differing| Rebuilt {
            projection: "token_list".to_owned(),
            identical,
            differing,
            rows: 7,
            position: "1-9".to_owned(),
        };
        let same = sentence(&rebuilt(true, Vec::new()));
        assert_eq!(same, "token_list: rebuilt, identical to the live view");
        let other = sentence(&rebuilt(false, vec!["tokens".to_owned()]));
        assert_eq!(other, "token_list: rebuilt, other than the live view was in tokens");
    }
}
