//! What the documents are held to: the commands they name exist, the decisions have their parts.

use std::collections::BTreeSet;

use super::tree::{SourceFile, files, hold, text};

/// The parts of an architecture decision, in this order.
const PARTS: [&str; 4] = ["## Context", "## Decision", "## Consequences", "## Decision log"];

fn targets() -> BTreeSet<String> {
    let makefile = text("Makefile").unwrap();
    let rules = makefile.lines().filter(|it| !it.starts_with(['\t', ' ', '#', '.']));
    rules.filter_map(|line| line.split_once(':')).map(|(target, _)| target.trim().to_owned()).collect()
}

/// The targets that a document tells its reader to make: `make x` in the text, or a line of a block of
/// code that begins so.
fn named_targets(document: &SourceFile) -> Vec<String> {
    let mut named = Vec::new();
    let mut in_code = false;
    for line in document.text.lines() {
        in_code ^= line.starts_with("```");
        let own = line.trim_start().strip_prefix("make ").filter(|_| in_code);
        let quoted = line.split("`make ").skip(1);
        for rest in own.into_iter().chain(quoted) {
            let end = rest.find(|it: char| !it.is_ascii_lowercase() && it != '-');
            named.push(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    named
}

fn decisions() -> Vec<SourceFile> {
    let mut all = files(&[".md"]);
    all.retain(|it| it.path.starts_with("docs/adr/"));
    all
}

#[test]
fn every_make_command_of_the_documents_exists() {
    let targets = targets();
    let mut broken = Vec::new();
    for document in files(&[".md"]) {
        for target in named_targets(&document) {
            if !targets.contains(&target) {
                broken.push(format!("{}: make {target}", document.path));
            }
        }
    }
    hold("a document names a command that is not in the Makefile:", &broken);
}

#[test]
fn the_two_commands_are_targets() {
    let targets = targets();
    for target in ["run", "test", "test-quick", "bench"] {
        assert!(targets.contains(target), "make {target} is promised");
    }
}

#[test]
fn every_decision_has_its_parts_in_order() {
    let mut broken = Vec::new();
    for decision in decisions() {
        let heads = decision.text.lines().filter(|it| it.starts_with("## "));
        if !heads.map(str::trim_end).eq(PARTS) {
            broken.push(decision.path);
        }
    }
    hold("a decision is Context, Decision, Consequences, Decision log:", &broken);
}

#[test]
fn every_decision_has_a_number_of_its_own_that_its_title_repeats() {
    let mut numbers = BTreeSet::new();
    let mut broken = Vec::new();
    for decision in decisions() {
        let number = decision.name().split('-').next().unwrap_or_default().to_owned();
        let title = decision.text.strip_prefix(&format!("# {number}"));
        let title = title.is_some_and(|it| it.starts_with([' ', ':']));
        if number.len() != 4 || !title || !numbers.insert(number) {
            broken.push(decision.path);
        }
    }
    hold("name it NNNN-title.md and begin with `# NNNN Title`:", &broken);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for document in files(&[".md"]) {
        let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for rest in document.text.split("](").skip(1) {
            let target = rest.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with('/') {
                continue;
            }
            if !super::tree::root().join(folder).join(target).exists() {
                broken.push(format!("{} -> {target}", document.path));
            }
        }
    }
    hold("a link leads nowhere:", &broken);
}
