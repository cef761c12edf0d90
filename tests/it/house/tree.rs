//! The repository as files.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The crates, by folder.
pub(super) const CRATES: [&str; 10] = [
    "domain",
    "eventlog",
    "store",
    "schemas",
    "commands",
    "projections",
    "workers",
    "api",
    "server",
    "tests",
];

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 3] = ["target", ".git", "counterfoil-data"];

/// One text file of the repository.
pub(super) struct SourceFile {
    /// Its path from the root, with `/`.
    pub(super) path: String,
    /// What it says.
    pub(super) text: String,
}

impl SourceFile {
    /// The name without the folder.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The lines, counted from 1, without those of a module of tests at the end of the file.
    pub(super) fn lines_without_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = || self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let attribute = "#[cfg(test)]";
        let end = lines()
            .zip(self.text.lines().skip(1))
            .find(|((_, line), next)| *line == attribute && next.starts_with("mod "))
            .map_or(usize::MAX, |((at, _), _)| at);
        lines().take_while(move |(at, _)| *at < end)
    }
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What the file at `path` from the root says, if there is one.
pub(super) fn text(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// All text files whose name ends with one of `ends`, sorted by path.
pub(super) fn files(ends: &[&str]) -> Vec<SourceFile> {
    let mut found = Vec::new();
    walk(&root(), "", ends, &mut found);
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

fn walk(folder: &Path, prefix: &str, ends: &[&str], found: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{path}/"), ends, found);
        } else if ends.iter().any(|it| name.ends_with(it)) {
            let text = fs::read_to_string(entry.path()).unwrap();
            found.push(SourceFile { path, text });
        }
    }
}

/// Fails with one line for each of `broken`, after `rule`, which says why.
#[track_caller]
pub(super) fn hold(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}\n  {}", broken.join("\n  "));
}
