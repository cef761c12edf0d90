//! `counterfoil projections list`.

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Operator;
use crate::print::say;

/// What is read of a view.
#[derive(Debug, Deserialize)]
struct View {
    name: String,
    version: u32,
    state: String,
    position: String,
    lag_ms: u64,
    lag_facts: u64,
    parked: u64,
    #[serde(default)]
    reason: Option<String>,
    build: Option<Build>,
}

#[derive(Debug, Deserialize)]
struct Build {
    done: u64,
    total: u64,
    seconds_left: Option<f64>,
}

/// Prints all views.
pub(super) async fn run(operator: &Operator) -> anyhow::Result<()> {
    let views = all(operator).await?;
    if operator.json {
        return Ok(say(&json!({ "projections": views }).to_string())?);
    }
    let views = views.into_iter().map(serde_json::from_value).collect::<Result<Vec<View>, _>>();
    let views = views.context("the server's views have another form than expected")?;
    let width = views.iter().map(|it| it.name.len()).max().unwrap_or_default();
    let lines: Vec<String> = views.iter().map(|it| line(it, width)).collect();
    Ok(say(&lines.join("\n"))?)
}

/// The names of all views.
pub(super) async fn names(operator: &Operator) -> anyhow::Result<Vec<String>> {
    let views = all(operator).await?;
    let names = views.iter().filter_map(|it| it.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

async fn all(operator: &Operator) -> anyhow::Result<Vec<Value>> {
    let mut views = Vec::new();
    operator.client.all("/v1/projections", &[], &operator.token, |it| views.push(it)).await?;
    Ok(views)
}

/// A view in one line: what is remarkable comes last.
fn line(view: &View, width: usize) -> String {
    let View { name, version, state, position, lag_ms, lag_facts, parked, reason, build } = view;
    let behind = (0 < *lag_facts).then(|| format!(", {lag_facts} facts and {lag_ms} ms behind"));
    let building = build.as_ref().map(Build::text);
    let apart = (0 < *parked).then(|| format!(", {parked} keys set apart"));
    let reason = reason.as_ref().map(|it| format!(": {it}"));
    let more: String = [behind, building, apart, reason].into_iter().flatten().collect();
    format!("{name:width$}  v{version}  {state:<11}  {position}{more}")
}

impl Build {
    fn text(&self) -> String {
        let Self { done, total, seconds_left } = self;
        let left = seconds_left.map(|it| format!(", {it:.0} s left")).unwrap_or_default();
        format!(", building: {done} of {total}{left}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_remarkable_of_a_view() {
        let view = |more: Value| {
            let mut view = json!({"name": "audit", "version": 2, "state": "live", "position": "1-7", "lag_ms": 0,
                "lag_facts": 0, "parked": 0, "build": null});
            view.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            line(&serde_json::from_value(view).unwrap(), 6)
        };
        assert_eq!(view(json!({})), "audit   v2  live         1-7");
        let build = json!({"build": {"done": 3, "total": 9, "seconds_left": 1.6}, "state": "rebuilding"});
        assert_eq!(view(build), "audit   v2  rebuilding   1-7, building: 3 of 9, 2 s left");
        let sick = json!({"parked": 2, "lag_facts": 4, "lag_ms": 900, "state": "halted", "reason": "no row"});
        let expected = "audit   v2  halted       1-7, 4 facts and 900 ms behind, 2 keys set apart: no row";
        assert_eq!(view(sick), expected);
    }
}
