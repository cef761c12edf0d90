//! The quick tour of README, line by line: what it says is what one sees.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::{Server, binary};

/// One line of the tour, and what it prints by its own word.
struct Line {
    command: String,
    expected: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_readme_tour_prints_what_it_says() {
    let server = Server::start();
    let folder = server.folder();
    lay_out(folder.path());
    let lines = tour(server.url());
    assert!(10 <= lines.iter().filter(|it| it.expected.is_some()).count());
    let script = folder.path().join("tour.sh");
    fs::write(&script, instrumented(&lines)).unwrap();
    let listen = server.url().trim_start_matches("http://");
    let mut bash = Command::new("bash");
    bash.arg(&script).current_dir(folder.path()).env("COUNTERFOIL_SERVER_LISTEN", listen);
    let run = bash.output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    for (at, line) in lines.iter().enumerate() {
        let printed = fs::read_to_string(folder.path().join(format!("out.{at}"))).unwrap();
        let printed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = line.expected.as_deref().unwrap_or_default();
        assert_eq!(printed, said, "{}\n{}", line.command, String::from_utf8_lossy(&run.stderr));
    }
}

/// The folder as `make run` would have left it.
fn lay_out(folder: &Path) {
    symlink(folder.join("data"), folder.join("counterfoil-data")).unwrap();
    fs::create_dir_all(folder.join("target/release")).unwrap();
    symlink(binary::path(), folder.join("target/release/counterfoil")).unwrap();
}

/// The lines for terminal two, asking the server of this test.
fn tour(url: &str) -> Vec<Line> {
    let readme = fs::read_to_string(binary::root().join("README.md")).unwrap();
    let (_, tour) = readme.split_once("Terminal two").unwrap();
    let (_, block) = tour.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let lines = block.lines().filter(|it| !it.trim().is_empty() && !it.starts_with('#'));
    lines.map(|it| line(&it.replace("http://127.0.0.1:8080", url))).collect()
}

fn line(text: &str) -> Line {
    match text.rsplit_once(" # ") {
        Some((command, expected)) if command.ends_with("  ") => {
            Line { command: command.trim_end().to_owned(), expected: Some(expected.trim().to_owned()) }
        }
        _ => Line { command: text.to_owned(), expected: None },
    }
}

/// Each line's output goes to a file of its own; all run in one shell, as a person's would.
fn instrumented(lines: &[Line]) -> String {
    let each = lines.iter().enumerate().map(|(at, line)| format!("{{ {}\n}} > out.{at}\n", line.command));
    std::iter::once("set -euo pipefail\n".to_owned()).chain(each).collect()
}
